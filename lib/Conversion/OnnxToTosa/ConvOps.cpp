//===- ConvOps.cpp - Convolutions -----------------------------------------===//

#include "Affine.h"
#include "Window.h"

#include "llvm/Support/MathExtras.h"

using namespace nmc;
using namespace nmc::onnx;
namespace tosa = mlir::tosa;

/// A convolution of one group on NHWC values.
static Value buildConv(Converter &c, Value input, ConstantPtr weight,
                       Value bias, const WindowSpec &w) {
  auto shape = cast<RankedTensorType>(input.getType()).getShape();
  Value kernel = c.constant(*weight->transposed({0, 2, 3, 1})); // OIHW → OHWI
  RankedTensorType type =
      c.floatType({shape[0], w.outputs[0], w.outputs[1], weight->shape()[0]});
  return tosa::Conv2DOp::create(c.getBuilder(), c.getLoc(), type, input, kernel,
                                bias, c.zeroPoint(), c.zeroPoint(), w.pads(),
                                w.strides, w.dilations,
                                c.getBuilder().getF32Type());
}

/// Rows [first, first+count) of the outermost axis of `constant`.
static ConstantPtr takeRows(Constant &constant, int64_t first, int64_t count) {
  SmallVector<int64_t> shape(constant.shape());
  int64_t row = shape[0] ? constant.size() / shape[0] : 0;
  shape[0] = count;
  ArrayRef<float> values = constant.floats().slice(first * row, count * row);
  return std::make_shared<Constant>(
      RankedTensorType::get(shape, constant.type().getElementType()),
      SmallVector<float, 0>(values), constant.baseName());
}

static LogicalResult convertConv(Node &node) {
  if (failed(node.expectInputs(2, 3)) || failed(node.expectFloat(0)) ||
      failed(node.expectFloat(1)))
    return failure();
  Converter &c = node.converter;
  Tensor x = node.input(0);
  int64_t rank = x.rank();
  if (rank != 3 && rank != 4)
    return node.unsupported() << "input has rank " << rank
                              << ", but only ranks 3 and 4 are supported";
  ConstantPtr weight = node.constantInput(1);
  if (!weight)
    return node.unsupported()
           << "weights must be constant; make the input that they come from "
              "constant with --bind-inputs";
  ArrayRef<int64_t> w = weight->shape();
  int64_t groups = node.getInt("group", 1);
  if (int64_t(w.size()) != rank)
    return node.badShape() << "weights have rank " << w.size()
                           << ", but the input has rank " << rank;
  int64_t channels = x.shape()[1], filters = w[0];
  if (groups < 1 || filters % groups != 0 || w[1] * groups != channels)
    return node.badShape() << "input has " << channels
                           << " channels, but weights " << weight->type()
                           << " in " << groups << " groups take "
                           << w[1] * groups;
  if (std::optional<SmallVector<int64_t>> kernel = node.getInts("kernel_shape"))
    if (ArrayRef<int64_t>(*kernel) != w.drop_front(2))
      return node.badShape()
             << "attribute 'kernel_shape' is not that of weights "
             << weight->type();
  FailureOr<WindowSpec> window =
      WindowSpec::read(node, x.shape().drop_front(2), w.drop_front(2));
  if (failed(window))
    return failure();

  // Weights and bias, with what follows per channel.
  SmallVector<float, 0> bias(filters, 0.0f);
  std::string biasName = (weight->baseName() + ".bias").str();
  if (node.hasInput(2)) {
    ConstantPtr given = node.constantInput(2);
    if (!given || failed(node.expectFloat(2)))
      return node.unsupported() << "the bias must be a constant of type f32";
    if (given->size() != filters)
      return node.badShape()
             << "bias has " << given->size() << " values, but there are "
             << filters << " filters";
    bias.assign(given->floats().begin(), given->floats().end());
    biasName = given->baseName();
  }
  Value last = node.op->getResult(0);
  ChannelAffine affine(filters);
  absorbAffine(c, last, rank, /*axis=*/1, affine);
  SmallVector<int64_t> kernelShape(w);
  if (rank == 3)
    kernelShape.insert(kernelShape.begin() + 2, 1);
  weight = affine.applyTo(*weight, /*axis=*/0)->reshaped(kernelShape);
  affine.applyTo(bias);

  // Emission, on NHWC.
  Value input = window->prepare(c, x);
  Value biasValue = c.constantFloats({filters}, std::move(bias), biasName);
  Value output;
  if (groups == 1) {
    output = buildConv(c, input, weight, biasValue, *window);
  } else if (groups == channels) {
    // Filter o = channel * multiplier + m: [C·M, 1, H, W] → [H, W, C, M].
    int64_t multiplier = filters / channels;
    ConstantPtr kernel =
        weight->reshaped({channels, multiplier, kernelShape[2], kernelShape[3]})
            ->transposed({2, 3, 0, 1});
    RankedTensorType type = c.floatType(
        {x.shape()[0], window->outputs[0], window->outputs[1], filters});
    Value kernelValue = c.constant(*kernel);
    output = tosa::DepthwiseConv2DOp::create(
        c.getBuilder(), c.getLoc(), type, input, kernelValue, biasValue,
        c.zeroPoint(), c.zeroPoint(), window->pads(), window->strides,
        window->dilations, c.getBuilder().getF32Type());
  } else {
    SmallVector<Value> parts;
    ConstantPtr allBias;
    int64_t inputs = channels / groups, outputs = filters / groups;
    auto shape = cast<RankedTensorType>(input.getType()).getShape();
    for (int64_t g = 0; g < groups; ++g) {
      Value part = c.slice(input, {0, 0, 0, g * inputs},
                           {shape[0], shape[1], shape[2], inputs});
      ConstantPtr kernel = takeRows(*weight, g * outputs, outputs);
      Value first = c.shape({g * outputs}), extent = c.shape({outputs});
      Value partBias = tosa::SliceOp::create(c.getBuilder(), c.getLoc(),
                                             c.floatType({outputs}), biasValue,
                                             first, extent);
      parts.push_back(buildConv(c, part, kernel, partBias, *window));
    }
    RankedTensorType type = c.floatType(
        {x.shape()[0], window->outputs[0], window->outputs[1], filters});
    output = tosa::ConcatOp::create(c.getBuilder(), c.getLoc(), type, parts, 3);
  }
  window->finish(c, last, output, x.shape()[0], filters);
  return success();
}

void nmc::onnx::addConvRows(std::vector<OpRow> &rows) {
  rows.push_back(
      {"Conv",
       {1, 11, 22},
       {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"},
       convertConv,
       /*folds=*/false,
       "1-D and 2-D; constant weights; groups become slices, "
       "convolutions and a concatenation"});
}
