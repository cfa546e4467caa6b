// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Grouped convolutions: slices, convolutions and a concatenation; one channel per group is depthwise.

// CHECK-LABEL: func.func @grouped(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<0> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V1:.*]] = tosa.const_shape  {values = dense<[1, 4, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V2:.*]] = tosa.const_shape  {values = dense<0> : tensor<1xindex>} : () -> !tosa.shape<1>
// CHECK: %[[V3:.*]] = tosa.const_shape  {values = dense<2> : tensor<1xindex>} : () -> !tosa.shape<1>
// CHECK: %[[V4:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V5:.*]] = tosa.const_shape  {values = dense<[0, 0, 0, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V6:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
// CHECK: %[[V7:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<4xf32>}> : () -> tensor<4xf32>
// CHECK: %[[V8:.*]] = tosa.slice %[[V6]], %[[V0]], %[[V1]] : (tensor<1x4x4x4xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x4x4x2xf32>
// CHECK: %[[V9:.*]] = tosa.slice %[[V7]], %[[V2]], %[[V3]] : (tensor<4xf32>, !tosa.shape<1>, !tosa.shape<1>) -> tensor<2xf32>
// CHECK: %[[V10:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<2x1x1x2xf32>}> : () -> tensor<2x1x1x2xf32>
// CHECK: %[[V11:.*]] = tosa.conv2d %[[V8]], %[[V10]], %[[V9]], %[[V4]], %[[V4]] {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x2xf32>
// CHECK: %[[V12:.*]] = tosa.slice %[[V6]], %[[V5]], %[[V1]] : (tensor<1x4x4x4xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x4x4x2xf32>
// CHECK: %[[V13:.*]] = tosa.slice %[[V7]], %[[V3]], %[[V3]] : (tensor<4xf32>, !tosa.shape<1>, !tosa.shape<1>) -> tensor<2xf32>
// CHECK: %[[V14:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<2x1x1x2xf32>}> : () -> tensor<2x1x1x2xf32>
// CHECK: %[[V15:.*]] = tosa.conv2d %[[V12]], %[[V14]], %[[V13]], %[[V4]], %[[V4]] {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x2xf32>
// CHECK: %[[V16:.*]] = tosa.concat %[[V11]], %[[V15]] {axis = 3 : i32} : (tensor<1x4x4x2xf32>, tensor<1x4x4x2xf32>) -> tensor<1x4x4x4xf32>
// CHECK: %[[V17:.*]] = tosa.transpose %[[V16]] {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
// CHECK: return %[[V17]] : tensor<1x4x4x4xf32>
func.func @grouped(%x: tensor<1x4x4x4xf32>) -> !onnx.unknown {
  %w = onnx.constant dense<1.0> : tensor<4x2x1x1xf32>
  %r = onnx.node "Conv" version 11(%x, %w) with {group = 2 : i64}
      : (tensor<1x4x4x4xf32>, tensor<4x2x1x1xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @depthwise(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x4x4x5xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V1:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
// CHECK: %[[V2:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<4xf32>}> : () -> tensor<4xf32>
// CHECK: %[[V3:.*]] = "tosa.const"() <{values = dense<{{\[}}{{\[}}{{\[}}{{\[}}1.000000e+00, 2.000000e+00{{\]}}, {{\[}}3.000000e+00, 4.000000e+00{{\]}}{{\]}}{{\]}}{{\]}}> : tensor<1x1x2x2xf32>}> : () -> tensor<1x1x2x2xf32>
// CHECK: %[[V4:.*]] = tosa.depthwise_conv2d %[[V1]], %[[V3]], %[[V2]], %[[V0]], %[[V0]] {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x5x2xf32>, tensor<1x1x2x2xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x5x4xf32>
// CHECK: %[[V5:.*]] = tosa.transpose %[[V4]] {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x5x4xf32>) -> tensor<1x4x4x5xf32>
// CHECK: return %[[V5]] : tensor<1x4x4x5xf32>
func.func @depthwise(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %w = onnx.constant dense<[[[[1.0]]],[[[2.0]]],[[[3.0]]],[[[4.0]]]]> : tensor<4x1x1x1xf32>
  %r = onnx.node "Conv" version 11(%x, %w) with {group = 2 : i64}
      : (tensor<1x2x4x5xf32>, tensor<4x1x1x1xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
