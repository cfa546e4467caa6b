// RUN: nmc-opt %s --spike-apply-profile="profile=loihi1 dt=0.001" --split-input-file --verify-diagnostics

// A threshold far beyond what all exponents reach.
spike.network @range(%arg0: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %0 = dense %in weights(dense<1.0> : tensor<1x1xf32>) : !spike.stream<1xi1> -> !spike.current<1xf32>
  // expected-error@+1 {{has no weight exponent from 0 to -7 under which all widths hold: threshold 1992188 exceeds 17 bits; hint: weights, thresholds and biases of more even size [quantize-range]}}
  %a = if @a(%0) {threshold = dense<1.0e6> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a : !spike.stream<1xi1>
}

// -----

// Gains that differ cannot go into weights that are shared.
spike.network @shared(%arg0: !spike.stream<1x2xi1>) -> !spike.stream<1x2xi1> {
  %in = input @in(%arg0) : !spike.stream<1x2xi1> -> !spike.stream<1x2xi1>
  // expected-error@+1 {{shares weights among neurons of population 'a', whose gains r·w_in differ (1 to 2), so that the gains cannot go into the weights [profile-uniform]}}
  %0 = conv %in weights(dense<1.0> : tensor<1x1x1xf32>) : !spike.stream<1x2xi1> -> !spike.current<1x2xf32>
  %a = if @a(%0) {threshold = dense<1.0> : tensor<f32>, r = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : (!spike.current<1x2xf32>) -> !spike.stream<1x2xi1>
  output %a : !spike.stream<1x2xi1>
}

// -----

// expected-warning@+1 {{dt of 0.001 s replaces that of the network, 0.002 s [profile-dt]}}
spike.network @dt(%arg0: !spike.stream<1xi1>) -> !spike.stream<1xi1> attributes {dt = 2.0e-3 : f64} {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %0 = dense %in weights(dense<1.0> : tensor<1x1xf32>) : !spike.stream<1xi1> -> !spike.current<1xf32>
  // expected-warning@+2 {{population 'a': v_reset = 0.5 is ignored: a spike resets the membrane to 0 [profile-v-reset]}}
  // expected-remark@+1 {{weight exponents 0, threshold}}
  %a = lif @a(%0) {tau = dense<0.02> : tensor<f32>, threshold = dense<1.0> : tensor<f32>, v_reset = dense<0.5> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a : !spike.stream<1xi1>
}
