//===- ImportNetwork.cpp - A NIR graph becomes a spike.network ------------===//
//
// A neuron, an Input or a Delay is a stream; linear nodes between them are
// connections, applied to every summand that enters them, so that several edges
// into one node are sums of currents.
//
//===----------------------------------------------------------------------===//

#include "ImportNetwork.h"
#include "Attributes.h"

#include "nmc/Support/Blob.h"
#include "nmc/Support/ReadableName.h"
#include "nmc/Support/RuleError.h"

#include <cmath>
#include <map>

namespace nmc::nir {

namespace {

class NetworkBuilder {
public:
  NetworkBuilder(const NirGraph &graph, ArrayRef<NodeShape> shapes,
                 const TimeModel &time, const ImportOptions &options,
                 Reporter &reporter, const StreamOrder &order,
                 spike::NetworkOp network)
      : graph(graph), shapes(shapes), time(time), options(options),
        reporter(reporter), order(order), network(network),
        builder(network.getBody()), values(graph.nodes.size()),
        owners(graph.nodes.size()) {}

  LogicalResult run();

private:
  /// A value that enters a node; whether it comes around a cycle.
  struct Summand {
    Value value;
    bool isBack = false;
  };
  using Summands = SmallVector<Summand, 2>;

  // Streams.
  void addInput(unsigned index);
  void addNeuron(unsigned index);
  void addDelay(unsigned index);
  void addRelay(unsigned index);
  void connect(unsigned index);
  void finish();

  // What enters them.
  bool expand(unsigned index, unsigned reader, unsigned depth, Summands &into);
  bool gather(unsigned index, unsigned reader, unsigned depth, Summands &into);
  Value apply(unsigned index, Value source, bool withBias);
  Value applyConnection(unsigned index, Value source, bool withBias);
  Value getDelayed(unsigned index, unsigned reader);
  Type getPayload(unsigned index);
  /// Whether one stream alone enters `index`.
  bool readsOneStream(unsigned index);

  // Parts of ops.
  ElementsAttr getReals(unsigned index, StringRef field);
  ElementsAttr makeReals(unsigned index, StringRef field, const Array &numbers);
  ElementsAttr getBias(unsigned index);
  void keepForm(unsigned index, StringRef field, ArrayRef<int64_t> shape,
                SmallVectorImpl<NamedAttribute> &kept);
  void keepInts(unsigned index, StringRef field, ArrayRef<int64_t> values,
                bool isScalar, SmallVectorImpl<NamedAttribute> &kept);
  void addExtras(unsigned index, ArrayRef<NamedAttribute> kept,
                 mlir::NamedAttrList &attributes);

  const NirNode &node(unsigned index) const { return graph.nodes[index]; }
  Location getLoc(unsigned index) const {
    return reporter.getLoc(node(index).name);
  }
  std::string key(unsigned index, StringRef field) const {
    return makeSymbolName(node(index).name) + "." + field.str();
  }
  Type stream(ArrayRef<int64_t> shape, Type element) {
    return spike::StreamType::get(builder.getContext(), shape, element);
  }
  Type current(ArrayRef<int64_t> shape) {
    return spike::CurrentType::get(builder.getContext(), shape,
                                   builder.getF32Type());
  }
  Value reshape(unsigned index, Value value, ArrayRef<int64_t> shape) {
    if (spike::getShape(value) == shape)
      return value;
    return spike::ReshapeOp::create(
        builder, getLoc(index), cast<ShapedType>(value.getType()).clone(shape),
        value, named(kNameAttr, builder.getStringAttr(node(index).name)));
  }
  NamedAttribute named(StringRef name, Attribute value) {
    return builder.getNamedAttr(name, value);
  }

  const NirGraph &graph;
  ArrayRef<NodeShape> shapes;
  const TimeModel &time;
  const ImportOptions &options;
  Reporter &reporter;
  const StreamOrder &order;
  spike::NetworkOp network;
  mlir::OpBuilder builder;

  std::vector<Value> values;         // streams, by node
  std::vector<Operation *> owners;   // the ops that take their drives
  std::map<unsigned, Value> delayed; // looked up, never iterated
  /// Results of linear nodes by what enters them; looked up alone.
  std::map<std::pair<unsigned, std::vector<void *>>, Summands> applied;
  /// Fields as attributes; looked up alone. Copies of a connection share them.
  std::map<std::pair<unsigned, StringRef>, ElementsAttr> reals;
  SmallVector<Attribute> resultAttrs;

  /// Paths of linear nodes that may meet, and their length.
  static constexpr size_t kMaxPaths = 64;
  static constexpr unsigned kMaxChain = 512;
};

} // namespace

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// Whether every integer of `array` is a float exactly.
static bool fitsFloat(const Array &array) {
  for (int64_t i = 0; i < array.size(); ++i) {
    int64_t value = array.getInt(i);
    if (value < -(int64_t(1) << 24) || value > (int64_t(1) << 24))
      return false;
  }
  return true;
}

ElementsAttr NetworkBuilder::getReals(unsigned index, StringRef field) {
  ElementsAttr &elements = reals[{index, field}];
  if (!elements)
    if (const Array *array = node(index).numbers(field))
      elements = makeReals(index, field, *array);
  return elements;
}

/// Real parameters keep their type; integers become float32, or float64 where
/// that is not exact. Times are turned into seconds.
ElementsAttr NetworkBuilder::makeReals(unsigned index, StringRef field,
                                       const Array &numbers) {
  const Array *array = &numbers;
  bool isTime = field.starts_with("tau") || field == "delay";
  bool isFloat = isFloatKind(array->kind());
  std::string name = key(index, field);
  MLIRContext *context = builder.getContext();
  if (isTime && time.unit != 1) {
    Array scaled = Array::uninitialized(ElementKind::F64, array->shape());
    for (auto [i, value] : llvm::enumerate(scaled.mutableValues<double>()))
      value = array->getDouble(i) * time.unit;
    return toElements(scaled, name, context);
  }
  if (isFloat)
    return toElements(*array, name, context);
  if (fitsFloat(*array)) {
    Array real = Array::uninitialized(ElementKind::F32, array->shape());
    array->convert(0, real.mutableValues<float>());
    return toElements(real, name, context);
  }
  Array real = Array::uninitialized(ElementKind::F64, array->shape());
  array->convert(0, real.mutableValues<double>());
  for (int64_t i = 0; i < array->size(); ++i)
    if (std::fabs(real.getDouble(i)) > 9007199254740992.0) {
      reporter.warning(node(index), "nir-value")
          << "'" << field << "' holds the integer " << array->getInt(i)
          << ", which a float64 does not hold exactly";
      break;
    }
  return toElements(real, name, context);
}

/// The bias of a connection with as many values as its op needs.
ElementsAttr NetworkBuilder::getBias(unsigned index) {
  const Array *bias = node(index).numbers("bias");
  if (!bias)
    return {};
  const Array &weight = *node(index).numbers("weight");
  bool isConv = weight.rank() > 2 && node(index).type != NodeType::Affine;
  int64_t count =
      isConv ? weight.shape()[0] : weight.size() / weight.shape().back();
  ElementsAttr elements = getReals(index, "bias");
  if (bias->size() == count)
    return elements;
  // One number for all of them.
  auto type =
      RankedTensorType::get({count}, elements.getShapedType().getElementType());
  std::optional<Array> one = toArray(elements);
  return DenseElementsAttr::getFromRawBuffer(type, one->bytes());
}

/// Notes the type of a field of real numbers where the op holds another:
/// integers, and weights in more axes. What was broadcast stays spread, since
/// other readers of NIR insist on it.
void NetworkBuilder::keepForm(unsigned index, StringRef field,
                              ArrayRef<int64_t> shape,
                              SmallVectorImpl<NamedAttribute> &kept) {
  const Array *array = node(index).numbers(field);
  bool isReshaped = array && (field == "weight" || field == "bias") &&
                    array->shape() != shape &&
                    array->size() == ShapedType::getNumElements(shape);
  if (!array || (isFloatKind(array->kind()) && !isReshaped))
    return;
  auto type = RankedTensorType::get(
      isReshaped ? array->shape() : shape,
      getElementType(array->kind(), builder.getContext()));
  kept.push_back(named(field, TypeAttr::get(type)));
}

/// Notes a field of integers that is not int64 of the usual shape, or text.
void NetworkBuilder::keepInts(unsigned index, StringRef field,
                              ArrayRef<int64_t> values, bool isScalar,
                              SmallVectorImpl<NamedAttribute> &kept) {
  const RawObject *object = node(index).find(field);
  if (!object)
    return;
  if (object->kind == RawObject::Kind::Numbers) {
    const Array &array = object->numbers;
    if (array.kind() == ElementKind::I64 &&
        array.rank() == (isScalar ? 0 : 1) &&
        array.size() == int64_t(values.size()))
      return;
  }
  kept.push_back(named(
      field, toAttribute(*object, key(index, field), builder.getContext())));
}

void NetworkBuilder::addExtras(unsigned index, ArrayRef<NamedAttribute> kept,
                               mlir::NamedAttrList &attributes) {
  // Populations print their name themselves.
  if (!attributes.get("name"))
    attributes.set(kNameAttr, builder.getStringAttr(node(index).name));
  if (!kept.empty())
    attributes.set(kFieldsAttr, builder.getDictionaryAttr(kept));
  if (!node(index).metadata.members.empty())
    attributes.set(kMetadataAttr,
                   toAttribute(node(index).metadata, key(index, "metadata"),
                               builder.getContext()));
}

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

void NetworkBuilder::addInput(unsigned index) {
  mlir::Builder &b = builder;
  const NirNode &n = node(index);
  Type type = stream(shapes[index].out, getPayload(index));
  Value port = network.getBody().front().addArgument(type, getLoc(index));
  mlir::NamedAttrList attributes;
  attributes.set("name", b.getStringAttr(n.name));
  SmallVector<NamedAttribute> kept;
  Shape stated = n.ints("shape");
  keepInts(index, "shape", stated, false, kept);
  if (stated != shapes[index].out)
    kept.clear();
  if (n.isImplied)
    attributes.set(kImpliedAttr, b.getUnitAttr());
  addExtras(index, kept, attributes);
  values[index] = spike::InputOp::create(builder, getLoc(index), type, port,
                                         attributes.getAttrs())
                      .getEvents();
}

/// The op of a neuron type, and the fields that it holds.
static StringRef getOpName(NodeType type) {
  switch (type) {
  case NodeType::I:
    return spike::IntegratorOp::getOperationName();
  case NodeType::LI:
    return spike::LiOp::getOperationName();
  case NodeType::IF:
    return spike::IfOp::getOperationName();
  case NodeType::LIF:
    return spike::LifOp::getOperationName();
  case NodeType::CubaLI:
    return spike::CubaLiOp::getOperationName();
  case NodeType::CubaLIF:
    return spike::CubaLifOp::getOperationName();
  default:
    return spike::ThresholdOp::getOperationName();
  }
}

void NetworkBuilder::addNeuron(unsigned index) {
  const NirNode &n = node(index);
  Type type = stream(shapes[index].out, getPayload(index));
  mlir::NamedAttrList attributes;
  SmallVector<NamedAttribute> kept;
  attributes.set("name", builder.getStringAttr(n.name));
  for (const FieldSpec &spec : getFields(n.type))
    if (ElementsAttr values = getReals(index, spec.name)) {
      attributes.set(spec.name == "v_threshold" ? "threshold" : spec.name,
                     values);
      keepForm(index, spec.name, shapes[index].out, kept);
    }
  addExtras(index, kept, attributes);
  mlir::OperationState state(getLoc(index), getOpName(n.type));
  state.addTypes(type);
  state.addAttributes(attributes.getAttrs());
  owners[index] = builder.create(state);
  values[index] = owners[index]->getResult(0);
}

/// A stream of its own where a sum of currents, or a connection, is read as a
/// stream; it has the name of the node that reads.
void NetworkBuilder::addRelay(unsigned index) {
  Type type = stream(shapes[index].in, builder.getF32Type());
  NamedAttribute attributes[] = {
      named("name", builder.getStringAttr(node(index).name)),
      named("rectify", builder.getBoolAttr(false))};
  owners[index] = spike::ReluOp::create(builder, getLoc(index), type,
                                        ValueRange(), attributes);
  values[index] = owners[index]->getResult(0);
}

bool NetworkBuilder::readsOneStream(unsigned index) {
  for (unsigned length = 0; length < kMaxChain; ++length) {
    if (graph.sources[index].size() != 1)
      return false;
    index = graph.sources[index].front();
    if (isStreamNode(node(index)))
      return true;
    if (isConnection(node(index).type))
      return false;
  }
  return false;
}

/// What the stream of a node carries.
Type NetworkBuilder::getPayload(unsigned index) {
  for (unsigned length = 0; length < kMaxChain; ++length) {
    const NirNode &n = node(index);
    if (n.type == NodeType::Input && options.input == InputKind::Counts)
      return builder.getIntegerType(8, /*isSigned=*/false);
    if (n.type == NodeType::Input)
      return options.input == InputKind::Binary ? Type(builder.getI1Type())
                                                : Type(builder.getF32Type());
    if (n.find("v_threshold") || n.type == NodeType::Threshold)
      return builder.getI1Type();
    // A Delay, or a view on the way to one.
    if (isNeuron(n.type) || isConnection(n.type) ||
        graph.sources[index].size() != 1)
      break;
    index = graph.sources[index].front();
  }
  return builder.getF32Type();
}

void NetworkBuilder::addDelay(unsigned index) {
  const NirNode &n = node(index);
  const Array &delay = *n.numbers("delay");
  if (!time.dt) {
    reporter.error(n, "nir-dt")
        << "a delay needs to know the length of a step; give --dt";
    return;
  }
  SmallVector<int64_t, 0> steps;
  bool isRounded = false;
  for (int64_t i = 0; i < delay.size(); ++i) {
    double exact = delay.getDouble(i) * time.unit / *time.dt;
    double whole = std::round(exact);
    if (!(whole >= 1) || whole > double(spike::kMaxSteps)) {
      reporter.error(n, "nir-value")
          << "a delay of " << formatNumber(delay.getDouble(i)) << " is "
          << formatNumber(exact) << " steps, but 1 to " << spike::kMaxSteps
          << " are possible; give another --dt or --time-unit";
      return;
    }
    isRounded |= std::fabs(exact - whole) > 1e-3;
    steps.push_back(int64_t(whole));
  }
  if (isRounded)
    reporter.warning(n, "nir-dt")
        << "its delays are no whole steps of " << formatNumber(*time.dt)
        << " s and are rounded";

  Type element = getPayload(index);
  Value source;
  if (!readsOneStream(index)) {
    addRelay(index);
    source = values[index];
  }
  mlir::NamedAttrList attributes;
  int64_t most = *std::max_element(steps.begin(), steps.end());
  attributes.set("steps", builder.getI64IntegerAttr(most));
  if (llvm::any_of(steps, [&](int64_t s) { return s != most; }))
    attributes.set("per_element",
                   mlir::DenseIntElementsAttr::get(
                       RankedTensorType::get({int64_t(steps.size())},
                                             builder.getI64Type()),
                       ArrayRef<int64_t>(steps)));
  attributes.set(kDelayAttr, getReals(index, "delay"));
  SmallVector<NamedAttribute> kept;
  keepForm(index, "delay", shapes[index].out, kept);
  addExtras(index, kept, attributes);
  mlir::OperationState state(getLoc(index), spike::DelayOp::getOperationName());
  state.addTypes(stream(shapes[index].out, element));
  state.addAttributes(attributes.getAttrs());
  if (source)
    state.addOperands(source);
  Operation *op = builder.create(state);
  if (!source)
    owners[index] = op;
  values[index] = op->getResult(0);
}

//===----------------------------------------------------------------------===//
// Connections
//===----------------------------------------------------------------------===//

Value NetworkBuilder::applyConnection(unsigned index, Value source,
                                      bool withBias) {
  const NirNode &n = node(index);
  Location loc = getLoc(index);
  ArrayRef<int64_t> in = shapes[index].in, out = shapes[index].out;
  mlir::NamedAttrList attributes;
  SmallVector<NamedAttribute> kept;
  auto ints = [&](StringRef name, ArrayRef<int64_t> values, int64_t neutral) {
    if (llvm::any_of(values, [&](int64_t v) { return v != neutral; }))
      attributes.set(name, builder.getDenseI64ArrayAttr(values));
  };
  auto setWeights = [&](StringRef field) {
    ElementsAttr weights = getReals(index, field);
    attributes.set("weights", weights);
    keepForm(index, field, weights.getShapedType().getShape(), kept);
  };
  SmallVector<int64_t, 2> biasShape; // as it is written
  auto setBias = [&] {
    if (ElementsAttr bias = withBias ? getBias(index) : ElementsAttr()) {
      attributes.set("bias", bias);
      keepForm(index, "bias", biasShape, kept);
    }
  };
  auto create = [&](StringRef name, ArrayRef<int64_t> shape) {
    addExtras(index, kept, attributes);
    mlir::OperationState state(loc, name);
    state.addOperands(source);
    state.addTypes(current(shape));
    state.addAttributes(attributes.getAttrs());
    return builder.create(state)->getResult(0);
  };

  switch (n.type) {
  case NodeType::Affine:
  case NodeType::Linear: {
    ArrayRef<int64_t> weight = n.numbers("weight")->shape();
    if (weight.size() == 2) {
      biasShape = {weight[0]};
      setBias();
      setWeights("weight");
      return create(spike::DenseOp::getOperationName(), out);
    }
    // Blocks along all leading axes.
    int64_t columns = weight.back(), rows = weight[weight.size() - 2];
    int64_t blocks = n.numbers("weight")->size() / (rows * columns);
    biasShape = {blocks, rows};
    setBias();
    ElementsAttr weights = getReals(index, "weight");
    std::optional<Array> flat = toArray(weights);
    attributes.set(
        "weights",
        toElements(std::move(*flat).reshaped({blocks, rows, columns}),
                   key(index, "weight"), builder.getContext()));
    keepForm(index, "weight", {blocks, rows, columns}, kept);
    source = reshape(index, source, {blocks, columns});
    return reshape(
        index, create(spike::DenseOp::getOperationName(), {blocks, rows}), out);
  }
  case NodeType::Scale:
    setWeights("scale");
    kept.clear();
    keepForm(index, "scale", out, kept);
    return create(spike::ScaleOp::getOperationName(), out);
  case NodeType::Conv1d:
  case NodeType::Conv2d:
  case NodeType::SumPool2d:
  case NodeType::AvgPool2d: {
    Window w = getWindow(n, in.drop_front());
    bool isScalar = n.type == NodeType::Conv1d;
    SmallVector<int64_t> pads(ArrayRef<int64_t>(w.padLow));
    pads.append(w.padHigh.begin(), w.padHigh.end());
    ints("pads", pads, 0);
    for (StringRef field : {"stride", "padding", "dilation", "kernel_size"})
      keepInts(index, field, w.stride, isScalar, kept);
    if (n.find("weight")) {
      ints("strides", w.stride, 1);
      ints("dilations", w.dilation, 1);
      if (w.groups != 1)
        attributes.set("groups", builder.getI64IntegerAttr(w.groups));
      keepInts(index, "groups", {1}, true, kept);
      keepInts(index, "input_shape", in.drop_front(), isScalar, kept);
      setWeights("weight");
      biasShape = {out[0]};
      setBias();
      return create(spike::ConvOp::getOperationName(), out);
    }
    attributes.set("kernel", builder.getDenseI64ArrayAttr(w.kernel));
    if (w.stride != w.kernel)
      attributes.set("strides", builder.getDenseI64ArrayAttr(w.stride));
    return create(n.type == NodeType::SumPool2d
                      ? spike::SumPoolOp::getOperationName()
                      : spike::AvgPoolOp::getOperationName(),
                  out);
  }
  default:
    return {};
  }
}

Value NetworkBuilder::apply(unsigned index, Value source, bool withBias) {
  const NirNode &n = node(index);
  if (isConnection(n.type))
    return applyConnection(index, source, withBias);
  // Flatten, or a Delay of nothing: a view that keeps the node's name.
  mlir::NamedAttrList attributes;
  SmallVector<NamedAttribute> kept;
  if (n.type == NodeType::Delay) {
    attributes.set(kDelayAttr, getReals(index, "delay"));
    keepForm(index, "delay", shapes[index].out, kept);
  } else {
    auto scalar = [&](StringRef field) {
      kept.push_back(named(
          field, toAttribute(*n.find(field), field, builder.getContext())));
    };
    // A reshape does not tell which axes were named.
    scalar("start_dim");
    scalar("end_dim");
    ArrayRef<int64_t> in = spike::getShape(source);
    if (!n.find("input_type"))
      kept.push_back(named("input_type", builder.getUnitAttr()));
    else if (n.ints("input_type") != Shape(in))
      kept.clear(); // a batch axis, or zeros
    else
      keepInts(index, "input_type", in, false, kept);
  }
  addExtras(index, kept, attributes);
  return spike::ReshapeOp::create(
      builder, getLoc(index),
      cast<ShapedType>(source.getType()).clone(shapes[index].out), source,
      attributes.getAttrs());
}

Value NetworkBuilder::getDelayed(unsigned index, unsigned reader) {
  Value &value = delayed[index];
  if (!value)
    value = spike::DelayOp::create(builder, getLoc(reader),
                                   values[index].getType(), values[index],
                                   /*steps=*/1, /*per_element=*/ElementsAttr());
  return value;
}

/// The values that the sources of `index` send to stream node `reader`: those
/// that come straight first.
bool NetworkBuilder::gather(unsigned index, unsigned reader, unsigned depth,
                            Summands &into) {
  if (depth > kMaxChain) {
    reporter.error(node(reader), "nir-fan-in")
        << "is fed through more than " << kMaxChain << " linear nodes in a row";
    return false;
  }
  Summands all;
  for (unsigned source : graph.sources[index])
    if (!expand(source, reader, depth, all))
      return false;
  if (all.size() > kMaxPaths) {
    reporter.error(node(index), "nir-fan-in")
        << "is reached over " << int64_t(all.size())
        << " paths of linear nodes, but at most " << int64_t(kMaxPaths)
        << " are possible; put a neuron between";
    return false;
  }
  for (bool isBack : {false, true})
    for (const Summand &summand : all)
      if (summand.isBack == isBack)
        into.push_back(summand);
  return true;
}

bool NetworkBuilder::expand(unsigned index, unsigned reader, unsigned depth,
                            Summands &into) {
  if (isStreamNode(node(index))) {
    bool isBack = order.isBack(index, reader);
    Value value = values[index];
    if (!value)
      return false; // reported
    // A Delay in the loop delays enough, and so does one that reads.
    if (isBack)
      value = getDelayed(index, reader);
    into.push_back({value, isBack});
    return true;
  }
  Summands sources;
  if (!gather(index, reader, depth + 1, sources))
    return false;
  std::vector<void *> values;
  for (const Summand &summand : sources)
    values.push_back(summand.value.getAsOpaquePointer());
  auto [entry, isNew] = applied.try_emplace({index, std::move(values)});
  if (isNew)
    for (auto [k, summand] : llvm::enumerate(sources))
      entry->second.push_back(
          {apply(index, summand.value, /*withBias=*/k == 0), summand.isBack});
  llvm::append_range(into, entry->second);
  return true;
}

/// Gives the op of a stream node what enters it.
void NetworkBuilder::connect(unsigned index) {
  Operation *op = owners[index];
  if (!op)
    return;
  builder.setInsertionPoint(op);
  Summands sources;
  if (!gather(index, index, 0, sources))
    return;
  if (isa<spike::DelayOp>(op)) {
    op->setOperands(sources.front().value);
    return;
  }
  SmallVector<Value> drives;
  for (const Summand &summand : sources) {
    Value value = summand.value;
    // A stream enters one to one.
    if (isa<spike::StreamType>(value.getType()))
      value = spike::IdentityOp::create(builder, getLoc(index),
                                        current(spike::getShape(value)), value,
                                        /*weight=*/mlir::TypedAttr());
    drives.push_back(reshape(index, value, shapes[index].in));
  }
  op->setOperands(drives);
}

//===----------------------------------------------------------------------===//
// The network
//===----------------------------------------------------------------------===//

void NetworkBuilder::finish() {
  builder.setInsertionPointToEnd(&network.getBody().front());
  SmallVector<Value> results;
  auto attributes = [&](ArrayRef<NamedAttribute> attrs) {
    resultAttrs.push_back(builder.getDictionaryAttr(attrs));
  };
  bool hasOutput = false;
  for (unsigned i = 0; i < graph.nodes.size(); ++i) {
    const NirNode &n = node(i);
    if (n.type != NodeType::Output)
      continue;
    hasOutput = true;
    if (graph.sources[i].empty()) {
      reporter.warning(n, "nir-graph") << "nothing feeds it; it is left out";
      continue;
    }
    Value value = values[i];
    if (!value) {
      Summands sources;
      if (!gather(i, i, 0, sources))
        return;
      value = sources.front().value;
    }
    SmallVector<NamedAttribute> attrs{
        named(kNameAttr, builder.getStringAttr(n.name))};
    Shape stated = n.ints("shape");
    SmallVector<NamedAttribute> kept;
    keepInts(i, "shape", stated, false, kept);
    if (!kept.empty() && stated == Shape(spike::getShape(value)))
      attrs.push_back(named(kShapeAttr, toAttribute(*n.find("shape"), "shape",
                                                    builder.getContext())));
    if (!n.metadata.members.empty())
      attrs.push_back(
          named(kMetadataAttr, toAttribute(n.metadata, key(i, "metadata"),
                                           builder.getContext())));
    attributes(attrs);
    results.push_back(value);
  }
  // Without Output nodes, what nobody reads leaves the network.
  if (!hasOutput)
    for (unsigned i = 0; i < graph.nodes.size(); ++i) {
      const NirNode &n = node(i);
      if (!graph.targets[i].empty())
        continue;
      Value value = values[i];
      if (!isStreamNode(n)) {
        reporter.warning(n, "nir-graph")
            << "nothing reads it, and only streams leave a network; it is left "
               "out";
        continue;
      }
      reporter.remark(n, "nir-graph")
          << "nothing reads it and the graph has no Output, so it leaves the "
             "network";
      NamedAttribute implied[] = {
          named(kImpliedAttr, builder.getUnitAttr()),
          named(kNameAttr, builder.getStringAttr("output_" + n.name))};
      attributes(implied);
      results.push_back(value);
    }
  spike::OutputOp::create(builder, reporter.getFile(), results);

  SmallVector<Type> inputs(network.getBody().front().getArgumentTypes());
  network.setFunctionType(
      builder.getFunctionType(inputs, ValueRange(results).getTypes()));
  if (!resultAttrs.empty())
    network.setResAttrsAttr(builder.getArrayAttr(resultAttrs));
}

LogicalResult NetworkBuilder::run() {
  for (unsigned i = 0; i < graph.nodes.size(); ++i)
    if (node(i).type == NodeType::Input)
      addInput(i);
  for (unsigned index : order.getOrder()) {
    switch (node(index).type) {
    case NodeType::Input:
      break;
    case NodeType::Delay:
      addDelay(index);
      break;
    case NodeType::Output:
      if (!graph.sources[index].empty() && !readsOneStream(index))
        addRelay(index);
      break;
    default:
      addNeuron(index);
      break;
    }
  }
  if (reporter.anyErrors())
    return failure();
  for (unsigned index : order.getOrder()) {
    connect(index);
    if (reporter.anyErrors())
      return failure();
  }
  for (unsigned i = 0; i < graph.nodes.size(); ++i)
    if (!isStreamNode(node(i)) && graph.sources[i].empty())
      reporter.error(node(i), "nir-graph") << "nothing feeds it";
  finish();
  return success(!reporter.anyErrors());
}

spike::NetworkOp buildNetwork(const NirGraph &graph, ArrayRef<NodeShape> shapes,
                              const TimeModel &time,
                              const ImportOptions &options, StringRef name,
                              Reporter &reporter, ModuleOp module) {
  StreamOrder order(graph);
  if (failed(order.run(reporter)))
    return {};
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(module.getBody());
  MLIRContext *context = builder.getContext();
  mlir::NamedAttrList attributes;
  attributes.set("sym_name", builder.getStringAttr(name));
  attributes.set("function_type",
                 TypeAttr::get(builder.getFunctionType({}, {})));
  if (time.dt)
    attributes.set("dt", builder.getF64FloatAttr(*time.dt));
  if (options.steps)
    attributes.set("steps", builder.getI64IntegerAttr(*options.steps));
  attributes.set(
      "state", spike::StateScopeAttr::get(context, spike::StateScope::Sample));
  if (!graph.metadata.members.empty())
    attributes.set(kMetadataAttr,
                   toAttribute(graph.metadata, "metadata", context));
  if (graph.isNested())
    attributes.set(kGraphsAttr, toAttribute(graph.nesting, "graphs", context));
  auto network =
      spike::NetworkOp::create(builder, reporter.getFile(), mlir::TypeRange(),
                               ValueRange(), attributes.getAttrs());
  network.getBody().emplaceBlock();
  if (failed(
          NetworkBuilder(graph, shapes, time, options, reporter, order, network)
              .run())) {
    network.erase();
    return {};
  }
  return network;
}

} // namespace nmc::nir
