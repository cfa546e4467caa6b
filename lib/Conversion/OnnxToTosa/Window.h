//===- Window.h - Windows of convolutions and pools -----------------------===//
#ifndef NMC_LIB_CONVERSION_ONNXTOTOSA_WINDOW_H
#define NMC_LIB_CONVERSION_ONNXTOTOSA_WINDOW_H

#include "Converter.h"

#include <array>

namespace nmc::onnx {

/// Geometry of a 2-D window as TOSA wants it: strides divide exactly.  A 1-D
/// window is one of height 1.
struct WindowSpec {
  std::array<int64_t, 2> inputs{}, kernel{1, 1}, strides{1, 1}, dilations{1, 1},
      before{}, after{}, outputs{};
  /// Rows and columns at the end of the input that no window reaches.
  std::array<int64_t, 2> dropped{};
  bool oneDimensional = false;

  /// Reads auto_pad, pads, strides, dilations and ceil_mode of `node`, checks
  /// them and works out sizes.  `input` and `kernel` are spatial.
  static FailureOr<WindowSpec> read(Node &node, ArrayRef<int64_t> input,
                                    ArrayRef<int64_t> kernel);

  SmallVector<int64_t, 4> pads() const {
    return {before[0], after[0], before[1], after[1]};
  }
  bool hasPads() const {
    return before[0] || before[1] || after[0] || after[1];
  }
  /// `x` (N, C and spatial axes) as NHWC, less what no window reaches.
  Value prepare(Converter &c, const Tensor &x) const;
  /// Makes the NHWC value `output` the tensor of ONNX value `result`.
  void finish(Converter &c, Value result, Value output, int64_t batch,
              int64_t channels) const;
};

} // namespace nmc::onnx

#endif // NMC_LIB_CONVERSION_ONNXTOTOSA_WINDOW_H
