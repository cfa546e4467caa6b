// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// BatchNormalization: 2 / sqrt(4) = 1 is the scale, b - 3 the shift.

// CHECK-LABEL: func.func @alone(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
// CHECK: %[[V1:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<1x2x1x1xf32>}> : () -> tensor<1x2x1x1xf32>
// CHECK: %[[V2:.*]] = tosa.mul %[[ARG0]], %[[V1]], %[[V0]] : (tensor<1x2x4x5xf32>, tensor<1x2x1x1xf32>, tensor<1xi8>) -> tensor<1x2x4x5xf32>
// CHECK: %[[V3:.*]] = "tosa.const"() <{values = dense<{{\[}}{{\[}}{{\[}}{{\[}}-2.000000e+00{{\]}}{{\]}}, {{\[}}{{\[}}-1.000000e+00{{\]}}{{\]}}{{\]}}{{\]}}> : tensor<1x2x1x1xf32>}> : () -> tensor<1x2x1x1xf32>
// CHECK: %[[V4:.*]] = tosa.add %[[V2]], %[[V3]] : (tensor<1x2x4x5xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x4x5xf32>
// CHECK: return %[[V4]] : tensor<1x2x4x5xf32>
func.func @alone(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %g = onnx.constant dense<2.0> : tensor<2xf32>
  %b = onnx.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %m = onnx.constant dense<3.0> : tensor<2xf32>
  %v = onnx.constant dense<4.0> : tensor<2xf32>
  %r = onnx.node "BatchNormalization" version 15(%x, %g, %b, %m, %v) with {epsilon = 0.0 : f32}
      : (tensor<1x2x4x5xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @after_conv(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V1:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
// CHECK: %[[V2:.*]] = "tosa.const"() <{values = dense<[-2.000000e+00, -1.000000e+00]> : tensor<2xf32>}> : () -> tensor<2xf32>
// CHECK: %[[V3:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<2x1x1x2xf32>}> : () -> tensor<2x1x1x2xf32>
// CHECK: %[[V4:.*]] = tosa.conv2d %[[V1]], %[[V3]], %[[V2]], %[[V0]], %[[V0]] {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x5x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x5x2xf32>
// CHECK: %[[V5:.*]] = tosa.transpose %[[V4]] {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x5x2xf32>) -> tensor<1x2x4x5xf32>
// CHECK: return %[[V5]] : tensor<1x2x4x5xf32>
func.func @after_conv(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %g = onnx.constant dense<2.0> : tensor<2xf32>
  %b = onnx.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %m = onnx.constant dense<3.0> : tensor<2xf32>
  %v = onnx.constant dense<4.0> : tensor<2xf32>
  %w = onnx.constant dense<1.0> : tensor<2x2x1x1xf32>
  %0 = onnx.node "Conv" version 11(%x, %w)
      : (tensor<1x2x4x5xf32>, tensor<2x2x1x1xf32>) -> !onnx.unknown
  %r = onnx.node "BatchNormalization" version 9(%0, %g, %b, %m, %v) with {epsilon = 0.0 : f32}
      : (!onnx.unknown, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
