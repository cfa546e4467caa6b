//===- MappingPasses.cpp - Shared by the mapping passes -------------------===//

#include "MappingPasses.h"

#include "nmc/Analysis/BuildNetworkModel.h"
#include "nmc/Exec/Activity.h"
#include "nmc/Support/Rule.h"

using namespace nmc;

/// The op of that name, or the only one of its kind.
template <typename OpT>
static FailureOr<OpT> findOp(ModuleOp module, StringRef name, StringRef what) {
  OpT found;
  int64_t count = 0;
  for (OpT op : module.getOps<OpT>()) {
    if (!name.empty() && op.getSymName() != name)
      continue;
    found = op;
    ++count;
  }
  if (count == 1)
    return found;
  if (!name.empty())
    return emitRuleError(module.getLoc(), "mapping-symbol")
           << what << " '" << name << "' does not exist";
  return emitRuleError(module.getLoc(), "mapping-symbol")
         << "the module has " << count << " ops " << OpT::getOperationName()
         << ", but one is needed; name it with option '" << what << "'";
}

/// Events per neuron and step, by population.
static FailureOr<mapping::Problem::Rates> readRates(StringRef path,
                                                    spike::NetworkOp network) {
  llvm::Expected<exec::Activity> activity = exec::readActivity(path);
  if (!activity) {
    mlir::emitError(network.getLoc()) << llvm::toString(activity.takeError());
    return failure();
  }
  std::vector<exec::PopulationShape> shapes;
  for (spike::PopulationOpInterface population : network.getPopulations())
    shapes.push_back(
        {population.getPopulationName().str(),
         llvm::to_vector<4>(spike::getShape(population.getEvents()))});
  std::vector<std::string> warnings;
  int64_t steps = activity->steps;
  if (auto stated = network.getSteps(); stated && steps == 0)
    steps = int64_t(*stated);
  if (llvm::Error error =
          exec::bindActivity(*activity, shapes, steps, path, warnings)) {
    mlir::emitError(network.getLoc()) << llvm::toString(std::move(error));
    return failure();
  }
  for (const std::string &warning : warnings)
    mlir::emitWarning(network.getLoc()) << warning;
  mapping::Problem::Rates rates;
  for (const exec::PopulationActivity &population : activity->populations) {
    std::vector<double> values = activity->rates(population);
    rates[population.name].assign(values.begin(), values.end());
  }
  return rates;
}

static FailureOr<MappingTask> gather(spike::NetworkOp network,
                                     chip::TargetOp target, StringRef activity,
                                     int64_t chips) {
  FailureOr<analysis::NetworkModel> model =
      analysis::buildNetworkModel(network);
  if (failed(model))
    return failure();
  mapping::Problem::Rates rates;
  if (!activity.empty()) {
    FailureOr<mapping::Problem::Rates> read = readRates(activity, network);
    if (failed(read))
      return failure();
    rates = std::move(*read);
  }
  MappingTask task;
  task.network = network;
  task.target = target;
  task.problem = mapping::Problem::create(
      std::move(*model),
      mapping::getHardware(target::TargetInfo::get(target), chips), rates);
  return task;
}

FailureOr<MappingTask> nmc::gatherTask(ModuleOp module, StringRef network,
                                       StringRef target, StringRef activity,
                                       int64_t chips) {
  FailureOr<spike::NetworkOp> networkOp =
      findOp<spike::NetworkOp>(module, network, "network");
  FailureOr<chip::TargetOp> targetOp =
      findOp<chip::TargetOp>(module, target, "target");
  if (failed(networkOp) || failed(targetOp))
    return failure();
  return gather(*networkOp, *targetOp, activity, chips);
}

FailureOr<MappingTask> nmc::gatherTask(chip::MappingOp op, StringRef activity) {
  auto network = mlir::SymbolTable::lookupNearestSymbolFrom<spike::NetworkOp>(
      op, op.getNetworkAttr());
  auto target = mlir::SymbolTable::lookupNearestSymbolFrom<chip::TargetOp>(
      op, op.getTargetAttr());
  if (!network || !target)
    return emitRuleError(op, "mapping-symbol")
           << (network ? "target '" : "network '")
           << (network ? op.getTarget() : op.getNetwork())
           << "' is not in the module";
  return gather(network, target, activity, int64_t(op.getChips().value_or(1)));
}
