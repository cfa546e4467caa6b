// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Clip: bounds are attributes before version 11, then constant inputs.

// CHECK-LABEL: func.func @attributes(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: %[[V0:.*]] = tosa.clamp %[[ARG0]] {max_val = 6.000000e+00 : f32, min_val = 0.000000e+00 : f32} : (tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: return %[[V0]] : tensor<1x2x4x5xf32>
func.func @attributes(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "Clip" version 6(%x) with {min = 0.0 : f32, max = 6.0 : f32}
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @inputs(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: %[[V0:.*]] = tosa.clamp %[[ARG0]] {max_val = 6.000000e+00 : f32, min_val = -3.40282347E+38 : f32} : (tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: return %[[V0]] : tensor<1x2x4x5xf32>
func.func @inputs(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %top = onnx.constant dense<6.0> : tensor<f32>
  %none = onnx.none
  %r = onnx.node "Clip" version 13(%x, %none, %top)
      : (tensor<1x2x4x5xf32>, none, tensor<f32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
