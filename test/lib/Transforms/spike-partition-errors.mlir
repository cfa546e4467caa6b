// RUN: nmc-opt %s --spike-partition -split-input-file -verify-diagnostics

// Every limit in the way is reported at once.

chip.target @tiny {
  // expected-note @+1 {{target 'tiny' has 2 cores of kind 'neuro' per chip}}
  chip.core @neuro count 2 attributes {models = ["if"]} {
    chip.limit "neurons" 8.0 "1"
    // expected-note @+1 {{'axons_in' of target 'tiny' is stated here}}
    chip.limit "axons_in" 16.0 "1"
    // expected-note @+1 {{'fan_in' of target 'tiny' is stated here}}
    chip.limit "fan_in" 20.0 "1"
    // expected-note @+1 {{'weight_bits' of target 'tiny' is stated here}}
    chip.set "weight_bits" = [2, 4]
  }
}

// expected-error @+1 {{the network needs 4 cores of kind 'neuro' for the layers that can be cut, but 2 are available; 2 chips would do; 'b' alone takes 4, bound by neurons [core-count]}}
spike.network @n(%x: !spike.stream<32xi1>) -> !spike.stream<32xi1> {
  %in = spike.input @in(%x) : !spike.stream<32xi1> -> !spike.stream<32xi1>
  %c = spike.dense %in weights(dense<1> : tensor<4x32xi8>) : !spike.stream<32xi1> -> !spike.current<4xi32>
  // expected-error @+3 {{population 'a' needs 32 in-axons for a single neuron, but 16 are available; a smaller kernel, fewer input channels or a smaller layer before it [core-axons-in]}}
  // expected-error @+2 {{population 'a' needs 32 synapses into one neuron, but 20 are available; a smaller kernel, fewer input channels or more groups [core-fan-in]}}
  // expected-error @+1 {{population 'a' needs 8 bit of weight width, but 4 are available; quantise the network for this target [weight-bits]}}
  %a = spike.if @a(%c) {threshold = dense<1> : tensor<i32>} : (!spike.current<4xi32>) -> !spike.stream<4xi1>
  %e = spike.identity %in : !spike.stream<32xi1> -> !spike.current<32xi32>
  %b = spike.if @b(%e) {threshold = dense<1> : tensor<i32>} : (!spike.current<32xi32>) -> !spike.stream<32xi1>
  // expected-error @+1 {{population 'l' needs 1 kind of core that runs 'lif', but 0 are available; see the target's models [neuron-model]}}
  %l = spike.lif @l(%e) {tau = dense<2.0> : tensor<f32>, threshold = dense<1> : tensor<i32>} : (!spike.current<32xi32>) -> !spike.stream<32xi1>
  spike.output %b : !spike.stream<32xi1>
}

// -----

// A neuron that sends to more cores than its core has out-axons.

chip.target @t {
  chip.core @neuro count 64 {
    chip.limit "neurons" 4.0 "1"
    // expected-note @+1 {{'axons_out' of target 't' is stated here}}
    chip.limit "axons_out" 7.0 "1"
  }
}
spike.network @n(%x: !spike.stream<4xi1>) -> !spike.stream<32xi1> {
  %in = spike.input @in(%x) : !spike.stream<4xi1> -> !spike.stream<4xi1>
  %c = spike.identity %in : !spike.stream<4xi1> -> !spike.current<4xf32>
  // expected-error @+1 {{population 'a' needs 8 out-axons for a single neuron, but 7 are available; fewer or larger layers behind it, so that it sends to fewer cores [core-axons-out]}}
  %a = spike.if @a(%c) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<4xf32>) -> !spike.stream<4xi1>
  %d = spike.dense %a weights(dense<1.0> : tensor<32x4xf32>) : !spike.stream<4xi1> -> !spike.current<32xf32>
  %y = spike.if @y(%d) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<32xf32>) -> !spike.stream<32xi1>
  spike.output %y : !spike.stream<32xi1>
}

// -----

// expected-error @+1 {{the module has 0 ops chip.target, but one is needed; name it with option 'target' [mapping-symbol]}}
module {
  spike.network @n() {
    spike.output
  }
}
