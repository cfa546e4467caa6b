//===- ExecBench.cpp - The fast engine against the pure functions ---------===//
//
// Random networks of the sizes that are run in practice; the counter `ratio` of
// the last benchmark of each network is fast over reference, from one run of
// each with equal spike counts.
//
//===----------------------------------------------------------------------===//

#include "dialects/Spike/Spike.h"
#include "nmc/Exec/Program.h"

#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <random>

using namespace nmc;
using namespace nmc::exec;

namespace {

std::string weights(std::mt19937 &random, ArrayRef<int64_t> shape) {
  int64_t count = ShapedType::getNumElements(shape);
  std::normal_distribution<double> normal(1.0, 20.0);
  std::string bytes;
  for (int64_t n = 0; n < count; ++n)
    bytes.push_back(char(std::min(std::max(normal(random), -127.0), 127.0)));
  std::string dims;
  for (int64_t dim : shape)
    dims += std::to_string(dim) + "x";
  return "weights(dense<\"0x" + llvm::toHex(bytes) + "\"> : tensor<" + dims +
         "i8>)";
}

/// 784-1024-1024-10 LIF, as in published comparisons of simulators.
std::string makeDense() {
  std::mt19937 random(1);
  std::string text = "spike.network @n(%s0: !spike.stream<784xi1>) -> "
                     "!spike.stream<10xi1> {\n";
  int64_t sizes[] = {784, 1024, 1024, 10};
  for (int layer = 1; layer <= 3; ++layer) {
    std::string from = std::to_string(sizes[layer - 1]),
                to = std::to_string(sizes[layer]), k = std::to_string(layer);
    text += "%c" + k + " = spike.dense %s" + std::to_string(layer - 1) + " " +
            weights(random, {sizes[layer], sizes[layer - 1]}) +
            " : !spike.stream<" + from + "xi1> -> !spike.current<" + to +
            "xi32>\n%s" + k + " = spike.lif @l" + k + "(%c" + k +
            ") {tau = dense<410> : tensor<i32>, threshold = dense<900> : "
            "tensor<i32>, dynamics = #spike.dynamics<decay = fixed, reset = "
            "subtract, arithmetic = #spike.fixed<state_bits = 24, weight_bits "
            "= 8, rounding = floor>>} : (!spike.current<" +
            to + "xi32>) -> !spike.stream<" + to + "xi1>\n";
  }
  return text + "spike.output %s3 : !spike.stream<10xi1>\n}\n";
}

/// Three convolutions of IF neurons on 34x34 events.
std::string makeConv() {
  std::mt19937 random(2);
  std::string text = "spike.network @n(%s0: !spike.stream<2x34x34xi1>) -> "
                     "!spike.stream<16x16x16xi1> {\n";
  struct Layer {
    int64_t in, out, from, to, kernel;
    const char *strides, *pads;
  } layers[] = {{2, 16, 34, 34, 5, "1, 1", "2, 2, 2, 2"},
                {16, 16, 34, 34, 3, "1, 1", "1, 1, 1, 1"},
                {16, 16, 34, 16, 3, "2, 2", "0, 0, 0, 0"}};
  for (auto [index, layer] : llvm::enumerate(layers)) {
    std::string k = std::to_string(index + 1);
    auto shape = [](int64_t channels, int64_t side) {
      return std::to_string(channels) + "x" + std::to_string(side) + "x" +
             std::to_string(side);
    };
    std::string to = shape(layer.out, layer.to);
    text += "%c" + k + " = spike.conv %s" + std::to_string(index) + " " +
            weights(random, {layer.out, layer.in, layer.kernel, layer.kernel}) +
            " {strides = array<i64: " + layer.strides +
            ">, pads = array<i64: " + layer.pads + ">} : !spike.stream<" +
            shape(layer.in, layer.from) + "xi1> -> !spike.current<" + to +
            "xi32>\n%s" + k + " = spike.if @l" + k + "(%c" + k +
            ") {threshold = dense<300> : tensor<i32>, dynamics = "
            "#spike.dynamics<reset = subtract, arithmetic = "
            "#spike.fixed<state_bits = 24, weight_bits = 8>>} : "
            "(!spike.current<" +
            to + "xi32>) -> !spike.stream<" + to + "xi1>\n";
  }
  return text + "spike.output %s3 : !spike.stream<16x16x16xi1>\n}\n";
}

struct Case {
  mlir::MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::optional<Program> program;
  std::optional<MemorySource> source;
  RunOptions options;

  Case(const std::string &text, int64_t steps, int64_t samples, double rate) {
    context.loadDialect<spike::SpikeDialect, mlir::quant::QuantDialect>();
    module = mlir::parseSourceString<ModuleOp>(text, &context);
    program = *Program::compile(*module->getOps<spike::NetworkOp>().begin());
    std::mt19937 random(3);
    std::bernoulli_distribution fires(rate);
    std::vector<double> values(samples * steps * program->ports()[0].elements);
    for (double &value : values)
      value = fires(random);
    source.emplace(std::vector<std::vector<double>>{std::move(values)},
                   samples);
    options.steps = steps;
    options.jobs = 1;
    options.encodings = {spike::Encoding::Events};
  }

  double run(bool reference, uint64_t &operations, uint64_t &events) {
    options.reference = reference;
    auto start = std::chrono::steady_clock::now();
    llvm::Expected<RunResult> result = program->run(*source, options);
    std::chrono::duration<double> seconds =
        std::chrono::steady_clock::now() - start;
    operations = result->activity.operations().effectiveAc;
    events = 0;
    for (const PopulationActivity &population : result->activity.populations)
      for (uint64_t count : population.spikes)
        events += count;
    return seconds.count();
  }
};

void compare(benchmark::State &state, const std::string &text, int64_t steps,
             int64_t samples) {
  Case fast(text, steps, samples, 0.05), once(text, steps, 1, 0.05);
  uint64_t operations = 0, events = 0, referenceEvents = 0, ignored = 0;
  for (auto _ : state)
    fast.run(false, operations, events);
  state.counters["synops/s"] = benchmark::Counter(
      double(operations), benchmark::Counter::kIsIterationInvariantRate);
  double slow = once.run(true, ignored, referenceEvents);
  double quick = 1e9;
  for (int k = 0; k < 5; ++k)
    quick = std::min(quick, once.run(false, ignored, events));
  if (events != referenceEvents)
    state.SkipWithError("spike counts differ");
  state.counters["ratio"] = slow / quick;
}

void runDense(benchmark::State &state) { compare(state, makeDense(), 100, 16); }
void runConv(benchmark::State &state) { compare(state, makeConv(), 50, 4); }

BENCHMARK(runDense)->Unit(benchmark::kMillisecond);
BENCHMARK(runConv)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
