//===- Interpreter.h - The host side of a network -------------------------===//
//
// A host function encodes tensors, runs a network and decodes what comes out:
// spike.encode → spike.run → spike.decode.  Here the executor learns from it
// how a network is driven, runs it on a dataset, and checks the expectations of
// tests.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_EXEC_INTERPRETER_H
#define NMC_EXEC_INTERPRETER_H

#include "nmc/Exec/Dataset.h"
#include "nmc/Exec/Program.h"

namespace nmc::exec {

/// How the host presents data to a network and reads it out: that of the first
/// `spike.run` of the network in the module.  Without one, a graded
/// presentation for the network's own number of steps, or 1.
struct HostSide {
  int64_t steps = 1;
  SmallVector<spike::Encoding> encodings;
  /// Of the first decode of each output; the program's default where none is.
  SmallVector<std::optional<spike::Readout>> readouts;

  /// Run options with these choices.
  RunOptions makeOptions(const Program &program) const;
};
HostSide getHostSide(spike::NetworkOp network);

/// The network's inputs as a dataset must have them; named after the
/// populations that take them up.
std::vector<InputSpec> getInputSpecs(spike::NetworkOp network);

/// How `checkExpectations` runs networks.
enum class EngineChoice { Fast, Reference, Both };

/// Executes a function whose tensors come from constants and reports every
/// `check.expect_*` that fails at the op (rule `expectation`); with
/// `EngineChoice::Both`, also where the engines differ (`engine-mismatch`).
/// Other rules: `interpret-op` (a value comes from an op that is not executed),
/// `run-network`, and those of compiling and encoding.
LogicalResult checkExpectations(Operation *function, EngineChoice choice);

} // namespace nmc::exec

#endif // NMC_EXEC_INTERPRETER_H
