//===- SpikeVerify.h - Rules that several spike ops share -------*- C++ -*-===//
//
// Private to dialects/Spike.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_DIALECTS_SPIKE_SPIKEVERIFY_H
#define NMC_DIALECTS_SPIKE_SPIKEVERIFY_H

#include "dialects/Spike/Spike.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

namespace nmc::spike {

/// Extents above this are refused in kernels, strides, pads and dilations, so
/// that no shape formula can overflow.
inline constexpr int64_t kMaxExtent = int64_t(1) << 20;

/// Rules `param-shape` and `blob-size`: `attr` holds one number, one per
/// channel, or one per neuron of a population of `shape`.
inline LogicalResult verifyParameter(Operation *op, StringRef name,
                                     ElementsAttr attr,
                                     ArrayRef<int64_t> shape) {
  // The type of a blob may lack a shape, so that comes first.
  if (failed(verifyBlob(op, attr)))
    return failure();
  int64_t count = attr.getNumElements();
  int64_t neurons = ShapedType::getNumElements(shape);
  int64_t channels = shape.empty() ? 1 : shape.front();
  if (count != 1 && count != channels && count != neurons)
    return emitRuleError(op, "param-shape")
           << "parameter '" << name << "' has " << count
           << " values, but needs 1, " << channels << " (one per channel) or "
           << neurons << " (one per neuron)";
  return success();
}

/// One attribute of a window: empty, or `count` entries of at least `least`.
inline LogicalResult verifyExtents(Operation *op, StringRef rule,
                                   StringRef name, ArrayRef<int64_t> values,
                                   int64_t count, int64_t least) {
  if (values.empty())
    return success();
  if (int64_t(values.size()) != count)
    return emitRuleError(op, rule) << "'" << name << "' has " << values.size()
                                   << " entries, but needs " << count;
  for (int64_t value : values)
    if (value < least || value > kMaxExtent)
      return emitRuleError(op, rule)
             << "'" << name << "' holds " << value << ", but " << least
             << " to " << kMaxExtent << " are possible";
  return success();
}

/// Rule `pool-shape`: C×d1×…×dn becomes C×e1×…×en with
/// e = floor((d + pads − k)/stride) + 1.
template <typename OpT>
LogicalResult verifyPool(OpT op, ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  int64_t n = op.getKernel().size();
  if (n == 0 || int64_t(from.size()) != n + 1 || from.size() != to.size())
    return emitRuleError(op, "pool-shape")
           << "a kernel of rank " << n << " needs source and result of rank "
           << n + 1 << ", not " << from.size() << " and " << to.size();
  if (failed(verifyExtents(op, "pool-shape", "kernel", op.getKernel(), n, 1)) ||
      failed(
          verifyExtents(op, "pool-shape", "strides", op.getStrides(), n, 1)) ||
      failed(verifyExtents(op, "pool-shape", "pads", op.getPads(), 2 * n, 0)))
    return failure();
  if (from[0] != to[0])
    return emitRuleError(op, "pool-shape")
           << "keeps channels, but has " << from[0] << " and " << to[0];
  for (int64_t d = 0; d < n; ++d) {
    int64_t room =
        from[d + 1] + op.getPadLow(d) + op.getPadHigh(d) - op.getKernel()[d];
    int64_t expected = room < 0 ? 0 : room / op.getStride(d) + 1;
    if (expected != to[d + 1])
      return emitRuleError(op, "pool-shape")
             << "space axis " << d << " has extent " << to[d + 1]
             << ", but source, kernel, stride and pads give " << expected;
  }
  return success();
}

/// Relations of a pool: channels one to one, windows in space.
template <typename OpT>
SmallVector<AxisRelation> getPoolRelations(OpT op, ArrayRef<int64_t> from,
                                           ArrayRef<int64_t> to) {
  SmallVector<AxisRelation> relations;
  relations.push_back(AxisRelation::identity(0, 0, from[0]));
  for (int64_t d = 0, n = op.getKernel().size(); d < n; ++d)
    relations.push_back(AxisRelation::window(
        d + 1, d + 1, from[d + 1], to[d + 1], op.getKernel()[d],
        op.getStride(d), op.getPadLow(d), /*dilation=*/1));
  return relations;
}

} // namespace nmc::spike

#endif // NMC_DIALECTS_SPIKE_SPIKEVERIFY_H
