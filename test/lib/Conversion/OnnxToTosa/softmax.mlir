// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Softmax; before version 13 all axes from 'axis' on count as one.

// CHECK-LABEL: func.func @last(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<3x4xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
// CHECK: %[[V1:.*]] = tosa.reduce_max %[[ARG0]] {axis = 1 : i32} : (tensor<3x4xf32>) -> tensor<3x1xf32>
// CHECK: %[[V2:.*]] = tosa.sub %[[ARG0]], %[[V1]] : (tensor<3x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32>
// CHECK: %[[V3:.*]] = tosa.exp %[[V2]] : (tensor<3x4xf32>) -> tensor<3x4xf32>
// CHECK: %[[V4:.*]] = tosa.reduce_sum %[[V3]] {axis = 1 : i32} : (tensor<3x4xf32>) -> tensor<3x1xf32>
// CHECK: %[[V5:.*]] = tosa.reciprocal %[[V4]] : (tensor<3x1xf32>) -> tensor<3x1xf32>
// CHECK: %[[V6:.*]] = tosa.mul %[[V3]], %[[V5]], %[[V0]] : (tensor<3x4xf32>, tensor<3x1xf32>, tensor<1xi8>) -> tensor<3x4xf32>
// CHECK: return %[[V6]] : tensor<3x4xf32>
func.func @last(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %r = onnx.node "Softmax" version 13(%x)
      : (tensor<3x4xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @old(
// CHECK-SAME: %[[ARG0:.*]]: tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[2, 12]> : tensor<2xindex>} : () -> !tosa.shape<2>
// CHECK: %[[V1:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
// CHECK: %[[V2:.*]] = tosa.const_shape  {values = dense<[2, 3, 4]> : tensor<3xindex>} : () -> !tosa.shape<3>
// CHECK: %[[V3:.*]] = tosa.reshape %[[ARG0]], %[[V0]] : (tensor<2x3x4xf32>, !tosa.shape<2>) -> tensor<2x12xf32>
// CHECK: %[[V4:.*]] = tosa.reduce_max %[[V3]] {axis = 1 : i32} : (tensor<2x12xf32>) -> tensor<2x1xf32>
// CHECK: %[[V5:.*]] = tosa.sub %[[V3]], %[[V4]] : (tensor<2x12xf32>, tensor<2x1xf32>) -> tensor<2x12xf32>
// CHECK: %[[V6:.*]] = tosa.exp %[[V5]] : (tensor<2x12xf32>) -> tensor<2x12xf32>
// CHECK: %[[V7:.*]] = tosa.reduce_sum %[[V6]] {axis = 1 : i32} : (tensor<2x12xf32>) -> tensor<2x1xf32>
// CHECK: %[[V8:.*]] = tosa.reciprocal %[[V7]] : (tensor<2x1xf32>) -> tensor<2x1xf32>
// CHECK: %[[V9:.*]] = tosa.mul %[[V6]], %[[V8]], %[[V1]] : (tensor<2x12xf32>, tensor<2x1xf32>, tensor<1xi8>) -> tensor<2x12xf32>
// CHECK: %[[V10:.*]] = tosa.reshape %[[V9]], %[[V2]] : (tensor<2x12xf32>, !tosa.shape<3>) -> tensor<2x3x4xf32>
// CHECK: return %[[V10]] : tensor<2x3x4xf32>
func.func @old(%x: tensor<2x3x4xf32>) -> !onnx.unknown {
  %r = onnx.node "Softmax" version 11(%x) with {axis = 1 : i64}
      : (tensor<2x3x4xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
