//===- RelationTest.cpp - Composition against pair by pair ----------------===//

#include "nmc/Analysis/NetworkModel.h"

#include "gtest/gtest.h"

#include <random>

using namespace nmc;
using namespace nmc::analysis;

namespace {

using Random = std::mt19937;

int64_t below(Random &random, int64_t n) { return int64_t(random() % n); }

/// A relation and the same pairs, one by one: pairs[t][s].
struct Sample {
  Relation relation;
  std::vector<std::vector<bool>> pairs;
};

std::vector<Shape> coordinates(llvm::ArrayRef<int64_t> shape) {
  std::vector<Shape> result;
  Shape at(shape.size(), 0);
  for (int64_t i = 0; i < volume(shape); ++i) {
    result.push_back(at);
    for (int a = int(shape.size()) - 1; a >= 0 && ++at[a] == shape[a]; --a)
      at[a] = 0;
  }
  return result;
}

/// A step onto a random target shape, by kind; described twice.
Sample randomStep(Random &random, const Shape &source) {
  llvm::SmallVector<AxisRelation> relations;
  Shape target;
  Sample sample;
  int kind = int(below(random, 6));
  bool linear = false, sparse = false;
  std::vector<std::vector<int64_t>> rows;
  if (kind == 0) { // reshape
    linear = true;
    int64_t rest = volume(source);
    while (rest > 1 && target.size() < 3) {
      std::vector<int64_t> divisors;
      for (int64_t d = 1; d <= rest; ++d)
        if (rest % d == 0)
          divisors.push_back(d);
      int64_t d =
          target.size() == 2 ? rest : divisors[below(random, divisors.size())];
      target.push_back(d);
      rest /= d;
    }
    if (target.empty())
      target.push_back(1);
    if (rest > 1)
      target.back() *= rest;
    sample.relation = Relation::reshape(source, target);
  } else if (kind == 1) { // transpose
    AxisList axes;
    for (size_t a = 0; a < source.size(); ++a)
      axes.push_back(int(a));
    std::shuffle(axes.begin(), axes.end(), random);
    for (size_t a = 0; a < source.size(); ++a) {
      target.push_back(source[axes[a]]);
      relations.push_back(
          AxisRelation::identity(axes[a], int(a), source[axes[a]]));
    }
  } else if (kind == 2 && volume(source) <= 60) { // sparse
    sparse = true;
    target = {1 + below(random, 5), 1 + below(random, 4)};
    llvm::SmallVector<int64_t> offsets = {0}, sources;
    for (int64_t t = 0; t < volume(target); ++t) {
      rows.emplace_back();
      for (int64_t s = 0; s < volume(source); ++s)
        if (below(random, 4) == 0)
          rows.back().push_back(s);
      sources.append(rows.back().begin(), rows.back().end());
      offsets.push_back(int64_t(sources.size()));
    }
    sample.relation =
        *Relation::fromIncidence(offsets, sources, source, target);
  } else {
    for (size_t a = 0; a < source.size(); ++a) {
      int64_t n = source[a];
      int axis = int(a);
      switch (below(random, 8)) {
      case 0: {
        int64_t m = 1 + below(random, 6);
        relations.push_back(AxisRelation::all(axis, axis, n, m));
        target.push_back(m);
        break;
      }
      case 1: {
        int64_t groups = n % 2 == 0 ? 2 : n;
        int64_t m = groups * (1 + below(random, 2));
        relations.push_back(AxisRelation::grouped(axis, axis, n, m, groups));
        target.push_back(m);
        break;
      }
      case 2:
      case 3: {
        int64_t k = 1 + below(random, 4), s = 1 + below(random, 4);
        int64_t d = 1 + below(random, 3), p = below(random, 3);
        int64_t high = below(random, 3);
        int64_t m = (n + p + high - d * (k - 1) - 1) / s + 1;
        if (n + p + high < d * (k - 1) + 1)
          m = 1;
        relations.push_back(AxisRelation::window(axis, axis, n, m, k, s, p, d));
        target.push_back(m);
        break;
      }
      case 4: {
        int64_t k = 1 + below(random, 4), s = 1 + below(random, 3);
        int64_t d = 1 + below(random, 2), p = below(random, 2);
        int64_t m = std::max<int64_t>((n - 1) * s - 2 * p + d * (k - 1) + 1, 1);
        relations.push_back(AxisRelation::spread(axis, axis, n, m, k, s, p, d));
        target.push_back(m);
        break;
      }
      case 5: { // slice or pad
        int64_t s = 1 + below(random, 2), offset = below(random, n + 1) - 1;
        int64_t m = 1 + below(random, 6);
        relations.push_back(AxisRelation::shifted(axis, axis, n, m, s, offset));
        target.push_back(m);
        break;
      }
      case 6: { // upsample
        int64_t f = 1 + below(random, 3);
        relations.push_back(
            AxisRelation::shifted(axis, axis, n, n * f, 1, 0, f));
        target.push_back(n * f);
        break;
      }
      default:
        relations.push_back(AxisRelation::identity(axis, axis, n));
        target.push_back(n);
      }
    }
  }
  if (!linear && !sparse)
    sample.relation = Relation::fromAxes(relations, source, target);
  auto from = coordinates(source), to = coordinates(target);
  for (size_t t = 0; t < to.size(); ++t) {
    sample.pairs.emplace_back(from.size());
    for (size_t s = 0; s < from.size(); ++s) {
      bool related = true;
      if (linear)
        related = s == t;
      for (const AxisRelation &r : relations)
        related &= r.related(from[s][r.sourceAxis], to[t][r.targetAxis]);
      if (sparse)
        related = llvm::is_contained(rows[t], int64_t(s));
      sample.pairs[t][s] = related;
    }
  }
  return sample;
}

Box randomBox(Random &random, llvm::ArrayRef<int64_t> shape) {
  Box box;
  for (int64_t extent : shape) {
    int64_t low = below(random, extent);
    box.low.push_back(low);
    box.high.push_back(low + 1 + below(random, extent - low));
  }
  return box;
}

void checkAll(Random &random, const Sample &sample) {
  const Relation &r = sample.relation;
  auto from = coordinates(r.getSourceShape()),
       to = coordinates(r.getTargetShape());
  for (size_t t = 0; t < to.size(); ++t)
    for (size_t s = 0; s < from.size(); ++s)
      ASSERT_EQ(r.related(from[s], to[t]), sample.pairs[t][s]);
  Relation converse = r.converse();
  for (int i = 0; i < 3; ++i) {
    Box a = randomBox(random, r.getSourceShape());
    Box b = randomBox(random, r.getTargetShape());
    int64_t sources = 0, reached = 0, synapses = 0, all = 0;
    SourceProfile profile = sourcesInto(r, b);
    std::vector<float> rates(from.size());
    double weight = 0;
    for (size_t s = 0; s < from.size(); ++s) {
      int64_t n = 0;
      for (size_t t = 0; t < to.size(); ++t)
        n += b.contains(to[t]) && sample.pairs[t][s];
      rates[s] = float(below(random, 8));
      EXPECT_EQ(profile.synapsesOf(from[s]), n);
      sources += n > 0;
      all += n;
      if (a.contains(from[s])) {
        reached += n > 0;
        synapses += n;
        weight += n > 0 ? rates[s] : 0;
      }
    }
    EXPECT_EQ(profile.countSources(), sources);
    EXPECT_EQ(r.countSynapses(b), all);
    EXPECT_EQ(r.countSynapses(a, b), synapses);
    EXPECT_EQ(converse.countSynapses(b, a), synapses);
    SourceProfile part = profile.clipped(a);
    EXPECT_EQ(part.countSources(), reached);
    RateMap map(r.getSourceShape(), llvm::ArrayRef<float>(rates));
    double sum = 0;
    forEachCell({&part}, [&](const CellSet &cell, llvm::ArrayRef<int64_t>) {
      sum += map.sum(cell);
    });
    EXPECT_DOUBLE_EQ(sum, weight);
  }
}

TEST(Relation, ChainsEqualEnumeration) {
  Random random(3);
  int separable = 0, chains = 0;
  for (int round = 0; round < 1500; ++round) {
    Shape shape;
    for (int64_t a = 0, rank = 1 + below(random, 3); a < rank; ++a)
      shape.push_back(1 + below(random, 6));
    Sample total = randomStep(random, shape);
    checkAll(random, total);
    int length = int(below(random, 4));
    for (int step = 0; step < length; ++step) {
      Shape middle(total.relation.getTargetShape());
      if (volume(middle) > 400)
        break;
      Sample next = randomStep(random, middle);
      auto composed = Relation::compose(total.relation, next.relation);
      ASSERT_TRUE(composed.has_value());
      Sample result;
      result.relation = *composed;
      for (const std::vector<bool> &row : next.pairs) {
        std::vector<bool> line(volume(shape));
        for (size_t b = 0; b < row.size(); ++b)
          for (size_t s = 0; row[b] && s < line.size(); ++s)
            if (total.pairs[b][s])
              line[s] = true;
        result.pairs.push_back(line);
      }
      total = std::move(result);
      checkAll(random, total);
      if (HasFatalFailure())
        return;
    }
    ++chains;
    separable += total.relation.isSeparable();
  }
  // The compact form is the rule, not the exception.
  EXPECT_GT(separable, chains / 2);
}

TEST(Relation, UnionsEqualEnumeration) {
  Random random(4);
  for (int round = 0; round < 500; ++round) {
    Shape shape;
    for (int64_t a = 0, rank = 1 + below(random, 3); a < rank; ++a)
      shape.push_back(1 + below(random, 6));
    std::vector<Sample> samples;
    std::vector<SourceProfile> profiles;
    std::vector<Box> boxes;
    for (int64_t i = 0, n = 1 + below(random, 4); i < n; ++i) {
      samples.push_back(randomStep(random, shape));
      boxes.push_back(
          randomBox(random, samples.back().relation.getTargetShape()));
      profiles.push_back(sourcesInto(samples.back().relation, boxes.back()));
    }
    std::vector<const SourceProfile *> pointers;
    for (SourceProfile &p : profiles)
      pointers.push_back(&p);
    int64_t count = 0;
    std::vector<int64_t> synapses(samples.size());
    for (int64_t s = 0; s < volume(shape); ++s) {
      bool any = false;
      for (size_t i = 0; i < samples.size(); ++i) {
        auto to = coordinates(samples[i].relation.getTargetShape());
        for (size_t t = 0; t < to.size(); ++t)
          if (boxes[i].contains(to[t]) && samples[i].pairs[t][s]) {
            any = true;
            ++synapses[i];
          }
      }
      count += any;
    }
    EXPECT_EQ(countUnion(pointers), count);
    int64_t seen = 0;
    std::vector<int64_t> total(samples.size());
    forEachCell(pointers, [&](const CellSet &cell, llvm::ArrayRef<int64_t> n) {
      seen += cell.size();
      for (size_t i = 0; i < n.size(); ++i)
        total[i] += n[i] * cell.size();
    });
    EXPECT_EQ(seen, count);
    EXPECT_EQ(total, synapses);
  }
}

TEST(Relation, StaysSymbolicWhereItCan) {
  // 16 layers of 64×2048² would not fit in memory as anything else.
  Shape shape = {64, 2048, 2048};
  llvm::SmallVector<AxisRelation> conv = {
      AxisRelation::all(0, 0, 64, 64),
      AxisRelation::window(1, 1, 2048, 2048, 3, 1, 1, 1),
      AxisRelation::window(2, 2, 2048, 2048, 3, 1, 1, 1)};
  Relation r = Relation::fromAxes(conv, shape, shape);
  Box tile;
  tile.low = {0, 16, 16};
  tile.high = {64, 20, 20};
  EXPECT_EQ(sourcesInto(r, tile).countSources(), 64 * 6 * 6);
  EXPECT_EQ(r.countSynapses(tile), 64 * 64 * 12 * 12);
  // A flattened image into a dense layer separates again.
  Shape flat = {64 * 2048 * 2048}, ten = {10};
  auto dense =
      Relation::fromAxes({AxisRelation::all(0, 0, flat[0], 10)}, flat, ten);
  auto all = Relation::compose(Relation::reshape(shape, flat), dense, 1000);
  ASSERT_TRUE(all.has_value());
  EXPECT_TRUE(all->isSeparable());
  EXPECT_EQ(all->countSynapses(Box::whole(ten)), flat[0] * 10);
}

TEST(Relation, RefusesTablesAboveTheLimit) {
  // A flat input read by a convolution does not separate.
  Shape flat = {4096}, shape = {1, 64, 64};
  Relation conv =
      Relation::fromAxes({AxisRelation::all(0, 0, 1, 1),
                          AxisRelation::window(1, 1, 64, 64, 3, 1, 1, 1),
                          AxisRelation::window(2, 2, 64, 64, 3, 1, 1, 1)},
                         shape, shape);
  Relation reshape = Relation::reshape(flat, shape);
  EXPECT_FALSE(Relation::compose(reshape, conv, 100).has_value());
  auto table = Relation::compose(reshape, conv);
  ASSERT_TRUE(table.has_value());
  EXPECT_EQ(table->countSynapses(Box::whole(shape)), 190 * 190);
}

} // namespace
