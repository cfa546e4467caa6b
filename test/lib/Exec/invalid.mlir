// RUN: nmc-opt %s --spike-interpret -split-input-file -verify-diagnostics
//
// What the executor refuses, each with its rule.

spike.network @n(%x: !spike.stream<2xf32>) -> !spike.stream<1xf32> {
  // expected-error @+1 {{weights are abstract: the network maps and is costed from an activity profile, but cannot run [weights-abstract]}}
  %c = spike.dense %x weights(#spike.abstract<tensor<1x2xf32>>) : !spike.stream<2xf32> -> !spike.current<1xf32>
  %y = spike.integrator @y(%c) : (!spike.current<1xf32>) -> !spike.stream<1xf32>
  spike.output %y : !spike.stream<1xf32>
}
func.func @t(%v: tensor<1xf32>) {
  %x = arith.constant dense<0.0> : tensor<2xf32>
  %e = spike.encode constant %x : tensor<2xf32> -> !spike.stream<2xf32>
  %r = spike.run @n(%e) steps 1 : (!spike.stream<2xf32>) -> !spike.stream<1xf32>
  check.expect_eq %v, dense<0.0> : tensor<1xf32> : tensor<1xf32>
  return
}

// -----

spike.network @n(%x: !spike.stream<1xf32>) -> (!spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>) {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  // expected-error @+1 {{has a time constant, but no dynamics say how it becomes a factor per step; apply an execution profile or add dynamics = #spike.dynamics<decay = ...> [dynamics-missing]}}
  %a = spike.lif @a(%c) {tau = dense<1.0> : tensor<f32>, threshold = dense<1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  // expected-error @+1 {{its dynamics need model time per step, but the network has no 'dt' [dt-needed]}}
  %b = spike.lif @b(%c) {tau = dense<1.0> : tensor<f32>, threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<decay = euler>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  // expected-error @+1 {{decay = fixed is not defined in float arithmetic [dynamics-decay]}}
  %d = spike.lif @d(%c) {tau = dense<1.0> : tensor<f32>, threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<decay = fixed>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  // expected-error @+1 {{has fixed-point arithmetic, but is driven by a float current [arithmetic-type]}}
  %e = spike.if @e(%c) {threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 8, weight_bits = 8>>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  // expected-error @+1 {{may fire 3 times per step, but its stream holds at most 1 ('i1') [payload-range]}}
  %f = spike.if @f(%c) {threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<max_spikes_per_step = 3>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  // expected-error @+1 {{input_gain = euler needs a time constant, but the population has none; use input_gain = unit and put it into r [dynamics-gain]}}
  %g = spike.if @g(%c) {threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<input_gain = euler>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  spike.output %a, %b, %d, %e, %f, %g : !spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>
}
func.func @t(%v: tensor<1xf32>) {
  %x = arith.constant dense<0.0> : tensor<1xf32>
  %e = spike.encode constant %x : tensor<1xf32> -> !spike.stream<1xf32>
  %r:6 = spike.run @n(%e) steps 1 : (!spike.stream<1xf32>) -> (!spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>)
  check.expect_spikes @n, @a, [0]
  return
}

// -----

#fx = #spike.fixed<state_bits = 16, weight_bits = 8>
spike.network @n(%x: !spike.stream<1x2xui8>) -> (!spike.stream<1x1xsi16>, !spike.stream<1x2xi1>, !spike.stream<1x2xsi8>, !spike.stream<1x2xsi16>) {
  // expected-error @+1 {{the mean of integers is no integer; use spike.sum_pool and put the divisor into the weights or the requant [avg-pool-integer]}}
  %c = spike.avg_pool %x kernel [2] : !spike.stream<1x2xui8> -> !spike.current<1x1xi32>
  %a = spike.integrator @a(%c) {dynamics = #spike.dynamics<arithmetic = #fx>} : (!spike.current<1x1xi32>) -> !spike.stream<1x1xsi16>
  %d = spike.identity %x : !spike.stream<1x2xui8> -> !spike.current<1x2xi32>
  // expected-error @+1 {{is driven by an integer current, but states no integer arithmetic; add arithmetic = #spike.fixed<...> to its dynamics [arithmetic-type]}}
  %b = spike.if @b(%d) {threshold = dense<1> : tensor<i32>} : (!spike.current<1x2xi32>) -> !spike.stream<1x2xi1>
  // expected-error @+1 {{sends integers of 16 bits, but its stream holds -128 to 127 ('si8') [payload-range]}}
  %e = spike.integrator @e(%d) {dynamics = #spike.dynamics<arithmetic = #fx>} : (!spike.current<1x2xi32>) -> !spike.stream<1x2xsi8>
  // expected-error @+1 {{parameter 'r' is 5.000000e-01, but fixed-point arithmetic needs integers; quantise it [param-type]}}
  %f = spike.integrator @f(%d) {r = dense<0.5> : tensor<f32>, dynamics = #spike.dynamics<arithmetic = #fx>} : (!spike.current<1x2xi32>) -> !spike.stream<1x2xsi16>
  spike.output %a, %b, %e, %f : !spike.stream<1x1xsi16>, !spike.stream<1x2xi1>, !spike.stream<1x2xsi8>, !spike.stream<1x2xsi16>
}
func.func @t(%v: tensor<1xf32>) {
  %x = arith.constant dense<0> : tensor<1x2xi32>
  %e = spike.encode constant %x : tensor<1x2xi32> -> !spike.stream<1x2xui8>
  %r:4 = spike.run @n(%e) steps 1 : (!spike.stream<1x2xui8>) -> (!spike.stream<1x1xsi16>, !spike.stream<1x2xi1>, !spike.stream<1x2xsi8>, !spike.stream<1x2xsi16>)
  check.expect_spikes @n, @a, [0]
  return
}

// -----

spike.network @n(%x: !spike.stream<1xf32>) -> !spike.stream<1xi1> {
  // expected-error @+1 {{turns a float source into an integer current; quantise the source or give the current a float type [connection-type]}}
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xi32>
  %b = spike.if @b(%c) {threshold = dense<1> : tensor<i32>, dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 16, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %b : !spike.stream<1xi1>
}
func.func @t() {
  %x = arith.constant dense<0.0> : tensor<1xf32>
  %e = spike.encode constant %x : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n(%e) steps 1 : (!spike.stream<1xf32>) -> !spike.stream<1xi1>
  check.expect_spikes @n, @b, [0]
  return
}

// -----

spike.network @n(%x: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  // expected-error @+1 {{has exponent -3 and feeds a population with frac 2; their sum must be 0 to 63 [weight-exponent]}}
  %c = spike.dense %x weights(dense<1> : tensor<1x1xi8>) {exponent = -3 : i64} : !spike.stream<1xi1> -> !spike.current<1xi32>
  %b = spike.if @b(%c) {threshold = dense<1> : tensor<i32>, dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 16, weight_bits = 8, frac = 2>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %b : !spike.stream<1xi1>
}
func.func @t() {
  %x = arith.constant dense<0> : tensor<1xi32>
  %e = spike.encode constant %x : tensor<1xi32> -> !spike.stream<1xi1>
  %r = spike.run @n(%e) steps 1 : (!spike.stream<1xi1>) -> !spike.stream<1xi1>
  check.expect_spikes @n, @b, [0]
  return
}

// -----

spike.network @n(%x: !spike.stream<2xi1>) -> !spike.stream<2xi1> {
  %a = spike.input @a(%x) : !spike.stream<2xi1> -> !spike.stream<2xi1>
  spike.output %a : !spike.stream<2xi1>
}
func.func @values() {
  %x = arith.constant dense<[1.0, 0.5]> : tensor<2xf32>
  %e = spike.encode constant %x : tensor<2xf32> -> !spike.stream<2xi1>
  // expected-error @+1 {{sample 0: element 1 is 0.5, but the input's stream holds integers of 0 to 1; scale the data or quantise the input [encode-value]}}
  %r = spike.run @n(%e) steps 1 : (!spike.stream<2xi1>) -> !spike.stream<2xi1>
  check.expect_spikes @n, @a, [0, 0]
  return
}
func.func @rates() {
  %x = arith.constant dense<[1.0, 1.5]> : tensor<2xf32>
  %e = spike.encode rate %x : tensor<2xf32> -> !spike.stream<2xi1>
  // expected-error @+1 {{element 1 is 1.5, but a rate is 0 to 1 spikes per step; scale the data [encode-value]}}
  %r = spike.run @n(%e) steps 1 : (!spike.stream<2xi1>) -> !spike.stream<2xi1>
  check.expect_spikes @n, @a, [0, 0]
  return
}
func.func @steps() {
  %x = arith.constant dense<1> : tensor<3x2xi8>
  // expected-error @+1 {{has events of 3 steps, but the run takes 2 [encode-steps]}}
  %e = spike.encode events %x : tensor<3x2xi8> -> !spike.stream<2xi1>
  %r = spike.run @n(%e) steps 2 : (!spike.stream<2xi1>) -> !spike.stream<2xi1>
  check.expect_spikes @n, @a, [0, 0]
  return
}
func.func @early() {
  // expected-error @+1 {{no run of 'n' comes before [run-network]}}
  check.expect_spikes @n, @a, [0, 0]
  return
}
func.func @unknown(%v: tensor<2xi32>) {
  // expected-error @+1 {{needs a value that is not known here [interpret-op]}}
  check.expect_eq %v, dense<[2, 1]> : tensor<2xi32> : tensor<2xi32>
  return
}
func.func @wrong() {
  %x = arith.constant dense<[1, 0]> : tensor<2xi8>
  %e = spike.encode constant %x : tensor<2xi8> -> !spike.stream<2xi1>
  %r = spike.run @n(%e) steps 2 : (!spike.stream<2xi1>) -> !spike.stream<2xi1>
  %c = spike.decode count %r : !spike.stream<2xi1> -> tensor<2xi32>
  // expected-error @+1 {{element 1 is 0.000000e+00, but 1.000000e+00 was expected; 1 of 2 elements differ [expectation]}}
  check.expect_eq %c, dense<[2, 1]> : tensor<2xi32> : tensor<2xi32>
  check.expect_close %c, dense<[2, 1]> : tensor<2xi32> within 1.0 : tensor<2xi32>
  // expected-error @+1 {{neuron 0 of 'a' fired 2 times, but 1 were expected [expectation]}}
  check.expect_spikes @n, @a, [1, 0]
  // expected-error @+1 {{network has no population 'b' [expectation]}}
  check.expect_spikes @n, @b, [1, 0]
  return
}
