//===- AxisRelation.h - How one source axis feeds one target axis ---------===//
//
// Connectivity of nearly every layer is a product over axes: target coordinate
// t = (t0, t1, ...) receives from source coordinate s = (s0, s1, ...) exactly
// when every axis pair (s_a, t_a) is related.  An AxisRelation states one such
// axis; a connection op answers with a list of them (ConnectionOpInterface), and
// everything else (fan-in, axons, synapses, traffic of boxes) is derived in
// nmc/Analysis without ever listing neurons.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_SUPPORT_AXISRELATION_H
#define NMC_SUPPORT_AXISRELATION_H

#include <cstdint>

namespace nmc {

/// The set of related pairs of one source axis and one target axis.
///
/// For target coordinate t in [0, targetSize) the related source coordinates are
///   Identity  s = t                                        (sizes equal)
///   Window    s = t*stride - pad + k*dilation, 0 <= k < kernel, clipped to the axis
///   Spread    the converse of Window: s such that t = s*stride - pad + k*dilation
///             for some 0 <= k < kernel                     (transposed convolution)
///   Grouped   floor(s / (sourceSize/groups)) = floor(t / (targetSize/groups))
///   Offset    s = t*stride + offset where inside the axis  (slice, pad, concat, upsample with `divide`)
///   All       every s
struct AxisRelation {
  enum class Kind { Identity, Window, Spread, Grouped, Offset, All };

  Kind kind = Kind::All;
  /// Positions of the axes in the source's and the target's shape, or -1 where the
  /// relation has no axis on that side (a target axis fed by everything has no
  /// source axis, and the other way round).
  int sourceAxis = -1;
  int targetAxis = -1;
  int64_t sourceSize = 1;
  int64_t targetSize = 1;

  // Window and Spread.
  int64_t kernel = 1;
  int64_t stride = 1; // Offset too: s = floor(t / divide) * stride + offset
  int64_t pad = 0;    // before the first coordinate
  int64_t dilation = 1;
  // Grouped.
  int64_t groups = 1;
  // Offset.
  int64_t offset = 0;
  int64_t divide = 1;

  static AxisRelation identity(int source, int target, int64_t size) {
    AxisRelation r;
    r.kind = Kind::Identity;
    r.sourceAxis = source, r.targetAxis = target;
    r.sourceSize = r.targetSize = size;
    return r;
  }
  static AxisRelation all(int source, int target, int64_t sourceSize,
                          int64_t targetSize) {
    AxisRelation r;
    r.sourceAxis = source, r.targetAxis = target;
    r.sourceSize = sourceSize, r.targetSize = targetSize;
    return r;
  }
  static AxisRelation grouped(int source, int target, int64_t sourceSize,
                              int64_t targetSize, int64_t groups) {
    AxisRelation r = all(source, target, sourceSize, targetSize);
    if (groups != 1) {
      r.kind = Kind::Grouped;
      r.groups = groups;
    }
    return r;
  }
  static AxisRelation window(int source, int target, int64_t sourceSize,
                             int64_t targetSize, int64_t kernel, int64_t stride,
                             int64_t pad, int64_t dilation) {
    AxisRelation r = all(source, target, sourceSize, targetSize);
    r.kind = Kind::Window;
    r.kernel = kernel, r.stride = stride, r.pad = pad, r.dilation = dilation;
    return r;
  }
  static AxisRelation spread(int source, int target, int64_t sourceSize,
                             int64_t targetSize, int64_t kernel, int64_t stride,
                             int64_t pad, int64_t dilation) {
    AxisRelation r = window(source, target, sourceSize, targetSize, kernel,
                            stride, pad, dilation);
    r.kind = Kind::Spread;
    return r;
  }
  static AxisRelation shifted(int source, int target, int64_t sourceSize,
                              int64_t targetSize, int64_t stride, int64_t offset,
                              int64_t divide = 1) {
    AxisRelation r = all(source, target, sourceSize, targetSize);
    r.kind = Kind::Offset;
    r.stride = stride, r.offset = offset, r.divide = divide;
    return r;
  }

  /// Whether source coordinate `s` feeds target coordinate `t`: the definition
  /// that every faster form is tested against.
  bool related(int64_t s, int64_t t) const {
    if (s < 0 || s >= sourceSize || t < 0 || t >= targetSize)
      return false;
    switch (kind) {
    case Kind::Identity:
      return s == t;
    case Kind::Window: {
      int64_t d = s - (t * stride - pad);
      return d >= 0 && d % dilation == 0 && d / dilation < kernel;
    }
    case Kind::Spread: {
      int64_t d = t - (s * stride - pad);
      return d >= 0 && d % dilation == 0 && d / dilation < kernel;
    }
    case Kind::Grouped:
      return s / (sourceSize / groups) == t / (targetSize / groups);
    case Kind::Offset:
      return s == (t / divide) * stride + offset;
    case Kind::All:
      return true;
    }
    return false;
  }
};

} // namespace nmc

#endif // NMC_SUPPORT_AXISRELATION_H
