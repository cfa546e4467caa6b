// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Pad: amounts are an attribute before version 11; version 18 names axes.

// CHECK-LABEL: func.func @attribute(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<4x6xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[1, 0, 0, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V1:.*]] = "tosa.const"() <{values = dense<3.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V2:.*]] = tosa.pad %[[ARG0]], %[[V0]], %[[V1]] : (tensor<3x4xf32>, !tosa.shape<4>, tensor<1xf32>) -> tensor<4x6xf32>
// CHECK: return %[[V2]] : tensor<4x6xf32>
func.func @attribute(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %r = onnx.node "Pad" version 2(%x) with {pads = array<i64: 1, 0, 0, 2>, value = 3.0 : f32}
      : (tensor<3x4xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @axes(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<3x7xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[0, 0, 1, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
// CHECK: %[[V1:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V2:.*]] = tosa.pad %[[ARG0]], %[[V0]], %[[V1]] : (tensor<3x4xf32>, !tosa.shape<4>, tensor<1xf32>) -> tensor<3x7xf32>
// CHECK: return %[[V2]] : tensor<3x7xf32>
func.func @axes(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %p = onnx.constant dense<[1, 2]> : tensor<2xi64>
  %a = onnx.constant dense<[-1]> : tensor<1xi64>
  %none = onnx.none
  %r = onnx.node "Pad" version 18(%x, %p, %none, %a)
      : (tensor<3x4xf32>, tensor<2xi64>, none, tensor<1xi64>) -> !onnx.unknown
  return %r : !onnx.unknown
}
