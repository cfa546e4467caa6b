//===- Hardware.h - What a mapper knows of a chip -------------*- C++ -*-===//
#ifndef NMC_MAPPING_HARDWARE_H
#define NMC_MAPPING_HARDWARE_H

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nmc::mapping {

/// Limits of one core; absent is unlimited.
struct Caps {
  std::optional<double> neurons;          // compartments
  std::optional<double> axonsIn;          // distinct source neurons
  std::optional<double> axonsOut;         // (neuron, destination core) pairs
  std::optional<double> synapseMemory;    // bit
  std::optional<double> stateMemory;      // bit
  std::optional<double> fanIn;            // synapses per target neuron
  std::optional<double> fanOut;           // destination cores per neuron
  std::optional<double> populations;      // different populations
  std::optional<double> neuronConfigs;    // distinct parameter sets
  std::optional<double> thresholdConfigs; // distinct thresholds
  std::optional<double> synapseConfigs;   // projections into the core
  std::optional<double> delaySteps;       // longest delay
};

/// A kind of core.  Cores of a chip are numbered kind after kind, in the order
/// of Hardware::cores.
struct CoreType {
  std::string name;
  int64_t count = 0; // per chip
  Caps caps;
  /// Mnemonics of populations and connections that it runs; empty: any.
  std::vector<std::string> models, connections;

  bool runs(const std::string &model) const;
  bool connects(const std::string &connection) const;
};

enum class Topology { Mesh, Torus, Bus, None };
enum class Routing { XY, XYMulticast, Table };

/// How a core stores the synapses of a tile.
enum class SynapseFormat {
  Dense,  // every in-axon has a weight for every neuron of the tile
  Sparse, // each synapse with its weight and its target's index
  Shared  // each distinct weight of a convolution once, with an index
};

/// Lists of synapses in whole words: each list, the synapses of one source
/// neuron into one core, is cut into blocks of `block` synapses with a header
/// of `header` bits, and each block takes whole words of `word` bits.
struct WordBlocks {
  int64_t word = 1, block = 1, header = 0;
};

/// One core of one chip.
struct Cell {
  int32_t chip = 0, core = 0;

  bool operator==(const Cell &o) const {
    return chip == o.chip && core == o.core;
  }
  bool operator<(const Cell &o) const {
    return chip != o.chip ? chip < o.chip : core < o.core;
  }
};

/// A router's position; x and y run over all chips of the board.
struct Point {
  int64_t x = 0, y = 0;

  bool operator==(const Point &o) const { return x == o.x && y == o.y; }
};

/// A tile of a population that must sit on a cell.
struct FixedTile {
  unsigned population = 0;
  unsigned tile = 0;
  Cell cell;
};

struct Hardware {
  std::string name;
  std::vector<CoreType> cores;
  /// Chips that may be used.
  int64_t chips = 1;
  /// Chips that can be joined at all, where stated.
  std::optional<int64_t> mostChips;

  Topology topology = Topology::Mesh;
  Routing routing = Routing::XY;
  /// Routers of one chip, and cores that share a router.
  int64_t gridX = 1, gridY = 1, coresPerRouter = 1;
  /// Chips per row of the board; chips follow row after row.
  int64_t boardX = 1;

  /// Cores that must stay empty: dead, or reserved.
  std::vector<Cell> forbidden;
  std::vector<FixedTile> fixed;
  /// Whether tiles of different populations may share a core.
  bool sharedCores = false;
  /// Whether inputs occupy cores.
  bool inputsOnCores = false;
  /// Router at which data enter and leave, where known.
  std::optional<Point> io;

  std::vector<SynapseFormat> formats; // empty: dense or sparse
  /// Widths in which weights are stored, ascending; empty: any.
  std::vector<unsigned> weightBits;
  /// Bits of a target's index in a sparse or shared list; absent: as many as
  /// the neurons of the tile need.
  std::optional<double> indexBits;
  std::optional<WordBlocks> wordBlocks;
  /// Bits of one word of state.
  double stateBits = 32;
  /// Limits of a chip as a whole.
  std::optional<double> neuronsPerChip, synapseMemoryPerChip;
  /// Compartments per neuron with subtractive reset.
  double subtractCost = 1;

  int64_t coresPerChip() const;
  int64_t coreCount() const { return coresPerChip() * chips; }
  /// Position in `cores` of the kind of core `core`; `cores.size()` if none.
  unsigned typeOf(int64_t core) const;
  bool isForbidden(Cell cell) const;
  /// Cores of kind `type` on all chips that may be used.
  int64_t available(unsigned type) const;
  /// Index of a cell over all chips.
  int64_t index(Cell cell) const {
    return cell.chip * coresPerChip() + cell.core;
  }
  Cell cell(int64_t index) const {
    return {int32_t(index / coresPerChip()), int32_t(index % coresPerChip())};
  }
  /// Router of a core, over all chips.
  Point router(Cell cell) const;
  /// Extent of the grid of routers over all chips.
  Point boardExtent() const;
  /// Links between two routers on the shortest way; 0 without a grid.
  Point hops(Point from, Point to) const;
};

} // namespace nmc::mapping

#endif // NMC_MAPPING_HARDWARE_H
