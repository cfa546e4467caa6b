//===- Converter.h - From ONNX nodes to TOSA ops --------------------------===//
//
// How to add an operator: write a function `LogicalResult convertFoo(Node &)`
// in the file of its group, add a row to that file's table, and a test in
// test/lib/Conversion/OnnxToTosa.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_CONVERSION_ONNXTOTOSA_CONVERTER_H
#define NMC_LIB_CONVERSION_ONNXTOTOSA_CONVERTER_H

#include "Tensor.h"
#include "dialects/Onnx/OnnxDialect.h"
#include "nmc/Support/Rule.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Builders.h"

#include <map>

namespace nmc::onnx {

class Node;

/// What is known of one operator.
struct OpRow {
  StringLiteral name;
  /// Since-versions of the known forms, ascending.
  SmallVector<int64_t, 4> since;
  /// Attributes that any of these forms has; others are refused.
  SmallVector<StringLiteral, 6> attributes;
  LogicalResult (*convert)(Node &node);
  /// Whether `convert` computes a result where all operands are constant.
  bool folds = false;
  StringLiteral notes = "";
  StringLiteral domain = OnnxDialect::kDefaultDomain;
};

// One function per group of operators.
void addConstantRows(std::vector<OpRow> &rows);
void addConvRows(std::vector<OpRow> &rows);
void addDenseRows(std::vector<OpRow> &rows);
void addElementwiseRows(std::vector<OpRow> &rows);
void addNormRows(std::vector<OpRow> &rows);
void addPoolRows(std::vector<OpRow> &rows);
void addShapeRows(std::vector<OpRow> &rows);

/// Row of an operator; null where it is not known.
const OpRow *findRow(StringRef domain, StringRef name);

/// Largest since-version of `row` that is not above `version`; none where all
/// are.
std::optional<int64_t> resolveSince(const OpRow &row, int64_t version);

/// Converts one function.
class Converter {
public:
  explicit Converter(mlir::func::FuncOp function)
      : function(function), builder(function.getContext()),
        loc(function.getLoc()) {}

  LogicalResult run();

  //===--- Building ops, at the node that is converted --------------------===//

  mlir::OpBuilder &getBuilder() { return builder; }
  Location getLoc() const { return loc; }
  MLIRContext *getContext() { return builder.getContext(); }
  RankedTensorType floatType(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, builder.getF32Type());
  }

  Value constant(Constant &constant);
  Value constantFloats(ArrayRef<int64_t> shape, SmallVector<float, 0> values,
                       StringRef name);
  /// One-element constants that are shared by the whole function.
  Value zeroPoint();
  Value mulShift();
  Value shape(ArrayRef<int64_t> values);

  Value transpose(Value value, ArrayRef<int32_t> perm);
  Value reshape(Value value, ArrayRef<int64_t> shape);
  Value slice(Value value, ArrayRef<int64_t> start, ArrayRef<int64_t> size);
  /// `before` and `after` per axis.
  Value pad(Value value, ArrayRef<int64_t> before, ArrayRef<int64_t> after,
            float with);
  Value clamp(Value value, float low, float high);
  Value add(Value a, Value b, ArrayRef<int64_t> shape);
  Value sub(Value a, Value b, ArrayRef<int64_t> shape);
  Value mul(Value a, Value b, ArrayRef<int64_t> shape);

  /// `tensor` in the layout `perm` (empty: that of ONNX); constants become ops.
  Value materialise(const Tensor &tensor, ArrayRef<int32_t> perm = {});

  //===--- Values ---------------------------------------------------------===//

  Tensor lookup(Value value) const { return tensors.lookup(value); }
  void assign(Value value, Tensor tensor) {
    tensors[value] = std::move(tensor);
  }
  /// Marks `op` as done by the node that is converted, whose ops then carry
  /// both locations.
  void absorb(Operation *op);
  bool isDone(Operation *op) const { return done.contains(op); }

private:
  friend class Node;
  LogicalResult checkSupport();
  void findLiveNodes();
  void readConstants();
  void convertNode(NodeOp op);
  void finishFunction();

  mlir::func::FuncOp function;
  mlir::OpBuilder builder;
  Location loc;
  bool failedAny = false;
  Operation *lastShared = nullptr; // of the shared constants, at the top
  Value zeroPointValue, mulShiftValue;
  std::map<std::vector<int64_t>, Value> shapes;
  DenseMap<Value, Tensor> tensors;
  DenseSet<Operation *> live, done;
};

/// The node that is being converted, as its conversion sees it.
class Node {
public:
  Node(NodeOp op, int64_t since, Converter &converter)
      : op(op), since(since), converter(converter) {}

  const NodeOp op;
  /// The operator's version: the largest since-version that is in force.
  const int64_t since;
  Converter &converter;

  //===--- Inputs ---------------------------------------------------------===//

  unsigned inputCount() { return NodeOp(op).getInputs().size(); }
  bool hasInput(unsigned index) { return NodeOp(op).hasInput(index); }
  /// Input `index`; false where it is absent.
  Tensor input(unsigned index);
  /// The constant behind input `index`; null where it has none.
  ConstantPtr constantInput(unsigned index) { return input(index).constant; }
  bool allConstant();
  /// Integers of constant input `index`; reports where it is not constant.
  FailureOr<SmallVector<int64_t>> intsInput(unsigned index, StringRef what);

  //===--- Attributes -----------------------------------------------------===//

  bool has(StringRef name) { return bool(NodeOp(op).getParam(name)); }
  int64_t getInt(StringRef name, int64_t otherwise);
  float getFloat(StringRef name, float otherwise);
  std::string getString(StringRef name, StringRef otherwise);
  std::optional<SmallVector<int64_t>> getInts(StringRef name);
  ElementsAttr getTensor(StringRef name);

  //===--- Results --------------------------------------------------------===//

  void result(Tensor tensor, unsigned index = 0);
  void result(RankedTensorType type, Value value, ArrayRef<int32_t> perm = {});
  void result(ConstantPtr constant);
  /// Whether result `index` exists and is used.
  bool usesResult(unsigned index);
  bool isLive(unsigned index);

  //===--- Faults ---------------------------------------------------------===//

  /// Starts "Conv (version 11): ...", rule unsupported-op.
  RuleDiagnostic unsupported();
  /// The same with rule onnx-shape.
  RuleDiagnostic badShape();
  /// Checks the number of inputs, that they are of type f32 and of equal type.
  LogicalResult expectInputs(unsigned low, unsigned high);
  LogicalResult expectFloat(unsigned index);
  /// `axis` counted from the front; reports where it is out of `rank`.
  FailureOr<int64_t> normaliseAxis(int64_t axis, int64_t rank);
  std::string describe();
};

} // namespace nmc::onnx

#endif // NMC_LIB_CONVERSION_ONNXTOTOSA_CONVERTER_H
