//===- Passes.td - Passes on spike and chip -------------------*- tablegen -*-===//
#ifndef NMC_TRANSFORMS_PASSES_TD
#define NMC_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

#endif // NMC_TRANSFORMS_PASSES_TD
