//===- Problem.cpp - What is to be mapped, and what is legal --------------===//

#include "nmc/Mapping/Problem.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace nmc::mapping {

//===----------------------------------------------------------------------===//
// Hardware
//===----------------------------------------------------------------------===//

bool CoreType::runs(const std::string &model) const {
  return models.empty() || llvm::is_contained(models, model);
}

bool CoreType::connects(const std::string &connection) const {
  return connections.empty() || llvm::is_contained(connections, connection);
}

int64_t Hardware::coresPerChip() const {
  int64_t n = 0;
  for (const CoreType &type : cores)
    n += type.count;
  return n;
}

unsigned Hardware::typeOf(int64_t core) const {
  for (unsigned t = 0; t < cores.size(); ++t) {
    if (core < cores[t].count)
      return t;
    core -= cores[t].count;
  }
  return cores.size();
}

bool Hardware::isForbidden(Cell cell) const {
  return llvm::is_contained(forbidden, cell);
}

int64_t Hardware::available(unsigned type) const {
  int64_t n = cores[type].count * chips;
  for (Cell cell : forbidden)
    n -= cell.chip >= 0 && cell.chip < chips && typeOf(cell.core) == type;
  return n;
}

Point Hardware::router(Cell cell) const {
  int64_t router = cell.core / coresPerRouter;
  return {cell.chip % boardX * gridX + router % gridX,
          cell.chip / boardX * gridY + router / gridX};
}

Point Hardware::boardExtent() const {
  int64_t columns = std::min(boardX, chips);
  return {columns * gridX, (chips + boardX - 1) / boardX * gridY};
}

Point Hardware::hops(Point from, Point to) const {
  if (topology == Topology::Bus || topology == Topology::None)
    return {0, 0};
  Point d{std::abs(from.x - to.x), std::abs(from.y - to.y)};
  if (topology == Topology::Torus) {
    Point extent = boardExtent();
    d.x = std::min(d.x, extent.x - d.x);
    d.y = std::min(d.y, extent.y - d.y);
  }
  return d;
}

//===----------------------------------------------------------------------===//
// Violations
//===----------------------------------------------------------------------===//

static std::string number(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15)
    return llvm::formatv("{0}", int64_t(value)).str();
  return llvm::formatv("{0:f3}", value).str();
}

std::string describe(const Violation &v) {
  std::string text;
  if (!v.population.empty())
    text += "population '" + v.population + "' ";
  std::string place;
  if (v.cell)
    place = llvm::formatv("core {0} of chip {1}", v.cell->core, v.cell->chip);
  if (v.population.empty())
    text += place.empty() ? "the network " : place + " ";
  std::string unit = v.unit == "1" ? "" : v.unit + " of ";
  text += "needs " + number(v.required) + " " + unit + v.what;
  if (!v.population.empty() && !place.empty())
    text += " on " + place;
  text += ", but " + number(v.available) + (v.available == 1 ? " is" : " are") +
          " available";
  if (!v.hint.empty())
    text += "; " + v.hint;
  return text;
}

//===----------------------------------------------------------------------===//
// Mapping
//===----------------------------------------------------------------------===//

Box TileTable::box(size_t tile) const {
  Box box;
  const int32_t *row = rows.data() + tile * width() + 2;
  box.low.assign(row, row + tileRank);
  box.high.assign(row + tileRank, row + 2 * size_t(tileRank));
  return box;
}

void TileTable::add(Cell cell, const Box &box) {
  rows.push_back(cell.chip);
  rows.push_back(cell.core);
  rows.insert(rows.end(), box.low.begin(), box.low.end());
  rows.insert(rows.end(), box.high.begin(), box.high.end());
}

void TileTable::setData(std::vector<int32_t> data) {
  data.resize(data.size() / width() * width());
  rows = std::move(data);
}

std::vector<Cell> Mapping::cells() const {
  std::vector<Cell> result;
  for (const TileTable &table : tiles)
    for (size_t i = 0; i < table.size(); ++i)
      result.push_back(table.cell(i));
  llvm::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

//===----------------------------------------------------------------------===//
// Problem
//===----------------------------------------------------------------------===//

/// Whether the population only passes its elements on to relays: populations of
/// the same shape that take them one by one.
static bool hasRelays(const NetworkModel &network, unsigned population) {
  bool any = false;
  for (const analysis::Projection *p : network.outOf(population)) {
    bool identities = llvm::all_of(p->connections, [](const std::string &c) {
      return c == "identity" || c == "scale";
    });
    if (!identities || p->delay != 0 || !p->relation.isIdentity())
      return false;
    any = true;
  }
  return any;
}

Problem Problem::create(NetworkModel network, Hardware hardware,
                        const Rates &rates) {
  Problem problem;
  problem.network = std::move(network);
  problem.hardware = std::move(hardware);
  const Hardware &hw = problem.hardware;
  for (auto [i, population] : llvm::enumerate(problem.network.populations)) {
    PopulationInfo info;
    info.placed = !population.isInput ||
                  (hw.inputsOnCores && !hasRelays(problem.network, i));
    if (population.subtractiveReset)
      info.neuronCost = hw.subtractCost;
    for (unsigned t = 0; t < hw.cores.size(); ++t) {
      bool fits = population.isInput || hw.cores[t].runs(population.op);
      for (const analysis::Projection *p : problem.network.into(i))
        for (const std::string &c : p->connections)
          fits &= hw.cores[t].connects(c);
      if (fits)
        info.coreTypes.push_back(t);
    }
    if (auto it = rates.find(population.name); it != rates.end()) {
      info.rates = it->second;
      if (int64_t(info.rates.size()) == population.neurons())
        info.rateMap = analysis::RateMap(population.shape,
                                         llvm::ArrayRef<float>(info.rates));
    }
    problem.populations.push_back(std::move(info));
  }
  for (const analysis::Projection &p : problem.network.projections) {
    ProjectionInfo info;
    info.usesAxons = problem.populations[p.source].placed || !hw.inputsOnCores;
    double width = p.weightBits ? *p.weightBits : 0;
    if (!hw.weightBits.empty()) {
      double widest = hw.weightBits.back();
      double stored = widest;
      for (unsigned bits : llvm::reverse(hw.weightBits))
        if (width > 0 && bits >= width)
          stored = bits;
      width = stored;
    }
    info.weightBits = width > 0 ? width : 8;
    problem.projections.push_back(info);
  }
  return problem;
}

bool Problem::hasRates() const {
  return llvm::all_of(populations, [](const PopulationInfo &info) {
    return !info.rates.empty();
  });
}

/// The largest cap among the kinds of core that run a population; none where
/// some kind has no such cap.
static std::optional<double> loosest(const Problem &problem,
                                     unsigned population,
                                     std::optional<double> Caps::*cap) {
  std::optional<double> result;
  for (unsigned t : problem.populations[population].coreTypes) {
    const std::optional<double> &value = problem.hardware.cores[t].caps.*cap;
    if (!value)
      return std::nullopt;
    result = result ? std::max(*result, *value) : *value;
  }
  return result;
}

std::vector<Violation> Problem::check() const {
  std::vector<Violation> violations;
  auto report = [&](Violation v) { violations.push_back(std::move(v)); };

  // The hardware itself.
  bool grid = hardware.topology == Topology::Mesh ||
              hardware.topology == Topology::Torus;
  int64_t places = hardware.gridX * hardware.gridY * hardware.coresPerRouter;
  if (hardware.coresPerChip() == 0)
    report({"core-count",
            "",
            "",
            {},
            1,
            0,
            "1",
            "cores",
            "the target states no core"});
  if (grid && places < hardware.coresPerChip())
    report({"hardware-grid",
            "",
            "",
            {},
            double(hardware.coresPerChip()),
            double(places),
            "1",
            "places on the grid of routers",
            "enlarge the grid or put more cores on a router"});
  if (hardware.mostChips && hardware.chips > *hardware.mostChips)
    report({"chip-count",
            "chips",
            "",
            {},
            double(hardware.chips),
            double(*hardware.mostChips),
            "1",
            "chips",
            "ask for fewer chips"});
  auto exists = [&](Cell cell) {
    return cell.chip >= 0 && cell.chip < hardware.chips && cell.core >= 0 &&
           cell.core < hardware.coresPerChip();
  };
  for (Cell cell : hardware.forbidden)
    if (!exists(cell))
      report({"cell-range", "", "", cell, double(cell.core + 1),
              double(hardware.coresPerChip()), "1",
              "cores per chip, to be forbidden", ""});
  for (const FixedTile &fixed : hardware.fixed)
    if (!exists(fixed.cell) || fixed.population >= populations.size() ||
        hardware.isForbidden(fixed.cell))
      report({"cell-range", "", "", fixed.cell, double(fixed.cell.core + 1),
              double(hardware.coresPerChip()), "1",
              "usable cores, for a fixed tile", ""});

  for (auto [i, population] : llvm::enumerate(network.populations)) {
    const PopulationInfo &info = populations[i];
    if (!info.rates.empty()) {
      if (int64_t(info.rates.size()) != population.neurons())
        report({"activity-shape",
                "",
                population.name,
                {},
                double(population.neurons()),
                double(info.rates.size()),
                "1",
                "rates, one per neuron",
                "record the activity of this very network"});
      else if (llvm::any_of(info.rates,
                            [](float r) { return !std::isfinite(r) || r < 0; }))
        report({"activity-value",
                "",
                population.name,
                {},
                0,
                0,
                "1",
                "finite rates that are not negative",
                ""});
    }
    if (!info.placed)
      continue;
    if (info.coreTypes.empty()) {
      bool model = false;
      for (const CoreType &type : hardware.cores)
        model |= population.isInput || type.runs(population.op);
      std::set<std::string> missing;
      for (const analysis::Projection *p : network.into(i))
        for (const std::string &c : p->connections)
          if (llvm::none_of(hardware.cores, [&](const CoreType &type) {
                return type.connects(c);
              }))
            missing.insert(c);
      if (!model)
        report({"neuron-model",
                "",
                population.name,
                {},
                1,
                0,
                "1",
                "kind of core that runs '" + population.op + "'",
                "see the target's models"});
      for (const std::string &c : missing)
        report({"connection-kind",
                "",
                population.name,
                {},
                1,
                0,
                "1",
                "kind of core that stores '" + c + "' connections",
                "see the target's connections"});
      if (model && missing.empty() && !hardware.cores.empty())
        report({"neuron-model",
                "",
                population.name,
                {},
                1,
                0,
                "1",
                "kind of core that runs '" + population.op +
                    "' and all connections into it",
                "see the target's models and connections"});
      continue;
    }
    std::vector<const analysis::Projection *> into, largest;
    std::map<unsigned, const analysis::Projection *> bySource;
    int64_t delay = 0;
    for (auto [j, p] : llvm::enumerate(network.projections)) {
      if (p.target != i)
        continue;
      into.push_back(&p);
      delay = std::max(delay, p.delay);
      if (projections[j].usesAxons) {
        auto [it, isNew] = bySource.try_emplace(p.source, &p);
        Box whole = Box::whole(population.shape);
        if (!isNew && it->second->relation.countSynapses(whole) <
                          p.relation.countSynapses(whole))
          it->second = &p;
      }
      if (p.weightBits && !hardware.weightBits.empty() &&
          *p.weightBits > hardware.weightBits.back())
        report({"weight-bits",
                "weight_bits",
                population.name,
                {},
                double(*p.weightBits),
                double(hardware.weightBits.back()),
                "bit",
                "weight width",
                "quantise the network for this target"});
    }
    for (auto &[source, p] : bySource)
      largest.push_back(p);
    if (auto cap = loosest(*this, i, &Caps::fanIn))
      if (int64_t most = analysis::fanIn(into).max; most > *cap)
        report({"core-fan-in",
                "fan_in",
                population.name,
                {},
                double(most),
                *cap,
                "1",
                "synapses into one neuron",
                "a smaller kernel, fewer input channels or more groups"});
    if (auto cap = loosest(*this, i, &Caps::axonsIn))
      if (int64_t most = analysis::fanIn(largest).max; most > *cap)
        report({"core-axons-in",
                "axons_in",
                population.name,
                {},
                double(most),
                *cap,
                "1",
                "in-axons for a single neuron",
                "a smaller kernel, fewer input channels or a smaller layer "
                "before it"});
    if (auto cap = loosest(*this, i, &Caps::delaySteps))
      if (delay > *cap)
        report({"delay-steps",
                "delay_steps",
                population.name,
                {},
                double(delay),
                *cap,
                "1",
                "steps of delay",
                "a shorter delay, or a relay that delays again"});
    if (auto cap = loosest(*this, i, &Caps::neurons))
      if (info.neuronCost > *cap)
        report({"core-neurons",
                "neurons",
                population.name,
                {},
                info.neuronCost,
                *cap,
                "1",
                "compartments per neuron",
                ""});
    if (auto cap = loosest(*this, i, &Caps::synapseConfigs))
      if (double(into.size()) > *cap)
        report({"core-synapse-configs",
                "synapse_configs",
                population.name,
                {},
                double(into.size()),
                *cap,
                "1",
                "synapse configurations, one per projection",
                "merge branches that end in this layer"});
  }
  return violations;
}

//===----------------------------------------------------------------------===//
// Resources of a tile
//===----------------------------------------------------------------------===//

/// Bits of a list of `n` synapses of `bits` each.
static double listBits(const Hardware &hardware, double n, double bits) {
  if (!hardware.wordBlocks || n <= 0)
    return n * bits;
  const WordBlocks &w = *hardware.wordBlocks;
  auto block = [&](double count) {
    return count <= 0
               ? 0
               : std::ceil((count * bits + double(w.header)) / double(w.word)) *
                     double(w.word);
  };
  double full = std::floor(n / double(w.block));
  return full * block(double(w.block)) + block(n - full * double(w.block));
}

double storageBits(const Problem &problem, unsigned projection, const Box &box,
                   const analysis::SourceProfile &sources) {
  const Hardware &hw = problem.hardware;
  const analysis::Projection &p = problem.network.projections[projection];
  double width = problem.projections[projection].weightBits;
  double targets = double(box.volume());
  double indexed =
      width +
      hw.indexBits.value_or(double(llvm::Log2_64_Ceil(uint64_t(box.volume()))));
  llvm::ArrayRef<SynapseFormat> formats = hw.formats;
  static const SynapseFormat plain[] = {SynapseFormat::Dense,
                                        SynapseFormat::Sparse};
  if (formats.empty())
    formats = plain;
  std::optional<double> least;
  for (SynapseFormat format : formats) {
    double bits = 0;
    switch (format) {
    case SynapseFormat::Dense:
      bits = double(sources.countSources()) * listBits(hw, targets, width);
      break;
    case SynapseFormat::Shared:
      if (p.sharing || p.uniformWeight) {
        bits = listBits(hw, double(p.countWeights(box)), indexed);
        break;
      }
      [[fallthrough]]; // nothing is shared: a list of all synapses
    case SynapseFormat::Sparse:
      if (!hw.wordBlocks) {
        bits =
            std::ceil(double(sources.countSynapses()) * p.density.value_or(1)) *
            indexed;
        break;
      }
      analysis::forEachCell({&sources}, [&](const analysis::CellSet &cell,
                                            llvm::ArrayRef<int64_t> synapses) {
        double n = std::ceil(double(synapses[0]) * p.density.value_or(1));
        bits += double(cell.size()) * listBits(hw, n, indexed);
      });
      break;
    }
    least = least ? std::min(*least, bits) : bits;
  }
  return *least;
}

TileUse measureTile(const Problem &problem, unsigned population,
                    const Box &box) {
  TileUse use;
  const analysis::Population &p = problem.network.populations[population];
  use.neurons =
      double(box.volume()) * problem.populations[population].neuronCost;
  use.stateMemory = double(box.volume()) * double(p.stateWords) *
                    (p.stateBits ? *p.stateBits : problem.hardware.stateBits);
  use.thresholdConfigs = p.thresholds.countIn(box, p.shape);
  use.neuronConfigs = p.parameters.countIn(box, p.shape);
  for (auto [j, projection] : llvm::enumerate(problem.network.projections)) {
    if (projection.target != population)
      continue;
    analysis::SourceProfile profile =
        analysis::sourcesInto(projection.relation, box);
    use.synapses += profile.countSynapses();
    use.synapseMemory += storageBits(problem, unsigned(j), box, profile);
    ++use.synapseConfigs;
  }
  return use;
}

} // namespace nmc::mapping
