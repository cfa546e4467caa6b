//===- CalibrationTest.cpp - Scales for so many levels --------------------===//

#include "nmc/Exec/Calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace nmc;
using namespace nmc::exec;

namespace {

/// The definition, term by term.
double findScale(const std::vector<float> &values, int64_t levels) {
  double max = 0, best = 0, least = INFINITY;
  for (float value : values)
    max = std::max(max, double(value));
  for (int j = 1; j <= 64; ++j) {
    double t = max * j / 64, sum = 0;
    for (float value : values) {
      if (value <= 0)
        continue;
      double q = std::min(std::floor(double(value) * double(levels) / t + 0.5),
                          double(levels)) *
                 t / double(levels);
      sum += (q - value) * (q - value);
    }
    if (sum < least) {
      least = sum;
      best = t;
    }
  }
  return best;
}

TEST(MseScale, FollowsItsDefinition) {
  std::mt19937 random(5);
  std::exponential_distribution<float> exponential(0.2f);
  for (int64_t levels : {1, 4, 64, 255}) {
    std::vector<float> values(5000);
    for (float &value : values)
      value = exponential(random) - 1;
    std::optional<double> scale = findMseScale(values, levels);
    ASSERT_TRUE(scale.has_value());
    EXPECT_NEAR(*scale, findScale(values, levels), 1e-9 * *scale) << levels;
  }
}

TEST(MseScale, KnownCases) {
  // With one level both become t: least at their mean.
  EXPECT_EQ(findMseScale({2.0f, 4.0f}, 1), 3.0);
  EXPECT_EQ(findMseScale({5.0f}, 1), 5.0);
}

TEST(MseScale, NeedsSomethingAboveZero) {
  EXPECT_EQ(findMseScale({-1.0f, 0.0f}, 255), std::nullopt);
  EXPECT_EQ(findMseScale({}, 255), std::nullopt);
}

} // namespace
