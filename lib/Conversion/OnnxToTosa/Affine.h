//===- Affine.h - Scale and shift per channel -----------------------------===//
#ifndef NMC_LIB_CONVERSION_ONNXTOTOSA_AFFINE_H
#define NMC_LIB_CONVERSION_ONNXTOTOSA_AFFINE_H

#include "Converter.h"

namespace nmc::onnx {

/// y = scale · x + shift, per channel.  Composed in double precision, since the
/// factors of a folded normalisation are rounded once, not at every step.
struct ChannelAffine {
  SmallVector<double, 0> scale, shift;

  explicit ChannelAffine(int64_t channels)
      : scale(channels, 1.0), shift(channels, 0.0) {}
  bool isIdentity() const;
  /// Then `scale`, then `shift`.
  void then(ArrayRef<double> newScale, ArrayRef<double> newShift);
  /// Weights of a linear map whose output channel is `axis`; the same constant
  /// where nothing changes.
  ConstantPtr applyTo(Constant &weights, int64_t axis) const;
  /// Its bias.
  void applyTo(MutableArrayRef<float> bias) const;
};

/// Scale and shift of a BatchNormalization, or none where its parameters are
/// not constant or do not have one value per channel.
std::optional<ChannelAffine> getNormalisation(Converter &c, NodeOp op,
                                              int64_t channels);

/// Follows the single users of `value` (of `rank`, channels at `axis`) as long
/// as they scale and shift per channel by constants: composes them into
/// `affine`, marks them absorbed and moves `value` to the last one's result.
void absorbAffine(Converter &c, Value &value, int64_t rank, int64_t axis,
                  ChannelAffine &affine);

} // namespace nmc::onnx

#endif // NMC_LIB_CONVERSION_ONNXTOTOSA_AFFINE_H
