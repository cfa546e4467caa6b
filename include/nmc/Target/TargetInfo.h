//===- TargetInfo.h - A chip.target, read for engines ---------*- C++ -*-===//
//
// Engines do not walk IR: they take a TargetInfo, which is a chip.target op with
// its facts in maps.  What the target does not state is absent here too.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_TARGET_TARGETINFO_H
#define NMC_TARGET_TARGETINFO_H

#include "dialects/Chip/Chip.h"
#include "nmc/Support/LLVM.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nmc::target {

/// One cost value in SI units with its range and provenance (chip.cost).
struct CostValue {
  std::string name;
  double value = 0;
  /// Equal to `value` where the target gives no range.
  double low = 0, high = 0;
  bool hasRange = false;
  std::string unit;
  chip::CostKind kind = chip::CostKind::Incremental;
  chip::Provenance provenance = chip::Provenance::Assumed;
  std::string source, rangeSource;
  /// Step table: the value that applies from each count on, ascending by count;
  /// empty where the value is one number.
  std::vector<std::pair<double, double>> table;
  Location loc;

  explicit CostValue(Location loc) : loc(loc) {}

  /// The value at a count: the last table row that starts at or below it; the
  /// first row below the table; `value` without a table.
  double at(double count) const;
};

/// One named cap with the place that states it (chip.limit).
struct Limit {
  std::string name;
  double value = 0;
  std::string unit;
  std::string source;
  Location loc;

  explicit Limit(Location loc) : loc(loc) {}
};

/// One kind of core (chip.core).
struct CoreKind {
  std::string name;
  int64_t count = 0; // per chip
  /// Population and connection ops that it runs, by mnemonic; empty: any.
  std::vector<std::string> models, connections;
  std::map<std::string, Limit> limits;
  std::map<std::string, Attribute> properties; // chip.set

  std::optional<double> limit(StringRef limitName) const;
};

/// A grid of routers (chip.link).
struct Grid {
  chip::Topology topology = chip::Topology::None;
  std::vector<int64_t> extent; // x, y
  chip::Routing routing = chip::Routing::XY;
  int64_t coresPerRouter = 1;
};

/// A design rule that a number cannot state (chip.rule).
struct DesignRule {
  std::string name;
  chip::Severity severity = chip::Severity::Error;
  DictionaryAttr parameters; // may be null
  std::string note;
  Location loc;

  explicit DesignRule(Location loc) : loc(loc) {}
};

struct TargetInfo {
  std::string name, description, sha256, costProfile, executionProfile;
  std::vector<std::string> overrides;
  std::vector<CoreKind> cores;
  std::map<std::string, Limit> limits; // of the chip as a whole
  std::map<std::string, Attribute> properties;
  std::optional<Grid> noc, board;
  chip::InputKind input = chip::InputKind::Direct;
  std::vector<DesignRule> rules;
  std::map<std::string, CostValue> costs;
  /// Facts that the target says are not known, with the reason.
  std::map<std::string, std::string> absent;

  /// Reads a verified target.
  static TargetInfo get(chip::TargetOp target);

  /// The cost value of that name, or null where the target does not state it.
  const CostValue *cost(StringRef costName) const;
  /// The value of a property: of the chip, else of the first core that states
  /// it; null where none does.
  Attribute property(StringRef property) const;
  /// A property as a word (numbers in decimal, flags as "yes" or "no").
  std::optional<std::string> word(StringRef property) const;
  /// A property as a list of words; a single word is a list of one.
  std::vector<std::string> words(StringRef property) const;
  /// A property as an integer, a list of integers, a flag, where it is one.
  std::optional<int64_t> integer(StringRef property) const;
  std::vector<int64_t> integers(StringRef property) const;
  std::optional<bool> flag(StringRef property) const;
  /// Why the target does not state a fact; empty where it gives no reason.
  std::string whyAbsent(StringRef fact) const;
  /// Cores of all kinds on one chip.
  int64_t coreCount() const;
};

} // namespace nmc::target

#endif // NMC_TARGET_TARGETINFO_H
