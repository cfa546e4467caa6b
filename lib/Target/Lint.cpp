//===- Lint.cpp - Checking targets ----------------------------------------===//

#include "nmc/Target/ExecutionProfile.h"
#include "nmc/Target/Facts.h"
#include "nmc/Target/Inspect.h"
#include "nmc/Target/TargetInfo.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

#include <tuple>

using namespace nmc;
using namespace nmc::target;

namespace {
/// Gathers the findings of one target.
class Linter {
public:
  std::vector<Finding> run(const LoadOptions &options, MLIRContext *context);

private:
  void add(Finding::Severity severity, Location loc, StringRef rule,
           const Twine &message);
  void warn(Location loc, StringRef rule, const Twine &message) {
    add(Finding::Severity::Warning, loc, rule, message);
  }
  /// An error that a diagnostic reports; its rule stands in brackets.
  void addDiagnostic(mlir::Diagnostic &diag);
  void checkOrigins(chip::TargetOp target);
  void checkCosts(chip::TargetOp target, const TargetInfo &info);
  void checkMissing(ArrayRef<TargetInfo> infos, Location loc);

  std::vector<Finding> findings;
};
} // namespace

void Linter::add(Finding::Severity severity, Location loc, StringRef rule,
                 const Twine &message) {
  Finding finding;
  finding.severity = severity;
  finding.rule = rule.str();
  finding.message = message.str();
  if (auto place = dyn_cast<mlir::FileLineColLoc>(loc)) {
    finding.file = place.getFilename().str();
    finding.line = place.getLine();
    finding.column = place.getColumn();
  }
  // Cost profiles share most of their facts.
  for (const Finding &other : findings)
    if (std::tie(other.rule, other.message, other.file, other.line,
                 other.column) == std::tie(finding.rule, finding.message,
                                           finding.file, finding.line,
                                           finding.column))
      return;
  findings.push_back(std::move(finding));
}

void Linter::addDiagnostic(mlir::Diagnostic &diag) {
  std::string text = diag.str();
  StringRef message = text, rule;
  if (message.ends_with("]")) {
    size_t open = message.rfind(" [");
    if (open != StringRef::npos) {
      rule = message.drop_front(open + 2).drop_back();
      message = message.take_front(open);
    }
  }
  add(diag.getSeverity() == mlir::DiagnosticSeverity::Error
          ? Finding::Severity::Error
          : Finding::Severity::Warning,
      diag.getLocation(), rule, message);
}

/// Limits and properties: provenance and source.
void Linter::checkOrigins(chip::TargetOp target) {
  target->walk([&](Operation *op) {
    StringRef name;
    if (auto limit = dyn_cast<chip::LimitOp>(op))
      name = limit.getName();
    else if (auto set = dyn_cast<chip::SetOp>(op);
             set && set.getName() != "absent")
      name = set.getName();
    else
      return;
    auto word = op->getAttrOfType<StringAttr>("provenance");
    auto source = op->getAttrOfType<StringAttr>("source");
    if (!word)
      warn(op->getLoc(), "provenance-missing",
           Twine("'") + name + "' does not say where it comes from");
    else if (word == "assumed" || word == "recalled")
      warn(op->getLoc(), "provenance-assumed",
           Twine("'") + name + "' is " + word.getValue() +
               (source ? ": " + source.getValue().str() : std::string()));
    else if (!source)
      warn(op->getLoc(), "source-missing",
           Twine("'") + name + "' is " + word.getValue() +
               ", but has no source");
  });
}

void Linter::checkCosts(chip::TargetOp target, const TargetInfo &info) {
  for (auto &[name, cost] : info.costs) {
    StringRef provenance = chip::stringifyProvenance(cost.provenance);
    if (cost.provenance == chip::Provenance::Assumed ||
        cost.provenance == chip::Provenance::Recalled)
      warn(cost.loc, "provenance-assumed",
           Twine("'") + name + "' is " + provenance +
               (cost.source.empty() ? "" : ": " + cost.source));
    else if (cost.source.empty())
      warn(cost.loc, "source-missing",
           Twine("'") + name + "' is " + provenance + ", but has no source");
    if (cost.hasRange && cost.rangeSource.empty())
      warn(cost.loc, "source-missing",
           Twine("the range of '") + name + "' has no range_source");
    if (cost.kind == chip::CostKind::OperatingPoint)
      warn(cost.loc, "operating-point",
           Twine("'") + name +
               "' is total power over events at one load; it is never added to "
               "other terms");
    const CostFact *fact = findCostFact(name);
    if (fact && fact->readers.empty())
      warn(cost.loc, "cost-unread",
           Twine("no level of the cost model reads '") + name + "'");
  }
}

/// What cannot be said, by cost profile where the profiles differ.
void Linter::checkMissing(ArrayRef<TargetInfo> infos, Location loc) {
  for (const CostFact &fact : getCostFacts()) {
    if (fact.without.empty())
      continue;
    SmallVector<const TargetInfo *> missing;
    for (const TargetInfo &info : infos)
      if (!info.cost(fact.name) &&
          (fact.alternative.empty() || !info.cost(fact.alternative)))
        missing.push_back(&info);
    for (const TargetInfo *info : missing) {
      bool differ = missing.size() != infos.size();
      std::string reason = info->whyAbsent(fact.name);
      warn(loc, "cost-missing",
           (differ ? "cost profile '" + info->costProfile + "': " : "") + "'" +
               fact.name.str() + "' is not stated" +
               (reason.empty() ? "" : " (" + reason + ")") + ": " +
               fact.without.str());
    }
  }
}

std::vector<Finding> Linter::run(const LoadOptions &options,
                                 MLIRContext *context) {
  mlir::ScopedDiagnosticHandler handler(context, [&](mlir::Diagnostic &diag) {
    addDiagnostic(diag);
    return success();
  });
  Faults faults;
  FailureOr<TargetFile> file = readTargetFile(options, context, faults);
  if (failed(file)) {
    (void)faults.report();
    return std::move(findings);
  }
  const YamlNode *name = file->root.find("name");
  StringRef stem = llvm::sys::path::stem(file->path);
  if (name && name->isScalar() && name->text != stem)
    warn(name->loc, "name-file",
         Twine("the target is named '") + name->text +
             "', but is found by its file's name, '" + stem + "'");

  std::vector<std::string> profiles = {options.costProfile};
  if (options.costProfile.empty() && !file->profiles.empty())
    profiles = file->profiles;
  std::vector<TargetInfo> infos;
  for (const std::string &profile : profiles) {
    LoadOptions own = options;
    own.costProfile = profile;
    // Every pass finds all faults; reporting drops those known already.
    Faults passFaults = faults;
    OwningOpRef<ModuleOp> module = buildTarget(*file, own, context, passFaults);
    if (failed(passFaults.report()) || !module || failed(mlir::verify(*module)))
      continue;
    chip::TargetOp target = *module->getOps<chip::TargetOp>().begin();
    TargetInfo info = TargetInfo::get(target);
    checkOrigins(target);
    checkCosts(target, info);
    infos.push_back(std::move(info));
  }
  checkMissing(infos, file->root.loc);
  const YamlNode *profile = file->root.find("execution_profile");
  if (profile && profile->isScalar()) {
    std::vector<std::string> names = findProfileNames(options.searchPaths);
    SmallVector<StringRef> known(names.begin(), names.end());
    if (!llvm::is_contained(names, profile->text))
      warn(profile->loc, "profile-unknown",
           "there is no execution profile '" + profile->text +
               "', so spiking networks cannot be quantised for this target" +
               didYouMean(profile->text, known));
    else
      (void)loadExecutionProfile(profile->text, options.searchPaths, context);
  }
  // By place, errors before warnings at the same one.
  llvm::sort(findings, [](const Finding &a, const Finding &b) {
    return std::tie(a.file, a.line, a.column, a.severity, a.rule, a.message) <
           std::tie(b.file, b.line, b.column, b.severity, b.rule, b.message);
  });
  return std::move(findings);
}

std::vector<Finding> target::findFaults(const LoadOptions &options,
                                        MLIRContext *context) {
  return Linter().run(options, context);
}

static StringRef getSeverityName(const Finding &finding) {
  return finding.severity == Finding::Severity::Error ? "error" : "warning";
}

namespace {
/// The findings of one target.
struct Report {
  std::string name;
  std::vector<Finding> findings;
  int64_t errors = 0, warnings = 0;
};
} // namespace

static void printText(const Report &report, raw_ostream &os) {
  for (const Finding &finding : report.findings) {
    if (!finding.file.empty())
      os << finding.file << ':' << finding.line << ':' << finding.column
         << ": ";
    os << getSeverityName(finding) << ": " << finding.message;
    if (!finding.rule.empty())
      os << " [" << finding.rule << ']';
    os << '\n';
  }
  os << report.name << ": " << report.errors
     << (report.errors == 1 ? " error, " : " errors, ") << report.warnings
     << (report.warnings == 1 ? " warning\n" : " warnings\n");
}

static void printJson(const Report &report, llvm::json::OStream &out) {
  out.object([&] {
    out.attribute("name", report.name);
    out.attribute("errors", report.errors);
    out.attribute("warnings", report.warnings);
    out.attributeArray("findings", [&] {
      for (const Finding &finding : report.findings)
        out.object([&] {
          out.attribute("severity", getSeverityName(finding));
          out.attribute("rule", finding.rule);
          out.attribute("message", finding.message);
          if (!finding.file.empty()) {
            out.attribute("file", finding.file);
            out.attribute("line", int64_t(finding.line));
            out.attribute("column", int64_t(finding.column));
          }
        });
    });
  });
}

ExitCode target::lintTargets(ArrayRef<std::string> targets,
                             const LoadOptions &options, bool json,
                             raw_ostream &os, MLIRContext *context) {
  std::vector<std::string> names = targets.vec();
  if (names.empty())
    names = findTargetNames(options.searchPaths);
  std::vector<Report> reports;
  int64_t errors = 0;
  for (const std::string &name : names) {
    LoadOptions own = options;
    own.target = name;
    Report report;
    report.name = name;
    report.findings = findFaults(own, context);
    report.errors = llvm::count_if(report.findings, [](const Finding &finding) {
      return finding.severity == Finding::Severity::Error;
    });
    report.warnings = int64_t(report.findings.size()) - report.errors;
    errors += report.errors;
    reports.push_back(std::move(report));
  }
  if (json) {
    llvm::json::OStream out(os, 2);
    out.array([&] {
      for (const Report &report : reports)
        printJson(report, out);
    });
    out.flush();
    os << '\n';
  } else {
    for (const Report &report : reports)
      printText(report, os);
  }
  return errors ? ExitCode::Usage : ExitCode::Success;
}
