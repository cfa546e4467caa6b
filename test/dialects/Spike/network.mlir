// RUN: nmc-opt %s | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --mlir-print-op-generic | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --emit-bytecode | nmc-opt | FileCheck %s

// A cycle is allowed where it passes a delay, and order does not matter: %d is
// used before it is defined.

// CHECK-LABEL: spike.network private @recurrent(%arg0: !spike.stream<4xi1> {nir.name = "input"}) -> (!spike.stream<4xi1> {nir.name = "output"})
// CHECK-SAME: attributes {dt = 1.000000e-03 : f64, state = #spike.state<sample>, steps = 100 : i64}
spike.network private @recurrent(%x: !spike.stream<4xi1> {nir.name = "input"})
    -> (!spike.stream<4xi1> {nir.name = "output"})
    attributes {dt = 1.0e-3 : f64, steps = 100 : i64, state = #spike.state<sample>} {
  // CHECK: %x = input @x(%arg0)
  %in = spike.input @x(%x) : !spike.stream<4xi1> -> !spike.stream<4xi1>
  %c = spike.identity %in : !spike.stream<4xi1> -> !spike.current<4xf32>
  // CHECK: dense %[[D:[0-9]+]] weights
  %r = spike.dense %d weights(dense<0.1> : tensor<4x4xf32>) : !spike.stream<4xi1> -> !spike.current<4xf32>
  // CHECK: %lif = lif @lif(
  %y = spike.lif @lif(%c, %r) {tau = dense<0.02> : tensor<f32>, threshold = dense<1.0> : tensor<f32>}
      : (!spike.current<4xf32>, !spike.current<4xf32>) -> !spike.stream<4xi1>
  // CHECK: %[[D]] = delay %lif by 1
  %d = spike.delay %y by 1 : !spike.stream<4xi1> -> !spike.stream<4xi1>
  // CHECK: output %lif : !spike.stream<4xi1>
  spike.output %y : !spike.stream<4xi1>
}

// State that lives from sample to sample; no results.
// CHECK-LABEL: spike.network @streaming() attributes {state = #spike.state<stream>} {
// CHECK-NEXT: output
// CHECK-NEXT: }
spike.network @streaming() attributes {state = #spike.state<stream>} {
  spike.output
}

// Two ports, two results.
// CHECK-LABEL: spike.network @ports(%arg0: !spike.stream<2xi1>, %arg1: !spike.stream<3xi1>) -> (!spike.stream<3xi1>, !spike.stream<2xi1>)
spike.network @ports(%a: !spike.stream<2xi1>, %b: !spike.stream<3xi1>) -> (!spike.stream<3xi1>, !spike.stream<2xi1>) {
  %0 = spike.input @a(%a) : !spike.stream<2xi1> -> !spike.stream<2xi1>
  %1 = spike.input @b(%b) : !spike.stream<3xi1> -> !spike.stream<3xi1>
  // CHECK: output %b, %a : !spike.stream<3xi1>, !spike.stream<2xi1>
  spike.output %1, %0 : !spike.stream<3xi1>, !spike.stream<2xi1>
}

// The host side.
// CHECK-LABEL: func.func @main
func.func @main(%image: tensor<1x4xf32>, %events: tensor<100x4xi1>) -> tensor<1x4xf32> {
  // CHECK: spike.encode constant %{{.*}} : tensor<1x4xf32> -> !spike.stream<4xf32>
  %0 = spike.encode constant %image : tensor<1x4xf32> -> !spike.stream<4xf32>
  // CHECK: spike.encode graded %{{.*}} : tensor<1x4xf32> -> !spike.stream<4x!quant.uniform<u8:f32, 5.000000e-01>>
  %1 = spike.encode graded %image : tensor<1x4xf32> -> !spike.stream<4x!quant.uniform<u8:f32, 0.5>>
  // CHECK: spike.encode events %{{.*}} : tensor<100x4xi1> -> !spike.stream<4xi1>
  %2 = spike.encode events %events : tensor<100x4xi1> -> !spike.stream<4xi1>
  // CHECK: %[[S:.*]] = spike.encode rate %{{.*}} : tensor<1x4xf32> -> !spike.stream<4xi1>
  %s = spike.encode rate %image : tensor<1x4xf32> -> !spike.stream<4xi1>
  // CHECK: %[[Y:.*]] = spike.run @recurrent(%[[S]]) steps 100 : (!spike.stream<4xi1>) -> !spike.stream<4xi1>
  %y = spike.run @recurrent(%s) steps 100 : (!spike.stream<4xi1>) -> !spike.stream<4xi1>
  // CHECK: spike.run @streaming() steps 1 : () -> ()
  spike.run @streaming() steps 1 : () -> ()
  // CHECK: spike.decode count %[[Y]] {scale = 1.000000e-02 : f64} : !spike.stream<4xi1> -> tensor<1x4xf32>
  %r = spike.decode count %y {scale = 0.01 : f64} : !spike.stream<4xi1> -> tensor<1x4xf32>
  // CHECK: spike.decode last %[[Y]] : !spike.stream<4xi1> -> tensor<4xi1>
  %3 = spike.decode last %y : !spike.stream<4xi1> -> tensor<4xi1>
  // CHECK: spike.decode first %[[Y]] : !spike.stream<4xi1> -> tensor<4xi32>
  %4 = spike.decode first %y : !spike.stream<4xi1> -> tensor<4xi32>
  // CHECK: spike.decode membrane %{{.*}} : !spike.stream<4xf32> -> tensor<4xf32>
  %5 = spike.decode membrane %0 : !spike.stream<4xf32> -> tensor<4xf32>
  return %r : tensor<1x4xf32>
}
