//===- FuzzRaw.cpp - Raw streams and NIRData under libFuzzer --------------===//

#include "TreeMutator.h"

#include "nmc/Frontend/Nir/NirData.h"

#include <cstdlib>

using namespace nmc;
using namespace nmc::nir;

/// What must hold, in builds without assertions too.
static void require(bool holds) {
  if (!holds)
    std::abort();
}

static RawLimits getLimits() {
  RawLimits limits;
  limits.bytes = 1 << 24;
  limits.objects = 1 << 14;
  return limits;
}

static void checkData(const RawObject &file) {
  auto data = parseNirData(file, "fuzz");
  if (!data)
    return llvm::consumeError(data.takeError());
  data->walk([](StringRef, StringRef, const NirObservable &observable) {
    for (double dt : {observable.dt, 1e-3, observable.tMax / 16}) {
      auto dense = observable.toDense(dt, {}, /*maxBytes=*/1 << 18);
      if (!dense) {
        llvm::consumeError(dense.takeError());
        continue;
      }
      if (dense->rank() != 3)
        continue;
      auto events = NirObservable::toEvents(*dense, dt, /*shift=*/0.5,
                                            /*maxBytes=*/1 << 20);
      if (!events)
        llvm::consumeError(events.takeError());
    }
  });
  auto again = parseNirData(formatNirData(*data), "fuzz");
  require(bool(again));
  require(formatNirData(*again) == formatNirData(*data));
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t maxSize, unsigned seed) {
  return mutateStream(data, size, maxSize, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ArrayRef bytes(reinterpret_cast<const char *>(data), size);
  auto object = decodeRaw(bytes, getLimits());
  if (!object) {
    llvm::consumeError(object.takeError());
    return 0;
  }
  // What is accepted is what encodeRaw writes.
  SmallVector<char, 0> back;
  llvm::raw_svector_ostream os(back);
  encodeRaw(*object, os);
  require(ArrayRef<char>(back) == bytes);
  checkData(*object);
  return 0;
}
