//===- AllTargets.h - The targets that nmc ships ----------------*- C++ -*-===//
#ifndef NMC_TARGETS_ALLTARGETS_H
#define NMC_TARGETS_ALLTARGETS_H

namespace nmc {

/// Registers every targets/<chip>/<chip>.yaml and every targets/profiles/*.yaml
/// under its name.  Programs call it first thing.
void registerAllTargets();

} // namespace nmc

#endif // NMC_TARGETS_ALLTARGETS_H
