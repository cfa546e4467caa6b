//===- Window.cpp - Windows of convolutions and pools ---------------------===//

#include "Window.h"

#include "llvm/Support/MathExtras.h"

using namespace nmc;
using namespace nmc::onnx;

/// Sizes beyond which an attribute must be a mistake.
static constexpr int64_t kMaxExtent = int64_t(1) << 31;

FailureOr<WindowSpec> WindowSpec::read(Node &node, ArrayRef<int64_t> input,
                                       ArrayRef<int64_t> kernelShape) {
  WindowSpec spec;
  size_t spatial = input.size(), offset = 2 - spatial;
  spec.oneDimensional = spatial == 1;
  if (spec.oneDimensional)
    spec.inputs[0] = 1;
  bool good = true;
  auto readList = [&](StringRef name, size_t count, int64_t low) {
    std::optional<SmallVector<int64_t>> list = node.getInts(name);
    if (!list)
      return SmallVector<int64_t>(count, low);
    if (list->size() != count) {
      node.badShape() << "attribute '" << name << "' has " << list->size()
                      << " values, but must have " << count;
      good = false;
      return SmallVector<int64_t>(count, low);
    }
    for (int64_t &value : *list)
      if (value < low || value > kMaxExtent) {
        node.unsupported() << "attribute '" << name << "' holds " << value
                           << ", but must be from " << low << " to "
                           << kMaxExtent;
        good = false;
        value = low;
      }
    return *list;
  };
  SmallVector<int64_t> strides = readList("strides", spatial, 1);
  SmallVector<int64_t> dilations = readList("dilations", spatial, 1);
  SmallVector<int64_t> pads = readList("pads", 2 * spatial, 0);
  std::string autoPad = node.getString("auto_pad", "NOTSET");
  if (autoPad != "NOTSET" && autoPad != "VALID" && autoPad != "SAME_UPPER" &&
      autoPad != "SAME_LOWER") {
    node.unsupported() << "attribute 'auto_pad' is '" << autoPad << "'";
    good = false;
  }
  if (!good)
    return failure();
  bool ceil = node.getInt("ceil_mode", 0) != 0;

  for (size_t i = 0; i < spatial; ++i) {
    size_t a = i + offset;
    spec.inputs[a] = input[i];
    spec.kernel[a] = kernelShape[i];
    spec.strides[a] = strides[i];
    spec.dilations[a] = dilations[i];
    int64_t extent;
    if (kernelShape[i] < 1 || kernelShape[i] > kMaxExtent ||
        llvm::MulOverflow(kernelShape[i] - 1, dilations[i], extent))
      return node.badShape() << "the window has size " << kernelShape[i]
                             << " at spatial axis " << i;
    extent += 1;
    int64_t &before = spec.before[a], &after = spec.after[a];
    if (autoPad == "NOTSET") {
      before = pads[i];
      after = pads[spatial + i];
    } else if (autoPad != "VALID") {
      int64_t outputs = llvm::divideCeil(input[i], strides[i]);
      int64_t total =
          std::max<int64_t>((outputs - 1) * strides[i] + extent - input[i], 0);
      before = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
      after = total - before;
    }
    int64_t span = input[i] + before + after - extent;
    if (span < 0)
      return node.badShape()
             << "the window spans " << extent << ", but the padded input has "
             << input[i] + before + after << " at spatial axis " << i;
    int64_t rest = span % strides[i];
    if (rest && ceil && autoPad == "NOTSET") {
      // One window more, unless it would begin in the padding behind the input.
      int64_t last = (span / strides[i] + 1) * strides[i];
      if (last < input[i] + before) {
        after += strides[i] - rest;
        span += strides[i] - rest;
        rest = 0;
      }
    }
    spec.outputs[a] = span / strides[i] + 1;
    int64_t shrink = std::min(rest, after);
    after -= shrink;
    spec.dropped[a] = rest - shrink;
  }
  if (spec.oneDimensional)
    spec.outputs[0] = 1;
  return spec;
}

Value WindowSpec::prepare(Converter &c, const Tensor &x) const {
  int64_t batch = x.shape()[0], channels = x.shape()[1];
  Value value = c.materialise(x, channelsLast(x.rank()));
  if (oneDimensional)
    value = c.reshape(value, {batch, 1, inputs[1], channels});
  return c.slice(
      value, {0, 0, 0, 0},
      {batch, inputs[0] - dropped[0], inputs[1] - dropped[1], channels});
}

void WindowSpec::finish(Converter &c, Value result, Value output, int64_t batch,
                        int64_t channels) const {
  RankedTensorType type =
      oneDimensional ? c.floatType({batch, channels, outputs[1]})
                     : c.floatType({batch, channels, outputs[0], outputs[1]});
  if (oneDimensional)
    output = c.reshape(output, {batch, outputs[1], channels});
  c.assign(result, Tensor{type, output, channelsLast(type.getRank()), nullptr});
}
