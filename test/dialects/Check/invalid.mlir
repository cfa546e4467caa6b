// RUN: nmc-opt %s -split-input-file -verify-diagnostics

func.func @check_shape(%a: tensor<3xi32>) {
  // expected-error @below {{expects values of 'tensor<2xi32>', but gets 'tensor<3xi32>' [check-shape]}}
  check.expect_eq %a, dense<[1, 0]> : tensor<2xi32> : tensor<3xi32>
  return
}

// -----

func.func @check_shape_close(%a: tensor<3xf32>) {
  // expected-error @below {{expects values of 'tensor<1x3xf32>', but gets 'tensor<3xf32>' [check-shape]}}
  check.expect_close %a, dense<1.0> : tensor<1x3xf32> within 0.1 : tensor<3xf32>
  return
}

// -----

func.func @check_tolerance(%a: tensor<3xf32>) {
  // expected-error @below {{tolerance is -1.000000e-01, but must not be negative [check-tolerance]}}
  check.expect_close %a, dense<1.0> : tensor<3xf32> within -0.1 : tensor<3xf32>
  return
}

// -----

func.func @check_tolerance_nan(%a: tensor<3xf32>) {
  // expected-error @below {{but must not be negative [check-tolerance]}}
  check.expect_close %a, dense<1.0> : tensor<3xf32> within 0x7FF8000000000000 : tensor<3xf32>
  return
}

// -----

func.func @blob_size(%a: tensor<3xf32>) {
  // expected-error @below {{blob 'gone' is missing [blob-size]}}
  check.expect_eq %a, dense_resource<gone> : tensor<3xf32> : tensor<3xf32>
  return
}
