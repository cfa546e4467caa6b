//===- LavaDl.h - Networks of lava-dl (.net) --------------------*- C++ -*-===//
#ifndef NMC_LIB_FRONTEND_NIR_LAVADL_H
#define NMC_LIB_FRONTEND_NIR_LAVADL_H

#include "Graph.h"
#include "nmc/Frontend/Nir/Import.h"

namespace nmc::nir {

/// A spike.network of integers from the /layer of a .net file; null after
/// diagnostics. Rules: [net-layer] a layer or field that is missing, unknown or
/// of the wrong kind; [net-shape]; [net-neuron]; [net-weight].
spike::NetworkOp buildLavaDlNetwork(const RawObject &file,
                                    const ImportOptions &options,
                                    StringRef name, Reporter &reporter,
                                    ModuleOp module);

} // namespace nmc::nir

#endif // NMC_LIB_FRONTEND_NIR_LAVADL_H
