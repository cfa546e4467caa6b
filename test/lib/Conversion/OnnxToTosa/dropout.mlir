// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Dropout.

// CHECK-LABEL: func.func @dropout(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: return %[[ARG0]] : tensor<1x2x4x5xf32>
func.func @dropout(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "Dropout" version 13(%x)
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
