// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Sigmoid.

// CHECK-LABEL: func.func @sigmoid(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: %[[V0:.*]] = tosa.sigmoid %[[ARG0]] : (tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: return %[[V0]] : tensor<1x2x4x5xf32>
func.func @sigmoid(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "Sigmoid" version 13(%x)
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
