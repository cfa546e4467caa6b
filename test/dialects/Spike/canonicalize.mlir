// RUN: nmc-opt %s --canonicalize | FileCheck %s

// Views that change nothing are their source.
// CHECK-LABEL: func.func @identity_views
// CHECK-SAME: (%[[S:.*]]: !spike.stream<2x3xi1>)
// CHECK-NEXT: return %[[S]]
func.func @identity_views(%s: !spike.stream<2x3xi1>) -> !spike.stream<2x3xi1> {
  %0 = spike.reshape %s : !spike.stream<2x3xi1> -> !spike.stream<2x3xi1>
  %1 = spike.transpose %0 permutation [0, 1] : !spike.stream<2x3xi1> -> !spike.stream<2x3xi1>
  %2 = spike.slice %1 offsets [0, 0] : !spike.stream<2x3xi1> -> !spike.stream<2x3xi1>
  %3 = spike.concat %2 axis 1 : (!spike.stream<2x3xi1>) -> !spike.stream<2x3xi1>
  %4 = spike.pad %3 low [0, 0] high [0, 0] : !spike.stream<2x3xi1> -> !spike.stream<2x3xi1>
  %5 = spike.upsample %4 factors [1, 1] : !spike.stream<2x3xi1> -> !spike.stream<2x3xi1>
  return %5 : !spike.stream<2x3xi1>
}

// A square transpose has equal types, but is none.
// CHECK-LABEL: func.func @square_transpose
// CHECK: spike.transpose
func.func @square_transpose(%s: !spike.stream<3x3xi1>) -> !spike.stream<3x3xi1> {
  %0 = spike.transpose %s permutation [1, 0] : !spike.stream<3x3xi1> -> !spike.stream<3x3xi1>
  return %0 : !spike.stream<3x3xi1>
}

// CHECK-LABEL: func.func @reshapes
// CHECK-SAME: (%[[S:.*]]: !spike.stream<2x6xi1>)
// CHECK-NEXT: %[[R:.*]] = spike.reshape %[[S]] : !spike.stream<2x6xi1> -> !spike.stream<3x4xi1>
// CHECK-NEXT: return %[[R]]
func.func @reshapes(%s: !spike.stream<2x6xi1>) -> !spike.stream<3x4xi1> {
  %0 = spike.reshape %s : !spike.stream<2x6xi1> -> !spike.stream<12xi1>
  %1 = spike.reshape %0 : !spike.stream<12xi1> -> !spike.stream<3x4xi1>
  return %1 : !spike.stream<3x4xi1>
}

// CHECK-LABEL: func.func @transposes
// CHECK-SAME: (%[[S:.*]]: !spike.current<2x3x4xi32>)
// CHECK-NEXT: %[[T:.*]] = spike.transpose %[[S]] permutation [1, 2, 0] : !spike.current<2x3x4xi32> -> !spike.current<3x4x2xi32>
// CHECK-NEXT: return %[[T]], %[[S]]
func.func @transposes(%s: !spike.current<2x3x4xi32>) -> (!spike.current<3x4x2xi32>, !spike.current<2x3x4xi32>) {
  %0 = spike.transpose %s permutation [2, 0, 1] : !spike.current<2x3x4xi32> -> !spike.current<4x2x3xi32>
  %1 = spike.transpose %0 permutation [2, 0, 1] : !spike.current<4x2x3xi32> -> !spike.current<3x4x2xi32>
  %2 = spike.transpose %1 permutation [2, 0, 1] : !spike.current<3x4x2xi32> -> !spike.current<2x3x4xi32>
  return %1, %2 : !spike.current<3x4x2xi32>, !spike.current<2x3x4xi32>
}

// Unread connections, views and delays go; populations stay, because their
// events are recorded.
// CHECK-LABEL: spike.network @unread
// CHECK-NEXT:    %x = input @x(%arg0)
// CHECK-NEXT:    %0 = identity %x
// CHECK-NEXT:    %y = integrator @y(%0)
// CHECK-NEXT:    output
// CHECK-NEXT: }
spike.network @unread(%x: !spike.stream<4xf32>) {
  %in = spike.input @x(%x) : !spike.stream<4xf32> -> !spike.stream<4xf32>
  %c = spike.identity %in : !spike.stream<4xf32> -> !spike.current<4xf32>
  %y = spike.integrator @y(%c) : (!spike.current<4xf32>) -> !spike.stream<4xf32>
  %d = spike.delay %y by 1 : !spike.stream<4xf32> -> !spike.stream<4xf32>
  %e = spike.identity %d : !spike.stream<4xf32> -> !spike.current<4xf32>
  %f = spike.reshape %e : !spike.current<4xf32> -> !spike.current<2x2xf32>
  spike.output
}

// Views on a cycle fold without end neither in time nor in memory.
// CHECK-LABEL: spike.network @cycle
// CHECK: %[[R:.*]] = reshape %[[D:.*]] : !spike.stream<4xi1> -> !spike.stream<2x2xi1>
// CHECK: %[[D]] = delay
spike.network @cycle() -> !spike.stream<2x2xi1> {
  %a = spike.reshape %d : !spike.stream<4xi1> -> !spike.stream<2x2xi1>
  %b = spike.reshape %a : !spike.stream<2x2xi1> -> !spike.stream<4xi1>
  %d = spike.delay %b by 1 : !spike.stream<4xi1> -> !spike.stream<4xi1>
  spike.output %a : !spike.stream<2x2xi1>
}
