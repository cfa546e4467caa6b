//===- SpikeViewOps.cpp - Rearrangements and delay ------------------------===//

#include "dialects/Spike/Spike.h"
#include "dialects/Spike/SpikeVerify.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

#include "mlir/IR/Matchers.h"

using namespace nmc;
using namespace nmc::spike;
using mlir::OpFoldResult;

//===----------------------------------------------------------------------===//
// Shared by all views
//===----------------------------------------------------------------------===//

/// Rule `view-type`: streams stay streams, and the payload stays.
static LogicalResult verifyViewType(Operation *op, Type from, Type to) {
  if (from.getTypeID() == to.getTypeID() &&
      cast<ShapedType>(from).getElementType() ==
          cast<ShapedType>(to).getElementType())
    return success();
  return emitRuleError(op, "view-type")
         << "turns " << from << " into " << to
         << "; a view keeps the kind of value and its element type";
}

/// Rule `view-shape`: result extent along `axis`.
static LogicalResult verifyViewExtent(Operation *op, int64_t axis,
                                      int64_t actual, int64_t expected) {
  if (actual == expected)
    return success();
  return emitRuleError(op, "view-shape")
         << "axis " << axis << " of the result has extent " << actual
         << ", but the source gives " << expected;
}

static LogicalResult verifyRank(Operation *op, StringRef what, size_t count,
                                size_t rank) {
  if (count == rank)
    return success();
  return emitRuleError(op, "view-shape")
         << "'" << what << "' has " << count << " entries, but needs " << rank;
}

static LogicalResult verifyViewRange(Operation *op, StringRef what,
                                     ArrayRef<int64_t> values, int64_t least) {
  for (int64_t value : values)
    if (value < least || value > kMaxElements)
      return emitRuleError(op, "view-shape")
             << "'" << what << "' holds " << value << ", which is out of range";
  return success();
}

/// A view that changes nothing is its source.
template <typename OpT>
static OpFoldResult foldIdentity(OpT op, bool isIdentity) {
  if (isIdentity && op.getSource().getType() == op.getResult().getType() &&
      op.getSource() != op.getResult())
    return op.getSource();
  return {};
}

//===----------------------------------------------------------------------===//
// ReshapeOp
//===----------------------------------------------------------------------===//

bool ReshapeOp::keepsLinearIndex() { return true; }
SmallVector<AxisRelation> ReshapeOp::getViewRelations(unsigned) { return {}; }

LogicalResult ReshapeOp::verify() {
  if (failed(
          verifyViewType(*this, getSource().getType(), getResult().getType())))
    return failure();
  if (getNumElements(getSource()) != getNumElements(getResult()))
    return emitRuleError(*this, "view-shape")
           << "source has " << getNumElements(getSource())
           << " elements, the result " << getNumElements(getResult());
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (OpFoldResult same = foldIdentity(*this, true))
    return same;
  // A reshape of a reshape is one reshape.
  if (auto inner = getSource().getDefiningOp<ReshapeOp>();
      inner && inner != *this && inner.getSource() != getResult()) {
    getSourceMutable().assign(inner.getSource());
    return getResult();
  }
  return {};
}

//===----------------------------------------------------------------------===//
// TransposeOp
//===----------------------------------------------------------------------===//

SmallVector<AxisRelation> TransposeOp::getViewRelations(unsigned) {
  SmallVector<AxisRelation> relations;
  ArrayRef<int64_t> to = getShape(getResult());
  for (auto [axis, from] : llvm::enumerate(getPermutation()))
    relations.push_back(AxisRelation::identity(from, axis, to[axis]));
  return relations;
}

LogicalResult TransposeOp::verify() {
  if (failed(
          verifyViewType(*this, getSource().getType(), getResult().getType())))
    return failure();
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getResult());
  if (failed(verifyRank(*this, "permutation", getPermutation().size(),
                        from.size())) ||
      failed(verifyRank(*this, "shape of the result", to.size(), from.size())))
    return failure();
  SmallVector<bool> seen(from.size());
  for (int64_t axis : getPermutation()) {
    if (axis < 0 || axis >= int64_t(from.size()) || seen[axis])
      return emitRuleError(*this, "view-shape")
             << "'permutation' is not a permutation of the axes";
    seen[axis] = true;
  }
  for (auto [axis, source] : llvm::enumerate(getPermutation()))
    if (failed(verifyViewExtent(*this, axis, to[axis], from[source])))
      return failure();
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  if (OpFoldResult same =
          foldIdentity(*this, llvm::is_sorted(getPermutation())))
    return same;
  // Two transposes are one.
  if (auto inner = getSource().getDefiningOp<TransposeOp>();
      inner && inner != *this && inner.getSource() != getResult()) {
    SmallVector<int64_t> composed;
    for (int64_t axis : getPermutation())
      composed.push_back(inner.getPermutation()[axis]);
    setPermutation(composed);
    getSourceMutable().assign(inner.getSource());
    return getResult();
  }
  return {};
}

//===----------------------------------------------------------------------===//
// SliceOp
//===----------------------------------------------------------------------===//

SmallVector<AxisRelation> SliceOp::getViewRelations(unsigned) {
  SmallVector<AxisRelation> relations;
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getResult());
  for (size_t axis = 0; axis < from.size(); ++axis)
    relations.push_back(AxisRelation::shifted(
        axis, axis, from[axis], to[axis],
        getStrides().empty() ? 1 : getStrides()[axis], getOffsets()[axis]));
  return relations;
}

LogicalResult SliceOp::verify() {
  if (failed(
          verifyViewType(*this, getSource().getType(), getResult().getType())))
    return failure();
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getResult());
  if (failed(verifyRank(*this, "offsets", getOffsets().size(), from.size())) ||
      failed(
          verifyRank(*this, "shape of the result", to.size(), from.size())) ||
      (!getStrides().empty() &&
       failed(
           verifyRank(*this, "strides", getStrides().size(), from.size()))) ||
      failed(verifyViewRange(*this, "offsets", getOffsets(), 0)) ||
      failed(verifyViewRange(*this, "strides", getStrides(), 1)))
    return failure();
  for (size_t axis = 0; axis < from.size(); ++axis) {
    int64_t stride = getStrides().empty() ? 1 : getStrides()[axis];
    // Division keeps the last coordinate from overflowing.
    if (getOffsets()[axis] >= from[axis] ||
        to[axis] - 1 > (from[axis] - 1 - getOffsets()[axis]) / stride)
      return emitRuleError(*this, "view-shape")
             << "axis " << axis << " reads beyond the source's extent "
             << from[axis];
  }
  return success();
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  // Equal types leave no room for an offset or a stride.
  return foldIdentity(*this, true);
}

//===----------------------------------------------------------------------===//
// ConcatOp
//===----------------------------------------------------------------------===//

SmallVector<AxisRelation> ConcatOp::getViewRelations(unsigned index) {
  SmallVector<AxisRelation> relations;
  ArrayRef<int64_t> from = getShape(getSources()[index]),
                    to = getShape(getResult());
  int64_t before = 0;
  for (unsigned i = 0; i < index; ++i)
    before += getShape(getSources()[i])[getAxis()];
  for (size_t axis = 0; axis < to.size(); ++axis)
    relations.push_back(axis == getAxis()
                            ? AxisRelation::shifted(axis, axis, from[axis],
                                                    to[axis], 1, -before)
                            : AxisRelation::identity(axis, axis, to[axis]));
  return relations;
}

LogicalResult ConcatOp::verify() {
  if (getSources().empty())
    return emitRuleError(*this, "view-shape") << "has no source";
  ArrayRef<int64_t> to = getShape(getResult());
  if (getAxis() >= to.size())
    return emitRuleError(*this, "view-shape")
           << "axis " << getAxis() << " does not exist in rank " << to.size();
  int64_t sum = 0;
  for (Value source : getSources()) {
    if (failed(verifyViewType(*this, source.getType(), getResult().getType())))
      return failure();
    ArrayRef<int64_t> from = getShape(source);
    if (failed(verifyRank(*this, "shape of a source", from.size(), to.size())))
      return failure();
    sum += from[getAxis()];
    for (size_t axis = 0; axis < to.size(); ++axis)
      if (axis != getAxis() &&
          failed(verifyViewExtent(*this, axis, to[axis], from[axis])))
        return failure();
  }
  return verifyViewExtent(*this, getAxis(), to[getAxis()], sum);
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  if (getSources().size() == 1 && getSources()[0] != getResult())
    return getSources()[0];
  return {};
}

//===----------------------------------------------------------------------===//
// PadOp and UpsampleOp
//===----------------------------------------------------------------------===//

SmallVector<AxisRelation> PadOp::getViewRelations(unsigned) {
  SmallVector<AxisRelation> relations;
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getResult());
  for (size_t axis = 0; axis < from.size(); ++axis)
    relations.push_back(AxisRelation::shifted(axis, axis, from[axis], to[axis],
                                              1, -getLow()[axis]));
  return relations;
}

LogicalResult PadOp::verify() {
  if (failed(
          verifyViewType(*this, getSource().getType(), getResult().getType())))
    return failure();
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getResult());
  if (failed(verifyRank(*this, "low", getLow().size(), from.size())) ||
      failed(verifyRank(*this, "high", getHigh().size(), from.size())) ||
      failed(
          verifyRank(*this, "shape of the result", to.size(), from.size())) ||
      failed(verifyViewRange(*this, "low", getLow(), 0)) ||
      failed(verifyViewRange(*this, "high", getHigh(), 0)))
    return failure();
  for (size_t axis = 0; axis < from.size(); ++axis)
    if (failed(verifyViewExtent(*this, axis, to[axis],
                                getLow()[axis] + from[axis] + getHigh()[axis])))
      return failure();
  return success();
}

OpFoldResult PadOp::fold(FoldAdaptor) { return foldIdentity(*this, true); }

SmallVector<AxisRelation> UpsampleOp::getViewRelations(unsigned) {
  SmallVector<AxisRelation> relations;
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getResult());
  for (size_t axis = 0; axis < from.size(); ++axis)
    relations.push_back(AxisRelation::shifted(axis, axis, from[axis], to[axis],
                                              1, 0, getFactors()[axis]));
  return relations;
}

LogicalResult UpsampleOp::verify() {
  if (failed(
          verifyViewType(*this, getSource().getType(), getResult().getType())))
    return failure();
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getResult());
  if (failed(verifyRank(*this, "factors", getFactors().size(), from.size())) ||
      failed(verifyRank(*this, "shape of the result", to.size(), from.size())))
    return failure();
  for (size_t axis = 0; axis < from.size(); ++axis) {
    int64_t factor = getFactors()[axis];
    if (factor < 1 || factor > kMaxExtent)
      return emitRuleError(*this, "view-shape")
             << "factor " << factor << " is out of range, 1 to " << kMaxExtent;
    if (to[axis] % factor || to[axis] / factor != from[axis])
      return emitRuleError(*this, "view-shape")
             << "axis " << axis << " of the result has extent " << to[axis]
             << ", which is not " << from[axis] << " times " << factor;
  }
  return success();
}

OpFoldResult UpsampleOp::fold(FoldAdaptor) { return foldIdentity(*this, true); }

//===----------------------------------------------------------------------===//
// DelayOp
//===----------------------------------------------------------------------===//

LogicalResult DelayOp::verify() {
  int64_t steps = getSteps();
  if (steps < 1 || steps > kMaxSteps)
    return emitRuleError(*this, "delay-steps")
           << "delays by " << steps << " steps, but 1 to " << kMaxSteps
           << " are possible";
  if (getSource().getType() != getResult().getType())
    return emitRuleError(*this, "view-type")
           << "turns " << getSource().getType() << " into "
           << getResult().getType();
  ElementsAttr each = getPerElementAttr();
  if (!each)
    return success();
  if (failed(
          verifyParameter(*this, "per_element", each, getShape(getSource()))))
    return failure();
  // A splat of any size takes a few characters of text: read it once.
  if (auto splat = dyn_cast<mlir::SplatElementsAttr>(each))
    each = splat.resizeSplat(splat.getType().clone({1}));
  FailureOr<SmallVector<int64_t, 0>> values = getElementsAsInts(each);
  if (failed(values))
    return emitRuleError(*this, "delay-steps") << "delays must be integers";
  for (int64_t value : *values)
    if (value < 1 || value > steps)
      return emitRuleError(*this, "delay-steps")
             << "holds a delay of " << value << ", but 1 to " << steps
             << " are possible";
  return success();
}
