//===- Verify.cpp - Proof that a mapping is legal -------------------------===//

#include "nmc/Mapping/Problem.h"

#include "TileIndex.h"
#include "nmc/Mapping/Traffic.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace nmc::mapping {

namespace {
/// What all tiles of one core take together.
struct CoreUse {
  std::vector<unsigned> populations;
  TileUse use;
  double axonsIn = 0, axonsOut = 0;
};

/// A rule and the limit of the target that it guards.
struct RuleName {
  const char *rule, *limit;
};

class Verifier {
public:
  Verifier(const Problem &problem, const Mapping &mapping)
      : problem(problem), mapping(mapping), hardware(problem.hardware) {}

  std::vector<Violation> run();

private:
  void checkTiles(unsigned population);
  void checkDisjoint(unsigned population);
  void checkFixed();
  void checkCores();
  void checkTraffic();
  void checkChips();
  void report(Violation violation) {
    violations.push_back(std::move(violation));
  }

  const std::string &name(unsigned population) const {
    return problem.network.populations[population].name;
  }

  const Problem &problem;
  const Mapping &mapping;
  const Hardware &hardware;
  std::vector<Violation> violations;
  std::map<int64_t, CoreUse> cores;
  bool traceable = true; // boxes and cores are such that traffic makes sense
};
} // namespace

void Verifier::checkTiles(unsigned population) {
  const analysis::Population &p = problem.network.populations[population];
  const Problem::PopulationInfo &info = problem.populations[population];
  const TileTable &table = mapping.tiles[population];
  if (!info.placed) {
    if (!table.empty())
      report({"tiles-population",
              "",
              p.name,
              {},
              0,
              double(table.size()),
              "1",
              "tiles, since its events come from outside",
              "leave its chip.tiles out"});
    return;
  }
  if (table.empty()) {
    report({"tiles-cover",
            "",
            p.name,
            {},
            double(p.neurons()),
            0,
            "1",
            "neurons in tiles",
            "every population needs its tiles"});
    traceable = false;
    return;
  }
  if (table.rank() != p.shape.size()) {
    report({"tiles-table",
            "",
            p.name,
            {},
            double(p.shape.size()),
            double(table.rank()),
            "1",
            "axes per tile",
            ""});
    traceable = false;
    return;
  }
  int64_t covered = 0;
  for (size_t i = 0; i < table.size(); ++i) {
    Box box = table.box(i);
    Cell cell = table.cell(i);
    covered += box.volume();
    for (unsigned a = 0; a < box.rank(); ++a)
      if (box.low[a] < 0 || box.low[a] >= box.high[a] ||
          box.high[a] > p.shape[a]) {
        report({"tile-box", "", p.name, cell, double(box.high[a]),
                double(p.shape[a]), "1",
                "coordinates along axis " + std::to_string(a), ""});
        traceable = false;
        break;
      }
    if (cell.chip < 0 || cell.core < 0 || cell.chip >= hardware.chips ||
        cell.core >= hardware.coresPerChip()) {
      bool chip = cell.chip < 0 || cell.chip >= hardware.chips;
      report({"core-count", "", p.name, cell,
              double(chip ? cell.chip : cell.core) + 1,
              double(chip ? hardware.chips : hardware.coresPerChip()), "1",
              chip ? "chips" : "cores per chip", "allow more chips"});
      traceable = false;
      continue;
    }
    if (hardware.isForbidden(cell))
      report({"core-forbidden", "", p.name, cell, 1, 0, "1",
              "cores that may be used", "the core is dead or reserved"});
    unsigned type = hardware.typeOf(cell.core);
    if (!llvm::is_contained(info.coreTypes, type))
      report({"neuron-model", "", p.name, cell, 1, 0, "1",
              "cores of kind '" + hardware.cores[type].name + "' that run it",
              "move it to another kind of core"});
    CoreUse &core = cores[hardware.index(cell)];
    if (llvm::is_contained(core.populations, population))
      report({"core-once", "", p.name, cell, 2, 1, "1",
              "tiles of one population", "join the boxes or use more cores"});
    else
      core.populations.push_back(population);
  }
  if (!traceable)
    return;
  if (covered != p.neurons())
    report({"tiles-cover",
            "",
            p.name,
            {},
            double(p.neurons()),
            double(covered),
            "1",
            "neurons in tiles",
            ""});
  checkDisjoint(population);
}

/// Sweeps along the first axis; boxes that are open at the same time are
/// compared.
void Verifier::checkDisjoint(unsigned population) {
  const TileTable &table = mapping.tiles[population];
  if (TileIndex(table).isGrid())
    return;
  std::vector<std::pair<Box, size_t>> boxes;
  for (size_t i = 0; i < table.size(); ++i)
    boxes.emplace_back(table.box(i), i);
  llvm::sort(boxes, [](const auto &a, const auto &b) {
    return std::lexicographical_compare(a.first.low.begin(), a.first.low.end(),
                                        b.first.low.begin(), b.first.low.end());
  });
  std::vector<size_t> open;
  for (size_t i = 0; i < boxes.size(); ++i) {
    llvm::erase_if(open, [&](size_t j) {
      return !boxes[i].first.low.empty() &&
             boxes[j].first.high[0] <= boxes[i].first.low[0];
    });
    for (size_t j : open)
      if (boxes[j].first.overlaps(boxes[i].first)) {
        report({"tiles-disjoint", "", name(population),
                table.cell(boxes[i].second), 2, 1, "1", "tiles for one neuron",
                "boxes must not overlap"});
        return;
      }
    open.push_back(i);
  }
}

void Verifier::checkFixed() {
  for (const FixedTile &fixed : hardware.fixed) {
    if (fixed.population >= mapping.tiles.size())
      continue; // Problem::check() reports it
    const TileTable &table = mapping.tiles[fixed.population];
    if (fixed.tile >= table.size() || !(table.cell(fixed.tile) == fixed.cell))
      report({"core-fixed", "", name(fixed.population), fixed.cell, 1, 0, "1",
              "tile that is fixed there", ""});
  }
}

void Verifier::checkCores() {
  for (unsigned population = 0; population < mapping.tiles.size();
       ++population) {
    const TileTable &table = mapping.tiles[population];
    for (size_t i = 0; i < table.size(); ++i) {
      TileUse tile = measureTile(problem, population, table.box(i));
      TileUse &sum = cores[hardware.index(table.cell(i))].use;
      sum.neurons += tile.neurons;
      sum.synapses += tile.synapses;
      sum.synapseMemory += tile.synapseMemory;
      sum.stateMemory += tile.stateMemory;
      sum.thresholdConfigs += tile.thresholdConfigs;
      sum.neuronConfigs += tile.neuronConfigs;
      sum.synapseConfigs += tile.synapseConfigs;
    }
  }
}

void Verifier::checkTraffic() {
  std::map<unsigned, double> mostDestinations; // by population
  forEachSenderGroup(problem, mapping, [&](const SenderGroup &group) {
    int64_t previous = -1;
    for (const Destination &d : group.destinations) {
      if (d.core != previous)
        cores[d.core].axonsIn += double(group.count);
      previous = d.core;
    }
    if (group.core >= 0) {
      cores[group.core].axonsOut += double(group.count) * double(group.cores);
      double &most = mostDestinations[group.population];
      most = std::max(most, double(group.cores));
    }
  });
  for (auto [population, most] : mostDestinations) {
    std::optional<double> cap;
    for (unsigned t : problem.populations[population].coreTypes) {
      std::optional<double> c = hardware.cores[t].caps.fanOut;
      cap = cap && c ? std::max(*cap, *c) : c;
      if (!c)
        break;
    }
    if (cap && most > *cap)
      report({"core-fan-out",
              "fan_out",
              name(population),
              {},
              most,
              *cap,
              "1",
              "destination cores per neuron",
              "fewer cores for the layers behind it"});
  }
}

void Verifier::checkChips() {
  std::map<int32_t, std::pair<double, double>> chips; // neurons, memory
  for (const auto &[index, core] : cores) {
    auto &[neurons, memory] = chips[hardware.cell(index).chip];
    neurons += core.use.neurons;
    memory += core.use.synapseMemory;
  }
  for (const auto &[chip, use] : chips) {
    std::string where = " on chip " + std::to_string(chip);
    if (hardware.neuronsPerChip && use.first > *hardware.neuronsPerChip)
      report({"chip-neurons",
              "neurons_chip",
              "",
              {},
              use.first,
              *hardware.neuronsPerChip,
              "1",
              "neurons" + where,
              "allow more chips"});
    if (hardware.synapseMemoryPerChip &&
        use.second > *hardware.synapseMemoryPerChip)
      report({"chip-synapse-memory",
              "synapse_memory_chip",
              "",
              {},
              use.second,
              *hardware.synapseMemoryPerChip,
              "bit",
              "synapse memory" + where,
              "allow more chips"});
  }
}

std::vector<Violation> Verifier::run() {
  if (mapping.tiles.size() != problem.network.populations.size()) {
    report({"tiles-population",
            "",
            "",
            {},
            double(problem.network.populations.size()),
            double(mapping.tiles.size()),
            "1",
            "tables of tiles",
            ""});
    return violations;
  }
  for (unsigned i = 0; i < mapping.tiles.size(); ++i)
    checkTiles(i);
  checkFixed();
  if (!traceable)
    return violations;
  checkCores();
  checkTraffic();

  for (auto &[index, core] : cores) {
    Cell cell = hardware.cell(index);
    unsigned type = hardware.typeOf(cell.core);
    const Caps &caps = hardware.cores[type].caps;
    std::string population =
        core.populations.size() == 1 ? name(core.populations[0]) : "";
    auto cap = [&](RuleName rule, std::optional<double> limit, double used,
                   const char *unit, const char *what, const char *hint) {
      if (limit && used > *limit)
        report({rule.rule, rule.limit, population, cell, used, *limit, unit,
                what, hint});
    };
    if (core.populations.size() > 1 && !hardware.sharedCores)
      report({"tiles-disjoint-cores", "", "", cell,
              double(core.populations.size()), 1, "1", "populations",
              "give each population cores of its own"});
    cap({"core-populations", "populations"}, caps.populations,
        double(core.populations.size()), "1", "populations",
        "give each population cores of its own");
    cap({"core-neurons", "neurons"}, caps.neurons, core.use.neurons, "1",
        "neurons", "smaller tiles");
    cap({"core-axons-in", "axons_in"}, caps.axonsIn, core.axonsIn, "1",
        "in-axons", "smaller tiles, or tiles that cut fewer windows");
    cap({"core-axons-out", "axons_out"}, caps.axonsOut, core.axonsOut, "1",
        "out-axons", "smaller tiles here, or fewer cores behind");
    cap({"core-synapse-memory", "synapse_memory"}, caps.synapseMemory,
        core.use.synapseMemory, "bit", "synapse memory",
        "smaller tiles or narrower weights");
    cap({"core-state-memory", "state_memory"}, caps.stateMemory,
        core.use.stateMemory, "bit", "state memory", "smaller tiles");
    cap({"core-neuron-configs", "neuron_configs"}, caps.neuronConfigs,
        double(core.use.neuronConfigs), "1", "neuron configurations",
        "parameters shared by more neurons");
    cap({"core-threshold-configs", "threshold_configs"}, caps.thresholdConfigs,
        double(core.use.thresholdConfigs), "1", "threshold configurations",
        "one threshold per layer");
    cap({"core-synapse-configs", "synapse_configs"}, caps.synapseConfigs,
        double(core.use.synapseConfigs), "1", "synapse configurations",
        "fewer branches that end in one layer");
  }
  checkChips();
  // What a single neuron asks for does not depend on the mapping.
  for (Violation &v : problem.check())
    if (v.rule == "core-fan-in" || v.rule == "delay-steps" ||
        v.rule == "weight-bits")
      report(std::move(v));
  return violations;
}

std::vector<Violation> verify(const Problem &problem, const Mapping &mapping) {
  return Verifier(problem, mapping).run();
}

} // namespace nmc::mapping
