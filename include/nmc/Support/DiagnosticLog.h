//===- DiagnosticLog.h - Shows and keeps what a run reports -----*- C++ -*-===//
//
// Prints diagnostics in one form, whoever made them, and keeps them for the
// report:
//
//   kws.onnx:Conv_7: error: needs 9216 input axons, ... [core-axons-in]
//   loihi1.yaml:17:5: note: limit stated here
//
//===----------------------------------------------------------------------===//
#ifndef NMC_SUPPORT_DIAGNOSTICLOG_H
#define NMC_SUPPORT_DIAGNOSTICLOG_H

#include "nmc/Support/LLVM.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"

#include <mutex>
#include <string>
#include <vector>

namespace nmc {

enum class Severity { Note, Remark, Warning, Error };
StringRef stringifySeverity(Severity severity);

struct LoggedDiagnostic {
  Severity severity = Severity::Error;
  /// Without the rule's name.
  std::string message;
  /// Name of the rule at the end of the message, or "".
  std::string rule;
  /// "file:line:column", "file:node", or "".
  std::string location;
  std::vector<LoggedDiagnostic> notes;
};

/// Takes the diagnostics of a context while it lives, and others by `add`.
/// Safe to use from several threads.
class DiagnosticLog {
public:
  struct Options {
    /// Do not print notes, remarks and warnings.
    bool quiet = false;
    /// Print remarks too.
    bool verbose = false;
    bool color = false;
  };

  DiagnosticLog(MLIRContext *context, raw_ostream &os, Options options);

  /// Reports a message that may end in " [rule]".
  void add(Severity severity, StringRef message, StringRef location = "");
  /// Reports every error in `error` and consumes it.
  void add(llvm::Error error);

  /// What is printed from now on; everything is kept.
  enum class Print { All, Errors, Nothing };
  void setPrint(Print what) { printed = what; }

  ArrayRef<LoggedDiagnostic> diagnostics() const { return entries; }
  size_t errorCount() const;

private:
  void take(mlir::Diagnostic &diagnostic);
  void record(LoggedDiagnostic entry);
  void print(const LoggedDiagnostic &entry);

  std::vector<LoggedDiagnostic> entries;
  raw_ostream &os;
  Options options;
  Print printed = Print::All;
  std::mutex mutex;
  mlir::ScopedDiagnosticHandler handler;
};

/// Prints every error in `error` in the same form and consumes it.
void printErrors(llvm::Error error, raw_ostream &os, bool color);

/// A location as people read it: "model.onnx:Conv_7" for a named place in a
/// file, "file:line:column" for a line, the name alone, or "".
std::string formatLocation(Location loc);

} // namespace nmc

#endif // NMC_SUPPORT_DIAGNOSTICLOG_H
