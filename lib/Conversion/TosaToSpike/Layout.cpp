//===- Layout.cpp - Which axes of a stream make up a tensor ---------------===//

#include "NetworkBuilder.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace nmc;
using namespace nmc::tosatospike;

SmallVector<int64_t> nmc::tosatospike::getAxes(const Signal &signal,
                                               ArrayRef<int64_t> order) {
  SmallVector<int64_t> axes;
  for (int64_t dim : order)
    llvm::append_range(axes, signal.dims[dim]);
  return axes;
}

Layout nmc::tosatospike::makeLayout(ArrayRef<int64_t> shape, int64_t rank,
                                    ArrayRef<int64_t> order) {
  Layout dims(rank);
  for (auto [axis, dim] : llvm::enumerate(order))
    if (shape[axis] != 1)
      dims[dim].push_back(axis);
  return dims;
}

SmallVector<int64_t, 0>
nmc::tosatospike::getTensorPositions(const Signal &signal) {
  SmallVector<int64_t> all(
      llvm::to_vector(llvm::seq<int64_t>(0, signal.dims.size())));
  if (llvm::is_sorted(getAxes(signal, all)))
    return {};
  SmallVector<int64_t, 0> positions;
  positions.reserve(signal.elements());
  forEachCoordinate(signal.shape, [&](ArrayRef<int64_t> at) {
    int64_t position = 0;
    for (ArrayRef<int64_t> axes : signal.dims)
      for (int64_t axis : axes)
        position = position * signal.shape[axis] + at[axis];
    positions.push_back(position);
  });
  return positions;
}

SmallVector<int64_t> NetworkBuilder::naturalOrder(const Signal &signal) {
  int64_t rank = signal.tensor.size();
  int64_t first = rank > 1 && signal.tensor.front() == 1 ? 1 : 0;
  SmallVector<int64_t> natural(
      llvm::to_vector(llvm::seq<int64_t>(first, rank)));
  if (rank - first < 3)
    return natural;
  SmallVector<int64_t> channelFirst = natural;
  std::rotate(channelFirst.begin(), channelFirst.end() - 1, channelFirst.end());
  // Extents of 1 fit both readings: take the one that is there already.
  auto isThere = [&](ArrayRef<int64_t> order) {
    SmallVector<int64_t> shape;
    for (int64_t dim : order)
      shape.push_back(signal.tensor[dim]);
    return shape == signal.shape && llvm::is_sorted(getAxes(signal, order));
  };
  if (!isThere(channelFirst) && isThere(natural))
    return natural;
  return llvm::is_sorted(getAxes(signal, channelFirst)) ? channelFirst
                                                        : natural;
}

Signal NetworkBuilder::arrange(const Signal &signal, ArrayRef<int64_t> order,
                               Location loc) {
  SmallVector<int64_t> shape;
  for (int64_t dim : order)
    shape.push_back(signal.tensor[dim]);
  SmallVector<int64_t> axes = getAxes(signal, order);
  bool sorted = llvm::is_sorted(axes);
  Signal result = signal;
  result.dims = makeLayout(shape, signal.tensor.size(), order);
  if (sorted && shape == signal.shape)
    return result;

  // Axes of extent 1 may stand anywhere: put them last.
  for (auto [axis, extent] : llvm::enumerate(signal.shape))
    if (extent == 1)
      axes.push_back(axis);
  auto rearrange = [&](Value value) {
    if (!sorted)
      value = transposeView(value, axes, loc);
    return reshapeView(value, shape, loc);
  };
  result.shape = shape;
  if (signal.kind == Signal::Kind::Stream) {
    result.stream = rearrange(signal.stream);
    return result;
  }
  Signal source = signal;
  result.affine = std::make_shared<Affine>();
  result.affine->name = signal.affine->name;
  for (Value value : getCurrents(source))
    result.affine->terms.emplace_back(Term::Kind::Raw, loc, rearrange(value));
  return result;
}

/// Splits `axes` of `shape` into groups with the products `extents`, or fails
/// where an axis would have to be cut.
static std::optional<Layout> regroup(ArrayRef<int64_t> shape,
                                     ArrayRef<int64_t> axes,
                                     ArrayRef<int64_t> extents) {
  Layout dims(extents.size());
  size_t next = 0;
  for (auto [dim, extent] : llvm::enumerate(extents)) {
    int64_t product = 1;
    while (product < extent && next < axes.size()) {
      product *= shape[axes[next]];
      dims[dim].push_back(axes[next++]);
    }
    if (product != extent)
      return std::nullopt;
  }
  if (next != axes.size())
    return std::nullopt;
  return dims;
}

Signal NetworkBuilder::reshape(const Signal &signal, ArrayRef<int64_t> shape,
                               Location loc) {
  SmallVector<int64_t> all(
      llvm::to_vector(llvm::seq<int64_t>(0, signal.dims.size())));
  Signal result = signal;
  if (std::optional<Layout> dims =
          regroup(signal.shape, getAxes(signal, all), shape)) {
    result.dims = *dims;
    result.tensor.assign(shape.begin(), shape.end());
    return result;
  }
  // An axis is cut: lay the values out in the tensor's order, in its new shape.
  SmallVector<int64_t> order = llvm::to_vector(llvm::make_filter_range(
      all, [&](int64_t dim) { return signal.tensor[dim] != 1; }));
  result = arrange(signal, order, loc);
  bool dropBatch = shape.size() > 1 && shape.front() == 1;
  SmallVector<int64_t> target(dropBatch ? shape.drop_front() : shape);
  SmallVector<int64_t> dims(
      llvm::to_vector(llvm::seq<int64_t>(dropBatch ? 1 : 0, shape.size())));
  if (result.kind == Signal::Kind::Stream) {
    result.stream = reshapeView(result.stream, target, loc);
  } else {
    auto affine = std::make_shared<Affine>();
    affine->name = result.affine->name;
    for (Value value : getCurrents(result))
      affine->terms.emplace_back(Term::Kind::Raw, loc,
                                 reshapeView(value, target, loc));
    result.affine = affine;
  }
  result.shape = target;
  result.tensor.assign(shape.begin(), shape.end());
  result.dims = makeLayout(target, shape.size(), dims);
  return result;
}
