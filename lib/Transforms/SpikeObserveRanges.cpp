//===- SpikeObserveRanges.cpp - Ranges of populations on real data --------===//

#include "nmc/Transforms/Passes.h"

#include "dialects/Spike/Spike.h"
#include "nmc/Exec/Calibration.h"
#include "nmc/Exec/Interpreter.h"
#include "nmc/Support/Rule.h"

namespace nmc {
#define GEN_PASS_DEF_SPIKEOBSERVERANGESPASS
#include "nmc/Transforms/Passes.h.inc"

namespace {
struct SpikeObserveRangesPass
    : impl::SpikeObserveRangesPassBase<SpikeObserveRangesPass> {
  using SpikeObserveRangesPassBase::SpikeObserveRangesPassBase;

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

  LogicalResult run();
  LogicalResult observe(spike::NetworkOp network);
};
} // namespace

LogicalResult SpikeObserveRangesPass::run() {
  std::string path = data;
  int64_t count = samples, steps = levels;
  if (path.empty())
    return emitRuleError(getOperation(), "observe-data")
           << "needs data: set the option 'data' to a file with samples";
  if (count < 1 || steps < 1)
    return emitRuleError(getOperation(), "observe-data")
           << "samples is " << count << " and levels " << steps
           << ", but both must be at least 1";
  if (!reset.empty() && reset != "zero" && reset != "subtract")
    return emitRuleError(getOperation(), "reset-known")
           << "reset is '" << reset.getValue()
           << "', but zero and subtract are known";
  std::string wanted = network;
  bool found = false;
  for (auto net : getOperation().getOps<spike::NetworkOp>()) {
    if (!wanted.empty() && net.getSymName() != wanted)
      continue;
    found = true;
    if (failed(observe(net)))
      return failure();
  }
  if (found || wanted.empty())
    return success();
  return emitRuleError(getOperation(), "run-network")
         << "there is no spike.network '" << wanted << "'";
}

LogicalResult SpikeObserveRangesPass::observe(spike::NetworkOp net) {
  auto fault = [&](llvm::Error error) {
    // The message ends in its rule already.
    return mlir::emitError(net.getLoc()) << llvm::toString(std::move(error));
  };
  exec::DatasetOptions dataOptions;
  dataOptions.data = data;
  dataOptions.samples = samples;
  std::string text = preprocess;
  if (!text.empty()) {
    llvm::Expected<exec::Preprocess> parsed = exec::parsePreprocess(text);
    if (!parsed)
      return fault(parsed.takeError());
    dataOptions.preprocess = std::move(*parsed);
  }
  llvm::Expected<exec::Dataset> dataset =
      exec::Dataset::load(exec::getInputSpecs(net), dataOptions);
  if (!dataset)
    return fault(dataset.takeError());
  FailureOr<exec::Program> program = exec::Program::compile(net);
  if (failed(program))
    return failure();

  exec::RunOptions options = exec::getHostSide(net).makeOptions(*program);
  llvm::Expected<std::vector<exec::ObservedRange>> ranges =
      exec::observeRanges(*program, exec::DatasetSource(*dataset), options,
                          levels, /*zeroReset=*/reset == "zero");
  if (!ranges)
    return fault(ranges.takeError());

  mlir::Builder builder(&getContext());
  for (auto [population, range] : llvm::zip(net.getPopulations(), *ranges)) {
    if (range.max <= 0)
      emitRuleWarning(population.getLoc(), "range-silent")
          << "population '" << population.getPopulationName()
          << "' is never above 0 on " << dataset->samples()
          << " samples; its scale is set to 1";
    population->setAttr(
        spike::SpikeDialect::kRangeAttrName,
        spike::RangeAttr::get(&getContext(), builder.getF64FloatAttr(range.min),
                              builder.getF64FloatAttr(range.max),
                              builder.getF64FloatAttr(range.p999),
                              builder.getF64FloatAttr(range.mseScale),
                              dataset->samples(),
                              builder.getStringAttr(dataset->sha256())));
    if (range.eventValue)
      population->setAttr(spike::SpikeDialect::kEventValueAttrName,
                          builder.getF64FloatAttr(*range.eventValue));
    else
      population->removeAttr(spike::SpikeDialect::kEventValueAttrName);
  }
  return success();
}
} // namespace nmc
