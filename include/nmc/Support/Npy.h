//===- Npy.h - Reading and writing numpy's .npy files -----------*- C++ -*-===//
//
// Versions 1, 2 and 3 of the format; the header is parsed strictly and names
// how many bytes are read, never more.  Fortran order is turned into C order.
// Rules: [npy-magic] [npy-version] [npy-header] [npy-dtype] [npy-shape]
// [npy-size], and [file-read] for the file itself.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_SUPPORT_NPY_H
#define NMC_SUPPORT_NPY_H

#include "nmc/Support/Array.h"

namespace nmc {

/// How much a file may make its reader allocate.
struct ReadLimits {
  /// Bytes of one array, and of all arrays read from one npz file.
  int64_t maxBytes = int64_t(4) << 30;
  /// Largest ratio of uncompressed to compressed bytes, once the uncompressed
  /// size is above `ratioFloor`.  Deflate cannot exceed 1032.
  double maxRatio = 250;
  int64_t ratioFloor = int64_t(64) << 20;
};

struct NpyHeader {
  ElementKind kind = ElementKind::F64;
  bool fortranOrder = false;
  SmallVector<int64_t, 4> shape;
  /// Bytes before the first element.
  int64_t headerBytes = 0;
  /// Bytes of all elements.
  int64_t dataBytes = 0;
};

/// Bytes that `parseNpyHeader` wants to see first.
constexpr int64_t npyPrefixBytes = 12;
/// Longest header that is read.
constexpr int64_t npyMaxHeaderBytes = 64 << 10;

/// The length of the whole header (magic included), at most
/// `npyMaxHeaderBytes`, from the first `npyPrefixBytes` bytes of a file (or all
/// of them, if it has fewer).  `where` starts every message.
llvm::Expected<int64_t> getNpyHeaderBytes(StringRef prefix, StringRef where);

/// Parses a header; `text` starts with the magic and holds at least
/// `getNpyHeaderBytes` bytes.
llvm::Expected<NpyHeader> parseNpyHeader(StringRef text, StringRef where,
                                         const ReadLimits &limits = {});

/// Brings `array`, whose bytes come straight from a file with `header`, into
/// row-major order, and its bools to 0 and 1.
Array finishNpy(const NpyHeader &header, Array array);

/// Reads the content of an .npy file.
llvm::Expected<Array> parseNpy(StringRef content, StringRef where,
                               const ReadLimits &limits = {});

/// Reads an .npy file.
llvm::Expected<Array> readNpy(StringRef path, const ReadLimits &limits = {});

/// The header that numpy writes for a row-major array: version 1.0 (2.0 where
/// it is too long), padded to 64 bytes.
std::string formatNpyHeader(ElementKind kind, ArrayRef<int64_t> shape);

/// Writes an .npy file.  Fails with [file-write].
llvm::Error writeNpy(StringRef path, const Array &array);

} // namespace nmc

#endif // NMC_SUPPORT_NPY_H
