//===- TreeMutator.h - Raw streams changed as trees -------------*- C++ -*-===//
//
// Most changes of bytes make a stream that nobody writes.  For libFuzzer to get
// past the decoder, streams are changed as what they stand for: a value, a
// shape, a kind, a string, a name, a member less or more, and encoded again.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_TEST_FUZZ_TREEMUTATOR_H
#define NMC_TEST_FUZZ_TREEMUTATOR_H

#include "nmc/Frontend/Nir/Raw.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <limits>
#include <random>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

namespace nmc::nir {

class TreeMutator {
public:
  TreeMutator(RawObject &root, unsigned seed) : root(root), random(seed) {}

  void run() {
    for (size_t changes = 1 + pick(3); changes > 0; --changes) {
      // Again each time: changes move objects.
      groups.clear();
      leaves.clear();
      texts.clear();
      collect(root);
      if (!leaves.empty() && pick(3))
        change(*leaves[pick(leaves.size())]);
      else
        changeGroup(*groups[pick(groups.size())]);
    }
  }

private:
  size_t pick(size_t below) { return below ? random() % below : 0; }
  template <typename T> const T &pick(ArrayRef<T> from) {
    return from[pick(from.size())];
  }

  void collect(RawObject &object) {
    (object.isGroup() ? groups : leaves).push_back(&object);
    for (std::string &text : object.strings)
      texts.push_back(text);
    for (RawMembers *members : {&object.members, &object.attributes})
      for (auto &[name, member] : *members) {
        texts.push_back(name);
        collect(member);
      }
  }

  double number() {
    static const double values[] = {
        0,         1,      -1,      2,    3,        0.5,      1e-3,
        1e-4,      1e-9,   1e9,     1e30, -1e30,    1e300,    7,
        16,        255,    256,     4095, 4096,     65536,    -1e-3,
        INT32_MAX, 9.3e18, -9.3e18, NAN,  INFINITY, -INFINITY};
    return pick(4) ? pick(ArrayRef(values)) : double(int64_t(pick(64)) - 16);
  }

  /// Element `i` of `array` from a double, without undefined conversions.
  static void set(Array &array, int64_t i, double value) {
    Array one = Array::from<double>({1}, {value});
    int64_t integer = one.getInt(0);
    char *to = array.mutableBytes().data() + i * getElementBytes(array.kind());
    if (array.kind() == ElementKind::F64) {
      std::memcpy(to, &value, sizeof value);
    } else if (array.kind() == ElementKind::F32) {
      float single;
      one.convert(0, single);
      std::memcpy(to, &single, sizeof single);
    } else if (array.kind() == ElementKind::Bool) {
      *to = integer & 1;
    } else {
      std::memcpy(to, &integer, getElementBytes(array.kind()));
    }
  }

  SmallVector<int64_t> changeShape(ArrayRef<int64_t> shape) {
    SmallVector<int64_t> result(shape.begin(), shape.end());
    switch (pick(4)) {
    case 0:
      if (result.size() < 6)
        result.insert(result.begin() + pick(result.size() + 1),
                      int64_t(pick(4)));
      break;
    case 1:
      if (!result.empty())
        result.erase(result.begin() + pick(result.size()));
      break;
    case 2:
      if (!result.empty())
        std::swap(result[pick(result.size())], result[pick(result.size())]);
      break;
    default:
      if (!result.empty())
        result[pick(result.size())] = pick(20);
    }
    std::optional<int64_t> count = countElements(result);
    return count && *count <= 4096
               ? result
               : SmallVector<int64_t>(shape.begin(), shape.end());
  }

  void change(RawObject &leaf) {
    if (leaf.kind == RawObject::Kind::Strings) {
      if (pick(4) == 0 || leaf.strings.empty()) {
        SmallVector<int64_t> shape = changeShape(leaf.shape);
        leaf.shape.assign(shape.begin(), shape.end());
        size_t count = *countElements(shape);
        size_t before = leaf.strings.size();
        leaf.strings.resize(count);
        for (size_t i = before; i < count; ++i)
          leaf.strings[i] = word();
        return;
      }
      leaf.strings[pick(leaf.strings.size())] = word();
      return;
    }
    Array &array = leaf.numbers;
    size_t what = pick(8);
    if (what < 4 && array.size()) { // one value
      set(array, pick(array.size()), number());
      return;
    }
    if (what == 4) { // all values
      double value = number();
      for (int64_t i = 0; i < array.size(); ++i)
        set(array, i, value);
      return;
    }
    // Another kind or shape, with what values there are.
    ElementKind kind = what == 5 ? ElementKind(pick(11)) : array.kind();
    SmallVector<int64_t> shape(array.shape().begin(), array.shape().end());
    if (what > 5)
      shape = changeShape(shape);
    Array result = Array::zeros(kind, shape);
    for (int64_t i = 0; i < result.size(); ++i)
      set(result, i,
          array.size() ? array.getDouble(i % array.size()) : number());
    array = std::move(result);
  }

  /// A word that readers know, or one that is in the file.
  std::string word() {
    static const StringLiteral words[] = {
        "Affine",    "AvgPool2d",   "Conv1d",      "Conv2d",    "CubaLI",
        "CubaLIF",   "Delay",       "Flatten",     "I",         "IF",
        "Input",     "LI",          "LIF",         "Linear",    "NIRGraph",
        "Output",    "Scale",       "SumPool2d",   "Threshold", "same",
        "valid",     "weight",      "bias",        "tau",       "tau_mem",
        "tau_syn",   "r",           "v_leak",      "v_reset",   "v_threshold",
        "w_in",      "stride",      "padding",     "dilation",  "groups",
        "start_dim", "end_dim",     "input_shape", "shape",     "delay",
        "threshold", "kernel_size", "scale",       "input",     "output",
        "nodes",     "edges",       "type",        "metadata",  "layer",
        "neuron",    "gradedSpike", "delayMax",    "input_type"};
    if (pick(2) && !texts.empty())
      return texts[pick(texts.size())];
    if (pick(16) == 0)
      return std::string(pick(8), char('0' + pick(80)));
    return pick(ArrayRef(words)).str();
  }

  void changeGroup(RawObject &group) {
    RawMembers &members = group.members;
    // A copy of anything that is not large.
    auto copyOf = [&]() -> RawObject {
      RawObject &from = leaves.empty() || pick(3) == 0
                            ? *groups[pick(groups.size())]
                            : *leaves[pick(leaves.size())];
      return &from == &root ? RawObject() : from;
    };
    std::string name = word();
    if (name.empty() || StringRef(name).contains('/') || name == "." ||
        StringRef(name).contains('\0'))
      name = "x";
    switch (members.empty() ? 2 : pick(4)) {
    case 0:
      members.erase(members.begin() + pick(members.size()));
      break;
    case 1: { // another name
      size_t at = pick(members.size());
      RawObject object = std::move(members[at].second);
      members.erase(members.begin() + at);
      group.add(name, std::move(object));
      break;
    }
    default: {
      RawObject copy = copyOf();
      group.add(name, std::move(copy));
    }
    }
  }

  RawObject &root;
  std::mt19937 random;
  SmallVector<RawObject *> groups, leaves;
  std::vector<std::string> texts;
};

/// For LLVMFuzzerCustomMutator.
inline size_t mutateStream(uint8_t *data, size_t size, size_t maxSize,
                           unsigned seed) {
  RawLimits limits;
  limits.bytes = 1 << 22;
  limits.objects = 1 << 12;
  auto *bytes = reinterpret_cast<char *>(data);
  if (seed % 8 == 0)
    return LLVMFuzzerMutate(data, size, maxSize);
  auto object = decodeRaw(ArrayRef(bytes, size), limits);
  if (!object) {
    llvm::consumeError(object.takeError());
    return LLVMFuzzerMutate(data, size, maxSize);
  }
  if (!object->isGroup())
    return LLVMFuzzerMutate(data, size, maxSize);
  TreeMutator(*object, seed).run();
  SmallVector<char, 0> back;
  llvm::raw_svector_ostream os(back);
  encodeRaw(*object, os);
  if (back.size() > maxSize)
    return LLVMFuzzerMutate(data, size, maxSize);
  llvm::copy(back, bytes);
  return back.size();
}

} // namespace nmc::nir

#endif // NMC_TEST_FUZZ_TREEMUTATOR_H
