// RUN: nmc-opt %s --convert-tosa-to-spike --split-input-file | FileCheck %s

// Flattening a channel-last map permutes the weights, not the stream.

// CHECK-LABEL: spike.network @flatten_net(
// CHECK: %[[A:.*]] = avg_pool %input kernel [1, 2]
// CHECK-SAME: -> !spike.current<2x2x1xf32>
// CHECK: dense %[[A]] weights(dense<
// CHECK-SAME{LITERAL}: [[1.000000e+00, 3.000000e+00, 2.000000e+00, 4.000000e+00]]> : tensor<1x4xf32>)
// CHECK-SAME: bias(dense<5.000000e-01> : tensor<1xf32>)
func.func @flatten(%arg0: tensor<1x2x2x2xf32>) -> tensor<1x1xf32> {
  %w = "tosa.const"() <{values = dense<[[[1.0], [2.0], [3.0], [4.0]]]> : tensor<1x4x1xf32>}> : () -> tensor<1x4x1xf32>
  %b = "tosa.const"() <{values = dense<0.5> : tensor<1x1xf32>}> : () -> tensor<1x1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %s = tosa.const_shape {values = dense<[1, 1, 4]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %f = tosa.const_shape {values = dense<[1, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %0 = tosa.avg_pool2d %arg0, %z, %z {acc_type = f32, kernel = array<i64: 1, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 2>}
    : (tensor<1x2x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x1x2xf32>
  %1 = tosa.reshape %0, %s : (tensor<1x2x1x2xf32>, !tosa.shape<3>) -> tensor<1x1x4xf32>
  %2 = tosa.matmul %1, %w, %z, %z : (tensor<1x1x4xf32>, tensor<1x4x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1xf32>
  %3 = tosa.reshape %2, %f : (tensor<1x1x1xf32>, !tosa.shape<2>) -> tensor<1x1xf32>
  %4 = tosa.add %3, %b : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  return %4 : tensor<1x1xf32>
}

// -----

// A fully connected layer as TFLite writes it: one tap on one pixel. A scale and
// a shift of its input go into weights and bias.

// CHECK-LABEL: spike.network @pixel_net(
// CHECK: dense %input weights(dense<
// CHECK-SAME{LITERAL}: [[2.000000e+00, 4.000000e+00], [6.000000e+00, 8.000000e+00]]> : tensor<2x2xf32>)
// CHECK-NOT: bias
// CHECK: relu @conv2d
func.func @pixel(%arg0: tensor<1x2xf32>) -> tensor<1x1x1x2xf32> {
  %w = "tosa.const"() <{values = dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]> : tensor<2x1x1x2xf32>}> : () -> tensor<2x1x1x2xf32>
  %b = "tosa.const"() <{values = dense<0.0> : tensor<2xf32>}> : () -> tensor<2xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %two = "tosa.const"() <{values = dense<2.0> : tensor<1x1xf32>}> : () -> tensor<1x1xf32>
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %s = tosa.const_shape {values = dense<[1, 1, 1, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.mul %arg0, %two, %shift : (tensor<1x2xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<1x2xf32>
  %1 = tosa.reshape %0, %s : (tensor<1x2xf32>, !tosa.shape<4>) -> tensor<1x1x1x2xf32>
  %2 = tosa.conv2d %1, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x2xf32>
  %3 = tosa.clamp %2 {max_val = 3.40282347E+38 : f32, min_val = 0.0 : f32} : (tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xf32>
  return %3 : tensor<1x1x1x2xf32>
}

// -----

// The same weights for every row are a convolution of one tap.

// CHECK-LABEL: spike.network @rows_net(
// CHECK: %[[T:.*]] = transpose %input permutation [1, 0] : !spike.stream<3x2xf32> -> !spike.stream<2x3xf32>
// CHECK: conv %[[T]] weights(dense<
// CHECK-SAME{LITERAL}: [[[1.000000e+00], [2.000000e+00]]]> : tensor<1x2x1xf32>)
// CHECK-SAME: -> !spike.current<1x3xf32>
func.func @rows(%arg0: tensor<1x3x2xf32>) -> tensor<1x3x1xf32> {
  %w = "tosa.const"() <{values = dense<[[[1.0], [2.0]]]> : tensor<1x2x1xf32>}> : () -> tensor<1x2x1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %0 = tosa.matmul %arg0, %w, %z, %z : (tensor<1x3x2xf32>, tensor<1x2x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x1xf32>
  return %0 : tensor<1x3x1xf32>
}
