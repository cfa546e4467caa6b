//===- Affine.cpp - Scale and shift per channel ---------------------------===//

#include "Affine.h"

#include <cmath>

using namespace nmc;
using namespace nmc::onnx;

bool ChannelAffine::isIdentity() const {
  return llvm::all_of(scale, [](double v) { return v == 1.0; }) &&
         llvm::all_of(shift, [](double v) { return v == 0.0; });
}

void ChannelAffine::then(ArrayRef<double> newScale, ArrayRef<double> newShift) {
  for (size_t i = 0, e = scale.size(); i < e; ++i) {
    scale[i] *= newScale[i];
    shift[i] = shift[i] * newScale[i] + newShift[i];
  }
}

ConstantPtr ChannelAffine::applyTo(Constant &weights, int64_t axis) const {
  if (llvm::all_of(scale, [](double v) { return v == 1.0; }))
    return std::make_shared<Constant>(weights);
  int64_t inner = getStrides(weights.shape())[axis];
  int64_t channels = weights.shape()[axis];
  SmallVector<float, 0> values(weights.floats());
  for (int64_t i = 0, e = values.size(); i < e; ++i)
    values[i] = float(values[i] * scale[i / inner % channels]);
  return std::make_shared<Constant>(weights.type(), std::move(values),
                                    weights.baseName());
}

void ChannelAffine::applyTo(MutableArrayRef<float> bias) const {
  for (size_t i = 0, e = bias.size(); i < e; ++i)
    bias[i] = float(bias[i] * scale[i] + shift[i]);
}

std::optional<ChannelAffine>
nmc::onnx::getNormalisation(Converter &c, NodeOp op, int64_t channels) {
  if (op.getInputs().size() != 5)
    return std::nullopt;
  ArrayRef<float> parameters[4];
  SmallVector<ConstantPtr> keep;
  for (int i = 0; i < 4; ++i) {
    ConstantPtr constant = c.lookup(op.getInputs()[i + 1]).constant;
    if (!constant || !constant->type().getElementType().isF32() ||
        int64_t(constant->floats().size()) != channels)
      return std::nullopt;
    keep.push_back(constant);
    parameters[i] = constant->floats();
  }
  double epsilon = 1e-5;
  if (auto attr = dyn_cast_or_null<FloatAttr>(op.getParam("epsilon")))
    epsilon = attr.getValueAsDouble();
  ChannelAffine affine(channels);
  auto [gamma, beta, mean, variance] = parameters;
  for (int64_t i = 0; i < channels; ++i) {
    double factor = gamma[i] / std::sqrt(double(variance[i]) + epsilon);
    affine.scale[i] = factor;
    affine.shift[i] = beta[i] - factor * mean[i];
  }
  return affine;
}

/// `op` as an affine map of `value`, where it is one.
static std::optional<ChannelAffine> matchAffine(Converter &c, NodeOp op,
                                                Value value, int64_t rank,
                                                int64_t axis,
                                                int64_t channels) {
  if (op.getDomain() != OnnxDialect::kDefaultDomain ||
      op.getOutputs().empty() || c.isDone(op))
    return std::nullopt;
  StringRef name = op.getOpType();
  if (name == "BatchNormalization") {
    // Channels of a BatchNormalization are always axis 1.
    auto isSet = [&](StringRef attribute, int64_t otherwise) {
      auto attr = dyn_cast_or_null<IntegerAttr>(op.getParam(attribute));
      return (attr ? attr.getInt() : otherwise) != 0;
    };
    if (op.getInputs().empty() || op.getInputs()[0] != value || axis != 1 ||
        isSet("training_mode", 0) || !isSet("spatial", 1))
      return std::nullopt;
    for (Value output : op.getOutputs().drop_front())
      if (!output.use_empty())
        return std::nullopt;
    return getNormalisation(c, op, channels);
  }
  if ((name != "Add" && name != "Sub" && name != "Mul" && name != "Div") ||
      op.getInputs().size() != 2)
    return std::nullopt;
  bool first = op.getInputs()[0] == value;
  ConstantPtr other = c.lookup(op.getInputs()[first ? 1 : 0]).constant;
  if (!other || !other->type().getElementType().isF32() ||
      (name == "Div" && !first))
    return std::nullopt;
  // One value, or one per channel.
  int64_t otherRank = other->shape().size();
  if (otherRank > rank)
    return std::nullopt;
  for (int64_t i = 0; i < otherRank; ++i) {
    int64_t at = i + rank - otherRank;
    if (other->shape()[i] != 1 && (at != axis || other->shape()[i] != channels))
      return std::nullopt;
  }
  ArrayRef<float> values = other->floats();
  if (int64_t(values.size()) != channels && values.size() != 1)
    return std::nullopt;
  ChannelAffine affine(channels);
  for (int64_t i = 0; i < channels; ++i) {
    double v = values[values.size() == 1 ? 0 : i];
    if (name == "Add") {
      affine.shift[i] = v;
    } else if (name == "Sub") {
      affine.scale[i] = first ? 1.0 : -1.0;
      affine.shift[i] = first ? -v : v;
    } else if (name == "Mul") {
      affine.scale[i] = v;
    } else {
      affine.scale[i] = 1.0 / v;
    }
  }
  return affine;
}

void nmc::onnx::absorbAffine(Converter &c, Value &value, int64_t rank,
                             int64_t axis, ChannelAffine &affine) {
  while (value.hasOneUse()) {
    auto user = dyn_cast<NodeOp>(*value.user_begin());
    if (!user)
      return;
    std::optional<ChannelAffine> next =
        matchAffine(c, user, value, rank, axis, affine.scale.size());
    if (!next)
      return;
    affine.then(next->scale, next->shift);
    c.absorb(user);
    value = user.getOutputs()[0];
  }
}
