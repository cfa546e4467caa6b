// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Slice: bounds count from the end where negative and are clamped.

// CHECK-LABEL: func.func @slice(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<3x3xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[0, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
// CHECK: %[[V1:.*]] = tosa.const_shape  {values = dense<3> : tensor<2xindex>} : () -> !tosa.shape<2>
// CHECK: %[[V2:.*]] = tosa.slice %[[ARG0]], %[[V0]], %[[V1]] : (tensor<3x4xf32>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<3x3xf32>
// CHECK: return %[[V2]] : tensor<3x3xf32>
func.func @slice(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %s = onnx.constant dense<[-3]> : tensor<1xi64>
  %e = onnx.constant dense<[9223372036854775807]> : tensor<1xi64>
  %a = onnx.constant dense<[1]> : tensor<1xi64>
  %r = onnx.node "Slice" version 13(%x, %s, %e, %a)
      : (tensor<3x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @attributes(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<1x4xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[1, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
// CHECK: %[[V1:.*]] = tosa.const_shape  {values = dense<[1, 4]> : tensor<2xindex>} : () -> !tosa.shape<2>
// CHECK: %[[V2:.*]] = tosa.slice %[[ARG0]], %[[V0]], %[[V1]] : (tensor<3x4xf32>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x4xf32>
// CHECK: return %[[V2]] : tensor<1x4xf32>
func.func @attributes(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %r = onnx.node "Slice" version 1(%x) with {starts = array<i64: 1>, ends = array<i64: 2>}
      : (tensor<3x4xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @backwards(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<3xi64>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<[5, 3, 1]> : tensor<3xi64>}> : () -> tensor<3xi64>
// CHECK: return %[[V0]] : tensor<3xi64>
func.func @backwards(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %k = onnx.constant dense<[0, 1, 2, 3, 4, 5]> : tensor<6xi64>
  %s = onnx.constant dense<[-1]> : tensor<1xi64>
  %e = onnx.constant dense<[-99]> : tensor<1xi64>
  %a = onnx.constant dense<[0]> : tensor<1xi64>
  %t = onnx.constant dense<[-2]> : tensor<1xi64>
  %r = onnx.node "Slice" version 13(%k, %s, %e, %a, %t)
      : (tensor<6xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  return %r : !onnx.unknown
}
