//===- Units.cpp - Physical values as "number unit" -----------------------===//

#include "nmc/Support/Units.h"
#include "nmc/Support/RuleError.h"

#include "llvm/Support/Format.h"

#include <cmath>
#include <limits>

namespace nmc {

namespace {
struct DimensionInfo {
  Dimension dimension;
  StringLiteral name, unit;
};

/// A unit that takes SI prefixes.
struct BaseUnit {
  StringLiteral name;
  Dimension dimension;
  double factor;
  /// 2 for units of area: the prefix is squared.
  int power = 1;
};

struct Prefix {
  StringLiteral name;
  double factor;
};
} // namespace

static constexpr DimensionInfo dimensions[] = {
    {Dimension::Count, "count", "1"},
    {Dimension::Ratio, "ratio", "1"},
    {Dimension::Energy, "energy", "J"},
    {Dimension::Time, "time", "s"},
    {Dimension::Power, "power", "W"},
    {Dimension::Frequency, "frequency", "Hz"},
    {Dimension::Information, "information", "bit"},
    {Dimension::Bandwidth, "bandwidth", "bit/s"},
    {Dimension::Rate, "rate", "1/s"},
    {Dimension::Length, "length", "m"},
    {Dimension::Area, "area", "m2"},
    {Dimension::Voltage, "voltage", "V"},
    {Dimension::Current, "current", "A"},
    {Dimension::Temperature, "temperature", "K"},
};

static constexpr BaseUnit baseUnits[] = {
    {"J", Dimension::Energy, 1},         {"s", Dimension::Time, 1},
    {"W", Dimension::Power, 1},          {"Hz", Dimension::Frequency, 1},
    {"bit", Dimension::Information, 1},  {"B", Dimension::Information, 8},
    {"byte", Dimension::Information, 8}, {"bit/s", Dimension::Bandwidth, 1},
    {"bps", Dimension::Bandwidth, 1},    {"B/s", Dimension::Bandwidth, 8},
    {"m", Dimension::Length, 1},         {"m2", Dimension::Area, 1, 2},
    {"m^2", Dimension::Area, 1, 2},      {"V", Dimension::Voltage, 1},
    {"A", Dimension::Current, 1},        {"K", Dimension::Temperature, 1},
};

/// Things that are counted, alone (Count) or per second (Rate, with prefixes).
static constexpr StringLiteral countNouns[] = {
    "word",   "neuron", "synapse",     "axon",   "core",     "chip",
    "spike",  "event",  "packet",      "entry",  "row",      "step",
    "sample", "image",  "compartment", "synop",  "op",       "mac",
    "flit",   "router", "population",  "config", "inference"};

static constexpr Prefix siPrefixes[] = {
    {"f", 1e-15}, {"p", 1e-12}, {"n", 1e-9}, {"u", 1e-6}, {"m", 1e-3},
    {"", 1},      {"k", 1e3},   {"M", 1e6},  {"G", 1e9},  {"T", 1e12}};

static constexpr Prefix binaryPrefixes[] = {
    {"", 1},
    {"Ki", 1024.0},
    {"Mi", 1024.0 * 1024},
    {"Gi", 1024.0 * 1024 * 1024},
    {"Ti", 1024.0 * 1024 * 1024 * 1024}};

StringRef getDimensionName(Dimension dimension) {
  return dimensions[int(dimension)].name;
}

StringRef getSIUnit(Dimension dimension) {
  return dimensions[int(dimension)].unit;
}

std::optional<Dimension> getDimensionOfSIUnit(StringRef unit) {
  for (const DimensionInfo &info : dimensions)
    if (info.unit == unit)
      return info.dimension;
  return std::nullopt;
}

namespace {
/// A unit as written: the value in SI units is number * factor + offset.
struct Unit {
  Dimension dimension;
  double factor;
  double offset = 0;
};
} // namespace

/// Calls `visit(spelling, unit)` for every unit until it returns true.
template <typename Visit> static bool forEachUnit(Visit visit) {
  for (const BaseUnit &base : baseUnits) {
    bool isInformation = base.dimension == Dimension::Information ||
                         base.dimension == Dimension::Bandwidth;
    for (const Prefix &prefix : siPrefixes) {
      // A millibit is a typing error, and a kilosecond nobody means.
      if ((isInformation && prefix.factor < 1) ||
          (base.dimension == Dimension::Time && prefix.factor > 1))
        continue;
      double scale = std::pow(prefix.factor, base.power);
      if (visit((prefix.name + base.name).str(),
                Unit{base.dimension, base.factor * scale}))
        return true;
    }
    if (isInformation)
      for (const Prefix &prefix : ArrayRef(binaryPrefixes).drop_front())
        if (visit((prefix.name + base.name).str(),
                  Unit{base.dimension, base.factor * prefix.factor}))
          return true;
  }
  for (auto [name, seconds] :
       {std::pair<StringRef, double>{"min", 60}, {"h", 3600}})
    if (visit(name.str(), Unit{Dimension::Time, seconds}))
      return true;
  if (visit(std::string("degC"), Unit{Dimension::Temperature, 1, 273.15}) ||
      visit(std::string("1"), Unit{Dimension::Count, 1}) ||
      visit(std::string("%"), Unit{Dimension::Ratio, 0.01}))
    return true;
  for (const Prefix &prefix : siPrefixes)
    if (prefix.factor >= 1 && visit((prefix.name + "1/s").str(),
                                    Unit{Dimension::Rate, prefix.factor}))
      return true;
  for (StringRef noun : countNouns) {
    std::string plural = noun == "entry" ? "entries" : noun.str() + "s";
    for (StringRef form : {noun, StringRef(plural)}) {
      if (visit(form.str(), Unit{Dimension::Count, 1}))
        return true;
      for (const Prefix &prefix : siPrefixes)
        if (prefix.factor >= 1 && visit((prefix.name + form + "/s").str(),
                                        Unit{Dimension::Rate, prefix.factor}))
          return true;
    }
  }
  return false;
}

/// Writes mu (both code points), degree and squared signs in ASCII.
static std::string normalizeUnit(StringRef text) {
  std::string result;
  while (!text.empty()) {
    if (text.consume_front("\xC2\xB5") || text.consume_front("\xCE\xBC"))
      result += 'u';
    else if (text.consume_front("\xC2\xB0"))
      result += "deg";
    else if (text.consume_front("\xC2\xB2"))
      result += '2';
    else {
      result += text[0];
      text = text.drop_front();
    }
  }
  return result;
}

llvm::Expected<Quantity> parseQuantity(StringRef text) {
  StringRef rest = text.trim();
  std::string shown = "'" + printable(rest) + "'";
  // The longest prefix that reads as a number: "1 eV" must not take the e.
  size_t length = 0;
  if (length < rest.size() && (rest[length] == '-' || rest[length] == '+'))
    ++length;
  size_t digits = 0;
  auto takeDigits = [&] {
    for (; length < rest.size() && llvm::isDigit(rest[length]); ++length)
      ++digits;
  };
  takeDigits();
  if (length < rest.size() && rest[length] == '.') {
    ++length;
    takeDigits();
  }
  if (digits && length < rest.size() &&
      (rest[length] == 'e' || rest[length] == 'E')) {
    size_t exponent = length + 1;
    if (exponent < rest.size() &&
        (rest[exponent] == '-' || rest[exponent] == '+'))
      ++exponent;
    size_t end = exponent;
    while (end < rest.size() && llvm::isDigit(rest[end]))
      ++end;
    if (end > exponent)
      length = end;
  }
  double number;
  if (!digits || rest.take_front(length).getAsDouble(number) ||
      !std::isfinite(number))
    return makeRuleError("unit-number", shown +
                                            " does not start with a finite "
                                            "number; write \"number unit\", as "
                                            "in \"23.6 pJ\"");
  std::string unit = normalizeUnit(rest.drop_front(length).trim());
  if (unit.empty())
    return makeRuleError("unit-missing",
                         shown + " has no unit; write \"number unit\", as in "
                                 "\"23.6 pJ\" (a plain count has unit 1)");
  std::optional<Unit> found;
  forEachUnit([&](StringRef spelling, Unit candidate) {
    if (spelling == unit)
      found = candidate;
    return found.has_value();
  });
  if (!found) {
    std::string nearest;
    unsigned distance = 3;
    if (unit.size() <= 24)
      forEachUnit([&](StringRef spelling, Unit) {
        // Case alone counts less than a wrong letter.
        unsigned d = StringRef(unit).equals_insensitive(spelling)
                         ? 0
                         : StringRef(unit).edit_distance(spelling, true, 3);
        if (d < distance && d < spelling.size()) {
          distance = d;
          nearest = spelling.str();
        }
        return false;
      });
    return makeRuleError(
        "unit-unknown",
        shown + " has unknown unit '" + printable(unit, 24) + "'" +
            (nearest.empty() ? std::string()
                             : "; did you mean '" + nearest + "'?"));
  }
  return Quantity{number * found->factor + found->offset, found->dimension};
}

llvm::Expected<double> parseQuantity(StringRef text, Dimension expected) {
  llvm::Expected<Quantity> quantity = parseQuantity(text);
  if (!quantity)
    return quantity.takeError();
  bool same =
      quantity->dimension == expected ||
      (quantity->dimension == Dimension::Count && expected == Dimension::Ratio);
  if (!same)
    return makeRuleError(
        "unit-dimension",
        "'" + printable(text.trim()) + "' is " +
            (llvm::is_contained(
                 {Dimension::Energy, Dimension::Information, Dimension::Area},
                 quantity->dimension)
                 ? "an "
                 : "a ") +
            getDimensionName(quantity->dimension) + ", expected " +
            getDimensionName(expected) + " in " + getSIUnit(expected));
  return quantity->value;
}

std::string formatNumber(double value, int digits) {
  if (!std::isfinite(value))
    return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  if (value == 0)
    return "0";
  digits = std::max(1, std::min(digits, 17));
  // Round to the digits first, then print without an exponent.
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.*e", digits - 1, value);
  size_t e = text.find('e');
  int exponent = 0;
  if (StringRef(text).drop_front(e + 1).getAsInteger(10, exponent)) {
    StringRef sign = StringRef(text).drop_front(e + 1);
    sign.consume_front("+");
    sign.getAsInteger(10, exponent);
  }
  auto trimZeros = [](std::string &number) {
    if (number.find('.') == std::string::npos)
      return;
    number.erase(number.find_last_not_of('0') + 1);
    if (number.back() == '.')
      number.pop_back();
  };
  if (exponent < -4 || exponent >= 15) {
    std::string mantissa = text.substr(0, e);
    trimZeros(mantissa);
    return mantissa + "e" + std::to_string(exponent);
  }
  double rounded = 0;
  StringRef(text).getAsDouble(rounded);
  std::string fixed;
  llvm::raw_string_ostream(fixed)
      << llvm::format("%.*f", std::max(0, digits - 1 - exponent), rounded);
  trimZeros(fixed);
  return fixed;
}

/// `value` with the largest of `prefixes` (ascending) that leaves it at least 1
/// once rounded to three digits.
static std::string formatScaled(double value, ArrayRef<Prefix> prefixes,
                                int power, StringRef unit) {
  const Prefix *best = &prefixes.front();
  for (const Prefix &prefix : prefixes) {
    double scaled = std::fabs(value) / std::pow(prefix.factor, power);
    // Three digits: what rounds to 1000 already belongs to the next prefix.
    if (scaled >= 0.9995)
      best = &prefix;
  }
  return formatNumber(value / std::pow(best->factor, power)) + " " +
         best->name.str() + unit.str();
}

std::string formatQuantity(double value, Dimension dimension) {
  StringRef unit = getSIUnit(dimension);
  if (!std::isfinite(value) || value == 0)
    return formatNumber(value) + (unit == "1" ? "" : " " + unit.str());
  ArrayRef<Prefix> si(siPrefixes);
  switch (dimension) {
  case Dimension::Count:
    return formatNumber(
        value, std::fabs(value) >= 1000 && value == std::floor(value) ? 15 : 3);
  case Dimension::Ratio:
    return formatNumber(100 * value) + " %";
  case Dimension::Information:
    if (std::fabs(value) < 8 || std::fmod(value, 1) != 0 ||
        (std::fabs(value) < 8192 && std::fmod(value, 8) != 0))
      return formatNumber(value) + " bit";
    // 1,000 to 1,023 of a unit take four digits.
    for (const Prefix &prefix : llvm::reverse(binaryPrefixes))
      if (std::fabs(value) / 8 >= prefix.factor)
        return formatNumber(value / 8 / prefix.factor,
                            std::fabs(value) / 8 / prefix.factor >= 999.5 ? 4
                                                                          : 3) +
               " " + prefix.name.str() + "B";
    return formatNumber(value) + " bit";
  case Dimension::Time:
    return formatScaled(value, si.take_front(6), 1, unit);
  case Dimension::Length:
    return formatScaled(value, si.take_front(7), 1, unit);
  case Dimension::Area: // nm2 to m2
    return formatScaled(value, si.slice(2, 4), 2, unit);
  case Dimension::Bandwidth:
  case Dimension::Rate:
    if (std::fabs(value) < 1)
      return formatNumber(value) + " " + unit.str();
    return formatScaled(value, si.drop_front(5), 1, unit);
  case Dimension::Temperature:
    return formatNumber(value) + " K";
  default:
    return formatScaled(value, si, 1, unit);
  }
}

} // namespace nmc
