// RUN: nmc-opt %s | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --emit-bytecode | nmc-opt | FileCheck %s

// Fields that have their default are not printed.

// CHECK: module attributes {test.dynamics = #spike.dynamics<>}
module attributes {test.dynamics = #spike.dynamics<decay = none, input_gain = unit, order = integrate_then_fire,
    compare = greater, reset = zero, max_spikes_per_step = 1, refractory = 0, output_delay = 0, bias_at_t0 = true>} {}

// Every field of a discretisation, in any order.
// CHECK: module attributes {test.dynamics = #spike.dynamics<decay = fixed, input_gain = euler, order = fire_on_old,
// CHECK-SAME: compare = greater_equal, reset = subtract, max_spikes_per_step = 3, v_floor = 0.000000e+00 : f32,
// CHECK-SAME: refractory = 2, output_delay = 1, bias_at_t0 = false, v_init = 5.000000e-01 : f32,
// CHECK-SAME: arithmetic = <state_bits = 23, weight_bits = 9, frac = 6, rounding = floor, overflow = saturate, decay_bits = 10>>}
module attributes {test.dynamics = #spike.dynamics<
    arithmetic = #spike.fixed<state_bits = 23, weight_bits = 9, frac = 6, rounding = floor, overflow = saturate, decay_bits = 10>,
    decay = fixed, input_gain = euler, order = fire_on_old, compare = greater_equal, reset = subtract,
    max_spikes_per_step = 3, v_floor = 0.0 : f32, refractory = 2, output_delay = 1, bias_at_t0 = false,
    v_init = 0.5 : f32>} {}

// A membrane before step 0 per neuron.
// CHECK: v_init = dense<[1, 2]> : tensor<2xi32>
module attributes {test.dynamics = #spike.dynamics<v_init = dense<[1, 2]> : tensor<2xi32>>} {}

// CHECK: #spike.dynamics<decay = euler, input_gain = exponential, reset = value>
module attributes {test.dynamics = #spike.dynamics<decay = euler, input_gain = exponential, reset = value>} {}
// CHECK: #spike.dynamics<decay = exponential, input_gain = step>
module attributes {test.dynamics = #spike.dynamics<decay = exponential, input_gain = step>} {}
// CHECK: #spike.dynamics<decay = factor>
module attributes {test.dynamics = #spike.dynamics<decay = factor>} {}
// CHECK: #spike.dynamics<decay = bitshift>
module attributes {test.dynamics = #spike.dynamics<decay = bitshift>} {}

// CHECK: #spike.fixed<state_bits = 16, weight_bits = 8>
module attributes {test.fixed = #spike.fixed<state_bits = 16, weight_bits = 8, frac = 0, rounding = toward_zero,
    overflow = wrap, decay_bits = 12>} {}
// CHECK: #spike.fixed<state_bits = 64, weight_bits = 32, frac = 63, rounding = nearest_up, decay_bits = 30>
module attributes {test.fixed = #spike.fixed<state_bits = 64, weight_bits = 32, frac = 63, rounding = nearest_up, decay_bits = 30>} {}
// CHECK: #spike.fixed<state_bits = 2, weight_bits = 1, rounding = nearest_even, decay_bits = 0>
module attributes {test.fixed = #spike.fixed<state_bits = 2, weight_bits = 1, rounding = nearest_even, decay_bits = 0>} {}

// CHECK: #spike.abstract<tensor<64x3x3x3xi8>, density = 2.500000e-01>
module attributes {test.weights = #spike.abstract<tensor<64x3x3x3xi8>, density = 0.25>} {}
// CHECK: #spike.abstract<tensor<2x2xf32>>
module attributes {test.weights = #spike.abstract<tensor<2x2xf32>>} {}

// CHECK: #spike.range<min = -1.000000e+00 : f64, max = 5.000000e+00 : f64, p999 = 4.500000e+00 : f64, mse_scale = 4.000000e+00 : f64, samples = 1, sha256 = "00ff">
module attributes {test.range = #spike.range<min = -1.0 : f64, max = 5.0 : f64, p999 = 4.5 : f64,
    mse_scale = 4.0 : f64, samples = 1, sha256 = "00ff">} {}

// CHECK: #spike.requant<multiplier = 2147483647, shift = 62>
module attributes {test.requant = #spike.requant<multiplier = 2147483647, shift = 62, zero_point = 0, rounding = nearest_up>} {}

// CHECK: #spike.state<sample>
module attributes {test.state = #spike.state<sample>} {}
// CHECK: #spike<encoding rate>
module attributes {test.encoding = #spike<encoding rate>} {}
// CHECK: #spike<readout first>
module attributes {test.readout = #spike<readout first>} {}
