//===- LLVM.h - Names of LLVM and MLIR used everywhere in nmc -------------===//
//
// Brings the everyday names into namespace nmc, so that no header of ours needs
// a using directive.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_SUPPORT_LLVM_H
#define NMC_SUPPORT_LLVM_H

#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"
#include "mlir/Support/LLVM.h"

namespace nmc {
// llvm, as re-exported by mlir/Support/LLVM.h.
using mlir::ArrayRef;
using mlir::cast;
using mlir::cast_if_present;
using mlir::cast_or_null;
using mlir::DenseMap;
using mlir::DenseSet;
using mlir::dyn_cast;
using mlir::dyn_cast_if_present;
using mlir::dyn_cast_or_null;
using mlir::failed;
using mlir::failure;
using mlir::FailureOr;
using mlir::function_ref;
using mlir::isa;
using mlir::isa_and_present;
using mlir::LogicalResult;
using mlir::MutableArrayRef;
using mlir::raw_ostream;
using mlir::SetVector;
using mlir::SmallPtrSet;
using mlir::SmallVector;
using mlir::SmallVectorImpl;
using mlir::StringLiteral;
using mlir::StringRef;
using mlir::succeeded;
using mlir::success;
using mlir::Twine;

// mlir
using mlir::ArrayAttr;
using mlir::Attribute;
using mlir::Block;
using mlir::BoolAttr;
using mlir::DenseElementsAttr;
using mlir::DenseI64ArrayAttr;
using mlir::DenseResourceElementsAttr;
using mlir::Diagnostic;
using mlir::DictionaryAttr;
using mlir::ElementsAttr;
using mlir::FlatSymbolRefAttr;
using mlir::FloatAttr;
using mlir::FloatType;
using mlir::FunctionType;
using mlir::InFlightDiagnostic;
using mlir::IntegerAttr;
using mlir::IntegerType;
using mlir::Location;
using mlir::MLIRContext;
using mlir::ModuleOp;
using mlir::NamedAttribute;
using mlir::Operation;
using mlir::OpOperand;
using mlir::OwningOpRef;
using mlir::RankedTensorType;
using mlir::Region;
using mlir::ShapedType;
using mlir::StringAttr;
using mlir::SymbolRefAttr;
using mlir::Type;
using mlir::TypeAttr;
using mlir::UnitAttr;
using mlir::Value;
using mlir::ValueRange;
} // namespace nmc

#endif // NMC_SUPPORT_LLVM_H
