//===- Seal.h - The end of a .nmcm file -------------------------*- C++ -*-===//
#ifndef NMC_LIB_ARTIFACT_SEAL_H
#define NMC_LIB_ARTIFACT_SEAL_H

#include "nmc/Support/LLVM.h"

namespace nmc::artifact::detail {

inline constexpr StringLiteral sealMark = "nmcmseal";
/// Length (8 bytes, little-endian), SHA-256 (32 bytes), mark (8 bytes).
inline constexpr size_t sealSize = 48;

/// Writes the seal of `buffer`.
void writeSeal(StringRef buffer, raw_ostream &os);

/// The flatbuffer of a file whose identifier and seal are right; diagnostics
/// otherwise (artifact-truncated, artifact-identifier, artifact-hash).
FailureOr<StringRef> checkSeal(StringRef file, Location loc);

} // namespace nmc::artifact::detail

#endif // NMC_LIB_ARTIFACT_SEAL_H
