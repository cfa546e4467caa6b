//===- GraphFlatten.cpp - Nested graphs are inlined -----------------------===//
//
// Edges name nodes of their own graph.  A nested graph is entered by its Input
// and left by its Output; both are wires, which inlining replaces by edges from
// everything that feeds them to everything that they feed.
//
//===----------------------------------------------------------------------===//

#include "Graph.h"

#include "nmc/Support/RuleError.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

#include <set>

namespace nmc::nir {

namespace {

/// A node of the flat graph or, from `wires` on, a port of a nested graph.
struct Vertex {
  bool isWire = false;
  unsigned index = 0; // in NirGraph::nodes or NirGraph::ports
  SmallVector<unsigned, 2> targets;
  bool isFed = false;
};

class Flattener {
public:
  Flattener(Reporter &reporter, NirGraph &graph)
      : reporter(reporter), graph(graph) {}

  LogicalResult run(Level &root);

private:
  /// What a name stands for in its graph.
  struct Name {
    bool isGraph = false;
    NodeType type = NodeType::Graph;
    unsigned vertex = 0;                      // of a leaf
    SmallVector<unsigned, 1> inputs, outputs; // of a graph
  };

  /// Adds leaves and edges of `level`; the vertices of its ports.
  void addLevel(Level &level, SmallVectorImpl<unsigned> &inputs,
                SmallVectorImpl<unsigned> &outputs, bool isRoot);
  void addEdge(const Level &level, const llvm::StringMap<Name> &names,
               const std::string &from, const std::string &to);
  /// The vertex at which an edge starts or ends; none after a fault.
  std::optional<unsigned> resolve(const Level &level,
                                  const llvm::StringMap<Name> &names,
                                  StringRef name, bool isSource,
                                  StringRef edge);
  void checkWires();
  void connect();

  std::string inGraph(const Level &level) const {
    return level.path.empty() ? ""
                              : " in graph '" + printable(level.path) + "'";
  }

  Reporter &reporter;
  NirGraph &graph;
  std::vector<Vertex> vertices;
  llvm::StringSet<> taken;
};

} // namespace

void Flattener::addLevel(Level &level, SmallVectorImpl<unsigned> &inputs,
                         SmallVectorImpl<unsigned> &outputs, bool isRoot) {
  llvm::StringMap<Name> names;
  for (auto [name, leaf] : llvm::zip_equal(level.names, level.leaves)) {
    if (!taken.insert(leaf.name).second)
      reporter.error(leaf, "nir-name")
          << "two nodes get this name when nested graphs are inlined; rename "
             "one";
    Name entry;
    entry.type = leaf.type;
    entry.vertex = vertices.size();
    Vertex vertex;
    bool isPort = leaf.type == NodeType::Input || leaf.type == NodeType::Output;
    if (isPort && !isRoot) {
      vertex.isWire = true;
      vertex.index = graph.ports.size();
      NirPort port;
      port.name = leaf.name;
      port.type = leaf.type;
      port.shape.assign(leaf.ints("shape"));
      graph.ports.push_back(std::move(port));
      (leaf.type == NodeType::Input ? inputs : outputs)
          .push_back(vertices.size());
    } else {
      vertex.index = graph.nodes.size();
      graph.nodes.push_back(std::move(leaf));
    }
    vertices.push_back(std::move(vertex));
    names[name] = entry;
  }
  for (auto &[name, inner] : level.graphs) {
    Name entry;
    entry.isGraph = true;
    addLevel(inner, entry.inputs, entry.outputs, /*isRoot=*/false);
    names[name] = entry;
  }
  std::set<std::pair<StringRef, StringRef>> seen;
  for (const auto &[from, to] : level.edges) {
    if (!seen.insert({from, to}).second) {
      reporter.error("nir-edge")
          << "edge '" << printable(from) << "' -> '" << printable(to) << "'"
          << inGraph(level) << " is there twice; NIR sums what enters a node, "
          << "so scale it instead";
      continue;
    }
    addEdge(level, names, from, to);
  }
}

std::optional<unsigned> Flattener::resolve(const Level &level,
                                           const llvm::StringMap<Name> &names,
                                           StringRef name, bool isSource,
                                           StringRef edge) {
  auto it = names.find(name);
  if (it == names.end()) {
    auto diag = reporter.error("nir-edge");
    diag << edge << inGraph(level) << ": there is no node '" << printable(name)
         << "'";
    SmallVector<StringRef> known;
    unsigned below = 0;
    for (const auto &entry : names) {
      known.push_back(entry.getKey());
      below += entry.getKey().starts_with((name + ".").str());
    }
    llvm::sort(known);
    if (below)
      diag << "; " << below << " nodes are called '" << printable(name)
           << ".*', as if a nested graph '" << printable(name)
           << "' had been inlined but for this edge";
    else if (std::optional<StringRef> closest = findClosest(name, known))
      diag << "; did you mean '" << printable(*closest) << "'?";
    return std::nullopt;
  }
  const Name &entry = it->second;
  if (!entry.isGraph) {
    NodeType wrong = isSource ? NodeType::Output : NodeType::Input;
    if (entry.type != wrong)
      return entry.vertex;
    reporter.error("nir-edge")
        << edge << inGraph(level) << (isSource ? " leaves" : " enters")
        << " an " << getTypeName(wrong) << " node";
    return std::nullopt;
  }
  ArrayRef<unsigned> ports = isSource ? entry.outputs : entry.inputs;
  if (ports.size() == 1)
    return ports.front();
  reporter.error("nir-graph")
      << edge << inGraph(level) << ": nested graph '" << printable(name)
      << "' has " << int64_t(ports.size()) << " "
      << getTypeName(isSource ? NodeType::Output : NodeType::Input)
      << " nodes, but an edge needs exactly 1 to "
      << (isSource ? "leave" : "enter") << " by";
  return std::nullopt;
}

void Flattener::addEdge(const Level &level, const llvm::StringMap<Name> &names,
                        const std::string &from, const std::string &to) {
  std::string edge =
      "edge '" + printable(from) + "' -> '" + printable(to) + "'";
  std::optional<unsigned> source = resolve(level, names, from, true, edge);
  std::optional<unsigned> target = resolve(level, names, to, false, edge);
  if (!source || !target)
    return;
  vertices[*source].targets.push_back(*target);
  vertices[*target].isFed = true;
}

/// Wires that lead nowhere, and loops of wires alone.
void Flattener::checkWires() {
  enum : uint8_t { New, Active, Done };
  std::vector<uint8_t> marks(vertices.size(), New);
  SmallVector<std::pair<unsigned, unsigned>> path; // vertex, next target
  for (unsigned start = 0; start < vertices.size(); ++start) {
    const Vertex &vertex = vertices[start];
    if (!vertex.isWire)
      continue;
    const NirPort &port = graph.ports[vertex.index];
    if (!vertex.isFed || vertex.targets.empty())
      reporter.warning("nir-graph")
          << "port '" << printable(port.name) << "' of a nested graph is not "
          << (vertex.isFed ? "read" : "fed") << " by any edge";
    if (marks[start] != New)
      continue;
    path.assign(1, {start, 0});
    marks[start] = Active;
    while (!path.empty()) {
      auto &[at, next] = path.back();
      if (next == vertices[at].targets.size()) {
        marks[at] = Done;
        path.pop_back();
        continue;
      }
      unsigned target = vertices[at].targets[next++];
      if (!vertices[target].isWire || marks[target] == Done)
        continue;
      if (marks[target] == Active) {
        reporter.error("nir-cycle")
            << "port '" << printable(graph.ports[vertices[target].index].name)
            << "' of a nested graph feeds itself without passing a neuron";
        continue;
      }
      marks[target] = Active;
      path.push_back({target, 0});
    }
  }
}

void Flattener::connect() {
  std::vector<unsigned> seenFrom(vertices.size(), 0); // start + 1
  SmallVector<unsigned> work;
  for (unsigned start = 0; start < vertices.size(); ++start) {
    const Vertex &vertex = vertices[start];
    if (vertex.isWire)
      continue;
    work.assign(1, start);
    while (!work.empty()) {
      unsigned at = work.pop_back_val();
      for (unsigned target : vertices[at].targets) {
        if (seenFrom[target] == start + 1) {
          // The start itself may be met again: a loop, once.
          const Vertex &met = vertices[target];
          reporter.error("nir-edge")
              << "'" << printable(graph.nodes[vertex.index].name)
              << "' reaches '"
              << printable(met.isWire ? graph.ports[met.index].name
                                      : graph.nodes[met.index].name)
              << "' in two ways through nested graphs, which would count it "
                 "twice";
          continue;
        }
        seenFrom[target] = start + 1;
        if (vertices[target].isWire) {
          graph.ports[vertices[target].index].sources.push_back(vertex.index);
          work.push_back(target);
        } else {
          graph.edges.push_back({vertex.index, vertices[target].index});
        }
      }
    }
  }
}

LogicalResult Flattener::run(Level &root) {
  graph.metadata = root.metadata;
  if (!root.graphs.empty())
    graph.nesting = describeNesting(root);
  SmallVector<unsigned> inputs, outputs;
  addLevel(root, inputs, outputs, /*isRoot=*/true);
  if (reporter.anyErrors())
    return failure();
  checkWires();
  if (reporter.anyErrors())
    return failure();
  connect();
  if (reporter.anyErrors())
    return failure();
  // Nodes in byte order of their names, as in a flat file.
  std::vector<unsigned> order(graph.nodes.size()), position(order.size());
  for (auto [i, at] : llvm::enumerate(order))
    at = i;
  llvm::sort(order, [&](unsigned a, unsigned b) {
    return graph.nodes[a].name < graph.nodes[b].name;
  });
  std::vector<NirNode> sorted;
  for (auto [i, at] : llvm::enumerate(order)) {
    position[at] = i;
    sorted.push_back(std::move(graph.nodes[at]));
  }
  graph.nodes = std::move(sorted);
  for (auto &[from, to] : graph.edges) {
    from = position[from];
    to = position[to];
  }
  llvm::sort(graph.edges);
  for (NirPort &port : graph.ports) {
    for (unsigned &source : port.sources)
      source = position[source];
    llvm::sort(port.sources);
  }
  graph.indexEdges();
  return success();
}

LogicalResult flatten(Level &root, Reporter &reporter, NirGraph &graph) {
  return Flattener(reporter, graph).run(root);
}

RawObject describeNesting(const Level &level) {
  RawObject result, ports, graphs;
  std::vector<std::string> leaves, edges;
  for (auto [name, leaf] : llvm::zip_equal(level.names, level.leaves)) {
    bool isPort = leaf.type == NodeType::Input || leaf.type == NodeType::Output;
    if (!isPort || level.path.empty()) {
      leaves.push_back(name);
      continue;
    }
    RawObject port;
    port.add("type", RawObject::fromString(getTypeName(leaf.type)));
    for (const auto &[field, object] : leaf.fields)
      port.add(field, *object);
    if (!leaf.metadata.members.empty())
      port.add("metadata", leaf.metadata);
    ports.add(name, std::move(port));
  }
  for (const auto &[name, inner] : level.graphs)
    graphs.add(name, describeNesting(inner));
  for (const auto &[from, to] : level.edges) {
    edges.push_back(from);
    edges.push_back(to);
  }
  auto strings = [](std::vector<std::string> list, bool pairs) {
    int64_t count = list.size();
    return pairs ? RawObject::fromStrings({count / 2, 2}, std::move(list))
                 : RawObject::fromStrings({count}, std::move(list));
  };
  result.add("edges", strings(std::move(edges), true));
  result.add("leaves", strings(std::move(leaves), false));
  result.add("ports", std::move(ports));
  if (!level.graphs.empty())
    result.add("graphs", std::move(graphs));
  if (!level.metadata.members.empty() && !level.path.empty())
    result.add("metadata", level.metadata);
  return result;
}

} // namespace nmc::nir
