//===- FastEngine.h - Event-driven, many steps at once ----------*- C++ -*-===//
//
// Private to the executor; FastEngine.cpp says how it works.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_EXEC_FASTENGINE_H
#define NMC_LIB_EXEC_FASTENGINE_H

#include "FastFrames.h"
#include "Readout.h"

namespace nmc::exec {

class FastEngine : public Engine {
public:
  explicit FastEngine(std::shared_ptr<const FastPlan> shared)
      : fast(std::move(shared)), plan(*fast->plan) {}

  void run(int64_t sample, ArrayRef<EncodedPort> ports, bool keepState,
           Sink &sink, Tally &tally) override;
  void finish(Tally &tally) override;

private:
  struct NodeState {
    std::vector<float> vF, iF;
    std::vector<int32_t> v32, i32, rest;
    std::vector<int64_t> v64, i64;
    Buffer ring;            // events under way
    Buffer sums;            // of a connection, or of drives
    bool invariant = false; // the same in all steps of the sample
    int64_t operations = 0; // effective, of the last step
  };
  struct ValueState {
    Buffer buffer;
    EventLists events;
    bool invariant = false;
  };

  void prepare(int64_t steps);
  void findInvariants(ArrayRef<EncodedPort> ports);
  void resetState();
  void clearNeurons(int n);
  void runNode(int n, int64_t t);
  void observe(OutputReader &reader, Sink &sink, Tally &tally, int64_t sample,
               int64_t t, std::vector<uint64_t> &events);

  int64_t slotOf(int value, int64_t t) const {
    const ValueState &state = values[value];
    return state.invariant || fast->values[value].isCurrent ? 0
                                                            : t - chunkStart;
  }
  template <typename T> T *frameOf(int value, int64_t t) {
    return values[value].buffer.frame<T>(slotOf(value, t));
  }

  void runPort(const Node &node, int64_t t);
  void runInput(const Node &node, int64_t t);
  void runConnection(int n, int64_t t);
  template <typename Sum>
  void runScatter(const Node &node, const FastConnection &c, Sum *sums,
                  const Sum *weights, int64_t t);
  template <typename T> const T *sumDrives(int n, int64_t t);
  template <typename T>
  void runMembrane(int n, const Membrane<T> &m, std::vector<T> &v,
                   std::vector<T> &i, int64_t t);
  template <typename T>
  void runOrdered(int n, const Membrane<T> &m, std::vector<T> &v,
                  std::vector<T> &i, int64_t t);
  template <typename T>
  void runSigmaDelta(int n, const SigmaDelta<T> &p, std::vector<T> &s,
                     std::vector<T> &ref, int64_t t);
  void runRelu(int n, int64_t t);
  void runMaxPool(int n, int64_t t);
  void runView(int n, int64_t t);
  void runDelay(int n, int64_t t);
  void takeUp(int n, int64_t t);
  template <typename T>
  void recordState(int n, const T *v, const T *i, int64_t t);

  std::shared_ptr<const FastPlan> fast;
  const Plan &plan;
  std::vector<NodeState> nodes;
  std::vector<ValueState> values;
  std::vector<std::vector<uint32_t>> counts; // by population, channel-last
  int64_t chunkSize = 0, chunkStart = 0;
  /// Steps of samples before this one, where state is kept.
  int64_t stepsBefore = 0;
  int64_t stepsCounted = 0;
  bool started = false;

  // Of the sample that runs.
  ArrayRef<EncodedPort> portData;
  OutputReader *recorder = nullptr;
  Tally *counters = nullptr;
};

} // namespace nmc::exec

#endif // NMC_LIB_EXEC_FASTENGINE_H
