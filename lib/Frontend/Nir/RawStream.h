//===- RawStream.h - Writing the raw stream piece by piece ------*- C++ -*-===//
//
// What encodeRaw and the child that walks a file share.  Takes no locks and
// needs no other global state, hence can be used after fork().
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_FRONTEND_NIR_RAWSTREAM_H
#define NMC_LIB_FRONTEND_NIR_RAWSTREAM_H

#include "nmc/Frontend/Nir/Raw.h"

#include "llvm/Support/LEB128.h"

namespace nmc::nir {

inline constexpr StringLiteral rawMagic = "NMCRAW1\n";
/// As many axes as HDF5 allows.
inline constexpr unsigned maxRawRank = 32;

/// Whether an object can have this name.
inline bool isRawName(StringRef name, bool ofAttribute) {
  return !name.empty() && !name.contains('\0') &&
         (ofAttribute || (!name.contains('/') && name != "."));
}

/// Writes the stream in its order: `start`, then per object one of `group`,
/// `numbers` and `strings` with what follows it, then its attributes.
class RawWriter {
public:
  explicit RawWriter(raw_ostream &os) : os(os) {}

  void start();
  /// Followed by `size` members, each a `text` and an object.
  void group();
  void numbers(ElementKind kind, ArrayRef<int64_t> shape,
               ArrayRef<char> values);
  /// Followed by a `text` per element.
  void strings(ArrayRef<int64_t> shape);
  void size(uint64_t value) { llvm::encodeULEB128(value, os); }
  void text(StringRef text) {
    size(text.size());
    os << text;
  }

private:
  void shape(ArrayRef<int64_t> shape);

  raw_ostream &os;
};

} // namespace nmc::nir

#endif // NMC_LIB_FRONTEND_NIR_RAWSTREAM_H
