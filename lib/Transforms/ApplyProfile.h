//===- ApplyProfile.h - An execution profile on a network -------*- C++ -*-===//
#ifndef NMC_LIB_TRANSFORMS_APPLYPROFILE_H
#define NMC_LIB_TRANSFORMS_APPLYPROFILE_H

#include "ParameterValues.h"

#include "dialects/Spike/Spike.h"
#include "nmc/Support/Rule.h"
#include "nmc/Target/ExecutionProfile.h"
#include "nmc/Target/TargetInfo.h"

#include <optional>
#include <string>

namespace nmc {

/// Discardable attributes that the pass leaves: the profile's name on the
/// network; on an op whose parameters it rewrote, what they were.
inline constexpr StringLiteral kProfileAttrName = "execution_profile";
inline constexpr StringLiteral kNirParametersAttrName = "nir_parameters";

struct ApplyOptions {
  /// What a spike does to the membrane; empty: the profile's default.
  std::string reset;
  /// Seconds per step; absent: the network's.
  std::optional<double> dt;
  /// State is cleared every so many steps, the populations one after the other
  /// as events reach them; 0: never. `clearShift` is added to their offsets.
  int64_t clearPeriod = 0, clearShift = 0;
  /// Widths that a chip states go before those of the profile; may be null.
  const target::TargetInfo *target = nullptr;
};

/// One population under a profile: NIR's parameters, then those of the
/// platform.
struct Neurons {
  spike::PopulationOpInterface op;
  const target::PopulationProfile *profile = nullptr;
  spike::Dynamics dynamics;
  int64_t count = 0;
  bool leaks = false, synapse = false, spikes = false;

  Values tau, tauSyn, r, wIn, leak, reset, threshold;
  /// Constant drive of the membrane; absent: none.
  std::optional<Values> bias;

  StringRef getName() { return op.getPopulationName(); }
  ArrayRef<int64_t> getShape() { return spike::getShape(op.getEvents()); }
  Location getLoc() { return op->getLoc(); }
  StringRef tauName() const { return synapse ? "tau_mem" : "tau"; }
  /// Factor per step of a time constant under `dynamics.decay`, in reals.
  double getFactor(double tauValue, double dt) const;
  /// The input gain per step under `dynamics.input_gain`, without r.
  Values getGain(std::optional<double> dt) const;
};

/// Rewrites a network as the platform would run it. Fails after diagnostics:
/// docs/guide/execution-profiles.md lists the rules.
LogicalResult applyProfile(spike::NetworkOp network,
                           const target::ExecutionProfile &profile,
                           const ApplyOptions &options);

/// Checks `reset` and `dt` (0: none) as options give them.
FailureOr<ApplyOptions> makeApplyOptions(Operation *module, StringRef reset,
                                         double dt);

/// Folders between semicolons.
std::vector<std::string> splitFolders(StringRef path);

/// Reads the parameters of `neurons.op`, as NIR has them.
LogicalResult readParameters(Neurons &neurons);

/// Turns what was read into the platform's numbers; writes nothing yet.
LogicalResult applyParameterRules(Neurons &neurons, std::optional<double> dt);

/// Checks the constraints that concern one population, on NIR's parameters.
LogicalResult checkConstraints(Neurons &neurons,
                               const target::ExecutionProfile &profile,
                               std::optional<double> dt);

/// Sets an inherent attribute, or removes it where `value` is null; what stood
/// there goes into `nir_parameters`, unless something does already.
void rewriteAttribute(Operation *op, StringRef name, Attribute value);

/// All connections that a current passes on its way from streams.
void collectConnections(Value current,
                        SmallVectorImpl<spike::ConnectionOpInterface> &result);

/// Whether `to` is reached from the results of `from` (or is fed by itself).
bool reaches(Operation *from, Operation *to);

/// Whether a delay stands between a stream and its population, views aside.
bool isDelayed(Value stream);

/// Turns the network, whose populations are `neurons`, into the platform's
/// numbers.
LogicalResult quantizeByProfile(spike::NetworkOp network,
                                const target::ExecutionProfile &profile,
                                MutableArrayRef<Neurons> neurons, double dt,
                                const target::TargetInfo *target);

} // namespace nmc

#endif // NMC_LIB_TRANSFORMS_APPLYPROFILE_H
