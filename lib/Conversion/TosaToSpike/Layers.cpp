//===- Layers.cpp - Convolutions, products and pools ----------------------===//

#include "Lowering.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace nmc;
using namespace nmc::tosatospike;
namespace tosa = mlir::tosa;

/// Channel-first order of the dimensions of N×space×C.
static SmallVector<int64_t> channelFirst(int64_t spaceRank) {
  SmallVector<int64_t> order{spaceRank + 1};
  for (int64_t d = 0; d < spaceRank; ++d)
    order.push_back(d + 1);
  return order;
}

/// {before, after} per dimension becomes all before, then all after.
static SmallVector<int64_t> splitPads(ArrayRef<int64_t> pads) {
  SmallVector<int64_t> result;
  for (size_t side : {0, 1})
    for (size_t d = 0; d < pads.size() / 2; ++d)
      result.push_back(pads[2 * d + side]);
  return result;
}

static SmallVector<int64_t> channelFirstShape(Value value) {
  ArrayRef<int64_t> shape = cast<ShapedType>(value.getType()).getShape();
  SmallVector<int64_t> result{shape.back()};
  llvm::append_range(result, shape.drop_front().drop_back());
  return result;
}

/// Moves the outer axes of `values`: result[perm...] as in tosa.transpose.
static SmallVector<float, 0> permute(ArrayRef<float> values,
                                     ArrayRef<int64_t> shape,
                                     ArrayRef<int64_t> perm) {
  SmallVector<int64_t> strides(shape.size(), 1), target;
  for (int64_t i = int64_t(shape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * shape[i + 1];
  for (int64_t axis : perm)
    target.push_back(shape[axis]);
  SmallVector<float, 0> result;
  result.reserve(values.size());
  forEachCoordinate(target, [&](ArrayRef<int64_t> at) {
    int64_t index = 0;
    for (auto [i, axis] : llvm::enumerate(perm))
      index += at[i] * strides[axis];
    result.push_back(values[index]);
  });
  return result;
}

//===----------------------------------------------------------------------===//
// Affine results
//===----------------------------------------------------------------------===//

void Lowering::setAffine(Operation *op, Term term, ArrayRef<float> bias,
                         ArrayRef<int64_t> shape, ArrayRef<int64_t> order) {
  Signal signal;
  signal.kind = Signal::Kind::Affine;
  signal.affine = std::make_shared<Affine>();
  signal.affine->name = getReadableName(op);
  signal.affine->terms.push_back(std::move(term));
  signal.affine->bias.assign(bias.begin(), bias.end());
  signal.shape.assign(shape.begin(), shape.end());
  auto type = cast<ShapedType>(op->getResult(0).getType());
  signal.tensor.assign(type.getShape().begin(), type.getShape().end());
  signal.dims = makeLayout(shape, signal.tensor.size(), order);
  set(op, std::move(signal));
}

/// Whether the pending ops on a source are one scale and shift of a value that
/// is there.
static bool isPendingScale(const Signal &source) {
  return source.kind == Signal::Kind::Affine &&
         source.affine->currents.empty() && source.affine->terms.size() == 1 &&
         source.affine->terms.front().kind == Term::Kind::Scale;
}

void Lowering::absorbScale(Signal &source, Term &term,
                           SmallVectorImpl<float> &bias) {
  if (!isPendingScale(source) || term.groups != 1)
    return;
  ArrayRef<float> offsets = source.affine->bias;
  bool shifts = llvm::any_of(offsets, [](float b) { return b != 0.0f; });
  bool padded = llvm::any_of(term.pads, [](int64_t p) { return p != 0; });
  if (shifts && padded)
    return; // the shift does not reach the padding
  const Term &scale = source.affine->terms.front();
  int64_t channels = source.channels();
  int64_t outputs = term.weightShape.front();
  int64_t row = int64_t(term.weights.size()) / outputs;
  // Weights of one output that read one channel.
  int64_t perChannel = row / channels;
  if (perChannel * channels != row)
    return;
  if (bias.empty() && shifts)
    bias.resize(outputs, 0.0f);
  for (int64_t o = 0; o < outputs; ++o) {
    double sum = 0;
    for (int64_t i = 0; i < row; ++i) {
      float &w = term.weights[o * row + i];
      int64_t c = i / perChannel;
      if (shifts)
        sum += double(w) * offsets[offsets.size() == 1 ? 0 : c];
      w *= scale.weights[scale.weights.size() == 1 ? 0 : c];
    }
    if (shifts)
      bias[bias.size() == 1 ? 0 : o] += sum;
  }
  source.kind = Signal::Kind::Stream;
  source.stream = scale.source;
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

LogicalResult Lowering::convertConv(Operation *op, int64_t spaceRank,
                                    bool depthwise) {
  Value input = op->getOperand(0), output = op->getResult(0);
  const ConstantTensor *weights = constants.get(op->getOperand(1));
  const ConstantTensor *bias = constants.get(op->getOperand(2));
  if (!weights || !bias)
    return refuse("weights and bias must be constant");
  if (!constants.isZero(op->getOperand(3)) ||
      !constants.isZero(op->getOperand(4)))
    return refuse("zero points other than 0 are not supported");
  if (!inNetwork(input))
    return refuse("its input is not a value of the network");

  // A convolution of one tap on one pixel is a matrix product.
  auto isOne = [](int64_t extent) { return extent == 1; };
  SmallVector<int64_t> shape = channelFirstShape(output);
  ArrayRef<int64_t> w = weights->shape;
  if (!depthwise && llvm::all_of(w.drop_front().drop_back(), isOne) &&
      llvm::all_of(ArrayRef<int64_t>(shape).drop_front(), isOne) &&
      llvm::all_of(
          ArrayRef<int64_t>(get(input).tensor).drop_front().drop_back(),
          isOne)) {
    SmallVector<float> b(bias->values.begin(), bias->values.end());
    setDense(op, get(input), weights->values, b, w.front(), spaceRank + 1);
    return success();
  }

  SmallVector<int64_t> order = channelFirst(spaceRank);
  Signal source = network.arrange(get(input), order, op->getLoc());
  Term term(Term::Kind::Conv, op->getLoc(), Value());
  term.strides.assign(
      op->getAttrOfType<DenseI64ArrayAttr>("stride").asArrayRef());
  term.dilations.assign(
      op->getAttrOfType<DenseI64ArrayAttr>("dilation").asArrayRef());
  term.pads =
      splitPads(op->getAttrOfType<DenseI64ArrayAttr>("pad").asArrayRef());
  if (depthwise) {
    // H×W×C×M → C·M×1×H×W; output channel c·M + m.
    term.weights = permute(weights->values, w, {2, 3, 0, 1});
    term.weightShape = {w[2] * w[3], 1, w[0], w[1]};
    term.groups = w[2];
  } else {
    // O×space×I → O×I×space.
    SmallVector<int64_t> perm{0, spaceRank + 1};
    for (int64_t d = 0; d < spaceRank; ++d)
      perm.push_back(d + 1);
    term.weights = permute(weights->values, w, perm);
    for (int64_t axis : perm)
      term.weightShape.push_back(w[axis]);
  }
  SmallVector<float> b(bias->values.begin(), bias->values.end());
  absorbScale(source, term, b);
  term.source = network.getSource(source, op->getLoc());
  setAffine(op, std::move(term), b, shape, order);
  return success();
}

LogicalResult Lowering::convertTransposedConv(tosa::TransposeConv2DOp op) {
  const ConstantTensor *weights = constants.get(op.getWeight());
  const ConstantTensor *bias = constants.get(op.getBias());
  if (!weights || !bias)
    return refuse("weights and bias must be constant");
  if (!constants.isZero(op.getInputZp()) || !constants.isZero(op.getWeightZp()))
    return refuse("zero points other than 0 are not supported");
  if (!inNetwork(op.getInput()))
    return refuse("its input is not a value of the network");
  SmallVector<int64_t> order = channelFirst(2);
  Signal source = network.arrange(get(op.getInput()), order, op.getLoc());
  Term term(Term::Kind::TransposedConv, op.getLoc(),
            network.getSource(source, op.getLoc()));
  term.strides.assign(op.getStride());
  // Negative padding of the output crops it, positive at the end extends it.
  SmallVector<int64_t> pads = splitPads(op.getOutPad());
  term.pads.assign(4, 0);
  term.outputPads.assign(2, 0);
  for (int64_t d = 0; d < 2; ++d) {
    if (pads[d] > 0)
      return refuse("padding before the output is not supported");
    term.pads[d] = -pads[d];
    term.pads[2 + d] = std::max<int64_t>(-pads[2 + d], 0);
    term.outputPads[d] = std::max<int64_t>(pads[2 + d], 0);
  }
  ArrayRef<int64_t> w = weights->shape; // O×H×W×I → I×O×H×W
  term.weights = permute(weights->values, w, {3, 0, 1, 2});
  term.weightShape = {w[3], w[0], w[1], w[2]};
  setAffine(op, std::move(term), bias->values,
            channelFirstShape(op.getOutput()), order);
  return success();
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

/// All of `source` to `outputs` neurons, which are dimension `dim` of the
/// result; `weights` are outputs × elements of the tensor.
void Lowering::setDense(Operation *op, Signal source, ArrayRef<float> weights,
                        SmallVectorImpl<float> &bias, int64_t outputs,
                        int64_t dim) {
  Term term(Term::Kind::Dense, op->getLoc(), Value());
  int64_t inputs = source.elements();
  term.weightShape = {outputs, inputs};
  // The weights' columns follow the stream's order, not the tensor's.
  SmallVector<int64_t, 0> positions = getTensorPositions(source);
  if (positions.empty()) {
    term.weights.assign(weights.begin(), weights.end());
  } else {
    term.weights.resize(weights.size());
    for (int64_t o = 0; o < outputs; ++o)
      for (auto [i, position] : llvm::enumerate(positions))
        term.weights[o * inputs + i] = weights[o * inputs + position];
  }
  absorbScale(source, term, bias);
  term.source = network.getSource(source, op->getLoc());
  setAffine(op, std::move(term), bias, {outputs}, {dim});
}

LogicalResult Lowering::convertMatMul(tosa::MatMulOp op) {
  if (!constants.isZero(op.getAZp()) || !constants.isZero(op.getBZp()))
    return refuse("zero points other than 0 are not supported");
  // x·W or W·x; both become W of shape out×in.
  const ConstantTensor *right = constants.get(op.getB());
  const ConstantTensor *left = constants.get(op.getA());
  const ConstantTensor *weights = right ? right : left;
  Value input = right ? op.getA() : op.getB();
  if (!weights)
    return refuse(
        "a product of two values that are not constant is not a layer "
        "of synapses");
  if (!inNetwork(input))
    return refuse("its input is not a value of the network");
  ArrayRef<int64_t> w = weights->shape;
  if (w.front() != 1)
    return refuse("a batch of matrices is not supported");
  // Dimension of the input that is summed over, and the one that stays.
  int64_t summed = right ? 2 : 1, kept = right ? 1 : 2;
  int64_t inputs = right ? w[1] : w[2], outputs = right ? w[2] : w[1];
  Signal source = get(input);
  int64_t rows = source.tensor[kept];
  Term term(Term::Kind::Dense, op.getLoc(), Value());
  term.weights = right ? permute(weights->values, w, {0, 2, 1})
                       : SmallVector<float, 0>(weights->values);
  SmallVector<float> bias;
  if (rows == 1) {
    setDense(op, source, term.weights, bias, outputs, right ? 2 : 1);
    return success();
  }
  // The same weights for every row: a convolution of one tap.
  source = network.arrange(source, {summed, kept}, op.getLoc());
  term.kind = Term::Kind::Conv;
  term.weightShape = {outputs, inputs, 1};
  absorbScale(source, term, bias);
  term.source = network.getSource(source, op.getLoc());
  SmallVector<int64_t> order{right ? 2 : 1, right ? 1 : 2};
  setAffine(op, std::move(term), bias, {outputs, rows}, order);
  return success();
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

/// Strides; where there is one window, its own extent.
static SmallVector<int64_t> windowStrides(ArrayRef<int64_t> kernel,
                                          ArrayRef<int64_t> strides,
                                          Value output) {
  SmallVector<int64_t> result(strides);
  ArrayRef<int64_t> shape = cast<ShapedType>(output.getType()).getShape();
  for (auto [d, stride] : llvm::enumerate(result))
    if (shape[d + 1] == 1)
      stride = kernel[d];
  return result;
}

LogicalResult Lowering::convertAvgPool(tosa::AvgPool2dOp op) {
  if (!constants.isZero(op.getInputZp()) || !constants.isZero(op.getOutputZp()))
    return refuse("zero points other than 0 are not supported");
  if (!inNetwork(op.getInput()))
    return refuse("its input is not a value of the network");
  SmallVector<int64_t> order = channelFirst(2);
  Signal source = network.arrange(get(op.getInput()), order, op.getLoc());
  Term term(Term::Kind::Pool, op.getLoc(),
            network.getSource(source, op.getLoc()));
  term.kernel.assign(op.getKernel());
  term.strides = windowStrides(op.getKernel(), op.getStride(), op.getOutput());
  term.pads = splitPads(op.getPad());
  term.isMean = true;
  term.countPads = llvm::all_of(term.pads, [](int64_t p) { return p == 0; });
  setAffine(op, std::move(term), {}, channelFirstShape(op.getOutput()), order);
  return success();
}

LogicalResult Lowering::convertMaxPool(tosa::MaxPool2dOp op) {
  if (!inNetwork(op.getInput()))
    return refuse("its input is not a value of the network");
  SmallVector<int64_t> order = channelFirst(2);
  Signal source = network.arrange(get(op.getInput()), order, op.getLoc());
  // A rectifier behind the pool is the same before it, where the events are.
  if (source.kind == Signal::Kind::Affine && op->hasOneUse()) {
    Operation *user = *op->user_begin();
    while (isa<tosa::TransposeOp, tosa::ReshapeOp>(user) && user->hasOneUse())
      user = *user->user_begin();
    if (std::optional<Activation> next = matchActivation(user))
      source =
          network.addRelu(source, next->max, /*rectify=*/true, user->getLoc());
  }
  source.stream = network.getStream(source, op.getLoc());
  Signal result = network.addMaxPool(
      source, op.getKernel(),
      windowStrides(op.getKernel(), op.getStride(), op.getOutput()),
      splitPads(op.getPad()), channelFirstShape(op.getOutput()),
      getReadableName(op), op.getLoc());
  auto type = cast<ShapedType>(op.getOutput().getType());
  result.tensor.assign(type.getShape().begin(), type.getShape().end());
  result.dims = makeLayout(result.shape, 4, order);
  set(op, std::move(result));
  return success();
}

LogicalResult Lowering::convertReduceSum(tosa::ReduceSumOp op) {
  if (!inNetwork(op.getInput()))
    return refuse("its input is not a value of the network");
  Signal source = get(op.getInput());
  SmallVector<int64_t> order = network.naturalOrder(source);
  int64_t dim = op.getAxis();
  const auto *found = llvm::find(order, dim);
  if (order.size() < 2 || found == order.end() || found == order.begin())
    return refuse("a sum over the batch or over the channels is not a pool");
  int64_t space = found - order.begin() - 1;
  int64_t extent = source.tensor[dim];

  // A sum of a sum over other axes is one sum over both.
  bool extends =
      source.kind == Signal::Kind::Affine && source.affine->currents.empty() &&
      source.affine->terms.size() == 1 && source.affine->bias.empty() &&
      source.affine->terms.front().kind == Term::Kind::Pool &&
      !source.affine->terms.front().isMean &&
      source.shape.size() == order.size() &&
      source.affine->terms.front().kernel[space] == 1;
  SmallVector<int64_t> shape;
  for (int64_t d : order)
    shape.push_back(d == dim ? 1 : source.tensor[d]);
  Term term(Term::Kind::Pool, op.getLoc(), Value());
  if (extends) {
    term = source.affine->terms.front();
  } else {
    Signal arranged = network.arrange(source, order, op.getLoc());
    term.source = network.getSource(arranged, op.getLoc());
    term.kernel.assign(order.size() - 1, 1);
    term.strides.assign(order.size() - 1, 1);
    term.pads.assign(2 * (order.size() - 1), 0);
  }
  term.kernel[space] = term.strides[space] = extent;
  setAffine(op, std::move(term), {}, shape, order);
  return success();
}

//===----------------------------------------------------------------------===//
// Dispatch
//===----------------------------------------------------------------------===//

LogicalResult Lowering::refuse(const Twine &why) {
  reason = why.str();
  return failure();
}

LogicalResult Lowering::convert(Operation *op) {
  if (op->getNumResults() != 1)
    return refuse("it has no place in a network of neurons");
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !type.hasStaticShape())
    return refuse("its result has no static shape; export the model with a "
                  "fixed batch of 1");
  if (!isa<FloatType>(type.getElementType()))
    return refuse("integer networks are not supported here; give the float "
                  "model");
  // Rows that a reshape made a batch of are no channels and no space.
  bool hasBatch =
      isa<tosa::Conv2DOp, tosa::Conv3DOp, tosa::DepthwiseConv2DOp,
          tosa::TransposeConv2DOp, tosa::AvgPool2dOp, tosa::MaxPool2dOp>(op);
  if (hasBatch && type.getDimSize(0) != 1)
    return refuse("it has a batch of " + Twine(type.getDimSize(0)) +
                  ", but a network sees one sample at a time");
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<tosa::Conv2DOp>([&](auto) { return convertConv(op, 2, false); })
      .Case<tosa::Conv3DOp>([&](auto) { return convertConv(op, 3, false); })
      .Case<tosa::DepthwiseConv2DOp>(
          [&](auto) { return convertConv(op, 2, true); })
      .Case([&](tosa::TransposeConv2DOp o) { return convertTransposedConv(o); })
      .Case([&](tosa::MatMulOp o) { return convertMatMul(o); })
      .Case([&](tosa::AvgPool2dOp o) { return convertAvgPool(o); })
      .Case([&](tosa::MaxPool2dOp o) { return convertMaxPool(o); })
      .Case([&](tosa::ReduceSumOp o) { return convertReduceSum(o); })
      .Case<tosa::ClampOp, tosa::MaximumOp, tosa::MinimumOp>(
          [&](auto) { return convertActivation(op); })
      .Case<tosa::AddOp>([&](auto) { return convertAdd(op, false); })
      .Case<tosa::SubOp>([&](auto) { return convertAdd(op, true); })
      .Case<tosa::MulOp>([&](auto) { return convertScale(op); })
      .Case<tosa::NegateOp>([&](auto) { return convertNegate(op); })
      .Case([&](tosa::TransposeOp o) { return convertTranspose(o); })
      .Case([&](tosa::ReshapeOp o) { return convertReshape(o); })
      .Case([&](tosa::SliceOp o) { return convertSlice(o); })
      .Case([&](tosa::PadOp o) { return convertPad(o); })
      .Case([&](tosa::ConcatOp o) { return convertConcat(o); })
      .Case<tosa::IdentityOp>([&](auto) -> LogicalResult {
        if (!inNetwork(op->getOperand(0)))
          return refuse("its input is not a value of the network");
        set(op, get(op->getOperand(0)));
        return success();
      })
      .Default([&](Operation *) {
        return refuse("it has no counterpart among spiking layers");
      });
}
