//===- IntervalSet.cpp - Sets of coordinates of one axis ------------------===//

#include "nmc/Analysis/IntervalSet.h"

#include "llvm/Support/raw_ostream.h"

#include <algorithm>

namespace nmc::analysis {

//===----------------------------------------------------------------------===//
// IntervalSet
//===----------------------------------------------------------------------===//

IntervalSet IntervalSet::range(int64_t low, int64_t high) {
  IntervalSet set;
  set.append(low, high);
  return set;
}

IntervalSet IntervalSet::strided(int64_t begin, int64_t count, int64_t stride) {
  IntervalSet set;
  if (count <= 0)
    return set;
  if (count == 1 || stride == 1)
    return range(begin, begin + count);
  set.pieces.push_back({begin, count, stride});
  return set;
}

IntervalSet IntervalSet::fromIntervals(std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end());
  IntervalSet set;
  bool open = false;
  Interval current{0, 0};
  for (const Interval &next : intervals) {
    if (next.first >= next.second)
      continue;
    if (open && next.first <= current.second) {
      current.second = std::max(current.second, next.second);
      continue;
    }
    if (open)
      set.append(current.first, current.second);
    current = next;
    open = true;
  }
  if (open)
    set.append(current.first, current.second);
  return set;
}

IntervalSet IntervalSet::fromSorted(llvm::ArrayRef<int64_t> coordinates) {
  IntervalSet set;
  for (size_t i = 0; i < coordinates.size();) {
    size_t j = i + 1;
    while (j < coordinates.size() &&
           coordinates[j] == coordinates[i] + int64_t(j - i))
      ++j;
    set.append(coordinates[i], coordinates[i] + int64_t(j - i));
    i = j;
  }
  return set;
}

// The canonical form is read off the maximal intervals from left to right: one
// of two or more coordinates is a run of stride 1; single coordinates join the
// strided run before them as long as the distance stays the same.
void IntervalSet::append(int64_t low, int64_t high) {
  if (low >= high)
    return;
  if (!pieces.empty()) {
    Run &back = pieces.back();
    // Touches the run before: the last coordinate becomes part of an interval.
    if (back.last() + 1 == low) {
      if (back.stride == 1 || back.count == 1) {
        back.stride = 1;
        back.count += high - low;
        return;
      }
      int64_t start = back.last();
      back.count -= 1;
      if (back.count == 1)
        back.stride = 1;
      pieces.push_back({start, high - start, 1});
      return;
    }
    if (high - low == 1) {
      int64_t gap = low - back.last();
      if (back.count == 1) {
        back.stride = gap;
        back.count = 2;
        return;
      }
      if (back.stride != 1 && back.stride == gap) {
        back.count += 1;
        return;
      }
    }
  }
  pieces.push_back({low, high - low, 1});
}

int64_t IntervalSet::size() const {
  int64_t n = 0;
  for (const Run &run : pieces)
    n += run.count;
  return n;
}

static std::vector<Run>::const_iterator
firstReaching(const std::vector<Run> &runs, int64_t low) {
  return std::lower_bound(
      runs.begin(), runs.end(), low,
      [](const Run &run, int64_t value) { return run.last() < value; });
}

bool IntervalSet::contains(int64_t value) const {
  auto it = firstReaching(pieces, value);
  return it != pieces.end() && value >= it->begin &&
         (value - it->begin) % it->stride == 0;
}

/// The part of `run` in [low, high); count 0 if none.
static Run clip(Run run, int64_t low, int64_t high) {
  if (low > run.begin) {
    int64_t skip = (low - run.begin + run.stride - 1) / run.stride;
    run.begin += skip * run.stride;
    run.count -= skip;
  }
  if (run.count > 0 && run.last() >= high)
    run.count = high > run.begin ? (high - 1 - run.begin) / run.stride + 1 : 0;
  run.count = std::max<int64_t>(run.count, 0);
  return run;
}

int64_t IntervalSet::countIn(int64_t low, int64_t high) const {
  int64_t n = 0;
  for (auto it = firstReaching(pieces, low);
       it != pieces.end() && it->begin < high; ++it)
    n += clip(*it, low, high).count;
  return n;
}

IntervalSet IntervalSet::clipped(int64_t low, int64_t high) const {
  IntervalSet set;
  for (auto it = firstReaching(pieces, low);
       it != pieces.end() && it->begin < high; ++it) {
    Run run = clip(*it, low, high);
    if (run.stride == 1 || run.count <= 1)
      set.append(run.begin, run.begin + run.count);
    else // appending one by one keeps the form canonical
      for (int64_t i = 0; i < run.count; ++i)
        set.append(run.begin + i * run.stride, run.begin + i * run.stride + 1);
  }
  return set;
}

void IntervalSet::forEachInterval(
    llvm::function_ref<void(int64_t, int64_t)> fn) const {
  for (const Run &run : pieces) {
    if (run.stride == 1) {
      fn(run.begin, run.begin + run.count);
      continue;
    }
    for (int64_t i = 0; i < run.count; ++i)
      fn(run.begin + i * run.stride, run.begin + i * run.stride + 1);
  }
}

std::vector<IntervalSet::Interval> IntervalSet::intervals() const {
  std::vector<Interval> list;
  forEachInterval(
      [&](int64_t low, int64_t high) { list.emplace_back(low, high); });
  return list;
}

IntervalSet IntervalSet::unite(const IntervalSet &other) const {
  if (empty())
    return other;
  if (other.empty() || *this == other)
    return *this;
  std::vector<Interval> all = intervals(), more = other.intervals();
  all.insert(all.end(), more.begin(), more.end());
  return fromIntervals(std::move(all));
}

IntervalSet IntervalSet::intersect(const IntervalSet &other) const {
  if (empty() || other.empty())
    return {};
  if (other.isRange())
    return clipped(other.low(), other.high());
  if (isRange())
    return other.clipped(low(), high());
  std::vector<Interval> a = intervals(), b = other.intervals();
  IntervalSet set;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    set.append(std::max(a[i].first, b[j].first),
               std::min(a[i].second, b[j].second));
    if (a[i].second < b[j].second)
      ++i;
    else
      ++j;
  }
  return set;
}

bool IntervalSet::isSubsetOf(const IntervalSet &other) const {
  return intersect(other).size() == size();
}

llvm::raw_ostream &operator<<(llvm::raw_ostream &os, const IntervalSet &set) {
  os << '{';
  const char *separator = "";
  for (const Run &run : set.runs()) {
    os << separator << run.begin;
    separator = ", ";
    if (run.count > 1)
      os << ".." << run.last();
    if (run.stride > 1)
      os << " by " << run.stride;
  }
  return os << '}';
}

//===----------------------------------------------------------------------===//
// DegreeProfile
//===----------------------------------------------------------------------===//

void DegreeProfile::append(int64_t begin, int64_t end, int64_t degree) {
  if (begin >= end || degree <= 0)
    return;
  if (!pieces.empty() && pieces.back().end == begin &&
      pieces.back().degree == degree) {
    pieces.back().end = end;
    return;
  }
  pieces.push_back({begin, end, degree});
}

DegreeProfile DegreeProfile::sum(std::vector<DegreeRun> runs) {
  DegreeProfile result;
  bool ordered = true;
  for (size_t i = 1; i < runs.size() && ordered; ++i)
    ordered = runs[i - 1].end <= runs[i].begin;
  if (ordered) {
    for (const DegreeRun &run : runs)
      result.append(run.begin, run.end, run.degree);
    return result;
  }
  std::vector<std::pair<int64_t, int64_t>> events; // position, change
  events.reserve(2 * runs.size());
  for (const DegreeRun &run : runs) {
    if (run.begin >= run.end)
      continue;
    events.emplace_back(run.begin, run.degree);
    events.emplace_back(run.end, -run.degree);
  }
  std::sort(events.begin(), events.end());
  int64_t degree = 0, from = 0;
  for (size_t i = 0; i < events.size();) {
    int64_t at = events[i].first;
    result.append(from, at, degree);
    for (; i < events.size() && events[i].first == at; ++i)
      degree += events[i].second;
    from = at;
  }
  return result;
}

int64_t DegreeProfile::support() const {
  int64_t n = 0;
  for (const DegreeRun &run : pieces)
    n += run.end - run.begin;
  return n;
}

int64_t DegreeProfile::total() const {
  int64_t n = 0;
  for (const DegreeRun &run : pieces)
    if (__builtin_add_overflow(
            n, saturatingMul(run.end - run.begin, run.degree), &n))
      return INT64_MAX;
  return n;
}

int64_t DegreeProfile::maximum() const {
  int64_t n = 0;
  for (const DegreeRun &run : pieces)
    n = std::max(n, run.degree);
  return n;
}

static std::vector<DegreeRun>::const_iterator
firstReaching(const std::vector<DegreeRun> &runs, int64_t low) {
  return std::lower_bound(
      runs.begin(), runs.end(), low,
      [](const DegreeRun &run, int64_t value) { return run.end <= value; });
}

int64_t DegreeProfile::at(int64_t coordinate) const {
  auto it = firstReaching(pieces, coordinate);
  return it != pieces.end() && it->begin <= coordinate ? it->degree : 0;
}

IntervalSet DegreeProfile::supportSet() const {
  IntervalSet set;
  for (size_t i = 0; i < pieces.size();) {
    size_t j = i + 1;
    while (j < pieces.size() && pieces[j].begin == pieces[j - 1].end)
      ++j;
    set.append(pieces[i].begin, pieces[j - 1].end);
    i = j;
  }
  return set;
}

DegreeProfile DegreeProfile::clipped(int64_t low, int64_t high) const {
  DegreeProfile result;
  for (auto it = firstReaching(pieces, low);
       it != pieces.end() && it->begin < high; ++it)
    result.append(std::max(it->begin, low), std::min(it->end, high),
                  it->degree);
  return result;
}

DegreeProfile DegreeProfile::clipped(const IntervalSet &set) const {
  if (set.empty())
    return {};
  if (set.isRange())
    return clipped(set.low(), set.high());
  DegreeProfile result;
  set.forEachInterval([&](int64_t low, int64_t high) {
    for (auto it = firstReaching(pieces, low);
         it != pieces.end() && it->begin < high; ++it)
      result.append(std::max(it->begin, low), std::min(it->end, high),
                    it->degree);
  });
  return result;
}

} // namespace nmc::analysis
