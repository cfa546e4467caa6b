//===- Inspect.cpp - What is in a model -----------------------------------===//

#include "nmc/Pipelines/Inspect.h"

#include "dialects/Chip/Chip.h"

#include "nmc/Analysis/BuildNetworkModel.h"

#include "nmc/Support/Blob.h"
#include "nmc/Support/Units.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <cmath>

using namespace nmc;
using namespace nmc::pipelines;

static std::string joinShape(ArrayRef<int64_t> shape) {
  return llvm::join(
      llvm::map_range(shape, [](int64_t n) { return std::to_string(n); }), "x");
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

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// The extremes of an elements attribute; none where its values are not known.
static std::optional<InspectedValues> findRange(StringRef name,
                                                Attribute attr) {
  auto elements = dyn_cast_or_null<ElementsAttr>(attr);
  if (!elements)
    return std::nullopt;
  FailureOr<SmallVector<double, 0>> values = getElementsAsDoubles(elements);
  if (failed(values) || values->empty())
    return std::nullopt;
  InspectedValues range;
  range.name = name.str();
  auto [low, high] = std::minmax_element(values->begin(), values->end());
  range.low = *low;
  range.high = *high;
  range.count = values->size();
  return range;
}

/// "1", or "0.1 .. 0.4", each number as `format` writes it.
static std::string formatRange(const InspectedValues &range,
                               function_ref<std::string(double)> format) {
  std::string low = format(range.low), high = format(range.high);
  return low == high ? low : low + " .. " + high;
}

static std::string formatPlain(double value) {
  bool isWhole = value == std::floor(value) && std::fabs(value) < 1e9;
  return isWhole ? std::to_string(int64_t(value)) : formatNumber(value, 4);
}

/// What a parameter of a population means under its dynamics; `inSteps`: a unit
/// of time is a step.
static void interpret(InspectedValues &value, spike::DynamicsAttr dynamics,
                      bool inSteps) {
  bool isTime = StringRef(value.name).starts_with("tau");
  spike::DecayKind decay =
      dynamics ? dynamics.getDecay() : spike::DecayKind::Euler;
  if (!isTime || decay == spike::DecayKind::None) {
    value.text = formatRange(value, formatPlain);
    return;
  }
  switch (decay) {
  case spike::DecayKind::Fixed: {
    spike::FixedAttr fixed = dynamics.getArithmetic();
    std::string below =
        std::to_string(int64_t(1) << (fixed ? fixed.getDecayBits() : 12));
    value.text = formatRange(value, [&](double number) {
      return formatPlain(number) + "/" + below;
    });
    return;
  }
  case spike::DecayKind::BitShift:
    value.text = formatRange(
        value, [](double number) { return ">>" + formatPlain(number); });
    return;
  case spike::DecayKind::Factor:
    value.text = formatRange(
        value, [](double number) { return "x" + formatPlain(number); });
    return;
  default:
    if (inSteps) {
      value.unit = "step";
      value.text = formatRange(value, formatPlain) + " steps";
      return;
    }
    value.unit = "s";
    value.text = formatRange(value, [](double number) {
      return formatQuantity(number, Dimension::Time);
    });
  }
}

static std::string describeDynamics(spike::DynamicsAttr dynamics, bool fires) {
  if (!dynamics)
    return "";
  std::vector<std::string> words;
  if (dynamics.getDecay() != spike::DecayKind::None)
    words.push_back("decay " +
                    spike::stringifyDecayKind(dynamics.getDecay()).str());
  if (dynamics.getInputGain() != spike::InputGain::Unit)
    words.push_back("gain " +
                    spike::stringifyInputGain(dynamics.getInputGain()).str());
  if (fires) {
    words.push_back(dynamics.getCompare() == spike::Compare::Greater
                        ? "fires above threshold"
                        : "fires from threshold on");
    words.push_back("reset " +
                    spike::stringifyReset(dynamics.getReset()).str());
  }
  if (dynamics.getOrder() != spike::Order::IntegrateThenFire)
    words.push_back(spike::stringifyOrder(dynamics.getOrder()).str());
  if (dynamics.getSynapseOrder() != spike::SynapseOrder::DecayThenAdd)
    words.push_back(
        spike::stringifySynapseOrder(dynamics.getSynapseOrder()).str());
  auto add = [&](StringRef name, int64_t value, int64_t usual) {
    if (value != usual)
      words.push_back((name + " " + Twine(value)).str());
  };
  add("spikes per step up to", dynamics.getMaxSpikesPerStep(), 1);
  add("refractory steps", dynamics.getRefractory(), 0);
  add("output late by", dynamics.getOutputDelay(), 0);
  if (spike::FixedAttr fixed = dynamics.getArithmetic())
    words.push_back(llvm::formatv("{0}-bit state, {1}", fixed.getStateBits(),
                                  spike::stringifyOverflow(fixed.getOverflow()))
                        .str());
  else
    words.push_back("float");
  return llvm::join(words, ", ");
}

//===----------------------------------------------------------------------===//
// Network
//===----------------------------------------------------------------------===//

/// The name of a node of the model; none where the location is a line of text.
static StringRef getNodeName(Operation *op) {
  StringRef name;
  op->getLoc()->walk([&](Location loc) {
    auto named = dyn_cast<mlir::NameLoc>(loc);
    if (named)
      name = named.getName();
    return named ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
  });
  return name;
}

/// Populations that events of `from` reach.
static llvm::SmallDenseSet<unsigned>
findReachable(const analysis::NetworkModel &model, unsigned from) {
  llvm::SmallDenseSet<unsigned> seen;
  SmallVector<unsigned> work{from};
  while (!work.empty())
    for (const analysis::Projection *projection :
         model.outOf(work.pop_back_val()))
      if (seen.insert(projection->target).second)
        work.push_back(projection->target);
  return seen;
}

static void addPopulations(spike::NetworkOp network,
                           const analysis::NetworkModel &model,
                           Inspection &result) {
  llvm::StringSet<> nodes; // that are connections
  for (Operation &op : network.getBody().front())
    if (isa<spike::ConnectionOpInterface>(op))
      nodes.insert(getNodeName(&op));
  for (auto [index, population] : llvm::enumerate(model.populations)) {
    InspectedPopulation row;
    row.name = population.name;
    row.op = population.op;
    row.shape.assign(population.shape.begin(), population.shape.end());
    row.location = population.location;
    row.neurons = population.neurons();
    std::vector<const analysis::Projection *> into = model.into(index);
    analysis::Spread fanIn = analysis::fanIn(into);
    row.fanIn = fanIn.max;
    row.synapses = fanIn.sum;
    for (const analysis::Projection *projection : into) {
      StringRef source = model.populations[projection->source].name;
      if (!row.sources.empty())
        row.sources += ", ";
      row.sources +=
          llvm::join(projection->connections, "+") + " " + source.str();
      SmallVector<std::string, 2> more;
      const std::string &node = projection->location;
      if (result.isSpiking && node != population.name && nodes.contains(node))
        more.push_back(node);
      if (projection->delay)
        more.push_back(llvm::formatv("{0} step{1} late", projection->delay,
                                     projection->delay == 1 ? "" : "s"));
      if (!more.empty())
        row.sources += " (" + llvm::join(more, ", ") + ")";
    }
    spike::PopulationOpInterface op = network.lookupPopulation(population.name);
    row.weights = countParameters(op);
    bool fires = false;
    for (auto [name, attr] : op.getParameters()) {
      fires |= name == "threshold";
      std::optional<InspectedValues> value = findRange(name, attr);
      if (!value)
        continue;
      interpret(*value, op.getDynamicsOrNull(), result.dt == 1.0);
      row.parameters.push_back(std::move(*value));
    }
    row.dynamics = describeDynamics(op.getDynamicsOrNull(), fires);
    result.neurons += row.neurons;
    result.weights += row.weights;
    result.synapses += row.synapses;
    result.populations.push_back(std::move(row));
  }
}

static void addConnections(spike::NetworkOp network, Inspection &result) {
  for (Operation &op : network.getBody().front()) {
    auto connection = dyn_cast<spike::ConnectionOpInterface>(op);
    if (!connection)
      continue;
    InspectedConnection row;
    row.location = formatLocation(op.getLoc());
    row.name = getNodeName(&op).str();
    row.op = op.getName().stripDialect().str();
    Attribute weights = connection.getWeightsOrNull();
    if (auto typed = dyn_cast_or_null<ElementsAttr>(weights))
      row.weightShape.assign(typed.getShapedType().getShape().begin(),
                             typed.getShapedType().getShape().end());
    else if (auto abstract = dyn_cast_or_null<spike::AbstractAttr>(weights))
      row.weightShape.assign(abstract.getType().getShape().begin(),
                             abstract.getType().getShape().end());
    row.weights = findRange("weights", weights);
    row.bias = findRange("bias", connection.getBiasOrNull());
    for (std::optional<InspectedValues> *values : {&row.weights, &row.bias})
      if (*values)
        (*values)->text = formatRange(**values, formatPlain);
    result.connections.push_back(std::move(row));
  }
}

FailureOr<Inspection> pipelines::inspectNetwork(spike::NetworkOp network,
                                                const report::Model &facts) {
  FailureOr<analysis::NetworkModel> model =
      analysis::buildNetworkModel(network);
  if (failed(model))
    return failure();
  Inspection result;
  result.model = facts;
  result.isSpiking = isSpikingNetwork(network) || facts.format == "nir" ||
                     facts.format == "net";
  result.needsProfile = needsProfile(network, facts.format);
  if (FloatAttr dt = network.getDtAttr())
    result.dt = dt.getValueAsDouble();
  addPopulations(network, *model, result);
  addConnections(network, result);
  std::vector<llvm::SmallDenseSet<unsigned>> reachable;
  for (unsigned p = 0; p < model->populations.size(); ++p)
    reachable.push_back(findReachable(*model, p));
  for (const analysis::Projection &projection : model->projections)
    if (projection.delay)
      result.delays.push_back(
          {model->populations[projection.source].name,
           model->populations[projection.target].name, projection.delay,
           reachable[projection.target].contains(projection.source)});
  if (spike::StateScopeAttr state = network.getStateAttr())
    result.state = spike::stringifyStateScope(state.getValue()).str();
  return result;
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
    os << llvm::formatv("{0:2}", llvm::json::Value(llvm::json::Object{
                                     {"target", mapping.getTarget()},
                                     {"populations", std::move(populations)},
                                     {"metrics", std::move(metrics)}}))
       << "\n";
  else
    os << table << "\n" << figures;
  return ExitCode::Success;
}
