//===- Compare.h - Prediction against measurement ---------------*- C++ -*-===//
#ifndef NMC_REPORT_COMPARE_H
#define NMC_REPORT_COMPARE_H

#include "nmc/Report/Report.h"

namespace nmc::report {

//===----------------------------------------------------------------------===//
// Measured files
//===----------------------------------------------------------------------===//

/// One row of a measured file, in SI units.
struct MeasuredRow {
  int64_t line = 0;
  std::string target, model, modelSha256, input, kpi;
  double value = 0;
  std::string unit; // that of the registry
  cost::Mode mode = cost::Mode::Measured;
  std::string aggregation;
  std::optional<int64_t> samples;
  std::string scope;
  std::optional<double> std; // in `unit`
  std::string instrument, source, date, note;
};

struct MeasuredTable {
  std::string path;
  std::vector<MeasuredRow> rows;
};

/// Parses the measured CSV: first line `# nmc.measured 1`, a header, rows.  All
/// faults are in the error, each as `where:line: ...`; rules
/// [measured-version], [measured-column], [measured-kpi], [measured-unit],
/// [measured-value] and those of parseCsv.
llvm::Expected<MeasuredTable> parseMeasured(StringRef text, StringRef where);

/// The columns of a measured file.
ArrayRef<StringLiteral> getMeasuredColumns();

//===----------------------------------------------------------------------===//
// Prediction against measurement
//===----------------------------------------------------------------------===//

/// A measured row with the prediction that answers it.
struct Match {
  MeasuredRow measured;
  cost::Estimate predicted;
  /// Predicted over measured, and that less 1; none where 0 was measured.
  std::optional<double> ratio, relativeError;
  bool inside = false; // measured lies in [low, high]
  /// Both name a scope and it is the same.
  bool sameScope = false;
  /// What is not alike: scope, aggregation, input.
  std::vector<std::string> remarks;
};

struct UnmatchedMeasured {
  MeasuredRow measured;
  std::string reason;
};

/// Error figures over some matches.
struct ErrorStatistics {
  int64_t count = 0, inside = 0;
  double geomeanRatio = 0;
  double meanRatio = 0;
  double meanAbsoluteError = 0, maxAbsoluteError = 0; // relative
};

struct MeasuredComparison {
  std::vector<Match> matches;
  std::vector<UnmatchedMeasured> unmatchedMeasured;
  /// Predictions that no row measures, one line each: "target model kpi".
  std::vector<std::string> unmatchedPredicted;
  ErrorStatistics all, sameScope;
};

/// Joins on target, model (SHA-256 where both have one, else name), input, KPI,
/// aggregation and scope.  Rows and predictions that find no partner are
/// listed.
MeasuredComparison compareMeasured(ArrayRef<const Report *> reports,
                                   const MeasuredTable &table);

void printText(const MeasuredComparison &comparison, raw_ostream &os);
void printJson(const MeasuredComparison &comparison, raw_ostream &os);

//===----------------------------------------------------------------------===//
// Two bundles
//===----------------------------------------------------------------------===//

/// `--fail-over energy=10%`: fail where a KPI is worse by more than that.
struct Threshold {
  std::string kpi;
  double relative = 0;
};

/// Parses "energy=10%", "latency=0.05"; short names energy, power, memory,
/// spikes, synops, cores stand for the KPI that users mean.  [fail-over]
llvm::Expected<Threshold> parseThreshold(StringRef text);

struct Change {
  std::string kpi, aggregation, scope, unit;
  std::optional<cost::Range> before, after;
  std::string unavailable; // why one side has no value
  /// (after - before) / before, where both are there and before is not 0.
  std::optional<double> relative;
  bool exceeded = false;
  std::optional<double> threshold;
};

struct BundleComparison {
  /// What makes the two hard to compare: another model, target or input.
  std::vector<std::string> remarks;
  std::vector<Change> changes;
  /// A threshold is exceeded, or cannot be checked.
  bool exceeded = false;
};

/// Changes from `before` to `after`, in the order of the registry.
BundleComparison compareReports(const Report &before, const Report &after,
                                ArrayRef<Threshold> thresholds);

void printText(const BundleComparison &comparison, raw_ostream &os);
void printJson(const BundleComparison &comparison, raw_ostream &os);

} // namespace nmc::report

#endif // NMC_REPORT_COMPARE_H
