//===- Elementwise.cpp - Activations, sums, scales and views --------------===//

#include "Lowering.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

#include <limits>

using namespace nmc;
using namespace nmc::tosatospike;
namespace tosa = mlir::tosa;

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

static std::optional<double> getNumber(Attribute attr) {
  if (auto number = dyn_cast_or_null<FloatAttr>(attr))
    return number.getValueAsDouble();
  return std::nullopt;
}

/// A bound, absent where it is the type's largest number or infinite.
static std::optional<double> getBound(double value) {
  if (value >= double(std::numeric_limits<float>::max()))
    return std::nullopt;
  return value;
}

std::optional<Lowering::Activation> Lowering::matchActivation(Operation *op) {
  if (auto clamp = dyn_cast<tosa::ClampOp>(op)) {
    std::optional<double> low = getNumber(clamp.getMinVal());
    std::optional<double> high = getNumber(clamp.getMaxVal());
    if (!low || !high || *low != 0.0 || *high <= 0.0)
      return std::nullopt;
    return Activation{getBound(*high), op};
  }
  // max(x, 0), min(max(x, 0), c) or max(min(x, c), 0).
  auto constantOperand = [&](Operation *o) -> std::optional<double> {
    for (Value operand : o->getOperands().take_front(2))
      if (const ConstantTensor *constant = constants.get(operand))
        if (std::optional<float> value = constant->splat())
          return *value;
    return std::nullopt;
  };
  if (!isa<tosa::MaximumOp, tosa::MinimumOp>(op))
    return std::nullopt;
  std::optional<double> first = constantOperand(op);
  if (!first)
    return std::nullopt;
  bool isMaximum = isa<tosa::MaximumOp>(op);
  Operation *second = op->hasOneUse() ? *op->user_begin() : nullptr;
  std::optional<double> other;
  if (second &&
      (isMaximum ? isa<tosa::MinimumOp>(second) : isa<tosa::MaximumOp>(second)))
    other = constantOperand(second);
  if (isMaximum && *first == 0.0)
    return other && *other > 0.0 ? Activation{getBound(*other), second}
                                 : Activation{std::nullopt, op};
  if (!isMaximum && *first > 0.0 && other && *other == 0.0)
    return Activation{getBound(*first), second};
  return std::nullopt;
}

LogicalResult Lowering::convertActivation(Operation *op) {
  std::optional<Activation> activation = matchActivation(op);
  if (!activation)
    return refuse("only rectifiers, with or without an upper bound, are "
                  "activations of spiking neurons");
  Value input = op->getOperand(0);
  if (!isa<tosa::ClampOp>(op) && constants.get(input))
    input = op->getOperand(1);
  if (!inNetwork(input))
    return refuse("its input is not a value of the network");
  Signal source = get(input);
  bool already =
      source.kind == Signal::Kind::Stream && source.nonNegative &&
      (!activation->max || (source.max && *source.max <= *activation->max));
  if (!already) {
    if (source.kind == Signal::Kind::Stream) {
      source = network.makeAffine(source, op->getLoc(), true);
      source.affine->name = getReadableName(op);
    }
    source = network.addRelu(source, activation->max, /*rectify=*/true,
                             op->getLoc());
  }
  set(op, source);
  if (activation->last != op) {
    set(activation->last, source);
    done.insert(activation->last);
    converted.push_back(activation->last);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Sums and scales
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<float, 0>>
Lowering::perChannel(const ConstantTensor &constant, const Signal &signal) {
  if (std::optional<float> value = constant.splat())
    return SmallVector<float, 0>(1, *value);
  SmallVector<int64_t> shape(constant.shape);
  if (shape.size() > signal.tensor.size())
    return failure();
  shape.insert(shape.begin(), signal.tensor.size() - shape.size(), 1);
  for (auto [extent, full] : llvm::zip_equal(shape, signal.tensor))
    if (extent != 1 && extent != full)
      return failure();
  SmallVector<float, 0> result(signal.channels(),
                               std::numeric_limits<float>::quiet_NaN());
  SmallVector<bool> seen(signal.channels());
  bool uniform = true;
  forEachCoordinate(signal.shape, [&](ArrayRef<int64_t> at) {
    int64_t index = 0;
    for (auto [dim, axes] : llvm::enumerate(signal.dims)) {
      int64_t position = 0;
      for (int64_t axis : axes)
        position = position * signal.shape[axis] + at[axis];
      index = index * shape[dim] + (shape[dim] == 1 ? 0 : position);
    }
    int64_t channel = at.empty() ? 0 : at.front();
    float value = constant.values[index];
    if (!seen[channel]) {
      seen[channel] = true;
      result[channel] = value;
    }
    uniform &= result[channel] == value;
  });
  if (!uniform)
    return failure();
  return result;
}

static constexpr StringLiteral kNotPerChannel =
    "its constant is neither one number nor one per channel";

LogicalResult Lowering::convertAdd(Operation *op, bool subtract) {
  Value a = op->getOperand(0), b = op->getOperand(1);
  const ConstantTensor *constA = constants.get(a), *constB = constants.get(b);
  Location loc = op->getLoc();
  if (constA || constB) {
    Value input = constA ? b : a;
    if (!inNetwork(input))
      return refuse("its input is not a value of the network");
    Signal source = get(input);
    if (ArrayRef<int64_t>(source.tensor) !=
        cast<ShapedType>(op->getResult(0).getType()).getShape())
      return refuse("it repeats its input");
    FailureOr<SmallVector<float, 0>> offsets =
        perChannel(constA ? *constA : *constB, source);
    if (failed(offsets))
      return refuse(kNotPerChannel);
    if (source.kind == Signal::Kind::Stream &&
        llvm::all_of(*offsets, [](float v) { return v == 0.0f; }) &&
        !(constA && subtract)) {
      set(op, source);
      return success();
    }
    bool wasStream = source.kind == Signal::Kind::Stream;
    source = network.makeAffine(source, loc, input.hasOneUse());
    if (wasStream)
      source.affine->name = getReadableName(op);
    if (subtract && constB)
      for (float &offset : *offsets)
        offset = -offset;
    if (subtract && constA)
      network.scale(source, -1.0f);
    network.shift(source, *offsets);
    set(op, source);
    return success();
  }
  if (!inNetwork(a) || !inNetwork(b))
    return refuse("its inputs are not both values of the network");
  Signal left = get(a), right = get(b);
  if (left.tensor != right.tensor)
    return refuse("it repeats one of its inputs");
  if (left.shape != right.shape || left.dims != right.dims) {
    // The two lie differently: bring both into one order.
    SmallVector<int64_t> order = network.naturalOrder(left);
    left = network.arrange(left, order, loc);
    right = network.arrange(right, order, loc);
  }
  Signal sum = network.makeAffine(left, loc, a.hasOneUse());
  Signal other = network.makeAffine(right, loc, b.hasOneUse());
  if (subtract)
    network.scale(other, -1.0f);
  llvm::append_range(sum.affine->terms, other.affine->terms);
  if (!other.affine->bias.empty())
    network.shift(sum, other.affine->bias);
  sum.affine->name = getReadableName(op);
  set(op, sum);
  return success();
}

LogicalResult Lowering::convertScale(Operation *op) {
  Value a = op->getOperand(0), b = op->getOperand(1);
  const ConstantTensor *constA = constants.get(a), *constB = constants.get(b);
  if (!constA && !constB)
    return refuse("a product of two activations is not a layer of synapses");
  Value input = constA ? b : a;
  if (!inNetwork(input))
    return refuse("its input is not a value of the network");
  Signal source = get(input);
  if (ArrayRef<int64_t>(source.tensor) !=
      cast<ShapedType>(op->getResult(0).getType()).getShape())
    return refuse("it repeats its input");
  FailureOr<SmallVector<float, 0>> factors =
      perChannel(constA ? *constA : *constB, source);
  if (failed(factors))
    return refuse(kNotPerChannel);
  bool wasStream = source.kind == Signal::Kind::Stream;
  source = network.makeAffine(source, op->getLoc(), input.hasOneUse());
  if (wasStream)
    source.affine->name = getReadableName(op);
  network.scale(source, *factors);
  set(op, source);
  return success();
}

LogicalResult Lowering::convertNegate(Operation *op) {
  Value input = op->getOperand(0);
  if (!inNetwork(input))
    return refuse("its input is not a value of the network");
  for (Value zeroPoint : op->getOperands().drop_front())
    if (!constants.isZero(zeroPoint))
      return refuse("zero points other than 0 are not supported");
  Signal source =
      network.makeAffine(get(input), op->getLoc(), input.hasOneUse());
  if (source.affine->name.empty())
    source.affine->name = getReadableName(op);
  network.scale(source, -1.0f);
  set(op, source);
  return success();
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

LogicalResult Lowering::convertTranspose(tosa::TransposeOp op) {
  if (!inNetwork(op.getInput1()))
    return refuse("its input is not a value of the network");
  Signal source = get(op.getInput1()), result = source;
  for (auto [dim, from] : llvm::enumerate(op.getPerms())) {
    result.dims[dim] = source.dims[from];
    result.tensor[dim] = source.tensor[from];
  }
  set(op, result);
  return success();
}

LogicalResult Lowering::convertReshape(tosa::ReshapeOp op) {
  if (!inNetwork(op.getInput1()))
    return refuse("its input is not a value of the network");
  ArrayRef<int64_t> shape =
      cast<ShapedType>(op.getOutput().getType()).getShape();
  set(op, network.reshape(get(op.getInput1()), shape, op.getLoc()));
  return success();
}

/// Rebuilds a signal from views of its stream or currents.
static Signal mapValues(NetworkBuilder &network, Signal source,
                        ArrayRef<int64_t> shape, Location loc,
                        function_ref<Value(Value)> view) {
  Signal result = source;
  result.shape.assign(shape.begin(), shape.end());
  if (source.kind == Signal::Kind::Stream) {
    result.stream = view(source.stream);
    return result;
  }
  result.affine = std::make_shared<Affine>();
  result.affine->name = source.affine->name;
  for (Value current : network.getCurrents(source))
    result.affine->terms.emplace_back(Term::Kind::Raw, loc, view(current));
  return result;
}

LogicalResult Lowering::convertSlice(tosa::SliceOp op) {
  if (!inNetwork(op.getInput1()))
    return refuse("its input is not a value of the network");
  std::optional<SmallVector<int64_t>> start =
      Constants::getShape(op.getStart());
  if (!start)
    return refuse("where it starts is not constant");
  auto type = cast<ShapedType>(op.getOutput().getType());
  SmallVector<int64_t> order = network.naturalOrder(get(op.getInput1()));
  Signal source = network.arrange(get(op.getInput1()), order, op.getLoc());
  SmallVector<int64_t> offsets, shape;
  for (int64_t dim : order) {
    offsets.push_back((*start)[dim]);
    shape.push_back(type.getDimSize(dim));
  }
  Signal result =
      mapValues(network, source, shape, op.getLoc(), [&](Value value) -> Value {
        return spike::SliceOp::create(
            network.builder, op.getLoc(), network.typeLike(value, shape), value,
            network.builder.getDenseI64ArrayAttr(offsets), DenseI64ArrayAttr());
      });
  result.tensor.assign(type.getShape().begin(), type.getShape().end());
  result.dims = makeLayout(shape, type.getRank(), order);
  set(op, result);
  return success();
}

LogicalResult Lowering::convertPad(tosa::PadOp op) {
  if (!inNetwork(op.getInput1()))
    return refuse("its input is not a value of the network");
  std::optional<SmallVector<int64_t>> padding =
      Constants::getShape(op.getPadding());
  if (!padding)
    return refuse("its padding is not constant");
  if (!constants.isZero(op.getPadConst()))
    return refuse("it pads with something other than 0");
  auto type = cast<ShapedType>(op.getOutput().getType());
  SmallVector<int64_t> order = network.naturalOrder(get(op.getInput1()));
  Signal source = network.arrange(get(op.getInput1()), order, op.getLoc());
  SmallVector<int64_t> low, high, shape;
  for (int64_t dim : order) {
    low.push_back((*padding)[2 * dim]);
    high.push_back((*padding)[2 * dim + 1]);
    shape.push_back(type.getDimSize(dim));
    if (low.back() < 0 || high.back() < 0)
      return refuse("it pads by a negative number");
  }
  if (order.size() < source.tensor.size() && type.getDimSize(0) != 1)
    return refuse("it pads the batch");
  Signal result =
      mapValues(network, source, shape, op.getLoc(), [&](Value value) -> Value {
        return spike::PadOp::create(network.builder, op.getLoc(),
                                    network.typeLike(value, shape), value, low,
                                    high);
      });
  result.tensor.assign(type.getShape().begin(), type.getShape().end());
  result.dims = makeLayout(shape, type.getRank(), order);
  set(op, result);
  return success();
}

/// Convolutions of slices of one stream, side by side, are one convolution.
std::optional<Signal> Lowering::fuseGroups(ArrayRef<Signal> parts) {
  Value source;
  int64_t nextChannel = 0;
  const Term *first = nullptr;
  for (const Signal &part : parts) {
    if (part.kind != Signal::Kind::Affine || !part.affine->currents.empty() ||
        part.affine->terms.size() != 1)
      return std::nullopt;
    const Term &term = part.affine->terms.front();
    auto slice = term.source.getDefiningOp<spike::SliceOp>();
    if (term.kind != Term::Kind::Conv || term.groups != 1 || !slice)
      return std::nullopt;
    if (!first) {
      first = &term;
      source = slice.getSource();
    }
    ArrayRef<int64_t> offsets = slice.getOffsets();
    if (slice.getSource() != source || offsets.front() != nextChannel ||
        llvm::any_of(offsets.drop_front(), [](int64_t o) { return o != 0; }) ||
        spike::getShape(slice.getResult()).drop_front() !=
            spike::getShape(source).drop_front() ||
        term.weightShape != first->weightShape ||
        term.strides != first->strides || term.pads != first->pads ||
        term.dilations != first->dilations)
      return std::nullopt;
    nextChannel += spike::getShape(slice.getResult()).front();
  }
  if (!first || nextChannel != spike::getShape(source).front())
    return std::nullopt;
  Signal result = parts.front();
  result.affine = std::make_shared<Affine>();
  Term fused = *first;
  fused.source = source;
  fused.groups = parts.size();
  fused.weights.clear();
  fused.weightShape.front() *= parts.size();
  for (const Signal &part : parts) {
    llvm::append_range(fused.weights, part.affine->terms.front().weights);
    ArrayRef<float> bias = part.affine->bias;
    for (int64_t c = 0; c < part.channels(); ++c)
      result.affine->bias.push_back(
          bias.empty() ? 0.0f : bias[bias.size() == 1 ? 0 : c]);
  }
  result.affine->terms.push_back(std::move(fused));
  result.shape.front() *= parts.size();
  return result;
}

LogicalResult Lowering::convertConcat(tosa::ConcatOp op) {
  Location loc = op.getLoc();
  auto type = cast<ShapedType>(op.getOutput().getType());
  int64_t dim = op.getAxis();
  SmallVector<Signal, 1> parts;
  for (Value operand : op->getOperands()) {
    if (!inNetwork(operand))
      return refuse("its inputs are not all values of the network");
    parts.push_back(get(operand));
  }
  SmallVector<int64_t> order = network.naturalOrder(parts.front());
  const auto *found = llvm::find(order, dim);
  if (found == order.end())
    return refuse("it stacks batches");
  int64_t axis = found - order.begin();
  for (Signal &part : parts)
    part = network.arrange(part, order, loc);
  auto finish = [&](Signal result) {
    result.tensor.assign(type.getShape().begin(), type.getShape().end());
    result.dims = makeLayout(result.shape, type.getRank(), order);
    set(op, std::move(result));
    return success();
  };
  if (axis == 0)
    if (std::optional<Signal> fused = fuseGroups(parts)) {
      fused->affine->name = getReadableName(op);
      return finish(*fused);
    }
  bool anyStream = llvm::any_of(parts, [](const Signal &part) {
    return part.kind == Signal::Kind::Stream;
  });
  SmallVector<Value> values;
  SmallVector<int64_t> shape = parts.front().shape;
  shape[axis] = 0;
  bool nonNegative = true;
  std::optional<double> max = 0.0;
  for (Signal &part : parts) {
    if (anyStream)
      part.stream = network.getStream(part, loc);
    values.push_back(network.getSource(part, loc));
    // A sum of several currents became a population.
    anyStream |= isa<spike::StreamType>(values.back().getType());
    shape[axis] += part.shape[axis];
    nonNegative &= part.nonNegative;
    max = max && part.max ? std::optional<double>(std::max(*max, *part.max))
                          : std::nullopt;
  }
  if (anyStream)
    for (auto [part, value] : llvm::zip_equal(parts, values))
      value = network.getStream(part, loc);
  Signal result = parts.front();
  result.shape = shape;
  Value joined = spike::ConcatOp::create(
      network.builder, loc, network.typeLike(values.front(), shape), values,
      axis);
  if (anyStream) {
    result.kind = Signal::Kind::Stream;
    result.affine.reset();
    result.stream = joined;
    result.nonNegative = nonNegative;
    result.max = max;
  } else {
    result = network.makeRaw(result, joined, loc);
    result.shape = shape;
    result.affine->name = getReadableName(op);
  }
  return finish(result);
}
