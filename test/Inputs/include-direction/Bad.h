#ifndef NMC_COST_WORSE_H
#define NMC_COST_WORSE_H
using namespace nmc;
#endif
