//===- ExecutionProfileDocs.cpp - The guide's page on profiles ------------===//
//
// Equations are put together from the same attributes that the pass writes, so
// that the page cannot say something else than what runs.
//
//===----------------------------------------------------------------------===//

#include "nmc/Target/ExecutionProfile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace nmc;
using namespace nmc::target;

static std::string number(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.9g", value);
  return text;
}

//===----------------------------------------------------------------------===//
// Equations
//===----------------------------------------------------------------------===//

namespace {
/// Writes what one kind of population computes in a step.
class Equations {
public:
  Equations(const ExecutionProfile &profile, StringRef kind,
            const PopulationProfile &population)
      : profile(profile), p(population), d(population.dynamics), kind(kind) {
    leaks = kind == "lif" || kind == "cuba_lif" || kind == "li" ||
            kind == "cuba_li" || p.leakFactor;
    synapse = kind.starts_with("cuba");
    spikes = kind == "if" || kind == "lif" || kind == "cuba_lif" ||
             kind == "threshold";
    tau = synapse ? "τ_mem" : "τ";
  }

  std::string current() const;
  std::string membrane() const;
  std::string count() const;
  std::string reset() const;

private:
  std::string decayed(StringRef state, StringRef tauName) const;
  std::string threshold() const;
  std::string gain() const;

  const ExecutionProfile &profile;
  const PopulationProfile &p;
  const spike::Dynamics &d;
  StringRef kind;
  bool leaks, synapse, spikes;
  std::string tau;
};
} // namespace

/// What a step leaves of a state.
std::string Equations::decayed(StringRef state, StringRef tauName) const {
  std::string own = state.str();
  bool sum = own.find(' ') != std::string::npos;
  std::string inside = sum ? "(" + own + ")" : own;
  if (p.leakFactor)
    return number(*p.leakFactor) + "·" + inside;
  bool refitted = tauName == "τ_syn" && p.tauSyn == TauRule::Refit;
  switch (d.decay) {
  case spike::DecayKind::None:
    return own;
  case spike::DecayKind::Euler:
    return ("(1 − dt/" + tauName + ")·" + inside).str();
  case spike::DecayKind::Exponential:
    return refitted ? ("(1 − dt/" + tauName + ")·" + inside).str()
                    : ("e^(−dt/" + tauName + ")·" + inside).str();
  case spike::DecayKind::Factor:
    return tauName.str() + "·" + inside;
  case spike::DecayKind::Fixed: {
    StringRef name = tauName == "τ_syn" ? "d_syn" : "d";
    std::string full = "2^" + std::to_string(profile.arithmetic.getDecayBits());
    return ("(" + inside + "·(" + full + " − " + name + ")) / " + full).str();
  }
  case spike::DecayKind::BitShift: {
    StringRef name = tauName == "τ_syn" ? "d_syn" : "d";
    return (Twine(own) + " − (" + inside + " >> " + name + ")").str();
  }
  }
  return own;
}

std::string Equations::current() const {
  if (!synapse)
    return "i := x";
  std::string input = "x";
  switch (p.wIn) {
  case WInRule::Step:
    input = "w_in·x";
    break;
  case WInRule::Euler:
    input = "w_in·dt/τ_syn·x";
    break;
  case WInRule::Exponential:
    input = "w_in·(1 − e^(−dt/τ_syn))·x";
    break;
  case WInRule::Ignored:
  case WInRule::Threshold:
    break;
  }
  if (d.synapseOrder == spike::SynapseOrder::AddThenDecay) {
    if (d.decay == spike::DecayKind::BitShift)
      return "i := i + " + input + "; i := " + decayed("i", "τ_syn");
    return "i := " + decayed("i + " + input, "τ_syn");
  }
  return "i := " + decayed("i", "τ_syn") + " + " + input;
}

/// The factor on the current, with a point behind it; empty for 1.
std::string Equations::gain() const {
  std::string text;
  if (p.r == RRule::Threshold || p.r == RRule::Unit)
    return text;
  switch (d.inputGain) {
  case spike::InputGain::Unit:
    break;
  case spike::InputGain::Step:
    text = "dt·";
    break;
  case spike::InputGain::Euler:
    text = "dt/" + tau + "·";
    break;
  case spike::InputGain::Exponential:
    text = "(1 − e^(−dt/" + tau + "))·";
    break;
  }
  return p.r == RRule::Keep ? text + "r·" : text;
}

std::string Equations::membrane() const {
  if (kind == "threshold")
    return "v := i";
  if (d.order == spike::Order::WithinStep)
    return "v follows " + tau + "·dv/dt = (v_leak − v) + r·i through the step";
  std::string old = leaks && !p.leakFactor && p.leak == LeakRule::Keep
                        ? "v_leak + " + decayed("v − v_leak", tau)
                        : (leaks ? decayed("v", tau) : std::string("v"));
  std::string text = "v := " + old + " + " + gain() + "i";
  bool moved = profile.biasDrive == BiasDrive::Membrane && synapse;
  if (moved)
    text += " + " + gain() +
            (d.synapseOrder == spike::SynapseOrder::AddThenDecay ? "b·α/(1 − α)"
                                                                 : "b/(1 − α)");
  if (p.leak == LeakRule::Bias && leaks)
    text += " + v_leak";
  std::string low, high;
  if (p.floorRule == FloorRule::MinusThreshold)
    low = "−θ";
  else if (p.floorRule == FloorRule::Value)
    low = number(*p.floor);
  if (p.ceiling)
    high = number(*p.ceiling);
  if (!low.empty() && !high.empty())
    text += ", held in [" + low + ", " + high + "]";
  else if (!low.empty())
    text += ", at least " + low;
  else if (!high.empty())
    text += ", at most " + high;
  return text;
}

std::string Equations::threshold() const {
  std::string text = "θ";
  if (p.r == RRule::Threshold)
    text += leaks ? " / (r·dt/" + tau + ")" : " / r";
  if (synapse && p.wIn == WInRule::Threshold)
    text += " / (w_in·dt/τ_syn)";
  return text;
}

std::string Equations::count() const {
  if (!spikes)
    return "sends v";
  std::string compare = d.compare == spike::Compare::Greater ? " > " : " ≥ ";
  std::string v = d.order == spike::Order::FireOnOld ? "v of the step before"
                                                     : std::string("v");
  if (d.order == spike::Order::WithinStep)
    return "one at each moment when v" + compare + threshold() + ", up to " +
           std::to_string(d.maxSpikesPerStep);
  std::string when = v + compare + threshold();
  if (d.maxSpikesPerStep == 1)
    return "1 where " + when;
  return "min(⌊v/θ⌋, " + std::to_string(d.maxSpikesPerStep) + ") where " + when;
}

std::string Equations::reset() const {
  if (!spikes || kind == "threshold")
    return "";
  SmallVector<std::string> ways;
  SmallVector<spike::Reset> order = {d.reset};
  for (spike::Reset reset : p.resets)
    if (reset != d.reset)
      order.push_back(reset);
  for (spike::Reset reset : order)
    switch (reset) {
    case spike::Reset::Zero:
      ways.push_back("v := 0");
      break;
    case spike::Reset::Value:
      ways.push_back("v := v_reset");
      break;
    case spike::Reset::Subtract:
      ways.push_back(d.maxSpikesPerStep == 1 ? "v := v − θ" : "v := v − n·θ");
      break;
    case spike::Reset::SubtractResidual:
      ways.push_back("v := v − θ, and a v left above θ fires at 2θ");
      break;
    }
  return llvm::join(ways, ", or ");
}

//===----------------------------------------------------------------------===//
// The page
//===----------------------------------------------------------------------===//

/// What a list of populations does with one parameter, in words.
template <typename Rule>
static std::string listRules(const ExecutionProfile &profile,
                             ArrayRef<StringRef> kinds,
                             function_ref<Rule(const PopulationProfile &)> get,
                             function_ref<StringRef(Rule)> word) {
  // Kinds of one rule together, in the order of the kinds.
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (StringRef kind : kinds) {
    auto it = profile.populations.find(kind.str());
    if (it == profile.populations.end())
      continue;
    std::string text = word(get(it->second)).str();
    auto group = llvm::find_if(
        groups, [&](const auto &entry) { return entry.first == text; });
    if (group == groups.end())
      groups.push_back({text, {kind.str()}});
    else
      group->second.push_back(kind.str());
  }
  SmallVector<std::string> parts;
  for (auto &[text, names] : groups)
    parts.push_back(groups.size() == 1
                        ? text
                        : text + " (" + llvm::join(names, ", ") + ")");
  return llvm::join(parts, ", ");
}

static void printProfile(raw_ostream &os, const ExecutionProfile &profile) {
  static constexpr StringLiteral kOrder[] = {
      "if",      "lif",        "cuba_lif",  "li",
      "cuba_li", "integrator", "threshold", "sigma_delta"};
  std::string title = profile.description;
  title[0] = llvm::toUpper(title[0]);
  os << "### " << profile.name << "\n\n" << title << ".\n\n";
  os << "| kind | i | v | spikes n | after a spike |\n"
     << "|---|---|---|---|---|\n";
  for (StringRef kind : kOrder) {
    auto it = profile.populations.find(kind.str());
    if (it == profile.populations.end())
      continue;
    if (kind == "sigma_delta") {
      os << "| `sigma_delta` | i := x | as in the dialect | | |\n";
      continue;
    }
    Equations e(profile, kind, it->second);
    os << "| `" << kind << "` | " << e.current() << " | " << e.membrane()
       << " | " << e.count() << " | " << e.reset() << " |\n";
  }
  os << '\n';

  SmallVector<StringRef> leaky = {"lif", "cuba_lif", "li", "cuba_li"};
  SmallVector<StringRef> cuba = {"cuba_lif", "cuba_li"};
  SmallVector<StringRef> membranes = {"if", "lif",     "cuba_lif",
                                      "li", "cuba_li", "integrator"};
  SmallVector<StringRef> firing = {"if", "lif", "cuba_lif"};
  auto print = [&](StringRef name, const std::string &text) {
    if (!text.empty())
      os << "- `" << name << "`: " << text << ".\n";
  };
  print("r",
        listRules<RRule>(
            profile, membranes, [](const PopulationProfile &p) { return p.r; },
            [](RRule rule) -> StringRef {
              switch (rule) {
              case RRule::Keep:
                return "as NIR has it";
              case RRule::Ignored:
                return "ignored";
              case RRule::Threshold:
                return "goes into the threshold";
              case RRule::One:
                return "must be 1";
              case RRule::Unit:
                return "r·dt/τ must be 1";
              }
              return "";
            }));
  print("w_in",
        listRules<WInRule>(
            profile, cuba, [](const PopulationProfile &p) { return p.wIn; },
            [](WInRule rule) -> StringRef {
              switch (rule) {
              case WInRule::Step:
                return "a factor on the input";
              case WInRule::Euler:
                return "as NIR has it, by Euler";
              case WInRule::Exponential:
                return "as NIR has it, exactly";
              case WInRule::Ignored:
                return "ignored";
              case WInRule::Threshold:
                return "goes into the threshold";
              }
              return "";
            }));
  print("v_leak",
        listRules<LeakRule>(
            profile, leaky, [](const PopulationProfile &p) { return p.leak; },
            [](LeakRule rule) -> StringRef {
              switch (rule) {
              case LeakRule::Keep:
                return "as NIR has it";
              case LeakRule::Ignored:
                return "ignored";
              case LeakRule::Zero:
                return "must be 0";
              case LeakRule::Bias:
                return "drives the membrane instead";
              }
              return "";
            }));
  print("v_reset",
        listRules<ResetRule>(
            profile, firing, [](const PopulationProfile &p) { return p.reset; },
            [](ResetRule rule) -> StringRef {
              switch (rule) {
              case ResetRule::Keep:
                return "as NIR has it";
              case ResetRule::Ignored:
                return "ignored";
              case ResetRule::Zero:
                return "must be 0";
              }
              return "";
            }));

  // Delays: kinds that are late alike together.
  std::vector<std::pair<std::string, std::vector<std::string>>> late;
  auto add = [&](const std::string &text, StringRef kind) {
    auto group = llvm::find_if(
        late, [&](const auto &entry) { return entry.first == text; });
    if (group == late.end())
      group = late.insert(late.end(), {text, {}});
    group->second.push_back(("`" + kind + "`").str());
  };
  auto steps = [](int64_t count) {
    return std::to_string(count) + (count == 1 ? " step" : " steps");
  };
  for (StringRef kind : kOrder) {
    auto it = profile.populations.find(kind.str());
    if (it == profile.populations.end())
      continue;
    const PopulationProfile &p = it->second;
    if (p.arrival > 0 || p.inputArrival > 0)
      add(p.arrival == p.inputArrival
              ? steps(p.arrival) + " late at "
              : steps(p.arrival) + " late (" + steps(p.inputArrival) +
                    " from inputs) at ",
          kind);
    if (p.dynamics.outputDelay > 0)
      add(steps(p.dynamics.outputDelay) + " late from ", kind);
  }
  SmallVector<std::string> arrivals;
  for (auto &[text, kinds] : late)
    arrivals.push_back(text + llvm::join(kinds, ", "));
  os << "- Events arrive "
     << (arrivals.empty() ? std::string("in the step in which they are sent")
                          : llvm::join(arrivals, "; "))
     << ".\n- Recurrent loops: ";
  switch (profile.loopDelay) {
  case LoopDelay::BeforeWeights:
    os << "one step, in front of the weights";
    break;
  case LoopDelay::BehindWeights:
    os << "one step, behind the weights";
    break;
  case LoopDelay::InOutput:
    os << "one step, that of the late spike itself";
    break;
  }
  switch (profile.loopBias) {
  case LoopBias::Kept:
    os << "; their bias acts from step 0";
    break;
  case LoopBias::MissingAtStart:
    os << "; no bias behind a delay acts in step 0";
    break;
  case LoopBias::Dropped:
    os << "; their bias is dropped";
    break;
  }
  os << ".\n";
  if (profile.inputEvents)
    os << "- An input neuron delivers at most " << *profile.inputEvents
       << (*profile.inputEvents == 1 ? " event" : " events") << " per step.\n";
  if (profile.readoutSpikes)
    os << "- Populations that are read out send at most "
       << *profile.readoutSpikes
       << (*profile.readoutSpikes == 1 ? " spike" : " spikes")
       << " per step.\n";
  os << "- State is "
     << (profile.state == spike::StateScope::Sample
             ? "cleared before every sample"
             : "kept from sample to sample")
     << ".";
  if (profile.usualDt)
    os << " The platform's usual dt is " << number(*profile.usualDt * 1e3)
       << " ms.";
  os << '\n';
  if (!profile.constraints.empty()) {
    os << "- Refused unless: ";
    llvm::interleaveComma(profile.constraints, os, [&](Constraint c) {
      os << "`" << stringify(c) << "`";
    });
    os << ".\n";
  }
  if (spike::FixedAttr a = profile.arithmetic) {
    os << "- Integers: state " << a.getStateBits() << " bits, summed input "
       << profile.currentBits << ", weights " << a.getWeightBits();
    if (a.getFrac())
      os << ", weights and thresholds meet the state times 2^" << a.getFrac();
    os << ", decays rounded "
       << (a.getRounding() == spike::Rounding::Floor        ? "down"
           : a.getRounding() == spike::Rounding::TowardZero ? "toward zero"
                                                            : "to the nearest")
       << ", at the rails "
       << (a.getOverflow() == spike::Overflow::Wrap       ? "it wraps"
           : a.getOverflow() == spike::Overflow::Saturate ? "it saturates"
                                                          : "every addition "
                                                            "saturates")
       << ".\n";
  }
  if (profile.quantizer) {
    os << "- Quantiser: [`" << profile.quantizer->name << "`](#quantisers)";
    if (!profile.quantizer->parameters.empty()) {
      os << " with ";
      llvm::interleaveComma(
          profile.quantizer->parameters, os, [&](const auto &entry) {
            os << "`" << entry.first << "` = " << entry.second;
          });
    }
    os << ".\n";
  }
  os << "- Source: " << profile.source << ".\n\n";
}

static constexpr StringLiteral kIntroduction = R"(# Execution profiles

<!-- Printed from targets/profiles by the unit tests of lib/Target (NMC_UPDATE_DOCS=1); do not edit. -->

NIR states differential equations. Every platform turns them into time steps in its own way, and one file runs differently on each: on one published recording the hidden layer of a small recurrent network sends 109 spikes on one platform and 174 on another. An execution profile is one platform's way, as data:

    nmc run net.nir --data x.npz --execution-profile snntorch
    nmc run net.nir --data x.npz --execution-profile norse --reset subtract --dt "0.1 ms"
    nmc compile net.nir --data x.npz --target CHIP

A target names the profile of its chip, which is then the default. The pass behind it is `spike-apply-profile`. It writes [`#spike.dynamics`](../rationale/spike.md) on the populations; after that nothing asks for a platform's name.

**What is dropped is said.** Where a platform ignores a parameter, uses it for something else or only approximates it, there is a warning at the population with NIR's number and the platform's. What a platform refuses, `nmc` refuses. What is merely written in another way (a gain inside the threshold) is a remark (`-v`).

**Time.** A file holds no time step. It is inferred where the file lets it; otherwise `--dt` states it, and the error says what the platform itself uses. Nothing is assumed.

**Reset.** NIR says to which value a spike resets, not whether it does so or subtracts the threshold. `--reset` chooses among what the platform has; the first way in the tables is its default.

## One step

x is the sum of what arrives: weights times events, and biases b. i is the synaptic current (of neurons that have one), v the membrane, θ the threshold, α what a step leaves of i. A population sees what its sources send in the same step, unless events arrive late. `>>` shifts right, at least by one unit.

)";

void target::printProfilesGuide(raw_ostream &os, MLIRContext *context) {
  std::vector<ExecutionProfile> profiles;
  for (const EmbeddedProfile &embedded : getEmbeddedProfiles()) {
    FailureOr<ExecutionProfile> profile =
        loadExecutionProfile(embedded.name, {}, context);
    if (succeeded(profile))
      profiles.push_back(std::move(*profile));
  }
  os << kIntroduction;
  os << "| profile | platform | numbers | kinds | resets | state |\n"
     << "|---|---|---|---|---|---|\n";
  for (const ExecutionProfile &profile : profiles) {
    SmallVector<std::string> kinds;
    SmallVector<StringRef> resets;
    for (const auto &[kind, population] : profile.populations) {
      kinds.push_back("`" + kind + "`");
      if (kind == "if" || kind == "lif" || kind == "cuba_lif")
        for (spike::Reset reset : population.resets)
          if (!llvm::is_contained(resets, stringifyReset(reset)))
            resets.push_back(stringifyReset(reset));
    }
    os << "| [" << profile.name << "](#" << profile.name << ") | "
       << profile.description << " | ";
    if (profile.arithmetic)
      os << profile.arithmetic.getStateBits() << " bits";
    else
      os << (profile.quantizer ? "float, whole weights" : "float");
    os << " | " << llvm::join(kinds, ", ") << " | " << llvm::join(resets, ", ")
       << " | " << stringifyStateScope(profile.state) << " |\n";
  }
  os << "\n## Profiles\n\n";
  for (const ExecutionProfile &profile : profiles)
    printProfile(os, profile);

  os << "## Quantisers\n\nNumbers of one population come from one rule, so "
        "that "
        "what arrives over several connections adds up.\n\n";
  for (const QuantizerFact &fact : getQuantizerFacts()) {
    os << "**`" << fact.name << "`** ("
       << (fact.isInteger ? "integers" : "whole numbers in float arithmetic")
       << "): " << fact.meaning << ".";
    os << " Parameters: ";
    llvm::interleaveComma(fact.parameters, os,
                          [&](const QuantizerFact::Parameter &p) {
                            os << "`" << p.name << "` (" << p.byDefault << ")";
                          });
    os << ".\n\n";
  }
  os << R"(Pools in front of weights are merged into them where a chip does not pool on the way, which leaves the sums as they are. On a target, the widths that it states go before those of the profile.

## Your own

A profile is a YAML file like those in `targets/profiles`; `--execution-profile` takes its path, or its name where a `--target-path` has a folder `profiles` with it. Top-level keys:

| key | |
|---|---|
| `schema`, `version` | `nmc.profile`, 1 |
| `name`, `description`, `source` | the name is that of the file |
| `timestep` | what the platform uses where it is told nothing; only ever proposed |
| `state` | `sample` or `stream` |
| `dynamics` | what all kinds share, see below |
| `parameters` | `r`: keep, ignored, threshold, one, unit; `w_in`: step, euler, exponential, ignored, threshold; `v_leak`: keep, ignored, zero, bias; `v_reset`: keep, ignored, zero; `tau_syn`: keep, refit, round |
| `populations` | the kinds that the platform has, each with its own `dynamics` keys and `parameters`; `if` also has `leak_factor` |
| `recurrence` | `delay`: before_weights, behind_weights, in_output; `bias`: kept, missing_at_start, dropped |
| `bias_drives` | synapse or membrane |
| `input`, `readout` | `max_events_per_step`, `max_spikes_per_step` |
| `constraints` | )";
  for (int c = 0; c <= int(Constraint::SmallPool); ++c)
    os << (c ? ", " : "") << stringify(Constraint(c));
  os << R"( |
| `arithmetic` | float, or `state_bits`, `weight_bits`, `frac`, `decay_bits`, `current_bits`, `rounding`, `overflow` |
| `quantizer` | none, or `rule` and its parameters |

Keys of `dynamics`: `decay`, `input_gain`, `synapse_order`, `order`, `compare`, `reset` (one word, or `default` and `allowed`), `max_spikes_per_step`, `v_floor` (a number or -threshold), `v_ceiling`, `refractory`, `output_delay`, `arrival`, `input_arrival`. All faults of a file are reported together, with their places.
)";
}
