//===- SpikeTypes.td - Streams and currents -------------------*- tablegen -*-===//
#ifndef NMC_DIALECTS_SPIKE_SPIKETYPES_TD
#define NMC_DIALECTS_SPIKE_SPIKETYPES_TD

include "dialects/Spike/SpikeDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinTypeInterfaces.td"

class Spike_ShapedType<string name, string typeMnemonic>
    : TypeDef<Spike_Dialect, name, [ShapedTypeInterface]> {
  let mnemonic = typeMnemonic;
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape,
                        "::mlir::Type":$elementType);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool hasRank() const { return true; }
    /// The same type with another shape or element type, as ShapedType asks.
    ::mlir::ShapedType cloneWith(std::optional<::llvm::ArrayRef<int64_t>> shape,
                                 ::mlir::Type elementType) const;
  }];
}

def Spike_StreamType : Spike_ShapedType<"Stream", "stream"> {
  let summary = "the events of a population, one value per neuron and step";
  let description = [{
    Events cross cores. The element type is the payload:

    | element type | meaning |
    |---|---|
    | `i1` | binary spikes |
    | `uiN`, N ≤ 32 | spike counts per step |
    | `siN`, N ≤ 32 | signed integer payload (membranes read out, sigma-delta) |
    | `!quant.uniform` | graded spikes with a scale and a zero point |
    | `f16`, `bf16`, `f32`, `f64` | analogue values, before quantisation |

    Shapes are static, unbatched, channel-first. Rules: `stream-shape` (extents are
    positive, their product is at most 2^40), `stream-element` (a payload of the
    table).

    ```mlir
    !spike.stream<16x26x26xi1>
    !spike.stream<12x!quant.uniform<u8:f32, 0.02>>
    ```
  }];
}

def Spike_CurrentType : Spike_ShapedType<"Current", "current"> {
  let summary = "what synapses deliver to a population in one step";
  let description = [{
    Currents are summed inside a core and never cross the network. The element
    type is that of the accumulator: `iN` (signless, N ≤ 64), `!quant.uniform` on
    a signed storage type of at most 32 bits (integer accumulator with a scale) or
    a float type. Rules: `current-shape` (extents are positive, their product is at
    most 2^40), `current-element` (a type of this list).

    ```mlir
    !spike.current<16x26x26xi32>
    ```
  }];
}

def Spike_StreamOrCurrent : AnyTypeOf<[Spike_StreamType, Spike_CurrentType],
                                      "stream or current">;

#endif // NMC_DIALECTS_SPIKE_SPIKETYPES_TD
