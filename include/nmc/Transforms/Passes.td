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
    levels, over all values of all samples. With `reset = zero` the scale is that of
    neurons whose spikes clear the membrane: a constant current a fires them every
    floor(θ/a) + 1 steps only, so that a spike stands for more than θ; the value of
    least squares is left as `spike.event_value`. Equal data give equal attributes,
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
    Option<"reset", "reset", "std::string", "",
           "zero: scales for neurons that forget what exceeds the threshold">,
    Option<"network", "network", "std::string", "",
           "symbol of the network; empty: all">
  ];
}

def SpikeMeasureActivityPass : Pass<"spike-measure-activity", "::mlir::ModuleOp"> {
  let summary = "run a network on a data set and write its activity";
  let description = [{
    Runs the network as its `spike.run` presents data, reports events per sample
    and, with labels, accuracy as a remark, and writes the activity to a file that
    mapping and costing read. Rules: `run-network` and those of data and of
    running.
  }];
  let options = [
    Option<"data", "data", "std::string", "", "file with samples">,
    Option<"labels", "labels", "std::string", "", "file with labels">,
    Option<"preprocess", "preprocess", "std::string", "",
           "how stored numbers become values, as for nmc --preprocess">,
    Option<"samples", "samples", "int64_t", "0", "samples to run; 0: all">,
    Option<"activity", "activity", "std::string", "",
           "npz file to write; empty: none">,
    Option<"jobs", "jobs", "int64_t", "0", "threads; 0: all">,
    Option<"reference", "reference", "bool", "false",
           "step by step through the pure functions">,
    Option<"network", "network", "std::string", "",
           "symbol of the network; empty: the first">
  ];
}

def SpikeExportNpzPass : Pass<"spike-export-npz", "::mlir::ModuleOp"> {
  let summary = "write a network as JSON and plain arrays";
  let description = [{
    For oracles outside nmc: an npz file whose member `meta` is JSON (as bytes)
    with ports, ops, operands and attributes, and whose other members are the
    elements attributes that it names. Values are numbered: ports first, then the
    results of the ops. Nothing is interpreted: shifts and scales are left to the
    reader. Rules: `export-file`, `run-network`, `weights-abstract`, `blob-size`.
  }];
  let options = [
    Option<"file", "file", "std::string", "", "npz file to write">,
    Option<"network", "network", "std::string", "",
           "symbol of the network; empty: the first">
  ];
}

//===----------------------------------------------------------------------===//
// From graded float networks to what a chip runs
//===----------------------------------------------------------------------===//

def SpikeLegalizePass : Pass<"spike-legalize", "::mlir::ModuleOp"> {
  let summary = "mend what a chip cannot run, and report what cannot be mended";
  let description = [{
    Still graded and float, the network becomes what the target has neurons and
    synapses for; ranges are observed after it.

    - Where the chip has no maximum of events, a max pool becomes an average pool
      and a population of the same name: warning `max-pool-average`.
    - Currents are summed inside a core: a connection that follows a connection (a
      pool before a matrix product) gets a population in between.
    - Where inputs occupy neurons (`io.input: relay`), and wherever events are
      binary, an analogue input drives a population `<input>_relay` one to one.

    Everything that cannot be mended is reported together: `neuron-model` (no core
    runs such a population; rectifiers need `if` where events are binary),
    `connection-kind`, `bias`, `signed-activation` (values of both signs in events
    without sign), `max-pool` (of events that are spikes already), `reset-kind` (of
    `reset`, what spike-rate-code will use; empty: not checked), `reset-known`.
    Rules `target-given`, `target-property`: the target and its payload are stated.
  }];
  let options = [
    Option<"target", "target", "std::string", "",
           "symbol of the target; empty: the only one">,
    Option<"reset", "reset", "std::string", "",
           "what a spike will do to the membrane: zero or subtract">
  ];
  let dependentDialects = ["::nmc::spike::SpikeDialect"];
}

def SpikeRateCodePass : Pass<"spike-rate-code", "::mlir::ModuleOp"> {
  let summary = "turn graded events into binary spikes over time";
  let description = [{
    Every `spike.relu` becomes a `spike.if` whose threshold θ is the `mse_scale` of
    its observed range and whose membrane starts at θ/2, so that its spikes per step,
    times θ, approach the activation. The value θ that one spike carries goes into
    the weights behind it (and 1/k² of an average pool with it); biases act in every
    step as they are. The last layer stays an integrator. Inputs are presented as a
    constant current for `steps` steps, and what is read out is divided by `steps`.

    The pass looks at no target and no data. Rules: `range-missing` (a population has
    no `spike.range`; run `spike-observe-ranges`), `rate-population` (a population has
    no rate code), `rate-input` (an analogue input feeds something else than a
    relay), `avg-pool-pad` (padding that does not count gives border windows another
    divisor), `scale-mixed` (streams of different θ meet where no weight can tell them
    apart), `reset-known`.
  }];
  let options = [
    Option<"steps", "steps", "int64_t", "64", "time steps per inference">,
    Option<"reset", "reset", "std::string", "\"zero\"",
           "what a spike does to the membrane: zero or subtract">
  ];
  let dependentDialects = ["::nmc::spike::SpikeDialect"];
}

def SpikeApplyProfilePass : Pass<"spike-apply-profile", "::mlir::ModuleOp"> {
  let summary = "run a spiking network as one platform would";
  let description = [{
    Writes an execution profile (docs/guide/execution-profiles.md) onto every
    network of the module: `#spike.dynamics` on the populations, NIR's parameters
    as the platform uses them, delays and the biases of recurrent loops where it
    has them, the types of streams that hold several spikes per step, and, for
    platforms of integers, the integers. `reset` chooses what a spike does to the
    membrane, `dt` the model time per step in seconds, `state` how long state lives.
    Where the module's target names the profile as its own, the target's widths
    stand for those of the profile. With `clear-period` state is
    cleared every so many steps, one layer after the other as events reach it;
    `clear-shift` is added to the offsets.

    What is rewritten is kept in the discardable attribute `nir_parameters`, the
    profile's name in `execution_profile`. What the platform drops, approximates
    or uses for something else is a warning at its population: `profile-r`,
    `profile-w-in`, `profile-v-leak`, `profile-v-reset`, `profile-leak`,
    `profile-bias`, `profile-bias-dropped`, `profile-reset`, `profile-input`,
    `profile-dt`. What it has not got is an error: `profile-kind`, `profile-reset`,
    `profile-uniform`, `profile-threshold`, `profile-tau`, `profile-recurrence`,
    `profile-delay`, `profile-pool`, `profile-arrival`, `profile-chain`,
    `profile-range`, `profile-applied`, `quantize-range`, `dt-needed`,
    `state-known`, and those of the profile's file.
  }];
  let options = [
    Option<"profile", "profile", "std::string", "", "name of a profile, or a file">,
    Option<"path", "path", "std::string", "",
           "folders to search, separated by semicolons">,
    Option<"reset", "reset", "std::string", "",
           "zero, value or subtract; empty: the profile's default">,
    Option<"dt", "dt", "double", "0", "seconds per step; 0: the network's">,
    Option<"state", "state", "std::string", "",
           "sample or stream: how long state lives; empty: as the profile says">,
    Option<"clearPeriod", "clear-period", "int64_t", "0",
           "steps after which state is cleared; 0: never">,
    Option<"clearShift", "clear-shift", "int64_t", "0",
           "added to the step at which each population is first cleared">
  ];
  let dependentDialects = ["::nmc::spike::SpikeDialect",
                           "::mlir::quant::QuantDialect"];
}

def SpikeQuantizePass : Pass<"spike-quantize", "::mlir::ModuleOp"> {
  let summary = "turn a float network into the integers of a chip";
  let description = [{
    Reads the widths from the target's properties. One scale per population covers
    all connections into it, so that their currents add up.

    *Binary events*: weights are integers with a common exponent e; the state's least
    bit is 2^-frac of a weight unit. e is the largest for which no membrane can leave
    its width in all steps, whatever the input, and threshold and bias fit theirs:
    a proof, not an observation. Thresholds, biases and initial membranes are
    rounded to the state's grid.

    *Graded events*: payloads of `payload_bits` with one scale per population
    (`mse_scale` over the number of levels), weights with one scale, 32-bit
    accumulators, and a fixed-point `#spike.requant` in between. The last layer
    keeps its accumulator.

    *Networks that are spiking already* (NIR's: time constants and thresholds in real
    numbers, no rate code) become what the target's execution profile makes of
    them: its widths, the profile's quantiser, as in spike-apply-profile.

    Inputs get the integer type that `input-scale` and `input-zero-point` state, or 8
    bits over their observed range. Rules: `range-missing`, `quantize-range` (no
    exponent satisfies all widths), `quantize-population`, `weights-abstract`,
    `target-property` (the target does not state a width), `profile-needed` (a
    spiking network, but the target names no profile) and those of
    spike-apply-profile.
  }];
  let options = [
    Option<"path", "path", "std::string", "",
           "folders to search for execution profiles, separated by semicolons">,
    Option<"reset", "reset", "std::string", "",
           "what a spike does to the membrane, for networks that are spiking "
           "already; empty: the profile's default">,
    Option<"dt", "dt", "double", "0",
           "seconds per step, for such networks; 0: the network's">,
    Option<"inputScale", "input-scale", "double", "0",
           "real value of one unit of the stored input; 0: from the range">,
    Option<"inputZeroPoint", "input-zero-point", "double", "0",
           "stored input that stands for 0">
  ];
  let dependentDialects = ["::nmc::spike::SpikeDialect",
                           "::mlir::quant::QuantDialect"];
}

#endif // NMC_TRANSFORMS_PASSES_TD
