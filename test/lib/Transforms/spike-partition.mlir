// RUN: nmc-opt %s --spike-partition | FileCheck %s
// RUN: nmc-opt %s --spike-partition --spike-partition | FileCheck %s
// RUN: nmc-opt %s --spike-partition='chips=2' | FileCheck %s --check-prefix=CHIPS

chip.target @small attributes {sha256 = "00ff"} {
  chip.core @neuro count 8 {
    chip.limit "neurons" 32.0 "1"
    chip.limit "axons_in" 64.0 "1"
  }
  chip.link "noc" mesh [4, 2] xy
  chip.io "in" direct
}

spike.network @n(%x: !spike.stream<1x8x8xi1>) -> !spike.stream<10xi1> {
  %in = spike.input @in(%x) : !spike.stream<1x8x8xi1> -> !spike.stream<1x8x8xi1>
  %c = spike.conv %in weights(dense<1.0> : tensor<2x1x3x3xf32>) {pads = array<i64: 1, 1, 1, 1>}
     : !spike.stream<1x8x8xi1> -> !spike.current<2x8x8xf32>
  %a = spike.if @conv(%c) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<2x8x8xf32>) -> !spike.stream<2x8x8xi1>
  %q = spike.sum_pool %a kernel [2, 2] : !spike.stream<2x8x8xi1> -> !spike.current<2x4x4xf32>
  %b = spike.if @pool(%q) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<2x4x4xf32>) -> !spike.stream<2x4x4xi1>
  %f = spike.reshape %b : !spike.stream<2x4x4xi1> -> !spike.stream<32xi1>
  %d = spike.dense %f weights(dense<1.0> : tensor<10x32xf32>) : !spike.stream<32xi1> -> !spike.current<10xf32>
  %y = spike.if @dense(%d) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<10xf32>) -> !spike.stream<10xi1>
  spike.output %y : !spike.stream<10xi1>
}

// Inputs enter directly and have no tiles. Four tiles hold the convolution's 128
// neurons; both channels of a tile read the same pixels, so it is cut in space.
// The pool needs two cores for its 128 sources.
// CHECK: chip.mapping @mapping of @n on @small attributes {target_sha256 = "00ff"} {
// CHECK-NEXT{LITERAL}: tiles @conv shape [2, 8, 8] table(dense<[[0, 0, 0, 0, 0, 2, 4, 4], [0, 1, 0, 0, 4, 2, 4, 8], [0, 2, 0, 4, 0, 2, 8, 4], [0, 3, 0, 4, 4, 2, 8, 8]]> : tensor<4x8xi32>)
// CHECK-NEXT{LITERAL}: tiles @pool shape [2, 4, 4] table(dense<[[0, 4, 0, 0, 0, 2, 4, 2], [0, 5, 0, 0, 2, 2, 4, 4]]> : tensor<2x8xi32>)
// CHECK-NEXT{LITERAL}: tiles @dense shape [10] table(dense<[[0, 6, 0, 10]]> : tensor<1x4xi32>)
// CHECK-NEXT: }
// CHECK-NOT: chip.mapping

// CHIPS: chip.mapping @mapping of @n on @small attributes {chips = 2 : i64, target_sha256 = "00ff"} {
