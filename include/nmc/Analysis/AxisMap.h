//===- AxisMap.h - One source axis feeding one target axis ----*- C++ -*-===//
//
// An AxisRelation as an engine needs it: composable, and with answers for whole
// intervals.  Relations that ops state stay symbolic and cost a few words
// whatever the axis; compositions that no symbol describes become a table of
// source sets, shared by all targets that have the same set.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_ANALYSIS_AXISMAP_H
#define NMC_ANALYSIS_AXISMAP_H

#include "nmc/Analysis/IntervalSet.h"
#include "nmc/Support/AxisRelation.h"

#include <memory>
#include <optional>

namespace nmc::analysis {

/// Source sets by target coordinate; targets of one class share a set.
struct AxisTable {
  /// Class of each target coordinate; empty where all are of class 0.
  std::vector<int32_t> classOf;
  std::vector<IntervalSet> sets;

  int32_t getClass(int64_t target) const {
    return classOf.empty() ? 0 : classOf[target];
  }
};

/// Pairs (s, t), s in [0, sourceSize), t in [0, targetSize).
class AxisMap {
public:
  enum class Kind {
    All,     // every pair
    Window,  // s = t*stride - pad + k*dilation, 0 <= k < kernel
    Spread,  // the converse: t = s*stride - pad + k*dilation
    Grouped, // the same of `groups` equal parts
    Table
  };

  AxisMap() = default;

  static AxisMap all(int64_t sourceSize, int64_t targetSize);
  static AxisMap identity(int64_t size);
  static AxisMap fromRelation(const AxisRelation &relation);
  /// The simplest form of a table: All and the identity are recognised.
  static AxisMap fromTable(int64_t sourceSize, int64_t targetSize,
                           AxisTable table);

  Kind getKind() const { return kind; }
  int64_t getSourceSize() const { return sourceSize; }
  int64_t getTargetSize() const { return targetSize; }

  bool isFull() const { return kind == Kind::All; }
  bool isIdentity() const {
    return kind == Kind::Window && kernel == 1 && stride == 1 && pad == 0 &&
           sourceSize == targetSize;
  }
  /// Whether no pair is related.
  bool isEmpty() const;

  /// The definition, pair by pair.
  bool related(int64_t source, int64_t target) const;
  /// All sources of one target.
  IntervalSet sourcesOf(int64_t target) const;
  /// How many targets in [low, high) each source feeds.
  DegreeProfile profile(int64_t low, int64_t high) const;
  DegreeProfile profile(const IntervalSet &targets) const;
  /// Sources that feed any target in the set.
  IntervalSet image(const IntervalSet &targets) const;

  /// The same pairs seen from the other side.
  AxisMap converse() const;

  /// Pairs (a, c) for which some b has (a, b) in `inner` and (b, c) in `outer`.
  /// None when the result needs a table of more than `limit` pieces.
  static std::optional<AxisMap> compose(const AxisMap &inner,
                                        const AxisMap &outer, int64_t limit);

  /// Targets with equal keys have equal sources; -1 if `target` has its own.
  int64_t sharedKey(int64_t target) const;
  const AxisTable *getTable() const { return table.get(); }

private:
  Kind kind = Kind::All;
  int64_t sourceSize = 1, targetSize = 1;
  int64_t kernel = 1, stride = 1, pad = 0, dilation = 1, groups = 1;
  std::shared_ptr<const AxisTable> table;
};

} // namespace nmc::analysis

#endif // NMC_ANALYSIS_AXISMAP_H
