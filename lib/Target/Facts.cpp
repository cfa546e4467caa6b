//===- Facts.cpp - What a target file may state ---------------------------===//

#include "nmc/Target/Facts.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace nmc;
using namespace nmc::target;

//===----------------------------------------------------------------------===//
// Limits
//===----------------------------------------------------------------------===//

static constexpr LimitFact kLimits[] = {
    {"neurons", "1", Scope::Core, "core-neurons",
     "neurons of one core, counted after `compartments_subtract`"},
    {"axons_in", "1", Scope::Core, "core-axons-in",
     "distinct source neurons that a core listens to"},
    {"axons_out", "1", Scope::Core, "core-axons-out",
     "pairs of a neuron of the core and a core that it sends to"},
    {"synapse_memory", "bit", Scope::Core, "core-synapse-memory",
     "memory for synapses in the format that the core stores"},
    {"state_memory", "bit", Scope::Core, "core-state-memory",
     "memory for neuron state, where it is not counted in neurons"},
    {"fan_in", "1", Scope::Core, "core-fan-in", "synapses into one neuron"},
    {"fan_out", "1", Scope::Core, "core-fan-out",
     "cores that one neuron may send to"},
    {"routing_entries", "1", Scope::Either, "core-routing-entries",
     "entries of a routing table: of the core, or of the chip's router"},
    {"neuron_configs", "1", Scope::Core, "core-neuron-configs",
     "different sets of neuron parameters (decays, refractory period)"},
    {"threshold_configs", "1", Scope::Core, "core-threshold-configs",
     "different thresholds"},
    {"synapse_configs", "1", Scope::Core, "core-synapse-configs",
     "different synapse formats (width, exponent, delay)"},
    {"populations", "1", Scope::Core, "core-populations",
     "different populations"},
    {"delay_steps", "1", Scope::Core, "delay-steps",
     "steps that an event can be delayed"},
    {"neurons_chip", "1", Scope::Chip, "chip-neurons", "neurons of one chip"},
    {"synapse_memory_chip", "bit", Scope::Chip, "chip-synapse-memory",
     "synapse memory that the cores of one chip share"},
    {"chips", "1", Scope::Chip, "chip-count",
     "chips that can be joined to one machine"},
};

ArrayRef<LimitFact> target::getLimitFacts() { return kLimits; }

//===----------------------------------------------------------------------===//
// Properties
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kResets[] = {"zero", "value", "subtract"};
static constexpr StringLiteral kOverflows[] = {"wrap", "saturate"};
static constexpr StringLiteral kFormats[] = {"dense", "sparse", "conv"};
static constexpr StringLiteral kTimesteps[] = {"barrier", "clock", "event"};
static constexpr StringLiteral kPayloads[] = {
    "binary", "u2", "u4", "u8", "u16", "u32", "s2", "s4", "s8", "s16", "s32"};

static constexpr PropertyFact kProperties[] = {
    {"weight_bits",
     PropertyType::Integers,
     Scope::Core,
     "",
     {},
     1,
     32,
     "widths in which a synaptic weight can be stored, sign included"},
    {"weight_signed",
     PropertyType::Flag,
     Scope::Core,
     "",
     {},
     0,
     0,
     "whether one synapse format holds weights of both signs"},
    {"state_bits",
     PropertyType::Integer,
     Scope::Core,
     "",
     {},
     2,
     64,
     "width of membrane and synaptic current, sign included"},
    {"accumulator_bits",
     PropertyType::Integer,
     Scope::Core,
     "",
     {},
     2,
     64,
     "width in which a neuron's input is summed, sign included; absent: as "
     "`state_bits`"},
    {"threshold_bits",
     PropertyType::Integer,
     Scope::Core,
     "",
     {},
     1,
     64,
     "width of a threshold's mantissa, without sign"},
    {"bias_mantissa_bits",
     PropertyType::Integer,
     Scope::Core,
     "",
     {},
     1,
     64,
     "width of a bias's mantissa, sign included"},
    {"bias_exponent_bits",
     PropertyType::Integer,
     Scope::Core,
     "",
     {},
     0,
     8,
     "width of a bias's exponent: bias = mantissa · 2^exponent"},
    {"decay_bits",
     PropertyType::Integer,
     Scope::Core,
     "",
     {},
     0,
     30,
     "a decay is a fraction of 2^decay_bits"},
    {"frac",
     PropertyType::Integer,
     Scope::Core,
     "",
     {},
     0,
     63,
     "left shift of weights, biases and thresholds before they meet the state"},
    {"overflow", PropertyType::Word, Scope::Core, "", kOverflows, 0, 0,
     "what the state does at its rails"},
    {"reset", PropertyType::Words, Scope::Core, "", kResets, 0, 0,
     "what a spike can do to the membrane, the native way first"},
    {"compartments_subtract",
     PropertyType::Integer,
     Scope::Core,
     "",
     {},
     1,
     16,
     "neurons of a core that one neuron with subtractive reset takes"},
    {"payload", PropertyType::Word, Scope::Either, "", kPayloads, 0, 0,
     "what an event carries: nothing (`binary`) or an unsigned or signed "
     "number"},
    {"payload_bits",
     PropertyType::Integer,
     Scope::Either,
     "",
     {},
     1,
     64,
     "width of an event's payload"},
    {"payload_signed",
     PropertyType::Flag,
     Scope::Either,
     "",
     {},
     0,
     0,
     "whether a population may choose a payload with sign"},
    {"synapse_formats", PropertyType::Words, Scope::Core, "", kFormats, 0, 0,
     "how synapses are stored: one word per pair (`dense`), per non-zero pair "
     "(`sparse`), or once per kernel (`conv`)"},
    {"max_pool",
     PropertyType::Flag,
     Scope::Core,
     "",
     {},
     0,
     0,
     "whether a core can take the maximum of events"},
    {"shared_core",
     PropertyType::Flag,
     Scope::Core,
     "",
     {},
     0,
     0,
     "whether different populations may share a core"},
    {"timestep", PropertyType::Word, Scope::Chip, "", kTimesteps, 0, 0,
     "what ends a step: a barrier of all cores, a clock, or nothing (`event`)"},
    {"clock",
     PropertyType::Quantity,
     Scope::Chip,
     "Hz",
     {},
     0,
     0,
     "clock of the cores; absent for asynchronous chips"},
    {"supply",
     PropertyType::Quantity,
     Scope::Chip,
     "V",
     {},
     0,
     0,
     "supply voltage for which costs are stated"},
    {"process",
     PropertyType::Quantity,
     Scope::Chip,
     "m",
     {},
     0,
     0,
     "technology node"},
    {"host_cores",
     PropertyType::Integer,
     Scope::Chip,
     "",
     {},
     0,
     1024,
     "embedded general-purpose processors"},
};

ArrayRef<PropertyFact> target::getPropertyFacts() { return kProperties; }

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

static constexpr unsigned kEvent = KindIncremental | KindOperatingPoint;

static constexpr CostFact kCosts[] = {
    // Energy of one event.
    {"energy_synop", "J", kEvent, "", "count, mapped", "energy_mac",
     "energy_dynamic_per_inference and energy_per_inference are unavailable",
     "one effective synaptic operation on a binary event"},
    {"energy_mac", "J", kEvent, "", "count, mapped", "energy_synop",
     "energy of graded networks and of layers costed as MACs is unavailable",
     "one multiply-accumulate on a graded event or of an ANN layer"},
    {"energy_neuron_access", "J", kEvent, "", "count, mapped",
     "energy_neuron_update", "the neurons' share is left out of energy",
     "every mapped neuron, every step"},
    {"energy_neuron_update", "J", kEvent, "", "count, mapped",
     "energy_neuron_access", "",
     "in addition, each neuron whose membrane is updated with input or is "
     "active"},
    {"energy_spike_out", "J", kEvent, "", "count, mapped", "", "",
     "in addition, per spike"},
    {"energy_axon_out", "J", kEvent, "", "mapped", "", "",
     "per packet sent to a remote core"},
    {"energy_axon_in", "J", kEvent, "", "mapped", "", "",
     "per packet received"},
    {"energy_spike_local", "J", kEvent, "", "mapped", "", "",
     "per packet that stays inside a router's tile"},
    {"energy_hop_x", "J", kEvent, "", "mapped", "",
     "the network on chip is left out of energy",
     "per packet and hop along x (east, west)"},
    {"energy_hop_y", "J", kEvent, "", "mapped", "energy_hop_x", "",
     "per packet and hop along y (north, south)"},
    {"energy_io_bit", "J", kEvent, "", "mapped", "",
     "host input and output are left out of energy",
     "per bit that crosses the chip's host interface"},
    {"energy_state_reset", "J", kEvent, "", "", "", "",
     "per chip, each time the state is cleared between samples"},
    // Time of one event.
    {"latency_synop", "s", kEvent, "", "count, mapped", "latency_mac",
     "latency, throughput and energy_per_inference are unavailable",
     "one effective synaptic operation on a binary event"},
    {"latency_mac", "s", kEvent, "", "count, mapped", "latency_synop",
     "latency of graded networks is unavailable",
     "one multiply-accumulate on a graded event or of an ANN layer"},
    {"latency_neuron_access", "s", kEvent, "", "count, mapped",
     "latency_neuron_update",
     "latency, throughput and energy_per_inference are unavailable",
     "every mapped neuron, every step"},
    {"latency_neuron_update", "s", kEvent, "", "count, mapped",
     "latency_neuron_access", "",
     "in addition, each neuron whose membrane is updated with input or is "
     "active"},
    {"latency_spike_out", "s", kEvent, "", "count, mapped", "", "",
     "in addition, per spike"},
    {"latency_axon_out", "s", kEvent, "", "mapped", "", "",
     "per packet sent to a remote core"},
    {"latency_axon_in", "s", kEvent, "", "mapped", "", "",
     "per packet received"},
    {"latency_spike_local", "s", kEvent, "", "mapped", "", "",
     "per packet that stays inside a router's tile"},
    {"latency_hop_x", "s", kEvent, "", "mapped", "",
     "the network on chip is left out of latency",
     "per packet and hop along x (east, west)"},
    {"latency_hop_y", "s", kEvent, "", "mapped", "latency_hop_x", "",
     "per packet and hop along y (north, south)"},
    {"latency_barrier", "s", kEvent, "routers in use", "mapped", "",
     "the barrier is left out of latency",
     "end of a step: all cores of a chip wait for each other"},
    {"latency_barrier_board", "s", kEvent, "chips in use", "mapped", "",
     "the barrier between chips is left out of latency",
     "end of a step on several chips, in place of latency_barrier"},
    {"latency_io_step", "s", kEvent, "", "mapped", "",
     "host input and output are left out of latency",
     "host time per step: events in, events out"},
    {"latency_io_sample", "s", kEvent, "", "mapped", "", "",
     "host time per sample: loading, reading out, clearing"},
    // Power.
    {"power_static", "W", KindStatic, "", "count, mapped", "",
     "energy_per_inference and power_total are unavailable",
     "per chip, configured, clocks running, no input"},
    {"power_host", "W", KindStatic, "", "mapped", "", "",
     "per chip, embedded processors and the like while the network runs"},
    {"power_idle_boot", "W", KindStatic, "", "mapped", "", "",
     "per chip after boot, before a network is loaded: a baseline that some "
     "papers subtract"},
    {"power_idle_run", "W", KindStatic, "", "", "", "",
     "per chip, idle after the first run: a baseline that others subtract"},
    // Rates.
    {"bandwidth_io", "bit/s", KindStatic, "", "mapped", "latency_io_step", "",
     "the chip's host interface"},
    {"bandwidth_link", "1/s", KindStatic, "", "mapped", "", "",
     "one link between neighbouring routers"},
    {"timestep_minimum", "s", KindStatic, "", "mapped", "", "",
     "the shortest step whatever the load"},
};

ArrayRef<CostFact> target::getCostFacts() { return kCosts; }

//===----------------------------------------------------------------------===//
// Design rules
//===----------------------------------------------------------------------===//

static constexpr RuleParameter kWordBlocks[] = {
    {"word", "bit", "a block is rounded up to whole words"},
    {"block", "1", "synapses that one block holds at most"},
    {"header", "bit", "taken by each block beside its synapses"},
    {"index", "bit", "taken by each synapse of a sparse or conv list"},
};
static constexpr RuleFact kRules[] = {
    {"word_blocks", kWordBlocks,
     "synapses of one source neuron lie in blocks of whole memory words: for n "
     "synapses of b bits, full blocks of `block` synapses and a rest, each "
     "ceil((synapses · (b + index) + header) / word) words"},
};

ArrayRef<RuleFact> target::getRuleFacts() { return kRules; }

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kModels[] = {
    "input",      "if",        "lif",         "cuba_lif", "li",      "cuba_li",
    "integrator", "threshold", "sigma_delta", "relu",     "max_pool"};
static constexpr StringLiteral kConnections[] = {
    "dense",    "conv",  "transposed_conv", "sum_pool",
    "avg_pool", "scale", "identity",        "sparse"};

ArrayRef<StringLiteral> target::getNeuronModels() { return kModels; }
ArrayRef<StringLiteral> target::getConnectionKinds() { return kConnections; }

//===----------------------------------------------------------------------===//
// Look-up
//===----------------------------------------------------------------------===//

template <typename T>
static const T *findFact(ArrayRef<T> facts, StringRef name) {
  for (const T &fact : facts)
    if (fact.name == name)
      return &fact;
  return nullptr;
}

const LimitFact *target::findLimitFact(StringRef name) {
  return findFact(getLimitFacts(), name);
}
const PropertyFact *target::findPropertyFact(StringRef name) {
  return findFact(getPropertyFacts(), name);
}
const CostFact *target::findCostFact(StringRef name) {
  return findFact(getCostFacts(), name);
}
const RuleFact *target::findRuleFact(StringRef name) {
  return findFact(getRuleFacts(), name);
}

//===----------------------------------------------------------------------===//
// Reference pages
//===----------------------------------------------------------------------===//

static StringRef printScope(Scope scope) {
  switch (scope) {
  case Scope::Core:
    return "core";
  case Scope::Chip:
    return "chip";
  case Scope::Either:
    return "core or chip";
  }
  return "";
}

static std::string printForm(const PropertyFact &fact) {
  std::string words;
  for (StringLiteral word : fact.words)
    words += (words.empty() ? "`" : ", `") + word.str() + "`";
  std::string range =
      " " + llvm::itostr(fact.minimum) + " to " + llvm::itostr(fact.maximum);
  switch (fact.type) {
  case PropertyType::Word:
    return words;
  case PropertyType::Words:
    return "list of " + words;
  case PropertyType::Flag:
    return "`yes`, `no`";
  case PropertyType::Integer:
    return "integer," + range;
  case PropertyType::Integers:
    return "list of integers," + range;
  case PropertyType::Quantity:
    return ("quantity in " + fact.unit).str();
  }
  return "";
}

void target::printLimitsReference(raw_ostream &os) {
  os << "<!-- Generated from lib/Target/Facts.cpp; do not edit. -->\n"
        "# Limits, properties and design rules\n\n"
        "What a target file may state under `chip:`, `core:` and `limits:` "
        "([format](../formats/target.md)). What a chip does not state does not "
        "bind.\n\n"
        "## Limits\n\n"
        "A mapping must not exceed them. Every violation is reported under the "
        "rule's name with what is required and what is there.\n\n"
        "| name | of | unit | rule | meaning |\n|---|---|---|---|---|\n";
  for (const LimitFact &fact : kLimits)
    os << "| `" << fact.name << "` | " << printScope(fact.scope) << " | "
       << fact.unit << " | `" << fact.rule << "` | " << fact.doc << " |\n";
  os << "\n## Properties\n\n| name | of | form | meaning "
        "|\n|---|---|---|---|\n";
  for (const PropertyFact &fact : kProperties)
    os << "| `" << fact.name << "` | " << printScope(fact.scope) << " | "
       << printForm(fact) << " | " << fact.doc << " |\n";
  os << "\n`neuron_models` of a core names the populations that it runs (";
  llvm::interleaveComma(kModels, os,
                        [&](StringRef m) { os << "`" << m << "`"; });
  os << "), `connections` the connections (";
  llvm::interleaveComma(kConnections, os,
                        [&](StringRef m) { os << "`" << m << "`"; });
  os << "); absent: all.\n";
  os << "\n## Design rules\n\n"
        "Rules that one number cannot state; entries of `limits:`.\n\n"
        "| rule | parameters | meaning |\n|---|---|---|\n";
  for (const RuleFact &fact : kRules) {
    os << "| `" << fact.name << "` | ";
    for (const RuleParameter &parameter : fact.parameters)
      os << "`" << parameter.name << "` ("
         << (parameter.unit == "1" ? StringRef("count")
                                   : StringRef(parameter.unit))
         << "): " << parameter.doc << ". ";
    os << "| " << fact.doc << " |\n";
  }
}

void target::printCostsReference(raw_ostream &os) {
  os << "<!-- Generated from lib/Target/Facts.cpp; do not edit. -->\n"
        "# Cost names\n\n"
        "What a target file may state under `cost:` and in its cost profiles "
        "([format](../formats/target.md)). A value that a chip does not state "
        "is absent, never zero: its term is left out, or, where the last "
        "column "
        "says so, a KPI is unavailable.\n\n"
        "| name | unit | kinds | meaning | read at level | without it "
        "|\n|---|---|---|---|---|---|\n";
  for (const CostFact &fact : kCosts) {
    os << "| `" << fact.name << "` | " << fact.unit << " | ";
    SmallVector<StringRef> kinds;
    if (fact.kinds & KindIncremental)
      kinds.push_back("incremental");
    if (fact.kinds & KindOperatingPoint)
      kinds.push_back("operating_point");
    if (fact.kinds & KindStatic)
      kinds.push_back("static");
    os << llvm::join(kinds, ", ") << " | " << fact.doc;
    if (!fact.tableBy.empty())
      os << "; may be a table by " << fact.tableBy;
    os << " | "
       << (fact.readers.empty() ? StringRef("none yet")
                                : StringRef(fact.readers))
       << " | " << fact.without;
    if (!fact.without.empty() && !fact.alternative.empty())
      os << " (unless `" << fact.alternative << "` is stated)";
    os << " |\n";
  }
}
