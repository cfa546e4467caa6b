// RUN: nmc-opt %s -split-input-file -verify-diagnostics

func.func @weight_shape(%s: !spike.stream<4xi1>) {
  // expected-error @below {{weights have shape [4, 3], but source and target need [3, 4] [weight-shape]}}
  %0 = spike.dense %s weights(dense<1.0> : tensor<4x3xf32>) : !spike.stream<4xi1> -> !spike.current<3xf32>
  return
}

// -----

func.func @weight_shape_abstract(%s: !spike.stream<4xi1>) {
  // expected-error @below {{weights have shape [4], but source and target need [3, 4] [weight-shape]}}
  %0 = spike.dense %s weights(#spike.abstract<tensor<4xf32>>) : !spike.stream<4xi1> -> !spike.current<3xf32>
  return
}

// -----

func.func @weight_shape_blocks(%s: !spike.stream<2x4xi1>) {
  // expected-error @below {{block-wise weights of 3 blocks need source and target of rank 2 with that first extent [weight-shape]}}
  %0 = spike.dense %s weights(dense<1.0> : tensor<3x5x4xf32>) : !spike.stream<2x4xi1> -> !spike.current<2x5xf32>
  return
}

// -----

func.func @weight_shape_conv(%s: !spike.stream<4x8x8xi1>) {
  // expected-error @below {{weights have shape [8, 4, 3, 3], but source and target need [8, 2, 3, 3] [weight-shape]}}
  %0 = spike.conv %s weights(dense<1.0> : tensor<8x4x3x3xf32>) {groups = 2 : i64}
     : !spike.stream<4x8x8xi1> -> !spike.current<8x6x6xf32>
  return
}

// -----

func.func @weight_shape_transposed(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{weights have shape [8, 4, 3], but source and target need [4, 8, 3] [weight-shape]}}
  %0 = spike.transposed_conv %s weights(dense<1.0> : tensor<8x4x3xf32>) : !spike.stream<4x8xi1> -> !spike.current<8x10xf32>
  return
}

// -----

func.func @weights_kind(%s: !spike.stream<4xi1>) {
  // expected-error @below {{failed to satisfy constraint: weights: an elements attribute or #spike.abstract}}
  %0 = spike.dense %s weights(1.0 : f32) : !spike.stream<4xi1> -> !spike.current<3xf32>
  return
}

// -----

func.func @weight_type_stored(%s: !spike.stream<4xi1>) {
  // expected-error @below {{weight_type '!quant.uniform<i8:f32, 2.500000e-01>' does not store its values as 'i4' [weight-type]}}
  %0 = spike.dense %s weights(dense<1> : tensor<3x4xi4>) {weight_type = !quant.uniform<i8:f32, 0.25>}
      : !spike.stream<4xi1> -> !spike.current<3xi32>
  return
}

// -----

func.func @weight_type_not_quantised(%s: !spike.stream<4xi1>) {
  // expected-error @below {{weight_type 'i8' does not store its values as 'i8' [weight-type]}}
  %0 = spike.dense %s weights(dense<1> : tensor<3x4xi8>) {weight_type = i8} : !spike.stream<4xi1> -> !spike.current<3xi32>
  return
}

// -----

func.func @weight_type_complex(%s: !spike.stream<4xi1>) {
  // expected-error @below {{weights of 'complex<f32>' are not numbers that synapses can hold [weight-type]}}
  %0 = spike.dense %s weights(dense<(1.0, 0.0)> : tensor<3x4xcomplex<f32>>) : !spike.stream<4xi1> -> !spike.current<3xf32>
  return
}

// -----

func.func @bias_shape(%s: !spike.stream<4xi1>) {
  // expected-error @below {{bias has 4 values, but needs 3 [bias-shape]}}
  %0 = spike.dense %s weights(dense<1.0> : tensor<3x4xf32>) bias(dense<0.0> : tensor<4xf32>)
      : !spike.stream<4xi1> -> !spike.current<3xf32>
  return
}

// -----

func.func @bias_shape_conv(%s: !spike.stream<1x8x8xi1>) {
  // One entry per channel, not per neuron.
  // expected-error @below {{bias has 288 values, but needs 8 [bias-shape]}}
  %0 = spike.conv %s weights(dense<1.0> : tensor<8x1x3x3xf32>) bias(dense<0.0> : tensor<8x6x6xf32>)
     : !spike.stream<1x8x8xi1> -> !spike.current<8x6x6xf32>
  return
}

// -----

func.func @blob_size_missing(%s: !spike.stream<4xi1>) {
  // expected-error @below {{blob 'nowhere' is missing [blob-size]}}
  %0 = spike.dense %s weights(dense_resource<nowhere> : tensor<3x4xf32>) : !spike.stream<4xi1> -> !spike.current<3xf32>
  return
}

// -----

func.func @blob_size_short(%s: !spike.stream<2xi1>) {
  // expected-error @below {{blob 'short' holds 4 bytes, but tensor<1x2xf32> takes 8 [blob-size]}}
  %0 = spike.dense %s weights(dense_resource<short> : tensor<1x2xf32>) : !spike.stream<2xi1> -> !spike.current<1xf32>
  return
}

{-#
  dialect_resources: {
    builtin: {
      short: "0x040000000000803F"
    }
  }
#-}

// -----

func.func @blob_size_bias(%s: !spike.stream<2xi1>) {
  // expected-error @below {{blob 'nobias' is missing [blob-size]}}
  %0 = spike.dense %s weights(dense<1.0> : tensor<1x2xf32>) bias(dense_resource<nobias> : tensor<1xf32>)
      : !spike.stream<2xi1> -> !spike.current<1xf32>
  return
}

// -----

func.func @blob_size_dynamic(%s: !spike.stream<2xi1>) {
  // expected-error @below {{blob 'any' has type tensor<?x2xf32>, whose size in bytes is not known [blob-size]}}
  %0 = spike.dense %s weights(dense_resource<any> : tensor<?x2xf32>) : !spike.stream<2xi1> -> !spike.current<1xf32>
  return
}

{-#
  dialect_resources: {
    builtin: {
      any: "0x040000000000803F"
    }
  }
#-}

// -----

func.func @blob_size_unranked(%s: !spike.stream<2xi1>) {
  // expected-error @below {{blob 'any' has type tensor<*xf32>, whose size in bytes is not known [blob-size]}}
  %0 = spike.dense %s weights(dense_resource<any> : tensor<*xf32>) : !spike.stream<2xi1> -> !spike.current<1xf32>
  return
}

{-#
  dialect_resources: {
    builtin: {
      any: "0x040000000000803F"
    }
  }
#-}

// -----

func.func @conv_shape_rank(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{weights of rank 4 need source and target of rank 3, not 2 and 2 [conv-shape]}}
  %0 = spike.conv %s weights(dense<1.0> : tensor<8x4x3x3xf32>) : !spike.stream<4x8xi1> -> !spike.current<8x6xf32>
  return
}

// -----

func.func @conv_shape_strides(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{'strides' has 2 entries, but needs 1 [conv-shape]}}
  %0 = spike.conv %s weights(dense<1.0> : tensor<8x4x3xf32>) {strides = array<i64: 1, 1>}
     : !spike.stream<4x8xi1> -> !spike.current<8x6xf32>
  return
}

// -----

func.func @conv_shape_zero_stride(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{'strides' holds 0, but 1 to 1048576 are possible [conv-shape]}}
  %0 = spike.conv %s weights(dense<1.0> : tensor<8x4x3xf32>) {strides = array<i64: 0>}
     : !spike.stream<4x8xi1> -> !spike.current<8x6xf32>
  return
}

// -----

func.func @conv_shape_pads(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{'pads' holds -1, but 0 to 1048576 are possible [conv-shape]}}
  %0 = spike.conv %s weights(dense<1.0> : tensor<8x4x3xf32>) {pads = array<i64: 0, -1>}
     : !spike.stream<4x8xi1> -> !spike.current<8x6xf32>
  return
}

// -----

func.func @conv_shape_dilations(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{'dilations' holds 1048577, but 1 to 1048576 are possible [conv-shape]}}
  %0 = spike.conv %s weights(dense<1.0> : tensor<8x4x3xf32>) {dilations = array<i64: 1048577>}
     : !spike.stream<4x8xi1> -> !spike.current<8x6xf32>
  return
}

// -----

func.func @conv_shape_extent(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{space axis 0 of the target has extent 7, but source, kernel, stride, pads and dilation give 6 [conv-shape]}}
  %0 = spike.conv %s weights(dense<1.0> : tensor<8x4x3xf32>) : !spike.stream<4x8xi1> -> !spike.current<8x7xf32>
  return
}

// -----

func.func @conv_shape_kernel_too_large(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{space axis 0 of the target has extent 1, but source, kernel, stride, pads and dilation give 0 [conv-shape]}}
  %0 = spike.conv %s weights(dense<1.0> : tensor<8x4x9xf32>) : !spike.stream<4x8xi1> -> !spike.current<8x1xf32>
  return
}

// -----

func.func @conv_shape_scalar(%s: !spike.stream<i1>) {
  // expected-error @below {{needs channels and space [conv-shape]}}
  %0 = spike.conv %s weights(dense<1.0> : tensor<8x4x9xf32>) : !spike.stream<i1> -> !spike.current<8x1xf32>
  return
}

// -----

func.func @conv_shape_transposed(%s: !spike.stream<4x5xi1>) {
  // expected-error @below {{space axis 0 of the target has extent 12, but source, kernel, stride, pads and dilation give 11 [conv-shape]}}
  %0 = spike.transposed_conv %s weights(dense<1> : tensor<4x6x3xi8>) {strides = array<i64: 2>}
     : !spike.stream<4x5xi1> -> !spike.current<6x12xi32>
  return
}

// -----

func.func @conv_shape_output_pads(%s: !spike.stream<4x5xi1>) {
  // expected-error @below {{'output_pads' has 2 entries, but needs 1 [conv-shape]}}
  %0 = spike.transposed_conv %s weights(dense<1> : tensor<4x6x3xi8>) {output_pads = array<i64: 0, 0>}
     : !spike.stream<4x5xi1> -> !spike.current<6x7xi32>
  return
}

// -----

func.func @conv_groups(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{3 groups do not divide 4 source and 9 target channels [conv-groups]}}
  %0 = spike.conv %s weights(dense<1.0> : tensor<9x1x3xf32>) {groups = 3 : i64} : !spike.stream<4x8xi1> -> !spike.current<9x6xf32>
  return
}

// -----

func.func @conv_groups_zero(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{0 groups do not divide 4 source and 8 target channels [conv-groups]}}
  %0 = spike.conv %s weights(dense<1.0> : tensor<8x4x3xf32>) {groups = 0 : i64} : !spike.stream<4x8xi1> -> !spike.current<8x6xf32>
  return
}

// -----

func.func @pool_shape_rank(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{a kernel of rank 2 needs source and result of rank 3, not 2 and 2 [pool-shape]}}
  %0 = spike.sum_pool %s kernel [2, 2] : !spike.stream<4x8xi1> -> !spike.current<4x4xi32>
  return
}

// -----

func.func @pool_shape_channels(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{keeps channels, but has 4 and 3 [pool-shape]}}
  %0 = spike.avg_pool %s kernel [2] : !spike.stream<4x8xi1> -> !spike.current<3x4xf32>
  return
}

// -----

func.func @pool_shape_extent(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{space axis 0 has extent 5, but source, kernel, stride and pads give 4 [pool-shape]}}
  %0 = spike.avg_pool %s kernel [2] : !spike.stream<4x8xi1> -> !spike.current<4x5xf32>
  return
}

// -----

func.func @pool_shape_kernel(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{'kernel' holds 0, but 1 to 1048576 are possible [pool-shape]}}
  %0 = spike.avg_pool %s kernel [0] : !spike.stream<4x8xi1> -> !spike.current<4x4xf32>
  return
}

// -----

func.func @pool_shape_no_kernel(%s: !spike.stream<4xi1>) {
  // expected-error @below {{a kernel of rank 0 needs source and result of rank 1, not 1 and 1 [pool-shape]}}
  %0 = spike.avg_pool %s kernel [] : !spike.stream<4xi1> -> !spike.current<4xf32>
  return
}

// -----

func.func @param_shape(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{weights have 8 values, but need 1, 4 (one per channel) or 32 (one per neuron) [param-shape]}}
  %0 = spike.scale %s weights(dense<1.0> : tensor<8xf32>) : !spike.stream<4x8xi1> -> !spike.current<4x8xf32>
  return
}

// -----

func.func @same_shape_scale(%s: !spike.stream<4xi1>) {
  // expected-error @below {{is one to one, but source and target are '!spike.stream<4xi1>' and '!spike.current<2x2xf32>' [same-shape]}}
  %0 = spike.scale %s weights(dense<1.0> : tensor<f32>) : !spike.stream<4xi1> -> !spike.current<2x2xf32>
  return
}

// -----

func.func @same_shape_identity(%s: !spike.stream<4xi1>) {
  // expected-error @below {{is one to one, but source and target are '!spike.stream<4xi1>' and '!spike.current<3xf32>' [same-shape]}}
  %0 = spike.identity %s : !spike.stream<4xi1> -> !spike.current<3xf32>
  return
}

// -----

func.func @sparse_offsets_count(%s: !spike.stream<4xi1>) {
  // expected-error @below {{has 3 offsets, but 3 targets need 4 [sparse-offsets]}}
  %0 = spike.sparse %s offsets(dense<[0, 1, 2]> : tensor<3xi32>) sources(dense<[1, 3]> : tensor<2xi32>)
      weights(dense<1> : tensor<2xi8>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  return
}

// -----

func.func @sparse_offsets_order(%s: !spike.stream<4xi1>) {
  // expected-error @below {{offsets must ascend from 0 to the number of synapses, 2 [sparse-offsets]}}
  %0 = spike.sparse %s offsets(dense<[0, 2, 1, 2]> : tensor<4xi32>) sources(dense<[1, 3]> : tensor<2xi32>)
      weights(dense<1> : tensor<2xi8>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  return
}

// -----

func.func @sparse_offsets_end(%s: !spike.stream<4xi1>) {
  // expected-error @below {{offsets must ascend from 0 to the number of synapses, 2 [sparse-offsets]}}
  %0 = spike.sparse %s offsets(dense<[0, 1, 1, 1]> : tensor<4xi32>) sources(dense<[1, 3]> : tensor<2xi32>)
      weights(dense<1> : tensor<2xi8>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  return
}

// -----

func.func @sparse_offsets_type(%s: !spike.stream<4xi1>) {
  // expected-error @below {{offsets and sources must be integers [sparse-offsets]}}
  %0 = spike.sparse %s offsets(dense<[0.0, 1.0, 1.0, 1.0]> : tensor<4xf32>) sources(dense<[1]> : tensor<1xi32>)
      weights(dense<1> : tensor<1xi8>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  return
}

// -----

func.func @sparse_index(%s: !spike.stream<4xi1>) {
  // expected-error @below {{source 4 is outside the source of 4 neurons [sparse-index]}}
  %0 = spike.sparse %s offsets(dense<[0, 1, 1, 2]> : tensor<4xi32>) sources(dense<[1, 4]> : tensor<2xi32>)
      weights(dense<1> : tensor<2xi8>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  return
}

// -----

func.func @sparse_weight_shape(%s: !spike.stream<4xi1>) {
  // expected-error @below {{has 3 weights for 2 synapses [weight-shape]}}
  %0 = spike.sparse %s offsets(dense<[0, 1, 1, 2]> : tensor<4xi32>) sources(dense<[1, 3]> : tensor<2xi32>)
      weights(dense<1> : tensor<3xi8>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  return
}

// -----

// A few characters of text must not make the verifier fill memory.
func.func @sparse_size(%s: !spike.stream<4xi1>) {
  // expected-error @below {{lists 1099511627776 synapses of 3 targets, but at most 268435456 of each can be listed [sparse-size]}}
  %0 = spike.sparse %s offsets(dense<[0, 1, 1, 2]> : tensor<4xi32>) sources(dense<1> : tensor<1099511627776xi32>)
      weights(dense<1> : tensor<3xi8>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  return
}

// -----

func.func @sparse_blob(%s: !spike.stream<4xi1>) {
  // expected-error @below {{blob 'gone' is missing [blob-size]}}
  %0 = spike.sparse %s offsets(dense_resource<gone> : tensor<4xi32>) sources(dense<[1, 3]> : tensor<2xi32>)
      weights(dense<1> : tensor<3xi8>) : !spike.stream<4xi1> -> !spike.current<3xi32>
  return
}

// -----

func.func @shift_down(%s: !spike.stream<4xi1>) {
  // expected-error @below {{shift_down is 2 into a current of 'f32'; 0 to 31 are possible, and 0 alone for reals [shift-down]}}
  %0 = spike.dense %s weights(dense<1.0> : tensor<3x4xf32>) {shift_down = 2 : i64} : !spike.stream<4xi1> -> !spike.current<3xf32>
  return
}
