//===- Dataset.cpp - Labelled inputs for a network ------------------------===//

#include "nmc/Exec/Dataset.h"
#include "nmc/Support/RuleError.h"
#include "nmc/Support/Units.h"

#include <cmath>
#include <cstring>

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

llvm::Error Dataset::checkInput(Input &input, StringRef where) {
  const InputSpec &spec = input.spec;
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
  return llvm::Error::success();
}

llvm::Error Dataset::addInput(const InputSpec &spec, Array array,
                              StringRef where, const DatasetOptions &options) {
  Input input;
  input.spec = spec;
  if (llvm::Error error = checkInput(input, where))
    return error;
  if (array.size() == 0)
    return makeRuleError("data-empty", where + ": has no sample: shape " +
                                           formatShape(array.shape()));
  int64_t count = 1;
  if (!preprocess.axes.empty()) {
    if (llvm::Error error =
            arrangeAxes(input, array, where, options.time, count))
      return error;
  } else {
    SmallVector<int64_t, 4> stored;
    llvm::Error error =
        options.time == TimeAxis::None
            ? splitSamples(input, array, where, count, stored)
            : splitSteps(input, array, where, options.time, count, stored);
    if (error)
      return error;
    if (llvm::Error error = matchShapes(input, stored, where))
      return error;
  }
  if (!inputs.empty() && count != fileSamples)
    return makeRuleError("data-samples", where + ": has " + Twine(count) +
                                             " samples, input '" +
                                             printable(inputs[0].spec.name) +
                                             "' has " + Twine(fileSamples));
  fileSamples = count;
  input.array = std::move(array);
  inputs.push_back(std::move(input));
  return llvm::Error::success();
}

llvm::Error Dataset::splitSamples(const Input &input, const Array &array,
                                  StringRef where, int64_t &count,
                                  SmallVectorImpl<int64_t> &stored) {
  ArrayRef<int64_t> shape = array.shape();
  if (!shape.empty() && array.size() / shape[0] == input.elements) {
    count = shape[0];
    stored.assign(shape.begin() + 1, shape.end());
    return llvm::Error::success();
  }
  if (array.size() == input.elements) {
    count = 1;
    stored.assign(shape.begin(), shape.end());
    noteTexts.push_back("takes the array of shape " + formatShape(shape) +
                        " as one sample");
    return llvm::Error::success();
  }
  ArrayRef<int64_t> sample = shape.empty() ? shape : shape.drop_front();
  return makeRuleError(
      "data-shape",
      where + ": samples of shape " + formatShape(sample) + " have " +
          Twine(shape.empty() ? array.size() : array.size() / shape[0]) +
          " elements, input '" + printable(input.spec.name) + "' of shape " +
          formatShape(input.spec.shape) + " takes " + Twine(input.elements));
}

/// Leading axes of `shape` before those of one step; none if there is no place
/// to cut.
static std::optional<size_t> findLead(ArrayRef<int64_t> shape,
                                      const InputSpec &spec, int64_t elements) {
  auto fits = [&](size_t lead) {
    return countElements(shape.drop_front(lead)) == elements;
  };
  // Axes of one make several places possible: best is where ranks agree.
  if (shape.size() >= spec.shape.size() &&
      fits(shape.size() - spec.shape.size()))
    return shape.size() - spec.shape.size();
  for (size_t lead = 0; lead <= shape.size(); ++lead)
    if (fits(lead))
      return lead;
  return std::nullopt;
}

llvm::Error Dataset::splitSteps(Input &input, const Array &array,
                                StringRef where, TimeAxis time, int64_t &count,
                                SmallVectorImpl<int64_t> &stored) {
  ArrayRef<int64_t> shape = array.shape();
  std::string name = printable(input.spec.name);
  std::optional<size_t> lead = findLead(shape, input.spec, input.elements);
  if (!lead)
    return makeRuleError("data-shape",
                         where + ": shape " + formatShape(shape) + " of " +
                             Twine(array.size()) +
                             " elements has no axes that end in the " +
                             Twine(input.elements) + " of input '" + name +
                             "' of shape " + formatShape(input.spec.shape) +
                             "; expected (samples, steps, ...) or "
                             "(steps, ...); hint: --preprocess layout= where "
                             "time or channels come last");
  stored.assign(shape.begin() + *lead, shape.end());
  if (*lead > 2)
    return makeRuleError("data-axes",
                         where + ": shape " + formatShape(shape) + " has " +
                             Twine(*lead) + " axes before the " +
                             Twine(stored.size()) + " of input '" + name +
                             "' of shape " + formatShape(input.spec.shape) +
                             "; expected (samples, steps, ...) or "
                             "(steps, ...)");
  bool mayStand = time == TimeAxis::Either;
  std::string text = "takes shape " + formatShape(shape) + " as ";
  if (*lead == 2) {
    count = shape[0];
    input.steps = shape[1];
    text += std::to_string(count) + " samples of " +
            std::to_string(input.steps) + " steps";
  } else if (*lead == 1 &&
             !(mayStand &&
               (shape[0] == 1 || int64_t(labelValues.size()) == shape[0]))) {
    input.steps = shape[0];
    text += "one sample of " + std::to_string(input.steps) + " steps";
    if (mayStand)
      text += "; hint: --encoding constant where these are samples";
  } else if (*lead == 0 && !mayStand) {
    input.steps = 1;
    text += "one sample of one step";
  } else {
    count = *lead ? shape[0] : 1;
    text += std::to_string(count) + (count == 1 ? " sample" : " samples") +
            " that stand still";
    if (*lead && count > 1)
      text += ", as there are as many labels";
    text += "; hint: --encoding events where these are steps";
  }
  noteTexts.push_back(std::move(text));
  return llvm::Error::success();
}

/// `array` with axis `order[k]` in place k.
static Array permute(const Array &array, ArrayRef<unsigned> order) {
  ArrayRef<int64_t> shape = array.shape();
  SmallVector<int64_t, 6> strides(shape.size(), 1), result, steps;
  for (size_t axis = shape.size(); axis-- > 1;)
    strides[axis - 1] = strides[axis] * shape[axis];
  for (unsigned axis : order) {
    result.push_back(shape[axis]);
    steps.push_back(strides[axis]);
  }
  Array permuted = Array::uninitialized(array.kind(), result);
  unsigned bytes = getElementBytes(array.kind());
  const char *from = array.bytes().data();
  char *to = permuted.mutableBytes().data();
  SmallVector<int64_t, 6> at(order.size(), 0);
  int64_t source = 0;
  for (int64_t i = 0, n = array.size(); i < n; ++i) {
    std::memcpy(to + i * bytes, from + source * bytes, bytes);
    for (size_t axis = order.size(); axis-- > 0;) {
      source += steps[axis];
      if (++at[axis] < result[axis])
        break;
      source -= steps[axis] * result[axis];
      at[axis] = 0;
    }
  }
  return permuted;
}

llvm::Error Dataset::arrangeAxes(Input &input, Array &array, StringRef where,
                                 TimeAxis time, int64_t &count) {
  StringRef axes = preprocess.axes;
  SmallVector<int64_t, 6> shape(array.shape());
  auto fail = [&](const Twine &text) {
    return makeRuleError("data-axes", where + ": layout=" + axes + text);
  };
  if (axes.size() != shape.size())
    return fail(" names " + Twine(axes.size()) + " axes, shape " +
                formatShape(shape) + " has " + Twine(shape.size()));
  bool hasSteps = axes.contains('T');
  if (hasSteps && time == TimeAxis::None)
    return fail(" has an axis of steps, but the network takes one image per "
                "sample");
  if (!hasSteps && time == TimeAxis::Steps)
    return fail(" has no axis of steps, T, but the network takes events in "
                "every step");
  SmallVector<unsigned, 6> order;
  SmallVector<int64_t, 4> stored;
  for (char letter : StringRef("NTCDHW")) {
    size_t axis = axes.find(letter);
    if (axis == StringRef::npos)
      continue;
    order.push_back(axis);
    if (letter == 'N')
      count = shape[axis];
    else if (letter == 'T')
      input.steps = shape[axis];
    else
      stored.push_back(shape[axis]);
  }
  ArrayRef<int64_t> wanted = input.spec.shape;
  if (countElements(stored) != input.elements ||
      (dropOnes(stored) != dropOnes(wanted) && dropOnes(wanted).size() > 1 &&
       dropOnes(stored).size() > 1))
    return makeRuleError(
        "data-shape",
        where + ": shape " + formatShape(shape) + " with layout=" + axes +
            " has steps of shape " + formatShape(stored) + ", input '" +
            printable(input.spec.name) + "' has shape " + formatShape(wanted));
  if (!llvm::is_sorted(order))
    array = permute(array, order);
  noteTexts.push_back(
      "takes shape " + formatShape(shape) + " with layout=" + axes.str() +
      " as " + std::to_string(count) + " samples of " +
      (hasSteps ? std::to_string(input.steps) + " steps of " : std::string()) +
      "shape " + formatShape(wanted));
  return llvm::Error::success();
}

llvm::Error Dataset::addEvents(const InputSpec &spec, FramedEvents events,
                               StringRef where) {
  Input input;
  input.spec = spec;
  if (llvm::Error error = checkInput(input, where))
    return error;
  if (!preprocess.keepsValues() || preprocess.layout ||
      !preprocess.axes.empty())
    warningTexts.push_back((where + ": --preprocess is for stored numbers and "
                                    "does nothing to events [preprocess-key]")
                               .str());
  if (llvm::Error error = events.finish(where, noteTexts, warningTexts))
    return error;
  fileSamples = events.samples();
  input.steps = events.steps();
  input.isWhole = true;
  input.max = events.largest();
  input.events = std::move(events);
  inputs.push_back(std::move(input));
  return llvm::Error::success();
}

llvm::Error Dataset::finishSteps(StringRef where,
                                 const DatasetOptions &options) {
  const Input *first = nullptr;
  for (const Input &input : inputs) {
    if (!input.steps)
      continue;
    if (first && first->steps != input.steps)
      return makeRuleError("data-steps",
                           where + ": input '" + printable(input.spec.name) +
                               "' has " + Twine(input.steps) +
                               " steps, input '" + printable(first->spec.name) +
                               "' has " + Twine(first->steps));
    first = &input;
  }
  if (!first)
    return llvm::Error::success();
  constexpr int64_t most = int64_t(1) << 20;
  if (first->steps > most)
    return makeRuleError("data-steps", where + ": has " + Twine(first->steps) +
                                           " steps; a run has at most " +
                                           Twine(most));
  stepCount = options.steps.value_or(first->steps);
  if (stepCount > first->steps)
    warningTexts.push_back((where + ": has " + Twine(first->steps) +
                            " steps, " + Twine(stepCount) +
                            " are run: nothing comes in the rest [data-steps]")
                               .str());
  else if (stepCount < first->steps)
    noteTexts.push_back("the first " + std::to_string(stepCount) + " of " +
                        std::to_string(first->steps) + " steps are run");
  // A sample is unpacked as a whole.
  for (const Input &input : inputs) {
    if (!input.steps)
      continue;
    std::optional<int64_t> values =
        countElements({stepCount, input.elements, int64_t(sizeof(double))});
    if (!values || *values > options.limits.maxBytes)
      return makeRuleError(
          "data-size",
          where + ": a sample of " + Twine(stepCount) + " steps of " +
              Twine(input.elements) + " elements takes more than " +
              Twine(options.limits.maxBytes) + " bytes; hint: fewer --steps");
  }
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
  if (input.events)
    return input.events->read(i, input.elements, out);
  if (!input.steps) {
    assert(int64_t(out.size()) == input.elements && "output of another size");
    return convert(input, i * input.elements, out);
  }
  int64_t there = std::min<int64_t>(input.steps * input.elements, out.size());
  int64_t first = i * input.steps * input.elements;
  std::fill(out.begin() + there, out.end(), 0.0f);
  if (preprocess.keepsValues() && !input.channelsLast)
    return input.array.convert(first, out.take_front(there));
  for (int64_t at = 0; at + input.elements <= there; at += input.elements)
    convert(input, first + at, out.slice(at, input.elements));
}

void Dataset::convert(const Input &input, int64_t first,
                      MutableArrayRef<float> out) const {
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

llvm::Error Dataset::finish(StringRef where, const DatasetOptions &options,
                            StringRef labelsWhere) {
  if (llvm::Error error = finishSteps(where, options))
    return error;
  std::optional<int64_t> wanted = options.samples;
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
  for (Input &input : inputs) {
    std::string name = printable(input.spec.name);
    if (input.events)
      continue; // counted already
    SmallVector<float, 0> values(input.elements);
    double low = std::numeric_limits<double>::infinity(), high = -low;
    input.isWhole = true;
    int64_t frames = std::max<int64_t>(input.steps, 1);
    for (int64_t frame = 0; frame < sampleCount * frames; ++frame) {
      if (input.steps && frame % frames >= stepCount)
        continue;
      convert(input, frame * input.elements, values);
      bool finite = true;
      for (float value : values) {
        low = std::min(low, double(value));
        high = std::max(high, double(value));
        finite &= std::isfinite(value);
        input.isWhole &= value == std::floor(value);
      }
      if (finite)
        continue;
      std::string place = (Twine(frame / frames)).str();
      if (input.steps)
        place += ", step " + std::to_string(frame % frames);
      // Say whether the file or the arithmetic is to blame.
      for (int64_t k = 0; k < input.elements; ++k) {
        double stored = input.array.getDouble(frame * input.elements + k);
        if (!std::isfinite(stored))
          return makeRuleError(
              "data-nan", where + ": input '" + name + "' holds " +
                              formatNumber(stored) + " at element " + Twine(k) +
                              " of sample " + place + "; remove such samples");
      }
      return makeRuleError("data-range",
                           where + ": input '" + name + "', sample " + place +
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

} // namespace nmc::exec
