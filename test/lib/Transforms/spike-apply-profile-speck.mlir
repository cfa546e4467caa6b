// Integrate-and-fire with pools: a mean becomes a sum, its divisor goes into the
// weights behind it, for each of those that read it; counts per step.
// RUN: nmc-opt %s --spike-apply-profile=profile=speck 2>%t | FileCheck %s
// RUN: FileCheck %s --check-prefix=CHECK-SAYS --input-file=%t
// RUN: nmc-opt %s --spike-apply-profile="profile=speck reset=zero" 2>/dev/null | FileCheck %s --check-prefix=ZERO
// RUN: nmc-opt %s --spike-apply-profile=profile=sinabs 2>/dev/null | FileCheck %s --check-prefix=SINABS

// g = min(127/0.5, 32767/1): weights 0.5, threshold 1.
// CHECK-SAYS: remark: population 'a': all times 254, threshold 254 [quantized]
// g = 127 / 0.25
// CHECK-SAYS: remark: population 'b': all times 508, threshold 508 [quantized]
// CHECK-SAYS: remark: population 'c': all times 254, threshold 508 [quantized]
// CHECK-LABEL: spike.network @n
// CHECK-SAME: state = #spike.state<stream>
// CHECK: input @in(%{{.*}}) : !spike.stream<1x4x4xui8> -> !spike.stream<1x4x4xui8>
// CHECK: conv %in weights(dense<127> : tensor<1x1x1x1xi8>) bias(dense<25> : tensor<1xi32>)
// CHECK: if @a
// CHECK-SAME: dynamics = #spike.dynamics<compare = greater_equal, reset = subtract, max_spikes_per_step = 255, v_floor = -2.540000e+02 : f64, arithmetic = <state_bits = 32, weight_bits = 8, rounding = floor, overflow = saturate>>
// CHECK-SAME: threshold = dense<254> : tensor<i32>
// CHECK-SAME: -> !spike.stream<1x4x4xui8>
// CHECK-NOT: avg_pool
// CHECK: %[[Q:.*]] = sum_pool %a kernel [2, 2] : !spike.stream<1x4x4xui8> -> !spike.current<1x2x2xi32>
// CHECK: %[[P:.*]] = sum_pool %a kernel [2, 2] : !spike.stream<1x4x4xui8> -> !spike.current<1x2x2xi32>
// CHECK: conv %[[P]] weights(dense<127>
// CHECK: if @b
// CHECK: %[[F:.*]] = reshape %[[Q]] : !spike.current<1x2x2xi32> -> !spike.current<4xi32>
// CHECK: dense %[[F]] weights(dense<127>
// CHECK: if @c
// CHECK: output %b, %c : !spike.stream<1x2x2xui8>, !spike.stream<1xui8>

// ZERO: if @a
// ZERO-NOT: reset =

// Reals, with the pool as it was.
// SINABS: if @a
// SINABS-SAME: dynamics = #spike.dynamics<compare = greater_equal, reset = subtract, max_spikes_per_step = 255, v_floor = -1.000000e+00 : f64>
// SINABS: avg_pool

spike.network @n(%arg0: !spike.stream<1x4x4xf32>) -> (!spike.stream<1x2x2xi1>, !spike.stream<1xi1>) {
  %in = input @in(%arg0) : !spike.stream<1x4x4xf32> -> !spike.stream<1x4x4xf32>
  %0 = conv %in weights(dense<0.5> : tensor<1x1x1x1xf32>) bias(dense<0.1> : tensor<1xf32>) : !spike.stream<1x4x4xf32> -> !spike.current<1x4x4xf32>
  %a = if @a(%0) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<1x4x4xf32>) -> !spike.stream<1x4x4xi1>
  %p = avg_pool %a kernel [2, 2] : !spike.stream<1x4x4xi1> -> !spike.current<1x2x2xf32>
  %1 = conv %p weights(dense<1.0> : tensor<1x1x1x1xf32>) : !spike.current<1x2x2xf32> -> !spike.current<1x2x2xf32>
  %b = if @b(%1) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<1x2x2xf32>) -> !spike.stream<1x2x2xi1>
  %f = reshape %p : !spike.current<1x2x2xf32> -> !spike.current<4xf32>
  %2 = dense %f weights(dense<2.0> : tensor<1x4xf32>) : !spike.current<4xf32> -> !spike.current<1xf32>
  %c = if @c(%2) {threshold = dense<2.0> : tensor<1xf32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %b, %c : !spike.stream<1x2x2xi1>, !spike.stream<1xi1>
}
