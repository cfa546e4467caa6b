//===- Preprocess.cpp - The --preprocess flag -----------------------------===//

#include "nmc/Exec/Dataset.h"
#include "nmc/Support/RuleError.h"

#include <cmath>

namespace nmc::exec {

/// A finite number or a fraction of two.
static std::optional<double> parseNumber(StringRef text) {
  auto [above, below] = text.trim().split('/');
  double value, divisor = 1;
  if (above.trim().getAsDouble(value))
    return std::nullopt;
  if (text.contains('/') && (below.trim().getAsDouble(divisor) || divisor == 0))
    return std::nullopt;
  value /= divisor;
  return std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

/// Letters of axes, each at most once, with something to hold.
static bool isAxes(StringRef text) {
  std::string upper = text.upper();
  for (auto [i, letter] : llvm::enumerate(upper))
    if (!StringRef("NTCDHW").contains(letter) || upper.find(letter, i + 1) !=
                                                     std::string::npos)
      return false;
  return !text.empty();
}

static llvm::Error badValue(StringRef key, StringRef value,
                            const Twine &wanted) {
  return makeRuleError("preprocess-value", "--preprocess: " + key + "=" +
                                               printable(value) +
                                               ": expected " + wanted);
}

llvm::Expected<Preprocess> parsePreprocess(StringRef text) {
  Preprocess result;
  SmallVector<StringRef, 6> pairs, seen;
  text.split(pairs, ',', -1, /*KeepEmpty=*/false);
  for (StringRef pair : pairs) {
    auto [key, value] = pair.split('=');
    key = key.trim();
    value = value.trim();
    static constexpr StringLiteral keys[] = {"scale", "zero_point", "mean",
                                             "std", "layout", "columns"};
    if (!llvm::is_contained(keys, key)) {
      StringRef nearest;
      unsigned distance = 4;
      for (StringRef known : keys)
        if (unsigned d = key.take_front(32).edit_distance(known);
            d < distance) {
          distance = d;
          nearest = known;
        }
      return makeRuleError(
          "preprocess-key",
          "--preprocess: unknown key '" + printable(key) + "'; " +
              (nearest.empty()
                   ? Twine("scale, zero_point, mean, std, layout and columns "
                           "are known")
                   : "did you mean '" + nearest + "'?"));
    }
    if (llvm::is_contained(seen, key))
      return makeRuleError("preprocess-key",
                           "--preprocess: key '" + key + "' is given twice");
    seen.push_back(key);
    if (key == "layout") {
      if (value.equals_insensitive("NHWC"))
        result.layout = DataLayout::ChannelsLast;
      else if (value.equals_insensitive("NCHW"))
        result.layout = DataLayout::ChannelsFirst;
      else if (isAxes(value))
        result.axes = value.upper();
      else
        return badValue(key, value,
                        "the array's axes in order, of N (samples), T (steps), "
                        "C, D, H and W, each at most once");
      continue;
    }
    SmallVector<double, 4> numbers;
    SmallVector<StringRef, 4> parts;
    value.split(parts, ':');
    if (key == "columns") {
      for (StringRef part : parts) {
        int64_t column;
        if (part.trim().getAsInteger(10, column) || column < 0)
          return badValue(key, value, "columns counted from 0, as in 0:2");
        result.columns.push_back(column);
      }
      continue;
    }
    for (StringRef part : parts) {
      std::optional<double> number = parseNumber(part);
      if (!number)
        return badValue(key, value, "a finite number or a fraction like 1/255");
      numbers.push_back(*number);
    }
    bool perChannel = key == "mean" || key == "std";
    if (!perChannel && numbers.size() != 1)
      return badValue(key, value, "one number");
    if ((key == "std" || key == "scale") && llvm::is_contained(numbers, 0.0))
      return badValue(key, value, "a number other than 0");
    if (key == "scale")
      result.scale = numbers[0];
    else if (key == "zero_point")
      result.zeroPoint = numbers[0];
    else if (key == "mean")
      result.mean = numbers;
    else
      result.std = numbers;
  }
  return result;
}

} // namespace nmc::exec
