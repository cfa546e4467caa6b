//===- FoldConnections.cpp - Connections behind connections ---------------===//

#include "FoldConnections.h"

#include "nmc/Support/Blob.h"

using namespace nmc;
using namespace nmc::spike;

namespace {
/// A pool, whichever of the two.
struct Pool {
  ArrayRef<int64_t> kernel;
  SmallVector<int64_t> stride, padLow;
  double weight = 1;
};

class Folder {
public:
  Folder(NetworkOp network, bool keepPools)
      : context(network.getContext()), builder(context), network(network),
        keepPools(keepPools) {}

  void run() {
    // Each merge may make the next possible.
    while (foldOne()) {
    }
  }

private:
  bool foldOne();
  bool fold(Operation *second, Operation *first, bool reshaped);
  bool scaleInto(Operation *second, Operation *first, bool reshaped);
  bool poolIntoConv(ConvOp conv, Operation *first, const Pool &pool);
  bool poolIntoDense(DenseOp dense, Operation *first, const Pool &pool);

  std::optional<Pool> getPool(Operation *op);
  /// The elements of float weights, or none.
  std::optional<SmallVector<double, 0>> getWeights(Operation *op);
  void setWeights(Operation *op, ArrayRef<int64_t> shape,
                  ArrayRef<double> values);
  /// The stream or current before `first`, in the shape that `second` read.
  void bypass(Operation *second, Operation *first, bool reshaped);

  MLIRContext *context;
  mlir::OpBuilder builder;
  NetworkOp network;
  bool keepPools;
};
} // namespace

std::optional<Pool> Folder::getPool(Operation *op) {
  Pool pool;
  auto fill = [&](auto p) {
    pool.kernel = p.getKernel();
    for (size_t d = 0; d < pool.kernel.size(); ++d) {
      pool.stride.push_back(p.getStride(d));
      pool.padLow.push_back(p.getPadLow(d));
    }
  };
  if (auto sum = dyn_cast<SumPoolOp>(op)) {
    fill(sum);
    if (mlir::TypedAttr weight = sum.getWeightAttr()) {
      auto number = dyn_cast<FloatAttr>(weight);
      if (!number)
        return std::nullopt;
      pool.weight = number.getValueAsDouble();
    }
    return pool;
  }
  auto mean = dyn_cast<AvgPoolOp>(op);
  if (!mean)
    return std::nullopt;
  fill(mean);
  bool padded = llvm::any_of(mean.getPads(), [](int64_t p) { return p != 0; });
  if (padded && !mean.getCountIncludePad())
    return std::nullopt;
  pool.weight = 1.0 / double(ShapedType::getNumElements(pool.kernel));
  return pool;
}

std::optional<SmallVector<double, 0>> Folder::getWeights(Operation *op) {
  auto elements = op->getAttrOfType<ElementsAttr>("weights");
  if (!elements || !isa<FloatType>(elements.getElementType()))
    return std::nullopt;
  FailureOr<SmallVector<double, 0>> values = getElementsAsDoubles(elements);
  if (failed(values))
    return std::nullopt;
  return std::move(*values);
}

void Folder::setWeights(Operation *op, ArrayRef<int64_t> shape,
                        ArrayRef<double> values) {
  SmallVector<float, 0> floats(values.begin(), values.end());
  auto type = RankedTensorType::get(shape, mlir::Float32Type::get(context));
  op->setAttr("weights",
              makeElements(type, ArrayRef<float>(floats),
                           (op->getName().stripDialect() + ".folded").str()));
}

void Folder::bypass(Operation *second, Operation *first, bool reshaped) {
  Value source = first->getOperand(0);
  Value old = second->getOperand(0);
  if (reshaped && getShape(source) != getShape(old)) {
    builder.setInsertionPoint(second);
    Type type = isa<StreamType>(source.getType())
                    ? Type(StreamType::get(context, getShape(old),
                                           getElementType(source)))
                    : Type(CurrentType::get(context, getShape(old),
                                            getElementType(source)));
    source = ReshapeOp::create(builder, second->getLoc(), type, source);
  }
  second->setOperand(0, source);
  // What nobody reads any more.
  while (Operation *op = old.getDefiningOp()) {
    if (!op->use_empty() || isa<PopulationOpInterface>(op))
      break;
    old = op->getOperand(0);
    op->erase();
  }
}

bool Folder::scaleInto(Operation *second, Operation *first, bool reshaped) {
  std::optional<SmallVector<double, 0>> weights = getWeights(second);
  if (!weights)
    return false;
  SmallVector<double, 0> factors;
  if (auto identity = dyn_cast<IdentityOp>(first)) {
    factors.push_back(1.0);
    if (mlir::TypedAttr weight = identity.getWeightAttr()) {
      auto number = dyn_cast<FloatAttr>(weight);
      if (!number)
        return false;
      factors[0] = number.getValueAsDouble();
    }
  } else {
    std::optional<SmallVector<double, 0>> own = getWeights(first);
    if (!own)
      return false;
    factors = std::move(*own);
  }
  ArrayRef<int64_t> shape =
      second->getAttrOfType<ElementsAttr>("weights").getShapedType().getShape();
  bool uniform = llvm::all_equal(factors);
  if (uniform) {
    for (double &weight : *weights)
      weight *= factors[0];
  } else if (isa<DenseOp>(second) && shape.size() == 2) {
    int64_t in = shape[1];
    if (in % int64_t(factors.size()))
      return false;
    for (auto [i, weight] : llvm::enumerate(*weights))
      weight *= factors[int64_t(i) % in * int64_t(factors.size()) / in];
  } else if (auto conv = dyn_cast<ConvOp>(second); conv && !reshaped) {
    // One factor per channel, or one per element that is the same in each.
    int64_t channels = getShape(conv.getSource())[0];
    int64_t run = int64_t(factors.size()) / channels;
    if (run < 1)
      return false;
    for (int64_t c = 0; c < channels; ++c)
      if (!llvm::all_equal(ArrayRef(factors).slice(c * run, run)))
        return false;
    int64_t perGroup = shape[1], taps = 1;
    for (int64_t extent : shape.drop_front(2))
      taps *= extent;
    int64_t outPerGroup = shape[0] / conv.getGroups();
    for (auto [i, weight] : llvm::enumerate(*weights)) {
      int64_t out = int64_t(i) / (perGroup * taps);
      int64_t in = int64_t(i) / taps % perGroup;
      weight *= factors[(out / outPerGroup * perGroup + in) * run];
    }
  } else {
    return false;
  }
  SmallVector<int64_t> kept(shape);
  setWeights(second, kept, *weights);
  bypass(second, first, reshaped);
  return true;
}

/// y[t] = Σ_j w[j] p[t·s + j·d − q],  p[e] = Σ_m x[e·S + m − P]: a convolution
/// over x with taps j·d·S + m, stride s·S and pad q·S + P.
bool Folder::poolIntoConv(ConvOp conv, Operation *first, const Pool &pool) {
  std::optional<SmallVector<double, 0>> weights = getWeights(conv);
  if (!weights)
    return false;
  ArrayRef<int64_t> shape =
      cast<ElementsAttr>(conv.getWeights()).getShapedType().getShape();
  ArrayRef<int64_t> source = getShape(first->getOperand(0));
  ArrayRef<int64_t> pooled = getShape(conv.getSource());
  ArrayRef<int64_t> target = getShape(conv.getTarget());
  size_t rank = pool.kernel.size();
  SmallVector<int64_t> newShape = {shape[0], shape[1]}, strides, padsLow,
                       padsHigh, extents = {source[0]};
  for (size_t d = 0; d < rank; ++d) {
    int64_t S = pool.stride[d], P = pool.padLow[d], K = pool.kernel[d];
    // What multiplies below stays far from 63 bits.
    constexpr int64_t kMost = 1 << 20;
    if (S > kMost || P > kMost || K > kMost || conv.getStride(d) > kMost ||
        conv.getDilation(d) > kMost || conv.getPadLow(d) > kMost ||
        shape[d + 2] > kMost)
      return false;
    // Where the convolution reads its padding, the merged one must too.
    if (conv.getPadLow(d) > 0 && K > S + P)
      return false;
    int64_t used = pooled[d + 1] * S - P; // first place behind all windows
    int64_t extent = source[d + 1];
    if (conv.getPadHigh(d) > 0 && used < extent) {
      if (K > S)
        return false;
      extent = used;
    }
    int64_t taps = (shape[d + 2] - 1) * conv.getDilation(d) * S + K;
    if (taps > kMost)
      return false;
    int64_t stride = conv.getStride(d) * S;
    int64_t low = conv.getPadLow(d) * S + P;
    int64_t reach = (target[d + 1] - 1) * stride + taps; // from −low on
    int64_t high = reach - extent - low;
    if (high < 0) {
      extent += high; // the rest is never read
      high = 0;
    }
    if (extent < 1)
      return false;
    newShape.push_back(taps);
    strides.push_back(stride);
    padsLow.push_back(low);
    padsHigh.push_back(high);
    extents.push_back(extent);
  }
  int64_t oldTaps = 1, newTaps = 1, window = 1;
  for (size_t d = 0; d < rank; ++d) {
    oldTaps *= shape[d + 2];
    newTaps *= newShape[d + 2];
    window *= pool.kernel[d];
  }
  int64_t rows = shape[0] * shape[1];
  if (newTaps > (int64_t(1) << 20) || rows * newTaps > (int64_t(1) << 28))
    return false;
  SmallVector<double, 0> merged(rows * newTaps, 0.0);
  for (int64_t tap = 0; tap < oldTaps; ++tap)
    for (int64_t m = 0; m < window; ++m) {
      // The place of this tap and this place of the window.
      int64_t at = 0, scale = 1, t = tap, w = m;
      for (size_t d = rank; d-- > 0;) {
        int64_t place =
            t % shape[d + 2] * conv.getDilation(d) * pool.stride[d] +
            w % pool.kernel[d];
        t /= shape[d + 2];
        w /= pool.kernel[d];
        at += place * scale;
        scale *= newShape[d + 2];
      }
      for (int64_t row = 0; row < rows; ++row)
        merged[row * newTaps + at] +=
            (*weights)[row * oldTaps + tap] * pool.weight;
    }
  setWeights(conv, newShape, merged);
  SmallVector<int64_t> pads(padsLow);
  pads.append(padsHigh);
  conv.setStrides(strides);
  conv.setPads(pads);
  conv.setDilations(SmallVector<int64_t>(rank, 1));
  bypass(conv, first, false);
  if (ArrayRef(extents) != source) {
    builder.setInsertionPoint(conv);
    Value from = conv.getSource();
    Type type =
        isa<StreamType>(from.getType())
            ? Type(StreamType::get(context, extents, getElementType(from)))
            : Type(CurrentType::get(context, extents, getElementType(from)));
    Value box = SliceOp::create(
        builder, conv.getLoc(), type, from,
        builder.getDenseI64ArrayAttr(SmallVector<int64_t>(extents.size(), 0)),
        DenseI64ArrayAttr());
    conv->setOperand(0, box);
  }
  return true;
}

bool Folder::poolIntoDense(DenseOp dense, Operation *first, const Pool &pool) {
  std::optional<SmallVector<double, 0>> weights = getWeights(dense);
  ArrayRef<int64_t> shape =
      cast<ElementsAttr>(dense.getWeights()).getShapedType().getShape();
  if (!weights || shape.size() != 2)
    return false;
  ArrayRef<int64_t> source = getShape(first->getOperand(0));
  ArrayRef<int64_t> pooled = getShape(first->getResult(0));
  int64_t out = shape[0], in = shape[1];
  int64_t all = ShapedType::getNumElements(source);
  if (all > (int64_t(1) << 28) / out)
    return false;
  int64_t window = ShapedType::getNumElements(pool.kernel);
  size_t rank = pool.kernel.size();
  SmallVector<double, 0> merged(out * all, 0.0);
  for (int64_t p = 0; p < in; ++p) {
    // Place of the pooled element.
    SmallVector<int64_t, 4> place(rank + 1);
    int64_t rest = p;
    for (size_t d = rank + 1; d-- > 0;) {
      place[d] = rest % pooled[d];
      rest /= pooled[d];
    }
    for (int64_t m = 0; m < window; ++m) {
      int64_t at = 0, scale = 1, w = m;
      bool inside = true;
      for (size_t d = rank; d-- > 0;) {
        int64_t x =
            place[d + 1] * pool.stride[d] - pool.padLow[d] + w % pool.kernel[d];
        w /= pool.kernel[d];
        inside &= x >= 0 && x < source[d + 1];
        at += x * scale;
        scale *= source[d + 1];
      }
      if (!inside)
        continue;
      at += place[0] * scale;
      for (int64_t o = 0; o < out; ++o)
        merged[o * all + at] += (*weights)[o * in + p] * pool.weight;
    }
  }
  setWeights(dense, {out, all}, merged);
  bypass(dense, first, false);
  return true;
}

bool Folder::fold(Operation *second, Operation *first, bool reshaped) {
  if (isa<IdentityOp, ScaleOp>(first))
    return scaleInto(second, first, reshaped);
  std::optional<Pool> pool = getPool(first);
  if (!pool || keepPools)
    return false;
  if (auto conv = dyn_cast<ConvOp>(second))
    return !reshaped && poolIntoConv(conv, first, *pool);
  if (auto dense = dyn_cast<DenseOp>(second))
    return poolIntoDense(dense, first, *pool);
  return false;
}

bool Folder::foldOne() {
  SmallVector<ConnectionOpInterface> connections;
  network.walk([&](ConnectionOpInterface connection) {
    if (isa<CurrentType>(connection.getSource().getType()))
      connections.push_back(connection);
  });
  for (ConnectionOpInterface second : connections) {
    bool reshaped = false;
    Operation *first = second.getSource().getDefiningOp();
    while (isa_and_present<ReshapeOp>(first)) {
      reshaped = true;
      first = first->getOperand(0).getDefiningOp();
    }
    if (isa_and_present<ConnectionOpInterface>(first) &&
        fold(second, first, reshaped))
      return true;
  }
  return false;
}

void nmc::foldConnections(NetworkOp network, bool keepPools) {
  Folder(network, keepPools).run();
}
