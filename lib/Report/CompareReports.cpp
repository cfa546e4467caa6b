//===- CompareReports.cpp - Two bundles -----------------------------------===//
#include "JsonWriter.h"
#include "nmc/Report/Compare.h"
#include "nmc/Support/Nearest.h"
#include "nmc/Support/RuleError.h"
#include "nmc/Support/Units.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace nmc;
using namespace nmc::report;
using cost::Estimate;

llvm::Expected<Threshold> report::parseThreshold(StringRef text) {
  auto fail = [&](const Twine &message) {
    return makeRuleError("fail-over", "--fail-over " + text + ": " + message);
  };
  auto [name, amount] = text.split('=');
  name = name.trim();
  static constexpr std::pair<StringLiteral, StringLiteral> shortNames[] = {
      {"energy", "energy_per_inference"}, {"power", "power_total"},
      {"memory", "memory_weights"},       {"spikes", "spikes_per_inference"},
      {"synops", "synops_per_inference"}, {"cores", "cores_used"}};
  Threshold threshold;
  threshold.kpi = name.str();
  SmallVector<StringRef> known;
  for (auto [shorter, kpi] : shortNames) {
    if (name == shorter)
      threshold.kpi = kpi.str();
    known.push_back(shorter);
  }
  if (!cost::lookupKpi(threshold.kpi)) {
    for (const cost::KpiInfo &info : cost::getKpis())
      known.push_back(info.name);
    return fail("unknown KPI '" + name + "'" + didYouMean(name, known));
  }
  if (amount.empty())
    return fail("expected KPI=LIMIT, such as energy=10%");
  amount = amount.trim();
  bool isPercent = amount.consume_back("%");
  if (amount.rtrim().getAsDouble(threshold.relative) ||
      !std::isfinite(threshold.relative) || threshold.relative < 0)
    return fail("limit '" + amount +
                "' is not a number of at least 0, such as 10% or 0.1");
  if (isPercent)
    threshold.relative /= 100;
  return threshold;
}

/// How much worse `after` is, relative to `before`; negative: better.
static double getWorsening(cost::Better better, double before, double after) {
  double change = (after - before) / before;
  switch (better) {
  case cost::Better::Lower:
    return change;
  case cost::Better::Higher:
    return -change;
  case cost::Better::Neither:
    return std::fabs(change);
  }
  return change;
}

/// The estimate with the same KPI and aggregation; scopes may differ.
static const Estimate *findPartner(const Report &report,
                                   const Estimate &estimate) {
  for (const Estimate &other : report.kpis)
    if (other.kpi == estimate.kpi && other.aggregation == estimate.aggregation)
      return &other;
  return nullptr;
}

/// A target beside another: what was overridden where the names are equal.
static std::string describe(const Target &target, const Target &other) {
  std::string text = target.name;
  if (target.name != other.name)
    return text;
  for (auto [i, entry] : llvm::enumerate(target.overrides))
    text += (i ? ", " : " with ") + entry;
  return target.overrides.empty() && !target.sha256.empty()
             ? text + " (" + target.sha256.substr(0, 8) + ")"
             : text;
}

BundleComparison report::compareReports(const Report &before,
                                        const Report &after,
                                        ArrayRef<Threshold> thresholds) {
  BundleComparison result;
  auto differ = [&](StringRef what, const std::string &a, const std::string &b,
                    const std::string &nameA, const std::string &nameB) {
    if (a != b)
      result.remarks.push_back(
          (what + " differs: " + nameA + ", then " + nameB).str());
  };
  differ("model", before.model.sha256, after.model.sha256, before.model.name,
         after.model.name);
  differ("target", before.target.sha256, after.target.sha256,
         describe(before.target, after.target),
         describe(after.target, before.target));
  differ("cost profile", before.target.costProfile, after.target.costProfile,
         before.target.costProfile, after.target.costProfile);
  differ("input", before.input.sha256, after.input.sha256, before.input.name,
         after.input.name);

  // Both sides' KPIs, in the order of the registry.
  for (const cost::KpiInfo &info : cost::getKpis()) {
    std::vector<std::string> aggregations;
    for (const Report *report : {&before, &after})
      for (const Estimate &estimate : report->kpis)
        if (estimate.kpi == info.name &&
            !llvm::is_contained(aggregations, estimate.aggregation))
          aggregations.push_back(estimate.aggregation);
    const Threshold *threshold = nullptr;
    for (const Threshold &t : thresholds)
      if (t.kpi == info.name)
        threshold = &t;
    if (threshold && aggregations.empty())
      aggregations.emplace_back();
    for (const std::string &aggregation : aggregations) {
      Change change;
      change.kpi = info.name.str();
      change.unit = info.unit.str();
      change.aggregation = aggregation;
      Estimate key;
      key.kpi = change.kpi, key.aggregation = aggregation;
      const Estimate *a = findPartner(before, key);
      const Estimate *b = findPartner(after, key);
      if (a && a->range)
        change.before = a->range, change.scope = a->scope;
      if (b && b->range)
        change.after = b->range, change.scope = b->scope;
      if (a && b && a->range && b->range && a->scope != b->scope)
        result.remarks.push_back("scope of " + change.kpi + " differs: '" +
                                 a->scope + "', then '" + b->scope + "'");
      if (!change.before)
        change.unavailable =
            "before: " + (a ? a->unavailable : std::string("not reported"));
      else if (!change.after)
        change.unavailable =
            "after: " + (b ? b->unavailable : std::string("not reported"));
      bool both = change.before && change.after;
      if (both && change.before->value != 0)
        change.relative =
            (change.after->value - change.before->value) / change.before->value;
      if (threshold) {
        change.threshold = threshold->relative;
        if (!both)
          change.exceeded = true; // what cannot be checked is not met
        else if (change.relative)
          change.exceeded =
              getWorsening(info.better, change.before->value,
                           change.after->value) > threshold->relative;
        else
          change.exceeded =
              change.after->value != 0 && info.better != cost::Better::Higher;
        result.exceeded |= change.exceeded;
      }
      result.changes.push_back(std::move(change));
    }
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

void report::printText(const BundleComparison &comparison, raw_ostream &os) {
  using llvm::left_justify;
  for (const std::string &remark : comparison.remarks)
    os << "note: " << remark << "\n";
  os << left_justify("kpi", 40) << left_justify("before", 16)
     << left_justify("after", 16) << "change\n";
  for (const Change &change : comparison.changes) {
    // Unknown on both sides is no news unless it was asked for.
    if (!change.before && !change.after && !change.threshold)
      continue;
    std::string kpi = change.kpi;
    if (!change.aggregation.empty())
      kpi += " " + change.aggregation;
    auto show = [&](const std::optional<cost::Range> &range) {
      return range ? formatValue(range->value, change.unit) : std::string("-");
    };
    os << left_justify(kpi, 40) << left_justify(show(change.before), 16)
       << left_justify(show(change.after), 16);
    if (change.relative)
      os << (*change.relative >= 0 ? "+" : "-")
         << formatNumber(std::fabs(*change.relative) * 100) << " %";
    else if (!change.unavailable.empty())
      os << change.unavailable;
    if (change.exceeded)
      os << "  exceeds " << formatNumber(*change.threshold * 100) << " %";
    os << "\n";
  }
}

void report::printJson(const BundleComparison &comparison, raw_ostream &os) {
  detail::JsonWriter json(os);
  json.object([&] {
    json.text("schema", "nmc.change");
    json.text("schema_version", "1.0.0");
    json.flag("exceeded", comparison.exceeded);
    json.list("remarks", comparison.remarks);
    json.array("changes", [&] {
      for (const Change &change : comparison.changes)
        json.object([&] {
          json.text("kpi", change.kpi);
          json.optional("aggregation", change.aggregation);
          json.optional("scope", change.scope);
          json.text("unit", change.unit);
          auto side = [&](StringRef key,
                          const std::optional<cost::Range> &range) {
            if (range)
              json.object(key, [&] { json.range(*range); });
          };
          side("before", change.before);
          side("after", change.after);
          json.optional("unavailable", change.unavailable);
          json.number("relative", change.relative);
          json.number("threshold", change.threshold);
          if (change.threshold)
            json.flag("exceeded", change.exceeded);
        });
    });
  });
}
