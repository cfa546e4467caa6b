//===- Schema.cpp - Reading typed values out of a YAML tree ---------------===//

#include "Schema.h"
#include "nmc/Support/Units.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

using namespace nmc;
using namespace nmc::target;

//===----------------------------------------------------------------------===//
// MappingReader
//===----------------------------------------------------------------------===//

MappingReader::MappingReader(const YamlNode &node, std::string where,
                             Faults &faults)
    : node(node.isMapping() ? &node : nullptr), loc(node.loc),
      where(std::move(where)), faults(faults) {
  if (!this->node)
    faults.add(node.loc, "mapping-expected",
               Twine(this->where) + " is " + describeKind(node) +
                   ", but must be a mapping (key: value)");
}

const YamlNode *MappingReader::get(StringRef key) {
  known.insert(key);
  return node ? node->find(key) : nullptr;
}

const YamlNode *MappingReader::require(StringRef key) {
  const YamlNode *value = get(key);
  if (node && !value)
    faults.add(loc, "missing-key", Twine(where) + " lacks '" + key + "'");
  return value;
}

void MappingReader::finish() {
  if (!node)
    return;
  SmallVector<StringRef> names;
  for (const auto &name : known)
    names.push_back(name.getKey());
  llvm::sort(names); // a StringSet has no order of its own
  // Nulls have been reported when the files were merged.
  for (const YamlEntry &entry : node->entries)
    if (!known.contains(entry.key) && !entry.value.isNull())
      faults.add(entry.keyLoc, "unknown-key",
                 Twine("unknown key '") + entry.key + "' in " + where +
                     didYouMean(entry.key, names));
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static bool requireScalar(const YamlNode &node, const Twine &what,
                          Faults &faults) {
  if (node.isScalar())
    return true;
  faults.add(node.loc, "value-expected",
             what + " is " + describeKind(node) +
                 ", but must be a single value");
  return false;
}

std::optional<std::string> target::readText(const YamlNode &node,
                                            const Twine &what, Faults &faults) {
  if (!requireScalar(node, what, faults))
    return std::nullopt;
  return node.text;
}

std::optional<std::string> target::readWord(const YamlNode &node,
                                            const Twine &what,
                                            ArrayRef<StringLiteral> words,
                                            Faults &faults) {
  if (!requireScalar(node, what, faults))
    return std::nullopt;
  if (words.empty() || llvm::is_contained(words, node.text))
    return node.text;
  SmallVector<StringRef> known(words.begin(), words.end());
  StringRef nearest = nearestName(node.text, known);
  faults.add(node.loc, "enum-value",
             what + " is '" + node.text + "', but must be one of " +
                 llvm::join(known, ", ") +
                 (nearest.empty() ? std::string()
                                  : "; did you mean '" + nearest.str() + "'?"));
  return std::nullopt;
}

std::optional<bool> target::readFlag(const YamlNode &node, const Twine &what,
                                     Faults &faults) {
  if (!requireScalar(node, what, faults))
    return std::nullopt;
  if (node.text == "yes" || node.text == "true")
    return true;
  if (node.text == "no" || node.text == "false")
    return false;
  faults.add(node.loc, "enum-value",
             what + " is '" + node.text + "', but must be yes or no");
  return std::nullopt;
}

std::optional<int64_t> target::readInteger(const YamlNode &node,
                                           const Twine &what, int64_t minimum,
                                           int64_t maximum, Faults &faults) {
  if (!requireScalar(node, what, faults))
    return std::nullopt;
  int64_t value;
  if (!StringRef(node.text).getAsInteger(10, value) && value >= minimum &&
      value <= maximum)
    return value;
  faults.add(node.loc, "integer-value",
             what + " is '" + node.text + "', but must be an integer from " +
                 Twine(minimum) + " to " + Twine(maximum));
  return std::nullopt;
}

std::optional<double> target::readQuantity(const YamlNode &node,
                                           const Twine &what, StringRef unit,
                                           Faults &faults) {
  if (!requireScalar(node, what, faults))
    return std::nullopt;
  constexpr int64_t kMaxCount = int64_t(1) << 53;
  StringRef text = StringRef(node.text).trim();
  bool isCount = unit == "1";
  StringRef digitsOnly = text;
  bool isNegative = digitsOnly.consume_front("-");
  if (isCount && !digitsOnly.empty() &&
      digitsOnly.find_first_not_of("0123456789") == StringRef::npos) {
    if (isNegative) {
      faults.add(node.loc, "value-sign",
                 what + " is '" + text + "', but must not be negative");
      return std::nullopt;
    }
    if (std::optional<int64_t> count =
            readInteger(node, what, 0, kMaxCount, faults))
      return static_cast<double>(*count);
    return std::nullopt;
  }
  Dimension dimension = getDimensionOfSIUnit(unit).value_or(Dimension::Count);
  llvm::Expected<double> value = parseQuantity(text, dimension);
  if (!value) {
    // "<message> [<rule>]": the rule goes to the end of ours.
    std::string message = llvm::toString(value.takeError());
    StringRef body = message, rule = "unit-number";
    if (body.consume_back("]")) {
      size_t open = body.rfind(" [");
      if (open != StringRef::npos) {
        rule = body.drop_front(open + 2);
        body = body.take_front(open);
      }
    }
    faults.add(node.loc, rule, what + ": " + body);
    return std::nullopt;
  }
  if (!std::isfinite(*value) || *value < 0) {
    faults.add(node.loc, "value-sign",
               what + " is '" + text + "', but must not be negative");
    return std::nullopt;
  }
  if (isCount && (*value != std::floor(*value) || *value > double(kMaxCount))) {
    faults.add(node.loc, "integer-value",
               what + " is '" + text + "', but must be an integer up to 2^53");
    return std::nullopt;
  }
  // A scaled number is off by a rounding (2.8 pJ is not 2.8 · 1e-12): take the
  // nearest double of its first 15 digits, which is what was written.
  if (unit == "1" || unit == "bit")
    return *value;
  char digits[40];
  std::snprintf(digits, sizeof(digits), "%.15g", *value);
  return std::strtod(digits, nullptr);
}

std::optional<ArrayRef<YamlNode>>
target::readList(const YamlNode &node, const Twine &what, Faults &faults) {
  if (node.isSequence())
    return ArrayRef(node.items);
  faults.add(node.loc, "list-expected",
             what + " is " + describeKind(node) +
                 ", but must be a list ([a, b])");
  return std::nullopt;
}

bool target::isOverride(Location loc) {
  auto place = dyn_cast<mlir::FileLineColLoc>(loc);
  return place && place.getFilename() == "--set";
}
