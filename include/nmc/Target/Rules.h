//===- Rules.h - Design rules that need a formula ---------------*- C++ -*-===//
//
// A target names them under `limits:` with their parameters; what each means
// stands in the table of Facts.cpp and here.  A new rule is a row there and a
// function here; there is no expression language.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_TARGET_RULES_H
#define NMC_TARGET_RULES_H

#include "nmc/Target/TargetInfo.h"

namespace nmc::target {

/// A parameter of a rule, in SI units; none where the rule lacks it.
std::optional<double> getRuleParameter(const DesignRule &rule, StringRef name);

/// The rule of that name that the target states, or null.
const DesignRule *findRule(const TargetInfo &target, StringRef name);

/// Bits of synapse memory that the `synapses` of one source neuron into one
/// core take, each a weight of `weightBits`; `indexed` where targets are listed
/// (formats sparse and conv) rather than implied by position (dense).
///
/// Plainly synapses · weightBits; under rule `word_blocks`, by its formula.
/// None on overflow of 63 bits or for negative arguments.
std::optional<int64_t> getSynapseBits(const TargetInfo &target,
                                      int64_t synapses, int64_t weightBits,
                                      bool indexed);

} // namespace nmc::target

#endif // NMC_TARGET_RULES_H
