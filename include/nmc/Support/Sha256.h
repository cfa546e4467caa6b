//===- Sha256.h - SHA-256 of bytes and files --------------------*- C++ -*-===//
#ifndef NMC_SUPPORT_SHA256_H
#define NMC_SUPPORT_SHA256_H

#include "nmc/Support/LLVM.h"

#include "llvm/Support/Error.h"

#include <string>

namespace nmc {

/// The SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
std::string sha256(ArrayRef<uint8_t> bytes);
std::string sha256(StringRef bytes);

/// The SHA-256 of the file's content.  Fails with [file-read].
llvm::Expected<std::string> sha256File(StringRef path);

} // namespace nmc

#endif // NMC_SUPPORT_SHA256_H
