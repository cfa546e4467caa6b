//===- Registry.h - Target files that a program carries ---------*- C++ -*-===//
#ifndef NMC_TARGET_REGISTRY_H
#define NMC_TARGET_REGISTRY_H

#include "nmc/Support/LLVM.h"

namespace nmc::target {

/// A target file that is part of the program.
struct EmbeddedTarget {
  StringRef name; // of its folder, and of its `name:`
  StringRef path; // as it stands in the source tree, for diagnostics
  StringRef text;
};

/// Adds a file to those that are found by name; its strings must live as long
/// as the program.  Called once per file when a program starts, before threads
/// do; a second file of the same name replaces the first.
void registerTarget(const EmbeddedTarget &target);

/// All registered files, by name.
ArrayRef<EmbeddedTarget> getEmbeddedTargets();

/// The file of that name, or null.
const EmbeddedTarget *findEmbeddedTarget(StringRef name);

} // namespace nmc::target

#endif // NMC_TARGET_REGISTRY_H
