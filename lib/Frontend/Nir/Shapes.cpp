//===- Shapes.cpp - Shapes of a NIR graph ---------------------------------===//

#include "Shapes.h"

#include "nmc/Support/RuleError.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"

#include <deque>

namespace nmc::nir {

static constexpr int64_t kMaxElements = int64_t(1) << 40;

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

static SmallVector<int64_t, 2> spread(ArrayRef<int64_t> values, size_t rank,
                                      int64_t otherwise) {
  if (values.size() == rank)
    return SmallVector<int64_t, 2>(values);
  return SmallVector<int64_t, 2>(rank,
                                 values.empty() ? otherwise : values.front());
}

Window getWindow(const NirNode &node, ArrayRef<int64_t> space) {
  Window w;
  size_t rank = space.size();
  bool isPool =
      node.type == NodeType::SumPool2d || node.type == NodeType::AvgPool2d;
  if (isPool)
    w.kernel = spread(node.ints("kernel_size"), rank, 1);
  else
    w.kernel.assign(node.numbers("weight")->shape().drop_front(2));
  w.stride = spread(node.ints("stride"), rank, 1);
  w.dilation = spread(node.ints("dilation"), rank, 1);
  if (const Array *groups = node.numbers("groups"))
    w.groups = groups->getInt(0);
  StringRef mode = node.text("padding");
  w.padLow = spread(node.ints("padding"), rank, 0);
  w.padHigh = w.padLow;
  if (mode == "same")
    for (size_t d = 0; d < rank; ++d) {
      int64_t out = llvm::divideCeil(space[d], w.stride[d]);
      int64_t reach =
          (out - 1) * w.stride[d] + w.dilation[d] * (w.kernel[d] - 1) + 1;
      int64_t total = std::max<int64_t>(reach - space[d], 0);
      w.padLow[d] = total / 2;
      w.padHigh[d] = total - total / 2;
    }
  return w;
}

/// The extent of axis `d` behind the window; at most 0 where nothing fits.
static int64_t getExtent(const Window &w, size_t d, int64_t extent) {
  int64_t room = extent + w.padLow[d] + w.padHigh[d] -
                 w.dilation[d] * (w.kernel[d] - 1) - 1;
  return room < 0 ? 0 : room / w.stride[d] + 1;
}

std::optional<std::pair<int64_t, int64_t>> getFlattenedAxes(const NirNode &node,
                                                            int64_t rank) {
  int64_t first = node.numbers("start_dim")->getInt(0);
  int64_t last = node.numbers("end_dim")->getInt(0);
  const Array *stated = node.numbers("input_type");
  int64_t batch = stated && stated->size() == rank + 1 ? 1 : 0;
  auto toAxis = [&](int64_t dim) {
    return dim < 0 ? dim + rank : std::max<int64_t>(dim - batch, 0);
  };
  first = toAxis(first);
  last = toAxis(last);
  if (first < 0 || last < first || last >= rank)
    return std::nullopt;
  return std::make_pair(first, last);
}

bool equalsUnbatched(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  while (!a.empty() && a.front() == 1)
    a = a.drop_front();
  while (!b.empty() && b.front() == 1)
    b = b.drop_front();
  return a == b;
}

//===----------------------------------------------------------------------===//
// Inference
//===----------------------------------------------------------------------===//

/// What has the shape of its source.
static bool keepsShape(NodeType type) {
  return isNeuron(type) || type == NodeType::Scale || type == NodeType::Delay;
}

namespace {

class Inference {
public:
  Inference(const NirGraph &graph, Reporter &reporter)
      : graph(graph), reporter(reporter), shapes(graph.nodes.size()) {}

  FailureOr<std::vector<NodeShape>> run();

private:
  bool checkWeights(const NirNode &node);
  void seed();
  void seedInput(unsigned index);
  /// The largest array among parameters that have the population's shape.
  Shape getOwnShape(const NirNode &node);
  void propagate();
  /// Lets the sources of `index` learn their shape from it later.
  void askSources(unsigned index) {
    for (unsigned source : graph.sources[index])
      if (keepsShape(graph.nodes[source].type))
        backward.push_back({source, index});
  }
  bool seedFromParameters();
  bool seedBackward();
  bool seedSingle();
  /// What node `index` makes of its input; sets `out`.
  void deduceOut(unsigned index);
  void setOut(unsigned index, Shape shape);

  /// Report what does not fit; whether it does.
  bool checkEdge(unsigned from, unsigned to);
  bool checkParameters(unsigned index);

  const NirGraph &graph;
  Reporter &reporter;
  std::vector<NodeShape> shapes;
  std::deque<unsigned> queue;
  std::deque<std::pair<unsigned, unsigned>> backward;
  unsigned nextOwn = 0, nextSingle = 0;
  std::vector<bool> faulty = std::vector<bool>(shapes.size());
};

} // namespace

Shape Inference::getOwnShape(const NirNode &node) {
  Shape best;
  int64_t most = 1;
  for (const FieldSpec &spec : getFields(node.type))
    if (const Array *array = node.numbers(spec.name))
      if (array->size() > most) {
        most = array->size();
        best.assign(array->shape());
      }
  return best;
}

/// Ranks of weights.
bool Inference::checkWeights(const NirNode &node) {
  const Array *weight = node.numbers("weight");
  if (!weight)
    return true;
  ArrayRef<int64_t> shape = weight->shape();
  size_t rank = shape.size(), needed = 2;
  if (node.type == NodeType::Conv1d || node.type == NodeType::Conv2d) {
    needed = node.type == NodeType::Conv1d ? 3 : 4;
    if (rank != needed) {
      reporter.error(node, "nir-shape")
          << "'weight' has shape " << formatShape(shape) << ", but needs "
          << int64_t(needed) << " axes: (out, in / groups, "
          << (needed == 3 ? "k)" : "kh, kw)");
      return false;
    }
    int64_t groups = node.numbers("groups")->getInt(0);
    if (shape[0] % groups) {
      reporter.error(node, "nir-shape")
          << groups << " groups do not divide the " << shape[0]
          << " channels that 'weight' of shape " << formatShape(shape)
          << " makes";
      return false;
    }
    for (int64_t k : shape.drop_front(2))
      if (k > (int64_t(1) << 20)) {
        reporter.error(node, "nir-shape")
            << "a kernel extent of " << k << " exceeds 2^20";
        return false;
      }
    if (shape[1] > kMaxElements / groups) {
      reporter.error(node, "nir-shape") << "has too many channels";
      return false;
    }
  } else if (rank < 2) {
    reporter.error(node, "nir-shape")
        << "'weight' has shape " << formatShape(shape)
        << ", but needs at least 2 axes: (..., out, in)";
    return false;
  }
  if (const Array *bias = node.numbers("bias")) {
    int64_t out = shape[0];
    if (needed == 2)
      out = weight->size() / shape.back();
    if (bias->size() != out && bias->size() != 1) {
      reporter.error(node, "nir-shape")
          << "'bias' has shape " << formatShape(bias->shape())
          << ", but 'weight' of shape " << formatShape(shape) << " makes "
          << out << " outputs";
      return false;
    }
  }
  return true;
}

void Inference::setOut(unsigned index, Shape shape) {
  const NirNode &node = graph.nodes[index];
  std::optional<int64_t> count = countElements(shape);
  if (!count || *count > kMaxElements || *count < 1) {
    faulty[index] = true;
    reporter.error(node, "nir-shape")
        << "its output of shape " << formatShape(shape)
        << (count && *count < 1 ? " is empty" : " exceeds 2^40 elements");
    return;
  }
  shapes[index].out = std::move(shape);
  queue.push_back(index);
}

void Inference::deduceOut(unsigned index) {
  const NirNode &node = graph.nodes[index];
  ArrayRef<int64_t> in = shapes[index].in;
  if (keepsShape(node.type))
    return setOut(index, Shape(in));
  auto fail = [&]() -> RuleDiagnostic {
    faulty[index] = true;
    return reporter.error(node, "nir-shape");
  };
  switch (node.type) {
  case NodeType::Conv1d:
  case NodeType::Conv2d:
  case NodeType::SumPool2d:
  case NodeType::AvgPool2d: {
    size_t rank = node.type == NodeType::Conv1d ? 2 : 3;
    if (in.size() != rank) {
      fail() << "its source has shape " << formatShape(in) << ", but it needs "
             << (rank == 2 ? "(channels, length)"
                           : "(channels, height, width)");
      return;
    }
    Window w = getWindow(node, in.drop_front());
    Shape out{in[0]};
    if (const Array *weight = node.numbers("weight")) {
      int64_t channels = weight->shape()[1] * w.groups;
      if (channels != in[0]) {
        fail() << "its source has shape " << formatShape(in)
               << ", but 'weight' of shape " << formatShape(weight->shape())
               << " with " << w.groups << " groups takes " << channels
               << " channels";
        return;
      }
      out[0] = weight->shape()[0];
    }
    for (size_t d = 0; d + 1 < rank; ++d)
      out.push_back(getExtent(w, d, in[d + 1]));
    if (llvm::any_of(out, [](int64_t e) { return e < 1; })) {
      fail() << "its kernel does not fit into a source of shape "
             << formatShape(in);
      return;
    }
    return setOut(index, out);
  }
  case NodeType::Flatten: {
    auto axes = getFlattenedAxes(node, in.size());
    if (!axes) {
      fail() << "joins axes " << node.numbers("start_dim")->getInt(0) << " to "
             << node.numbers("end_dim")->getInt(0)
             << ", but its source has shape " << formatShape(in);
      return;
    }
    Shape out(in.take_front(axes->first));
    int64_t joined = 1;
    for (int64_t a = axes->first; a <= axes->second; ++a)
      joined *= in[a];
    out.push_back(joined);
    llvm::append_range(out, in.drop_front(axes->second + 1));
    return setOut(index, out);
  }
  default: // Affine and Linear have theirs, Output needs none
    return;
  }
}

/// Shapes that nodes state by themselves.
void Inference::seed() {
  for (auto [i, node] : llvm::enumerate(graph.nodes)) {
    if (!checkWeights(node)) {
      faulty[i] = true;
      continue;
    }
    if (node.type == NodeType::Affine || node.type == NodeType::Linear) {
      ArrayRef<int64_t> weight = node.numbers("weight")->shape();
      Shape out(weight.drop_back());
      shapes[i].in.assign(weight.drop_back(2));
      shapes[i].in.push_back(weight.back());
      setOut(i, out);
    }
    if (node.find("input_shape")) {
      // One number for both axes of an image is a square.
      size_t rank = node.type == NodeType::Conv1d ? 1 : 2;
      shapes[i].in = {node.numbers("weight")->shape()[1] *
                      node.numbers("groups")->getInt(0)};
      llvm::append_range(shapes[i].in,
                         spread(node.ints("input_shape"), rank, 1));
      deduceOut(i);
    }
    if (!shapes[i].in.empty() || node.type == NodeType::Output)
      askSources(i);
  }
  for (auto [i, node] : llvm::enumerate(graph.nodes))
    if (node.type == NodeType::Input)
      seedInput(i);
}

/// An Input's shape, less a batch axis that its readers do not have.
void Inference::seedInput(unsigned index) {
  const NirNode &node = graph.nodes[index];
  Shape shape = node.ints("shape");
  if (shape.size() < 2 || shape.front() != 1)
    return setOut(index, shape);
  ArrayRef<int64_t> rest = ArrayRef<int64_t>(shape).drop_front();
  bool isBatch = false;
  for (unsigned target : graph.targets[index]) {
    const NirNode &reader = graph.nodes[target];
    switch (reader.type) {
    case NodeType::Conv1d:
      isBatch |= rest.size() == 2;
      break;
    case NodeType::Conv2d:
    case NodeType::SumPool2d:
    case NodeType::AvgPool2d:
      isBatch |= rest.size() == 3;
      break;
    case NodeType::Affine:
    case NodeType::Linear:
      isBatch |= rest == ArrayRef<int64_t>(shapes[target].in);
      break;
    default:
      isBatch |= keepsShape(reader.type) &&
                 rest == ArrayRef<int64_t>(getOwnShape(reader));
      break;
    }
  }
  if (isBatch)
    reporter.warning(node, "nir-shape")
        << "the leading 1 of its shape " << formatShape(shape)
        << " is read as a batch axis, which shapes in NIR do not have";
  setOut(index, isBatch ? Shape(rest) : shape);
}

void Inference::propagate() {
  while (!queue.empty()) {
    unsigned at = queue.front();
    queue.pop_front();
    for (unsigned target : graph.targets[at]) {
      if (!shapes[target].in.empty())
        continue;
      shapes[target].in = shapes[at].out;
      askSources(target);
      if (shapes[target].out.empty() && !faulty[target])
        deduceOut(target);
    }
  }
}

/// Starts from neurons that have arrays, where nothing reaches them.
bool Inference::seedFromParameters() {
  for (; nextOwn < shapes.size(); ++nextOwn) {
    const NirNode &node = graph.nodes[nextOwn];
    if (faulty[nextOwn] || !shapes[nextOwn].out.empty())
      continue;
    Shape own;
    if (keepsShape(node.type))
      own = getOwnShape(node);
    if (node.type == NodeType::Flatten)
      own.assign(node.ints("input_type"));
    if (own.empty() || llvm::is_contained(own, 0))
      continue;
    shapes[nextOwn].in = own;
    askSources(nextOwn);
    deduceOut(nextOwn);
    return true;
  }
  return false;
}

/// Goes backward from a node that knows what it reads.
bool Inference::seedBackward() {
  while (!backward.empty()) {
    auto [index, target] = backward.front();
    backward.pop_front();
    if (faulty[index] || !shapes[index].out.empty())
      continue;
    Shape wanted = shapes[target].in;
    if (wanted.empty())
      wanted = graph.nodes[target].ints("shape");
    shapes[index].in = wanted;
    askSources(index);
    deduceOut(index);
    return true;
  }
  return false;
}

/// A neuron of which nothing is known but one number is one neuron.
bool Inference::seedSingle() {
  for (; nextSingle < shapes.size(); ++nextSingle) {
    const NirNode &node = graph.nodes[nextSingle];
    if (faulty[nextSingle] || !shapes[nextSingle].out.empty() ||
        !keepsShape(node.type))
      continue;
    reporter.remark(node, "nir-shape")
        << "nothing states its shape; it is read as a single neuron";
    shapes[nextSingle].in = {1};
    askSources(nextSingle);
    deduceOut(nextSingle);
    return true;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

bool Inference::checkEdge(unsigned from, unsigned to) {
  const NirNode &source = graph.nodes[from], &node = graph.nodes[to];
  ArrayRef<int64_t> given = shapes[from].out, taken = shapes[to].in;
  if (given.empty() || taken.empty() || faulty[to])
    return true;
  if (node.type == NodeType::Output) {
    Shape stated = node.ints("shape");
    if (given == ArrayRef<int64_t>(stated))
      return true;
    if (equalsUnbatched(given, stated)) {
      reporter.warning(node, "nir-shape")
          << "states shape " << formatShape(stated) << ", but "
          << describe(source) << " gives " << formatShape(given)
          << "; what it states is ignored";
      return true;
    }
    reporter.error(node, "nir-shape")
        << "states shape " << formatShape(stated) << ", but "
        << describe(source) << " gives " << formatShape(given);
    return false;
  }
  if (given == taken)
    return true;
  bool isAffine =
      node.type == NodeType::Affine || node.type == NodeType::Linear;
  int64_t have = *countElements(given), need = *countElements(taken);
  if (isAffine && have == need) {
    shapes[to].reads = true;
    reporter.warning(node, "nir-shape")
        << describe(source) << " gives shape " << formatShape(given)
        << ", which is read in row-major order as " << formatShape(taken);
    return true;
  }
  auto diag = reporter.error(node, "nir-shape");
  diag << describe(source) << " gives shape " << formatShape(given) << ", but ";
  if (!isAffine) {
    diag << "it takes " << formatShape(taken);
    return false;
  }
  ArrayRef<int64_t> weight = node.numbers("weight")->shape();
  diag << "'weight' of shape " << formatShape(weight)
       << ", which is (out, in), takes " << formatShape(taken);
  if (weight.size() == 2 && have == weight[0])
    diag << "; the weight may be stored transposed";
  else if (source.type == NodeType::Input && given.size() > taken.size() &&
           given.take_back(taken.size()) == taken)
    diag << "; shapes in NIR have no axis for time or batch: write "
         << formatShape(taken);
  return false;
}

/// Parameters have the population's shape, or one number, or one per channel.
bool Inference::checkParameters(unsigned index) {
  const NirNode &node = graph.nodes[index];
  ArrayRef<int64_t> shape = shapes[index].out;
  if (!keepsShape(node.type) || shape.empty())
    return true;
  SmallVector<StringRef> broadcast;
  int64_t elements = *countElements(shape);
  for (const FieldSpec &spec : getFields(node.type)) {
    const Array *array = node.numbers(spec.name);
    if (!array)
      continue;
    ArrayRef<int64_t> own = array->shape();
    if (array->size() == 1) {
      if (elements > 1)
        broadcast.push_back(spec.name);
      continue;
    }
    bool perChannel =
        own.size() == shape.size() && own[0] == shape[0] &&
        llvm::all_of(own.drop_front(), [](int64_t e) { return e == 1; });
    if (perChannel || equalsUnbatched(own, shape))
      continue;
    auto diag = reporter.error(node, "nir-shape");
    diag << "'" << spec.name << "' has shape " << formatShape(own)
         << ", but the node has shape " << formatShape(shape);
    if (!graph.sources[index].empty())
      diag << ", as " << describe(graph.nodes[graph.sources[index].front()])
           << " gives it";
    return false;
  }
  if (broadcast.empty())
    return true;
  auto diag = reporter.remark(node, "nir-shape");
  diag << "one number of ";
  llvm::interleaveComma(broadcast, diag,
                        [&](StringRef name) { diag << "'" << name << "'"; });
  diag << " holds for all of shape " << formatShape(shape);
  return true;
}

FailureOr<std::vector<NodeShape>> Inference::run() {
  seed();
  do
    propagate();
  while (seedFromParameters() || seedBackward() || seedSingle());
  if (!reporter.anyErrors())
    for (auto [i, node] : llvm::enumerate(graph.nodes))
      if (shapes[i].out.empty() && node.type != NodeType::Output)
        reporter.error(node, "nir-shape")
            << "its shape cannot be inferred, since nothing of known shape "
               "feeds it; "
            << (node.numbers("weight") ? "add 'input_shape'" : "add an Input");
  // In the order in which data flow, so that causes come before effects.
  std::vector<bool> seen(graph.nodes.size());
  for (int pass = 0; pass < 3; ++pass)
    for (unsigned i = 0; i < graph.nodes.size(); ++i)
      if (pass == 0   ? graph.nodes[i].type == NodeType::Input
          : pass == 1 ? graph.sources[i].empty()
                      : true)
        queue.push_back(i);
  for (; !queue.empty(); queue.pop_front()) {
    unsigned at = queue.front();
    if (seen[at])
      continue;
    seen[at] = true;
    // Behind a fault, others follow from it.
    if (!faulty[at])
      faulty[at] = !checkParameters(at);
    for (unsigned target : graph.targets[at]) {
      if (faulty[at] || !checkEdge(at, target))
        faulty[target] = true;
      if (!seen[target])
        queue.insert(queue.begin() + 1, target);
    }
  }
  if (reporter.anyErrors())
    return failure();
  return std::move(shapes);
}

FailureOr<std::vector<NodeShape>> inferShapes(const NirGraph &graph,
                                              Reporter &reporter) {
  return Inference(graph, reporter).run();
}

/// Writes `shape` at port `name` of the graphs in `level`, whose path is
/// `path`.
static void correct(RawObject &level, StringRef path, StringRef name,
                    const RawObject &shape) {
  auto join = [&](StringRef member) {
    return path.empty() ? member.str() : (path + "." + member).str();
  };
  for (auto &[key, group] : level.members) {
    if (key == "ports")
      for (auto &[member, port] : group.members)
        if (join(member) == name)
          port.add("shape", shape);
    if (key == "graphs")
      for (auto &[member, inner] : group.members)
        if (name.starts_with(join(member) + "."))
          correct(inner, join(member), name, shape);
  }
}

void correctPorts(NirGraph &graph, ArrayRef<NodeShape> shapes,
                  Reporter &reporter) {
  for (const NirPort &port : graph.ports)
    for (unsigned source : port.sources) {
      ArrayRef<int64_t> given = shapes[source].out;
      if (given.empty() || given == ArrayRef<int64_t>(port.shape))
        continue;
      reporter.warning("nir-shape")
          << "port '" << printable(port.name) << "' (" << getTypeName(port.type)
          << ") states shape " << formatShape(port.shape) << ", but "
          << describe(graph.nodes[source]) << " gives " << formatShape(given)
          << "; what it states is ignored";
      correct(graph.nesting, "", port.name,
              RawObject::fromArray(
                  Array::from<int64_t>({int64_t(given.size())}, given)));
      break;
    }
}

void addImpliedInputs(NirGraph &graph, std::vector<NodeShape> &shapes,
                      Reporter &reporter) {
  llvm::StringSet<> taken;
  for (const NirNode &node : graph.nodes)
    taken.insert(node.name);
  for (unsigned i = 0, count = graph.nodes.size(); i < count; ++i) {
    if (!graph.sources[i].empty() || graph.nodes[i].type == NodeType::Input ||
        graph.nodes[i].type == NodeType::Output)
      continue;
    std::string base = "input_" + graph.nodes[i].name, name = base;
    for (unsigned suffix = 0; !taken.insert(name).second; ++suffix)
      name = base + "_" + std::to_string(suffix);
    reporter.remark(graph.nodes[i], "nir-graph")
        << "nothing feeds it; it gets an input '" << printable(name)
        << "' of shape " << formatShape(shapes[i].in);
    graph.owned.push_back(RawObject::fromArray(Array::from<int64_t>(
        {int64_t(shapes[i].in.size())}, ArrayRef<int64_t>(shapes[i].in))));
    NirNode input;
    input.name = std::move(name);
    input.type = NodeType::Input;
    input.isImplied = true;
    input.fields["shape"] = &graph.owned.back();
    graph.edges.push_back({unsigned(graph.nodes.size()), i});
    graph.nodes.push_back(std::move(input));
    shapes.push_back({shapes[i].in, shapes[i].in, false});
  }
  llvm::sort(graph.edges);
  graph.indexEdges();
}

} // namespace nmc::nir
