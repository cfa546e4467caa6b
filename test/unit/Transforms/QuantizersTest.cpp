//===- QuantizersTest.cpp - Quantisers against vendors' tools -------------===//
//
// The integers that nengo-loihi and sinabs chose for random networks
// (shared data, oracles), and the corners of every rule.
//
//===----------------------------------------------------------------------===//

#include "nmc/Support/Npz.h"
#include "nmc/Transforms/ProfileQuantizers.h"

#include "llvm/Support/FileSystem.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace nmc;
using namespace nmc::quantize;

#define REQUIRE_SHARED(path)                                                   \
  if (!llvm::sys::fs::exists(path))                                            \
  GTEST_SKIP() << "no shared data"

static std::string shared(const std::string &path) {
  return std::string(NMC_SHARED_DATA) + "/oracles/" + path;
}

namespace {
/// An npz file with members by name.
class Data {
public:
  explicit Data(const std::string &path) {
    auto reader = NpzReader::open(path);
    if (!reader) {
      ADD_FAILURE() << llvm::toString(reader.takeError());
      return;
    }
    npz = std::make_unique<NpzReader>(std::move(*reader));
  }
  bool has(const std::string &key) { return npz && npz->contains(key); }
  Array get(const std::string &key) {
    auto array = npz->read(key);
    if (array)
      return std::move(*array);
    ADD_FAILURE() << llvm::toString(array.takeError());
    return Array();
  }
  std::vector<double> doubles(const std::string &key) {
    Array array = get(key);
    std::vector<double> values(array.size());
    array.convert(0, MutableArrayRef<double>(values));
    return values;
  }
  std::vector<int64_t> ints(const std::string &key) {
    Array array = get(key);
    std::vector<int64_t> values(array.size());
    array.convert(0, MutableArrayRef<int64_t>(values));
    return values;
  }
  std::vector<float> floats(const std::string &key) {
    std::vector<double> values = doubles(key);
    return std::vector<float>(values.begin(), values.end());
  }

private:
  std::unique_ptr<NpzReader> npz;
};
} // namespace

// nengo-loihi, 20 blocks: decays, thresholds, biases, exponents and weights.
TEST(QuantizersTest, SharedExponentEqualsNengoLoihi) {
  std::string path = shared("loihi1_discretize/blocks_1.npz");
  REQUIRE_SHARED(path);
  Data data(path);
  int64_t blocks = data.ints("count")[0];
  EXPECT_EQ(blocks, 20);
  for (int64_t b = 0; b < blocks; ++b) {
    SCOPED_TRACE(b);
    std::string f = "f" + std::to_string(b) + "_";
    std::string q = "q" + std::to_string(b) + "_";
    RealBlock block;
    block.bias = data.doubles(f + "bias");
    size_t n = block.bias.size();
    auto share = [&](const char *name) {
      return std::vector<double>(
          n, -std::expm1(-0.001 / data.doubles(f + name)[0]));
    };
    block.synapse = share("tau_s");
    block.membrane = share("tau_rc");
    block.threshold.assign(n, data.doubles(f + "vth")[0]);
    for (const char *w : {"w0", "w1"})
      block.weights.push_back(data.doubles(f + w));
    std::string fault;
    std::optional<IntegerBlock> result = quantizeSharedExponent(block, fault);
    ASSERT_TRUE(result) << fault;
    EXPECT_EQ(result->synapse, data.ints(q + "decay_u"));
    EXPECT_EQ(result->membrane, data.ints(q + "decay_v"));
    EXPECT_EQ(result->bias, data.ints(q + "bias"));
    std::vector<int64_t> threshold = data.ints(q + "vth");
    for (size_t i = 0; i < n; ++i)
      EXPECT_EQ(result->threshold[i] * 64, threshold[i]);
    std::vector<int64_t> exponents = data.ints(q + "wexp");
    for (size_t c = 0; c < 2; ++c) {
      EXPECT_EQ(result->connections[c].registerExponent, exponents[c]);
      std::vector<int64_t> expected =
          data.ints(q + "weff" + std::to_string(c));
      ASSERT_EQ(result->connections[c].weights.size(), expected.size());
      for (size_t i = 0; i < expected.size(); ++i) {
        int64_t weight = result->connections[c].weights[i];
        EXPECT_EQ(weight * (int64_t(64) << result->connections[c].exponent),
                  expected[i]);
        EXPECT_LE(std::abs(weight), 127);
      }
    }
  }
}

// sinabs, all layers of 12 networks.
TEST(QuantizersTest, JointScaleEqualsSinabs) {
  std::string folder = shared("speck");
  REQUIRE_SHARED(folder);
  std::error_code error;
  int64_t files = 0, layers = 0;
  for (llvm::sys::fs::directory_iterator it(folder, error), end;
       it != end && !error; it.increment(error)) {
    if (!StringRef(it->path()).ends_with(".npz"))
      continue;
    ++files;
    SCOPED_TRACE(it->path());
    Data data(it->path());
    for (int core = 0; core < 9; ++core) {
      std::string id = std::to_string(core);
      if (!data.has("fw" + id))
        continue;
      ++layers;
      std::vector<float> weights = data.floats("fw" + id), bias;
      float before = data.floats("scale" + id)[0];
      for (float &weight : weights)
        weight *= before;
      if (data.has("fb" + id))
        bias = data.floats("fb" + id);
      std::vector<float> rails = data.floats("fthr" + id);
      float g = getJointScale(weights, bias, rails, 8, 8, 16);
      std::vector<int64_t> w = data.ints("w" + id), b = data.ints("b" + id);
      for (size_t i = 0; i < w.size(); ++i)
        ASSERT_EQ(roundScaled(weights[i], g), w[i]) << "layer " << core;
      for (size_t i = 0; i < b.size(); ++i)
        ASSERT_EQ(bias.empty() ? 0 : roundScaled(bias[i], g), b[i]);
    }
  }
  EXPECT_EQ(files, 12);
  EXPECT_GT(layers, 24);
}

// The networks that went through rockpool's quantiser show its mark: the largest
// weight into every neuron is 127, unless its threshold limits.
TEST(QuantizersTest, NeuronScaleLeavesTheMarksOfRockpool) {
  std::string folder = shared("xylo");
  REQUIRE_SHARED(folder);
  for (const char *name : {"a2_net_1_2", "a2_net_1_5", "a3_net_1_2",
                           "a3_net_1_5", "imu_net_1_2", "imu_net_1_5"}) {
    SCOPED_TRACE(name);
    Data data(folder + "/" + name + ".npz");
    Array in = data.get("weights_in"), rec = data.get("weights_rec");
    int64_t inputs = in.shape()[0], neurons = rec.shape()[1];
    int64_t synapses = in.rank() == 3 ? in.shape()[2] : 1;
    int64_t columns = in.shape()[1];
    std::vector<int64_t> threshold = data.ints("threshold");
    for (int64_t n = 0; n < neurons; ++n) {
      std::vector<double> all;
      for (int64_t i = 0; n < columns && i < inputs; ++i)
        for (int64_t s = 0; s < synapses; ++s)
          all.push_back(in.getDouble((i * columns + n) * synapses + s));
      int64_t recSynapses = rec.rank() == 3 ? rec.shape()[2] : 1;
      for (int64_t i = 0; i < rec.shape()[0]; ++i)
        for (int64_t s = 0; s < recSynapses; ++s)
          all.push_back(rec.getDouble((i * neurons + n) * recSynapses + s));
      // Quantised once, it is not scaled again.
      EXPECT_NEAR(getNeuronScale(all, double(threshold[n]), 8, 16), 1.0, 0.01);
    }
  }
}

TEST(QuantizersTest, SharedExponentCorners) {
  RealBlock block;
  block.threshold = {1e9, 1.0};
  block.bias = {0, 0};
  block.weights = {{1.0, -1.0}};
  std::string fault;
  EXPECT_FALSE(quantizeSharedExponent(block, fault));
  EXPECT_NE(fault.find("exceeds 17 bits"), std::string::npos) << fault;
  block.threshold = {1e-9, 1.0};
  EXPECT_FALSE(quantizeSharedExponent(block, fault));
  EXPECT_EQ(fault, "a threshold becomes 0");
  // Without leak and synapse a weight of 1 is a weight of 1: theta is 2 spikes.
  block.threshold = {2.0, 2.0};
  std::optional<IntegerBlock> result = quantizeSharedExponent(block, fault);
  ASSERT_TRUE(result);
  const IntegerBlock::Connection &c = result->connections[0];
  EXPECT_EQ(c.weights, (std::vector<int32_t>{127, -127}));
  EXPECT_EQ(c.exponent, 1);
  EXPECT_EQ(result->threshold[0], 510);
  EXPECT_TRUE(result->membrane.empty());
  // A connection of small weights has a smaller exponent of its own.
  block.weights.push_back({1.0 / 64, 0});
  result = quantizeSharedExponent(block, fault);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->connections[1].registerExponent, -6);
  EXPECT_EQ(result->connections[1].exponent, 0);
  EXPECT_EQ(result->connections[1].weights[0], 4); // 127 / 2^5, rounded
  // Nothing but zeros.
  block.weights = {{0, 0}};
  EXPECT_TRUE(quantizeSharedExponent(block, fault));
}

TEST(QuantizersTest, Scales) {
  EXPECT_EQ(getDiscretizationScale({-1.0f, 0.5f}, 8), 128.0f);
  EXPECT_EQ(getDiscretizationScale({-1.0f, 1.0f}, 8), 127.0f);
  EXPECT_TRUE(std::isinf(getDiscretizationScale({0.0f}, 8)));
  EXPECT_EQ(getJointScale({0.0f}, {}, {0.0f, 0.0f}, 8, 8, 16), 1.0f);
  EXPECT_EQ(roundScaled(0.5f, 1.0f), 0);
  EXPECT_EQ(roundScaled(1.5f, 1.0f), 2);
  EXPECT_EQ(getTargetScale(2.0, 8), 63.5);
  EXPECT_EQ(getTargetScale(0.0, 8), 1.0);
  EXPECT_EQ(getSharedShift(13.4, 256, 9), 4);
  EXPECT_EQ(getSharedShift(0.5, 256, 9), 0);
  EXPECT_EQ(getNeuronScale({0.5, -1.0}, 1.0, 8, 16), 127.0);
  EXPECT_NEAR(getNeuronScale({0.001}, 1.0, 8, 16), 32767.0, 1e-9);
  EXPECT_EQ(getNeuronScale({0.0}, 1.0, 8, 16), 1.0);
  EXPECT_EQ(getDash(32.0, 4), 5);
  EXPECT_EQ(getDash(20.0, 4), 4);
  EXPECT_EQ(getDash(0.5, 4), 0);
  EXPECT_EQ(getDash(1e9, 4), 15);
}
