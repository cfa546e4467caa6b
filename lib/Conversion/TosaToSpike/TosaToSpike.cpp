//===- TosaToSpike.cpp - From tensors to populations ----------------------===//

#include "Lowering.h"
#include "nmc/Conversion/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

namespace nmc {
#define GEN_PASS_DEF_CONVERTTOSATOSPIKEPASS
#include "nmc/Conversion/Passes.h.inc"

namespace {
struct ConvertTosaToSpikePass
    : impl::ConvertTosaToSpikePassBase<ConvertTosaToSpikePass> {
  using ConvertTosaToSpikePassBase::ConvertTosaToSpikePassBase;

  void runOnOperation() override {
    bool failedAny = false;
    for (auto function : llvm::make_early_inc_range(
             getOperation().getOps<mlir::func::FuncOp>()))
      if (!function.isExternal() && tosatospike::Lowering::hasLayers(function))
        failedAny |= failed(tosatospike::Lowering(function).run());
    if (failedAny)
      signalPassFailure();
  }
};
} // namespace
} // namespace nmc
