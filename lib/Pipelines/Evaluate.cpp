//===- Evaluate.cpp - One model on one target: running and costing --------===//

#include "nmc/Pipelines/CostInputs.h"
#include "nmc/Pipelines/Session.h"

#include "nmc/Analysis/BuildNetworkModel.h"
#include "nmc/Artifact/Artifact.h"
#include "nmc/Exec/Interpreter.h"
#include "nmc/Mapping/Interop.h"
#include "nmc/Support/File.h"
#include "nmc/Support/Interrupt.h"
#include "nmc/Support/Npz.h"
#include "nmc/Support/Version.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace nmc;
using namespace nmc::pipelines;

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// 1, 2, 4, ... and `steps`.
static SmallVector<int64_t> getReadoutSteps(int64_t steps) {
  SmallVector<int64_t> result;
  for (int64_t step = 1; step < steps; step *= 2)
    result.push_back(step);
  result.push_back(steps);
  return result;
}

exec::RunOptions Session::makeDrive(spike::NetworkOp net) {
  exec::RunOptions drive;
  exec::HostSide host = exec::getHostSide(net);
  drive.steps = host.steps;
  drive.encodings = host.encodings;
  // Without a host function it depends on the data.
  if (!findRun(net) && runsOverTime()) {
    drive.steps = options.steps.value_or(net.getSteps().value_or(64));
    for (auto [port, encoding] : llvm::enumerate(drive.encodings))
      encoding = dataset && dataset->hasSteps(port)
                     ? spike::Encoding::Events
                     : options.encoding.value_or(spike::Encoding::Constant);
  } else if (options.encoding) {
    llvm::fill(drive.encodings, *options.encoding);
  }
  if (dataset && dataset->steps())
    drive.steps = *dataset->steps();
  return drive;
}

FailureOr<exec::RunResult> Session::runNetwork(exec::RunOptions runOptions,
                                               StringRef stage) {
  spike::NetworkOp net = network();
  if (!net)
    return failure();
  FailureOr<exec::Program> program = exec::Program::compile(net);
  if (failed(program))
    return failure();
  exec::RunOptions drive = makeDrive(net);
  runOptions.steps = drive.steps;
  runOptions.encodings = drive.encodings;
  runOptions.readouts = exec::getHostSide(net).makeOptions(*program).readouts;
  runOptions.jobs = options.jobs;
  int64_t total = std::min<int64_t>(
      dataset->samples(), runOptions.samples.value_or(dataset->samples()));
  runOptions.progress = [&](int64_t samples) {
    progress.report(stage,
                    double(samples) / double(std::max<int64_t>(total, 1)));
    return !isInterrupted();
  };
  exec::DatasetSource source(*dataset);
  llvm::Expected<exec::RunResult> result = program->run(source, runOptions);
  if (!result) {
    log.add(result.takeError());
    return failure();
  }
  return std::move(*result);
}

static cost::Estimate makeAccuracy(StringRef kpi, double value, int64_t samples,
                                   StringRef note) {
  cost::Estimate estimate = cost::Estimate::of(kpi, cost::Range(value));
  estimate.mode = cost::Mode::Simulated;
  estimate.samples = samples;
  estimate.note = note.str();
  return estimate;
}

void Session::scoreStage(Phase phase) {
  exec::RunOptions runOptions;
  runOptions.samples = std::min(options.stageSamples, dataset->samples());
  FailureOr<exec::RunResult> scored =
      runNetwork(runOptions, ("score " + getPhaseInfo(phase).name).str());
  if (failed(scored) || scored->stopped)
    return;
  double accuracy =
      scored->accuracy(dataset->labels().take_front(scored->samples),
                       scored->readoutSteps.size() - 1);
  switch (phase) {
  case Phase::Spike:
    result.kpis.push_back(makeAccuracy(
        "accuracy_float", accuracy, scored->samples, "the model as it came"));
    return;
  case Phase::Legal:
    result.kpis.push_back(
        makeAccuracy("accuracy_legal", accuracy, scored->samples,
                     "after replacing what the target does not have"));
    return;
  default:
    result.kpis.push_back(makeAccuracy(
        "accuracy_converted", accuracy, scored->samples,
        llvm::formatv("rate coded over {0} steps, before quantisation",
                      exec::getHostSide(network()).steps)
            .str()));
  }
}

ExitCode Session::execute() {
  spike::NetworkOp net = network();
  if (!net) {
    log.add(Severity::Error, "there is no network to run [run-network]",
            options.model);
    return ExitCode::Unsupported;
  }
  if (ExitCode code = loadData(); code != ExitCode::Success)
    return code;
  if (ExitCode code = checkRecords(true); code != ExitCode::Success)
    return code;
  exec::RunOptions runOptions;
  exec::RunOptions drive = makeDrive(net);
  result.input.timesteps = drive.steps;
  result.input.encoding =
      drive.encodings.empty()
          ? ""
          : spike::stringifyEncoding(drive.encodings.front()).str();
  if (!options.activityFile.empty() || options.uniformActivity) {
    if (options.record.empty())
      return bindActivityFile();
    log.add(Severity::Error,
            "an activity has nothing to record; hint: --data FILE instead of "
            "--activity [record-data]");
    return ExitCode::Usage;
  }
  if (!dataset) {
    log.add(Severity::Error,
            "nothing says how active the network is; hint: --data FILE, "
            "--activity FILE or --activity RATE [activity-missing]");
    return ExitCode::BadData;
  }
  runOptions.readoutSteps = getReadoutSteps(drive.steps);
  runOptions.record = options.record;
  FailureOr<exec::RunResult> ran = runNetwork(runOptions, "run");
  if (failed(ran))
    return ExitCode::BadData;
  if (ran->stopped)
    return ExitCode::Interrupted;
  run = std::move(*ran);
  activity = run->activity;
  activity->dataSha256 = dataset->sha256().str();

  if (dataset->hasLabels()) {
    double accuracy =
        run->accuracy(dataset->labels(), run->readoutSteps.size() - 1);
    result.kpis.push_back(makeAccuracy("accuracy", accuracy, run->samples, ""));
  }
  SmallVector<spike::PopulationOpInterface> populations = net.getPopulations();
  for (auto [index, steps] : llvm::enumerate(run->readoutSteps)) {
    report::AccuracyPoint point;
    point.steps = steps;
    point.samples = run->samples;
    if (dataset->hasLabels())
      point.accuracy = run->accuracy(dataset->labels(), index);
    // What arrives from outside is not the network's own.
    uint64_t events = 0;
    for (auto [population, count] :
         llvm::zip(populations, run->eventsAt[index]))
      if (!isa<spike::InputOp>(population.getOperation()))
        events += count;
    point.spikesPerInference = double(events) / double(run->samples);
    result.accuracyCurve.push_back(point);
  }
  return writeRunFiles();
}

ExitCode Session::bindActivityFile() {
  spike::NetworkOp net = network();
  std::vector<exec::PopulationShape> shapes = getPopulationShapes(net);
  int64_t steps = *result.input.timesteps;
  if (options.uniformActivity) {
    llvm::Expected<exec::Activity> uniform =
        exec::makeUniformActivity(*options.uniformActivity, shapes, steps);
    if (!uniform) {
      log.add(uniform.takeError());
      return ExitCode::Usage;
    }
    activity = std::move(*uniform);
    result.input.kind = "uniform-rate";
    log.add(Severity::Warning,
            llvm::formatv("every neuron is taken to fire at {0} events per "
                          "step; ranges are widened accordingly "
                          "[activity-assumed]",
                          *options.uniformActivity)
                .str());
    return ExitCode::Success;
  }
  llvm::Expected<exec::Activity> read =
      exec::readActivity(options.activityFile);
  if (!read) {
    log.add(read.takeError());
    return ExitCode::BadData;
  }
  std::vector<std::string> warnings;
  if (llvm::Error error = exec::bindActivity(*read, shapes, steps,
                                             options.activityFile, warnings)) {
    log.add(std::move(error));
    return ExitCode::BadData;
  }
  for (const std::string &warning : warnings)
    log.add(Severity::Warning, warning, options.activityFile);
  activity = std::move(*read);
  result.input.kind = "rates";
  result.input.path = options.activityFile;
  result.input.samples = activity->samples;
  return ExitCode::Success;
}

//===----------------------------------------------------------------------===//
// Costing
//===----------------------------------------------------------------------===//

ExitCode Session::estimate() {
  spike::NetworkOp net = network();
  FailureOr<analysis::NetworkModel> model = analysis::buildNetworkModel(net);
  if (failed(model))
    return ExitCode::Unsupported;
  int64_t steps = result.input.timesteps.value_or(net.getSteps().value_or(1));
  cost::NetworkCounts counts =
      countNetwork(net, *model, activity ? &*activity : nullptr, steps);
  result.run.level = options.level;
  int64_t dense = 0;
  for (const cost::ConnectionCounts &connection : counts.connections)
    if (connection.counted)
      dense += connection.synapses;
  result.model.macsDense = dense;
  if (options.level == "count") {
    result.add(cost::estimateCounts(counts, *targetInfo));
    return ExitCode::Success;
  }
  progress.report("cost", std::nullopt);
  FailureOr<mapping::Problem> problem = makeProblem(*model);
  if (failed(problem))
    return ExitCode::Internal;
  FailureOr<mapping::Mapping> mapping = readMapping(*problem);
  if (failed(mapping))
    return ExitCode::Internal;

  // Single steps are replayed for the first samples only: every spike of all
  // samples would not fit into memory.
  std::optional<exec::RunResult> replay;
  if (dataset && run && options.replaySamples > 0) {
    exec::RunOptions runOptions;
    runOptions.samples = std::min(options.replaySamples, dataset->samples());
    runOptions.bitmaps = true;
    FailureOr<exec::RunResult> ran = runNetwork(runOptions, "replay");
    if (succeeded(ran) && !ran->stopped)
      replay = std::move(*ran);
  }
  cost::MappedCounts mapped = countMapped(
      *problem, *mapping, *targetInfo, activity ? &*activity : nullptr,
      replay ? &replay->activity : nullptr, steps);
  result.add(cost::estimateMapped(counts, mapped, *targetInfo));

  mapping::Metrics metrics = mapping::computeMetrics(*problem, *mapping);
  report::Mapping facts;
  facts.solver = "layer-pure, " + options.phases.placer;
  facts.cores = metrics.cores;
  facts.chips = metrics.chips;
  if (metrics.gap)
    facts.gap = *metrics.gap / 100;
  result.mapping = facts;
  return ExitCode::Success;
}

//===----------------------------------------------------------------------===//
// Bundle
//===----------------------------------------------------------------------===//

ExitCode Session::writeBundle(bool withMapping) {
  std::string folder = options.outputFolder;
  if (folder.empty())
    folder = "nmc-out";
  // A folder per model and target, so that runs do not overwrite each other.
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(
      path, result.model.name +
                (result.target.name.empty() ? "" : "." + result.target.name));
  auto fail = [&](llvm::Error error) {
    log.add(std::move(error));
    return ExitCode::Usage;
  };
  llvm::Expected<report::BundleWriter> writer =
      report::BundleWriter::create(path);
  if (!writer)
    return fail(writer.takeError());
  writtenFolder = path.str().str();
  if (llvm::Error error = writer->add(result))
    return fail(std::move(error));
  if (withMapping && done == Phase::Routing) {
    FailureOr<std::string> artifact = exportArtifact();
    if (failed(artifact))
      return ExitCode::Internal;
    if (llvm::Error error = writer->add("mapping.nmcm", *artifact))
      return fail(std::move(error));
  }
  if (llvm::Error error = writer->finish(record, result.status))
    return fail(std::move(error));
  written = writer->files();
  return ExitCode::Success;
}

static cost::Severity convert(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return cost::Severity::Error;
  case Severity::Warning:
    return cost::Severity::Warning;
  case Severity::Note:
  case Severity::Remark:
    return cost::Severity::Note;
  }
  return cost::Severity::Note;
}

void Session::close(ExitCode code) {
  for (const LoggedDiagnostic &entry : log.diagnostics()) {
    report::Finding diagnostic;
    diagnostic.severity = convert(entry.severity);
    diagnostic.rule = entry.rule;
    diagnostic.message = entry.message;
    diagnostic.location = entry.location;
    // A hint stands behind the last semicolon.
    if (size_t at = entry.message.rfind("; hint: "); at != std::string::npos) {
      diagnostic.hint = entry.message.substr(at + 8);
      diagnostic.message = entry.message.substr(0, at);
    }
    result.diagnostics.push_back(std::move(diagnostic));
  }
  switch (code) {
  case ExitCode::Success:
    result.status = report::Status::Ok;
    break;
  case ExitCode::Unsupported:
    result.status = report::Status::Unsupported;
    break;
  case ExitCode::DoesNotFit:
    result.status = report::Status::DoesNotFit;
    break;
  case ExitCode::Interrupted:
    result.status = report::Status::Partial;
    break;
  default:
    result.status = report::Status::Failed;
  }
  result.run.toolVersion = NMC_VERSION;
  const PhaseOptions &phases = options.phases;
  auto note = [&](StringRef name, const Twine &value) {
    if (std::string text = value.str(); !text.empty())
      result.run.options.push_back({name.str(), text});
  };
  note("steps",
       Twine(isSpiking && result.input.timesteps ? *result.input.timesteps
                                                 : phases.steps));
  note("reset", phases.reset);
  note("chips", Twine(phases.chips));
  note("placer", phases.placer);
  if (!isSpiking) {
    note("calibration", phases.calibration);
    note("calibration-samples", Twine(phases.calibrationSamples));
    note("stage-samples", Twine(options.stageSamples));
  }
  note("preprocess", options.preprocess);
  note("replay-samples", Twine(options.replaySamples));
  if (options.data.samples)
    note("samples", Twine(*options.data.samples));
  note("cost-profile", phases.costProfile);
  for (const auto &[name, value] : options.given)
    note(name, value);
  // What was found out instead.
  auto isGiven = [&](StringRef name) {
    return llvm::any_of(options.given,
                        [&](const auto &flag) { return flag.first == name; });
  };
  if (isSpiking) {
    if (FloatAttr dt = network() ? network().getDtAttr() : FloatAttr();
        dt && !isGiven("dt"))
      note("dt", report::formatDouble(dt.getValueAsDouble()) + " s");
    if (dataset && dataset->isEvents() && !isGiven("frame"))
      note("frame", report::formatDouble(*options.data.framing.window) + " s");
  }
  note("activity", options.activityFile);
  if (options.uniformActivity)
    note("activity", report::formatDouble(*options.uniformActivity));
  result.run.seed = options.seed;
  if (result.run.level.empty())
    result.run.level = options.level;
  std::string pipeline;
  for (Phase phase : begun) {
    std::string text = getPhasePipeline(phase, options.phases);
    if (!text.empty())
      pipeline += (pipeline.empty() ? "" : ",") + text;
  }
  result.run.pipeline = pipeline;
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  record.wallSeconds = elapsed.count();
}

//===----------------------------------------------------------------------===//
// Mapping in the module
//===----------------------------------------------------------------------===//

FailureOr<mapping::Problem>
Session::makeProblem(const analysis::NetworkModel &model) {
  mapping::Problem::Rates rates;
  if (activity)
    rates = getRates(*activity);
  return mapping::Problem::create(
      model, mapping::getHardware(*targetInfo, options.phases.chips), rates);
}

FailureOr<mapping::Mapping>
Session::readMapping(const mapping::Problem &problem) {
  auto mappings = moduleRef->getOps<chip::MappingOp>();
  if (mappings.empty())
    return failure();
  return mapping::readMapping(*mappings.begin(), problem.network);
}

FailureOr<std::string> Session::exportArtifact() {
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  if (failed(
          artifact::exportArtifact(*moduleRef, result.kpis, NMC_VERSION, os)))
    return failure();
  return bytes;
}
