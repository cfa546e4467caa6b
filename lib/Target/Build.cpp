//===- Build.cpp - A merged target file to chip.target --------------------===//
//
// Walks the tree once, checks everything it meets and builds the op beside it.
// Facts stand in the op in the order of the tables in Facts.cpp, whatever their
// order in the file, so that equal descriptions have equal hashes.
//
//===----------------------------------------------------------------------===//

#include "CostSchema.h"
#include "Override.h"
#include "Schema.h"
#include "dialects/Chip/Chip.h"
#include "nmc/Support/Sha256.h"
#include "nmc/Target/Facts.h"
#include "nmc/Target/Load.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <limits>
#include <map>

using namespace nmc;
using namespace nmc::target;

namespace {
constexpr StringLiteral kTopologies[] = {"mesh", "torus", "bus", "none"};
constexpr StringLiteral kRoutings[] = {"xy", "xy_multicast", "table"};
constexpr StringLiteral kInputs[] = {"relay", "direct"};
constexpr StringLiteral kSeverities[] = {"error", "warning"};

/// Where a value comes from: of limits, properties, links and input.
struct Origin {
  std::string provenance, source;
};

class TargetBuilder {
public:
  TargetBuilder(MLIRContext *context, Faults &faults)
      : builder(context), faults(faults) {}

  /// Null where the file is at fault.
  OwningOpRef<ModuleOp> build(TargetFile &file, const LoadOptions &options);

private:
  void checkHeader(MappingReader &top);
  void checkProfiles(const TargetFile &file, StringRef selected);
  void layProfile(YamlNode &root, const YamlNode &profile);
  void buildChip(const YamlNode &node, MappingReader &top);
  void buildLink(const YamlNode &node, StringRef scope);
  void buildCores(MappingReader &top);
  void buildCore(const YamlNode &node, StringRef name, int64_t count,
                 bool countHere);
  void buildFacts(MappingReader &reader, Scope scope, const std::string &where);
  void buildLimit(const LimitFact &fact, const YamlNode &node,
                  const std::string &where);
  void buildProperty(const PropertyFact &fact, const YamlNode &node,
                     const std::string &where);
  Attribute readProperty(const PropertyFact &fact, const YamlNode &node,
                         const Twine &what);
  mlir::ArrayAttr readWords(const YamlNode &node, const Twine &what,
                            ArrayRef<StringLiteral> words);
  void buildIo(const YamlNode &node);
  void buildRules(const YamlNode &node);
  using Costs = std::map<std::string, Cost>;
  Costs readCosts(const YamlNode &node, const std::string &where);
  void buildCosts(const Costs &costs);
  void buildAbsent(const YamlNode &node, const Costs &costs);
  Origin readOrigin(MappingReader &reader, const std::string &what);
  void setOrigin(Operation *op, const Origin &origin);

  StringAttr optional(const std::string &text) {
    return text.empty() ? StringAttr() : builder.getStringAttr(text);
  }
  mlir::FloatAttr f64(double value) { return builder.getF64FloatAttr(value); }

  mlir::OpBuilder builder;
  Faults &faults;
  std::string name, description, executionProfile;
  /// Places of the limits and properties stated, for `absent-stated`.
  std::map<std::string, Location> stated;
  int64_t chipCores = 0; // 0: not stated or faulty
};
} // namespace

//===----------------------------------------------------------------------===//
// Top level
//===----------------------------------------------------------------------===//

void TargetBuilder::checkHeader(MappingReader &top) {
  if (const YamlNode *node = top.require("schema"))
    if (auto schema = readText(*node, "'schema'", faults))
      if (*schema != "nmc.target")
        faults.add(node->loc, "schema-version",
                   Twine("'schema' is '") + *schema +
                       "', but a target file says nmc.target");
  if (const YamlNode *node = top.require("version"))
    if (auto version = readInteger(*node, "'version'", 0, 1 << 20, faults))
      if (*version != 1)
        faults.add(node->loc, "schema-version",
                   Twine("version of the schema is ") + Twine(*version) +
                       ", but this program reads version 1");
  if (const YamlNode *node = top.require("name"))
    if (auto text = readText(*node, "'name'", faults)) {
      bool isValid = !text->empty() && llvm::isAlnum((*text)[0]);
      for (char c : *text)
        isValid &= llvm::isAlnum(c) || c == '-' || c == '_' || c == '.';
      if (!isValid)
        faults.add(node->loc, "enum-value",
                   Twine("name '") + *text +
                       "' must begin with a letter or digit and hold only "
                       "letters, digits, '-', '_' and '.'");
      name = *text;
    }
  if (const YamlNode *node = top.get("description"))
    if (auto text = readText(*node, "'description'", faults))
      description = *text;
  if (const YamlNode *node = top.get("execution_profile"))
    if (auto text = readWord(*node, "'execution_profile'", {}, faults))
      executionProfile = *text;
}

/// Checks the cost profiles that are not selected, so that a file has all its
/// faults reported whatever profile is asked for.
void TargetBuilder::checkProfiles(const TargetFile &file, StringRef selected) {
  const YamlNode *profiles = file.root.find("cost_profiles");
  if (!profiles || !profiles->isMapping())
    return;
  const YamlNode *shared = file.root.find("cost");
  for (const YamlEntry &profile : profiles->entries) {
    if (profile.key == selected || !profile.value.isMapping())
      continue;
    // An entry may only add to the shared one.
    YamlNode own(profile.value.loc, YamlNode::Kind::Mapping);
    for (const YamlEntry &entry : profile.value.entries) {
      const YamlNode *base = shared ? shared->find(entry.key) : nullptr;
      YamlNode value = base && !entry.value.isNull() ? *base : entry.value;
      if (base && !entry.value.isNull())
        mergeYaml(value, entry.value, faults);
      own.set(entry.key, entry.keyLoc, std::move(value));
    }
    Costs costs = readCosts(own, "'cost_profiles." + profile.key + "'");
    if (const YamlNode *absent = profile.value.find("absent"))
      buildAbsent(*absent, costs);
  }
}

/// The mapping under `key` of `root`, made if it is not there; null if it is
/// something else.
static YamlNode *getMapping(YamlNode &root, StringRef key, Location loc) {
  YamlNode *node = root.find(key);
  if (!node)
    node = &root.set(key, loc, YamlNode(loc, YamlNode::Kind::Mapping));
  return node->isMapping() ? node : nullptr;
}

/// Lays a cost profile on the shared costs, and its reasons on the shared ones.
void TargetBuilder::layProfile(YamlNode &root, const YamlNode &profile) {
  if (!profile.isMapping())
    return;
  YamlNode own = profile;
  own.erase("description");
  if (const YamlNode *absent = profile.find("absent")) {
    if (YamlNode *reasons = getMapping(root, "absent", absent->loc))
      mergeYaml(*reasons, *absent, faults);
    own.erase("absent");
  }
  if (YamlNode *costs = getMapping(root, "cost", profile.loc))
    mergeYaml(*costs, own, faults);
}

OwningOpRef<ModuleOp> TargetBuilder::build(TargetFile &file,
                                           const LoadOptions &options) {
  MLIRContext *context = builder.getContext();
  StringAttr costFlag = builder.getStringAttr("--cost-profile");
  std::string selected = options.costProfile;
  if (selected.empty())
    selected = file.defaultProfile;
  else if (!llvm::is_contained(file.profiles, selected)) {
    SmallVector<StringRef> known(file.profiles.begin(), file.profiles.end());
    faults.add(mlir::FileLineColLoc::get(costFlag, 1, 1), "profile-unknown",
               file.profiles.empty()
                   ? Twine("the target has no cost profiles, but '" + selected +
                           "' is asked for")
                         .str()
                   : "unknown cost profile '" + selected + "'; there are " +
                         llvm::join(known, ", ") + didYouMean(selected, known));
  }

  // Profiles other than the selected one are only checked.
  const YamlNode *profiles = file.root.find("cost_profiles");
  checkProfiles(file, selected);
  stated.clear();
  YamlNode root = file.root;
  if (const YamlNode *profile = profiles ? profiles->find(selected) : nullptr)
    layProfile(root, *profile);
  SmallVector<Attribute> overrides;
  for (auto [index, text] : llvm::enumerate(options.overrides)) {
    applyOverride(root, text, index, context, faults);
    overrides.push_back(builder.getStringAttr(text));
  }

  MappingReader top(root, "the target file", faults);
  checkHeader(top);
  OwningOpRef<ModuleOp> module(ModuleOp::create(root.loc));
  builder.setInsertionPointToEnd(module->getBody());
  auto target = chip::TargetOp::create(
      builder, root.loc, builder.getStringAttr(name.empty() ? "target" : name),
      optional(description), /*sha256=*/StringAttr(), optional(selected),
      optional(executionProfile), /*overrides=*/mlir::ArrayAttr());
  builder.setInsertionPointToEnd(&target.getBody().emplaceBlock());

  if (const YamlNode *node = top.require("chip"))
    buildChip(*node, top);
  buildCores(top);
  if (const YamlNode *node = top.require("io"))
    buildIo(*node);
  if (const YamlNode *node = top.get("limits"))
    buildRules(*node);
  Costs costs;
  if (const YamlNode *node = top.get("cost"))
    costs = readCosts(*node, "'cost'");
  buildCosts(costs);
  if (const YamlNode *node = top.get("absent"))
    buildAbsent(*node, costs);
  if (const YamlNode *node = top.get("cost_profiles")) {
    MappingReader reader(*node, "'cost_profiles'", faults);
    for (const YamlEntry &entry : node->entries)
      if (const YamlNode *profile = reader.get(entry.key))
        MappingReader(*profile, "'cost_profiles." + entry.key + "'", faults);
  }
  if (const YamlNode *node = top.get("default_cost_profile"))
    if (auto text = readText(*node, "'default_cost_profile'", faults))
      if (!llvm::is_contained(file.profiles, *text)) {
        SmallVector<StringRef> known(file.profiles.begin(),
                                     file.profiles.end());
        faults.add(node->loc, "profile-unknown",
                   Twine("unknown cost profile '") + *text + "'" +
                       didYouMean(*text, known));
      }
  top.finish();
  if (!file.isComplete)
    faults.drop("missing-key");
  if (!faults.empty())
    return {};

  std::string text;
  llvm::raw_string_ostream os(text);
  // The hash must not depend on how a tool was told to print.
  target->print(os, mlir::OpPrintingFlags()
                        .printGenericOpForm()
                        .useLocalScope()
                        .enableDebugInfo(false)
                        .printValueUsers(false)
                        .printUniqueSSAIDs(false)
                        .elideLargeElementsAttrs(
                            std::numeric_limits<int64_t>::max()));
  target.setSha256(sha256(text));
  if (!overrides.empty())
    target.setOverridesAttr(builder.getArrayAttr(overrides));
  return module;
}

//===----------------------------------------------------------------------===//
// Chip
//===----------------------------------------------------------------------===//

void TargetBuilder::buildChip(const YamlNode &node, MappingReader &top) {
  MappingReader reader(node, "'chip'", faults);
  if (const YamlNode *topology = reader.get("topology"))
    buildLink(*topology, "chip");
  if (const YamlNode *board = reader.get("board"))
    buildLink(*board, "board");
  if (const YamlNode *cores = reader.get("cores"))
    if (auto count =
            readInteger(*cores, "'chip.cores'", 1, int64_t(1) << 24, faults))
      chipCores = *count;
  buildFacts(reader, Scope::Chip, "chip");
  reader.finish();
}

void TargetBuilder::buildLink(const YamlNode &node, StringRef scope) {
  std::string key = scope == "chip" ? "topology" : "board";
  std::string where = "chip." + key;
  MappingReader reader(node, "'" + where + "'", faults);
  std::optional<std::string> kind, routing = std::string("xy");
  if (const YamlNode *value = reader.require("kind"))
    kind = readWord(*value, quote(where, "kind"), kTopologies, faults);
  bool isGrid = kind && (*kind == "mesh" || *kind == "torus");
  SmallVector<int64_t> extent;
  for (StringRef axis : {"x", "y"}) {
    const YamlNode *value = isGrid ? reader.require(axis) : reader.get(axis);
    if (!value)
      continue;
    if (auto size = readInteger(*value, quote(where, axis), 1, 65536, faults))
      extent.push_back(*size);
  }
  int64_t coresPerRouter = 1;
  if (const YamlNode *value = reader.get("cores_per_router"))
    coresPerRouter =
        readInteger(*value, quote(where, "cores_per_router"), 1, 65536, faults)
            .value_or(1);
  if (const YamlNode *value =
          isGrid ? reader.require("routing") : reader.get("routing"))
    routing = readWord(*value, quote(where, "routing"), kRoutings, faults);
  Origin origin = readOrigin(reader, where);
  reader.finish();
  if (!kind || !routing || (isGrid && extent.size() != 2))
    return;
  auto link = chip::LinkOp::create(
      builder, node.loc,
      builder.getStringAttr(scope == "chip" ? "noc" : "board"),
      chip::TopologyAttr::get(builder.getContext(),
                              *chip::symbolizeTopology(*kind)),
      builder.getDenseI64ArrayAttr(extent),
      chip::RoutingAttr::get(builder.getContext(),
                             *chip::symbolizeRouting(*routing)),
      builder.getI64IntegerAttr(coresPerRouter), builder.getStringAttr(scope));
  setOrigin(link, origin);
}

//===----------------------------------------------------------------------===//
// Cores
//===----------------------------------------------------------------------===//

void TargetBuilder::buildCores(MappingReader &top) {
  const YamlNode *one = top.get("core"), *several = top.get("cores");
  if (one && several) {
    faults.add(several->loc, "unknown-key",
               "'core' describes the cores already; give either 'core' with "
               "'chip.cores', or 'cores'",
               one->loc, "'core' is here");
    return;
  }
  if (several) {
    MappingReader reader(*several, "'cores'", faults);
    for (const YamlEntry &entry : several->entries)
      buildCore(*reader.get(entry.key), entry.key, 0, /*countHere=*/true);
    return;
  }
  if (!one) {
    if (top.isValid())
      top.require("core");
    return;
  }
  if (!chipCores && top.get("chip") && top.get("chip")->isMapping() &&
      !top.get("chip")->find("cores"))
    faults.add(top.get("chip")->loc, "missing-key", "'chip' lacks 'cores'");
  buildCore(*one, "core", std::max<int64_t>(chipCores, 1), /*countHere=*/false);
}

void TargetBuilder::buildCore(const YamlNode &node, StringRef coreName,
                              int64_t count, bool countHere) {
  std::string where = countHere ? "cores." + coreName.str() : "core";
  MappingReader reader(node, "'" + where + "'", faults);
  if (countHere)
    if (const YamlNode *value = reader.require("count"))
      count = readInteger(*value, quote(where, "count"), 1, int64_t(1) << 24,
                          faults)
                  .value_or(1);
  mlir::ArrayAttr models, connections;
  if (const YamlNode *value = reader.get("neuron_models"))
    models =
        readWords(*value, quote(where, "neuron_models"), getNeuronModels());
  if (const YamlNode *value = reader.get("connections"))
    connections =
        readWords(*value, quote(where, "connections"), getConnectionKinds());
  auto core = chip::CoreOp::create(
      builder, node.loc, builder.getStringAttr(coreName),
      builder.getI64IntegerAttr(std::max<int64_t>(count, 1)), models,
      connections);
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&core.getBody().emplaceBlock());
  buildFacts(reader, Scope::Core, where);
  reader.finish();
}

//===----------------------------------------------------------------------===//
// Limits and properties
//===----------------------------------------------------------------------===//

void TargetBuilder::buildFacts(MappingReader &reader, Scope scope,
                               const std::string &where) {
  for (const LimitFact &fact : getLimitFacts()) {
    if (fact.scope != scope && fact.scope != Scope::Either)
      continue;
    if (const YamlNode *node = reader.get(fact.name))
      buildLimit(fact, *node, where);
  }
  for (const PropertyFact &fact : getPropertyFacts()) {
    if (fact.scope != scope && fact.scope != Scope::Either)
      continue;
    if (const YamlNode *node = reader.get(fact.name))
      buildProperty(fact, *node, where);
  }
}

Origin TargetBuilder::readOrigin(MappingReader &reader,
                                 const std::string &what) {
  Origin origin;
  if (const YamlNode *value = reader.get("provenance"))
    origin.provenance =
        readWord(*value, quote(what, "provenance"), getProvenances(), faults)
            .value_or("");
  if (const YamlNode *value = reader.get("source"))
    origin.source =
        readText(*value, quote(what, "source"), faults).value_or("");
  return origin;
}

void TargetBuilder::setOrigin(Operation *op, const Origin &origin) {
  if (!origin.provenance.empty())
    op->setAttr("provenance", builder.getStringAttr(origin.provenance));
  if (!origin.source.empty())
    op->setAttr("source", builder.getStringAttr(origin.source));
}

void TargetBuilder::buildLimit(const LimitFact &fact, const YamlNode &node,
                               const std::string &where) {
  std::string path = where + "." + fact.name.str();
  stated.try_emplace(fact.name.str(), node.loc);
  std::optional<double> value;
  Origin origin;
  if (node.isMapping()) {
    MappingReader reader(node, "'" + path + "'", faults);
    StringRef key = fact.unit == "bit" ? "size" : "max";
    if (const YamlNode *number = reader.require(key))
      value = readQuantity(*number, quote(path, key), fact.unit, faults);
    origin = readOrigin(reader, path);
    reader.finish();
  } else {
    value = readQuantity(node, "'" + path + "'", fact.unit, faults);
    if (isOverride(node.loc))
      origin = {"assumed", kOverrideSource.str()};
  }
  if (!value)
    return;
  auto limit = chip::LimitOp::create(
      builder, node.loc, builder.getStringAttr(fact.name), f64(*value),
      builder.getStringAttr(fact.unit), optional(origin.source));
  origin.source.clear();
  setOrigin(limit, origin);
}

void TargetBuilder::buildProperty(const PropertyFact &fact,
                                  const YamlNode &node,
                                  const std::string &where) {
  std::string path = where + "." + fact.name.str();
  stated.try_emplace(fact.name.str(), node.loc);
  Attribute value;
  Origin origin;
  if (node.isMapping()) {
    MappingReader reader(node, "'" + path + "'", faults);
    if (const YamlNode *inner = reader.require("value"))
      value = readProperty(fact, *inner, quote(path, "value"));
    origin = readOrigin(reader, path);
    reader.finish();
  } else {
    value = readProperty(fact, node, "'" + path + "'");
    if (isOverride(node.loc))
      origin = {"assumed", kOverrideSource.str()};
  }
  if (!value)
    return;
  auto set = chip::SetOp::create(builder, node.loc,
                                 builder.getStringAttr(fact.name), value);
  if (fact.type == PropertyType::Quantity)
    set->setAttr("unit", builder.getStringAttr(fact.unit));
  setOrigin(set, origin);
}

mlir::ArrayAttr TargetBuilder::readWords(const YamlNode &node,
                                         const Twine &what,
                                         ArrayRef<StringLiteral> words) {
  std::string name = what.str();
  std::optional<ArrayRef<YamlNode>> items = readList(node, name, faults);
  if (!items)
    return {};
  SmallVector<Attribute> values;
  for (const YamlNode &item : *items)
    if (auto word = readWord(item, name, words, faults))
      values.push_back(builder.getStringAttr(*word));
  return builder.getArrayAttr(values);
}

/// The value of a property: flags and words are strings, numbers i64 or f64.
/// Null after a fault.
Attribute TargetBuilder::readProperty(const PropertyFact &fact,
                                      const YamlNode &node, const Twine &what) {
  std::string name = what.str();
  switch (fact.type) {
  case PropertyType::Word:
    if (auto word = readWord(node, name, fact.words, faults))
      return builder.getStringAttr(*word);
    return {};
  case PropertyType::Words:
    return readWords(node, name, fact.words);
  case PropertyType::Flag:
    if (auto flag = readFlag(node, name, faults))
      return builder.getStringAttr(*flag ? "yes" : "no");
    return {};
  case PropertyType::Integer:
    if (auto number =
            readInteger(node, name, fact.minimum, fact.maximum, faults))
      return builder.getI64IntegerAttr(*number);
    return {};
  case PropertyType::Integers: {
    std::optional<ArrayRef<YamlNode>> items = readList(node, name, faults);
    if (!items)
      return {};
    SmallVector<int64_t> numbers;
    for (const YamlNode &item : *items)
      if (auto number =
              readInteger(item, name, fact.minimum, fact.maximum, faults))
        numbers.push_back(*number);
    return builder.getI64ArrayAttr(numbers);
  }
  case PropertyType::Quantity:
    if (auto value = readQuantity(node, name, fact.unit, faults))
      return f64(*value);
    return {};
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Input and design rules
//===----------------------------------------------------------------------===//

void TargetBuilder::buildIo(const YamlNode &node) {
  MappingReader reader(node, "'io'", faults);
  std::optional<std::string> input;
  if (const YamlNode *value = reader.require("input"))
    input = readWord(*value, "'io.input'", kInputs, faults);
  Origin origin = readOrigin(reader, "io");
  reader.finish();
  if (!input)
    return;
  auto io = chip::IoOp::create(
      builder, node.loc, builder.getStringAttr("host"),
      chip::InputKindAttr::get(builder.getContext(),
                               *chip::symbolizeInputKind(*input)));
  setOrigin(io, origin);
}

void TargetBuilder::buildRules(const YamlNode &node) {
  std::optional<ArrayRef<YamlNode>> items = readList(node, "'limits'", faults);
  if (!items)
    return;
  llvm::StringMap<Location> seen;
  for (const YamlNode &item : *items) {
    MappingReader reader(item, "an entry of 'limits'", faults);
    const YamlNode *ruleNode = reader.require("rule");
    std::optional<std::string> rule;
    if (ruleNode)
      rule = readText(*ruleNode, "'rule'", faults);
    std::string severity = "error", note;
    if (const YamlNode *value = reader.get("severity"))
      severity = readWord(*value, "'severity'", kSeverities, faults)
                     .value_or(severity);
    if (const YamlNode *value = reader.get("note"))
      note = readText(*value, "'note'", faults).value_or("");
    Origin origin = readOrigin(reader, "limits");
    if (!rule)
      continue;
    const RuleFact *fact = findRuleFact(*rule);
    if (!fact) {
      SmallVector<StringRef> known;
      for (const RuleFact &other : getRuleFacts())
        known.push_back(other.name);
      faults.add(ruleNode->loc, "enum-value",
                 Twine("unknown rule '") + *rule + "'; there are " +
                     llvm::join(known, ", ") + didYouMean(*rule, known));
      continue;
    }
    auto [entry, isNew] = seen.try_emplace(*rule, ruleNode->loc);
    if (!isNew) {
      faults.add(ruleNode->loc, "duplicate-key",
                 Twine("rule '") + *rule + "' stands twice in 'limits'",
                 entry->second, "first here");
      continue;
    }
    SmallVector<mlir::NamedAttribute> parameters;
    for (const RuleParameter &parameter : fact->parameters) {
      const YamlNode *value = reader.require(parameter.name);
      if (!value)
        continue;
      auto number = readQuantity(
          *value, Twine("parameter '") + parameter.name + "' of " + *rule,
          parameter.unit, faults);
      if (number)
        parameters.push_back(
            builder.getNamedAttr(parameter.name, f64(*number)));
    }
    reader.finish();
    auto op = chip::RuleOp::create(
        builder, item.loc, builder.getStringAttr(*rule),
        chip::SeverityAttr::get(builder.getContext(),
                                *chip::symbolizeSeverity(severity)),
        parameters.empty() ? mlir::DictionaryAttr()
                           : builder.getDictionaryAttr(parameters),
        optional(note));
    setOrigin(op, origin);
  }
}

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

TargetBuilder::Costs TargetBuilder::readCosts(const YamlNode &node,
                                              const std::string &where) {
  Costs costs;
  MappingReader reader(node, where, faults);
  for (const CostFact &fact : getCostFacts())
    if (const YamlNode *value = reader.get(fact.name))
      if (std::optional<Cost> cost = readCost(fact, *value, faults))
        costs.emplace(fact.name.str(), *cost);
  if (where != "'cost'") { // a cost profile
    if (const YamlNode *value = reader.get("description"))
      readText(*value, "'description'", faults);
    reader.allow("absent");
  }
  reader.finish();
  return costs;
}

void TargetBuilder::buildCosts(const Costs &costs) {
  MLIRContext *context = builder.getContext();
  for (const CostFact &fact : getCostFacts()) {
    auto it = costs.find(fact.name.str());
    if (it == costs.end())
      continue;
    const Cost &cost = it->second;
    chip::CostOp::create(builder, cost.loc, builder.getStringAttr(fact.name),
                         f64(cost.value), builder.getStringAttr(fact.unit),
                         chip::CostKindAttr::get(context, cost.kind),
                         chip::ProvenanceAttr::get(context, cost.provenance),
                         cost.low ? f64(*cost.low) : mlir::FloatAttr(),
                         cost.high ? f64(*cost.high) : mlir::FloatAttr(),
                         cost.table.empty()
                             ? mlir::DenseF64ArrayAttr()
                             : builder.getDenseF64ArrayAttr(cost.table),
                         optional(cost.source), optional(cost.rangeSource));
  }
}

/// Facts that are not known, each with the reason.
void TargetBuilder::buildAbsent(const YamlNode &node, const Costs &costs) {
  MappingReader reader(node, "'absent'", faults);
  SmallVector<mlir::NamedAttribute> reasons;
  auto read = [&](StringRef fact) {
    const YamlNode *value = reader.get(fact);
    if (!value)
      return;
    std::optional<Location> there;
    if (auto it = costs.find(fact.str()); it != costs.end())
      there = it->second.loc;
    else if (auto it = stated.find(fact.str()); it != stated.end())
      there = it->second;
    if (there)
      faults.add(value->loc, "absent-stated",
                 Twine("'") + fact + "' is said to be absent, but it is stated",
                 *there, "here");
    if (auto text = readText(*value, "'absent." + fact.str() + "'", faults))
      reasons.push_back(
          builder.getNamedAttr(fact, builder.getStringAttr(*text)));
  };
  for (const LimitFact &fact : getLimitFacts())
    read(fact.name);
  for (const PropertyFact &fact : getPropertyFacts())
    read(fact.name);
  for (const CostFact &fact : getCostFacts())
    read(fact.name);
  reader.finish();
  if (!reasons.empty() && builder.getInsertionBlock())
    chip::SetOp::create(builder, node.loc, builder.getStringAttr("absent"),
                        builder.getDictionaryAttr(reasons));
}

OwningOpRef<ModuleOp> target::buildTarget(TargetFile file,
                                          const LoadOptions &options,
                                          MLIRContext *context,
                                          Faults &faults) {
  context->loadDialect<chip::ChipDialect>();
  return TargetBuilder(context, faults).build(file, options);
}
