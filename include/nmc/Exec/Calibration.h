//===- Calibration.h - Ranges of activations ------------------------------===//
//
// What `spike-observe-ranges` writes: extremes and percentiles of what each
// population sends on calibration samples, and the scale that loses least when
// values are rounded to so many levels.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_EXEC_CALIBRATION_H
#define NMC_EXEC_CALIBRATION_H

#include "nmc/Exec/Program.h"

namespace nmc::exec {

struct ObservedRange {
  double min = 0, max = 0;
  /// The least value that 99.9 % of all values do not exceed.
  double p999 = 0;
  /// See `findMseScale`; 1 where nothing is above 0.
  double mseScale = 1;
  /// Real value that one event stands for, where that is not `mseScale`.
  std::optional<double> eventValue;
};

/// Of the 64 scales t = max·j/64, the one for which the positive values s,
/// clipped and rounded to q(s) = min(floor(s·levels/t + 1/2), levels)·t/levels,
/// have the least sum of (q(s) − s)²; the smaller of equals.  In double
/// precision over all values, in one fixed order of summation, whatever the
/// number of threads. None where no value is above 0.
std::optional<double> findMseScale(ArrayRef<float> values, int64_t levels);

/// A threshold, and the real value that one spike then stands for.
struct ZeroResetScale {
  double threshold = 1, eventValue = 1;
};

/// The same for neurons whose spikes reset the membrane to zero. What exceeds
/// the threshold is lost, so a constant current a > 0 fires every
/// floor(t/a) + 1 steps, first after floor(t/2a) + 1, and one spike stands for
/// more than t: for the factor v of least squares between a and its rate r(a).
/// Of the 64 thresholds t = max·j/64 the one of least Σ(a − v·r(a))² is taken,
/// the smaller of equals.
std::optional<ZeroResetScale> findZeroResetScale(ArrayRef<float> values,
                                                 int64_t steps);

/// Runs the samples of `source` and observes the events of every population, in
/// the order of `program.populations()`; real values, dequantised.  `options`
/// holds steps, encodings and jobs.  `zeroReset`: scales by findZeroResetScale.
llvm::Expected<std::vector<ObservedRange>>
observeRanges(const Program &program, const InputSource &source,
              RunOptions options, int64_t levels, bool zeroReset = false);

} // namespace nmc::exec

#endif // NMC_EXEC_CALIBRATION_H
