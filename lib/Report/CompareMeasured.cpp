//===- CompareMeasured.cpp - Prediction against measurement ---------------===//
#include "JsonWriter.h"
#include "nmc/Report/Compare.h"
#include "nmc/Support/Units.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace nmc;
using namespace nmc::report;
using cost::Estimate;

//===----------------------------------------------------------------------===//
// Join
//===----------------------------------------------------------------------===//

static bool sameModel(const MeasuredRow &row, const Model &model) {
  if (!row.modelSha256.empty() && !model.sha256.empty())
    return row.modelSha256 == model.sha256;
  return row.model == model.name;
}

/// Whether a prediction rests on an activity that is not that of some data.
static bool hasNoData(const Input &input) {
  return input.kind == "none" || input.kind == "rates" ||
         input.kind == "uniform-rate";
}

/// Whether a report answers a row's input; rows without input take any, and a
/// report without data answers all, with a remark.
static bool sameInput(const MeasuredRow &row, const Input &input) {
  return row.input.empty() || row.input == input.name ||
         row.input == input.path || hasNoData(input);
}

namespace {
/// The prediction for one row, or why there is none.
struct Answer {
  const Report *report = nullptr;
  const Estimate *estimate = nullptr;
  std::string reason;
};
} // namespace

static Answer findAnswer(ArrayRef<const Report *> reports,
                         const MeasuredRow &row) {
  Answer answer;
  std::vector<const Report *> left(reports.begin(), reports.end());
  auto narrow = [&](auto keep, const Twine &reason) {
    llvm::erase_if(left, [&](const Report *r) { return !keep(*r); });
    if (left.empty() && answer.reason.empty())
      answer.reason = reason.str();
    return !left.empty();
  };
  if (!narrow([&](const Report &r) { return r.target.name == row.target; },
              "no prediction for target '" + row.target + "'") ||
      !narrow([&](const Report &r) { return sameModel(row, r.model); },
              "no prediction for model '" +
                  (row.model.empty() ? row.modelSha256 : row.model) +
                  "' on this target") ||
      !narrow([&](const Report &r) { return sameInput(row, r.input); },
              "no prediction for input '" + row.input + "'"))
    return answer;

  int bestScore = -1;
  std::string unavailable;
  for (const Report *report : left)
    for (const Estimate &estimate : report->kpis) {
      if (estimate.kpi != row.kpi)
        continue;
      if (!estimate.range) {
        unavailable = "prediction unavailable: " + estimate.unavailable;
        continue;
      }
      int score =
          2 * (row.aggregation == estimate.aggregation ||
               (row.aggregation.empty() && estimate.aggregation == "mean")) +
          (row.scope == estimate.scope);
      if (score > bestScore)
        bestScore = score, answer.report = report, answer.estimate = &estimate;
    }
  if (!answer.estimate)
    answer.reason = unavailable.empty() ? "not predicted" : unavailable;
  return answer;
}

/// Units are converted in floating point: a hair's breadth is no difference.
static constexpr double kHair = 1e-9;

static Match makeMatch(const MeasuredRow &row, const Answer &answer) {
  Match match;
  match.measured = row;
  match.predicted = *answer.estimate;
  const cost::Range &range = *answer.estimate->range;
  if (row.value != 0) {
    match.ratio = range.value / row.value;
    match.relativeError = *match.ratio - 1;
    if (std::fabs(*match.relativeError) < kHair)
      match.relativeError = 0;
  }
  match.inside = row.value >= range.low * (1 - kHair) &&
                 row.value <= range.high * (1 + kHair);
  const std::string &scope = answer.estimate->scope;
  match.sameScope = row.scope == scope;
  if (!match.sameScope) {
    if (row.scope.empty())
      match.remarks.push_back(
          "the measured row states no scope, predicted is '" + scope + "'");
    else
      match.remarks.push_back("scope differs: measured '" + row.scope +
                              "', predicted '" + scope + "'");
  }
  const std::string &aggregation = answer.estimate->aggregation;
  if (!row.aggregation.empty() && !aggregation.empty() &&
      row.aggregation != aggregation)
    match.remarks.push_back("aggregation differs: measured " + row.aggregation +
                            ", predicted " + aggregation);
  if (!row.input.empty() && hasNoData(answer.report->input))
    match.remarks.push_back("the prediction rests on an assumed activity, not on "
                            "input '" +
                            row.input + "'");
  if (row.input.empty() && !answer.report->input.name.empty())
    match.remarks.push_back("the measured row names no input");
  if (row.modelSha256.empty() || answer.report->model.sha256.empty())
    match.remarks.push_back("model matched by name alone");
  return match;
}

static ErrorStatistics summarise(ArrayRef<Match> matches, bool sameScopeOnly) {
  ErrorStatistics statistics;
  double logSum = 0, ratioSum = 0, errorSum = 0;
  int64_t logs = 0;
  for (const Match &match : matches) {
    if (!match.ratio || (sameScopeOnly && !match.sameScope))
      continue;
    ++statistics.count;
    statistics.inside += match.inside;
    ratioSum += *match.ratio;
    double error = std::fabs(*match.relativeError);
    errorSum += error;
    statistics.maxAbsoluteError = std::max(statistics.maxAbsoluteError, error);
    if (*match.ratio > 0)
      logSum += std::log(*match.ratio), ++logs;
  }
  if (statistics.count > 0) {
    statistics.meanRatio = ratioSum / statistics.count;
    statistics.meanAbsoluteError = errorSum / statistics.count;
  }
  if (logs > 0)
    statistics.geomeanRatio = std::exp(logSum / logs);
  return statistics;
}

MeasuredComparison report::compareMeasured(ArrayRef<const Report *> reports,
                                           const MeasuredTable &table) {
  MeasuredComparison result;
  std::vector<const Estimate *> answered;
  for (const MeasuredRow &row : table.rows) {
    Answer answer = findAnswer(reports, row);
    if (!answer.estimate) {
      result.unmatchedMeasured.push_back({row, answer.reason});
      continue;
    }
    answered.push_back(answer.estimate);
    result.matches.push_back(makeMatch(row, answer));
  }
  for (const Report *report : reports)
    for (const Estimate &estimate : report->kpis)
      if (estimate.range && !llvm::is_contained(answered, &estimate))
        result.unmatchedPredicted.push_back(
            report->target.name + " " + report->model.name + " " +
            estimate.kpi +
            (estimate.aggregation.empty() ? "" : " " + estimate.aggregation));
  result.all = summarise(result.matches, false);
  result.sameScope = summarise(result.matches, true);
  return result;
}

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

static std::string signedPercent(std::optional<double> ratio) {
  if (!ratio)
    return "-";
  return (*ratio >= 0 ? "+" : "-") + formatNumber(std::fabs(*ratio) * 100) +
         " %";
}

static void printStatistics(const ErrorStatistics &statistics, StringRef what,
                            raw_ostream &os) {
  os << what << ": " << statistics.count << " pairs";
  if (statistics.count > 0)
    os << ", " << statistics.inside
       << " inside the predicted range; predicted / measured: geometric mean "
       << formatNumber(statistics.geomeanRatio) << ", mean "
       << formatNumber(statistics.meanRatio) << "; absolute error: mean "
       << formatNumber(100 * statistics.meanAbsoluteError) << " %, largest "
       << formatNumber(100 * statistics.maxAbsoluteError) << " %";
  os << "\n";
}

void report::printText(const MeasuredComparison &comparison, raw_ostream &os) {
  using llvm::left_justify;
  if (!comparison.matches.empty())
    os << left_justify("kpi", 38) << left_justify("measured", 14)
       << left_justify("predicted", 14) << left_justify("range", 26)
       << left_justify("error", 12) << "range?  target, model, input\n";
  for (const Match &match : comparison.matches) {
    const MeasuredRow &row = match.measured;
    const cost::Range &range = *match.predicted.range;
    std::string kpi = row.kpi;
    if (!match.predicted.aggregation.empty())
      kpi += " " + match.predicted.aggregation;
    os << left_justify(kpi, 38)
       << left_justify(formatValue(row.value, row.unit), 14)
       << left_justify(formatValue(range.value, row.unit), 14)
       << left_justify(formatValue(range.low, row.unit) + " - " +
                           formatValue(range.high, row.unit),
                       26)
       << left_justify(signedPercent(match.relativeError), 12)
       << (match.inside ? "inside  " : "outside ") << row.target << ", "
       << row.model;
    if (!row.input.empty())
      os << ", " << row.input;
    os << "\n";
    for (const std::string &remark : match.remarks)
      os << "  note: " << remark << "\n";
  }
  printStatistics(comparison.all, "all", os);
  if (comparison.sameScope.count != comparison.all.count)
    printStatistics(comparison.sameScope, "of the same scope", os);
  if (!comparison.unmatchedMeasured.empty())
    os << "measured without prediction (" << comparison.unmatchedMeasured.size()
       << "):\n";
  for (const UnmatchedMeasured &row : comparison.unmatchedMeasured)
    os << "  line " << row.measured.line << ": " << row.measured.target << ", "
       << row.measured.model << ", " << row.measured.kpi << ": " << row.reason
       << "\n";
  if (!comparison.unmatchedPredicted.empty())
    os << "predicted without measurement ("
       << comparison.unmatchedPredicted.size() << "):\n";
  for (const std::string &line : comparison.unmatchedPredicted)
    os << "  " << line << "\n";
}

void report::printJson(const MeasuredComparison &comparison, raw_ostream &os) {
  detail::JsonWriter json(os);
  auto writeRow = [&](const MeasuredRow &row) {
    json.integer("line", row.line);
    json.text("target", row.target);
    json.text("model", row.model);
    json.optional("model_sha256", row.modelSha256);
    json.optional("input", row.input);
    json.text("kpi", row.kpi);
    json.text("unit", row.unit);
    json.number("measured", row.value);
    json.optional("measured_scope", row.scope);
    json.optional("measured_aggregation", row.aggregation);
    json.number("measured_std", row.std);
    json.optional("source", row.source);
  };
  auto writeStatistics = [&](StringRef key, const ErrorStatistics &s) {
    json.object(key, [&] {
      json.integer("count", s.count);
      if (s.count == 0)
        return;
      json.integer("inside", s.inside);
      json.number("geomean_ratio", s.geomeanRatio);
      json.number("mean_ratio", s.meanRatio);
      json.number("mean_absolute_error", s.meanAbsoluteError);
      json.number("max_absolute_error", s.maxAbsoluteError);
    });
  };
  json.object([&] {
    json.text("schema", "nmc.comparison");
    json.text("schema_version", "1.0.0");
    json.array("matches", [&] {
      for (const Match &match : comparison.matches)
        json.object([&] {
          writeRow(match.measured);
          json.number("predicted", match.predicted.range->value);
          json.number("low", match.predicted.range->low);
          json.number("high", match.predicted.range->high);
          json.optional("predicted_scope", match.predicted.scope);
          json.optional("predicted_aggregation", match.predicted.aggregation);
          json.number("ratio", match.ratio);
          json.number("relative_error", match.relativeError);
          json.flag("inside", match.inside);
          json.flag("same_scope", match.sameScope);
          json.list("remarks", match.remarks);
        });
    });
    writeStatistics("all", comparison.all);
    writeStatistics("same_scope", comparison.sameScope);
    json.array("unmatched_measured", [&] {
      for (const UnmatchedMeasured &row : comparison.unmatchedMeasured)
        json.object([&] {
          writeRow(row.measured);
          json.text("reason", row.reason);
        });
    });
    json.list("unmatched_predicted", comparison.unmatchedPredicted);
  });
}
