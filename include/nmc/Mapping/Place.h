//===- Place.h - Giving clusters their cells ------------------*- C++ -*-===//
#ifndef NMC_MAPPING_PLACE_H
#define NMC_MAPPING_PLACE_H

#include "nmc/Mapping/Problem.h"

namespace nmc::mapping {

/// The cells of a width × height grid in the order of a generalised Hilbert
/// curve: every cell once, neighbours on the curve are neighbours on the grid
/// (but for one diagonal step where both extents are odd).
std::vector<Point> hilbertCurve(int64_t width, int64_t height);

/// Tiles that share a core form a cluster.  Clusters, in topological order of
/// their populations and order of their tiles, go to cells in order of the
/// number of the core; kinds of core are kept, fixed tiles stay where they must
/// be and forbidden cells stay empty.  The mapping must pass verify().
Mapping placeSequential(const Problem &problem, const Mapping &mapping);

/// The same along the Hilbert curve of each chip's routers, the cores of one
/// router in a row; chips follow along the curve of the board.
Mapping placeHilbert(const Problem &problem, const Mapping &mapping);

} // namespace nmc::mapping

#endif // NMC_MAPPING_PLACE_H
