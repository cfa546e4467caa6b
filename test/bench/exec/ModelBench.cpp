//===- ModelBench.cpp - One network from a file, fast against pure --------===//
//
//   exec-model-bench NETWORK.mlir INPUT.npy [-encoding=...] [-repeat=N]
//
// INPUT holds samples × steps × the port's shape. Both engines run all of them
// in this process, on one thread; what they count must be equal. Prints seconds
// and synaptic operations per sample and the ratio; the exit status is 1 where
// counts differ.
//
//===----------------------------------------------------------------------===//

#include "dialects/Chip/Chip.h"
#include "dialects/Spike/Spike.h"
#include "nmc/Exec/Program.h"
#include "nmc/Support/Npy.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"

#include <chrono>

using namespace nmc;
using namespace nmc::exec;
namespace cl = llvm::cl;

static cl::opt<std::string> networkFile(cl::Positional, cl::Required,
                                        cl::desc("NETWORK.mlir"));
static cl::opt<std::string> inputFile(cl::Positional, cl::Required,
                                      cl::desc("INPUT.npy"));
static cl::opt<int> repeats("repeat", cl::init(7),
                            cl::desc("runs of the fast engine; the median"));

namespace {
struct Timed {
  RunResult result;
  double seconds;
};
} // namespace

static llvm::Expected<Timed> timeRun(const Program &program,
                                     const InputSource &source,
                                     RunOptions options, bool reference) {
  options.reference = reference;
  auto start = std::chrono::steady_clock::now();
  llvm::Expected<RunResult> result = program.run(source, options);
  std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  if (!result)
    return result.takeError();
  return Timed{std::move(*result), seconds.count()};
}

static bool countsEqual(const RunResult &a, const RunResult &b) {
  for (auto [p, q] : llvm::zip(a.activity.populations, b.activity.populations))
    if (p.spikes != q.spikes || p.stepTotals != q.stepTotals ||
        p.updates != q.updates)
      return false;
  return a.activity.operations().effectiveAc ==
         b.activity.operations().effectiveAc;
}

static llvm::Error run() {
  mlir::MLIRContext context;
  context.loadDialect<spike::SpikeDialect, chip::ChipDialect,
                      mlir::quant::QuantDialect, mlir::func::FuncDialect,
                      mlir::tosa::TosaDialect>();
  OwningOpRef<ModuleOp> module =
      mlir::parseSourceFile<ModuleOp>(networkFile, &context);
  if (!module || module->getOps<spike::NetworkOp>().empty())
    return llvm::createStringError(networkFile + ": no spike.network");
  FailureOr<Program> program =
      Program::compile(*module->getOps<spike::NetworkOp>().begin());
  if (failed(program))
    return llvm::createStringError(networkFile + ": does not compile");
  llvm::Expected<Array> input = readNpy(inputFile);
  if (!input)
    return input.takeError();
  int64_t elements = program->ports()[0].elements;
  if (input->rank() < 2 ||
      input->size() != input->shape()[0] * input->shape()[1] * elements)
    return llvm::createStringError(
        inputFile + ": shape " + formatShape(input->shape()) +
        " is not samples by steps by " + Twine(elements) + " elements");
  int64_t samples = input->shape()[0];
  std::vector<double> values(input->size());
  input->convert(0, MutableArrayRef<double>(values));
  MemorySource source({std::move(values)}, samples);

  RunOptions options;
  options.steps = input->shape()[1];
  options.jobs = 1;
  options.encodings = {spike::Encoding::Events};
  llvm::Expected<Timed> pure = timeRun(*program, source, options, true);
  if (!pure)
    return pure.takeError();
  std::vector<double> seconds;
  for (int k = 0; k <= repeats; ++k) { // the first one builds its plan
    llvm::Expected<Timed> fast = timeRun(*program, source, options, false);
    if (!fast)
      return fast.takeError();
    if (!countsEqual(pure->result, fast->result))
      return llvm::createStringError("counts of the two engines differ");
    if (k)
      seconds.push_back(fast->seconds);
  }
  llvm::sort(seconds);
  double median = seconds[seconds.size() / 2] / samples;
  double slow = pure->seconds / samples;
  double operations =
      double(pure->result.activity.operations().effectiveAc) / samples;
  llvm::outs() << llvm::format(
      "%lld x %lld steps, per sample %.2f M synaptic operations, pure %.4f s, "
      "fast %.5f s, %.2f Gsynop/s, ratio %.0f\n",
      (long long)samples, (long long)options.steps, operations / 1e6, slow,
      median, operations / median / 1e9, slow / median);
  for (const PopulationActivity &population :
       pure->result.activity.populations) {
    uint64_t events = 0;
    for (uint64_t count : population.spikes)
      events += count;
    llvm::outs() << "  " << population.name << " " << events << "\n";
  }
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv);
  if (llvm::Error error = run()) {
    llvm::errs() << "error: " << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}
