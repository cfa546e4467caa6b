//===- ProfileQuantize.cpp - A network in a platform's numbers ------------===//

#include "ProfileQuantize.h"
#include "Quantize.h"
#include "ViewTypes.h"

#include "nmc/Support/Blob.h"

#include <cmath>

using namespace nmc;
using namespace nmc::quantize;
using namespace nmc::spike;

ProfileQuantizer::~ProfileQuantizer() = default;

int64_t ProfileDrive::getNeuron(size_t i) const {
  Operation *raw = op;
  if (isUniform)
    return 0;
  if (!offsets.empty())
    return llvm::upper_bound(offsets, int64_t(i)) - offsets.begin() - 1;
  ArrayRef<int64_t> shape =
      cast<ElementsAttr>(op.getWeightsOrNull()).getShapedType().getShape();
  int64_t taps = 1;
  if (isa<DenseOp>(raw))
    return int64_t(i) / shape.back();
  if (isa<ScaleOp>(raw)) {
    int64_t neurons = getNumElements(op.getTarget());
    return int64_t(i) * (neurons / int64_t(weights.size()));
  }
  for (int64_t extent : shape.drop_front(2))
    taps *= extent;
  if (auto conv = dyn_cast<TransposedConvOp>(raw)) {
    int64_t perGroup = shape[1], inPerGroup = shape[0] / conv.getGroups();
    int64_t in = int64_t(i) / (perGroup * taps);
    int64_t out = int64_t(i) / taps % perGroup;
    return (in / inPerGroup * perGroup + out) * neuronsPerRow;
  }
  return int64_t(i) / (shape[1] * taps) * neuronsPerRow;
}

double ProfileDrive::largest() const {
  double most = 0;
  for (double weight : weights)
    most = std::max(most, std::abs(weight));
  return most;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

int64_t ProfileQuantizer::get(StringRef parameter) const {
  if (target) {
    if (std::optional<int64_t> stated = target->integer(parameter))
      return *stated;
    if (std::vector<int64_t> all = target->integers(parameter); !all.empty())
      return *std::max_element(all.begin(), all.end());
  }
  return profile.quantizer->get(parameter);
}

FixedAttr ProfileQuantizer::getArithmetic() const {
  FixedAttr a = profile.arithmetic;
  auto width = [&](StringRef name, int64_t own, int64_t low, int64_t high) {
    if (!target)
      return unsigned(own);
    return unsigned(std::clamp(target->integer(name).value_or(own), low, high));
  };
  unsigned stateBits = width("state_bits", a.getStateBits(), 2, 64);
  int64_t weightBits = a.getWeightBits();
  if (target && !target->integers("weight_bits").empty())
    weightBits = std::clamp<int64_t>(get("weight_bits"), 1, 32);
  return FixedAttr::get(context, stateBits, unsigned(weightBits),
                        width("frac", a.getFrac(), 0, int64_t(stateBits) - 1),
                        a.getRounding(), a.getOverflow(),
                        width("decay_bits", a.getDecayBits(), 0, 30));
}

/// The pool that a connection reads through views, made its own where others
/// read it too: what it divides by goes into the weights of each.
Operation *ProfileQuantizer::ownPool(ConnectionOpInterface connection,
                                     Operation *pool) {
  SmallVector<Operation *> chain; // from the connection to the pool
  bool shared = false;
  for (Operation *op = connection.getSource().getDefiningOp();;
       op = op->getOperand(0).getDefiningOp()) {
    chain.push_back(op);
    shared |= !op->getResult(0).hasOneUse();
    if (op == pool)
      break;
  }
  if (!shared)
    return pool;
  mlir::OpBuilder builder(connection);
  Value value = pool->getOperand(0);
  Operation *copy = nullptr;
  for (Operation *op : llvm::reverse(chain)) {
    Operation *own = builder.clone(*op);
    own->setOperand(0, value);
    value = own->getResult(0);
    copy = copy ? copy : own;
  }
  connection->setOperand(0, value);
  return copy;
}

FailureOr<SmallVector<ProfileDrive, 0>> ProfileQuantizer::gather(Neurons &n) {
  SmallVector<ProfileDrive, 0> drives;
  for (Value current : n.op.getDrives()) {
    while (Operation *op = current.getDefiningOp()) {
      if (!isa<ViewOpInterface>(op) || op->getNumOperands() != 1)
        break;
      current = op->getOperand(0);
    }
    auto connection =
        dyn_cast_if_present<ConnectionOpInterface>(current.getDefiningOp());
    if (!connection)
      return emitRuleError(n.op, "profile-chain")
             << "is driven by something else than connections";
    ProfileDrive drive;
    drive.op = connection;
    Value source = connection.getSource();
    while (Operation *op = source.getDefiningOp()) {
      if (!isa<ViewOpInterface>(op) || !isa<CurrentType>(source.getType()) ||
          op->getNumOperands() != 1)
        break;
      source = op->getOperand(0);
    }
    if (isa<CurrentType>(source.getType())) {
      drive.pool = source.getDefiningOp();
      bool pools = isa_and_present<SumPoolOp, AvgPoolOp>(drive.pool) &&
                   isa<StreamType>(drive.pool->getOperand(0).getType());
      if (!pools || profile.quantizer->name != "joint_scale")
        return emitRuleError(connection, "profile-chain")
               << "reads what another connection sums up, and the two could "
                  "not be merged into one set of weights";
      drive.pool = ownPool(connection, drive.pool);
    }
    Operation *op = connection;
    if (isa<SumPoolOp, AvgPoolOp, IdentityOp>(op)) {
      drive.isUniform = true;
      double weight = 1;
      if (auto number = op->getAttrOfType<FloatAttr>("weight"))
        weight = number.getValueAsDouble();
      else if (auto integer = op->getAttrOfType<IntegerAttr>("weight"))
        weight = double(integer.getInt());
      if (auto pool = dyn_cast<AvgPoolOp>(op))
        weight = 1.0 / double(ShapedType::getNumElements(pool.getKernel()));
      drive.weights = {weight};
    } else {
      auto elements =
          dyn_cast_if_present<ElementsAttr>(connection.getWeightsOrNull());
      if (!elements)
        return emitRuleError(op, "weights-abstract")
               << "weights are abstract: there is nothing to quantise";
      FailureOr<Values> values = readValues(op, "weights", elements, 0);
      FailureOr<SmallVector<double, 0>> list = getElementsAsDoubles(elements);
      if (failed(values) || failed(list))
        return failure();
      drive.weights = std::move(*list);
    }
    if (isa<SparseOp>(op)) {
      SmallVector<int64_t> offsets, sources;
      (void)connection.getIncidence(offsets, sources);
      drive.offsets.assign(offsets.begin(), offsets.end());
    }
    if (isa<ConvOp, TransposedConvOp>(op)) {
      ArrayRef<int64_t> shape = getShape(connection.getTarget());
      drive.neuronsPerRow = getNumElements(connection.getTarget()) / shape[0];
    }
    if (ElementsAttr bias = connection.getBiasOrNull()) {
      FailureOr<SmallVector<double, 0>> values = getElementsAsDoubles(bias);
      if (failed(values))
        return emitRuleError(op, "bias-type") << "biases cannot be read";
      drive.bias = std::move(*values);
    }
    drives.push_back(std::move(drive));
  }
  return drives;
}

Values ProfileQuantizer::getFactor(Neurons &n) const {
  auto times = [](double a, double b) { return a * b; };
  Values factor = n.getGain(dt).combine(n.r, times);
  return n.synapse ? factor.combine(n.wIn, times) : factor;
}

Values ProfileQuantizer::getSynapseSum(Neurons &n) const {
  if (!n.synapse)
    return Values(1.0);
  // Integer decays keep what Euler or an exponential would; the two agree here
  // to first order, and Euler is what r·dt/tau goes with.
  bool exponential = n.dynamics.decay == DecayKind::Exponential;
  bool late = n.dynamics.synapseOrder == SynapseOrder::AddThenDecay;
  return n.tauSyn.map([&](double tau) {
    double alpha = exponential || n.dynamics.decay == DecayKind::BitShift
                       ? std::exp(-dt / tau)
                       : 1 - dt / tau;
    return (late ? alpha : 1) / (1 - alpha);
  });
}

LogicalResult ProfileQuantizer::scale(Neurons &n, ProfileDrive &drive,
                                      const Values &factor) {
  if (factor.isUniform()) {
    for (double &weight : drive.weights)
      weight *= factor.list[0];
    for (double &bias : drive.bias)
      bias *= factor.list[0];
    return success();
  }
  // Neurons of a row must agree.
  bool agree = !drive.isUniform;
  for (int64_t row = 0; agree && row < n.count; row += drive.neuronsPerRow)
    for (int64_t k = 1; k < drive.neuronsPerRow; ++k)
      agree &= factor.at(row, n.count) == factor.at(row + k, n.count);
  if (!agree)
    return emitRuleError(drive.op, "profile-uniform")
           << "shares weights among neurons of population '" << n.getName()
           << "', whose gains r·w_in differ (" << factor.str()
           << "), so that the gains cannot go into the weights";
  for (auto [i, weight] : llvm::enumerate(drive.weights))
    weight *= factor.at(drive.getNeuron(i), n.count);
  int64_t run = drive.bias.empty() ? 1 : n.count / int64_t(drive.bias.size());
  for (auto [i, bias] : llvm::enumerate(drive.bias))
    bias *= factor.at(int64_t(i) * run, n.count);
  return success();
}

FailureOr<double>
ProfileQuantizer::scaleAll(Neurons &n, MutableArrayRef<ProfileDrive> drives) {
  Values factor = getFactor(n);
  for (ProfileDrive &drive : drives)
    if (failed(scale(n, drive, factor)))
      return failure();
  return factor.isUniform() ? factor.list[0] : 1.0;
}

SmallVector<double, 0>
ProfileQuantizer::sumBiases(Neurons &n, ArrayRef<ProfileDrive> drives) {
  SmallVector<double, 0> sum;
  for (const ProfileDrive &drive : drives) {
    if (drive.bias.empty())
      continue;
    sum.resize(n.count, 0.0);
    for (auto [own, bias] : llvm::zip(sum, spread(drive.bias, n.count)))
      own += bias;
  }
  return sum;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// The current and the views on it get an element type.
void ProfileQuantizer::followViews(Value current, Type element) {
  SmallVector<Value> work = {current};
  while (!work.empty()) {
    Value value = work.pop_back_val();
    value.setType(CurrentType::get(context, getShape(value), element));
    for (Operation *user : value.getUsers())
      if (isa<ViewOpInterface>(user))
        work.push_back(user->getResult(0));
  }
}

void ProfileQuantizer::setWeights(ProfileDrive &drive,
                                  ArrayRef<int32_t> weights, int64_t exponent,
                                  double unit) {
  mlir::OpBuilder builder(drive.op);
  Operation *op = drive.op;
  Type current = builder.getIntegerType(profile.currentBits);
  auto toSum = [&](AvgPoolOp pool, mlir::TypedAttr weight) {
    auto sum =
        SumPoolOp::create(builder, pool.getLoc(), pool.getTarget().getType(),
                          pool.getSource(), pool.getKernelAttr(),
                          pool.getStridesAttr(), pool.getPadsAttr(), weight);
    pool.getTarget().replaceAllUsesWith(sum.getTarget());
    pool.erase();
    return sum;
  };
  if (drive.pool) {
    // Events are summed on the way; what a mean divides by is in the weights.
    builder.setInsertionPoint(drive.pool);
    if (auto mean = dyn_cast<AvgPoolOp>(drive.pool))
      drive.pool = toSum(mean, mlir::TypedAttr());
    drive.pool->removeAttr("weight");
    followViews(drive.pool->getResult(0), current);
    builder.setInsertionPoint(drive.op);
  }
  if (drive.isUniform) {
    auto weight = builder.getI32IntegerAttr(weights[0]);
    if (auto pool = dyn_cast<AvgPoolOp>(op))
      drive.op = toSum(pool, weight);
    else
      op->setAttr("weight", weight);
  } else {
    ArrayRef<int64_t> shape = cast<ElementsAttr>(drive.op.getWeightsOrNull())
                                  .getShapedType()
                                  .getShape();
    auto [low, high] = std::minmax_element(weights.begin(), weights.end());
    unsigned bits = *low >= -128 && *high <= 127       ? 8
                    : *low >= -32768 && *high <= 32767 ? 16
                                                       : 32;
    auto type = RankedTensorType::get(shape, builder.getIntegerType(bits));
    std::string name =
        (op->getName().stripDialect() + ".i" + Twine(bits)).str();
    auto put = [&](auto sample) {
      SmallVector<decltype(sample), 0> list(weights.begin(), weights.end());
      op->setAttr("weights",
                  makeElements(type,
                               ArrayRef(reinterpret_cast<char *>(list.data()),
                                        list.size() * sizeof(sample)),
                               name));
    };
    if (bits == 8)
      put(int8_t());
    else if (bits == 16)
      put(int16_t());
    else
      put(int32_t());
    if (exponent != 0)
      op->setAttr("exponent", builder.getI64IntegerAttr(exponent));
    if (isa<DenseOp, ConvOp, TransposedConvOp>(op))
      op->setAttr("weight_type",
                  TypeAttr::get(mlir::quant::UniformQuantizedType::get(
                      mlir::quant::QuantizationFlags::Signed,
                      builder.getIntegerType(bits), builder.getF32Type(),
                      roundScale(unit), 0, -(int64_t(1) << (bits - 1)),
                      (int64_t(1) << (bits - 1)) - 1)));
  }
  if (drive.op->hasAttr("bias"))
    drive.op->removeAttr("bias");
  followViews(drive.op.getTarget(), current);
}

void ProfileQuantizer::setFloatWeights(ProfileDrive &drive,
                                       ArrayRef<double> weights) {
  mlir::OpBuilder builder(drive.op);
  Operation *op = drive.op;
  if (op->hasAttr("bias"))
    op->removeAttr("bias");
  if (drive.isUniform) {
    auto weight = builder.getF32FloatAttr(float(weights[0]));
    if (auto pool = dyn_cast<AvgPoolOp>(op)) {
      auto sum =
          SumPoolOp::create(builder, op->getLoc(), pool.getTarget().getType(),
                            pool.getSource(), pool.getKernelAttr(),
                            pool.getStridesAttr(), pool.getPadsAttr(), weight);
      pool.getTarget().replaceAllUsesWith(sum.getTarget());
      pool.erase();
      drive.op = sum;
      return;
    }
    op->setAttr("weight", weight);
    return;
  }
  SmallVector<float, 0> floats(weights.begin(), weights.end());
  ArrayRef<int64_t> shape = cast<ElementsAttr>(drive.op.getWeightsOrNull())
                                .getShapedType()
                                .getShape();
  op->setAttr("weights",
              makeElements(RankedTensorType::get(shape, builder.getF32Type()),
                           ArrayRef<float>(floats),
                           (op->getName().stripDialect() + ".scaled").str()));
}

LogicalResult ProfileQuantizer::setBias(Neurons &n,
                                        MutableArrayRef<ProfileDrive> drives,
                                        ArrayRef<double> bias) {
  if (llvm::all_of(bias, [](double b) { return b == 0; }))
    return success();
  bool integer = bool(profile.arithmetic);
  auto make = [&](ArrayRef<double> values, ArrayRef<int64_t> shape) {
    Values list;
    list.list.assign(values.begin(), values.end());
    if (integer)
      return list.toInts(shape, context);
    return list.toFloats(shape, context);
  };
  if (n.synapse) {
    n.op->setAttr("bias", make(bias, n.getShape()));
    return success();
  }
  // Beside the weights of a connection that can hold it: one number per neuron,
  // or per channel where its neurons agree.
  for (ProfileDrive &drive : drives) {
    Operation *op = drive.op;
    if (!isa<DenseOp, ConvOp, TransposedConvOp>(op) ||
        getNumElements(drive.op.getTarget()) != n.count)
      continue;
    SmallVector<double, 0> rows;
    bool agree = true;
    for (int64_t row = 0; row < n.count; row += drive.neuronsPerRow) {
      rows.push_back(bias[row]);
      agree &= llvm::all_equal(bias.slice(row, drive.neuronsPerRow));
    }
    if (!agree)
      continue;
    auto type =
        RankedTensorType::get({int64_t(rows.size())},
                              integer ? Type(IntegerType::get(context, 32))
                                      : Type(mlir::Float32Type::get(context)));
    if (integer) {
      SmallVector<int32_t> list(rows.begin(), rows.end());
      op->setAttr("bias",
                  DenseElementsAttr::get(type, ArrayRef<int32_t>(list)));
    } else {
      SmallVector<float> list(rows.begin(), rows.end());
      op->setAttr("bias", DenseElementsAttr::get(type, ArrayRef<float>(list)));
    }
    return success();
  }
  return emitRuleError(n.op, "profile-bias")
         << "has a bias that none of its connections can hold";
}

void ProfileQuantizer::setPopulation(Neurons &n,
                                     const std::optional<Values> &tau,
                                     const std::optional<Values> &tauSyn,
                                     const std::optional<Values> &threshold,
                                     double stateUnit) {
  bool integer = bool(profile.arithmetic);
  auto set = [&](StringRef name, const std::optional<Values> &values) {
    if (values)
      rewriteAttribute(n.op, name,
                       integer ? values->toInts(n.getShape(), context)
                               : values->toFloats(n.getShape(), context));
  };
  set(n.tauName(), tau);
  set("tau_syn", tauSyn);
  if (n.spikes)
    set("threshold", threshold);
  for (StringRef name : {"r", "w_in"})
    rewriteAttribute(n.op, name, {});
  if (integer) {
    rewriteAttribute(n.op, "v_leak", {});
    rewriteAttribute(n.op, "v_reset", {});
    n.dynamics.arithmetic = getArithmetic();
    // A chip of narrower states has nearer rails.
    double rail =
        std::ldexp(1.0, int(n.dynamics.arithmetic.getStateBits()) - 1) - 1;
    mlir::Builder builder(context);
    if (n.dynamics.vFloor && n.dynamics.vFloor.getValueAsDouble() < -rail)
      n.dynamics.vFloor = builder.getF64FloatAttr(-rail);
    if (n.dynamics.vCeiling && n.dynamics.vCeiling.getValueAsDouble() > rail)
      n.dynamics.vCeiling = builder.getF64FloatAttr(rail);
  }
  n.dynamics.inputGain = InputGain::Unit;
  n.op->setAttr("dynamics", n.dynamics.get(context));
  if (n.spikes)
    return;
  // Membranes that are read out: integers, which the host scales.
  Value events = n.op.getEvents();
  outputScales[events] = stateUnit;
  if (integer) {
    unsigned bits = n.dynamics.arithmetic.getStateBits() <= 32 ? 32 : 64;
    events.setType(
        StreamType::get(context, n.getShape(),
                        IntegerType::get(context, bits, IntegerType::Signed)));
  }
}

void ProfileQuantizer::warnOfBias(Neurons &n, ArrayRef<ProfileDrive> drives) {
  SmallVector<double, 0> bias = sumBiases(n, drives);
  if (!n.synapse || llvm::all_of(bias, [](double b) { return b == 0; }))
    return;
  Values values;
  values.list.assign(bias.begin(), bias.end());
  emitRuleWarning(n.getLoc(), "profile-bias")
      << "population '" << n.getName() << "': bias " << values.str()
      << " of its connections drives the membrane in every step, not the "
         "synaptic current, which would reach as much in time";
}

InFlightDiagnostic ProfileQuantizer::remark(Neurons &n) {
  return mlir::emitRemark(n.getLoc()) << "population '" << n.getName() << "': ";
}

/// What was an analogue readout gets the scale of its integers.
void ProfileQuantizer::finishHost() {
  mlir::Builder builder(context);
  network->getParentOfType<ModuleOp>().walk([&](RunOp run) {
    if (run.getNetwork() != network.getSymName())
      return;
    for (auto [value, stream] :
         llvm::zip(run.getOutputs(), network.getOutput().getStreams())) {
      Value source = stream;
      while (Operation *op = source.getDefiningOp()) {
        if (!isa<ViewOpInterface>(op))
          break;
        source = op->getOperand(0);
      }
      auto scale = outputScales.find(source);
      if (scale == outputScales.end())
        continue;
      for (Operation *user : value.getUsers())
        if (auto decode = dyn_cast<DecodeOp>(user)) {
          double before =
              decode.getScale() ? decode.getScale()->convertToDouble() : 1.0;
          decode.setScaleAttr(builder.getF64FloatAttr(before * scale->second));
        }
    }
  });
}

LogicalResult ProfileQuantizer::run(MutableArrayRef<Neurons> neurons) {
  bool failedAny = false;
  for (Neurons &n : neurons) {
    FailureOr<SmallVector<ProfileDrive, 0>> drives = gather(n);
    failedAny |= failed(drives) || failed(quantize(n, *drives));
  }
  if (failedAny)
    return failure();
  propagatePayloads(network);
  finishHost();
  return success();
}

LogicalResult nmc::quantizeByProfile(NetworkOp network,
                                     const target::ExecutionProfile &profile,
                                     MutableArrayRef<Neurons> neurons,
                                     double dt,
                                     const target::TargetInfo *target) {
  return makeProfileQuantizer(network, profile, dt, target)->run(neurons);
}
