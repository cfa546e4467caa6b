//===- ChipLoadTarget.cpp - Puts a chip into the module -------------------===//

#include "dialects/Chip/Chip.h"
#include "nmc/Support/Rule.h"
#include "nmc/Target/Load.h"
#include "nmc/Transforms/Passes.h"

namespace nmc {
#define GEN_PASS_DEF_CHIPLOADTARGETPASS
#include "nmc/Transforms/Passes.h.inc"
} // namespace nmc

using namespace nmc;

/// The non-empty parts of "a;b;c".
static std::vector<std::string> splitList(StringRef text) {
  SmallVector<StringRef> parts;
  text.split(parts, ';', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  return std::vector<std::string>(parts.begin(), parts.end());
}

namespace {
struct ChipLoadTarget : impl::ChipLoadTargetPassBase<ChipLoadTarget> {
  using ChipLoadTargetPassBase::ChipLoadTargetPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    target::LoadOptions options;
    options.target = target;
    options.searchPaths = splitList(path);
    options.costProfile = costProfile;
    options.overrides = splitList(set);
    if (options.target.empty()) {
      emitRuleError(module, "target-given") << "option 'target' is not set";
      return signalPassFailure();
    }
    auto existing = module.getOps<chip::TargetOp>();
    if (!existing.empty()) {
      emitRuleError(*existing.begin(), "target-given")
          << "the module has a target already";
      return signalPassFailure();
    }
    FailureOr<OwningOpRef<ModuleOp>> loaded =
        target::loadTarget(options, &getContext());
    if (failed(loaded))
      return signalPassFailure();
    module.getBody()->getOperations().splice(module.getBody()->end(),
                                             (*loaded)->getBody()->getOperations());
  }
};
} // namespace
