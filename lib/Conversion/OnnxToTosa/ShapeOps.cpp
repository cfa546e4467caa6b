//===- ShapeOps.cpp - Operators that only move elements -------------------===//

#include "Converter.h"

#include "llvm/Support/MathExtras.h"

using namespace nmc;
using namespace nmc::onnx;
namespace tosa = mlir::tosa;

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

/// Whether layout `perm` of `shape` holds the elements in the order of ONNX:
/// only axes of size one are moved.
static bool keepsOrder(ArrayRef<int64_t> shape, ArrayRef<int32_t> perm) {
  int32_t last = -1;
  for (int32_t axis : perm) {
    if (shape[axis] == 1)
      continue;
    if (axis < last)
      return false;
    last = axis;
  }
  return true;
}

/// Gives the input the shape `shape`.
static LogicalResult reshapeTo(Node &node, ArrayRef<int64_t> shape) {
  Tensor x = node.input(0);
  int64_t elements = 1;
  for (int64_t dim : shape)
    if (dim < 0 || llvm::MulOverflow(elements, dim, elements))
      return node.badShape() << "the new shape holds " << dim;
  if (elements != x.type.getNumElements())
    return node.badShape() << "the new shape has " << elements
                           << " elements, but the input has "
                           << x.type.getNumElements();
  if (x.constant) {
    node.result(x.constant->reshaped(shape));
    return success();
  }
  Converter &c = node.converter;
  Value value = keepsOrder(x.shape(), x.perm) ? x.value : c.materialise(x);
  node.result(RankedTensorType::get(shape, x.element()),
              c.reshape(value, shape));
  return success();
}

static LogicalResult convertReshape(Node &node) {
  if (failed(node.expectInputs(2, 2)))
    return failure();
  Tensor x = node.input(0);
  FailureOr<SmallVector<int64_t>> shape = node.intsInput(1, "the shape");
  if (failed(shape))
    return failure();
  bool allowZero = node.getInt("allowzero", 0) != 0;
  int64_t known = 1, open = -1;
  for (auto [i, dim] : llvm::enumerate(*shape)) {
    if (dim == 0 && !allowZero) {
      if (int64_t(i) >= x.rank())
        return node.badShape() << "the new shape copies axis " << i
                               << ", but the input has rank " << x.rank();
      dim = x.shape()[i];
    }
    if (dim == -1) {
      if (open >= 0)
        return node.badShape() << "the new shape leaves axes " << open
                               << " and " << i << " open";
      open = i;
      continue;
    }
    if (dim < -1 || llvm::MulOverflow(known, dim, known))
      return node.badShape() << "the new shape holds " << dim;
  }
  if (open >= 0) {
    if (known == 0 || x.type.getNumElements() % known != 0)
      return node.badShape() << "the input's " << x.type.getNumElements()
                             << " elements do not divide by " << known;
    (*shape)[open] = x.type.getNumElements() / known;
  }
  return reshapeTo(node, *shape);
}

static LogicalResult convertFlatten(Node &node) {
  if (failed(node.expectInputs(1, 1)))
    return failure();
  Tensor x = node.input(0);
  int64_t axis = node.getInt("axis", 1);
  if (axis < 0)
    axis += x.rank();
  if (axis < 0 || axis > x.rank())
    return node.badShape() << "axis is " << node.getInt("axis", 1)
                           << ", but the rank is " << x.rank();
  SmallVector<int64_t> shape{1, 1};
  for (auto [i, dim] : llvm::enumerate(x.shape()))
    shape[int64_t(i) >= axis] *= dim;
  return reshapeTo(node, shape);
}

/// Axes of Squeeze and Unsqueeze: an attribute, from version 13 an input.
static FailureOr<std::optional<SmallVector<int64_t>>> readAxes(Node &node) {
  if (node.since < 13)
    return node.getInts("axes");
  if (!node.hasInput(1))
    return std::optional<SmallVector<int64_t>>();
  FailureOr<SmallVector<int64_t>> axes = node.intsInput(1, "the axes");
  if (failed(axes))
    return failure();
  return std::optional<SmallVector<int64_t>>(*axes);
}

static LogicalResult convertSqueeze(Node &node) {
  if (failed(node.expectInputs(1, 2)))
    return failure();
  Tensor x = node.input(0);
  FailureOr<std::optional<SmallVector<int64_t>>> axes = readAxes(node);
  if (failed(axes))
    return failure();
  llvm::SmallBitVector drop(x.rank());
  if (*axes) {
    for (int64_t axis : **axes) {
      FailureOr<int64_t> at = node.normaliseAxis(axis, x.rank());
      if (failed(at))
        return failure();
      if (x.shape()[*at] != 1)
        return node.badShape() << "axis " << *at << " has size "
                               << x.shape()[*at] << ", but must have 1";
      drop.set(*at);
    }
  } else {
    for (auto [i, dim] : llvm::enumerate(x.shape()))
      if (dim == 1)
        drop.set(i);
  }
  SmallVector<int64_t> shape;
  for (auto [i, dim] : llvm::enumerate(x.shape()))
    if (!drop[i])
      shape.push_back(dim);
  return reshapeTo(node, shape);
}

static LogicalResult convertUnsqueeze(Node &node) {
  if (failed(node.expectInputs(1, 2)))
    return failure();
  Tensor x = node.input(0);
  FailureOr<std::optional<SmallVector<int64_t>>> axes = readAxes(node);
  if (failed(axes))
    return failure();
  if (!*axes)
    return node.badShape() << "no axes are given";
  int64_t rank = x.rank() + (*axes)->size();
  llvm::SmallBitVector fresh(rank);
  for (int64_t axis : **axes) {
    FailureOr<int64_t> at = node.normaliseAxis(axis, rank);
    if (failed(at))
      return failure();
    if (fresh[*at])
      return node.badShape() << "axis " << *at << " is given twice";
    fresh.set(*at);
  }
  SmallVector<int64_t> shape;
  for (int64_t i = 0, from = 0; i < rank; ++i)
    shape.push_back(fresh[i] ? 1 : x.shape()[from++]);
  return reshapeTo(node, shape);
}

//===----------------------------------------------------------------------===//
// Others
//===----------------------------------------------------------------------===//

static LogicalResult convertIdentity(Node &node) {
  if (failed(node.expectInputs(1, 1)))
    return failure();
  node.result(node.input(0));
  return success();
}

static LogicalResult convertDropout(Node &node) {
  if (failed(node.expectInputs(1, 3)))
    return failure();
  if (node.usesResult(1))
    return node.unsupported() << "the result 'mask' is used";
  if (node.hasInput(2)) {
    ConstantPtr training = node.constantInput(2);
    if (!training || llvm::any_of(training->ints(),
                                  [](int64_t value) { return value != 0; }))
      return node.unsupported()
             << "training mode, export the model for inference";
  }
  node.result(node.input(0));
  return success();
}

static LogicalResult convertTranspose(Node &node) {
  if (failed(node.expectInputs(1, 1)))
    return failure();
  Tensor x = node.input(0);
  SmallVector<int32_t> perm;
  if (std::optional<SmallVector<int64_t>> given = node.getInts("perm")) {
    perm.assign(given->begin(), given->end());
    SmallVector<int32_t> sorted(perm);
    llvm::sort(sorted);
    if (int64_t(perm.size()) != x.rank() || !isIdentity(sorted))
      return node.badShape()
             << "attribute 'perm' is no permutation of the input's " << x.rank()
             << " axes";
  } else {
    perm = identityPerm(x.rank());
    std::reverse(perm.begin(), perm.end());
  }
  if (x.constant) {
    node.result(x.constant->transposed(perm));
    return success();
  }
  // result.dim[i] = x.dim[perm[i]] and value.dim[j] = x.dim[x.perm[j]]: only
  // the names of the axes change.
  SmallVector<int64_t> shape;
  for (int32_t axis : perm)
    shape.push_back(x.shape()[axis]);
  SmallVector<int32_t> to = invert(perm), layout;
  for (int32_t axis : x.perm.empty() ? identityPerm(x.rank()) : x.perm)
    layout.push_back(to[axis]);
  node.result(RankedTensorType::get(shape, x.element()), x.value, layout);
  return success();
}

/// Copies every element of `from` to its place in the result: `place` maps the
/// index of an element to that of the result.
template <typename T, typename Place>
static void scatter(ArrayRef<T> from, ArrayRef<int64_t> shape,
                    MutableArrayRef<T> to, Place place) {
  SmallVector<int64_t> index(shape.size(), 0);
  for (size_t i = 0, e = from.size(); i < e; ++i) {
    to[place(index)] = from[i];
    for (int64_t axis = int64_t(shape.size()) - 1; axis >= 0; --axis) {
      if (++index[axis] < shape[axis])
        break;
      index[axis] = 0;
    }
  }
}

template <typename T>
static SmallVector<T, 0> concatenate(ArrayRef<Tensor> parts,
                                     ArrayRef<int64_t> shape, int64_t axis,
                                     ArrayRef<T> (Constant::*read)()) {
  SmallVector<int64_t> strides = getStrides(shape);
  int64_t count = 1, at = 0;
  for (int64_t dim : shape)
    count *= dim;
  SmallVector<T, 0> values(count);
  for (const Tensor &part : parts) {
    scatter<T>((part.constant.get()->*read)(), part.shape(), values,
               [&](ArrayRef<int64_t> index) {
                 int64_t place = at * strides[axis];
                 for (auto [i, stride] : llvm::zip(index, strides))
                   place += i * stride;
                 return place;
               });
    at += part.shape()[axis];
  }
  return values;
}

static LogicalResult convertConcat(Node &node) {
  if (node.inputCount() == 0)
    return node.badShape() << "has no inputs";
  SmallVector<Tensor> parts;
  for (unsigned i = 0, e = node.inputCount(); i < e; ++i) {
    if (!node.hasInput(i))
      return node.badShape() << "input " << i << " is absent";
    parts.push_back(node.input(i));
  }
  int64_t rank = parts[0].rank();
  FailureOr<int64_t> axis =
      node.normaliseAxis(node.getInt("axis", node.since < 4 ? 1 : 0), rank);
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape(parts[0].shape());
  shape[*axis] = 0;
  for (const Tensor &part : parts) {
    SmallVector<int64_t> other(part.shape());
    if (part.rank() == rank)
      other[*axis] = 0, shape[*axis] = 0;
    if (part.rank() != rank || other != shape ||
        part.element() != parts[0].element())
      return node.badShape() << "inputs " << parts[0].type << " and "
                             << part.type << " do not fit";
  }
  for (const Tensor &part : parts)
    shape[*axis] += part.shape()[*axis];
  auto type = RankedTensorType::get(shape, parts[0].element());
  if (node.allConstant()) {
    StringRef name = parts[0].constant->baseName();
    if (isa<FloatType>(type.getElementType()))
      node.result(std::make_shared<Constant>(
          type, concatenate<float>(parts, shape, *axis, &Constant::floats),
          name));
    else
      node.result(std::make_shared<Constant>(
          type, concatenate<int64_t>(parts, shape, *axis, &Constant::ints),
          name));
    return success();
  }
  // The layout of the first part that is computed.
  Converter &c = node.converter;
  const Tensor &leader =
      *llvm::find_if(parts, [](const Tensor &t) { return !t.constant; });
  SmallVector<int32_t> perm =
      leader.perm.empty() ? identityPerm(rank) : leader.perm;
  SmallVector<Value> values;
  for (const Tensor &part : parts)
    values.push_back(c.materialise(part, perm));
  Tensor result{type, Value(), isIdentity(perm) ? SmallVector<int32_t>() : perm,
                nullptr};
  result.value = tosa::ConcatOp::create(
      c.getBuilder(), c.getLoc(),
      RankedTensorType::get(result.toPhysical(shape), type.getElementType()),
      values, uint32_t(result.physicalAxis(*axis)));
  node.result(std::move(result));
  return success();
}

static LogicalResult convertPad(Node &node) {
  if (failed(node.expectInputs(1, 4)) || failed(node.expectFloat(0)))
    return failure();
  Tensor x = node.input(0);
  Converter &c = node.converter;
  if (std::string mode = node.getString("mode", "constant"); mode != "constant")
    return node.unsupported() << "attribute 'mode' is '" << mode << "'";
  SmallVector<int64_t> pads, axes;
  for (int64_t i = 0; i < x.rank(); ++i)
    axes.push_back(i);
  float with = node.getFloat("value", 0.0f);
  if (node.since < 11) {
    std::optional<SmallVector<int64_t>> given = node.getInts("pads");
    if (!given)
      return node.badShape() << "attribute 'pads' is missing";
    pads = *given;
  } else {
    FailureOr<SmallVector<int64_t>> given = node.intsInput(1, "the padding");
    if (failed(given))
      return failure();
    pads = *given;
    if (node.hasInput(2)) {
      ConstantPtr value = node.constantInput(2);
      if (!value)
        return node.unsupported()
               << "the value of the padding must be constant";
      if (failed(node.expectFloat(2)))
        return failure();
      if (value->size() != 1)
        return node.badShape() << "the padding has " << value->size()
                               << " values, but must have one";
      with = value->floats()[0];
    }
    if (node.hasInput(3)) {
      FailureOr<SmallVector<int64_t>> given = node.intsInput(3, "the axes");
      if (failed(given))
        return failure();
      axes.clear();
      for (int64_t axis : *given) {
        FailureOr<int64_t> at = node.normaliseAxis(axis, x.rank());
        if (failed(at))
          return failure();
        axes.push_back(*at);
      }
    }
  }
  if (pads.size() != 2 * axes.size())
    return node.badShape() << "the padding has " << pads.size()
                           << " values, but must have " << 2 * axes.size();
  SmallVector<int64_t> before(x.rank(), 0), after(x.rank(), 0);
  SmallVector<int64_t> shape(x.shape());
  for (auto [i, axis] : llvm::enumerate(axes)) {
    before[axis] = pads[i];
    after[axis] = pads[i + axes.size()];
    int64_t dim = shape[axis];
    if (before[axis] < 0 || after[axis] < 0)
      return node.unsupported()
             << "padding of " << std::min(before[axis], after[axis])
             << " at axis " << axis << " is negative";
    if (llvm::AddOverflow(dim, before[axis], dim) ||
        llvm::AddOverflow(dim, after[axis], dim) || dim > (int64_t(1) << 31))
      return node.badShape()
             << "the padding at axis " << axis << " is too large";
    shape[axis] = dim;
  }
  Value value = x.constant ? c.materialise(x) : x.value;
  node.result(
      Tensor{RankedTensorType::get(shape, x.element()),
             c.pad(value, x.toPhysical(before), x.toPhysical(after), with),
             x.perm, nullptr});
  return success();
}

/// Elements of `values` at start + i*step per axis.
template <typename T>
static SmallVector<T, 0>
takeSlice(ArrayRef<T> values, ArrayRef<int64_t> from, ArrayRef<int64_t> start,
          ArrayRef<int64_t> step, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides = getStrides(from);
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  SmallVector<T, 0> result;
  SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t i = 0; i < count; ++i) {
    int64_t at = 0;
    for (size_t axis = 0; axis < shape.size(); ++axis)
      at += (start[axis] + index[axis] * step[axis]) * strides[axis];
    result.push_back(values[at]);
    for (int64_t axis = int64_t(shape.size()) - 1; axis >= 0; --axis) {
      if (++index[axis] < shape[axis])
        break;
      index[axis] = 0;
    }
  }
  return result;
}

static LogicalResult convertSlice(Node &node) {
  Tensor x = node.input(0);
  SmallVector<int64_t> starts, ends, axes, steps;
  auto fromAttributes = [&]() -> LogicalResult {
    auto s = node.getInts("starts"), e = node.getInts("ends"),
         a = node.getInts("axes");
    if (!s || !e)
      return node.badShape() << "attributes 'starts' and 'ends' are missing";
    starts = *s, ends = *e;
    if (a)
      axes = *a;
    return success();
  };
  auto fromInputs = [&]() -> LogicalResult {
    FailureOr<SmallVector<int64_t>> s = node.intsInput(1, "the starts"),
                                    e = node.intsInput(2, "the ends");
    if (failed(s) || failed(e))
      return failure();
    starts = *s, ends = *e;
    if (node.hasInput(3)) {
      FailureOr<SmallVector<int64_t>> a = node.intsInput(3, "the axes");
      if (failed(a))
        return failure();
      axes = *a;
    }
    if (node.hasInput(4)) {
      FailureOr<SmallVector<int64_t>> t = node.intsInput(4, "the steps");
      if (failed(t))
        return failure();
      steps = *t;
    }
    return success();
  };
  if (failed(node.expectInputs(node.since < 10 ? 1 : 3, 5)) ||
      failed(node.since < 10 ? fromAttributes() : fromInputs()))
    return failure();
  if (axes.empty())
    for (size_t i = 0; i < starts.size(); ++i)
      axes.push_back(i);
  if (steps.empty())
    steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size())
    return node.badShape() << "starts, ends, axes and steps have "
                           << starts.size() << ", " << ends.size() << ", "
                           << axes.size() << " and " << steps.size()
                           << " values";
  SmallVector<int64_t> from(x.rank(), 0), by(x.rank(), 1), shape(x.shape());
  bool plain = true;
  for (size_t i = 0; i < starts.size(); ++i) {
    FailureOr<int64_t> axis = node.normaliseAxis(axes[i], x.rank());
    if (failed(axis))
      return failure();
    int64_t dim = x.shape()[*axis], step = steps[i];
    if (step == 0)
      return node.badShape() << "the step at axis " << *axis << " is 0";
    // Clamped before anything is added, since ends are often INT64_MAX.
    auto place = [&](int64_t value, int64_t low, int64_t high) {
      value = std::clamp<int64_t>(value, -dim - 1, dim + 1);
      return std::clamp<int64_t>(value < 0 ? value + dim : value, low, high);
    };
    int64_t start =
        step > 0 ? place(starts[i], 0, dim) : place(starts[i], 0, dim - 1);
    int64_t end =
        step > 0 ? place(ends[i], 0, dim) : place(ends[i], -1, dim - 1);
    step = std::clamp<int64_t>(step, -dim - 1, dim + 1);
    int64_t count =
        step > 0 ? llvm::divideCeil(std::max<int64_t>(end - start, 0), step)
                 : llvm::divideCeil(std::max<int64_t>(start - end, 0), -step);
    from[*axis] = start;
    by[*axis] = step;
    shape[*axis] = count;
    plain &= step == 1 || count == 1;
  }
  auto type = RankedTensorType::get(shape, x.element());
  if (x.constant) {
    StringRef name = x.constant->baseName();
    if (x.constant->isFloat())
      node.result(std::make_shared<Constant>(
          type, takeSlice(x.constant->floats(), x.shape(), from, by, shape),
          name));
    else
      node.result(std::make_shared<Constant>(
          type, takeSlice(x.constant->ints(), x.shape(), from, by, shape),
          name));
    return success();
  }
  if (!plain)
    return node.unsupported() << "steps other than 1";
  if (type.getNumElements() == 0)
    return node.unsupported() << "the slice is empty";
  node.result(Tensor{
      type,
      node.converter.slice(x.value, x.toPhysical(from), x.toPhysical(shape)),
      x.perm, nullptr});
  return success();
}

void nmc::onnx::addShapeRows(std::vector<OpRow> &rows) {
  auto add = [&](StringLiteral name, SmallVector<int64_t, 4> since,
                 SmallVector<StringLiteral, 6> attributes,
                 LogicalResult (*convert)(Node &), StringLiteral notes = "") {
    rows.push_back({name, since, attributes, convert, /*folds=*/true, notes});
  };
  add("Reshape", {5, 13, 14, 19, 21, 23, 24, 25}, {"allowzero"}, convertReshape,
      "constant shape");
  add("Flatten", {1, 9, 11, 13, 21, 23, 24, 25}, {"axis"}, convertFlatten);
  add("Squeeze", {1, 11, 13, 21, 23, 24, 25}, {"axes"}, convertSqueeze,
      "constant axes");
  add("Unsqueeze", {1, 11, 13, 21, 23, 24, 25}, {"axes"}, convertUnsqueeze,
      "constant axes");
  add("Identity", {1, 13, 14, 16, 19, 21, 23, 24, 25}, {}, convertIdentity);
  add("Dropout", {7, 10, 12, 13, 22}, {"ratio", "seed"}, convertDropout,
      "inference: the input itself");
  add("Transpose", {1, 13, 21, 23, 24, 25}, {"perm"}, convertTranspose);
  add("Concat", {1, 4, 11, 13}, {"axis"}, convertConcat);
  add("Slice", {1, 10, 11, 13}, {"axes", "ends", "starts"}, convertSlice,
      "constant bounds; steps other than 1 on constants only");
  rows.push_back({"Pad",
                  {2, 11, 13, 18, 19, 21, 23, 24, 25},
                  {"mode", "pads", "value"},
                  convertPad,
                  /*folds=*/false,
                  "constant mode and amounts"});
}
