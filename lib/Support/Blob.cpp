//===- Blob.cpp - Elements attributes whose bytes live in a blob ----------===//

#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

namespace nmc {

std::optional<int64_t> getBlobElementBytes(Type type) {
  if (auto complex = dyn_cast<mlir::ComplexType>(type)) {
    std::optional<int64_t> part = getBlobElementBytes(complex.getElementType());
    return part ? std::optional<int64_t>(2 * *part) : std::nullopt;
  }
  if (!type.isIntOrFloat())
    return std::nullopt;
  return llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
}

std::optional<int64_t> getBlobBytes(ShapedType type) {
  if (!type.hasStaticShape())
    return std::nullopt;
  std::optional<int64_t> bytes = getBlobElementBytes(type.getElementType());
  if (!bytes)
    return std::nullopt;
  int64_t total = *bytes;
  for (int64_t dim : type.getShape())
    if (llvm::MulOverflow(total, dim, total))
      return std::nullopt;
  return total;
}

/// What `dense_resource` attribute `attr` has in hand and should have.
namespace {
struct BlobFault {
  std::string text;
};
} // namespace

static std::optional<BlobFault> findFault(DenseResourceElementsAttr attr) {
  std::string key = attr.getRawHandle().getKey().str();
  mlir::AsmResourceBlob *blob = attr.getRawHandle().getBlob();
  if (!blob)
    return BlobFault{"blob '" + key + "' is missing"};
  std::optional<int64_t> bytes = getBlobBytes(attr.getType());
  std::string type;
  llvm::raw_string_ostream(type) << attr.getType();
  if (!bytes)
    return BlobFault{"blob '" + key + "' has type " + type +
                     ", whose size in bytes is not known"};
  int64_t have = blob->getData().size();
  if (have != *bytes)
    return BlobFault{"blob '" + key + "' holds " + std::to_string(have) +
                     " bytes, but " + type + " takes " +
                     std::to_string(*bytes)};
  return std::nullopt;
}

LogicalResult verifyBlob(Operation *op, Attribute attr) {
  auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(attr);
  if (!resource)
    return success();
  if (std::optional<BlobFault> fault = findFault(resource))
    return emitRuleError(op, "blob-size") << fault->text;
  return success();
}

LogicalResult verifyBlob(Location loc, Attribute attr) {
  auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(attr);
  if (!resource)
    return success();
  if (std::optional<BlobFault> fault = findFault(resource))
    return emitRuleError(loc, "blob-size") << fault->text;
  return success();
}

std::optional<ArrayRef<char>> getRawElements(Attribute attr) {
  if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(attr)) {
    if (findFault(resource))
      return std::nullopt;
    return resource.getRawHandle().getBlob()->getData();
  }
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(attr))
    if (!dense.isSplat() && !dense.getElementType().isInteger(1) &&
        dense.getElementType().isIntOrFloat())
      return dense.getRawData();
  return std::nullopt;
}

template <typename T> static T read(const char *bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

/// Element `i` of `bytes`, extended to 64 bits as `type` says.
static int64_t readInt(IntegerType type, const char *bytes, int64_t i) {
  bool isUnsigned = type.isUnsigned() || type.getWidth() == 1;
  switch (llvm::divideCeil(type.getWidth(), 8)) {
  case 1:
    return isUnsigned ? int64_t(uint8_t(bytes[i])) : int64_t(int8_t(bytes[i]));
  case 2:
    return isUnsigned ? int64_t(read<uint16_t>(bytes + 2 * i))
                      : int64_t(read<int16_t>(bytes + 2 * i));
  case 4:
    return isUnsigned ? int64_t(read<uint32_t>(bytes + 4 * i))
                      : int64_t(read<int32_t>(bytes + 4 * i));
  default:
    return read<int64_t>(bytes + 8 * i);
  }
}

static bool hasPlainWidth(IntegerType type) {
  unsigned bytes = llvm::divideCeil(type.getWidth(), 8);
  return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
}

namespace {
/// Elements of `attr` as RealT (float or double), see getElementsAsFloats.
template <typename RealT>
FailureOr<SmallVector<RealT, 0>> getElementsAsReals(ElementsAttr attr) {
  auto type = dyn_cast<ShapedType>(attr.getType());
  if (!type || !type.hasStaticShape())
    return failure();
  Type element = type.getElementType();
  if (isa<mlir::IndexType>(element) || isa<IntegerType>(element)) {
    FailureOr<SmallVector<int64_t, 0>> ints = getElementsAsInts(attr);
    if (failed(ints))
      return failure();
    bool isUnsigned64 = element.isUnsignedInteger(64);
    SmallVector<RealT, 0> values;
    values.reserve(ints->size());
    for (int64_t v : *ints)
      values.push_back(isUnsigned64 ? RealT(uint64_t(v)) : RealT(v));
    return values;
  }
  auto floatType = dyn_cast<FloatType>(element);
  if (!floatType)
    return failure();
  auto toReal = [](llvm::APFloat v) {
    bool lost;
    v.convert(std::is_same_v<RealT, float> ? llvm::APFloat::IEEEsingle()
                                           : llvm::APFloat::IEEEdouble(),
              llvm::APFloat::rmNearestTiesToEven, &lost);
    if constexpr (std::is_same_v<RealT, float>)
      return v.convertToFloat();
    else
      return v.convertToDouble();
  };
  SmallVector<RealT, 0> values;
  if (std::optional<ArrayRef<char>> raw = getRawElements(attr)) {
    int64_t count = type.getNumElements();
    values.resize(count);
    if (element.isF32()) {
      for (int64_t i = 0; i < count; ++i)
        values[i] = RealT(read<float>(raw->data() + 4 * i));
      return values;
    }
    if (element.isF64()) {
      for (int64_t i = 0; i < count; ++i)
        values[i] = RealT(read<double>(raw->data() + 8 * i));
      return values;
    }
    unsigned bits = floatType.getWidth();
    if (bits != 16 && bits != 8)
      return failure();
    for (int64_t i = 0; i < count; ++i) {
      uint64_t word =
          bits == 16 ? read<uint16_t>(raw->data() + 2 * i) : uint8_t((*raw)[i]);
      values[i] = toReal(llvm::APFloat(floatType.getFloatSemantics(),
                                       llvm::APInt(bits, word)));
    }
    return values;
  }
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (!dense)
    return failure();
  values.reserve(dense.getNumElements());
  for (const llvm::APFloat &v : dense.getValues<llvm::APFloat>())
    values.push_back(toReal(v));
  return values;
}
} // namespace

FailureOr<SmallVector<float, 0>> getElementsAsFloats(ElementsAttr attr) {
  return getElementsAsReals<float>(attr);
}

FailureOr<SmallVector<double, 0>> getElementsAsDoubles(ElementsAttr attr) {
  return getElementsAsReals<double>(attr);
}

FailureOr<SmallVector<int64_t, 0>> getElementsAsInts(ElementsAttr attr) {
  auto type = dyn_cast<ShapedType>(attr.getType());
  if (!type || !type.hasStaticShape())
    return failure();
  auto integer = dyn_cast<IntegerType>(type.getElementType());
  SmallVector<int64_t, 0> values;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    std::optional<ArrayRef<char>> raw = getRawElements(attr);
    if (!raw || !integer || !hasPlainWidth(integer))
      return failure();
    int64_t count = type.getNumElements();
    values.resize(count);
    for (int64_t i = 0; i < count; ++i)
      values[i] = readInt(integer, raw->data(), i);
    return values;
  }
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (!dense || (!integer && !isa<mlir::IndexType>(type.getElementType())) ||
      (integer && integer.getWidth() > 64))
    return failure();
  bool isUnsigned =
      integer && (integer.isUnsigned() || integer.getWidth() == 1);
  values.reserve(dense.getNumElements());
  for (const llvm::APInt &v : dense.getValues<llvm::APInt>())
    values.push_back(isUnsigned ? int64_t(v.getZExtValue()) : v.getSExtValue());
  return values;
}

ElementsAttr makeElements(RankedTensorType type, ArrayRef<char> data,
                          StringRef name, int64_t inlineBytes) {
  // i1 is packed by DenseElementsAttr; spell it out there.
  if (int64_t(data.size()) <= inlineBytes) {
    if (type.getElementType().isInteger(1)) {
      SmallVector<bool> bits(data.begin(), data.end());
      return DenseElementsAttr::get(type, bits);
    }
    return DenseElementsAttr::getFromRawBuffer(type, data);
  }
  // Enough for every element type, and no more than the heap gives: bytecode with
  // a wider section is not read back from a buffer that happens not to have it.
  mlir::AsmResourceBlob blob =
      mlir::HeapAsmResourceBlob::allocateAndCopyWithAlign(data, 16);
  return DenseResourceElementsAttr::get(type, name, std::move(blob));
}

ElementsAttr makeElements(RankedTensorType type, ArrayRef<float> data,
                          StringRef name, int64_t inlineBytes) {
  return makeElements(
      type,
      ArrayRef<char>(reinterpret_cast<const char *>(data.data()),
                     data.size() * sizeof(float)),
      name, inlineBytes);
}

} // namespace nmc
