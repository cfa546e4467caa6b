//===- OnnxDialect.h - A carrier for ONNX graphs --------------------------===//
#ifndef NMC_DIALECTS_ONNX_ONNXDIALECT_H
#define NMC_DIALECTS_ONNX_ONNXDIALECT_H

#include "nmc/Support/LLVM.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Dialect.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Onnx/OnnxDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Onnx/OnnxTypes.h.inc"

#define GET_OP_CLASSES
#include "dialects/Onnx/OnnxOps.h.inc"

#endif // NMC_DIALECTS_ONNX_ONNXDIALECT_H
