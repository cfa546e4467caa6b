// RUN: nmc-opt %s --spike-legalize=reset=subtract --split-input-file --verify-diagnostics

// Everything in the way is reported together: the reset, kinds of synapses and
// neurons, and a linear layer behind a linear layer.
// expected-note@+2 {{target 'small' is described here}}
// expected-error@+1 {{neurons of target 'small' cannot reset by 'subtract'; they reset by zero [reset-kind]}}
chip.target @small {
  chip.core @core count 4 attributes {models = ["if"], connections = ["dense", "identity"]} {
  }
  chip.set "payload" = "binary"
  chip.set "reset" = ["zero"]
}
spike.network @n(%arg0: !spike.stream<1x4xf32>) -> !spike.stream<2xf32> {
  %in = input @in(%arg0) : !spike.stream<1x4xf32> -> !spike.stream<1x4xf32>
  // expected-error@+2 {{is a connection that target 'small' does not have; it has dense, identity [connection-kind]}}
  // expected-error@+1 {{passes on values of both signs, since no rectifier follows the linear layer, but events of target 'small' carry no sign; merge the two linear layers or put a ReLU between them [signed-activation]}}
  %0 = conv %in weights(dense<1.0> : tensor<1x1x1xf32>) : !spike.stream<1x4xf32> -> !spike.current<1x4xf32>
  %1 = dense %0 weights(dense<1.0> : tensor<2x4xf32>) : !spike.current<1x4xf32> -> !spike.current<2xf32>
  // expected-error@+1 {{population 'out' needs neurons of kind 'integrator', but target 'small' runs if [neuron-model]}}
  %out = integrator @out(%1) : (!spike.current<2xf32>) -> !spike.stream<2xf32>
  output %out : !spike.stream<2xf32>
}

// -----

// expected-note@+2 {{target 'plain' is described here}}
// expected-error@+1 {{target 'plain' does not state its 'payload', binary or graded [target-property]}}
chip.target @plain {
  chip.core @core count 4 {
  }
  chip.set "bias" = false
  chip.set "max_pool" = false
}
spike.network @n(%arg0: !spike.stream<2xi1>) -> !spike.stream<2xi1> {
  %in = input @in(%arg0) : !spike.stream<2xi1> -> !spike.stream<2xi1>
  // expected-error@+1 {{has a bias, but neurons of target 'plain' have none; train without biases [bias]}}
  %0 = dense %in weights(dense<1.0> : tensor<2x2xf32>) bias(dense<1.0> : tensor<2xf32>) : !spike.stream<2xi1> -> !spike.current<2xf32>
  %a = if @a(%0) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<2xf32>) -> !spike.stream<2xi1>
  %b = reshape %a : !spike.stream<2xi1> -> !spike.stream<1x2xi1>
  // expected-error@+1 {{takes the maximum of events, which target 'plain' cannot; train the network with average pooling [max-pool]}}
  %m = max_pool @m(%b) kernel [1] : !spike.stream<1x2xi1> -> !spike.stream<1x2xi1>
  %c = reshape %m : !spike.stream<1x2xi1> -> !spike.stream<2xi1>
  output %c : !spike.stream<2xi1>
}

// -----

// expected-error@below {{the module has 0 ops chip.target, but one is needed; run chip-load-target, or name one with option 'target' [target-given]}}
module {
}
