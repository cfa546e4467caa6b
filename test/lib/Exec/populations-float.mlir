// RUN: nmc-opt %s --spike-interpret -o /dev/null
//
// Float dynamics; the numbers are worked out by hand.

// Euler, dt 0.5, tau 2: 1, 0.75 + 1.
spike.network @n1(%x: !spike.stream<1xf32>) -> !spike.stream<1xf32> attributes {dt = 0.5 : f64} {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.li @y(%c) {tau = dense<2.0> : tensor<f32>, dynamics = #spike.dynamics<decay = euler>} : (!spike.current<1xf32>) -> !spike.stream<1xf32>
  spike.output %y : !spike.stream<1xf32>
}
func.func @t1() {
  %v0 = arith.constant dense<1.0> : tensor<1xf32>
  %e0 = spike.encode constant %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n1(%e0) steps 2 : (!spike.stream<1xf32>) -> !spike.stream<1xf32>
  %d0 = spike.decode membrane %r : !spike.stream<1xf32> -> tensor<1xf32>
  check.expect_eq %d0, dense<1.75> : tensor<1xf32> : tensor<1xf32>
  return
}

// With the gain of Euler: 0.25, 0.1875 + 0.25.
spike.network @n2(%x: !spike.stream<1xf32>) -> !spike.stream<1xf32> attributes {dt = 0.5 : f64} {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.li @y(%c) {tau = dense<2.0> : tensor<f32>, dynamics = #spike.dynamics<decay = euler, input_gain = euler>} : (!spike.current<1xf32>) -> !spike.stream<1xf32>
  spike.output %y : !spike.stream<1xf32>
}
func.func @t2() {
  %v0 = arith.constant dense<1.0> : tensor<1xf32>
  %e0 = spike.encode constant %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n2(%e0) steps 2 : (!spike.stream<1xf32>) -> !spike.stream<1xf32>
  %d0 = spike.decode membrane %r : !spike.stream<1xf32> -> tensor<1xf32>
  check.expect_eq %d0, dense<0.4375> : tensor<1xf32> : tensor<1xf32>
  return
}

// Exponential, dt = tau: (1 - 1/e)(1 + 1/e).
spike.network @n3(%x: !spike.stream<1xf32>) -> !spike.stream<1xf32> attributes {dt = 2.0 : f64} {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.li @y(%c) {tau = dense<2.0> : tensor<f32>, dynamics = #spike.dynamics<decay = exponential, input_gain = exponential>} : (!spike.current<1xf32>) -> !spike.stream<1xf32>
  spike.output %y : !spike.stream<1xf32>
}
func.func @t3() {
  %v0 = arith.constant dense<1.0> : tensor<1xf32>
  %e0 = spike.encode constant %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n3(%e0) steps 2 : (!spike.stream<1xf32>) -> !spike.stream<1xf32>
  %d0 = spike.decode membrane %r : !spike.stream<1xf32> -> tensor<1xf32>
  check.expect_close %d0, dense<0.86466472> : tensor<1xf32> within 1.0e-6 : tensor<1xf32>
  return
}

// The gain dt: 0.5·1 in each of two steps without decay.
spike.network @n4(%x: !spike.stream<1xf32>) -> !spike.stream<1xf32> attributes {dt = 0.5 : f64} {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<input_gain = step>} : (!spike.current<1xf32>) -> !spike.stream<1xf32>
  spike.output %y : !spike.stream<1xf32>
}
func.func @t4() {
  %v0 = arith.constant dense<1.0> : tensor<1xf32>
  %e0 = spike.encode constant %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n4(%e0) steps 2 : (!spike.stream<1xf32>) -> !spike.stream<1xf32>
  %d0 = spike.decode membrane %r : !spike.stream<1xf32> -> tensor<1xf32>
  check.expect_eq %d0, dense<1.0> : tensor<1xf32> : tensor<1xf32>
  return
}

// tau is the factor; half the way to v_leak in each step: 2 + 0.5(0 - 2), 1.5.
spike.network @n5(%x: !spike.stream<1xf32>) -> !spike.stream<1xf32> {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.li @y(%c) {tau = dense<0.5> : tensor<f32>, v_leak = dense<2.0> : tensor<f32>, dynamics = #spike.dynamics<decay = factor>} : (!spike.current<1xf32>) -> !spike.stream<1xf32>
  spike.output %y : !spike.stream<1xf32>
}
func.func @t5() {
  %v0 = arith.constant dense<0.0> : tensor<1xf32>
  %e0 = spike.encode constant %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n5(%e0) steps 2 : (!spike.stream<1xf32>) -> !spike.stream<1xf32>
  %d0 = spike.decode membrane %r : !spike.stream<1xf32> -> tensor<1xf32>
  check.expect_eq %d0, dense<1.5> : tensor<1xf32> : tensor<1xf32>
  return
}

// lif with r = 2: 2, 3 fires, then 2 from 0.
spike.network @n6(%x: !spike.stream<1xf32>) -> !spike.stream<1xi1> {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.lif @y(%c) {tau = dense<0.5> : tensor<f32>, r = dense<2.0> : tensor<f32>, threshold = dense<2.5> : tensor<f32>, dynamics = #spike.dynamics<decay = factor>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t6() {
  %v0 = arith.constant dense<1.0> : tensor<1xf32>
  %e0 = spike.encode constant %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n6(%e0) steps 4 : (!spike.stream<1xf32>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<2> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode first %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d1, dense<1> : tensor<1xi32> : tensor<1xi32>
  return
}

// cuba_li: w_in 4 into i, which halves: i 4 2, v 4 and 2 + 2.
spike.network @n7(%x: !spike.stream<1xf32>) -> !spike.stream<1xf32> {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.cuba_li @y(%c) {tau_syn = dense<0.5> : tensor<f32>, tau_mem = dense<0.5> : tensor<f32>, w_in = dense<4.0> : tensor<f32>, dynamics = #spike.dynamics<decay = factor>} : (!spike.current<1xf32>) -> !spike.stream<1xf32>
  spike.output %y : !spike.stream<1xf32>
}
func.func @t7() {
  %v0 = arith.constant dense<1.0> : tensor<1xf32>
  %e0 = spike.encode graded %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n7(%e0) steps 2 : (!spike.stream<1xf32>) -> !spike.stream<1xf32>
  %d0 = spike.decode membrane %r : !spike.stream<1xf32> -> tensor<1xf32>
  check.expect_eq %d0, dense<4.0> : tensor<1xf32> : tensor<1xf32>
  return
}

// cuba_lif with a synapse that forgets at once: 4 fires, then nothing.
spike.network @n8(%x: !spike.stream<1xf32>) -> !spike.stream<1xi1> {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.cuba_lif @y(%c) {tau_syn = dense<0.0> : tensor<f32>, tau_mem = dense<1.0> : tensor<f32>, w_in = dense<4.0> : tensor<f32>, threshold = dense<3.0> : tensor<f32>, dynamics = #spike.dynamics<decay = factor>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t8() {
  %v0 = arith.constant dense<1.0> : tensor<1xf32>
  %e0 = spike.encode graded %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n8(%e0) steps 3 : (!spike.stream<1xf32>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<1> : tensor<1xi32> : tensor<1xi32>
  return
}

// Reset by subtraction keeps the rest: 0.75 a step, threshold 1 (>): steps 1, 2, 4, 5, 6.
spike.network @n9(%x: !spike.stream<1xf32>) -> !spike.stream<1xi1> {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.if @y(%c) {threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<reset = subtract>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t9() {
  %v0 = arith.constant dense<0.75> : tensor<1xf32>
  %e0 = spike.encode constant %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n9(%e0) steps 7 : (!spike.stream<1xf32>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<5> : tensor<1xi32> : tensor<1xi32>
  return
}

// Spikes per step: floor(2.5), then floor(0.5 + 2.5).
spike.network @n10(%x: !spike.stream<1xf32>) -> !spike.stream<1xui8> {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.if @y(%c) {threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<reset = subtract, compare = greater_equal, max_spikes_per_step = 31>} : (!spike.current<1xf32>) -> !spike.stream<1xui8>
  spike.output %y : !spike.stream<1xui8>
}
func.func @t10() {
  %v0 = arith.constant dense<2.5> : tensor<1xf32>
  %e0 = spike.encode constant %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n10(%e0) steps 2 : (!spike.stream<1xf32>) -> !spike.stream<1xui8>
  %d0 = spike.decode count %r : !spike.stream<1xui8> -> tensor<1xi32>
  check.expect_eq %d0, dense<5> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode last %r : !spike.stream<1xui8> -> tensor<1xi32>
  check.expect_eq %d1, dense<3> : tensor<1xi32> : tensor<1xi32>
  return
}

// v_init = threshold / 2, a rate code: 0.5 of 1 spikes every second step.
spike.network @n11(%x: !spike.stream<1xf32>) -> !spike.stream<1xi1> {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.if @y(%c) {threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<reset = subtract, compare = greater_equal, v_init = 0.5 : f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t11() {
  %v0 = arith.constant dense<0.5> : tensor<1xf32>
  %e0 = spike.encode constant %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n11(%e0) steps 8 : (!spike.stream<1xf32>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<4> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode first %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d1, dense<0> : tensor<1xi32> : tensor<1xi32>
  return
}

// relu with and without its rectifier and limit.
spike.network @n12(%x: !spike.stream<3xf32>) -> (!spike.stream<3xf32>, !spike.stream<3xf32>) {
  %c = spike.identity %x : !spike.stream<3xf32> -> !spike.current<3xf32>
  %y = spike.relu @y(%c) {max = 6.0 : f64} : (!spike.current<3xf32>) -> !spike.stream<3xf32>
  %z = spike.relu @z(%c) {rectify = false} : (!spike.current<3xf32>) -> !spike.stream<3xf32>
  spike.output %y, %z : !spike.stream<3xf32>, !spike.stream<3xf32>
}
func.func @t12() {
  %v0 = arith.constant dense<[-1.0, 2.0, 9.0]> : tensor<3xf32>
  %e0 = spike.encode graded %v0 : tensor<3xf32> -> !spike.stream<3xf32>
  %r:2 = spike.run @n12(%e0) steps 1 : (!spike.stream<3xf32>) -> (!spike.stream<3xf32>, !spike.stream<3xf32>)
  %d0 = spike.decode last %r#0 : !spike.stream<3xf32> -> tensor<3xf32>
  check.expect_eq %d0, dense<[0.0, 2.0, 6.0]> : tensor<3xf32> : tensor<3xf32>
  %d1 = spike.decode last %r#1 : !spike.stream<3xf32> -> tensor<3xf32>
  check.expect_eq %d1, dense<[-1.0, 2.0, 9.0]> : tensor<3xf32> : tensor<3xf32>
  check.expect_spikes @n12, @y, [0, 1, 1]
  return
}

// Threshold: strictly above.
spike.network @n13(%x: !spike.stream<2xf32>) -> !spike.stream<2xi1> {
  %c = spike.identity %x : !spike.stream<2xf32> -> !spike.current<2xf32>
  %y = spike.threshold @y(%c) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<2xf32>) -> !spike.stream<2xi1>
  spike.output %y : !spike.stream<2xi1>
}
func.func @t13() {
  %v0 = arith.constant dense<[1.0, 1.5]> : tensor<2xf32>
  %e0 = spike.encode constant %v0 : tensor<2xf32> -> !spike.stream<2xf32>
  %r = spike.run @n13(%e0) steps 2 : (!spike.stream<2xf32>) -> !spike.stream<2xi1>
  %d0 = spike.decode count %r : !spike.stream<2xi1> -> tensor<2xi32>
  check.expect_eq %d0, dense<[0, 2]> : tensor<2xi32> : tensor<2xi32>
  return
}

// Sigma-delta with a bias: a = 1.5, 1.75 (no event), 0.
spike.network @n14(%x: !spike.stream<1xf32>) -> !spike.stream<1xf32> {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %y = spike.sigma_delta @y(%c) {threshold = dense<0.5> : tensor<f32>, bias = dense<0.5> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xf32>
  spike.output %y : !spike.stream<1xf32>
}
func.func @t14() {
  %v0 = arith.constant dense<[[1.0], [0.25], [-3.0]]> : tensor<3x1xf32>
  %e0 = spike.encode events %v0 : tensor<3x1xf32> -> !spike.stream<1xf32>
  %r = spike.run @n14(%e0) steps 3 : (!spike.stream<1xf32>) -> !spike.stream<1xf32>
  %d0 = spike.decode last %r : !spike.stream<1xf32> -> tensor<1xf32>
  check.expect_eq %d0, dense<-1.5> : tensor<1xf32> : tensor<1xf32>
  %d1 = spike.decode count %r : !spike.stream<1xf32> -> tensor<1xf32>
  check.expect_eq %d1, dense<0.0> : tensor<1xf32> : tensor<1xf32>
  return
}

// Largest event of overlapping windows; padding never wins.
spike.network @n15(%x: !spike.stream<1x4xf32>) -> !spike.stream<1x4xf32> {
  %y = spike.max_pool @y(%x) kernel [2] {strides = array<i64: 1>, pads = array<i64: 1, 0>} : !spike.stream<1x4xf32> -> !spike.stream<1x4xf32>
  spike.output %y : !spike.stream<1x4xf32>
}
func.func @t15() {
  %v0 = arith.constant dense<[[-4.0, -1.0, -3.0, -2.0]]> : tensor<1x4xf32>
  %e0 = spike.encode graded %v0 : tensor<1x4xf32> -> !spike.stream<1x4xf32>
  %r = spike.run @n15(%e0) steps 1 : (!spike.stream<1x4xf32>) -> !spike.stream<1x4xf32>
  %d0 = spike.decode last %r : !spike.stream<1x4xf32> -> tensor<1x4xf32>
  check.expect_eq %d0, dense<[[-4.0, -1.0, -1.0, -2.0]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// On spikes it is OR.
spike.network @n16(%x: !spike.stream<1x2x2xi1>) -> !spike.stream<1x1x1xi1> {
  %y = spike.max_pool @y(%x) kernel [2, 2] : !spike.stream<1x2x2xi1> -> !spike.stream<1x1x1xi1>
  spike.output %y : !spike.stream<1x1x1xi1>
}
func.func @t16() {
  %v0 = arith.constant dense<[[[[1, 0], [0, 0]]], [[[0, 0], [0, 0]]], [[[0, 1], [1, 1]]]]> : tensor<3x1x2x2xi8>
  %e0 = spike.encode events %v0 : tensor<3x1x2x2xi8> -> !spike.stream<1x2x2xi1>
  %r = spike.run @n16(%e0) steps 3 : (!spike.stream<1x2x2xi1>) -> !spike.stream<1x1x1xi1>
  %d0 = spike.decode count %r : !spike.stream<1x1x1xi1> -> tensor<1x1x1xi32>
  check.expect_eq %d0, dense<2> : tensor<1x1x1xi32> : tensor<1x1x1xi32>
  return
}
