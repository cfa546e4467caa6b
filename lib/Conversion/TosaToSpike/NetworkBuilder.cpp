//===- NetworkBuilder.cpp - Spike networks from layers --------------------===//

#include "NetworkBuilder.h"
#include "nmc/Support/Blob.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace nmc;
using namespace nmc::tosatospike;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

std::string NetworkBuilder::uniqueName(StringRef wish) {
  std::string name = wish.empty() ? "population" : wish.str();
  for (int64_t i = 1; !names.insert(name).second; ++i)
    name = (wish + "_" + Twine(i)).str();
  return name;
}

//===----------------------------------------------------------------------===//
// Small builders
//===----------------------------------------------------------------------===//

Type NetworkBuilder::current(ArrayRef<int64_t> shape) {
  return spike::CurrentType::get(builder.getContext(), shape,
                                 builder.getF32Type());
}

Type NetworkBuilder::typeLike(Value value, ArrayRef<int64_t> shape) {
  return cast<ShapedType>(value.getType()).clone(shape);
}

Value NetworkBuilder::transposeView(Value value, ArrayRef<int64_t> permutation,
                                    Location loc) {
  SmallVector<int64_t> shape;
  for (int64_t axis : permutation)
    shape.push_back(spike::getShape(value)[axis]);
  return spike::TransposeOp::create(builder, loc, typeLike(value, shape), value,
                                    permutation);
}

Value NetworkBuilder::reshapeView(Value value, ArrayRef<int64_t> shape,
                                  Location loc) {
  if (spike::getShape(value) == shape)
    return value;
  return spike::ReshapeOp::create(builder, loc, typeLike(value, shape), value);
}

ElementsAttr NetworkBuilder::floats(ArrayRef<int64_t> shape,
                                    ArrayRef<float> values, StringRef name) {
  return makeElements(RankedTensorType::get(shape, builder.getF32Type()),
                      values, name);
}

Signal NetworkBuilder::addInput(ArrayRef<int64_t> shape, Type elementType,
                                StringRef name, Location loc) {
  Type type = spike::StreamType::get(builder.getContext(), shape, elementType);
  Value port = body->addArgument(type, loc);
  Signal signal;
  signal.kind = Signal::Kind::Stream;
  signal.stream =
      spike::InputOp::create(builder, loc, type, uniqueName(name), port);
  signal.shape.assign(shape.begin(), shape.end());
  return signal;
}

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

static bool isTrivial(ArrayRef<int64_t> values, int64_t neutral) {
  return llvm::all_of(values, [&](int64_t v) { return v == neutral; });
}

static mlir::DenseI64ArrayAttr
array(mlir::OpBuilder &builder, ArrayRef<int64_t> values, int64_t neutral) {
  return isTrivial(values, neutral) ? mlir::DenseI64ArrayAttr()
                                    : builder.getDenseI64ArrayAttr(values);
}

/// Takes pads around the space axes of a spike.pad before `source` into `pads`.
static Value absorbPad(Value source, SmallVectorImpl<int64_t> &pads) {
  auto pad = source.getDefiningOp<spike::PadOp>();
  size_t rank = pads.size() / 2;
  if (!pad || pad.getLow().size() != rank + 1 || pad.getLow().front() != 0 ||
      pad.getHigh().front() != 0)
    return source;
  for (size_t d = 0; d < rank; ++d) {
    pads[d] += pad.getLow()[d + 1];
    pads[rank + d] += pad.getHigh()[d + 1];
  }
  return pad.getSource();
}

Value NetworkBuilder::emitScale(Value source, ArrayRef<float> factors,
                                ArrayRef<float> bias, StringRef name,
                                Location loc) {
  ArrayRef<int64_t> shape = spike::getShape(source);
  if (bias.empty()) {
    if (factors.size() == 1) {
      mlir::FloatAttr weight = factors.front() == 1.0f
                                   ? mlir::FloatAttr()
                                   : builder.getF32FloatAttr(factors.front());
      return spike::IdentityOp::create(builder, loc, current(shape), source,
                                       weight);
    }
    return spike::ScaleOp::create(
        builder, loc, current(shape), source,
        floats({int64_t(factors.size())}, factors, (name + ".weight").str()));
  }
  // Only convolutions carry a bias: one tap per channel.
  int64_t channels = shape.empty() ? 1 : shape.front();
  SmallVector<int64_t> full(shape);
  full.resize(std::max<size_t>(full.size(), 2), 1);
  SmallVector<int64_t> kernel(full.size() + 1, 1);
  kernel.front() = channels;
  SmallVector<float, 0> weights(channels);
  for (int64_t c = 0; c < channels; ++c)
    weights[c] = factors[factors.size() == 1 ? 0 : c];
  Value conv = spike::ConvOp::create(
      builder, loc, current(full), reshapeView(source, full, loc),
      floats(kernel, weights, (name + ".weight").str()),
      floats({channels}, bias, (name + ".bias").str()),
      /*weight_type=*/TypeAttr(), builder.getI64IntegerAttr(0),
      /*strides=*/mlir::DenseI64ArrayAttr(),
      /*pads=*/mlir::DenseI64ArrayAttr(),
      /*dilations=*/mlir::DenseI64ArrayAttr(),
      builder.getI64IntegerAttr(channels));
  return reshapeView(conv, shape, loc);
}

Value NetworkBuilder::emit(Term &term, ArrayRef<int64_t> shape,
                           ArrayRef<float> bias, StringRef name) {
  mlir::IntegerAttr exponent = builder.getI64IntegerAttr(0);
  mlir::IntegerAttr groups = builder.getI64IntegerAttr(term.groups);
  Type type = current(shape);
  ElementsAttr weights, biasAttr;
  if (term.hasWeights()) {
    weights = floats(term.weightShape, term.weights, (name + ".weight").str());
    if (!bias.empty())
      biasAttr = floats({int64_t(bias.size())}, bias, (name + ".bias").str());
  }
  switch (term.kind) {
  case Term::Kind::Conv: {
    Value source = absorbPad(term.source, term.pads);
    return spike::ConvOp::create(
        builder, term.loc, type, source, weights, biasAttr, TypeAttr(),
        exponent, array(builder, term.strides, 1), array(builder, term.pads, 0),
        array(builder, term.dilations, 1), groups);
  }
  case Term::Kind::TransposedConv:
    return spike::TransposedConvOp::create(
        builder, term.loc, type, term.source, weights, biasAttr, TypeAttr(),
        exponent, array(builder, term.strides, 1), array(builder, term.pads, 0),
        array(builder, term.outputPads, 0), mlir::DenseI64ArrayAttr(), groups);
  case Term::Kind::Dense:
    return spike::DenseOp::create(builder, term.loc, type, term.source, weights,
                                  biasAttr, TypeAttr(), exponent);
  case Term::Kind::Pool: {
    double size = ShapedType::getNumElements(term.kernel);
    bool mean = term.isMean ? term.factor == 1.0
                            : std::abs(term.factor * size - 1.0) < 1e-6;
    // A mean that does not count padding has no weight of its own.
    bool apart =
        term.isMean && !mean && !isTrivial(term.pads, 0) && !term.countPads;
    auto strides = builder.getDenseI64ArrayAttr(term.strides);
    if (term.strides == term.kernel)
      strides = {};
    Value result;
    if (mean || apart) {
      bool countPads = term.countPads || isTrivial(term.pads, 0);
      Value source = term.source;
      if (isTrivial(term.pads, 0)) {
        SmallVector<int64_t> pads = term.pads;
        source = absorbPad(source, pads);
        term.pads = pads;
      }
      result = spike::AvgPoolOp::create(
          builder, term.loc, type, source,
          builder.getDenseI64ArrayAttr(term.kernel), strides,
          array(builder, term.pads, 0), builder.getBoolAttr(countPads));
      if (apart) {
        float factor = term.factor;
        result = emitScale(result, factor, {}, name, term.loc);
      }
    } else {
      double weight = term.isMean ? term.factor / size : term.factor;
      result = spike::SumPoolOp::create(
          builder, term.loc, type, term.source,
          builder.getDenseI64ArrayAttr(term.kernel), strides,
          array(builder, term.pads, 0),
          weight == 1.0 ? mlir::TypedAttr()
                        : mlir::TypedAttr(builder.getF32FloatAttr(weight)));
    }
    float one = 1.0f;
    return bias.empty() ? result : emitScale(result, one, bias, name, term.loc);
  }
  case Term::Kind::Scale:
    return emitScale(term.source, term.weights, bias, name, term.loc);
  case Term::Kind::Raw: {
    float one = 1.0f;
    return bias.empty() ? term.source
                        : emitScale(term.source, one, bias, name, term.loc);
  }
  }
  return {};
}

ArrayRef<Value> NetworkBuilder::getCurrents(Signal &signal) {
  Affine &affine = *signal.affine;
  if (!affine.currents.empty())
    return affine.currents;
  // The bias goes where it costs nothing.
  size_t carrier = 0;
  for (auto [i, term] : llvm::enumerate(affine.terms))
    if (term.hasWeights()) {
      carrier = i;
      break;
    }
  bool hasBias = llvm::any_of(affine.bias, [](float b) { return b != 0.0f; });
  SmallVector<float, 0> bias;
  if (hasBias)
    for (int64_t c = 0, n = signal.channels(); c < n; ++c)
      bias.push_back(affine.bias[affine.bias.size() == 1 ? 0 : c]);
  for (auto [i, term] : llvm::enumerate(affine.terms)) {
    ArrayRef<float> own =
        i == carrier ? ArrayRef<float>(bias) : ArrayRef<float>();
    affine.currents.push_back(emit(term, signal.shape, own, affine.name));
  }
  return affine.currents;
}

//===----------------------------------------------------------------------===//
// Signals
//===----------------------------------------------------------------------===//

Signal NetworkBuilder::makeRaw(const Signal &like, Value current,
                               Location loc) {
  Signal result = like;
  result.kind = Signal::Kind::Affine;
  result.stream = {};
  result.nonNegative = false;
  result.max = std::nullopt;
  result.affine = std::make_shared<Affine>();
  if (like.affine)
    result.affine->name = like.affine->name;
  result.affine->terms.emplace_back(Term::Kind::Raw, loc, current);
  return result;
}

Signal NetworkBuilder::makeAffine(const Signal &signal, Location loc,
                                  bool mayCopyTerms) {
  Signal result = signal;
  result.kind = Signal::Kind::Affine;
  result.nonNegative = false;
  result.max = std::nullopt;
  result.affine = std::make_shared<Affine>();
  if (signal.kind == Signal::Kind::Stream) {
    Term &term = result.affine->terms.emplace_back(Term::Kind::Scale, loc,
                                                   signal.stream);
    term.weights.assign(1, 1.0f);
    result.stream = {};
    return result;
  }
  result.affine->name = signal.affine->name;
  if (mayCopyTerms && signal.affine->currents.empty()) {
    result.affine->terms = signal.affine->terms;
    result.affine->bias = signal.affine->bias;
    return result;
  }
  Signal built = signal;
  for (Value value : getCurrents(built))
    result.affine->terms.emplace_back(Term::Kind::Raw, loc, value);
  return result;
}

Value NetworkBuilder::getSource(Signal &signal, Location loc) {
  if (signal.kind == Signal::Kind::Stream)
    return signal.stream;
  ArrayRef<Value> currents = getCurrents(signal);
  return currents.size() == 1 ? currents.front() : getStream(signal, loc);
}

Value NetworkBuilder::getStream(Signal &signal, Location loc) {
  if (signal.kind == Signal::Kind::Affine)
    signal = addRelu(signal, std::nullopt, /*rectify=*/false, loc);
  return signal.stream;
}

Signal NetworkBuilder::addRelu(Signal signal, std::optional<double> max,
                               bool rectify, Location loc) {
  if (signal.kind == Signal::Kind::Stream)
    signal = makeAffine(signal, loc, true);
  StringRef wish = signal.affine->name;
  std::string name = uniqueName(wish);
  SmallVector<Value> drives(getCurrents(signal));
  Type type = spike::StreamType::get(builder.getContext(), signal.shape,
                                     builder.getF32Type());
  mlir::FloatAttr maxAttr =
      max ? builder.getF64FloatAttr(*max) : mlir::FloatAttr();
  Signal result = signal;
  result.kind = Signal::Kind::Stream;
  result.affine.reset();
  result.stream = spike::ReluOp::create(
      builder, loc, type, builder.getStringAttr(name), drives, maxAttr,
      /*requant=*/spike::RequantAttr(), builder.getBoolAttr(rectify));
  result.nonNegative = rectify;
  result.max = max;
  return result;
}

Signal NetworkBuilder::addMaxPool(const Signal &source,
                                  ArrayRef<int64_t> kernel,
                                  ArrayRef<int64_t> strides,
                                  ArrayRef<int64_t> pads,
                                  ArrayRef<int64_t> shape, StringRef name,
                                  Location loc) {
  Signal result = source;
  result.shape.assign(shape.begin(), shape.end());
  auto stridesAttr = builder.getDenseI64ArrayAttr(strides);
  if (strides == kernel)
    stridesAttr = {};
  result.stream = spike::MaxPoolOp::create(
      builder, loc, typeLike(source.stream, shape),
      builder.getStringAttr(uniqueName(name)), source.stream,
      builder.getDenseI64ArrayAttr(kernel), stridesAttr,
      array(builder, pads, 0));
  return result;
}

Value NetworkBuilder::addReadout(Signal &signal, Location loc) {
  if (signal.kind == Signal::Kind::Stream)
    return signal.stream;
  std::string name = uniqueName(signal.affine->name);
  SmallVector<Value> drives(getCurrents(signal));
  Type type = spike::StreamType::get(builder.getContext(), signal.shape,
                                     builder.getF32Type());
  return spike::IntegratorOp::create(builder, loc, type, name, drives,
                                     /*dynamics=*/spike::DynamicsAttr(),
                                     /*r=*/ElementsAttr());
}

//===----------------------------------------------------------------------===//
// Scale and shift
//===----------------------------------------------------------------------===//

void NetworkBuilder::scale(Signal &signal, ArrayRef<float> factors) {
  Affine &affine = *signal.affine;
  auto factor = [&](int64_t channel) {
    return factors[factors.size() == 1 ? 0 : channel];
  };
  if (!affine.bias.empty()) {
    if (affine.bias.size() < factors.size())
      affine.bias.resize(factors.size(), affine.bias.front());
    for (auto [c, b] : llvm::enumerate(affine.bias))
      b *= factor(c);
  }
  for (Term &term : affine.terms) {
    int64_t count = term.weights.size();
    switch (term.kind) {
    case Term::Kind::Conv:
    case Term::Kind::Dense: {
      int64_t row = count / term.weightShape.front();
      for (int64_t i = 0; i < count; ++i)
        term.weights[i] *= factor(i / row);
      break;
    }
    case Term::Kind::TransposedConv: {
      int64_t taps = ShapedType::getNumElements(
          ArrayRef<int64_t>(term.weightShape).drop_front(2));
      int64_t inputs = term.weightShape[0], outputs = term.weightShape[1];
      for (int64_t i = 0; i < count; ++i) {
        int64_t group = i / (taps * outputs) / (inputs / term.groups);
        term.weights[i] *= factor(group * outputs + i / taps % outputs);
      }
      break;
    }
    case Term::Kind::Scale:
      if (term.weights.size() < factors.size())
        term.weights.resize(factors.size(), term.weights.front());
      for (auto [c, w] : llvm::enumerate(term.weights))
        w *= factor(c);
      break;
    case Term::Kind::Pool:
      if (factors.size() == 1) {
        term.factor *= factors.front();
        break;
      }
      [[fallthrough]];
    case Term::Kind::Raw: {
      Value source = emit(term, signal.shape, {}, affine.name);
      Term scaled(Term::Kind::Scale, term.loc, source);
      scaled.weights.assign(factors.begin(), factors.end());
      term = scaled;
      break;
    }
    }
  }
}

void NetworkBuilder::shift(Signal &signal, ArrayRef<float> offsets) {
  SmallVector<float, 0> &bias = signal.affine->bias;
  if (bias.empty())
    bias.assign(1, 0.0f);
  if (bias.size() < offsets.size())
    bias.resize(offsets.size(), bias.front());
  for (auto [c, b] : llvm::enumerate(bias))
    b += offsets[offsets.size() == 1 ? 0 : c];
}

//===----------------------------------------------------------------------===//
// The network
//===----------------------------------------------------------------------===//

spike::NetworkOp NetworkBuilder::finish(Operation *anchor, StringRef name,
                                        ArrayRef<Value> outputs) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*body)))
    if (op.use_empty() && mlir::isPure(&op) &&
        !llvm::any_of(op.getResults(),
                      [&](Value v) { return llvm::is_contained(outputs, v); }))
      op.erase();
  spike::OutputOp::create(builder, loc, outputs);
  SmallVector<Type> results;
  for (Value output : outputs)
    results.push_back(output.getType());
  mlir::OpBuilder at(anchor);
  auto type =
      at.getFunctionType(llvm::to_vector(body->getArgumentTypes()), results);
  auto network = spike::NetworkOp::create(
      at, loc, name, type, /*sym_visibility=*/StringAttr(),
      /*arg_attrs=*/ArrayAttr(), /*res_attrs=*/ArrayAttr(),
      /*dt=*/mlir::FloatAttr(), /*steps=*/mlir::IntegerAttr(),
      spike::StateScopeAttr::get(at.getContext(), spike::StateScope::Sample));
  network.getBody().push_back(body.release());
  return network;
}
