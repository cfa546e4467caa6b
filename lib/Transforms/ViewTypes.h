//===- ViewTypes.h - Payloads through views ---------------------*- C++ -*-===//
#ifndef NMC_LIB_TRANSFORMS_VIEWTYPES_H
#define NMC_LIB_TRANSFORMS_VIEWTYPES_H

#include "dialects/Spike/Spike.h"

namespace nmc {

/// Gives every view and delay on streams the payload of its source, until nothing
/// changes: what a pass calls after it changed the events of populations.
void propagatePayloads(spike::NetworkOp network);

} // namespace nmc

#endif // NMC_LIB_TRANSFORMS_VIEWTYPES_H
