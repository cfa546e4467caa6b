// RUN: nmc-opt %s --convert-tosa-to-spike --split-input-file | FileCheck %s

// Weights OHWI become OIHW, pads top-bottom-left-right become low-high; the
// input is encoded channel-first.

// CHECK-LABEL: spike.network @conv_net(
// CHECK-SAME: %{{.*}}: !spike.stream<2x4x4xf32>) -> !spike.stream<1x3x4xf32>
// CHECK: %[[C:.*]] = conv %input weights(dense<
// CHECK-SAME{LITERAL}: [[[[1.000000e+00, 3.000000e+00]], [[2.000000e+00, 4.000000e+00]]]]> : tensor<1x2x1x2xf32>)
// CHECK-SAME: bias(dense<5.000000e-01> : tensor<1xf32>)
// CHECK-SAME: pads = array<i64: 1, 0, 0, 1>, strides = array<i64: 2, 1>
// CHECK: %[[V:.*]] = integrator @conv2d(%[[C]])
// CHECK: output %[[V]]
// CHECK-LABEL: func.func @conv
// CHECK: %[[T:.*]] = tosa.transpose %arg0 {perms = array<i32: 0, 3, 1, 2>}
// CHECK: %[[E:.*]] = spike.encode graded %[[T]] : tensor<1x2x4x4xf32> -> !spike.stream<2x4x4xf32>
// CHECK: %[[R:.*]] = spike.run @conv_net(%[[E]]) steps 1
// CHECK: %[[D:.*]] = spike.decode membrane %[[R]] : !spike.stream<1x3x4xf32> -> tensor<1x1x3x4xf32>
// CHECK: reshape %[[D]]
// CHECK-SAME: tensor<1x3x4x1xf32>
func.func @conv(%arg0: tensor<1x4x4x2xf32>) -> tensor<1x3x4x1xf32> {
  %w = "tosa.const"() <{values = dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>}> : () -> tensor<1x1x2x2xf32>
  %b = "tosa.const"() <{values = dense<0.5> : tensor<1xf32>}> : () -> tensor<1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %0 = tosa.conv2d %arg0, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 0, 0, 1>, stride = array<i64: 2, 1>}
    : (tensor<1x4x4x2xf32>, tensor<1x1x2x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x4x1xf32>
  return %0 : tensor<1x3x4x1xf32>
}

// -----

// Depthwise weights HWCM become C·M groups of one; a pad before goes into the
// window, a ReLU6 of maximum and minimum is one rectifier, named after the
// convolution's location.

// CHECK-LABEL: spike.network @depthwise_net(
// CHECK: %[[C:.*]] = conv %{{.*}} weights(dense<
// CHECK-SAME{LITERAL}: [[[1.000000e+00, 3.000000e+00]]], [[[2.000000e+00, 4.000000e+00]]]]> : tensor<2x1x1x2xf32>)
// CHECK-SAME: groups = 2 : i64, pads = array<i64: 1, 0, 0, 0>
// CHECK: relu @block.dw(%[[C]]) {max = 6.000000e+00 : f64}
// CHECK-NOT: pad
func.func @depthwise(%arg0: tensor<1x2x4x4xf32>) -> tensor<1x3x3x2xf32> {
  %w = "tosa.const"() <{values = dense<[[[[1.0], [2.0]], [[3.0], [4.0]]]]> : tensor<1x2x2x1xf32>}> : () -> tensor<1x2x2x1xf32>
  %b = "tosa.const"() <{values = dense<0.0> : tensor<2xf32>}> : () -> tensor<2xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %p = tosa.const_shape {values = dense<[0, 0, 1, 0, 0, 0, 0, 0]> : tensor<8xindex>} : () -> !tosa.shape<8>
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
  %six = "tosa.const"() <{values = dense<6.0> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
  %s = tosa.const_shape {values = dense<[0, 0, 0, 0]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %n = tosa.const_shape {values = dense<[1, 2, 2, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.transpose %arg0 {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x4x4x2xf32>
  %1 = tosa.slice %0, %s, %n : (tensor<1x4x4x2xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x2x2x2xf32>
  %2 = tosa.pad %0, %p, %z : (tensor<1x4x4x2xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x5x4x2xf32>
  %3 = tosa.depthwise_conv2d %2, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x5x4x2xf32>, tensor<1x2x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x5x3x2xf32> loc("/block/dw")
  %4 = tosa.maximum %3, %zero : (tensor<1x5x3x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x5x3x2xf32>
  %5 = tosa.minimum %4, %six : (tensor<1x5x3x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x5x3x2xf32>
  %o = tosa.const_shape {values = dense<[0, 1, 0, 0]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %m = tosa.const_shape {values = dense<[1, 3, 3, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %6 = tosa.slice %5, %o, %m : (tensor<1x5x3x2xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x3x3x2xf32>
  return %6 : tensor<1x3x3x2xf32>
}

// -----

// Slices, convolutions and a concatenation are one grouped convolution.

// CHECK-LABEL: spike.network @groups_net(
// CHECK-NOT: slice
// CHECK: conv %input weights(dense<
// CHECK-SAME{LITERAL}: [[[1.000000e+00]], [[2.000000e+00]]], [[[3.000000e+00]], [[4.000000e+00]]]]> : tensor<2x2x1x1xf32>)
// CHECK-SAME: bias(dense<[5.000000e+00, 6.000000e+00]> : tensor<2xf32>) {groups = 2 : i64}
// CHECK-NOT: = concat
func.func @groups(%arg0: tensor<1x3x3x4xf32>) -> tensor<1x3x3x2xf32> {
  %w0 = "tosa.const"() <{values = dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32>}> : () -> tensor<1x1x1x2xf32>
  %w1 = "tosa.const"() <{values = dense<[[[[3.0, 4.0]]]]> : tensor<1x1x1x2xf32>}> : () -> tensor<1x1x1x2xf32>
  %b = "tosa.const"() <{values = dense<[5.0, 6.0]> : tensor<2xf32>}> : () -> tensor<2xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %at0 = tosa.const_shape {values = dense<0> : tensor<1xindex>} : () -> !tosa.shape<1>
  %at1 = tosa.const_shape {values = dense<1> : tensor<1xindex>} : () -> !tosa.shape<1>
  %s0 = tosa.const_shape {values = dense<[0, 0, 0, 0]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %s1 = tosa.const_shape {values = dense<[0, 0, 0, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %n = tosa.const_shape {values = dense<[1, 3, 3, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %b0 = tosa.slice %b, %at0, %at1 : (tensor<2xf32>, !tosa.shape<1>, !tosa.shape<1>) -> tensor<1xf32>
  %b1 = tosa.slice %b, %at1, %at1 : (tensor<2xf32>, !tosa.shape<1>, !tosa.shape<1>) -> tensor<1xf32>
  %x0 = tosa.slice %arg0, %s0, %n : (tensor<1x3x3x4xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x3x3x2xf32>
  %x1 = tosa.slice %arg0, %s1, %n : (tensor<1x3x3x4xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x3x3x2xf32>
  %c0 = tosa.conv2d %x0, %w0, %b0, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x3x3x2xf32>, tensor<1x1x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x3x1xf32>
  %c1 = tosa.conv2d %x1, %w1, %b1, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x3x3x2xf32>, tensor<1x1x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x3x1xf32>
  %r = tosa.concat %c0, %c1 {axis = 3 : i32} : (tensor<1x3x3x1xf32>, tensor<1x3x3x1xf32>) -> tensor<1x3x3x2xf32>
  return %r : tensor<1x3x3x2xf32>
}

// -----

// Cropping is padding, growth at the end an output pad.

// CHECK-LABEL: spike.network @transposed_net(
// CHECK: transposed_conv %input weights(dense<
// CHECK-SAME{LITERAL}: [[[1.000000e+00, 2.000000e+00]]]]> : tensor<1x1x1x2xf32>)
// CHECK-SAME: output_pads = array<i64: 0, 1>, pads = array<i64: 0, 1, 0, 0>, strides = array<i64: 1, 2>
// CHECK-SAME: -> !spike.current<1x2x6xf32>
func.func @transposed(%arg0: tensor<1x2x3x1xf32>) -> tensor<1x2x6x1xf32> {
  %w = "tosa.const"() <{values = dense<[[[[1.0], [2.0]]]]> : tensor<1x1x2x1xf32>}> : () -> tensor<1x1x2x1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %0 = tosa.transpose_conv2d %arg0, %w, %z, %z, %z {acc_type = f32, out_pad = array<i64: 0, 0, -1, 1>, stride = array<i64: 1, 2>}
    : (tensor<1x2x3x1xf32>, tensor<1x1x2x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x6x1xf32>
  return %0 : tensor<1x2x6x1xf32>
}
