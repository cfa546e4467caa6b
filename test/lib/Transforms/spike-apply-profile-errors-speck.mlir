// RUN: nmc-opt %s --spike-apply-profile=profile=speck --split-input-file --verify-diagnostics

spike.network @loops(%arg0: !spike.stream<4xi1>) -> !spike.stream<4xi1> {
  %in = input @in(%arg0) : !spike.stream<4xi1> -> !spike.stream<4xi1>
  // expected-error@+1 {{delays events, which 'speck' cannot [profile-delay]}}
  %late = delay %in by 3 : !spike.stream<4xi1> -> !spike.stream<4xi1>
  %0 = identity %late : !spike.stream<4xi1> -> !spike.current<4xf32>
  // expected-error@+1 {{closes a cycle, but 'speck' has no recurrent connections [profile-recurrence]}}
  %1 = delay %a by 1 : !spike.stream<4xi1> -> !spike.stream<4xi1>
  %2 = identity %1 : !spike.stream<4xi1> -> !spike.current<4xf32>
  // expected-error@+1 {{threshold is -1, but 'speck' needs it above 0 [profile-threshold]}}
  %a = if @a(%0, %2) {threshold = dense<-1.0> : tensor<f32>} : (!spike.current<4xf32>, !spike.current<4xf32>) -> !spike.stream<4xi1>
  output %a : !spike.stream<4xi1>
}

// -----

spike.network @pool(%arg0: !spike.stream<1x6x6xi1>) -> !spike.stream<1x2x2xi1> {
  %in = input @in(%arg0) : !spike.stream<1x6x6xi1> -> !spike.stream<1x6x6xi1>
  // expected-error@+1 {{pools over 3, but 'speck' pools over 1, 2 or 4 [profile-pool]}}
  %0 = sum_pool %in kernel [3, 3] : !spike.stream<1x6x6xi1> -> !spike.current<1x2x2xf32>
  %a = if @a(%0) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<1x2x2xf32>) -> !spike.stream<1x2x2xi1>
  output %a : !spike.stream<1x2x2xi1>
}

// -----

// A weight so large that nothing of the threshold is left.
spike.network @tiny(%arg0: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %0 = dense %in weights(dense<1000.0> : tensor<1x1xf32>) : !spike.stream<1xi1> -> !spike.current<1xf32>
  // expected-error@+1 {{threshold 1 becomes 0 under the scale 0.127 that the largest weight or bias asks for [quantize-range]}}
  %a = if @a(%0) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a : !spike.stream<1xi1>
}

// -----

// Two matrices in a row.
spike.network @chain(%arg0: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %0 = dense %in weights(dense<1.0> : tensor<2x1xf32>) : !spike.stream<1xi1> -> !spike.current<2xf32>
  // expected-error@+1 {{reads what another connection sums up, and the two could not be merged into one set of weights [profile-chain]}}
  %1 = dense %0 weights(dense<1.0> : tensor<1x2xf32>) : !spike.current<2xf32> -> !spike.current<1xf32>
  %a = if @a(%1) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a : !spike.stream<1xi1>
}

// -----

spike.network @abstract(%arg0: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  // expected-error@+1 {{weights are abstract: there is nothing to quantise [weights-abstract]}}
  %0 = dense %in weights(#spike.abstract<tensor<1x1xf32>>) : !spike.stream<1xi1> -> !spike.current<1xf32>
  %a = if @a(%0) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a : !spike.stream<1xi1>
}
