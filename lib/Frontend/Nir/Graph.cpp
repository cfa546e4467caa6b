//===- Graph.cpp - A NIR graph as plain data ------------------------------===//

#include "Graph.h"

#include "nmc/Support/RuleError.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"

#include <limits>

namespace nmc::nir {

//===----------------------------------------------------------------------===//
// Primitives
//===----------------------------------------------------------------------===//

namespace {
struct TypeInfo {
  NodeType type;
  StringRef name;
  std::vector<FieldSpec> fields;
};
} // namespace

static const std::vector<TypeInfo> &getTypeTable() {
  using F = FieldSpec;
  static const std::vector<TypeInfo> table = {
      {NodeType::Input, "Input", {{"shape", F::Shape}}},
      {NodeType::Output, "Output", {{"shape", F::Shape}}},
      {NodeType::Affine, "Affine", {{"weight", F::Real}, {"bias", F::Real}}},
      {NodeType::Linear, "Linear", {{"weight", F::Real}}},
      {NodeType::Scale, "Scale", {{"scale", F::Real}}},
      {NodeType::Conv1d,
       "Conv1d",
       {{"input_shape", F::Sizes, false},
        {"weight", F::Real},
        {"stride", F::Sizes},
        {"padding", F::Padding},
        {"dilation", F::Sizes},
        {"groups", F::Sizes},
        {"bias", F::Real, false}}},
      {NodeType::Conv2d,
       "Conv2d",
       {{"input_shape", F::Sizes, false},
        {"weight", F::Real},
        {"stride", F::Sizes},
        {"padding", F::Padding},
        {"dilation", F::Sizes},
        {"groups", F::Sizes},
        {"bias", F::Real, false}}},
      {NodeType::SumPool2d,
       "SumPool2d",
       {{"kernel_size", F::Sizes},
        {"stride", F::Sizes},
        {"padding", F::Sizes}}},
      {NodeType::AvgPool2d,
       "AvgPool2d",
       {{"kernel_size", F::Sizes},
        {"stride", F::Sizes},
        {"padding", F::Sizes}}},
      {NodeType::Flatten,
       "Flatten",
       {{"input_type", F::Shape, false},
        {"start_dim", F::Whole},
        {"end_dim", F::Whole}}},
      {NodeType::I, "I", {{"r", F::Real}}},
      {NodeType::LI,
       "LI",
       {{"tau", F::Real}, {"r", F::Real}, {"v_leak", F::Real}}},
      {NodeType::IF,
       "IF",
       {{"r", F::Real}, {"v_threshold", F::Real}, {"v_reset", F::Real, false}}},
      {NodeType::LIF,
       "LIF",
       {{"tau", F::Real},
        {"r", F::Real},
        {"v_leak", F::Real},
        {"v_threshold", F::Real},
        {"v_reset", F::Real, false}}},
      {NodeType::CubaLI,
       "CubaLI",
       {{"tau_syn", F::Real},
        {"tau_mem", F::Real},
        {"r", F::Real},
        {"v_leak", F::Real},
        {"w_in", F::Real, false}}},
      {NodeType::CubaLIF,
       "CubaLIF",
       {{"tau_syn", F::Real},
        {"tau_mem", F::Real},
        {"r", F::Real},
        {"v_leak", F::Real},
        {"v_threshold", F::Real},
        {"v_reset", F::Real, false},
        {"w_in", F::Real, false}}},
      {NodeType::Delay, "Delay", {{"delay", F::Real}}},
      {NodeType::Threshold, "Threshold", {{"threshold", F::Real}}},
      {NodeType::Graph, "NIRGraph", {}},
  };
  return table;
}

StringRef getTypeName(NodeType type) {
  return getTypeTable()[size_t(type)].name;
}

std::optional<NodeType> parseTypeName(StringRef name) {
  for (const TypeInfo &info : getTypeTable())
    if (info.name == name)
      return info.type;
  return std::nullopt;
}

ArrayRef<FieldSpec> getFields(NodeType type) {
  return getTypeTable()[size_t(type)].fields;
}

bool isNeuron(NodeType type) {
  switch (type) {
  case NodeType::I:
  case NodeType::LI:
  case NodeType::IF:
  case NodeType::LIF:
  case NodeType::CubaLI:
  case NodeType::CubaLIF:
  case NodeType::Threshold:
    return true;
  default:
    return false;
  }
}

bool isConnection(NodeType type) {
  switch (type) {
  case NodeType::Affine:
  case NodeType::Linear:
  case NodeType::Scale:
  case NodeType::Conv1d:
  case NodeType::Conv2d:
  case NodeType::SumPool2d:
  case NodeType::AvgPool2d:
    return true;
  default:
    return false;
  }
}

SmallVector<int64_t, 4> NirNode::ints(StringRef field) const {
  SmallVector<int64_t, 4> values;
  if (const Array *array = numbers(field))
    for (int64_t i = 0; i < array->size(); ++i)
      values.push_back(array->getInt(i));
  return values;
}

void NirGraph::indexEdges() {
  sources.assign(nodes.size(), {});
  targets.assign(nodes.size(), {});
  for (auto [from, to] : edges) {
    targets[from].push_back(to);
    sources[to].push_back(from);
  }
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

std::string formatNumber(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", value);
  return text;
}

std::string describe(const NirNode &node) {
  return "'" + printable(node.name) + "' (" + getTypeName(node.type).str() +
         ")";
}

Location Reporter::getLoc(StringRef node) const {
  return mlir::NameLoc::get(StringAttr::get(file.getContext(), node), file);
}

RuleDiagnostic Reporter::start(Location loc, mlir::DiagnosticSeverity severity,
                               StringRef rule) {
  bool isError = severity == mlir::DiagnosticSeverity::Error;
  errors += isError;
  std::string key = (Twine(int(severity)) + rule).str();
  InFlightDiagnostic diag = isError ? mlir::emitError(loc)
                            : severity == mlir::DiagnosticSeverity::Warning
                                ? mlir::emitWarning(loc)
                                : mlir::emitRemark(loc);
  // Not reported, but still something to write to, and a failure.
  if (++perRule[key] > kMaxPerRule)
    diag.abandon();
  return RuleDiagnostic(std::move(diag), rule);
}

RuleDiagnostic Reporter::error(StringRef rule) {
  return start(file, mlir::DiagnosticSeverity::Error, rule);
}

static std::string nodePrefix(StringRef node, NodeType type) {
  return "node '" + printable(node) + "' (" + getTypeName(type).str() + "): ";
}

RuleDiagnostic Reporter::error(StringRef node, NodeType type, StringRef rule) {
  return start(getLoc(node), mlir::DiagnosticSeverity::Error, rule)
         << nodePrefix(node, type);
}

RuleDiagnostic Reporter::warning(const NirNode &node, StringRef rule) {
  return start(getLoc(node.name), mlir::DiagnosticSeverity::Warning, rule)
         << nodePrefix(node.name, node.type);
}

RuleDiagnostic Reporter::warning(StringRef rule) {
  return start(file, mlir::DiagnosticSeverity::Warning, rule);
}

RuleDiagnostic Reporter::remark(const NirNode &node, StringRef rule) {
  return start(getLoc(node.name), mlir::DiagnosticSeverity::Remark, rule)
         << nodePrefix(node.name, node.type);
}

RuleDiagnostic Reporter::remark(StringRef rule) {
  return start(file, mlir::DiagnosticSeverity::Remark, rule);
}

std::optional<StringRef> findClosest(StringRef name,
                                     ArrayRef<StringRef> candidates) {
  std::optional<StringRef> best;
  unsigned least = std::numeric_limits<unsigned>::max();
  std::string lower = name.take_front(64).lower();
  for (StringRef candidate : candidates) {
    std::string other = candidate.take_front(64).lower();
    unsigned distance = StringRef(lower).edit_distance(other);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  // A third of the letters may differ.
  if (!best ||
      least > std::max<size_t>(1, std::max(best->size(), name.size()) / 3))
    return std::nullopt;
  return best;
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

namespace {

class Parser {
public:
  explicit Parser(Reporter &reporter) : reporter(reporter) {}

  /// The graph in `object` with everything below it.
  void parseLevel(const RawObject &object, Level &level, unsigned depth);
  /// A node that is not a graph.
  void parseLeaf(const RawObject &object, NodeType type, StringRef name,
                 Level &level);
  /// The text of member "type".
  std::optional<StringRef> readType(const RawObject &object, StringRef name);

private:
  bool checkField(const NirNode &node, const FieldSpec &spec,
                  const RawObject &object);
  bool checkIntegers(const NirNode &node, StringRef field, const Array &array,
                     int64_t low, int64_t high, int64_t maxCount);
  void parseEdges(const RawObject &object, Level &level);
  void unknownField(NirNode &node, StringRef field, const RawObject &object);

  static std::string join(StringRef path, StringRef name) {
    return path.empty() ? name.str() : (path + "." + name).str();
  }

  static constexpr unsigned kMaxDepth = 64;
  Reporter &reporter;
};

} // namespace

static bool isField(NodeType type, StringRef name) {
  return llvm::any_of(getFields(type),
                      [&](const FieldSpec &spec) { return spec.name == name; });
}

static StringRef getKindText(const RawObject &object) {
  if (object.isGroup())
    return "a group";
  return object.kind == RawObject::Kind::Strings ? "text" : "numbers";
}

bool Parser::checkIntegers(const NirNode &node, StringRef field,
                           const Array &array, int64_t low, int64_t high,
                           int64_t maxCount) {
  if (isFloatKind(array.kind()) || array.kind() == ElementKind::Bool) {
    reporter.error(node, "nir-field")
        << "'" << field << "' is " << getKindName(array.kind())
        << ", but holds integers";
    return false;
  }
  if (array.rank() > 1 || array.size() < 1 || array.size() > maxCount) {
    reporter.error(node, "nir-field")
        << "'" << field << "' has shape " << formatShape(array.shape())
        << ", but needs 1" << (maxCount > 1 ? " to " : "")
        << (maxCount > 1 ? std::to_string(maxCount) : "") << " integers";
    return false;
  }
  for (int64_t i = 0; i < array.size(); ++i)
    if (int64_t value = array.getInt(i); value < low || value > high) {
      reporter.error(node, "nir-value")
          << "'" << field << "' holds " << value << ", but " << low << " to "
          << high << " are possible";
      return false;
    }
  return true;
}

bool Parser::checkField(const NirNode &node, const FieldSpec &spec,
                        const RawObject &object) {
  StringRef field = spec.name;
  bool isText = object.kind == RawObject::Kind::Strings;
  if (spec.kind == FieldSpec::Padding && isText) {
    if (object.strings.size() == 1 &&
        (object.strings[0] == "same" || object.strings[0] == "valid"))
      return true;
    reporter.error(node, "nir-value")
        << "'" << field << "' is '"
        << printable(object.strings.empty() ? "" : object.strings[0])
        << "'; possible are integers, 'same' and 'valid'";
    return false;
  }
  if (object.kind != RawObject::Kind::Numbers) {
    reporter.error(node, "nir-field")
        << "'" << field << "' is " << getKindText(object)
        << ", but must be numbers";
    return false;
  }
  const Array &array = object.numbers;
  constexpr int64_t kMaxExtent = int64_t(1) << 20;
  int64_t spaces = node.type == NodeType::Conv1d ? 1 : 2;
  switch (spec.kind) {
  case FieldSpec::Sizes: {
    bool mayBeZero = field == "padding";
    if (field == "groups")
      spaces = 1;
    return checkIntegers(node, field, array, mayBeZero ? 0 : 1, kMaxExtent,
                         spaces);
  }
  case FieldSpec::Padding:
    return checkIntegers(node, field, array, 0, kMaxExtent, spaces);
  case FieldSpec::Whole:
    return checkIntegers(node, field, array, -64, 64, 1);
  case FieldSpec::Shape:
    // Old files write zeros where Flatten does not know its input.
    return checkIntegers(node, field, array,
                         node.type == NodeType::Flatten ? 0 : 1,
                         int64_t(1) << 40, 16);
  case FieldSpec::Real:
    break;
  }
  if (array.kind() == ElementKind::Bool) {
    reporter.error(node, "nir-field")
        << "'" << field << "' is bool, but must be numbers";
    return false;
  }
  if (array.size() == 0) {
    reporter.error(node, "nir-field")
        << "'" << field << "' is empty: shape " << formatShape(array.shape());
    return false;
  }
  if (array.rank() > 16) {
    reporter.error(node, "nir-field")
        << "'" << field << "' has " << array.rank()
        << " axes, but at most 16 are possible";
    return false;
  }
  if (std::optional<int64_t> at = array.findNonFinite()) {
    reporter.error(node, "nir-value")
        << "'" << field << "' holds " << array.getDouble(*at) << " at position "
        << *at << ", but must be finite";
    return false;
  }
  return true;
}

void Parser::unknownField(NirNode &node, StringRef field,
                          const RawObject &object) {
  SmallVector<StringRef> missing;
  for (const FieldSpec &spec : getFields(node.type))
    if (!node.find(spec.name))
      missing.push_back(spec.name);
  auto diag = reporter.warning(node, "nir-field");
  diag << "field '" << printable(field) << "' is unknown and without effect; "
       << "it is kept as metadata";
  if (std::optional<StringRef> closest = findClosest(field, missing))
    diag << "; did you mean '" << *closest << "'?";
  node.metadata.add(field, object);
}

std::optional<StringRef> Parser::readType(const RawObject &object,
                                          StringRef name) {
  const RawObject *type = object.isGroup() ? object.find("type") : nullptr;
  if (!object.isGroup()) {
    reporter.error("nir-graph") << "node '" << printable(name) << "' is "
                                << getKindText(object) << ", but nodes are "
                                << "groups";
    return std::nullopt;
  }
  if (!type || type->kind != RawObject::Kind::Strings ||
      type->strings.size() != 1) {
    reporter.error("nir-graph")
        << "node '" << printable(name) << "' "
        << (type ? "has a 'type' that is no text" : "has no 'type'");
    return std::nullopt;
  }
  return StringRef(type->strings[0]);
}

void Parser::parseLeaf(const RawObject &object, NodeType type, StringRef name,
                       Level &level) {
  NirNode node;
  node.name = join(level.path, name);
  node.type = type;
  bool good = true;
  for (const FieldSpec &spec : getFields(type)) {
    const RawObject *field = object.find(spec.name);
    if (field && checkField(node, spec, *field)) {
      node.fields[spec.name] = field;
    } else if (field) {
      good = false;
    } else if (spec.required) {
      auto diag = reporter.error(node, "nir-field");
      diag << "lacks '" << spec.name << "'";
      SmallVector<StringRef> others;
      for (const auto &[key, value] : object.members)
        if (!isField(type, key))
          others.push_back(key);
      if (std::optional<StringRef> closest = findClosest(spec.name, others))
        diag << "; is it '" << printable(*closest) << "'?";
      good = false;
    }
  }
  if (const RawObject *metadata = object.find("metadata")) {
    if (metadata->isGroup())
      node.metadata.members = metadata->members;
    else
      reporter.warning(node, "nir-field")
          << "'metadata' is " << getKindText(*metadata)
          << ", but must be a group; it is dropped";
  }
  if (!object.attributes.empty())
    reporter.warning(node, "nir-field")
        << "has " << object.attributes.size()
        << " HDF5 attributes, which NIR does not use; they are dropped";
  if (good)
    for (const auto &[key, value] : object.members)
      if (key != "type" && key != "metadata" && !node.find(key))
        unknownField(node, key, value);
  level.leaves.push_back(std::move(node));
  level.names.push_back(name.str());
}

void Parser::parseEdges(const RawObject &object, Level &level) {
  StringRef where = level.path;
  auto error = [&]() {
    return where.empty() ? reporter.error("nir-graph")
                         : reporter.error(where, NodeType::Graph, "nir-graph");
  };
  const RawObject *edges = object.find("edges");
  if (!edges) {
    error() << "the graph has no 'edges'";
    return;
  }
  if (edges->kind == RawObject::Kind::Numbers && edges->numbers.size() == 0)
    return; // how numpy writes an empty list
  if (edges->kind == RawObject::Kind::Strings && edges->strings.empty())
    return;
  if (edges->kind != RawObject::Kind::Strings || edges->shape.size() != 2 ||
      edges->shape[1] != 2) {
    auto diag = error();
    diag << "'edges' is " << getKindText(*edges);
    if (!edges->isGroup())
      diag << " of shape "
           << formatShape(edges->kind == RawObject::Kind::Strings
                              ? ArrayRef<int64_t>(edges->shape)
                              : edges->numbers.shape());
    diag << ", but must be pairs of names: text of shape (edges, 2)";
    return;
  }
  for (size_t i = 0; i + 1 < edges->strings.size(); i += 2)
    level.edges.push_back({edges->strings[i], edges->strings[i + 1]});
}

void Parser::parseLevel(const RawObject &object, Level &level, unsigned depth) {
  auto error = [&]() {
    return level.path.empty()
               ? reporter.error("nir-graph")
               : reporter.error(level.path, NodeType::Graph, "nir-graph");
  };
  if (depth > kMaxDepth) {
    error() << "graphs are nested more than " << kMaxDepth << " deep";
    return;
  }
  const RawObject *nodes = object.find("nodes");
  if (!nodes || !nodes->isGroup()) {
    error() << (nodes ? "'nodes' is no group" : "the graph has no 'nodes'");
    return;
  }
  for (const auto &[name, member] : nodes->members) {
    std::string path = join(level.path, name);
    std::optional<StringRef> text = readType(member, path);
    if (!text)
      continue;
    std::optional<NodeType> type = parseTypeName(*text);
    if (!type) {
      SmallVector<StringRef> known;
      for (const TypeInfo &info : getTypeTable())
        known.push_back(info.name);
      auto diag = reporter.error("nir-type");
      diag << "node '" << printable(path) << "' has type '" << printable(*text)
           << "', which is no primitive of NIR";
      if (std::optional<StringRef> closest = findClosest(*text, known))
        diag << "; did you mean '" << *closest << "'?";
      continue;
    }
    if (*type != NodeType::Graph) {
      parseLeaf(member, *type, name, level);
      continue;
    }
    level.graphs.push_back({name, Level()});
    Level &inner = level.graphs.back().second;
    inner.path = path;
    parseLevel(member, inner, depth + 1);
  }
  if (const RawObject *metadata = object.find("metadata");
      metadata && metadata->isGroup())
    level.metadata.members = metadata->members;
  for (const auto &[key, member] : object.members)
    if (key != "type" && key != "nodes" && key != "edges" &&
        key != "metadata") {
      auto diag = reporter.warning("nir-field");
      diag << "field '" << printable(key) << "' of "
           << (level.path.empty() ? std::string("the graph")
                                  : "graph '" + printable(level.path) + "'")
           << " is unknown and without effect; it is kept as metadata";
      level.metadata.add(key, member);
    }
  parseEdges(object, level);
}

FailureOr<NirGraph> parseGraph(const RawObject &file, Reporter &reporter) {
  NirGraph graph;
  const RawObject *root = file.isGroup() ? file.find("node") : nullptr;
  if (!root) {
    auto diag = reporter.error("nir-file");
    diag << "the file has no '/node', so it holds no NIR graph";
    if (file.findAttribute("__type__"))
      diag << "; it looks like data of nir.write_data";
    return failure();
  }
  if (const RawObject *version = file.find("version");
      version && version->kind == RawObject::Kind::Strings &&
      version->strings.size() == 1)
    graph.version = version->strings[0];
  unsigned major = 0;
  if (graph.version.empty())
    reporter.warning("nir-file") << "the file states no version";
  else if (!StringRef(graph.version).split('.').first.getAsInteger(10, major) &&
           major > 1)
    reporter.warning("nir-file")
        << "the file is of version " << printable(graph.version)
        << "; it is read as version 1";

  Parser parser(reporter);
  std::optional<StringRef> type = parser.readType(*root, "/node");
  if (!type)
    return failure();
  Level level;
  std::optional<NodeType> known = parseTypeName(*type);
  if (!known || *known == NodeType::Graph) {
    if (!known)
      return reporter.error("nir-type")
             << "'/node' has type '" << printable(*type)
             << "', but a file holds a NIRGraph";
    parser.parseLevel(*root, level, 0);
  } else {
    // nir.write takes a single node, too.
    parser.parseLeaf(*root, *known, getTypeName(*known).lower(), level);
  }
  if (reporter.anyErrors())
    return failure();
  if (level.leaves.empty() && level.graphs.empty())
    return reporter.error("nir-graph") << "the graph has no nodes";
  if (failed(flatten(level, reporter, graph)))
    return failure();
  return graph;
}

} // namespace nmc::nir
