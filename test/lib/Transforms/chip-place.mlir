// RUN: nmc-opt %s --chip-place | FileCheck %s --check-prefixes=CHECK,HILBERT
// RUN: nmc-opt %s --chip-place='solver=sequential' | FileCheck %s --check-prefixes=CHECK,ROWS
// RUN: not nmc-opt %s --chip-place='solver=magic' 2>&1 | FileCheck %s --check-prefix=SOLVER

// SOLVER: error: no solver is called 'magic'; there are 'hilbert' and 'sequential' [place-solver]

chip.target @t {
  chip.core @neuro count 16 {
    chip.limit "neurons" 1.0 "1"
  }
  chip.link "noc" mesh [4, 4] xy
}

spike.network @n() {
  %a = spike.integrator @a() : () -> !spike.stream<6xf32>
  spike.output
}

// Cores of a mapping from elsewhere, renumbered along the curve.
// CHECK: chip.mapping @m of @n on @t {
chip.mapping @m of @n on @t {
  // HILBERT-NEXT{LITERAL}: tiles @a shape [6] table(dense<[[0, 0, 0, 1], [0, 1, 1, 2], [0, 5, 2, 3], [0, 4, 3, 4], [0, 8, 4, 5], [0, 12, 5, 6]]> : tensor<6x4xi32>)
  // ROWS-NEXT{LITERAL}: tiles @a shape [6] table(dense<[[0, 0, 0, 1], [0, 1, 1, 2], [0, 2, 2, 3], [0, 3, 3, 4], [0, 4, 4, 5], [0, 5, 5, 6]]> : tensor<6x4xi32>)
  chip.tiles @a shape [6] table(dense<[[0, 15, 0, 1], [0, 14, 1, 2], [0, 13, 2, 3], [0, 2, 3, 4], [0, 3, 4, 5], [0, 9, 5, 6]]> : tensor<6x4xi32>)
}
