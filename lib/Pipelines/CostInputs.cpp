//===- CostInputs.cpp - What the cost model is told -----------------------===//

#include "nmc/Pipelines/CostInputs.h"

#include "nmc/Analysis/BuildNetworkModel.h"
#include "nmc/Analysis/Relation.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/DiagnosticLog.h"

#include "llvm/ADT/STLExtras.h"

using namespace nmc;
using namespace nmc::pipelines;

//===----------------------------------------------------------------------===//
// Network
//===----------------------------------------------------------------------===//

/// The population whose events a value carries, through views and delays; null
/// for sums of several connections.
static spike::PopulationOpInterface findSource(Value value) {
  llvm::SmallPtrSet<Operation *, 8> seen;
  while (Operation *op = value.getDefiningOp()) {
    if (!seen.insert(op).second)
      return {};
    if (auto population = dyn_cast<spike::PopulationOpInterface>(op))
      return population;
    if (op->getNumOperands() == 0)
      return {};
    value = op->getOperand(0);
  }
  return {};
}

/// The population that a current drives, through further connections and views.
static spike::PopulationOpInterface findTarget(Value value) {
  llvm::SmallPtrSet<Operation *, 8> seen;
  while (!value.use_empty()) {
    Operation *user = *value.user_begin();
    if (!seen.insert(user).second)
      return {};
    if (auto population = dyn_cast<spike::PopulationOpInterface>(user))
      return population;
    if (user->getNumResults() == 0)
      return {};
    value = user->getResult(0);
  }
  return {};
}

/// Synaptic operations per inference that the events of `source` cause.
static double countOperations(const analysis::Relation &relation,
                              ArrayRef<int64_t> shape,
                              ArrayRef<double> eventsPerInference) {
  analysis::SourceProfile profile = analysis::sourcesInto(
      relation, analysis::Box::whole(relation.getTargetShape()));
  analysis::RateMap map(shape, eventsPerInference);
  double sum = 0;
  const analysis::SourceProfile *profiles[] = {&profile};
  analysis::forEachCell(profiles, [&](const analysis::CellSet &cell,
                                      ArrayRef<int64_t> synapses) {
    sum += map.sum(cell) * double(synapses[0]);
  });
  return sum;
}

/// Width of a stored weight and number of zero weights.
static void readWeights(spike::ConnectionOpInterface op,
                        cost::ConnectionCounts &counts) {
  Attribute weights = op.getWeightsOrNull();
  if (auto abstract = dyn_cast_or_null<spike::AbstractAttr>(weights)) {
    RankedTensorType type = abstract.getType();
    counts.weights = type.getNumElements();
    counts.weightBits = type.getElementTypeBitWidth();
    counts.zeroWeights = std::llround(
        double(counts.weights) *
        (1 - abstract.getDensity().getValueAsDouble()));
    return;
  }
  auto elements = dyn_cast_or_null<ElementsAttr>(weights);
  if (!elements) {
    // Pools and identities have one weight, which is not 0.
    counts.weights = 1;
    counts.weightBits = 8;
    counts.zeroWeights = 0;
    return;
  }
  counts.weights = elements.getNumElements();
  counts.weightBits = elements.getElementType().getIntOrFloatBitWidth();
  if (FailureOr<SmallVector<float, 0>> values = getElementsAsFloats(elements);
      succeeded(values))
    counts.zeroWeights = llvm::count(*values, 0.0f);
}

cost::NetworkCounts
pipelines::countNetwork(spike::NetworkOp network,
                        const analysis::NetworkModel &model,
                        const exec::Activity *activity, int64_t steps) {
  cost::NetworkCounts counts;
  counts.steps = steps;
  if (activity && activity->samples)
    counts.samples = activity->samples;
  for (const analysis::Population &population : model.populations) {
    cost::PopulationCounts entry;
    entry.name = population.name;
    entry.op = "spike." + population.op;
    entry.location = population.location;
    entry.neurons = population.neurons();
    // Without fixed arithmetic state is float32.
    entry.stateBits = double(population.stateWords) * population.neurons() *
                      population.stateBits.value_or(32);
    entry.input = population.isInput;
    if (activity)
      if (const exec::PopulationActivity *found =
              activity->find(population.name)) {
        entry.spikes = activity->spikesPerInference(*found);
        if (activity->samples && !found->spikes.empty())
          entry.updates = double(found->updates) / activity->samples;
      }
    counts.populations.push_back(std::move(entry));
  }

  // The executor counts connections in the order of the body.
  size_t index = 0;
  bool counted = activity && activity->samples && !activity->connections.empty();
  for (Operation &op : network.getBody().front()) {
    auto connection = dyn_cast<spike::ConnectionOpInterface>(op);
    if (!connection)
      continue;
    size_t position = index++;
    auto source = findSource(connection.getSource());
    auto target = findTarget(connection.getTarget());
    if (!source || !target)
      continue;
    std::optional<unsigned> from = model.find(source.getPopulationName());
    std::optional<unsigned> to = model.find(target.getPopulationName());
    if (!from || !to)
      continue;
    cost::ConnectionCounts entry;
    entry.op = op.getName().getStringRef().str();
    entry.name = (source.getPopulationName() + "->" + target.getPopulationName())
                     .str();
    entry.location = formatLocation(op.getLoc());
    entry.source = *from;
    entry.target = *to;
    readWeights(connection, entry);
    entry.counted = !isa<spike::SumPoolOp, spike::AvgPoolOp>(op);

    ArrayRef<int64_t> sourceShape = spike::getShape(connection.getSource());
    ArrayRef<int64_t> targetShape = spike::getShape(connection.getTarget());
    SmallVector<AxisRelation> axes = connection.getAxisRelations();
    std::optional<analysis::Relation> relation;
    if (!axes.empty()) {
      relation = analysis::Relation::fromAxes(axes, sourceShape, targetShape);
    } else {
      SmallVector<int64_t> offsets, sources;
      if (succeeded(connection.getIncidence(offsets, sources)))
        relation = analysis::Relation::fromIncidence(offsets, sources,
                                                     sourceShape, targetShape);
    }
    if (relation)
      entry.synapses =
          relation->countSynapses(analysis::Box::whole(targetShape));

    bool binary = spike::getElementType(source.getEvents()).isInteger(1);
    if (counted && position < activity->connections.size()) {
      const exec::SynapticOperations &ops =
          activity->connections[position].operations;
      entry.accumulates = double(ops.effectiveAc) / activity->samples;
      entry.multiplies = double(ops.effectiveMac) / activity->samples;
    } else if (activity && relation) {
      if (const exec::PopulationActivity *found =
              activity->find(source.getPopulationName());
          found && found->neurons() ==
                       ShapedType::getNumElements(sourceShape)) {
        std::vector<double> events = activity->rates(*found);
        for (double &value : events)
          value *= steps;
        double operations = countOperations(*relation, sourceShape, events);
        if (entry.zeroWeights && entry.weights)
          operations *= 1 - double(*entry.zeroWeights) / entry.weights;
        entry.accumulates = binary ? operations : 0;
        entry.multiplies = binary ? 0 : operations;
      }
    }
    counts.connections.push_back(std::move(entry));
  }
  return counts;
}

std::vector<exec::PopulationShape>
pipelines::getPopulationShapes(spike::NetworkOp network) {
  std::vector<exec::PopulationShape> shapes;
  for (spike::PopulationOpInterface population : network.getPopulations()) {
    exec::PopulationShape shape;
    shape.name = population.getPopulationName().str();
    ArrayRef<int64_t> extents = spike::getShape(population.getEvents());
    shape.shape.assign(extents.begin(), extents.end());
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

mapping::Problem::Rates pipelines::getRates(const exec::Activity &activity) {
  mapping::Problem::Rates rates;
  for (const exec::PopulationActivity &population : activity.populations) {
    std::vector<double> values = activity.rates(population);
    rates[population.name].assign(values.begin(), values.end());
  }
  return rates;
}

//===----------------------------------------------------------------------===//
// Mapping
//===----------------------------------------------------------------------===//

/// A part's events as the cost model counts them.  The first `neurons` are
/// visited in every step.
static cost::EventCounts convert(const mapping::Events &events, double neurons,
                                 double updates) {
  cost::EventCounts counts;
  counts.synops = events.synops;
  counts.macs = events.macs;
  counts.neuronAccess = neurons;
  counts.neuronUpdate = updates;
  counts.spikesOut = events.spikes;
  counts.packetsOut = events.packetsOut;
  counts.packetsIn = events.packetsIn;
  counts.packetsLocal = events.packetsLocal;
  counts.hopsX = events.hopsX;
  counts.hopsY = events.hopsY;
  return counts;
}

/// Address of an event on a host interface, as AER links send it.
static constexpr double kAddressBits = 32;

/// Bits between host and chip: values once per sample, events as they occur,
/// results once per sample.
static void countIo(const analysis::NetworkModel &network,
                    const exec::Activity *activity,
                    cost::MappedCounts &counts) {
  for (const analysis::Population &population : network.populations) {
    if (population.isOutput)
      counts.ioBitsPerSample +=
          double(population.neurons()) * population.stateBits.value_or(32);
    if (!population.isInput)
      continue;
    if (population.payloadBits && *population.payloadBits == 0) {
      double perStep = population.neurons();
      if (activity && activity->steps)
        if (const exec::PopulationActivity *found =
                activity->find(population.name))
          perStep = activity->spikesPerInference(*found) / activity->steps;
      counts.ioBitsPerStep += perStep * kAddressBits;
    } else {
      counts.ioBitsPerSample +=
          double(population.neurons()) * population.payloadBits.value_or(32);
    }
  }
}

static std::string nameLink(const mapping::Link &link) {
  return (Twine("(") + Twine(link.from.x) + "," + Twine(link.from.y) + ") " +
          mapping::stringify(link.direction))
      .str();
}

cost::MappedCounts pipelines::countMapped(const mapping::Problem &problem,
                                          const mapping::Mapping &mapping,
                                          const target::TargetInfo &target,
                                          const exec::Activity *activity,
                                          const exec::Activity *replay,
                                          int64_t steps) {
  mapping::MappedTraffic traffic = mapping::computeTraffic(problem, mapping);
  mapping::SpikeBits bits;
  bool hasBits = replay && replay->hasBitmaps();
  if (hasBits) {
    bits.samples = replay->samples;
    bits.steps = replay->steps;
    for (const analysis::Population &population : problem.network.populations) {
      mapping::SpikeBits::Words words;
      if (const exec::PopulationActivity *found =
              replay->find(population.name);
          found && found->bitmaps) {
        words.words = found->bitmaps->all();
        words.wordsPerStep = found->bitmaps->words();
      }
      bits.populations.push_back(words);
    }
  }

  cost::MappedCounts counts;
  countIo(problem.network, activity, counts);
  counts.chips = traffic.chips;
  counts.routers = traffic.routers;
  for (const mapping::CoreTraffic &core : traffic.cores) {
    cost::MappedCore entry;
    entry.chip = core.cell.chip;
    entry.core = core.cell.core;
    entry.kind = core.type;
    entry.used = core.used;
    counts.cores.push_back(std::move(entry));
  }

  // Updates per neuron and step of each population, where counted.
  std::vector<double> updateRates;
  for (const analysis::Population &population : problem.network.populations) {
    double rate = 1; // no activity: every neuron may be updated
    if (activity && activity->samples)
      if (const exec::PopulationActivity *found =
              activity->find(population.name);
          found && found->neurons())
        rate = double(found->updates) /
               (double(activity->samples) * steps * found->neurons());
    updateRates.push_back(rate);
  }
  auto convertPart = [&](const mapping::PartTraffic &part,
                         const mapping::Events &events) {
    return convert(events, part.neurons,
                   part.neurons * updateRates[part.population]);
  };
  double stored = 0;
  for (const mapping::PartTraffic &part : traffic.parts) {
    cost::MappedPart entry;
    entry.core = part.core;
    entry.population = part.population;
    entry.mean = convertPart(part, part.mean);
    stored += part.synapseMemory;
    counts.parts.push_back(std::move(entry));
  }
  counts.storedWeightBits = stored;
  for (const mapping::LinkTraffic &link : traffic.links) {
    cost::LinkLoad entry;
    entry.name = nameLink(link.link);
    entry.vertical = link.link.direction == mapping::Direction::North ||
                     link.link.direction == mapping::Direction::South;
    entry.packets = link.mean;
    counts.links.push_back(std::move(entry));
  }
  if (traffic.hasRates) {
    counts.remoteDeliveries = traffic.remoteDeliveries * steps;
    counts.weightedHops = traffic.weightedHops * steps;
    counts.multicastHops = traffic.multicastHops * steps;
  }
  counts.basis = !activity || activity->kind != exec::ActivityKind::Measured
                     ? cost::ActivityBasis::Assumed
                     : cost::ActivityBasis::Means;
  if (!hasBits)
    return counts;

  // The exact time of every step of the recorded samples.
  mapping::Replay replayer(problem, mapping, traffic);
  replayer.addPeaks(bits, traffic);
  for (auto [entry, part] : llvm::zip(counts.parts, traffic.parts))
    if (part.peak)
      entry.peak = convertPart(part, *part.peak);
  for (auto [entry, link] : llvm::zip(counts.links, traffic.links))
    entry.peak = link.peak;

  cost::StepModel model(target, counts.chips, counts.routers);
  std::vector<mapping::Events> parts;
  std::vector<double> links;
  std::vector<cost::LinkLoad> loads = counts.links;
  for (int64_t sample = 0; sample < bits.samples; ++sample) {
    cost::Range time;
    for (int64_t step = 0; step < bits.steps; ++step) {
      replayer.step(bits, sample, step, parts, links);
      std::vector<cost::EventCounts> cores(counts.cores.size());
      for (auto [part, events] : llvm::zip(traffic.parts, parts))
        cores[part.core] += convertPart(part, events);
      for (auto [entry, load] : llvm::zip(loads, links))
        entry.packets = load;
      time += model.time(cores, loads, counts.ioBitsPerStep).total;
    }
    counts.sampleTimes.push_back(time);
  }
  counts.basis = cost::ActivityBasis::PerStep;
  return counts;
}
