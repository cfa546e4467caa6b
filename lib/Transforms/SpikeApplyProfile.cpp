//===- SpikeApplyProfile.cpp - Networks as a platform runs them -----------===//

#include "ApplyProfile.h"

#include "nmc/Transforms/Passes.h"

#include "mlir/Dialect/Quant/IR/Quant.h"

#include <cmath>

namespace nmc {
#define GEN_PASS_DEF_SPIKEAPPLYPROFILEPASS
#include "nmc/Transforms/Passes.h.inc"
} // namespace nmc

using namespace nmc;

FailureOr<ApplyOptions> nmc::makeApplyOptions(Operation *module,
                                              StringRef reset, double dt) {
  ApplyOptions options;
  options.reset = reset.str();
  if (!reset.empty() && !spike::symbolizeReset(reset))
    return emitRuleError(module->getLoc(), "reset-known")
           << "reset is '" << reset << "', but zero, value and subtract are "
           << "known";
  if (!std::isfinite(dt) || dt < 0)
    return emitRuleError(module->getLoc(), "network-dt")
           << "dt is " << dt << ", but must be a positive number of seconds";
  if (dt > 0)
    options.dt = dt;
  return options;
}

std::vector<std::string> nmc::splitFolders(StringRef path) {
  SmallVector<StringRef> parts;
  path.split(parts, ';', -1, /*KeepEmpty=*/false);
  return std::vector<std::string>(parts.begin(), parts.end());
}

namespace {
struct SpikeApplyProfile : impl::SpikeApplyProfilePassBase<SpikeApplyProfile> {
  using SpikeApplyProfilePassBase::SpikeApplyProfilePassBase;

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

  LogicalResult run() {
    ModuleOp module = getOperation();
    std::string name = profile;
    double step = dt;
    if (name.empty())
      return emitRuleError(module.getLoc(), "profile-unknown")
             << "no execution profile is given";
    FailureOr<ApplyOptions> options =
        makeApplyOptions(module, reset.getValue(), step);
    if (failed(options))
      return failure();
    options->clearPeriod = clearPeriod;
    options->clearShift = clearShift;
    if (options->clearPeriod < 0 || options->clearPeriod > spike::kMaxSteps ||
        std::abs(options->clearShift) > spike::kMaxSteps)
      return emitRuleError(module.getLoc(), "network-steps")
             << "clear-period is " << options->clearPeriod
             << " and clear-shift " << options->clearShift << ", but 0 to "
             << spike::kMaxSteps << " steps are possible";
    FailureOr<target::ExecutionProfile> loaded = target::loadExecutionProfile(
        name, splitFolders(path.getValue()), &getContext());
    if (failed(loaded))
      return failure();
    std::string scope = state;
    std::optional<spike::StateScope> kept = spike::symbolizeStateScope(scope);
    if (!scope.empty() && !kept)
      return emitRuleError(module.getLoc(), "state-known")
             << "state is '" << scope << "', but sample and stream are known";
    // The chip whose profile this is knows its widths better.
    std::optional<target::TargetInfo> chip;
    for (chip::TargetOp op : module.getOps<chip::TargetOp>())
      chip = target::TargetInfo::get(op);
    if (chip && chip->executionProfile == loaded->name)
      options->target = &*chip;
    LogicalResult result = success();
    for (auto network :
         llvm::make_early_inc_range(module.getOps<spike::NetworkOp>()))
      if (failed(applyProfile(network, *loaded, *options)))
        result = failure();
    if (kept)
      for (auto network : module.getOps<spike::NetworkOp>())
        network.setStateAttr(
            spike::StateScopeAttr::get(&getContext(), *kept));
    return result;
  }
};
} // namespace
