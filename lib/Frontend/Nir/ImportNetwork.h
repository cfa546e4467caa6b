//===- ImportNetwork.h - A NIR graph becomes a spike.network ----*- C++ -*-===//
#ifndef NMC_LIB_FRONTEND_NIR_IMPORTNETWORK_H
#define NMC_LIB_FRONTEND_NIR_IMPORTNETWORK_H

#include "Shapes.h"
#include "TimeInference.h"

#include "mlir/IR/Builders.h"

namespace nmc::nir {

/// A spike.network called `name` at the end of `module`; null after
/// diagnostics. Rules beyond those of the parts: [nir-cycle], [nir-dt] (a Delay
/// without a step), [nir-fan-in] (too many paths of linear nodes meet).
spike::NetworkOp buildNetwork(const NirGraph &graph, ArrayRef<NodeShape> shapes,
                              const TimeModel &time,
                              const ImportOptions &options, StringRef name,
                              Reporter &reporter, ModuleOp module);

/// The order in which streams depend on each other: for every node its rank,
/// and whether an edge from the stream of one node to another node closes a
/// cycle.  Linear nodes have no rank of their own.
class StreamOrder {
public:
  StreamOrder(const NirGraph &graph) : graph(graph) {}

  /// Fails, with a diagnostic, where a cycle has linear nodes alone.
  LogicalResult run(Reporter &reporter);

  /// Whether the stream of `from` must be delayed on its way to `to`.
  bool isBack(unsigned from, unsigned to) const {
    return component[from] == component[to] && rank[from] >= rank[to];
  }
  /// Nodes that are no linear maps, sources first.
  ArrayRef<unsigned> getOrder() const { return order; }

private:
  const NirGraph &graph;
  std::vector<unsigned> component, rank, order;
};

/// Nodes whose value is a stream of its own: Input, neurons, Output, and Delay
/// where it delays at all.
bool isStreamNode(const NirNode &node);

/// Adds a public function that encodes events, runs `network` for `steps`
/// steps and decodes what comes out.
void buildHostFunction(spike::NetworkOp network, int64_t steps,
                       ModuleOp module);

} // namespace nmc::nir

#endif // NMC_LIB_FRONTEND_NIR_IMPORTNETWORK_H
