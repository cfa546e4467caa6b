//===- ExportNodes.h - Ops as nodes of a NIR file ---------------*- C++ -*-===//
#ifndef NMC_LIB_FRONTEND_NIR_EXPORTNODES_H
#define NMC_LIB_FRONTEND_NIR_EXPORTNODES_H

#include "Graph.h"

#include "dialects/Spike/Spike.h"

namespace nmc::nir {

/// Writes single ops as groups of a file. What NIR cannot say is a warning at
/// the op and goes into the node's metadata, group "nmc". Rule: [nir-export].
class NodeWriter {
public:
  explicit NodeWriter(spike::NetworkOp network);

  /// The node of a population, connection or view that is a primitive;
  /// failure after a diagnostic.
  FailureOr<RawObject> write(Operation *op);
  /// Input, Output and Flatten from shapes.
  static RawObject writePort(NodeType type, ArrayRef<int64_t> shape,
                             Attribute stated, Attribute metadata);
  /// A Flatten of all axes.
  static RawObject writeFlatten(ArrayRef<int64_t> shape);

private:
  RuleDiagnostic error(Operation *op) {
    return emitRuleError(op, "nir-export");
  }
  RuleDiagnostic warning(Operation *op) {
    return emitRuleWarning(op, "nir-export");
  }
  LogicalResult writeDense(spike::DenseOp op, RawObject &node);
  LogicalResult writeConv(spike::ConvOp op, RawObject &node);
  template <typename OpT> LogicalResult writePool(OpT op, RawObject &node);
  LogicalResult writeScale(Operation *op, Attribute weights, int64_t exponent,
                           RawObject &node);
  LogicalResult writeReshape(spike::ReshapeOp op, RawObject &node);
  LogicalResult writeDelay(spike::DelayOp op, RawObject &node);
  LogicalResult writePopulation(spike::PopulationOpInterface op,
                                RawObject &node);

  /// Weights as reals: integers with scale and exponent become float32.
  FailureOr<Array> readWeights(Operation *op, Attribute weights,
                               std::optional<Type> storedAs, int64_t exponent,
                               RawObject &node);
  FailureOr<Array> readBias(Operation *op, ElementsAttr bias, Value target);
  /// Where the file of the op had another form of the same values, that form.
  void restoreForms(Operation *op, RawObject &node);

  spike::NetworkOp network;
  std::optional<double> dt;
};

/// float32 where that holds every value, else float64.
Array fromDoubles(ArrayRef<int64_t> shape, ArrayRef<double> values);

/// The metadata group "nmc" of a node, made where it is not there.
RawObject &getOwnMetadata(RawObject &node);

} // namespace nmc::nir

#endif // NMC_LIB_FRONTEND_NIR_EXPORTNODES_H
