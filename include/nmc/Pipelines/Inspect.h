//===- Inspect.h - What is in a model ---------------------------*- C++ -*-===//
#ifndef NMC_PIPELINES_INSPECT_H
#define NMC_PIPELINES_INSPECT_H

#include "dialects/Spike/Spike.h"
#include "nmc/Report/Report.h"
#include "nmc/Support/ExitCode.h"

namespace nmc::pipelines {

/// Prints one row per population (name, kind, shape, neurons, what drives it,
/// parameters, synapses, fan-in), as a table or as JSON.  `network` may be in any
/// phase.
ExitCode inspectNetwork(spike::NetworkOp network, const report::Model &model,
                        bool json, raw_ostream &os);

/// Weights and biases of all connections.
int64_t countParameters(spike::NetworkOp network);

/// Prints the mapping in `module`: cores and tiles per population, and the
/// figures that `chip-route` left.
ExitCode printMapping(ModuleOp module, bool json, raw_ostream &os);

} // namespace nmc::pipelines

#endif // NMC_PIPELINES_INSPECT_H
