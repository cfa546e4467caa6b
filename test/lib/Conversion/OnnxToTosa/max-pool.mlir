// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// MaxPool.

// The last column is reached by no window.
// CHECK-LABEL: func.func @floor(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x2x2xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<0> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V1:.*]] = tosa.const_shape  {values = dense<[1, 4, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V2:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
// CHECK: %[[V3:.*]] = tosa.slice %[[V2]], %[[V0]], %[[V1]] : (tensor<1x4x5x2xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x4x4x2xf32>
// CHECK: %[[V4:.*]] = tosa.max_pool2d %[[V3]] {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x2x2xf32>
// CHECK: %[[V5:.*]] = tosa.transpose %[[V4]] {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
// CHECK: return %[[V5]] : tensor<1x2x2x2xf32>
func.func @floor(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "MaxPool" version 11(%x) with {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>}
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// With ceil_mode it is, and the window reaches into padding.
// CHECK-LABEL: func.func @ceil(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x2x3xf32>
// CHECK: %[[V0:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
// CHECK: %[[V1:.*]] = tosa.max_pool2d %[[V0]] {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 1>, stride = array<i64: 2, 2>} : (tensor<1x4x5x2xf32>) -> tensor<1x2x3x2xf32>
// CHECK: %[[V2:.*]] = tosa.transpose %[[V1]] {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x2x3x2xf32>) -> tensor<1x2x2x3xf32>
// CHECK: return %[[V2]] : tensor<1x2x2x3xf32>
func.func @ceil(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "MaxPool" version 11(%x) with {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>, ceil_mode = 1 : i64}
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @one_dimension(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x8xf32>) -> tensor<1x2x4xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[1, 1, 8, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V1:.*]] = tosa.const_shape  {values = dense<[1, 4, 2]> : tensor<3xindex>} : () -> !tosa.shape<3>
// CHECK: %[[V2:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 1>} : (tensor<1x2x8xf32>) -> tensor<1x8x2xf32>
// CHECK: %[[V3:.*]] = tosa.reshape %[[V2]], %[[V0]] : (tensor<1x8x2xf32>, !tosa.shape<4>) -> tensor<1x1x8x2xf32>
// CHECK: %[[V4:.*]] = tosa.max_pool2d %[[V3]] {kernel = array<i64: 1, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 2>} : (tensor<1x1x8x2xf32>) -> tensor<1x1x4x2xf32>
// CHECK: %[[V5:.*]] = tosa.reshape %[[V4]], %[[V1]] : (tensor<1x1x4x2xf32>, !tosa.shape<3>) -> tensor<1x4x2xf32>
// CHECK: %[[V6:.*]] = tosa.transpose %[[V5]] {perms = array<i32: 0, 2, 1>} : (tensor<1x4x2xf32>) -> tensor<1x2x4xf32>
// CHECK: return %[[V6]] : tensor<1x2x4xf32>
func.func @one_dimension(%x: tensor<1x2x8xf32>) -> !onnx.unknown {
  %r = onnx.node "MaxPool" version 11(%x) with {kernel_shape = array<i64: 2>, strides = array<i64: 2>}
      : (tensor<1x2x8xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
