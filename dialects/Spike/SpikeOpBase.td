//===- SpikeOpBase.td - Common parts of spike ops -------------*- tablegen -*-===//
#ifndef NMC_DIALECTS_SPIKE_SPIKEOPBASE_TD
#define NMC_DIALECTS_SPIKE_SPIKEOPBASE_TD

include "dialects/Spike/SpikeAttributes.td"
include "dialects/Spike/SpikeDialect.td"
include "dialects/Spike/SpikeEnums.td"
include "dialects/Spike/SpikeInterfaces.td"
include "dialects/Spike/SpikeTypes.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Spike_Op<string opMnemonic, list<Trait> traits = []>
    : Op<Spike_Dialect, opMnemonic, traits>;

/// Weights: values (large ones as blobs), or only their type and density.
def Spike_WeightsAttr : AnyAttrOf<[ElementsAttr, Spike_AbstractAttr],
    "weights: an elements attribute or #spike.abstract",
    "::mlir::Attribute", "$_self">;

#endif // NMC_DIALECTS_SPIKE_SPIKEOPBASE_TD
