// RUN: nmc-opt %s --chip-route -split-input-file -verify-diagnostics

chip.target @t {
  chip.core @neuro count 4 {
    // expected-note @+1 {{'neurons' of target 't' is stated here}}
    chip.limit "neurons" 2.0 "1"
  }
}
spike.network @n() {
  // expected-error @+1 {{population 'a' needs 3 neurons on core 1 of chip 0, but 2 are available; smaller tiles [core-neurons]}}
  %a = spike.integrator @a() : () -> !spike.stream<3xf32>
  spike.output
}
chip.mapping @m of @n on @t {
  chip.tiles @a shape [3] table(dense<[[0, 1, 0, 3]]> : tensor<1x4xi32>)
}

// -----

chip.target @t {
  // expected-note @+1 {{has 4 cores of kind 'neuro' per chip}}
  chip.core @neuro count 4 {
  }
}
spike.network @n() {
  // expected-error @+1 {{population 'a' needs 8 cores per chip on core 7 of chip 0, but 4 are available; allow more chips [core-count]}}
  %a = spike.integrator @a() : () -> !spike.stream<3xf32>
  // expected-error @+1 {{population 'b' needs 3 neurons in tiles, but 0 are available; every population needs its tiles [tiles-cover]}}
  %b = spike.integrator @b() : () -> !spike.stream<3xf32>
  spike.output
}
chip.mapping @m of @n on @t {
  chip.tiles @a shape [3] table(dense<[[0, 7, 0, 3]]> : tensor<1x4xi32>)
}

// -----

chip.target @t {
  chip.core @neuro count 4 {
  }
}
// expected-error @+1 {{core 1 of chip 0 needs 2 populations, but 1 is available; give each population cores of its own [tiles-disjoint-cores]}}
spike.network @n() {
  %a = spike.integrator @a() : () -> !spike.stream<3xf32>
  %b = spike.integrator @b() : () -> !spike.stream<3xf32>
  spike.output
}
chip.mapping @m of @n on @t {
  chip.tiles @a shape [3] table(dense<[[0, 1, 0, 3]]> : tensor<1x4xi32>)
  chip.tiles @b shape [3] table(dense<[[0, 1, 0, 3]]> : tensor<1x4xi32>)
}

// -----

chip.target @t {
  chip.core @neuro count 4 {
  }
}
spike.network @n() {
  %a = spike.integrator @a() : () -> !spike.stream<3xf32>
  spike.output
}
chip.mapping @m of @n on @t {
  // expected-error @+1 {{is for shape [3, 1], but population 'a' has shape [3] [tiles-table]}}
  chip.tiles @a shape [3, 1] table(dense<[[0, 1, 0, 0, 3, 1]]> : tensor<1x6xi32>)
  // expected-error @+1 {{network 'n' has no population 'c' [tiles-population]}}
  chip.tiles @c shape [3] table(dense<[[0, 2, 0, 3]]> : tensor<1x4xi32>)
}
