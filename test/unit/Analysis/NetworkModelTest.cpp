//===- NetworkModelTest.cpp - spike.network against neuron by neuron ------===//
//
// Random networks as text: convolutions with stride beyond kernel, dilation,
// groups and pads, transposed convolutions, pools, dense and sparse layers,
// every view, residual branches, concatenation and recurrence.  The oracle
// expands each op by AxisRelation::related, neuron by neuron, and joins the
// pairs; the analysis never sees it.
//
//===----------------------------------------------------------------------===//

#include "nmc/Analysis/BuildNetworkModel.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

#include <numeric>
#include <random>
#include <set>

using namespace nmc;
using namespace nmc::analysis;

namespace {

using Random = std::mt19937;

int64_t below(Random &random, int64_t n) { return int64_t(random() % n); }

//===----------------------------------------------------------------------===//
// Random networks
//===----------------------------------------------------------------------===//

std::string dims(ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text;
}
std::string list(ArrayRef<int64_t> values) {
  std::string text;
  for (int64_t v : values)
    text += (text.empty() ? "" : ", ") + std::to_string(v);
  return text;
}

struct NamedValue {
  std::string name;
  Shape shape;
  bool isCurrent = false;

  std::string type() const {
    return isCurrent ? "!spike.current<" + dims(shape) + "f32>"
                     : "!spike.stream<" + dims(shape) + "i1>";
  }
};

class Writer {
public:
  explicit Writer(Random &random) : random(random) {}

  std::string write() {
    Shape shape = {1 + below(random, 4), 3 + below(random, 5),
                   3 + below(random, 5)};
    NamedValue port{"%x", shape, false};
    std::string head = "spike.network @n(%x: " + port.type() + ") -> ";
    NamedValue input{"%in", shape, false};
    body += "  %in = spike.input @in(%x) : " + port.type() + " -> " +
            input.type() + "\n";
    populations.push_back(input);
    for (int64_t i = 0, n = 1 + below(random, 4); i < n; ++i)
      addPopulation();
    return head + populations.back().type() + " {\n" + body + delays +
           "  spike.output " + populations.back().name + " : " +
           populations.back().type() + "\n}\n";
  }

private:
  NamedValue make(const std::string &text, NamedValue from, Shape shape,
                  bool current, const std::string &operands = "") {
    NamedValue to{"%v" + std::to_string(next++), shape, current};
    body += "  " + to.name + " = " + text + " : " +
            (operands.empty() ? from.type() : operands) + " -> " + to.type() +
            "\n";
    return to;
  }

  NamedValue connect(NamedValue v) {
    int64_t kind = below(random, v.shape.size() == 3 ? 6 : 3);
    int64_t n = volume(v.shape);
    if (kind == 0 || (kind == 2 && n > 64)) {
      int64_t m = 1 + below(random, 6);
      return make("spike.dense " + v.name + " weights(dense<1.0> : tensor<" +
                      dims({m, n}) + "f32>)",
                  v, {m}, true);
    }
    if (kind == 1)
      return make("spike.identity " + v.name, v, v.shape, true);
    if (kind == 2) {
      int64_t m = 1 + below(random, 6);
      std::vector<int64_t> offsets = {0}, sources;
      for (int64_t t = 0; t < m; ++t) {
        for (int64_t s = 0; s < n; ++s)
          if (below(random, 4) == 0)
            sources.push_back(s);
        offsets.push_back(int64_t(sources.size()));
      }
      std::string count = std::to_string(sources.size());
      std::string text =
          sources.empty() ? "dense<>" : "dense<[" + list(sources) + "]>";
      std::string ones = sources.empty() ? "dense<>" : "dense<1.0>";
      return make("spike.sparse " + v.name + " offsets(dense<[" +
                      list(offsets) + "]> : tensor<" + std::to_string(m + 1) +
                      "xi32>) sources(" + text + " : tensor<" + count +
                      "xi32>) weights(" + ones + " : tensor<" + count +
                      "xf32>)",
                  v, {m}, true);
    }
    int64_t groups = v.shape[0] % 2 == 0 && below(random, 2) ? 2 : 1;
    if (below(random, 4) == 0)
      groups = v.shape[0]; // depthwise
    int64_t perGroup = 1 + below(random, 2), out = groups * perGroup;
    int64_t stride[2], kernel[2], dilation[2], low[2], high[2];
    Shape shape = {kind == 5 ? v.shape[0] : out};
    for (int a = 0; a < 2; ++a) {
      int64_t extent = v.shape[a + 1];
      kernel[a] = 1 + below(random, 3);
      stride[a] = 1 + below(random, 4); // beyond the kernel at times
      dilation[a] = kind == 5 || kernel[a] == 1 ? 1 : 1 + below(random, 2);
      low[a] = below(random, kernel[a]);
      high[a] = below(random, kernel[a]);
      int64_t reach = dilation[a] * (kernel[a] - 1);
      if (kind == 4) {
        shape.push_back((extent - 1) * stride[a] - low[a] - high[a] + reach +
                        1);
      } else {
        while (extent + low[a] + high[a] < reach + 1)
          kernel[a] = 1, low[a] = high[a] = reach = 0, dilation[a] = 1;
        shape.push_back((extent + low[a] + high[a] - reach - 1) / stride[a] +
                        1);
      }
    }
    std::string options = "strides = array<i64: " + list(stride) +
                          ">, pads = array<i64: " + list(low) + ", " +
                          list(high) + ">";
    if (kind == 5)
      return make("spike.sum_pool " + v.name + " kernel [" + list(kernel) +
                      "] {" + options + "}",
                  v, shape, true);
    options += ", dilations = array<i64: " + list(dilation) +
               ">, groups = " + std::to_string(groups) + " : i64";
    if (kind == 4) {
      if (shape[1] < 1 || shape[2] < 1 || volume(shape) > 400)
        return make("spike.identity " + v.name, v, v.shape, true);
      return make("spike.transposed_conv " + v.name +
                      " weights(dense<1.0> : tensor<" +
                      dims({v.shape[0], perGroup, kernel[0], kernel[1]}) +
                      "f32>) {" + options + "}",
                  v, shape, true);
    }
    return make("spike.conv " + v.name + " weights(dense<1.0> : tensor<" +
                    dims({out, v.shape[0] / groups, kernel[0], kernel[1]}) +
                    "f32>) {" + options + "}",
                v, shape, true);
  }

  NamedValue view(NamedValue v) {
    size_t rank = v.shape.size();
    Shape a, b, shape;
    switch (below(random, 6)) {
    case 0: {
      int64_t n = volume(v.shape);
      shape = rank == 1 ? (n % 2 == 0 ? Shape{1, 2, n / 2} : Shape{1, 1, n})
                        : (below(random, 2)
                               ? Shape{n}
                               : Shape{n / v.shape.back(), v.shape.back(), 1});
      return make("spike.reshape " + v.name, v, shape, v.isCurrent);
    }
    case 1:
      for (size_t i = 0; i < rank; ++i) {
        a.push_back(int64_t((i + 1) % rank));
        shape.push_back(v.shape[(i + 1) % rank]);
      }
      return make("spike.transpose " + v.name + " permutation [" + list(a) +
                      "]",
                  v, shape, v.isCurrent);
    case 2:
      for (size_t i = 0; i < rank; ++i) {
        a.push_back(below(random, v.shape[i]));
        b.push_back(1 + below(random, 2));
        shape.push_back((v.shape[i] - 1 - a[i]) / b[i] + 1);
      }
      return make("spike.slice " + v.name + " offsets [" + list(a) +
                      "] {strides = array<i64: " + list(b) + ">}",
                  v, shape, v.isCurrent);
    case 3:
      for (size_t i = 0; i < rank; ++i) {
        a.push_back(below(random, 2));
        b.push_back(below(random, 2));
        shape.push_back(v.shape[i] + a[i] + b[i]);
      }
      return make("spike.pad " + v.name + " low [" + list(a) + "] high [" +
                      list(b) + "]",
                  v, shape, v.isCurrent);
    case 4:
      if (volume(v.shape) > 100)
        return v;
      for (size_t i = 0; i < rank; ++i) {
        a.push_back(i + 1 == rank ? 2 : 1);
        shape.push_back(v.shape[i] * a[i]);
      }
      return make("spike.upsample " + v.name + " factors [" + list(a) + "]", v,
                  shape, v.isCurrent);
    default: { // with itself, or with another population of that width
      NamedValue other = v;
      for (const NamedValue &p : populations)
        if (!v.isCurrent && p.shape.size() == rank &&
            ArrayRef<int64_t>(p.shape).drop_front() ==
                ArrayRef<int64_t>(v.shape).drop_front())
          other = p;
      shape = v.shape;
      shape[0] += other.shape[0];
      return make("spike.concat " + v.name + ", " + other.name + " axis 0", v,
                  shape, v.isCurrent,
                  "(" + v.type() + ", " + other.type() + ")");
    }
    }
  }

  /// Views and connections from a random population to a current.
  NamedValue chain() {
    NamedValue v = populations[below(random, populations.size())];
    for (int64_t i = 0, n = below(random, 3); i < n && volume(v.shape) < 300;
         ++i)
      v = view(v);
    v = connect(v);
    for (int64_t i = 0, n = below(random, 3); i < n && volume(v.shape) < 300;
         ++i)
      v = below(random, 2) ? view(v) : connect(v);
    return v;
  }

  void addPopulation() {
    std::string index = std::to_string(populations.size());
    if (below(random, 6) == 0) { // a max-pool
      NamedValue v = populations[below(random, populations.size())];
      if (v.shape.size() == 3 && v.shape[1] > 1 && v.shape[2] > 1) {
        NamedValue p{
            "%p" + index, {v.shape[0], v.shape[1] / 2, v.shape[2] / 2}, false};
        body += "  " + p.name + " = spike.max_pool @p" + index + "(" + v.name +
                ") kernel [2, 2] : " + v.type() + " -> " + p.type() + "\n";
        populations.push_back(p);
        return;
      }
    }
    std::vector<NamedValue> drives = {chain()};
    NamedValue p{"%p" + index, drives[0].shape, false};
    for (const NamedValue &other : populations) // residual
      if (other.shape == p.shape && below(random, 2))
        drives.push_back(
            make("spike.identity " + other.name, other, p.shape, true));
    if (below(random, 3) == 0) { // recurrence
      int64_t n = volume(p.shape);
      std::string delayed = "%d" + index;
      delays += "  " + delayed + " = spike.delay " + p.name +
                " by 2 : " + p.type() + " -> " + p.type() + "\n";
      NamedValue from{delayed, p.shape, false};
      if (below(random, 2))
        drives.push_back(
            make("spike.identity " + delayed, from, p.shape, true));
      else if (p.shape.size() == 1)
        drives.push_back(make("spike.dense " + delayed +
                                  " weights(dense<1.0> : tensor<" +
                                  dims({n, n}) + "f32>)",
                              from, p.shape, true));
    }
    std::string names, types;
    for (const NamedValue &d : drives) {
      names += (names.empty() ? "" : ", ") + d.name;
      types += (types.empty() ? "" : ", ") + d.type();
    }
    body += "  " + p.name + " = spike.if @p" + index + "(" + names +
            ") {threshold = dense<1.0> : tensor<f32>} : (" + types + ") -> " +
            p.type() + "\n";
    populations.push_back(p);
  }

  Random &random;
  std::string body, delays;
  std::vector<NamedValue> populations;
  int next = 0;
};

//===----------------------------------------------------------------------===//
// The oracle
//===----------------------------------------------------------------------===//

Shape coordinate(int64_t index, ArrayRef<int64_t> shape) {
  Shape at(shape.size(), 0);
  for (int a = int(shape.size()) - 1; a >= 0; --a) {
    at[a] = index % shape[a];
    index /= shape[a];
  }
  return at;
}

using Pairs = std::vector<std::set<int64_t>>; // sources by target

Pairs expand(ArrayRef<AxisRelation> relations, ArrayRef<int64_t> source,
             ArrayRef<int64_t> target) {
  Pairs pairs(volume(target));
  for (int64_t t = 0; t < int64_t(pairs.size()); ++t) {
    Shape to = coordinate(t, target);
    for (int64_t s = 0; s < volume(source); ++s) {
      Shape from = coordinate(s, source);
      if (llvm::all_of(relations, [&](const AxisRelation &r) {
            return r.related(r.sourceAxis < 0 ? 0 : from[r.sourceAxis],
                             r.targetAxis < 0 ? 0 : to[r.targetAxis]);
          }))
        pairs[t].insert(s);
    }
  }
  return pairs;
}

struct Way {
  Value source; // events of a population
  Pairs pairs;
};

/// All ways from populations to `value`.
std::vector<Way> waysTo(Value value) {
  Operation *op = value.getDefiningOp();
  ArrayRef<int64_t> shape = spike::getShape(value);
  if (isa<spike::PopulationOpInterface>(op)) {
    Way way{value, Pairs(volume(shape))};
    for (int64_t n = 0; n < volume(shape); ++n)
      way.pairs[n].insert(n);
    return {way};
  }
  std::vector<Way> ways;
  for (unsigned i = 0; i < op->getNumOperands(); ++i) {
    Value operand = op->getOperand(i);
    ArrayRef<int64_t> source = spike::getShape(operand);
    Pairs step(volume(shape));
    auto view = dyn_cast<spike::ViewOpInterface>(op);
    if (auto connection = dyn_cast<spike::ConnectionOpInterface>(op)) {
      SmallVector<int64_t> offsets, sources;
      if (succeeded(connection.getIncidence(offsets, sources))) {
        for (size_t t = 0; t < step.size(); ++t)
          step[t].insert(sources.begin() + offsets[t],
                         sources.begin() + offsets[t + 1]);
      } else {
        step = expand(connection.getAxisRelations(), source, shape);
      }
    } else if (view && !view.keepsLinearIndex()) {
      step = expand(view.getViewRelations(i), source, shape);
    } else { // reshape, delay
      for (int64_t n = 0; n < volume(shape); ++n)
        step[n].insert(n);
    }
    for (Way way : waysTo(operand)) {
      Way longer{way.source, Pairs(volume(shape))};
      for (size_t t = 0; t < step.size(); ++t)
        for (int64_t b : step[t])
          longer.pairs[t].insert(way.pairs[b].begin(), way.pairs[b].end());
      ways.push_back(std::move(longer));
    }
  }
  return ways;
}

Box randomBox(Random &random, ArrayRef<int64_t> shape) {
  Box box;
  for (int64_t extent : shape) {
    int64_t low = below(random, extent);
    box.low.push_back(low);
    box.high.push_back(low + 1 + below(random, extent - low));
  }
  return box;
}

class NetworkModelTest : public testing::Test {
protected:
  NetworkModelTest() { context.loadDialect<spike::SpikeDialect>(); }
  OwningOpRef<ModuleOp> parse(const std::string &text) {
    return mlir::parseSourceString<ModuleOp>(text, &context);
  }
  MLIRContext context;
};

TEST_F(NetworkModelTest, EqualsEnumerationOn300Networks) {
  Random random(11);
  int projections = 0, separable = 0, recurrent = 0;
  for (int round = 0; round < 300; ++round) {
    std::string text = Writer(random).write();
    OwningOpRef<ModuleOp> module = parse(text);
    ASSERT_TRUE(module) << text;
    auto network = *module->getOps<spike::NetworkOp>().begin();
    FailureOr<NetworkModel> model = buildNetworkModel(network);
    ASSERT_TRUE(succeeded(model)) << text;
    auto populations = network.getPopulations();
    ASSERT_EQ(model->populations.size(), populations.size());
    size_t next = 0;
    for (unsigned target = 0; target < populations.size(); ++target) {
      spike::PopulationOpInterface op = populations[target];
      int64_t neurons = volume(model->populations[target].shape);
      std::vector<Way> ways;
      for (Value drive : op.getDrives()) {
        if (isa<mlir::BlockArgument>(drive))
          continue;
        for (Way way : waysTo(drive)) {
          if (auto pool = dyn_cast<spike::MaxPoolOp>(op.getOperation())) {
            Pairs step = expand(pool.getDriveRelations(), spike::getShape(drive),
                                model->populations[target].shape);
            Pairs longer(step.size());
            for (size_t t = 0; t < step.size(); ++t)
              for (int64_t b : step[t])
                longer[t].insert(way.pairs[b].begin(), way.pairs[b].end());
            way.pairs = longer;
          }
          ways.push_back(std::move(way));
        }
      }
      // Ways in the order of drives and operands are projections in order.
      std::vector<int64_t> fan(neurons);
      for (const Way &way : ways) {
        ASSERT_LT(next, model->projections.size()) << text;
        const Projection &p = model->projections[next++];
        ASSERT_EQ(p.target, target) << text;
        EXPECT_EQ(model->populations[p.source].name,
                  cast<spike::PopulationOpInterface>(way.source.getDefiningOp())
                      .getPopulationName());
        ++projections;
        separable += p.relation.isSeparable();
        recurrent += p.delay > 0;
        const Shape &from = model->populations[p.source].shape;
        const Shape &to = model->populations[target].shape;
        for (int64_t t = 0; t < neurons; ++t)
          fan[t] += int64_t(way.pairs[t].size());
        for (int i = 0; i < 3; ++i) {
          Box a = randomBox(random, from), b = randomBox(random, to);
          std::map<int64_t, int64_t> synapses; // by source
          for (int64_t t = 0; t < neurons; ++t)
            if (b.contains(coordinate(t, to)))
              for (int64_t s : way.pairs[t])
                ++synapses[s];
          int64_t total = 0, reached = 0, inside = 0;
          for (auto [s, n] : synapses) {
            total += n;
            if (a.contains(coordinate(s, from))) {
              ++reached;
              inside += n;
            }
          }
          SourceProfile profile = sourcesInto(p.relation, b);
          EXPECT_EQ(profile.countSources(), int64_t(synapses.size()));
          EXPECT_EQ(profile.countSynapses(), total);
          EXPECT_EQ(profile.clipped(a).countSources(), reached);
          EXPECT_EQ(p.relation.countSynapses(a, b), inside);
          if (p.sharing) {
            EXPECT_LE(p.countWeights(Box::whole(to)),
                      p.relation.countSynapses(Box::whole(to)));
          }
        }
      }
      Spread spread = fanIn(model->into(target));
      EXPECT_EQ(spread.max, *std::max_element(fan.begin(), fan.end()));
      EXPECT_EQ(spread.min, *std::min_element(fan.begin(), fan.end()));
      EXPECT_EQ(spread.sum,
                std::accumulate(fan.begin(), fan.end(), int64_t(0)));
      // Axons of a box over all projections of one source.
      Box b = randomBox(random, model->populations[target].shape);
      std::map<unsigned, std::vector<SourceProfile>> profiles;
      std::map<unsigned, std::set<int64_t>> axons;
      size_t first = next - ways.size();
      for (size_t w = 0; w < ways.size(); ++w) {
        const Projection &p = model->projections[first + w];
        profiles[p.source].push_back(sourcesInto(p.relation, b));
        for (int64_t t = 0; t < neurons; ++t)
          if (b.contains(coordinate(t, model->populations[target].shape)))
            axons[p.source].insert(ways[w].pairs[t].begin(),
                                   ways[w].pairs[t].end());
      }
      for (auto &[source, list] : profiles) {
        std::vector<const SourceProfile *> pointers;
        for (SourceProfile &profile : list)
          pointers.push_back(&profile);
        EXPECT_EQ(countUnion(pointers), int64_t(axons[source].size()));
      }
    }
    EXPECT_EQ(next, model->projections.size());
    if (HasFailure()) {
      ADD_FAILURE() << "round " << round << "\n" << text;
      return;
    }
  }
  EXPECT_GT(projections, 900);
  EXPECT_GT(recurrent, 50);
  EXPECT_GT(separable, projections / 2);
}

TEST_F(NetworkModelTest, SharesWeightsOfConvolutions) {
  auto module = parse(R"mlir(
    spike.network @n(%x: !spike.stream<2x8x8xi1>) -> !spike.stream<10xi1> {
      %in = spike.input @in(%x) : !spike.stream<2x8x8xi1> -> !spike.stream<2x8x8xi1>
      %c = spike.conv %in weights(#spike.abstract<tensor<4x2x3x3xi8>, density = 0.5>)
         : !spike.stream<2x8x8xi1> -> !spike.current<4x6x6xi32>
      %a = spike.if @a(%c) {threshold = dense<[1.0, 1.0, 2.0, 1.0]> : tensor<4xf32>}
         : (!spike.current<4x6x6xi32>) -> !spike.stream<4x6x6xi1>
      %p = spike.avg_pool %a kernel [2, 2] : !spike.stream<4x6x6xi1> -> !spike.current<4x3x3xf32>
      %f = spike.reshape %p : !spike.current<4x3x3xf32> -> !spike.current<36xf32>
      %d = spike.dense %f weights(dense<1.0> : tensor<10x36xf32>) : !spike.current<36xf32> -> !spike.current<10xf32>
      %y = spike.lif @y(%d) {tau = dense<2.0> : tensor<f32>, threshold = dense<1.0> : tensor<f32>,
                             dynamics = #spike.dynamics<reset = subtract>}
         : (!spike.current<10xf32>) -> !spike.stream<10xi1>
      spike.output %y : !spike.stream<10xi1>
    }
  )mlir");
  ASSERT_TRUE(module);
  auto model = buildNetworkModel(*module->getOps<spike::NetworkOp>().begin());
  ASSERT_TRUE(succeeded(model));
  ASSERT_EQ(model->projections.size(), 2u);
  const Projection &conv = model->projections[0];
  EXPECT_EQ(conv.density, 0.5);
  EXPECT_EQ(conv.weightBits, 8u);
  Box tile;
  tile.low = {1, 0, 0};
  tile.high = {3, 6, 2};
  EXPECT_EQ(conv.countWeights(tile), 2 * 18);
  const Population &a = model->populations[1], &y = model->populations[2];
  EXPECT_EQ(a.thresholds.countIn(tile, a.shape), 2);
  EXPECT_FALSE(a.subtractiveReset);
  EXPECT_TRUE(y.subtractiveReset && y.isOutput);
  // Pool, reshape and dense compose to all-to-all.
  const Projection &dense = model->projections[1];
  EXPECT_TRUE(dense.relation.isSeparable());
  EXPECT_EQ(dense.relation.countSynapses(Box::whole(y.shape)), 10 * 144);
  EXPECT_EQ(dense.connections, (std::vector<std::string>{"avg_pool", "dense"}));
}

TEST_F(NetworkModelTest, ReportsWhatItCannotRead) {
  std::vector<std::string> messages;
  mlir::ScopedDiagnosticHandler handler(&context, [&](Diagnostic &d) {
    messages.push_back(d.str());
    return success();
  });
  auto build = [&](StringRef body, int64_t limit) {
    messages.clear();
    auto module =
        parse((Twine("spike.network @n(%x: !spike.stream<64xi1>) {\n") + body +
               "\n spike.output\n}")
                  .str());
    EXPECT_TRUE(module);
    EXPECT_TRUE(failed(
        buildNetworkModel(*module->getOps<spike::NetworkOp>().begin(), limit)));
    ASSERT_EQ(messages.size(), 1u);
  };
  build(R"(
    %c = spike.identity %x : !spike.stream<64xi1> -> !spike.current<64xf32>
    %a = spike.if @a(%c) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<64xf32>) -> !spike.stream<64xi1>)",
        1000);
  EXPECT_NE(messages[0].find("[input-port]"), std::string::npos);
  build(R"(
    %in = spike.input @in(%x) : !spike.stream<64xi1> -> !spike.stream<64xi1>
    %r = spike.reshape %in : !spike.stream<64xi1> -> !spike.stream<1x8x8xi1>
    %c = spike.conv %r weights(dense<1.0> : tensor<1x1x3x3xf32>) : !spike.stream<1x8x8xi1> -> !spike.current<1x6x6xf32>
    %a = spike.if @a(%c) {threshold = dense<1.0> : tensor<f32>} : (!spike.current<1x6x6xf32>) -> !spike.stream<1x6x6xi1>)",
        20);
  EXPECT_NE(messages[0].find("[connectivity-explicit]"), std::string::npos);
}

} // namespace
