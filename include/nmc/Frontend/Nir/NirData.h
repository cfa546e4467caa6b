//===- NirData.h - Recorded inputs and outputs in NIR's format --*- C++ -*-===//
//
// The files of nir.write_data: for the nodes of a graph, what was observed at
// them (spikes, voltages, ...) over time, densely or as events.  Times and dt
// are in seconds, or in whatever unit the model's time constants are.
//
//   @__type__ = "NIRGraphData"
//   nodes/<name>  @__type__ = "NIRGraphData" (nested) or "NIRNodeData"
//     observables/<name>
//       @__type__ = "TimeGriddedData"   data (samples, steps, neurons), @dt
//       @__type__ = "EventData"         idx, time (samples, events),
//                                       @n_neurons, @t_max
//       @__type__ = "ValuedEventData"   the same and value (samples, events)
//
// Rules: [nirdata-root] not such a file; [nirdata-type] an unknown __type__;
// [nirdata-field] a field is missing or of the wrong kind; [nirdata-shape];
// [nirdata-index] a neuron that is not there; [nirdata-time] a time outside the
// recording; [nirdata-dt]; [nirdata-steps] more or fewer steps than asked for;
// [nirdata-collision] two values for one neuron and step; [nirdata-size].
//
//===----------------------------------------------------------------------===//
#ifndef NMC_FRONTEND_NIR_NIRDATA_H
#define NMC_FRONTEND_NIR_NIRDATA_H

#include "nmc/Frontend/Nir/Raw.h"

namespace nmc::nir {

/// One quantity over time.
struct NirObservable {
  enum class Kind { TimeGridded, Events, ValuedEvents };
  Kind kind = Kind::TimeGridded;

  /// TimeGridded: (samples, steps, neurons), of any kind, and the step.
  Array data;
  double dt = 0;

  /// Events: (samples, events) of neurons, -1 where there is none (an integer
  /// kind), times (a float kind, infinite where there is none) and values.
  Array idx, time, value;
  int64_t neurons = 0;
  double tMax = 0;

  int64_t getNumSamples() const;
  int64_t getNumNeurons() const;

  /// Dense values (samples, steps, neurons) in steps of `dt`: step k holds what
  /// happens in [k dt, (k + 1) dt), where a time that misses a multiple of dt
  /// by no more than its own rounding counts as that multiple (relative 1e-9,
  /// for float32 times 2.5e-7).  Events become bool, or uint8 counts where a
  /// neuron has several in a step; valued events the kind of their values, zero
  /// in between.  `steps` absent: those of the data, t_max / dt for events.
  /// Fails with [nirdata-dt], [nirdata-steps], [nirdata-time] (an event after
  /// the last step), [nirdata-collision] and [nirdata-size] (more than
  /// `maxBytes`).
  llvm::Expected<Array> toDense(double dt, std::optional<int64_t> steps = {},
                                int64_t maxBytes = RawLimits().bytes) const;

  /// `data`: (samples, steps, neurons).
  static NirObservable fromDense(Array data, double dt);
  /// Events in order of time, then neuron, at (k + shift) dt with shift in
  /// [0, 1): of bool data one per true, of integers as many as they say (none
  /// may be negative), of floats the values other than zero as valued events.
  static llvm::Expected<NirObservable>
  toEvents(const Array &data, double dt, double shift = 0,
           int64_t maxBytes = RawLimits().bytes);
};

/// A node with its observables, or a nested graph with its nodes; by name.
struct NirNodeData {
  bool isGraph = false;
  std::vector<std::pair<std::string, NirObservable>> observables;
  std::vector<std::pair<std::string, NirNodeData>> nodes;

  NirObservable &add(StringRef name, NirObservable observable);
  /// The node called `name`, made if there is none; this becomes a graph.
  NirNodeData &getOrAdd(StringRef name);

  /// The observable of a node, whose name is joined from those of the graphs
  /// around it with ".", as they are in an imported network; null if none.
  const NirObservable *find(StringRef node, StringRef observable) const;
  /// Calls `body` with joined node name, observable name and observable.
  void walk(function_ref<void(StringRef, StringRef, const NirObservable &)>
                body) const;
};

/// The contents of a file; `path` is for messages.
llvm::Expected<NirNodeData> parseNirData(const RawObject &file, StringRef path);
RawObject formatNirData(const NirNodeData &graph);

llvm::Expected<NirNodeData> readNirData(StringRef path,
                                        const RawLimits &limits = {});
llvm::Error writeNirData(StringRef path, const NirNodeData &graph);

} // namespace nmc::nir

#endif // NMC_FRONTEND_NIR_NIRDATA_H
