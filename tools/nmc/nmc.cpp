//===- nmc.cpp - The driver -----------------------------------------------===//

#include "Options.h"
#include "Verbs.h"

#include "nmc/Support/Interrupt.h"
#include "targets/AllTargets.h"

#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  nmc::tool::CommandLine commandLine;
  if (std::optional<nmc::ExitCode> code =
          nmc::tool::parseCommandLine(argc, argv, commandLine))
    return nmc::toStatus(*code);
  nmc::catchInterrupts();
  nmc::registerAllTargets();
  return nmc::toStatus(nmc::tool::runVerb(commandLine));
}
