// RUN: nmc-opt %s --pass-pipeline='builtin.module(spike-rate-code{steps=8 reset=subtract},chip-load-target{target=loihi1},spike-quantize)' 2>%t | FileCheck %s --check-prefix=BINARY
// RUN: FileCheck %s --check-prefix=REMARK < %t
// RUN: nmc-opt %s --pass-pipeline='builtin.module(chip-load-target{target=mesh-128-graded},spike-quantize{input-scale=2 input-zero-point=0})' | FileCheck %s --check-prefix=GRADED

// Widths of loihi1: 8-bit weights, 24-bit state of which 6 bits are fraction. The
// relay's one weight is exact, and so is its threshold, 255·127. Of the weights
// 127.5 and -63.75 the larger is 127, so the state has k = 127·64/127.5 units per
// unit of the network: bias 1 is 64 units, -2 is -127, threshold 4 is 4·k/64 = 4.
// BINARY-LABEL: spike.network @n
// BINARY-SAME: !spike.stream<1x2x2x!quant.uniform<u8:f32, 1.000000e+00>>) -> !spike.stream<2xsi32>
// BINARY: identity %image {weight = 127 : i32}
// BINARY: if @relay
// BINARY-SAME: dynamics = #spike.dynamics<reset = subtract, v_init = 1036320 : i32, arithmetic = <state_bits = 24, weight_bits = 8, frac = 6>>
// BINARY-SAME: threshold = dense<32385> : tensor<i32>
// BINARY-SAME: (!spike.current<1x2x2xi32>) -> !spike.stream<1x2x2xi1>
// BINARY: conv %relay weights(dense<
// BINARY-SAME{LITERAL}: [[[[127]]], [[[-64]]]]> : tensor<2x1x1x1xi8>) bias(dense<[64, -127]> : tensor<2xi32>)
// BINARY-SAME: weight_type = !quant.uniform<i8:f32, 1.003940e+00>
// BINARY: if @conv
// BINARY-SAME: v_init = 128 : i32
// BINARY-SAME: threshold = dense<4> : tensor<i32>
// BINARY: sum_pool %conv kernel [2, 2] {weight = 127 : i32}
// BINARY: if @pool
// BINARY-SAME: threshold = dense<254> : tensor<i32>
// BINARY: dense %{{.*}} weights(dense<
// BINARY-SAME{LITERAL}: [[127, -127], [64, 32]]> : tensor<2x2xi8>) bias(dense<[2032, -2032]> : tensor<2xi32>)
// BINARY: integrator @out
// BINARY-SAME: !spike.stream<2xsi32>
// BINARY: spike.encode constant
// BINARY-SAME: !quant.uniform<u8:f32, 1.000000e+00>
// 1/8 step, and 127·64/2 units per unit.
// BINARY: spike.decode membrane %{{.*}} {scale = 3.0757874015748031E-5 : f64}

// REMARK: remark: population 'conv': exponent 0, threshold 4 (rounded by 3.937008e-01 %), membrane below {{.*}} % of its range [quantized]

// Payloads of 8 bits: the input as it is stored, rectifiers over their scale. The
// relay's scale is 1, so that the unit of the accumulator behind it is 0.5/127, and
// the bias 1 is 254 of them.
// GRADED-LABEL: spike.network @n
// GRADED: identity %image {weight = 1 : i32}
// GRADED: relu @relay
// GRADED-SAME: requant = #spike.requant<multiplier = 536870912, shift = 28>
// GRADED: conv %relay weights(dense<
// GRADED-SAME{LITERAL}: [[[[127]]], [[[-64]]]]> : tensor<2x1x1x1xi8>) bias(dense<[254, -508]> : tensor<2xi32>)
// GRADED: relu @conv
// GRADED-SAME: max = 6.000000e+00
// GRADED-SAME: -> !spike.stream<2x2x2x!quant.uniform<u8:f32, 1.568630e-02>>
// GRADED: sum_pool %conv kernel [2, 2] {weight = 1 : i32}
// GRADED: relu @pool
// GRADED-SAME: requant = #spike.requant<multiplier = 536871597, shift = 30>
// GRADED: integrator @out
// GRADED: spike.encode graded
// GRADED-SAME: !quant.uniform<u8:f32, 2.000000e+00>
// GRADED: spike.decode membrane

spike.network @n(%arg0: !spike.stream<1x2x2xf32>) -> !spike.stream<2xf32> {
  %image = input @image(%arg0) {spike.range = #spike.range<min = 0.0, max = 255.0, p999 = 255.0, mse_scale = 255.0, samples = 4, sha256 = "00">} : !spike.stream<1x2x2xf32> -> !spike.stream<1x2x2xf32>
  %0 = identity %image : !spike.stream<1x2x2xf32> -> !spike.current<1x2x2xf32>
  %relay = relu @relay(%0) {spike.range = #spike.range<min = 0.0, max = 255.0, p999 = 255.0, mse_scale = 255.0, samples = 4, sha256 = "00">} : (!spike.current<1x2x2xf32>) -> !spike.stream<1x2x2xf32>
  %1 = conv %relay weights(dense<[[[[0.5]]], [[[-0.25]]]]> : tensor<2x1x1x1xf32>) bias(dense<[1.0, -2.0]> : tensor<2xf32>) : !spike.stream<1x2x2xf32> -> !spike.current<2x2x2xf32>
  %conv = relu @conv(%1) {max = 6.0 : f64, spike.range = #spike.range<min = 0.0, max = 5.0, p999 = 5.0, mse_scale = 4.0, samples = 4, sha256 = "00">} : (!spike.current<2x2x2xf32>) -> !spike.stream<2x2x2xf32>
  %2 = avg_pool %conv kernel [2, 2] : !spike.stream<2x2x2xf32> -> !spike.current<2x1x1xf32>
  %pool = relu @pool(%2) {spike.range = #spike.range<min = 0.0, max = 5.0, p999 = 5.0, mse_scale = 2.0, samples = 4, sha256 = "00">} : (!spike.current<2x1x1xf32>) -> !spike.stream<2x1x1xf32>
  %3 = reshape %pool : !spike.stream<2x1x1xf32> -> !spike.stream<2xf32>
  %4 = dense %3 weights(dense<[[1.0, -1.0], [0.5, 0.25]]> : tensor<2x2xf32>) bias(dense<[0.5, -0.5]> : tensor<2xf32>) : !spike.stream<2xf32> -> !spike.current<2xf32>
  %out = integrator @out(%4) : (!spike.current<2xf32>) -> !spike.stream<2xf32>
  output %out : !spike.stream<2xf32>
}
func.func @main(%arg0: tensor<1x1x2x2xf32>) -> tensor<1x2xf32> {
  %0 = spike.encode graded %arg0 : tensor<1x1x2x2xf32> -> !spike.stream<1x2x2xf32>
  %1 = spike.run @n(%0) steps 1 : (!spike.stream<1x2x2xf32>) -> !spike.stream<2xf32>
  %2 = spike.decode membrane %1 : !spike.stream<2xf32> -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}
