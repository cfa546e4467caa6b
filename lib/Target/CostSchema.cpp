//===- CostSchema.cpp - Reading a cost value ------------------------------===//

#include "CostSchema.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace nmc;
using namespace nmc::target;

static constexpr StringLiteral kKinds[] = {"incremental", "operating_point",
                                           "static"};
static constexpr StringLiteral kProvenances[] = {
    "measured", "fitted",    "simulated", "published", "vendor_claim",
    "scaled",   "estimated", "assumed",   "recalled"};

ArrayRef<StringLiteral> target::getProvenances() { return kProvenances; }

static void readTable(const CostFact &fact, const YamlNode &node, Cost &cost,
                      Faults &faults) {
  std::string path = "cost." + fact.name.str() + ".table";
  if (!node.isMapping() || node.entries.empty()) {
    faults.add(node.loc, "mapping-expected",
               Twine("'") + path + "' must be a mapping of a count (" +
                   fact.tableBy + ") to the value from there on");
    return;
  }
  for (const YamlEntry &entry : node.entries) {
    YamlNode key = YamlNode::scalar(entry.keyLoc, entry.key);
    auto count = readInteger(key, "a count of '" + path + "'", 0,
                             int64_t(1) << 40, faults);
    auto value = readQuantity(entry.value, "'" + path + "'", fact.unit, faults);
    if (!count || !value)
      continue;
    if (!cost.table.empty() && double(*count) <= cost.table.end()[-2])
      faults.add(entry.keyLoc, "table-order",
                 Twine("counts of '") + path + "' must ascend, but " +
                     Twine(*count) + " follows " +
                     Twine(int64_t(cost.table.end()[-2])));
    cost.table.append({double(*count), *value});
  }
  if (!cost.table.empty())
    cost.value = cost.table[1];
}

std::optional<Cost> target::readCost(const CostFact &fact, const YamlNode &node,
                                     Faults &faults) {
  std::string path = "cost." + fact.name.str();
  if (node.isNull())
    return std::nullopt;
  if (node.isScalar()) {
    // Say what is wrong with the number too.
    readQuantity(node, "'" + path + "'", fact.unit, faults);
    faults.add(node.loc, "mapping-expected",
               Twine("'") + path +
                   "' is a single value, but a cost value states where it "
                   "comes from: {value: ..., kind: ..., provenance: ..., "
                   "source: ...}");
    return std::nullopt;
  }
  size_t before = faults.size();
  MappingReader reader(node, "'" + path + "'", faults);
  if (!reader.isValid())
    return std::nullopt;
  Cost cost(node.loc);
  const YamlNode *value = reader.get("value"), *table = nullptr;
  if (!fact.tableBy.empty())
    table = reader.get("table");
  if (value && table)
    faults.add(table->loc, "unknown-key",
               Twine("'") + path + "' has both 'value' and 'table'");
  else if (table)
    readTable(fact, *table, cost, faults);
  else if (value || reader.require("value"))
    cost.value = readQuantity(*value, quote(path, "value"), fact.unit, faults)
                     .value_or(0);

  // A name that allows one kind only need not state it.
  const YamlNode *kind = nullptr;
  if (llvm::isPowerOf2_32(fact.kinds)) {
    kind = reader.get("kind");
    cost.kind = chip::CostKind(llvm::Log2_32(fact.kinds));
  } else {
    kind = reader.require("kind");
  }
  if (kind)
    if (auto word = readWord(*kind, quote(path, "kind"), kKinds, faults)) {
      cost.kind = *chip::symbolizeCostKind(*word);
      if (!(fact.kinds & (1u << unsigned(cost.kind)))) {
        SmallVector<StringRef> allowed;
        for (auto [index, name] : llvm::enumerate(kKinds))
          if (fact.kinds & (1u << index))
            allowed.push_back(name);
        faults.add(kind->loc, "cost-kind",
                   Twine("'") + path + "' is " + *word + ", but can only be " +
                       llvm::join(allowed, " or "));
      }
    }
  if (const YamlNode *provenance = reader.require("provenance"))
    if (auto word = readWord(*provenance, quote(path, "provenance"),
                             kProvenances, faults))
      cost.provenance = *chip::symbolizeProvenance(*word);
  if (const YamlNode *range = reader.get("range")) {
    auto items = readList(*range, quote(path, "range"), faults);
    if (items && items->size() != 2) {
      faults.add(range->loc, "range-order",
                 Twine("'") + path + ".range' has " + Twine(items->size()) +
                     " values, but a range is [low, high]");
    } else if (items) {
      cost.low =
          readQuantity((*items)[0], quote(path, "range"), fact.unit, faults);
      cost.high =
          readQuantity((*items)[1], quote(path, "range"), fact.unit, faults);
      if (cost.low && cost.high && faults.size() == before &&
          !(*cost.low <= cost.value && cost.value <= *cost.high))
        faults.add(
            range->loc, "range-order",
            Twine("'") + path + "' is not low <= value <= high: '" +
                (*items)[0].text + "', '" +
                (value ? value->text : std::string("first of the table")) +
                "', '" + (*items)[1].text + "'");
    }
  }
  if (const YamlNode *source = reader.get("source"))
    cost.source = readText(*source, quote(path, "source"), faults).value_or("");
  if (const YamlNode *source = reader.get("range_source"))
    cost.rangeSource =
        readText(*source, quote(path, "range_source"), faults).value_or("");
  reader.finish();
  if (faults.size() != before)
    return std::nullopt;
  return cost;
}
