//===- JsonNumber.h - Doubles in JSON ---------------------------*- C++ -*-===//
#ifndef NMC_LIB_TARGET_JSONNUMBER_H
#define NMC_LIB_TARGET_JSONNUMBER_H

#include <cstdio>
#include <cstdlib>
#include <string>

namespace nmc::target {

/// The shortest decimal that reads back as `value`, which is finite.
inline std::string formatJsonNumber(double value) {
  char text[40];
  for (int digits = 6; digits <= 17; ++digits) {
    std::snprintf(text, sizeof(text), "%.*g", digits, value);
    if (std::strtod(text, nullptr) == value)
      break;
  }
  return text;
}

} // namespace nmc::target

#endif // NMC_LIB_TARGET_JSONNUMBER_H
