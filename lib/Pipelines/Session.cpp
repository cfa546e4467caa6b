//===- Session.cpp - One model on one target: the phases ------------------===//

#include "nmc/Pipelines/Session.h"

#include "dialects/Onnx/OnnxDialect.h"
#include "nmc/Exec/Interpreter.h"
#include "nmc/Pipelines/Inspect.h"
#include "nmc/Support/File.h"
#include "nmc/Support/Rule.h"
#include "nmc/Support/Npz.h"
#include "nmc/Support/Sha256.h"
#include "nmc/Support/Units.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AsmState.h"
#include "mlir/Parser/Parser.h"
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
// Loading
//===----------------------------------------------------------------------===//

/// How a model file is read, by its name and first bytes.
static StringRef detectFormat(StringRef path, StringRef content) {
  StringRef extension = llvm::sys::path::extension(path);
  if (extension == ".mlir" || extension == ".mlirbc" ||
      content.starts_with("ML\xefR"))
    return "mlir";
  return "onnx";
}

ExitCode Session::loadModel() {
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      readFile(options.model);
  if (!buffer) {
    log.add(buffer.takeError());
    return ExitCode::ModelUnreadable;
  }
  result.model.path = options.model;
  result.model.name = llvm::sys::path::stem(options.model).str();
  // Models in folders of their own are called by the folder.
  if (result.model.name == "model")
    if (StringRef parent = llvm::sys::path::filename(
            llvm::sys::path::parent_path(options.model));
        !parent.empty() && parent != "." && parent != "..")
      result.model.name = parent.str();
  result.model.format = detectFormat(options.model, (*buffer)->getBuffer()).str();
  result.model.sha256 = sha256((*buffer)->getBuffer());
  if (result.model.format == "mlir") {
    mlir::ParserConfig config(context);
    moduleRef = mlir::parseSourceString<ModuleOp>((*buffer)->getBuffer(), config,
                                                  options.model);
  } else {
    moduleRef = onnx::importOnnxFile(options.model, options.import, context);
  }
  if (!moduleRef)
    return ExitCode::ModelUnreadable;
  addModelFacts();
  return ExitCode::Success;
}

ExitCode Session::load() {
  progress.report("read model", std::nullopt);
  // Names the bundle until the target is read, which may not come to pass.
  result.target.name = llvm::sys::path::stem(options.phases.target).str();
  if (ExitCode code = loadModel(); code != ExitCode::Success)
    return code;
  done = Phase::Import;
  // Text may start anywhere on the way.
  if (network())
    done = Phase::Spike;
  else if (result.model.format == "mlir" && !onnx::getEntry(*moduleRef)) {
    log.add(Severity::Error,
            "the module has neither a spike.network nor one public function; "
            "hint: mark the other functions private [model-entry]",
            options.model);
    return ExitCode::ModelUnreadable;
  }
  return dump(Phase::Import);
}

ExitCode Session::checkLabels() {
  ArrayRef<Type> outputs = network().getFunctionType().getResults();
  if (!dataset->hasLabels() || outputs.empty())
    return ExitCode::Success;
  int64_t classes = cast<ShapedType>(outputs.front()).getNumElements();
  ArrayRef<int64_t> labels = dataset->labels();
  const int64_t *found =
      llvm::find_if(labels, [&](int64_t label) { return label >= classes; });
  if (found == labels.end())
    return ExitCode::Success;
  log.add(Severity::Error,
          llvm::formatv("label {0} is {1}, but the network has {2} outputs, "
                        "counted from 0 [labels-value]",
                        found - labels.begin(), *found, classes)
              .str(),
          options.data.labels.empty() ? options.data.data
                                      : options.data.labels);
  return ExitCode::BadData;
}

ExitCode Session::loadData() {
  if (options.data.data.empty() || dataset)
    return ExitCode::Success;
  llvm::Expected<exec::Dataset> loaded =
      exec::Dataset::load(exec::getInputSpecs(network()), options.data);
  if (!loaded) {
    log.add(loaded.takeError());
    return ExitCode::BadData;
  }
  dataset = std::move(*loaded);
  for (const std::string &note : dataset->notes())
    log.add(Severity::Remark, note, options.data.data);
  for (const std::string &warning : dataset->warnings())
    log.add(Severity::Warning, warning); // says which file
  if (!isFloatKind(dataset->kind()) && options.data.preprocess.keepsValues())
    log.add(Severity::Warning,
            "integers from " + formatNumber(dataset->min()) + " to " +
                formatNumber(dataset->max()) +
                " are taken as real values; hint: --preprocess scale=, "
                "zero_point= where they stand for others [data-integer]",
            options.data.data);
  if (ExitCode code = checkLabels(); code != ExitCode::Success)
    return code;
  result.input.kind = dataset->format().str();
  result.input.path = options.data.data;
  result.input.name = llvm::sys::path::stem(options.data.data).str();
  // inputs.npz says nothing; its folder does.
  if (result.input.name == "inputs")
    if (StringRef parent = llvm::sys::path::filename(
            llvm::sys::path::parent_path(options.data.data));
        !parent.empty())
      result.input.name = (parent + "/inputs").str();
  result.input.sha256 = dataset->sha256().str();
  result.input.samples = dataset->samples();
  result.input.labels = dataset->hasLabels();
  return ExitCode::Success;
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
  auto begin = std::chrono::steady_clock::now();
  if (failed(runPhase(phase, options.phases, *moduleRef)))
    return info.failure;
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - begin;
  record.phases.push_back({info.name.str(), elapsed.count()});
  done = phase;
  return dump(phase);
}

ExitCode Session::writeRunFiles() {
  if (!options.recordFile.empty()) {
    std::vector<NamedArray> arrays;
    for (exec::Recording &recording : run->recordings) {
      std::string name = recording.request.population;
      if (recording.request.quantity != exec::Quantity::Spikes)
        name += "." + exec::getQuantityName(recording.request.quantity).str();
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
  result.target.executionProfile = targetInfo->executionProfile;
  result.target.overrides = targetInfo->overrides;
  if (options.executionProfile.empty() ||
      options.executionProfile == targetInfo->executionProfile)
    return ExitCode::Success;
  log.add(Severity::Error,
          "execution profile '" + options.executionProfile +
              "' is not known; target '" + targetInfo->name + "' has " +
              (targetInfo->executionProfile.empty()
                   ? "none"
                   : "'" + targetInfo->executionProfile + "'") +
              " [profile-unknown]");
  return ExitCode::Usage;
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
      // The output of a later phase brings its chip with it.
      if (!moduleRef->getOps<chip::TargetOp>().empty()) {
        done = next;
        continue;
      }
      break;
    case Phase::Legal:
      if (ExitCode code = readTarget(); code != ExitCode::Success)
        return code;
      // A network of events needs no conversion; whether the chip runs it is
      // checked when it is mapped.
      if (isEventNetwork(network())) {
        done = Phase::Quantized;
        continue;
      }
      break;
    case Phase::Ranges: {
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

    // Accuracy around each lossy step.
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
    population->setAttr(
        spike::SpikeDialect::kRangeAttrName,
        spike::RangeAttr::get(context, builder.getF64FloatAttr(0), one, one, one,
                              /*samples=*/1, builder.getStringAttr("")));
  done = Phase::Ranges;
}

ExitCode Session::check() {
  if (!options.phases.calibration.empty()) {
    if (ExitCode code = advance(Phase::Routing); code != ExitCode::Success)
      return code;
    return addResources();
  }
  if (ExitCode code = advance(Phase::Legal); code != ExitCode::Success)
    return code;
  if (done == Phase::Quantized)
    return mapAndFill();
  // Whether something fits does not hang on values.
  assumeRanges(Severity::Remark);
  if (ExitCode code = advance(Phase::Quantized); code != ExitCode::Success)
    return code;
  return mapAndFill();
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

void Session::addModelFacts() {
  mlir::func::FuncOp entry = onnx::getEntry(*moduleRef);
  if (!entry)
    return;
  if (auto version = entry->getAttrOfType<IntegerAttr>(
          onnx::OnnxDialect::kIrVersionAttrName))
    result.model.irVersion = version.getInt();
  if (auto opsets = entry->getAttrOfType<DictionaryAttr>(
          onnx::OnnxDialect::kOpsetsAttrName))
    for (NamedAttribute entry : opsets)
      if (auto version = dyn_cast<IntegerAttr>(entry.getValue()))
        result.model.opset.push_back({entry.getName().str(), version.getInt()});
}
