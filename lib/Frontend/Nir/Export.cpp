//===- Export.cpp - A spike.network as a NIR graph ------------------------===//
//
// Populations, Input and Delay are nodes of their own.  Ops that stand for an
// edge (identity without weight, relays, the delay that closes a cycle) are
// wires.  Copies of one connection, which the importer makes where several
// edges enter it, become one node again, if that is the same graph: every path
// from a stream through connections to a stream must be there once.
//
//===----------------------------------------------------------------------===//

#include "Attributes.h"
#include "ExportNodes.h"
#include "Shapes.h"
#include "TimeInference.h"
#include "nmc/Frontend/Nir/Import.h"

#include "nmc/Support/RuleError.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"

#include <cmath>
#include <set>

namespace nmc::nir {

namespace {

/// What an op is in the graph.
enum class Role : uint8_t { Stream, Linear, Wire };

struct Entry {
  Role role = Role::Stream;
  unsigned node = 0; // of Stream and Linear
};

struct Node {
  std::string name;
  RawObject object;
  Operation *op = nullptr; // the first of its ops
};

class GraphExporter {
public:
  explicit GraphExporter(spike::NetworkOp network)
      : network(network), writer(network) {}

  FailureOr<RawObject> run(int64_t maxBytes);

private:
  FailureOr<Role> classify(Operation *op);
  bool isWireReshape(spike::ReshapeOp op);
  LogicalResult sortLinear();
  LogicalResult checkSize(int64_t maxBytes);
  void findCycles();
  LogicalResult addNodes(bool merge);
  LogicalResult addMaxPool(spike::MaxPoolOp op);
  std::string getWish(Operation *op);
  std::string makeName(StringRef wish);
  LogicalResult addEdges();
  /// The nodes whose value `value` is a sum of.
  SmallVector<unsigned, 2> getSources(Value value);
  bool checkPaths();
  LogicalResult addOutputs();
  RawObject assemble();
  RawObject nest(const RawObject &level, StringRef path, unsigned depth);

  spike::NetworkOp network;
  NodeWriter writer;
  DenseMap<Operation *, Entry> entries;
  SmallVector<Operation *> linear; // Linear and Wire, sources first
  DenseSet<Operation *> cyclic;    // ops on a cycle
  DenseMap<Operation *, SmallVector<unsigned, 2>> wireSources;
  std::vector<Node> nodes;
  llvm::StringSet<> taken;
  llvm::StringMap<unsigned> byName; // for nest
  std::set<std::pair<unsigned, unsigned>> edges;
  /// Of a Linear node of rank above 1: the Flatten in front of it.
  DenseMap<unsigned, unsigned> flattens;
  /// Where edges into a max-pool end; by its Threshold node.
  DenseMap<unsigned, unsigned> entrances;
};

} // namespace

/// The node that an op comes from: what the importer noted, or the location.
static StringRef getNodeName(Operation *op) {
  if (auto name = op->getAttrOfType<StringAttr>(kNameAttr))
    return name.getValue();
  if (auto named = op->getLoc()->findInstanceOf<mlir::NameLoc>())
    return named.getName();
  return {};
}

//===----------------------------------------------------------------------===//
// Roles
//===----------------------------------------------------------------------===//

/// A reshape that the importer put around blockwise weights.
bool GraphExporter::isWireReshape(spike::ReshapeOp op) {
  StringRef name = getNodeName(op);
  if (name.empty())
    return false;
  auto isOwn = [&](Operation *other) {
    auto dense = dyn_cast_or_null<spike::DenseOp>(other);
    return dense && getNodeName(other) == name &&
           spike::getShape(dense.getTarget()).size() == 2;
  };
  return isOwn(op.getSource().getDefiningOp()) ||
         (!op->use_empty() && llvm::all_of(op->getUsers(), isOwn));
}

FailureOr<Role> GraphExporter::classify(Operation *op) {
  if (auto identity = dyn_cast<spike::IdentityOp>(op))
    return identity.getWeight() ? Role::Linear : Role::Wire;
  if (auto relu = dyn_cast<spike::ReluOp>(op)) {
    if (!relu.getRectify() && !relu.getMax() && !relu.getRequant())
      return Role::Wire;
    return emitRuleError(op, "nir-export") << "NIR has no rectifier";
  }
  if (auto reshape = dyn_cast<spike::ReshapeOp>(op)) {
    bool isDelay = op->hasAttr(kDelayAttr);
    if (!isDelay && isWireReshape(reshape))
      return Role::Wire;
    return Role::Linear;
  }
  if (auto delay = dyn_cast<spike::DelayOp>(op)) {
    bool isImplied = !op->hasAttr(kDelayAttr) && delay.getSteps() == 1 &&
                     !delay.getPerElement() && cyclic.contains(op);
    return isImplied ? Role::Wire : Role::Stream;
  }
  if (isa<spike::ConnectionOpInterface>(op))
    return Role::Linear;
  if (isa<spike::PopulationOpInterface>(op))
    return Role::Stream;
  return emitRuleError(op, "nir-export") << "NIR has no primitive for it";
}

/// Marks the ops of every cycle: those of strongly connected components.
void GraphExporter::findCycles() {
  // Iterative Tarjan over operands.
  struct State {
    unsigned number = 0, low = 0;
    bool onStack = false;
  };
  DenseMap<Operation *, State> states;
  SmallVector<Operation *> stack;
  SmallVector<std::pair<Operation *, unsigned>> path;
  unsigned next = 1;
  auto open = [&](Operation *op) {
    states[op] = {next, next, true};
    ++next;
    stack.push_back(op);
    path.push_back({op, 0});
  };
  for (Operation &start : network.getBody().front()) {
    if (states.count(&start))
      continue;
    open(&start);
    while (!path.empty()) {
      Operation *op = path.back().first;
      if (path.back().second < op->getNumOperands()) {
        Operation *source =
            op->getOperand(path.back().second++).getDefiningOp();
        if (!source)
          continue;
        if (source == op)
          cyclic.insert(op);
        auto it = states.find(source);
        if (it == states.end()) {
          open(source);
        } else if (it->second.onStack) {
          unsigned number = it->second.number;
          State &own = states[op];
          own.low = std::min(own.low, number);
        }
        continue;
      }
      path.pop_back();
      State own = states[op];
      if (!path.empty()) {
        State &above = states[path.back().first];
        above.low = std::min(above.low, own.low);
      }
      if (own.low != own.number)
        continue;
      bool isLoop = stack.back() != op;
      while (true) {
        Operation *member = stack.pop_back_val();
        states[member].onStack = false;
        if (isLoop)
          cyclic.insert(member);
        if (member == op)
          break;
      }
    }
  }
}

/// Orders linear ops and wires so that sources come first.
LogicalResult GraphExporter::sortLinear() {
  enum : uint8_t { Active = 1, Done };
  DenseMap<Operation *, uint8_t> marks;
  SmallVector<std::pair<Operation *, unsigned>> path;
  auto isLinear = [&](Operation *op) {
    auto it = op ? entries.find(op) : entries.end();
    return it != entries.end() && it->second.role != Role::Stream;
  };
  for (Operation &start : network.getBody().front()) {
    if (!isLinear(&start) || marks.count(&start))
      continue;
    path.assign(1, {&start, 0});
    marks[&start] = Active;
    while (!path.empty()) {
      Operation *op = path.back().first;
      if (path.back().second == op->getNumOperands()) {
        marks[op] = Done;
        linear.push_back(op);
        path.pop_back();
        continue;
      }
      Operation *source = op->getOperand(path.back().second++).getDefiningOp();
      if (!isLinear(source))
        continue;
      auto [it, isNew] = marks.try_emplace(source, Active);
      if (isNew)
        path.push_back({source, 0});
      else if (it->second == Active)
        return emitRuleError(source, "nir-export")
               << "lies on a cycle that holds no neuron";
    }
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

std::string GraphExporter::getWish(Operation *op) {
  if (auto population = dyn_cast<spike::PopulationOpInterface>(op))
    return population.getPopulationName().str();
  StringRef name = getNodeName(op);
  return name.empty() ? op->getName().stripDialect().str() : name.str();
}

/// A name that HDF5 can hold and that is not taken.
std::string GraphExporter::makeName(StringRef wish) {
  std::string base;
  for (char c : wish.ltrim("/"))
    base.push_back(c == '/' || c == '\0' ? '.' : c);
  if (base.empty() || base == "." || base == "..")
    base = "node";
  std::string name = base;
  for (unsigned suffix = 1; !taken.insert(name).second; ++suffix)
    name = base + "_" + std::to_string(suffix);
  return name;
}

/// On spikes the largest of a window is whether any is there: a sum that
/// exceeds 0.
LogicalResult GraphExporter::addMaxPool(spike::MaxPoolOp op) {
  if (!spike::getElementType(op.getSource()).isInteger(1))
    return emitRuleError(op, "nir-export")
           << "NIR has no maximum, and only on binary spikes a sum and a "
              "threshold do the same";
  if (op.getKernel().size() != 2)
    return emitRuleError(op, "nir-export")
           << "NIR has pools in 2 dimensions only";
  RawObject pool, threshold;
  SmallVector<int64_t> stride, padding;
  for (int64_t d = 0; d < 2; ++d) {
    if (op.getPadLow(d) != op.getPadHigh(d))
      return emitRuleError(op, "nir-export")
             << "its padding differs between the two ends, which NIR cannot "
                "say";
    stride.push_back(op.getStride(d));
    padding.push_back(op.getPadLow(d));
  }
  auto ints = [](ArrayRef<int64_t> values) {
    return RawObject::fromArray(
        Array::from<int64_t>({int64_t(values.size())}, values));
  };
  pool.add("type", RawObject::fromString("SumPool2d"));
  pool.add("kernel_size", ints(op.getKernel()));
  pool.add("stride", ints(stride));
  pool.add("padding", ints(padding));
  threshold.add("type", RawObject::fromString("Threshold"));
  threshold.add("threshold",
                RawObject::fromArray(Array::zeros(
                    ElementKind::F32, spike::getShape(op.getEvents()))));
  emitRuleWarning(op, "nir-export")
      << "is written as a SumPool2d and a Threshold";
  unsigned last = entries[op].node = nodes.size();
  nodes.push_back({makeName(op.getName()), std::move(threshold), op});
  entrances[last] = nodes.size();
  nodes.push_back(
      {makeName((op.getName() + ".sum").str()), std::move(pool), op});
  edges.insert({entrances[last], last});
  return success();
}

/// Creates the nodes; with `merge`, one for all copies of a connection.
LogicalResult GraphExporter::addNodes(bool merge) {
  nodes.clear();
  taken.clear();
  edges.clear();
  flattens.clear();
  entrances.clear();
  // Names of populations and ports come first, and of Outputs.
  for (Operation &op : network.getBody().front().without_terminator()) {
    Entry &entry = entries[&op];
    if (entry.role != Role::Stream)
      continue;
    if (auto pool = dyn_cast<spike::MaxPoolOp>(op)) {
      if (failed(addMaxPool(pool)))
        return failure();
      continue;
    }
    RawObject object;
    if (auto input = dyn_cast<spike::InputOp>(op)) {
      auto kept = op.getAttrOfType<DictionaryAttr>(kFieldsAttr);
      object = NodeWriter::writePort(
          NodeType::Input, spike::getShape(input.getEvents()),
          kept ? kept.get("shape") : Attribute(), op.getAttr(kMetadataAttr));
    } else {
      FailureOr<RawObject> written = writer.write(&op);
      if (failed(written))
        return failure();
      object = std::move(*written);
    }
    entry.node = nodes.size();
    nodes.push_back({makeName(getWish(&op)), std::move(object), &op});
  }
  if (failed(addOutputs()))
    return failure();
  // Copies: the same name and all attributes but the bias.
  llvm::MapVector<std::pair<Attribute, Attribute>, unsigned> groups;
  MLIRContext *context = network.getContext();
  for (Operation *op : linear) {
    Entry &entry = entries[op];
    if (entry.role != Role::Linear)
      continue;
    mlir::NamedAttrList attributes(op->getAttrDictionary());
    Attribute bias = attributes.erase("bias");
    if (auto kept =
            dyn_cast_or_null<DictionaryAttr>(attributes.get(kFieldsAttr))) {
      mlir::NamedAttrList fields(kept);
      fields.erase("bias");
      attributes.set(kFieldsAttr, fields.getDictionary(context));
      if (fields.empty())
        attributes.erase(kFieldsAttr);
    }
    attributes.set("nir.op", op->getName().getIdentifier());
    StringRef name = getNodeName(op);
    std::pair<Attribute, Attribute> key{StringAttr::get(context, name),
                                        attributes.getDictionary(context)};
    auto it = merge && !name.empty() ? groups.find(key) : groups.end();
    if (it != groups.end()) {
      entry.node = it->second;
      Node &node = nodes[entry.node];
      if (!bias || node.op->getAttr("bias"))
        continue;
      node.op = op; // the copy that has the bias
    } else {
      entry.node = nodes.size();
      nodes.push_back({makeName(getWish(op)), RawObject(), op});
      if (merge && !name.empty())
        groups[key] = entry.node;
    }
  }
  for (unsigned i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].object.members.empty() || !nodes[i].op)
      continue;
    FailureOr<RawObject> written = writer.write(nodes[i].op);
    if (failed(written))
      return failure();
    nodes[i].object = std::move(*written);
    // Affine reads vectors, or blocks of them.
    auto dense = dyn_cast<spike::DenseOp>(nodes[i].op);
    const RawObject *weight = dense ? nodes[i].object.find("weight") : nullptr;
    if (!weight || weight->numbers.rank() != 2)
      continue;
    ArrayRef<int64_t> in = spike::getShape(dense.getSource());
    if (in.size() < 2)
      continue;
    flattens[i] = nodes.size();
    edges.insert({unsigned(nodes.size()), i});
    nodes.push_back({makeName(nodes[i].name + ".flatten"),
                     NodeWriter::writeFlatten(in), nullptr});
  }
  return success();
}

LogicalResult GraphExporter::addOutputs() {
  auto output = network.getOutput();
  for (unsigned i = 0; i < output.getStreams().size(); ++i) {
    Value stream = output.getStreams()[i];
    auto attribute = [&](StringRef name) {
      return network.getResultAttr(i, name);
    };
    if (attribute(kImpliedAttr))
      continue;
    auto name = dyn_cast_or_null<StringAttr>(attribute(kNameAttr));
    Node node;
    node.name = makeName(name ? name.getValue() : StringRef("output"));
    node.object =
        NodeWriter::writePort(NodeType::Output, spike::getShape(stream),
                              attribute(kShapeAttr), attribute(kMetadataAttr));
    nodes.push_back(std::move(node));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Edges
//===----------------------------------------------------------------------===//

SmallVector<unsigned, 2> GraphExporter::getSources(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  Entry entry = entries.lookup(op);
  if (entry.role == Role::Wire)
    return wireSources.lookup(op);
  return {entry.node};
}

LogicalResult GraphExporter::addEdges() {
  wireSources.clear();
  for (Operation *op : linear) {
    if (entries.lookup(op).role != Role::Wire)
      continue;
    SmallVector<unsigned, 2> all;
    for (Value operand : op->getOperands())
      llvm::append_range(all, getSources(operand));
    wireSources[op] = std::move(all);
  }
  auto connect = [&](ValueRange values, unsigned to) {
    if (auto it = flattens.find(to); it != flattens.end())
      to = it->second;
    else if (auto it = entrances.find(to); it != entrances.end())
      to = it->second;
    for (Value value : values)
      for (unsigned from : getSources(value))
        edges.insert({from, to});
  };
  for (Operation &op : network.getBody().front().without_terminator())
    if (entries.lookup(&op).role != Role::Wire)
      connect(op.getOperands(), entries.lookup(&op).node);
  // Output nodes are in the order of results.
  unsigned at = 0;
  for (auto [i, stream] : llvm::enumerate(network.getOutput().getStreams())) {
    if (network.getResultAttr(i, kImpliedAttr))
      continue;
    while (nodes[at].op ||
           nodes[at].object.find("type")->strings[0] != "Output")
      ++at;
    connect(stream, at++);
  }
  return success();
}

/// Whether the graph has the same paths from stream to stream as the network,
/// biases as sources of their own, each once.
bool GraphExporter::checkPaths() {
  using Paths = std::vector<std::string>; // of node numbers
  constexpr size_t kMaxPaths = 4096;
  auto step = [](const std::string &path, unsigned node) {
    return path + ">" + std::to_string(node);
  };
  // Of the network.
  DenseMap<Operation *, Paths> made;
  std::map<unsigned, Paths> real, merged;
  auto gather = [&](ValueRange values, Paths &into) {
    for (Value value : values) {
      Operation *op = value.getDefiningOp();
      if (!op)
        continue;
      Entry entry = entries.lookup(op);
      if (entry.role == Role::Stream)
        into.push_back(std::to_string(entry.node));
      else
        llvm::append_range(into, made[op]);
    }
    return into.size() <= kMaxPaths;
  };
  for (Operation *op : linear) {
    Paths paths;
    if (!gather(op->getOperands(), paths))
      return false;
    Entry entry = entries.lookup(op);
    if (entry.role == Role::Linear) {
      for (std::string &path : paths)
        path = step(path, entry.node);
      if (op->getAttr("bias"))
        paths.push_back(step("bias", entry.node));
    }
    made[op] = std::move(paths);
  }
  for (Operation &op : network.getBody().front())
    if (entries.lookup(&op).role == Role::Stream && !isa<spike::OutputOp>(op) &&
        !gather(op.getOperands(), real[entries.lookup(&op).node]))
      return false;
  // Of the graph; nodes of linear ops in their order.
  std::map<unsigned, std::vector<unsigned>> sources;
  for (auto [from, to] : edges)
    sources[to].push_back(from);
  std::map<unsigned, Paths> through;
  std::set<unsigned> isLinear;
  for (Operation *op : linear)
    if (entries.lookup(op).role == Role::Linear)
      isLinear.insert(entries.lookup(op).node);
  auto enter = [&](unsigned node, Paths &into) {
    unsigned door = node;
    if (auto it = flattens.find(node); it != flattens.end())
      door = it->second;
    else if (auto it = entrances.find(node); it != entrances.end())
      door = it->second;
    for (unsigned from : sources[door]) {
      if (isLinear.count(from))
        llvm::append_range(into, through[from]);
      else
        into.push_back(std::to_string(from));
    }
    return into.size() <= kMaxPaths;
  };
  // Merged nodes, sources first.
  enum : uint8_t { Active = 1, Done };
  std::map<unsigned, uint8_t> marks;
  SmallVector<std::pair<unsigned, unsigned>> path; // node, next source
  for (unsigned start : isLinear) {
    if (marks.count(start))
      continue;
    path.assign(1, {start, 0});
    marks[start] = Active;
    while (!path.empty()) {
      unsigned node = path.back().first;
      auto flatten = flattens.find(node);
      const auto &from =
          sources[flatten == flattens.end() ? node : flatten->second];
      if (path.back().second < from.size()) {
        unsigned source = from[path.back().second++];
        if (!isLinear.count(source) || marks[source] == Done)
          continue;
        if (marks[source] == Active)
          return false;
        marks[source] = Active;
        path.push_back({source, 0});
        continue;
      }
      marks[node] = Done;
      path.pop_back();
      Paths paths;
      if (!enter(node, paths))
        return false;
      for (std::string &text : paths)
        text = step(text, node);
      if (nodes[node].op->getAttr("bias"))
        paths.push_back(step("bias", node));
      through[node] = std::move(paths);
    }
  }
  for (auto &[node, paths] : real) {
    Paths other;
    if (!enter(node, other))
      return false;
    llvm::sort(paths);
    llvm::sort(other);
    if (paths != other)
      return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

static RawObject
writeEdges(ArrayRef<std::pair<std::string, std::string>> edges) {
  if (edges.empty()) // as numpy writes it
    return RawObject::fromArray(Array());
  std::vector<std::string> names;
  for (const auto &[from, to] : edges) {
    names.push_back(from);
    names.push_back(to);
  }
  return RawObject::fromStrings({int64_t(edges.size()), 2}, std::move(names));
}

RawObject GraphExporter::assemble() {
  RawObject root, group;
  DenseSet<unsigned> left;
  for (auto [i, node] : llvm::enumerate(nodes)) {
    if (node.op && node.op->hasAttr(kImpliedAttr)) {
      left.insert(i);
      continue;
    }
    group.add(node.name, node.object);
  }
  std::vector<std::pair<std::string, std::string>> list;
  for (auto [from, to] : edges)
    if (!left.contains(from) && !left.contains(to))
      list.push_back({nodes[from].name, nodes[to].name});
  llvm::sort(list);
  root.add("type", RawObject::fromString("NIRGraph"));
  root.add("nodes", std::move(group));
  root.add("edges", writeEdges(list));
  if (Attribute metadata = network->getAttr(kMetadataAttr))
    if (std::optional<RawObject> own = toRaw(metadata);
        own && own->isGroup() && !own->members.empty())
      root.add("metadata", std::move(*own));
  RawObject file;
  file.add("version", RawObject::fromString("1.0.8"));
  file.add("node", std::move(root));
  return file;
}

/// The graph `level` of what the importer noted, with the leaves of this
/// export; empty where one is missing.
RawObject GraphExporter::nest(const RawObject &level, StringRef path,
                              unsigned depth) {
  RawObject graph, group;
  const RawObject *leaves = level.find("leaves"), *ports = level.find("ports"),
                  *graphs = level.find("graphs"), *list = level.find("edges");
  if (!leaves || leaves->kind != RawObject::Kind::Strings || !list ||
      list->kind != RawObject::Kind::Strings || depth > 64)
    return RawObject();
  auto join = [&](StringRef name) {
    return path.empty() ? name.str() : (path + "." + name).str();
  };
  for (const std::string &name : leaves->strings) {
    auto it = byName.find(join(name));
    if (it == byName.end())
      return RawObject();
    group.add(name, nodes[it->second].object);
  }
  if (ports)
    for (const auto &[name, port] : ports->members)
      group.add(name, port);
  if (graphs)
    for (const auto &[name, inner] : graphs->members) {
      RawObject made = nest(inner, join(name), depth + 1);
      if (made.members.empty())
        return made;
      group.add(name, std::move(made));
    }
  graph.add("type", RawObject::fromString("NIRGraph"));
  graph.add("nodes", std::move(group));
  std::vector<std::pair<std::string, std::string>> pairs;
  for (size_t i = 0; i + 1 < list->strings.size(); i += 2)
    pairs.push_back({list->strings[i], list->strings[i + 1]});
  graph.add("edges", writeEdges(pairs));
  if (const RawObject *metadata = level.find("metadata"))
    graph.add("metadata", *metadata);
  return graph;
}

/// Two files of one flat graph.
static bool areSame(const NirGraph &a, const NirGraph &b) {
  if (a.edges != b.edges || a.nodes.size() != b.nodes.size())
    return false;
  for (auto [left, right] : llvm::zip_equal(a.nodes, b.nodes))
    if (left.name != right.name || left.type != right.type)
      return false;
  return true;
}

/// Rule `nir-size`: a few numbers may stand for the parameters of many neurons.
LogicalResult GraphExporter::checkSize(int64_t maxBytes) {
  int64_t left = maxBytes;
  for (Operation &op : network.getBody().front().without_terminator()) {
    int64_t arrays = 0;
    if (auto population = dyn_cast<spike::PopulationOpInterface>(op))
      arrays = population.getParameters().size();
    else if (auto identity = dyn_cast<spike::IdentityOp>(op))
      arrays = identity.getWeightAttr() ? 1 : 0; // else it is an edge
    else if (isa<spike::ScaleOp>(op))
      arrays = 1;
    if (arrays == 0)
      continue;
    // Absent parameters are written too, as doubles on the way.
    int64_t elements = spike::getNumElements(op.getResult(0));
    int64_t bytes = elements * 8 * (arrays + 3);
    if (bytes > left)
      return emitRuleError(&op, "nir-size")
             << "has " << elements << " elements, whose parameters one by one "
             << "exceed the " << maxBytes << " bytes of a file";
    left -= bytes;
  }
  return success();
}

FailureOr<RawObject> GraphExporter::run(int64_t maxBytes) {
  if (failed(checkSize(maxBytes)))
    return failure();
  findCycles();
  for (Operation &op : network.getBody().front().without_terminator()) {
    FailureOr<Role> role = classify(&op);
    if (failed(role))
      return failure();
    entries[&op].role = *role;
  }
  if (failed(sortLinear()) || failed(addNodes(/*merge=*/true)) ||
      failed(addEdges()))
    return failure();
  if (!checkPaths()) {
    // Warnings of the first attempt would come twice.
    mlir::ScopedDiagnosticHandler quiet(
        network.getContext(), [](Diagnostic &diag) {
          return success(diag.getSeverity() != mlir::DiagnosticSeverity::Error);
        });
    if (failed(addNodes(/*merge=*/false)) || failed(addEdges()))
      return failure();
    if (!checkPaths())
      return emitRuleError(network, "nir-export")
             << "some population is fed twice by the same path, and NIR has no "
                "double edges";
  }
  RawObject file = assemble();

  // What was written must be read as the same network.
  Reporter reporter(network.getLoc());
  FailureOr<NirGraph> graph = parseGraph(file, reporter);
  if (failed(graph))
    return failure();
  // The step, where the file does not tell it by itself.
  std::optional<double> noted;
  if (std::optional<llvm::APFloat> value = network.getDt()) {
    double dt = value->convertToDouble();
    mlir::ScopedDiagnosticHandler quiet(network.getContext(),
                                        [](Diagnostic &) { return success(); });
    Reporter silent(network.getLoc());
    FailureOr<TimeModel> time = inferTime(*graph, ImportOptions(), silent);
    if (failed(time) || !time->dt || *time->dt != dt) {
      noted = dt;
    }
  }
  RawObject result = file;
  if (Attribute graphs = network->getAttr(kGraphsAttr)) {
    std::optional<RawObject> nesting = toRaw(graphs);
    for (auto [i, node] : llvm::enumerate(nodes))
      byName[node.name] = i;
    RawObject root = nesting ? nest(*nesting, "", 0) : RawObject();
    RawObject candidate = file;
    if (const RawObject *metadata = file.find("node")->find("metadata"))
      root.add("metadata", *metadata);
    candidate.add("node", std::move(root));
    mlir::ScopedDiagnosticHandler quiet(network.getContext(),
                                        [](Diagnostic &) { return success(); });
    Reporter silent(network.getLoc());
    FailureOr<NirGraph> other = parseGraph(candidate, silent);
    if (succeeded(other) && areSame(*graph, *other))
      result = candidate;
  }
  if (noted)
    for (auto &[name, member] : result.members)
      if (name == "node")
        getOwnMetadata(member).add(
            "dt", RawObject::fromArray(Array::from<double>({}, {*noted})));
  return result;
}

FailureOr<RawObject> exportNir(spike::NetworkOp network, int64_t maxBytes) {
  return GraphExporter(network).run(maxBytes);
}

} // namespace nmc::nir
