//===- InspectPrint.cpp - What is in a model, on one screen ---------------===//

#include "nmc/Pipelines/Inspect.h"

#include "nmc/Support/Units.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace nmc;
using namespace nmc::pipelines;

/// Words in lines of at most 100 columns, all but the first indented.
static void printWrapped(StringRef text, raw_ostream &os) {
  constexpr size_t width = 100;
  size_t column = 8;
  for (StringRef word : llvm::split(text, ' ')) {
    bool isFirst = word.begin() == text.begin();
    if (!isFirst && column + 1 + word.size() > width) {
      os << "\n        ";
      column = 8;
    } else if (!isFirst) {
      os << " ";
      ++column;
    }
    os << word;
    column += word.size();
  }
  os << "\n";
}

static std::string joinShape(ArrayRef<int64_t> shape) {
  return llvm::join(
      llvm::map_range(shape, [](int64_t n) { return std::to_string(n); }), "x");
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

namespace {
/// Columns as wide as what is in them; the last one is never filled up.
class Table {
public:
  /// Columns whose name starts with '>' are right-aligned.
  explicit Table(std::vector<std::string> names) {
    for (std::string &name : names)
      right.push_back(StringRef(name).starts_with(">"));
    for (std::string &name : names)
      if (StringRef(name).starts_with(">"))
        name.erase(0, 1);
    rows.push_back(std::move(names));
  }
  void add(std::vector<std::string> cells) { rows.push_back(std::move(cells)); }
  bool empty() const { return rows.size() == 1; }

  void print(raw_ostream &os, bool color) const {
    std::vector<size_t> widths(rows[0].size(), 0);
    for (const std::vector<std::string> &row : rows)
      for (auto [width, cell] : llvm::zip(widths, row))
        width = std::max(width, cell.size());
    for (auto [number, row] : llvm::enumerate(rows)) {
      std::string line;
      for (auto [column, cell] : llvm::enumerate(row)) {
        std::string gap(widths[column] - std::min(widths[column], cell.size()),
                        ' ');
        line += column ? "  " : "";
        line += right[column] ? gap + cell : cell + gap;
      }
      bool isHead = number == 0 && color;
      os << (isHead ? "\x1b[1m" : "") << StringRef(line).rtrim()
         << (isHead ? "\x1b[0m" : "") << "\n";
    }
  }

private:
  std::vector<bool> right;
  std::vector<std::vector<std::string>> rows;
};

class Page {
public:
  Page(const Inspection &facts, const InspectOptions &options, raw_ostream &os)
      : facts(facts), options(options), os(os) {}

  void print() {
    head();
    populations();
    if (facts.isSpiking || options.verbose) {
      connections();
      parameters();
    }
    ways();
    findings("", facts.notes);
    going();
  }

private:
  void head();
  bool shareDynamics() const;
  void populations();
  void connections();
  void parameters();
  void ways();
  void findings(StringRef title, ArrayRef<LoggedDiagnostic> all);
  void going();
  std::string strong(const Twine &text, StringRef code = "1") const {
    return options.color ? ("\x1b[" + code + "m" + text + "\x1b[0m").str()
                         : text.str();
  }

  const Inspection &facts;
  const InspectOptions &options;
  raw_ostream &os;
};
} // namespace

/// Whether all populations with dynamics have the same.
bool Page::shareDynamics() const {
  StringRef first;
  for (const InspectedPopulation &row : facts.populations) {
    if (row.dynamics.empty())
      continue;
    if (first.empty())
      first = row.dynamics;
    if (first != row.dynamics)
      return false;
  }
  return true;
}

void Page::head() {
  os << strong(facts.model.path) << " (" << facts.model.format
     << "): " << facts.populations.size() << " populations, " << facts.neurons
     << " neurons, " << facts.weights << " parameters, " << facts.synapses
     << " synapses\n";
  if (!facts.isSpiking)
    return;
  os << "time: ";
  bool hasTimes = false;
  for (const InspectedPopulation &row : facts.populations)
    for (const InspectedValues &value : row.parameters)
      hasTimes |= value.unit == "s";
  if (facts.dt == 1.0)
    os << "a unit of the model's time is a step";
  else if (facts.dt)
    os << "dt " << formatQuantity(*facts.dt, Dimension::Time) << ", "
       << facts.dtSource;
  else
    os << (hasTimes ? "dt is not known; hint: --dt TIME"
                    : "in steps; nothing depends on how long one is");
  if (!facts.state.empty())
    os << (facts.state == "sample" ? "; state is cleared before each sample"
                                   : "; state is kept from sample to sample");
  os << "\n";
  std::string dynamics;
  if (facts.needsProfile)
    dynamics = "none yet; --target NAME or --execution-profile NAME say how "
               "equations become steps";
  else if (shareDynamics())
    for (const InspectedPopulation &row : facts.populations)
      if (!row.dynamics.empty())
        dynamics = row.dynamics;
  if (!dynamics.empty())
    os << "dynamics: " << dynamics << "\n";
  os << "\n";
}

void Page::populations() {
  Table table({"population", "op", "shape", ">neurons", ">parameters",
               ">synapses", ">fan-in", "driven by"});
  for (const InspectedPopulation &row : facts.populations)
    table.add({row.name, row.op, joinShape(row.shape),
               std::to_string(row.neurons), std::to_string(row.weights),
               std::to_string(row.synapses), std::to_string(row.fanIn),
               row.sources});
  table.print(os, options.color);
}

void Page::connections() {
  Table table({"connection", "op", "weights", "range", "bias"});
  std::vector<std::vector<std::string>> seen;
  for (const InspectedConnection &row : facts.connections) {
    if (row.weightShape.empty() && !row.weights && !row.bias)
      continue; // pools and identities
    std::vector<std::string> cells{row.name, row.op, joinShape(row.weightShape),
                                   row.weights ? row.weights->text
                                               : "not known",
                                   row.bias ? row.bias->text : ""};
    // A node that hears several others is one connection for each.
    if (!row.name.empty() && llvm::is_contained(seen, cells))
      continue;
    seen.push_back(cells);
    table.add(std::move(cells));
  }
  if (table.empty())
    return;
  os << "\n";
  table.print(os, options.color);
}

/// Values that say something, "tau 2.5 ms, threshold 1".
static std::string joinParameters(const InspectedPopulation &row) {
  std::vector<std::string> words;
  for (const InspectedValues &value : row.parameters) {
    bool isNeutral = value.low == value.high &&
                     ((value.name == "w_in" && value.low == 1) ||
                      ((value.name == "v_leak" || value.name == "v_reset" ||
                        value.name == "bias") &&
                       value.low == 0));
    if (!isNeutral)
      words.push_back(value.name + " " + value.text);
  }
  return llvm::join(words, ", ");
}

void Page::parameters() {
  // Populations of equal parameters share a line.
  std::vector<std::pair<std::pair<std::string, std::string>, std::string>>
      groups;
  for (const InspectedPopulation &row : facts.populations) {
    std::pair<std::string, std::string> key(joinParameters(row), row.dynamics);
    if (key.first.empty() && key.second.empty())
      continue;
    auto group = llvm::find_if(
        groups, [&](const auto &entry) { return entry.first == key; });
    if (group == groups.end())
      groups.emplace_back(key, row.name);
    else
      group->second += ", " + row.name;
  }
  if (groups.empty())
    return;
  bool hasDynamics = !shareDynamics();
  std::vector<std::string> names{"neurons", "values"};
  if (hasDynamics)
    names.push_back("dynamics");
  Table table(std::move(names));
  for (const auto &[key, populations] : groups) {
    std::vector<std::string> cells{populations, key.first};
    if (hasDynamics)
      cells.push_back(key.second);
    table.add(std::move(cells));
  }
  os << "\n";
  table.print(os, options.color);
}

void Page::ways() {
  // Delays outside of loops stand in the table.
  std::vector<std::string> words;
  for (const InspectedDelay &delay : facts.delays)
    if (delay.isLoop)
      words.push_back(llvm::formatv("{0} -> {1} ({2} step{3})", delay.source,
                                    delay.target, delay.steps,
                                    delay.steps == 1 ? "" : "s"));
  if (words.empty())
    return;
  os << "\n";
  printWrapped("loops: " + llvm::join(words, ", "), os);
}

void Page::findings(StringRef title, ArrayRef<LoggedDiagnostic> all) {
  // Nodes of which the same is to be said share a line.
  struct Finding {
    Severity severity;
    std::string places, text;
  };
  std::vector<Finding> found;
  for (const LoggedDiagnostic &entry : all) {
    if (entry.severity <= Severity::Remark && !options.verbose)
      continue;
    // The node is enough: the file is the model.
    StringRef place = entry.location, message = entry.message;
    place.consume_front(facts.model.path);
    place.consume_front(llvm::sys::path::filename(facts.model.path));
    place.consume_front(":");
    if (message.starts_with("'spike."))
      if (size_t end = message.find("' op "); end != StringRef::npos)
        message = message.substr(end + 5);
    for (StringRef kind : {"population", "node"})
      if (!place.empty() &&
          message.consume_front((kind + " '" + place + "'").str()))
        message = message.ltrim(": ");
    std::string text = message.str();
    if (!entry.rule.empty())
      text += " [" + entry.rule + "]";
    auto same = llvm::find_if(found, [&](const Finding &finding) {
      return finding.severity == entry.severity && finding.text == text;
    });
    if (same == found.end())
      found.push_back({entry.severity, place.str(), std::move(text)});
    else if (!place.empty())
      same->places += ", " + place.str();
  }
  if (found.empty())
    return;
  os << "\n" << title;
  for (const Finding &finding : found) {
    StringRef code = finding.severity == Severity::Error     ? "31"
                     : finding.severity == Severity::Warning ? "35"
                                                             : "36";
    StringRef word = stringifySeverity(finding.severity);
    if (!title.empty())
      word = finding.severity == Severity::Error     ? "refused"
             : finding.severity == Severity::Warning ? "changed"
                                                     : "remark";
    os << strong(word, code)
       << std::string(word.size() < 8 ? 8 - word.size() : 1, ' ');
    // "lif1 (CubaLIF): ..."
    bool goesOn = StringRef(finding.text).starts_with("(");
    printWrapped(finding.places.empty()
                     ? finding.text
                     : finding.places + (goesOn ? " " : ": ") + finding.text,
                 os);
  }
}

void Page::going() {
  if (!facts.way)
    return;
  const Inspection::Way &way = *facts.way;
  std::string title =
      "going to " +
      (way.target.empty() ? "execution profile " + way.profile : way.target);
  if (!way.target.empty() && !way.profile.empty())
    title += ", execution profile " + way.profile;
  else if (!way.target.empty() && facts.isSpiking && !facts.needsProfile)
    title += " with its own dynamics";
  int64_t refused = 0, changed = 0;
  for (const LoggedDiagnostic &entry : way.findings) {
    refused += entry.severity == Severity::Error;
    changed += entry.severity == Severity::Warning;
  }
  title += refused   ? ": not possible"
           : changed ? ": possible with changes"
                     : ": nothing is lost";
  title = strong(title) + "\n";
  if (refused || changed || (options.verbose && !way.findings.empty()))
    findings(title, way.findings);
  else
    os << "\n" << title;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static llvm::json::Object toJson(const InspectedValues &value) {
  return llvm::json::Object{{"name", value.name}, {"low", value.low},
                            {"high", value.high}, {"count", value.count},
                            {"unit", value.unit}, {"text", value.text}};
}

static llvm::json::Array toJson(ArrayRef<LoggedDiagnostic> entries) {
  llvm::json::Array list;
  for (const LoggedDiagnostic &entry : entries)
    list.push_back(
        llvm::json::Object{{"severity", stringifySeverity(entry.severity)},
                           {"rule", entry.rule},
                           {"message", entry.message},
                           {"location", entry.location}});
  return list;
}

static void printJson(const Inspection &facts, raw_ostream &os) {
  llvm::json::Array populations, connections, delays;
  for (const InspectedPopulation &row : facts.populations) {
    llvm::json::Array values;
    for (const InspectedValues &value : row.parameters)
      values.push_back(toJson(value));
    llvm::json::Object object{{"name", row.name},
                              {"op", "spike." + row.op},
                              {"shape", joinShape(row.shape)},
                              {"neurons", row.neurons},
                              {"parameters", row.weights},
                              {"synapses", row.synapses},
                              {"fan_in_max", row.fanIn},
                              {"sources", row.sources},
                              {"location", row.location},
                              {"values", std::move(values)}};
    if (!row.dynamics.empty())
      object["dynamics"] = row.dynamics;
    populations.push_back(std::move(object));
  }
  for (const InspectedConnection &row : facts.connections) {
    llvm::json::Object object{{"name", row.name},
                              {"op", "spike." + row.op},
                              {"shape", joinShape(row.weightShape)},
                              {"location", row.location}};
    if (row.weights)
      object["weights"] = toJson(*row.weights);
    if (row.bias)
      object["bias"] = toJson(*row.bias);
    connections.push_back(std::move(object));
  }
  for (const InspectedDelay &delay : facts.delays)
    delays.push_back(llvm::json::Object{{"source", delay.source},
                                        {"target", delay.target},
                                        {"steps", delay.steps},
                                        {"loop", delay.isLoop}});
  llvm::json::Object page{
      {"model", llvm::json::Object{{"path", facts.model.path},
                                   {"format", facts.model.format},
                                   {"sha256", facts.model.sha256}}},
      {"spiking", facts.isSpiking},
      {"neurons", facts.neurons},
      {"parameters", facts.weights},
      {"synapses", facts.synapses},
      {"populations", std::move(populations)},
      {"connections", std::move(connections)},
      {"delays", std::move(delays)},
      {"diagnostics", toJson(facts.notes)}};
  if (facts.isSpiking) {
    llvm::json::Object time{{"needs_profile", facts.needsProfile}};
    if (facts.dt) {
      time["dt"] = *facts.dt;
      time["source"] = facts.dtSource;
    }
    if (!facts.state.empty())
      time["state"] = facts.state;
    page["time"] = std::move(time);
  }
  if (facts.way)
    page["way"] =
        llvm::json::Object{{"target", facts.way->target},
                           {"execution_profile", facts.way->profile},
                           {"diagnostics", toJson(facts.way->findings)}};
  os << llvm::formatv("{0:2}", llvm::json::Value(std::move(page))) << "\n";
}

void pipelines::printInspection(const Inspection &inspection,
                                const InspectOptions &options,
                                raw_ostream &os) {
  if (options.json)
    return printJson(inspection, os);
  Page(inspection, options, os).print();
}
