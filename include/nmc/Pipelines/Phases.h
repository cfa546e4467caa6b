//===- Phases.h - The way from a model to a mapping -------------*- C++ -*-===//
//
// One enumeration of phases; --compile-to, --dump-phases-to and the tests that
// run phases one by one are derived from it.  Each phase is a pass pipeline in
// text form, so that nmc-opt runs exactly what nmc runs.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_PIPELINES_PHASES_H
#define NMC_PIPELINES_PHASES_H

#include "nmc/Support/ExitCode.h"
#include "nmc/Support/LLVM.h"

#include <optional>
#include <string>
#include <vector>

namespace nmc::pipelines {

enum class Phase {
  Import,    // the model file as IR
  Tosa,      // operators have a meaning
  Spike,     // populations and connections, graded and float
  Target,    // the chip beside them
  Profile,   // how a platform steps through spiking dynamics
  Legal,     // only what the chip has
  Ranges,    // observed activations
  Rate,      // binary spikes over time
  Quantized, // integers of the chip's widths
  Partition, // tiles
  Placement, // tiles on cores
  Routing    // routes, link loads, metrics
};

struct PhaseInfo {
  Phase phase;
  /// Word for the command line and for file names.
  StringRef name;
  StringRef description;
  /// What nmc exits with when the phase fails.
  ExitCode failure;
};

/// All phases in order.
ArrayRef<PhaseInfo> getPhases();
const PhaseInfo &getPhaseInfo(Phase phase);
/// The phase of that name, or none.
std::optional<Phase> parsePhase(StringRef name);

/// What the passes of the phases need to know.
struct PhaseOptions {
  // Target
  std::string target;
  std::vector<std::string> targetPaths;
  std::string costProfile;
  std::vector<std::string> overrides;
  // Data
  std::string calibration, preprocess;
  int64_t calibrationSamples = 128;
  // Spiking models
  /// The execution profile that is applied; empty: none.
  std::string profile;
  /// Model time per step in seconds, where stated.
  std::optional<double> dt;
  /// "sample", "stream", or empty for the profile's own.
  std::string state;
  // Conversion
  int64_t steps = 64;
  /// "zero", "subtract", or empty for the target's own.
  std::string reset;
  /// What the target's own is.
  std::string defaultReset = "zero";
  /// Whether the target's events are binary: the network becomes rate coded.
  bool binary = true;
  /// Scale and zero point of the stored data, where the data are integers.
  std::optional<double> inputScale, inputZeroPoint;
  // Mapping
  std::string activity;
  std::string placer = "hilbert";
  int64_t chips = 1;
};

/// The passes of a phase as nmc-opt's --pass-pipeline takes them, without the
/// anchor; empty where the phase does nothing under these options.
std::string getPhasePipeline(Phase phase, const PhaseOptions &options);

/// Runs the passes of a phase on `module`.
LogicalResult runPhase(Phase phase, const PhaseOptions &options,
                       ModuleOp module);

} // namespace nmc::pipelines

#endif // NMC_PIPELINES_PHASES_H
