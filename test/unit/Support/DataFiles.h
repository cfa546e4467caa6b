//===- DataFiles.h - Data files built in memory, good and bad ---*- C++ -*-===//
#ifndef NMC_TEST_UNIT_SUPPORT_DATAFILES_H
#define NMC_TEST_UNIT_SUPPORT_DATAFILES_H

#include "nmc/Support/Npz.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include "gtest/gtest.h"

#include <random>
#include <string>
#include <vector>
#include <zlib.h>

namespace nmc::test {

inline std::string little(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i)
    text += char(value >> (8 * i));
  return text;
}

/// An npy file of version 1 with the header dictionary `dict`, taken as it is.
inline std::string npyWith(StringRef dict, StringRef data) {
  return std::string("\x93NUMPY\x01\x00", 8) + little(dict.size() + 1, 2) +
         dict.str() + "\n" + data.str();
}

inline std::string npy(StringRef descr, StringRef shape, StringRef data) {
  return npyWith(("{'descr': '" + descr +
                  "', 'fortran_order': False, 'shape': " + shape + ", }")
                     .str(),
                 data);
}

inline std::string npy(const Array &array) {
  return formatNpyHeader(array.kind(), array.shape()) +
         std::string(array.bytes().data(), array.bytes().size());
}

/// `data` packed by zlib: raw deflate (windowBits -15) or gzip (31).
inline std::string pack(StringRef data, int windowBits) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, data.size()) + 64, 0);
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(data.data()));
  stream.avail_in = data.size();
  stream.next_out = reinterpret_cast<Bytef *>(packed.data());
  stream.avail_out = packed.size();
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

struct ZipMember {
  std::string name, data;
  bool deflated = false;
  int method = -1;           // as declared; -1: as `deflated` says
  int64_t declaredSize = -1; // unpacked; -1: the true one
  int64_t declaredCrc = -1;
  unsigned flags = 0;
};

/// A zip archive, built by hand so that its fields can lie.
inline std::string makeZip(ArrayRef<ZipMember> members) {
  std::string body, directory;
  for (const ZipMember &member : members) {
    std::string packed = member.deflated ? pack(member.data, -15) : member.data;
    uint64_t size =
        member.declaredSize < 0 ? member.data.size() : member.declaredSize;
    uint32_t crc = crc32(0, reinterpret_cast<const Bytef *>(member.data.data()),
                         member.data.size());
    if (member.declaredCrc >= 0)
      crc = member.declaredCrc;
    int method = member.method < 0 ? (member.deflated ? 8 : 0) : member.method;
    std::string fields = little(20, 2) + little(member.flags, 2) +
                         little(method, 2) + little(0, 2) + little(33, 2) +
                         little(crc, 4) + little(packed.size(), 4) +
                         little(size, 4) + little(member.name.size(), 2) +
                         little(0, 2);
    directory += "PK\1\2" + little(20, 2) + fields + little(0, 2) +
                 little(0, 2) + little(0, 2) + little(0, 4) +
                 little(body.size(), 4) + member.name;
    body += "PK\3\4" + fields + member.name + packed;
  }
  return body + directory + "PK\5\6" + little(0, 4) +
         little(members.size(), 2) + little(members.size(), 2) +
         little(directory.size(), 4) + little(body.size(), 4) + little(0, 2);
}

inline llvm::Expected<NpzReader> openNpz(StringRef content,
                                         const ReadLimits &limits = {}) {
  return NpzReader::open(llvm::MemoryBuffer::getMemBufferCopy(content, "a.npz"),
                         limits);
}

/// The message of a failed Expected; "" for success.
template <typename T> std::string messageOf(llvm::Expected<T> result) {
  return result ? std::string() : llvm::toString(result.takeError());
}

/// Asserts that `message` holds each of `parts`.
inline void expectParts(const std::string &message,
                        std::initializer_list<StringRef> parts) {
  for (StringRef part : parts)
    EXPECT_NE(message.find(part.str()), std::string::npos)
        << "'" << part.str() << "' is not in '" << message << "'";
}

/// One random fault: a bit, a byte, a run of bytes, a cut, or a repetition.
inline std::string mutate(std::string bytes, std::mt19937 &random) {
  auto pick = [&](size_t below) {
    return below ? size_t(random() % below) : size_t(0);
  };
  for (size_t faults = 1 + pick(3); faults-- > 0 && !bytes.empty();) {
    size_t at = pick(bytes.size());
    switch (pick(6)) {
    case 0:
      bytes[at] ^= char(1 << pick(8));
      break;
    case 1:
      bytes[at] = char(random());
      break;
    case 2:
      for (size_t i = at, n = 1 + pick(8); i < bytes.size() && n; ++i, --n)
        bytes[i] = pick(2) ? '\xff' : '\0';
      break;
    case 3:
      bytes.resize(at);
      break;
    case 4:
      bytes.insert(at, bytes.substr(pick(bytes.size()), pick(64)));
      break;
    default:
      bytes.erase(at, pick(16));
    }
  }
  return bytes;
}

/// A folder that is removed with its content.
class TemporaryFolder {
public:
  TemporaryFolder() {
    SmallVector<char, 64> name;
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("nmc-test", name));
    path.assign(name.begin(), name.end());
  }
  ~TemporaryFolder() { llvm::sys::fs::remove_directories(path); }
  std::string file(StringRef name) const { return path + "/" + name.str(); }
  /// Writes a file and returns its path.
  std::string write(StringRef name, StringRef content) const {
    std::error_code error;
    llvm::raw_fd_ostream(file(name), error) << content;
    EXPECT_FALSE(error);
    return file(name);
  }

private:
  std::string path;
};

inline std::string readAll(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  EXPECT_TRUE(bool(buffer));
  return buffer ? (*buffer)->getBuffer().str() : std::string();
}

} // namespace nmc::test

#endif // NMC_TEST_UNIT_SUPPORT_DATAFILES_H
