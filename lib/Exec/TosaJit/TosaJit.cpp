//===- TosaJit.cpp - Runs functions of TOSA through LLVM's JIT ------------===//

#include "nmc/Exec/TosaJit.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/ExecutionEngine/CRunnerUtils.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <cassert>

using namespace nmc;
using namespace nmc::exec;

namespace {
constexpr StringLiteral kEntry = "nmc_model";

/// The lowering of upstream in an order that works: its own
/// tosa-to-linalg-pipeline stops at validation and leaves constants, reshapes
/// and slices behind.
void buildPipeline(mlir::PassManager &pm) {
  auto addToFunctions = [&](std::unique_ptr<mlir::Pass> pass) {
    pm.addNestedPass<mlir::func::FuncOp>(std::move(pass));
  };
  pm.addPass(mlir::createCanonicalizerPass());
  addToFunctions(mlir::tosa::createTosaOptionalDecompositionsPass());
  addToFunctions(mlir::createCanonicalizerPass());
  addToFunctions(mlir::tosa::createTosaMakeBroadcastablePass());
  addToFunctions(mlir::tosa::createTosaToLinalgNamed());
  addToFunctions(mlir::createCanonicalizerPass());
  addToFunctions(mlir::tosa::createTosaLayerwiseConstantFoldPass());
  addToFunctions(mlir::tosa::createTosaMakeBroadcastablePass());
  addToFunctions(mlir::tosa::createTosaToLinalg());
  mlir::TosaToArithPassOptions arith;
  arith.includeApplyRescale = true;
  addToFunctions(mlir::createTosaToArithPass(arith));
  addToFunctions(mlir::createTosaToTensorPass());
  pm.addPass(mlir::createCanonicalizerPass());
  pm.addPass(mlir::createCSEPass());

  mlir::bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.allowReturnAllocsFromLoops = true;
  bufferize.bufferizeFunctionBoundaries = true;
  bufferize.functionBoundaryTypeConversion =
      mlir::bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(mlir::bufferization::createOneShotBufferizePass(bufferize));
  mlir::bufferization::BufferResultsToOutParamsPassOptions results;
  results.hoistStaticAllocs = true;
  results.modifyPublicFunctions = true;
  pm.addPass(mlir::bufferization::createBufferResultsToOutParamsPass(results));
  mlir::bufferization::buildBufferDeallocationPipeline(pm);

  pm.addPass(mlir::createConvertLinalgToLoopsPass());
  pm.addPass(mlir::memref::createExpandStridedMetadataPass());
  pm.addPass(mlir::createLowerAffinePass());
  pm.addPass(mlir::createSCFToControlFlowPass());
  addToFunctions(mlir::LLVM::createLLVMRequestCWrappersPass());
  pm.addPass(mlir::arith::createArithExpandOpsPass());
  pm.addPass(mlir::createConvertMathToLLVMPass());
  pm.addPass(mlir::createConvertMathToLibmPass());
  pm.addPass(mlir::createConvertToLLVMPass());
  pm.addPass(mlir::createReconcileUnrealizedCastsPass());
}

llvm::Error makeError(const Twine &text, StringRef rule) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 text + " [" + rule + "]");
}

llvm::Error readShapes(ArrayRef<Type> types, StringRef what,
                       SmallVectorImpl<SmallVector<int64_t>> &shapes) {
  for (auto [i, type] : llvm::enumerate(types)) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !tensor.hasStaticShape() ||
        !tensor.getElementType().isF32()) {
      std::string text;
      llvm::raw_string_ostream(text) << type;
      return makeError(Twine(what) + " " + Twine(i) + " has type " + text +
                           ", but only tensors of f32 with static shapes run",
                       "jit-type");
    }
    shapes.emplace_back(tensor.getShape());
  }
  return llvm::Error::success();
}

/// A memref descriptor as the C interface takes it: base, aligned, offset,
/// sizes, strides.
SmallVector<int64_t> makeDescriptor(float *data, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> words(3 + 2 * shape.size());
  words[0] = words[1] = static_cast<int64_t>(reinterpret_cast<intptr_t>(data));
  words[2] = 0;
  int64_t stride = 1;
  for (int64_t axis = int64_t(shape.size()) - 1; axis >= 0; --axis) {
    words[3 + axis] = shape[axis];
    words[3 + shape.size() + axis] = stride;
    stride *= shape[axis];
  }
  return words;
}
} // namespace

/// The module lives in a context of its own, which holds the many dialects of
/// the lowering; the caller's stays as it is.
struct TosaJit::Engine {
  std::unique_ptr<mlir::ExecutionEngine> engine;
  void (*entry)(void **) = nullptr;
};

TosaJit::TosaJit() = default;
TosaJit::~TosaJit() = default;

llvm::Expected<std::unique_ptr<TosaJit>>
TosaJit::create(mlir::func::FuncOp function) {
  std::unique_ptr<TosaJit> jit(new TosaJit());
  if (llvm::Error error =
          readShapes(function.getArgumentTypes(), "input", jit->inputs))
    return error;
  if (llvm::Error error =
          readShapes(function.getResultTypes(), "output", jit->outputs))
    return error;

  // Attributes of other dialects on the function do not survive the lowering.
  auto parent = function->getParentOfType<ModuleOp>();
  OwningOpRef<ModuleOp> copy(parent.clone());
  auto entry = copy->lookupSymbol<mlir::func::FuncOp>(function.getSymName());
  if (!entry)
    return makeError("function '" + function.getSymName() +
                         "' is not at the top of its module",
                     "jit-type");
  std::string name = kEntry.str();
  while (copy->lookupSymbol(name))
    name += "_";
  entry.setSymName(name);
  entry.setPublic();
  for (Operation &op : copy->getBody()->getOperations())
    op.setDiscardableAttrs(DictionaryAttr::get(op.getContext()));
  for (auto each : copy->getOps<mlir::func::FuncOp>()) {
    for (unsigned i = 0; i < each.getNumArguments(); ++i)
      each.setArgAttrs(i, ArrayRef<NamedAttribute>{});
    for (unsigned i = 0; i < each.getNumResults(); ++i)
      each.setResultAttrs(i, ArrayRef<NamedAttribute>{});
  }
  std::string bytecode;
  llvm::raw_string_ostream stream(bytecode);
  if (failed(mlir::writeBytecodeToFile(*copy, stream)))
    return makeError("cannot serialise the module", "jit-lowering");
  copy = nullptr;

  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  std::string said;
  mlir::ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error &&
        said.empty())
      said = diagnostic.str();
    return success();
  });
  auto fail = [&](StringRef what) {
    return makeError(what + (said.empty() ? "" : ": " + said), "jit-lowering");
  };
  // Blobs inside bytecode keep their alignment, so the buffer must have it.
  std::unique_ptr<llvm::WritableMemoryBuffer> aligned =
      llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
          bytecode.size(), "module", llvm::Align(64));
  if (!aligned)
    return fail("not enough memory");
  llvm::copy(bytecode, aligned->getBufferStart());
  llvm::SourceMgr source;
  source.AddNewSourceBuffer(std::move(aligned), llvm::SMLoc());
  OwningOpRef<ModuleOp> module =
      mlir::parseSourceFile<ModuleOp>(source, mlir::ParserConfig(&context));
  if (!module)
    return fail("the module uses dialects that do not lower");
  mlir::PassManager pm(&context);
  buildPipeline(pm);
  if (failed(pm.run(*module)))
    return fail("the network does not lower to LLVM");

  static bool initialised = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    return true;
  }();
  (void)initialised;
  llvm::Expected<llvm::orc::JITTargetMachineBuilder> machine =
      llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!machine)
    return machine.takeError();
  machine->setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> target =
      machine->createTargetMachine();
  if (!target)
    return target.takeError();
  mlir::ExecutionEngineOptions options;
  auto optimise = mlir::makeOptimizingTransformer(
      /*optLevel=*/3, /*sizeLevel=*/0, target->get());
  options.transformer = optimise;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Aggressive;
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  llvm::Expected<std::unique_ptr<mlir::ExecutionEngine>> engine =
      mlir::ExecutionEngine::create(*module, options);
  if (!engine)
    return engine.takeError();
  (*engine)->registerSymbols([](llvm::orc::MangleAndInterner mangle) {
    llvm::orc::SymbolMap symbols;
    symbols[mangle("memrefCopy")] = {
        llvm::orc::ExecutorAddr::fromPtr(&memrefCopy),
        llvm::JITSymbolFlags::Exported};
    return symbols;
  });
  llvm::Expected<void (*)(void **)> packed =
      (*engine)->lookupPacked("_mlir_ciface_" + name);
  if (!packed)
    return packed.takeError();
  jit->engine = std::make_unique<Engine>();
  jit->engine->entry = *packed;
  jit->engine->engine = std::move(*engine);
  return jit;
}

void TosaJit::run(ArrayRef<ArrayRef<float>> in,
                  ArrayRef<MutableArrayRef<float>> out) const {
  assert(in.size() == inputs.size() && out.size() == outputs.size() &&
         "buffers and ports differ in number");
  SmallVector<SmallVector<int64_t>> descriptors;
  for (auto [buffer, shape] : llvm::zip(in, inputs))
    descriptors.push_back(
        makeDescriptor(const_cast<float *>(buffer.data()), shape));
  for (auto [buffer, shape] : llvm::zip(out, outputs))
    descriptors.push_back(makeDescriptor(buffer.data(), shape));
  // Every argument of the C interface is a pointer to a descriptor, and the
  // packed form takes pointers to arguments.
  SmallVector<void *> pointers, arguments;
  for (SmallVector<int64_t> &descriptor : descriptors)
    pointers.push_back(descriptor.data());
  for (void *&pointer : pointers)
    arguments.push_back(&pointer);
  engine->entry(arguments.data());
}
