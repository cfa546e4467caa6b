//===- ReadableName.cpp - Names of populations from locations -------------===//

#include "nmc/Support/ReadableName.h"

#include "llvm/ADT/StringExtras.h"

std::string nmc::makeSymbolName(StringRef text) {
  std::string name;
  for (char c : text.ltrim("/:"))
    name.push_back(llvm::isAlnum(c) || StringRef("_-$.").contains(c) ? c : '.');
  return name;
}

std::string nmc::getReadableName(Operation *op) {
  if (auto named = op->getLoc()->findInstanceOf<mlir::NameLoc>()) {
    std::string name = makeSymbolName(named.getName());
    if (!name.empty())
      return name;
  }
  return op->getName().stripDialect().str();
}
