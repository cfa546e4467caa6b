//===- ChipRoute.cpp - Proof and figures of a mapping ---------------------===//

#include "MappingPasses.h"

#include "nmc/Support/Rule.h"
#include "nmc/Transforms/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Remarks.h"

#include <cmath>

namespace nmc {
#define GEN_PASS_DEF_CHIPROUTEPASS
#include "nmc/Transforms/Passes.h.inc"
} // namespace nmc

using namespace nmc;

static std::string nameOf(const mapping::Link &link) {
  return std::to_string(link.from.x) + "," + std::to_string(link.from.y) + " " +
         mapping::stringify(link.direction);
}

/// The figures as a dictionary; what is not known is left out.
static DictionaryAttr toAttribute(mlir::Builder &builder,
                                  const mapping::Metrics &m) {
  SmallVector<NamedAttribute> entries;
  auto add = [&](StringRef name, Attribute value) {
    entries.push_back(builder.getNamedAttr(name, value));
  };
  auto count = [&](StringRef name, int64_t value) {
    add(name, builder.getI64IntegerAttr(value));
  };
  // Whole numbers as integers: large ones would print as bits otherwise.
  auto number = [&](StringRef name, double value) {
    if (value == std::floor(value) && std::abs(value) < 9e15)
      return count(name, int64_t(value));
    add(name, builder.getF64FloatAttr(value));
  };
  count("cores", m.cores);
  count("chips", m.chips);
  count("routers", m.routers);
  add("events",
      builder.getStringAttr(m.hasRates ? "per step" : "one per neuron"));
  number("remote_deliveries", m.remoteDeliveries);
  number("local_deliveries", m.localDeliveries);
  number("self_deliveries", m.selfDeliveries);
  number("external_deliveries", m.externalDeliveries);
  number("chip_deliveries", m.chipDeliveries);
  number("weighted_hops", m.weightedHops);
  number("multicast_hops", m.multicastHops);
  number("largest_unicast_load", m.largestUnicastLoad);
  number("largest_multicast_load", m.largestMulticastLoad);
  if (m.largestUnicastLink)
    add("largest_unicast_link",
        builder.getStringAttr(nameOf(*m.largestUnicastLink)));
  if (m.largestMulticastLink)
    add("largest_multicast_link",
        builder.getStringAttr(nameOf(*m.largestMulticastLink)));
  number("ring_bound", m.ringBound);
  if (m.gap)
    number("ring_gap_percent", *m.gap);
  for (const mapping::Fill &fill : m.fill) {
    number("largest_" + fill.resource, fill.largest);
    if (fill.cap && *fill.cap > 0)
      number("fill_" + fill.resource, fill.largest / *fill.cap);
  }
  return builder.getDictionaryAttr(entries);
}

namespace {
struct ChipRoute : impl::ChipRoutePassBase<ChipRoute> {
  using ChipRoutePassBase::ChipRoutePassBase;

  void runOnOperation() override {
    std::string file = activity;
    for (auto op : getOperation().getOps<chip::MappingOp>())
      if (failed(route(op, file)))
        return signalPassFailure();
  }

  static LogicalResult route(chip::MappingOp op, StringRef activity) {
    FailureOr<MappingTask> task = gatherTask(op, activity);
    if (failed(task))
      return failure();
    FailureOr<mapping::Mapping> mapping =
        mapping::readMapping(op, task->problem.network);
    if (failed(mapping))
      return failure();
    std::vector<mapping::Violation> violations =
        mapping::verify(task->problem, *mapping);
    if (!violations.empty()) {
      mapping::reportViolations(violations, task->network, task->target);
      return failure();
    }
    mapping::Metrics metrics = mapping::computeMetrics(task->problem, *mapping);
    mlir::Builder builder(op.getContext());
    op->setAttr("metrics", toAttribute(builder, metrics));
    namespace remark = mlir::remark;
    remark::analysis(op.getLoc(), remark::RemarkOpts::name("Traffic")
                                      .category("nmc-mapping")
                                      .function(op.getSymName()))
        << remark::add("mapping is legal")
        << remark::metric("cores", metrics.cores)
        << remark::metric("remote deliveries", metrics.remoteDeliveries)
        << remark::metric("weighted hops", metrics.weightedHops)
        << remark::metric("ring bound", metrics.ringBound);
    return success();
  }
};
} // namespace
