//===- MakeSeeds.cpp - First inputs for the fuzzers -----------------------===//
//
//   nmc-fuzz-seeds FOLDER FILE...
//
// writes the raw stream of each HDF5 file into FOLDER, and that of a recording.
//
//===----------------------------------------------------------------------===//

#include "nmc/Frontend/Nir/NirData.h"
#include "nmc/Support/File.h"
#include "nmc/Support/Sha256.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace nmc;
using namespace nmc::nir;

static llvm::Error writeSeed(StringRef folder, const RawObject &object) {
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  encodeRaw(object, os);
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, sha256(StringRef(bytes)));
  return writeFile(path, StringRef(bytes));
}

/// A recording, since models hold none.
static RawObject makeRecording() {
  NirNodeData root;
  NirNodeData &node = root.getOrAdd("block").getOrAdd("lif");
  Array values = Array::from<float>({1, 2, 2}, {0, 1, 2, 0});
  node.add("v", NirObservable::fromDense(values, 1e-3));
  Array spikes = Array::from<bool>({1, 2, 2}, {false, true, true, false});
  for (const Array &array : {values, spikes})
    if (auto events = NirObservable::toEvents(array, 1e-3))
      node.add(getKindName(array.kind()), std::move(*events));
    else
      llvm::consumeError(events.takeError());
  return formatNirData(root);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    llvm::errs() << "usage: " << argv[0] << " FOLDER FILE...\n";
    return 2;
  }
  if (std::error_code error = llvm::sys::fs::create_directories(argv[1])) {
    llvm::errs() << argv[1] << ": " << error.message() << "\n";
    return 1;
  }
  llvm::Error failure = writeSeed(argv[1], makeRecording());
  for (int i = 2; i < argc; ++i) {
    llvm::Expected<RawObject> object = readHdf5(argv[i]);
    if (object)
      failure =
          llvm::joinErrors(std::move(failure), writeSeed(argv[1], *object));
    else // said, and no reason to stop
      llvm::errs() << llvm::toString(object.takeError()) << "\n";
  }
  if (!failure)
    return 0;
  llvm::errs() << llvm::toString(std::move(failure)) << "\n";
  return 1;
}
