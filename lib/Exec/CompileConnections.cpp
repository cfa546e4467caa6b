//===- CompileConnections.cpp - Connections and views as plain data -------===//

#include "Plan.h"

#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

#include "llvm/ADT/TypeSwitch.h"

#include <numeric>

using namespace nmc;
using namespace nmc::exec;
using namespace nmc::spike;

//===----------------------------------------------------------------------===//
// Weights and biases
//===----------------------------------------------------------------------===//

static LogicalResult notFinite(Operation *op, StringRef what) {
  return emitRuleError(op, "weight-finite")
         << what << " hold a value that is not finite";
}

/// Scale and zero point of stored weight `i` of a quantised type; the axis of a
/// per-axis type counts in the weights' own shape.
static std::pair<double, int64_t>
getQuantisation(mlir::quant::QuantizedType type, ShapedType shape, int64_t i) {
  if (auto uniform = dyn_cast<mlir::quant::UniformQuantizedType>(type))
    return {uniform.getScale(), uniform.getZeroPoint()};
  auto perAxis = cast<mlir::quant::UniformQuantizedPerAxisType>(type);
  int64_t inner = ShapedType::getNumElements(
      shape.getShape().drop_front(perAxis.getQuantizedDimension() + 1));
  int64_t at = i / inner % int64_t(perAxis.getScales().size());
  return {perAxis.getScales()[at], perAxis.getZeroPoints()[at]};
}

/// Fills the weights of `c` from `attr`.
static LogicalResult readWeights(Operation *op, Attribute attr,
                                 std::optional<Type> storedAs, int64_t exponent,
                                 Connection &c) {
  if (isa<AbstractAttr>(attr))
    return emitRuleError(op, "weights-abstract")
           << "weights are abstract: the network maps and is costed from an "
              "activity profile, but cannot run";
  auto elements = cast<ElementsAttr>(attr);
  if (failed(verifyBlob(op, elements)))
    return failure();
  auto quantised = storedAs ? dyn_cast<mlir::quant::QuantizedType>(*storedAs)
                            : mlir::quant::QuantizedType();
  if (quantised && !isa<mlir::quant::UniformQuantizedType,
                        mlir::quant::UniformQuantizedPerAxisType>(quantised))
    return emitRuleError(op, "weights-type")
           << "cannot run weights of " << quantised;
  if (auto perAxis =
          dyn_cast_or_null<mlir::quant::UniformQuantizedPerAxisType>(quantised))
    if (perAxis.getQuantizedDimension() >= elements.getShapedType().getRank())
      return emitRuleError(op, "weights-type")
             << "axis " << perAxis.getQuantizedDimension() << " of "
             << quantised << " does not exist in the weights";

  if (c.isFloat) {
    FailureOr<SmallVector<double, 0>> values = getElementsAsDoubles(elements);
    if (failed(values))
      return emitRuleError(op, "weights-type")
             << "cannot read weights of " << elements.getType();
    double factor = std::ldexp(
        1.0, int(std::min<int64_t>(std::max<int64_t>(exponent, -2000), 2000)));
    c.floatWeights.reserve(values->size());
    for (auto [i, value] : llvm::enumerate(*values)) {
      double real = value;
      if (quantised) {
        auto [scale, zero] =
            getQuantisation(quantised, elements.getShapedType(), i);
        real = (value - double(zero)) * scale;
      }
      float weight = float(real * factor);
      if (!std::isfinite(weight))
        return notFinite(op, "weights");
      c.floatWeights.push_back(weight);
    }
    return success();
  }

  FailureOr<SmallVector<int64_t, 0>> values = getElementsAsInts(elements);
  if (failed(values))
    return emitRuleError(op, "weights-type")
           << "weights of " << elements.getShapedType().getElementType()
           << " cannot feed an integer current; quantise them";
  c.intWeights.reserve(values->size());
  for (auto [i, value] : llvm::enumerate(*values)) {
    int64_t weight = value;
    if (quantised)
      weight -= getQuantisation(quantised, elements.getShapedType(), i).second;
    if (weight != int32_t(weight))
      return emitRuleError(op, "weights-type")
             << "weight " << weight << " does not fit 32 bits";
    c.intWeights.push_back(int32_t(weight));
  }
  return success();
}

/// Fills the bias of `c`; in state units where integer.
static LogicalResult readBias(Operation *op, ElementsAttr attr, Connection &c) {
  if (!attr)
    return success();
  if (failed(verifyBlob(op, attr)))
    return failure();
  if (c.isFloat) {
    FailureOr<SmallVector<double, 0>> values = getElementsAsDoubles(attr);
    if (failed(values))
      return emitRuleError(op, "bias-type")
             << "cannot read a bias of " << attr.getType();
    for (double value : *values) {
      if (!std::isfinite(float(value)))
        return notFinite(op, "biases");
      c.floatBias.push_back(float(value));
    }
    return success();
  }
  FailureOr<SmallVector<int64_t, 0>> values = getElementsAsInts(attr);
  if (failed(values))
    return emitRuleError(op, "bias-type")
           << "a bias of " << attr.getShapedType().getElementType()
           << " cannot feed an integer current; quantise it";
  c.intBias.assign(values->begin(), values->end());
  return success();
}

/// One factor: absent is 1.
static LogicalResult readFactor(Operation *op, Attribute attr, Connection &c) {
  double value = 1;
  if (auto number = dyn_cast_or_null<FloatAttr>(attr)) {
    value = number.getValueAsDouble();
  } else if (auto number = dyn_cast_or_null<IntegerAttr>(attr)) {
    value = number.getType().isUnsignedInteger()
                ? double(number.getValue().getZExtValue())
                : double(number.getValue().getSExtValue());
  } else if (attr) {
    return emitRuleError(op, "pool-weight")
           << "weight " << attr << " is not a number";
  }
  if (c.isFloat) {
    if (!std::isfinite(float(value)))
      return notFinite(op, "weights");
    c.floatWeights = {float(value)};
    return success();
  }
  if (value != int32_t(value))
    return emitRuleError(op, "pool-weight")
           << "weight " << value
           << " cannot feed an integer current; it must be an integer of 32 "
              "bits";
  c.intWeights = {int32_t(value)};
  return success();
}

//===----------------------------------------------------------------------===//
// Connections
//===----------------------------------------------------------------------===//

template <typename OpT>
static Window getConvWindow(OpT op, ArrayRef<int64_t> kernel,
                            const ValueInfo &source, const ValueInfo &target) {
  Window w;
  w.source.assign(source.shape.begin() + 1, source.shape.end());
  w.target.assign(target.shape.begin() + 1, target.shape.end());
  w.kernel.assign(kernel.begin(), kernel.end());
  for (size_t d = 0; d < kernel.size(); ++d) {
    w.stride.push_back(op.getStride(d));
    w.pad.push_back(op.getPadLow(d));
    if constexpr (std::is_same_v<OpT, ConvOp> ||
                  std::is_same_v<OpT, TransposedConvOp>)
      w.dilation.push_back(op.getDilation(d));
    else
      w.dilation.push_back(1);
  }
  return w;
}

static ArrayRef<int64_t> getWeightShape(Attribute weights) {
  if (auto elements = dyn_cast<ElementsAttr>(weights))
    return elements.getShapedType().getShape();
  return cast<AbstractAttr>(weights).getType().getShape();
}

template <typename OpT>
static LogicalResult buildConv(OpT op, const ValueInfo &source,
                               const ValueInfo &target, Connection &c) {
  c.kind = std::is_same_v<OpT, ConvOp> ? ConnectionKind::Conv
                                       : ConnectionKind::TransposedConv;
  c.groups = op.getGroups();
  c.channelsIn = source.shape[0];
  c.channelsOut = target.shape[0];
  c.window = getConvWindow(op, getWeightShape(op.getWeights()).drop_front(2),
                           source, target);
  c.window.transposed = c.kind == ConnectionKind::TransposedConv;
  c.shiftDown = unsigned(op.getShiftDown());
  if (failed(readWeights(op, op.getWeights(), op.getWeightType(),
                         op.getExponent(), c)))
    return failure();
  return readBias(op, op.getBiasAttr(), c);
}

/// Positions of `indices` sorted by the channel-last rank of what they name;
/// empty where that is the order they are in.
static std::vector<int64_t> sortByRank(ArrayRef<int64_t> shape,
                                       ArrayRef<int64_t> offsets,
                                       ArrayRef<int64_t> indices) {
  std::vector<int64_t> order = getChannelLastOrder(shape);
  std::vector<int64_t> rank(order.size());
  for (auto [at, index] : llvm::enumerate(order))
    rank[index] = at;
  std::vector<int64_t> result(indices.size());
  std::iota(result.begin(), result.end(), 0);
  for (size_t t = 0; t + 1 < offsets.size(); ++t)
    std::sort(result.begin() + offsets[t], result.begin() + offsets[t + 1],
              [&](int64_t a, int64_t b) {
                return std::make_pair(rank[indices[a]], a) <
                       std::make_pair(rank[indices[b]], b);
              });
  return result;
}

LogicalResult exec::buildConnection(Operation *op, const ValueInfo &source,
                                    const ValueInfo &target, Node &node) {
  node.kind = NodeKind::Connection;
  Connection &c = node.synapses;
  c.isFloat = target.payload.isFloat;
  c.bits = target.bits;
  c.sources = source.elements;
  c.targets = target.elements;
  if (!c.isFloat && source.payload.isFloat)
    return emitRuleError(op, "connection-type")
           << "turns a float source into an integer current; quantise the "
              "source or give the current a float type";

  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](DenseOp dense) -> LogicalResult {
        c.kind = ConnectionKind::Dense;
        c.shiftDown = unsigned(dense.getShiftDown());
        ArrayRef<int64_t> shape = getWeightShape(dense.getWeights());
        c.groups = shape.size() == 3 ? shape[0] : 1;
        if (c.groups == 1 && c.isFloat && source.channels() > 1)
          c.order = getChannelLastOrder(source.shape);
        if (failed(readWeights(op, dense.getWeights(), dense.getWeightType(),
                               dense.getExponent(), c)))
          return failure();
        return readBias(op, dense.getBiasAttr(), c);
      })
      .Case<ConvOp, TransposedConvOp>(
          [&](auto conv) { return buildConv(conv, source, target, c); })
      .Case<SumPoolOp, AvgPoolOp>([&](auto pool) -> LogicalResult {
        c.channelsIn = c.channelsOut = source.shape[0];
        c.groups = c.channelsIn;
        c.window = getConvWindow(pool, pool.getKernel(), source, target);
        if constexpr (std::is_same_v<decltype(pool), SumPoolOp>) {
          c.kind = ConnectionKind::SumPool;
          return readFactor(op, pool.getWeightAttr(), c);
        } else {
          c.kind = ConnectionKind::AvgPool;
          c.countPad = pool.getCountIncludePad();
          if (!c.isFloat)
            return emitRuleError(op, "avg-pool-integer")
                   << "the mean of integers is no integer; use spike.sum_pool "
                      "and put the divisor into the weights or the requant";
          c.floatWeights = {1.0f};
          return success();
        }
      })
      .Case([&](ScaleOp scale) -> LogicalResult {
        c.kind = ConnectionKind::Elementwise;
        if (failed(readWeights(op, scale.getWeights(), std::nullopt,
                               scale.getExponent(), c)))
          return failure();
        // One per channel becomes one per source.
        auto spread = [&](auto &weights) {
          int64_t count = weights.size();
          if (count <= 1 || count == c.sources)
            return;
          auto per = weights;
          weights.resize(c.sources);
          for (int64_t i = 0; i < c.sources; ++i)
            weights[i] = per[i / (c.sources / count)];
        };
        spread(c.floatWeights);
        spread(c.intWeights);
        return success();
      })
      .Case([&](IdentityOp identity) {
        c.kind = ConnectionKind::Elementwise;
        return readFactor(op, identity.getWeightAttr(), c);
      })
      .Case([&](SparseOp sparse) -> LogicalResult {
        c.kind = ConnectionKind::Sparse;
        SmallVector<int64_t> offsets, indices;
        if (failed(sparse.getIncidence(offsets, indices)))
          return emitRuleError(op, "sparse-offsets")
                 << "offsets and sources cannot be read";
        c.offsets.assign(offsets.begin(), offsets.end());
        c.indices.assign(indices.begin(), indices.end());
        c.order = sortByRank(source.shape, c.offsets, c.indices);
        return readWeights(op, sparse.getWeights(), std::nullopt,
                           sparse.getExponent(), c);
      })
      .Default([&](Operation *) {
        return emitRuleError(op, "network-op")
               << "is a connection that the executor does not know";
      });
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

/// Fills `index` by asking `map` for the source coordinate of each result
/// coordinate; a coordinate outside the source is padding.
static void
fillGather(ArrayRef<int64_t> from, ArrayRef<int64_t> to,
           std::vector<int64_t> &index,
           function_ref<int64_t(size_t axis, int64_t coordinate)> map) {
  SmallVector<int64_t> at(to.size(), 0);
  for (int64_t &result : index) {
    result = 0;
    for (size_t a = 0; a < to.size(); ++a) {
      int64_t coordinate = map(a, at[a]);
      if (coordinate < 0 || coordinate >= from[a]) {
        result = -1;
        break;
      }
      result = result * from[a] + coordinate;
    }
    for (size_t a = to.size(); a-- > 0;) {
      if (++at[a] < to[a])
        break;
      at[a] = 0;
    }
  }
}

LogicalResult exec::buildView(Operation *op, ArrayRef<ValueInfo> sources,
                              const ValueInfo &result, Node &node) {
  node.kind = NodeKind::View;
  node.isFloat = result.payload.isFloat;
  std::vector<int64_t> &index = node.view.index;
  index.resize(result.elements);
  ArrayRef<int64_t> from = sources.front().shape, to = result.shape;
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](ReshapeOp) { std::iota(index.begin(), index.end(), 0); })
      .Case([&](TransposeOp transpose) {
        // Strides of the source, in the order of the result's axes.
        SmallVector<int64_t> stride(from.size(), 1), step(to.size());
        for (size_t a = from.size(); a-- > 1;)
          stride[a - 1] = stride[a] * from[a];
        for (auto [a, axis] : llvm::enumerate(transpose.getPermutation()))
          step[a] = stride[axis];
        for (int64_t j = 0; j < result.elements; ++j) {
          int64_t rest = j;
          index[j] = 0;
          for (size_t a = to.size(); a-- > 0; rest /= to[a])
            index[j] += rest % to[a] * step[a];
        }
      })
      .Case([&](SliceOp slice) {
        fillGather(from, to, index, [&](size_t a, int64_t t) {
          return slice.getOffsets()[a] +
                 t * (slice.getStrides().empty() ? 1 : slice.getStrides()[a]);
        });
      })
      .Case([&](PadOp pad) {
        fillGather(from, to, index,
                   [&](size_t a, int64_t t) { return t - pad.getLow()[a]; });
      })
      .Case([&](UpsampleOp upsample) {
        fillGather(from, to, index, [&](size_t a, int64_t t) {
          return t / upsample.getFactors()[a];
        });
      })
      .Case([&](ConcatOp concat) {
        node.view.from.assign(result.elements, 0);
        int64_t axis = concat.getAxis(), before = 0;
        std::vector<int64_t> part(result.elements);
        for (auto [k, source] : llvm::enumerate(sources)) {
          fillGather(source.shape, to, part, [&](size_t a, int64_t t) {
            return int64_t(a) == axis ? t - before : t;
          });
          for (int64_t j = 0; j < result.elements; ++j)
            if (part[j] >= 0) {
              index[j] = part[j];
              node.view.from[j] = int32_t(k);
            }
          before += source.shape[axis];
        }
      })
      .Default([&](Operation *) { node.kind = NodeKind::Port; });
  if (node.kind == NodeKind::View)
    return success();
  return emitRuleError(op, "network-op")
         << "is a view that the executor does not know";
}
