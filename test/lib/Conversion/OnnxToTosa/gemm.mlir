// RUN: nmc-opt %s --convert-onnx-to-tosa | FileCheck %s

// Gemm.

// alpha goes into the weights, beta into the bias.
// CHECK-LABEL: func.func @dense(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>) -> tensor<3x2xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[1, 3, 4]> : tensor<3xindex>} : () -> !tosa.shape<3>
// CHECK: %[[V1:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V2:.*]] = tosa.const_shape  {values = dense<[3, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
// CHECK: %[[V3:.*]] = tosa.reshape %[[ARG0]], %[[V0]] : (tensor<3x4xf32>, !tosa.shape<3>) -> tensor<1x3x4xf32>
// CHECK: %[[V4:.*]] = "tosa.const"() <{values = dense<{{\[}}{{\[}}{{\[}}2.000000e+00, 4.000000e+00{{\]}}, {{\[}}6.000000e+00, 8.000000e+00{{\]}}, {{\[}}1.000000e+01, 1.200000e+01{{\]}}, {{\[}}1.400000e+01, 1.600000e+01{{\]}}{{\]}}{{\]}}> : tensor<1x4x2xf32>}> : () -> tensor<1x4x2xf32>
// CHECK: %[[V5:.*]] = tosa.matmul %[[V3]], %[[V4]], %[[V1]], %[[V1]] : (tensor<1x3x4xf32>, tensor<1x4x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x2xf32>
// CHECK: %[[V6:.*]] = tosa.reshape %[[V5]], %[[V2]] : (tensor<1x3x2xf32>, !tosa.shape<2>) -> tensor<3x2xf32>
// CHECK: %[[V7:.*]] = "tosa.const"() <{values = dense<{{\[}}{{\[}}2.000000e+00, 1.000000e+00{{\]}}{{\]}}> : tensor<1x2xf32>}> : () -> tensor<1x2xf32>
// CHECK: %[[V8:.*]] = tosa.add %[[V6]], %[[V7]] : (tensor<3x2xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
// CHECK: return %[[V8]] : tensor<3x2xf32>
func.func @dense(%x: tensor<3x4xf32>) -> !onnx.unknown {
  %w = onnx.constant dense<[[1.0,3.0,5.0,7.0],[2.0,4.0,6.0,8.0]]> : tensor<2x4xf32>
  %b = onnx.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %r = onnx.node "Gemm" version 13(%x, %w, %b) with {transB = 1 : i64, alpha = 2.0 : f32, beta = 4.0 : f32}
      : (tensor<3x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}

// CHECK-LABEL: func.func @two(
// CHECK-SAME: %[[ARG0:.*]]: tensor<4x3xf32>, %[[ARG1:.*]]: tensor<4x2xf32>) -> tensor<3x2xf32>
// CHECK: %[[V0:.*]] = tosa.const_shape  {values = dense<[1, 3, 4]> : tensor<3xindex>} : () -> !tosa.shape<3>
// CHECK: %[[V1:.*]] = tosa.const_shape  {values = dense<[1, 4, 2]> : tensor<3xindex>} : () -> !tosa.shape<3>
// CHECK: %[[V2:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}> : () -> tensor<1xf32>
// CHECK: %[[V3:.*]] = tosa.const_shape  {values = dense<[3, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
// CHECK: %[[V4:.*]] = tosa.transpose %[[ARG0]] {perms = array<i32: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
// CHECK: %[[V5:.*]] = tosa.reshape %[[V4]], %[[V0]] : (tensor<3x4xf32>, !tosa.shape<3>) -> tensor<1x3x4xf32>
// CHECK: %[[V6:.*]] = tosa.reshape %[[ARG1]], %[[V1]] : (tensor<4x2xf32>, !tosa.shape<3>) -> tensor<1x4x2xf32>
// CHECK: %[[V7:.*]] = tosa.matmul %[[V5]], %[[V6]], %[[V2]], %[[V2]] : (tensor<1x3x4xf32>, tensor<1x4x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x2xf32>
// CHECK: %[[V8:.*]] = tosa.reshape %[[V7]], %[[V3]] : (tensor<1x3x2xf32>, !tosa.shape<2>) -> tensor<3x2xf32>
// CHECK: return %[[V8]] : tensor<3x2xf32>
func.func @two(%x: tensor<4x3xf32>, %y: tensor<4x2xf32>) -> !onnx.unknown {
  %r = onnx.node "Gemm" version 7(%x, %y) with {transA = 1 : i64}
      : (tensor<4x3xf32>, tensor<4x2xf32>) -> !onnx.unknown
  return %r : !onnx.unknown
}
