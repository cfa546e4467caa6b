// RUN: nmc-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{has no core [target-core]}}
chip.target @target_core {
  chip.io "in" direct
}

// -----

chip.target @target_fact {
  chip.core @c count 1 {
    // expected-note @below {{stated first here}}
    chip.limit "neurons" 8.0 "1"
    // expected-error @below {{states limit 'neurons' a second time [target-fact]}}
    chip.limit "neurons" 9.0 "1"
  }
}

// -----

chip.target @target_fact_cost {
  chip.core @c count 1 {
  }
  // expected-note @below {{stated first here}}
  chip.cost "energy_synop" 1.0 "J" incremental measured
  // expected-error @below {{states cost 'energy_synop' a second time [target-fact]}}
  chip.cost "energy_synop" 1.0 "J" incremental measured
}

// -----

chip.target @target_fact_kind {
  chip.core @c count 1 {
  }
  // expected-error @below {{is not a fact about a target [target-fact]}}
  func.func private @f()
}

// -----

// The network on chip is the target's, not a core's.
chip.target @target_fact_core {
  chip.core @c count 1 {
    // expected-error @below {{does not belong in a chip.core [target-fact]}}
    chip.io "in" direct
  }
}

// -----

chip.target @target_fact_in_core {
  chip.core @c count 1 {
    // expected-error @below {{does not belong in a chip.core [target-fact]}}
    func.func private @f()
  }
}

// -----

chip.target @core_count {
  // expected-error @below {{count is 0, but must be 1 to 2^24 [core-count]}}
  chip.core @c count 0 {
  }
}

// -----

chip.target @core_count_large {
  // expected-error @below {{count is 16777217, but must be 1 to 2^24 [core-count]}}
  chip.core @c count 16777217 {
  }
}

// -----

chip.target @limit_value {
  chip.core @c count 1 {
    // expected-error @below {{'neurons' is -1.000000e+00, but must be finite and not negative [limit-value]}}
    chip.limit "neurons" -1.0 "1"
  }
}

// -----

chip.target @limit_value_nan {
  chip.core @c count 1 {
    // expected-error @below {{but must be finite and not negative [limit-value]}}
    chip.limit "neurons" 0x7FF8000000000000 "1"
  }
}

// -----

chip.target @link_extent {
  chip.core @c count 1 {
  }
  // expected-error @below {{a grid needs two extents (x, y), not 1 [link-extent]}}
  chip.link "noc" mesh [8] xy
}

// -----

chip.target @link_extent_range {
  chip.core @c count 1 {
  }
  // expected-error @below {{extent 65537 is out of range, 1 to 65536 [link-extent]}}
  chip.link "noc" torus [65537, 1] xy
}

// -----

chip.target @link_extent_routers {
  chip.core @c count 1 {
  }
  // expected-error @below {{0 cores per router are out of range, 1 to 65536 [link-extent]}}
  chip.link "noc" mesh [8, 8] xy {cores_per_router = 0 : i64}
}

// -----

chip.target @cost_value {
  chip.core @c count 1 {
  }
  // expected-error @below {{'energy_synop' is -1.000000e+00, but must be finite and not negative [cost-value]}}
  chip.cost "energy_synop" -1.0 "J" incremental measured
}

// -----

chip.target @cost_value_table {
  chip.core @c count 1 {
  }
  // expected-error @below {{a table needs pairs of count and value [cost-value]}}
  chip.cost "latency_barrier" 1.0 "s" table [1.0, 2.0, 3.0] incremental measured
}

// -----

chip.target @cost_value_table_order {
  chip.core @c count 1 {
  }
  // expected-error @below {{the counts of a table ascend and its values are not negative [cost-value]}}
  chip.cost "latency_barrier" 1.0 "s" table [2.0, 1.0, 1.0, 1.0] incremental measured
}

// -----

chip.target @cost_range {
  chip.core @c count 1 {
  }
  // expected-error @below {{'energy_synop' is 3.000000e+00, which is outside its range, 1.000000e+00 to 2.000000e+00 [cost-range]}}
  chip.cost "energy_synop" 3.0 "J" range 1.0 to 2.0 incremental measured
}

// -----

chip.target @cost_range_end {
  chip.core @c count 1 {
  }
  // expected-error @below {{a range needs both ends [cost-range]}}
  "chip.cost"() {name = "energy_synop", value = 1.0 : f64, unit = "J", kind = #chip<kind incremental>,
                 provenance = #chip<provenance measured>, low = 0.5 : f64} : () -> ()
}

// -----

module {
  // expected-error @below {{expects parent op to be one of 'chip.target, chip.core'}}
  chip.limit "neurons" 1.0 "1"
}
