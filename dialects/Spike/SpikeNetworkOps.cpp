//===- SpikeNetworkOps.cpp - The network and its host side ----------------===//

#include "dialects/Spike/Spike.h"
#include "nmc/Support/Rule.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace nmc;
using namespace nmc::spike;

#define GET_OP_CLASSES
#include "dialects/Spike/SpikeOps.cpp.inc"

//===----------------------------------------------------------------------===//
// NetworkOp
//===----------------------------------------------------------------------===//

mlir::ParseResult NetworkOp::parse(mlir::OpAsmParser &parser,
                                   mlir::OperationState &result) {
  auto buildFuncType =
      [](mlir::Builder &builder, ArrayRef<Type> arguments,
         ArrayRef<Type> results, mlir::function_interface_impl::VariadicFlag,
         std::string &) { return builder.getFunctionType(arguments, results); };
  return mlir::function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false,
      getFunctionTypeAttrName(result.name), buildFuncType,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void NetworkOp::print(mlir::OpAsmPrinter &printer) {
  mlir::function_interface_impl::printFunctionOp(
      printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
      getArgAttrsAttrName(), getResAttrsAttrName());
}

mlir::RegionKind NetworkOp::getRegionKind(unsigned) {
  return mlir::RegionKind::Graph;
}

SmallVector<PopulationOpInterface> NetworkOp::getPopulations() {
  SmallVector<PopulationOpInterface> populations;
  for (Operation &op : getBody().front())
    if (auto population = dyn_cast<PopulationOpInterface>(op))
      populations.push_back(population);
  return populations;
}

PopulationOpInterface NetworkOp::lookupPopulation(StringRef name) {
  for (Operation &op : getBody().front())
    if (auto population = dyn_cast<PopulationOpInterface>(op))
      if (population.getPopulationName() == name)
        return population;
  return {};
}

OutputOp NetworkOp::getOutput() {
  return cast<OutputOp>(getBody().front().getTerminator());
}

/// Rule `network-steps`.
static LogicalResult verifySteps(Operation *op, int64_t steps) {
  if (steps < 1 || steps > kMaxSteps)
    return emitRuleError(op, "network-steps")
           << "steps is " << steps << ", but must be 1 to " << kMaxSteps;
  return success();
}

/// Verifies `network-dt`, `network-steps` and that arguments are streams.
LogicalResult NetworkOp::verify() {
  if (std::optional<llvm::APFloat> dt = getDt()) {
    double value = dt->convertToDouble();
    if (!std::isfinite(value) || value <= 0)
      return emitRuleError(*this, "network-dt")
             << "dt is " << value << " s, but must be finite and positive";
  }
  if (std::optional<uint64_t> steps = getSteps())
    if (failed(verifySteps(*this, *steps)))
      return failure();
  if (getBody().empty())
    return emitRuleError(*this, "network-io") << "has no body";
  if (getBody().front().getArgumentTypes() != getArgumentTypes())
    return emitRuleError(*this, "network-io")
           << "block arguments do not match the network's type";
  for (Type type :
       llvm::concat<const Type>(getArgumentTypes(), getResultTypes()))
    if (!isa<StreamType>(type))
      return emitRuleError(*this, "network-io")
             << "takes and returns streams, not " << type;
  return success();
}

/// Whether what `op` sends in a step does not depend on what it gets in it.
static bool sendsLate(Operation *op) {
  if (isa<DelayOp>(op))
    return true;
  auto population = dyn_cast<PopulationOpInterface>(op);
  DynamicsAttr dynamics =
      population ? population.getDynamicsOrNull() : DynamicsAttr();
  return dynamics && dynamics.getOutputDelay() > 0;
}

/// Rule `cycle-delay`: depth-first search over the ops of the body, from each
/// op to those that define its operands, not through delays.
static LogicalResult verifyCycles(NetworkOp network) {
  enum class Mark { Active, Done };
  DenseMap<Operation *, Mark> marks;
  // The search path: an op and the operand that is looked at next.
  SmallVector<std::pair<Operation *, unsigned>> path;
  for (Operation &root : network.getBody().front()) {
    if (!marks.try_emplace(&root, Mark::Active).second)
      continue;
    path.assign(1, {&root, 0});
    while (!path.empty()) {
      auto &[op, next] = path.back();
      if (sendsLate(op) || next == op->getNumOperands()) {
        marks[op] = Mark::Done;
        path.pop_back();
        continue;
      }
      Operation *source = op->getOperand(next++).getDefiningOp();
      if (!source)
        continue;
      auto [entry, isNew] = marks.try_emplace(source, Mark::Active);
      if (isNew) {
        path.push_back({source, 0});
        continue;
      }
      if (entry->second == Mark::Done)
        continue;
      auto diag = emitRuleError(source, "cycle-delay")
                  << "lies on a cycle that passes no spike.delay and no "
                     "population with an output_delay; insert a 'spike.delay "
                     "... by 1' on the recurrent edge";
      for (auto &[member, unused] : llvm::reverse(path)) {
        if (member == source)
          break;
        diag.attachNote(member->getLoc()) << "the cycle passes here";
      }
      return diag;
    }
  }
  return success();
}

/// Verifies `population-name`, `network-io` and `cycle-delay`.
LogicalResult NetworkOp::verifyRegions() {
  auto output = dyn_cast<OutputOp>(getBody().front().getTerminator());
  if (!output)
    return emitRuleError(*this, "network-io") << "must end with spike.output";
  if (output.getStreams().getTypes() != getResultTypes())
    return emitRuleError(output, "network-io")
           << "returns (" << output.getStreams().getTypes()
           << "), but the network declares (" << getResultTypes() << ")";
  llvm::StringMap<Operation *> names;
  for (PopulationOpInterface population : getPopulations()) {
    auto [entry, isNew] =
        names.try_emplace(population.getPopulationName(), population);
    if (isNew)
      continue;
    auto diag = emitRuleError(population, "population-name")
                << "name '" << population.getPopulationName()
                << "' is taken already";
    diag.attachNote(entry->second->getLoc()) << "by this population";
    return diag;
  }
  return verifyCycles(*this);
}

//===----------------------------------------------------------------------===//
// Host side
//===----------------------------------------------------------------------===//

/// Rule `encode-shape`: the tensor is static and has the stream's shape, or one
/// leading axis of extent 1 before it (`timeAxis`: any leading extent).
static LogicalResult verifyHostShape(Operation *op, Type tensorType,
                                     Type streamType, bool timeAxis) {
  auto tensor = cast<RankedTensorType>(tensorType);
  auto stream = cast<StreamType>(streamType);
  ArrayRef<int64_t> shape = tensor.getShape();
  bool fits = shape == stream.getShape();
  if (shape.size() == stream.getShape().size() + 1)
    fits = shape.drop_front() == stream.getShape() &&
           (timeAxis || shape.front() == 1);
  if (tensor.hasStaticShape() && fits)
    return success();
  return emitRuleError(op, "encode-shape")
         << "tensor " << tensor << " and stream " << stream
         << " do not have the same shape, apart from a leading "
         << (timeAxis ? "time axis" : "batch axis of extent 1");
}

LogicalResult EncodeOp::verify() {
  return verifyHostShape(*this, getValue().getType(), getStream().getType(),
                         getEncoding() == Encoding::Events);
}

LogicalResult DecodeOp::verify() {
  return verifyHostShape(*this, getValue().getType(), getStream().getType(),
                         false);
}

LogicalResult
RunOp::verifySymbolUses(mlir::SymbolTableCollection &symbolTable) {
  auto network =
      symbolTable.lookupNearestSymbolFrom<NetworkOp>(*this, getNetworkAttr());
  if (!network)
    return emitRuleError(*this, "run-network")
           << "'" << getNetwork() << "' is not a spike.network";
  if (!llvm::equal(getInputs().getTypes(), network.getArgumentTypes()) ||
      !llvm::equal(getOutputs().getTypes(), network.getResultTypes())) {
    auto diag = emitRuleError(*this, "run-io")
                << "types do not match those of network '" << getNetwork()
                << "', " << network.getFunctionType();
    diag.attachNote(network.getLoc()) << "declared here";
    return diag;
  }
  return verifySteps(*this, getSteps());
}
