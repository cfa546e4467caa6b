// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Reshape: 0 copies an axis, -1 is what is left.

// CHECK-LABEL: func.func @reshape(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x4x10xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[1, 4, 10]> : tensor<3xindex>} : () -> !tosa.shape<3>
// CHECK: %[[V1:.*]] = tosa.reshape %[[ARG0]], %[[V0]] : (tensor<1x2x4x5xf32>, !tosa.shape<3>) -> tensor<1x4x10xf32>
// CHECK: return %[[V1]] : tensor<1x4x10xf32>
func.func @reshape(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %s = onnx.constant dense<[0, -1, 10]> : tensor<3xi64>
  %r = onnx.node "Reshape" version 13(%x, %s)
      : (tensor<1x2x4x5xf32>, tensor<3xi64>) -> !onnx.unknown
  return %r : !onnx.unknown
}
