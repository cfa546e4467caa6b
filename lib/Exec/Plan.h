//===- Plan.h - A network as plain data -------------------------*- C++ -*-===//
//
// Private to the executor: what `Program::compile` makes of a spike.network.
// Both engines run it.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_EXEC_PLAN_H
#define NMC_LIB_EXEC_PLAN_H

#include "nmc/Exec/Program.h"
#include "nmc/Exec/Semantics.h"

#include <mutex>

namespace nmc::exec {

/// A stream or current of the network.
struct ValueInfo {
  SmallVector<int64_t, 4> shape;
  int64_t elements = 0;
  bool isCurrent = false;
  /// Of a stream; of a current only `isFloat`.
  Payload payload;
  /// Width of an integer current.
  unsigned bits = 64;

  int64_t channels() const { return shape.size() < 2 ? 1 : shape.front(); }
};

/// Synapses with a weight other than 0 that leave each source (row-major), and
/// all synapses of the connection, those with weight 0 too.
struct FanOut {
  std::vector<int64_t> effective;
  int64_t dense = 0;
};
enum class NodeKind : uint8_t {
  Port,       // an argument of the network
  Input,      // spike.input
  Connection, // any
  Membrane,   // if, lif, cuba_lif, li, cuba_li, integrator, threshold
  SigmaDelta,
  Relu,
  MaxPool,
  View,
  Delay
};

struct Node {
  NodeKind kind = NodeKind::Port;
  SmallVector<int, 2> inputs; // values
  int output = -1;            // value
  int population = -1;        // index, of populations
  int connection = -1;        // index into the activity's connections
  int64_t delay = 0; // the longest, of a delay

  Connection synapses;
  FanOut fanOut;        // of synapses
  bool isFloat = false; // arithmetic of Membrane, SigmaDelta, Relu
  Membrane<float> floatMembrane;
  Membrane<int64_t> intMembrane;
  /// The state is cleared every so many steps, from one on; 0 is never.
  int64_t clearPeriod = 0, clearOffset = 0;
  bool clearsBefore(int64_t step) const {
    return clearPeriod && step >= clearOffset &&
           (step - clearOffset) % clearPeriod == 0;
  }
  /// Width of the integer currents that a membrane sums.
  unsigned driveBits = 64;
  /// Ordered membranes: receptor of each input, and, where additions saturate
  /// one by one, its synapses and the value (a stream) whose events they take.
  std::vector<int32_t> receptors;
  std::vector<std::shared_ptr<const Delivery>> deliveries;
  SmallVector<int, 2> eventValues;
  int64_t receptorCount() const {
    return isFloat ? floatMembrane.receptors : intMembrane.receptors;
  }
  bool isOrdered() const {
    return kind == NodeKind::Membrane &&
           (isFloat ? floatMembrane.isOrdered() : intMembrane.isOrdered());
  }
  /// A connection whose synapses a population delivers itself: only counted.
  bool isDelivered = false;
  SigmaDelta<float> floatSigma;
  SigmaDelta<int64_t> intSigma;
  Relu relu;
  Window window; // MaxPool
  View view;
  std::vector<int32_t> delays; // per element, or empty: all `delay`
};

/// Nodes that run step by step together: either one population with the
/// currents that drive it (several, where they share currents), or a recurrent
/// component.
struct Component {
  std::vector<int> nodes; // in an order in which inputs come first
  bool recurrent = false;
};

struct Plan {
  std::string name;
  bool keepsState = false; // state = stream
  std::vector<ValueInfo> values;
  std::vector<Node> nodes;
  /// Each after those that feed it; all nodes in sequence are an order for one
  /// step, in which a delay emits what it holds and takes up its source after
  /// all nodes have run.
  std::vector<Component> components;
  std::vector<int> portValues, outputValues; // values
  std::vector<StreamInfo> ports, outputs, populations;
  std::vector<int> populationNodes;
  /// The values with the events of populations: of the node itself, or of the
  /// delay behind it where events leave late.
  std::vector<int> populationValues;
  std::vector<std::string> connectionNames;
};

/// Converts the payload of one stream into that of another (spike.input).
/// Verified when compiled: equal kinds, or integer to float.
inline float toFloat(const Payload &payload, int64_t value) {
  return payload.isQuantised ? float(double(value) * payload.scale)
                             : float(value);
}

/// Builds nodes from ops; reports at the op.
LogicalResult buildConnection(Operation *op, const ValueInfo &source,
                              const ValueInfo &target, Node &node);
LogicalResult buildPopulation(spike::PopulationOpInterface op,
                              std::optional<double> dt,
                              ArrayRef<ValueInfo> drives,
                              const ValueInfo &events, Node &node);
LogicalResult buildView(Operation *op, ArrayRef<ValueInfo> sources,
                        const ValueInfo &result, Node &node);

/// The synapses of an integer connection by target; none where they are more
/// than 2^28.
std::shared_ptr<const Delivery> makeDelivery(const Connection &connection,
                                             unsigned stateBits);

/// The plan's components; fills `plan.components`.
void schedule(Plan &plan);

//===----------------------------------------------------------------------===//
// Engines
//===----------------------------------------------------------------------===//

/// The inputs of one sample as payloads.
struct EncodedPort {
  spike::Encoding encoding = spike::Encoding::Constant;
  /// Constant, graded: one frame; events: one per step, one after the other.
  Tensor values;
  /// Rate: the rates.
  std::vector<double> rates;
};

/// Counters of one thread, summed over its samples.
struct Tally {
  struct Population {
    std::vector<uint64_t> counts; // row-major
    std::vector<uint64_t> stepTotals, stepMaxima;
    uint64_t updates = 0;
  };
  std::vector<Population> populations;
  std::vector<uint64_t> effective; // synaptic operations per connection
  std::vector<std::vector<uint64_t>> eventsAt; // [readout step][population]
};

/// Where the results of all samples go; each sample writes its own slots.
struct Sink {
  const RunOptions &options;
  int64_t steps;
  ArrayRef<int64_t> readoutSteps;
  std::vector<spike::Readout> readouts;
  RunResult &result;
  /// [population] index into recordings by slot, or -1.
  std::vector<std::array<int, 2 + spike::kMaxReceptors>> recordings;

  /// Spikes, membrane, then the currents of each receptor.
  static size_t slotOf(Quantity quantity, int64_t receptor) {
    return size_t(quantity) + (quantity == Quantity::Current ? receptor : 0);
  }
};

/// Runs samples one after the other; one engine per thread.
class Engine {
public:
  virtual ~Engine();
  /// Runs one sample: state is cleared first unless `keepState`.  Counts go to
  /// `tally`, everything else to the sample's slots in `sink`.
  virtual void run(int64_t sample, ArrayRef<EncodedPort> ports, bool keepState,
                   Sink &sink, Tally &tally) = 0;
  /// Brings counts into row-major order after the last sample.
  virtual void finish(Tally &tally) {}
};

std::unique_ptr<Engine> makeReferenceEngine(std::shared_ptr<const Plan> plan);

struct FastPlan;
std::shared_ptr<const FastPlan> makeFastPlan(std::shared_ptr<const Plan> plan);
/// The fast plan of a program, made once.
struct FastCache {
  std::once_flag once;
  std::shared_ptr<const FastPlan> plan;
};
std::unique_ptr<Engine> makeFastEngine(std::shared_ptr<const FastPlan> plan);

/// The fan-out of `connection`.
FanOut countFanOut(const Connection &connection);

} // namespace nmc::exec

#endif // NMC_LIB_EXEC_PLAN_H
