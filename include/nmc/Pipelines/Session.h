//===- Session.h - One model on one target ----------------------*- C++ -*-===//
//
// What `nmc` does: the phases of Phases.h on a model, the executor on its data,
// the cost model on the mapping, and the report over all of it.  Every step is
// a pass or a library call; a session only strings them together and stops at
// the first that fails, with the exit code that belongs to it.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_PIPELINES_SESSION_H
#define NMC_PIPELINES_SESSION_H

#include "dialects/Chip/Chip.h"
#include "dialects/Spike/Spike.h"
#include "nmc/Exec/Dataset.h"
#include "nmc/Exec/Program.h"
#include "nmc/Frontend/Nir/Import.h"
#include "nmc/Frontend/Onnx/Import.h"
#include "nmc/Mapping/Problem.h"
#include "nmc/Pipelines/Inspect.h"
#include "nmc/Pipelines/Phases.h"
#include "nmc/Report/Bundle.h"
#include "nmc/Report/Report.h"
#include "nmc/Support/DiagnosticLog.h"

#include <chrono>
#include <set>

namespace nmc::pipelines {

struct SessionOptions {
  std::string model;
  onnx::ImportOptions import;
  PhaseOptions phases;
  exec::DatasetOptions data;
  /// The text of --preprocess, for the passes that read data.
  std::string preprocess;
  /// An activity file, or one rate for all neurons, instead of data.
  std::string activityFile;
  std::optional<double> uniformActivity;
  /// "count" or "mapped".
  std::string level = "mapped";
  int64_t seed = 0;
  unsigned jobs = 0;
  std::optional<double> timeLimit; // s
  /// Samples on which the float stages are scored.
  int64_t stageSamples = 1000;
  /// Samples whose every step is replayed on the mapping.
  int64_t replaySamples = 32;
  /// Asked for by name; empty: the target's own.
  std::string executionProfile;
  /// Steps of a run, where stated.
  std::optional<int64_t> steps;
  /// How data become streams, where stated.
  std::optional<spike::Encoding> encoding;
  /// How long state lives, where stated.
  std::optional<spike::StateScope> state;
  /// Unit of the model's time constants, and what comes in, where stated.
  std::string timeUnit, input;
  /// Whether frames are to hold counts, even where a binary port would do.
  bool countsAsked = false;
  /// Flags that are recorded in the report as they were given.
  std::vector<std::pair<std::string, std::string>> given;
  std::optional<Phase> compileTo;
  std::string dumpPhases;
  std::string outputFolder;
  /// Populations to record, and the file for them.
  std::vector<exec::RecordRequest> record;
  std::string recordFile, activityOut;
  std::vector<std::string> command;
};

/// Tells how far a run is; on a terminal one rewritten line.
class Progress {
public:
  virtual ~Progress();
  virtual void report(StringRef stage, std::optional<double> share) = 0;
};

/// The `spike.run` of a network in its module, or null.
spike::RunOp findRun(spike::NetworkOp network);

class Session {
public:
  Session(SessionOptions options, MLIRContext *context, DiagnosticLog &log,
          Progress &progress);
  ~Session();

  /// Reads the model and the target.  Every other step needs it first.
  ExitCode load();
  /// Runs all phases up to `last` that have not run, executing the network on
  /// the data where a phase needs its activity.
  ExitCode advance(Phase last);
  /// Executes the network as it is now on all data: accuracy, activity.
  ExitCode execute();
  /// Costs the network at the level asked for.
  ExitCode estimate();
  /// Whether the model can be mapped, with every limit in the way; without data
  /// the structure alone is checked.
  ExitCode check();
  /// What is in the model, and where a target or an execution profile is named,
  /// what going there would change or refuse; nothing is printed but errors.
  ExitCode inspect(Inspection &inspection);
  /// Writes the bundle; with `withMapping` the artefact too.
  ExitCode writeBundle(bool withMapping);
  /// Prints the module as it is now.
  void print(raw_ostream &os);
  /// The folder that writeBundle writes to, or "" before it ran.
  StringRef bundleFolder() const { return writtenFolder; }

  ModuleOp module() { return *moduleRef; }
  report::Report &getReport() { return result; }
  const target::TargetInfo &getTarget() const { return *targetInfo; }
  spike::NetworkOp network();
  bool hasData() const { return dataset.has_value(); }
  const exec::RunResult *lastRun() const { return run ? &*run : nullptr; }
  ArrayRef<std::string> writtenFiles() const { return written; }
  /// Marks the report by the exit code and copies the diagnostics into it.
  void close(ExitCode code);

private:
  ExitCode loadModel();
  /// Reads a NIR graph or a network of lava-dl.
  ExitCode loadNir();
  std::optional<int64_t> getInputEvents();
  nir::InputKind chooseInput(std::string &reason);
  void checkUnused();
  ExitCode loadData();
  /// What the data must have for the network: time, steps, window.
  void describeData();
  /// Model time per step in seconds, where stated or known.
  std::optional<double> getDt();
  void skipConversion();
  /// Whether the network takes steps of its own, and not one image.
  bool runsOverTime();
  ExitCode checkProfileName();
  /// Picks the execution profile that the network needs.
  ExitCode chooseProfile();
  /// Refuses what --record cannot find; `isFinal`: populations are of the kind
  /// that runs.
  ExitCode checkRecords(bool isFinal);
  /// Steps and encodings of a run on the data.
  exec::RunOptions makeDrive(spike::NetworkOp net);
  /// Refuses labels that the network has no output for.
  ExitCode checkLabels();
  ExitCode runNext(Phase phase);
  ExitCode dump(Phase phase);
  void assumeRanges(Severity severity);
  ExitCode addResources();
  ExitCode mapAndFill();
  ExitCode readTarget();
  ExitCode inspectWay(Inspection &inspection);
  ExitCode bindActivityFile();
  llvm::Error writeNirRecordings();
  /// Writes what --record-to and --save-activity ask for.
  ExitCode writeRunFiles();
  /// Adds the accuracy of the network as `phase` left it to the report.
  void scoreStage(Phase phase);
  FailureOr<exec::RunResult> runNetwork(exec::RunOptions options,
                                        StringRef stage);
  ExitCode checkTime();
  void addModelFacts();
  /// The bytes of the .nmcm file.
  FailureOr<std::string> exportArtifact();
  FailureOr<mapping::Problem> makeProblem(const analysis::NetworkModel &model);
  FailureOr<mapping::Mapping> readMapping(const mapping::Problem &problem);

  SessionOptions options;
  MLIRContext *context;
  DiagnosticLog &log;
  Progress &progress;
  std::chrono::steady_clock::time_point start;
  report::RunRecord record;

  OwningOpRef<ModuleOp> moduleRef;
  std::optional<target::TargetInfo> targetInfo;
  std::optional<exec::Dataset> dataset;
  std::optional<exec::Activity> activity;
  std::optional<exec::RunResult> run;
  std::optional<Phase> done;
  /// Those that ran, or failed.
  std::vector<Phase> begun;
  /// The model came as a network of spiking neurons; nothing is converted.
  bool isSpiking = false;
  std::set<std::string> saidOfData;
  unsigned dumped = 0;
  report::Report result;
  std::vector<std::string> written;
  std::string writtenFolder;
};

} // namespace nmc::pipelines

#endif // NMC_PIPELINES_SESSION_H
