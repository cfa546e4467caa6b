//===- Npy.cpp - Reading and writing numpy's .npy files -------------------===//
//
// Format:
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
//
//===----------------------------------------------------------------------===//

#include "nmc/Support/Npy.h"
#include "nmc/Support/File.h"
#include "nmc/Support/RuleError.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

namespace nmc {

static_assert(llvm::endianness::native == llvm::endianness::little,
              "arrays are taken from files without swapping bytes");

static constexpr StringRef magic("\x93NUMPY", 6);
static constexpr size_t maxRank = 32; // numpy's own limit before 2.0

namespace {

/// Parser of the Python dictionary in the header.
class HeaderParser {
public:
  HeaderParser(StringRef text, StringRef where) : rest(text), where(where) {}

  llvm::Expected<NpyHeader> parse() {
    bool hasDescr = false, hasOrder = false, hasShape = false;
    if (!accept('{'))
      return error("'{' expected");
    while (!accept('}')) {
      std::optional<StringRef> key = parseString();
      if (!key)
        return error("a quoted key or '}' expected");
      if (!accept(':'))
        return error("':' expected after key '" + printable(*key) + "'");
      bool *seen = *key == "descr"           ? &hasDescr
                   : *key == "fortran_order" ? &hasOrder
                   : *key == "shape"         ? &hasShape
                                             : nullptr;
      if (!seen)
        return error("unknown key '" + printable(*key) +
                     "'; descr, fortran_order and shape are known");
      if (*seen)
        return error("key '" + printable(*key) + "' is given twice");
      *seen = true;
      llvm::Error failure = seen == &hasDescr   ? parseDescr()
                            : seen == &hasOrder ? parseOrder()
                                                : parseShape();
      if (failure)
        return failure;
      if (!accept(',')) {
        if (accept('}'))
          break;
        return error("',' or '}' expected");
      }
    }
    if (!rest.trim(" \n\t\r").empty())
      return error("'" + printable(rest.trim(), 16) + "' after the header");
    if (!hasDescr || !hasOrder || !hasShape)
      return error(Twine("key '") +
                   (!hasDescr   ? "descr"
                    : !hasOrder ? "fortran_order"
                                : "shape") +
                   "' is missing");
    return std::move(header);
  }

private:
  llvm::Error error(const Twine &message, StringRef rule = "npy-header") {
    return makeRuleError(
        rule,
        where + ": " + (rule == "npy-header" ? "npy header: " : "") + message);
  }

  bool accept(char c) {
    rest = rest.ltrim(" \n\t\r");
    return rest.consume_front(StringRef(&c, 1));
  }

  /// 'text' or "text", without escapes: no key or descr needs one.
  std::optional<StringRef> parseString() {
    rest = rest.ltrim(" \n\t\r");
    if (rest.empty() || (rest[0] != '\'' && rest[0] != '"'))
      return std::nullopt;
    size_t end = rest.find(rest[0], 1);
    if (end == StringRef::npos)
      return std::nullopt;
    StringRef text = rest.slice(1, end);
    rest = rest.drop_front(end + 1);
    return text;
  }

  llvm::Error parseDescr() {
    rest = rest.ltrim(" \n\t\r");
    if (rest.starts_with("["))
      return error("structured dtype is not supported; save each field as an "
                   "array of its own",
                   "npy-dtype");
    std::optional<StringRef> descr = parseString();
    if (!descr)
      return error("quoted dtype expected");
    return parseDtype(*descr);
  }

  llvm::Error parseDtype(StringRef descr) {
    StringRef type = descr;
    bool big = type.consume_front(">");
    if (!big && !type.consume_front("<") && !type.consume_front("|"))
      type.consume_front("=");
    static const std::pair<StringLiteral, ElementKind> known[] = {
        {"b1", ElementKind::Bool}, {"i1", ElementKind::I8},
        {"u1", ElementKind::U8},   {"i2", ElementKind::I16},
        {"u2", ElementKind::U16},  {"i4", ElementKind::I32},
        {"u4", ElementKind::U32},  {"i8", ElementKind::I64},
        {"u8", ElementKind::U64},  {"f4", ElementKind::F32},
        {"f8", ElementKind::F64}};
    for (auto [name, kind] : known) {
      if (type != name)
        continue;
      if (big && getElementBytes(kind) > 1)
        return error("dtype '" + descr +
                         "' is big-endian, little-endian is read; save "
                         "x.astype('<" +
                         name + "')",
                     "npy-dtype");
      header.kind = kind;
      return llvm::Error::success();
    }
    std::string what, hint = "save the array as float32 or as an integer type";
    switch (type.empty() ? '\0' : type[0]) {
    case 'O':
      what = "Python objects";
      hint = "save a plain array of numbers; pickled objects are never read";
      break;
    case 'U':
    case 'S':
    case 'a':
      what = "strings";
      hint = "save numbers, labels as class indices";
      break;
    case 'V':
      what = "raw bytes";
      break;
    case 'M':
    case 'm':
      what = "dates or times";
      break;
    case 'c':
      what = "complex numbers";
      break;
    case 'f':
      what = "floats of this width";
      hint = "save x.astype('float32')";
      break;
    default:
      what = "an unknown type";
    }
    return error("dtype '" + printable(descr, 24) + "' (" + what +
                     ") is not supported; " + hint,
                 "npy-dtype");
  }

  llvm::Error parseOrder() {
    rest = rest.ltrim(" \n\t\r");
    if (rest.consume_front("True"))
      header.fortranOrder = true;
    else if (!rest.consume_front("False"))
      return error("True or False expected as fortran_order");
    return llvm::Error::success();
  }

  llvm::Error parseShape() {
    if (!accept('('))
      return error("a tuple expected as shape");
    bool comma = true;
    while (!accept(')')) {
      if (!comma)
        return error("',' or ')' expected in shape");
      rest = rest.ltrim(" \n\t\r");
      if (rest.starts_with("-"))
        return error("negative extent in shape", "npy-shape");
      uint64_t extent;
      StringRef digits = rest.take_while(llvm::isDigit);
      if (digits.empty())
        return error("a number expected in shape");
      if (digits.getAsInteger(10, extent) ||
          extent > uint64_t(std::numeric_limits<int64_t>::max()))
        return error("extent " + printable(digits, 24) +
                         " in shape is above 2^63 - 1",
                     "npy-shape");
      rest = rest.drop_front(digits.size());
      rest.consume_front("L"); // written by Python 2
      if (header.shape.size() == maxRank)
        return error("shape has more than " + Twine(maxRank) + " axes",
                     "npy-shape");
      header.shape.push_back(extent);
      comma = accept(',');
    }
    if (header.shape.size() == 1 && !comma)
      return error("shape is a number, not a tuple");
    return llvm::Error::success();
  }

  StringRef rest;
  StringRef where;
  NpyHeader header;
};

} // namespace

llvm::Expected<int64_t> getNpyHeaderBytes(StringRef prefix, StringRef where) {
  if (prefix.size() < 10 &&
      prefix.take_front(6) == magic.take_front(prefix.size()))
    return makeRuleError("npy-header", where + ": has " + Twine(prefix.size()) +
                                           " bytes, an npy header takes at "
                                           "least 10");
  if (!prefix.starts_with(magic))
    return makeRuleError("npy-magic", where +
                                          ": is no npy file: starts with '" +
                                          printable(prefix.take_front(6)) +
                                          "', expected '\\93NUMPY'");
  unsigned major = uint8_t(prefix[6]), minor = uint8_t(prefix[7]);
  if (major < 1 || major > 3 || minor != 0)
    return makeRuleError("npy-version", where + ": npy version " +
                                            Twine(major) + "." + Twine(minor) +
                                            " is not known; 1.0, 2.0 and 3.0 "
                                            "are");
  int64_t total;
  if (major == 1)
    total = 10 + int64_t(llvm::support::endian::read16le(prefix.data() + 8));
  else if (prefix.size() < 12)
    return makeRuleError("npy-header", where + ": has " + Twine(prefix.size()) +
                                           " bytes, an npy header of version " +
                                           Twine(major) + " takes at least 12");
  else
    total = 12 + int64_t(llvm::support::endian::read32le(prefix.data() + 8));
  if (total > npyMaxHeaderBytes)
    return makeRuleError("npy-header", where + ": npy header of " +
                                           Twine(total) + " bytes; at most " +
                                           Twine(npyMaxHeaderBytes) +
                                           " are read");
  return total;
}

llvm::Expected<NpyHeader> parseNpyHeader(StringRef text, StringRef where,
                                         const ReadLimits &limits) {
  llvm::Expected<int64_t> bytes =
      getNpyHeaderBytes(text.take_front(npyPrefixBytes), where);
  if (!bytes)
    return bytes.takeError();
  if (int64_t(text.size()) < *bytes)
    return makeRuleError("npy-header", where + ": npy header is cut off: " +
                                           Twine(*bytes) + " bytes declared, " +
                                           Twine(text.size()) + " present");
  size_t prefix = text[6] == 1 ? 10 : 12;
  auto header = HeaderParser(text.slice(prefix, *bytes), where).parse();
  if (!header)
    return header.takeError();
  header->headerBytes = *bytes;
  std::optional<int64_t> count = countElements(header->shape);
  int64_t width = getElementBytes(header->kind);
  if (!count || llvm::MulOverflow(*count, width, header->dataBytes))
    return makeRuleError("npy-shape", where + ": shape " +
                                          formatShape(header->shape) +
                                          " takes more than 2^63 - 1 bytes");
  if (header->dataBytes > limits.maxBytes)
    return makeRuleError(
        "npy-size", where + ": shape " + formatShape(header->shape) + " of " +
                        getKindName(header->kind) + " takes " +
                        Twine(header->dataBytes) + " bytes, the limit is " +
                        Twine(limits.maxBytes) + "; use fewer samples");
  return header;
}

Array finishNpy(const NpyHeader &header, Array array) {
  if (header.kind == ElementKind::Bool)
    for (char &byte : array.mutableBytes())
      byte = byte != 0;
  if (!header.fortranOrder || header.shape.size() < 2 || array.size() == 0)
    return array;
  // Walk the result in row-major order; `from` is the element's place in
  // column-major order.
  Array result = Array::uninitialized(header.kind, header.shape);
  size_t rank = header.shape.size();
  int64_t width = getElementBytes(header.kind);
  SmallVector<int64_t, 4> stride(rank), index(rank, 0);
  for (int64_t axis = 0, product = 1; axis < int64_t(rank); ++axis) {
    stride[axis] = product;
    product *= header.shape[axis];
  }
  const char *source = array.bytes().data();
  char *target = result.mutableBytes().data();
  for (int64_t i = 0, from = 0, n = result.size(); i < n; ++i) {
    std::memcpy(target + i * width, source + from * width, width);
    for (size_t axis = rank; axis-- > 0;) {
      from += stride[axis];
      if (++index[axis] < header.shape[axis])
        break;
      from -= stride[axis] * header.shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

llvm::Expected<Array> parseNpy(StringRef content, StringRef where,
                               const ReadLimits &limits) {
  llvm::Expected<NpyHeader> header = parseNpyHeader(content, where, limits);
  if (!header)
    return header.takeError();
  int64_t have = int64_t(content.size()) - header->headerBytes;
  if (have != header->dataBytes)
    return makeRuleError(
        "npy-size", where + ": shape " + formatShape(header->shape) + " of " +
                        getKindName(header->kind) + " takes " +
                        Twine(header->dataBytes) + " bytes, the file holds " +
                        Twine(have) +
                        (have < header->dataBytes ? "; it is cut off" : ""));
  Array array = Array::uninitialized(header->kind, header->shape);
  if (have)
    std::memcpy(array.mutableBytes().data(),
                content.data() + header->headerBytes, have);
  return finishNpy(*header, std::move(array));
}

llvm::Expected<Array> readNpy(StringRef path, const ReadLimits &limits) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return parseNpy((*buffer)->getBuffer(), path, limits);
}

std::string formatNpyHeader(ElementKind kind, ArrayRef<int64_t> shape) {
  static const char *const codes[] = {"|b1", "|i1", "|u1", "<i2", "<u2", "<i4",
                                      "<u4", "<i8", "<u8", "<f4", "<f8"};
  std::string dict =
      std::string("{'descr': '") + codes[int(kind)] +
      "', 'fortran_order': False, 'shape': " + formatShape(shape) + ", }";
  size_t prefix = 10;
  if (llvm::alignTo(prefix + dict.size() + 1, 64) - prefix > 0xffff)
    prefix = 12;
  size_t total = llvm::alignTo(prefix + dict.size() + 1, 64);
  dict.append(total - prefix - dict.size() - 1, ' ');
  dict += '\n';
  std::string header(magic);
  header += prefix == 10 ? '\1' : '\2';
  header += '\0';
  for (size_t byte = 0, size = total - prefix; byte < prefix - 8; ++byte)
    header += char(size >> (8 * byte));
  return header + dict;
}

llvm::Error writeNpy(StringRef path, const Array &array) {
  std::string header = formatNpyHeader(array.kind(), array.shape());
  return writeFile(
      path, {header, StringRef(array.bytes().data(), array.bytes().size())});
}

} // namespace nmc
