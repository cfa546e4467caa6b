//===- Blob.h - Elements attributes whose bytes live in a blob ------------===//
//
// Weights of any size travel as `dense_resource` attributes: the attribute
// holds a type and a key, the bytes lie in a blob of the context's resource
// manager and are neither copied nor uniqued.  MLIR checks nothing about the
// two: the blob may be missing or of another size than the type says.  Rule
// `blob-size` does, and every verifier of an op that holds weights calls it.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_SUPPORT_BLOB_H
#define NMC_SUPPORT_BLOB_H

#include "nmc/Support/LLVM.h"

#include <optional>

namespace nmc {

/// Bytes of one element of `type` in a blob: 1 for i1 and every integer up to 8
/// bits, else the width rounded up to whole bytes; complex types take two. None
/// for types without a fixed width (index).
std::optional<int64_t> getBlobElementBytes(Type type);

/// Bytes that a blob of `type` holds; none where the type is not static, its
/// element has no fixed width, or the product overflows 63 bits.
std::optional<int64_t> getBlobBytes(ShapedType type);

/// Rule `blob-size`: where `attr` is a `dense_resource`, its blob is present
/// and holds exactly the bytes of its type.  Every other attribute passes.
/// Reports at `op`.
LogicalResult verifyBlob(Operation *op, Attribute attr);

/// The same for attributes that have no op yet.
LogicalResult verifyBlob(Location loc, Attribute attr);

/// The raw row-major bytes behind `attr`: those of the blob, or of a
/// DenseElementsAttr that is no splat.  None for splats, for i1 in a
/// DenseElementsAttr (packed into bits there), other attributes and blobs that
/// `verifyBlob` refuses.  The bytes live as long as the context.
std::optional<ArrayRef<char>> getRawElements(Attribute attr);

/// Float or integer elements of `attr` as floats, row-major, splats expanded;
/// integers are converted (signed unless the type is unsigned or i1).
/// Understands DenseElementsAttr and `dense_resource` of f16, bf16, f32, f64
/// and integers up to 64 bits.  Fails, without a diagnostic, for everything
/// else and for blobs that `verifyBlob` refuses.
FailureOr<SmallVector<float, 0>> getElementsAsFloats(ElementsAttr attr);

/// The same in double precision: exact for integers up to 53 bits.
FailureOr<SmallVector<double, 0>> getElementsAsDoubles(ElementsAttr attr);

/// As `getElementsAsFloats`, for integer elements.
FailureOr<SmallVector<int64_t, 0>> getElementsAsInts(ElementsAttr attr);

/// An elements attribute of `type` with the row-major bytes `data` (in host
/// order): a DenseElementsAttr up to `inlineBytes`, above a `dense_resource`
/// whose key is `name`, made unique by the context, and whose bytes are copied
/// once.  `data` must hold `getBlobBytes(type)` bytes.
ElementsAttr makeElements(RankedTensorType type, ArrayRef<char> data,
                          StringRef name, int64_t inlineBytes = 1024);

/// The same for floats; `type` has element type f32.
ElementsAttr makeElements(RankedTensorType type, ArrayRef<float> data,
                          StringRef name, int64_t inlineBytes = 1024);

} // namespace nmc

#endif // NMC_SUPPORT_BLOB_H
