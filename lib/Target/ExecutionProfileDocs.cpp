//===- ExecutionProfileDocs.cpp - The guide's page on profiles ------------===//

#include "nmc/Target/ExecutionProfile.h"

using namespace nmc;
using namespace nmc::target;

void target::printProfilesGuide(raw_ostream &os, MLIRContext *context) {
  (void)context;
  os << "# Execution profiles\n";
}
