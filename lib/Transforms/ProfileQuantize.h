//===- ProfileQuantize.h - A network in a platform's numbers ----*- C++ -*-===//
#ifndef NMC_LIB_TRANSFORMS_PROFILEQUANTIZE_H
#define NMC_LIB_TRANSFORMS_PROFILEQUANTIZE_H

#include "ApplyProfile.h"

namespace nmc::quantize {

/// One connection into a population, in real numbers.
struct ProfileDrive {
  mutable spike::ConnectionOpInterface op;
  /// A pool between the stream and `op`; null without.
  Operation *pool = nullptr;
  /// One entry where all weights are one number.
  SmallVector<double, 0> weights;
  bool isUniform = false;
  /// Neurons that share a row of weights: 1 for a matrix, all of a channel for
  /// a convolution.
  int64_t neuronsPerRow = 1;
  SmallVector<double, 0> bias; // empty without
  /// Lists of synapses: where those of each neuron start.
  SmallVector<int64_t, 0> offsets;

  /// The first neuron that weight `i` feeds; 0 where it feeds all.
  int64_t getNeuron(size_t i) const;
  double largest() const;
};

/// What every rule does to a network; one population after the other.
class ProfileQuantizer {
public:
  ProfileQuantizer(spike::NetworkOp network,
                   const target::ExecutionProfile &profile, double dt,
                   const target::TargetInfo *target)
      : network(network), profile(profile), dt(dt), target(target),
        context(network.getContext()) {}
  virtual ~ProfileQuantizer();

  LogicalResult run(MutableArrayRef<Neurons> neurons);

protected:
  virtual LogicalResult quantize(Neurons &n,
                                 MutableArrayRef<ProfileDrive> drives) = 0;

  /// A width: what the chip states, else what the profile does.
  int64_t get(StringRef parameter) const;
  /// gain·r·w_in of a neuron per step, after the profile's rules.
  Values getFactor(Neurons &n) const;
  /// Multiplies the weights (and biases) by a factor per neuron; an error where
  /// neurons that share weights need different ones.
  LogicalResult scale(Neurons &n, ProfileDrive &drive, const Values &factor);
  /// `scale` by getFactor, on all drives; what it was where it is one number.
  FailureOr<double> scaleAll(Neurons &n, MutableArrayRef<ProfileDrive> drives);
  /// Sum of the biases of all drives, per neuron; empty if there are none.
  SmallVector<double, 0> sumBiases(Neurons &n, ArrayRef<ProfileDrive> drives);
  /// What a lasting input of 1 per step makes of the synaptic current.
  Values getSynapseSum(Neurons &n) const;

  /// Puts integers into a connection, whose current gets the profile's width.
  void setWeights(ProfileDrive &drive, ArrayRef<int32_t> weights,
                  int64_t exponent, double unit);
  void setFloatWeights(ProfileDrive &drive, ArrayRef<double> weights);
  /// The constant drive, one number per neuron in the units of the state: of
  /// the membrane where there is a synaptic current, else beside the weights of
  /// a connection. Empty: none.
  LogicalResult setBias(Neurons &n, MutableArrayRef<ProfileDrive> drives,
                        ArrayRef<double> bias);
  /// Drops gains and resistances, which are in the weights now, and writes
  /// integer parameters and dynamics.
  void setPopulation(Neurons &n, const std::optional<Values> &tau,
                     const std::optional<Values> &tauSyn,
                     const std::optional<Values> &threshold, double stateUnit);
  /// Warns that biases go past the synaptic current.
  void warnOfBias(Neurons &n, ArrayRef<ProfileDrive> drives);
  InFlightDiagnostic remark(Neurons &n);
  spike::FixedAttr getArithmetic() const;

  spike::NetworkOp network;
  const target::ExecutionProfile &profile;
  double dt;
  const target::TargetInfo *target;
  MLIRContext *context;

private:
  FailureOr<SmallVector<ProfileDrive, 0>> gather(Neurons &n);
  void followViews(Value current, Type element);
  Operation *ownPool(spike::ConnectionOpInterface connection, Operation *pool);
  void finishHost();

  DenseMap<Value, double> outputScales;
};

std::unique_ptr<ProfileQuantizer>
makeProfileQuantizer(spike::NetworkOp network,
                     const target::ExecutionProfile &profile, double dt,
                     const target::TargetInfo *target);

} // namespace nmc::quantize

#endif // NMC_LIB_TRANSFORMS_PROFILEQUANTIZE_H
