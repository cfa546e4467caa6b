//===- NetworkModel.cpp - A spike.network as plain data -------------------===//

#include "nmc/Analysis/NetworkModel.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

#include <algorithm>
#include <set>

namespace nmc::analysis {

int64_t ConfigClasses::countIn(const Box &box,
                               llvm::ArrayRef<int64_t> shape) const {
  if (box.empty())
    return 0;
  if (scope == Scope::One || shape.empty())
    return 1;
  std::set<int32_t> seen;
  if (scope == Scope::Channel) {
    for (int64_t c = box.low[0]; c < box.high[0]; ++c)
      seen.insert(classOf[c]);
    return int64_t(seen.size());
  }
  AxisList axes;
  for (unsigned a = 0; a < shape.size(); ++a)
    axes.push_back(int(a));
  flatten(box, shape, axes).forEachInterval([&](int64_t low, int64_t high) {
    seen.insert(classOf.begin() + low, classOf.begin() + high);
  });
  return int64_t(seen.size());
}

int64_t WeightSharing::countIn(const Box &box) const {
  int64_t n = base;
  for (int a : axes)
    n *= box.extent(a);
  return n;
}

int64_t Projection::countWeights(const Box &targets) const {
  if (uniformWeight)
    return 1;
  return sharing ? sharing->countIn(targets) : relation.countSynapses(targets);
}

std::optional<unsigned> NetworkModel::find(llvm::StringRef population) const {
  for (auto [i, p] : llvm::enumerate(populations))
    if (p.name == population)
      return unsigned(i);
  return std::nullopt;
}

std::vector<unsigned> NetworkModel::topologicalOrder() const {
  std::vector<int> waiting(populations.size(), 0);
  for (const Projection &p : projections)
    if (p.delay == 0)
      ++waiting[p.target];
  std::set<unsigned> ready; // in the order of the network
  for (unsigned i = 0; i < populations.size(); ++i)
    if (waiting[i] == 0)
      ready.insert(i);
  std::vector<unsigned> order;
  std::vector<bool> done(populations.size());
  while (order.size() < populations.size()) {
    unsigned next = 0;
    if (!ready.empty()) {
      next = *ready.begin();
      ready.erase(ready.begin());
    } else { // a cycle without delay, which the network's verifier refuses
      while (done[next])
        ++next;
    }
    order.push_back(next);
    done[next] = true;
    for (const Projection &p : projections)
      if (p.source == next && p.delay == 0 && !done[p.target] &&
          --waiting[p.target] == 0)
        ready.insert(p.target);
  }
  return order;
}

std::vector<const Projection *> NetworkModel::into(unsigned population) const {
  std::vector<const Projection *> list;
  for (const Projection &p : projections)
    if (p.target == population)
      list.push_back(&p);
  return list;
}

std::vector<const Projection *> NetworkModel::outOf(unsigned population) const {
  std::vector<const Projection *> list;
  for (const Projection &p : projections)
    if (p.source == population)
      list.push_back(&p);
  return list;
}

/// Uses of the source axes when all targets count, for each relation.
static Spread spread(llvm::ArrayRef<Relation> relations) {
  Spread result;
  if (relations.empty())
    return result;
  std::vector<SourceProfile> profiles;
  std::vector<int64_t> pieces(relations[0].getSourceShape().size(), 1);
  for (const Relation &relation : relations) {
    profiles.push_back(
        sourcesInto(relation, Box::whole(relation.getTargetShape())));
    result.sum += profiles.back().countSynapses();
    for (const AxisUse &use : profiles.back().axes)
      pieces[use.axes[0]] += 2 * int64_t(use.profile.runs().size());
  }
  int64_t combinations = 1; // at most so many cells
  for (int64_t n : pieces)
    combinations = std::min<int64_t>(combinations * n, 1 << 30);
  int64_t neurons = volume(relations[0].getSourceShape());
  if (combinations > (1 << 22)) {
    for (const SourceProfile &profile : profiles) {
      int64_t max = profile.multiplicity, min = max;
      for (const AxisUse &use : profile.axes) {
        int64_t least = use.profile.maximum(), extent = 1;
        for (int a : use.axes)
          extent *= profile.shape[a];
        for (const DegreeRun &run : use.profile.runs())
          least = std::min(least, run.degree);
        if (use.profile.support() < extent)
          least = 0;
        max *= use.profile.maximum();
        min *= least;
      }
      result.max += max;
      result.min += min;
    }
    return result;
  }
  std::vector<const SourceProfile *> pointers;
  for (const SourceProfile &profile : profiles)
    pointers.push_back(&profile);
  int64_t seen = 0;
  bool first = true;
  forEachCell(pointers, [&](const CellSet &cell, llvm::ArrayRef<int64_t> n) {
    int64_t count = 0;
    for (int64_t m : n)
      count += m;
    result.max = std::max(result.max, count);
    result.min = first ? count : std::min(result.min, count);
    first = false;
    seen += cell.size();
  });
  if (seen < neurons)
    result.min = 0;
  return result;
}

Spread fanIn(llvm::ArrayRef<const Projection *> into) {
  std::vector<Relation> relations;
  for (const Projection *p : into)
    relations.push_back(p->relation.converse());
  return spread(relations);
}

Spread fanOut(llvm::ArrayRef<const Projection *> outOf) {
  std::vector<Relation> relations;
  for (const Projection *p : outOf)
    relations.push_back(p->relation);
  // Projections out of one population go to targets of different shapes, but
  // share the source's axes.
  return spread(relations);
}

} // namespace nmc::analysis
