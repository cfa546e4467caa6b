// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Relu.

// CHECK-LABEL: func.func @relu(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: %[[V0:.*]] = tosa.clamp %[[ARG0]] {max_val = 3.40282347E+38 : f32, min_val = 0.000000e+00 : f32} : (tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: return %[[V0]] : tensor<1x2x4x5xf32>
func.func @relu(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "Relu" version 13(%x)
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
