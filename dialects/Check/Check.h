//===- Check.h - Expectations in executor tests -----------------*- C++ -*-===//
#ifndef NMC_DIALECTS_CHECK_CHECK_H
#define NMC_DIALECTS_CHECK_CHECK_H

#include "nmc/Support/LLVM.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"

#include "dialects/Check/CheckDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/Check/CheckOps.h.inc"

#endif // NMC_DIALECTS_CHECK_CHECK_H
