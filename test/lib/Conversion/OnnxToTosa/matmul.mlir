// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// MatMul: a constant right side is a dense layer, with what follows per column.

// CHECK-LABEL: func.func @dense(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<3x2xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[1, 3, 4]> : tensor<3xindex>} : () -> !tosa.shape<3>
// CHECK: %[[V1:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V2:.*]] = tosa.const_shape  {values = dense<[3, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
// CHECK: %[[V3:.*]] = tosa.reshape %[[ARG0]], %[[V0]] : (tensor<3x4xf32>, !tosa.shape<3>) -> tensor<1x3x4xf32>
// CHECK: %[[V4:.*]] = "tosa.const"() <{values = dense<{{\[}}{{\[}}{{\[}}1.000000e+00, 2.000000e+00{{\]}}, {{\[}}3.000000e+00, 4.000000e+00{{\]}}, {{\[}}5.000000e+00, 6.000000e+00{{\]}}, {{\[}}7.000000e+00, 8.000000e+00{{\]}}{{\]}}{{\]}}> : tensor<1x4x2xf32>}> : () -> tensor<1x4x2xf32>
// CHECK: %[[V5:.*]] = tosa.matmul %[[V3]], %[[V4]], %[[V1]], %[[V1]] : (tensor<1x3x4xf32>, tensor<1x4x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x2xf32>
// CHECK: %[[V6:.*]] = tosa.reshape %[[V5]], %[[V2]] : (tensor<1x3x2xf32>, !tosa.shape<2>) -> tensor<3x2xf32>
// CHECK: %[[V7:.*]] = "tosa.const"() <{values = dense<{{\[}}{{\[}}5.000000e-01, 2.500000e-01{{\]}}{{\]}}> : tensor<1x2xf32>}> : () -> tensor<1x2xf32>
// CHECK: %[[V8:.*]] = tosa.add %[[V6]], %[[V7]] : (tensor<3x2xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
// CHECK: return %[[V8]] : tensor<3x2xf32>
func.func @dense(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %w = onnx.constant dense<[[1.0,2.0],[3.0,4.0],[5.0,6.0],[7.0,8.0]]> : tensor<4x2xf32>
  %b = onnx.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %0 = onnx.node "MatMul" version 13(%x, %w)
      : (tensor<3x4xf32>, tensor<4x2xf32>) -> !onnx.unknown
  %r = onnx.node "Add" version 13(%0, %b)
      : (!onnx.unknown, tensor<2xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @batches(
// CHECK-SAME: %[[ARG0:.*]]: tensor<2x3x4xf32>, %[[ARG1:.*]]: tensor<2x4x5xf32>) -> tensor<2x3x5xf32>
// CHECK: %[[V0:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V1:.*]] = tosa.matmul %[[ARG0]], %[[ARG1]], %[[V0]], %[[V0]] : (tensor<2x3x4xf32>, tensor<2x4x5xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x3x5xf32>
// CHECK: return %[[V1]] : tensor<2x3x5xf32>
func.func @batches(%x: tensor<2x3x4xf32>, %y: tensor<2x4x5xf32>) -> !onnx.unknown {
  %r = onnx.node "MatMul" version 9(%x, %y)
      : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
