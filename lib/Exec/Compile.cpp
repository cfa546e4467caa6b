//===- Compile.cpp - From spike.network to a plan -------------------------===//

#include "Plan.h"

#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

#include "llvm/ADT/EquivalenceClasses.h"

using namespace nmc;
using namespace nmc::exec;
using namespace nmc::spike;

/// Most elements of one value: what 32-bit indices hold.
static constexpr int64_t kMaxValueElements = (int64_t(1) << 31) - 1;

/// What the payloads of a stream's element type mean.
static Payload makePayload(Type type) {
  Payload payload;
  if (isa<FloatType>(type)) {
    payload.isFloat = true;
    return payload;
  }
  if (auto quantised = dyn_cast<mlir::quant::UniformQuantizedType>(type)) {
    payload.isQuantised = true;
    payload.scale = quantised.getScale();
    payload.zeroPoint = quantised.getZeroPoint();
    payload.low = quantised.getStorageTypeMin() - payload.zeroPoint;
    payload.high = quantised.getStorageTypeMax() - payload.zeroPoint;
    return payload;
  }
  auto integer = cast<IntegerType>(type);
  unsigned width = integer.getWidth();
  if (integer.isSignless()) {
    payload.isBinary = true;
    return payload;
  }
  bool isSigned = integer.isSigned();
  payload.low = isSigned ? -(int64_t(1) << (width - 1)) : 0;
  payload.high = (int64_t(1) << (width - isSigned)) - 1;
  return payload;
}

namespace {
class Compiler {
public:
  Compiler(NetworkOp network, Plan &plan) : network(network), plan(plan) {}
  LogicalResult run();

private:
  LogicalResult addValue(Value value, Operation *where);
  LogicalResult addNode(Operation *op);
  LogicalResult addDelay(DelayOp op, Node &node);
  LogicalResult applyConsumers();
  LogicalResult applyBiasAtZero();
  LogicalResult applyDeliveries();

  StreamInfo describe(Value value) {
    const ValueInfo &info = plan.values[values.lookup(value)];
    StreamInfo stream;
    stream.shape = info.shape;
    stream.elements = info.elements;
    stream.payload = info.payload;
    return stream;
  }

  NetworkOp network;
  Plan &plan;
  DenseMap<Value, int> values;
  std::vector<Operation *> ops; // of nodes; null for ports
};
} // namespace

LogicalResult Compiler::addValue(Value value, Operation *where) {
  ValueInfo info;
  info.shape.assign(getShape(value).begin(), getShape(value).end());
  info.elements = getNumElements(value);
  if (info.elements > kMaxValueElements)
    return emitRuleError(where, "network-size")
           << "a value of " << info.elements
           << " elements is too large to run; at most " << kMaxValueElements
           << " are possible";
  Type type = getElementType(value);
  info.isCurrent = isa<CurrentType>(value.getType());
  if (!info.isCurrent) {
    info.payload = makePayload(type);
  } else if (isa<FloatType>(type)) {
    info.payload.isFloat = true;
  } else if (auto quantised =
                 dyn_cast<mlir::quant::UniformQuantizedType>(type)) {
    info.bits = quantised.getStorageTypeIntegralWidth();
    if (quantised.getZeroPoint() != 0)
      return emitRuleError(where, "connection-type")
             << "has an accumulator with zero point "
             << quantised.getZeroPoint() << ", but it must be 0";
  } else {
    info.bits = cast<IntegerType>(type).getWidth();
  }
  values[value] = int(plan.values.size());
  plan.values.push_back(std::move(info));
  return success();
}

LogicalResult Compiler::addDelay(DelayOp op, Node &node) {
  node.kind = NodeKind::Delay;
  node.delay = op.getSteps();
  ElementsAttr each = op.getPerElementAttr();
  if (!each)
    return success();
  FailureOr<SmallVector<int64_t, 0>> steps = getElementsAsInts(each);
  if (failed(steps))
    return emitRuleError(op, "delay-steps") << "delays cannot be read";
  const ValueInfo &info = plan.values[node.output];
  int64_t run = info.elements / int64_t(steps->size());
  node.delays.resize(info.elements);
  for (int64_t n = 0; n < info.elements; ++n)
    node.delays[n] = int32_t((*steps)[n / run]);
  return success();
}

LogicalResult Compiler::addNode(Operation *op) {
  Node node;
  SmallVector<ValueInfo, 2> sources;
  for (Value operand : op->getOperands()) {
    node.inputs.push_back(values.lookup(operand));
    sources.push_back(plan.values[node.inputs.back()]);
  }
  node.output = values.lookup(op->getResult(0));
  const ValueInfo &result = plan.values[node.output];
  std::optional<double> dt;
  if (std::optional<llvm::APFloat> attr = network.getDt())
    dt = attr->convertToDouble();

  if (isa<ConnectionOpInterface>(op)) {
    if (failed(buildConnection(op, sources.front(), result, node)))
      return failure();
    node.fanOut = countFanOut(node.synapses);
  } else if (auto population = dyn_cast<PopulationOpInterface>(op)) {
    if (failed(buildPopulation(population, dt, sources, result, node)))
      return failure();
    node.population = int(plan.populations.size());
    plan.populations.push_back(describe(op->getResult(0)));
    plan.populations.back().name = population.getPopulationName().str();
    plan.populationNodes.push_back(int(plan.nodes.size()));
    plan.populationValues.push_back(node.output);
  } else if (isa<ViewOpInterface>(op)) {
    if (failed(buildView(op, sources, result, node)))
      return failure();
  } else if (auto delay = dyn_cast<DelayOp>(op)) {
    if (failed(addDelay(delay, node)))
      return failure();
  } else {
    return emitRuleError(op, "network-op")
           << "is neither population, connection, view nor delay";
  }
  if (node.population < 0 || node.delay == 0) {
    plan.nodes.push_back(std::move(node));
    ops.push_back(op);
    return success();
  }
  // Events that leave late pass a delay of their own.
  Node late;
  late.kind = NodeKind::Delay;
  late.delay = std::exchange(node.delay, 0);
  late.output = std::exchange(node.output, int(plan.values.size()));
  late.inputs.push_back(node.output);
  plan.values.push_back(ValueInfo(plan.values[late.output]));
  for (Node *each : {&node, &late}) {
    plan.nodes.push_back(std::move(*each));
    ops.push_back(op);
  }
  return success();
}

/// The fixed-point arithmetic of a population, or null.
static FixedAttr getFixed(Operation *op) {
  auto population = dyn_cast<PopulationOpInterface>(op);
  DynamicsAttr dynamics =
      population ? population.getDynamicsOrNull() : DynamicsAttr();
  return dynamics ? dynamics.getArithmetic() : FixedAttr();
}

/// Calls `visit` for every population or connection that takes up the current
/// `value`, through views.
static void forEachConsumer(Value value,
                            function_ref<void(Operation *)> visit) {
  for (Operation *user : value.getUsers()) {
    if (isa<ViewOpInterface>(user))
      forEachConsumer(user->getResult(0), visit);
    else
      visit(user);
  }
}

/// Shifts of integer connections: frac of the population that takes up the
/// current plus the exponent; names of connections.
LogicalResult Compiler::applyConsumers() {
  llvm::StringMap<int> named;
  for (auto [node, op] : llvm::zip(plan.nodes, ops)) {
    if (node.kind != NodeKind::Connection)
      continue;
    std::optional<int64_t> frac;
    StringRef consumer;
    Operation *first = nullptr;
    bool clash = false;
    forEachConsumer(op->getResult(0), [&](Operation *user) {
      FixedAttr fixed = getFixed(user);
      int64_t needed = fixed ? fixed.getFrac() : 0;
      if (frac && *frac != needed)
        clash = true;
      if (!frac)
        first = user;
      frac = needed;
      if (auto population = dyn_cast<PopulationOpInterface>(user);
          population && consumer.empty())
        consumer = population.getPopulationName();
    });
    if (clash) {
      auto diag = emitRuleError(op, "connection-shared")
                  << "feeds populations of different 'frac'; give each its own "
                     "connection";
      diag.attachNote(first->getLoc()) << "one of them";
      return diag;
    }
    // A connection inside a chain is named after the population at its end.
    for (Operation *next = first; consumer.empty() && next;) {
      Operation *following = nullptr;
      if (next->getNumResults())
        forEachConsumer(next->getResult(0), [&](Operation *user) {
          if (!following)
            following = user;
          if (auto population = dyn_cast<PopulationOpInterface>(user);
              population && consumer.empty())
            consumer = population.getPopulationName();
        });
      next = following;
    }
    if (!node.synapses.isFloat) {
      int64_t exponent = 0;
      if (auto attr = op->getAttrOfType<IntegerAttr>("exponent"))
        exponent = attr.getInt();
      int64_t shift = frac.value_or(0) + exponent;
      if (shift < 0 || shift > 63)
        return emitRuleError(op, "weight-exponent")
               << "has exponent " << exponent << " and feeds a population with "
               << "frac " << frac.value_or(0) << "; their sum must be 0 to 63";
      node.synapses.shift = unsigned(shift);
    }
    std::string name = consumer.empty() ? "unused" : consumer.str();
    int count = named[name]++;
    if (count)
      name += "." + std::to_string(count);
    node.connection = int(plan.connectionNames.size());
    plan.connectionNames.push_back(std::move(name));
  }
  return success();
}

/// Whether a stream comes straight out of a delay, through views.
static bool isDelayed(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (isa<DelayOp>(op))
    return true;
  return isa<ViewOpInterface>(op) && llvm::any_of(op->getOperands(), isDelayed);
}

/// Marks the biases of connections behind a delay that a population with
/// `bias_at_t0 = false` leaves out in step 0.
LogicalResult Compiler::applyBiasAtZero() {
  for (auto [node, op] : llvm::zip(plan.nodes, ops)) {
    auto connection = dyn_cast_or_null<ConnectionOpInterface>(op);
    if (!connection || !connection.getBiasOrNull() ||
        !isDelayed(connection.getSource()))
      continue;
    bool with = false, without = false;
    SmallVector<Operation *> work;
    DenseSet<Operation *> seen;
    auto push = [&](Operation *user) {
      if (seen.insert(user).second)
        work.push_back(user);
    };
    forEachConsumer(op->getResult(0), push);
    while (!work.empty()) {
      Operation *user = work.pop_back_val();
      if (isa<ConnectionOpInterface>(user)) {
        forEachConsumer(user->getResult(0), push);
        continue;
      }
      auto population = dyn_cast<PopulationOpInterface>(user);
      DynamicsAttr dynamics =
          population ? population.getDynamicsOrNull() : DynamicsAttr();
      (dynamics && !dynamics.getBiasAtT0() ? without : with) = true;
    }
    if (with && without)
      return emitRuleError(op, "bias-at-t0")
             << "has a bias behind a delay and feeds populations that disagree "
                "on bias_at_t0; give each its own connection";
    node.synapses.noBiasAtZero = without;
  }
  return success();
}

/// Where additions saturate one by one, populations deliver events themselves:
/// each drive must be a connection straight from a stream.
LogicalResult Compiler::applyDeliveries() {
  std::vector<int> producer(plan.values.size(), -1);
  for (auto [n, node] : llvm::enumerate(plan.nodes))
    producer[node.output] = int(n);
  auto deliversItself = [](const Node &node) {
    return node.kind == NodeKind::Membrane && !node.isFloat &&
           node.intMembrane.overflow == Overflow::SaturateEach;
  };
  for (auto [n, node] : llvm::enumerate(plan.nodes)) {
    if (!deliversItself(node))
      continue;
    for (int input : node.inputs) {
      Node &connection = plan.nodes[producer[input]];
      if (connection.kind != NodeKind::Connection ||
          plan.values[connection.inputs[0]].isCurrent)
        return emitRuleError(ops[n], "saturate-each")
               << "saturates every addition, so each of its drives must be a "
                  "connection that takes events from a stream";
      std::shared_ptr<const Delivery> delivery = makeDelivery(
          connection.synapses, node.intMembrane.stateBits);
      if (!delivery)
        return emitRuleError(ops[producer[input]], "saturate-each")
               << "has more than 2^28 synapses, which cannot be delivered one "
                  "by one";
      node.deliveries.push_back(std::move(delivery));
      node.eventValues.push_back(connection.inputs[0]);
      connection.isDelivered = true;
    }
  }
  for (auto [node, op] : llvm::zip(plan.nodes, ops))
    for (int input : node.inputs)
      if (plan.nodes[producer[input]].isDelivered && !deliversItself(node))
        return emitRuleError(op, "saturate-each")
               << "shares a current with a population that saturates every "
                  "addition; give each its own connection";
  return success();
}

LogicalResult Compiler::run() {
  plan.name = network.getName().str();
  plan.keepsState = network.getState() == StateScope::Stream;
  Block &body = network.getBody().front();
  for (Value argument : body.getArguments()) {
    if (failed(addValue(argument, network)))
      return failure();
    Node node;
    node.output = values.lookup(argument);
    plan.portValues.push_back(node.output);
    plan.ports.push_back(describe(argument));
    plan.nodes.push_back(std::move(node));
    ops.push_back(nullptr);
  }
  for (Operation &op : body.without_terminator()) {
    for (Value result : op.getResults()) {
      if (!isa<StreamType, CurrentType>(result.getType()))
        return emitRuleError(&op, "network-op")
               << "is neither population, connection, view nor delay";
      if (failed(addValue(result, &op)))
        return failure();
    }
    if (op.getNumResults() != 1)
      return emitRuleError(&op, "network-op")
             << "is neither population, connection, view nor delay";
  }
  // All nodes are tried, so that all faults are reported.
  bool failedAny = false;
  for (Operation &op : body.without_terminator())
    failedAny |= failed(addNode(&op));
  if (failedAny || failed(applyConsumers()) || failed(applyBiasAtZero()) ||
      failed(applyDeliveries()))
    return failure();
  for (Value stream : network.getOutput().getStreams()) {
    plan.outputValues.push_back(values.lookup(stream));
    plan.outputs.push_back(describe(stream));
  }
  schedule(plan);
  return success();
}

FailureOr<Program> Program::compile(NetworkOp network) {
  auto plan = std::make_shared<Plan>();
  if (failed(Compiler(network, *plan).run()))
    return failure();
  Program program;
  program.plan = std::move(plan);
  program.cache = std::make_shared<FastCache>();
  return program;
}

//===----------------------------------------------------------------------===//
// Schedule
//===----------------------------------------------------------------------===//

namespace {
/// Strongly connected components of a graph by Tarjan's algorithm, without
/// recursion; a component comes after those that its members depend on.
class ComponentFinder {
public:
  explicit ComponentFinder(const std::vector<std::vector<int>> &sources)
      : sources(sources), index(sources.size(), -1), low(sources.size(), 0),
        active(sources.size(), false) {}

  std::vector<std::vector<int>> run() {
    for (int v = 0; v < int(sources.size()); ++v)
      if (index[v] < 0)
        visit(v);
    return std::move(components);
  }

private:
  void visit(int root) {
    std::vector<std::pair<int, size_t>> path{{root, 0}};
    enter(root);
    while (!path.empty()) {
      auto &[v, next] = path.back();
      if (next < sources[v].size()) {
        int w = sources[v][next++];
        if (index[w] < 0) {
          enter(w);
          path.push_back({w, 0});
        } else if (active[w]) {
          low[v] = std::min(low[v], index[w]);
        }
        continue;
      }
      if (low[v] == index[v]) {
        components.emplace_back();
        int w;
        do {
          w = stack.back();
          stack.pop_back();
          active[w] = false;
          components.back().push_back(w);
        } while (w != v);
      }
      int done = v;
      path.pop_back();
      if (!path.empty())
        low[path.back().first] = std::min(low[path.back().first], low[done]);
    }
  }
  void enter(int v) {
    index[v] = low[v] = count++;
    stack.push_back(v);
    active[v] = true;
  }

  const std::vector<std::vector<int>> &sources;
  std::vector<int> index, low;
  std::vector<bool> active;
  std::vector<int> stack;
  std::vector<std::vector<int>> components;
  int count = 0;
};
} // namespace

void exec::schedule(Plan &plan) {
  int count = int(plan.nodes.size());
  std::vector<int> producer(plan.values.size(), -1);
  for (int n = 0; n < count; ++n)
    producer[plan.nodes[n].output] = n;

  // Nodes that share a current run together.
  llvm::EquivalenceClasses<int> together;
  for (int n = 0; n < count; ++n) {
    together.insert(n);
    for (int input : plan.nodes[n].inputs)
      if (plan.values[input].isCurrent)
        together.unionSets(n, producer[input]);
  }
  std::vector<int> group(count, -1);
  int groups = 0;
  for (int n = 0; n < count; ++n) {
    int leader = together.getLeaderValue(n);
    if (group[leader] < 0)
      group[leader] = groups++;
    group[n] = group[leader];
  }
  std::vector<std::vector<int>> sources(groups);
  std::vector<bool> loops(groups, false);
  for (int n = 0; n < count; ++n)
    for (int input : plan.nodes[n].inputs) {
      int from = group[producer[input]];
      if (from != group[n])
        sources[group[n]].push_back(from);
      else if (plan.nodes[n].kind == NodeKind::Delay)
        loops[from] = true;
    }

  // An order of all nodes for one step: inputs first, delays before everything.
  std::vector<int> position(count, -1);
  int next = 0;
  for (int root = 0; root < count; ++root) {
    std::vector<std::pair<int, size_t>> path{{root, 0}};
    while (!path.empty()) {
      auto &[n, input] = path.back();
      const Node &node = plan.nodes[n];
      if (position[n] >= 0) {
        path.pop_back();
      } else if (node.kind != NodeKind::Delay && input < node.inputs.size()) {
        int source = producer[node.inputs[input++]];
        if (position[source] < 0)
          path.push_back({source, 0});
      } else {
        position[n] = next++;
        path.pop_back();
      }
    }
  }

  for (const std::vector<int> &members : ComponentFinder(sources).run()) {
    Component component;
    component.recurrent = members.size() > 1;
    for (int member : members)
      component.recurrent = component.recurrent || loops[member];
    for (int n = 0; n < count; ++n)
      if (llvm::is_contained(members, group[n]))
        component.nodes.push_back(n);
    llvm::sort(component.nodes,
               [&](int a, int b) { return position[a] < position[b]; });
    plan.components.push_back(std::move(component));
  }
}
