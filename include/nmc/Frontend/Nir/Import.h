//===- Import.h - NIR and lava-dl networks as spike IR ----------*- C++ -*-===//
//
// NIR files (.nir, HDF5) and networks of lava-dl (.net, HDF5) become one
// spike.network in a module, and back.  docs/rationale/nir.md says which op
// stands for which primitive, and why.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_FRONTEND_NIR_IMPORT_H
#define NMC_FRONTEND_NIR_IMPORT_H

#include "nmc/Frontend/Nir/Raw.h"

#include "dialects/Spike/Spike.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <optional>

namespace nmc::nir {

/// What the payloads of an input mean: NIR does not say.
enum class InputKind { Analog, Counts, Binary };

struct ImportOptions {
  /// Model time per step in seconds (--dt); absent: inferred where the file
  /// lets it, with a remark; else only what needs it is refused.
  std::optional<double> dt;
  /// Seconds per unit of the file's time constants and delays (--time-unit):
  /// "s", "ms", "us", "step" (needs dt or gives steps as they are with dt = 1).
  /// Empty: seconds, or what plausibility says, with a warning.
  std::string timeUnit;
  InputKind input = InputKind::Analog;
  /// Steps of a run, for the host function; absent: the network has none.
  std::optional<int64_t> steps;
};

/// Whether a file is HDF5 by its first bytes; what it holds is told by the
/// reader: a NIR graph (/node), or a lava-dl network (/layer).
bool isHdf5File(StringRef path);

/// Imports a .nir or .net file. Null after diagnostics; locations are
/// `"path"("/node/nodes/<name>")`-like NameLocs over the file's location.
OwningOpRef<ModuleOp> importNirFile(StringRef path,
                                    const ImportOptions &options,
                                    MLIRContext *context);

/// The same on plain data; `path` is for locations.
OwningOpRef<ModuleOp> importNir(const RawObject &file, StringRef path,
                                const ImportOptions &options,
                                MLIRContext *context);

/// The NIR graph of a network: what NIR cannot express is a warning at the op
/// and goes into `metadata`.
/// NIR states every parameter for every neuron: more than `maxBytes` of them are
/// an error.
FailureOr<RawObject> exportNir(spike::NetworkOp network,
                               int64_t maxBytes = RawLimits().bytes);

/// Registers --import-nir and --export-nir with mlir-translate.
void registerNirTranslation();

} // namespace nmc::nir

#endif // NMC_FRONTEND_NIR_IMPORT_H
