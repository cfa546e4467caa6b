//===- Shapes.h - Shapes of a NIR graph -------------------------*- C++ -*-===//
//
// Shapes are unbatched and channel-first.  They are inferred forward from Input
// and weights, and backward where there is no Input; every edge is checked.
// Rule: [nir-shape].
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_FRONTEND_NIR_SHAPES_H
#define NMC_LIB_FRONTEND_NIR_SHAPES_H

#include "Graph.h"

namespace nmc::nir {

using Shape = SmallVector<int64_t, 4>;

/// A convolution or pool along its space axes, defaults filled in.
struct Window {
  SmallVector<int64_t, 2> kernel, stride, dilation, padLow, padHigh;
  int64_t groups = 1;
};

/// The window of a convolution or pool on a source of space extents `space`.
/// Padding "same" gives ceil(extent / stride), the odd pad at the high end.
Window getWindow(const NirNode &node, ArrayRef<int64_t> space);

/// First and last axis that Flatten joins on a source of rank `rank`; none
/// where they do not exist. Dims are counted with a batch axis where
/// `input_type` has one axis more than the source.
std::optional<std::pair<int64_t, int64_t>> getFlattenedAxes(const NirNode &node,
                                                            int64_t rank);

struct NodeShape {
  Shape in, out;      // empty while unknown
  bool reads = false; // Affine, Linear: the source has another shape of as many
};

/// Shapes of all nodes, by index; failure after diagnostics.
FailureOr<std::vector<NodeShape>> inferShapes(const NirGraph &graph,
                                              Reporter &reporter);

/// Ports of nested graphs that state another shape than what passes get that of
/// what passes, with a warning.
void correctPorts(NirGraph &graph, ArrayRef<NodeShape> shapes,
                  Reporter &reporter);

/// Nodes other than Input that nothing feeds get an Input `input_<node>`, with
/// a remark, as in the reference.
void addImpliedInputs(NirGraph &graph, std::vector<NodeShape> &shapes,
                      Reporter &reporter);

/// Equal but for leading extents of 1.
bool equalsUnbatched(ArrayRef<int64_t> a, ArrayRef<int64_t> b);

} // namespace nmc::nir

#endif // NMC_LIB_FRONTEND_NIR_SHAPES_H
