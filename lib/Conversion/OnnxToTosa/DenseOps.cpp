//===- DenseOps.cpp - Matrix products -------------------------------------===//

#include "Affine.h"

using namespace nmc;
using namespace nmc::onnx;
namespace tosa = mlir::tosa;

static int64_t product(ArrayRef<int64_t> shape) {
  int64_t result = 1;
  for (int64_t dim : shape)
    result *= dim;
  return result;
}

/// [B, M, K] × [B, K, N].
static Value buildMatMul(Converter &c, Value a, Value b) {
  auto left = cast<RankedTensorType>(a.getType()).getShape();
  auto right = cast<RankedTensorType>(b.getType()).getShape();
  return tosa::MatMulOp::create(c.getBuilder(), c.getLoc(),
                                c.floatType({left[0], left[1], right[2]}), a, b,
                                c.zeroPoint(), c.zeroPoint());
}

/// Rows × constant [K, N], with what follows per column; `rows` is [M, K].
/// Returns [M, N] and moves `last` to the result of what was absorbed.
static Value buildDense(Converter &c, Value rows, ConstantPtr weight,
                        SmallVector<float, 0> bias, StringRef biasName,
                        Value &last, int64_t rank) {
  int64_t count = cast<RankedTensorType>(rows.getType()).getShape()[0];
  int64_t inner = weight->shape()[0], columns = weight->shape()[1];
  ChannelAffine affine(columns);
  absorbAffine(c, last, rank, rank - 1, affine);
  weight = affine.applyTo(*weight, /*axis=*/1);
  affine.applyTo(bias);
  Value left = c.reshape(rows, {1, count, inner});
  Value right = c.constant(*weight->reshaped({1, inner, columns}));
  Value output = c.reshape(buildMatMul(c, left, right), {count, columns});
  if (llvm::all_of(bias, [](float v) { return v == 0.0f; }))
    return output;
  Value shift = c.constantFloats({1, columns}, std::move(bias), biasName);
  return c.add(output, shift, {count, columns});
}

static LogicalResult convertMatMul(Node &node) {
  if (failed(node.expectInputs(2, 2)) || failed(node.expectFloat(0)) ||
      failed(node.expectFloat(1)))
    return failure();
  Converter &c = node.converter;
  Tensor a = node.input(0), b = node.input(1);
  if (a.rank() == 0 || b.rank() == 0)
    return node.badShape() << "operands " << a.type << " and " << b.type
                           << " must have an axis";
  // One-dimensional operands are a row and a column.
  SmallVector<int64_t> left(a.shape()), right(b.shape());
  if (a.rank() == 1)
    left.insert(left.begin(), 1);
  if (b.rank() == 1)
    right.push_back(1);
  int64_t m = left[left.size() - 2], k = left.back(), n = right.back();
  if (right[right.size() - 2] != k)
    return node.badShape() << "operands " << a.type << " and " << b.type
                           << " do not fit: " << k << " columns, but "
                           << right[right.size() - 2] << " rows";
  ArrayRef<int64_t> batchA = ArrayRef<int64_t>(left).drop_back(2);
  ArrayRef<int64_t> batchB = ArrayRef<int64_t>(right).drop_back(2);
  std::optional<SmallVector<int64_t>> batch = broadcastShapes(batchA, batchB);
  if (!batch)
    return node.badShape() << "operands " << a.type << " and " << b.type
                           << " do not fit";
  SmallVector<int64_t> shape(*batch);
  if (a.rank() > 1)
    shape.push_back(m);
  if (b.rank() > 1)
    shape.push_back(n);
  Value last = node.op->getResult(0), output;
  if (b.constant && product(batchB) == 1 &&
      ArrayRef<int64_t>(*batch) == batchA && b.rank() > 1) {
    // The usual case: a dense layer.
    Value rows = c.reshape(c.materialise(a), {product(batchA) * m, k});
    output = buildDense(
        c, rows, b.constant->reshaped({k, n}), SmallVector<float, 0>(n, 0.0f),
        (b.constant->baseName() + ".bias").str(), last, shape.size());
  } else {
    // Where one right side serves all products, they are one.
    bool shared = product(batchB) == 1 && ArrayRef<int64_t>(*batch) == batchA;
    if (batchA != batchB && !shared && product(*batch) != 1)
      return node.unsupported() << "operands " << a.type << " and " << b.type
                                << " broadcast over several products";
    if (shared) {
      m *= product(batchA);
      batch->clear();
    }
    int64_t count = product(*batch);
    Value first = c.reshape(c.materialise(a), {count, m, k});
    Value second = c.reshape(c.materialise(b), {count, k, n});
    output = buildMatMul(c, first, second);
  }
  c.assign(last,
           Tensor{c.floatType(shape), c.reshape(output, shape), {}, nullptr});
  return success();
}

static LogicalResult convertGemm(Node &node) {
  if (failed(node.expectInputs(2, 3)) || failed(node.expectFloat(0)) ||
      failed(node.expectFloat(1)))
    return failure();
  Converter &c = node.converter;
  Tensor a = node.input(0), b = node.input(1), bias;
  if (a.rank() != 2 || b.rank() != 2)
    return node.badShape() << "operands " << a.type << " and " << b.type
                           << " must be matrices";
  bool transA = node.getInt("transA", 0), transB = node.getInt("transB", 0);
  float alpha = node.getFloat("alpha", 1.0f),
        beta = node.getFloat("beta", 1.0f);
  int64_t m = a.shape()[transA], k = a.shape()[1 - transA];
  int64_t rows = b.shape()[transB], n = b.shape()[1 - transB];
  if (rows != k)
    return node.badShape() << "operands " << a.type << " and " << b.type
                           << " do not fit: " << k << " columns, but " << rows
                           << " rows";
  if (node.hasInput(2)) {
    bias = node.input(2);
    if (failed(node.expectFloat(2)))
      return failure();
    std::optional<SmallVector<int64_t>> full =
        broadcastShapes(bias.shape(), {m, n});
    if (!full || ArrayRef<int64_t>(*full) != ArrayRef<int64_t>({m, n}))
      return node.badShape() << "bias " << bias.type
                             << " does not broadcast to " << m << "x" << n;
  }
  SmallVector<int32_t> swap{1, 0};
  Value left =
      c.materialise(a, transA ? ArrayRef<int32_t>(swap) : ArrayRef<int32_t>());
  Value last = node.op->getResult(0), output;
  // A bias of one value, or one per column, is that of a dense layer.
  bool perColumn =
      !bias ||
      (bias.constant && (m == 1 || bias.rank() < 2 || bias.shape()[0] == 1));
  if (b.constant && perColumn) {
    ConstantPtr weight = transB ? b.constant->transposed(swap) : b.constant;
    ChannelAffine factor(n);
    factor.scale.assign(n, double(alpha));
    weight = factor.applyTo(*weight, /*axis=*/1);
    SmallVector<float, 0> shift(n, 0.0f);
    std::string name = (b.constant->baseName() + ".bias").str();
    if (bias) {
      ArrayRef<float> values = bias.constant->floats();
      name = bias.constant->baseName();
      for (auto [to, from] :
           llvm::zip(shift, broadcastIndices(bias.shape(), {1, n})))
        to = beta * values[from];
    }
    output = buildDense(c, left, weight, std::move(shift), name, last, 2);
  } else {
    Value right = c.materialise(b, transB ? ArrayRef<int32_t>(swap)
                                          : ArrayRef<int32_t>());
    left = c.reshape(left, {1, m, k});
    right = c.reshape(right, {1, k, n});
    output = buildMatMul(c, left, right);
    output = c.reshape(output, {m, n});
    auto scaled = [&](Value value, float factor) {
      auto shape = cast<RankedTensorType>(value.getType()).getShape();
      if (factor == 1.0f)
        return value;
      return c.mul(value, c.constantFloats({1, 1}, {factor}, "factor"), shape);
    };
    output = scaled(output, alpha);
    if (bias) {
      SmallVector<int64_t> shape(bias.shape());
      while (shape.size() < 2)
        shape.insert(shape.begin(), 1);
      Value shift = scaled(c.reshape(c.materialise(bias), shape), beta);
      output = c.add(output, shift, {m, n});
    }
  }
  c.assign(last, Tensor{c.floatType({m, n}), output, {}, nullptr});
  return success();
}

void nmc::onnx::addDenseRows(std::vector<OpRow> &rows) {
  rows.push_back({"MatMul", {1, 9, 13}, {}, convertMatMul});
  rows.push_back({"Gemm",
                  {7, 9, 11, 13},
                  {"alpha", "beta", "transA", "transB"},
                  convertGemm});
}
