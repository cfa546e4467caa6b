//===- Import.cpp - ONNX files to the onnx dialect ------------------------===//

#include "nmc/Frontend/Onnx/Import.h"
#include "Importer.h"
#include "dialects/Onnx/OnnxDialect.h"

#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

#include <onnx/defs/parser.h>

#include <exception>
#include <limits>

using namespace nmc;
using namespace nmc::onnx;

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static llvm::Error makeError(const Twine &text) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
}

llvm::Error ImportOptions::addDim(StringRef text) {
  // The last '=', since names of dimensions may hold one ("N=1 + M").
  auto [name, number] = text.rsplit('=');
  int64_t value;
  if (name.empty() || number.getAsInteger(10, value) || value < 1)
    return makeError("'" + text +
                     "' is not NAME=VALUE with a positive integer");
  dims.push_back({name.str(), value});
  return llvm::Error::success();
}

llvm::Error ImportOptions::addBinding(StringRef text) {
  auto [name, value] = text.split('=');
  if (name.empty() || value.empty())
    return makeError("'" + text + "' is not INPUT=NUMBER or INPUT=FILE.pb");
  bindings.push_back({name.str(), value.str()});
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

bool nmc::onnx::parseProtobuf(StringRef buffer,
                              google::protobuf::MessageLite &message) {
  // Protobuf itself writes to stderr; what is wrong is ours to say.
  google::protobuf::LogSilencer silencer;
  if (buffer.size() > size_t(std::numeric_limits<int>::max()))
    return false;
  return message.ParseFromArray(buffer.data(), int(buffer.size()));
}

/// The libraries of ONNX throw; nothing of that may pass.
template <typename Body>
static OwningOpRef<ModuleOp> guarded(Location loc, Body body) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    emitRuleError(loc, "onnx-file") << "not enough memory to read the model";
  } catch (const std::exception &error) {
    emitRuleError(loc, "onnx-file")
        << "cannot read the model: " << error.what();
  }
  return nullptr;
}

OwningOpRef<ModuleOp> nmc::onnx::importOnnx(llvm::MemoryBufferRef buffer,
                                            const ImportOptions &options,
                                            MLIRContext *context) {
  StringRef path = buffer.getBufferIdentifier(), data = buffer.getBuffer();
  Location loc = getFileLocation(path, context);
  auto fail = [&]() -> RuleDiagnostic {
    return emitRuleError(loc, "onnx-file");
  };
  return guarded(loc, [&]() -> OwningOpRef<ModuleOp> {
    if (data.empty()) {
      fail() << "the file is empty";
      return nullptr;
    }
    if (data.starts_with("version https://git-lfs")) {
      fail() << "the file is a pointer of Git LFS, not the model; fetch it "
                "with 'git lfs pull'";
      return nullptr;
    }
    if (data.size() > size_t(std::numeric_limits<int>::max())) {
      fail() << "the file has " << uint64_t(data.size())
             << " bytes, but a protobuf holds at most 2147483647; store the "
                "weights as external data";
      return nullptr;
    }
    pb::ModelProto model;
    if (!parseProtobuf(data, model)) {
      fail() << "the file of " << uint64_t(data.size())
             << " bytes is no ONNX model: it is truncated, damaged or of "
                "another format";
      return nullptr;
    }
    if (!model.has_graph()) {
      fail() << "the file of " << uint64_t(data.size())
             << " bytes holds no graph; it is no ONNX model";
      return nullptr;
    }
    return importModel(model, path, options, context);
  });
}

OwningOpRef<ModuleOp> nmc::onnx::importOnnxText(llvm::MemoryBufferRef buffer,
                                                const ImportOptions &options,
                                                MLIRContext *context) {
  StringRef path = buffer.getBufferIdentifier();
  Location loc = getFileLocation(path, context);
  return guarded(loc, [&]() -> OwningOpRef<ModuleOp> {
    // Comments are ours: the parser has none.
    std::string text;
    for (StringRef rest = buffer.getBuffer(); !rest.empty();) {
      auto [line, tail] = rest.split('\n');
      if (!line.ltrim().starts_with("//"))
        text += line;
      text += '\n';
      rest = tail;
    }
    pb::ModelProto model;
    auto status = pb::OnnxParser::Parse(model, text.c_str());
    if (!status.IsOK()) {
      // Several lines: place, context, what was expected.
      SmallVector<StringRef> lines;
      StringRef(status.ErrorMessage())
          .split(lines, '\n', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
      emitRuleError(loc, "onnx-file") << llvm::join(lines, "; ");
      return nullptr;
    }
    return importModel(model, path, options, context);
  });
}

OwningOpRef<ModuleOp> nmc::onnx::importOnnxFile(StringRef path,
                                                const ImportOptions &options,
                                                MLIRContext *context) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/false,
                                         /*RequiresNullTerminator=*/false);
  if (!buffer) {
    emitRuleError(getFileLocation(path, context), "onnx-file")
        << "cannot open '" << path << "': " << buffer.getError().message();
    return nullptr;
  }
  return importOnnx((*buffer)->getMemBufferRef(), options, context);
}

//===----------------------------------------------------------------------===//
// Interface
//===----------------------------------------------------------------------===//

mlir::func::FuncOp nmc::onnx::getEntry(ModuleOp module) {
  mlir::func::FuncOp entry;
  for (auto function : module.getOps<mlir::func::FuncOp>()) {
    if (!function.isPublic() || function.isExternal())
      continue;
    if (entry)
      return nullptr;
    entry = function;
  }
  return entry;
}

Interface nmc::onnx::getInterface(mlir::func::FuncOp function) {
  Interface interface;
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto name =
        function.getArgAttrOfType<StringAttr>(i, OnnxDialect::kNameAttrName);
    interface.inputs.push_back(
        {name ? name.str() : "arg" + std::to_string(i), type});
  }
  for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
    auto name =
        function.getResultAttrOfType<StringAttr>(i, OnnxDialect::kNameAttrName);
    interface.outputs.push_back(
        {name ? name.str() : "result" + std::to_string(i), type});
  }
  return interface;
}

//===----------------------------------------------------------------------===//
// Translation
//===----------------------------------------------------------------------===//

void nmc::onnx::registerOnnxTranslation() {
  static llvm::cl::list<std::string> dims(
      "dim", llvm::cl::value_desc("NAME=VALUE"),
      llvm::cl::desc("Value of an open dimension of an ONNX model, by its name "
                     "or as INPUT:AXIS"));
  static llvm::cl::list<std::string> bindings(
      "bind-inputs", llvm::cl::value_desc("INPUT=NUMBER|FILE.pb"),
      llvm::cl::desc("Make an input of an ONNX model a constant"));

  using Import = OwningOpRef<ModuleOp> (*)(
      llvm::MemoryBufferRef, const ImportOptions &, MLIRContext *);
  auto run = [](llvm::SourceMgr &sources, MLIRContext *context,
                Import import) -> OwningOpRef<Operation *> {
    llvm::MemoryBufferRef buffer =
        sources.getMemoryBuffer(sources.getMainFileID())->getMemBufferRef();
    ImportOptions options;
    auto check = [&](llvm::Error error) {
      if (!error)
        return true;
      mlir::emitError(getFileLocation(buffer.getBufferIdentifier(), context))
          << llvm::toString(std::move(error));
      return false;
    };
    bool good = true;
    for (const std::string &text : dims)
      good &= check(options.addDim(text));
    for (const std::string &text : bindings)
      good &= check(options.addBinding(text));
    if (!good)
      return nullptr;
    OwningOpRef<ModuleOp> module = import(buffer, options, context);
    return module ? OwningOpRef<Operation *>(module.release().getOperation())
                  : nullptr;
  };
  static mlir::TranslateToMLIRRegistration onnx(
      "import-onnx", "import an ONNX model into the onnx dialect",
      [run](llvm::SourceMgr &sources, MLIRContext *context) {
        return run(sources, context, importOnnx);
      },
      [](mlir::DialectRegistry &registry) {
        registry.insert<OnnxDialect, mlir::func::FuncDialect>();
      });
  static mlir::TranslateToMLIRRegistration text(
      "import-onnx-text",
      "import a model in ONNX's text form into the onnx dialect",
      [run](llvm::SourceMgr &sources, MLIRContext *context) {
        return run(sources, context, importOnnxText);
      },
      [](mlir::DialectRegistry &registry) {
        registry.insert<OnnxDialect, mlir::func::FuncDialect>();
      });
}
