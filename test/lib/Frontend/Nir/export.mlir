// A network of no NIR file: what is written, and what of it NIR cannot say.
// RUN: nmc-translate --export-nir %s -o %t.nir 2>&1 | FileCheck %s --check-prefix=SAID
// RUN: nmc-translate --import-nir %t.nir 2>/dev/null | FileCheck %s

// SAID: export.mlir:[[# @LINE + 15]]:{{.*}}: warning: NIR does not say: reset by subtraction; noted in the node's metadata [nir-export]
// SAID: export.mlir:[[# @LINE + 16]]:{{.*}}: warning: is written as a SumPool2d and a Threshold [nir-export]

// CHECK: spike.network {{.*}}dt = 1.000000e-03 : f64
// CHECK: conv %{{.*}} {nir.name = "conv", pads = array<i64: 1, 1, 1, 1>}
// CHECK: if @c1(%{{.*}}) {nir.metadata = {nmc = {dynamics = "#spike.dynamics<reset = subtract>"}}
// CHECK: sum_pool %c1 kernel [2, 2] {nir.name = "pool.sum"}
// CHECK: threshold @pool(%{{.*}}) {threshold = dense<0.000000e+00> : tensor<3x2x2xf32>}
// A dense layer reads any shape; NIR's reads vectors.
// CHECK: reshape %pool {{.*}}nir.name = "dense.flatten"
// CHECK: dense %{{.*}} weights({{.*}}tensor<2x12xf32>)
spike.network @n(%x: !spike.stream<2x4x4xf32>) -> !spike.stream<2xf32> attributes {dt = 1.0e-3 : f64} {
  %in = spike.input @image(%x) : !spike.stream<2x4x4xf32> -> !spike.stream<2x4x4xf32>
  %c = spike.conv %in weights(dense<1.0> : tensor<3x2x3x3xf32>) {pads = array<i64: 1, 1, 1, 1>}
     : !spike.stream<2x4x4xf32> -> !spike.current<3x4x4xf32>
  %s = spike.if @c1(%c) {threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<reset = subtract>}
     : (!spike.current<3x4x4xf32>) -> !spike.stream<3x4x4xi1>
  %p = spike.max_pool @pool(%s) kernel [2, 2] : !spike.stream<3x4x4xi1> -> !spike.stream<3x2x2xi1>
  %d = spike.dense %p weights(dense<0.5> : tensor<2x12xf32>) : !spike.stream<3x2x2xi1> -> !spike.current<2xf32>
  %y = spike.li @out(%d) {tau = dense<0.02> : tensor<f32>} : (!spike.current<2xf32>) -> !spike.stream<2xf32>
  spike.output %y : !spike.stream<2xf32>
}
