//===- Import.cpp - NIR and lava-dl files as spike IR ---------------------===//

#include "nmc/Frontend/Nir/Import.h"
#include "ImportNetwork.h"
#include "LavaDl.h"

#include "nmc/Support/ReadableName.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace nmc::nir {

bool isHdf5File(StringRef path) {
  llvm::Expected<llvm::sys::fs::file_t> file =
      llvm::sys::fs::openNativeFileForRead(path);
  if (!file) {
    llvm::consumeError(file.takeError());
    return false;
  }
  llvm::scope_exit close([&] { llvm::sys::fs::closeFile(*file); });
  // The signature stands at 0, 512, 1024, 2048, ...
  constexpr StringLiteral kSignature("\x89HDF\r\n\x1a\n");
  for (uint64_t offset = 0; offset <= (uint64_t(1) << 20);
       offset = offset ? 2 * offset : 512) {
    char bytes[8];
    llvm::Expected<size_t> read = llvm::sys::fs::readNativeFileSlice(
        *file, MutableArrayRef<char>(bytes), offset);
    if (!read) {
      llvm::consumeError(read.takeError());
      return false;
    }
    if (*read < sizeof(bytes))
      return false;
    if (StringRef(bytes, sizeof(bytes)) == kSignature)
      return true;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Host side
//===----------------------------------------------------------------------===//

void buildHostFunction(spike::NetworkOp network, int64_t steps,
                       ModuleOp module) {
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockBegin(module.getBody());
  Location loc = network.getLoc();
  SmallVector<Type> inputs, outputs;
  for (Type type : network.getArgumentTypes()) {
    SmallVector<int64_t> shape{steps};
    llvm::append_range(shape, cast<ShapedType>(type).getShape());
    inputs.push_back(RankedTensorType::get(shape, builder.getF32Type()));
  }
  for (Type type : network.getResultTypes())
    outputs.push_back(RankedTensorType::get(cast<ShapedType>(type).getShape(),
                                            builder.getF32Type()));
  std::string name = network.getSymName() == "main" ? "host" : "main";
  auto function = mlir::func::FuncOp::create(
      builder, loc, name, builder.getFunctionType(inputs, outputs));
  builder.setInsertionPointToStart(function.addEntryBlock());
  SmallVector<Value> streams, tensors;
  for (auto [type, argument] :
       llvm::zip_equal(network.getArgumentTypes(), function.getArguments()))
    streams.push_back(spike::EncodeOp::create(
        builder, loc, type, spike::Encoding::Events, argument));
  auto run =
      spike::RunOp::create(builder, loc, network.getResultTypes(),
                           network.getSymName(), streams, uint64_t(steps));
  for (auto [type, stream] : llvm::zip_equal(outputs, run.getOutputs())) {
    bool isAnalog = isa<FloatType>(spike::getElementType(stream));
    tensors.push_back(spike::DecodeOp::create(
        builder, loc, type,
        isAnalog ? spike::Readout::Membrane : spike::Readout::Count, stream,
        /*scale=*/mlir::FloatAttr()));
  }
  mlir::func::ReturnOp::create(builder, loc, tensors);
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

static Location getFileLocation(StringRef path, MLIRContext *context) {
  StringRef name = llvm::sys::path::filename(path);
  return mlir::FileLineColLoc::get(context, name.empty() ? "<nir>" : name, 0,
                                   0);
}

OwningOpRef<ModuleOp> importNir(const RawObject &file, StringRef path,
                                const ImportOptions &options,
                                MLIRContext *context) {
  context->loadDialect<spike::SpikeDialect, mlir::func::FuncDialect>();
  Location loc = getFileLocation(path, context);
  Reporter reporter(loc);
  if (options.steps &&
      (*options.steps < 1 || *options.steps > spike::kMaxSteps)) {
    reporter.error("network-steps")
        << "steps is " << *options.steps << ", but must be 1 to "
        << spike::kMaxSteps;
    return nullptr;
  }
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  std::string name = makeSymbolName(llvm::sys::path::stem(path));
  if (name.empty())
    name = "network";

  spike::NetworkOp network;
  if (!file.find("node") && file.find("layer")) {
    network = buildLavaDlNetwork(file, options, name, reporter, *module);
  } else {
    FailureOr<NirGraph> graph = parseGraph(file, reporter);
    if (failed(graph))
      return nullptr;
    FailureOr<TimeModel> time = inferTime(*graph, options, reporter);
    FailureOr<std::vector<NodeShape>> shapes = inferShapes(*graph, reporter);
    if (failed(time) || failed(shapes))
      return nullptr;
    correctPorts(*graph, *shapes, reporter);
    addImpliedInputs(*graph, *shapes, reporter);
    network =
        buildNetwork(*graph, *shapes, *time, options, name, reporter, *module);
  }
  if (!network || reporter.anyErrors())
    return nullptr;
  if (options.steps)
    buildHostFunction(network, *options.steps, *module);
  if (failed(mlir::verify(*module)))
    return nullptr;
  return module;
}

OwningOpRef<ModuleOp> importNirFile(StringRef path,
                                    const ImportOptions &options,
                                    MLIRContext *context) {
  llvm::Expected<RawObject> file = readHdf5(path);
  if (!file) {
    mlir::emitError(getFileLocation(path, context))
        << llvm::toString(file.takeError());
    return nullptr;
  }
  return importNir(*file, path, options, context);
}

} // namespace nmc::nir
