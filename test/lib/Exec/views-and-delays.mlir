// RUN: nmc-opt %s --spike-interpret -o /dev/null
//
// Views, delays, recurrence, encodings and readouts.

// Transpose and reshape of a map.
spike.network @n1(%x: !spike.stream<2x3xui8>) -> (!spike.stream<3x2xui8>, !spike.stream<6xui8>) {
  %t = spike.transpose %x permutation [1, 0] : !spike.stream<2x3xui8> -> !spike.stream<3x2xui8>
  %r = spike.reshape %t : !spike.stream<3x2xui8> -> !spike.stream<6xui8>
  spike.output %t, %r : !spike.stream<3x2xui8>, !spike.stream<6xui8>
}
func.func @t1() {
  %v0 = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %e0 = spike.encode graded %v0 : tensor<2x3xi8> -> !spike.stream<2x3xui8>
  %r:2 = spike.run @n1(%e0) steps 1 : (!spike.stream<2x3xui8>) -> (!spike.stream<3x2xui8>, !spike.stream<6xui8>)
  %d0 = spike.decode last %r#0 : !spike.stream<3x2xui8> -> tensor<3x2xi32>
  check.expect_eq %d0, dense<[[1, 4], [2, 5], [3, 6]]> : tensor<3x2xi32> : tensor<3x2xi32>
  %d1 = spike.decode last %r#1 : !spike.stream<6xui8> -> tensor<6xi32>
  check.expect_eq %d1, dense<[1, 4, 2, 5, 3, 6]> : tensor<6xi32> : tensor<6xi32>
  return
}

// Slice, pad, upsample, concat.
spike.network @n2(%x: !spike.stream<1x4xui8>) -> (!spike.stream<2x3xui8>, !spike.stream<2x4xui8>) {
  %s = spike.slice %x offsets [0, 1] {strides = array<i64: 1, 2>} : !spike.stream<1x4xui8> -> !spike.stream<1x2xui8>
  %p = spike.pad %s low [0, 1] high [1, 0] : !spike.stream<1x2xui8> -> !spike.stream<2x3xui8>
  %u = spike.upsample %s factors [1, 2] : !spike.stream<1x2xui8> -> !spike.stream<1x4xui8>
  %c = spike.concat %u, %x axis 0 : (!spike.stream<1x4xui8>, !spike.stream<1x4xui8>) -> !spike.stream<2x4xui8>
  spike.output %p, %c : !spike.stream<2x3xui8>, !spike.stream<2x4xui8>
}
func.func @t2() {
  %v0 = arith.constant dense<[[1, 2, 3, 4]]> : tensor<1x4xi8>
  %e0 = spike.encode graded %v0 : tensor<1x4xi8> -> !spike.stream<1x4xui8>
  %r:2 = spike.run @n2(%e0) steps 1 : (!spike.stream<1x4xui8>) -> (!spike.stream<2x3xui8>, !spike.stream<2x4xui8>)
  %d0 = spike.decode last %r#0 : !spike.stream<2x3xui8> -> tensor<2x3xi32>
  check.expect_eq %d0, dense<[[0, 2, 4], [0, 0, 0]]> : tensor<2x3xi32> : tensor<2x3xi32>
  %d1 = spike.decode last %r#1 : !spike.stream<2x4xui8> -> tensor<2x4xi32>
  check.expect_eq %d1, dense<[[2, 2, 4, 4], [1, 2, 3, 4]]> : tensor<2x4xi32> : tensor<2x4xi32>
  return
}

// A view of a current.
spike.network @n3(%x: !spike.stream<2x2xui8>) -> !spike.stream<2x2xsi32> {
  %c = spike.identity %x : !spike.stream<2x2xui8> -> !spike.current<2x2xi32>
  %t = spike.transpose %c permutation [1, 0] : !spike.current<2x2xi32> -> !spike.current<2x2xi32>
  %y = spike.integrator @y(%t) {dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 32, weight_bits = 8>>} : (!spike.current<2x2xi32>) -> !spike.stream<2x2xsi32>
  spike.output %y : !spike.stream<2x2xsi32>
}
func.func @t3() {
  %v0 = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %e0 = spike.encode graded %v0 : tensor<2x2xi8> -> !spike.stream<2x2xui8>
  %r = spike.run @n3(%e0) steps 1 : (!spike.stream<2x2xui8>) -> !spike.stream<2x2xsi32>
  %d0 = spike.decode membrane %r : !spike.stream<2x2xsi32> -> tensor<2x2xi32>
  check.expect_eq %d0, dense<[[1, 3], [2, 4]]> : tensor<2x2xi32> : tensor<2x2xi32>
  return
}

// Each element has its own delay.
spike.network @n4(%x: !spike.stream<3xi1>) -> !spike.stream<3xi1> {
  %d = spike.delay %x by 3 per_element(dense<[1, 2, 3]> : tensor<3xi32>) : !spike.stream<3xi1> -> !spike.stream<3xi1>
  spike.output %d : !spike.stream<3xi1>
}
func.func @t4() {
  %v0 = arith.constant dense<1> : tensor<3xi8>
  %e0 = spike.encode graded %v0 : tensor<3xi8> -> !spike.stream<3xi1>
  %r = spike.run @n4(%e0) steps 5 : (!spike.stream<3xi1>) -> !spike.stream<3xi1>
  %d0 = spike.decode first %r : !spike.stream<3xi1> -> tensor<3xi32>
  check.expect_eq %d0, dense<[1, 2, 3]> : tensor<3xi32> : tensor<3xi32>
  %d1 = spike.decode count %r : !spike.stream<3xi1> -> tensor<3xi32>
  check.expect_eq %d1, dense<1> : tensor<3xi32> : tensor<3xi32>
  return
}

// A delay longer than the run; `first` of a silent neuron is the number of steps.
spike.network @n5(%x: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  %d = spike.delay %x by 9 : !spike.stream<1xi1> -> !spike.stream<1xi1>
  spike.output %d : !spike.stream<1xi1>
}
func.func @t5() {
  %v0 = arith.constant dense<1> : tensor<1xi8>
  %e0 = spike.encode graded %v0 : tensor<1xi8> -> !spike.stream<1xi1>
  %r = spike.run @n5(%e0) steps 5 : (!spike.stream<1xi1>) -> !spike.stream<1xi1>
  %d0 = spike.decode first %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<5> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d1, dense<0> : tensor<1xi32> : tensor<1xi32>
  return
}

// A spike that goes round: steps 0, 2, 4.
spike.network @n6(%x: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  %c = spike.identity %x {weight = 10 : i32} : !spike.stream<1xi1> -> !spike.current<1xi32>
  %d = spike.delay %y by 2 : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %r = spike.identity %d {weight = 10 : i32} : !spike.stream<1xi1> -> !spike.current<1xi32>
  %y = spike.if @y(%c, %r) {threshold = dense<5> : tensor<i32>, dynamics = #spike.dynamics<arithmetic = #spike.fixed<state_bits = 16, weight_bits = 8>>} : (!spike.current<1xi32>, !spike.current<1xi32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t6() {
  %v0 = arith.constant dense<1> : tensor<1xi8>
  %e0 = spike.encode graded %v0 : tensor<1xi8> -> !spike.stream<1xi1>
  %r = spike.run @n6(%e0) steps 5 : (!spike.stream<1xi1>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<3> : tensor<1xi32> : tensor<1xi32>
  return
}

// Two populations that excite each other a step later: a in 0 2 4, b in 1 3.
spike.network @n7(%x: !spike.stream<1xf32>) -> (!spike.stream<1xi1>, !spike.stream<1xi1>) {
  %c = spike.identity %x : !spike.stream<1xf32> -> !spike.current<1xf32>
  %db = spike.delay %b by 1 : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %ab = spike.identity %db : !spike.stream<1xi1> -> !spike.current<1xf32>
  %a = spike.if @a(%c, %ab) {threshold = dense<0.5> : tensor<f32>} : (!spike.current<1xf32>, !spike.current<1xf32>) -> !spike.stream<1xi1>
  %da = spike.delay %a by 1 : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %ba = spike.identity %da : !spike.stream<1xi1> -> !spike.current<1xf32>
  %b = spike.if @b(%ba) {threshold = dense<0.5> : tensor<f32>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  spike.output %a, %b : !spike.stream<1xi1>, !spike.stream<1xi1>
}
func.func @t7() {
  %v0 = arith.constant dense<1.0> : tensor<1xf32>
  %e0 = spike.encode graded %v0 : tensor<1xf32> -> !spike.stream<1xf32>
  %r:2 = spike.run @n7(%e0) steps 5 : (!spike.stream<1xf32>) -> (!spike.stream<1xi1>, !spike.stream<1xi1>)
  %d0 = spike.decode count %r#0 : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<3> : tensor<1xi32> : tensor<1xi32>
  %d1 = spike.decode first %r#1 : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d1, dense<1> : tensor<1xi32> : tensor<1xi32>
  check.expect_spikes @n7, @a, [3]
  check.expect_spikes @n7, @b, [2]
  return
}

// A bias behind a delay, bias_at_t0 = true.
spike.network @n8(%x: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  %d = spike.delay %x by 1 : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %c = spike.dense %d weights(dense<1.0> : tensor<1x1xf32>) bias(dense<2.0> : tensor<1xf32>) : !spike.stream<1xi1> -> !spike.current<1xf32>
  %y = spike.if @y(%c) {threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<bias_at_t0 = true>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t8() {
  %v0 = arith.constant dense<0> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xi1>
  %r = spike.run @n8(%e0) steps 3 : (!spike.stream<1xi1>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<3> : tensor<1xi32> : tensor<1xi32>
  return
}

// A bias behind a delay, bias_at_t0 = false.
spike.network @n9(%x: !spike.stream<1xi1>) -> !spike.stream<1xi1> {
  %d = spike.delay %x by 1 : !spike.stream<1xi1> -> !spike.stream<1xi1>
  %c = spike.dense %d weights(dense<1.0> : tensor<1x1xf32>) bias(dense<2.0> : tensor<1xf32>) : !spike.stream<1xi1> -> !spike.current<1xf32>
  %y = spike.if @y(%c) {threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<bias_at_t0 = false>} : (!spike.current<1xf32>) -> !spike.stream<1xi1>
  spike.output %y : !spike.stream<1xi1>
}
func.func @t9() {
  %v0 = arith.constant dense<0> : tensor<1xi8>
  %e0 = spike.encode constant %v0 : tensor<1xi8> -> !spike.stream<1xi1>
  %r = spike.run @n9(%e0) steps 3 : (!spike.stream<1xi1>) -> !spike.stream<1xi1>
  %d0 = spike.decode count %r : !spike.stream<1xi1> -> tensor<1xi32>
  check.expect_eq %d0, dense<2> : tensor<1xi32> : tensor<1xi32>
  return
}

// A rate spreads evenly: 0, 0.3, 0.5, 1 over ten steps.
spike.network @n10(%x: !spike.stream<4xi1>) -> !spike.stream<4xi1> {
  %y = spike.input @y(%x) : !spike.stream<4xi1> -> !spike.stream<4xi1>
  spike.output %y : !spike.stream<4xi1>
}
func.func @t10() {
  %v0 = arith.constant dense<[0.0, 0.3, 0.5, 1.0]> : tensor<4xf64>
  %e0 = spike.encode rate %v0 : tensor<4xf64> -> !spike.stream<4xi1>
  %r = spike.run @n10(%e0) steps 10 : (!spike.stream<4xi1>) -> !spike.stream<4xi1>
  %d0 = spike.decode count %r : !spike.stream<4xi1> -> tensor<4xi32>
  check.expect_eq %d0, dense<[0, 3, 5, 10]> : tensor<4xi32> : tensor<4xi32>
  %d1 = spike.decode first %r : !spike.stream<4xi1> -> tensor<4xi32>
  check.expect_eq %d1, dense<[10, 1, 0, 0]> : tensor<4xi32> : tensor<4xi32>
  check.expect_spikes @n10, @y, [0, 3, 5, 10]
  return
}

// An input becomes float; a batch of 1 is dropped; a scale on the way out.
spike.network @n11(%x: !spike.stream<2xui8>) -> !spike.stream<2xf32> {
  %y = spike.input @y(%x) : !spike.stream<2xui8> -> !spike.stream<2xf32>
  spike.output %y : !spike.stream<2xf32>
}
func.func @t11() {
  %v0 = arith.constant dense<[[1, 2]]> : tensor<1x2xi8>
  %e0 = spike.encode graded %v0 : tensor<1x2xi8> -> !spike.stream<2xui8>
  %r = spike.run @n11(%e0) steps 1 : (!spike.stream<2xui8>) -> !spike.stream<2xf32>
  %d0 = spike.decode last %r : !spike.stream<2xf32> -> tensor<1x2xf32>
  check.expect_eq %d0, dense<[[1.0, 2.0]]> : tensor<1x2xf32> : tensor<1x2xf32>
  return
}
