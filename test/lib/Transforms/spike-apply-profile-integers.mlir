// One network in the numbers of platforms that quantise.
// RUN: nmc-opt %s --spike-apply-profile=profile=loihi1 2>%t | FileCheck %s --check-prefix=LOIHI1
// RUN: FileCheck %s --check-prefix=LOIHI1-SAYS --input-file=%t
// RUN: nmc-opt %s --spike-apply-profile=profile=loihi2-fixed 2>%t | FileCheck %s --check-prefix=LOIHI2
// RUN: FileCheck %s --check-prefix=LOIHI2-SAYS --input-file=%t
// RUN: nmc-opt %s --spike-apply-profile=profile=lava-dl 2>%t | FileCheck %s --check-prefix=SLAYER
// RUN: FileCheck %s --check-prefix=SLAYER-SAYS --input-file=%t
// RUN: nmc-opt %s --spike-apply-profile=profile=spinnaker2 2>%t | FileCheck %s --check-prefix=SPINN
// RUN: FileCheck %s --check-prefix=SPINN-SAYS --input-file=%t
// RUN: nmc-opt %s --spike-apply-profile=profile=xylo 2>%t | FileCheck %s --check-prefix=XYLO
// RUN: FileCheck %s --check-prefix=XYLO-SAYS --input-file=%t

// The analogue port takes events; they arrive a step late.
// LOIHI1-SAYS-DAG: warning: input 'in' is analogue, but events of 'loihi1' are integers: it takes counts, of which up to 1 per step and neuron are delivered [profile-input]
// LOIHI1-SAYS-DAG: warning: population 'hidden': bias 0.1 to 1 of its connections drives the membrane in every step, not the synaptic current, which would reach as much in time [profile-bias]
// LOIHI1-SAYS-DAG: remark: population 'hidden': weight exponents 0 -2, threshold 151 (rounded by 0.225746 %), bias exponent 4 [quantized]
// LOIHI1: spike.network @n(%{{.*}}: !spike.stream<2xui8>)
// LOIHI1: input @in(%{{.*}}) : !spike.stream<2xui8> -> !spike.stream<2xi1>
// LOIHI1: delay %in by 1
// LOIHI1: dense {{.*}} weights(dense<{{\[}}[64, -64], [32, 127]]> : tensor<2x2xi8>) {exponent = 1 : i64, weight_type = !quant.uniform<i8:f32, 1.568630e-02>} {{.*}} -> !spike.current<2xi22>
// LOIHI1: dense {{.*}} weights(dense<64> : tensor<2x2xi8>) {weight_type
// LOIHI1: cuba_lif @hidden
// LOIHI1-SAME: bias = dense<[36896, 3689]> : tensor<2xi32>
// LOIHI1-SAME: decay = fixed, v_floor = {{.*}}, v_ceiling = {{.*}}, arithmetic = <state_bits = 24, weight_bits = 8, frac = 6>
// LOIHI1-SAME: nir_parameters = {r = dense<1.000000e+01>
// LOIHI1-SAME: tau_mem = dense<390> : tensor<i32>, tau_syn = dense<906> : tensor<i32>, threshold = dense<151> : tensor<i32>

// LOIHI2-SAYS: remark: population 'hidden': weights times 256, exponent 2, threshold 255, decay 409 [quantized]
// LOIHI2: dense {{.*}} weights(dense<{{\[}}[64, -64], [32, 128]]> : tensor<2x2xi16>) {exponent = 2
// LOIHI2: cuba_lif @hidden
// LOIHI2-SAME: bias = dense<[65536, 6553]>
// LOIHI2-SAME: tau_mem = dense<409> : tensor<i32>, tau_syn = dense<1024> : tensor<i32>, threshold = dense<255>

// The bias of the loop is gone, the other goes through the synapse.
// SLAYER-SAYS: warning: the bias of a recurrent connection, 0 to 0.5, is dropped: 'lava-dl' has none there [profile-bias-dropped]
// SLAYER: dense %in weights(dense<{{\[}}[4096, -4096], [2048, 8192]]> : tensor<2x2xi16>) bias(dense<[2048, 409]> : tensor<2xi32>)
// SLAYER: dense {{.*}} weights(dense<2048> : tensor<2x2xi16>) {nir_parameters = {bias =
// SLAYER: cuba_lif @hidden
// SLAYER-SAME: compare = greater_equal
// SLAYER-SAME: tau_mem = dense<410> : tensor<i32>, tau_syn = dense<1024> : tensor<i32>, threshold = dense<4096>

// Whole numbers in float arithmetic.
// SPINN-SAYS: remark: population 'hidden': weights times 63.5, truncated, threshold 63.5 [quantized]
// SPINN: dense {{.*}} weights(dense<{{\[}}[6.300000e+01, -6.300000e+01], [3.100000e+01, 1.270000e+02]]>
// SPINN: cuba_lif @hidden
// SPINN-SAME: bias = dense<[2.540000e+02, 2.540000e+01]>
// SPINN-SAME: dynamics = #spike.dynamics<decay = euler>
// SPINN-SAME: threshold = dense<6.350000e+01>

// A scale of its own for each neuron; inputs are not late, readouts fire once.
// XYLO-SAYS: remark: population 'hidden': tau_mem 0.001 s becomes a shift of 3, a time constant of 0.0008 s [profile-tau]
// XYLO: input @in(%{{.*}}) : !spike.stream<2xui8> -> !spike.stream<2xui4>
// XYLO: dense %in weights(dense<{{\[}}[127, -127], [32, 127]]> : tensor<2x2xi8>)
// XYLO: delay %hidden by 1 : !spike.stream<2xui8>
// XYLO: cuba_lif @hidden
// XYLO-SAME: bias = dense<[447, 22]>
// XYLO-SAME: decay = bitshift, synapse_order = add_then_decay, compare = greater_equal, reset = subtract, max_spikes_per_step = 31, arithmetic = <state_bits = 16, weight_bits = 8, rounding = floor, overflow = saturate_each>
// XYLO-SAME: tau_mem = dense<3> : tensor<i32>, tau_syn = dense<2> : tensor<i32>, threshold = dense<[127, 64]>
// XYLO-SAME: -> !spike.stream<2xui8>
// XYLO: cuba_lif @out
// XYLO-NOT: max_spikes_per_step
// XYLO: output %out : !spike.stream<1xi1>

spike.network @n(%arg0: !spike.stream<2xf32>) -> !spike.stream<1xi1> attributes {dt = 1.0e-4 : f64} {
  %in = input @in(%arg0) : !spike.stream<2xf32> -> !spike.stream<2xf32>
  %0 = dense %in weights(dense<[[1.0, -1.0], [0.5, 2.0]]> : tensor<2x2xf32>) bias(dense<[0.5, 0.1]> : tensor<2xf32>) : !spike.stream<2xf32> -> !spike.current<2xf32>
  %1 = delay %hidden by 1 : !spike.stream<2xi1> -> !spike.stream<2xi1>
  %2 = dense %1 weights(dense<0.5> : tensor<2x2xf32>) bias(dense<[0.5, 0.0]> : tensor<2xf32>) : !spike.stream<2xi1> -> !spike.current<2xf32>
  %hidden = cuba_lif @hidden(%0, %2) {tau_syn = dense<4.0e-4> : tensor<f32>, tau_mem = dense<1.0e-3> : tensor<f32>, threshold = dense<1.0> : tensor<2xf32>, r = dense<10.0> : tensor<f32>, w_in = dense<4.0> : tensor<f32>} : (!spike.current<2xf32>, !spike.current<2xf32>) -> !spike.stream<2xi1>
  %3 = dense %hidden weights(dense<1.0> : tensor<1x2xf32>) : !spike.stream<2xi1> -> !spike.current<1xf32>
  %out = cuba_lif @out(%3) {tau_syn = dense<4.0e-4> : tensor<f32>, tau_mem = dense<1.0e-3> : tensor<f32>, threshold = dense<1.0> : tensor<f32>, r = dense<10.0> : tensor<f32>, w_in = dense<4.0> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  output %out : !spike.stream<1xi1>
}
