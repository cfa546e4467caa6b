//===- Semantics.h - What every spike op computes -------------------------===//
//
// One pure function per op on plain row-major tensors: the definition that
// every faster form is tested against.  Two arithmetics:
//
// * float: single precision without contraction, in one fixed order.  A target
//   adds its synapses in channel-last order of the source (space major, channel
//   minor), starting from 0; then come the factor of a pool, the bias and, in a
//   population, its drives in operand order.  A silent source contributes a
//   zero, so that a kernel may skip it.
// * integer: currents are exact modulo 2^N for an element type iN, so that no
//   order matters; states wrap or saturate at their width as #spike.fixed says.
//
// Streams hold payloads less their zero point, so that 0 is always silence.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_EXEC_SEMANTICS_H
#define NMC_EXEC_SEMANTICS_H

#include "dialects/Spike/Spike.h"

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace nmc::exec {

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

__extension__ typedef __int128 Int128;

/// Sums and products of T: plain for float, modulo 2^width for integers.
template <typename T> inline T add(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return a + b;
  else
    return T(std::make_unsigned_t<T>(a) + std::make_unsigned_t<T>(b));
}
template <typename T> inline T multiply(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return a * b;
  else // through 64 bits, since narrow operands would be promoted to int
    return T(uint64_t(a) * uint64_t(b));
}

/// The value in [-2^(bits-1), 2^(bits-1)) that is congruent to `value` modulo
/// 2^bits; 1 <= bits <= width of T.
template <typename T> inline T wrap(T value, unsigned bits) {
  unsigned drop = 8 * sizeof(T) - bits;
  return T(std::make_unsigned_t<T>(value) << drop) >> drop;
}

/// value / 2^shift, rounded; 0 <= shift < width of T.
template <typename T>
inline T shiftRight(T value, unsigned shift, spike::Rounding rounding) {
  if (shift == 0)
    return value;
  T floor = value >> shift;
  T half = T(1) << (shift - 1);
  T rest = value & (half + (half - 1)); // value - floor·2^shift
  switch (rounding) {
  case spike::Rounding::Floor:
    return floor;
  case spike::Rounding::TowardZero:
    return floor + (value < 0 && rest != 0);
  case spike::Rounding::NearestEven:
    return floor + (rest > half || (rest == half && (floor & 1)));
  case spike::Rounding::NearestUp:
    return floor + (rest >= half);
  }
  return floor;
}

/// A parameter of a population: one number for all neurons, or one per neuron.
template <typename T> struct Parameter {
  std::vector<T> values{T(0)};

  Parameter() = default;
  explicit Parameter(T value) : values{value} {}
  T operator[](int64_t neuron) const {
    return values.size() == 1 ? values[0] : values[neuron];
  }
  bool isUniform() const { return values.size() == 1; }
  bool isAll(T value) const {
    return llvm::all_of(values, [&](T v) { return v == value; });
  }
};

//===----------------------------------------------------------------------===//
// Connections
//===----------------------------------------------------------------------===//

/// The space axes of a convolution or pool: target t reads source
/// t·stride − pad + k·dilation of every axis (transposed: source s feeds target
/// s·stride − pad + k·dilation).
struct Window {
  SmallVector<int64_t, 3> source, target, kernel, stride, pad, dilation;
  bool transposed = false;

  int64_t sources() const { return ShapedType::getNumElements(source); }
  int64_t targets() const { return ShapedType::getNumElements(target); }
  int64_t taps() const { return ShapedType::getNumElements(kernel); }

  /// Calls `visit(tap, far)` for every pair with position `near`: near is a
  /// target and far its sources, or the other way round where transposed; taps
  /// ascend, and with them `far`.
  template <typename Visit> void forEach(int64_t near, Visit visit) const {
    ArrayRef<int64_t> nearShape = transposed ? source : target;
    ArrayRef<int64_t> farShape = transposed ? target : source;
    size_t rank = kernel.size();
    SmallVector<int64_t, 3> base(rank), k(rank, 0);
    for (size_t a = rank; a-- > 0; near /= nearShape[a])
      base[a] = near % nearShape[a] * stride[a] - pad[a];
    for (int64_t tap = 0, all = taps(); tap < all; ++tap) {
      int64_t far = 0;
      bool inside = true;
      for (size_t a = 0; a < rank; ++a) {
        int64_t at = base[a] + k[a] * dilation[a];
        inside &= at >= 0 && at < farShape[a];
        far = far * farShape[a] + at;
      }
      if (inside)
        visit(tap, far);
      for (size_t a = rank; a-- > 0;) {
        if (++k[a] < kernel[a])
          break;
        k[a] = 0;
      }
    }
  }
};

enum class ConnectionKind {
  Dense,
  Conv,
  TransposedConv,
  SumPool,
  AvgPool,
  Elementwise, // scale and identity
  Sparse
};

/// A connection on plain data. Exactly one of `floatWeights` and `intWeights`
/// is used, by the arithmetic of the target.
struct Connection {
  ConnectionKind kind = ConnectionKind::Elementwise;
  bool isFloat = false;
  int64_t sources = 0, targets = 0;

  /// Dense: blocks of out×in.  Convolutions: groups, channels of both sides.
  int64_t groups = 1, channelsIn = 1, channelsOut = 1;
  Window window;
  /// Sparse: sources of target t are [offsets[t], offsets[t + 1]).
  std::vector<int64_t> offsets, indices;
  /// Dense and sparse: C-major source indices in the order in which a float
  /// target adds them; empty where that is ascending.
  std::vector<int64_t> order;
  /// AvgPool: whether padding counts in the mean.
  bool countPad = true;

  /// As in the op, zero points and powers of two applied (float only). Pools:
  /// the factor after the sum, one number.  Elementwise: one per source, or
  /// one.
  std::vector<float> floatWeights;
  std::vector<int32_t> intWeights;
  /// One per target, or per channel (targets / biases apart); empty: none.
  std::vector<float> floatBias;
  std::vector<int64_t> intBias;

  /// Integer: the sum is shifted right by this much, rounding down, then left
  /// by that, before the bias.
  unsigned shiftDown = 0, shift = 0;
  /// Integer: width of the current.
  unsigned bits = 64;
  /// The bias is left out in step 0 (`bias_at_t0`).
  bool noBiasAtZero = false;

  template <typename W> ArrayRef<W> weights() const {
    if constexpr (std::is_same_v<W, float>)
      return floatWeights;
    else
      return intWeights;
  }
};

/// target[o] = Σ_i W[o][i] source[i], block by block.  T is float with W float,
/// or an integer with W int32_t.
template <typename T, typename W>
void dense(const Connection &c, ArrayRef<T> source, MutableArrayRef<T> target);
/// Cross-correlation with groups, strides, dilations, zero padding.
template <typename T, typename W>
void conv(const Connection &c, ArrayRef<T> source, MutableArrayRef<T> target);
/// The adjoint of `conv`.
template <typename T, typename W>
void transposedConv(const Connection &c, ArrayRef<T> source,
                    MutableArrayRef<T> target);
/// weight · sum over each window.
template <typename T, typename W>
void sumPool(const Connection &c, ArrayRef<T> source,
             MutableArrayRef<T> target);
/// Mean over each window; float alone.
void avgPool(const Connection &c, ArrayRef<float> source,
             MutableArrayRef<float> target);
/// weights ⊙ source: `spike.scale`, `spike.identity`.
template <typename T, typename W>
void elementwise(const Connection &c, ArrayRef<T> source,
                 MutableArrayRef<T> target);
/// Synapses compressed by target.
template <typename T, typename W>
void sparse(const Connection &c, ArrayRef<T> source, MutableArrayRef<T> target);

/// The whole connection: the sum by kind, then shift, bias and width.
void evaluate(const Connection &c, bool firstStep, ArrayRef<float> source,
              MutableArrayRef<float> target);
void evaluate(const Connection &c, bool firstStep, ArrayRef<int64_t> source,
              MutableArrayRef<int64_t> target);

/// Sources of a window, padding excluded or not: the divisor of an average.
int64_t countWindow(const Window &window, int64_t target, bool countPad);

//===----------------------------------------------------------------------===//
// Populations with a membrane
//===----------------------------------------------------------------------===//

/// The integer that holds sums and products of T.
template <typename T> struct WideOf;
template <> struct WideOf<int32_t> {
  using type = int64_t;
};
template <> struct WideOf<int64_t> {
  using type = Int128;
};
template <> struct WideOf<float> {
  using type = float;
};
template <typename T> using Wide = typename WideOf<T>::type;

/// `#spike.dynamics` and the parameters of a population, turned into numbers
/// per step.  T is float, int64_t, or int32_t where the state has at most 32
/// bits.
template <typename T> struct Membrane {
  /// if, lif, cuba_lif, threshold: events are spikes; else the membrane itself.
  bool fires = true;
  /// threshold: the membrane is the input of the step.
  bool stateless = false;
  /// cuba_lif, cuba_li: a synaptic current before the membrane, one for each
  /// receptor.
  bool hasSynapse = false;
  int64_t receptors = 1;

  spike::DecayKind decay = spike::DecayKind::None;
  spike::SynapseOrder synapseOrder = spike::SynapseOrder::DecayThenAdd;
  spike::Order order = spike::Order::IntegrateThenFire;
  spike::Compare compare = spike::Compare::Greater;
  spike::Reset reset = spike::Reset::Zero;
  int64_t maxSpikes = 1;
  Parameter<int32_t> refractory;
  std::optional<T> floor, ceiling;

  /// Float: factors; fixed: the d of (2^decay_bits − d); bitshift: the shift.
  /// What there is one of per receptor lists the neurons of receptor 0 first.
  Parameter<T> membraneDecay, synapseDecay;
  /// gain·r, one number.
  Parameter<T> gain{T(1)}, inputWeight{T(1)};
  Parameter<T> leak, threshold{T(1)}, resetValue, initial;
  /// A constant beside the current, where there is one.
  bool hasBias = false;
  Parameter<T> bias;
  /// within_step: dt/tau, and the membrane's asymptote at input 1 (that is r).
  Parameter<T> rate, resistance{T(1)};
  /// Neurons to whose spikes one's own are added, -1 for none; or empty.
  std::vector<int32_t> alias;

  /// Neurons have to be stepped together, by `stepOrdered`.
  bool isOrdered() const {
    return receptors > 1 || !alias.empty() ||
           overflow == spike::Overflow::SaturateEach;
  }

  // Integer only.
  unsigned stateBits = 32, decayBits = 12;
  spike::Rounding rounding = spike::Rounding::TowardZero;
  spike::Overflow overflow = spike::Overflow::Wrap;
};

/// What happens at the rails of the state.
template <typename T> inline T fit(const Membrane<T> &m, Wide<T> value) {
  if constexpr (std::is_same_v<T, float>) {
    return value;
  } else {
    if (m.overflow == spike::Overflow::Wrap)
      return wrap<T>(T(value), m.stateBits);
    Wide<T> high = (Wide<T>(1) << (m.stateBits - 1)) - 1;
    return T(std::min(std::max(value, -high - 1), high));
  }
}

/// One step of decay towards 0; `parameter` as in Membrane.
template <typename T>
inline Wide<T> decayed(const Membrane<T> &m, Wide<T> value, T parameter) {
  if constexpr (std::is_same_v<T, float>) {
    return m.decay == spike::DecayKind::None ? value : value * parameter;
  } else {
    switch (m.decay) {
    case spike::DecayKind::Fixed:
      return shiftRight<Wide<T>>(value *
                                     ((Wide<T>(1) << m.decayBits) - parameter),
                                 m.decayBits, m.rounding);
    case spike::DecayKind::BitShift: {
      Wide<T> drop = value >> parameter;
      if (drop == 0 && value != 0)
        drop = value > 0 ? 1 : -1;
      return value - drop;
    }
    default:
      return value;
    }
  }
}

/// Number of spikes of a membrane `v` in one step, at most `most`.
template <typename T>
inline int64_t countSpikes(const Membrane<T> &m, T v, T threshold,
                           int64_t most) {
  bool passes =
      m.compare == spike::Compare::Greater ? v > threshold : v >= threshold;
  if (!passes)
    return 0;
  if (m.maxSpikes == 1)
    return std::min<int64_t>(most, 1);
  // Thresholds are positive where more than one spike is allowed, so v is too.
  if constexpr (std::is_same_v<T, float>) {
    float n = std::floor(v / threshold);
    return n >= float(most) ? most : int64_t(n);
  } else {
    return std::min<int64_t>(v / threshold, most);
  }
}

/// One synaptic current, one step: input `x`, current `i`; `at` is the index of
/// its parameters (receptor · neurons + neuron).
template <typename T>
inline T stepSynapse(const Membrane<T> &m, int64_t at, T x, T i) {
  using W = Wide<T>;
  W added = W(m.inputWeight[at]) * W(x);
  if (m.synapseOrder == spike::SynapseOrder::AddThenDecay)
    return fit<T>(m, decayed<T>(m, W(fit<T>(m, W(i) + added)),
                                m.synapseDecay[at]));
  return fit<T>(m, decayed<T>(m, W(i), m.synapseDecay[at]) + added);
}

/// The membrane in continuous time through one step of constant `input`, reset
/// at each crossing; the time left after a crossing from v0 towards a is
/// shortened by tau·ln((a − v0) / (a − theta)). Returns the number of spikes.
inline int64_t stepWithin(const Membrane<float> &m, int64_t neuron, float input,
                          float &v) {
  double rate = m.rate[neuron], threshold = m.threshold[neuron];
  double asymptote =
      double(m.leak[neuron]) + double(m.resistance[neuron]) * double(input);
  double reset =
      m.reset == spike::Reset::Value ? double(m.resetValue[neuron]) : 0.0;
  auto passes = [&](double value) {
    return m.compare == spike::Compare::Greater ? value > threshold
                                                : value >= threshold;
  };
  double membrane = v, left = 1;
  int64_t spikes = 0;
  while (true) {
    double end =
        asymptote + (membrane - asymptote) * std::exp(-rate * left);
    if (!m.fires || spikes == m.maxSpikes || !(passes(end) || passes(membrane))) {
      v = float(end);
      return spikes;
    }
    if (!passes(membrane))
      left -= std::log((asymptote - membrane) / (asymptote - threshold)) / rate;
    left = std::max(left, 0.0);
    membrane = reset;
    ++spikes;
  }
}

/// One membrane, one step (steps 2 to 4 of #spike.dynamics): current `input`,
/// membrane `v`, steps of refractory time left `rest`, at most `most` spikes.
/// Returns their number. During refractory time the membrane stands still.
template <typename T>
inline int64_t stepMembrane(const Membrane<T> &m, int64_t neuron, Wide<T> input,
                            int64_t most, T &v, int32_t &rest) {
  using W = Wide<T>;
  if (m.stateless) {
    v = fit<T>(m, input * W(m.gain[neuron]));
    return countSpikes<T>(m, v, m.threshold[neuron], most);
  }
  if (rest > 0) {
    --rest;
    return 0;
  }
  if constexpr (std::is_same_v<T, float>)
    if (m.order == spike::Order::WithinStep)
      return stepWithin(m, neuron, input, v);
  T old = v;
  W kept = W(v);
  if (m.decay != spike::DecayKind::None) {
    W leak = W(m.leak[neuron]);
    kept = leak + decayed<T>(m, W(v) - leak, m.membraneDecay[neuron]);
  }
  W next;
  if (m.overflow == spike::Overflow::SaturateEach) {
    T change = fit<T>(m, kept - W(v) + W(m.gain[neuron]) * input);
    if (m.hasBias)
      change = fit<T>(m, W(change) + W(m.bias[neuron]));
    next = W(v) + W(change);
  } else {
    W drive = W(m.gain[neuron]) * input;
    if (m.hasBias)
      drive = W(fit<T>(m, drive + W(m.bias[neuron])));
    next = kept + drive;
  }
  // Between a floor and a ceiling nothing overflows.
  if (m.floor && m.ceiling)
    next = std::min(std::max(next, W(*m.floor)), W(*m.ceiling));
  v = fit<T>(m, next);
  if (m.floor)
    v = std::max(v, *m.floor);
  if (m.ceiling)
    v = std::min(v, *m.ceiling);
  int64_t spikes = 0;
  if (m.fires) {
    T threshold = m.threshold[neuron];
    T compared = m.order == spike::Order::FireOnOld ? old : v;
    // Passing twice the threshold is passing it once a threshold lower.
    if (m.reset == spike::Reset::SubtractResidual &&
        countSpikes<T>(m, old, threshold, 1))
      compared = fit<T>(m, W(compared) - W(threshold));
    spikes = countSpikes<T>(m, compared, threshold, most);
    if (spikes) {
      switch (m.reset) {
      case spike::Reset::Zero:
        v = T(0);
        break;
      case spike::Reset::Value:
        v = m.resetValue[neuron];
        break;
      case spike::Reset::Subtract:
      case spike::Reset::SubtractResidual:
        v = fit<T>(m, W(v) - W(spikes) * W(threshold));
        break;
      }
      rest = m.refractory[neuron];
    }
  }
  if (m.floor)
    v = std::max(v, *m.floor);
  return spikes;
}

/// One neuron with one receptor, one step: summed input `x`, synaptic current
/// `i`, which goes on during refractory time.
template <typename T>
inline int64_t stepNeuron(const Membrane<T> &m, int64_t neuron, T x, T &v, T &i,
                          int32_t &rest) {
  T input = x;
  if (m.hasSynapse)
    input = i = stepSynapse<T>(m, neuron, x, i);
  return stepMembrane<T>(m, neuron, Wide<T>(input), m.maxSpikes, v, rest);
}

/// The synapses of one drive by target, sources ascending, weights as they meet
/// the state: shifted and wrapped.
struct Delivery {
  std::vector<int64_t> offsets; // of target t: [offsets[t], offsets[t + 1])
  std::vector<int32_t> sources;
  std::vector<int64_t> weights;
  /// One per target, or empty; added last.
  std::vector<int64_t> bias;
};

/// What one drive brings to an ordered population: a current, or, where
/// additions saturate one by one, events and the synapses that deliver them.
template <typename T> struct DriveInput {
  int64_t receptor = 0;
  ArrayRef<T> current;
  const Delivery *delivery = nullptr;
  ArrayRef<int64_t> events;
};

/// One step of a population whose neurons have several receptors or aliases, or
/// whose additions saturate one by one. `i` lists the neurons of receptor 0
/// first; `spikes` gets the events of the step. Returns how many membranes had
/// input or fired.
template <typename T>
uint64_t stepOrdered(const Membrane<T> &m, ArrayRef<DriveInput<T>> drives,
                     MutableArrayRef<T> v, MutableArrayRef<T> i,
                     MutableArrayRef<int32_t> rest, MutableArrayRef<T> events);

//===----------------------------------------------------------------------===//
// Other populations
//===----------------------------------------------------------------------===//

/// sigma_delta: state `s` and `ref`; returns the event.
template <typename T> struct SigmaDelta {
  bool rectify = true;
  unsigned eventShift = 0; // integer: of what is sent, to the right
  Parameter<T> threshold, bias;
  Membrane<T> arithmetic; // of the state
};

template <typename T>
inline T stepSigmaDelta(const SigmaDelta<T> &p, int64_t neuron, T x, T &s,
                        T &ref) {
  using W = Wide<T>;
  s = fit<T>(p.arithmetic, W(s) + W(x));
  T a = fit<T>(p.arithmetic, W(s) + W(p.bias[neuron]));
  if (p.rectify)
    a = std::max(a, T(0));
  W event = W(a) - W(ref);
  W size = event < 0 ? -event : event;
  if (size == 0 || size < W(p.threshold[neuron]))
    return T(0);
  ref = a;
  if constexpr (std::is_same_v<T, float>)
    return event;
  else
    return T(event >> p.eventShift);
}

/// relu without rescaling.
struct Relu {
  bool rectify = true;
  std::optional<float> max;
  // With `requant`: integer current to payload.
  bool requantises = false;
  int64_t multiplier = 1, shift = 0, zeroPoint = 0;
  spike::Rounding rounding = spike::Rounding::NearestUp;
  /// Range of the payload, zero point included, and the payload's zero point.
  int64_t low = 0, high = 255, payloadZero = 0;
};

inline float relu(const Relu &r, float x) {
  if (r.rectify)
    x = x > 0 ? x : 0.0f;
  return r.max && x > *r.max ? *r.max : x;
}

/// clamp(round(acc · multiplier / 2^shift) + zero_point), less the payload's
/// zero point.  `acc` has at most 32 bits, so 64 hold the product.
inline int64_t requantise(const Relu &r, int64_t acc) {
  if (r.rectify)
    acc = std::max<int64_t>(acc, 0);
  int64_t q = shiftRight<int64_t>(acc * r.multiplier, r.shift, r.rounding) +
              r.zeroPoint;
  return std::min(std::max(q, r.low), r.high) - r.payloadZero;
}

/// Largest event of each window; a window wholly in the padding is silent.
template <typename T>
void maxPool(const Window &window, int64_t channels, ArrayRef<T> source,
             MutableArrayRef<T> target);

//===----------------------------------------------------------------------===//
// Views and encodings
//===----------------------------------------------------------------------===//

/// A view as a gather: result[j] is element `index[j]` of source `from[j]`, or
/// 0 where index[j] < 0 (padding).  `from` is empty where there is one source.
struct View {
  std::vector<int64_t> index;
  std::vector<int32_t> from;
};

/// Spikes of a rate code up to and with step `step`: rate·(step + 1), rounded
/// to the nearest integer; the event of the step is the difference to the step
/// before.
inline int64_t countRateSpikes(double rate, int64_t step) {
  return int64_t(std::floor(rate * double(step + 1) + 0.5));
}

/// The C-major indices of a tensor of `shape` in channel-last order.
std::vector<int64_t> getChannelLastOrder(ArrayRef<int64_t> shape);

} // namespace nmc::exec

#endif // NMC_EXEC_SEMANTICS_H
