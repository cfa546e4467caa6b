//===- Json.h - JSON from files that nobody vouches for ---------*- C++ -*-===//
#ifndef NMC_SUPPORT_JSON_H
#define NMC_SUPPORT_JSON_H

#include "nmc/Support/LLVM.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace nmc {

/// Parses a JSON document.  LLVM's parser recurses, so deeper nesting than
/// `maxDepth` is refused first.  `where` starts the message; [json-syntax].
llvm::Expected<llvm::json::Value> parseJson(StringRef text, StringRef where,
                                            unsigned maxDepth = 64);

} // namespace nmc

#endif // NMC_SUPPORT_JSON_H
