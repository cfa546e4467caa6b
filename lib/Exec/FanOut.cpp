//===- FanOut.cpp - Synapses that leave each source -----------------------===//

#include "Plan.h"

using namespace nmc;
using namespace nmc::exec;

FanOut exec::countFanOut(const Connection &c) {
  FanOut fan;
  fan.effective.assign(c.sources, 0);
  auto isThere = [&](int64_t i) {
    return c.isFloat ? c.floatWeights[i] != 0 : c.intWeights[i] != 0;
  };
  const Window &w = c.window;
  switch (c.kind) {
  case ConnectionKind::Dense: {
    int64_t in = c.sources / c.groups, out = c.targets / c.groups;
    for (int64_t g = 0; g < c.groups; ++g)
      for (int64_t o = 0; o < out; ++o)
        for (int64_t i = 0; i < in; ++i)
          fan.effective[g * in + i] += isThere((g * out + o) * in + i);
    fan.dense = c.groups * in * out;
    break;
  }
  case ConnectionKind::Conv:
  case ConnectionKind::TransposedConv: {
    int64_t in = c.channelsIn / c.groups, out = c.channelsOut / c.groups;
    int64_t taps = w.taps(), from = w.sources();
    // Non-zero weights by source channel and tap.
    std::vector<int64_t> nonzero(c.channelsIn * taps, 0);
    bool isConv = c.kind == ConnectionKind::Conv;
    for (int64_t i = 0; i < c.channelsIn; ++i)
      for (int64_t o = 0; o < out; ++o)
        for (int64_t tap = 0; tap < taps; ++tap) {
          int64_t at = isConv ? ((i / in * out + o) * in + i % in) * taps + tap
                              : (i * out + o) * taps + tap;
          nonzero[i * taps + tap] += isThere(at);
        }
    int64_t pairs = 0;
    int64_t nears = isConv ? w.targets() : from;
    for (int64_t near = 0; near < nears; ++near)
      w.forEach(near, [&](int64_t tap, int64_t far) {
        ++pairs;
        int64_t s = isConv ? far : near;
        for (int64_t i = 0; i < c.channelsIn; ++i)
          fan.effective[i * from + s] += nonzero[i * taps + tap];
      });
    fan.dense = pairs * c.channelsIn * out;
    break;
  }
  case ConnectionKind::SumPool:
  case ConnectionKind::AvgPool:
    for (int64_t t = 0; t < w.targets(); ++t)
      w.forEach(t, [&](int64_t, int64_t s) {
        fan.dense += c.channelsIn;
        for (int64_t i = 0; i < c.channelsIn; ++i)
          fan.effective[i * w.sources() + s] += isThere(0);
      });
    break;
  case ConnectionKind::Elementwise: {
    bool single =
        c.isFloat ? c.floatWeights.size() == 1 : c.intWeights.size() == 1;
    for (int64_t i = 0; i < c.sources; ++i)
      fan.effective[i] = isThere(single ? 0 : i);
    fan.dense = c.sources;
    break;
  }
  case ConnectionKind::Sparse:
    for (auto [k, source] : llvm::enumerate(c.indices))
      fan.effective[source] += isThere(k);
    fan.dense = c.indices.size();
    break;
  }
  return fan;
}
