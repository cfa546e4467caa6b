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

/// Whether parameter `name` has a leading axis of receptors.
static bool isPerReceptor(Operation *op, StringRef name) {
  return op->hasAttr("receptors") && (name == "tau_syn" || name == "w_in");
}

/// Rules of populations with a membrane: drives, parameters and v_init.
template <typename OpT> static LogicalResult verifyMembrane(OpT op) {
  if (failed(verifyDrives(op)))
    return failure();
  ArrayRef<int64_t> shape = getShape(op.getEvents());
  for (auto [name, attr] : op.getParameters()) {
    if (isPerReceptor(op, name))
      continue; // verified with the receptors
    if (failed(verifyParameter(op, name, attr, shape)))
      return failure();
  }
  DynamicsAttr dynamics = op.getDynamicsAttr();
  if (!dynamics)
    return success();
  if (ElementsAttr each = dynamics.getRefractoryEach())
    if (failed(verifyParameter(op, "refractory_each", each, shape)))
      return failure();
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

/// The first extent of an elements attribute, 1 of a scalar.
static int64_t getLeadingExtent(ElementsAttr attr) {
  ShapedType type = attr.getShapedType();
  return type.getRank() ? type.getDimSize(0) : 1;
}

/// Rule `receptors`, and `param-shape` of what there is one of per receptor.
template <typename OpT> static LogicalResult verifyReceptors(OpT op) {
  std::optional<ArrayRef<int32_t>> receptors = op.getReceptors();
  if (!receptors)
    return success();
  if (receptors->size() != op.getDrives().size())
    return emitRuleError(op, "receptors")
           << "names receptors of " << receptors->size() << " drives, but has "
           << op.getDrives().size();
  if (failed(verifyBlob(op, op.getTauSynAttr())) ||
      (op.getWInAttr() && failed(verifyBlob(op, op.getWInAttr()))))
    return failure();
  int64_t count = getLeadingExtent(op.getTauSynAttr());
  if (count < 1 || count > kMaxReceptors)
    return emitRuleError(op, "receptors")
           << "has " << count << " receptors by the first axis of 'tau_syn', "
           << "but 1 to " << kMaxReceptors << " are possible";
  for (int32_t receptor : *receptors)
    if (receptor < 0 || receptor >= count)
      return emitRuleError(op, "receptors")
             << "has a drive of receptor " << receptor << ", but 0 to "
             << count - 1 << " are there";
  int64_t neurons = getNumElements(op.getEvents());
  int64_t channels = getShape(op.getEvents()).front();
  for (auto [name, attr] : {std::make_pair("tau_syn", op.getTauSynAttr()),
                            std::make_pair("w_in", op.getWInAttr())}) {
    if (!attr)
      continue;
    int64_t each = attr.getNumElements() / count;
    if (getLeadingExtent(attr) != count ||
        (each != 1 && each != channels && each != neurons))
      return emitRuleError(op, "param-shape")
             << "parameter '" << name << "' has " << attr.getNumElements()
             << " values, but needs " << count
             << " receptors times 1, " << channels << " (one per channel) or "
             << neurons << " (one per neuron)";
  }
  return success();
}

/// Rule `alias`.
static LogicalResult verifyAlias(CubaLifOp op) {
  ElementsAttr alias = op.getAliasAttr();
  if (!alias)
    return success();
  if (failed(verifyBlob(op, alias)))
    return failure();
  FailureOr<SmallVector<int64_t, 0>> targets = getElementsAsInts(alias);
  int64_t neurons = getNumElements(op.getEvents());
  if (failed(targets) || int64_t(targets->size()) != neurons)
    return emitRuleError(op, "alias")
           << "alias has " << alias.getNumElements() << " values of "
           << alias.getShapedType().getElementType() << ", but needs "
           << neurons << " integers (one per neuron)";
  for (auto [n, target] : llvm::enumerate(*targets))
    if (target < -1 || target >= neurons || target == int64_t(n))
      return emitRuleError(op, "alias")
             << "neuron " << int64_t(n) << " has alias " << target
             << ", but another one of 0 to " << neurons - 1
             << ", or -1, is possible";
  return success();
}

#define NMC_MEMBRANE(OpT, WORDS, ...)                                          \
  StringRef OpT::getPopulationName() { return getName(); }                     \
  void OpT::getAsmResultNames(mlir::OpAsmSetValueNameFn setName) {             \
    nameResult(*this, setName);                                                \
  }                                                                            \
  DynamicsAttr OpT::getDynamicsOrNull() { return getDynamicsAttr(); }          \
  int64_t OpT::getStateWords() { return WORDS; }                               \
  Parameters OpT::getParameters() { return present({__VA_ARGS__}); }

#define NMC_PLAIN_MEMBRANE(OpT, WORDS, ...)                                    \
  NMC_MEMBRANE(OpT, WORDS, __VA_ARGS__)                                        \
  LogicalResult OpT::verify() { return verifyMembrane(*this); }

#define NMC_CUBA_MEMBRANE(OpT, ...)                                            \
  NMC_MEMBRANE(OpT, 1 + getReceptorCount(), {"tau_syn", getTauSynAttr()},      \
               {"tau_mem", getTauMemAttr()}, {"r", getRAttr()},                \
               {"v_leak", getVLeakAttr()}, {"w_in", getWInAttr()},             \
               {"bias", getBiasAttr()}, __VA_ARGS__)                           \
  int64_t OpT::getReceptorCount() {                                            \
    return getReceptors() ? getLeadingExtent(getTauSynAttr()) : 1;             \
  }

NMC_PLAIN_MEMBRANE(IfOp, 1, {"threshold", getThresholdAttr()}, {"r", getRAttr()},
             {"v_reset", getVResetAttr()})
NMC_PLAIN_MEMBRANE(LifOp, 1, {"tau", getTauAttr()}, {"threshold", getThresholdAttr()},
             {"r", getRAttr()}, {"v_leak", getVLeakAttr()},
             {"v_reset", getVResetAttr()})
NMC_CUBA_MEMBRANE(CubaLifOp, {"threshold", getThresholdAttr()},
                  {"v_reset", getVResetAttr()})
LogicalResult CubaLifOp::verify() {
  return success(succeeded(verifyMembrane(*this)) &&
                 succeeded(verifyReceptors(*this)) &&
                 succeeded(verifyAlias(*this)));
}
NMC_PLAIN_MEMBRANE(LiOp, 1, {"tau", getTauAttr()}, {"r", getRAttr()},
             {"v_leak", getVLeakAttr()})
NMC_CUBA_MEMBRANE(CubaLiOp)
LogicalResult CubaLiOp::verify() {
  return success(succeeded(verifyMembrane(*this)) &&
                 succeeded(verifyReceptors(*this)));
}
NMC_PLAIN_MEMBRANE(IntegratorOp, 1, {"r", getRAttr()})
NMC_PLAIN_MEMBRANE(ThresholdOp, 0, {"threshold", getThresholdAttr()})
NMC_MEMBRANE(SigmaDeltaOp, 2, {"threshold", getThresholdAttr()},
             {"bias", getBiasAttr()})
/// Rule `event-shift`.
LogicalResult SigmaDeltaOp::verify() {
  if (int64_t shift = getEventShift(); shift < 0 || shift > 62)
    return emitRuleError(*this, "event-shift")
           << "event_shift is " << shift
           << ", but 0 to 62 are possible";
  return verifyMembrane(*this);
}

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
  Type port = getElementType(getPort()), events = getElementType(getEvents());
  if (port == events || isa<FloatType>(events))
    return success();
  auto from = dyn_cast<mlir::IntegerType>(port);
  auto to = dyn_cast<mlir::IntegerType>(events);
  if (!from || !to || from.isSigned() || to.isSigned() ||
      to.getWidth() > from.getWidth())
    return emitRuleError(*this, "input-port")
           << "turns " << port << " into " << events
           << "; both must be equal, the events real, or counts of fewer "
              "unsigned bits";
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
