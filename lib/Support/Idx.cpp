//===- Idx.cpp - Reading IDX files (MNIST's format) -----------------------===//

#include "nmc/Support/Idx.h"
#include "nmc/Support/File.h"
#include "nmc/Support/RuleError.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>
#include <zlib.h>

namespace nmc {

static bool isGzip(StringRef content) {
  return content.starts_with("\x1f\x8b");
}

static std::optional<ElementKind> getIdxKind(uint8_t code) {
  switch (code) {
  case 0x08:
    return ElementKind::U8;
  case 0x09:
    return ElementKind::I8;
  case 0x0B:
    return ElementKind::I16;
  case 0x0C:
    return ElementKind::I32;
  case 0x0D:
    return ElementKind::F32;
  case 0x0E:
    return ElementKind::F64;
  default:
    return std::nullopt;
  }
}

bool looksLikeIdx(StringRef content) {
  return isGzip(content) ||
         (content.size() >= 4 && content[0] == 0 && content[1] == 0 &&
          getIdxKind(content[2]) && content[3] > 0 && content[3] <= 8);
}

namespace {
/// The bytes of the file, plain or unpacked, in order.
class ByteSource {
public:
  ByteSource(StringRef content, StringRef where)
      : content(content), where(where), gzip(isGzip(content)) {
    std::memset(&stream, 0, sizeof(stream));
  }
  ~ByteSource() {
    if (open)
      inflateEnd(&stream);
  }

  /// Fills `bytes` as far as the source goes; the count that was there.
  llvm::Expected<size_t> read(MutableArrayRef<char> bytes) {
    if (!gzip) {
      size_t count = std::min(bytes.size(), content.size());
      if (count)
        std::memcpy(bytes.data(), content.data(), count);
      content = content.drop_front(count);
      return count;
    }
    if (!open) {
      // 16: a gzip header and checksum are wanted.
      if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
        return makeRuleError("idx-gzip", where + ": zlib cannot start");
      open = true;
    }
    size_t done = 0;
    while (done < bytes.size() && !ended) {
      constexpr size_t most = size_t(1) << 30; // zlib counts in unsigned int
      size_t in = std::min(content.size(), most);
      size_t out = std::min(bytes.size() - done, most);
      stream.next_in =
          reinterpret_cast<Bytef *>(const_cast<char *>(content.data()));
      stream.avail_in = in;
      stream.next_out = reinterpret_cast<Bytef *>(bytes.data() + done);
      stream.avail_out = out;
      int status = inflate(&stream, Z_NO_FLUSH);
      size_t eaten = in - stream.avail_in, made = out - stream.avail_out;
      content = content.drop_front(eaten);
      done += made;
      if (status == Z_STREAM_END)
        ended = true;
      else if (status == Z_BUF_ERROR || (status == Z_OK && !eaten && !made))
        return makeRuleError("idx-gzip", where + ": gzip data is cut off");
      else if (status != Z_OK)
        return makeRuleError("idx-gzip",
                             where + ": gzip data is damaged: " +
                                 (stream.msg ? stream.msg : "no reason given"));
    }
    return done;
  }

  /// Fails unless all bytes have been read and the checksum is right.
  llvm::Error finish() {
    char extra;
    llvm::Expected<size_t> more = read(MutableArrayRef<char>(extra));
    if (!more)
      return more.takeError();
    if (*more || !content.empty())
      return makeRuleError(
          "idx-size",
          where + ": goes on after the last element" +
              (content.empty()
                   ? Twine("")
                   : " with at least " + Twine(content.size()) + " bytes"));
    return llvm::Error::success();
  }

  bool packed() const { return gzip; }

private:
  StringRef content, where;
  bool gzip, open = false, ended = false;
  z_stream stream;
};
} // namespace

template <typename Word> static void swapBytes(MutableArrayRef<char> bytes) {
  for (size_t i = 0; i + sizeof(Word) <= bytes.size(); i += sizeof(Word)) {
    Word word = llvm::support::endian::read<Word, llvm::endianness::big>(
        bytes.data() + i);
    std::memcpy(bytes.data() + i, &word, sizeof(Word));
  }
}

llvm::Expected<Array> parseIdx(StringRef content, StringRef where,
                               const ReadLimits &limits) {
  ByteSource source(content, where);
  char head[4];
  llvm::Expected<size_t> got = source.read(head);
  if (!got)
    return got.takeError();
  std::optional<ElementKind> kind;
  unsigned rank = *got == 4 ? uint8_t(head[3]) : 0;
  if (*got == 4 && head[0] == 0 && head[1] == 0)
    kind = getIdxKind(head[2]);
  if (!kind || rank == 0 || rank > 8)
    return makeRuleError(
        "idx-magic",
        where + ": is no IDX file: starts with '" +
            printable(StringRef(head, *got)) +
            "', expected two zero bytes, an element type (8 to 14) and a rank "
            "(1 to 8)");
  char extents[8 * 4];
  got = source.read(MutableArrayRef<char>(extents, rank * 4));
  if (!got)
    return got.takeError();
  if (*got < rank * 4)
    return makeRuleError("idx-size", where + ": header is cut off: rank " +
                                         Twine(rank) + " takes " +
                                         Twine(4 + rank * 4) + " bytes, " +
                                         Twine(4 + *got) + " are present");
  SmallVector<int64_t, 4> shape;
  for (unsigned axis = 0; axis < rank; ++axis)
    shape.push_back(llvm::support::endian::read32be(extents + 4 * axis));
  std::optional<int64_t> count = countElements(shape);
  int64_t bytes;
  if (!count ||
      llvm::MulOverflow<int64_t>(*count, getElementBytes(*kind), bytes))
    return makeRuleError("idx-shape", where + ": shape " + formatShape(shape) +
                                          " takes more than 2^63 - 1 bytes");
  if (bytes > limits.maxBytes)
    return makeRuleError("idx-size",
                         where + ": shape " + formatShape(shape) + " of " +
                             getKindName(*kind) + " takes " + Twine(bytes) +
                             " bytes, the limit is " + Twine(limits.maxBytes));
  if (!source.packed() && bytes != int64_t(content.size()) - 4 - 4 * rank)
    return makeRuleError("idx-size", where + ": shape " + formatShape(shape) +
                                         " of " + getKindName(*kind) +
                                         " takes " + Twine(bytes) +
                                         " bytes, the file holds " +
                                         Twine(content.size() - 4 - 4 * rank));
  if (source.packed() && bytes > limits.ratioFloor &&
      double(bytes) > limits.maxRatio * double(content.size()))
    return makeRuleError("idx-ratio", where + ": " + Twine(content.size()) +
                                          " packed bytes claim to hold " +
                                          Twine(bytes) + ", more than " +
                                          Twine(int64_t(limits.maxRatio)) +
                                          " times as many; if that is meant, "
                                          "unpack the file first");
  Array array = Array::uninitialized(*kind, shape);
  got = source.read(array.mutableBytes());
  if (!got)
    return got.takeError();
  if (int64_t(*got) != bytes)
    return makeRuleError(
        "idx-size", where + ": is cut off: shape " + formatShape(shape) +
                        " of " + getKindName(*kind) + " takes " + Twine(bytes) +
                        " bytes, " + Twine(*got) + " are present");
  if (llvm::Error error = source.finish())
    return error;
  switch (getElementBytes(*kind)) {
  case 2:
    swapBytes<uint16_t>(array.mutableBytes());
    break;
  case 4:
    swapBytes<uint32_t>(array.mutableBytes());
    break;
  case 8:
    swapBytes<uint64_t>(array.mutableBytes());
    break;
  default:
    break;
  }
  return array;
}

llvm::Expected<Array> readIdx(StringRef path, const ReadLimits &limits) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return parseIdx((*buffer)->getBuffer(), path, limits);
}

} // namespace nmc
