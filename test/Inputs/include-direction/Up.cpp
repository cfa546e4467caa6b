#include "nmc/Pipelines/Session.h"
#include "mlir/Pass/Pass.h"

// A comment may speak of fastchip; code may not.
bool isFast(const char *name) { return equal(name, "fastchip"); }
