//===- ProfileQuantizeRules.cpp - The quantisers of profiles --------------===//
//
// One class per rule of lib/Target/ExecutionProfileQuantizers.cpp, where the
// formulas stand; the arithmetic itself is in ProfileQuantizers.cpp.
//
//===----------------------------------------------------------------------===//

#include "ProfileQuantize.h"

#include "nmc/Transforms/ProfileQuantizers.h"

#include <cmath>

using namespace nmc;
using namespace nmc::quantize;
using namespace nmc::spike;

/// What truncation or rounding makes of a weight must fit what holds it.
static LogicalResult checkWidth(Neurons &n, double value, int64_t bits,
                                StringRef what) {
  if (std::abs(value) < std::ldexp(1.0, int(bits - 1)))
    return success();
  return emitRuleError(n.op, "profile-range")
         << what << " becomes " << Values(value).str()
         << ", which does not fit " << bits << " bits";
}

//===----------------------------------------------------------------------===//
// shared_exponent
//===----------------------------------------------------------------------===//

namespace {
class SharedExponent : public ProfileQuantizer {
  using ProfileQuantizer::ProfileQuantizer;
  LogicalResult quantize(Neurons &n,
                         MutableArrayRef<ProfileDrive> drives) override;
};
} // namespace

LogicalResult SharedExponent::quantize(Neurons &n,
                                       MutableArrayRef<ProfileDrive> drives) {
  RealBlock block;
  auto decay = [&](const Values &tau) {
    std::vector<double> shares;
    for (double value : spread(tau.list, n.count))
      shares.push_back(-std::expm1(-dt / value));
    return shares;
  };
  if (n.leaks)
    block.membrane = decay(n.tau);
  if (n.synapse)
    block.synapse = decay(n.tauSyn);
  SmallVector<double, 0> thresholds(n.count, 0.0);
  if (n.spikes)
    thresholds = spread(n.threshold.list, n.count);
  block.threshold.assign(thresholds.begin(), thresholds.end());
  // w_in and r are the gains of a lasting input, which is what weights mean
  // here.
  warnOfBias(n, drives);
  FailureOr<double> factor = scaleAll(n, drives);
  if (failed(factor))
    return failure();
  for (ProfileDrive &drive : drives)
    block.weights.emplace_back(drive.weights.begin(), drive.weights.end());
  SmallVector<double, 0> bias = sumBiases(n, drives);
  if (bias.empty())
    bias.assign(n.count, 0.0);
  block.bias.assign(bias.begin(), bias.end());
  block.weightBits = get("weight_bits");
  block.thresholdBits = get("threshold_bits");
  block.biasMantissaBits = get("bias_mantissa_bits");
  block.biasExponentBits = get("bias_exponent_bits");
  block.decayBits = get("decay_bits");
  block.exponentMinimum = get("exponent_minimum");
  block.exponentFloor = get("exponent_floor");
  if (block.weightBits < 2 || block.weightBits > 8 || block.thresholdBits < 1 ||
      block.thresholdBits > 31 || block.biasMantissaBits < 2 ||
      block.biasMantissaBits > 31 || block.biasExponentBits < 0 ||
      block.biasExponentBits > 4 || block.decayBits < 1 ||
      block.decayBits > 16 || getArithmetic().getFrac() != 6)
    return emitRuleError(n.op, "target-property")
           << "cannot be quantised for widths outside what is implemented: "
              "weights "
           << block.weightBits << " (2 to 8), threshold " << block.thresholdBits
           << " (1 to 31), bias " << block.biasMantissaBits
           << " (2 to 31) with exponent " << block.biasExponentBits
           << " (0 to 4), decay " << block.decayBits << " (1 to 16), frac "
           << getArithmetic().getFrac() << " (6)";

  std::string fault;
  std::optional<IntegerBlock> integers = quantizeSharedExponent(block, fault);
  if (!integers)
    return emitRuleError(n.op, "quantize-range")
           << "has no weight exponent from 0 to " << block.exponentMinimum
           << " under which all widths hold: " << fault
           << "; hint: weights, thresholds and biases of more even size";

  for (auto [drive, c] : llvm::zip(drives, integers->connections))
    setWeights(drive, c.weights, c.exponent, c.unit / *factor);
  SmallVector<double, 0> integerBias(integers->bias.begin(),
                                     integers->bias.end());
  if (failed(setBias(n, drives, integerBias)))
    return failure();
  auto make = [](const std::vector<int64_t> &list, int64_t offset) {
    std::optional<Values> values;
    if (list.empty())
      return values;
    values.emplace();
    for (int64_t value : list)
      values->list.push_back(double(value + offset));
    return values;
  };
  n.dynamics.decay = n.leaks ? DecayKind::Fixed : DecayKind::None;
  // A membrane that is 0 after a spike; the register of the current's decay
  // counts one less.
  setPopulation(n, make(integers->membrane, 0), make(integers->synapse, 1),
                make(integers->threshold, 0), 1.0 / integers->stateScale[0]);
  double exact = block.threshold[0] * integers->stateScale[0] / 64;
  InFlightDiagnostic diag = remark(n);
  diag << "weight exponents";
  for (const IntegerBlock::Connection &c : integers->connections)
    diag << " " << c.registerExponent;
  if (n.spikes)
    diag << ", threshold " << integers->threshold[0] << " (rounded by "
         << Values(std::abs(double(integers->threshold[0]) - exact) / exact *
                   100)
                .str()
         << " %)";
  diag << ", bias exponent " << integers->biasExponent << " [quantized]";
  return success();
}

//===----------------------------------------------------------------------===//
// fixed_scale
//===----------------------------------------------------------------------===//

namespace {
class FixedScale : public ProfileQuantizer {
  using ProfileQuantizer::ProfileQuantizer;
  LogicalResult quantize(Neurons &n,
                         MutableArrayRef<ProfileDrive> drives) override;
};
} // namespace

LogicalResult FixedScale::quantize(Neurons &n,
                                   MutableArrayRef<ProfileDrive> drives) {
  double weightScale = double(profile.quantizer->get("weight_scale"));
  int64_t weightBits = profile.quantizer->get("weight_bits");
  int64_t frac = getArithmetic().getFrac();
  bool membrane = profile.biasDrive == target::BiasDrive::Membrane;
  if (membrane)
    warnOfBias(n, drives);
  FailureOr<double> factor = scaleAll(n, drives);
  if (failed(factor))
    return failure();
  // Gains come from parameters in single precision: what they bring within a
  // millionth of an integer was meant as one.
  double slack = *factor == 1 ? 0 : 1e-6;
  auto truncate = [&](double value) { return std::trunc(value * (1 + slack)); };
  double largest = 0;
  for (ProfileDrive &drive : drives)
    largest = std::max(largest, drive.largest());
  int64_t shift =
      getSharedShift(largest * (1 + slack), weightScale, weightBits);
  for (ProfileDrive &drive : drives) {
    SmallVector<int32_t, 0> weights;
    // Pools and identities have no exponent of their own.
    double unit = drive.isUniform ? 1 : std::ldexp(1.0, int(shift));
    for (double weight : drive.weights) {
      double whole = truncate(weight * weightScale / unit);
      if (failed(checkWidth(n, whole, 32, "a weight")))
        return failure();
      weights.push_back(int32_t(whole));
    }
    setWeights(drive, weights, drive.isUniform ? 0 : shift, unit / weightScale);
  }
  SmallVector<double, 0> bias = sumBiases(n, drives);
  double biasScale = weightScale * std::ldexp(1.0, int(frac));
  if (membrane || !n.synapse) {
    Values sum = getSynapseSum(n);
    for (auto [i, value] : llvm::enumerate(bias)) {
      value = truncate(value * sum.at(i, n.count) * biasScale);
      if (failed(checkWidth(n, value, 32, "a bias")))
        return failure();
    }
    if (failed(setBias(n, drives, bias)))
      return failure();
  } else {
    // Each where it was, through the synapse.
    for (ProfileDrive &drive : drives) {
      if (drive.bias.empty())
        continue;
      SmallVector<int32_t> list;
      for (double value : drive.bias) {
        double whole = std::trunc(value * biasScale);
        if (failed(checkWidth(n, whole, 32, "a bias")))
          return failure();
        list.push_back(int32_t(whole));
      }
      auto type = RankedTensorType::get({int64_t(list.size())},
                                        IntegerType::get(context, 32));
      drive.op->setAttr("bias",
                        DenseElementsAttr::get(type, ArrayRef<int32_t>(list)));
    }
  }

  double decayScale = double(profile.quantizer->get("decay_scale"));
  bool nearest = profile.quantizer->get("decay_nearest");
  double most = std::ldexp(1.0, int(getArithmetic().getDecayBits()));
  auto decay = [&](const Values &tau, int64_t offset) {
    return tau.map([&](double value) {
      double d = dt / value * decayScale;
      d = (nearest ? std::rint(d) : std::trunc(d * (1 + 1e-6))) +
          double(offset);
      return std::min(d, most);
    });
  };
  int64_t thresholdShift = profile.quantizer->get("threshold_shift");
  double thresholdScale = double(profile.quantizer->get("threshold_scale"));
  Values threshold = n.threshold.map([&](double value) {
    // The scale applies to what weights of this kind mean: gains are in them.
    return std::floor(
        std::ldexp(std::trunc(value * thresholdScale), int(thresholdShift)));
  });
  if (n.spikes && !(threshold.smallest() > 0))
    return emitRuleError(n.op, "quantize-range")
           << "threshold " << n.threshold.str() << " becomes "
           << threshold.str() << ", but must stay above 0";
  if (n.spikes && failed(checkWidth(n, threshold.largest(), 32, "a threshold")))
    return failure();
  std::optional<Values> tau, tauSyn;
  if (n.leaks)
    tau = decay(n.tau, 0);
  if (n.synapse)
    tauSyn = decay(n.tauSyn, profile.quantizer->get("synapse_decay_offset"));
  n.dynamics.decay = n.leaks ? DecayKind::Fixed : DecayKind::None;
  setPopulation(n, tau, tauSyn, threshold, 1.0 / biasScale);
  remark(n) << "weights times " << Values(weightScale).str() << ", exponent "
            << shift << ", threshold " << threshold.str() << ", decay "
            << (tau ? tau->str() : "0") << " [quantized]";
  return success();
}

//===----------------------------------------------------------------------===//
// target_scale
//===----------------------------------------------------------------------===//

namespace {
class TargetScale : public ProfileQuantizer {
  using ProfileQuantizer::ProfileQuantizer;
  LogicalResult quantize(Neurons &n,
                         MutableArrayRef<ProfileDrive> drives) override;
};
} // namespace

LogicalResult TargetScale::quantize(Neurons &n,
                                    MutableArrayRef<ProfileDrive> drives) {
  warnOfBias(n, drives);
  if (failed(scaleAll(n, drives)))
    return failure();
  double largest = 0;
  for (ProfileDrive &drive : drives)
    largest = std::max(largest, drive.largest());
  double k = getTargetScale(largest, get("weight_bits"));
  for (ProfileDrive &drive : drives) {
    SmallVector<double, 0> weights;
    for (double weight : drive.weights)
      weights.push_back(std::trunc(weight * k));
    setFloatWeights(drive, weights);
  }
  SmallVector<double, 0> bias = sumBiases(n, drives);
  Values sum = getSynapseSum(n);
  for (auto [i, value] : llvm::enumerate(bias))
    value = value * k * sum.at(i, n.count);
  if (failed(setBias(n, drives, bias)))
    return failure();
  auto times = [&](double value) { return value * k; };
  Values threshold = n.threshold.map(times);
  if (n.reset.largest() != 0)
    rewriteAttribute(n.op, "v_reset",
                     n.reset.map(times).toFloats(n.getShape(), context));
  if (n.leak.largest() != 0)
    rewriteAttribute(n.op, "v_leak",
                     n.leak.map(times).toFloats(n.getShape(), context));
  setPopulation(n, std::nullopt, std::nullopt, threshold, 1.0 / k);
  remark(n) << "weights times " << Values(k).str() << ", truncated, threshold "
            << threshold.str() << " [quantized]";
  return success();
}

//===----------------------------------------------------------------------===//
// joint_scale
//===----------------------------------------------------------------------===//

namespace {
class JointScale : public ProfileQuantizer {
  using ProfileQuantizer::ProfileQuantizer;
  LogicalResult quantize(Neurons &n,
                         MutableArrayRef<ProfileDrive> drives) override;
};
} // namespace

LogicalResult JointScale::quantize(Neurons &n,
                                   MutableArrayRef<ProfileDrive> drives) {
  SmallVector<float, 0> weights, biases;
  FailureOr<double> all = scaleAll(n, drives);
  if (failed(all))
    return failure();
  for (ProfileDrive &drive : drives) {
    // What a pool divides by, or multiplies with, goes into the weights alone.
    if (drive.pool) {
      double factor = 1;
      if (auto mean = dyn_cast<AvgPoolOp>(drive.pool)) {
        bool padded =
            llvm::any_of(mean.getPads(), [](int64_t p) { return p != 0; });
        if (padded && !mean.getCountIncludePad())
          return emitRuleError(mean, "avg-pool-pad")
                 << "leaves padding out of the mean, so that windows at the "
                    "border have another divisor than one weight can hold";
        factor = 1.0 / double(ShapedType::getNumElements(mean.getKernel()));
      } else if (auto number = drive.pool->getAttrOfType<FloatAttr>("weight")) {
        factor = number.getValueAsDouble();
      }
      for (double &weight : drive.weights)
        weight = float(weight) * float(factor);
    }
    for (double weight : drive.weights)
      weights.push_back(float(weight));
    for (double bias : drive.bias)
      biases.push_back(float(bias));
  }
  float high = float(n.threshold.list[0]);
  bool held = bool(n.dynamics.vFloor);
  float low = held ? float(n.dynamics.vFloor.getValueAsDouble()) : 0.0f;
  float rails[] = {low, high};
  float g = getJointScale(weights, biases, rails, get("weight_bits"),
                          get("bias_bits"), get("state_bits"));
  mlir::Builder builder(context);
  for (ProfileDrive &drive : drives) {
    SmallVector<int32_t, 0> integers;
    for (double weight : drive.weights)
      integers.push_back(int32_t(roundScaled(float(weight), g)));
    setWeights(drive, integers, 0, 1.0 / g / *all);
    if (drive.bias.empty())
      continue;
    SmallVector<int32_t> list;
    for (double bias : drive.bias)
      list.push_back(int32_t(roundScaled(float(bias), g)));
    auto type =
        RankedTensorType::get({int64_t(list.size())}, builder.getI32Type());
    drive.op->setAttr("bias",
                      DenseElementsAttr::get(type, ArrayRef<int32_t>(list)));
  }
  Values threshold(double(roundScaled(high, g)));
  if (!(threshold.list[0] > 0))
    return emitRuleError(n.op, "quantize-range")
           << "threshold " << Values(high).str()
           << " becomes 0 under the scale " << Values(g).str()
           << " that the largest weight or bias asks for";
  if (held)
    n.dynamics.vFloor = builder.getF64FloatAttr(double(roundScaled(low, g)));
  n.dynamics.decay = DecayKind::None;
  setPopulation(n, std::nullopt, std::nullopt, threshold, 1.0 / g);
  remark(n) << "all times " << Values(g).str() << ", threshold "
            << threshold.str() << " [quantized]";
  return success();
}

//===----------------------------------------------------------------------===//
// neuron_scale
//===----------------------------------------------------------------------===//

namespace {
class NeuronScale : public ProfileQuantizer {
  using ProfileQuantizer::ProfileQuantizer;
  LogicalResult quantize(Neurons &n,
                         MutableArrayRef<ProfileDrive> drives) override;
};
} // namespace

LogicalResult NeuronScale::quantize(Neurons &n,
                                    MutableArrayRef<ProfileDrive> drives) {
  // Neurons that share weights share the scale.
  int64_t run = 1;
  bool uniform = false;
  warnOfBias(n, drives);
  if (failed(scaleAll(n, drives)))
    return failure();
  for (ProfileDrive &drive : drives) {
    run = std::max(run, drive.neuronsPerRow);
    uniform |= drive.isUniform && n.count > 1;
  }
  if (uniform)
    run = n.count;
  std::vector<SmallVector<double, 0>> inputs(n.count / run);
  for (ProfileDrive &drive : drives)
    for (auto [i, weight] : llvm::enumerate(drive.weights)) {
      if (drive.isUniform)
        for (SmallVector<double, 0> &all : inputs)
          all.push_back(weight);
      else
        inputs[drive.getNeuron(i) / run].push_back(weight);
    }
  SmallVector<double, 0> thresholds = spread(n.threshold.list, n.count);
  SmallVector<double, 0> scales;
  for (auto [row, all] : llvm::enumerate(inputs)) {
    double highest = 0;
    for (int64_t k = 0; k < run; ++k)
      highest = std::max(highest, thresholds[row * run + k]);
    scales.push_back(getNeuronScale(all, n.spikes ? highest : 0.0,
                                    get("weight_bits"), get("threshold_bits")));
  }
  auto scaleOf = [&](int64_t neuron) { return scales[neuron / run]; };
  SmallVector<double, 0> bias = sumBiases(n, drives);
  for (ProfileDrive &drive : drives) {
    SmallVector<int32_t, 0> integers;
    for (auto [i, weight] : llvm::enumerate(drive.weights))
      integers.push_back(
          int32_t(std::rint(weight * scaleOf(drive.getNeuron(i)))));
    setWeights(drive, integers, 0, 1.0 / scales[0]);
  }
  if (!bias.empty() || n.bias) {
    if (bias.empty())
      bias.assign(n.count, 0.0);
    Values sum = getSynapseSum(n);
    for (auto [i, value] : llvm::enumerate(bias)) {
      value =
          value * sum.at(i, n.count) + (n.bias ? n.bias->at(i, n.count) : 0);
      value = std::rint(value * scaleOf(i));
      if (failed(checkWidth(n, value, get("threshold_bits"), "a bias")))
        return failure();
    }
    if (failed(setBias(n, drives, bias)))
      return failure();
  }
  Values threshold;
  for (int64_t i = 0; i < n.count; ++i)
    threshold.list.push_back(std::rint(thresholds[i] * scaleOf(i)));
  if (n.spikes && !(threshold.smallest() > 0))
    return emitRuleError(n.op, "quantize-range")
           << "threshold " << n.threshold.str() << " becomes "
           << threshold.str() << ", but must stay above 0";
  if (n.spikes && failed(checkWidth(n, threshold.largest(),
                                    get("threshold_bits"), "a threshold")))
    return failure();
  int64_t dashBits = get("dash_bits");
  auto dash = [&](const Values &tau, StringRef name) {
    Values dashes = tau.map(
        [&](double value) { return double(getDash(value / dt, dashBits)); });
    remark(n) << name << " " << tau.str() << " s becomes a shift of "
              << dashes.str() << ", a time constant of "
              << dashes.map([&](double d) { return std::exp2(d) * dt; }).str()
              << " s [profile-tau]";
    return dashes;
  };
  std::optional<Values> tau, tauSyn;
  if (n.leaks)
    tau = dash(n.tau, n.tauName());
  if (n.synapse)
    tauSyn = dash(n.tauSyn, "tau_syn");
  n.dynamics.decay = n.leaks ? DecayKind::BitShift : DecayKind::None;
  setPopulation(n, tau, tauSyn, threshold, 1.0 / scales[0]);
  remark(n) << "scales per neuron " <<
      [&] {
        Values all;
        all.list = scales;
        return all.str();
      }() << ", threshold "
            << threshold.str() << " [quantized]";
  return success();
}

std::unique_ptr<ProfileQuantizer>
quantize::makeProfileQuantizer(NetworkOp network,
                               const target::ExecutionProfile &profile,
                               double dt, const target::TargetInfo *target) {
  StringRef rule = profile.quantizer->name;
  if (rule == "shared_exponent")
    return std::make_unique<SharedExponent>(network, profile, dt, target);
  if (rule == "fixed_scale")
    return std::make_unique<FixedScale>(network, profile, dt, target);
  if (rule == "target_scale")
    return std::make_unique<TargetScale>(network, profile, dt, target);
  if (rule == "joint_scale")
    return std::make_unique<JointScale>(network, profile, dt, target);
  return std::make_unique<NeuronScale>(network, profile, dt, target);
}
