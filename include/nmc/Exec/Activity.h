//===- Activity.h - How much a network fires --------------------*- C++ -*-===//
//
// The activity of a network on given inputs: spike counts per neuron and what
// was computed for them.  It knows no mapping, so one run scores many of them.
// It comes from a run of the executor, from a table of rates where data may not
// leave the house, or from one number for all neurons.
//
// Files (docs/formats/activity.md): npz, or a CSV of rates.  Rules:
// [activity-format] [activity-version] [activity-missing] [activity-shape]
// [activity-totals] [activity-rate] [activity-population] [activity-steps], and
// those of npz, CSV and JSON.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_EXEC_ACTIVITY_H
#define NMC_EXEC_ACTIVITY_H

#include "nmc/Support/Npz.h"

#include <optional>
#include <string>
#include <vector>

namespace nmc::exec {

/// Where an activity comes from; reports and the width of ranges depend on it.
enum class ActivityKind : uint8_t {
  Measured,  // "measured-from-data"
  RatesFile, // "rates-file"
  Uniform    // "uniform"
};

StringRef getActivityKindName(ActivityKind kind);

/// Synaptic operations, summed over samples and steps.  Effective: those that
/// events caused; dense: those of a machine that skips nothing.  AC: the source
/// sends binary spikes; MAC: it sends values.
struct SynapticOperations {
  uint64_t effectiveMac = 0, effectiveAc = 0;
  uint64_t denseMac = 0, denseAc = 0;

  void add(const SynapticOperations &other) {
    effectiveMac += other.effectiveMac;
    effectiveAc += other.effectiveAc;
    denseMac += other.denseMac;
    denseAc += other.denseAc;
  }
  bool operator==(const SynapticOperations &other) const {
    return effectiveMac == other.effectiveMac &&
           effectiveAc == other.effectiveAc && denseMac == other.denseMac &&
           denseAc == other.denseAc;
  }
};

/// One bit per neuron, step and sample: did it send anything.
class SpikeBitmaps {
public:
  SpikeBitmaps(int64_t samples, int64_t steps, int64_t neurons)
      : steps(steps), wordsPerRow(llvm::divideCeil(neurons, 64)),
        storage(samples * steps * wordsPerRow) {}

  /// 64-bit words of one row; bit n%64 of word n/64 belongs to neuron n.
  int64_t words() const { return wordsPerRow; }
  ArrayRef<uint64_t> row(int64_t sample, int64_t step) const {
    return ArrayRef<uint64_t>(storage).slice(
        (sample * steps + step) * wordsPerRow, wordsPerRow);
  }
  MutableArrayRef<uint64_t> row(int64_t sample, int64_t step) {
    return MutableArrayRef<uint64_t>(storage).slice(
        (sample * steps + step) * wordsPerRow, wordsPerRow);
  }
  bool test(int64_t sample, int64_t step, int64_t neuron) const {
    return row(sample, step)[neuron / 64] >> (neuron % 64) & 1;
  }
  void set(int64_t sample, int64_t step, int64_t neuron) {
    row(sample, step)[neuron / 64] |= uint64_t(1) << (neuron % 64);
  }
  /// Neurons of [begin, end) that sent something.
  int64_t count(int64_t sample, int64_t step, int64_t begin, int64_t end) const;

  /// All rows, [sample][step][word].
  ArrayRef<uint64_t> all() const { return storage; }
  MutableArrayRef<uint64_t> all() { return storage; }

private:
  int64_t steps, wordsPerRow;
  std::vector<uint64_t> storage;
};

/// What one population sent and computed.  An event is a message of one neuron
/// in one step: a binary spike, or a value other than zero.
struct PopulationActivity {
  std::string name;
  /// C, C x L or C x H x W; empty in a rates file that does not say.
  SmallVector<int64_t, 4> shape;

  /// Events of each neuron, row-major, summed over samples and steps.
  std::vector<uint64_t> spikes;
  /// Events of the population in each sample, summed over steps.
  std::vector<uint64_t> sampleTotals;
  /// Events of the population in each step, summed over samples.
  std::vector<uint64_t> stepTotals;
  /// The same of the sample that had most in that step.
  std::vector<uint64_t> stepMaxima;
  std::optional<SpikeBitmaps> bitmaps;
  /// Membranes that had input or fired, summed over samples and steps.
  uint64_t updates = 0;

  /// Where there are no counts, one of these: events per neuron and step, or
  /// events of the population per inference.
  std::optional<double> statedRate, statedSpikes;
  /// Events per inference that 10 % and 90 % of samples stay below, and the
  /// standard error of their mean, as a rates file states them.
  std::optional<double> statedP10, statedP90, statedError;

  /// True where there is a mean and nothing behind it.
  bool isStated() const { return statedRate || statedSpikes; }

  /// Number of neurons; 0 where the shape is unknown.
  int64_t neurons() const;

  /// Makes the counters for a run.
  void start(int64_t samples, int64_t steps, bool withBitmaps);

  /// Counts the neurons of one step of one sample whose output is not zero.
  /// Each (sample, step) is recorded once.
  template <typename T>
  void record(int64_t sample, int64_t step, ArrayRef<T> outputs) {
    uint64_t events = 0;
    MutableArrayRef<uint64_t> bits;
    if (bitmaps)
      bits = bitmaps->row(sample, step);
    for (size_t i = 0; i < outputs.size(); ++i) {
      bool fires = outputs[i] != T(0);
      spikes[i] += fires;
      events += fires;
      if (fires && !bits.empty())
        bits[i / 64] |= uint64_t(1) << (i % 64);
    }
    recordTotal(sample, step, events);
  }
  /// Counts `events` events of one step of one sample in the totals alone.
  void recordTotal(int64_t sample, int64_t step, uint64_t events) {
    sampleTotals[sample] += events;
    stepTotals[step] += events;
    stepMaxima[step] = std::max(stepMaxima[step], events);
  }

  /// Adds what another thread counted on other samples of the same run.
  void merge(const PopulationActivity &other);
};

/// What one connection computed.
struct ConnectionActivity {
  std::string name;
  SynapticOperations operations;
};

struct Activity {
  ActivityKind kind = ActivityKind::Measured;
  /// Samples behind the counts; 0 where there are none.
  int64_t samples = 0;
  /// Steps of one inference; 0 in a rates file that does not say.
  int64_t steps = 0;
  /// SHA-256 of the input data and of the network, where known.
  std::string dataSha256, networkSha256;
  std::vector<PopulationActivity> populations;
  std::vector<ConnectionActivity> connections;

  const PopulationActivity *find(StringRef population) const;
  const ConnectionActivity *findConnection(StringRef connection) const;

  /// Adds another thread's share: populations and connections in the same
  /// order.
  void merge(const Activity &other);

  /// Events per step of neuron `i` (row-major); 0 while a rates file is not
  /// bound to a network and does not say the size.
  double rate(const PopulationActivity &population, int64_t i) const;
  /// Events per step of all neurons.
  std::vector<double> rates(const PopulationActivity &population) const;
  /// Events per inference of a population, mean over samples.
  double spikesPerInference(const PopulationActivity &population) const;
  /// The same of all populations.
  double spikesPerInference() const;

  /// Standard error of the mean over samples; none without totals of at least
  /// two samples.
  std::optional<double>
  standardError(const PopulationActivity &population) const;
  std::optional<double> standardError() const;
  /// Events per inference that a share `q` of the samples stays below, linearly
  /// interpolated; none without totals per sample.
  std::optional<double> percentile(const PopulationActivity &population,
                                   double q) const;
  std::optional<double> percentile(double q) const;

  /// Largest number of events of the population in step `step` of any sample;
  /// none where only means are known.
  std::optional<uint64_t> stepMaximum(const PopulationActivity &population,
                                      int64_t step) const;
  /// True where every population has bitmaps.
  bool hasBitmaps() const;

  /// Sum over connections.
  SynapticOperations operations() const;
};

/// A population that the network has.
struct PopulationShape {
  std::string name;
  SmallVector<int64_t, 4> shape;
};

/// The same rate (events per neuron and step, 0 to 1) everywhere.  Fails with
/// [activity-rate] or, below one step, [activity-steps].
llvm::Expected<Activity>
makeUniformActivity(double rate, ArrayRef<PopulationShape> populations,
                    int64_t steps);

/// Holds an activity that was read against the network: every population is
/// there and has its shape, steps agree; unknown shapes and steps are filled
/// in. Populations that the network lacks are left out; `warnings` names them.
llvm::Error bindActivity(Activity &activity,
                         ArrayRef<PopulationShape> populations, int64_t steps,
                         StringRef where, std::vector<std::string> &warnings);

/// Checks that sizes and totals agree; what `readActivity` does.
llvm::Error checkActivity(const Activity &activity, StringRef where);

/// Reads an npz activity or a rates CSV, told apart by content.
llvm::Expected<Activity> readActivity(StringRef path,
                                      const ReadLimits &limits = {});

/// Writes an npz activity; equal activities give equal bytes.
llvm::Error writeActivity(StringRef path, const Activity &activity);

/// A rates CSV: no data of single neurons or samples is in it.
llvm::Expected<Activity> parseRates(StringRef text, StringRef where);
std::string formatRates(const Activity &activity);

} // namespace nmc::exec

#endif // NMC_EXEC_ACTIVITY_H
