//===- Report.h - What nmc found out about a model on a target --*- C++ -*-===//
//
// A report holds nothing that differs between two equal runs: paths, hashes and
// results, but no times, host or command line, which are in run.json.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_REPORT_REPORT_H
#define NMC_REPORT_REPORT_H

#include "nmc/Cost/CostModel.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace nmc::report {

inline constexpr StringLiteral reportSchemaVersion = "1.0.0";

enum class Status { Ok, Partial, DoesNotFit, Unsupported, Failed };
StringRef stringifyStatus(Status status);
std::optional<Status> symbolizeStatus(StringRef word);

/// A diagnostic as reports keep it, with the numbers of a broken limit where it
/// is one.
struct Finding {
  cost::Severity severity = cost::Severity::Note;
  std::string rule, message, location, layer, hint, resource, unit;
  std::optional<double> required, available;
};

struct Run {
  std::string tool = "nmc", toolVersion;
  std::string level;    // count, mapped, event
  std::string pipeline; // textual pass pipeline
  int64_t seed = 0;
  /// Flags that change the result, in the order given: "steps" = "64".
  std::vector<std::pair<std::string, std::string>> options;
};

struct Model {
  std::string name; // file name without extension
  std::string path, format, sha256;
  std::optional<int64_t> irVersion;
  std::vector<std::pair<std::string, int64_t>> opset;
  std::optional<int64_t> parameters, macsDense, layers;
};

struct Target {
  std::string name, path, sha256, costProfile, executionProfile;
  std::vector<std::string> overrides;
};

struct Input {
  /// npz, npy, idx, csv, onnx, events, nirdata, rates, uniform-rate or none.
  std::string kind = "none";
  std::string name; // file name without extension
  std::string path, sha256;
  int64_t samples = 0;
  bool labels = false;
  std::optional<int64_t> timesteps;
  std::string encoding;
};

/// One row of accuracy against steps, so that no single T stands alone.
struct AccuracyPoint {
  int64_t steps = 0;
  std::optional<double> accuracy;
  std::optional<double> spikesPerInference, synopsPerInference;
  int64_t samples = 0;
};

/// How the mapping was found and how far from a bound it is.
struct Mapping {
  std::string solver;
  int64_t cores = 0, chips = 0;
  std::optional<int64_t> coresBound; // no mapping needs fewer
  /// Largest relative distance to its lower bound.
  std::optional<double> gap;
  bool timeLimited = false;
};

struct Report {
  Run run;
  Model model;
  Target target;
  Input input;
  Status status = Status::Ok;
  std::optional<Mapping> mapping;
  std::vector<Finding> diagnostics;
  std::vector<cost::Estimate> kpis;
  std::vector<AccuracyPoint> accuracyCurve;
  std::vector<cost::LayerCost> layers;
  std::vector<cost::CoreCost> cores;
  std::vector<cost::ResourceUse> resources;
  std::vector<cost::StepPart> step;
  std::vector<cost::Assumption> assumptions;

  /// Takes over all results of a cost model; KPIs that are there already keep
  /// their place in front.
  void add(cost::CostResult result);
  /// Names equal runs alike: a hash of what went in.
  std::string id() const;
  const cost::Estimate *kpi(StringRef name, StringRef aggregation = "") const {
    return cost::findEstimate(kpis, name, aggregation);
  }
};

/// report.json: keys in a fixed order, shortest numbers that read back equal.
void printJson(const Report &report, raw_ostream &os);
/// Reads report.json; rules [json-syntax], [report-schema] and, for a newer
/// major version, [report-version].  `where` starts messages.
llvm::Expected<Report> parseReport(StringRef text, StringRef where);

/// docs/schema/report-1.0.schema.json, KPI names and units from the registry.
void printReportSchema(raw_ostream &os);

/// layers.csv: one row per layer, units in the header.
void printLayersCsv(const Report &report, raw_ostream &os);
/// kpis.csv: the columns of a measured file, then low, high, unavailable.
void printKpisCsv(const Report &report, raw_ostream &os);

/// The shortest decimal that reads back as `value`; finite values only.
std::string formatDouble(double value);

//===----------------------------------------------------------------------===//
// Terminal
//===----------------------------------------------------------------------===//

struct SummaryOptions {
  bool color = false;
  /// Bundle that was written, or empty.
  std::string bundle;
  std::vector<std::string> files;
};

/// At most 30 lines for a terminal.
void printSummary(const Report &report, raw_ostream &os,
                  const SummaryOptions &options = {});

/// "3.1 uJ", "640 B", "12.3 k", in the unit of a KPI.
std::string formatValue(double value, StringRef unit);

} // namespace nmc::report

#endif // NMC_REPORT_REPORT_H
