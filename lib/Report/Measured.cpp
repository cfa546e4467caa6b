//===- Measured.cpp - Measured KPIs from CSV ------------------------------===//
#include "nmc/Report/Compare.h"
#include "nmc/Support/Csv.h"
#include "nmc/Support/RuleError.h"
#include "nmc/Support/Units.h"

#include <cmath>

using namespace nmc;
using namespace nmc::report;

static constexpr StringLiteral columns[] = {
    "target",     "model",  "model_sha256", "input",   "kpi",   "value",
    "unit",       "mode",   "aggregation",  "samples", "scope", "std",
    "instrument", "source", "date",         "note"};
/// Columns that kpis.csv has beside them.
static constexpr StringLiteral extraColumns[] = {"low", "high", "unavailable"};
static constexpr StringLiteral requiredColumns[] = {"target", "model", "kpi",
                                                    "value", "unit"};

ArrayRef<StringLiteral> report::getMeasuredColumns() { return columns; }

/// `number unit` in the unit of the registry.
static llvm::Expected<double> toRegistryUnit(StringRef number, StringRef unit,
                                             StringRef wanted) {
  if (wanted == "J s") {
    // Energy times time: a prefixed energy and "s" behind it.
    std::string energyUnit = unit.trim().str();
    for (StringRef separator : {"·", "*", "."})
      if (size_t at = energyUnit.find(separator.str()); at != std::string::npos)
        energyUnit.replace(at, separator.size(), " ");
    StringRef energy(energyUnit);
    if (!energy.consume_back("s"))
      return makeRuleError("measured-unit", "unit '" + unit +
                                                "' is not energy times time, "
                                                "such as 'uJ s'");
    return parseQuantity((number + " " + energy.trim()).str(),
                         Dimension::Energy);
  }
  if (wanted == "B") {
    llvm::Expected<double> bits =
        parseQuantity((number + " " + unit).str(), Dimension::Information);
    if (!bits)
      return bits.takeError();
    return *bits / 8;
  }
  Dimension dimension = getDimensionOfSIUnit(wanted).value_or(Dimension::Count);
  // A ratio may be written in per cent, a count as a plain number.
  if (wanted == "1")
    dimension = unit.trim() == "%" ? Dimension::Ratio : Dimension::Count;
  return parseQuantity((number + " " + unit).str(), dimension);
}

namespace {
class MeasuredParser {
public:
  MeasuredParser(const CsvTable &table, StringRef where)
      : table(table), where(where) {}

  llvm::Expected<MeasuredTable> parse();

private:
  void fault(int64_t line, StringRef rule, const Twine &message) {
    error = llvm::joinErrors(
        std::move(error),
        makeRuleError(rule, where + ":" + Twine(line) + ": " + message));
  }
  /// The text of an llvm::Error that already ends in its rule.
  void fault(int64_t line, llvm::Error cause) {
    error = llvm::joinErrors(
        std::move(error),
        llvm::createStringError(llvm::inconvertibleErrorCode(),
                                where + ":" + Twine(line) + ": " +
                                    llvm::toString(std::move(cause))));
  }
  StringRef field(const CsvRow &row, StringRef column) const {
    std::optional<size_t> at = table.column(column);
    return at && *at < row.fields.size() ? StringRef(row.fields[*at]).trim()
                                         : StringRef();
  }
  void checkColumns();
  void parseRow(const CsvRow &row);

  const CsvTable &table;
  StringRef where;
  MeasuredTable result;
  llvm::Error error = llvm::Error::success();
};
} // namespace

void MeasuredParser::checkColumns() {
  for (StringRef name : requiredColumns)
    if (!table.column(name))
      fault(table.headerLine, "measured-column",
            "column '" + name + "' is missing");
  for (const std::string &name : table.columns) {
    if (llvm::is_contained(columns, name) ||
        llvm::is_contained(extraColumns, name))
      continue;
    StringRef best;
    unsigned bestDistance = 4;
    for (StringRef known : columns)
      if (unsigned distance = known.edit_distance(name);
          distance < bestDistance)
        bestDistance = distance, best = known;
    fault(table.headerLine, "measured-column",
          "unknown column '" + name + "'" +
              (best.empty() ? Twine("") : "; did you mean '" + best + "'?"));
  }
}

void MeasuredParser::parseRow(const CsvRow &row) {
  // A KPI without value states why and measures nothing.
  if (field(row, "value").empty() && !field(row, "unavailable").empty())
    return;
  MeasuredRow out;
  out.line = row.line;
  out.target = field(row, "target").str();
  out.model = field(row, "model").str();
  out.modelSha256 = field(row, "model_sha256").lower();
  out.input = field(row, "input").str();
  out.kpi = field(row, "kpi").str();
  out.aggregation = field(row, "aggregation").str();
  out.scope = field(row, "scope").str();
  out.instrument = field(row, "instrument").str();
  out.source = field(row, "source").str();
  out.date = field(row, "date").str();
  out.note = field(row, "note").str();

  bool valid = true;
  auto bad = [&](StringRef rule, const Twine &message) {
    fault(row.line, rule, message);
    valid = false;
  };
  if (out.target.empty())
    bad("measured-value", "no target");
  if (out.model.empty() && out.modelSha256.empty())
    bad("measured-value", "neither model nor model_sha256");
  if (!out.modelSha256.empty() &&
      (out.modelSha256.size() != 64 ||
       out.modelSha256.find_first_not_of("0123456789abcdef") !=
           std::string::npos))
    bad("measured-value",
        "model_sha256 '" + out.modelSha256 + "' is not 64 hexadecimal digits");
  const cost::KpiInfo *info = cost::lookupKpi(out.kpi);
  if (!info) {
    StringRef best = cost::suggestKpi(out.kpi);
    bad("measured-kpi",
        "unknown KPI '" + out.kpi + "'" +
            (best.empty() ? Twine("") : "; did you mean '" + best + "'?"));
  }
  if (StringRef mode = field(row, "mode"); !mode.empty()) {
    if (std::optional<cost::Mode> known = cost::symbolizeMode(mode))
      out.mode = *known;
    else
      bad("measured-value",
          "mode '" + mode + "' is not predicted, simulated or measured");
  }
  if (StringRef samples = field(row, "samples"); !samples.empty()) {
    int64_t count;
    if (samples.getAsInteger(10, count) || count < 1)
      bad("measured-value",
          "samples '" + samples + "' is not a whole number above 0");
    else
      out.samples = count;
  }
  if (info) {
    out.unit = info->unit.str();
    auto number = [&](StringRef column) -> std::optional<double> {
      StringRef text = field(row, column);
      double plain;
      if (text.getAsDouble(plain) || !std::isfinite(plain)) {
        bad("measured-value", column + " '" + text + "' is not a number");
        return std::nullopt;
      }
      llvm::Expected<double> value =
          toRegistryUnit(text, field(row, "unit"), info->unit);
      if (!value) {
        fault(row.line, value.takeError());
        valid = false;
        return std::nullopt;
      }
      return *value;
    };
    if (std::optional<double> value = number("value")) {
      out.value = *value;
      if (*value < 0)
        bad("measured-value", "value " + field(row, "value") +
                                  " is negative, which no KPI can be");
      if (valid && !field(row, "std").empty())
        out.std = number("std");
    }
  }
  if (valid)
    result.rows.push_back(std::move(out));
}

llvm::Expected<MeasuredTable> MeasuredParser::parse() {
  result.path = where.str();
  bool versioned =
      !table.comments.empty() && table.comments.front().first == 1 &&
      StringRef(table.comments.front().second).starts_with("nmc.measured");
  if (!versioned)
    fault(1, "measured-version", "the first line is not '# nmc.measured 1'");
  else if (StringRef(table.comments.front().second)
               .drop_front(strlen("nmc.measured"))
               .trim() != "1")
    fault(1, "measured-version",
          "'" + table.comments.front().second +
              "' is of another version, this program reads 'nmc.measured 1'");
  checkColumns();
  if (error)
    return std::move(error);
  for (const CsvRow &row : table.rows)
    parseRow(row);
  if (error)
    return std::move(error);
  return std::move(result);
}

llvm::Expected<MeasuredTable> report::parseMeasured(StringRef text,
                                                    StringRef where) {
  llvm::Expected<CsvTable> table = parseCsv(text, where);
  if (!table)
    return table.takeError();
  return MeasuredParser(*table, where).parse();
}
