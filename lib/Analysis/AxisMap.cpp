//===- AxisMap.cpp - One source axis feeding one target axis --------------===//

#include "nmc/Analysis/AxisMap.h"

#include <algorithm>
#include <map>

namespace nmc::analysis {

static int64_t floorDiv(int64_t a, int64_t b) {
  int64_t q = a / b;
  return q - (a % b != 0 && (a < 0) != (b < 0));
}
static int64_t ceilDiv(int64_t a, int64_t b) { return -floorDiv(-a, b); }

AxisMap AxisMap::all(int64_t sourceSize, int64_t targetSize) {
  AxisMap map;
  map.sourceSize = sourceSize, map.targetSize = targetSize;
  return map;
}

AxisMap AxisMap::identity(int64_t size) {
  AxisMap map = all(size, size);
  map.kind = size == 1 ? Kind::All : Kind::Window;
  return map;
}

AxisMap AxisMap::fromRelation(const AxisRelation &r) {
  AxisMap map = all(r.sourceSize, r.targetSize);
  switch (r.kind) {
  case AxisRelation::Kind::Identity:
    return identity(r.sourceSize);
  case AxisRelation::Kind::All:
    return map;
  case AxisRelation::Kind::Window:
  case AxisRelation::Kind::Spread:
    map.kind =
        r.kind == AxisRelation::Kind::Window ? Kind::Window : Kind::Spread;
    map.kernel = r.kernel, map.stride = r.stride, map.pad = r.pad;
    map.dilation = r.kernel == 1 ? 1 : r.dilation;
    break;
  case AxisRelation::Kind::Grouped:
    if (r.groups == 1)
      return map;
    if (r.groups == r.sourceSize && r.groups == r.targetSize)
      return identity(r.sourceSize);
    map.kind = Kind::Grouped;
    map.groups = r.groups;
    return map;
  case AxisRelation::Kind::Offset:
    if (r.divide == 1) { // s = t*stride + offset
      map.kind = Kind::Window;
      map.stride = r.stride, map.pad = -r.offset;
    } else if (r.stride == 1) { // t = (s - offset)*divide + k, 0 <= k < divide
      map.kind = Kind::Spread;
      map.kernel = map.stride = r.divide;
      map.pad = r.offset * r.divide;
    } else {
      AxisTable table;
      table.classOf.resize(r.targetSize);
      for (int64_t t = 0; t < r.targetSize; ++t) {
        int64_t s = (t / r.divide) * r.stride + r.offset;
        bool inside = s >= 0 && s < r.sourceSize;
        table.classOf[t] = int32_t(table.sets.size());
        table.sets.push_back(inside ? IntervalSet::range(s, s + 1)
                                    : IntervalSet());
      }
      return fromTable(r.sourceSize, r.targetSize, std::move(table));
    }
    break;
  }
  // Small axes of which every pair is related are All, whatever they were.
  if (map.sourceSize * map.targetSize == 1 && map.related(0, 0))
    map.kind = Kind::All;
  else if (map.kind == Kind::Window && map.kernel == 1 && map.stride == 1 &&
           map.pad == 0 && map.sourceSize == map.targetSize)
    return identity(map.sourceSize);
  else if (map.kernel > 1 && map.dilation == 1) {
    bool full = false;
    if (map.kind == Kind::Window) // first and last window hold the whole axis
      full = map.stride >= 0 && map.pad >= (map.targetSize - 1) * map.stride &&
             map.kernel - map.pad >= map.sourceSize;
    else
      full = map.pad >= (map.sourceSize - 1) * map.stride &&
             map.kernel - map.pad >= map.targetSize;
    if (full)
      return all(map.sourceSize, map.targetSize);
  }
  return map;
}

AxisMap AxisMap::fromTable(int64_t sourceSize, int64_t targetSize,
                           AxisTable table) {
  // Classes with equal sets become one.
  std::map<IntervalSet, int32_t> distinct;
  std::vector<int32_t> renamed(table.sets.size());
  std::vector<IntervalSet> sets;
  for (size_t i = 0; i < table.sets.size(); ++i) {
    auto [it, isNew] =
        distinct.try_emplace(table.sets[i], int32_t(sets.size()));
    if (isNew)
      sets.push_back(std::move(table.sets[i]));
    renamed[i] = it->second;
  }
  for (int32_t &c : table.classOf)
    c = renamed[c];
  table.sets = std::move(sets);
  if (table.sets.size() == 1) {
    table.classOf.clear();
    if (table.sets[0].size() == sourceSize)
      return all(sourceSize, targetSize);
  }
  AxisMap map = all(sourceSize, targetSize);
  map.kind = Kind::Table;
  map.table = std::make_shared<const AxisTable>(std::move(table));
  if (sourceSize == targetSize && sourceSize > 1 &&
      int64_t(map.table->sets.size()) == targetSize) {
    bool same = true;
    for (int64_t t = 0; t < targetSize && same; ++t) {
      const IntervalSet &set = map.table->sets[map.table->getClass(t)];
      same = set.size() == 1 && set.low() == t;
    }
    if (same)
      return identity(sourceSize);
  }
  return map;
}

bool AxisMap::isEmpty() const {
  switch (kind) {
  case Kind::All:
  case Kind::Grouped:
    return sourceSize == 0 || targetSize == 0;
  case Kind::Window:
  case Kind::Spread:
    return profile(0, targetSize).empty();
  case Kind::Table:
    return std::all_of(table->sets.begin(), table->sets.end(),
                       [](const IntervalSet &set) { return set.empty(); });
  }
  return true;
}

bool AxisMap::related(int64_t s, int64_t t) const {
  switch (kind) {
  case Kind::All:
    return true;
  case Kind::Window:
  case Kind::Spread: {
    int64_t d =
        kind == Kind::Window ? s - (t * stride - pad) : t - (s * stride - pad);
    return d >= 0 && d % dilation == 0 && d / dilation < kernel;
  }
  case Kind::Grouped:
    return s / (sourceSize / groups) == t / (targetSize / groups);
  case Kind::Table:
    return table->sets[table->getClass(t)].contains(s);
  }
  return false;
}

IntervalSet AxisMap::sourcesOf(int64_t t) const {
  switch (kind) {
  case Kind::All:
    return IntervalSet::range(0, sourceSize);
  case Kind::Window: {
    int64_t start = t * stride - pad;
    int64_t first = start < 0 ? ceilDiv(-start, dilation) : 0;
    int64_t last = floorDiv(sourceSize - 1 - start, dilation);
    last = std::min(last, kernel - 1);
    return IntervalSet::strided(start + first * dilation, last - first + 1,
                                dilation);
  }
  case Kind::Spread:
    return profile(t, t + 1).supportSet();
  case Kind::Grouped: {
    int64_t size = sourceSize / groups, g = t / (targetSize / groups);
    return IntervalSet::range(g * size, (g + 1) * size);
  }
  case Kind::Table:
    return table->sets[table->getClass(t)];
  }
  return {};
}

DegreeProfile AxisMap::profile(int64_t low, int64_t high) const {
  low = std::max<int64_t>(low, 0);
  high = std::min(high, targetSize);
  DegreeProfile result;
  if (low >= high)
    return result;
  switch (kind) {
  case Kind::All:
    result.append(0, sourceSize, high - low);
    return result;
  case Kind::Window: {
    if (kernel == 1 && stride == 1) {
      result.append(std::max<int64_t>(low - pad, 0),
                    std::min(high - pad, sourceSize), 1);
      return result;
    }
    std::vector<DegreeRun> runs;
    auto add = [&](int64_t from, int64_t to) {
      from = std::max<int64_t>(from, 0);
      to = std::min(to, sourceSize);
      if (from < to)
        runs.push_back({from, to, 1});
    };
    // By tap where the taps of all targets are intervals, by target otherwise.
    if (stride == 1 && kernel <= high - low) {
      for (int64_t k = 0; k < kernel; ++k)
        add(low - pad + k * dilation, high - pad + k * dilation);
    } else {
      for (int64_t t = low; t < high; ++t) {
        int64_t start = t * stride - pad;
        if (dilation == 1)
          add(start, start + kernel);
        else
          for (int64_t k = 0; k < kernel; ++k)
            add(start + k * dilation, start + k * dilation + 1);
      }
    }
    return DegreeProfile::sum(std::move(runs));
  }
  case Kind::Spread: {
    int64_t reach = (kernel - 1) * dilation;
    int64_t from = std::max<int64_t>(ceilDiv(low + pad - reach, stride), 0);
    int64_t to = std::min(floorDiv(high - 1 + pad, stride), sourceSize - 1);
    for (int64_t s = from; s <= to; ++s) {
      int64_t start = s * stride - pad;
      int64_t first = std::max<int64_t>(ceilDiv(low - start, dilation), 0);
      int64_t last = std::min(floorDiv(high - 1 - start, dilation), kernel - 1);
      result.append(s, s + 1, last - first + 1);
    }
    return result;
  }
  case Kind::Grouped: {
    int64_t sourcePart = sourceSize / groups, part = targetSize / groups;
    for (int64_t g = low / part; g <= (high - 1) / part; ++g)
      result.append(g * sourcePart, (g + 1) * sourcePart,
                    std::min(high, (g + 1) * part) - std::max(low, g * part));
    return result;
  }
  case Kind::Table: {
    std::vector<DegreeRun> runs;
    auto addSet = [&](const IntervalSet &set, int64_t times) {
      set.forEachInterval(
          [&](int64_t from, int64_t to) { runs.push_back({from, to, times}); });
    };
    if (table->classOf.empty()) {
      addSet(table->sets[0], high - low);
    } else {
      std::vector<int32_t> classes(table->classOf.begin() + low,
                                   table->classOf.begin() + high);
      std::sort(classes.begin(), classes.end());
      for (size_t i = 0; i < classes.size();) {
        size_t j = i;
        while (j < classes.size() && classes[j] == classes[i])
          ++j;
        addSet(table->sets[classes[i]], int64_t(j - i));
        i = j;
      }
    }
    return DegreeProfile::sum(std::move(runs));
  }
  }
  return result;
}

DegreeProfile AxisMap::profile(const IntervalSet &targets) const {
  if (targets.empty())
    return {};
  if (targets.isRange())
    return profile(targets.low(), targets.high());
  std::vector<DegreeRun> runs;
  targets.forEachInterval([&](int64_t low, int64_t high) {
    DegreeProfile part = profile(low, high);
    runs.insert(runs.end(), part.runs().begin(), part.runs().end());
  });
  return DegreeProfile::sum(std::move(runs));
}

IntervalSet AxisMap::image(const IntervalSet &targets) const {
  if (isIdentity())
    return targets;
  return profile(targets).supportSet();
}

AxisMap AxisMap::converse() const {
  AxisMap map = *this;
  std::swap(map.sourceSize, map.targetSize);
  switch (kind) {
  case Kind::All:
  case Kind::Grouped:
    return map;
  case Kind::Window:
    if (kernel == 1 && stride == 1) { // s = t - pad
      map.pad = -pad;
      return map;
    }
    map.kind = Kind::Spread;
    return map;
  case Kind::Spread:
    map.kind = Kind::Window;
    return map;
  case Kind::Table:
    break;
  }
  // Targets by source, gathered class by class.
  std::vector<std::vector<int64_t>> targets(sourceSize);
  for (int64_t t = 0; t < targetSize; ++t)
    table->sets[table->getClass(t)].forEachInterval(
        [&](int64_t low, int64_t high) {
          for (int64_t s = low; s < high; ++s)
            targets[s].push_back(t);
        });
  AxisTable reversed;
  reversed.classOf.resize(sourceSize);
  for (int64_t s = 0; s < sourceSize; ++s) {
    reversed.classOf[s] = int32_t(s);
    reversed.sets.push_back(IntervalSet::fromSorted(targets[s]));
  }
  return fromTable(targetSize, sourceSize, std::move(reversed));
}

int64_t AxisMap::sharedKey(int64_t target) const {
  switch (kind) {
  case Kind::All:
    return 0;
  case Kind::Grouped:
    return target / (targetSize / groups);
  case Kind::Table:
    return table->getClass(target);
  case Kind::Window:
  case Kind::Spread:
    return -1;
  }
  return -1;
}

std::optional<AxisMap> AxisMap::compose(const AxisMap &inner,
                                        const AxisMap &outer, int64_t limit) {
  if (inner.isIdentity())
    return outer;
  if (outer.isIdentity())
    return inner;
  int64_t sourceSize = inner.sourceSize, targetSize = outer.targetSize;
  if (inner.isFull() && outer.isFull())
    return all(sourceSize, targetSize);
  // A shift that keeps the whole source inside loses nothing: windows of the
  // shifted axis are windows of the axis itself.
  if (inner.kind == Kind::Window && inner.kernel == 1 && inner.stride == 1 &&
      inner.pad >= 0 && inner.pad + inner.sourceSize <= inner.targetSize &&
      outer.kind == Kind::Window) {
    AxisMap map = outer;
    map.sourceSize = sourceSize;
    map.pad += inner.pad; // s = b - pad
    return map;
  }

  AxisTable result;
  int64_t pieces = 0;
  bool tooLarge = false;
  auto addClass = [&](const IntervalSet &middle) {
    result.sets.push_back(inner.image(middle));
    pieces += int64_t(result.sets.back().runs().size()) + 1;
    tooLarge |= pieces > limit;
    return int32_t(result.sets.size() - 1);
  };
  if (outer.isFull()) {
    addClass(IntervalSet::range(0, outer.sourceSize));
  } else if (outer.kind == Kind::Table) {
    for (const IntervalSet &set : outer.table->sets) {
      addClass(set);
      if (tooLarge)
        return std::nullopt;
    }
    result.classOf = outer.table->classOf;
  } else {
    if (targetSize > limit)
      return std::nullopt;
    result.classOf.resize(targetSize);
    int64_t previousKey = -1;
    for (int64_t t = 0; t < targetSize; ++t) {
      int64_t key = outer.sharedKey(t);
      if (key >= 0 && key == previousKey) {
        result.classOf[t] = result.classOf[t - 1];
        continue;
      }
      previousKey = key;
      result.classOf[t] = addClass(outer.sourcesOf(t));
      if (tooLarge)
        return std::nullopt;
    }
  }
  return fromTable(sourceSize, targetSize, std::move(result));
}

} // namespace nmc::analysis
