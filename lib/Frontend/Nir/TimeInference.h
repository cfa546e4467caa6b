//===- TimeInference.h - Units of time and the step of a NIR graph -*- C++
//-*-===//
//
// NIR states neither the unit of time constants nor the length of a step.
// Frameworks leave traces of both: docs/rationale/nir.md lists them.
//
// Rules: [nir-time-unit] a unit that is unknown, or was guessed; [nir-dt] steps
// that contradict each other; [nir-value] a time constant that is not positive.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_FRONTEND_NIR_TIMEINFERENCE_H
#define NMC_LIB_FRONTEND_NIR_TIMEINFERENCE_H

#include "Graph.h"
#include "nmc/Frontend/Nir/Import.h"

namespace nmc::nir {

struct TimeModel {
  /// Model time per step in seconds, where it is given or inferred.
  std::optional<double> dt;
  /// Seconds per unit of the file; 1 where values stay as they are.
  double unit = 1;
  /// Whether the file counts time in steps.
  bool inSteps = false;
};

/// The step that fields of one node imply, in units of the file, and how.
struct StepEvidence {
  double dt;
  std::string how;
};
std::optional<StepEvidence> inferStep(const NirNode &node);

/// Time of a graph under `options`; failure after diagnostics.
FailureOr<TimeModel> inferTime(const NirGraph &graph,
                               const ImportOptions &options,
                               Reporter &reporter);

} // namespace nmc::nir

#endif // NMC_LIB_FRONTEND_NIR_TIMEINFERENCE_H
