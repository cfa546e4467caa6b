//===- Enumerate.cpp - Networks and mappings neuron by neuron -------------===//

#include "Enumerate.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace nmc::test {

using namespace nmc::mapping;
using analysis::Relation;
using Random = std::mt19937;

static int64_t below(Random &random, int64_t n) {
  return int64_t(random() % n);
}

Shape coordinate(int64_t index, llvm::ArrayRef<int64_t> shape) {
  Shape at(shape.size(), 0);
  for (int a = int(shape.size()) - 1; a >= 0; --a) {
    at[a] = index % shape[a];
    index /= shape[a];
  }
  return at;
}

namespace {
using Pairs = std::vector<std::vector<int64_t>>; // by target
struct Step {
  Relation relation;
  Pairs pairs;
  Shape target;
};
} // namespace

static Pairs expand(llvm::ArrayRef<AxisRelation> relations, const Shape &source,
                    const Shape &target) {
  Pairs pairs(analysis::volume(target));
  for (int64_t t = 0; t < int64_t(pairs.size()); ++t)
    for (int64_t s = 0; s < analysis::volume(source); ++s) {
      Shape from = coordinate(s, source), to = coordinate(t, target);
      if (llvm::all_of(relations, [&](const AxisRelation &r) {
            return r.related(r.sourceAxis < 0 ? 0 : from[r.sourceAxis],
                             r.targetAxis < 0 ? 0 : to[r.targetAxis]);
          }))
        pairs[t].push_back(s);
    }
  return pairs;
}

static Step axes(llvm::ArrayRef<AxisRelation> relations, const Shape &source,
                 const Shape &target) {
  return {Relation::fromAxes(relations, source, target),
          expand(relations, source, target), target};
}

static Step randomConnection(Random &random, const Shape &source) {
  Shape target;
  llvm::SmallVector<AxisRelation> relations;
  int64_t kind = below(random, source.size() == 3 ? 5 : 2);
  if (kind == 0) { // dense
    target = {1 + below(random, 8)};
    for (size_t a = 0; a < source.size(); ++a)
      relations.push_back(AxisRelation::all(int(a), -1, source[a], 1));
    relations.push_back(AxisRelation::all(-1, 0, 1, target[0]));
    return axes(relations, source, target);
  }
  if (source.size() != 3 || kind == 1) { // one-to-one
    for (size_t a = 0; a < source.size(); ++a)
      relations.push_back(AxisRelation::identity(int(a), int(a), source[a]));
    return axes(relations, source, source);
  }
  int64_t channels = source[0];
  if (kind == 4) { // pool
    target.push_back(channels);
    relations.push_back(AxisRelation::identity(0, 0, channels));
  } else {
    int64_t groups = channels % 2 == 0 && below(random, 2) ? 2 : 1;
    int64_t out = groups * (1 + below(random, 2));
    target.push_back(out);
    relations.push_back(AxisRelation::grouped(0, 0, channels, out, groups));
  }
  for (int a = 1; a < 3; ++a) {
    int64_t n = source[a];
    int64_t k = 1 + below(random, 3), s = 1 + below(random, 3);
    int64_t d = kind == 4 ? 1 : 1 + below(random, 2);
    int64_t p = below(random, std::min<int64_t>(k, 2));
    if (kind == 3) {
      int64_t m = std::max<int64_t>((n - 1) * s - 2 * p + d * (k - 1) + 1, 1);
      m = std::min<int64_t>(m, 8);
      relations.push_back(AxisRelation::spread(a, a, n, m, k, s, p, d));
      target.push_back(m);
    } else {
      int64_t span = n + 2 * p - d * (k - 1) - 1;
      int64_t m = span < 0 ? 1 : span / s + 1;
      relations.push_back(AxisRelation::window(a, a, n, m, k, s, p, d));
      target.push_back(m);
    }
  }
  return axes(relations, source, target);
}

static Step randomView(Random &random, const Shape &source) {
  Shape target;
  llvm::SmallVector<AxisRelation> relations;
  switch (below(random, 5)) {
  case 0: { // reshape, merging or splitting
    int64_t n = analysis::volume(source);
    if (source.size() > 1)
      target = below(random, 2) ? Shape{n} : Shape{source[0], n / source[0]};
    else
      target = n % 2 == 0 ? Shape{1, 2, n / 2} : Shape{1, 1, n};
    Step step{Relation::reshape(source, target), {}, target};
    for (int64_t i = 0; i < n; ++i)
      step.pairs.push_back({i});
    return step;
  }
  case 1: { // transpose
    for (size_t a = 0; a < source.size(); ++a) {
      size_t from = source.size() - 1 - a;
      target.push_back(source[from]);
      relations.push_back(
          AxisRelation::identity(int(from), int(a), source[from]));
    }
    return axes(relations, source, target);
  }
  case 2: // slice
    for (size_t a = 0; a < source.size(); ++a) {
      int64_t stride = 1 + below(random, 2), low = below(random, source[a]);
      int64_t m = (source[a] - 1 - low) / stride + 1;
      relations.push_back(
          AxisRelation::shifted(int(a), int(a), source[a], m, stride, low));
      target.push_back(m);
    }
    return axes(relations, source, target);
  case 3: // pad, also the place of an operand in a concat
    for (size_t a = 0; a < source.size(); ++a) {
      int64_t low = below(random, 2), m = source[a] + low + below(random, 2);
      relations.push_back(
          AxisRelation::shifted(int(a), int(a), source[a], m, 1, -low));
      target.push_back(m);
    }
    return axes(relations, source, target);
  default: // upsample the last axis
    for (size_t a = 0; a < source.size(); ++a) {
      int64_t f = a + 1 == source.size() && source[a] < 5 ? 2 : 1;
      relations.push_back(AxisRelation::shifted(int(a), int(a), source[a],
                                                source[a] * f, 1, 0, f));
      target.push_back(source[a] * f);
    }
    return axes(relations, source, target);
  }
}

static Pairs join(const Pairs &inner, const Pairs &outer) {
  Pairs result;
  for (const std::vector<int64_t> &row : outer) {
    std::set<int64_t> all;
    for (int64_t b : row)
      all.insert(inner[b].begin(), inner[b].end());
    result.emplace_back(all.begin(), all.end());
  }
  return result;
}

/// A chain of views and at least one connection.
static Step randomChain(Random &random, const Shape &source) {
  Step total = below(random, 3) ? randomConnection(random, source)
                                : randomView(random, source);
  for (int64_t i = 0, n = below(random, 3); i < n; ++i) {
    if (analysis::volume(total.target) > 120)
      break;
    Step next = below(random, 2) ? randomConnection(random, total.target)
                                 : randomView(random, total.target);
    total.pairs = join(total.pairs, next.pairs);
    total.relation = *Relation::compose(total.relation, next.relation);
    total.target = next.target;
  }
  return total;
}

RandomNetwork makeNetwork(Random &random) {
  RandomNetwork result;
  analysis::NetworkModel &model = result.model;
  auto add = [&](const Shape &shape, bool isInput) {
    analysis::Population p;
    p.name = "p" + std::to_string(model.populations.size());
    p.op = isInput ? "input" : "lif";
    p.isInput = isInput;
    p.shape = shape;
    model.populations.push_back(p);
    return unsigned(model.populations.size() - 1);
  };
  auto connect = [&](unsigned source, unsigned target, Step step,
                     int64_t delay) {
    analysis::Projection p;
    p.source = source, p.target = target;
    p.relation = std::move(step.relation);
    p.delay = delay;
    p.connections = {"conv"};
    model.projections.push_back(std::move(p));
    result.synapses.push_back(std::move(step.pairs));
  };
  Shape shape = {1 + below(random, 2), 2 + below(random, 5),
                 2 + below(random, 5)};
  add(shape, true);
  for (int64_t i = 0, n = 1 + below(random, 5); i < n; ++i) {
    unsigned source = unsigned(below(random, model.populations.size()));
    Step step = randomChain(random, model.populations[source].shape);
    if (analysis::volume(step.target) > 120)
      continue;
    unsigned target = add(step.target, false);
    connect(source, target, std::move(step), 0);
    // A second way into it: residual or parallel branch.
    if (below(random, 2)) {
      for (unsigned other = 0; other < target; ++other) {
        const Shape &s = model.populations[other].shape;
        if (s == model.populations[target].shape) {
          Step identity = axes({}, s, s);
          identity.relation = Relation::identity(s);
          identity.pairs.clear();
          for (int64_t n = 0; n < analysis::volume(s); ++n)
            identity.pairs.push_back({n});
          connect(other, target, std::move(identity), 0);
          break;
        }
        Step again = randomChain(random, s);
        if (again.target == model.populations[target].shape) {
          connect(other, target, std::move(again), 0);
          break;
        }
      }
    }
    // Recurrence: onto itself, or back to an earlier population.
    if (below(random, 3) == 0) {
      unsigned back = unsigned(1 + below(random, target));
      const Shape &s = model.populations[back].shape;
      llvm::SmallVector<AxisRelation> all;
      connect(target, back, axes(all, model.populations[target].shape, s), 1);
    }
  }
  return result;
}

Counted enumerate(const Problem &problem, const Synapses &synapses,
                  const Mapping &mapping,
                  const std::vector<std::vector<double>> &events) {
  Counted result;
  const Hardware &hw = problem.hardware;
  const analysis::NetworkModel &network = problem.network;
  // Core of each neuron, -1 outside.
  std::vector<std::vector<int64_t>> coreOf;
  for (unsigned p = 0; p < network.populations.size(); ++p) {
    const Shape &shape = network.populations[p].shape;
    coreOf.emplace_back(analysis::volume(shape), -1);
    for (size_t i = 0; i < mapping.tiles[p].size(); ++i) {
      int64_t core = hw.index(mapping.tiles[p].cell(i));
      Box box = mapping.tiles[p].box(i);
      for (int64_t n = 0; n < analysis::volume(shape); ++n)
        if (box.contains(coordinate(n, shape))) {
          coreOf[p][n] = core;
          result.cores[core].neurons += problem.populations[p].neuronCost;
          result.parts[{core, p}].spikes += events[p][n];
        }
    }
  }
  // Synapses of each source neuron by core and population.
  std::map<std::pair<unsigned, int64_t>,
           std::map<std::pair<int64_t, unsigned>, int64_t>>
      out;
  for (size_t j = 0; j < network.projections.size(); ++j) {
    const analysis::Projection &p = network.projections[j];
    for (int64_t t = 0; t < int64_t(synapses[j].size()); ++t)
      for (int64_t s : synapses[j][t]) {
        int64_t core = coreOf[p.target][t];
        result.cores[core].synapses += 1;
        if (problem.projections[j].usesAxons)
          ++out[{p.source, s}][{core, p.target}];
        else
          result.parts[{core, p.target}].synops += events[p.source][s];
      }
  }
  // Synapse memory: each projection into each tile in its smaller format.
  for (size_t j = 0; j < network.projections.size(); ++j) {
    unsigned target = network.projections[j].target;
    std::map<int64_t, int64_t> tile; // neurons of the tile on a core
    for (int64_t core : coreOf[target])
      ++tile[core];
    std::map<std::pair<int64_t, int64_t>, int64_t> lists; // core, source
    for (int64_t t = 0; t < int64_t(synapses[j].size()); ++t)
      for (int64_t s : synapses[j][t])
        ++lists[{coreOf[target][t], s}];
    double width = problem.projections[j].weightBits;
    std::map<int64_t, std::pair<double, double>> bits; // dense, sparse
    for (auto [key, n] : lists) {
      int64_t neurons = tile[key.first], index = 0;
      while ((int64_t(1) << index) < neurons)
        ++index;
      auto list = [&](int64_t count, double each) {
        if (!hw.wordBlocks)
          return double(count) * each;
        double sum = 0;
        for (int64_t done = 0; done < count; done += hw.wordBlocks->block) {
          double raw =
              double(std::min(hw.wordBlocks->block, count - done)) * each +
              double(hw.wordBlocks->header);
          int64_t words = 0;
          while (double(words * hw.wordBlocks->word) < raw)
            ++words;
          sum += double(words * hw.wordBlocks->word);
        }
        return sum;
      };
      bits[key.first].first += list(neurons, width);
      bits[key.first].second += list(n, width + double(index));
    }
    for (auto [core, both] : bits)
      result.cores[core].memory += std::min(both.first, both.second);
  }
  std::map<std::tuple<int64_t, int64_t, int>, double> unicast, multicast;
  for (const auto &[neuron, targets] : out) {
    auto [population, n] = neuron;
    double rate = events[population][n];
    int64_t own = coreOf[population][n];
    std::set<int64_t> cores;
    for (const auto &[target, count] : targets) {
      Events &e = result.parts[target];
      e.synops += rate * double(count);
      if (cores.insert(target.first).second && target.first != own)
        e.packetsIn += rate;
    }
    std::set<std::tuple<int64_t, int64_t, int>> tree;
    for (int64_t core : cores) {
      result.cores[core].axonsIn += 1;
      if (own < 0) {
        result.external += rate;
        continue;
      }
      result.cores[own].axonsOut += 1;
      Events &e = result.parts[{own, population}];
      if (core == own) {
        result.self += rate;
        e.packetsSelf += rate;
        continue;
      }
      result.remote += rate;
      e.packetsOut += rate;
      Point from = hw.router(hw.cell(own)), to = hw.router(hw.cell(core));
      if (from == to)
        e.packetsLocal += rate;
      // Step by step along x, then along y.
      for (Point at = from; !(at == to);) {
        int direction;
        Point next = at;
        if (at.x != to.x) {
          direction = at.x < to.x ? 0 : 1;
          next.x += at.x < to.x ? 1 : -1;
          e.hopsX += rate;
        } else {
          direction = at.y < to.y ? 3 : 2;
          next.y += at.y < to.y ? 1 : -1;
          e.hopsY += rate;
        }
        unicast[{at.x, at.y, direction}] += rate;
        tree.insert({at.x, at.y, direction});
        result.hops += rate;
        at = next;
      }
    }
    for (auto link : tree)
      multicast[link] += rate;
    result.multicastHops += rate * double(tree.size());
    if (own >= 0)
      result.mostDestinations =
          std::max(result.mostDestinations, int64_t(cores.size()));
  }
  for (auto [link, load] : unicast)
    result.largestUnicast = std::max(result.largestUnicast, load);
  for (auto [link, load] : multicast)
    result.largestMulticast = std::max(result.largestMulticast, load);
  return result;
}

std::set<std::string> brokenCaps(const Problem &problem,
                                 const Counted &counted) {
  std::set<std::string> rules;
  for (const auto &[index, core] : counted.cores) {
    const Hardware &hw = problem.hardware;
    const Caps &caps = hw.cores[hw.typeOf(hw.cell(index).core)].caps;
    if (caps.neurons && core.neurons > *caps.neurons)
      rules.insert("core-neurons");
    if (caps.axonsIn && core.axonsIn > *caps.axonsIn)
      rules.insert("core-axons-in");
    if (caps.synapseMemory && core.memory > *caps.synapseMemory)
      rules.insert("core-synapse-memory");
    if (caps.axonsOut && core.axonsOut > *caps.axonsOut)
      rules.insert("core-axons-out");
  }
  return rules;
}

} // namespace nmc::test
