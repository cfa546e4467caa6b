//===- CheckDialect.cpp - Expectations in executor tests ------------------===//

#include "dialects/Check/Check.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace nmc;
using namespace nmc::check;

#include "dialects/Check/CheckDialect.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/Check/CheckOps.cpp.inc"

void CheckDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/Check/CheckOps.cpp.inc"
      >();
}

/// Rules `check-shape` and `blob-size`.
template <typename OpT> static LogicalResult verifyExpected(OpT op) {
  if (failed(verifyBlob(op, op.getExpected())))
    return failure();
  auto actual = cast<RankedTensorType>(op.getActual().getType());
  if (actual.getShape() != op.getExpected().getShapedType().getShape())
    return emitRuleError(op, "check-shape")
           << "expects values of " << op.getExpected().getShapedType()
           << ", but gets " << actual;
  return success();
}

LogicalResult ExpectEqOp::verify() { return verifyExpected(*this); }

LogicalResult ExpectCloseOp::verify() {
  // Written so that NaN fails.
  if (!(getTolerance().convertToDouble() >= 0))
    return emitRuleError(*this, "check-tolerance")
           << "tolerance is " << getTolerance().convertToDouble()
           << ", but must not be negative";
  return verifyExpected(*this);
}
