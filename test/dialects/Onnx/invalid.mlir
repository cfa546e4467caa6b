// RUN: nmc-opt %s -split-input-file -verify-diagnostics

func.func @blob_size() {
  // expected-error @below {{blob 'short' holds 4 bytes, but tensor<2xf32> takes 8 [blob-size]}}
  %0 = onnx.constant dense_resource<short> : tensor<2xf32>
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

func.func @blob_missing() {
  // expected-error @below {{blob 'nowhere' is missing [blob-size]}}
  %0 = onnx.constant dense_resource<nowhere> : tensor<2xf32>
  return
}

// -----

func.func @blob_in_attribute() {
  // expected-error @below {{blob 'gone' is missing [blob-size]}}
  %0 = onnx.node "Constant" version 13() with {value = dense_resource<gone> : tensor<2xf32>} : () -> tensor<2xf32>
  return
}

// -----

func.func @constant_kind() {
  // expected-error @below {{neither 'dense' nor 'dense_resource' [onnx-constant]}}
  %0 = onnx.constant sparse<[[0]], [1.0]> : tensor<2xf32>
  return
}

// -----

func.func @node_type(%x: tensor<2xf32>) {
  // expected-error @below {{has an empty operator type [onnx-node]}}
  %0 = onnx.node "" version 13(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @node_domain(%x: tensor<2xf32>) {
  // expected-error @below {{has an empty domain; the default domain is 'ai.onnx' [onnx-node]}}
  %0 = onnx.node "Relu" version 13 domain ""(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @node_version(%x: tensor<2xf32>) {
  // expected-error @below {{attribute 'version' failed to satisfy constraint}}
  %0 = onnx.node "Relu" version 0(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @none_source(%x: none) {
  // expected-error @below {{input 0 is 'none', but does not come from an onnx.none [onnx-node]}}
  %0 = onnx.node "Relu" version 13(%x) : (none) -> tensor<2xf32>
  return
}

// -----

func.func @none_result(%x: tensor<2xf32>) {
  // expected-error @below {{output 0 has type 'none' [onnx-node]}}
  %0 = onnx.node "Relu" version 13(%x) : (tensor<2xf32>) -> none
  return
}

// -----

// expected-error @below {{attribute 'onnx.ir_version' is "8", but must be a positive i64 [onnx-model]}}
func.func private @ir_version() attributes {onnx.ir_version = "8"}

// -----

// expected-error @below {{operator set 'ai.onnx' has version 0 : i64, but must have a positive i64 [onnx-model]}}
func.func private @opsets() attributes {onnx.opsets = {ai.onnx = 0 : i64}}

// -----

// expected-error @below {{attribute 'onnx.date' is not one of the onnx dialect [onnx-model]}}
func.func private @other() attributes {onnx.date = "today"}

// -----

// expected-error @below {{attribute 'onnx.graph' belongs on a func.func [onnx-model]}}
module attributes {onnx.graph = "g"} {}

// -----

// expected-error @below {{attribute 'onnx.label' of an argument or result must be 'onnx.name' with a string [onnx-model]}}
func.func private @port(tensor<2xf32> {onnx.label = "x"})
