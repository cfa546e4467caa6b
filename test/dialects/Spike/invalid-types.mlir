// RUN: nmc-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{extent 0 is not positive [stream-shape]}}
func.func private @stream_shape_zero(!spike.stream<4x0xi1>)

// -----

// expected-error @below {{element count exceeds 2^40, the most that a value may have [stream-shape]}}
func.func private @stream_shape_product(!spike.stream<1048576x1048577xi1>)

// -----

// expected-error @below {{element count exceeds 2^40, the most that a value may have [stream-shape]}}
func.func private @stream_shape_extent(!spike.stream<4611686018427387904x4xi1>)

// -----

// expected-error @below {{expected static shape}}
func.func private @stream_shape_dynamic(!spike.stream<?x4xi1>)

// -----

// expected-error @below {{'i8' is not a payload; expected i1, uiN or siN (N <= 32), !quant.uniform or a float type [stream-element]}}
func.func private @stream_element_signless(!spike.stream<4xi8>)

// -----

// expected-error @below {{'ui33' is not a payload}}
func.func private @stream_element_width(!spike.stream<4xui33>)

// -----

// expected-error @below {{'index' is not a payload}}
func.func private @stream_element_index(!spike.stream<4xindex>)

// -----

// expected-error @below {{is not a payload}}
func.func private @stream_element_per_axis(!spike.stream<4x!quant.uniform<u8:f32:0, {0.5, 0.5, 0.5, 0.5}>>)

// -----

// expected-error @below {{extent 0 is not positive [current-shape]}}
func.func private @current_shape(!spike.current<0xi32>)

// -----

// expected-error @below {{element count exceeds 2^40, the most that a value may have [current-shape]}}
func.func private @current_shape_product(!spike.current<1048576x1048577xi32>)

// -----

// expected-error @below {{'ui8' is not an accumulator; expected iN (N <= 64), a signed !quant.uniform or a float type [current-element]}}
func.func private @current_element(!spike.current<4xui8>)

// -----

// expected-error @below {{'i65' is not an accumulator}}
func.func private @current_element_width(!spike.current<4xi65>)

// -----

// expected-error @below {{is not an accumulator}}
func.func private @current_element_unsigned(!spike.current<4x!quant.uniform<u8:f32, 0.5>>)
