//===- Metrics.h - What a mapping costs in traffic ------------*- C++ -*-===//
//
// Two views of the same walk over sender groups: Metrics, the figures by which
// mappings are compared in the literature, and MappedTraffic, what each
// population does on each core per step, which the cost model turns into energy
// and time.
//
//   km1            sum over neurons of rate * destination cores other than its
//   own weighted hops  sum over deliveries of rate * links on the XY way
//   multicast hops sum over neurons of rate * links of the union of its XY ways
//   ring bound     1/2 sum_i sum_k s_i,(k) * r(k), with the traffic s of core i
//                  with others, largest first, and the distances r of the cells
//                  around it, nearest first: a lower bound of weighted hops
//
//===----------------------------------------------------------------------===//
#ifndef NMC_MAPPING_METRICS_H
#define NMC_MAPPING_METRICS_H

#include "nmc/Mapping/Problem.h"

namespace nmc::mapping {

enum class Direction { East, West, North, South }; // x+1, x-1, y-1, y+1
const char *stringify(Direction direction);

struct Link {
  Point from;
  Direction direction = Direction::East;
};

/// Load of every directed link between routers, per step.
class LinkLoads {
public:
  explicit LinkLoads(const Hardware &hardware);

  /// Adds `load` along the XY way, x first. Returns the links of the way.
  Point addUnicast(Point from, Point to, double load);
  /// Adds `load` on every link of the union of the XY ways. Returns its links.
  Point addMulticast(Point from, llvm::ArrayRef<Point> to, double load);
  /// The same, and calls `fn` with the number of each link.
  Point forEachLink(Point from, llvm::ArrayRef<Point> to, bool multicast,
                    llvm::function_ref<void(size_t)> fn) const;

  size_t size() const { return loads.size(); }
  double load(size_t link) const { return loads[link]; }
  Link link(size_t index) const;

private:
  void
  forEachSegment(Point from, llvm::ArrayRef<Point> to,
                 llvm::function_ref<void(Point, Direction, int64_t)> fn) const;
  size_t number(Point from, Direction direction) const;
  Point neighbour(Point at, Direction direction) const;

  bool grid = false, torus = false;
  Point extent;
  std::vector<double> loads;
};

/// How much of a resource the cores in use take.
struct Fill {
  std::string resource; // name of the limit
  double total = 0, largest = 0;
  Cell fullest;
  std::optional<double> cap; // of the fullest core
};

struct Metrics {
  int64_t cores = 0, chips = 0, routers = 0;
  /// Whether rates were given; else every neuron counts one event per step.
  bool hasRates = false;
  double remoteDeliveries = 0;   // km1
  double localDeliveries = 0;    // of them, between cores of one router
  double selfDeliveries = 0;     // to the sender's own core, not in km1
  double externalDeliveries = 0; // from populations that occupy no core
  double chipDeliveries = 0;     // of km1, to another chip
  double weightedHops = 0, multicastHops = 0;
  double largestUnicastLoad = 0, largestMulticastLoad = 0;
  std::optional<Link> largestUnicastLink, largestMulticastLink;
  /// Lower bound of weighted hops for this partition, and the gap in percent;
  /// the gap is absent where the bound is 0.
  double ringBound = 0;
  std::optional<double> gap;
  std::vector<Fill> fill;
};

Metrics computeMetrics(const Problem &problem, const Mapping &mapping);

/// Events of a population on a core in one step.
struct Events {
  double spikes = 0;           // sent by its neurons there
  double synops = 0;           // synaptic events of binary spikes
  double macs = 0;             // synaptic events with a payload
  double packetsIn = 0;        // events from other cores or from outside
  double packetsOut = 0;       // one per event and other destination core
  double packetsLocal = 0;     // of packetsOut, to a core of the same router
  double packetsSelf = 0;      // events that reach the core that sent them
  double hopsX = 0, hopsY = 0; // links of packetsOut, by the chip's routing
};

struct CoreTraffic {
  Cell cell;
  unsigned type = 0; // position in Hardware::cores
  Point router;
  /// In use, by name of the limit: neurons, axons_in, axons_out,
  /// synapse_memory (bit).
  std::map<std::string, double> used;
};

/// One population on one core.
struct PartTraffic {
  unsigned core = 0; // position in MappedTraffic::cores
  unsigned population = 0;
  int64_t neurons = 0, synapses = 0;
  /// Bits of its synapses as stored.
  double synapseMemory = 0;
  Events mean;
  /// Largest count of each event in any step, mean over samples.
  std::optional<Events> peak;
};

struct LinkTraffic {
  Link link;
  double mean = 0;
  std::optional<double> peak;
};

struct MappedTraffic {
  bool hasRates = false;
  std::vector<CoreTraffic> cores; // by chip and core
  std::vector<PartTraffic> parts; // by core, then population
  std::vector<LinkTraffic> links; // those with load, by the chip's routing
  int64_t chips = 0, routers = 0;
  double remoteDeliveries = 0, weightedHops = 0, multicastHops = 0;

  /// Position of a part, or none.
  std::optional<size_t> findPart(size_t core, unsigned population) const;
};

/// Expected events per step from the rates of the problem (one event per neuron
/// and step where it has none). Exact: every set of neurons with the same
/// destinations is summed over its rates.
MappedTraffic computeTraffic(const Problem &problem, const Mapping &mapping);

/// The spikes of one run: for each population of the network a bit per neuron
/// and step, or no words where its spikes were not recorded.
struct SpikeBits {
  int64_t samples = 0, steps = 0; // steps of each sample
  /// Bit n % 64 of word ((sample * steps + step) * wordsPerStep + n / 64) says
  /// whether neuron n sent an event.
  struct Words {
    llvm::ArrayRef<uint64_t> words;
    int64_t wordsPerStep = 0;
  };
  std::vector<Words> populations;
};

/// Replays recorded spikes on a mapping, step by step.
class Replay {
public:
  /// `traffic` must come from the same problem and mapping.
  Replay(const Problem &problem, const Mapping &mapping,
         const MappedTraffic &traffic);

  /// Events per part and load per link of `traffic` in one step.  Populations
  /// without recorded spikes send nothing.
  void step(const SpikeBits &bits, int64_t sample, int64_t step,
            std::vector<Events> &parts, std::vector<double> &links) const;

  /// Fills in the peaks of `traffic`: the mean over samples of the largest
  /// count in any step.
  void addPeaks(const SpikeBits &bits, MappedTraffic &traffic) const;

private:
  struct Receiver {
    size_t part = 0;
    double synapses = 0;
    bool packet = false; // an event from another core
    bool graded = false;
  };
  struct Group {
    std::optional<size_t> part; // of the sender
    Events perEvent;            // of the sender
    std::vector<Receiver> receivers;
    std::vector<size_t> links;
  };
  std::vector<Group> groups;
  /// Group of each neuron, by population.
  std::vector<std::vector<int32_t>> groupOf;
  size_t partCount = 0, linkCount = 0;
};

} // namespace nmc::mapping

#endif // NMC_MAPPING_METRICS_H
