// RUN: nmc-translate --export-nmcm %s -o %t.nmcm
// RUN: nmc-translate --import-nmcm %t.nmcm -o %t.mlir
// RUN: FileCheck %s < %t.mlir

// What came back gives the same file.
// RUN: nmc-translate --export-nmcm %t.mlir -o %t.again.nmcm
// RUN: nmc-translate --import-nmcm %t.again.nmcm | diff - %t.mlir

// RUN: head -c 300 %t.nmcm > %t.cut.nmcm
// RUN: not nmc-translate --import-nmcm %t.cut.nmcm 2>&1 | FileCheck %s --check-prefix=CUT
// CUT: cut.nmcm{{.*}}error: {{.*}}[artifact-truncated]

// RUN: not nmc-translate --import-nmcm %s 2>&1 | FileCheck %s --check-prefix=OTHER
// OTHER: error: is no .nmcm file{{.*}}[artifact-identifier]

// Another target than the one that it was made for.
// RUN: not nmc-translate --import-nmcm --nmcm-target=loihi1 %t.nmcm 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: was made for target 'loihi1' with SHA-256 bbbb{{.*}}[artifact-target]

// CHECK: spike.network @n
// CHECK-NOT: chip.target
// CHECK: chip.mapping @m of @n on @loihi1
// CHECK: tiles @in shape [4] table(dense<{{\[\[}}0, 2, 0, 3], [0, 1, 3, 4]]>
// CHECK: routes table(dense<{{\[\[}}0, 1, 2, -1, 7]]>
spike.network @n(%x: !spike.stream<4xf32>) -> !spike.stream<4xf32> {
  %in = spike.input @in(%x) : !spike.stream<4xf32> -> !spike.stream<4xf32>
  spike.output %in : !spike.stream<4xf32>
}
chip.mapping @m of @n on @loihi1 attributes {target_sha256 = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"} {
  chip.tiles @in shape [4] table(dense<[[0, 2, 0, 3], [0, 1, 3, 4]]> : tensor<2x4xi32>)
  chip.routes table(dense<[[0, 1, 2, -1, 7]]> : tensor<1x5xi32>)
}
