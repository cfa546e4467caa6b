// RUN: nmc-opt %s --convert-tosa-to-spike --split-input-file | FileCheck %s

// BatchNorm as torch-mlir leaves it: constants are evaluated (1/sqrt(3 + 1) is
// 0.5), and all goes into weights and bias.

// CHECK-LABEL: spike.network @batch_norm_net(
// CHECK: dense %input weights(dense<2.000000e+00> : tensor<1x1xf32>) bias(dense<-6.000000e+00> : tensor<1xf32>)
// CHECK-NOT: scale
func.func @batch_norm(%arg0: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = "tosa.const"() <{values = dense<4.0> : tensor<1x1x1xf32>}> : () -> tensor<1x1x1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %mean = "tosa.const"() <{values = dense<14.0> : tensor<1x1xf32>}> : () -> tensor<1x1xf32>
  %variance = "tosa.const"() <{values = dense<3.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %epsilon = "tosa.const"() <{values = dense<1.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %beta = "tosa.const"() <{values = dense<1.0> : tensor<1x1xf32>}> : () -> tensor<1x1xf32>
  %s = tosa.const_shape {values = dense<[1, 1, 1]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %f = tosa.const_shape {values = dense<[1, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %0 = tosa.reshape %arg0, %s : (tensor<1x1xf32>, !tosa.shape<3>) -> tensor<1x1x1xf32>
  %1 = tosa.matmul %0, %w, %z, %z : (tensor<1x1x1xf32>, tensor<1x1x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1xf32>
  %2 = tosa.reshape %1, %f : (tensor<1x1x1xf32>, !tosa.shape<2>) -> tensor<1x1xf32>
  %3 = tosa.sub %2, %mean : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %4 = tosa.add %variance, %epsilon : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
  %5 = tosa.rsqrt %4 : (tensor<1xf32>) -> tensor<1xf32>
  %6 = tosa.reshape %5, %f : (tensor<1xf32>, !tosa.shape<2>) -> tensor<1x1xf32>
  %7 = tosa.mul %3, %6, %shift : (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<1x1xf32>
  %8 = tosa.add %7, %beta : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  return %8 : tensor<1x1xf32>
}

// -----

// A residual sum is one population with two drives, named after the sum; both
// branches read one stream.

// CHECK-LABEL: spike.network @residual_net(
// CHECK: %[[R:.*]] = relu @first(
// CHECK: %[[C:.*]] = conv %[[R]] weights(dense<3.000000e+00>
// CHECK: %[[I:.*]] = identity %[[R]] : !spike.stream<1x2x2xf32> -> !spike.current<1x2x2xf32>
// CHECK: relu @join(%[[C]], %[[I]])
func.func @residual(%arg0: tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32> {
  %w = "tosa.const"() <{values = dense<3.0> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %0 = tosa.conv2d %arg0, %w, %z, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32> loc("first")
  %1 = tosa.clamp %0 {max_val = 3.40282347E+38 : f32, min_val = 0.0 : f32} : (tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  %2 = tosa.conv2d %1, %w, %z, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32> loc("second")
  %3 = tosa.add %2, %1 : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32> loc("join")
  %4 = tosa.clamp %3 {max_val = 3.40282347E+38 : f32, min_val = 0.0 : f32} : (tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  return %4 : tensor<1x2x2x1xf32>
}

// -----

// A shift before a padded convolution cannot go into its bias: the padding stays
// 0. It is a layer of its own.

// CHECK-LABEL: spike.network @padded_shift_net(
// CHECK: %[[S:.*]] = conv %{{.*}} weights(dense<1.000000e+00> : tensor<1x1x1x1xf32>) bias(dense<2.000000e+00> : tensor<1xf32>)
// CHECK: conv %[[S]] weights(dense<3.000000e+00> : tensor<1x1x1x1xf32>)
// CHECK-SAME: pads = array<i64: 1, 0, 0, 0>
func.func @padded_shift(%arg0: tensor<1x2x2x1xf32>) -> tensor<1x2x1x1xf32> {
  %w = "tosa.const"() <{values = dense<3.0> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %two = "tosa.const"() <{values = dense<2.0> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
  %0 = tosa.max_pool2d %arg0 {kernel = array<i64: 1, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 2>} : (tensor<1x2x2x1xf32>) -> tensor<1x2x1x1xf32>
  %1 = tosa.add %0, %two : (tensor<1x2x1x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x1x1xf32>
  %2 = tosa.conv2d %1, %w, %z, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 0, 0, 0>, stride = array<i64: 2, 1>}
    : (tensor<1x2x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x1x1xf32>
  return %2 : tensor<1x2x1x1xf32>
}
