//===- ProfileQuantizers.cpp - Platforms' ways to integers ----------------===//

#include "nmc/Transforms/ProfileQuantizers.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace nmc;
using namespace nmc::quantize;

//===----------------------------------------------------------------------===//
// shared_exponent
//===----------------------------------------------------------------------===//

double quantize::getDecayMagnitude(int64_t decay, int64_t bits,
                                   int64_t offset) {
  // A step loses `q` to rounding on the mean: y_n = r^n·x0 − q·Σ r^k, summed up
  // to the n where it is 0. The value of q is that of the tool.
  constexpr double x0 = 1 << 21, q = 0.494;
  double full = std::ldexp(1.0, int(bits));
  double r = (full - double(offset) - double(decay)) / full;
  if (r <= 0)
    return 1;
  double n = -std::log1p(x0 * (1 - r) / q) / std::log(r);
  double series = (1 - std::pow(r, n + 1)) / (1 - r);
  return series - q / ((1 - r) * x0) * (n + 1 - series);
}

static double largestOf(const std::vector<double> &values) {
  double largest = 0;
  for (double value : values)
    largest = std::max(largest, std::abs(value));
  return largest;
}

static std::string format(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.10g", value);
  return text;
}

/// Mantissa and exponent of a bias, multiplied out.
static int64_t roundBias(double bias, int64_t mantissaBits, int64_t &exponent) {
  double limit = std::ldexp(1.0, int(mantissaBits - 1)) - 1;
  double ratio = std::max(std::abs(bias) / limit, 1.0);
  exponent = int64_t(std::ceil(std::log2(ratio)));
  double mantissa = std::rint(std::ldexp(bias, -int(exponent)));
  return int64_t(mantissa) * (int64_t(1) << exponent);
}

/// Stored weights of one connection with its own exponent.
static IntegerBlock::Connection
quantizeConnection(const std::vector<double> &weights, double largestOfAll,
                   double scale, int64_t exponent, const RealBlock &block) {
  double largest = largestOf(weights);
  int64_t lower = 0, own = block.exponentFloor;
  if (largest > 1e-16) {
    lower = int64_t(std::floor(std::log2(largestOfAll / largest)));
    own = std::max(exponent - lower, block.exponentFloor);
  } else {
    lower = exponent - own;
  }
  // A register holds the sign and 8 bits of which the last is 0: what is stored
  // is half of it. The scaled weight is single precision.
  double limit = std::ldexp(1.0, int(block.weightBits - 1)) - 1;
  int64_t drop = 9 - block.weightBits; // bits of the register that are 0
  int64_t shift = drop + own;
  IntegerBlock::Connection result;
  result.registerExponent = own;
  result.exponent = std::max<int64_t>(shift, 0);
  double factor = std::ldexp(1.0, int(lower));
  result.unit = std::ldexp(1.0, int(drop - std::min<int64_t>(shift, 0))) /
                (scale * factor);
  for (double weight : weights) {
    float scaled = float(weight) * float(scale) * float(factor);
    double stored = std::rint(std::ldexp(double(scaled), -int(drop)));
    stored = std::clamp(stored, -limit, limit);
    // The chip drops what an exponent below 0 shifts out: round it first.
    if (shift < 0)
      stored = std::rint(std::ldexp(stored, int(shift)));
    result.weights.push_back(int32_t(stored));
  }
  return result;
}

std::optional<IntegerBlock>
quantize::quantizeSharedExponent(const RealBlock &block, std::string &fault) {
  size_t neurons = block.threshold.size();
  IntegerBlock result;
  float decayLimit = std::ldexp(1.0f, int(block.decayBits)) - 1;
  std::vector<double> synapseSum(neurons, 1), membraneSum(neurons, 1);
  for (size_t n = 0; n < block.synapse.size(); ++n) {
    // The chip adds 1 to this decay.
    float decay = float(block.synapse[n]) * decayLimit - 1;
    int64_t d = std::lrint(std::clamp(decay, 0.0f, decayLimit));
    result.synapse.push_back(d);
    synapseSum[n] = getDecayMagnitude(d, block.decayBits, 1);
  }
  for (size_t n = 0; n < block.membrane.size(); ++n) {
    int64_t d = std::lrint(float(block.membrane[n]) * decayLimit);
    result.membrane.push_back(d);
    membraneSum[n] = d == 0 ? 1 : getDecayMagnitude(d, block.decayBits, 0);
  }

  double largest = 0;
  for (const std::vector<double> &weights : block.weights)
    largest = std::max(largest, largestOf(weights));
  if (largest <= 1e-8)
    largest = 1;
  // Of the sign and 8 bits, as the tool has it; the largest weight is cut by
  // the 1 that the register cannot hold. Of fewer bits, what they hold.
  double registerLimit =
      block.weightBits == 8
          ? 255
          : std::ldexp(std::ldexp(1.0, int(block.weightBits - 1)) - 1,
                       int(9 - block.weightBits));
  double scale = registerLimit / largest;
  double thresholdLimit = std::ldexp(1.0, int(block.thresholdBits)) - 1;
  double biasLimit = (std::ldexp(1.0, int(block.biasMantissaBits - 1)) - 1) *
                     std::ldexp(1.0, (1 << block.biasExponentBits) - 1);

  int64_t exponent = 0;
  for (;; --exponent) {
    if (exponent < block.exponentMinimum)
      return std::nullopt;
    fault.clear();
    result.stateScale.clear();
    result.threshold.clear();
    result.bias.clear();
    result.biasExponent = 0;
    for (size_t n = 0; n < neurons && fault.empty(); ++n) {
      double state = synapseSum[n] * membraneSum[n] * scale *
                     std::ldexp(1.0, int(6 + exponent));
      double threshold = std::rint(double(float(block.threshold[n])) * state);
      double bias =
          std::rint(double(float(block.bias[n])) * state / membraneSum[n]);
      if (!(threshold <= std::ldexp(thresholdLimit, 6))) {
        fault = "threshold " + format(std::rint(threshold / 64)) + " exceeds " +
                std::to_string(block.thresholdBits) + " bits";
        break;
      }
      if (!(std::abs(bias) <= biasLimit)) {
        fault = "bias " + format(bias) + " exceeds " + format(biasLimit);
        break;
      }
      result.stateScale.push_back(state);
      result.threshold.push_back(int64_t(std::rint(threshold / 64)));
      int64_t biasExponent = 0;
      result.bias.push_back(
          roundBias(bias, block.biasMantissaBits, biasExponent));
      result.biasExponent = std::max(result.biasExponent, biasExponent);
    }
    if (fault.empty())
      break;
  }
  for (size_t n = 0; n < neurons; ++n)
    if (block.threshold[n] > 0 && result.threshold[n] == 0) {
      fault = "a threshold becomes 0";
      return std::nullopt;
    }
  for (const std::vector<double> &weights : block.weights)
    result.connections.push_back(
        quantizeConnection(weights, largest, scale, exponent, block));
  return result;
}

//===----------------------------------------------------------------------===//
// joint_scale
//===----------------------------------------------------------------------===//

float quantize::getDiscretizationScale(ArrayRef<float> values, int64_t bits) {
  float low = 0, high = 0;
  bool first = true;
  for (float value : values) {
    low = first ? value : std::min(low, value);
    high = first ? value : std::max(high, value);
    first = false;
  }
  double lowest = -std::ldexp(1.0, int(bits - 1)), highest = -lowest - 1;
  // The integers reach further below 0 than above.
  float ratio = float(std::abs(lowest / highest));
  if (std::abs(low) <= std::abs(high) * ratio)
    return high == 0 ? std::numeric_limits<float>::infinity()
                     : std::abs(float(highest) / high);
  return std::abs(float(lowest) / low);
}

float quantize::getJointScale(ArrayRef<float> weights, ArrayRef<float> bias,
                              ArrayRef<float> rails, int64_t weightBits,
                              int64_t biasBits, int64_t stateBits) {
  float scale = getDiscretizationScale(weights, weightBits);
  if (!bias.empty())
    scale = std::min(scale, getDiscretizationScale(bias, biasBits));
  scale = std::min(scale, getDiscretizationScale(rails, stateBits));
  return std::isfinite(scale) ? scale : 1.0f;
}

int64_t quantize::roundScaled(float value, float scale) {
  return std::llrint(value * scale);
}

//===----------------------------------------------------------------------===//
// neuron_scale, target_scale, fixed_scale
//===----------------------------------------------------------------------===//

double quantize::getNeuronScale(ArrayRef<double> weights, double threshold,
                                int64_t weightBits, int64_t thresholdBits) {
  double largest = 0;
  for (double weight : weights)
    largest = std::max(largest, std::abs(weight));
  if (largest == 0)
    return 1;
  double scale = (std::ldexp(1.0, int(weightBits - 1)) - 1) / largest;
  double limit = std::ldexp(1.0, int(thresholdBits - 1)) - 1;
  if (std::rint(std::abs(threshold) * scale) > limit)
    scale = limit / std::abs(threshold);
  return scale;
}

int64_t quantize::getDash(double tauInSteps, int64_t dashBits) {
  if (!(tauInSteps > 1))
    return 0;
  double dash = std::rint(std::log2(tauInSteps));
  return int64_t(std::min(dash, std::ldexp(1.0, int(dashBits)) - 1));
}

double quantize::getTargetScale(double largest, int64_t bits) {
  return largest > 0 ? (std::ldexp(1.0, int(bits - 1)) - 1) / largest : 1;
}

int64_t quantize::getSharedShift(double largest, double scale, int64_t bits) {
  double limit = std::ldexp(1.0, int(bits - 1)) - 1;
  int64_t shift = 0;
  while (shift < 31 &&
         std::trunc(std::ldexp(largest * scale, -int(shift))) > limit)
    ++shift;
  return shift;
}
