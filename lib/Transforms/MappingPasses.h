//===- MappingPasses.h - Shared by the mapping passes ---------*- C++ -*-===//
#ifndef NMC_LIB_TRANSFORMS_MAPPINGPASSES_H
#define NMC_LIB_TRANSFORMS_MAPPINGPASSES_H

#include "nmc/Mapping/Interop.h"

namespace nmc {

/// A network, its target, and the problem of mapping one on the other.
struct MappingTask {
  spike::NetworkOp network;
  chip::TargetOp target;
  mapping::Problem problem;
};

/// Gathers the problem.  Empty symbols stand for the only op of their kind; an
/// empty `activity` leaves the rates out.  Reports what is missing: rule
/// `mapping-symbol`, those of buildNetworkModel and of activity files.
FailureOr<MappingTask> gatherTask(ModuleOp module, StringRef network,
                                  StringRef target, StringRef activity,
                                  int64_t chips);

/// The same for a mapping that is there.
FailureOr<MappingTask> gatherTask(chip::MappingOp op, StringRef activity);

} // namespace nmc

#endif // NMC_LIB_TRANSFORMS_MAPPINGPASSES_H
