//===- RuleError.h - Errors that carry the name of a rule -------*- C++ -*-===//
//
// What Rule.h is for MLIR diagnostics, for code that reads files and flags
// without an MLIR context: the message of the llvm::Error says where and what
// (with both numbers and a hint) and ends in the rule's name, as in
//
//   x.npz: member 'x.npy': dtype 'object' is not supported; ... [npy-dtype]
//
//===----------------------------------------------------------------------===//
#ifndef NMC_SUPPORT_RULEERROR_H
#define NMC_SUPPORT_RULEERROR_H

#include "nmc/Support/LLVM.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace nmc {

/// An error with the text "<message> [<rule>]".
inline llvm::Error makeRuleError(StringRef rule, const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 message + " [" + rule + "]");
}

/// `text` from a file as it may stand in a message: at most `limit` bytes, what
/// is not printable escaped.
inline std::string printable(StringRef text, size_t limit = 64) {
  std::string result;
  llvm::raw_string_ostream os(result);
  llvm::printEscapedString(text.take_front(limit), os);
  if (text.size() > limit)
    os << "...";
  return result;
}

} // namespace nmc

#endif // NMC_SUPPORT_RULEERROR_H
