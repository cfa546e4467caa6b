// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Flatten.

// CHECK-LABEL: func.func @flatten(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<8x5xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[8, 5]> : tensor<2xindex>} : () -> !tosa.shape<2>
// CHECK: %[[V1:.*]] = tosa.reshape %[[ARG0]], %[[V0]] : (tensor<1x2x4x5xf32>, !tosa.shape<2>) -> tensor<8x5xf32>
// CHECK: return %[[V1]] : tensor<8x5xf32>
func.func @flatten(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "Flatten" version 13(%x) with {axis = -1 : i64}
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
