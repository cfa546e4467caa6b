// RUN: nmc-opt %s -split-input-file -verify-diagnostics

func.func @view_type_kind(%s: !spike.stream<4xf32>) {
  // expected-error @below {{turns '!spike.stream<4xf32>' into '!spike.current<2x2xf32>'; a view keeps the kind of value and its element type [view-type]}}
  %0 = spike.reshape %s : !spike.stream<4xf32> -> !spike.current<2x2xf32>
  return
}

// -----

func.func @view_type_element(%s: !spike.stream<4xf32>) {
  // expected-error @below {{turns '!spike.stream<4xf32>' into '!spike.stream<4xi1>'; a view keeps the kind of value and its element type [view-type]}}
  %0 = spike.slice %s offsets [0] : !spike.stream<4xf32> -> !spike.stream<4xi1>
  return
}

// -----

func.func @view_type_delay(%s: !spike.stream<4xi1>) {
  // expected-error @below {{turns '!spike.stream<4xi1>' into '!spike.stream<5xi1>' [view-type]}}
  %0 = spike.delay %s by 1 : !spike.stream<4xi1> -> !spike.stream<5xi1>
  return
}

// -----

func.func @view_shape_reshape(%s: !spike.stream<4xi1>) {
  // expected-error @below {{source has 4 elements, the result 6 [view-shape]}}
  %0 = spike.reshape %s : !spike.stream<4xi1> -> !spike.stream<2x3xi1>
  return
}

// -----

func.func @view_shape_permutation(%s: !spike.stream<2x3xi1>) {
  // expected-error @below {{'permutation' is not a permutation of the axes [view-shape]}}
  %0 = spike.transpose %s permutation [1, 1] : !spike.stream<2x3xi1> -> !spike.stream<3x3xi1>
  return
}

// -----

func.func @view_shape_permutation_rank(%s: !spike.stream<2x3xi1>) {
  // expected-error @below {{'permutation' has 3 entries, but needs 2 [view-shape]}}
  %0 = spike.transpose %s permutation [1, 0, 2] : !spike.stream<2x3xi1> -> !spike.stream<3x2xi1>
  return
}

// -----

func.func @view_shape_transpose(%s: !spike.stream<2x3xi1>) {
  // expected-error @below {{axis 0 of the result has extent 2, but the source gives 3 [view-shape]}}
  %0 = spike.transpose %s permutation [1, 0] : !spike.stream<2x3xi1> -> !spike.stream<2x3xi1>
  return
}

// -----

func.func @view_shape_slice(%s: !spike.stream<8xi1>) {
  // expected-error @below {{axis 0 reads beyond the source's extent 8 [view-shape]}}
  %0 = spike.slice %s offsets [2] {strides = array<i64: 2>} : !spike.stream<8xi1> -> !spike.stream<4xi1>
  return
}

// -----

func.func @view_shape_slice_offset(%s: !spike.stream<8xi1>) {
  // expected-error @below {{'offsets' holds -1, which is out of range [view-shape]}}
  %0 = spike.slice %s offsets [-1] : !spike.stream<8xi1> -> !spike.stream<4xi1>
  return
}

// -----

func.func @view_shape_slice_stride(%s: !spike.stream<8xi1>) {
  // expected-error @below {{'strides' holds 0, which is out of range [view-shape]}}
  %0 = spike.slice %s offsets [0] {strides = array<i64: 0>} : !spike.stream<8xi1> -> !spike.stream<4xi1>
  return
}

// -----

func.func @view_shape_concat(%a: !spike.stream<2x3xi1>, %b: !spike.stream<2x4xi1>) {
  // expected-error @below {{axis 1 of the result has extent 3, but the source gives 4 [view-shape]}}
  %0 = spike.concat %a, %b axis 0 : (!spike.stream<2x3xi1>, !spike.stream<2x4xi1>) -> !spike.stream<4x3xi1>
  return
}

// -----

func.func @view_shape_concat_sum(%a: !spike.stream<2x3xi1>) {
  // expected-error @below {{axis 0 of the result has extent 5, but the source gives 4 [view-shape]}}
  %0 = spike.concat %a, %a axis 0 : (!spike.stream<2x3xi1>, !spike.stream<2x3xi1>) -> !spike.stream<5x3xi1>
  return
}

// -----

func.func @view_shape_concat_axis(%a: !spike.stream<2x3xi1>) {
  // expected-error @below {{axis 2 does not exist in rank 2 [view-shape]}}
  %0 = spike.concat %a, %a axis 2 : (!spike.stream<2x3xi1>, !spike.stream<2x3xi1>) -> !spike.stream<4x3xi1>
  return
}

// -----

func.func @view_shape_concat_none() {
  // expected-error @below {{has no source [view-shape]}}
  %0 = "spike.concat"() {axis = 0 : i64} : () -> !spike.stream<4x3xi1>
  return
}

// -----

func.func @view_shape_pad(%s: !spike.stream<2x3xi1>) {
  // expected-error @below {{axis 1 of the result has extent 4, but the source gives 5 [view-shape]}}
  %0 = spike.pad %s low [0, 1] high [0, 1] : !spike.stream<2x3xi1> -> !spike.stream<2x4xi1>
  return
}

// -----

func.func @view_shape_pad_rank(%s: !spike.stream<2x3xi1>) {
  // expected-error @below {{'high' has 1 entries, but needs 2 [view-shape]}}
  %0 = spike.pad %s low [0, 1] high [0] : !spike.stream<2x3xi1> -> !spike.stream<2x4xi1>
  return
}

// -----

func.func @view_shape_upsample(%s: !spike.stream<2x3xi1>) {
  // expected-error @below {{axis 1 of the result has extent 5, which is not 3 times 2 [view-shape]}}
  %0 = spike.upsample %s factors [1, 2] : !spike.stream<2x3xi1> -> !spike.stream<2x5xi1>
  return
}

// -----

func.func @view_shape_upsample_factor(%s: !spike.stream<2x3xi1>) {
  // expected-error @below {{factor 0 is out of range, 1 to 1048576 [view-shape]}}
  %0 = spike.upsample %s factors [0, 2] : !spike.stream<2x3xi1> -> !spike.stream<2x6xi1>
  return
}

// -----

func.func @delay_steps(%s: !spike.stream<4xi1>) {
  // expected-error @below {{delays by 0 steps, but 1 to 1048576 are possible [delay-steps]}}
  %0 = spike.delay %s by 0 : !spike.stream<4xi1> -> !spike.stream<4xi1>
  return
}

// -----

func.func @delay_steps_per_element(%s: !spike.stream<2xi1>) {
  // expected-error @below {{holds a delay of 4, but 1 to 3 are possible [delay-steps]}}
  %0 = spike.delay %s by 3 per_element(dense<[1, 4]> : tensor<2xi32>) : !spike.stream<2xi1> -> !spike.stream<2xi1>
  return
}

// -----

func.func @delay_steps_type(%s: !spike.stream<2xi1>) {
  // expected-error @below {{delays must be integers [delay-steps]}}
  %0 = spike.delay %s by 3 per_element(dense<[1.0, 2.0]> : tensor<2xf32>) : !spike.stream<2xi1> -> !spike.stream<2xi1>
  return
}

// -----

func.func @delay_param_shape(%s: !spike.stream<2x2xi1>) {
  // expected-error @below {{parameter 'per_element' has 3 values, but needs 1, 2 (one per channel) or 4 (one per neuron) [param-shape]}}
  %0 = spike.delay %s by 3 per_element(dense<[1, 2, 3]> : tensor<3xi32>) : !spike.stream<2x2xi1> -> !spike.stream<2x2xi1>
  return
}

// -----

func.func @delay_blob_size(%s: !spike.stream<2x2xi1>) {
  // expected-error @below {{blob 'gone' is missing [blob-size]}}
  %0 = spike.delay %s by 3 per_element(dense_resource<gone> : tensor<2xi32>) : !spike.stream<2x2xi1> -> !spike.stream<2x2xi1>
  return
}
