//===- Kernels.cpp - The loops in which the time goes ---------------------===//

#include "Kernels.h"

#include "nmc/Exec/Semantics.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"

#include <cstring>

using namespace nmc::exec;
using namespace nmc::exec::kernels;

#ifdef __clang__
#define NMC_SHORT_LOOP _Pragma("clang loop vectorize(disable)")
#else
#define NMC_SHORT_LOOP
#endif

// Loops are compiled for several generations of vector units; the one that runs
// is chosen when the program starts. Results are the same: integers are exact,
// and floats are neither fused nor reordered. Not under sanitizers, whose
// runtime is not yet there when the choice is made.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) ||                                        \
    __has_feature(undefined_behavior_sanitizer)
#define NMC_NO_CLONES
#endif
#endif
#if defined(__x86_64__) && !defined(NMC_NO_CLONES) &&                          \
    !defined(__SANITIZE_ADDRESS__)
#define NMC_CLONES                                                             \
  __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#else
#define NMC_CLONES
#endif
// Bodies have to become part of each clone.
#define NMC_BODY __attribute__((always_inline)) inline

//===----------------------------------------------------------------------===//
// Events
//===----------------------------------------------------------------------===//

template <typename Frame>
NMC_BODY static int64_t findEventsBody(const Frame *frame, int64_t count,
                                       int32_t *out) {
  int64_t found = 0, n = 0;
  if constexpr (sizeof(Frame) == 1) {
    // 64 bytes become a mask: the high bit of each byte that is not 0, eight of
    // which a product gathers in its high byte, in order.
    constexpr uint64_t kLow = 0x7f7f7f7f7f7f7f7f;
    for (; n + 64 <= count; n += 64) {
      uint64_t mask = 0;
      for (int k = 0; k < 8; ++k) {
        uint64_t word = llvm::support::endian::read64le(frame + n + 8 * k);
        uint64_t set = (((word & kLow) + kLow) | word) & ~kLow;
        mask |= (set >> 7) * 0x0102040810204080 >> 56 << (8 * k);
      }
      for (; mask; mask &= mask - 1)
        out[found++] = int32_t(n + llvm::countr_zero(mask));
    }
  }
  // Most words are silent; those that are not are written without branches.
  constexpr int64_t kWord = sizeof(uint64_t) / sizeof(Frame);
  for (; n + kWord <= count; n += kWord) {
    uint64_t word;
    std::memcpy(&word, frame + n, sizeof(word));
    if (word == 0)
      continue;
    for (int64_t k = 0; k < kWord; ++k) {
      out[found] = int32_t(n + k);
      found += frame[n + k] != 0;
    }
  }
  for (; n < count; ++n) {
    out[found] = int32_t(n);
    found += frame[n] != 0;
  }
  return found;
}

namespace {
/// out[k] += w[k], or w[k]·x.
template <typename Sum, bool Binary>
NMC_BODY void addRow(Sum *__restrict out, const Sum *__restrict w, Sum x,
                     int64_t length) {
  // Wide blocks for long rows, narrow ones for what is left.
  constexpr int64_t kWide = 64 / sizeof(Sum),
                    kNarrow = 16 / sizeof(Sum) < 4 ? 4 : 16 / sizeof(Sum);
  int64_t k = 0;
  for (; k + kWide <= length; k += kWide)
    for (int64_t j = 0; j < kWide; ++j)
      out[k + j] =
          add<Sum>(out[k + j], Binary ? w[k + j] : multiply<Sum>(w[k + j], x));
  for (; k + kNarrow <= length; k += kNarrow)
    for (int64_t j = 0; j < kNarrow; ++j)
      out[k + j] =
          add<Sum>(out[k + j], Binary ? w[k + j] : multiply<Sum>(w[k + j], x));
  NMC_SHORT_LOOP
  for (; k < length; ++k)
    out[k] = add<Sum>(out[k], Binary ? w[k] : multiply<Sum>(w[k], x));
}

/// Rows over all targets: a tile of sums stays in registers for all events.
/// Each target sees its sources in the same order as row by row.
template <typename Sum, typename Weight, typename Payload, bool Binary>
NMC_BODY int64_t addTiles(const Scatter &synapses, const Weight *weights,
                          const int32_t *events, int64_t count, Payload payload,
                          Sum *sums) {
  constexpr int64_t kTile = 256 / sizeof(Sum);
  int64_t tile = 0;
  for (; tile + kTile <= synapses.rowLength; tile += kTile) {
    Sum acc[kTile];
    for (int64_t j = 0; j < kTile; ++j)
      acc[j] = sums[tile + j];
    for (int64_t e = 0; e < count; ++e) {
      const Weight *w = weights + synapses.weightBase[events[e]] + tile;
      Sum x = payload(uint32_t(events[e]));
      for (int64_t j = 0; j < kTile; ++j)
        acc[j] = add<Sum>(acc[j], Binary ? Sum(w[j]) : multiply<Sum>(w[j], x));
    }
    for (int64_t j = 0; j < kTile; ++j)
      sums[tile + j] = acc[j];
  }
  return tile;
}

template <typename Sum, typename Payload, bool Binary>
NMC_BODY void scatterEvents(const Scatter &synapses, const Sum *weights,
                            const int32_t *events, int64_t count,
                            Payload payload, Sum *sums) {
  if (synapses.rowLength) {
    int64_t done = addTiles<Sum, Sum, Payload, Binary>(
        synapses, weights, events, count, payload, sums);
    if (done == synapses.rowLength)
      return;
    for (int64_t e = 0; e < count; ++e)
      addRow<Sum, Binary>(
          sums + done, weights + synapses.weightBase[events[e]] + done,
          payload(uint32_t(events[e])), synapses.rowLength - done);
    return;
  }
  for (int64_t e = 0; e < count; ++e) {
    uint32_t s = uint32_t(events[e]);
    uint32_t p = s / synapses.channels, c = s % synapses.channels;
    Sum *out = sums + synapses.targetShift[c];
    const Sum *w = weights + synapses.weightBase[c];
    Sum x = payload(s);
    const Run *run = synapses.runs.data() + synapses.first[p];
    const Run *end = synapses.runs.data() + synapses.first[p + 1];
    for (; run != end; ++run)
      addRow<Sum, Binary>(out + run->target, w + run->weight, x, run->length);
  }
}
} // namespace

NMC_CLONES
void kernels::scatterBytes(const Scatter &synapses, const int8_t *weights,
                           const int32_t *events, int64_t count,
                           int16_t *sums) {
  auto one = [](uint32_t) { return int16_t(1); };
  int64_t done = addTiles<int16_t, int8_t, decltype(one), true>(
      synapses, weights, events, count, one, sums);
  for (int64_t e = 0; e < count; ++e) {
    const int8_t *w = weights + synapses.weightBase[events[e]];
    for (int64_t t = done; t < synapses.rowLength; ++t)
      sums[t] = int16_t(sums[t] + w[t]);
  }
}

template <typename Sum, typename Frame>
NMC_BODY static void scatterBody(const Scatter &synapses, const Sum *weights,
                                 const int32_t *events, int64_t count,
                                 const Frame *frame, double scale, Sum *sums) {
  if (!frame) {
    auto one = [](uint32_t) { return Sum(1); };
    scatterEvents<Sum, decltype(one), true>(synapses, weights, events, count,
                                            one, sums);
  } else if (scale != 0) {
    auto real = [=](uint32_t s) { return Sum(double(frame[s]) * scale); };
    scatterEvents<Sum, decltype(real), false>(synapses, weights, events, count,
                                              real, sums);
  } else {
    auto plain = [=](uint32_t s) { return Sum(frame[s]); };
    scatterEvents<Sum, decltype(plain), false>(synapses, weights, events, count,
                                               plain, sums);
  }
}

//===----------------------------------------------------------------------===//
// Currents
//===----------------------------------------------------------------------===//

template <typename Sum, typename Current>
NMC_BODY static void finishCurrentBody(const Sum *sums, int64_t count,
                                       unsigned shift, const Current *bias,
                                       unsigned bits, Current *currents) {
  if constexpr (std::is_floating_point_v<Current>) {
    for (int64_t n = 0; n < count; ++n)
      currents[n] = bias ? sums[n] + bias[n] : sums[n];
  } else {
    using U = std::make_unsigned_t<Current>;
    unsigned width = 8 * sizeof(Current), drop = width - bits;
    if (shift >= width) {
      for (int64_t n = 0; n < count; ++n)
        currents[n] = bias ? wrap<Current>(bias[n], bits) : 0;
    } else if (bias) {
      for (int64_t n = 0; n < count; ++n) {
        U value = (U(Current(sums[n])) << shift) + U(bias[n]);
        currents[n] = Current(value << drop) >> drop;
      }
    } else {
      for (int64_t n = 0; n < count; ++n) {
        U value = U(Current(sums[n])) << shift;
        currents[n] = Current(value << drop) >> drop;
      }
    }
  }
}

template <typename T>
NMC_BODY static void addToBody(T *sums, const T *values, int64_t count) {
  for (int64_t n = 0; n < count; ++n)
    sums[n] = add<T>(sums[n], values[n]);
}

void kernels::multiplyBy(float *sums, float factor, int64_t count) {
  for (int64_t n = 0; n < count; ++n)
    sums[n] = factor * sums[n];
}

void kernels::divideBy(float *sums, const float *divisors, int64_t count) {
  for (int64_t n = 0; n < count; ++n)
    sums[n] = sums[n] / divisors[n];
}

//===----------------------------------------------------------------------===//
// Populations
//===----------------------------------------------------------------------===//

namespace {
/// The state that `value` leaves: wrapped or saturated at `bits`.
template <bool Saturates>
NMC_BODY int32_t sumState(int32_t v, int32_t x, unsigned bits) {
  if constexpr (Saturates) {
    // bits <= 30: clipping x first keeps the sum within 32 bits and does not
    // change where it saturates.
    int32_t most = int32_t(1) << bits, high = (most >> 1) - 1;
    int32_t clipped = x < -most ? -most : x > most ? most : x;
    int32_t sum = v + clipped;
    return sum < -high - 1 ? -high - 1 : sum > high ? high : sum;
  } else {
    unsigned drop = 32 - bits;
    return int32_t((uint32_t(v) + uint32_t(x)) << drop) >> drop;
  }
}

enum class IntegerDecay { None, Floor, TowardZero };

/// v·keep / 2^bits within 32 bits: of v = high·2^bits + low, only low·keep has
/// to be divided.
template <IntegerDecay Decay>
NMC_BODY int32_t decayState(int32_t v, int32_t keep, unsigned bits) {
  if constexpr (Decay == IntegerDecay::None)
    return v;
  int32_t sign = Decay == IntegerDecay::TowardZero ? v >> 31 : 0;
  int32_t size = (v ^ sign) - sign;
  int32_t low = size & ((int32_t(1) << bits) - 1);
  int32_t kept = (size >> bits) * keep + ((low * keep) >> bits);
  return (kept ^ sign) - sign;
}

template <bool Saturates, bool OrEqual, bool Subtracts, bool Uniform,
          IntegerDecay Decay>
NMC_BODY int64_t stepInteger(const Simple<int32_t> &p,
                             const int32_t *__restrict x, int32_t *__restrict v,
                             uint8_t *__restrict spikes) {
  int32_t updates = 0;
  int32_t floor = p.hasFloor ? p.floor : std::numeric_limits<int32_t>::min();
  int32_t threshold0 = p.threshold[0], reset0 = p.resetValue[0];
  unsigned bits = p.bits;
  for (int64_t n = 0; n < p.count; ++n) {
    int32_t threshold = Uniform ? threshold0 : p.threshold[n];
    int32_t reset = Uniform ? reset0 : p.resetValue[n];
    int32_t kept = decayState<Decay>(v[n], p.keep, p.decayBits);
    int32_t next = sumState<Saturates>(kept, x[n], bits);
    int32_t fires = OrEqual ? next >= threshold : next > threshold;
    int32_t after =
        Subtracts
            ? sumState<Saturates>(next, int32_t(0u - uint32_t(threshold)), bits)
            : reset;
    next = fires ? after : next;
    v[n] = next < floor ? floor : next;
    spikes[n] = uint8_t(fires);
    updates += (x[n] != 0) | fires;
  }
  return updates;
}

template <bool Decays, bool OrEqual, bool Subtracts>
NMC_BODY int64_t stepFloat(const Simple<float> &p, const float *__restrict x,
                           float *__restrict v, uint8_t *__restrict spikes) {
  int32_t updates = 0;
  float floor = p.hasFloor ? p.floor : -std::numeric_limits<float>::infinity();
  for (int64_t n = 0; n < p.count; ++n) {
    float threshold = p.threshold[p.uniformThreshold ? 0 : n];
    float reset = p.resetValue[p.uniformReset ? 0 : n];
    float gain = p.gain[p.uniformGain ? 0 : n];
    float kept = v[n];
    if constexpr (Decays) {
      float leak = p.leak[p.uniformLeak ? 0 : n];
      kept = leak + (v[n] - leak) * p.decay[p.uniformDecay ? 0 : n];
    }
    float next = kept + gain * x[n];
    bool fires = OrEqual ? next >= threshold : next > threshold;
    float after = Subtracts ? next - threshold : reset;
    next = fires ? after : next;
    v[n] = next < floor ? floor : next;
    spikes[n] = fires;
    updates += (x[n] != 0) | fires;
  }
  return updates;
}

/// All parameters uniform: numbers in registers, which vectors can use.
template <bool Decays, bool OrEqual, bool Subtracts>
NMC_BODY int64_t stepUniform(const Simple<float> &p, const float *__restrict x,
                             float *__restrict v, uint8_t *__restrict spikes) {
  int32_t updates = 0;
  float floor = p.hasFloor ? p.floor : -std::numeric_limits<float>::infinity();
  float threshold = p.threshold[0], reset = p.resetValue[0], gain = p.gain[0];
  float leak = Decays ? p.leak[0] : 0.0f, decay = Decays ? p.decay[0] : 1.0f;
  for (int64_t n = 0; n < p.count; ++n) {
    float kept = Decays ? leak + (v[n] - leak) * decay : v[n];
    float next = kept + gain * x[n];
    int32_t fires = OrEqual ? next >= threshold : next > threshold;
    float after = Subtracts ? next - threshold : reset;
    next = fires ? after : next;
    v[n] = next < floor ? floor : next;
    spikes[n] = uint8_t(fires);
    updates += int32_t(x[n] != 0) | fires;
  }
  return updates;
}

template <bool OrEqual, bool Subtracts, IntegerDecay Decay>
NMC_BODY int64_t dispatchDecay(const Simple<int32_t> &p, const int32_t *x,
                               int32_t *v, uint8_t *spikes) {
  bool uniform = p.uniformThreshold && p.uniformReset;
  if (p.saturates)
    return uniform ? stepInteger<true, OrEqual, Subtracts, true, Decay>(p, x, v,
                                                                        spikes)
                   : stepInteger<true, OrEqual, Subtracts, false, Decay>(
                         p, x, v, spikes);
  return uniform ? stepInteger<false, OrEqual, Subtracts, true, Decay>(p, x, v,
                                                                       spikes)
                 : stepInteger<false, OrEqual, Subtracts, false, Decay>(p, x, v,
                                                                        spikes);
}

template <bool OrEqual, bool Subtracts>
NMC_BODY int64_t dispatch(const Simple<int32_t> &p, const int32_t *x,
                          int32_t *v, uint8_t *spikes) {
  if (p.decaysFloor)
    return dispatchDecay<OrEqual, Subtracts, IntegerDecay::Floor>(p, x, v,
                                                                  spikes);
  if (p.decaysTowardZero)
    return dispatchDecay<OrEqual, Subtracts, IntegerDecay::TowardZero>(p, x, v,
                                                                       spikes);
  return dispatchDecay<OrEqual, Subtracts, IntegerDecay::None>(p, x, v, spikes);
}

template <bool OrEqual, bool Subtracts>
NMC_BODY int64_t dispatch(const Simple<float> &p, const float *x, float *v,
                          uint8_t *spikes) {
  bool uniform = p.uniformThreshold && p.uniformReset && p.uniformGain &&
                 (!p.decays || (p.uniformDecay && p.uniformLeak));
  if (p.decays)
    return uniform ? stepUniform<true, OrEqual, Subtracts>(p, x, v, spikes)
                   : stepFloat<true, OrEqual, Subtracts>(p, x, v, spikes);
  return uniform ? stepUniform<false, OrEqual, Subtracts>(p, x, v, spikes)
                 : stepFloat<false, OrEqual, Subtracts>(p, x, v, spikes);
}
} // namespace

template <typename T>
NMC_BODY static int64_t stepSimpleBody(const Simple<T> &p, const T *x, T *v,
                                       uint8_t *spikes) {
  if (p.orEqual)
    return p.subtracts ? dispatch<true, true>(p, x, v, spikes)
                       : dispatch<true, false>(p, x, v, spikes);
  return p.subtracts ? dispatch<false, true>(p, x, v, spikes)
                     : dispatch<false, false>(p, x, v, spikes);
}

namespace {
NMC_BODY int32_t wrapState(uint32_t value, unsigned bits) {
  return int32_t(value << (32 - bits)) >> (32 - bits);
}

template <bool Synapse, bool Uniform, bool Biased, IntegerDecay Decay>
NMC_BODY int64_t stepLeakyAs(const Leaky &p, const int32_t *__restrict x,
                             int32_t *__restrict v, int32_t *__restrict i,
                             uint8_t *__restrict spikes) {
  int32_t updates = 0;
  int32_t floor = p.hasFloor ? p.floor : std::numeric_limits<int32_t>::min();
  int32_t low = p.isBounded ? p.floor : floor;
  int32_t high = p.isBounded ? p.ceiling : std::numeric_limits<int32_t>::max();
  unsigned bits = p.bits, decayBits = p.decayBits;
  int32_t keep = p.keep, synapseKeep = p.synapseKeep;
  int32_t threshold0 = p.threshold[0], reset0 = p.resetValue[0];
  int32_t orEqual = p.orEqual, onOld = -int32_t(p.firesOnOld),
          subtracts = -int32_t(p.subtracts);
  for (int64_t n = 0; n < p.count; ++n) {
    int32_t threshold = Uniform ? threshold0 : p.threshold[n];
    int32_t reset = Uniform ? reset0 : p.resetValue[n];
    int32_t input = x[n];
    int32_t driven = input != 0;
    if constexpr (Synapse) {
      int32_t before = i[n];
      driven |= before != 0;
      input = wrapState(
          uint32_t(decayState<Decay>(before, synapseKeep, decayBits)) +
              uint32_t(input),
          bits);
      i[n] = input;
    }
    if constexpr (Biased)
      input = wrapState(uint32_t(input) + uint32_t(p.bias[n]), bits);
    int32_t old = v[n];
    // Between a floor and a ceiling the sum fits 32 bits; else it wraps.
    int32_t sum = int32_t(uint32_t(decayState<Decay>(old, keep, decayBits)) +
                          uint32_t(input));
    int32_t next = p.isBounded ? sum : wrapState(uint32_t(sum), bits);
    next = next < low ? low : next > high ? high : next;
    int32_t compared = (old & onOld) | (next & ~onOld);
    int32_t fires =
        (compared > threshold) | (orEqual & (compared == threshold));
    int32_t lowered = wrapState(uint32_t(next) - uint32_t(threshold), bits);
    int32_t after = (lowered & subtracts) | (reset & ~subtracts);
    next = fires ? after : next;
    v[n] = next < floor ? floor : next;
    spikes[n] = uint8_t(fires);
    updates += driven | fires;
  }
  return updates;
}

template <bool Synapse, bool Uniform, bool Biased>
NMC_BODY int64_t dispatchLeaky(const Leaky &p, const int32_t *x, int32_t *v,
                               int32_t *i, uint8_t *spikes) {
  if (p.towardZero)
    return stepLeakyAs<Synapse, Uniform, Biased, IntegerDecay::TowardZero>(
        p, x, v, i, spikes);
  return stepLeakyAs<Synapse, Uniform, Biased, IntegerDecay::Floor>(p, x, v, i,
                                                                    spikes);
}

template <bool Synapse>
NMC_BODY int64_t dispatchLeaky(const Leaky &p, const int32_t *x, int32_t *v,
                               int32_t *i, uint8_t *spikes) {
  if (p.uniform)
    return p.bias ? dispatchLeaky<Synapse, true, true>(p, x, v, i, spikes)
                  : dispatchLeaky<Synapse, true, false>(p, x, v, i, spikes);
  return p.bias ? dispatchLeaky<Synapse, false, true>(p, x, v, i, spikes)
                : dispatchLeaky<Synapse, false, false>(p, x, v, i, spikes);
}
} // namespace

NMC_CLONES
int64_t kernels::stepLeaky(const Leaky &p, const int32_t *x, int32_t *v,
                           int32_t *i, uint8_t *spikes) {
  return p.hasSynapse ? dispatchLeaky<true>(p, x, v, i, spikes)
                      : dispatchLeaky<false>(p, x, v, i, spikes);
}

template <typename T>
void kernels::maxRow(const T *source, T *target, int64_t count, bool first) {
  if (first) {
    std::memcpy(target, source, count * sizeof(T));
    return;
  }
  for (int64_t n = 0; n < count; ++n)
    target[n] = source[n] > target[n] ? source[n] : target[n];
}

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

void kernels::countEvents(const int32_t *events, int64_t count,
                          uint32_t *counts) {
  for (int64_t k = 0; k < count; ++k)
    ++counts[events[k]];
}

int64_t kernels::sumFanOut(const int32_t *events, int64_t count,
                           const int32_t *fan) {
  int64_t sum = 0;
  for (int64_t k = 0; k < count; ++k)
    sum += fan[events[k]];
  return sum;
}

//===----------------------------------------------------------------------===//
// Instances
//===----------------------------------------------------------------------===//

#define NMC_FRAME(FRAME)                                                       \
  NMC_CLONES static int64_t findEventsIn(const FRAME *frame, int64_t count,    \
                                         int32_t *out) {                       \
    return findEventsBody<FRAME>(frame, count, out);                           \
  }                                                                            \
  template <>                                                                  \
  int64_t kernels::findEvents<FRAME>(const FRAME *frame, int64_t count,        \
                                     int32_t *out) {                           \
    return findEventsIn(frame, count, out);                                    \
  }                                                                            \
  template void kernels::maxRow<FRAME>(const FRAME *, FRAME *, int64_t, bool);
NMC_FRAME(uint8_t)
NMC_FRAME(int32_t)
NMC_FRAME(int64_t)
NMC_FRAME(float)
#undef NMC_FRAME

#define NMC_SCATTER(SUM, FRAME)                                                \
  NMC_CLONES static void scatterInto(                                          \
      const Scatter &synapses, const SUM *weights, const int32_t *events,      \
      int64_t count, const FRAME *frame, double scale, SUM *sums) {            \
    scatterBody<SUM, FRAME>(synapses, weights, events, count, frame, scale,    \
                            sums);                                             \
  }                                                                            \
  template <>                                                                  \
  void kernels::scatter<SUM, FRAME>(                                           \
      const Scatter &synapses, const SUM *weights, const int32_t *events,      \
      int64_t count, const FRAME *frame, double scale, SUM *sums) {            \
    scatterInto(synapses, weights, events, count, frame, scale, sums);         \
  }
NMC_SCATTER(int16_t, uint8_t)
NMC_SCATTER(int32_t, uint8_t)
NMC_SCATTER(int32_t, int32_t)
NMC_SCATTER(int32_t, int64_t)
NMC_SCATTER(int64_t, uint8_t)
NMC_SCATTER(int64_t, int32_t)
NMC_SCATTER(int64_t, int64_t)
NMC_SCATTER(float, uint8_t)
NMC_SCATTER(float, int32_t)
NMC_SCATTER(float, int64_t)
NMC_SCATTER(float, float)
#undef NMC_SCATTER

#define NMC_CURRENT(SUM, CURRENT)                                              \
  NMC_CLONES static void finish(const SUM *sums, int64_t count,                \
                                unsigned shift, const CURRENT *bias,           \
                                unsigned bits, CURRENT *currents) {            \
    finishCurrentBody<SUM, CURRENT>(sums, count, shift, bias, bits, currents); \
  }                                                                            \
  template <>                                                                  \
  void kernels::finishCurrent<SUM, CURRENT>(                                   \
      const SUM *sums, int64_t count, unsigned shift, const CURRENT *bias,     \
      unsigned bits, CURRENT *currents) {                                      \
    finish(sums, count, shift, bias, bits, currents);                          \
  }
NMC_CURRENT(int16_t, int32_t)
NMC_CURRENT(int32_t, int32_t)
NMC_CURRENT(int64_t, int32_t)
NMC_CURRENT(int64_t, int64_t)
NMC_CURRENT(float, float)
#undef NMC_CURRENT

#define NMC_ADD(T)                                                             \
  NMC_CLONES static void addInto(T *sums, const T *values, int64_t count) {    \
    addToBody<T>(sums, values, count);                                         \
  }                                                                            \
  template <>                                                                  \
  void kernels::addTo<T>(T * sums, const T *values, int64_t count) {           \
    addInto(sums, values, count);                                              \
  }
NMC_ADD(int32_t)
NMC_ADD(int64_t)
NMC_ADD(float)
#undef NMC_ADD

#define NMC_SIMPLE(T)                                                          \
  NMC_CLONES static int64_t stepAll(const Simple<T> &p, const T *x, T *v,      \
                                    uint8_t *spikes) {                         \
    return stepSimpleBody<T>(p, x, v, spikes);                                 \
  }                                                                            \
  template <>                                                                  \
  int64_t kernels::stepSimple<T>(const Simple<T> &p, const T *x, T *v,         \
                                 uint8_t *spikes) {                            \
    return stepAll(p, x, v, spikes);                                           \
  }
NMC_SIMPLE(int32_t)
NMC_SIMPLE(float)
#undef NMC_SIMPLE
