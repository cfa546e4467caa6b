// RUN: nmc-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{state_bits is 1, but 2 to 64 are possible [fixed-width]}}
module attributes {test.fixed = #spike.fixed<state_bits = 1, weight_bits = 8>} {}

// -----

// expected-error @below {{state_bits is 65, but 2 to 64 are possible [fixed-width]}}
module attributes {test.fixed = #spike.fixed<state_bits = 65, weight_bits = 8>} {}

// -----

// expected-error @below {{weight_bits is 33, but 1 to 32 are possible [fixed-width]}}
module attributes {test.fixed = #spike.fixed<state_bits = 16, weight_bits = 33>} {}

// -----

// expected-error @below {{frac is 16, but the state has only 16 bits [fixed-width]}}
module attributes {test.fixed = #spike.fixed<state_bits = 16, weight_bits = 8, frac = 16>} {}

// -----

// expected-error @below {{decay_bits is 31, but at most 30 are possible [fixed-width]}}
module attributes {test.fixed = #spike.fixed<state_bits = 16, weight_bits = 8, decay_bits = 31>} {}

// -----

// A field that has no default must be there.
// expected-error @below {{struct is missing required parameter: weight_bits}}
module attributes {test.fixed = #spike.fixed<state_bits = 16>} {}

// -----

// expected-error @below {{max_spikes_per_step is 0, but must be at least 1 [dynamics-range]}}
module attributes {test.dynamics = #spike.dynamics<max_spikes_per_step = 0>} {}

// -----

// expected-error @below {{refractory is -1, but must be 0 to 1048576 steps [dynamics-range]}}
module attributes {test.dynamics = #spike.dynamics<refractory = -1>} {}

// -----

// expected-error @below {{output_delay is 1048577, but must be 0 to 1048576 steps [dynamics-range]}}
module attributes {test.dynamics = #spike.dynamics<output_delay = 1048577>} {}

// -----

// expected-error @below {{v_init must be a number or an elements attribute [dynamics-range]}}
module attributes {test.dynamics = #spike.dynamics<v_init = "half">} {}

// -----

// expected-error @+2 {{expected one of [none, euler, exponential, factor, fixed, bitshift] for how a time constant tau becomes a factor per step, got: linear}}
// expected-error @below {{failed to parse Spike_DynamicsAttr parameter 'decay'}}
module attributes {test.dynamics = #spike.dynamics<decay = linear>} {}

// -----

// expected-error @below {{density is 0.000000e+00, but must be above 0 and at most 1 [abstract-density]}}
module attributes {test.weights = #spike.abstract<tensor<2xi8>, density = 0.0>} {}

// -----

// expected-error @below {{density is 1.500000e+00, but must be above 0 and at most 1 [abstract-density]}}
module attributes {test.weights = #spike.abstract<tensor<2xi8>, density = 1.5>} {}

// -----

// expected-error @below {{abstract weights need a tensor type of static shape, not 'tensor<?xi8>' [abstract-type]}}
module attributes {test.weights = #spike.abstract<tensor<?xi8>>} {}

// -----

// expected-error @below {{min 2.000000e+00 exceeds max 1.000000e+00 [range-order]}}
module attributes {test.range = #spike.range<min = 2.0, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 1, sha256 = "">} {}

// -----

// expected-error @below {{samples is 0, but a range comes from at least 1 [range-order]}}
module attributes {test.range = #spike.range<min = 0.0, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 0, sha256 = "">} {}

// -----

// expected-error @below {{range holds a value that is not finite [range-order]}}
module attributes {test.range = #spike.range<min = 0.0, max = 0x7FF0000000000000 : f64, p999 = 1.0, mse_scale = 1.0, samples = 1, sha256 = "">} {}

// -----

// expected-error @below {{multiplier is 2147483648, but must be 1 to 2^31 - 1 [requant-range]}}
module attributes {test.requant = #spike.requant<multiplier = 2147483648, shift = 1>} {}

// -----

// expected-error @below {{multiplier is 0, but must be 1 to 2^31 - 1 [requant-range]}}
module attributes {test.requant = #spike.requant<multiplier = 0, shift = 1>} {}

// -----

// expected-error @below {{shift is 63, but must be 0 to 62 [requant-range]}}
module attributes {test.requant = #spike.requant<multiplier = 1, shift = 63>} {}

// -----

func.func @range_attr(%c: !spike.current<2xf32>) {
  // expected-error @below {{'spike.range' must be a #spike.range [range-attr]}}
  %0 = spike.relu @a(%c) {spike.range = 1.0} : (!spike.current<2xf32>) -> !spike.stream<2xf32>
  return
}

// -----

// expected-error @below {{'spike.range' belongs on a population [range-attr]}}
module attributes {spike.range = #spike.range<min = 0.0, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 1, sha256 = "">} {}

// -----

// expected-error @below {{unknown attribute 'spike.speed' of the spike dialect [unknown-attr]}}
module attributes {spike.speed = 1 : i64} {}
