//===- CompilePopulations.cpp - Dynamics as numbers per step --------------===//

#include "Plan.h"

#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

using namespace nmc;
using namespace nmc::exec;
using namespace nmc::spike;

namespace {

/// Reads the parameters of one population and reports what makes no sense.
class PopulationBuilder {
public:
  PopulationBuilder(PopulationOpInterface op, std::optional<double> dt,
                    const ValueInfo &events, Node &node)
      : op(op), dt(dt), events(events), node(node),
        dynamics(op.getDynamicsOrNull()) {
    hasDynamics = bool(dynamics);
    if (!dynamics)
      dynamics = Dynamics().get(op->getContext());
    fixed = dynamics.getArithmetic();
  }

  LogicalResult buildMembrane();
  LogicalResult buildSigmaDelta();

private:
  RuleDiagnostic error(StringRef rule) { return emitRuleError(op, rule); }

  LogicalResult checkArithmetic();
  LogicalResult checkDynamics(bool fires, bool hasTau);
  LogicalResult checkPayload(bool fires);

  ElementsAttr lookup(StringRef name) {
    for (auto [key, attr] : op.getParameters())
      if (key == name)
        return attr;
    return {};
  }

  /// A parameter, spread over neurons unless it is the same for all;
  /// `otherwise` where it is absent. Integers are shifted left by `shift`.
  LogicalResult read(StringRef name, double otherwise,
                     Parameter<double> &result);
  LogicalResult read(StringRef name, int64_t otherwise, unsigned shift,
                     Parameter<int64_t> &result);
  LogicalResult spread(StringRef name, ElementsAttr attr,
                       Parameter<double> &result);
  LogicalResult spread(StringRef name, ElementsAttr attr, unsigned shift,
                       Parameter<int64_t> &result);
  LogicalResult readInitial();
  /// Parameters that there are one of per receptor; receptor 0 first.
  template <typename T, typename Read>
  LogicalResult readPerReceptor(StringRef name, Parameter<T> &result,
                                Read read);
  LogicalResult readStructure();

  LogicalResult fillCommon(bool fires);
  LogicalResult fillFloat(bool hasTau);
  LogicalResult fillInteger(bool hasTau);
  /// Factor per step and gain of a time constant, in double precision.
  LogicalResult factorOf(StringRef name, double tau, double &factor,
                         double *gain);

  int64_t getReceptorCount() {
    Operation *raw = op;
    if (auto cuba = dyn_cast<CubaLifOp>(raw))
      return cuba.getReceptorCount();
    if (auto cuba = dyn_cast<CubaLiOp>(raw))
      return cuba.getReceptorCount();
    return 1;
  }

  template <typename T> static void collapse(Parameter<T> &parameter) {
    if (parameter.values.size() > 1 && parameter.isAll(parameter.values[0]))
      parameter.values.resize(1);
  }
  template <typename Fn>
  static Parameter<float> mapToFloat(const Parameter<double> &from, Fn fn) {
    Parameter<float> to;
    to.values.clear();
    for (double value : from.values)
      to.values.push_back(float(fn(value)));
    collapse(to);
    return to;
  }
  static Parameter<float> toFloats(const Parameter<double> &from) {
    return mapToFloat(from, [](double value) { return value; });
  }
  /// Value n of a parameter that may be uniform.
  static double at(const Parameter<double> &p, size_t n) { return p[n]; }

  PopulationOpInterface op;
  std::optional<double> dt;
  const ValueInfo &events;
  Node &node;
  DynamicsAttr dynamics;
  bool hasDynamics;
  FixedAttr fixed;
};

} // namespace

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

template <typename T, typename Values>
static void spreadOver(const ValueInfo &events, const Values &values,
                       Parameter<T> &result) {
  int64_t count = values.size();
  result.values.clear();
  if (count == 1 ||
      llvm::all_of(values, [&](auto v) { return v == values[0]; })) {
    result.values.push_back(values[0]);
    return;
  }
  int64_t run = events.elements / count;
  for (int64_t n = 0; n < events.elements; ++n)
    result.values.push_back(values[n / run]);
}

LogicalResult PopulationBuilder::spread(StringRef name, ElementsAttr attr,
                                        Parameter<double> &result) {
  if (failed(verifyBlob(op, attr)))
    return failure();
  FailureOr<SmallVector<double, 0>> values = getElementsAsDoubles(attr);
  if (failed(values))
    return error("param-type")
           << "cannot read parameter '" << name << "' of " << attr.getType();
  for (double value : *values)
    if (!std::isfinite(float(value)))
      return error("param-type")
             << "parameter '" << name << "' holds a value that is not finite";
  spreadOver(events, *values, result);
  return success();
}

LogicalResult PopulationBuilder::spread(StringRef name, ElementsAttr attr,
                                        unsigned shift,
                                        Parameter<int64_t> &result) {
  Parameter<double> reals;
  SmallVector<int64_t, 0> values;
  if (FailureOr<SmallVector<int64_t, 0>> ints = getElementsAsInts(attr);
      succeeded(ints)) {
    if (failed(verifyBlob(op, attr)))
      return failure();
    values = std::move(*ints);
  } else {
    // Whole numbers may be written as floats.
    FailureOr<SmallVector<double, 0>> doubles = getElementsAsDoubles(attr);
    if (failed(doubles))
      return error("param-type")
             << "cannot read parameter '" << name << "' of " << attr.getType();
    for (double value : *doubles) {
      if (!(std::fabs(value) < 9e15) || value != std::floor(value))
        return error("param-type")
               << "parameter '" << name << "' is " << value
               << ", but fixed-point arithmetic needs integers; quantise it";
      values.push_back(int64_t(value));
    }
  }
  for (int64_t &value : values) {
    int64_t shifted = int64_t(uint64_t(value) << shift);
    if (shifted >> shift != value)
      return error("dynamics-width") << "parameter '" << name << "' is "
                                     << value << ", which does not fit 64 bits "
                                     << "once shifted left by " << shift;
    value = shifted;
  }
  spreadOver(events, values, result);
  return success();
}

LogicalResult PopulationBuilder::read(StringRef name, double otherwise,
                                      Parameter<double> &result) {
  result = Parameter<double>(otherwise);
  ElementsAttr attr = lookup(name);
  return attr ? spread(name, attr, result) : success();
}

LogicalResult PopulationBuilder::read(StringRef name, int64_t otherwise,
                                      unsigned shift,
                                      Parameter<int64_t> &result) {
  result = Parameter<int64_t>(otherwise);
  ElementsAttr attr = lookup(name);
  return attr ? spread(name, attr, shift, result) : success();
}

/// A part of an elements attribute with a leading axis of `count` receptors.
static ElementsAttr sliceReceptor(ElementsAttr attr, int64_t receptor,
                                  int64_t count) {
  int64_t each = attr.getNumElements() / count;
  Type type = attr.getShapedType().getElementType();
  auto sliced = RankedTensorType::get({each}, type);
  if (isa<FloatType>(type)) {
    FailureOr<SmallVector<double, 0>> values = getElementsAsDoubles(attr);
    if (failed(values))
      return {};
    SmallVector<mlir::Attribute> part;
    for (int64_t n = 0; n < each; ++n)
      part.push_back(FloatAttr::get(type, (*values)[receptor * each + n]));
    return mlir::DenseElementsAttr::get(sliced, part);
  }
  FailureOr<SmallVector<int64_t, 0>> values = getElementsAsInts(attr);
  if (failed(values))
    return {};
  SmallVector<mlir::Attribute> part;
  for (int64_t n = 0; n < each; ++n)
    part.push_back(IntegerAttr::get(type, (*values)[receptor * each + n]));
  return mlir::DenseElementsAttr::get(sliced, part);
}

template <typename T, typename Read>
LogicalResult PopulationBuilder::readPerReceptor(StringRef name,
                                                 Parameter<T> &result,
                                                 Read read) {
  ElementsAttr attr = lookup(name);
  if (node.receptors.empty() || !attr)
    return read(attr, result);
  int64_t count = getReceptorCount();
  Parameter<T> all;
  all.values.clear();
  for (int64_t r = 0; r < count; ++r) {
    ElementsAttr part = sliceReceptor(attr, r, count);
    if (!part)
      return error("param-type")
             << "cannot read parameter '" << name << "' of " << attr.getType();
    Parameter<T> own;
    if (failed(read(part, own)))
      return failure();
    for (int64_t n = 0; n < events.elements; ++n)
      all.values.push_back(own[n]);
  }
  collapse(all);
  result = std::move(all);
  return success();
}

/// Receptors, aliases and refractory times that differ.
LogicalResult PopulationBuilder::readStructure() {
  Operation *raw = op;
  if (ElementsAttr each = dynamics.getRefractoryEach()) {
    Parameter<int64_t> steps;
    if (failed(spread("refractory_each", each, 0, steps)))
      return failure();
    Parameter<int32_t> &to = node.isFloat ? node.floatMembrane.refractory
                                          : node.intMembrane.refractory;
    to.values.clear();
    for (int64_t value : steps.values) {
      if (value < 0 || value > kMaxSteps)
        return error("dynamics-range")
               << "refractory_each holds " << value << ", but 0 to "
               << kMaxSteps << " steps are possible";
      to.values.push_back(int32_t(value));
    }
  }
  std::optional<ArrayRef<int32_t>> receptors;
  if (auto cuba = dyn_cast<CubaLifOp>(raw))
    receptors = cuba.getReceptors();
  else if (auto cuba = dyn_cast<CubaLiOp>(raw))
    receptors = cuba.getReceptors();
  if (receptors)
    node.receptors.assign(receptors->begin(), receptors->end());
  auto cuba = dyn_cast<CubaLifOp>(raw);
  if (!cuba || !cuba.getAliasAttr())
    return success();
  FailureOr<SmallVector<int64_t, 0>> alias =
      getElementsAsInts(cuba.getAliasAttr());
  if (failed(alias))
    return error("param-type") << "cannot read 'alias'";
  if (llvm::all_of(*alias, [](int64_t other) { return other < 0; }))
    return success();
  std::vector<int32_t> &to =
      node.isFloat ? node.floatMembrane.alias : node.intMembrane.alias;
  to.assign(alias->begin(), alias->end());
  return success();
}

LogicalResult PopulationBuilder::readInitial() {
  mlir::TypedAttr attr = dynamics.getVInit();
  if (!attr)
    return success();
  if (auto elements = dyn_cast<ElementsAttr>(attr)) {
    Parameter<double> reals;
    if (!node.isFloat)
      return spread("v_init", elements, 0, node.intMembrane.initial);
    if (failed(spread("v_init", elements, reals)))
      return failure();
    node.floatMembrane.initial = toFloats(reals);
    return success();
  }
  double value =
      isa<FloatAttr>(attr)
          ? cast<FloatAttr>(attr).getValueAsDouble()
          : double(cast<IntegerAttr>(attr).getValue().getSExtValue());
  if (node.isFloat) {
    node.floatMembrane.initial = Parameter<float>(float(value));
    return success();
  }
  if (!(std::fabs(value) < 9e15) || value != std::floor(value))
    return error("param-type") << "v_init is " << value
                               << ", but fixed-point arithmetic needs integers";
  node.intMembrane.initial = Parameter<int64_t>(int64_t(value));
  return success();
}

//===----------------------------------------------------------------------===//
// Dynamics
//===----------------------------------------------------------------------===//

/// Drives of a fixed-point population are integers, others floats.
LogicalResult PopulationBuilder::checkArithmetic() {
  if (fixed && node.isFloat)
    return error("arithmetic-type")
           << "has fixed-point arithmetic, but is driven by a float current";
  if (!fixed && !node.isFloat)
    return error("arithmetic-type")
           << "is driven by an integer current, but states no integer "
              "arithmetic; add arithmetic = #spike.fixed<...> to its dynamics";
  return success();
}

LogicalResult PopulationBuilder::checkDynamics(bool fires, bool hasTau) {
  DecayKind decay = dynamics.getDecay();
  InputGain gain = dynamics.getInputGain();
  if (hasTau && !hasDynamics)
    return error("dynamics-missing")
           << "has a time constant, but no dynamics say how it becomes a "
              "factor per step; apply an execution profile or add dynamics = "
              "#spike.dynamics<decay = ...>";
  if (!hasTau && decay != DecayKind::None)
    return error("dynamics-decay")
           << "states decay = " << stringifyDecayKind(decay)
           << ", but has no time constant";
  bool integerDecay = decay == DecayKind::Fixed || decay == DecayKind::BitShift;
  if (decay != DecayKind::None && integerDecay == node.isFloat)
    return error("dynamics-decay")
           << "decay = " << stringifyDecayKind(decay) << " is not defined in "
           << (node.isFloat ? "float" : "fixed-point") << " arithmetic";
  if (gain != InputGain::Unit && !node.isFloat)
    return error("dynamics-gain")
           << "input_gain = " << stringifyInputGain(gain)
           << " is not defined in fixed-point arithmetic; put it into the "
              "weights";
  bool tauGain = gain == InputGain::Euler || gain == InputGain::Exponential;
  if (tauGain && (!hasTau || decay == DecayKind::Factor))
    return error("dynamics-gain")
           << "input_gain = " << stringifyInputGain(gain)
           << " needs a time constant, but "
           << (hasTau ? "decay = factor gives none" : "the population has none")
           << "; use input_gain = unit and put it into r";
  bool tauDecay = decay == DecayKind::Euler || decay == DecayKind::Exponential;
  if ((tauDecay || gain != InputGain::Unit) && !dt)
    return error("dt-needed")
           << "its dynamics need model time per step, but the network has no "
              "'dt'";
  if (!fires &&
      (dynamics.getRefractory() || dynamics.getRefractoryEach() || dynamics.getMaxSpikesPerStep() != 1))
    return error("dynamics-spikes")
           << "states refractory = " << dynamics.getRefractory()
           << " and max_spikes_per_step = " << dynamics.getMaxSpikesPerStep()
           << ", but sends no spikes";
  return success();
}

/// What the population sends fits its stream.
LogicalResult PopulationBuilder::checkPayload(bool fires) {
  const Payload &payload = events.payload;
  auto type = cast<StreamType>(op.getEvents().getType()).getElementType();
  if (fires) {
    if (!payload.isFloat && payload.high < dynamics.getMaxSpikesPerStep())
      return error("payload-range")
             << "may fire " << dynamics.getMaxSpikesPerStep()
             << " times per step, but its stream holds at most " << payload.high
             << " (" << type << ")";
    return success();
  }
  if (payload.isFloat != node.isFloat)
    return error("payload-range")
           << "sends " << (node.isFloat ? "float" : "integer")
           << " membranes, which a stream of " << type << " does not hold";
  if (node.isFloat)
    return success();
  // A difference of two membranes takes one bit more, unless both are positive.
  bool widens = node.kind == NodeKind::SigmaDelta && !node.intSigma.rectify;
  unsigned bits = std::min(fixed.getStateBits() + widens, 64u);
  if (auto sigma = dyn_cast<SigmaDeltaOp>(op.getOperation()))
    bits = std::max<int64_t>(int64_t(bits) - sigma.getEventShift(), 1);
  int64_t high = std::numeric_limits<int64_t>::max() >> (64 - bits);
  if (payload.low > -high - 1 || payload.high < high)
    return error("payload-range")
           << "sends integers of " << bits << " bits, but its stream holds "
           << payload.low << " to " << payload.high << " (" << type << ")";
  return success();
}

LogicalResult PopulationBuilder::factorOf(StringRef name, double tau,
                                          double &factor, double *gain) {
  DecayKind decay = dynamics.getDecay();
  InputGain inputGain = gain ? dynamics.getInputGain() : InputGain::Unit;
  bool usesTau = decay == DecayKind::Euler || decay == DecayKind::Exponential ||
                 inputGain == InputGain::Euler ||
                 inputGain == InputGain::Exponential;
  if (usesTau && !(tau > 0))
    return error("tau-range") << "'" << name << "' is " << tau
                              << ", but a time constant must be positive";
  if (decay == DecayKind::Euler)
    factor = 1 - *dt / tau;
  else if (decay == DecayKind::Exponential)
    factor = std::exp(-*dt / tau);
  else
    factor = decay == DecayKind::Factor ? tau : 1;
  if (!gain)
    return success();
  if (inputGain == InputGain::Euler)
    *gain = *dt / tau;
  else if (inputGain == InputGain::Exponential)
    *gain = -std::expm1(-*dt / tau);
  else
    *gain = inputGain == InputGain::Step ? *dt : 1;
  return success();
}

template <typename T>
static void fillShared(DynamicsAttr dynamics, bool fires, Membrane<T> &m) {
  m.fires = fires;
  m.decay = dynamics.getDecay();
  m.synapseOrder = dynamics.getSynapseOrder();
  m.order = dynamics.getOrder();
  m.compare = dynamics.getCompare();
  m.reset = dynamics.getReset();
  m.maxSpikes = dynamics.getMaxSpikesPerStep();
  m.refractory = Parameter<int32_t>(int32_t(dynamics.getRefractory()));
}

LogicalResult PopulationBuilder::fillFloat(bool hasTau) {
  Membrane<float> &m = node.floatMembrane;
  if (FloatAttr floor = dynamics.getVFloor())
    m.floor = float(floor.getValueAsDouble());
  if (FloatAttr ceiling = dynamics.getVCeiling())
    m.ceiling = float(ceiling.getValueAsDouble());
  Parameter<double> tau, tauSyn, r, leak, threshold, reset, weight, bias;
  auto readOwn = [&](StringRef name, double otherwise) {
    return [this, name, otherwise](ElementsAttr attr,
                                   Parameter<double> &result) {
      result = Parameter<double>(otherwise);
      return attr ? spread(name, attr, result) : success();
    };
  };
  if (failed(read(m.hasSynapse ? "tau_mem" : "tau", 0.0, tau)) ||
      failed(readPerReceptor("tau_syn", tauSyn, readOwn("tau_syn", 0.0))) ||
      failed(read("r", 1.0, r)) || failed(read("v_leak", 0.0, leak)) ||
      failed(read("threshold", 1.0, threshold)) ||
      failed(read("v_reset", 0.0, reset)) ||
      failed(readPerReceptor("w_in", weight, readOwn("w_in", 1.0))) ||
      (m.hasSynapse && failed(read("bias", 0.0, bias))))
    return failure();
  m.bias = toFloats(bias);
  m.hasBias = !m.bias.isAll(0);
  m.leak = toFloats(leak);
  m.threshold = toFloats(threshold);
  m.resetValue = toFloats(reset);
  m.inputWeight = toFloats(weight);
  // Decay and gain, neuron by neuron where tau or r differ.
  size_t count = std::max(tau.values.size(), r.values.size());
  m.membraneDecay.values.resize(count);
  m.gain.values.resize(count);
  for (size_t n = 0; n < count; ++n) {
    double factor = 1, gain = 1;
    if (failed(factorOf(m.hasSynapse ? "tau_mem" : "tau",
                        hasTau ? at(tau, n) : 1, factor, &gain)))
      return failure();
    m.membraneDecay.values[n] = float(factor);
    m.gain.values[n] = float(gain * at(r, n));
  }
  collapse(m.membraneDecay);
  collapse(m.gain);
  if (m.order == Order::WithinStep) {
    m.rate = mapToFloat(tau, [&](double value) { return *dt / value; });
    m.resistance = toFloats(r);
  }
  if (m.hasSynapse) {
    m.synapseDecay.values.clear();
    for (double value : tauSyn.values) {
      double factor = 1;
      if (failed(factorOf("tau_syn", value, factor, nullptr)))
        return failure();
      m.synapseDecay.values.push_back(float(factor));
    }
  }
  if (m.maxSpikes > 1 &&
      llvm::any_of(m.threshold.values, [](float t) { return !(t > 0); }))
    return error("dynamics-spikes")
           << "allows several spikes per step, which needs positive thresholds";
  return readInitial();
}

LogicalResult PopulationBuilder::fillInteger(bool hasTau) {
  Membrane<int64_t> &m = node.intMembrane;
  m.stateBits = fixed.getStateBits();
  m.decayBits = fixed.getDecayBits();
  m.rounding = fixed.getRounding();
  m.overflow = fixed.getOverflow();
  if (FloatAttr floor = dynamics.getVFloor()) {
    double value = floor.getValueAsDouble();
    if (!(std::fabs(value) < 9e15) || value != std::floor(value))
      return error("param-type")
             << "v_floor is " << value
             << ", but fixed-point arithmetic needs integers";
    m.floor = int64_t(value);
  }
  if (FloatAttr ceiling = dynamics.getVCeiling()) {
    double value = ceiling.getValueAsDouble();
    if (!(std::fabs(value) < 9e15) || value != std::floor(value))
      return error("param-type")
             << "v_ceiling is " << value
             << ", but fixed-point arithmetic needs integers";
    m.ceiling = int64_t(value);
  }
  auto readOwn = [&](StringRef name, int64_t otherwise) {
    return [this, name, otherwise](ElementsAttr attr,
                                   Parameter<int64_t> &result) {
      result = Parameter<int64_t>(otherwise);
      return attr ? spread(name, attr, 0, result) : success();
    };
  };
  if (failed(read(m.hasSynapse ? "tau_mem" : "tau", int64_t(0), 0,
                  m.membraneDecay)) ||
      failed(readPerReceptor("tau_syn", m.synapseDecay,
                             readOwn("tau_syn", 0))) ||
      failed(read("r", int64_t(1), 0, m.gain)) ||
      failed(read("v_leak", int64_t(0), 0, m.leak)) ||
      failed(read("threshold", int64_t(1), fixed.getFrac(), m.threshold)) ||
      failed(read("v_reset", int64_t(0), 0, m.resetValue)) ||
      failed(readPerReceptor("w_in", m.inputWeight, readOwn("w_in", 1))) ||
      (m.hasSynapse && failed(read("bias", int64_t(0), 0, m.bias))))
    return failure();
  m.hasBias = !m.bias.isAll(0);
  int64_t most = m.decay == DecayKind::Fixed ? int64_t(1) << m.decayBits : 62;
  if (m.decay != DecayKind::None)
    for (const Parameter<int64_t> *decay : {&m.membraneDecay, &m.synapseDecay})
      for (int64_t value : decay->values)
        if (value < 0 || value > most)
          return error("dynamics-decay")
                 << "decay is " << value << ", but 0 to " << most
                 << " are possible with decay = "
                 << stringifyDecayKind(m.decay);
  if (m.maxSpikes > 1 &&
      llvm::any_of(m.threshold.values, [](int64_t t) { return t <= 0; }))
    return error("dynamics-spikes")
           << "allows several spikes per step, which needs positive thresholds";
  return readInitial();
}

LogicalResult PopulationBuilder::buildMembrane() {
  node.kind = NodeKind::Membrane;
  node.delay = dynamics.getOutputDelay();
  node.clearPeriod = dynamics.getClearPeriod();
  node.clearOffset = dynamics.getClearOffset();
  Operation *raw = op;
  bool fires = isa<IfOp, LifOp, CubaLifOp, ThresholdOp>(raw);
  bool hasTau = isa<LifOp, CubaLifOp, LiOp, CubaLiOp>(raw);
  bool stateless = isa<ThresholdOp>(raw);
  if (failed(checkArithmetic()) || failed(checkDynamics(fires, hasTau)) ||
      failed(checkPayload(fires)))
    return failure();
  if (stateless && (dynamics.getRefractory() || dynamics.getRefractoryEach()))
    return error("dynamics-spikes")
           << "states refractory = " << dynamics.getRefractory()
           << ", but a threshold has no state";
  auto fill = [&](auto &m) {
    fillShared(dynamics, fires, m);
    m.stateless = stateless;
    m.hasSynapse = isa<CubaLifOp, CubaLiOp>(raw);
    m.receptors = getReceptorCount();
    return readStructure();
  };
  if (node.isFloat)
    return success(succeeded(fill(node.floatMembrane)) &&
                   succeeded(fillFloat(hasTau)));
  return success(succeeded(fill(node.intMembrane)) &&
                 succeeded(fillInteger(hasTau)));
}

LogicalResult PopulationBuilder::buildSigmaDelta() {
  node.kind = NodeKind::SigmaDelta;
  node.delay = dynamics.getOutputDelay();
  node.clearPeriod = dynamics.getClearPeriod();
  node.clearOffset = dynamics.getClearOffset();
  bool rectify = cast<SigmaDeltaOp>(op.getOperation()).getRectify();
  node.floatSigma.rectify = node.intSigma.rectify = rectify;
  if (failed(checkArithmetic()) ||
      failed(checkDynamics(/*fires=*/false, /*hasTau=*/false)) ||
      failed(checkPayload(/*fires=*/false)))
    return failure();
  if (node.isFloat) {
    Parameter<double> threshold, bias;
    if (failed(read("threshold", 0.0, threshold)) ||
        failed(read("bias", 0.0, bias)))
      return failure();
    node.floatSigma.threshold = toFloats(threshold);
    node.floatSigma.bias = toFloats(bias);
    return success();
  }
  SigmaDelta<int64_t> &s = node.intSigma;
  s.eventShift = unsigned(cast<SigmaDeltaOp>(op.getOperation()).getEventShift());
  s.arithmetic.stateBits = fixed.getStateBits();
  s.arithmetic.overflow = fixed.getOverflow();
  if (failed(read("threshold", int64_t(0), fixed.getFrac(), s.threshold)))
    return failure();
  return read("bias", int64_t(0), 0, s.bias);
}

//===----------------------------------------------------------------------===//
// Populations without dynamics
//===----------------------------------------------------------------------===//

static LogicalResult buildRelu(ReluOp op, const ValueInfo *drive,
                               const ValueInfo &events, Node &node) {
  node.kind = NodeKind::Relu;
  const Payload &payload = events.payload;
  Relu &relu = node.relu;
  relu.rectify = op.getRectify();
  std::optional<double> max;
  if (auto attr = op.getMaxAttr())
    max = attr.getValueAsDouble();
  RequantAttr requant = op.getRequantAttr();
  if (node.isFloat != payload.isFloat || (requant && node.isFloat))
    return emitRuleError(op, "requant-types")
           << "turns a " << (node.isFloat ? "float" : "integer")
           << " current into "
           << cast<StreamType>(op.getEvents().getType()).getElementType()
           << (requant ? " with" : " without")
           << " a 'requant'; integer currents become integer payloads with "
              "one, float currents float payloads without";
  if (node.isFloat) {
    if (max)
      relu.max = float(*max);
    return success();
  }
  if (drive && drive->bits > 32)
    return emitRuleError(op, "requant-types")
           << "rescales a current of " << drive->bits
           << " bits, but at most 32 are possible";
  relu.requantises = true;
  relu.multiplier = requant ? requant.getMultiplier() : 1;
  relu.shift = requant ? requant.getShift() : 0;
  relu.zeroPoint = requant ? requant.getZeroPoint() : payload.zeroPoint;
  relu.rounding = requant ? requant.getRounding() : Rounding::NearestUp;
  if (relu.zeroPoint != int32_t(relu.zeroPoint) ||
      (payload.isQuantised && relu.zeroPoint != payload.zeroPoint))
    return emitRuleError(op, "requant-zero-point")
           << "requant has zero point " << relu.zeroPoint
           << ", but the payload " << payload.zeroPoint;
  relu.payloadZero = payload.zeroPoint;
  relu.low = payload.low + payload.zeroPoint;
  relu.high = payload.high + payload.zeroPoint;
  if (max) {
    if (!payload.isQuantised)
      return emitRuleError(op, "relu-max")
             << "has a 'max' of " << *max
             << ", but its payload has no scale to express it";
    double top = std::rint(*max / payload.scale) + double(payload.zeroPoint);
    relu.high =
        int64_t(std::min(std::max(top, double(relu.low)), double(relu.high)));
  }
  return success();
}

static LogicalResult buildInput(InputOp op, const ValueInfo &port,
                                const ValueInfo &events, Node &node) {
  node.kind = NodeKind::Input;
  const Payload &from = port.payload, &to = events.payload;
  bool same = from.low == to.low && from.high == to.high &&
              from.scale == to.scale && from.zeroPoint == to.zeroPoint;
  bool cuts = !from.isQuantised && !to.isQuantised && from.low == 0 &&
              to.low == 0 && to.high <= from.high;
  if (to.isFloat || (!from.isFloat && (same || cuts)))
    return success();
  return emitRuleError(op, "input-type")
         << "turns " << getElementType(op.getPort()) << " into "
         << getElementType(op.getEvents())
         << "; encode the input as what the network takes";
}

LogicalResult exec::buildPopulation(PopulationOpInterface op,
                                    std::optional<double> dt,
                                    ArrayRef<ValueInfo> drives,
                                    const ValueInfo &events, Node &node) {
  Operation *raw = op;
  if (auto input = dyn_cast<InputOp>(raw))
    return buildInput(input, drives.front(), events, node);
  if (auto pool = dyn_cast<MaxPoolOp>(raw)) {
    node.kind = NodeKind::MaxPool;
    Window &w = node.window;
    ArrayRef<int64_t> from = drives.front().shape, to = events.shape;
    w.source.assign(from.begin() + 1, from.end());
    w.target.assign(to.begin() + 1, to.end());
    w.kernel.assign(pool.getKernel().begin(), pool.getKernel().end());
    for (size_t d = 0; d < w.kernel.size(); ++d) {
      w.stride.push_back(pool.getStride(d));
      w.pad.push_back(pool.getPadLow(d));
      w.dilation.push_back(1);
    }
    return success();
  }
  DynamicsAttr dynamics = op.getDynamicsOrNull();
  node.isFloat = drives.empty() ? !(dynamics && dynamics.getArithmetic()) &&
                                      events.payload.isFloat
                                : drives.front().payload.isFloat;
  if (!drives.empty())
    node.driveBits = drives.front().bits;
  if (auto relu = dyn_cast<ReluOp>(raw))
    return buildRelu(relu, drives.empty() ? nullptr : &drives.front(), events,
                     node);
  // Undriven and without fixed-point arithmetic: floats that nothing drives.
  if (drives.empty() && !(dynamics && dynamics.getArithmetic()))
    node.isFloat = true;
  PopulationBuilder builder(op, dt, events, node);
  if (isa<SigmaDeltaOp>(raw))
    return builder.buildSigmaDelta();
  if (isa<IfOp, LifOp, CubaLifOp, LiOp, CubaLiOp, IntegratorOp, ThresholdOp>(
          raw))
    return builder.buildMembrane();
  return emitRuleError(raw, "network-op")
         << "is a population that the executor does not know";
}
