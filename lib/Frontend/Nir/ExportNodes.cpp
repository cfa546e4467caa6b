//===- ExportNodes.cpp - Ops as nodes of a NIR file -----------------------===//

#include "ExportNodes.h"
#include "Attributes.h"
#include "Shapes.h"

#include "nmc/Support/Blob.h"

#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

namespace nmc::nir {

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

static RawObject fromInts(ArrayRef<int64_t> values, bool isScalar) {
  return RawObject::fromArray(Array::from<int64_t>(
      isScalar ? ArrayRef<int64_t>() : ArrayRef<int64_t>(values.size()),
      values));
}

RawObject &getOwnMetadata(RawObject &node) {
  auto member = [](RawObject &group, StringRef name) -> RawObject & {
    for (auto &[key, object] : group.members)
      if (key == name && object.isGroup())
        return object;
    return group.add(name, RawObject());
  };
  return member(member(node, "metadata"), "nmc");
}

NodeWriter::NodeWriter(spike::NetworkOp network) : network(network) {
  if (std::optional<llvm::APFloat> value = network.getDt())
    dt = value->convertToDouble();
}

/// float32 where that holds every value, else float64.
Array fromDoubles(ArrayRef<int64_t> shape, ArrayRef<double> values) {
  bool fits =
      llvm::all_of(values, [](double v) { return double(float(v)) == v; });
  if (!fits)
    return Array::from<double>(shape, values);
  SmallVector<float, 0> floats(values.begin(), values.end());
  return Array::from<float>(shape, ArrayRef<float>(floats));
}

FailureOr<Array> NodeWriter::readWeights(Operation *op, Attribute weights,
                                         std::optional<Type> storedAs,
                                         int64_t exponent, RawObject &node) {
  if (isa<spike::AbstractAttr>(weights))
    return error(op) << "its weights are abstract";
  auto elements = cast<ElementsAttr>(weights);
  std::optional<Array> array = toArray(elements);
  if (!array)
    return error(op) << "cannot read weights of " << elements.getType();
  auto target = cast<ShapedType>(op->getResult(0).getType());
  auto uniform = storedAs
                     ? dyn_cast<mlir::quant::UniformQuantizedType>(*storedAs)
                     : mlir::quant::UniformQuantizedType();
  bool isInteger = !isFloatKind(array->kind());
  int64_t shiftDown = 0;
  if (auto attr = op->getAttrOfType<IntegerAttr>("shift_down"))
    shiftDown = attr.getInt();
  if (!isInteger && exponent == 0 && shiftDown == 0)
    return std::move(*array);
  if (storedAs && !uniform)
    return error(op) << "its weights of " << *storedAs
                     << " have no single scale";
  if (isInteger) {
    warning(op) << "NIR has no quantised weights; they are written as reals, "
                   "and their bits noted in metadata";
    RawObject &own = getOwnMetadata(node);
    own.add("weight_bits",
            fromInts({int64_t(8 * getElementBytes(array->kind()))}, true));
    own.add("exponent", fromInts({exponent}, true));
  }
  // Integer currents count in units of one weight, real ones in what the
  // weights stand for.
  double scale = 1, zero = 0;
  if (uniform) {
    zero = uniform.getZeroPoint();
    if (isa<FloatType>(target.getElementType()))
      scale = uniform.getScale();
  }
  scale = std::ldexp(
      scale, int(std::clamp<int64_t>(exponent - shiftDown, -1000, 1000)));
  SmallVector<double, 0> reals(array->size());
  for (int64_t i = 0; i < array->size(); ++i)
    reals[i] = (array->getDouble(i) - zero) * scale;
  return fromDoubles(array->shape(), reals);
}

/// Fraction bits of the population that `target` drives, where it is integer.
static unsigned getFraction(Value target) {
  for (unsigned steps = 0; steps < 64; ++steps) {
    Operation *next = nullptr;
    for (Operation *user : target.getUsers()) {
      if (auto population = dyn_cast<spike::PopulationOpInterface>(user)) {
        spike::DynamicsAttr dynamics = population.getDynamicsOrNull();
        if (dynamics && dynamics.getArithmetic())
          return dynamics.getArithmetic().getFrac();
        return 0;
      }
      if (user->getNumResults() == 1)
        next = user;
    }
    if (!next)
      break;
    target = next->getResult(0);
  }
  return 0;
}

FailureOr<Array> NodeWriter::readBias(Operation *op, ElementsAttr bias,
                                      Value target) {
  std::optional<Array> array = toArray(bias);
  if (!array)
    return error(op) << "cannot read a bias of " << bias.getType();
  if (isFloatKind(array->kind()))
    return std::move(*array);
  // Biases of integers are in state units.
  double scale = std::ldexp(1.0, -int(getFraction(target)));
  SmallVector<double, 0> reals(array->size());
  for (int64_t i = 0; i < array->size(); ++i)
    reals[i] = array->getDouble(i) * scale;
  return fromDoubles(array->shape(), reals);
}

//===----------------------------------------------------------------------===//
// Connections
//===----------------------------------------------------------------------===//

LogicalResult NodeWriter::writeDense(spike::DenseOp op, RawObject &node) {
  FailureOr<Array> weights = readWeights(
      op, op.getWeights(), op.getWeightType(), op.getExponent(), node);
  if (failed(weights))
    return failure();
  SmallVector<int64_t> shape(weights->shape());
  node.add("type", RawObject::fromString(op.getBias() ? "Affine" : "Linear"));
  node.add("weight", RawObject::fromArray(std::move(*weights)));
  if (!op.getBias())
    return success();
  FailureOr<Array> bias = readBias(op, *op.getBias(), op.getTarget());
  if (failed(bias))
    return failure();
  node.add("bias", RawObject::fromArray(std::move(*bias).reshaped(
                       ArrayRef<int64_t>(shape).drop_back())));
  return success();
}

LogicalResult NodeWriter::writeConv(spike::ConvOp op, RawObject &node) {
  int64_t rank = op.getSpaceRank();
  if (rank > 2)
    return error(op) << "NIR has no convolution in " << rank << " dimensions";
  ArrayRef<int64_t> in = spike::getShape(op.getSource());
  FailureOr<Array> weights = readWeights(
      op, op.getWeights(), op.getWeightType(), op.getExponent(), node);
  if (failed(weights))
    return failure();
  SmallVector<int64_t> stride, padding, dilation;
  bool isSymmetric = true, isSame = true;
  for (int64_t d = 0; d < rank; ++d) {
    stride.push_back(op.getStride(d));
    padding.push_back(op.getPadLow(d));
    dilation.push_back(op.getDilation(d));
    isSymmetric &= op.getPadLow(d) == op.getPadHigh(d);
    int64_t out = llvm::divideCeil(in[d + 1], stride[d]);
    int64_t total = std::max<int64_t>(
        (out - 1) * stride[d] + dilation[d] * (weights->shape()[d + 2] - 1) +
            1 - in[d + 1],
        0);
    isSame &=
        op.getPadLow(d) == total / 2 && op.getPadHigh(d) == total - total / 2;
  }
  if (!isSymmetric && !isSame)
    return error(op) << "its padding differs between the two ends, which NIR "
                        "cannot say";
  bool isScalar = rank == 1;
  node.add("type", RawObject::fromString(isScalar ? "Conv1d" : "Conv2d"));
  node.add("input_shape", fromInts(in.drop_front(), isScalar));
  node.add("stride", fromInts(stride, isScalar));
  node.add("padding", isSymmetric ? fromInts(padding, isScalar)
                                  : RawObject::fromString("same"));
  node.add("dilation", fromInts(dilation, isScalar));
  node.add("groups", fromInts({int64_t(op.getGroups())}, true));
  int64_t channels = weights->shape()[0];
  node.add("weight", RawObject::fromArray(std::move(*weights)));
  if (!op.getBias()) {
    // The reference insists on one.
    node.add("bias",
             RawObject::fromArray(Array::zeros(ElementKind::F32, {channels})));
    return success();
  }
  FailureOr<Array> bias = readBias(op, *op.getBias(), op.getTarget());
  if (failed(bias))
    return failure();
  node.add("bias", RawObject::fromArray(std::move(*bias).reshaped({channels})));
  return success();
}

template <typename OpT>
LogicalResult NodeWriter::writePool(OpT op, RawObject &node) {
  if (op.getKernel().size() != 2)
    return error(op) << "NIR has pools in 2 dimensions only";
  SmallVector<int64_t> stride, padding;
  for (int64_t d = 0; d < 2; ++d) {
    stride.push_back(op.getStride(d));
    padding.push_back(op.getPadLow(d));
    if (op.getPadLow(d) != op.getPadHigh(d))
      return error(op) << "its padding differs between the two ends, which "
                          "NIR cannot say";
  }
  bool isSum = std::is_same_v<OpT, spike::SumPoolOp>;
  node.add("type", RawObject::fromString(isSum ? "SumPool2d" : "AvgPool2d"));
  node.add("kernel_size", fromInts(op.getKernel(), false));
  node.add("stride", fromInts(stride, false));
  node.add("padding", fromInts(padding, false));
  if constexpr (std::is_same_v<OpT, spike::SumPoolOp>) {
    if (op.getWeight())
      return error(op) << "its weight cannot be said in NIR; put it into the "
                          "connection behind it";
  } else if (!op.getCountIncludePad() &&
             llvm::any_of(op.getPads(), [](int64_t p) { return p != 0; })) {
    warning(op) << "NIR does not say that padding is not counted";
    getOwnMetadata(node).add("count_include_pad", fromInts({0}, true));
  }
  return success();
}

LogicalResult NodeWriter::writeScale(Operation *op, Attribute weights,
                                     int64_t exponent, RawObject &node) {
  ArrayRef<int64_t> shape = spike::getShape(op->getResult(0));
  FailureOr<Array> values =
      readWeights(op, weights, std::nullopt, exponent, node);
  if (failed(values))
    return failure();
  int64_t elements = ShapedType::getNumElements(shape);
  SmallVector<double, 0> spread(elements);
  for (int64_t i = 0; i < elements; ++i)
    spread[i] = values->getDouble(i / (elements / values->size()));
  Array full = values->kind() == ElementKind::F64
                   ? Array::from<double>(shape, ArrayRef<double>(spread))
                   : fromDoubles(shape, spread);
  node.add("type", RawObject::fromString("Scale"));
  node.add("scale", RawObject::fromArray(std::move(full)));
  return success();
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

RawObject NodeWriter::writePort(NodeType type, ArrayRef<int64_t> shape,
                                Attribute stated, Attribute metadata) {
  RawObject node;
  node.add("type", RawObject::fromString(getTypeName(type)));
  node.add("shape", fromInts(shape, false));
  if (auto elements = dyn_cast_or_null<ElementsAttr>(stated))
    if (std::optional<Array> original = toArray(elements);
        original && !isFloatKind(original->kind()) && original->rank() <= 1) {
      SmallVector<int64_t> extents;
      for (int64_t i = 0; i < original->size(); ++i)
        extents.push_back(original->getInt(i));
      if (ArrayRef<int64_t>(extents) == shape)
        node.add("shape", RawObject::fromArray(std::move(*original)));
    }
  if (metadata)
    if (std::optional<RawObject> group = toRaw(metadata);
        group && group->isGroup())
      node.add("metadata", std::move(*group));
  return node;
}

RawObject NodeWriter::writeFlatten(ArrayRef<int64_t> shape) {
  RawObject node;
  node.add("type", RawObject::fromString("Flatten"));
  node.add("input_type", fromInts(shape, false));
  node.add("start_dim", fromInts({0}, true));
  node.add("end_dim", fromInts({-1}, true));
  return node;
}

/// What Flatten makes of `in` with the dims in `node`; none if it cannot.
static std::optional<SmallVector<int64_t>> flatten(const RawObject &group,
                                                   ArrayRef<int64_t> in) {
  NirNode node;
  node.type = NodeType::Flatten;
  for (const FieldSpec &spec : getFields(NodeType::Flatten))
    if (const RawObject *field = group.find(spec.name)) {
      if (field->kind != RawObject::Kind::Numbers || field->numbers.size() < 1)
        return std::nullopt;
      node.fields[spec.name] = field;
    }
  if (!node.find("start_dim") || !node.find("end_dim"))
    return std::nullopt;
  auto axes = getFlattenedAxes(node, in.size());
  if (!axes)
    return std::nullopt;
  SmallVector<int64_t> out(in.take_front(axes->first));
  out.push_back(ShapedType::getNumElements(
      in.slice(axes->first, axes->second - axes->first + 1)));
  llvm::append_range(out, in.drop_front(axes->second + 1));
  return out;
}

LogicalResult NodeWriter::writeReshape(spike::ReshapeOp op, RawObject &node) {
  ArrayRef<int64_t> in = spike::getShape(op.getSource()),
                    out = spike::getShape(op.getResult());
  if (auto delay = op->getAttrOfType<ElementsAttr>(kDelayAttr);
      delay && in == out) {
    std::optional<Array> values = toArray(delay);
    if (!values)
      return error(op) << "cannot read '" << kDelayAttr << "'";
    node.add("type", RawObject::fromString("Delay"));
    node.add("delay", RawObject::fromArray(std::move(*values)));
    return success();
  }
  node = writeFlatten(in);
  int64_t joined = int64_t(in.size()) - int64_t(out.size()) + 1;
  for (int64_t first = 0; joined >= 1 && first < int64_t(out.size()); ++first) {
    int64_t last = first + joined - 1;
    node.add("start_dim", fromInts({first}, true));
    node.add("end_dim",
             fromInts({last + 1 == int64_t(in.size()) ? -1 : last}, true));
    if (auto made = flatten(node, in); made && ArrayRef<int64_t>(*made) == out)
      return success();
  }
  return error(op) << "turns " << op.getSource().getType() << " into "
                   << op.getResult().getType()
                   << ", but NIR can only join axes";
}

LogicalResult NodeWriter::writeDelay(spike::DelayOp op, RawObject &node) {
  node.add("type", RawObject::fromString("Delay"));
  ArrayRef<int64_t> shape = spike::getShape(op.getResult());
  int64_t elements = ShapedType::getNumElements(shape);
  if (auto delay = op->getAttrOfType<ElementsAttr>(kDelayAttr)) {
    std::optional<Array> values = toArray(delay);
    if (!values)
      return error(op) << "cannot read '" << kDelayAttr << "'";
    node.add("delay", RawObject::fromArray(std::move(*values)));
    return success();
  }
  SmallVector<double, 0> times(elements, double(op.getSteps()));
  if (std::optional<ElementsAttr> each = op.getPerElement()) {
    std::optional<Array> steps = toArray(*each);
    if (!steps || steps->size() == 0 || elements % steps->size())
      return error(op) << "cannot read its delays";
    for (int64_t i = 0; i < elements; ++i)
      times[i] = steps->getDouble(i / (elements / steps->size()));
  }
  if (!dt)
    warning(op) << "the network has no dt, so its delays are written in steps";
  for (double &time : times)
    time *= dt.value_or(1);
  node.add("delay", RawObject::fromArray(
                        Array::from<double>(shape, ArrayRef<double>(times))));
  return success();
}

//===----------------------------------------------------------------------===//
// Forms of the file
//===----------------------------------------------------------------------===//

/// `values` in the kind and shape of `type`, where that loses nothing.
static std::optional<Array> reform(const Array &values, RankedTensorType type,
                                   MLIRContext *context) {
  int64_t count = type.getNumElements();
  if (count < 1 || values.size() % count)
    return std::nullopt;
  int64_t each = values.size() / count;
  for (int64_t i = 0; i < values.size(); ++i)
    if (values.getDouble(i) != values.getDouble(i / each * each))
      return std::nullopt;
  Type element = type.getElementType();
  if (element == getElementType(values.kind(), context) && each == 1)
    return Array(values).reshaped(type.getShape());
  SmallVector<double, 0> reals(count);
  for (int64_t i = 0; i < count; ++i)
    reals[i] = values.getDouble(i * each);
  if (element.isF64() && values.kind() == ElementKind::F64)
    return Array::from<double>(type.getShape(), ArrayRef<double>(reals));
  if (element.isF32() && values.kind() == ElementKind::F32) {
    SmallVector<float, 0> floats(reals.begin(), reals.end());
    return Array::from<float>(type.getShape(), ArrayRef<float>(floats));
  }
  auto integer = dyn_cast<IntegerType>(element);
  if (!integer || integer.getWidth() > 64)
    return std::nullopt;
  // Through an attribute, which knows every width.
  SmallVector<llvm::APInt> ints;
  for (double value : reals) {
    double limit = std::ldexp(1.0, integer.getWidth() - 1);
    if (value != std::floor(value) ||
        (integer.isUnsigned() ? value < 0 || value >= 2 * limit
                              : value < -limit || value >= limit))
      return std::nullopt;
    ints.push_back(llvm::APInt(integer.getWidth(),
                               integer.isUnsigned() ? uint64_t(value)
                                                    : uint64_t(int64_t(value)),
                               /*isSigned=*/false, /*implicitTrunc=*/true));
  }
  return toArray(DenseElementsAttr::get(type, ints));
}

/// Whether integers `stated` say the same as `values`.
static bool saysSame(const Array &stated, const Array &values) {
  if (isFloatKind(stated.kind()) || stated.rank() > 1 || stated.size() < 1 ||
      (stated.size() != 1 && stated.size() != values.size()))
    return false;
  for (int64_t i = 0; i < values.size(); ++i)
    if (stated.getInt(stated.size() == 1 ? 0 : i) != values.getInt(i))
      return false;
  return true;
}

void NodeWriter::restoreForms(Operation *op, RawObject &node) {
  auto kept = op->getAttrOfType<DictionaryAttr>(kFieldsAttr);
  if (!kept)
    return;
  if (isa<spike::ReshapeOp>(op) && !op->hasAttr(kDelayAttr)) {
    // The three fields of Flatten stand or fall together.
    RawObject original = node;
    for (NamedAttribute entry : kept) {
      if (!isa<UnitAttr>(entry.getValue())) {
        if (std::optional<RawObject> field = toRaw(entry.getValue()))
          original.add(entry.getName(), std::move(*field));
        continue;
      }
      llvm::erase_if(original.members, [&](const auto &member) {
        return member.first == entry.getName().getValue();
      });
    }
    auto made = flatten(original, spike::getShape(op->getOperand(0)));
    if (made && ArrayRef<int64_t>(*made) == spike::getShape(op->getResult(0)))
      node = std::move(original);
    return;
  }
  for (NamedAttribute entry : kept) {
    StringRef name = entry.getName();
    const RawObject *current = node.find(name);
    if (!current)
      continue;
    if (auto type = dyn_cast<TypeAttr>(entry.getValue())) {
      auto tensor = dyn_cast<RankedTensorType>(type.getValue());
      if (!tensor || !tensor.hasStaticShape() ||
          current->kind != RawObject::Kind::Numbers)
        continue;
      if (std::optional<Array> formed =
              reform(current->numbers, tensor, op->getContext()))
        node.add(name, RawObject::fromArray(std::move(*formed)));
      continue;
    }
    std::optional<RawObject> stated = toRaw(entry.getValue());
    if (!stated)
      continue;
    if (stated->kind == RawObject::Kind::Numbers &&
        current->kind == RawObject::Kind::Numbers &&
        saysSame(stated->numbers, current->numbers)) {
      node.add(name, std::move(*stated));
      continue;
    }
    auto conv = dyn_cast<spike::ConvOp>(op);
    if (stated->kind != RawObject::Kind::Strings || name != "padding" ||
        !conv || stated->strings.size() != 1)
      continue;
    // "same" and "valid" where they give the pads of the op.
    NirNode probe;
    probe.type = conv.getSpaceRank() == 1 ? NodeType::Conv1d : NodeType::Conv2d;
    for (const FieldSpec &spec : getFields(probe.type))
      if (const RawObject *field = node.find(spec.name))
        probe.fields[spec.name] = field;
    probe.fields["padding"] = &*stated;
    Window w = getWindow(probe, spike::getShape(conv.getSource()).drop_front());
    bool agrees = true;
    for (int64_t d = 0; d < conv.getSpaceRank(); ++d)
      agrees &= w.padLow[d] == conv.getPadLow(d) &&
                w.padHigh[d] == conv.getPadHigh(d);
    if (agrees)
      node.add(name, std::move(*stated));
  }
}

FailureOr<RawObject> NodeWriter::write(Operation *op) {
  RawObject node;
  if (Attribute metadata = op->getAttr(kMetadataAttr))
    if (std::optional<RawObject> group = toRaw(metadata);
        group && group->isGroup())
      node.add("metadata", std::move(*group));
  RawObject kept = node; // views start anew
  LogicalResult result =
      llvm::TypeSwitch<Operation *, LogicalResult>(op)
          .Case([&](spike::DenseOp op) { return writeDense(op, node); })
          .Case([&](spike::ConvOp op) { return writeConv(op, node); })
          .Case([&](spike::SumPoolOp op) { return writePool(op, node); })
          .Case([&](spike::AvgPoolOp op) { return writePool(op, node); })
          .Case([&](spike::ScaleOp op) {
            return writeScale(op, op.getWeights(), op.getExponent(), node);
          })
          .Case([&](spike::IdentityOp op) {
            auto type = RankedTensorType::get({}, op.getWeightAttr().getType());
            return writeScale(
                op, DenseElementsAttr::get(type, Attribute(op.getWeightAttr())),
                0, node);
          })
          .Case([&](spike::ReshapeOp op) { return writeReshape(op, node); })
          .Case([&](spike::DelayOp op) { return writeDelay(op, node); })
          .Case([&](spike::PopulationOpInterface op) {
            return writePopulation(op, node);
          })
          .Default([&](Operation *op) -> LogicalResult {
            return error(op) << "NIR has no primitive for it";
          });
  if (failed(result))
    return failure();
  if (const RawObject *metadata = kept.find("metadata");
      metadata && !node.find("metadata"))
    node.add("metadata", *metadata);
  restoreForms(op, node);
  return node;
}

} // namespace nmc::nir
