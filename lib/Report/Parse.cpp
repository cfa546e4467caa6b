//===- Parse.cpp - Reports read back --------------------------------------===//
#include "nmc/Report/Report.h"
#include "nmc/Support/Json.h"
#include "nmc/Support/RuleError.h"

#include <cmath>

using namespace nmc;
using namespace nmc::report;
using cost::Range;
using llvm::json::ObjectMapper;
using llvm::json::Path;
namespace json = llvm::json;

// The overloads that llvm::json::ObjectMapper finds by the type of the field.
namespace nmc::cost {
static bool fromJSON(const json::Value &value, Severity &out, Path path) {
  for (Severity severity : {Severity::Note, Severity::Warning, Severity::Error})
    if (value.getAsString() == stringifySeverity(severity)) {
      out = severity;
      return true;
    }
  path.report("expected note, warning or error");
  return false;
}

static bool fromJSON(const json::Value &value, Mode &out, Path path) {
  if (std::optional<StringRef> word = value.getAsString())
    if (std::optional<Mode> mode = symbolizeMode(*word)) {
      out = *mode;
      return true;
    }
  path.report("expected predicted, simulated or measured");
  return false;
}

static bool fromJSON(const json::Value &value, Bound &out, Path path) {
  for (Bound bound : {Bound::NeuronStage, Bound::SynapseStage, Bound::Link,
                      Bound::Barrier, Bound::Io, Bound::TimestepMinimum})
    if (value.getAsString() == stringifyBound(bound)) {
      out = bound;
      return true;
    }
  path.report("expected the name of what binds a step");
  return false;
}

/// value, low and high.
static bool mapRange(ObjectMapper &map, Range &out) {
  return map && map.map("value", out.value) && map.map("low", out.low) &&
         map.map("high", out.high);
}

static bool fromJSON(const json::Value &value,
                     std::pair<std::string, Range> &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.map("term", out.first) && mapRange(map, out.second);
}

static bool fromJSON(const json::Value &value, Estimate &out, Path path) {
  ObjectMapper map(value, path);
  if (!map || !map.map("name", out.kpi) || !map.map("unit", out.unit) ||
      !map.map("mode", out.mode) ||
      !map.mapOptional("aggregation", out.aggregation) ||
      !map.map("samples", out.samples) ||
      !map.mapOptional("scope", out.scope) ||
      !map.mapOptional("note", out.note) ||
      !map.mapOptional("breakdown", out.breakdown) ||
      !map.mapOptional("unavailable", out.unavailable))
    return false;
  if (!out.unavailable.empty())
    return true;
  Range range;
  if (!mapRange(map, range))
    return false;
  out.range = range;
  return true;
}

/// prefix_suffix with its low and high, where they are.
static bool mapRange(const json::Value &value, ObjectMapper &map,
                     StringLiteral name, StringLiteral low, StringLiteral high,
                     std::optional<Range> &out) {
  if (!value.getAsObject()->get(name))
    return true;
  Range range;
  if (!map.map(name, range.value) || !map.map(low, range.low) ||
      !map.map(high, range.high))
    return false;
  out = range;
  return true;
}

static bool fromJSON(const json::Value &value, LayerCost &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.map("name", out.name) && map.map("op", out.op) &&
         map.mapOptional("location", out.location) &&
         map.map("cores", out.cores) && map.map("neurons", out.neurons) &&
         map.map("synapses", out.synapses) &&
         map.map("weight_B", out.weightBytes) &&
         map.map("spikes_in", out.spikesIn) &&
         map.map("spikes_out", out.spikesOut) &&
         map.map("rate_per_step", out.rate) && map.map("synops", out.synops) &&
         map.map("synops_dense", out.synopsDense) &&
         map.map("updates", out.updates) &&
         map.mapOptional("breakdown", out.breakdown) &&
         mapRange(value, map, "energy_J", "energy_low_J", "energy_high_J",
                  out.energy) &&
         mapRange(value, map, "latency_s", "latency_low_s", "latency_high_s",
                  out.latency) &&
         map.map("bound_by", out.boundBy);
}

static bool fromJSON(const json::Value &value, CoreCost &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.map("chip", out.chip) && map.map("core", out.core) &&
         map.map("populations", out.populations) &&
         map.map("neurons", out.neurons) &&
         mapRange(value, map, "energy_J", "energy_low_J", "energy_high_J",
                  out.energy) &&
         mapRange(value, map, "time_per_step_s", "time_per_step_low_s",
                  "time_per_step_high_s", out.time) &&
         map.map("bound_by", out.stage);
}

static bool fromJSON(const json::Value &value, ResourceUse &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.map("resource", out.resource) &&
         map.map("scope", out.scope) && map.map("used", out.used) &&
         map.map("available", out.available) && map.map("unit", out.unit) &&
         map.mapOptional("at", out.at);
}

static bool fromJSON(const json::Value &value, StepPart &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.map("bound_by", out.bound) &&
         map.mapOptional("what", out.what) &&
         map.map("time_s", out.time.value) &&
         map.map("time_low_s", out.time.low) &&
         map.map("time_high_s", out.time.high);
}

static bool fromJSON(const json::Value &value, Assumption &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.map("parameter", out.parameter) &&
         mapRange(map, out.value) && map.map("unit", out.unit) &&
         map.map("kind", out.kind) && map.map("provenance", out.provenance) &&
         map.mapOptional("source", out.source);
}
} // namespace nmc::cost

namespace nmc::report {
/// A flag of `run.options`; a type of its own, so that its overload is found.
struct RunOption {
  std::string name, value;
};

static bool fromJSON(const json::Value &value, RunOption &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.map("name", out.name) && map.map("value", out.value);
}

static bool fromJSON(const json::Value &value, Status &out, Path path) {
  if (std::optional<StringRef> word = value.getAsString())
    if (std::optional<Status> status = symbolizeStatus(*word)) {
      out = *status;
      return true;
    }
  path.report("expected ok, partial, does_not_fit, unsupported or failed");
  return false;
}

static bool fromJSON(const json::Value &value, Run &out, Path path) {
  ObjectMapper map(value, path);
  std::vector<RunOption> options;
  if (!map || !map.map("tool", out.tool) ||
      !map.map("tool_version", out.toolVersion) ||
      !map.mapOptional("level", out.level) || !map.map("seed", out.seed) ||
      !map.mapOptional("pipeline", out.pipeline) ||
      !map.mapOptional("options", options))
    return false;
  for (RunOption &option : options)
    out.options.emplace_back(std::move(option.name), std::move(option.value));
  return true;
}

static bool fromJSON(const json::Value &value, Model &out, Path path) {
  ObjectMapper map(value, path);
  std::map<std::string, int64_t> opset;
  if (!map || !map.map("name", out.name) || !map.map("path", out.path) ||
      !map.map("format", out.format) || !map.map("sha256", out.sha256) ||
      !map.map("ir_version", out.irVersion) ||
      !map.mapOptional("opset", opset) ||
      !map.map("parameters", out.parameters) ||
      !map.map("macs_dense", out.macsDense) || !map.map("layers", out.layers))
    return false;
  out.opset.assign(opset.begin(), opset.end());
  return true;
}

static bool fromJSON(const json::Value &value, Target &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.map("name", out.name) &&
         map.mapOptional("path", out.path) && map.map("sha256", out.sha256) &&
         map.mapOptional("cost_profile", out.costProfile) &&
         map.mapOptional("execution_profile", out.executionProfile) &&
         map.mapOptional("overrides", out.overrides);
}

static bool fromJSON(const json::Value &value, Input &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.map("kind", out.kind) &&
         map.mapOptional("name", out.name) &&
         map.mapOptional("path", out.path) &&
         map.mapOptional("sha256", out.sha256) &&
         map.map("samples", out.samples) &&
         map.mapOptional("labels", out.labels) &&
         map.map("timesteps", out.timesteps) &&
         map.mapOptional("encoding", out.encoding);
}

static bool fromJSON(const json::Value &value, Mapping &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.mapOptional("solver", out.solver) &&
         map.map("cores", out.cores) && map.map("chips", out.chips) &&
         map.map("cores_bound", out.coresBound) && map.map("gap", out.gap) &&
         map.mapOptional("time_limited", out.timeLimited);
}

static bool fromJSON(const json::Value &value, Finding &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.map("severity", out.severity) &&
         map.mapOptional("rule", out.rule) && map.map("message", out.message) &&
         map.mapOptional("location", out.location) &&
         map.mapOptional("layer", out.layer) &&
         map.mapOptional("hint", out.hint) &&
         map.mapOptional("resource", out.resource) &&
         map.map("required", out.required) &&
         map.map("available", out.available) &&
         map.mapOptional("unit", out.unit);
}

static bool fromJSON(const json::Value &value, AccuracyPoint &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.map("steps", out.steps) &&
         map.map("accuracy", out.accuracy) &&
         map.map("spikes_per_inference", out.spikesPerInference) &&
         map.map("synops_per_inference", out.synopsPerInference) &&
         map.map("samples", out.samples);
}

static bool fromJSON(const json::Value &value, Report &out, Path path) {
  ObjectMapper map(value, path);
  return map && map.map("run", out.run) && map.map("model", out.model) &&
         map.map("target", out.target) && map.map("input", out.input) &&
         map.map("status", out.status) && map.map("mapping", out.mapping) &&
         map.mapOptional("diagnostics", out.diagnostics) &&
         map.map("kpis", out.kpis) &&
         map.mapOptional("accuracy_curve", out.accuracyCurve) &&
         map.map("layers", out.layers) && map.mapOptional("cores", out.cores) &&
         map.mapOptional("resources", out.resources) &&
         map.mapOptional("step", out.step) &&
         map.mapOptional("assumptions", out.assumptions);
}
} // namespace nmc::report

llvm::Expected<Report> report::parseReport(StringRef text, StringRef where) {
  llvm::Expected<json::Value> document = parseJson(text, where);
  if (!document)
    return document.takeError();
  const llvm::json::Object *object = document->getAsObject();
  std::optional<StringRef> schema =
      object ? object->getString("schema") : std::nullopt;
  if (schema != "nmc.report")
    return makeRuleError("report-schema",
                         where + ": is no report: \"schema\" is " +
                             (schema ? "'" + *schema + "'" : Twine("missing")) +
                             ", expected 'nmc.report'");
  StringRef version = object->getString("schema_version").value_or("");
  if (version.split('.').first != reportSchemaVersion.split('.').first)
    return makeRuleError("report-version",
                         where + ": is of schema version '" + version +
                             "', this program reads " + reportSchemaVersion +
                             " and others of the same major version");
  Report report;
  Path::Root root("report");
  if (!fromJSON(*document, report, root))
    return makeRuleError("report-schema",
                         where + ": " + llvm::toString(root.getError()));
  return report;
}
