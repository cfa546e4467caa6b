// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Constant, ConstantOfShape, Shape, Gather, Cast: computed while compiling.

// CHECK-LABEL: func.func @constant(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<2xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<[1.000000e+00, 2.500000e+00]> : tensor<2xf32>}> : () -> tensor<2xf32>
// CHECK: return %[[V0]] : tensor<2xf32>
func.func @constant(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %r = onnx.node "Constant" version 13() with {value_floats = array<f32: 1.0, 2.5>}
      : () -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @constant_tensor(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<2xi64>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<[1, 2]> : tensor<2xi64>}> : () -> tensor<2xi64>
// CHECK: return %[[V0]] : tensor<2xi64>
func.func @constant_tensor(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %r = onnx.node "Constant" version 1() with {value = dense<[1, 2]> : tensor<2xi64>}
      : () -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @constant_of_shape(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<2x3xi64>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<7> : tensor<2x3xi64>}> : () -> tensor<2x3xi64>
// CHECK: return %[[V0]] : tensor<2x3xi64>
func.func @constant_of_shape(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %s = onnx.constant dense<[2, 3]> : tensor<2xi64>
  %r = onnx.node "ConstantOfShape" version 9(%s) with {value = dense<7> : tensor<1xi64>}
      : (tensor<2xi64>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @shape_gather(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x4x5xf32>) -> tensor<2xi64>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<[5, 4]> : tensor<2xi64>}> : () -> tensor<2xi64>
// CHECK: return %[[V0]] : tensor<2xi64>
func.func @shape_gather(%x: tensor<1x2x4x5xf32>) -> !onnx.unknown {
  %i = onnx.constant dense<[-1, 1]> : tensor<2xi64>
  %0 = onnx.node "Shape" version 15(%x) with {start = 1 : i64}
      : (tensor<1x2x4x5xf32>) -> !onnx.unknown
  %r = onnx.node "Gather" version 13(%0, %i)
      : (!onnx.unknown, tensor<2xi64>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// Floats are truncated, integers wrap.
// CHECK-LABEL: func.func @cast(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<3xi8>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<[1, -1, 44]> : tensor<3xi8>}> : () -> tensor<3xi8>
// CHECK: return %[[V0]] : tensor<3xi8>
func.func @cast(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %k = onnx.constant dense<[1.9, -1.9, 300.0]> : tensor<3xf32>
  %r = onnx.node "Cast" version 13(%k) with {to = 3 : i64}
      : (tensor<3xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @cast_up(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<2xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<[1.000000e+00, -2.000000e+00]> : tensor<2xf32>}> : () -> tensor<2xf32>
// CHECK: return %[[V0]] : tensor<2xf32>
func.func @cast_up(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %k = onnx.constant dense<[1, -2]> : tensor<2xi64>
  %r = onnx.node "Cast" version 13(%k) with {to = 1 : i64}
      : (tensor<2xi64>) -> !onnx.unknown
  return %r : !onnx.unknown
}
