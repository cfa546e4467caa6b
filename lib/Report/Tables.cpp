//===- Tables.cpp - layers.csv and kpis.csv -------------------------------===//
#include "nmc/Report/Compare.h"
#include "nmc/Support/Csv.h"

#include "llvm/Support/raw_ostream.h"

using namespace nmc;
using namespace nmc::report;

static std::string cell(std::optional<double> value) {
  return value ? formatDouble(*value) : "";
}

static void printRow(raw_ostream &os, ArrayRef<std::string> cells) {
  llvm::interleave(
      cells, os, [&](const std::string &text) { os << quoteCsv(text); }, ",");
  os << "\n";
}

void report::printLayersCsv(const Report &report, raw_ostream &os) {
  os << "name,op,location,cores,neurons,synapses,weight_B,spikes_in,"
        "spikes_out,rate_per_step,synops,synops_dense,updates,energy_J,"
        "energy_low_J,energy_high_J,latency_s,latency_low_s,latency_high_s,"
        "bound_by\n";
  for (const cost::LayerCost &layer : report.layers) {
    auto range = [](const std::optional<cost::Range> &r,
                    double cost::Range::*part) {
      return r ? formatDouble((*r).*part) : std::string();
    };
    printRow(os,
             {layer.name,
              layer.op,
              layer.location,
              std::to_string(layer.cores),
              std::to_string(layer.neurons),
              std::to_string(layer.synapses),
              cell(layer.weightBytes),
              cell(layer.spikesIn),
              cell(layer.spikesOut),
              cell(layer.rate),
              cell(layer.synops),
              cell(layer.synopsDense),
              cell(layer.updates),
              range(layer.energy, &cost::Range::value),
              range(layer.energy, &cost::Range::low),
              range(layer.energy, &cost::Range::high),
              range(layer.latency, &cost::Range::value),
              range(layer.latency, &cost::Range::low),
              range(layer.latency, &cost::Range::high),
              layer.boundBy ? cost::stringifyBound(*layer.boundBy).str() : ""});
  }
}

void report::printKpisCsv(const Report &report, raw_ostream &os) {
  os << "# nmc.measured 1\n";
  llvm::interleave(getMeasuredColumns(), os, ",");
  os << ",low,high,unavailable\n";
  for (const cost::Estimate &kpi : report.kpis) {
    bool known = kpi.range.has_value();
    printRow(os, {report.target.name, report.model.name, report.model.sha256,
                  report.input.name, kpi.kpi,
                  known ? formatDouble(kpi.range->value) : "", kpi.unit,
                  cost::stringifyMode(kpi.mode).str(), kpi.aggregation,
                  kpi.samples ? std::to_string(*kpi.samples) : "", kpi.scope,
                  "", report.run.tool + " " + report.run.toolVersion, "", "",
                  kpi.note, known ? formatDouble(kpi.range->low) : "",
                  known ? formatDouble(kpi.range->high) : "", kpi.unavailable});
  }
}
