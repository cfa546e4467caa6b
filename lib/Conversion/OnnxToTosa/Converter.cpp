//===- Converter.cpp - From ONNX nodes to TOSA ops ------------------------===//

#include "Converter.h"
#include "nmc/Conversion/OnnxToTosa.h"
#include "nmc/Conversion/Passes.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/StringMap.h"

#include <limits>

namespace nmc {
#define GEN_PASS_DEF_CONVERTONNXTOTOSAPASS
#include "nmc/Conversion/Passes.h.inc"
} // namespace nmc

using namespace nmc;
using namespace nmc::onnx;
namespace tosa = mlir::tosa;

//===----------------------------------------------------------------------===//
// Table of operators
//===----------------------------------------------------------------------===//

namespace {
struct Table {
  std::vector<OpRow> rows;
  llvm::StringMap<const OpRow *> index;

  static std::string key(StringRef domain, StringRef name) {
    return (domain + "." + name).str();
  }
  Table() {
    addConstantRows(rows);
    addConvRows(rows);
    addDenseRows(rows);
    addElementwiseRows(rows);
    addNormRows(rows);
    addPoolRows(rows);
    addShapeRows(rows);
    llvm::sort(rows, [](const OpRow &a, const OpRow &b) {
      return std::tie(a.domain, a.name) < std::tie(b.domain, b.name);
    });
    for (const OpRow &row : rows)
      index[key(row.domain, row.name)] = &row;
  }
};
} // namespace

static const Table &getTable() {
  static const Table table;
  return table;
}

const OpRow *nmc::onnx::findRow(StringRef domain, StringRef name) {
  return getTable().index.lookup(Table::key(domain, name));
}

std::optional<int64_t> nmc::onnx::resolveSince(const OpRow &row,
                                               int64_t version) {
  std::optional<int64_t> found;
  for (int64_t since : row.since)
    if (since <= version)
      found = since;
  return found;
}

std::vector<SupportedOp> nmc::onnx::getSupportedOps() {
  std::vector<SupportedOp> ops;
  for (const OpRow &row : getTable().rows)
    ops.push_back({row.domain, row.name,
                   std::vector<int64_t>(row.since.begin(), row.since.end()),
                   row.notes});
  return ops;
}

//===----------------------------------------------------------------------===//
// Building ops
//===----------------------------------------------------------------------===//

Value Converter::constant(Constant &constant) {
  return tosa::ConstOp::create(builder, loc, constant.type(), constant.attr());
}

Value Converter::constantFloats(ArrayRef<int64_t> shape,
                                SmallVector<float, 0> values, StringRef name) {
  Constant value(floatType(shape), std::move(values), name);
  return constant(value);
}

/// Runs `build` where the function's shared constants stand.
template <typename Build>
static Value atTop(mlir::OpBuilder &builder, mlir::func::FuncOp function,
                   Operation *&last, Build build) {
  mlir::OpBuilder::InsertionGuard guard(builder);
  if (last)
    builder.setInsertionPointAfter(last);
  else
    builder.setInsertionPointToStart(&function.getBody().front());
  Value value = build();
  last = value.getDefiningOp();
  return value;
}

Value Converter::zeroPoint() {
  if (!zeroPointValue)
    zeroPointValue = atTop(builder, function, lastShared, [&]() -> Value {
      RankedTensorType type = floatType({1});
      return tosa::ConstOp::create(builder, function.getLoc(), type,
                                   DenseElementsAttr::get(type, 0.0f));
    });
  return zeroPointValue;
}

Value Converter::mulShift() {
  if (!mulShiftValue)
    mulShiftValue = atTop(builder, function, lastShared, [&]() -> Value {
      auto type = RankedTensorType::get({1}, builder.getI8Type());
      return tosa::ConstOp::create(builder, function.getLoc(), type,
                                   DenseElementsAttr::get(type, int8_t(0)));
    });
  return mulShiftValue;
}

Value Converter::shape(ArrayRef<int64_t> values) {
  Value &value = shapes[std::vector<int64_t>(values.begin(), values.end())];
  if (!value)
    value = atTop(builder, function, lastShared, [&]() -> Value {
      auto attr =
          DenseElementsAttr::get(RankedTensorType::get({int64_t(values.size())},
                                                       builder.getIndexType()),
                                 values);
      return tosa::ConstShapeOp::create(
          builder, function.getLoc(),
          tosa::shapeType::get(getContext(), values.size()),
          cast<mlir::DenseIntElementsAttr>(attr));
    });
  return value;
}

static RankedTensorType withShape(Value value, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(
      shape, cast<RankedTensorType>(value.getType()).getElementType());
}

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

Value Converter::transpose(Value value, ArrayRef<int32_t> perm) {
  if (isIdentity(perm))
    return value;
  SmallVector<int64_t> to;
  for (int32_t axis : perm)
    to.push_back(shapeOf(value)[axis]);
  return tosa::TransposeOp::create(builder, loc, withShape(value, to), value,
                                   perm);
}

Value Converter::reshape(Value value, ArrayRef<int64_t> to) {
  if (auto before = value.getDefiningOp<tosa::ReshapeOp>())
    value = before.getInput1();
  if (shapeOf(value) == to)
    return value;
  return tosa::ReshapeOp::create(builder, loc, withShape(value, to), value,
                                 shape(to));
}

Value Converter::slice(Value value, ArrayRef<int64_t> start,
                       ArrayRef<int64_t> size) {
  if (shapeOf(value) == size)
    return value;
  // Created one after the other: the order of arguments is unspecified.
  Value first = shape(start), extent = shape(size);
  return tosa::SliceOp::create(builder, loc, withShape(value, size), value,
                               first, extent);
}

Value Converter::pad(Value value, ArrayRef<int64_t> before,
                     ArrayRef<int64_t> after, float with) {
  SmallVector<int64_t> to(shapeOf(value)), amounts;
  for (auto [axis, dim] : llvm::enumerate(to)) {
    dim += before[axis] + after[axis];
    amounts.push_back(before[axis]);
    amounts.push_back(after[axis]);
  }
  if (shapeOf(value) == ArrayRef<int64_t>(to))
    return value;
  Value padding = constantFloats({1}, {with}, "padding");
  return tosa::PadOp::create(builder, loc, withShape(value, to), value,
                             shape(amounts), padding);
}

Value Converter::clamp(Value value, float low, float high) {
  return tosa::ClampOp::create(builder, loc, value.getType(), value,
                               builder.getF32FloatAttr(low),
                               builder.getF32FloatAttr(high));
}

Value Converter::add(Value a, Value b, ArrayRef<int64_t> shape) {
  return tosa::AddOp::create(builder, loc, withShape(a, shape), a, b);
}

Value Converter::sub(Value a, Value b, ArrayRef<int64_t> shape) {
  return tosa::SubOp::create(builder, loc, withShape(a, shape), a, b);
}

Value Converter::mul(Value a, Value b, ArrayRef<int64_t> shape) {
  return tosa::MulOp::create(builder, loc, withShape(a, shape), a, b,
                             mulShift());
}

Value Converter::materialise(const Tensor &tensor, ArrayRef<int32_t> perm) {
  SmallVector<int32_t> to(perm.empty() ? identityPerm(tensor.rank())
                                       : SmallVector<int32_t>(perm));
  if (tensor.constant)
    return constant(isIdentity(to) ? *tensor.constant
                                   : *tensor.constant->transposed(to));
  if (tensor.perm.empty())
    return transpose(tensor.value, to);
  // result.dim[i] = tensor.dim[to[i]] = value.dim[from[to[i]]].
  SmallVector<int32_t> from = invert(tensor.perm), steps;
  for (int32_t axis : to)
    steps.push_back(from[axis]);
  return transpose(tensor.value, steps);
}

void Converter::absorb(Operation *op) {
  done.insert(op);
  loc = mlir::FusedLoc::get(getContext(), {loc, op->getLoc()});
}

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

/// Everything that needs no types, so that all of it is reported at once.
LogicalResult Converter::checkSupport() {
  bool good = true;
  auto fault = [&](NodeOp op) {
    good = false;
    return emitRuleError(op.getLoc(), "unsupported-op");
  };
  if (auto opsets =
          function->getAttrOfType<DictionaryAttr>(OnnxDialect::kOpsetsAttrName))
    if (auto version = opsets.getAs<IntegerAttr>(OnnxDialect::kDefaultDomain);
        version && version.getInt() > kNewestOpset)
      emitRuleWarning(function.getLoc(), "onnx-opset")
          << "operator set " << version.getInt()
          << " is read as the newest known one, " << kNewestOpset;
  function.walk([&](NodeOp op) {
    if (!live.contains(op))
      return;
    const OpRow *row = findRow(op.getDomain(), op.getOpType());
    int64_t version = op.getVersion();
    if (!row) {
      fault(op) << "operator " << op.getQualifiedType() << " (version "
                << version << ") is not supported";
      return;
    }
    if (!resolveSince(*row, version)) {
      fault(op) << "operator " << op.getQualifiedType() << " of version "
                << version << " is not supported, only from version "
                << row->since.front() << " on";
      return;
    }
    for (NamedAttribute param : op.getParams())
      if (!llvm::is_contained(row->attributes, param.getName().strref()))
        fault(op) << "attribute '" << param.getName().getValue() << "' of "
                  << op.getQualifiedType() << " is not supported";
  });
  return success(good);
}

/// Nodes that a result of the function depends on.  (Onnx values are used after
/// they are defined, so one walk backwards is enough.)
void Converter::findLiveNodes() {
  Block &block = function.getBody().front();
  for (Operation &op : llvm::reverse(block)) {
    bool needed =
        &op == block.getTerminator() || (!isa<NodeOp, ConstantOp, NoneOp>(op));
    for (Operation *user : op.getUsers())
      needed |= live.contains(user);
    if (needed)
      live.insert(&op);
    else if (auto node = dyn_cast<NodeOp>(op))
      emitRuleWarning(op.getLoc(), "onnx-unused")
          << "no output of the model depends on this "
          << node.getQualifiedType() << ", it is left out";
  }
}

/// Name of an initialiser: that of its blob, which text keeps even without
/// locations, or of its location.
static std::string getName(ConstantOp op) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(op.getValue()))
    return resource.getRawHandle().getKey().str();
  if (auto name = op.getLoc()->findInstanceOf<mlir::NameLoc>())
    return name.getName().str();
  return "constant";
}

void Converter::readConstants() {
  for (Value argument : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (type && type.hasStaticShape())
      assign(argument, {type, argument, {}, nullptr});
  }
  function.walk([&](Operation *op) {
    if (auto constant = dyn_cast<ConstantOp>(op))
      assign(
          constant.getResult(),
          {cast<RankedTensorType>(constant.getType()),
           Value(),
           {},
           std::make_shared<Constant>(constant.getValue(), getName(constant))});
    else if (isa<tosa::TosaOp>(op))
      for (Value value : op->getResults())
        if (auto type = dyn_cast<RankedTensorType>(value.getType()))
          assign(value, {type, value, {}, nullptr});
  });
}

void Converter::convertNode(NodeOp op) {
  builder.setInsertionPoint(op);
  loc = op.getLoc();
  const OpRow &row = *findRow(op.getDomain(), op.getOpType());
  Node node(op, *resolveSince(row, op.getVersion()), *this);
  for (auto [i, input] : llvm::enumerate(op.getInputs()))
    if (node.hasInput(i) && !lookup(input))
      return; // the cause was reported
  done.insert(op);
  if (failed(row.convert(node))) {
    failedAny = true;
    return;
  }
  // Types that the file states are not needed, but tell of misunderstandings.
  for (Value output : op.getOutputs()) {
    auto stated = dyn_cast<RankedTensorType>(output.getType());
    Tensor found = lookup(output);
    if (stated && found && stated.hasStaticShape() && stated != found.type)
      emitRuleWarning(op.getLoc(), "onnx-shape")
          << "the model states " << stated << " for a result of "
          << op.getQualifiedType() << ", which has " << found.type;
  }
}

void Converter::finishFunction() {
  Operation *terminator = function.getBody().front().getTerminator();
  builder.setInsertionPoint(terminator);
  for (OpOperand &operand : terminator->getOpOperands()) {
    Tensor tensor = lookup(operand.get());
    loc = operand.get().getLoc();
    if (tensor)
      operand.set(materialise(tensor));
  }
  function.setFunctionType(builder.getFunctionType(
      function.getArgumentTypes(),
      SmallVector<Type>(terminator->getOperandTypes())));
  // Users come after definitions.
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(function.getBody().front())))
    if (op.use_empty() &&
        (isa<NodeOp, ConstantOp, NoneOp>(op) || mlir::isOpTriviallyDead(&op)))
      op.erase();
}

LogicalResult Converter::run() {
  findLiveNodes();
  if (failed(checkSupport()))
    return failure();
  readConstants();
  SmallVector<NodeOp> nodes;
  function.walk([&](NodeOp op) {
    if (live.contains(op))
      nodes.push_back(op);
  });
  // Constants first, so that every node sees what it can absorb.
  for (NodeOp op : nodes) {
    const OpRow &row = *findRow(op.getDomain(), op.getOpType());
    bool constant =
        row.folds && llvm::all_of(op.getInputs(), [&](Value value) {
          return isa<mlir::NoneType>(value.getType()) || lookup(value).constant;
        });
    if (constant)
      convertNode(op);
  }
  for (NodeOp op : nodes)
    if (!isDone(op))
      convertNode(op);
  if (failedAny)
    return failure();
  finishFunction();
  return success();
}

namespace {
struct ConvertOnnxToTosaPass
    : nmc::impl::ConvertOnnxToTosaPassBase<ConvertOnnxToTosaPass> {
  using ConvertOnnxToTosaPassBase::ConvertOnnxToTosaPassBase;

  void runOnOperation() override {
    bool good = true;
    for (auto function : getOperation().getOps<mlir::func::FuncOp>()) {
      if (function.isExternal())
        continue;
      bool holdsOnnx = function
                           .walk([](Operation *op) {
                             return isa<NodeOp, ConstantOp, NoneOp>(op)
                                        ? mlir::WalkResult::interrupt()
                                        : mlir::WalkResult::advance();
                           })
                           .wasInterrupted();
      if (!holdsOnnx)
        continue;
      if (!function.getBody().hasOneBlock()) {
        emitRuleError(function, "unsupported-op")
            << "holds onnx ops, but has more than one block";
        good = false;
        continue;
      }
      good &= succeeded(Converter(function).run());
    }
    if (!good)
      signalPassFailure();
  }
};
} // namespace
