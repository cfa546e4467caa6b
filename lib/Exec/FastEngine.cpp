//===- FastEngine.cpp - Event-driven, many steps at once ------------------===//
//
// Components of the plan run one after the other, each for a chunk of steps, so
// that the weights of one layer stay in the cache for all of them; a recurrent
// component is one that holds several layers, and steps through them.  Streams
// are frames of bytes or words in channel-last order, one per step of the
// chunk, with the list of elements that are not silent beside them; currents
// are needed for one step only.  What depends on constant inputs alone is
// computed once.
//
//===----------------------------------------------------------------------===//

#include "FastEngine.h"

#include <cstring>

using namespace nmc;
using namespace nmc::exec;

//===----------------------------------------------------------------------===//
// Setting up
//===----------------------------------------------------------------------===//

void FastEngine::prepare(int64_t steps) {
  started = true;
  chunkSize = fast->chunk(steps);
  values.resize(fast->values.size());
  for (auto [state, value] : llvm::zip(values, fast->values)) {
    int64_t slots = value.isCurrent ? 1 : chunkSize;
    state.buffer.allocate(value.elements * getStorageBytes(value.storage),
                          slots);
    if (!value.needsEvents)
      continue;
    state.events.room = value.elements;
    state.events.indices.reset(new int32_t[value.elements * slots]);
    state.events.first.assign(slots, 0);
  }
  nodes.resize(plan.nodes.size());
  for (auto [state, node, own] : llvm::zip(nodes, plan.nodes, fast->nodes)) {
    const FastValue &out = fast->values[node.output];
    if (node.delay)
      state.ring.allocate(out.elements * getStorageBytes(out.storage),
                          node.delay);
    switch (node.kind) {
    case NodeKind::Connection:
      if (!node.isDelivered)
        state.sums.allocate(out.elements * getStorageBytes(own.connection->sum),
                            1);
      break;
    case NodeKind::Membrane:
    case NodeKind::SigmaDelta:
    case NodeKind::Relu:
      state.sums.allocate(out.elements * 8, 1);
      break;
    default:
      break;
    }
  }
  counts.resize(plan.populations.size());
  for (auto [count, info] : llvm::zip(counts, plan.populations))
    count.assign(info.elements, 0);
}

/// What is the same in every step: constant ports and what follows from them
/// without state.
void FastEngine::findInvariants(ArrayRef<EncodedPort> ports) {
  for (ValueState &value : values)
    value.invariant = false;
  for (auto [value, port] : llvm::zip(plan.portValues, ports))
    values[value].invariant = port.encoding == spike::Encoding::Constant;
  for (const Component &component : plan.components)
    for (int n : component.nodes) {
      const Node &node = plan.nodes[n];
      if (node.kind == NodeKind::Port) {
        nodes[n].invariant = values[node.output].invariant;
        continue;
      }
      bool invariant = node.kind != NodeKind::Membrane &&
                       node.kind != NodeKind::SigmaDelta &&
                       node.kind != NodeKind::Delay && node.delay == 0 &&
                       !node.synapses.noBiasAtZero;
      for (int input : node.inputs)
        invariant &= values[input].invariant;
      nodes[n].invariant = values[node.output].invariant = invariant;
    }
}

void FastEngine::resetState() {
  stepsBefore = 0;
  for (size_t n = 0; n < nodes.size(); ++n) {
    llvm::fill(nodes[n].ring.words, 0);
    NodeKind kind = plan.nodes[n].kind;
    if (kind == NodeKind::Membrane || kind == NodeKind::SigmaDelta)
      clearNeurons(n);
  }
}

/// Membranes at `v_init`, no synaptic current, no refractory time.
void FastEngine::clearNeurons(int n) {
  const Node &node = plan.nodes[n];
  const FastNode &own = fast->nodes[n];
  NodeState &state = nodes[n];
  int64_t elements = fast->values[node.output].elements;
  state.rest.assign(elements, 0);
  auto fill = [&](auto &v, auto &i, const auto &membrane) {
    v.assign(elements, 0);
    i.assign(elements * node.receptorCount(), 0);
    if (node.kind == NodeKind::Membrane)
      for (int64_t e = 0; e < elements; ++e)
        v[e] = membrane.initial[e];
  };
  // Ordered ones are row-major, as the plan's parameters are.
  if (node.isOrdered() && node.isFloat)
    fill(state.vF, state.iF, node.floatMembrane);
  else if (node.isOrdered())
    fill(state.v64, state.i64, node.intMembrane);
  else if (own.state == Storage::F32)
    fill(state.vF, state.iF, own.floatMembrane);
  else if (own.state == Storage::I32)
    fill(state.v32, state.i32, own.membrane32);
  else
    fill(state.v64, state.i64, own.membrane64);
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

void FastEngine::runPort(const Node &node, int64_t t) {
  size_t k = llvm::find(plan.portValues, node.output) - plan.portValues.begin();
  const EncodedPort &port = portData[k];
  const FastValue &value = fast->values[node.output];
  int64_t first =
      port.encoding == spike::Encoding::Events ? t * value.elements : 0;
  withType(value.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    T *out = frameOf<T>(node.output, t);
    if (port.encoding == spike::Encoding::Graded && t > 0) {
      std::fill_n(out, value.elements, T(0));
      return;
    }
    auto fill = [&](auto get) {
      for (int64_t n = 0; n < value.elements; ++n)
        out[n] = T(get(value.layout->rowMajor(n)));
    };
    if (port.encoding == spike::Encoding::Rate)
      fill([&](int64_t at) {
        return countRateSpikes(port.rates[at], t) -
               countRateSpikes(port.rates[at], t - 1);
      });
    else if (port.values.isFloat)
      fill([from = port.values.floats.data() + first](int64_t at) {
        return from[at];
      });
    else
      fill([from = port.values.ints.data() + first](int64_t at) {
        return from[at];
      });
  });
}

void FastEngine::runInput(const Node &node, int64_t t) {
  int input = node.inputs[0];
  const FastValue &from = fast->values[input], &to = fast->values[node.output];
  int64_t most = plan.values[node.output].payload.high;
  bool cuts = !plan.values[input].payload.isFloat &&
              plan.values[input].payload.high > most;
  if (from.storage == to.storage && !cuts) {
    std::memcpy(frameOf<char>(node.output, t), frameOf<char>(input, t),
                to.elements * getStorageBytes(to.storage));
    return;
  }
  const Payload &payload = plan.values[input].payload;
  withType(from.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    if constexpr (!std::is_same_v<T, float>) {
      const T *in = frameOf<T>(input, t);
      if (to.storage != Storage::F32) { // counts into fewer bytes
        withType(to.storage, [&](auto *narrow) {
          using Out = std::remove_pointer_t<decltype(narrow)>;
          Out *out = frameOf<Out>(node.output, t);
          for (int64_t n = 0; n < to.elements; ++n)
            out[n] = Out(std::min<int64_t>(in[n], most));
        });
        return;
      }
      float *out = frameOf<float>(node.output, t);
      for (int64_t n = 0; n < to.elements; ++n)
        out[n] = toFloat(payload, in[n]);
    }
  });
}

template <typename Sum>
void FastEngine::runScatter(const Node &node, const FastConnection &c,
                            Sum *sums, const Sum *weights, int64_t t) {
  int input = node.inputs[0];
  std::memset(sums, 0, node.synapses.targets * sizeof(Sum));
  EventLists &events = values[input].events;
  int64_t slot = slotOf(input, t);
  withType(fast->values[input].storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    constexpr bool intoFloat = std::is_same_v<Sum, float>;
    constexpr bool known = std::is_same_v<Sum, int16_t>
                               ? std::is_same_v<T, uint8_t>
                               : !std::is_same_v<T, int16_t> &&
                                     (intoFloat || !std::is_same_v<T, float>);
    if constexpr (known) {
      const T *frame = c.binarySource ? nullptr : frameOf<T>(input, t);
      kernels::scatter<Sum, T>(c.synapses, weights, events.list(slot),
                               events.first[slot], frame, c.scale, sums);
    }
  });
}

void FastEngine::runConnection(int n, int64_t t) {
  const Node &node = plan.nodes[n];
  NodeState &own = nodes[n];
  int64_t targets = node.synapses.targets;
  int input = node.inputs[0];
  if (node.isDelivered) { // the population that it feeds takes up the events
    EventLists &events = values[input].events;
    int64_t slot = slotOf(input, t);
    own.operations = 0;
    for (int64_t k = 0; k < events.first[slot]; ++k)
      own.operations +=
          node.fanOut.effective[fast->values[input].layout->rowMajor(
              events.list(slot)[k])];
    return;
  }
  // Currents have no lists of their own.
  if (fast->values[input].isCurrent)
    withType(fast->values[input].storage, [&](auto *type) {
      using T = std::remove_pointer_t<decltype(type)>;
      if constexpr (!std::is_same_v<T, int16_t>) {
        EventLists &events = values[input].events;
        events.first[0] = kernels::findEvents<T>(
            frameOf<T>(input, t), fast->values[input].elements, events.list(0));
      }
    });
  const FastConnection &c = *fast->nodes[n].connection;
  EventLists &events = values[input].events;
  int64_t slot = slotOf(input, t);
  own.operations = kernels::sumFanOut(events.list(slot), events.first[slot],
                                      c.fanOut.data());

  bool biased = !(stepsBefore + t == 0 && node.synapses.noBiasAtZero);
  unsigned shift = node.synapses.shift, bits = node.synapses.bits;
  switch (c.sum) {
  case Storage::F32: {
    float *out = frameOf<float>(node.output, t);
    runScatter<float>(node, c, out, c.weightsF.data(), t);
    if (node.synapses.kind == ConnectionKind::SumPool)
      kernels::multiplyBy(out, c.factor, targets);
    if (!c.divisors.empty())
      kernels::divideBy(out, c.divisors.data(), targets);
    if (biased && !c.biasF.empty())
      kernels::addTo<float>(out, c.biasF.data(), targets);
    return;
  }
  case Storage::I16: {
    int16_t *sums = own.sums.frame<int16_t>(0);
    if (c.weights8.empty()) {
      runScatter<int16_t>(node, c, sums, c.weights16.data(), t);
    } else {
      std::memset(sums, 0, targets * sizeof(int16_t));
      kernels::scatterBytes(c.synapses, c.weights8.data(), events.list(slot),
                            events.first[slot], sums);
    }
    kernels::finishCurrent<int16_t, int32_t>(
        sums, targets, shift,
        biased && !c.bias32.empty() ? c.bias32.data() : nullptr, bits,
        frameOf<int32_t>(node.output, t));
    return;
  }
  case Storage::I32: {
    int32_t *sums = own.sums.frame<int32_t>(0);
    runScatter<int32_t>(node, c, sums, c.weights32.data(), t);
    kernels::finishCurrent<int32_t, int32_t>(
        sums, targets, shift,
        biased && !c.bias32.empty() ? c.bias32.data() : nullptr, bits,
        frameOf<int32_t>(node.output, t));
    return;
  }
  default: {
    int64_t *sums = own.sums.frame<int64_t>(0);
    runScatter<int64_t>(node, c, sums, c.weights64.data(), t);
    if (unsigned down = node.synapses.shiftDown)
      for (int64_t k = 0; k < targets; ++k)
        sums[k] >>= down;
    if (bits <= 32)
      return kernels::finishCurrent<int64_t, int32_t>(
          sums, targets, shift,
          biased && !c.bias32.empty() ? c.bias32.data() : nullptr, bits,
          frameOf<int32_t>(node.output, t));
    kernels::finishCurrent<int64_t, int64_t>(
        sums, targets, shift,
        biased && !c.bias64.empty() ? c.bias64.data() : nullptr, bits,
        frameOf<int64_t>(node.output, t));
    return;
  }
  }
}

/// The sum of a population's drives as T, in operand order.
template <typename T> const T *FastEngine::sumDrives(int n, int64_t t) {
  const Node &node = plan.nodes[n];
  Storage wanted = std::is_same_v<T, float>     ? Storage::F32
                   : std::is_same_v<T, int32_t> ? Storage::I32
                                                : Storage::I64;
  if (node.inputs.size() == 1 && fast->values[node.inputs[0]].storage == wanted)
    return frameOf<T>(node.inputs[0], t);
  int64_t elements = fast->values[node.output].elements;
  T *sums = nodes[n].sums.frame<T>(0);
  if (node.inputs.empty())
    std::memset(sums, 0, elements * sizeof(T));
  for (auto [k, input] : llvm::enumerate(node.inputs)) {
    if (fast->values[input].storage == wanted) {
      const T *x = frameOf<T>(input, t);
      if (k == 0)
        std::memcpy(sums, x, elements * sizeof(T));
      else
        kernels::addTo<T>(sums, x, elements);
      continue;
    }
    // 32-bit currents into a 64-bit state.
    const int32_t *x = frameOf<int32_t>(input, t);
    for (int64_t e = 0; e < elements; ++e)
      sums[e] = k == 0 ? T(x[e]) : add<T>(sums[e], T(x[e]));
  }
  if constexpr (!std::is_same_v<T, float>)
    if (node.inputs.size() > 1 && node.driveBits < 8 * sizeof(T))
      for (int64_t e = 0; e < elements; ++e)
        sums[e] = wrap<T>(sums[e], node.driveBits);
  return sums;
}

template <typename T>
void FastEngine::recordState(int n, const T *v, const T *i, int64_t t) {
  const Node &node = plan.nodes[n];
  const Layout &layout = *fast->values[node.output].layout;
  size_t p = node.population;
  if (v)
    recorder->record(p, Quantity::Membrane, t,
                     [&](int64_t e) { return v[layout.channelLast(e)]; });
  recorder->record(p, Quantity::Current, t,
                   [&](int64_t e) { return i[layout.channelLast(e)]; });
}

template <typename T>
void FastEngine::runMembrane(int n, const Membrane<T> &m, std::vector<T> &v,
                             std::vector<T> &i, int64_t t) {
  const Node &node = plan.nodes[n];
  const FastNode &own = fast->nodes[n];
  const FastValue &value = fast->values[node.output];
  const T *x = sumDrives<T>(n, t);
  uint64_t updates = 0;
  bool done = false;
  if (own.isSimple) {
    uint8_t *spikes = frameOf<uint8_t>(node.output, t);
    if constexpr (std::is_same_v<T, float>) {
      updates =
          kernels::stepSimple<float>(own.simpleFloat, x, v.data(), spikes);
      done = true;
    } else if constexpr (std::is_same_v<T, int32_t>) {
      updates = kernels::stepSimple<int32_t>(own.simple32, x, v.data(), spikes);
      done = true;
    }
  }
  if constexpr (std::is_same_v<T, int32_t>)
    if (own.isLeaky) {
      updates = kernels::stepLeaky(own.leaky, x, v.data(), i.data(),
                                   frameOf<uint8_t>(node.output, t));
      done = true;
    }
  if (!done)
    withType(value.storage, [&](auto *type) {
      using Out = std::remove_pointer_t<decltype(type)>;
      Out *out = frameOf<Out>(node.output, t);
      std::vector<int32_t> &rest = nodes[n].rest;
      for (int64_t e = 0; e < value.elements; ++e) {
        bool driven = x[e] != 0 || (m.hasSynapse && i[e] != 0);
        int64_t spikes = stepNeuron<T>(m, e, x[e], v[e], i[e], rest[e]);
        updates += driven || spikes;
        out[e] = m.fires ? Out(spikes) : Out(v[e]);
      }
    });
  counters->populations[node.population].updates += updates;
  recordState<T>(n, v.data(), m.hasSynapse ? i.data() : x, t);
}

/// Neurons that depend on each other's order run through the pure function, in
/// row-major order.
template <typename T>
void FastEngine::runOrdered(int n, const Membrane<T> &m, std::vector<T> &v,
                            std::vector<T> &i, int64_t t) {
  const Node &node = plan.nodes[n];
  const FastValue &value = fast->values[node.output];
  // What a value holds, as U in row-major order.
  auto read = [&](int from, auto *type) {
    using U = std::remove_pointer_t<decltype(type)>;
    const FastValue &source = fast->values[from];
    std::vector<U> result(source.elements);
    withType(source.storage, [&](auto *stored) {
      const auto *frame =
          frameOf<std::remove_pointer_t<decltype(stored)>>(from, t);
      for (int64_t e = 0; e < source.elements; ++e)
        result[source.layout->rowMajor(e)] = U(frame[e]);
    });
    return result;
  };
  SmallVector<DriveInput<T>, 4> drives(node.inputs.size());
  std::vector<std::vector<T>> currents(drives.size());
  std::vector<std::vector<int64_t>> events(drives.size());
  for (size_t k = 0; k < drives.size(); ++k) {
    drives[k].receptor = node.receptors.empty() ? 0 : node.receptors[k];
    if (node.deliveries.empty()) {
      currents[k] = read(node.inputs[k], (T *)nullptr);
      drives[k].current = currents[k];
      continue;
    }
    events[k] = read(node.eventValues[k], (int64_t *)nullptr);
    drives[k].delivery = node.deliveries[k].get();
    drives[k].events = events[k];
  }
  std::vector<T> sent(value.elements, T(0));
  counters->populations[node.population].updates +=
      stepOrdered<T>(m, drives, v, i, nodes[n].rest, sent);
  withType(value.storage, [&](auto *type) {
    using Out = std::remove_pointer_t<decltype(type)>;
    Out *out = frameOf<Out>(node.output, t);
    for (int64_t e = 0; e < value.elements; ++e)
      out[e] = Out(sent[value.layout->rowMajor(e)]);
  });
  size_t p = node.population;
  recorder->record(p, Quantity::Membrane, t, [&](int64_t e) { return v[e]; });
  for (int64_t r = 0; r < m.receptors; ++r)
    recorder->record(
        p, Quantity::Current, t,
        [&](int64_t e) { return i[r * value.elements + e]; }, r);
}

template <typename T>
void FastEngine::runSigmaDelta(int n, const SigmaDelta<T> &p, std::vector<T> &s,
                               std::vector<T> &ref, int64_t t) {
  const Node &node = plan.nodes[n];
  const FastValue &value = fast->values[node.output];
  const T *x = sumDrives<T>(n, t);
  uint64_t updates = 0;
  withType(value.storage, [&](auto *type) {
    using Out = std::remove_pointer_t<decltype(type)>;
    Out *out = frameOf<Out>(node.output, t);
    for (int64_t e = 0; e < value.elements; ++e) {
      T event = stepSigmaDelta<T>(p, e, x[e], s[e], ref[e]);
      updates += x[e] != 0 || event != 0;
      out[e] = Out(event);
    }
  });
  counters->populations[node.population].updates += updates;
  recordState<T>(n, ref.data(), s.data(), t);
}

void FastEngine::runRelu(int n, int64_t t) {
  const Node &node = plan.nodes[n];
  const FastValue &value = fast->values[node.output];
  if (node.isFloat) {
    const float *x = sumDrives<float>(n, t);
    float *out = frameOf<float>(node.output, t);
    for (int64_t e = 0; e < value.elements; ++e)
      out[e] = relu(node.relu, x[e]);
    return recordState<float>(n, nullptr, x, t);
  }
  const int32_t *x = sumDrives<int32_t>(n, t);
  withType(value.storage, [&](auto *type) {
    using Out = std::remove_pointer_t<decltype(type)>;
    Out *out = frameOf<Out>(node.output, t);
    const Relu relu = node.relu;
    for (int64_t e = 0; e < value.elements; ++e)
      out[e] = Out(requantise(relu, x[e]));
  });
  recordState<int32_t>(n, nullptr, x, t);
}

void FastEngine::runMaxPool(int n, int64_t t) {
  const Node &node = plan.nodes[n];
  const FastNode &own = fast->nodes[n];
  withType(fast->values[node.output].storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    if constexpr (!std::is_same_v<T, int16_t>) {
      const T *in = frameOf<T>(node.inputs[0], t);
      T *out = frameOf<T>(node.output, t);
      for (size_t p = 0; p + 1 < own.offsets.size(); ++p) {
        T *row = out + p * own.channels;
        if (own.offsets[p] == own.offsets[p + 1])
          std::memset(row, 0, own.channels * sizeof(T));
        for (int64_t k = own.offsets[p]; k < own.offsets[p + 1]; ++k)
          kernels::maxRow<T>(in + own.positions[k] * own.channels, row,
                             own.channels, k == own.offsets[p]);
      }
    }
  });
}

void FastEngine::runView(int n, int64_t t) {
  const Node &node = plan.nodes[n];
  const FastNode &own = fast->nodes[n];
  const FastValue &value = fast->values[node.output];
  if (own.index.empty()) {
    std::memcpy(frameOf<char>(node.output, t), frameOf<char>(node.inputs[0], t),
                value.elements * getStorageBytes(value.storage));
    return;
  }
  withType(value.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    T *out = frameOf<T>(node.output, t);
    SmallVector<const T *, 4> sources;
    for (int input : node.inputs)
      sources.push_back(frameOf<T>(input, t));
    for (int64_t j = 0; j < value.elements; ++j) {
      int32_t index = own.index[j];
      out[j] =
          index < 0 ? T(0) : sources[own.from.empty() ? 0 : own.from[j]][index];
    }
  });
}

void FastEngine::runDelay(int n, int64_t t) {
  const Node &node = plan.nodes[n];
  const FastNode &own = fast->nodes[n];
  const FastValue &value = fast->values[node.output];
  Buffer &ring = nodes[n].ring;
  int64_t step = stepsBefore + t;
  if (own.delays.empty()) {
    std::memcpy(frameOf<char>(node.output, t),
                ring.frame<char>(step % node.delay),
                value.elements * getStorageBytes(value.storage));
    return;
  }
  withType(value.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    T *out = frameOf<T>(node.output, t);
    for (int64_t e = 0; e < value.elements; ++e)
      out[e] =
          ring.frame<T>((step + node.delay - own.delays[e]) % node.delay)[e];
  });
}

/// A delay takes up its source once all nodes of the component have run.
void FastEngine::takeUp(int n, int64_t t) {
  const Node &node = plan.nodes[n];
  if (node.kind != NodeKind::Delay)
    return;
  const FastValue &value = fast->values[node.output];
  std::memcpy(nodes[n].ring.frame<char>((stepsBefore + t) % node.delay),
              frameOf<char>(node.inputs[0], t),
              value.elements * getStorageBytes(value.storage));
}

void FastEngine::runNode(int n, int64_t t) {
  const Node &node = plan.nodes[n];
  const FastNode &own = fast->nodes[n];
  NodeState &state = nodes[n];
  if (state.invariant && t > 0) {
    if (node.kind == NodeKind::Connection)
      counters->effective[node.connection] += state.operations;
    if (node.kind == NodeKind::Relu) {
      if (node.isFloat)
        recordState<float>(n, nullptr, sumDrives<float>(n, t), t);
      else
        recordState<int32_t>(n, nullptr, sumDrives<int32_t>(n, t), t);
    }
    return;
  }
  if (node.clearsBefore(stepsBefore + t))
    clearNeurons(n);
  switch (node.kind) {
  case NodeKind::Port:
    runPort(node, t);
    break;
  case NodeKind::Input:
    runInput(node, t);
    break;
  case NodeKind::Connection:
    runConnection(n, t);
    counters->effective[node.connection] += state.operations;
    return;
  case NodeKind::Membrane:
    if (node.isOrdered() && node.isFloat)
      runOrdered(n, node.floatMembrane, state.vF, state.iF, t);
    else if (node.isOrdered())
      runOrdered(n, node.intMembrane, state.v64, state.i64, t);
    else if (own.state == Storage::F32)
      runMembrane(n, own.floatMembrane, state.vF, state.iF, t);
    else if (own.state == Storage::I32)
      runMembrane(n, own.membrane32, state.v32, state.i32, t);
    else
      runMembrane(n, own.membrane64, state.v64, state.i64, t);
    break;
  case NodeKind::SigmaDelta:
    if (node.isFloat)
      runSigmaDelta(n, own.floatSigma, state.iF, state.vF, t);
    else
      runSigmaDelta(n, own.intSigma, state.i64, state.v64, t);
    break;
  case NodeKind::Relu:
    runRelu(n, t);
    break;
  case NodeKind::MaxPool:
    runMaxPool(n, t);
    break;
  case NodeKind::View:
    runView(n, t);
    break;
  case NodeKind::Delay:
    runDelay(n, t);
    break;
  }
  const FastValue &value = fast->values[node.output];
  if (!value.needsEvents || value.isCurrent)
    return;
  EventLists &events = values[node.output].events;
  int64_t slot = slotOf(node.output, t);
  withType(value.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    if constexpr (!std::is_same_v<T, int16_t>)
      events.first[slot] = kernels::findEvents<T>(
          frameOf<T>(node.output, t), value.elements, events.list(slot));
  });
}

//===----------------------------------------------------------------------===//
// Samples
//===----------------------------------------------------------------------===//

/// Counts, outputs and recorded events of one step, once all components have
/// run.
void FastEngine::observe(OutputReader &reader, Sink &sink, Tally &tally,
                         int64_t sample, int64_t t,
                         std::vector<uint64_t> &events) {
  for (size_t p = 0; p < plan.populationNodes.size(); ++p) {
    int output = plan.populationValues[p];
    const FastValue &value = fast->values[output];
    EventLists &lists = values[output].events;
    int64_t slot = slotOf(output, t);
    int32_t *list = lists.list(slot);
    int64_t fired = lists.first[slot];
    kernels::countEvents(list, fired, counts[p].data());
    Tally::Population &counter = tally.populations[p];
    counter.stepTotals[t] += fired;
    counter.stepMaxima[t] = std::max(counter.stepMaxima[t], uint64_t(fired));
    events[p] += fired;
    if (sink.options.bitmaps) {
      SpikeBitmaps &bitmaps = *sink.result.activity.populations[p].bitmaps;
      for (int64_t k = 0; k < fired; ++k)
        bitmaps.set(sample, t, value.layout->rowMajor(list[k]));
    }
    if (reader.records(p, Quantity::Spikes))
      withType(value.storage, [&](auto *type) {
        using T = std::remove_pointer_t<decltype(type)>;
        const T *frame = frameOf<T>(output, t);
        reader.record(p, Quantity::Spikes, t, [&](int64_t e) {
          return frame[value.layout->channelLast(e)];
        });
      });
  }
  for (size_t o = 0; o < plan.outputValues.size(); ++o) {
    int output = plan.outputValues[o];
    const FastValue &value = fast->values[output];
    withType(value.storage, [&](auto *type) {
      using T = std::remove_pointer_t<decltype(type)>;
      const T *frame = frameOf<T>(output, t);
      reader.observe(o, t, [&](int64_t e) {
        return double(frame[value.layout->channelLast(e)]);
      });
    });
  }
  reader.finishStep(t, events, tally);
}

void FastEngine::run(int64_t sample, ArrayRef<EncodedPort> ports,
                     bool keepState, Sink &sink, Tally &tally) {
  bool fresh = !started;
  if (fresh)
    prepare(sink.steps);
  if (fresh || !keepState)
    resetState();
  findInvariants(ports);
  OutputReader reader(plan, sink, sample);
  portData = ports;
  recorder = &reader;
  counters = &tally;
  std::vector<uint64_t> events(plan.populations.size(), 0);

  for (chunkStart = 0; chunkStart < sink.steps; chunkStart += chunkSize) {
    int64_t end = std::min(chunkStart + chunkSize, sink.steps);
    for (const Component &component : plan.components)
      for (int64_t t = chunkStart; t < end; ++t) {
        for (int n : component.nodes)
          runNode(n, t);
        for (int n : component.nodes)
          takeUp(n, t);
      }
    for (int64_t t = chunkStart; t < end; ++t)
      observe(reader, sink, tally, sample, t, events);
  }
  stepsBefore += sink.steps;
  for (auto [p, total] : llvm::enumerate(events))
    sink.result.activity.populations[p].sampleTotals[sample] = total;
  // 32-bit counters move on before they can overflow.
  stepsCounted += sink.steps;
  if (stepsCounted > int64_t(1) << 31) {
    finish(tally);
    stepsCounted = 0;
  }
}

void FastEngine::finish(Tally &tally) {
  for (auto [p, count] : llvm::enumerate(counts)) {
    const Node &node = plan.nodes[plan.populationNodes[p]];
    const Layout &layout = *fast->values[node.output].layout;
    for (size_t e = 0; e < count.size(); ++e)
      tally.populations[p].counts[layout.rowMajor(e)] += count[e];
    llvm::fill(count, 0u);
  }
}

std::unique_ptr<Engine>
exec::makeFastEngine(std::shared_ptr<const FastPlan> plan) {
  return std::make_unique<FastEngine>(std::move(plan));
}
