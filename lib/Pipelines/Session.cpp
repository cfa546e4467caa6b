//===- Session.cpp - One model on one target: the phases ------------------===//

#include "nmc/Pipelines/Session.h"

#include "nmc/Exec/Interpreter.h"
#include "nmc/Frontend/Nir/NirData.h"
#include "nmc/Pipelines/Inspect.h"
#include "nmc/Support/File.h"
#include "nmc/Support/Nearest.h"
#include "nmc/Support/Npz.h"
#include "nmc/Support/Units.h"
#include "nmc/Target/ExecutionProfile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace nmc;
using namespace nmc::pipelines;

Progress::~Progress() = default;

Session::Session(SessionOptions options, MLIRContext *context,
                 DiagnosticLog &log, Progress &progress)
    : options(std::move(options)), context(context), log(log),
      progress(progress), start(std::chrono::steady_clock::now()) {
  record.command = this->options.command;
  record.started = report::currentTime();
  record.jobs = this->options.jobs;
}

Session::~Session() = default;

spike::NetworkOp Session::network() {
  auto networks = moduleRef->getOps<spike::NetworkOp>();
  return networks.empty() ? spike::NetworkOp() : *networks.begin();
}

//===----------------------------------------------------------------------===//
// Phases
//===----------------------------------------------------------------------===//

ExitCode Session::checkTime() {
  if (!options.timeLimit)
    return ExitCode::Success;
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  if (elapsed.count() <= *options.timeLimit)
    return ExitCode::Success;
  log.add(Severity::Error,
          "the time limit of " + formatNumber(*options.timeLimit) +
              " s passed after " + formatNumber(elapsed.count()) +
              " s, before there was a mapping [time-limit]");
  return ExitCode::TimeLimit;
}

/// Prints a module as nmc-opt does with --mlir-print-debuginfo.
static void printModule(ModuleOp module, raw_ostream &os) {
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo();
  module->print(os, flags);
  os << "\n";
}

ExitCode Session::dump(Phase phase) {
  if (options.dumpPhases.empty())
    return ExitCode::Success;
  if (std::error_code error =
          llvm::sys::fs::create_directories(options.dumpPhases)) {
    log.add(Severity::Error,
            "cannot make folder: " + error.message() + " [dump-write]",
            options.dumpPhases);
    return ExitCode::Usage;
  }
  const PhaseInfo &info = getPhaseInfo(phase);
  std::string name =
      llvm::formatv("{0:2}-{1}", static_cast<unsigned>(phase), info.name).str();
  std::replace(name.begin(), name.end(), ' ', '0');
  llvm::SmallString<128> path(options.dumpPhases);
  llvm::sys::path::append(path, name + ".mlir");
  std::string text;
  llvm::raw_string_ostream os(text);
  printModule(*moduleRef, os);
  llvm::SmallString<128> pipelinePath(options.dumpPhases);
  llvm::sys::path::append(pipelinePath, name + ".pipeline");
  std::string pipeline = getPhasePipeline(phase, options.phases);
  if (!pipeline.empty())
    pipeline = "builtin.module(" + pipeline + ")\n";
  for (auto [file, content] :
       {std::pair<StringRef, StringRef>(path, text),
        std::pair<StringRef, StringRef>(pipelinePath, pipeline)})
    if (llvm::Error error = writeFile(file, content)) {
      log.add(std::move(error));
      return ExitCode::Usage;
    }
  return ExitCode::Success;
}

void Session::print(raw_ostream &os) { printModule(*moduleRef, os); }

ExitCode Session::runNext(Phase phase) {
  if (ExitCode code = checkTime(); code != ExitCode::Success)
    return code;
  const PhaseInfo &info = getPhaseInfo(phase);
  progress.report(info.name, std::nullopt);
  begun.push_back(phase);
  auto begin = std::chrono::steady_clock::now();
  if (failed(runPhase(phase, options.phases, *moduleRef)))
    return info.failure;
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - begin;
  record.phases.push_back({info.name.str(), elapsed.count()});
  done = phase;
  return dump(phase);
}

/// Whether recordings go to NIRData rather than npz.
static bool recordsNirData(const SessionOptions &options) {
  StringRef extension = llvm::sys::path::extension(options.recordFile);
  return extension == ".nir" || extension == ".h5";
}

llvm::Error Session::writeNirRecordings() {
  double dt = getDt().value_or(1); // known: checkRecords
  nir::NirNodeData root;
  for (exec::Recording &recording : run->recordings) {
    ArrayRef<int64_t> shape = recording.values.shape();
    int64_t neurons = *countElements(shape.drop_front(2));
    Array values =
        std::move(recording.values).reshaped({shape[0], shape[1], neurons});
    root.getOrAdd(recording.request.population)
        .add(exec::getQuantityName(recording.request.quantity),
             nir::NirObservable::fromDense(std::move(values), dt));
  }
  run->recordings.clear();
  return nir::writeNirData(options.recordFile, root);
}

ExitCode Session::writeRunFiles() {
  if (recordsNirData(options)) {
    if (llvm::Error error = writeNirRecordings()) {
      log.add(std::move(error));
      return ExitCode::Usage;
    }
  } else if (!options.recordFile.empty()) {
    std::vector<NamedArray> arrays;
    for (exec::Recording &recording : run->recordings) {
      std::string name = recording.request.population;
      if (recording.request.quantity != exec::Quantity::Spikes)
        name += "." + exec::getQuantityName(recording.request.quantity).str();
      if (recording.request.receptor)
        name += std::to_string(recording.request.receptor);
      arrays.push_back({std::move(name), std::move(recording.values)});
    }
    run->recordings.clear();
    if (llvm::Error error = writeNpz(options.recordFile, arrays)) {
      log.add(std::move(error));
      return ExitCode::Usage;
    }
  }
  if (!options.activityOut.empty())
    if (llvm::Error error =
            exec::writeActivity(options.activityOut, *activity)) {
      log.add(std::move(error));
      return ExitCode::Usage;
    }
  return ExitCode::Success;
}

/// Takes up the target in the module, on which what follows depends.
ExitCode Session::readTarget() {
  auto targets = moduleRef->getOps<chip::TargetOp>();
  if (targets.empty()) {
    log.add(Severity::Error, "no target; hint: --target NAME [target-given]");
    return ExitCode::Usage;
  }
  targetInfo = target::TargetInfo::get(*targets.begin());
  StringRef wanted = options.phases.target;
  if (wanted != targetInfo->name &&
      llvm::sys::path::stem(wanted) != targetInfo->name) {
    log.add(Severity::Error,
            "the module is for target '" + targetInfo->name + "', not '" +
                options.phases.target + "' [target-given]",
            options.model);
    return ExitCode::Usage;
  }
  options.phases.binary =
      targetInfo->word("payload").value_or("binary") == "binary";
  result.target.name = targetInfo->name;
  result.target.sha256 = targetInfo->sha256;
  result.target.costProfile = targetInfo->costProfile;
  result.target.overrides = targetInfo->overrides;
  return ExitCode::Success;
}

/// Neurons whose membranes follow an equation in time.
static bool hasTimeConstant(Operation &op) {
  return isa<spike::LifOp, spike::CubaLifOp, spike::LiOp, spike::CubaLiOp>(op);
}

/// What a graded network does not have.
static bool takesTime(Operation &op) {
  return hasTimeConstant(op) || isa<spike::IfOp, spike::ThresholdOp,
                                    spike::SigmaDeltaOp, spike::DelayOp>(op);
}

bool pipelines::isSpikingNetwork(spike::NetworkOp network) {
  return llvm::any_of(network.getBody().front(), takesTime);
}

bool Session::runsOverTime() {
  spike::NetworkOp net = network();
  return net && (result.model.format == "nir" || result.model.format == "net" ||
                 isSpikingNetwork(net));
}

bool pipelines::needsProfile(spike::NetworkOp network, StringRef format) {
  for (Operation &op : network.getBody().front()) {
    auto population = dyn_cast<spike::PopulationOpInterface>(op);
    if (population && !population.getDynamicsOrNull() &&
        (hasTimeConstant(op) ||
         (format == "nir" && population.getStateWords() > 0)))
      return true;
  }
  return false;
}

ExitCode Session::checkProfileName() {
  StringRef asked = options.executionProfile;
  std::vector<std::string> known =
      target::findProfileNames(options.phases.targetPaths);
  bool isFile = asked.contains('/') || asked.ends_with(".yaml") ||
                asked.ends_with(".yml");
  if (!asked.empty() && !isFile && !llvm::is_contained(known, asked)) {
    log.add(Severity::Error, "unknown execution profile '" + asked.str() + "'" +
                                 didYouMean(asked, known, "; there are ") +
                                 listWords(known, 20) + " [profile-unknown]");
    return ExitCode::Usage;
  }
  return ExitCode::Success;
}

ExitCode Session::chooseProfile() {
  StringRef asked = options.executionProfile;
  std::string own = targetInfo ? targetInfo->executionProfile : "";
  if (!isSpiking) {
    // A rate code steps as the chip does.
    StringRef name = asked.empty() ? StringRef(own) : asked;
    result.target.executionProfile = name.str();
    if (name.empty())
      return ExitCode::Success;
    FailureOr<target::ExecutionProfile> profile =
        target::loadExecutionProfile(name, options.phases.targetPaths, context);
    if (failed(profile))
      return ExitCode::Usage;
    auto found = profile->populations.find("if");
    if (found != profile->populations.end())
      options.phases.defaultReset =
          found->second.dynamics.reset == spike::Reset::Subtract ? "subtract"
                                                                 : "zero";
    return ExitCode::Success;
  }
  // NIR states equations, and what is imported from it has no steps yet.
  bool isOpen = needsProfile(network(), result.model.format);
  if (!asked.empty())
    options.phases.profile = asked.str();
  else if (isOpen)
    options.phases.profile = own;
  if (options.phases.profile.empty() && isOpen) {
    log.add(Severity::Error,
            (targetInfo ? "target '" + targetInfo->name +
                              "' names no execution profile, and the model "
                        : std::string("the model ")) +
                "states differential equations: nothing says how they become "
                "steps; hint: --execution-profile NAME, one of " +
                llvm::join(target::findProfileNames(options.phases.targetPaths),
                           ", ") +
                " [dynamics-missing]",
            options.model);
    return ExitCode::Usage;
  }
  result.target.executionProfile = options.phases.profile;
  if (!asked.empty() && !own.empty() && asked != own)
    log.add(Severity::Warning,
            "execution profile '" + asked.str() + "' in place of '" + own +
                "', the own one of target '" + targetInfo->name +
                "': what runs is not what the chip computes [profile-foreign]",
            options.model);
  if (options.phases.profile.empty() && !own.empty())
    log.add(Severity::Remark,
            "the model carries its own dynamics; execution profile '" + own +
                "' of the target is not applied",
            options.model);
  return ExitCode::Success;
}

ExitCode Session::checkRecords(bool isFinal) {
  spike::NetworkOp net = network();
  if (!net)
    return ExitCode::Success;
  std::vector<std::string> names;
  for (spike::PopulationOpInterface population : net.getPopulations())
    names.push_back(population.getPopulationName().str());
  ExitCode code = ExitCode::Success;
  if (isFinal && recordsNirData(options) && !getDt()) {
    log.add(Severity::Error,
            "--record-to: NIRData states how long a step is, which is not "
            "known; hint: --dt TIME, or a file that ends in .npz [nirdata-dt]");
    code = ExitCode::Usage;
  }
  for (const exec::RecordRequest &request : options.record) {
    spike::PopulationOpInterface population =
        net.lookupPopulation(request.population);
    if (!population) {
      log.add(Severity::Error,
              "--record: no population is called '" + request.population + "'" +
                  didYouMean(request.population, names, "; there are ") +
                  listWords(names) + " [record-name]");
      code = ExitCode::Usage;
      continue;
    }
    if (!isFinal)
      continue;
    bool isRelu = isa<spike::ReluOp>(population.getOperation());
    bool hasState = population.getStateWords() > 0 ||
                    isa<spike::ThresholdOp>(population.getOperation());
    if ((request.quantity == exec::Quantity::Membrane && !hasState) ||
        (request.quantity == exec::Quantity::Current && !hasState && !isRelu)) {
      log.add(Severity::Error,
              "--record: population '" + request.population + "' is a " +
                  population->getName().stripDialect().str() +
                  ", which has no '" +
                  exec::getQuantityName(request.quantity).str() +
                  "' [record-name]");
      code = ExitCode::Usage;
    }
  }
  return code;
}

/// Whether populations send events already: binary, counted or quantised.
static bool isEventNetwork(spike::NetworkOp network) {
  for (spike::PopulationOpInterface population : network.getPopulations())
    if (!population.isMembraneless() &&
        !isa<FloatType>(spike::getElementType(population.getEvents())))
      return true;
  return false;
}

ExitCode Session::advance(Phase last) {
  while (done < last) {
    auto next = static_cast<Phase>(static_cast<unsigned>(*done) + 1);
    switch (next) {
    case Phase::Target:
      // The output of a later phase brings its chip with it; a network may run
      // without one.
      if (!moduleRef->getOps<chip::TargetOp>().empty() ||
          options.phases.target.empty()) {
        done = next;
        continue;
      }
      break;
    case Phase::Profile:
      if (!options.phases.target.empty())
        if (ExitCode code = readTarget(); code != ExitCode::Success)
          return code;
      if (ExitCode code = checkProfileName(); code != ExitCode::Success)
        return code;
      if (ExitCode code = chooseProfile(); code != ExitCode::Success)
        return code;
      if (options.phases.profile.empty()) {
        done = next;
        continue;
      }
      break;
    case Phase::Legal:
      if (!targetInfo)
        if (ExitCode code = readTarget(); code != ExitCode::Success)
          return code;
      // A network of events needs no conversion; whether the chip runs it is
      // checked when it is mapped.
      if (options.phases.profile.empty() && isEventNetwork(network())) {
        done = Phase::Quantized;
        continue;
      }
      break;
    case Phase::Ranges: {
      if (isSpiking) {
        skipConversion();
        continue;
      }
      if (options.phases.calibration.empty() &&
          (options.uniformActivity || !options.activityFile.empty())) {
        assumeRanges(Severity::Warning);
        continue;
      }
      if (options.phases.calibration.empty()) {
        log.add(Severity::Error,
                "conversion needs calibration samples; hint: --data FILE or "
                "--calibration FILE [calibration-missing]");
        return ExitCode::BadData;
      }
      break;
    }
    case Phase::Rate:
      if (!options.phases.binary) {
        done = next;
        continue;
      }
      break;
    case Phase::Partition:
      if (!activity)
        if (ExitCode code = execute(); code != ExitCode::Success)
          return code;
      break;
    default:
      break;
    }
    if (ExitCode code = runNext(next); code != ExitCode::Success)
      return code;

    if (next == Phase::Spike && network())
      result.model.parameters = countParameters(network());
    if (next == Phase::Spike && !network()) {
      log.add(Severity::Error,
              "the model has no layer that spiking neurons could compute "
              "[network-missing]",
              options.model);
      return ExitCode::Unsupported;
    }

    // Names are final now.
    if (next == (options.phases.target.empty() ? Phase::Spike : Phase::Legal))
      if (ExitCode code = checkRecords(false); code != ExitCode::Success)
        return code;

    // Accuracy around each lossy step; a spiking model is exact from its
    // profile on.
    if (isSpiking)
      continue;
    if (next == Phase::Spike || next == Phase::Legal || next == Phase::Rate) {
      if (ExitCode code = loadData(); code != ExitCode::Success)
        return code;
      if (dataset && dataset->hasLabels())
        scoreStage(next);
    }
  }
  return ExitCode::Success;
}

/// Thresholds and weights take a place in any case; their values do not matter
/// for whether they fit, nor for what a given activity costs.
void Session::assumeRanges(Severity severity) {
  log.add(severity,
          "without data ranges are taken to be 0 to 1: thresholds and weights "
          "have places but no values that mean anything [range-assumed]",
          options.model);
  mlir::Builder builder(context);
  auto one = builder.getF64FloatAttr(1);
  for (spike::PopulationOpInterface population : network().getPopulations())
    population->setAttr(spike::SpikeDialect::kRangeAttrName,
                        spike::RangeAttr::get(
                            context, builder.getF64FloatAttr(0), one, one, one,
                            /*samples=*/1, builder.getStringAttr("")));
  done = Phase::Ranges;
}

/// Spiking models are in the chip's steps and integers by their profile.
void Session::skipConversion() {
  log.add(Severity::Remark,
          "the model spikes already: phases 'ranges', 'rate' and 'quantized' "
          "have nothing to convert",
          options.model);
  done = Phase::Quantized;
}

ExitCode Session::check() {
  if (!options.phases.calibration.empty()) {
    if (ExitCode code = advance(Phase::Routing); code != ExitCode::Success)
      return code;
    return addResources();
  }
  if (ExitCode code = advance(Phase::Legal); code != ExitCode::Success)
    return code;
  if (done != Phase::Quantized && isSpiking)
    skipConversion();
  if (done == Phase::Quantized)
    return mapAndFill();
  // Whether something fits does not hang on values.
  assumeRanges(Severity::Remark);
  if (ExitCode code = advance(Phase::Quantized); code != ExitCode::Success)
    return code;
  return mapAndFill();
}

/// The message of the log's first entry with a rule; "" if there is none.
static StringRef findMessage(ArrayRef<LoggedDiagnostic> entries,
                             StringRef rule) {
  for (const LoggedDiagnostic &entry : entries)
    if (entry.rule == rule)
      return entry.message;
  return "";
}

ExitCode Session::inspect(Inspection &inspection) {
  log.setPrint(DiagnosticLog::Print::Errors);
  if (ExitCode code = load(); code != ExitCode::Success)
    return code;
  if (done < Phase::Spike)
    if (ExitCode code = advance(Phase::Spike); code != ExitCode::Success)
      return code;
  FailureOr<Inspection> found = inspectNetwork(network(), result.model);
  if (failed(found))
    return ExitCode::Unsupported;
  inspection = std::move(*found);
  inspection.notes.assign(log.diagnostics().begin(), log.diagnostics().end());
  StringRef inferred = findMessage(inspection.notes, "nir-dt");
  inspection.dtSource =
      options.phases.dt ? "as given with --dt"
      : inferred.empty()
          ? "stated by the model"
          : "inferred" + inferred.split(" inferred").second.str();
  if (options.phases.target.empty() && options.executionProfile.empty())
    return ExitCode::Success;
  return inspectWay(inspection);
}

/// Goes to the target as far as it can be told without data, both steps even if
/// one fails.
ExitCode Session::inspectWay(Inspection &inspection) {
  if (done < Phase::Target)
    if (ExitCode code = advance(Phase::Target); code != ExitCode::Success)
      return code;
  if (!options.phases.target.empty())
    if (ExitCode code = readTarget(); code != ExitCode::Success)
      return code;
  if (ExitCode code = checkProfileName(); code != ExitCode::Success)
    return code;
  size_t known = log.diagnostics().size();
  log.setPrint(DiagnosticLog::Print::Nothing);
  (void)chooseProfile();
  OwningOpRef<ModuleOp> before = moduleRef->clone();
  if (failed(runPhase(Phase::Profile, options.phases, *moduleRef)))
    moduleRef = std::move(before);
  if (targetInfo)
    (void)runPhase(Phase::Legal, options.phases, *moduleRef);
  inspection.way.emplace();
  inspection.way->target = result.target.name;
  inspection.way->profile = result.target.executionProfile;
  ArrayRef<LoggedDiagnostic> findings = log.diagnostics().drop_front(known);
  inspection.way->findings.assign(findings.begin(), findings.end());
  return ExitCode::Success;
}

/// Maps without an activity.
ExitCode Session::mapAndFill() {
  for (Phase phase : {Phase::Partition, Phase::Placement, Phase::Routing})
    if (ExitCode code = runNext(phase); code != ExitCode::Success)
      return code;
  return addResources();
}

/// How full the chip is; what it costs is not asked.
ExitCode Session::addResources() {
  ExitCode code = estimate();
  result.kpis.clear();
  result.assumptions.clear();
  result.step.clear();
  return code;
}
