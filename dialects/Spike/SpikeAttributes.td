//===- SpikeAttributes.td - Dynamics, arithmetic, weights -----*- tablegen -*-===//
#ifndef NMC_DIALECTS_SPIKE_SPIKEATTRIBUTES_TD
#define NMC_DIALECTS_SPIKE_SPIKEATTRIBUTES_TD

include "dialects/Spike/SpikeDialect.td"
include "dialects/Spike/SpikeEnums.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"

class Spike_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Spike_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

class Spike_EnumParameter<EnumInfo enum, string default>
    : DefaultValuedParameter<"::nmc::spike::" # enum.className,
                             "::nmc::spike::" # enum.className # "::" # default>;

def Spike_FixedAttr : Spike_Attr<"Fixed", "fixed"> {
  let summary = "integer arithmetic of a population";
  let description = [{
    `state_bits` is the width of membrane and synaptic current, sign included;
    `weight_bits` that of a synaptic weight, sign included. A weight w of a
    connection with `exponent` e meets the state as w·2^(frac + e), where
    frac + e ≥ 0; a threshold θ as θ·2^frac. Biases, `v_init`, `v_reset`, `v_leak`
    and `v_floor` are in state units already. `rounding` is that of decays,
    `overflow` what the state does at its rails, `decay_bits` the denominator
    2^decay_bits of a `fixed` decay.

    With `overflow = saturate_each` the order of events matters, so it is part of
    the semantics: events are delivered drive by drive, source by source in
    ascending order, each adding its weight, shifted and wrapped to `state_bits`,
    to the synaptic current, which is cut at the rails every time (an event of
    payload n is delivered n times). The change of the membrane, decay and current
    together, is cut, then its sum with `bias`, then the membrane.

    Rule `fixed-width`: 2 ≤ state_bits ≤ 64, 1 ≤ weight_bits ≤ 32, 0 ≤ frac < state_bits,
    0 ≤ decay_bits ≤ 30.
  }];
  let parameters = (ins
    "unsigned":$state_bits,
    "unsigned":$weight_bits,
    DefaultValuedParameter<"unsigned", "0">:$frac,
    Spike_EnumParameter<Spike_Rounding, "TowardZero">:$rounding,
    Spike_EnumParameter<Spike_Overflow, "Wrap">:$overflow,
    DefaultValuedParameter<"unsigned", "12">:$decay_bits);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Spike_DynamicsAttr : Spike_Attr<"Dynamics", "dynamics"> {
  let summary = "how a population's differential equation becomes steps";
  let description = [{
    One step of a spiking population with membrane v, synaptic current i (CUBA
    models), summed input x:

    1. i := decay_syn(i) + w_in·x (CUBA models; decay_syn(i + w_in·x) with
       `synapse_order = add_then_decay`), else i := x
    2. v := v_leak + decay(v - v_leak) + (gain·r·i + bias), held in
       [`v_floor`, `v_ceiling`] where these are given
    3. n := number of spikes: compare(v, threshold), at most `max_spikes_per_step`
       (n = floor(v / threshold) where more than one is allowed); with
       `order = fire_on_old` the v from before 2 is compared
    4. v := reset(v, n); then v := max(v, `v_floor`) if given

    With `order = within_step` the input is constant during the step and the
    membrane follows its equation in continuous time: where it passes the threshold
    the moment of crossing is computed in closed form, the membrane is reset there
    and goes on for the rest of the step. It needs float arithmetic, `decay =
    exponential`, `input_gain = exponential`, reset to zero or a value, and a model
    without synaptic current; 1 and 2 are then exact.

    A neuron that fired neither integrates nor fires for `refractory` steps (where
    they differ, `refractory_each` lists them as parameters are listed); its events leave `output_delay` steps late. `v_init` is the membrane before step 0:
    a number, or an elements attribute of the population's shape. `bias_at_t0`
    states whether the bias of a connection behind a delay acts in step 0.
    `arithmetic` absent is float.

    With a `clear_period` P > 0 the state is as before step 0 again at the start of
    the steps `clear_offset`, `clear_offset` + P, …: the way of chips that run samples
    back to back, layer after layer.

    Rule `dynamics-range`: max_spikes_per_step ≥ 1, the others ≥ 0.
  }];
  let parameters = (ins
    Spike_EnumParameter<Spike_DecayKind, "None">:$decay,
    Spike_EnumParameter<Spike_InputGain, "Unit">:$input_gain,
    Spike_EnumParameter<Spike_SynapseOrder, "DecayThenAdd">:$synapse_order,
    Spike_EnumParameter<Spike_Order, "IntegrateThenFire">:$order,
    Spike_EnumParameter<Spike_Compare, "Greater">:$compare,
    Spike_EnumParameter<Spike_Reset, "Zero">:$reset,
    DefaultValuedParameter<"int64_t", "1">:$max_spikes_per_step,
    OptionalParameter<"::mlir::FloatAttr">:$v_floor,
    OptionalParameter<"::mlir::FloatAttr">:$v_ceiling,
    DefaultValuedParameter<"int64_t", "0">:$refractory,
    OptionalParameter<"::mlir::ElementsAttr">:$refractory_each,
    DefaultValuedParameter<"int64_t", "0">:$output_delay,
    DefaultValuedParameter<"int64_t", "0">:$clear_period,
    DefaultValuedParameter<"int64_t", "0">:$clear_offset,
    DefaultValuedParameter<"bool", "true">:$bias_at_t0,
    OptionalParameter<"::mlir::TypedAttr">:$v_init,
    OptionalParameter<"::nmc::spike::FixedAttr">:$arithmetic);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Spike_AbstractAttr : Spike_Attr<"Abstract", "abstract"> {
  let summary = "weights of which only type and density are known";
  let description = [{
    Stands where weights would: the network maps and is costed from an activity
    profile, but does not run. `density` is the share of non-zero weights.
    Rules: `abstract-type` (the shape is static), `abstract-density`
    (0 < density ≤ 1).

    ```mlir
    #spike.abstract<tensor<64x3x3x3xi8>, density = 0.25>
    ```
  }];
  let parameters = (ins
    "::mlir::RankedTensorType":$type,
    DefaultValuedParameter<"::mlir::FloatAttr",
      "::mlir::FloatAttr::get(::mlir::Float64Type::get($_ctxt), 1.0)">:$density);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Spike_RangeAttr : Spike_Attr<"Range", "range"> {
  let summary = "observed range of a population's output";
  let description = [{
    Written by `spike-observe-ranges` from calibration samples: extremes, the
    99.9th percentile, the scale `mse_scale` for which clipping to [0, mse_scale]
    and rounding to the levels asked for loses least in the mean square, how many
    samples were seen and the SHA-256 of the data, so that a calibration can be
    traced. Rule `range-order`: min ≤ max, samples ≥ 1.
  }];
  let parameters = (ins
    "::mlir::FloatAttr":$min,
    "::mlir::FloatAttr":$max,
    "::mlir::FloatAttr":$p999,
    "::mlir::FloatAttr":$mse_scale,
    "int64_t":$samples,
    "::mlir::StringAttr":$sha256);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Spike_RequantAttr : Spike_Attr<"Requant", "requant"> {
  let summary = "integer rescaling of an accumulator to a payload";
  let description = [{
    q = clamp(round(acc · multiplier / 2^shift) + zero_point) to the payload's
    type, computed in 64 bits. Rule `requant-range`: 0 < multiplier < 2^31,
    0 ≤ shift ≤ 62.
  }];
  let parameters = (ins
    "int64_t":$multiplier,
    "int64_t":$shift,
    DefaultValuedParameter<"int64_t", "0">:$zero_point,
    Spike_EnumParameter<Spike_Rounding, "NearestUp">:$rounding);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // NMC_DIALECTS_SPIKE_SPIKEATTRIBUTES_TD
