//===- SpikeExportNpz.cpp - A network as arrays ---------------------------===//
//
// For oracles that share no code with nmc: the ops of a network as JSON, their
// parameters as plain arrays, taken from the IR without interpretation.
//
//===----------------------------------------------------------------------===//

#include "nmc/Transforms/Passes.h"

#include "dialects/Spike/Spike.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/Npz.h"
#include "nmc/Support/Rule.h"

#include "llvm/Support/JSON.h"

namespace nmc {
#define GEN_PASS_DEF_SPIKEEXPORTNPZPASS
#include "nmc/Transforms/Passes.h.inc"

namespace {
struct SpikeExportNpzPass : impl::SpikeExportNpzPassBase<SpikeExportNpzPass> {
  using SpikeExportNpzPassBase::SpikeExportNpzPassBase;

  void runOnOperation() override;
};

/// Collects the description and the arrays of one network.
class Exporter {
public:
  explicit Exporter(spike::NetworkOp network) : network(network) {}

  LogicalResult run();
  std::vector<NamedArray> arrays; // "meta" first

private:
  llvm::json::Value convert(Attribute attr, const Twine &key);
  llvm::json::Value convertDynamics(spike::DynamicsAttr dynamics,
                                    const Twine &key);
  llvm::json::Object describe(Value value);
  llvm::json::Object describeRun();

  spike::NetworkOp network;
  bool failedAny = false;
};
} // namespace

/// Integers that fit int32, else int64 or float64.
static FailureOr<Array> toArray(ElementsAttr attr) {
  SmallVector<int64_t> shape(attr.getShapedType().getShape());
  if (isa<FloatType>(attr.getShapedType().getElementType())) {
    FailureOr<SmallVector<double, 0>> values = getElementsAsDoubles(attr);
    if (failed(values))
      return failure();
    return Array::from<double>(shape, *values);
  }
  FailureOr<SmallVector<int64_t, 0>> values = getElementsAsInts(attr);
  if (failed(values))
    return failure();
  return Array::from<int64_t>(shape, *values);
}

llvm::json::Value Exporter::convertDynamics(spike::DynamicsAttr dynamics,
                                            const Twine &key) {
  llvm::json::Object object{
      {"decay", spike::stringifyDecayKind(dynamics.getDecay())},
      {"input_gain", spike::stringifyInputGain(dynamics.getInputGain())},
      {"order", spike::stringifyOrder(dynamics.getOrder())},
      {"compare", spike::stringifyCompare(dynamics.getCompare())},
      {"reset", spike::stringifyReset(dynamics.getReset())},
      {"max_spikes_per_step", dynamics.getMaxSpikesPerStep()},
      {"refractory", dynamics.getRefractory()},
      {"output_delay", dynamics.getOutputDelay()},
      {"bias_at_t0", dynamics.getBiasAtT0()}};
  if (dynamics.getVFloor())
    object["v_floor"] = dynamics.getVFloor().getValueAsDouble();
  if (dynamics.getVInit())
    object["v_init"] = convert(dynamics.getVInit(), key + ".v_init");
  if (spike::FixedAttr fixed = dynamics.getArithmetic())
    object["arithmetic"] = llvm::json::Object{
        {"state_bits", fixed.getStateBits()},
        {"weight_bits", fixed.getWeightBits()},
        {"frac", fixed.getFrac()},
        {"rounding", spike::stringifyRounding(fixed.getRounding())},
        {"overflow", spike::stringifyOverflow(fixed.getOverflow())},
        {"decay_bits", fixed.getDecayBits()}};
  return object;
}

llvm::json::Value Exporter::convert(Attribute attr, const Twine &key) {
  if (auto boolean = dyn_cast<BoolAttr>(attr))
    return boolean.getValue();
  if (auto integer = dyn_cast<IntegerAttr>(attr))
    return integer.getValue().getSExtValue();
  if (auto number = dyn_cast<FloatAttr>(attr))
    return number.getValueAsDouble();
  if (auto text = dyn_cast<StringAttr>(attr))
    return llvm::json::fixUTF8(text.getValue());
  if (auto values = dyn_cast<DenseI64ArrayAttr>(attr))
    return llvm::json::Array(values.asArrayRef());
  if (auto dynamics = dyn_cast<spike::DynamicsAttr>(attr))
    return convertDynamics(dynamics, key);
  if (auto requant = dyn_cast<spike::RequantAttr>(attr))
    return llvm::json::Object{
        {"multiplier", requant.getMultiplier()},
        {"shift", requant.getShift()},
        {"zero_point", requant.getZeroPoint()},
        {"rounding", spike::stringifyRounding(requant.getRounding())}};
  if (auto elements = dyn_cast<ElementsAttr>(attr)) {
    FailureOr<Array> array = toArray(elements);
    if (failed(array)) {
      failedAny = true;
      return nullptr;
    }
    arrays.push_back({key.str(), std::move(*array)});
    return llvm::json::Object{{"array", key.str()}};
  }
  return nullptr;
}

llvm::json::Object Exporter::describe(Value value) {
  Type type = spike::getElementType(value);
  std::string text;
  llvm::raw_string_ostream(text) << type;
  llvm::json::Object object{
      {"kind", isa<spike::CurrentType>(value.getType()) ? "current" : "stream"},
      {"shape", llvm::json::Array(spike::getShape(value))},
      {"element", text}};
  if (auto quantised = dyn_cast<mlir::quant::UniformQuantizedType>(type)) {
    object["scale"] = quantised.getScale();
    object["zero_point"] = quantised.getZeroPoint();
    object["low"] = quantised.getStorageTypeMin();
    object["high"] = quantised.getStorageTypeMax();
  }
  return object;
}

/// How the host drives the network, where the module says so.
llvm::json::Object Exporter::describeRun() {
  llvm::json::Object object;
  network->getParentOp()->walk([&](spike::RunOp run) {
    if (run.getNetwork() != network.getSymName())
      return mlir::WalkResult::advance();
    object["steps"] = int64_t(run.getSteps());
    llvm::json::Array encodings;
    for (Value input : run.getInputs())
      if (auto encode = input.getDefiningOp<spike::EncodeOp>())
        encodings.push_back(spike::stringifyEncoding(encode.getEncoding()));
    object["encodings"] = std::move(encodings);
    return mlir::WalkResult::interrupt();
  });
  return object;
}

LogicalResult Exporter::run() {
  Block &body = network.getBody().front();
  DenseMap<Value, int64_t> index;
  llvm::json::Array ports, ops, outputs;
  for (Value argument : body.getArguments()) {
    index[argument] = index.size();
    ports.push_back(describe(argument));
  }
  // A graph: operands may be defined further down.
  for (Operation &op : body.without_terminator())
    for (Value result : op.getResults())
      index[result] = index.size();
  for (Operation &op : body.without_terminator()) {
    llvm::json::Object entry{{"op", op.getName().stripDialect()}};
    llvm::json::Array operands;
    for (Value operand : op.getOperands())
      operands.push_back(index.lookup(operand));
    entry["operands"] = std::move(operands);
    entry["result"] = describe(op.getResult(0));
    llvm::json::Object attributes;
    for (NamedAttribute attr : op.getAttrDictionary()) {
      if (isa<spike::RangeAttr, TypeAttr>(attr.getValue()))
        continue;
      if (isa<spike::AbstractAttr>(attr.getValue()))
        return emitRuleError(&op, "weights-abstract")
               << "weights are abstract and cannot be exported";
      attributes[attr.getName().str()] =
          convert(attr.getValue(), Twine(index.lookup(op.getResult(0))) + "." +
                                       attr.getName().str());
    }
    if (failedAny)
      return emitRuleError(&op, "blob-size")
             << "holds elements that cannot be read";
    entry["attributes"] = std::move(attributes);
    ops.push_back(std::move(entry));
  }
  for (Value stream : network.getOutput().getStreams())
    outputs.push_back(index.lookup(stream));
  llvm::json::Object meta{{"format", "nmc.network"},
                          {"version", 1},
                          {"name", llvm::json::fixUTF8(network.getSymName())},
                          {"ports", std::move(ports)},
                          {"ops", std::move(ops)},
                          {"outputs", std::move(outputs)},
                          {"run", describeRun()}};
  if (std::optional<llvm::APFloat> dt = network.getDt())
    meta["dt"] = dt->convertToDouble();
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(meta));
  arrays.insert(arrays.begin(),
                {"meta", Array::from<uint8_t>(
                             {int64_t(text.size())},
                             ArrayRef<uint8_t>(
                                 reinterpret_cast<const uint8_t *>(text.data()),
                                 text.size()))});
  return success();
}

void SpikeExportNpzPass::runOnOperation() {
  std::string path = file, wanted = network;
  if (path.empty()) {
    emitRuleError(getOperation(), "export-file")
        << "needs a file: set the option 'file'";
    return signalPassFailure();
  }
  for (auto net : getOperation().getOps<spike::NetworkOp>()) {
    if (!wanted.empty() && net.getSymName() != wanted)
      continue;
    Exporter exporter(net);
    if (failed(exporter.run()))
      return signalPassFailure();
    if (llvm::Error error = writeNpz(path, exporter.arrays)) {
      mlir::emitError(net.getLoc()) << llvm::toString(std::move(error));
      return signalPassFailure();
    }
    return;
  }
  emitRuleError(getOperation(), "run-network")
      << "there is no network to export";
  signalPassFailure();
}
} // namespace nmc
