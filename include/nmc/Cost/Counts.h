//===- Counts.h - What the cost model counts --------------------*- C++ -*-===//
//
// Plain figures, filled in by the analysis of a network, by an activity and by
// a mapping.  Unknown is absent: a count without activity has no value.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_COST_COUNTS_H
#define NMC_COST_COUNTS_H

#include "nmc/Cost/Kpi.h"

#include <map>

namespace nmc::cost {

/// A population of a network, with its activity per inference where known.
struct PopulationCounts {
  std::string name, op;
  /// Place in the source, as printed in reports.
  std::string location;
  int64_t neurons = 0;
  /// State of the whole population in bits (membrane and synaptic words).
  double stateBits = 0;
  /// Inputs of the network: their events are not the network's own spikes.
  bool input = false;
  /// Events sent per inference; on graded streams every non-zero payload.
  std::optional<double> spikes;
  /// Membranes updated with input, or active, per inference.
  std::optional<double> updates;
};

/// A connection, with its activity per inference where known.
struct ConnectionCounts {
  std::string name, op, location;
  /// Positions in NetworkCounts::populations.
  unsigned source = 0, target = 0;
  /// Source-target pairs that the topology links: dense operations per step.
  int64_t synapses = 0;
  /// Distinct weights stored, their width, and how many of them are zero.
  int64_t weights = 0;
  double weightBits = 0;
  std::optional<int64_t> zeroWeights;
  /// False for pooling and normalisation, which NeuroBench does not count.
  bool counted = true;
  /// Effective operations per inference (non-zero event times non-zero
  /// weight): as accumulations (binary events) or as multiply-accumulations.
  std::optional<double> accumulates, multiplies;
};

/// A network as level `count` sees it.
struct NetworkCounts {
  std::vector<PopulationCounts> populations;
  std::vector<ConnectionCounts> connections;
  /// Steps per inference; 1 for networks without time.
  int64_t steps = 1;
  /// Whether the state is cleared before each sample.
  bool resetsState = true;
  /// Samples behind the activity; none where it comes from a profile.
  std::optional<int64_t> samples;

  /// Whether every population and counted connection has its activity.
  bool hasActivity() const;
};

/// Events of one core in one step.
struct EventCounts {
  double synops = 0;       // synaptic events with binary payload
  double macs = 0;         // synaptic events with graded payload
  double neuronAccess = 0; // mapped neurons visited
  double neuronUpdate = 0; // of them, updated with input or active
  double spikesOut = 0;    // of them, fired
  double packetsOut = 0;   // packets to other cores, one per destination core
  double packetsIn = 0;    // packets received
  double packetsLocal = 0; // of packetsOut, those inside the router's tile
  double hopsX = 0, hopsY = 0; // links that packetsOut traverse

  EventCounts &operator+=(const EventCounts &other);
  EventCounts scaled(double factor) const;
};

/// A core that a mapping uses.
struct MappedCore {
  int64_t chip = 0, core = 0;
  /// Resources in use, by the name of their limit: "neurons",
  /// "synapse_memory" (bit), "axons_in", "axons_out", ...
  std::map<std::string, double> used;
  /// Kind of core: position in TargetInfo::cores.
  unsigned kind = 0;
};

/// What one population does on one core, averaged over steps and samples.
/// Synaptic events and packets received belong to the target population,
/// packets sent and their hops to the source population.
struct MappedPart {
  unsigned core = 0;       // position in MappedCounts::cores
  unsigned population = 0; // position in NetworkCounts::populations
  EventCounts mean;
  /// Largest count of each event in any step, mean over samples, where the
  /// activity has bitmaps.
  std::optional<EventCounts> peak;
};

/// A directed link of the network on chip.
struct LinkLoad {
  std::string name;
  bool vertical = false; // along y
  double packets = 0;    // mean per step
  std::optional<double> peak;
};

/// How much is known about the single steps of an activity.
enum class ActivityBasis {
  /// Step times come from MappedCounts::sampleTimes (see StepModel).
  PerStep,
  /// Means and, in `peak`, per-step maxima.
  Peaks,
  /// Means only.
  Means,
  /// A guess: one rate for all, or another network's profile.
  Assumed
};

/// A network on a chip, as level `mapped` sees it.
struct MappedCounts {
  std::vector<MappedCore> cores;
  std::vector<MappedPart> parts;
  std::vector<LinkLoad> links;
  int64_t chips = 1;
  /// Routers (tiles) with a core in use, for barrier tables.
  int64_t routers = 1;
  /// Bits in and out per step and, in addition, per sample.
  double ioBitsPerStep = 0, ioBitsPerSample = 0;
  ActivityBasis basis = ActivityBasis::Means;
  /// With ActivityBasis::Assumed: counts may be that much smaller or larger.
  Range assumedFactor = Range(1, 0.5, 2);
  /// Time of each sample, all steps together without the I/O of the sample
  /// (ActivityBasis::PerStep), in s.
  std::vector<Range> sampleTimes;

  // Traffic per inference, where known (independent of the cost values).
  std::optional<double> remoteDeliveries, weightedHops, multicastHops;
  /// Bit widths of all weights as stored, copies per core included (bit).
  std::optional<double> storedWeightBits;
};

} // namespace nmc::cost

#endif // NMC_COST_COUNTS_H
