//===- Tensor.cpp - Values while ONNX becomes TOSA ------------------------===//

#include "Tensor.h"
#include "nmc/Support/Blob.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/STLExtras.h"

#include <cstring>
#include <numeric>

using namespace nmc;
using namespace nmc::onnx;

//===----------------------------------------------------------------------===//
// Constant
//===----------------------------------------------------------------------===//

ArrayRef<float> Constant::floats() {
  if (!hasFloats && isFloat() && elements) {
    if (FailureOr<SmallVector<float, 0>> read = getElementsAsFloats(elements);
        succeeded(read))
      floatValues = std::move(*read);
    hasFloats = true;
  }
  return floatValues;
}

ArrayRef<int64_t> Constant::ints() {
  if (!hasInts && !isFloat() && elements) {
    if (FailureOr<SmallVector<int64_t, 0>> read = getElementsAsInts(elements);
        succeeded(read))
      intValues = std::move(*read);
    hasInts = true;
  }
  return intValues;
}

template <typename T>
static void append(SmallVectorImpl<char> &bytes, T value) {
  const char *data = reinterpret_cast<const char *>(&value);
  bytes.append(data, data + sizeof(T));
}

ElementsAttr Constant::attr() {
  if (elements)
    return elements;
  std::string key = name + ".tosa";
  Type element = tensorType.getElementType();
  if (size() == 0)
    return elements = DenseElementsAttr::get(tensorType, ArrayRef<Attribute>{});
  if (element.isF32())
    return elements =
               makeElements(tensorType, ArrayRef<float>(floatValues), key);
  SmallVector<char, 0> bytes;
  bytes.reserve(size() * *getBlobElementBytes(element));
  if (auto type = dyn_cast<FloatType>(element)) {
    for (float value : floatValues) {
      llvm::APFloat number(value);
      bool lost;
      number.convert(type.getFloatSemantics(),
                     llvm::APFloat::rmNearestTiesToEven, &lost);
      uint64_t bits = number.bitcastToAPInt().getZExtValue();
      switch (type.getWidth()) {
      case 8:
        append<uint8_t>(bytes, bits);
        break;
      case 16:
        append<uint16_t>(bytes, bits);
        break;
      default:
        append<uint64_t>(bytes, bits);
      }
    }
  } else {
    for (int64_t value : intValues)
      switch (*getBlobElementBytes(element)) {
      case 1:
        append<int8_t>(bytes, value);
        break;
      case 2:
        append<int16_t>(bytes, value);
        break;
      case 4:
        append<int32_t>(bytes, value);
        break;
      default:
        append<int64_t>(bytes, value);
      }
  }
  return elements = makeElements(tensorType, ArrayRef<char>(bytes), key);
}

ConstantPtr Constant::reshaped(ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, tensorType.getElementType());
  if (elements) {
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
      return std::make_shared<Constant>(
          DenseResourceElementsAttr::get(type, resource.getRawHandle()), name);
    if (auto dense = dyn_cast<DenseElementsAttr>(elements))
      return std::make_shared<Constant>(dense.reshape(type), name);
  }
  if (isFloat())
    return std::make_shared<Constant>(type, SmallVector<float, 0>(floats()),
                                      name);
  return std::make_shared<Constant>(type, SmallVector<int64_t, 0>(ints()),
                                    name);
}

/// Elements of `values` in the order of the transposed tensor.
template <typename T>
static SmallVector<T, 0> permute(ArrayRef<T> values, ArrayRef<int64_t> shape,
                                 ArrayRef<int32_t> perm) {
  SmallVector<int64_t> strides = getStrides(shape), sizes, steps;
  for (int32_t axis : perm) {
    sizes.push_back(shape[axis]);
    steps.push_back(strides[axis]);
  }
  SmallVector<T, 0> result;
  result.reserve(values.size());
  SmallVector<int64_t> index(perm.size(), 0);
  for (int64_t from = 0, i = 0, e = values.size(); i < e; ++i) {
    result.push_back(values[from]);
    for (int64_t axis = perm.size() - 1; axis >= 0; --axis) {
      from += steps[axis];
      if (++index[axis] < sizes[axis])
        break;
      from -= steps[axis] * sizes[axis];
      index[axis] = 0;
    }
  }
  return result;
}

ConstantPtr Constant::transposed(ArrayRef<int32_t> perm) {
  SmallVector<int64_t> newShape;
  for (int32_t axis : perm)
    newShape.push_back(shape()[axis]);
  // Moving axes of size one moves no element.
  int32_t last = -1;
  bool moves = false;
  for (int32_t axis : perm)
    if (shape()[axis] != 1) {
      moves |= axis < last;
      last = axis;
    }
  if (!moves)
    return reshaped(newShape);
  auto type = RankedTensorType::get(newShape, tensorType.getElementType());
  if (isFloat())
    return std::make_shared<Constant>(type, permute(floats(), shape(), perm),
                                      name);
  return std::make_shared<Constant>(type, permute(ints(), shape(), perm), name);
}

//===----------------------------------------------------------------------===//
// Layouts and shapes
//===----------------------------------------------------------------------===//

int64_t Tensor::physicalAxis(int64_t axis) const {
  if (perm.empty())
    return axis;
  return llvm::find(perm, int32_t(axis)) - perm.begin();
}

SmallVector<int64_t> Tensor::toPhysical(ArrayRef<int64_t> list) const {
  if (perm.empty())
    return SmallVector<int64_t>(list);
  SmallVector<int64_t> result;
  for (int32_t axis : perm)
    result.push_back(list[axis]);
  return result;
}

SmallVector<int32_t> nmc::onnx::invert(ArrayRef<int32_t> perm) {
  SmallVector<int32_t> result(perm.size());
  for (auto [i, axis] : llvm::enumerate(perm))
    result[axis] = i;
  return result;
}

bool nmc::onnx::isIdentity(ArrayRef<int32_t> perm) {
  for (auto [i, axis] : llvm::enumerate(perm))
    if (axis != int32_t(i))
      return false;
  return true;
}

SmallVector<int32_t> nmc::onnx::identityPerm(int64_t rank) {
  SmallVector<int32_t> perm(rank);
  std::iota(perm.begin(), perm.end(), 0);
  return perm;
}

SmallVector<int32_t> nmc::onnx::channelsLast(int64_t rank) {
  SmallVector<int32_t> perm = identityPerm(rank);
  if (rank > 2)
    std::rotate(perm.begin() + 1, perm.begin() + 2, perm.end());
  return perm;
}

SmallVector<int64_t> nmc::onnx::getStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t axis = int64_t(shape.size()) - 2; axis >= 0; --axis)
    strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

std::optional<SmallVector<int64_t>>
nmc::onnx::broadcastShapes(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  size_t rank = std::max(a.size(), b.size());
  SmallVector<int64_t> result(rank, 1);
  for (size_t i = 0; i < rank; ++i) { // from the back
    int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1)
      return std::nullopt;
    result[rank - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

SmallVector<int64_t, 0> nmc::onnx::broadcastIndices(ArrayRef<int64_t> from,
                                                    ArrayRef<int64_t> to) {
  SmallVector<int64_t> strides = getStrides(from), steps(to.size(), 0);
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] != 1)
      steps[to.size() - from.size() + i] = strides[i];
  int64_t count = 1;
  for (int64_t dim : to)
    count *= dim;
  SmallVector<int64_t, 0> result;
  result.reserve(count);
  SmallVector<int64_t> index(to.size(), 0);
  int64_t at = 0;
  for (int64_t i = 0; i < count; ++i) {
    result.push_back(at);
    for (int64_t axis = int64_t(to.size()) - 1; axis >= 0; --axis) {
      at += steps[axis];
      if (++index[axis] < to[axis])
        break;
      at -= steps[axis] * to[axis];
      index[axis] = 0;
    }
  }
  return result;
}
