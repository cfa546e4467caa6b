//===- Levels.h - What the levels of the cost model share -------*- C++ -*-===//
#ifndef NMC_LIB_COST_LEVELS_H
#define NMC_LIB_COST_LEVELS_H

#include "nmc/Cost/CostModel.h"

namespace nmc::cost::detail {

/// Footprint, NeuroBench's counts and one layer per population, with what
/// follows from the network and its activity alone.
void addNetworkKpis(CostResult &result, const NetworkCounts &network);

/// Lists the cost values that a result rests on.
void addAssumptions(CostResult &result, const target::TargetInfo &target,
                    ArrayRef<std::string> names);

/// Says which values are of a kind that must not be added, and which terms the
/// target does not state.
void addEnergyNotes(CostResult &result, const EnergyModel &model,
                    const EventCounts &total, double ioBits,
                    const target::TargetInfo &target);

/// "a, b and c".
std::string join(ArrayRef<std::string> names);

inline constexpr StringLiteral noActivity =
    "no activity: give input data or an activity profile";

} // namespace nmc::cost::detail

#endif // NMC_LIB_COST_LEVELS_H
