//===- FastConnections.cpp - Synapses by source ---------------------------===//

#include "FastPlan.h"

using namespace nmc;
using namespace nmc::exec;
using kernels::Run;
using kernels::Scatter;

namespace {

/// Builds the runs of one connection, and with them the list of weights: entry
/// k is the index of the connection's own weight.
class ScatterBuilder {
public:
  ScatterBuilder(const Connection &c, const Layout &source,
                 const Layout &target, Scatter &out)
      : c(c), source(source), target(target), out(out) {}

  void build();
  std::vector<int64_t> order; // of weights

private:
  void buildDense();
  void buildConv();
  void buildPool();
  void buildElementwise();
  void buildSparse();
  void buildBlocks();

  /// Starts the runs of the next position.
  void nextPosition() { out.first.push_back(int64_t(out.runs.size())); }
  /// Appends a run to the last position, or to its last run where it goes on.
  void addRun(int64_t targetIndex, int64_t weight, int64_t length,
              bool merges) {
    bool isFirst = int64_t(out.runs.size()) == out.first.back();
    if (merges && !isFirst) {
      Run &last = out.runs.back();
      if (last.target + last.length == targetIndex &&
          last.weight + last.length == weight) {
        last.length += int32_t(length);
        return;
      }
    }
    out.runs.push_back({weight, int32_t(targetIndex), int32_t(length)});
  }
  /// Ends with the sentinel of the last position.
  void finish() { out.first.push_back(int64_t(out.runs.size())); }
  void singleChannel() {
    out.channels = 1;
    out.targetShift = {0};
    out.weightBase = {0};
  }

  const Connection &c;
  const Layout &source, &target;
  Scatter &out;
};

} // namespace

/// One position; every source is a channel and has one row.
void ScatterBuilder::buildDense() {
  out.channels = uint32_t(c.sources);
  out.rowLength = c.targets;
  nextPosition();
  addRun(0, 0, c.targets, false);
  finish();
  out.targetShift.assign(c.sources, 0);
  out.weightBase.resize(c.sources);
  order.resize(c.sources * c.targets);
  for (int64_t s = 0; s < c.sources; ++s) {
    out.weightBase[s] = s * c.targets;
    int64_t column = source.rowMajor(s);
    for (int64_t t = 0; t < c.targets; ++t)
      order[s * c.targets + t] = target.rowMajor(t) * c.sources + column;
  }
}

/// Block-wise: synapse by synapse.
void ScatterBuilder::buildBlocks() {
  singleChannel();
  int64_t in = c.sources / c.groups, outs = c.targets / c.groups;
  for (int64_t s = 0; s < c.sources; ++s) {
    nextPosition();
    int64_t row = source.rowMajor(s), g = row / in, i = row % in;
    std::vector<std::pair<int32_t, int64_t>> targets;
    for (int64_t o = 0; o < outs; ++o)
      targets.push_back(
          {target.channelLast(g * outs + o), (g * outs + o) * in + i});
    llvm::sort(targets);
    for (auto [t, weight] : targets) {
      addRun(t, int64_t(order.size()), 1, true);
      order.push_back(weight);
    }
  }
  finish();
}

/// Where each tap of a convolution is stored. Neighbouring targets see a source
/// through taps that are a stride apart, the earlier target through the later
/// tap: along the last axis taps of one remainder lie together, last first, so
/// that one run covers all of a row of the kernel that a source meets.
static std::vector<int64_t> placeTaps(const Window &w) {
  int64_t row = w.kernel.back(), taps = w.taps();
  int64_t stride = w.stride.back(), dilation = w.dilation.back();
  int64_t apart = stride % dilation == 0 ? stride / dilation : row;
  std::vector<int64_t> inRow;
  for (int64_t remainder = 0; remainder < std::min(apart, row); ++remainder)
    for (int64_t k = row; k-- > 0;)
      if (k % apart == remainder)
        inRow.push_back(k);
  std::vector<int64_t> slots(taps);
  for (int64_t first = 0; first < taps; first += row)
    for (auto [at, k] : llvm::enumerate(inRow))
      slots[first + k] = taps - row - first + int64_t(at);
  return slots;
}

/// Weights of a source channel lie tap by tap, channels of the target within.
void ScatterBuilder::buildConv() {
  const Window &w = c.window;
  bool isConv = c.kind == ConnectionKind::Conv;
  int64_t taps = w.taps(), positions = w.sources();
  int64_t in = c.channelsIn / c.groups, outs = c.channelsOut / c.groups;

  std::vector<int64_t> slots;
  if (isConv)
    slots = placeTaps(w);
  std::vector<std::vector<std::pair<int64_t, int64_t>>> pairs(positions);
  for (int64_t near = 0, e = isConv ? w.targets() : positions; near < e; ++near)
    w.forEach(near, [&](int64_t tap, int64_t far) {
      if (isConv)
        pairs[far].push_back({near, slots[tap]});
      else
        pairs[near].push_back({far, tap});
    });
  out.channels = uint32_t(c.channelsIn);
  for (int64_t p = 0; p < positions; ++p) {
    nextPosition();
    llvm::sort(pairs[p]);
    for (auto [t, tap] : pairs[p])
      addRun(t * c.channelsOut, tap * outs, outs, c.groups == 1);
  }
  finish();

  order.resize(c.channelsIn * taps * outs);
  for (int64_t i = 0; i < c.channelsIn; ++i) {
    int64_t group = i / in;
    out.targetShift.push_back(int32_t(group * outs));
    out.weightBase.push_back(i * taps * outs);
    for (int64_t tap = 0; tap < taps; ++tap)
      for (int64_t o = 0; o < outs; ++o)
        order[(i * taps + (isConv ? slots[tap] : tap)) * outs + o] =
            isConv ? ((group * outs + o) * in + i % in) * taps + tap
                   : (i * outs + o) * taps + tap;
  }
}

/// Every channel to itself, with one weight.
void ScatterBuilder::buildPool() {
  const Window &w = c.window;
  std::vector<std::vector<int64_t>> targets(w.sources());
  for (int64_t t = 0; t < w.targets(); ++t)
    w.forEach(t, [&](int64_t, int64_t s) { targets[s].push_back(t); });
  out.channels = uint32_t(c.channelsIn);
  for (const std::vector<int64_t> &all : targets) {
    nextPosition();
    for (int64_t t : all)
      addRun(t * c.channelsIn, 0, 1, false);
  }
  finish();
  for (int64_t channel = 0; channel < c.channelsIn; ++channel) {
    out.targetShift.push_back(int32_t(channel));
    out.weightBase.push_back(0);
  }
  order = {0};
}

void ScatterBuilder::buildElementwise() {
  singleChannel();
  size_t count = c.isFloat ? c.floatWeights.size() : c.intWeights.size();
  for (int64_t s = 0; s < c.sources; ++s) {
    nextPosition();
    addRun(s, count == 1 ? 0 : s, 1, false);
    if (count > 1)
      order.push_back(source.rowMajor(s));
  }
  if (count == 1)
    order = {0};
  finish();
}

void ScatterBuilder::buildSparse() {
  singleChannel();
  std::vector<std::vector<std::pair<int32_t, int64_t>>> synapses(c.sources);
  for (int64_t t = 0; t < c.targets; ++t)
    for (int64_t k = c.offsets[t]; k < c.offsets[t + 1]; ++k)
      synapses[source.channelLast(c.indices[k])].push_back(
          {target.channelLast(t), k});
  for (auto &all : synapses) {
    nextPosition();
    llvm::sort(all);
    for (auto [t, weight] : all) {
      addRun(t, int64_t(order.size()), 1, true);
      order.push_back(weight);
    }
  }
  finish();
}

void ScatterBuilder::build() {
  switch (c.kind) {
  case ConnectionKind::Dense:
    return c.groups == 1 ? buildDense() : buildBlocks();
  case ConnectionKind::Conv:
  case ConnectionKind::TransposedConv:
    return buildConv();
  case ConnectionKind::SumPool:
  case ConnectionKind::AvgPool:
    return buildPool();
  case ConnectionKind::Elementwise:
    return buildElementwise();
  case ConnectionKind::Sparse:
    return buildSparse();
  }
}

/// The largest sum of weights' magnitudes that one target can see.
static int64_t boundSum(const Connection &c) {
  auto magnitude = [](int32_t w) { return std::abs(int64_t(w)); };
  ArrayRef<int32_t> w = c.intWeights;
  int64_t most = 0;
  switch (c.kind) {
  case ConnectionKind::Dense:
  case ConnectionKind::Conv: {
    // Rows of the weights are targets, or channels of targets.
    int64_t rows = c.kind == ConnectionKind::Dense ? c.targets : c.channelsOut;
    int64_t row = int64_t(w.size()) / rows;
    for (int64_t r = 0; r < rows; ++r) {
      int64_t sum = 0;
      for (int32_t weight : w.slice(r * row, row))
        sum += magnitude(weight);
      most = std::max(most, sum);
    }
    return most;
  }
  case ConnectionKind::SumPool:
    return c.window.taps() * magnitude(w[0]);
  default:
    return std::numeric_limits<int64_t>::max();
  }
}

template <typename To, typename From>
static void gather(ArrayRef<From> weights, ArrayRef<int64_t> order,
                   std::vector<To> &out) {
  out.resize(order.size());
  for (auto [to, from] : llvm::zip(out, order))
    to = To(weights[from]);
}

template <typename To, typename From>
static void spreadBias(ArrayRef<From> bias, const Connection &c,
                       const Layout &layout, std::vector<To> &out) {
  if (bias.empty())
    return;
  int64_t run = c.targets / int64_t(bias.size());
  out.resize(c.targets);
  for (int64_t t = 0; t < c.targets; ++t)
    out[t] = To(bias[layout.rowMajor(t) / run]);
}

void exec::buildScatter(const Connection &c, const FanOut &fanOut,
                        const Layout &source, const Layout &target,
                        bool binarySource, FastConnection &fast) {
  ScatterBuilder builder(c, source, target, fast.synapses);
  builder.build();
  fast.binarySource = binarySource;

  fast.fanOut.resize(c.sources);
  for (int64_t s = 0; s < c.sources; ++s)
    fast.fanOut[s] = int32_t(fanOut.effective[source.rowMajor(s)]);

  if (c.isFloat) {
    fast.sum = Storage::F32;
    spreadBias<float, float>(c.floatBias, c, target, fast.biasF);
    bool isPool =
        c.kind == ConnectionKind::SumPool || c.kind == ConnectionKind::AvgPool;
    if (!isPool) {
      gather<float, float>(c.floatWeights, builder.order, fast.weightsF);
      return;
    }
    fast.weightsF = {1.0f};
    if (c.kind == ConnectionKind::SumPool) {
      fast.factor = c.floatWeights[0];
      return;
    }
    fast.divisors.resize(c.targets);
    for (int64_t t = 0; t < c.targets; ++t)
      fast.divisors[t] = float(std::max<int64_t>(
          countWindow(c.window, t / c.channelsIn, c.countPad), 1));
    return;
  }
  // A shift to the right needs the sum itself, not modulo a power of two.
  if (c.bits > 32 || c.shiftDown) {
    fast.sum = Storage::I64;
    gather<int64_t, int32_t>(c.intWeights, builder.order, fast.weights64);
    if (c.bits > 32)
      spreadBias<int64_t, int64_t>(c.intBias, c, target, fast.bias64);
    else
      spreadBias<int32_t, int64_t>(c.intBias, c, target, fast.bias32);
    return;
  }
  // Sums modulo 2^32 hold whatever fits the current; 16 bits need a proof.
  spreadBias<int32_t, int64_t>(c.intBias, c, target, fast.bias32);
  if (binarySource && boundSum(c) <= std::numeric_limits<int16_t>::max()) {
    fast.sum = Storage::I16;
    bool bytes =
        fast.synapses.rowLength &&
        llvm::all_of(c.intWeights, [](int32_t w) { return w == int8_t(w); });
    if (bytes) {
      gather<int8_t, int32_t>(c.intWeights, builder.order, fast.weights8);
      return;
    }
    gather<int16_t, int32_t>(c.intWeights, builder.order, fast.weights16);
    return;
  }
  fast.sum = Storage::I32;
  gather<int32_t, int32_t>(c.intWeights, builder.order, fast.weights32);
}
