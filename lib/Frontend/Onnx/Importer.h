//===- Importer.h - Parts of the ONNX importer ----------------------------===//
#ifndef NMC_LIB_FRONTEND_ONNX_IMPORTER_H
#define NMC_LIB_FRONTEND_ONNX_IMPORTER_H

#include "nmc/Frontend/Onnx/Import.h"
#include "nmc/Support/Rule.h"

#include "llvm/ADT/StringMap.h"

#include <onnx/onnx_pb.h>

namespace nmc::onnx {
namespace pb = ::onnx;

/// Reports faults and counts them.  Of each rule only the first few are written
/// out, so that a damaged file does not print a million lines.
class Faults {
public:
  /// Starts an error.  The returned diagnostic is dropped where `rule` was
  /// reported often enough.
  RuleDiagnostic report(Location loc, StringRef rule);
  /// Says how many errors were not written out, and whether there was any.
  LogicalResult finish(Location loc);
  bool any() const { return count != 0; }

private:
  static constexpr unsigned kMaxPerRule = 20;
  unsigned count = 0;
  llvm::StringMap<unsigned> perRule;
};

/// Element type of MLIR for a TensorProto.DataType; null for those that nmc
/// does not carry (strings, complex numbers, unknown codes).
Type getElementType(int32_t onnxType, MLIRContext *context);

/// Name of a TensorProto.DataType, or its number.
std::string getTypeName(int32_t onnxType);

/// Turns tensors into elements attributes.
class TensorReader {
public:
  /// `folder` is where external data may lie; none for a model that has no
  /// file.
  TensorReader(MLIRContext *context, Faults &faults,
               std::optional<std::string> folder)
      : context(context), faults(faults), folder(std::move(folder)) {}

  /// Reads `tensor`, whose raw bytes may be taken over instead of copied.  Null
  /// after a fault, which is reported at `loc`.  `what` names the tensor in
  /// diagnostics ("initialiser 'w'").
  ElementsAttr read(pb::TensorProto &tensor, StringRef what, StringRef key,
                    Location loc);

private:
  ElementsAttr readExternal(const pb::TensorProto &tensor,
                            RankedTensorType type, int64_t bytes,
                            StringRef what, StringRef key, Location loc);
  ElementsAttr fromBytes(RankedTensorType type, ArrayRef<char> stored,
                         StringRef key);
  /// Copies the typed fields (float_data, int32_data, ...) into bytes.
  LogicalResult readTyped(const pb::TensorProto &tensor, int64_t stored,
                          SmallVectorImpl<char> &bytes, StringRef what,
                          Location loc);

  MLIRContext *context;
  Faults &faults;
  std::optional<std::string> folder;
};

/// Builds the module for `model`; null after diagnostics.  `path` is the name
/// of the file, "-" for standard input.  Takes raw bytes out of `model`.
OwningOpRef<ModuleOp> importModel(pb::ModelProto &model, StringRef path,
                                  const ImportOptions &options,
                                  MLIRContext *context);

/// Where faults of the whole file are reported.
Location getFileLocation(StringRef path, MLIRContext *context);

/// Parses `buffer` as `message`, checking the size first.
bool parseProtobuf(StringRef buffer, google::protobuf::MessageLite &message);

} // namespace nmc::onnx

#endif // NMC_LIB_FRONTEND_ONNX_IMPORTER_H
