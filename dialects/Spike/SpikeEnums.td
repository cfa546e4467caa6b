//===- SpikeEnums.td - Choices that discretisation must state -*- tablegen -*-===//
#ifndef NMC_DIALECTS_SPIKE_SPIKEENUMS_TD
#define NMC_DIALECTS_SPIKE_SPIKEENUMS_TD

include "mlir/IR/EnumAttr.td"

class Spike_Enum<string name, string summary, list<EnumCase> cases>
    : I32Enum<name, summary, cases> {
  let cppNamespace = "::nmc::spike";
}

def Spike_DecayKind : Spike_Enum<"DecayKind",
    "how a time constant tau becomes a factor per step", [
  I32EnumCase<"None", 0, "none">,
  I32EnumCase<"Euler", 1, "euler">,             // 1 - dt/tau
  I32EnumCase<"Exponential", 2, "exponential">, // exp(-dt/tau)
  I32EnumCase<"Factor", 3, "factor">,           // the parameter is the factor
  I32EnumCase<"Fixed", 4, "fixed">,             // (2^decay_bits - d) >> decay_bits
  I32EnumCase<"BitShift", 5, "bitshift">        // v - (v >> d), at least 1
]>;

def Spike_InputGain : Spike_Enum<"InputGain",
    "factor on the current when it enters the membrane", [
  I32EnumCase<"Unit", 0, "unit">,
  I32EnumCase<"Euler", 1, "euler">,             // dt/tau
  I32EnumCase<"Exponential", 2, "exponential">, // 1 - exp(-dt/tau)
  I32EnumCase<"Step", 3, "step">                // dt
]>;

def Spike_Order : Spike_Enum<"Order", "whether the new or the old state is compared", [
  I32EnumCase<"IntegrateThenFire", 0, "integrate_then_fire">,
  I32EnumCase<"FireOnOld", 1, "fire_on_old">,
  I32EnumCase<"WithinStep", 2, "within_step">  // at the moment of crossing
]>;

def Spike_SynapseOrder : Spike_Enum<"SynapseOrder",
    "whether the input of a step decays in that step", [
  I32EnumCase<"DecayThenAdd", 0, "decay_then_add">, // i := decay(i) + w_in·x
  I32EnumCase<"AddThenDecay", 1, "add_then_decay">  // i := decay(i + w_in·x)
]>;

def Spike_Compare : Spike_Enum<"Compare", "comparison of membrane and threshold", [
  I32EnumCase<"Greater", 0, "greater">,
  I32EnumCase<"GreaterEqual", 1, "greater_equal">
]>;

def Spike_Reset : Spike_Enum<"Reset", "what a spike does to the membrane", [
  I32EnumCase<"Zero", 0, "zero">,
  I32EnumCase<"Value", 1, "value">,        // to v_reset
  I32EnumCase<"Subtract", 2, "subtract">,  // by threshold, times the spikes of the step
  // The same, but a membrane that the step before left above the threshold has to
  // pass twice the threshold (snnTorch with reset_delay = False).
  I32EnumCase<"SubtractResidual", 3, "subtract_residual">
]>;

def Spike_Rounding : Spike_Enum<"Rounding", "rounding of a shifted integer", [
  I32EnumCase<"Floor", 0, "floor">,
  I32EnumCase<"TowardZero", 1, "toward_zero">,
  I32EnumCase<"NearestEven", 2, "nearest_even">,
  I32EnumCase<"NearestUp", 3, "nearest_up">      // floor(x + 1/2)
]>;

def Spike_Overflow : Spike_Enum<"Overflow", "what happens at the rail", [
  I32EnumCase<"Wrap", 0, "wrap">,
  I32EnumCase<"Saturate", 1, "saturate">,         // the new state is cut
  I32EnumCase<"SaturateEach", 2, "saturate_each"> // every addition is
]>;

def Spike_StateScope : Spike_Enum<"StateScope", "how long state lives", [
  I32EnumCase<"Sample", 0, "sample">,  // cleared before every sample
  I32EnumCase<"Stream", 1, "stream">   // kept
]>;
def Spike_StateScopeAttr : EnumAttr<Spike_Dialect, Spike_StateScope, "state"> {
  let assemblyFormat = "`<` $value `>`";
}

def Spike_Encoding : Spike_Enum<"Encoding", "how a tensor becomes a stream", [
  I32EnumCase<"Constant", 0, "constant">, // the same analogue value every step
  I32EnumCase<"Rate", 1, "rate">,         // deterministic rate, value in [0, 1]
  I32EnumCase<"Graded", 2, "graded">,     // one graded event in the first step
  I32EnumCase<"Events", 3, "events">      // the data are events already
]>;
def Spike_EncodingAttr : EnumAttr<Spike_Dialect, Spike_Encoding, "encoding">;

def Spike_Readout : Spike_Enum<"Readout", "how a stream becomes a tensor", [
  I32EnumCase<"Count", 0, "count">,       // sum over the steps
  I32EnumCase<"Membrane", 1, "membrane">, // value after the last step, of an analogue stream
  I32EnumCase<"Last", 2, "last">,         // events of the last step
  I32EnumCase<"First", 3, "first">        // step of the first event, `steps` if none
]>;
def Spike_ReadoutAttr : EnumAttr<Spike_Dialect, Spike_Readout, "readout">;

#endif // NMC_DIALECTS_SPIKE_SPIKEENUMS_TD
