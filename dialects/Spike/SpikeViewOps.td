//===- SpikeViewOps.td - Rearrangements and delay -------------*- tablegen -*-===//
#ifndef NMC_DIALECTS_SPIKE_SPIKEVIEWOPS_TD
#define NMC_DIALECTS_SPIKE_SPIKEVIEWOPS_TD

include "dialects/Spike/SpikeOpBase.td"

class Spike_ViewOp<string opMnemonic, list<string> methods = [], list<Trait> traits = []>
    : Spike_Op<opMnemonic, traits # [Pure,
        DeclareOpInterfaceMethods<ViewOpInterface, ["getViewRelations"] # methods>]> {
  let arguments = (ins Spike_StreamOrCurrent:$source);
  let results = (outs Spike_StreamOrCurrent:$result);
  let hasVerifier = 1;
  let assemblyFormat = "$source attr-dict `:` qualified(type($source)) `->` qualified(type($result))";
  code viewRules = [{

    Source and result are both streams or both currents of one element type: rule
    `view-type`. Shapes: rule `view-shape`.
  }];
}

def Spike_ReshapeOp : Spike_ViewOp<"reshape", ["keepsLinearIndex"]> {
  let summary = "another shape over the same C-major index";
  let description = [{
    Flatten is a reshape to rank 1.

    ```mlir
    %f = spike.reshape %s : !spike.stream<4x6x6xi1> -> !spike.stream<144xi1>
    ```
  }] # viewRules;
  let hasFolder = 1;
}

def Spike_TransposeOp : Spike_ViewOp<"transpose"> {
  let summary = "permuted axes";
  let description = [{
    Axis i of the result is axis `permutation[i]` of the source.

    ```mlir
    %t = spike.transpose %s permutation [2, 0, 1] : !spike.stream<2x3x4xi1> -> !spike.stream<4x2x3xi1>
    ```
  }] # viewRules;
  let arguments = (ins Spike_StreamOrCurrent:$source, DenseI64ArrayAttr:$permutation);
  let assemblyFormat = "$source `permutation` $permutation attr-dict `:` qualified(type($source)) `->` qualified(type($result))";
  let hasFolder = 1;
}

def Spike_SliceOp : Spike_ViewOp<"slice"> {
  let summary = "a strided box of the source";
  let description = [{
    Result coordinate t is source coordinate offset + t·stride; `strides` absent is 1.
    The result's shape states how much is taken.

    ```mlir
    %e = spike.slice %s offsets [0, 1] {strides = array<i64: 1, 2>} : !spike.stream<2x8xi1> -> !spike.stream<2x4xi1>
    ```
  }] # viewRules;
  let arguments = (ins Spike_StreamOrCurrent:$source, DenseI64ArrayAttr:$offsets,
                       DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$strides);
  let assemblyFormat = "$source `offsets` $offsets attr-dict `:` qualified(type($source)) `->` qualified(type($result))";
  let hasFolder = 1;
}

def Spike_ConcatOp : Spike_ViewOp<"concat"> {
  let summary = "sources side by side along one axis";
  let description = [{
    The sources, in order, along `axis`; they agree in all other extents.

    ```mlir
    %b = spike.concat %s, %t axis 0 : (!spike.stream<2x3xi1>, !spike.stream<4x3xi1>) -> !spike.stream<6x3xi1>
    ```
  }] # viewRules;
  let arguments = (ins Variadic<Spike_StreamOrCurrent>:$sources, I64Attr:$axis);
  let assemblyFormat = "$sources `axis` $axis attr-dict `:` `(` qualified(type($sources)) `)` `->` qualified(type($result))";
  let hasFolder = 1;
}

def Spike_PadOp : Spike_ViewOp<"pad"> {
  let summary = "silent neurons around the source";
  let description = [{
    `low` and `high` zeros per axis. Padded coordinates never send an event, so they
    cost nothing.

    ```mlir
    %p = spike.pad %s low [0, 1] high [0, 1] : !spike.stream<2x3xi1> -> !spike.stream<2x5xi1>
    ```
  }] # viewRules;
  let arguments = (ins Spike_StreamOrCurrent:$source, DenseI64ArrayAttr:$low,
                       DenseI64ArrayAttr:$high);
  let assemblyFormat = "$source `low` $low `high` $high attr-dict `:` qualified(type($source)) `->` qualified(type($result))";
  let hasFolder = 1;
}

def Spike_UpsampleOp : Spike_ViewOp<"upsample"> {
  let summary = "every coordinate repeated";
  let description = [{
    Result coordinate t is source coordinate floor(t / factor): one event of a source
    is seen at all of its copies, and sent once.

    ```mlir
    %u = spike.upsample %s factors [1, 2, 2] : !spike.stream<4x3x3xi1> -> !spike.stream<4x6x6xi1>
    ```
  }] # viewRules;
  let arguments = (ins Spike_StreamOrCurrent:$source, DenseI64ArrayAttr:$factors);
  let assemblyFormat = "$source `factors` $factors attr-dict `:` qualified(type($source)) `->` qualified(type($result))";
  let hasFolder = 1;
}

def Spike_DelayOp : Spike_Op<"delay", [Pure]> {
  let summary = "events, some steps later";
  let description = [{
    y(t) = x(t − steps), 0 before. `per_element`, where given, holds each element's
    own delay, at least 1 and at most `steps`. The only op that may close a cycle.
    Rules: `delay-steps` (1 ≤ steps ≤ 2^20), `param-shape`.

    ```mlir
    %d = spike.delay %x by 1 : !spike.stream<38xi1>
    ```
  }];
  let arguments = (ins Spike_StreamType:$source, I64Attr:$steps,
                       OptionalAttr<ElementsAttr>:$per_element);
  let results = (outs Spike_StreamType:$result);
  let assemblyFormat = "$source `by` $steps (`per_element` `(` $per_element^ `)`)? attr-dict `:` qualified(type($source)) `->` qualified(type($result))";
  let hasVerifier = 1;
}

#endif // NMC_DIALECTS_SPIKE_SPIKEVIEWOPS_TD
