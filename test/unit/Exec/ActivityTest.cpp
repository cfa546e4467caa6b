//===- ActivityTest.cpp - Spike counts and their files --------------------===//

#include "../Support/DataFiles.h"

#include "nmc/Exec/Activity.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace nmc;
using namespace nmc::exec;
using namespace nmc::test;

/// Two populations, 3 samples, 4 steps; neuron n of conv fires in step t of
/// sample s where (n + t + s) % 5 == 0.
static Activity makeActivity(bool withBitmaps, int part = 0, int parts = 1) {
  Activity activity;
  activity.samples = 3;
  activity.steps = 4;
  activity.dataSha256 = "abc";
  for (auto [name, shape] :
       {std::pair<StringRef, SmallVector<int64_t, 4>>{"conv", {2, 7, 5}},
        {"net/out.1", {10}}}) {
    PopulationActivity population;
    population.name = name.str();
    population.shape = shape;
    population.start(3, 4, withBitmaps);
    std::vector<int8_t> outputs(population.neurons());
    for (int64_t s = part; s < 3; s += parts)
      for (int64_t t = 0; t < 4; ++t) {
        for (size_t n = 0; n < outputs.size(); ++n)
          outputs[n] = (n + t + s) % 5 == 0 ? -3 : 0;
        population.record(s, t, ArrayRef<int8_t>(outputs));
        population.updates += 11;
      }
    activity.populations.push_back(std::move(population));
  }
  uint64_t share = parts == 1 ? 3 : 1;
  activity.connections.push_back(
      {"conv", {share * 1, share * 2, share * 3, share << 61}});
  return activity;
}

TEST(Activity, Counts) {
  Activity activity = makeActivity(true);
  const PopulationActivity *conv = activity.find("conv");
  ASSERT_TRUE(conv);
  EXPECT_EQ(conv->neurons(), 70);
  // 14 of 70 neurons in each step.
  EXPECT_EQ(conv->stepTotals, std::vector<uint64_t>(4, 42));
  EXPECT_EQ(conv->stepMaxima, std::vector<uint64_t>(4, 14));
  EXPECT_EQ(conv->sampleTotals, std::vector<uint64_t>(3, 56));
  EXPECT_EQ(activity.spikesPerInference(*conv), 56);
  EXPECT_EQ(activity.spikesPerInference(), 64);
  // (s + t) % 5 == 0 only for s = t = 0 and for s + t == 5.
  EXPECT_EQ(conv->spikes[0], 2u);
  EXPECT_DOUBLE_EQ(activity.rate(*conv, 0), 2.0 / 12);
  EXPECT_EQ(activity.rates(*conv).size(), 70u);
  EXPECT_TRUE(conv->bitmaps->test(0, 0, 65));
  EXPECT_FALSE(conv->bitmaps->test(0, 0, 66));
  EXPECT_EQ(conv->bitmaps->count(0, 0, 0, 70), 14);
  EXPECT_EQ(conv->bitmaps->count(0, 0, 1, 66), 13);
  EXPECT_EQ(conv->bitmaps->count(0, 0, 65, 66), 1);
  EXPECT_EQ(conv->bitmaps->count(0, 0, 5, 5), 0);
  EXPECT_EQ(conv->bitmaps->count(0, 0, 0, 64), 13);
  EXPECT_EQ(activity.stepMaximum(*conv, 3), 14u);
  EXPECT_EQ(activity.stepMaximum(*conv, 4), std::nullopt);
  EXPECT_TRUE(activity.hasBitmaps());
  EXPECT_EQ(activity.operations().effectiveAc, 6u);
}

TEST(Activity, Merges) {
  Activity whole = makeActivity(true), merged = makeActivity(true, 2, 3);
  merged.merge(makeActivity(true, 0, 3));
  merged.merge(makeActivity(true, 1, 3));
  for (auto [a, b] : llvm::zip(whole.populations, merged.populations)) {
    EXPECT_EQ(a.spikes, b.spikes);
    EXPECT_EQ(a.sampleTotals, b.sampleTotals);
    EXPECT_EQ(a.stepTotals, b.stepTotals);
    EXPECT_EQ(a.stepMaxima, b.stepMaxima);
    EXPECT_EQ(a.bitmaps->all(), b.bitmaps->all());
    EXPECT_EQ(a.updates, b.updates);
  }
  EXPECT_TRUE(whole.operations() == merged.operations());
}

TEST(Activity, Spread) {
  Activity activity;
  activity.samples = 4;
  activity.steps = 1;
  for (StringRef name : {"a", "b"}) {
    PopulationActivity population;
    population.name = name.str();
    population.shape = {1};
    population.spikes = {10};
    population.sampleTotals = {1, 2, 3, 4};
    activity.populations.push_back(population);
  }
  const PopulationActivity &a = activity.populations[0];
  EXPECT_DOUBLE_EQ(*activity.standardError(a), std::sqrt(5.0 / 3 / 4));
  EXPECT_DOUBLE_EQ(*activity.standardError(), 2 * std::sqrt(5.0 / 3 / 4));
  EXPECT_DOUBLE_EQ(*activity.percentile(a, 0.1), 1.3);
  EXPECT_DOUBLE_EQ(*activity.percentile(a, 0.9), 3.7);
  EXPECT_DOUBLE_EQ(*activity.percentile(0.5), 5);
  activity.populations[1].sampleTotals.clear();
  EXPECT_EQ(activity.standardError(), std::nullopt);
  EXPECT_EQ(activity.percentile(0.1), std::nullopt);
}

TEST(Activity, NpzRoundTrip) {
  TemporaryFolder folder;
  for (bool withBitmaps : {false, true}) {
    Activity activity = makeActivity(withBitmaps);
    std::string first = folder.file("a.npz"), second = folder.file("b.npz");
    ASSERT_FALSE(bool(writeActivity(first, activity)));
    ASSERT_FALSE(bool(writeActivity(second, activity)));
    EXPECT_EQ(readAll(first), readAll(second));
    auto back = readActivity(first);
    ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
    EXPECT_EQ(back->kind, ActivityKind::Measured);
    EXPECT_EQ(back->samples, 3);
    EXPECT_EQ(back->steps, 4);
    EXPECT_EQ(back->dataSha256, "abc");
    EXPECT_EQ(back->hasBitmaps(), withBitmaps);
    ASSERT_EQ(back->populations.size(), 2u);
    for (auto [a, b] : llvm::zip(activity.populations, back->populations)) {
      EXPECT_EQ(a.name, b.name);
      EXPECT_EQ(a.shape, b.shape);
      EXPECT_EQ(a.spikes, b.spikes);
      EXPECT_EQ(a.sampleTotals, b.sampleTotals);
      EXPECT_EQ(a.stepTotals, b.stepTotals);
      EXPECT_EQ(a.stepMaxima, b.stepMaxima);
      EXPECT_EQ(a.updates, b.updates);
      if (withBitmaps) {
        EXPECT_EQ(a.bitmaps->all(), b.bitmaps->all());
      }
    }
    EXPECT_TRUE(back->operations() == activity.operations());
    EXPECT_EQ(back->operations().denseAc, uint64_t(3) << 61);
    // Written again, it is the same file.
    ASSERT_FALSE(bool(writeActivity(second, *back)));
    EXPECT_EQ(readAll(first), readAll(second));
  }
}

TEST(Activity, UniformAndRates) {
  std::vector<PopulationShape> network = {{"conv", {2, 7, 5}},
                                          {"net/out.1", {10}}};
  auto uniform = makeUniformActivity(0.05, network, 8);
  ASSERT_TRUE(bool(uniform));
  EXPECT_DOUBLE_EQ(uniform->spikesPerInference(), 0.05 * 80 * 8);
  EXPECT_EQ(uniform->standardError(), std::nullopt);
  EXPECT_FALSE(uniform->hasBitmaps());
  expectParts(messageOf(makeUniformActivity(1.5, network, 8)),
              {"1.5", "[activity-rate]"});
  expectParts(messageOf(makeUniformActivity(NAN, network, 8)),
              {"[activity-rate]"});
  expectParts(messageOf(makeUniformActivity(0.1, network, 0)),
              {"[activity-steps]"});
  TemporaryFolder folder;
  ASSERT_FALSE(bool(writeActivity(folder.file("u.npz"), *uniform)));
  auto back = readActivity(folder.file("u.npz"));
  ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
  EXPECT_EQ(back->kind, ActivityKind::Uniform);
  EXPECT_DOUBLE_EQ(back->spikesPerInference(), 32);

  Activity measured = makeActivity(false);
  std::string text = formatRates(measured);
  auto rates = readActivity(folder.write("r.csv", text));
  ASSERT_TRUE(bool(rates)) << llvm::toString(rates.takeError());
  EXPECT_EQ(rates->kind, ActivityKind::RatesFile);
  EXPECT_EQ(rates->steps, 4);
  EXPECT_DOUBLE_EQ(rates->spikesPerInference(), 64);
  EXPECT_DOUBLE_EQ(rates->rate(rates->populations[0], 0), 56.0 / 70 / 4);
  EXPECT_DOUBLE_EQ(*rates->percentile(rates->populations[0], 0.9), 56);
  EXPECT_DOUBLE_EQ(*rates->standardError(rates->populations[0]), 0);
}

TEST(Activity, Binds) {
  std::vector<PopulationShape> network = {{"conv", {2, 7, 5}}, {"out", {10}}};
  std::vector<std::string> warnings;
  auto bind = [&](StringRef text, int64_t steps) {
    warnings.clear();
    auto activity = parseRates(text, "r.csv");
    if (!activity)
      return llvm::toString(activity.takeError());
    llvm::Error error =
        bindActivity(*activity, network, steps, "r.csv", warnings);
    if (error)
      return llvm::toString(std::move(error));
    EXPECT_EQ(activity->steps, steps);
    EXPECT_EQ(activity->populations.size(), 2u);
    EXPECT_EQ(activity->populations[0].name, "conv");
    EXPECT_DOUBLE_EQ(activity->rate(activity->populations[0], 3), 0.1);
    EXPECT_DOUBLE_EQ(activity->rate(activity->populations[1], 3), 0.25);
    return std::string();
  };
  EXPECT_EQ(bind("population,spikes_per_inference\nout,10\nconv,28\n", 4), "");
  EXPECT_EQ(bind("population,rate\nout,0.25\nconv,0.1\nmore,1\n", 4), "");
  ASSERT_EQ(warnings.size(), 1u);
  expectParts(warnings[0], {"'more'", "[activity-population]"});
  expectParts(bind("population,rate\nconv,0.1\n", 4),
              {"no population 'out'", "[activity-population]"});
  expectParts(bind("population,shape,rate\nconv,2x5x7,0.1\nout,,0.2\n", 4),
              {"(2, 5, 7)", "(2, 7, 5)", "[activity-shape]"});
  expectParts(bind("population,steps,rate\nconv,8,0.1\nout,8,0.2\n", 4),
              {"8", "4", "[activity-steps]"});
  expectParts(bind("population,spikes_per_inference\nout,41\nconv,28\n", 4),
              {"41", "40", "[activity-rate]"});
}

TEST(Activity, RefusesRates) {
  auto error = [](StringRef text) {
    return messageOf(parseRates(text, "r.csv"));
  };
  expectParts(error("population,spikes\na,1\n"),
              {"r.csv:1: ", "'spikes'", "[csv-header]"});
  expectParts(error("rate\n1\n"), {"'population'", "[csv-header]"});
  expectParts(error("population,rate\n"), {"no row", "[activity-population]"});
  expectParts(error("population,rate\na,1\na,1\n"),
              {"r.csv:3: ", "twice", "[activity-population]"});
  expectParts(error("population,rate\n,1\n"), {"[activity-population]"});
  for (StringRef value : {"-1", "x", "nan", "1.5", "inf", "\"1,0\"", ""})
    expectParts(error(("population,rate\na," + value + "\n").str()),
                {"r.csv:2: ", "[activity-rate]"});
  expectParts(error("population,rate,spikes_per_inference\na,1,1\n"),
              {"both", "[activity-rate]"});
  expectParts(error("population,rate,steps\na,1,0\n"), {"[activity-steps]"});
  expectParts(error("population,rate,steps\na,1,2\nb,1,3\n"),
              {"[activity-steps]"});
  for (StringRef shape : {"2x", "x", "axb", "0x1", "-2",
                          "99999999999x99999999999", "1x1x1x1x1x1x1x1x1"})
    expectParts(error(("population,rate,shape\na,1," + shape + "\n").str()),
                {"[activity-shape]"});
}

/// The error of an activity file with `meta` and the given spikes.
static std::string metaError(StringRef meta, ArrayRef<NamedArray> more = {}) {
  std::vector<NamedArray> arrays = {
      {"meta", Array::from<uint8_t>({int64_t(meta.size())},
                                    llvm::arrayRefFromStringRef(meta))}};
  arrays.insert(arrays.end(), more.begin(), more.end());
  TemporaryFolder folder;
  llvm::cantFail(writeNpz(folder.file("a.npz"), arrays));
  return messageOf(readActivity(folder.file("a.npz")));
}

TEST(Activity, RefusesFiles) {
  TemporaryFolder folder;
  expectParts(messageOf(readActivity(folder.file("none"))), {"[file-read]"});
  expectParts(
      messageOf(readActivity(folder.write(
          "x.npz",
          makeZip({{"x.npy", npy(Array::zeros(ElementKind::F32, {2}))}})))),
      {"--data", "[activity-format]"});
  expectParts(metaError("{"), {"[json-syntax]"});
  expectParts(metaError(std::string(100000, '[')), {"[json-syntax]"});
  expectParts(metaError("[]"), {"no object", "[activity-format]"});
  expectParts(metaError("{}"), {"'format' is missing", "[activity-format]"});
  auto meta = [](StringRef format, StringRef version, StringRef kind,
                 StringRef samples, StringRef populations,
                 StringRef connections = "") {
    return ("{\"format\":\"" + format + "\",\"version\":" + version +
            ",\"kind\":\"" + kind + "\",\"samples\":" + samples +
            ",\"steps\":1,\"populations\":[" + populations +
            "],\"connections\":[" + connections + "]}")
        .str();
  };
  StringRef ok = "nmc.activity", measured = "measured-from-data";
  EXPECT_EQ(metaError(meta(ok, "1", measured, "1", "")), "");
  expectParts(metaError(meta("x", "1", measured, "1", "")),
              {"'x'", "[activity-format]"});
  expectParts(metaError(meta(ok, "2", measured, "1", "")),
              {"version 2", "[activity-version]"});
  expectParts(metaError(meta(ok, "1", "guess", "1", "")),
              {"'guess'", "[activity-format]"});
  for (StringRef samples : {"-1", "1.5", "\"1\"", "99999999999"})
    expectParts(metaError(meta(ok, "1", measured, samples, "")),
                {"'samples'", "[activity-format]"});
  std::string a = "{\"name\":\"a\",\"shape\":[2],\"updates\":0}";
  auto spikes = [](Array array) {
    return std::vector<NamedArray>{{"spikes/a", std::move(array)}};
  };
  Array two = Array::from<uint64_t>({2}, {1, 2});
  EXPECT_EQ(metaError(meta(ok, "1", measured, "1", a), spikes(two)), "");
  expectParts(metaError(meta(ok, "1", measured, "1", a)),
              {"'spikes/a'", "[npz-missing]"});
  expectParts(metaError(meta(ok, "1", measured, "1", a),
                        spikes(Array::from<uint64_t>({3}, {1, 2, 3}))),
              {"(3,)", "(2,)", "[activity-shape]"});
  expectParts(metaError(meta(ok, "1", measured, "1", a),
                        spikes(Array::from<int64_t>({2}, {1, 2}))),
              {"int64", "[activity-shape]"});
  expectParts(metaError(meta(ok, "1", measured, "1", a + "," + a), spikes(two)),
              {"twice", "[activity-format]"});
  std::vector<NamedArray> totals = spikes(two);
  totals.push_back({"sample_totals/a", Array::from<uint64_t>({1}, {4})});
  expectParts(metaError(meta(ok, "1", measured, "1", a), totals),
              {"3 spikes by neuron, 4 by sample totals", "[activity-totals]"});
  std::vector<NamedArray> bits = spikes(two);
  bits.push_back({"bitmaps/a", Array::from<uint64_t>({1, 1, 1}, {4})});
  expectParts(metaError(meta(ok, "1", measured, "1", a), bits),
              {"bits behind its last neuron", "[activity-shape]"});
  expectParts(metaError(meta(ok, "1", measured, "1",
                             "{\"name\":\"a\",\"shape\":[-2],\"updates\":0}")),
              {"[activity-format]"});
  expectParts(metaError(meta(ok, "1", measured, "1", "",
                             "{\"name\":\"a\",\"dense_ac\":-1}")),
              {"connection", "[activity-format]"});
}

TEST(Activity, RandomFaultsNeverCrash) {
  TemporaryFolder folder;
  std::mt19937 random(7);
  ASSERT_FALSE(bool(writeActivity(folder.file("a.npz"), makeActivity(true))));
  std::string npz = readAll(folder.file("a.npz"));
  std::string csv = formatRates(makeActivity(true));
  ReadLimits limits;
  limits.maxBytes = 1 << 24;
  for (int i = 0; i < 1000; ++i)
    for (const std::string &good : {npz, csv})
      llvm::consumeError(
          readActivity(folder.write("b", mutate(good, random)), limits)
              .takeError());
}
