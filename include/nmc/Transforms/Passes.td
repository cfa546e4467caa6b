//===- Passes.td - Passes on spike and chip -------------------*- tablegen -*-===//
#ifndef NMC_TRANSFORMS_PASSES_TD
#define NMC_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def ChipLoadTargetPass : Pass<"chip-load-target", "::mlir::ModuleOp"> {
  let summary = "put the description of a chip into the module";
  let description = [{
    Reads a target file, resolves inheritance, cost profile and overrides and
    appends the `chip.target`, whose children carry the lines of the file as
    locations. Rules: `target-given` (`target` is set, and the module has no target
    yet) and those of target files (docs/formats/target.md).
  }];
  let options = [
    Option<"target", "target", "std::string", "",
           "name of a target, or a file">,
    Option<"path", "path", "std::string", "",
           "folders to search, separated by semicolons">,
    Option<"costProfile", "cost-profile", "std::string", "",
           "cost profile; empty: the target's default one">,
    Option<"set", "set", "std::string", "",
           "overrides key=value, separated by semicolons">
  ];
  let dependentDialects = ["::nmc::chip::ChipDialect"];
}

#endif // NMC_TRANSFORMS_PASSES_TD
