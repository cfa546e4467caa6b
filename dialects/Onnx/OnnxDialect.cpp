//===- OnnxDialect.cpp - A carrier for ONNX graphs ------------------------===//

#include "dialects/Onnx/OnnxDialect.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include "dialects/Onnx/OnnxDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Onnx/OnnxTypes.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/Onnx/OnnxOps.cpp.inc"

using namespace nmc;
using namespace nmc::onnx;

void OnnxDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Onnx/OnnxTypes.cpp.inc"
      >();
}

void OnnxDialect::initialize() {
  registerTypes();
  addOperations<
#define GET_OP_LIST
#include "dialects/Onnx/OnnxOps.cpp.inc"
      >();
}

Operation *OnnxDialect::materializeConstant(mlir::OpBuilder &builder,
                                            Attribute value, Type type,
                                            Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}

//===----------------------------------------------------------------------===//
// Discardable attributes
//===----------------------------------------------------------------------===//

LogicalResult OnnxDialect::verifyOperationAttribute(Operation *op,
                                                    NamedAttribute attribute) {
  StringRef name = attribute.getName();
  Attribute value = attribute.getValue();
  if (!isa<mlir::func::FuncOp>(op))
    return emitRuleError(op, "onnx-model")
           << "attribute '" << name << "' belongs on a func.func";
  if (name == kIrVersionAttrName) {
    auto version = dyn_cast<IntegerAttr>(value);
    if (!version || !version.getType().isSignlessInteger(64) ||
        version.getInt() < 1)
      return emitRuleError(op, "onnx-model")
             << "attribute '" << name << "' is " << value
             << ", but must be a positive i64";
    return success();
  }
  if (name == kGraphAttrName || name == kProducerAttrName) {
    if (!isa<StringAttr>(value))
      return emitRuleError(op, "onnx-model")
             << "attribute '" << name << "' is " << value
             << ", but must be a string";
    return success();
  }
  if (name == kOpsetsAttrName) {
    auto opsets = dyn_cast<DictionaryAttr>(value);
    if (!opsets)
      return emitRuleError(op, "onnx-model")
             << "attribute '" << name << "' is " << value
             << ", but must be a dictionary from domain to i64";
    for (NamedAttribute opset : opsets) {
      auto version = dyn_cast<IntegerAttr>(opset.getValue());
      if (!version || !version.getType().isSignlessInteger(64) ||
          version.getInt() < 1)
        return emitRuleError(op, "onnx-model")
               << "operator set '" << opset.getName().getValue()
               << "' has version " << opset.getValue()
               << ", but must have a positive i64";
    }
    return success();
  }
  return emitRuleError(op, "onnx-model")
         << "attribute '" << name << "' is not one of the onnx dialect";
}

static LogicalResult verifyPortAttribute(Operation *op,
                                         NamedAttribute attribute) {
  if (attribute.getName() != OnnxDialect::kNameAttrName ||
      !isa<StringAttr>(attribute.getValue()))
    return emitRuleError(op, "onnx-model")
           << "attribute '" << attribute.getName().getValue()
           << "' of an argument or result must be '"
           << OnnxDialect::kNameAttrName << "' with a string";
  return success();
}

LogicalResult OnnxDialect::verifyRegionArgAttribute(Operation *op,
                                                    unsigned regionIndex,
                                                    unsigned argIndex,
                                                    NamedAttribute attribute) {
  return verifyPortAttribute(op, attribute);
}

LogicalResult
OnnxDialect::verifyRegionResultAttribute(Operation *op, unsigned regionIndex,
                                         unsigned resultIndex,
                                         NamedAttribute attribute) {
  return verifyPortAttribute(op, attribute);
}

//===----------------------------------------------------------------------===//
// NodeOp
//===----------------------------------------------------------------------===//

std::string NodeOp::getQualifiedType() {
  if (getDomain() == OnnxDialect::kDefaultDomain)
    return getOpType().str();
  return (getDomain() + "." + getOpType()).str();
}

LogicalResult NodeOp::verify() {
  if (getOpType().empty())
    return emitRuleError(*this, "onnx-node") << "has an empty operator type";
  if (getDomain().empty())
    return emitRuleError(*this, "onnx-node")
           << "has an empty domain; the default domain is '"
           << OnnxDialect::kDefaultDomain << "'";
  for (auto [i, input] : llvm::enumerate(getInputs()))
    if (isa<mlir::NoneType>(input.getType()) && !input.getDefiningOp<NoneOp>())
      return emitRuleError(*this, "onnx-node")
             << "input " << i
             << " is 'none', but does not come from an onnx.none";
  for (auto [i, output] : llvm::enumerate(getOutputs()))
    if (isa<mlir::NoneType>(output.getType()))
      return emitRuleError(*this, "onnx-node")
             << "output " << i << " has type 'none'";
  for (NamedAttribute param : getParams())
    if (failed(verifyBlob(*this, param.getValue())))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// ConstantOp
//===----------------------------------------------------------------------===//

LogicalResult ConstantOp::verify() {
  if (!isa<DenseElementsAttr, DenseResourceElementsAttr>(getValue()))
    return emitRuleError(*this, "onnx-constant")
           << "holds an elements attribute that is neither 'dense' nor "
              "'dense_resource'";
  return verifyBlob(*this, getValue());
}

mlir::OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }
