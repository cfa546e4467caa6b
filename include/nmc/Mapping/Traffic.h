//===- Traffic.h - Which neurons send to which cores ----------*- C++ -*-===//
//
// Everything about the traffic of a mapping follows from one walk: for each
// tile the sets of neurons that have the same destinations, as products of
// interval sets.  The walk is exact and costs as much as there are such sets,
// whatever the number of neurons.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_MAPPING_TRAFFIC_H
#define NMC_MAPPING_TRAFFIC_H

#include "nmc/Mapping/Problem.h"

namespace nmc::mapping {

/// A population on a core that receives an event.
struct Destination {
  int64_t core = 0; // Hardware::index
  unsigned population = 0;
  /// Synapses that one event reaches there.
  int64_t synapses = 0;
};

/// Neurons of one tile that all have the same destinations.
struct SenderGroup {
  unsigned population = 0;
  /// Tile of the population, and its core; both -1 for a population that
  /// occupies no core.
  int64_t tile = -1;
  int64_t core = -1;
  const analysis::CellSet *neurons = nullptr;
  int64_t count = 0;
  /// Events of all neurons together per step.
  double rate = 0;
  /// By core, then by population; the sender's own core may be among them.
  llvm::ArrayRef<Destination> destinations;
  /// Different cores among the destinations.
  int64_t cores = 0;
};

/// Calls `fn` for every group with at least one destination, population by
/// population, tile by tile.  Events that use no axons are left out.  Boxes
/// must lie inside their populations.
void forEachSenderGroup(const Problem &problem, const Mapping &mapping,
                        llvm::function_ref<void(const SenderGroup &)> fn);

} // namespace nmc::mapping

#endif // NMC_MAPPING_TRAFFIC_H
