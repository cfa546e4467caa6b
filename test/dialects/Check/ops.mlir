// RUN: nmc-opt %s | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --mlir-print-op-generic | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --emit-bytecode | nmc-opt | FileCheck %s

// CHECK-LABEL: func.func @expectations
func.func @expectations(%a: tensor<3xi32>, %b: tensor<1x2xf32>) {
  // CHECK: check.expect_eq %{{.*}}, dense<[1, 0, 2]> : tensor<3xi32> : tensor<3xi32>
  check.expect_eq %a, dense<[1, 0, 2]> : tensor<3xi32> : tensor<3xi32>
  // CHECK: check.expect_close %{{.*}}, dense<5.000000e-01> : tensor<1x2xf32> within 1.000000e-04 : tensor<1x2xf32>
  check.expect_close %b, dense<0.5> : tensor<1x2xf32> within 1.0e-4 : tensor<1x2xf32>
  // CHECK: check.expect_spikes @net, @conv1, [0, 3, 1]
  check.expect_spikes @net, @conv1, [0, 3, 1]
  return
}
