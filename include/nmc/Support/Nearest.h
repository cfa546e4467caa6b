//===- Nearest.h - What was meant by a misspelt word ------------*- C++ -*-===//
#ifndef NMC_SUPPORT_NEAREST_H
#define NMC_SUPPORT_NEAREST_H

#include "nmc/Support/LLVM.h"

#include "llvm/ADT/StringRef.h"

#include <algorithm>
#include <string>

namespace nmc {

/// The word of `known` that is nearest to `word`, if one is near: at most two
/// letters or a third of them differ, at most `limit`, and not all.
template <typename Range>
std::string findNearest(StringRef word, const Range &known,
                        unsigned limit = 4) {
  std::string nearest;
  word = word.take_front(128);
  size_t few = std::min<size_t>(word.size() / 2, 2);
  size_t most = std::min<size_t>(limit, std::max(word.size() / 3, few));
  unsigned best = unsigned(most) + 1;
  for (const auto &candidate : known) {
    StringRef name(candidate);
    name = name.take_front(128);
    unsigned distance = name.edit_distance(word, true, best);
    if (distance < best && distance < std::min(name.size(), word.size())) {
      best = distance;
      nearest = StringRef(candidate).str();
    }
  }
  return nearest;
}

/// "; did you mean 'x'?", or "" where nothing is near; then `more`, as a
/// sentence of its own behind the question mark.
template <typename Range>
std::string didYouMean(StringRef word, const Range &known,
                       StringRef more = "") {
  std::string nearest = findNearest(word, known);
  if (nearest.empty())
    return more.str();
  more.consume_front("; ");
  return "; did you mean '" + nearest + "'?" +
         (more.empty() ? "" : " " + more.str());
}

/// "a, b and c", each in quotes, at most `limit` of them.
template <typename Range>
std::string listWords(const Range &words, size_t limit = 12) {
  std::string text;
  size_t count = 0, total = 0;
  for (const auto &word : words) {
    (void)word;
    ++total;
  }
  for (const auto &word : words) {
    if (count == limit) {
      text += " and " + std::to_string(total - limit) + " more";
      break;
    }
    if (count)
      text += count + 1 == total ? " and " : ", ";
    text += "'" + StringRef(word).str() + "'";
    ++count;
  }
  return text;
}

} // namespace nmc

#endif // NMC_SUPPORT_NEAREST_H
