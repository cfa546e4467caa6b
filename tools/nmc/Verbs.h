//===- Verbs.h - What nmc does ----------------------------------*- C++ -*-===//
#ifndef NMC_TOOLS_NMC_VERBS_H
#define NMC_TOOLS_NMC_VERBS_H

#include "Options.h"

namespace nmc::tool {
/// Runs the verb of a command line: results on stdout, the rest on stderr.
ExitCode runVerb(const CommandLine &commandLine);
} // namespace nmc::tool

#endif // NMC_TOOLS_NMC_VERBS_H
