//===- GraphRoundTripTest.cpp - NIR to spike and back ---------------------===//

#include "NirGraphs.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <random>

using namespace nmc;
using namespace nmc::nir;
using namespace nmc::test;

//===----------------------------------------------------------------------===//
// Topology
//===----------------------------------------------------------------------===//

TEST(NirRoundTrip, BranchesAndSums) {
  Net net;
  net.input("a", {3});
  net.input("b", {3});
  net.affine("w", 4, 3); // of a and b: two copies, one bias
  net.scale("s", 4);
  net.lif("p", {4});
  net.lif("q", {4});
  net.output("out", {4});
  net.output("sum", {4});
  net.chain({"a", "w", "s", "p", "q", "out"});
  net.edge("b", "w");
  net.edge("w", "q");
  net.edge("p", "sum");
  net.edge("s", "sum");
  Imported imported(net.file());
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  unsigned biases = 0, dense = 0;
  imported.network().walk([&](spike::DenseOp op) {
    ++dense;
    biases += bool(op.getBias());
  });
  EXPECT_EQ(dense, 2u);
  EXPECT_EQ(biases, 1u);
  expectRoundTrip(net.file());
}

TEST(NirRoundTrip, Recurrence) {
  // A neuron that reads itself, with and without weights between.
  Net self;
  self.input("in", {2});
  self.lif("p", {2});
  self.output("out", {2});
  self.chain({"in", "p", "p", "out"});
  expectRoundTrip(self.file());

  // Two populations in each other's way; a layer that serves both directions.
  Net pair;
  pair.input("in", {2});
  pair.lif("p", {2});
  pair.lif("q", {2});
  pair.affine("w", 2, 2);
  pair.scale("s", 2);
  pair.output("out", {2});
  pair.chain({"in", "p", "w", "q", "w", "p"});
  pair.chain({"q", "s", "q", "out"});
  expectRoundTrip(pair.file());
  Imported imported(pair.file());
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  unsigned delays = 0;
  imported.network().walk([&](spike::DelayOp op) {
    ++delays;
    EXPECT_EQ(op.getSteps(), 1u);
  });
  EXPECT_GE(delays, 1u);

  // A Delay in the loop delays by itself.
  Net delayed;
  delayed.input("in", {2});
  delayed.lif("p", {2});
  delayed.delay("d", 2, 2e-3f);
  delayed.output("out", {2});
  delayed.chain({"in", "p", "d", "p", "out"});
  RawObject own;
  own.add("dt", numbers<double>({}, {1e-3}));
  RawObject metadata;
  metadata.add("nmc", own);
  RawObject file = delayed.file();
  for (auto &[name, member] : file.members)
    if (name == "node")
      member.add("metadata", metadata);
  expectRoundTrip(file);
  Imported looped(file);
  ASSERT_TRUE(bool(looped.module));
  looped.network().walk(
      [&](spike::DelayOp op) { EXPECT_EQ(op.getSteps(), 2u); });
}

TEST(NirRoundTrip, DelayClosesTheCycleOnTheStream) {
  Net net;
  net.input("in", {2});
  net.lif("p", {2});
  net.affine("w", 2, 2);
  net.output("out", {2});
  net.chain({"in", "p", "w", "p", "out"});
  Imported imported(net.file());
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  // Delay, then weights: bias_at_t0 decides about the bias in step 0.
  spike::DenseOp dense;
  imported.network().walk([&](spike::DenseOp op) { dense = op; });
  EXPECT_TRUE(dense.getSource().getDefiningOp<spike::DelayOp>());
}

TEST(NirRoundTrip, TooManyPaths) {
  // 2^20 paths through linear nodes.
  Net net;
  net.input("in", {1});
  std::string last = "in";
  for (int i = 0; i < 20; ++i) {
    std::string k = std::to_string(i);
    net.scale("a" + k, 1);
    net.scale("b" + k, 1);
    net.edge(last, "a" + k);
    net.edge(last, "b" + k);
    if (i) {
      std::string before = "b" + std::to_string(i - 1);
      net.edge(before, "a" + k);
      net.edge(before, "b" + k);
    }
    last = "a" + k;
  }
  net.lif("p", {1});
  net.edge(last, "p");
  Imported imported(net.file());
  EXPECT_FALSE(bool(imported.module));
  EXPECT_TRUE(imported.says("[nir-fan-in]")) << imported.log;
}

TEST(NirRoundTrip, Primitives) {
  Net net;
  net.input("in", {2, 8, 6});
  net.conv2d("conv", {4, 1, 3, 2}, {2, 1}, RawObject::fromString("same"))
      .add("groups", whole(2));
  RawObject &neuron = net.add("if", "IF");
  neuron.add("r", filled({4, 4, 6}, 1));
  neuron.add("v_threshold", ramp({4, 4, 6}));
  neuron.add("v_reset", filled({4, 4, 6}, 0));
  for (auto [name, type] :
       {std::pair{"sum", "SumPool2d"}, {"avg", "AvgPool2d"}}) {
    RawObject &pool = net.add(name, type);
    pool.add("kernel_size", wholes({2, 1}));
    pool.add("stride", wholes({2, 2}));
    pool.add("padding", wholes({0, 0}));
  }
  RawObject &flatten = net.add("flatten", "Flatten");
  flatten.add("input_type", wholes({4, 1, 2}));
  flatten.add("start_dim", whole(0));
  flatten.add("end_dim", whole(2));
  net.affine("fc", 3, 8);
  RawObject &li = net.add("li", "LI");
  li.add("tau", numbers<double>({3}, {0.1, 0.2, 0.3}));
  li.add("r", numbers<int64_t>({3}, {1, 2, 3}));
  li.add("v_leak", filled({3}, 0));
  net.add("i", "I").add("r", filled({3}, 1));
  net.add("th", "Threshold").add("threshold", ramp({3}));
  net.output("out", {3});
  net.chain({"in", "conv", "if", "sum", "avg", "flatten", "fc", "li", "i", "th",
             "out"});
  RawObject file = net.file();
  // Everything but 'input_shape' comes back as it was; that is added.
  Imported imported(file);
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  RawObject back = imported.exported();
  EXPECT_EQ(difference(*file.find("node"), *back.find("node")),
            "/nodes/conv/input_shape: added");
  expectRoundTrip(back);
}

TEST(NirRoundTrip, BlocksOfWeights) {
  Net net;
  net.input("in", {2, 3, 4});
  RawObject &affine = net.add("w", "Affine");
  affine.add("weight", ramp({2, 3, 5, 4}));
  affine.add("bias", ramp({2, 3, 5}));
  RawObject &linear = net.add("v", "Linear");
  linear.add("weight", numbers<double>({2, 1, 2}, {1, 2, 3, 4}));
  net.input("in2", {2, 2});
  net.lif("p", {2, 3, 5});
  net.lif("q", {2, 1});
  net.output("out", {2, 3, 5});
  net.output("out2", {2, 1});
  net.chain({"in", "w", "p", "out"});
  net.chain({"in2", "v", "q", "out2"});
  expectRoundTrip(net.file());
}

TEST(NirRoundTrip, Conv1d) {
  Net net;
  net.input("in", {2, 20});
  RawObject &conv = net.add("conv", "Conv1d");
  conv.add("input_shape", whole(20));
  conv.add("weight", ramp({4, 2, 3}));
  conv.add("bias", ramp({4}));
  for (StringRef field : {"stride", "dilation", "groups"})
    conv.add(field, whole(1));
  conv.add("padding", RawObject::fromString("valid"));
  net.output("out", {4, 18});
  net.chain({"in", "conv", "out"});
  expectRoundTrip(net.file());
}

TEST(NirRoundTrip, Metadata) {
  Net net;
  net.input("in", {2});
  RawObject &lif = net.lif("p", {2});
  RawObject metadata, inner;
  inner.add("flags", numbers<bool>({2}, {true, false}));
  inner.add("bytes", numbers<uint8_t>({3}, {1, 2, 255}));
  inner.add("names", RawObject::fromStrings({3}, {"a", "b", ""}));
  metadata.add("inner", inner);
  metadata.add("note", RawObject::fromString("x"));
  metadata.add("dt", numbers<double>({}, {1e-4}));
  lif.add("metadata", metadata);
  net.output("out", {2});
  net.chain({"in", "p", "out"});
  expectRoundTrip(net.file());
}

//===----------------------------------------------------------------------===//
// Random graphs
//===----------------------------------------------------------------------===//

/// Graphs of any form on vectors of 2: every one that is imported comes back.
TEST(NirRoundTrip, RandomGraphs) {
  unsigned imports = 0;
  for (unsigned seed = 0; seed < 1000; ++seed) {
    std::mt19937 random(seed);
    auto pick = [&](unsigned n) { return unsigned(random() % n); };
    Net net;
    std::vector<std::string> sources, targets;
    unsigned count = 3 + pick(8);
    for (unsigned i = 0; i < count; ++i) {
      std::string name =
          std::string(1, char('a' + pick(26))) + std::to_string(i);
      switch (pick(7)) {
      case 0:
        net.input(name, {2});
        sources.push_back(name);
        continue;
      case 1:
        net.affine(name, 2, 2);
        break;
      case 2:
        net.linear(name, 2, 2);
        break;
      case 3:
        net.scale(name, 2);
        break;
      case 4:
        net.output(name, {2});
        targets.push_back(name);
        continue;
      default:
        net.lif(name, {2});
        break;
      }
      sources.push_back(name);
      targets.push_back(name);
    }
    if (sources.empty() || targets.empty())
      continue;
    std::set<std::pair<std::string, std::string>> edges;
    for (unsigned i = 0; i < 2 * count; ++i)
      edges.insert(
          {sources[pick(sources.size())], targets[pick(targets.size())]});
    std::set<std::string> fed;
    for (const auto &[from, to] : edges) {
      net.edge(from, to);
      fed.insert(to);
    }
    // Outputs and linear nodes that nothing feeds, or that feed nothing, are
    // left out with a message: make none.
    bool whole = llvm::all_of(
        targets, [&](const std::string &name) { return fed.count(name); });
    for (const std::string &name : sources)
      whole &= llvm::any_of(
          edges, [&](const auto &edge) { return edge.first == name; });
    if (!whole)
      continue;
    Imported imported(net.file());
    if (!imported.module) {
      EXPECT_TRUE(imported.says("[nir-cycle]") || imported.says("[nir-fan-in]"))
          << imported.log;
      continue;
    }
    ++imports;
    RawObject back = imported.exported();
    ASSERT_TRUE(back.find("node")) << seed << imported.log << imported.text();
    ASSERT_EQ(difference(net.graph(), *back.find("node")), "")
        << seed << "\n"
        << imported.text();
  }
  EXPECT_GT(imports, 50u);
}

//===----------------------------------------------------------------------===//
// What NIR cannot say
//===----------------------------------------------------------------------===//

namespace {
/// Exports the network in `text`.
struct Exported {
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::string log;
  RawObject file;

  explicit Exported(StringRef text) {
    context.loadDialect<spike::SpikeDialect>();
    mlir::ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diag) {
      log += diag.str() + "\n";
      return success();
    });
    module = mlir::parseSourceString<ModuleOp>(text, &context);
    if (!module)
      return;
    FailureOr<RawObject> made =
        exportNir(*module->getOps<spike::NetworkOp>().begin());
    if (succeeded(made))
      file = std::move(*made);
  }
  const RawObject *node(StringRef name) const {
    const RawObject *graph = file.find("node");
    return graph ? graph->find("nodes")->find(name) : nullptr;
  }
};
} // namespace

TEST(NirExport, LossesAreSaid) {
  Exported exported(R"(
    spike.network @n(%x: !spike.stream<4xi1>) -> !spike.stream<2xi1> attributes {dt = 1.0e-3 : f64} {
      %in = spike.input @in(%x) : !spike.stream<4xi1> -> !spike.stream<4xi1>
      %c = spike.dense %in weights(dense<3> : tensor<2x4xi8>) {exponent = 1 : i64}
         : !spike.stream<4xi1> -> !spike.current<2xi32>
      %s = spike.lif @p(%c) {tau = dense<1024> : tensor<i32>, threshold = dense<64> : tensor<i32>,
             dynamics = #spike.dynamics<decay = fixed, reset = subtract,
                 arithmetic = #spike.fixed<state_bits = 24, weight_bits = 8, frac = 6>>}
         : (!spike.current<2xi32>) -> !spike.stream<2xi1>
      spike.output %s : !spike.stream<2xi1>
    })");
  ASSERT_TRUE(exported.node("p")) << exported.log;
  EXPECT_NE(exported.log.find("NIR has no quantised weights"),
            std::string::npos);
  EXPECT_NE(exported.log.find("NIR does not say: reset by subtraction, "
                              "fixed-point arithmetic"),
            std::string::npos)
      << exported.log;
  // 3·2^1; a decay of 1024/4096 per step of 1 ms is a time constant of 4 ms.
  EXPECT_EQ(exported.node("dense")->find("weight")->numbers.getDouble(0), 6);
  EXPECT_EQ(exported.node("p")->find("tau")->numbers.getDouble(0), 4e-3);
  EXPECT_EQ(exported.node("p")->find("r")->numbers.getDouble(0), 4);
  EXPECT_TRUE(
      exported.node("p")->find("metadata")->find("nmc")->find("dynamics"));
  EXPECT_EQ(exported.node("dense")
                ->find("metadata")
                ->find("nmc")
                ->find("weight_bits")
                ->numbers.getInt(0),
            8);
}

TEST(NirExport, MaxPoolOfSpikes) {
  Exported exported(R"(
    spike.network @n(%x: !spike.stream<2x4x4xi1>) -> !spike.stream<2x2x2xi1> {
      %in = spike.input @in(%x) : !spike.stream<2x4x4xi1> -> !spike.stream<2x4x4xi1>
      %m = spike.max_pool @m(%in) kernel [2, 2] : !spike.stream<2x4x4xi1> -> !spike.stream<2x2x2xi1>
      spike.output %m : !spike.stream<2x2x2xi1>
    })");
  ASSERT_TRUE(exported.node("m.sum")) << exported.log;
  EXPECT_EQ(exported.node("m.sum")->find("type")->strings[0], "SumPool2d");
  EXPECT_EQ(exported.node("m")->find("type")->strings[0], "Threshold");
}

TEST(NirExport, Refusals) {
  auto refuses = [](StringRef body, StringRef text) {
    Exported exported(("spike.network @n(%x: !spike.stream<4xf32>) -> "
                       "!spike.stream<4xf32> {\n"
                       "%in = spike.input @in(%x) : !spike.stream<4xf32> -> "
                       "!spike.stream<4xf32>\n" +
                       body + "spike.output %y : !spike.stream<4xf32>\n}")
                          .str());
    EXPECT_FALSE(exported.file.find("node"));
    EXPECT_NE(exported.log.find(text.str()), std::string::npos) << exported.log;
  };
  refuses("%c = spike.identity %in : !spike.stream<4xf32> -> "
          "!spike.current<4xf32>\n"
          "%y = spike.relu @r(%c) : (!spike.current<4xf32>) -> "
          "!spike.stream<4xf32>\n",
          "NIR has no rectifier [nir-export]");
  refuses("%c = spike.identity %in : !spike.stream<4xf32> -> "
          "!spike.current<4xf32>\n"
          "%y = spike.li @r(%c, %c) {tau = dense<1.0> : tensor<f32>} : "
          "(!spike.current<4xf32>, !spike.current<4xf32>) -> "
          "!spike.stream<4xf32>\n",
          "NIR has no double edges [nir-export]");
}

//===----------------------------------------------------------------------===//
// Real files
//===----------------------------------------------------------------------===//

namespace {
struct Golden {
  const char *file;
  /// What must be said; nothing needs be for a file that is well-formed, which
  /// comes back as it was.
  std::vector<const char *> says;
  bool imports = true, isWellFormed = true;
};
} // namespace

static const Golden kFiles[] = {
#include "NirFiles.inc"
};

TEST(NirFiles, All) {
  std::string root = std::string(NMC_SHARED_DATA) + "/snn/nir/";
  if (!llvm::sys::fs::exists(root))
    GTEST_SKIP() << "needs " << root;
  std::set<std::string> known;
  for (const Golden &golden : kFiles) {
    SCOPED_TRACE(golden.file);
    known.insert(golden.file);
    llvm::Expected<RawObject> file = readHdf5(root + golden.file);
    if (!file) {
      std::string message = llvm::toString(file.takeError());
      EXPECT_FALSE(golden.imports) << message;
      for (const char *text : golden.says)
        EXPECT_NE(message.find(text), std::string::npos) << message;
      continue;
    }
    ImportOptions options;
    if (StringRef(golden.file).contains("all_primitives"))
      options.dt = 0.1; // it has a Delay
    Imported imported(*file, options);
    EXPECT_EQ(bool(imported.module), golden.imports) << imported.log;
    for (const char *text : golden.says)
      EXPECT_TRUE(imported.says(text)) << text << "\n" << imported.log;
    if (!imported.module)
      continue;
    RawObject back = imported.exported();
    ASSERT_TRUE(back.find("node")) << imported.log;
    std::string found = difference(*file->find("node"), *back.find("node"));
    EXPECT_EQ(found.empty() || found == "/metadata/nmc: added",
              golden.isWellFormed)
        << found;
    // What is written is well-formed.
    options.dt.reset();
    Imported again(back, options);
    ASSERT_TRUE(bool(again.module)) << again.log;
    EXPECT_EQ(difference(*back.find("node"), *again.exported().find("node")),
              "");
  }
  std::error_code error;
  for (llvm::sys::fs::recursive_directory_iterator it(root, error), end;
       !error && it != end; it.increment(error)) {
    StringRef path = it->path();
    if (path.consume_front(root) && path.ends_with(".nir")) {
      EXPECT_TRUE(known.count(path.str())) << path.str();
    }
  }
}
