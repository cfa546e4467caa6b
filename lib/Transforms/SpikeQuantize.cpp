//===- SpikeQuantize.cpp - Float networks to a chip's integers ------------===//

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
    for (spike::NetworkOp network : module.getOps<spike::NetworkOp>()) {
      std::unique_ptr<quantize::NetworkQuantizer> quantizer =
          binary ? quantize::makeBinaryQuantizer(network, info, scale, zeroPoint)
                 : quantize::makeGradedQuantizer(network, info, scale, zeroPoint);
      if (failed(quantizer->run()))
        return signalPassFailure();
    }
  }
};
} // namespace
