//===- Graph.h - A NIR graph as plain data ----------------------*- C++ -*-===//
//
// RawObject → NirGraph: types and fields of every node are checked, nested
// graphs are inlined, edges refer to nodes by index.  Everything behind this
// can rely on fields that are there, of the right kind and finite.
//
// Rules: [nir-file] no graph in the file; [nir-graph] a graph without nodes or
// edges, nested too deep, or with ports that edges cannot tell apart;
// [nir-type] unknown primitive; [nir-field] a field is missing, unknown or of
// the wrong kind; [nir-value] a number that cannot be; [nir-edge] dangling or
// duplicate edges; [nir-name] two nodes of one name; [nir-cycle] a loop that
// nothing delays.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_FRONTEND_NIR_GRAPH_H
#define NMC_LIB_FRONTEND_NIR_GRAPH_H

#include "nmc/Frontend/Nir/Raw.h"
#include "nmc/Support/Rule.h"

#include "llvm/ADT/StringMap.h"

#include <deque>
#include <map>

namespace nmc::nir {

enum class NodeType : uint8_t {
  Input,
  Output,
  Affine,
  Linear,
  Scale,
  Conv1d,
  Conv2d,
  SumPool2d,
  AvgPool2d,
  Flatten,
  I,
  LI,
  IF,
  LIF,
  CubaLI,
  CubaLIF,
  Delay,
  Threshold,
  Graph
};

/// The name in files: "CubaLIF", "NIRGraph".
StringRef getTypeName(NodeType type);
std::optional<NodeType> parseTypeName(StringRef name);

/// Neurons: what has a population.
bool isNeuron(NodeType type);
/// Linear maps: Affine, Linear, Scale, convolutions and pools.
bool isConnection(NodeType type);

/// What a field of a primitive holds.
struct FieldSpec {
  enum Kind : uint8_t {
    Real,    // numbers, finite
    Sizes,   // integers: one, or one per space axis
    Padding, // Sizes, or "same" or "valid"
    Shape,   // integers of rank 1 (or one)
    Whole    // one integer, of either sign
  };
  StringRef name;
  Kind kind;
  bool required = true;
};
/// The fields of a type, in the order of the reference.
ArrayRef<FieldSpec> getFields(NodeType type);

/// A node of a flat graph.  Fields live in the RawObject that was parsed.
struct NirNode {
  std::string name; // of nested graphs joined with "."
  NodeType type = NodeType::Input;
  std::map<StringRef, const RawObject *> fields;
  /// Metadata and unknown fields of the file.
  RawObject metadata;
  bool isImplied = false; // an Input that the file does not have

  const RawObject *find(StringRef field) const {
    auto it = fields.find(field);
    return it == fields.end() ? nullptr : it->second;
  }
  /// A numeric field, or null.
  const Array *numbers(StringRef field) const {
    const RawObject *object = find(field);
    return object && object->kind == RawObject::Kind::Numbers ? &object->numbers
                                                              : nullptr;
  }
  /// A text field ("same"), or empty.
  StringRef text(StringRef field) const {
    const RawObject *object = find(field);
    return object && object->kind == RawObject::Kind::Strings
               ? StringRef(object->strings.front())
               : StringRef();
  }
  /// The integers of a field; empty where it is absent.
  SmallVector<int64_t, 4> ints(StringRef field) const;
};

/// An Input or Output of a nested graph, which inlining dissolves.
struct NirPort {
  std::string name;
  NodeType type = NodeType::Input;
  SmallVector<int64_t, 4> shape;    // as the file states it
  SmallVector<unsigned, 2> sources; // nodes whose output passes
};

struct NirGraph {
  std::string version;
  std::vector<NirNode> nodes;
  /// Pairs of indices, sorted, without repetition.
  std::vector<std::pair<unsigned, unsigned>> edges;
  RawObject metadata; // of the root
  /// Ports of nested graphs, and those graphs as they stood: per graph a group
  /// of 'edges', 'graphs' (by name), 'leaves' (names), 'ports' (nodes of the
  /// file) and 'metadata'.
  std::vector<NirPort> ports;
  RawObject nesting;
  bool isNested() const { return !ports.empty() || nesting.find("graphs"); }

  /// Fields of nodes that the file does not have.
  std::deque<RawObject> owned;

  /// Sources and targets of every node, in the order of `edges`.
  std::vector<SmallVector<unsigned, 2>> sources, targets;
  void indexEdges();
};

/// Reports faults of a graph at its nodes; of each rule only the first few
/// errors and warnings are written out.
class Reporter {
public:
  Reporter(Location file) : file(file) {}

  Location getFile() const { return file; }
  /// `"name"(file)`.
  Location getLoc(StringRef node) const;

  /// Errors at the file, or at a node, whose name starts the message.
  RuleDiagnostic error(StringRef rule);
  RuleDiagnostic error(const NirNode &node, StringRef rule) {
    return error(node.name, node.type, rule);
  }
  RuleDiagnostic error(StringRef node, NodeType type, StringRef rule);
  RuleDiagnostic warning(const NirNode &node, StringRef rule);
  RuleDiagnostic warning(StringRef rule);
  RuleDiagnostic remark(const NirNode &node, StringRef rule);
  RuleDiagnostic remark(StringRef rule);

  bool anyErrors() const { return errors != 0; }

private:
  RuleDiagnostic start(Location loc, mlir::DiagnosticSeverity severity,
                       StringRef rule);

  static constexpr unsigned kMaxPerRule = 20;
  Location file;
  unsigned errors = 0;
  llvm::StringMap<unsigned> perRule;
};

/// A number as "%g" prints it.
std::string formatNumber(double value);

/// "'lif' (LIF)" as messages name nodes.
std::string describe(const NirNode &node);

/// Parses /node of a file and inlines nested graphs. `file` must outlive the
/// result.
FailureOr<NirGraph> parseGraph(const RawObject &file, Reporter &reporter);

/// The name of the closest candidate, if any is close: for "did you mean".
std::optional<StringRef> findClosest(StringRef name,
                                     ArrayRef<StringRef> candidates);

//===----------------------------------------------------------------------===//
// Inside parseGraph
//===----------------------------------------------------------------------===//

/// A graph of the file before inlining.
struct Level {
  std::string path; // "" of the root
  std::vector<NirNode> leaves;
  std::vector<std::string> names; // of the leaves, without the path
  std::vector<std::pair<std::string, Level>> graphs;
  std::vector<std::pair<std::string, std::string>> edges;
  RawObject metadata;
};

/// Inlines the nested graphs of `root` into `graph`, and takes its nodes.
LogicalResult flatten(Level &root, Reporter &reporter, NirGraph &graph);

/// The group `nesting` of NirGraph.
RawObject describeNesting(const Level &level);

} // namespace nmc::nir

#endif // NMC_LIB_FRONTEND_NIR_GRAPH_H
