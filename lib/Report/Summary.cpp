//===- Summary.cpp - One screen for a terminal ----------------------------===//
#include "nmc/Report/Report.h"
#include "nmc/Support/Units.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>

using namespace nmc;
using namespace nmc::report;
using cost::Estimate;
using cost::Range;

/// "7.1 k", "2.66 M": counts for people.
static std::string formatCount(double value) {
  if (value >= 999.5e6)
    return formatNumber(value / 1e9) + " G";
  if (value >= 999.5e3)
    return formatNumber(value / 1e6) + " M";
  if (value >= 9999.5 || (value >= 1000 && value != std::floor(value)))
    return formatNumber(value / 1e3) + " k";
  return formatNumber(value, value >= 1000 ? 4 : 3);
}

std::string report::formatValue(double value, StringRef unit) {
  if (unit == "B")
    // Small sizes need not be whole bits.
    return value < 1024
               ? formatNumber(value) + " B"
               : formatQuantity(std::round(value) * 8, Dimension::Information);
  if (unit == "J s") {
    std::string energy = formatQuantity(value, Dimension::Energy);
    return energy + "*s";
  }
  if (unit == "1")
    return formatCount(value);
  if (unit == "1/s")
    return formatCount(value) + "/s";
  if (std::optional<Dimension> dimension = getDimensionOfSIUnit(unit);
      dimension && *dimension != Dimension::Count)
    return formatQuantity(value, *dimension);
  return formatNumber(value) + " " + unit.str();
}

static std::string padRight(std::string text, size_t width) {
  if (text.size() < width)
    text.append(width - text.size(), ' ');
  return text;
}

static std::string padLeft(const std::string &text, size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text
                             : text;
}

static std::string percent(double ratio) {
  double value = 100 * ratio;
  if (value > 0 && value < 0.1)
    return "< 0.1 %";
  // "100 %" is all of it.
  if (value < 100 && value >= 99.5)
    return "99 %";
  return formatNumber(value, value < 1 ? 1 : 2) + " %";
}

namespace {
/// Prints within 30 lines: fixed rows first, long lists in what is left.
class Summary {
public:
  Summary(const Report &report, raw_ostream &os, const SummaryOptions &options)
      : report(report), os(os), options(options) {}
  void print();

private:
  static constexpr int maxLines = 30, maxWidth = 100;

  void line(StringRef label, const Twine &text) {
    os << llvm::left_justify(label, label.empty() ? 0 : 17)
       << (label.empty() || label.size() < 17 ? "" : " ") << text << "\n";
    ++lines;
  }
  /// A label and words, wrapped under one another; as many lines as `limit`.
  void wrapped(StringRef label, ArrayRef<std::string> words, int limit);
  void row(StringRef label, const Estimate &kpi, StringRef note);
  void row(StringRef label, StringRef kpi, StringRef aggregation,
           StringRef note);
  void head();
  void verdict();
  void accuracy();
  void activity();
  void assumptions();
  void unavailable();
  void problems();
  std::string shares(const Estimate &energy) const;
  std::string bound() const;
  std::string colored(const Twine &text, StringRef code) const {
    return options.color ? ("\x1b[" + code + "m" + text + "\x1b[0m").str()
                         : text.str();
  }

  const Report &report;
  raw_ostream &os;
  const SummaryOptions &options;
  int lines = 0;
};
} // namespace

void Summary::wrapped(StringRef label, ArrayRef<std::string> words, int limit) {
  std::string current;
  int used = 0;
  auto flush = [&] {
    line(used == 0 ? label : StringRef(" "), StringRef(current).rtrim());
    current.clear();
    ++used;
  };
  for (size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i] + (i + 1 < words.size() ? "; " : "");
    if (!current.empty() && 17 + current.size() + word.size() > maxWidth) {
      if (used + 1 == limit) {
        current += llvm::formatv("... and {0} more", words.size() - i).str();
        break;
      }
      flush();
    }
    current += word;
  }
  if (!current.empty())
    flush();
}

void Summary::head() {
  std::vector<std::string> facts;
  const Model &model = report.model;
  if (model.parameters)
    facts.push_back(formatCount(*model.parameters) + " parameters");
  if (model.macsDense)
    facts.push_back(formatCount(*model.macsDense) + " dense MAC");
  if (model.layers)
    facts.push_back(std::to_string(*model.layers) + " layers");
  if (report.input.samples > 0)
    facts.push_back(llvm::formatv("{0} samples from {1}", report.input.samples,
                                  report.input.name.empty() ? report.input.kind
                                                            : report.input.name)
                        .str());
  else
    facts.push_back("no input data");
  if (report.input.timesteps)
    facts.push_back(llvm::formatv("{0} step{1}", *report.input.timesteps,
                                  *report.input.timesteps == 1 ? "" : "s")
                        .str());
  std::string title = model.name;
  if (!report.target.name.empty())
    title += " on " + report.target.name;
  os << colored(title, "1") << "   "
     << llvm::join(facts, ", ") << "\n";
  ++lines;
}

void Summary::verdict() {
  switch (report.status) {
  case Status::Ok:
  case Status::Partial:
    break;
  case Status::DoesNotFit:
    line("verdict", colored("does not fit", "31"));
    return;
  case Status::Unsupported:
    line("verdict", colored("cannot be converted", "31"));
    return;
  case Status::Failed:
    line("verdict", colored("failed", "31"));
    return;
  }
  std::vector<std::string> words;
  for (const cost::ResourceUse &use : report.resources) {
    if (use.available <= 0)
      continue;
    std::string share = percent(use.used / use.available);
    if (use.resource == "cores" && use.scope == "chip")
      words.push_back(llvm::formatv("{0}/{1} cores ({2})", int64_t(use.used),
                                    int64_t(use.available), share)
                          .str());
  }
  const cost::ResourceUse *worst = nullptr;
  for (const cost::ResourceUse &use : report.resources)
    if (use.scope == "core, worst" && use.available > 0 &&
        (!worst || use.used / use.available > worst->used / worst->available))
      worst = &use;
  if (worst) {
    std::string name = worst->resource;
    llvm::replace(name, '_', ' ');
    words.push_back(llvm::formatv("fullest: {0} {1}{2}{3}", name,
                                  percent(worst->used / worst->available),
                                  worst->at.empty() ? "" : " of ", worst->at)
                        .str());
  }
  if (words.empty() && report.mapping)
    words.push_back(std::to_string(report.mapping->cores) + " cores");
  // Runs and counts map nothing.
  if (words.empty()) {
    if (report.status == Status::Partial)
      line("verdict", "stopped before there was a mapping");
    return;
  }
  if (report.mapping && report.mapping->coresBound)
    words.push_back(
        llvm::formatv("at least {0} cores needed", *report.mapping->coresBound)
            .str());
  std::string text = llvm::join(words, ", ");
  std::string fits = report.status == Status::Partial
                         ? colored("fits (stopped early)", "33")
                         : colored("fits", "32");
  line("verdict", text.empty() ? fits : fits + ": " + text);
}

void Summary::row(StringRef label, const Estimate &kpi, StringRef note) {
  std::string value = formatValue(kpi.range->value, kpi.unit), range;
  if (!kpi.range->isExact())
    range = formatValue(kpi.range->low, kpi.unit) + " - " +
            formatValue(kpi.range->high, kpi.unit);
  if (kpi.kpi.find("accuracy") == 0)
    value = llvm::formatv("{0:F3}", kpi.range->value).str();
  std::string text = padRight(value, 14) + padRight(range, 24) + note.str();
  line(label, StringRef(text).rtrim());
}

void Summary::row(StringRef label, StringRef kpi, StringRef aggregation,
                  StringRef note) {
  const Estimate *estimate = report.kpi(kpi, aggregation);
  if (estimate && estimate->range)
    row(label, *estimate, note);
}

std::string Summary::shares(const Estimate &energy) const {
  struct Group {
    StringLiteral name;
    std::vector<StringRef> terms;
    double sum = 0;
  };
  Group groups[] = {
      {"synops", {"synop", "mac"}, 0},
      {"neurons", {"neuron_access", "neuron_update", "spike_out"}, 0},
      {"network", {"axon_out", "axon_in", "spike_local", "hop_x", "hop_y"}, 0},
      {"reset", {"state_reset"}, 0},
      {"i/o", {"io_bit"}, 0},
      {"static", {"static"}, 0},
      {"host", {"host"}, 0}};
  std::vector<std::string> words;
  for (Group &group : groups) {
    bool present = false;
    for (StringRef term : group.terms)
      if (std::optional<Range> part = energy.part(term))
        group.sum += part->value, present = true;
    if (present && energy.range->value > 0)
      words.push_back(
          (group.name + " " + percent(group.sum / energy.range->value)).str());
  }
  return words.empty() ? energy.note : llvm::join(words, ", ");
}

std::string Summary::bound() const {
  std::vector<std::string> words;
  for (const cost::StepPart &part : report.step) {
    if (words.size() == 2)
      break;
    std::string name = cost::stringifyBound(part.bound).str();
    llvm::replace(name, '_', ' ');
    bool core = part.bound == cost::Bound::NeuronStage ||
                part.bound == cost::Bound::SynapseStage ||
                part.bound == cost::Bound::Link;
    words.push_back(core && !part.what.empty() ? name + " of " + part.what
                                               : name);
  }
  return words.empty() ? "" : "bound by " + llvm::join(words, ", then ");
}

void Summary::accuracy() {
  auto read = [&](StringRef kpi) -> std::optional<double> {
    const Estimate *estimate = report.kpi(kpi);
    return estimate && estimate->range
               ? std::optional<double>(estimate->range->value)
               : std::nullopt;
  };
  const Estimate *kpi = report.kpi("accuracy");
  if (kpi && kpi->range) {
    std::vector<std::string> words;
    // Stages may be scored on fewer samples, and legalisation may change nothing.
    auto stage = [&](StringRef name, StringRef word) {
      std::optional<double> value = read(name);
      if (!value)
        return;
      std::string text = llvm::formatv("{0} {1:F3}", word, *value).str();
      std::optional<int64_t> samples = report.kpi(name)->samples;
      if (samples && samples != kpi->samples)
        text += llvm::formatv(" (first {0})", *samples).str();
      words.push_back(text);
    };
    stage("accuracy_float", "float");
    if (read("accuracy_legal") != read("accuracy_float"))
      stage("accuracy_legal", "legal");
    stage("accuracy_converted", "converted");
    if (kpi->samples)
      words.push_back(llvm::formatv("{0} samples", *kpi->samples).str());
    row("accuracy", *kpi, llvm::join(words, ", "));
  }
  if (report.accuracyCurve.empty())
    return;
  std::string steps, accuracies, spikes;
  bool anySpikes = false, anyAccuracy = false;
  for (const AccuracyPoint &point : report.accuracyCurve) {
    steps += padLeft(std::to_string(point.steps), 8);
    accuracies += padLeft(
        point.accuracy ? llvm::formatv("{0:F3}", *point.accuracy).str() : "-",
        8);
    spikes += padLeft(
        point.spikesPerInference ? formatCount(*point.spikesPerInference) : "-",
        8);
    anySpikes |= point.spikesPerInference.has_value();
    anyAccuracy |= point.accuracy.has_value();
  }
  line("  after steps", steps);
  if (anyAccuracy)
    line("  accuracy", accuracies);
  if (anySpikes)
    line("  spikes/image", spikes);
}

void Summary::activity() {
  const Estimate *synops = report.kpi("synops_per_inference");
  const Estimate *dense = report.kpi("synops_dense_per_inference");
  if (!synops || !synops->range)
    return;
  std::string text = formatCount(synops->range->value) + " synops";
  if (dense && dense->range && dense->range->value > 0)
    text += " (" + percent(synops->range->value / dense->range->value) +
            " of dense)";
  if (const Estimate *spikes = report.kpi("spikes_per_inference");
      spikes && spikes->range)
    text += ", " + formatCount(spikes->range->value) + " spikes";
  const cost::LayerCost *hottest = nullptr;
  for (const cost::LayerCost &layer : report.layers)
    if (layer.synops && (!hottest || *layer.synops > *hottest->synops))
      hottest = &layer;
  if (hottest && *hottest->synops > 0 && synops->range->value > 0)
    text += "; hottest: " + hottest->name + " (" +
            percent(*hottest->synops / synops->range->value) + ")";
  line("activity", text);
}

void Summary::assumptions() {
  if (report.assumptions.empty())
    return;
  std::vector<std::string> weak;
  for (const cost::Assumption &a : report.assumptions)
    if (a.provenance == "assumed" || a.provenance == "estimated" ||
        a.provenance == "scaled" || a.provenance == "recalled")
      weak.push_back(a.parameter + " " + a.provenance);
  std::string profile = report.target.costProfile.empty()
                            ? ""
                            : " (profile " + report.target.costProfile + ")";
  if (weak.empty()) {
    line("assumed", llvm::formatv("nothing: all {0} cost values{1} are from "
                                  "the literature",
                                  report.assumptions.size(), profile)
                        .str());
    return;
  }
  std::string text =
      llvm::formatv("{0} of {1} cost values{2} are not from the literature: ",
                    weak.size(), report.assumptions.size(), profile)
          .str();
  weak.front() = text + weak.front();
  wrapped("assumed", weak, 3);
}

void Summary::unavailable() {
  // One reason for several KPIs is said once.
  std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
  for (const Estimate &kpi : report.kpis) {
    if (kpi.range)
      continue;
    auto it = llvm::find_if(
        reasons, [&](const auto &r) { return r.first == kpi.unavailable; });
    if (it == reasons.end())
      it = reasons.insert(reasons.end(), {kpi.unavailable, {}});
    if (!llvm::is_contained(it->second, kpi.kpi))
      it->second.push_back(kpi.kpi);
  }
  std::vector<std::string> words;
  for (const auto &[reason, names] : reasons) {
    std::string what = names.front();
    if (names.size() > 1)
      what += llvm::formatv(" and {0} more", names.size() - 1).str();
    words.push_back(what + ": " + reason);
  }
  if (!words.empty())
    wrapped("unavailable", words, 4);
}

void Summary::problems() {
  std::vector<const Finding *> errors, warnings;
  for (const Finding &diagnostic : report.diagnostics) {
    if (diagnostic.severity == cost::Severity::Error)
      errors.push_back(&diagnostic);
    else if (diagnostic.severity == cost::Severity::Warning)
      warnings.push_back(&diagnostic);
  }
  auto show = [&](ArrayRef<const Finding *> list, StringRef label, int limit) {
    int shown = 0;
    for (const Finding *d : list) {
      if (shown == limit && int(list.size()) > limit) {
        line(" ", llvm::formatv("... and {0} more, in report.json",
                                list.size() - shown)
                      .str());
        return;
      }
      std::string place = !d->layer.empty() ? d->layer : d->location;
      std::string text = (place.empty() ? "" : place + ": ") + d->message;
      if (!d->rule.empty())
        text += " [" + d->rule + "]";
      // A message of several lines takes one here.
      llvm::replace(text, '\n', ' ');
      line(shown == 0 ? label : StringRef(" "), text);
      ++shown;
    }
  };
  // One line stays for what was written.
  show(errors, "errors", std::max(1, maxLines - lines - 6));
  show(warnings, "warnings", std::clamp(maxLines - lines - 3, 1, 6));
}

void Summary::print() {
  head();
  verdict();
  bool any = llvm::any_of(report.kpis, [](const Estimate &kpi) {
    return kpi.range &&
           (StringRef(kpi.kpi).starts_with("energy") || kpi.kpi == "latency");
  });
  if (any)
    line(" ", "predicted     range                   note");
  if (const Estimate *energy = report.kpi("energy_per_inference");
      energy && energy->range)
    row("energy/inference", *energy, shares(*energy));
  row("  events alone", "energy_dynamic_per_inference", "",
      report.kpi("energy_per_inference") &&
              report.kpi("energy_per_inference")->range
          ? ""
          : "no total, see below");
  row("  above boot idle", "energy_above_idle_per_inference", "", "");
  const Estimate *mean = report.kpi("latency", "mean");
  row("latency", "latency", "mean", bound());
  row("  p50", "latency", "p50", "");
  row("  p99", "latency", "p99", "");
  row("throughput", "throughput", "",
      mean && mean->range && mean->scope == "chip" ? "without host transfers"
                                                   : "");
  row("power", "power_total", "", "at full throughput");
  accuracy();
  activity();
  const Estimate *weights = report.kpi("memory_weights");
  const Estimate *state = report.kpi("memory_state");
  if (weights && weights->range && state && state->range)
    line("memory", "weights " + formatValue(weights->range->value, "B") +
                       ", state " + formatValue(state->range->value, "B"));
  assumptions();
  if (report.status == Status::Ok || report.status == Status::Partial)
    unavailable();
  problems();
  if (!options.bundle.empty())
    line("", "wrote " + options.bundle +
                 (options.files.empty()
                      ? std::string()
                      : " (" + llvm::join(options.files, ", ") + ")"));
}

void report::printSummary(const Report &report, raw_ostream &os,
                          const SummaryOptions &options) {
  Summary(report, os, options).print();
}
