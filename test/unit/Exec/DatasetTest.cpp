//===- DatasetTest.cpp - Labelled inputs ----------------------------------===//

#include "../Support/DataFiles.h"

#include "nmc/Exec/Dataset.h"
#include "nmc/Support/Sha256.h"

#include <cmath>
#include <limits>

using namespace nmc;
using namespace nmc::exec;
using namespace nmc::test;

static Array counting(ArrayRef<int64_t> shape) {
  Array array = Array::zeros(ElementKind::U8, shape);
  for (int64_t i = 0; i < array.size(); ++i)
    array.mutableBytes()[i] = char(i);
  return array;
}

static InputSpec spec(ArrayRef<int64_t> shape, StringRef name = "input") {
  return {name.str(), SmallVector<int64_t, 4>(shape)};
}

/// Two samples for a network with input `shape`, stored as `stored`.
static llvm::Expected<Dataset> make(ArrayRef<int64_t> shape,
                                    ArrayRef<int64_t> stored,
                                    StringRef preprocess = "") {
  DatasetOptions options;
  options.data = "d";
  options.preprocess = llvm::cantFail(parsePreprocess(preprocess));
  return Dataset::create(spec(shape), {{"x", counting(stored)}}, options);
}

static std::vector<float> sampleOf(const Dataset &data, int64_t i) {
  std::vector<float> values(data.elements());
  data.sample(i, values);
  return values;
}

TEST(Dataset, KeepsValuesAsStored) {
  auto data = make({1, 2, 3}, {2, 1, 2, 3});
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(data->samples(), 2);
  EXPECT_EQ(sampleOf(*data, 1), (std::vector<float>{6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(data->min(), 0);
  EXPECT_EQ(data->max(), 11);
  EXPECT_FALSE(data->hasLabels());
  ASSERT_EQ(data->notes().size(), 1u);
  expectParts(data->notes()[0], {"2 samples of uint8", "0 to 11 as stored"});
  EXPECT_TRUE(data->warnings().empty());
}

TEST(Dataset, Preprocesses) {
  auto data = make({2, 1, 2}, {1, 2, 1, 2},
                   "zero_point=1,scale=1/2,mean=1:2,std=0.5:4");
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(sampleOf(*data, 0), (std::vector<float>{-3, -2, -0.375f, -0.25f}));
  EXPECT_EQ(data->min(), -3);
  EXPECT_EQ(data->max(), -0.25);
}

TEST(Dataset, FindsLayouts) {
  // A channel of one and missing or surplus ones.
  for (const std::vector<int64_t> &stored : std::vector<std::vector<int64_t>>{
           {2, 2, 3}, {2, 2, 3, 1}, {2, 6}, {2, 1, 1, 6}}) {
    auto data = make({1, 2, 3}, stored);
    ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
    EXPECT_EQ(sampleOf(*data, 1), (std::vector<float>{6, 7, 8, 9, 10, 11}));
    expectParts(data->notes()[0], {"takes samples of shape", "as (1, 2, 3)"});
    EXPECT_TRUE(data->warnings().empty());
  }
  // Channels last are found out, or said.
  for (StringRef flag : {"", "layout=NHWC"}) {
    auto data = make({2, 1, 3}, {2, 1, 3, 2}, flag);
    ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
    EXPECT_EQ(sampleOf(*data, 0), (std::vector<float>{0, 2, 4, 1, 3, 5}));
  }
  // What may be either is taken as stored, with a warning.
  auto data = make({2, 2, 2}, {2, 2, 2, 2});
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(sampleOf(*data, 0), (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}));
  ASSERT_EQ(data->warnings().size(), 1u);
  expectParts(data->warnings()[0], {"--preprocess layout=", "[data-shape]"});
  data = make({2, 2, 2}, {2, 2, 2, 2}, "layout=NHWC");
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(sampleOf(*data, 0), (std::vector<float>{0, 2, 4, 6, 1, 3, 5, 7}));
  EXPECT_TRUE(data->warnings().empty());
  // Flat samples of several channels.
  data = make({2, 1, 3}, {2, 6}, "layout=NHWC");
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(sampleOf(*data, 0), (std::vector<float>{0, 2, 4, 1, 3, 5}));
  data = make({2, 1, 3}, {2, 6});
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(data->warnings().size(), 1u);
  // An image for a network that takes a vector; one sample without an axis.
  data = make({6}, {2, 2, 3});
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(sampleOf(*data, 1)[0], 6);
  data = make({1, 2, 3}, {2, 3});
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(data->samples(), 1);
}

TEST(Dataset, RefusesShapes) {
  expectParts(messageOf(make({1, 2, 3}, {2, 2, 4})),
              {"(2, 4)", "8 elements", "(1, 2, 3)", "6", "[data-shape]"});
  expectParts(messageOf(make({2, 2, 3}, {2, 3, 4})), {"[data-shape]"});
  expectParts(messageOf(make({3, 2, 4}, {2, 3, 2, 4}, "layout=NHWC")),
              {"layout=NCHW", "[data-shape]"});
  expectParts(messageOf(make({3, 2, 4}, {2, 2, 4, 3}, "layout=NCHW")),
              {"layout=NHWC", "[data-shape]"});
  expectParts(messageOf(make({1, 2, 3}, {0, 2, 3})), {"[data-empty]"});
  expectParts(messageOf(make({2, 2, 3}, {1, 2, 2, 3}, "mean=1:2:3")),
              {"3 values", "2 channels", "[preprocess-channels]"});
}

TEST(Dataset, ReadsFiles) {
  TemporaryFolder folder;
  Array images = counting({3, 2, 2});
  std::string idx = std::string("\0\0\x08\3\0\0\0\3\0\0\0\2\0\0\0\2", 16) +
                    std::string(images.bytes().data(), 12);
  std::string idxLabels("\0\0\x08\1\0\0\0\3\7\0\1", 11);
  std::string npyLabels = npy(Array::from<int64_t>({3, 1}, {7, 0, 1}));
  std::string npz =
      makeZip({{"x.npy", npy(images), true}, {"y.npy", npyLabels}});
  auto load = [&](StringRef name, StringRef content, StringRef labels = "",
                  StringRef labelsContent = "") {
    DatasetOptions options;
    options.data = folder.write(name, content);
    if (!labels.empty())
      options.labels = folder.write(labels, labelsContent);
    return Dataset::load(spec({1, 2, 2}), options);
  };
  std::vector<llvm::Expected<Dataset>> all;
  all.push_back(load("a.npz", npz));
  all.push_back(load("b.npy", npy(images), "l.npy", npyLabels));
  all.push_back(load("c-idx3-ubyte", idx, "l-idx1-ubyte", idxLabels));
  all.push_back(load("d.gz", pack(idx, 31), "l.gz", pack(idxLabels, 31)));
  all.push_back(
      load("e.npy", npy(images), "l.npz", makeZip({{"y.npy", npyLabels}})));
  StringRef formats[] = {"npz", "npy", "idx", "idx", "npy"};
  for (auto [data, format] : llvm::zip(all, formats)) {
    ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
    EXPECT_EQ(data->format(), format);
    EXPECT_EQ(data->samples(), 3);
    EXPECT_EQ(sampleOf(*data, 2), (std::vector<float>{8, 9, 10, 11}));
    EXPECT_EQ(data->labels(), ArrayRef<int64_t>({7, 0, 1}));
  }
  EXPECT_EQ(all[0]->sha256(), sha256(StringRef(npz)));
  EXPECT_EQ(all[0]->labelsSha256(), "");
  EXPECT_EQ(all[2]->labelsSha256(), sha256(StringRef(idxLabels)));
}

TEST(Dataset, ChoosesArrays) {
  TemporaryFolder folder;
  Array images = counting({2, 4});
  auto load = [&](ArrayRef<ZipMember> members, ArrayRef<InputSpec> specs) {
    DatasetOptions options;
    options.data = folder.write("a.npz", makeZip(members));
    return Dataset::load(specs, options);
  };
  auto data = load({{"pixels.npy", npy(images)},
                    {"y.npy", npy(Array::from<uint8_t>({2}, {1, 2}))}},
                   spec({4}));
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  expectParts(data->notes()[0], {"array 'pixels' as input 'input'"});
  // An array that cannot be read is no matter where nobody wants it.
  data = load({{"x.npy", npy(images)},
               {"names.npy", npy("<U5", "(1,)", std::string(20, 'a'))}},
              spec({4}));
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  expectParts(data->notes()[0], {"'names' unread"});
  // Two inputs go by name.
  Array other = Array::from<float>({2, 1}, {0.5f, -1});
  data = load({{"b.npy", npy(other)}, {"a.npy", npy(images)}},
              {spec({4}, "a"), spec({1}, "b")});
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  float value;
  data->sample(1, MutableArrayRef<float>(value), 1);
  EXPECT_EQ(value, -1);
  expectParts(messageOf(load({{"a.npy", npy(images)}},
                             {spec({4}, "a"), spec({1}, "b")})),
              {"no array 'b'", "it has 'a'", "[data-missing]"});
  expectParts(messageOf(load({{"p.npy", npy(images)}, {"q.npy", npy(images)}},
                             spec({4}))),
              {"'input' or 'x'", "'p', 'q'", "[data-missing]"});
  expectParts(
      messageOf(load({{"a.npy", npy(images)}, {"b.npy", npy(counting({3, 1}))}},
                     {spec({4}, "a"), spec({1}, "b")})),
      {"3 samples", "2", "[data-samples]"});
}

TEST(Dataset, RefusesFiles) {
  TemporaryFolder folder;
  auto load = [&](StringRef path) {
    DatasetOptions options;
    options.data = path.str();
    return messageOf(Dataset::load(spec({4}), options));
  };
  expectParts(load(folder.file("none.npz")), {"none.npz", "[file-read]"});
  expectParts(load(folder.write("a.txt", "hello")),
              {"'hello'", "[data-format]"});
  expectParts(load(folder.write("empty", "")), {"[data-format]"});
  expectParts(load(folder.file("")), {"is a folder", "[data-format]"});
  expectParts(load(folder.write("a.npz",
                                makeZip({{"x.npy", npy("|O", "(2, 4)", "")}}))),
              {"'x.npy'", "[npy-dtype]"});
}

TEST(Dataset, ReadsFoldersThroughItsHook) {
  TemporaryFolder folder;
  DatasetOptions options;
  options.data = folder.file("");
  options.folderReader =
      [](StringRef) -> llvm::Expected<std::vector<NamedArray>> {
    std::vector<NamedArray> arrays;
    arrays.push_back({"input", counting({2, 4})});
    arrays.push_back({"y", Array::from<int64_t>({2}, {3, 1})});
    return arrays;
  };
  auto data = Dataset::load(spec({4}), options);
  ASSERT_TRUE(bool(data)) << llvm::toString(data.takeError());
  EXPECT_EQ(data->format(), "onnx-folder");
  EXPECT_EQ(data->label(0), 3);
}

/// Two samples and the given labels.
static llvm::Expected<Dataset> withLabels(Array labels,
                                          std::optional<int64_t> samples = {}) {
  DatasetOptions options;
  options.samples = samples;
  return Dataset::create(
      spec({4}), {{"x", counting({2, 4})}, {"y", std::move(labels)}}, options);
}

TEST(Dataset, ChecksLabels) {
  expectParts(messageOf(withLabels(Array::from<uint8_t>({1}, {3}))),
              {"1 labels for 2 samples", "--samples 1", "[labels-count]"});
  EXPECT_EQ(messageOf(withLabels(Array::from<uint8_t>({1}, {3}), 1)), "");
  expectParts(messageOf(withLabels(Array::zeros(ElementKind::U8, {0}))),
              {"[labels-count]"});
  auto data = withLabels(Array::from<uint8_t>({3}, {3, 4, 5}));
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(data->labels(), ArrayRef<int64_t>({3, 4}));
  expectParts(data->warnings()[0], {"3 labels for 2", "[labels-count]"});
  data = withLabels(Array::from<double>({2}, {3, 4}));
  ASSERT_TRUE(bool(data));
  data = withLabels(Array::from<float>({2, 3}, {0, 1, 0, 0, 0, 1}));
  ASSERT_TRUE(bool(data));
  EXPECT_EQ(data->labels(), ArrayRef<int64_t>({1, 2}));
  for (Array &labels :
       std::vector<Array>{Array::from<int8_t>({2}, {0, -1}),
                          Array::from<float>({2}, {0.5f, 1}),
                          Array::from<float>({2}, {NAN, 1}),
                          Array::from<float>({2, 2}, {0, 1, 1, 1}),
                          Array::from<float>({2, 2}, {0, 1, 0.5f, 0})})
    expectParts(messageOf(withLabels(std::move(labels))), {"[labels-value]"});
  expectParts(messageOf(withLabels(counting({2, 2, 2}))), {"[labels-shape]"});
}

TEST(Dataset, ChecksValues) {
  float infinity = std::numeric_limits<float>::infinity();
  auto make = [](Array array, StringRef preprocess = "",
                 std::optional<int64_t> samples = {}) {
    DatasetOptions options;
    options.samples = samples;
    options.preprocess = llvm::cantFail(parsePreprocess(preprocess));
    return messageOf(
        Dataset::create(spec({2}), {{"x", std::move(array)}}, options));
  };
  expectParts(make(Array::from<float>({2, 2}, {0, 1, 2, NAN})),
              {"nan at element 1 of sample 1", "[data-nan]"});
  expectParts(make(Array::from<float>({2, 2}, {0, -infinity, 2, 3})),
              {"-inf at element 1 of sample 0", "[data-nan]"});
  EXPECT_EQ(make(Array::from<float>({2, 2}, {0, 1, 2, NAN}), "", 1), "");
  expectParts(make(Array::from<double>({1, 2}, {0, 1e300})), {"[data-range]"});
  expectParts(make(Array::from<float>({1, 2}, {0, 1e30f}), "scale=1e30"),
              {"[data-range]"});
  expectParts(make(Array::from<float>({1, 2}, {0, 1}), "", 0),
              {"[data-samples]"});
}

TEST(Dataset, ParsesPreprocess) {
  auto parsed = parsePreprocess(
      " scale = 1/255, zero_point=-3,mean=0.1:0.2:0.3,std=2 ,layout=nhwc");
  ASSERT_TRUE(bool(parsed)) << llvm::toString(parsed.takeError());
  EXPECT_EQ(*parsed->scale, 1.0 / 255);
  EXPECT_EQ(*parsed->zeroPoint, -3);
  EXPECT_EQ(parsed->mean, ArrayRef<double>({0.1, 0.2, 0.3}));
  EXPECT_EQ(parsed->std, ArrayRef<double>({2.0}));
  EXPECT_EQ(parsed->layout, DataLayout::ChannelsLast);
  EXPECT_TRUE(llvm::cantFail(parsePreprocess("")).keepsValues());
  expectParts(messageOf(parsePreprocess("scal=1")),
              {"did you mean 'scale'?", "[preprocess-key]"});
  expectParts(messageOf(parsePreprocess("bananas=1")), {"[preprocess-key]"});
  expectParts(messageOf(parsePreprocess("scale=1,scale=2")),
              {"twice", "[preprocess-key]"});
  for (StringRef text :
       {"scale=", "scale=x", "scale=0", "scale=1/0", "scale=nan", "scale=1:2",
        "std=1:0", "mean=1::2", "layout=HHC", "layout=HWX", "columns=-1", "zero_point=1e999", "scale"})
    expectParts(messageOf(parsePreprocess(text)), {"[preprocess-value]"});
}

TEST(Dataset, RandomFaultsNeverCrash) {
  TemporaryFolder folder;
  std::mt19937 random(6);
  std::string good =
      makeZip({{"x.npy", npy(counting({2, 4}))},
               {"y.npy", npy(Array::from<uint8_t>({2}, {1, 2})), true}});
  int read = 0;
  for (int i = 0; i < 2000; ++i) {
    DatasetOptions options;
    options.data = folder.write("a.npz", mutate(good, random));
    options.limits.maxBytes = 1 << 24;
    auto data = Dataset::load(spec({4}), options);
    read += bool(data);
    llvm::consumeError(data.takeError());
  }
  EXPECT_GT(read, 10);
}
