//===- Verbs.cpp - What nmc does ------------------------------------------===//

#include "Verbs.h"

#include "nmc/Conversion/OnnxToTosa.h"
#include "nmc/Pipelines/Inspect.h"
#include "nmc/RegisterAll.h"
#include "nmc/Report/Compare.h"
#include "nmc/Support/File.h"
#include "nmc/Support/Nearest.h"
#include "nmc/Target/Inspect.h"

#include "mlir/IR/DialectRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

using namespace nmc;
using namespace nmc::tool;
using pipelines::Phase;
using pipelines::Session;

//===----------------------------------------------------------------------===//
// Surroundings
//===----------------------------------------------------------------------===//

static bool wantsColor(int fd) {
  const char *noColor = ::getenv("NO_COLOR");
  if (noColor && *noColor)
    return false;
  return llvm::sys::Process::FileDescriptorHasColors(fd);
}

namespace {
/// Progress on stderr: a rewritten line on a terminal, JSON lines, or nothing.
class TerminalProgress : public pipelines::Progress {
public:
  TerminalProgress(StringRef format, bool quiet) {
    if (format == "json")
      style = Style::Json;
    else if (format == "auto" && !quiet &&
             llvm::sys::Process::StandardErrIsDisplayed())
      style = Style::Line;
  }
  ~TerminalProgress() override { clear(); }

  void report(StringRef stage, std::optional<double> share) override {
    if (style == Style::None)
      return;
    // A line per percent is plenty.
    int percent = share ? int(*share * 100) : -1;
    if (stage == lastStage && percent == lastPercent)
      return;
    lastStage = stage.str();
    lastPercent = percent;
    if (style == Style::Json) {
      llvm::json::Object line{{"stage", stage}};
      if (share)
        line["percent"] = percent;
      llvm::errs() << llvm::json::Value(std::move(line)) << "\n";
      return;
    }
    clear();
    llvm::errs() << stage;
    if (share)
      llvm::errs() << " " << percent << " %";
    llvm::errs().flush();
    drawn = true;
  }

  /// Removes the line, so that something else can be printed.
  void clear() {
    if (drawn)
      llvm::errs() << "\r\033[K";
    drawn = false;
  }

private:
  enum class Style { None, Line, Json } style = Style::None;
  std::string lastStage;
  int lastPercent = -1;
  bool drawn = false;
};

/// Everything a verb on a model needs.
struct Workplace {
  explicit Workplace(const CommandLine &commandLine)
      : context(makeContext()),
        log(context.get(), llvm::errs(),
            {commandLine.quiet, commandLine.verbose, wantsColor(2)}),
        progress(commandLine.progress, commandLine.quiet),
        session(commandLine.session, context.get(), log, progress) {}

  static std::unique_ptr<MLIRContext> makeContext() {
    mlir::DialectRegistry registry;
    registerAllDialects(registry);
    registerAllPasses();
    auto context = std::make_unique<MLIRContext>(
        registry, MLIRContext::Threading::DISABLED);
    context->loadAllAvailableDialects();
    context->printOpOnDiagnostic(false);
    return context;
  }

  std::unique_ptr<MLIRContext> context;
  DiagnosticLog log;
  TerminalProgress progress;
  Session session;
};
} // namespace

/// Reports at the command line.
static ExitCode usage(const Twine &message) {
  llvm::errs() << "nmc: error: " << message << " [usage]\n";
  return ExitCode::Usage;
}

static ExitCode needModel(const CommandLine &commandLine) {
  if (commandLine.arguments.size() == 1)
    return ExitCode::Success;
  return usage(commandLine.arguments.empty()
                   ? "no model; give a file, e.g. 'nmc compile model.onnx'"
                   : "one model at a time, but " +
                         Twine(commandLine.arguments.size()) + " are given");
}

//===----------------------------------------------------------------------===//
// Verbs on a model
//===----------------------------------------------------------------------===//

/// Prints a report: JSON, or a screen.
static void printReport(const CommandLine &commandLine,
                        const report::Report &report, StringRef bundle,
                        ArrayRef<std::string> files) {
  if (commandLine.json) {
    report::printJson(report, llvm::outs());
    return;
  }
  report::SummaryOptions options;
  options.color = wantsColor(1);
  options.bundle = bundle.str();
  options.files.assign(files.begin(), files.end());
  report::printSummary(report, llvm::outs(), options);
}

/// The steps that a verb takes, up to the first that fails.
static ExitCode runSession(const CommandLine &commandLine, Session &session) {
  auto steps = [&](auto... step) {
    ExitCode code = ExitCode::Success;
    (void)((code = step(), code == ExitCode::Success) && ...);
    return code;
  };
  auto load = [&] { return session.load(); };
  auto to = [&](Phase phase) {
    return [&session, phase] { return session.advance(phase); };
  };
  auto execute = [&] { return session.execute(); };
  auto estimate = [&] { return session.estimate(); };
  switch (commandLine.verb) {
  case Verb::Check:
    return steps(load, [&] { return session.check(); });
  case Verb::Run:
    if (commandLine.session.phases.target.empty())
      return steps(load, to(Phase::Profile), execute);
    return steps(load, to(Phase::Quantized), execute);
  case Verb::Map:
    return steps(load, to(Phase::Routing));
  case Verb::Compile:
    if (commandLine.session.compileTo)
      return steps(load, to(*commandLine.session.compileTo));
    [[fallthrough]];
  default:
    if (commandLine.session.level == "count")
      return steps(load, to(Phase::Quantized), execute, estimate);
    return steps(load, to(Phase::Routing), estimate);
  }
}

/// Whether a folder is there, or can be made.
static bool canMakeFolder(StringRef folder, std::string &why) {
  namespace fs = llvm::sys::fs;
  llvm::SmallString<128> path(folder);
  if (std::error_code error = fs::make_absolute(path)) {
    why = error.message();
    return false;
  }
  while (!fs::exists(path) && llvm::sys::path::has_parent_path(path))
    llvm::sys::path::remove_filename(path);
  if (!fs::is_directory(path))
    why = path.str().str() + " is no folder";
  else if (std::error_code error = fs::access(path, fs::AccessMode::Write))
    why = path.str().str() + ": " + error.message();
  return why.empty();
}

/// Refuses places that cannot be written to before any work is done.
static ExitCode checkPlaces(const CommandLine &commandLine) {
  const pipelines::SessionOptions &session = commandLine.session;
  ExitCode code = ExitCode::Success;
  auto refuse = [&](const std::string &place, const Twine &why,
                    StringRef rule) {
    llvm::WithColor::error(llvm::errs(), "nmc")
        << place << ": " << why << " [" << rule << "]\n";
    code = ExitCode::Usage;
  };
  std::string bundle = session.outputFolder;
  if (bundle.empty() && commandLine.verb == Verb::Compile && !session.compileTo)
    bundle = "nmc-out";
  for (auto [folder, rule] :
       {std::pair<const std::string &, StringRef>{bundle, "bundle-write"},
        {session.dumpPhases, "dump-write"}}) {
    std::string why;
    if (!folder.empty() && !canMakeFolder(folder, why))
      refuse(folder, "folder cannot be made: " + why, rule);
  }
  for (const std::string &file : {session.recordFile, session.activityOut}) {
    if (file.empty())
      continue;
    StringRef parent = llvm::sys::path::parent_path(file);
    if (llvm::sys::fs::is_directory(file))
      refuse(file, "cannot be written: is a folder", "file-write");
    else if (!parent.empty() && !llvm::sys::fs::is_directory(parent))
      refuse(file, "cannot be written: there is no folder " + parent,
             "file-write");
    else if (std::error_code error =
                 llvm::sys::fs::access(parent.empty() ? "." : parent,
                                       llvm::sys::fs::AccessMode::Write))
      refuse(file, "cannot be written: " + error.message(), "file-write");
  }
  return code;
}

static ExitCode runModelVerb(const CommandLine &commandLine) {
  if (ExitCode code = needModel(commandLine); code != ExitCode::Success)
    return code;
  if (ExitCode code = checkPlaces(commandLine); code != ExitCode::Success)
    return code;
  bool needsTarget = commandLine.verb != Verb::Run &&
                     !(commandLine.session.compileTo &&
                       *commandLine.session.compileTo < Phase::Target);
  if (needsTarget && commandLine.session.phases.target.empty())
    return usage("no target; give --target NAME, and see 'nmc targets list'");

  Workplace workplace(commandLine);
  Session &session = workplace.session;
  ExitCode code = runSession(commandLine, session);
  workplace.progress.clear();
  if (commandLine.session.compileTo) {
    if (code == ExitCode::Success)
      session.print(llvm::outs());
    return code;
  }
  if (commandLine.verb == Verb::Map && code == ExitCode::Success &&
      commandLine.session.outputFolder.empty())
    return pipelines::printMapping(session.module(), commandLine.json,
                                   llvm::outs());
  session.close(code);
  if (code == ExitCode::ModelUnreadable || code == ExitCode::Usage) {
    if (commandLine.json)
      report::printJson(session.getReport(), llvm::outs());
    return code;
  }
  bool bundle = commandLine.verb == Verb::Compile ||
                !commandLine.session.outputFolder.empty();
  if (bundle)
    if (ExitCode written =
            session.writeBundle(commandLine.verb == Verb::Compile);
        written != ExitCode::Success)
      code = code == ExitCode::Success ? written : code;
  printReport(commandLine, session.getReport(), session.bundleFolder(),
              session.writtenFiles());
  return code;
}

static ExitCode runInspect(const CommandLine &commandLine) {
  if (ExitCode code = needModel(commandLine); code != ExitCode::Success)
    return code;
  Workplace workplace(commandLine);
  pipelines::Inspection inspection;
  ExitCode code = workplace.session.inspect(inspection);
  workplace.progress.clear();
  if (code != ExitCode::Success)
    return code;
  pipelines::InspectOptions options;
  options.json = commandLine.json;
  options.verbose = commandLine.verbose;
  options.color = wantsColor(1);
  pipelines::printInspection(inspection, options, llvm::outs());
  return ExitCode::Success;
}

//===----------------------------------------------------------------------===//
// Verbs on bundles, targets and operators
//===----------------------------------------------------------------------===//

static ExitCode fail(llvm::Error error, ExitCode code) {
  printErrors(std::move(error), llvm::errs(), wantsColor(2));
  return code;
}

static ExitCode runReport(const CommandLine &commandLine) {
  if (commandLine.arguments.size() != 1)
    return usage("give one bundle, e.g. 'nmc report nmc-out/MODEL.TARGET'");
  llvm::Expected<report::Bundle> bundle =
      report::readBundle(commandLine.arguments.front());
  if (!bundle)
    return fail(bundle.takeError(), ExitCode::BadData);
  printReport(commandLine, bundle->report, /*bundle=*/"", {});
  return ExitCode::Success;
}

static ExitCode runCompare(const CommandLine &commandLine) {
  if (commandLine.arguments.empty())
    return usage("give a bundle and --measured FILE, or two bundles");
  std::vector<report::Threshold> thresholds;
  for (const std::string &text : commandLine.failOver) {
    llvm::Expected<report::Threshold> threshold = report::parseThreshold(text);
    if (!threshold)
      return fail(threshold.takeError(), ExitCode::Usage);
    thresholds.push_back(*threshold);
  }
  std::vector<report::Bundle> bundles;
  for (const std::string &folder : commandLine.arguments) {
    llvm::Expected<report::Bundle> bundle = report::readBundle(folder);
    if (!bundle)
      return fail(bundle.takeError(), ExitCode::BadData);
    bundles.push_back(std::move(*bundle));
  }
  if (!commandLine.measured.empty()) {
    llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> buffer =
        readFile(commandLine.measured);
    if (!buffer)
      return fail(buffer.takeError(), ExitCode::BadData);
    llvm::Expected<report::MeasuredTable> table =
        report::parseMeasured((*buffer)->getBuffer(), commandLine.measured);
    if (!table)
      return fail(table.takeError(), ExitCode::BadData);
    std::vector<const report::Report *> reports;
    for (const report::Bundle &bundle : bundles)
      reports.push_back(&bundle.report);
    report::MeasuredComparison comparison =
        report::compareMeasured(reports, *table);
    if (commandLine.json)
      report::printJson(comparison, llvm::outs());
    else
      report::printText(comparison, llvm::outs());
    return ExitCode::Success;
  }
  if (bundles.size() != 2)
    return usage("without --measured two bundles are compared, but " +
                 Twine(bundles.size()) + " are given");
  report::BundleComparison comparison =
      report::compareReports(bundles[0].report, bundles[1].report, thresholds);
  if (commandLine.json)
    report::printJson(comparison, llvm::outs());
  else
    report::printText(comparison, llvm::outs());
  return comparison.exceeded ? ExitCode::ThresholdNotMet : ExitCode::Success;
}

static ExitCode runTargets(const CommandLine &commandLine) {
  std::unique_ptr<MLIRContext> context = Workplace::makeContext();
  DiagnosticLog log(context.get(), llvm::errs(),
                    {commandLine.quiet, commandLine.verbose, wantsColor(2)});
  StringRef action = commandLine.arguments.empty()
                         ? StringRef("list")
                         : StringRef(commandLine.arguments.front());
  ArrayRef<std::string> names =
      ArrayRef<std::string>(commandLine.arguments)
          .drop_front(commandLine.arguments.empty() ? 0 : 1);
  target::LoadOptions options = commandLine.target;
  if (action == "list" && names.empty())
    return target::listTargets(options.searchPaths, commandLine.json,
                               llvm::outs(), context.get());
  if (action == "show") {
    if (names.size() > 1 || (names.empty() && options.target.empty()))
      return usage("'nmc targets show' takes one target");
    if (!names.empty())
      options.target = names.front();
    return target::showTarget(options, commandLine.json, llvm::outs(),
                              context.get());
  }
  if (action == "lint") {
    std::vector<std::string> wanted(names.begin(), names.end());
    if (wanted.empty() && !options.target.empty())
      wanted.push_back(options.target);
    return target::lintTargets(wanted, options, commandLine.json, llvm::outs(),
                               context.get());
  }
  return usage("'nmc targets' knows list, show NAME and lint [NAME...], not '" +
               action + "'" +
               didYouMean(action, ArrayRef<StringRef>{"list", "show", "lint"}));
}

static ExitCode runOps(const CommandLine &commandLine) {
  if (!commandLine.arguments.empty())
    return usage("'nmc ops' takes no arguments");
  if (commandLine.json) {
    llvm::json::Array list;
    for (const onnx::SupportedOp &op : onnx::getSupportedOps()) {
      llvm::json::Array versions;
      for (int64_t version : op.sinceVersions)
        versions.push_back(version);
      list.push_back(llvm::json::Object{{"domain", op.domain},
                                        {"name", op.name},
                                        {"since_versions", std::move(versions)},
                                        {"notes", op.notes}});
    }
    llvm::outs() << llvm::formatv("{0:2}", llvm::json::Value(std::move(list)))
                 << "\n";
    return ExitCode::Success;
  }
  llvm::outs() << llvm::formatv("{0,-24} {1,-20} {2}\n", "operator",
                                "since versions", "notes");
  for (const onnx::SupportedOp &op : onnx::getSupportedOps()) {
    std::string versions;
    for (int64_t version : op.sinceVersions)
      versions += (versions.empty() ? "" : " ") + std::to_string(version);
    std::string line =
        llvm::formatv("{0,-24} {1,-20} {2}", op.name, versions, op.notes).str();
    llvm::outs() << StringRef(line).rtrim() << "\n";
  }
  return ExitCode::Success;
}

ExitCode tool::runVerb(const CommandLine &commandLine) {
  switch (commandLine.verb) {
  case Verb::Inspect:
    return runInspect(commandLine);
  case Verb::Compare:
    return runCompare(commandLine);
  case Verb::Report:
    return runReport(commandLine);
  case Verb::Targets:
    return runTargets(commandLine);
  case Verb::Ops:
    return runOps(commandLine);
  default:
    return runModelVerb(commandLine);
  }
}
