//===- OnnxOps.td - Ops that carry an ONNX graph --------------*- tablegen -*-===//
#ifndef NMC_DIALECTS_ONNX_ONNXOPS_TD
#define NMC_DIALECTS_ONNX_ONNXOPS_TD

include "dialects/Onnx/OnnxTypes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Onnx_NodeOp : Onnx_Op<"node"> {
  let summary = "one node of an ONNX graph";
  let description = [{
    Holds the operator's domain and type, the version of the domain's operator set
    that is in force (an operator then means what its largest since-version not
    above it says), operands, results, and in `params` the attributes as the file
    gives them:

    | ONNX | here |
    |---|---|
    | int, float, string | `i64`, `f32`, string attribute |
    | ints, floats | `array<i64: ...>`, `array<f32: ...>` |
    | strings | array of string attributes |
    | tensor | elements attribute |

    Graphs, types and sparse tensors as attributes are refused by the importer.
    An optional input that is absent before one that is present is an `onnx.none`;
    absent trailing inputs are left out. The node's name is its location:
    `loc("Conv_7"("kws.onnx":8:0))`, where the number is the position in the file,
    from 1.

    The op has no declared effects: a carrier does not know whether the operator
    draws random numbers, so that equal nodes are not merged.

    Rules: `onnx-node` (operator type is not empty, version is positive, `none`
    comes only from `onnx.none` and is not a result), `blob-size` for tensors among
    the attributes.

    ```mlir
    %0 = onnx.node "Relu" version 13(%x) : (tensor<1x8xf32>) -> tensor<1x8xf32>
    %1 = onnx.node "FusedMatMul" version 1 domain "com.microsoft"(%0, %w)
        with {alpha = 0.5 : f32} : (tensor<1x8xf32>, tensor<8x4xf32>) -> !onnx.unknown
    ```
  }];
  let arguments = (ins
    StrAttr:$op_type,
    ConfinedAttr<I64Attr, [IntPositive]>:$version,
    DefaultValuedStrAttr<StrAttr, "ai.onnx">:$domain,
    Variadic<Onnx_Value>:$inputs,
    DefaultValuedAttr<DictionaryAttr, "{}">:$params);
  let results = (outs Variadic<Onnx_Value>:$outputs);
  let assemblyFormat = [{
    $op_type `version` $version (`domain` $domain^)? `(` $inputs `)`
    (`with` $params^)? attr-dict `:` functional-type($inputs, $outputs)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Attribute `name` of the node; null where the file does not give it.
    ::mlir::Attribute getParam(::llvm::StringRef name) {
      return getParams().get(name);
    }
    /// Whether input `index` is given.
    bool hasInput(unsigned index) {
      return index < getInputs().size() &&
             !::llvm::isa<::mlir::NoneType>(getInputs()[index].getType());
    }
    /// `Conv`, or `com.microsoft.FusedConv` outside the default domain.
    ::std::string getQualifiedType();
  }];
}

def Onnx_ConstantOp : Onnx_Op<"constant", [
    ConstantLike, Pure, AllTypesMatch<["value", "output"]>]> {
  let summary = "an initialiser";
  let description = [{
    A tensor that the file holds. Small ones are `dense`, large ones
    `dense_resource` named after the initialiser, whose bytes are never copied.
    The initialiser's name is the op's location.

    Rules: `blob-size`, and `onnx-constant` (the attribute is dense).

    ```mlir
    %shape = onnx.constant dense<[1, -1]> : tensor<2xi64>
    %weight = onnx.constant dense_resource<conv1.weight> : tensor<64x32x3x3xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyStaticShapeTensor:$output);
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value), [{
    build($_builder, $_state, value.getType(), value);
  }]>];
  let assemblyFormat = "$value attr-dict";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Onnx_NoneOp : Onnx_Op<"none", [Pure]> {
  let summary = "stands for an optional input that is absent";
  let description = [{
    ONNX leaves an optional input out by an empty name, possibly before inputs that
    are given: `Clip(x, "", max)`.

    ```mlir
    %none = onnx.none
    %0 = onnx.node "Clip" version 13(%x, %none, %max)
        : (tensor<4xf32>, none, tensor<f32>) -> tensor<4xf32>
    ```
  }];
  let results = (outs NoneType:$output);
  let assemblyFormat = "attr-dict";
}

#endif // NMC_DIALECTS_ONNX_ONNXOPS_TD
