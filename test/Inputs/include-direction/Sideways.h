#ifndef NMC_DIALECTS_A_SIDEWAYS_H
#define NMC_DIALECTS_A_SIDEWAYS_H
#include "dialects/B/B.h"
#include "nmc/Support/LLVM.h"
#endif
