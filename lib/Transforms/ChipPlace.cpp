//===- ChipPlace.cpp - Gives cores their places ---------------------------===//

#include "MappingPasses.h"

#include "nmc/Mapping/Place.h"
#include "nmc/Support/Rule.h"
#include "nmc/Transforms/Passes.h"

namespace nmc {
#define GEN_PASS_DEF_CHIPPLACEPASS
#include "nmc/Transforms/Passes.h.inc"
} // namespace nmc

using namespace nmc;

namespace {
struct ChipPlace : impl::ChipPlacePassBase<ChipPlace> {
  using ChipPlacePassBase::ChipPlacePassBase;

  void runOnOperation() override {
    std::string name = solver;
    if (name != "hilbert" && name != "sequential") {
      emitRuleError(getOperation().getLoc(), "place-solver")
          << "no solver is called '" << name
          << "'; there are 'hilbert' and 'sequential'";
      return signalPassFailure();
    }
    for (auto op : getOperation().getOps<chip::MappingOp>())
      if (failed(place(op, name)))
        return signalPassFailure();
  }

  static LogicalResult place(chip::MappingOp op, StringRef solver) {
    FailureOr<MappingTask> task = gatherTask(op, /*activity=*/"");
    if (failed(task))
      return failure();
    FailureOr<mapping::Mapping> mapping =
        mapping::readMapping(op, task->problem.network);
    if (failed(mapping))
      return failure();
    std::vector<mapping::Violation> violations =
        mapping::verify(task->problem, *mapping);
    if (violations.empty()) {
      mapping::Mapping placed =
          solver == "hilbert"
              ? mapping::placeHilbert(task->problem, *mapping)
              : mapping::placeSequential(task->problem, *mapping);
      violations = mapping::verify(task->problem, placed);
      mapping::updateMapping(op, task->problem, placed);
    }
    if (violations.empty())
      return success();
    mapping::reportViolations(violations, task->network, task->target);
    return failure();
  }
};
} // namespace
