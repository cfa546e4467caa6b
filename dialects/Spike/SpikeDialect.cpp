//===- SpikeDialect.cpp - The event level of nmc --------------------------===//

#include "dialects/Spike/Spike.h"
#include "nmc/Support/Rule.h"

#include "mlir/Dialect/Quant/IR/Quant.h"

using namespace nmc;
using namespace nmc::spike;

#include "dialects/Spike/SpikeDialect.cpp.inc"
#include "dialects/Spike/SpikeEnums.cpp.inc"

void SpikeDialect::initialize() {
  registerTypes();
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "dialects/Spike/SpikeOps.cpp.inc"
      >();
}

LogicalResult SpikeDialect::verifyOperationAttribute(Operation *op,
                                                     NamedAttribute attr) {
  if (attr.getName() == kRangeAttrName) {
    if (!isa<RangeAttr>(attr.getValue()))
      return emitRuleError(op, "range-attr")
             << "'" << kRangeAttrName << "' must be a #spike.range";
    if (!isa<PopulationOpInterface>(op))
      return emitRuleError(op, "range-attr")
             << "'" << kRangeAttrName << "' belongs on a population";
    return success();
  }
  if (attr.getName() == kEventValueAttrName) {
    auto value = dyn_cast<FloatAttr>(attr.getValue());
    if (value && value.getValue().isFinite() && !value.getValue().isNegative())
      return success();
    return emitRuleError(op, "range-attr")
           << "'" << kEventValueAttrName << "' must be a finite number that is not negative";
  }
  // Other discardable attributes in our name space would be dropped unread.
  return emitRuleError(op, "unknown-attr")
         << "unknown attribute '" << attr.getName().getValue()
         << "' of the spike dialect";
}
