//===- Inspect.cpp - What is in a model -----------------------------------===//

#include "nmc/Pipelines/Inspect.h"

#include "dialects/Chip/Chip.h"

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

/// Weights and biases of one connection.
static int64_t countParameters(spike::ConnectionOpInterface connection) {
  int64_t count = 0;
  Attribute weights = connection.getWeightsOrNull();
  if (auto abstract = dyn_cast_or_null<spike::AbstractAttr>(weights))
    count += abstract.getType().getNumElements();
  else if (auto elements = dyn_cast_or_null<ElementsAttr>(weights))
    count += elements.getNumElements();
  if (ElementsAttr bias = connection.getBiasOrNull())
    count += bias.getNumElements();
  return count;
}

int64_t pipelines::countParameters(spike::NetworkOp network) {
  int64_t count = 0;
  network.walk([&](spike::ConnectionOpInterface connection) {
    count += ::countParameters(connection);
  });
  return count;
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
    if (auto connection = dyn_cast<spike::ConnectionOpInterface>(op))
      count += countParameters(connection);
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

//===----------------------------------------------------------------------===//
// Mapping
//===----------------------------------------------------------------------===//

/// A number of the metrics attribute.
static std::optional<double> getNumber(Attribute attr) {
  if (auto integer = dyn_cast<IntegerAttr>(attr))
    return double(integer.getInt());
  if (auto real = dyn_cast<FloatAttr>(attr))
    return real.getValueAsDouble();
  return std::nullopt;
}

ExitCode pipelines::printMapping(ModuleOp module, bool json, raw_ostream &os) {
  auto mappings = module.getOps<chip::MappingOp>();
  if (mappings.empty())
    return ExitCode::Internal;
  chip::MappingOp mapping = *mappings.begin();
  llvm::json::Array populations;
  std::string table;
  llvm::raw_string_ostream rows(table);
  rows << llvm::formatv("{0,-24} {1,-14} {2,6}  {3}\n", "population", "shape",
                        "cores", "largest tile");
  for (auto tiles : mapping.getBody().getOps<chip::TilesOp>()) {
    SmallVector<int32_t, 0> numbers = tiles.readTable();
    int64_t rank = tiles.getRank(), width = 2 + 2 * rank;
    SmallVector<int64_t> largest(rank, 0);
    int64_t volume = 0;
    for (int64_t row = 0; row < tiles.getNumTiles(); ++row) {
      SmallVector<int64_t> extent;
      for (int64_t axis = 0; axis < rank; ++axis)
        extent.push_back(numbers[row * width + 2 + rank + axis] -
                         numbers[row * width + 2 + axis]);
      if (int64_t size = ShapedType::getNumElements(extent); size > volume) {
        volume = size;
        largest = extent;
      }
    }
    rows << llvm::formatv("{0,-24} {1,-14} {2,6}  {3}\n", tiles.getPopulation(),
                          joinShape(tiles.getShape()), tiles.getNumTiles(),
                          joinShape(largest));
    populations.push_back(
        llvm::json::Object{{"name", tiles.getPopulation()},
                           {"shape", joinShape(tiles.getShape())},
                           {"cores", tiles.getNumTiles()},
                           {"largest_tile", joinShape(largest)}});
  }
  llvm::json::Object metrics;
  std::string figures;
  llvm::raw_string_ostream lines(figures);
  if (auto dictionary = mapping->getAttrOfType<DictionaryAttr>("metrics"))
    for (NamedAttribute entry : dictionary)
      if (std::optional<double> value = getNumber(entry.getValue())) {
        metrics[entry.getName().getValue()] = *value;
        lines << llvm::formatv("{0,-28} {1}\n", entry.getName().getValue(),
                               report::formatDouble(*value));
      }
  if (json)
    os << llvm::formatv("{0:2}",
                        llvm::json::Value(llvm::json::Object{
                            {"target", mapping.getTarget()},
                            {"populations", std::move(populations)},
                            {"metrics", std::move(metrics)}}))
       << "\n";
  else
    os << table << "\n" << figures;
  return ExitCode::Success;
}
