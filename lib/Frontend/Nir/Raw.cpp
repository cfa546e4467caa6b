//===- Raw.cpp - Plain data and its stream --------------------------------===//
//
//   stream := "NMCRAW1\n" object
//   object := kind:u8 content attributes
//   content of a group   := members
//              numbers   := element kind:u8 shape values (native byte order)
//              strings   := shape (length:uleb bytes)*
//   members, attributes  := count:uleb (length:uleb name object)*
//   shape                := rank:u8 extent:uleb*
//
//===----------------------------------------------------------------------===//

#include "RawStream.h"

#include "nmc/Support/RuleError.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cstring>

namespace nmc::nir {

//===----------------------------------------------------------------------===//
// RawObject
//===----------------------------------------------------------------------===//

static RawMembers::const_iterator lowerBound(const RawMembers &members,
                                             StringRef name) {
  return std::lower_bound(
      members.begin(), members.end(), name,
      [](const auto &member, StringRef name) { return member.first < name; });
}

static const RawObject *lookup(const RawMembers &members, StringRef name) {
  auto it = lowerBound(members, name);
  return it != members.end() && it->first == name ? &it->second : nullptr;
}

static RawObject &insert(RawMembers &members, StringRef name,
                         RawObject object) {
  auto it = members.begin() + (lowerBound(members, name) - members.cbegin());
  if (it == members.end() || it->first != name)
    it = members.insert(it, {name.str(), RawObject()});
  it->second = std::move(object);
  return it->second;
}

const RawObject *RawObject::find(StringRef name) const {
  return lookup(members, name);
}

const RawObject *RawObject::findAttribute(StringRef name) const {
  return lookup(attributes, name);
}

RawObject RawObject::fromArray(Array array) {
  RawObject object;
  object.kind = Kind::Numbers;
  object.numbers = std::move(array);
  return object;
}

RawObject RawObject::fromString(StringRef text) {
  return fromStrings({}, {text.str()});
}

RawObject RawObject::fromStrings(ArrayRef<int64_t> shape,
                                 std::vector<std::string> strings) {
  assert(countElements(shape) == int64_t(strings.size()) &&
         "shape of another element count");
  RawObject object;
  object.kind = Kind::Strings;
  object.shape.assign(shape.begin(), shape.end());
  object.strings = std::move(strings);
  return object;
}

RawObject &RawObject::add(StringRef name, RawObject object) {
  return insert(members, name, std::move(object));
}

RawObject &RawObject::addAttribute(StringRef name, RawObject object) {
  return insert(attributes, name, std::move(object));
}

bool RawObject::operator==(const RawObject &other) const {
  if (kind != other.kind || members != other.members ||
      attributes != other.attributes)
    return false;
  switch (kind) {
  case Kind::Group:
    return true;
  case Kind::Numbers:
    return numbers == other.numbers;
  case Kind::Strings:
    return shape == other.shape && strings == other.strings;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

void RawWriter::start() { os << rawMagic; }

void RawWriter::shape(ArrayRef<int64_t> shape) {
  os << char(shape.size());
  for (int64_t extent : shape)
    size(extent);
}

void RawWriter::group() { os << char(RawObject::Kind::Group); }

void RawWriter::numbers(ElementKind kind, ArrayRef<int64_t> extents,
                        ArrayRef<char> values) {
  os << char(RawObject::Kind::Numbers) << char(kind);
  shape(extents);
  if (kind != ElementKind::Bool) {
    os.write(values.data(), values.size());
    return;
  }
  for (char value : values)
    os << char(value != 0);
}

void RawWriter::strings(ArrayRef<int64_t> extents) {
  os << char(RawObject::Kind::Strings);
  shape(extents);
}

static void encodeObject(const RawObject &object, RawWriter &writer);

static void encodeMembers(const RawMembers &members, RawWriter &writer) {
  writer.size(members.size());
  for (const auto &[name, object] : members) {
    writer.text(name);
    encodeObject(object, writer);
  }
}

static void encodeObject(const RawObject &object, RawWriter &writer) {
  switch (object.kind) {
  case RawObject::Kind::Group:
    writer.group();
    encodeMembers(object.members, writer);
    break;
  case RawObject::Kind::Numbers:
    writer.numbers(object.numbers.kind(), object.numbers.shape(),
                   object.numbers.bytes());
    break;
  case RawObject::Kind::Strings:
    writer.strings(object.shape);
    for (const std::string &text : object.strings)
      writer.text(text);
    break;
  }
  encodeMembers(object.attributes, writer);
}

void encodeRaw(const RawObject &object, raw_ostream &os) {
  RawWriter writer(os);
  writer.start();
  encodeObject(object, writer);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {

/// Parser of the stream.  Nothing is allocated before it was found affordable
/// and, but for a factor that `charge` accounts for, present in the bytes.
class Decoder {
public:
  Decoder(ArrayRef<char> bytes, const RawLimits &limits)
      : bytes(bytes), bytesLeft(limits.bytes), objectsLeft(limits.objects),
        maxDepth(limits.depth) {}

  llvm::Expected<RawObject> decode() {
    RawObject root;
    if (!take(rawMagic.size(), magic) ||
        StringRef(magic.data(), magic.size()) != rawMagic)
      fail("no stream of this version");
    else if (object(root, /*depth=*/0, /*isAttribute=*/false) &&
             at != bytes.size())
      fail(Twine(bytes.size() - at) + " bytes after the end");
    if (!message.empty())
      return makeRuleError(rule, message);
    return root;
  }

private:
  bool fail(const Twine &text, StringRef withRule = "raw-format") {
    if (message.empty()) {
      message = (Twine("raw stream, byte ") + Twine(at) + ": " + text).str();
      rule = withRule;
    }
    return false;
  }

  size_t left() const { return bytes.size() - at; }

  bool take(uint64_t count, ArrayRef<char> &result) {
    if (count > left())
      return fail(Twine(count) + " bytes announced, " + Twine(left()) +
                  " left");
    result = bytes.slice(at, count);
    at += count;
    return true;
  }

  bool byte(uint8_t &value, unsigned end, const char *what) {
    ArrayRef<char> one;
    if (!take(1, one))
      return false;
    value = one[0];
    return value < end || fail(Twine(what) + " " + Twine(unsigned(value)) +
                               ", less than " + Twine(end) + " are known");
  }

  /// A count that fits int64, in as few bytes as it needs.
  bool size(int64_t &value) {
    uint64_t result = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      ArrayRef<char> one;
      if (!take(1, one))
        return false;
      uint8_t next = one[0];
      result |= uint64_t(next & 0x7f) << shift;
      if (next & 0x80)
        continue;
      if (!next && shift)
        return fail("a number with leading zeros");
      value = result;
      return true;
    }
    return fail("a number of more than 63 bits");
  }

  /// Takes what a value costs from the limit.
  bool charge(int64_t cost) {
    if (cost > bytesLeft)
      return fail(Twine(cost) + " bytes more, the limit leaves " +
                      Twine(bytesLeft),
                  "hdf5-size");
    bytesLeft -= cost;
    return true;
  }

  bool text(std::string &result) {
    int64_t length = 0;
    ArrayRef<char> content;
    if (!size(length) || !charge(length) || !take(length, content))
      return false;
    result.assign(content.begin(), content.end());
    return true;
  }

  bool shape(SmallVectorImpl<int64_t> &shape, int64_t &count) {
    uint8_t rank = 0;
    if (!byte(rank, maxRawRank + 1, "rank"))
      return false;
    for (uint8_t axis = 0; axis < rank; ++axis)
      if (!size(shape.emplace_back()))
        return false;
    std::optional<int64_t> product = countElements(shape);
    if (!product)
      return fail("shape " + formatShape(shape) + " overflows", "hdf5-size");
    count = *product;
    return true;
  }

  bool numbers(RawObject &object) {
    uint8_t kindByte = 0;
    SmallVector<int64_t> extents;
    int64_t count = 0, cost = 0;
    if (!byte(kindByte, unsigned(ElementKind::F64) + 1, "element kind") ||
        !shape(extents, count))
      return false;
    auto kind = ElementKind(kindByte);
    if (llvm::MulOverflow(count, int64_t(getElementBytes(kind)), cost))
      return fail("shape " + formatShape(extents) + " overflows", "hdf5-size");
    ArrayRef<char> values;
    if (!charge(cost) || !take(cost, values))
      return false;
    if (kind == ElementKind::Bool &&
        llvm::any_of(values, [](char value) { return value & ~1; }))
      return fail("a bool that is neither 0 nor 1");
    object.numbers = Array::uninitialized(kind, extents);
    std::copy(values.begin(), values.end(),
              object.numbers.mutableBytes().begin());
    return true;
  }

  bool strings(RawObject &object) {
    int64_t count = 0, cost = 0;
    if (!shape(object.shape, count))
      return false;
    // Every string takes a byte here, and that many in memory.
    if (uint64_t(count) > left())
      return fail(Twine(count) + " strings announced, " + Twine(left()) +
                  " bytes left");
    if (llvm::MulOverflow(count, int64_t(sizeof(std::string)), cost) ||
        !charge(cost))
      return fail("too many strings", "hdf5-size");
    object.strings.resize(count);
    for (std::string &string : object.strings)
      if (!text(string))
        return false;
    return true;
  }

  bool members(RawMembers &result, int depth, bool areAttributes) {
    int64_t count = 0;
    if (!size(count))
      return false;
    // A member takes at least its name's length and a byte of name, kind,
    // rank or member count, and attribute count.
    if (uint64_t(count) > left() / 5)
      return fail(Twine(count) + " members announced, " + Twine(left()) +
                  " bytes left");
    if (count > objectsLeft)
      return fail(Twine(count) + " objects more, the limit leaves " +
                      Twine(objectsLeft),
                  "hdf5-size");
    result.reserve(count);
    for (int64_t i = 0; i < count; ++i) {
      std::string name;
      if (!text(name))
        return false;
      if (!isRawName(name, areAttributes))
        return fail("'" + printable(name) + "' is no name");
      if (!result.empty() && name <= result.back().first)
        return fail("'" + printable(name) + "' follows '" +
                    printable(result.back().first) + "'");
      result.emplace_back(std::move(name), RawObject());
      RawObject &member = result.back().second;
      if (!object(member, depth, areAttributes))
        return false;
    }
    return true;
  }

  bool object(RawObject &object, int depth, bool isAttribute) {
    uint8_t kind = 0;
    if (--objectsLeft < 0)
      return fail("more objects than the limit", "hdf5-size");
    if (!byte(kind, 3, "object kind"))
      return false;
    object.kind = RawObject::Kind(kind);
    if (isAttribute && object.isGroup())
      return fail("an attribute that is a group");
    if (object.isGroup() && depth > maxDepth)
      return fail("groups nested deeper than " + Twine(maxDepth), "hdf5-size");
    bool done = object.kind == RawObject::Kind::Group
                    ? members(object.members, depth + 1, false)
                : object.kind == RawObject::Kind::Numbers ? numbers(object)
                                                          : strings(object);
    if (!done || !isAttribute)
      return done && members(object.attributes, depth + 1, true);
    // Only groups nest, and their depth is limited.
    int64_t count = 0;
    return size(count) &&
           (count == 0 || fail("an attribute that has attributes"));
  }

  ArrayRef<char> bytes, magic;
  size_t at = 0;
  int64_t bytesLeft, objectsLeft;
  int maxDepth;
  std::string message;
  StringRef rule;
};

} // namespace

llvm::Expected<RawObject> decodeRaw(ArrayRef<char> bytes,
                                    const RawLimits &limits) {
  return Decoder(bytes, limits).decode();
}

} // namespace nmc::nir
