//===- Enumerate.h - Networks and mappings neuron by neuron ---*- C++ -*-===//
//
// The oracle of the mapping tests: a random network described twice, once for
// the analysis and once as an explicit list of synapses that is expanded from
// AxisRelation::related alone, and everything that a mapping implies, counted
// neuron by neuron.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_TEST_UNIT_MAPPING_ENUMERATE_H
#define NMC_TEST_UNIT_MAPPING_ENUMERATE_H

#include "nmc/Mapping/Metrics.h"

#include <random>
#include <set>

namespace nmc::test {

using analysis::Shape;
using mapping::Events;
using mapping::Mapping;
using mapping::Problem;

/// synapses[projection][target neuron] = source neurons.
using Synapses = std::vector<std::vector<std::vector<int64_t>>>;

struct RandomNetwork {
  analysis::NetworkModel model;
  Synapses synapses;
};

/// Two to six populations with shapes of up to 2×6×6, joined by chains of
/// convolutions (stride beyond kernel, dilation, groups, pads), transposed
/// convolutions, pools, dense layers, reshapes, transposes, slices and
/// upsampling; with residual branches and delayed recurrence.
RandomNetwork makeNetwork(std::mt19937 &random);

Shape coordinate(int64_t index, llvm::ArrayRef<int64_t> shape);

/// What a mapping implies, by exhaustive enumeration.
struct Counted {
  struct Core {
    double neurons = 0, axonsIn = 0, axonsOut = 0, memory = 0;
    int64_t synapses = 0;
  };
  std::map<int64_t, Core> cores;
  double remote = 0, self = 0, external = 0, hops = 0, multicastHops = 0;
  double largestUnicast = 0, largestMulticast = 0;
  int64_t mostDestinations = 0;
  /// By core and population.
  std::map<std::pair<int64_t, unsigned>, Events> parts;
};

/// `events[population][neuron]` are the events of one step.
Counted enumerate(const Problem &problem, const Synapses &synapses,
                  const Mapping &mapping,
                  const std::vector<std::vector<double>> &events);

/// Every limit that a mapping breaks, by the names of the rules, from the
/// counts alone.
std::set<std::string> brokenCaps(const Problem &problem,
                                 const Counted &counted);

} // namespace nmc::test

#endif // NMC_TEST_UNIT_MAPPING_ENUMERATE_H
