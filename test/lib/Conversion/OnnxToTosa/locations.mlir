// RUN: nmc-opt %s --convert-onnx-to-tosa --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s

// Ops carry the location of their node, and of the nodes that they absorbed.

// CHECK: tosa.conv2d {{.*}} loc(fused["conv1"("net.onnx":1:0), "bias1"("net.onnx":2:0)])
// CHECK: tosa.clamp {{.*}} loc("relu1"("net.onnx":3:0))
func.func @main(%x: tensor<1x1x2x2xf32>) -> !onnx.unknown {
  %w = onnx.constant dense<1.5> : tensor<1x1x1x1xf32> loc("w"("net.onnx":0:0))
  %b = onnx.constant dense<2.0> : tensor<1x1x1xf32> loc("b"("net.onnx":0:0))
  %0 = onnx.node "Conv" version 13(%x, %w) : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>) -> !onnx.unknown loc("conv1"("net.onnx":1:0))
  %1 = onnx.node "Add" version 13(%0, %b) : (!onnx.unknown, tensor<1x1x1xf32>) -> !onnx.unknown loc("bias1"("net.onnx":2:0))
  %2 = onnx.node "Relu" version 13(%1) : (!onnx.unknown) -> !onnx.unknown loc("relu1"("net.onnx":3:0))
  return %2 : !onnx.unknown
}
