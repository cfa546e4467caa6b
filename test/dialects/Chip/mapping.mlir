// RUN: nmc-opt %s | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --mlir-print-op-generic | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --emit-bytecode | nmc-opt | FileCheck %s

spike.network @n() {
  spike.output
}
chip.target @t {
  chip.core @c count 8 {
  }
}

// CHECK-LABEL: chip.mapping @m of @n on @t
// CHECK-SAME: attributes {chips = 2 : i64, target_sha256 = "00ff"} {
chip.mapping @m of @n on @t attributes {chips = 2 : i64, target_sha256 = "00ff"} {
  // Two halves along the second axis, on chips 0 and 1.
  // CHECK-NEXT{LITERAL}: tiles @conv1 shape [8, 6, 6] table(dense<[[0, 3, 0, 0, 0, 8, 3, 6], [1, 3, 0, 3, 0, 8, 6, 6]]> : tensor<2x8xi32>)
  chip.tiles @conv1 shape [8, 6, 6] table(dense<[[0, 3, 0, 0, 0, 8, 3, 6], [1, 3, 0, 3, 0, 8, 6, 6]]> : tensor<2x8xi32>)
  // Boxes need not form a grid.
  // CHECK-NEXT: tiles @wheel shape [3, 3] table(
  chip.tiles @wheel shape [3, 3] table(dense<[[0, 0, 0, 0, 1, 2], [0, 1, 0, 2, 2, 3], [0, 2, 2, 1, 3, 3],
                                              [0, 3, 1, 0, 3, 1], [0, 4, 1, 1, 2, 2]]> : tensor<5x6xi32>)
  // A scalar is one neuron.
  // CHECK-NEXT{LITERAL}: tiles @scalar shape [] table(dense<[[0, 7]]> : tensor<1x2xi32>)
  chip.tiles @scalar shape [] table(dense<[[0, 7]]> : tensor<1x2xi32>)
  // Cores far apart.
  // CHECK-NEXT: tiles @far shape [2] table(
  chip.tiles @far shape [2] table(dense<[[2147483647, 2147483647, 0, 1], [0, 0, 1, 2]]> : tensor<2x4xi32>)
  // A blob.
  // CHECK-NEXT: tiles @blob shape [4] table(dense_resource<tiles> : tensor<2x4xi32>)
  chip.tiles @blob shape [4] table(dense_resource<tiles> : tensor<2x4xi32>)
  // CHECK-NEXT{LITERAL}: routes table(dense<[[0, 1, 2, 3, 4]]> : tensor<1x5xi32>)
  chip.routes table(dense<[[0, 1, 2, 3, 4]]> : tensor<1x5xi32>)
}

// A mapping may travel without its target, under the target's hash.
// CHECK-LABEL: chip.mapping @alone of @n on @elsewhere attributes {target_sha256 = "00ff"}
chip.mapping @alone of @n on @elsewhere attributes {target_sha256 = "00ff"} {
}

{-#
  dialect_resources: {
    builtin: {
      tiles: "0x040000000000000000000000000000000200000000000000010000000200000004000000"
    }
  }
#-}
