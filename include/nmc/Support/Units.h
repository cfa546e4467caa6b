//===- Units.h - Physical values as "number unit" ---------------*- C++ -*-===//
//
// Target files and flags state every physical value as "number unit" ("23.6
// pJ", "128 KiB"); inside nmc all values are doubles in SI units, information
// in bit.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_SUPPORT_UNITS_H
#define NMC_SUPPORT_UNITS_H

#include "nmc/Support/LLVM.h"

#include "llvm/Support/Error.h"

#include <optional>
#include <string>

namespace nmc {

/// What a value measures; the SI unit it is held in is in brackets.
enum class Dimension : uint8_t {
  Count,       // [1] also with a noun: "16384 word", "1024 neuron"
  Ratio,       // [1] "5 %", "0.05 1"
  Energy,      // [J]
  Time,        // [s]
  Power,       // [W]
  Frequency,   // [Hz]
  Information, // [bit] KiB = 1024 B, kB = 1000 B, B = 8 bit
  Bandwidth,   // [bit/s]
  Rate,        // [1/s] of countable things: "1.5 Gspike/s", "30 inference/s"
  Length,      // [m]
  Area,        // [m2]
  Voltage,     // [V]
  Current,     // [A]
  Temperature, // [K] also degC
};

/// "energy", "time", ...
StringRef getDimensionName(Dimension dimension);

/// The SI unit, as it stands in reports and IR: "J", "s", ..., "1".
StringRef getSIUnit(Dimension dimension);

/// The dimension whose SI unit is `unit`; Count for "1".
std::optional<Dimension> getDimensionOfSIUnit(StringRef unit);

/// A value in SI units.
struct Quantity {
  double value = 0;
  Dimension dimension = Dimension::Count;
};

/// Parses "number unit", any dimension.  Messages start with the text and have
/// no place, which the caller knows; rules:
///   [unit-missing]  a bare number
///   [unit-unknown]  an unknown unit, with the nearest known one
///   [unit-number]   no finite number in front of the unit
llvm::Expected<Quantity> parseQuantity(StringRef text);

/// Parses a value that must measure `expected`; [unit-dimension] if it measures
/// something else.  A plain count satisfies Ratio and Count.
llvm::Expected<double> parseQuantity(StringRef text, Dimension expected);

/// Three significant digits with an engineering prefix: "3.1 uJ", "140 us",
/// "128 KiB", "42".  Trailing zeros are left out.  For terminals and HTML;
/// files carry SI values.
std::string formatQuantity(double value, Dimension dimension);

/// A number alone, to `digits` significant digits, without trailing zeros and
/// without an exponent between 1e-4 and 1e15.
std::string formatNumber(double value, int digits = 3);

} // namespace nmc

#endif // NMC_SUPPORT_UNITS_H
