//===- SpikePartition.cpp - Cuts a network into tiles ---------------------===//

#include "MappingPasses.h"

#include "nmc/Support/Rule.h"
#include "nmc/Transforms/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/StringExtras.h"

namespace nmc {
#define GEN_PASS_DEF_SPIKEPARTITIONPASS
#include "nmc/Transforms/Passes.h.inc"
} // namespace nmc

using namespace nmc;

/// How each layer was cut, for `--remarks-filter='nmc-mapping'`.
static void remarkOnLayers(const MappingTask &task,
                           const mapping::PartitionResult &result) {
  namespace remark = mlir::remark;
  spike::NetworkOp network = task.network;
  for (const mapping::LayerPlan &layer : result.layers) {
    const analysis::Population &population =
        task.problem.network.populations[layer.population];
    Location loc = network.lookupPopulation(population.name)->getLoc();
    std::string tile;
    for (int64_t extent : layer.tile)
      tile += (tile.empty() ? "" : "x") + std::to_string(extent);
    remark::passed(loc, remark::RemarkOpts::name("Partition")
                            .category("nmc-mapping")
                            .function(population.name))
        << remark::add("cut into tiles") << remark::metric("tile", tile)
        << remark::metric("cores", layer.cores)
        << remark::metric("bound", llvm::join(layer.binding, ", "));
  }
}

namespace {
struct SpikePartition : impl::SpikePartitionPassBase<SpikePartition> {
  using SpikePartitionPassBase::SpikePartitionPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<MappingTask> task =
        gatherTask(module, network, target, activity, int64_t(chips));
    if (failed(task))
      return signalPassFailure();
    mapping::PartitionResult result =
        mapping::partitionLayerPure(task->problem);
    remarkOnLayers(*task, result);
    if (!result.mapping) {
      mapping::reportViolations(result.violations, task->network, task->target);
      return signalPassFailure();
    }
    StringRef networkName = task->network.getSymName();
    for (auto old :
         llvm::make_early_inc_range(module.getOps<chip::MappingOp>()))
      if (old.getNetwork() == networkName)
        old.erase();
    auto builder = mlir::OpBuilder::atBlockEnd(module.getBody());
    std::string name = "mapping";
    for (int i = 1; module.lookupSymbol(name); ++i)
      name = "mapping_" + std::to_string(i);
    chip::MappingOp op = mapping::writeMapping(
        builder, task->network.getLoc(), name, networkName,
        task->target.getSymName(), task->problem, *result.mapping);
    if (std::optional<StringRef> sha = task->target.getSha256())
      op.setTargetSha256(*sha);
  }
};
} // namespace
