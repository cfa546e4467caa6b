//===- SpikeDialect.td - The event level of nmc ---------------*- tablegen -*-===//
#ifndef NMC_DIALECTS_SPIKE_SPIKEDIALECT_TD
#define NMC_DIALECTS_SPIKE_SPIKEDIALECT_TD

include "mlir/IR/OpBase.td"

def Spike_Dialect : Dialect {
  let name = "spike";
  let cppNamespace = "::nmc::spike";
  let summary = "networks of populations that exchange events in time steps";
  let description = [{
    A `spike.network` is a graph of *populations* (neurons with state),
    *connections* (synapses, linear, without state), *views* (rearrangements of
    indices, no synapses) and *delays*. Two value types keep apart what crosses
    cores from what does not: a `!spike.stream` is events on the network on chip,
    a `!spike.current` is a sum inside one core.

    Within one time step the graph is synchronous dataflow: a population sees the
    spikes that its sources emit in the same step. Every cycle must pass a
    `spike.delay` of at least one step (rule `cycle-delay`). Values are unbatched
    and channel-first (C×H×W); a neuron's index is C-major.

    Nothing of the time discretisation is implied: `#spike.dynamics` on each
    population states decay, order, comparison, reset and arithmetic. The dialect
    knows no platform by name.

    Attributes of the form `spike.*` on other dialects' ops are refused (rule
    `unknown-attr`), because nobody would read them, but for one: `spike.range` on a
    population holds a `#spike.range` (rule `range-attr`).

    The rationale for each choice is in `docs/rationale/spike.md`.
  }];
  let dependentDialects = ["::mlir::quant::QuantDialect"];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = [{
    /// Discardable attribute that `spike-observe-ranges` leaves on a population:
    /// a RangeAttr.
    static constexpr ::llvm::StringLiteral kRangeAttrName = "spike.range";
    /// Beside it where a spike stands for another real value than the scale of the
    /// range (neurons that reset to zero): a number, not negative.
    static constexpr ::llvm::StringLiteral kEventValueAttrName =
        "spike.event_value";
    void registerTypes();
    void registerAttributes();
  }];
}

#endif // NMC_DIALECTS_SPIKE_SPIKEDIALECT_TD
