//===- ExecutionProfileQuantizers.cpp - What quantisers there are ---------===//
//
// Names, parameters and formulas; what computes them is in lib/Transforms.
//
//===----------------------------------------------------------------------===//

#include "nmc/Target/ExecutionProfile.h"

#include "llvm/ADT/STLExtras.h"

using namespace nmc;
using namespace nmc::target;

static constexpr QuantizerFact::Parameter kSharedExponent[] = {
    {"weight_bits", 8, 2, 8},          {"threshold_bits", 17, 1, 31},
    {"bias_mantissa_bits", 13, 2, 31}, {"bias_exponent_bits", 3, 0, 4},
    {"decay_bits", 12, 1, 16},         {"exponent_minimum", -7, -16, 0},
    {"exponent_floor", -6, -16, 0},
};
static constexpr QuantizerFact::Parameter kFixedScale[] = {
    {"weight_scale", 4096, 1, 1 << 24}, {"weight_bits", 32, 2, 32},
    {"decay_scale", 4096, 1, 1 << 24},  {"decay_nearest", 0, 0, 1},
    {"synapse_decay_offset", 0, 0, 1},  {"threshold_scale", 4096, 1, 1 << 24},
    {"threshold_shift", 0, -31, 31},
};
static constexpr QuantizerFact::Parameter kTargetScale[] = {
    {"weight_bits", 8, 2, 24},
};
static constexpr QuantizerFact::Parameter kJointScale[] = {
    {"weight_bits", 8, 2, 24},
    {"bias_bits", 8, 2, 24},
    {"state_bits", 16, 2, 24},
};
static constexpr QuantizerFact::Parameter kNeuronScale[] = {
    {"weight_bits", 8, 2, 24},
    {"threshold_bits", 16, 2, 31},
    {"dash_bits", 4, 1, 5},
};

static constexpr QuantizerFact kFacts[] = {
    {"shared_exponent", kSharedExponent, true,
     "nengo-loihi's discretisation of a block: w_in and r, the gains of a "
     "lasting input, go into the weights; d_v = round(4095·δ_v), "
     "d_u = max(round(4095·δ_u − 1), 0) with δ the share that decays in a "
     "step; "
     "the weights of all connections into a population share the scale "
     "k = 255 / max\\|w\\| and an exponent e, the largest from 0 down to "
     "`exponent_minimum` for which threshold and bias fit: "
     "θ = round(θ·s·k·2^(6+e)) in mantissas of 64, with s the sum that one "
     "event leaves in the membrane, rounding of decays counted in; bias "
     "round(b·s·k·2^(6+e)/s_v) with a mantissa and its own exponent, on the "
     "membrane. A connection of small weights lowers e by whole powers of two, "
     "to `exponent_floor` at least; each weight is shifted, not their sum"},
    {"fixed_scale", kFixedScale, true,
     "weights trunc(w·`weight_scale`), with a common power of two where they "
     "exceed `weight_bits`; thresholds trunc(θ·`threshold_scale`) shifted left "
     "by `threshold_shift`; decays δ·`decay_scale`, truncated or "
     "(`decay_nearest`) rounded, that of the synapse plus "
     "`synapse_decay_offset`"},
    {"target_scale", kTargetScale, false,
     "weights trunc(w·k) with k = (2^(`weight_bits`−1) − 1) / max\\|w\\| over "
     "all "
     "connections into a population; thresholds times k; a bias becomes a "
     "constant drive of the membrane, b·k/(1 − α), α the factor of the "
     "synaptic current per step"},
    {"joint_scale", kJointScale, true,
     "one scale g per population, the least of those that bring weights to "
     "`weight_bits`, biases to `bias_bits` and {lowest state, threshold} to "
     "`state_bits`: \\|max/M\\| or \\|min/m\\| in single precision; then all "
     "three are rounded half to even. An average pool becomes a sum pool and "
     "1/k² goes into the weights behind it"},
    {"neuron_scale", kNeuronScale, true,
     "one scale per neuron, (2^(`weight_bits`−1) − 1) / max\\|w\\| over its "
     "inputs, for weights, bias and threshold, rounded half to even; a "
     "threshold beyond `threshold_bits` lowers the scale of its neuron. Time "
     "constants become shifts round(log2(tau/dt)), at most `dash_bits` wide"},
};

ArrayRef<QuantizerFact> target::getQuantizerFacts() { return kFacts; }

const QuantizerFact *target::findQuantizerFact(StringRef name) {
  const auto *it = llvm::find_if(
      kFacts, [&](const QuantizerFact &fact) { return fact.name == name; });
  return it == std::end(kFacts) ? nullptr : it;
}
