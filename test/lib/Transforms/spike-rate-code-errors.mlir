// RUN: nmc-opt %s --spike-rate-code=steps=8 --split-input-file --verify-diagnostics

// Everything in the way is reported together.
spike.network @n(%arg0: !spike.stream<2xf32>) -> !spike.stream<2xf32> {
  // expected-warning@+1 {{input 'in' reaches down to -3.000000e+00, but spikes only stand for positive values: what is below 0 is lost; hint: train on inputs that are not negative [input-negative]}}
  %in = input @in(%arg0) {spike.range = #spike.range<min = -3.0, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 4, sha256 = "00">} : !spike.stream<2xf32> -> !spike.stream<2xf32>
  %0 = identity %in : !spike.stream<2xf32> -> !spike.current<2xf32>
  // expected-error@+1 {{has no observed range; run spike-observe-ranges first [range-missing]}}
  %a = relu @a(%0) : (!spike.current<2xf32>) -> !spike.stream<2xf32>
  %1 = identity %a : !spike.stream<2xf32> -> !spike.current<2xf32>
  // expected-error@+1 {{has no rate code; spike.relu and spike.integrator have [rate-population]}}
  %b = relu @b(%1) {rectify = false, spike.range = #spike.range<min = 0.0, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 4, sha256 = "00">} : (!spike.current<2xf32>) -> !spike.stream<2xf32>
  output %b : !spike.stream<2xf32>
}

// -----

// Windows at the border would have another divisor.
spike.network @n(%arg0: !spike.stream<1x2x2xf32>) -> !spike.stream<1x2x2xf32> {
  %in = input @in(%arg0) {spike.range = #spike.range<min = 0.0, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 4, sha256 = "00">} : !spike.stream<1x2x2xf32> -> !spike.stream<1x2x2xf32>
  %0 = identity %in : !spike.stream<1x2x2xf32> -> !spike.current<1x2x2xf32>
  %a = relu @a(%0) {spike.range = #spike.range<min = 0.0, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 4, sha256 = "00">} : (!spike.current<1x2x2xf32>) -> !spike.stream<1x2x2xf32>
  // expected-error@+1 {{leaves padding out of the mean, so that windows at the border have another divisor than one weight can hold [avg-pool-pad]}}
  %1 = avg_pool %a kernel [2, 2] {count_include_pad = false, pads = array<i64: 1, 1, 0, 0>, strides = array<i64: 1, 1>} : !spike.stream<1x2x2xf32> -> !spike.current<1x2x2xf32>
  %b = relu @b(%1) {spike.range = #spike.range<min = 0.0, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 4, sha256 = "00">} : (!spike.current<1x2x2xf32>) -> !spike.stream<1x2x2xf32>
  output %b : !spike.stream<1x2x2xf32>
}
