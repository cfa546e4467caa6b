//===- SpikeRateCode.cpp - Graded events to spikes over time --------------===//

#include "ViewTypes.h"

#include "dialects/Spike/Spike.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"
#include "nmc/Transforms/Passes.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nmc {
#define GEN_PASS_DEF_SPIKERATECODEPASS
#include "nmc/Transforms/Passes.h.inc"
} // namespace nmc

using namespace nmc;
using namespace nmc::spike;

/// A float weight or bias array; `name` becomes the key of a large one.
static ElementsAttr makeFloats(ArrayRef<int64_t> shape, ArrayRef<float> values,
                               MLIRContext *context, StringRef name) {
  auto type = RankedTensorType::get(shape, mlir::Float32Type::get(context));
  return makeElements(type, values, name);
}

namespace {
/// What one event of each channel of a stream stands for; one entry where all
/// channels agree.
using Scales = SmallVector<double, 1>;

class RateCoder {
public:
  RateCoder(NetworkOp network, int64_t steps, Reset reset)
      : network(network), steps(steps), reset(reset),
        context(network.getContext()) {}

  /// Rewrites the network, or reports everything in the way.
  LogicalResult run();

private:
  LogicalResult codePopulation(PopulationOpInterface population);
  LogicalResult scaleConnection(ConnectionOpInterface connection);
  LogicalResult scaleWeights(Operation *op, Attribute weights,
                             ArrayRef<double> scales);
  /// Scales of a stream, through views; fails with a diagnostic at `user`.
  FailureOr<Scales> getScales(Value stream, Operation *user);
  /// θ of a population, from its range.
  FailureOr<double> getThreshold(Operation *population);

  NetworkOp network;
  int64_t steps;
  Reset reset;
  MLIRContext *context;
  /// Value of one spike, by stream.
  DenseMap<Value, double> spikeValues;
};
} // namespace

FailureOr<double> RateCoder::getThreshold(Operation *population) {
  auto range =
      population->getAttrOfType<RangeAttr>(SpikeDialect::kRangeAttrName);
  if (!range)
    return emitRuleError(population, "range-missing")
           << "has no observed range; run spike-observe-ranges first";
  double theta = range.getMseScale().getValueAsDouble();
  // A population that was silent on all samples still needs a threshold; any
  // positive one keeps it silent.
  if (!(theta > 0)) {
    population->emitRemark() << "was silent on all calibration samples; its "
                                "threshold is set to 1 [range-silent]";
    theta = 1;
  }
  return theta;
}

FailureOr<Scales> RateCoder::getScales(Value stream, Operation *user) {
  if (auto found = spikeValues.find(stream); found != spikeValues.end())
    return Scales{found->second};
  Operation *op = stream.getDefiningOp();
  if (!op)
    return Scales{1.0};
  if (auto concat = dyn_cast<ConcatOp>(op)) {
    SmallVector<Scales> parts;
    for (Value source : concat.getSources()) {
      FailureOr<Scales> part = getScales(source, user);
      if (failed(part))
        return failure();
      parts.push_back(*part);
    }
    bool same = llvm::all_of(
        parts, [&](const Scales &part) { return part == parts[0]; });
    if (same && parts[0].size() == 1)
      return parts[0];
    if (concat.getAxis() != 0)
      return emitRuleError(user, "scale-mixed")
             << "reads streams of different value per spike side by side along "
                "axis "
             << concat.getAxis() << "; only channels can be told apart";
    Scales result;
    for (auto [source, part] : llvm::zip(concat.getSources(), parts))
      for (int64_t c = 0, n = getShape(source)[0]; c < n; ++c)
        result.push_back(part.size() == 1 ? part[0] : part[c]);
    return result;
  }
  if (isa<ViewOpInterface, DelayOp>(op)) {
    FailureOr<Scales> inner = getScales(op->getOperand(0), user);
    if (failed(inner) || inner->size() == 1)
      return inner;
    // Channels survive only views that leave them alone.
    Value source = op->getOperand(0);
    if (isa<ReshapeOp>(op)) {
      int64_t perChannel = getNumElements(source) / getShape(source)[0];
      Scales result;
      for (double scale : *inner)
        result.append(perChannel, scale);
      if (getShape(stream).size() == 1)
        return result;
    } else if (getShape(source)[0] == getShape(stream)[0] &&
               !isa<TransposeOp>(op)) {
      return inner;
    }
    return emitRuleError(user, "scale-mixed")
           << "reads streams of different value per spike through "
           << op->getName();
  }
  return Scales{1.0};
}

LogicalResult RateCoder::scaleWeights(Operation *op, Attribute weights,
                                      ArrayRef<double> scales) {
  auto elements = dyn_cast<ElementsAttr>(weights);
  if (!elements) // Abstract weights have no values.
    return success();
  FailureOr<SmallVector<float, 0>> values = getElementsAsFloats(elements);
  if (failed(values))
    return emitRuleError(op, "weight-type") << "weights cannot be read";
  ArrayRef<int64_t> shape = elements.getShapedType().getShape();
  int64_t groups = 1;
  if (auto conv = dyn_cast<ConvOp>(op))
    groups = conv.getGroups();
  // Position of the source channel among the weights: axis 1 for conv and dense
  // (within its group), axis 0 for transposed convolutions and scales.
  bool inFirst = isa<TransposedConvOp, ScaleOp>(op);
  int64_t inner = 1;
  for (int64_t extent : shape.drop_front(std::min<size_t>(2, shape.size())))
    inner *= extent;
  int64_t inExtent = shape.size() < 2 ? 1 : shape[1];
  for (auto [i, value] : llvm::enumerate(*values)) {
    double scale = scales[0];
    if (scales.size() > 1) {
      int64_t first = int64_t(i) / (inExtent * inner);
      int64_t second = int64_t(i) / inner % inExtent;
      int64_t channel = inFirst ? first : second;
      if (!inFirst && groups > 1)
        channel += first / (shape[0] / groups) * inExtent;
      scale = scales[std::min<int64_t>(channel, scales.size() - 1)];
    }
    value = float(double(value) * scale);
  }
  op->setAttr("weights", makeFloats(shape, *values, context,
                                    (op->getName().stripDialect() + ".rate").str()));
  return success();
}

LogicalResult RateCoder::scaleConnection(ConnectionOpInterface connection) {
  Operation *op = connection;
  // A current was scaled where its stream came in.
  if (!isa<StreamType>(connection.getSource().getType()))
    return success();
  FailureOr<Scales> scales = getScales(connection.getSource(), op);
  if (failed(scales))
    return failure();
  bool uniform = scales->size() == 1;
  mlir::OpBuilder builder(op);
  auto setWeight = [&](double weight) {
    op->setAttr("weight", builder.getF32FloatAttr(float(weight)));
  };
  auto needUniform = [&]() -> LogicalResult {
    if (uniform)
      return success();
    return emitRuleError(op, "scale-mixed")
           << "has one weight for streams of different value per spike";
  };
  auto weightOf = [](mlir::TypedAttr attr) {
    if (auto value = dyn_cast_or_null<FloatAttr>(attr))
      return value.getValueAsDouble();
    return 1.0;
  };
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<IdentityOp>([&](IdentityOp identity) {
        if (failed(needUniform()))
          return failure();
        setWeight(weightOf(identity.getWeightAttr()) * (*scales)[0]);
        return success();
      })
      .Case<SumPoolOp>([&](SumPoolOp pool) {
        if (failed(needUniform()))
          return failure();
        setWeight(weightOf(pool.getWeightAttr()) * (*scales)[0]);
        return success();
      })
      .Case<AvgPoolOp>([&](AvgPoolOp pool) -> LogicalResult {
        if (failed(needUniform()))
          return failure();
        bool padded =
            llvm::any_of(pool.getPads(), [](int64_t p) { return p != 0; });
        if (padded && !pool.getCountIncludePad())
          return emitRuleError(op, "avg-pool-pad")
                 << "leaves padding out of the mean, so that windows at the "
                    "border have another divisor than one weight can hold";
        int64_t window = ShapedType::getNumElements(pool.getKernel());
        auto sum = SumPoolOp::create(
            builder, op->getLoc(), pool.getTarget().getType(), pool.getSource(),
            pool.getKernelAttr(), pool.getStridesAttr(), pool.getPadsAttr(),
            builder.getF32FloatAttr(float((*scales)[0] / double(window))));
        pool.getTarget().replaceAllUsesWith(sum.getTarget());
        pool.erase();
        return success();
      })
      .Case<DenseOp, ConvOp, TransposedConvOp, ScaleOp>([&](auto weighted) {
        return scaleWeights(op, weighted.getWeights(), *scales);
      })
      .Default([&](Operation *) -> LogicalResult {
        if (failed(needUniform()))
          return failure();
        if (Attribute weights = connection.getWeightsOrNull())
          return scaleWeights(op, weights, *scales);
        return success();
      });
}

LogicalResult RateCoder::codePopulation(PopulationOpInterface population) {
  Operation *op = population;
  if (isa<InputOp>(op)) {
    spikeValues[population.getEvents()] = 1.0;
    auto range = op->getAttrOfType<RangeAttr>(SpikeDialect::kRangeAttrName);
    if (range && range.getMin().getValueAsDouble() < 0)
      emitRuleWarning(op->getLoc(), "input-negative")
          << "input '" << population.getPopulationName() << "' reaches down to "
          << range.getMin().getValueAsDouble()
          << ", but spikes only stand for positive values: what is below 0 is "
             "lost; hint: train on inputs that are not negative";
    return success();
  }
  if (isa<IntegratorOp>(op))
    return success();
  auto relu = dyn_cast<ReluOp>(op);
  if (!relu || !relu.getRectify())
    return emitRuleError(op, "rate-population")
           << "has no rate code; spike.relu and spike.integrator have";
  FailureOr<double> theta = getThreshold(op);
  if (failed(theta))
    return failure();
  // The state is float32: thresholds and their halves are exact in it.
  float threshold = float(*theta);
  mlir::OpBuilder builder(op);
  auto type = StreamType::get(context, getShape(relu.getEvents()),
                              builder.getI1Type());
  Dynamics dynamics;
  dynamics.reset = reset;
  dynamics.vInit = builder.getF32FloatAttr(threshold / 2);
  auto scalar = RankedTensorType::get({}, builder.getF32Type());
  auto neurons = IfOp::create(
      builder, op->getLoc(), type, relu.getNameAttr(), relu.getDrives(),
      dynamics.get(context), DenseElementsAttr::get(scalar, ArrayRef<float>(threshold)),
      /*r=*/ElementsAttr(), /*v_reset=*/ElementsAttr());
  neurons->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  relu.getEvents().replaceAllUsesWith(neurons.getEvents());
  // A reset to zero loses what exceeds the threshold: calibration says what a
  // spike stands for then.
  auto value = op->getAttrOfType<FloatAttr>(SpikeDialect::kEventValueAttrName);
  spikeValues[neurons.getEvents()] = reset == Reset::Zero && value
                                         ? value.getValueAsDouble()
                                         : double(threshold);
  relu.erase();
  return success();
}

LogicalResult RateCoder::run() {
  bool failedAny = false;
  for (PopulationOpInterface population : network.getPopulations())
    failedAny |= failed(codePopulation(population));
  if (failedAny)
    return failure();
  propagatePayloads(network);
  SmallVector<ConnectionOpInterface> connections;
  network.walk(
      [&](ConnectionOpInterface connection) { connections.push_back(connection); });
  for (ConnectionOpInterface connection : connections)
    failedAny |= failed(scaleConnection(connection));
  if (failedAny)
    return failure();

  // The network's type follows its outputs.
  network.setSteps(steps);
  network.setFunctionType(mlir::FunctionType::get(
      context, network.getArgumentTypes(),
      llvm::to_vector(network.getOutput().getStreams().getTypes())));
  return success();
}

namespace {
struct SpikeRateCode : impl::SpikeRateCodePassBase<SpikeRateCode> {
  using SpikeRateCodePassBase::SpikeRateCodePassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    int64_t stepCount = steps;
    if (stepCount < 1 || stepCount > kMaxSteps) {
      emitRuleError(module, "network-steps")
          << "steps is " << stepCount << ", but must be 1 to " << kMaxSteps;
      return signalPassFailure();
    }
    std::optional<Reset> kind = symbolizeReset(reset.getValue());
    if (!kind || *kind == Reset::Value) {
      emitRuleError(module, "reset-known")
          << "reset is '" << reset.getValue()
          << "', but zero and subtract are known";
      return signalPassFailure();
    }
    for (NetworkOp network :
         llvm::make_early_inc_range(module.getOps<NetworkOp>()))
      if (failed(RateCoder(network, stepCount, *kind).run()))
        return signalPassFailure();
    codeHost(module, stepCount);
  }

  /// Inputs are held for all steps; what comes out is divided by their number.
  void codeHost(ModuleOp module, int64_t stepCount) {
    module.walk([&](RunOp run) {
      run.setSteps(stepCount);
      auto network = mlir::SymbolTable::lookupNearestSymbolFrom<NetworkOp>(
          run, run.getNetworkAttr());
      for (auto [value, type] :
           llvm::zip(run.getOutputs(), network.getResultTypes()))
        value.setType(type);
      for (Value input : run.getInputs())
        if (auto encode = input.getDefiningOp<EncodeOp>())
          if (encode.getEncoding() == Encoding::Graded)
            encode.setEncoding(Encoding::Constant);
      mlir::Builder builder(run.getContext());
      for (Value output : run.getOutputs())
        for (Operation *user : output.getUsers())
          if (auto decode = dyn_cast<DecodeOp>(user)) {
            bool membrane = isa<FloatType>(getElementType(output));
            decode.setReadout(membrane ? Readout::Membrane : Readout::Count);
            decode.setScaleAttr(builder.getF64FloatAttr(1.0 / stepCount));
          }
    });
  }
};
} // namespace
