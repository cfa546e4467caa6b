//===- Override.h - Values from --set ---------------------------*- C++ -*-===//
#ifndef NMC_LIB_TARGET_OVERRIDE_H
#define NMC_LIB_TARGET_OVERRIDE_H

#include "nmc/Target/Yaml.h"

namespace nmc::target {

/// Lays "key=value" on a tree.  `key` is a dotted path; `value` is YAML, null
/// removes the key.  A scalar in place of a limit, property or cost replaces
/// the whole entry: the number is then assumed, and its old source does not
/// stand beside it.  Places are "--set":index+1:column.  Faults:
/// `override-syntax`, those of parseYaml; unknown keys are left to the walk
/// over the tree.
void applyOverride(YamlNode &root, StringRef text, unsigned index,
                   MLIRContext *context, Faults &faults);

} // namespace nmc::target

#endif // NMC_LIB_TARGET_OVERRIDE_H
