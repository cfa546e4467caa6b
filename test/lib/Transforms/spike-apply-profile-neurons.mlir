// What becomes of each kind of neuron and of NIR's parameters.
// RUN: nmc-opt %s --spike-apply-profile=profile=snntorch 2>%t | FileCheck %s --check-prefix=SNNTORCH
// RUN: FileCheck %s --check-prefix=SNNTORCH-SAYS --input-file=%t
// RUN: nmc-opt %s --spike-apply-profile="profile=snntorch reset=subtract" 2>/dev/null | FileCheck %s --check-prefix=RESIDUAL
// RUN: nmc-opt %s --spike-apply-profile=profile=spyx 2>%t | FileCheck %s --check-prefix=SPYX
// RUN: FileCheck %s --check-prefix=SPYX-SAYS --input-file=%t
// RUN: nmc-opt %s --spike-apply-profile="profile=norse reset=subtract" 2>%t | FileCheck %s --check-prefix=NORSE
// RUN: FileCheck %s --check-prefix=NORSE-SAYS --input-file=%t
// RUN: not nmc-opt %s --spike-apply-profile="profile=spyx reset=zero" 2>&1 | FileCheck %s --check-prefix=SPYXZERO

// SNNTORCH-SAYS-DAG: remark: population 'cuba': threshold 2 becomes 20, which takes up r·dt/tau = 0.1 [profile-threshold]
// SNNTORCH-SAYS-DAG: remark: population 'lif': threshold 1 becomes 25, which takes up r·dt/tau = 0.04 [profile-threshold]
// SNNTORCH-SAYS-DAG: warning: population 'if' has no leak, but 'snntorch' lets its membrane decay by 0.9 per step [profile-leak]
// SNNTORCH: cuba_lif @cuba
// SNNTORCH-SAME: dynamics = #spike.dynamics<decay = euler>, nir_parameters = {r = dense<1.000000e+00> : tensor<f32>, threshold = dense<2.000000e+00> : tensor<f32>, w_in = dense<4.000000e+00> : tensor<f32>}
// SNNTORCH-SAME: threshold = dense<{{20|2.000000e\+01}}
// SNNTORCH: lif @if
// SNNTORCH-SAME: dynamics = #spike.dynamics<decay = factor, reset = subtract_residual>
// SNNTORCH-SAME: tau = dense<0.899999976>
// SNNTORCH: lif @lif
// SNNTORCH-SAME: dynamics = #spike.dynamics<decay = euler>

// Its own kind of subtraction where it has one.
// RESIDUAL: cuba_lif @cuba
// RESIDUAL-SAME: reset = subtract_residual

// The old membrane is compared, or the spike is late: the loop has no step of its own.
// SPYX-SAYS-DAG: warning: population 'cuba': r = 1 is ignored: an input of 1 adds 1 to the membrane in a step, where r·dt/tau is 0.1 [profile-r]
// SPYX-SAYS-DAG: warning: population 'lif': r = 1 is ignored: an input of 1 adds 1 to the membrane in a step, where r·dt/tau is 0.04 [profile-r]
// SPYX: dense %cuba
// SPYX-NEXT: cuba_lif @cuba
// SPYX-SAME: dynamics = #spike.dynamics<decay = euler, reset = subtract, output_delay = 1>
// SPYX-NOT: delay
// SPYX: if @if
// SPYX-SAME: order = fire_on_old, reset = subtract
// SPYX: lif @lif
// SPYX-SAME: decay = euler, order = fire_on_old, reset = subtract

// NORSE-SAYS-DAG: warning: population 'lif' resets by zero rather than 'subtract': populations of its kind have zero alone under 'norse' [profile-reset]
// NORSE: cuba_lif @cuba
// NORSE-SAME: reset = subtract
// NORSE: lif @lif
// NORSE-NOT: subtract

// SPYXZERO: error: 'spike.cuba_lif' op cannot reset by 'zero' under 'spyx', which resets by subtract [profile-reset]

spike.network @n(%arg0: !spike.stream<2xf32>) -> !spike.stream<1xi1> attributes {dt = 1.0e-4 : f64} {
  %in = input @in(%arg0) : !spike.stream<2xf32> -> !spike.stream<2xf32>
  %0 = dense %in weights(dense<[[1.0, -1.0], [0.5, 2.0]]> : tensor<2x2xf32>) : !spike.stream<2xf32> -> !spike.current<2xf32>
  %1 = delay %cuba by 1 : !spike.stream<2xi1> -> !spike.stream<2xi1>
  %2 = dense %1 weights(dense<0.5> : tensor<2x2xf32>) : !spike.stream<2xi1> -> !spike.current<2xf32>
  %cuba = cuba_lif @cuba(%0, %2) {tau_syn = dense<4.0e-4> : tensor<f32>, tau_mem = dense<1.0e-3> : tensor<f32>, threshold = dense<2.0> : tensor<f32>, r = dense<1.0> : tensor<f32>, w_in = dense<4.0> : tensor<f32>} : (!spike.current<2xf32>, !spike.current<2xf32>) -> !spike.stream<2xi1>
  %3 = dense %cuba weights(dense<1.0> : tensor<1x2xf32>) : !spike.stream<2xi1> -> !spike.current<1xf32>
  %if = if @if(%3) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  %4 = identity %if : !spike.stream<1xi1> -> !spike.current<1xf32>
  %lif = lif @lif(%4) {tau = dense<2.5e-3> : tensor<f32>, threshold = dense<1.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %lif : !spike.stream<1xi1>
}
