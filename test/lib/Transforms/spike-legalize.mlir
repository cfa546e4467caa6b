// RUN: nmc-opt %s --pass-pipeline='builtin.module(chip-load-target{target=loihi1},spike-legalize{reset=subtract})' 2>%t | FileCheck %s
// RUN: FileCheck %s --check-prefix=WARN < %t
// RUN: nmc-opt %s --pass-pipeline='builtin.module(chip-load-target{target=mesh-128-graded},spike-legalize)' | FileCheck %s --check-prefix=GRADED
// RUN: nmc-opt %s --pass-pipeline='builtin.module(chip-load-target{target=mesh-16},spike-legalize)' | FileCheck %s --check-prefix=DIRECT

// On a chip with binary events that has no maximum: inputs pass relays, maxima
// become averages, and pools get a population of their own.

// WARN: warning: max pool 'pool' becomes an average pool, since target 'loihi1' has none{{.*}} [max-pool-average]

// CHECK-LABEL: spike.network @n
// CHECK: %[[X:.*]] = input @image
// CHECK: %[[I:.*]] = identity %[[X]] : !spike.stream<1x4x4xf32> -> !spike.current<1x4x4xf32>
// CHECK: %[[R:.*]] = relu @image_relay(%[[I]])
// CHECK: conv %[[R]]
// CHECK: %[[C:.*]] = relu @conv
// CHECK: %[[A:.*]] = avg_pool %[[C]] kernel [2, 2] {pads = array<i64: 1, 0, 1, 0>}
// CHECK: %[[P:.*]] = relu @pool(%[[A]]) :
// CHECK: %[[M:.*]] = avg_pool %[[P]] kernel [3, 2]
// CHECK: %[[E:.*]] = relu @mean(%[[M]]) :
// CHECK: %[[F:.*]] = reshape %[[E]] : !spike.stream<1x1x1xf32> -> !spike.stream<1xf32>
// CHECK: dense %[[F]]
// CHECK: integrator @dense

// A chip with graded events and maxima needs only the population behind the mean.
// GRADED-LABEL: spike.network @n
// GRADED-NOT: relay
// GRADED: max_pool @pool
// GRADED: relu @mean
// GRADED: dense

// Binary events need relays wherever the input is analogue.
// DIRECT: relu @image_relay

spike.network @n(%arg0: !spike.stream<1x4x4xf32>) -> !spike.stream<2xf32> {
  %image = input @image(%arg0) : !spike.stream<1x4x4xf32> -> !spike.stream<1x4x4xf32>
  %0 = conv %image weights(dense<1.0> : tensor<1x1x1x1xf32>) bias(dense<0.5> : tensor<1xf32>) : !spike.stream<1x4x4xf32> -> !spike.current<1x4x4xf32>
  %conv = relu @conv(%0) : (!spike.current<1x4x4xf32>) -> !spike.stream<1x4x4xf32>
  %pool = max_pool @pool(%conv) kernel [2, 2] {pads = array<i64: 1, 0, 1, 0>} : !spike.stream<1x4x4xf32> -> !spike.stream<1x3x2xf32>
  %1 = avg_pool %pool kernel [3, 2] : !spike.stream<1x3x2xf32> -> !spike.current<1x1x1xf32> loc("mean")
  %2 = reshape %1 : !spike.current<1x1x1xf32> -> !spike.current<1xf32>
  %3 = dense %2 weights(dense<1.0> : tensor<2x1xf32>) : !spike.current<1xf32> -> !spike.current<2xf32>
  %dense = integrator @dense(%3) : (!spike.current<2xf32>) -> !spike.stream<2xf32>
  output %dense : !spike.stream<2xf32>
}
