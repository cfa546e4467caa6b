//===- Kernels.h - The loops in which the time goes -------------*- C++ -*-===//
//
// Private to the executor.  Plain loops over plain arrays in channel-last order
// that compilers turn into vector code.  Each equals the pure function of
// Semantics.h bit for bit: integers since sums are modular (16-bit sums are
// used only where a bound proves that none overflows), floats since a scatter
// adds the synapses of a target in the order in which their sources come, which
// is the order that Semantics.h fixes.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_EXEC_KERNELS_H
#define NMC_LIB_EXEC_KERNELS_H

#include <cstdint>
#include <vector>

namespace nmc::exec::kernels {

/// A row of weights that meets a row of targets.
struct Run {
  int64_t weight;
  int32_t target, length;
};

/// Synapses by source. Source s is channel c = s % channels of position
/// p = s / channels; it feeds, for each run of p, targets targetShift[c] +
/// run.target … with weights weightBase[c] + run.weight ….
struct Scatter {
  uint32_t channels = 1;
  std::vector<int64_t> first; // runs of position p: [first[p], first[p + 1])
  std::vector<Run> runs;
  std::vector<int32_t> targetShift;
  std::vector<int64_t> weightBase;
  /// The targets of each source, where all of them are; else 0.
  int64_t rowLength = 0;
};

/// Indices of the elements of `frame` that are not 0, ascending, to `out`,
/// which has room for `count`; returns how many.
template <typename Frame>
int64_t findEvents(const Frame *frame, int64_t count, int32_t *out);

/// sums[t] += weight · payload for all synapses of all events. A null `frame`
/// stands for payloads of 1; a `scale` other than 0 turns them into reals.
template <typename Sum, typename Frame>
void scatter(const Scatter &synapses, const Sum *weights, const int32_t *events,
             int64_t count, const Frame *frame, double scale, Sum *sums);

/// The same for payloads of 1 and rows over all targets, whose weights fit
/// bytes: half the memory to read.
void scatterBytes(const Scatter &synapses, const int8_t *weights,
                  const int32_t *events, int64_t count, int16_t *sums);

/// current = (sum << shift) + bias, modulo 2^bits; `bias` may be null.
template <typename Sum, typename Current>
void finishCurrent(const Sum *sums, int64_t count, unsigned shift,
                   const Current *bias, unsigned bits, Current *currents);

/// sums[n] = sums[n] + values[n], etc.; float and modular.
template <typename T> void addTo(T *sums, const T *values, int64_t count);
void multiplyBy(float *sums, float factor, int64_t count);
void divideBy(float *sums, const float *divisors, int64_t count);

/// A population that integrates without a synaptic current, refractory time or
/// several spikes per step: all that vectors need to know.
template <typename T> struct Simple {
  int64_t count = 0;
  /// One number, or one per neuron; integers: both of the same length.
  const T *threshold = nullptr, *resetValue = nullptr;
  bool uniformThreshold = true, uniformReset = true;
  bool orEqual = false;   // compare ≥
  bool subtracts = false; // reset by subtraction, else to resetValue
  bool hasFloor = false;
  T floor = 0;
  // Integer: v := v·keep / 2^decayBits + x, rounded, where decays; no gain.
  unsigned bits = 32;
  bool saturates = false;
  bool decaysFloor = false, decaysTowardZero = false;
  int32_t keep = 0; // 0 to 2^decayBits
  unsigned decayBits = 12;
  // Float: v := leak + (v − leak)·decay + gain·x, or v + gain·x.
  bool decays = false;
  const float *decay = nullptr, *leak = nullptr, *gain = nullptr;
  bool uniformDecay = true, uniformLeak = true, uniformGain = true;
};

/// One step; writes 1 or 0 per neuron to `spikes` and returns the number of
/// membranes that had input or fired.
template <typename T>
int64_t stepSimple(const Simple<T> &population, const T *x, T *v,
                   uint8_t *spikes);

/// A population in wrapping 32-bit integers that has what `Simple` has not: a
/// synaptic current, a bias beside it, a floor and a ceiling together, or
/// spikes of the membrane before the step. States have at most 30 bits, so that
/// sums of two fit 32.
struct Leaky {
  int64_t count = 0;
  unsigned bits = 24, decayBits = 12;
  bool towardZero = false; // rounding of decays, else down
  /// 0 to 2^decayBits: what a state keeps of itself per step.
  int32_t keep = 0, synapseKeep = 0;
  bool hasSynapse = false;
  bool firesOnOld = false, orEqual = false, subtracts = false;
  /// Of the membrane before the comparison, and once more of the floor after
  /// it.
  int32_t floor = 0, ceiling = 0;
  bool hasFloor = false, isBounded = false;
  /// One number each, or one per neuron each.
  bool uniform = true;
  const int32_t *threshold = nullptr, *resetValue = nullptr;
  /// One per neuron, or null.
  const int32_t *bias = nullptr;
};

/// One step; `i` holds synaptic currents and is null without them. Returns the
/// number of membranes that had input or fired.
int64_t stepLeaky(const Leaky &population, const int32_t *x, int32_t *v,
                  int32_t *i, uint8_t *spikes);

/// target[c] = max(target[c], source[c]), or a copy where `first`.
template <typename T>
void maxRow(const T *source, T *target, int64_t count, bool first);

/// counts[events[k]] += 1, and the sum of fan[events[k]].
void countEvents(const int32_t *events, int64_t count, uint32_t *counts);
int64_t sumFanOut(const int32_t *events, int64_t count, const int32_t *fan);

} // namespace nmc::exec::kernels

#endif // NMC_LIB_EXEC_KERNELS_H
