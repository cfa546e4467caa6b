//===- Dataset.cpp - Labelled inputs for a network ------------------------===//

#include "nmc/Exec/Dataset.h"
#include "nmc/Support/File.h"
#include "nmc/Support/Idx.h"
#include "nmc/Support/RuleError.h"
#include "nmc/Support/Sha256.h"
#include "nmc/Support/Units.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SHA256.h"

#include <cmath>

namespace nmc::exec {

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static SmallVector<int64_t, 4> dropOnes(ArrayRef<int64_t> shape) {
  SmallVector<int64_t, 4> result;
  llvm::copy_if(shape, std::back_inserter(result),
                [](int64_t extent) { return extent != 1; });
  return result;
}

/// `shape`, channels first, with the channel axis moved to the end.
static SmallVector<int64_t, 4> moveChannelLast(ArrayRef<int64_t> shape) {
  SmallVector<int64_t, 4> result(shape.drop_front());
  result.push_back(shape.front());
  return result;
}

/// Decides how a sample of shape `stored` becomes `input.spec.shape`, which has
/// as many elements.
llvm::Error Dataset::matchShapes(Input &input, ArrayRef<int64_t> stored,
                                 StringRef where) {
  ArrayRef<int64_t> wanted = input.spec.shape;
  SmallVector<int64_t, 4> have = dropOnes(stored), first = dropOnes(wanted);
  SmallVector<int64_t, 4> last =
      wanted.size() > 1 ? dropOnes(moveChannelLast(wanted)) : first;
  bool hasChannels = wanted.size() > 1 && wanted[0] > 1;
  bool flat = have.size() <= 1 || first.size() <= 1;
  std::string shapes =
      "samples of shape " + formatShape(stored) + " as " + formatShape(wanted);
  std::optional<DataLayout> layout = preprocess.layout;
  auto fail = [&](const Twine &hint) {
    return makeRuleError("data-shape",
                         where + ": samples of shape " + formatShape(stored) +
                             " are not shape " + formatShape(wanted) +
                             " of input '" + printable(input.spec.name) +
                             "' in another layout" + hint);
  };
  if (layout == DataLayout::ChannelsLast) {
    if (have != last && !flat)
      return fail(have == first ? "; they fit layout=NCHW" : "");
    input.channelsLast = hasChannels;
    if (have != last)
      noteTexts.push_back("takes " + shapes + ", channels last");
    return llvm::Error::success();
  }
  if (have == first) {
    if (!layout && hasChannels && first == last && first.size() > 1)
      warningTexts.push_back(
          (where + ": samples of shape " + formatShape(stored) +
           " may be channels first or last and are taken as channels first; "
           "say which with --preprocess layout= [data-shape]")
              .str());
    else if (stored != wanted)
      noteTexts.push_back("takes " + shapes);
    return llvm::Error::success();
  }
  if (layout == DataLayout::ChannelsFirst) {
    if (!flat)
      return fail(have == last ? "; they fit layout=NHWC" : "");
  } else if (have == last) {
    input.channelsLast = true;
    noteTexts.push_back("takes " + shapes + ", channels last");
    return llvm::Error::success();
  } else if (!flat) {
    return fail("");
  }
  noteTexts.push_back("takes " + shapes + ", in row-major order");
  if (!layout && hasChannels && wanted.size() > 1 && have.size() <= 1)
    warningTexts.push_back(
        (where + ": flat samples for input '" + printable(input.spec.name) +
         "' of shape " + formatShape(wanted) +
         " are taken as channels first; say which with --preprocess layout= "
         "[data-shape]")
            .str());
  return llvm::Error::success();
}

llvm::Error Dataset::addInput(const InputSpec &spec, Array array,
                              StringRef where) {
  Input input;
  input.spec = spec;
  std::optional<int64_t> elements = countElements(spec.shape);
  if (!elements || *elements == 0)
    return makeRuleError("data-shape", where + ": input '" +
                                           printable(spec.name) +
                                           "' of the network has no static "
                                           "shape with elements");
  input.elements = *elements;
  size_t channels = spec.shape.empty() ? 1 : spec.shape[0];
  for (auto [key, values] :
       {std::pair<StringRef, ArrayRef<double>>{"mean", preprocess.mean},
        {"std", preprocess.std}})
    if (values.size() > 1 && values.size() != channels)
      return makeRuleError("preprocess-channels",
                           "--preprocess: " + key + " has " +
                               Twine(values.size()) + " values, input '" +
                               printable(spec.name) + "' has " +
                               Twine(channels) + " channels");
  ArrayRef<int64_t> shape = array.shape();
  int64_t count;
  SmallVector<int64_t, 4> stored;
  if (!shape.empty() && shape[0] == 0)
    return makeRuleError("data-empty", where + ": has no sample: shape " +
                                           formatShape(shape));
  if (!shape.empty() && array.size() / shape[0] == *elements) {
    count = shape[0];
    stored.assign(shape.begin() + 1, shape.end());
  } else if (array.size() == *elements) {
    count = 1;
    stored.assign(shape.begin(), shape.end());
    noteTexts.push_back("takes the array of shape " + formatShape(shape) +
                        " as one sample");
  } else {
    ArrayRef<int64_t> sample = shape.empty() ? shape : shape.drop_front();
    return makeRuleError(
        "data-shape",
        where + ": samples of shape " + formatShape(sample) + " have " +
            Twine(shape.empty() ? array.size() : array.size() / shape[0]) +
            " elements, input '" + printable(spec.name) + "' of shape " +
            formatShape(spec.shape) + " takes " + Twine(*elements));
  }
  if (!inputs.empty() && count != fileSamples)
    return makeRuleError("data-samples", where + ": has " + Twine(count) +
                                             " samples, input '" +
                                             printable(inputs[0].spec.name) +
                                             "' has " + Twine(fileSamples));
  fileSamples = count;
  if (llvm::Error error = matchShapes(input, stored, where))
    return error;
  input.array = std::move(array);
  inputs.push_back(std::move(input));
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Labels
//===----------------------------------------------------------------------===//

llvm::Error Dataset::addLabels(const Array &array, StringRef where) {
  ArrayRef<int64_t> shape = array.shape();
  int64_t count = shape.empty() ? 1 : shape[0];
  if (array.size() == 0)
    return makeRuleError("labels-count", where + ": holds no labels: shape " +
                                             formatShape(shape));
  constexpr int64_t most = 100'000'000;
  if (count > most)
    return makeRuleError("labels-count", where + ": " + Twine(count) +
                                             " labels; at most " + Twine(most) +
                                             " are read");
  int64_t width = array.size() / count;
  bool vector = dropOnes(shape.drop_front(shape.empty() ? 0 : 1)).empty();
  if (!vector && dropOnes(shape.drop_front()).size() != 1)
    return makeRuleError("labels-shape",
                         where + ": labels of shape " + formatShape(shape) +
                             "; expected one class index a sample, or one row "
                             "of zeros and a one");
  if (std::optional<int64_t> bad = array.findNonFinite())
    return makeRuleError("labels-value", where + ": label " +
                                             Twine(*bad / width) +
                                             " is not a number");
  labelValues.clear();
  labelValues.reserve(count);
  for (int64_t i = 0; i < count; ++i) {
    if (vector) {
      double value = array.getDouble(i);
      if (value < 0 || value != std::floor(value) || value > 1e9)
        return makeRuleError("labels-value",
                             where + ": label " + Twine(i) + " is " +
                                 formatNumber(value, 6) +
                                 "; expected a class index from 0");
      labelValues.push_back(int64_t(value));
      continue;
    }
    int64_t ones = 0, at = 0;
    for (int64_t k = 0; k < width; ++k) {
      double value = array.getDouble(i * width + k);
      if (value == 1) {
        ++ones;
        at = k;
      } else if (value != 0) {
        ones = 2;
      }
    }
    if (ones != 1)
      return makeRuleError("labels-value",
                           where + ": row " + Twine(i) +
                               " of labels of shape " + formatShape(shape) +
                               " is not zeros with a single one");
    labelValues.push_back(at);
  }
  if (!vector)
    noteTexts.push_back("takes rows of " + std::to_string(width) +
                        " as one-hot labels");
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

void Dataset::sample(int64_t i, MutableArrayRef<float> out,
                     int64_t which) const {
  const Input &input = inputs[which];
  assert(i >= 0 && i < fileSamples && "no such sample");
  assert(int64_t(out.size()) == input.elements && "output of another size");
  int64_t first = i * input.elements;
  bool keeps = preprocess.keepsValues();
  if (keeps && !input.channelsLast) {
    input.array.convert(first, out);
    return;
  }
  SmallVector<double, 0> stored;
  stored.resize_for_overwrite(input.elements);
  input.array.convert(first, stored);
  int64_t channels = input.spec.shape.empty() ? 1 : input.spec.shape[0];
  int64_t pixels = input.elements / channels;
  double scale = preprocess.scale.value_or(1);
  double zeroPoint = preprocess.zeroPoint.value_or(0);
  auto at = [](ArrayRef<double> values, int64_t channel, double otherwise) {
    return values.empty()       ? otherwise
           : values.size() == 1 ? values[0]
                                : values[channel];
  };
  for (int64_t c = 0; c < channels; ++c) {
    double mean = at(preprocess.mean, c, 0), std = at(preprocess.std, c, 1);
    for (int64_t p = 0; p < pixels; ++p) {
      double q = stored[input.channelsLast ? p * channels + c : c * pixels + p];
      double value = keeps ? q : ((q - zeroPoint) * scale - mean) / std;
      out[c * pixels + p] = float(value);
    }
  }
}

llvm::Error Dataset::finish(StringRef where, std::optional<int64_t> wanted,
                            StringRef labelsWhere) {
  sampleCount = fileSamples;
  if (wanted) {
    if (*wanted <= 0)
      return makeRuleError("data-samples", "--samples: " + Twine(*wanted) +
                                               ": expected a number above 0");
    if (*wanted > fileSamples)
      warningTexts.push_back((where + ": " + Twine(*wanted) +
                              " samples are asked for, " + Twine(fileSamples) +
                              " are there [data-samples]")
                                 .str());
    sampleCount = std::min(*wanted, fileSamples);
  }
  if (hasLabels()) {
    int64_t count = labelValues.size();
    if (count < sampleCount)
      return makeRuleError("labels-count",
                           labelsWhere + ": " + Twine(count) + " labels for " +
                               Twine(sampleCount) + " samples of " + where +
                               "; give a label for each, or fewer samples "
                               "with --samples " +
                               Twine(count));
    if (count > fileSamples)
      warningTexts.push_back((labelsWhere + ": " + Twine(count) +
                              " labels for " + Twine(fileSamples) +
                              " samples of " + where +
                              "; the rest is left out [labels-count]")
                                 .str());
    labelValues.resize(sampleCount);
  }
  for (auto [index, input] : llvm::enumerate(inputs)) {
    std::string name = printable(input.spec.name);
    SmallVector<float, 0> values(input.elements);
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (int64_t i = 0; i < sampleCount; ++i) {
      sample(i, values, index);
      bool finite = true;
      for (float value : values) {
        low = std::min(low, double(value));
        high = std::max(high, double(value));
        finite &= std::isfinite(value);
      }
      if (finite)
        continue;
      // Say whether the file or the arithmetic is to blame.
      for (int64_t k = 0; k < input.elements; ++k) {
        double stored = input.array.getDouble(i * input.elements + k);
        if (!std::isfinite(stored))
          return makeRuleError("data-nan",
                               where + ": input '" + name + "' holds " +
                                   formatNumber(stored) + " at element " +
                                   Twine(k) + " of sample " + Twine(i) +
                                   "; remove such samples");
      }
      return makeRuleError(
          "data-range", where + ": input '" + name + "', sample " + Twine(i) +
                            ": a value does not fit a 32-bit float after "
                            "preprocessing");
    }
    input.min = low;
    input.max = high;
    noteTexts.push_back(
        "input '" + name + "': " + std::to_string(sampleCount) +
        " samples of " + getKindName(input.array.kind()).str() + ", values " +
        formatNumber(low, 4) + " to " + formatNumber(high, 4) +
        (preprocess.keepsValues() ? " as stored" : " after preprocessing"));
    // The classic way to lose accuracy without a word.
    if (preprocess.keepsValues() && !isFloatKind(input.array.kind()) &&
        (high > 100 || low < -100))
      noteTexts.push_back("input '" + name +
                          "': a network that was trained on values around 0 "
                          "to 1 needs --preprocess scale=1/255 or the like");
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static bool isLabelKey(StringRef key) { return key == "y" || key == "labels"; }

/// The key that feeds `spec`.
static llvm::Expected<std::string> chooseKey(const InputSpec &spec, bool single,
                                             ArrayRef<std::string> keys,
                                             StringRef where,
                                             std::vector<std::string> &notes) {
  if (llvm::is_contained(keys, spec.name))
    return spec.name;
  std::vector<std::string> others;
  for (const std::string &key : keys)
    if (!isLabelKey(key))
      others.push_back(key);
  if (single && llvm::is_contained(keys, "x"))
    return std::string("x");
  if (single && others.size() == 1) {
    notes.push_back("takes array '" + printable(others[0]) + "' as input '" +
                    printable(spec.name) + "'");
    return others[0];
  }
  std::string list;
  for (const std::string &key : ArrayRef(others).take_front(8))
    list += (list.empty() ? "'" : ", '") + printable(key, 40) + "'";
  return makeRuleError("data-missing",
                       where + ": has no array '" + printable(spec.name) + "'" +
                           (single ? " or 'x'" : "") +
                           " for the network's input; it has " +
                           (list.empty() ? "none but labels" : list));
}

llvm::Expected<Dataset> Dataset::create(ArrayRef<InputSpec> specs,
                                        std::vector<NamedArray> arrays,
                                        const DatasetOptions &options) {
  std::string where = options.data.empty() ? "data" : options.data;
  Dataset result;
  result.preprocess = options.preprocess;
  result.formatName = "memory";
  llvm::SHA256 hash;
  std::vector<std::string> keys;
  for (const NamedArray &named : arrays) {
    keys.push_back(named.name);
    hash.update(named.name);
    hash.update(formatNpyHeader(named.array.kind(), named.array.shape()));
    hash.update(
        StringRef(named.array.bytes().data(), named.array.bytes().size()));
  }
  result.dataHash = llvm::toHex(hash.final(), /*LowerCase=*/true);
  for (const NamedArray &named : arrays)
    if (isLabelKey(named.name))
      if (llvm::Error error = result.addLabels(named.array, where))
        return error;
  for (const InputSpec &spec : specs) {
    auto key =
        chooseKey(spec, specs.size() == 1, keys, where, result.noteTexts);
    if (!key)
      return key.takeError();
    for (NamedArray &named : arrays)
      if (named.name == *key) {
        if (llvm::Error error =
                result.addInput(spec, std::move(named.array), where))
          return error;
        break;
      }
  }
  if (llvm::Error error = result.finish(where, options.samples, where))
    return error;
  return result;
}

/// The labels in a file of their own.
static llvm::Expected<Array>
readLabels(StringRef path, const ReadLimits &limits, std::string &hash) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  StringRef content = (*buffer)->getBuffer();
  hash = sha256(content);
  if (content.starts_with("\x93NUMPY"))
    return parseNpy(content, path, limits);
  if (looksLikeIdx(content))
    return parseIdx(content, path, limits);
  if (!content.starts_with("PK"))
    return makeRuleError("data-format", path +
                                            ": is neither npy, npz nor IDX; "
                                            "it starts with '" +
                                            printable(content.take_front(6)) +
                                            "'");
  llvm::Expected<NpzReader> reader =
      NpzReader::open(std::move(*buffer), limits);
  if (!reader)
    return reader.takeError();
  for (StringRef key : {"y", "labels"})
    if (reader->contains(key))
      return reader->read(key);
  if (reader->keys().size() == 1)
    return reader->read(reader->keys()[0]);
  return makeRuleError("labels-missing",
                       path + ": has no array 'y' or 'labels'");
}

llvm::Expected<Dataset> Dataset::load(ArrayRef<InputSpec> specs,
                                      const DatasetOptions &options) {
  StringRef path = options.data;
  if (llvm::sys::fs::is_directory(path)) {
    if (!options.folderReader)
      return makeRuleError("data-format",
                           path + ": is a folder; a file is expected here");
    llvm::Expected<std::vector<NamedArray>> arrays = options.folderReader(path);
    if (!arrays)
      return arrays.takeError();
    if (!options.labels.empty()) {
      std::string hash;
      llvm::Expected<Array> labels =
          readLabels(options.labels, options.limits, hash);
      if (!labels)
        return labels.takeError();
      llvm::erase_if(*arrays,
                     [](NamedArray &named) { return isLabelKey(named.name); });
      arrays->push_back({"y", std::move(*labels)});
    }
    llvm::Expected<Dataset> result = create(specs, std::move(*arrays), options);
    if (result)
      result->formatName = "onnx-folder";
    return result;
  }

  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  StringRef content = (*buffer)->getBuffer();
  Dataset result;
  result.preprocess = options.preprocess;
  result.dataHash = nmc::sha256(content);
  std::string labelsWhere = options.labels;
  if (!options.labels.empty()) {
    llvm::Expected<Array> labels =
        readLabels(options.labels, options.limits, result.labelsHash);
    if (!labels)
      return labels.takeError();
    if (llvm::Error error = result.addLabels(*labels, options.labels))
      return error;
  }

  if (content.starts_with("PK")) {
    result.formatName = "npz";
    llvm::Expected<NpzReader> reader =
        NpzReader::open(std::move(*buffer), options.limits);
    if (!reader)
      return reader.takeError();
    std::vector<StringRef> used;
    for (const InputSpec &spec : specs) {
      auto key = chooseKey(spec, specs.size() == 1, reader->keys(), path,
                           result.noteTexts);
      if (!key)
        return key.takeError();
      llvm::Expected<Array> array = reader->read(*key);
      if (!array)
        return array.takeError();
      std::string where = (path + ": array '" + printable(*key) + "'").str();
      if (llvm::Error error = result.addInput(spec, std::move(*array), where))
        return error;
      used.push_back(*llvm::find(reader->keys(), *key));
    }
    for (const std::string &key : reader->keys()) {
      if (llvm::is_contained(used, key))
        continue;
      if (isLabelKey(key) && !result.hasLabels() && options.labels.empty()) {
        labelsWhere = (path + ": array '" + key + "'").str();
        llvm::Expected<Array> labels = reader->read(key);
        if (!labels)
          return labels.takeError();
        if (llvm::Error error = result.addLabels(*labels, labelsWhere))
          return error;
        continue;
      }
      result.noteTexts.push_back("leaves array '" + printable(key) +
                                 "' unread");
    }
  } else {
    bool isNpy = content.starts_with("\x93NUMPY");
    if (!isNpy && !looksLikeIdx(content))
      return makeRuleError("data-format",
                           path +
                               ": is neither npz, npy nor IDX; it starts "
                               "with '" +
                               printable(content.take_front(6)) + "'");
    result.formatName = isNpy ? "npy" : "idx";
    if (specs.size() != 1)
      return makeRuleError("data-missing",
                           path + ": is one array, the network has " +
                               Twine(specs.size()) +
                               " inputs; give an npz with an array for each");
    llvm::Expected<Array> array = isNpy
                                      ? parseNpy(content, path, options.limits)
                                      : parseIdx(content, path, options.limits);
    if (!array)
      return array.takeError();
    if (llvm::Error error = result.addInput(specs[0], std::move(*array), path))
      return error;
  }
  if (llvm::Error error = result.finish(path, options.samples, labelsWhere))
    return error;
  return result;
}

} // namespace nmc::exec
