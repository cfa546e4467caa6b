//===- Json.cpp - JSON from files that nobody vouches for -----------------===//

#include "nmc/Support/Json.h"
#include "nmc/Support/RuleError.h"

namespace nmc {

llvm::Expected<llvm::json::Value> parseJson(StringRef text, StringRef where,
                                            unsigned maxDepth) {
  unsigned depth = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        inString = false;
    } else if (c == '"') {
      inString = true;
    } else if (c == '[' || c == '{') {
      if (++depth > maxDepth)
        return makeRuleError("json-syntax",
                             where + ": nested deeper than " + Twine(maxDepth) +
                                 " levels at line " +
                                 Twine(1 + text.take_front(i).count('\n')));
    } else if ((c == ']' || c == '}') && depth) {
      --depth;
    }
  }
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  if (value)
    return value;
  return makeRuleError("json-syntax",
                       where + ": " + llvm::toString(value.takeError()));
}

} // namespace nmc
