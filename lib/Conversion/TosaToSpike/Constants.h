//===- Constants.h - What tosa values are known at compile time -----------===//
#ifndef NMC_LIB_CONVERSION_TOSATOSPIKE_CONSTANTS_H
#define NMC_LIB_CONVERSION_TOSATOSPIKE_CONSTANTS_H

#include "nmc/Support/LLVM.h"

#include <memory>

namespace nmc::tosatospike {

/// A constant, row-major.
struct ConstantTensor {
  SmallVector<int64_t> shape;
  SmallVector<float, 0> values;

  /// The value where all are equal.
  std::optional<float> splat() const;
};

/// Calls `visit(index)` for every coordinate of `shape`, row-major.
void forEachCoordinate(ArrayRef<int64_t> shape,
                       function_ref<void(ArrayRef<int64_t>)> visit);

/// Evaluates what depends on constants alone: front ends leave the arithmetic
/// of BatchNorm, reshaped biases and widened weights in the IR.
class Constants {
public:
  /// The value, or null where it is not a float or integer constant that this
  /// evaluator understands.
  const ConstantTensor *get(Value value);
  /// The integers of a `!tosa.shape` operand.
  static std::optional<SmallVector<int64_t>> getShape(Value value);
  /// Whether `value` is a constant of zeros (zero points).
  bool isZero(Value value);

private:
  std::unique_ptr<ConstantTensor> evaluate(Operation *op);
  DenseMap<Value, std::unique_ptr<ConstantTensor>> known;
};

} // namespace nmc::tosatospike

#endif // NMC_LIB_CONVERSION_TOSATOSPIKE_CONSTANTS_H
