//===- Load.h - Target files to chip.target ---------------------*- C++ -*-===//
//
// Reads a target file (docs/formats/target.md), resolves inheritance, cost
// profile and overrides, checks it against the schema and builds a chip.target
// whose children carry the lines of the file as locations.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_TARGET_LOAD_H
#define NMC_TARGET_LOAD_H

#include "nmc/Support/LLVM.h"
#include "nmc/Target/Yaml.h"

#include "mlir/IR/OwningOpRef.h"

#include <string>
#include <vector>

namespace nmc::target {

struct LoadOptions {
  /// A name ("loihi1"), looked up in `searchPaths` and then among the embedded
  /// targets, or a file: anything with a '/' or that ends in .yaml or .yml.
  std::string target;
  /// Folders that hold <name>.yaml or <name>/<name>.yaml.
  std::vector<std::string> searchPaths;
  /// One of the file's cost profiles; empty: its default one.
  std::string costProfile;
  /// "key=value" as given to --set, e.g. "core.neurons=512" or
  /// "cost.energy_synop=30 pJ"; applied in order, after the cost profile.
  std::vector<std::string> overrides;
};

/// A module that holds one verified chip.target with its sha256.
///
/// Faults are errors at their places in the files, all of them at once; those
/// of an override are at "--set":n:column, those of the other options at
/// "--target" and "--cost-profile".  Rules: those of parseYaml (Yaml.h) and
/// `target-unknown`, `target-file`, `schema-version`, `unknown-key`,
/// `missing-key`, `bare-number`, `unknown-unit`, `wrong-unit`, `enum-value`,
/// `integer-value`, `mapping-expected`, `list-expected`, `value-expected`,
/// `range-order`, `value-sign`, `table-order`, `cost-kind`, `absent-stated`,
/// `inherits-unknown`, `inherits-cycle`, `inherits-depth`, `profile-unknown`,
/// `override-syntax`.
FailureOr<OwningOpRef<ModuleOp>> loadTarget(const LoadOptions &options,
                                            MLIRContext *context);

/// A target file with inheritance resolved, not yet checked.
struct TargetFile {
  /// The file's name in diagnostics.
  std::string path;
  /// Merged content; `inherits` is gone.
  YamlNode root;
  /// The targets it inherits from, nearest first.
  std::vector<std::string> ancestors;
  /// Names under `cost_profiles`, in the file's order.
  std::vector<std::string> profiles;
  std::string defaultProfile; // empty where there are no profiles
  /// False where a file that it inherits from is missing: then nothing can be
  /// said about keys that are.
  bool isComplete = true;

  explicit TargetFile(Location loc) : root(loc) {}
};

/// Reads a file and those it inherits from.  Faults go to `faults`; failure
/// means that there is nothing to check.
FailureOr<TargetFile> readTargetFile(const LoadOptions &options,
                                     MLIRContext *context, Faults &faults);

/// Builds the chip.target of `file` under `options.costProfile` and
/// `options.overrides`.  All faults, also those of the other cost profiles, go
/// to `faults`; the module is null if there are any.
OwningOpRef<ModuleOp> buildTarget(TargetFile file, const LoadOptions &options,
                                  MLIRContext *context, Faults &faults);

/// Names of all targets that `searchPaths` and the program hold, sorted.
std::vector<std::string> findTargetNames(ArrayRef<std::string> searchPaths);

} // namespace nmc::target

#endif // NMC_TARGET_LOAD_H
