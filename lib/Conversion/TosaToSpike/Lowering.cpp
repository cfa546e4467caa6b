//===- Lowering.cpp - One tosa function to one spike network --------------===//

#include "Lowering.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

#include <map>

using namespace nmc;
using namespace nmc::tosatospike;
namespace tosa = mlir::tosa;

/// Ops that make a layer; what leads to one must be in the network.
static bool isLayer(Operation *op) {
  return isa<tosa::Conv2DOp, tosa::Conv3DOp, tosa::DepthwiseConv2DOp,
             tosa::TransposeConv2DOp, tosa::MatMulOp, tosa::AvgPool2dOp,
             tosa::MaxPool2dOp>(op);
}

/// Ops that could be on either side of the border: rearrangements, and scales,
/// which the first layer's weights take.
static bool isNeutral(Operation *op) {
  return isa<tosa::TransposeOp, tosa::ReshapeOp, tosa::PadOp, tosa::SliceOp,
             tosa::ConcatOp, tosa::IdentityOp, tosa::MulOp>(op);
}

/// Element by element: may prepare an input on the host.
static bool isPreparation(Operation *op) {
  return isa<tosa::CastOp, tosa::AddOp, tosa::SubOp, tosa::NegateOp,
             tosa::RescaleOp, tosa::PowOp, tosa::LogOp, tosa::AbsOp>(op);
}

bool Lowering::hasLayers(mlir::func::FuncOp function) {
  return function
      .walk([](Operation *op) {
        return isLayer(op) ? mlir::WalkResult::interrupt()
                           : mlir::WalkResult::advance();
      })
      .wasInterrupted();
}

void Lowering::set(Operation *op, Signal signal) {
  signals[op->getResult(0)] = std::move(signal);
}

//===----------------------------------------------------------------------===//
// Which op runs where
//===----------------------------------------------------------------------===//

void Lowering::classify() {
  // Everything that a layer depends on.
  for (Operation &op : llvm::reverse(function.getBody().front())) {
    bool feeds = llvm::any_of(
        op.getUsers(), [&](Operation *user) { return needed.contains(user); });
    if (isLayer(&op) || feeds)
      needed.insert(&op);
  }
  classifyPreprocessing();
}

void Lowering::classifyPreprocessing() {
  // Forward: what depends on the function's arguments alone, element by
  // element.
  DenseSet<Operation *> possible;
  for (Operation &op : function.getBody().front()) {
    if (!needed.contains(&op) || !(isNeutral(&op) || isPreparation(&op)) ||
        (op.getNumResults() == 1 && constants.get(op.getResult(0))))
      continue;
    bool fromArguments = llvm::all_of(op.getOperands(), [&](Value operand) {
      Operation *def = operand.getDefiningOp();
      return !def || possible.contains(def) || constants.get(operand) ||
             isa<tosa::ConstShapeOp>(def);
    });
    if (fromArguments)
      possible.insert(&op);
  }
  // Backward: up to the last op that the network could not take.
  for (Operation &op : llvm::reverse(function.getBody().front())) {
    if (!possible.contains(&op))
      continue;
    bool feeds = llvm::any_of(
        op.getUsers(), [&](Operation *user) { return before.contains(user); });
    if (isPreparation(&op) || feeds)
      before.insert(&op);
  }
  for (Operation *op : before)
    needed.erase(op);
}

/// Orders in which layers behind `value` want the dimensions of the input,
/// whose dimension `perm[i]` is dimension i of `value`.
static void collectOrders(Value value, ArrayRef<int64_t> perm,
                          SmallVectorImpl<SmallVector<int64_t>> &orders) {
  for (Operation *user : value.getUsers()) {
    SmallVector<int64_t> next(perm);
    if (auto transpose = dyn_cast<tosa::TransposeOp>(user)) {
      for (auto [dim, from] : llvm::enumerate(transpose.getPerms()))
        next[dim] = perm[from];
    } else if (isLayer(user) && !isa<tosa::MatMulOp>(user)) {
      // Channels first; the batch stays where it is.
      SmallVector<int64_t> order{perm.back()};
      order.append(perm.begin() + 1, perm.end() - 1);
      if (perm.front() == 0 && !llvm::is_contained(orders, order))
        orders.push_back(order);
      continue;
    } else if (!isa<tosa::PadOp, tosa::MulOp, tosa::SliceOp, tosa::IdentityOp>(
                   user)) {
      continue;
    }
    auto type = cast<ShapedType>(user->getResult(0).getType());
    if (type.getRank() == int64_t(perm.size()))
      collectOrders(user->getResult(0), next, orders);
  }
}

/// The dimensions of `value` (without the batch) in the order in which the
/// layers want them, channels first; empty where they lie so already, or where
/// layers disagree.
SmallVector<int64_t> Lowering::findInputOrder(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<SmallVector<int64_t>> orders;
  collectOrders(value, llvm::to_vector(llvm::seq<int64_t>(0, type.getRank())),
                orders);
  if (orders.size() != 1 || llvm::is_sorted(orders.front()))
    return {};
  return orders.front();
}

LogicalResult Lowering::addInput(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  Location loc = value.getLoc();
  if (!type || !type.hasStaticShape())
    return emitRuleError(loc, "input-shape")
           << "input of type " << value.getType()
           << " has no static shape; give the batch with --dim";
  if (!isa<FloatType>(type.getElementType()))
    return emitRuleError(loc, "input-type")
           << "input of type " << type
           << " is not float; integer networks are not supported here";
  ArrayRef<int64_t> shape = type.getShape();
  if (shape.size() > 1 && shape.front() != 1)
    return emitRuleError(loc, "input-batch")
           << "input has a batch of " << shape.front()
           << ", but a network sees one sample at a time; export the model "
              "with a "
              "batch of 1";
  SmallVector<int64_t> order = findInputOrder(value);
  SmallVector<int32_t> perm;
  int64_t first = shape.size() > 1 ? 1 : 0;
  if (order.empty()) {
    order = llvm::to_vector(llvm::seq<int64_t>(first, shape.size()));
  } else {
    perm.push_back(0);
    perm.append(order.begin(), order.end());
  }
  SmallVector<int64_t> streamShape;
  for (int64_t dim : order)
    streamShape.push_back(shape[dim]);
  std::string name;
  if (auto named = loc->findInstanceOf<mlir::NameLoc>())
    name = makeSymbolName(named.getName());
  Signal signal =
      network.addInput(streamShape, type.getElementType(),
                       name.empty() ? "input" : StringRef(name), loc);
  signal.tensor.assign(shape.begin(), shape.end());
  signal.dims = makeLayout(streamShape, shape.size(), order);
  signals[value] = signal;
  inputs.push_back(value);
  inputPerms.push_back(perm);
  return success();
}

LogicalResult Lowering::addInputs() {
  auto isBoundary = [&](Value value) {
    return llvm::any_of(value.getUsers(),
                        [&](Operation *user) { return needed.contains(user); });
  };
  LogicalResult result = success();
  for (Value argument : function.getArguments())
    if (isBoundary(argument) && failed(addInput(argument)))
      result = failure();
  for (Operation &op : function.getBody().front())
    if (before.contains(&op) && isBoundary(op.getResult(0)) &&
        failed(addInput(op.getResult(0))))
      result = failure();
  return result;
}

void Lowering::convertOp(Operation *op) {
  if (before.contains(op) || op->hasTrait<mlir::OpTrait::IsTerminator>() ||
      done.contains(op))
    return;
  if (isa<tosa::ConstOp, tosa::ConstShapeOp>(op) ||
      (op->getNumResults() == 1 && constants.get(op->getResult(0))))
    return;
  bool dependsOnFailure = llvm::any_of(op->getOperands(), [&](Value operand) {
    return signals[operand].kind == Signal::Kind::Failed;
  });
  auto fail = [&] {
    for (Value result : op->getResults())
      signals[result].kind = Signal::Kind::Failed;
  };
  if (dependsOnFailure)
    return fail();
  bool anySignal = llvm::any_of(
      op->getOperands(), [&](Value operand) { return inNetwork(operand); });
  bool must = needed.contains(op);
  if (must || anySignal) {
    if (succeeded(convert(op))) {
      converted.push_back(op);
      return;
    }
    if (must) {
      emitRuleError(op->getLoc(), "unsupported-op")
          << "'" << op->getName()
          << "' cannot be part of a spiking network: " << reason;
      failedAny = true;
      return fail();
    }
  }
  hostTail.push_back(op);
}

//===----------------------------------------------------------------------===//
// The host's side
//===----------------------------------------------------------------------===//

/// The tensor `value` from what the network returned for it.
Value Lowering::decode(Value value, Value stream, mlir::OpBuilder &builder) {
  const Signal &signal = signals[value];
  Location loc = value.getLoc();
  Type element = cast<ShapedType>(value.getType()).getElementType();
  SmallVector<int64_t> shape{1};
  llvm::append_range(shape, signal.shape);
  bool membrane = signal.kind == Signal::Kind::Affine;
  auto tensor = [&](ArrayRef<int64_t> extents) {
    return RankedTensorType::get(extents, element);
  };
  ArrayRef<int64_t> wanted = signal.tensor;
  if (wanted == ArrayRef<int64_t>(signal.shape))
    shape = signal.shape;
  Value result = spike::DecodeOp::create(
      builder, loc, tensor(shape),
      membrane ? spike::Readout::Membrane : spike::Readout::Last, stream,
      /*scale=*/mlir::FloatAttr());
  SmallVector<int64_t> all(
      llvm::to_vector(llvm::seq<int64_t>(0, signal.dims.size())));
  SmallVector<int64_t> axes = getAxes(signal, all);
  if (!llvm::is_sorted(axes)) {
    for (auto [axis, extent] : llvm::enumerate(signal.shape))
      if (extent == 1)
        axes.push_back(axis);
    bool batched = shape.size() == signal.shape.size() + 1;
    SmallVector<int32_t> perm;
    SmallVector<int64_t> permuted;
    if (batched) {
      perm.push_back(0);
      permuted.push_back(1);
    }
    for (int64_t axis : axes) {
      perm.push_back(axis + batched);
      permuted.push_back(signal.shape[axis]);
    }
    result =
        tosa::TransposeOp::create(builder, loc, tensor(permuted), result, perm);
    shape = permuted;
  }
  if (wanted != ArrayRef<int64_t>(shape)) {
    auto extents = mlir::DenseIntElementsAttr::get(
        RankedTensorType::get(int64_t(wanted.size()), builder.getIndexType()),
        wanted);
    Value target = tosa::ConstShapeOp::create(
        builder, loc, tosa::shapeType::get(builder.getContext(), wanted.size()),
        extents);
    result =
        tosa::ReshapeOp::create(builder, loc, tensor(wanted), result, target);
  }
  return result;
}

/// Warning `host-op`, one for all ops on that side of the network.
static void warnOfHostOps(ArrayRef<Operation *> ops, StringRef side) {
  if (ops.empty())
    return;
  SmallVector<StringRef> names;
  for (Operation *op : ops)
    if (!llvm::is_contained(names, op->getName().getStringRef()))
      names.push_back(op->getName().getStringRef());
  auto diag = emitRuleWarning(ops.front()->getLoc(), "host-op");
  diag << (ops.size() == 1 ? "one op runs" : "")
       << (ops.size() == 1 ? "" : std::to_string(ops.size()) + " ops run")
       << " on the host, " << side << " the network: ";
  llvm::interleaveComma(names, diag);
}

LogicalResult Lowering::buildHost() {
  Block &block = function.getBody().front();
  Operation *terminator = block.getTerminator();
  // Values that the host reads, in the order in which they are made.
  SmallVector<Value> read;
  std::vector<Value> outputs;
  DenseSet<Operation *> onHost(hostTail.begin(), hostTail.end());
  onHost.insert(terminator);
  onHost.insert(before.begin(), before.end());
  for (Operation &op : block)
    for (Value result : op.getResults())
      if (inNetwork(result) &&
          llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return onHost.contains(user); }))
        read.push_back(result);
  if (read.empty())
    return emitRuleError(function.getLoc(), "no-output")
           << "no result of function '" << function.getName()
           << "' comes from a layer";
  SmallVector<Value> streams;
  std::map<Affine *, Value> readouts; // looked up, never iterated
  for (Value value : read) {
    Signal &signal = signals[value];
    if (signal.kind == Signal::Kind::Stream) {
      streams.push_back(signal.stream);
      continue;
    }
    Value &readout = readouts[signal.affine.get()];
    if (!readout)
      readout = network.addReadout(signal, value.getLoc());
    streams.push_back(readout);
  }

  std::string name = (function.getName() + "_net").str();
  spike::NetworkOp net = network.finish(function, name, streams);
  mlir::OpBuilder builder(terminator);
  Location loc = function.getLoc();
  SmallVector<Value> encoded;
  for (auto [value, perm, type] :
       llvm::zip_equal(inputs, inputPerms, net.getArgumentTypes())) {
    Value tensor = value;
    if (!perm.empty()) {
      auto from = cast<RankedTensorType>(value.getType());
      SmallVector<int64_t> shape;
      for (int32_t axis : perm)
        shape.push_back(from.getDimSize(axis));
      tensor = tosa::TransposeOp::create(
          builder, value.getLoc(),
          RankedTensorType::get(shape, from.getElementType()), value, perm);
    }
    encoded.push_back(spike::EncodeOp::create(builder, value.getLoc(), type,
                                              spike::Encoding::Graded, tensor));
  }
  auto run = spike::RunOp::create(builder, loc, net.getResultTypes(), name,
                                  encoded, /*steps=*/1);
  for (auto [value, output] : llvm::zip_equal(read, run.getOutputs())) {
    Value tensor = decode(value, output, builder);
    value.replaceUsesWithIf(tensor, [&](OpOperand &use) {
      return onHost.contains(use.getOwner());
    });
  }
  SmallVector<Operation *> prepared;
  for (Operation &op : block)
    if (before.contains(&op))
      prepared.push_back(&op);
  warnOfHostOps(prepared, "before");
  warnOfHostOps(hostTail, "after");
  for (Operation *op : hostTail)
    op->moveBefore(terminator);
  // What the network took over.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (&op != terminator && op.use_empty() && mlir::isPure(&op))
      op.erase();
  return success();
}

LogicalResult Lowering::run() {
  if (!function.getBody().hasOneBlock())
    return emitRuleError(function.getLoc(), "unsupported-op")
           << "function '" << function.getName()
           << "' has branches, which a network cannot have";
  classify();
  if (failed(addInputs()))
    return failure();
  SmallVector<Operation *> ops;
  for (Operation &op : function.getBody().front())
    ops.push_back(&op);
  for (Operation *op : ops)
    convertOp(op);
  if (failedAny)
    return failure();
  return buildHost();
}
