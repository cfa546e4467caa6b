//===- CostSchema.h - Reading a cost value ----------------------*- C++ -*-===//
#ifndef NMC_LIB_TARGET_COSTSCHEMA_H
#define NMC_LIB_TARGET_COSTSCHEMA_H

#include "Schema.h"
#include "dialects/Chip/Chip.h"
#include "nmc/Target/Facts.h"

namespace nmc::target {

/// A cost value as read.
struct Cost {
  double value = 0;
  std::optional<double> low, high;
  SmallVector<double> table;
  chip::CostKind kind = chip::CostKind::Incremental;
  chip::Provenance provenance = chip::Provenance::Assumed;
  std::string source, rangeSource;
  Location loc;

  explicit Cost(Location loc) : loc(loc) {}
};

/// The words for `provenance`.
ArrayRef<StringLiteral> getProvenances();

/// Reads the mapping that states a cost value; none where it is a null or at
/// fault.
std::optional<Cost> readCost(const CostFact &fact, const YamlNode &node,
                             Faults &faults);

} // namespace nmc::target

#endif // NMC_LIB_TARGET_COSTSCHEMA_H
