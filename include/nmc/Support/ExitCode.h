//===- ExitCode.h - Exit codes of nmc ---------------------------*- C++ -*-===//
#ifndef NMC_SUPPORT_EXITCODE_H
#define NMC_SUPPORT_EXITCODE_H

namespace nmc {

/// What the exit status of `nmc` says.  The first stage that fails decides.
enum class ExitCode : int {
  Success = 0,
  /// A fault of nmc itself.
  Internal = 1,
  /// Command line, target file or other configuration.
  Usage = 2,
  /// The model file is damaged, missing or no model.
  ModelUnreadable = 3,
  /// The model holds an operation or type that nmc does not know.
  Unsupported = 4,
  /// The model breaks a limit of the target.
  DoesNotFit = 5,
  /// A threshold that was asked for is not met (compare, rank).
  ThresholdNotMet = 6,
  /// The time limit passed before there was a mapping.
  TimeLimit = 7,
  /// Input data, labels, activity or measured values are unusable.
  BadData = 8,
  /// Stopped by a signal, with a partial but valid bundle.
  Interrupted = 130,
};

/// The status to pass to exit().
constexpr int toStatus(ExitCode code) { return static_cast<int>(code); }

} // namespace nmc

#endif // NMC_SUPPORT_EXITCODE_H
