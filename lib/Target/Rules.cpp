//===- Rules.cpp - Design rules that need a formula -----------------------===//

#include "nmc/Target/Rules.h"

#include "llvm/Support/MathExtras.h"

using namespace nmc;
using namespace nmc::target;

std::optional<double> target::getRuleParameter(const DesignRule &rule,
                                               StringRef name) {
  if (!rule.parameters)
    return std::nullopt;
  if (auto value = rule.parameters.getAs<mlir::FloatAttr>(name))
    return value.getValueAsDouble();
  return std::nullopt;
}

const DesignRule *target::findRule(const TargetInfo &target, StringRef name) {
  for (const DesignRule &rule : target.rules)
    if (rule.name == name)
      return &rule;
  return nullptr;
}

/// a · b + c of non-negative numbers, or none above 2^62.
static std::optional<int64_t> mulAdd(int64_t a, int64_t b, int64_t c) {
  int64_t product, sum;
  if (llvm::MulOverflow(a, b, product) || llvm::AddOverflow(product, c, sum) ||
      sum > (int64_t(1) << 62))
    return std::nullopt;
  return sum;
}

std::optional<int64_t> target::getSynapseBits(const TargetInfo &target,
                                              int64_t synapses,
                                              int64_t weightBits,
                                              bool indexed) {
  if (synapses < 0 || weightBits < 0)
    return std::nullopt;
  const DesignRule *rule = findRule(target, "word_blocks");
  if (!rule)
    return mulAdd(synapses, weightBits, 0);
  auto parameter = [&](StringRef name, int64_t byDefault) {
    double value = getRuleParameter(*rule, name).value_or(byDefault);
    return int64_t(std::clamp(value, 0.0, 1099511627776.0)); // 2^40
  };
  int64_t word = std::max<int64_t>(parameter("word", 1), 1);
  int64_t block = std::max<int64_t>(parameter("block", 1), 1);
  int64_t header = parameter("header", 0);
  int64_t bits = weightBits + (indexed ? parameter("index", 0) : 0);
  auto blockBits = [&](int64_t n) -> std::optional<int64_t> {
    if (n == 0)
      return 0;
    std::optional<int64_t> raw = mulAdd(n, bits, header);
    if (!raw)
      return std::nullopt;
    return mulAdd(*raw / word + (*raw % word != 0), word, 0);
  };
  std::optional<int64_t> full = blockBits(block),
                         rest = blockBits(synapses % block);
  if (synapses < block)
    return rest;
  if (!full || !rest)
    return std::nullopt;
  return mulAdd(synapses / block, *full, *rest);
}
