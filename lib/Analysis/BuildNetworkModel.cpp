//===- BuildNetworkModel.cpp - From spike.network to plain data -----------===//

#include "nmc/Analysis/BuildNetworkModel.h"

#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

#include "llvm/ADT/TypeSwitch.h"

#include <cstring>
#include <map>

namespace nmc::analysis {

std::string locationText(Location loc) {
  if (auto named = dyn_cast<mlir::NameLoc>(loc))
    return named.getName().str();
  if (auto file = dyn_cast<mlir::FileLineColLoc>(loc))
    return (file.getFilename().getValue() + ":" + Twine(file.getLine()) + ":" +
            Twine(file.getColumn()))
        .str();
  if (auto fused = dyn_cast<mlir::FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (std::string text = locationText(part); !text.empty())
        return text;
  if (auto call = dyn_cast<mlir::CallSiteLoc>(loc))
    return locationText(call.getCallee());
  return "";
}

//===----------------------------------------------------------------------===//
// Populations
//===----------------------------------------------------------------------===//

/// Class of each position over several parameters: equal where all are equal.
static ConfigClasses classify(ArrayRef<ElementsAttr> parameters,
                              ArrayRef<int64_t> shape) {
  ConfigClasses result;
  int64_t neurons = volume(shape);
  SmallVector<SmallVector<float, 0>> arrays;
  for (ElementsAttr attr : parameters) {
    FailureOr<SmallVector<float, 0>> values = getElementsAsFloats(attr);
    if (failed(values) || values->size() <= 1)
      continue;
    auto scope = int64_t(values->size()) == neurons
                     ? ConfigClasses::Scope::Neuron
                     : ConfigClasses::Scope::Channel;
    if (scope == ConfigClasses::Scope::Channel &&
        (shape.empty() || int64_t(values->size()) != shape[0]))
      continue;
    if (result.scope != ConfigClasses::Scope::Neuron)
      result.scope = scope;
    arrays.push_back(std::move(*values));
  }
  if (result.scope == ConfigClasses::Scope::One)
    return result;
  int64_t count =
      result.scope == ConfigClasses::Scope::Neuron ? neurons : shape[0];
  int64_t perChannel = shape.empty() ? 1 : neurons / shape[0];
  std::map<std::vector<float>, int32_t> known;
  std::vector<float> key(arrays.size());
  for (int64_t i = 0; i < count; ++i) {
    for (size_t a = 0; a < arrays.size(); ++a) {
      bool perNeuron = int64_t(arrays[a].size()) == neurons;
      int64_t channel = count == neurons ? i / perChannel : i;
      key[a] = arrays[a][perNeuron && count == neurons ? i : channel];
    }
    result.classOf.push_back(
        known.try_emplace(key, int32_t(known.size())).first->second);
  }
  return result;
}

/// Bits of payload of a stream's element; none for analogue values.
static std::optional<unsigned> payloadBits(Type element) {
  if (auto quantized = dyn_cast<mlir::quant::QuantizedType>(element))
    return quantized.getStorageTypeIntegralWidth();
  if (auto integer = dyn_cast<IntegerType>(element))
    return integer.getWidth() == 1 ? 0 : integer.getWidth();
  return std::nullopt;
}

static Population describe(spike::PopulationOpInterface op) {
  Population p;
  p.name = op.getPopulationName().str();
  p.op = op->getName().stripDialect().str();
  p.location = locationText(op->getLoc());
  ArrayRef<int64_t> shape = spike::getShape(op.getEvents());
  p.shape.assign(shape.begin(), shape.end());
  p.stateWords = op.getStateWords();
  p.membraneless = op.isMembraneless();
  p.isInput = p.membraneless && llvm::all_of(op.getDrives(), [](Value v) {
                return isa<mlir::BlockArgument>(v);
              });
  p.payloadBits = payloadBits(spike::getElementType(op.getEvents()));
  if (spike::DynamicsAttr dynamics = op.getDynamicsOrNull()) {
    p.subtractiveReset = dynamics.getReset() == spike::Reset::Subtract;
    if (spike::FixedAttr fixed = dynamics.getArithmetic())
      p.stateBits = fixed.getStateBits();
  }
  SmallVector<ElementsAttr> thresholds, others;
  for (auto [name, attr] : op.getParameters())
    (name == "threshold" ? thresholds : others).push_back(attr);
  p.thresholds = classify(thresholds, p.shape);
  p.parameters = classify(others, p.shape);
  return p;
}

//===----------------------------------------------------------------------===//
// Connections on the way
//===----------------------------------------------------------------------===//

/// Share of the weights that is not zero, where it can be told.
static std::optional<double> weightDensity(Attribute weights) {
  if (auto abstract = dyn_cast_or_null<spike::AbstractAttr>(weights))
    return abstract.getDensity().getValueAsDouble();
  auto elements = dyn_cast_or_null<ElementsAttr>(weights);
  if (!elements)
    return std::nullopt;
  std::optional<ArrayRef<char>> raw = getRawElements(elements);
  int64_t count = elements.getNumElements();
  if (!raw || count == 0 || raw->size() % count != 0)
    return std::nullopt;
  static constexpr char zeros[16] = {};
  size_t width = raw->size() / count;
  if (width > sizeof(zeros))
    return std::nullopt;
  int64_t used = 0;
  for (int64_t i = 0; i < count; ++i)
    used += std::memcmp(raw->data() + i * width, zeros, width) != 0;
  return double(used) / double(count);
}

static std::optional<unsigned> integerWidth(Attribute weights) {
  Type type;
  if (auto abstract = dyn_cast_or_null<spike::AbstractAttr>(weights))
    type = abstract.getType();
  else if (auto elements = dyn_cast_or_null<ElementsAttr>(weights))
    type = elements.getType();
  auto shaped = dyn_cast_or_null<ShapedType>(type);
  auto integer =
      shaped ? dyn_cast<IntegerType>(shaped.getElementType()) : IntegerType();
  return integer ? std::optional<unsigned>(integer.getWidth()) : std::nullopt;
}

/// How the weights of a tile grow with its extents; none where every synapse
/// has its own weight or the growth is no product.
static std::optional<WeightSharing>
probeSharing(spike::ConnectionOpInterface op, const Relation &relation) {
  ArrayRef<int64_t> shape = relation.getTargetShape();
  SmallVector<int64_t> low(shape.size(), 0), high(shape.size(), 1);
  WeightSharing sharing;
  sharing.base = op.countTileWeights(low, high);
  for (auto [a, extent] : llvm::enumerate(shape)) {
    if (extent == 1)
      continue;
    high[a] = extent;
    int64_t count = op.countTileWeights(low, high);
    high[a] = 1;
    if (count == sharing.base)
      continue;
    if (count != sharing.base * extent)
      return std::nullopt;
    sharing.axes.push_back(int(a));
  }
  Box whole = Box::whole(shape);
  int64_t all = op.countTileWeights(whole.low, whole.high);
  if (all != sharing.countIn(whole) || all >= relation.countSynapses(whole))
    return std::nullopt;
  return sharing;
}

namespace {
/// The way from some value to a population, walked backwards.
struct Way {
  Value value;
  std::optional<Relation> relation; // from `value` to the population
  int64_t delay = 0;
  SmallVector<spike::ConnectionOpInterface> connections; // last one first
  /// The last connection drives the population itself, without a view between;
  /// all connections before it are one-to-one.
  bool directLast = true, identityBefore = true;
  size_t length = 0;
};

class Builder {
public:
  Builder(spike::NetworkOp network, int64_t limit)
      : network(network), limit(limit) {}

  FailureOr<NetworkModel> build();

private:
  LogicalResult collect(spike::PopulationOpInterface target, Value drive,
                        std::optional<Relation> relation);
  /// Puts `step` before the way.
  LogicalResult prepend(Way &way, const Relation &step, Operation *op);
  void addProjection(const Way &way, spike::PopulationOpInterface target);
  LogicalResult markOutputs();

  spike::NetworkOp network;
  int64_t limit;
  size_t opCount = 0;
  DenseMap<Value, unsigned> positionOf; // events -> population
  NetworkModel model;
};
} // namespace

LogicalResult Builder::prepend(Way &way, const Relation &step, Operation *op) {
  if (!way.relation) {
    way.relation = step;
    return success();
  }
  std::optional<Relation> composed =
      Relation::compose(step, *way.relation, limit);
  if (!composed)
    return emitRuleError(op->getLoc(), "connectivity-explicit")
           << "connectivity from here to the next population does not separate "
              "into axes, and listing it takes more than "
           << limit << " entries; move the reshape or split the layer";
  way.relation = std::move(composed);
  return success();
}

void Builder::addProjection(const Way &way,
                            spike::PopulationOpInterface target) {
  Projection p;
  p.source = positionOf.lookup(way.value);
  p.target = positionOf.lookup(target.getEvents());
  p.relation = *way.relation;
  p.delay = way.delay;
  p.uniformWeight = true;
  p.location =
      locationText(way.connections.empty() ? target->getLoc()
                                           : way.connections.front()->getLoc());
  for (spike::ConnectionOpInterface op : llvm::reverse(way.connections)) {
    p.connections.push_back(op->getName().stripDialect().str());
    Attribute weights = op.getWeightsOrNull();
    if (!weights)
      continue;
    p.uniformWeight = false;
    p.weightBits = integerWidth(weights);
    p.density = weightDensity(weights);
  }
  if (spike::DynamicsAttr dynamics = target.getDynamicsOrNull())
    if (spike::FixedAttr fixed = dynamics.getArithmetic())
      p.weightBits = fixed.getWeightBits();
  if (way.connections.size() > 1)
    p.density = std::nullopt;
  if (!p.uniformWeight && way.directLast && !p.relation.isEmpty()) {
    spike::ConnectionOpInterface last = way.connections.front();
    SmallVector<AxisRelation> axes = last.getAxisRelations();
    if (way.connections.size() == 1)
      p.sharing = probeSharing(last, p.relation);
    else if (!axes.empty())
      p.sharing = probeSharing(
          last, Relation::fromAxes(axes, spike::getShape(last.getSource()),
                                   spike::getShape(last.getTarget())));
    // Connections before it widen the kernel that a core must hold.
    if (p.sharing && !way.identityBefore)
      p.sharing->base = fanIn({&p}).max;
    Box whole = Box::whole(p.relation.getTargetShape());
    if (p.sharing &&
        p.sharing->countIn(whole) >= p.relation.countSynapses(whole))
      p.sharing.reset();
  }
  model.projections.push_back(std::move(p));
}

LogicalResult Builder::collect(spike::PopulationOpInterface target, Value drive,
                               std::optional<Relation> relation) {
  std::vector<Way> pending;
  pending.emplace_back();
  pending.back().value = drive;
  pending.back().relation = std::move(relation);
  while (!pending.empty()) {
    Way way = std::move(pending.back());
    pending.pop_back();
    if (positionOf.contains(way.value)) {
      if (!way.relation)
        way.relation = Relation::identity(spike::getShape(way.value));
      addProjection(way, target);
      continue;
    }
    Operation *op = way.value.getDefiningOp();
    if (!op)
      return emitRuleError(target->getLoc(), "input-port")
             << "population '" << target.getPopulationName()
             << "' reads an argument of the network that no spike.input names";
    if (++way.length > opCount)
      return emitRuleError(op->getLoc(), "cycle-population")
             << "views and delays form a cycle without a population";
    ArrayRef<int64_t> shape = spike::getShape(way.value);
    if (auto connection = dyn_cast<spike::ConnectionOpInterface>(op)) {
      ArrayRef<int64_t> source = spike::getShape(connection.getSource());
      std::optional<Relation> step;
      SmallVector<AxisRelation> relations = connection.getAxisRelations();
      if (relations.empty()) {
        SmallVector<int64_t> offsets, sources;
        if (succeeded(connection.getIncidence(offsets, sources)))
          step =
              Relation::fromIncidence(offsets, sources, source, shape, limit);
        else if (source.empty() && shape.empty()) // one neuron to one neuron
          step = Relation::fromAxes({}, source, shape);
        if (!step)
          return emitRuleError(op->getLoc(), "connectivity-explicit")
                 << "lists more than " << limit
                 << " synapses, or lists them in no form that can be read";
      } else {
        step = Relation::fromAxes(relations, source, shape);
      }
      if (!way.connections.empty())
        way.identityBefore &= step->isIdentity();
      if (failed(prepend(way, *step, op)))
        return failure();
      way.connections.push_back(connection);
      way.value = connection.getSource();
      pending.push_back(std::move(way));
      continue;
    }
    if (auto delay = dyn_cast<spike::DelayOp>(op)) {
      way.delay += int64_t(delay.getSteps());
      way.value = delay.getSource();
      pending.push_back(std::move(way));
      continue;
    }
    auto view = dyn_cast<spike::ViewOpInterface>(op);
    if (!view)
      return emitRuleError(op->getLoc(), "network-op")
             << "'" << op->getName()
             << "' is neither population, connection, view nor delay";
    if (way.connections.empty())
      way.directLast = false;
    // Operands in order: the last pushed is the first taken.
    for (unsigned i = op->getNumOperands(); i-- > 0;) {
      Value operand = op->getOperand(i);
      ArrayRef<int64_t> source = spike::getShape(operand);
      Relation step =
          view.keepsLinearIndex()
              ? Relation::reshape(source, shape)
              : Relation::fromAxes(view.getViewRelations(i), source, shape);
      Way branch = way;
      branch.value = operand;
      if (failed(prepend(branch, step, op)))
        return failure();
      pending.push_back(std::move(branch));
    }
  }
  return success();
}

LogicalResult Builder::markOutputs() {
  SmallVector<Value> pending(network.getOutput().getStreams());
  DenseSet<Value> seen;
  while (!pending.empty()) {
    Value value = pending.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    if (auto it = positionOf.find(value); it != positionOf.end())
      model.populations[it->second].isOutput = true;
    else if (Operation *op = value.getDefiningOp())
      llvm::append_range(pending, op->getOperands());
  }
  return success();
}

FailureOr<NetworkModel> Builder::build() {
  model.name = network.getSymName().str();
  SmallVector<spike::PopulationOpInterface> populations =
      network.getPopulations();
  opCount = network.getBody().front().getOperations().size();
  for (spike::PopulationOpInterface op : populations) {
    positionOf[op.getEvents()] = unsigned(model.populations.size());
    model.populations.push_back(describe(op));
  }
  for (spike::PopulationOpInterface op : populations) {
    for (Value drive : op.getDrives()) {
      if (isa<mlir::BlockArgument>(drive) && op.isMembraneless())
        continue; // a port
      std::optional<Relation> relation;
      if (SmallVector<AxisRelation> axes = op.getDriveRelations(); !axes.empty())
        relation = Relation::fromAxes(axes, spike::getShape(drive),
                                      spike::getShape(op.getEvents()));
      if (failed(collect(op, drive, std::move(relation))))
        return failure();
    }
  }
  if (failed(markOutputs()))
    return failure();
  return std::move(model);
}

FailureOr<NetworkModel> buildNetworkModel(spike::NetworkOp network,
                                          int64_t limit) {
  return Builder(network, limit).build();
}

} // namespace nmc::analysis
