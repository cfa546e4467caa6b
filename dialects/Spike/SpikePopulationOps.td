//===- SpikePopulationOps.td - Neurons ------------------------*- tablegen -*-===//
#ifndef NMC_DIALECTS_SPIKE_SPIKEPOPULATIONOPS_TD
#define NMC_DIALECTS_SPIKE_SPIKEPOPULATIONOPS_TD

include "dialects/Spike/SpikeOpBase.td"

/// A population: its name prints as a symbol (`@conv1`), although MLIR's Symbol
/// trait is not for ops with results; the network checks that names are unique.
class Spike_PopulationOp<string opMnemonic, list<string> methods = [],
                         list<Trait> traits = []>
    : Spike_Op<opMnemonic, traits # [MemoryEffects<[MemWrite]>,
        DeclareOpInterfaceMethods<PopulationOpInterface,
          ["getPopulationName", "getDrives", "getEvents"] # methods>,
        DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  let hasVerifier = 1;
}

class Spike_DrivenOp<string opMnemonic, list<string> methods = []>
    : Spike_PopulationOp<opMnemonic, methods> {
  dag driven = (ins SymbolNameAttr:$name, Variadic<Spike_CurrentType>:$drives);
  let results = (outs Spike_StreamType:$events);
  let assemblyFormat = [{
    $name `(` $drives `)` attr-dict `:` functional-type($drives, $events)
  }];
}

/// Ops with synaptic currents.
defvar cubaDescription = [{

    `bias` is a constant drive of the membrane in every step, beside the synaptic
    current and in state units. With `receptors`, every drive goes to the receptor
    of its entry, each with a synaptic current of its own, and i is their sum in
    ascending order; `tau_syn` and `w_in` then have a leading axis of receptors.
    Rule `receptors`: an entry per drive, each below the extent of that axis, which
    is at most 16.
}];
defvar cubaDeclaration = [{
  /// Synaptic currents per neuron: 1 without `receptors`.
  int64_t getReceptorCount();
}];

class Spike_MembraneOp<string opMnemonic>
    : Spike_DrivenOp<opMnemonic, ["getStateWords", "getDynamicsOrNull", "getParameters"]> {
  dag membrane = !con(driven, (ins OptionalAttr<Spike_DynamicsAttr>:$dynamics));
  code membraneDescription = [{

    Parameters are elements attributes: one number (rank 0, or one element), one per
    channel, or one per neuron; absent ones have the neutral value of NIR (r = 1,
    v_leak = 0, v_reset = 0, w_in = 1). Times are in the unit of the network's `dt`
    unless `dynamics` says that the parameter is the factor itself. `dynamics`
    absent is `#spike.dynamics<>`.

    Rules: `param-shape`, `drive-shape` (every current has the population's shape),
    `drive-type` (all currents have one element type), `blob-size`.
  }];
}

def Spike_InputOp : Spike_PopulationOp<"input", ["isMembraneless"]> {
  let summary = "where a stream enters the network";
  let description = [{
    Names a port of the network as a population, so that its events are recorded,
    costed and, on chips whose inputs occupy cores, placed. The operand is a block
    argument of the network. Both are of one element type, or integers become
    reals, or counts are cut to what fewer unsigned bits hold (`ui8` to `ui4`: at
    most 15 events per step). Rule `input-port`.
  }];
  let arguments = (ins SymbolNameAttr:$name, Spike_StreamType:$port);
  let results = (outs Spike_StreamType:$events);
  let assemblyFormat = "$name `(` $port `)` attr-dict `:` qualified(type($port)) `->` qualified(type($events))";
}

def Spike_IfOp : Spike_MembraneOp<"if"> {
  let summary = "integrate-and-fire neurons";
  let description = [{
    dv/dt = r·x; a spike where v passes `threshold`. NIR `IF`.

    ```mlir
    %s = spike.if @conv1(%c) {threshold = dense<64> : tensor<i32>,
             dynamics = #spike.dynamics<reset = subtract,
                 arithmetic = #spike.fixed<state_bits = 23, weight_bits = 9, frac = 6>>}
       : (!spike.current<8x6x6xi32>) -> !spike.stream<8x6x6xi1>
    ```
  }] # membraneDescription;
  let arguments = !con(membrane, (ins ElementsAttr:$threshold,
    OptionalAttr<ElementsAttr>:$r, OptionalAttr<ElementsAttr>:$v_reset));
}

def Spike_LifOp : Spike_MembraneOp<"lif"> {
  let summary = "leaky integrate-and-fire neurons";
  let description = [{
    tau·dv/dt = (v_leak − v) + r·x; a spike where v passes `threshold`. NIR `LIF`.

    ```mlir
    %s = spike.lif @hidden(%c, %recurrent) {tau = dense<0.02> : tensor<f32>,
             threshold = dense<1.0> : tensor<f32>, dynamics = #spike.dynamics<decay = exponential>}
       : (!spike.current<4xf32>, !spike.current<4xf32>) -> !spike.stream<4xi1>
    ```
  }] # membraneDescription;
  let arguments = !con(membrane, (ins ElementsAttr:$tau, ElementsAttr:$threshold,
    OptionalAttr<ElementsAttr>:$r, OptionalAttr<ElementsAttr>:$v_leak,
    OptionalAttr<ElementsAttr>:$v_reset));
}

def Spike_CubaLifOp : Spike_MembraneOp<"cuba_lif"> {
  let summary = "current-based leaky integrate-and-fire neurons";
  let description = [{
    tau_syn·di/dt = −i + w_in·x; tau_mem·dv/dt = (v_leak − v) + r·i. NIR `CubaLIF`.
  }] # cubaDescription # [{
    `alias` names for each neuron another one, or −1: its spikes are added to those
    of that neuron in the same step, to `max_spikes_per_step` in all. Neurons have
    their turn in ascending order, so that one with a higher index finds them before
    its own and fires the fewer. Rule `alias`: one entry per neuron, which names
    another neuron of the population.
  }] # membraneDescription;
  let arguments = !con(membrane, (ins ElementsAttr:$tau_syn, ElementsAttr:$tau_mem,
    ElementsAttr:$threshold, OptionalAttr<ElementsAttr>:$r,
    OptionalAttr<ElementsAttr>:$v_leak, OptionalAttr<ElementsAttr>:$v_reset,
    OptionalAttr<ElementsAttr>:$w_in, OptionalAttr<ElementsAttr>:$bias,
    OptionalAttr<DenseI32ArrayAttr>:$receptors,
    OptionalAttr<ElementsAttr>:$alias));
  let extraClassDeclaration = cubaDeclaration;
}

def Spike_LiOp : Spike_MembraneOp<"li"> {
  let summary = "leaky integrators without spikes";
  let description = [{
    tau·dv/dt = (v_leak − v) + r·x; the result is v itself. NIR `LI`.
  }] # membraneDescription;
  let arguments = !con(membrane, (ins ElementsAttr:$tau,
    OptionalAttr<ElementsAttr>:$r, OptionalAttr<ElementsAttr>:$v_leak));
}

def Spike_CubaLiOp : Spike_MembraneOp<"cuba_li"> {
  let summary = "current-based leaky integrators without spikes";
  let description = [{
    tau_syn·di/dt = −i + w_in·x; tau_mem·dv/dt = (v_leak − v) + r·i; the result is v.
    NIR `CubaLI`. `bias` and `receptors` as for `spike.cuba_lif`.
  }] # membraneDescription;
  let arguments = !con(membrane, (ins ElementsAttr:$tau_syn, ElementsAttr:$tau_mem,
    OptionalAttr<ElementsAttr>:$r, OptionalAttr<ElementsAttr>:$v_leak,
    OptionalAttr<ElementsAttr>:$w_in, OptionalAttr<ElementsAttr>:$bias,
    OptionalAttr<DenseI32ArrayAttr>:$receptors));
  let extraClassDeclaration = cubaDeclaration;
}

def Spike_IntegratorOp : Spike_MembraneOp<"integrator"> {
  let summary = "accumulators without leak and without spikes";
  let description = [{
    dv/dt = r·x; the result is v. NIR `I`. The last layer of a rate-coded network:
    its membranes are read out and compared.
  }] # membraneDescription;
  let arguments = !con(membrane, (ins OptionalAttr<ElementsAttr>:$r));
}

def Spike_ThresholdOp : Spike_MembraneOp<"threshold"> {
  let summary = "a comparator without state";
  let description = [{
    A spike wherever the summed input exceeds `threshold`. NIR `Threshold`.
  }] # membraneDescription;
  let arguments = !con(membrane, (ins ElementsAttr:$threshold));
}

def Spike_SigmaDeltaOp : Spike_MembraneOp<"sigma_delta"> {
  let summary = "sigma-delta neurons with graded events";
  let description = [{
    Sigma: s := s + x. Activation: a := max(s + bias, 0) where `rectify`. Delta: an
    event e = a − ref wherever |e| ≥ threshold, then ref := a. State: s, ref. What is
    sent is e, in fixed-point arithmetic shifted right by `event_shift`, rounding
    down. Rule `event-shift`: 0 to 62.
  }] # membraneDescription;
  let arguments = !con(membrane, (ins ElementsAttr:$threshold,
    OptionalAttr<ElementsAttr>:$bias, DefaultValuedAttr<BoolAttr, "true">:$rectify,
    DefaultValuedAttr<I64Attr, "0">:$event_shift));
}

def Spike_ReluOp : Spike_DrivenOp<"relu"> {
  let summary = "rectifiers with graded events";
  let description = [{
    event = max(x, 0), at most `max` where given; no event where it is 0. An integer
    current needs `requant`, which turns the accumulator into the payload; rule
    `requant-needed`. Without `rectify` the event is x itself. Rules `drive-shape`,
    `drive-type`.

    ```mlir
    %y = spike.relu @conv2(%c) {requant = #spike.requant<multiplier = 1518500250, shift = 37>}
       : (!spike.current<4x!quant.uniform<i32:f32, 0.01>>) -> !spike.stream<4x!quant.uniform<u8:f32, 0.9>>
    ```
  }];
  let arguments = !con(driven, (ins OptionalAttr<F64Attr>:$max,
                                    OptionalAttr<Spike_RequantAttr>:$requant,
                                    DefaultValuedAttr<BoolAttr, "true">:$rectify));
}

def Spike_MaxPoolOp : Spike_PopulationOp<"max_pool",
    ["isMembraneless", "getDriveRelations"]> {
  let summary = "largest event of each window, per channel";
  let description = [{
    On binary streams this is OR within one step. `strides` absent is the kernel;
    `pads` lists low then high pads, which never win. Rule `pool-shape`.

    ```mlir
    %p = spike.max_pool @pool1(%s) kernel [2, 2] : !spike.stream<8x6x6xi1> -> !spike.stream<8x3x3xi1>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$name, Spike_StreamType:$source,
    DenseI64ArrayAttr:$kernel,
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$strides,
    DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{}">:$pads);
  let results = (outs Spike_StreamType:$events);
  let assemblyFormat = [{
    $name `(` $source `)` `kernel` $kernel attr-dict `:` qualified(type($source)) `->` qualified(type($events))
  }];
  let extraClassDeclaration = [{
    int64_t getStride(int64_t d);
    int64_t getPadLow(int64_t d);
    int64_t getPadHigh(int64_t d);
  }];
}

#endif // NMC_DIALECTS_SPIKE_SPIKEPOPULATIONOPS_TD
