//===- NirDataTest.cpp - Recorded inputs and outputs ----------------------===//

#include "../Support/DataFiles.h"

#include "nmc/Frontend/Nir/NirData.h"

#include <limits>

using namespace nmc;
using namespace nmc::nir;
using namespace nmc::test;

static constexpr double inf = std::numeric_limits<double>::infinity();
using Kind = NirObservable::Kind;

static NirObservable makeEvents(ArrayRef<int64_t> idx, ArrayRef<double> time,
                                int64_t neurons, double tMax,
                                int64_t samples = 1) {
  NirObservable events;
  events.kind = Kind::Events;
  int64_t perSample = idx.size() / samples;
  events.idx = Array::from<int64_t>({samples, perSample}, idx);
  events.time = Array::from<double>({samples, perSample}, time);
  events.neurons = neurons;
  events.tMax = tMax;
  return events;
}

static NirNodeData makeData() {
  NirNodeData root;
  root.getOrAdd("in").isGraph = false;
  root.getOrAdd("in").add(
      "spikes", makeEvents({2, 0, 1, -1}, {0, 0.1, 0.3, inf}, 3, 0.4, 2));
  NirNodeData &block = root.getOrAdd("block");
  block.getOrAdd("lif.1").add(
      "v", NirObservable::fromDense(Array::from<float>({1, 2, 2}, {1, 2, 3, 4}),
                                    0.1));
  NirObservable valued = makeEvents({1, 1}, {0.05, 0.2}, 2, 0.3);
  valued.kind = Kind::ValuedEvents;
  valued.value = Array::from<float>({1, 2}, {0.5, -1});
  block.getOrAdd("lif.1").add("graded", valued);
  return root;
}

TEST(NirData, ReadsWhatItWrites) {
  TemporaryFolder folder;
  NirNodeData data = makeData();
  std::string path = folder.file("a.h5");
  llvm::Error error = writeNirData(path, data);
  ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
  auto back = readNirData(path);
  ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
  EXPECT_EQ(formatNirData(*back), formatNirData(data));
  // Names of nested graphs are joined, dots or not.
  ASSERT_NE(back->find("block.lif.1", "v"), nullptr);
  EXPECT_EQ(back->find("block.lif.1", "v")->dt, 0.1);
  EXPECT_EQ(back->find("block", "v"), nullptr);
  EXPECT_EQ(back->find("in", "spikes")->getNumSamples(), 2);
  EXPECT_EQ(back->find("in", "spikes")->getNumNeurons(), 3);
  std::vector<std::string> names;
  back->walk([&](StringRef node, StringRef what, const NirObservable &) {
    names.push_back((node + ":" + what).str());
  });
  EXPECT_EQ(names, (std::vector<std::string>{"block.lif.1:graded",
                                             "block.lif.1:v", "in:spikes"}));
}

TEST(NirData, EventsToSteps) {
  // 0.3 / 0.1 is less than 3 in binary; the event is in step 3.
  NirObservable events =
      makeEvents({0, 1, 1, -1}, {0.3, 0.0, 0.199, inf}, 2, 0.4);
  auto dense = events.toDense(0.1);
  ASSERT_TRUE(bool(dense)) << llvm::toString(dense.takeError());
  EXPECT_EQ(*dense, Array::from<bool>({1, 4, 2}, {false, true, false, true,
                                                  false, false, true, false}));
  // Coarser steps make counts.
  dense = events.toDense(0.2);
  ASSERT_TRUE(bool(dense)) << llvm::toString(dense.takeError());
  EXPECT_EQ(*dense, Array::from<uint8_t>({1, 2, 2}, {0, 2, 1, 0}));
  dense = events.toDense(0.1, 6);
  ASSERT_TRUE(bool(dense));
  EXPECT_EQ(dense->shape(), ArrayRef<int64_t>({1, 6, 2}));

  expectParts(messageOf(events.toDense(0.1, 3)),
              {"event 0 of sample 0 at 0.3", "3 steps", "[nirdata-time]"});
  expectParts(messageOf(events.toDense(0)), {"[nirdata-dt]"});
  expectParts(messageOf(events.toDense(1e-18)), {"[nirdata-s"});
  expectParts(messageOf(events.toDense(1e-9)), {});
  expectParts(messageOf(events.toDense(1e-9, {}, 1 << 20)), {"[nirdata-size]"});
  events.neurons = int64_t(1) << 50;
  expectParts(messageOf(events.toDense(0.1)), {"[nirdata-size]"});
}

TEST(NirData, SinglePrecisionTimes) {
  NirObservable events = makeEvents({0, 0, 0}, {0, 0, 0}, 1, 1.001);
  std::vector<float> times = {0.333f, 0.999f, 0.7f};
  events.time = Array::from<float>({1, 3}, times);
  auto dense = events.toDense(0.001);
  ASSERT_TRUE(bool(dense)) << llvm::toString(dense.takeError());
  ASSERT_EQ(dense->shape(), ArrayRef<int64_t>({1, 1001, 1}));
  for (int64_t step : {333, 700, 999})
    EXPECT_TRUE(dense->getInt(step)) << step;
}

TEST(NirData, ValuesToSteps) {
  NirNodeData data = makeData();
  const NirObservable *valued = data.find("block.lif.1", "graded");
  auto dense = valued->toDense(0.1);
  ASSERT_TRUE(bool(dense)) << llvm::toString(dense.takeError());
  EXPECT_EQ(*dense, Array::from<float>({1, 3, 2}, {0, 0.5, 0, 0, 0, -1}));
  expectParts(messageOf(valued->toDense(0.3)),
              {"two values of neuron 1 in step 0", "[nirdata-collision]"});
}

TEST(NirData, StepsToSteps) {
  NirNodeData data = makeData();
  const NirObservable *v = data.find("block.lif.1", "v");
  auto dense = v->toDense(0.1);
  ASSERT_TRUE(bool(dense));
  EXPECT_EQ(*dense, v->data);
  expectParts(messageOf(v->toDense(0.2)),
              {"steps of 0.1, not 0.2", "[nirdata-dt]"});
  expectParts(messageOf(v->toDense(0.1, 5)),
              {"2 steps, not 5", "[nirdata-steps]"});
}

TEST(NirData, StepsToEventsAndBack) {
  Array spikes =
      Array::from<bool>({2, 3, 2}, {false, true, false, false, true, true, //
                                    false, false, true, false, false, false});
  for (double shift : {0.0, 0.5}) {
    auto events = NirObservable::toEvents(spikes, 1e-3, shift);
    ASSERT_TRUE(bool(events)) << llvm::toString(events.takeError());
    EXPECT_EQ(events->kind, Kind::Events);
    EXPECT_EQ(events->idx, Array::from<int64_t>({2, 3}, {1, 0, 1, 0, -1, -1}));
    EXPECT_EQ(events->time.getDouble(1), (2 + shift) * 1e-3);
    EXPECT_EQ(events->time.getDouble(5), inf);
    auto dense = events->toDense(1e-3);
    ASSERT_TRUE(bool(dense)) << llvm::toString(dense.takeError());
    EXPECT_EQ(*dense, spikes);
  }
  Array counts = Array::from<uint8_t>({1, 2, 2}, {0, 3, 1, 0});
  auto events = NirObservable::toEvents(counts, 1);
  ASSERT_TRUE(bool(events));
  auto dense = events->toDense(1);
  ASSERT_TRUE(bool(dense));
  EXPECT_EQ(*dense, counts);
  Array values = Array::from<double>({1, 2, 2}, {0, 3.5, -1, 0});
  events = NirObservable::toEvents(values, 1);
  ASSERT_TRUE(bool(events));
  EXPECT_EQ(events->kind, Kind::ValuedEvents);
  dense = events->toDense(1);
  ASSERT_TRUE(bool(dense));
  EXPECT_EQ(*dense, values);
  expectParts(messageOf(NirObservable::toEvents(
                  Array::from<int8_t>({1, 1, 1}, {-1}), 1)),
              {"[nirdata-field]"});
  expectParts(messageOf(NirObservable::toEvents(
                  Array::from<int64_t>({1, 1, 2}, {INT64_MAX, 1}), 1)),
              {"[nirdata-field]"});
  expectParts(messageOf(NirObservable::toEvents(
                  Array::from<int64_t>({1, 1, 1}, {INT64_MAX}), 1)),
              {"[nirdata-size]"});
  expectParts(messageOf(NirObservable::toEvents(spikes, 1, 1)),
              {"[nirdata-dt]"});
}

TEST(NirData, FilesThatAreWrong) {
  RawObject good = formatNirData(makeData());
  auto errorOf = [&](function_ref<void(RawObject &)> change) {
    RawObject file = good;
    change(file);
    return messageOf(parseNirData(file, "a.h5"));
  };
  auto at = [](RawObject &object, ArrayRef<StringRef> path) -> RawObject & {
    RawObject *result = &object;
    for (StringRef name : path)
      result = const_cast<RawObject *>(result->find(name));
    return *result;
  };
  auto spikes = [&](RawObject &file) -> RawObject & {
    return at(file, {"nodes", "in", "observables", "spikes"});
  };
  EXPECT_EQ(errorOf([](RawObject &) {}), "");
  expectParts(errorOf([](RawObject &file) {
                file.attributes.clear();
                file.add("node", RawObject());
              }),
              {"a.h5: attribute '__type__' is missing", "holds a model",
               "[nirdata-root]"});
  expectParts(errorOf([](RawObject &file) {
                file.addAttribute("__type__", RawObject::fromString("X"));
              }),
              {"the root is 'X'", "[nirdata-root]"});
  expectParts(errorOf([](RawObject &file) { file.members.clear(); }),
              {"a.h5: group 'nodes' is missing", "[nirdata-field]"});
  expectParts(errorOf([&](RawObject &file) {
                at(file, {"nodes", "in"})
                    .addAttribute("__type__", RawObject::fromString("Y"));
              }),
              {"a.h5:/nodes/in: 'Y' is unknown", "[nirdata-type]"});
  expectParts(
      errorOf([&](RawObject &file) { spikes(file).attributes.clear(); }),
      {"/nodes/in/observables/spikes: attribute '__type__' is missing",
       "[nirdata-type]"});
  auto change = [&](StringRef name, Array array, bool attribute = false) {
    return errorOf([&](RawObject &file) {
      RawObject value = RawObject::fromArray(array);
      if (attribute)
        spikes(file).addAttribute(name, value);
      else
        spikes(file).add(name, value);
    });
  };
  using I = int64_t;
  expectParts(change("idx", Array::from<I>({4}, {2, 0, 1, -1})),
              {"'idx' has shape (4,)", "[nirdata-shape]"});
  expectParts(change("time", Array::from<double>({2, 1}, {0, 1})),
              {"'time' has shape (2, 1), 'idx' has (2, 2)", "[nirdata-shape]"});
  expectParts(change("idx", Array::from<float>({2, 2}, {2, 0, 1, -1})),
              {"'idx' is float32", "[nirdata-field]"});
  expectParts(change("time", Array::from<I>({2, 2}, {0, 0, 0, 0})),
              {"'time' is int64", "[nirdata-field]"});
  expectParts(change("idx", Array::from<I>({2, 2}, {2, 0, 3, -1})),
              {"event 0 of sample 1 is of neuron 3 of 3", "[nirdata-index]"});
  expectParts(change("idx", Array::from<I>({2, 2}, {2, 0, -1, -1})),
              {"event 0 of sample 1", "infinite", "[nirdata-time]"});
  expectParts(change("time", Array::from<double>({2, 2}, {0, .5, .3, inf})),
              {"at 0.5, outside 0 to t_max 0.4", "[nirdata-time]"});
  expectParts(change("time", Array::from<double>({2, 2}, {0, NAN, .3, inf})),
              {"[nirdata-time]"});
  expectParts(change("n_neurons", Array::from<double>({}, {2.5}), true),
              {"n_neurons 2.5 is no count", "[nirdata-field]"});
  expectParts(change("n_neurons", Array::from<I>({2}, {1, 2}), true),
              {"attribute 'n_neurons'", "[nirdata-field]"});
  expectParts(change("t_max", Array::from<double>({}, {inf}), true),
              {"t_max inf", "[nirdata-time]"});
  expectParts(
      errorOf([&](RawObject &file) {
        at(file, {"nodes", "block", "nodes", "lif.1", "observables", "v"})
            .addAttribute("dt",
                          RawObject::fromArray(Array::from<double>({}, {-1})));
      }),
      {"dt -1 is no positive time", "[nirdata-dt]"});
}
