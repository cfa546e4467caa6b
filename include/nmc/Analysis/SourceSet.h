//===- SourceSet.h - Which source neurons reach a box ---------*- C++ -*-===//
//
// The sources of a box of targets are a product over axes, with a number of
// synapses per source that is a product too.  What several projections reach
// together (the in-axons of a core, the destinations of a tile) is a union of
// such products; it is taken apart into disjoint cells, each a product of
// interval sets within which every source has the same synapses.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_ANALYSIS_SOURCESET_H
#define NMC_ANALYSIS_SOURCESET_H

#include "nmc/Analysis/Relation.h"

namespace nmc::analysis {

/// Use of some source axes, over their C-major index.
struct AxisUse {
  AxisList axes;
  DegreeProfile profile;
};

/// Every source neuron with its number of synapses into a box of targets:
/// `multiplicity` times the product of the degrees of its coordinates.
struct SourceProfile {
  Shape shape; // of the source population
  int64_t multiplicity = 0;
  llvm::SmallVector<AxisUse, 4> axes; // every source axis exactly once

  /// Source neurons with at least one synapse: in-axons, deliveries per spike.
  int64_t countSources() const;
  /// At most 2^63 - 1, as is every count of synapses.
  int64_t countSynapses() const;
  int64_t synapsesOf(llvm::ArrayRef<int64_t> source) const;
  bool empty() const { return countSources() == 0; }
  /// A box that holds all sources.
  Box bounds() const;
  SourceProfile clipped(const Box &sources) const;
};

/// Sources of the targets in a box.
SourceProfile sourcesInto(const Relation &relation, const Box &targets);

/// A product of coordinate sets over groups of axes.
struct CellSet {
  llvm::SmallVector<AxisList, 4> axes;
  llvm::SmallVector<IntervalSet, 4> sets;

  int64_t size() const;
};

/// Calls `fn` for disjoint cells that together hold every neuron that some
/// profile uses, with the synapses that one neuron of the cell has under each
/// profile.  All profiles are of one source population.  Cost: the product over
/// axes of the distinct degree patterns, whatever the number of neurons.
void forEachCell(
    llvm::ArrayRef<const SourceProfile *> profiles,
    llvm::function_ref<void(const CellSet &, llvm::ArrayRef<int64_t>)> fn);

/// Number of neurons that some profile uses.
int64_t countUnion(llvm::ArrayRef<const SourceProfile *> profiles);

/// Sums of a value per neuron (a rate) over boxes and cells, by a summed-area
/// table.  Default constructed it is empty: every neuron counts 1.
class RateMap {
public:
  RateMap() = default;
  /// `values` in C-major order, one per neuron of `shape`.
  RateMap(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<float> values);
  RateMap(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<double> values);

  bool empty() const { return sums.empty(); }
  double sum(const Box &box) const;
  double sum(const CellSet &cell) const;

private:
  template <typename T> void build(llvm::ArrayRef<T> values);

  Shape shape;              // as given
  Shape strides;            // of the table, which has one more per axis
  std::vector<double> sums; // sum over all smaller coordinates
};

} // namespace nmc::analysis

#endif // NMC_ANALYSIS_SOURCESET_H
