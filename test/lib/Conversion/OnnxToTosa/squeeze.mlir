// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Squeeze and Unsqueeze: axes are an attribute before version 13.

// CHECK-LABEL: func.func @attribute(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x3x1xf32>) -> tensor<1x3xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[1, 3]> : tensor<2xindex>} : () -> !tosa.shape<2>
// CHECK: %[[V1:.*]] = tosa.reshape %[[ARG0]], %[[V0]] : (tensor<1x3x1xf32>, !tosa.shape<2>) -> tensor<1x3xf32>
// CHECK: return %[[V1]] : tensor<1x3xf32>
func.func @attribute(%x: tensor<1x3x1xf32>) -> !onnx.unknown {
  %r = onnx.node "Squeeze" version 11(%x) with {axes = array<i64: -1>}
      : (tensor<1x3x1xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @all(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x3x1xf32>) -> tensor<3xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<3> : tensor<1xindex>} : () -> !tosa.shape<1>
// CHECK: %[[V1:.*]] = tosa.reshape %[[ARG0]], %[[V0]] : (tensor<1x3x1xf32>, !tosa.shape<1>) -> tensor<3xf32>
// CHECK: return %[[V1]] : tensor<3xf32>
func.func @all(%x: tensor<1x3x1xf32>) -> !onnx.unknown {
  %r = onnx.node "Squeeze" version 13(%x)
      : (tensor<1x3x1xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @unsqueeze(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<1x3x4x1xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[1, 3, 4, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V1:.*]] = tosa.reshape %[[ARG0]], %[[V0]] : (tensor<3x4xf32>, !tosa.shape<4>) -> tensor<1x3x4x1xf32>
// CHECK: return %[[V1]] : tensor<1x3x4x1xf32>
func.func @unsqueeze(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %a = onnx.constant dense<[0, -1]> : tensor<2xi64>
  %r = onnx.node "Unsqueeze" version 13(%x, %a)
      : (tensor<3x4xf32>, tensor<2xi64>) -> !onnx.unknown
  return %r : !onnx.unknown
}
