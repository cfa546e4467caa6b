// RUN: nmc-opt %s -allow-unregistered-dialect -split-input-file -verify-diagnostics

spike.network @cycle_delay(%x: !spike.stream<4xi1>) {
  %in = spike.input @x(%x) : !spike.stream<4xi1> -> !spike.stream<4xi1>
  %c = spike.identity %in : !spike.stream<4xi1> -> !spike.current<4xf32>
  // expected-error @below {{lies on a cycle that passes no spike.delay and no population with an output_delay; insert a 'spike.delay ... by 1' on the recurrent edge [cycle-delay]}}
  %r = spike.identity %y : !spike.stream<4xi1> -> !spike.current<4xf32>
  // expected-note @below {{the cycle passes here}}
  %y = spike.if @y(%c, %r) {threshold = dense<1.0> : tensor<f32>}
      : (!spike.current<4xf32>, !spike.current<4xf32>) -> !spike.stream<4xi1>
  spike.output
}

// -----

// A view alone cannot feed itself.
spike.network @cycle_delay_self() {
  // expected-error @below {{lies on a cycle that passes no spike.delay}}
  %a = spike.reshape %a : !spike.stream<4xi1> -> !spike.stream<4xi1>
  spike.output
}

// -----

// The second of two loops lacks its delay.
spike.network @cycle_delay_second() {
  %c = spike.identity %d : !spike.stream<4xi1> -> !spike.current<4xf32>
  %a = spike.threshold @a(%c) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<4xf32>) -> !spike.stream<4xi1>
  %d = spike.delay %a by 1 : !spike.stream<4xi1> -> !spike.stream<4xi1>
  // expected-error @below {{[cycle-delay]}}
  %e = spike.identity %b : !spike.stream<4xi1> -> !spike.current<4xf32>
  // expected-note @below {{the cycle passes here}}
  %b = spike.threshold @b(%e) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<4xf32>) -> !spike.stream<4xi1>
  spike.output
}

// -----

spike.network @population_name(%x: !spike.stream<4xi1>) {
  // expected-note @below {{by this population}}
  %0 = spike.input @a(%x) : !spike.stream<4xi1> -> !spike.stream<4xi1>
  %c = spike.identity %0 : !spike.stream<4xi1> -> !spike.current<4xf32>
  // expected-error @below {{name 'a' is taken already [population-name]}}
  %1 = spike.integrator @a(%c) : (!spike.current<4xf32>) -> !spike.stream<4xf32>
  spike.output
}

// -----

// expected-error @below {{dt is 0.000000e+00 s, but must be finite and positive [network-dt]}}
spike.network @network_dt() attributes {dt = 0.0 : f64} {
  spike.output
}

// -----

// expected-error @below {{but must be finite and positive [network-dt]}}
spike.network @network_dt_nan() attributes {dt = 0x7FF8000000000000 : f64} {
  spike.output
}

// -----

// expected-error @below {{steps is 0, but must be 1 to 1048576 [network-steps]}}
spike.network @network_steps() attributes {steps = 0 : i64} {
  spike.output
}

// -----

// expected-error @below {{steps is -5, but must be 1 to 1048576 [network-steps]}}
spike.network @network_steps_negative() attributes {steps = -5 : i64} {
  spike.output
}

// -----

spike.network @network_io(%x: !spike.stream<4xi1>) -> !spike.stream<4xf32> {
  // expected-error @below {{returns ('!spike.stream<4xi1>'), but the network declares ('!spike.stream<4xf32>') [network-io]}}
  spike.output %x : !spike.stream<4xi1>
}

// -----

// expected-error @below {{takes and returns streams, not 'tensor<4xf32>' [network-io]}}
spike.network @network_io_tensor(%x: tensor<4xf32>) {
  spike.output
}

// -----

// expected-error @below {{takes and returns streams, not '!spike.current<4xf32>' [network-io]}}
spike.network @network_io_current(%x: !spike.current<4xf32>) {
  spike.output
}

// -----

// expected-error @below {{must end with spike.output [network-io]}}
spike.network @network_io_end() {
  "test.end"() : () -> ()
}

// -----

func.func @encode_shape(%t: tensor<2x4xf32>) {
  // expected-error @below {{tensor 'tensor<2x4xf32>' and stream '!spike.stream<4xf32>' do not have the same shape, apart from a leading batch axis of extent 1 [encode-shape]}}
  %0 = spike.encode constant %t : tensor<2x4xf32> -> !spike.stream<4xf32>
  return
}

// -----

func.func @encode_shape_dynamic(%t: tensor<?x4xf32>) {
  // expected-error @below {{apart from a leading time axis [encode-shape]}}
  %0 = spike.encode events %t : tensor<?x4xf32> -> !spike.stream<4xi1>
  return
}

// -----

func.func @decode_shape(%s: !spike.stream<4xi1>) {
  // expected-error @below {{tensor 'tensor<5xi32>' and stream '!spike.stream<4xi1>' do not have the same shape, apart from a leading batch axis of extent 1 [encode-shape]}}
  %0 = spike.decode count %s : !spike.stream<4xi1> -> tensor<5xi32>
  return
}

// -----

func.func @run_network(%s: !spike.stream<4xi1>) {
  // expected-error @below {{'nowhere' is not a spike.network [run-network]}}
  %0 = spike.run @nowhere(%s) steps 1 : (!spike.stream<4xi1>) -> !spike.stream<4xi1>
  return
}

// -----

func.func @run_network_kind(%s: !spike.stream<4xi1>) {
  // expected-error @below {{'run_network_kind' is not a spike.network [run-network]}}
  %0 = spike.run @run_network_kind(%s) steps 1 : (!spike.stream<4xi1>) -> !spike.stream<4xi1>
  return
}

// -----

// expected-note @below {{declared here}}
spike.network @n(%x: !spike.stream<4xi1>) -> !spike.stream<4xi1> {
  spike.output %x : !spike.stream<4xi1>
}
func.func @run_io(%s: !spike.stream<5xi1>) {
  // expected-error @below {{types do not match those of network 'n', '(!spike.stream<4xi1>) -> !spike.stream<4xi1>' [run-io]}}
  %0 = spike.run @n(%s) steps 1 : (!spike.stream<5xi1>) -> !spike.stream<4xi1>
  return
}

// -----

spike.network @n(%x: !spike.stream<4xi1>) -> !spike.stream<4xi1> {
  spike.output %x : !spike.stream<4xi1>
}
func.func @run_steps(%s: !spike.stream<4xi1>) {
  // expected-error @below {{steps is 1048577, but must be 1 to 1048576 [network-steps]}}
  %0 = spike.run @n(%s) steps 1048577 : (!spike.stream<4xi1>) -> !spike.stream<4xi1>
  return
}
