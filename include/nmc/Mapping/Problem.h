//===- Problem.h - What is to be mapped, and what is legal ----*- C++ -*-===//
//
// Problem, solver and pass are kept apart.  A Problem says what is to be mapped
// onto what; check() tells whether that can be asked at all, verify() whether a
// mapping is legal, whoever made it.  Solvers are free functions (Partition.h,
// Place.h).  Nothing here knows MLIR.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_MAPPING_PROBLEM_H
#define NMC_MAPPING_PROBLEM_H

#include "nmc/Analysis/NetworkModel.h"
#include "nmc/Mapping/Hardware.h"

#include <map>

namespace nmc::mapping {

using analysis::Box;
using analysis::NetworkModel;

/// A broken rule, with its figures.
struct Violation {
  /// Name of the rule, such as "core-axons-in".
  std::string rule;
  /// Name of the limit in the target, such as "axons_in"; may be empty.
  std::string limit;
  /// Population and core it is about; empty, none where it is about neither.
  std::string population;
  std::optional<Cell> cell;
  double required = 0, available = 0;
  std::string unit = "1";
  /// What is required and available, in words: "distinct source neurons".
  std::string what;
  /// What would help.
  std::string hint;
};

/// "population 'conv1' needs 5,120 distinct source neurons on core 0:3, which
/// offers 4,096; hint", without the rule's name.
std::string describe(const Violation &violation);

/// Boxes of one population on cores: the table of a chip.tiles, row by row
/// (chip, core, low per axis, high per axis).
class TileTable {
public:
  explicit TileTable(unsigned rank = 0) : tileRank(rank) {}

  unsigned rank() const { return tileRank; }
  size_t size() const { return rows.size() / width(); }
  bool empty() const { return rows.empty(); }
  Cell cell(size_t tile) const {
    return {rows[tile * width()], rows[tile * width() + 1]};
  }
  void setCell(size_t tile, Cell cell) {
    rows[tile * width()] = cell.chip;
    rows[tile * width() + 1] = cell.core;
  }
  Box box(size_t tile) const;
  void add(Cell cell, const Box &box);

  const std::vector<int32_t> &data() const { return rows; }
  /// Takes rows as they stand; a partial last row is dropped.
  void setData(std::vector<int32_t> data);
  size_t width() const { return 2 + 2 * size_t(tileRank); }

private:
  unsigned tileRank;
  std::vector<int32_t> rows;
};

/// Where everything sits: one table per population of the network, empty for
/// populations that occupy no core.
struct Mapping {
  std::vector<TileTable> tiles;

  /// Cells in use, ascending, each once.
  std::vector<Cell> cells() const;
};

struct Problem {
  NetworkModel network;
  Hardware hardware;

  /// Per population: whether it occupies cores, what a neuron costs in
  /// compartments, which kinds of core run it, and events per step of each
  /// neuron (empty: one event per neuron and step).
  struct PopulationInfo {
    bool placed = true;
    double neuronCost = 1;
    std::vector<unsigned> coreTypes;
    std::vector<float> rates;
    analysis::RateMap rateMap;
  };
  std::vector<PopulationInfo> populations;

  /// Per projection: whether its events arrive through axons (those that the
  /// host puts into input relays do not), and the stored width of a weight.
  struct ProjectionInfo {
    bool usesAxons = true;
    double weightBits = 8;
  };
  std::vector<ProjectionInfo> projections;

  /// Events per step by population name, one per neuron in C-major order.
  using Rates = std::map<std::string, std::vector<float>>;

  static Problem create(NetworkModel network, Hardware hardware,
                        const Rates &rates = {});

  /// Whether the input is legal: rates fit, the grid holds the cores, every
  /// population has a core that runs it, and no single neuron asks for more
  /// than any core offers.  All faults at once.
  std::vector<Violation> check() const;

  /// Whether every population has rates.
  bool hasRates() const;
};

/// What one tile takes of a core, traffic apart.
struct TileUse {
  double neurons = 0; // compartments
  int64_t synapses = 0;
  double synapseMemory = 0; // bit, each projection in its smallest format
  double stateMemory = 0;   // bit
  int64_t thresholdConfigs = 0, neuronConfigs = 0, synapseConfigs = 0;
};
TileUse measureTile(const Problem &problem, unsigned population,
                    const Box &box);

/// Bits that the synapses of one projection into the targets in `box` take: the
/// least of the formats that the hardware has.
///   dense   for each source neuron a weight for every neuron of the tile
///   sparse  for each synapse with a weight other than 0 weight and index
///   shared  each distinct weight once, with an index
/// Lists are rounded by Hardware::wordBlocks, list by list in the first two
/// formats; sparse lists of a known density count as equally long.
double storageBits(const Problem &problem, unsigned projection, const Box &box,
                   const analysis::SourceProfile &sources);

/// Proves that a mapping is legal, or lists everything that is not: tiles
/// inside their population, disjoint and covering; cores that exist, run the
/// model, are not forbidden and hold one tile of a population each; fixed tiles
/// in place; every limit of every core.  Knows nothing of solvers.
std::vector<Violation> verify(const Problem &problem, const Mapping &mapping);

} // namespace nmc::mapping

#endif // NMC_MAPPING_PROBLEM_H
