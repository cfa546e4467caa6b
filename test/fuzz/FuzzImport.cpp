//===- FuzzImport.cpp - NIR and lava-dl graphs under libFuzzer ------------===//

#include "TreeMutator.h"

#include "nmc/Frontend/Nir/Import.h"

using namespace nmc;
using namespace nmc::nir;

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t maxSize, unsigned seed) {
  return mutateStream(data, size, maxSize, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  RawLimits limits;
  limits.bytes = 1 << 22;
  limits.objects = 1 << 12;
  auto object =
      decodeRaw(ArrayRef(reinterpret_cast<const char *>(data), size), limits);
  if (!object) {
    llvm::consumeError(object.takeError());
    return 0;
  }
  // A context keeps every attribute that was ever made in it.
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.getDiagEngine().registerHandler([](Diagnostic &) {});
  ImportOptions options;
  // The options come from the input as well, hence are mutated with it.
  if (size % 2)
    options.dt = 1e-3;
  if (size % 3 == 1)
    options.timeUnit = "ms";
  if (size % 5 == 1)
    options.input = InputKind::Counts;
  OwningOpRef<ModuleOp> module =
      importNir(*object, "fuzz.nir", options, &context);
  if (!module)
    return 0;
  module->walk([](spike::NetworkOp network) { (void)exportNir(network, /*maxBytes=*/1 << 24); });
  return 0;
}
