// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// 2-D convolutions become tosa.conv2d on NHWC with the filters as OHWI.

// The bias and padding are the op's own; ONNX's pads are all begins, then all ends.
// CHECK-LABEL: func.func @padded(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x3x8x11xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V1:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
// CHECK: %[[V2:.*]] = "tosa.const"() <{values = dense<[1.000000e-01, 2.000000e-01, 3.000000e-01]> : tensor<3xf32>}> : () -> tensor<3xf32>
// CHECK: %[[V3:.*]] = "tosa.const"() <{values = dense<{{\[}}{{\[}}{{\[}}{{\[}}1.000000e+00, 2.000000e+00{{\]}}{{\]}}{{\]}}, {{\[}}{{\[}}{{\[}}3.000000e+00, 4.000000e+00{{\]}}{{\]}}{{\]}}, {{\[}}{{\[}}{{\[}}5.000000e+00, 6.000000e+00{{\]}}{{\]}}{{\]}}{{\]}}> : tensor<3x1x1x2xf32>}> : () -> tensor<3x1x1x2xf32>
// CHECK: %[[V4:.*]] = tosa.conv2d %[[V1]], %[[V3]], %[[V2]], %[[V0]], %[[V0]] {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 3, 2, 4>, stride = array<i64: 1, 1>} : (tensor<1x4x5x2xf32>, tensor<3x1x1x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x8x11x3xf32>
// CHECK: %[[V5:.*]] = tosa.transpose %[[V4]] {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x8x11x3xf32>) -> tensor<1x3x8x11xf32>
// CHECK: return %[[V5]] : tensor<1x3x8x11xf32>
func.func @padded(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %w = onnx.constant dense<[[[[1.0]],[[2.0]]],[[[3.0]],[[4.0]]],[[[5.0]],[[6.0]]]]> : tensor<3x2x1x1xf32>
  %b = onnx.constant dense<[0.1,0.2,0.3]> : tensor<3xf32>
  %r = onnx.node "Conv" version 11(%x, %w, %b) with {pads = array<i64: 1, 2, 3, 4>}
      : (tensor<1x2x4x5xf32>, tensor<3x2x1x1xf32>, tensor<3xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// A remainder of the stride is taken from the trailing padding, then from the input.
// CHECK-LABEL: func.func @floor(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x3x1x3xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<0> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V1:.*]] = tosa.const_shape  {values = dense<[1, 2, 5, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V2:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V3:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
// CHECK: %[[V4:.*]] = tosa.slice %[[V3]], %[[V0]], %[[V1]] : (tensor<1x4x5x2xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x2x5x2xf32>
// CHECK: %[[V5:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<3xf32>}> : () -> tensor<3xf32>
// CHECK: %[[V6:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<3x2x2x2xf32>}> : () -> tensor<3x2x2x2xf32>
// CHECK: %[[V7:.*]] = tosa.conv2d %[[V4]], %[[V6]], %[[V5]], %[[V2]], %[[V2]] {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 1>, stride = array<i64: 3, 2>} : (tensor<1x2x5x2xf32>, tensor<3x2x2x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x3x3xf32>
// CHECK: %[[V8:.*]] = tosa.transpose %[[V7]] {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x1x3x3xf32>) -> tensor<1x3x1x3xf32>
// CHECK: return %[[V8]] : tensor<1x3x1x3xf32>
func.func @floor(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %w = onnx.constant dense<1.0> : tensor<3x2x2x2xf32>
  %r = onnx.node "Conv" version 22(%x, %w) with {strides = array<i64: 3, 2>, pads = array<i64: 0, 0, 0, 1>}
      : (tensor<1x2x4x5xf32>, tensor<3x2x2x2xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @same(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x3x4x5xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V1:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
// CHECK: %[[V2:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<3xf32>}> : () -> tensor<3xf32>
// CHECK: %[[V3:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<3x3x2x2xf32>}> : () -> tensor<3x3x2x2xf32>
// CHECK: %[[V4:.*]] = tosa.conv2d %[[V1]], %[[V3]], %[[V2]], %[[V0]], %[[V0]] {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 1, 0, 1>, stride = array<i64: 1, 1>} : (tensor<1x4x5x2xf32>, tensor<3x3x2x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x5x3xf32>
// CHECK: %[[V5:.*]] = tosa.transpose %[[V4]] {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x5x3xf32>) -> tensor<1x3x4x5xf32>
// CHECK: return %[[V5]] : tensor<1x3x4x5xf32>
func.func @same(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %w = onnx.constant dense<1.0> : tensor<3x2x3x2xf32>
  %r = onnx.node "Conv" version 1(%x, %w) with {auto_pad = "SAME_UPPER"}
      : (tensor<1x2x4x5xf32>, tensor<3x2x3x2xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @one_dimension(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x8xf32>) -> tensor<1x3x4xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[1, 1, 8, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V1:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V2:.*]] = tosa.const_shape  {values = dense<[1, 4, 3]> : tensor<3xindex>} : () -> !tosa.shape<3>
// CHECK: %[[V3:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 1>} : (tensor<1x2x8xf32>) -> tensor<1x8x2xf32>
// CHECK: %[[V4:.*]] = tosa.reshape %[[V3]], %[[V0]] : (tensor<1x8x2xf32>, !tosa.shape<4>) -> tensor<1x1x8x2xf32>
// CHECK: %[[V5:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<3xf32>}> : () -> tensor<3xf32>
// CHECK: %[[V6:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<3x1x3x2xf32>}> : () -> tensor<3x1x3x2xf32>
// CHECK: %[[V7:.*]] = tosa.conv2d %[[V4]], %[[V6]], %[[V5]], %[[V1]], %[[V1]] {acc_type = f32, dilation = array<i64: 1, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x1x8x2xf32>, tensor<3x1x3x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x4x3xf32>
// CHECK: %[[V8:.*]] = tosa.reshape %[[V7]], %[[V2]] : (tensor<1x1x4x3xf32>, !tosa.shape<3>) -> tensor<1x4x3xf32>
// CHECK: %[[V9:.*]] = tosa.transpose %[[V8]] {perms = array<i32: 0, 2, 1>} : (tensor<1x4x3xf32>) -> tensor<1x3x4xf32>
// CHECK: return %[[V9]] : tensor<1x3x4xf32>
func.func @one_dimension(%x: tensor<1x2x8xf32>) -> !onnx.unknown {
  %w = onnx.constant dense<1.0> : tensor<3x2x3xf32>
  %r = onnx.node "Conv" version 11(%x, %w) with {dilations = array<i64: 2>}
      : (tensor<1x2x8xf32>, tensor<3x2x3xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
