//===- ParameterValues.h - Numbers of a population --------------*- C++ -*-===//
#ifndef NMC_LIB_TRANSFORMS_PARAMETERVALUES_H
#define NMC_LIB_TRANSFORMS_PARAMETERVALUES_H

#include "dialects/Spike/Spike.h"

#include <string>

namespace nmc {

/// A parameter in double precision: one number, one per channel or one per
/// neuron, as its elements attribute has it.
struct Values {
  SmallVector<double, 0> list;
  /// Whether anybody changed it since it was read.
  bool changed = false;

  Values() = default;
  explicit Values(double value) : list{value} {}

  bool isUniform() const;
  /// All within 1e-6, relative, of `value`.
  bool isAbout(double value) const;
  double at(int64_t neuron, int64_t neurons) const {
    return list[neuron * int64_t(list.size()) / neurons];
  }
  double largest() const;  // of the magnitudes
  double smallest() const; // of the values
  /// "0.1", or "0.1 to 0.3".
  std::string str() const;

  /// Calls fn(this, other) wherever either changes; marks the result changed.
  Values combine(const Values &other,
                 function_ref<double(double, double)> fn) const;
  Values map(function_ref<double(double)> fn) const;

  /// f32, of rank 0 where uniform, else of the population's shape or one per
  /// channel.
  ElementsAttr toFloats(ArrayRef<int64_t> shape, MLIRContext *context) const;
  /// The same as i32; values are whole numbers of 32 bits.
  ElementsAttr toInts(ArrayRef<int64_t> shape, MLIRContext *context) const;
};

/// Reads a parameter; `otherwise` where there is none. Fails with a diagnostic
/// (rule `param-type`) where it holds no finite numbers.
FailureOr<Values> readValues(Operation *op, StringRef name, ElementsAttr attr,
                             double otherwise);

/// The values of a parameter, or of a bias per channel or neuron, one for each
/// neuron.
SmallVector<double, 0> spread(ArrayRef<double> values, int64_t neurons);

} // namespace nmc

#endif // NMC_LIB_TRANSFORMS_PARAMETERVALUES_H
