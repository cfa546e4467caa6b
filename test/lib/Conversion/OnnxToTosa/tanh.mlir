// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Tanh.

// CHECK-LABEL: func.func @tanh(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: %[[V0:.*]] = tosa.tanh %[[ARG0]] : (tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: return %[[V0]] : tensor<1x2x4x5xf32>
func.func @tanh(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "Tanh" version 13(%x)
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
