//===- Node.cpp - A node as its conversion sees it ------------------------===//

#include "Converter.h"

using namespace nmc;
using namespace nmc::onnx;

Tensor Node::input(unsigned index) {
  if (!hasInput(index))
    return {};
  return converter.lookup(NodeOp(op).getInputs()[index]);
}

bool Node::allConstant() {
  for (unsigned i = 0, e = inputCount(); i < e; ++i)
    if (hasInput(i) && !constantInput(i))
      return false;
  return true;
}

FailureOr<SmallVector<int64_t>> Node::intsInput(unsigned index,
                                                StringRef what) {
  ConstantPtr constant = constantInput(index);
  if (!constant)
    return unsupported() << what << " must be constant";
  if (constant->isFloat())
    return badShape() << what << " must be integers, but has type "
                      << constant->type();
  return SmallVector<int64_t>(constant->ints());
}

int64_t Node::getInt(StringRef name, int64_t otherwise) {
  auto attr = dyn_cast_or_null<IntegerAttr>(NodeOp(op).getParam(name));
  return attr ? attr.getInt() : otherwise;
}

float Node::getFloat(StringRef name, float otherwise) {
  auto attr = dyn_cast_or_null<FloatAttr>(NodeOp(op).getParam(name));
  return attr ? float(attr.getValueAsDouble()) : otherwise;
}

std::string Node::getString(StringRef name, StringRef otherwise) {
  auto attr = dyn_cast_or_null<StringAttr>(NodeOp(op).getParam(name));
  return attr ? attr.str() : otherwise.str();
}

std::optional<SmallVector<int64_t>> Node::getInts(StringRef name) {
  auto attr = dyn_cast_or_null<DenseI64ArrayAttr>(NodeOp(op).getParam(name));
  if (!attr)
    return std::nullopt;
  return SmallVector<int64_t>(attr.asArrayRef());
}

ElementsAttr Node::getTensor(StringRef name) {
  return dyn_cast_or_null<ElementsAttr>(NodeOp(op).getParam(name));
}

void Node::result(Tensor tensor, unsigned index) {
  if (index < op->getNumResults())
    converter.assign(op->getResult(index), std::move(tensor));
}

void Node::result(RankedTensorType type, Value value, ArrayRef<int32_t> perm) {
  result(Tensor{type, value,
                isIdentity(perm) ? SmallVector<int32_t>()
                                 : SmallVector<int32_t>(perm),
                nullptr});
}

void Node::result(ConstantPtr constant) {
  RankedTensorType type = constant->type();
  result(Tensor{type, Value(), {}, std::move(constant)});
}

bool Node::usesResult(unsigned index) {
  return index < op->getNumResults() && !op->getResult(index).use_empty();
}

std::string Node::describe() {
  return NodeOp(op).getQualifiedType() + " (version " + std::to_string(since) +
         ")";
}

RuleDiagnostic Node::unsupported() {
  RuleDiagnostic diag = emitRuleError(op->getLoc(), "unsupported-op");
  diag << describe() << ": ";
  return diag;
}

RuleDiagnostic Node::badShape() {
  RuleDiagnostic diag = emitRuleError(op->getLoc(), "onnx-shape");
  diag << describe() << ": ";
  return diag;
}

LogicalResult Node::expectInputs(unsigned low, unsigned high) {
  if (inputCount() < low || inputCount() > high)
    return badShape() << "has " << inputCount() << " inputs, but takes " << low
                      << " to " << high;
  for (unsigned i = 0; i < low; ++i)
    if (!hasInput(i))
      return badShape() << "input " << i << " is absent";
  return success();
}

LogicalResult Node::expectFloat(unsigned index) {
  Tensor tensor = input(index);
  if (!tensor.element().isF32())
    return unsupported() << "input " << index << " has element type "
                         << tensor.element() << ", but only f32 is supported";
  return success();
}

FailureOr<int64_t> Node::normaliseAxis(int64_t axis, int64_t rank) {
  int64_t result = axis < 0 ? axis + rank : axis;
  if (result < 0 || result >= rank)
    return badShape() << "axis is " << axis << ", but the rank is " << rank;
  return result;
}
