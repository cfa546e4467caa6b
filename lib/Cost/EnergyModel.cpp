//===- EnergyModel.cpp - Energy of events ---------------------------------===//
#include "nmc/Cost/CostModel.h"

using namespace nmc;
using namespace nmc::cost;
using target::CostValue;

namespace {
/// A kind of event, with the name of its cost value without "energy_".
struct Event {
  StringLiteral name;
  double EventCounts::*count;
};
} // namespace

static constexpr Event events[] = {
    {"synop", &EventCounts::synops},
    {"mac", &EventCounts::macs},
    {"neuron_access", &EventCounts::neuronAccess},
    {"neuron_update", &EventCounts::neuronUpdate},
    {"spike_out", &EventCounts::spikesOut},
    {"axon_out", &EventCounts::packetsOut},
    {"axon_in", &EventCounts::packetsIn},
    {"spike_local", &EventCounts::packetsLocal},
    {"hop_x", &EventCounts::hopsX},
    {"hop_y", &EventCounts::hopsY},
};
static constexpr StringLiteral ioBit = "io_bit";

EventCounts &EventCounts::operator+=(const EventCounts &other) {
  for (const Event &event : events)
    this->*event.count += other.*event.count;
  return *this;
}

EventCounts EventCounts::scaled(double factor) const {
  EventCounts result;
  for (const Event &event : events)
    result.*event.count = this->*event.count * factor;
  return result;
}

bool NetworkCounts::hasActivity() const {
  return llvm::all_of(
             populations,
             [](const PopulationCounts &p) { return p.spikes.has_value(); }) &&
         llvm::all_of(connections, [](const ConnectionCounts &c) {
           return !c.counted || c.accumulates || c.multiplies;
         });
}

EnergyModel::EnergyModel(const target::TargetInfo &target) : target(&target) {
  auto read = [&](StringRef name) {
    std::string costName = ("energy_" + name).str();
    const CostValue *cost = target.cost(costName);
    if (!cost)
      return;
    Range value(cost->value, cost->low, cost->high);
    if (cost->kind == chip::CostKind::Incremental) {
      terms[name.str()] = value;
      usedNames.push_back(costName);
      return;
    }
    excludedNames.push_back(costName);
    if (cost->kind == chip::CostKind::OperatingPoint && !point &&
        (name == "synop" || name == "mac"))
      point = value, pointName = costName;
  };
  for (const Event &event : events)
    read(event.name);
  read(ioBit);

  if (terms.count("synop") || terms.count("mac")) {
    point.reset();
    if (!terms.count("mac"))
      terms["mac"] = terms["synop"], macFromSynop = true;
    if (!terms.count("synop"))
      terms["synop"] = terms["mac"], synopFromMac = true;
    if (terms.count("hop_x") && !terms.count("hop_y"))
      terms["hop_y"] = terms["hop_x"];
    return;
  }
  if (point) {
    // The operating point holds all energy: nothing may be added to it.
    llvm::append_range(excludedNames, usedNames);
    llvm::erase(excludedNames, pointName);
    usedNames = {pointName};
    terms.clear();
  }
}

std::string EnergyModel::unavailable(const EventCounts &total,
                                     double ioBits) const {
  if (point)
    return pointName + " of target '" + target->name +
           "' is an operating point (total power over events at one load), "
           "which says nothing about dynamic energy alone";
  if (total.synops > 0 && !terms.count("synop"))
    return statesNo(*target, "energy_synop");
  if (total.macs > 0 && !terms.count("mac"))
    return statesNo(*target, "energy_mac");
  bool any = false;
  for (const Event &event : events)
    any |= terms.count(event.name.str()) != 0;
  if (!any)
    return "target '" + target->name + "' states no energy of events";
  return "";
}

std::vector<std::pair<std::string, Range>>
EnergyModel::energy(const EventCounts &counts, double ioBits) const {
  std::vector<std::pair<std::string, Range>> parts;
  auto add = [&](StringRef name, double count) {
    auto it = terms.find(name.str());
    if (it != terms.end() && count > 0)
      parts.emplace_back(name.str(), Range(count) * it->second);
  };
  for (const Event &event : events)
    add(event.name, counts.*event.count);
  add(ioBit, ioBits);
  return parts;
}

std::vector<std::string> EnergyModel::omitted(const EventCounts &counts,
                                              double ioBits) const {
  std::vector<std::string> names;
  if (point)
    return names;
  auto check = [&](StringRef name, double count) {
    if (count > 0 && !terms.count(name.str()))
      names.push_back(("energy_" + name).str());
  };
  for (const Event &event : events)
    check(event.name, counts.*event.count);
  check(ioBit, ioBits);
  return names;
}
