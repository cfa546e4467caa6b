//===- Rule.h - Diagnostics that carry the name of a rule -----------------===//
//
// Every fault that nmc reports ends in the name of the rule it breaks, as in
// "cycle does not pass a delay [cycle-delay]".  The same name stands in ODS, in
// tests and in JSON reports.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_SUPPORT_RULE_H
#define NMC_SUPPORT_RULE_H

#include "nmc/Support/LLVM.h"

namespace nmc {

/// An error or warning under construction; appends " [rule]" when it is reported.
/// Converts to failure(), as InFlightDiagnostic does.
class RuleDiagnostic {
public:
  RuleDiagnostic(InFlightDiagnostic diag, StringRef rule)
      : diag(std::move(diag)), rule(rule) {}
  RuleDiagnostic(RuleDiagnostic &&other)
      : diag(std::move(other.diag)), rule(other.rule) {
    other.rule = {};
  }
  ~RuleDiagnostic() { finish(); }

  template <typename T>
  RuleDiagnostic &operator<<(T &&value) & {
    diag << std::forward<T>(value);
    return *this;
  }
  template <typename T>
  RuleDiagnostic &&operator<<(T &&value) && {
    diag << std::forward<T>(value);
    return std::move(*this);
  }

  /// Adds a note; the rule's name is appended to the main message first.
  Diagnostic &attachNote(std::optional<Location> loc = std::nullopt) {
    finish();
    return diag.attachNote(loc);
  }

  operator LogicalResult() {
    finish();
    return diag;
  }
  template <typename T>
  operator FailureOr<T>() {
    finish();
    return failure();
  }

private:
  void finish() {
    if (!rule.empty())
      diag << " [" << rule << "]";
    rule = {};
  }

  InFlightDiagnostic diag;
  StringRef rule; // a string literal; empty once appended
};

/// Reports at `loc` that `rule` is broken.  `rule` must outlive the diagnostic
/// (it is a string literal everywhere).
inline RuleDiagnostic emitRuleError(Location loc, StringRef rule) {
  return RuleDiagnostic(mlir::emitError(loc), rule);
}
inline RuleDiagnostic emitRuleError(Operation *op, StringRef rule) {
  return RuleDiagnostic(op->emitOpError(), rule);
}
inline RuleDiagnostic emitRuleWarning(Location loc, StringRef rule) {
  return RuleDiagnostic(mlir::emitWarning(loc), rule);
}
inline RuleDiagnostic emitRuleWarning(Operation *op, StringRef rule) {
  return RuleDiagnostic(op->emitWarning(), rule);
}

} // namespace nmc

#endif // NMC_SUPPORT_RULE_H
