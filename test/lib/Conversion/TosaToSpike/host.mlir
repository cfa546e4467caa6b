// RUN: nmc-opt %s --convert-tosa-to-spike --verify-diagnostics | FileCheck %s

// Softmax and the preparation of the input stay on the host; both readers of the
// logits take one readout.

// CHECK-LABEL: spike.network @host_net(
// CHECK: %[[V:.*]] = integrator @matmul
// CHECK: output %[[V]] : !spike.stream<2xf32>
// CHECK-LABEL: func.func @host
// CHECK: %[[P:.*]] = tosa.sub %arg0
// CHECK: spike.encode graded %[[P]]
// CHECK: %[[D:.*]] = spike.decode membrane
// CHECK-NOT: spike.decode
// CHECK: %[[L:.*]] = tosa.reshape %[[D]]
// CHECK: tosa.reduce_max %[[L]]
// CHECK: tosa.sub %[[L]]
// CHECK-NOT: tosa.matmul
func.func @host(%arg0: tensor<1x1x2xf32>) -> tensor<1x1x2xf32> {
  %w = "tosa.const"() <{values = dense<3.0> : tensor<1x2x2xf32>}> : () -> tensor<1x2x2xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %mean = "tosa.const"() <{values = dense<0.5> : tensor<1x1x1xf32>}> : () -> tensor<1x1x1xf32>
  // expected-warning@+1 {{one op runs on the host, before the network: tosa.sub [host-op]}}
  %0 = tosa.sub %arg0, %mean : (tensor<1x1x2xf32>, tensor<1x1x1xf32>) -> tensor<1x1x2xf32>
  %1 = tosa.matmul %0, %w, %z, %z : (tensor<1x1x2xf32>, tensor<1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x2xf32>
  // expected-warning@+1 {{2 ops run on the host, after the network: tosa.reduce_max, tosa.sub [host-op]}}
  %2 = tosa.reduce_max %1 {axis = 2 : i32} : (tensor<1x1x2xf32>) -> tensor<1x1x1xf32>
  %3 = tosa.sub %1, %2 : (tensor<1x1x2xf32>, tensor<1x1x1xf32>) -> tensor<1x1x2xf32>
  return %3 : tensor<1x1x2xf32>
}

// A function without layers is left alone.
// CHECK-LABEL: func.func @helper
// CHECK-NEXT: tosa.abs
func.func @helper(%arg0: tensor<2xf32>) -> tensor<2xf32> {
  %0 = tosa.abs %arg0 : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
