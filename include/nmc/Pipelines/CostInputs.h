//===- CostInputs.h - What the cost model is told ---------------*- C++ -*-===//
//
// The cost model takes plain figures.  Here they are gathered from the network,
// its activity, the target and the mapping.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_PIPELINES_COSTINPUTS_H
#define NMC_PIPELINES_COSTINPUTS_H

#include "dialects/Chip/Chip.h"
#include "dialects/Spike/Spike.h"
#include "nmc/Cost/CostModel.h"
#include "nmc/Exec/Activity.h"
#include "nmc/Mapping/Metrics.h"

namespace nmc::pipelines {

/// Neurons, synapses, weights and, with an activity, what happens per inference.
/// Counts that the activity does not hold are derived from its rates where
/// connectivity allows it, else absent.
cost::NetworkCounts countNetwork(spike::NetworkOp network,
                                 const analysis::NetworkModel &model,
                                 const exec::Activity *activity,
                                 int64_t steps);

/// Events per core and link.  `activity` gives the means over all samples;
/// `replay`, where given, holds the spikes of some samples, whose steps are timed
/// one by one.
cost::MappedCounts countMapped(const mapping::Problem &problem,
                               const mapping::Mapping &mapping,
                               const target::TargetInfo &target,
                               const exec::Activity *activity,
                               const exec::Activity *replay, int64_t steps);

/// Events per neuron and step, by population.
mapping::Problem::Rates getRates(const exec::Activity &activity);

/// Names and shapes of a network's populations.
std::vector<exec::PopulationShape> getPopulationShapes(spike::NetworkOp network);

} // namespace nmc::pipelines

#endif // NMC_PIPELINES_COSTINPUTS_H
