//===- FastPlan.cpp - A plan in channel-last order ------------------------===//

#include "FastPlan.h"

using namespace nmc;
using namespace nmc::exec;
using namespace nmc::spike;

unsigned exec::getStorageBytes(Storage storage) {
  switch (storage) {
  case Storage::U8:
    return 1;
  case Storage::I16:
    return 2;
  case Storage::I32:
  case Storage::F32:
    return 4;
  case Storage::I64:
    return 8;
  }
  return 8;
}

/// Frames of all streams for so many steps stay within a few MiB, which caches
/// hold.
int64_t FastPlan::chunk(int64_t steps) const {
  constexpr int64_t kBudget = int64_t(4) << 20;
  int64_t perStep = 1;
  for (const FastValue &value : values)
    if (!value.isCurrent)
      perStep += value.elements *
                 (getStorageBytes(value.storage) + (value.needsEvents ? 4 : 0));
  return std::min(std::max<int64_t>(kBudget / perStep, 1), steps);
}

namespace {

class Builder {
public:
  Builder(FastPlan &fast, const Plan &plan) : fast(fast), plan(plan) {}
  void run();

private:
  const Layout *getLayout(ArrayRef<int64_t> shape);
  void addValue(const ValueInfo &info);
  void buildMembrane(const Node &node, FastNode &own);
  void buildMaxPool(const Node &node, FastNode &own);
  void buildView(const Node &node, FastNode &own);

  /// A parameter in channel-last order.
  template <typename To, typename From>
  Parameter<To> permute(const Parameter<From> &from, const Layout &layout) {
    Parameter<To> to;
    to.values.resize(from.values.size());
    for (size_t n = 0; n < from.values.size(); ++n)
      to.values[n] = To(from.values[from.isUniform() ? 0 : layout.rowMajor(n)]);
    return to;
  }
  template <typename To, typename From>
  Membrane<To> permute(const Membrane<From> &from, const Layout &layout);

  FastPlan &fast;
  const Plan &plan;
};

} // namespace

const Layout *Builder::getLayout(ArrayRef<int64_t> shape) {
  auto [entry, isNew] =
      fast.layouts.try_emplace(SmallVector<int64_t, 4>(shape));
  Layout &layout = entry->second;
  if (isNew && shape.size() >= 2 && shape.front() > 1) {
    std::vector<int64_t> order = getChannelLastOrder(shape);
    layout.toRowMajor.assign(order.begin(), order.end());
    layout.fromRowMajor.resize(order.size());
    for (auto [at, index] : llvm::enumerate(order))
      layout.fromRowMajor[index] = int32_t(at);
  }
  return &layout;
}

void Builder::addValue(const ValueInfo &info) {
  FastValue value;
  value.elements = info.elements;
  value.isCurrent = info.isCurrent;
  value.layout = getLayout(info.shape);
  const Payload &payload = info.payload;
  if (payload.isFloat)
    value.storage = Storage::F32;
  else if (info.isCurrent)
    value.storage = info.bits <= 32 ? Storage::I32 : Storage::I64;
  else if (payload.low >= 0 && payload.high <= 255)
    value.storage = Storage::U8;
  else if (payload.low >= std::numeric_limits<int32_t>::min() &&
           payload.high <= std::numeric_limits<int32_t>::max())
    value.storage = Storage::I32;
  else
    value.storage = Storage::I64;
  fast.values.push_back(value);
}

template <typename To, typename From>
Membrane<To> Builder::permute(const Membrane<From> &from,
                              const Layout &layout) {
  Membrane<To> to;
  to.fires = from.fires;
  to.stateless = from.stateless;
  to.hasSynapse = from.hasSynapse;
  to.decay = from.decay;
  to.synapseOrder = from.synapseOrder;
  to.order = from.order;
  to.compare = from.compare;
  to.reset = from.reset;
  to.maxSpikes = from.maxSpikes;
  to.refractory = permute<int32_t>(from.refractory, layout);
  if (from.floor)
    to.floor = To(*from.floor);
  if (from.ceiling)
    to.ceiling = To(*from.ceiling);
  to.hasBias = from.hasBias;
  to.bias = permute<To>(from.bias, layout);
  to.rate = permute<To>(from.rate, layout);
  to.resistance = permute<To>(from.resistance, layout);
  to.membraneDecay = permute<To>(from.membraneDecay, layout);
  to.synapseDecay = permute<To>(from.synapseDecay, layout);
  to.gain = permute<To>(from.gain, layout);
  to.inputWeight = permute<To>(from.inputWeight, layout);
  to.leak = permute<To>(from.leak, layout);
  to.threshold = permute<To>(from.threshold, layout);
  to.resetValue = permute<To>(from.resetValue, layout);
  to.initial = permute<To>(from.initial, layout);
  to.stateBits = from.stateBits;
  to.decayBits = from.decayBits;
  to.rounding = from.rounding;
  to.overflow = from.overflow;
  return to;
}

/// Whether 32-bit states with 64-bit sums compute what 64-bit states with
/// 128-bit sums do.
static bool fitsNarrow(const Membrane<int64_t> &m) {
  auto within = [](const Parameter<int64_t> &p, int64_t most) {
    return llvm::all_of(p.values,
                        [&](int64_t v) { return v <= most && v >= -most; });
  };
  int64_t most = std::numeric_limits<int32_t>::max();
  // |decayed| < 2^(33 + 28), gain·input < 2^(24 + 31): their sum fits 64 bits.
  return m.stateBits <= 32 && m.decayBits <= 28 && m.maxSpikes <= (1 << 20) &&
         within(m.gain, 1 << 24) && within(m.inputWeight, 1 << 24) &&
         within(m.leak, most) && within(m.threshold, most) &&
         within(m.resetValue, most) && within(m.initial, most) &&
         within(m.membraneDecay, most) && within(m.synapseDecay, most) &&
         within(m.bias, most) && (!m.floor || std::abs(*m.floor) <= most) &&
         (!m.ceiling || std::abs(*m.ceiling) <= most);
}

/// Whether the vectorised kernels know the population.
template <typename T> static bool isSimple(const Membrane<T> &m) {
  bool simple = m.fires && !m.stateless && !m.hasSynapse && m.maxSpikes == 1 &&
                m.refractory.isAll(0) && m.order == Order::IntegrateThenFire &&
                m.reset != Reset::SubtractResidual && !m.ceiling;
  // Kernels hold the membrane above its floor once, after the comparison.
  if (m.floor)
    simple &= llvm::all_of(m.threshold.values,
                           [&](T threshold) { return threshold > *m.floor; });
  if constexpr (std::is_same_v<T, float>)
    return simple;
  else {
    simple &=
        m.gain.isAll(1) && (m.overflow == Overflow::Wrap || m.stateBits <= 30);
    if (m.decay == DecayKind::None)
      return simple;
    // With 15 bits, products of what is below them fit 32; v_reset stays within
    // the state, so that |v| does.
    T most = T(1) << std::min(m.stateBits - 1, 30u);
    return simple && m.decay == DecayKind::Fixed && m.decayBits <= 15 &&
           m.stateBits <= 30 && m.leak.isAll(0) &&
           m.membraneDecay.isUniform() &&
           llvm::all_of(m.resetValue.values,
                        [&](T v) { return v < most && v >= -most; }) &&
           llvm::all_of(m.initial.values,
                        [&](T v) { return v < most && v >= -most; }) &&
           (!m.floor || *m.floor < most) &&
           (m.rounding == Rounding::Floor ||
            m.rounding == Rounding::TowardZero);
  }
}

template <typename T>
static void fillSimple(const Membrane<T> &m, int64_t count,
                       const std::vector<T> &zero, kernels::Simple<T> &s) {
  s.count = count;
  s.threshold = m.threshold.values.data();
  s.uniformThreshold = m.threshold.isUniform();
  bool toValue = m.reset == Reset::Value;
  s.resetValue = toValue ? m.resetValue.values.data() : zero.data();
  s.uniformReset = !toValue || m.resetValue.isUniform();
  s.orEqual = m.compare == Compare::GreaterEqual;
  s.subtracts = m.reset == Reset::Subtract;
  s.hasFloor = m.floor.has_value();
  s.floor = m.floor.value_or(0);
  s.bits = m.stateBits;
  s.saturates = m.overflow == Overflow::Saturate;
  if constexpr (std::is_same_v<T, float>) {
    s.decays = m.decay != DecayKind::None;
    s.decay = m.membraneDecay.values.data();
    s.uniformDecay = m.membraneDecay.isUniform();
    s.leak = m.leak.values.data();
    s.uniformLeak = m.leak.isUniform();
    s.gain = m.gain.values.data();
    s.uniformGain = m.gain.isUniform();
  } else if (m.decay == DecayKind::Fixed && m.decayBits <= 15) {
    s.decaysFloor = m.rounding == Rounding::Floor;
    s.decaysTowardZero = m.rounding == Rounding::TowardZero;
    s.decayBits = m.decayBits;
    s.keep = (T(1) << m.decayBits) - m.membraneDecay[0];
  }
}

/// Whether kernels::stepLeaky knows the population.
static bool isLeaky(const Membrane<int32_t> &m) {
  int32_t most = int32_t(1) << std::min(m.stateBits - 1, 30u);
  auto inside = [&](int32_t value) { return value < most && value >= -most; };
  auto insideAll = [&](const Parameter<int32_t> &p) {
    return llvm::all_of(p.values, inside);
  };
  bool decays = m.decay == DecayKind::Fixed;
  return m.fires && !m.stateless && m.receptors == 1 && m.alias.empty() &&
         m.maxSpikes == 1 && m.refractory.isAll(0) &&
         m.order != Order::WithinStep && m.reset != Reset::SubtractResidual &&
         m.synapseOrder == SynapseOrder::DecayThenAdd &&
         m.overflow == Overflow::Wrap && m.stateBits <= 30 &&
         (m.decay == DecayKind::None || decays) && m.decayBits <= 15 &&
         m.gain.isAll(1) && m.inputWeight.isAll(1) && m.leak.isAll(0) &&
         m.membraneDecay.isUniform() && m.synapseDecay.isUniform() &&
         (!decays || m.rounding == Rounding::Floor ||
          m.rounding == Rounding::TowardZero) &&
         insideAll(m.initial) && insideAll(m.resetValue) &&
         insideAll(m.threshold) && (!m.floor || inside(*m.floor)) &&
         (!m.ceiling || (inside(*m.ceiling) && m.floor && m.hasSynapse));
}

static void fillLeaky(const Membrane<int32_t> &m, int64_t count,
                      FastNode &own) {
  kernels::Leaky &p = own.leaky;
  p.count = count;
  p.bits = m.stateBits;
  p.decayBits = m.decayBits;
  p.towardZero = m.rounding == Rounding::TowardZero;
  int32_t whole = int32_t(1) << m.decayBits;
  bool decays = m.decay == DecayKind::Fixed;
  p.keep = decays ? whole - m.membraneDecay[0] : whole;
  p.synapseKeep = decays ? whole - m.synapseDecay[0] : whole;
  p.hasSynapse = m.hasSynapse;
  p.firesOnOld = m.order == Order::FireOnOld;
  p.orEqual = m.compare == Compare::GreaterEqual;
  p.subtracts = m.reset == Reset::Subtract;
  p.hasFloor = m.floor.has_value();
  p.floor = m.floor.value_or(0);
  p.isBounded = m.floor && m.ceiling;
  p.ceiling = m.ceiling.value_or(0);
  bool toValue = m.reset == Reset::Value;
  p.threshold = m.threshold.values.data();
  p.resetValue = toValue ? m.resetValue.values.data() : own.resets.data();
  p.uniform = m.threshold.isUniform() && (!toValue || m.resetValue.isUniform());
  if (!m.hasBias)
    return;
  own.leakyBias = m.bias.values;
  if (m.bias.isUniform())
    own.leakyBias.assign(count, m.bias[0]);
  p.bias = own.leakyBias.data();
}

void Builder::buildMembrane(const Node &node, FastNode &own) {
  const FastValue &out = fast.values[node.output];
  if (node.isOrdered()) { // runs on the plan's own parameters
    own.state = node.isFloat ? Storage::F32 : Storage::I64;
    return;
  }
  // Vectorised kernels write bytes.
  bool bytes = out.storage == Storage::U8;
  if (node.isFloat) {
    own.state = Storage::F32;
    own.floatMembrane = permute<float>(node.floatMembrane, *out.layout);
    own.isSimple = bytes && isSimple(own.floatMembrane);
    fillSimple(own.floatMembrane, out.elements, own.floatResets,
               own.simpleFloat);
    return;
  }
  bool narrow = fitsNarrow(node.intMembrane);
  for (int input : node.inputs)
    narrow &= fast.values[input].storage == Storage::I32;
  if (!narrow) {
    own.state = Storage::I64;
    own.membrane64 = permute<int64_t>(node.intMembrane, *out.layout);
    return;
  }
  own.state = Storage::I32;
  own.membrane32 = permute<int32_t>(node.intMembrane, *out.layout);
  own.isSimple = bytes && isSimple(own.membrane32);
  own.isLeaky = bytes && !own.isSimple && isLeaky(own.membrane32);
  // Where one of the two differs by neuron, both are arrays.
  Membrane<int32_t> &m = own.membrane32;
  bool toValue = m.reset == Reset::Value;
  if (!m.threshold.isUniform() || (toValue && !m.resetValue.isUniform())) {
    auto spread = [&](std::vector<int32_t> &values) {
      if (values.size() == 1)
        values.resize(out.elements, values[0]);
    };
    spread(m.threshold.values);
    spread(m.resetValue.values);
    own.resets.assign(out.elements, 0);
  }
  fillSimple(own.membrane32, out.elements, own.resets, own.simple32);
  if (own.isLeaky)
    fillLeaky(own.membrane32, out.elements, own);
}

void Builder::buildMaxPool(const Node &node, FastNode &own) {
  own.channels = plan.values[node.output].shape[0];
  own.offsets.push_back(0);
  for (int64_t t = 0; t < node.window.targets(); ++t) {
    node.window.forEach(
        t, [&](int64_t, int64_t s) { own.positions.push_back(int32_t(s)); });
    own.offsets.push_back(int64_t(own.positions.size()));
  }
}

void Builder::buildView(const Node &node, FastNode &own) {
  const FastValue &out = fast.values[node.output];
  const View &view = node.view;
  own.index.resize(out.elements);
  bool copies = node.inputs.size() == 1 &&
                fast.values[node.inputs[0]].elements == out.elements;
  if (!view.from.empty())
    own.from.resize(out.elements);
  for (int64_t j = 0; j < out.elements; ++j) {
    int64_t row = out.layout->rowMajor(j);
    int from = view.from.empty() ? 0 : view.from[row];
    if (!view.from.empty())
      own.from[j] = from;
    int64_t index = view.index[row];
    if (index >= 0)
      index = fast.values[node.inputs[from]].layout->channelLast(index);
    own.index[j] = int32_t(index);
    copies &= index == j;
  }
  if (copies)
    own.index.clear();
}

void Builder::run() {
  for (const ValueInfo &info : plan.values)
    addValue(info);
  for (int value : plan.populationValues)
    fast.values[value].needsEvents = true;
  for (const Node &node : plan.nodes) {
    if (node.kind == NodeKind::Connection)
      fast.values[node.inputs[0]].needsEvents = true;
  }
  fast.nodes.resize(plan.nodes.size());
  for (auto [node, own] : llvm::zip(plan.nodes, fast.nodes)) {
    const FastValue &out = fast.values[node.output];
    switch (node.kind) {
    case NodeKind::Port:
    case NodeKind::Input:
    case NodeKind::Relu:
      break;
    case NodeKind::Connection: {
      if (node.isDelivered)
        break;
      const ValueInfo &source = plan.values[node.inputs[0]];
      own.connection = std::make_unique<FastConnection>();
      bool binary = !source.isCurrent && source.payload.isBinary;
      if (node.synapses.isFloat && !source.isCurrent &&
          source.payload.isQuantised)
        own.connection->scale = source.payload.scale;
      buildScatter(node.synapses, node.fanOut,
                   *fast.values[node.inputs[0]].layout, *out.layout, binary,
                   *own.connection);
      break;
    }
    case NodeKind::Membrane:
      buildMembrane(node, own);
      break;
    case NodeKind::SigmaDelta: {
      const Layout &layout = *out.layout;
      if (node.isFloat) {
        own.floatSigma = node.floatSigma;
        own.floatSigma.threshold =
            permute<float>(node.floatSigma.threshold, layout);
        own.floatSigma.bias = permute<float>(node.floatSigma.bias, layout);
      } else {
        own.state = Storage::I64;
        own.intSigma = node.intSigma;
        own.intSigma.threshold =
            permute<int64_t>(node.intSigma.threshold, layout);
        own.intSigma.bias = permute<int64_t>(node.intSigma.bias, layout);
      }
      break;
    }
    case NodeKind::MaxPool:
      buildMaxPool(node, own);
      break;
    case NodeKind::View:
      buildView(node, own);
      break;
    case NodeKind::Delay:
      own.delays.resize(node.delays.size());
      for (size_t j = 0; j < node.delays.size(); ++j)
        own.delays[j] = node.delays[out.layout->rowMajor(j)];
      break;
    }
  }
}

std::shared_ptr<const FastPlan>
exec::makeFastPlan(std::shared_ptr<const Plan> plan) {
  auto fast = std::make_shared<FastPlan>();
  fast->plan = plan;
  Builder(*fast, *plan).run();
  return fast;
}
