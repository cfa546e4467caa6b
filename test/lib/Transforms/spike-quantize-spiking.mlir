// Networks that are spiking already: the target's execution profile quantises them,
// in the widths that the target states.
// RUN: nmc-opt %s --spike-quantize=dt=0.001 --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: spike.network @n
// CHECK-SAME: execution_profile = "loihi1"
// Four bits of weight: sign and 1 to 7.
// CHECK: dense {{.*}} weights(dense<{{\[}}[7, -4]]> : tensor<1x2xi8>) {exponent = 5
// CHECK: lif @a
// CHECK-SAME: v_floor = -5.242870e+05 : f64, v_ceiling = 5.242870e+05 : f64, arithmetic = <state_bits = 20, weight_bits = 4, frac = 6>
// CHECK-SAME: tau = dense<200> : tensor<i32>
chip.target @narrow attributes {execution_profile = "loihi1"} {
  chip.core @core count 1 {
  }
  chip.set "payload" = "binary"
  chip.set "weight_bits" = [2, 4]
  chip.set "state_bits" = 20
  chip.set "threshold_bits" = 13
}
spike.network @n(%arg0: !spike.stream<2xi1>) -> !spike.stream<1xi1> {
  %in = input @in(%arg0) : !spike.stream<2xi1> -> !spike.stream<2xi1>
  %0 = dense %in weights(dense<[[1.0, -0.5]]> : tensor<1x2xf32>) : !spike.stream<2xi1> -> !spike.current<1xf32>
  // expected-remark@+1 {{weight exponents 0, threshold 4587}}
  %a = lif @a(%0) {tau = dense<0.02> : tensor<f32>, threshold = dense<1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a : !spike.stream<1xi1>
}

// -----

chip.target @none {
  chip.core @core count 1 {
  }
}
// expected-error@+1 {{is a spiking network in real numbers, but target 'none' names no execution profile, whose quantiser would know what to do with it [profile-needed]}}
spike.network @n(%arg0: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %0 = identity %in : !spike.stream<1xi1> -> !spike.current<1xf32>
  %a = if @a(%0) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %a : !spike.stream<1xi1>
}

// -----

chip.target @other attributes {execution_profile = "loihi1"} {
  chip.core @core count 1 {
  }
}
// expected-error@+1 {{has execution profile 'norse' already, but target 'other' has 'loihi1' [profile-applied]}}
spike.network @n(%arg0: !spike.stream<1xi1>) -> !spike.stream<1xi1> attributes {execution_profile = "norse"} {
  %in = input @in(%arg0) : !spike.stream<1xi1> -> !spike.stream<1xi1>
  output %in : !spike.stream<1xi1>
}
