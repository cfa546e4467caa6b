//===- SpikePopulationOps.cpp - Neurons -----------------------------------===//

#include "dialects/Spike/Spike.h"
#include "dialects/Spike/SpikeVerify.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

using namespace nmc;
using namespace nmc::spike;

//===----------------------------------------------------------------------===//
// Shared by all populations
//===----------------------------------------------------------------------===//

/// The result carries the population's name in printed IR.
template <typename OpT>
static void nameResult(OpT op, mlir::OpAsmSetValueNameFn setName) {
  setName(op.getEvents(), op.getName());
}

/// Rules `drive-shape` and `drive-type`.
template <typename OpT> static LogicalResult verifyDrives(OpT op) {
  auto events = cast<StreamType>(op.getEvents().getType());
  Type elementType;
  for (Value drive : op.getDrives()) {
    auto current = cast<CurrentType>(drive.getType());
    if (current.getShape() != events.getShape())
      return emitRuleError(op, "drive-shape")
             << "is driven by " << current << ", but has the shape of "
             << events;
    if (elementType && elementType != current.getElementType())
      return emitRuleError(op, "drive-type")
             << "sums " << elementType << " and " << current.getElementType()
             << "; all currents need one element type";
    elementType = current.getElementType();
  }
  return success();
}

/// Rules of populations with a membrane: drives, parameters and v_init.
template <typename OpT> static LogicalResult verifyMembrane(OpT op) {
  if (failed(verifyDrives(op)))
    return failure();
  ArrayRef<int64_t> shape = getShape(op.getEvents());
  for (auto [name, attr] : op.getParameters())
    if (failed(verifyParameter(op, name, attr, shape)))
      return failure();
  if (DynamicsAttr dynamics = op.getDynamicsAttr())
    if (auto vInit = dyn_cast_or_null<ElementsAttr>(dynamics.getVInit()))
      return verifyParameter(op, "v_init", vInit, shape);
  return success();
}

using Parameters = SmallVector<std::pair<StringRef, ElementsAttr>>;

/// Keeps those that are there, in the order given.
static Parameters
present(std::initializer_list<std::pair<StringRef, ElementsAttr>> all) {
  Parameters result;
  for (const auto &entry : all)
    if (entry.second)
      result.push_back(entry);
  return result;
}

//===----------------------------------------------------------------------===//
// Populations with a membrane
//===----------------------------------------------------------------------===//

#define NMC_MEMBRANE(OpT, WORDS, ...)                                          \
  StringRef OpT::getPopulationName() { return getName(); }                     \
  void OpT::getAsmResultNames(mlir::OpAsmSetValueNameFn setName) {             \
    nameResult(*this, setName);                                                \
  }                                                                            \
  DynamicsAttr OpT::getDynamicsOrNull() { return getDynamicsAttr(); }          \
  int64_t OpT::getStateWords() { return WORDS; }                               \
  Parameters OpT::getParameters() { return present({__VA_ARGS__}); }           \
  LogicalResult OpT::verify() { return verifyMembrane(*this); }

NMC_MEMBRANE(IfOp, 1, {"threshold", getThresholdAttr()}, {"r", getRAttr()},
             {"v_reset", getVResetAttr()})
NMC_MEMBRANE(LifOp, 1, {"tau", getTauAttr()}, {"threshold", getThresholdAttr()},
             {"r", getRAttr()}, {"v_leak", getVLeakAttr()},
             {"v_reset", getVResetAttr()})
NMC_MEMBRANE(CubaLifOp, 2, {"tau_syn", getTauSynAttr()},
             {"tau_mem", getTauMemAttr()}, {"threshold", getThresholdAttr()},
             {"r", getRAttr()}, {"v_leak", getVLeakAttr()},
             {"v_reset", getVResetAttr()}, {"w_in", getWInAttr()})
NMC_MEMBRANE(LiOp, 1, {"tau", getTauAttr()}, {"r", getRAttr()},
             {"v_leak", getVLeakAttr()})
NMC_MEMBRANE(CubaLiOp, 2, {"tau_syn", getTauSynAttr()},
             {"tau_mem", getTauMemAttr()}, {"r", getRAttr()},
             {"v_leak", getVLeakAttr()}, {"w_in", getWInAttr()})
NMC_MEMBRANE(IntegratorOp, 1, {"r", getRAttr()})
NMC_MEMBRANE(ThresholdOp, 0, {"threshold", getThresholdAttr()})
NMC_MEMBRANE(SigmaDeltaOp, 2, {"threshold", getThresholdAttr()},
             {"bias", getBiasAttr()})

//===----------------------------------------------------------------------===//
// Populations without a membrane
//===----------------------------------------------------------------------===//

StringRef InputOp::getPopulationName() { return getName(); }
ValueRange InputOp::getDrives() { return getOperation()->getOperands(); }
bool InputOp::isMembraneless() { return true; }
void InputOp::getAsmResultNames(mlir::OpAsmSetValueNameFn setName) {
  nameResult(*this, setName);
}

/// Rule `input-port`.
LogicalResult InputOp::verify() {
  if (!isa<mlir::BlockArgument>(getPort()))
    return emitRuleError(*this, "input-port")
           << "reads a value of the network; it must read one of its arguments";
  if (getShape(getPort()) != getShape(getEvents()))
    return emitRuleError(*this, "input-port")
           << "has shape of " << getEvents().getType() << ", but its port is "
           << getPort().getType();
  return success();
}

StringRef ReluOp::getPopulationName() { return getName(); }
void ReluOp::getAsmResultNames(mlir::OpAsmSetValueNameFn setName) {
  nameResult(*this, setName);
}

/// Rules `drive-shape`, `drive-type` and `requant-needed`.
LogicalResult ReluOp::verify() {
  if (failed(verifyDrives(*this)))
    return failure();
  if (getDrives().empty())
    return success();
  bool integerCurrent = !isa<FloatType>(getElementType(getDrives().front()));
  bool integerEvents = !isa<FloatType>(getElementType(getEvents()));
  if ((integerCurrent || integerEvents) && !getRequantAttr())
    return emitRuleError(*this, "requant-needed")
           << "turns " << getElementType(getDrives().front()) << " into "
           << getElementType(getEvents()) << " without a 'requant'";
  return success();
}

StringRef MaxPoolOp::getPopulationName() { return getName(); }
ValueRange MaxPoolOp::getDrives() { return getOperation()->getOperands(); }
bool MaxPoolOp::isMembraneless() { return true; }
void MaxPoolOp::getAsmResultNames(mlir::OpAsmSetValueNameFn setName) {
  nameResult(*this, setName);
}

int64_t MaxPoolOp::getStride(int64_t d) {
  return getStrides().empty() ? getKernel()[d] : getStrides()[d];
}
int64_t MaxPoolOp::getPadLow(int64_t d) {
  return getPads().empty() ? 0 : getPads()[d];
}
int64_t MaxPoolOp::getPadHigh(int64_t d) {
  return getPads().empty() ? 0 : getPads()[getKernel().size() + d];
}

SmallVector<AxisRelation> MaxPoolOp::getDriveRelations() {
  return getPoolRelations(*this, getShape(getSource()), getShape(getEvents()));
}

LogicalResult MaxPoolOp::verify() {
  if (getElementType(getSource()) != getElementType(getEvents()))
    return emitRuleError(*this, "pool-shape")
           << "keeps the payload, but source and result are "
           << getElementType(getSource()) << " and "
           << getElementType(getEvents());
  return verifyPool(*this, getShape(getSource()), getShape(getEvents()));
}
