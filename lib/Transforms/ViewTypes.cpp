//===- ViewTypes.cpp - Payloads through views -----------------------------===//

#include "ViewTypes.h"

using namespace nmc;
using namespace nmc::spike;

void nmc::propagatePayloads(NetworkOp network) {
  bool changed = true;
  while (changed) {
    changed = false;
    network.walk([&](Operation *op) {
      if (!isa<ViewOpInterface, DelayOp>(op))
        return;
      auto source = dyn_cast<StreamType>(op->getOperand(0).getType());
      auto result = dyn_cast<StreamType>(op->getResult(0).getType());
      if (!source || !result ||
          source.getElementType() == result.getElementType())
        return;
      op->getResult(0).setType(StreamType::get(
          op->getContext(), result.getShape(), source.getElementType()));
      changed = true;
    });
  }
}
