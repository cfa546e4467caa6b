// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Identity.

// CHECK-LABEL: func.func @identity(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: return %[[ARG0]] : tensor<1x2x4x5xf32>
func.func @identity(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "Identity" version 13(%x)
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
