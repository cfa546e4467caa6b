// RUN: nmc-opt %s --convert-onnx-to-tosa --split-input-file --verify-diagnostics

// Operators, versions and attributes, all together.

func.func @together(%x: tensor<1x2x4x4xf32>) -> !onnx.unknown {
  // expected-error @below {{operator GridSample (version 16) is not supported [unsupported-op]}}
  %0 = onnx.node "GridSample" version 16(%x) : (tensor<1x2x4x4xf32>) -> !onnx.unknown
  // expected-error @below {{operator Add of version 6 is not supported, only from version 7 on [unsupported-op]}}
  %1 = onnx.node "Add" version 6(%0, %x) : (!onnx.unknown, tensor<1x2x4x4xf32>) -> !onnx.unknown
  // expected-error @below {{attribute 'layout' of MaxPool is not supported [unsupported-op]}}
  %2 = onnx.node "MaxPool" version 12(%1) with {kernel_shape = array<i64: 2, 2>, layout = 1 : i64} : (!onnx.unknown) -> !onnx.unknown
  // expected-error @below {{operator com.microsoft.Relu (version 1) is not supported [unsupported-op]}}
  %3 = onnx.node "Relu" version 1 domain "com.microsoft"(%2) : (!onnx.unknown) -> !onnx.unknown
  return %3 : !onnx.unknown
}

// -----

// What the types show, for nodes that do not depend on each other.

func.func @typed(%x: tensor<1x2x4x4xf32>, %i: tensor<4xi32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %w = onnx.constant dense<1.0> : tensor<3x5x1x1xf32>
  // expected-error @below {{Conv (version 11): input has 2 channels, but weights 'tensor<3x5x1x1xf32>' in 1 groups take 5 [onnx-shape]}}
  %0 = onnx.node "Conv" version 13(%x, %w) : (tensor<1x2x4x4xf32>, tensor<3x5x1x1xf32>) -> !onnx.unknown
  // expected-error @below {{MaxPool (version 12): attribute 'dilations' is not 1 [unsupported-op]}}
  %1 = onnx.node "MaxPool" version 13(%x) with {kernel_shape = array<i64: 2, 2>, dilations = array<i64: 2, 2>} : (tensor<1x2x4x4xf32>) -> !onnx.unknown
  // expected-error @below {{Relu (version 13): input 0 has element type 'i32', but only f32 is supported [unsupported-op]}}
  %2 = onnx.node "Relu" version 13(%i) : (tensor<4xi32>) -> !onnx.unknown
  // expected-error @below {{DequantizeLinear (version 13): scale and zero point must be constant [unsupported-op]}}
  %3 = onnx.node "DequantizeLinear" version 13(%i, %x) : (tensor<4xi32>, tensor<1x2x4x4xf32>) -> !onnx.unknown
  return %0, %1, %2, %3 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

func.func @unused(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-warning @below {{no output of the model depends on this GridSample, it is left out [onnx-unused]}}
  %0 = onnx.node "GridSample" version 16(%x) : (tensor<2xf32>) -> !onnx.unknown
  %1 = onnx.node "Relu" version 16(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// -----

func.func @stated(%x: tensor<2xf32>) -> tensor<3xf32> {
  // expected-warning @below {{the model states 'tensor<3xf32>' for a result of Relu, which has 'tensor<2xf32>' [onnx-shape]}}
  %1 = onnx.node "Relu" version 16(%x) : (tensor<2xf32>) -> tensor<3xf32>
  return %1 : tensor<3xf32>
}

// -----

// expected-warning @below {{operator set 99 is read as the newest known one, 28 [onnx-opset]}}
func.func @newer(%x: tensor<2xf32>) -> tensor<2xf32> attributes {onnx.opsets = {ai.onnx = 99 : i64}} {
  %1 = onnx.node "Relu" version 99(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// -----

func.func @more(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x1x1xf32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{Conv (version 11): weights must be constant; make the input that they come from constant with --bind-inputs [unsupported-op]}}
  %0 = onnx.node "Conv" version 13(%x, %w) : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> !onnx.unknown
  // expected-error @below {{AveragePool (version 11): attribute 'ceil_mode' adds a window at the end, together with 'count_include_pad' [unsupported-op]}}
  %1 = onnx.node "AveragePool" version 13(%x) with {kernel_shape = array<i64: 3, 3>, strides = array<i64: 2, 2>, ceil_mode = 1 : i64, count_include_pad = 1 : i64} : (tensor<1x2x4x4xf32>) -> !onnx.unknown
  // expected-error @below {{MaxPool (version 12): the window spans 7, but the padded input has 4 at spatial axis 0 [onnx-shape]}}
  %2 = onnx.node "MaxPool" version 13(%x) with {kernel_shape = array<i64: 7, 7>} : (tensor<1x2x4x4xf32>) -> !onnx.unknown
  %shape = onnx.constant dense<[3, -1]> : tensor<2xi64>
  // expected-error @below {{Reshape (version 13): the input's 32 elements do not divide by 3 [onnx-shape]}}
  %3 = onnx.node "Reshape" version 13(%x, %shape) : (tensor<1x2x4x4xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{Pad (version 13): attribute 'mode' is 'reflect' [unsupported-op]}}
  %4 = onnx.node "Pad" version 13(%x, %shape) with {mode = "reflect"} : (tensor<1x2x4x4xf32>, tensor<2xi64>) -> !onnx.unknown
  return %0, %1, %2, %3, %4 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}
