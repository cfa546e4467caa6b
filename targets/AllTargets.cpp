//===- AllTargets.cpp - The targets that nmc ships ------------------------===//

#include "targets/AllTargets.h"
#include "nmc/Target/ExecutionProfile.h"
#include "nmc/Target/Registry.h"

static constexpr nmc::target::EmbeddedTarget kTargets[] = {
#include "EmbeddedTargets.inc"
};

static constexpr nmc::target::EmbeddedProfile kProfiles[] = {
#include "EmbeddedProfiles.inc"
};

void nmc::registerAllTargets() {
  for (const target::EmbeddedProfile &profile : kProfiles)
    target::registerProfile(profile);
  for (const target::EmbeddedTarget &target : kTargets)
    target::registerTarget(target);
}
