// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// What scales and shifts per channel after a convolution goes into its weights.

// 2 * (conv + 0.5) - 1: weights are doubled, the bias is 2 * (0.25 + 0.5) - 1.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V1:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x1x2x2xf32>) -> tensor<1x2x2x1xf32>
// CHECK: %[[V2:.*]] = "tosa.const"() <{values = dense<5.000000e-01> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V3:.*]] = "tosa.const"() <{values = dense<3.000000e+00> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
// CHECK: %[[V4:.*]] = tosa.conv2d %[[V1]], %[[V3]], %[[V2]], %[[V0]], %[[V0]] {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
// CHECK: %[[V5:.*]] = tosa.transpose %[[V4]] {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x2x2x1xf32>) -> tensor<1x1x2x2xf32>
// CHECK: return %[[V5]] : tensor<1x1x2x2xf32>
func.func @chain(%x: tensor<1x1x2x2xf32>) -> !onnx.unknown {
  %w = onnx.constant dense<1.5> : tensor<1x1x1x1xf32>
  %b = onnx.constant dense<0.25> : tensor<1xf32>
  %half = onnx.constant dense<0.5> : tensor<1x1x1xf32>
  %two = onnx.constant dense<2.0> : tensor<f32>
  %one = onnx.constant dense<1.0> : tensor<1xf32>
  %0 = onnx.node "Conv" version 11(%x, %w, %b)
      : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>) -> !onnx.unknown
  %1 = onnx.node "Add" version 13(%half, %0)
      : (tensor<1x1x1xf32>, !onnx.unknown) -> !onnx.unknown
  %2 = onnx.node "Mul" version 13(%1, %two)
      : (!onnx.unknown, tensor<f32>) -> !onnx.unknown
  %r = onnx.node "Sub" version 13(%2, %one)
      : (!onnx.unknown, tensor<1xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// A second use keeps the convolution as it is.
// CHECK-LABEL: func.func @used_twice(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V1:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
// CHECK: %[[V2:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x1x2x2xf32>) -> tensor<1x2x2x1xf32>
// CHECK: %[[V3:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V4:.*]] = "tosa.const"() <{values = dense<1.500000e+00> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
// CHECK: %[[V5:.*]] = tosa.conv2d %[[V2]], %[[V4]], %[[V3]], %[[V0]], %[[V0]] {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
// CHECK: %[[V6:.*]] = "tosa.const"() <{values = dense<2.000000e+00> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
// CHECK: %[[V7:.*]] = tosa.mul %[[V5]], %[[V6]], %[[V1]] : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xi8>) -> tensor<1x2x2x1xf32>
// CHECK: %[[V8:.*]] = tosa.add %[[V5]], %[[V7]] : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
// CHECK: %[[V9:.*]] = tosa.transpose %[[V8]] {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x2x2x1xf32>) -> tensor<1x1x2x2xf32>
// CHECK: return %[[V9]] : tensor<1x1x2x2xf32>
func.func @used_twice(%x: tensor<1x1x2x2xf32>) -> !onnx.unknown {
  %w = onnx.constant dense<1.5> : tensor<1x1x1x1xf32>
  %two = onnx.constant dense<2.0> : tensor<f32>
  %0 = onnx.node "Conv" version 11(%x, %w)
      : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>) -> !onnx.unknown
  %1 = onnx.node "Mul" version 13(%0, %two)
      : (!onnx.unknown, tensor<f32>) -> !onnx.unknown
  %r = onnx.node "Add" version 13(%0, %1)
      : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  return %r : !onnx.unknown
}
