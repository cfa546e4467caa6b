//===- QuantizeBinary.cpp - Integers of chips with binary events ----------===//
//
// All connections into a population share one factor k from real numbers to
// units of the state:
//
//   w_max = largest |weight| of them, L = 2^(weight_bits - 1) - 1
//   k     = L · 2^(frac + e) / w_max
//   m     = rint(w · L / w_max)              met by the state as m · 2^(frac + e)
//   θ_m   = rint(θ · k / 2^frac)             met as θ_m · 2^frac
//   bias  = rint(b · k / 2^b_e) · 2^b_e      least b_e for which the mantissa fits
//
// e is the largest exponent, from 0 down to -frac, for which
//   steps · (largest input of a step) + θ < 2^(state_bits - 1)
// on both sides, θ_m fits threshold_bits and b_e its field.  The bound holds for
// every input, so the membrane never wraps.  Where no step brings more than θ, a
// neuron fires before it holds 2θ, and the upper bound does not grow with steps.
//
// Populations of relays and pools have one weight: it is floor(L · 2^e), and k
// follows from it, so that it is exact.
//
//===----------------------------------------------------------------------===//

#include "Quantize.h"

#include "nmc/Support/Rule.h"

#include <cmath>

using namespace nmc;
using namespace nmc::quantize;
using namespace nmc::spike;

namespace {
class BinaryQuantizer : public NetworkQuantizer {
public:
  using NetworkQuantizer::NetworkQuantizer;

private:
  /// Everything about a population under one exponent.
  struct Candidate {
    int64_t exponent = 0;
    double unit = 0; // k
    int64_t threshold = 0;
    int64_t biasExponent = 0;
    std::vector<IntegerWeights> integers;
    double reach = 0; // largest |state| in all steps
    /// What does not fit, or "".
    std::string fault;
  };

  LogicalResult prepare() override;
  LogicalResult quantizePopulation(PopulationOpInterface population,
                                   MutableArrayRef<Drive> drives) override;
  Candidate tryExponent(ArrayRef<Drive> drives, double threshold,
                        double largest, int64_t exponent);

  int64_t weightBits = 0, stateBits = 0, thresholdBits = 0, biasBits = 0,
          biasExponents = 0, frac = 0, steps = 1;
  Overflow overflow = Overflow::Wrap;
  FixedAttr arithmetic;
};
} // namespace

LogicalResult BinaryQuantizer::prepare() {
  for (auto [name, value] :
       {std::pair<StringRef, int64_t *>("weight_bits", &weightBits),
        {"state_bits", &stateBits},
        {"threshold_bits", &thresholdBits},
        {"bias_mantissa_bits", &biasBits},
        {"frac", &frac}}) {
    FailureOr<int64_t> stated = property(name);
    if (failed(stated))
      return failure();
    *value = *stated;
  }
  // Without a shared exponent a bias is its mantissa.
  int64_t exponentBits = target.integer("bias_exponent_bits").value_or(0);
  if (weightBits < 2 || weightBits > 8 || stateBits < 2 || stateBits > 32 ||
      thresholdBits < 1 || thresholdBits > 32 || biasBits < 2 ||
      biasBits > 32 || frac < 0 || frac >= stateBits || exponentBits < 0 ||
      exponentBits > 4)
    return emitRuleError(network, "target-property")
           << "cannot be quantised for widths outside what is implemented: "
              "weights "
           << weightBits << " (2 to 8), state " << stateBits
           << " (2 to 32), threshold " << thresholdBits << ", bias " << biasBits
           << ", frac " << frac;
  biasExponents = (int64_t(1) << exponentBits) - 1;
  overflow = target.word("overflow").value_or("wrap") == "saturate"
                 ? Overflow::Saturate
                 : Overflow::Wrap;
  unsigned decayBits =
      unsigned(std::clamp<int64_t>(target.integer("decay_bits").value_or(12), 0, 30));
  arithmetic = FixedAttr::get(context, unsigned(stateBits), unsigned(weightBits),
                              unsigned(frac), Rounding::TowardZero, overflow,
                              decayBits);
  steps = network.getSteps().value_or(1);
  return success();
}

/// Adds `values`, by channel, to `sum`; a list of one counts for all channels.
static void addByChannel(SmallVectorImpl<double> &sum, ArrayRef<double> values) {
  if (sum.size() < values.size())
    sum.resize(values.size(), sum.empty() ? 0.0 : sum[0]);
  for (auto [i, entry] : llvm::enumerate(sum)) {
    // Lists of different lengths (channels and neurons) meet at their largest.
    if (values.size() == sum.size())
      entry += values[i];
    else if (!values.empty())
      entry += *std::max_element(values.begin(), values.end());
  }
}

BinaryQuantizer::Candidate
BinaryQuantizer::tryExponent(ArrayRef<Drive> drives, double threshold,
                             double largest, int64_t exponent) {
  Candidate c;
  c.exponent = exponent;
  double limit = double((int64_t(1) << (weightBits - 1)) - 1);
  double unitWeight = std::ldexp(limit, int(exponent)) / largest;
  if (llvm::all_of(drives, [](const Drive &drive) { return drive.isUniform; }))
    unitWeight = std::max(std::floor(std::ldexp(limit, int(exponent))), 1.0) /
                 largest;
  c.unit = std::ldexp(unitWeight, int(frac));
  c.threshold = std::llrint(threshold * unitWeight);
  double thresholdLimit = std::ldexp(1.0, int(thresholdBits)) - 1;
  if (double(c.threshold) > thresholdLimit)
    c.fault = ("threshold " + Twine(c.threshold) + " exceeds " +
               Twine(thresholdBits) + " bits")
                  .str();
  if (threshold > 0 && c.threshold == 0)
    c.fault = "threshold becomes 0";

  double mantissaLimit = std::ldexp(1.0, int(biasBits - 1)) - 1;
  double largestBias = 0;
  for (const Drive &drive : drives)
    for (double bias : drive.bias)
      largestBias = std::max(largestBias, std::abs(bias * c.unit));
  while (std::rint(std::ldexp(largestBias, -int(c.biasExponent))) > mantissaLimit &&
         c.biasExponent < 62)
    ++c.biasExponent;
  if (c.biasExponent > biasExponents)
    c.fault = ("bias needs an exponent of " + Twine(c.biasExponent) +
               ", but " + Twine(biasExponents) + " is the largest")
                  .str();
  if (!c.fault.empty())
    return c;

  SmallVector<double> high, low;
  for (const Drive &drive : drives) {
    IntegerWeights integers;
    integers.weights.reserve(drive.weights.size());
    // Pools and identities hold their one weight without an exponent.
    double factor = drive.isUniform ? unitWeight : limit / largest;
    for (double weight : drive.weights)
      integers.weights.push_back(int32_t(std::rint(weight * factor)));
    for (double bias : drive.bias)
      integers.bias.push_back(
          std::llrint(std::ldexp(bias * c.unit, -int(c.biasExponent))) *
          (int64_t(1) << c.biasExponent));
    Reach reach = getReach(drive, integers.weights);
    double shift = std::ldexp(1.0, int(frac + (drive.isUniform ? 0 : exponent)));
    SmallVector<double> up, down;
    for (double value : reach.high)
      up.push_back(value * shift);
    for (double value : reach.low)
      down.push_back(-value * shift);
    addByChannel(high, up);
    addByChannel(low, down);
    SmallVector<double> biasUp, biasDown;
    for (int64_t bias : integers.bias) {
      biasUp.push_back(double(std::max<int64_t>(bias, 0)));
      biasDown.push_back(double(std::max<int64_t>(-bias, 0)));
    }
    addByChannel(high, biasUp);
    addByChannel(low, biasDown);
    c.integers.push_back(std::move(integers));
  }
  double up = high.empty() ? 0 : *std::max_element(high.begin(), high.end());
  double down = low.empty() ? 0 : *std::max_element(low.begin(), low.end());
  double theta = std::ldexp(double(c.threshold), int(frac));
  double most = threshold > 0 && up <= theta ? up : double(steps) * up;
  c.reach = std::max(double(steps) * down, most + theta);
  if (c.reach >= std::ldexp(1.0, int(stateBits - 1)))
    c.fault = ("the membrane can reach " + Twine(int64_t(c.reach)) + " in " +
               Twine(steps) + " steps, but " + Twine(stateBits) +
               " bits end at 2^" + Twine(stateBits - 1))
                  .str();
  return c;
}

LogicalResult
BinaryQuantizer::quantizePopulation(PopulationOpInterface population,
                                    MutableArrayRef<Drive> drives) {
  Operation *op = population;
  auto neurons = dyn_cast<IfOp>(op);
  if (!neurons && !isa<IntegratorOp>(op))
    return emitRuleError(op, "quantize-population")
           << "has no integer form for binary events; spike.if and "
              "spike.integrator have";
  double threshold = 0;
  if (neurons) {
    auto value = dyn_cast<DenseElementsAttr>(neurons.getThreshold());
    if (!value || value.getNumElements() != 1 ||
        !isa<FloatType>(value.getElementType()))
      return emitRuleError(op, "quantize-population")
             << "needs one float threshold for the population";
    threshold =
        (*value.getValues<llvm::APFloat>().begin()).convertToDouble();
  }
  double largest = 0;
  for (const Drive &drive : drives)
    largest = std::max(largest, drive.largestWeight());
  if (largest == 0)
    largest = 1;

  Candidate best;
  for (int64_t exponent = 0; exponent >= -frac; --exponent) {
    best = tryExponent(drives, threshold, largest, exponent);
    if (best.fault.empty())
      break;
  }
  if (!best.fault.empty())
    return emitRuleError(op, "quantize-range")
           << "has no exponent from 0 to " << -frac
           << " under which all widths hold: " << best.fault
           << "; hint: fewer --steps, or weights of more even size";

  mlir::OpBuilder builder(op);
  Type current = builder.getI32Type();
  double weightScale =
      largest / (double((int64_t(1) << (weightBits - 1)) - 1));
  for (auto [drive, integers] : llvm::zip(drives, best.integers))
    apply(drive, integers, best.exponent, weightScale, current);

  if (!neurons) {
    auto integrator = cast<IntegratorOp>(op);
    Dynamics dynamics;
    dynamics.arithmetic = arithmetic;
    integrator.setDynamicsAttr(dynamics.get(context));
    setEventType(population.getEvents(),
                 IntegerType::get(context, 32, IntegerType::Signed));
    setOutputScale(population.getEvents(), 1.0 / best.unit);
    return success();
  }
  DynamicsAttr before = neurons.getDynamicsAttr();
  // The membrane starts at half a threshold, as rate coding wants it.
  int64_t start = before && before.getVInit()
                      ? (best.threshold << frac) >> 1
                      : 0;
  Dynamics dynamics;
  dynamics.reset = before ? before.getReset() : Reset::Zero;
  dynamics.vInit = builder.getI32IntegerAttr(int32_t(start));
  dynamics.arithmetic = arithmetic;
  neurons.setDynamicsAttr(dynamics.get(context));
  auto scalar = RankedTensorType::get({}, builder.getI32Type());
  neurons.setThresholdAttr(
      DenseElementsAttr::get(scalar, ArrayRef<int32_t>(int32_t(best.threshold))));
  double exact = threshold * best.unit;
  double rounded = std::ldexp(double(best.threshold), int(frac));
  mlir::emitRemark(op->getLoc())
      << "population '" << population.getPopulationName() << "': exponent "
      << best.exponent << ", threshold " << best.threshold
      << " (rounded by " << std::abs(rounded - exact) / exact * 100
      << " %), membrane below "
      << best.reach / std::ldexp(1.0, int(stateBits - 1)) * 100
      << " % of its range [quantized]";
  return success();
}

std::unique_ptr<NetworkQuantizer>
quantize::makeBinaryQuantizer(NetworkOp network,
                              const target::TargetInfo &target,
                              double inputScale, double inputZeroPoint) {
  return std::make_unique<BinaryQuantizer>(network, target, inputScale,
                                           inputZeroPoint);
}
