//===- nmc-opt.cpp - Runs nmc's passes on text ----------------------------===//

#include "nmc/RegisterAll.h"
#include "targets/AllTargets.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  nmc::registerAllDialects(registry);
  nmc::registerAllPasses();
  nmc::registerAllTargets();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "nmc optimizer driver\n", registry));
}
