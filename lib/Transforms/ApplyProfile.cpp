//===- ApplyProfile.cpp - An execution profile on a network ---------------===//

#include "ApplyProfile.h"
#include "FoldConnections.h"
#include "ViewTypes.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace nmc;
using namespace nmc::spike;
using namespace nmc::target;

//===----------------------------------------------------------------------===//
// Walks
//===----------------------------------------------------------------------===//

void nmc::collectConnections(Value current,
                             SmallVectorImpl<ConnectionOpInterface> &result) {
  SmallVector<Value> work = {current};
  while (!work.empty()) {
    Value value = work.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || !isa<CurrentType>(value.getType()))
      continue;
    if (auto connection = dyn_cast<ConnectionOpInterface>(op)) {
      result.push_back(connection);
      work.push_back(connection.getSource());
    } else {
      work.append(op->operand_begin(), op->operand_end());
    }
  }
}

bool nmc::reaches(Operation *from, Operation *to) {
  SmallVector<Operation *> work = {from};
  DenseSet<Operation *> seen;
  while (!work.empty())
    for (Operation *user : work.pop_back_val()->getUsers()) {
      if (user == to)
        return true;
      if (seen.insert(user).second)
        work.push_back(user);
    }
  return false;
}

/// The op behind a stream, views aside; null for an argument.
static Operation *findSource(Value stream) {
  while (Operation *op = stream.getDefiningOp()) {
    if (!isa<ViewOpInterface>(op))
      return op;
    stream = op->getOperand(0);
  }
  return nullptr;
}

bool nmc::isDelayed(Value stream) {
  return isa_and_present<DelayOp>(findSource(stream));
}

void nmc::rewriteAttribute(Operation *op, StringRef name, Attribute value) {
  Attribute before = op->getAttr(name);
  if (before == value)
    return;
  if (before && name != "dynamics") {
    mlir::NamedAttrList kept(
        op->getAttrOfType<DictionaryAttr>(kNirParametersAttrName));
    if (!kept.get(name)) {
      kept.set(name, before);
      op->setAttr(kNirParametersAttrName, kept.getDictionary(op->getContext()));
    }
  }
  if (value)
    op->setAttr(name, value);
  else
    op->removeAttr(name);
}

//===----------------------------------------------------------------------===//
// The applier
//===----------------------------------------------------------------------===//

namespace {
class ProfileApplier {
public:
  ProfileApplier(NetworkOp network, const ExecutionProfile &profile,
                 const ApplyOptions &options)
      : network(network), profile(profile), options(options),
        context(network.getContext()) {}

  LogicalResult run();

private:
  LogicalResult gather();
  LogicalResult checkNetwork();
  LogicalResult findDt();
  LogicalResult chooseReset(Neurons &n);
  LogicalResult setRails(Neurons &n);
  void findLoops();
  void placeLoopDelays();
  LogicalResult placeArrivals();
  void dropLoopBiases();
  LogicalResult driveMembranes(Neurons &n);
  void setBiasAtStart(Neurons &n);
  void setClearing();
  int64_t getDepth(PopulationOpInterface population,
                   DenseMap<Operation *, int64_t> &depths);
  void setTypes();
  void convertInputs();
  void turnLeaky(Neurons &n);
  void write(Neurons &n);
  void followHost();

  NetworkOp network;
  const ExecutionProfile &profile;
  const ApplyOptions &options;
  MLIRContext *context;
  std::optional<double> dt;
  std::vector<Neurons> neurons;
  /// Delays of one step that close a cycle, and connections behind them.
  SetVector<Operation *> loopDelays;
  SmallVector<ConnectionOpInterface> loopConnections;
};
} // namespace

/// Populations that the profile speaks of; errors for those that it lacks.
LogicalResult ProfileApplier::gather() {
  bool failedAny = false;
  for (PopulationOpInterface population : network.getPopulations()) {
    Operation *op = population;
    if (isa<InputOp, MaxPoolOp>(op))
      continue;
    if (auto relu = dyn_cast<ReluOp>(op)) {
      // What an output of NIR sums up.
      if (!relu.getRectify() && !profile.arithmetic)
        continue;
      failedAny = true;
      emitRuleError(op, "profile-kind")
          << (relu.getRectify()
                  ? "is a rectifier of graded events, which no execution "
                    "profile has; convert it to spikes first"
                  : "passes on currents that are no spikes, which '" +
                        profile.name +
                        "' cannot; hint: end the network in a population");
      continue;
    }
    if (DynamicsAttr dynamics = population.getDynamicsOrNull())
      if (dynamics.getArithmetic()) {
        failedAny = true;
        emitRuleError(op, "profile-applied")
            << "has integer dynamics of its own already, which a profile for "
               "networks in real numbers would not keep";
        continue;
      }
    auto it = profile.populations.find(op->getName().stripDialect().str());
    if (it == profile.populations.end()) {
      SmallVector<std::string> kinds;
      for (auto &[kind, unused] : profile.populations)
        kinds.push_back(kind);
      failedAny = true;
      emitRuleError(op, "profile-kind")
          << "is of a kind that '" << profile.name << "' does not have; it has "
          << llvm::join(kinds, ", ");
      continue;
    }
    Neurons n;
    n.op = population;
    n.profile = &it->second;
    n.dynamics = it->second.dynamics;
    n.count = getNumElements(population.getEvents());
    n.leaks = isa<LifOp, CubaLifOp, LiOp, CubaLiOp>(op);
    n.synapse = isa<CubaLifOp, CubaLiOp>(op);
    n.spikes = isa<IfOp, LifOp, CubaLifOp, ThresholdOp>(op);
    if (failed(readParameters(n))) {
      failedAny = true;
      continue;
    }
    neurons.push_back(std::move(n));
  }
  return failure(failedAny);
}

LogicalResult ProfileApplier::findDt() {
  if (options.dt) {
    dt = options.dt;
  } else if (std::optional<llvm::APFloat> stated = network.getDt()) {
    dt = stated->convertToDouble();
  }
  if (dt)
    return success();
  for (Neurons &n : neurons) {
    const Dynamics &d = n.dynamics;
    bool needed = (n.leaks && (d.decay != DecayKind::None)) ||
                  d.inputGain != InputGain::Unit ||
                  (n.synapse && (n.profile->wIn == WInRule::Euler ||
                                 n.profile->wIn == WInRule::Exponential ||
                                 n.profile->wIn == WInRule::Threshold ||
                                 n.profile->tauSyn != TauRule::Keep));
    if (!needed)
      continue;
    RuleDiagnostic diag = emitRuleError(n.op, "dt-needed");
    diag << "has time constants, but the network states no model time per step "
            "(dt)";
    if (profile.usualDt)
      diag << "; hint: '" << profile.name
           << "' itself uses dt = " << Values(*profile.usualDt).str() << " s";
    else
      diag << "; hint: give it, in seconds";
    return failure();
  }
  return success();
}

LogicalResult ProfileApplier::checkNetwork() {
  bool failedAny = false;
  if (profile.has(Constraint::NoRecurrence))
    for (Operation *delay : loopDelays) {
      failedAny = true;
      emitRuleError(delay, "profile-recurrence")
          << "closes a cycle, but '" << profile.name
          << "' has no recurrent connections";
    }
  network.walk([&](Operation *op) {
    if (isa<DelayOp>(op) && profile.has(Constraint::NoDelay) &&
        !loopDelays.contains(op)) {
      failedAny = true;
      emitRuleError(op, "profile-delay")
          << "delays events, which '" << profile.name << "' cannot";
    }
    ArrayRef<int64_t> kernel;
    if (auto pool = dyn_cast<SumPoolOp>(op))
      kernel = pool.getKernel();
    if (auto pool = dyn_cast<AvgPoolOp>(op))
      kernel = pool.getKernel();
    if (profile.has(Constraint::SmallPool))
      for (int64_t extent : kernel)
        if (extent != 1 && extent != 2 && extent != 4) {
          failedAny = true;
          emitRuleError(op, "profile-pool")
              << "pools over " << extent << ", but '" << profile.name
              << "' pools over 1, 2 or 4";
          break;
        }
  });
  for (Neurons &n : neurons)
    failedAny |= failed(checkConstraints(n, profile, dt));
  return failure(failedAny);
}

LogicalResult ProfileApplier::chooseReset(Neurons &n) {
  if (!n.spikes || options.reset.empty() || isa<ThresholdOp>(n.op))
    return success();
  Reset wanted = *symbolizeReset(options.reset);
  ArrayRef<Reset> allowed = n.profile->resets;
  // What a platform calls subtraction may be its own kind of it.
  if (wanted == Reset::Subtract && !llvm::is_contained(allowed, wanted) &&
      llvm::is_contained(allowed, Reset::SubtractResidual))
    wanted = Reset::SubtractResidual;
  if (llvm::is_contained(allowed, wanted)) {
    n.dynamics.reset = wanted;
    return success();
  }
  SmallVector<StringRef> words;
  for (Reset reset : allowed)
    words.push_back(stringifyReset(reset));
  bool others = llvm::any_of(profile.populations, [&](auto &entry) {
    return llvm::is_contained(entry.second.resets, wanted);
  });
  if (!others)
    return emitRuleError(n.op, "profile-reset")
           << "cannot reset by '" << options.reset << "' under '"
           << profile.name << "', which resets by " << llvm::join(words, ", ");
  emitRuleWarning(n.getLoc(), "profile-reset")
      << "population '" << n.getName() << "' resets by "
      << stringifyReset(n.dynamics.reset) << " rather than '" << options.reset
      << "': populations of its kind have " << llvm::join(words, ", ")
      << " alone under '" << profile.name << "'";
  return success();
}

/// Where the membrane is held; in units of the membrane after the rules.
LogicalResult ProfileApplier::setRails(Neurons &n) {
  mlir::Builder builder(context);
  auto number = [&](double value) { return builder.getF64FloatAttr(value); };
  if (n.profile->floorRule == FloorRule::Value)
    n.dynamics.vFloor = number(*n.profile->floor);
  if (n.profile->ceiling)
    n.dynamics.vCeiling = number(*n.profile->ceiling);
  if (n.profile->floorRule != FloorRule::MinusThreshold)
    return success();
  if (!n.threshold.isUniform())
    return emitRuleError(n.op, "profile-uniform")
           << "threshold is " << n.threshold.str() << ", but '" << profile.name
           << "' holds membranes above minus the threshold, which must be one "
              "value per population";
  n.dynamics.vFloor = number(-double(float(n.threshold.list[0])));
  return success();
}

//===----------------------------------------------------------------------===//
// Loops and delays
//===----------------------------------------------------------------------===//

void ProfileApplier::findLoops() {
  network.walk([&](DelayOp delay) {
    if (delay.getSteps() == 1 && !delay.getPerElementAttr() &&
        reaches(delay, delay))
      loopDelays.insert(delay);
  });
  if (loopDelays.empty())
    return;
  network.walk([&](ConnectionOpInterface connection) {
    if (isa<StreamType>(connection.getSource().getType()) &&
        isDelayed(connection.getSource()) && reaches(connection, connection))
      loopConnections.push_back(connection);
  });
}

/// Where the population itself is late, the loop's step is in it.
void ProfileApplier::placeLoopDelays() {
  if (profile.loopDelay != LoopDelay::InOutput)
    return;
  loopDelays.remove_if([&](Operation *op) {
    auto delay = cast<DelayOp>(op);
    auto source = dyn_cast_if_present<PopulationOpInterface>(
        findSource(delay.getSource()));
    auto n = llvm::find_if(neurons, [&](Neurons &n) { return n.op == source; });
    if (!source || n == neurons.end() ||
        (n->dynamics.outputDelay == 0 && n->dynamics.order != Order::FireOnOld))
      return false;
    delay.getResult().replaceAllUsesWith(delay.getSource());
    delay.erase();
    return true;
  });
}

LogicalResult ProfileApplier::placeArrivals() {
  // One delay for all that reads a stream; connections that several populations
  // share are late by one number.
  DenseMap<std::pair<Value, int64_t>, Value> delayed;
  llvm::MapVector<Operation *, int64_t> arrivals;
  for (Neurons &n : neurons) {
    SmallVector<ConnectionOpInterface> connections;
    for (Value drive : n.op.getDrives())
      collectConnections(drive, connections);
    for (ConnectionOpInterface connection : connections) {
      if (!isa<StreamType>(connection.getSource().getType()))
        continue;
      bool fromInput =
          isa_and_present<InputOp>(findSource(connection.getSource()));
      int64_t steps = fromInput ? n.profile->inputArrival : n.profile->arrival;
      auto [it, isNew] = arrivals.insert({connection, steps});
      if (!isNew && it->second != steps)
        return emitRuleError(connection, "profile-arrival")
               << "feeds populations at which events arrive " << it->second
               << " and " << steps
               << " steps late; give each its own connection";
    }
  }
  for (auto &[op, steps] : arrivals) {
    Value source = cast<ConnectionOpInterface>(op).getSource();
    if (steps == 0)
      continue;
    Operation *origin = findSource(source);
    if (loopDelays.contains(origin)) {
      // The loop's step is the arrival.
      auto delay = cast<DelayOp>(origin);
      delay.setSteps(std::max<int64_t>(delay.getSteps(), steps));
      continue;
    }
    Value &late = delayed[{source, steps}];
    if (!late) {
      mlir::OpBuilder builder(op);
      late = DelayOp::create(builder, source.getLoc(), source.getType(), source,
                             builder.getI64IntegerAttr(steps), ElementsAttr());
    }
    op->replaceUsesOfWith(source, late);
  }
  return success();
}

void ProfileApplier::dropLoopBiases() {
  if (profile.loopBias != LoopBias::Dropped)
    return;
  for (ConnectionOpInterface connection : loopConnections) {
    ElementsAttr bias = connection.getBiasOrNull();
    if (!bias)
      continue;
    FailureOr<Values> values = readValues(connection, "bias", bias, 0);
    emitRuleWarning(connection.getLoc(), "profile-bias-dropped")
        << "the bias of a recurrent connection, "
        << (succeeded(values) ? values->str() : std::string("?"))
        << ", is dropped: '" << profile.name << "' has none there";
    rewriteAttribute(connection, "bias", {});
  }
}

void ProfileApplier::setBiasAtStart(Neurons &n) {
  if (profile.loopBias != LoopBias::MissingAtStart &&
      profile.loopDelay != LoopDelay::BehindWeights)
    return;
  SmallVector<ConnectionOpInterface> connections;
  for (Value drive : n.op.getDrives())
    collectConnections(drive, connections);
  for (ConnectionOpInterface connection : connections)
    if (connection.getBiasOrNull() &&
        isa<StreamType>(connection.getSource().getType()) &&
        isDelayed(connection.getSource()))
      n.dynamics.biasAtT0 = false;
}

/// Biases of connections become a drive of the membrane: what the synaptic
/// current comes to under them.
LogicalResult ProfileApplier::driveMembranes(Neurons &n) {
  if (profile.biasDrive != BiasDrive::Membrane || !n.synapse ||
      profile.quantizer)
    return success();
  SmallVector<ConnectionOpInterface> connections;
  for (Value drive : n.op.getDrives())
    collectConnections(drive, connections);
  Values sum(0.0);
  bool any = false;
  for (ConnectionOpInterface connection : connections) {
    ElementsAttr bias = connection.getBiasOrNull();
    if (!bias)
      continue;
    FailureOr<Values> values = readValues(connection, "bias", bias, 0);
    if (failed(values))
      return failure();
    sum = sum.combine(*values, [](double a, double b) { return a + b; });
    any = true;
    rewriteAttribute(connection, "bias", {});
  }
  if (!any)
    return success();
  Values alpha = n.tauSyn.map([&](double t) { return n.getFactor(t, *dt); });
  Values drive =
      sum.combine(alpha, [](double b, double a) { return b / (1 - a); })
          .combine(n.wIn, [](double b, double w) { return b * w; })
          .combine(n.r, [](double b, double r) { return b * r; })
          .combine(n.getGain(dt), [](double b, double g) { return b * g; });
  emitRuleWarning(n.getLoc(), "profile-bias")
      << "population '" << n.getName() << "': bias " << sum.str()
      << " of its connections drives the membrane with " << drive.str()
      << " in every step, not the synaptic current, which would reach as much "
         "in time";
  n.bias =
      n.bias ? n.bias->combine(drive, [](double a, double b) { return a + b; })
             : drive;
  n.bias->changed = true;
  return success();
}

//===----------------------------------------------------------------------===//
// Clearing
//===----------------------------------------------------------------------===//

/// Steps of delay on the longest way from the inputs, loops apart.
int64_t ProfileApplier::getDepth(PopulationOpInterface population,
                                 DenseMap<Operation *, int64_t> &depths) {
  auto [it, isNew] = depths.insert({population, 0});
  if (!isNew)
    return it->second;
  int64_t depth = 0;
  SmallVector<Value> work(population->operand_begin(),
                          population->operand_end());
  SmallVector<std::pair<Value, int64_t>> streams;
  for (Value operand : work)
    streams.push_back({operand, 0});
  while (!streams.empty()) {
    auto [value, late] = streams.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op)
      continue;
    if (auto source = dyn_cast<PopulationOpInterface>(op)) {
      depth = std::max(depth, late + getDepth(source, depths));
      continue;
    }
    if (loopDelays.contains(op))
      continue;
    if (auto delay = dyn_cast<DelayOp>(op))
      late += delay.getSteps();
    for (Value operand : op->getOperands())
      streams.push_back({operand, late});
  }
  depths[population] = depth;
  return depth;
}

void ProfileApplier::setClearing() {
  if (options.clearPeriod == 0)
    return;
  DenseMap<Operation *, int64_t> depths;
  for (Neurons &n : neurons) {
    n.dynamics.clearPeriod = options.clearPeriod;
    n.dynamics.clearOffset =
        std::max<int64_t>(getDepth(n.op, depths) + options.clearShift, 0);
  }
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// The unsigned type of up to `most` events.
static Type getCountType(int64_t most, MLIRContext *context) {
  if (most <= 1)
    return IntegerType::get(context, 1);
  unsigned bits = most <= 15 ? 4 : most <= 255 ? 8 : most <= 65535 ? 16 : 32;
  return IntegerType::get(context, bits, IntegerType::Unsigned);
}

void ProfileApplier::setTypes() {
  // Populations that the network returns.
  DenseSet<Operation *> readouts;
  if (profile.readoutSpikes)
    for (Value stream : network.getOutput().getStreams())
      if (Operation *source = findSource(stream))
        readouts.insert(source);
  for (Neurons &n : neurons) {
    if (!n.spikes)
      continue;
    if (readouts.contains(n.op))
      n.dynamics.maxSpikesPerStep =
          std::min(n.dynamics.maxSpikesPerStep, *profile.readoutSpikes);
    int64_t most = n.dynamics.maxSpikesPerStep;
    // Counts of up to 255 take 8 bits, whatever the cap.
    Type type = most == 1 ? IntegerType::get(context, 1)
                          : getCountType(std::max<int64_t>(most, 255), context);
    Value events = n.op.getEvents();
    events.setType(StreamType::get(context, n.getShape(), type));
  }
  propagatePayloads(network);
}

/// Analogue ports of platforms with integers take counts.
void ProfileApplier::convertInputs() {
  if (!profile.arithmetic && !profile.inputEvents)
    return;
  SmallVector<Type> types(network.getArgumentTypes());
  for (PopulationOpInterface population : network.getPopulations()) {
    auto input = dyn_cast<InputOp>(population.getOperation());
    if (!input)
      continue;
    int64_t most = profile.inputEvents.value_or(255);
    Type wanted = getCountType(most, context);
    auto port = cast<mlir::BlockArgument>(input.getPort());
    Type portType = getElementType(port),
         events = getElementType(input.getEvents());
    if (isa<FloatType>(portType)) {
      if (!profile.arithmetic)
        continue;
      emitRuleWarning(input.getLoc(), "profile-input")
          << "input '" << population.getPopulationName()
          << "' is analogue, but events of '" << profile.name
          << "' are integers: it takes counts, of which up to " << most
          << " per step and neuron are delivered";
      portType = getCountType(255, context);
      port.setType(StreamType::get(context, getShape(port), portType));
      types[port.getArgNumber()] = port.getType();
      events = portType;
    }
    auto counts = dyn_cast<IntegerType>(portType);
    if (!counts || counts.isSigned())
      continue;
    // Cut to what the platform delivers.
    unsigned width =
        std::min(counts.getWidth(), wanted.getIntOrFloatBitWidth());
    if (width < counts.getWidth())
      events = wanted;
    else
      events = portType;
    input.getEvents().setType(
        StreamType::get(context, getShape(input.getEvents()), events));
  }
  network.setFunctionType(
      mlir::FunctionType::get(context, types, network.getResultTypes()));
  propagatePayloads(network);
}

/// Types of what the host runs, encodes and decodes follow the network.
void ProfileApplier::followHost() {
  network.setFunctionType(mlir::FunctionType::get(
      context, network.getArgumentTypes(),
      llvm::to_vector(network.getOutput().getStreams().getTypes())));
  network->getParentOfType<ModuleOp>().walk([&](RunOp run) {
    if (run.getNetwork() != network.getSymName())
      return;
    for (auto [value, type] :
         llvm::zip(run.getInputs(), network.getArgumentTypes()))
      if (auto encode = value.getDefiningOp<EncodeOp>())
        encode.getStream().setType(cast<StreamType>(type));
    for (auto [value, type] :
         llvm::zip(run.getOutputs(), network.getResultTypes()))
      value.setType(type);
  });
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// An integrate-and-fire population that leaks on this platform.
void ProfileApplier::turnLeaky(Neurons &n) {
  auto fire = dyn_cast<IfOp>(n.op.getOperation());
  if (!fire || !n.profile->leakFactor)
    return;
  emitRuleWarning(n.getLoc(), "profile-leak")
      << "population '" << n.getName() << "' has no leak, but '" << profile.name
      << "' lets its membrane decay by " << Values(*n.profile->leakFactor).str()
      << " per step";
  mlir::OpBuilder builder(fire);
  n.tau = Values(*n.profile->leakFactor);
  n.tau.changed = true;
  n.leaks = true;
  n.dynamics.decay = DecayKind::Factor;
  auto lif = LifOp::create(builder, fire.getLoc(), fire.getEvents().getType(),
                           fire.getNameAttr(), fire.getDrives(), DynamicsAttr(),
                           n.tau.toFloats(n.getShape(), context),
                           fire.getThreshold(), fire.getRAttr(),
                           /*v_leak=*/ElementsAttr(), fire.getVResetAttr());
  lif->setDiscardableAttrs(fire->getDiscardableAttrDictionary());
  fire.getEvents().replaceAllUsesWith(lif.getEvents());
  fire.erase();
  n.op = lif;
}

void ProfileApplier::write(Neurons &n) {
  auto set = [&](StringRef name, const Values &values, double neutral) {
    if (!values.changed)
      return;
    bool isNeutral = values.isUniform() && values.list[0] == neutral;
    rewriteAttribute(n.op, name,
                     isNeutral ? Attribute()
                               : values.toFloats(n.getShape(), context));
  };
  constexpr double never = std::numeric_limits<double>::quiet_NaN();
  set(n.tauName(), n.tau, never);
  set("tau_syn", n.tauSyn, never);
  set("threshold", n.threshold, never);
  set("r", n.r, 1);
  set("w_in", n.wIn, 1);
  set("v_leak", n.leak, 0);
  set("v_reset", n.reset, 0);
  if (n.bias)
    set("bias", *n.bias, never);
  n.op->setAttr("dynamics", n.dynamics.get(context));
}

LogicalResult ProfileApplier::run() {
  if (failed(gather()))
    return failure();
  findLoops();
  if (failed(findDt()) || failed(checkNetwork()))
    return failure();
  bool failedAny = false;
  for (Neurons &n : neurons) {
    failedAny |= failed(chooseReset(n));
    failedAny |= failed(applyParameterRules(n, dt));
  }
  if (failedAny)
    return failure();
  if (profile.quantizer) {
    // Chips add up in one place: pools go into the weights behind them, but for
    // those that pool on the way.
    bool poolsOnTheWay = profile.quantizer->name == "joint_scale";
    foldConnections(network, poolsOnTheWay);
  }
  dropLoopBiases();
  placeLoopDelays();
  if (failed(placeArrivals()))
    return failure();
  for (Neurons &n : neurons) {
    turnLeaky(n);
    setBiasAtStart(n);
    if (failed(driveMembranes(n)) || failed(setRails(n)))
      return failure();
  }
  setClearing();
  convertInputs();
  setTypes();
  if (dt && !network.getDt()) {
    network.setDtAttr(mlir::Builder(context).getF64FloatAttr(*dt));
  } else if (dt && network.getDt()->convertToDouble() != *dt) {
    emitRuleWarning(network.getLoc(), "profile-dt")
        << "dt of " << Values(*dt).str() << " s replaces that of the network, "
        << Values(network.getDt()->convertToDouble()).str() << " s";
    network.setDtAttr(mlir::Builder(context).getF64FloatAttr(*dt));
  }
  network.setStateAttr(StateScopeAttr::get(context, profile.state));
  network->setAttr(kProfileAttrName, StringAttr::get(context, profile.name));
  for (Neurons &n : neurons)
    write(n);
  if (profile.quantizer &&
      failed(quantizeByProfile(network, profile, neurons, dt.value_or(1),
                               options.target)))
    return failure();
  followHost();
  return success();
}

LogicalResult nmc::applyProfile(NetworkOp network,
                                const ExecutionProfile &profile,
                                const ApplyOptions &options) {
  return ProfileApplier(network, profile, options).run();
}
