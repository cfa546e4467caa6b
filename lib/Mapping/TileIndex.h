//===- TileIndex.h - Tiles by place ---------------------------*- C++ -*-===//
#ifndef NMC_LIB_MAPPING_TILEINDEX_H
#define NMC_LIB_MAPPING_TILEINDEX_H

#include "nmc/Mapping/Problem.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace nmc::mapping {

/// Finds the tiles that overlap a box: at once where the tiles form a grid, by
/// looking at each where they do not.
class TileIndex {
public:
  explicit TileIndex(const TileTable &table) : table(table) {
    unsigned rank = table.rank();
    cuts.resize(rank);
    for (size_t i = 0; i < table.size(); ++i) {
      boxes.push_back(table.box(i));
      for (unsigned a = 0; a < rank; ++a)
        cuts[a].push_back(boxes.back().low[a]);
    }
    size_t cells = 1;
    for (std::vector<int64_t> &list : cuts) {
      llvm::sort(list);
      list.erase(std::unique(list.begin(), list.end()), list.end());
      cells = std::min<size_t>(cells * list.size(), table.size() + 1);
    }
    if (cells != table.size())
      return;
    grid.assign(cells, -1);
    for (size_t i = 0; i < boxes.size(); ++i) {
      size_t at = 0;
      for (unsigned a = 0; a < rank; ++a) {
        size_t block = blockOf(a, boxes[i].low[a]);
        if (block + 1 < cuts[a].size() &&
            boxes[i].high[a] > cuts[a][block + 1]) {
          grid.clear(); // reaches into the next block
          return;
        }
        at = at * cuts[a].size() + block;
      }
      grid[at] = int64_t(i);
    }
    if (llvm::is_contained(grid, -1))
      grid.clear();
  }

  const Box &box(size_t tile) const { return boxes[tile]; }
  /// Whether the tiles are the cells of a grid, and so disjoint.
  bool isGrid() const { return !grid.empty(); }

  void forEachOverlap(const Box &area,
                      llvm::function_ref<void(size_t)> fn) const {
    if (area.empty() || table.empty())
      return;
    if (grid.empty()) {
      for (size_t i = 0; i < boxes.size(); ++i)
        if (boxes[i].overlaps(area))
          fn(i);
      return;
    }
    visit(area, 0, 0, fn);
  }

private:
  size_t blockOf(unsigned axis, int64_t coordinate) const {
    const std::vector<int64_t> &list = cuts[axis];
    auto it = std::upper_bound(list.begin(), list.end(), coordinate);
    return it == list.begin() ? 0 : size_t(it - list.begin()) - 1;
  }

  void visit(const Box &area, unsigned axis, size_t at,
             llvm::function_ref<void(size_t)> fn) const {
    if (axis == cuts.size()) {
      size_t tile = size_t(grid[at]);
      if (boxes[tile].overlaps(area))
        fn(tile);
      return;
    }
    size_t last = blockOf(axis, area.high[axis] - 1);
    for (size_t b = blockOf(axis, area.low[axis]); b <= last; ++b)
      visit(area, axis + 1, at * cuts[axis].size() + b, fn);
  }

  const TileTable &table;
  std::vector<Box> boxes;
  std::vector<std::vector<int64_t>> cuts;
  std::vector<int64_t> grid;
};

} // namespace nmc::mapping

#endif // NMC_LIB_MAPPING_TILEINDEX_H
