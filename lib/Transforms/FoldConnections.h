//===- FoldConnections.h - Connections behind connections -------*- C++ -*-===//
#ifndef NMC_LIB_TRANSFORMS_FOLDCONNECTIONS_H
#define NMC_LIB_TRANSFORMS_FOLDCONNECTIONS_H

#include "dialects/Spike/Spike.h"

namespace nmc {

/// Makes one connection of two in a row where the first is a pool, an identity
/// or a scale and the second has float weights: of a pool and a convolution, a
/// larger kernel with a larger stride; of a pool and a matrix, a matrix over
/// all that the pool reads. With `keepPools`, pools stay where they are.
///
/// The result computes the same sums, in reals. What cannot be merged so
/// (weights that are no floats, means that leave out padding, overlapping
/// windows at a padded border) is left as it is.
void foldConnections(spike::NetworkOp network, bool keepPools);

} // namespace nmc

#endif // NMC_LIB_TRANSFORMS_FOLDCONNECTIONS_H
