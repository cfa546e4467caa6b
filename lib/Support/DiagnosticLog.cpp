//===- DiagnosticLog.cpp - Shows and keeps what a run reports -------------===//

#include "nmc/Support/DiagnosticLog.h"

#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace nmc;

StringRef nmc::stringifySeverity(Severity severity) {
  switch (severity) {
  case Severity::Note:
    return "note";
  case Severity::Remark:
    return "remark";
  case Severity::Warning:
    return "warning";
  case Severity::Error:
    return "error";
  }
  return "error";
}

/// The first file that a location names.
static StringRef findFile(Location loc) {
  StringRef file;
  loc->walk([&](Location inner) {
    if (auto line = dyn_cast<mlir::FileLineColLoc>(inner))
      file = line.getFilename();
    return file.empty() ? mlir::WalkResult::advance()
                        : mlir::WalkResult::interrupt();
  });
  return file;
}

std::string nmc::formatLocation(Location loc) {
  if (auto named = dyn_cast<mlir::NameLoc>(loc)) {
    StringRef file = findFile(named.getChildLoc());
    StringRef name = named.getName();
    if (file.empty())
      return name.str();
    return (llvm::sys::path::filename(file) + ":" + name).str();
  }
  if (auto line = dyn_cast<mlir::FileLineColLoc>(loc)) {
    // Line 0 stands for the file as a whole.
    if (line.getLine() == 0)
      return line.getFilename().str();
    return (line.getFilename().getValue() + ":" + Twine(line.getLine()) + ":" +
            Twine(line.getColumn()))
        .str();
  }
  if (auto fused = dyn_cast<mlir::FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (std::string text = formatLocation(part); !text.empty())
        return text;
  if (auto call = dyn_cast<mlir::CallSiteLoc>(loc))
    return formatLocation(call.getCallee());
  return "";
}

/// Splits "text [rule-name]".
static std::pair<StringRef, StringRef> splitRule(StringRef message) {
  message = message.rtrim();
  if (!message.ends_with("]"))
    return {message, ""};
  size_t open = message.rfind(" [");
  if (open == StringRef::npos)
    return {message, ""};
  StringRef rule = message.substr(open + 2).drop_back();
  auto isRuleChar = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (rule.empty() || !llvm::all_of(rule, isRuleChar))
    return {message, ""};
  return {message.take_front(open), rule};
}

/// Splits "file.csv:3: text" or "file.csv:3:7: text"; readers put the place in
/// front of their messages.
static std::pair<StringRef, StringRef> splitLocation(StringRef message) {
  size_t end = message.find(": ");
  if (end == StringRef::npos)
    return {"", message};
  StringRef place = message.take_front(end);
  StringRef file = place.rtrim("0123456789:");
  if (file.empty() || file.size() == place.size() || file.contains(' ') ||
      place[file.size()] != ':')
    return {"", message};
  return {place, message.substr(end + 2)};
}

static LoggedDiagnostic makeEntry(Severity severity, StringRef message,
                                  StringRef location) {
  auto [text, rule] = splitRule(message);
  LoggedDiagnostic entry;
  entry.severity = severity;
  entry.message = text.str();
  entry.rule = rule.str();
  entry.location = location.str();
  return entry;
}

static Severity getSeverity(mlir::DiagnosticSeverity severity) {
  switch (severity) {
  case mlir::DiagnosticSeverity::Note:
    return Severity::Note;
  case mlir::DiagnosticSeverity::Remark:
    return Severity::Remark;
  case mlir::DiagnosticSeverity::Warning:
    return Severity::Warning;
  case mlir::DiagnosticSeverity::Error:
    return Severity::Error;
  }
  return Severity::Error;
}

DiagnosticLog::DiagnosticLog(MLIRContext *context, raw_ostream &os,
                             Options options)
    : os(os), options(options),
      handler(context, [this](mlir::Diagnostic &diagnostic) {
        take(diagnostic);
        return success();
      }) {}

void DiagnosticLog::take(mlir::Diagnostic &diagnostic) {
  LoggedDiagnostic entry =
      makeEntry(getSeverity(diagnostic.getSeverity()), diagnostic.str(),
                formatLocation(diagnostic.getLocation()));
  for (mlir::Diagnostic &note : diagnostic.getNotes()) {
    // The op in generic form that MLIR adds helps nobody here.
    std::string text = note.str();
    if (StringRef(text).starts_with("see current operation"))
      continue;
    entry.notes.push_back(makeEntry(Severity::Note, text,
                                    formatLocation(note.getLocation())));
  }
  record(std::move(entry));
}

void DiagnosticLog::add(Severity severity, StringRef message,
                        StringRef location) {
  record(makeEntry(severity, message, location));
}

/// Calls `fn` for every line of every error: one fault each.
static void forEachFault(llvm::Error error,
                         function_ref<void(LoggedDiagnostic)> fn) {
  llvm::handleAllErrors(std::move(error), [&](const llvm::ErrorInfoBase &info) {
    std::string message = info.message();
    SmallVector<StringRef> lines;
    StringRef(message).split(lines, '\n', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
    for (StringRef line : lines) {
      auto [location, text] = splitLocation(line);
      fn(makeEntry(Severity::Error, text, location));
    }
  });
}

void DiagnosticLog::add(llvm::Error error) {
  forEachFault(std::move(error), [&](LoggedDiagnostic entry) {
    record(std::move(entry));
  });
}

void DiagnosticLog::record(LoggedDiagnostic entry) {
  std::lock_guard<std::mutex> lock(mutex);
  print(entry);
  entries.push_back(std::move(entry));
}

size_t DiagnosticLog::errorCount() const {
  return llvm::count_if(entries, [](const LoggedDiagnostic &entry) {
    return entry.severity == Severity::Error;
  });
}

static void printLine(const LoggedDiagnostic &item, StringRef indent,
                      raw_ostream &os, bool color) {
  os << indent;
  if (!item.location.empty())
    os << item.location << ": ";
  if (color)
    os.changeColor(item.severity == Severity::Error     ? raw_ostream::RED
                   : item.severity == Severity::Warning ? raw_ostream::MAGENTA
                                                        : raw_ostream::CYAN,
                   /*Bold=*/true);
  os << stringifySeverity(item.severity) << ": ";
  if (color)
    os.resetColor();
  os << item.message;
  if (!item.rule.empty())
    os << " [" << item.rule << "]";
  os << "\n";
}

void DiagnosticLog::print(const LoggedDiagnostic &entry) {
  if (printed == Print::Nothing ||
      (printed == Print::Errors && entry.severity != Severity::Error))
    return;
  if (entry.severity == Severity::Remark && !options.verbose)
    return;
  if (entry.severity != Severity::Error && options.quiet)
    return;
  printLine(entry, "", os, options.color);
  for (const LoggedDiagnostic &note : entry.notes)
    printLine(note, "  ", os, options.color);
}

void nmc::printErrors(llvm::Error error, raw_ostream &os, bool color) {
  forEachFault(std::move(error), [&](const LoggedDiagnostic &entry) {
    printLine(entry, "", os, color);
  });
}
