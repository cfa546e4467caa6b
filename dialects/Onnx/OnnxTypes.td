//===- OnnxTypes.td - The type of values whose type is not stated -*- tablegen -*-===//
#ifndef NMC_DIALECTS_ONNX_ONNXTYPES_TD
#define NMC_DIALECTS_ONNX_ONNXTYPES_TD

include "dialects/Onnx/OnnxDialect.td"
include "mlir/IR/AttrTypeBase.td"

def Onnx_UnknownType : TypeDef<Onnx_Dialect, "Unknown"> {
  let mnemonic = "unknown";
  let summary = "a value whose type the model does not state";
  let description = [{
    ONNX files need not state the types of values inside a graph. They follow from
    the operators and are worked out by `convert-onnx-to-tosa`.
  }];
}

/// What an operand or result of a node may be.
def Onnx_Value : AnyTypeOf<[AnyRankedTensor, Onnx_UnknownType, NoneType],
                           "tensor, !onnx.unknown or none">;

#endif // NMC_DIALECTS_ONNX_ONNXTYPES_TD
