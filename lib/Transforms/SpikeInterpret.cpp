//===- SpikeInterpret.cpp - Runs the expectations of tests ----------------===//

#include "nmc/Transforms/Passes.h"

#include "dialects/Check/Check.h"
#include "dialects/Spike/Spike.h"
#include "nmc/Exec/Interpreter.h"
#include "nmc/Support/Rule.h"

namespace nmc {
#define GEN_PASS_DEF_SPIKEINTERPRETPASS
#include "nmc/Transforms/Passes.h.inc"

namespace {
struct SpikeInterpretPass : impl::SpikeInterpretPassBase<SpikeInterpretPass> {
  using SpikeInterpretPassBase::SpikeInterpretPassBase;

  void runOnOperation() override {
    std::string name = engine;
    exec::EngineChoice choice = exec::EngineChoice::Both;
    if (name == "fast") {
      choice = exec::EngineChoice::Fast;
    } else if (name == "reference") {
      choice = exec::EngineChoice::Reference;
    } else if (name != "both") {
      emitRuleError(getOperation(), "interpret-engine")
          << "engine is '" << name << "', but fast, reference or both is "
          << "possible";
      return signalPassFailure();
    }
    bool failedAny = false;
    for (auto function : getOperation().getOps<mlir::FunctionOpInterface>()) {
      bool expects = false;
      function->walk([&](Operation *op) {
        expects |= isa_and_present<check::CheckDialect>(op->getDialect());
      });
      if (expects)
        failedAny |= failed(exec::checkExpectations(function, choice));
    }
    if (failedAny)
      signalPassFailure();
  }
};
} // namespace
} // namespace nmc
