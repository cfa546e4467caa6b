//===- SpikeTypes.cpp - Streams and currents ------------------------------===//

#include "dialects/Spike/Spike.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace nmc;
using namespace nmc::spike;

#define GET_TYPEDEF_CLASSES
#include "dialects/Spike/SpikeTypes.cpp.inc"

void SpikeDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Spike/SpikeTypes.cpp.inc"
      >();
}

/// `<` dims `x` element-type `>`, as in <16x26x26xi1>.
template <typename TypeT> static Type parseShaped(mlir::AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(elementType) || parser.parseGreater())
    return {};
  return parser.getChecked<TypeT>(parser.getContext(), shape, elementType);
}

static void printShaped(mlir::AsmPrinter &printer, ArrayRef<int64_t> shape,
                        Type elementType) {
  printer << "<";
  for (int64_t dim : shape)
    printer << dim << "x";
  printer << elementType << ">";
}

Type StreamType::parse(mlir::AsmParser &parser) {
  return parseShaped<StreamType>(parser);
}
void StreamType::print(mlir::AsmPrinter &printer) const {
  printShaped(printer, getShape(), getElementType());
}
Type CurrentType::parse(mlir::AsmParser &parser) {
  return parseShaped<CurrentType>(parser);
}
void CurrentType::print(mlir::AsmPrinter &printer) const {
  printShaped(printer, getShape(), getElementType());
}

ShapedType StreamType::cloneWith(std::optional<ArrayRef<int64_t>> shape,
                                 Type elementType) const {
  return StreamType::get(getContext(), shape.value_or(getShape()), elementType);
}
ShapedType CurrentType::cloneWith(std::optional<ArrayRef<int64_t>> shape,
                                  Type elementType) const {
  return CurrentType::get(getContext(), shape.value_or(getShape()),
                          elementType);
}

/// Rules `stream-shape` and `current-shape`.
static LogicalResult verifyShape(function_ref<InFlightDiagnostic()> emitError,
                                 StringRef rule, ArrayRef<int64_t> shape) {
  int64_t elements = 1;
  for (int64_t dim : shape) {
    if (dim < 1)
      return emitError() << "extent " << dim << " is not positive [" << rule
                         << "]";
    if (dim > kMaxElements || (elements *= dim) > kMaxElements)
      return emitError() << "element count exceeds 2^40, the most that a value "
                            "may have ["
                         << rule << "]";
  }
  return success();
}

LogicalResult StreamType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> shape, Type elementType) {
  if (failed(verifyShape(emitError, "stream-shape", shape)))
    return failure();
  auto integer = dyn_cast<IntegerType>(elementType);
  if (integer && (integer.isSignless() ? integer.getWidth() == 1
                                       : integer.getWidth() <= 32))
    return success();
  if (isa<FloatType, mlir::quant::UniformQuantizedType>(elementType))
    return success();
  return emitError() << elementType
                     << " is not a payload; expected i1, uiN or siN (N <= 32), "
                        "!quant.uniform or a float type [stream-element]";
}

LogicalResult CurrentType::verify(function_ref<InFlightDiagnostic()> emitError,
                                  ArrayRef<int64_t> shape, Type elementType) {
  if (failed(verifyShape(emitError, "current-shape", shape)))
    return failure();
  auto integer = dyn_cast<IntegerType>(elementType);
  if ((integer && integer.isSignless() && integer.getWidth() <= 64) ||
      isa<FloatType>(elementType))
    return success();
  auto quantised = dyn_cast<mlir::quant::UniformQuantizedType>(elementType);
  if (quantised && quantised.isSigned())
    return success();
  return emitError()
         << elementType
         << " is not an accumulator; expected iN (N <= 64), a "
            "signed !quant.uniform or a float type [current-element]";
}

ArrayRef<int64_t> spike::getShape(Value value) {
  return cast<ShapedType>(value.getType()).getShape();
}
Type spike::getElementType(Value value) {
  return cast<ShapedType>(value.getType()).getElementType();
}
int64_t spike::getNumElements(Value value) {
  return cast<ShapedType>(value.getType()).getNumElements();
}
