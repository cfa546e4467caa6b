// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Add.

// Ranks are made equal.
// CHECK-LABEL: func.func @two(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>, %[[ARG1:.*]]: tensor<4x1xf32>) -> tensor<1x2x4x5xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[1, 1, 4, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V1:.*]] = tosa.reshape %[[ARG1]], %[[V0]] : (tensor<4x1xf32>, !tosa.shape<4>) -> tensor<1x1x4x1xf32>
// CHECK: %[[V2:.*]] = tosa.add %[[ARG0]], %[[V1]] : (tensor<1x2x4x5xf32>, tensor<1x1x4x1xf32>) -> tensor<1x2x4x5xf32>
// CHECK: return %[[V2]] : tensor<1x2x4x5xf32>
func.func @two(%x: tensor<1x2x4x5xf32>, %y: tensor<4x1xf32>) -> !onnx.unknown {
  %r = onnx.node "Add" version 13(%x, %y)
      : (tensor<1x2x4x5xf32>, tensor<4x1xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @constant(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<4.000000e+00> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
// CHECK: %[[V1:.*]] = tosa.add %[[ARG0]], %[[V0]] : (tensor<1x2x4x5xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x4x5xf32>
// CHECK: return %[[V1]] : tensor<1x2x4x5xf32>
func.func @constant(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %k = onnx.constant dense<4.0> : tensor<f32>
  %r = onnx.node "Add" version 7(%x, %k)
      : (tensor<1x2x4x5xf32>, tensor<f32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @folded(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<2xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<[5.000000e+00, 6.000000e+00]> : tensor<2xf32>}> : () -> tensor<2xf32>
// CHECK: return %[[V0]] : tensor<2xf32>
func.func @folded(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %a = onnx.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = onnx.constant dense<4.0> : tensor<f32>
  %r = onnx.node "Add" version 14(%a, %b)
      : (tensor<2xf32>, tensor<f32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
