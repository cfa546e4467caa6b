//===- JsonWriter.h - JSON with fixed order and shortest numbers *- C++ -*-===//
#ifndef NMC_LIB_REPORT_JSONWRITER_H
#define NMC_LIB_REPORT_JSONWRITER_H

#include "nmc/Report/Report.h"

namespace nmc::report::detail {

/// llvm::json::OStream with our numbers: shortest that read back equal, never
/// NaN or infinity; attributes without a value are left out.
class JsonWriter {
public:
  explicit JsonWriter(raw_ostream &os) : os(os), json(os, 1) {}
  ~JsonWriter() { os << "\n"; }

  void object(function_ref<void()> contents) { json.object(contents); }
  void object(StringRef key, function_ref<void()> contents) {
    json.attributeObject(key, contents);
  }
  void array(StringRef key, function_ref<void()> contents) {
    json.attributeArray(key, contents);
  }
  void element(StringRef text) { json.value(llvm::json::fixUTF8(text)); }
  void text(StringRef key, StringRef value) {
    json.attribute(key, llvm::json::fixUTF8(value));
  }
  /// Left out if empty.
  void optional(StringRef key, StringRef value) {
    if (!value.empty())
      text(key, value);
  }
  void flag(StringRef key, bool value) { json.attribute(key, value); }
  void integer(StringRef key, int64_t value) { json.attribute(key, value); }
  void integer(StringRef key, std::optional<int64_t> value) {
    if (value)
      integer(key, *value);
  }
  void number(StringRef key, std::optional<double> value) {
    if (!value)
      return;
    json.attributeBegin(key);
    json.rawValue(formatDouble(*value));
    json.attributeEnd();
  }
  void list(StringRef key, ArrayRef<std::string> words) {
    array(key, [&] {
      for (const std::string &word : words)
        element(word);
    });
  }
  /// value, low and high, each key with a suffix.
  void range(StringRef prefix, const cost::Range &range, StringRef suffix) {
    number((prefix + suffix).str(), range.value);
    number((prefix + "_low" + suffix).str(), range.low);
    number((prefix + "_high" + suffix).str(), range.high);
  }
  void range(const cost::Range &range) {
    number("value", range.value);
    number("low", range.low);
    number("high", range.high);
  }

private:
  raw_ostream &os;
  llvm::json::OStream json;
};

} // namespace nmc::report::detail

#endif // NMC_LIB_REPORT_JSONWRITER_H
