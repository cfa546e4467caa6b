//===- Program.h - An executable spike.network ----------------------------===//
//
// `Program::compile` turns a network into plain data and checks everything that
// can fail, so that running cannot; what is left are faults of the input data.
//
//   auto program = Program::compile(network);      // diagnostics at the ops
//   auto result = program->run(source, options);   // llvm::Expected<RunResult>
//
// Two engines give equal bits: the reference (`RunOptions::reference`) goes
// step by step through the pure functions of Semantics.h; the other runs
// whatever is not recurrent for many steps at once, event-driven.  Samples run
// in parallel; nothing depends on the number of threads.
//
// Rules of `compile`, reported at the op: [weights-abstract] [weights-type]
// [weight-finite] [weight-zero-point] [weight-exponent] [bias-type]
// [bias-at-t0] [connection-type] [connection-shared] [avg-pool-integer]
// [pool-weight] [arithmetic-type] [dynamics-missing] [dynamics-decay]
// [dynamics-gain] [dynamics-spikes] [dynamics-width] [dt-needed] [tau-range]
// [param-type] [payload-range] [requant-types] [requant-zero-point] [relu-max]
// [input-type] [drive-missing] [network-op] [network-size] [saturate-each]
// [blob-size].
//
// Rules of `run`: [encode-value] [encode-steps] [run-options] [record-name]
// [record-size].
//
//===----------------------------------------------------------------------===//
#ifndef NMC_EXEC_PROGRAM_H
#define NMC_EXEC_PROGRAM_H

#include "dialects/Spike/Spike.h"
#include "nmc/Exec/Activity.h"

#include <functional>
#include <memory>
#include <vector>

namespace nmc::exec {

class Dataset;
struct Plan;
struct FastCache;

/// One value of one step, row-major: payloads less their zero point.
struct Tensor {
  bool isFloat = false;
  std::vector<float> floats;
  std::vector<int64_t> ints;

  void resize(bool useFloat, int64_t elements) {
    isFloat = useFloat;
    if (useFloat)
      floats.assign(elements, 0.0f);
    else
      ints.assign(elements, 0);
  }
  int64_t size() const { return isFloat ? floats.size() : ints.size(); }
  double get(int64_t i) const { return isFloat ? floats[i] : double(ints[i]); }
};

/// What the payloads of a stream mean.
struct Payload {
  bool isFloat = false;
  /// i1: events are binary.
  bool isBinary = false;
  /// Range of an integer payload less its zero point.
  int64_t low = 0, high = 1;
  /// real = (stored − zeroPoint)·scale; 1 and 0 for other than quantised types.
  bool isQuantised = false;
  double scale = 1;
  int64_t zeroPoint = 0;
};

/// A port, an output or a population.
struct StreamInfo {
  std::string name; // populations alone
  SmallVector<int64_t, 4> shape;
  int64_t elements = 0;
  Payload payload;
};

/// Where samples come from.  Called from several threads.
class InputSource {
public:
  virtual ~InputSource();
  virtual int64_t samples() const = 0;
  /// Writes the real values of one sample for one port of the network,
  /// row-major; `out` has the port's elements, times the steps of the run for
  /// events.
  virtual void read(int64_t sample, int64_t port,
                    MutableArrayRef<double> out) const = 0;
};

/// Samples of a Dataset; ports and inputs correspond in order.
class DatasetSource : public InputSource {
public:
  explicit DatasetSource(const Dataset &dataset) : dataset(dataset) {}
  int64_t samples() const override;
  void read(int64_t sample, int64_t port,
            MutableArrayRef<double> out) const override;

private:
  const Dataset &dataset;
};

/// Samples in memory.
class MemorySource : public InputSource {
public:
  /// [port][sample × elements]; every port has as many samples.
  MemorySource(std::vector<std::vector<double>> ports, int64_t samples)
      : ports(std::move(ports)), count(samples) {}
  int64_t samples() const override { return count; }
  void read(int64_t sample, int64_t port,
            MutableArrayRef<double> out) const override;

private:
  std::vector<std::vector<double>> ports;
  int64_t count;
};

/// What of a population is recorded in every step.
enum class Quantity : uint8_t {
  Spikes,   // events
  Membrane, // v after the step
  Current   // synaptic current i (cuba), else the summed input
};
StringRef getQuantityName(Quantity quantity); // "spikes", "v", "i"

struct RecordRequest {
  std::string population;
  Quantity quantity = Quantity::Spikes;
  /// Of a synaptic current: which of the neuron's receptors.
  int64_t receptor = 0;
};

struct Recording {
  RecordRequest request;
  /// Samples, steps, then the population's shape; int32 or float32 (int64 where
  /// 32 bits do not hold the state).
  Array values;
};

struct RunOptions {
  int64_t steps = 1;
  /// Threads; 0 is all there are.  A network with `state = stream` runs its
  /// samples in order on one.
  unsigned jobs = 0;
  /// The pure functions, step by step.
  bool reference = false;
  /// Steps after which outputs are read, ascending, each 1 to `steps`; empty:
  /// after the last.
  SmallVector<int64_t> readoutSteps;
  /// Per port; empty: constant for all.
  SmallVector<spike::Encoding> encodings;
  /// Per output; empty: membrane for float and signed payloads, else count.
  SmallVector<spike::Readout> readouts;
  /// Use the first so many samples.
  std::optional<int64_t> samples;
  /// Keep one bit per neuron, step and sample in the activity.
  bool bitmaps = false;
  std::vector<RecordRequest> record;
  /// Called now and then from one thread at a time with the number of samples
  /// done; returning false stops the run.
  std::function<bool(int64_t)> progress;
};

struct RunResult {
  int64_t samples = 0;
  std::vector<int64_t> readoutSteps;
  /// [output][readout step]: samples × elements, payloads less their zero point
  /// (counts, membranes, or steps of the first event).
  std::vector<std::vector<std::vector<double>>> readouts;
  /// [readout step][population]: events up to then, summed over samples.
  std::vector<std::vector<uint64_t>> eventsAt;
  Activity activity;
  std::vector<Recording> recordings;
  /// True where `progress` stopped the run; samples that did not run are 0.
  bool stopped = false;

  ArrayRef<double> readout(int64_t sample, size_t step,
                           size_t output = 0) const {
    ArrayRef<double> all = readouts[output][step];
    size_t elements = samples ? all.size() / samples : 0;
    return all.slice(sample * elements, elements);
  }
  /// Index of the largest value of an output; the first of equals.
  int64_t argmax(int64_t sample, size_t step, size_t output = 0) const;
  /// Share of samples whose argmax is their label.
  double accuracy(ArrayRef<int64_t> labels, size_t step,
                  size_t output = 0) const;
};

/// Everything that lives from step to step in the reference engine.
class State {
public:
  /// Steps done.
  int64_t step() const { return stepsDone; }
  /// The membranes of a population (its reference, for sigma_delta), or null.
  const Tensor *membrane(StringRef population) const;

private:
  friend class Program;
  friend class ReferenceEngine;
  std::shared_ptr<const Plan> plan;
  int64_t stepsDone = 0;
  struct NodeState {
    /// Membrane and synaptic current (the summed input where there is none);
    /// sigma_delta: reference and sigma.
    Tensor v, i;
    std::vector<int32_t> rest; // refractory steps left
    std::vector<Tensor> ring;  // events under way
    uint64_t updates = 0;      // membranes with input or spikes, so far
  };
  std::vector<NodeState> nodes;
  std::vector<Tensor> values; // of the last step
};

class Program {
public:
  /// Compiles, or reports at the ops what stands in the way.
  static FailureOr<Program> compile(spike::NetworkOp network);

  ArrayRef<StreamInfo> ports() const;
  ArrayRef<StreamInfo> outputs() const;
  /// In the order of the network's body.
  ArrayRef<StreamInfo> populations() const;
  std::optional<int64_t> findPopulation(StringRef name) const;

  /// The readout used where none is asked for.
  spike::Readout defaultReadout(int64_t output) const;

  /// Fresh state: membranes at `v_init`, delays silent.
  State makeState() const;
  /// One step of the reference: one tensor per port in, one per output out.
  std::vector<Tensor> step(State &state, ArrayRef<Tensor> in) const;

  /// Turns real values into payloads of a stream.  Fails with [encode-value].
  static llvm::Expected<Tensor> encode(const StreamInfo &stream,
                                       ArrayRef<double> values);

  llvm::Expected<RunResult> run(const InputSource &source,
                                const RunOptions &options) const;

  const Plan &getPlan() const { return *plan; }

private:
  friend class ReferenceEngine;
  std::shared_ptr<const Plan> plan;
  std::shared_ptr<FastCache> cache; // built by the first fast run
};

} // namespace nmc::exec

#endif // NMC_EXEC_PROGRAM_H
