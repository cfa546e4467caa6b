//===- Relation.cpp - Connectivity as a product over axes -----------------===//

#include "nmc/Analysis/Relation.h"
#include "nmc/Analysis/SourceSet.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace nmc::analysis {

//===----------------------------------------------------------------------===//
// Boxes
//===----------------------------------------------------------------------===//

int64_t volume(llvm::ArrayRef<int64_t> shape) {
  int64_t n = 1;
  for (int64_t extent : shape)
    n *= extent;
  return n;
}

Box Box::whole(llvm::ArrayRef<int64_t> shape) {
  Box box;
  box.low.assign(shape.size(), 0);
  box.high.assign(shape.begin(), shape.end());
  return box;
}

int64_t Box::volume() const {
  int64_t n = 1;
  for (unsigned a = 0; a < rank(); ++a)
    n *= std::max<int64_t>(extent(a), 0);
  return n;
}

bool Box::empty() const { return volume() == 0; }

bool Box::contains(llvm::ArrayRef<int64_t> coordinate) const {
  for (unsigned a = 0; a < rank(); ++a)
    if (coordinate[a] < low[a] || coordinate[a] >= high[a])
      return false;
  return true;
}

bool Box::overlaps(const Box &other) const {
  for (unsigned a = 0; a < rank(); ++a)
    if (std::max(low[a], other.low[a]) >= std::min(high[a], other.high[a]))
      return false;
  return true;
}

IntervalSet flatten(const Box &box, llvm::ArrayRef<int64_t> shape,
                    llvm::ArrayRef<int> axes) {
  if (axes.empty())
    return IntervalSet::range(0, 1);
  if (axes.size() == 1)
    return IntervalSet::range(box.low[axes[0]], box.high[axes[0]]);
  IntervalSet set;
  if (llvm::any_of(axes, [&](int a) { return box.low[a] >= box.high[a]; }))
    return set;
  Shape at;
  for (int a : axes)
    at.push_back(box.low[a]);
  while (true) {
    int64_t index = 0;
    for (auto [i, a] : llvm::enumerate(axes))
      index = index * shape[a] + at[i];
    set.append(index, index + box.extent(axes.back()));
    int i = int(axes.size()) - 2;
    for (; i >= 0; --i) {
      if (++at[i] < box.high[axes[i]])
        break;
      at[i] = box.low[axes[i]];
    }
    if (i < 0)
      return set;
  }
}

static int64_t volumeOf(llvm::ArrayRef<int> axes,
                        llvm::ArrayRef<int64_t> shape) {
  int64_t n = 1;
  for (int a : axes)
    n *= shape[a];
  return n;
}

//===----------------------------------------------------------------------===//
// Construction
//===----------------------------------------------------------------------===//

/// Adds a factor in its simplest form: full factors fall apart into one per
/// axis, identities over several equal axes too.
void Relation::addFactor(Factor factor) {
  const AxisMap &map = factor.map;
  if (factor.sourceAxes.empty() && factor.targetAxes.empty()) {
    nothing |= !map.related(0, 0);
    return;
  }
  if (map.isFull() && factor.sourceAxes.size() + factor.targetAxes.size() > 1) {
    for (int a : factor.sourceAxes)
      addFactor({{a}, {}, AxisMap::all(sourceShape[a], 1)});
    for (int a : factor.targetAxes)
      addFactor({{}, {a}, AxisMap::all(1, targetShape[a])});
    return;
  }
  if (map.isIdentity() && factor.sourceAxes.size() > 1 &&
      factor.sourceAxes.size() == factor.targetAxes.size()) {
    bool same = true;
    for (auto [s, t] : llvm::zip_equal(factor.sourceAxes, factor.targetAxes))
      same &= sourceShape[s] == targetShape[t];
    if (same) {
      for (auto [s, t] : llvm::zip_equal(factor.sourceAxes, factor.targetAxes))
        addFactor({{s}, {t}, AxisMap::identity(sourceShape[s])});
      return;
    }
  }
  // One set for all targets, over several source axes: a product of sets?
  const AxisTable *table = map.getTable();
  if (table && table->sets.size() == 1 && factor.sourceAxes.size() > 1) {
    llvm::SmallVector<std::vector<int64_t>, 4> seen(factor.sourceAxes.size());
    table->sets[0].forEachInterval([&](int64_t low, int64_t high) {
      for (int64_t s = low; s < high; ++s) {
        int64_t rest = s;
        for (int i = int(factor.sourceAxes.size()) - 1; i >= 0; --i) {
          int64_t extent = sourceShape[factor.sourceAxes[i]];
          seen[i].push_back(rest % extent);
          rest /= extent;
        }
      }
    });
    int64_t product = 1;
    for (std::vector<int64_t> &list : seen) {
      llvm::sort(list);
      list.erase(std::unique(list.begin(), list.end()), list.end());
      product *= int64_t(list.size());
    }
    if (product == table->sets[0].size()) {
      for (auto [a, list] : llvm::zip_equal(factor.sourceAxes, seen)) {
        AxisTable single;
        single.sets.push_back(IntervalSet::fromSorted(list));
        addFactor({{a},
                   {},
                   AxisMap::fromTable(sourceShape[a], 1, std::move(single))});
      }
      for (int a : factor.targetAxes)
        addFactor({{}, {a}, AxisMap::all(1, targetShape[a])});
      return;
    }
  }
  factors.push_back(std::move(factor));
}

/// A fixed order: by first source axis, those without one behind, by target.
void Relation::normalise() {
  llvm::sort(factors, [](const Factor &a, const Factor &b) {
    int sa = a.sourceAxes.empty() ? 1 << 20 : a.sourceAxes[0];
    int sb = b.sourceAxes.empty() ? 1 << 20 : b.sourceAxes[0];
    if (sa != sb)
      return sa < sb;
    int ta = a.targetAxes.empty() ? 1 << 20 : a.targetAxes[0];
    int tb = b.targetAxes.empty() ? 1 << 20 : b.targetAxes[0];
    return ta < tb;
  });
}

Relation Relation::fromAxes(llvm::ArrayRef<AxisRelation> relations,
                            llvm::ArrayRef<int64_t> sourceShape,
                            llvm::ArrayRef<int64_t> targetShape) {
  Relation result;
  result.sourceShape.assign(sourceShape.begin(), sourceShape.end());
  result.targetShape.assign(targetShape.begin(), targetShape.end());
  llvm::SmallVector<bool, 4> source(sourceShape.size()),
      target(targetShape.size());
  for (const AxisRelation &r : relations) {
    Factor factor;
    if (r.sourceAxis >= 0) {
      factor.sourceAxes.push_back(r.sourceAxis);
      source[r.sourceAxis] = true;
    }
    if (r.targetAxis >= 0) {
      factor.targetAxes.push_back(r.targetAxis);
      target[r.targetAxis] = true;
    }
    factor.map = AxisMap::fromRelation(r);
    result.addFactor(std::move(factor));
  }
  for (auto [a, seen] : llvm::enumerate(source))
    if (!seen)
      result.addFactor({{int(a)}, {}, AxisMap::all(sourceShape[a], 1)});
  for (auto [a, seen] : llvm::enumerate(target))
    if (!seen)
      result.addFactor({{}, {int(a)}, AxisMap::all(1, targetShape[a])});
  result.normalise();
  return result;
}

Relation Relation::identity(llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<AxisRelation> relations;
  for (auto [a, extent] : llvm::enumerate(shape))
    relations.push_back(AxisRelation::identity(int(a), int(a), extent));
  return fromAxes(relations, shape, shape);
}

Relation Relation::reshape(llvm::ArrayRef<int64_t> sourceShape,
                           llvm::ArrayRef<int64_t> targetShape) {
  Relation result;
  result.sourceShape.assign(sourceShape.begin(), sourceShape.end());
  result.targetShape.assign(targetShape.begin(), targetShape.end());
  // The shortest groups of axes, left to right, with equal volumes.
  size_t s = 0, t = 0;
  while (s < sourceShape.size() || t < targetShape.size()) {
    Factor factor;
    int64_t sourceVolume = 1, targetVolume = 1;
    auto takeSource = [&] {
      sourceVolume *= sourceShape[s];
      factor.sourceAxes.push_back(int(s++));
    };
    auto takeTarget = [&] {
      targetVolume *= targetShape[t];
      factor.targetAxes.push_back(int(t++));
    };
    // Axes of extent 1 need no partner.
    if (s < sourceShape.size() && sourceShape[s] == 1)
      takeSource();
    else if (t < targetShape.size() && targetShape[t] == 1)
      takeTarget();
    else {
      if (s < sourceShape.size())
        takeSource();
      while (sourceVolume != targetVolume) {
        if (targetVolume < sourceVolume && t < targetShape.size())
          takeTarget();
        else if (s < sourceShape.size())
          takeSource();
        else
          break; // volumes differ: refused by the op's verifier
      }
    }
    factor.map = AxisMap::identity(sourceVolume);
    result.addFactor(std::move(factor));
  }
  result.normalise();
  return result;
}

std::optional<Relation>
Relation::fromIncidence(llvm::ArrayRef<int64_t> offsets,
                        llvm::ArrayRef<int64_t> sources,
                        llvm::ArrayRef<int64_t> sourceShape,
                        llvm::ArrayRef<int64_t> targetShape, int64_t limit) {
  int64_t sourceCount = analysis::volume(sourceShape);
  int64_t targetCount = analysis::volume(targetShape);
  if (int64_t(sources.size()) > limit || targetCount > limit ||
      int64_t(offsets.size()) != targetCount + 1)
    return std::nullopt;
  AxisTable table;
  table.classOf.resize(targetCount);
  std::vector<int64_t> list;
  for (int64_t t = 0; t < targetCount; ++t) {
    llvm::ArrayRef<int64_t> row =
        sources.slice(offsets[t], offsets[t + 1] - offsets[t]);
    list.assign(row.begin(), row.end());
    llvm::sort(list);
    list.erase(std::unique(list.begin(), list.end()), list.end());
    table.classOf[t] = int32_t(t);
    table.sets.push_back(IntervalSet::fromSorted(list));
  }
  Relation result;
  result.sourceShape.assign(sourceShape.begin(), sourceShape.end());
  result.targetShape.assign(targetShape.begin(), targetShape.end());
  Factor factor;
  for (size_t a = 0; a < sourceShape.size(); ++a)
    factor.sourceAxes.push_back(int(a));
  for (size_t a = 0; a < targetShape.size(); ++a)
    factor.targetAxes.push_back(int(a));
  factor.map = AxisMap::fromTable(sourceCount, targetCount, std::move(table));
  result.addFactor(std::move(factor));
  result.normalise();
  return result;
}

//===----------------------------------------------------------------------===//
// Composition
//===----------------------------------------------------------------------===//

/// One factor with the pairs of the product of `parts`; axes ascend.
static std::optional<Factor> merge(llvm::ArrayRef<const Factor *> parts,
                                   llvm::ArrayRef<int64_t> sourceShape,
                                   llvm::ArrayRef<int64_t> targetShape,
                                   int64_t limit) {
  if (parts.size() == 1)
    return *parts[0];
  Factor merged;
  bool full = true;
  for (const Factor *part : parts) {
    llvm::append_range(merged.sourceAxes, part->sourceAxes);
    llvm::append_range(merged.targetAxes, part->targetAxes);
    full &= part->map.isFull();
  }
  llvm::sort(merged.sourceAxes);
  llvm::sort(merged.targetAxes);
  int64_t sourceSize = volumeOf(merged.sourceAxes, sourceShape);
  int64_t targetSize = volumeOf(merged.targetAxes, targetShape);
  if (full) {
    merged.map = AxisMap::all(sourceSize, targetSize);
    return merged;
  }
  if (targetSize > limit)
    return std::nullopt;

  auto positionsIn = [](llvm::ArrayRef<int> axes, llvm::ArrayRef<int> all) {
    AxisList positions;
    for (int a : axes)
      positions.push_back(int(llvm::find(all, a) - all.begin()));
    return positions;
  };
  AxisTable table;
  std::map<std::vector<int64_t>, int32_t> known; // keys of the parts -> class
  int64_t work = 0;
  std::vector<int64_t> coordinate(merged.targetAxes.size());
  for (int64_t t = 0; t < targetSize; ++t) {
    int64_t rest = t;
    for (int i = int(merged.targetAxes.size()) - 1; i >= 0; --i) {
      coordinate[i] = rest % targetShape[merged.targetAxes[i]];
      rest /= targetShape[merged.targetAxes[i]];
    }
    std::vector<int64_t> keys, local;
    for (const Factor *part : parts) {
      int64_t index = 0;
      for (int i : positionsIn(part->targetAxes, merged.targetAxes))
        index = index * targetShape[merged.targetAxes[i]] + coordinate[i];
      local.push_back(index);
      int64_t key = part->map.sharedKey(index);
      keys.push_back(key < 0 ? -1 - index : key);
    }
    auto [it, isNew] = known.try_emplace(keys, int32_t(table.sets.size()));
    table.classOf.push_back(it->second);
    if (!isNew)
      continue;
    // The product of the parts' sets, flattened over the merged source axes.
    std::vector<int64_t> flat = {0};
    for (size_t p = 0; p < parts.size(); ++p) {
      const Factor *part = parts[p];
      IntervalSet set = part->map.sourcesOf(local[p]);
      work += int64_t(flat.size()) * set.size() + 1;
      if (work > limit)
        return std::nullopt;
      Shape strides;
      for (int i : positionsIn(part->sourceAxes, merged.sourceAxes)) {
        int64_t stride = 1;
        for (size_t j = i + 1; j < merged.sourceAxes.size(); ++j)
          stride *= sourceShape[merged.sourceAxes[j]];
        strides.push_back(stride);
      }
      std::vector<int64_t> next;
      next.reserve(flat.size() * set.size());
      set.forEachInterval([&](int64_t low, int64_t high) {
        for (int64_t s = low; s < high; ++s) {
          int64_t offset = 0, left = s;
          for (int i = int(part->sourceAxes.size()) - 1; i >= 0; --i) {
            int64_t extent = sourceShape[part->sourceAxes[i]];
            offset += left % extent * strides[i];
            left /= extent;
          }
          for (int64_t base : flat)
            next.push_back(base + offset);
        }
      });
      flat = std::move(next);
    }
    llvm::sort(flat);
    table.sets.push_back(IntervalSet::fromSorted(flat));
  }
  merged.map = AxisMap::fromTable(sourceSize, targetSize, std::move(table));
  return merged;
}

std::optional<Relation>
Relation::compose(const Relation &inner, const Relation &outer, int64_t limit) {
  Relation result;
  result.sourceShape = inner.sourceShape;
  result.targetShape = outer.targetShape;
  result.nothing = inner.nothing || outer.nothing;
  llvm::ArrayRef<int64_t> middle = inner.targetShape;

  // Axes between the two that some factor ties together.
  AxisList leader(middle.size());
  std::iota(leader.begin(), leader.end(), 0);
  auto find = [&](int a) {
    while (leader[a] != a)
      a = leader[a];
    return a;
  };
  auto tie = [&](llvm::ArrayRef<int> axes) {
    for (int a : axes)
      leader[std::max(find(a), find(axes[0]))] =
          std::min(find(a), find(axes[0]));
  };
  for (const Factor &factor : inner.factors)
    tie(factor.targetAxes);
  for (const Factor &factor : outer.factors)
    tie(factor.sourceAxes);

  for (int a = 0; a < int(middle.size()); ++a) {
    if (find(a) != a)
      continue;
    llvm::SmallVector<const Factor *> low, high;
    for (const Factor &factor : inner.factors)
      if (!factor.targetAxes.empty() && find(factor.targetAxes[0]) == a)
        low.push_back(&factor);
    for (const Factor &factor : outer.factors)
      if (!factor.sourceAxes.empty() && find(factor.sourceAxes[0]) == a)
        high.push_back(&factor);
    std::optional<Factor> first =
        merge(low, inner.sourceShape, inner.targetShape, limit);
    std::optional<Factor> second =
        merge(high, outer.sourceShape, outer.targetShape, limit);
    if (!first || !second)
      return std::nullopt;
    std::optional<AxisMap> map =
        AxisMap::compose(first->map, second->map, limit);
    if (!map)
      return std::nullopt;
    result.addFactor({first->sourceAxes, second->targetAxes, std::move(*map)});
  }
  for (const Factor &factor : inner.factors)
    if (factor.targetAxes.empty())
      result.addFactor(factor);
  for (const Factor &factor : outer.factors)
    if (factor.sourceAxes.empty())
      result.addFactor(factor);
  result.normalise();
  return result;
}

//===----------------------------------------------------------------------===//
// Questions
//===----------------------------------------------------------------------===//

bool Relation::isEmpty() const {
  return nothing || llvm::any_of(factors, [](const Factor &factor) {
           return factor.map.isEmpty();
         });
}

bool Relation::isIdentity() const {
  if (nothing || sourceShape != targetShape)
    return false;
  return llvm::all_of(factors, [&](const Factor &factor) {
    if (factor.sourceAxes == factor.targetAxes && factor.map.isIdentity())
      return true;
    // Axes of extent 1 are full on their own.
    const AxisList &axes =
        factor.sourceAxes.empty() ? factor.targetAxes : factor.sourceAxes;
    return factor.map.isFull() && factor.map.getSourceSize() == 1 &&
           factor.map.getTargetSize() == 1 && axes.size() == 1;
  });
}

bool Relation::isSeparable() const {
  return llvm::all_of(factors, [](const Factor &factor) {
    return factor.sourceAxes.size() <= 1 && factor.targetAxes.size() <= 1;
  });
}

bool Relation::related(llvm::ArrayRef<int64_t> source,
                       llvm::ArrayRef<int64_t> target) const {
  if (nothing)
    return false;
  for (const Factor &factor : factors) {
    int64_t s = 0, t = 0;
    for (int a : factor.sourceAxes)
      s = s * sourceShape[a] + source[a];
    for (int a : factor.targetAxes)
      t = t * targetShape[a] + target[a];
    if (!factor.map.related(s, t))
      return false;
  }
  return true;
}

Relation Relation::converse() const {
  Relation result;
  result.sourceShape = targetShape;
  result.targetShape = sourceShape;
  result.nothing = nothing;
  for (const Factor &factor : factors)
    result.factors.push_back(
        {factor.targetAxes, factor.sourceAxes, factor.map.converse()});
  result.normalise();
  return result;
}

int64_t Relation::countSynapses(const Box &targets) const {
  return sourcesInto(*this, targets).countSynapses();
}

int64_t Relation::countSynapses(const Box &sources, const Box &targets) const {
  return sourcesInto(*this, targets).clipped(sources).countSynapses();
}

} // namespace nmc::analysis
