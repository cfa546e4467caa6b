//===- AllTargets.cpp - The targets that nmc ships ------------------------===//

#include "targets/AllTargets.h"
#include "nmc/Target/Registry.h"

static constexpr nmc::target::EmbeddedTarget kTargets[] = {
#include "EmbeddedTargets.inc"
};

void nmc::registerAllTargets() {
  for (const target::EmbeddedTarget &target : kTargets)
    target::registerTarget(target);
}
