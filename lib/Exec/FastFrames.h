//===- FastFrames.h - Values of many steps ----------------------*- C++ -*-===//
//
// Private to the fast engine: frames of one value, one per step of a chunk, and
// the lists of their events.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_EXEC_FASTFRAMES_H
#define NMC_LIB_EXEC_FASTFRAMES_H

#include "FastPlan.h"

namespace nmc::exec {

/// Calls `fn` with a null pointer of the storage's type.
template <typename Fn> auto withType(Storage storage, Fn fn) {
  switch (storage) {
  case Storage::U8:
    return fn((uint8_t *)nullptr);
  case Storage::I16:
    return fn((int16_t *)nullptr);
  case Storage::I32:
    return fn((int32_t *)nullptr);
  case Storage::I64:
    return fn((int64_t *)nullptr);
  case Storage::F32:
    return fn((float *)nullptr);
  }
  return fn((float *)nullptr);
}

/// Frames of one value.
struct Buffer {
  int64_t frameBytes = 0, slots = 0;
  std::vector<uint64_t> words;

  void allocate(int64_t bytes, int64_t count) {
    frameBytes = llvm::alignTo(std::max<int64_t>(bytes, 1), 64);
    slots = count;
    words.assign(frameBytes / 8 * count, 0);
  }
  template <typename T> T *frame(int64_t slot) {
    return reinterpret_cast<T *>(words.data() + slot * (frameBytes / 8));
  }
};

/// The elements of a stream that are not 0, per step of the chunk.
struct EventLists {
  std::unique_ptr<int32_t[]> indices; // written before they are read
  std::vector<int64_t> first;
  int64_t room = 0; // per step

  int32_t *list(int64_t slot) { return indices.get() + slot * room; }
};

} // namespace nmc::exec

#endif // NMC_LIB_EXEC_FASTFRAMES_H
