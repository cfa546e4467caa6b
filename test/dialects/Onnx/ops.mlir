// RUN: nmc-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func.func @main
// CHECK-SAME: onnx.name = "image"
// CHECK-SAME: onnx.name = "probabilities"
// CHECK-SAME: onnx.graph = "torch graph", onnx.ir_version = 8 : i64
// CHECK-SAME: onnx.opsets = {ai.onnx = 17 : i64, com.microsoft = 1 : i64}
// CHECK-SAME: onnx.producer = "pytorch 2.1"
func.func @main(%image: tensor<1x1x8x8xf32> {onnx.name = "image"})
    -> (tensor<1x64xf32> {onnx.name = "probabilities"})
    attributes {onnx.ir_version = 8 : i64, onnx.graph = "torch graph",
                onnx.opsets = {ai.onnx = 17 : i64, com.microsoft = 1 : i64},
                onnx.producer = "pytorch 2.1"} {
  // CHECK: %[[W:.*]] = onnx.constant dense<1.000000e+00> : tensor<1x1x1x1xf32>
  %weight = onnx.constant dense<1.0> : tensor<1x1x1x1xf32>
  // CHECK: onnx.constant dense_resource<big> : tensor<2xf32>
  %big = onnx.constant dense_resource<big> : tensor<2xf32>
  // CHECK: %[[NONE:.*]] = onnx.none
  %none = onnx.none
  // CHECK: onnx.node "Conv" version 17(%{{.*}}, %[[W]], %[[NONE]])
  // CHECK-SAME: with {kernel_shape = array<i64: 1, 1>}
  // CHECK-SAME: : (tensor<1x1x8x8xf32>, tensor<1x1x1x1xf32>, none) -> !onnx.unknown
  %0 = onnx.node "Conv" version 17(%image, %weight, %none)
      with {kernel_shape = array<i64: 1, 1>}
      : (tensor<1x1x8x8xf32>, tensor<1x1x1x1xf32>, none) -> !onnx.unknown
  // CHECK: onnx.node "FusedFlatten" version 1 domain "com.microsoft"(%{{.*}}) :
  %1 = onnx.node "FusedFlatten" version 1 domain "com.microsoft"(%0)
      : (!onnx.unknown) -> tensor<1x64xf32>
  // CHECK: onnx.node "Split" version 17(%{{.*}}) : (tensor<1x64xf32>) -> (!onnx.unknown, !onnx.unknown)
  %2:2 = onnx.node "Split" version 17(%1) : (tensor<1x64xf32>) -> (!onnx.unknown, !onnx.unknown)
  // CHECK: onnx.node "Constant" version 17() with {value = dense<[1, -1]> : tensor<2xi64>} : () -> tensor<2xi64>
  %3 = onnx.node "Constant" version 17() with {value = dense<[1, -1]> : tensor<2xi64>} : () -> tensor<2xi64>
  return %1 : tensor<1x64xf32>
}

{-#
  dialect_resources: {
    builtin: {
      big: "0x040000000000803F00000040"
    }
  }
#-}
