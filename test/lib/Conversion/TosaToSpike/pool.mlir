// RUN: nmc-opt %s --convert-tosa-to-spike --split-input-file | FileCheck %s

// Padding does not count in tosa's mean. One window needs no stride.

// CHECK-LABEL: spike.network @average_net(
// CHECK: avg_pool %input kernel [2, 2] {count_include_pad = false, pads = array<i64: 1, 0, 0, 0>, strides = array<i64: 1, 2>}
func.func @average(%arg0: tensor<1x2x2x1xf32>) -> tensor<1x2x1x1xf32> {
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %0 = tosa.avg_pool2d %arg0, %z, %z {acc_type = f32, kernel = array<i64: 2, 2>, pad = array<i64: 1, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x1x1xf32>
  return %0 : tensor<1x2x1x1xf32>
}

// -----

// Two sums over space and a factor are a mean; with another factor, a weighted
// sum.

// CHECK-LABEL: spike.network @mean_net(
// CHECK: avg_pool %{{.*}} kernel [4, 2] : !spike.stream<3x4x2xf32> -> !spike.current<3x1x1xf32>
// CHECK-LABEL: spike.network @sum_net(
// CHECK: sum_pool %{{.*}} kernel [4, 2] {weight = 5.000000e-01 : f32}
func.func @mean(%arg0: tensor<1x3x4x2xf32>) -> tensor<1x3x1x1xf32> {
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %eighth = "tosa.const"() <{values = dense<1.25e-01> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
  %x = tosa.transpose %arg0 {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x3x4x2xf32>) -> tensor<1x4x2x3xf32>
  %m = tosa.max_pool2d %x {kernel = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x2x3xf32>) -> tensor<1x4x2x3xf32>
  %y = tosa.transpose %m {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x2x3xf32>) -> tensor<1x3x4x2xf32>
  %0 = tosa.reduce_sum %y {axis = 3 : i32} : (tensor<1x3x4x2xf32>) -> tensor<1x3x4x1xf32>
  %1 = tosa.reduce_sum %0 {axis = 2 : i32} : (tensor<1x3x4x1xf32>) -> tensor<1x3x1x1xf32>
  %2 = tosa.mul %1, %eighth, %shift : (tensor<1x3x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xi8>) -> tensor<1x3x1x1xf32>
  return %2 : tensor<1x3x1x1xf32>
}
func.func @sum(%arg0: tensor<1x4x2x3xf32>) -> tensor<1x1x1x3xf32> {
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %half = "tosa.const"() <{values = dense<0.5> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
  %m = tosa.max_pool2d %arg0 {kernel = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x2x3xf32>) -> tensor<1x4x2x3xf32>
  %0 = tosa.reduce_sum %m {axis = 1 : i32} : (tensor<1x4x2x3xf32>) -> tensor<1x1x2x3xf32>
  %1 = tosa.reduce_sum %0 {axis = 2 : i32} : (tensor<1x1x2x3xf32>) -> tensor<1x1x1x3xf32>
  %2 = tosa.mul %1, %half, %shift : (tensor<1x1x1x3xf32>, tensor<1x1x1x1xf32>, tensor<1xi8>) -> tensor<1x1x1x3xf32>
  return %2 : tensor<1x1x1x3xf32>
}

// -----

// A rectifier behind a max pool goes before it, where the events are.

// CHECK-LABEL: spike.network @swap_net(
// CHECK: %[[R:.*]] = relu @conv2d(
// CHECK: %[[P:.*]] = max_pool @max_pool2d(%[[R]]) kernel [1, 2]
// CHECK-NOT: relu
// CHECK: output %[[P]]
// CHECK: spike.decode last
func.func @swap(%arg0: tensor<1x2x2x1xf32>) -> tensor<1x2x1x1xf32> {
  %w = "tosa.const"() <{values = dense<3.0> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %0 = tosa.conv2d %arg0, %w, %z, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
  %1 = tosa.max_pool2d %0 {kernel = array<i64: 1, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 2>} : (tensor<1x2x2x1xf32>) -> tensor<1x2x1x1xf32>
  %2 = tosa.clamp %1 {max_val = 3.40282347E+38 : f32, min_val = 0.0 : f32} : (tensor<1x2x1x1xf32>) -> tensor<1x2x1x1xf32>
  return %2 : tensor<1x2x1x1xf32>
}

// -----

// Branches side by side.

// CHECK-LABEL: spike.network @concat_net(
// CHECK: %[[A:.*]] = relu @conv2d(
// CHECK: %[[B:.*]] = relu @conv2d_1(
// CHECK: %[[J:.*]] = concat %[[A]], %[[B]] axis 0 : (!spike.stream<1x2x2xf32>, !spike.stream<1x2x2xf32>) -> !spike.stream<2x2x2xf32>
// CHECK: conv %[[J]]
func.func @concat(%arg0: tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32> {
  %w = "tosa.const"() <{values = dense<3.0> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
  %v = "tosa.const"() <{values = dense<1.0> : tensor<1x1x1x2xf32>}> : () -> tensor<1x1x1x2xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %0 = tosa.conv2d %arg0, %w, %z, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
  %1 = tosa.clamp %0 {max_val = 3.40282347E+38 : f32, min_val = 0.0 : f32} : (tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  %2 = tosa.conv2d %1, %w, %z, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
  %3 = tosa.clamp %2 {max_val = 3.40282347E+38 : f32, min_val = 0.0 : f32} : (tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  %4 = tosa.concat %1, %3 {axis = 3 : i32} : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x2x2xf32>
  %5 = tosa.conv2d %4, %v, %z, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
  return %5 : tensor<1x2x2x1xf32>
}
