//===- Tensor.h - Values while ONNX becomes TOSA --------------------------===//
#ifndef NMC_LIB_CONVERSION_ONNXTOTOSA_TENSOR_H
#define NMC_LIB_CONVERSION_ONNXTOTOSA_TENSOR_H

#include "nmc/Support/LLVM.h"

#include <memory>
#include <string>

namespace nmc::onnx {

/// A tensor that is known while compiling.  Holds an attribute, or computed
/// elements; turns one into the other when asked.  Float elements of every
/// width are computed in single precision, integers in 64 bits.
class Constant {
public:
  Constant(ElementsAttr attr, StringRef name)
      : tensorType(cast<RankedTensorType>(attr.getType())), name(name.str()),
        elements(attr) {}
  Constant(RankedTensorType type, SmallVector<float, 0> values, StringRef name)
      : tensorType(type), name(name.str()), floatValues(std::move(values)),
        hasFloats(true) {}
  Constant(RankedTensorType type, SmallVector<int64_t, 0> values,
           StringRef name)
      : tensorType(type), name(name.str()), intValues(std::move(values)),
        hasInts(true) {}

  RankedTensorType type() const { return tensorType; }
  ArrayRef<int64_t> shape() const { return tensorType.getShape(); }
  int64_t size() const { return tensorType.getNumElements(); }
  bool isFloat() const { return isa<FloatType>(tensorType.getElementType()); }
  /// Name of the initialiser that the elements come from.
  StringRef baseName() const { return name; }

  /// The elements, row-major.  Empty where the element type is of the other
  /// kind or the bytes are missing (which the onnx verifier refuses).
  ArrayRef<float> floats();
  ArrayRef<int64_t> ints();

  /// The elements as an attribute of `type()`: inline up to 1 KiB, else a blob
  /// named after the initialiser.
  ElementsAttr attr();

  /// The same elements in another shape, without copying a blob.
  std::shared_ptr<Constant> reshaped(ArrayRef<int64_t> shape);
  /// result.dim[i] = this.dim[perm[i]].
  std::shared_ptr<Constant> transposed(ArrayRef<int32_t> perm);

private:
  RankedTensorType tensorType;
  std::string name;
  ElementsAttr elements;
  SmallVector<float, 0> floatValues;
  SmallVector<int64_t, 0> intValues;
  bool hasFloats = false, hasInts = false;
};
using ConstantPtr = std::shared_ptr<Constant>;

/// What an ONNX value has become.  `type` is the type that ONNX gives it.
///
/// Where `value` is set, it holds the tensor in a layout of its own:
/// value.dim[i] = tensor.dim[perm[i]], with an empty `perm` for the same
/// layout. Layouts are thus carried along, and a transpose is put only where an
/// op needs another one.
struct Tensor {
  RankedTensorType type;
  Value value;
  SmallVector<int32_t> perm;
  ConstantPtr constant;

  explicit operator bool() const { return bool(type); }
  ArrayRef<int64_t> shape() const { return type.getShape(); }
  int64_t rank() const { return type.getRank(); }
  Type element() const { return type.getElementType(); }

  /// Axis of `value` that holds axis `axis` of the tensor.
  int64_t physicalAxis(int64_t axis) const;
  /// `list`, indexed by axes of the tensor, in the order of axes of `value`.
  SmallVector<int64_t> toPhysical(ArrayRef<int64_t> list) const;
};

/// perm with result[perm[i]] = i.
SmallVector<int32_t> invert(ArrayRef<int32_t> perm);
bool isIdentity(ArrayRef<int32_t> perm);
/// {0, 1, ..., rank-1}.
SmallVector<int32_t> identityPerm(int64_t rank);
/// Layout with channels last: {0, 2, ..., rank-1, 1}.
SmallVector<int32_t> channelsLast(int64_t rank);

/// Row-major strides of `shape`.
SmallVector<int64_t> getStrides(ArrayRef<int64_t> shape);

/// Shape of the result of NumPy's broadcasting; none where shapes do not fit.
std::optional<SmallVector<int64_t>> broadcastShapes(ArrayRef<int64_t> a,
                                                    ArrayRef<int64_t> b);

/// For every element of `to` (row-major) the index of the element of `from`
/// that is broadcast there.
SmallVector<int64_t, 0> broadcastIndices(ArrayRef<int64_t> from,
                                         ArrayRef<int64_t> to);

} // namespace nmc::onnx

#endif // NMC_LIB_CONVERSION_ONNXTOTOSA_TENSOR_H
