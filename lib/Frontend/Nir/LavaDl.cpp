//===- LavaDl.cpp - Networks of lava-dl (.net) ----------------------------===//
//
//   /layer/<k>/{type, shape, weight, bias, neuron/{...}, ...}
//
// A chain of layers of Loihi neurons in integers, as Lava's fixed-point LIF and
// lava-dl run them:
//
//   u := toward_zero(u·(4096 − iDecay) / 4096) + 64·Σ w·s      (24 bits, wraps)
//   v := toward_zero(v·(4096 − vDecay) / 4096) + u + 64·bias   (24 bits, cut)
//   spike where v passes 64·vThMant; v := 0
//
// The neuron's type says which of the two ran the network: LOIHI is what Lava's
// processes run, where a spike fires above the threshold and reaches the next
// layer one step later; CUBA is lava-dl itself, which fires from the threshold
// on and passes spikes on at once.
//
// Shapes stand in the file as channels × height × width, as everywhere in nmc;
// Lava itself shows the same tensor as x × y × channels.
//
//===----------------------------------------------------------------------===//

#include "LavaDl.h"
#include "Attributes.h"

#include "nmc/Support/Blob.h"
#include "nmc/Support/RuleError.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

namespace nmc::nir {

namespace {

constexpr unsigned kFraction = 6, kDecayBits = 12, kStateBits = 24;
constexpr int64_t kMaxMembrane = (int64_t(1) << 23) - 1;

struct Layer {
  std::string name; // "conv1"
  StringRef type;
  const RawObject *object = nullptr;
  const RawObject *neuron = nullptr;
};

class LavaDlImporter {
public:
  LavaDlImporter(const RawObject &file, const ImportOptions &options,
                 Reporter &reporter, spike::NetworkOp network)
      : file(file), options(options), reporter(reporter), network(network),
        builder(network.getBody()) {}

  LogicalResult run();

private:
  RuleDiagnostic error(StringRef rule) {
    return std::move(reporter.error(rule) << "layer '" << layer.name << "': ");
  }
  FailureOr<std::vector<Layer>> listLayers();
  LogicalResult addLayer();
  LogicalResult addInput();
  LogicalResult addFlatten();
  LogicalResult addSynapses();
  LogicalResult addNeurons(Value current, ElementsAttr bias,
                           ArrayRef<int64_t> shape, unsigned weightBits);
  LogicalResult addDelay();
  bool isLava() const;
  Type getPayload();

  /// One integer; `otherwise` where it is absent and may be.
  FailureOr<int64_t> readInt(const RawObject &group, StringRef field,
                             std::optional<int64_t> otherwise, int64_t low,
                             int64_t high);
  FailureOr<SmallVector<int64_t, 4>> readInts(StringRef field, size_t least,
                                              size_t most, int64_t low);
  /// Integers, which files hold as floats.
  FailureOr<SmallVector<int64_t, 0>> readWhole(StringRef field);
  /// The bias in state units, one per channel or neuron; null without.
  FailureOr<ElementsAttr> readBias(int64_t channels, int64_t neurons);
  /// Weights over 2^exponent in as few bits as hold them.
  FailureOr<ElementsAttr> readWeights(ArrayRef<int64_t> shape,
                                      int64_t &exponent, unsigned &bits);
  Value addPort(ArrayRef<int64_t> shape, Type element);

  ElementsAttr scalar(int64_t value) {
    auto type = RankedTensorType::get({}, builder.getI32Type());
    return DenseElementsAttr::get(type, int32_t(value));
  }
  Location getLoc() const { return reporter.getLoc(layer.name); }

  const RawObject &file;
  const ImportOptions &options;
  Reporter &reporter;
  spike::NetworkOp network;
  mlir::OpBuilder builder;
  Layer layer;
  Value events; // of the layer before
};

} // namespace

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

FailureOr<std::vector<Layer>> LavaDlImporter::listLayers() {
  const RawObject *group = file.find("layer");
  if (!group->isGroup())
    return reporter.error("net-layer") << "'/layer' is no group";
  // Named by number; the file lists them by letters: 0, 1, 10, 2.
  std::vector<std::pair<unsigned, Layer>> found;
  for (const auto &[name, member] : group->members) {
    unsigned index;
    if (StringRef(name).getAsInteger(10, index) || !member.isGroup())
      return reporter.error("net-layer")
             << "layer '" << printable(name)
             << "' is not a group with a number as its name";
    Layer entry;
    entry.object = &member;
    const RawObject *type = member.find("type");
    if (!type || type->kind != RawObject::Kind::Strings ||
        type->strings.size() != 1)
      return reporter.error("net-layer")
             << "layer '" << name << "' has no 'type'";
    entry.type = type->strings[0];
    entry.name = entry.type.str() + name;
    entry.neuron = member.find("neuron");
    found.push_back({index, entry});
  }
  if (found.empty())
    return reporter.error("net-layer") << "the file has no layers";
  llvm::sort(found,
             [](const auto &a, const auto &b) { return a.first < b.first; });
  std::vector<Layer> layers;
  for (auto [i, entry] : llvm::enumerate(found)) {
    if (entry.first != i)
      return reporter.error("net-layer")
             << "layers are not numbered in a row: " << entry.first
             << " stands where " << int64_t(i) << " should";
    layers.push_back(entry.second);
  }
  return layers;
}

FailureOr<int64_t> LavaDlImporter::readInt(const RawObject &group,
                                           StringRef field,
                                           std::optional<int64_t> otherwise,
                                           int64_t low, int64_t high) {
  const RawObject *object = group.find(field);
  if (!object && otherwise)
    return *otherwise;
  if (!object)
    return error("net-layer") << "lacks '" << field << "'";
  if (object->kind != RawObject::Kind::Numbers || object->numbers.size() != 1)
    return error("net-layer") << "'" << field << "' is not one number";
  double value = object->numbers.getDouble(0);
  if (value != std::floor(value) || !(value >= double(low)) ||
      !(value <= double(high)))
    return error("net-layer")
           << "'" << field << "' is " << value << ", but an integer from "
           << low << " to " << high << " is needed";
  return int64_t(value);
}

FailureOr<SmallVector<int64_t, 4>> LavaDlImporter::readInts(StringRef field,
                                                            size_t least,
                                                            size_t most,
                                                            int64_t low) {
  const RawObject *object = layer.object->find(field);
  if (!object || object->kind != RawObject::Kind::Numbers ||
      object->numbers.rank() > 1 || size_t(object->numbers.size()) < least ||
      size_t(object->numbers.size()) > most)
    return error("net-layer")
           << (object ? "'" : "lacks '") << field << "'"
           << (object ? " has another shape than a list of " : ": ")
           << int64_t(least) << " to " << int64_t(most) << " integers";
  SmallVector<int64_t, 4> values;
  for (int64_t i = 0; i < object->numbers.size(); ++i) {
    double value = object->numbers.getDouble(i);
    if (value != std::floor(value) || !(value >= double(low)) ||
        !(value <= double(1 << 20)))
      return error("net-layer")
             << "'" << field << "' holds " << value << ", but integers from "
             << low << " to " << (1 << 20) << " are possible";
    values.push_back(int64_t(value));
  }
  return values;
}

/// Whether the layer's neurons are those of Lava.
bool LavaDlImporter::isLava() const {
  const RawObject *type = layer.neuron && layer.neuron->isGroup()
                              ? layer.neuron->find("type")
                              : nullptr;
  return type && type->kind == RawObject::Kind::Strings &&
         type->strings.size() == 1 && type->strings[0] == "LOIHI";
}

FailureOr<SmallVector<int64_t, 0>> LavaDlImporter::readWhole(StringRef field) {
  const RawObject *object = layer.object->find(field);
  if (!object)
    return error("net-layer") << "lacks '" << field << "'";
  if (object->kind != RawObject::Kind::Numbers)
    return error("net-layer") << "'" << field << "' is no array of numbers";
  SmallVector<int64_t, 0> values;
  values.reserve(object->numbers.size());
  for (int64_t i = 0; i < object->numbers.size(); ++i) {
    double value = object->numbers.getDouble(i);
    if (value != std::floor(value) || !(std::fabs(value) < (1 << 24)))
      return error("net-weight")
             << "'" << field << "' holds " << value << " at position " << i
             << ", but must hold integers below 2^24: the network is not "
                "quantised";
    values.push_back(int64_t(value));
  }
  return values;
}

FailureOr<ElementsAttr> LavaDlImporter::readBias(int64_t channels,
                                                 int64_t neurons) {
  if (!layer.object->find("bias"))
    return ElementsAttr();
  FailureOr<SmallVector<int64_t, 0>> values = readWhole("bias");
  if (failed(values))
    return failure();
  int64_t count = values->size();
  if (count != 1 && count != channels && count != neurons)
    return error("net-shape")
           << "'bias' has " << count << " values, but needs 1, " << channels
           << " or " << neurons;
  if (llvm::all_of(*values, [](int64_t v) { return v == 0; }))
    return ElementsAttr();
  SmallVector<int32_t, 0> shifted;
  for (int64_t value : *values) {
    if (std::abs(value) > (kMaxMembrane >> kFraction))
      return error("net-weight")
             << "a bias of " << value << " does not fit the state";
    shifted.push_back(int32_t(value * (1 << kFraction)));
  }
  auto type = RankedTensorType::get(count == 1 ? ArrayRef<int64_t>()
                                               : ArrayRef<int64_t>(count),
                                    builder.getI32Type());
  return makeElements(
      type,
      ArrayRef<char>(reinterpret_cast<const char *>(shifted.data()),
                     shifted.size() * sizeof(int32_t)),
      layer.name + ".bias");
}

FailureOr<ElementsAttr> LavaDlImporter::readWeights(ArrayRef<int64_t> shape,
                                                    int64_t &exponent,
                                                    unsigned &bits) {
  FailureOr<SmallVector<int64_t, 0>> values = readWhole("weight");
  if (failed(values))
    return failure();
  if (countElements(shape) != int64_t(values->size()))
    return error("net-shape")
           << "'weight' has shape "
           << formatShape(layer.object->find("weight")->numbers.shape())
           << ", but needs " << formatShape(shape);
  // Loihi has 8 bits and a shared exponent.
  uint64_t all = 0;
  for (int64_t value : *values)
    all |= uint64_t(value);
  unsigned shift = all ? std::min(llvm::countr_zero(all), 8) : 0;
  // Only as far as needed: weights that fit stay as they are.
  int64_t low = 0, high = 0;
  for (int64_t value : *values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  unsigned needed = 0;
  while (needed < shift && ((low >> needed) < -128 || (high >> needed) > 127))
    ++needed;
  exponent = needed;
  low >>= needed;
  high >>= needed;
  bits = std::max(llvm::Log2_64_Ceil(uint64_t(high + 1)),
                  llvm::Log2_64_Ceil(uint64_t(-low))) +
         1;
  if (bits > 8)
    reporter.warning("net-weight")
        << "layer '" << layer.name << "': weights from " << low << " to "
        << high << " take " << bits << " bits, more than Loihi's 8";
  bits = std::max(bits, 8u);
  if (bits > 16)
    return error("net-weight") << "weights from " << low << " to " << high
                               << " take " << bits << " bits, more than 16";
  Array stored = Array::uninitialized(
      bits <= 8 ? ElementKind::I8 : ElementKind::I16, shape);
  for (auto [i, value] : llvm::enumerate(*values)) {
    if (bits <= 8)
      stored.mutableValues<int8_t>()[i] = int8_t(value >> needed);
    else
      stored.mutableValues<int16_t>()[i] = int16_t(value >> needed);
  }
  return toElements(stored, layer.name + ".weight", builder.getContext());
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

Value LavaDlImporter::addPort(ArrayRef<int64_t> shape, Type element) {
  Type type = spike::StreamType::get(builder.getContext(), shape, element);
  Location loc = reporter.getLoc("input");
  Value port = network.getBody().front().addArgument(type, loc);
  return spike::InputOp::create(builder, loc, type, "input", port);
}

/// Neurons that encode an image: their drive is weight·x + bias.
LogicalResult LavaDlImporter::addInput() {
  FailureOr<SmallVector<int64_t, 4>> shape = readInts("shape", 1, 3, 1);
  if (failed(shape))
    return failure();
  FailureOr<int64_t> weight = readInt(*layer.object, "weight", 1, 1, 1 << 16);
  FailureOr<ElementsAttr> bias = readBias(1, 1);
  if (failed(weight) || failed(bias))
    return failure();
  if (options.input == InputKind::Binary) {
    reporter.remark("net-input")
        << "layer '" << layer.name
        << "': the input is spikes, so its neurons are left out";
    events = addPort(*shape, builder.getI1Type());
    return success();
  }
  mlir::TypedAttr factor;
  if (options.input == InputKind::Counts) {
    events = addPort(*shape, builder.getIntegerType(8, /*isSigned=*/false));
    factor = builder.getI32IntegerAttr(int32_t(*weight));
  } else {
    // weight·x is what the stream's integers say, the scale being 1/weight.
    auto element = mlir::quant::UniformQuantizedType::getChecked(
        [&] { return mlir::emitError(getLoc()); },
        mlir::quant::QuantizationFlags::Signed, builder.getIntegerType(16),
        builder.getF32Type(), 1.0 / double(*weight), 0, -32768, 32767);
    if (!element)
      return failure();
    events = addPort(*shape, element);
  }
  Type current = spike::CurrentType::get(builder.getContext(), *shape,
                                         builder.getI32Type());
  Value drive =
      spike::IdentityOp::create(builder, getLoc(), current, events, factor);
  return addNeurons(drive, *bias, *shape, 8);
}

LogicalResult LavaDlImporter::addFlatten() {
  if (!events)
    return error("net-layer") << "is the first layer";
  auto type = cast<ShapedType>(events.getType());
  if (type.getRank() > 1)
    events = spike::ReshapeOp::create(
        builder, getLoc(), type.clone({type.getNumElements()}), events);
  return success();
}

/// What feeds the network where no layer 'input' does: integers read no reals.
Type LavaDlImporter::getPayload() {
  if (options.input == InputKind::Counts)
    return builder.getIntegerType(8, /*isSigned=*/false);
  if (options.input == InputKind::Analog)
    reporter.remark("net-input")
        << "layer '" << layer.name
        << "' is the first and holds integers, so the input is spikes";
  return builder.getI1Type();
}

LogicalResult LavaDlImporter::addSynapses() {
  MLIRContext *context = builder.getContext();
  const RawObject *weight = layer.object->find("weight");
  if (!weight || weight->kind != RawObject::Kind::Numbers)
    return error("net-layer") << "has no 'weight' that is an array of numbers";
  ArrayRef<int64_t> stored = weight->numbers.shape();
  // Trailing axes of 1 are time, or space of a dense layer.
  size_t rank = layer.type == "conv" ? 4 : 2;
  while (stored.size() > rank && stored.back() == 1)
    stored = stored.drop_back();
  FailureOr<SmallVector<int64_t, 4>> shape = readInts("shape", 1, 3, 1);
  if (failed(shape))
    return failure();
  while (layer.type == "dense" && shape->size() > 1 && shape->back() == 1)
    shape->pop_back();
  std::optional<int64_t> neurons = countElements(*shape);
  if (!neurons || *neurons > spike::kMaxElements)
    return error("net-shape") << "has too many neurons";
  Type current = spike::CurrentType::get(context, *shape, builder.getI32Type());
  int64_t exponent = 0;
  unsigned bits = 8;
  FailureOr<int64_t> shared = layer.neuron
                                  ? readInt(*layer.neuron, "wgtExp", 0, -6, 7)
                                  : FailureOr<int64_t>(0);
  if (failed(shared))
    return failure();
  mlir::NamedAttrList attributes;
  auto finish = [&](StringRef name, ElementsAttr weights) {
    attributes.set("weights", weights);
    if (exponent + *shared)
      attributes.set("exponent", builder.getI64IntegerAttr(exponent + *shared));
    Value source = events;
    if (isLava()) // behind a flatten, if there is one
      source = spike::DelayOp::create(builder, getLoc(), source.getType(),
                                      source, /*steps=*/1, ElementsAttr());
    mlir::OperationState state(getLoc(), name);
    state.addOperands(source);
    state.addTypes(current);
    state.addAttributes(attributes.getAttrs());
    return builder.create(state)->getResult(0);
  };

  if (layer.type == "dense") {
    FailureOr<int64_t> in =
        readInt(*layer.object, "inFeatures", std::nullopt, 1, 1 << 24);
    FailureOr<int64_t> out =
        readInt(*layer.object, "outFeatures", std::nullopt, 1, 1 << 24);
    if (failed(in) || failed(out))
      return failure();
    if (*out != *neurons)
      return error("net-shape") << "'shape' is " << formatShape(*shape)
                                << ", but 'outFeatures' " << *out;
    if (!events)
      events = addPort({*in}, getPayload());
    if (spike::getNumElements(events) != *in)
      return error("net-shape") << "takes " << *in << " inputs, but gets "
                                << formatShape(spike::getShape(events));
    FailureOr<ElementsAttr> weights = readWeights({*out, *in}, exponent, bits);
    FailureOr<ElementsAttr> bias = readBias(*out, *out);
    if (failed(weights) || failed(bias))
      return failure();
    return addNeurons(finish(spike::DenseOp::getOperationName(), *weights),
                      *bias, *shape, bits);
  }

  FailureOr<SmallVector<int64_t, 4>> stride = readInts("stride", 2, 2, 1),
                                     padding = readInts("padding", 2, 2, 0),
                                     dilation = readInts("dilation", 2, 2, 1);
  FailureOr<int64_t> groups = readInt(*layer.object, "groups", 1, 1, 1 << 20);
  if (failed(stride) || failed(padding) || failed(dilation) || failed(groups))
    return failure();
  if (stored.size() != 4 || shape->size() != 3 || stored[0] != (*shape)[0])
    return error("net-shape")
           << "'weight' of shape " << formatShape(weight->numbers.shape())
           << " and 'shape' " << formatShape(*shape)
           << " are not those of a convolution";
  if (!events) {
    SmallVector<int64_t> source{stored[1] * *groups};
    for (int64_t d = 0; d < 2; ++d)
      source.push_back(((*shape)[d + 1] - 1) * (*stride)[d] +
                       (*dilation)[d] * (stored[d + 2] - 1) + 1 -
                       2 * (*padding)[d]);
    if (llvm::any_of(source, [](int64_t e) { return e < 1; }))
      return error("net-shape") << "does not tell the shape of its input";
    reporter.remark("net-shape")
        << "layer '" << layer.name << "' is the first; its input is taken to "
        << "have the least shape that fits, " << formatShape(source);
    events = addPort(source, getPayload());
  }
  ArrayRef<int64_t> from = spike::getShape(events);
  if (from.size() != 3 || from[0] != stored[1] * *groups)
    return error("net-shape") << "takes " << stored[1] * *groups
                              << " channels, but gets " << formatShape(from);
  for (int64_t d = 0; d < 2; ++d) {
    int64_t room = from[d + 1] + 2 * (*padding)[d] -
                   (*dilation)[d] * (stored[d + 2] - 1) - 1;
    int64_t extent = room < 0 ? 0 : room / (*stride)[d] + 1;
    if (extent != (*shape)[d + 1])
      return error("net-shape")
             << "'shape' is " << formatShape(*shape) << ", but a source of "
             << formatShape(from) << " gives an extent of " << extent
             << " along axis " << d + 1;
  }
  auto set = [&](StringRef name, ArrayRef<int64_t> values, int64_t neutral) {
    if (llvm::any_of(values, [&](int64_t v) { return v != neutral; }))
      attributes.set(name, builder.getDenseI64ArrayAttr(values));
  };
  set("strides", *stride, 1);
  set("pads", {(*padding)[0], (*padding)[1], (*padding)[0], (*padding)[1]}, 0);
  set("dilations", *dilation, 1);
  if (*groups != 1)
    attributes.set("groups", builder.getI64IntegerAttr(*groups));
  FailureOr<ElementsAttr> weights = readWeights(stored, exponent, bits);
  FailureOr<ElementsAttr> bias = readBias((*shape)[0], *neurons);
  if (failed(weights) || failed(bias))
    return failure();
  return addNeurons(finish(spike::ConvOp::getOperationName(), *weights), *bias,
                    *shape, bits);
}

LogicalResult LavaDlImporter::addNeurons(Value current, ElementsAttr bias,
                                         ArrayRef<int64_t> shape,
                                         unsigned weightBits) {
  if (!layer.neuron || !layer.neuron->isGroup())
    return error("net-layer") << "has no 'neuron'";
  const RawObject &neuron = *layer.neuron;
  const RawObject *type = neuron.find("type");
  StringRef kind = type && type->kind == RawObject::Kind::Strings &&
                           type->strings.size() == 1
                       ? StringRef(type->strings[0])
                       : StringRef();
  if (kind != "LOIHI" && kind != "CUBA")
    return error("net-neuron") << "its neurons are of type '" << printable(kind)
                               << "'; CUBA and LOIHI are known";
  FailureOr<int64_t> decay = readInt(neuron, "iDecay", std::nullopt, 0, 4096),
                     leak = readInt(neuron, "vDecay", std::nullopt, 0, 4096),
                     threshold =
                         readInt(neuron, "vThMant", std::nullopt, 0, 131071),
                     rest = readInt(neuron, "refDelay", 1, 1, 1 << 16),
                     graded = readInt(neuron, "gradedSpike", 0, 0, 1);
  if (failed(decay) || failed(leak) || failed(threshold) || failed(rest) ||
      failed(graded))
    return failure();
  if (*graded)
    return error("net-neuron") << "its neurons send graded spikes, which "
                                  "this importer does not know";
  MLIRContext *context = builder.getContext();
  spike::Dynamics dynamics;
  dynamics.decay = spike::DecayKind::Fixed;
  dynamics.compare =
      isLava() ? spike::Compare::Greater : spike::Compare::GreaterEqual;
  dynamics.refractory = *rest - 1;
  dynamics.vFloor = builder.getF32FloatAttr(-float(kMaxMembrane));
  dynamics.vCeiling = builder.getF32FloatAttr(float(kMaxMembrane));
  dynamics.arithmetic = spike::FixedAttr::get(
      context, kStateBits, weightBits, kFraction, spike::Rounding::TowardZero,
      spike::Overflow::Wrap, kDecayBits);
  mlir::NamedAttrList attributes;
  attributes.set("name", builder.getStringAttr(layer.name));
  attributes.set("tau_syn", scalar(*decay));
  attributes.set("tau_mem", scalar(*leak));
  attributes.set("threshold", scalar(*threshold));
  if (bias)
    attributes.set("bias", bias);
  attributes.set("dynamics", dynamics.get(context));
  Type type1 = spike::StreamType::get(context, shape, builder.getI1Type());
  events = spike::CubaLifOp::create(builder, getLoc(), type1, current,
                                    attributes.getAttrs())
               .getEvents();
  return addDelay();
}

/// Axonal delays of slayer, in steps.
LogicalResult LavaDlImporter::addDelay() {
  if (!layer.object->find("delay"))
    return success();
  FailureOr<SmallVector<int64_t, 0>> delays = readWhole("delay");
  if (failed(delays))
    return failure();
  int64_t count = delays->size(), neurons = spike::getNumElements(events);
  int64_t channels = spike::getShape(events).front();
  if (count != 1 && count != channels && count != neurons)
    return error("net-shape")
           << "'delay' has " << count << " values, but needs 1, " << channels
           << " or " << neurons;
  auto [least, most] = std::minmax_element(delays->begin(), delays->end());
  if (*most == 0 && *least == 0)
    return success();
  if (*least < 1 || *most > spike::kMaxSteps)
    return error("net-layer")
           << "has delays from " << *least << " to " << *most << " steps; 1 to "
           << spike::kMaxSteps << ", or none, are possible";
  ElementsAttr each;
  if (*least != *most)
    each = mlir::DenseIntElementsAttr::get(
        RankedTensorType::get({count}, builder.getI64Type()),
        ArrayRef<int64_t>(*delays));
  events = spike::DelayOp::create(builder, getLoc(), events.getType(), events,
                                  uint64_t(*most), each);
  return success();
}

LogicalResult LavaDlImporter::addLayer() {
  for (const auto &[name, member] : layer.object->members)
    if (name == "weight" && member.isGroup())
      return error("net-weight") << "has complex weights";
  if (layer.type == "input")
    return events
               ? LogicalResult(error("net-layer") << "is not the first layer")
               : addInput();
  if (layer.type == "flatten")
    return addFlatten();
  if (layer.type == "dense" || layer.type == "conv")
    return addSynapses();
  return error("net-layer") << "its type '" << printable(layer.type)
                            << "' is not known; input, dense, conv and flatten "
                               "are";
}

LogicalResult LavaDlImporter::run() {
  FailureOr<std::vector<Layer>> layers = listLayers();
  if (failed(layers))
    return failure();
  for (const Layer &next : *layers) {
    layer = next;
    if (failed(addLayer()))
      return failure();
  }
  builder.setInsertionPointToEnd(&network.getBody().front());
  spike::OutputOp::create(builder, reporter.getFile(), events);
  SmallVector<Type> inputs(network.getBody().front().getArgumentTypes());
  network.setFunctionType(builder.getFunctionType(inputs, events.getType()));
  return success();
}

spike::NetworkOp buildLavaDlNetwork(const RawObject &file,
                                    const ImportOptions &options,
                                    StringRef name, Reporter &reporter,
                                    ModuleOp module) {
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(module.getBody());
  mlir::NamedAttrList attributes;
  attributes.set("sym_name", builder.getStringAttr(name));
  attributes.set("function_type",
                 TypeAttr::get(builder.getFunctionType({}, {})));
  if (options.dt)
    attributes.set("dt", builder.getF64FloatAttr(*options.dt));
  if (options.steps)
    attributes.set("steps", builder.getI64IntegerAttr(*options.steps));
  attributes.set("state", spike::StateScopeAttr::get(
                              builder.getContext(), spike::StateScope::Sample));
  auto network =
      spike::NetworkOp::create(builder, reporter.getFile(), mlir::TypeRange(),
                               ValueRange(), attributes.getAttrs());
  network.getBody().emplaceBlock();
  if (failed(LavaDlImporter(file, options, reporter, network).run())) {
    network.erase();
    return {};
  }
  return network;
}

} // namespace nmc::nir
