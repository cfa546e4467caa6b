//===- SpikeAttributes.cpp - Dynamics, arithmetic, weights ----------------===//

#include "dialects/Spike/Spike.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace nmc;
using namespace nmc::spike;

#define GET_ATTRDEF_CLASSES
#include "dialects/Spike/SpikeAttributes.cpp.inc"

void SpikeDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Spike/SpikeAttributes.cpp.inc"
      >();
}

LogicalResult FixedAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                unsigned stateBits, unsigned weightBits,
                                unsigned frac, Rounding, Overflow,
                                unsigned decayBits) {
  if (stateBits < 2 || stateBits > 64)
    return emitError() << "state_bits is " << stateBits
                       << ", but 2 to 64 are possible [fixed-width]";
  if (weightBits < 1 || weightBits > 32)
    return emitError() << "weight_bits is " << weightBits
                       << ", but 1 to 32 are possible [fixed-width]";
  if (frac >= stateBits)
    return emitError() << "frac is " << frac << ", but the state has only "
                       << stateBits << " bits [fixed-width]";
  if (decayBits > 30)
    return emitError() << "decay_bits is " << decayBits
                       << ", but at most 30 are possible [fixed-width]";
  return success();
}

LogicalResult DynamicsAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   DecayKind decay, InputGain gain,
                                   SynapseOrder, Order order, Compare,
                                   Reset reset, int64_t maxSpikes,
                                   FloatAttr vFloor, FloatAttr vCeiling,
                                   int64_t refractory,
                                   ElementsAttr refractoryEach,
                                   int64_t outputDelay,
                                   int64_t clearPeriod, int64_t clearOffset,
                                   bool, mlir::TypedAttr vInit,
                                   FixedAttr arithmetic) {
  if (maxSpikes < 1)
    return emitError() << "max_spikes_per_step is " << maxSpikes
                       << ", but must be at least 1 [dynamics-range]";
  for (auto [name, steps] :
       {std::pair<StringRef, int64_t>("refractory", refractory),
        {"output_delay", outputDelay},
        {"clear_period", clearPeriod},
        {"clear_offset", clearOffset}})
    if (steps < 0 || steps > kMaxSteps)
      return emitError() << name << " is " << steps << ", but must be 0 to "
                         << kMaxSteps << " steps [dynamics-range]";
  if (refractory && refractoryEach)
    return emitError() << "states both refractory = " << refractory
                       << " and refractory_each [dynamics-range]";
  if (vFloor && vCeiling &&
      !(vFloor.getValueAsDouble() <= vCeiling.getValueAsDouble()))
    return emitError() << "v_floor is " << vFloor.getValueAsDouble()
                       << ", which exceeds v_ceiling "
                       << vCeiling.getValueAsDouble() << " [dynamics-range]";
  if (order == Order::WithinStep &&
      (arithmetic || decay != DecayKind::Exponential ||
       gain != InputGain::Exponential || reset == Reset::Subtract ||
       refractory || refractoryEach))
    return emitError() << "order = within_step needs float arithmetic, decay "
                          "and input_gain exponential, reset to zero or a "
                          "value, and no refractory time [dynamics-range]";
  if (vInit && !isa<FloatAttr, IntegerAttr, ElementsAttr>(vInit))
    return emitError() << "v_init must be a number or an elements attribute "
                          "[dynamics-range]";
  return success();
}

Dynamics::Dynamics(DynamicsAttr attr) {
  if (!attr)
    return;
  decay = attr.getDecay();
  inputGain = attr.getInputGain();
  synapseOrder = attr.getSynapseOrder();
  order = attr.getOrder();
  compare = attr.getCompare();
  reset = attr.getReset();
  maxSpikesPerStep = attr.getMaxSpikesPerStep();
  vFloor = attr.getVFloor();
  vCeiling = attr.getVCeiling();
  refractory = attr.getRefractory();
  refractoryEach = attr.getRefractoryEach();
  outputDelay = attr.getOutputDelay();
  clearPeriod = attr.getClearPeriod();
  clearOffset = attr.getClearOffset();
  biasAtT0 = attr.getBiasAtT0();
  vInit = attr.getVInit();
  arithmetic = attr.getArithmetic();
}

DynamicsAttr Dynamics::get(MLIRContext *context) const {
  return DynamicsAttr::get(context, decay, inputGain, synapseOrder, order,
                           compare, reset, maxSpikesPerStep, vFloor, vCeiling,
                           refractory, refractoryEach, outputDelay, clearPeriod, clearOffset,
                           biasAtT0, vInit,
                           arithmetic);
}

Attribute AbstractAttr::parse(mlir::AsmParser &parser, Type) {
  RankedTensorType type;
  double density = 1.0;
  if (parser.parseLess() || parser.parseType(type))
    return {};
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("density") || parser.parseEqual() ||
       parser.parseFloat(density)))
    return {};
  if (parser.parseGreater())
    return {};
  MLIRContext *context = parser.getContext();
  return parser.getChecked<AbstractAttr>(
      context, type, FloatAttr::get(mlir::Float64Type::get(context), density));
}

void AbstractAttr::print(mlir::AsmPrinter &printer) const {
  printer << "<" << getType();
  if (getDensity().getValueAsDouble() != 1.0) {
    printer << ", density = ";
    printer.printFloat(getDensity().getValue());
  }
  printer << ">";
}

LogicalResult AbstractAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   RankedTensorType type, FloatAttr density) {
  if (!type.hasStaticShape())
    return emitError()
           << "abstract weights need a tensor type of static shape, "
              "not "
           << type << " [abstract-type]";
  double value = density.getValueAsDouble();
  if (!(value > 0 && value <= 1))
    return emitError() << "density is " << value
                       << ", but must be above 0 and at most 1 "
                          "[abstract-density]";
  return success();
}

LogicalResult RangeAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                FloatAttr min, FloatAttr max, FloatAttr p999,
                                FloatAttr mseScale, int64_t samples,
                                StringAttr) {
  for (FloatAttr value : {min, max, p999, mseScale})
    if (!std::isfinite(value.getValueAsDouble()))
      return emitError() << "range holds a value that is not finite "
                            "[range-order]";
  if (min.getValueAsDouble() > max.getValueAsDouble())
    return emitError() << "min " << min.getValueAsDouble() << " exceeds max "
                       << max.getValueAsDouble() << " [range-order]";
  if (samples < 1)
    return emitError() << "samples is " << samples
                       << ", but a range comes from at least 1 [range-order]";
  return success();
}

LogicalResult RequantAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  int64_t multiplier, int64_t shift, int64_t,
                                  Rounding) {
  if (multiplier <= 0 || multiplier >= (int64_t(1) << 31))
    return emitError() << "multiplier is " << multiplier
                       << ", but must be 1 to 2^31 - 1 [requant-range]";
  if (shift < 0 || shift > 62)
    return emitError() << "shift is " << shift
                       << ", but must be 0 to 62 [requant-range]";
  return success();
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

int64_t spike::getParameterIndex(ElementsAttr attr, ArrayRef<int64_t> shape,
                                 int64_t index) {
  int64_t count = attr.getNumElements();
  if (count == 1)
    return 0;
  int64_t elements = ShapedType::getNumElements(shape);
  if (count == elements)
    return index;
  return index / (elements / shape.front()); // one per channel
}
