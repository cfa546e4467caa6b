//===- Report.cpp - The report object and its JSON ------------------------===//
#include "nmc/Report/Report.h"
#include "JsonWriter.h"
#include "nmc/Support/Sha256.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <charconv>
#include <cmath>

using namespace nmc;
using namespace nmc::report;
using cost::Range;

StringRef report::stringifyStatus(Status status) {
  switch (status) {
  case Status::Ok:
    return "ok";
  case Status::Partial:
    return "partial";
  case Status::DoesNotFit:
    return "does_not_fit";
  case Status::Unsupported:
    return "unsupported";
  case Status::Failed:
    return "failed";
  }
  return "";
}

std::optional<Status> report::symbolizeStatus(StringRef word) {
  return llvm::StringSwitch<std::optional<Status>>(word)
      .Case("ok", Status::Ok)
      .Case("partial", Status::Partial)
      .Case("does_not_fit", Status::DoesNotFit)
      .Case("unsupported", Status::Unsupported)
      .Case("failed", Status::Failed)
      .Default(std::nullopt);
}

std::string report::formatDouble(double value) {
  if (!std::isfinite(value))
    value = 0; // cannot be: Estimate::of refuses such values
  if (value == 0)
    return "0"; // no negative zero
  char buffer[64];
  std::to_chars_result result =
      std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, result.ptr);
}

void Report::add(cost::CostResult result) {
  run.level = result.level;
  llvm::append_range(kpis, result.kpis);
  layers = std::move(result.layers);
  cores = std::move(result.cores);
  resources = std::move(result.resources);
  step = std::move(result.step);
  assumptions = std::move(result.assumptions);
  for (const cost::Note &note : result.notes) {
    Finding diagnostic;
    diagnostic.severity = note.severity;
    diagnostic.rule = note.rule;
    diagnostic.message = note.message;
    diagnostic.layer = note.layer;
    diagnostic.hint = note.hint;
    diagnostics.push_back(std::move(diagnostic));
  }
}

std::string Report::id() const {
  std::string key;
  llvm::raw_string_ostream os(key);
  os << run.toolVersion << '\n'
     << run.level << '\n'
     << run.pipeline << '\n'
     << run.seed << '\n'
     << model.sha256 << '\n'
     << target.sha256 << '\n'
     << target.costProfile << '\n'
     << input.sha256 << '\n'
     << input.samples << '\n';
  for (const auto &[name, value] : run.options)
    os << name << '=' << value << '\n';
  return sha256(key).substr(0, 12);
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

namespace {
/// Writes the parts of a report in the order of the schema.
class ReportWriter {
public:
  ReportWriter(const Report &report, raw_ostream &os)
      : report(report), json(os) {}

  void write();

private:
  void writeHead();
  void writeFinding(const Finding &diagnostic);
  void writeKpi(const cost::Estimate &kpi);
  void writeLayer(const cost::LayerCost &layer);
  void writeCore(const cost::CoreCost &core);
  void writeBreakdown(ArrayRef<std::pair<std::string, Range>> parts) {
    if (parts.empty())
      return;
    json.array("breakdown", [&] {
      for (const auto &[term, range] : parts)
        json.object([&, &term = term, &range = range] {
          json.text("term", term);
          json.range(range);
        });
    });
  }
  template <typename T>
  void list(StringRef key, const std::vector<T> &items,
            function_ref<void(const T &)> write) {
    json.array(key, [&] {
      for (const T &item : items)
        json.object([&] { write(item); });
    });
  }

  const Report &report;
  detail::JsonWriter json;
};
} // namespace

void ReportWriter::writeHead() {
  json.object("run", [&] {
    json.text("id", report.id());
    json.text("tool", report.run.tool);
    json.text("tool_version", report.run.toolVersion);
    json.optional("level", report.run.level);
    json.integer("seed", report.run.seed);
    json.optional("pipeline", report.run.pipeline);
    json.array("options", [&] {
      for (const auto &[name, value] : report.run.options)
        json.object([&, &name = name, &value = value] {
          json.text("name", name);
          json.text("value", value);
        });
    });
  });
  json.object("model", [&] {
    const Model &model = report.model;
    json.text("name", model.name);
    json.text("path", model.path);
    json.text("format", model.format);
    json.text("sha256", model.sha256);
    json.integer("ir_version", model.irVersion);
    if (!model.opset.empty())
      json.object("opset", [&] {
        auto opset = model.opset;
        llvm::sort(opset);
        for (const auto &[domain, version] : opset)
          json.integer(domain, version);
      });
    json.integer("parameters", model.parameters);
    json.integer("macs_dense", model.macsDense);
    json.integer("layers", model.layers);
  });
  json.object("target", [&] {
    const Target &target = report.target;
    json.text("name", target.name);
    json.optional("path", target.path);
    json.text("sha256", target.sha256);
    json.optional("cost_profile", target.costProfile);
    json.optional("execution_profile", target.executionProfile);
    json.list("overrides", target.overrides);
  });
  json.object("input", [&] {
    const Input &input = report.input;
    json.text("kind", input.kind);
    json.optional("name", input.name);
    json.optional("path", input.path);
    json.optional("sha256", input.sha256);
    json.integer("samples", input.samples);
    json.flag("labels", input.labels);
    json.integer("timesteps", input.timesteps);
    json.optional("encoding", input.encoding);
  });
  json.text("status", stringifyStatus(report.status));
  if (report.mapping)
    json.object("mapping", [&] {
      const Mapping &mapping = *report.mapping;
      json.optional("solver", mapping.solver);
      json.integer("cores", mapping.cores);
      json.integer("chips", mapping.chips);
      json.integer("cores_bound", mapping.coresBound);
      json.number("gap", mapping.gap);
      json.flag("time_limited", mapping.timeLimited);
    });
}

void ReportWriter::writeFinding(const Finding &diagnostic) {
  json.text("severity", cost::stringifySeverity(diagnostic.severity));
  json.optional("rule", diagnostic.rule);
  json.text("message", diagnostic.message);
  json.optional("location", diagnostic.location);
  json.optional("layer", diagnostic.layer);
  json.optional("hint", diagnostic.hint);
  json.optional("resource", diagnostic.resource);
  json.number("required", diagnostic.required);
  json.number("available", diagnostic.available);
  json.optional("unit", diagnostic.unit);
}

void ReportWriter::writeKpi(const cost::Estimate &kpi) {
  json.text("name", kpi.kpi);
  if (kpi.range)
    json.range(*kpi.range);
  else
    json.text("unavailable", kpi.unavailable);
  json.text("unit", kpi.unit);
  json.text("mode", cost::stringifyMode(kpi.mode));
  if (const cost::KpiInfo *info = cost::lookupKpi(kpi.kpi))
    json.text("per", cost::stringifyPer(info->per));
  json.optional("aggregation", kpi.aggregation);
  json.integer("samples", kpi.samples);
  json.optional("scope", kpi.scope);
  json.optional("note", kpi.note);
  writeBreakdown(kpi.breakdown);
}

void ReportWriter::writeLayer(const cost::LayerCost &layer) {
  json.text("name", layer.name);
  json.text("op", layer.op);
  json.optional("location", layer.location);
  json.integer("cores", layer.cores);
  json.integer("neurons", layer.neurons);
  json.integer("synapses", layer.synapses);
  json.number("weight_B", layer.weightBytes);
  json.number("spikes_in", layer.spikesIn);
  json.number("spikes_out", layer.spikesOut);
  json.number("rate_per_step", layer.rate);
  json.number("synops", layer.synops);
  json.number("synops_dense", layer.synopsDense);
  json.number("updates", layer.updates);
  if (layer.energy)
    json.range("energy", *layer.energy, "_J");
  writeBreakdown(layer.breakdown);
  if (layer.latency)
    json.range("latency", *layer.latency, "_s");
  if (layer.boundBy)
    json.text("bound_by", cost::stringifyBound(*layer.boundBy));
}

void ReportWriter::writeCore(const cost::CoreCost &core) {
  json.integer("chip", core.chip);
  json.integer("core", core.core);
  json.list("populations", core.populations);
  json.number("neurons", core.neurons);
  if (core.energy)
    json.range("energy", *core.energy, "_J");
  if (core.time)
    json.range("time_per_step", *core.time, "_s");
  if (core.stage)
    json.text("bound_by", cost::stringifyBound(*core.stage));
}

void ReportWriter::write() {
  json.object([&] {
    json.text("schema", "nmc.report");
    json.text("schema_version", reportSchemaVersion);
    writeHead();
    list<Finding>("diagnostics", report.diagnostics,
                  [&](const Finding &d) { writeFinding(d); });
    list<cost::Estimate>("kpis", report.kpis,
                         [&](const cost::Estimate &k) { writeKpi(k); });
    list<AccuracyPoint>(
        "accuracy_curve", report.accuracyCurve,
        [&](const AccuracyPoint &point) {
          json.integer("steps", point.steps);
          json.number("accuracy", point.accuracy);
          json.number("spikes_per_inference", point.spikesPerInference);
          json.number("synops_per_inference", point.synopsPerInference);
          json.integer("samples", point.samples);
        });
    list<cost::LayerCost>("layers", report.layers,
                          [&](const cost::LayerCost &l) { writeLayer(l); });
    list<cost::CoreCost>("cores", report.cores,
                         [&](const cost::CoreCost &c) { writeCore(c); });
    list<cost::ResourceUse>("resources", report.resources,
                            [&](const cost::ResourceUse &use) {
                              json.text("resource", use.resource);
                              json.text("scope", use.scope);
                              json.number("used", use.used);
                              json.number("available", use.available);
                              json.text("unit", use.unit);
                              json.optional("at", use.at);
                            });
    list<cost::StepPart>("step", report.step, [&](const cost::StepPart &part) {
      json.text("bound_by", cost::stringifyBound(part.bound));
      json.optional("what", part.what);
      json.range("time", part.time, "_s");
    });
    list<cost::Assumption>("assumptions", report.assumptions,
                           [&](const cost::Assumption &assumption) {
                             json.text("parameter", assumption.parameter);
                             json.range(assumption.value);
                             json.text("unit", assumption.unit);
                             json.text("kind", assumption.kind);
                             json.text("provenance", assumption.provenance);
                             json.optional("source", assumption.source);
                           });
  });
}

void report::printJson(const Report &report, raw_ostream &os) {
  ReportWriter(report, os).write();
}
