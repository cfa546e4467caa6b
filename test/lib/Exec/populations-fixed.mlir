// RUN: nmc-opt %s --spike-interpret -o /dev/null
//
// Integer dynamics step by step; the numbers are worked out by hand.

// Wrap at 8 bits: 100, 200 = -56, 44.
spike.network @n1(%x: !spike.stream<1xui8>) -> !spike.stream<1xsi8> {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 8, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xsi8>
  spike.output %y : !spike.stream<1xsi8>
}
func.func @t1() {
  %v0 = arith.constant dense<100> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n1(%e0) steps 2 : (!spike.stream<1xui8>) -> !spike.stream<1xsi8>
  %d0 = spike.decode membrane %r : !spike.stream<1xsi8> -> tensor<1xi8>
  check.expect_eq %d0, dense<-56> : tensor<1xi8> : tensor<1xi8>
  return
}

// Saturation at 8 bits, above and below.
spike.network @n2(%x: !spike.stream<2xsi8>) -> !spike.stream<2xsi8> {
  %c = spike.identity %x : !spike.stream<2xsi8> -> !spike.current<2xi32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 8, weight_bits = 8, overflow = saturate>>} : (!spike.current<2xi32>) -> !spike.stream<2xsi8>
  spike.output %y : !spike.stream<2xsi8>
}
func.func @t2() {
  %v0 = arith.constant dense<[100, -100]> : tensor<2xi8>
  %e0 = spike.encode constant %v0 : tensor<2xi8> -> !spike.stream<2xsi8>
  %r = spike.run @n2(%e0) steps 3 : (!spike.stream<2xsi8>) -> !spike.stream<2xsi8>
  %d0 = spike.decode membrane %r : !spike.stream<2xsi8> -> tensor<2xi8>
  check.expect_eq %d0, dense<[127, -128]> : tensor<2xi8> : tensor<2xi8>
  return
}

// A wrapped membrane misses its threshold: 60, 120, 180 = -76, ...
spike.network @n3(%x: !spike.stream<1xui8>) -> !spike.stream<1xi1> {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.if @y(%c) {threshold = dense<124> : tensor<i32>, dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 8, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t3() {
  %v0 = arith.constant dense<60> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n3(%e0) steps 4 : (!spike.stream<1xui8>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<0> : tensor<1xi32> : tensor<1xi32>
  return
}

// A saturated one does not: 60, 120, 127 fires.
spike.network @n4(%x: !spike.stream<1xui8>) -> !spike.stream<1xi1> {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.if @y(%c) {threshold = dense<124> : tensor<i32>, dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 8, weight_bits = 8, overflow = saturate>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t4() {
  %v0 = arith.constant dense<60> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n4(%e0) steps 4 : (!spike.stream<1xui8>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<1> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode first %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d1, dense<2> : tensor<1xi32> : tensor<1xi32>
  return
}

// Reset to 0 and by subtraction at frac 1: threshold 20; 8·2 = 16 a step.
spike.network @n5(%x: !spike.stream<1xui8>) -> (!spike.stream<1xi1>, !spike.stream<1xi1>) {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.if @y(%c) {threshold = dense<10> : tensor<i32>, dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 24, weight_bits = 8, frac = 1>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  %z = spike.if @z(%c) {threshold = dense<10> : tensor<i32>, dynamics = #spike.dynamics<reset = subtract, arithmetic = #spike.fixed<state_bits = 24, weight_bits = 8, frac = 1>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %y, %z : !spike.stream<1xi1>, !spike.stream<1xi1>
}
func.func @t5() {
  %v0 = arith.constant dense<8> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r:2 = spike.run @n5(%e0) steps 5 : (!spike.stream<1xui8>) -> (!spike.stream<1xi1>, !spike.stream<1xi1>)
  %d0 = spike.decode count %r#0 : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<2> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode count %r#1 : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d1, dense<3> : tensor<1xi32> : tensor<1xi32>
  check.expect_spikes @n5, @y, [2]
  check.expect_spikes @n5, @z, [3]
  return
}

// Reset to a value: 5, 10, 15 fires and leaves 12; then every step.
spike.network @n6(%x: !spike.stream<1xui8>) -> !spike.stream<1xi1> {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.if @y(%c) {threshold = dense<14> : tensor<i32>, v_reset = dense<12> : tensor<i32>, dynamics = #spike.dynamics<reset = value, arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t6() {
  %v0 = arith.constant dense<5> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n6(%e0) steps 5 : (!spike.stream<1xui8>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<3> : tensor<1xi32> : tensor<1xi32>
  return
}

// Compare > and >=.
spike.network @n7(%x: !spike.stream<1xui8>) -> (!spike.stream<1xi1>, !spike.stream<1xi1>) {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.if @y(%c) {threshold = dense<10> : tensor<i32>, dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  %z = spike.if @z(%c) {threshold = dense<10> : tensor<i32>, dynamics = #spike.dynamics<compare = greater_equal, arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %y, %z : !spike.stream<1xi1>, !spike.stream<1xi1>
}
func.func @t7() {
  %v0 = arith.constant dense<10> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r:2 = spike.run @n7(%e0) steps 1 : (!spike.stream<1xui8>) -> (!spike.stream<1xi1>, !spike.stream<1xi1>)
  %d0 = spike.decode count %r#0 : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<0> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode count %r#1 : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d1, dense<1> : tensor<1xi32> : tensor<1xi32>
  return
}

// v_init and threshold per neuron: 5 and 10 against 9; 5 against 4.
spike.network @n8(%x: !spike.stream<3xui8>) -> !spike.stream<3xi1> {
  %c = spike.identity %x : !spike.stream<3xui8> -> !spike.current<3xi32>
  %y = spike.if @y(%c) {threshold = dense<[9, 9, 4]> : tensor<3xi32>, dynamics = #spike.dynamics<v_init = dense<[0, 5, 0]> : tensor<3xi32>, arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<3xi32>) -> !spike.stream<3xi1>
  spike.output %y : !spike.stream<3xi1>
}
func.func @t8() {
  %v0 = arith.constant dense<[5, 5, 5]> : tensor<3xi8>
  %e0 = spike.encode constant %v0 : tensor<3xi8> -> !spike.stream<3xui8>
  %r = spike.run @n8(%e0) steps 1 : (!spike.stream<3xui8>) -> !spike.stream<3xi1>
  %d0 = spike.decode count %r : !spike.stream<3xi1> -> tensor<3xi32>
  check.expect_eq %d0, dense<[0, 1, 1]> : tensor<3xi32> : tensor<3xi32>
  return
}

// Two steps of refractory time: steps 0, 3, 6.
spike.network @n9(%x: !spike.stream<1xui8>) -> !spike.stream<1xi1> {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.if @y(%c) {threshold = dense<9> : tensor<i32>, dynamics = #spike.dynamics<refractory = 2, arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t9() {
  %v0 = arith.constant dense<10> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n9(%e0) steps 7 : (!spike.stream<1xui8>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<3> : tensor<1xi32> : tensor<1xi32>
  return
}

// Events leave a step late.
spike.network @n10(%x: !spike.stream<1xui8>) -> !spike.stream<1xi1> {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.if @y(%c) {threshold = dense<9> : tensor<i32>, dynamics = #spike.dynamics<output_delay = 1, arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t10() {
  %v0 = arith.constant dense<10> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n10(%e0) steps 3 : (!spike.stream<1xui8>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<2> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode first %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d1, dense<1> : tensor<1xi32> : tensor<1xi32>
  return
}

// At most 3 spikes a step, by subtraction: 47 gives 3 and leaves 17; 64 gives 3 and leaves 34; 81 gives 3.
spike.network @n11(%x: !spike.stream<1xui8>) -> !spike.stream<1xui2> {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.if @y(%c) {threshold = dense<10> : tensor<i32>, dynamics = #spike.dynamics<reset = subtract, max_spikes_per_step = 3, arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xui2>
  spike.output %y : !spike.stream<1xui2>
}
func.func @t11() {
  %v0 = arith.constant dense<47> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n11(%e0) steps 3 : (!spike.stream<1xui8>) -> !spike.stream<1xui2>
  %d0 = spike.decode count %r : !spike.stream<1xui2> -> tensor<1xi32>
  check.expect_eq %d0, dense<9> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode last %r : !spike.stream<1xui2> -> tensor<1xi32>
  check.expect_eq %d1, dense<3> : tensor<1xi32> : tensor<1xi32>
  return
}

// The old membrane fires: 8, 16, then 24 - 10, 22 - 10.
spike.network @n12(%x: !spike.stream<1xui8>) -> !spike.stream<1xi1> {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.if @y(%c) {threshold = dense<10> : tensor<i32>, dynamics = #spike.dynamics<order = fire_on_old, reset = subtract, arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t12() {
  %v0 = arith.constant dense<8> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n12(%e0) steps 4 : (!spike.stream<1xui8>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<2> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode first %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d1, dense<2> : tensor<1xi32> : tensor<1xi32>
  return
}

// A floor under the membrane: -5, then 3 after 8, no spike below it.
spike.network @n13(%x: !spike.stream<1xsi8>) -> !spike.stream<1xsi32> {
  %c = spike.identity %x : !spike.stream<1xsi8> -> !spike.current<1xi32>
  %y = spike.integrator @y(%c) {dynamics = #spike.dynamics<v_floor = -5.0, arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xsi32>
  spike.output %y : !spike.stream<1xsi32>
}
func.func @t13() {
  %v0 = arith.constant dense<[[-10], [8], [8]]> : tensor<3x1xi8>
  %e0 = spike.encode events %v0 : tensor<3x1xi8> -> !spike.stream<1xsi8>
  %r = spike.run @n13(%e0) steps 3 : (!spike.stream<1xsi8>) -> !spike.stream<1xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<1xsi32> -> tensor<1xi32>
  check.expect_eq %d0, dense<11> : tensor<1xi32> : tensor<1xi32>
  return
}

// 12-bit decay by 3/4, toward_zero: 75 + 100; -5.25 rounded, - 7.
spike.network @n14(%x: !spike.stream<2xsi8>) -> !spike.stream<2xsi32> {
  %c = spike.identity %x : !spike.stream<2xsi8> -> !spike.current<2xi32>
  %y = spike.li @y(%c) {tau = dense<1024> : tensor<i32>, dynamics = #spike.dynamics<decay = fixed, arithmetic = #spike.fixed<state_bits = 24, weight_bits = 8, rounding = toward_zero>>} : (!spike.current<2xi32>) -> !spike.stream<2xsi32>
  spike.output %y : !spike.stream<2xsi32>
}
func.func @t14() {
  %v0 = arith.constant dense<[100, -7]> : tensor<2xi8>
  %e0 = spike.encode constant %v0 : tensor<2xi8> -> !spike.stream<2xsi8>
  %r = spike.run @n14(%e0) steps 2 : (!spike.stream<2xsi8>) -> !spike.stream<2xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<2xsi32> -> tensor<2xi32>
  check.expect_eq %d0, dense<[175, -12]> : tensor<2xi32> : tensor<2xi32>
  return
}

// 12-bit decay by 3/4, floor: 75 + 100; -5.25 rounded, - 7.
spike.network @n15(%x: !spike.stream<2xsi8>) -> !spike.stream<2xsi32> {
  %c = spike.identity %x : !spike.stream<2xsi8> -> !spike.current<2xi32>
  %y = spike.li @y(%c) {tau = dense<1024> : tensor<i32>, dynamics = #spike.dynamics<decay = fixed, arithmetic = #spike.fixed<state_bits = 24, weight_bits = 8, rounding = floor>>} : (!spike.current<2xi32>) -> !spike.stream<2xsi32>
  spike.output %y : !spike.stream<2xsi32>
}
func.func @t15() {
  %v0 = arith.constant dense<[100, -7]> : tensor<2xi8>
  %e0 = spike.encode constant %v0 : tensor<2xi8> -> !spike.stream<2xsi8>
  %r = spike.run @n15(%e0) steps 2 : (!spike.stream<2xsi8>) -> !spike.stream<2xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<2xsi32> -> tensor<2xi32>
  check.expect_eq %d0, dense<[175, -13]> : tensor<2xi32> : tensor<2xi32>
  return
}

// 12-bit decay by 3/4, nearest_even: 75 + 100; -5.25 rounded, - 7.
spike.network @n16(%x: !spike.stream<2xsi8>) -> !spike.stream<2xsi32> {
  %c = spike.identity %x : !spike.stream<2xsi8> -> !spike.current<2xi32>
  %y = spike.li @y(%c) {tau = dense<1024> : tensor<i32>, dynamics = #spike.dynamics<decay = fixed, arithmetic = #spike.fixed<state_bits = 24, weight_bits = 8, rounding = nearest_even>>} : (!spike.current<2xi32>) -> !spike.stream<2xsi32>
  spike.output %y : !spike.stream<2xsi32>
}
func.func @t16() {
  %v0 = arith.constant dense<[100, -7]> : tensor<2xi8>
  %e0 = spike.encode constant %v0 : tensor<2xi8> -> !spike.stream<2xsi8>
  %r = spike.run @n16(%e0) steps 2 : (!spike.stream<2xsi8>) -> !spike.stream<2xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<2xsi32> -> tensor<2xi32>
  check.expect_eq %d0, dense<[175, -12]> : tensor<2xi32> : tensor<2xi32>
  return
}

// Decay by shift, at least 1: 100 - 25, 3 - 1, -1 + 1, -100 + 25.
spike.network @n17(%x: !spike.stream<4xsi8>) -> !spike.stream<4xsi16> {
  %c = spike.identity %x : !spike.stream<4xsi8> -> !spike.current<4xi32>
  %y = spike.li @y(%c) {tau = dense<2> : tensor<i32>, dynamics = #spike.dynamics<decay = bitshift, arithmetic = #spike.fixed<state_bits = 16, weight_bits = 8>>} : (!spike.current<4xi32>) -> !spike.stream<4xsi16>
  spike.output %y : !spike.stream<4xsi16>
}
func.func @t17() {
  %v0 = arith.constant dense<[100, 3, -1, -100]> : tensor<4xi8>
  %e0 = spike.encode graded %v0 : tensor<4xi8> -> !spike.stream<4xsi8>
  %r = spike.run @n17(%e0) steps 2 : (!spike.stream<4xsi8>) -> !spike.stream<4xsi16>
  %d0 = spike.decode membrane %r : !spike.stream<4xsi16> -> tensor<4xi16>
  check.expect_eq %d0, dense<[75, 2, 0, -75]> : tensor<4xi16> : tensor<4xi16>
  return
}

// A synaptic current halves, the membrane decays by 3/4: i 8 4 2, v 8 10 7+2.
spike.network @n18(%x: !spike.stream<1xui8>) -> !spike.stream<1xsi32> {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.cuba_li @y(%c) {tau_syn = dense<2> : tensor<i32>, tau_mem = dense<1> : tensor<i32>, dynamics = #spike.dynamics<decay = fixed, arithmetic = #spike.fixed<state_bits = 24, weight_bits = 8, decay_bits = 2>>} : (!spike.current<1xi32>) -> !spike.stream<1xsi32>
  spike.output %y : !spike.stream<1xsi32>
}
func.func @t18() {
  %v0 = arith.constant dense<8> : tensor<1xi8>
  %e0 = spike.encode graded %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n18(%e0) steps 3 : (!spike.stream<1xui8>) -> !spike.stream<1xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<1xsi32> -> tensor<1xi32>
  check.expect_eq %d0, dense<9> : tensor<1xi32> : tensor<1xi32>
  return
}

// The same neuron fires in step 1 and starts from 0: v 8, 10 fires, 2.
spike.network @n19(%x: !spike.stream<1xui8>) -> !spike.stream<1xi1> {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.cuba_lif @y(%c) {tau_syn = dense<2> : tensor<i32>, tau_mem = dense<1> : tensor<i32>, threshold = dense<9> : tensor<i32>, dynamics = #spike.dynamics<decay = fixed, arithmetic = #spike.fixed<state_bits = 24, weight_bits = 8, decay_bits = 2>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t19() {
  %v0 = arith.constant dense<8> : tensor<1xi8>
  %e0 = spike.encode graded %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n19(%e0) steps 4 : (!spike.stream<1xui8>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<1> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode first %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d1, dense<1> : tensor<1xi32> : tensor<1xi32>
  return
}

// lif with r = 2, v_leak = 4, decay by 1/2 towards it: 2 + 6, 4 + 2 + 6 fires.
spike.network @n20(%x: !spike.stream<1xui8>) -> !spike.stream<1xi1> {
  %c = spike.identity %x : !spike.stream<1xui8> -> !spike.current<1xi32>
  %y = spike.lif @y(%c) {tau = dense<1> : tensor<i32>, threshold = dense<11> : tensor<i32>, r = dense<2> : tensor<i32>, v_leak = dense<4> : tensor<i32>, dynamics = #spike.dynamics<decay = fixed, arithmetic = #spike.fixed<state_bits = 24, weight_bits = 8, decay_bits = 1>>} : (!spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t20() {
  %v0 = arith.constant dense<3> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xui8>
  %r = spike.run @n20(%e0) steps 2 : (!spike.stream<1xui8>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<1> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode first %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d1, dense<1> : tensor<1xi32> : tensor<1xi32>
  return
}

// A comparator without state: 6 is above 5, 5 is not.
spike.network @n21(%x: !spike.stream<2xui8>) -> !spike.stream<2xi1> {
  %c = spike.identity %x : !spike.stream<2xui8> -> !spike.current<2xi32>
  %y = spike.threshold @y(%c) {threshold = dense<5> : tensor<i32>, dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<2xi32>) -> !spike.stream<2xi1>
  spike.output %y : !spike.stream<2xi1>
}
func.func @t21() {
  %v0 = arith.constant dense<[6, 5]> : tensor<2xi8>
  %e0 = spike.encode constant %v0 : tensor<2xi8> -> !spike.stream<2xui8>
  %r = spike.run @n21(%e0) steps 3 : (!spike.stream<2xui8>) -> !spike.stream<2xi1>
  %d0 = spike.decode count %r : !spike.stream<2xi1> -> tensor<2xi32>
  check.expect_eq %d0, dense<[3, 0]> : tensor<2xi32> : tensor<2xi32>
  return
}

// Sigma 3, 4, 0: events 3, none (1 < 2), -3.
spike.network @n22(%x: !spike.stream<1xsi8>) -> !spike.stream<1xsi16> {
  %c = spike.identity %x : !spike.stream<1xsi8> -> !spike.current<1xi32>
  %y = spike.sigma_delta @y(%c) {threshold = dense<2> : tensor<i32>, dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 16, weight_bits = 8>>} : (!spike.current<1xi32>) -> !spike.stream<1xsi16>
  spike.output %y : !spike.stream<1xsi16>
}
func.func @t22() {
  %v0 = arith.constant dense<[[3], [1], [-4]]> : tensor<3x1xi8>
  %e0 = spike.encode events %v0 : tensor<3x1xi8> -> !spike.stream<1xsi8>
  %r = spike.run @n22(%e0) steps 3 : (!spike.stream<1xsi8>) -> !spike.stream<1xsi16>
  %d0 = spike.decode count %r : !spike.stream<1xsi16> -> tensor<1xi16>
  check.expect_eq %d0, dense<0> : tensor<1xi16> : tensor<1xi16>
  %d1 = spike.decode last %r : !spike.stream<1xsi16> -> tensor<1xi16>
  check.expect_eq %d1, dense<-3> : tensor<1xi16> : tensor<1xi16>
  check.expect_spikes @n22, @y, [2]
  return
}

// Requantisation: round(101·3/4) + 5 = 81; -8 is cut to 0; 1000 to 255.
spike.network @n23(%x: !spike.stream<3xsi16>) -> !spike.stream<3xui8> {
  %c = spike.identity %x : !spike.stream<3xsi16> -> !spike.current<3xi32>
  %y = spike.relu @y(%c) {requant = #spike.requant<multiplier = 3, shift = 2, zero_point = 5>} : (!spike.current<3xi32>) -> !spike.stream<3xui8>
  spike.output %y : !spike.stream<3xui8>
}
func.func @t23() {
  %v0 = arith.constant dense<[101, -8, 1000]> : tensor<3xi16>
  %e0 = spike.encode graded %v0 : tensor<3xi16> -> !spike.stream<3xsi16>
  %r = spike.run @n23(%e0) steps 1 : (!spike.stream<3xsi16>) -> !spike.stream<3xui8>
  %d0 = spike.decode last %r : !spike.stream<3xui8> -> tensor<3xi32>
  check.expect_eq %d0, dense<[81, 5, 255]> : tensor<3xi32> : tensor<3xi32>
  return
}

// With the zero point in the type: nothing is sent for 0.
spike.network @n24(%x: !spike.stream<3xsi16>) -> !spike.stream<3x!quant.uniform<i8:f32, 2.0:-100>> {
  %c = spike.identity %x : !spike.stream<3xsi16> -> !spike.current<3xi32>
  %y = spike.relu @y(%c) {requant = #spike.requant<multiplier = 1, shift = 1, zero_point = -100, rounding = floor>} : (!spike.current<3xi32>) -> !spike.stream<3x!quant.uniform<i8:f32, 2.0:-100>>
  spike.output %y : !spike.stream<3x!quant.uniform<i8:f32, 2.0:-100>>
}
func.func @t24() {
  %v0 = arith.constant dense<[101, -8, 1000]> : tensor<3xi16>
  %e0 = spike.encode graded %v0 : tensor<3xi16> -> !spike.stream<3xsi16>
  %r = spike.run @n24(%e0) steps 1 : (!spike.stream<3xsi16>) -> !spike.stream<3x!quant.uniform<i8:f32, 2.0:-100>>
  %d0 = spike.decode last %r : !spike.stream<3x!quant.uniform<i8:f32, 2.0:-100>> -> tensor<3xi32>
  check.expect_eq %d0, dense<[-50, -100, 127]> : tensor<3xi32> : tensor<3xi32>
  %d1 = spike.decode last %r : !spike.stream<3x!quant.uniform<i8:f32, 2.0:-100>> -> tensor<3xf32>
  check.expect_eq %d1, dense<[100.0, 0.0, 454.0]> : tensor<3xf32> : tensor<3xf32>
  check.expect_spikes @n24, @y, [1, 0, 1]
  return
}
