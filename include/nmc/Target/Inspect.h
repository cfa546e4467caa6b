//===- Inspect.h - Listing, showing and checking targets --------*- C++ -*-===//
//
// What `nmc targets list|show|lint` does, as functions that write to a stream
// and return the exit status.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_TARGET_INSPECT_H
#define NMC_TARGET_INSPECT_H

#include "nmc/Support/ExitCode.h"
#include "nmc/Target/Load.h"

namespace nmc::target {

/// One thing that lint has to say.
struct Finding {
  enum class Severity { Error, Warning };
  Severity severity = Severity::Error;
  std::string rule, message;
  std::string file; // empty where there is no place
  unsigned line = 0, column = 0;
};

/// Lists all targets, one a line: name, cores, neurons, input, cost profiles
/// and how many of its values come from where.  A target that is at fault is
/// listed as such; the status is then Usage.
ExitCode listTargets(ArrayRef<std::string> searchPaths, bool json,
                     raw_ostream &os, MLIRContext *context);

/// Shows a target as it is after inheritance, cost profile and overrides: every
/// value with unit, range, kind, provenance and source.  Faults are diagnostics
/// of `context`; the status is then Usage.
ExitCode showTarget(const LoadOptions &options, bool json, raw_ostream &os,
                    MLIRContext *context);

/// All faults of a target under each of its cost profiles (or the one that
/// `options` name), and warnings:
///   provenance-assumed   a value is assumed or recalled
///   provenance-missing   a limit or property does not say where it comes from
///   source-missing       a number without a source, a range without one
///   cost-unread          no level of the cost model reads the value
///   cost-missing         what cannot be said since the value is not stated
///   operating-point      the value can never be added to others
///   name-file            the name is not that of the file
std::vector<Finding> findFaults(const LoadOptions &options,
                                MLIRContext *context);

/// Prints the findings of several targets (all known ones if `targets` is
/// empty).  Usage if there are errors; warnings do not count.
ExitCode lintTargets(ArrayRef<std::string> targets, const LoadOptions &options,
                     bool json, raw_ostream &os, MLIRContext *context);

} // namespace nmc::target

#endif // NMC_TARGET_INSPECT_H
