//===- Kpi.h - The registry of KPIs -----------------------------*- C++ -*-===//
//
// Every figure that nmc reports is named, defined and given its unit here,
// once. The report's schema and the metrics handbook are printed from this
// table, and measured files are checked against it.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_COST_KPI_H
#define NMC_COST_KPI_H

#include "nmc/Support/LLVM.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nmc::cost {

/// What one value of a KPI belongs to.
enum class Per { Inference, Timestep, Second, Chip, Model, Mapping };
StringRef stringifyPer(Per per);

/// Which way is better, for `compare --fail-over` and rankings.
enum class Better { Lower, Higher, Neither };

/// One KPI: a row of the registry.
struct KpiInfo {
  StringRef name; // as in reports and measured files
  StringRef unit; // SI; "1" for counts and ratios
  Per per;
  Better better;
  StringRef group; // heading in the handbook
  StringRef definition;
  StringRef formula;
  /// What may be inside, as written in `scope`; empty: the network as such.
  std::vector<StringRef> scopes;
  /// Cost values of the target and inputs without which it is unavailable.
  std::vector<StringRef> needs;
};

/// All KPIs in the order in which reports list them.
ArrayRef<KpiInfo> getKpis();

/// The KPI of that name, or null.
const KpiInfo *lookupKpi(StringRef name);

/// The known name that is closest to a misspelt one, or "".
StringRef suggestKpi(StringRef name);

/// Prints docs/handbook/metrics.md.
void printMetricsHandbook(raw_ostream &os);

/// A quantity that is not negative, with what it may be at least and at most.
struct Range {
  double value = 0, low = 0, high = 0;

  Range() = default;
  /*implicit*/ Range(double exact) : value(exact), low(exact), high(exact) {}
  Range(double value, double low, double high)
      : value(value), low(low), high(high) {}

  bool isExact() const { return low == high; }
  Range &operator+=(const Range &other) {
    value += other.value, low += other.low, high += other.high;
    return *this;
  }
  Range &operator*=(const Range &other) {
    value *= other.value, low *= other.low, high *= other.high;
    return *this;
  }
  friend Range operator+(Range a, const Range &b) { return a += b; }
  friend Range operator*(Range a, const Range &b) { return a *= b; }
};

/// Low over high and high over low: the widest quotient of the two.  The
/// divisor's bounds must not be zero.
Range divide(const Range &numerator, const Range &denominator);
/// Larger value, larger low, larger high.
Range max(const Range &a, const Range &b);

/// How a value came about.
enum class Mode { Predicted, Simulated, Measured };
StringRef stringifyMode(Mode mode);
std::optional<Mode> symbolizeMode(StringRef word);

/// One value of a KPI, or why there is none.
struct Estimate {
  std::string kpi;
  /// That of the registry.
  std::string unit;
  /// Empty exactly when `unavailable` says why.
  std::optional<Range> range;
  std::string unavailable;
  Mode mode = Mode::Predicted;
  /// mean, p50, p99, max, total, ...
  std::string aggregation;
  /// Samples behind the value, where it rests on samples.
  std::optional<int64_t> samples;
  /// What is inside, in words, e.g. "chip, without host".
  std::string scope;
  /// Parts that add up to the value, by term, in a fixed order.
  std::vector<std::pair<std::string, Range>> breakdown;
  /// How the value or its range was found, where that needs saying.
  std::string note;

  /// An estimate with the unit of the registry; `kpi` must be registered.
  static Estimate of(StringRef kpi, Range range, StringRef scope = "",
                     StringRef aggregation = "");
  static Estimate missing(StringRef kpi, const Twine &reason,
                          StringRef scope = "", StringRef aggregation = "");

  bool available() const { return range.has_value(); }
  /// The breakdown's part of that name, or none.
  std::optional<Range> part(StringRef term) const;
};

/// The first estimate of that KPI (and aggregation, unless empty), or null.
const Estimate *findEstimate(ArrayRef<Estimate> estimates, StringRef kpi,
                             StringRef aggregation = "");

} // namespace nmc::cost

#endif // NMC_COST_KPI_H
