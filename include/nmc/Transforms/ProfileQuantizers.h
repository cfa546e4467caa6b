//===- ProfileQuantizers.h - Platforms' ways to integers --------*- C++ -*-===//
//
// The arithmetic of the quantisers that execution profiles name, on plain
// numbers: what spike-apply-profile and spike-quantize call, and what is held
// against the vendors' own tools.  Each follows one tool number for number,
// single precision included where that tool has it.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_TRANSFORMS_PROFILEQUANTIZERS_H
#define NMC_TRANSFORMS_PROFILEQUANTIZERS_H

#include "nmc/Support/LLVM.h"

#include <optional>
#include <string>
#include <vector>

namespace nmc::quantize {

//===----------------------------------------------------------------------===//
// shared_exponent: nengo-loihi, builder/discretize.py
//===----------------------------------------------------------------------===//

/// A population with everything that drives it, in real numbers.
struct RealBlock {
  /// Share of the synaptic current and of the membrane that decays in a step,
  /// 1 - exp(-dt/tau), per neuron. An empty `synapse`: the current is that of
  /// the step. An empty `membrane`: no leak.
  std::vector<double> synapse, membrane;
  std::vector<double> threshold, bias; // per neuron
  /// One list per connection; a lasting input of 1 drives the membrane to the
  /// weight.
  std::vector<std::vector<double>> weights;

  int64_t weightBits = 8, thresholdBits = 17, biasMantissaBits = 13,
          biasExponentBits = 3, decayBits = 12;
  int64_t exponentMinimum = -7, exponentFloor = -6;
};

struct IntegerBlock {
  struct Connection {
    /// Stored weights, and the power of two with which they meet the state:
    /// weight · 2^(6 + exponent); exponents below 0 have been applied.
    std::vector<int32_t> weights;
    int64_t exponent = 0;
    /// The exponent as the chip's register has it, of even weights of 9 bits.
    int64_t registerExponent = 0;
    /// Real value of one unit of `weights`.
    double unit = 1;
  };
  /// As in the registers: (2^bits - 1 - d) and (2^bits - d) stay.
  std::vector<int64_t> synapse, membrane;
  /// In units of 2^6 states.
  std::vector<int64_t> threshold;
  /// In states; the largest exponent that one needs.
  std::vector<int64_t> bias;
  int64_t biasExponent = 0;
  std::vector<Connection> connections;
  /// States per unit of a real membrane, per neuron.
  std::vector<double> stateScale;
};

/// None where no exponent serves; `fault` then says what does not fit.
std::optional<IntegerBlock> quantizeSharedExponent(const RealBlock &block,
                                                   std::string &fault);

/// Σ of a state that starts with 2^21 and decays to floor(x·(2^bits − offset −
/// decay)/2^bits) in every step, over 2^21: what one event leaves in the end.
double getDecayMagnitude(int64_t decay, int64_t bits, int64_t offset);

//===----------------------------------------------------------------------===//
// joint_scale: sinabs, backend/dynapcnn/discretize.py
//===----------------------------------------------------------------------===//

/// The scale that brings `values` to `bits`; infinite where all are 0.
float getDiscretizationScale(ArrayRef<float> values, int64_t bits);

/// The least of the three scales; 1 where nothing limits. `rails` are the
/// lowest state and the threshold.
float getJointScale(ArrayRef<float> weights, ArrayRef<float> bias,
                    ArrayRef<float> rails, int64_t weightBits, int64_t biasBits,
                    int64_t stateBits);

/// round half to even of value · scale, in single precision.
int64_t roundScaled(float value, float scale);

//===----------------------------------------------------------------------===//
// neuron_scale: rockpool, transform/quantize_methods.py (channel_quantize)
//===----------------------------------------------------------------------===//

/// The scale of one neuron with these weights and this threshold.
double getNeuronScale(ArrayRef<double> weights, double threshold,
                      int64_t weightBits, int64_t thresholdBits);

/// round(log2(tau / dt)), half to even, held in 0 … 2^dashBits − 1.
int64_t getDash(double tauInSteps, int64_t dashBits);

//===----------------------------------------------------------------------===//
// target_scale: py-spinnaker2; fixed_scale: lava, lava-dl
//===----------------------------------------------------------------------===//

/// (2^(bits−1) − 1) / max|w|; 1 where all are 0.
double getTargetScale(double largest, int64_t bits);

/// The least power of two by which trunc(w·scale) of the largest weight fits
/// `bits`, sign included.
int64_t getSharedShift(double largest, double scale, int64_t bits);

} // namespace nmc::quantize

#endif // NMC_TRANSFORMS_PROFILEQUANTIZERS_H
