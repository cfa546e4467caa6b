//===- Reference.cpp - Step by step through the pure functions ------------===//

#include "Plan.h"
#include "Readout.h"

using namespace nmc;
using namespace nmc::exec;

Engine::~Engine() = default;

//===----------------------------------------------------------------------===//
// State
//===----------------------------------------------------------------------===//

/// Membranes at `v_init`, no synaptic current, no refractory time.
template <typename NodeState>
static void clearNeurons(const Node &node, int64_t elements, NodeState &own) {
  own.v.resize(node.isFloat, elements);
  own.i.resize(node.isFloat, elements * node.receptorCount());
  own.rest.assign(elements, 0);
  if (node.kind != NodeKind::Membrane)
    return;
  for (int64_t n = 0; n < elements; ++n) {
    if (node.isFloat)
      own.v.floats[n] = node.floatMembrane.initial[n];
    else
      own.v.ints[n] = node.intMembrane.initial[n];
  }
}

State Program::makeState() const {
  State state;
  state.plan = plan;
  state.nodes.resize(plan->nodes.size());
  state.values.resize(plan->values.size());
  for (auto [tensor, info] : llvm::zip(state.values, plan->values))
    tensor.resize(info.payload.isFloat, info.elements);
  for (auto [own, node] : llvm::zip(state.nodes, plan->nodes)) {
    const ValueInfo &info = plan->values[node.output];
    own.ring.resize(node.delay);
    for (Tensor &frame : own.ring)
      frame.resize(info.payload.isFloat, info.elements);
    if (node.kind == NodeKind::Membrane || node.kind == NodeKind::SigmaDelta ||
        node.kind == NodeKind::Relu)
      clearNeurons(node, info.elements, own);
  }
  return state;
}

const Tensor *State::membrane(StringRef population) const {
  for (auto [info, node] : llvm::zip(plan->populations, plan->populationNodes))
    if (info.name == population)
      return nodes[node].v.size() ? &nodes[node].v : nullptr;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Step
//===----------------------------------------------------------------------===//

namespace {
template <typename T> auto &valuesOf(Tensor &tensor) {
  if constexpr (std::is_same_v<T, float>)
    return tensor.floats;
  else
    return tensor.ints;
}
template <typename T> const auto &valuesOf(const Tensor &tensor) {
  if constexpr (std::is_same_v<T, float>)
    return tensor.floats;
  else
    return tensor.ints;
}

/// What moves a State on.
class Stepper {
public:
  Stepper(const Plan &plan, std::vector<Tensor> &values, int64_t step)
      : plan(plan), values(values), step(step) {}

  template <typename NodeState> void run(const Node &node, NodeState &own);

private:
  /// The sum of a population's drives, in operand order.
  template <typename T> std::vector<T> sumDrives(const Node &node) {
    std::vector<T> sum(plan.values[node.output].elements, T(0));
    for (auto [k, input] : llvm::enumerate(node.inputs))
      for (auto [total, x] : llvm::zip(sum, valuesOf<T>(values[input])))
        total = k == 0 ? x : add<T>(total, x);
    if constexpr (!std::is_same_v<T, float>)
      if (node.inputs.size() > 1)
        for (T &total : sum)
          total = wrap<T>(total, node.driveBits);
    return sum;
  }

  template <typename T, typename NodeState>
  void runMembrane(const Membrane<T> &m, const Node &node, NodeState &own);
  template <typename T, typename NodeState>
  void runOrdered(const Membrane<T> &m, const Node &node, NodeState &own);
  template <typename T, typename NodeState>
  void runSigmaDelta(const SigmaDelta<T> &p, const Node &node, NodeState &own);
  template <typename NodeState> void runRelu(const Node &node, NodeState &own);
  template <typename T> void runView(const Node &node);
  template <typename NodeState> void runDelay(const Node &node, NodeState &own);
  void runConnection(const Node &node);
  void runInput(const Node &node);

  Tensor &output(const Node &node) { return values[node.output]; }
  void set(Tensor &tensor, int64_t n, double value) {
    if (tensor.isFloat)
      tensor.floats[n] = float(value);
    else
      tensor.ints[n] = int64_t(value);
  }

  const Plan &plan;
  std::vector<Tensor> &values;
  int64_t step;
};
} // namespace

void Stepper::runInput(const Node &node) {
  const Tensor &port = values[node.inputs[0]];
  Tensor &out = output(node);
  if (!out.isFloat || port.isFloat) {
    out = port;
    // Counts above what the events hold are cut.
    for (int64_t &count : out.ints)
      count = std::min(count, plan.values[node.output].payload.high);
    return;
  }
  const Payload &payload = plan.values[node.inputs[0]].payload;
  for (int64_t n = 0; n < port.size(); ++n)
    out.floats[n] = toFloat(payload, port.ints[n]);
}

void Stepper::runConnection(const Node &node) {
  const Connection &c = node.synapses;
  if (node.isDelivered)
    return;
  const Tensor &source = values[node.inputs[0]];
  Tensor &target = output(node);
  if (!c.isFloat)
    return evaluate(c, step == 0, source.ints, target.ints);
  if (source.isFloat)
    return evaluate(c, step == 0, source.floats, target.floats);
  const Payload &payload = plan.values[node.inputs[0]].payload;
  std::vector<float> real(source.size());
  for (int64_t n = 0; n < source.size(); ++n)
    real[n] = toFloat(payload, source.ints[n]);
  evaluate(c, step == 0, real, target.floats);
}

template <typename T, typename NodeState>
void Stepper::runOrdered(const Membrane<T> &m, const Node &node,
                         NodeState &own) {
  SmallVector<DriveInput<T>, 4> drives(node.inputs.size());
  for (size_t k = 0; k < drives.size(); ++k) {
    drives[k].receptor = node.receptors.empty() ? 0 : node.receptors[k];
    drives[k].current = valuesOf<T>(values[node.inputs[k]]);
    if (node.deliveries.empty())
      continue;
    drives[k].delivery = node.deliveries[k].get();
    drives[k].events = values[node.eventValues[k]].ints;
  }
  std::vector<T> events(plan.values[node.output].elements, T(0));
  own.updates += stepOrdered<T>(m, drives, valuesOf<T>(own.v),
                                valuesOf<T>(own.i), own.rest, events);
  Tensor &out = output(node);
  for (size_t n = 0; n < events.size(); ++n)
    set(out, n, events[n]);
}

template <typename T, typename NodeState>
void Stepper::runMembrane(const Membrane<T> &m, const Node &node,
                          NodeState &own) {
  if (m.isOrdered())
    return runOrdered(m, node, own);
  std::vector<T> x = sumDrives<T>(node);
  auto &v = valuesOf<T>(own.v), &i = valuesOf<T>(own.i);
  Tensor &out = output(node);
  for (size_t n = 0; n < x.size(); ++n) {
    bool driven = x[n] != 0 || (m.hasSynapse && i[n] != 0);
    T current = i[n];
    int64_t spikes = stepNeuron<T>(m, n, x[n], v[n], current, own.rest[n]);
    i[n] = m.hasSynapse ? current : x[n];
    own.updates += driven || spikes;
    if (m.fires)
      set(out, n, double(spikes));
    else
      valuesOf<T>(out)[n] = v[n];
  }
}

template <typename T, typename NodeState>
void Stepper::runSigmaDelta(const SigmaDelta<T> &p, const Node &node,
                            NodeState &own) {
  std::vector<T> x = sumDrives<T>(node);
  auto &ref = valuesOf<T>(own.v), &s = valuesOf<T>(own.i);
  for (size_t n = 0; n < x.size(); ++n) {
    T event = stepSigmaDelta<T>(p, n, x[n], s[n], ref[n]);
    own.updates += x[n] != 0 || event != 0;
    valuesOf<T>(output(node))[n] = event;
  }
}

template <typename NodeState>
void Stepper::runRelu(const Node &node, NodeState &own) {
  Tensor &out = output(node);
  if (node.isFloat) {
    own.i.floats = sumDrives<float>(node);
    for (size_t n = 0; n < own.i.floats.size(); ++n)
      out.floats[n] = relu(node.relu, own.i.floats[n]);
    return;
  }
  own.i.ints = sumDrives<int64_t>(node);
  for (size_t n = 0; n < own.i.ints.size(); ++n)
    out.ints[n] = requantise(node.relu, int32_t(own.i.ints[n]));
}

template <typename T> void Stepper::runView(const Node &node) {
  auto &out = valuesOf<T>(output(node));
  const View &view = node.view;
  for (size_t j = 0; j < out.size(); ++j) {
    int from = view.from.empty() ? 0 : view.from[j];
    out[j] = view.index[j] < 0
                 ? T(0)
                 : valuesOf<T>(values[node.inputs[from]])[view.index[j]];
  }
}

/// Emits what was taken up `delay` steps ago.
template <typename NodeState>
void Stepper::runDelay(const Node &node, NodeState &own) {
  Tensor &out = output(node);
  if (node.delays.empty()) {
    out = own.ring[step % node.delay];
    return;
  }
  for (int64_t n = 0; n < out.size(); ++n) {
    // Slot s % delay holds the step s, of the last `delay` steps.
    int64_t slot = (step + node.delay - node.delays[n]) % node.delay;
    if (out.isFloat)
      out.floats[n] = own.ring[slot].floats[n];
    else
      out.ints[n] = own.ring[slot].ints[n];
  }
}

template <typename NodeState>
void Stepper::run(const Node &node, NodeState &own) {
  if (node.clearsBefore(step))
    clearNeurons(node, plan.values[node.output].elements, own);
  switch (node.kind) {
  case NodeKind::Port:
    return;
  case NodeKind::Input:
    return runInput(node);
  case NodeKind::Connection:
    return runConnection(node);
  case NodeKind::View:
    return node.isFloat ? runView<float>(node) : runView<int64_t>(node);
  case NodeKind::Delay:
    return runDelay(node, own);
  case NodeKind::MaxPool: {
    int64_t channels = plan.values[node.output].shape[0];
    const Tensor &source = values[node.inputs[0]];
    Tensor &out = output(node);
    if (out.isFloat)
      return maxPool<float>(node.window, channels, source.floats, out.floats);
    return maxPool<int64_t>(node.window, channels, source.ints, out.ints);
  }
  case NodeKind::Relu:
    return runRelu(node, own);
  case NodeKind::SigmaDelta:
    if (node.isFloat)
      runSigmaDelta(node.floatSigma, node, own);
    else
      runSigmaDelta(node.intSigma, node, own);
    break;
  case NodeKind::Membrane:
    if (node.isFloat)
      runMembrane(node.floatMembrane, node, own);
    else
      runMembrane(node.intMembrane, node, own);
    break;
  }
}

std::vector<Tensor> Program::step(State &state, ArrayRef<Tensor> in) const {
  for (auto [value, tensor] : llvm::zip(plan->portValues, in))
    state.values[value] = tensor;
  Stepper stepper(*plan, state.values, state.stepsDone);
  for (const Component &component : plan->components)
    for (int n : component.nodes)
      stepper.run(plan->nodes[n], state.nodes[n]);
  for (auto [node, own] : llvm::zip(plan->nodes, state.nodes))
    if (node.kind == NodeKind::Delay)
      own.ring[state.stepsDone % node.delay] = state.values[node.inputs[0]];
  ++state.stepsDone;
  std::vector<Tensor> out;
  for (int value : plan->outputValues)
    out.push_back(state.values[value]);
  return out;
}

//===----------------------------------------------------------------------===//
// Engine
//===----------------------------------------------------------------------===//

namespace nmc::exec {
class ReferenceEngine : public Engine {
public:
  explicit ReferenceEngine(std::shared_ptr<const Plan> shared)
      : plan(std::move(shared)) {
    program.plan = plan;
  }

  void run(int64_t sample, ArrayRef<EncodedPort> ports, bool keepState,
           Sink &sink, Tally &tally) override;

private:
  std::shared_ptr<const Plan> plan;
  Program program;
  std::optional<State> state;
};
} // namespace nmc::exec

/// The frame of one port in one step.
static Tensor makeFrame(const EncodedPort &port, const StreamInfo &info,
                        int64_t step) {
  switch (port.encoding) {
  case spike::Encoding::Constant:
    return port.values;
  case spike::Encoding::Graded: {
    if (step == 0)
      return port.values;
    Tensor silent;
    silent.resize(info.payload.isFloat, info.elements);
    return silent;
  }
  case spike::Encoding::Rate: {
    Tensor frame;
    frame.resize(info.payload.isFloat, info.elements);
    for (int64_t n = 0; n < info.elements; ++n) {
      int64_t spikes = countRateSpikes(port.rates[n], step) -
                       countRateSpikes(port.rates[n], step - 1);
      if (frame.isFloat)
        frame.floats[n] = float(spikes);
      else
        frame.ints[n] = spikes;
    }
    return frame;
  }
  case spike::Encoding::Events: {
    Tensor frame;
    frame.isFloat = info.payload.isFloat;
    auto cut = [&](auto &from, auto &to) {
      auto begin = from.begin() + step * info.elements;
      to.assign(begin, begin + info.elements);
    };
    if (frame.isFloat)
      cut(port.values.floats, frame.floats);
    else
      cut(port.values.ints, frame.ints);
    return frame;
  }
  }
  return {};
}

void ReferenceEngine::run(int64_t sample, ArrayRef<EncodedPort> ports,
                          bool keepState, Sink &sink, Tally &tally) {
  if (!state || !keepState)
    state = program.makeState();
  OutputReader reader(*plan, sink, sample);
  std::vector<uint64_t> events(plan->populations.size(), 0);
  std::vector<uint64_t> updatesBefore;
  for (int node : plan->populationNodes)
    updatesBefore.push_back(state->nodes[node].updates);

  for (int64_t t = 0; t < sink.steps; ++t) {
    std::vector<Tensor> in;
    for (auto [port, info] : llvm::zip(ports, plan->ports))
      in.push_back(makeFrame(port, info, t));
    program.step(*state, in);

    for (auto [p, node] : llvm::enumerate(plan->populationNodes)) {
      const Tensor &out = state->values[plan->populationValues[p]];
      Tally::Population &counts = tally.populations[p];
      uint64_t fired = 0;
      for (int64_t n = 0; n < out.size(); ++n) {
        if (out.isFloat ? out.floats[n] == 0 : out.ints[n] == 0)
          continue;
        ++counts.counts[n];
        ++fired;
        if (sink.options.bitmaps)
          sink.result.activity.populations[p].bitmaps->set(sample, t, n);
      }
      events[p] += fired;
      counts.stepTotals[t] += fired;
      counts.stepMaxima[t] = std::max(counts.stepMaxima[t], fired);
      const State::NodeState &own = state->nodes[node];
      reader.record(p, Quantity::Spikes, t,
                    [&](int64_t n) { return out.get(n); });
      reader.record(p, Quantity::Membrane, t,
                    [&](int64_t n) { return own.v.get(n); });
      for (int64_t r = 0; r < plan->nodes[node].receptorCount(); ++r)
        reader.record(
            p, Quantity::Current, t,
            [&](int64_t n) { return own.i.get(r * out.size() + n); }, r);
    }
    for (const Node &node : plan->nodes) {
      if (node.kind != NodeKind::Connection)
        continue;
      const Tensor &source = state->values[node.inputs[0]];
      for (int64_t n = 0; n < source.size(); ++n)
        if (source.isFloat ? source.floats[n] != 0 : source.ints[n] != 0)
          tally.effective[node.connection] += node.fanOut.effective[n];
    }
    for (auto [o, value] : llvm::enumerate(plan->outputValues)) {
      const Tensor &out = state->values[value];
      reader.observe(o, t, [&](int64_t n) { return out.get(n); });
    }
    reader.finishStep(t, events, tally);
  }
  for (auto [p, total] : llvm::enumerate(events)) {
    sink.result.activity.populations[p].sampleTotals[sample] = total;
    tally.populations[p].updates +=
        state->nodes[plan->populationNodes[p]].updates - updatesBefore[p];
  }
}

std::unique_ptr<Engine>
exec::makeReferenceEngine(std::shared_ptr<const Plan> plan) {
  return std::make_unique<ReferenceEngine>(std::move(plan));
}
