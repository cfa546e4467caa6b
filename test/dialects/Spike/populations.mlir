// RUN: nmc-opt %s | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --mlir-print-op-generic | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --emit-bytecode | nmc-opt | FileCheck %s

// CHECK-LABEL: spike.network @membranes
spike.network @membranes(%x: !spike.stream<2x3xf32>) -> !spike.stream<2x3xi1> {
  // CHECK: %x = input @x(%{{.*}}) : !spike.stream<2x3xf32> -> !spike.stream<2x3xf32>
  %in = spike.input @x(%x) : !spike.stream<2x3xf32> -> !spike.stream<2x3xf32>
  %c = spike.identity %in : !spike.stream<2x3xf32> -> !spike.current<2x3xf32>
  // One number, one per channel, one per neuron.
  // CHECK: %a = if @a(%{{.*}}) {r = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>, threshold = dense<1.000000e+00> : tensor<f32>, v_reset = dense<0.000000e+00> : tensor<2x3xf32>} : (!spike.current<2x3xf32>) -> !spike.stream<2x3xi1>
  %a = spike.if @a(%c) {threshold = dense<1.0> : tensor<f32>, r = dense<[1.0, 2.0]> : tensor<2xf32>,
                        v_reset = dense<0.0> : tensor<2x3xf32>} : (!spike.current<2x3xf32>) -> !spike.stream<2x3xi1>
  // Currents are summed in order; counts as events.
  // CHECK: %b = lif @b(%{{.*}}, %{{.*}}) {dynamics = #spike.dynamics<decay = euler, max_spikes_per_step = 15>, tau = dense<2.000000e-02> : tensor<f32>, threshold = dense<1.000000e+00> : tensor<1xf32>, v_leak = dense<-1.000000e-01> : tensor<f32>} : (!spike.current<2x3xf32>, !spike.current<2x3xf32>) -> !spike.stream<2x3xui4>
  %b = spike.lif @b(%c, %c) {tau = dense<0.02> : tensor<f32>, threshold = dense<1.0> : tensor<1xf32>,
                             v_leak = dense<-0.1> : tensor<f32>,
                             dynamics = #spike.dynamics<decay = euler, max_spikes_per_step = 15>}
      : (!spike.current<2x3xf32>, !spike.current<2x3xf32>) -> !spike.stream<2x3xui4>
  // CHECK: %cuba = cuba_lif @cuba(%{{.*}}) {tau_mem = dense<2.000000e-02> : tensor<f32>, tau_syn = dense<5.000000e-03> : tensor<f32>, threshold = dense<1.000000e+00> : tensor<f32>, w_in = dense<2.000000e+00> : tensor<f32>} :
  %d = spike.cuba_lif @cuba(%c) {tau_syn = dense<0.005> : tensor<f32>, tau_mem = dense<0.02> : tensor<f32>,
                                 threshold = dense<1.0> : tensor<f32>, w_in = dense<2.0> : tensor<f32>}
      : (!spike.current<2x3xf32>) -> !spike.stream<2x3xi1>
  // CHECK: %leaky = li @leaky(%{{.*}}) {tau = dense<2.000000e-02> : tensor<f32>} : (!spike.current<2x3xf32>) -> !spike.stream<2x3xf32>
  %e = spike.li @leaky(%c) {tau = dense<0.02> : tensor<f32>} : (!spike.current<2x3xf32>) -> !spike.stream<2x3xf32>
  // CHECK: %f = cuba_li @f(%{{.*}}) {tau_mem = dense<2.000000e-02> : tensor<f32>, tau_syn = dense<5.000000e-03> : tensor<f32>} :
  %f = spike.cuba_li @f(%c) {tau_syn = dense<0.005> : tensor<f32>, tau_mem = dense<0.02> : tensor<f32>}
      : (!spike.current<2x3xf32>) -> !spike.stream<2x3xf32>
  // CHECK: %g = integrator @g(%{{.*}}) {r = dense<2.000000e+00> : tensor<f32>} :
  %g = spike.integrator @g(%c) {r = dense<2.0> : tensor<f32>} : (!spike.current<2x3xf32>) -> !spike.stream<2x3xf32>
  // A population without input keeps its place.
  // CHECK: %silent = integrator @silent() : () -> !spike.stream<4xf32>
  %h = spike.integrator @silent() : () -> !spike.stream<4xf32>
  // CHECK: %i = threshold @i(%{{.*}}) {threshold = dense<5.000000e-01> : tensor<f32>} :
  %i = spike.threshold @i(%c) {threshold = dense<0.5> : tensor<f32>} : (!spike.current<2x3xf32>) -> !spike.stream<2x3xi1>
  // CHECK: %j = sigma_delta @j(%{{.*}}) {bias = dense<1.000000e+00> : tensor<2xf32>, rectify = false, threshold = dense<1.000000e-01> : tensor<f32>} : (!spike.current<2x3xf32>) -> !spike.stream<2x3xf32>
  %j = spike.sigma_delta @j(%c) {threshold = dense<0.1> : tensor<f32>, bias = dense<1.0> : tensor<2xf32>, rectify = false}
      : (!spike.current<2x3xf32>) -> !spike.stream<2x3xf32>
  // What spike-observe-ranges leaves on a population.
  // CHECK: %k = relu @k(%{{.*}}) {max = 6.000000e+00 : f64, spike.range = #spike.range<min = 0.000000e+00 : f64, max = 5.000000e+00 : f64, p999 = 4.500000e+00 : f64, mse_scale = 4.000000e+00 : f64, samples = 512, sha256 = "00ff">} : (!spike.current<2x3xf32>) -> !spike.stream<2x3xf32>
  %k = spike.relu @k(%c) {max = 6.0 : f64, spike.range = #spike.range<min = 0.0 : f64, max = 5.0 : f64,
                          p999 = 4.5 : f64, mse_scale = 4.0 : f64, samples = 512, sha256 = "00ff">}
      : (!spike.current<2x3xf32>) -> !spike.stream<2x3xf32>
  spike.output %a : !spike.stream<2x3xi1>
}

// CHECK-LABEL: spike.network @membraneless
spike.network @membraneless(%x: !spike.stream<4x6x6x!quant.uniform<u8:f32, 0.5>>) -> !spike.stream<4x2x2x!quant.uniform<u8:f32, 0.25>> {
  // CHECK: %x = input @x(
  %in = spike.input @x(%x) : !spike.stream<4x6x6x!quant.uniform<u8:f32, 0.5>> -> !spike.stream<4x6x6x!quant.uniform<u8:f32, 0.5>>
  // CHECK: %pool = max_pool @pool(%x) kernel [2, 2] : !spike.stream<4x6x6x!quant.uniform<u8:f32, 5.000000e-01>> -> !spike.stream<4x3x3x!quant.uniform<u8:f32, 5.000000e-01>>
  %p = spike.max_pool @pool(%in) kernel [2, 2]
      : !spike.stream<4x6x6x!quant.uniform<u8:f32, 0.5>> -> !spike.stream<4x3x3x!quant.uniform<u8:f32, 0.5>>
  // CHECK: %pool2 = max_pool @pool2(%pool) kernel [3, 3] {pads = array<i64: 1, 1, 0, 0>, strides = array<i64: 1, 1>} :
  %q = spike.max_pool @pool2(%p) kernel [3, 3] {pads = array<i64: 1, 1, 0, 0>, strides = array<i64: 1, 1>}
      : !spike.stream<4x3x3x!quant.uniform<u8:f32, 0.5>> -> !spike.stream<4x2x2x!quant.uniform<u8:f32, 0.5>>
  %c = spike.identity %q : !spike.stream<4x2x2x!quant.uniform<u8:f32, 0.5>> -> !spike.current<4x2x2x!quant.uniform<i32:f32, 0.5>>
  // CHECK: %y = relu @y(%{{.*}}) {requant = #spike.requant<multiplier = 1073741824, shift = 29>} :
  %y = spike.relu @y(%c) {requant = #spike.requant<multiplier = 1073741824, shift = 29>}
      : (!spike.current<4x2x2x!quant.uniform<i32:f32, 0.5>>) -> !spike.stream<4x2x2x!quant.uniform<u8:f32, 0.25>>
  // CHECK: %z = relu @z(%{{.*}}) {rectify = false, requant = #spike.requant<multiplier = 3, shift = 1, zero_point = -128, rounding = nearest_even>} :
  %z = spike.relu @z(%c) {rectify = false, requant = #spike.requant<multiplier = 3, shift = 1, zero_point = -128, rounding = nearest_even>}
      : (!spike.current<4x2x2x!quant.uniform<i32:f32, 0.5>>) -> !spike.stream<4x2x2x!quant.uniform<i8:f32, 0.25:-128>>
  spike.output %y : !spike.stream<4x2x2x!quant.uniform<u8:f32, 0.25>>
}

// CHECK-LABEL: spike.network @receptors_and_aliases
spike.network @receptors_and_aliases(%x: !spike.stream<3xui8>) -> !spike.stream<2xui5> {
  // CHECK: input @in(%{{.*}}) : !spike.stream<3xui8> -> !spike.stream<3xui4>
  %in = spike.input @in(%x) : !spike.stream<3xui8> -> !spike.stream<3xui4>
  // CHECK: dense %{{.*}} weights({{.*}}) {shift_down = 1 : i64}
  %c = spike.dense %in weights(dense<3> : tensor<2x3xi8>) {shift_down = 1 : i64} : !spike.stream<3xui4> -> !spike.current<2xi32>
  %d = spike.dense %in weights(dense<-3> : tensor<2x3xi8>) : !spike.stream<3xui4> -> !spike.current<2xi32>
  // CHECK: cuba_lif @hidden(
  // CHECK-SAME: alias = dense<[1, -1]> : tensor<2xi32>
  // CHECK-SAME: #spike.dynamics<decay = bitshift, synapse_order = add_then_decay, compare = greater_equal, reset = subtract, max_spikes_per_step = 31, v_floor = -9.000000e+00 : f64, v_ceiling = 9.000000e+01 : f64, refractory_each = dense<[0, 2]> : tensor<2xi32>, output_delay = 1, clear_period = 5, clear_offset = 2, arithmetic = <state_bits = 16, weight_bits = 8, overflow = saturate_each>>
  // CHECK-SAME: receptors = array<i32: 0, 1>
  %0 = spike.cuba_lif @hidden(%c, %d) {tau_syn = dense<[1, 2]> : tensor<2xi32>, tau_mem = dense<2> : tensor<i32>,
      threshold = dense<5> : tensor<i32>, bias = dense<1> : tensor<i32>, receptors = array<i32: 0, 1>, alias = dense<[1, -1]> : tensor<2xi32>,
      dynamics = #spike.dynamics<decay = bitshift, synapse_order = add_then_decay, compare = greater_equal, reset = subtract,
          max_spikes_per_step = 31, v_floor = -9.0, v_ceiling = 90.0, refractory_each = dense<[0, 2]> : tensor<2xi32>,
          output_delay = 1, clear_period = 5, clear_offset = 2,
          arithmetic = #spike.fixed<state_bits = 16, weight_bits = 8, overflow = saturate_each>>}
      : (!spike.current<2xi32>, !spike.current<2xi32>) -> !spike.stream<2xui5>
  spike.output %0 : !spike.stream<2xui5>
}
