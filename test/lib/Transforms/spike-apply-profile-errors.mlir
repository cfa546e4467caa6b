// What platforms have not got.
// RUN: nmc-opt %s --spike-apply-profile=profile=snntorch --split-input-file --verify-diagnostics

spike.network @dt(%arg0: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %0 = identity %in : !spike.stream<1xi1> -> !spike.current<1xf32>
  // expected-error@+1 {{has time constants, but the network states no model time per step (dt); hint: 'snntorch' itself uses dt = 0.0001 s [dt-needed]}}
  %a = lif @a(%0) {tau = dense<0.01> : tensor<f32>, threshold = dense<1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a : !spike.stream<1xi1>
}

// -----

spike.network @uniform(%arg0: !spike.stream<2xi1>) -> !spike.stream<2xi1> attributes {dt = 1.0e-3 : f64} {
  %in = input @in(%arg0) : !spike.stream<2xi1> -> !spike.stream<2xi1>
  %0 = identity %in : !spike.stream<2xi1> -> !spike.current<2xf32>
  // expected-error@+2 {{'tau' is 0.01 to 0.02, but 'snntorch' takes one value per population [profile-uniform]}}
  // expected-error@+1 {{'threshold' is 1 to 2, but 'snntorch' takes one value per population [profile-uniform]}}
  %a = lif @a(%0) {tau = dense<[0.01, 0.02]> : tensor<2xf32>, threshold = dense<[1.0, 2.0]> : tensor<2xf32>} : (!spike.current<2xf32>) -> !spike.stream<2xi1>
  output %a : !spike.stream<2xi1>
}

// -----

spike.network @values(%arg0: !spike.stream<1xi1>) -> (!spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>) attributes {dt = 1.0e-3 : f64} {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %0 = identity %in : !spike.stream<1xi1> -> !spike.current<1xf32>
  // expected-error@+1 {{v_leak is 0.5, but membranes of the platform leak to 0; hint: shift threshold and reset by it [profile-v-leak]}}
  %a = lif @a(%0) {tau = dense<0.01> : tensor<f32>, threshold = dense<1.0> : tensor<f32>, v_leak = dense<0.5> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  // expected-error@+1 {{r is 3, but the platform takes 1 alone; hint: multiply the weights in front of it [profile-r]}}
  %b = if @b(%0) {threshold = dense<1.0> : tensor<f32>, r = dense<3.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  // expected-error@+1 {{r·gain is -0.1, by which a threshold cannot be divided [profile-r]}}
  %c = lif @c(%0) {tau = dense<0.01> : tensor<f32>, threshold = dense<1.0> : tensor<f32>, r = dense<-1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a, %b, %c : !spike.stream<1xi1>, !spike.stream<1xi1>, !spike.stream<1xi1>
}

// -----

// A time constant in steps, read as seconds.
spike.network @tau(%arg0: !spike.stream<1xi1>) -> !spike.stream<1xi1> attributes {dt = 1.0 : f64} {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %0 = identity %in : !spike.stream<1xi1> -> !spike.current<1xf32>
  // expected-error@+1 {{'tau' is 0.01 s, but dt is 1 s: steps longer than a time constant do not decay; hint: check the unit of time constants [profile-tau]}}
  %a = lif @a(%0) {tau = dense<0.01> : tensor<f32>, threshold = dense<1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a : !spike.stream<1xi1>
}

// -----

spike.network @negative(%arg0: !spike.stream<1xi1>) -> !spike.stream<1xi1> attributes {dt = 1.0e-3 : f64} {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %0 = identity %in : !spike.stream<1xi1> -> !spike.current<1xf32>
  // expected-error@+1 {{'tau' is -0.01, but a time constant must be positive [tau-range]}}
  %a = lif @a(%0) {tau = dense<-0.01> : tensor<f32>, threshold = dense<1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a : !spike.stream<1xi1>
}

// -----

spike.network @kinds(%arg0: !spike.stream<1xf32>) -> (!spike.stream<1xf32>, !spike.stream<1xi1>) {
  %in = input @in(%arg0) : !spike.stream<1xf32> -> !spike.stream<1xf32>
  %0 = identity %in : !spike.stream<1xf32> -> !spike.current<1xf32>
  // expected-error@+1 {{is a rectifier of graded events, which no execution profile has; convert it to spikes first [profile-kind]}}
  %a = relu @a(%0) : (!spike.current<1xf32>) -> !spike.stream<1xf32>
  // expected-error@+1 {{is of a kind that 'snntorch' does not have; it has cuba_lif, if, lif [profile-kind]}}
  %b = threshold @b(%0) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a, %b : !spike.stream<1xf32>, !spike.stream<1xi1>
}

// -----

spike.network @integers(%arg0: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %0 = identity %in : !spike.stream<1xi1> -> !spike.current<1xi32>
  // expected-error@+1 {{has integer dynamics of its own already, which a profile for networks in real numbers would not keep [profile-applied]}}
  %a = if @a(%0) {threshold = dense<1> : tensor<i32>, dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 24, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  output %a : !spike.stream<1xi1>
}

// -----

spike.network @nan(%arg0: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %0 = identity %in : !spike.stream<1xi1> -> !spike.current<1xf32>
  // expected-error@+1 {{parameter 'threshold' holds a value that is not finite [param-type]}}
  %a = if @a(%0) {threshold = dense<0x7FC00000> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a : !spike.stream<1xi1>
}
