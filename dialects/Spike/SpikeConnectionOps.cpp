//===- SpikeConnectionOps.cpp - Synapses ----------------------------------===//

#include "dialects/Spike/Spike.h"
#include "dialects/Spike/SpikeVerify.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

#include "llvm/ADT/STLExtras.h"

using namespace nmc;
using namespace nmc::spike;

//===----------------------------------------------------------------------===//
// Shared by all connections
//===----------------------------------------------------------------------===//

static int64_t at(ArrayRef<int64_t> values, int64_t i, int64_t otherwise) {
  return values.empty() ? otherwise : values[i];
}

/// The type of weights, real or abstract.
static ShapedType getWeightsType(Attribute weights) {
  if (auto abstract = dyn_cast<AbstractAttr>(weights))
    return abstract.getType();
  return cast<ElementsAttr>(weights).getShapedType();
}

/// Rules `weight-shape`, `weight-type`, `bias-shape` and, for the bias,
/// `blob-size`.  The weights' blob must have been verified: the type of a blob
/// may lack a shape.
template <typename OpT>
static LogicalResult verifyWeights(OpT op, ArrayRef<int64_t> shape,
                                   int64_t biasCount) {
  ShapedType type = getWeightsType(op.getWeights());
  if (type.getShape() != shape) {
    auto diag = emitRuleError(op, "weight-shape") << "weights have shape [";
    llvm::interleaveComma(type.getShape(), diag);
    diag << "], but source and target need [";
    llvm::interleaveComma(shape, diag);
    return diag << "]";
  }
  if (!type.getElementType().isIntOrFloat())
    return emitRuleError(op, "weight-type")
           << "weights of " << type.getElementType()
           << " are not numbers that synapses can hold";
  if (std::optional<Type> stated = op.getWeightType()) {
    auto quantised = dyn_cast<mlir::quant::QuantizedType>(*stated);
    if (!quantised || quantised.getStorageType() != type.getElementType())
      return emitRuleError(op, "weight-type")
             << "weight_type " << *stated << " does not store its values as "
             << type.getElementType();
  }
  if (op.getShiftDown() < 0 || op.getShiftDown() > 31 ||
      (op.getShiftDown() && isa<FloatType>(getElementType(op.getTarget()))))
    return emitRuleError(op, "shift-down")
           << "shift_down is " << op.getShiftDown() << " into a current of "
           << getElementType(op.getTarget())
           << "; 0 to 31 are possible, and 0 alone for reals";
  if (ElementsAttr bias = op.getBiasAttr()) {
    if (failed(verifyBlob(op, bias)))
      return failure();
    if (bias.getNumElements() != biasCount)
      return emitRuleError(op, "bias-shape")
             << "bias has " << bias.getNumElements() << " values, but needs "
             << biasCount;
  }
  return success();
}

/// The extent of a box along axis `axis`.
static int64_t extent(ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                      int64_t axis) {
  return high[axis] - low[axis];
}

static int64_t volume(ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
  int64_t product = 1;
  for (size_t axis = 0; axis < low.size(); ++axis)
    product *= extent(low, high, axis);
  return product;
}

//===----------------------------------------------------------------------===//
// DenseOp
//===----------------------------------------------------------------------===//

Attribute DenseOp::getWeightsOrNull() { return getWeights(); }
ElementsAttr DenseOp::getBiasOrNull() { return getBiasAttr(); }

LogicalResult DenseOp::verify() {
  if (failed(verifyBlob(*this, getWeights())))
    return failure();
  int64_t in = getNumElements(getSource()), out = getNumElements(getTarget());
  ShapedType type = getWeightsType(getWeights());
  if (type.getRank() != 3)
    return verifyWeights(*this, {out, in}, out);
  // Block-wise over the first axis.
  int64_t blocks = type.getDimSize(0);
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getTarget());
  if (from.size() != 2 || to.size() != 2 || from[0] != blocks ||
      to[0] != blocks)
    return emitRuleError(*this, "weight-shape")
           << "block-wise weights of " << blocks
           << " blocks need source and target of rank 2 with that first extent";
  return verifyWeights(*this, {blocks, to[1], from[1]}, out);
}

SmallVector<AxisRelation> DenseOp::getAxisRelations() {
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getTarget());
  SmallVector<AxisRelation> relations;
  if (getWeightsType(getWeights()).getRank() == 3) {
    relations.push_back(AxisRelation::identity(0, 0, from[0]));
    relations.push_back(AxisRelation::all(1, 1, from[1], to[1]));
    return relations;
  }
  // Axes pair up arbitrarily: everything feeds everything.
  size_t rank = std::max(from.size(), to.size());
  for (size_t a = 0; a < rank; ++a)
    relations.push_back(AxisRelation::all(
        a < from.size() ? a : -1, a < to.size() ? a : -1,
        a < from.size() ? from[a] : 1, a < to.size() ? to[a] : 1));
  return relations;
}

int64_t DenseOp::countTileWeights(ArrayRef<int64_t> low,
                                  ArrayRef<int64_t> high) {
  ShapedType type = getWeightsType(getWeights());
  return volume(low, high) * type.getDimSize(type.getRank() - 1);
}

//===----------------------------------------------------------------------===//
// ConvOp and TransposedConvOp
//===----------------------------------------------------------------------===//

#define NMC_CONV(OpT)                                                          \
  Attribute OpT::getWeightsOrNull() { return getWeights(); }                   \
  ElementsAttr OpT::getBiasOrNull() { return getBiasAttr(); }                  \
  int64_t OpT::getSpaceRank() {                                                \
    return getWeightsType(getWeights()).getRank() - 2;                         \
  }                                                                            \
  int64_t OpT::getStride(int64_t d) { return at(getStrides(), d, 1); }         \
  int64_t OpT::getPadLow(int64_t d) { return at(getPads(), d, 0); }            \
  int64_t OpT::getPadHigh(int64_t d) {                                         \
    return at(getPads(), getSpaceRank() + d, 0);                               \
  }                                                                            \
  int64_t OpT::getDilation(int64_t d) { return at(getDilations(), d, 1); }

NMC_CONV(ConvOp)
NMC_CONV(TransposedConvOp)
#undef NMC_CONV

int64_t TransposedConvOp::getOutputPad(int64_t d) {
  return at(getOutputPads(), d, 0);
}

/// Rule `conv-shape` for ranks and attributes, rule `conv-groups`.
template <typename OpT>
static LogicalResult verifyConvAttributes(OpT op, int64_t inChannels,
                                          int64_t outChannels) {
  int64_t n = op.getSpaceRank();
  if (n < 1 || int64_t(getShape(op.getSource()).size()) != n + 1 ||
      int64_t(getShape(op.getTarget()).size()) != n + 1)
    return emitRuleError(op, "conv-shape")
           << "weights of rank " << n + 2 << " need source and target of rank "
           << n + 1 << ", not " << getShape(op.getSource()).size() << " and "
           << getShape(op.getTarget()).size();
  ArrayRef<int64_t> weights = getWeightsType(op.getWeights()).getShape();
  for (int64_t k : weights)
    if (k < 1 || k > kMaxElements)
      return emitRuleError(op, "conv-shape")
             << "weights have an extent of " << k;
  if (failed(verifyExtents(op, "conv-shape", "kernel", weights.drop_front(2), n,
                           1)) ||
      failed(
          verifyExtents(op, "conv-shape", "strides", op.getStrides(), n, 1)) ||
      failed(verifyExtents(op, "conv-shape", "pads", op.getPads(), 2 * n, 0)) ||
      failed(verifyExtents(op, "conv-shape", "dilations", op.getDilations(), n,
                           1)))
    return failure();
  int64_t groups = op.getGroups();
  if (groups < 1 || inChannels % groups || outChannels % groups)
    return emitRuleError(op, "conv-groups")
           << groups << " groups do not divide " << inChannels << " source and "
           << outChannels << " target channels";
  return success();
}

template <typename OpT>
static LogicalResult verifyExtent(OpT op, int64_t d, int64_t actual,
                                  int64_t expected) {
  if (actual == expected)
    return success();
  return emitRuleError(op, "conv-shape")
         << "space axis " << d << " of the target has extent " << actual
         << ", but source, kernel, stride, pads and dilation give " << expected;
}

LogicalResult ConvOp::verify() {
  if (failed(verifyBlob(*this, getWeights())))
    return failure();
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getTarget());
  if (from.empty() || to.empty())
    return emitRuleError(*this, "conv-shape") << "needs channels and space";
  if (failed(verifyConvAttributes(*this, from[0], to[0])))
    return failure();
  SmallVector<int64_t> weights{to[0], from[0] / int64_t(getGroups())};
  ArrayRef<int64_t> kernel =
      getWeightsType(getWeights()).getShape().drop_front(2);
  weights.append(kernel.begin(), kernel.end());
  for (int64_t d = 0; d < getSpaceRank(); ++d) {
    int64_t room = from[d + 1] + getPadLow(d) + getPadHigh(d) -
                   getDilation(d) * (kernel[d] - 1) - 1;
    int64_t expected = room < 0 ? 0 : room / getStride(d) + 1;
    if (failed(verifyExtent(*this, d, to[d + 1], expected)))
      return failure();
  }
  return verifyWeights(*this, weights, to[0]);
}

LogicalResult TransposedConvOp::verify() {
  if (failed(verifyBlob(*this, getWeights())))
    return failure();
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getTarget());
  if (from.empty() || to.empty())
    return emitRuleError(*this, "conv-shape") << "needs channels and space";
  if (failed(verifyConvAttributes(*this, from[0], to[0])) ||
      failed(verifyExtents(*this, "conv-shape", "output_pads", getOutputPads(),
                           getSpaceRank(), 0)))
    return failure();
  SmallVector<int64_t> weights{from[0], to[0] / int64_t(getGroups())};
  ArrayRef<int64_t> kernel =
      getWeightsType(getWeights()).getShape().drop_front(2);
  weights.append(kernel.begin(), kernel.end());
  for (int64_t d = 0; d < getSpaceRank(); ++d) {
    int64_t expected = (from[d + 1] - 1) * getStride(d) - getPadLow(d) -
                       getPadHigh(d) + getDilation(d) * (kernel[d] - 1) +
                       getOutputPad(d) + 1;
    if (failed(verifyExtent(*this, d, to[d + 1], expected)))
      return failure();
  }
  return verifyWeights(*this, weights, to[0]);
}

SmallVector<AxisRelation> ConvOp::getAxisRelations() {
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getTarget());
  ArrayRef<int64_t> weights = getWeightsType(getWeights()).getShape();
  SmallVector<AxisRelation> relations;
  relations.push_back(AxisRelation::grouped(0, 0, from[0], to[0], getGroups()));
  for (int64_t d = 0; d < getSpaceRank(); ++d)
    relations.push_back(AxisRelation::window(
        d + 1, d + 1, from[d + 1], to[d + 1], weights[d + 2], getStride(d),
        getPadLow(d), getDilation(d)));
  return relations;
}

SmallVector<AxisRelation> TransposedConvOp::getAxisRelations() {
  ArrayRef<int64_t> from = getShape(getSource()), to = getShape(getTarget());
  ArrayRef<int64_t> weights = getWeightsType(getWeights()).getShape();
  SmallVector<AxisRelation> relations;
  relations.push_back(AxisRelation::grouped(0, 0, from[0], to[0], getGroups()));
  for (int64_t d = 0; d < getSpaceRank(); ++d)
    relations.push_back(AxisRelation::spread(
        d + 1, d + 1, from[d + 1], to[d + 1], weights[d + 2], getStride(d),
        getPadLow(d), getDilation(d)));
  return relations;
}

/// Product of kernel extents.
static int64_t kernelSize(ShapedType weights) {
  return ShapedType::getNumElements(weights.getShape().drop_front(2));
}

int64_t ConvOp::countTileWeights(ArrayRef<int64_t> low,
                                 ArrayRef<int64_t> high) {
  ShapedType type = getWeightsType(getWeights());
  return extent(low, high, 0) * type.getDimSize(1) * kernelSize(type);
}

int64_t TransposedConvOp::countTileWeights(ArrayRef<int64_t> low,
                                           ArrayRef<int64_t> high) {
  ShapedType type = getWeightsType(getWeights());
  return extent(low, high, 0) * (type.getDimSize(0) / int64_t(getGroups())) *
         kernelSize(type);
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

/// A pool's weights are one number per core.
#define NMC_POOL(OpT)                                                          \
  int64_t OpT::getStride(int64_t d) {                                          \
    return at(getStrides(), d, getKernel()[d]);                                \
  }                                                                            \
  int64_t OpT::getPadLow(int64_t d) { return at(getPads(), d, 0); }            \
  int64_t OpT::getPadHigh(int64_t d) {                                         \
    return at(getPads(), getKernel().size() + d, 0);                           \
  }                                                                            \
  LogicalResult OpT::verify() {                                                \
    return verifyPool(*this, getShape(getSource()), getShape(getTarget()));    \
  }                                                                            \
  SmallVector<AxisRelation> OpT::getAxisRelations() {                          \
    return getPoolRelations(*this, getShape(getSource()),                      \
                            getShape(getTarget()));                            \
  }                                                                            \
  int64_t OpT::countTileWeights(ArrayRef<int64_t>, ArrayRef<int64_t>) {        \
    return 1;                                                                  \
  }

NMC_POOL(SumPoolOp)
NMC_POOL(AvgPoolOp)
#undef NMC_POOL

//===----------------------------------------------------------------------===//
// ScaleOp and IdentityOp
//===----------------------------------------------------------------------===//

static SmallVector<AxisRelation> getIdentityRelations(Value value) {
  SmallVector<AxisRelation> relations;
  for (auto [axis, size] : llvm::enumerate(getShape(value)))
    relations.push_back(AxisRelation::identity(axis, axis, size));
  // A scalar is still connected.
  if (relations.empty())
    relations.push_back(AxisRelation::all(-1, -1, 1, 1));
  return relations;
}

/// Rule `same-shape`.
static LogicalResult verifySameShape(Operation *op, Value source,
                                     Value target) {
  if (getShape(source) == getShape(target))
    return success();
  return emitRuleError(op, "same-shape")
         << "is one to one, but source and target are " << source.getType()
         << " and " << target.getType();
}

Attribute ScaleOp::getWeightsOrNull() { return getWeights(); }
SmallVector<AxisRelation> ScaleOp::getAxisRelations() {
  return getIdentityRelations(getSource());
}
int64_t ScaleOp::countTileWeights(ArrayRef<int64_t> low,
                                  ArrayRef<int64_t> high) {
  int64_t count = getWeightsType(getWeights()).getNumElements();
  int64_t neurons = volume(low, high);
  if (count == 1)
    return 1;
  return count == getNumElements(getSource()) ? neurons : extent(low, high, 0);
}
LogicalResult ScaleOp::verify() {
  if (failed(verifyBlob(*this, getWeights())) ||
      failed(verifySameShape(*this, getSource(), getTarget())))
    return failure();
  int64_t count = getWeightsType(getWeights()).getNumElements();
  ArrayRef<int64_t> shape = getShape(getSource());
  int64_t channels = shape.empty() ? 1 : shape.front();
  if (count != 1 && count != channels && count != getNumElements(getSource()))
    return emitRuleError(*this, "param-shape")
           << "weights have " << count << " values, but need 1, " << channels
           << " (one per channel) or " << getNumElements(getSource())
           << " (one per neuron)";
  return success();
}

SmallVector<AxisRelation> IdentityOp::getAxisRelations() {
  return getIdentityRelations(getSource());
}
int64_t IdentityOp::countTileWeights(ArrayRef<int64_t>, ArrayRef<int64_t>) {
  return 1;
}
LogicalResult IdentityOp::verify() {
  return verifySameShape(*this, getSource(), getTarget());
}

//===----------------------------------------------------------------------===//
// SparseOp
//===----------------------------------------------------------------------===//

/// Targets and synapses beyond this are refused: verifying and running an
/// explicit list takes 8 bytes for each.
static constexpr int64_t kMaxListed = int64_t(1) << 28;

Attribute SparseOp::getWeightsOrNull() { return getWeights(); }
SmallVector<AxisRelation> SparseOp::getAxisRelations() { return {}; }

LogicalResult SparseOp::getIncidence(SmallVectorImpl<int64_t> &offsets,
                                     SmallVectorImpl<int64_t> &sources) {
  FailureOr<SmallVector<int64_t, 0>> o = getElementsAsInts(getOffsets());
  FailureOr<SmallVector<int64_t, 0>> s = getElementsAsInts(getSources());
  if (failed(o) || failed(s))
    return failure();
  offsets.assign(o->begin(), o->end());
  sources.assign(s->begin(), s->end());
  return success();
}

int64_t SparseOp::countTileWeights(ArrayRef<int64_t> low,
                                   ArrayRef<int64_t> high) {
  SmallVector<int64_t> offsets, sources;
  if (failed(getIncidence(offsets, sources)))
    return 0;
  // Walk the rows of the box: runs along the last axis are contiguous.
  ArrayRef<int64_t> shape = getShape(getTarget());
  SmallVector<int64_t> at(low);
  int64_t count = 0;
  while (true) {
    int64_t index = 0;
    for (size_t axis = 0; axis < shape.size(); ++axis)
      index = index * shape[axis] + at[axis];
    int64_t run = shape.empty() ? 1 : extent(low, high, shape.size() - 1);
    count += offsets[index + run] - offsets[index];
    int64_t axis = int64_t(shape.size()) - 2;
    for (; axis >= 0; --axis) {
      if (++at[axis] < high[axis])
        break;
      at[axis] = low[axis];
    }
    if (axis < 0)
      return count;
  }
}

LogicalResult SparseOp::verify() {
  if (failed(verifyBlob(*this, getOffsets())) ||
      failed(verifyBlob(*this, getSources())) ||
      failed(verifyBlob(*this, getWeights())))
    return failure();
  // Counts first: a splat of any size takes a few characters of text.
  int64_t targets = getNumElements(getTarget());
  int64_t sourceCount = getNumElements(getSource());
  int64_t offsetCount = getOffsets().getNumElements();
  int64_t synapses = getSources().getNumElements();
  if (offsetCount != targets + 1)
    return emitRuleError(*this, "sparse-offsets")
           << "has " << offsetCount << " offsets, but " << targets
           << " targets need " << targets + 1;
  if (std::max(synapses, targets) > kMaxListed)
    return emitRuleError(*this, "sparse-size")
           << "lists " << synapses << " synapses of " << targets
           << " targets, but at most " << kMaxListed
           << " of each can be listed";
  SmallVector<int64_t> offsets, sources;
  if (failed(getIncidence(offsets, sources)))
    return emitRuleError(*this, "sparse-offsets")
           << "offsets and sources must be integers";
  if (offsets.front() != 0 || !llvm::is_sorted(offsets) ||
      offsets.back() != int64_t(sources.size()))
    return emitRuleError(*this, "sparse-offsets")
           << "offsets must ascend from 0 to the number of synapses, "
           << sources.size();
  for (int64_t source : sources)
    if (source < 0 || source >= sourceCount)
      return emitRuleError(*this, "sparse-index")
             << "source " << source << " is outside the source of "
             << sourceCount << " neurons";
  if (getWeightsType(getWeights()).getNumElements() !=
          int64_t(sources.size()) &&
      !isa<AbstractAttr>(getWeights()))
    return emitRuleError(*this, "weight-shape")
           << "has " << getWeightsType(getWeights()).getNumElements()
           << " weights for " << sources.size() << " synapses";
  return success();
}
