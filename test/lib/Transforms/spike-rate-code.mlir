// RUN: nmc-opt %s --spike-rate-code="steps=8 reset=subtract" | FileCheck %s

// Thresholds are the observed scales, membranes start at half of them, and what a
// spike stands for goes into the weights behind it: W·255, 4/4 for the pool, W·2.
// Biases stay.

// CHECK-LABEL: spike.network @n
// CHECK-SAME: steps = 8 : i64
// CHECK: %[[I:.*]] = identity %image {weight = 1.000000e+00 : f32} : !spike.stream<1x2x2xf32>
// CHECK: if @relay(%[[I]])
// CHECK-SAME: dynamics = #spike.dynamics<reset = subtract, v_init = 1.275000e+02 : f32>
// CHECK-SAME: threshold = dense<2.550000e+02> : tensor<f32>
// CHECK-SAME: -> !spike.stream<1x2x2xi1>
// CHECK: conv %relay weights(dense<
// CHECK-SAME{LITERAL}: [[[[1.275000e+02]]], [[[-6.375000e+01]]]]> : tensor<2x1x1x1xf32>) bias(dense<[1.000000e+00, -2.000000e+00]> : tensor<2xf32>)
// CHECK: if @conv
// CHECK-SAME: v_init = 2.000000e+00 : f32
// CHECK-SAME: threshold = dense<4.000000e+00> : tensor<f32>
// CHECK: sum_pool %conv kernel [2, 2] {weight = 1.000000e+00 : f32}
// CHECK: if @pool
// CHECK-SAME: threshold = dense<2.000000e+00> : tensor<f32>
// CHECK: %[[F:.*]] = reshape %pool : !spike.stream<2x1x1xi1> -> !spike.stream<2xi1>
// CHECK: dense %[[F]] weights(dense<
// CHECK-SAME{LITERAL}: [[2.000000e+00, -2.000000e+00], [1.000000e+00, 5.000000e-01]]> : tensor<2x2xf32>) bias(dense<[5.000000e-01, -5.000000e-01]> : tensor<2xf32>)
// CHECK: integrator @out
// CHECK-LABEL: func.func @main
// CHECK: spike.encode constant
// CHECK: spike.run @n(%{{.*}}) steps 8
// CHECK: spike.decode membrane %{{.*}} {scale = 1.250000e-01 : f64}

spike.network @n(%arg0: !spike.stream<1x2x2xf32>) -> !spike.stream<2xf32> {
  %image = input @image(%arg0) {spike.range = #spike.range<min = 0.0, max = 255.0, p999 = 255.0, mse_scale = 255.0, samples = 4, sha256 = "00">} : !spike.stream<1x2x2xf32> -> !spike.stream<1x2x2xf32>
  %0 = identity %image : !spike.stream<1x2x2xf32> -> !spike.current<1x2x2xf32>
  %relay = relu @relay(%0) {spike.range = #spike.range<min = 0.0, max = 255.0, p999 = 255.0, mse_scale = 255.0, samples = 4, sha256 = "00">} : (!spike.current<1x2x2xf32>) -> !spike.stream<1x2x2xf32>
  %1 = conv %relay weights(dense<[[[[0.5]]], [[[-0.25]]]]> : tensor<2x1x1x1xf32>) bias(dense<[1.0, -2.0]> : tensor<2xf32>) : !spike.stream<1x2x2xf32> -> !spike.current<2x2x2xf32>
  %conv = relu @conv(%1) {max = 6.0 : f64, spike.range = #spike.range<min = 0.0, max = 5.0, p999 = 5.0, mse_scale = 4.0, samples = 4, sha256 = "00">} : (!spike.current<2x2x2xf32>) -> !spike.stream<2x2x2xf32>
  %2 = avg_pool %conv kernel [2, 2] : !spike.stream<2x2x2xf32> -> !spike.current<2x1x1xf32>
  %pool = relu @pool(%2) {spike.range = #spike.range<min = 0.0, max = 5.0, p999 = 5.0, mse_scale = 2.0, samples = 4, sha256 = "00">} : (!spike.current<2x1x1xf32>) -> !spike.stream<2x1x1xf32>
  %3 = reshape %pool : !spike.stream<2x1x1xf32> -> !spike.stream<2xf32>
  %4 = dense %3 weights(dense<[[1.0, -1.0], [0.5, 0.25]]> : tensor<2x2xf32>) bias(dense<[0.5, -0.5]> : tensor<2xf32>) : !spike.stream<2xf32> -> !spike.current<2xf32>
  %out = integrator @out(%4) : (!spike.current<2xf32>) -> !spike.stream<2xf32>
  output %out : !spike.stream<2xf32>
}
func.func @main(%arg0: tensor<1x1x2x2xf32>) -> tensor<1x2xf32> {
  %0 = spike.encode graded %arg0 : tensor<1x1x2x2xf32> -> !spike.stream<1x2x2xf32>
  %1 = spike.run @n(%0) steps 1 : (!spike.stream<1x2x2xf32>) -> !spike.stream<2xf32>
  %2 = spike.decode membrane %1 : !spike.stream<2xf32> -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}
