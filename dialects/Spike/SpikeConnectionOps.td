//===- SpikeConnectionOps.td - Synapses -----------------------*- tablegen -*-===//
#ifndef NMC_DIALECTS_SPIKE_SPIKECONNECTIONOPS_TD
#define NMC_DIALECTS_SPIKE_SPIKECONNECTIONOPS_TD

include "dialects/Spike/SpikeOpBase.td"

class Spike_ConnectionOp<string opMnemonic, list<string> methods = [],
                         list<Trait> traits = []>
    : Spike_Op<opMnemonic, traits # [Pure,
        DeclareOpInterfaceMethods<ConnectionOpInterface,
          ["getAxisRelations", "countTileWeights"] # methods>]> {
  let arguments = (ins Spike_StreamOrCurrent:$source);
  let results = (outs Spike_CurrentType:$target);
  let hasVerifier = 1;
}

/// Connections with a weight array, an optional bias per step and, once
/// quantised, a shared power of two on the weights and the type that gives the
/// stored integers their meaning. `shift_down`: the integer sum over the sources is
/// shifted right by so many bits, rounding down, before anything else happens to it
/// (rule `shift-down`: 0 to 31, and only where the current is an integer).
class Spike_WeightedOp<string opMnemonic, list<Trait> traits = []>
    : Spike_ConnectionOp<opMnemonic, ["getWeightsOrNull", "getBiasOrNull"], traits> {
  dag weighted = (ins Spike_StreamOrCurrent:$source,
                      Spike_WeightsAttr:$weights,
                      OptionalAttr<ElementsAttr>:$bias,
                      OptionalAttr<TypeAttr>:$weight_type,
                      DefaultValuedAttr<I64Attr, "0">:$exponent);
  dag shifted = (ins DefaultValuedAttr<I64Attr, "0">:$shift_down);
  string weightsFormat = "$source `weights` `(` $weights `)` (`bias` `(` $bias^ `)`)?";
}

def Spike_DenseOp : Spike_WeightedOp<"dense"> {
  let summary = "all-to-all synapses";
  let description = [{
    target = 2^exponent · W · source + bias (in fixed-point arithmetic further shifted,
    see `#spike.fixed`, with the bias in state units), with W of shape out×in over the
    C-major index of source and target; or, with W of shape G×out×in, block-wise
    over the first axis (source G×in, target G×out). `bias` has one entry per
    target neuron and acts in every step.

    Rules: `weight-shape` (W matches the element counts of source and target),
    `bias-shape`, `blob-size`, `weight-type` (a `weight_type` is `!quant.uniform`
    with the stored integer type), `shift-down`.

    ```mlir
    %c = spike.dense %s weights(dense<1.0> : tensor<10x64xf32>)
       : !spike.stream<64xi1> -> !spike.current<10xf32>
    ```
  }];
  let arguments = !con(weighted, shifted);
  let assemblyFormat = weightsFormat # [{ attr-dict `:` qualified(type($source)) `->` qualified(type($target))}];
}

def Spike_ConvOp : Spike_WeightedOp<"conv"> {
  let summary = "convolutional synapses in any number of space dimensions";
  let description = [{
    Cross-correlation, as in ONNX: source I×d1×…×dn, weights O×(I/groups)×k1×…×kn,
    target O×e1×…×en with e = floor((d + pads − dilation·(k−1) − 1)/stride) + 1.
    `pads` lists the n low pads, then the n high pads. Depthwise is `groups` = I.
    `bias` has one entry per target channel and acts in every step.

    Rules: `conv-shape` (ranks, attribute lengths and extents agree), `conv-groups`
    (groups divides I and O), `weight-shape`, `bias-shape`, `blob-size`, `weight-type`,
    `shift-down`.

    ```mlir
    %c = spike.conv %s weights(dense_resource<k1> : tensor<8x1x5x5xf32>)
         {pads = array<i64: 2, 2, 2, 2>, strides = array<i64: 1, 1>}
       : !spike.stream<1x28x28xi1> -> !spike.current<8x28x28xf32>
    ```
  }];
  let arguments = !con(weighted, (ins
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$strides,
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$pads,
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$dilations,
    DefaultValuedAttr<I64Attr, "1">:$groups), shifted);
  let assemblyFormat = weightsFormat # [{ attr-dict `:` qualified(type($source)) `->` qualified(type($target))}];
  let extraClassDeclaration = [{
    /// Number of space dimensions.
    int64_t getSpaceRank();
    /// Stride, low pad, high pad, dilation of space dimension `d`; 1, 0, 0, 1 where the attribute is empty.
    int64_t getStride(int64_t d);
    int64_t getPadLow(int64_t d);
    int64_t getPadHigh(int64_t d);
    int64_t getDilation(int64_t d);
  }];
}

def Spike_TransposedConvOp : Spike_WeightedOp<"transposed_conv"> {
  let summary = "transposed convolutional synapses";
  let description = [{
    The adjoint of `spike.conv`: source I×d, weights I×(O/groups)×k, target O×e
    with e = (d − 1)·stride − pads + dilation·(k − 1) + output_pad + 1. Source
    coordinate s reaches target coordinates s·stride − pad + dilation·j.

    Rules: as for `spike.conv`.

    ```mlir
    %c = spike.transposed_conv %s weights(dense<1> : tensor<4x6x3x3xi8>)
         {strides = array<i64: 2, 2>}
       : !spike.stream<4x5x5xi1> -> !spike.current<6x11x11xi32>
    ```
  }];
  let arguments = !con(weighted, (ins
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$strides,
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$pads,
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$output_pads,
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$dilations,
    DefaultValuedAttr<I64Attr, "1">:$groups), shifted);
  let assemblyFormat = weightsFormat # [{ attr-dict `:` qualified(type($source)) `->` qualified(type($target))}];
  let extraClassDeclaration = [{
    int64_t getSpaceRank();
    int64_t getStride(int64_t d);
    int64_t getPadLow(int64_t d);
    int64_t getPadHigh(int64_t d);
    int64_t getOutputPad(int64_t d);
    int64_t getDilation(int64_t d);
  }];
}

class Spike_PoolConnectionOp<string opMnemonic> : Spike_ConnectionOp<opMnemonic> {
  dag pool = (ins Spike_StreamOrCurrent:$source,
                  DenseI64ArrayAttr:$kernel,
                  DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$strides,
                  DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$pads);
  let assemblyFormat = "$source `kernel` $kernel attr-dict `:` qualified(type($source)) `->` qualified(type($target))";
  let extraClassDeclaration = [{
    /// Stride (the kernel's extent where the attribute is empty), low and high pad of space dimension `d`.
    int64_t getStride(int64_t d);
    int64_t getPadLow(int64_t d);
    int64_t getPadHigh(int64_t d);
  }];
}

def Spike_SumPoolOp : Spike_PoolConnectionOp<"sum_pool"> {
  let summary = "sum over windows, per channel";
  let description = [{
    target = weight · sum over the window. `weight` absent is 1. `strides` absent is
    the kernel; `pads` lists low then high pads and is silent. On chips this is a
    convolution whose weights are one number per core. Rule `pool-shape`.

    ```mlir
    %c = spike.sum_pool %s kernel [2, 2] {weight = 5 : i8}
       : !spike.stream<4x6x6xi1> -> !spike.current<4x3x3xi32>
    ```
  }];
  let arguments = !con(pool, (ins OptionalAttr<TypedAttrInterface>:$weight));
}

def Spike_AvgPoolOp : Spike_PoolConnectionOp<"avg_pool"> {
  let summary = "mean over windows, per channel";
  let description = [{
    The sum over the window divided by its size; `count_include_pad` states whether
    padding counts. `strides` and `pads` as for `spike.sum_pool`. Rule `pool-shape`.

    ```mlir
    %c = spike.avg_pool %s kernel [3, 3]
         {pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, count_include_pad = false}
       : !spike.stream<4x6x6xf32> -> !spike.current<4x6x6xf32>
    ```
  }];
  let arguments = !con(pool, (ins DefaultValuedAttr<BoolAttr, "true">:$count_include_pad));
}

def Spike_ScaleOp : Spike_ConnectionOp<"scale", ["getWeightsOrNull"]> {
  let summary = "one-to-one synapses with their own weights";
  let description = [{
    target = 2^exponent · weights ⊙ source; `weights` is one number, one per channel,
    or of the source's shape. Rules: `same-shape`, `param-shape`, `blob-size`.

    ```mlir
    %c = spike.scale %s weights(dense<[0.5, 2.0]> : tensor<2xf32>)
       : !spike.stream<2x3xi1> -> !spike.current<2x3xf32>
    ```
  }];
  let arguments = (ins Spike_StreamOrCurrent:$source, Spike_WeightsAttr:$weights,
                       DefaultValuedAttr<I64Attr, "0">:$exponent);
  let assemblyFormat = "$source `weights` `(` $weights `)` attr-dict `:` qualified(type($source)) `->` qualified(type($target))";
}

def Spike_IdentityOp : Spike_ConnectionOp<"identity"> {
  let summary = "one-to-one synapses with one weight";
  let description = [{
    target = weight · source, `weight` absent is 1: a residual branch, or the drive
    of an input relay. Rule `same-shape`.

    ```mlir
    %c = spike.identity %s {weight = 0.5 : f32} : !spike.stream<4xi1> -> !spike.current<4xf32>
    ```
  }];
  let arguments = (ins Spike_StreamOrCurrent:$source,
                       OptionalAttr<TypedAttrInterface>:$weight);
  let assemblyFormat = "$source attr-dict `:` qualified(type($source)) `->` qualified(type($target))";
}

def Spike_SparseOp : Spike_ConnectionOp<"sparse",
    ["getWeightsOrNull", "getIncidence"]> {
  let summary = "an explicit list of synapses";
  let description = [{
    Compressed by target: target neuron t (C-major) receives from the sources
    `sources[offsets[t]] … sources[offsets[t+1] − 1]` with the weights of the same
    positions. Rules: `sparse-offsets` (length targets + 1, from 0, ascending, last
    = length of `sources`), `sparse-index` (sources inside the source), `sparse-size`
    (at most 2^28 targets and synapses), `weight-shape`, `blob-size`.

    ```mlir
    // Target 0 hears sources 1 and 3, target 1 none, target 2 source 0.
    %c = spike.sparse %s offsets(dense<[0, 2, 2, 3]> : tensor<4xi32>)
         sources(dense<[1, 3, 0]> : tensor<3xi32>) weights(dense<[1, -1, 2]> : tensor<3xi8>)
       : !spike.stream<4xi1> -> !spike.current<3xi32>
    ```
  }];
  let arguments = (ins Spike_StreamOrCurrent:$source,
                       ElementsAttr:$offsets, ElementsAttr:$sources,
                       Spike_WeightsAttr:$weights,
                       DefaultValuedAttr<I64Attr, "0">:$exponent);
  let assemblyFormat = [{
    $source `offsets` `(` $offsets `)` `sources` `(` $sources `)`
    `weights` `(` $weights `)` attr-dict `:` qualified(type($source)) `->` qualified(type($target))
  }];
}

#endif // NMC_DIALECTS_SPIKE_SPIKECONNECTIONOPS_TD
