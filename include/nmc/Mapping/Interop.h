//===- Interop.h - Mapping problems from IR, mappings to IR ---*- C++ -*-===//
//
// The engine knows no MLIR; this file is where it meets the chip dialect.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_MAPPING_INTEROP_H
#define NMC_MAPPING_INTEROP_H

#include "dialects/Chip/Chip.h"
#include "dialects/Spike/Spike.h"
#include "nmc/Mapping/Metrics.h"
#include "nmc/Mapping/Partition.h"
#include "nmc/Target/TargetInfo.h"

namespace nmc::mapping {

/// The hardware that a target describes, `chips` of them side by side.  Chips
/// stand on the board's grid where the target states one, else in rows of
/// ⌈√chips⌉.
Hardware getHardware(const target::TargetInfo &target, int64_t chips = 1);

/// Reads the tables of a chip.mapping.  Reports at the mapping: rules
/// `tiles-population` (no such population) and `tiles-table` (another shape).
FailureOr<Mapping> readMapping(chip::MappingOp op, const NetworkModel &network);

/// Appends `chip.mapping @name of @network on @target` with a chip.tiles per
/// population that occupies cores.
chip::MappingOp writeMapping(mlir::OpBuilder &builder, Location loc,
                             StringRef name, StringRef network,
                             StringRef target, const Problem &problem,
                             const Mapping &mapping);

/// Replaces the tables of `op` by those of `mapping`.
void updateMapping(chip::MappingOp op, const Problem &problem,
                   const Mapping &mapping);

/// Reports every violation as an error at its population (at `network` where it
/// has none), with a note at the limit of `target` that it breaks.  Violations
/// of one rule by many cores of one population are one error, on the worst.
/// `target` may be null.
void reportViolations(ArrayRef<Violation> violations, spike::NetworkOp network,
                      chip::TargetOp target);

} // namespace nmc::mapping

#endif // NMC_MAPPING_INTEROP_H
