//===- Translate.cpp - NIR in nmc-translate -------------------------------===//

#include "nmc/Frontend/Nir/Import.h"

#include "nmc/Support/Rule.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/SourceMgr.h"

namespace nmc::nir {

/// Reads what mlir-translate has in hand. HDF5 needs a file to seek in, so
/// standard input goes through a temporary one.
static OwningOpRef<Operation *> import(llvm::SourceMgr &sources,
                                       const ImportOptions &options,
                                       MLIRContext *context) {
  const llvm::MemoryBuffer *buffer =
      sources.getMemoryBuffer(sources.getMainFileID());
  std::string path = buffer->getBufferIdentifier().str();
  OwningOpRef<ModuleOp> module;
  if (llvm::sys::fs::exists(path)) {
    module = importNirFile(path, options, context);
  } else {
    SmallVector<char> name;
    int file;
    std::error_code code =
        llvm::sys::fs::createTemporaryFile("stdin", "nir", file, name);
    if (!code) {
      llvm::raw_fd_ostream os(file, /*shouldClose=*/true);
      os << buffer->getBuffer();
    }
    if (code) {
      emitRuleError(mlir::UnknownLoc::get(context), "hdf5-open")
          << "cannot make a temporary file: " << code.message();
      return nullptr;
    }
    path.assign(name.begin(), name.end());
    module = importNirFile(path, options, context);
    llvm::sys::fs::remove(path);
  }
  return module ? OwningOpRef<Operation *>(module.release().getOperation())
                : nullptr;
}

static LogicalResult exportModule(ModuleOp module, raw_ostream &os) {
  spike::NetworkOp network;
  for (auto candidate : module.getOps<spike::NetworkOp>()) {
    if (network)
      return emitRuleError(candidate.getLoc(), "nir-export")
             << "the module has several networks, but a file holds one";
    network = candidate;
  }
  if (!network)
    return emitRuleError(module.getLoc(), "nir-export")
           << "the module has no spike.network";
  FailureOr<RawObject> file = exportNir(network);
  if (failed(file))
    return failure();
  // libhdf5 writes files, mlir-translate streams.
  SmallVector<char> path;
  int descriptor;
  if (std::error_code code =
          llvm::sys::fs::createTemporaryFile("export", "nir", descriptor, path))
    return emitRuleError(module.getLoc(), "nir-export")
           << "cannot make a temporary file: " << code.message();
  llvm::sys::Process::SafelyCloseFileDescriptor(descriptor);
  StringRef name(path.data(), path.size());
  llvm::scope_exit remove([&] { llvm::sys::fs::remove(name); });
  if (llvm::Error error = writeHdf5(name, *file))
    return mlir::emitError(module.getLoc()) << llvm::toString(std::move(error));
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFile(name, /*IsText=*/false,
                                  /*RequiresNullTerminator=*/false);
  if (!buffer)
    return emitRuleError(module.getLoc(), "nir-export")
           << "cannot read what was written: " << buffer.getError().message();
  os << (*buffer)->getBuffer();
  return success();
}

void registerNirTranslation() {
  static llvm::cl::opt<double> dt(
      "nir-dt", llvm::cl::init(0),
      llvm::cl::desc("Model time per step of a NIR graph, in seconds"));
  static llvm::cl::opt<std::string> unit(
      "nir-time-unit",
      llvm::cl::desc("Unit of times in a NIR graph: s, ms, us or step"));
  static llvm::cl::opt<InputKind> input(
      "nir-input", llvm::cl::desc("What enters a NIR graph"),
      llvm::cl::init(InputKind::Analog),
      llvm::cl::values(clEnumValN(InputKind::Analog, "analog", "real values"),
                       clEnumValN(InputKind::Counts, "counts",
                                  "events per step, at most 255"),
                       clEnumValN(InputKind::Binary, "binary", "spikes")));
  static llvm::cl::opt<int64_t> steps(
      "nir-steps", llvm::cl::init(0),
      llvm::cl::desc("Steps of a run; adds a function that encodes, runs and "
                     "decodes"));

  static mlir::TranslateToMLIRRegistration import(
      "import-nir", "import a NIR graph or a network of lava-dl (HDF5)",
      [](llvm::SourceMgr &sources, MLIRContext *context) {
        ImportOptions options;
        if (dt.getNumOccurrences())
          options.dt = dt;
        options.timeUnit = unit;
        options.input = input;
        if (steps.getNumOccurrences())
          options.steps = steps;
        return nir::import(sources, options, context);
      },
      [](mlir::DialectRegistry &registry) {
        registry.insert<spike::SpikeDialect, mlir::func::FuncDialect>();
      });
  static mlir::TranslateFromMLIRRegistration exporter(
      "export-nir", "export a spike.network as a NIR graph (HDF5)",
      [](ModuleOp module, raw_ostream &os) { return exportModule(module, os); },
      [](mlir::DialectRegistry &registry) {
        registry.insert<spike::SpikeDialect, mlir::func::FuncDialect,
                        mlir::quant::QuantDialect>();
      });
}

} // namespace nmc::nir
