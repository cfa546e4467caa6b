// One recurrent network of current-based neurons as simulators run it.
// RUN: nmc-opt %s --spike-apply-profile=profile=norse | FileCheck %s --check-prefixes=CHECK,NORSE
// RUN: nmc-opt %s --spike-apply-profile="profile=norse reset=subtract" 2>/dev/null | FileCheck %s --check-prefix=SUBTRACT
// RUN: not nmc-opt %s --spike-apply-profile=profile=snntorch 2>&1 | FileCheck %s --check-prefix=SNNTORCH
// RUN: nmc-opt %s --spike-apply-profile=profile=nengo 2>%t | FileCheck %s --check-prefix=NENGO
// RUN: FileCheck %s --check-prefix=NENGO-SAYS --input-file=%t
// RUN: nmc-opt %s --spike-apply-profile=profile=lava-float 2>%t | FileCheck %s --check-prefix=LAVA
// RUN: FileCheck %s --check-prefix=LAVA-SAYS --input-file=%t
// RUN: nmc-opt %s --spike-apply-profile="profile=lava-float clear-period=5 clear-shift=1" 2>/dev/null | FileCheck %s --check-prefix=CLEAR

// CHECK-LABEL: spike.network @n
// CHECK-SAME: execution_profile = "norse"

// NORSE: %[[D:.*]] = delay %{{.*}} by 1
// NORSE: dense %[[D]] {{.*}} bias(
// NORSE: cuba_lif @lif
// NORSE-SAME: dynamics = #spike.dynamics<decay = euler, input_gain = euler, bias_at_t0 = false>
// NORSE-SAME: nir_parameters = {w_in = dense<4.000000e+00> : tensor<f32>}
// NORSE-SAME: r = dense<1.000000e+01>
// w_in · dt/tau_syn
// NORSE-SAME: w_in = dense<1.000000e+00>
// NORSE: li @out
// NORSE-SAME: dynamics = #spike.dynamics<decay = euler, input_gain = euler>

// SUBTRACT: cuba_lif @lif
// SUBTRACT-SAME: reset = subtract

// SNNTORCH: spike-apply-profile.mlir:{{.*}}: error: 'spike.li' op is of a kind that 'snntorch' does not have; it has cuba_lif, if, lif [profile-kind]

// The synapse is late by a step, so that no bias acts in step 0; its decay is Euler's.
// NENGO-SAYS: remark: population 'lif': tau_syn 0.0004 becomes 0.000347606, whose exp(-dt/tau) is 1 - dt/tau of the old one [profile-tau-syn]
// NENGO: %[[X:.*]] = delay %in by 1
// NENGO: dense %[[X]]
// NENGO: %[[Y:.*]] = delay %lif by 1
// NENGO: dense %[[Y]]
// NENGO: cuba_lif @lif
// NENGO-SAME: decay = exponential, input_gain = exponential, v_floor = 0.000000e+00 : f64, bias_at_t0 = false
// NENGO: li @out

// Events arrive a step late everywhere; in the loop its own step is that.
// LAVA-SAYS: warning: population 'lif': bias 0.1 to 1 of its connections drives the membrane with 0.4 to 4 in every step, not the synaptic current, which would reach as much in time [profile-bias]
// LAVA: delay %in by 1
// LAVA: delay %lif by 1
// LAVA: cuba_lif @lif
// LAVA-SAME: bias = dense<[3.99999976, 0.399999976]>
// LAVA: delay %lif by 1
// LAVA: li @out

// CLEAR: cuba_lif @lif
// CLEAR-SAME: clear_period = 5, clear_offset = 2
// CLEAR: li @out
// CLEAR-SAME: clear_period = 5, clear_offset = 3

spike.network @n(%arg0: !spike.stream<2xf32>) -> !spike.stream<1xf32> attributes {dt = 1.0e-4 : f64} {
  %in = input @in(%arg0) : !spike.stream<2xf32> -> !spike.stream<2xf32>
  %0 = dense %in weights(dense<[[1.0, -1.0], [0.5, 2.0]]> : tensor<2x2xf32>) bias(dense<[0.5, 0.1]> : tensor<2xf32>) : !spike.stream<2xf32> -> !spike.current<2xf32>
  %1 = delay %lif by 1 : !spike.stream<2xi1> -> !spike.stream<2xi1>
  %2 = dense %1 weights(dense<0.5> : tensor<2x2xf32>) bias(dense<[0.5, 0.0]> : tensor<2xf32>) : !spike.stream<2xi1> -> !spike.current<2xf32>
  %lif = cuba_lif @lif(%0, %2) {tau_syn = dense<4.0e-4> : tensor<f32>, tau_mem = dense<1.0e-3> : tensor<f32>, threshold = dense<1.0> : tensor<2xf32>, r = dense<10.0> : tensor<f32>, w_in = dense<4.0> : tensor<f32>} : (!spike.current<2xf32>, !spike.current<2xf32>) -> !spike.stream<2xi1>
  %3 = dense %lif weights(dense<1.0> : tensor<1x2xf32>) : !spike.stream<2xi1> -> !spike.current<1xf32>
  %out = li @out(%3) {tau = dense<1.0e-3> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xf32>
  output %out : !spike.stream<1xf32>
}
