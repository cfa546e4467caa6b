// RUN: nmc-opt %s --spike-quantize | FileCheck %s

// Without a rectifier payloads are signed, over the extremes: 2.54/127. Streams
// that meet in a concatenation have one type; so have those of a max pool.

// CHECK: relu @a
// CHECK-SAME: -> !spike.stream<2x2x!quant.uniform<i8:f32, 2.000000e-02>>
// CHECK: relu @b
// CHECK-SAME: -> !spike.stream<2x2x!quant.uniform<i8:f32, 2.000000e-02>>
// CHECK: max_pool @m({{.*}}) kernel [2] : !spike.stream<2x2x!quant.uniform<i8:f32, 2.000000e-02>>
// CHECK: concat {{.*}} -> !spike.stream<4x1x!quant.uniform<i8:f32, 2.000000e-02>>
chip.target @graded {
  chip.core @core count 1 {
  }
  chip.set "payload" = "u8"
  chip.set "payload_bits" = 8
  chip.set "payload_signed" = true
  chip.set "weight_bits" = 8
}
spike.network @n(%arg0: !spike.stream<2x2xf32>) -> !spike.stream<4x1xf32> {
  %in = input @in(%arg0) {spike.range = #spike.range<min = -1.0, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 4, sha256 = "00">} : !spike.stream<2x2xf32> -> !spike.stream<2x2xf32>
  %0 = identity %in : !spike.stream<2x2xf32> -> !spike.current<2x2xf32>
  %a = relu @a(%0) {rectify = false, spike.range = #spike.range<min = -2.54, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 4, sha256 = "00">} : (!spike.current<2x2xf32>) -> !spike.stream<2x2xf32>
  %1 = identity %in : !spike.stream<2x2xf32> -> !spike.current<2x2xf32>
  %b = relu @b(%1) {spike.range = #spike.range<min = 0.0, max = 1.0, p999 = 1.0, mse_scale = 1.0, samples = 4, sha256 = "00">} : (!spike.current<2x2xf32>) -> !spike.stream<2x2xf32>
  %m = max_pool @m(%a) kernel [2] : !spike.stream<2x2xf32> -> !spike.stream<2x1xf32>
  %l = max_pool @l(%b) kernel [2] : !spike.stream<2x2xf32> -> !spike.stream<2x1xf32>
  %c = concat %m, %l axis 0 : (!spike.stream<2x1xf32>, !spike.stream<2x1xf32>) -> !spike.stream<4x1xf32>
  output %c : !spike.stream<4x1xf32>
}
