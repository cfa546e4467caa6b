//===- NormOps.cpp - Normalisation and softmax ----------------------------===//

#include "Affine.h"

using namespace nmc;
using namespace nmc::onnx;
namespace tosa = mlir::tosa;

static LogicalResult convertBatchNormalization(Node &node) {
  if (failed(node.expectInputs(5, 5)) || failed(node.expectFloat(0)))
    return failure();
  if (node.getInt("training_mode", 0))
    return node.unsupported()
           << "training mode, export the model for inference";
  if (!node.getInt("spatial", 1))
    return node.unsupported() << "attribute 'spatial' is 0";
  for (unsigned i = 1; i < node.op->getNumResults(); ++i)
    if (node.usesResult(i))
      return node.unsupported() << "result " << i << " is used";
  Tensor x = node.input(0);
  if (x.rank() < 2)
    return node.badShape() << "input " << x.type << " has no channels";
  int64_t channels = x.shape()[1];
  Converter &c = node.converter;
  std::optional<ChannelAffine> affine = getNormalisation(c, node.op, channels);
  if (!affine)
    return node.unsupported()
           << "parameters must be constants of type f32 with " << channels
           << " values each";
  Value last = node.op->getResult(0);
  absorbAffine(c, last, x.rank(), 1, *affine);
  SmallVector<int64_t> shape(x.rank(), 1);
  shape[1] = channels;
  std::string name = node.constantInput(1)->baseName().str();
  auto parameter = [&](ArrayRef<double> values, StringRef suffix) {
    return c.constantFloats(x.toPhysical(shape),
                            SmallVector<float, 0>(values.begin(), values.end()),
                            (name + suffix).str());
  };
  Value value = x.constant ? c.materialise(x) : x.value;
  SmallVector<int64_t> physical(
      cast<RankedTensorType>(value.getType()).getShape());
  value = c.mul(value, parameter(affine->scale, ".scale"), physical);
  value = c.add(value, parameter(affine->shift, ".shift"), physical);
  c.assign(last, Tensor{x.type, value, x.perm, nullptr});
  return success();
}

/// exp(x - max) / sum along physical axis `axis`.
static Value buildSoftmax(Converter &c, Value x, int64_t axis) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> full(type.getShape()), one(type.getShape());
  one[axis] = 1;
  mlir::OpBuilder &b = c.getBuilder();
  Location loc = c.getLoc();
  Type reduced = c.floatType(one);
  Value max = tosa::ReduceMaxOp::create(b, loc, reduced, x, uint32_t(axis));
  Value exp = tosa::ExpOp::create(b, loc, type, c.sub(x, max, full));
  Value sum = tosa::ReduceSumOp::create(b, loc, reduced, exp, uint32_t(axis));
  Value inverse = tosa::ReciprocalOp::create(b, loc, reduced, sum);
  return c.mul(exp, inverse, full);
}

static LogicalResult convertSoftmax(Node &node) {
  if (failed(node.expectInputs(1, 1)) || failed(node.expectFloat(0)))
    return failure();
  Tensor x = node.input(0);
  Converter &c = node.converter;
  FailureOr<int64_t> axis =
      node.normaliseAxis(node.getInt("axis", node.since < 13 ? 1 : -1),
                         std::max<int64_t>(x.rank(), 1));
  if (failed(axis) || x.rank() == 0)
    return failed(axis) ? LogicalResult(failure())
                        : node.badShape() << "input is a scalar";
  // Before version 13 all axes from `axis` on count as one.
  int64_t before = 1, after = 1;
  for (auto [i, dim] : llvm::enumerate(x.shape()))
    (int64_t(i) < *axis ? before : after) *= dim;
  if (node.since < 13 && after != x.shape()[*axis]) {
    Value flat = c.reshape(c.materialise(x), {before, after});
    node.result(x.type, c.reshape(buildSoftmax(c, flat, 1), x.shape()));
    return success();
  }
  Value value = x.constant ? c.materialise(x) : x.value;
  node.result(Tensor{x.type, buildSoftmax(c, value, x.physicalAxis(*axis)),
                     x.perm, nullptr});
  return success();
}

void nmc::onnx::addNormRows(std::vector<OpRow> &rows) {
  rows.push_back({"BatchNormalization",
                  {7, 9, 14, 15},
                  {"epsilon", "momentum", "spatial", "training_mode"},
                  convertBatchNormalization,
                  /*folds=*/false,
                  "inference; goes into the weights before it, else a product "
                  "and a sum"});
  rows.push_back({"Softmax", {1, 11, 13}, {"axis"}, convertSoftmax});
}
