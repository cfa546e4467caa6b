// RUN: nmc-opt %s | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --mlir-print-op-generic | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --emit-bytecode | nmc-opt | FileCheck %s

// CHECK-LABEL: chip.target @tiny
// CHECK-SAME: attributes {cost_profile = "slow", description = "a chip for tests", execution_profile = "hard_reset", overrides = ["core.neurons=32"], sha256 = "00ff"}
chip.target @tiny attributes {description = "a chip for tests", sha256 = "00ff", cost_profile = "slow",
                              execution_profile = "hard_reset", overrides = ["core.neurons=32"]} {
  // CHECK-NEXT: core @neuro count 128 attributes {connections = ["dense", "conv"], models = ["if", "lif"]} {
  chip.core @neuro count 128 attributes {models = ["if", "lif"], connections = ["dense", "conv"]} {
    // CHECK-NEXT: limit "neurons" 1024.0 "1"
    chip.limit "neurons" 1024.0 "1"
    // CHECK-NEXT: limit "synapse_memory" 1048576.0 "bit" {source = "Table 1"}
    chip.limit "synapse_memory" 1048576.0 "bit" {source = "Table 1"}
    // CHECK-NEXT: set "weight_bits" = [1, 2, 4, 8]
    chip.set "weight_bits" = [1, 2, 4, 8]
    // CHECK-NEXT: set "max_pool" = false
    chip.set "max_pool" = false
  }
  // A second kind of core without limits of its own.
  // CHECK: core @relay count 1 {
  chip.core @relay count 1 {
  }
  // CHECK: limit "chips" 4.0 "1"
  chip.limit "chips" 4.0 "1"
  // CHECK-NEXT: set "payload" = "binary"
  chip.set "payload" = "binary"
  // CHECK-NEXT: link "noc" mesh [8, 4] xy {cores_per_router = 4 : i64}
  chip.link "noc" mesh [8, 4] xy {cores_per_router = 4 : i64}
  // CHECK-NEXT: link "board" torus [2, 2] xy_multicast {scope = "board"}
  chip.link "board" torus [2, 2] xy_multicast {scope = "board"}
  // CHECK-NEXT: link "bus" bus [4] table
  chip.link "bus" bus [4] table
  // CHECK-NEXT: link "wire" none [] table
  chip.link "wire" none [] table
  // CHECK-NEXT: io "in" relay
  chip.io "in" relay
  // CHECK-NEXT: io "out" direct
  chip.io "out" direct
  // CHECK-NEXT: rule "pow2_words" error parameters {words = 16 : i64} {note = "rounded up"}
  chip.rule "pow2_words" error parameters {words = 16 : i64} {note = "rounded up"}
  // CHECK-NEXT: rule "bank_share" warning
  chip.rule "bank_share" warning
  // CHECK-NEXT: cost "energy_synop" 2.36e-11 "J" range 2.36e-11 to 3.55e-11 incremental published {range_source = "a fit", source = "a paper, Table 2"}
  chip.cost "energy_synop" 2.36e-11 "J" range 2.36e-11 to 3.55e-11 incremental published
      {source = "a paper, Table 2", range_source = "a fit"}
  // CHECK-NEXT: cost "latency_barrier" 1.0e-06 "s" table [1.000000e+00, {{.*}}, 3.200000e+01, 2.000000e-06] incremental measured
  chip.cost "latency_barrier" 1.0e-6 "s" table [1.0, 1.0e-6, 32.0, 2.0e-6] incremental measured
  // CHECK-NEXT: cost "power_static" 0.0 "W" static estimated
  chip.cost "power_static" 0.0 "W" static estimated
  // CHECK-NEXT: cost "energy_total" 1.0e-11 "J" operating_point vendor_claim
  chip.cost "energy_total" 1.0e-11 "J" operating_point vendor_claim
  // CHECK-NEXT: cost "a" 1.0 "J" incremental fitted
  chip.cost "a" 1.0 "J" incremental fitted
  // CHECK-NEXT: cost "b" 1.0 "J" incremental simulated
  chip.cost "b" 1.0 "J" incremental simulated
  // CHECK-NEXT: cost "c" 1.0 "J" incremental scaled
  chip.cost "c" 1.0 "J" incremental scaled
  // CHECK-NEXT: cost "d" 1.0 "J" incremental assumed
  chip.cost "d" 1.0 "J" incremental assumed
  // CHECK-NEXT: cost "e" 1.0 "J" incremental recalled
  chip.cost "e" 1.0 "J" incremental recalled
  // The shortest decimals that read back as the same numbers.
  // CHECK-NEXT: cost "f" 1.7976931348623157e+308 "J" range 0.1 to 1.7976931348623157e+308
  chip.cost "f" 1.7976931348623157e+308 "J" range 0.1 to 1.7976931348623157e+308 incremental measured
  // CHECK-NEXT: cost "g" 5.0e-324 "J"
  chip.cost "g" 4.9e-324 "J" incremental measured
  // CHECK-NEXT: cost "h" 123456789012.0 "J"
  chip.cost "h" 123456789012.0 "J" incremental measured
}
