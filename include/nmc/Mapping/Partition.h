//===- Partition.h - Cutting populations into tiles -----------*- C++ -*-===//
#ifndef NMC_MAPPING_PARTITION_H
#define NMC_MAPPING_PARTITION_H

#include "nmc/Mapping/Problem.h"

namespace nmc::mapping {

/// How one population was cut.
struct LayerPlan {
  unsigned population = 0;
  unsigned coreType = 0;
  /// Extent of a tile along each axis; the last tile of an axis may be smaller.
  analysis::Shape tile;
  int64_t cores = 0;
  /// Events into its cores if every source neuron sends one.
  double deliveries = 0;
  /// Names of the limits that forbid every cut into fewer cores, such as
  /// "neurons"; empty for a population on one core.
  std::vector<std::string> binding;
};

struct PartitionResult {
  /// One tile per core, cores numbered in topological order of the populations
  /// and C-major order of the tiles.  Absent where the network does not fit.
  std::optional<Mapping> mapping;
  /// All populations that could be cut, in topological order.
  std::vector<LayerPlan> layers;
  /// Why it does not fit; empty exactly where there is a mapping.
  std::vector<Violation> violations;
};

/// Cuts every population by itself into equal tiles (channel × y × x, or
/// whatever axes it has), each on a core of its own: fewest cores under all
/// limits, then fewest deliveries.  Runs Problem::check() first and verify()
/// last.  Cost: the divisions of the axes times their lengths, never neurons.
PartitionResult partitionLayerPure(const Problem &problem);

} // namespace nmc::mapping

#endif // NMC_MAPPING_PARTITION_H
