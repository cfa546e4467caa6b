//===- nmc-run-tosa.cpp - Runs a function of TOSA on arrays, for tests ----===//
//
// nmc-run-tosa MODULE.mlir --input X.npy... --output Y.npy
//
// Every array has one axis more than the function's argument: samples in front.
// The first output of all samples is written.
//
//===----------------------------------------------------------------------===//

#include "dialects/Onnx/OnnxDialect.h"
#include "nmc/Exec/TosaJit.h"
#include "nmc/Frontend/Onnx/Import.h"
#include "nmc/RegisterAll.h"
#include "nmc/Support/Npy.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

using namespace nmc;

static llvm::cl::opt<std::string> modulePath(llvm::cl::Positional,
                                             llvm::cl::Required);
static llvm::cl::list<std::string> inputPaths("input");
static llvm::cl::opt<std::string> outputPath("output", llvm::cl::Required);

static int fail(const Twine &text) {
  llvm::errs() << "nmc-run-tosa: " << text << "\n";
  return 1;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::ParseCommandLineOptions(argc, argv);
  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module =
      mlir::parseSourceFile<ModuleOp>(modulePath, &context);
  if (!module)
    return 1;
  mlir::func::FuncOp entry = onnx::getEntry(*module);
  if (!entry)
    return fail("the module has no single public function");
  llvm::Expected<std::unique_ptr<exec::TosaJit>> jit =
      exec::TosaJit::create(entry);
  if (!jit)
    return fail(llvm::toString(jit.takeError()));
  if (inputPaths.size() != (*jit)->inputShapes().size())
    return fail("number of inputs");
  std::vector<Array> arrays;
  SmallVector<int64_t> sizes;
  int64_t samples = 0;
  for (auto [path, shape] : llvm::zip(inputPaths, (*jit)->inputShapes())) {
    llvm::Expected<Array> array = readNpy(path);
    if (!array)
      return fail(llvm::toString(array.takeError()));
    if (array->kind() != ElementKind::F32 || array->rank() < 1 ||
        array->shape().drop_front() != ArrayRef<int64_t>(shape))
      return fail(path + ": shape " + formatShape(array->shape()) +
                  " is not samples of " + formatShape(shape));
    samples = array->shape()[0];
    sizes.push_back(*countElements(shape));
    arrays.push_back(std::move(*array));
  }
  SmallVector<int64_t> shape((*jit)->outputShapes()[0]);
  int64_t outputSize = *countElements(shape);
  shape.insert(shape.begin(), samples);
  Array output = Array::uninitialized(ElementKind::F32, shape);
  std::vector<std::vector<float>> others;
  for (const auto &other : (*jit)->outputShapes().drop_front())
    others.emplace_back(*countElements(other));
  for (int64_t s = 0; s < samples; ++s) {
    SmallVector<ArrayRef<float>> in;
    SmallVector<MutableArrayRef<float>> out;
    for (auto [array, size] : llvm::zip(arrays, sizes))
      in.push_back(array.values<float>().slice(s * size, size));
    out.push_back(
        output.mutableValues<float>().slice(s * outputSize, outputSize));
    for (std::vector<float> &other : others)
      out.push_back(other);
    (*jit)->run(in, out);
  }
  if (llvm::Error error = writeNpy(outputPath, output))
    return fail(llvm::toString(std::move(error)));
  return 0;
}
