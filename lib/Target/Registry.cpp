//===- Registry.cpp - Target files that a program carries -----------------===//

#include "nmc/Target/Registry.h"

#include "llvm/ADT/STLExtras.h"

#include <vector>

using namespace nmc;
using namespace nmc::target;

static std::vector<EmbeddedTarget> &getRegistry() {
  static std::vector<EmbeddedTarget> registry;
  return registry;
}

void target::registerTarget(const EmbeddedTarget &target) {
  std::vector<EmbeddedTarget> &registry = getRegistry();
  auto it = llvm::lower_bound(
      registry, target.name,
      [](const EmbeddedTarget &t, StringRef name) { return t.name < name; });
  if (it != registry.end() && it->name == target.name)
    *it = target;
  else
    registry.insert(it, target);
}

ArrayRef<EmbeddedTarget> target::getEmbeddedTargets() { return getRegistry(); }

const EmbeddedTarget *target::findEmbeddedTarget(StringRef name) {
  for (const EmbeddedTarget &target : getRegistry())
    if (target.name == name)
      return &target;
  return nullptr;
}
