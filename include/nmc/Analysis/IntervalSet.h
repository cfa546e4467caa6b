//===- IntervalSet.h - Sets of coordinates of one axis --------*- C++ -*-===//
//
// Which coordinates of an axis a core listens to is a set of intervals, strided
// where a window steps further than it is wide.  IntervalSet holds such a set
// in a canonical form; DegreeProfile says in addition how often each coordinate
// is used.  Both are as large as the number of pieces, never as the axis.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_ANALYSIS_INTERVALSET_H
#define NMC_ANALYSIS_INTERVALSET_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace nmc::analysis {

/// a · b for numbers that are not negative, at most 2^63 - 1.
inline int64_t saturatingMul(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

/// begin, begin + stride, ..., `count` coordinates in all.
struct Run {
  int64_t begin = 0;
  int64_t count = 0;
  int64_t stride = 1;

  int64_t last() const { return begin + (count - 1) * stride; }
  bool operator==(const Run &o) const {
    return begin == o.begin && count == o.count && stride == o.stride;
  }
  bool operator<(const Run &o) const {
    if (begin != o.begin)
      return begin < o.begin;
    return count != o.count ? count < o.count : stride < o.stride;
  }
};

/// A finite set of integers as ascending runs that do not interleave.  The form
/// is canonical: two sets are equal exactly when their runs are.
class IntervalSet {
public:
  using Interval = std::pair<int64_t, int64_t>; // [first, second)

  IntervalSet() = default;

  static IntervalSet range(int64_t low, int64_t high);
  static IntervalSet strided(int64_t begin, int64_t count, int64_t stride);
  /// From any intervals; sorted and merged here.
  static IntervalSet fromIntervals(std::vector<Interval> intervals);
  /// From ascending coordinates without duplicates.
  static IntervalSet fromSorted(llvm::ArrayRef<int64_t> coordinates);

  /// Adds [low, high) behind everything that is in the set.
  void append(int64_t low, int64_t high);

  bool empty() const { return pieces.empty(); }
  /// Number of coordinates.
  int64_t size() const;
  /// Smallest coordinate and one past the largest; the set must not be empty.
  int64_t low() const { return pieces.front().begin; }
  int64_t high() const { return pieces.back().last() + 1; }
  bool contains(int64_t value) const;
  /// Number of coordinates in [low, high), in O(log runs + runs inside).
  int64_t countIn(int64_t low, int64_t high) const;
  bool isRange() const {
    return pieces.size() == 1 &&
           (pieces[0].stride == 1 || pieces[0].count == 1);
  }

  IntervalSet clipped(int64_t low, int64_t high) const;
  IntervalSet unite(const IntervalSet &other) const;
  IntervalSet intersect(const IntervalSet &other) const;
  bool isSubsetOf(const IntervalSet &other) const;

  /// Calls `fn` with every maximal interval, ascending.
  void forEachInterval(llvm::function_ref<void(int64_t, int64_t)> fn) const;
  std::vector<Interval> intervals() const;

  llvm::ArrayRef<Run> runs() const { return pieces; }
  bool operator==(const IntervalSet &o) const { return pieces == o.pieces; }
  bool operator!=(const IntervalSet &o) const { return !(*this == o); }
  bool operator<(const IntervalSet &o) const { return pieces < o.pieces; }

private:
  std::vector<Run> pieces;
};

/// Prints "{0..7, 10..20 by 2}".
llvm::raw_ostream &operator<<(llvm::raw_ostream &os, const IntervalSet &set);

/// Coordinates [begin, end), each used `degree` times.
struct DegreeRun {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t degree = 0;

  bool operator==(const DegreeRun &o) const {
    return begin == o.begin && end == o.end && degree == o.degree;
  }
};

/// How often each coordinate of an axis is used: ascending, disjoint, degrees
/// positive, neighbours of equal degree merged.
class DegreeProfile {
public:
  DegreeProfile() = default;
  /// Sums arbitrary runs, which may overlap.
  static DegreeProfile sum(std::vector<DegreeRun> runs);

  /// Adds a run behind all others; merges and drops empty ones.
  void append(int64_t begin, int64_t end, int64_t degree);

  llvm::ArrayRef<DegreeRun> runs() const { return pieces; }
  bool empty() const { return pieces.empty(); }
  /// Number of coordinates used at least once.
  int64_t support() const;
  /// Sum of the degrees, at most 2^63 - 1.
  int64_t total() const;
  int64_t maximum() const;
  int64_t at(int64_t coordinate) const;
  IntervalSet supportSet() const;
  DegreeProfile clipped(int64_t low, int64_t high) const;
  DegreeProfile clipped(const IntervalSet &set) const;
  bool operator==(const DegreeProfile &o) const { return pieces == o.pieces; }

private:
  std::vector<DegreeRun> pieces;
};

} // namespace nmc::analysis

#endif // NMC_ANALYSIS_INTERVALSET_H
