//===- CountLevel.cpp - Operations times constants ------------------------===//
#include "Levels.h"

#include "llvm/ADT/StringExtras.h"

using namespace nmc;
using namespace nmc::cost;
using namespace nmc::cost::detail;

StringRef cost::stringifySeverity(Severity severity) {
  switch (severity) {
  case Severity::Note:
    return "note";
  case Severity::Warning:
    return "warning";
  case Severity::Error:
    return "error";
  }
  return "";
}

std::string detail::join(ArrayRef<std::string> names) {
  if (names.size() < 2)
    return names.empty() ? "" : names.front();
  return llvm::join(names.drop_back(), ", ") + " and " + names.back();
}

void detail::addAssumptions(CostResult &result,
                            const target::TargetInfo &target,
                            ArrayRef<std::string> names) {
  for (const std::string &name : names) {
    const target::CostValue *cost = target.cost(name);
    if (!cost || llvm::any_of(result.assumptions, [&](const Assumption &a) {
          return a.parameter == name;
        }))
      continue;
    Assumption assumption;
    assumption.parameter = name;
    assumption.unit = cost->unit;
    assumption.kind = chip::stringifyCostKind(cost->kind).str();
    assumption.provenance = chip::stringifyProvenance(cost->provenance).str();
    assumption.source = cost->source;
    assumption.value = Range(cost->value, cost->low, cost->high);
    result.assumptions.push_back(std::move(assumption));
  }
}

void detail::addEnergyNotes(CostResult &result, const EnergyModel &model,
                            const EventCounts &total, double ioBits,
                            const target::TargetInfo &target) {
  auto note = [&](Severity severity, StringRef rule, const Twine &message,
                  StringRef hint = "") {
    Note note;
    note.severity = severity;
    note.rule = rule.str();
    note.message = message.str();
    note.hint = hint.str();
    result.notes.push_back(std::move(note));
  };
  if (model.operatingPoint()) {
    note(Severity::Warning, "cost-kind",
         model.operatingPointName() + " of target '" + target.name +
             "' is an operating point: it is the whole energy and used alone" +
             (model.excluded().empty() ? Twine("")
                                       : ", without " + join(model.excluded())),
         "state an incremental value for a model by terms");
  } else if (!model.excluded().empty()) {
    note(Severity::Warning, "cost-kind",
         "not added to the incremental energies of target '" + target.name +
             "', being of another kind: " + join(model.excluded()));
  }
  std::vector<std::string> omitted = model.omitted(total, ioBits);
  if (!omitted.empty() && model.unavailable(total, ioBits).empty())
    note(Severity::Note, "cost-omitted",
         "left out of energy, since target '" + target.name +
             "' does not state them: " + join(omitted));
  if (model.macAsSynop() && total.macs > 0)
    note(Severity::Note, "cost-mac",
         "graded events are charged as energy_synop: " +
             statesNo(target, "energy_mac"));
  if (model.synopAsMac() && total.synops > 0)
    note(Severity::Note, "cost-mac",
         "binary events are charged as energy_mac: " +
             statesNo(target, "energy_synop"));
}

//===----------------------------------------------------------------------===//
// Network
//===----------------------------------------------------------------------===//

void detail::addNetworkKpis(CostResult &result, const NetworkCounts &network) {
  // Of the network as such.
  double weightBits = 0, stateBits = 0, dense = 0, zeros = 0, weights = 0;
  double neurons = 0;
  bool zerosKnown = true;
  const double steps = network.steps;
  for (const ConnectionCounts &c : network.connections) {
    weightBits += c.weights * c.weightBits;
    if (!c.counted)
      continue;
    dense += double(c.synapses) * steps;
    weights += c.weights;
    zerosKnown &= c.zeroWeights.has_value();
    zeros += c.zeroWeights.value_or(0);
  }
  for (const PopulationCounts &p : network.populations) {
    stateBits += p.stateBits;
    if (!p.input)
      neurons += p.neurons;
  }
  std::vector<Estimate> &kpis = result.kpis;
  kpis.push_back(Estimate::of("memory_weights", weightBits / 8));
  kpis.push_back(Estimate::of("memory_state", stateBits / 8));
  if (!zerosKnown)
    kpis.push_back(Estimate::missing("connection_sparsity",
                                     "the network has weights without values"));
  else if (weights == 0)
    kpis.push_back(
        Estimate::missing("connection_sparsity", "the network has no weights"));
  else
    kpis.push_back(Estimate::of("connection_sparsity", zeros / weights));

  // Of its activity.
  double spikes = 0, updates = 0, acs = 0, macs = 0;
  bool spikesKnown = true, updatesKnown = true, synopsKnown = true;
  for (const PopulationCounts &p : network.populations) {
    if (p.input)
      continue;
    spikesKnown &= p.spikes.has_value();
    updatesKnown &= p.updates.has_value();
    spikes += p.spikes.value_or(0);
    updates += p.updates.value_or(0);
  }
  for (const ConnectionCounts &c : network.connections) {
    if (!c.counted)
      continue;
    synopsKnown &= c.accumulates || c.multiplies;
    acs += c.accumulates.value_or(0);
    macs += c.multiplies.value_or(0);
  }
  auto add = [&](StringRef name, bool known, double value,
                 StringRef aggregation = "mean") {
    kpis.push_back(known
                       ? Estimate::of(name, value, "", aggregation)
                       : Estimate::missing(name, noActivity, "", aggregation));
    if (known)
      kpis.back().samples = network.samples;
  };
  add("spikes_per_inference", spikesKnown, spikes);
  add("synops_per_inference", synopsKnown, acs + macs);
  kpis.push_back(Estimate::of("synops_dense_per_inference", dense));
  add("macs_per_inference", synopsKnown, macs);
  add("acs_per_inference", synopsKnown, acs);
  add("neuron_updates_per_inference", updatesKnown, updates);
  // Several events per neuron and step leave this a bound, never below zero.
  double outputs = steps * neurons;
  add("activation_sparsity", spikesKnown && outputs > 0,
      outputs > 0 ? std::max(0.0, 1 - spikes / outputs) : 0);

  // Layers: one per population, with the connections into it.
  for (auto [position, p] : llvm::enumerate(network.populations)) {
    LayerCost layer;
    layer.name = p.name, layer.op = p.op, layer.location = p.location;
    layer.neurons = p.neurons;
    layer.spikesOut = p.spikes;
    layer.updates = p.updates;
    if (p.spikes && p.neurons > 0 && steps > 0)
      layer.rate = *p.spikes / (double(p.neurons) * steps);
    for (const ConnectionCounts &c : network.connections) {
      if (c.target != position)
        continue;
      layer.synapses += c.synapses;
      layer.weightBytes =
          layer.weightBytes.value_or(0) + c.weights * c.weightBits / 8;
      if (c.source < network.populations.size())
        if (std::optional<double> in = network.populations[c.source].spikes)
          layer.spikesIn = layer.spikesIn.value_or(0) + *in;
      if (!c.counted)
        continue;
      layer.synopsDense =
          layer.synopsDense.value_or(0) + double(c.synapses) * steps;
      if (c.accumulates || c.multiplies)
        layer.synops = layer.synops.value_or(0) + c.accumulates.value_or(0) +
                       c.multiplies.value_or(0);
    }
    result.layers.push_back(std::move(layer));
  }
}

static Range sum(ArrayRef<std::pair<std::string, Range>> parts) {
  Range total;
  for (const auto &part : parts)
    total += part.second;
  return total;
}

CostResult cost::estimateCounts(const NetworkCounts &network,
                                const target::TargetInfo &target) {
  CostResult result;
  result.level = "count";
  addNetworkKpis(result, network);

  EnergyModel model(target);
  constexpr StringLiteral scope = "core operations";
  const double steps = network.steps;
  std::vector<EventCounts> perLayer(network.populations.size());
  EventCounts total;
  bool known = network.hasActivity();
  for (auto [position, p] : llvm::enumerate(network.populations)) {
    EventCounts &events = perLayer[position];
    if (!p.input) {
      events.neuronAccess = p.neurons * steps;
      events.neuronUpdate = p.updates.value_or(0);
      events.spikesOut = p.spikes.value_or(0);
    }
    for (const ConnectionCounts &c : network.connections)
      if (c.target == position) {
        events.synops += c.accumulates.value_or(0);
        events.macs += c.multiplies.value_or(0);
      }
    total += events;
  }

  auto needsMapping = [&](StringRef name, StringRef aggregation = "") {
    result.kpis.push_back(Estimate::missing(
        name, "level 'count' knows no mapping; use level 'mapped'", "",
        aggregation));
  };
  if (!known) {
    result.kpis.push_back(Estimate::missing("energy_dynamic_per_inference",
                                            noActivity, scope, "mean"));
  } else if (std::optional<Range> point = model.operatingPoint()) {
    Estimate energy = Estimate::of("energy_per_inference",
                                   Range(total.synops + total.macs) * *point,
                                   "operating point", "mean");
    energy.samples = network.samples;
    energy.note = "synaptic events times " + model.operatingPointName().str();
    result.kpis.push_back(std::move(energy));
    result.kpis.push_back(Estimate::missing("energy_dynamic_per_inference",
                                            model.unavailable(total, 0), scope,
                                            "mean"));
    addAssumptions(result, target, model.used());
  } else if (std::string reason = model.unavailable(total, 0);
             !reason.empty()) {
    result.kpis.push_back(Estimate::missing("energy_dynamic_per_inference",
                                            reason, scope, "mean"));
  } else {
    std::vector<std::pair<std::string, Range>> parts = model.energy(total, 0);
    Estimate energy =
        Estimate::of("energy_dynamic_per_inference", sum(parts), scope, "mean");
    energy.breakdown = std::move(parts);
    energy.samples = network.samples;
    energy.note = "operations times constants: no network on chip, no static "
                  "power, no host";
    result.kpis.push_back(std::move(energy));
    for (auto [layer, events] : llvm::zip(result.layers, perLayer)) {
      layer.breakdown = model.energy(events, 0);
      layer.energy = sum(layer.breakdown);
    }
    addAssumptions(result, target, model.used());
  }
  if (known)
    addEnergyNotes(result, model, total, 0, target);
  if (!findEstimate(result.kpis, "energy_per_inference"))
    needsMapping("energy_per_inference", "mean");
  for (StringRef name : {"latency", "time_per_timestep", "throughput",
                         "power_total", "utilisation_cores"})
    needsMapping(name);
  return result;
}
