//===- Inspect.h - What is in a model ---------------------------*- C++ -*-===//
#ifndef NMC_PIPELINES_INSPECT_H
#define NMC_PIPELINES_INSPECT_H

#include "dialects/Spike/Spike.h"
#include "nmc/Report/Report.h"
#include "nmc/Support/DiagnosticLog.h"
#include "nmc/Support/ExitCode.h"

namespace nmc::pipelines {

/// A number, or the range of several.
struct InspectedValues {
  std::string name;
  double low = 0, high = 0;
  int64_t count = 1;
  /// "s" for times, "1" for factors and numbers of the model, "step".
  std::string unit = "1";
  /// As people read it: "2.5 ms", "0.1 .. 0.4", "410/4096".
  std::string text;
};

struct InspectedPopulation {
  std::string name, op, location, sources;
  SmallVector<int64_t, 4> shape;
  int64_t neurons = 0, weights = 0, synapses = 0, fanIn = 0;
  std::vector<InspectedValues> parameters;
  /// "decay euler, reset zero"; empty where nothing is stated.
  std::string dynamics;
};

struct InspectedConnection {
  std::string name, op, location;
  SmallVector<int64_t, 4> weightShape;
  std::optional<InspectedValues> weights, bias;
};

/// A way from a population to another, or to itself, that takes time.
struct InspectedDelay {
  std::string source, target;
  int64_t steps = 0;
  /// Part of a cycle.
  bool isLoop = false;
};

/// What there is to know about a model without running it.
struct Inspection {
  report::Model model;
  bool isSpiking = false;
  int64_t neurons = 0, weights = 0, synapses = 0;
  std::vector<InspectedPopulation> populations;
  std::vector<InspectedConnection> connections;
  std::vector<InspectedDelay> delays;
  /// Seconds per step, and where it comes from: "stated by the model".
  std::optional<double> dt;
  std::string dtSource;
  std::string state;
  /// Some populations state no dynamics and do not run yet.
  bool needsProfile = false;
  /// What the import had to say.
  std::vector<LoggedDiagnostic> notes;

  /// What going to a target or a platform would do; absent where none is named.
  struct Way {
    std::string target, profile;
    std::vector<LoggedDiagnostic> findings;
  };
  std::optional<Way> way;
};

/// Looks at a network in any phase; null after diagnostics.
FailureOr<Inspection> inspectNetwork(spike::NetworkOp network,
                                     const report::Model &model);

struct InspectOptions {
  bool json = false, color = false;
  /// Remarks, and tables that are long for what they say.
  bool verbose = false;
};

/// Prints tables of populations, connections and parameters, or JSON.
void printInspection(const Inspection &inspection,
                     const InspectOptions &options, raw_ostream &os);

/// Whether a network has neurons that a graded one has not.
bool isSpikingNetwork(spike::NetworkOp network);

/// Whether a network of a model in `format` states equations without saying how
/// they become steps.
bool needsProfile(spike::NetworkOp network, StringRef format);

/// Weights and biases of all connections.
int64_t countParameters(spike::NetworkOp network);

/// Prints the mapping in `module`: cores and tiles per population, and the
/// figures that `chip-route` left.
ExitCode printMapping(ModuleOp module, bool json, raw_ostream &os);

} // namespace nmc::pipelines

#endif // NMC_PIPELINES_INSPECT_H
