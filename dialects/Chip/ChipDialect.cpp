//===- ChipDialect.cpp - The hardware level of nmc ------------------------===//

#include "dialects/Chip/Chip.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace nmc;
using namespace nmc::chip;

#include "dialects/Chip/ChipDialect.cpp.inc"
#include "dialects/Chip/ChipEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Chip/ChipAttributes.cpp.inc"

void ChipDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Chip/ChipAttributes.cpp.inc"
      >();
}

void ChipDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "dialects/Chip/ChipOps.cpp.inc"
      >();
}
