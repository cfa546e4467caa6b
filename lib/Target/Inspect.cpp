//===- Inspect.cpp - Listing and showing targets --------------------------===//

#include "nmc/Target/Inspect.h"
#include "JsonNumber.h"
#include "nmc/Support/Units.h"
#include "nmc/Target/Facts.h"
#include "nmc/Target/TargetInfo.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using namespace nmc;
using namespace nmc::target;

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

namespace {
/// One value of a target, as `show` prints it.
struct Row {
  std::string name, value, range, kind, provenance, source;
};

/// A table whose columns are as wide as their contents; a long cell widens its
/// own row only.
class TextTable {
public:
  void add(std::vector<std::string> cells) { rows.push_back(std::move(cells)); }

  void print(raw_ostream &os) const {
    std::vector<size_t> widths;
    for (const auto &row : rows) {
      widths.resize(std::max(widths.size(), row.size()));
      for (auto [index, cell] : llvm::enumerate(row))
        if (cell.size() <= kWide)
          widths[index] = std::max(widths[index], cell.size());
    }
    for (const auto &row : rows) {
      std::string line;
      for (auto [index, cell] : llvm::enumerate(row)) {
        line += cell;
        line.append(std::max(widths[index], cell.size()) - cell.size() + 2,
                    ' ');
      }
      os << StringRef(line).rtrim() << '\n';
    }
  }

private:
  static constexpr size_t kWide = 32;
  std::vector<std::vector<std::string>> rows;
};
} // namespace

static std::string getWord(Operation *op, StringRef name) {
  auto text = op->getAttrOfType<StringAttr>(name);
  return text ? text.str() : "";
}

static std::string formatValue(double value, StringRef unit) {
  std::string text = formatQuantity(
      value, getDimensionOfSIUnit(unit).value_or(Dimension::Count));
  // The rates of targets are those of spikes: "3.44 Gspike/s".
  StringRef body = text;
  if (unit == "1/s" && body.consume_back("1/s"))
    return body.str() + "spike/s";
  return text;
}

/// The value of a chip.set for people.
static std::string formatProperty(chip::SetOp set) {
  Attribute value = set.getValue();
  auto item = [](Attribute attr) -> std::string {
    if (auto text = dyn_cast<StringAttr>(attr))
      return text.str();
    if (auto integer = dyn_cast<mlir::IntegerAttr>(attr))
      return llvm::itostr(integer.getInt());
    return "?";
  };
  if (auto list = dyn_cast<mlir::ArrayAttr>(value)) {
    std::vector<std::string> items;
    for (Attribute attr : list)
      items.push_back(item(attr));
    return llvm::join(items, ", ");
  }
  if (auto number = dyn_cast<mlir::FloatAttr>(value))
    return formatValue(number.getValueAsDouble(), getWord(set, "unit"));
  return item(value);
}

/// Limits and properties of a block, as rows.
static void addFacts(mlir::Block &body, std::vector<Row> &rows) {
  for (Operation &op : body) {
    if (auto limit = dyn_cast<chip::LimitOp>(op)) {
      rows.push_back({limit.getName().str(),
                      "<= " + formatValue(limit.getValue().convertToDouble(),
                                          limit.getUnit()),
                      "", "limit", getWord(limit, "provenance"),
                      getWord(limit, "source")});
      continue;
    }
    auto set = dyn_cast<chip::SetOp>(op);
    if (set && set.getName() != "absent")
      rows.push_back({set.getName().str(), formatProperty(set), "", "property",
                      getWord(set, "provenance"), getWord(set, "source")});
  }
}

static Row describeCost(const CostValue &cost) {
  Row row;
  row.name = cost.name;
  if (cost.table.empty()) {
    row.value = formatValue(cost.value, cost.unit);
  } else {
    std::vector<std::string> steps;
    for (auto [from, value] : cost.table)
      steps.push_back(formatNumber(from, 15) + ": " +
                      formatValue(value, cost.unit));
    row.value = llvm::join(steps, ", ");
  }
  if (cost.hasRange)
    row.range = formatValue(cost.low, cost.unit) + " .. " +
                formatValue(cost.high, cost.unit);
  row.kind = chip::stringifyCostKind(cost.kind).str();
  row.provenance = chip::stringifyProvenance(cost.provenance).str();
  row.source = cost.source;
  if (!cost.rangeSource.empty())
    row.source += "; range: " + cost.rangeSource;
  return row;
}

static chip::TargetOp getTarget(ModuleOp module) {
  return *module.getOps<chip::TargetOp>().begin();
}

/// How many values come from where, in the order of the enumeration; "stated"
/// for those that do not say.
static std::vector<std::pair<std::string, unsigned>>
countProvenance(chip::TargetOp target) {
  std::vector<std::pair<std::string, unsigned>> counts;
  for (unsigned i = 0; i <= chip::getMaxEnumValForProvenance(); ++i)
    counts.emplace_back(
        chip::stringifyProvenance(*chip::symbolizeProvenance(i)), 0);
  counts.emplace_back("unsaid", 0);
  auto count = [&](StringRef word) {
    for (auto &[name, number] : counts)
      if (name == word)
        ++number;
  };
  target->walk([&](Operation *op) {
    if (auto cost = dyn_cast<chip::CostOp>(op)) {
      count(chip::stringifyProvenance(cost.getProvenance()));
    } else if (auto set = dyn_cast<chip::SetOp>(op);
               isa<chip::LimitOp>(op) || (set && set.getName() != "absent")) {
      std::string word = getWord(op, "provenance");
      count(word.empty() ? "unsaid" : word);
    }
  });
  llvm::erase_if(counts, [](const auto &entry) { return entry.second == 0; });
  return counts;
}

static std::optional<double> countNeurons(const TargetInfo &info) {
  double neurons = 0;
  for (const CoreKind &core : info.cores) {
    std::optional<double> limit = core.limit("neurons");
    if (!limit)
      return std::nullopt;
    neurons += *limit * core.count;
  }
  return neurons;
}

//===----------------------------------------------------------------------===//
// List
//===----------------------------------------------------------------------===//

ExitCode target::listTargets(ArrayRef<std::string> searchPaths, bool json,
                             raw_ostream &os, MLIRContext *context) {
  ExitCode status = ExitCode::Success;
  TextTable table;
  table.add({"target", "cores", "neurons", "input", "cost profiles", "values"});
  std::string text;
  llvm::raw_string_ostream buffer(text);
  llvm::json::OStream out(buffer, 2);
  out.arrayBegin();
  for (const std::string &name : findTargetNames(searchPaths)) {
    LoadOptions options;
    options.target = name;
    options.searchPaths = searchPaths.vec();
    OwningOpRef<ModuleOp> module;
    std::vector<std::string> profiles;
    std::string byDefault;
    Faults faults;
    FailureOr<TargetFile> file = readTargetFile(options, context, faults);
    if (succeeded(file)) {
      profiles = file->profiles;
      byDefault = file->defaultProfile;
      module = buildTarget(std::move(*file), options, context, faults);
    }
    if (!module) {
      // Lint has the faults.
      status = ExitCode::Usage;
      table.add({name, "-", "-", "-", "-",
                 "has faults; see nmc targets lint " + name});
      out.object([&] {
        out.attribute("name", name);
        out.attribute("faults", int64_t(faults.size()));
      });
      continue;
    }
    TargetInfo info = TargetInfo::get(getTarget(*module));
    std::optional<double> neurons = countNeurons(info);
    std::vector<std::string> values;
    for (auto &[word, number] : countProvenance(getTarget(*module)))
      values.push_back(llvm::utostr(number) + " " + word);
    std::vector<std::string> shown = profiles;
    for (std::string &profile : shown)
      if (profile == byDefault && shown.size() > 1)
        profile += "*";
    table.add({name, llvm::itostr(info.coreCount()),
               neurons ? formatNumber(*neurons, 15) : "-",
               chip::stringifyInputKind(info.input).str(),
               shown.empty() ? "-" : llvm::join(shown, ", "),
               llvm::join(values, ", ")});
    out.object([&] {
      out.attribute("name", name);
      out.attribute("description", info.description);
      out.attribute("cores", info.coreCount());
      if (neurons)
        out.attribute("neurons", int64_t(*neurons));
      out.attribute("input", chip::stringifyInputKind(info.input));
      out.attributeArray("cost_profiles", [&] {
        for (const std::string &profile : profiles)
          out.value(profile);
      });
      if (!byDefault.empty())
        out.attribute("default_cost_profile", byDefault);
      out.attributeObject("values", [&] {
        for (auto &[word, number] : countProvenance(getTarget(*module)))
          out.attribute(word, int64_t(number));
      });
      out.attribute("sha256", info.sha256);
    });
  }
  out.arrayEnd();
  if (json)
    os << text << '\n';
  else
    table.print(os);
  return status;
}

//===----------------------------------------------------------------------===//
// Show
//===----------------------------------------------------------------------===//

static std::string formatGrid(const Grid &grid) {
  std::string text = chip::stringifyTopology(grid.topology).str();
  for (auto [index, extent] : llvm::enumerate(grid.extent))
    text += (index ? " x " : " ") + llvm::itostr(extent);
  text += ", " + chip::stringifyRouting(grid.routing).str();
  if (grid.coresPerRouter != 1)
    text += ", " + llvm::itostr(grid.coresPerRouter) + " cores per router";
  return text;
}

static void showText(chip::TargetOp target, const TargetFile &file,
                     raw_ostream &os) {
  TargetInfo info = TargetInfo::get(target);
  os << info.name << ": " << info.description << '\n';
  os << "  file          " << file.path << '\n';
  if (!file.ancestors.empty())
    os << "  inherits      " << llvm::join(file.ancestors, ", ") << '\n';
  os << "  sha256        " << info.sha256 << '\n';
  if (!info.costProfile.empty())
    os << "  cost profile  " << info.costProfile << " (of "
       << llvm::join(file.profiles, ", ") << ")\n";
  if (!info.executionProfile.empty())
    os << "  execution     " << info.executionProfile << '\n';
  for (const std::string &text : info.overrides)
    os << "  set           " << text << '\n';
  if (info.noc)
    os << "  network       " << formatGrid(*info.noc) << '\n';
  if (info.board)
    os << "  board         " << formatGrid(*info.board) << '\n';
  os << "  input         " << chip::stringifyInputKind(info.input) << '\n';

  TextTable table;
  auto addRows = [&](const std::string &title, const std::vector<Row> &rows) {
    if (rows.empty())
      return;
    table.add({""});
    table.add({title, "value", "range", "kind", "provenance", "source"});
    for (const Row &row : rows)
      table.add({"  " + row.name, row.value, row.range, row.kind,
                 row.provenance, row.source});
  };
  std::vector<Row> rows;
  addFacts(target.getBody().front(), rows);
  addRows("chip", rows);
  for (auto core : target.getOps<chip::CoreOp>()) {
    rows.clear();
    auto addWords = [&](StringRef name, std::optional<mlir::ArrayAttr> words) {
      if (!words)
        return;
      std::vector<std::string> list;
      for (auto word : words->getAsRange<StringAttr>())
        list.push_back(word.str());
      rows.push_back(
          {name.str(), llvm::join(list, ", "), "", "property", "", ""});
    };
    addWords("neuron_models", core.getModels());
    addWords("connections", core.getConnections());
    addFacts(core.getBody().front(), rows);
    addRows(core.getSymName().str() + " (" + llvm::itostr(core.getCount()) +
                " a chip)",
            rows);
  }
  rows.clear();
  for (auto rule : target.getOps<chip::RuleOp>()) {
    std::vector<std::string> parameters;
    const RuleFact *fact = findRuleFact(rule.getName());
    if (rule.getParameters())
      for (mlir::NamedAttribute parameter : rule.getParametersAttr()) {
        StringRef unit = "1";
        if (fact)
          for (const RuleParameter &p : fact->parameters)
            if (p.name == parameter.getName())
              unit = p.unit;
        if (auto number = dyn_cast<mlir::FloatAttr>(parameter.getValue()))
          parameters.push_back(parameter.getName().str() + " " +
                               formatValue(number.getValueAsDouble(), unit));
      }
    rows.push_back({rule.getName().str(), llvm::join(parameters, ", "), "",
                    chip::stringifySeverity(rule.getSeverity()).str(),
                    getWord(rule, "provenance"), getWord(rule, "source")});
  }
  addRows("design rules", rows);
  rows.clear();
  for (const CostFact &fact : getCostFacts())
    if (const CostValue *cost = info.cost(fact.name))
      rows.push_back(describeCost(*cost));
  addRows("costs", rows);
  table.print(os);
  if (!info.absent.empty()) {
    os << "\nnot known\n";
    TextTable reasons;
    for (auto &[name, reason] : info.absent)
      reasons.add({"  " + name, reason});
    reasons.print(os);
  }
}

namespace {
/// Writes a target as one JSON object; numbers are in SI units.
class TargetJson {
public:
  TargetJson(raw_ostream &os) : out(os, 2) {}

  void print(chip::TargetOp target, const TargetFile &file);

private:
  void number(StringRef key, double value) {
    out.attributeBegin(key);
    out.rawValue(formatJsonNumber(value));
    out.attributeEnd();
  }
  void text(StringRef key, StringRef value) {
    if (!value.empty())
      out.attribute(key, value);
  }
  void place(Location loc) {
    if (auto place = dyn_cast<mlir::FileLineColLoc>(loc)) {
      out.attribute("file", place.getFilename().str());
      out.attribute("line", int64_t(place.getLine()));
    }
  }
  void words(StringRef key, std::optional<mlir::ArrayAttr> list) {
    if (!list)
      return;
    out.attributeArray(key, [&] {
      for (auto word : list->getAsRange<StringAttr>())
        out.value(word.getValue());
    });
  }
  void attribute(StringRef key, Attribute value);
  void facts(mlir::Block &body);
  void grid(StringRef key, const std::optional<Grid> &grid);

  llvm::json::OStream out;
};
} // namespace

void TargetJson::attribute(StringRef key, Attribute value) {
  auto item = [&](Attribute attr) {
    if (auto word = dyn_cast<StringAttr>(attr))
      out.value(word.getValue());
    else if (auto integer = dyn_cast<mlir::IntegerAttr>(attr))
      out.value(integer.getInt());
    else if (auto real = dyn_cast<mlir::FloatAttr>(attr))
      out.rawValue(formatJsonNumber(real.getValueAsDouble()));
    else
      out.value(nullptr);
  };
  out.attributeBegin(key);
  if (auto list = dyn_cast<mlir::ArrayAttr>(value))
    out.array([&] {
      for (Attribute attr : list)
        item(attr);
    });
  else
    item(value);
  out.attributeEnd();
}

void TargetJson::facts(mlir::Block &body) {
  out.attributeArray("limits", [&] {
    for (auto limit : body.getOps<chip::LimitOp>())
      out.object([&] {
        out.attribute("name", limit.getName());
        number("value", limit.getValue().convertToDouble());
        out.attribute("unit", limit.getUnit());
        text("provenance", getWord(limit, "provenance"));
        text("source", getWord(limit, "source"));
        place(limit.getLoc());
      });
  });
  out.attributeArray("properties", [&] {
    for (auto set : body.getOps<chip::SetOp>()) {
      if (set.getName() == "absent")
        continue;
      out.object([&] {
        out.attribute("name", set.getName());
        attribute("value", set.getValue());
        text("unit", getWord(set, "unit"));
        text("provenance", getWord(set, "provenance"));
        text("source", getWord(set, "source"));
        place(set.getLoc());
      });
    }
  });
}

void TargetJson::grid(StringRef key, const std::optional<Grid> &grid) {
  if (!grid)
    return;
  out.attributeObject(key, [&] {
    out.attribute("topology", chip::stringifyTopology(grid->topology));
    out.attributeArray("extent", [&] {
      for (int64_t extent : grid->extent)
        out.value(extent);
    });
    out.attribute("routing", chip::stringifyRouting(grid->routing));
    out.attribute("cores_per_router", grid->coresPerRouter);
  });
}

void TargetJson::print(chip::TargetOp target, const TargetFile &file) {
  TargetInfo info = TargetInfo::get(target);
  out.object([&] {
    out.attribute("name", info.name);
    text("description", info.description);
    out.attribute("file", file.path);
    out.attributeArray("inherits", [&] {
      for (const std::string &name : file.ancestors)
        out.value(name);
    });
    out.attribute("sha256", info.sha256);
    text("cost_profile", info.costProfile);
    out.attributeArray("cost_profiles", [&] {
      for (const std::string &name : file.profiles)
        out.value(name);
    });
    text("execution_profile", info.executionProfile);
    out.attributeArray("overrides", [&] {
      for (const std::string &text : info.overrides)
        out.value(text);
    });
    grid("network", info.noc);
    grid("board", info.board);
    out.attribute("input", chip::stringifyInputKind(info.input));
    facts(target.getBody().front());
    out.attributeArray("cores", [&] {
      for (auto core : target.getOps<chip::CoreOp>())
        out.object([&] {
          out.attribute("name", core.getSymName());
          out.attribute("count", int64_t(core.getCount()));
          words("neuron_models", core.getModels());
          words("connections", core.getConnections());
          facts(core.getBody().front());
        });
    });
    out.attributeArray("rules", [&] {
      for (auto rule : target.getOps<chip::RuleOp>())
        out.object([&] {
          out.attribute("name", rule.getName());
          out.attribute("severity",
                        chip::stringifySeverity(rule.getSeverity()));
          if (rule.getParameters())
            out.attributeObject("parameters", [&] {
              for (mlir::NamedAttribute parameter : rule.getParametersAttr())
                attribute(parameter.getName(), parameter.getValue());
            });
          text("note", rule.getNote().value_or(""));
          text("provenance", getWord(rule, "provenance"));
          text("source", getWord(rule, "source"));
          place(rule.getLoc());
        });
    });
    out.attributeArray("costs", [&] {
      for (const CostFact &fact : getCostFacts()) {
        const CostValue *cost = info.cost(fact.name);
        if (!cost)
          continue;
        out.object([&] {
          out.attribute("name", cost->name);
          number("value", cost->value);
          out.attribute("unit", cost->unit);
          if (cost->hasRange) {
            number("low", cost->low);
            number("high", cost->high);
          }
          if (!cost->table.empty())
            out.attributeArray("table", [&] {
              for (const std::pair<double, double> &step : cost->table)
                out.array([&] {
                  out.rawValue(formatJsonNumber(step.first));
                  out.rawValue(formatJsonNumber(step.second));
                });
            });
          out.attribute("kind", chip::stringifyCostKind(cost->kind));
          out.attribute("provenance",
                        chip::stringifyProvenance(cost->provenance));
          text("source", cost->source);
          text("range_source", cost->rangeSource);
          place(cost->loc);
        });
      }
    });
    out.attributeObject("absent", [&] {
      for (auto &[name, reason] : info.absent)
        out.attribute(name, reason);
    });
  });
}

ExitCode target::showTarget(const LoadOptions &options, bool json,
                            raw_ostream &os, MLIRContext *context) {
  Faults faults;
  FailureOr<TargetFile> file = readTargetFile(options, context, faults);
  OwningOpRef<ModuleOp> module;
  if (succeeded(file))
    module = buildTarget(*file, options, context, faults);
  if (failed(faults.report()) || !module)
    return ExitCode::Usage;
  chip::TargetOp target = getTarget(*module);
  if (json) {
    TargetJson(os).print(target, *file);
    os << '\n';
  } else {
    showText(target, *file, os);
  }
  return ExitCode::Success;
}
