// The numpy oracle gets the same spike counts on real images, bit for bit.
//
// REQUIRES: python-env
// RUN: nmc-opt %s --spike-export-npz=file=%t.net.npz -o /dev/null \
// RUN:   --spike-measure-activity="data=%models/digits-cnn/inputs.npz samples=50 activity=%t.activity.npz"
// RUN: %python %source/test/oracle/executor_oracle.py %t.net.npz \
// RUN:   %models/digits-cnn/inputs.npz --samples 50 --expect %t.activity.npz | FileCheck %s
//
// CHECK: equal: 50 samples, 5 populations,

#fx = #spike.fixed<state_bits = 16, weight_bits = 8, frac = 2, rounding = floor>
#zero = #spike.dynamics<v_init = 40 : i32, arithmetic = #fx>
#subtract = #spike.dynamics<reset = subtract, compare = greater_equal, refractory = 1, arithmetic = #fx>
#leaky = #spike.dynamics<decay = fixed, v_floor = -300.0, arithmetic = #fx>
#sum = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 16, weight_bits = 8, overflow = saturate>>

spike.network @n(%x: !spike.stream<1x8x8x!quant.uniform<u8:f32, 0.0625>>) -> !spike.stream<3xsi16> {
  %image = spike.input @image(%x) : !spike.stream<1x8x8x!quant.uniform<u8:f32, 0.0625>> -> !spike.stream<1x8x8x!quant.uniform<u8:f32, 0.0625>>
  %c1 = spike.conv %image weights(dense<[[[[1, 2, -1], [0, 3, 1], [-2, 1, 4]]], [[[-3, 1, 2], [5, -1, 0], [1, 1, 1]]]]> : tensor<2x1x3x3xi8>)
     bias(dense<[7, -12]> : tensor<2xi32>) {pads = array<i64: 1, 1, 1, 1>}
     : !spike.stream<1x8x8x!quant.uniform<u8:f32, 0.0625>> -> !spike.current<2x8x8xi32>
  %conv1 = spike.if @conv1(%c1) {threshold = dense<60> : tensor<i32>, dynamics = #zero} : (!spike.current<2x8x8xi32>) -> !spike.stream<2x8x8xi1>
  %c2 = spike.sum_pool %conv1 kernel [2, 2] {weight = 9 : i32} : !spike.stream<2x8x8xi1> -> !spike.current<2x4x4xi32>
  %pool = spike.if @pool(%c2) {threshold = dense<[12, 25]> : tensor<2xi32>, dynamics = #subtract} : (!spike.current<2x4x4xi32>) -> !spike.stream<2x4x4xi1>
  %c3 = spike.conv %pool weights(dense<[[[[11, -3], [4, 9]]], [[[8, 7], [-6, 5]]]]> : tensor<2x1x2x2xi8>)
     {groups = 2 : i64, strides = array<i64: 2, 2>, exponent = -1 : i64} : !spike.stream<2x4x4xi1> -> !spike.current<2x2x2xi32>
  %leak = spike.lif @leak(%c3) {tau = dense<700> : tensor<i32>, threshold = dense<14> : tensor<i32>, dynamics = #leaky} : (!spike.current<2x2x2xi32>) -> !spike.stream<2x2x2xi1>
  %flat = spike.reshape %leak : !spike.stream<2x2x2xi1> -> !spike.stream<8xi1>
  %c4 = spike.dense %flat weights(dense<[[1, -2, 3, -4, 5, -6, 7, -8], [8, 7, 6, 5, 4, 3, 2, 1], [-1, 1, -1, 1, -1, 1, -1, 1]]> : tensor<3x8xi8>)
     : !spike.stream<8xi1> -> !spike.current<3xi32>
  %sum = spike.integrator @sum(%c4) {dynamics = #sum} : (!spike.current<3xi32>) -> !spike.stream<3xsi16>
  spike.output %sum : !spike.stream<3xsi16>
}

func.func @main(%image: tensor<1x1x8x8xf32>) -> tensor<1x3xf32> {
  %s = spike.encode constant %image : tensor<1x1x8x8xf32> -> !spike.stream<1x8x8x!quant.uniform<u8:f32, 0.0625>>
  %y = spike.run @n(%s) steps 20 : (!spike.stream<1x8x8x!quant.uniform<u8:f32, 0.0625>>) -> !spike.stream<3xsi16>
  %v = spike.decode membrane %y : !spike.stream<3xsi16> -> tensor<1x3xf32>
  return %v : tensor<1x3xf32>
}
