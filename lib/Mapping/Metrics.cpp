//===- Metrics.cpp - Figures by which mappings are compared ---------------===//

#include "nmc/Mapping/Metrics.h"
#include "nmc/Mapping/Traffic.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <set>

namespace nmc::mapping {

/// Routers of the destination cores other than the sender's, each once where
/// `distinct` (a multicast delivers one copy per router).
static void remoteRouters(const Problem &problem, const SenderGroup &group,
                          std::vector<Point> &routers) {
  routers.clear();
  int64_t previous = -1;
  for (const Destination &d : group.destinations) {
    if (d.core != previous && d.core != group.core)
      routers.push_back(problem.hardware.router(problem.hardware.cell(d.core)));
    previous = d.core;
  }
}

static std::optional<Point> senderRouter(const Problem &problem,
                                         const SenderGroup &group) {
  if (group.core >= 0)
    return problem.hardware.router(problem.hardware.cell(group.core));
  return problem.hardware.io;
}

//===----------------------------------------------------------------------===//
// Ring bound
//===----------------------------------------------------------------------===//

/// Lower bound of weighted hops: each core's partners, by falling traffic,
/// cannot sit nearer than the nearest cells around it.
static double
ringBound(const Problem &problem,
          const std::map<std::pair<int64_t, int64_t>, double> &traffic) {
  const Hardware &hw = problem.hardware;
  if (hw.topology != Topology::Mesh && hw.topology != Topology::Torus)
    return 0;
  std::map<std::pair<int64_t, int64_t>, double> symmetric;
  for (auto [pair, rate] : traffic)
    symmetric[{std::min(pair.first, pair.second),
               std::max(pair.first, pair.second)}] += rate;
  std::map<int64_t, std::vector<double>> partners;
  for (auto [pair, rate] : symmetric) {
    partners[pair.first].push_back(rate);
    partners[pair.second].push_back(rate);
  }
  double bound = 0;
  for (auto &[core, rates] : partners) {
    llvm::sort(rates, std::greater<double>());
    int64_t ring = 0, left = hw.coresPerRouter - 1;
    for (double rate : rates) {
      while (left == 0) {
        ++ring;
        left = 4 * ring * hw.coresPerRouter;
      }
      bound += rate * double(ring);
      --left;
    }
  }
  return bound / 2;
}

//===----------------------------------------------------------------------===//
// Metrics
//===----------------------------------------------------------------------===//

static void takeLargest(const LinkLoads &loads, double &largest,
                        std::optional<Link> &where) {
  for (size_t i = 0; i < loads.size(); ++i)
    if (loads.load(i) > largest) {
      largest = loads.load(i);
      where = loads.link(i);
    }
}

Metrics computeMetrics(const Problem &problem, const Mapping &mapping) {
  const Hardware &hw = problem.hardware;
  Metrics m;
  m.hasRates = problem.hasRates();
  LinkLoads unicast(hw), multicast(hw);
  std::map<std::pair<int64_t, int64_t>, double> traffic;
  std::vector<Point> routers;
  forEachSenderGroup(problem, mapping, [&](const SenderGroup &group) {
    std::optional<Point> from = senderRouter(problem, group);
    int64_t previous = -1;
    for (const Destination &d : group.destinations) {
      if (d.core == previous)
        continue;
      previous = d.core;
      if (group.core < 0) {
        m.externalDeliveries += group.rate;
        continue;
      }
      if (d.core == group.core) {
        m.selfDeliveries += group.rate;
        continue;
      }
      Cell to = hw.cell(d.core);
      m.remoteDeliveries += group.rate;
      if (hw.router(to) == *from)
        m.localDeliveries += group.rate;
      if (hw.cell(group.core).chip != to.chip)
        m.chipDeliveries += group.rate;
      traffic[{group.core, d.core}] += group.rate;
    }
    if (!from)
      return;
    remoteRouters(problem, group, routers);
    Point hops{0, 0};
    for (Point to : routers) {
      Point h = unicast.addUnicast(*from, to, group.rate);
      hops.x += h.x, hops.y += h.y;
    }
    Point tree = multicast.addMulticast(*from, routers, group.rate);
    if (group.core >= 0) {
      m.weightedHops += group.rate * double(hops.x + hops.y);
      m.multicastHops += group.rate * double(tree.x + tree.y);
    }
  });
  takeLargest(unicast, m.largestUnicastLoad, m.largestUnicastLink);
  takeLargest(multicast, m.largestMulticastLoad, m.largestMulticastLink);
  m.ringBound = ringBound(problem, traffic);
  if (m.ringBound > 0)
    m.gap = 100 * (m.weightedHops / m.ringBound - 1);

  MappedTraffic cores = computeTraffic(problem, mapping);
  m.cores = int64_t(cores.cores.size());
  m.chips = cores.chips;
  m.routers = cores.routers;
  using Cap = std::optional<double> Caps::*;
  const std::pair<const char *, Cap> resources[] = {
      {"neurons", &Caps::neurons},
      {"axons_in", &Caps::axonsIn},
      {"axons_out", &Caps::axonsOut},
      {"synapse_memory", &Caps::synapseMemory}};
  for (auto [name, cap] : resources) {
    Fill fill;
    fill.resource = name;
    bool first = true;
    for (const CoreTraffic &core : cores.cores) {
      double used = core.used.at(name);
      fill.total += used;
      if (first || used > fill.largest) {
        fill.largest = used;
        fill.fullest = core.cell;
        fill.cap = hw.cores[core.type].caps.*cap;
      }
      first = false;
    }
    m.fill.push_back(fill);
  }
  return m;
}

//===----------------------------------------------------------------------===//
// Traffic for the cost model
//===----------------------------------------------------------------------===//

std::optional<size_t> MappedTraffic::findPart(size_t core,
                                              unsigned population) const {
  auto it = llvm::partition_point(parts, [&](const PartTraffic &p) {
    return p.core != core ? p.core < core : p.population < population;
  });
  if (it == parts.end() || it->core != core || it->population != population)
    return std::nullopt;
  return size_t(it - parts.begin());
}

static bool isGraded(const Problem &problem, unsigned population) {
  return problem.network.populations[population].payloadBits != 0;
}

MappedTraffic computeTraffic(const Problem &problem, const Mapping &mapping) {
  const Hardware &hw = problem.hardware;
  MappedTraffic result;
  result.hasRates = problem.hasRates();
  std::map<int64_t, size_t> coreAt; // Hardware::index -> position
  std::set<int32_t> chips;
  std::set<std::pair<int64_t, int64_t>> routers;
  for (Cell cell : mapping.cells()) {
    coreAt[hw.index(cell)] = result.cores.size();
    CoreTraffic core;
    core.cell = cell;
    core.type = hw.typeOf(cell.core);
    core.router = hw.router(cell);
    for (const char *name :
         {"neurons", "axons_in", "axons_out", "synapse_memory"})
      core.used[name] = 0;
    chips.insert(cell.chip);
    routers.insert({core.router.x, core.router.y});
    result.cores.push_back(std::move(core));
  }
  result.chips = int64_t(chips.size());
  result.routers = int64_t(routers.size());

  for (unsigned p = 0; p < mapping.tiles.size(); ++p) {
    const TileTable &table = mapping.tiles[p];
    for (size_t i = 0; i < table.size(); ++i) {
      Box box = table.box(i);
      TileUse use = measureTile(problem, p, box);
      PartTraffic part;
      part.core = unsigned(coreAt.at(hw.index(table.cell(i))));
      part.population = p;
      part.neurons = box.volume();
      part.synapses = use.synapses;
      part.synapseMemory = use.synapseMemory;
      part.mean.spikes = problem.populations[p].rateMap.sum(box);
      CoreTraffic &core = result.cores[part.core];
      core.used["neurons"] += use.neurons;
      core.used["synapse_memory"] += use.synapseMemory;
      result.parts.push_back(part);
    }
  }
  llvm::sort(result.parts, [](const PartTraffic &a, const PartTraffic &b) {
    return a.core != b.core ? a.core < b.core : a.population < b.population;
  });

  bool isMulticast = hw.routing == Routing::XYMulticast;
  LinkLoads loads(hw), other(hw);
  std::vector<Point> remote;
  forEachSenderGroup(problem, mapping, [&](const SenderGroup &group) {
    PartTraffic *sender = nullptr;
    if (group.core >= 0) {
      size_t core = coreAt.at(group.core);
      sender = &result.parts[*result.findPart(core, group.population)];
      result.cores[core].used["axons_out"] +=
          double(group.count) * double(group.cores);
    }
    std::optional<Point> from = senderRouter(problem, group);
    bool graded = isGraded(problem, group.population);
    int64_t previous = -1;
    for (const Destination &d : group.destinations) {
      size_t core = coreAt.at(d.core);
      Events &events = result.parts[*result.findPart(core, d.population)].mean;
      (graded ? events.macs : events.synops) += group.rate * double(d.synapses);
      if (d.core == previous)
        continue;
      previous = d.core;
      result.cores[core].used["axons_in"] += double(group.count);
      if (d.core == group.core) {
        sender->mean.packetsSelf += group.rate;
        continue;
      }
      events.packetsIn += group.rate;
      if (!sender)
        continue;
      sender->mean.packetsOut += group.rate;
      result.remoteDeliveries += group.rate;
      if (result.cores[core].router == *from)
        sender->mean.packetsLocal += group.rate;
    }
    if (!from)
      return;
    remoteRouters(problem, group, remote);
    LinkLoads &single = isMulticast ? other : loads;
    Point hops{0, 0};
    for (Point to : remote) {
      Point h = single.addUnicast(*from, to, group.rate);
      hops.x += h.x, hops.y += h.y;
    }
    LinkLoads &tree = isMulticast ? loads : other;
    Point shared = tree.addMulticast(*from, remote, group.rate);
    if (!sender)
      return;
    result.weightedHops += group.rate * double(hops.x + hops.y);
    result.multicastHops += group.rate * double(shared.x + shared.y);
    Point taken = isMulticast ? shared : hops;
    sender->mean.hopsX += group.rate * double(taken.x);
    sender->mean.hopsY += group.rate * double(taken.y);
  });
  for (size_t i = 0; i < loads.size(); ++i)
    if (loads.load(i) > 0)
      result.links.push_back({loads.link(i), loads.load(i), std::nullopt});
  // Events that use no axons still reach their synapses.
  for (size_t j = 0; j < problem.network.projections.size(); ++j) {
    if (problem.projections[j].usesAxons)
      continue;
    const analysis::Projection &p = problem.network.projections[j];
    const TileTable &table = mapping.tiles[p.target];
    for (size_t i = 0; i < table.size(); ++i) {
      analysis::SourceProfile profile =
          analysis::sourcesInto(p.relation, table.box(i));
      Events &events = result
                           .parts[*result.findPart(
                               coreAt.at(hw.index(table.cell(i))), p.target)]
                           .mean;
      double sum = 0;
      analysis::forEachCell({&profile}, [&](const analysis::CellSet &cell,
                                            llvm::ArrayRef<int64_t> synapses) {
        sum += double(synapses[0]) *
               problem.populations[p.source].rateMap.sum(cell);
      });
      (isGraded(problem, p.source) ? events.macs : events.synops) += sum;
    }
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Replay
//===----------------------------------------------------------------------===//

Replay::Replay(const Problem &problem, const Mapping &mapping,
               const MappedTraffic &traffic)
    : partCount(traffic.parts.size()), linkCount(traffic.links.size()) {
  const Hardware &hw = problem.hardware;
  std::map<int64_t, size_t> cores;
  for (auto [i, core] : llvm::enumerate(traffic.cores))
    cores[hw.index(core.cell)] = i;
  LinkLoads loads(hw);
  std::vector<int64_t> linkOf(loads.size(), -1);
  for (size_t i = 0, next = 0; i < loads.size(); ++i) {
    if (next == traffic.links.size())
      break;
    const Link &link = traffic.links[next].link;
    Link here = loads.link(i);
    if (here.from == link.from && here.direction == link.direction)
      linkOf[i] = int64_t(next++);
  }
  groupOf.resize(problem.network.populations.size());

  auto assign = [&](unsigned population, const analysis::CellSet &cell,
                    int32_t group) {
    const analysis::Shape &shape =
        problem.network.populations[population].shape;
    std::vector<int64_t> flat = {0};
    for (auto [axes, set] : llvm::zip_equal(cell.axes, cell.sets)) {
      std::vector<int64_t> next;
      for (const auto &[low, high] : set.intervals())
        for (int64_t s = low; s < high; ++s) {
          int64_t offset = 0, left = s;
          for (int i = int(axes.size()) - 1; i >= 0; --i) {
            int64_t stride = 1;
            for (size_t b = axes[i] + 1; b < shape.size(); ++b)
              stride *= shape[b];
            offset += left % shape[axes[i]] * stride;
            left /= shape[axes[i]];
          }
          for (int64_t base : flat)
            next.push_back(base + offset);
        }
      flat = std::move(next);
    }
    for (int64_t n : flat)
      groupOf[population][n] = group;
  };

  // Neurons without destinations: one group per tile.
  for (unsigned p = 0; p < groupOf.size(); ++p) {
    const analysis::Shape &shape = problem.network.populations[p].shape;
    groupOf[p].assign(analysis::volume(shape), -1);
    const TileTable &table = mapping.tiles[p];
    for (size_t i = 0; i < table.size(); ++i) {
      Box box = table.box(i);
      analysis::CellSet cell;
      for (unsigned a = 0; a < box.rank(); ++a) {
        cell.axes.push_back({int(a)});
        cell.sets.push_back(
            analysis::IntervalSet::range(box.low[a], box.high[a]));
      }
      Group group;
      group.part = traffic.findPart(cores.at(hw.index(table.cell(i))), p);
      group.perEvent.spikes = 1;
      assign(p, cell, int32_t(groups.size()));
      groups.push_back(std::move(group));
    }
  }
  bool isMulticast = hw.routing == Routing::XYMulticast;
  std::vector<Point> remote;
  forEachSenderGroup(problem, mapping, [&](const SenderGroup &sender) {
    Group group;
    std::optional<Point> from = senderRouter(problem, sender);
    if (sender.core >= 0) {
      group.part = traffic.findPart(cores.at(sender.core), sender.population);
      group.perEvent.spikes = 1;
    }
    bool graded = isGraded(problem, sender.population);
    int64_t previous = -1;
    for (const Destination &d : sender.destinations) {
      Receiver receiver;
      receiver.part = *traffic.findPart(cores.at(d.core), d.population);
      receiver.synapses = double(d.synapses);
      receiver.graded = graded;
      bool isNew = d.core != previous;
      receiver.packet = isNew && d.core != sender.core;
      previous = d.core;
      if (group.part && isNew) {
        if (!receiver.packet)
          group.perEvent.packetsSelf += 1;
        else
          group.perEvent.packetsOut += 1;
        if (receiver.packet && hw.router(hw.cell(d.core)) == *from)
          group.perEvent.packetsLocal += 1;
      }
      group.receivers.push_back(receiver);
    }
    if (from) {
      remoteRouters(problem, sender, remote);
      Point hops = loads.forEachLink(*from, remote, isMulticast, [&](size_t l) {
        if (linkOf[l] >= 0)
          group.links.push_back(size_t(linkOf[l]));
      });
      if (group.part) {
        group.perEvent.hopsX = double(hops.x);
        group.perEvent.hopsY = double(hops.y);
      }
    }
    assign(sender.population, *sender.neurons, int32_t(groups.size()));
    groups.push_back(std::move(group));
  });
}

static void addScaled(Events &to, const Events &from, double n) {
  for (double Events::*field :
       {&Events::spikes, &Events::synops, &Events::macs, &Events::packetsIn,
        &Events::packetsOut, &Events::packetsLocal, &Events::packetsSelf,
        &Events::hopsX, &Events::hopsY})
    to.*field += n * from.*field;
}

void Replay::step(const SpikeBits &bits, int64_t sample, int64_t step,
                  std::vector<Events> &parts,
                  std::vector<double> &links) const {
  parts.assign(partCount, {});
  links.assign(linkCount, 0);
  std::vector<int64_t> counts(groups.size(), 0);
  for (size_t p = 0; p < bits.populations.size() && p < groupOf.size(); ++p) {
    const SpikeBits::Words &words = bits.populations[p];
    int64_t offset = (sample * bits.steps + step) * words.wordsPerStep;
    if (offset + words.wordsPerStep > int64_t(words.words.size()))
      continue;
    for (int64_t w = 0; w < words.wordsPerStep; ++w)
      for (uint64_t word = words.words[offset + w]; word; word &= word - 1) {
        int64_t n = 64 * w + __builtin_ctzll(word);
        if (n < int64_t(groupOf[p].size()) && groupOf[p][n] >= 0)
          ++counts[groupOf[p][n]];
      }
  }
  for (auto [group, count] : llvm::zip_equal(groups, counts)) {
    if (count == 0)
      continue;
    double n = double(count);
    if (group.part)
      addScaled(parts[*group.part], group.perEvent, n);
    for (const Receiver &receiver : group.receivers) {
      Events &events = parts[receiver.part];
      (receiver.graded ? events.macs : events.synops) += n * receiver.synapses;
      events.packetsIn += receiver.packet ? n : 0;
    }
    for (size_t link : group.links)
      links[link] += n;
  }
}

void Replay::addPeaks(const SpikeBits &bits, MappedTraffic &traffic) const {
  if (bits.samples == 0 || bits.steps == 0)
    return;
  std::vector<Events> parts, most;
  std::vector<double> links, mostLinks;
  for (PartTraffic &part : traffic.parts)
    part.peak = Events();
  for (LinkTraffic &link : traffic.links)
    link.peak = 0;
  for (int64_t sample = 0; sample < bits.samples; ++sample) {
    most.assign(partCount, {});
    mostLinks.assign(linkCount, 0);
    for (int64_t s = 0; s < bits.steps; ++s) {
      step(bits, sample, s, parts, links);
      for (size_t i = 0; i < partCount; ++i)
        for (double Events::*field :
             {&Events::spikes, &Events::synops, &Events::macs,
              &Events::packetsIn, &Events::packetsOut, &Events::packetsLocal,
              &Events::packetsSelf, &Events::hopsX, &Events::hopsY})
          most[i].*field = std::max(most[i].*field, parts[i].*field);
      for (size_t i = 0; i < linkCount; ++i)
        mostLinks[i] = std::max(mostLinks[i], links[i]);
    }
    double share = 1.0 / double(bits.samples);
    for (size_t i = 0; i < partCount; ++i)
      addScaled(*traffic.parts[i].peak, most[i], share);
    for (size_t i = 0; i < linkCount; ++i)
      *traffic.links[i].peak += share * mostLinks[i];
  }
}

} // namespace nmc::mapping
