//===- Array.h - A typed n-dimensional array of numbers ---------*- C++ -*-===//
//
// What data files hold: element kind, shape and contiguous row-major (C order)
// bytes in the machine's byte order.  Reading and writing are in Npy.h, Npz.h
// and Idx.h.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_SUPPORT_ARRAY_H
#define NMC_SUPPORT_ARRAY_H

#include "nmc/Support/LLVM.h"

#include "llvm/Support/Error.h"

#include <cassert>
#include <optional>
#include <string>

namespace nmc {

enum class ElementKind : uint8_t {
  Bool,
  I8,
  U8,
  I16,
  U16,
  I32,
  U32,
  I64,
  U64,
  F32,
  F64
};

/// The kind's name in numpy: "bool", "int8", ..., "float64".
StringRef getKindName(ElementKind kind);

/// Bytes of one element: 1, 2, 4 or 8.
unsigned getElementBytes(ElementKind kind);

inline bool isFloatKind(ElementKind kind) {
  return kind == ElementKind::F32 || kind == ElementKind::F64;
}

/// The product of `shape`; none on overflow of int64 or a negative extent.
std::optional<int64_t> countElements(ArrayRef<int64_t> shape);

/// "(2, 3)" as numpy prints it; "()" for a scalar, "(3,)" for rank 1.
std::string formatShape(ArrayRef<int64_t> shape);

/// The kind that holds a C++ type.
template <typename T> constexpr ElementKind kindOf();
template <> constexpr ElementKind kindOf<bool>() { return ElementKind::Bool; }
template <> constexpr ElementKind kindOf<int8_t>() { return ElementKind::I8; }
template <> constexpr ElementKind kindOf<uint8_t>() { return ElementKind::U8; }
template <> constexpr ElementKind kindOf<int16_t>() { return ElementKind::I16; }
template <> constexpr ElementKind kindOf<uint16_t>() {
  return ElementKind::U16;
}
template <> constexpr ElementKind kindOf<int32_t>() { return ElementKind::I32; }
template <> constexpr ElementKind kindOf<uint32_t>() {
  return ElementKind::U32;
}
template <> constexpr ElementKind kindOf<int64_t>() { return ElementKind::I64; }
template <> constexpr ElementKind kindOf<uint64_t>() {
  return ElementKind::U64;
}
template <> constexpr ElementKind kindOf<float>() { return ElementKind::F32; }
template <> constexpr ElementKind kindOf<double>() { return ElementKind::F64; }

/// A value type that owns its bytes; moved cheaply, copied in full.
class Array {
public:
  /// An empty array: float64 of shape (0,).
  Array() : shapeStorage({0}) {}

  /// An array of zeros.  `shape` must be countable and affordable: readers
  /// check both before they come here.
  static Array zeros(ElementKind kind, ArrayRef<int64_t> shape);

  /// As `zeros`, with bytes that are left to the caller to fill.
  static Array uninitialized(ElementKind kind, ArrayRef<int64_t> shape);

  /// An array of the values in row-major order; `values` has as many elements
  /// as `shape`.
  template <typename T>
  static Array from(ArrayRef<int64_t> shape, ArrayRef<T> values) {
    Array result = uninitialized(kindOf<T>(), shape);
    assert(size_t(result.size()) == values.size() && "shape and values differ");
    std::copy(values.begin(), values.end(), result.mutableValues<T>().begin());
    return result;
  }
  template <typename T>
  static Array from(ArrayRef<int64_t> shape, std::initializer_list<T> values) {
    return from<T>(shape, ArrayRef<T>(values.begin(), values.size()));
  }

  ElementKind kind() const { return elementKind; }
  ArrayRef<int64_t> shape() const { return shapeStorage; }
  int64_t rank() const { return shapeStorage.size(); }
  /// Number of elements.
  int64_t size() const { return count; }

  ArrayRef<char> bytes() const { return storage; }
  MutableArrayRef<char> mutableBytes() { return storage; }

  /// All elements, row-major; T is the C++ type of `kind()`.
  template <typename T> ArrayRef<T> values() const {
    assert(kindOf<T>() == elementKind && "array holds another kind");
    return ArrayRef<T>(reinterpret_cast<const T *>(storage.data()), count);
  }
  template <typename T> MutableArrayRef<T> mutableValues() {
    assert(kindOf<T>() == elementKind && "array holds another kind");
    return MutableArrayRef<T>(reinterpret_cast<T *>(storage.data()), count);
  }

  /// Element `i` in row-major order.
  double getDouble(int64_t i) const;
  /// Element `i` of an integer or bool array, wrapped to int64 where it is a
  /// uint64 above 2^63 - 1; of a float array, truncated towards zero and
  /// clamped (NaN is 0).
  int64_t getInt(int64_t i) const;

  /// Converts elements [first, first + out.size()) in row-major order.
  void convert(int64_t first, MutableArrayRef<float> out) const;
  void convert(int64_t first, MutableArrayRef<double> out) const;
  void convert(int64_t first, MutableArrayRef<int64_t> out) const;

  /// Index of the first element that is NaN or infinite, if any.
  std::optional<int64_t> findNonFinite() const;

  /// The same elements in another shape of as many.
  Array reshaped(ArrayRef<int64_t> shape) &&;

  /// Equal kind, shape and bytes.
  bool operator==(const Array &other) const {
    return elementKind == other.elementKind &&
           shapeStorage == other.shapeStorage && storage == other.storage;
  }
  bool operator!=(const Array &other) const { return !(*this == other); }

private:
  ElementKind elementKind = ElementKind::F64;
  SmallVector<int64_t, 4> shapeStorage;
  int64_t count = 0;
  /// From malloc, hence aligned for every kind.
  SmallVector<char, 0> storage;
};

} // namespace nmc

#endif // NMC_SUPPORT_ARRAY_H
