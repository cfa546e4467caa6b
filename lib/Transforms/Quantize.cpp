//===- Quantize.cpp - Shared by the two ways of spike-quantize ------------===//

#include "Quantize.h"
#include "ViewTypes.h"

#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Format.h"

#include <cmath>

using namespace nmc;
using namespace nmc::quantize;
using namespace nmc::spike;

NetworkQuantizer::~NetworkQuantizer() = default;

double quantize::roundScale(double scale) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.5e", scale);
  double rounded = scale;
  (void)StringRef(text).getAsDouble(rounded);
  return rounded;
}

double Drive::largestWeight() const {
  double largest = 0;
  for (double weight : weights)
    largest = std::max(largest, std::abs(weight));
  return largest;
}

FailureOr<int64_t> NetworkQuantizer::property(StringRef name) {
  if (std::optional<int64_t> value = target.integer(name))
    return *value;
  if (std::vector<int64_t> values = target.integers(name); !values.empty())
    return *std::max_element(values.begin(), values.end());
  return emitRuleError(network, "target-property")
         << "cannot be quantised: target '" << target.name
         << "' does not state '" << name << "'";
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

/// The type of a port's payload: what the stored data are, or 8 bits over the
/// observed range.
LogicalResult NetworkQuantizer::quantizeInputs() {
  mlir::Builder builder(context);
  SmallVector<Type> types(network.getArgumentTypes());
  for (PopulationOpInterface population : network.getPopulations()) {
    auto input = dyn_cast<InputOp>(population.getOperation());
    if (!input || !isa<FloatType>(getElementType(input.getEvents())))
      continue;
    auto range = input->getAttrOfType<RangeAttr>(SpikeDialect::kRangeAttrName);
    if (!range)
      return emitRuleError(input, "range-missing")
             << "has no observed range; run spike-observe-ranges first";
    double low = std::min(range.getMin().getValueAsDouble(), 0.0);
    double high = std::max(range.getMax().getValueAsDouble(), 0.0);
    bool isSigned = low < 0;
    double scale = 0;
    int64_t zeroPoint = 0;
    if (inputScale > 0) {
      double first = std::rint(low / inputScale + inputZeroPoint);
      double last = std::rint(high / inputScale + inputZeroPoint);
      bool fitsUnsigned = first >= 0 && last <= 255;
      bool fitsSigned = first >= -128 && last <= 127;
      if (fitsUnsigned || fitsSigned) {
        scale = inputScale;
        zeroPoint = std::llrint(inputZeroPoint);
        isSigned = !fitsUnsigned;
      } else {
        emitRuleWarning(input, "input-range")
            << "data of scale " << inputScale << " and zero point "
            << inputZeroPoint << " reach from " << first << " to " << last
            << ", which is more than 8 bits hold; 8 bits over the observed "
               "range are used instead";
      }
    }
    if (scale == 0) {
      double largest = isSigned ? std::max(-low, high) : high;
      int64_t levels = isSigned ? 127 : 255;
      scale = largest > 0 ? largest / double(levels) : 1.0;
    }
    scale = roundScale(scale);
    auto type = mlir::quant::UniformQuantizedType::get(
        isSigned ? mlir::quant::QuantizationFlags::Signed : 0,
        builder.getIntegerType(8), builder.getF32Type(), scale, zeroPoint,
        isSigned ? -128 : 0, isSigned ? 127 : 255);
    auto port = cast<mlir::BlockArgument>(input.getPort());
    auto stream = StreamType::get(context, getShape(port), type);
    port.setType(stream);
    input.getEvents().setType(stream);
    types[port.getArgNumber()] = stream;
  }
  network.setFunctionType(
      mlir::FunctionType::get(context, types, network.getResultTypes()));
  return success();
}

double NetworkQuantizer::getPayloadScale(Value stream) {
  if (auto type = dyn_cast<mlir::quant::UniformQuantizedType>(
          getElementType(stream)))
    return type.getScale();
  return 1.0;
}

//===----------------------------------------------------------------------===//
// Connections
//===----------------------------------------------------------------------===//

/// The connection behind a current, through views on currents.
static ConnectionOpInterface findConnection(Value current) {
  while (Operation *op = current.getDefiningOp()) {
    if (auto connection = dyn_cast<ConnectionOpInterface>(op))
      return connection;
    if (!isa<ViewOpInterface>(op) || op->getNumOperands() != 1)
      return {};
    current = op->getOperand(0);
  }
  return {};
}

/// The one weight of a pool or an identity.
static double getUniformWeight(Operation *op) {
  if (auto attr = op->getAttrOfType<FloatAttr>("weight"))
    return attr.getValueAsDouble();
  if (auto attr = op->getAttrOfType<IntegerAttr>("weight"))
    return double(attr.getInt());
  if (auto pool = dyn_cast<AvgPoolOp>(op))
    return 1.0 / double(ShapedType::getNumElements(pool.getKernel()));
  return 1.0;
}

FailureOr<SmallVector<Drive>>
NetworkQuantizer::gatherDrives(PopulationOpInterface population) {
  SmallVector<Drive> drives;
  for (Value current : population.getDrives()) {
    ConnectionOpInterface connection = findConnection(current);
    if (!connection || !isa<StreamType>(connection.getSource().getType()))
      return emitRuleError(population, "quantize-population")
             << "is driven by something else than one connection from a "
                "stream; run spike-legalize first";
    Drive drive;
    drive.op = connection;
    Operation *op = connection;
    double scale = getPayloadScale(connection.getSource());
    Type element = getElementType(connection.getSource());
    if (isa<FloatType>(element))
      return emitRuleError(op, "quantize-population")
             << "reads analogue events, which are no integers";
    if (auto type = dyn_cast<mlir::quant::UniformQuantizedType>(element)) {
      drive.payloadLow = double(type.getStorageTypeMin() - type.getZeroPoint());
      drive.payloadHigh = double(type.getStorageTypeMax() - type.getZeroPoint());
    }
    if (Attribute weights = connection.getWeightsOrNull()) {
      auto elements = dyn_cast<ElementsAttr>(weights);
      if (!elements)
        return emitRuleError(op, "weights-abstract")
               << "weights are abstract: there is nothing to quantise";
      FailureOr<SmallVector<double, 0>> values = getElementsAsDoubles(elements);
      if (failed(values))
        return emitRuleError(op, "weight-type") << "weights cannot be read";
      drive.weights = std::move(*values);
    } else {
      drive.isUniform = true;
      drive.weights = {getUniformWeight(op)};
    }
    for (double &weight : drive.weights) {
      weight *= scale;
      if (!std::isfinite(weight))
        return emitRuleError(op, "weight-finite")
               << "weights hold a value that is not finite";
    }
    if (ElementsAttr bias = connection.getBiasOrNull()) {
      FailureOr<SmallVector<double, 0>> values = getElementsAsDoubles(bias);
      if (failed(values))
        return emitRuleError(op, "bias-type") << "biases cannot be read";
      drive.bias = std::move(*values);
    }
    if (auto pool = dyn_cast<AvgPoolOp>(op))
      if (!pool.getCountIncludePad() &&
          llvm::any_of(pool.getPads(), [](int64_t p) { return p != 0; }))
        return emitRuleError(op, "avg-pool-pad")
               << "leaves padding out of the mean, so that windows at the "
                  "border have another divisor than one weight can hold";
    drives.push_back(std::move(drive));
  }
  return drives;
}

/// Sums the most and the least that each channel of the target can receive.
Reach NetworkQuantizer::getReach(const Drive &drive, ArrayRef<int32_t> weights) {
  double high = drive.payloadHigh, low = drive.payloadLow;
  auto add = [&](double &most, double &least, double weight) {
    most += std::max(weight * high, weight * low);
    least += std::min(weight * high, weight * low);
  };
  Reach reach;
  auto one = [&](int64_t times) {
    double most = 0, least = 0;
    for (int32_t weight : weights) {
      double a = 0, b = 0;
      add(a, b, weight);
      most = std::max(most, a), least = std::min(least, b);
    }
    reach.high = {most * double(times)};
    reach.low = {least * double(times)};
  };
  Operation *op = drive.op;
  llvm::TypeSwitch<Operation *>(op)
      .Case<SumPoolOp, AvgPoolOp>([&](auto pool) {
        one(ShapedType::getNumElements(pool.getKernel()));
      })
      .Case<IdentityOp, ScaleOp>([&](auto) { one(1); })
      .Case<DenseOp, ConvOp>([&](auto weighted) {
        auto shape = cast<ElementsAttr>(weighted.getWeights())
                         .getShapedType()
                         .getShape();
        // Rows are targets; block-wise weights have a row per block and target.
        int64_t row = 1;
        for (int64_t extent : isa<DenseOp>(op) ? shape.take_back(1)
                                               : shape.drop_front(1))
          row *= extent;
        reach.high.assign(weights.size() / row, 0);
        reach.low.assign(weights.size() / row, 0);
        for (auto [i, weight] : llvm::enumerate(weights))
          add(reach.high[i / row], reach.low[i / row], weight);
      })
      .Case<SparseOp>([&](SparseOp sparse) {
        SmallVector<int64_t> offsets, sources;
        (void)sparse.getIncidence(offsets, sources);
        double most = 0, least = 0;
        for (size_t t = 0; t + 1 < offsets.size(); ++t) {
          double a = 0, b = 0;
          for (int64_t i = offsets[t]; i < offsets[t + 1]; ++i)
            add(a, b, weights[i]);
          most = std::max(most, a), least = std::min(least, b);
        }
        reach.high = {most};
        reach.low = {least};
      })
      .Default([&](Operation *) {
        // All weights of one target channel at once: more than one neuron has.
        double most = 0, least = 0;
        for (int32_t weight : weights)
          add(most, least, weight);
        reach.high = {most};
        reach.low = {least};
      });
  return reach;
}

void NetworkQuantizer::apply(Drive &drive, const IntegerWeights &integers,
                             int64_t exponent, double weightScale,
                             Type currentType) {
  mlir::OpBuilder builder(drive.op);
  Operation *op = drive.op;
  if (drive.isUniform) {
    auto weight = builder.getI32IntegerAttr(integers.weights[0]);
    if (auto pool = dyn_cast<AvgPoolOp>(op)) {
      auto sum = SumPoolOp::create(
          builder, op->getLoc(), pool.getTarget().getType(), pool.getSource(),
          pool.getKernelAttr(), pool.getStridesAttr(), pool.getPadsAttr(), weight);
      pool.getTarget().replaceAllUsesWith(sum.getTarget());
      pool.erase();
      drive.op = sum;
      op = sum;
    } else {
      op->setAttr("weight", weight);
    }
  } else {
    ArrayRef<int64_t> shape = cast<ElementsAttr>(drive.op.getWeightsOrNull())
                                  .getShapedType()
                                  .getShape();
    SmallVector<char, 0> bytes(integers.weights.begin(), integers.weights.end());
    auto type = RankedTensorType::get(shape, builder.getIntegerType(8));
    op->setAttr("weights", makeElements(type, ArrayRef<char>(bytes),
                                        (op->getName().stripDialect() + ".i8").str()));
    if (exponent != 0)
      op->setAttr("exponent", builder.getI64IntegerAttr(exponent));
    if (isa<DenseOp, ConvOp, TransposedConvOp>(op))
      op->setAttr("weight_type",
                  TypeAttr::get(mlir::quant::UniformQuantizedType::get(
                      mlir::quant::QuantizationFlags::Signed,
                      builder.getIntegerType(8), builder.getF32Type(),
                      roundScale(weightScale), 0, -128, 127)));
  }
  if (!integers.bias.empty()) {
    SmallVector<int32_t> bias(integers.bias.begin(), integers.bias.end());
    auto type = RankedTensorType::get({int64_t(bias.size())}, builder.getI32Type());
    op->setAttr("bias", DenseElementsAttr::get(type, ArrayRef<int32_t>(bias)));
  }
  // The current and the views on it.
  Value current = drive.op.getTarget();
  while (true) {
    current.setType(CurrentType::get(context, getShape(current), currentType));
    if (!current.hasOneUse())
      return;
    Operation *user = *current.user_begin();
    if (!isa<ViewOpInterface>(user))
      return;
    current = user->getResult(0);
  }
}

//===----------------------------------------------------------------------===//
// Network and host
//===----------------------------------------------------------------------===//

void NetworkQuantizer::setEventType(Value events, Type elementType) {
  events.setType(StreamType::get(context, getShape(events), elementType));
  propagatePayloads(network);
}

void NetworkQuantizer::setOutputScale(Value events, double scale) {
  outputScales[events] = scale;
}

/// Types of run, encode and decode follow the network; what was an analogue
/// readout gets the scale of its integers.
void NetworkQuantizer::finishHost() {
  OutputOp output = network.getOutput();
  network.setFunctionType(
      mlir::FunctionType::get(context, network.getArgumentTypes(),
                              llvm::to_vector(output.getStreams().getTypes())));
  mlir::Builder builder(context);
  network->getParentOfType<ModuleOp>().walk([&](RunOp run) {
    if (run.getNetwork() != network.getSymName())
      return;
    for (auto [value, type] :
         llvm::zip(run.getInputs(), network.getArgumentTypes()))
      if (auto encode = value.getDefiningOp<EncodeOp>())
        encode.getStream().setType(cast<StreamType>(type));
    for (auto [value, type, stream] : llvm::zip(
             run.getOutputs(), network.getResultTypes(), output.getStreams())) {
      value.setType(type);
      Value source = stream;
      while (Operation *op = source.getDefiningOp()) {
        if (!isa<ViewOpInterface>(op))
          break;
        source = op->getOperand(0);
      }
      auto scale = outputScales.find(source);
      if (scale == outputScales.end())
        continue;
      for (Operation *user : value.getUsers())
        if (auto decode = dyn_cast<DecodeOp>(user)) {
          double before = decode.getScale() ? decode.getScale()->convertToDouble() : 1.0;
          decode.setScaleAttr(builder.getF64FloatAttr(before * scale->second));
        }
    }
  });
}

LogicalResult NetworkQuantizer::run() {
  if (failed(prepare()) || failed(quantizeInputs()))
    return failure();
  propagatePayloads(network);
  for (PopulationOpInterface population : network.getPopulations()) {
    if (isa<InputOp>(population.getOperation()))
      continue;
    SmallVector<Drive> drives;
    if (!population.isMembraneless()) {
      FailureOr<SmallVector<Drive>> gathered = gatherDrives(population);
      if (failed(gathered))
        return failure();
      drives = std::move(*gathered);
    }
    if (failed(quantizePopulation(population, drives)))
      return failure();
  }
  finishHost();
  return success();
}
