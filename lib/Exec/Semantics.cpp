//===- Semantics.cpp - What every spike op computes -----------------------===//
//
// Written to be read: loops over targets in the order in which the header says
// that sums are taken.
//
//===----------------------------------------------------------------------===//

#include "nmc/Exec/Semantics.h"

using namespace nmc;
using namespace nmc::exec;

namespace {
/// acc + w·x
template <typename T, typename W> T accumulate(T acc, W w, T x) {
  return add<T>(acc, multiply<T>(T(w), x));
}
} // namespace

template <typename T, typename W>
void exec::dense(const Connection &c, ArrayRef<T> source,
                 MutableArrayRef<T> target) {
  ArrayRef<W> weights = c.weights<W>();
  int64_t in = c.sources / c.groups, out = c.targets / c.groups;
  for (int64_t g = 0; g < c.groups; ++g)
    for (int64_t o = 0; o < out; ++o) {
      T acc = 0;
      for (int64_t j = 0; j < in; ++j) {
        int64_t i = c.order.empty() ? j : c.order[j];
        acc = accumulate<T, W>(acc, weights[(g * out + o) * in + i],
                               source[g * in + i]);
      }
      target[g * out + o] = acc;
    }
}

template <typename T, typename W>
void exec::conv(const Connection &c, ArrayRef<T> source,
                MutableArrayRef<T> target) {
  ArrayRef<W> weights = c.weights<W>();
  const Window &w = c.window;
  int64_t from = w.sources(), to = w.targets(), taps = w.taps();
  int64_t in = c.channelsIn / c.groups, out = c.channelsOut / c.groups;
  for (int64_t o = 0; o < c.channelsOut; ++o)
    for (int64_t t = 0; t < to; ++t) {
      T acc = 0;
      w.forEach(t, [&](int64_t tap, int64_t s) {
        for (int64_t i = 0; i < in; ++i)
          acc = accumulate<T, W>(acc, weights[(o * in + i) * taps + tap],
                                 source[(o / out * in + i) * from + s]);
      });
      target[o * to + t] = acc;
    }
}

template <typename T, typename W>
void exec::transposedConv(const Connection &c, ArrayRef<T> source,
                          MutableArrayRef<T> target) {
  ArrayRef<W> weights = c.weights<W>();
  const Window &w = c.window;
  int64_t from = w.sources(), to = w.targets(), taps = w.taps();
  int64_t in = c.channelsIn / c.groups, out = c.channelsOut / c.groups;
  llvm::fill(target, T(0));
  for (int64_t s = 0; s < from; ++s)
    for (int64_t i = 0; i < c.channelsIn; ++i)
      w.forEach(s, [&](int64_t tap, int64_t t) {
        for (int64_t o = 0; o < out; ++o) {
          T &acc = target[(i / in * out + o) * to + t];
          acc = accumulate<T, W>(acc, weights[(i * out + o) * taps + tap],
                                 source[i * from + s]);
        }
      });
}

template <typename T, typename W>
void exec::sumPool(const Connection &c, ArrayRef<T> source,
                   MutableArrayRef<T> target) {
  const Window &w = c.window;
  int64_t from = w.sources(), to = w.targets();
  for (int64_t channel = 0; channel < c.channelsIn; ++channel)
    for (int64_t t = 0; t < to; ++t) {
      T acc = 0;
      w.forEach(t, [&](int64_t, int64_t s) {
        acc = add<T>(acc, source[channel * from + s]);
      });
      target[channel * to + t] = multiply<T>(T(c.weights<W>()[0]), acc);
    }
}

int64_t exec::countWindow(const Window &window, int64_t target, bool countPad) {
  if (countPad)
    return window.taps();
  int64_t count = 0;
  window.forEach(target, [&](int64_t, int64_t) { ++count; });
  return count;
}

void exec::avgPool(const Connection &c, ArrayRef<float> source,
                   MutableArrayRef<float> target) {
  const Window &w = c.window;
  int64_t from = w.sources(), to = w.targets();
  for (int64_t channel = 0; channel < c.channelsIn; ++channel)
    for (int64_t t = 0; t < to; ++t) {
      float acc = 0;
      w.forEach(t, [&](int64_t, int64_t s) {
        acc = acc + source[channel * from + s];
      });
      int64_t count = countWindow(w, t, c.countPad);
      target[channel * to + t] = count ? acc / float(count) : 0.0f;
    }
}

template <typename T, typename W>
void exec::elementwise(const Connection &c, ArrayRef<T> source,
                       MutableArrayRef<T> target) {
  ArrayRef<W> weights = c.weights<W>();
  for (int64_t i = 0; i < c.sources; ++i)
    target[i] = accumulate<T, W>(
        T(0), weights.size() == 1 ? weights[0] : weights[i], source[i]);
}

template <typename T, typename W>
void exec::sparse(const Connection &c, ArrayRef<T> source,
                  MutableArrayRef<T> target) {
  ArrayRef<W> weights = c.weights<W>();
  for (int64_t t = 0; t < c.targets; ++t) {
    T acc = 0;
    for (int64_t k = c.offsets[t]; k < c.offsets[t + 1]; ++k) {
      int64_t at = c.order.empty() ? k : c.order[k];
      acc = accumulate<T, W>(acc, weights[at], source[c.indices[at]]);
    }
    target[t] = acc;
  }
}

template <typename T, typename W>
static void evaluateSum(const Connection &c, ArrayRef<T> source,
                        MutableArrayRef<T> target) {
  switch (c.kind) {
  case ConnectionKind::Dense:
    return dense<T, W>(c, source, target);
  case ConnectionKind::Conv:
    return conv<T, W>(c, source, target);
  case ConnectionKind::TransposedConv:
    return transposedConv<T, W>(c, source, target);
  case ConnectionKind::SumPool:
    return sumPool<T, W>(c, source, target);
  case ConnectionKind::AvgPool:
    if constexpr (std::is_same_v<T, float>)
      return avgPool(c, source, target);
    return;
  case ConnectionKind::Elementwise:
    return elementwise<T, W>(c, source, target);
  case ConnectionKind::Sparse:
    return sparse<T, W>(c, source, target);
  }
}

void exec::evaluate(const Connection &c, bool firstStep, ArrayRef<float> source,
                    MutableArrayRef<float> target) {
  evaluateSum<float, float>(c, source, target);
  if (c.floatBias.empty() || (firstStep && c.noBiasAtZero))
    return;
  int64_t run = c.targets / int64_t(c.floatBias.size());
  for (int64_t t = 0; t < c.targets; ++t)
    target[t] = target[t] + c.floatBias[t / run];
}

void exec::evaluate(const Connection &c, bool firstStep,
                    ArrayRef<int64_t> source, MutableArrayRef<int64_t> target) {
  evaluateSum<int64_t, int32_t>(c, source, target);
  bool biased = !c.intBias.empty() && !(firstStep && c.noBiasAtZero);
  int64_t run = biased ? c.targets / int64_t(c.intBias.size()) : 1;
  for (int64_t t = 0; t < c.targets; ++t) {
    int64_t value =
        int64_t(uint64_t(target[t] >> c.shiftDown) << c.shift);
    if (biased)
      value = add<int64_t>(value, c.intBias[t / run]);
    target[t] = wrap<int64_t>(value, c.bits);
  }
}

//===----------------------------------------------------------------------===//
// Ordered populations
//===----------------------------------------------------------------------===//

/// The current of neuron `n` after the events of one drive have been added to
/// it, one source after the other. Equal additions of one sign may be taken
/// together.
static int64_t deliver(const Membrane<int64_t> &m,
                       const DriveInput<int64_t> &drive, int64_t n,
                       int64_t current) {
  const Delivery &d = *drive.delivery;
  for (int64_t k = d.offsets[n]; k < d.offsets[n + 1]; ++k)
    current = fit<int64_t>(m, Int128(current) + Int128(d.weights[k]) *
                                                    drive.events[d.sources[k]]);
  if (!d.bias.empty())
    current = fit<int64_t>(m, Int128(current) + d.bias[n]);
  return current;
}

template <typename T>
uint64_t exec::stepOrdered(const Membrane<T> &m, ArrayRef<DriveInput<T>> drives,
                           MutableArrayRef<T> v, MutableArrayRef<T> i,
                           MutableArrayRef<int32_t> rest,
                           MutableArrayRef<T> events) {
  int64_t neurons = v.size();
  uint64_t updates = 0;
  std::vector<int64_t> taken(neurons, 0); // spikes of aliases
  for (int64_t n = 0; n < neurons; ++n) {
    Wide<T> input = 0;
    bool driven = false;
    for (int64_t r = 0; r < m.receptors; ++r) {
      T &current = i[r * neurons + n];
      T before = m.hasSynapse ? current : T(0);
      T x = 0;
      for (const DriveInput<T> &drive : drives) {
        if (drive.receptor != r)
          continue;
        if (!drive.delivery) {
          x = add<T>(x, drive.current[n]);
          continue;
        }
        // What is delivered is in the current already.
        if constexpr (!std::is_same_v<T, float>)
          before = deliver(m, drive, n, before);
      }
      driven |= x != 0 || before != 0;
      current = m.hasSynapse ? stepSynapse<T>(m, r * neurons + n, x, before)
                             : add<T>(before, x);
      input = input + Wide<T>(current);
    }
    int64_t spikes = stepMembrane<T>(m, n, input, m.maxSpikes - taken[n], v[n],
                                     rest[n]);
    updates += driven || spikes;
    if (!m.fires) {
      events[n] = v[n];
      continue;
    }
    taken[n] += spikes;
    if (int32_t other = m.alias.empty() ? -1 : m.alias[n]; other >= 0)
      taken[other] = std::min(taken[other] + taken[n], m.maxSpikes);
  }
  if (m.fires)
    for (int64_t n = 0; n < neurons; ++n)
      events[n] = T(taken[n]);
  return updates;
}
template uint64_t exec::stepOrdered<float>(
    const Membrane<float> &, ArrayRef<DriveInput<float>>,
    MutableArrayRef<float>, MutableArrayRef<float>, MutableArrayRef<int32_t>,
    MutableArrayRef<float>);
template uint64_t exec::stepOrdered<int64_t>(
    const Membrane<int64_t> &, ArrayRef<DriveInput<int64_t>>,
    MutableArrayRef<int64_t>, MutableArrayRef<int64_t>,
    MutableArrayRef<int32_t>, MutableArrayRef<int64_t>);

template <typename T>
void exec::maxPool(const Window &w, int64_t channels, ArrayRef<T> source,
                   MutableArrayRef<T> target) {
  int64_t from = w.sources(), to = w.targets();
  for (int64_t channel = 0; channel < channels; ++channel)
    for (int64_t t = 0; t < to; ++t) {
      std::optional<T> most;
      w.forEach(t, [&](int64_t, int64_t s) {
        T value = source[channel * from + s];
        if (!most || value > *most)
          most = value;
      });
      target[channel * to + t] = most.value_or(T(0));
    }
}

std::vector<int64_t> exec::getChannelLastOrder(ArrayRef<int64_t> shape) {
  int64_t elements = ShapedType::getNumElements(shape);
  int64_t channels = shape.size() < 2 ? 1 : shape.front();
  int64_t space = elements / channels;
  std::vector<int64_t> order(elements);
  for (int64_t s = 0; s < space; ++s)
    for (int64_t c = 0; c < channels; ++c)
      order[s * channels + c] = c * space + s;
  return order;
}

#define NMC_INSTANTIATE(NAME)                                                  \
  template void exec::NAME<float, float>(const Connection &, ArrayRef<float>,  \
                                         MutableArrayRef<float>);              \
  template void exec::NAME<int64_t, int32_t>(                                  \
      const Connection &, ArrayRef<int64_t>, MutableArrayRef<int64_t>);
NMC_INSTANTIATE(dense)
NMC_INSTANTIATE(conv)
NMC_INSTANTIATE(transposedConv)
NMC_INSTANTIATE(sumPool)
NMC_INSTANTIATE(elementwise)
NMC_INSTANTIATE(sparse)
#undef NMC_INSTANTIATE

template void exec::maxPool<float>(const Window &, int64_t, ArrayRef<float>,
                                   MutableArrayRef<float>);
template void exec::maxPool<int64_t>(const Window &, int64_t, ArrayRef<int64_t>,
                                     MutableArrayRef<int64_t>);
