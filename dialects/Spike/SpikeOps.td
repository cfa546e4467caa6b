//===- SpikeOps.td - All ops of the spike dialect -------------*- tablegen -*-===//
#ifndef NMC_DIALECTS_SPIKE_SPIKEOPS_TD
#define NMC_DIALECTS_SPIKE_SPIKEOPS_TD

include "dialects/Spike/SpikeConnectionOps.td"
include "dialects/Spike/SpikePopulationOps.td"
include "dialects/Spike/SpikeViewOps.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"

def Spike_NetworkOp : Spike_Op<"network", [
    IsolatedFromAbove, Symbol, FunctionOpInterface, OpAsmOpInterface,
    DeclareOpInterfaceMethods<RegionKindInterface>, SingleBlock]> {
  let summary = "a network of populations, as a graph";
  let description = [{
    `dt` is model time per step in seconds, absent where the network has none; a
    chip's own step time is another thing. `steps` is how long a sample runs, where
    the model fixes it. `state` says whether state is cleared before each sample.
    The body is a graph region: order does not matter, cycles are allowed if each
    passes a `spike.delay`.

    Rules: `cycle-delay`, `population-name` (names are unique), `network-dt`
    (dt is finite and positive), `network-steps` (1 ≤ steps ≤ 2^20), `network-io`
    (`spike.output` returns the declared types).

    ```mlir
    spike.network @n(%x: !spike.stream<1x8x8xf32>) -> !spike.stream<10xf32>
        attributes {state = #spike.state<sample>} {
      %in = spike.input @image(%x) : !spike.stream<1x8x8xf32> -> !spike.stream<1x8x8xf32>
      ...
      spike.output %y : !spike.stream<10xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
    TypeAttrOf<FunctionType>:$function_type,
    OptionalAttr<StrAttr>:$sym_visibility,
    OptionalAttr<DictArrayAttr>:$arg_attrs,
    OptionalAttr<DictArrayAttr>:$res_attrs,
    OptionalAttr<F64Attr>:$dt,
    OptionalAttr<I64Attr>:$steps,
    OptionalAttr<Spike_StateScopeAttr>:$state);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::mlir::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
    bool isDeclaration() { return false; }
    /// Populations in the order in which the body lists them.
    ::llvm::SmallVector<PopulationOpInterface> getPopulations();
    /// The population of that name, or null.
    PopulationOpInterface lookupPopulation(::llvm::StringRef name);
    /// The terminator.
    OutputOp getOutput();
    static ::llvm::StringRef getDefaultDialect() { return "spike"; }
  }];
}

def Spike_OutputOp : Spike_Op<"output", [Pure, Terminator,
                                         HasParent<"NetworkOp">]> {
  let summary = "streams that leave the network";
  let description = [{
    Ends a network's body. Its operands have the types that the network declares
    (rule `network-io`); what is read of them at the end, `spike.decode` says.
  }];
  let arguments = (ins Variadic<Spike_StreamType>:$streams);
  let assemblyFormat = "attr-dict ($streams^ `:` qualified(type($streams)))?";
}

def Spike_EncodeOp : Spike_Op<"encode", [Pure]> {
  let summary = "a tensor becomes a stream";
  let description = [{
    Runs on the host. `constant` presents the values in every step, `rate` emits
    spikes evenly at the rate that the values in [0, 1] state, `graded` emits one
    event per element in step 0 (quantised by the stream's type), `events` takes
    data that are events already, with time as the tensor's first axis. A leading
    batch axis of extent 1 is dropped. Rule `encode-shape`.
  }];
  let arguments = (ins Spike_EncodingAttr:$encoding, AnyRankedTensor:$value);
  let results = (outs Spike_StreamType:$stream);
  let assemblyFormat = "`` $encoding $value attr-dict `:` qualified(type($value)) `->` qualified(type($stream))";
  let hasVerifier = 1;
}

def Spike_RunOp : Spike_Op<"run", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "runs a network for some steps";
  let description = [{
    Presents the encoded streams to the network for `steps` steps. Rules:
    `run-network` (the symbol names a `spike.network`), `run-io` (types agree),
    `network-steps`.

    ```mlir
    %y = spike.run @n(%s) steps 64 : (!spike.stream<1x8x8xf32>) -> !spike.stream<10xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$network, Variadic<Spike_StreamType>:$inputs,
                       I64Attr:$steps);
  let results = (outs Variadic<Spike_StreamType>:$outputs);
  let assemblyFormat = "$network `(` $inputs `)` `steps` $steps attr-dict `:` functional-type($inputs, $outputs)";
}

def Spike_DecodeOp : Spike_Op<"decode", [Pure]> {
  let summary = "a stream becomes a tensor";
  let description = [{
    Runs on the host: `count` sums the events over the steps, `membrane` takes the
    value of an analogue stream after the last step, `last` the events of the last
    step, `first` the step of the first event. A leading batch axis of extent 1 may
    be added. Payloads with a scale are dequantised where the tensor is float: by
    the stream's quantised type, or by `scale`. Rule `encode-shape`.
  }];
  let arguments = (ins Spike_ReadoutAttr:$readout, Spike_StreamType:$stream,
                       OptionalAttr<F64Attr>:$scale);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "`` $readout $stream attr-dict `:` qualified(type($stream)) `->` qualified(type($value))";
  let hasVerifier = 1;
}

#endif // NMC_DIALECTS_SPIKE_SPIKEOPS_TD
