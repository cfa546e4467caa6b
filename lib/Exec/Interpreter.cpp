//===- Interpreter.cpp - The host side of a network -----------------------===//

#include "nmc/Exec/Interpreter.h"

#include "dialects/Check/Check.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

#include <map>

using namespace nmc;
using namespace nmc::exec;

//===----------------------------------------------------------------------===//
// Host side
//===----------------------------------------------------------------------===//

HostSide exec::getHostSide(spike::NetworkOp network) {
  HostSide side;
  side.steps = network.getSteps().value_or(1);
  side.encodings.assign(network.getArgumentTypes().size(),
                        spike::Encoding::Graded);
  side.readouts.assign(network.getResultTypes().size(), std::nullopt);
  Operation *root = network->getParentOp();
  if (!root)
    return side;
  root->walk([&](spike::RunOp run) {
    if (run.getNetwork() != network.getSymName() ||
        run.getInputs().size() != side.encodings.size() ||
        run.getOutputs().size() != side.readouts.size())
      return mlir::WalkResult::advance();
    side.steps = run.getSteps();
    for (auto [encoding, input] : llvm::zip(side.encodings, run.getInputs())) {
      auto encode = input.getDefiningOp<spike::EncodeOp>();
      encoding = encode ? encode.getEncoding() : spike::Encoding::Constant;
    }
    for (auto [readout, output] : llvm::zip(side.readouts, run.getOutputs()))
      // Users are listed last first.
      for (Operation *user : output.getUsers())
        if (auto decode = dyn_cast<spike::DecodeOp>(user))
          readout = decode.getReadout();
    return mlir::WalkResult::interrupt();
  });
  return side;
}

RunOptions HostSide::makeOptions(const Program &program) const {
  RunOptions options;
  options.steps = steps;
  options.encodings = encodings;
  for (auto [o, readout] : llvm::enumerate(readouts))
    options.readouts.push_back(readout.value_or(program.defaultReadout(o)));
  return options;
}

std::vector<InputSpec> exec::getInputSpecs(spike::NetworkOp network) {
  std::vector<InputSpec> specs;
  for (Value argument : network.getBody().front().getArguments()) {
    InputSpec spec;
    spec.shape.assign(spike::getShape(argument).begin(),
                      spike::getShape(argument).end());
    spec.name = "input" + std::to_string(specs.size());
    for (Operation *user : argument.getUsers())
      if (auto input = dyn_cast<spike::InputOp>(user))
        spec.name = input.getName().str();
    specs.push_back(std::move(spec));
  }
  return specs;
}

//===----------------------------------------------------------------------===//
// Expectations
//===----------------------------------------------------------------------===//

namespace {

using HostValues = std::vector<double>;

class Checker {
public:
  Checker(Operation *function, EngineChoice choice)
      : function(function), choice(choice) {}

  LogicalResult run();

private:
  /// The values of a tensor, or null with a diagnostic at `user`.
  const HostValues *get(Value value, Operation *user);

  LogicalResult execute(spike::RunOp op);
  llvm::Expected<RunResult> runBoth(spike::RunOp op, const Program &program,
                                    const InputSource &source,
                                    RunOptions options, bool &differ);
  void decode(spike::DecodeOp op, const StreamInfo &info,
              ArrayRef<double> payloads);
  template <typename OpT> LogicalResult compare(OpT op, double tolerance);
  LogicalResult checkSpikes(check::ExpectSpikesOp op);

  Operation *function;
  EngineChoice choice;
  bool runFailed = false; // so that what follows from it is not reported
  DenseMap<Value, HostValues> tensors;
  std::map<std::string, Activity> activities; // of the last run, by network
};

} // namespace

const HostValues *Checker::get(Value value, Operation *user) {
  auto found = tensors.find(value);
  if (found != tensors.end())
    return &found->second;
  if (runFailed)
    return nullptr; // said already
  auto diag = emitRuleError(user, "interpret-op")
              << "needs a value that is not known here";
  if (Operation *source = value.getDefiningOp())
    diag.attachNote(source->getLoc())
        << "'" << source->getName() << "' is not executed";
  return nullptr;
}

/// Equal readouts and counts.
static bool areEqual(const RunResult &a, const RunResult &b) {
  if (a.readouts != b.readouts || a.eventsAt != b.eventsAt)
    return false;
  for (auto [p, q] : llvm::zip(a.activity.populations, b.activity.populations))
    if (p.spikes != q.spikes || p.stepTotals != q.stepTotals ||
        p.sampleTotals != q.sampleTotals || p.updates != q.updates)
      return false;
  for (auto [p, q] : llvm::zip(a.activity.connections, b.activity.connections))
    if (!(p.operations == q.operations))
      return false;
  return true;
}

llvm::Expected<RunResult> Checker::runBoth(spike::RunOp op,
                                           const Program &program,
                                           const InputSource &source,
                                           RunOptions options, bool &differ) {
  options.jobs = 1;
  options.reference = choice != EngineChoice::Fast;
  llvm::Expected<RunResult> result = program.run(source, options);
  if (!result || choice != EngineChoice::Both)
    return result;
  options.reference = false;
  llvm::Expected<RunResult> other = program.run(source, options);
  if (!other)
    return other.takeError();
  differ |= !areEqual(*result, *other);
  return result;
}

void Checker::decode(spike::DecodeOp op, const StreamInfo &info,
                     ArrayRef<double> payloads) {
  Type type = cast<ShapedType>(op.getValue().getType()).getElementType();
  bool isFloat = isa<FloatType>(type);
  bool isEvent = op.getReadout() == spike::Readout::Last ||
                 op.getReadout() == spike::Readout::Membrane;
  double scale = 1;
  if (isFloat && op.getReadout() != spike::Readout::First)
    scale =
        op.getScale() ? op.getScale()->convertToDouble() : info.payload.scale;
  HostValues values;
  for (double payload : payloads) {
    double value = payload * scale;
    if (isFloat)
      value = type.isF64() ? value : double(float(value));
    else if (isEvent)
      value += double(info.payload.zeroPoint);
    values.push_back(value);
  }
  tensors[op.getValue()] = std::move(values);
}

LogicalResult Checker::execute(spike::RunOp op) {
  auto network = mlir::SymbolTable::lookupNearestSymbolFrom<spike::NetworkOp>(
      op, op.getNetworkAttr());
  if (!network)
    return emitRuleError(op, "run-network")
           << "'" << op.getNetwork() << "' is not a spike.network";
  FailureOr<Program> program = Program::compile(network);
  if (failed(program))
    return failure();

  RunOptions options;
  options.steps = op.getSteps();
  std::vector<HostValues> ports;
  for (auto [k, input] : llvm::enumerate(op.getInputs())) {
    auto encode = input.getDefiningOp<spike::EncodeOp>();
    if (!encode)
      return emitRuleError(op, "interpret-op")
             << "takes a stream that is not encoded in this function";
    const HostValues *values = get(encode.getValue(), encode);
    if (!values)
      return failure();
    options.encodings.push_back(encode.getEncoding());
    int64_t frames =
        encode.getEncoding() == spike::Encoding::Events ? options.steps : 1;
    if (int64_t(values->size()) != frames * program->ports()[k].elements)
      return emitRuleError(encode, "encode-steps")
             << "has events of "
             << int64_t(values->size()) / program->ports()[k].elements
             << " steps, but the run takes " << options.steps;
    ports.push_back(*values);
  }
  MemorySource source(std::move(ports), 1);

  // An output that is decoded in several ways takes as many runs.
  std::vector<SmallVector<spike::DecodeOp>> decodes;
  size_t rounds = 1;
  for (Value output : op.getOutputs()) {
    decodes.emplace_back();
    for (Operation *user : output.getUsers())
      if (auto decodeOp = dyn_cast<spike::DecodeOp>(user))
        decodes.back().push_back(decodeOp);
    rounds = std::max(rounds, decodes.back().size());
  }
  bool differ = false;
  for (size_t round = 0; round < rounds; ++round) {
    options.readouts.clear();
    for (auto [o, all] : llvm::enumerate(decodes))
      options.readouts.push_back(round < all.size()
                                     ? all[round].getReadout()
                                     : program->defaultReadout(o));
    llvm::Expected<RunResult> result =
        runBoth(op, *program, source, options, differ);
    if (!result)
      return op->emitOpError() << llvm::toString(result.takeError());
    for (auto [o, all] : llvm::enumerate(decodes))
      if (round < all.size())
        decode(all[round], program->outputs()[o], result->readout(0, 0, o));
    activities[network.getSymName().str()] = std::move(result->activity);
  }
  if (differ)
    return emitRuleError(op, "engine-mismatch")
           << "the fast engine and the reference differ";
  return success();
}

template <typename OpT>
LogicalResult Checker::compare(OpT op, double tolerance) {
  const HostValues *actual = get(op.getActual(), op);
  if (!actual)
    return failure();
  FailureOr<SmallVector<double, 0>> expected =
      getElementsAsDoubles(op.getExpected());
  if (failed(expected))
    return emitRuleError(op, "interpret-op")
           << "cannot read the values expected";
  int64_t wrong = 0, first = -1;
  for (size_t n = 0; n < actual->size(); ++n)
    if (!(std::fabs((*actual)[n] - (*expected)[n]) <= tolerance)) {
      if (wrong++ == 0)
        first = n;
    }
  if (!wrong)
    return success();
  return emitRuleError(op, "expectation")
         << "element " << first << " is " << (*actual)[first] << ", but "
         << (*expected)[first] << " was expected; " << wrong << " of "
         << int64_t(actual->size()) << " elements differ";
}

LogicalResult Checker::checkSpikes(check::ExpectSpikesOp op) {
  auto found = activities.find(op.getNetwork().str());
  if (found == activities.end() && runFailed)
    return failure(); // said already
  if (found == activities.end())
    return emitRuleError(op, "run-network")
           << "no run of '" << op.getNetwork() << "' comes before";
  const PopulationActivity *population = found->second.find(op.getPopulation());
  if (!population)
    return emitRuleError(op, "expectation")
           << "network has no population '" << op.getPopulation() << "'";
  ArrayRef<int64_t> expected = op.getCounts();
  if (expected.size() != population->spikes.size())
    return emitRuleError(op, "expectation")
           << "lists " << int64_t(expected.size()) << " counts for "
           << int64_t(population->spikes.size()) << " neurons";
  for (size_t n = 0; n < expected.size(); ++n)
    if (population->spikes[n] != uint64_t(expected[n]))
      return emitRuleError(op, "expectation")
             << "neuron " << int64_t(n) << " of '" << op.getPopulation()
             << "' fired " << population->spikes[n] << " times, but "
             << expected[n] << " were expected";
  return success();
}

LogicalResult Checker::run() {
  bool failedAny = false;
  for (Region &region : function->getRegions())
    for (Block &block : region)
      for (Operation &op : block) {
        ElementsAttr constant;
        if (mlir::matchPattern(&op, mlir::m_Constant(&constant)) && constant) {
          FailureOr<SmallVector<double, 0>> values =
              getElementsAsDoubles(constant);
          if (succeeded(values))
            tensors[op.getResult(0)].assign(values->begin(), values->end());
          continue;
        }
        LogicalResult done =
            llvm::TypeSwitch<Operation *, LogicalResult>(&op)
                .Case([&](spike::RunOp run) {
                  LogicalResult ran = execute(run);
                  runFailed |= failed(ran);
                  return ran;
                })
                .Case([&](check::ExpectEqOp check) {
                  return compare(check, 0.0);
                })
                .Case([&](check::ExpectCloseOp check) {
                  return compare(check, check.getTolerance().convertToDouble());
                })
                .Case([&](check::ExpectSpikesOp check) {
                  return checkSpikes(check);
                })
                .Default([](Operation *) { return success(); });
        failedAny |= failed(done);
      }
  return failure(failedAny);
}

LogicalResult exec::checkExpectations(Operation *function,
                                      EngineChoice choice) {
  return Checker(function, choice).run();
}
