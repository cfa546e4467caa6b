//===- Inputs.cpp - Types of an ONNX model's values, and bound inputs -----===//

#include "GraphImporter.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace nmc;
using namespace nmc::onnx;

/// Elements of a graph input above which a dimension must be a mistake.
static constexpr int64_t kMaxInputElements = int64_t(1) << 31;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

std::optional<int64_t>
GraphImporter::getDimValue(const pb::TensorShapeProto::Dimension &dim) {
  if (dim.has_dim_value() && dim.dim_value() >= 0)
    return dim.dim_value();
  if (dim.has_dim_param()) {
    auto it = dims.find(dim.dim_param());
    if (it != dims.end())
      return it->second;
  }
  return std::nullopt;
}

Type GraphImporter::getInputType(const pb::ValueInfoProto &input) {
  Location loc = valueLoc(input.name());
  std::string what = "input '" + input.name() + "'";
  if (!input.type().has_tensor_type()) {
    faults.report(loc, "onnx-type")
        << what << " is no tensor; sequences, maps and optional values are "
        << "not carried";
    return nullptr;
  }
  const auto &tensor = input.type().tensor_type();
  Type element = getElementType(tensor.elem_type(), context);
  if (!element) {
    faults.report(loc, "onnx-type")
        << what << " has element type " << getTypeName(tensor.elem_type())
        << ", which is not carried";
    return nullptr;
  }
  if (!tensor.has_shape()) {
    faults.report(loc, "onnx-dim")
        << what
        << " has no shape; export the model with the shape of its inputs";
    return nullptr;
  }
  SmallVector<int64_t> shape;
  bool good = true;
  int64_t elements = 1;
  for (auto [axis, dim] : llvm::enumerate(tensor.shape().dim())) {
    std::string place = input.name() + ":" + std::to_string(axis);
    if (dim.has_dim_param() && !dim.dim_param().empty() &&
        !llvm::is_contained(symbols, dim.dim_param()))
      symbols.push_back(dim.dim_param());
    int64_t given = dim.has_dim_value() ? dim.dim_value() : -1;
    if (given < -1) {
      faults.report(loc, "onnx-dims")
          << what << " has dimension " << given << " at axis " << axis;
      good = false;
      continue;
    }
    std::optional<int64_t> value;
    auto byPlace = dims.find(place);
    if (byPlace != dims.end()) {
      usedDims.insert(place);
      if (given >= 0 && given != byPlace->second) {
        faults.report(loc, "onnx-dim")
            << "option gives axis " << axis << " of " << what << " the size "
            << byPlace->second << ", but the model says " << given;
        good = false;
        continue;
      }
      value = byPlace->second;
      if (dim.has_dim_param() && !dim.dim_param().empty())
        dims.try_emplace(dim.dim_param(), *value);
    } else {
      value = getDimValue(dim);
      if (dim.has_dim_param())
        usedDims.insert(dim.dim_param());
    }
    std::string name = dim.has_dim_param() && !dim.dim_param().empty()
                           ? dim.dim_param()
                           : place;
    if (!value && axis == 0 && tensor.shape().dim_size() > 1) {
      emitRuleWarning(loc, "onnx-dim")
          << "batch size of " << what << " is open, 1 is taken; --dim " << name
          << "=VALUE says otherwise";
      value = 1;
      if (dim.has_dim_param() && !dim.dim_param().empty())
        dims.try_emplace(dim.dim_param(), 1);
    }
    if (!value) {
      faults.report(loc, "onnx-dim")
          << "axis " << axis << " of " << what
          << " has no value; give one with --dim " << name << "=VALUE";
      good = false;
      continue;
    }
    shape.push_back(*value);
    if (llvm::MulOverflow(elements, *value, elements) ||
        elements > kMaxInputElements) {
      faults.report(loc, "onnx-dims")
          << what << " has more than " << kMaxInputElements
          << " elements, dimension " << *value << " at axis " << axis
          << " among them";
      return nullptr;
    }
  }
  if (!good)
    return nullptr;
  return RankedTensorType::get(shape, element);
}

/// The type that the file states for a value inside the graph, where that is of
/// use; anything doubtful is unknown, since the type follows from the
/// operators.
Type GraphImporter::getStatedType(const pb::ValueInfoProto *info) {
  Type unknown = UnknownType::get(context);
  if (!info || !info->type().has_tensor_type() ||
      !info->type().tensor_type().has_shape())
    return unknown;
  const auto &tensor = info->type().tensor_type();
  Type element = getElementType(tensor.elem_type(), context);
  if (!element)
    return unknown;
  SmallVector<int64_t> shape;
  int64_t elements = 1;
  for (const auto &dim : tensor.shape().dim()) {
    std::optional<int64_t> value = getDimValue(dim);
    if (!value || llvm::MulOverflow(elements, *value, elements) ||
        elements > kMaxInputElements)
      return unknown;
    shape.push_back(*value);
  }
  return RankedTensorType::get(shape, element);
}

void GraphImporter::collectStatedTypes() {
  for (const pb::ValueInfoProto &info : graph.value_info())
    statedTypes[info.name()] = getStatedType(&info);
  for (const pb::ValueInfoProto &info : graph.output())
    if (Type type = getStatedType(&info); !isa<UnknownType>(type))
      statedTypes[info.name()] = type;
}

void GraphImporter::checkDimOptions() {
  for (const auto &[name, value] : options.dims)
    if (!usedDims.contains(name))
      faults.report(fileLoc, "onnx-dim")
          << "option --dim names '" << name
          << "', which is no open dimension of the model"
          << (symbols.empty() ? std::string("; it has none with a name")
                              : "; it has " + llvm::join(symbols, ", "));
}

//===----------------------------------------------------------------------===//
// Bound inputs
//===----------------------------------------------------------------------===//

void GraphImporter::readBindings() {
  for (const auto &[name, text] : options.bindings) {
    Location loc = valueLoc(name);
    const pb::ValueInfoProto *input = nullptr;
    for (const pb::ValueInfoProto &candidate : graph.input())
      if (candidate.name() == name)
        input = &candidate;
    if (!input) {
      SmallVector<StringRef> names;
      for (const pb::ValueInfoProto &candidate : graph.input())
        names.push_back(candidate.name());
      faults.report(loc, "onnx-bind")
          << "'" << name << "' is no input of the model; its inputs are "
          << llvm::join(names, ", ");
      continue;
    }
    auto tensor = std::make_unique<pb::TensorProto>();
    if (StringRef(text).ends_with(".pb")) {
      llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> file =
          llvm::MemoryBuffer::getFile(text, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
      if (!file) {
        faults.report(loc, "onnx-bind")
            << "cannot open '" << text << "': " << file.getError().message();
        continue;
      }
      if (!parseProtobuf((*file)->getBuffer(), *tensor) ||
          tensor->data_type() == 0) {
        faults.report(loc, "onnx-bind") << "'" << text << "' holds no tensor";
        continue;
      }
      if (tensor->data_location() == pb::TensorProto::EXTERNAL) {
        faults.report(loc, "onnx-bind")
            << "'" << text << "' refers to external data";
        continue;
      }
    } else {
      // A number in the type of the input.
      double number;
      int32_t type = input->type().tensor_type().elem_type();
      if (StringRef(text).getAsDouble(number) ||
          (type != pb::TensorProto::FLOAT && type != pb::TensorProto::INT64 &&
           type != pb::TensorProto::INT32)) {
        faults.report(loc, "onnx-bind")
            << "'" << text
            << "' is neither a file that ends in .pb nor a number for an "
               "input of float, int32 or int64";
        continue;
      }
      int64_t count = 1;
      for (const auto &dim : input->type().tensor_type().shape().dim()) {
        tensor->add_dims(dim.dim_value());
        if (dim.dim_value() != 1)
          count = -1;
      }
      if (count < 0) {
        faults.report(loc, "onnx-bind")
            << "a number can only be bound to an input of one element";
        continue;
      }
      tensor->set_data_type(type);
      if (type == pb::TensorProto::FLOAT)
        tensor->add_float_data(float(number));
      else if (type == pb::TensorProto::INT64)
        tensor->add_int64_data(int64_t(number));
      else
        tensor->add_int32_data(int32_t(number));
    }
    initialisers[name] = tensor.get();
    bound.push_back(std::move(tensor));
  }
}
