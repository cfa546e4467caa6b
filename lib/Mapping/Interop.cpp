//===- Interop.cpp - Mapping problems from IR, mappings to IR -------------===//

#include "nmc/Mapping/Interop.h"

#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"
#include "nmc/Target/Rules.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <cmath>

namespace nmc::mapping {

//===----------------------------------------------------------------------===//
// Hardware
//===----------------------------------------------------------------------===//

static Caps getCaps(const target::CoreKind &kind) {
  Caps caps;
  caps.neurons = kind.limit("neurons");
  caps.axonsIn = kind.limit("axons_in");
  caps.axonsOut = kind.limit("axons_out");
  caps.synapseMemory = kind.limit("synapse_memory");
  caps.stateMemory = kind.limit("state_memory");
  caps.fanIn = kind.limit("fan_in");
  caps.fanOut = kind.limit("fan_out");
  caps.populations = kind.limit("populations");
  caps.neuronConfigs = kind.limit("neuron_configs");
  caps.thresholdConfigs = kind.limit("threshold_configs");
  caps.synapseConfigs = kind.limit("synapse_configs");
  caps.delaySteps = kind.limit("delay_steps");
  return caps;
}

static Topology getTopology(chip::Topology topology) {
  switch (topology) {
  case chip::Topology::Mesh:
    return Topology::Mesh;
  case chip::Topology::Torus:
    return Topology::Torus;
  case chip::Topology::Bus:
    return Topology::Bus;
  case chip::Topology::None:
    return Topology::None;
  }
  return Topology::None;
}

Hardware getHardware(const target::TargetInfo &target, int64_t chips) {
  Hardware hw;
  hw.name = target.name;
  hw.chips = std::max<int64_t>(chips, 1);
  for (const target::CoreKind &kind : target.cores)
    hw.cores.push_back(
        {kind.name, kind.count, getCaps(kind), kind.models, kind.connections});
  auto extentOf = [](const target::Grid &grid, size_t axis) {
    return axis < grid.extent.size() ? std::max<int64_t>(grid.extent[axis], 1)
                                     : 1;
  };
  if (target.noc) {
    hw.topology = getTopology(target.noc->topology);
    hw.gridX = extentOf(*target.noc, 0);
    hw.gridY = extentOf(*target.noc, 1);
    hw.coresPerRouter = std::max<int64_t>(target.noc->coresPerRouter, 1);
    switch (target.noc->routing) {
    case chip::Routing::XY:
      hw.routing = Routing::XY;
      break;
    case chip::Routing::XYMulticast:
      hw.routing = Routing::XYMulticast;
      break;
    case chip::Routing::Table:
      hw.routing = Routing::Table;
      break;
    }
  } else {
    hw.topology = Topology::None;
  }
  bool grid = hw.topology == Topology::Mesh || hw.topology == Topology::Torus;
  if (!grid) { // one row, for coordinates alone
    hw.gridX = std::max<int64_t>(hw.coresPerChip(), 1);
    hw.gridY = hw.coresPerRouter = 1;
  }
  hw.boardX = target.board ? extentOf(*target.board, 0)
                           : int64_t(std::ceil(std::sqrt(double(hw.chips))));

  auto chipLimit = [&](StringRef name) -> std::optional<double> {
    auto it = target.limits.find(name.str());
    return it == target.limits.end() ? std::nullopt
                                     : std::optional(it->second.value);
  };
  hw.neuronsPerChip = chipLimit("neurons_chip");
  hw.synapseMemoryPerChip = chipLimit("synapse_memory_chip");
  if (auto most = chipLimit("chips"))
    hw.mostChips = int64_t(*most);
  hw.sharedCores = target.flag("shared_core").value_or(false);
  hw.inputsOnCores = target.input == chip::InputKind::Relay;
  hw.subtractCost = double(target.integer("compartments_subtract").value_or(1));
  hw.stateBits = double(target.integer("state_bits").value_or(32));
  for (int64_t bits : target.integers("weight_bits"))
    hw.weightBits.push_back(unsigned(bits));
  llvm::sort(hw.weightBits);
  for (const std::string &word : target.words("synapse_formats")) {
    if (word == "dense")
      hw.formats.push_back(SynapseFormat::Dense);
    else if (word == "sparse")
      hw.formats.push_back(SynapseFormat::Sparse);
    else if (word == "conv")
      hw.formats.push_back(SynapseFormat::Shared);
  }
  if (const target::DesignRule *rule =
          target::findRule(target, "word_blocks")) {
    auto parameter = [&](StringRef name, double byDefault) {
      return std::clamp(
          target::getRuleParameter(*rule, name).value_or(byDefault), 0.0, 1e9);
    };
    WordBlocks blocks;
    blocks.word = std::max<int64_t>(int64_t(parameter("word", 1)), 1);
    blocks.block = std::max<int64_t>(int64_t(parameter("block", 1)), 1);
    blocks.header = int64_t(parameter("header", 0));
    hw.wordBlocks = blocks;
    hw.indexBits = parameter("index", 0);
  }
  return hw;
}

//===----------------------------------------------------------------------===//
// chip.mapping
//===----------------------------------------------------------------------===//

FailureOr<Mapping> readMapping(chip::MappingOp op,
                               const NetworkModel &network) {
  Mapping mapping;
  for (const analysis::Population &population : network.populations)
    mapping.tiles.emplace_back(population.shape.size());
  LogicalResult result = success();
  for (chip::TilesOp tiles : op.getBody().getOps<chip::TilesOp>()) {
    std::optional<unsigned> index = network.find(tiles.getPopulation());
    if (!index) {
      result = emitRuleError(tiles, "tiles-population")
               << "network '" << network.name << "' has no population '"
               << tiles.getPopulation() << "'";
      continue;
    }
    const analysis::Population &population = network.populations[*index];
    if (tiles.getShape() != ArrayRef<int64_t>(population.shape)) {
      result = emitRuleError(tiles, "tiles-table")
               << "is for shape [" << tiles.getShape() << "], but population '"
               << population.name << "' has shape ["
               << ArrayRef<int64_t>(population.shape) << "]";
      continue;
    }
    SmallVector<int32_t, 0> rows = tiles.readTable();
    mapping.tiles[*index].setData(
        std::vector<int32_t>(rows.begin(), rows.end()));
  }
  if (failed(result))
    return failure();
  return mapping;
}

void updateMapping(chip::MappingOp op, const Problem &problem,
                   const Mapping &mapping) {
  for (chip::TilesOp tiles :
       llvm::make_early_inc_range(op.getBody().getOps<chip::TilesOp>()))
    tiles.erase();
  auto builder = mlir::OpBuilder::atBlockEnd(&op.getBody().front());
  auto i32 = builder.getI32Type();
  for (auto [i, table] : llvm::enumerate(mapping.tiles)) {
    if (table.empty())
      continue;
    const analysis::Population &population = problem.network.populations[i];
    auto type = RankedTensorType::get(
        {int64_t(table.size()), int64_t(table.width())}, i32);
    const std::vector<int32_t> &rows = table.data();
    ElementsAttr elements =
        makeElements(type,
                     ArrayRef<char>(reinterpret_cast<const char *>(rows.data()),
                                    rows.size() * sizeof(int32_t)),
                     "tiles_" + population.name, /*inlineBytes=*/1 << 14);
    chip::TilesOp::create(builder, op.getLoc(), population.name,
                          ArrayRef<int64_t>(population.shape), elements);
  }
}

chip::MappingOp writeMapping(mlir::OpBuilder &builder, Location loc,
                             StringRef name, StringRef network,
                             StringRef target, const Problem &problem,
                             const Mapping &mapping) {
  mlir::OperationState state(loc, chip::MappingOp::getOperationName());
  state.addAttribute("sym_name", builder.getStringAttr(name));
  state.addAttribute("network",
                     FlatSymbolRefAttr::get(builder.getContext(), network));
  state.addAttribute("target",
                     FlatSymbolRefAttr::get(builder.getContext(), target));
  state.addRegion()->emplaceBlock();
  auto op = cast<chip::MappingOp>(builder.create(state));
  if (problem.hardware.chips > 1)
    op.setChips(problem.hardware.chips);
  updateMapping(op, problem, mapping);
  return op;
}

//===----------------------------------------------------------------------===//
// Diagnostics
//===----------------------------------------------------------------------===//

/// The op of a target that states a limit.
static Operation *findLimit(chip::TargetOp target, StringRef limit) {
  Operation *found = nullptr;
  if (!target || limit.empty())
    return nullptr;
  target->walk([&](Operation *op) {
    if (auto fact = dyn_cast<chip::LimitOp>(op);
        fact && fact.getName() == limit)
      found = found ? found : op;
    else if (auto set = dyn_cast<chip::SetOp>(op);
             set && set.getName() == limit)
      found = found ? found : op;
  });
  return found;
}

void reportViolations(ArrayRef<Violation> violations, spike::NetworkOp network,
                      chip::TargetOp target) {
  // One error per rule and population: the worst, and how many more.
  std::vector<std::pair<const Violation *, size_t>> worst;
  for (const Violation &v : violations) {
    auto it = llvm::find_if(worst, [&](const auto &entry) {
      return entry.first->rule == v.rule &&
             entry.first->population == v.population &&
             entry.first->what == v.what;
    });
    if (it == worst.end()) {
      worst.emplace_back(&v, 0);
      continue;
    }
    ++it->second;
    if (v.required - v.available > it->first->required - it->first->available)
      it->first = &v;
  }
  for (auto [v, more] : worst) {
    Location loc = network.getLoc();
    if (spike::PopulationOpInterface population =
            network.lookupPopulation(v->population))
      loc = population->getLoc();
    // A diagnostic keeps the rule by reference until it is reported.
    auto diag = emitRuleError(loc, v->rule);
    diag << describe(*v);
    if (more > 0)
      diag << " (and " << uint64_t(more) << " more alike)";
    if (Operation *limit = findLimit(target, v->limit))
      diag.attachNote(limit->getLoc())
          << "'" << v->limit << "' of target '" << target.getSymName()
          << "' is stated here";
    else if (v->rule == "core-count" && target)
      for (chip::CoreOp core : target.getBody().getOps<chip::CoreOp>())
        diag.attachNote(core.getLoc())
            << "target '" << target.getSymName() << "' has " << core.getCount()
            << " cores of kind '" << core.getSymName() << "' per chip";
  }
}

} // namespace nmc::mapping
