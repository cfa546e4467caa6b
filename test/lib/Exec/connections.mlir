// RUN: nmc-opt %s --spike-interpret -o /dev/null
//
// What each connection delivers in one step, read through an integrator; the
// numbers are worked out by hand.  Both engines run.

// W·x + b.
spike.network @n1(%x: !spike.stream<3xf32>) -> !spike.stream<2xf32> {
  %c = spike.dense %x weights(dense<[[1.0, 0.0, -1.0], [0.5, 0.5, 0.5]]> : tensor<2x3xf32>)
     bias(dense<[0.25, -1.0]> : tensor<2xf32>) : !spike.stream<3xf32> -> !spike.current<2xf32>
  %y = spike.integrator @y(%c) : (!spike.current<2xf32>) -> !spike.stream<2xf32>
  spike.output %y : !spike.stream<2xf32>
}
func.func @t1() {
  %v0 = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %e0 = spike.encode constant %v0 : tensor<3xf32> -> !spike.stream<3xf32>
  %r = spike.run @n1(%e0) steps 1 : (!spike.stream<3xf32>) -> !spike.stream<2xf32>
  %d0 = spike.decode membrane %r : !spike.stream<2xf32> -> tensor<2xf32>
  check.expect_eq %d0, dense<[-1.75, 2.0]> : tensor<2xf32> : tensor<2xf32>
  return
}

// Two blocks of one target and two sources.
spike.network @n2(%x: !spike.stream<2x2xf32>) -> !spike.stream<2x1xf32> {
  %c = spike.dense %x weights(dense<[[[1.0, 1.0]], [[1.0, -1.0]]]> : tensor<2x1x2xf32>)
     : !spike.stream<2x2xf32> -> !spike.current<2x1xf32>
  %y = spike.integrator @y(%c) : (!spike.current<2x1xf32>) -> !spike.stream<2x1xf32>
  spike.output %y : !spike.stream<2x1xf32>
}
func.func @t2() {
  %v0 = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %e0 = spike.encode constant %v0 : tensor<2x2xf32> -> !spike.stream<2x2xf32>
  %r = spike.run @n2(%e0) steps 1 : (!spike.stream<2x2xf32>) -> !spike.stream<2x1xf32>
  %d0 = spike.decode membrane %r : !spike.stream<2x1xf32> -> tensor<2x1xf32>
  check.expect_eq %d0, dense<[[3.0], [-1.0]]> : tensor<2x1xf32> : tensor<2x1xf32>
  return
}

// A dense connection reads a map channel by channel.
spike.network @n3(%x: !spike.stream<2x2x1xui8>) -> !spike.stream<1xsi32> {
  %c = spike.dense %x weights(dense<[[1, 10, 20, 30]]> : tensor<1x4xi8>) : !spike.stream<2x2x1xui8> -> !spike.current<1xi32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xsi32>
  spike.output %y : !spike.stream<1xsi32>
}
func.func @t3() {
  %v0 = arith.constant dense<[[[1], [2]], [[3], [4]]]> : tensor<2x2x1xi8>
  %e0 = spike.encode graded %v0 : tensor<2x2x1xi8> -> !spike.stream<2x2x1xui8>
  %r = spike.run @n3(%e0) steps 1 : (!spike.stream<2x2x1xui8>) -> !spike.stream<1xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<1xsi32> -> tensor<1xi32>
  check.expect_eq %d0, dense<201> : tensor<1xi32> : tensor<1xi32>
  return
}

// Stride 2, padding 1: -2 = -x1; 2 - 4; 4.
spike.network @n4(%x: !spike.stream<1x5xui8>) -> !spike.stream<1x3xsi32> {
  %c = spike.conv %x weights(dense<[[[1, 0, -1]]]> : tensor<1x1x3xi8>) {strides = array<i64: 2>, pads = array<i64: 1, 1>}
     : !spike.stream<1x5xui8> -> !spike.current<1x3xi32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1x3xi32>) -> !spike.stream<1x3xsi32>
  spike.output %y : !spike.stream<1x3xsi32>
}
func.func @t4() {
  %v0 = arith.constant dense<[[1, 2, 3, 4, 5]]> : tensor<1x5xi8>
  %e0 = spike.encode constant %v0 : tensor<1x5xi8> -> !spike.stream<1x5xui8>
  %r = spike.run @n4(%e0) steps 1 : (!spike.stream<1x5xui8>) -> !spike.stream<1x3xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<1x3xsi32> -> tensor<1x3xi32>
  check.expect_eq %d0, dense<[[-2, -2, 4]]> : tensor<1x3xi32> : tensor<1x3xi32>
  return
}

// Depthwise, dilation 2: the corners of each map.
spike.network @n5(%x: !spike.stream<2x3x3xui8>) -> !spike.stream<2x1x1xsi32> {
  %c = spike.conv %x weights(dense<[[[[1, 1], [1, 1]]], [[[1, 2], [3, 4]]]]> : tensor<2x1x2x2xi8>)
     bias(dense<[0, 5]> : tensor<2xi32>) {groups = 2 : i64, dilations = array<i64: 2, 2>}
     : !spike.stream<2x3x3xui8> -> !spike.current<2x1x1xi32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<2x1x1xi32>) -> !spike.stream<2x1x1xsi32>
  spike.output %y : !spike.stream<2x1x1xsi32>
}
func.func @t5() {
  %v0 = arith.constant dense<[[[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 1, 1], [1, 1, 1], [1, 1, 1]]]> : tensor<2x3x3xi8>
  %e0 = spike.encode constant %v0 : tensor<2x3x3xi8> -> !spike.stream<2x3x3xui8>
  %r = spike.run @n5(%e0) steps 1 : (!spike.stream<2x3x3xui8>) -> !spike.stream<2x1x1xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<2x1x1xsi32> -> tensor<2x1x1xi32>
  check.expect_eq %d0, dense<[[[20]], [[15]]]> : tensor<2x1x1xi32> : tensor<2x1x1xi32>
  return
}

// The adjoint at stride 2 sets two targets per source; the output pad stays empty.
spike.network @n6(%x: !spike.stream<1x3xui8>) -> !spike.stream<1x7xsi32> {
  %c = spike.transposed_conv %x weights(dense<[[[1, 10]]]> : tensor<1x1x2xi8>) {strides = array<i64: 2>, output_pads = array<i64: 1>}
     : !spike.stream<1x3xui8> -> !spike.current<1x7xi32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1x7xi32>) -> !spike.stream<1x7xsi32>
  spike.output %y : !spike.stream<1x7xsi32>
}
func.func @t6() {
  %v0 = arith.constant dense<[[1, 2, 3]]> : tensor<1x3xi8>
  %e0 = spike.encode constant %v0 : tensor<1x3xi8> -> !spike.stream<1x3xui8>
  %r = spike.run @n6(%e0) steps 1 : (!spike.stream<1x3xui8>) -> !spike.stream<1x7xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<1x7xsi32> -> tensor<1x7xi32>
  check.expect_eq %d0, dense<[[1, 10, 2, 20, 3, 30, 0]]> : tensor<1x7xi32> : tensor<1x7xi32>
  return
}

// 3·(1+2+5+6), 3·(3+4+7+8).
spike.network @n7(%x: !spike.stream<1x2x4xui8>) -> !spike.stream<1x1x2xsi32> {
  %c = spike.sum_pool %x kernel [2, 2] {weight = 3 : i32} : !spike.stream<1x2x4xui8> -> !spike.current<1x1x2xi32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1x1x2xi32>) -> !spike.stream<1x1x2xsi32>
  spike.output %y : !spike.stream<1x1x2xsi32>
}
func.func @t7() {
  %v0 = arith.constant dense<[[[1, 2, 3, 4], [5, 6, 7, 8]]]> : tensor<1x2x4xi8>
  %e0 = spike.encode constant %v0 : tensor<1x2x4xi8> -> !spike.stream<1x2x4xui8>
  %r = spike.run @n7(%e0) steps 1 : (!spike.stream<1x2x4xui8>) -> !spike.stream<1x1x2xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<1x1x2xsi32> -> tensor<1x1x2xi32>
  check.expect_eq %d0, dense<[[[42, 66]]]> : tensor<1x1x2xi32> : tensor<1x1x2xi32>
  return
}

// A mean that counts padding, and one that does not.
spike.network @n8(%x: !spike.stream<1x4xf32>) -> (!spike.stream<1x3xf32>, !spike.stream<1x3xf32>) {
  %c = spike.avg_pool %x kernel [2] {pads = array<i64: 1, 1>} : !spike.stream<1x4xf32> -> !spike.current<1x3xf32>
  %d = spike.avg_pool %x kernel [2] {pads = array<i64: 1, 1>, count_include_pad = false} : !spike.stream<1x4xf32> -> !spike.current<1x3xf32>
  %y = spike.integrator @y(%c) : (!spike.current<1x3xf32>) -> !spike.stream<1x3xf32>
  %z = spike.integrator @z(%d) : (!spike.current<1x3xf32>) -> !spike.stream<1x3xf32>
  spike.output %y, %z : !spike.stream<1x3xf32>, !spike.stream<1x3xf32>
}
func.func @t8() {
  %v0 = arith.constant dense<[[2.0, 4.0, 6.0, 8.0]]> : tensor<1x4xf32>
  %e0 = spike.encode constant %v0 : tensor<1x4xf32> -> !spike.stream<1x4xf32>
  %r:2 = spike.run @n8(%e0) steps 1 : (!spike.stream<1x4xf32>) -> (!spike.stream<1x3xf32>, !spike.stream<1x3xf32>)
  %d0 = spike.decode membrane %r#0 : !spike.stream<1x3xf32> -> tensor<1x3xf32>
  check.expect_eq %d0, dense<[[1.0, 5.0, 4.0]]> : tensor<1x3xf32> : tensor<1x3xf32>
  %d1 = spike.decode membrane %r#1 : !spike.stream<1x3xf32> -> tensor<1x3xf32>
  check.expect_eq %d1, dense<[[2.0, 5.0, 8.0]]> : tensor<1x3xf32> : tensor<1x3xf32>
  return
}

// One weight per channel; drives are summed.
spike.network @n9(%x: !spike.stream<2x2xf32>) -> !spike.stream<2x2xf32> {
  %c = spike.scale %x weights(dense<[2.0, -1.0]> : tensor<2xf32>) : !spike.stream<2x2xf32> -> !spike.current<2x2xf32>
  %d = spike.identity %x {weight = 0.5 : f32} : !spike.stream<2x2xf32> -> !spike.current<2x2xf32>
  %y = spike.integrator @y(%c, %d) : (!spike.current<2x2xf32>, !spike.current<2x2xf32>) -> !spike.stream<2x2xf32>
  spike.output %y : !spike.stream<2x2xf32>
}
func.func @t9() {
  %v0 = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %e0 = spike.encode constant %v0 : tensor<2x2xf32> -> !spike.stream<2x2xf32>
  %r = spike.run @n9(%e0) steps 1 : (!spike.stream<2x2xf32>) -> !spike.stream<2x2xf32>
  %d0 = spike.decode membrane %r : !spike.stream<2x2xf32> -> tensor<2x2xf32>
  check.expect_eq %d0, dense<[[2.5, 5.0], [-1.5, -2.0]]> : tensor<2x2xf32> : tensor<2x2xf32>
  return
}

// Target 0 from sources 2 and 0, target 1 from none, target 2 from source 1.
spike.network @n10(%x: !spike.stream<3xui8>) -> !spike.stream<3xsi32> {
  %c = spike.sparse %x offsets(dense<[0, 2, 2, 3]> : tensor<4xi32>) sources(dense<[2, 0, 1]> : tensor<3xi32>)
     weights(dense<[10, 1, -4]> : tensor<3xi8>) : !spike.stream<3xui8> -> !spike.current<3xi32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<3xi32>) -> !spike.stream<3xsi32>
  spike.output %y : !spike.stream<3xsi32>
}
func.func @t10() {
  %v0 = arith.constant dense<[1, 2, 3]> : tensor<3xi8>
  %e0 = spike.encode constant %v0 : tensor<3xi8> -> !spike.stream<3xui8>
  %r = spike.run @n10(%e0) steps 1 : (!spike.stream<3xui8>) -> !spike.stream<3xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<3xsi32> -> tensor<3xi32>
  check.expect_eq %d0, dense<[31, 0, -8]> : tensor<3xi32> : tensor<3xi32>
  return
}

// frac 2 and exponent -1: (3·5 << 1) + 7; the bias is in state units.
spike.network @n11(%x: !spike.stream<1xui8>) -> !spike.stream<1xsi32> {
  %c = spike.dense %x weights(dense<3> : tensor<1x1xi8>) bias(dense<7> : tensor<1xi32>) {exponent = -1 : i64}
     : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8, frac = 2>>} : (!spike.current<1xi32>) -> !spike.stream<1xsi32>
  spike.output %y : !spike.stream<1xsi32>
}
func.func @t11() {
  %v0 = arith.constant dense<5> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n11(%e0) steps 1 : (!spike.stream<1xui8>) -> !spike.stream<1xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<1xsi32> -> tensor<1xi32>
  check.expect_eq %d0, dense<37> : tensor<1xi32> : tensor<1xi32>
  return
}

// A float weight with an exponent.
spike.network @n12(%x: !spike.stream<1xf32>) -> !spike.stream<1xf32> {
  %c = spike.scale %x weights(dense<3.0> : tensor<1xf32>) {exponent = -2 : i64} : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.integrator @y(%c) : (!spike.current<1xf32>) -> !spike.stream<1xf32>
  spike.output %y : !spike.stream<1xf32>
}
func.func @t12() {
  %v0 = arith.constant dense<5.0> : tensor<1xf32>
  %e0 = spike.encode constant %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n12(%e0) steps 1 : (!spike.stream<1xf32>) -> !spike.stream<1xf32>
  %d0 = spike.decode membrane %r : !spike.stream<1xf32> -> tensor<1xf32>
  check.expect_eq %d0, dense<3.75> : tensor<1xf32> : tensor<1xf32>
  return
}

// An accumulator of 8 bits wraps: 200 is -56.
spike.network @n13(%x: !spike.stream<1xui8>) -> !spike.stream<1xsi16> {
  %c = spike.identity %x {weight = 2 : i32} : !spike.stream<1xui8> -> !spike.current<1xi8>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 16, weight_bits = 8>>} : (!spike.current<1xi8>) -> !spike.stream<1xsi16>
  spike.output %y : !spike.stream<1xsi16>
}
func.func @t13() {
  %v0 = arith.constant dense<100> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n13(%e0) steps 1 : (!spike.stream<1xui8>) -> !spike.stream<1xsi16>
  %d0 = spike.decode membrane %r : !spike.stream<1xsi16> -> tensor<1xi16>
  check.expect_eq %d0, dense<-56> : tensor<1xi16> : tensor<1xi16>
  return
}

// Zero point 10: -2.0 is stored as 6 and counts as -4; padding counts as 0.
spike.network @n14(%x: !spike.stream<1x2x!quant.uniform<i8:f32, 0.5:10>>) -> (!spike.stream<1x2xsi32>, !spike.stream<1x2x!quant.uniform<i8:f32, 0.5:10>>) {
  %c = spike.conv %x weights(dense<1> : tensor<1x1x3xi8>) {pads = array<i64: 1, 1>}
     : !spike.stream<1x2x!quant.uniform<i8:f32, 0.5:10>> -> !spike.current<1x2xi32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1x2xi32>) -> !spike.stream<1x2xsi32>
  spike.output %y, %x : !spike.stream<1x2xsi32>, !spike.stream<1x2x!quant.uniform<i8:f32, 0.5:10>>
}
func.func @t14() {
  %v0 = arith.constant dense<[[-2.0, 1.0]]> : tensor<1x2xf32>
  %e0 = spike.encode graded %v0 : tensor<1x2xf32> -> !spike.stream<1x2x!quant.uniform<i8:f32, 0.5:10>>
  %r:2 = spike.run @n14(%e0) steps 1 : (!spike.stream<1x2x!quant.uniform<i8:f32, 0.5:10>>) -> (!spike.stream<1x2xsi32>, !spike.stream<1x2x!quant.uniform<i8:f32, 0.5:10>>)
  %d0 = spike.decode membrane %r#0 : !spike.stream<1x2xsi32> -> tensor<1x2xi32>
  check.expect_eq %d0, dense<[[-2, -2]]> : tensor<1x2xi32> : tensor<1x2xi32>
  %d1 = spike.decode last %r#1 : !spike.stream<1x2x!quant.uniform<i8:f32, 0.5:10>> -> tensor<1x2xi32>
  check.expect_eq %d1, dense<[[6, 12]]> : tensor<1x2xi32> : tensor<1x2xi32>
  %d2 = spike.decode last %r#1 : !spike.stream<1x2x!quant.uniform<i8:f32, 0.5:10>> -> tensor<1x2xf32>
  check.expect_eq %d2, dense<[[-2.0, 1.0]]> : tensor<1x2xf32> : tensor<1x2xf32>
  return
}

// The same payload in a float network is dequantised.
spike.network @n15(%x: !spike.stream<2x!quant.uniform<i8:f32, 0.5:10>>) -> !spike.stream<2xf32> {
  %c = spike.identity %x : !spike.stream<2x!quant.uniform<i8:f32, 0.5:10>> -> !spike.current<2xf32>
  %y = spike.integrator @y(%c) : (!spike.current<2xf32>) -> !spike.stream<2xf32>
  spike.output %y : !spike.stream<2xf32>
}
func.func @t15() {
  %v0 = arith.constant dense<[-2.0, 1.0]> : tensor<2xf32>
  %e0 = spike.encode graded %v0 : tensor<2xf32> -> !spike.stream<2x!quant.uniform<i8:f32, 0.5:10>>
  %r = spike.run @n15(%e0) steps 1 : (!spike.stream<2x!quant.uniform<i8:f32, 0.5:10>>) -> !spike.stream<2xf32>
  %d0 = spike.decode membrane %r : !spike.stream<2xf32> -> tensor<2xf32>
  check.expect_eq %d0, dense<[-2.0, 1.0]> : tensor<2xf32> : tensor<2xf32>
  return
}

// A chain of connections: pool, then weights.
spike.network @n16(%x: !spike.stream<1x4xui8>) -> !spike.stream<1xsi32> {
  %p = spike.sum_pool %x kernel [2] : !spike.stream<1x4xui8> -> !spike.current<1x2xi32>
  %c = spike.dense %p weights(dense<[[1, -1]]> : tensor<1x2xi8>) : !spike.current<1x2xi32> -> !spike.current<1xi32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8, frac = 1>>} : (!spike.current<1xi32>) -> !spike.stream<1xsi32>
  spike.output %y : !spike.stream<1xsi32>
}
func.func @t16() {
  %v0 = arith.constant dense<[[1, 2, 3, 4]]> : tensor<1x4xi8>
  %e0 = spike.encode constant %v0 : tensor<1x4xi8> -> !spike.stream<1x4xui8>
  %r = spike.run @n16(%e0) steps 1 : (!spike.stream<1x4xui8>) -> !spike.stream<1xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<1xsi32> -> tensor<1xi32>
  check.expect_eq %d0, dense<-8> : tensor<1xi32> : tensor<1xi32>
  return
}
