//===- NirData.cpp - Recorded inputs and outputs in NIR's format ----------===//

#include "nmc/Frontend/Nir/NirData.h"

#include "nmc/Support/RuleError.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace nmc::nir {

//===----------------------------------------------------------------------===//
// Observables
//===----------------------------------------------------------------------===//

int64_t NirObservable::getNumSamples() const {
  const Array &array = kind == Kind::TimeGridded ? data : idx;
  return array.rank() ? array.shape()[0] : 0;
}

int64_t NirObservable::getNumNeurons() const {
  if (kind != Kind::TimeGridded)
    return neurons;
  return data.rank() == 3 ? data.shape()[2] : 0;
}

static std::string show(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

static bool isStep(double dt) { return std::isfinite(dt) && dt > 0; }

/// t / dt; what misses an integer by rounding only is that integer.
static double stepsOf(double time, double dt, double tolerance) {
  double steps = time / dt, whole = std::round(steps);
  return std::fabs(steps - whole) <= tolerance * std::max(1.0, whole) ? whole
                                                                      : steps;
}

static double toleranceOf(const Array &time) {
  return time.kind() == ElementKind::F32 ? 2.5e-7 : 1e-9;
}

/// Zeros, unless that is too much.
static llvm::Expected<Array>
makeDense(ElementKind kind, ArrayRef<int64_t> shape, int64_t maxBytes) {
  std::optional<int64_t> count = countElements(shape);
  int64_t bytes = 0;
  if (!count ||
      llvm::MulOverflow(*count, int64_t(getElementBytes(kind)), bytes) ||
      bytes > maxBytes)
    return makeRuleError("nirdata-size", "shape " + formatShape(shape) +
                                             " of " + getKindName(kind) +
                                             " takes more than " +
                                             Twine(maxBytes) + " bytes");
  return Array::zeros(kind, shape);
}

static llvm::Expected<Array> eventsToDense(const NirObservable &events,
                                           double dt, int64_t steps,
                                           int64_t maxBytes) {
  bool valued = events.kind == NirObservable::Kind::ValuedEvents;
  ElementKind kind = valued ? events.value.kind() : ElementKind::U8;
  int64_t samples = events.getNumSamples();
  llvm::Expected<Array> dense =
      makeDense(kind, {samples, steps, events.neurons}, maxBytes);
  if (!dense || dense->size() == 0)
    return dense;
  // For values: where one was put.
  Array taken;
  if (valued) {
    llvm::Expected<Array> made =
        makeDense(ElementKind::Bool, dense->shape(), maxBytes);
    if (!made)
      return made.takeError();
    taken = std::move(*made);
  }
  int64_t perSample = events.idx.size() / samples;
  unsigned width = getElementBytes(kind);
  double tolerance = toleranceOf(events.time);
  bool several = false;
  for (int64_t i = 0; i < events.idx.size(); ++i) {
    int64_t neuron = events.idx.getInt(i);
    if (neuron < 0)
      continue;
    double time = events.time.getDouble(i);
    double step = std::floor(stepsOf(time, dt, tolerance));
    if (!(step >= 0 && step < double(steps)) || neuron >= events.neurons)
      return makeRuleError("nirdata-time",
                           "event " + Twine(i % perSample) + " of sample " +
                               Twine(i / perSample) + " at " + show(time) +
                               " of neuron " + Twine(neuron) +
                               " lies outside " + Twine(steps) + " steps of " +
                               show(dt) + " and " + Twine(events.neurons) +
                               " neurons; ask for more steps");
    int64_t at =
        ((i / perSample) * steps + int64_t(step)) * events.neurons + neuron;
    if (!valued) {
      uint8_t &count = dense->mutableValues<uint8_t>()[at];
      if (count == 255)
        return makeRuleError("nirdata-collision",
                             "more than 255 events of neuron " + Twine(neuron) +
                                 " in step " + Twine(int64_t(step)) +
                                 "; choose a smaller dt");
      several |= ++count > 1;
      continue;
    }
    if (std::exchange(taken.mutableBytes()[at], 1))
      return makeRuleError("nirdata-collision",
                           "two values of neuron " + Twine(neuron) +
                               " in step " + Twine(int64_t(step)) +
                               "; choose a smaller dt");
    std::copy_n(events.value.bytes().data() + i * width, width,
                dense->mutableBytes().data() + at * width);
  }
  if (valued || several)
    return dense;
  Array result = Array::uninitialized(ElementKind::Bool, dense->shape());
  llvm::copy(dense->bytes(), result.mutableBytes().begin());
  return result;
}

llvm::Expected<Array> NirObservable::toDense(double step,
                                             std::optional<int64_t> steps,
                                             int64_t maxBytes) const {
  if (!isStep(step))
    return makeRuleError("nirdata-dt",
                         "dt " + show(step) + " is no positive time");
  if (kind == Kind::TimeGridded) {
    if (std::fabs(dt - step) > 1e-6 * step)
      return makeRuleError("nirdata-dt", "the data has steps of " + show(dt) +
                                             ", not " + show(step));
    if (steps && data.rank() == 3 && *steps != data.shape()[1])
      return makeRuleError("nirdata-steps", "the data has " +
                                                Twine(data.shape()[1]) +
                                                " steps, not " + Twine(*steps));
    if (int64_t(data.bytes().size()) > maxBytes)
      return makeRuleError(
          "nirdata-size", "shape " + formatShape(data.shape()) +
                              " takes more than " + Twine(maxBytes) + " bytes");
    return data;
  }
  if (!steps) {
    double whole = std::floor(stepsOf(tMax, step, toleranceOf(time)));
    if (!(whole >= 0 && whole < 9e15))
      return makeRuleError("nirdata-steps",
                           "t_max " + show(tMax) +
                               " has no countable number of steps of " +
                               show(step));
    steps = int64_t(whole);
  }
  return eventsToDense(*this, step, *steps, maxBytes);
}

NirObservable NirObservable::fromDense(Array data, double dt) {
  NirObservable result;
  result.data = std::move(data);
  result.dt = dt;
  return result;
}

llvm::Expected<NirObservable> NirObservable::toEvents(const Array &data,
                                                      double dt, double shift,
                                                      int64_t maxBytes) {
  if (data.rank() != 3)
    return makeRuleError("nirdata-shape",
                         "shape " + formatShape(data.shape()) +
                             "; (samples, steps, neurons) is expected");
  if (!isStep(dt) || !(shift >= 0 && shift < 1))
    return makeRuleError("nirdata-dt", "dt must be positive and the shift in "
                                       "[0, 1)");
  int64_t samples = data.shape()[0], steps = data.shape()[1];
  NirObservable result;
  result.neurons = data.shape()[2];
  result.tMax = steps * dt;
  bool valued = isFloatKind(data.kind());
  result.kind = valued ? Kind::ValuedEvents : Kind::Events;

  /// The events of element `i`; -1 for an impossible one.
  auto countAt = [&](int64_t i) -> int64_t {
    if (valued)
      return data.getDouble(i) != 0;
    return data.kind() == ElementKind::U64
               ? int64_t(std::min<uint64_t>(data.getInt(i), INT64_MAX))
               : std::max<int64_t>(data.getInt(i), -1);
  };
  int64_t perSample = steps * result.neurons, most = 0;
  for (int64_t sample = 0; sample < samples; ++sample) {
    int64_t count = 0;
    for (int64_t i = 0; i < perSample; ++i) {
      int64_t here = countAt(sample * perSample + i);
      if (here < 0 || llvm::AddOverflow(count, here, count))
        return makeRuleError("nirdata-field",
                             "a negative or too large number of events in "
                             "sample " +
                                 Twine(sample));
    }
    most = std::max(most, count);
  }
  // Index, time and value of an event: counts may ask for more than their own
  // array takes.
  int64_t share = 8 + 8 + (valued ? getElementBytes(data.kind()) : 0);
  llvm::Expected<Array> idx =
      makeDense(ElementKind::I64, {samples, most}, maxBytes / share * 8);
  if (!idx)
    return idx.takeError();
  llvm::fill(idx->mutableValues<int64_t>(), -1);
  result.time = Array::uninitialized(ElementKind::F64, {samples, most});
  llvm::fill(result.time.mutableValues<double>(),
             std::numeric_limits<double>::infinity());
  if (valued)
    result.value = Array::zeros(data.kind(), {samples, most});
  unsigned width = getElementBytes(data.kind());
  for (int64_t sample = 0; sample < samples; ++sample) {
    int64_t to = sample * most;
    for (int64_t i = 0; i < perSample; ++i) {
      int64_t from = sample * perSample + i;
      for (int64_t n = countAt(from); n > 0; --n, ++to) {
        idx->mutableValues<int64_t>()[to] = i % result.neurons;
        result.time.mutableValues<double>()[to] =
            (i / result.neurons + shift) * dt;
        if (valued)
          std::copy_n(data.bytes().data() + from * width, width,
                      result.value.mutableBytes().data() + to * width);
      }
    }
  }
  result.idx = std::move(*idx);
  return result;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

template <typename Pairs> static auto findName(Pairs &pairs, StringRef name) {
  return llvm::find_if(pairs,
                       [&](const auto &pair) { return pair.first == name; });
}

NirObservable &NirNodeData::add(StringRef name, NirObservable observable) {
  auto it = findName(observables, name);
  if (it == observables.end())
    it = observables.insert(it, {name.str(), NirObservable()});
  it->second = std::move(observable);
  return it->second;
}

NirNodeData &NirNodeData::getOrAdd(StringRef name) {
  isGraph = true;
  auto it = findName(nodes, name);
  if (it == nodes.end())
    it = nodes.insert(it, {name.str(), NirNodeData()});
  return it->second;
}

const NirObservable *NirNodeData::find(StringRef node,
                                       StringRef observable) const {
  const NirObservable *found = nullptr;
  walk([&](StringRef name, StringRef what, const NirObservable &value) {
    if (!found && name == node && what == observable)
      found = &value;
  });
  return found;
}

static void walkNodes(
    const NirNodeData &graph, const std::string &prefix,
    function_ref<void(StringRef, StringRef, const NirObservable &)> body) {
  for (const auto &[name, node] : graph.nodes) {
    std::string joined = prefix + name;
    for (const auto &[what, observable] : node.observables)
      body(joined, what, observable);
    walkNodes(node, joined + ".", body);
  }
}

void NirNodeData::walk(
    function_ref<void(StringRef, StringRef, const NirObservable &)> body)
    const {
  walkNodes(*this, "", body);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {

class Parser {
public:
  explicit Parser(StringRef path) : where(path.str() + ":") {}

  llvm::Expected<NirNodeData> parse(const RawObject &file) {
    NirNodeData root;
    std::optional<StringRef> type = typeOf(file);
    if (!type)
      return makeRuleError(
          "nirdata-root",
          where +
              " attribute '__type__' is missing at the root; a file of "
              "nir.write_data says 'NIRGraphData' there" +
              (file.find("node") ? ", this one holds a model" : ""));
    if (*type != "NIRGraphData")
      return makeRuleError("nirdata-root", where + " the root is '" +
                                               printable(*type) +
                                               "', not 'NIRGraphData'");
    if (llvm::Error error = graph(file, root))
      return error;
    return root;
  }

private:
  /// Where the current object is, for messages.
  struct Scope {
    Scope(Parser &parser, StringRef name)
        : parser(parser), length(parser.where.size()) {
      parser.where += "/" + printable(name);
    }
    ~Scope() { parser.where.resize(length); }
    Parser &parser;
    size_t length;
  };

  llvm::Error error(StringRef rule, const Twine &message) {
    return makeRuleError(
        rule, where + (StringRef(where).ends_with(":") ? " " : ": ") + message);
  }

  static std::optional<StringRef> textOf(const RawObject *object) {
    if (!object || object->kind != RawObject::Kind::Strings ||
        object->strings.size() != 1)
      return std::nullopt;
    return StringRef(object->strings[0]);
  }

  static std::optional<StringRef> typeOf(const RawObject &object) {
    return textOf(object.findAttribute("__type__"));
  }

  llvm::Expected<const RawObject *> groupIn(const RawObject &object,
                                            StringRef name) {
    const RawObject *group = object.find(name);
    if (!group || !group->isGroup())
      return error("nirdata-field", "group '" + name + "' is missing");
    return group;
  }

  llvm::Expected<Array> arrayIn(const RawObject &object, StringRef name,
                                int64_t rank) {
    const RawObject *field = object.find(name);
    if (!field || field->kind != RawObject::Kind::Numbers)
      return error("nirdata-field",
                   "data set '" + name + "' of numbers is missing");
    if (field->numbers.rank() != rank)
      return error(
          "nirdata-shape",
          "'" + name + "' has shape " + formatShape(field->numbers.shape()) +
              "; " +
              (rank == 3 ? "(samples, steps, neurons)" : "(samples, events)") +
              " is expected");
    return field->numbers;
  }

  /// A number in an attribute, alone or in an array of one.
  llvm::Expected<double> numberIn(const RawObject &object, StringRef name) {
    const RawObject *field = object.findAttribute(name);
    if (!field || field->kind != RawObject::Kind::Numbers ||
        field->numbers.size() != 1)
      return error("nirdata-field",
                   "attribute '" + name + "', a number, is missing");
    return field->numbers.getDouble(0);
  }

  llvm::Error graph(const RawObject &object, NirNodeData &result) {
    result.isGraph = true;
    llvm::Expected<const RawObject *> nodes = groupIn(object, "nodes");
    if (!nodes)
      return nodes.takeError();
    for (const auto &[name, node] : (*nodes)->members) {
      Scope outer(*this, "nodes"), inner(*this, name);
      std::optional<StringRef> type = typeOf(node);
      // Sorted and unique: no search.
      NirNodeData &data = result.nodes.emplace_back(name, NirNodeData()).second;
      if (type == "NIRGraphData") {
        if (llvm::Error failure = graph(node, data))
          return failure;
      } else if (type == "NIRNodeData") {
        if (llvm::Error failure = this->node(node, data))
          return failure;
      } else {
        return unknownType(type, "'NIRNodeData' and 'NIRGraphData'");
      }
    }
    return llvm::Error::success();
  }

  llvm::Error unknownType(std::optional<StringRef> type, const Twine &known) {
    if (!type)
      return error("nirdata-type",
                   "attribute '__type__' is missing; " + known + " are known");
    return error("nirdata-type", "'" + printable(*type) + "' is unknown; " +
                                     known + " are known");
  }

  llvm::Error node(const RawObject &object, NirNodeData &result) {
    llvm::Expected<const RawObject *> observables =
        groupIn(object, "observables");
    if (!observables)
      return observables.takeError();
    for (const auto &[name, observable] : (*observables)->members) {
      Scope outer(*this, "observables"), inner(*this, name);
      std::optional<StringRef> type = typeOf(observable);
      NirObservable &data =
          result.observables.emplace_back(name, NirObservable()).second;
      if (type == "TimeGriddedData") {
        if (llvm::Error failure = gridded(observable, data))
          return failure;
      } else if (type == "EventData" || type == "ValuedEventData") {
        data.kind = type == "EventData" ? NirObservable::Kind::Events
                                        : NirObservable::Kind::ValuedEvents;
        if (llvm::Error failure = events(observable, data))
          return failure;
      } else {
        return unknownType(
            type, "'TimeGriddedData', 'EventData' and 'ValuedEventData'");
      }
    }
    return llvm::Error::success();
  }

  llvm::Error gridded(const RawObject &object, NirObservable &result) {
    llvm::Expected<Array> data = arrayIn(object, "data", 3);
    if (!data)
      return data.takeError();
    llvm::Expected<double> dt = numberIn(object, "dt");
    if (!dt)
      return dt.takeError();
    if (!isStep(*dt))
      return error("nirdata-dt", "dt " + show(*dt) + " is no positive time");
    result.data = std::move(*data);
    result.dt = *dt;
    return llvm::Error::success();
  }

  llvm::Error events(const RawObject &object, NirObservable &result) {
    llvm::Expected<Array> idx = arrayIn(object, "idx", 2);
    if (!idx)
      return idx.takeError();
    llvm::Expected<Array> time = arrayIn(object, "time", 2);
    if (!time)
      return time.takeError();
    result.idx = std::move(*idx);
    result.time = std::move(*time);
    if (isFloatKind(result.idx.kind()))
      return error("nirdata-field", "'idx' is " +
                                        getKindName(result.idx.kind()) +
                                        ", integers are expected");
    if (!isFloatKind(result.time.kind()))
      return error("nirdata-field", "'time' is " +
                                        getKindName(result.time.kind()) +
                                        ", floats are expected");
    if (result.kind == NirObservable::Kind::ValuedEvents) {
      llvm::Expected<Array> value = arrayIn(object, "value", 2);
      if (!value)
        return value.takeError();
      result.value = std::move(*value);
      if (result.value.shape() != result.idx.shape())
        return shapesDiffer("value", result.value, result.idx);
    }
    if (result.time.shape() != result.idx.shape())
      return shapesDiffer("time", result.time, result.idx);
    llvm::Expected<double> neurons = numberIn(object, "n_neurons");
    if (!neurons)
      return neurons.takeError();
    llvm::Expected<double> tMax = numberIn(object, "t_max");
    if (!tMax)
      return tMax.takeError();
    if (!(*neurons >= 0 && *neurons < 9e15) || *neurons != std::floor(*neurons))
      return error("nirdata-field",
                   "n_neurons " + show(*neurons) + " is no count");
    if (!(*tMax >= 0) || !std::isfinite(*tMax))
      return error("nirdata-time", "t_max " + show(*tMax) + " is no time");
    result.neurons = int64_t(*neurons);
    result.tMax = *tMax;
    return checkEvents(result);
  }

  llvm::Error shapesDiffer(StringRef name, const Array &array,
                           const Array &idx) {
    return error("nirdata-shape",
                 "'" + name + "' has shape " + formatShape(array.shape()) +
                     ", 'idx' has " + formatShape(idx.shape()));
  }

  llvm::Error checkEvents(const NirObservable &events) {
    double latest = events.tMax * (1 + toleranceOf(events.time));
    for (int64_t i = 0; i < events.idx.size(); ++i) {
      int64_t perSample = events.idx.shape()[1];
      int64_t neuron = events.idx.getInt(i);
      double time = events.time.getDouble(i);
      auto name = [&] {
        return "event " + std::to_string(i % perSample) + " of sample " +
               std::to_string(i / perSample);
      };
      if (neuron < -1 || neuron >= events.neurons)
        return error("nirdata-index", name() + " is of neuron " +
                                          Twine(neuron) + " of " +
                                          Twine(events.neurons));
      bool none = std::isinf(time) && time > 0;
      if ((neuron == -1) != none)
        return error("nirdata-time",
                     name() + " has neuron " + Twine(neuron) + " and time " +
                         show(time) +
                         "; where there is no event they are -1 and infinite");
      if (neuron >= 0 && !(time >= 0 && time <= latest))
        return error("nirdata-time", name() + " is at " + show(time) +
                                         ", outside 0 to t_max " +
                                         show(events.tMax));
    }
    return llvm::Error::success();
  }

  std::string where;
};

} // namespace

llvm::Expected<NirNodeData> parseNirData(const RawObject &file,
                                         StringRef path) {
  return Parser(path).parse(file);
}

llvm::Expected<NirNodeData> readNirData(StringRef path,
                                        const RawLimits &limits) {
  llvm::Expected<RawObject> file = readHdf5(path, limits);
  if (!file)
    return file.takeError();
  return parseNirData(*file, path);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static RawObject number(double value) {
  return RawObject::fromArray(Array::from<double>({}, {value}));
}

static RawObject formatObservable(const NirObservable &observable) {
  RawObject object;
  if (observable.kind == NirObservable::Kind::TimeGridded) {
    object.addAttribute("__type__", RawObject::fromString("TimeGriddedData"));
    object.addAttribute("dt", number(observable.dt));
    object.add("data", RawObject::fromArray(observable.data));
    return object;
  }
  bool valued = observable.kind == NirObservable::Kind::ValuedEvents;
  object.addAttribute(
      "__type__",
      RawObject::fromString(valued ? "ValuedEventData" : "EventData"));
  object.addAttribute("n_neurons", RawObject::fromArray(Array::from<int64_t>(
                                       {}, {observable.neurons})));
  object.addAttribute("t_max", number(observable.tMax));
  object.add("idx", RawObject::fromArray(observable.idx));
  object.add("time", RawObject::fromArray(observable.time));
  if (valued)
    object.add("value", RawObject::fromArray(observable.value));
  return object;
}

RawObject formatNirData(const NirNodeData &graph) {
  RawObject object, nodes;
  object.addAttribute("__type__", RawObject::fromString("NIRGraphData"));
  for (const auto &[name, node] : graph.nodes) {
    if (node.isGraph) {
      nodes.add(name, formatNirData(node));
      continue;
    }
    RawObject formatted, observables;
    formatted.addAttribute("__type__", RawObject::fromString("NIRNodeData"));
    for (const auto &[what, observable] : node.observables)
      observables.add(what, formatObservable(observable));
    formatted.add("observables", std::move(observables));
    nodes.add(name, std::move(formatted));
  }
  object.add("nodes", std::move(nodes));
  return object;
}

llvm::Error writeNirData(StringRef path, const NirNodeData &graph) {
  return writeHdf5(path, formatNirData(graph));
}

} // namespace nmc::nir
