//===- Yaml.cpp - YAML files as trees that know their places --------------===//

#include "nmc/Target/Yaml.h"
#include "nmc/Support/Rule.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

#include <map>
#include <tuple>

using namespace nmc;
using namespace nmc::target;

namespace yaml = llvm::yaml;

//===----------------------------------------------------------------------===//
// Faults
//===----------------------------------------------------------------------===//

void Faults::add(Fault fault) {
  for (const Fault &other : faults)
    if (other.loc == fault.loc && other.rule == fault.rule &&
        other.message == fault.message)
      return;
  faults.push_back(std::move(fault));
}

void Faults::add(Location loc, StringRef rule, const Twine &message) {
  add({loc, rule.str(), message.str(), {}});
}

void Faults::add(Location loc, StringRef rule, const Twine &message,
                 Location noteLoc, const Twine &note) {
  add({loc, rule.str(), message.str(), {{noteLoc, note.str()}}});
}

void Faults::drop(StringRef rule) {
  llvm::erase_if(faults,
                 [&](const Fault &fault) { return fault.rule == rule; });
}

bool Faults::isUnreadable() const {
  return llvm::any_of(faults, [](const Fault &fault) {
    return fault.rule == "yaml-syntax" || fault.rule == "yaml-key" ||
           fault.rule == "yaml-depth" || fault.rule == "yaml-size";
  });
}

LogicalResult Faults::report() {
  // Files keep the order in which they first had a fault.
  llvm::StringMap<unsigned> fileOrder;
  auto key = [&](const Fault &fault) {
    auto loc = dyn_cast<mlir::FileLineColLoc>(fault.loc);
    if (!loc)
      return std::tuple(0u, 0u, 0u);
    unsigned order =
        fileOrder.try_emplace(loc.getFilename(), fileOrder.size() + 1)
            .first->second;
    return std::tuple(order, loc.getLine(), loc.getColumn());
  };
  std::vector<std::pair<std::tuple<unsigned, unsigned, unsigned>, size_t>>
      order;
  for (auto [index, fault] : llvm::enumerate(faults))
    order.emplace_back(key(fault), index);
  llvm::sort(order); // the index makes it stable
  for (auto &[place, index] : order) {
    Fault &fault = faults[index];
    RuleDiagnostic diag = emitRuleError(fault.loc, fault.rule);
    diag << fault.message;
    for (Note &note : fault.notes)
      diag.attachNote(note.loc) << note.message;
  }
  LogicalResult result = success(faults.empty());
  faults.clear();
  return result;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

YamlNode YamlNode::scalar(Location loc, const Twine &text) {
  YamlNode node(loc, Kind::Scalar);
  node.text = text.str();
  return node;
}

const YamlNode *YamlNode::find(StringRef key) const {
  for (const YamlEntry &entry : entries)
    if (entry.key == key)
      return &entry.value;
  return nullptr;
}

YamlNode *YamlNode::find(StringRef key) {
  return const_cast<YamlNode *>(std::as_const(*this).find(key));
}

YamlNode &YamlNode::set(StringRef key, Location keyLoc, YamlNode value) {
  for (YamlEntry &entry : entries) {
    if (entry.key != key)
      continue;
    entry.keyLoc = keyLoc;
    entry.value = std::move(value);
    return entry.value;
  }
  entries.push_back({key.str(), keyLoc, std::move(value)});
  return entries.back().value;
}

bool YamlNode::erase(StringRef key) {
  auto it = llvm::find_if(
      entries, [&](const YamlEntry &entry) { return entry.key == key; });
  if (it == entries.end())
    return false;
  entries.erase(it);
  return true;
}

StringRef target::describeKind(const YamlNode &node) {
  switch (node.kind) {
  case YamlNode::Kind::Null:
    return "empty";
  case YamlNode::Kind::Scalar:
    return "a single value";
  case YamlNode::Kind::Mapping:
    return "a mapping";
  case YamlNode::Kind::Sequence:
    return "a list";
  }
  return "unknown";
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

namespace {
constexpr unsigned kMaxDepth = 32;
constexpr size_t kMaxBytes = size_t(1) << 20;

/// Copies one document.  Once `stopped`, the stream is not touched again: its
/// nodes can be visited once only, and skipping them recurses without a bound.
class TreeBuilder {
public:
  TreeBuilder(StringRef text, PlaceFn place, Faults &faults)
      : place(place), faults(faults) {
    sourceMgr.setDiagHandler(onDiagnostic, this);
    stream = std::make_unique<yaml::Stream>(text, sourceMgr,
                                            /*ShowColors=*/false);
  }

  YamlNode build() {
    YamlNode root(place(1, 1));
    yaml::document_iterator document = stream->begin();
    if (document == stream->end())
      return root;
    if (yaml::Node *node = document->getRoot())
      copy(node, root, 0);
    if (!stopped && !stream->failed()) {
      ++document;
      if (!stopped && !stream->failed() && document != stream->end())
        if (yaml::Node *second = document->getRoot())
          if (!isa<yaml::NullNode>(second))
            faults.add(locate(second), "yaml-syntax",
                       "a second document follows, but a target file holds "
                       "one; remove the '---' and what follows");
    }
    return root;
  }

private:
  static void onDiagnostic(const llvm::SMDiagnostic &diag, void *context) {
    auto &self = *static_cast<TreeBuilder *>(context);
    // The parser stops at its first error; what follows are echoes.
    if (self.stopped || diag.getKind() != llvm::SourceMgr::DK_Error)
      return;
    self.stopped = true;
    unsigned line = std::max(diag.getLineNo(), 1);
    unsigned column = std::max(diag.getColumnNo() + 1, 1);
    StringRef message = diag.getMessage().trim();
    std::string text = message.str();
    if (!text.empty() && !(text.size() > 1 && llvm::isUpper(text[1])))
      text[0] = llvm::toLower(text[0]);
    while (!text.empty() && (text.back() == '.' || text.back() == '!'))
      text.pop_back();
    self.faults.add(self.place(line, column), "yaml-syntax", text);
  }

  Location locate(yaml::Node *node) {
    llvm::SMLoc start = node->getSourceRange().Start;
    if (!start.isValid() || !sourceMgr.FindBufferContainingLoc(start))
      return last;
    auto [line, column] = sourceMgr.getLineAndColumn(start);
    last = place(line, column);
    return last;
  }

  bool isStopped() {
    if (!stopped && stream->failed())
      stopped = true;
    return stopped;
  }

  void copy(yaml::Node *node, YamlNode &out, unsigned depth) {
    out.loc = locate(node);
    if (depth > kMaxDepth) {
      faults.add(out.loc, "yaml-depth",
                 Twine("nested more than ") + Twine(kMaxDepth) +
                     " levels deep, which no target file needs");
      stopped = true;
      return;
    }
    if (!node->getAnchor().empty() || !node->getRawTag().empty())
      faults.add(out.loc, "yaml-alias",
                 "anchors and tags are not used in target files; write the "
                 "value out, or share it through 'inherits'");
    switch (node->getType()) {
    case yaml::Node::NK_Null:
      out.kind = YamlNode::Kind::Null;
      return;
    case yaml::Node::NK_Scalar:
      copyScalar(cast<yaml::ScalarNode>(node), out);
      return;
    case yaml::Node::NK_BlockScalar:
      out.kind = YamlNode::Kind::Scalar;
      out.quoted = true;
      out.text = cast<yaml::BlockScalarNode>(node)->getValue().rtrim().str();
      return;
    case yaml::Node::NK_Mapping:
      copyMapping(cast<yaml::MappingNode>(node), out, depth);
      return;
    case yaml::Node::NK_Sequence:
      copySequence(cast<yaml::SequenceNode>(node), out, depth);
      return;
    case yaml::Node::NK_Alias:
      faults.add(out.loc, "yaml-alias",
                 "aliases are not used in target files; write the value out, "
                 "or share it through 'inherits'");
      return;
    default:
      faults.add(out.loc, "yaml-syntax", "expected a value");
      return;
    }
  }

  void copyScalar(yaml::ScalarNode *node, YamlNode &out) {
    StringRef raw = node->getRawValue();
    SmallVector<char, 64> storage;
    out.text = node->getValue(storage).str();
    out.quoted = raw.starts_with("\"") || raw.starts_with("'");
    bool isNull = !out.quoted &&
                  (out.text.empty() || out.text == "~" || out.text == "null" ||
                   out.text == "Null" || out.text == "NULL");
    out.kind = isNull ? YamlNode::Kind::Null : YamlNode::Kind::Scalar;
  }

  void copyMapping(yaml::MappingNode *node, YamlNode &out, unsigned depth) {
    out.kind = YamlNode::Kind::Mapping;
    for (auto it = node->begin(), end = node->end(); it != end;) {
      auto *key = dyn_cast_or_null<yaml::ScalarNode>(it->getKey());
      if (isStopped())
        return;
      if (!key) {
        Location loc = it->getKey() ? locate(it->getKey()) : last;
        faults.add(loc, "yaml-key", "a key must be a plain word");
        stopped = true; // its nodes cannot be skipped safely
        return;
      }
      SmallVector<char, 32> storage;
      std::string name = key->getValue(storage).str();
      Location keyLoc = locate(key);
      // The parser has no place for values that are left out, and puts flow
      // mappings behind their brace: the key's is better.
      yaml::Node *valueNode = it->getValue();
      YamlNode value(keyLoc);
      if (valueNode && !isStopped()) {
        copy(valueNode, value, depth + 1);
        if (!value.isScalar())
          value.loc = keyLoc;
      }
      // A key, once met, stays: the first value counts, the fault is reported.
      auto same = llvm::find_if(out.entries, [&](const YamlEntry &entry) {
        return entry.key == name;
      });
      if (same != out.entries.end())
        faults.add(keyLoc, "duplicate-key",
                   Twine("key '") + name + "' stands twice in this mapping",
                   same->keyLoc, "first here");
      else
        out.entries.push_back({std::move(name), keyLoc, std::move(value)});
      if (isStopped())
        return;
      ++it;
      if (isStopped())
        return;
    }
  }

  void copySequence(yaml::SequenceNode *node, YamlNode &out, unsigned depth) {
    out.kind = YamlNode::Kind::Sequence;
    for (auto it = node->begin(), end = node->end(); it != end;) {
      YamlNode item(last);
      copy(&*it, item, depth + 1);
      if (isStopped())
        return;
      out.items.push_back(std::move(item));
      ++it;
      if (isStopped())
        return;
    }
  }

  llvm::SourceMgr sourceMgr;
  PlaceFn place;
  Faults &faults;
  std::unique_ptr<yaml::Stream> stream;
  bool stopped = false;
  Location last = place(1, 1);
};
} // namespace

YamlNode target::parseYaml(StringRef text, PlaceFn place, Faults &faults) {
  if (text.size() > kMaxBytes) {
    faults.add(place(1, 1), "yaml-size",
               Twine("file has ") + Twine(text.size()) + " bytes, more than " +
                   Twine(kMaxBytes) + " that a target file may have");
    return YamlNode(place(1, 1));
  }
  // The scanner takes a null byte for the end of the text.
  if (size_t null = text.find('\0'); null != StringRef::npos) {
    unsigned line = text.take_front(null).count('\n') + 1;
    faults.add(place(line, 1), "yaml-syntax", "null byte in the file");
    return YamlNode(place(1, 1));
  }
  size_t offset = 0;
  if (!llvm::json::isUTF8(text, &offset)) {
    unsigned line = text.take_front(offset).count('\n') + 1;
    faults.add(place(line, 1), "yaml-syntax", "this line is not UTF-8 text");
    return YamlNode(place(1, 1));
  }
  return TreeBuilder(text, place, faults).build();
}

//===----------------------------------------------------------------------===//
// Merging
//===----------------------------------------------------------------------===//

static void rejectNullsIn(const YamlNode &node, ArrayRef<StringRef> allowed,
                          Faults &faults) {
  for (const YamlEntry &entry : node.entries) {
    if (entry.value.isNull() && !llvm::is_contained(allowed, entry.key))
      faults.add(entry.keyLoc, "null-value",
                 Twine("'") + entry.key + "' is empty; " +
                     (StringRef(entry.key).contains(' ')
                          ? "a text that holds a comma must stand in quotes"
                          : "leave the key out if the value is not known"));
    rejectNullsIn(entry.value, {}, faults);
  }
  for (const YamlNode &item : node.items)
    rejectNullsIn(item, {}, faults);
}

/// Whether a mapping states a number, and with it its source.
static bool statesValue(const YamlNode &node) {
  return node.find("value") || node.find("table") || node.find("max") ||
         node.find("size");
}

void target::mergeYaml(YamlNode &base, const YamlNode &over, Faults &faults) {
  if (!base.isMapping() || !over.isMapping() || statesValue(over)) {
    rejectNullsIn(over, {}, faults);
    base = over;
    return;
  }
  base.loc = over.loc;
  for (const YamlEntry &entry : over.entries) {
    YamlNode *old = base.find(entry.key);
    if (entry.value.isNull()) {
      if (base.erase(entry.key))
        continue;
      SmallVector<StringRef> known;
      for (const YamlEntry &other : base.entries)
        known.push_back(other.key);
      faults.add(entry.keyLoc, "null-value",
                 Twine("nothing to remove: '") + entry.key +
                     "' is not inherited" + didYouMean(entry.key, known));
      continue;
    }
    if (!old) {
      rejectNullsIn(entry.value, {}, faults);
      base.entries.push_back(entry);
      continue;
    }
    for (YamlEntry &other : base.entries)
      if (other.key == entry.key)
        other.keyLoc = entry.keyLoc;
    mergeYaml(*old, entry.value, faults);
  }
}

void target::rejectNulls(const YamlNode &root, ArrayRef<StringRef> allowed,
                         Faults &faults) {
  rejectNullsIn(root, allowed, faults);
}

//===----------------------------------------------------------------------===//
// Suggestions
//===----------------------------------------------------------------------===//

StringRef target::nearestName(StringRef name, ArrayRef<StringRef> known) {
  // A third of the letters may differ, at least one and at most three.
  unsigned best = std::clamp<unsigned>((name.size() + 1) / 3, 1, 3) + 1;
  StringRef nearest;
  for (StringRef candidate : known) {
    unsigned distance = name.edit_distance(candidate, true, best);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string target::didYouMean(StringRef name, ArrayRef<StringRef> known) {
  StringRef nearest = nearestName(name, known);
  if (nearest.empty())
    return "";
  return ("; did you mean '" + nearest + "'?").str();
}
