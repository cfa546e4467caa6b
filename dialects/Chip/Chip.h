//===- Chip.h - The hardware level of nmc -----------------------*- C++ -*-===//
#ifndef NMC_DIALECTS_CHIP_CHIP_H
#define NMC_DIALECTS_CHIP_CHIP_H

#include "nmc/Support/LLVM.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Chip/ChipDialect.h.inc"
#include "dialects/Chip/ChipEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Chip/ChipAttributes.h.inc"

#define GET_OP_CLASSES
#include "dialects/Chip/ChipOps.h.inc"

#endif // NMC_DIALECTS_CHIP_CHIP_H
