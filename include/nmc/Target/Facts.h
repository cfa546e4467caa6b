//===- Facts.h - What a target file may state -------------------*- C++ -*-===//
//
// One table for each kind of fact: limits, properties, costs and design rules,
// by the name under which files, IR, engines and reports know them.  Schema,
// diagnostics and docs/reference/{limits,costs}.md are made from these tables,
// so a new fact is one new row.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_TARGET_FACTS_H
#define NMC_TARGET_FACTS_H

#include "nmc/Support/LLVM.h"

namespace nmc::target {

/// A fact belongs to one core, to the chip, or may stand at either.
enum class Scope { Core, Chip, Either };

/// A number that a mapping must not exceed (chip.limit).
struct LimitFact {
  StringLiteral name;
  /// SI unit in which the IR holds it: "1" for counts, "bit" for memory.
  StringLiteral unit;
  Scope scope;
  /// The rule under which a report lists a violation.
  StringLiteral rule;
  StringLiteral doc;
};

/// How a property is written.
enum class PropertyType {
  Word,     // one of `words`
  Words,    // a list of `words`
  Flag,     // yes or no
  Integer,  // a bare integer
  Integers, // a list of bare integers
  Quantity  // "number unit", in `unit`
};

/// A property that is not a limit (chip.set).
struct PropertyFact {
  StringLiteral name;
  PropertyType type;
  Scope scope;
  StringLiteral unit;               // Quantity
  ArrayRef<StringLiteral> words;    // Word, Words; empty: any
  int64_t minimum = 0, maximum = 0; // Integer, Integers
  StringLiteral doc;
};

/// Kinds of cost value that a name may have, as a set.
enum CostKinds : unsigned {
  KindIncremental = 1,
  KindOperatingPoint = 2,
  KindStatic = 4
};

/// One cost value (chip.cost).
struct CostFact {
  StringLiteral name;
  StringLiteral unit;
  unsigned kinds;
  /// What a step table counts, empty where the name has no table.
  StringLiteral tableBy;
  /// The levels of the cost model that read it, empty: none does yet.
  StringLiteral readers;
  /// Another name that serves as well; the value is not missed then.
  StringLiteral alternative;
  /// What cannot be said without the value; empty: the term is left out.
  StringLiteral without;
  StringLiteral doc;
};

/// A parameter of a design rule.
struct RuleParameter {
  StringLiteral name;
  StringLiteral unit; // "1": a bare integer
  StringLiteral doc;
};

/// A design rule that a single number cannot state (chip.rule).
struct RuleFact {
  StringLiteral name;
  ArrayRef<RuleParameter> parameters; // all required
  StringLiteral doc;
};

ArrayRef<LimitFact> getLimitFacts();
ArrayRef<PropertyFact> getPropertyFacts();
ArrayRef<CostFact> getCostFacts();
ArrayRef<RuleFact> getRuleFacts();

/// The row of that name, or null.
const LimitFact *findLimitFact(StringRef name);
const PropertyFact *findPropertyFact(StringRef name);
const CostFact *findCostFact(StringRef name);
const RuleFact *findRuleFact(StringRef name);

/// Mnemonics of the population and connection ops that `neuron_models` and
/// `connections` may name.
ArrayRef<StringLiteral> getNeuronModels();
ArrayRef<StringLiteral> getConnectionKinds();

/// docs/reference/limits.md: limits, properties and design rules as Markdown.
void printLimitsReference(raw_ostream &os);
/// docs/reference/costs.md: cost names as Markdown.
void printCostsReference(raw_ostream &os);

} // namespace nmc::target

#endif // NMC_TARGET_FACTS_H
