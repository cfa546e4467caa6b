//===- ExportPopulations.cpp - Neurons as nodes of a NIR file -------------===//
//
// Without dynamics the parameters of a population are those of a NIR file. With
// dynamics they are what one step computes with; NIR states a differential
// equation instead, whose Euler steps these are:
//
//   v_leak' = v_leak + bias/(1 − a)    a: decay of the membrane per step
//   r'      = gain·r·tau/dt            gain: what input_gain makes of tau and
//   dt w_in'   = w_in·tau_syn/dt
//
//===----------------------------------------------------------------------===//

#include "Attributes.h"
#include "ExportNodes.h"

#include "nmc/Support/Blob.h"

#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

namespace nmc::nir {

namespace {

/// A parameter spread over the neurons, in doubles.
struct Values {
  SmallVector<double, 0> values;
  ElementKind kind = ElementKind::F32;
};

NodeType getNodeType(Operation *op) {
  return llvm::TypeSwitch<Operation *, NodeType>(op)
      .Case([](spike::IntegratorOp) { return NodeType::I; })
      .Case([](spike::LiOp) { return NodeType::LI; })
      .Case([](spike::IfOp) { return NodeType::IF; })
      .Case([](spike::LifOp) { return NodeType::LIF; })
      .Case([](spike::CubaLiOp) { return NodeType::CubaLI; })
      .Case([](spike::CubaLifOp) { return NodeType::CubaLIF; })
      .Case([](spike::ThresholdOp) { return NodeType::Threshold; })
      .Default([](Operation *) { return NodeType::Graph; });
}

} // namespace

/// What NIR does not say of `dynamics`, in words.
static std::string listLosses(spike::DynamicsAttr dynamics) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto item = [&](const Twine &what) {
    os << (text.empty() ? "" : ", ") << what;
  };
  if (dynamics.getReset() == spike::Reset::Subtract)
    item("reset by subtraction");
  if (dynamics.getMaxSpikesPerStep() != 1)
    item("several spikes per step");
  if (dynamics.getVFloor() || dynamics.getVCeiling())
    item("bounds of the membrane");
  if (dynamics.getRefractory())
    item("refractory time");
  if (dynamics.getOutputDelay())
    item("output delay");
  if (dynamics.getVInit())
    item("initial membrane");
  if (dynamics.getArithmetic())
    item("fixed-point arithmetic");
  return text;
}

LogicalResult NodeWriter::writePopulation(spike::PopulationOpInterface op,
                                          RawObject &node) {
  NodeType type = getNodeType(op);
  if (type == NodeType::Graph)
    return error(op) << "NIR has no primitive for it";
  if (op->hasAttr("receptors"))
    return error(op) << "NIR has one synaptic current per neuron, not several "
                        "receptors";
  ArrayRef<int64_t> shape = spike::getShape(op.getEvents());
  int64_t elements = ShapedType::getNumElements(shape);
  spike::Dynamics dynamics(op.getDynamicsOrNull());
  bool hasDynamics = bool(op.getDynamicsOrNull());
  spike::FixedAttr fixed = dynamics.arithmetic;

  std::map<StringRef, Values> all;
  for (auto [name, attr] : op.getParameters()) {
    std::optional<Array> array = toArray(attr);
    if (!array || array->size() == 0 || elements % array->size())
      return error(op) << "cannot read '" << name << "' of " << attr.getType();
    Values &entry = all[name];
    int64_t run = elements / array->size();
    for (int64_t i = 0; i < elements; ++i)
      entry.values.push_back(array->getDouble(i / run));
    entry.kind =
        array->kind() == ElementKind::F64 ? ElementKind::F64 : ElementKind::F32;
  }
  auto get = [&](StringRef name, double otherwise) -> Values & {
    Values &entry = all[name];
    if (entry.values.empty())
      entry.values.assign(elements, otherwise);
    return entry;
  };
  bool hasTau = all.count("tau") || all.count("tau_mem");
  bool hasSynapse = all.count("tau_syn");

  if (hasDynamics) {
    // Numbers per step as a differential equation.
    double step = dt.value_or(1);
    double unit = fixed ? std::ldexp(1.0, -int(fixed.getFrac())) : 1;
    bool isEndless = false;
    // The time constant whose Euler step is the decay, and the decay.
    auto makeTau = [&](double &value) {
      double lost = 0; // 1 − a
      switch (dynamics.decay) {
      case spike::DecayKind::Factor:
        lost = 1 - value;
        break;
      case spike::DecayKind::Fixed:
        lost = std::ldexp(value, -int(fixed ? fixed.getDecayBits() : 12));
        break;
      case spike::DecayKind::BitShift:
        lost = std::ldexp(1.0, -int(std::clamp(value, 0.0, 60.0)));
        break;
      case spike::DecayKind::Exponential:
        return -std::expm1(-step / value); // tau stays
      case spike::DecayKind::Euler:
        return step / value;
      case spike::DecayKind::None:
        break;
      }
      if (!(lost > 1e-9)) {
        isEndless = true;
        lost = 1e-9;
      }
      value = step / lost;
      return lost;
    };
    Values *bias = all.count("bias") ? &all["bias"] : nullptr;
    if (hasTau) {
      Values &tau = all.count("tau") ? all["tau"] : all["tau_mem"];
      Values &r = get("r", 1), &leak = get("v_leak", 0);
      for (int64_t i = 0; i < elements; ++i) {
        double lost = makeTau(tau.values[i]);
        double gain = 1;
        if (dynamics.inputGain == spike::InputGain::Euler)
          gain = step / tau.values[i];
        else if (dynamics.inputGain == spike::InputGain::Exponential)
          gain = -std::expm1(-step / tau.values[i]);
        else if (dynamics.inputGain == spike::InputGain::Step)
          gain = step;
        if (dynamics.inputGain != spike::InputGain::Euler &&
            !(dynamics.inputGain == spike::InputGain::Exponential &&
              dynamics.decay == spike::DecayKind::Exponential))
          r.values[i] *= gain * tau.values[i] / step;
        leak.values[i] *= unit;
        if (bias)
          leak.values[i] += bias->values[i] * unit / lost;
      }
      tau.kind = r.kind = ElementKind::F64;
      if (bias)
        leak.kind = ElementKind::F64;
    } else if (dt && all.count("r") + (type == NodeType::IF) +
                         (type == NodeType::I)) {
      Values &r = get("r", 1);
      for (double &value : r.values)
        value *= dynamics.inputGain == spike::InputGain::Step ? 1 : 1 / step;
      r.kind = ElementKind::F64;
    }
    if (hasSynapse) {
      Values &tau = all["tau_syn"], &weight = get("w_in", 1);
      for (int64_t i = 0; i < elements; ++i) {
        makeTau(tau.values[i]);
        weight.values[i] *= tau.values[i] / step;
      }
      tau.kind = weight.kind = ElementKind::F64;
    }
    if (all.count("v_reset"))
      for (double &value : all["v_reset"].values)
        value *= unit;
    if (isEndless)
      warning(op) << "it does not leak, which its primitive in NIR cannot say; "
                     "a time constant of 10^9 steps is written";
    std::string losses = listLosses(op.getDynamicsOrNull());
    if (op->hasAttr("alias"))
      losses += losses.empty() ? "aliases" : ", aliases";
    if (!losses.empty())
      warning(op) << "NIR does not say: " << losses
                  << "; noted in the node's metadata";
    std::string text;
    llvm::raw_string_ostream(text) << op.getDynamicsOrNull();
    if (text.size() <= 4096)
      getOwnMetadata(node).add("dynamics", RawObject::fromString(text));
  } else if (all.count("bias")) {
    return error(op) << "has a bias but no dynamics, so its share of a step "
                        "is not known";
  }

  node.add("type", RawObject::fromString(getTypeName(type)));
  for (const FieldSpec &spec : getFields(type)) {
    StringRef name = spec.name == "v_threshold" ? "threshold" : spec.name;
    if (!spec.required && !all.count(name))
      continue;
    Values &entry = get(name, name == "v_leak" ? 0 : 1);
    Array array =
        entry.kind == ElementKind::F64
            ? Array::from<double>(shape, ArrayRef<double>(entry.values))
            : fromDoubles(shape, entry.values);
    node.add(spec.name, RawObject::fromArray(std::move(array)));
  }
  return success();
}

} // namespace nmc::nir
