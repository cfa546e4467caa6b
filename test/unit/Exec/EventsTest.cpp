//===- EventsTest.cpp - Recordings of events, and data over time ----------===//

#include "../Support/DataFiles.h"

#include "nmc/Exec/Dataset.h"
#include "nmc/Frontend/Nir/NirData.h"

using namespace nmc;
using namespace nmc::exec;
using namespace nmc::test;

static InputSpec spec(ArrayRef<int64_t> shape,
                      std::optional<int64_t> most = std::nullopt) {
  return {"input", SmallVector<int64_t, 4>(shape), most};
}

namespace {
struct Event {
  int x, y, p;
  int64_t us;
};
} // namespace

static std::string nmnist(std::vector<Event> events) {
  std::string bytes;
  for (const Event &event : events)
    bytes += {char(event.x), char(event.y),
              char(event.p << 7 | (event.us >> 16 & 0x7f)), char(event.us >> 8),
              char(event.us)};
  return bytes;
}

static DatasetOptions overTime(StringRef path, double window = 1e-3) {
  DatasetOptions options;
  options.data = path.str();
  options.time = TimeAxis::Either;
  options.framing.window = window;
  return options;
}

/// All steps of a sample.
static std::vector<float> sampleOf(const Dataset &data, int64_t i = 0) {
  std::vector<float> values(data.elements() * data.steps().value_or(1));
  data.sample(i, values);
  return values;
}

/// Where a sample is not 0, and what is there.
static std::vector<std::pair<size_t, float>> eventsOf(const Dataset &data,
                                                      int64_t i = 0) {
  std::vector<std::pair<size_t, float>> found;
  for (auto [at, value] : llvm::enumerate(sampleOf(data, i)))
    if (value != 0)
      found.emplace_back(at, value);
  return found;
}

static bool mentions(ArrayRef<std::string> texts, StringRef part) {
  return llvm::any_of(texts, [&](const std::string &text) {
    return StringRef(text).contains(part);
  });
}

using Cells = std::vector<std::pair<size_t, float>>;

//===----------------------------------------------------------------------===//
// N-MNIST
//===----------------------------------------------------------------------===//

TEST(Events, FramesAreHalfOpenAndTheLastPartialOneIsDropped) {
  TemporaryFolder folder;
  // A port of 2 x 2 x 3: element = (p * 2 + y) * 3 + x.
  std::string path = folder.write("a.bin", nmnist({{0, 0, 0, 1000},
                                                   {2, 1, 1, 1999},
                                                   {2, 1, 1, 2000},
                                                   {2, 1, 1, 2500},
                                                   {1, 0, 1, 3400}}));
  auto data = Dataset::load(spec({2, 2, 3}), overTime(path));
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(data->format(), "events");
  EXPECT_EQ(data->steps(), 2);
  EXPECT_TRUE(data->isEvents() && data->isWhole() && data->hasSteps());
  EXPECT_EQ(data->max(), 2);
  EXPECT_EQ(eventsOf(*data), (Cells{{0, 1}, {11, 1}, {12 + 11, 2}}));
  EXPECT_TRUE(mentions(data->notes(), "2 frames, the last partial one dropped; "
                                      "4 of 5 events kept, 1 after the last"));
  EXPECT_TRUE(mentions(data->notes(), "channel 0: polarity 0"));
  EXPECT_TRUE(data->warnings().empty());

  // As many steps as asked for hold what there is.
  DatasetOptions options = overTime(path);
  options.steps = 4;
  data = Dataset::load(spec({2, 2, 3}), options);
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(data->steps(), 4);
  EXPECT_EQ(eventsOf(*data), (Cells{{0, 1}, {11, 1}, {23, 2}, {24 + 7, 1}}));

  // From time 0 on.
  options = overTime(path);
  options.framing.start = FrameStart::Zero;
  data = Dataset::load(spec({2, 2, 3}), options);
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(data->steps(), 3);
  EXPECT_EQ(eventsOf(*data), (Cells{{12, 1}, {23, 1}, {24 + 11, 2}}));

  // Several events in a frame are one, and how many were cut is said.
  options = overTime(path);
  options.framing.binary = true;
  data = Dataset::load(spec({2, 2, 3}), options);
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(data->max(), 1);
  EXPECT_EQ(eventsOf(*data), (Cells{{0, 1}, {11, 1}, {23, 1}}));
  ASSERT_EQ(data->warnings().size(), 1u);
  expectParts(data->warnings()[0],
              {"1 of 4 events are cut", "at most 1", "element 11 in frame 1",
               "--frame-count counts", "[event-cut]"});
  // A port of one bit does the same.
  data = Dataset::load(spec({2, 2, 3}, 1), overTime(path));
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(data->max(), 1);
  EXPECT_TRUE(mentions(data->warnings(), "[event-cut]"));
}

TEST(Events, RefusesDamagedRecordings) {
  TemporaryFolder folder;
  auto load = [&](std::string content, ArrayRef<int64_t> shape = {2, 4, 4},
                  double window = 1e-3) {
    return messageOf(Dataset::load(
        spec(shape), overTime(folder.write("a.bin", content), window)));
  };
  std::string good = nmnist({{0, 0, 0, 0}, {1, 2, 1, 5000}});
  EXPECT_EQ(load(good), "");
  expectParts(load(good.substr(0, 9)),
              {"a.bin", "9 bytes", "4 are left over", "[event-size]"});
  expectParts(load(""), {"is empty", "[data-empty]"});
  expectParts(load(nmnist({{0, 240, 0, 0}})), {"1 overflows", "[data-empty]"});
  expectParts(load(good, {2, 2, 4}),
              {"event 1 is at x 1, y 2", "(2, 2, 4)", "x below 4 and y below 2",
               "[event-range]"});
  expectParts(load(good, {3, 4, 4}),
              {"2 polarities", "3 channels", "[event-shape]"});
  expectParts(load(good, {12}), {"(2, height, width)", "[event-shape]"});
  expectParts(load(good, {2, 4, 4}, 1),
              {"lasts 5 ms", "one frame of 1 s", "[event-frames]"});
  expectParts(load(good, {2, 4, 4}, 1e-9), {"frames", "[event-frames]"});
  expectParts(load(good, {2, 4, 4}, 1e-12), {"[frame-window]"});
  DatasetOptions options = overTime(folder.write("a.bin", good));
  options.framing.window = std::nullopt;
  expectParts(messageOf(Dataset::load(spec({2, 4, 4}), options)),
              {"--frame \"1 ms\"", "[frame-window]"});
  options.time = TimeAxis::None;
  expectParts(messageOf(Dataset::load(spec({2, 4, 4}), options)),
              {"events in time", "[data-events]"});
  // A sample that would not fit into memory.
  options = overTime(options.data, 10e-9);
  options.limits.maxBytes = 1 << 20;
  expectParts(messageOf(Dataset::load(spec({2, 4, 4}), options)),
              {"500000 steps", "[data-size]"});
}

TEST(Events, TimeMayGoBackwardsAndClocksOverflow) {
  TemporaryFolder folder;
  auto data = Dataset::load(
      spec({2, 2, 2}),
      overTime(folder.write(
          "a.bin",
          nmnist({{0, 0, 0, 3000}, {1, 0, 0, 1000}, {0, 1, 0, 4000}}))));
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  ASSERT_EQ(data->warnings().size(), 1u);
  expectParts(data->warnings()[0],
              {"goes back at event 1, from 3 ms to 1 ms", "[event-order]"});
  EXPECT_EQ(eventsOf(*data), (Cells{{1, 1}, {16, 1}}));
  data = Dataset::load(spec({2, 2, 2}),
                       overTime(folder.write("b.bin", nmnist({{0, 0, 0, 0},
                                                              {9, 240, 0, 9},
                                                              {1, 0, 0, 10},
                                                              {0, 0, 0, 999}})),
                                4e-3));
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(data->steps(), 2);
  EXPECT_EQ(eventsOf(*data), (Cells{{0, 1}}));
  EXPECT_TRUE(mentions(data->notes(), "1 overflows"));
}

TEST(Events, PolaritiesMergeOnlyWithAWarning) {
  TemporaryFolder folder;
  std::string both = folder.write(
      "a.bin", nmnist({{0, 0, 0, 0}, {0, 0, 1, 1}, {0, 0, 1, 1500}}));
  auto data = Dataset::load(spec({1, 2, 2}), overTime(both));
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(eventsOf(*data), (Cells{{0, 2}}));
  EXPECT_TRUE(mentions(data->warnings(), "[event-polarity]"));
  // A flat port of N-MNIST's sensor.
  data = Dataset::load(spec({2 * 34 * 34}), overTime(both));
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(eventsOf(*data), (Cells{{0, 1}, {34 * 34, 1}}));
  EXPECT_TRUE(mentions(data->notes(), "34 x 34"));
}

TEST(Events, FoldersAreClasses) {
  TemporaryFolder folder;
  std::string one = nmnist({{0, 0, 0, 0}, {1, 0, 0, 2500}});
  std::string two = nmnist({{1, 1, 0, 0}, {1, 0, 0, 4500}});
  for (StringRef name : {"3", "7"})
    EXPECT_FALSE(llvm::sys::fs::create_directory(folder.file(name)));
  folder.write("3/b.bin", one);
  folder.write("3/c.bin", one);
  folder.write("7/a.bin", two);
  auto data = Dataset::load(spec({2, 2, 2}), overTime(folder.file("")));
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(data->samples(), 3);
  EXPECT_EQ(data->steps(), 4);
  EXPECT_EQ(data->labels(), ArrayRef<int64_t>({3, 7, 3}));
  EXPECT_EQ(eventsOf(*data, 1), (Cells{{3, 1}}));
  std::string hash = data->sha256().str();
  DatasetOptions options = overTime(folder.file(""));
  options.samples = 2;
  data = Dataset::load(spec({2, 2, 2}), options);
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(data->labels(), ArrayRef<int64_t>({3, 7}));
  EXPECT_NE(data->sha256(), hash);
}

TEST(Events, RandomFaultsNeverCrash) {
  TemporaryFolder folder;
  std::mt19937 random(3);
  std::string good;
  for (int i = 0; i < 40; ++i)
    good += nmnist({{i % 4, i % 3, i & 1, 400 * i}});
  int read = 0;
  for (int i = 0; i < 3000; ++i) {
    DatasetOptions options =
        overTime(folder.write("a.bin", mutate(good, random)));
    options.limits.maxBytes = 1 << 24;
    auto data = Dataset::load(spec({2, 4, 4}), options);
    if (data) {
      ++read;
      sampleOf(*data);
    }
    llvm::consumeError(data.takeError());
  }
  EXPECT_GT(read, 10);
}

//===----------------------------------------------------------------------===//
// Arrays of events, HDF5
//===----------------------------------------------------------------------===//

TEST(Events, ReadsArrays) {
  TemporaryFolder folder;
  auto load = [&](Array t, Array x, Array y, Array p) {
    return Dataset::load(
        spec({2, 2, 2}),
        overTime(folder.write("a.npz", makeZip({{"t.npy", npy(t)},
                                                {"x.npy", npy(x)},
                                                {"y.npy", npy(y)},
                                                {"p.npy", npy(p)}}))));
  };
  Array x = Array::from<uint8_t>({3}, {0, 1, 1});
  Array p = Array::from<int8_t>({3}, {-1, 1, 1});
  auto data = load(Array::from<int64_t>({3}, {0, 1000, 2000}), x, x, p);
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(eventsOf(*data), (Cells{{0, 1}, {8 + 7, 1}}));
  EXPECT_TRUE(mentions(data->notes(), "microseconds"));
  // 3 ms is not 2.9999.
  data = load(Array::from<float>({3}, {0, 0.003f, 0.0045f}), x, x, p);
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(eventsOf(*data), (Cells{{0, 1}, {24 + 7, 1}}));
  expectParts(messageOf(load(Array::from<float>({3}, {0, 1, NAN}), x, x, p)),
              {"event 2 is nan s", "[event-time]"});
  expectParts(messageOf(load(Array::from<double>({3}, {0, 1, 1e12}), x, x, p)),
              {"event 2", "[event-time]"});
  expectParts(messageOf(load(Array::from<int64_t>({2}, {0, 1}), x, x, p)),
              {"'x' has shape (3,)", "2 times", "[event-field]"});
}

/// Lists as the HDF5 reader hands them over.
static nir::RawObject lists(Array values, std::vector<int64_t> offsets) {
  nir::RawObject object;
  object.add("values", nir::RawObject::fromArray(std::move(values)));
  object.add("offsets", nir::RawObject::fromArray(Array::from<int64_t>(
                            {int64_t(offsets.size())}, offsets)));
  return object;
}

static nir::RawObject spikeFile(nir::RawObject times, nir::RawObject units) {
  nir::RawObject root;
  nir::RawObject &spikes = root.add("spikes", nir::RawObject());
  spikes.add("times", std::move(times));
  spikes.add("units", std::move(units));
  return root;
}

TEST(Events, ReadsSpikeLists) {
  EventPort port{"input", {4}};
  Array times = Array::from<float>({4}, {0, 0.5f, 0.25f, 1});
  Array units = Array::from<uint16_t>({4}, {0, 3, 1, 2});
  auto file = readSpikeLists(
      spikeFile(lists(times, {0, 3, 3, 4}), lists(units, {0, 3, 3, 4})), "a.h5",
      port);
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  ASSERT_EQ(file->samples.size(), 3u);
  EXPECT_EQ(file->samples[0].times,
            (std::vector<int64_t>{0, 500'000'000, 250'000'000}));
  EXPECT_EQ(file->samples[0].elements, (std::vector<uint32_t>{0, 3, 1}));
  EXPECT_TRUE(file->samples[1].times.empty());

  auto message = [&](nir::RawObject t, nir::RawObject u) {
    return messageOf(
        readSpikeLists(spikeFile(std::move(t), std::move(u)), "a.h5", port));
  };
  nir::RawObject good = lists(units, {0, 3, 3, 4});
  expectParts(message(lists(times, {0, 3, 4}), good),
              {"2 samples", "3", "[event-field]"});
  expectParts(message(lists(times, {0, 2, 3, 4}), good),
              {"sample 0 has 2 times and 3 units", "[event-field]"});
  expectParts(message(lists(times, {0, 3, 2, 4}), good), {"[event-field]"});
  expectParts(message(lists(times, {0, 3, 3, 5}), good), {"[event-field]"});
  expectParts(message(lists(times, {}), lists(units, {})), {"[data-empty]"});
  port.shape = {3};
  expectParts(message(lists(times, {0, 3, 3, 4}), good),
              {"sample 0: event 1 is of unit 3", "(3,)", "[event-range]"});
}

TEST(Events, ReadsSpikeArraysFromHdf5) {
  TemporaryFolder folder;
  nir::RawObject root = spikeFile(
      nir::RawObject::fromArray(Array::from<double>({3}, {0.0, 0.001, 0.0025})),
      nir::RawObject::fromArray(Array::from<uint16_t>({3}, {0, 2, 1})));
  root.add("labels",
           nir::RawObject::fromArray(Array::from<uint16_t>({1}, {2})));
  ASSERT_FALSE(bool(nir::writeHdf5(folder.file("a.h5"), root)));
  auto data = Dataset::load(spec({3}), overTime(folder.file("a.h5")));
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(data->format(), "events");
  EXPECT_EQ(data->steps(), 2);
  EXPECT_EQ(data->label(0), 2);
  EXPECT_EQ(eventsOf(*data), (Cells{{0, 1}, {5, 1}}));

  // Any other HDF5 file says what it has.
  nir::RawObject other;
  other.add("things", nir::RawObject());
  ASSERT_FALSE(bool(nir::writeHdf5(folder.file("b.h5"), other)));
  expectParts(
      messageOf(Dataset::load(spec({3}), overTime(folder.file("b.h5")))),
      {"spikes/times", "it has 'things'", "[data-format]"});
}

TEST(Events, ReadsNirData) {
  TemporaryFolder folder;
  nir::NirNodeData root;
  root.getOrAdd("input").add(
      "spikes",
      nir::NirObservable::fromDense(
          Array::from<uint8_t>({2, 3, 2}, {0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1}),
          1e-3));
  ASSERT_FALSE(bool(nir::writeNirData(folder.file("a.nir"), root)));
  auto data = Dataset::load(spec({2}), overTime(folder.file("a.nir")));
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(data->format(), "nirdata");
  EXPECT_EQ(data->samples(), 2);
  EXPECT_EQ(data->steps(), 3);
  EXPECT_EQ(sampleOf(*data, 1), (std::vector<float>{1, 1, 0, 0, 0, 1}));
  InputSpec other = spec({2});
  other.name = "in";
  expectParts(messageOf(Dataset::load(other, overTime(folder.file("a.nir")))),
              {"node 'in'", "it has 'input'", "[data-missing]"});
  expectParts(
      messageOf(Dataset::load(spec({3}), overTime(folder.file("a.nir")))),
      {"2 neurons", "has 3", "[data-shape]"});
}

//===----------------------------------------------------------------------===//
// Traces
//===----------------------------------------------------------------------===//

static Array counting(ArrayRef<int64_t> shape) {
  Array array = Array::zeros(ElementKind::U8, shape);
  for (int64_t i = 0; i < array.size(); ++i)
    array.mutableBytes()[i] = char(i);
  return array;
}

static llvm::Expected<Dataset>
trace(ArrayRef<int64_t> shape, ArrayRef<int64_t> stored,
      StringRef preprocess = "", TimeAxis time = TimeAxis::Either,
      std::optional<int64_t> steps = {}, int64_t labels = 0) {
  DatasetOptions options;
  options.data = "d";
  options.time = time;
  options.steps = steps;
  options.preprocess = llvm::cantFail(parsePreprocess(preprocess));
  std::vector<NamedArray> arrays;
  arrays.push_back({"x", counting(stored)});
  if (labels)
    arrays.push_back({"y", Array::zeros(ElementKind::U8, labels)});
  return Dataset::create(spec(shape), std::move(arrays), options);
}

TEST(Traces, AxesAreTold) {
  struct Case {
    std::vector<int64_t> shape, stored;
    int64_t labels, samples, steps; // 0: stands still
  };
  for (const Case &c :
       std::vector<Case>{{{3}, {5, 3}, 0, 1, 5},
                         {{3}, {2, 5, 3}, 0, 2, 5},
                         {{3}, {5, 3}, 5, 5, 0},
                         {{3}, {5, 3}, 1, 1, 5},
                         {{3}, {1, 3}, 0, 1, 0},
                         {{3}, {3}, 0, 1, 0},
                         {{1}, {7}, 0, 1, 7},
                         {{1}, {7, 1}, 0, 1, 7},
                         {{1}, {2, 7}, 0, 2, 7},
                         {{1}, {2, 7, 1}, 0, 2, 7},
                         {{6}, {4, 2, 3}, 4, 4, 0},
                         {{1, 2, 3}, {4, 2, 3}, 0, 1, 4},
                         {{2, 1, 3}, {5, 4, 2, 1, 3}, 0, 5, 4}}) {
    auto data = trace(c.shape, c.stored, "", TimeAxis::Either, {}, c.labels);
    ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
    EXPECT_EQ(data->samples(), c.samples);
    EXPECT_EQ(data->steps().value_or(0), c.steps) << data->notes()[0];
    EXPECT_TRUE(mentions(data->notes(), "takes shape"));
    std::vector<float> last = sampleOf(*data, c.samples - 1);
    EXPECT_EQ(last.back(), float(counting(c.stored).size() - 1));
  }
  auto data = trace({3}, {5, 3}, "", TimeAxis::Steps, {}, 0);
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(data->steps(), 5);
  data = trace({3}, {5, 3}, "", TimeAxis::None);
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(data->samples(), 5);
  EXPECT_FALSE(data->steps());
  expectParts(
      messageOf(trace({3}, {5, 4})),
      {"(5, 4)", "20 elements", "(samples, steps, ...)", "[data-shape]"});
  expectParts(messageOf(trace({3}, {2, 2, 5, 3})),
              {"3 axes before", "[data-axes]"});
}

TEST(Traces, LayoutsNameEveryAxis) {
  // Width, height, channels, time: what lava-dl writes.
  auto data = trace({2, 1, 3}, {3, 1, 2, 4}, "layout=WHCT");
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(data->samples(), 1);
  EXPECT_EQ(data->steps(), 4);
  std::vector<float> values = sampleOf(*data);
  // Step 1, channel 1, width 2 was at ((2 * 1 + 0) * 2 + 1) * 4 + 1.
  EXPECT_EQ(values[1 * 6 + 1 * 3 + 2], 21);
  EXPECT_EQ(values[0], 0);
  data = trace({3}, {2, 3}, "layout=NC");
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(data->samples(), 2);
  EXPECT_FALSE(data->steps());
  expectParts(messageOf(trace({3}, {2, 3}, "layout=NTC")),
              {"names 3 axes", "has 2", "[data-axes]"});
  expectParts(messageOf(trace({3}, {2, 3}, "layout=TC", TimeAxis::None)),
              {"axis of steps", "[data-axes]"});
  expectParts(messageOf(trace({3}, {2, 3}, "layout=NC", TimeAxis::Steps)),
              {"no axis of steps", "[data-axes]"});
  expectParts(messageOf(trace({3}, {3, 2}, "layout=TC")),
              {"(2,)", "(3,)", "[data-shape]"});
}

TEST(Traces, StepsAreCutAndFilledUp) {
  auto data = trace({2}, {2, 3, 2}, "", TimeAxis::Either, 2);
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(sampleOf(*data, 1), (std::vector<float>{6, 7, 8, 9}));
  EXPECT_TRUE(mentions(data->notes(), "first 2 of 3 steps"));
  data = trace({2}, {2, 3, 2}, "scale=2,zero_point=-1", TimeAxis::Either, 4);
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(sampleOf(*data, 1),
            (std::vector<float>{14, 16, 18, 20, 22, 24, 0, 0}));
  EXPECT_TRUE(mentions(data->warnings(), "has 3 steps, 4 are run"));
}

TEST(Traces, ReadsCsv) {
  TemporaryFolder folder;
  auto load = [&](StringRef content, ArrayRef<int64_t> shape = {2},
                  StringRef preprocess = "") {
    DatasetOptions options = overTime(folder.write("a.csv", content));
    options.preprocess = llvm::cantFail(parsePreprocess(preprocess));
    return Dataset::load(spec(shape), options);
  };
  for (StringRef text :
       {"0,1\n2,0.5\n", "a,b\n0,1\n2,0.5", "# c\n\n0;1\r\n2;0.5\r\n",
        "\xEF\xBB\xBF"
        "0\t1\n 2 \t 5e-1 \n"}) {
    auto data = load(text);
    ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
    EXPECT_EQ(data->format(), "csv");
    EXPECT_EQ(data->steps(), 2);
    EXPECT_EQ(sampleOf(*data), (std::vector<float>{0, 1, 2, 0.5f}));
  }
  auto data = load("1,2,3\n4,5,6\n", {1, 1}, "columns=2");
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(sampleOf(*data), (std::vector<float>{3, 6}));
  expectParts(messageOf(load("1,2,3\n")),
              {"rows of 3", "takes 2", "columns=", "[data-shape]"});
  expectParts(messageOf(load("1,2\n3\n")),
              {"a.csv:2", "1 numbers", "2", "[csv-fields]"});
  expectParts(messageOf(load("1,2\n3,x\n")), {"a.csv:2", "[csv-syntax]"});
  expectParts(messageOf(load("a,b\nc,d\n")), {"a.csv:2", "[csv-syntax]"});
  expectParts(messageOf(load("a,b\n")), {"no row", "[data-empty]"});
  expectParts(messageOf(load("1,2\n", {1}, "columns=2")),
              {"2 columns", "column 2", "[csv-fields]"});
  expectParts(messageOf(load("1,inf\n")), {"[data-nan]"});
}
