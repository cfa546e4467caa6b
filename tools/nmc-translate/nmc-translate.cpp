//===- nmc-translate.cpp - nmc's importers and exporters ------------------===//

#include "nmc/RegisterAll.h"
#include "targets/AllTargets.h"

#include "mlir/Support/LLVM.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"

int main(int argc, char **argv) {
  nmc::registerAllTranslations();
  nmc::registerAllTargets();
  return mlir::failed(
      mlir::mlirTranslateMain(argc, argv, "nmc translation tool"));
}
