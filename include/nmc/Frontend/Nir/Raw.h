//===- Raw.h - Contents of an HDF5 file as plain data -----------*- C++ -*-===//
//
// libhdf5 1.10 crashes, hangs or eats all memory on damaged files.  A child
// process with limits therefore walks the file and hands over what it found as
// bytes; everything behind that is our own code on plain data, which is fuzzed
// in process.
//
//   readHdf5(path)  = child: file → encodeRaw → pipe;  parent: decodeRaw
//
// Rules: [hdf5-open] no HDF5 file or not readable; [hdf5-crash] the child died
// or ran into a limit; [hdf5-link] external link, soft link that leads nowhere,
// link cycle; [hdf5-layout] virtual or external storage; [hdf5-type] a type
// other than the kinds below; [hdf5-size] more than the limits allow;
// [hdf5-filter] a filter that this libhdf5 lacks; [raw-format] bytes that
// encodeRaw does not write; [interrupted] the user ended it.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_FRONTEND_NIR_RAW_H
#define NMC_FRONTEND_NIR_RAW_H

#include "nmc/Support/Array.h"

#include "llvm/Support/raw_ostream.h"

#include <string>
#include <utility>
#include <vector>

namespace nmc::nir {

struct RawObject;
/// Sorted by name in byte order, as HDF5 lists them.
using RawMembers = std::vector<std::pair<std::string, RawObject>>;

/// A group, or a data set of numbers or strings. A data set of variable-length
/// lists of numbers is read as a group: `values` holds all lists in a row,
/// `offsets` (int64) where each starts and where the last one ends.
struct RawObject {
  enum class Kind : uint8_t { Group, Numbers, Strings };
  Kind kind = Kind::Group;

  /// Numbers: kind, shape (rank 0 for a scalar) and values, in the machine's
  /// byte order.
  Array numbers;
  /// Strings: shape and as many strings; zero padding and one trailing NUL are
  /// cut off, bytes are kept as they are.
  SmallVector<int64_t, 2> shape;
  std::vector<std::string> strings;

  RawMembers members;    // of a group
  RawMembers attributes; // of either

  bool isGroup() const { return kind == Kind::Group; }
  /// The member or attribute called `name`, or null.
  const RawObject *find(StringRef name) const;
  const RawObject *findAttribute(StringRef name) const;

  static RawObject fromArray(Array array);
  static RawObject fromString(StringRef text);
  static RawObject fromStrings(ArrayRef<int64_t> shape,
                               std::vector<std::string> strings);
  /// Adds a member or replaces the one of that name; keeps the order.
  RawObject &add(StringRef name, RawObject object);
  RawObject &addAttribute(StringRef name, RawObject object);

  /// Equal kind, shape and bytes everywhere.
  bool operator==(const RawObject &other) const;
  bool operator!=(const RawObject &other) const { return !(*this == other); }
};

/// What reading may cost.
struct RawLimits {
  int64_t bytes = int64_t(4) << 30;  // of all values together
  int64_t objects = 1 << 20;         // groups, data sets and attributes
  int depth = 64;                    // of groups
  int64_t memory = int64_t(6) << 30; // address space of the child beyond ours
  /// Of CPU time no more than 10 s and 1 s per 4 MiB of the file.
  double cpuSeconds = 60, wallSeconds = 120;
};

/// The whole file. Messages carry path and, where there is one, the object's
/// path inside the file: "net.nir:/node/nodes/lif: ... [hdf5-type]".
llvm::Expected<RawObject> readHdf5(StringRef path,
                                   const RawLimits &limits = {});

/// Writes a file as the reference writer does: superblock "earliest", arrays of
/// rank 1 and more chunked in one piece with deflate level 4, scalars
/// contiguous, strings of variable length in UTF-8.
/// Equal objects give equal bytes.  The file appears whole or not at all.
/// [hdf5-write]: a name or string that HDF5 cannot hold; [file-write].
llvm::Error writeHdf5(StringRef path, const RawObject &root);

/// The bytes of such a file; messages carry the path inside the file only.
llvm::Expected<SmallVector<char, 0>> formatHdf5(const RawObject &root);

/// The stream between child and parent.
void encodeRaw(const RawObject &object, raw_ostream &os);
llvm::Expected<RawObject> decodeRaw(ArrayRef<char> bytes,
                                    const RawLimits &limits = {});

} // namespace nmc::nir

#endif // NMC_FRONTEND_NIR_RAW_H
