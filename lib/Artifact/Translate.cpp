//===- Translate.cpp - .nmcm files in nmc-translate -----------------------===//
#include "dialects/Spike/Spike.h"
#include "nmc/Artifact/Artifact.h"
#include "nmc/Target/Load.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"

using namespace nmc;
using namespace nmc::artifact;

static void registerDialects(mlir::DialectRegistry &registry) {
  registry
      .insert<spike::SpikeDialect, chip::ChipDialect, mlir::func::FuncDialect,
              mlir::arith::ArithDialect, mlir::quant::QuantDialect,
              mlir::tensor::TensorDialect, mlir::tosa::TosaDialect>();
}

void artifact::registerArtifactTranslations() {
  static llvm::cl::opt<std::string> targetName(
      "nmcm-target", llvm::cl::value_desc("name or file"),
      llvm::cl::desc("With --import-nmcm: the target that the file must have "
                     "been made for"));
  static llvm::cl::opt<std::string> costProfile(
      "nmcm-cost-profile", llvm::cl::value_desc("name"),
      llvm::cl::desc("With --nmcm-target: one of its cost profiles"));

  static mlir::TranslateFromMLIRRegistration exportNmcm(
      "export-nmcm", "write a mapping as a .nmcm file",
      [](Operation *op, raw_ostream &os) -> LogicalResult {
        auto module = dyn_cast<ModuleOp>(op);
        if (!module)
          return op->emitOpError("is no module");
        return exportArtifact(module, {}, NMC_VERSION, os);
      },
      registerDialects);

  static mlir::TranslateToMLIRRegistration importNmcm(
      "import-nmcm", "read a .nmcm file back",
      [](llvm::SourceMgr &sources,
         MLIRContext *context) -> OwningOpRef<Operation *> {
        llvm::MemoryBufferRef file =
            *sources.getMemoryBuffer(sources.getMainFileID());
        Location loc = mlir::FileLineColLoc::get(
            context, file.getBufferIdentifier(), 0, 0);
        chip::TargetOp target;
        OwningOpRef<ModuleOp> targetModule;
        if (!targetName.empty()) {
          target::LoadOptions options;
          options.target = targetName;
          options.costProfile = costProfile;
          FailureOr<OwningOpRef<ModuleOp>> loaded =
              target::loadTarget(options, context);
          if (failed(loaded))
            return nullptr;
          targetModule = std::move(*loaded);
          target = *targetModule->getOps<chip::TargetOp>().begin();
        }
        OwningOpRef<ModuleOp> module = importArtifact(file, loc, target);
        return module
                   ? OwningOpRef<Operation *>(module.release().getOperation())
                   : nullptr;
      },
      registerDialects);
}
