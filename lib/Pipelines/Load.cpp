//===- Load.cpp - One model on one target: model and data -----------------===//

#include "nmc/Pipelines/Session.h"

#include "dialects/Onnx/OnnxDialect.h"
#include "nmc/Exec/Interpreter.h"
#include "nmc/Pipelines/Inspect.h"
#include "nmc/Support/File.h"
#include "nmc/Support/Sha256.h"
#include "nmc/Support/Units.h"
#include "nmc/Target/ExecutionProfile.h"
#include "nmc/Target/Load.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AsmState.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace nmc;
using namespace nmc::pipelines;

//===----------------------------------------------------------------------===//
// Model
//===----------------------------------------------------------------------===//

/// How a model file is read, by its name and first bytes.
static StringRef detectFormat(StringRef path, StringRef content) {
  StringRef extension = llvm::sys::path::extension(path);
  if (extension == ".mlir" || extension == ".mlirbc" ||
      content.starts_with("ML\xefR"))
    return "mlir";
  if (extension == ".net")
    return "net";
  if (extension == ".nir" || content.starts_with("\x89HDF\r\n\x1a\n"))
    return "nir";
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
  if (result.model.name == "model" || result.model.name == "network")
    if (StringRef parent = llvm::sys::path::filename(
            llvm::sys::path::parent_path(options.model));
        !parent.empty() && parent != "." && parent != "..")
      result.model.name = parent.str();
  result.model.format =
      detectFormat(options.model, (*buffer)->getBuffer()).str();
  result.model.sha256 = sha256((*buffer)->getBuffer());
  if (result.model.format == "mlir") {
    mlir::ParserConfig config(context);
    moduleRef = mlir::parseSourceString<ModuleOp>((*buffer)->getBuffer(),
                                                  config, options.model);
  } else if (result.model.format == "nir" || result.model.format == "net") {
    if (ExitCode code = loadNir(); code != ExitCode::Success)
      return code;
  } else {
    moduleRef = onnx::importOnnxFile(options.model, options.import, context);
  }
  if (!moduleRef)
    return ExitCode::ModelUnreadable;
  addModelFacts();
  return ExitCode::Success;
}

/// How many events per element and step the platform takes in, where that is
/// stated: by the execution profile, else by the target's payload.  Faults in
/// either are left to the phases that load them.
std::optional<int64_t> Session::getInputEvents() {
  mlir::ScopedDiagnosticHandler silence(
      context, [](mlir::Diagnostic &) { return success(); });
  std::string profileName = options.executionProfile;
  std::optional<int64_t> events;
  if (!options.phases.target.empty()) {
    target::LoadOptions load;
    load.target = options.phases.target;
    load.searchPaths = options.phases.targetPaths;
    load.overrides = options.phases.overrides;
    FailureOr<OwningOpRef<ModuleOp>> loaded = target::loadTarget(load, context);
    if (failed(loaded))
      return std::nullopt;
    auto targets = (*loaded)->getOps<chip::TargetOp>();
    target::TargetInfo info = target::TargetInfo::get(*targets.begin());
    if (info.word("payload").value_or("") == "binary")
      events = 1;
    if (profileName.empty())
      profileName = info.executionProfile;
  }
  if (profileName.empty())
    return events;
  FailureOr<target::ExecutionProfile> profile = target::loadExecutionProfile(
      profileName, options.phases.targetPaths, context);
  if (failed(profile))
    return events;
  return profile->inputEvents ? profile->inputEvents : events;
}

/// Real numbers, counts or bits: what the data are, and the platform takes.
nir::InputKind Session::chooseInput(std::string &reason) {
  std::optional<int64_t> most = getInputEvents();
  if (options.encoding == spike::Encoding::Rate) {
    reason = "a rate code sends one event at a time";
    return nir::InputKind::Binary;
  }
  if (!dataset) {
    if (!most)
      return nir::InputKind::Analog;
    reason = "the platform takes " + std::to_string(*most) +
             (*most == 1 ? " event" : " events") + " per element and step";
    return *most == 1 ? nir::InputKind::Binary : nir::InputKind::Counts;
  }
  double largest = 0;
  for (int64_t input = 0; input < dataset->inputCount(); ++input) {
    if (!dataset->isWhole(input) || dataset->min(input) < 0 ||
        dataset->max(input) > 255) {
      reason =
          "the data are no counts: " + formatNumber(dataset->min(input), 6) +
          " to " + formatNumber(dataset->max(input), 6);
      return nir::InputKind::Analog;
    }
    if (!dataset->hasSteps(input) && dataset->max(input) > 1) {
      reason = "the data stand still";
      return nir::InputKind::Analog;
    }
    largest = std::max(largest, dataset->max(input));
  }
  if (largest <= 1) {
    reason = "the data are 0 and 1";
    return nir::InputKind::Binary;
  }
  reason = "the data are counts up to " + formatNumber(largest, 6);
  // Frames can be cut to bits; other counts cannot.
  if (most == 1 && dataset->isEvents() && !options.countsAsked) {
    reason += ", of which the platform takes 1";
    return nir::InputKind::Binary;
  }
  return nir::InputKind::Counts;
}

static StringRef getWord(nir::InputKind kind) {
  return kind == nir::InputKind::Binary   ? "binary"
         : kind == nir::InputKind::Counts ? "counts"
                                          : "analog";
}

ExitCode Session::loadNir() {
  llvm::Expected<nir::RawObject> file = nir::readHdf5(options.model);
  if (!file) {
    log.add(file.takeError());
    return ExitCode::ModelUnreadable;
  }
  nir::ImportOptions import;
  import.dt = options.phases.dt;
  import.timeUnit = options.timeUnit;
  import.input = options.input == "binary"   ? nir::InputKind::Binary
                 : options.input == "counts" ? nir::InputKind::Counts
                                             : nir::InputKind::Analog;
  moduleRef = nir::importNir(*file, options.model, import, context);
  if (!moduleRef || !network())
    return ExitCode::ModelUnreadable;
  // lava-dl says what its inputs are.
  if (!options.input.empty() || !file->find("node"))
    return ExitCode::Success;
  if (ExitCode code = loadData(); code != ExitCode::Success)
    return code;
  std::string reason;
  import.input = chooseInput(reason);
  if (!reason.empty()) {
    log.add(Severity::Remark,
            "input: " + getWord(import.input).str() + ", since " + reason +
                "; hint: --input KIND",
            options.model);
    options.given.push_back({"input", getWord(import.input).str()});
  }
  if (import.input == nir::InputKind::Analog)
    return ExitCode::Success;
  // What there was to say has been said.
  mlir::ScopedDiagnosticHandler silence(
      context, [](mlir::Diagnostic &) { return success(); });
  moduleRef = nir::importNir(*file, options.model, import, context);
  if (!moduleRef)
    return ExitCode::Internal;
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
  if (spike::NetworkOp net = network()) {
    done = Phase::Spike;
    isSpiking = runsOverTime();
    result.model.parameters = countParameters(net);
    if (options.state)
      net.setStateAttr(spike::StateScopeAttr::get(context, *options.state));
  } else if (result.model.format == "mlir" && !onnx::getEntry(*moduleRef)) {
    log.add(Severity::Error,
            "the module has neither a spike.network nor one public function; "
            "hint: mark the other functions private [model-entry]",
            options.model);
    return ExitCode::ModelUnreadable;
  }
  checkUnused();
  return dump(Phase::Import);
}

/// What is given for spiking models, but the model is none.
void Session::checkUnused() {
  if (isSpiking)
    return;
  std::string flags;
  for (const auto &[name, value] : options.given)
    if (name == "dt" || name == "time-unit" || name == "input" ||
        name == "state")
      flags += (flags.empty() ? "--" : ", --") + name;
  if (!flags.empty())
    log.add(Severity::Warning,
            "for spiking models only, and not used here: " + flags +
                " [option-unused]",
            options.model);
}

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

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

spike::RunOp pipelines::findRun(spike::NetworkOp network) {
  spike::RunOp found;
  network->getParentOp()->walk([&](spike::RunOp run) {
    if (run.getNetwork() != network.getSymName())
      return mlir::WalkResult::advance();
    found = run;
    return mlir::WalkResult::interrupt();
  });
  return found;
}

/// Most events that a port takes per element and step; none for analogue ones.
static std::optional<int64_t> getMostEvents(Type port) {
  auto integer = dyn_cast<IntegerType>(cast<ShapedType>(port).getElementType());
  if (!integer)
    return std::nullopt;
  if (integer.isSigned())
    return (int64_t(1) << (integer.getWidth() - 1)) - 1;
  return (int64_t(1) << std::min(integer.getWidth(), 32u)) - 1;
}

/// Integers over time, or 0 and 1, are what spiking networks take.
static bool takesCounts(const exec::Dataset &dataset) {
  return dataset.hasSteps() || (dataset.min() >= 0 && dataset.max() <= 1);
}

std::optional<double> Session::getDt() {
  if (options.phases.dt)
    return options.phases.dt;
  if (FloatAttr dt = network().getDtAttr())
    return dt.getValueAsDouble();
  return std::nullopt;
}

void Session::describeData() {
  spike::NetworkOp net = network();
  exec::DatasetOptions &data = options.data;
  spike::RunOp run = findRun(net);
  if (run) {
    exec::HostSide host = exec::getHostSide(net);
    data.time = llvm::is_contained(host.encodings, spike::Encoding::Events)
                    ? exec::TimeAxis::Steps
                    : exec::TimeAxis::None;
    data.steps = options.steps ? options.steps : host.steps;
  } else {
    data.time = runsOverTime() ? exec::TimeAxis::Either : exec::TimeAxis::None;
    data.steps = options.steps;
    if (std::optional<uint64_t> own = net.getSteps(); own && !data.steps)
      data.steps = *own;
  }
  if (options.encoding)
    data.time = *options.encoding == spike::Encoding::Events
                    ? exec::TimeAxis::Steps
                    : exec::TimeAxis::None;
  if (data.framing.window || data.time == exec::TimeAxis::None)
    return;
  // A step of half a second is a step without a time.
  if (std::optional<double> dt = getDt(); dt && *dt < 0.5)
    data.framing.window = dt;
}

ExitCode Session::loadData() {
  if (options.data.data.empty())
    return ExitCode::Success;
  std::vector<exec::InputSpec> specs = exec::getInputSpecs(network());
  bool fits = dataset.has_value();
  for (auto [port, type] : llvm::enumerate(network().getArgumentTypes())) {
    specs[port].mostEvents = getMostEvents(type);
    // Frames are made for what a port takes.
    fits &= !dataset || !dataset->isEvents(port) || !specs[port].mostEvents ||
            dataset->max(port) <= *specs[port].mostEvents;
  }
  if (fits)
    return ExitCode::Success;
  describeData();
  llvm::Expected<exec::Dataset> loaded =
      exec::Dataset::load(specs, options.data);
  if (!loaded) {
    log.add(loaded.takeError());
    return ExitCode::BadData;
  }
  dataset = std::move(*loaded);
  // Nothing is said twice where data are read again.
  auto isNew = [&](const std::string &text) {
    return saidOfData.insert(text).second;
  };
  for (const std::string &note : dataset->notes())
    if (isNew(note))
      log.add(Severity::Remark, note, options.data.data);
  for (const std::string &warning : dataset->warnings())
    if (isNew(warning))
      log.add(Severity::Warning, warning); // says which file
  if (!isFloatKind(dataset->kind()) && !dataset->isEvents() &&
      options.data.preprocess.keepsValues() && !takesCounts(*dataset))
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
