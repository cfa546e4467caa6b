//===- NetworkModel.h - A spike.network as plain data ---------*- C++ -*-===//
//
// What mappers and cost models know of a network: populations, and projections
// between them.  A projection is one way from a source population to a target
// population, with all connections, views and delays on it composed.  Several
// projections may join the same two populations (residual branches), and one
// population may project to itself (recurrence).
//
//===----------------------------------------------------------------------===//
#ifndef NMC_ANALYSIS_NETWORKMODEL_H
#define NMC_ANALYSIS_NETWORKMODEL_H

#include "nmc/Analysis/SourceSet.h"

#include <string>

namespace nmc::analysis {

/// Distinct values of a parameter over a population: where hardware keeps
/// parameters in a small table, a core needs one entry per distinct value.
struct ConfigClasses {
  enum class Scope { One, Channel, Neuron };
  Scope scope = Scope::One;
  /// Class by first coordinate (Channel) or C-major index (Neuron).
  std::vector<int32_t> classOf;

  /// Distinct values among the neurons in `box` of a population of `shape`.
  int64_t countIn(const Box &box, llvm::ArrayRef<int64_t> shape) const;
};

struct Population {
  std::string name;
  /// Mnemonic of the op: "lif", "input", ...
  std::string op;
  /// Place in the source, as printed in reports.
  std::string location;
  Shape shape;
  int64_t stateWords = 0;
  /// A port of the network.
  bool isInput = false;
  /// Read by spike.output, directly or through views.
  bool isOutput = false;
  /// Without membrane: an input or a max-pool.
  bool membraneless = false;
  /// A spike subtracts the threshold instead of clearing the membrane.
  bool subtractiveReset = false;
  /// Bits of an event beyond its address: 0 for binary spikes; none for
  /// analogue streams.
  std::optional<unsigned> payloadBits = 0;
  /// State width of the fixed arithmetic, where the population has one.
  std::optional<unsigned> stateBits;
  ConfigClasses thresholds, parameters;

  int64_t neurons() const { return volume(shape); }
};

/// Weights that a core stores once for all neurons of its tile: `base` times
/// the extents of the tile along the axes in `axes`.
struct WeightSharing {
  int64_t base = 0;
  AxisList axes;

  int64_t countIn(const Box &box) const;
};

struct Projection {
  unsigned source = 0, target = 0; // positions in NetworkModel::populations
  Relation relation;
  /// Steps that events spend in delays on the way; 0 without.
  int64_t delay = 0;
  /// Absent where every synapse has a weight of its own.
  std::optional<WeightSharing> sharing;
  /// Share of non-zero weights, where known.
  std::optional<double> density;
  /// Width of a stored weight, once quantised.
  std::optional<unsigned> weightBits;
  /// All weights are one number (pools, identity).
  bool uniformWeight = false;
  /// Mnemonics of the connections on the way, from source to target.
  std::vector<std::string> connections;
  std::string location; // of the last connection

  /// Weights that a tile needs if what can be shared is shared.
  int64_t countWeights(const Box &targets) const;
};

struct NetworkModel {
  std::string name;
  std::vector<Population> populations;
  std::vector<Projection> projections;

  /// Position of a population, or none.
  std::optional<unsigned> find(llvm::StringRef population) const;
  /// Positions in an order in which, but for delayed projections, sources come
  /// before targets.
  std::vector<unsigned> topologicalOrder() const;
  /// Projections into a population, and out of it.
  std::vector<const Projection *> into(unsigned population) const;
  std::vector<const Projection *> outOf(unsigned population) const;
};

/// Extremes and sum of a count per neuron.
struct Spread {
  int64_t min = 0, max = 0, sum = 0;
};

/// Synapses per neuron of the target over all of `into` (fan-in), exact where
/// the distinct patterns per axis have at most 2^22 combinations; above, `max`
/// is the sum of the maxima and `min` that of the minima.
Spread fanIn(llvm::ArrayRef<const Projection *> into);
/// Synapses per neuron of the source over all of `outOf` (fan-out).
Spread fanOut(llvm::ArrayRef<const Projection *> outOf);

} // namespace nmc::analysis

#endif // NMC_ANALYSIS_NETWORKMODEL_H
