//===- ElementwiseOps.cpp - Element by element ----------------------------===//

#include "Converter.h"

#include <cmath>
#include <functional>
#include <limits>

using namespace nmc;
using namespace nmc::onnx;
namespace tosa = mlir::tosa;

//===----------------------------------------------------------------------===//
// One operand
//===----------------------------------------------------------------------===//

/// An op of one operand that keeps the layout.
template <typename Build, typename Fold>
static LogicalResult convertUnary(Node &node, Build build, Fold fold) {
  if (failed(node.expectFloat(0)))
    return failure();
  Tensor x = node.input(0);
  if (x.constant) {
    SmallVector<float, 0> values(x.constant->floats());
    for (float &value : values)
      value = fold(value);
    node.result(std::make_shared<Constant>(x.type, std::move(values),
                                           x.constant->baseName()));
    return success();
  }
  node.result(x.type, build(x.value),
              x.perm.empty() ? identityPerm(x.rank()) : x.perm);
  return success();
}

static LogicalResult convertClampTo(Node &node, float low, float high) {
  return convertUnary(
      node, [&](Value x) { return node.converter.clamp(x, low, high); },
      [&](float x) { return std::min(std::max(x, low), high); });
}

static LogicalResult convertRelu(Node &node) {
  if (failed(node.expectInputs(1, 1)))
    return failure();
  return convertClampTo(node, 0.0f, std::numeric_limits<float>::max());
}

static LogicalResult convertClip(Node &node) {
  if (failed(node.expectInputs(1, 3)))
    return failure();
  float low = node.getFloat("min", std::numeric_limits<float>::lowest());
  float high = node.getFloat("max", std::numeric_limits<float>::max());
  if (node.since >= 11) {
    for (unsigned i : {1u, 2u}) {
      if (!node.hasInput(i))
        continue;
      ConstantPtr bound = node.constantInput(i);
      if (!bound)
        return node.unsupported() << "bounds must be constant";
      if (failed(node.expectFloat(i)))
        return failure();
      if (bound->size() != 1)
        return node.badShape()
               << "bound has " << bound->size() << " values, but must have one";
      (i == 1 ? low : high) = bound->floats()[0];
    }
  }
  // ONNX: where min is above max, everything becomes max.
  return convertClampTo(node, std::min(low, high), high);
}

template <typename Op> static Value buildUnary(Node &node, Value x) {
  return Op::create(node.converter.getBuilder(), node.converter.getLoc(),
                    x.getType(), x);
}

static LogicalResult convertSigmoid(Node &node) {
  if (failed(node.expectInputs(1, 1)))
    return failure();
  return convertUnary(
      node, [&](Value x) { return buildUnary<tosa::SigmoidOp>(node, x); },
      [](float x) { return 1.0f / (1.0f + std::exp(-x)); });
}

static LogicalResult convertTanh(Node &node) {
  if (failed(node.expectInputs(1, 1)))
    return failure();
  return convertUnary(
      node, [&](Value x) { return buildUnary<tosa::TanhOp>(node, x); },
      [](float x) { return std::tanh(x); });
}

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

namespace {
enum class Binary { Add, Sub, Mul, Div };
} // namespace

template <typename T> static T compute(Binary kind, T a, T b) {
  switch (kind) {
  case Binary::Add:
    return a + b;
  case Binary::Sub:
    return a - b;
  case Binary::Mul:
    return a * b;
  case Binary::Div:
    return a / b;
  }
  return a;
}

template <typename T, typename Function>
static SmallVector<T, 0> zipBroadcast(ArrayRef<T> a, ArrayRef<int64_t> shapeA,
                                      ArrayRef<T> b, ArrayRef<int64_t> shapeB,
                                      ArrayRef<int64_t> shape,
                                      Function function) {
  SmallVector<T, 0> result;
  for (auto [i, j] : llvm::zip(broadcastIndices(shapeA, shape),
                               broadcastIndices(shapeB, shape)))
    result.push_back(function(a[i], b[j]));
  return result;
}

static LogicalResult foldBinary(Node &node, Binary kind, Constant &a,
                                Constant &b, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, a.type().getElementType());
  if (a.isFloat()) {
    node.result(std::make_shared<Constant>(
        type,
        zipBroadcast<float>(
            a.floats(), a.shape(), b.floats(), b.shape(), shape,
            [&](float x, float y) { return compute(kind, x, y); }),
        a.size() >= b.size() ? a.baseName() : b.baseName()));
    return success();
  }
  if (kind == Binary::Div && llvm::is_contained(b.ints(), 0))
    return node.badShape() << "a constant is divided by 0";
  // Wraps around, as integers do.
  node.result(std::make_shared<Constant>(
      type,
      zipBroadcast<int64_t>(a.ints(), a.shape(), b.ints(), b.shape(), shape,
                            [&](int64_t x, int64_t y) -> int64_t {
                              if (kind == Binary::Div)
                                return y == -1 ? int64_t(0 - uint64_t(x))
                                               : x / y;
                              return int64_t(compute<uint64_t>(kind, x, y));
                            }),
      a.size() >= b.size() ? a.baseName() : b.baseName()));
  return success();
}

/// `x` with the rank of a result in layout `perm`.
static Value alignOperand(Converter &c, const Tensor &x, int64_t rank,
                          ArrayRef<int32_t> perm) {
  if (x.rank() == rank)
    return c.materialise(x, perm);
  SmallVector<int64_t> shape(rank - x.rank(), 1);
  llvm::append_range(shape, x.shape());
  Tensor grown{RankedTensorType::get(shape, x.element()), Value(), {}, nullptr};
  if (x.constant)
    grown.constant = x.constant->reshaped(shape);
  else
    grown.value = c.reshape(c.materialise(x), shape);
  return c.materialise(grown, perm);
}

template <Binary kind> static LogicalResult convertBinary(Node &node) {
  if (failed(node.expectInputs(2, 2)))
    return failure();
  Tensor a = node.input(0), b = node.input(1);
  if (a.element() != b.element())
    return node.badShape() << "operands " << a.type << " and " << b.type
                           << " differ in element type";
  std::optional<SmallVector<int64_t>> shape =
      broadcastShapes(a.shape(), b.shape());
  if (!shape)
    return node.badShape() << "operands " << a.type << " and " << b.type
                           << " do not broadcast";
  if (a.constant && b.constant)
    return foldBinary(node, kind, *a.constant, *b.constant, *shape);
  if (failed(node.expectFloat(0)))
    return failure();
  Converter &c = node.converter;
  int64_t rank = shape->size();
  // The layout of the larger operand that is computed.
  const Tensor &leader =
      a.constant || (!b.constant && b.rank() > a.rank()) ? b : a;
  SmallVector<int32_t> perm = leader.rank() == rank && !leader.perm.empty()
                                  ? leader.perm
                                  : identityPerm(rank);
  SmallVector<int64_t> physical;
  for (int32_t axis : perm)
    physical.push_back((*shape)[axis]);
  if (kind == Binary::Div) {
    if (b.constant) {
      SmallVector<float, 0> values(b.constant->floats());
      for (float &value : values)
        value = 1.0f / value;
      b.constant = std::make_shared<Constant>(b.type, std::move(values),
                                              b.constant->baseName());
    } else {
      b.value = tosa::ReciprocalOp::create(c.getBuilder(), c.getLoc(),
                                           b.value.getType(), b.value);
    }
  }
  Value left = alignOperand(c, a, rank, perm);
  Value right = alignOperand(c, b, rank, perm);
  Value output;
  if (kind == Binary::Add)
    output = c.add(left, right, physical);
  else if (kind == Binary::Sub)
    output = c.sub(left, right, physical);
  else
    output = c.mul(left, right, physical);
  node.result(RankedTensorType::get(*shape, a.element()), output, perm);
  return success();
}

void nmc::onnx::addElementwiseRows(std::vector<OpRow> &rows) {
  rows.push_back({"Relu", {6, 13, 14}, {}, convertRelu, /*folds=*/true});
  rows.push_back({"Clip",
                  {6, 11, 12, 13},
                  {"min", "max"},
                  convertClip,
                  /*folds=*/true,
                  "constant bounds"});
  rows.push_back({"Sigmoid", {6, 13}, {}, convertSigmoid, /*folds=*/true});
  rows.push_back({"Tanh", {6, 13}, {}, convertTanh, /*folds=*/true});
  rows.push_back(
      {"Add", {7, 13, 14}, {}, convertBinary<Binary::Add>, /*folds=*/true});
  rows.push_back(
      {"Sub", {7, 13, 14}, {}, convertBinary<Binary::Sub>, /*folds=*/true});
  rows.push_back(
      {"Mul", {7, 13, 14}, {}, convertBinary<Binary::Mul>, /*folds=*/true});
  rows.push_back({"Div",
                  {7, 13, 14},
                  {},
                  convertBinary<Binary::Div>,
                  /*folds=*/true,
                  "becomes a product with the reciprocal"});
}
