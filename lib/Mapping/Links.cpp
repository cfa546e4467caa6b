//===- Links.cpp - Load of the links between routers ----------------------===//

#include "nmc/Mapping/Metrics.h"

#include <algorithm>
#include <map>

namespace nmc::mapping {

const char *stringify(Direction direction) {
  switch (direction) {
  case Direction::East:
    return "east";
  case Direction::West:
    return "west";
  case Direction::North:
    return "north";
  case Direction::South:
    return "south";
  }
  return "";
}

LinkLoads::LinkLoads(const Hardware &hardware) {
  torus = hardware.topology == Topology::Torus;
  grid = torus || hardware.topology == Topology::Mesh;
  extent = hardware.boardExtent();
  if (grid)
    loads.assign(4 * extent.x * extent.y, 0);
}

size_t LinkLoads::number(Point from, Direction direction) const {
  return size_t(4 * (from.y * extent.x + from.x) + int64_t(direction));
}

Link LinkLoads::link(size_t index) const {
  int64_t router = int64_t(index / 4);
  return {{router % extent.x, router / extent.x}, Direction(index % 4)};
}

Point LinkLoads::neighbour(Point at, Direction direction) const {
  switch (direction) {
  case Direction::East:
    return {(at.x + 1) % extent.x, at.y};
  case Direction::West:
    return {(at.x + extent.x - 1) % extent.x, at.y};
  case Direction::North:
    return {at.x, (at.y + extent.y - 1) % extent.y};
  case Direction::South:
    return {at.x, (at.y + 1) % extent.y};
  }
  return at;
}

/// Signed way along one axis: the shorter way round on a torus, east or south
/// where both are equal.
static int64_t way(int64_t from, int64_t to, int64_t extent, bool torus) {
  int64_t d = to - from;
  if (!torus)
    return d;
  d = ((d % extent) + extent) % extent;
  return 2 * d > extent ? d - extent : d;
}

/// Straight pieces of the union of XY ways: along x from the source, then along
/// y in each column.
void LinkLoads::forEachSegment(
    Point from, llvm::ArrayRef<Point> to,
    llvm::function_ref<void(Point, Direction, int64_t)> fn) const {
  int64_t east = 0, west = 0;
  std::map<int64_t, std::pair<int64_t, int64_t>> columns; // dx -> south, north
  for (Point point : to) {
    int64_t dx = way(from.x, point.x, extent.x, torus);
    int64_t dy = way(from.y, point.y, extent.y, torus);
    east = std::max(east, dx);
    west = std::max(west, -dx);
    auto &[south, north] = columns[dx];
    south = std::max(south, dy);
    north = std::max(north, -dy);
  }
  if (east > 0)
    fn(from, Direction::East, east);
  if (west > 0)
    fn(from, Direction::West, west);
  for (const auto &[dx, reach] : columns) {
    Point turn{((from.x + dx) % extent.x + extent.x) % extent.x, from.y};
    if (reach.first > 0)
      fn(turn, Direction::South, reach.first);
    if (reach.second > 0)
      fn(turn, Direction::North, reach.second);
  }
}

Point LinkLoads::addMulticast(Point from, llvm::ArrayRef<Point> to,
                              double load) {
  Point hops{0, 0};
  if (!grid)
    return hops;
  forEachSegment(from, to, [&](Point at, Direction direction, int64_t length) {
    bool horizontal =
        direction == Direction::East || direction == Direction::West;
    (horizontal ? hops.x : hops.y) += length;
    for (int64_t i = 0; i < length; ++i) {
      loads[number(at, direction)] += load;
      at = neighbour(at, direction);
    }
  });
  return hops;
}

Point LinkLoads::addUnicast(Point from, Point to, double load) {
  return addMulticast(from, to, load);
}

Point LinkLoads::forEachLink(Point from, llvm::ArrayRef<Point> to,
                             bool multicast,
                             llvm::function_ref<void(size_t)> fn) const {
  Point hops{0, 0};
  if (!grid)
    return hops;
  auto walk = [&](Point at, Direction direction, int64_t length) {
    bool horizontal =
        direction == Direction::East || direction == Direction::West;
    (horizontal ? hops.x : hops.y) += length;
    for (int64_t i = 0; i < length; ++i) {
      fn(number(at, direction));
      at = neighbour(at, direction);
    }
  };
  if (multicast)
    forEachSegment(from, to, walk);
  else
    for (Point point : to)
      forEachSegment(from, point, walk);
  return hops;
}

} // namespace nmc::mapping
