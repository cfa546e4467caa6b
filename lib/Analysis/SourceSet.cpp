//===- SourceSet.cpp - Which source neurons reach a box -------------------===//

#include "nmc/Analysis/SourceSet.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace nmc::analysis {

//===----------------------------------------------------------------------===//
// SourceProfile
//===----------------------------------------------------------------------===//

SourceProfile sourcesInto(const Relation &relation, const Box &targets) {
  SourceProfile result;
  result.shape.assign(relation.getSourceShape().begin(),
                      relation.getSourceShape().end());
  result.multiplicity = relation.isEmpty() ? 0 : 1;
  for (const Factor &factor : relation.getFactors()) {
    DegreeProfile profile;
    if (factor.targetAxes.size() == 1)
      profile = factor.map.profile(targets.low[factor.targetAxes[0]],
                                   targets.high[factor.targetAxes[0]]);
    else
      profile = factor.map.profile(
          flatten(targets, relation.getTargetShape(), factor.targetAxes));
    if (factor.sourceAxes.empty())
      result.multiplicity = saturatingMul(result.multiplicity, profile.total());
    else
      result.axes.push_back({factor.sourceAxes, std::move(profile)});
  }
  return result;
}

int64_t SourceProfile::countSources() const {
  if (multiplicity == 0)
    return 0;
  int64_t n = 1;
  for (const AxisUse &use : axes)
    n *= use.profile.support();
  return n;
}

int64_t SourceProfile::countSynapses() const {
  int64_t n = multiplicity;
  for (const AxisUse &use : axes)
    n = saturatingMul(n, use.profile.total());
  return n;
}

int64_t SourceProfile::synapsesOf(llvm::ArrayRef<int64_t> source) const {
  int64_t n = multiplicity;
  for (const AxisUse &use : axes) {
    int64_t index = 0;
    for (int a : use.axes)
      index = index * shape[a] + source[a];
    n = saturatingMul(n, use.profile.at(index));
  }
  return n;
}

Box SourceProfile::bounds() const {
  Box box = Box::whole(shape);
  if (multiplicity == 0) {
    box.high.assign(shape.size(), 0);
    return box;
  }
  for (const AxisUse &use : axes) {
    if (use.profile.empty()) {
      box.high.assign(shape.size(), 0);
      return box;
    }
    if (use.axes.size() != 1)
      continue; // several axes: their whole extent
    box.low[use.axes[0]] = use.profile.runs().front().begin;
    box.high[use.axes[0]] = use.profile.runs().back().end;
  }
  return box;
}

SourceProfile SourceProfile::clipped(const Box &sources) const {
  SourceProfile result;
  result.shape = shape;
  result.multiplicity = multiplicity;
  for (const AxisUse &use : axes) {
    if (use.axes.size() == 1)
      result.axes.push_back(
          {use.axes, use.profile.clipped(sources.low[use.axes[0]],
                                         sources.high[use.axes[0]])});
    else
      result.axes.push_back(
          {use.axes, use.profile.clipped(flatten(sources, shape, use.axes))});
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Cells
//===----------------------------------------------------------------------===//

int64_t CellSet::size() const {
  int64_t n = 1;
  for (const IntervalSet &set : sets)
    n *= set.size();
  return n;
}

/// The product of some uses as one profile over the index of `axes`.
static DegreeProfile mergeUses(llvm::ArrayRef<const AxisUse *> uses,
                               llvm::ArrayRef<int> axes,
                               llvm::ArrayRef<int64_t> shape) {
  if (uses.size() == 1)
    return uses[0]->profile;
  std::vector<std::pair<int64_t, int64_t>> flat = {{0, 1}}; // index, degree
  for (const AxisUse *use : uses) {
    Shape strides;
    for (int a : use->axes) {
      int64_t stride = 1;
      for (int b : axes)
        if (b > a)
          stride *= shape[b];
      strides.push_back(stride);
    }
    std::vector<std::pair<int64_t, int64_t>> next;
    for (const DegreeRun &run : use->profile.runs())
      for (int64_t s = run.begin; s < run.end; ++s) {
        int64_t offset = 0, left = s;
        for (int i = int(use->axes.size()) - 1; i >= 0; --i) {
          offset += left % shape[use->axes[i]] * strides[i];
          left /= shape[use->axes[i]];
        }
        for (auto [index, degree] : flat)
          next.emplace_back(index + offset, degree * run.degree);
      }
    flat = std::move(next);
  }
  llvm::sort(flat);
  DegreeProfile result;
  for (auto [index, degree] : flat)
    result.append(index, index + 1, degree);
  return result;
}

namespace {
/// One group of axes: the classes of its coordinates by degrees under every
/// profile, and the coordinates of each class.
struct GroupClasses {
  AxisList axes;
  std::vector<std::pair<std::vector<int64_t>, IntervalSet>> classes;
};
} // namespace

static GroupClasses classify(AxisList axes,
                             llvm::ArrayRef<DegreeProfile> profiles) {
  GroupClasses group;
  group.axes = std::move(axes);
  struct Event {
    int64_t at;
    size_t profile;
    int64_t degree;
  };
  std::vector<Event> events;
  for (auto [p, profile] : llvm::enumerate(profiles))
    for (const DegreeRun &run : profile.runs()) {
      events.push_back({run.begin, p, run.degree});
      events.push_back({run.end, p, -run.degree});
    }
  llvm::sort(events,
             [](const Event &a, const Event &b) { return a.at < b.at; });
  std::map<std::vector<int64_t>, size_t> known;
  std::vector<int64_t> degrees(profiles.size(), 0);
  int64_t from = 0, used = 0;
  for (size_t i = 0; i < events.size();) {
    int64_t at = events[i].at;
    if (used > 0 && from < at) {
      auto [it, isNew] = known.try_emplace(degrees, group.classes.size());
      if (isNew)
        group.classes.emplace_back(degrees, IntervalSet());
      group.classes[it->second].second.append(from, at);
    }
    for (; i < events.size() && events[i].at == at; ++i) {
      degrees[events[i].profile] += events[i].degree;
      used += events[i].degree;
    }
    from = at;
  }
  return group;
}

void forEachCell(
    llvm::ArrayRef<const SourceProfile *> profiles,
    llvm::function_ref<void(const CellSet &, llvm::ArrayRef<int64_t>)> fn) {
  if (profiles.empty())
    return;
  const Shape &shape = profiles[0]->shape;
  // Axes that some profile ties together.
  AxisList leader(shape.size());
  std::iota(leader.begin(), leader.end(), 0);
  auto find = [&](int a) {
    while (leader[a] != a)
      a = leader[a];
    return a;
  };
  for (const SourceProfile *profile : profiles)
    for (const AxisUse &use : profile->axes)
      for (int a : use.axes) {
        int x = find(a), y = find(use.axes[0]);
        leader[std::max(x, y)] = std::min(x, y);
      }
  llvm::SmallVector<GroupClasses, 4> groups;
  for (int root = 0; root < int(shape.size()); ++root) {
    if (find(root) != root)
      continue;
    AxisList axes;
    for (int a = root; a < int(shape.size()); ++a)
      if (find(a) == root)
        axes.push_back(a);
    std::vector<DegreeProfile> merged;
    for (const SourceProfile *profile : profiles) {
      llvm::SmallVector<const AxisUse *> uses;
      for (const AxisUse &use : profile->axes)
        if (find(use.axes[0]) == root)
          uses.push_back(&use);
      merged.push_back(profile->multiplicity == 0
                           ? DegreeProfile()
                           : mergeUses(uses, axes, shape));
    }
    groups.push_back(classify(std::move(axes), merged));
  }

  CellSet cell;
  for (const GroupClasses &group : groups) {
    cell.axes.push_back(group.axes);
    cell.sets.emplace_back();
  }
  // All combinations of classes, depth first; dead branches end early.
  std::vector<std::vector<int64_t>> product(groups.size() + 1);
  for (const SourceProfile *profile : profiles)
    product[0].push_back(profile->multiplicity);
  auto visit = [&](auto &&self, size_t depth) -> void {
    if (depth == groups.size()) {
      fn(cell, product[depth]);
      return;
    }
    for (const auto &[degrees, set] : groups[depth].classes) {
      std::vector<int64_t> &next = product[depth + 1];
      next.resize(profiles.size());
      bool alive = false;
      for (size_t p = 0; p < profiles.size(); ++p) {
        next[p] = saturatingMul(product[depth][p], degrees[p]);
        alive |= next[p] != 0;
      }
      if (!alive)
        continue;
      cell.sets[depth] = set;
      self(self, depth + 1);
    }
  };
  if (llvm::any_of(product[0], [](int64_t m) { return m != 0; }))
    visit(visit, 0);
}

int64_t countUnion(llvm::ArrayRef<const SourceProfile *> profiles) {
  if (profiles.size() == 1)
    return profiles[0]->countSources();
  int64_t n = 0;
  forEachCell(profiles, [&](const CellSet &cell, llvm::ArrayRef<int64_t>) {
    n += cell.size();
  });
  return n;
}

//===----------------------------------------------------------------------===//
// RateMap
//===----------------------------------------------------------------------===//

RateMap::RateMap(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<float> values)
    : shape(shape.begin(), shape.end()) {
  build(values);
}

RateMap::RateMap(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<double> values)
    : shape(shape.begin(), shape.end()) {
  build(values);
}

template <typename T> void RateMap::build(llvm::ArrayRef<T> values) {
  if (int64_t(values.size()) != analysis::volume(shape))
    return;
  strides.assign(shape.size(), 1);
  int64_t size = 1;
  for (int a = int(shape.size()) - 1; a >= 0; --a) {
    strides[a] = size;
    size *= shape[a] + 1;
  }
  sums.assign(size, 0);
  // The value at (i, j, ...) goes to (i + 1, j + 1, ...); then running sums,
  // axis after axis.
  Shape at(shape.size(), 0);
  for (T value : values) {
    int64_t index = 0;
    for (size_t a = 0; a < shape.size(); ++a)
      index += (at[a] + 1) * strides[a];
    sums[index] = value;
    for (int a = int(shape.size()) - 1; a >= 0 && ++at[a] == shape[a]; --a)
      at[a] = 0;
  }
  for (size_t a = 0; a < shape.size(); ++a)
    for (int64_t i = 0; i < size; ++i)
      if (i / strides[a] % (shape[a] + 1) != 0)
        sums[i] += sums[i - strides[a]];
}

double RateMap::sum(const Box &box) const {
  if (empty())
    return double(box.volume());
  double result = 0;
  unsigned rank = shape.size();
  for (unsigned corner = 0; corner < (1u << rank); ++corner) {
    int64_t index = 0;
    bool negative = false;
    for (unsigned a = 0; a < rank; ++a) {
      bool low = corner >> a & 1;
      index += (low ? box.low[a] : box.high[a]) * strides[a];
      negative ^= low;
    }
    result += negative ? -sums[index] : sums[index];
  }
  return result;
}

double RateMap::sum(const CellSet &cell) const {
  if (empty())
    return double(cell.size());
  Box box = Box::whole(shape);
  double result = 0;
  auto visit = [&](auto &&self, size_t depth) -> void {
    if (depth == cell.sets.size()) {
      result += sum(box);
      return;
    }
    const AxisList &axes = cell.axes[depth];
    cell.sets[depth].forEachInterval([&](int64_t low, int64_t high) {
      if (axes.size() == 1) {
        box.low[axes[0]] = low, box.high[axes[0]] = high;
        self(self, depth + 1);
        return;
      }
      for (int64_t s = low; s < high; ++s) {
        int64_t left = s;
        for (int i = int(axes.size()) - 1; i >= 0; --i) {
          box.low[axes[i]] = left % shape[axes[i]];
          box.high[axes[i]] = box.low[axes[i]] + 1;
          left /= shape[axes[i]];
        }
        self(self, depth + 1);
      }
    });
  };
  visit(visit, 0);
  return result;
}

} // namespace nmc::analysis
