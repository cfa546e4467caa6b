//===- EngineTest.cpp - The fast engine equals the reference --------------===//
//
// Random networks as text: every connection, population, view and delay in
// integer and float arithmetic.  Readouts, recordings, counts, bitmaps and
// synaptic operations must be equal bit for bit, and must not depend on the
// number of threads.
//
//===----------------------------------------------------------------------===//

#include "dialects/Spike/Spike.h"
#include "nmc/Exec/Program.h"

#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

#include <random>

using namespace nmc;
using namespace nmc::exec;

namespace {

/// Writes one random network.
class NetworkWriter {
public:
  explicit NetworkWriter(unsigned seed) : random(seed) {}

  std::string write();
  int64_t steps() { return stepCount; }
  int64_t inputElements() { return inputSize; }
  bool isFloat = false;

private:
  struct Stream {
    std::string name, element;
    SmallVector<int64_t> shape;
  };

  int64_t pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  }
  bool chance(int percent) { return pick(1, 100) <= percent; }
  template <typename T> T oneOf(std::initializer_list<T> all) {
    return *(all.begin() + pick(0, int64_t(all.size()) - 1));
  }
  static std::string dims(ArrayRef<int64_t> shape) {
    std::string text;
    for (int64_t dim : shape)
      text += std::to_string(dim) + "x";
    return text;
  }
  std::string streamType(const Stream &s) {
    return "!spike.stream<" + dims(s.shape) + s.element + ">";
  }
  std::string currentType(ArrayRef<int64_t> shape) {
    return "!spike.current<" + dims(shape) + (isFloat ? "f32" : accumulator) +
           ">";
  }
  /// dense<...> of random numbers.
  std::string numbers(ArrayRef<int64_t> shape, int64_t most, bool ints) {
    int64_t count = ShapedType::getNumElements(shape);
    std::vector<std::string> values;
    for (int64_t n = 0; n < count; ++n) {
      // Some weights are 0.
      int64_t value = chance(20) ? 0 : pick(-most, most);
      values.push_back(ints ? std::to_string(value)
                            : std::to_string(double(value) / 16.0 + 0.015));
    }
    std::string text;
    size_t at = 0;
    nest(shape, values, at, text);
    return "dense<" + text + "> : tensor<" + dims(shape) +
           (ints ? "i32" : "f32") + ">";
  }
  void nest(ArrayRef<int64_t> shape, const std::vector<std::string> &values,
            size_t &at, std::string &text) {
    if (shape.empty()) {
      text += values[at++];
      return;
    }
    text += "[";
    for (int64_t n = 0; n < shape[0]; ++n) {
      text += n ? ", " : "";
      nest(shape.drop_front(), values, at, text);
    }
    text += "]";
  }
  std::string fresh() { return "%s" + std::to_string(counter++); }
  void line(const std::string &text) { body += "  " + text + "\n"; }

  /// A connection from `s`; returns the current and its shape.
  std::pair<std::string, SmallVector<int64_t>> connect(const Stream &s);
  Stream populate(ArrayRef<std::string> currents, ArrayRef<int64_t> shape,
                  bool last);
  Stream view(const Stream &s);

  std::mt19937 random;
  std::string body, accumulator = "i32";
  int counter = 0;
  int64_t stepCount = 1, inputSize = 1;
};

std::pair<std::string, SmallVector<int64_t>>
NetworkWriter::connect(const Stream &s) {
  std::string name = fresh();
  SmallVector<int64_t> to;
  std::string op;
  int64_t elements = ShapedType::getNumElements(s.shape);
  bool mapped = s.shape.size() >= 2;
  int kind = int(pick(mapped ? 0 : 4, 7));
  std::string weightOf = isFloat ? "0.25 : f32" : "3 : i32";
  switch (kind) {
  case 0:
  case 1:
  case 2: { // convolutions
    bool transposed = kind == 2;
    int64_t channels = s.shape[0];
    int64_t groups = chance(40) ? channels : 1;
    int64_t outs = groups * pick(1, 3);
    SmallVector<int64_t> weights =
        transposed ? SmallVector<int64_t>{channels, outs / groups}
                   : SmallVector<int64_t>{outs, channels / groups};
    to.push_back(outs);
    std::string strides, low, high, dilations, extra;
    for (size_t a = 1; a < s.shape.size(); ++a) {
      int64_t k = pick(1, 3), stride = pick(1, 4), dilation = pick(1, 2);
      int64_t pad = pick(0, 1), padHigh = pick(0, 2);
      int64_t reach = dilation * (k - 1) + 1;
      int64_t extent;
      if (transposed) {
        pad = padHigh = 0;
        extent = (s.shape[a] - 1) * stride + reach;
      } else {
        padHigh = std::max(padHigh, reach - s.shape[a] - pad);
        extent = (s.shape[a] + pad + padHigh - reach) / stride + 1;
      }
      weights.push_back(k);
      to.push_back(extent);
      auto append = [](std::string &text, int64_t value) {
        text += (text.empty() ? "" : ", ") + std::to_string(value);
      };
      append(strides, stride);
      append(low, pad);
      append(high, padHigh);
      append(dilations, dilation);
    }
    op = std::string(transposed ? "spike.transposed_conv " : "spike.conv ") +
         s.name + " weights(" + numbers(weights, 9, !isFloat) + ")" +
         (chance(50) ? " bias(" + numbers({outs}, 5, !isFloat) + ")" : "") +
         " {groups = " + std::to_string(groups) +
         " : i64, strides = array<i64: " + strides +
         ">, pads = array<i64: " + low + ", " + high +
         ">, dilations = array<i64: " + dilations + ">}";
    break;
  }
  case 3: { // pools
    to = s.shape;
    std::string kernel, strides;
    for (size_t a = 1; a < to.size(); ++a) {
      int64_t k = pick(1, std::min<int64_t>(3, to[a])), stride = pick(1, 3);
      kernel += (a > 1 ? ", " : "") + std::to_string(k);
      strides += (a > 1 ? ", " : "") + std::to_string(stride);
      to[a] = (to[a] - k) / stride + 1;
    }
    bool average = isFloat && chance(50);
    op = std::string(average ? "spike.avg_pool " : "spike.sum_pool ") + s.name +
         " kernel [" + kernel + "] {strides = array<i64: " + strides + ">" +
         (average ? "" : ", weight = " + weightOf) + "}";
    break;
  }
  case 4:
    to = s.shape;
    op = "spike.scale " + s.name + " weights(" + numbers(to, 9, !isFloat) + ")";
    break;
  case 5:
    to = s.shape;
    op = "spike.identity " + s.name +
         (chance(50) ? " {weight = " + weightOf + "}" : "");
    break;
  case 6: { // sparse
    to = {pick(1, 6)};
    std::string offsets = "0", sources;
    int64_t total = 0;
    for (int64_t t = 0; t < to[0]; ++t) {
      int64_t fan = pick(t == 0 ? 1 : 0, 5);
      for (int64_t k = 0; k < fan; ++k)
        sources +=
            (total++ ? ", " : "") + std::to_string(pick(0, elements - 1));
      offsets += ", " + std::to_string(total);
    }
    op = "spike.sparse " + s.name + " offsets(dense<[" + offsets +
         "]> : tensor<" + std::to_string(to[0] + 1) + "xi32>) sources(dense<[" +
         sources + "]> : tensor<" + std::to_string(total) + "xi32>) weights(" +
         numbers({total}, 9, !isFloat) + ")";
    break;
  }
  default:
    to = chance(50) ? SmallVector<int64_t>{pick(1, 12)}
                    : SmallVector<int64_t>{pick(1, 3), pick(1, 4)};
    op = "spike.dense " + s.name + " weights(" +
         numbers({ShapedType::getNumElements(to), elements}, 9, !isFloat) +
         ")" +
         (chance(50)
              ? " bias(" +
                    numbers({ShapedType::getNumElements(to)}, 5, !isFloat) + ")"
              : "");
    break;
  }
  line(name + " = " + op + " : " + streamType(s) + " -> " + currentType(to));
  return {name, to};
}

NetworkWriter::Stream NetworkWriter::populate(ArrayRef<std::string> currents,
                                              ArrayRef<int64_t> shape,
                                              bool last) {
  Stream out;
  out.name = fresh();
  out.shape.assign(shape.begin(), shape.end());
  std::string type = isFloat ? "f32" : "i32";
  auto param = [&](int64_t low, int64_t high) {
    bool each = chance(40);
    SmallVector<int64_t> of;
    if (each)
      of = out.shape;
    std::vector<std::string> values;
    for (int64_t n = 0; n < ShapedType::getNumElements(of); ++n) {
      int64_t v = pick(low, high);
      values.push_back(isFloat ? std::to_string(double(v) / 8)
                               : std::to_string(v));
    }
    std::string text;
    size_t at = 0;
    nest(of, values, at, text);
    return "dense<" + text + "> : tensor<" + dims(of) + type + ">";
  };
  int kind = int(last ? pick(3, 5) : pick(0, 2));
  if (!last && isFloat && chance(20))
    kind = 6; // relu
  if (chance(10))
    kind = 7; // sigma_delta
  bool several = kind <= 2 && chance(25);
  bool cuba = kind == 2 || kind == 5, leaky = kind != 0 && kind != 3;
  std::string dynamics =
      "reset = " + std::string(oneOf({"zero", "subtract", "value", "subtract_residual"}));
  if (kind == 7)
    dynamics = "reset = zero";
  dynamics += std::string(", compare = ") + oneOf({"greater", "greater_equal"});
  if (several)
    dynamics += ", max_spikes_per_step = 7";
  if (kind <= 2 && chance(25))
    dynamics += ", order = fire_on_old";
  if (kind <= 2 && chance(25))
    dynamics += chance(50) ? ", refractory = " + std::to_string(pick(1, 3))
                           : ", refractory_each = dense<2> : tensor<i32>";
  if (chance(20))
    dynamics += ", output_delay = " + std::to_string(pick(1, 3));
  if (chance(30))
    dynamics += ", v_floor = -20.0";
  if (chance(50) && kind != 7)
    dynamics +=
        ", v_init = " + (isFloat ? std::string("0.5 : f32") : "3 : i32");
  std::string attributes;
  if (leaky && kind < 6) {
    dynamics += std::string(", decay = ") +
                (isFloat ? "factor" : oneOf({"fixed", "bitshift", "fixed"}));
    std::string tau = isFloat ? "dense<0.75> : tensor<f32>" : param(1, 3);
    attributes += cuba ? "tau_syn = " + tau + ", tau_mem = " + tau + ", "
                       : "tau = " + tau + ", ";
    if (chance(30))
      attributes += "v_leak = " + param(-3, 3) + ", ";
  }
  bool ordered = kind <= 5 && chance(15);
  if (chance(15))
    dynamics += ", clear_period = 3, clear_offset = 2";
  if (kind <= 5 && chance(20))
    dynamics += ", v_ceiling = 40.0";
  if (cuba) {
    if (chance(40))
      dynamics += ", synapse_order = add_then_decay";
    if (chance(40))
      attributes += "bias = " + param(-3, 3) + ", ";
    if (ordered && chance(60)) { // each drive to one of two receptors
      std::string receptors;
      for (size_t k = 0; k < currents.size(); ++k)
        receptors += (k ? ", " : "") + std::to_string(pick(0, 1));
      attributes.erase(0, attributes.find("tau_mem"));
      attributes += "tau_syn = " +
                    numbers({2}, 0, !isFloat).substr(0, 6) +
                    (isFloat ? "[0.5, 0.75]> : tensor<2xf32>"
                             : "[1, 2]> : tensor<2xi32>") +
                    ", receptors = array<i32: " + receptors + ">, ";
    }
    if (kind == 2 && ordered) {
      int64_t neurons = ShapedType::getNumElements(out.shape);
      std::string alias;
      for (int64_t n = 0; n < neurons; ++n) {
        int64_t other = pick(-1, neurons - 1);
        alias += (n ? ", " : "") + std::to_string(other == n ? -1 : other);
      }
      attributes += "alias = dense<[" + alias + "]> : tensor<" +
                    std::to_string(neurons) + "xi32>, ";
    }
  }
  bool narrow = !isFloat && chance(50);
  if (!isFloat) {
    unsigned bits = narrow ? 8 : oneOf({16u, 24u, 32u, 40u});
    bool streams = last || kind == 7;
    if (streams)
      bits = std::min(bits, 24u);
    dynamics +=
        ", arithmetic = #spike.fixed<state_bits = " + std::to_string(bits) +
        ", weight_bits = 8, frac = " + std::to_string(pick(0, 2)) +
        ", overflow = " +
        (ordered ? "saturate_each" : oneOf({"wrap", "saturate"})) +
        ", rounding = " +
        oneOf({"floor", "toward_zero", "nearest_even", "nearest_up"}) +
        ", decay_bits = 3>";
  }
  if (kind <= 2) {
    attributes += "threshold = " + param(1, 20) + ", ";
    if (chance(50))
      attributes += "v_reset = " + param(-4, 4) + ", ";
  }
  if (kind == 7)
    attributes += "threshold = " + param(1, 6) + ", ";
  static const char *const names[] = {"if",         "lif",        "cuba_lif",
                                      "integrator", "li",         "cuba_li",
                                      "relu",       "sigma_delta"};
  bool graded = kind >= 3;
  out.element = graded    ? (isFloat ? "f32" : "si25")
                : several ? "ui3"
                          : oneOf({"i1", "i1", "ui8"});
  std::string types;
  std::string operands;
  for (const std::string &current : currents) {
    operands += (operands.empty() ? "" : ", ") + current;
    types += (types.empty() ? "" : ", ") + currentType(shape);
  }
  attributes =
      kind == 6 ? "max = 9.0 : f64"
                : attributes + "dynamics = #spike.dynamics<" + dynamics + ">";
  line(out.name + " = spike." + names[kind] + " @" + out.name.substr(1) + "(" +
       operands + ") {" + attributes + "} : (" + types + ") -> " +
       streamType(out));
  return out;
}

NetworkWriter::Stream NetworkWriter::view(const Stream &s) {
  Stream out = s;
  out.name = fresh();
  std::string op;
  switch (pick(0, 4)) {
  case 0:
    out.shape = {ShapedType::getNumElements(s.shape)};
    op = "spike.reshape " + s.name;
    break;
  case 1: {
    std::string permutation;
    for (size_t a = s.shape.size(); a-- > 0;)
      permutation += (permutation.empty() ? "" : ", ") + std::to_string(a);
    std::reverse(out.shape.begin(), out.shape.end());
    op = "spike.transpose " + s.name + " permutation [" + permutation + "]";
    break;
  }
  case 2: {
    std::string low, high;
    for (int64_t &dim : out.shape) {
      low += (low.empty() ? "" : ", ") + std::string("1");
      high += (high.empty() ? "" : ", ") + std::string("0");
      dim += 1;
    }
    op = "spike.pad " + s.name + " low [" + low + "] high [" + high + "]";
    break;
  }
  case 3:
    op = "spike.delay " + s.name + " by " + std::to_string(pick(1, 4));
    break;
  default:
    out.shape[0] *= 2;
    op = "spike.concat " + s.name + ", " + s.name + " axis 0";
    line(out.name + " = " + op + " : (" + streamType(s) + ", " + streamType(s) +
         ") -> " + streamType(out));
    return out;
  }
  line(out.name + " = " + op + " : " + streamType(s) + " -> " +
       streamType(out));
  return out;
}

std::string NetworkWriter::write() {
  isFloat = chance(40);
  accumulator = oneOf({"i32", "i32", "i20", "i48"});
  stepCount = pick(1, 9);
  Stream input;
  input.name = "%x";
  input.shape = chance(70)
                    ? SmallVector<int64_t>{pick(1, 3), pick(2, 6), pick(2, 6)}
                    : SmallVector<int64_t>{pick(2, 12)};
  input.element =
      isFloat ? oneOf({"f32", "i1", "ui8"}) : oneOf({"i1", "ui8", "si9"});
  inputSize = ShapedType::getNumElements(input.shape);
  Stream s = input;
  s.name = "%image";
  line("%image = spike.input @image(%x) : " + streamType(input) + " -> " +
       streamType(s));
  int64_t layers = pick(1, 3);
  for (int64_t layer = 0; layer <= layers; ++layer) {
    if (chance(30) && ShapedType::getNumElements(s.shape) < 200)
      s = view(s);
    auto [current, shape] = connect(s);
    SmallVector<std::string> currents{current};
    // A recurrent branch, named before the population exists.
    bool recurrent = chance(30);
    std::string back = "%r" + std::to_string(counter++);
    if (recurrent)
      currents.push_back(back);
    Stream next = populate(currents, shape, layer == layers);
    if (recurrent) {
      Stream delayed = next;
      delayed.name = fresh();
      line(delayed.name + " = spike.delay " + next.name + " by " +
           std::to_string(pick(1, 3)) + " : " + streamType(next) + " -> " +
           streamType(delayed));
      line(back + " = spike.identity " + delayed.name + " : " +
           streamType(delayed) + " -> " + currentType(shape));
    }
    s = next;
    if (layer < layers && s.shape.size() >= 2 && chance(30)) {
      Stream pooled = s;
      pooled.name = fresh();
      std::string kernel;
      for (size_t a = 1; a < s.shape.size(); ++a) {
        kernel += (a > 1 ? ", " : "") + std::string("1");
      }
      line(pooled.name + " = spike.max_pool @" + pooled.name.substr(1) + "(" +
           s.name + ") kernel [" + kernel + "] : " + streamType(s) + " -> " +
           streamType(pooled));
      s = pooled;
    }
  }
  return "spike.network @n(%x: " + streamType(input) + ") -> " + streamType(s) +
         " {\n" + body + "  spike.output " + s.name + " : " + streamType(s) +
         "\n}\n";
}

void expectEqual(const RunResult &a, const RunResult &b,
                 const std::string &text) {
  EXPECT_EQ(a.readouts, b.readouts) << text;
  EXPECT_EQ(a.eventsAt, b.eventsAt) << text;
  ASSERT_EQ(a.recordings.size(), b.recordings.size());
  for (size_t r = 0; r < a.recordings.size(); ++r)
    EXPECT_TRUE(a.recordings[r].values == b.recordings[r].values)
        << a.recordings[r].request.population << " "
        << getQuantityName(a.recordings[r].request.quantity).str() << "\n"
        << text;
  for (auto [p, q] :
       llvm::zip(a.activity.populations, b.activity.populations)) {
    EXPECT_EQ(p.spikes, q.spikes) << p.name << "\n" << text;
    EXPECT_EQ(p.sampleTotals, q.sampleTotals) << text;
    EXPECT_EQ(p.stepTotals, q.stepTotals) << text;
    EXPECT_EQ(p.stepMaxima, q.stepMaxima) << text;
    EXPECT_EQ(p.updates, q.updates) << p.name << "\n" << text;
    EXPECT_TRUE(p.bitmaps->all() == q.bitmaps->all()) << text;
  }
  for (auto [p, q] : llvm::zip(a.activity.connections, b.activity.connections))
    EXPECT_TRUE(p.operations == q.operations) << p.name << "\n" << text;
}

TEST(Engines, AreEqualOnRandomNetworks) {
  mlir::MLIRContext context;
  context.loadDialect<spike::SpikeDialect, mlir::quant::QuantDialect>();
  int compiled = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    NetworkWriter writer(seed);
    std::string text = writer.write();
    OwningOpRef<ModuleOp> module =
        mlir::parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module) << seed << "\n" << text;
    FailureOr<Program> program =
        Program::compile(*module->getOps<spike::NetworkOp>().begin());
    if (failed(program))
      FAIL() << seed << "\n" << text;
    ++compiled;

    RunOptions options;
    options.steps = writer.steps();
    options.jobs = 1;
    options.bitmaps = true;
    spike::Encoding encoding =
        std::array{spike::Encoding::Constant, spike::Encoding::Graded,
                   spike::Encoding::Events, spike::Encoding::Rate}[seed % 4];
    options.encodings = {encoding};
    for (int64_t step = 1; step <= options.steps; step += 2)
      options.readoutSteps.push_back(step);
    for (const StreamInfo &population : program->populations())
      options.record.push_back({population.name, Quantity::Spikes});
    // Those that have a membrane.
    State state = program->makeState();
    for (const StreamInfo &population : program->populations())
      if (state.membrane(population.name) &&
          text.find("relu @" + population.name + "(") == std::string::npos) {
        options.record.push_back({population.name, Quantity::Membrane});
        options.record.push_back({population.name, Quantity::Current});
      }

    std::mt19937 random(seed);
    const Payload &payload = program->ports()[0].payload;
    int64_t samples = 3,
            frames = encoding == spike::Encoding::Events ? options.steps : 1;
    std::vector<double> values(samples * frames * writer.inputElements());
    for (double &value : values) {
      if (encoding == spike::Encoding::Rate || payload.isFloat)
        value = double(random() % 5) / 4.0;
      else
        value = double(int64_t(random() % 100) > 50
                           ? int64_t(random() % (payload.high + 1))
                           : 0);
    }
    MemorySource source({values}, samples);

    options.reference = true;
    llvm::Expected<RunResult> reference = program->run(source, options);
    ASSERT_TRUE(bool(reference)) << llvm::toString(reference.takeError());
    options.reference = false;
    llvm::Expected<RunResult> fast = program->run(source, options);
    ASSERT_TRUE(bool(fast)) << llvm::toString(fast.takeError());
    expectEqual(*reference, *fast, text);
    options.jobs = 3;
    llvm::Expected<RunResult> threads = program->run(source, options);
    ASSERT_TRUE(bool(threads)) << llvm::toString(threads.takeError());
    expectEqual(*fast, *threads, text);
    if (HasFailure())
      FAIL() << "seed " << seed;
  }
  EXPECT_EQ(compiled, 400);
}

} // namespace
