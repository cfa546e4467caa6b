//===- Run.cpp - Samples in, outputs and activity out ---------------------===//

#include "Plan.h"

#include "nmc/Exec/Dataset.h"
#include "nmc/Support/RuleError.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/ThreadPool.h"

#include <atomic>
#include <mutex>

using namespace nmc;
using namespace nmc::exec;

InputSource::~InputSource() = default;

int64_t DatasetSource::samples() const { return dataset.samples(); }

void DatasetSource::read(int64_t sample, int64_t port,
                         MutableArrayRef<double> out) const {
  SmallVector<float, 0> values(out.size());
  dataset.sample(sample, values, port);
  llvm::copy(values, out.begin());
}

void MemorySource::read(int64_t sample, int64_t port,
                        MutableArrayRef<double> out) const {
  auto begin = ports[port].begin() + sample * out.size();
  std::copy(begin, begin + out.size(), out.begin());
}

StringRef exec::getQuantityName(Quantity quantity) {
  switch (quantity) {
  case Quantity::Spikes:
    return "spikes";
  case Quantity::Membrane:
    return "v";
  case Quantity::Current:
    return "i";
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Program
//===----------------------------------------------------------------------===//

ArrayRef<StreamInfo> Program::ports() const { return plan->ports; }
ArrayRef<StreamInfo> Program::outputs() const { return plan->outputs; }
ArrayRef<StreamInfo> Program::populations() const { return plan->populations; }

std::optional<int64_t> Program::findPopulation(StringRef name) const {
  for (auto [p, info] : llvm::enumerate(plan->populations))
    if (info.name == name)
      return int64_t(p);
  return std::nullopt;
}

spike::Readout Program::defaultReadout(int64_t output) const {
  const Payload &payload = plan->outputs[output].payload;
  return payload.isFloat || payload.low < 0 ? spike::Readout::Membrane
                                            : spike::Readout::Count;
}

int64_t RunResult::argmax(int64_t sample, size_t step, size_t output) const {
  ArrayRef<double> values = readout(sample, step, output);
  return std::max_element(values.begin(), values.end()) - values.begin();
}

double RunResult::accuracy(ArrayRef<int64_t> labels, size_t step,
                           size_t output) const {
  int64_t right = 0, count = std::min<int64_t>(samples, labels.size());
  for (int64_t sample = 0; sample < count; ++sample)
    right += argmax(sample, step, output) == labels[sample];
  return count ? double(right) / double(count) : 0.0;
}

//===----------------------------------------------------------------------===//
// Encoding
//===----------------------------------------------------------------------===//

/// As short as nine digits allow: 0.5, 255, 1e+20, nan.
static std::string formatNumber(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.9g", value);
  return text;
}

llvm::Expected<Tensor> Program::encode(const StreamInfo &stream,
                                       ArrayRef<double> values) {
  const Payload &payload = stream.payload;
  Tensor tensor;
  tensor.resize(payload.isFloat, values.size());
  if (!payload.isFloat && !payload.isQuantised) {
    // What is whole and in range, as events are; the rest is looked at again.
    bool fits = true;
    double low = double(payload.low), high = double(payload.high);
    for (auto [to, value] : llvm::zip(tensor.ints, values)) {
      to = int64_t(std::min(std::max(low, value), high)); // NaN becomes low
      fits &= double(to) == value;
    }
    if (fits)
      return tensor;
  }
  for (auto [n, value] : llvm::enumerate(values)) {
    if (payload.isFloat) {
      tensor.floats[n] = float(value);
      if (std::isfinite(tensor.floats[n]))
        continue;
      return makeRuleError("encode-value",
                           llvm::formatv("element {0} is {1}, which is no "
                                         "finite number of single precision",
                                         n, formatNumber(value))
                               .str());
    }
    double whole = value;
    if (payload.isQuantised) {
      if (std::isnan(value))
        return makeRuleError("encode-value", "element " + Twine(n) + " is NaN");
      double q = std::rint(value / payload.scale);
      whole = std::min(std::max(q, double(payload.low)), double(payload.high));
    }
    if (!(whole >= double(payload.low) && whole <= double(payload.high)) ||
        whole != double(int64_t(whole)))
      return makeRuleError(
          "encode-value",
          llvm::formatv("element {0} is {1}, but the input's stream holds "
                        "integers of {2} to {3}; scale the data or quantise "
                        "the input",
                        n, formatNumber(value), payload.low, payload.high)
              .str());
    tensor.ints[n] = int64_t(whole);
  }
  return tensor;
}

static llvm::Expected<EncodedPort> encodePort(const StreamInfo &info,
                                              spike::Encoding encoding,
                                              std::vector<double> values) {
  EncodedPort port;
  port.encoding = encoding;
  if (encoding == spike::Encoding::Rate) {
    for (auto [n, rate] : llvm::enumerate(values))
      if (!(rate >= 0 && rate <= 1))
        return makeRuleError("encode-value",
                             llvm::formatv("element {0} is {1}, but a rate is "
                                           "0 to 1 spikes per step; scale the "
                                           "data",
                                           n, formatNumber(rate))
                                 .str());
    port.rates = std::move(values);
    return port;
  }
  llvm::Expected<Tensor> tensor = Program::encode(info, values);
  if (!tensor)
    return tensor.takeError();
  port.values = std::move(*tensor);
  return port;
}

//===----------------------------------------------------------------------===//
// Run
//===----------------------------------------------------------------------===//

namespace {

/// One run: checks options, hands samples to threads, adds up.
class Runner {
public:
  Runner(std::shared_ptr<const Plan> plan, FastCache &cache,
         const Program &program, const InputSource &source,
         const RunOptions &options)
      : plan(std::move(plan)), cache(cache), program(program), source(source),
        options(options) {}

  llvm::Expected<RunResult> run();

private:
  llvm::Error checkOptions();
  llvm::Error prepareRecordings();
  void prepareResult();
  Tally makeTally() const;
  std::unique_ptr<Engine> makeEngine() const;
  void work(Tally &tally);
  llvm::Error runSample(Engine &engine, int64_t sample, Tally &tally);
  void addUp(ArrayRef<Tally> tallies);

  std::shared_ptr<const Plan> plan;
  FastCache &cache;
  const Program &program;
  const InputSource &source;
  const RunOptions &options;
  std::shared_ptr<const FastPlan> fast;

  int64_t samples = 0;
  SmallVector<int64_t> readoutSteps;
  RunResult result;
  std::optional<Sink> sink;

  std::atomic<int64_t> nextSample{0};
  std::atomic<bool> stop{false};
  std::mutex lock; // what follows
  int64_t done = 0;
  int64_t failedSample = -1;
  std::string message;
};

} // namespace

llvm::Error Runner::checkOptions() {
  auto fault = [](const Twine &text) {
    return makeRuleError("run-options", text);
  };
  if (options.steps < 1 || options.steps > spike::kMaxSteps)
    return fault("steps is " + Twine(options.steps) + ", but must be 1 to " +
                 Twine(spike::kMaxSteps));
  readoutSteps = options.readoutSteps;
  if (readoutSteps.empty())
    readoutSteps.push_back(options.steps);
  for (size_t k = 0; k < readoutSteps.size(); ++k)
    if (readoutSteps[k] < 1 || readoutSteps[k] > options.steps ||
        (k && readoutSteps[k] <= readoutSteps[k - 1]))
      return fault("readout steps must ascend from 1 to " +
                   Twine(options.steps) + ", but one is " +
                   Twine(readoutSteps[k]));
  if (!options.encodings.empty() &&
      options.encodings.size() != plan->ports.size())
    return fault(Twine(options.encodings.size()) + " encodings for " +
                 Twine(plan->ports.size()) + " ports");
  if (!options.readouts.empty() &&
      options.readouts.size() != plan->outputs.size())
    return fault(Twine(options.readouts.size()) + " readouts for " +
                 Twine(plan->outputs.size()) + " outputs");
  samples = source.samples();
  if (options.samples)
    samples = std::min(samples, *options.samples);
  if (samples < 0)
    return fault("samples is " + Twine(samples) + ", but must not be negative");
  return llvm::Error::success();
}

llvm::Error Runner::prepareRecordings() {
  sink->recordings.resize(plan->populations.size());
  for (auto &slots : sink->recordings)
    slots.fill(-1);
  int64_t bytesLeft = int64_t(8) << 30;
  for (const RecordRequest &request : options.record) {
    std::optional<int64_t> p = program.findPopulation(request.population);
    if (!p)
      return makeRuleError("record-name", "no population is called '" +
                                              Twine(request.population) + "'");
    const StreamInfo &info = plan->populations[*p];
    const Node &node = plan->nodes[plan->populationNodes[*p]];
    bool hasMembrane =
        node.kind == NodeKind::Membrane || node.kind == NodeKind::SigmaDelta;
    bool hasInput = hasMembrane || node.kind == NodeKind::Relu;
    if ((request.quantity == Quantity::Membrane && !hasMembrane) ||
        (request.quantity == Quantity::Current && !hasInput))
      return makeRuleError("record-name",
                           "population '" + Twine(request.population) +
                               "' has no '" +
                               getQuantityName(request.quantity) + "'");
    if (request.quantity == Quantity::Current &&
        (request.receptor < 0 || request.receptor >= node.receptorCount()))
      return makeRuleError("record-name",
                           "population '" + Twine(request.population) +
                               "' has " + Twine(node.receptorCount()) +
                               " receptors; there is none of number " +
                               Twine(request.receptor));
    bool isFloat = request.quantity == Quantity::Spikes ? info.payload.isFloat
                                                        : node.isFloat;
    // Payloads have at most 32 bits, states may have more.
    bool isWide = request.quantity == Quantity::Spikes
                      ? info.payload.high > std::numeric_limits<int32_t>::max()
                      : node.kind == NodeKind::SigmaDelta ||
                            node.intMembrane.stateBits > 32 ||
                            request.quantity == Quantity::Current;
    ElementKind kind = isFloat  ? ElementKind::F32
                       : isWide ? ElementKind::I64
                                : ElementKind::I32;
    SmallVector<int64_t> shape{samples, options.steps};
    shape.append(info.shape.begin(), info.shape.end());
    std::optional<int64_t> count = countElements(shape);
    if (!count || *count > bytesLeft / getElementBytes(kind))
      return makeRuleError("record-size",
                           "recording '" + Twine(request.population) +
                               "' of shape " + formatShape(shape) +
                               " takes more than 8 GiB with all others; record "
                               "fewer samples or populations");
    bytesLeft -= *count * getElementBytes(kind);
    int &slot =
        sink->recordings[*p][Sink::slotOf(request.quantity, request.receptor)];
    if (slot >= 0)
      continue;
    slot = int(result.recordings.size());
    result.recordings.push_back({request, Array::zeros(kind, shape)});
  }
  return llvm::Error::success();
}

void Runner::prepareResult() {
  result.samples = samples;
  result.readoutSteps.assign(readoutSteps.begin(), readoutSteps.end());
  result.readouts.resize(plan->outputs.size());
  for (auto [all, info] : llvm::zip(result.readouts, plan->outputs))
    all.assign(readoutSteps.size(),
               std::vector<double>(samples * info.elements, 0.0));
  result.eventsAt.assign(readoutSteps.size(),
                         std::vector<uint64_t>(plan->populations.size(), 0));
  Activity &activity = result.activity;
  activity.samples = samples;
  activity.steps = options.steps;
  for (const StreamInfo &info : plan->populations) {
    PopulationActivity population;
    population.name = info.name;
    population.shape = info.shape;
    population.start(samples, options.steps, options.bitmaps);
    activity.populations.push_back(std::move(population));
  }
  for (const std::string &name : plan->connectionNames)
    activity.connections.push_back({name, {}});
}

Tally Runner::makeTally() const {
  Tally tally;
  for (const StreamInfo &info : plan->populations) {
    Tally::Population population;
    population.counts.assign(info.elements, 0);
    population.stepTotals.assign(options.steps, 0);
    population.stepMaxima.assign(options.steps, 0);
    tally.populations.push_back(std::move(population));
  }
  tally.effective.assign(plan->connectionNames.size(), 0);
  tally.eventsAt = result.eventsAt;
  return tally;
}

std::unique_ptr<Engine> Runner::makeEngine() const {
  return options.reference ? makeReferenceEngine(plan) : makeFastEngine(fast);
}

llvm::Error Runner::runSample(Engine &engine, int64_t sample, Tally &tally) {
  SmallVector<EncodedPort, 1> ports;
  for (auto [k, info] : llvm::enumerate(plan->ports)) {
    spike::Encoding encoding = options.encodings.empty()
                                   ? spike::Encoding::Constant
                                   : options.encodings[k];
    bool events = encoding == spike::Encoding::Events;
    std::vector<double> values(info.elements * (events ? options.steps : 1));
    source.read(sample, k, values);
    llvm::Expected<EncodedPort> port =
        encodePort(info, encoding, std::move(values));
    if (!port)
      return port.takeError();
    ports.push_back(std::move(*port));
  }
  engine.run(sample, ports, plan->keepsState, *sink, tally);
  return llvm::Error::success();
}

void Runner::work(Tally &tally) {
  std::unique_ptr<Engine> engine = makeEngine();
  while (!stop) {
    int64_t sample = nextSample++;
    if (sample >= samples)
      break;
    llvm::Error error = runSample(*engine, sample, tally);
    std::lock_guard<std::mutex> guard(lock);
    if (error) {
      // Samples are handed out in order, so the first fault is always found.
      if (failedSample < 0 || sample < failedSample) {
        failedSample = sample;
        message = llvm::toString(std::move(error));
      } else {
        llvm::consumeError(std::move(error));
      }
      stop = true;
      break;
    }
    ++done;
    if (options.progress && !options.progress(done)) {
      result.stopped = true;
      stop = true;
    }
  }
  engine->finish(tally);
}

void Runner::addUp(ArrayRef<Tally> tallies) {
  for (auto [p, population] : llvm::enumerate(result.activity.populations))
    for (const Tally &tally : tallies) {
      const Tally::Population &part = tally.populations[p];
      for (auto [sum, count] : llvm::zip(population.spikes, part.counts))
        sum += count;
      for (auto [sum, count] :
           llvm::zip(population.stepTotals, part.stepTotals))
        sum += count;
      for (auto [most, count] :
           llvm::zip(population.stepMaxima, part.stepMaxima))
        most = std::max(most, count);
      population.updates += part.updates;
    }
  for (const Tally &tally : tallies)
    for (auto [sums, counts] : llvm::zip(result.eventsAt, tally.eventsAt))
      for (auto [sum, count] : llvm::zip(sums, counts))
        sum += count;
  for (const Node &node : plan->nodes) {
    if (node.kind != NodeKind::Connection)
      continue;
    SynapticOperations &operations =
        result.activity.connections[node.connection].operations;
    uint64_t effective = 0;
    for (const Tally &tally : tallies)
      effective += tally.effective[node.connection];
    uint64_t dense =
        uint64_t(node.fanOut.dense) * uint64_t(options.steps) * uint64_t(done);
    const ValueInfo &source = plan->values[node.inputs[0]];
    if (!source.isCurrent && source.payload.isBinary) {
      operations.effectiveAc = effective;
      operations.denseAc = dense;
    } else {
      operations.effectiveMac = effective;
      operations.denseMac = dense;
    }
  }
}

llvm::Expected<RunResult> Runner::run() {
  if (llvm::Error error = checkOptions())
    return error;
  sink.emplace(Sink{options, options.steps, readoutSteps, {}, result, {}});
  for (size_t o = 0; o < plan->outputs.size(); ++o)
    sink->readouts.push_back(options.readouts.empty()
                                 ? program.defaultReadout(o)
                                 : options.readouts[o]);
  if (llvm::Error error = prepareRecordings())
    return error;
  prepareResult();
  if (!options.reference) {
    std::call_once(cache.once, [&] { cache.plan = makeFastPlan(plan); });
    fast = cache.plan;
  }

  unsigned jobs = options.jobs;
  if (jobs == 0)
    jobs = llvm::hardware_concurrency().compute_thread_count();
  jobs = unsigned(std::min<int64_t>(std::min(jobs, 1024u), samples));
  if (plan->keepsState || jobs < 1)
    jobs = 1;
  std::vector<Tally> tallies(jobs, makeTally());
  if (jobs == 1) {
    work(tallies[0]);
  } else {
    llvm::DefaultThreadPool pool(llvm::hardware_concurrency(jobs));
    // More threads than processors are as many as asked for.
    for (Tally &tally : tallies)
      pool.async([this, &tally] { work(tally); });
    pool.wait();
  }
  if (failedSample >= 0)
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "sample " + Twine(failedSample) + ": " +
                                       message);
  addUp(tallies);
  return std::move(result);
}

llvm::Expected<RunResult> Program::run(const InputSource &source,
                                       const RunOptions &options) const {
  return Runner(plan, *cache, *this, source, options).run();
}
