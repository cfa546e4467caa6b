//===- Import.h - ONNX files to the onnx dialect --------------------------===//
//
// Reads an ONNX model (protobuf) into one func.func of the onnx dialect.  The
// importer checks structure, never meaning: sizes of tensors, types,
// dimensions, paths of external data, single assignment, order.  A file is
// untrusted: nothing is allocated before its size was checked, and every fault
// is a diagnostic.  All faults of one kind are reported together.
//
// Rules that an import may break:
//   onnx-file      the file is empty, truncated, no protobuf, or a pointer of
//   Git
//                  LFS
//   onnx-model     no graph, no outputs, unknown versions
//   onnx-opset     a node's domain is not imported, or imported twice
//   onnx-ssa       a value is undefined or defined twice
//   onnx-cycle     nodes depend on each other in a circle
//   onnx-type      an element type or kind of value that nmc does not carry
//   onnx-dim       a dimension has no value; give --dim NAME=VALUE
//   onnx-dims      a dimension is negative, or a tensor too large
//   onnx-tensor    a tensor's data do not have the size of its type
//   onnx-external  external data outside the model's folder, or out of the file
//   onnx-subgraph  a node holds graphs (If, Loop, Scan)
//   onnx-attribute a node's attribute has a kind that nmc does not carry
//   onnx-bind      a bound input does not exist or does not fit
//
//===----------------------------------------------------------------------===//
#ifndef NMC_FRONTEND_ONNX_IMPORT_H
#define NMC_FRONTEND_ONNX_IMPORT_H

#include "nmc/Support/LLVM.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nmc::onnx {

struct ImportOptions {
  /// Values of symbolic dimensions, by the dimension's name (`N`) or by input
  /// and axis (`audio:1`).  The first axis of an input of rank 2 or more is 1
  /// where nothing else is said, with a warning.
  std::vector<std::pair<std::string, int64_t>> dims;
  /// Graph inputs that are made constants: by a number, or by a file that holds
  /// a TensorProto (`*.pb`, as in ONNX test folders).
  std::vector<std::pair<std::string, std::string>> bindings;

  /// Adds `NAME=VALUE` as it stands on a command line; VALUE is a positive
  /// integer.
  llvm::Error addDim(StringRef text);
  /// Adds `INPUT=NUMBER` or `INPUT=FILE.pb`.
  llvm::Error addBinding(StringRef text);
};

/// Imports the model in file `path`, or from standard input where `path` is
/// "-". Null after diagnostics.  External data are looked up in the file's
/// folder.
OwningOpRef<ModuleOp> importOnnxFile(StringRef path,
                                     const ImportOptions &options,
                                     MLIRContext *context);

/// Imports a model in memory; the buffer's identifier is its path.
OwningOpRef<ModuleOp> importOnnx(llvm::MemoryBufferRef buffer,
                                 const ImportOptions &options,
                                 MLIRContext *context);

/// Imports a model written in ONNX's text form (the syntax of onnx.parser), for
/// tests.
OwningOpRef<ModuleOp> importOnnxText(llvm::MemoryBufferRef buffer,
                                     const ImportOptions &options,
                                     MLIRContext *context);

/// Registers `--import-onnx` and `--import-onnx-text` with mlir-translate.
void registerOnnxTranslation();

/// One input or output of a model.
struct Port {
  std::string name;
  Type type; // tensor, or !onnx.unknown before convert-onnx-to-tosa
};
struct Interface {
  std::vector<Port> inputs, outputs;
};

/// The function that holds the imported graph: the only public one, or null.
mlir::func::FuncOp getEntry(ModuleOp module);

/// Names and types of the inputs and outputs of `function`, in the model's
/// order.  Names are those of the ONNX model (before and after
/// convert-onnx-to-tosa), or `arg<i>` and `result<i>` where there are none.
Interface getInterface(mlir::func::FuncOp function);

} // namespace nmc::onnx

#endif // NMC_FRONTEND_ONNX_IMPORT_H
