// RUN: nmc-opt %s -allow-unregistered-dialect -split-input-file -verify-diagnostics

// expected-error @below {{network 'n' does not exist [mapping-symbol]}}
chip.mapping @mapping_symbol of @n on @t attributes {target_sha256 = "00"} {
}

// -----

spike.network @n() {
  spike.output
}
// expected-error @below {{target 't' does not exist, and 'target_sha256' is not given [mapping-symbol]}}
chip.mapping @mapping_symbol_target of @n on @t {
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @tiles_population of @n on @t attributes {target_sha256 = "00"} {
  // expected-note @below {{here}}
  chip.tiles @a shape [4] table(dense<[[0, 0, 0, 4]]> : tensor<1x4xi32>)
  // expected-error @below {{population 'a' has tiles already [tiles-population]}}
  chip.tiles @a shape [4] table(dense<[[0, 1, 0, 4]]> : tensor<1x4xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @tiles_population_kind of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{does not belong in a chip.mapping [tiles-population]}}
  "test.other"() : () -> ()
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @tiles_table of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{table is 'tensor<1x3xi32>', but a population of rank 1 needs rows of 4 i32 [tiles-table]}}
  chip.tiles @a shape [4] table(dense<[[0, 0, 4]]> : tensor<1x3xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @tiles_table_type of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{table is 'tensor<1x4xi64>', but a population of rank 1 needs rows of 4 i32 [tiles-table]}}
  chip.tiles @a shape [4] table(dense<[[0, 0, 0, 4]]> : tensor<1x4xi64>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @tiles_table_shape of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{shape has extent 0 or more than 2^40 elements [tiles-table]}}
  chip.tiles @a shape [0] table(dense<[[0, 0, 0, 4]]> : tensor<1x4xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @tiles_table_rank of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{rank 7 is above 6, the most that is supported [tiles-table]}}
  chip.tiles @a shape [1, 1, 1, 1, 1, 1, 1]
      table(dense<[[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]]> : tensor<1x16xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @blob_size of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{blob 'gone' is missing [blob-size]}}
  chip.tiles @a shape [4] table(dense_resource<gone> : tensor<1x4xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @blob_size_dynamic of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{blob 'gone' is missing [blob-size]}}
  chip.tiles @a shape [4] table(dense_resource<gone> : tensor<*xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @tile_core of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{tile 0 is on chip 0, core -1, which must not be negative [tile-core]}}
  chip.tiles @a shape [4] table(dense<[[0, -1, 0, 4]]> : tensor<1x4xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @core_once of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{tile 1 is the second on chip 0, core 5 [core-once]}}
  chip.tiles @a shape [4] table(dense<[[0, 5, 0, 2], [0, 5, 2, 4]]> : tensor<2x4xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @core_once_far of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{tile 1 is the second on chip 2147483647, core 2147483647 [core-once]}}
  chip.tiles @a shape [4] table(dense<[[2147483647, 2147483647, 0, 2], [2147483647, 2147483647, 2, 4]]> : tensor<2x4xi32>)
}

// -----

// A few characters of text must not make the verifier fill memory.
spike.network @n() {
  spike.output
}
chip.mapping @core_once_splat of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{tile 1 is the second on chip 0, core 0 [core-once]}}
  chip.tiles @a shape [4] table(dense<0> : tensor<1099511627776x4xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @tile_box of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{tile 0 covers 0 to 5 of axis 1, which has extent 4 [tile-box]}}
  chip.tiles @a shape [4, 4] table(dense<[[0, 5, 0, 0, 4, 5]]> : tensor<1x6xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @tile_box_empty of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{tile 1 covers 2 to 2 of axis 0, which has extent 4 [tile-box]}}
  chip.tiles @a shape [4] table(dense<[[0, 5, 0, 4], [0, 6, 2, 2]]> : tensor<2x4xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @tiles_cover of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{no tile holds neuron [2, 0] [tiles-cover]}}
  chip.tiles @a shape [4, 4] table(dense<[[0, 5, 0, 0, 2, 4], [0, 6, 3, 0, 4, 4]]> : tensor<2x6xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @tiles_cover_none of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{no tile holds neuron [0] [tiles-cover]}}
  chip.tiles @a shape [4] table(dense<> : tensor<0x4xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @tiles_disjoint of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{tiles 0 and 1 both hold neuron [1, 0] [tiles-disjoint]}}
  chip.tiles @a shape [4, 4] table(dense<[[0, 5, 0, 0, 2, 4], [0, 6, 1, 0, 4, 4]]> : tensor<2x6xi32>)
}

// -----

// As many neurons as the population has, yet one is held twice and one not at all.
spike.network @n() {
  spike.output
}
chip.mapping @tiles_disjoint_same_volume of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{tiles 0 and 1 both hold neuron [1] [tiles-disjoint]}}
  chip.tiles @a shape [4] table(dense<[[0, 5, 0, 2], [0, 6, 1, 3]]> : tensor<2x4xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @routes_table of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{table is 'tensor<1x4xi32>', but needs rows of 5 i32 [routes-table]}}
  chip.routes table(dense<[[0, 1, 2, 3]]> : tensor<1x4xi32>)
}

// -----

spike.network @n() {
  spike.output
}
chip.mapping @routes_blob of @n on @t attributes {target_sha256 = "00"} {
  // expected-error @below {{blob 'gone' is missing [blob-size]}}
  chip.routes table(dense_resource<gone> : tensor<1x5xi32>)
}
