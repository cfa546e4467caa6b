//===- Spike.h - The event level of nmc -------------------------*- C++ -*-===//
#ifndef NMC_DIALECTS_SPIKE_SPIKE_H
#define NMC_DIALECTS_SPIKE_SPIKE_H

#include "nmc/Support/AxisRelation.h"
#include "nmc/Support/LLVM.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinTypeInterfaces.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Spike/SpikeDialect.h.inc"
#include "dialects/Spike/SpikeEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Spike/SpikeTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Spike/SpikeAttributes.h.inc"

#include "dialects/Spike/SpikeInterfaces.h.inc"

namespace nmc::spike {
class OutputOp;

/// The most elements that a stream or current may have; keeps every count and
/// every product of counts with a byte width inside 64 bits.
inline constexpr int64_t kMaxElements = int64_t(1) << 40;
/// The most receptors (synaptic currents) of a neuron.
inline constexpr int64_t kMaxReceptors = 16;
/// The most steps of a run or a delay.
inline constexpr int64_t kMaxSteps = int64_t(1) << 20;

/// The shape of a stream or current.
ArrayRef<int64_t> getShape(Value value);
/// The element type of a stream or current.
Type getElementType(Value value);
/// The number of elements of a stream or current.
int64_t getNumElements(Value value);

/// The position in parameter `attr` (one number, one per channel, or one per
/// neuron) that applies to neuron `index` of a population of `shape`.
int64_t getParameterIndex(ElementsAttr attr, ArrayRef<int64_t> shape,
                          int64_t index);

/// `#spike.dynamics` as a value to change; members start with its defaults.
struct Dynamics {
  DecayKind decay = DecayKind::None;
  InputGain inputGain = InputGain::Unit;
  SynapseOrder synapseOrder = SynapseOrder::DecayThenAdd;
  Order order = Order::IntegrateThenFire;
  Compare compare = Compare::Greater;
  Reset reset = Reset::Zero;
  int64_t maxSpikesPerStep = 1;
  FloatAttr vFloor, vCeiling;
  int64_t refractory = 0, outputDelay = 0;
  ElementsAttr refractoryEach;
  int64_t clearPeriod = 0, clearOffset = 0;
  bool biasAtT0 = true;
  mlir::TypedAttr vInit;
  FixedAttr arithmetic;

  Dynamics() = default;
  /// Of `attr`, or the defaults where it is null.
  explicit Dynamics(DynamicsAttr attr);
  DynamicsAttr get(MLIRContext *context) const;
};
} // namespace nmc::spike

#define GET_OP_CLASSES
#include "dialects/Spike/SpikeOps.h.inc"

#endif // NMC_DIALECTS_SPIKE_SPIKE_H
