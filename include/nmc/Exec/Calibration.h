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
};

/// Of the 64 scales t = max·j/64, the one for which the positive values s, clipped
/// and rounded to q(s) = min(floor(s·levels/t + 1/2), levels)·t/levels, have the
/// least sum of (q(s) − s)²; the smaller of equals.  In double precision over all
/// values, in one fixed order of summation, whatever the number of threads.
/// None where no value is above 0.
std::optional<double> findMseScale(ArrayRef<float> values, int64_t levels);

/// Runs the samples of `source` and observes the events of every population, in
/// the order of `program.populations()`; real values, dequantised.  `options`
/// holds steps, encodings and jobs.
llvm::Expected<std::vector<ObservedRange>>
observeRanges(const Program &program, const InputSource &source,
              RunOptions options, int64_t levels);

} // namespace nmc::exec

#endif // NMC_EXEC_CALIBRATION_H
