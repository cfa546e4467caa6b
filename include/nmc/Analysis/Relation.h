//===- Relation.h - Connectivity as a product over axes -------*- C++ -*-===//
//
// A Relation holds which source neurons feed which target neurons as a product
// of factors.  A factor relates a few source axes to a few target axes through
// one AxisMap over their C-major index; nearly always it is one axis against
// one, and all questions about boxes are answered in time of the axes' lengths.
// Several axes share a factor only where connectivity does not separate: behind
// a reshape that is not consumed as a whole, or for explicit synapses.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_ANALYSIS_RELATION_H
#define NMC_ANALYSIS_RELATION_H

#include "nmc/Analysis/AxisMap.h"

#include "llvm/ADT/SmallVector.h"

namespace nmc::analysis {

using Shape = llvm::SmallVector<int64_t, 4>;
using AxisList = llvm::SmallVector<int, 4>;

/// Product of the extents; 1 for rank 0.
int64_t volume(llvm::ArrayRef<int64_t> shape);

/// Coordinates [low, high) per axis.
struct Box {
  Shape low, high;

  static Box whole(llvm::ArrayRef<int64_t> shape);
  unsigned rank() const { return low.size(); }
  int64_t extent(unsigned axis) const { return high[axis] - low[axis]; }
  /// Number of neurons.
  int64_t volume() const;
  bool empty() const;
  bool contains(llvm::ArrayRef<int64_t> coordinate) const;
  bool overlaps(const Box &other) const;
  bool operator==(const Box &o) const { return low == o.low && high == o.high; }
};

/// C-major indices, over the axes in `axes` alone, of the neurons in `box`.
IntervalSet flatten(const Box &box, llvm::ArrayRef<int64_t> shape,
                    llvm::ArrayRef<int> axes);

/// Some source axes against some target axes.  Axes ascend; an empty list
/// stands for an axis of extent 1.
struct Factor {
  AxisList sourceAxes, targetAxes;
  AxisMap map;
};

/// Largest table, in runs and in elements visited, that composition may build.
inline constexpr int64_t kDefaultExplicitLimit = int64_t(1) << 26;

class Relation {
public:
  Relation() = default;

  /// Axes that no relation names are fully related to everything.
  static Relation fromAxes(llvm::ArrayRef<AxisRelation> relations,
                           llvm::ArrayRef<int64_t> sourceShape,
                           llvm::ArrayRef<int64_t> targetShape);
  static Relation identity(llvm::ArrayRef<int64_t> shape);
  /// The same C-major index under two shapes of equal volume.
  static Relation reshape(llvm::ArrayRef<int64_t> sourceShape,
                          llvm::ArrayRef<int64_t> targetShape);
  /// Compressed by target, as ConnectionOpInterface::getIncidence states it.
  /// None where `sources` is longer than `limit`.
  static std::optional<Relation> fromIncidence(
      llvm::ArrayRef<int64_t> offsets, llvm::ArrayRef<int64_t> sources,
      llvm::ArrayRef<int64_t> sourceShape, llvm::ArrayRef<int64_t> targetShape,
      int64_t limit = kDefaultExplicitLimit);

  /// (a, c) for which some b has (a, b) in `inner` and (b, c) in `outer`. None
  /// where the result does not separate and its table exceeds `limit`.
  static std::optional<Relation> compose(const Relation &inner,
                                         const Relation &outer,
                                         int64_t limit = kDefaultExplicitLimit);

  llvm::ArrayRef<int64_t> getSourceShape() const { return sourceShape; }
  llvm::ArrayRef<int64_t> getTargetShape() const { return targetShape; }
  llvm::ArrayRef<Factor> getFactors() const { return factors; }

  /// Whether no pair is related.
  bool isEmpty() const;
  /// Whether source and target have one shape and neuron t listens to t alone.
  bool isIdentity() const;
  /// Whether every factor has at most one axis on either side.
  bool isSeparable() const;
  bool related(llvm::ArrayRef<int64_t> source,
               llvm::ArrayRef<int64_t> target) const;

  /// The same pairs seen from the other side.
  Relation converse() const;

  /// Number of pairs with a target in `targets`; with a source in `sources`
  /// too.
  int64_t countSynapses(const Box &targets) const;
  int64_t countSynapses(const Box &sources, const Box &targets) const;

private:
  void addFactor(Factor factor);
  void normalise();

  Shape sourceShape, targetShape;
  llvm::SmallVector<Factor, 4> factors;
  bool nothing = false; // some factor without axes on either side is empty
};

} // namespace nmc::analysis

#endif // NMC_ANALYSIS_RELATION_H
