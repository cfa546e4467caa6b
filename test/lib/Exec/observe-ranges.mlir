// Ranges of the input and of two populations on real images.
//
// RUN: nmc-opt %s --spike-observe-ranges="data=%models/digits-cnn/inputs.npz samples=16 levels=16" | FileCheck %s
// RUN: not nmc-opt %s --spike-observe-ranges 2>&1 | FileCheck %s --check-prefix=NODATA
// RUN: not nmc-opt %s --spike-observe-ranges=data=%t.missing.npz 2>&1 | FileCheck %s --check-prefix=MISSING
//
// CHECK: input @image
// CHECK-SAME: spike.range = #spike.range<min = 0.000000e+00 : f64, max = 1.000000e+00 : f64, p999 = 1.000000e+00 : f64, mse_scale = 1.000000e+00 : f64, samples = 16, sha256 = "{{[0-9a-f]+}}">
// CHECK: relu @less
// CHECK-SAME: min = 0.000000e+00 : f64, max = 5.000000e-01 : f64
// CHECK-SAME: mse_scale = 5.000000e-01 : f64
// CHECK: integrator @negative
// CHECK-SAME: min = -1.000000e+00 : f64, max = {{-?}}0.000000e+00 : f64, {{.*}}mse_scale = 1.000000e+00 : f64
//
// NODATA: needs data: set the option 'data' to a file with samples [observe-data]
// MISSING: missing.npz

spike.network @n(%x: !spike.stream<1x8x8xf32>) -> (!spike.stream<1x8x8xf32>, !spike.stream<1x8x8xf32>) {
  %image = spike.input @image(%x) : !spike.stream<1x8x8xf32> -> !spike.stream<1x8x8xf32>
  %c = spike.identity %image {weight = 0.5 : f32} : !spike.stream<1x8x8xf32> -> !spike.current<1x8x8xf32>
  %less = spike.relu @less(%c) : (!spike.current<1x8x8xf32>) -> !spike.stream<1x8x8xf32>
  %d = spike.identity %image {weight = -1.0 : f32} : !spike.stream<1x8x8xf32> -> !spike.current<1x8x8xf32>
  %negative = spike.integrator @negative(%d) : (!spike.current<1x8x8xf32>) -> !spike.stream<1x8x8xf32>
  spike.output %less, %negative : !spike.stream<1x8x8xf32>, !spike.stream<1x8x8xf32>
}
