//===- ParameterValues.cpp - Numbers of a population ----------------------===//

#include "ParameterValues.h"

#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

#include "llvm/Support/Format.h"

#include <cmath>

using namespace nmc;

bool Values::isUniform() const {
  return llvm::all_of(list, [&](double value) { return value == list[0]; });
}

bool Values::isAbout(double value) const {
  return llvm::all_of(list, [&](double own) {
    return std::abs(own - value) <= 1e-6 * std::max(1.0, std::abs(value));
  });
}

double Values::largest() const {
  double most = 0;
  for (double value : list)
    most = std::max(most, std::abs(value));
  return most;
}

double Values::smallest() const {
  return *std::min_element(list.begin(), list.end());
}

static std::string format(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.6g", value);
  return text;
}

std::string Values::str() const {
  auto [low, high] = std::minmax_element(list.begin(), list.end());
  if (*low == *high)
    return format(*low);
  return format(*low) + " to " + format(*high);
}

Values Values::combine(const Values &other,
                       function_ref<double(double, double)> fn) const {
  Values result;
  int64_t count = std::max(list.size(), other.list.size());
  result.list.reserve(count);
  for (int64_t i = 0; i < count; ++i)
    result.list.push_back(fn(at(i, count), other.at(i, count)));
  result.changed = true;
  return result;
}

Values Values::map(function_ref<double(double)> fn) const {
  Values result;
  for (double value : list)
    result.list.push_back(fn(value));
  result.changed = true;
  return result;
}

/// The type of a parameter of `count` values.
static RankedTensorType getType(size_t count, ArrayRef<int64_t> shape,
                                Type element) {
  if (count == 1)
    return RankedTensorType::get({}, element);
  if (int64_t(count) == ShapedType::getNumElements(shape))
    return RankedTensorType::get(shape, element);
  return RankedTensorType::get({int64_t(count)}, element);
}

template <typename T>
static ElementsAttr toElements(const Values &values, ArrayRef<int64_t> shape,
                               Type element) {
  SmallVector<T, 0> list;
  for (double value : values.list)
    list.push_back(T(value));
  if (values.isUniform())
    list.truncate(1);
  auto type = getType(list.size(), shape, element);
  return makeElements(type,
                      ArrayRef(reinterpret_cast<const char *>(list.data()),
                               list.size() * sizeof(T)),
                      "parameter");
}

ElementsAttr Values::toFloats(ArrayRef<int64_t> shape,
                              MLIRContext *context) const {
  return toElements<float>(*this, shape, mlir::Float32Type::get(context));
}

ElementsAttr Values::toInts(ArrayRef<int64_t> shape,
                            MLIRContext *context) const {
  return toElements<int32_t>(*this, shape, IntegerType::get(context, 32));
}

FailureOr<Values> nmc::readValues(Operation *op, StringRef name,
                                  ElementsAttr attr, double otherwise) {
  if (!attr)
    return Values(otherwise);
  if (failed(verifyBlob(op, attr)))
    return failure();
  FailureOr<SmallVector<double, 0>> values = getElementsAsDoubles(attr);
  if (failed(values) || values->empty())
    return emitRuleError(op, "param-type")
           << "cannot read parameter '" << name << "' of " << attr.getType();
  for (double value : *values)
    if (!std::isfinite(value))
      return emitRuleError(op, "param-type")
             << "parameter '" << name << "' holds a value that is not finite";
  Values result;
  result.list = std::move(*values);
  if (result.isUniform())
    result.list.truncate(1);
  return result;
}

SmallVector<double, 0> nmc::spread(ArrayRef<double> values, int64_t neurons) {
  SmallVector<double, 0> result;
  result.reserve(neurons);
  for (int64_t n = 0; n < neurons; ++n)
    result.push_back(values[n * int64_t(values.size()) / neurons]);
  return result;
}
