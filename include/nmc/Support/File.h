//===- File.h - Whole files in and out --------------------------*- C++ -*-===//
#ifndef NMC_SUPPORT_FILE_H
#define NMC_SUPPORT_FILE_H

#include "nmc/Support/LLVM.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace nmc {

/// The content of a file (mapped where the system can), not null-terminated.
/// Refuses folders, pipes and devices; fails with [file-read].
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> readFile(StringRef path);

/// Writes `parts` one after the other to `path`, which appears whole or not at
/// all (a temporary file is renamed).  Fails with [file-write].
llvm::Error writeFile(StringRef path, ArrayRef<StringRef> parts);

} // namespace nmc

#endif // NMC_SUPPORT_FILE_H
