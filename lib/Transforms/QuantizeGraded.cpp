//===- QuantizeGraded.cpp - Integers of chips with graded events ----------===//
//
// All connections into a population share one scale of the accumulator:
//
//   s_acc = largest |weight · source scale| / L,  L = 2^(weight_bits - 1) - 1
//   m     = rint(weight · source scale / s_acc),  bias = rint(b / s_acc)
//   q     = clamp(round(acc · M / 2^S)) with M / 2^S = s_acc / s_out
//
// and s_out = mse_scale / levels.  A population that does not rectify has signed
// payloads over its extremes.  Streams that meet in a concatenation have one type
// with the largest scale of them.
//
//===----------------------------------------------------------------------===//

#include "Quantize.h"

#include "nmc/Support/Rule.h"

#include "llvm/ADT/EquivalenceClasses.h"

#include <cmath>

using namespace nmc;
using namespace nmc::quantize;
using namespace nmc::spike;

namespace {
class GradedQuantizer : public NetworkQuantizer {
public:
  using NetworkQuantizer::NetworkQuantizer;

private:
  LogicalResult prepare() override;
  LogicalResult quantizePopulation(PopulationOpInterface population,
                                   MutableArrayRef<Drive> drives) override;

  int64_t weightBits = 0, payloadBits = 0, accumulatorBits = 32;
  /// The largest value of a population's events, and whether they have a sign.
  DenseMap<Operation *, double> outputTheta;
  DenseSet<Operation *> signedOutputs;
};
} // namespace

LogicalResult GradedQuantizer::prepare() {
  for (auto [name, value] :
       {std::pair<StringRef, int64_t *>("weight_bits", &weightBits),
        {"payload_bits", &payloadBits}}) {
    FailureOr<int64_t> stated = property(name);
    if (failed(stated))
      return failure();
    *value = *stated;
  }
  accumulatorBits = target.integer("accumulator_bits").value_or(32);
  if (weightBits < 2 || weightBits > 8 || payloadBits < 1 || payloadBits > 8 ||
      accumulatorBits < 8 || accumulatorBits > 32)
    return emitRuleError(network, "target-property")
           << "cannot be quantised for widths outside what is implemented: "
              "weights "
           << weightBits << " (2 to 8), payload " << payloadBits
           << " (1 to 8), accumulator " << accumulatorBits << " (8 to 32)";

  // Which populations meet in a concatenation, max-pools passed through.
  llvm::EquivalenceClasses<Operation *> groups;
  std::function<void(Value, SmallVectorImpl<Operation *> &)> collect =
      [&](Value value, SmallVectorImpl<Operation *> &found) {
        Operation *op = value.getDefiningOp();
        if (!op)
          return;
        if (isa<MaxPoolOp>(op) || isa<ViewOpInterface>(op)) {
          for (Value operand : op->getOperands())
            collect(operand, found);
          return;
        }
        if (isa<PopulationOpInterface>(op))
          found.push_back(op);
      };
  for (PopulationOpInterface population : network.getPopulations())
    groups.insert(population.getOperation());
  network.walk([&](ConcatOp concat) {
    if (!isa<StreamType>(concat.getResult().getType()))
      return;
    SmallVector<Operation *> members;
    collect(concat.getResult(), members);
    for (Operation *member : members)
      groups.unionSets(members.front(), member);
  });
  for (PopulationOpInterface population : network.getPopulations()) {
    Operation *op = population;
    if (!isa<ReluOp>(op))
      continue;
    auto range = op->getAttrOfType<RangeAttr>(SpikeDialect::kRangeAttrName);
    if (!range)
      return emitRuleError(op, "range-missing")
             << "has no observed range; run spike-observe-ranges first";
    double theta = range.getMseScale().getValueAsDouble();
    if (!cast<ReluOp>(op).getRectify()) {
      if (!target.flag("payload_signed").value_or(false) || payloadBits < 2)
        return emitRuleError(op, "quantize-population")
               << "does not rectify, but events of target '" << target.name
               << "' carry no sign";
      theta = std::max(std::abs(range.getMin().getValueAsDouble()),
                       std::abs(range.getMax().getValueAsDouble()));
      signedOutputs.insert(op);
    }
    outputTheta[op] = theta > 0 ? theta : 1;
  }
  for (PopulationOpInterface population : network.getPopulations()) {
    Operation *op = population;
    auto found = outputTheta.find(op);
    if (found == outputTheta.end())
      continue;
    for (auto member = groups.findLeader(op); member != groups.member_end();
         ++member)
      if (auto other = outputTheta.find(*member); other != outputTheta.end()) {
        found->second = std::max(found->second, other->second);
        if (signedOutputs.contains(*member))
          signedOutputs.insert(op);
      }
  }
  return success();
}

/// M and S with M / 2^S nearest to `ratio` and M of 30 bits.
static RequantAttr makeRequant(MLIRContext *context, double ratio) {
  int exponent = 0;
  double fraction = std::frexp(ratio, &exponent); // [0.5, 1)
  int64_t multiplier = std::llrint(std::ldexp(fraction, 30));
  int64_t shift = 30 - exponent;
  if (multiplier == (int64_t(1) << 30)) {
    multiplier >>= 1;
    --shift;
  }
  // Ratios beyond the shift's range are nothing, or more than any payload.
  while (shift > 62 && multiplier > 1) {
    multiplier >>= 1;
    --shift;
  }
  shift = std::clamp<int64_t>(shift, 0, 62);
  return RequantAttr::get(context, std::max<int64_t>(multiplier, 1), shift, 0,
                          Rounding::NearestUp);
}

LogicalResult
GradedQuantizer::quantizePopulation(PopulationOpInterface population,
                                    MutableArrayRef<Drive> drives) {
  Operation *op = population;
  if (auto pool = dyn_cast<MaxPoolOp>(op)) {
    setEventType(pool.getEvents(), getElementType(pool.getSource()));
    return success();
  }
  auto relu = dyn_cast<ReluOp>(op);
  if (!relu && !isa<IntegratorOp>(op))
    return emitRuleError(op, "quantize-population")
           << "has no integer form for graded events; spike.relu, "
              "spike.max_pool and spike.integrator have";
  double limit = double((int64_t(1) << (weightBits - 1)) - 1);
  double largest = 0, least = 0;
  bool anyWeighted = false;
  for (const Drive &drive : drives) {
    largest = std::max(largest, drive.largestWeight());
    double weight = drive.largestWeight();
    if (weight > 0 && (least == 0 || weight < least))
      least = weight;
    anyWeighted |= !drive.isUniform;
  }
  if (largest == 0)
    largest = least = 1;
  // One pool alone needs no weight; several are told apart by theirs.
  double unit = anyWeighted || largest != least ? largest / limit : largest;

  double high = 0, low = 0;
  std::vector<IntegerWeights> all;
  for (const Drive &drive : drives) {
    IntegerWeights integers;
    for (double weight : drive.weights)
      integers.weights.push_back(int32_t(std::rint(weight / unit)));
    double biasHigh = 0, biasLow = 0;
    for (double bias : drive.bias) {
      double value = std::rint(bias / unit);
      biasHigh = std::max(biasHigh, value);
      biasLow = std::min(biasLow, value);
      integers.bias.push_back(std::abs(value) < 9e15 ? int64_t(value) : 0);
    }
    Reach reach = getReach(drive, integers.weights);
    high += *std::max_element(reach.high.begin(), reach.high.end()) + biasHigh;
    low += *std::min_element(reach.low.begin(), reach.low.end()) + biasLow;
    all.push_back(std::move(integers));
  }
  double end = std::ldexp(1.0, int(accumulatorBits - 1));
  if (high >= end || low < -end)
    return emitRuleError(op, "quantize-range")
           << "can accumulate from " << low << " to " << high
           << ", but the accumulator has " << accumulatorBits << " bits";

  mlir::Builder builder(context);
  for (auto [drive, integers] : llvm::zip(drives, all))
    apply(drive, integers, /*exponent=*/0, unit / getPayloadScale(drive.op.getSource()),
          builder.getI32Type());
  if (!relu) {
    auto integrator = cast<IntegratorOp>(op);
    Dynamics dynamics;
    dynamics.arithmetic =
        FixedAttr::get(context, unsigned(accumulatorBits), unsigned(weightBits),
                       0, Rounding::TowardZero, Overflow::Saturate, 12);
    integrator.setDynamicsAttr(dynamics.get(context));
    setEventType(population.getEvents(),
                 IntegerType::get(context, 32, IntegerType::Signed));
    setOutputScale(population.getEvents(), unit);
    return success();
  }
  bool isSigned = signedOutputs.contains(op);
  int64_t levels = (int64_t(1) << (payloadBits - isSigned)) - 1;
  double scale = roundScale(outputTheta[op] / double(levels));
  relu.setRequantAttr(makeRequant(context, unit / scale));
  setEventType(population.getEvents(),
               mlir::quant::UniformQuantizedType::get(
                   isSigned ? mlir::quant::QuantizationFlags::Signed : 0,
                   builder.getIntegerType(8), builder.getF32Type(), scale, 0,
                   isSigned ? -levels - 1 : 0, levels));
  return success();
}

std::unique_ptr<NetworkQuantizer>
quantize::makeGradedQuantizer(NetworkOp network,
                              const target::TargetInfo &target,
                              double inputScale, double inputZeroPoint) {
  return std::make_unique<GradedQuantizer>(network, target, inputScale,
                                           inputZeroPoint);
}
