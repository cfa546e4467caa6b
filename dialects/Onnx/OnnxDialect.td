//===- OnnxDialect.td - A carrier for ONNX graphs -------------*- tablegen -*-===//
#ifndef NMC_DIALECTS_ONNX_ONNXDIALECT_TD
#define NMC_DIALECTS_ONNX_ONNXDIALECT_TD

include "mlir/IR/OpBase.td"

def Onnx_Dialect : Dialect {
  let name = "onnx";
  let cppNamespace = "::nmc::onnx";
  let summary = "ONNX graphs, carried without being understood";
  let description = [{
    The dialect carries an ONNX graph from the file to `convert-onnx-to-tosa`, and
    nothing more: one generic op, `onnx.node`, holds what the file says about a
    node. ONNX has some 200 operators in up to ten versions each; what one of them
    means is known by one row of the table of `convert-onnx-to-tosa`, not here.
    The dialect knows structure: values are defined once and before they are used
    (the importer sorts), constants have the bytes of their type.

    A graph is a `func.func` whose body holds onnx ops. What the file says of
    the model stands in discardable attributes of that function, and is checked by
    this dialect (rule `onnx-model`):

    | attribute | on | holds |
    |---|---|---|
    | `onnx.ir_version` | function | i64, version of the file format |
    | `onnx.opsets` | function | dictionary domain → i64; the default domain is `ai.onnx` |
    | `onnx.graph` | function | string, name of the graph |
    | `onnx.producer` | function | string, name and version of the tool that wrote the file |
    | `onnx.name` | arguments and results | string, name of the graph's input or output |

    `convert-onnx-to-tosa` keeps the function and these attributes, so that names
    of inputs and outputs reach the reports.

    ```mlir
    func.func @main(%image: tensor<1x1x8x8xf32> {onnx.name = "image"})
        -> (tensor<1x1x8x8xf32> {onnx.name = "out"})
        attributes {onnx.ir_version = 8 : i64, onnx.opsets = {ai.onnx = 17 : i64}} {
      %weight = onnx.constant dense<1.0> : tensor<1x1x1x1xf32>
      %bias = onnx.none
      %0 = onnx.node "Conv" version 17(%image, %weight, %bias)
          with {kernel_shape = array<i64: 1, 1>}
          : (tensor<1x1x8x8xf32>, tensor<1x1x1x1xf32>, none) -> !onnx.unknown
      %1 = onnx.node "Relu" version 17(%0) : (!onnx.unknown) -> tensor<1x1x8x8xf32>
      return %1 : tensor<1x1x8x8xf32>
    }
    ```

    Types are `tensor<...>` where the file states them and `!onnx.unknown` where it
    does not. Signed ONNX integers are signless (`i8`), unsigned ones `ui8`, as in
    TOSA; 4-bit types take a byte per element.
  }];
  let useDefaultTypePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::mlir::func::FuncDialect"];
  let extraClassDeclaration = [{
    static constexpr ::llvm::StringLiteral kIrVersionAttrName = "onnx.ir_version";
    static constexpr ::llvm::StringLiteral kOpsetsAttrName = "onnx.opsets";
    static constexpr ::llvm::StringLiteral kGraphAttrName = "onnx.graph";
    static constexpr ::llvm::StringLiteral kProducerAttrName = "onnx.producer";
    /// On arguments and results of the function.
    static constexpr ::llvm::StringLiteral kNameAttrName = "onnx.name";
    /// How ONNX's default domain is written everywhere in nmc.
    static constexpr ::llvm::StringLiteral kDefaultDomain = "ai.onnx";
    void registerTypes();
  }];
}

class Onnx_Op<string mnemonic, list<Trait> traits = []>
    : Op<Onnx_Dialect, mnemonic, traits>;

#endif // NMC_DIALECTS_ONNX_ONNXDIALECT_TD
