//===- TosaJit.h - Runs functions of TOSA through LLVM's JIT --------------===//
//
// The float network by upstream's own lowering (TOSA → linalg → LLVM): the
// independent result that nmc's conversions are held against, and the accuracy
// of the network before it became spikes.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_EXEC_TOSAJIT_H
#define NMC_EXEC_TOSAJIT_H

#include "nmc/Support/LLVM.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace nmc::exec {

/// A compiled function whose inputs and outputs are tensors of f32 with static
/// shapes.
class TosaJit {
public:
  /// Compiles `function` for this machine.  The function may call others of its
  /// module, is left as it is, and may go away afterwards.  Fails (rules
  /// `jit-type`, `jit-lowering`) where a type is another, or an op does not
  /// lower; what MLIR says about it is part of the message.
  static llvm::Expected<std::unique_ptr<TosaJit>>
  create(mlir::func::FuncOp function);
  ~TosaJit();

  /// Shapes of inputs and outputs, in the function's order.
  ArrayRef<SmallVector<int64_t>> inputShapes() const { return inputs; }
  ArrayRef<SmallVector<int64_t>> outputShapes() const { return outputs; }

  /// Runs once.  `in` and `out` hold a row-major buffer for every input and
  /// output, of the size that its shape says (asserted).  May be called from
  /// several threads at once.
  void run(ArrayRef<ArrayRef<float>> in,
           ArrayRef<MutableArrayRef<float>> out) const;

private:
  TosaJit();
  struct Engine;
  std::unique_ptr<Engine> engine;
  SmallVector<SmallVector<int64_t>> inputs, outputs;
};

} // namespace nmc::exec

#endif // NMC_EXEC_TOSAJIT_H
