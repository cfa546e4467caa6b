//===- Constants.cpp - What tosa values are known at compile time ---------===//

#include "Constants.h"
#include "nmc/Support/Blob.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace nmc;
using namespace nmc::tosatospike;
namespace tosa = mlir::tosa;

using Result = std::unique_ptr<ConstantTensor>;

/// Constants above this many elements are not computed with.
static constexpr int64_t kMaxEvaluated = int64_t(1) << 28;

std::optional<float> ConstantTensor::splat() const {
  if (values.empty() || !llvm::all_equal(values))
    return std::nullopt;
  return values.front();
}

void nmc::tosatospike::forEachCoordinate(
    ArrayRef<int64_t> shape, function_ref<void(ArrayRef<int64_t>)> visit) {
  if (llvm::is_contained(shape, 0))
    return;
  SmallVector<int64_t> at(shape.size(), 0);
  while (true) {
    visit(at);
    int64_t axis = int64_t(shape.size()) - 1;
    for (; axis >= 0; --axis) {
      if (++at[axis] < shape[axis])
        break;
      at[axis] = 0;
    }
    if (axis < 0)
      return;
  }
}

/// Row-major index of a coordinate, where axes of extent 1 broadcast.
static int64_t linearise(ArrayRef<int64_t> at, ArrayRef<int64_t> shape) {
  int64_t index = 0;
  for (auto [coordinate, extent] : llvm::zip_equal(at, shape))
    index = index * extent + (extent == 1 ? 0 : coordinate);
  return index;
}

static Result emptyLike(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() || type.getNumElements() > kMaxEvaluated)
    return nullptr;
  auto result = std::make_unique<ConstantTensor>();
  result->shape.assign(type.getShape().begin(), type.getShape().end());
  return result;
}

static Result binary(Value value, const ConstantTensor *a,
                     const ConstantTensor *b,
                     function_ref<float(float, float)> compute) {
  Result result = emptyLike(value);
  if (!result || !a || !b)
    return nullptr;
  ArrayRef<int64_t> shape = result->shape;
  // TOSA wants equal ranks; front ends that add a scalar of rank 1 to a vector
  // are read as NumPy would.
  auto widen = [&](ArrayRef<int64_t> from) {
    SmallVector<int64_t> wide(shape.size() - from.size(), 1);
    wide.append(from.begin(), from.end());
    return wide;
  };
  if (a->shape.size() > shape.size() || b->shape.size() > shape.size())
    return nullptr;
  SmallVector<int64_t> shapeA = widen(a->shape), shapeB = widen(b->shape);
  for (auto [extent, x, y] : llvm::zip_equal(shape, shapeA, shapeB))
    if ((x != 1 && x != extent) || (y != 1 && y != extent))
      return nullptr;
  result->values.reserve(ShapedType::getNumElements(shape));
  forEachCoordinate(shape, [&](ArrayRef<int64_t> at) {
    result->values.push_back(compute(a->values[linearise(at, shapeA)],
                                     b->values[linearise(at, shapeB)]));
  });
  return result;
}

static Result unary(Value value, const ConstantTensor *a,
                    function_ref<float(float)> compute) {
  Result result = emptyLike(value);
  if (!result || !a || a->shape != result->shape)
    return nullptr;
  result->values.resize(a->values.size());
  llvm::transform(a->values, result->values.begin(), compute);
  return result;
}

static Result transpose(tosa::TransposeOp op, const ConstantTensor *a) {
  Result result = emptyLike(op.getOutput());
  if (!result || !a)
    return nullptr;
  SmallVector<int64_t> from(a->shape.size());
  result->values.reserve(a->values.size());
  forEachCoordinate(result->shape, [&](ArrayRef<int64_t> at) {
    for (auto [axis, source] : llvm::enumerate(op.getPerms()))
      from[source] = at[axis];
    result->values.push_back(a->values[linearise(from, a->shape)]);
  });
  return result;
}

static Result slice(tosa::SliceOp op, const ConstantTensor *a) {
  Result result = emptyLike(op.getOutput());
  std::optional<SmallVector<int64_t>> start =
      Constants::getShape(op.getStart());
  if (!result || !a || !start || start->size() != a->shape.size() ||
      result->shape.size() != a->shape.size())
    return nullptr;
  for (auto [low, size, extent] :
       llvm::zip_equal(*start, result->shape, a->shape))
    if (low < 0 || low + size > extent)
      return nullptr;
  SmallVector<int64_t> from(a->shape.size());
  forEachCoordinate(result->shape, [&](ArrayRef<int64_t> at) {
    int64_t index = 0;
    for (size_t axis = 0; axis < from.size(); ++axis)
      index = index * a->shape[axis] + at[axis] + (*start)[axis];
    result->values.push_back(a->values[index]);
  });
  return result;
}

static Result concat(tosa::ConcatOp op,
                     ArrayRef<const ConstantTensor *> parts) {
  Result result = emptyLike(op.getOutput());
  if (!result || llvm::is_contained(parts, nullptr))
    return nullptr;
  int64_t outer = 1, axis = op.getAxis();
  for (int64_t i = 0; i < axis; ++i)
    outer *= result->shape[i];
  for (int64_t i = 0; i < outer; ++i)
    for (const ConstantTensor *part : parts) {
      int64_t run = int64_t(part->values.size()) / outer;
      result->values.append(part->values.begin() + i * run,
                            part->values.begin() + (i + 1) * run);
    }
  return result;
}

Result Constants::evaluate(Operation *op) {
  Value value = op->getResult(0);
  ElementsAttr attr;
  if (mlir::matchPattern(op, mlir::m_Constant(&attr))) {
    Result result = emptyLike(value);
    FailureOr<SmallVector<float, 0>> values = getElementsAsFloats(attr);
    if (!result || failed(values))
      return nullptr;
    result->values = std::move(*values);
    return result;
  }
  auto operand = [&](unsigned i) { return get(op->getOperand(i)); };
  if (!isa<FloatType>(mlir::getElementTypeOrSelf(value)))
    return nullptr;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case<tosa::IdentityOp, tosa::CastOp>([&](auto) {
        return unary(value, operand(0), [](float a) { return a; });
      })
      .Case([&](tosa::ReshapeOp) -> Result {
        Result result = emptyLike(value);
        const ConstantTensor *a = operand(0);
        if (!result || !a)
          return nullptr;
        result->values = a->values;
        return result;
      })
      .Case([&](tosa::TransposeOp t) { return transpose(t, operand(0)); })
      .Case([&](tosa::SliceOp s) { return slice(s, operand(0)); })
      .Case([&](tosa::ConcatOp c) {
        SmallVector<const ConstantTensor *> parts;
        for (unsigned i = 0; i < op->getNumOperands(); ++i)
          parts.push_back(operand(i));
        return concat(c, parts);
      })
      .Case([&](tosa::AddOp) {
        return binary(value, operand(0), operand(1),
                      [](float a, float b) { return a + b; });
      })
      .Case([&](tosa::SubOp) {
        return binary(value, operand(0), operand(1),
                      [](float a, float b) { return a - b; });
      })
      .Case([&](tosa::MulOp) {
        return binary(value, operand(0), operand(1),
                      [](float a, float b) { return a * b; });
      })
      .Case([&](tosa::PowOp) {
        return binary(value, operand(0), operand(1),
                      [](float a, float b) { return std::pow(a, b); });
      })
      .Case([&](tosa::RsqrtOp) {
        return unary(value, operand(0),
                     [](float a) { return 1.0f / std::sqrt(a); });
      })
      .Case([&](tosa::ReciprocalOp) {
        return unary(value, operand(0), [](float a) { return 1.0f / a; });
      })
      .Case([&](tosa::ExpOp) {
        return unary(value, operand(0), [](float a) { return std::exp(a); });
      })
      .Case([&](tosa::NegateOp) {
        return unary(value, operand(0), [](float a) { return -a; });
      })
      .Default([](Operation *) { return nullptr; });
}

const ConstantTensor *Constants::get(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getNumResults() != 1)
    return nullptr;
  auto found = known.find(value);
  if (found != known.end())
    return found->second.get();
  Result result = evaluate(op);
  return (known[value] = std::move(result)).get();
}

std::optional<SmallVector<int64_t>> Constants::getShape(Value value) {
  SmallVector<int64_t> result;
  Operation *op = value.getDefiningOp();
  if (!op || !tosa::getConstShapeValues(op, result))
    return std::nullopt;
  return result;
}

bool Constants::isZero(Value value) {
  const ConstantTensor *constant = get(value);
  return constant &&
         llvm::all_of(constant->values, [](float v) { return v == 0.0f; });
}
