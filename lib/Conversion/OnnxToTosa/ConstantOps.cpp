//===- ConstantOps.cpp - Operators on constants ---------------------------===//

#include "Converter.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace nmc;
using namespace nmc::onnx;

//===----------------------------------------------------------------------===//
// Constant, ConstantOfShape
//===----------------------------------------------------------------------===//

static LogicalResult convertConstant(Node &node) {
  mlir::OpBuilder &b = node.converter.getBuilder();
  std::string name = "constant";
  if (auto loc = node.op->getLoc()->findInstanceOf<mlir::NameLoc>())
    name = loc.getName().str();
  if (ElementsAttr value = node.getTensor("value")) {
    node.result(std::make_shared<Constant>(value, name));
    return success();
  }
  if (node.has("value_int")) {
    node.result(std::make_shared<Constant>(
        RankedTensorType::get({}, b.getI64Type()),
        SmallVector<int64_t, 0>{node.getInt("value_int", 0)}, name));
    return success();
  }
  if (node.has("value_float")) {
    node.result(std::make_shared<Constant>(
        RankedTensorType::get({}, b.getF32Type()),
        SmallVector<float, 0>{node.getFloat("value_float", 0)}, name));
    return success();
  }
  if (std::optional<SmallVector<int64_t>> ints = node.getInts("value_ints")) {
    node.result(std::make_shared<Constant>(
        RankedTensorType::get({int64_t(ints->size())}, b.getI64Type()),
        SmallVector<int64_t, 0>(ints->begin(), ints->end()), name));
    return success();
  }
  if (auto floats = dyn_cast_or_null<mlir::DenseF32ArrayAttr>(
          NodeOp(node.op).getParam("value_floats"))) {
    ArrayRef<float> values = floats.asArrayRef();
    node.result(std::make_shared<Constant>(
        RankedTensorType::get({int64_t(values.size())}, b.getF32Type()),
        SmallVector<float, 0>(values), name));
    return success();
  }
  return node.unsupported() << "has no tensor or number";
}

/// Elements above which a folded constant must be a mistake.
static constexpr int64_t kMaxFolded = int64_t(1) << 28;

static LogicalResult convertConstantOfShape(Node &node) {
  if (failed(node.expectInputs(1, 1)))
    return failure();
  FailureOr<SmallVector<int64_t>> shape = node.intsInput(0, "the shape");
  if (failed(shape))
    return failure();
  int64_t count = 1;
  for (int64_t dim : *shape)
    if (dim < 0 || llvm::MulOverflow(count, dim, count) || count > kMaxFolded)
      return node.badShape() << "the shape holds " << dim;
  Type element = node.converter.getBuilder().getF32Type();
  ElementsAttr value = node.getTensor("value");
  if (value) {
    Constant one(value, "value");
    if (one.size() != 1)
      return node.badShape() << "attribute 'value' has " << one.size()
                             << " elements, but must have one";
    element = one.type().getElementType();
    auto type = RankedTensorType::get(*shape, element);
    if (!one.isFloat()) {
      node.result(std::make_shared<Constant>(
          type, SmallVector<int64_t, 0>(count, one.ints()[0]), "filled"));
      return success();
    }
    node.result(std::make_shared<Constant>(
        type, SmallVector<float, 0>(count, one.floats()[0]), "filled"));
    return success();
  }
  node.result(std::make_shared<Constant>(RankedTensorType::get(*shape, element),
                                         SmallVector<float, 0>(count, 0.0f),
                                         "filled"));
  return success();
}

//===----------------------------------------------------------------------===//
// Shape, Gather
//===----------------------------------------------------------------------===//

static LogicalResult convertShape(Node &node) {
  if (failed(node.expectInputs(1, 1)))
    return failure();
  Tensor x = node.input(0);
  auto bound = [&](StringRef name, int64_t otherwise) {
    int64_t value = node.getInt(name, otherwise);
    return std::clamp<int64_t>(value < 0 ? value + x.rank() : value, 0,
                               x.rank());
  };
  int64_t start = bound("start", 0), end = bound("end", x.rank());
  SmallVector<int64_t, 0> dims;
  for (int64_t i = start; i < end; ++i)
    dims.push_back(x.shape()[i]);
  auto type = RankedTensorType::get({int64_t(dims.size())},
                                    node.converter.getBuilder().getI64Type());
  node.result(std::make_shared<Constant>(type, std::move(dims), "shape"));
  return success();
}

template <typename T>
static SmallVector<T, 0> gather(ArrayRef<T> values, ArrayRef<int64_t> indices,
                                int64_t outer, int64_t axis, int64_t inner) {
  SmallVector<T, 0> result;
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t index : indices) {
      ArrayRef<T> row = values.slice((o * axis + index) * inner, inner);
      result.append(row.begin(), row.end());
    }
  return result;
}

static LogicalResult convertGather(Node &node) {
  if (failed(node.expectInputs(2, 2)))
    return failure();
  Tensor x = node.input(0), at = node.input(1);
  FailureOr<SmallVector<int64_t>> indices = node.intsInput(1, "the indices");
  if (failed(indices))
    return failure();
  if (!x.constant)
    return node.unsupported() << "only constants are gathered from";
  FailureOr<int64_t> axis =
      node.normaliseAxis(node.getInt("axis", 0), x.rank());
  if (failed(axis))
    return failure();
  int64_t size = x.shape()[*axis], outer = 1, inner = 1;
  for (int64_t &index : *indices) {
    if (index < -size || index >= size)
      return node.badShape() << "index " << index << " is out of axis " << *axis
                             << ", which has size " << size;
    if (index < 0)
      index += size;
  }
  SmallVector<int64_t> shape;
  for (auto [i, dim] : llvm::enumerate(x.shape())) {
    if (int64_t(i) == *axis) {
      llvm::append_range(shape, at.shape());
      continue;
    }
    shape.push_back(dim);
    (int64_t(i) < *axis ? outer : inner) *= dim;
  }
  auto type = RankedTensorType::get(shape, x.element());
  int64_t count;
  if (llvm::MulOverflow<int64_t>(outer * inner, indices->size(), count) ||
      count > kMaxFolded)
    return node.unsupported() << "the constant result is too large";
  StringRef name = x.constant->baseName();
  if (x.constant->isFloat())
    node.result(std::make_shared<Constant>(
        type, gather(x.constant->floats(), *indices, outer, size, inner),
        name));
  else
    node.result(std::make_shared<Constant>(
        type, gather(x.constant->ints(), *indices, outer, size, inner), name));
  return success();
}

//===----------------------------------------------------------------------===//
// Cast
//===----------------------------------------------------------------------===//

/// The types that Cast turns constants into, by their number in ONNX.
static Type getCastType(mlir::OpBuilder &b, int64_t code) {
  switch (code) {
  case 1:
    return b.getF32Type();
  case 2:
    return b.getIntegerType(8, /*isSigned=*/false);
  case 3:
    return b.getI8Type();
  case 4:
    return b.getIntegerType(16, /*isSigned=*/false);
  case 5:
    return b.getI16Type();
  case 6:
    return b.getI32Type();
  case 7:
    return b.getI64Type();
  case 9:
    return b.getI1Type();
  case 10:
    return b.getF16Type();
  case 11:
    return b.getF64Type();
  case 12:
    return b.getIntegerType(32, /*isSigned=*/false);
  case 16:
    return b.getBF16Type();
  default:
    return nullptr;
  }
}

/// `value`, wrapped to the width of `type` as integers are.
static int64_t wrap(int64_t value, IntegerType type) {
  unsigned width = type.getWidth();
  if (width == 1)
    return value != 0;
  if (width >= 64)
    return value;
  uint64_t bits = uint64_t(value) & llvm::maskTrailingOnes<uint64_t>(width);
  return type.isUnsigned() ? int64_t(bits) : llvm::SignExtend64(bits, width);
}

static LogicalResult convertCast(Node &node) {
  if (failed(node.expectInputs(1, 1)))
    return failure();
  Tensor x = node.input(0);
  int64_t code = node.getInt("to", 0);
  Type to = getCastType(node.converter.getBuilder(), code);
  if (!to)
    return node.unsupported() << "attribute 'to' is " << code;
  if (to == x.element()) {
    node.result(x);
    return success();
  }
  if (!x.constant)
    return node.unsupported() << "only constants are cast, but the input is "
                              << x.type << " and 'to' is " << to;
  auto type = RankedTensorType::get(x.shape(), to);
  StringRef name = x.constant->baseName();
  auto toInteger = dyn_cast<IntegerType>(to);
  if (!toInteger) {
    SmallVector<float, 0> values;
    if (x.constant->isFloat())
      values.assign(x.constant->floats().begin(), x.constant->floats().end());
    else
      for (int64_t value : x.constant->ints())
        values.push_back(float(value));
    node.result(std::make_shared<Constant>(type, std::move(values), name));
    return success();
  }
  SmallVector<int64_t, 0> values;
  if (x.constant->isFloat()) {
    for (float value : x.constant->floats()) {
      if (toInteger.getWidth() == 1) {
        values.push_back(value != 0.0f);
        continue;
      }
      if (!(std::fabs(value) < 9.2e18f))
        return node.unsupported()
               << "the constant " << double(value) << " does not fit " << to;
      values.push_back(wrap(int64_t(value), toInteger));
    }
  } else {
    for (int64_t value : x.constant->ints())
      values.push_back(wrap(value, toInteger));
  }
  node.result(std::make_shared<Constant>(type, std::move(values), name));
  return success();
}

//===----------------------------------------------------------------------===//
// DequantizeLinear, QuantizeLinear
//===----------------------------------------------------------------------===//

namespace {
/// Scale and zero point of a constant, one each or one per entry of an axis.
struct Quantisation {
  ArrayRef<float> scales;
  ArrayRef<int64_t> zeroPoints; // may be empty
  int64_t inner = 1, channels = 1;
  ConstantPtr keepScale, keepZero;

  int64_t channel(int64_t element) const {
    return channels == 1 ? 0 : element / inner % channels;
  }
  float scale(int64_t element) const { return scales[channel(element)]; }
  int64_t zeroPoint(int64_t element) const {
    return zeroPoints.empty() ? 0 : zeroPoints[channel(element)];
  }
};
} // namespace

static FailureOr<Quantisation> readQuantisation(Node &node) {
  if (failed(node.expectInputs(2, 3)))
    return failure();
  if (node.getInt("block_size", 0) != 0)
    return node.unsupported() << "blocked quantisation";
  Tensor x = node.input(0);
  Quantisation q;
  q.keepScale = node.constantInput(1);
  q.keepZero = node.constantInput(2);
  if (!q.keepScale || (node.hasInput(2) && !q.keepZero))
    return node.unsupported() << "scale and zero point must be constant";
  if (failed(node.expectFloat(1)))
    return failure();
  q.scales = q.keepScale->floats();
  if (q.keepZero) {
    if (q.keepZero->isFloat())
      return node.unsupported()
             << "the zero point has type " << q.keepZero->type();
    q.zeroPoints = q.keepZero->ints();
    if (q.zeroPoints.size() != q.scales.size())
      return node.badShape()
             << "there are " << q.scales.size() << " scales, but "
             << q.zeroPoints.size() << " zero points";
  }
  if (q.scales.size() == 1)
    return q;
  FailureOr<int64_t> axis =
      node.normaliseAxis(node.getInt("axis", 1), x.rank());
  if (failed(axis))
    return failure();
  q.channels = x.shape()[*axis];
  q.inner = getStrides(x.shape())[*axis];
  if (int64_t(q.scales.size()) != q.channels)
    return node.badShape() << "there are " << q.scales.size()
                           << " scales, but axis " << *axis << " has size "
                           << q.channels;
  return q;
}

static LogicalResult convertDequantizeLinear(Node &node) {
  FailureOr<Quantisation> q = readQuantisation(node);
  if (failed(q))
    return failure();
  Tensor x = node.input(0);
  if (!x.constant || x.constant->isFloat())
    return node.unsupported()
           << "only integer constants are dequantised, the input is " << x.type;
  if (int64_t code = node.getInt("output_dtype", 0); code != 0 && code != 1)
    return node.unsupported() << "attribute 'output_dtype' is " << code;
  SmallVector<float, 0> values;
  for (auto [i, value] : llvm::enumerate(x.constant->ints()))
    values.push_back(float(value - q->zeroPoint(i)) * q->scale(i));
  node.result(std::make_shared<Constant>(node.converter.floatType(x.shape()),
                                         std::move(values),
                                         x.constant->baseName()));
  return success();
}

static LogicalResult convertQuantizeLinear(Node &node) {
  FailureOr<Quantisation> q = readQuantisation(node);
  if (failed(q))
    return failure();
  Tensor x = node.input(0);
  if (!x.constant || !x.constant->isFloat())
    return node.unsupported()
           << "only constants are quantised, the input is " << x.type;
  mlir::OpBuilder &b = node.converter.getBuilder();
  Type element = b.getIntegerType(8, /*isSigned=*/false);
  if (q->keepZero)
    element = q->keepZero->type().getElementType();
  else if (int64_t code = node.getInt("output_dtype", 0))
    element = getCastType(b, code);
  auto type = dyn_cast_or_null<IntegerType>(element);
  if (!type || type.getWidth() > 32 || type.getWidth() < 2)
    return node.unsupported() << "the result's element type";
  int64_t low = type.isUnsigned() ? 0 : llvm::minIntN(type.getWidth());
  int64_t high = type.isUnsigned() ? int64_t(llvm::maxUIntN(type.getWidth()))
                                   : llvm::maxIntN(type.getWidth());
  SmallVector<int64_t, 0> values;
  for (auto [i, value] : llvm::enumerate(x.constant->floats())) {
    // Half to even, as ONNX says; nearbyint obeys the default rounding mode.
    double rounded = std::nearbyint(double(value / q->scale(i)));
    if (std::isnan(rounded))
      return node.unsupported() << "the constant holds NaN";
    rounded = std::clamp(rounded + double(q->zeroPoint(i)), double(low),
                         double(high));
    values.push_back(int64_t(rounded));
  }
  node.result(std::make_shared<Constant>(RankedTensorType::get(x.shape(), type),
                                         std::move(values),
                                         x.constant->baseName()));
  return success();
}

void nmc::onnx::addConstantRows(std::vector<OpRow> &rows) {
  auto add = [&](StringLiteral name, SmallVector<int64_t, 4> since,
                 SmallVector<StringLiteral, 6> attributes,
                 LogicalResult (*convert)(Node &), StringLiteral notes = "") {
    rows.push_back({name, since, attributes, convert, /*folds=*/true, notes});
  };
  add("Constant", {1, 9, 11, 12, 13, 19, 21, 23, 24, 25},
      {"value", "value_float", "value_floats", "value_int", "value_ints"},
      convertConstant, "tensors and numbers");
  add("ConstantOfShape", {9, 20, 21, 23, 24, 25}, {"value"},
      convertConstantOfShape, "constant shape");
  add("Shape", {1, 13, 15, 19, 21, 23, 24, 25}, {"end", "start"}, convertShape,
      "becomes a constant");
  add("Gather", {1, 11, 13}, {"axis"}, convertGather, "constants only");
  add("Cast", {6, 9, 13, 19, 21, 23, 24, 25, 28},
      {"round_mode", "saturate", "to"}, convertCast, "constants only");
  add("DequantizeLinear", {10, 13, 19, 21, 23, 24, 25, 28},
      {"axis", "block_size", "output_dtype"}, convertDequantizeLinear,
      "constants only, per tensor or axis");
  add("QuantizeLinear", {10, 13, 19, 21, 23, 24, 25, 28},
      {"axis", "block_size", "output_dtype", "precision", "saturate"},
      convertQuantizeLinear, "constants only, per tensor or axis");
}
