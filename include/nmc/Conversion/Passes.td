//===- Passes.td - Conversions between dialects ---------------*- tablegen -*-===//
#ifndef NMC_CONVERSION_PASSES_TD
#define NMC_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertOnnxToTosaPass : Pass<"convert-onnx-to-tosa", "::mlir::ModuleOp"> {
  let summary = "give ONNX operators their meaning in TOSA";
  let description = [{
    Rewrites every function that holds onnx ops. Types follow from the operators;
    the function's results get the types that were found. The pass knows an
    operator by its row in a table keyed on domain, type and since-version (`nmc
    ops` lists it).

    - Everything with constant operands is computed (shapes, dequantised weights,
      reshaped or transposed weights).
    - TOSA's layout is NHWC. Transposes are put where the layout changes, not
      around every op: the network between the first convolution and the last
      pooling holds none.
    - A per-channel scale or shift right after a convolution or matrix product
      (BatchNormalization, Add, Sub, Mul, Div with constants) goes into its weights
      and bias.
    - TOSA wants strides to divide exactly. Where ONNX drops a remainder, trailing
      padding is shrunk, then the input sliced.
    - Grouped convolutions become slices, convolutions and a concatenation;
      depthwise ones `tosa.depthwise_conv2d`.
    - Constants above 1 KiB are `dense_resource`, named after the initialiser, with
      the suffix `.tosa` where their bytes were computed.

    All operators, versions and attributes that are not supported are reported
    together, each at its node (rule `unsupported-op`), and the pass fails. Shapes
    that do not fit an operator break rule `onnx-shape`. Nodes without effect on a
    result are left out with a warning (`onnx-unused`).

    ```mlir
    %0 = onnx.node "Relu" version 13(%x) : (tensor<1x8xf32>) -> !onnx.unknown
    // becomes
    %0 = tosa.clamp %x {max_val = 3.40282347E+38 : f32, min_val = 0.0 : f32}
        : (tensor<1x8xf32>) -> tensor<1x8xf32>
    ```
  }];
  let dependentDialects = ["::mlir::tosa::TosaDialect"];
}

#endif // NMC_CONVERSION_PASSES_TD
