//===- OnnxToTosa.h - What convert-onnx-to-tosa supports ------------------===//
#ifndef NMC_CONVERSION_ONNXTOTOSA_H
#define NMC_CONVERSION_ONNXTOTOSA_H

#include "nmc/Support/LLVM.h"

#include <cstdint>
#include <vector>

namespace nmc::onnx {

/// One operator that convert-onnx-to-tosa knows.
struct SupportedOp {
  StringRef domain; // "ai.onnx" for the default domain
  StringRef name;
  /// Since-versions of the forms that are known, ascending.  Older forms are
  /// refused.
  std::vector<int64_t> sinceVersions;
  /// What is not supported, or what happens to the operator; may be empty.
  StringRef notes;
};

/// All of them, sorted by domain and name: what `nmc ops` lists.
std::vector<SupportedOp> getSupportedOps();

/// The newest operator set of the default domain whose definitions are known.
/// Newer ones are read as this one, with a warning.
inline constexpr int64_t kNewestOpset = 28;

} // namespace nmc::onnx

#endif // NMC_CONVERSION_ONNXTOTOSA_H
