//===- PoolOps.cpp - Pooling ----------------------------------------------===//

#include "Window.h"

#include <limits>

using namespace nmc;
using namespace nmc::onnx;
namespace tosa = mlir::tosa;

/// Checks that hold for every pool of a window.
static FailureOr<WindowSpec> readPool(Node &node) {
  if (failed(node.expectInputs(1, 1)) || failed(node.expectFloat(0)))
    return failure();
  Tensor x = node.input(0);
  if (x.rank() != 3 && x.rank() != 4)
    return node.unsupported() << "input has rank " << x.rank()
                              << ", but only ranks 3 and 4 are supported";
  std::optional<SmallVector<int64_t>> kernel = node.getInts("kernel_shape");
  if (!kernel || int64_t(kernel->size()) != x.rank() - 2)
    return node.badShape() << "attribute 'kernel_shape' must have "
                           << x.rank() - 2 << " values";
  FailureOr<WindowSpec> window =
      WindowSpec::read(node, x.shape().drop_front(2), *kernel);
  if (failed(window))
    return failure();
  for (int i : {0, 1}) {
    if (window->dilations[i] != 1)
      return node.unsupported() << "attribute 'dilations' is not 1";
    if (window->before[i] >= window->kernel[i] ||
        window->after[i] >= window->kernel[i])
      return node.unsupported()
             << "padding of " << std::max(window->before[i], window->after[i])
             << " is not less than the window of " << window->kernel[i];
  }
  return window;
}

static RankedTensorType outputType(Converter &c, const Tensor &x,
                                   const WindowSpec &w) {
  return c.floatType({x.shape()[0], w.outputs[0], w.outputs[1], x.shape()[1]});
}

static LogicalResult convertMaxPool(Node &node) {
  FailureOr<WindowSpec> window = readPool(node);
  if (failed(window))
    return failure();
  if (node.usesResult(1))
    return node.unsupported() << "the result 'Indices' is used";
  Tensor x = node.input(0);
  Converter &c = node.converter;
  Value input = window->prepare(c, x);
  Value output = tosa::MaxPool2dOp::create(
      c.getBuilder(), c.getLoc(), outputType(c, x, *window), input,
      window->kernel, window->strides, window->pads());
  window->finish(c, node.op->getResult(0), output, x.shape()[0], x.shape()[1]);
  return success();
}

static Value buildAverage(Converter &c, const Tensor &x, Value input,
                          const WindowSpec &w, ArrayRef<int64_t> pads) {
  return tosa::AvgPool2dOp::create(
      c.getBuilder(), c.getLoc(), outputType(c, x, w), input, c.zeroPoint(),
      c.zeroPoint(), w.kernel, w.strides, pads, c.getBuilder().getF32Type());
}

static LogicalResult convertAveragePool(Node &node) {
  FailureOr<WindowSpec> window = readPool(node);
  if (failed(window))
    return failure();
  Tensor x = node.input(0);
  Converter &c = node.converter;
  bool includePad = node.getInt("count_include_pad", 0) != 0;
  if (includePad && node.getInt("ceil_mode", 0)) {
    // Padding that only ceil_mode adds is not counted, the other is.
    std::optional<SmallVector<int64_t>> pads = node.getInts("pads");
    SmallVector<int64_t> given =
        pads ? *pads : SmallVector<int64_t>(2 * (x.rank() - 2), 0);
    int64_t spatial = x.rank() - 2;
    for (int64_t i = 0; i < spatial; ++i)
      if (window->after[i + 2 - spatial] > given[spatial + i])
        return node.unsupported()
               << "attribute 'ceil_mode' adds a window at the end, together "
                  "with 'count_include_pad'";
  }
  Value input = window->prepare(c, x);
  SmallVector<int64_t, 4> pads = window->pads();
  if (includePad && window->hasPads()) {
    // TOSA counts no padding: make zeros of it.
    input = c.pad(input, {0, window->before[0], window->before[1], 0},
                  {0, window->after[0], window->after[1], 0}, 0.0f);
    pads.assign(4, 0);
  }
  Value output = buildAverage(c, x, input, *window, pads);
  window->finish(c, node.op->getResult(0), output, x.shape()[0], x.shape()[1]);
  return success();
}

static FailureOr<WindowSpec> readGlobal(Node &node) {
  if (failed(node.expectInputs(1, 1)) || failed(node.expectFloat(0)))
    return failure();
  Tensor x = node.input(0);
  if (x.rank() != 3 && x.rank() != 4)
    return node.unsupported() << "input has rank " << x.rank()
                              << ", but only ranks 3 and 4 are supported";
  WindowSpec window;
  window.oneDimensional = x.rank() == 3;
  window.inputs = {x.rank() == 3 ? 1 : x.shape()[2], x.shape().back()};
  window.kernel = window.inputs;
  window.outputs = {1, 1};
  if (window.inputs[0] < 1 || window.inputs[1] < 1)
    return node.badShape() << "input " << x.type << " has no elements";
  return window;
}

static LogicalResult convertGlobalAveragePool(Node &node) {
  FailureOr<WindowSpec> window = readGlobal(node);
  if (failed(window))
    return failure();
  Tensor x = node.input(0);
  Converter &c = node.converter;
  Value output =
      buildAverage(c, x, window->prepare(c, x), *window, {0, 0, 0, 0});
  window->finish(c, node.op->getResult(0), output, x.shape()[0], x.shape()[1]);
  return success();
}

static LogicalResult convertGlobalMaxPool(Node &node) {
  FailureOr<WindowSpec> window = readGlobal(node);
  if (failed(window))
    return failure();
  Tensor x = node.input(0);
  Converter &c = node.converter;
  Value output = tosa::MaxPool2dOp::create(
      c.getBuilder(), c.getLoc(), outputType(c, x, *window),
      window->prepare(c, x), window->kernel, window->strides, window->pads());
  window->finish(c, node.op->getResult(0), output, x.shape()[0], x.shape()[1]);
  return success();
}

void nmc::onnx::addPoolRows(std::vector<OpRow> &rows) {
  rows.push_back({"MaxPool",
                  {1, 8, 10, 11, 12, 22},
                  {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads",
                   "storage_order", "strides"},
                  convertMaxPool,
                  /*folds=*/false,
                  "1-D and 2-D, without dilation and indices"});
  rows.push_back({"AveragePool",
                  {1, 7, 10, 11, 19, 22},
                  {"auto_pad", "ceil_mode", "count_include_pad", "dilations",
                   "kernel_shape", "pads", "strides"},
                  convertAveragePool,
                  /*folds=*/false,
                  "1-D and 2-D, without dilation"});
  rows.push_back({"GlobalAveragePool", {1, 22}, {}, convertGlobalAveragePool});
  rows.push_back({"GlobalMaxPool", {1, 22}, {}, convertGlobalMaxPool});
}
