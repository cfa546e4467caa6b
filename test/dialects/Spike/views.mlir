// RUN: nmc-opt %s | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --mlir-print-op-generic | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --emit-bytecode | nmc-opt | FileCheck %s

// CHECK-LABEL: func.func @views
func.func @views(%s: !spike.stream<2x3x4xi1>, %c: !spike.current<2x3x4xi32>) {
  // CHECK: spike.reshape %{{.*}} : !spike.stream<2x3x4xi1> -> !spike.stream<24xi1>
  %0 = spike.reshape %s : !spike.stream<2x3x4xi1> -> !spike.stream<24xi1>
  // Views work on currents too.
  // CHECK: spike.reshape %{{.*}} : !spike.current<2x3x4xi32> -> !spike.current<6x4xi32>
  %1 = spike.reshape %c : !spike.current<2x3x4xi32> -> !spike.current<6x4xi32>
  // CHECK: spike.transpose %{{.*}} permutation [2, 0, 1] : !spike.stream<2x3x4xi1> -> !spike.stream<4x2x3xi1>
  %2 = spike.transpose %s permutation [2, 0, 1] : !spike.stream<2x3x4xi1> -> !spike.stream<4x2x3xi1>
  // CHECK: spike.slice %{{.*}} offsets [0, 1, 0] : !spike.stream<2x3x4xi1> -> !spike.stream<1x2x4xi1>
  %3 = spike.slice %s offsets [0, 1, 0] : !spike.stream<2x3x4xi1> -> !spike.stream<1x2x4xi1>
  // The last coordinate that is read is 1 + 1*2 = 3.
  // CHECK: spike.slice %{{.*}} offsets [0, 0, 1] {strides = array<i64: 1, 2, 2>} : !spike.stream<2x3x4xi1> -> !spike.stream<2x2x2xi1>
  %4 = spike.slice %s offsets [0, 0, 1] {strides = array<i64: 1, 2, 2>} : !spike.stream<2x3x4xi1> -> !spike.stream<2x2x2xi1>
  // CHECK: spike.concat %{{.*}}, %{{.*}} axis 0 : (!spike.stream<2x3x4xi1>, !spike.stream<1x3x4xi1>) -> !spike.stream<3x3x4xi1>
  %5 = spike.slice %s offsets [1, 0, 0] : !spike.stream<2x3x4xi1> -> !spike.stream<1x3x4xi1>
  %6 = spike.concat %s, %5 axis 0 : (!spike.stream<2x3x4xi1>, !spike.stream<1x3x4xi1>) -> !spike.stream<3x3x4xi1>
  // CHECK: spike.pad %{{.*}} low [0, 1, 2] high [0, 1, 0] : !spike.stream<2x3x4xi1> -> !spike.stream<2x5x6xi1>
  %7 = spike.pad %s low [0, 1, 2] high [0, 1, 0] : !spike.stream<2x3x4xi1> -> !spike.stream<2x5x6xi1>
  // CHECK: spike.upsample %{{.*}} factors [1, 2, 3] : !spike.stream<2x3x4xi1> -> !spike.stream<2x6x12xi1>
  %8 = spike.upsample %s factors [1, 2, 3] : !spike.stream<2x3x4xi1> -> !spike.stream<2x6x12xi1>
  return
}

// CHECK-LABEL: func.func @delay
func.func @delay(%s: !spike.stream<2x3xi1>) {
  // CHECK: spike.delay %{{.*}} by 1 : !spike.stream<2x3xi1> -> !spike.stream<2x3xi1>
  %0 = spike.delay %s by 1 : !spike.stream<2x3xi1> -> !spike.stream<2x3xi1>
  // One delay per channel.
  // CHECK: spike.delay %{{.*}} by 1048576 per_element(dense<[1, 1048576]> : tensor<2xi32>) : !spike.stream<2x3xi1> -> !spike.stream<2x3xi1>
  %1 = spike.delay %s by 1048576 per_element(dense<[1, 1048576]> : tensor<2xi32>) : !spike.stream<2x3xi1> -> !spike.stream<2x3xi1>
  // CHECK: spike.delay %{{.*}} by 3 per_element(dense<{{.*}}> : tensor<2x3xi8>)
  %2 = spike.delay %s by 3 per_element(dense<[[1, 2, 3], [3, 2, 1]]> : tensor<2x3xi8>) : !spike.stream<2x3xi1> -> !spike.stream<2x3xi1>
  return
}
