//===- Artifact.h - Networks on targets as files (.nmcm) --------*- C++ -*-===//
//
// A .nmcm file holds a mapping, the network as MLIR bytecode and a summary of
// its KPIs; of the target only the name and the hash, so that a mapping is
// never loaded onto another chip than it was made for.  Nothing is read before
// the file's seal, its flatbuffer and our own checks have passed:
//
//   artifact-truncated   shorter than it says, or without its seal
//   artifact-identifier  no .nmcm file
//   artifact-hash        a bit of the file is not what was written
//   artifact-version     written by a newer format
//   artifact-format      damaged in a way that its hash does not show
//   artifact-target      made for another target than the one given
//
//===----------------------------------------------------------------------===//
#ifndef NMC_ARTIFACT_ARTIFACT_H
#define NMC_ARTIFACT_ARTIFACT_H

#include "dialects/Chip/Chip.h"
#include "nmc/Cost/Kpi.h"
#include "nmc/Support/LLVM.h"

#include "llvm/Support/MemoryBuffer.h"

namespace nmc::artifact {

inline constexpr uint32_t formatVersion = 1;

/// What a file says about itself.
struct ArtifactInfo {
  uint32_t formatVersion = artifact::formatVersion;
  std::string toolVersion;
  std::string targetName, targetSha256, costProfile, executionProfile;
  std::vector<std::string> overrides;
  std::string networkSha256, network, mapping;
  int64_t tiles = 0, cores = 0, chips = 0;
  std::vector<cost::Estimate> kpis;
};

/// Writes the mapping of `module`, which must hold exactly one chip.mapping.
/// Everything but chip ops is stored as bytecode.  The hash of the target comes
/// from its chip.target in the module or from the mapping.  Rules
/// `artifact-mapping`, `artifact-target`.  Equal modules give equal bytes.
LogicalResult exportArtifact(ModuleOp module, ArrayRef<cost::Estimate> kpis,
                             StringRef toolVersion, raw_ostream &os);

/// Checks a file and reads what it says about itself; diagnostics at `loc`.
FailureOr<ArtifactInfo> inspectArtifact(llvm::MemoryBufferRef file,
                                        Location loc);

/// Checks a file and rebuilds the module: the network, its host functions and a
/// chip.mapping with `target_sha256`.  With `target` its hash must be the one
/// that the file was made for, and a copy of it joins the module.  Dialects of
/// the network must be registered or loaded.
OwningOpRef<ModuleOp> importArtifact(llvm::MemoryBufferRef file, Location loc,
                                     chip::TargetOp target = {});

/// --export-nmcm and --import-nmcm; the latter checks the target that
/// --nmcm-target names.
void registerArtifactTranslations();

} // namespace nmc::artifact

#endif // NMC_ARTIFACT_ARTIFACT_H
