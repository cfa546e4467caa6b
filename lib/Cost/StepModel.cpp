//===- StepModel.cpp - Time of a step -------------------------------------===//
#include "nmc/Cost/CostModel.h"

#include <cmath>

using namespace nmc;
using namespace nmc::cost;
using target::CostValue;

StringRef cost::stringifyBound(Bound bound) {
  switch (bound) {
  case Bound::NeuronStage:
    return "neuron_stage";
  case Bound::SynapseStage:
    return "synapse_stage";
  case Bound::Link:
    return "link";
  case Bound::Barrier:
    return "barrier";
  case Bound::Io:
    return "io";
  case Bound::TimestepMinimum:
    return "timestep_minimum";
  }
  return "";
}

std::string cost::statesNo(const target::TargetInfo &target, StringRef fact) {
  std::string text = ("target '" + target.name + "' states no " + fact).str();
  std::string reason = target.whyAbsent(fact);
  return reason.empty() ? text : text + " (" + reason + ")";
}

std::optional<Range> StepModel::read(const target::TargetInfo &target,
                                     StringRef name) {
  const CostValue *cost = target.cost(name);
  if (!cost)
    return std::nullopt;
  usedNames.push_back(name.str());
  return Range(cost->value, cost->low, cost->high);
}

/// The row of a table at `count`; the range keeps its proportions.
static Range readTable(const CostValue &cost, double count) {
  if (cost.table.empty())
    return Range(cost.value, cost.low, cost.high);
  double value = cost.at(count);
  if (!cost.hasRange || cost.value <= 0)
    return value;
  return Range(value, value * cost.low / cost.value,
               value * cost.high / cost.value);
}

StepModel::StepModel(const target::TargetInfo &target, int64_t chips,
                     int64_t routers)
    : target(&target) {
  synop = read(target, "latency_synop");
  mac = read(target, "latency_mac");
  access = read(target, "latency_neuron_access");
  update = read(target, "latency_neuron_update");
  spikeOut = read(target, "latency_spike_out");
  axonOut = read(target, "latency_axon_out");
  axonIn = read(target, "latency_axon_in");
  local = read(target, "latency_spike_local");
  linkBandwidth = read(target, "bandwidth_link");
  if (!linkBandwidth) {
    hopX = read(target, "latency_hop_x");
    hopY = read(target, "latency_hop_y");
  }
  io = read(target, "latency_io_step");
  ioSample = read(target, "latency_io_sample");
  ioBandwidth = read(target, "bandwidth_io");
  minimum = read(target, "timestep_minimum");
  // One stands in for the other, as for energy.
  if (!mac)
    mac = synop;
  else if (!synop)
    synop = mac;
  if (!hopY)
    hopY = hopX;
  for (std::optional<Range> *bandwidth : {&linkBandwidth, &ioBandwidth})
    if (*bandwidth && (*bandwidth)->low <= 0)
      bandwidth->reset();

  StringRef barrierName = "latency_barrier";
  if (const CostValue *cost = target.cost(barrierName)) {
    barrier = readTable(*cost, routers);
    hasBarrier = true;
  }
  if (const CostValue *cost = target.cost("latency_barrier_board");
      cost && chips > 1) {
    barrierName = "latency_barrier_board";
    barrier = readTable(*cost, chips);
    hasBarrier = true;
  }
  if (hasBarrier)
    usedNames.push_back(barrierName.str());
}

std::string StepModel::unavailable(const EventCounts &total) const {
  if (minimum)
    return "";
  if (!access && !update && !spikeOut)
    return statesNo(*target, "latency_neuron_access") +
           ", and no timestep_minimum";
  if (total.synops > 0 && !synop)
    return statesNo(*target, "latency_synop");
  if (total.macs > 0 && !mac)
    return statesNo(*target, "latency_mac");
  return "";
}

std::vector<std::string> StepModel::omitted(const EventCounts &total) const {
  std::vector<std::string> names;
  auto check = [&](double count, const std::optional<Range> &latency,
                   StringRef name) {
    if (count > 0 && !latency)
      names.push_back(name.str());
  };
  check(total.synops, synop, "latency_synop");
  check(total.macs, mac, "latency_mac");
  check(total.neuronAccess, access, "latency_neuron_access");
  check(total.neuronUpdate, update, "latency_neuron_update");
  check(total.spikesOut, spikeOut, "latency_spike_out");
  check(total.packetsOut, axonOut, "latency_axon_out");
  check(total.packetsIn, axonIn, "latency_axon_in");
  if (!hasBarrier)
    names.push_back("latency_barrier");
  return names;
}

static Range times(double count, const std::optional<Range> &latency) {
  return latency && count > 0 ? Range(count) * *latency : Range();
}

Range StepModel::sending(const EventCounts &core) const {
  return times(core.spikesOut, spikeOut) + times(core.packetsOut, axonOut) +
         times(core.packetsLocal, local);
}

Range StepModel::neuronStage(const EventCounts &core) const {
  return times(core.neuronAccess, access) + times(core.neuronUpdate, update) +
         sending(core);
}

Range StepModel::synapseStage(const EventCounts &core) const {
  return times(core.packetsIn, axonIn) + times(core.synops, synop) +
         times(core.macs, mac);
}

static Range linkTime(const LinkLoad &link, double packets,
                      const std::optional<Range> &bandwidth,
                      const std::optional<Range> &hop) {
  if (bandwidth)
    return divide(Range(packets), *bandwidth);
  return times(packets, hop);
}

StepTime StepModel::time(ArrayRef<EventCounts> cores, ArrayRef<LinkLoad> links,
                         double ioBits) const {
  StepTime step;
  for (auto [position, core] : llvm::enumerate(cores)) {
    Range neurons = neuronStage(core), synapses = synapseStage(core);
    double slower = std::max(neurons.value, synapses.value);
    if (position == 0 || slower > step.core.value) {
      step.bindingCore = position;
      step.stage = neurons.value >= synapses.value ? Bound::NeuronStage
                                                   : Bound::SynapseStage;
    }
    step.core = max(step.core, max(neurons, synapses));
  }
  for (auto [position, link] : llvm::enumerate(links)) {
    Range busy = linkTime(link, link.packets, linkBandwidth,
                          link.vertical ? hopY : hopX);
    if (busy.value > step.link.value)
      step.bindingLink = position;
    step.link = max(step.link, busy);
  }
  step.barrier = barrier;
  if (io)
    step.io += *io;
  if (ioBandwidth && ioBits > 0)
    step.io += divide(Range(ioBits), *ioBandwidth);

  step.total = max(step.core, step.link) + step.barrier + step.io;
  double largest = step.core.value;
  step.bound = step.stage;
  auto consider = [&](const Range &part, Bound bound) {
    if (part.value > largest)
      largest = part.value, step.bound = bound;
  };
  consider(step.link, Bound::Link);
  consider(step.barrier, Bound::Barrier);
  consider(step.io, Bound::Io);
  if (minimum) {
    if (minimum->value >= step.total.value)
      step.bound = Bound::TimestepMinimum;
    step.total = max(step.total, *minimum);
  }
  return step;
}

StepTime StepModel::timeOfMeans(ArrayRef<EventCounts> cores,
                                ArrayRef<LinkLoad> links, double ioBits) const {
  StepTime step = time(cores, links, ioBits);
  if (cores.empty())
    return step;
  const double z = std::sqrt(2 * std::log(2.0 * cores.size()));
  double high = step.core.high;
  for (const EventCounts &core : cores) {
    // A spike brings its packets with it, a packet its synaptic events.
    double neurons = neuronStage(core).high;
    if (core.spikesOut > 0)
      neurons += z * sending(core).high / std::sqrt(core.spikesOut);
    if (core.neuronUpdate > 0) {
      double spread =
          std::min(z * std::sqrt(core.neuronUpdate),
                   std::max(0.0, core.neuronAccess - core.neuronUpdate));
      neurons += times(spread, update).high;
    }
    double synapses = synapseStage(core).high;
    double packets = core.packetsIn > 0 ? core.packetsIn : core.synops;
    if (packets > 0)
      synapses += z * synapses / std::sqrt(packets);
    high = std::max({high, neurons, synapses});
  }
  double linkHigh = step.link.high;
  for (const LinkLoad &link : links)
    linkHigh = std::max(
        linkHigh, linkTime(link, link.packets + z * std::sqrt(link.packets),
                           linkBandwidth, link.vertical ? hopY : hopX)
                      .high);
  step.core.high = high;
  step.link.high = linkHigh;
  double total = std::max(high, linkHigh) + step.barrier.high + step.io.high;
  step.total.high = std::max(step.total.high, total);
  return step;
}

Range StepModel::sampleIo(double ioBits) const {
  Range time;
  if (ioSample)
    time += *ioSample;
  if (ioBandwidth && ioBits > 0)
    time += divide(Range(ioBits), *ioBandwidth);
  return time;
}
