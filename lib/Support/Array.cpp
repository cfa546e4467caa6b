//===- Array.cpp - A typed n-dimensional array of numbers -----------------===//

#include "nmc/Support/Array.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <limits>

namespace nmc {

StringRef getKindName(ElementKind kind) {
  switch (kind) {
  case ElementKind::Bool:
    return "bool";
  case ElementKind::I8:
    return "int8";
  case ElementKind::U8:
    return "uint8";
  case ElementKind::I16:
    return "int16";
  case ElementKind::U16:
    return "uint16";
  case ElementKind::I32:
    return "int32";
  case ElementKind::U32:
    return "uint32";
  case ElementKind::I64:
    return "int64";
  case ElementKind::U64:
    return "uint64";
  case ElementKind::F32:
    return "float32";
  case ElementKind::F64:
    return "float64";
  }
  return "?";
}

unsigned getElementBytes(ElementKind kind) {
  switch (kind) {
  case ElementKind::Bool:
  case ElementKind::I8:
  case ElementKind::U8:
    return 1;
  case ElementKind::I16:
  case ElementKind::U16:
    return 2;
  case ElementKind::I32:
  case ElementKind::U32:
  case ElementKind::F32:
    return 4;
  case ElementKind::I64:
  case ElementKind::U64:
  case ElementKind::F64:
    return 8;
  }
  return 1;
}

std::optional<int64_t> countElements(ArrayRef<int64_t> shape) {
  // A zero anywhere makes the product zero, whatever the other extents are.
  int64_t count = 1;
  bool overflow = false, zero = false;
  for (int64_t extent : shape) {
    if (extent < 0)
      return std::nullopt;
    zero |= extent == 0;
    overflow |= llvm::MulOverflow(count, extent, count);
  }
  if (zero)
    return 0;
  return overflow ? std::nullopt : std::optional<int64_t>(count);
}

std::string formatShape(ArrayRef<int64_t> shape) {
  std::string text = "(";
  for (auto [i, extent] : llvm::enumerate(shape))
    text += (i ? ", " : "") + std::to_string(extent);
  return text + (shape.size() == 1 ? ",)" : ")");
}

/// Calls `body` with a null pointer of the C++ type of `kind`.
template <typename Body> static auto dispatch(ElementKind kind, Body body) {
  switch (kind) {
  case ElementKind::Bool: // one byte, 0 or not
  case ElementKind::U8:
    return body(static_cast<const uint8_t *>(nullptr));
  case ElementKind::I8:
    return body(static_cast<const int8_t *>(nullptr));
  case ElementKind::I16:
    return body(static_cast<const int16_t *>(nullptr));
  case ElementKind::U16:
    return body(static_cast<const uint16_t *>(nullptr));
  case ElementKind::I32:
    return body(static_cast<const int32_t *>(nullptr));
  case ElementKind::U32:
    return body(static_cast<const uint32_t *>(nullptr));
  case ElementKind::I64:
    return body(static_cast<const int64_t *>(nullptr));
  case ElementKind::U64:
    return body(static_cast<const uint64_t *>(nullptr));
  case ElementKind::F32:
    return body(static_cast<const float *>(nullptr));
  case ElementKind::F64:
    break;
  }
  return body(static_cast<const double *>(nullptr));
}

/// Conversion without undefined behaviour.
template <typename To, typename From> static To convertOne(From value) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    if (std::isnan(value))
      return 0;
    constexpr double bound = 9223372036854775808.0; // 2^63
    if (value >= bound)
      return std::numeric_limits<To>::max();
    if (value < -bound)
      return std::numeric_limits<To>::min();
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

template <typename To>
static void convertRange(const Array &array, int64_t first,
                         MutableArrayRef<To> out) {
  assert(first >= 0 && first + int64_t(out.size()) <= array.size() &&
         "range outside the array");
  if (array.kind() == ElementKind::Bool) {
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = array.bytes()[first + i] != 0;
    return;
  }
  dispatch(array.kind(), [&](auto *type) {
    using From = std::remove_const_t<std::remove_pointer_t<decltype(type)>>;
    const From *from =
        reinterpret_cast<const From *>(array.bytes().data()) + first;
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = convertOne<To>(from[i]);
  });
}

Array Array::uninitialized(ElementKind kind, ArrayRef<int64_t> shape) {
  std::optional<int64_t> count = countElements(shape);
  assert(count && "shape is not countable");
  Array result;
  result.elementKind = kind;
  result.shapeStorage.assign(shape.begin(), shape.end());
  result.count = count.value_or(0);
  result.storage.resize_for_overwrite(size_t(result.count) *
                                      getElementBytes(kind));
  return result;
}

Array Array::zeros(ElementKind kind, ArrayRef<int64_t> shape) {
  Array result = uninitialized(kind, shape);
  std::fill(result.storage.begin(), result.storage.end(), 0);
  return result;
}

double Array::getDouble(int64_t i) const {
  double value;
  convert(i, MutableArrayRef<double>(value));
  return value;
}

int64_t Array::getInt(int64_t i) const {
  int64_t value;
  convert(i, MutableArrayRef<int64_t>(value));
  return value;
}

void Array::convert(int64_t first, MutableArrayRef<float> out) const {
  convertRange(*this, first, out);
}
void Array::convert(int64_t first, MutableArrayRef<double> out) const {
  convertRange(*this, first, out);
}
void Array::convert(int64_t first, MutableArrayRef<int64_t> out) const {
  convertRange(*this, first, out);
}

std::optional<int64_t> Array::findNonFinite() const {
  if (!isFloatKind(elementKind))
    return std::nullopt;
  return dispatch(elementKind, [&](auto *type) -> std::optional<int64_t> {
    using T = std::remove_const_t<std::remove_pointer_t<decltype(type)>>;
    const T *from = reinterpret_cast<const T *>(storage.data());
    for (int64_t i = 0; i < count; ++i)
      if (!std::isfinite(double(from[i])))
        return i;
    return std::nullopt;
  });
}

Array Array::reshaped(ArrayRef<int64_t> shape) && {
  assert(countElements(shape) == count && "shape of another element count");
  Array result = std::move(*this);
  result.shapeStorage.assign(shape.begin(), shape.end());
  return result;
}

} // namespace nmc
