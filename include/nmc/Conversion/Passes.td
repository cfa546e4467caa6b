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

def ConvertTosaToSpikePass : Pass<"convert-tosa-to-spike", "::mlir::ModuleOp"> {
  let summary = "turn the layers of a tosa function into a spiking network";
  let description = [{
    Every function with layers (convolutions, matrix products, pools) becomes a
    `spike.network @<function>_net` with graded events and float arithmetic, which
    computes the same, and a host function that encodes its inputs, runs the
    network for one step and decodes the result.

    - Streams are channel-first and have no batch (which must be 1). Transposes and
      reshapes change only the note of how a tensor lies in its stream; a flattened
      tensor permutes the weights of the matrix product behind it. What cannot be
      written so becomes a view.
    - Scales, shifts and sums behind a linear op go into its weights and bias, a
      scale and shift before one too, unless padding forbids it. Constants are
      evaluated, BatchNorm as torch-mlir leaves it among them.
    - Slices, convolutions and a concatenation become one grouped convolution; two
      sums over space and a factor become a mean; a maximum and a minimum with
      constants become one rectifier; a rectifier moves before a max-pool.
    - Rectifiers are `spike.relu`, named after the linear op that drives them; a sum
      of two branches is one population with two drives. A linear result that is
      read out is a `spike.integrator`.
    - Ops behind the last layer that have no counterpart (softmax) stay on the host,
      and so does element-wise preparation of inputs: warning `host-op`.

    All other ops that cannot be expressed are reported together, each at its
    location (rule `unsupported-op`). Rules on inputs: `input-shape`, `input-type`,
    `input-batch`.
  }];
  let dependentDialects = ["::nmc::spike::SpikeDialect", "::mlir::tosa::TosaDialect"];
}

#endif // NMC_CONVERSION_PASSES_TD
