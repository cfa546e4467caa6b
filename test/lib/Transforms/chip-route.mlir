// RUN: nmc-opt %s --chip-route | FileCheck %s
// RUN: nmc-opt %s --chip-route --remarks-filter='nmc-mapping' 2>&1 | FileCheck %s --check-prefix=REMARK

chip.target @t {
  chip.core @neuro count 9 {
    chip.limit "neurons" 2.0 "1"
  }
  chip.link "noc" mesh [3, 3] xy
}

spike.network @n(%x: !spike.stream<2xi1>) {
  %in = spike.input @in(%x) : !spike.stream<2xi1> -> !spike.stream<2xi1>
  %c = spike.identity %in : !spike.stream<2xi1> -> !spike.current<2xf32>
  %a = spike.if @a(%c) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<2xf32>) -> !spike.stream<2xi1>
  %d = spike.dense %a weights(dense<1.0> : tensor<4x2xf32>) : !spike.stream<2xi1> -> !spike.current<4xf32>
  %y = spike.if @y(%d) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<4xf32>) -> !spike.stream<4xi1>
  spike.output
}

// REMARK: mapping is legal

// Both neurons of core 0, at (0, 0), send to cores 5 at (2, 1) and 8 at (2, 2):
// 3 and 4 hops, of which 3 are shared by a multicast.
// CHECK: chip.mapping @m of @n on @t
// CHECK-SAME: chips = 1 : i64
// CHECK-SAME: cores = 3 : i64
// CHECK-SAME: events = "one per neuron"
// CHECK-SAME: external_deliveries = 2 : i64
// CHECK-SAME: fill_neurons = 1 : i64
// CHECK-SAME: largest_axons_in = 2 : i64
// CHECK-SAME: largest_axons_out = 4 : i64
// CHECK-SAME: largest_multicast_load = 2 : i64
// CHECK-SAME: largest_unicast_link = "0,0 east"
// CHECK-SAME: largest_unicast_load = 4 : i64
// CHECK-SAME: multicast_hops = 8 : i64
// CHECK-SAME: remote_deliveries = 4 : i64
// CHECK-SAME: ring_bound = 4 : i64
// CHECK-SAME: ring_gap_percent = 250 : i64
// CHECK-SAME: weighted_hops = 14 : i64
chip.mapping @m of @n on @t {
  chip.tiles @a shape [2] table(dense<[[0, 0, 0, 2]]> : tensor<1x4xi32>)
  chip.tiles @y shape [4] table(dense<[[0, 5, 0, 2], [0, 8, 2, 4]]> : tensor<2x4xi32>)
}
