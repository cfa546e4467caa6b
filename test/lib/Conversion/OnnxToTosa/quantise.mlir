// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// DequantizeLinear and QuantizeLinear of constants: (q - zero) * scale, halves to even.

// CHECK-LABEL: func.func @tensor(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<3xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<[0.000000e+00, -2.000000e+00, 6.300000e+01]> : tensor<3xf32>}> : () -> tensor<3xf32>
// CHECK: return %[[V0]] : tensor<3xf32>
func.func @tensor(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %q = onnx.constant dense<[1, -3, 127]> : tensor<3xi8>
  %s = onnx.constant dense<0.5> : tensor<f32>
  %z = onnx.constant dense<1> : tensor<i8>
  %r = onnx.node "DequantizeLinear" version 10(%q, %s, %z)
      : (tensor<3xi8>, tensor<f32>, tensor<i8>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @axis(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<2x2xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<{{\[}}{{\[}}5.000000e-01, -1.500000e+00{{\]}}, {{\[}}1.000000e+01, 2.540000e+02{{\]}}{{\]}}> : tensor<2x2xf32>}> : () -> tensor<2x2xf32>
// CHECK: return %[[V0]] : tensor<2x2xf32>
func.func @axis(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %q = onnx.constant dense<[[1, -3], [5, 127]]> : tensor<2x2xi8>
  %s = onnx.constant dense<[0.5, 2.0]> : tensor<2xf32>
  %r = onnx.node "DequantizeLinear" version 13(%q, %s) with {axis = 0 : i64}
      : (tensor<2x2xi8>, tensor<2xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @quantise(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<4xui8>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<[10, 12, 0, 255]> : tensor<4xui8>}> : () -> tensor<4xui8>
// CHECK: return %[[V0]] : tensor<4xui8>
func.func @quantise(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %q = onnx.constant dense<[0.25, 0.75, -9.0, 1000.0]> : tensor<4xf32>
  %s = onnx.constant dense<0.5> : tensor<f32>
  %z = onnx.constant dense<10> : tensor<ui8>
  %r = onnx.node "QuantizeLinear" version 13(%q, %s, %z)
      : (tensor<4xf32>, tensor<f32>, tensor<ui8>) -> !onnx.unknown
  return %r : !onnx.unknown
}
