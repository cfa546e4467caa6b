// RUN: nmc-opt %s --convert-tosa-to-spike --split-input-file --verify-diagnostics

// All faults are reported, and none twice for what depends on them.
func.func @all(%arg0: tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32> {
  %w = "tosa.const"() <{values = dense<3.0> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %grid = "tosa.const"() <{values = dense<[[[[1.0], [2.0]], [[3.0], [4.0]]]]> : tensor<1x2x2x1xf32>}> : () -> tensor<1x2x2x1xf32>
  %0 = tosa.conv2d %arg0, %w, %z, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
  // expected-error@+1 {{'tosa.sigmoid' cannot be part of a spiking network: it has no counterpart among spiking layers [unsupported-op]}}
  %1 = tosa.sigmoid %0 : (tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  // expected-error@+1 {{'tosa.clamp' cannot be part of a spiking network: only rectifiers, with or without an upper bound, are activations of spiking neurons [unsupported-op]}}
  %2 = tosa.clamp %0 {max_val = 1.0 : f32, min_val = -1.0 : f32} : (tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  // expected-error@+1 {{'tosa.mul' cannot be part of a spiking network: a product of two activations is not a layer of synapses [unsupported-op]}}
  %3 = tosa.mul %0, %0, %shift : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>, tensor<1xi8>) -> tensor<1x2x2x1xf32>
  // expected-error@+1 {{'tosa.add' cannot be part of a spiking network: its constant is neither one number nor one per channel [unsupported-op]}}
  %4 = tosa.add %0, %grid : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  %5 = tosa.add %1, %2 : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  %6 = tosa.add %3, %4 : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  %7 = tosa.add %5, %6 : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  %8 = tosa.conv2d %7, %w, %z, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
  return %8 : tensor<1x2x2x1xf32>
}

// -----

// expected-error@+1 {{input of type 'tensor<?x2xf32>' has no static shape; give the batch with --dim [input-shape]}}
func.func @dynamic(%arg0: tensor<?x2xf32>, %arg1: tensor<3x1x2xf32>, %arg2: tensor<1x1x2xi8>) -> tensor<1x1x2xf32> {
  %s = tosa.const_shape {values = dense<[1, 1, 2]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %w = "tosa.const"() <{values = dense<3.0> : tensor<1x2x2xf32>}> : () -> tensor<1x2x2xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %0 = tosa.reshape %arg0, %s : (tensor<?x2xf32>, !tosa.shape<3>) -> tensor<1x1x2xf32>
  %1 = tosa.matmul %0, %w, %z, %z : (tensor<1x1x2xf32>, tensor<1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x2xf32>
  return %1 : tensor<1x1x2xf32>
}

// -----

// expected-error@+1 {{input has a batch of 3, but a network sees one sample at a time; export the model with a batch of 1 [input-batch]}}
func.func @batch(%arg0: tensor<3x4x4x1xf32>) -> tensor<3x2x2x1xf32> {
  %0 = tosa.max_pool2d %arg0 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<3x4x4x1xf32>) -> tensor<3x2x2x1xf32>
  return %0 : tensor<3x2x2x1xf32>
}

// -----

// expected-error@+1 {{input of type 'tensor<1x4x4x1xi8>' is not float; integer networks are not supported here [input-type]}}
func.func @integers(%arg0: tensor<1x4x4x1xi8>) -> tensor<1x2x2x1xi8> {
  %0 = tosa.max_pool2d %arg0 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x4x4x1xi8>) -> tensor<1x2x2x1xi8>
  return %0 : tensor<1x2x2x1xi8>
}

// -----

func.func @rows_as_batch(%arg0: tensor<1x3x4x4xf32>) -> tensor<3x2x2x1xf32> {
  %s = tosa.const_shape {values = dense<[3, 4, 4, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.reshape %arg0, %s : (tensor<1x3x4x4xf32>, !tosa.shape<4>) -> tensor<3x4x4x1xf32>
  // expected-error@+1 {{'tosa.max_pool2d' cannot be part of a spiking network: it has a batch of 3, but a network sees one sample at a time [unsupported-op]}}
  %1 = tosa.max_pool2d %0 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<3x4x4x1xf32>) -> tensor<3x2x2x1xf32>
  return %1 : tensor<3x2x2x1xf32>
}
