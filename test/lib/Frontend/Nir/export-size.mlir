// One number for all neurons is one number per neuron in NIR.
// RUN: not nmc-translate --export-nir %s -o %t.nir 2>&1 | FileCheck %s

// CHECK: export-size.mlir:[[# @LINE + 5]]:{{.*}}: error: 'spike.if' op has 8589934592 elements, whose parameters one by one exceed the 4294967296 bytes of a file [nir-size]
// CHECK-NOT: error:
spike.network @vast(%x: !spike.stream<8192x1024x1024xf32>) -> !spike.stream<8192x1024x1024xi1> {
  %in = spike.input @in(%x) : !spike.stream<8192x1024x1024xf32> -> !spike.stream<8192x1024x1024xf32>
  %c = spike.identity %in : !spike.stream<8192x1024x1024xf32> -> !spike.current<8192x1024x1024xf32>
  %s = spike.if @s(%c) {threshold = dense<1.0> : tensor<f32>}
      : (!spike.current<8192x1024x1024xf32>) -> !spike.stream<8192x1024x1024xi1>
  spike.output %s : !spike.stream<8192x1024x1024xi1>
}
