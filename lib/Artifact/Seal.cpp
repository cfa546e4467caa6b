//===- Seal.cpp - The end of a .nmcm file ---------------------------------===//
#include "Seal.h"
#include "nmc/Support/Rule.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

using namespace nmc;
using namespace nmc::artifact;
using namespace nmc::artifact::detail;

void detail::writeSeal(StringRef buffer, raw_ostream &os) {
  char length[8];
  llvm::support::endian::write64le(length, buffer.size());
  os.write(length, sizeof(length));
  std::array<uint8_t, 32> hash =
      llvm::SHA256::hash(llvm::arrayRefFromStringRef(buffer));
  os.write(reinterpret_cast<const char *>(hash.data()), hash.size());
  os << sealMark;
}

FailureOr<StringRef> detail::checkSeal(StringRef file, Location loc) {
  // A root offset, the identifier and the seal.
  constexpr size_t smallest = 8 + sealSize;
  if (file.size() >= 8 && file.substr(4, 4) != "NMCM")
    return emitRuleError(loc, "artifact-identifier")
           << "is no .nmcm file: bytes 4 to 7 are not 'NMCM'";
  if (file.size() < smallest)
    return emitRuleError(loc, "artifact-truncated")
           << "has " << file.size() << " bytes, a .nmcm file has at least "
           << smallest;
  StringRef seal = file.take_back(sealSize);
  StringRef buffer = file.drop_back(sealSize);
  if (!seal.ends_with(sealMark))
    return emitRuleError(loc, "artifact-truncated")
           << "does not end in the seal of a .nmcm file after " << file.size()
           << " bytes; it was cut off or changed";
  uint64_t length = llvm::support::endian::read64le(seal.data());
  if (length != buffer.size())
    return emitRuleError(loc, "artifact-truncated")
           << "holds " << buffer.size() << " bytes, its seal says " << length;
  std::array<uint8_t, 32> hash =
      llvm::SHA256::hash(llvm::arrayRefFromStringRef(buffer));
  StringRef expected = seal.substr(8, 32);
  if (llvm::toStringRef(hash) != expected)
    return emitRuleError(loc, "artifact-hash")
           << "has SHA-256 " << llvm::toHex(hash, /*LowerCase=*/true)
           << ", its seal says " << llvm::toHex(expected, /*LowerCase=*/true)
           << ": the file was changed after it was written";
  return buffer;
}
