//===- SpikeInterfaces.cpp ------------------------------------------------===//

#include "dialects/Spike/Spike.h"

#include "dialects/Spike/SpikeInterfaces.cpp.inc"
