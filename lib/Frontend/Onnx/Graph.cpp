//===- Graph.cpp - ModelProto to a function of the onnx dialect -----------===//

#include "GraphImporter.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <functional>
#include <limits>
#include <queue>

using namespace nmc;
using namespace nmc::onnx;

//===----------------------------------------------------------------------===//
// Faults
//===----------------------------------------------------------------------===//

RuleDiagnostic Faults::report(Location loc, StringRef rule) {
  ++count;
  if (++perRule[rule] > kMaxPerRule)
    return RuleDiagnostic(InFlightDiagnostic(), rule);
  return emitRuleError(loc, rule);
}

LogicalResult Faults::finish(Location loc) {
  std::vector<std::pair<std::string, unsigned>> silent;
  for (const auto &entry : perRule)
    if (entry.second > kMaxPerRule)
      silent.push_back({entry.first().str(), entry.second - kMaxPerRule});
  llvm::sort(silent);
  for (auto &[rule, more] : silent)
    emitRuleError(loc, rule) << "and " << more << " more like these";
  return failure(any());
}

//===----------------------------------------------------------------------===//
// Importer
//===----------------------------------------------------------------------===//

/// File format and operator sets known when this was written; newer ones are
/// read with a warning, since their operators may mean something else.
static constexpr int64_t kNewestIr = 14;

Location nmc::onnx::getFileLocation(StringRef path, MLIRContext *context) {
  StringRef name = path == "-" || path == "<stdin>" || path.empty()
                       ? StringRef("<stdin>")
                       : llvm::sys::path::filename(path);
  return mlir::FileLineColLoc::get(context, name, 0, 0);
}

std::optional<std::string> GraphImporter::getFolder(StringRef path) {
  if (path == "-" || path == "<stdin>" || path.empty())
    return std::nullopt;
  StringRef folder = llvm::sys::path::parent_path(path);
  return folder.empty() ? std::string(".") : folder.str();
}

void GraphImporter::nameNodes() {
  nodeNames.reserve(graph.node_size());
  for (auto [i, node] : llvm::enumerate(graph.node()))
    nodeNames.push_back(node.name().empty()
                            ? node.op_type() + "_" + std::to_string(i)
                            : node.name());
}

/// The default domain has two spellings.
static StringRef normalise(StringRef domain) {
  return domain.empty() ? StringRef(OnnxDialect::kDefaultDomain) : domain;
}

void GraphImporter::checkModel() {
  if (model.ir_version() < 1)
    faults.report(fileLoc, "onnx-model")
        << "ir_version is " << int64_t(model.ir_version())
        << ", but must be positive";
  if (model.ir_version() > kNewestIr)
    emitRuleWarning(fileLoc, "onnx-model")
        << "ir_version is " << int64_t(model.ir_version())
        << ", newer than the newest known, " << kNewestIr;
  for (const pb::OperatorSetIdProto &opset : model.opset_import()) {
    StringRef domain = normalise(opset.domain());
    if (opset.version() < 1)
      faults.report(fileLoc, "onnx-opset")
          << "operator set '" << domain << "' has version "
          << int64_t(opset.version()) << ", but must be positive";
    auto [it, isNew] = opsets.try_emplace(domain, opset.version());
    if (!isNew && it->second != opset.version())
      faults.report(fileLoc, "onnx-opset")
          << "operator set '" << domain << "' is imported with versions "
          << it->second << " and " << int64_t(opset.version());
  }
  // Before IR 3 files had no imports and meant version 1.
  if (model.opset_import_size() == 0 && model.ir_version() < 3)
    opsets.try_emplace(OnnxDialect::kDefaultDomain, 1);
  if (graph.output_size() == 0)
    faults.report(fileLoc, "onnx-model") << "the graph has no outputs";
  if (graph.sparse_initializer_size() != 0)
    faults.report(fileLoc, "onnx-type")
        << "the graph has " << graph.sparse_initializer_size()
        << " sparse initialisers, which are not carried";
  if (model.training_info_size() != 0)
    emitRuleWarning(fileLoc, "onnx-model")
        << "the model's training information is left out";
}

std::string GraphImporter::describe(Definition definition) {
  switch (definition.kind) {
  case Definition::Input:
    return "a graph input";
  case Definition::Initialiser:
    return "an initialiser";
  case Definition::Node:
    return "an output of " + nodeText(definition.index);
  }
  return "";
}

void GraphImporter::define(StringRef name, Definition definition) {
  Location loc = definition.kind == Definition::Node ? nodeLoc(definition.index)
                                                     : valueLoc(name);
  auto [it, isNew] = definitions.try_emplace(name, definition);
  if (!isNew)
    faults.report(loc, "onnx-ssa")
        << "value '" << name << "' is defined twice: it is "
        << describe(it->second) << " and " << describe(definition);
}

void GraphImporter::collectDefinitions() {
  for (auto [i, tensor] : llvm::enumerate(*graph.mutable_initializer())) {
    if (tensor.name().empty()) {
      faults.report(fileLoc, "onnx-ssa")
          << "initialiser " << i << " has no name";
      continue;
    }
    define(tensor.name(), {Definition::Initialiser, int(i)});
    initialisers.try_emplace(tensor.name(), &tensor);
  }
  llvm::StringSet<> seen;
  for (auto [i, input] : llvm::enumerate(graph.input())) {
    if (input.name().empty()) {
      faults.report(fileLoc, "onnx-ssa") << "input " << i << " has no name";
      continue;
    }
    if (!seen.insert(input.name()).second) {
      faults.report(valueLoc(input.name()), "onnx-ssa")
          << "value '" << input.name()
          << "' is defined twice: it is a graph input and a graph input";
      continue;
    }
    // Old files list initialisers among the inputs; new ones give defaults so.
    if (initialisers.count(input.name())) {
      definitions.try_emplace(input.name(),
                              Definition{Definition::Initialiser, int(i)});
      continue;
    }
    define(input.name(), {Definition::Input, int(i)});
    inputs.push_back(i);
  }
  for (auto [i, node] : llvm::enumerate(graph.node()))
    for (const std::string &output : node.output())
      if (!output.empty())
        define(output, {Definition::Node, int(i)});
}

void GraphImporter::checkNodes() {
  llvm::StringSet<> functions;
  for (const pb::FunctionProto &function : model.functions())
    functions.insert(
        (normalise(function.domain()) + "." + function.name()).str());
  for (auto [i, node] : llvm::enumerate(graph.node())) {
    Location loc = nodeLoc(i);
    StringRef domain = normalise(node.domain());
    if (node.op_type().empty()) {
      faults.report(loc, "onnx-model")
          << "node " << i << " has no operator type";
      continue;
    }
    if (functions.contains((domain + "." + node.op_type()).str()))
      faults.report(loc, "onnx-subgraph")
          << nodeText(i)
          << " calls a function of the model, which is not carried; inline it "
             "first";
    else if (!opsets.count(domain))
      faults.report(loc, "onnx-opset")
          << nodeText(i) << " is of domain '" << domain
          << "', whose version the model does not import";
    llvm::StringSet<> attributes;
    for (const pb::AttributeProto &attribute : node.attribute())
      if (attribute.name().empty() ||
          !attributes.insert(attribute.name()).second)
        faults.report(loc, "onnx-attribute")
            << "attribute '" << attribute.name() << "' of " << nodeText(i)
            << (attribute.name().empty() ? " has no name" : " is given twice");
    for (auto [k, input] : llvm::enumerate(node.input()))
      if (!input.empty() && !definitions.count(input))
        faults.report(loc, "onnx-ssa")
            << "input " << k << " of " << nodeText(i) << ", '" << input
            << "', is not defined: it is no graph input, no initialiser and "
               "no output of a node";
    if (llvm::all_of(node.output(),
                     [](const std::string &name) { return name.empty(); }))
      faults.report(loc, "onnx-model") << nodeText(i) << " has no outputs";
  }
}

void GraphImporter::checkOutputs() {
  for (auto [i, output] : llvm::enumerate(graph.output()))
    if (!definitions.count(output.name()))
      faults.report(valueLoc(output.name()), "onnx-ssa")
          << "graph output " << i << ", '" << output.name()
          << "', is not defined by any node";
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

/// Kahn's algorithm; of the nodes that are ready the first in the file goes
/// first, so that a sorted file keeps its order.
SmallVector<int> GraphImporter::sortNodes() {
  int count = graph.node_size();
  std::vector<SmallVector<int, 2>> users(count);
  std::vector<unsigned> waiting(count, 0);
  for (int i = 0; i < count; ++i)
    for (const std::string &input : graph.node(i).input()) {
      auto it = definitions.find(input);
      if (input.empty() || it == definitions.end() ||
          it->second.kind != Definition::Node)
        continue;
      users[it->second.index].push_back(i);
      ++waiting[i];
    }
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int i = 0; i < count; ++i)
    if (waiting[i] == 0)
      ready.push(i);
  SmallVector<int> order;
  while (!ready.empty()) {
    int node = ready.top();
    ready.pop();
    order.push_back(node);
    for (int user : users[node])
      if (--waiting[user] == 0)
        ready.push(user);
  }
  if (int(order.size()) != count)
    reportCycles(waiting);
  return order;
}

void GraphImporter::reportCycles(ArrayRef<unsigned> waiting) {
  // Walking back over nodes that wait must end in a cycle.
  std::vector<int> walk(waiting.size(), -1); // which walk reached the node
  for (int start = 0, e = waiting.size(); start < e; ++start) {
    if (waiting[start] == 0 || walk[start] >= 0)
      continue;
    int node = start;
    while (walk[node] < 0) {
      walk[node] = start;
      for (const std::string &input : graph.node(node).input()) {
        auto it = definitions.find(input);
        if (it != definitions.end() && it->second.kind == Definition::Node &&
            waiting[it->second.index] != 0) {
          node = it->second.index;
          break;
        }
      }
    }
    if (walk[node] != start)
      continue;
    SmallVector<std::string> names;
    int current = node;
    do {
      names.push_back(nodeNames[current]);
      for (const std::string &input : graph.node(current).input()) {
        auto it = definitions.find(input);
        if (it != definitions.end() && it->second.kind == Definition::Node &&
            waiting[it->second.index] != 0) {
          current = it->second.index;
          break;
        }
      }
    } while (current != node);
    size_t length = names.size();
    if (length > 8)
      names.resize(8);
    names.push_back(length > 8 ? "..." : nodeNames[node]);
    faults.report(nodeLoc(node), "onnx-cycle")
        << nodeText(node) << " is in a cycle of " << length
        << (length == 1 ? " node: " : " nodes: ") << llvm::join(names, " <- ");
  }
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

Attribute GraphImporter::getAttribute(pb::AttributeProto &attribute, int node) {
  Location loc = nodeLoc(node);
  std::string what =
      "attribute '" + attribute.name() + "' of " + nodeText(node);
  auto type = attribute.type();
  if (!attribute.ref_attr_name().empty()) {
    faults.report(loc, "onnx-attribute")
        << what << " refers to an attribute of a function";
    return nullptr;
  }
  // Files older than IR 2 leave the type out.
  if (type == pb::AttributeProto::UNDEFINED) {
    if (attribute.has_f())
      type = pb::AttributeProto::FLOAT;
    else if (attribute.has_i())
      type = pb::AttributeProto::INT;
    else if (attribute.has_s())
      type = pb::AttributeProto::STRING;
    else if (attribute.has_t())
      type = pb::AttributeProto::TENSOR;
    else if (attribute.has_g())
      type = pb::AttributeProto::GRAPH;
    else if (attribute.floats_size())
      type = pb::AttributeProto::FLOATS;
    else if (attribute.strings_size())
      type = pb::AttributeProto::STRINGS;
    else
      type = pb::AttributeProto::INTS;
  }
  switch (type) {
  case pb::AttributeProto::INT:
    return builder.getI64IntegerAttr(attribute.i());
  case pb::AttributeProto::FLOAT:
    return builder.getF32FloatAttr(attribute.f());
  case pb::AttributeProto::STRING:
    return builder.getStringAttr(attribute.s());
  case pb::AttributeProto::INTS:
    return builder.getDenseI64ArrayAttr(
        SmallVector<int64_t>(attribute.ints().begin(), attribute.ints().end()));
  case pb::AttributeProto::FLOATS:
    return builder.getDenseF32ArrayAttr(SmallVector<float>(
        attribute.floats().begin(), attribute.floats().end()));
  case pb::AttributeProto::STRINGS: {
    SmallVector<StringRef> strings(attribute.strings().begin(),
                                   attribute.strings().end());
    return builder.getStrArrayAttr(strings);
  }
  case pb::AttributeProto::TENSOR:
    return reader.read(*attribute.mutable_t(), what, nodeNames[node], loc);
  case pb::AttributeProto::GRAPH:
  case pb::AttributeProto::GRAPHS:
    faults.report(loc, "onnx-subgraph")
        << nodeText(node) << " holds a graph as attribute '" << attribute.name()
        << "'; control flow is not carried (simplify the model first)";
    return nullptr;
  default:
    faults.report(loc, "onnx-attribute")
        << what << " has kind " << int64_t(type) << ", which is not carried";
    return nullptr;
  }
}

Value GraphImporter::getValue(StringRef name) {
  if (name.empty()) {
    if (!none) {
      mlir::OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(builder.getInsertionBlock());
      none = NoneOp::create(builder, fileLoc, builder.getNoneType());
    }
    return none;
  }
  Value &value = values[name];
  if (value)
    return value;
  auto it = initialisers.find(name);
  if (it == initialisers.end())
    return nullptr; // of a node that was not emitted, because of a fault
  Location loc = valueLoc(name);
  ElementsAttr elements =
      reader.read(*it->second, "initialiser '" + name.str() + "'", name, loc);
  if (!elements)
    return nullptr;
  value = ConstantOp::create(builder, loc, elements);
  return value;
}

void GraphImporter::emitNode(int index) {
  pb::NodeProto &node = *graph.mutable_node(index);
  SmallVector<NamedAttribute> params;
  bool good = true;
  for (pb::AttributeProto &attribute : *node.mutable_attribute()) {
    if (Attribute value = getAttribute(attribute, index))
      params.push_back(builder.getNamedAttr(attribute.name(), value));
    else
      good = false;
  }
  int inputCount = node.input_size();
  while (inputCount > 0 && node.input(inputCount - 1).empty())
    --inputCount;
  SmallVector<Value> operands;
  for (int i = 0; i < inputCount; ++i) {
    operands.push_back(getValue(node.input(i)));
    good &= bool(operands.back());
  }
  if (!good)
    return;
  SmallVector<Type> types;
  for (const std::string &output : node.output()) {
    auto it = statedTypes.find(output);
    types.push_back(it == statedTypes.end() ? UnknownType::get(context)
                                            : it->second);
  }
  StringRef domain = normalise(node.domain());
  auto op = NodeOp::create(builder, nodeLoc(index), types,
                           builder.getStringAttr(node.op_type()),
                           builder.getI64IntegerAttr(opsets.lookup(domain)),
                           builder.getStringAttr(domain), operands,
                           builder.getDictionaryAttr(params));
  for (auto [name, value] : llvm::zip(node.output(), op.getOutputs()))
    if (!name.empty())
      values[name] = value;
}

void GraphImporter::emitFunction(ArrayRef<int> order) {
  module = ModuleOp::create(builder, fileLoc);
  builder.setInsertionPointToEnd(module->getBody());
  auto function = mlir::func::FuncOp::create(
      builder, fileLoc, "main", builder.getFunctionType(inputTypes, {}));
  Block *block = function.addEntryBlock();
  for (auto [i, index] : llvm::enumerate(inputs)) {
    const std::string &name = graph.input(index).name();
    block->getArgument(i).setLoc(valueLoc(name));
    values[name] = block->getArgument(i);
    function.setArgAttr(i, OnnxDialect::kNameAttrName,
                        builder.getStringAttr(name));
  }
  builder.setInsertionPointToStart(block);
  for (int node : order)
    emitNode(node);
  SmallVector<Value> results;
  for (const pb::ValueInfoProto &output : graph.output()) {
    Value value = getValue(output.name());
    if (!value)
      return;
    results.push_back(value);
  }
  mlir::func::ReturnOp::create(builder, fileLoc, results);
  function.setFunctionType(builder.getFunctionType(
      inputTypes, SmallVector<Type>(ValueRange(results).getTypes())));
  for (auto [i, output] : llvm::enumerate(graph.output()))
    function.setResultAttr(i, OnnxDialect::kNameAttrName,
                           builder.getStringAttr(output.name()));

  function->setAttr(OnnxDialect::kIrVersionAttrName,
                    builder.getI64IntegerAttr(model.ir_version()));
  if (!graph.name().empty())
    function->setAttr(OnnxDialect::kGraphAttrName,
                      builder.getStringAttr(graph.name()));
  std::string producer = model.producer_name();
  if (!producer.empty() && !model.producer_version().empty())
    producer += " " + model.producer_version();
  if (!producer.empty())
    function->setAttr(OnnxDialect::kProducerAttrName,
                      builder.getStringAttr(producer));
  SmallVector<NamedAttribute> versions;
  for (const auto &entry : opsets)
    versions.push_back(builder.getNamedAttr(
        entry.first(), builder.getI64IntegerAttr(entry.second)));
  function->setAttr(OnnxDialect::kOpsetsAttrName,
                    builder.getDictionaryAttr(versions));
}

OwningOpRef<ModuleOp> GraphImporter::run() {
  for (const auto &[name, value] : options.dims)
    dims[name] = value;
  nameNodes();
  checkModel();
  readBindings();
  collectDefinitions();
  checkNodes();
  checkOutputs();
  SmallVector<int> order = sortNodes();
  for (int input : inputs)
    inputTypes.push_back(getInputType(graph.input(input)));
  for (const pb::ValueInfoProto &info : graph.value_info())
    for (const auto &dim : info.type().tensor_type().shape().dim())
      if (dim.has_dim_param())
        usedDims.insert(dim.dim_param());
  checkDimOptions();
  // Tensors are read even so where the graph is broken in other ways: a user
  // wants to know all that is wrong.
  bool structureBroken = faults.any();
  if (structureBroken) {
    for (pb::TensorProto &tensor : *graph.mutable_initializer())
      reader.read(tensor, "initialiser '" + tensor.name() + "'", tensor.name(),
                  valueLoc(tensor.name()));
    builder.setInsertionPointToEnd(
        (module = ModuleOp::create(builder, fileLoc))->getBody());
    for (auto [i, node] : llvm::enumerate(*graph.mutable_node()))
      for (pb::AttributeProto &attribute : *node.mutable_attribute())
        getAttribute(attribute, i);
  } else {
    collectStatedTypes();
    emitFunction(order);
  }
  if (failed(faults.finish(fileLoc)))
    return nullptr;
  return std::move(module);
}

OwningOpRef<ModuleOp> nmc::onnx::importModel(pb::ModelProto &model,
                                             StringRef path,
                                             const ImportOptions &options,
                                             MLIRContext *context) {
  context->loadDialect<OnnxDialect, mlir::func::FuncDialect>();
  return GraphImporter(model, path, options, context).run();
}
