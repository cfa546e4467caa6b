//===- Load.cpp - Files, inheritance and overrides of targets -------------===//

#include "nmc/Target/Load.h"
#include "Override.h"
#include "Schema.h"
#include "nmc/Support/File.h"
#include "nmc/Target/Facts.h"
#include "nmc/Target/Registry.h"

#include "mlir/IR/Verifier.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <set>

using namespace nmc;
using namespace nmc::target;

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

//===----------------------------------------------------------------------===//
// Names and files
//===----------------------------------------------------------------------===//

/// How many targets may inherit one from the other.
static constexpr unsigned kMaxAncestors = 16;

static bool isPath(StringRef target) {
  return target.contains('/') || target.ends_with(".yaml") ||
         target.ends_with(".yml");
}

/// <folder>/<name>.yaml or <folder>/<name>/<name>.yaml; empty if neither is.
static std::string findInFolder(StringRef folder, StringRef name) {
  for (bool nested : {false, true}) {
    llvm::SmallString<128> file(folder);
    if (nested)
      path::append(file, name);
    path::append(file, name + ".yaml");
    if (fs::exists(file) && !fs::is_directory(file))
      return file.str().str();
  }
  return "";
}

std::vector<std::string>
target::findTargetNames(ArrayRef<std::string> searchPaths) {
  std::set<std::string> names;
  for (const EmbeddedTarget &target : getEmbeddedTargets())
    names.insert(target.name.str());
  for (const std::string &folder : searchPaths) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; it != end && !error;
         it.increment(error)) {
      StringRef name = path::filename(it->path());
      if (name.consume_back(".yaml"))
        names.insert(name.str());
      else if (!findInFolder(folder, name).empty())
        names.insert(name.str());
    }
  }
  return {names.begin(), names.end()};
}

namespace {
/// The text of a file and where it was found.
struct Source {
  std::string path, text;
};

/// Reads a chain of files.
class FileReader {
public:
  FileReader(const LoadOptions &options, MLIRContext *context, Faults &faults)
      : options(options), context(context), faults(faults) {}

  FailureOr<TargetFile> read();

private:
  /// Finds a target by name or path; `loc` asks for it.
  FailureOr<Source> find(StringRef target, Location loc, StringRef rule);
  YamlNode parse(const Source &source);

  const LoadOptions &options;
  MLIRContext *context;
  Faults &faults;
};
} // namespace

FailureOr<Source> FileReader::find(StringRef target, Location loc,
                                   StringRef rule) {
  std::string file;
  if (isPath(target)) {
    file = target.str();
  } else {
    for (const std::string &folder : options.searchPaths) {
      file = findInFolder(folder, target);
      if (!file.empty())
        break;
    }
    if (file.empty()) {
      if (const EmbeddedTarget *embedded = findEmbeddedTarget(target))
        return Source{embedded->path.str(), embedded->text.str()};
      std::vector<std::string> names = findTargetNames(options.searchPaths);
      SmallVector<StringRef> known(names.begin(), names.end());
      std::string list = known.empty()
                             ? "none are known"
                             : "known targets: " + llvm::join(known, ", ");
      faults.add(loc, rule,
                 Twine("unknown target '") + target + "'; " + list +
                     didYouMean(target, known));
      return failure();
    }
  }
  auto buffer = readFile(file);
  if (!buffer) {
    std::string message = llvm::toString(buffer.takeError());
    StringRef body = message;
    if (size_t open = body.rfind(" ["); body.ends_with("]"))
      body = body.take_front(open);
    faults.add(loc, "target-file", body);
    return failure();
  }
  return Source{file, (*buffer)->getBuffer().str()};
}

YamlNode FileReader::parse(const Source &source) {
  StringAttr file = StringAttr::get(context, source.path);
  return parseYaml(
      source.text,
      [&](unsigned line, unsigned column) -> Location {
        return mlir::FileLineColLoc::get(file, line, column);
      },
      faults);
}

FailureOr<TargetFile> FileReader::read() {
  Location flag =
      mlir::FileLineColLoc::get(StringAttr::get(context, "--target"), 1, 1);
  FailureOr<Source> source = find(options.target, flag, "target-unknown");
  if (failed(source))
    return failure();

  // The file itself first, then what it inherits from.
  std::vector<YamlNode> chain;
  std::vector<std::string> paths, ancestors;
  bool isComplete = false;
  while (true) {
    paths.push_back(source->path);
    chain.push_back(parse(*source));
    YamlNode &node = chain.back();
    if (faults.isUnreadable())
      return failure(); // what is missing may only be unread
    if (!node.isMapping()) {
      if (faults.empty())
        faults.add(
            node.loc, "mapping-expected",
            Twine("a target file is a mapping (key: value), but this is ") +
                describeKind(node));
      return failure();
    }
    const YamlNode *parent = node.find("inherits");
    if (!parent || parent->isNull()) {
      isComplete = true;
      break;
    }
    std::optional<std::string> name = readText(*parent, "'inherits'", faults);
    Location loc = parent->loc;
    node.erase("inherits");
    if (!name)
      break;
    if (isPath(*name)) {
      faults.add(loc, "inherits-unknown",
                 Twine("'inherits' is '") + *name +
                     "', but must be the name of a target; a folder of target "
                     "files is given by --target-path");
      break;
    }
    if (chain.size() > kMaxAncestors) {
      faults.add(loc, "inherits-depth",
                 Twine("more than ") + Twine(kMaxAncestors) +
                     " targets inherit one from the other");
      break;
    }
    source = find(*name, loc, "inherits-unknown");
    if (failed(source))
      break;
    if (llvm::is_contained(paths, source->path)) {
      std::string cycle;
      size_t start = llvm::find(paths, source->path) - paths.begin();
      for (size_t i = start; i < chain.size(); ++i) {
        const YamlNode *own = chain[i].find("name");
        cycle += (own && own->isScalar() ? own->text : paths[i]) + " -> ";
      }
      faults.add(loc, "inherits-cycle",
                 Twine("target inherits from itself: ") + cycle + *name);
      break;
    }
    ancestors.push_back(*name);
  }

  // A null has nothing to remove where nothing is inherited; a cost profile
  // removes shared costs.
  YamlNode &oldest = chain.back();
  oldest.erase("inherits");
  YamlNode plain = oldest;
  if (YamlNode *profiles = plain.find("cost_profiles"))
    for (YamlEntry &profile : profiles->entries)
      llvm::erase_if(profile.value.entries, [](const YamlEntry &entry) {
        return entry.value.isNull();
      });
  rejectNulls(plain, {}, faults);

  TargetFile file(chain.front().loc);
  file.path = paths.front();
  file.isComplete = isComplete;
  file.ancestors = std::move(ancestors);
  file.root = std::move(chain.back());
  for (size_t i = chain.size() - 1; i-- > 0;) {
    // Each file says for itself what it is.
    for (StringRef own : {"schema", "version", "name"})
      file.root.erase(own);
    mergeYaml(file.root, chain[i], faults);
  }
  if (const YamlNode *profiles = file.root.find("cost_profiles"))
    for (const YamlEntry &entry : profiles->entries)
      file.profiles.push_back(entry.key);
  const YamlNode *byDefault = file.root.find("default_cost_profile");
  if (byDefault && byDefault->isScalar())
    file.defaultProfile = byDefault->text;
  else if (file.profiles.size() == 1)
    file.defaultProfile = file.profiles.front();
  else if (!file.profiles.empty() && !byDefault)
    faults.add(file.root.find("cost_profiles")->loc, "missing-key",
               "there are several cost profiles, but no "
               "'default_cost_profile'");
  return file;
}

FailureOr<TargetFile> target::readTargetFile(const LoadOptions &options,
                                             MLIRContext *context,
                                             Faults &faults) {
  return FileReader(options, context, faults).read();
}

FailureOr<OwningOpRef<ModuleOp>> target::loadTarget(const LoadOptions &options,
                                                    MLIRContext *context) {
  Faults faults;
  FailureOr<TargetFile> file = readTargetFile(options, context, faults);
  if (failed(file)) {
    (void)faults.report();
    return failure();
  }
  OwningOpRef<ModuleOp> module =
      buildTarget(std::move(*file), options, context, faults);
  if (failed(faults.report()) || !module || failed(mlir::verify(*module)))
    return failure();
  return module;
}

//===----------------------------------------------------------------------===//
// Overrides
//===----------------------------------------------------------------------===//

void target::applyOverride(YamlNode &root, StringRef text, unsigned index,
                           MLIRContext *context, Faults &faults) {
  StringAttr file = StringAttr::get(context, "--set");
  auto place = [&](unsigned column) -> Location {
    return mlir::FileLineColLoc::get(file, index + 1, column);
  };
  auto [key, value] = text.split('=');
  key = key.trim();
  SmallVector<StringRef> keys;
  key.split(keys, '.');
  bool isEmpty = llvm::any_of(keys, [](StringRef k) { return k.empty(); });
  if (!text.contains('=') || isEmpty) {
    faults.add(place(1), "override-syntax",
               Twine("'") + text +
                   "' is not key=value, as in core.neurons=512 or "
                   "cost.energy_synop=\"30 pJ\"");
    return;
  }
  for (StringRef fixed : {"schema", "version", "inherits", "name",
                          "cost_profiles", "default_cost_profile"})
    if (keys.front() == fixed) {
      faults.add(place(1), "override-syntax",
                 Twine("'") + fixed + "' cannot be set" +
                     (fixed.contains("cost_profile")
                          ? "; choose by --cost-profile, or set cost.<name>"
                          : ""));
      return;
    }
  unsigned offset = text.find('=') + 1;
  size_t before = faults.size();
  YamlNode node = parseYaml(
      value,
      [&](unsigned line, unsigned column) {
        return place(line == 1 ? offset + column : offset + 1);
      },
      faults);

  if (faults.size() != before)
    return;

  // A number of a cost, limit or property stands for its whole entry.
  if (keys.size() > 2 &&
      llvm::is_contained({"value", "max", "size"}, keys.back()))
    keys.pop_back();
  bool isCost = keys.size() == 2 && keys.front() == "cost";
  YamlNode *parent = &root;
  unsigned column = 1;
  for (size_t i = 0; i + 1 < keys.size(); ++i) {
    StringRef step = keys[i];
    YamlNode *next = parent->find(step);
    if (!next)
      next = &parent->set(step, place(column),
                          YamlNode(place(column), YamlNode::Kind::Mapping));
    if (!next->isMapping()) {
      faults.add(place(column), "override-syntax",
                 Twine("'") + step + "' is " + describeKind(*next) +
                     " in the target file and has no key '" + keys[i + 1] +
                     "'");
      return;
    }
    parent = next;
    column += step.size() + 1;
  }
  if (node.isNull()) {
    if (!parent->erase(keys.back())) {
      SmallVector<StringRef> known;
      for (const YamlEntry &entry : parent->entries)
        known.push_back(entry.key);
      faults.add(place(column), "null-value",
                 Twine("nothing to remove: the target states no '") + key +
                     "'" + didYouMean(keys.back(), known));
    }
    return;
  }
  if (isCost && node.isScalar()) {
    const YamlNode *old = parent->find(keys.back());
    const YamlNode *kind =
        old && old->isMapping() ? old->find("kind") : nullptr;
    const CostFact *fact = findCostFact(keys.back());
    YamlNode entry(node.loc, YamlNode::Kind::Mapping);
    entry.set("value", node.loc, node);
    if (kind)
      entry.set("kind", node.loc, *kind);
    else if (fact && !(fact->kinds & KindStatic))
      entry.set("kind", node.loc, YamlNode::scalar(node.loc, "incremental"));
    entry.set("provenance", node.loc, YamlNode::scalar(node.loc, "assumed"));
    entry.set("source", node.loc, YamlNode::scalar(node.loc, kOverrideSource));
    node = std::move(entry);
  }
  parent->set(keys.back(), place(column), std::move(node));
}
