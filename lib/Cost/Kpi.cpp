//===- Kpi.cpp - The registry of KPIs -------------------------------------===//
#include "nmc/Cost/Kpi.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <limits>

using namespace nmc;
using namespace nmc::cost;

StringRef cost::stringifyPer(Per per) {
  switch (per) {
  case Per::Inference:
    return "inference";
  case Per::Timestep:
    return "timestep";
  case Per::Second:
    return "second";
  case Per::Chip:
    return "chip";
  case Per::Model:
    return "model";
  case Per::Mapping:
    return "mapping";
  }
  return "";
}

StringRef cost::stringifyMode(Mode mode) {
  switch (mode) {
  case Mode::Predicted:
    return "predicted";
  case Mode::Simulated:
    return "simulated";
  case Mode::Measured:
    return "measured";
  }
  return "";
}

std::optional<Mode> cost::symbolizeMode(StringRef word) {
  return llvm::StringSwitch<std::optional<Mode>>(word)
      .Case("predicted", Mode::Predicted)
      .Case("simulated", Mode::Simulated)
      .Case("measured", Mode::Measured)
      .Default(std::nullopt);
}

ArrayRef<KpiInfo> cost::getKpis() {
  using B = Better;
  using P = Per;
  static const StringRef energy = "Energy and power", time = "Time",
                         accuracy = "Accuracy", memory = "Memory",
                         use = "Use of the chip", work = "Work",
                         traffic = "Traffic";
  static const std::vector<StringRef> none,
      chip = {"chip", "chip+host"}, one = {"chip"}, activity = {"activity"};
  static const std::vector<KpiInfo> table = {
      // Energy and power.
      {"energy_per_inference",
       "J",
       P::Inference,
       B::Lower,
       energy,
       "All energy that the chips in use take for one input: static power over "
       "the time of the inference, embedded processors where the target states "
       "them, and all events. This is what a battery pays at full throughput.",
       "(power_static + power_host) · latency + energy_dynamic_per_inference",
       chip,
       {"activity", "power_static", "energy_synop or energy_mac",
        "latency_* or timestep_minimum"}},
      {"energy_dynamic_per_inference",
       "J",
       P::Inference,
       B::Lower,
       energy,
       "Energy of the events alone: synaptic operations, neurons, packets, "
       "hops, and bits through the host interface.",
       "Σ over event kinds of count per inference · energy per event "
       "(incremental values only)",
       {"chip", "core operations"},
       {"activity", "energy_synop or energy_mac"}},
      {"energy_above_idle_per_inference",
       "J",
       P::Inference,
       B::Lower,
       energy,
       "Energy above that of the same chips idling after boot. Published as "
       "'dynamic' where idle was measured before the first run, although it "
       "then still holds clocks and processors that the run switched on.",
       "energy_per_inference − chips · power_idle_boot · latency",
       chip,
       {"activity", "power_idle_boot", "all that energy_per_inference needs"}},
      {"energy_per_timestep",
       "J",
       P::Timestep,
       B::Lower,
       energy,
       "Energy of one step, mean over steps and samples.",
       "energy_per_inference / steps",
       chip,
       {"all that energy_per_inference needs"}},
      {"energy_per_synop",
       "J",
       P::Inference,
       B::Lower,
       energy,
       "All energy over effective synaptic operations, at this load: an "
       "operating point. It compares with published figures of that kind and "
       "must not be used as the price of one more operation.",
       "energy_per_inference / synops_per_inference",
       chip,
       {"all that energy_per_inference needs"}},
      {"power_static",
       "W",
       P::Chip,
       B::Lower,
       energy,
       "Power of all chips in use that does not depend on events, after a "
       "first "
       "run.",
       "chips · power_static",
       one,
       {"power_static"}},
      {"power_host",
       "W",
       P::Chip,
       B::Lower,
       energy,
       "Power of the processors on or beside the chips that a run keeps busy.",
       "chips · power_host",
       {"host"},
       {"power_host"}},
      {"power_dynamic",
       "W",
       P::Second,
       B::Lower,
       energy,
       "Power of the events at full throughput.",
       "energy_dynamic_per_inference / latency",
       one,
       {"all that energy_dynamic_per_inference and latency need"}},
      {"power_total",
       "W",
       P::Second,
       B::Lower,
       energy,
       "Power of the chips in use at full throughput.",
       "energy_per_inference / latency",
       chip,
       {"all that energy_per_inference needs"}},
      {"edp",
       "J s",
       P::Inference,
       B::Lower,
       energy,
       "Energy-delay product of one inference.",
       "energy_per_inference · latency",
       chip,
       {"all that energy_per_inference needs"}},
      // Time.
      {"latency",
       "s",
       P::Inference,
       B::Lower,
       time,
       "Time from the input on the chip to its last step, host transfers "
       "included where the target states them. p50, p99 and max are over "
       "samples and exist where the time of single samples is known.",
       "steps · time_per_timestep + latency_io_sample + bits / bandwidth_io",
       {"chip", "chip+io"},
       {"activity", "latency_* or timestep_minimum"}},
      {"time_per_timestep",
       "s",
       P::Timestep,
       B::Lower,
       time,
       "Length of one step, mean over steps and samples.",
       "max(over cores: max(neuron stage, synapse stage); over links: packets "
       "/ "
       "bandwidth) + barrier + host I/O, at least timestep_minimum",
       {"chip", "chip+io"},
       {"activity", "latency_* or timestep_minimum"}},
      {"throughput",
       "1/s",
       P::Second,
       B::Higher,
       time,
       "Inferences per second, one after the other.",
       "1 / latency",
       {"chip", "chip+io"},
       {"all that latency needs"}},
      // Accuracy.
      {"accuracy",
       "1",
       P::Model,
       B::Higher,
       accuracy,
       "Correct answers over all samples, of the network as it would run on "
       "the target: converted, quantised, in the target's arithmetic.",
       "samples whose largest output is the label / samples",
       none,
       {"data with labels"}},
      {"accuracy_float",
       "1",
       P::Model,
       B::Higher,
       accuracy,
       "The same of the model as it came.",
       "as accuracy",
       none,
       {"data with labels"}},
      {"accuracy_legal",
       "1",
       P::Model,
       B::Higher,
       accuracy,
       "The same after layers that the target does not have were replaced, "
       "still in floating point.",
       "as accuracy",
       none,
       {"data with labels"}},
      {"accuracy_converted",
       "1",
       P::Model,
       B::Higher,
       accuracy,
       "The same after conversion to events, in floating point, before "
       "quantisation.",
       "as accuracy",
       none,
       {"data with labels"}},
      // Memory.
      {"memory_weights", "B", P::Model, B::Lower, memory,
       "Bytes of all distinct weights at the width in which the target stores "
       "them.",
       "Σ over connections of weights · bits / 8", none, none},
      {"memory_weights_stored",
       "B",
       P::Mapping,
       B::Lower,
       memory,
       "The same with the copies that several cores hold.",
       "Σ over cores of weights on the core · bits / 8",
       one,
       {"mapping"}},
      {"memory_state", "B", P::Model, B::Lower, memory,
       "Bytes of what neurons keep from step to step.",
       "Σ over populations of neurons · state bits / 8", none, none},
      {"memory_peak",
       "B",
       P::Mapping,
       B::Lower,
       memory,
       "Largest synapse memory of one core.",
       "max over cores of synapse memory / 8",
       {"core"},
       {"mapping"}},
      {"connection_sparsity",
       "1",
       P::Model,
       B::Neither,
       memory,
       "Zero weights over all weights (NeuroBench).",
       "Σ zero weights / Σ weights",
       none,
       {"weights"}},
      // Use of the chip.
      {"cores_used",
       "1",
       P::Mapping,
       B::Lower,
       use,
       "Cores with neurons.",
       "count",
       one,
       {"mapping"}},
      {"chips_used",
       "1",
       P::Mapping,
       B::Lower,
       use,
       "Chips with neurons.",
       "count",
       {"system"},
       {"mapping"}},
      {"utilisation_cores",
       "1",
       P::Mapping,
       B::Neither,
       use,
       "Cores in use over all cores of the chips in use.",
       "cores_used / (chips · cores per chip)",
       one,
       {"mapping"}},
      {"utilisation_neurons",
       "1",
       P::Mapping,
       B::Neither,
       use,
       "Neurons over the cap of a core; mean over cores in use, and the "
       "fullest "
       "core as max.",
       "neurons / limit neurons",
       {"core"},
       {"mapping", "neurons"}},
      {"utilisation_synapse_memory",
       "1",
       P::Mapping,
       B::Neither,
       use,
       "Synapse memory over the cap of a core; mean and max as above.",
       "synapse memory / limit synapse_memory",
       {"core"},
       {"mapping", "limit synapse_memory"}},
      {"utilisation_axons_in",
       "1",
       P::Mapping,
       B::Neither,
       use,
       "Input axons over the cap of a core; mean and max as above.",
       "input axons / limit axons_in",
       {"core"},
       {"mapping", "limit axons_in"}},
      {"utilisation_axons_out",
       "1",
       P::Mapping,
       B::Neither,
       use,
       "Output axons over the cap of a core; mean and max as above.",
       "output axons / limit axons_out",
       {"core"},
       {"mapping", "limit axons_out"}},
      {"area",
       "m2",
       P::Chip,
       B::Lower,
       use,
       "Silicon area of the chips in use.",
       "chips · area",
       one,
       {"area"}},
      // Work.
      {"spikes_per_inference", "1", P::Inference, B::Neither, work,
       "Events sent by all populations but the inputs.",
       "Σ over steps and neurons of events", none, activity},
      {"synops_per_inference", "1", P::Inference, B::Lower, work,
       "Effective synaptic operations (NeuroBench): non-zero event times "
       "non-zero weight. Pooling and normalisation do not count.",
       "Σ over events of their synapses with a non-zero weight", none,
       activity},
      {"synops_dense_per_inference", "1", P::Inference, B::Lower, work,
       "Operations if every neuron sent an event in every step.",
       "steps · Σ over connections of synapses", none, none},
      {"macs_per_inference", "1", P::Inference, B::Lower, work,
       "Effective operations whose event carries a payload: multiply and "
       "accumulate.",
       "as synops_per_inference, graded events", none, activity},
      {"acs_per_inference", "1", P::Inference, B::Lower, work,
       "Effective operations whose event is 0 or ±1: accumulate.",
       "as synops_per_inference, binary events", none, activity},
      {"neuron_updates_per_inference", "1", P::Inference, B::Lower, work,
       "Membranes updated with input, or active without.",
       "Σ over steps of membranes updated", none, activity},
      {"activation_sparsity", "1", P::Inference, B::Higher, work,
       "Zero outputs over all outputs of populations but the inputs, over all "
       "steps and samples (NeuroBench).",
       "1 − spikes / (steps · neurons)", none, activity},
      // Traffic.
      {"remote_deliveries",
       "1",
       P::Inference,
       B::Lower,
       traffic,
       "Packets if an event is sent once to each other core that needs it: the "
       "connectivity metric (λ − 1, 'km1') weighted by events.",
       "Σ over events of (cores with a target, the own one excluded)",
       one,
       {"mapping", "activity"}},
      {"weighted_hops",
       "1",
       P::Inference,
       B::Lower,
       traffic,
       "Links that these packets traverse, each on its own way.",
       "Σ over packets of the distance between the routers",
       one,
       {"mapping", "activity"}},
      {"multicast_hops",
       "1",
       P::Inference,
       B::Lower,
       traffic,
       "Links traversed if packets of one event share their way as far as "
       "routing allows.",
       "Σ over events of the links of their tree",
       one,
       {"mapping", "activity"}},
      {"largest_link_load",
       "1",
       P::Timestep,
       B::Lower,
       traffic,
       "Packets through the busiest link, mean per step.",
       "max over links of packets / steps",
       one,
       {"mapping", "activity"}},
  };
  return table;
}

const KpiInfo *cost::lookupKpi(StringRef name) {
  for (const KpiInfo &info : getKpis())
    if (info.name == name)
      return &info;
  return nullptr;
}

StringRef cost::suggestKpi(StringRef name) {
  StringRef best;
  unsigned bestDistance = std::max<size_t>(2, name.size() / 3) + 1;
  for (const KpiInfo &info : getKpis()) {
    unsigned distance = name.edit_distance(info.name, true, bestDistance);
    if (distance < bestDistance)
      bestDistance = distance, best = info.name;
  }
  return best;
}

Range cost::divide(const Range &numerator, const Range &denominator) {
  return Range(numerator.value / denominator.value,
               numerator.low / denominator.high,
               numerator.high / denominator.low);
}

Range cost::max(const Range &a, const Range &b) {
  return Range(std::max(a.value, b.value), std::max(a.low, b.low),
               std::max(a.high, b.high));
}

static Estimate make(StringRef kpi, StringRef scope, StringRef aggregation) {
  Estimate estimate;
  estimate.kpi = kpi.str();
  if (const KpiInfo *info = lookupKpi(kpi))
    estimate.unit = info->unit.str();
  estimate.scope = scope.str();
  estimate.aggregation = aggregation.str();
  return estimate;
}

Estimate Estimate::of(StringRef kpi, Range range, StringRef scope,
                      StringRef aggregation) {
  Estimate estimate = make(kpi, scope, aggregation);
  auto finite = [](double x) {
    return x >= 0 && x <= std::numeric_limits<double>::max();
  };
  if (finite(range.value) && finite(range.low) && finite(range.high))
    estimate.range = range;
  else
    estimate.unavailable = "the value is not a finite number";
  return estimate;
}

Estimate Estimate::missing(StringRef kpi, const Twine &reason, StringRef scope,
                           StringRef aggregation) {
  Estimate estimate = make(kpi, scope, aggregation);
  estimate.unavailable = reason.str();
  return estimate;
}

std::optional<Range> Estimate::part(StringRef term) const {
  for (const auto &[name, range] : breakdown)
    if (name == term)
      return range;
  return std::nullopt;
}

const Estimate *cost::findEstimate(ArrayRef<Estimate> estimates, StringRef kpi,
                                   StringRef aggregation) {
  for (const Estimate &estimate : estimates)
    if (estimate.kpi == kpi &&
        (aggregation.empty() || estimate.aggregation == aggregation))
      return &estimate;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Handbook
//===----------------------------------------------------------------------===//

void cost::printMetricsHandbook(raw_ostream &os) {
  os << "# Metrics handbook\n\n"
        "<!-- Printed from the registry in lib/Cost/Kpi.cpp; do not edit. "
        "-->\n\n"
        "Every KPI of a report has a value in the SI unit given here, or the "
        "reason why it\nhas none: never a zero for what is not known. Beside "
        "the value stand `low` and\n`high` (the ranges of all cost values and "
        "times added up), `scope` (what is\ninside), `mode` (predicted, "
        "simulated, measured), and, for sums, `breakdown`.\n\n"
        "What may be added to what follows the kind of a cost value: "
        "`incremental` values\nare the price of one more event and add up; "
        "`static` values are power over time;\nan `operating_point` value is "
        "total power over events at one load, is used alone\nand is never "
        "added to others.\n";
  StringRef group;
  auto list = [&](StringRef title, ArrayRef<StringRef> words) {
    if (words.empty())
      return;
    os << "- " << title << ": ";
    llvm::interleaveComma(words, os);
    os << "\n";
  };
  for (const KpiInfo &info : getKpis()) {
    if (info.group != group) {
      group = info.group;
      os << "\n## " << group << "\n";
    }
    os << "\n### `" << info.name << "`\n\n"
       << info.definition
       << "\n\n- Unit: " << (info.unit == "1" ? "none (`1`)" : info.unit)
       << ", per " << stringifyPer(info.per) << "\n- Formula: " << info.formula
       << "\n";
    list("Scope", info.scopes);
    list("Needs", info.needs);
    if (info.better != Better::Neither)
      os << "- " << (info.better == Better::Lower ? "Lower" : "Higher")
         << " is better.\n";
  }
}
