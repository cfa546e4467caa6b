//===- Readout.h - Outputs and recordings of one sample ---------*- C++ -*-===//
//
// Private to the executor; shared by both engines.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_EXEC_READOUT_H
#define NMC_LIB_EXEC_READOUT_H

#include "Plan.h"

namespace nmc::exec {

/// Writes what one sample leaves: readouts at the steps asked for, cumulated
/// events, recordings.  Row-major indices throughout.
class OutputReader {
public:
  OutputReader(const Plan &plan, Sink &sink, int64_t sample)
      : plan(plan), sink(sink), sample(sample) {
    for (auto [info, readout] : llvm::zip(plan.outputs, sink.readouts))
      sums.emplace_back(info.elements,
                        readout == spike::Readout::First ? -1.0 : 0.0);
  }

  /// Takes up output `o` of step `t`; `get(n)` is its payload.
  template <typename Get> void observe(size_t o, int64_t t, Get get) {
    std::vector<double> &sum = sums[o];
    int64_t elements = sum.size();
    switch (sink.readouts[o]) {
    case spike::Readout::Count:
      for (int64_t n = 0; n < elements; ++n)
        sum[n] += get(n);
      break;
    case spike::Readout::First:
      for (int64_t n = 0; n < elements; ++n)
        if (sum[n] < 0 && get(n) != 0)
          sum[n] = double(t);
      break;
    case spike::Readout::Membrane:
    case spike::Readout::Last:
      if (isReadoutStep(t))
        for (int64_t n = 0; n < elements; ++n)
          sum[n] = get(n);
      break;
    }
  }

  bool isReadoutStep(int64_t t) const {
    return next < sink.readoutSteps.size() && sink.readoutSteps[next] == t + 1;
  }

  /// Ends step `t`: `events` of each population up to now.
  void finishStep(int64_t t, ArrayRef<uint64_t> events, Tally &tally) {
    if (!isReadoutStep(t))
      return;
    for (auto [o, sum] : llvm::enumerate(sums)) {
      std::vector<double> &all = sink.result.readouts[o][next];
      auto slot = all.begin() + sample * sum.size();
      for (double value : sum)
        *slot++ = value < 0 && sink.readouts[o] == spike::Readout::First
                      ? double(t + 1)
                      : value;
    }
    for (auto [p, count] : llvm::enumerate(events))
      tally.eventsAt[next][p] += count;
    ++next;
  }

  bool records(size_t population, Quantity quantity) const {
    return sink.recordings[population][Sink::slotOf(quantity, 0)] >= 0;
  }

  /// Takes up a recorded quantity of step `t`, if it is asked for.
  template <typename Get>
  void record(size_t population, Quantity quantity, int64_t t, Get get,
              int64_t receptor = 0) {
    int at = sink.recordings[population][Sink::slotOf(quantity, receptor)];
    if (at < 0)
      return;
    Array &values = sink.result.recordings[at].values;
    int64_t elements = plan.populations[population].elements;
    int64_t first = (sample * sink.steps + t) * elements;
    auto write = [&](auto out) {
      using T = std::decay_t<decltype(out[0])>;
      for (int64_t n = 0; n < elements; ++n)
        out[first + n] = T(get(n));
    };
    switch (values.kind()) {
    case ElementKind::F32:
      return write(values.mutableValues<float>());
    case ElementKind::I32:
      return write(values.mutableValues<int32_t>());
    default:
      return write(values.mutableValues<int64_t>());
    }
  }

private:
  const Plan &plan;
  Sink &sink;
  int64_t sample;
  size_t next = 0;
  std::vector<std::vector<double>> sums;
};

} // namespace nmc::exec

#endif // NMC_LIB_EXEC_READOUT_H
