//===- SpikeInterfaces.td - What engines ask of spike ops -----*- tablegen -*-===//
#ifndef NMC_DIALECTS_SPIKE_SPIKEINTERFACES_TD
#define NMC_DIALECTS_SPIKE_SPIKEINTERFACES_TD

include "mlir/IR/OpBase.td"

def ConnectionOpInterface : OpInterface<"ConnectionOpInterface"> {
  let cppNamespace = "::nmc::spike";
  let description = [{
    A linear map without state from a stream or current to a current. It answers
    one question, which source coordinates feed which target coordinates, either
    as one AxisRelation per axis (the pairs are the product over the axes) or as an
    explicit incidence. Fan-in, axons, synapses and traffic follow in
    nmc/Analysis; mapper, cost model and executor know nothing else.
  }];
  let methods = [
    InterfaceMethod<"The source: a stream, or a current to be transformed further.",
      "::mlir::Value", "getSource", (ins)>,
    InterfaceMethod<"The current.", "::mlir::Value", "getTarget", (ins)>,
    InterfaceMethod<[{Relations of all axes, or an empty list when connectivity is
      explicit. Axes of either side that no relation names are unrelated, that is:
      everything feeds everything along them.}],
      "::llvm::SmallVector<::nmc::AxisRelation>", "getAxisRelations", (ins)>,
    InterfaceMethod<[{Explicit incidence by target neuron: `offsets` has one entry
      per target and one more, `sources` the C-major source indices. Only for
      connections without axis relations.}],
      "::mlir::LogicalResult", "getIncidence",
      (ins "::llvm::SmallVectorImpl<int64_t> &":$offsets,
           "::llvm::SmallVectorImpl<int64_t> &":$sources),
      "", "return ::mlir::failure();">,
    InterfaceMethod<[{The weights: an ElementsAttr, an AbstractAttr, or null where
      all weights are one number (pools, identity).}],
      "::mlir::Attribute", "getWeightsOrNull", (ins), "",
      "return ::mlir::Attribute();">,
    InterfaceMethod<[{Distinct weights that a core must hold for the targets in the
      box [low, high) if weights are shared among its neurons; equals the number of
      synapses where nothing is shared.}],
      "int64_t", "countTileWeights",
      (ins "::llvm::ArrayRef<int64_t>":$low, "::llvm::ArrayRef<int64_t>":$high)>,
    InterfaceMethod<"The bias per target (channel or neuron), or null.",
      "::mlir::ElementsAttr", "getBiasOrNull", (ins), "",
      "return ::mlir::ElementsAttr();">
  ];
}

def PopulationOpInterface : OpInterface<"PopulationOpInterface"> {
  let cppNamespace = "::nmc::spike";
  let description = [{
    Neurons with (or, for inputs and max-pools, without) state. The operands are
    summed in order; the result is the population's events.
  }];
  let methods = [
    InterfaceMethod<"Name, unique in the network.", "::llvm::StringRef",
      "getPopulationName", (ins)>,
    InterfaceMethod<"The values whose sum drives the population.",
      "::mlir::ValueRange", "getDrives", (ins)>,
    InterfaceMethod<"The events.", "::mlir::Value", "getEvents", (ins)>,
    InterfaceMethod<"State words per neuron that live from step to step.",
      "int64_t", "getStateWords", (ins), "", "return 0;">,
    InterfaceMethod<"Dynamics, or null for populations without membrane.",
      "::nmc::spike::DynamicsAttr", "getDynamicsOrNull", (ins), "",
      "return ::nmc::spike::DynamicsAttr();">,
    InterfaceMethod<[{Parameters by name, in a fixed order: the arrays that NIR
      calls tau, r, v_leak, v_threshold and so on.}],
      "::llvm::SmallVector<std::pair<::llvm::StringRef, ::mlir::ElementsAttr>>",
      "getParameters", (ins), "", "return {};">,
    InterfaceMethod<[{Whether the operands are streams taken element by element
      or by window (max_pool, input), not summed currents.}],
      "bool", "isMembraneless", (ins), "", "return false;">,
    InterfaceMethod<[{For such populations: relations from the axes of an operand
      to those of the result; empty where they are one to one.}],
      "::llvm::SmallVector<::nmc::AxisRelation>", "getDriveRelations", (ins), "",
      "return {};">
  ];
}

def ViewOpInterface : OpInterface<"ViewOpInterface"> {
  let cppNamespace = "::nmc::spike";
  let description = [{
    A rearrangement of coordinates without synapses, on streams or currents.
  }];
  let methods = [
    InterfaceMethod<[{Relations from operand `index` to the result, one per axis;
      empty for a reshape, which keeps the C-major index instead.}],
      "::llvm::SmallVector<::nmc::AxisRelation>", "getViewRelations",
      (ins "unsigned":$index)>,
    InterfaceMethod<"Whether the view keeps the C-major index.", "bool",
      "keepsLinearIndex", (ins), "", "return false;">
  ];
}

#endif // NMC_DIALECTS_SPIKE_SPIKEINTERFACES_TD
