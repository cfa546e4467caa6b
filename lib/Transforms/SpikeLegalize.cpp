//===- SpikeLegalize.cpp - What a chip can run ----------------------------===//

#include "dialects/Spike/Spike.h"
#include "nmc/Support/ReadableName.h"
#include "nmc/Support/Rule.h"
#include "nmc/Target/TargetInfo.h"
#include "nmc/Transforms/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

namespace nmc {
#define GEN_PASS_DEF_SPIKELEGALIZEPASS
#include "nmc/Transforms/Passes.h.inc"
} // namespace nmc

using namespace nmc;
using namespace nmc::spike;

namespace {
/// What the target states about neurons and synapses.
struct Abilities {
  Abilities(chip::TargetOp op, const target::TargetInfo &info);

  bool supports(ArrayRef<std::string> list, StringRef kind) const {
    return list.empty() || llvm::is_contained(list, kind);
  }

  mutable chip::TargetOp target;
  /// Empty: any.
  SmallVector<std::string> models, connections;
  std::vector<std::string> resets;
  bool binary, signedPayload, hasMaxPool, hasBias, relaysInputs;
  /// None where the target does not state it.
  std::optional<std::string> payload;
};

class Legalizer {
public:
  Legalizer(NetworkOp network, const Abilities &chip)
      : network(network), chip(chip), builder(network.getContext()) {}

  /// Rewrites the network, or reports everything in the way.
  LogicalResult run();

private:
  void replaceMaxPools();
  void addRelays();
  void separateConnections();
  void check(Operation *op);
  Value makeEvents(Value current);
  ReluOp addRelu(StringRef wish, Value current, bool rectify, Location loc);
  bool isNonNegative(Value value);
  std::string uniqueName(StringRef wish);
  RuleDiagnostic refuse(Operation *op, StringRef rule);

  NetworkOp network;
  const Abilities &chip;
  mlir::OpBuilder builder;
  llvm::StringSet<> names;
  DenseMap<Value, Value> events; // of currents
  bool failedAny = false;
};
} // namespace

//===----------------------------------------------------------------------===//
// The target
//===----------------------------------------------------------------------===//

/// Joins what kinds of core run; one core without a list runs anything.
template <typename Get>
static SmallVector<std::string> unite(ArrayRef<target::CoreKind> cores,
                                      Get get) {
  SmallVector<std::string> all;
  for (const target::CoreKind &core : cores) {
    if (get(core).empty())
      return {};
    for (const std::string &kind : get(core))
      if (!llvm::is_contained(all, kind))
        all.push_back(kind);
  }
  return all;
}

Abilities::Abilities(chip::TargetOp op, const target::TargetInfo &info)
    : target(op) {
  models = unite(info.cores, [](const target::CoreKind &core) -> auto & {
    return core.models;
  });
  connections = unite(info.cores, [](const target::CoreKind &core) -> auto & {
    return core.connections;
  });
  resets = info.words("reset");
  payload = info.word("payload");
  binary = payload && *payload == "binary";
  signedPayload = !binary && info.flag("payload_signed").value_or(false);
  hasMaxPool = info.flag("max_pool").value_or(supports(models, "max_pool"));
  hasBias = info.flag("bias").value_or(true);
  relaysInputs = info.input == chip::InputKind::Relay;
}

//===----------------------------------------------------------------------===//
// Rewrites
//===----------------------------------------------------------------------===//

std::string Legalizer::uniqueName(StringRef wish) {
  std::string name = wish.str();
  for (int64_t i = 1; !names.insert(name).second; ++i)
    name = (wish + "_" + Twine(i)).str();
  return name;
}

RuleDiagnostic Legalizer::refuse(Operation *op, StringRef rule) {
  failedAny = true;
  return emitRuleError(op, rule);
}

/// Whether no element of a stream or current can be below 0.
bool Legalizer::isNonNegative(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (auto relu = dyn_cast<ReluOp>(op))
    return relu.getRectify();
  auto isNegative = [](mlir::TypedAttr weight) {
    auto number = dyn_cast_or_null<FloatAttr>(weight);
    return weight && (!number || number.getValue().isNegative());
  };
  if (auto pool = dyn_cast<SumPoolOp>(op))
    return !isNegative(pool.getWeightAttr()) && isNonNegative(pool.getSource());
  if (auto identity = dyn_cast<IdentityOp>(op))
    return !isNegative(identity.getWeightAttr()) &&
           isNonNegative(identity.getSource());
  if (isa<AvgPoolOp, MaxPoolOp, ViewOpInterface>(op))
    return llvm::all_of(op->getOperands(),
                        [&](Value v) { return isNonNegative(v); });
  return isa<IfOp, LifOp, CubaLifOp, ThresholdOp>(op);
}

ReluOp Legalizer::addRelu(StringRef wish, Value current, bool rectify,
                          Location loc) {
  Type type = StreamType::get(builder.getContext(), getShape(current),
                              getElementType(current));
  return ReluOp::create(builder, loc, type,
                        builder.getStringAttr(uniqueName(wish)), current,
                        /*max=*/FloatAttr(), /*requant=*/RequantAttr(),
                        builder.getBoolAttr(rectify));
}

void Legalizer::replaceMaxPools() {
  if (chip.hasMaxPool)
    return;
  for (auto pool : llvm::make_early_inc_range(
           network.getBody().front().getOps<MaxPoolOp>())) {
    if (!isa<FloatType>(getElementType(pool.getSource()))) {
      refuse(pool, "max-pool")
          << "takes the maximum of events, which target '"
          << chip.target.getSymName()
          << "' cannot; train the network with average pooling";
      continue;
    }
    emitRuleWarning(pool.getLoc(), "max-pool-average")
        << "max pool '" << pool.getPopulationName()
        << "' becomes an average pool, since target '"
        << chip.target.getSymName()
        << "' has none; accuracy changes, train with average pooling to avoid "
           "it";
    builder.setInsertionPoint(pool);
    Type type =
        CurrentType::get(builder.getContext(), getShape(pool.getEvents()),
                         getElementType(pool.getEvents()));
    Value mean = AvgPoolOp::create(
        builder, pool.getLoc(), type, pool.getSource(), pool.getKernelAttr(),
        pool.getStridesAttr(), pool.getPadsAttr(), builder.getBoolAttr(true));
    std::string name = pool.getPopulationName().str();
    names.erase(name);
    ReluOp relu =
        addRelu(name, mean, isNonNegative(pool.getSource()), pool.getLoc());
    pool.getEvents().replaceAllUsesWith(relu.getEvents());
    pool.erase();
  }
}

void Legalizer::addRelays() {
  // Binary events cannot carry an analogue input: neurons turn it into spikes.
  if (!chip.relaysInputs && !chip.binary)
    return;
  for (auto input : llvm::make_early_inc_range(
           network.getBody().front().getOps<InputOp>())) {
    Value stream = input.getEvents();
    if (!isa<FloatType>(getElementType(stream)))
      continue;
    // A relay that is there already.
    if (llvm::all_of(stream.getUsers(), [](Operation *user) {
          return isa<IdentityOp>(user) &&
                 llvm::all_of(user->getUsers(), [](Operation *next) {
                   return isa<PopulationOpInterface>(next) &&
                          next->getNumOperands() == 1;
                 });
        }))
      continue;
    builder.setInsertionPointAfter(input);
    Type type = CurrentType::get(builder.getContext(), getShape(stream),
                                 getElementType(stream));
    Value drive = IdentityOp::create(builder, input.getLoc(), type, stream,
                                     mlir::TypedAttr());
    ReluOp relay = addRelu(input.getPopulationName().str() + "_relay", drive,
                           /*rectify=*/!chip.signedPayload, input.getLoc());
    stream.replaceAllUsesExcept(relay.getEvents(), drive.getDefiningOp());
  }
}

/// The events of a population that takes up `current`; views on the way become
/// views of events.
Value Legalizer::makeEvents(Value current) {
  if (Value known = events.lookup(current))
    return known;
  Operation *op = current.getDefiningOp();
  builder.setInsertionPointAfter(op);
  if (isa<ViewOpInterface>(op)) {
    mlir::IRMapping mapping;
    SmallVector<Value> sources;
    for (Value operand : op->getOperands())
      sources.push_back(makeEvents(operand));
    builder.setInsertionPointAfter(op);
    mapping.map(op->getOperands(), sources);
    Operation *view = builder.clone(*op, mapping);
    view->getResult(0).setType(StreamType::get(
        builder.getContext(), getShape(current), getElementType(current)));
    return events[current] = view->getResult(0);
  }
  return events[current] = addRelu(getReadableName(op), current,
                                   isNonNegative(current), op->getLoc())
                               .getEvents();
}

void Legalizer::separateConnections() {
  SmallVector<ConnectionOpInterface> chained;
  network.walk([&](ConnectionOpInterface connection) {
    if (isa<CurrentType>(connection.getSource().getType()))
      chained.push_back(connection);
  });
  for (ConnectionOpInterface connection : chained) {
    Value source = connection.getSource();
    connection->replaceUsesOfWith(source, makeEvents(source));
    while (Operation *view = source.getDefiningOp()) {
      if (!isa<ViewOpInterface>(view) || !view->use_empty())
        break;
      source = view->getOperand(0);
      view->erase();
    }
  }
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

static std::string quoteList(ArrayRef<std::string> words) {
  return llvm::join(words, ", ");
}

void Legalizer::check(Operation *op) {
  auto noteTarget = [&](RuleDiagnostic &diag) {
    diag.attachNote(chip.target.getLoc())
        << "target '" << chip.target.getSymName() << "' is described here";
  };
  StringRef kind = op->getName().stripDialect();
  if (auto population = dyn_cast<PopulationOpInterface>(op)) {
    auto relu = dyn_cast<ReluOp>(op);
    if (relu && !relu.getRectify() && !chip.signedPayload) {
      RuleDiagnostic diag = refuse(op, "signed-activation");
      diag << "passes on values of both signs, since no rectifier follows the "
              "linear layer, but events of target '"
           << chip.target.getSymName()
           << "' carry no sign; merge the two linear layers or put a ReLU "
              "between them";
      noteTarget(diag);
    }
    // Rectifiers become integrate-and-fire neurons where events are binary.
    StringRef needed = relu && chip.binary ? "if" : kind;
    if (isa<InputOp>(op) || chip.supports(chip.models, needed))
      return;
    RuleDiagnostic diag = refuse(op, "neuron-model");
    diag << "population '" << population.getPopulationName()
         << "' needs neurons of kind '" << needed << "', but target '"
         << chip.target.getSymName() << "' runs " << quoteList(chip.models);
    noteTarget(diag);
    return;
  }
  auto connection = dyn_cast<ConnectionOpInterface>(op);
  if (!connection)
    return;
  bool known =
      chip.supports(chip.connections, kind) ||
      (isa<AvgPoolOp>(op) && chip.supports(chip.connections, "sum_pool"));
  if (!known) {
    RuleDiagnostic diag = refuse(op, "connection-kind");
    diag << "is a connection that target '" << chip.target.getSymName()
         << "' does not have; it has " << quoteList(chip.connections);
    noteTarget(diag);
  }
  if (connection.getBiasOrNull() && !chip.hasBias) {
    RuleDiagnostic diag = refuse(op, "bias");
    diag << "has a bias, but neurons of target '" << chip.target.getSymName()
         << "' have none; train without biases";
    noteTarget(diag);
  }
}

LogicalResult Legalizer::run() {
  for (PopulationOpInterface population : network.getPopulations())
    names.insert(population.getPopulationName());
  replaceMaxPools();
  addRelays();
  separateConnections();
  for (Operation &op : network.getBody().front())
    check(&op);
  return failure(failedAny);
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct SpikeLegalizePass : impl::SpikeLegalizePassBase<SpikeLegalizePass> {
  using SpikeLegalizePassBase::SpikeLegalizePassBase;

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

  FailureOr<chip::TargetOp> findTarget();
  LogicalResult checkReset(const Abilities &chip);
  LogicalResult run();
};
} // namespace

FailureOr<chip::TargetOp> SpikeLegalizePass::findTarget() {
  std::string wanted = target;
  StringRef name = StringRef(wanted).ltrim('@');
  chip::TargetOp found;
  int64_t count = 0;
  for (auto op : getOperation().getOps<chip::TargetOp>())
    if (name.empty() || op.getSymName() == name) {
      found = op;
      ++count;
    }
  if (count == 1)
    return found;
  if (!name.empty())
    return emitRuleError(getOperation().getLoc(), "target-given")
           << "there is no chip.target '" << name << "'";
  return emitRuleError(getOperation().getLoc(), "target-given")
         << "the module has " << count
         << " ops chip.target, but one is needed; run chip-load-target, or "
            "name "
            "one with option 'target'";
}

LogicalResult SpikeLegalizePass::checkReset(const Abilities &chip) {
  std::string wanted = reset;
  if (wanted.empty() || !chip.binary)
    return success();
  if (wanted != "zero" && wanted != "subtract")
    return emitRuleError(getOperation().getLoc(), "reset-known")
           << "reset is '" << wanted << "', but zero and subtract are known";
  if (chip.resets.empty() || llvm::is_contained(chip.resets, wanted))
    return success();
  return emitRuleError(chip.target.getLoc(), "reset-kind")
         << "neurons of target '" << chip.target.getSymName()
         << "' cannot reset by '" << wanted << "'; they reset by "
         << quoteList(chip.resets);
}

LogicalResult SpikeLegalizePass::run() {
  FailureOr<chip::TargetOp> op = findTarget();
  if (failed(op))
    return failure();
  Abilities chip(*op, target::TargetInfo::get(*op));
  LogicalResult result = checkReset(chip);
  if (!chip.payload)
    result = emitRuleError(op->getLoc(), "target-property")
             << "target '" << op->getSymName()
             << "' does not state its 'payload', binary or graded";
  for (auto network : getOperation().getOps<NetworkOp>())
    if (failed(Legalizer(network, chip).run()))
      result = failure();
  return result;
}
