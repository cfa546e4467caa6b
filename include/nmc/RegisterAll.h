//===- RegisterAll.h - Everything that tools register -----------*- C++ -*-===//
#ifndef NMC_REGISTERALL_H
#define NMC_REGISTERALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace nmc {
/// Our dialects, those of MLIR that we read and write, and their extensions.
void registerAllDialects(mlir::DialectRegistry &registry);
/// Our passes and pipelines, and MLIR's.
void registerAllPasses();
/// Importers and exporters of nmc-translate.
void registerAllTranslations();
} // namespace nmc

#endif // NMC_REGISTERALL_H
