//===- MappedLevel.cpp - Costs of a network on a chip ---------------------===//
#include "Levels.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <numeric>

using namespace nmc;
using namespace nmc::cost;
using namespace nmc::cost::detail;

namespace {
/// One estimate of level `mapped` under construction.
class MappedLevel {
public:
  MappedLevel(const NetworkCounts &network, const MappedCounts &mapped,
              const target::TargetInfo &target)
      : network(network), mapped(mapped), target(target), energyModel(target),
        stepModel(target, mapped.chips, mapped.routers) {}

  CostResult run();

private:
  bool check();
  void sumParts();
  void addStepTime();
  void addTimes();
  void addEnergies();
  void addPower(StringRef kpi, StringRef cost, StringRef scope);
  void addUse();
  void addTraffic();
  void addLayersAndCores();
  std::string coreName(unsigned core) const;
  void note(StringRef rule, const Twine &message, StringRef hint = "");
  void add(StringRef kpi, Range value, StringRef scope,
           StringRef aggregation = "", const Twine &text = "");
  void miss(StringRef kpi, const Twine &reason, StringRef scope,
            StringRef aggregation = "");
  /// Counts of events widened where they are guesses; visits are no guess.
  Range uncertain(StringRef term, Range range) const {
    return mapped.basis == ActivityBasis::Assumed && term != "neuron_access"
               ? range * mapped.assumedFactor
               : range;
  }

  const NetworkCounts &network;
  const MappedCounts &mapped;
  const target::TargetInfo &target;
  EnergyModel energyModel;
  StepModel stepModel;
  CostResult result;

  std::vector<EventCounts> cores, peaks;
  EventCounts total; // per step, all cores
  std::string timeReason, timeScope = "chip";
  std::optional<Range> stepTime, latency; // s
  std::string stepNote;
  std::vector<std::vector<std::string>> corePopulations;
};
} // namespace

void MappedLevel::note(StringRef rule, const Twine &message, StringRef hint) {
  Note n;
  n.rule = rule.str(), n.message = message.str(), n.hint = hint.str();
  result.notes.push_back(std::move(n));
}

void MappedLevel::add(StringRef kpi, Range value, StringRef scope,
                      StringRef aggregation, const Twine &text) {
  Estimate estimate = Estimate::of(kpi, value, scope, aggregation);
  const KpiInfo *info = lookupKpi(kpi);
  if (info && (info->per == Per::Inference || info->per == Per::Timestep ||
               info->per == Per::Second))
    estimate.samples = network.samples;
  estimate.note = text.str();
  result.kpis.push_back(std::move(estimate));
}

void MappedLevel::miss(StringRef kpi, const Twine &reason, StringRef scope,
                       StringRef aggregation) {
  result.kpis.push_back(Estimate::missing(kpi, reason, scope, aggregation));
}

bool MappedLevel::check() {
  auto fail = [&](const Twine &message) {
    Note n;
    n.severity = Severity::Error;
    n.rule = "cost-counts";
    n.message = message.str();
    result.notes.push_back(std::move(n));
    return false;
  };
  if (network.steps < 1)
    return fail("the network has " + Twine(network.steps) +
                " steps, at least 1 is needed");
  for (auto [position, part] : llvm::enumerate(mapped.parts))
    if (part.core >= mapped.cores.size() ||
        part.population >= network.populations.size())
      return fail("part " + Twine(position) + " names core " +
                  Twine(part.core) + " of " + Twine(mapped.cores.size()) +
                  " and population " + Twine(part.population) + " of " +
                  Twine(network.populations.size()));
  for (const MappedCore &core : mapped.cores)
    if (core.kind >= target.cores.size())
      return fail("core " + Twine(core.core) + " is of kind " +
                  Twine(core.kind) + ", the target has " +
                  Twine(target.cores.size()));
  return true;
}

void MappedLevel::sumParts() {
  cores.resize(mapped.cores.size());
  peaks.resize(mapped.cores.size());
  corePopulations.resize(mapped.cores.size());
  for (const MappedPart &part : mapped.parts) {
    cores[part.core] += part.mean;
    peaks[part.core] += part.peak ? *part.peak : part.mean;
    total += part.mean;
    std::vector<std::string> &names = corePopulations[part.core];
    const std::string &name = network.populations[part.population].name;
    if (!llvm::is_contained(names, name))
      names.push_back(name);
  }
}

std::string MappedLevel::coreName(unsigned core) const {
  if (core >= mapped.cores.size())
    return "";
  const MappedCore &c = mapped.cores[core];
  std::string name = mapped.chips > 1
                         ? llvm::formatv("core {0}.{1}", c.chip, c.core).str()
                         : llvm::formatv("core {0}", c.core).str();
  if (!corePopulations[core].empty())
    name += " (" + llvm::join(corePopulations[core], ", ") + ")";
  return name;
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

void MappedLevel::addStepTime() {
  if (!network.hasActivity()) {
    timeReason = noActivity.str();
    return;
  }
  timeReason = stepModel.unavailable(total);
  if (!timeReason.empty())
    return;

  StepTime step;
  switch (mapped.basis) {
  case ActivityBasis::PerStep:
    step = stepModel.time(cores, mapped.links, mapped.ioBitsPerStep);
    break;
  case ActivityBasis::Peaks: {
    step = stepModel.time(cores, mapped.links, mapped.ioBitsPerStep);
    std::vector<LinkLoad> busiest = mapped.links;
    for (LinkLoad &link : busiest)
      link.packets = link.peak.value_or(link.packets);
    StepTime worst = stepModel.time(peaks, busiest, mapped.ioBitsPerStep);
    step.total.high = std::max(step.total.high, worst.total.high);
    step.core.high = std::max(step.core.high, worst.core.high);
    step.link.high = std::max(step.link.high, worst.link.high);
    stepNote = "value from mean counts per core, upper bound from the largest "
               "counts of any step";
    break;
  }
  case ActivityBasis::Means:
    step = stepModel.timeOfMeans(cores, mapped.links, mapped.ioBitsPerStep);
    stepNote = "value from mean counts per core, a lower bound; upper bound "
               "with Poisson counts, sqrt(2 ln 2m) standard deviations for m "
               "cores; variation over samples and steps is not in it";
    break;
  case ActivityBasis::Assumed: {
    auto scale = [&](double factor) {
      std::vector<EventCounts> scaled;
      for (const EventCounts &core : cores) {
        scaled.push_back(core.scaled(factor));
        scaled.back().neuronAccess = core.neuronAccess;
      }
      return scaled;
    };
    auto scaleLinks = [&](double factor) {
      std::vector<LinkLoad> scaled = mapped.links;
      for (LinkLoad &link : scaled)
        link.packets *= factor;
      return scaled;
    };
    step = stepModel.time(cores, mapped.links, mapped.ioBitsPerStep);
    double low = mapped.assumedFactor.low, high = mapped.assumedFactor.high;
    StepTime least =
        stepModel.time(scale(low), scaleLinks(low), mapped.ioBitsPerStep);
    StepTime most = stepModel.timeOfMeans(scale(high), scaleLinks(high),
                                          mapped.ioBitsPerStep);
    for (auto part : {&StepTime::total, &StepTime::core, &StepTime::link}) {
      (step.*part).low = std::min((step.*part).low, (least.*part).low);
      (step.*part).high = std::max((step.*part).high, (most.*part).high);
    }
    stepNote = llvm::formatv("activity is assumed: counts of events from {0} "
                             "to {1} times the assumed ones",
                             low, high)
                   .str();
    break;
  }
  }
  stepTime = step.total;
  if (mapped.basis == ActivityBasis::PerStep && !mapped.sampleTimes.empty()) {
    Range sum;
    for (const Range &time : mapped.sampleTimes)
      sum += time;
    stepTime = sum * Range(1.0 / (double(mapped.sampleTimes.size()) *
                                  double(network.steps)));
    stepNote = "from the counts of every step";
  }

  auto part = [&](Bound bound, Range time, std::string what) {
    if (time.value <= 0)
      return;
    StepPart p;
    p.bound = bound, p.time = time, p.what = std::move(what);
    auto smaller = llvm::find_if(result.step, [&](const StepPart &other) {
      return other.time.value < time.value;
    });
    result.step.insert(smaller, std::move(p));
  };
  part(step.stage, step.core, coreName(step.bindingCore));
  if (step.bindingLink < mapped.links.size())
    part(Bound::Link, step.link, mapped.links[step.bindingLink].name);
  part(Bound::Barrier, step.barrier, "synchronisation");
  part(Bound::Io, step.io, "host interface");
  if (step.bound == Bound::TimestepMinimum)
    part(Bound::TimestepMinimum, step.total, "shortest step of the chip");
  std::vector<std::string> omitted = stepModel.omitted(total);
  if (!omitted.empty())
    note("cost-omitted", "left out of the time per step, since target '" +
                             target.name +
                             "' does not state them: " + join(omitted));
  if (!stepModel.hasIo())
    note("cost-io",
         "target '" + target.name +
             "' states no time for the host interface: latency is that of "
             "the chip alone",
         "a chip that waits for its host in every step can be tens of times "
         "slower");
  if (mapped.basis != ActivityBasis::PerStep)
    note("cost-step", stepNote);
}

void MappedLevel::addTimes() {
  if (stepModel.hasIo())
    timeScope = "chip+io";
  if (!stepTime) {
    for (StringRef kpi : {"latency", "time_per_timestep", "throughput"})
      miss(kpi, timeReason, timeScope, "mean");
    return;
  }
  Range sampleIo = stepModel.sampleIo(mapped.ioBitsPerSample);
  latency = Range(double(network.steps)) * *stepTime + sampleIo;
  add("latency", *latency, timeScope, "mean", stepNote);
  Estimate &mean = result.kpis.back();
  Range steps = Range(double(network.steps)) * *stepTime;
  mean.breakdown.emplace_back("steps", steps);
  if (sampleIo.value > 0)
    mean.breakdown.emplace_back("io_sample", sampleIo);
  if (mapped.basis == ActivityBasis::PerStep && !mapped.sampleTimes.empty()) {
    std::vector<Range> times;
    for (const Range &time : mapped.sampleTimes)
      times.push_back(time + sampleIo);
    addLatencies(result.kpis, times, timeScope);
  }
  add("time_per_timestep", *stepTime, timeScope, "mean", stepNote);
  // Step times may have been recorded for some of the samples only.
  if (mapped.basis == ActivityBasis::PerStep && !mapped.sampleTimes.empty())
    for (Estimate &estimate : result.kpis)
      if (estimate.aggregation == "mean")
        estimate.samples = mapped.sampleTimes.size();
  if (latency->low > 0)
    add("throughput", divide(Range(1), *latency), timeScope, "mean");
  else
    miss("throughput", "latency may be zero", timeScope, "mean");
  addAssumptions(result, target, stepModel.used());
}

void cost::addLatencies(std::vector<Estimate> &kpis,
                        ArrayRef<Range> sampleTimes, StringRef scope) {
  if (sampleTimes.empty())
    return;
  std::vector<double> value, low, high;
  for (const Range &time : sampleTimes) {
    value.push_back(time.value);
    low.push_back(time.low);
    high.push_back(time.high);
  }
  for (std::vector<double> *list : {&value, &low, &high})
    llvm::sort(*list);
  auto add = [&](StringRef aggregation, double quantile) {
    // Nearest rank.
    size_t rank = std::ceil(quantile * value.size());
    size_t at = std::min(value.size(), std::max<size_t>(rank, 1)) - 1;
    Estimate estimate = Estimate::of(
        "latency", Range(value[at], low[at], high[at]), scope, aggregation);
    estimate.samples = value.size();
    kpis.push_back(std::move(estimate));
  };
  add("p50", 0.5);
  add("p99", 0.99);
  add("max", 1);
}

//===----------------------------------------------------------------------===//
// Energy
//===----------------------------------------------------------------------===//

static Range sum(ArrayRef<std::pair<std::string, Range>> parts) {
  Range total;
  for (const auto &part : parts)
    total += part.second;
  return total;
}

/// A power per chip; a value of another kind than `static` is not power over
/// time alone and is refused.
static std::optional<Range> readPower(const target::TargetInfo &target,
                                      StringRef name, int64_t chips,
                                      std::string &reason) {
  const target::CostValue *cost = target.cost(name);
  if (!cost) {
    reason = statesNo(target, name);
    return std::nullopt;
  }
  if (cost->kind != chip::CostKind::Static) {
    reason = (name + " of target '" + target.name + "' is of kind " +
              chip::stringifyCostKind(cost->kind) + ", not static")
                 .str();
    return std::nullopt;
  }
  return Range(double(chips)) * Range(cost->value, cost->low, cost->high);
}

void MappedLevel::addPower(StringRef kpi, StringRef cost, StringRef scope) {
  std::string reason;
  if (std::optional<Range> power =
          readPower(target, cost, mapped.chips, reason)) {
    add(kpi, *power, scope);
    addAssumptions(result, target, cost.str());
  } else {
    miss(kpi, reason, scope);
  }
}

void MappedLevel::addEnergies() {
  const double steps = network.steps;
  std::string staticReason, hostReason, idleReason;
  std::optional<Range> staticPower =
      readPower(target, "power_static", mapped.chips, staticReason);
  std::optional<Range> hostPower =
      readPower(target, "power_host", mapped.chips, hostReason);
  std::optional<Range> idlePower =
      readPower(target, "power_idle_boot", mapped.chips, idleReason);
  if (target.cost("power_host") && !hostPower)
    note("cost-kind", hostReason + "; it is not added");

  EventCounts perInference = total.scaled(steps);
  double ioBits = mapped.ioBitsPerStep * steps + mapped.ioBitsPerSample;
  bool known = network.hasActivity();
  if (known)
    addEnergyNotes(result, energyModel, perInference, ioBits, target);

  std::vector<std::pair<std::string, Range>> parts;
  std::string reason =
      known ? energyModel.unavailable(perInference, ioBits) : noActivity.str();
  std::optional<Range> dynamic;
  if (reason.empty()) {
    parts = energyModel.energy(perInference, ioBits);
    for (auto &[term, range] : parts)
      range = uncertain(term, range);
    // Clearing the state between samples costs each chip.
    const target::CostValue *reset = target.cost("energy_state_reset");
    if (reset && network.resetsState &&
        reset->kind == chip::CostKind::Incremental) {
      auto beforeIo = llvm::find_if(
          parts, [](const auto &part) { return part.first == "io_bit"; });
      parts.insert(beforeIo, {"state_reset", Range(double(mapped.chips)) *
                                                 Range(reset->value, reset->low,
                                                       reset->high)});
      addAssumptions(result, target, reset->name);
    }
    dynamic = sum(parts);
  }

  std::string dynamicScope = "chip";
  if (!parts.empty() && parts.back().first == "io_bit")
    dynamicScope += "+io";
  std::string scope = hostPower ? "chip+host" : "chip";
  if (dynamicScope == "chip+io")
    scope += "+io";

  // All energy: the operating point alone, or every term with the time.
  std::optional<Range> energy;
  std::string energyReason = reason;
  std::vector<std::pair<std::string, Range>> energyParts;
  std::string energyNote;
  if (known && energyModel.operatingPoint()) {
    energy = uncertain("synop", Range(perInference.synops + perInference.macs) *
                                    *energyModel.operatingPoint());
    scope = "operating point";
    energyNote =
        "synaptic events times " + energyModel.operatingPointName().str();
  } else if (dynamic) {
    if (!staticPower)
      energyReason = staticReason;
    else if (!latency)
      energyReason = "needs the time per inference: " + timeReason;
    else {
      energyParts = parts;
      energyParts.emplace_back("static", *staticPower * *latency);
      if (hostPower)
        energyParts.emplace_back("host", *hostPower * *latency);
      energy = sum(energyParts);
    }
  }

  auto addOrMiss = [&](StringRef kpi, std::optional<Range> value,
                       const Twine &why, StringRef where) {
    if (value)
      add(kpi, *value, where, "mean");
    else
      miss(kpi, why, where, "mean");
  };
  addOrMiss("energy_per_inference", energy, energyReason, scope);
  result.kpis.back().breakdown = energyParts;
  result.kpis.back().note = energyNote;
  addOrMiss("energy_dynamic_per_inference", dynamic, reason, dynamicScope);
  result.kpis.back().breakdown = parts;

  // Above boot idle: the baseline is taken off value by value, never below 0.
  std::optional<Range> above;
  std::string aboveReason = energyReason;
  if (energy && energyModel.operatingPoint()) {
    aboveReason = "energy is that of an operating point";
  } else if (energy && !idlePower) {
    aboveReason = idleReason;
  } else if (energy) {
    Range idle = *idlePower * *latency;
    auto positive = [](double x) { return std::max(0.0, x); };
    // The same time passes in both, so low goes with low.
    double value = positive(energy->value - idle.value);
    double a = positive(energy->low - idle.low),
           b = positive(energy->high - idle.high);
    above = Range(value, std::min({value, a, b}), std::max({value, a, b}));
    addAssumptions(result, target, std::string("power_idle_boot"));
  }
  addOrMiss("energy_above_idle_per_inference", above, aboveReason, scope);

  std::optional<Range> perStep, perSynop, edp, powerTotal, powerDynamic;
  double synops = perInference.synops + perInference.macs;
  if (energy) {
    perStep = *energy * Range(1 / steps);
    if (synops > 0)
      perSynop = *energy * Range(1 / synops);
  }
  if (energy && latency) {
    edp = *energy * *latency;
    if (latency->low > 0 && !energyParts.empty()) {
      // Static power is the same at every time: only events are divided.
      powerTotal = *staticPower + divide(*dynamic, *latency);
      if (hostPower)
        *powerTotal += *hostPower;
    } else if (latency->low > 0) {
      powerTotal = divide(*energy, *latency);
    }
  }
  if (dynamic && latency && latency->low > 0)
    powerDynamic = divide(*dynamic, *latency);
  std::string timeMissing = energy && !latency
                                ? "needs the time per inference: " + timeReason
                                : energyReason;
  addOrMiss("energy_per_timestep", perStep, energyReason, scope);
  addOrMiss("energy_per_synop", perSynop,
            energy ? "no synaptic events" : energyReason, scope);
  addPower("power_static", "power_static", "chip");
  addPower("power_host", "power_host", "host");
  addOrMiss("power_dynamic", powerDynamic,
            !reason.empty() ? reason
                            : "needs the time per inference: " + timeReason,
            dynamicScope);
  addOrMiss("power_total", powerTotal, timeMissing, scope);
  addOrMiss("edp", edp, timeMissing, scope);
  if (energy)
    addAssumptions(result, target, energyModel.used());
  else if (dynamic)
    addAssumptions(result, target, energyModel.used());
}

//===----------------------------------------------------------------------===//
// Use of the chip
//===----------------------------------------------------------------------===//

void MappedLevel::addUse() {
  const double used = mapped.cores.size();
  const double available = double(target.coreCount()) * mapped.chips;
  add("cores_used", used, "chip");
  add("chips_used", double(mapped.chips), "system");
  if (available > 0)
    add("utilisation_cores", used / available, "chip");
  else
    miss("utilisation_cores", "the target has no cores", "chip");
  result.resources.push_back({"cores", "chip", "1", used, available, ""});

  // Every resource that cores report and the target limits, by name.
  std::map<std::string, std::string> units;
  for (const MappedCore &core : mapped.cores)
    for (const auto &[name, count] : core.used) {
      auto it = target.cores[core.kind].limits.find(name);
      if (it != target.cores[core.kind].limits.end())
        units[name] = it->second.unit;
    }
  for (const auto &[name, unit] : units) {
    double sum = 0, sumLimit = 0, mean = 0, worst = -1, worstLimit = 0;
    unsigned count = 0, at = 0;
    for (auto [position, core] : llvm::enumerate(mapped.cores)) {
      auto it = core.used.find(name);
      std::optional<double> limit = target.cores[core.kind].limit(name);
      if (it == core.used.end() || !limit || *limit <= 0)
        continue;
      ++count;
      sum += it->second, sumLimit += *limit;
      mean += it->second / *limit;
      if (worst < 0 || it->second / *limit > worst / worstLimit)
        worst = it->second, worstLimit = *limit, at = position;
    }
    if (count == 0)
      continue;
    result.resources.push_back(
        {name, "core, mean", unit, sum / count, sumLimit / count, ""});
    result.resources.push_back(
        {name, "core, worst", unit, worst, worstLimit, coreName(at)});
    std::string kpi = "utilisation_" + name;
    if (lookupKpi(kpi)) {
      add(kpi, mean / count, "core", "mean");
      add(kpi, worst / worstLimit, "core", "max", coreName(at));
    }
  }
  for (StringRef name : {"neurons", "synapse_memory", "axons_in", "axons_out"})
    if (!units.count(name.str()))
      miss(("utilisation_" + name).str(), statesNo(target, name), "core");

  double peak = -1;
  unsigned at = 0;
  for (auto [position, core] : llvm::enumerate(mapped.cores))
    if (auto it = core.used.find("synapse_memory");
        it != core.used.end() && it->second > peak)
      peak = it->second, at = position;
  if (peak >= 0)
    add("memory_peak", peak / 8, "core", "max", coreName(at));
  else
    miss("memory_peak", "the mapping reports no synapse memory", "core", "max");
  if (mapped.storedWeightBits)
    add("memory_weights_stored", *mapped.storedWeightBits / 8, "chip");
  if (const target::CostValue *area = target.cost("area"))
    add("area",
        Range(double(mapped.chips)) * Range(area->value, area->low, area->high),
        "chip");
  else
    miss("area", statesNo(target, "area"), "chip");
}

void MappedLevel::addTraffic() {
  auto addOrMiss = [&](StringRef kpi, std::optional<double> value) {
    if (value)
      add(kpi, uncertain("", *value), "chip", "mean");
    else
      miss(kpi,
           network.hasActivity() ? StringRef("the mapping does not count it")
                                 : StringRef(noActivity),
           "chip", "mean");
  };
  addOrMiss("remote_deliveries", mapped.remoteDeliveries);
  addOrMiss("weighted_hops", mapped.weightedHops);
  addOrMiss("multicast_hops", mapped.multicastHops);
  std::optional<double> largest;
  std::string name;
  if (network.hasActivity())
    for (const LinkLoad &link : mapped.links)
      if (!largest || link.packets > *largest)
        largest = link.packets, name = link.name;
  // Nothing leaves a router where all cores share one.
  if (network.hasActivity() && mapped.links.empty() &&
      (mapped.remoteDeliveries == 0.0 || mapped.multicastHops == 0.0))
    largest = 0;
  addOrMiss("largest_link_load", largest);
  result.kpis.back().note = name;
}

void MappedLevel::addLayersAndCores() {
  const double steps = network.steps;
  bool energyKnown =
      network.hasActivity() && energyModel.unavailable(total, 0).empty();
  bool timeKnown = stepTime.has_value();
  std::vector<EventCounts> perLayer(network.populations.size());
  std::vector<std::vector<bool>> seen(network.populations.size(),
                                      std::vector<bool>(mapped.cores.size()));
  for (const MappedPart &part : mapped.parts) {
    LayerCost &layer = result.layers[part.population];
    perLayer[part.population] += part.mean;
    if (!seen[part.population][part.core]) {
      seen[part.population][part.core] = true;
      ++layer.cores;
    }
    if (!timeKnown)
      continue;
    Range neurons = Range(steps) * stepModel.neuronStage(part.mean);
    Range synapses = Range(steps) * stepModel.synapseStage(part.mean);
    Range stage = max(neurons, synapses);
    if (!layer.latency || stage.value > layer.latency->value)
      layer.boundBy = neurons.value >= synapses.value ? Bound::NeuronStage
                                                      : Bound::SynapseStage;
    layer.latency = layer.latency ? max(*layer.latency, stage) : stage;
  }
  if (energyKnown)
    for (auto [layer, events] : llvm::zip(result.layers, perLayer)) {
      layer.breakdown = energyModel.energy(events.scaled(steps), 0);
      for (auto &[term, range] : layer.breakdown)
        range = uncertain(term, range);
      layer.energy = sum(layer.breakdown);
    }

  for (auto [position, core] : llvm::enumerate(mapped.cores)) {
    CoreCost cost;
    cost.chip = core.chip, cost.core = core.core;
    cost.populations = corePopulations[position];
    if (auto it = core.used.find("neurons"); it != core.used.end())
      cost.neurons = it->second;
    else
      cost.neurons = cores[position].neuronAccess;
    if (energyKnown) {
      Range energy;
      for (auto &[term, range] :
           energyModel.energy(cores[position].scaled(steps), 0))
        energy += uncertain(term, range);
      cost.energy = energy;
    }
    if (timeKnown) {
      Range neurons = stepModel.neuronStage(cores[position]);
      Range synapses = stepModel.synapseStage(cores[position]);
      cost.time = max(neurons, synapses);
      cost.stage = neurons.value >= synapses.value ? Bound::NeuronStage
                                                   : Bound::SynapseStage;
    }
    result.cores.push_back(std::move(cost));
  }
}

CostResult MappedLevel::run() {
  result.level = "mapped";
  if (!check()) {
    for (const KpiInfo &info : getKpis())
      if (info.group != "Accuracy")
        miss(info.name, result.notes.back().message, "");
    return std::move(result);
  }
  sumParts();
  addStepTime();
  addTimes();
  addEnergies();
  addNetworkKpis(result, network);
  addUse();
  addTraffic();
  addLayersAndCores();

  // Reports list KPIs as the registry does.
  std::vector<Estimate> sorted;
  for (const KpiInfo &info : getKpis())
    for (Estimate &estimate : result.kpis)
      if (estimate.kpi == info.name)
        sorted.push_back(std::move(estimate));
  result.kpis = std::move(sorted);
  return std::move(result);
}

CostResult cost::estimateMapped(const NetworkCounts &network,
                                const MappedCounts &mapped,
                                const target::TargetInfo &target) {
  return MappedLevel(network, mapped, target).run();
}
