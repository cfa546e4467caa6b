//===- Options.h - Command line of nmc --------------------------*- C++ -*-===//
#ifndef NMC_TOOLS_NMC_OPTIONS_H
#define NMC_TOOLS_NMC_OPTIONS_H

#include "nmc/Pipelines/Session.h"
#include "nmc/Target/Load.h"

#include "llvm/Support/CommandLine.h"

namespace nmc::tool {

/// The verbs, one subcommand each.
enum class Verb {
  None,
  Check,
  Inspect,
  Compile,
  Run,
  Estimate,
  Map,
  Compare,
  Report,
  Targets,
  Ops
};

/// What was given on the command line.
struct CommandLine {
  Verb verb = Verb::None;
  /// Positional arguments of the verb.
  std::vector<std::string> arguments;
  pipelines::SessionOptions session;
  target::LoadOptions target;
  bool json = false, quiet = false, verbose = false;
  std::string progress = "auto"; // auto, none, json
  /// compare
  std::string measured;
  std::vector<std::string> failOver;
};

/// Parses the command line; on failure it has said why on stderr, or printed
/// help on stdout (`ExitCode::Success`).
std::optional<ExitCode> parseCommandLine(int argc, char **argv,
                                         CommandLine &result);

} // namespace nmc::tool

#endif // NMC_TOOLS_NMC_OPTIONS_H
