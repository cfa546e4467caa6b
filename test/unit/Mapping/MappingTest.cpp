//===- MappingTest.cpp - Solvers and figures against enumeration ----------===//

#include "Enumerate.h"

#include "nmc/Mapping/Partition.h"
#include "nmc/Mapping/Place.h"

#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

using namespace nmc;
using namespace nmc::mapping;
using namespace nmc::test;

namespace {

using Random = std::mt19937;

int64_t below(Random &random, int64_t n) { return int64_t(random() % n); }

Hardware randomHardware(Random &random) {
  Hardware hw;
  hw.name = "random";
  hw.gridX = 2 + below(random, 6);
  hw.gridY = 2 + below(random, 6);
  hw.coresPerRouter = 1 + below(random, 3);
  hw.chips = 1 + below(random, 3);
  hw.boardX = 1 + below(random, 2);
  hw.inputsOnCores = below(random, 2);
  CoreType type;
  type.name = "neuro";
  type.count = hw.gridX * hw.gridY * hw.coresPerRouter;
  type.caps.neurons = 4 + below(random, 60);
  if (below(random, 2))
    type.caps.axonsIn = 8 + below(random, 100);
  if (below(random, 3) == 0)
    type.caps.axonsOut = 8 + below(random, 200);
  if (below(random, 3) == 0)
    type.caps.synapseMemory = 500 + below(random, 4000);
  if (below(random, 5) == 0)
    type.caps.fanIn = 10 + below(random, 100);
  hw.cores.push_back(type);
  if (below(random, 3) == 0)
    hw.wordBlocks = WordBlocks{32, 1 + below(random, 8), 4};
  if (below(random, 4) == 0) // two kinds
    hw.cores[0].count -= 1 + below(random, 3),
        hw.cores.push_back({"small", 1, {}, {}, {}}),
        hw.cores[1].caps.neurons = 3;
  for (int64_t i = 0, n = below(random, 3); i < n; ++i) {
    Cell cell{int32_t(below(random, hw.chips)),
              int32_t(below(random, hw.coresPerChip()))};
    if (!hw.isForbidden(cell))
      hw.forbidden.push_back(cell);
  }
  return hw;
}

std::vector<std::vector<double>> randomEvents(Random &random,
                                              const analysis::NetworkModel &m,
                                              Problem::Rates &rates) {
  std::vector<std::vector<double>> events;
  for (const analysis::Population &p : m.populations) {
    std::vector<float> list;
    events.emplace_back();
    for (int64_t n = 0; n < p.neurons(); ++n) {
      list.push_back(float(below(random, 16)) / 8); // exact sums
      events.back().push_back(list.back());
    }
    rates[p.name] = list;
  }
  return events;
}

/// A legal mapping of arbitrary boxes: random cuts, some tiles cut once more.
Mapping randomMapping(Random &random, Problem &problem) {
  Mapping mapping;
  std::vector<Cell> cells;
  for (int64_t i = 0; i < problem.hardware.coreCount(); ++i)
    cells.push_back(problem.hardware.cell(i));
  std::shuffle(cells.begin(), cells.end(), random);
  size_t next = 0;
  for (unsigned p = 0; p < problem.network.populations.size(); ++p) {
    const Shape &shape = problem.network.populations[p].shape;
    mapping.tiles.emplace_back(shape.size());
    if (!problem.populations[p].placed)
      continue;
    std::vector<Box> boxes = {Box::whole(shape)};
    for (int64_t i = 0, n = below(random, 5); i < n; ++i) {
      size_t which = size_t(below(random, boxes.size()));
      unsigned axis = unsigned(below(random, shape.size()));
      if (boxes[which].extent(axis) < 2)
        continue;
      Box other = boxes[which];
      int64_t at = other.low[axis] + 1 + below(random, other.extent(axis) - 1);
      boxes[which].high[axis] = other.low[axis] = at;
      boxes.push_back(other);
    }
    for (const Box &box : boxes)
      mapping.tiles[p].add(cells[next++ % cells.size()], box);
  }
  return mapping;
}

void compareTraffic(const Problem &problem, const Mapping &mapping,
                    const Synapses &synapses,
                    const std::vector<std::vector<double>> &events) {
  Counted counted = enumerate(problem, synapses, mapping, events);
  Metrics m = computeMetrics(problem, mapping);
  EXPECT_DOUBLE_EQ(m.remoteDeliveries, counted.remote);
  EXPECT_DOUBLE_EQ(m.selfDeliveries, counted.self);
  EXPECT_DOUBLE_EQ(m.externalDeliveries, counted.external);
  EXPECT_DOUBLE_EQ(m.weightedHops, counted.hops);
  EXPECT_DOUBLE_EQ(m.multicastHops, counted.multicastHops);
  EXPECT_DOUBLE_EQ(m.largestUnicastLoad, counted.largestUnicast);
  EXPECT_DOUBLE_EQ(m.largestMulticastLoad, counted.largestMulticast);
  EXPECT_LE(m.ringBound, m.weightedHops + 1e-9);
  MappedTraffic traffic = computeTraffic(problem, mapping);
  EXPECT_EQ(traffic.cores.size(), counted.cores.size());
  for (const CoreTraffic &core : traffic.cores) {
    const Counted::Core &c = counted.cores[problem.hardware.index(core.cell)];
    EXPECT_DOUBLE_EQ(core.used.at("neurons"), c.neurons);
    if (!problem.hardware.sharedCores) {
      EXPECT_DOUBLE_EQ(core.used.at("synapse_memory"), c.memory);
    }
    EXPECT_DOUBLE_EQ(core.used.at("axons_in"), c.axonsIn);
    EXPECT_DOUBLE_EQ(core.used.at("axons_out"), c.axonsOut);
  }
  for (const PartTraffic &part : traffic.parts) {
    int64_t core = problem.hardware.index(traffic.cores[part.core].cell);
    const Events &e = counted.parts[{core, part.population}];
    for (double Events::*field :
         {&Events::spikes, &Events::synops, &Events::macs, &Events::packetsIn,
          &Events::packetsOut, &Events::packetsLocal, &Events::packetsSelf,
          &Events::hopsX, &Events::hopsY})
      EXPECT_DOUBLE_EQ(part.mean.*field, e.*field);
  }
}

TEST(Traffic, EqualsEnumeration) {
  Random random(5);
  for (int round = 0; round < 300; ++round) {
    RandomNetwork network = makeNetwork(random);
    Hardware hw = randomHardware(random);
    hw.coresPerRouter += 2; // room enough for arbitrary boxes
    hw.cores.resize(1);
    hw.cores[0].count = hw.gridX * hw.gridY * hw.coresPerRouter;
    hw.cores[0].caps = {};
    hw.forbidden.clear();
    hw.sharedCores = true;
    Problem::Rates rates;
    auto events = randomEvents(random, network.model, rates);
    Problem problem = Problem::create(network.model, hw, rates);
    Mapping mapping = randomMapping(random, problem);
    EXPECT_TRUE(verify(problem, mapping).empty());
    compareTraffic(problem, mapping, network.synapses, events);
    // Synapses, fan-in and fan-out per neuron.
    for (unsigned p = 0; p < network.model.populations.size(); ++p) {
      int64_t n = network.model.populations[p].neurons();
      std::vector<int64_t> in(n), out(n);
      for (size_t j = 0; j < network.model.projections.size(); ++j) {
        const analysis::Projection &projection = network.model.projections[j];
        for (size_t t = 0; t < network.synapses[j].size(); ++t)
          for (int64_t s : network.synapses[j][t]) {
            if (projection.target == p)
              ++in[t];
            if (projection.source == p)
              ++out[s];
          }
      }
      auto check = [](const analysis::Spread &spread,
                      const std::vector<int64_t> &counts) {
        EXPECT_EQ(spread.max, *std::max_element(counts.begin(), counts.end()));
        EXPECT_EQ(spread.min, *std::min_element(counts.begin(), counts.end()));
        EXPECT_EQ(spread.sum,
                  std::accumulate(counts.begin(), counts.end(), int64_t(0)));
      };
      check(analysis::fanIn(network.model.into(p)), in);
      check(analysis::fanOut(network.model.outOf(p)), out);
    }
    if (HasFailure()) {
      ADD_FAILURE() << "round " << round;
      return;
    }
  }
}

TEST(Traffic, ReplaysSpikesStepByStep) {
  Random random(6);
  for (int round = 0; round < 60; ++round) {
    RandomNetwork network = makeNetwork(random);
    Hardware hw = randomHardware(random);
    hw.cores.resize(1);
    hw.cores[0].count = hw.gridX * hw.gridY * hw.coresPerRouter;
    hw.cores[0].caps = {};
    hw.sharedCores = true;
    Problem problem = Problem::create(network.model, hw);
    Mapping mapping = randomMapping(random, problem);
    MappedTraffic traffic = computeTraffic(problem, mapping);
    SpikeBits bits;
    bits.samples = 2, bits.steps = 3;
    std::vector<std::vector<uint64_t>> words;
    for (const analysis::Population &p : network.model.populations) {
      int64_t perStep = (p.neurons() + 63) / 64;
      words.emplace_back(6 * perStep);
      for (int64_t s = 0; s < 6; ++s)
        for (int64_t n = 0; n < p.neurons(); ++n)
          if (below(random, 3) == 0)
            words.back()[s * perStep + n / 64] |= uint64_t(1) << (n % 64);
    }
    for (auto [p, w] : llvm::zip_equal(network.model.populations, words))
      bits.populations.push_back({w, (p.neurons() + 63) / 64});
    Replay replay(problem, mapping, traffic);
    std::vector<Events> parts;
    std::vector<double> links, peak(traffic.parts.size());
    for (int64_t sample = 0; sample < 2; ++sample) {
      std::vector<double> most(traffic.parts.size());
      for (int64_t step = 0; step < 3; ++step) {
        std::vector<std::vector<double>> events;
        for (auto [p, w] : llvm::zip_equal(network.model.populations, words)) {
          events.emplace_back();
          int64_t perStep = (p.neurons() + 63) / 64;
          for (int64_t n = 0; n < p.neurons(); ++n)
            events.back().push_back(
                w[(sample * 3 + step) * perStep + n / 64] >> (n % 64) & 1);
        }
        Counted counted = enumerate(problem, network.synapses, mapping, events);
        replay.step(bits, sample, step, parts, links);
        for (auto [i, part] : llvm::enumerate(traffic.parts)) {
          int64_t core = hw.index(traffic.cores[part.core].cell);
          const Events &e = counted.parts[{core, part.population}];
          bool viaAxons = true;
          for (size_t j = 0; j < network.model.projections.size(); ++j)
            if (network.model.projections[j].target == part.population)
              viaAxons &= problem.projections[j].usesAxons;
          for (double Events::*field :
               {&Events::spikes, &Events::packetsIn, &Events::packetsOut,
                &Events::packetsLocal, &Events::packetsSelf, &Events::hopsX,
                &Events::hopsY})
            EXPECT_EQ(parts[i].*field, e.*field);
          if (viaAxons) {
            EXPECT_EQ(parts[i].synops, e.synops);
          }
          most[i] = std::max(most[i], parts[i].packetsIn);
        }
        double largest = 0;
        for (double load : links)
          largest = std::max(largest, load);
        EXPECT_EQ(largest, hw.routing == Routing::XY
                               ? counted.largestUnicast
                               : counted.largestMulticast);
      }
      for (size_t i = 0; i < most.size(); ++i)
        peak[i] += most[i] / 2;
    }
    replay.addPeaks(bits, traffic);
    for (size_t i = 0; i < peak.size(); ++i)
      EXPECT_DOUBLE_EQ(traffic.parts[i].peak->packetsIn, peak[i]);
    if (HasFailure())
      return;
  }
}

TEST(Partition, IsLegalOrSaysWhy) {
  Random random(7);
  int fits = 0;
  for (int round = 0; round < 1000; ++round) {
    RandomNetwork network = makeNetwork(random);
    Hardware hw = randomHardware(random);
    std::vector<std::vector<double>> unit;
    for (const analysis::Population &p : network.model.populations)
      unit.emplace_back(p.neurons(), 1.0);
    for (int lowered = 0; lowered < 3; ++lowered) {
      Problem problem = Problem::create(network.model, hw);
      PartitionResult result = partitionLayerPure(problem);
      EXPECT_EQ(result.mapping.has_value(), result.violations.empty());
      if (result.mapping) {
        ++fits;
        for (const Mapping &mapping :
             {*result.mapping, placeHilbert(problem, *result.mapping),
              placeSequential(problem, *result.mapping)}) {
          EXPECT_TRUE(verify(problem, mapping).empty());
          Counted counted = enumerate(problem, network.synapses, mapping, unit);
          EXPECT_TRUE(brokenCaps(problem, counted).empty());
          if (round % 10 == 0)
            compareTraffic(problem, mapping, network.synapses, unit);
        }
      } else {
        for (const Violation &v : result.violations) {
          EXPECT_FALSE(v.rule.empty());
          EXPECT_GT(v.required, v.available) << v.rule;
        }
      }
      // Lower one cap at random, or take a core away.
      Caps &caps = hw.cores[0].caps;
      switch (below(random, 4)) {
      case 0:
        caps.neurons = 1 + below(random, int64_t(*caps.neurons));
        break;
      case 1:
        caps.axonsIn = 1 + below(random, int64_t(caps.axonsIn.value_or(80)));
        break;
      case 2:
        caps.axonsOut = 1 + below(random, int64_t(caps.axonsOut.value_or(80)));
        break;
      default:
        Cell cell{0, int32_t(below(random, hw.coresPerChip()))};
        if (!hw.isForbidden(cell))
          hw.forbidden.push_back(cell);
      }
    }
    if (HasFailure()) {
      ADD_FAILURE() << "round " << round;
      return;
    }
  }
  EXPECT_GT(fits, 500); // both outcomes are common
  EXPECT_LT(fits, 2500);
}

// A convolutional net of 98,442 neurons on cores of 1,024 neurons and 4,096
// in-axons: 98 cores, 120,960 deliveries, the best layer-pure tiling known.
TEST(Partition, CutsConvolutionsWell) {
  analysis::NetworkModel network;
  auto add = [&](Shape shape, bool isInput = false) {
    analysis::Population p;
    p.name = "p" + std::to_string(network.populations.size());
    p.op = isInput ? "input" : "if";
    p.isInput = isInput;
    p.shape = shape;
    network.populations.push_back(p);
    return unsigned(network.populations.size() - 1);
  };
  auto connect = [&](analysis::Relation relation, const char *op) {
    analysis::Projection p;
    p.target = unsigned(network.populations.size() - 1);
    p.source = p.target - 1;
    p.relation = std::move(relation);
    p.connections = {op};
    network.projections.push_back(std::move(p));
  };
  Shape shape = {2, 64, 64};
  add(shape, /*isInput=*/true);
  const std::pair<int64_t, int64_t> layers[] = {
      {8, 1}, {16, 2}, {16, 1}, {32, 2}, {32, 1}, {64, 2}, {64, 1}};
  for (auto [channels, stride] : layers) {
    Shape next = {channels, (shape[1] - 1) / stride + 1,
                  (shape[2] - 1) / stride + 1};
    llvm::SmallVector<AxisRelation> axes = {
        AxisRelation::all(0, 0, shape[0], channels)};
    for (int a : {1, 2})
      axes.push_back(
          AxisRelation::window(a, a, shape[a], next[a], 3, stride, 1, 1));
    add(next);
    connect(analysis::Relation::fromAxes(axes, shape, next), "conv");
    shape = next;
  }
  for (int64_t n : {128, 10}) {
    add({n});
    connect(analysis::Relation::fromAxes({}, shape, {n}), "dense");
    shape = {n};
  }
  Hardware hw;
  hw.gridX = 16, hw.gridY = 8;
  hw.inputsOnCores = true;
  hw.cores.push_back({"neuro", 128, {}, {}, {}});
  hw.cores[0].caps.neurons = 1024;
  hw.cores[0].caps.axonsIn = 4096;
  Problem problem = Problem::create(network, hw);
  PartitionResult result = partitionLayerPure(problem);
  ASSERT_TRUE(result.mapping.has_value());
  Metrics m = computeMetrics(problem, placeHilbert(problem, *result.mapping));
  EXPECT_EQ(m.cores, 98);
  EXPECT_EQ(m.remoteDeliveries, 120960);
  EXPECT_LT(m.ringBound, m.weightedHops);
  EXPECT_LT(m.weightedHops, 700000);
}

TEST(Verify, FindsWhatIsWrong) {
  analysis::NetworkModel network;
  analysis::Population p;
  p.name = "p", p.op = "lif", p.shape = {4, 4};
  network.populations.push_back(p);
  Hardware hw;
  hw.gridX = hw.gridY = 2;
  hw.cores.push_back({"neuro", 4, {}, {}, {}});
  hw.cores[0].caps.neurons = 8;
  hw.forbidden.push_back({0, 3});
  Problem problem = Problem::create(network, hw);
  auto rules = [&](std::vector<int32_t> rows) {
    Mapping mapping;
    mapping.tiles.emplace_back(2);
    mapping.tiles[0].setData(std::move(rows));
    std::set<std::string> names;
    for (const Violation &v : verify(problem, mapping))
      names.insert(v.rule);
    return names;
  };
  using Names = std::set<std::string>;
  EXPECT_EQ(rules({0, 0, 0, 0, 2, 4, 0, 1, 2, 0, 4, 4}), Names());
  EXPECT_EQ(rules({}), Names{"tiles-cover"});
  EXPECT_EQ(rules({0, 0, 0, 0, 2, 4}), Names{"tiles-cover"});
  EXPECT_EQ(rules({0, 0, 0, 0, 4, 4}), Names{"core-neurons"});
  EXPECT_EQ(rules({0, 0, 0, 0, 2, 4, 0, 1, 1, 0, 3, 4}),
            Names{"tiles-disjoint"});
  EXPECT_EQ(rules({0, 0, 0, 0, 2, 4, 0, 0, 2, 0, 4, 4}),
            (Names{"core-once", "core-neurons"}));
  EXPECT_EQ(rules({0, 0, 0, 0, 2, 4, 0, 3, 2, 0, 4, 4}),
            Names{"core-forbidden"});
  EXPECT_EQ(rules({0, 0, 0, 0, 2, 4, 0, 4, 2, 0, 4, 4}), Names{"core-count"});
  EXPECT_EQ(rules({0, -1, 0, 0, 2, 4, 1, 1, 2, 0, 4, 4}), Names{"core-count"});
  EXPECT_EQ(rules({0, 0, 0, 0, 2, 5, 0, 1, 2, 0, 4, 4}), Names{"tile-box"});
}

TEST(Place, HilbertCurveVisitsEveryCellOnce) {
  for (int64_t w = 1; w <= 17; ++w)
    for (int64_t h = 1; h <= 17; ++h) {
      std::vector<Point> curve = hilbertCurve(w, h);
      ASSERT_EQ(int64_t(curve.size()), w * h);
      std::set<std::pair<int64_t, int64_t>> seen;
      int diagonal = 0;
      for (size_t i = 0; i < curve.size(); ++i) {
        EXPECT_TRUE(curve[i].x >= 0 && curve[i].x < w && curve[i].y >= 0 &&
                    curve[i].y < h);
        EXPECT_TRUE(seen.insert({curve[i].x, curve[i].y}).second);
        if (i == 0)
          continue;
        int64_t d = std::abs(curve[i].x - curve[i - 1].x) +
                    std::abs(curve[i].y - curve[i - 1].y);
        EXPECT_LE(d, 2);
        diagonal += d == 2;
      }
      EXPECT_LE(diagonal, 1) << w << "x" << h;
    }
}

TEST(Place, KeepsFixedTiles) {
  analysis::NetworkModel network;
  analysis::Population p;
  p.name = "p", p.op = "lif", p.shape = {8};
  network.populations.push_back(p);
  Hardware hw;
  hw.gridX = 4, hw.gridY = 2;
  hw.cores.push_back({"neuro", 8, {}, {}, {}});
  hw.cores[0].caps.neurons = 2;
  hw.fixed.push_back({0, 1, {0, 7}});
  Problem problem = Problem::create(network, hw);
  PartitionResult result = partitionLayerPure(problem);
  ASSERT_TRUE(result.mapping.has_value());
  EXPECT_EQ(result.mapping->tiles[0].size(), 4u);
  Mapping placed = placeHilbert(problem, *result.mapping);
  EXPECT_EQ(placed.tiles[0].cell(1), (Cell{0, 7}));
  EXPECT_TRUE(verify(problem, placed).empty());
}

} // namespace
