//===- Activity.cpp - How much a network fires ----------------------------===//

#include "nmc/Exec/Activity.h"
#include "nmc/Support/RuleError.h"
#include "nmc/Support/Units.h"

#include "llvm/ADT/bit.h"

#include <cmath>
#include <numeric>

namespace nmc::exec {

StringRef getActivityKindName(ActivityKind kind) {
  switch (kind) {
  case ActivityKind::Measured:
    return "measured-from-data";
  case ActivityKind::RatesFile:
    return "rates-file";
  case ActivityKind::Uniform:
    break;
  }
  return "uniform";
}

int64_t SpikeBitmaps::count(int64_t sample, int64_t step, int64_t begin,
                            int64_t end) const {
  if (begin >= end)
    return 0;
  ArrayRef<uint64_t> words = row(sample, step);
  int64_t first = begin / 64, last = (end - 1) / 64, total = 0;
  for (int64_t w = first; w <= last; ++w) {
    uint64_t bits = words[w];
    if (w == first)
      bits &= ~uint64_t(0) << (begin % 64);
    if (w == last)
      bits &= ~uint64_t(0) >> (63 - (end - 1) % 64);
    total += llvm::popcount(bits);
  }
  return total;
}

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

int64_t PopulationActivity::neurons() const {
  return shape.empty() ? 0 : countElements(shape).value_or(0);
}

void PopulationActivity::start(int64_t samples, int64_t steps,
                               bool withBitmaps) {
  spikes.assign(neurons(), 0);
  sampleTotals.assign(samples, 0);
  stepTotals.assign(steps, 0);
  stepMaxima.assign(steps, 0);
  updates = 0;
  bitmaps.reset();
  if (withBitmaps)
    bitmaps.emplace(samples, steps, neurons());
}

/// target[i] = combine(target[i], source[i]), where both have counters.
template <typename Combine>
static void combineInto(MutableArrayRef<uint64_t> target,
                        ArrayRef<uint64_t> source, Combine combine) {
  assert(target.size() == source.size() && "counters of different runs");
  for (size_t i = 0; i < target.size(); ++i)
    target[i] = combine(target[i], source[i]);
}

void PopulationActivity::merge(const PopulationActivity &other) {
  auto add = [](uint64_t a, uint64_t b) { return a + b; };
  combineInto(spikes, other.spikes, add);
  combineInto(sampleTotals, other.sampleTotals, add);
  combineInto(stepTotals, other.stepTotals, add);
  combineInto(stepMaxima, other.stepMaxima,
              [](uint64_t a, uint64_t b) { return std::max(a, b); });
  if (bitmaps && other.bitmaps)
    combineInto(bitmaps->all(), other.bitmaps->all(),
                [](uint64_t a, uint64_t b) { return a | b; });
  updates += other.updates;
}

void Activity::merge(const Activity &other) {
  assert(populations.size() == other.populations.size() &&
         connections.size() == other.connections.size() &&
         "activities of different networks");
  for (auto [mine, theirs] : llvm::zip(populations, other.populations))
    mine.merge(theirs);
  for (auto [mine, theirs] : llvm::zip(connections, other.connections))
    mine.operations.add(theirs.operations);
}

//===----------------------------------------------------------------------===//
// Questions
//===----------------------------------------------------------------------===//

const PopulationActivity *Activity::find(StringRef population) const {
  for (const PopulationActivity &candidate : populations)
    if (candidate.name == population)
      return &candidate;
  return nullptr;
}

const ConnectionActivity *Activity::findConnection(StringRef connection) const {
  for (const ConnectionActivity &candidate : connections)
    if (candidate.name == connection)
      return &candidate;
  return nullptr;
}

double Activity::rate(const PopulationActivity &population, int64_t i) const {
  if (population.statedRate)
    return *population.statedRate;
  if (population.statedSpikes) {
    double chances = double(population.neurons()) * double(steps);
    return chances > 0 ? *population.statedSpikes / chances : 0;
  }
  double runs = double(samples) * double(steps);
  return runs > 0 ? double(population.spikes[i]) / runs : 0;
}

std::vector<double>
Activity::rates(const PopulationActivity &population) const {
  std::vector<double> result(population.neurons());
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = rate(population, i);
  return result;
}

static uint64_t sum(ArrayRef<uint64_t> values) {
  return std::accumulate(values.begin(), values.end(), uint64_t(0));
}

double
Activity::spikesPerInference(const PopulationActivity &population) const {
  if (population.statedSpikes)
    return *population.statedSpikes;
  if (population.statedRate)
    return *population.statedRate * double(population.neurons()) *
           double(steps);
  return samples ? double(sum(population.spikes)) / double(samples) : 0;
}

double Activity::spikesPerInference() const {
  double total = 0;
  for (const PopulationActivity &population : populations)
    total += spikesPerInference(population);
  return total;
}

/// Totals of all populations in each sample; empty where one has none.
static std::vector<uint64_t> addSampleTotals(const Activity &activity) {
  std::vector<uint64_t> totals;
  for (const PopulationActivity &population : activity.populations) {
    if (&population == &activity.populations.front())
      totals.resize(population.sampleTotals.size());
    if (population.sampleTotals.size() != totals.size())
      return {};
    for (size_t i = 0; i < totals.size(); ++i)
      totals[i] += population.sampleTotals[i];
  }
  return totals;
}

static std::optional<double> findStandardError(ArrayRef<uint64_t> totals) {
  size_t n = totals.size();
  if (n < 2)
    return std::nullopt;
  double mean = 0, squares = 0;
  for (uint64_t total : totals)
    mean += double(total) / double(n);
  for (uint64_t total : totals)
    squares += (double(total) - mean) * (double(total) - mean);
  return std::sqrt(squares / double(n - 1) / double(n));
}

static std::optional<double> findPercentile(std::vector<uint64_t> totals,
                                            double q) {
  if (totals.empty())
    return std::nullopt;
  llvm::sort(totals);
  double at = std::clamp(q, 0.0, 1.0) * double(totals.size() - 1);
  size_t below = size_t(at), above = std::min(below + 1, totals.size() - 1);
  double share = at - double(below);
  return double(totals[below]) * (1 - share) + double(totals[above]) * share;
}

std::optional<double>
Activity::standardError(const PopulationActivity &population) const {
  if (population.sampleTotals.empty())
    return population.statedError;
  return findStandardError(population.sampleTotals);
}
std::optional<double> Activity::standardError() const {
  return findStandardError(addSampleTotals(*this));
}

std::optional<double> Activity::percentile(const PopulationActivity &population,
                                           double q) const {
  if (population.sampleTotals.empty())
    return q == 0.1   ? population.statedP10
           : q == 0.9 ? population.statedP90
                      : std::nullopt;
  return findPercentile(population.sampleTotals, q);
}
std::optional<double> Activity::percentile(double q) const {
  return findPercentile(addSampleTotals(*this), q);
}

std::optional<uint64_t>
Activity::stepMaximum(const PopulationActivity &population,
                      int64_t step) const {
  if (step < 0 || step >= int64_t(population.stepMaxima.size()))
    return std::nullopt;
  return population.stepMaxima[step];
}

bool Activity::hasBitmaps() const {
  return !populations.empty() &&
         llvm::all_of(populations, [](const PopulationActivity &population) {
           return population.bitmaps.has_value();
         });
}

SynapticOperations Activity::operations() const {
  SynapticOperations total;
  for (const ConnectionActivity &connection : connections)
    total.add(connection.operations);
  return total;
}

//===----------------------------------------------------------------------===//
// Networks
//===----------------------------------------------------------------------===//

llvm::Expected<Activity>
makeUniformActivity(double rate, ArrayRef<PopulationShape> populations,
                    int64_t steps) {
  if (!(rate >= 0 && rate <= 1))
    return makeRuleError("activity-rate",
                         "--activity: " + formatNumber(rate, 6) +
                             ": expected spikes per neuron and step, from 0 "
                             "to 1");
  if (steps < 1)
    return makeRuleError("activity-steps", "--activity: " + Twine(steps) +
                                               " steps: expected at least 1");
  Activity activity;
  activity.kind = ActivityKind::Uniform;
  activity.steps = steps;
  for (const PopulationShape &shape : populations) {
    PopulationActivity population;
    population.name = shape.name;
    population.shape = shape.shape;
    population.statedRate = rate;
    activity.populations.push_back(std::move(population));
  }
  return activity;
}

llvm::Error bindActivity(Activity &activity,
                         ArrayRef<PopulationShape> populations, int64_t steps,
                         StringRef where, std::vector<std::string> &warnings) {
  if (activity.steps && activity.steps != steps)
    return makeRuleError("activity-steps",
                         where + ": is of " + Twine(activity.steps) +
                             " steps an inference, the network runs " +
                             Twine(steps) + "; record it anew or give --steps");
  std::vector<PopulationActivity> bound;
  std::vector<bool> used(activity.populations.size());
  std::string missing;
  int64_t missingCount = 0;
  for (const PopulationShape &wanted : populations) {
    auto found =
        llvm::find_if(activity.populations, [&](const PopulationActivity &p) {
          return p.name == wanted.name;
        });
    if (found == activity.populations.end()) {
      if (++missingCount <= 8)
        missing +=
            (missing.empty() ? "'" : ", '") + printable(wanted.name) + "'";
      continue;
    }
    used[found - activity.populations.begin()] = true;
    PopulationActivity population = std::move(*found);
    found->name = wanted.name;
    if (population.shape.empty())
      population.shape = wanted.shape;
    if (population.shape != wanted.shape)
      return makeRuleError("activity-shape",
                           where + ": population '" + printable(wanted.name) +
                               "' has shape " + formatShape(population.shape) +
                               ", in the network " + formatShape(wanted.shape));
    double most = double(population.neurons()) * double(steps);
    if (population.statedSpikes && *population.statedSpikes > most)
      return makeRuleError(
          "activity-rate",
          where + ": population '" + printable(wanted.name) + "' has " +
              formatNumber(*population.statedSpikes, 6) +
              " spikes an inference; its " + Twine(population.neurons()) +
              " neurons send at most " + formatNumber(most, 15) + " in " +
              Twine(steps) + " steps");
    bound.push_back(std::move(population));
  }
  if (missingCount)
    return makeRuleError("activity-population",
                         where + ": has no population " + missing +
                             (missingCount > 8
                                  ? " and " + Twine(missingCount - 8) + " more"
                                  : Twine("")) +
                             " of the network");
  for (auto [population, isUsed] : llvm::zip(activity.populations, used))
    if (!isUsed)
      warnings.push_back((where + ": population '" +
                          printable(population.name) +
                          "' is not in the network and is left out "
                          "[activity-population]")
                             .str());
  activity.populations = std::move(bound);
  activity.steps = steps;
  return llvm::Error::success();
}

llvm::Error checkActivity(const Activity &activity, StringRef where) {
  if (activity.samples < 0 || activity.steps < 0)
    return makeRuleError("activity-shape", where + ": negative samples (" +
                                               Twine(activity.samples) +
                                               ") or steps (" +
                                               Twine(activity.steps) + ")");
  for (const PopulationActivity &population : activity.populations) {
    auto fault = [&](StringRef rule, const Twine &message) {
      return makeRuleError(rule, where + ": population '" +
                                     printable(population.name) + "' " +
                                     message);
    };
    if (population.isStated())
      continue;
    if (!countElements(population.shape))
      return fault("activity-shape",
                   "has uncountable shape " + formatShape(population.shape));
    auto checkSize = [&](StringRef what, size_t have,
                         int64_t wanted) -> llvm::Error {
      if (int64_t(have) == wanted)
        return llvm::Error::success();
      return fault("activity-shape", "has " + Twine(have) + " " + what +
                                         ", expected " + Twine(wanted));
    };
    if (llvm::Error error = checkSize("spike counts", population.spikes.size(),
                                      population.neurons()))
      return error;
    uint64_t total = sum(population.spikes);
    for (auto [what, totals, wanted] :
         {std::tuple<StringRef, ArrayRef<uint64_t>, int64_t>{
              "sample totals", population.sampleTotals, activity.samples},
          {"step totals", population.stepTotals, activity.steps}}) {
      if (totals.empty())
        continue;
      if (llvm::Error error = checkSize(what, totals.size(), wanted))
        return error;
      if (sum(totals) != total)
        return fault("activity-totals", "has " + Twine(total) +
                                            " spikes by neuron, " +
                                            Twine(sum(totals)) + " by " + what);
    }
    if (!population.stepMaxima.empty())
      if (llvm::Error error = checkSize(
              "step maxima", population.stepMaxima.size(), activity.steps))
        return error;
    if (!population.bitmaps)
      continue;
    int64_t words = llvm::divideCeil(population.neurons(), 64);
    int64_t wanted =
        countElements({activity.samples, activity.steps, words}).value_or(-1);
    if (llvm::Error error = checkSize("words of bitmaps",
                                      population.bitmaps->all().size(), wanted))
      return error;
    if (int64_t spare = words * 64 - population.neurons(); spare > 0)
      for (int64_t i = words - 1, n = population.bitmaps->all().size(); i < n;
           i += words)
        if (population.bitmaps->all()[i] >> (64 - spare))
          return fault("activity-shape",
                       "has bits behind its last neuron in row " +
                           Twine(i / words) + " of its bitmaps");
  }
  return llvm::Error::success();
}

} // namespace nmc::exec
