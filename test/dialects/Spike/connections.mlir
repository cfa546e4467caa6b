// RUN: nmc-opt %s | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --mlir-print-op-generic | nmc-opt | FileCheck %s
// RUN: nmc-opt %s --emit-bytecode | nmc-opt | FileCheck %s

// CHECK-LABEL: func.func @dense
func.func @dense(%s: !spike.stream<4xi1>, %c: !spike.current<4xf32>, %b: !spike.stream<2x3xi1>,
                 %v: !spike.stream<2x2xi1>) {
  // CHECK: spike.dense %{{.*}} weights(dense<1.000000e+00> : tensor<3x4xf32>) : !spike.stream<4xi1> -> !spike.current<3xf32>
  %0 = spike.dense %s weights(dense<1.0> : tensor<3x4xf32>) : !spike.stream<4xi1> -> !spike.current<3xf32>
  // A bias per target; a current may be transformed further.
  // CHECK: spike.dense %{{.*}} weights(dense<1.000000e+00> : tensor<3x4xf32>) bias(dense<[1.000000e+00, 2.000000e+00, 3.000000e+00]> : tensor<3xf32>) : !spike.current<4xf32> -> !spike.current<3xf32>
  %1 = spike.dense %c weights(dense<1.0> : tensor<3x4xf32>) bias(dense<[1.0, 2.0, 3.0]> : tensor<3xf32>)
      : !spike.current<4xf32> -> !spike.current<3xf32>
  // Source and target of any rank, by the C-major index.
  // CHECK: spike.dense %{{.*}} weights(dense<1> : tensor<2x4xi8>) : !spike.stream<2x2xi1> -> !spike.current<1x2xi32>
  %2 = spike.dense %v weights(dense<1> : tensor<2x4xi8>) : !spike.stream<2x2xi1> -> !spike.current<1x2xi32>
  // Block-wise over the first axis.
  // CHECK: spike.dense %{{.*}} weights(dense<1> : tensor<2x5x3xi8>) {exponent = -3 : i64} : !spike.stream<2x3xi1> -> !spike.current<2x5xi32>
  %3 = spike.dense %b weights(dense<1> : tensor<2x5x3xi8>) {exponent = -3 : i64}
      : !spike.stream<2x3xi1> -> !spike.current<2x5xi32>
  // A blob.
  // CHECK: spike.dense %{{.*}} weights(dense_resource<w> : tensor<1x4xi8>) : !spike.stream<4xi1> -> !spike.current<1xi32>
  %4 = spike.dense %s weights(dense_resource<w> : tensor<1x4xi8>) : !spike.stream<4xi1> -> !spike.current<1xi32>
  // Weights of which only type and density are known.
  // CHECK: spike.dense %{{.*}} weights(#spike.abstract<tensor<3x4xi8>, density = 2.500000e-01>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  %5 = spike.dense %s weights(#spike.abstract<tensor<3x4xi8>, density = 0.25>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  // CHECK: spike.dense %{{.*}} weights(#spike.abstract<tensor<3x4xi8>>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  %6 = spike.dense %s weights(#spike.abstract<tensor<3x4xi8>, density = 1.0>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  // What the stored integers mean.
  // CHECK: spike.dense %{{.*}} weights(dense<1> : tensor<3x4xi8>) {weight_type = !quant.uniform<i8:f32, 2.500000e-01>} : !spike.stream<4xi1> -> !spike.current<3xi32>
  %7 = spike.dense %s weights(dense<1> : tensor<3x4xi8>) {weight_type = !quant.uniform<i8:f32, 0.25>}
      : !spike.stream<4xi1> -> !spike.current<3xi32>
  // A weight type per output channel.
  // CHECK: weight_type = !quant.uniform<i8:f32:0, {2.500000e-01,5.000000e-01,1.000000e+00}>
  %8 = spike.dense %s weights(dense<1> : tensor<3x4xi8>) {weight_type = !quant.uniform<i8:f32:0, {0.25, 0.5, 1.0}>}
      : !spike.stream<4xi1> -> !spike.current<3xi32>
  return
}

// CHECK-LABEL: func.func @conv
func.func @conv(%x: !spike.stream<1x28x28xi1>, %d: !spike.stream<8x9xi1>, %v: !spike.stream<2x5x5x5xi1>,
                %z: !spike.stream<3x24x24x!quant.uniform<u8:f32, 0.5>>) {
  // CHECK: spike.conv %{{.*}} weights(dense<1.000000e+00> : tensor<8x1x5x5xf32>) {pads = array<i64: 2, 2, 2, 2>, strides = array<i64: 1, 1>} : !spike.stream<1x28x28xi1> -> !spike.current<8x28x28xf32>
  %0 = spike.conv %x weights(dense<1.0> : tensor<8x1x5x5xf32>)
       {pads = array<i64: 2, 2, 2, 2>, strides = array<i64: 1, 1>}
     : !spike.stream<1x28x28xi1> -> !spike.current<8x28x28xf32>
  // Depthwise in one space dimension, with stride and dilation: floor((9 + 1 - 2*2 - 1)/3) + 1 = 2.
  // CHECK: spike.conv %{{.*}} weights(dense<1> : tensor<8x1x3xi8>) bias(dense<0> : tensor<8xi32>) {dilations = array<i64: 2>, groups = 8 : i64, pads = array<i64: 1, 0>, strides = array<i64: 3>} : !spike.stream<8x9xi1> -> !spike.current<8x2xi32>
  %1 = spike.conv %d weights(dense<1> : tensor<8x1x3xi8>) bias(dense<0> : tensor<8xi32>)
       {dilations = array<i64: 2>, groups = 8 : i64, pads = array<i64: 1, 0>, strides = array<i64: 3>}
     : !spike.stream<8x9xi1> -> !spike.current<8x2xi32>
  // Three space dimensions.
  // CHECK: spike.conv %{{.*}} weights(dense<1> : tensor<4x2x5x3x1xi8>) : !spike.stream<2x5x5x5xi1> -> !spike.current<4x1x3x5xi32>
  %2 = spike.conv %v weights(dense<1> : tensor<4x2x5x3x1xi8>) : !spike.stream<2x5x5x5xi1> -> !spike.current<4x1x3x5xi32>
  // Where the stride does not divide, the quotient is floored, as in ONNX.
  // CHECK: spike.conv %{{.*}} {strides = array<i64: 2, 2>} : !spike.stream<3x24x24x!quant.uniform<u8:f32, 5.000000e-01>> -> !spike.current<2x11x11x!quant.uniform<i32:f32, 2.500000e-01>>
  %3 = spike.conv %z weights(dense<1> : tensor<2x3x3x3xi8>) {strides = array<i64: 2, 2>}
     : !spike.stream<3x24x24x!quant.uniform<u8:f32, 0.5>> -> !spike.current<2x11x11x!quant.uniform<i32:f32, 0.25>>
  return
}

// CHECK-LABEL: func.func @transposed_conv
func.func @transposed_conv(%x: !spike.stream<4x5x5xi1>) {
  // (5 - 1)*2 - 0 + 1*(3 - 1) + 0 + 1 = 11.
  // CHECK: spike.transposed_conv %{{.*}} weights(dense<1> : tensor<4x6x3x3xi8>) {strides = array<i64: 2, 2>} : !spike.stream<4x5x5xi1> -> !spike.current<6x11x11xi32>
  %0 = spike.transposed_conv %x weights(dense<1> : tensor<4x6x3x3xi8>) {strides = array<i64: 2, 2>}
     : !spike.stream<4x5x5xi1> -> !spike.current<6x11x11xi32>
  // 8 - 2 + 2*2 + 1 + 1 = 12 and 8 - 1 + 2 + 0 + 1 = 10.
  // CHECK: spike.transposed_conv %{{.*}} bias(dense<0> : tensor<6xi32>) {dilations = array<i64: 2, 1>, groups = 2 : i64, output_pads = array<i64: 1, 0>, pads = array<i64: 1, 0, 1, 1>, strides = array<i64: 2, 2>} : !spike.stream<4x5x5xi1> -> !spike.current<6x12x10xi32>
  %1 = spike.transposed_conv %x weights(dense<1> : tensor<4x3x3x3xi8>) bias(dense<0> : tensor<6xi32>)
       {dilations = array<i64: 2, 1>, groups = 2 : i64, output_pads = array<i64: 1, 0>,
        pads = array<i64: 1, 0, 1, 1>, strides = array<i64: 2, 2>}
     : !spike.stream<4x5x5xi1> -> !spike.current<6x12x10xi32>
  return
}

// CHECK-LABEL: func.func @pools
func.func @pools(%x: !spike.stream<4x6x6xi1>, %c: !spike.current<4x6x6xf32>) {
  // CHECK: spike.sum_pool %{{.*}} kernel [2, 2] : !spike.stream<4x6x6xi1> -> !spike.current<4x3x3xi32>
  %0 = spike.sum_pool %x kernel [2, 2] : !spike.stream<4x6x6xi1> -> !spike.current<4x3x3xi32>
  // CHECK: spike.sum_pool %{{.*}} kernel [3, 3] {pads = array<i64: 1, 1, 0, 0>, strides = array<i64: 2, 2>, weight = 5 : i8} : !spike.stream<4x6x6xi1> -> !spike.current<4x3x3xi32>
  %1 = spike.sum_pool %x kernel [3, 3] {pads = array<i64: 1, 1, 0, 0>, strides = array<i64: 2, 2>, weight = 5 : i8}
     : !spike.stream<4x6x6xi1> -> !spike.current<4x3x3xi32>
  // CHECK: spike.avg_pool %{{.*}} kernel [2, 2] : !spike.current<4x6x6xf32> -> !spike.current<4x3x3xf32>
  %2 = spike.avg_pool %c kernel [2, 2] : !spike.current<4x6x6xf32> -> !spike.current<4x3x3xf32>
  // CHECK: spike.avg_pool %{{.*}} kernel [3, 3] {count_include_pad = false, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : !spike.current<4x6x6xf32> -> !spike.current<4x6x6xf32>
  %3 = spike.avg_pool %c kernel [3, 3] {count_include_pad = false, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
     : !spike.current<4x6x6xf32> -> !spike.current<4x6x6xf32>
  return
}

// CHECK-LABEL: func.func @one_to_one
func.func @one_to_one(%x: !spike.stream<2x3xi1>) {
  // CHECK: spike.scale %{{.*}} weights(dense<2.000000e+00> : tensor<f32>) : !spike.stream<2x3xi1> -> !spike.current<2x3xf32>
  %0 = spike.scale %x weights(dense<2.0> : tensor<f32>) : !spike.stream<2x3xi1> -> !spike.current<2x3xf32>
  // CHECK: spike.scale %{{.*}} weights(dense<[1, 2]> : tensor<2xi8>) {exponent = 4 : i64} : !spike.stream<2x3xi1> -> !spike.current<2x3xi32>
  %1 = spike.scale %x weights(dense<[1, 2]> : tensor<2xi8>) {exponent = 4 : i64} : !spike.stream<2x3xi1> -> !spike.current<2x3xi32>
  // CHECK: spike.scale %{{.*}} weights(dense<1.000000e+00> : tensor<2x3xf32>) :
  %2 = spike.scale %x weights(dense<1.0> : tensor<2x3xf32>) : !spike.stream<2x3xi1> -> !spike.current<2x3xf32>
  // CHECK: spike.identity %{{.*}} : !spike.stream<2x3xi1> -> !spike.current<2x3xi32>
  %3 = spike.identity %x : !spike.stream<2x3xi1> -> !spike.current<2x3xi32>
  // CHECK: spike.identity %{{.*}} {weight = 5.000000e-01 : f32} : !spike.stream<2x3xi1> -> !spike.current<2x3xf32>
  %4 = spike.identity %x {weight = 0.5 : f32} : !spike.stream<2x3xi1> -> !spike.current<2x3xf32>
  return
}

// CHECK-LABEL: func.func @sparse
func.func @sparse(%x: !spike.stream<4xi1>) {
  // Target 0 hears sources 1 and 3, target 1 none, target 2 source 0.
  // CHECK: spike.sparse %{{.*}} offsets(dense<[0, 2, 2, 3]> : tensor<4xi32>) sources(dense<[1, 3, 0]> : tensor<3xi32>) weights(dense<[1, -1, 2]> : tensor<3xi8>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  %0 = spike.sparse %x offsets(dense<[0, 2, 2, 3]> : tensor<4xi32>) sources(dense<[1, 3, 0]> : tensor<3xi32>)
      weights(dense<[1, -1, 2]> : tensor<3xi8>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  // CHECK: spike.sparse %{{.*}} sources(dense<[1, 3, 0]> : tensor<3xi64>) weights(#spike.abstract<tensor<3xi8>, density = 5.000000e-01>) {exponent = 2 : i64} :
  %1 = spike.sparse %x offsets(dense<[0, 2, 2, 3]> : tensor<4xi64>) sources(dense<[1, 3, 0]> : tensor<3xi64>)
      weights(#spike.abstract<tensor<3xi8>, density = 0.5>) {exponent = 2 : i64} : !spike.stream<4xi1> -> !spike.current<3xi32>
  // No synapse at all.
  // CHECK: spike.sparse %{{.*}} offsets(dense<0> : tensor<4xi32>) sources(dense<> : tensor<0xi32>) weights(dense<> : tensor<0xi8>) :
  %2 = spike.sparse %x offsets(dense<0> : tensor<4xi32>) sources(dense<> : tensor<0xi32>)
      weights(dense<> : tensor<0xi8>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  return
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x0100000001020304"
    }
  }
#-}
