//===- Schema.h - Reading typed values out of a YAML tree -------*- C++ -*-===//
#ifndef NMC_LIB_TARGET_SCHEMA_H
#define NMC_LIB_TARGET_SCHEMA_H

#include "nmc/Target/Yaml.h"

#include "llvm/ADT/StringSet.h"

#include <optional>

namespace nmc::target {

/// Reads the keys of one mapping.  Keys that are asked for are known;
/// `finish()` reports the others as `unknown-key`.
class MappingReader {
public:
  /// `where` names the mapping in diagnostics: "'core'".  A node that is no
  /// mapping is a fault (`mapping-expected`) and reads as an empty one.
  MappingReader(const YamlNode &node, std::string where, Faults &faults);

  /// The value under `key`, or null.
  const YamlNode *get(StringRef key);
  /// The same; `missing-key` if it is not there.
  const YamlNode *require(StringRef key);
  /// Adds to the names that `finish` knows without reading them.
  void allow(StringRef key) { known.insert(key); }
  /// Reports what nobody asked for.
  void finish();

  bool isValid() const { return node != nullptr; }
  Location getLoc() const { return loc; }

private:
  const YamlNode *node; // null where it is no mapping
  Location loc;
  std::string where;
  Faults &faults;
  llvm::StringSet<> known;
};

// Each returns none after it has reported a fault.  `what` names the value:
// "'core.neurons'".

/// A text of one line or more.
std::optional<std::string> readText(const YamlNode &node, const Twine &what,
                                    Faults &faults);
/// One of `words` (any word where they are empty): `enum-value`.
std::optional<std::string> readWord(const YamlNode &node, const Twine &what,
                                    ArrayRef<StringLiteral> words,
                                    Faults &faults);
/// yes or no (true, false).
std::optional<bool> readFlag(const YamlNode &node, const Twine &what,
                             Faults &faults);
/// An integer in [minimum, maximum]: `integer-value`.
std::optional<int64_t> readInteger(const YamlNode &node, const Twine &what,
                                   int64_t minimum, int64_t maximum,
                                   Faults &faults);
/// A value in SI unit `unit`, not negative; where the unit is "1", an integer
/// up to 2^53, bare or with a noun ("1024 neurons").
std::optional<double> readQuantity(const YamlNode &node, const Twine &what,
                                   StringRef unit, Faults &faults);
/// The items of a list: `list-expected`.
std::optional<ArrayRef<YamlNode>> readList(const YamlNode &node,
                                           const Twine &what, Faults &faults);

/// "'core.neurons'"
inline std::string quote(const std::string &where, StringRef key) {
  return "'" + where + "." + key.str() + "'";
}

/// Whether a value comes from --set.
bool isOverride(Location loc);
/// The source that is given for it.
inline constexpr StringLiteral kOverrideSource = "set on the command line";

} // namespace nmc::target

#endif // NMC_LIB_TARGET_SCHEMA_H
