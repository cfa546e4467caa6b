//===- CostModel.h - From counts to KPIs ------------------------*- C++ -*-===//
//
// Two levels.  `count` multiplies operations with constants and knows no
// mapping; `mapped` knows what each core and link does in a step.
//
//   energy = (power_static + power_host) * time + sum of events * energy
//   step   = max over cores and links + barrier + host I/O
//
// Low and high are sums of the lows and highs of all terms, times included.  A
// cost value whose kind is `operating_point` is total power over events at one
// load: it is used alone and never added to others.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_COST_COSTMODEL_H
#define NMC_COST_COSTMODEL_H

#include "nmc/Cost/Counts.h"
#include "nmc/Target/TargetInfo.h"

namespace nmc::cost {

/// "target 't' states no energy_synop", with the target's own reason if it has
/// one.
std::string statesNo(const target::TargetInfo &target, StringRef fact);

//===----------------------------------------------------------------------===//
// Time of a step
//===----------------------------------------------------------------------===//

/// What the length of a step is made of.
enum class Bound {
  NeuronStage,    // a core's walk over its neurons, with sending
  SynapseStage,   // a core's reception and synaptic events
  Link,           // a link of the network on chip
  Barrier,        // synchronisation
  Io,             // host
  TimestepMinimum // the shortest step that the chip allows
};
StringRef stringifyBound(Bound bound);

struct StepTime {
  /// max(core, link) + barrier + io, at least the minimum; s.
  Range total;
  Range core, link, barrier, io;
  /// Positions of the slowest core and link.
  unsigned bindingCore = 0, bindingLink = 0;
  /// The slower stage of that core.
  Bound stage = Bound::NeuronStage;
  /// The largest part of the step.
  Bound bound = Bound::NeuronStage;
};

/// Computes step times from a target's latencies.  The two stages of a core
/// overlap, as on Loihi: while it walks its neurons, it takes in spikes.
///   neuron stage  = access*latency_neuron_access +
///   update*latency_neuron_update
///                 + spikes*latency_spike_out + packets out*latency_axon_out
///                 + of them inside the tile*latency_spike_local
///   synapse stage = packets in*latency_axon_in + synops*latency_synop (or mac)
///   link          = packets / bandwidth_link, else packets * latency_hop_{x,y}
/// Latencies that the target does not state are left out; `omitted` names those
/// of events that do occur.  The target must outlive the model.
class StepModel {
public:
  /// `routers` and `chips` in use choose the rows of the barrier tables.
  StepModel(const target::TargetInfo &target, int64_t chips, int64_t routers);

  /// Why there is no step time for such events, or "".
  std::string unavailable(const EventCounts &total) const;

  Range neuronStage(const EventCounts &core) const;
  Range synapseStage(const EventCounts &core) const;

  /// One step with these exact counts.  `cores` and `links` may be empty.
  StepTime time(ArrayRef<EventCounts> cores, ArrayRef<LinkLoad> links,
                double ioBits) const;

  /// The mean step where only mean counts per core are known.  The value is
  /// that of the means (a lower bound of the mean of the maxima); the upper
  /// bound takes spikes and packets as Poisson distributed and adds the
  /// expected largest of 2m deviations, sqrt(2 ln 2m) standard deviations, for
  /// m cores.
  StepTime timeOfMeans(ArrayRef<EventCounts> cores, ArrayRef<LinkLoad> links,
                       double ioBits) const;

  /// Time per sample besides its steps: latency_io_sample and transfer.
  Range sampleIo(double ioBits) const;

  /// Names of stated-nowhere latencies that `total` would need.
  std::vector<std::string> omitted(const EventCounts &total) const;
  /// The latencies and bandwidths that the target states and this model uses.
  ArrayRef<std::string> used() const { return usedNames; }
  bool hasIo() const { return io || ioSample || ioBandwidth; }

private:
  std::optional<Range> read(const target::TargetInfo &target, StringRef name);
  /// The part of the neuron stage that follows from spikes.
  Range sending(const EventCounts &core) const;

  std::optional<Range> synop, mac, access, update, spikeOut, axonOut, axonIn,
      local, hopX, hopY, linkBandwidth, io, ioSample, ioBandwidth, minimum;
  Range barrier;
  bool hasBarrier = false;
  const target::TargetInfo *target;
  std::vector<std::string> usedNames;
};

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

enum class Severity { Note, Warning, Error };
StringRef stringifySeverity(Severity severity);

/// A diagnostic of a cost model, for the report.
struct Note {
  Severity severity = Severity::Note;
  std::string rule, message, layer, hint;
};

/// Cost of one population with the connections into it.
struct LayerCost {
  std::string name, op, location;
  int64_t cores = 0, neurons = 0, synapses = 0;
  std::optional<double> weightBytes;
  // Per inference.
  std::optional<double> spikesIn, spikesOut, synops, synopsDense, updates;
  /// Events per neuron and step.
  std::optional<double> rate;
  /// Dynamic energy per inference in J, whole and by term.
  std::optional<Range> energy;
  std::vector<std::pair<std::string, Range>> breakdown;
  /// Longest stage of its cores per step, times steps: time per inference that
  /// this layer alone would need, in s; and which stage that is.
  std::optional<Range> latency;
  std::optional<Bound> boundBy;
};

struct CoreCost {
  int64_t chip = 0, core = 0;
  std::vector<std::string> populations;
  double neurons = 0;
  std::optional<Range> energy; // dynamic, per inference, J
  std::optional<Range> time;   // per step, s
  std::optional<Bound> stage;
};

/// Use of one limited resource.
struct ResourceUse {
  std::string resource; // "cores", or the name of a limit
  std::string scope;    // "chip", "core, mean", "core, worst"
  std::string unit;
  double used = 0, available = 0;
  std::string at; // which core, with its populations
};

/// One part of the step, largest first.
struct StepPart {
  Bound bound = Bound::NeuronStage;
  Range time;       // s per step
  std::string what; // "core 12 (conv3)", "link 3,1 east", ...
};

/// A cost value that a result rests on.
struct Assumption {
  std::string parameter, unit, kind, provenance, source;
  Range value;
};

struct CostResult {
  std::string level; // "count" or "mapped"
  std::vector<Estimate> kpis;
  std::vector<LayerCost> layers;
  std::vector<CoreCost> cores;
  std::vector<ResourceUse> resources;
  std::vector<StepPart> step;
  std::vector<Assumption> assumptions;
  std::vector<Note> notes;
};

/// Level `count`: NeuroBench's counts, footprint, and dynamic energy of the
/// operations alone.  Without activity the counts that need it are unavailable.
CostResult estimateCounts(const NetworkCounts &network,
                          const target::TargetInfo &target);

/// Level `mapped`.  Positions in `mapped` must lie inside its tables and those
/// of `network`; others make every KPI unavailable with rule `cost-counts`.
CostResult estimateMapped(const NetworkCounts &network,
                          const MappedCounts &mapped,
                          const target::TargetInfo &target);

/// Latency KPIs that rest on the time of each sample in s: mean, p50, p99, max.
void addLatencies(std::vector<Estimate> &kpis, ArrayRef<Range> sampleTimes,
                  StringRef scope);

//===----------------------------------------------------------------------===//
// Energy of events
//===----------------------------------------------------------------------===//

/// The energy terms that a target states, each named as its cost value without
/// "energy_".  Only values of kind `incremental` are terms.
class EnergyModel {
public:
  explicit EnergyModel(const target::TargetInfo &target);

  /// Why there is no dynamic energy for such events, or "".
  std::string unavailable(const EventCounts &total, double ioBits) const;
  /// Energy of the events by term in J; terms without events are left out.
  std::vector<std::pair<std::string, Range>> energy(const EventCounts &events,
                                                    double ioBits) const;
  /// Cost values that `total` would need and the target does not state.
  std::vector<std::string> omitted(const EventCounts &total,
                                   double ioBits) const;
  /// Values whose kind forbids adding them.
  ArrayRef<std::string> excluded() const { return excludedNames; }
  /// Cost values in use.
  ArrayRef<std::string> used() const { return usedNames; }
  /// Set where the only cost of a synaptic event is an operating point, which
  /// is then the whole energy: J per event.
  std::optional<Range> operatingPoint() const { return point; }
  StringRef operatingPointName() const { return pointName; }
  /// Whether energy_mac stands in for energy_synop, or the other way round.
  bool macAsSynop() const { return macFromSynop; }
  bool synopAsMac() const { return synopFromMac; }

private:
  std::map<std::string, Range> terms; // by name without "energy_"
  std::optional<Range> point;
  std::string pointName;
  const target::TargetInfo *target;
  bool macFromSynop = false, synopFromMac = false;
  std::vector<std::string> excludedNames, usedNames;
};

} // namespace nmc::cost

#endif // NMC_COST_COSTMODEL_H
