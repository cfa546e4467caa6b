//===- Sha256.cpp - SHA-256 of bytes and files ----------------------------===//

#include "nmc/Support/Sha256.h"
#include "nmc/Support/File.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"

namespace nmc {

std::string sha256(ArrayRef<uint8_t> bytes) {
  return llvm::toHex(llvm::SHA256::hash(bytes), /*LowerCase=*/true);
}

std::string sha256(StringRef bytes) {
  return sha256(llvm::arrayRefFromStringRef(bytes));
}

llvm::Expected<std::string> sha256File(StringRef path) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return sha256((*buffer)->getBuffer());
}

} // namespace nmc
