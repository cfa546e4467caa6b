//===- SpikeQuantize.cpp - Float networks to a chip's integers ------------===//

#include "ApplyProfile.h"
#include "Quantize.h"

#include "nmc/Support/Rule.h"
#include "nmc/Transforms/Passes.h"

#include "mlir/Dialect/Quant/IR/Quant.h"

#include <cmath>

namespace nmc {
#define GEN_PASS_DEF_SPIKEQUANTIZEPASS
#include "nmc/Transforms/Passes.h.inc"
} // namespace nmc

using namespace nmc;

namespace {
struct SpikeQuantize : impl::SpikeQuantizePassBase<SpikeQuantize> {
  using SpikeQuantizePassBase::SpikeQuantizePassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto targets = module.getOps<chip::TargetOp>();
    if (!llvm::hasSingleElement(targets)) {
      emitRuleError(module, "target-given")
          << "needs exactly one chip.target in the module";
      return signalPassFailure();
    }
    double scale = inputScale, zeroPoint = inputZeroPoint;
    if (!std::isfinite(scale) || scale < 0 || !std::isfinite(zeroPoint) ||
        std::abs(zeroPoint) > 1e6) {
      emitRuleError(module, "input-range")
          << "input-scale " << scale << " and input-zero-point " << zeroPoint
          << " describe no integers";
      return signalPassFailure();
    }
    target::TargetInfo info = target::TargetInfo::get(*targets.begin());
    bool binary = info.word("payload").value_or("binary") == "binary";
    for (spike::NetworkOp network :
         llvm::make_early_inc_range(module.getOps<spike::NetworkOp>())) {
      if (isSpikingAlready(network)) {
        if (failed(quantizeSpiking(network, info)))
          return signalPassFailure();
        continue;
      }
      std::unique_ptr<quantize::NetworkQuantizer> quantizer =
          binary ? quantize::makeBinaryQuantizer(network, info, scale, zeroPoint)
                 : quantize::makeGradedQuantizer(network, info, scale, zeroPoint);
      if (failed(quantizer->run()))
        return signalPassFailure();
    }
  }

  /// Whether populations are neurons of NIR rather than of a rate code, which
  /// starts them at half a threshold.
  static bool isSpikingAlready(spike::NetworkOp network) {
    for (spike::PopulationOpInterface population : network.getPopulations()) {
      Operation *op = population;
      if (isa<spike::LifOp, spike::CubaLifOp, spike::LiOp, spike::CubaLiOp,
              spike::ThresholdOp>(op) ||
          (isa<spike::IfOp>(op) && !population.getDynamicsOrNull()))
        return true;
    }
    return network->hasAttr(kProfileAttrName);
  }

  LogicalResult quantizeSpiking(spike::NetworkOp network,
                                const target::TargetInfo &info) {
    if (info.executionProfile.empty())
      return emitRuleError(network, "profile-needed")
             << "is a spiking network in real numbers, but target '"
             << info.name
             << "' names no execution profile, whose quantiser would know what "
                "to do with it";
    // Under the target's profile there is nothing left to do.
    if (auto given = network->getAttrOfType<StringAttr>(kProfileAttrName)) {
      if (given.getValue() == info.executionProfile)
        return success();
      return emitRuleError(network, "profile-applied")
             << "has execution profile '" << given.getValue()
             << "' already, but target '" << info.name << "' has '"
             << info.executionProfile << "'";
    }
    FailureOr<ApplyOptions> options =
        makeApplyOptions(getOperation(), reset.getValue(), dt.getValue());
    if (failed(options))
      return failure();
    FailureOr<target::ExecutionProfile> profile = target::loadExecutionProfile(
        info.executionProfile, splitFolders(path.getValue()), &getContext());
    if (failed(profile))
      return failure();
    options->target = &info;
    return applyProfile(network, *profile, *options);
  }
};
} // namespace
