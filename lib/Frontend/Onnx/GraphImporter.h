//===- GraphImporter.h - ModelProto to a function of the onnx dialect -----===//
#ifndef NMC_LIB_FRONTEND_ONNX_GRAPHIMPORTER_H
#define NMC_LIB_FRONTEND_ONNX_GRAPHIMPORTER_H

#include "Importer.h"
#include "dialects/Onnx/OnnxDialect.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

namespace nmc::onnx {

/// Imports one model.  Checks in Graph.cpp, types and options in Inputs.cpp.
class GraphImporter {
public:
  GraphImporter(pb::ModelProto &model, StringRef path,
                const ImportOptions &options, MLIRContext *context)
      : model(model), graph(*model.mutable_graph()), options(options),
        context(context), fileLoc(getFileLocation(path, context)),
        reader(context, faults, getFolder(path)) {}

  OwningOpRef<ModuleOp> run();

private:
  /// Where a value comes from.
  struct Definition {
    enum Kind { Input, Initialiser, Node } kind;
    int index; // of the input, the initialiser, the node
  };

  static std::optional<std::string> getFolder(StringRef path);
  void nameNodes();
  void checkModel();
  void readBindings();
  void collectDefinitions();
  void define(StringRef name, Definition definition);
  std::string describe(Definition definition);
  void checkNodes();
  void checkOutputs();
  void checkDimOptions();
  SmallVector<int> sortNodes();
  void reportCycles(ArrayRef<unsigned> waiting);

  std::optional<int64_t>
  getDimValue(const pb::TensorShapeProto::Dimension &dim);
  Type getInputType(const pb::ValueInfoProto &input);
  Type getStatedType(const pb::ValueInfoProto *info);
  void collectStatedTypes();

  Attribute getAttribute(pb::AttributeProto &attribute, int node);
  Value getValue(StringRef name);
  void emitNode(int index);
  void emitFunction(ArrayRef<int> order);

  Location nodeLoc(int index) {
    Location at = mlir::FileLineColLoc::get(
        context, cast<mlir::FileLineColLoc>(fileLoc).getFilename(), index + 1,
        0);
    return mlir::NameLoc::get(StringAttr::get(context, nodeNames[index]), at);
  }
  Location valueLoc(StringRef name) {
    return mlir::NameLoc::get(StringAttr::get(context, name), fileLoc);
  }
  std::string nodeText(int index) {
    return "node '" + nodeNames[index] + "' (" + graph.node(index).op_type() +
           ")";
  }

  pb::ModelProto &model;
  pb::GraphProto &graph;
  const ImportOptions &options;
  MLIRContext *context;
  Location fileLoc;
  Faults faults;
  TensorReader reader;

  std::vector<std::string> nodeNames;
  llvm::StringMap<int64_t> opsets;
  llvm::StringMap<Definition> definitions;
  llvm::StringMap<pb::TensorProto *> initialisers; // bound inputs among them
  std::vector<std::unique_ptr<pb::TensorProto>> bound;
  SmallVector<int> inputs; // graph inputs that stay arguments
  std::vector<Type> inputTypes;
  llvm::StringMap<int64_t> dims; // values given or chosen for symbols
  llvm::StringSet<> usedDims;
  SmallVector<std::string> symbols; // in order of appearance
  llvm::StringMap<Type> statedTypes;

  OwningOpRef<ModuleOp> module;
  mlir::OpBuilder builder{context};
  llvm::StringMap<Value> values;
  Value none;
};

} // namespace nmc::onnx

#endif // NMC_LIB_FRONTEND_ONNX_GRAPHIMPORTER_H
