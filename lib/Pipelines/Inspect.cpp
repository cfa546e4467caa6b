//===- Inspect.cpp - What is in a model -----------------------------------===//

#include "nmc/Pipelines/Inspect.h"

#include "nmc/Analysis/BuildNetworkModel.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace nmc;
using namespace nmc::pipelines;

namespace {
struct Row {
  std::string name, op, shape, sources, location;
  int64_t neurons = 0, parameters = 0, synapses = 0;
  analysis::Spread fanIn;
};
} // namespace

static std::string joinShape(ArrayRef<int64_t> shape) {
  return llvm::join(llvm::map_range(shape,
                                    [](int64_t n) { return std::to_string(n); }),
                    "x");
}

/// Weights and biases of the connections that drive a population.
static int64_t countParameters(spike::PopulationOpInterface population) {
  int64_t count = 0;
  llvm::SmallPtrSet<Operation *, 8> seen;
  SmallVector<Value> work(population.getDrives());
  while (!work.empty()) {
    Operation *op = work.pop_back_val().getDefiningOp();
    if (!op || isa<spike::PopulationOpInterface>(op) || !seen.insert(op).second)
      continue;
    if (auto connection = dyn_cast<spike::ConnectionOpInterface>(op)) {
      Attribute weights = connection.getWeightsOrNull();
      if (auto abstract = dyn_cast_or_null<spike::AbstractAttr>(weights))
        count += abstract.getType().getNumElements();
      else if (auto elements = dyn_cast_or_null<ElementsAttr>(weights))
        count += elements.getNumElements();
      if (ElementsAttr bias = connection.getBiasOrNull())
        count += bias.getNumElements();
    }
    llvm::append_range(work, op->getOperands());
  }
  return count;
}

static std::vector<Row> collect(spike::NetworkOp network,
                                const analysis::NetworkModel &model) {
  std::vector<Row> rows;
  for (auto [index, population] : llvm::enumerate(model.populations)) {
    Row row;
    row.name = population.name;
    row.op = population.op;
    row.shape = joinShape(population.shape);
    row.location = population.location;
    row.neurons = population.neurons();
    std::vector<const analysis::Projection *> into = model.into(index);
    row.fanIn = analysis::fanIn(into);
    row.synapses = row.fanIn.sum;
    for (const analysis::Projection *projection : into) {
      if (!row.sources.empty())
        row.sources += ", ";
      row.sources += llvm::join(projection->connections, "+") + " " +
                     model.populations[projection->source].name;
    }
    row.parameters =
        countParameters(network.lookupPopulation(population.name));
    rows.push_back(std::move(row));
  }
  return rows;
}

ExitCode pipelines::inspectNetwork(spike::NetworkOp network,
                                   const report::Model &facts, bool json,
                                   raw_ostream &os) {
  if (!network)
    return ExitCode::Unsupported;
  FailureOr<analysis::NetworkModel> model = analysis::buildNetworkModel(network);
  if (failed(model))
    return ExitCode::Unsupported;
  std::vector<Row> rows = collect(network, *model);
  int64_t neurons = 0, parameters = 0, synapses = 0;
  for (const Row &row : rows) {
    neurons += row.neurons;
    parameters += row.parameters;
    synapses += row.synapses;
  }
  if (json) {
    llvm::json::Array list;
    for (const Row &row : rows)
      list.push_back(llvm::json::Object{{"name", row.name},
                                        {"op", "spike." + row.op},
                                        {"shape", row.shape},
                                        {"neurons", row.neurons},
                                        {"parameters", row.parameters},
                                        {"synapses", row.synapses},
                                        {"fan_in_max", row.fanIn.max},
                                        {"sources", row.sources},
                                        {"location", row.location}});
    os << llvm::formatv(
              "{0:2}",
              llvm::json::Value(llvm::json::Object{
                  {"model", llvm::json::Object{{"path", facts.path},
                                               {"format", facts.format},
                                               {"sha256", facts.sha256}}},
                  {"neurons", neurons},
                  {"parameters", parameters},
                  {"synapses", synapses},
                  {"populations", std::move(list)}}))
       << "\n";
    return ExitCode::Success;
  }
  os << facts.path << " (" << facts.format << "): " << rows.size()
     << " populations, " << neurons << " neurons, " << parameters
     << " parameters, " << synapses << " synapses\n";
  size_t width = 10;
  for (const Row &row : rows)
    width = std::max(width, row.name.size());
  auto pad = [](StringRef text, size_t columns) {
    return (text + Twine(std::string(
                       columns > text.size() ? columns - text.size() : 0, ' ')))
        .str();
  };
  os << pad("population", width)
     << llvm::formatv("  {0,-11} {1,-12} {2,9} {3,10} {4,11} {5,7}  {6}\n", "op",
                      "shape", "neurons", "parameters", "synapses", "fan-in",
                      "driven by");
  for (const Row &row : rows) {
    std::string line =
        llvm::formatv("  {0,-11} {1,-12} {2,9} {3,10} {4,11} {5,7}  {6}", row.op,
                      row.shape, row.neurons, row.parameters, row.synapses,
                      row.fanIn.max, row.sources)
            .str();
    os << pad(row.name, width) << StringRef(line).rtrim() << "\n";
  }
  return ExitCode::Success;
}
