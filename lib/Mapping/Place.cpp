//===- Place.cpp - Giving clusters their cells ----------------------------===//

#include "nmc/Mapping/Place.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace nmc::mapping {

/// One level of the generalised Hilbert curve: the rectangle at (x, y) spanned
/// by the vectors a (main direction) and b.
static void gilbert(Point at, Point a, Point b, std::vector<Point> &out) {
  auto sign = [](int64_t v) -> int64_t { return (v > 0) - (v < 0); };
  int64_t width = std::abs(a.x + a.y), height = std::abs(b.x + b.y);
  Point da{sign(a.x), sign(a.y)}, db{sign(b.x), sign(b.y)};
  if (height == 1 || width == 1) {
    Point step = height == 1 ? da : db;
    for (int64_t i = 0; i < std::max(width, height); ++i) {
      out.push_back(at);
      at.x += step.x, at.y += step.y;
    }
    return;
  }
  auto half = [](int64_t v) { return v >= 0 ? v / 2 : -((-v + 1) / 2); };
  Point a2{half(a.x), half(a.y)}, b2{half(b.x), half(b.y)};
  int64_t width2 = std::abs(a2.x + a2.y), height2 = std::abs(b2.x + b2.y);
  auto plus = [](Point p, Point q) { return Point{p.x + q.x, p.y + q.y}; };
  auto minus = [](Point p, Point q) { return Point{p.x - q.x, p.y - q.y}; };
  if (2 * width > 3 * height) { // long: two parts
    if (width2 % 2 && width > 2)
      a2 = plus(a2, da);
    gilbert(at, a2, b, out);
    gilbert(plus(at, a2), minus(a, a2), b, out);
    return;
  }
  if (height2 % 2 && height > 2)
    b2 = plus(b2, db);
  gilbert(at, b2, a2, out);
  gilbert(plus(at, b2), a, minus(b, b2), out);
  gilbert(plus(plus(at, minus(a, da)), minus(b2, db)), Point{-b2.x, -b2.y},
          Point{-(a.x - a2.x), -(a.y - a2.y)}, out);
}

std::vector<Point> hilbertCurve(int64_t width, int64_t height) {
  std::vector<Point> curve;
  if (width <= 0 || height <= 0)
    return curve;
  curve.reserve(width * height);
  if (width >= height)
    gilbert({0, 0}, {width, 0}, {0, height}, curve);
  else
    gilbert({0, 0}, {0, height}, {width, 0}, curve);
  return curve;
}

/// Moves every cluster to the next cell of its kind in `order`.
static Mapping relocate(const Problem &problem, const Mapping &mapping,
                        llvm::ArrayRef<Cell> order) {
  const Hardware &hw = problem.hardware;
  std::map<Cell, Cell> target;
  std::set<Cell> taken(hw.forbidden.begin(), hw.forbidden.end());
  for (const FixedTile &fixed : hw.fixed)
    if (fixed.population < mapping.tiles.size() &&
        fixed.tile < mapping.tiles[fixed.population].size()) {
      target[mapping.tiles[fixed.population].cell(fixed.tile)] = fixed.cell;
      taken.insert(fixed.cell);
    }
  std::vector<size_t> next(hw.cores.size(), 0);
  for (unsigned p : problem.network.topologicalOrder()) {
    const TileTable &table = mapping.tiles[p];
    for (size_t i = 0; i < table.size(); ++i) {
      Cell from = table.cell(i);
      if (target.count(from))
        continue;
      unsigned type = hw.typeOf(from.core);
      size_t &n = next[type];
      while (n < order.size() &&
             (hw.typeOf(order[n].core) != type || taken.count(order[n])))
        ++n;
      if (n < order.size())
        target[from] = order[n++];
    }
  }
  Mapping result = mapping;
  for (TileTable &table : result.tiles)
    for (size_t i = 0; i < table.size(); ++i)
      if (auto it = target.find(table.cell(i)); it != target.end())
        table.setCell(i, it->second);
  return result;
}

Mapping placeSequential(const Problem &problem, const Mapping &mapping) {
  const Hardware &hw = problem.hardware;
  std::vector<Cell> order;
  for (int64_t chip = 0; chip < hw.chips; ++chip)
    for (int64_t core = 0; core < hw.coresPerChip(); ++core)
      order.push_back({int32_t(chip), int32_t(core)});
  return relocate(problem, mapping, order);
}

Mapping placeHilbert(const Problem &problem, const Mapping &mapping) {
  const Hardware &hw = problem.hardware;
  int64_t rows = (hw.chips + hw.boardX - 1) / hw.boardX;
  std::vector<Cell> order;
  std::vector<Point> routers = hilbertCurve(hw.gridX, hw.gridY);
  for (Point at : hilbertCurve(std::min(hw.boardX, hw.chips), rows)) {
    int64_t chip = at.y * hw.boardX + at.x;
    if (chip >= hw.chips)
      continue;
    for (Point router : routers)
      for (int64_t i = 0; i < hw.coresPerRouter; ++i) {
        int64_t core = (router.y * hw.gridX + router.x) * hw.coresPerRouter + i;
        if (core < hw.coresPerChip())
          order.push_back({int32_t(chip), int32_t(core)});
      }
  }
  return relocate(problem, mapping, order);
}

} // namespace nmc::mapping
