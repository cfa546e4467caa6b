//===- RegisterAll.cpp - Everything that tools register -------------------===//

#include "nmc/RegisterAll.h"

#include "dialects/Check/Check.h"
#include "dialects/Chip/Chip.h"
#include "dialects/Onnx/OnnxDialect.h"
#include "dialects/Spike/Spike.h"
#include "nmc/Artifact/Artifact.h"
#include "nmc/Conversion/Passes.h"
#include "nmc/Frontend/Nir/Import.h"
#include "nmc/Frontend/Onnx/Import.h"
#include "nmc/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Transforms/Passes.h"

void nmc::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<check::CheckDialect, chip::ChipDialect, onnx::OnnxDialect,
                  spike::SpikeDialect, mlir::arith::ArithDialect,
                  mlir::func::FuncDialect, mlir::quant::QuantDialect,
                  mlir::tensor::TensorDialect, mlir::tosa::TosaDialect>();
}

void nmc::registerAllPasses() {
  mlir::registerTransformsPasses();
  registerConversionPasses();
  registerTransformsPasses();
}

void nmc::registerAllTranslations() {
  artifact::registerArtifactTranslations();
  nir::registerNirTranslation();
  onnx::registerOnnxTranslation();
}
