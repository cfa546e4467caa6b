//===- GraphTest.cpp - NIR graphs: faults, shapes, time -------------------===//

#include "NirGraphs.h"

using namespace nmc;
using namespace nmc::nir;
using namespace nmc::test;

namespace {

/// input(3) -> fc(2x3) -> lif(2) -> output.
Net makeChain() {
  Net net;
  net.input("input", {3});
  net.affine("fc", 2, 3);
  net.lif("lif", {2});
  net.output("output", {2});
  net.chain({"input", "fc", "lif", "output"});
  return net;
}

RawObject &node(Net &net, StringRef name) {
  for (auto &[key, member] : net.nodes.members)
    if (key == name)
      return member;
  return net.nodes;
}

void remove(RawObject &group, StringRef name) {
  llvm::erase_if(group.members,
                 [&](const auto &member) { return member.first == name; });
}

void expectError(const Net &net, StringRef text,
                 const ImportOptions &options = {}) {
  Imported imported(net.file(), options);
  EXPECT_FALSE(bool(imported.module)) << text.str();
  EXPECT_TRUE(imported.says("error: ")) << text.str();
  EXPECT_TRUE(imported.says(text))
      << "wanted: " << text.str() << "\ngot: " << imported.log;
}

} // namespace

//===----------------------------------------------------------------------===//
// Files and nodes
//===----------------------------------------------------------------------===//

TEST(NirGraph, OtherFiles) {
  RawObject empty;
  EXPECT_TRUE(Imported(empty).says("no '/node'"));
  RawObject single;
  single.add("version", RawObject::fromString("1.0.8"));
  Net chain = makeChain();
  single.add("node", node(chain, "lif"));
  Imported imported(single);
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  EXPECT_TRUE(imported.says("it gets an input 'input_lif' of shape (2,)"));
  RawObject future = makeChain().file();
  future.add("version", RawObject::fromString("2.1"));
  EXPECT_TRUE(Imported(future).says("of version 2.1"));
}

TEST(NirGraph, UnknownType) {
  Net net = makeChain();
  node(net, "lif").add("type", RawObject::fromString("CubaLiF"));
  expectError(net, "node 'lif' has type 'CubaLiF', which is no primitive of "
                   "NIR; did you mean 'CubaLIF'? [nir-type]");
  node(net, "lif").add("type", RawObject::fromString("Transformer"));
  expectError(net, "which is no primitive of NIR [nir-type]");
  remove(node(net, "lif"), "type");
  expectError(net, "node 'lif' has no 'type' [nir-graph]");
}

TEST(NirGraph, Fields) {
  Net net = makeChain();
  remove(node(net, "lif"), "v_threshold");
  node(net, "lif").add("v_thresh", filled({2}, 1));
  expectError(net, "node 'lif' (LIF): lacks 'v_threshold'; is it 'v_thresh'? "
                   "[nir-field]");
  net = makeChain();
  node(net, "lif").add("tau", RawObject::fromString("0.02"));
  expectError(net, "'tau' is text, but must be numbers [nir-field]");
  net = makeChain();
  node(net, "lif").add("tau", filled({2}, std::nanf("")));
  expectError(net, "'tau' holds nan at position 0, but must be finite "
                   "[nir-value]");
  net = makeChain();
  node(net, "lif").add("tau", filled({2}, -1));
  expectError(net, "'tau' is -1 at position 0, but must be positive "
                   "[nir-value]");
  net = makeChain();
  node(net, "lif").add("beta", filled({2}, 1));
  Imported imported(net.file());
  EXPECT_TRUE(bool(imported.module));
  EXPECT_TRUE(imported.says("warning: node 'lif' (LIF): field 'beta' is "
                            "unknown and without effect"));
  EXPECT_TRUE(imported.exported()
                  .find("node")
                  ->find("nodes")
                  ->find("lif")
                  ->find("metadata")
                  ->find("beta"));
}

TEST(NirGraph, Edges) {
  Net net = makeChain();
  net.edge("lif", "lif2");
  expectError(net, "edge 'lif' -> 'lif2': there is no node 'lif2'; did you "
                   "mean 'lif'? [nir-edge]");
  net = makeChain();
  net.edge("fc", "lif");
  expectError(net, "edge 'fc' -> 'lif' is there twice");
  net = makeChain();
  net.edge("output", "fc");
  expectError(net, "edge 'output' -> 'fc' leaves an Output node [nir-edge]");
  net = makeChain();
  net.edge("lif", "input");
  expectError(net, "enters an Input node [nir-edge]");
  net = makeChain();
  RawObject file = net.file();
  for (auto &[name, member] : file.members)
    if (name == "node")
      member.add("edges", wholes({1, 2}));
  EXPECT_TRUE(Imported(file).says("'edges' is numbers of shape (2,), but must "
                                  "be pairs of names"));
}

TEST(NirGraph, EmptyEdges) {
  Net net;
  net.input("input", {8});
  Imported imported(net.file());
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  expectRoundTrip(net.file());
}

TEST(NirGraph, LinearLoop) {
  Net net = makeChain();
  net.scale("s1", 2);
  net.scale("s2", 2);
  net.chain({"fc", "s1", "s2", "s1"});
  net.edge("s2", "lif");
  expectError(net, "node 's1' (Scale): lies on a cycle that holds no neuron "
                   "and no Delay, so nothing says when it is read; it also "
                   "passes 's2' (Scale) [nir-cycle]");
}

//===----------------------------------------------------------------------===//
// Nested graphs
//===----------------------------------------------------------------------===//

namespace {
/// A recurrent block of two neurons, as NIR files nest them.
Net makeBlock(StringRef lif) {
  Net net;
  net.input("input", {2});
  net.lif(lif, {2});
  net.affine("w_rec", 2, 2);
  net.output("output", {2});
  net.chain({"input", lif, "w_rec", lif, "output"});
  return net;
}
} // namespace

TEST(NirNesting, IsInlinedAndRestored) {
  Net net = makeChain();
  net.nodes.add("block", makeBlock("lif").graph());
  net.edges.clear();
  net.chain({"input", "fc", "block", "lif", "output"});
  Imported imported(net.file());
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  EXPECT_TRUE(imported.network().lookupPopulation("block.lif"));
  EXPECT_FALSE(imported.network().lookupPopulation("block.input"));
  expectRoundTrip(net.file());
}

TEST(NirNesting, Deep) {
  Net inner = makeBlock("lif");
  for (int depth = 0; depth < 5; ++depth) {
    Net outer;
    outer.input("in", {2});
    outer.output("out", {2});
    outer.nodes.add("sub", inner.graph());
    outer.chain({"in", "sub", "out"});
    inner = outer;
  }
  Imported imported(inner.file());
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  EXPECT_TRUE(imported.network().lookupPopulation("sub.sub.sub.sub.sub.lif"));
  expectRoundTrip(inner.file());
  for (int depth = 0; depth < 70; ++depth) {
    Net outer;
    outer.nodes.add("sub", inner.graph());
    inner = outer;
  }
  expectError(inner, "nested more than 64 deep [nir-graph]");
}

TEST(NirNesting, Faults) {
  Net block = makeBlock("lif");
  block.edge("lif1", "output");
  Net net = makeChain();
  net.nodes.add("block", block.graph());
  net.edges.clear();
  net.chain({"input", "fc", "block", "lif", "output"});
  expectError(net, "edge 'lif1' -> 'output' in graph 'block': there is no node "
                   "'lif1'; did you mean 'lif'? [nir-edge]");

  block = makeBlock("lif");
  block.input("input2", {2});
  block.edge("input2", "lif");
  net.nodes.add("block", block.graph());
  expectError(net, "nested graph 'block' has 2 Input nodes, but an edge needs "
                   "exactly 1 to enter by [nir-graph]");

  // The names of inlined nodes may collide.
  net.nodes.add("block", makeBlock("lif").graph());
  net.lif("block.lif", {2});
  expectError(net, "two nodes get this name");

  // A flat graph that still speaks of the nested one.
  Net flat = makeChain();
  flat.lif("rec.lif", {2});
  flat.affine("rec.w", 2, 2);
  flat.edge("lif", "rec");
  expectError(flat, "there is no node 'rec'; 2 nodes are called 'rec.*'");

  // A port that states another shape is believed less than what passes.
  block = makeBlock("lif");
  block.input("input", {12});
  Net odd = makeChain();
  odd.nodes.add("block", block.graph());
  odd.edges.clear();
  odd.chain({"input", "fc", "block", "lif", "output"});
  Imported imported(odd.file());
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  EXPECT_TRUE(imported.says("port 'block.input' (Input) states shape (12,), "
                            "but 'fc' (Affine) gives (2,)"));
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

TEST(NirShapes, TransposedWeightsAndTimeAxes) {
  Net net = makeChain();
  node(net, "fc").add("weight", ramp({3, 2}));
  node(net, "fc").add("bias", ramp({3}));
  expectError(net, "node 'fc' (Affine): 'input' (Input) gives shape (3,), but "
                   "'weight' of shape (3, 2), which is (out, in), takes (2,); "
                   "the weight may be stored transposed [nir-shape]");
  net = makeChain();
  net.input("input", {256, 3});
  expectError(net, "gives shape (256, 3), but 'weight' of shape (2, 3), which "
                   "is (out, in), takes (3,); shapes in NIR have no axis for "
                   "time or batch: write (3,) [nir-shape]");
  net = makeChain();
  net.lif("lif", {5});
  expectError(net, "'tau' has shape (5,), but the node has shape (2,), as "
                   "'fc' (Affine) gives it [nir-shape]");
  net = makeChain();
  net.output("output", {3});
  expectError(net, "node 'output' (Output): states shape (3,), but 'lif' (LIF) "
                   "gives (2,) [nir-shape]");
}

TEST(NirShapes, BatchAxes) {
  Net net = makeChain();
  net.input("input", {1, 3});
  net.output("output", {1, 1, 2});
  Imported imported(net.file());
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  EXPECT_TRUE(imported.says("is read as a batch axis"));
  EXPECT_TRUE(imported.says("states shape (1, 1, 2), but 'lif' (LIF) gives "
                            "(2,); what it states is ignored"));
  // What is written is what every reader takes.
  EXPECT_EQ(difference(makeChain().graph(), *imported.exported().find("node")),
            "");
}

TEST(NirShapes, Scalars) {
  Net net = makeChain();
  RawObject &lif = node(net, "lif");
  lif.add("tau", numbers<float>({}, {0.02f}));
  lif.add("r", numbers<double>({1}, {1.0}));
  for (StringRef field : {"v_leak", "v_threshold"})
    lif.add(field, numbers<float>({}, {1}));
  Imported imported(net.file());
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  EXPECT_TRUE(imported.says("remark: node 'lif' (LIF): one number of 'tau', "
                            "'r', 'v_leak', 'v_threshold' holds for all of "
                            "shape (2,)"));
  const RawObject back = imported.exported();
  const RawObject *r = back.find("node")->find("nodes")->find("lif")->find("r");
  EXPECT_EQ(r->numbers, Array::from<double>({2}, {1, 1}));
}

TEST(NirShapes, RectangularSameStride) {
  auto shapeOf = [](const Net &net) {
    Imported imported(net.file());
    EXPECT_TRUE(bool(imported.module)) << imported.log;
    if (!imported.module)
      return SmallVector<int64_t>();
    auto type = cast<ShapedType>(imported.network().getResultTypes().front());
    return SmallVector<int64_t>(type.getShape());
  };
  auto make = [](ArrayRef<int64_t> weight,
                 std::initializer_list<int64_t> stride, RawObject padding) {
    Net net;
    net.input("input", {2, 8, 6});
    net.conv2d("conv", weight, stride, std::move(padding));
    net.chain({"input", "conv"});
    net.add("s", "Threshold").add("threshold", numbers<float>({}, {0}));
    net.edge("conv", "s");
    return net;
  };
  using Shape = SmallVector<int64_t>;
  EXPECT_EQ(shapeOf(make({4, 2, 5, 3}, {1, 1}, wholes({0, 0}))),
            (Shape{4, 4, 4}));
  EXPECT_EQ(shapeOf(make({4, 2, 3, 3}, {2, 4}, RawObject::fromString("same"))),
            (Shape{4, 4, 2}));
  EXPECT_EQ(shapeOf(make({4, 2, 3, 3}, {2, 1}, RawObject::fromString("valid"))),
            (Shape{4, 3, 4}));
  EXPECT_EQ(shapeOf(make({4, 2, 4, 4}, {1, 1}, RawObject::fromString("same"))),
            (Shape{4, 8, 6}));
  EXPECT_EQ(shapeOf(make({4, 2, 3, 3}, {1, 1}, whole(1))), (Shape{4, 8, 6}));
  expectError(make({4, 3, 3, 3}, {1, 1}, whole(0)), "takes 3 channels");
  expectError(make({4, 2, 9, 3}, {1, 1}, whole(0)),
              "its kernel does not fit into a source of shape (2, 8, 6)");
  expectError(make({4, 2, 3}, {1, 1}, whole(0)), "but needs 4 axes");
  expectError(make({4, 2, 3, 3}, {0, 1}, whole(0)), "'stride' holds 0");
  expectError(make({4, 2, 3, 3}, {1, 1}, RawObject::fromString("full")),
              "'padding' is 'full'");
}

TEST(NirShapes, WithoutPorts) {
  // Backward from weights; a loop that nothing enters; a leaf.
  Net net;
  net.affine("fc", 4, 3);
  RawObject &lif = net.lif("lif", {});
  lif.add("tau", numbers<float>({1}, {0.02f}));
  net.linear("out", 2, 4);
  net.add("i", "I").add("r", filled({2}, 1));
  net.chain({"fc", "lif", "out", "i"});
  Imported imported(net.file());
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  EXPECT_TRUE(imported.says("it gets an input 'input_fc' of shape (3,)"));
  EXPECT_TRUE(imported.says("node 'i' (I): nothing reads it and the graph has "
                            "no Output, so it leaves the network"));
  EXPECT_EQ(
      cast<ShapedType>(imported.network().getResultTypes().front()).getShape(),
      ArrayRef<int64_t>({2}));
  // Ports that the file does not have are not written.
  RawObject back = imported.exported();
  EXPECT_EQ(back.find("node")->find("nodes")->members.size(), 4u);
}

TEST(NirShapes, FlattenDims) {
  auto make = [](int64_t start, int64_t end, int64_t inputs) {
    Net net;
    net.input("input", {2, 3, 4});
    RawObject &flatten = net.add("f", "Flatten");
    flatten.add("start_dim", whole(start));
    flatten.add("end_dim", whole(end));
    net.linear("fc", 5, inputs);
    net.lif("lif", {5});
    net.output("output", {5});
    net.chain({"input", "f", "fc", "lif", "output"});
    return net;
  };
  expectRoundTrip(make(0, -1, 24).file());
  // Dims with a batch axis that is not there: (2, 12), read as 24.
  Imported imported(make(1, -1, 24).file());
  ASSERT_TRUE(bool(imported.module));
  EXPECT_TRUE(imported.says("gives shape (2, 12), which is read in row-major "
                            "order as (24,)"));
  expectError(make(0, 3, 24), "joins axes 0 to 3, but its source has shape "
                              "(2, 3, 4) [nir-shape]");
  Net stated = make(1, -1, 24);
  node(stated, "f").add("input_type", wholes({0, 0, 0, 0}));
  Imported batched(stated.file());
  ASSERT_TRUE(bool(batched.module)) << batched.log;
  EXPECT_FALSE(batched.says("row-major"));
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

namespace {
Net makeCuba(double dt, double tauSyn, double tauMem) {
  Net net = makeChain();
  RawObject &cuba = net.add("lif", "CubaLIF");
  auto all = [](double value) { return numbers<double>({2}, {value, value}); };
  cuba.add("tau_syn", all(tauSyn));
  cuba.add("tau_mem", all(tauMem));
  cuba.add("r", all(tauMem / dt));
  cuba.add("w_in", all(tauSyn / dt));
  cuba.add("v_leak", all(0));
  cuba.add("v_threshold", all(1));
  return net;
}
std::optional<double> stepOf(const Net &net,
                             const ImportOptions &options = {}) {
  Imported imported(net.file(), options);
  EXPECT_TRUE(bool(imported.module)) << imported.log;
  if (!imported.module || !imported.network().getDt())
    return std::nullopt;
  return imported.network().getDt()->convertToDouble();
}
} // namespace

TEST(NirTime, StepIsInferred) {
  EXPECT_EQ(stepOf(makeCuba(1e-4, 2e-4, 1e-3)), 1e-4);
  EXPECT_EQ(stepOf(makeChain()), std::nullopt); // r = 1
  Imported imported(makeCuba(1e-4, 2e-4, 1e-3).file());
  EXPECT_TRUE(imported.says("dt = 0.0001 s is inferred from 'lif' (tau_mem / r "
                            "= tau_syn / w_in) [nir-dt]"));
  // Both gains must tell the same.
  Net odd = makeCuba(1e-4, 2e-4, 1e-3);
  node(odd, "lif").add("w_in", numbers<double>({2}, {5, 5}));
  EXPECT_EQ(stepOf(odd), std::nullopt);
  // Without w_in the membrane alone.
  remove(node(odd, "lif"), "w_in");
  EXPECT_EQ(stepOf(odd), 1e-4);
  // snnTorch's r = tau/dt and Rockpool's r = tau·exp(−dt/tau)/dt.
  Net lif = makeChain();
  node(lif, "lif").add("r", filled({2}, 200));
  EXPECT_EQ(stepOf(lif), 1e-4);
  node(lif, "lif").add("tau", filled({2}, 0.0025f));
  node(lif, "lif").add("r", filled({2}, 24.019737f));
  ASSERT_TRUE(stepOf(lif));
  EXPECT_NEAR(*stepOf(lif), 9.992e-5, 1e-8);
  // IF of SpikingJelly, and a weight.
  Net net = makeChain();
  RawObject &neuron = net.add("lif", "IF");
  neuron.add("r", filled({2}, 1e4f));
  neuron.add("v_threshold", filled({2}, 1));
  EXPECT_EQ(stepOf(net), 1e-4);
  neuron.add("r", filled({2}, 2));
  EXPECT_EQ(stepOf(net), std::nullopt);
}

TEST(NirTime, Conflict) {
  Net net = makeCuba(1e-4, 2e-4, 1e-3);
  Net other = makeCuba(1e-3, 2e-3, 1e-2);
  net.nodes.add("lif2", node(other, "lif"));
  net.affine("fc2", 2, 2);
  net.chain({"lif", "fc2", "lif2"});
  expectError(net,
              "node 'lif2' (CubaLIF): implies a step of 0.001 s (tau_mem "
              "/ r = tau_syn / w_in), but 'lif' (CubaLIF) one of 0.0001 s");
  expectError(net, "give --dt [nir-dt]");
  ImportOptions options;
  options.dt = 1e-3;
  EXPECT_EQ(stepOf(net, options), 1e-3);
  Imported imported(makeCuba(1e-4, 2e-4, 1e-3).file(), options);
  EXPECT_TRUE(imported.says("warning: dt = 0.001 s was given, but 'lif' "
                            "implies 0.0001 s"));
}

TEST(NirTime, Units) {
  auto tauOf = [](Net &net, StringRef unit, std::optional<double> dt) {
    ImportOptions options;
    options.timeUnit = unit.str();
    options.dt = dt;
    Imported imported(net.file(), options);
    EXPECT_TRUE(bool(imported.module)) << imported.log;
    auto lif = cast<spike::LifOp>(
        imported.network().lookupPopulation("lif").getOperation());
    return *cast<DenseElementsAttr>(lif.getTauAttr())
                .getValues<llvm::APFloat>()
                .begin();
  };
  Net net = makeChain();
  node(net, "lif").add("tau", filled({2}, 20));
  EXPECT_EQ(tauOf(net, "ms", std::nullopt).convertToDouble(), 20 * 1e-3);
  EXPECT_EQ(tauOf(net, "step", 1e-4).convertToDouble(), 20 * 1e-4);
  EXPECT_EQ(tauOf(net, "step", std::nullopt).convertToFloat(), 20.0f);
  EXPECT_EQ(tauOf(net, "s", std::nullopt).convertToFloat(), 20.0f);
  EXPECT_EQ(stepOf(net), 1.0); // guessed to be steps
  Imported guessed(net.file());
  EXPECT_TRUE(guessed.says("time constants of 20 to 20 cannot be seconds; they "
                           "are read as steps"));
  expectError(net, "time unit 'min' is unknown", [] {
    ImportOptions options;
    options.timeUnit = "min";
    return options;
  }());
  expectRoundTrip(net.file());
}

TEST(NirTime, Delays) {
  Net net = makeChain();
  net.delay("d", 2, 3e-3f);
  net.edges.clear();
  net.chain({"input", "fc", "lif", "d", "output"});
  expectError(net, "node 'd' (Delay): a delay needs to know the length of a "
                   "step; give --dt [nir-dt]");
  ImportOptions options;
  options.dt = 1e-3;
  Imported imported(net.file(), options);
  ASSERT_TRUE(bool(imported.module)) << imported.log;
  EXPECT_NE(imported.text().find("by 3"), std::string::npos);
  // dt cannot be told from the file, so it is noted for ourselves.
  RawObject back = imported.exported();
  Imported again(back);
  ASSERT_TRUE(bool(again.module)) << again.log;
  EXPECT_EQ(again.network().getDt()->convertToDouble(), 1e-3);
  options.dt = 0.1;
  expectError(net, "is 0.03 steps, but 1 to", options);
  options.dt = 7e-4;
  EXPECT_TRUE(Imported(net.file(), options).says("are rounded [nir-dt]"));
}
