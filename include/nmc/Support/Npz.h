//===- Npz.h - Reading and writing numpy's .npz archives --------*- C++ -*-===//
//
// A zip archive whose members are .npy files, stored or deflated.  A member is
// read only when it is asked for, and never makes the reader allocate more than
// its own npy header justifies: the zip directory, the npy header and the
// limits must agree before the first element is read.
//
// Rules: [npz-archive] (no zip archive, or a damaged one), [npz-members] (too
// many), [npz-duplicate], [npz-name], [npz-missing], [npz-compression],
// [npz-encrypted], [npz-size], [npz-ratio], [npz-checksum], and those of Npy.h.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_SUPPORT_NPZ_H
#define NMC_SUPPORT_NPZ_H

#include "nmc/Support/Npy.h"

#include "llvm/Support/MemoryBuffer.h"

#include <memory>
#include <vector>

struct zip;

namespace nmc {

/// An array with its key.
struct NamedArray {
  std::string name;
  Array array;
};

/// An open npz archive.
class NpzReader {
public:
  static llvm::Expected<NpzReader> open(StringRef path,
                                        const ReadLimits &limits = {});
  /// Reads from memory; the buffer's identifier is the file name in messages.
  static llvm::Expected<NpzReader>
  open(std::unique_ptr<llvm::MemoryBuffer> buffer,
       const ReadLimits &limits = {});

  NpzReader(NpzReader &&other);
  NpzReader &operator=(NpzReader &&) = delete;
  ~NpzReader();

  /// The keys in archive order: names of members without ".npy".  Members that
  /// are no .npy files are left out.
  ArrayRef<std::string> keys() const { return names; }
  bool contains(StringRef key) const;

  /// Kind and shape of a member, without reading its elements.
  llvm::Expected<NpyHeader> header(StringRef key);
  /// A member.  What is read in all counts against `maxBytes` of the limits.
  llvm::Expected<Array> read(StringRef key);

  /// The file name used in messages.
  StringRef file() const { return path; }
  /// The whole file, for its hash.
  StringRef content() const { return buffer->getBuffer(); }

private:
  NpzReader() = default;

  class Member;

  std::string path;
  ReadLimits limits;
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  zip *archive = nullptr;
  std::vector<std::string> names;
  std::vector<uint64_t> indices; // of `names` in the archive
  int64_t bytesRead = 0;
};

/// Reads all members of an npz file.
llvm::Expected<std::vector<NamedArray>> readNpz(StringRef path,
                                                const ReadLimits &limits = {});

/// An npz archive of `arrays`, in that order.  Members are stored, not
/// deflated, and carry a fixed time, so that equal arrays give equal bytes
/// everywhere. Fails with [npz-name] or [npz-duplicate].
llvm::Expected<SmallVector<char, 0>> formatNpz(ArrayRef<NamedArray> arrays);

/// Writes an npz file.
llvm::Error writeNpz(StringRef path, ArrayRef<NamedArray> arrays);

} // namespace nmc

#endif // NMC_SUPPORT_NPZ_H
