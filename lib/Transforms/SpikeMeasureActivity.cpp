//===- SpikeMeasureActivity.cpp - Runs a network on data ------------------===//

#include "nmc/Transforms/Passes.h"

#include "dialects/Spike/Spike.h"
#include "nmc/Exec/Interpreter.h"
#include "nmc/Support/Rule.h"

namespace nmc {
#define GEN_PASS_DEF_SPIKEMEASUREACTIVITYPASS
#include "nmc/Transforms/Passes.h.inc"

namespace {
struct SpikeMeasureActivityPass
    : impl::SpikeMeasureActivityPassBase<SpikeMeasureActivityPass> {
  using SpikeMeasureActivityPassBase::SpikeMeasureActivityPassBase;

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

  LogicalResult run();
};
} // namespace

LogicalResult SpikeMeasureActivityPass::run() {
  std::string wanted = network, target = activity, labelFile = labels,
              text = preprocess;
  int64_t count = samples;
  spike::NetworkOp net;
  for (auto candidate : getOperation().getOps<spike::NetworkOp>())
    if (!net && (wanted.empty() || candidate.getSymName() == wanted))
      net = candidate;
  if (!net)
    return emitRuleError(getOperation(), "run-network")
           << "there is no network to run";
  auto fault = [&](llvm::Error error) {
    return mlir::emitError(net.getLoc()) << llvm::toString(std::move(error));
  };
  exec::DatasetOptions dataOptions;
  dataOptions.data = data;
  dataOptions.labels = labelFile;
  if (count > 0)
    dataOptions.samples = count;
  llvm::Expected<exec::Preprocess> parsed = exec::parsePreprocess(text);
  if (!parsed)
    return fault(parsed.takeError());
  dataOptions.preprocess = std::move(*parsed);
  llvm::Expected<exec::Dataset> dataset =
      exec::Dataset::load(exec::getInputSpecs(net), dataOptions);
  if (!dataset)
    return fault(dataset.takeError());
  FailureOr<exec::Program> program = exec::Program::compile(net);
  if (failed(program))
    return failure();

  exec::RunOptions options = exec::getHostSide(net).makeOptions(*program);
  options.jobs = unsigned(std::max<int64_t>(jobs, 0));
  options.reference = reference;
  llvm::Expected<exec::RunResult> result =
      program->run(exec::DatasetSource(*dataset), options);
  if (!result)
    return fault(result.takeError());
  result->activity.dataSha256 = dataset->sha256().str();
  auto diag = mlir::emitRemark(net.getLoc());
  diag << "ran " << result->samples << " samples of " << options.steps
       << " steps, " << result->activity.spikesPerInference()
       << " events per sample";
  if (dataset->hasLabels())
    diag << ", accuracy " << result->accuracy(dataset->labels(), 0);
  diag.report();
  if (target.empty())
    return success();
  if (llvm::Error error = exec::writeActivity(target, result->activity))
    return fault(std::move(error));
  return success();
}
} // namespace nmc
