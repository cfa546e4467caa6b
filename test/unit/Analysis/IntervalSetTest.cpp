//===- IntervalSetTest.cpp ------------------------------------------------===//

#include "nmc/Analysis/IntervalSet.h"

#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

#include <random>
#include <set>

using namespace nmc::analysis;

namespace {

std::string print(const IntervalSet &set) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << set;
  return text;
}

std::set<int64_t> elements(const IntervalSet &set) {
  std::set<int64_t> result;
  for (const Run &run : set.runs())
    for (int64_t i = 0; i < run.count; ++i)
      EXPECT_TRUE(result.insert(run.begin + i * run.stride).second);
  return result;
}

IntervalSet fromSet(const std::set<int64_t> &set) {
  return IntervalSet::fromSorted(std::vector<int64_t>(set.begin(), set.end()));
}

TEST(IntervalSet, Prints) {
  EXPECT_EQ(print(IntervalSet()), "{}");
  EXPECT_EQ(print(IntervalSet::range(2, 5)), "{2..4}");
  EXPECT_EQ(print(IntervalSet::strided(1, 4, 3)), "{1..10 by 3}");
  EXPECT_EQ(print(fromSet({0, 2, 4, 5, 9})), "{0..2 by 2, 4..5, 9}");
}

TEST(IntervalSet, AgreesWithSetsOfIntegers) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::set<int64_t> a, b;
    int density = 1 + random() % 9;
    for (int64_t i = 0; i < 40; ++i) {
      if (int(random() % 10) < density)
        a.insert(i);
      if (random() % 3 == 0 || (round % 2 && i % 4 == 1))
        b.insert(i);
    }
    IntervalSet x = fromSet(a), y = fromSet(b);
    EXPECT_EQ(elements(x), a);
    EXPECT_EQ(x.size(), int64_t(a.size()));
    std::set<int64_t> both, either = a;
    for (int64_t v : a)
      if (b.count(v))
        both.insert(v);
    either.insert(b.begin(), b.end());
    EXPECT_EQ(elements(x.intersect(y)), both);
    EXPECT_EQ(elements(x.unite(y)), either);
    // The form is canonical.
    EXPECT_EQ(x.intersect(y), fromSet(both));
    EXPECT_EQ(x.unite(y), fromSet(either));
    EXPECT_EQ(both == a, x.isSubsetOf(y));
    int64_t low = random() % 40, high = low + random() % 20;
    std::set<int64_t> inside;
    for (int64_t v : a)
      if (v >= low && v < high)
        inside.insert(v);
    EXPECT_EQ(x.clipped(low, high), fromSet(inside));
    EXPECT_EQ(x.countIn(low, high), int64_t(inside.size()));
    EXPECT_EQ(x.contains(low), a.count(low) == 1);
  }
}

TEST(DegreeProfile, SumsOverlappingRuns) {
  std::mt19937 random(2);
  for (int round = 0; round < 500; ++round) {
    std::vector<DegreeRun> runs;
    std::vector<int64_t> counts(50, 0);
    for (int i = 0; i < int(random() % 12); ++i) {
      int64_t begin = random() % 40, end = begin + random() % 10;
      int64_t degree = 1 + random() % 3;
      runs.push_back({begin, end, degree});
      for (int64_t v = begin; v < end; ++v)
        counts[v] += degree;
    }
    DegreeProfile profile = DegreeProfile::sum(runs);
    int64_t support = 0, total = 0, maximum = 0;
    for (int64_t v = 0; v < 50; ++v) {
      EXPECT_EQ(profile.at(v), counts[v]);
      support += counts[v] > 0;
      total += counts[v];
      maximum = std::max(maximum, counts[v]);
    }
    EXPECT_EQ(profile.support(), support);
    EXPECT_EQ(profile.total(), total);
    EXPECT_EQ(profile.maximum(), maximum);
    EXPECT_EQ(profile.supportSet().size(), support);
    IntervalSet odd = IntervalSet::strided(1, 25, 2);
    DegreeProfile clipped = profile.clipped(odd);
    for (int64_t v = 0; v < 50; ++v)
      EXPECT_EQ(clipped.at(v), v % 2 ? counts[v] : 0);
  }
}

} // namespace
