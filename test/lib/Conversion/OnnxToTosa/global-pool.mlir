// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// GlobalAveragePool and GlobalMaxPool: one window over everything.

// CHECK-LABEL: func.func @average(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x1x1xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V1:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
// CHECK: %[[V2:.*]] = tosa.avg_pool2d %[[V1]], %[[V0]], %[[V0]] {acc_type = f32, kernel = array<i64: 4, 5>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x5x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x2xf32>
// CHECK: %[[V3:.*]] = tosa.transpose %[[V2]] {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x1x1x2xf32>) -> tensor<1x2x1x1xf32>
// CHECK: return %[[V3]] : tensor<1x2x1x1xf32>
func.func @average(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "GlobalAveragePool" version 1(%x)
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @max(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x1x1xf32>
// CHECK: %[[V0:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
// CHECK: %[[V1:.*]] = tosa.max_pool2d %[[V0]] {kernel = array<i64: 4, 5>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x5x2xf32>) -> tensor<1x1x1x2xf32>
// CHECK: %[[V2:.*]] = tosa.transpose %[[V1]] {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x1x1x2xf32>) -> tensor<1x2x1x1xf32>
// CHECK: return %[[V2]] : tensor<1x2x1x1xf32>
func.func @max(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "GlobalMaxPool" version 1(%x)
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
