//===- ReadableName.h - Names of populations from locations ---------------===//
#ifndef NMC_SUPPORT_READABLENAME_H
#define NMC_SUPPORT_READABLENAME_H

#include "nmc/Support/LLVM.h"

#include <string>

namespace nmc {

/// Text as a symbol: everything but letters, digits and "_-$." becomes a dot;
/// leading slashes and colons go, so that "/block/Conv" is "block.Conv".
std::string makeSymbolName(StringRef text);

/// The outermost name in the location of `op`, as a symbol; without one its
/// kind, "conv2d" for tosa.conv2d.
std::string getReadableName(Operation *op);

} // namespace nmc

#endif // NMC_SUPPORT_READABLENAME_H
