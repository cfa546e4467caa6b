// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Layouts are carried along: between convolutions and pools there is no transpose.

// CHECK-LABEL: func.func @carried(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
// CHECK: %[[V1:.*]] = tosa.const_shape  {values = dense<[1, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
// CHECK: %[[V2:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
// CHECK: %[[V3:.*]] = tosa.max_pool2d %[[V2]] {kernel = array<i64: 1, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x5x2xf32>) -> tensor<1x4x4x2xf32>
// CHECK: %[[V4:.*]] = "tosa.const"() <{values = dense<{{\[}}{{\[}}{{\[}}{{\[}}1.000000e+00, 2.000000e+00{{\]}}{{\]}}{{\]}}{{\]}}> : tensor<1x1x1x2xf32>}> : () -> tensor<1x1x1x2xf32>
// CHECK: %[[V5:.*]] = tosa.mul %[[V3]], %[[V4]], %[[V0]] : (tensor<1x4x4x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x4x4x2xf32>
// CHECK: %[[V6:.*]] = tosa.clamp %[[V5]] {max_val = 3.40282347E+38 : f32, min_val = 0.000000e+00 : f32} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
// CHECK: %[[V7:.*]] = tosa.max_pool2d %[[V6]] {kernel = array<i64: 4, 4>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xf32>) -> tensor<1x1x1x2xf32>
// CHECK: %[[V8:.*]] = tosa.reshape %[[V7]], %[[V1]] : (tensor<1x1x1x2xf32>, !tosa.shape<2>) -> tensor<1x2xf32>
// CHECK: return %[[V8]] : tensor<1x2xf32>
func.func @carried(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %bias = onnx.constant dense<[[[1.0]],[[2.0]]]> : tensor<2x1x1xf32>
  %0 = onnx.node "MaxPool" version 11(%x) with {kernel_shape = array<i64: 1, 2>}
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  %1 = onnx.node "Mul" version 13(%0, %bias)
      : (!onnx.unknown, tensor<2x1x1xf32>) -> !onnx.unknown
  %2 = onnx.node "Relu" version 13(%1)
      : (!onnx.unknown) -> !onnx.unknown
  %3 = onnx.node "GlobalMaxPool" version 1(%2)
      : (!onnx.unknown) -> !onnx.unknown
  %r = onnx.node "Flatten" version 11(%3)
      : (!onnx.unknown) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @cancelled(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x4x5x2xf32>) -> tensor<1x4x4x2xf32>
// CHECK: %[[V0:.*]] = tosa.max_pool2d %[[ARG0]] {kernel = array<i64: 1, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x5x2xf32>) -> tensor<1x4x4x2xf32>
// CHECK: return %[[V0]] : tensor<1x4x4x2xf32>
func.func @cancelled(%x: tensor<1x4x5x2xf32>) -> !onnx.unknown {
  %0 = onnx.node "Transpose" version 13(%x) with {perm = array<i64: 0, 3, 1, 2>}
      : (tensor<1x4x5x2xf32>) -> !onnx.unknown
  %1 = onnx.node "MaxPool" version 11(%0) with {kernel_shape = array<i64: 1, 2>}
      : (!onnx.unknown) -> !onnx.unknown
  %r = onnx.node "Transpose" version 13(%1) with {perm = array<i64: 0, 2, 3, 1>}
      : (!onnx.unknown) -> !onnx.unknown
  return %r : !onnx.unknown
}
