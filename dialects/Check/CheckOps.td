//===- CheckOps.td - Expectations in executor tests -----------*- tablegen -*-===//
#ifndef NMC_DIALECTS_CHECK_CHECKOPS_TD
#define NMC_DIALECTS_CHECK_CHECKOPS_TD

include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/OpBase.td"

def Check_Dialect : Dialect {
  let name = "check";
  let cppNamespace = "::nmc::check";
  let summary = "expectations that the executor checks, for tests only";
  let description = [{
    A test states a function that runs a network and expects values; `nmc-opt
    --spike-interpret` executes it and reports every expectation that fails as an
    error at the op.
  }];
}

class Check_Op<string opMnemonic, list<Trait> traits = []>
    : Op<Check_Dialect, opMnemonic, traits>;

def Check_ExpectEqOp : Check_Op<"expect_eq"> {
  let summary = "expects exactly these values";
  let description = [{
    Compares a decoded tensor with a constant, element by element, exactly. Rules:
    `check-shape` (the constant has the tensor's shape), `blob-size`.

    ```mlir
    check.expect_eq %counts, dense<[1, 0, 2]> : tensor<3xi32> : tensor<3xi32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$actual, ElementsAttr:$expected);
  let assemblyFormat = "$actual `,` $expected attr-dict `:` type($actual)";
  let hasVerifier = 1;
}

def Check_ExpectCloseOp : Check_Op<"expect_close"> {
  let summary = "expects these values within a tolerance";
  let arguments = (ins AnyRankedTensor:$actual, ElementsAttr:$expected,
                       F64Attr:$tolerance);
  let description = [{
    |actual − expected| ≤ tolerance, element by element; NaN never passes.
    Rules: `check-shape`, `check-tolerance` (not negative), `blob-size`.

    ```mlir
    check.expect_close %v, dense<0.5> : tensor<4xf32> within 1.0e-6 : tensor<4xf32>
    ```
  }];
  let assemblyFormat = "$actual `,` $expected `within` $tolerance attr-dict `:` type($actual)";
  let hasVerifier = 1;
}

def Check_ExpectSpikesOp : Check_Op<"expect_spikes"> {
  let summary = "expects this many events of a population in a run";
  let description = [{
    `counts` holds one number per neuron, C-major, summed over the steps of the
    last `spike.run` of that network in the function. The population need not be
    among the network's results.

    ```mlir
    check.expect_spikes @net, @hidden, [0, 3, 1]
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$network, FlatSymbolRefAttr:$population,
                       DenseI64ArrayAttr:$counts);
  let assemblyFormat = "$network `,` $population `,` $counts attr-dict";
}

#endif // NMC_DIALECTS_CHECK_CHECKOPS_TD
