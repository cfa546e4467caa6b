//===- Delivery.cpp - Synapses by target, in order of delivery ------------===//

#include "Plan.h"

using namespace nmc;
using namespace nmc::exec;

/// Calls `visit(target, source, weight)` for every synapse, row-major indices
/// and the position of its weight.
static void
forEachSynapse(const Connection &c,
               function_ref<void(int64_t, int64_t, int64_t)> visit) {
  const Window &w = c.window;
  switch (c.kind) {
  case ConnectionKind::Dense: {
    int64_t in = c.sources / c.groups, out = c.targets / c.groups;
    for (int64_t t = 0; t < c.targets; ++t)
      for (int64_t i = 0; i < in; ++i)
        visit(t, t / out * in + i, t * in + i);
    return;
  }
  case ConnectionKind::Conv:
  case ConnectionKind::TransposedConv: {
    int64_t in = c.channelsIn / c.groups, out = c.channelsOut / c.groups;
    int64_t taps = w.taps(), from = w.sources(), to = w.targets();
    bool isConv = c.kind == ConnectionKind::Conv;
    for (int64_t near = 0, e = isConv ? to : from; near < e; ++near)
      w.forEach(near, [&](int64_t tap, int64_t far) {
        int64_t t = isConv ? near : far, s = isConv ? far : near;
        for (int64_t i = 0; i < c.channelsIn; ++i)
          for (int64_t o = 0; o < out; ++o) {
            int64_t target = i / in * out + o;
            visit(target * to + t, i * from + s,
                  isConv ? (target * in + i % in) * taps + tap
                         : (i * out + o) * taps + tap);
          }
      });
    return;
  }
  case ConnectionKind::SumPool:
  case ConnectionKind::AvgPool:
    for (int64_t t = 0; t < w.targets(); ++t)
      w.forEach(t, [&](int64_t, int64_t s) {
        for (int64_t i = 0; i < c.channelsIn; ++i)
          visit(i * w.targets() + t, i * w.sources() + s, 0);
      });
    return;
  case ConnectionKind::Elementwise:
    for (int64_t i = 0; i < c.sources; ++i)
      visit(i, i, c.intWeights.size() == 1 ? 0 : i);
    return;
  case ConnectionKind::Sparse:
    for (int64_t t = 0; t < c.targets; ++t)
      for (int64_t k = c.offsets[t]; k < c.offsets[t + 1]; ++k)
        visit(t, c.indices[k], k);
    return;
  }
}

std::shared_ptr<const Delivery> exec::makeDelivery(const Connection &c,
                                                   unsigned stateBits) {
  auto delivery = std::make_shared<Delivery>();
  Delivery &d = *delivery;
  d.offsets.assign(c.targets + 1, 0);
  forEachSynapse(c, [&](int64_t t, int64_t, int64_t) { ++d.offsets[t + 1]; });
  for (int64_t t = 0; t < c.targets; ++t)
    d.offsets[t + 1] += d.offsets[t];
  int64_t count = d.offsets.back();
  if (count > int64_t(1) << 28)
    return nullptr;
  std::vector<std::pair<int32_t, int64_t>> synapses(count);
  std::vector<int64_t> next(d.offsets.begin(), d.offsets.end() - 1);
  forEachSynapse(c, [&](int64_t t, int64_t s, int64_t k) {
    synapses[next[t]++] = {int32_t(s), k};
  });
  for (int64_t t = 0; t < c.targets; ++t)
    std::sort(synapses.begin() + d.offsets[t],
              synapses.begin() + d.offsets[t + 1]);
  for (auto [source, k] : synapses) {
    d.sources.push_back(source);
    int64_t weight = int64_t(c.intWeights[k]) >> c.shiftDown;
    d.weights.push_back(
        wrap<int64_t>(int64_t(uint64_t(weight) << c.shift), stateBits));
  }
  if (!c.intBias.empty()) {
    int64_t run = c.targets / int64_t(c.intBias.size());
    for (int64_t t = 0; t < c.targets; ++t)
      d.bias.push_back(c.intBias[t / run]);
  }
  return delivery;
}
