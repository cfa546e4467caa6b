// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Transpose.

// CHECK-LABEL: func.func @transpose(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
// CHECK: %[[V0:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
// CHECK: return %[[V0]] : tensor<1x4x5x2xf32>
func.func @transpose(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "Transpose" version 13(%x) with {perm = array<i64: 0, 2, 3, 1>}
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @constant(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<2x1xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<{{\[}}{{\[}}1.000000e+00{{\]}}, {{\[}}2.000000e+00{{\]}}{{\]}}> : tensor<2x1xf32>}> : () -> tensor<2x1xf32>
// CHECK: return %[[V0]] : tensor<2x1xf32>
func.func @constant(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %k = onnx.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %r = onnx.node "Transpose" version 1(%k)
      : (tensor<1x2xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
