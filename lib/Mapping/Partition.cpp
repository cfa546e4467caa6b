//===- Partition.cpp - Cutting populations into tiles ---------------------===//

#include "nmc/Mapping/Partition.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <set>

namespace nmc::mapping {

using analysis::DegreeProfile;
using analysis::Factor;
using analysis::Relation;
using analysis::Shape;

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

namespace {
/// What a factor contributes to all tiles of one size: extremes over the blocks
/// of its target axes, and sums.
struct BlockStats {
  double maxSupport = 0, sumSupport = 0; // sources per block
};

/// A limit that a cut breaks, with the figure.
struct Excess {
  const char *rule, *limit, *unit, *what, *hint;
  double required = 0, available = 0;
};

class Partitioner {
public:
  explicit Partitioner(const Problem &problem)
      : problem(problem), network(problem.network) {}

  PartitionResult run();

private:
  /// Cuts population `p` for cores of kind `type`; none where no cut is legal,
  /// and then `excess` has what the smallest tile breaks.
  std::optional<LayerPlan> cut(unsigned p, unsigned type,
                               std::vector<Excess> &excess);
  /// Limits that tiles of this extent break; counts deliveries.
  std::vector<Excess> judge(unsigned p, unsigned type, const Shape &tile,
                            double &deliveries);
  const BlockStats &blocks(unsigned projection, unsigned factor,
                           const Shape &tile);
  /// Blocks of the target that each source coordinate of a factor reaches.
  const DegreeProfile &reach(unsigned projection, unsigned factor,
                             const Shape &tile);
  struct Exact {
    double axons = 0, memory = 0;
  };
  Exact exactUse(unsigned p, const Shape &tile);
  void emitTiles(PartitionResult &result);

  const Problem &problem;
  const NetworkModel &network;
  std::map<unsigned, Shape> tileOf; // populations cut so far
  using Key = std::pair<std::pair<unsigned, unsigned>, std::vector<int64_t>>;
  std::map<Key, BlockStats> blockCache;
  std::map<Key, DegreeProfile> reachCache;
};
} // namespace

/// Calls `fn` with every block of the given axes.
static void forEachBlock(llvm::ArrayRef<int> axes,
                         llvm::ArrayRef<int64_t> shape, const Shape &tile,
                         llvm::function_ref<void(const Box &)> fn) {
  Box box = Box::whole(shape);
  auto visit = [&](auto &&self, size_t i) -> void {
    if (i == axes.size()) {
      fn(box);
      return;
    }
    int a = axes[i];
    for (int64_t low = 0; low < shape[a]; low += tile[a]) {
      box.low[a] = low;
      box.high[a] = std::min(low + tile[a], shape[a]);
      self(self, i + 1);
    }
  };
  visit(visit, 0);
}

static std::vector<int64_t> keyOf(const Factor &factor, const Shape &tile) {
  std::vector<int64_t> key;
  for (int a : factor.targetAxes)
    key.push_back(tile[a]);
  return key;
}

const BlockStats &Partitioner::blocks(unsigned projection, unsigned factor,
                                      const Shape &tile) {
  const Relation &relation = network.projections[projection].relation;
  const Factor &f = relation.getFactors()[factor];
  auto [it, isNew] =
      blockCache.try_emplace({{projection, factor}, keyOf(f, tile)});
  BlockStats &stats = it->second;
  if (!isNew)
    return stats;
  if (f.map.isFull() && f.targetAxes.size() == 1) { // all blocks are alike
    int64_t extent = relation.getTargetShape()[f.targetAxes[0]];
    int64_t block = std::min(tile[f.targetAxes[0]], extent);
    double sources = double(f.map.getSourceSize());
    stats.maxSupport = sources;
    stats.sumSupport = sources * double(ceilDiv(extent, block));
    return stats;
  }
  forEachBlock(f.targetAxes, relation.getTargetShape(), tile,
               [&](const Box &box) {
                 DegreeProfile profile =
                     f.targetAxes.size() == 1
                         ? f.map.profile(box.low[f.targetAxes[0]],
                                         box.high[f.targetAxes[0]])
                         : f.map.profile(analysis::flatten(
                               box, relation.getTargetShape(), f.targetAxes));
                 double support = double(profile.support());
                 stats.maxSupport = std::max(stats.maxSupport, support);
                 stats.sumSupport += support;
               });
  return stats;
}

const DegreeProfile &Partitioner::reach(unsigned projection, unsigned factor,
                                        const Shape &tile) {
  const Relation &relation = network.projections[projection].relation;
  const Factor &f = relation.getFactors()[factor];
  auto [it, isNew] =
      reachCache.try_emplace({{projection, factor}, keyOf(f, tile)});
  if (!isNew)
    return it->second;
  if (f.map.isFull() && f.targetAxes.size() == 1) {
    int64_t extent = relation.getTargetShape()[f.targetAxes[0]];
    it->second.append(0, f.map.getSourceSize(),
                      ceilDiv(extent, tile[f.targetAxes[0]]));
    return it->second;
  }
  std::vector<analysis::DegreeRun> runs;
  forEachBlock(f.targetAxes, relation.getTargetShape(), tile,
               [&](const Box &box) {
                 f.map
                     .image(analysis::flatten(box, relation.getTargetShape(),
                                              f.targetAxes))
                     .forEachInterval([&](int64_t low, int64_t high) {
                       runs.push_back({low, high, 1});
                     });
               });
  it->second = DegreeProfile::sum(std::move(runs));
  return it->second;
}

/// In-axons and synapse memory, each of the tile that needs most.  Tiles of one
/// size differ at borders alone, so the first, second, middle and last blocks
/// of each axis stand for all; verify() looks at every tile in the end.
Partitioner::Exact Partitioner::exactUse(unsigned p, const Shape &tile) {
  const Shape &shape = network.populations[p].shape;
  Exact exact;
  Box box = Box::whole(shape);
  auto measure = [&] {
    std::map<unsigned, std::vector<analysis::SourceProfile>> bySource;
    double memory = 0;
    for (size_t j = 0; j < network.projections.size(); ++j) {
      const analysis::Projection &projection = network.projections[j];
      if (projection.target != p)
        continue;
      analysis::SourceProfile profile =
          analysis::sourcesInto(projection.relation, box);
      memory += storageBits(problem, unsigned(j), box, profile);
      if (problem.projections[j].usesAxons)
        bySource[projection.source].push_back(std::move(profile));
    }
    double axons = 0;
    for (auto &[source, profiles] : bySource) {
      std::vector<const analysis::SourceProfile *> pointers;
      for (const analysis::SourceProfile &profile : profiles)
        pointers.push_back(&profile);
      axons += double(analysis::countUnion(pointers));
    }
    exact.axons = std::max(exact.axons, axons);
    exact.memory = std::max(exact.memory, memory);
  };
  auto visit = [&](auto &&self, size_t a) -> void {
    if (a == shape.size()) {
      measure();
      return;
    }
    int64_t count = ceilDiv(shape[a], tile[a]);
    int64_t previous = -1;
    for (int64_t block :
         {int64_t(0), int64_t(1), count / 2, count - 2, count - 1}) {
      if (block <= previous || block >= count)
        continue;
      previous = block;
      box.low[a] = block * tile[a];
      box.high[a] = std::min(box.low[a] + tile[a], shape[a]);
      self(self, a + 1);
    }
  };
  visit(visit, 0);
  return exact;
}

// In-axons are first bounded from above by the largest tile of each projection,
// which is exact for one projection, and counted only where that bound forbids.
std::vector<Excess> Partitioner::judge(unsigned p, unsigned type,
                                       const Shape &tile, double &deliveries) {
  const analysis::Population &population = network.populations[p];
  const Caps &caps = problem.hardware.cores[type].caps;
  double volume = 1, neurons, axons = 0, memory = 0, axonsOut = 0,
         destinations = 0;
  for (int64_t t : tile)
    volume *= double(t);
  neurons = volume * problem.populations[p].neuronCost;
  deliveries = 0;
  int axonProjections = 0;
  for (auto [j, projection] : llvm::enumerate(network.projections)) {
    const Relation &relation = projection.relation;
    if (projection.target == p && !relation.isEmpty()) {
      double sources = 1, sum = 1;
      for (unsigned f = 0; f < relation.getFactors().size(); ++f) {
        const BlockStats &stats = blocks(j, f, tile);
        sources *= stats.maxSupport;
        sum *= stats.sumSupport;
      }
      if (problem.projections[j].usesAxons) {
        axons += sources;
        deliveries += sum;
        ++axonProjections;
      }
    }
    // What it sends: to populations cut already, itself included.
    if (projection.source == p && problem.projections[j].usesAxons &&
        !relation.isEmpty()) {
      const Shape *other = nullptr;
      if (projection.target == p)
        other = &tile;
      else if (auto it = tileOf.find(projection.target); it != tileOf.end())
        other = &it->second;
      if (!other)
        continue;
      double out = 1, most = 1;
      for (unsigned f = 0; f < relation.getFactors().size(); ++f) {
        const Factor &factor = relation.getFactors()[f];
        const DegreeProfile &profile = reach(j, f, *other);
        most *= double(profile.maximum());
        if (factor.sourceAxes.empty()) {
          out *= double(profile.total());
          continue;
        }
        // The block of this population that reaches most.
        double best = 0;
        if (profile.runs().size() == 1 && profile.runs()[0].begin == 0 &&
            profile.runs()[0].end == factor.map.getSourceSize()) {
          double block = 1;
          for (int a : factor.sourceAxes)
            block *= double(tile[a]);
          best = block * double(profile.maximum());
        } else {
          forEachBlock(
              factor.sourceAxes, population.shape, tile, [&](const Box &box) {
                best = std::max(
                    best,
                    double(profile
                               .clipped(analysis::flatten(box, population.shape,
                                                          factor.sourceAxes))
                               .total()));
              });
        }
        out *= best;
      }
      axonsOut += out;
      destinations += most;
    }
  }
  std::vector<Excess> excess;
  auto check = [&](const char *rule, const char *limit, const char *unit,
                   const char *what, const char *hint,
                   std::optional<double> cap, double used) {
    if (cap && used > *cap)
      excess.push_back({rule, limit, unit, what, hint, used, *cap});
  };
  check("core-neurons", "neurons", "1", "neurons", "a core with more neurons",
        caps.neurons, neurons);
  bool axonsBound =
      caps.axonsIn && axons > *caps.axonsIn && axonProjections > 1;
  // Memory is measured where nothing else forbids the cut yet, and for the
  // smallest tile, of which every excess is reported.
  bool needsMemory =
      caps.synapseMemory &&
      (volume == 1 || (excess.empty() && (axonsBound || !caps.axonsIn ||
                                          axons <= *caps.axonsIn)));
  if (axonsBound || needsMemory) {
    Exact exact = exactUse(p, tile);
    axons = axonsBound ? exact.axons : axons;
    memory = exact.memory;
  }
  check("core-axons-in", "axons_in", "1", "in-axons",
        "a smaller kernel, fewer input channels or a smaller layer before it",
        caps.axonsIn, axons);
  check("core-synapse-memory", "synapse_memory", "bit", "synapse memory",
        "narrower weights or a smaller kernel", caps.synapseMemory, memory);
  check("core-state-memory", "state_memory", "bit", "state memory",
        "narrower or fewer state words", caps.stateMemory,
        volume * double(population.stateWords) *
            (population.stateBits ? *population.stateBits
                                  : problem.hardware.stateBits));
  check("core-axons-out", "axons_out", "1", "out-axons",
        "fewer or larger layers behind it, so that it sends to fewer cores",
        caps.axonsOut, axonsOut);
  check("core-fan-out", "fan_out", "1", "destination cores per neuron",
        "fewer or larger layers behind it, so that it sends to fewer cores",
        caps.fanOut, destinations);
  // Configurations: tiles of one size may differ, so the largest is sought
  // along the first axis only (per neuron: the extent is the bound).
  auto configs = [&](const analysis::ConfigClasses &classes) -> double {
    using Scope = analysis::ConfigClasses::Scope;
    if (classes.scope == Scope::One || tile.empty())
      return 1;
    if (classes.scope == Scope::Neuron)
      return std::min(volume,
                      double(classes.countIn(Box::whole(population.shape),
                                             population.shape)));
    int64_t most = 0;
    forEachBlock({0}, population.shape, tile, [&](const Box &box) {
      most = std::max(most, classes.countIn(box, population.shape));
    });
    return double(most);
  };
  if (caps.thresholdConfigs)
    check("core-threshold-configs", "threshold_configs", "1",
          "threshold configurations", "one threshold per layer",
          caps.thresholdConfigs, configs(population.thresholds));
  if (caps.neuronConfigs)
    check("core-neuron-configs", "neuron_configs", "1", "neuron configurations",
          "parameters shared by more neurons", caps.neuronConfigs,
          configs(population.parameters));
  return excess;
}

std::optional<LayerPlan> Partitioner::cut(unsigned p, unsigned type,
                                          std::vector<Excess> &excess) {
  const analysis::Population &population = network.populations[p];
  const Shape &shape = population.shape;
  const Caps &caps = problem.hardware.cores[type].caps;
  double room = caps.neurons.value_or(double(population.neurons()) *
                                      problem.populations[p].neuronCost);
  int64_t most = int64_t(room / problem.populations[p].neuronCost);

  // Every tile extent that is the smallest for some number of blocks.
  std::vector<std::vector<int64_t>> extents;
  for (int64_t extent : shape) {
    std::vector<int64_t> list;
    for (int64_t t = std::min(extent, std::max<int64_t>(most, 1)); t >= 1;) {
      int64_t count = ceilDiv(extent, t);
      t = ceilDiv(extent, count);
      list.push_back(t);
      --t;
    }
    extents.push_back(std::move(list));
  }
  struct Candidate {
    int64_t cores;
    Shape tile;
  };
  std::vector<Candidate> candidates;
  Shape tile(shape.size(), 1);
  auto enumerate = [&](auto &&self, size_t a, int64_t volume,
                       int64_t cores) -> void {
    if (a == shape.size()) {
      candidates.push_back({cores, tile});
      return;
    }
    for (int64_t t : extents[a]) {
      if (volume > most / t && volume * t > most && t > 1)
        continue;
      tile[a] = t;
      self(self, a + 1, volume * t, cores * ceilDiv(shape[a], t));
    }
    tile[a] = 1;
  };
  enumerate(enumerate, 0, 1, 1);
  llvm::sort(candidates, [](const Candidate &a, const Candidate &b) {
    return a.cores != b.cores
               ? a.cores < b.cores
               : std::lexicographical_compare(b.tile.begin(), b.tile.end(),
                                              a.tile.begin(), a.tile.end());
  });

  std::optional<LayerPlan> best;
  std::set<std::string> binding;
  if (double(population.neurons()) * problem.populations[p].neuronCost > room)
    binding.insert("neurons");
  for (const Candidate &candidate : candidates) {
    if (best && candidate.cores > best->cores)
      break;
    double deliveries = 0;
    std::vector<Excess> broken = judge(p, type, candidate.tile, deliveries);
    if (!broken.empty()) {
      if (!best)
        for (const Excess &e : broken)
          binding.insert(e.limit);
      continue;
    }
    if (best && deliveries >= best->deliveries)
      continue;
    LayerPlan plan;
    plan.population = p;
    plan.coreType = type;
    plan.tile = candidate.tile;
    plan.cores = candidate.cores;
    plan.deliveries = deliveries;
    best = std::move(plan);
  }
  if (best) {
    if (best->cores > 1)
      best->binding.assign(binding.begin(), binding.end());
    return best;
  }
  double deliveries = 0;
  excess = judge(p, type, Shape(shape.size(), 1), deliveries);
  return std::nullopt;
}

void Partitioner::emitTiles(PartitionResult &result) {
  const Hardware &hw = problem.hardware;
  Mapping mapping;
  for (const analysis::Population &population : network.populations)
    mapping.tiles.emplace_back(population.shape.size());
  // Free cells of each kind, chip after chip.
  std::vector<std::vector<Cell>> free(hw.cores.size());
  std::set<Cell> forbidden(hw.forbidden.begin(), hw.forbidden.end());
  std::vector<int64_t> need(hw.cores.size(), 0);
  for (const LayerPlan &plan : result.layers)
    need[plan.coreType] += plan.cores;
  int64_t first = 0;
  for (unsigned t = 0; t < hw.cores.size(); first += hw.cores[t++].count)
    for (int64_t chip = 0; chip < hw.chips; ++chip)
      for (int64_t c = 0; c < hw.cores[t].count; ++c) {
        Cell cell{int32_t(chip), int32_t(first + c)};
        if (int64_t(free[t].size()) < need[t] + int64_t(hw.fixed.size()) &&
            !forbidden.count(cell))
          free[t].push_back(cell);
      }
  std::map<std::pair<unsigned, unsigned>, Cell> fixed;
  std::set<Cell> taken;
  for (const FixedTile &f : hw.fixed) {
    fixed[{f.population, f.tile}] = f.cell;
    taken.insert(f.cell);
  }
  std::vector<size_t> next(hw.cores.size(), 0);
  for (const LayerPlan &plan : result.layers) {
    const Shape &shape = network.populations[plan.population].shape;
    analysis::AxisList axes;
    for (size_t a = 0; a < shape.size(); ++a)
      axes.push_back(int(a));
    TileTable &table = mapping.tiles[plan.population];
    forEachBlock(axes, shape, plan.tile, [&](const Box &box) {
      auto it = fixed.find({plan.population, unsigned(table.size())});
      if (it != fixed.end()) {
        table.add(it->second, box);
        return;
      }
      std::vector<Cell> &cells = free[plan.coreType];
      size_t &n = next[plan.coreType];
      while (n < cells.size() && taken.count(cells[n]))
        ++n;
      if (n < cells.size())
        table.add(cells[n++], box);
    });
  }
  result.mapping = std::move(mapping);
}

PartitionResult Partitioner::run() {
  PartitionResult result;
  result.violations = problem.check();
  const Hardware &hw = problem.hardware;
  std::vector<unsigned> order = network.topologicalOrder();

  // Targets before sources, so that what a tile sends is known; twice, since
  // delayed projections lead back to populations that are cut later.
  std::map<unsigned, LayerPlan> plans;
  std::map<unsigned, std::vector<Violation>> misfits;
  bool cyclic = llvm::any_of(network.projections, [](const auto &p) {
    return p.delay > 0 && p.source != p.target;
  });
  for (int round = 0; round < (cyclic ? 3 : 1); ++round) {
    std::vector<int64_t> left;
    for (unsigned t = 0; t < hw.cores.size(); ++t)
      left.push_back(hw.available(t));
    misfits.clear();
    for (unsigned p : llvm::reverse(order)) {
      const Problem::PopulationInfo &info = problem.populations[p];
      if (!info.placed || info.coreTypes.empty())
        continue;
      std::optional<LayerPlan> best;
      std::vector<Excess> least;
      for (unsigned t : info.coreTypes) {
        std::vector<Excess> excess;
        std::optional<LayerPlan> plan = cut(p, t, excess);
        if (!plan) {
          if (least.empty() || excess.size() < least.size())
            least = std::move(excess);
          continue;
        }
        bool room = plan->cores <= left[t];
        bool roomBest = best && best->cores <= left[best->coreType];
        if (!best || (room && !roomBest) ||
            (room == roomBest && plan->cores < best->cores))
          best = std::move(plan);
      }
      if (!best) {
        for (const Excess &e : least)
          misfits[p].push_back({e.rule, e.limit, network.populations[p].name,
                                std::nullopt, e.required, e.available, e.unit,
                                std::string(e.what) + " for a single neuron",
                                e.hint});
        continue;
      }
      left[best->coreType] -= best->cores;
      tileOf[p] = best->tile;
      plans[p] = std::move(*best);
    }
  }
  auto known = [&](const Violation &v) {
    return llvm::any_of(result.violations, [&](const Violation &o) {
      return o.rule == v.rule && o.population == v.population;
    });
  };
  for (unsigned p : order) {
    for (const Violation &v : misfits[p])
      if (!known(v))
        result.violations.push_back(v);
    if (auto it = plans.find(p); it != plans.end() && misfits[p].empty())
      result.layers.push_back(it->second);
  }

  // Are there enough cores of every kind?  Layers that cannot be cut at all
  // come on top.
  bool partial = llvm::any_of(
      misfits, [](const auto &entry) { return !entry.second.empty(); });
  std::string rest = partial ? " for the layers that can be cut" : "";
  for (unsigned t = 0; t < hw.cores.size(); ++t) {
    int64_t need = 0;
    const LayerPlan *largest = nullptr;
    for (const LayerPlan &plan : result.layers)
      if (plan.coreType == t) {
        need += plan.cores;
        if (!largest || plan.cores > largest->cores)
          largest = &plan;
      }
    if (need <= hw.available(t))
      continue;
    std::string hint;
    int64_t usable = hw.available(t);
    if (int64_t perChip = hw.cores[t].count; perChip > 0 && usable > 0)
      hint = std::to_string(ceilDiv(need * hw.chips, usable)) +
             " chips would do; ";
    hint += "'" + network.populations[largest->population].name +
            "' alone takes " + std::to_string(largest->cores);
    if (!largest->binding.empty())
      hint += ", bound by " + llvm::join(largest->binding, " and ");
    double factor = 1;
    for (const LayerPlan &plan : result.layers)
      factor =
          std::max(factor, problem.populations[plan.population].neuronCost);
    if (factor > 1)
      hint += "; reset to zero would halve the compartments";
    result.violations.push_back(
        {"core-count", "", "", std::nullopt, double(need), double(usable), "1",
         "cores of kind '" + hw.cores[t].name + "'" + rest, hint});
  }
  if (!result.violations.empty())
    return result;
  emitTiles(result);
  result.violations = verify(problem, *result.mapping);
  if (!result.violations.empty())
    result.mapping.reset();
  return result;
}

PartitionResult partitionLayerPure(const Problem &problem) {
  return Partitioner(problem).run();
}

} // namespace nmc::mapping
