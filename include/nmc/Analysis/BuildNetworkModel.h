//===- BuildNetworkModel.h - From spike.network to plain data -*- C++ -*-===//
#ifndef NMC_ANALYSIS_BUILDNETWORKMODEL_H
#define NMC_ANALYSIS_BUILDNETWORKMODEL_H

#include "dialects/Spike/Spike.h"
#include "nmc/Analysis/NetworkModel.h"

namespace nmc::analysis {

/// Populations in the order of the body, and every projection between them,
/// read through the interfaces of the ops alone.
///
/// Errors, reported at the op in question: `connectivity-explicit`
/// (connectivity does not separate into axes, and listing it takes more than
/// `limit` entries), `input-port` (an argument of the network is read by
/// something other than spike.input), `cycle-population` (views and delays go
/// round without passing a population), `network-op` (an op that is neither
/// population, connection, view nor delay).
FailureOr<NetworkModel>
buildNetworkModel(spike::NetworkOp network,
                  int64_t limit = kDefaultExplicitLimit);

/// "file:line:col", or the name that a location carries, or "".
std::string locationText(Location loc);

} // namespace nmc::analysis

#endif // NMC_ANALYSIS_BUILDNETWORKMODEL_H
