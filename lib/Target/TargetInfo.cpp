//===- TargetInfo.cpp - A chip.target, read for engines -------------------===//

#include "nmc/Target/TargetInfo.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace nmc;
using namespace nmc::target;

double CostValue::at(double count) const {
  if (table.empty())
    return value;
  double result = table.front().second;
  for (auto [from, tableValue] : table)
    if (from <= count)
      result = tableValue;
  return result;
}

std::optional<double> CoreKind::limit(StringRef limitName) const {
  auto it = limits.find(limitName.str());
  if (it == limits.end())
    return std::nullopt;
  return it->second.value;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static std::vector<std::string>
readWords(std::optional<mlir::ArrayAttr> words) {
  std::vector<std::string> result;
  if (words)
    for (auto word : words->getAsRange<StringAttr>())
      result.push_back(word.str());
  return result;
}

static std::string toString(std::optional<StringRef> text) {
  return text.value_or("").str();
}

static void add(std::map<std::string, Limit> &limits, chip::LimitOp op) {
  Limit limit(op.getLoc());
  limit.name = op.getName().str();
  limit.value = op.getValue().convertToDouble();
  limit.unit = op.getUnit().str();
  limit.source = toString(op.getSource());
  limits.insert_or_assign(limit.name, limit);
}

static CoreKind readCore(chip::CoreOp op) {
  CoreKind core;
  core.name = op.getSymName().str();
  core.count = op.getCount();
  core.models = readWords(op.getModels());
  core.connections = readWords(op.getConnections());
  for (Operation &fact : op.getBody().front()) {
    if (auto limit = dyn_cast<chip::LimitOp>(fact))
      add(core.limits, limit);
    else if (auto set = dyn_cast<chip::SetOp>(fact))
      core.properties[set.getName().str()] = set.getValue();
  }
  return core;
}

static CostValue readCost(chip::CostOp op) {
  CostValue cost(op.getLoc());
  cost.name = op.getName().str();
  cost.value = op.getValue().convertToDouble();
  cost.hasRange = op.getLow().has_value() && op.getHigh().has_value();
  cost.low = cost.hasRange ? op.getLow()->convertToDouble() : cost.value;
  cost.high = cost.hasRange ? op.getHigh()->convertToDouble() : cost.value;
  cost.unit = op.getUnit().str();
  cost.kind = op.getKind();
  cost.provenance = op.getProvenance();
  cost.source = toString(op.getSource());
  cost.rangeSource = toString(op.getRangeSource());
  if (std::optional<ArrayRef<double>> table = op.getTable())
    for (size_t i = 0; i + 1 < table->size(); i += 2)
      cost.table.emplace_back((*table)[i], (*table)[i + 1]);
  return cost;
}

static Grid readGrid(chip::LinkOp op) {
  Grid grid;
  grid.topology = op.getTopology();
  grid.extent.assign(op.getExtent().begin(), op.getExtent().end());
  grid.routing = op.getRouting();
  grid.coresPerRouter = op.getCoresPerRouter();
  return grid;
}

TargetInfo TargetInfo::get(chip::TargetOp target) {
  TargetInfo info;
  info.name = target.getSymName().str();
  info.description = toString(target.getDescription());
  info.sha256 = toString(target.getSha256());
  info.costProfile = toString(target.getCostProfile());
  info.executionProfile = toString(target.getExecutionProfile());
  info.overrides = readWords(target.getOverrides());
  for (Operation &op : target.getBody().front()) {
    llvm::TypeSwitch<Operation *>(&op)
        .Case([&](chip::CoreOp core) { info.cores.push_back(readCore(core)); })
        .Case([&](chip::LimitOp limit) { add(info.limits, limit); })
        .Case([&](chip::SetOp set) {
          if (set.getName() == "absent") {
            if (auto reasons = dyn_cast<DictionaryAttr>(set.getValue()))
              for (mlir::NamedAttribute reason : reasons)
                if (auto text = dyn_cast<StringAttr>(reason.getValue()))
                  info.absent[reason.getName().str()] = text.str();
            return;
          }
          info.properties[set.getName().str()] = set.getValue();
        })
        .Case([&](chip::LinkOp link) {
          (link.getScope() == "board" ? info.board : info.noc) = readGrid(link);
        })
        .Case([&](chip::IoOp io) { info.input = io.getInput(); })
        .Case([&](chip::RuleOp op) {
          DesignRule rule(op.getLoc());
          rule.name = op.getName().str();
          rule.severity = op.getSeverity();
          rule.parameters = op.getParametersAttr();
          rule.note = toString(op.getNote());
          info.rules.push_back(rule);
        })
        .Case([&](chip::CostOp cost) {
          info.costs.insert_or_assign(cost.getName().str(), readCost(cost));
        });
  }
  return info;
}

//===----------------------------------------------------------------------===//
// Look-up
//===----------------------------------------------------------------------===//

const CostValue *TargetInfo::cost(StringRef costName) const {
  auto it = costs.find(costName.str());
  return it == costs.end() ? nullptr : &it->second;
}

Attribute TargetInfo::property(StringRef propertyName) const {
  std::string key = propertyName.str();
  if (auto it = properties.find(key); it != properties.end())
    return it->second;
  for (const CoreKind &core : cores)
    if (auto it = core.properties.find(key); it != core.properties.end())
      return it->second;
  return {};
}

std::optional<std::string> TargetInfo::word(StringRef propertyName) const {
  Attribute value = property(propertyName);
  if (auto text = dyn_cast_or_null<StringAttr>(value))
    return text.str();
  if (auto integer = dyn_cast_or_null<mlir::IntegerAttr>(value)) {
    if (integer.getType().isInteger(1))
      return integer.getValue().isZero() ? "no" : "yes";
    return llvm::itostr(integer.getInt());
  }
  return std::nullopt;
}

std::vector<std::string> TargetInfo::words(StringRef propertyName) const {
  Attribute value = property(propertyName);
  if (auto list = dyn_cast_or_null<mlir::ArrayAttr>(value)) {
    std::vector<std::string> result;
    for (Attribute item : list) {
      if (auto text = dyn_cast<StringAttr>(item))
        result.push_back(text.str());
      else if (auto integer = dyn_cast<mlir::IntegerAttr>(item))
        result.push_back(llvm::itostr(integer.getInt()));
    }
    return result;
  }
  if (auto text = dyn_cast_or_null<StringAttr>(value))
    return {text.str()};
  return {};
}

std::optional<int64_t> TargetInfo::integer(StringRef propertyName) const {
  auto value = dyn_cast_or_null<mlir::IntegerAttr>(property(propertyName));
  if (!value || value.getValue().getSignificantBits() > 64)
    return std::nullopt;
  return value.getInt();
}

std::vector<int64_t> TargetInfo::integers(StringRef propertyName) const {
  std::vector<int64_t> result;
  Attribute value = property(propertyName);
  if (auto list = dyn_cast_or_null<mlir::ArrayAttr>(value)) {
    for (Attribute item : list)
      if (auto integer = dyn_cast<mlir::IntegerAttr>(item))
        result.push_back(integer.getInt());
  } else if (std::optional<int64_t> one = integer(propertyName)) {
    result.push_back(*one);
  }
  return result;
}

std::optional<bool> TargetInfo::flag(StringRef propertyName) const {
  std::optional<std::string> text = word(propertyName);
  if (!text || (*text != "yes" && *text != "no"))
    return std::nullopt;
  return *text == "yes";
}

std::string TargetInfo::whyAbsent(StringRef fact) const {
  auto it = absent.find(fact.str());
  return it == absent.end() ? std::string() : it->second;
}

int64_t TargetInfo::coreCount() const {
  int64_t count = 0;
  for (const CoreKind &core : cores)
    count += core.count;
  return count;
}
