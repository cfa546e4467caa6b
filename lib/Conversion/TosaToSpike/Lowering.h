//===- Lowering.h - One tosa function to one spike network ------*- C++ -*-===//
//
// How to add an operator: a member function, a case in `convert`, and a test in
// test/lib/Conversion/TosaToSpike.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_CONVERSION_TOSATOSPIKE_LOWERING_H
#define NMC_LIB_CONVERSION_TOSATOSPIKE_LOWERING_H

#include "Constants.h"
#include "NetworkBuilder.h"
#include "nmc/Support/ReadableName.h"
#include "nmc/Support/Rule.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

namespace nmc::tosatospike {

class Lowering {
public:
  explicit Lowering(mlir::func::FuncOp function)
      : function(function), network(function.getContext(), function.getLoc()) {}

  /// Whether the function holds a layer that a network could be made of.
  static bool hasLayers(mlir::func::FuncOp function);

  /// Converts the function in place; reports every op that cannot be.
  LogicalResult run();

private:
  //===--- Which op runs where (Lowering.cpp) -----------------------------===//

  void classify();
  void classifyPreprocessing();
  LogicalResult addInputs();
  LogicalResult addInput(Value value);
  SmallVector<int64_t> findInputOrder(Value value);
  void convertOp(Operation *op);
  LogicalResult buildHost();
  Value decode(Value value, Value stream, mlir::OpBuilder &builder);

  //===--- Ops (Layers.cpp, Elementwise.cpp) ------------------------------===//

  /// Converts one op; null results mean that the op was refused with `reason`.
  LogicalResult convert(Operation *op);
  LogicalResult convertConv(Operation *op, int64_t spaceRank, bool depthwise);
  LogicalResult convertTransposedConv(mlir::tosa::TransposeConv2DOp op);
  LogicalResult convertMatMul(mlir::tosa::MatMulOp op);
  LogicalResult convertAvgPool(mlir::tosa::AvgPool2dOp op);
  LogicalResult convertMaxPool(mlir::tosa::MaxPool2dOp op);
  LogicalResult convertReduceSum(mlir::tosa::ReduceSumOp op);
  LogicalResult convertActivation(Operation *op);
  LogicalResult convertAdd(Operation *op, bool subtract);
  LogicalResult convertScale(Operation *op);
  LogicalResult convertNegate(Operation *op);
  LogicalResult convertTranspose(mlir::tosa::TransposeOp op);
  LogicalResult convertReshape(mlir::tosa::ReshapeOp op);
  LogicalResult convertSlice(mlir::tosa::SliceOp op);
  LogicalResult convertPad(mlir::tosa::PadOp op);
  LogicalResult convertConcat(mlir::tosa::ConcatOp op);

  /// A rectifier: clamp from 0, or maximum and minimum with constants.
  struct Activation {
    std::optional<double> max;
    Operation *last; // the second op of a pair
  };
  std::optional<Activation> matchActivation(Operation *op);
  /// The constant as one number or one per channel of `signal`; reports to
  /// `reason` where it is neither.
  FailureOr<SmallVector<float, 0>> perChannel(const ConstantTensor &constant,
                                              const Signal &signal);
  /// Takes a pending scale and shift of the source into `weights` (Conv of one
  /// group, Dense) and `bias`.
  void absorbScale(Signal &source, Term &term, SmallVectorImpl<float> &bias);
  std::optional<Signal> fuseGroups(ArrayRef<Signal> parts);

  /// The layer's result, as an affine signal of one term.
  void setAffine(Operation *op, Term term, ArrayRef<float> bias,
                 ArrayRef<int64_t> shape, ArrayRef<int64_t> order);
  void setDense(Operation *op, Signal source, ArrayRef<float> weights,
                SmallVectorImpl<float> &bias, int64_t outputs, int64_t dim);
  void set(Operation *op, Signal signal);
  Signal &get(Value value) { return signals[value]; }
  bool inNetwork(Value value) { return signals[value].inNetwork(); }
  /// Remembers why the op was refused.
  LogicalResult refuse(const Twine &why);

  mlir::func::FuncOp function;
  NetworkBuilder network;
  Constants constants;
  DenseMap<Value, Signal> signals;
  /// Ops before the network, of the network by need, and after it.
  DenseSet<Operation *> before, needed;
  SmallVector<Operation *> hostTail, converted;
  /// Boundary values that are encoded, in order, and what is encoded of them.
  SmallVector<Value> inputs;
  SmallVector<SmallVector<int32_t>> inputPerms;
  DenseSet<Operation *> done; // second ops of a pair
  std::string reason;
  bool failedAny = false;
};

} // namespace nmc::tosatospike

#endif // NMC_LIB_CONVERSION_TOSATOSPIKE_LOWERING_H
