//===- ChipDialect.td - The hardware level of nmc -------------*- tablegen -*-===//
#ifndef NMC_DIALECTS_CHIP_CHIPDIALECT_TD
#define NMC_DIALECTS_CHIP_CHIPDIALECT_TD

include "mlir/IR/OpBase.td"

def Chip_Dialect : Dialect {
  let name = "chip";
  let cppNamespace = "::nmc::chip";
  let summary = "chips as data, and mappings onto them";
  let description = [{
    A `chip.target` holds what a target file says, one child op per fact, each at
    its place in the YAML file. A fact that the file does not state has no op:
    unknown is absent, never zero. Numbers are in SI units; the unit is written
    beside them.

    A `chip.mapping` says which box of which population sits on which core, one
    `chip.tiles` table per population, never a list of neurons.
  }];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
}

#endif // NMC_DIALECTS_CHIP_CHIPDIALECT_TD
