//===- Calibration.cpp - Ranges of activations ----------------------------===//

#include "nmc/Exec/Calibration.h"

#include "nmc/Support/RuleError.h"

#include "llvm/Support/Parallel.h"

#include <array>
#include <cmath>

using namespace nmc;
using namespace nmc::exec;

/// Sum of (q(s) − s)² over `values`, all above 0.  Eight partial sums, so that
/// the compiler may use vectors without changing the result.
static double sumSquaredErrors(ArrayRef<double> values, double scale,
                               int64_t levels) {
  constexpr size_t kLanes = 8;
  std::array<double, kLanes> sums{};
  double toLevel = double(levels) / scale, toValue = scale / double(levels);
  double top = double(levels);
  auto errorOf = [&](double s) {
    // Clipping first keeps the level in range: min(floor(y), top) for y > 0.
    double level = double(int32_t(std::min(s * toLevel + 0.5, top)));
    double difference = level * toValue - s;
    return difference * difference;
  };
  size_t whole = values.size() / kLanes * kLanes;
  for (size_t i = 0; i < whole; i += kLanes)
    for (size_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += errorOf(values[i + lane]);
  for (size_t i = whole; i < values.size(); ++i)
    sums[i - whole] += errorOf(values[i]);
  double sum = 0;
  for (double part : sums)
    sum += part;
  return sum;
}

std::optional<double> exec::findMseScale(ArrayRef<float> values,
                                         int64_t levels) {
  std::vector<double> positive;
  for (float value : values)
    if (value > 0)
      positive.push_back(value);
  if (positive.empty())
    return std::nullopt;
  double max = *std::max_element(positive.begin(), positive.end());
  levels = std::min<int64_t>(levels, std::numeric_limits<int32_t>::max());
  constexpr int kCandidates = 64;
  std::array<double, kCandidates> errors;
  llvm::parallelFor(0, kCandidates, [&](size_t j) {
    errors[j] =
        sumSquaredErrors(positive, max * double(j + 1) / kCandidates, levels);
  });
  size_t best = std::min_element(errors.begin(), errors.end()) - errors.begin();
  return max * double(best + 1) / kCandidates;
}

/// Spikes per step that a constant current `a` > 0 draws in `steps` steps from
/// a neuron that starts at `threshold`/2 and forgets what exceeds it at a
/// spike.
static double zeroResetRate(double a, double threshold, double steps) {
  double first = std::floor(threshold / 2 / a) + 1;
  if (first > steps)
    return 0;
  double period = std::floor(threshold / a) + 1;
  return (1 + std::floor((steps - first) / period)) / steps;
}

std::optional<ZeroResetScale> exec::findZeroResetScale(ArrayRef<float> values,
                                                       int64_t steps) {
  std::vector<double> positive;
  for (float value : values)
    if (value > 0)
      positive.push_back(value);
  if (positive.empty())
    return std::nullopt;
  double max = *std::max_element(positive.begin(), positive.end());
  constexpr int kCandidates = 64;
  std::array<ZeroResetScale, kCandidates> scales;
  std::array<double, kCandidates> errors;
  llvm::parallelFor(0, kCandidates, [&](size_t j) {
    double threshold = max * double(j + 1) / kCandidates;
    double product = 0, square = 0, energy = 0;
    for (double a : positive) {
      double rate = zeroResetRate(a, threshold, double(steps));
      product += a * rate;
      square += rate * rate;
      energy += a * a;
    }
    // The factor of least squares leaves energy - product²/square.
    scales[j].threshold = threshold;
    scales[j].eventValue = square > 0 ? product / square : threshold;
    errors[j] = square > 0 ? energy - product * product / square : energy;
  });
  size_t best = std::min_element(errors.begin(), errors.end()) - errors.begin();
  return scales[best];
}

/// The real values of a recording.
static std::vector<float> toReal(const Array &array, const Payload &payload) {
  std::vector<float> values(array.size());
  array.convert(0, values);
  if (payload.isQuantised)
    for (auto [n, value] : llvm::enumerate(values))
      value = float(array.getDouble(n) * payload.scale);
  return values;
}

llvm::Expected<std::vector<ObservedRange>>
exec::observeRanges(const Program &program, const InputSource &source,
                    RunOptions options, int64_t levels, bool zeroReset) {
  options.record.clear();
  for (const StreamInfo &population : program.populations())
    options.record.push_back({population.name, Quantity::Spikes});
  llvm::Expected<RunResult> result = program.run(source, options);
  if (!result)
    return result.takeError();
  std::vector<ObservedRange> ranges;
  for (auto [info, recording] :
       llvm::zip(program.populations(), result->recordings)) {
    std::vector<float> values = toReal(recording.values, info.payload);
    if (values.empty())
      return makeRuleError("observe-data", "there are no samples to observe");
    for (float value : values)
      if (!std::isfinite(value))
        return makeRuleError("observe-data",
                             "population '" + Twine(info.name) +
                                 "' sends a value that is not finite");
    ObservedRange range;
    auto [min, max] = std::minmax_element(values.begin(), values.end());
    range.min = *min;
    range.max = *max;
    if (zeroReset) {
      if (std::optional<ZeroResetScale> scale =
              findZeroResetScale(values, levels)) {
        range.mseScale = scale->threshold;
        range.eventValue = scale->eventValue;
      }
    } else {
      range.mseScale = findMseScale(values, levels).value_or(1.0);
    }
    size_t rank = size_t(std::ceil(0.999 * double(values.size())));
    auto at = values.begin() + (std::max<size_t>(rank, 1) - 1);
    std::nth_element(values.begin(), at, values.end());
    range.p999 = *at;
    ranges.push_back(range);
  }
  return ranges;
}
