//===- ExecutionProfile.cpp - Execution profiles from YAML ----------------===//

#include "nmc/Target/ExecutionProfile.h"

#include "Schema.h"
#include "nmc/Support/File.h"
#include "nmc/Support/Sha256.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cmath>
#include <set>

using namespace nmc;
using namespace nmc::target;

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kR[] = {"keep", "ignored", "threshold", "one",
                                       "unit"};
static constexpr StringLiteral kWIn[] = {"step", "euler", "exponential",
                                         "ignored", "threshold"};
static constexpr StringLiteral kLeak[] = {"keep", "ignored", "zero", "bias"};
static constexpr StringLiteral kReset[] = {"keep", "ignored", "zero"};
static constexpr StringLiteral kTau[] = {"keep", "refit", "round"};
static constexpr StringLiteral kLoopDelay[] = {"before_weights",
                                               "behind_weights", "in_output"};
static constexpr StringLiteral kBiasDrive[] = {"synapse", "membrane"};
static constexpr StringLiteral kLoopBias[] = {"kept", "missing_at_start",
                                              "dropped"};
static constexpr StringLiteral kConstraints[] = {
    "uniform_tau",   "uniform_threshold",  "uniform_r",
    "uniform_reset", "positive_threshold", "no_recurrence",
    "no_delay",      "tau_above_dt",       "small_pool"};

StringRef target::stringify(RRule rule) { return kR[int(rule)]; }
StringRef target::stringify(WInRule rule) { return kWIn[int(rule)]; }
StringRef target::stringify(LeakRule rule) { return kLeak[int(rule)]; }
StringRef target::stringify(ResetRule rule) { return kReset[int(rule)]; }
StringRef target::stringify(TauRule rule) { return kTau[int(rule)]; }
StringRef target::stringify(LoopDelay delay) { return kLoopDelay[int(delay)]; }
StringRef target::stringify(LoopBias bias) { return kLoopBias[int(bias)]; }
StringRef target::stringify(BiasDrive drive) { return kBiasDrive[int(drive)]; }
StringRef target::stringify(Constraint c) { return kConstraints[int(c)]; }

int64_t QuantizerRule::get(StringRef parameter) const {
  auto it = parameters.find(parameter.str());
  return it == parameters.end() ? 0 : it->second;
}

bool ExecutionProfile::has(Constraint constraint) const {
  return llvm::is_contained(constraints, constraint);
}

//===----------------------------------------------------------------------===//
// Kinds of population and the keys that each has a use for
//===----------------------------------------------------------------------===//

namespace {
enum KindFlags : unsigned {
  Spikes = 1,   // compares with a threshold
  Leaks = 2,    // has a time constant
  Synapse = 4,  // has a synaptic current
  Membrane = 8, // has a state that is reset or held
};
struct KindFact {
  StringLiteral name;
  unsigned flags;
};
} // namespace

static constexpr KindFact kKinds[] = {
    {"if", Spikes | Membrane},
    {"lif", Spikes | Membrane | Leaks},
    {"cuba_lif", Spikes | Membrane | Leaks | Synapse},
    {"li", Membrane | Leaks},
    {"cuba_li", Membrane | Leaks | Synapse},
    {"integrator", Membrane},
    {"threshold", Spikes},
    {"sigma_delta", 0},
};

namespace {
struct KeyFact {
  StringLiteral name;
  unsigned needs; // all of these flags
};
} // namespace

static constexpr KeyFact kDynamicsKeys[] = {
    {"decay", Leaks},
    {"input_gain", Membrane},
    {"synapse_order", Synapse},
    {"order", Spikes | Membrane},
    {"compare", Spikes},
    {"reset", Spikes | Membrane},
    {"max_spikes_per_step", Spikes},
    {"v_floor", Membrane},
    {"v_ceiling", Membrane},
    {"refractory", Spikes | Membrane},
    {"output_delay", 0},
    {"arrival", 0},
    {"input_arrival", 0},
};
static constexpr KeyFact kParameterKeys[] = {
    {"r", Membrane},      {"w_in", Synapse},
    {"v_leak", Leaks},    {"v_reset", Spikes | Membrane},
    {"tau_syn", Synapse},
};

static bool fits(const KeyFact &key, const KindFact &kind) {
  return (key.needs & kind.flags) == key.needs;
}

/// The entries of a shared mapping that a kind has a use for.
static YamlNode filter(const std::optional<YamlNode> &shared,
                       ArrayRef<KeyFact> keys, const KindFact &kind,
                       Location loc) {
  YamlNode result(loc, YamlNode::Kind::Mapping);
  if (!shared)
    return result;
  for (const YamlEntry &entry : shared->entries)
    for (const KeyFact &key : keys)
      if (key.name == entry.key && fits(key, kind))
        result.set(entry.key, entry.keyLoc, entry.value);
  return result;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
class ProfileReader {
public:
  ProfileReader(ExecutionProfile &profile, MLIRContext *context, Faults &faults)
      : profile(profile), context(context), faults(faults) {}

  void read(const YamlNode &root, StringRef name);

private:
  YamlNode readShared(const YamlNode &node, StringRef where, bool isDynamics);
  void readDynamics(const YamlNode &node, const KindFact &kind,
                    const std::string &where, PopulationProfile &population);
  void readRules(const YamlNode &node, const KindFact &kind,
                 const std::string &where, PopulationProfile &population);
  void readPopulation(const KindFact &kind, const YamlNode &node);
  void readReset(const YamlNode &node, const std::string &where,
                 PopulationProfile &population);
  void readArithmetic(const YamlNode &node);
  void readQuantizer(const YamlNode &node);
  std::optional<double> readNumber(const YamlNode &node, const Twine &what);

  /// One of an enum of the dialect.
  template <typename Enum>
  void readEnum(const YamlNode *node, const Twine &what,
                std::optional<Enum> (*symbolize)(StringRef),
                ArrayRef<StringLiteral> words, Enum &result) {
    if (!node)
      return;
    if (auto word = readWord(*node, what, words, faults))
      if (std::optional<Enum> value = symbolize(*word))
        result = *value;
  }
  /// One of the words of a closed list, by position.
  template <typename Enum>
  void readRule(const YamlNode *node, const Twine &what,
                ArrayRef<StringLiteral> words, Enum &result) {
    if (!node)
      return;
    if (auto word = readWord(*node, what, words, faults))
      result = Enum(llvm::find(words, *word) - words.begin());
  }
  void readCount(const YamlNode *node, const Twine &what, int64_t minimum,
                 int64_t maximum, int64_t &result) {
    if (node)
      result =
          readInteger(*node, what, minimum, maximum, faults).value_or(result);
  }

  ExecutionProfile &profile;
  MLIRContext *context;
  Faults &faults;
  /// What kinds share.
  std::optional<YamlNode> dynamics, parameters;
};
} // namespace

static constexpr StringLiteral kDecays[] = {"none",   "euler", "exponential",
                                            "factor", "fixed", "bitshift"};
static constexpr StringLiteral kGains[] = {"unit", "euler", "exponential",
                                           "step"};
static constexpr StringLiteral kSynapseOrders[] = {"decay_then_add",
                                                   "add_then_decay"};
static constexpr StringLiteral kOrders[] = {"integrate_then_fire",
                                            "fire_on_old", "within_step"};
static constexpr StringLiteral kCompares[] = {"greater", "greater_equal"};
static constexpr StringLiteral kResets[] = {"zero", "value", "subtract",
                                            "subtract_residual"};
static constexpr StringLiteral kStates[] = {"sample", "stream"};
static constexpr StringLiteral kRoundings[] = {"floor", "toward_zero",
                                               "nearest_even", "nearest_up"};
static constexpr StringLiteral kOverflows[] = {"wrap", "saturate",
                                               "saturate_each"};

/// The most spikes of one step that a stream can hold.
static constexpr int64_t kMostSpikes = 65535;

std::optional<double> ProfileReader::readNumber(const YamlNode &node,
                                                const Twine &what) {
  double value;
  if (node.isScalar() && !StringRef(node.text).getAsDouble(value) &&
      std::isfinite(value))
    return value;
  faults.add(
      node.loc, "number-value",
      what + " is " +
          (node.isScalar() ? "'" + node.text + "'" : describeKind(node).str()) +
          ", but must be a finite number");
  return std::nullopt;
}

void ProfileReader::readReset(const YamlNode &node, const std::string &where,
                              PopulationProfile &population) {
  auto read = [&](const YamlNode &word) -> std::optional<spike::Reset> {
    auto text = readWord(word, quote(where, "reset"), kResets, faults);
    return text ? spike::symbolizeReset(*text) : std::nullopt;
  };
  population.resets.clear();
  if (node.isScalar()) {
    if (std::optional<spike::Reset> reset = read(node)) {
      population.dynamics.reset = *reset;
      population.resets = {*reset};
    }
    return;
  }
  MappingReader reader(node, quote(where, "reset"), faults);
  std::optional<spike::Reset> byDefault;
  const YamlNode *stated = reader.require("default");
  if (stated)
    byDefault = read(*stated);
  if (const YamlNode *allowed = reader.require("allowed"))
    if (auto items = readList(*allowed, quote(where, "reset.allowed"), faults))
      for (const YamlNode &item : *items)
        if (std::optional<spike::Reset> reset = read(item))
          population.resets.push_back(*reset);
  reader.finish();
  if (!byDefault)
    return;
  population.dynamics.reset = *byDefault;
  if (!llvm::is_contained(population.resets, *byDefault))
    faults.add(stated->loc, "profile-reset",
               "the default reset '" + Twine(stringifyReset(*byDefault)) +
                   "' is not among those that are allowed");
}

/// The keys of `node` that a kind has a use for; the others are unknown to it.
void ProfileReader::readDynamics(const YamlNode &node, const KindFact &kind,
                                 const std::string &where,
                                 PopulationProfile &population) {
  MappingReader reader(node, "'" + where + "'", faults);
  auto get = [&](StringRef name) -> const YamlNode * {
    for (const KeyFact &key : kDynamicsKeys)
      if (key.name == name)
        return fits(key, kind) ? reader.get(name) : nullptr;
    return nullptr;
  };
  auto what = [&](StringRef key) { return quote(where, key); };

  spike::Dynamics &d = population.dynamics;
  readEnum(get("decay"), what("decay"), &spike::symbolizeDecayKind, kDecays,
           d.decay);
  readEnum(get("input_gain"), what("input_gain"), &spike::symbolizeInputGain,
           kGains, d.inputGain);
  readEnum(get("synapse_order"), what("synapse_order"),
           &spike::symbolizeSynapseOrder, kSynapseOrders, d.synapseOrder);
  readEnum(get("order"), what("order"), &spike::symbolizeOrder, kOrders,
           d.order);
  readEnum(get("compare"), what("compare"), &spike::symbolizeCompare, kCompares,
           d.compare);
  population.resets = {d.reset};
  if (const YamlNode *reset = get("reset"))
    readReset(*reset, where, population);
  readCount(get("max_spikes_per_step"), what("max_spikes_per_step"), 1,
            kMostSpikes, d.maxSpikesPerStep);
  readCount(get("refractory"), what("refractory"), 0, spike::kMaxSteps,
            d.refractory);
  readCount(get("output_delay"), what("output_delay"), 0, spike::kMaxSteps,
            d.outputDelay);
  readCount(get("arrival"), what("arrival"), 0, spike::kMaxSteps,
            population.arrival);
  population.inputArrival = population.arrival;
  readCount(get("input_arrival"), what("input_arrival"), 0, spike::kMaxSteps,
            population.inputArrival);
  if (const YamlNode *floor = get("v_floor")) {
    if (floor->isScalar() && floor->text == "-threshold" &&
        (kind.flags & Spikes)) {
      population.floorRule = FloorRule::MinusThreshold;
    } else if (auto value = readNumber(*floor, what("v_floor"))) {
      population.floorRule = FloorRule::Value;
      population.floor = value;
    }
  }
  if (const YamlNode *ceiling = get("v_ceiling"))
    population.ceiling = readNumber(*ceiling, what("v_ceiling"));
  if (kind.name == "if")
    if (const YamlNode *factor = reader.get("leak_factor")) {
      auto value = readNumber(*factor, what("leak_factor"));
      if (value && !(*value > 0 && *value <= 1))
        faults.add(factor->loc, "number-value",
                   what("leak_factor") + " is " + factor->text +
                       ", but must be above 0 and at most 1");
      else
        population.leakFactor = value;
    }
  reader.finish();
}

void ProfileReader::readRules(const YamlNode &node, const KindFact &kind,
                              const std::string &where,
                              PopulationProfile &population) {
  MappingReader reader(node, "'" + where + "'", faults);
  auto rule = [&](StringRef name, ArrayRef<StringLiteral> words, auto &result) {
    for (const KeyFact &key : kParameterKeys)
      if (key.name == name && fits(key, kind))
        readRule(reader.get(name), quote(where, name), words, result);
  };
  rule("r", kR, population.r);
  rule("w_in", kWIn, population.wIn);
  rule("v_leak", kLeak, population.leak);
  rule("v_reset", kReset, population.reset);
  rule("tau_syn", kTau, population.tauSyn);
  reader.finish();
}

void ProfileReader::readPopulation(const KindFact &kind, const YamlNode &node) {
  std::string where = ("populations." + kind.name).str();
  if (!node.isMapping()) {
    faults.add(node.loc, "mapping-expected",
               "'" + where + "' is " + describeKind(node) +
                   ", but must be a mapping (key: value), {} where all is as "
                   "in 'dynamics' and 'parameters'");
    return;
  }
  PopulationProfile population(node.loc);
  // What kinds share, then what is said of this one.
  YamlNode merged = filter(dynamics, kDynamicsKeys, kind, node.loc);
  YamlNode own = node;
  own.erase("parameters");
  mergeYaml(merged, own, faults);
  readDynamics(merged, kind, where, population);
  YamlNode rules = filter(parameters, kParameterKeys, kind, node.loc);
  if (const YamlNode *ownRules = node.find("parameters")) {
    if (ownRules->isMapping())
      mergeYaml(rules, *ownRules, faults);
    else
      MappingReader(*ownRules, quote(where, "parameters"), faults);
  }
  readRules(rules, kind, where + ".parameters", population);
  profile.populations.insert({kind.name.str(), std::move(population)});
}

/// What kinds share, checked once; entries at fault are left out, so that they
/// are not reported for every kind again.
YamlNode ProfileReader::readShared(const YamlNode &node, StringRef where,
                                   bool isDynamics) {
  YamlNode good(node.loc, YamlNode::Kind::Mapping);
  constexpr KindFact any = {"", Spikes | Leaks | Synapse | Membrane};
  PopulationProfile unused(node.loc);
  auto read = [&](const YamlNode &mapping) {
    if (isDynamics)
      readDynamics(mapping, any, where.str(), unused);
    else
      readRules(mapping, any, where.str(), unused);
  };
  if (!node.isMapping()) {
    read(node);
    return good;
  }
  ArrayRef<KeyFact> keys = isDynamics ? ArrayRef<KeyFact>(kDynamicsKeys)
                                      : ArrayRef<KeyFact>(kParameterKeys);
  YamlNode unknown(node.loc, YamlNode::Kind::Mapping);
  for (const YamlEntry &entry : node.entries) {
    bool isKnown = llvm::any_of(
        keys, [&](const KeyFact &key) { return key.name == entry.key; });
    if (!isKnown) {
      unknown.set(entry.key, entry.keyLoc, entry.value);
      continue;
    }
    YamlNode one(node.loc, YamlNode::Kind::Mapping);
    one.set(entry.key, entry.keyLoc, entry.value);
    size_t before = faults.size();
    read(one);
    if (faults.size() == before)
      good.set(entry.key, entry.keyLoc, entry.value);
  }
  read(unknown);
  return good;
}

void ProfileReader::readArithmetic(const YamlNode &node) {
  if (node.isScalar()) {
    static constexpr StringLiteral kFloat[] = {"float"};
    readWord(node, "'arithmetic'", kFloat, faults);
    return;
  }
  MappingReader reader(node, "'arithmetic'", faults);
  if (!reader.isValid())
    return;
  size_t before = faults.size();
  int64_t stateBits = 32, weightBits = 8, frac = 0, decayBits = 12;
  spike::Rounding rounding = spike::Rounding::TowardZero;
  spike::Overflow overflow = spike::Overflow::Wrap;
  auto what = [](StringRef key) { return quote("arithmetic", key); };
  readCount(reader.require("state_bits"), what("state_bits"), 2, 64, stateBits);
  readCount(reader.require("weight_bits"), what("weight_bits"), 1, 32,
            weightBits);
  readCount(reader.get("frac"), what("frac"), 0, stateBits - 1, frac);
  readCount(reader.get("decay_bits"), what("decay_bits"), 0, 30, decayBits);
  profile.currentBits = std::min<int64_t>(stateBits, 64);
  readCount(reader.get("current_bits"), what("current_bits"), 2, 64,
            profile.currentBits);
  readEnum(reader.get("rounding"), what("rounding"), &spike::symbolizeRounding,
           kRoundings, rounding);
  readEnum(reader.get("overflow"), what("overflow"), &spike::symbolizeOverflow,
           kOverflows, overflow);
  reader.finish();
  if (faults.size() == before)
    profile.arithmetic = spike::FixedAttr::get(
        context, unsigned(stateBits), unsigned(weightBits), unsigned(frac),
        rounding, overflow, unsigned(decayBits));
}

void ProfileReader::readQuantizer(const YamlNode &node) {
  if (node.isScalar() && node.text == "none")
    return;
  MappingReader reader(node, "'quantizer'", faults);
  const YamlNode *ruleNode = reader.require("rule");
  if (!ruleNode)
    return reader.finish();
  SmallVector<StringLiteral> names;
  for (const QuantizerFact &fact : getQuantizerFacts())
    names.push_back(fact.name);
  auto rule = readWord(*ruleNode, "'quantizer.rule'", names, faults);
  if (!rule)
    return;
  const QuantizerFact *fact = findQuantizerFact(*rule);
  QuantizerRule quantizer(node.loc);
  quantizer.name = *rule;
  for (const QuantizerFact::Parameter &p : fact->parameters) {
    int64_t value = p.byDefault;
    readCount(reader.get(p.name), quote("quantizer", p.name), p.minimum,
              p.maximum, value);
    quantizer.parameters[p.name.str()] = value;
  }
  reader.finish();
  profile.quantizer = std::move(quantizer);
}

void ProfileReader::read(const YamlNode &root, StringRef name) {
  MappingReader top(root, "the profile", faults);
  if (!top.isValid())
    return;
  if (const YamlNode *node = top.require("schema"))
    if (auto text = readText(*node, "'schema'", faults))
      if (*text != "nmc.profile")
        faults.add(node->loc, "schema-version",
                   "'schema' is '" + *text + "', but must be nmc.profile");
  if (const YamlNode *node = top.require("version"))
    (void)readInteger(*node, "'version'", 1, 1, faults);
  if (const YamlNode *node = top.require("name"))
    if (auto text = readText(*node, "'name'", faults)) {
      profile.name = *text;
      if (!name.empty() && *text != name)
        faults.add(node->loc, "profile-name",
                   "'name' is '" + *text + "', but the file is " + name +
                       ".yaml");
    }
  if (const YamlNode *node = top.require("description"))
    profile.description = readText(*node, "'description'", faults).value_or("");
  if (const YamlNode *node = top.require("source"))
    profile.source = readText(*node, "'source'", faults).value_or("");
  if (const YamlNode *node = top.get("timestep"))
    profile.usualDt = readQuantity(*node, "'timestep'", "s", faults);
  readEnum(top.get("state"), "'state'", &spike::symbolizeStateScope, kStates,
           profile.state);
  if (const YamlNode *node = top.get("dynamics"))
    dynamics = readShared(*node, "dynamics", true);
  if (const YamlNode *node = top.get("parameters"))
    parameters = readShared(*node, "parameters", false);
  if (const YamlNode *node = top.require("populations")) {
    MappingReader reader(*node, "'populations'", faults);
    for (const KindFact &kind : kKinds)
      if (const YamlNode *population = reader.get(kind.name))
        readPopulation(kind, *population);
    reader.finish();
  }
  if (const YamlNode *node = top.get("recurrence")) {
    MappingReader reader(*node, "'recurrence'", faults);
    readRule(reader.get("delay"), "'recurrence.delay'", kLoopDelay,
             profile.loopDelay);
    readRule(reader.get("bias"), "'recurrence.bias'", kLoopBias,
             profile.loopBias);
    reader.finish();
  }
  readRule(top.get("bias_drives"), "'bias_drives'", kBiasDrive,
           profile.biasDrive);
  auto readCap = [&](StringRef key, StringRef cap, std::optional<int64_t> &to) {
    const YamlNode *node = top.get(key);
    if (!node)
      return;
    MappingReader reader(*node, "'" + key.str() + "'", faults);
    if (const YamlNode *value = reader.require(cap))
      to = readInteger(*value, quote(key.str(), cap), 1, kMostSpikes, faults);
    reader.finish();
  };
  readCap("input", "max_events_per_step", profile.inputEvents);
  readCap("readout", "max_spikes_per_step", profile.readoutSpikes);
  if (const YamlNode *node = top.get("constraints"))
    if (auto items = readList(*node, "'constraints'", faults))
      for (const YamlNode &item : *items) {
        Constraint constraint = Constraint::UniformTau;
        size_t before = faults.size();
        readRule(&item, "a constraint", kConstraints, constraint);
        if (faults.size() == before)
          profile.constraints.push_back(constraint);
      }
  if (const YamlNode *node = top.get("arithmetic"))
    readArithmetic(*node);
  if (const YamlNode *node = top.get("quantizer")) {
    readQuantizer(*node);
    if (profile.quantizer && faults.empty()) {
      bool integer = findQuantizerFact(profile.quantizer->name)->isInteger;
      if (integer != bool(profile.arithmetic))
        faults.add(node->loc, "profile-arithmetic",
                   "quantiser '" + profile.quantizer->name + "' yields " +
                       (integer ? "integers, but 'arithmetic' is float"
                                : "floats, but 'arithmetic' states integers"));
    }
  } else if (profile.arithmetic) {
    faults.add(top.getLoc(), "profile-arithmetic",
               "'arithmetic' states integers, but no 'quantizer' says how they "
               "come about");
  }
  top.finish();
}

//===----------------------------------------------------------------------===//
// Finding and loading
//===----------------------------------------------------------------------===//

static std::vector<EmbeddedProfile> &getRegistry() {
  static std::vector<EmbeddedProfile> registry;
  return registry;
}

void target::registerProfile(const EmbeddedProfile &profile) {
  std::vector<EmbeddedProfile> &registry = getRegistry();
  auto it = llvm::lower_bound(
      registry, profile.name,
      [](const EmbeddedProfile &p, StringRef name) { return p.name < name; });
  if (it != registry.end() && it->name == profile.name)
    *it = profile;
  else
    registry.insert(it, profile);
}

ArrayRef<EmbeddedProfile> target::getEmbeddedProfiles() {
  return getRegistry();
}

static bool isPath(StringRef name) {
  return name.contains('/') || name.ends_with(".yaml") ||
         name.ends_with(".yml");
}

std::vector<std::string>
target::findProfileNames(ArrayRef<std::string> searchPaths) {
  std::set<std::string> names;
  for (const EmbeddedProfile &profile : getEmbeddedProfiles())
    names.insert(profile.name.str());
  for (const std::string &folder : searchPaths) {
    llvm::SmallString<128> profiles(folder);
    path::append(profiles, "profiles");
    std::error_code error;
    for (fs::directory_iterator it(profiles, error), end; it != end && !error;
         it.increment(error)) {
      StringRef name = path::filename(it->path());
      if (name.consume_back(".yaml"))
        names.insert(name.str());
    }
  }
  return {names.begin(), names.end()};
}

FailureOr<ExecutionProfile>
target::loadExecutionProfile(StringRef name, ArrayRef<std::string> searchPaths,
                             MLIRContext *context) {
  context->getOrLoadDialect<spike::SpikeDialect>(); // #spike.fixed
  Faults faults;
  Location flag = mlir::FileLineColLoc::get(
      StringAttr::get(context, "--execution-profile"), 1, 1);
  std::string file, text, wanted;
  if (isPath(name)) {
    file = name.str();
  } else {
    wanted = name.str();
    for (const std::string &folder : searchPaths) {
      llvm::SmallString<128> candidate(folder);
      path::append(candidate, "profiles", name + ".yaml");
      if (file.empty() && fs::exists(candidate))
        file = candidate.str().str();
    }
  }
  if (!file.empty()) {
    auto buffer = readFile(file);
    if (!buffer) {
      std::string message = llvm::toString(buffer.takeError());
      StringRef body = message;
      if (size_t open = body.rfind(" ["); body.ends_with("]"))
        body = body.take_front(open);
      faults.add(flag, "profile-file", body);
      return faults.report();
    }
    text = (*buffer)->getBuffer().str();
  } else {
    auto embedded =
        llvm::find_if(getEmbeddedProfiles(),
                      [&](const EmbeddedProfile &p) { return p.name == name; });
    if (embedded == getEmbeddedProfiles().end()) {
      std::vector<std::string> names = findProfileNames(searchPaths);
      SmallVector<StringRef> known(names.begin(), names.end());
      faults.add(flag, "profile-unknown",
                 "unknown execution profile '" + name + "'; " +
                     (known.empty()
                          ? std::string("none are known")
                          : "known profiles: " + llvm::join(known, ", ")) +
                     didYouMean(name, known));
      return faults.report();
    }
    file = embedded->path.str();
    text = embedded->text.str();
  }

  StringAttr fileName = StringAttr::get(context, file);
  YamlNode root = parseYaml(
      text,
      [&](unsigned line, unsigned column) -> Location {
        return mlir::FileLineColLoc::get(fileName, line, column);
      },
      faults);
  if (faults.isUnreadable())
    return faults.report();
  rejectNulls(root, {}, faults);
  ExecutionProfile profile(root.loc);
  profile.path = file;
  profile.sha256 = sha256(StringRef(text));
  ProfileReader(profile, context, faults).read(root, wanted);
  if (failed(faults.report()))
    return failure();
  return profile;
}
