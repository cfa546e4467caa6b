//===- Yaml.h - YAML files as trees that know their places ------*- C++ -*-===//
//
// LLVM's YAML parser streams: a node can be visited once.  Target files are
// merged (inheritance, cost profiles, overrides) before they are checked, so
// they are first copied into a tree of owned nodes, each with the line and
// column where it was written.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_TARGET_YAML_H
#define NMC_TARGET_YAML_H

#include "nmc/Support/LLVM.h"

#include <string>
#include <vector>

namespace nmc::target {

/// Faults of one or several files, gathered and reported together, in the order
/// of the places where they stand.
class Faults {
public:
  struct Note {
    Location loc;
    std::string message;
  };

  /// Adds one fault, unless it is there already.
  void add(Location loc, StringRef rule, const Twine &message);
  void add(Location loc, StringRef rule, const Twine &message, Location noteLoc,
           const Twine &note);

  /// Forgets the faults of a rule.
  void drop(StringRef rule);
  /// Whether the text of a file could not be read to its end.
  bool isUnreadable() const;

  bool empty() const { return faults.empty(); }
  size_t size() const { return faults.size(); }

  /// Emits every fault as an error that ends in the name of its rule, sorted by
  /// file (first come, first), line and column; fails if there were any.
  LogicalResult report();

private:
  struct Fault {
    Location loc;
    std::string rule;
    std::string message;
    std::vector<Note> notes;
  };
  void add(Fault fault);

  std::vector<Fault> faults;
};

struct YamlEntry;

/// One value of a YAML file.
struct YamlNode {
  enum class Kind { Null, Scalar, Mapping, Sequence };

  Kind kind = Kind::Null;
  /// Scalar: the text, quotes and escapes resolved.
  std::string text;
  /// Scalar: written in quotes, hence never null, a number or a flag.
  bool quoted = false;
  std::vector<YamlEntry> entries; // Mapping, in the order of the file
  std::vector<YamlNode> items;    // Sequence
  Location loc;

  explicit YamlNode(Location loc, Kind kind = Kind::Null)
      : kind(kind), loc(loc) {}
  static YamlNode scalar(Location loc, const Twine &text);

  bool isNull() const { return kind == Kind::Null; }
  bool isScalar() const { return kind == Kind::Scalar; }
  bool isMapping() const { return kind == Kind::Mapping; }
  bool isSequence() const { return kind == Kind::Sequence; }

  /// The value under a key of a mapping, or null.
  const YamlNode *find(StringRef key) const;
  YamlNode *find(StringRef key);
  /// Sets or replaces the value under a key of a mapping.
  YamlNode &set(StringRef key, Location keyLoc, YamlNode value);
  /// Removes a key of a mapping; whether it was there.
  bool erase(StringRef key);
};

/// One key of a mapping with its value.
struct YamlEntry {
  std::string key;
  Location keyLoc;
  YamlNode value;
};

/// "a mapping", "a list", ...: what a node is, for diagnostics.
StringRef describeKind(const YamlNode &node);

/// The place of line and column (from 1) of a text.
using PlaceFn = function_ref<Location(unsigned line, unsigned column)>;

/// Copies the one document of `text` into a tree.  A mapping or list stands
/// where its key does.  Faults: `yaml-syntax` (what LLVM's parser says; it
/// stops at the first), `duplicate-key`, `yaml-alias` (anchors, aliases and
/// tags are not used here), `yaml-key` (a key is a scalar), `yaml-depth` (more
/// than 32 levels), `yaml-size` (more than 1 MiB). Returns what could be read;
/// a Null node at line 1 for an empty file.
YamlNode parseYaml(StringRef text, PlaceFn place, Faults &faults);

/// Lays `over` on `base`: mappings are merged key by key, everything else is
/// replaced, and a null removes the key.  A mapping that states a value of its
/// own (`value`, `table`, `max` or `size`) replaces the old one whole, so that
/// the source of the old number is not left beside the new one.  Fault
/// `null-value`: there is nothing to remove.
void mergeYaml(YamlNode &base, const YamlNode &over, Faults &faults);

/// Reports `null-value` for every null in a file that inherits nothing, except
/// under the top-level keys in `allowed`.
void rejectNulls(const YamlNode &root, ArrayRef<StringRef> allowed,
                 Faults &faults);

/// The name in `known` that is nearest to `name`, if it is near enough to be a
/// likely slip; empty otherwise.
StringRef nearestName(StringRef name, ArrayRef<StringRef> known);

/// "; did you mean 'x'?" or an empty string.
std::string didYouMean(StringRef name, ArrayRef<StringRef> known);

} // namespace nmc::target

#endif // NMC_TARGET_YAML_H
