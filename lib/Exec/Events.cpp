//===- Events.cpp - Recordings of events, and frames of them --------------===//

#include "nmc/Exec/Events.h"
#include "nmc/Frontend/Nir/Raw.h"
#include "nmc/Support/RuleError.h"
#include "nmc/Support/Units.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <limits>

namespace nmc::exec {

/// The most steps of a run.
static constexpr int64_t kMaxFrames = int64_t(1) << 20;

int64_t EventPort::elements() const { return countElements(shape).value_or(0); }

//===----------------------------------------------------------------------===//
// Coordinates
//===----------------------------------------------------------------------===//

namespace {
/// Turns x, y, polarity into elements of a port.
class Sensor {
public:
  /// `side`: the square sensor that flat ports are taken for, or 0.
  static llvm::Expected<Sensor> create(const EventPort &port, int64_t side,
                                       StringRef where) {
    Sensor sensor(port);
    ArrayRef<int64_t> shape = port.shape;
    if (shape.size() == 1 && side &&
        (shape[0] == side * side || shape[0] == 2 * side * side)) {
      sensor.channels = shape[0] / (side * side);
      sensor.height = sensor.width = side;
      sensor.isFlat = true;
    } else if (shape.size() == 2 || shape.size() == 3) {
      sensor.channels = shape.size() == 3 ? shape[0] : 1;
      sensor.height = shape[shape.size() - 2];
      sensor.width = shape.back();
    } else {
      return makeRuleError(
          "event-shape",
          where +
              ": events at x, y go to a port of shape (2, height, width), "
              "but input '" +
              printable(port.name) + "' has shape " + formatShape(shape));
    }
    if (sensor.channels > 2)
      return makeRuleError("event-shape",
                           where + ": events have 2 polarities, but input '" +
                               printable(port.name) + "' of shape " +
                               formatShape(shape) + " has " +
                               Twine(sensor.channels) + " channels");
    return sensor;
  }

  bool holds(int64_t x, int64_t y) const {
    return x >= 0 && y >= 0 && x < width && y < height;
  }
  uint32_t element(int64_t x, int64_t y, bool polarity) {
    brighter += polarity;
    ++count;
    int64_t channel = channels == 2 ? polarity : 0;
    return uint32_t((channel * height + y) * width + x);
  }

  llvm::Error outside(int64_t event, int64_t x, int64_t y,
                      StringRef where) const {
    return makeRuleError("event-range",
                         where + ": event " + Twine(event) + " is at x " +
                             Twine(x) + ", y " + Twine(y) + ", but input '" +
                             printable(port.name) + "' of shape " +
                             formatShape(port.shape) + " has x below " +
                             Twine(width) + " and y below " + Twine(height));
  }

  /// What was made of channels and polarities.
  void describe(StringRef where, EventFile &file) const {
    if (channels == 1) {
      if (brighter != 0 && brighter != count)
        file.warnings.push_back(
            (where +
             ": events of both polarities go to the one channel of "
             "input '" +
             printable(port.name) + "' [event-polarity]")
                .str());
      return;
    }
    std::string order = "channel 0: polarity 0 (darker), channel 1: polarity "
                        "1 (brighter), then y, x";
    if (isFlat)
      order += ", for a sensor of " + std::to_string(width) + " x " +
               std::to_string(height);
    file.notes.push_back(order);
  }

private:
  explicit Sensor(const EventPort &port) : port(port) {}

  const EventPort &port;
  int64_t channels = 1, height = 0, width = 0;
  bool isFlat = false;
  int64_t brighter = 0, count = 0;
};
} // namespace

//===----------------------------------------------------------------------===//
// N-MNIST
//===----------------------------------------------------------------------===//

llvm::Expected<EventFile> parseNmnist(StringRef content, StringRef where,
                                      const EventPort &port) {
  constexpr size_t eventBytes = 5;
  constexpr int64_t overflowRow = 240, overflowStep = 1 << 13; // us
  if (content.empty())
    return makeRuleError("data-empty", where + ": is empty: no event");
  if (content.size() % eventBytes)
    return makeRuleError(
        "event-size", where + ": " + Twine(content.size()) +
                          " bytes are no whole number of events of 5 bytes: " +
                          Twine(content.size() % eventBytes) +
                          " are left over; is the file cut off?");
  llvm::Expected<Sensor> sensor = Sensor::create(port, 34, where);
  if (!sensor)
    return sensor.takeError();
  EventFile file;
  EventSample sample;
  size_t count = content.size() / eventBytes;
  sample.times.reserve(count);
  sample.elements.reserve(count);
  int64_t base = 0, overflows = 0;
  const auto *bytes = reinterpret_cast<const uint8_t *>(content.data());
  for (size_t event = 0; event < count; ++event, bytes += eventBytes) {
    int64_t x = bytes[0], y = bytes[1];
    if (y == overflowRow) {
      base += overflowStep;
      ++overflows;
      continue;
    }
    if (!sensor->holds(x, y))
      return sensor->outside(event, x, y, where);
    int64_t time = int64_t(bytes[2] & 0x7f) << 16 | int64_t(bytes[3]) << 8 |
                   int64_t(bytes[4]);
    sample.times.push_back((base + time) * 1000);
    sample.elements.push_back(sensor->element(x, y, bytes[2] >> 7));
  }
  if (sample.times.empty())
    return makeRuleError("data-empty", where + ": holds " + Twine(count) +
                                           " overflows of the clock and no "
                                           "event");
  sensor->describe(where, file);
  if (overflows)
    file.notes.push_back(std::to_string(overflows) +
                         " overflows of the camera's clock (y 240) put later "
                         "events 8192 us on each");
  file.samples.push_back(std::move(sample));
  return file;
}

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

/// Times of events in ns; `first` starts the numbers in messages.
static llvm::Error readTimes(const Array &times, int64_t begin, int64_t end,
                             StringRef where, std::vector<int64_t> &result) {
  result.reserve(end - begin);
  bool isFloat = isFloatKind(times.kind());
  for (int64_t i = begin; i < end; ++i) {
    double seconds = times.getDouble(i) * (isFloat ? 1 : 1e-6);
    // 2^62 ns are 146 years.
    if (!(std::fabs(seconds) < 4.6e9))
      return makeRuleError("event-time",
                           where + ": time of event " + Twine(i - begin) +
                               " is " + formatNumber(times.getDouble(i), 6) +
                               (isFloat ? " s" : " us") +
                               "; expected a number of seconds below 4.6e9");
    result.push_back(isFloat ? std::llround(seconds * 1e9)
                             : times.getInt(i) * 1000);
  }
  return llvm::Error::success();
}

static StringRef describeUnit(const Array &times) {
  return isFloatKind(times.kind()) ? "times are floats and taken as seconds"
                                   : "times are integers and taken as "
                                     "microseconds";
}

llvm::Expected<EventFile> readEventArrays(const Array &t, const Array &x,
                                          const Array &y, const Array *p,
                                          StringRef where,
                                          const EventPort &port) {
  for (auto [name, array] : {std::pair<StringRef, const Array *>{"t", &t},
                             {"x", &x},
                             {"y", &y},
                             {"p", p}})
    if (array && (array->rank() != 1 || array->size() != t.size()))
      return makeRuleError(
          "event-field", where + ": array '" + name + "' has shape " +
                             formatShape(array->shape()) + ", but there are " +
                             Twine(t.size()) + " times of events");
  if (t.size() == 0)
    return makeRuleError("data-empty", where + ": holds no event");
  llvm::Expected<Sensor> sensor = Sensor::create(port, 0, where);
  if (!sensor)
    return sensor.takeError();
  EventFile file;
  EventSample sample;
  if (llvm::Error error = readTimes(t, 0, t.size(), where, sample.times))
    return error;
  sample.elements.reserve(t.size());
  for (int64_t i = 0; i < t.size(); ++i) {
    int64_t column = x.getInt(i), row = y.getInt(i);
    if (!sensor->holds(column, row))
      return sensor->outside(i, column, row, where);
    sample.elements.push_back(
        sensor->element(column, row, !p || p->getDouble(i) > 0));
  }
  file.notes.push_back(describeUnit(t).str());
  sensor->describe(where, file);
  file.samples.push_back(std::move(sample));
  return file;
}

//===----------------------------------------------------------------------===//
// HDF5
//===----------------------------------------------------------------------===//

namespace {
/// A data set of variable-length lists, which the HDF5 reader turns into a
/// group of all values and where each list starts; or an array, which is one
/// list.
struct Lists {
  const Array *values = nullptr;
  std::vector<int64_t> offsets;
  int64_t size() const { return offsets.size() - 1; }
};
} // namespace

static llvm::Expected<Lists> readLists(const nir::RawObject *object,
                                       StringRef name, StringRef where) {
  auto wrong = [&](const Twine &text) {
    return makeRuleError("event-field", where + ":/" + name + ": " + text);
  };
  Lists lists;
  if (!object)
    return wrong("is missing");
  if (object->kind == nir::RawObject::Kind::Numbers) {
    if (object->numbers.rank() != 1)
      return wrong("has shape " + formatShape(object->numbers.shape()) +
                   "; expected a list of numbers, or one per sample");
    lists.values = &object->numbers;
    lists.offsets = {0, object->numbers.size()};
    return lists;
  }
  const nir::RawObject *values = object->find("values");
  const nir::RawObject *offsets = object->find("offsets");
  if (!object->isGroup() || !values || !offsets ||
      values->kind != nir::RawObject::Kind::Numbers ||
      offsets->kind != nir::RawObject::Kind::Numbers)
    return wrong("is neither an array nor variable-length lists of numbers");
  lists.values = &values->numbers;
  int64_t last = 0;
  for (int64_t i = 0; i < offsets->numbers.size(); ++i) {
    int64_t offset = offsets->numbers.getInt(i);
    if (offset < last || offset > values->numbers.size() || (i == 0 && offset))
      return wrong("offset " + Twine(i) + " is " + Twine(offset) + ", but " +
                   Twine(last) + " to " + Twine(values->numbers.size()) +
                   " is possible");
    lists.offsets.push_back(last = offset);
  }
  if (lists.offsets.empty())
    lists.offsets.push_back(0);
  return lists;
}

bool isSpikeListFile(const nir::RawObject &file) {
  const nir::RawObject *spikes = file.find("spikes");
  return spikes && spikes->find("times") && spikes->find("units");
}

llvm::Expected<EventFile> readSpikeLists(const nir::RawObject &root,
                                         StringRef where,
                                         const EventPort &port) {
  const nir::RawObject *spikes = root.find("spikes");
  llvm::Expected<Lists> times = readLists(
      spikes ? spikes->find("times") : nullptr, "spikes/times", where);
  if (!times)
    return times.takeError();
  llvm::Expected<Lists> units = readLists(
      spikes ? spikes->find("units") : nullptr, "spikes/units", where);
  if (!units)
    return units.takeError();
  if (times->size() != units->size())
    return makeRuleError("event-field",
                         where + ": spikes/times has " + Twine(times->size()) +
                             " samples, spikes/units " + Twine(units->size()));
  if (times->size() == 0)
    return makeRuleError("data-empty", where + ": holds no sample");
  int64_t elements = port.elements();
  EventFile file;
  file.notes.push_back(describeUnit(*times->values).str());
  for (int64_t s = 0; s < times->size(); ++s) {
    int64_t begin = times->offsets[s], end = times->offsets[s + 1];
    int64_t unit = units->offsets[s];
    if (units->offsets[s + 1] - unit != end - begin)
      return makeRuleError("event-field",
                           where + ": sample " + Twine(s) + " has " +
                               Twine(end - begin) + " times and " +
                               Twine(units->offsets[s + 1] - unit) + " units");
    EventSample sample;
    std::string place = (where + ": sample " + Twine(s)).str();
    if (llvm::Error error =
            readTimes(*times->values, begin, end, place, sample.times))
      return error;
    sample.elements.reserve(end - begin);
    for (int64_t i = 0; i < end - begin; ++i) {
      int64_t element = units->values->getInt(unit + i);
      if (element < 0 || element >= elements)
        return makeRuleError("event-range",
                             place + ": event " + Twine(i) + " is of unit " +
                                 Twine(element) + ", but input '" +
                                 printable(port.name) + "' of shape " +
                                 formatShape(port.shape) + " has " +
                                 Twine(elements) + " elements");
      sample.elements.push_back(element);
    }
    file.samples.push_back(std::move(sample));
  }
  if (const nir::RawObject *labels = root.find("labels");
      labels && labels->kind == nir::RawObject::Kind::Numbers)
    file.labels = labels->numbers;
  return file;
}

//===----------------------------------------------------------------------===//
// Frames
//===----------------------------------------------------------------------===//

llvm::Expected<int64_t> getWindow(const Framing &framing, StringRef where) {
  if (!framing.window)
    return makeRuleError(
        "frame-window", where + ": holds events in time, and nothing says how "
                                "much of it is a step; hint: --frame \"1 ms\"");
  double nanoseconds = *framing.window * 1e9;
  if (!(nanoseconds >= 0.5) || nanoseconds > 1e18)
    return makeRuleError("frame-window",
                         "--frame: a window of " +
                             formatQuantity(*framing.window, Dimension::Time) +
                             "; expected 1 ns to 1e9 s");
  return std::llround(nanoseconds);
}

llvm::Error FramedEvents::add(EventSample sample, StringRef where,
                              const ReadLimits &limits) {
  llvm::Expected<int64_t> window = getWindow(framing, where);
  if (!window)
    return window.takeError();
  eventCount += sample.times.size();
  std::vector<std::pair<uint32_t, uint32_t>> framed;
  int64_t frames = 0;
  if (sample.times.empty()) {
    ++silentSamples;
  } else {
    if (!llvm::is_sorted(sample.times)) {
      if (unorderedSamples++ == 0) {
        size_t at =
            std::is_sorted_until(sample.times.begin(), sample.times.end()) -
            sample.times.begin();
        firstUnordered =
            (where + ": time goes back at event " + Twine(at) + ", from " +
             formatQuantity(double(sample.times[at - 1]) * 1e-9,
                            Dimension::Time) +
             " to " +
             formatQuantity(double(sample.times[at]) * 1e-9, Dimension::Time))
                .str();
      }
    }
    auto [first, last] =
        std::minmax_element(sample.times.begin(), sample.times.end());
    // Times are below 2^62 in magnitude.
    int64_t start = framing.start == FrameStart::Zero ? 0 : *first;
    int64_t length = *last - start;
    longest = std::max(longest, length);
    frames = wanted ? *wanted : std::max<int64_t>(length / *window, 0);
    if (frames > kMaxFrames)
      return makeRuleError(
          "event-frames", where + ": " + Twine(frames) + " frames of " +
                              formatQuantity(*framing.window, Dimension::Time) +
                              ", but a run has at most " + Twine(kMaxFrames) +
                              " steps; hint: a longer --frame, or --steps");
    shortSamples += frames == 0;
    for (auto [time, element] : llvm::zip(sample.times, sample.elements)) {
      int64_t offset = time - start;
      if (offset < 0) {
        ++earlyCount;
        continue;
      }
      int64_t frame = offset / *window;
      if (frame >= frames) {
        ++lateCount;
        continue;
      }
      framed.emplace_back(uint32_t(frame), element);
    }
  }
  sample = {};
  llvm::sort(framed);
  // No more of the same than the port takes.
  int64_t most =
      framing.binary
          ? 1
          : framing.most.value_or(std::numeric_limits<int64_t>::max());
  size_t out = 0;
  int64_t run = 0;
  for (size_t i = 0; i < framed.size(); ++i) {
    run = i > 0 && framed[i] == framed[i - 1] ? run + 1 : 1;
    if (run > most) {
      if (cutCount++ == 0)
        firstCut = (where + ": element " + Twine(framed[i].second) +
                    " in frame " + Twine(framed[i].first))
                       .str();
      continue;
    }
    largestCount = std::max(largestCount, run);
    framed[out++] = framed[i];
  }
  framed.resize(out);
  framed.shrink_to_fit();
  keptCount += out;
  bytes += framed.size() * sizeof(framed[0]) + sizeof(framed);
  if (bytes > limits.maxBytes)
    return makeRuleError("data-size", where + ": events take more than " +
                                          Twine(limits.maxBytes) +
                                          " bytes; hint: --samples N");
  stepCount = std::max(stepCount, frames);
  cells.push_back(std::move(framed));
  return llvm::Error::success();
}

llvm::Error FramedEvents::finish(StringRef where,
                                 std::vector<std::string> &notes,
                                 std::vector<std::string> &warnings) {
  std::string window = formatQuantity(*framing.window, Dimension::Time);
  if (eventCount == 0)
    return makeRuleError("data-empty", where + ": holds no event");
  if (stepCount == 0)
    return makeRuleError(
        "event-frames",
        where + ": lasts " +
            formatQuantity(double(longest) * 1e-9, Dimension::Time) +
            ", which is less than one frame of " + window +
            "; hint: a shorter --frame, or --steps");
  std::string text =
      "frames of " + window + " from " +
      (framing.start == FrameStart::Zero ? "time 0" : "the first event") +
      " on, frame k holding t0 + k*w <= t < t0 + (k+1)*w: " +
      std::to_string(stepCount) + " frames";
  if (wanted)
    text += " as asked for";
  else
    text += cells.size() == 1 ? ", the last partial one dropped"
                              : " at most, the last partial one of each "
                                "sample dropped";
  text += "; " + std::to_string(keptCount) + " of " +
          std::to_string(eventCount) + " events kept";
  if (earlyCount)
    text += ", " + std::to_string(earlyCount) + " before time 0";
  if (lateCount)
    text += ", " + std::to_string(lateCount) + " after the last frame";
  notes.push_back(std::move(text));
  if (unorderedSamples)
    warnings.push_back(firstUnordered +
                       (unorderedSamples > 1
                            ? "; so it does in " +
                                  std::to_string(unorderedSamples - 1) +
                                  " other samples"
                            : std::string()) +
                       "; frames go by time, whatever the order [event-order]");
  if (cutCount) {
    int64_t most = framing.binary ? 1 : *framing.most;
    StringRef first = firstCut;
    if (first.consume_front(where))
      first.consume_front(": ");
    warnings.push_back(
        (where + ": " + Twine(cutCount) + " of " + Twine(keptCount + cutCount) +
         " events are cut, as a frame holds at most " + Twine(most) +
         " per element: first at " + first +
         (framing.binary ? "; hint: --frame-count counts, or a shorter --frame"
                         : "; hint: a shorter --frame") +
         " [event-cut]")
            .str());
  }
  if (silentSamples)
    warnings.push_back((where + ": " + Twine(silentSamples) + " of " +
                        Twine(cells.size()) +
                        " samples hold no event [event-frames]")
                           .str());
  if (shortSamples)
    warnings.push_back((where + ": " + Twine(shortSamples) + " of " +
                        Twine(cells.size()) +
                        " samples are shorter than a frame of " + window +
                        " and silent [event-frames]")
                           .str());
  return llvm::Error::success();
}

void FramedEvents::read(int64_t sample, int64_t elements,
                        MutableArrayRef<float> out) const {
  std::fill(out.begin(), out.end(), 0.0f);
  for (auto [frame, element] : cells[sample]) {
    size_t at = size_t(frame) * elements + element;
    if (at < out.size())
      out[at] += 1;
  }
}

} // namespace nmc::exec
