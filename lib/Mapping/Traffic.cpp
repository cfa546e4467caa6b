//===- Traffic.cpp - Which neurons send to which cores --------------------===//

#include "nmc/Mapping/Traffic.h"

#include "TileIndex.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace nmc::mapping {

using analysis::SourceProfile;

namespace {
/// Profiles of the boxes of one projection: a factor's part depends on the box
/// along the factor's axes alone, and boxes of a grid share it.
class ProfileCache {
public:
  explicit ProfileCache(const analysis::Relation &relation)
      : relation(relation), known(relation.getFactors().size()) {
    nothing = relation.isEmpty();
  }

  SourceProfile get(const Box &box) {
    SourceProfile result;
    result.shape.assign(relation.getSourceShape().begin(),
                        relation.getSourceShape().end());
    result.multiplicity = nothing ? 0 : 1;
    for (auto [f, factor] : llvm::enumerate(relation.getFactors())) {
      std::vector<int64_t> key;
      for (int a : factor.targetAxes) {
        key.push_back(box.low[a]);
        key.push_back(box.high[a]);
      }
      auto [it, isNew] = known[f].try_emplace(key);
      if (isNew)
        it->second =
            factor.targetAxes.size() == 1
                ? factor.map.profile(key[0], key[1])
                : factor.map.profile(analysis::flatten(
                      box, relation.getTargetShape(), factor.targetAxes));
      if (factor.sourceAxes.empty())
        result.multiplicity =
            analysis::saturatingMul(result.multiplicity, it->second.total());
      else
        result.axes.push_back({factor.sourceAxes, it->second});
    }
    return result;
  }

private:
  const analysis::Relation &relation;
  std::vector<std::map<std::vector<int64_t>, analysis::DegreeProfile>> known;
  bool nothing;
};
} // namespace

void forEachSenderGroup(const Problem &problem, const Mapping &mapping,
                        llvm::function_ref<void(const SenderGroup &)> fn) {
  const NetworkModel &network = problem.network;
  for (unsigned source = 0; source < network.populations.size(); ++source) {
    // Senders: the tiles, or the whole population where it occupies no core.
    TileTable senders = mapping.tiles[source];
    bool placed = !senders.empty();
    if (!placed)
      senders.add({-1, -1}, Box::whole(network.populations[source].shape));
    TileIndex index(senders);

    struct Arc {
      SourceProfile profile; // clipped to the sender
      Destination destination;
    };
    std::vector<std::vector<Arc>> arcs(senders.size());
    for (auto [j, p] : llvm::enumerate(network.projections)) {
      if (p.source != source || !problem.projections[j].usesAxons)
        continue;
      const TileTable &targets = mapping.tiles[p.target];
      ProfileCache cache(p.relation);
      for (size_t b = 0; b < targets.size(); ++b) {
        SourceProfile profile = cache.get(targets.box(b));
        Destination destination{problem.hardware.index(targets.cell(b)),
                                p.target, 0};
        index.forEachOverlap(profile.bounds(), [&](size_t a) {
          SourceProfile part = profile.clipped(index.box(a));
          if (!part.empty())
            arcs[a].push_back({std::move(part), destination});
        });
      }
    }

    SenderGroup group;
    group.population = source;
    std::vector<Destination> destinations;
    for (size_t a = 0; a < senders.size(); ++a) {
      if (arcs[a].empty())
        continue;
      llvm::sort(arcs[a], [](const Arc &x, const Arc &y) {
        return x.destination.core != y.destination.core
                   ? x.destination.core < y.destination.core
                   : x.destination.population < y.destination.population;
      });
      std::vector<const SourceProfile *> profiles;
      for (const Arc &arc : arcs[a])
        profiles.push_back(&arc.profile);
      group.tile = placed ? int64_t(a) : -1;
      group.core = placed ? problem.hardware.index(senders.cell(a)) : -1;
      analysis::forEachCell(profiles, [&](const analysis::CellSet &cell,
                                          llvm::ArrayRef<int64_t> synapses) {
        destinations.clear();
        group.cores = 0;
        for (auto [i, n] : llvm::enumerate(synapses)) {
          if (n == 0)
            continue;
          const Destination &next = arcs[a][i].destination;
          bool sameCore =
              !destinations.empty() && destinations.back().core == next.core;
          if (sameCore && destinations.back().population == next.population) {
            destinations.back().synapses += n;
            continue;
          }
          group.cores += !sameCore;
          destinations.push_back(next);
          destinations.back().synapses = n;
        }
        group.neurons = &cell;
        group.count = cell.size();
        group.rate = problem.populations[source].rateMap.sum(cell);
        group.destinations = destinations;
        fn(group);
      });
      arcs[a].clear();
      arcs[a].shrink_to_fit();
    }
  }
}

} // namespace nmc::mapping
