// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Concat.

// CHECK-LABEL: func.func @concat(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x3x4x5xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<1x1x4x5xf32>}> : () -> tensor<1x1x4x5xf32>
// CHECK: %[[V1:.*]] = tosa.concat %[[ARG0]], %[[V0]] {axis = 1 : i32} : (tensor<1x2x4x5xf32>, tensor<1x1x4x5xf32>) -> tensor<1x3x4x5xf32>
// CHECK: return %[[V1]] : tensor<1x3x4x5xf32>
func.func @concat(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %k = onnx.constant dense<1.0> : tensor<1x1x4x5xf32>
  %r = onnx.node "Concat" version 13(%x, %k) with {axis = 1 : i64}
      : (tensor<1x2x4x5xf32>, tensor<1x1x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @folded(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<2x3xi64>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<{{\[}}{{\[}}1, 3, 4{{\]}}, {{\[}}2, 5, 6{{\]}}{{\]}}> : tensor<2x3xi64>}> : () -> tensor<2x3xi64>
// CHECK: return %[[V0]] : tensor<2x3xi64>
func.func @folded(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %a = onnx.constant dense<[[1],[2]]> : tensor<2x1xi64>
  %b = onnx.constant dense<[[3, 4],[5, 6]]> : tensor<2x2xi64>
  %r = onnx.node "Concat" version 13(%a, %b) with {axis = -1 : i64}
      : (tensor<2x1xi64>, tensor<2x2xi64>) -> !onnx.unknown
  return %r : !onnx.unknown
}
