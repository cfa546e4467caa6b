// RUN: nmc-opt %s --spike-quantize --split-input-file --verify-diagnostics

// A state of 12 bits cannot hold 8 steps of these weights.
chip.target @narrow {
  chip.core @core count 1 {
  }
  chip.set "payload" = "binary"
  chip.set "weight_bits" = 8
  chip.set "state_bits" = 12
  chip.set "threshold_bits" = 8
  chip.set "bias_mantissa_bits" = 8
  chip.set "frac" = 1
}
spike.network @n(%arg0: !spike.stream<4xi1>) -> !spike.stream<1xf32> attributes {steps = 8 : i64} {
  %in = input @in(%arg0) : !spike.stream<4xi1> -> !spike.stream<4xi1>
  %0 = dense %in weights(dense<1.0> : tensor<1x4xf32>) : !spike.stream<4xi1> -> !spike.current<1xf32>
  // expected-error@+1 {{has no exponent from 0 to -1 under which all widths hold: the membrane can reach 4064 in 8 steps, but 12 bits end at 2^11; hint: fewer --steps, or weights of more even size [quantize-range]}}
  %out = integrator @out(%0) : (!spike.current<1xf32>) -> !spike.stream<1xf32>
  output %out : !spike.stream<1xf32>
}

// -----

chip.target @silent {
  chip.core @core count 1 {
  }
  chip.set "payload" = "binary"
  chip.set "weight_bits" = 8
}
// expected-error@+1 {{cannot be quantised: target 'silent' does not state 'state_bits' [target-property]}}
spike.network @n(%arg0: !spike.stream<4xi1>) -> !spike.stream<4xi1> {
  %in = input @in(%arg0) : !spike.stream<4xi1> -> !spike.stream<4xi1>
  output %in : !spike.stream<4xi1>
}

// -----

// Values of both signs need events with a sign.
chip.target @unsigned {
  chip.core @core count 1 {
  }
  chip.set "payload" = "u8"
  chip.set "payload_bits" = 8
  chip.set "weight_bits" = 8
}
spike.network @n(%arg0: !spike.stream<4xf32>) -> !spike.stream<4xf32> {
  %in = input @in(%arg0) {spike.range = #spike.range<min = 0.0, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 4, sha256 = "00">} : !spike.stream<4xf32> -> !spike.stream<4xf32>
  %0 = identity %in : !spike.stream<4xf32> -> !spike.current<4xf32>
  // expected-error@+1 {{does not rectify, but events of target 'unsigned' carry no sign [quantize-population]}}
  %a = relu @a(%0) {rectify = false, spike.range = #spike.range<min = -2.0, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 4, sha256 = "00">} : (!spike.current<4xf32>) -> !spike.stream<4xf32>
  output %a : !spike.stream<4xf32>
}

// -----

chip.target @graded {
  chip.core @core count 1 {
  }
  chip.set "payload" = "u8"
  chip.set "payload_bits" = 8
  chip.set "weight_bits" = 8
}
spike.network @n(%arg0: !spike.stream<4xf32>) -> !spike.stream<4xf32> {
  // expected-error@+1 {{has no observed range; run spike-observe-ranges first [range-missing]}}
  %in = input @in(%arg0) : !spike.stream<4xf32> -> !spike.stream<4xf32>
  output %in : !spike.stream<4xf32>
}
