// RUN: nmc-opt %s -split-input-file -verify-diagnostics

func.func @param_shape(%c: !spike.current<4x8xf32>) {
  // expected-error @below {{parameter 'threshold' has 8 values, but needs 1, 4 (one per channel) or 32 (one per neuron) [param-shape]}}
  %0 = spike.if @a(%c) {threshold = dense<1.0> : tensor<8xf32>} : (!spike.current<4x8xf32>) -> !spike.stream<4x8xi1>
  return
}

// -----

func.func @param_shape_v_init(%c: !spike.current<4x8xf32>) {
  // expected-error @below {{parameter 'v_init' has 5 values, but needs 1, 4 (one per channel) or 32 (one per neuron) [param-shape]}}
  %0 = spike.if @a(%c) {threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<v_init = dense<0.5> : tensor<5xf32>>}
      : (!spike.current<4x8xf32>) -> !spike.stream<4x8xi1>
  return
}

// -----

func.func @parameter_needed(%c: !spike.current<4xf32>) {
  // expected-error @below {{requires attribute 'tau'}}
  %0 = spike.lif @a(%c) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<4xf32>) -> !spike.stream<4xi1>
  return
}

// -----

func.func @blob_size(%c: !spike.current<4xf32>) {
  // expected-error @below {{blob 'gone' is missing [blob-size]}}
  %0 = spike.if @a(%c) {threshold = dense_resource<gone> : tensor<4xf32>} : (!spike.current<4xf32>) -> !spike.stream<4xi1>
  return
}

// -----

func.func @drive_shape(%c: !spike.current<4xf32>) {
  // expected-error @below {{is driven by '!spike.current<4xf32>', but has the shape of '!spike.stream<5xi1>' [drive-shape]}}
  %0 = spike.threshold @a(%c) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<4xf32>) -> !spike.stream<5xi1>
  return
}

// -----

func.func @drive_type(%c: !spike.current<4xf32>, %d: !spike.current<4xi32>) {
  // expected-error @below {{sums 'f32' and 'i32'; all currents need one element type [drive-type]}}
  %0 = spike.integrator @a(%c, %d) : (!spike.current<4xf32>, !spike.current<4xi32>) -> !spike.stream<4xf32>
  return
}

// -----

// A population takes currents: a stream needs a connection first.
func.func @drive_stream(%s: !spike.stream<4xf32>) {
  // expected-error @below {{must be variadic of what synapses deliver to a population in one step}}
  %0 = spike.integrator @a(%s) : (!spike.stream<4xf32>) -> !spike.stream<4xf32>
  return
}

// -----

func.func @requant_needed(%c: !spike.current<4xi32>) {
  // expected-error @below {{turns 'i32' into 'ui8' without a 'requant' [requant-needed]}}
  %0 = spike.relu @a(%c) : (!spike.current<4xi32>) -> !spike.stream<4xui8>
  return
}

// -----

spike.network @input_port(%x: !spike.stream<4xi1>) {
  %0 = spike.input @a(%x) : !spike.stream<4xi1> -> !spike.stream<4xi1>
  // expected-error @below {{reads a value of the network; it must read one of its arguments [input-port]}}
  %1 = spike.input @b(%0) : !spike.stream<4xi1> -> !spike.stream<4xi1>
  spike.output
}

// -----

spike.network @input_port_shape(%x: !spike.stream<4xi1>) {
  // expected-error @below {{has shape of '!spike.stream<5xi1>', but its port is '!spike.stream<4xi1>' [input-port]}}
  %0 = spike.input @a(%x) : !spike.stream<4xi1> -> !spike.stream<5xi1>
  spike.output
}

// -----

func.func @pool_shape_payload(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{keeps the payload, but source and result are 'i1' and 'ui8' [pool-shape]}}
  %0 = spike.max_pool @a(%s) kernel [2] : !spike.stream<4x8xi1> -> !spike.stream<4x4xui8>
  return
}

// -----

func.func @pool_shape_extent(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{space axis 0 has extent 3, but source, kernel, stride and pads give 4 [pool-shape]}}
  %0 = spike.max_pool @a(%s) kernel [2] : !spike.stream<4x8xi1> -> !spike.stream<4x3xi1>
  return
}

// -----

func.func @pool_shape_pads(%s: !spike.stream<4x8xi1>) {
  // expected-error @below {{'pads' has 1 entries, but needs 2 [pool-shape]}}
  %0 = spike.max_pool @a(%s) kernel [2] {pads = array<i64: 0>} : !spike.stream<4x8xi1> -> !spike.stream<4x4xi1>
  return
}

// -----

func.func @receptors_count(%c: !spike.current<4xf32>) {
  // expected-error @below {{names receptors of 2 drives, but has 1 [receptors]}}
  %0 = spike.cuba_lif @a(%c) {tau_syn = dense<[1.0, 2.0]> : tensor<2xf32>, tau_mem = dense<1.0> : tensor<f32>,
      threshold = dense<1.0> : tensor<f32>, receptors = array<i32: 0, 1>} : (!spike.current<4xf32>) -> !spike.stream<4xi1>
  return
}

// -----

func.func @receptors_range(%c: !spike.current<4xf32>) {
  // expected-error @below {{has a drive of receptor 2, but 0 to 1 are there [receptors]}}
  %0 = spike.cuba_li @a(%c) {tau_syn = dense<[1.0, 2.0]> : tensor<2xf32>, tau_mem = dense<1.0> : tensor<f32>,
      receptors = array<i32: 2>} : (!spike.current<4xf32>) -> !spike.stream<4xf32>
  return
}

// -----

func.func @receptors_parameters(%c: !spike.current<4xf32>) {
  // expected-error @below {{parameter 'w_in' has 3 values, but needs 2 receptors times 1, 4 (one per channel) or 4 (one per neuron) [param-shape]}}
  %0 = spike.cuba_li @a(%c) {tau_syn = dense<[1.0, 2.0]> : tensor<2xf32>, tau_mem = dense<1.0> : tensor<f32>,
      w_in = dense<1.0> : tensor<3xf32>, receptors = array<i32: 1>} : (!spike.current<4xf32>) -> !spike.stream<4xf32>
  return
}

// -----

func.func @alias_range(%c: !spike.current<3xf32>) {
  // expected-error @below {{neuron 1 has alias 1, but another one of 0 to 2, or -1, is possible [alias]}}
  %0 = spike.cuba_lif @a(%c) {tau_syn = dense<1.0> : tensor<f32>, tau_mem = dense<1.0> : tensor<f32>,
      threshold = dense<1.0> : tensor<f32>, alias = dense<[-1, 1, 0]> : tensor<3xi32>} : (!spike.current<3xf32>) -> !spike.stream<3xi1>
  return
}

// -----

func.func @alias_count(%c: !spike.current<3xf32>) {
  // expected-error @below {{alias has 2 values of 'i32', but needs 3 integers (one per neuron) [alias]}}
  %0 = spike.cuba_lif @a(%c) {tau_syn = dense<1.0> : tensor<f32>, tau_mem = dense<1.0> : tensor<f32>,
      threshold = dense<1.0> : tensor<f32>, alias = dense<-1> : tensor<2xi32>} : (!spike.current<3xf32>) -> !spike.stream<3xi1>
  return
}

// -----

func.func @event_shift(%c: !spike.current<3xi32>) {
  // expected-error @below {{event_shift is 63, but 0 to 62 are possible [event-shift]}}
  %0 = spike.sigma_delta @a(%c) {threshold = dense<1> : tensor<i32>, event_shift = 63 : i64} : (!spike.current<3xi32>) -> !spike.stream<3xsi32>
  return
}

// -----

// Counts may be cut to fewer bits, not the other way round.
spike.network @cut(%x: !spike.stream<3xui4>) -> !spike.stream<3xui8> {
  // expected-error @below {{turns 'ui4' into 'ui8'; both must be equal, the events real, or counts of fewer unsigned bits [input-port]}}
  %0 = spike.input @in(%x) : !spike.stream<3xui4> -> !spike.stream<3xui8>
  spike.output %0 : !spike.stream<3xui8>
}
