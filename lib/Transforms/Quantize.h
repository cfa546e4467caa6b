//===- Quantize.h - Shared by the two ways of spike-quantize ----*- C++ -*-===//
#ifndef NMC_LIB_TRANSFORMS_QUANTIZE_H
#define NMC_LIB_TRANSFORMS_QUANTIZE_H

#include "dialects/Spike/Spike.h"
#include "nmc/Target/TargetInfo.h"

#include <vector>

namespace nmc::quantize {

/// One connection into a population, in real numbers.
struct Drive {
  spike::ConnectionOpInterface op;
  /// Weights as they are (one entry for pools and identities), times the value of
  /// one unit of the source's payload.
  SmallVector<double, 0> weights;
  bool isUniform = false;
  /// Bias per channel or neuron; empty without.
  SmallVector<double, 0> bias;
  /// Range of the source's payload less its zero point.
  double payloadLow = 0, payloadHigh = 1;

  double largestWeight() const;
};

/// Integers for one connection.
struct IntegerWeights {
  SmallVector<int32_t, 0> weights;
  SmallVector<int64_t, 0> bias;
};

/// Most positive and most negative sum that the sources of one neuron can
/// deliver in a step, by channel of the target (or one entry for all).
struct Reach {
  SmallVector<double> high, low;
};

/// What every way of quantising does to a network.
class NetworkQuantizer {
public:
  NetworkQuantizer(spike::NetworkOp network, const target::TargetInfo &target,
                   double inputScale, double inputZeroPoint)
      : network(network), target(target), context(network.getContext()),
        inputScale(inputScale), inputZeroPoint(inputZeroPoint) {}
  virtual ~NetworkQuantizer();

  /// Rewrites network and host functions, or reports what stands in the way.
  LogicalResult run();

protected:
  /// Quantises one population and everything between it and its sources.
  virtual LogicalResult
  quantizePopulation(spike::PopulationOpInterface population,
                     MutableArrayRef<Drive> drives) = 0;
  /// Called before the populations.
  virtual LogicalResult prepare() { return success(); }

  FailureOr<int64_t> property(StringRef name);
  FailureOr<SmallVector<Drive>> gatherDrives(spike::PopulationOpInterface population);
  /// Puts integers into a connection and makes its current, and the views behind
  /// it, `currentType`.
  void apply(Drive &drive, const IntegerWeights &integers, int64_t exponent,
             double weightScale, Type currentType);
  Reach getReach(const Drive &drive, ArrayRef<int32_t> weights);
  /// Value of one unit of a stream's payload.
  static double getPayloadScale(Value stream);
  void setEventType(Value events, Type elementType);
  /// Scale with which the host turns an output into real numbers.
  void setOutputScale(Value events, double scale);

  spike::NetworkOp network;
  const target::TargetInfo &target;
  MLIRContext *context;

private:
  LogicalResult quantizeInputs();
  void finishHost();

  double inputScale, inputZeroPoint;
  DenseMap<Value, double> outputScales;
};

/// A double that survives MLIR's six printed digits.
double roundScale(double scale);

/// The two ways.
std::unique_ptr<NetworkQuantizer>
makeBinaryQuantizer(spike::NetworkOp network, const target::TargetInfo &target,
                    double inputScale, double inputZeroPoint);
std::unique_ptr<NetworkQuantizer>
makeGradedQuantizer(spike::NetworkOp network, const target::TargetInfo &target,
                    double inputScale, double inputZeroPoint);

} // namespace nmc::quantize

#endif // NMC_LIB_TRANSFORMS_QUANTIZE_H
