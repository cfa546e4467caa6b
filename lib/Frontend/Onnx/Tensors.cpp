//===- Tensors.cpp - TensorProto to elements attributes -------------------===//

#include "Importer.h"
#include "nmc/Support/Blob.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <cstring>
#include <limits>

using namespace nmc;
using namespace nmc::onnx;

namespace {
/// Data types that ONNX added after the installed library.
enum : int32_t {
  kFloat8E4M3FN = 17,
  kFloat8E4M3FNUZ = 18,
  kFloat8E5M2 = 19,
  kFloat8E5M2FNUZ = 20,
  kUInt4 = 21,
  kInt4 = 22
};

bool isPacked(int32_t type) { return type == kUInt4 || type == kInt4; }

/// Bytes up to which tensors stay inside the IR.
constexpr int64_t kInlineBytes = 1024;
} // namespace

Type nmc::onnx::getElementType(int32_t onnxType, MLIRContext *context) {
  auto integer = [&](unsigned width) {
    return IntegerType::get(context, width);
  };
  auto unsignedInteger = [&](unsigned width) {
    return IntegerType::get(context, width, IntegerType::Unsigned);
  };
  switch (onnxType) {
  case pb::TensorProto::FLOAT:
    return mlir::Float32Type::get(context);
  case pb::TensorProto::DOUBLE:
    return mlir::Float64Type::get(context);
  case pb::TensorProto::FLOAT16:
    return mlir::Float16Type::get(context);
  case pb::TensorProto::BFLOAT16:
    return mlir::BFloat16Type::get(context);
  case pb::TensorProto::BOOL:
    return integer(1);
  case pb::TensorProto::INT8:
    return integer(8);
  case pb::TensorProto::INT16:
    return integer(16);
  case pb::TensorProto::INT32:
    return integer(32);
  case pb::TensorProto::INT64:
    return integer(64);
  case pb::TensorProto::UINT8:
    return unsignedInteger(8);
  case pb::TensorProto::UINT16:
    return unsignedInteger(16);
  case pb::TensorProto::UINT32:
    return unsignedInteger(32);
  case pb::TensorProto::UINT64:
    return unsignedInteger(64);
  case kFloat8E4M3FN:
    return mlir::Float8E4M3FNType::get(context);
  case kFloat8E4M3FNUZ:
    return mlir::Float8E4M3FNUZType::get(context);
  case kFloat8E5M2:
    return mlir::Float8E5M2Type::get(context);
  case kFloat8E5M2FNUZ:
    return mlir::Float8E5M2FNUZType::get(context);
  case kUInt4:
    return unsignedInteger(4);
  case kInt4:
    return integer(4);
  default:
    return nullptr;
  }
}

std::string nmc::onnx::getTypeName(int32_t onnxType) {
  if (pb::TensorProto::DataType_IsValid(onnxType))
    return pb::TensorProto::DataType_Name(pb::TensorProto::DataType(onnxType));
  return std::to_string(onnxType);
}

/// Spreads two 4-bit elements per byte, low half first, to a byte each.
static SmallVector<char, 0> unpack(ArrayRef<char> packed, int64_t count,
                                   bool isSigned) {
  SmallVector<char, 0> bytes(count);
  for (int64_t i = 0; i < count; ++i) {
    uint8_t nibble = (uint8_t(packed[i / 2]) >> (i % 2 ? 4 : 0)) & 0xf;
    bytes[i] = isSigned && nibble > 7 ? char(nibble) - 16 : char(nibble);
  }
  return bytes;
}

ElementsAttr TensorReader::fromBytes(RankedTensorType type,
                                     ArrayRef<char> stored, StringRef key) {
  if (type.getNumElements() == 0)
    return DenseElementsAttr::get(type, ArrayRef<Attribute>{});
  if (type.getElementTypeBitWidth() == 4)
    return makeElements(
        type,
        ArrayRef<char>(unpack(stored, type.getNumElements(),
                              !type.getElementType().isUnsignedInteger())),
        key, kInlineBytes);
  return makeElements(type, stored, key, kInlineBytes);
}

template <typename T, typename Field>
static void append(const Field &field, SmallVectorImpl<char> &bytes) {
  bytes.resize_for_overwrite(field.size() * sizeof(T));
  for (int i = 0, e = field.size(); i < e; ++i) {
    T value = static_cast<T>(field.Get(i));
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
}

LogicalResult TensorReader::readTyped(const pb::TensorProto &tensor,
                                      int64_t stored,
                                      SmallVectorImpl<char> &bytes,
                                      StringRef what, Location loc) {
  // Number of entries that the field has, and that it must have.
  auto checkCount = [&](StringRef field, int64_t have,
                        int64_t width) -> LogicalResult {
    int64_t want = stored / width;
    if (have == want)
      return success();
    return faults.report(loc, "onnx-tensor")
           << what << " has " << have << " values in " << field
           << ", but its type takes " << want;
  };
  auto checkRange = [&](int64_t low, int64_t high) -> LogicalResult {
    for (int32_t value : tensor.int32_data())
      if (value < low || value > high)
        return faults.report(loc, "onnx-tensor")
               << what << " holds the value " << value
               << ", but its type runs from " << low << " to " << high;
    return success();
  };
  switch (tensor.data_type()) {
  case pb::TensorProto::FLOAT:
    if (failed(checkCount("float_data", tensor.float_data_size(), 4)))
      return failure();
    append<float>(tensor.float_data(), bytes);
    return success();
  case pb::TensorProto::DOUBLE:
    if (failed(checkCount("double_data", tensor.double_data_size(), 8)))
      return failure();
    append<double>(tensor.double_data(), bytes);
    return success();
  case pb::TensorProto::INT64:
    if (failed(checkCount("int64_data", tensor.int64_data_size(), 8)))
      return failure();
    append<int64_t>(tensor.int64_data(), bytes);
    return success();
  case pb::TensorProto::UINT32:
    if (failed(checkCount("uint64_data", tensor.uint64_data_size(), 4)))
      return failure();
    append<uint32_t>(tensor.uint64_data(), bytes);
    return success();
  case pb::TensorProto::UINT64:
    if (failed(checkCount("uint64_data", tensor.uint64_data_size(), 8)))
      return failure();
    append<uint64_t>(tensor.uint64_data(), bytes);
    return success();
  case pb::TensorProto::INT32:
    if (failed(checkCount("int32_data", tensor.int32_data_size(), 4)))
      return failure();
    append<int32_t>(tensor.int32_data(), bytes);
    return success();
  case pb::TensorProto::INT16:
    if (failed(checkCount("int32_data", tensor.int32_data_size(), 2)) ||
        failed(checkRange(INT16_MIN, INT16_MAX)))
      return failure();
    append<int16_t>(tensor.int32_data(), bytes);
    return success();
  case pb::TensorProto::UINT16:
  case pb::TensorProto::FLOAT16:
  case pb::TensorProto::BFLOAT16:
    if (failed(checkCount("int32_data", tensor.int32_data_size(), 2)) ||
        failed(checkRange(0, UINT16_MAX)))
      return failure();
    append<uint16_t>(tensor.int32_data(), bytes);
    return success();
  case pb::TensorProto::INT8:
    if (failed(checkCount("int32_data", tensor.int32_data_size(), 1)) ||
        failed(checkRange(INT8_MIN, INT8_MAX)))
      return failure();
    append<int8_t>(tensor.int32_data(), bytes);
    return success();
  default: // bool, uint8, float8, packed
    if (failed(checkCount("int32_data", tensor.int32_data_size(), 1)) ||
        failed(checkRange(
            0, tensor.data_type() == pb::TensorProto::BOOL ? 1 : UINT8_MAX)))
      return failure();
    append<uint8_t>(tensor.int32_data(), bytes);
    return success();
  }
}

ElementsAttr TensorReader::read(pb::TensorProto &tensor, StringRef what,
                                StringRef key, Location loc) {
  auto fault = [&](StringRef rule) { return faults.report(loc, rule); };
  Type element = getElementType(tensor.data_type(), context);
  if (!element) {
    fault("onnx-type") << what << " has element type "
                       << getTypeName(tensor.data_type())
                       << ", which is not carried";
    return nullptr;
  }
  SmallVector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  int64_t elements = 1;
  for (auto [axis, dim] : llvm::enumerate(shape)) {
    if (dim < 0) {
      fault("onnx-dims") << what << " has dimension " << dim << " at axis "
                         << axis;
      return nullptr;
    }
    if (llvm::MulOverflow(elements, dim, elements)) {
      fault("onnx-dims") << what << " has more than 2^63 elements";
      return nullptr;
    }
  }
  // Bytes in the file; 4-bit elements share one.
  int64_t width = *getBlobElementBytes(element), stored;
  bool packed = isPacked(tensor.data_type());
  if (llvm::MulOverflow(elements, width, stored)) {
    fault("onnx-dims") << what << " has more than 2^63 bytes";
    return nullptr;
  }
  if (packed)
    stored = elements / 2 + elements % 2;
  if (tensor.has_segment()) {
    fault("onnx-tensor") << what << " is split into segments";
    return nullptr;
  }
  // Dimensions are only plausible once the data were found to have their size.
  auto makeType = [&] { return RankedTensorType::get(shape, element); };

  if (tensor.data_location() == pb::TensorProto::EXTERNAL)
    return readExternal(tensor, makeType(), stored, what, key, loc);

  if (tensor.has_raw_data()) {
    int64_t have = tensor.raw_data().size();
    if (have != stored) {
      fault("onnx-tensor") << what << " has " << have
                           << " bytes of raw data, but its type takes "
                           << stored;
      return nullptr;
    }
    RankedTensorType type = makeType();
    if (element.isInteger(1))
      for (char byte : tensor.raw_data())
        if (byte != 0 && byte != 1) {
          fault("onnx-tensor") << what << " holds the value " << int64_t(byte)
                               << ", but its type runs from 0 to 1";
          return nullptr;
        }
    if (packed || stored <= kInlineBytes)
      return fromBytes(type, tensor.raw_data(), key);
    // Take the bytes over.  The heap aligns them for every element type.
    std::unique_ptr<std::string> owned(tensor.release_raw_data());
    ArrayRef<char> data(owned->data(), owned->size());
    if (reinterpret_cast<uintptr_t>(data.data()) % width != 0)
      return fromBytes(type, data, key);
    mlir::AsmResourceBlob blob(
        data, width,
        [owned = owned.release()](void *, size_t, size_t) { delete owned; },
        /*dataIsMutable=*/false);
    return DenseResourceElementsAttr::get(type, key, std::move(blob));
  }

  SmallVector<char, 0> bytes;
  if (failed(readTyped(tensor, stored, bytes, what, loc)))
    return nullptr;
  return fromBytes(makeType(), bytes, key);
}

ElementsAttr TensorReader::readExternal(const pb::TensorProto &tensor,
                                        RankedTensorType type, int64_t bytes,
                                        StringRef what, StringRef key,
                                        Location loc) {
  auto fault = [&] {
    RuleDiagnostic diag = faults.report(loc, "onnx-external");
    diag << what << ": ";
    return diag;
  };
  std::string location;
  int64_t offset = 0, length = bytes;
  bool good = true;
  llvm::StringSet<> seen;
  for (const pb::StringStringEntryProto &entry : tensor.external_data()) {
    StringRef name = entry.key(), value = entry.value();
    if (!seen.insert(name).second) {
      fault() << "key '" << name << "' is given twice";
      good = false;
    } else if (name == "location") {
      location = entry.value();
    } else if (name == "offset" || name == "length") {
      int64_t &number = name == "offset" ? offset : length;
      if (value.getAsInteger(10, number) || number < 0) {
        fault() << "key '" << name << "' is '" << value
                << "', but must be a number of bytes";
        good = false;
      }
    } else if (name != "checksum") {
      fault() << "key '" << name
              << "' is not one of location, offset, length, checksum";
      good = false;
    }
  }
  if (!good)
    return nullptr;
  if (length != bytes) {
    fault() << "length is " << length << " bytes, but the type takes " << bytes;
    return nullptr;
  }
  if (location.empty()) {
    fault() << "no location is given";
    return nullptr;
  }
  if (!folder) {
    fault() << "data lie in '" << location
            << "', but a model from standard input has no folder";
    return nullptr;
  }
  if (StringRef(location).contains('\0') ||
      StringRef(location).contains('\\') ||
      llvm::sys::path::is_absolute(location)) {
    fault() << "path '" << location
            << "' must be relative to the model's folder, with '/' between "
               "folders";
    return nullptr;
  }
  llvm::SmallString<256> path(*folder);
  for (StringRef part : llvm::make_range(llvm::sys::path::begin(location),
                                         llvm::sys::path::end(location))) {
    if (part == "..") {
      fault() << "path '" << location << "' leaves the model's folder";
      return nullptr;
    }
    llvm::sys::path::append(path, part);
    llvm::sys::fs::file_status status;
    if (std::error_code code =
            llvm::sys::fs::status(path, status, /*follow=*/false)) {
      fault() << "cannot open '" << location << "': " << code.message();
      return nullptr;
    }
    if (status.type() == llvm::sys::fs::file_type::symlink_file) {
      fault() << "path '" << location << "' passes the symbolic link '" << part
              << "'";
      return nullptr;
    }
  }
  llvm::sys::fs::file_status status;
  if (llvm::sys::fs::status(path, status) ||
      status.type() != llvm::sys::fs::file_type::regular_file) {
    fault() << "'" << location << "' is not a regular file";
    return nullptr;
  }
  int64_t size = status.getSize(), end;
  if (llvm::AddOverflow(offset, length, end) || end > size) {
    fault() << "bytes " << offset << " to " << offset << "+" << length
            << " are out of '" << location << "', which has " << size;
    return nullptr;
  }
  // Read rather than mapped: a mapped file that shrinks kills the process.
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFileSlice(path, length, offset,
                                       /*IsVolatile=*/true);
  if (!buffer || int64_t((*buffer)->getBufferSize()) != length) {
    fault() << "cannot read '" << location << "'"
            << (buffer ? std::string() : ": " + buffer.getError().message());
    return nullptr;
  }
  ArrayRef<char> data((*buffer)->getBufferStart(), length);
  int64_t width = *getBlobElementBytes(type.getElementType());
  if (length <= kInlineBytes || isPacked(tensor.data_type()) ||
      reinterpret_cast<uintptr_t>(data.data()) % width != 0)
    return fromBytes(type, data, key);
  llvm::MemoryBuffer *owned = buffer->release();
  mlir::AsmResourceBlob blob(
      data, width, [owned](void *, size_t, size_t) { delete owned; },
      /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, key, std::move(blob));
}
