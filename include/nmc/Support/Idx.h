//===- Idx.h - Reading IDX files (MNIST's format) ---------------*- C++ -*-===//
//
// Big-endian arrays behind a magic number, plain or in gzip.  Rules:
// [idx-magic] [idx-shape] [idx-size] [idx-gzip] [idx-ratio], and [file-read].
//
//===----------------------------------------------------------------------===//
#ifndef NMC_SUPPORT_IDX_H
#define NMC_SUPPORT_IDX_H

#include "nmc/Support/Npy.h"

namespace nmc {

/// True where `content` starts as an IDX file or a gzip file does.
bool looksLikeIdx(StringRef content);

/// Reads the content of an IDX file, unpacking it first if it is gzip.  Never
/// unpacks more than the IDX header justifies.
llvm::Expected<Array> parseIdx(StringRef content, StringRef where,
                               const ReadLimits &limits = {});

/// Reads an IDX file.
llvm::Expected<Array> readIdx(StringRef path, const ReadLimits &limits = {});

} // namespace nmc

#endif // NMC_SUPPORT_IDX_H
