//===- Attributes.cpp - Plain data of files as attributes, and back -------===//

#include "Attributes.h"

#include "nmc/Support/Blob.h"

#include "mlir/IR/Builders.h"

#include <cstring>

namespace nmc::nir {

Type getElementType(ElementKind kind, MLIRContext *context) {
  using Signedness = IntegerType::SignednessSemantics;
  switch (kind) {
  case ElementKind::F32:
    return mlir::Float32Type::get(context);
  case ElementKind::F64:
    return mlir::Float64Type::get(context);
  case ElementKind::Bool:
    return IntegerType::get(context, 1);
  case ElementKind::I8:
  case ElementKind::I16:
  case ElementKind::I32:
  case ElementKind::I64:
    return IntegerType::get(context, 8 * getElementBytes(kind));
  default:
    return IntegerType::get(context, 8 * getElementBytes(kind),
                            Signedness::Unsigned);
  }
}

static std::optional<ElementKind> getKind(Type type) {
  if (type.isF32())
    return ElementKind::F32;
  if (type.isF64())
    return ElementKind::F64;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return std::nullopt;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return ElementKind::Bool;
  case 8:
    return isUnsigned ? ElementKind::U8 : ElementKind::I8;
  case 16:
    return isUnsigned ? ElementKind::U16 : ElementKind::I16;
  case 32:
    return isUnsigned ? ElementKind::U32 : ElementKind::I32;
  case 64:
    return isUnsigned ? ElementKind::U64 : ElementKind::I64;
  default:
    return std::nullopt;
  }
}

ElementsAttr toElements(const Array &array, StringRef key,
                        MLIRContext *context) {
  auto type = RankedTensorType::get(array.shape(),
                                    getElementType(array.kind(), context));
  // One number for all takes no room, and reads well.
  ArrayRef<char> bytes = array.bytes();
  size_t each = getElementBytes(array.kind());
  if (array.kind() != ElementKind::Bool && bytes.size() > each &&
      std::memcmp(bytes.data(), bytes.data() + each, bytes.size() - each) == 0)
    return DenseElementsAttr::getFromRawBuffer(type, bytes.take_front(each));
  return makeElements(type, bytes, key);
}

template <typename T, typename Values>
static void fill(Array &array, const Values &values) {
  MutableArrayRef<T> out = array.mutableValues<T>();
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = T(values[i]);
}

std::optional<Array> toArray(ElementsAttr elements) {
  ShapedType type = elements.getShapedType();
  // A splat of a huge type costs nothing until it is spread.
  if (!type.hasStaticShape() || !getBlobBytes(type) ||
      *getBlobBytes(type) > (int64_t(1) << 34))
    return std::nullopt;
  std::optional<ElementKind> kind = getKind(type.getElementType());
  if (!kind)
    return std::nullopt;
  // Blobs are checked before anything of their size is allocated.
  if (isFloatKind(*kind)) {
    FailureOr<SmallVector<double, 0>> values = getElementsAsDoubles(elements);
    if (failed(values))
      return std::nullopt;
    Array array = Array::uninitialized(*kind, type.getShape());
    if (*kind == ElementKind::F32)
      fill<float>(array, *values);
    else
      fill<double>(array, *values);
    return array;
  }
  FailureOr<SmallVector<int64_t, 0>> values = getElementsAsInts(elements);
  if (failed(values))
    return std::nullopt;
  Array array = Array::uninitialized(*kind, type.getShape());
  switch (*kind) {
  case ElementKind::Bool:
    fill<bool>(array, *values);
    break;
  case ElementKind::I8:
    fill<int8_t>(array, *values);
    break;
  case ElementKind::U8:
    fill<uint8_t>(array, *values);
    break;
  case ElementKind::I16:
    fill<int16_t>(array, *values);
    break;
  case ElementKind::U16:
    fill<uint16_t>(array, *values);
    break;
  case ElementKind::I32:
    fill<int32_t>(array, *values);
    break;
  case ElementKind::U32:
    fill<uint32_t>(array, *values);
    break;
  case ElementKind::U64:
    fill<uint64_t>(array, *values);
    break;
  default:
    fill<int64_t>(array, *values);
    break;
  }
  return array;
}

//===----------------------------------------------------------------------===//
// Trees
//===----------------------------------------------------------------------===//

/// Strings of `shape` as lists of lists.
static Attribute nest(ArrayRef<int64_t> shape, ArrayRef<std::string> strings,
                      mlir::Builder &builder) {
  if (shape.empty())
    return builder.getStringAttr(strings.front());
  SmallVector<Attribute> list;
  int64_t each = shape[0] ? int64_t(strings.size()) / shape[0] : 0;
  for (int64_t i = 0; i < shape[0] && each; ++i)
    list.push_back(
        nest(shape.drop_front(), strings.slice(i * each, each), builder));
  return builder.getArrayAttr(list);
}

Attribute toAttribute(const RawObject &object, StringRef key,
                      MLIRContext *context) {
  mlir::Builder builder(context);
  switch (object.kind) {
  case RawObject::Kind::Group: {
    SmallVector<NamedAttribute> members;
    for (const auto &[name, member] : object.members)
      if (!name.empty())
        members.push_back(
            {builder.getStringAttr(name),
             toAttribute(member, (key + "." + name).str(), context)});
    return builder.getDictionaryAttr(members);
  }
  case RawObject::Kind::Numbers:
    return toElements(object.numbers, key, context);
  case RawObject::Kind::Strings:
    return nest(object.shape, object.strings, builder);
  }
  return builder.getUnitAttr();
}

/// Appends the strings of a list of lists and finds its shape.
static bool collect(Attribute attribute, size_t axis,
                    SmallVectorImpl<int64_t> &shape,
                    std::vector<std::string> &strings) {
  if (auto text = dyn_cast<StringAttr>(attribute)) {
    strings.push_back(text.str());
    return axis == shape.size();
  }
  auto list = dyn_cast<ArrayAttr>(attribute);
  if (!list || axis > 16)
    return false;
  if (shape.size() == axis)
    shape.push_back(list.size());
  else if (shape.size() < axis || shape[axis] != int64_t(list.size()))
    return false;
  bool isFirst = true;
  for (Attribute entry : list) {
    // The first path down sets the rank.
    if (!isFirst && isa<ArrayAttr>(entry) && shape.size() == axis + 1)
      return false;
    if (!collect(entry, axis + 1, shape, strings))
      return false;
    isFirst = false;
  }
  return true;
}

std::optional<RawObject> toRaw(Attribute attribute) {
  if (auto dictionary = dyn_cast<DictionaryAttr>(attribute)) {
    RawObject group;
    for (NamedAttribute member : dictionary) {
      std::optional<RawObject> object = toRaw(member.getValue());
      if (!object)
        return std::nullopt;
      group.add(member.getName(), std::move(*object));
    }
    return group;
  }
  if (auto elements = dyn_cast<ElementsAttr>(attribute)) {
    std::optional<Array> array = toArray(elements);
    return array ? std::optional<RawObject>(
                       RawObject::fromArray(std::move(*array)))
                 : std::nullopt;
  }
  SmallVector<int64_t, 4> shape;
  std::vector<std::string> strings;
  if (!collect(attribute, 0, shape, strings))
    return std::nullopt;
  return RawObject::fromStrings(shape, std::move(strings));
}

} // namespace nmc::nir
