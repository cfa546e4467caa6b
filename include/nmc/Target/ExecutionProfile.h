//===- ExecutionProfile.h - How a platform runs spiking models --*- C++ -*-===//
//
// NIR states differential equations; every platform turns them into time steps
// in its own way.  An execution profile (targets/profiles/<name>.yaml) states
// one platform's way as data: the #spike.dynamics of each kind of population,
// what becomes of NIR's parameters, where delays sit, what is refused, and, for
// platforms of integers, the rule that quantises.  The pass spike-apply-profile
// writes it onto a network; after that nobody asks for the platform's name.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_TARGET_EXECUTIONPROFILE_H
#define NMC_TARGET_EXECUTIONPROFILE_H

#include "dialects/Spike/Spike.h"
#include "nmc/Target/Yaml.h"

#include "llvm/Support/raw_ostream.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nmc::target {

//===----------------------------------------------------------------------===//
// What becomes of NIR's parameters: closed lists of named rules
//===----------------------------------------------------------------------===//

/// r, the factor on what enters the membrane; g is the profile's input_gain.
enum class RRule {
  Keep,      // g·r
  Ignored,   // g alone
  Threshold, // theta / (g·r), then a gain of 1; v_leak and v_reset alike
  One,       // refused unless r is 1
  Unit,      // refused unless r·dt/tau is 1, which is then the gain
};

/// w_in, the factor on what enters the synaptic current.
enum class WInRule {
  Step,        // as it stands, a factor per step
  Euler,       // w_in·dt/tau_syn
  Exponential, // w_in·(1 - exp(-dt/tau_syn))
  Ignored,     // 1
  Threshold,   // theta / (w_in·dt/tau_syn), then 1; v_leak and v_reset alike
};

enum class LeakRule {
  Keep,
  Ignored, // 0
  Zero,    // refused unless it is 0
  Bias,    // becomes a constant drive of the membrane, and 0
};

enum class ResetRule {
  Keep,    // reset to v_reset, where that is not 0
  Ignored, // 0
  Zero,    // refused unless it is 0
};

enum class TauRule {
  Keep,
  Refit, // tau_syn := -dt / ln(1 - dt/tau_syn), whose exp(-dt/tau) is Euler's
  Round, // to the nearest power of two of steps (bit shifts)
};

/// Where the step of a recurrent loop passes.
enum class LoopDelay {
  BeforeWeights,
  BehindWeights, // no bias of the loop then acts in step 0
  InOutput, // in the population's output_delay or fire_on_old: none of its own
};

/// What the bias of a connection drives where there is a synaptic current.
enum class BiasDrive {
  Synapse,
  Membrane, // b / (1 - alpha): what the synaptic current comes to in the end
};

/// What becomes of a bias inside a recurrent loop.
enum class LoopBias {
  Kept,           // acts from step 0
  MissingAtStart, // not in step 0, when nothing has come round yet
  Dropped,        // never
};

/// What a platform refuses.
enum class Constraint {
  UniformTau,       // tau, tau_mem, tau_syn: one number per population
  UniformThreshold, // likewise
  UniformR,
  UniformReset,
  PositiveThreshold,
  NoRecurrence,
  NoDelay,    // other than the step of a recurrent loop
  TauAboveDt, // dt < tau: an Euler factor below 0 oscillates
  SmallPool,  // sum pools of 1, 2 or 4
};

/// Thresholds at which a membrane is held from below.
enum class FloorRule { None, Value, MinusThreshold };

//===----------------------------------------------------------------------===//
// The profile
//===----------------------------------------------------------------------===//

/// One kind of population.
struct PopulationProfile {
  /// `reset` is the default one; v_floor, v_ceiling, v_init and arithmetic are
  /// not used.
  spike::Dynamics dynamics;
  /// What `reset=` may choose; the default is among them.
  SmallVector<spike::Reset, 3> resets;
  FloorRule floorRule = FloorRule::None;
  std::optional<double> floor, ceiling;
  /// Steps from an event to the synapses that it reaches, in front of every
  /// connection into such a population; from inputs apart.
  int64_t arrival = 0, inputArrival = 0;
  /// An `if` that in truth leaks by this factor per step.
  std::optional<double> leakFactor;

  RRule r = RRule::Keep;
  WInRule wIn = WInRule::Euler;
  LeakRule leak = LeakRule::Keep;
  ResetRule reset = ResetRule::Keep;
  TauRule tauSyn = TauRule::Keep;

  Location loc;
  explicit PopulationProfile(Location loc) : loc(loc) {}
};

/// The rule that turns floats into a platform's numbers, with its parameters;
/// docs/guide/execution-profiles.md has the formulas.
struct QuantizerRule {
  std::string name;
  std::map<std::string, int64_t> parameters;
  Location loc;
  explicit QuantizerRule(Location loc) : loc(loc) {}

  /// A parameter that the schema says is there.
  int64_t get(StringRef parameter) const;
};

struct ExecutionProfile {
  std::string name, description, source;
  /// Of the file, for reports.
  std::string path, sha256;
  Location loc;

  /// Time step that the platform itself uses where it is told none, in seconds;
  /// only ever proposed, never assumed.
  std::optional<double> usualDt;
  spike::StateScope state = spike::StateScope::Sample;
  /// By mnemonic ("cuba_lif"); what is not there, the platform does not have.
  std::map<std::string, PopulationProfile> populations;

  LoopDelay loopDelay = LoopDelay::BeforeWeights;
  LoopBias loopBias = LoopBias::Kept;
  BiasDrive biasDrive = BiasDrive::Synapse;
  /// Most events that an input neuron delivers in one step.
  std::optional<int64_t> inputEvents;
  /// Most spikes per step of populations that the network returns.
  std::optional<int64_t> readoutSpikes;

  std::vector<Constraint> constraints;
  /// Integer arithmetic; null: float.
  spike::FixedAttr arithmetic;
  /// Width of a population's summed synaptic input.
  int64_t currentBits = 32;
  std::optional<QuantizerRule> quantizer;

  explicit ExecutionProfile(Location loc) : loc(loc) {}
  bool has(Constraint constraint) const;
};

/// Words of the closed lists, as YAML and diagnostics write them.
StringRef stringify(RRule rule);
StringRef stringify(WInRule rule);
StringRef stringify(LeakRule rule);
StringRef stringify(ResetRule rule);
StringRef stringify(TauRule rule);
StringRef stringify(LoopDelay delay);
StringRef stringify(LoopBias bias);
StringRef stringify(BiasDrive drive);
StringRef stringify(Constraint constraint);

//===----------------------------------------------------------------------===//
// Finding and loading
//===----------------------------------------------------------------------===//

/// Loads a profile by name or file (anything with a '/', or that ends in .yaml
/// or .yml). Names are looked up as <folder>/profiles/<name>.yaml in
/// `searchPaths`, then among those of the program.
///
/// Faults are errors at their places, all at once. Rules: those of parseYaml
/// and `profile-unknown`, `profile-file`, `schema-version`, `unknown-key`,
/// `missing-key`, `enum-value`, `integer-value`, `number-value`,
/// `mapping-expected`, `list-expected`, `value-expected`, `profile-name`,
/// `profile-reset` (the default is not allowed), `profile-arithmetic` (integer
/// arithmetic and quantiser go together), those of quantities for `timestep`.
FailureOr<ExecutionProfile>
loadExecutionProfile(StringRef name, ArrayRef<std::string> searchPaths,
                     MLIRContext *context);

/// Names of all profiles, sorted.
std::vector<std::string> findProfileNames(ArrayRef<std::string> searchPaths);

/// A profile that is part of the program.
struct EmbeddedProfile {
  StringRef name, path, text;
};
/// As registerTarget.
void registerProfile(const EmbeddedProfile &profile);
ArrayRef<EmbeddedProfile> getEmbeddedProfiles();

/// A quantiser: parameters with default and range.
struct QuantizerFact {
  struct Parameter {
    StringLiteral name;
    int64_t byDefault, minimum, maximum;
  };
  StringLiteral name;
  ArrayRef<Parameter> parameters;
  /// Results are integers with #spike.fixed; else scaled floats.
  bool isInteger;
  StringLiteral meaning; // Markdown, with the formulas
};
ArrayRef<QuantizerFact> getQuantizerFacts();
const QuantizerFact *findQuantizerFact(StringRef name);

/// The guide's page on profiles: what all of the program's do, with equations.
void printProfilesGuide(raw_ostream &os, MLIRContext *context);

} // namespace nmc::target

#endif // NMC_TARGET_EXECUTIONPROFILE_H
