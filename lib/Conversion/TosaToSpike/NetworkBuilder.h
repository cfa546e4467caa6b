//===- NetworkBuilder.h - Spike networks from layers ------------*- C++ -*-===//
//
// The conversion walks a tosa function once and keeps, for every tensor of the
// network, a Signal.  Three ideas make most of tosa's shuffling vanish:
//
// - Layout: a tensor is a stream or current of fixed, channel-first shape and a
//   note which of its axes make up which dimension of the tensor.  Transposes
//   and reshapes change the note, not the stream; only what cannot be written
//   so becomes a view.
// - Affine: what linear ops produce stays a list of terms (connections not yet
//   built) and a bias, so that scales, shifts and sums that follow go into the
//   weights.
// - Populations are built where a nonlinearity, a readout or an op that needs
//   events asks for them.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_CONVERSION_TOSATOSPIKE_NETWORKBUILDER_H
#define NMC_LIB_CONVERSION_TOSATOSPIKE_NETWORKBUILDER_H

#include "Constants.h"
#include "dialects/Spike/Spike.h"
#include "nmc/Support/LLVM.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

#include <memory>
#include <string>

namespace nmc::tosatospike {

/// A connection that is not built yet.
struct Term {
  enum class Kind { Conv, TransposedConv, Dense, Pool, Scale, Raw };
  Kind kind = Kind::Raw;
  Location loc;
  /// A stream or current; of Raw the current itself.
  Value source;
  /// Conv O×I/g×k, TransposedConv I×O/g×k, Dense O×I, Scale 1 or C values.
  SmallVector<float, 0> weights;
  SmallVector<int64_t> weightShape;
  SmallVector<int64_t> kernel, strides, pads, outputPads, dilations;
  int64_t groups = 1;
  /// Pool: the sum over the window times this; a mean has 1/size.
  bool isMean = false, countPads = true;
  double factor = 1.0;

  Term(Kind kind, Location loc, Value source)
      : kind(kind), loc(loc), source(source) {}
  bool hasWeights() const {
    return kind == Kind::Conv || kind == Kind::TransposedConv ||
           kind == Kind::Dense;
  }
};

/// A sum of terms and a bias per channel (first axis of the shape).
struct Affine {
  SmallVector<Term, 1> terms;
  SmallVector<float, 0> bias; // empty: none
  std::string name;
  /// The currents, once built.
  SmallVector<Value> currents;
};

/// dims[i] are the axes, outer to inner, that make up dimension i of the
/// tensor; axes of extent 1 are in no list.
using Layout = SmallVector<SmallVector<int64_t, 2>, 4>;

/// What is known of a tensor of the network.
struct Signal {
  enum class Kind {
    None,   // not of the network
    Failed, // reported already
    Stream,
    Affine
  };
  Kind kind = Kind::None;
  Value stream;
  std::shared_ptr<tosatospike::Affine> affine;
  /// Shape of the stream or current.
  SmallVector<int64_t> shape;
  /// Shape of the tensor and how it maps to `shape`.
  SmallVector<int64_t> tensor;
  Layout dims;
  /// Bounds of the values, where known: after a rectifier.
  bool nonNegative = false;
  std::optional<double> max;

  bool inNetwork() const {
    return kind == Kind::Stream || kind == Kind::Affine;
  }
  int64_t elements() const { return ShapedType::getNumElements(shape); }
  int64_t channels() const { return shape.empty() ? 1 : shape.front(); }
};

/// The axes behind the tensor dimensions `order`, outer to inner.
SmallVector<int64_t> getAxes(const Signal &signal, ArrayRef<int64_t> order);
/// The note for a tensor whose dimensions, in `order`, are the axes of `shape`.
Layout makeLayout(ArrayRef<int64_t> shape, int64_t rank,
                  ArrayRef<int64_t> order);
/// For every element of the stream, in C-major order, its row-major position in
/// the tensor; empty where the two are equal.
SmallVector<int64_t, 0> getTensorPositions(const Signal &signal);

class NetworkBuilder {
public:
  NetworkBuilder(MLIRContext *context, Location loc)
      : builder(context), loc(loc), body(std::make_unique<Block>()) {
    builder.setInsertionPointToEnd(body.get());
  }

  //===--- Layout ---------------------------------------------------------===//

  /// The signal with exactly one axis per tensor dimension in `order`, which
  /// names every dimension but a batch of 1. Builds views where it must.
  Signal arrange(const Signal &signal, ArrayRef<int64_t> order, Location loc);
  /// Reshapes the tensor; builds a view only where an axis is split.
  Signal reshape(const Signal &signal, ArrayRef<int64_t> shape, Location loc);
  /// An order of the dimensions (without a batch of 1) in which the signal
  /// needs no transpose: channel-last read as channel-first if possible.
  SmallVector<int64_t> naturalOrder(const Signal &signal);

  //===--- Building -------------------------------------------------------===//

  /// Adds an argument and its input population.
  Signal addInput(ArrayRef<int64_t> shape, Type elementType, StringRef name,
                  Location loc);
  /// A stream or current with the signal's values, for a connection or view.
  Value getSource(Signal &signal, Location loc);
  /// The currents whose sum is the affine signal.
  ArrayRef<Value> getCurrents(Signal &signal);
  /// The signal as a stream: a linear population where it is affine.
  Value getStream(Signal &signal, Location loc);
  /// A signal of one current that is built already.
  Signal makeRaw(const Signal &like, Value current, Location loc);
  /// The signal as a sum of terms.
  Signal makeAffine(const Signal &signal, Location loc, bool mayCopyTerms);
  /// A rectifier.
  Signal addRelu(Signal signal, std::optional<double> max, bool rectify,
                 Location loc);
  Signal addMaxPool(const Signal &source, ArrayRef<int64_t> kernel,
                    ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
                    ArrayRef<int64_t> shape, StringRef name, Location loc);
  /// The population that is read out; returns the stream.
  Value addReadout(Signal &signal, Location loc);
  /// Multiplies an affine signal by one number or one per channel.
  void scale(Signal &signal, ArrayRef<float> factors);
  /// Adds one number, or one per channel, to an affine signal.
  void shift(Signal &signal, ArrayRef<float> offsets);

  Value transposeView(Value value, ArrayRef<int64_t> permutation, Location loc);
  Value reshapeView(Value value, ArrayRef<int64_t> shape, Location loc);
  Type typeLike(Value value, ArrayRef<int64_t> shape);

  /// A unique population name.
  std::string uniqueName(StringRef wish);

  /// Drops what nothing uses and moves the body into a network `name` before
  /// `anchor`, with `outputs` as results.
  spike::NetworkOp finish(Operation *anchor, StringRef name,
                          ArrayRef<Value> outputs);

  mlir::OpBuilder builder;

private:
  Value emit(Term &term, ArrayRef<int64_t> shape, ArrayRef<float> bias,
             StringRef name);
  Value emitScale(Value source, ArrayRef<float> factors, ArrayRef<float> bias,
                  StringRef name, Location loc);
  ElementsAttr floats(ArrayRef<int64_t> shape, ArrayRef<float> values,
                      StringRef name);
  Type current(ArrayRef<int64_t> shape);

  Location loc;
  std::unique_ptr<Block> body;
  llvm::StringSet<> names;
};

} // namespace nmc::tosatospike

#endif // NMC_LIB_CONVERSION_TOSATOSPIKE_NETWORKBUILDER_H
