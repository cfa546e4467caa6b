//===- ChipOps.td - Targets and mappings ----------------------*- tablegen -*-===//
#ifndef NMC_DIALECTS_CHIP_CHIPOPS_TD
#define NMC_DIALECTS_CHIP_CHIPOPS_TD

include "dialects/Chip/ChipDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===----------------------------------------------------------------------===//
// Enums
//===----------------------------------------------------------------------===//

class Chip_Enum<string name, string summary, list<EnumCase> cases>
    : I32Enum<name, summary, cases> {
  let cppNamespace = "::nmc::chip";
}

def Chip_CostKind : Chip_Enum<"CostKind", "what a cost value may be added to", [
  I32EnumCase<"Incremental", 0, "incremental">,
  I32EnumCase<"OperatingPoint", 1, "operating_point">,
  I32EnumCase<"Static", 2, "static">
]>;
def Chip_CostKindAttr : EnumAttr<Chip_Dialect, Chip_CostKind, "kind">;

def Chip_Provenance : Chip_Enum<"Provenance", "where a number comes from", [
  I32EnumCase<"Measured", 0, "measured">,
  I32EnumCase<"Fitted", 1, "fitted">,
  I32EnumCase<"Simulated", 2, "simulated">,
  I32EnumCase<"Published", 3, "published">,
  I32EnumCase<"VendorClaim", 4, "vendor_claim">,
  I32EnumCase<"Scaled", 5, "scaled">,
  I32EnumCase<"Estimated", 6, "estimated">,
  I32EnumCase<"Assumed", 7, "assumed">,
  I32EnumCase<"Recalled", 8, "recalled">
]>;
def Chip_ProvenanceAttr : EnumAttr<Chip_Dialect, Chip_Provenance, "provenance">;

def Chip_Severity : Chip_Enum<"Severity", "what a broken rule means", [
  I32EnumCase<"Error", 0, "error">,
  I32EnumCase<"Warning", 1, "warning">
]>;
def Chip_SeverityAttr : EnumAttr<Chip_Dialect, Chip_Severity, "severity">;

def Chip_Topology : Chip_Enum<"Topology", "shape of the network on chip", [
  I32EnumCase<"Mesh", 0, "mesh">,
  I32EnumCase<"Torus", 1, "torus">,
  I32EnumCase<"Bus", 2, "bus">,
  I32EnumCase<"None", 3, "none">
]>;
def Chip_TopologyAttr : EnumAttr<Chip_Dialect, Chip_Topology, "topology">;

def Chip_Routing : Chip_Enum<"Routing", "how a packet finds its way", [
  I32EnumCase<"XY", 0, "xy">,           // dimension order, x first, one packet per destination core
  I32EnumCase<"XYMulticast", 1, "xy_multicast">, // one packet, copied where XY routes part
  I32EnumCase<"Table", 2, "table">
]>;
def Chip_RoutingAttr : EnumAttr<Chip_Dialect, Chip_Routing, "routing">;

def Chip_InputKind : Chip_Enum<"InputKind", "whether inputs occupy cores", [
  I32EnumCase<"Relay", 0, "relay">,
  I32EnumCase<"Direct", 1, "direct">
]>;
def Chip_InputKindAttr : EnumAttr<Chip_Dialect, Chip_InputKind, "input">;

//===----------------------------------------------------------------------===//
// Target
//===----------------------------------------------------------------------===//

class Chip_Op<string opMnemonic, list<Trait> traits = []>
    : Op<Chip_Dialect, opMnemonic, traits>;

/// Ops that stand inside a target.
class Chip_FactOp<string opMnemonic, list<Trait> traits = []>
    : Chip_Op<opMnemonic, traits>;

def Chip_TargetOp : Chip_Op<"target", [IsolatedFromAbove, Symbol, SymbolTable, OpAsmOpInterface,
                                       NoTerminator, SingleBlock,
                                       NoRegionArguments]> {
  let summary = "one chip, under one cost profile";
  let description = [{
    `sha256` is that of the resolved description (inheritance and overrides
    applied), so that a mapping can be told from one for another target.
    `cost_profile` names the profile whose `chip.cost` ops are present.
    Rules: `target-core` (at least one `chip.core`), `target-fact` (a child is an op
    of this dialect, and no two state the same).
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
    OptionalAttr<StrAttr>:$description,
    OptionalAttr<StrAttr>:$sha256,
    OptionalAttr<StrAttr>:$cost_profile,
    OptionalAttr<StrAttr>:$execution_profile,
    OptionalAttr<StrArrayAttr>:$overrides);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    static ::llvm::StringRef getDefaultDialect() { return "chip"; }
  }];
}

def Chip_CoreOp : Chip_FactOp<"core", [Symbol, SymbolTable, OpAsmOpInterface, NoTerminator, SingleBlock,
                                       NoRegionArguments, HasParent<"TargetOp">]> {
  let summary = "a kind of core and how many of them a chip has";
  let description = [{
    The body lists the limits of one core of this kind. `models` names the
    population ops that it runs; `connections` the connection ops (absent: all).
    Rule `core-count`: 1 ≤ count ≤ 2^24.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$count,
    OptionalAttr<StrArrayAttr>:$models, OptionalAttr<StrArrayAttr>:$connections);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `count` $count attr-dict-with-keyword $body";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    static ::llvm::StringRef getDefaultDialect() { return "chip"; }
  }];
}

def Chip_LimitOp : Chip_FactOp<"limit", [ParentOneOf<["TargetOp", "CoreOp"]>]> {
  let summary = "a number that a mapping must not exceed";
  let description = [{
    `name` is that of a rule in the registry of limits (docs/reference/limits.md),
    `value` in SI units of `unit` ("1" for counts, "bit" for memory).
    Rule `limit-value`: finite and not negative.
  }];
  let arguments = (ins StrAttr:$name, F64Attr:$value, StrAttr:$unit,
                       OptionalAttr<StrAttr>:$source);
  let assemblyFormat = "$name custom<Real>($value) $unit attr-dict";
  let hasVerifier = 1;
}

def Chip_SetOp : Chip_FactOp<"set", [ParentOneOf<["TargetOp", "CoreOp"]>]> {
  let summary = "a property that is not a limit: a list or a word";
  let description = [{
    For example the weight widths that a core stores (`weight_bits [1, 2, 4, 8]`),
    the reset kinds of its neurons, its synapse formats, the payload of its events.
  }];
  let arguments = (ins StrAttr:$name, AnyAttr:$value);
  let assemblyFormat = "$name `=` $value attr-dict";
}

def Chip_LinkOp : Chip_FactOp<"link", [HasParent<"TargetOp">]> {
  let summary = "the network on chip, or the links between chips";
  let description = [{
    `extent` lists the grid of routers (x, y); `cores_per_router` how many cores
    share one. `scope` is "chip" or "board". Rule `link-extent`.
  }];
  let arguments = (ins StrAttr:$name, Chip_TopologyAttr:$topology,
    DenseI64ArrayAttr:$extent, Chip_RoutingAttr:$routing,
    DefaultValuedAttr<I64Attr, "1">:$cores_per_router,
    DefaultValuedAttr<StrAttr, "\"chip\"">:$scope);
  let assemblyFormat = "$name `` $topology $extent `` $routing attr-dict";
  let hasVerifier = 1;
}

def Chip_IoOp : Chip_FactOp<"io", [HasParent<"TargetOp">]> {
  let summary = "how data enter and leave";
  let description = [{
    `input relay`: every input element occupies a neuron of a core; `direct`: events
    are injected into the network on chip.
  }];
  let arguments = (ins StrAttr:$name, Chip_InputKindAttr:$input);
  let assemblyFormat = "$name `` $input attr-dict";
}

def Chip_RuleOp : Chip_FactOp<"rule", [HasParent<"TargetOp">]> {
  let summary = "a named design rule, possibly with parameters";
  let description = [{
    Rules that a number cannot state, by the name under which lib/Target knows them.
  }];
  let arguments = (ins StrAttr:$name, Chip_SeverityAttr:$severity,
    OptionalAttr<DictionaryAttr>:$parameters, OptionalAttr<StrAttr>:$note);
  let assemblyFormat = "$name `` $severity (`parameters` $parameters^)? attr-dict";
}

def Chip_CostOp : Chip_FactOp<"cost", [HasParent<"TargetOp">]> {
  let summary = "one cost value";
  let description = [{
    `value` with its range [`low`, `high`] (absent: not known), in SI units. `kind`
    says what it may be added to: an `operating_point` value is total power over
    events at one load and never added to other terms. `table` holds a step table
    (x0, y0, x1, y1, …) where the value depends on a count, such as a barrier on
    the tiles in use. Rules: `cost-value` (finite, not negative), `cost-range`
    (low ≤ value ≤ high).
  }];
  let arguments = (ins StrAttr:$name, F64Attr:$value, StrAttr:$unit,
    Chip_CostKindAttr:$kind, Chip_ProvenanceAttr:$provenance,
    OptionalAttr<F64Attr>:$low, OptionalAttr<F64Attr>:$high,
    OptionalAttr<DenseF64ArrayAttr>:$table,
    OptionalAttr<StrAttr>:$source, OptionalAttr<StrAttr>:$range_source);
  let assemblyFormat = [{
    $name custom<Real>($value) $unit (`range` custom<Real>($low)^ `to` custom<Real>($high))? (`table` $table^)? `` $kind `` $provenance attr-dict
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Mapping
//===----------------------------------------------------------------------===//

def Chip_MappingOp : Chip_Op<"mapping", [Symbol, OpAsmOpInterface, NoTerminator, SingleBlock,
                                         NoRegionArguments,
                                         DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a network on a target";
  let description = [{
    Rules: `mapping-symbol` (network and target exist), `tiles-population` (one
    `chip.tiles` per population, which the network has), `tiles-disjoint-cores`
    (tiles of different populations share a core only where the target allows it)
    are checked where the mapping is used; `core-once` (within one population no
    core holds two tiles) here.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$network,
                       FlatSymbolRefAttr:$target,
                       OptionalAttr<StrAttr>:$target_sha256,
                       OptionalAttr<I64Attr>:$chips);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `of` $network `on` $target attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    static ::llvm::StringRef getDefaultDialect() { return "chip"; }
  }];
}

def Chip_TilesOp : Chip_Op<"tiles", [HasParent<"MappingOp">]> {
  let summary = "which box of a population sits on which core";
  let description = [{
    One row per tile: chip, core, then per axis the box's low coordinate, then per
    axis its high coordinate (exclusive); i32. `shape` is the population's shape.
    Large tables are blobs.

    Rules: `blob-size`; `tiles-table` (row length 2 + 2·rank, rank at most 6);
    `tile-core` (chip and core are not negative); `tile-box` (low < high, inside the
    population); `tiles-disjoint` and `tiles-cover` (the boxes partition the
    population); `core-once` (no core twice). All are checked in time linear in the
    number of tiles.

    ```mlir
    chip.tiles @conv1 shape [8, 6, 6] table(dense<[[0, 3, 0, 0, 0, 8, 6, 6]]> : tensor<1x8xi32>)
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$population, DenseI64ArrayAttr:$shape,
                       ElementsAttr:$table);
  let assemblyFormat = "$population `shape` $shape `table` `(` $table `)` attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getNumTiles();
    int64_t getRank() { return getShape().size(); }
    /// All rows, row-major, (2 + 2·rank) numbers each; empty if the blob is missing.
    ::llvm::SmallVector<int32_t, 0> readTable();
  }];
}

def Chip_RoutesOp : Chip_Op<"routes", [HasParent<"MappingOp">]> {
  let summary = "programmed routes, for chips whose routers have tables";
  let description = [{
    One row per table entry: chip, router, key, mask, output links as a bit set; i32.
    Rules: `blob-size`, `routes-table` (row length 5).
  }];
  let arguments = (ins ElementsAttr:$table);
  let assemblyFormat = "`table` `(` $table `)` attr-dict";
  let hasVerifier = 1;
}

#endif // NMC_DIALECTS_CHIP_CHIPOPS_TD
