//===- File.cpp - Whole files in and out ----------------------------------===//

#include "nmc/Support/File.h"
#include "nmc/Support/RuleError.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/raw_ostream.h"

namespace nmc {

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> readFile(StringRef path) {
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(path, status))
    return makeRuleError("file-read",
                         path + ": cannot be opened: " + error.message());
  if (!llvm::sys::fs::is_regular_file(status))
    return makeRuleError("file-read", path + ": is no regular file");
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return makeRuleError(
        "file-read", path + ": cannot be read: " + buffer.getError().message());
  return std::move(*buffer);
}

llvm::Error writeFile(StringRef path, ArrayRef<StringRef> parts) {
  llvm::Error error =
      llvm::writeToOutput(path, [&](raw_ostream &os) -> llvm::Error {
        for (StringRef part : parts)
          os << part;
        return llvm::Error::success();
      });
  if (error)
    return makeRuleError("file-write", path + ": cannot be written: " +
                                           llvm::toString(std::move(error)));
  return llvm::Error::success();
}

} // namespace nmc
