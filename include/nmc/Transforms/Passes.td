//===- Passes.td - Passes on spike and chip -------------------*- tablegen -*-===//
#ifndef NMC_TRANSFORMS_PASSES_TD
#define NMC_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def ChipLoadTargetPass : Pass<"chip-load-target", "::mlir::ModuleOp"> {
  let summary = "put the description of a chip into the module";
  let description = [{
    Reads a target file, resolves inheritance, cost profile and overrides and
    appends the `chip.target`, whose children carry the lines of the file as
    locations. Rules: `target-given` (`target` is set, and the module has no target
    yet) and those of target files (docs/formats/target.md).
  }];
  let options = [
    Option<"target", "target", "std::string", "",
           "name of a target, or a file">,
    Option<"path", "path", "std::string", "",
           "folders to search, separated by semicolons">,
    Option<"costProfile", "cost-profile", "std::string", "",
           "cost profile; empty: the target's default one">,
    Option<"set", "set", "std::string", "",
           "overrides key=value, separated by semicolons">
  ];
  let dependentDialects = ["::nmc::chip::ChipDialect"];
}

//===----------------------------------------------------------------------===//
// Mapping
//===----------------------------------------------------------------------===//

def SpikePartitionPass : Pass<"spike-partition", "::mlir::ModuleOp"> {
  let summary = "cut the populations of a network into tiles for a chip's cores";
  let description = [{
    Cuts each population into equal boxes under all limits of the target, each box
    on a core of its own: fewest cores first, then fewest deliveries between cores.
    Appends a `chip.mapping` whose cores are numbered in topological order;
    `chip-place` gives them their places. A mapping of the same network is
    replaced.

    Where the network does not fit, every limit in the way is an error at its
    population, with both numbers, what would help, and a note at the line of the
    target that states the limit: rules `core-neurons`, `core-axons-in`,
    `core-axons-out`, `core-synapse-memory`, `core-state-memory`, `core-fan-in`,
    `core-fan-out`, `core-count`, `core-threshold-configs`, `core-neuron-configs`,
    `core-synapse-configs`, `chip-count`, `chip-neurons`, `chip-synapse-memory`,
    `neuron-model`, `connection-kind`, `weight-bits`, `delay-steps`. Rule
    `mapping-symbol`: network and target are named, or are the only ones.
  }];
  let options = [
    Option<"network", "network", "std::string", "",
           "symbol of the network; empty: the only one">,
    Option<"target", "target", "std::string", "",
           "symbol of the target; empty: the only one">,
    Option<"activity", "activity", "std::string", "",
           "file with the activity, against which it is checked">,
    Option<"chips", "chips", "int64_t", "1", "chips that may be used">
  ];
  let dependentDialects = ["::nmc::chip::ChipDialect"];
}

def ChipPlacePass : Pass<"chip-place", "::mlir::ModuleOp"> {
  let summary = "give the cores of a mapping their places on the chip";
  let description = [{
    Renumbers the cores of every `chip.mapping`: tiles that share a core stay
    together, kinds of core are kept. `hilbert` lays the cores along a Hilbert
    curve through the grid of routers, in topological order of the populations;
    `sequential` row by row. Rules: `place-solver`, and those of a legal mapping.
  }];
  let options = [
    Option<"solver", "solver", "std::string", "\"hilbert\"",
           "hilbert or sequential">
  ];
  let dependentDialects = ["::nmc::chip::ChipDialect"];
}

def ChipRoutePass : Pass<"chip-route", "::mlir::ModuleOp"> {
  let summary = "prove that a mapping is legal, and measure its traffic";
  let description = [{
    Verifies every `chip.mapping` against its target, whoever made it, and writes
    its figures into the attribute `metrics`: cores, remote deliveries (km1), hops
    under XY unicast and XY multicast, the largest link, a lower bound of the hops
    and the gap to it in percent, the fullest core of each resource. With an
    activity they are events per step, without it one event per neuron is assumed.
    Routes are stored only for chips whose routers have tables.
  }];
  let options = [
    Option<"activity", "activity", "std::string", "", "file with the activity">
  ];
  let dependentDialects = ["::nmc::chip::ChipDialect"];
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

def SpikeInterpretPass : Pass<"spike-interpret", "::mlir::ModuleOp"> {
  let summary = "run functions that hold expectations, and check these";
  let description = [{
    For tests: executes every function with `check.expect_*` ops, whose tensors
    come from constants, and reports each expectation that fails at its op (rule
    `expectation`). With `engine=both`, the default, networks run in the reference
    and in the fast engine, and rule `engine-mismatch` reports a difference. Rules
    `interpret-op`, `interpret-engine`, `encode-steps` and those of running.
  }];
  let options = [
    Option<"engine", "engine", "std::string", "\"both\"",
           "fast, reference or both">
  ];
}

def SpikeObserveRangesPass : Pass<"spike-observe-ranges", "::mlir::ModuleOp"> {
  let summary = "observe what populations send on calibration samples";
  let description = [{
    Runs the network on the first samples of a data set, as its `spike.run`
    presents them, and leaves `spike.range` on every population: extremes, the
    99.9th percentile and the scale with the least squared error for `levels`
    levels, over all values of all samples. Equal data give equal attributes,
    whatever the number of threads. Rules: `observe-data`, `range-silent` (a
    warning: a population is never above 0) and those of data and of running.
  }];
  let options = [
    Option<"data", "data", "std::string", "", "file with samples">,
    Option<"preprocess", "preprocess", "std::string", "",
           "how stored numbers become values, as for nmc --preprocess">,
    Option<"samples", "samples", "int64_t", "128", "samples to observe">,
    Option<"levels", "levels", "int64_t", "255",
           "levels above 0: steps of a rate code, or of a graded payload">,
    Option<"network", "network", "std::string", "",
           "symbol of the network; empty: all">
  ];
}

#endif // NMC_TRANSFORMS_PASSES_TD
