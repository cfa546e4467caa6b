// RUN: nmc-opt %s | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --mlir-print-op-generic | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --emit-bytecode | nmc-opt | FileCheck %s

// Payloads of streams and accumulators of currents.

// CHECK-LABEL: func.func private @streams(
// CHECK-SAME: !spike.stream<4xi1>
// CHECK-SAME: !spike.stream<2x3xui8>
// CHECK-SAME: !spike.stream<2x3xsi24>
// CHECK-SAME: !spike.stream<4x!quant.uniform<u8:f32, 2.000000e-02:3>>
// CHECK-SAME: !spike.stream<4xf16>
// CHECK-SAME: !spike.stream<4xbf16>
// CHECK-SAME: !spike.stream<1x8x8xf32>
// CHECK-SAME: !spike.stream<4xf64>
// CHECK-SAME: !spike.stream<i1>
func.func private @streams(
  !spike.stream<4xi1>, !spike.stream<2x3xui8>, !spike.stream<2x3xsi24>,
  !spike.stream<4x!quant.uniform<u8:f32, 0.02:3>>, !spike.stream<4xf16>,
  !spike.stream<4xbf16>, !spike.stream<1x8x8xf32>, !spike.stream<4xf64>,
  !spike.stream<i1>)

// CHECK-LABEL: func.func private @currents(
// CHECK-SAME: !spike.current<4xi8>
// CHECK-SAME: !spike.current<16x26x26xi32>
// CHECK-SAME: !spike.current<4xi64>
// CHECK-SAME: !spike.current<4x!quant.uniform<i32:f32, 5.000000e-01>>
// CHECK-SAME: !spike.current<4xf32>
// CHECK-SAME: !spike.current<f32>
func.func private @currents(
  !spike.current<4xi8>, !spike.current<16x26x26xi32>, !spike.current<4xi64>,
  !spike.current<4x!quant.uniform<i32:f32, 0.5>>, !spike.current<4xf32>,
  !spike.current<f32>)

// The largest shape that is allowed: 2^40 elements.
// CHECK-LABEL: func.func private @largest(
// CHECK-SAME: !spike.stream<1048576x1048576xi1>
func.func private @largest(!spike.stream<1048576x1048576xi1>)

// Ops of a network print without the prefix 'spike.', and results carry the
// names of their populations.

// CHECK-LABEL: spike.network @digits(%arg0: !spike.stream<1x8x8xf32>) -> !spike.stream<10xf32> {
// CHECK-NEXT:    %image = input @image(%arg0) : !spike.stream<1x8x8xf32> -> !spike.stream<1x8x8xf32>
// CHECK-NEXT:    %0 = conv %image weights(dense<1.000000e+00> : tensor<4x1x3x3xf32>) : !spike.stream<1x8x8xf32> -> !spike.current<4x6x6xf32>
// CHECK-NEXT:    %conv1 = if @conv1(%0) {threshold = dense<1.000000e+00> : tensor<f32>} : (!spike.current<4x6x6xf32>) -> !spike.stream<4x6x6xi1>
// CHECK-NEXT:    %1 = reshape %conv1 : !spike.stream<4x6x6xi1> -> !spike.stream<144xi1>
// CHECK-NEXT:    %2 = dense %1 weights(dense<5.000000e-01> : tensor<10x144xf32>) : !spike.stream<144xi1> -> !spike.current<10xf32>
// CHECK-NEXT:    %classes = integrator @classes(%2) : (!spike.current<10xf32>) -> !spike.stream<10xf32>
// CHECK-NEXT:    output %classes : !spike.stream<10xf32>
// CHECK-NEXT:  }
spike.network @digits(%x: !spike.stream<1x8x8xf32>) -> !spike.stream<10xf32> {
  %in = spike.input @image(%x) : !spike.stream<1x8x8xf32> -> !spike.stream<1x8x8xf32>
  %c1 = spike.conv %in weights(dense<1.0> : tensor<4x1x3x3xf32>)
      : !spike.stream<1x8x8xf32> -> !spike.current<4x6x6xf32>
  %s1 = spike.if @conv1(%c1) {threshold = dense<1.0> : tensor<f32>}
      : (!spike.current<4x6x6xf32>) -> !spike.stream<4x6x6xi1>
  %flat = spike.reshape %s1 : !spike.stream<4x6x6xi1> -> !spike.stream<144xi1>
  %c2 = spike.dense %flat weights(dense<0.5> : tensor<10x144xf32>)
      : !spike.stream<144xi1> -> !spike.current<10xf32>
  %y = spike.integrator @classes(%c2) : (!spike.current<10xf32>) -> !spike.stream<10xf32>
  spike.output %y : !spike.stream<10xf32>
}
