//===- NirGraphs.h - NIR graphs made in tests -------------------*- C++ -*-===//
#ifndef NMC_TEST_UNIT_NIR_NIRGRAPHS_H
#define NMC_TEST_UNIT_NIR_NIRGRAPHS_H

#include "nmc/Frontend/Nir/Import.h"

#include "gtest/gtest.h"

#include <set>

namespace nmc::test {

using nir::RawObject;

template <typename T>
RawObject numbers(ArrayRef<int64_t> shape, std::initializer_list<T> values) {
  return RawObject::fromArray(Array::from<T>(shape, values));
}
/// `count` times one number.
inline RawObject filled(ArrayRef<int64_t> shape, float value) {
  Array array = Array::uninitialized(ElementKind::F32, shape);
  for (float &v : array.mutableValues<float>())
    v = value;
  return RawObject::fromArray(std::move(array));
}
/// Different numbers everywhere.
inline RawObject ramp(ArrayRef<int64_t> shape, float first = 0.5f) {
  Array array = Array::uninitialized(ElementKind::F32, shape);
  for (auto [i, v] : llvm::enumerate(array.mutableValues<float>()))
    v = first + 0.125f * float(i);
  return RawObject::fromArray(std::move(array));
}
inline RawObject whole(int64_t value) { return numbers<int64_t>({}, {value}); }
inline RawObject wholes(std::initializer_list<int64_t> values) {
  return numbers<int64_t>({int64_t(values.size())}, values);
}

/// A graph under construction.
struct Net {
  RawObject nodes;
  std::vector<std::string> edges;

  RawObject &add(StringRef name, StringRef type) {
    RawObject node;
    node.add("type", RawObject::fromString(type));
    return nodes.add(name, std::move(node));
  }
  void input(StringRef name, std::initializer_list<int64_t> shape) {
    add(name, "Input").add("shape", wholes(shape));
  }
  void output(StringRef name, std::initializer_list<int64_t> shape) {
    add(name, "Output").add("shape", wholes(shape));
  }
  RawObject &linear(StringRef name, int64_t out, int64_t in) {
    RawObject &node = add(name, "Linear");
    node.add("weight", ramp({out, in}));
    return node;
  }
  RawObject &affine(StringRef name, int64_t out, int64_t in) {
    RawObject &node = add(name, "Affine");
    node.add("weight", ramp({out, in}));
    node.add("bias", ramp({out}, -1));
    return node;
  }
  RawObject &scale(StringRef name, int64_t n) {
    RawObject &node = add(name, "Scale");
    node.add("scale", ramp({n}));
    return node;
  }
  RawObject &lif(StringRef name, ArrayRef<int64_t> shape) {
    RawObject &node = add(name, "LIF");
    node.add("tau", filled(shape, 0.02f));
    for (StringRef field : {"r", "v_threshold"})
      node.add(field, filled(shape, 1));
    node.add("v_leak", filled(shape, 0));
    return node;
  }
  RawObject &delay(StringRef name, int64_t n, float seconds) {
    RawObject &node = add(name, "Delay");
    node.add("delay", filled({n}, seconds));
    return node;
  }
  RawObject &conv2d(StringRef name, ArrayRef<int64_t> weight,
                    std::initializer_list<int64_t> stride, RawObject padding) {
    RawObject &node = add(name, "Conv2d");
    node.add("weight", ramp(weight));
    node.add("bias", ramp({weight[0]}));
    node.add("stride", wholes(stride));
    node.add("padding", std::move(padding));
    node.add("dilation", wholes({1, 1}));
    node.add("groups", whole(1));
    return node;
  }
  void edge(StringRef from, StringRef to) {
    edges.push_back(from.str());
    edges.push_back(to.str());
  }
  void chain(std::initializer_list<StringRef> names) {
    for (auto it = names.begin(); it + 1 != names.end(); ++it)
      edge(*it, *(it + 1));
  }

  RawObject graph() const {
    RawObject root;
    root.add("type", RawObject::fromString("NIRGraph"));
    root.add("nodes", nodes);
    root.add("edges", edges.empty()
                          ? RawObject::fromArray(Array())
                          : RawObject::fromStrings(
                                {int64_t(edges.size() / 2), 2}, edges));
    return root;
  }
  RawObject file() const {
    RawObject result;
    result.add("version", RawObject::fromString("1.0.8"));
    result.add("node", graph());
    return result;
  }
};

/// Imports, and keeps what was said.
struct Imported {
  std::unique_ptr<MLIRContext> context = std::make_unique<MLIRContext>();
  OwningOpRef<ModuleOp> module;
  std::string log; // "error: ...\nremark: ...\n"

  explicit Imported(const RawObject &file,
                    const nir::ImportOptions &options = {}) {
    mlir::ScopedDiagnosticHandler handler(context.get(),
                                          [&](Diagnostic &diagnostic) {
                                            listen(diagnostic);
                                            return success();
                                          });
    module = nir::importNir(file, "test.nir", options, context.get());
  }
  void listen(Diagnostic &diagnostic) {
    switch (diagnostic.getSeverity()) {
    case mlir::DiagnosticSeverity::Error:
      log += "error: ";
      break;
    case mlir::DiagnosticSeverity::Warning:
      log += "warning: ";
      break;
    default:
      log += "remark: ";
      break;
    }
    log += diagnostic.str() + "\n";
  }
  bool says(StringRef text) const { return StringRef(log).contains(text); }

  spike::NetworkOp network() {
    return *module->getOps<spike::NetworkOp>().begin();
  }
  std::string text() {
    std::string text;
    llvm::raw_string_ostream os(text);
    module->print(os);
    return text;
  }
  /// The file of the network, empty where it cannot be written.
  RawObject exported() {
    mlir::ScopedDiagnosticHandler handler(context.get(),
                                          [&](Diagnostic &diagnostic) {
                                            listen(diagnostic);
                                            return success();
                                          });
    FailureOr<RawObject> file = nir::exportNir(network());
    return succeeded(file) ? std::move(*file) : RawObject();
  }
};

/// Where two graphs differ; edges are sets. Empty where they do not.
inline std::string difference(const RawObject &a, const RawObject &b,
                              const std::string &path = "") {
  if (a.kind != b.kind)
    return path + ": another kind";
  if (!a.isGroup())
    return a == b ? "" : path + ": another value";
  std::set<std::string> names;
  for (const RawObject *object : {&a, &b})
    for (const auto &[name, member] : object->members)
      names.insert(name);
  for (const std::string &name : names) {
    std::string at = path + "/" + name;
    const RawObject *left = a.find(name), *right = b.find(name);
    if (!left || !right)
      return at + (left ? ": lost" : ": added");
    if (name == "edges" && left->kind == RawObject::Kind::Strings &&
        right->kind == RawObject::Kind::Strings) {
      auto pairs = [](const RawObject &list) {
        std::set<std::pair<std::string, std::string>> set;
        for (size_t i = 0; i + 1 < list.strings.size(); i += 2)
          set.insert({list.strings[i], list.strings[i + 1]});
        return set;
      };
      if (left->shape != right->shape || pairs(*left) != pairs(*right))
        return at + ": other edges";
      continue;
    }
    if (std::string found = difference(*left, *right, at); !found.empty())
      return found;
  }
  return "";
}

/// The import of a file that must succeed, written again: the same graph.
inline void expectRoundTrip(const RawObject &file,
                            const nir::ImportOptions &options = {}) {
  Imported imported(file, options);
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  RawObject back = imported.exported();
  ASSERT_TRUE(back.find("node")) << imported.log << imported.text();
  EXPECT_EQ(difference(*file.find("node"), *back.find("node")), "")
      << imported.log << imported.text();
}

} // namespace nmc::test

#endif // NMC_TEST_UNIT_NIR_NIRGRAPHS_H
