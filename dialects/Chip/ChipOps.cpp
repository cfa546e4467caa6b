//===- ChipOps.cpp - Targets and mappings ---------------------------------===//

#include "dialects/Chip/Chip.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"

#include <charconv>
#include <cmath>
#include <iterator>
#include <map>

using namespace nmc;
using namespace nmc::chip;

static mlir::ParseResult parseReal(mlir::OpAsmParser &parser,
                                   FloatAttr &value) {
  return parser.parseAttribute(value, parser.getBuilder().getF64Type());
}

/// Prints the shortest decimal that reads back as the same number, where MLIR
/// would print 1048576.0 in hexadecimal and 1.0e-06 with 17 digits.
static void printReal(mlir::OpAsmPrinter &printer, Operation *,
                      FloatAttr value) {
  double number = value.getValueAsDouble();
  if (!std::isfinite(number))
    return printer.printAttributeWithoutType(value);
  char buffer[40];
  char *end = std::to_chars(buffer, std::end(buffer), number).ptr;
  StringRef text(buffer, end - buffer);
  // MLIR reads a number without a point as an integer.
  auto [mantissa, exponent] = text.split('e');
  printer << mantissa << (mantissa.contains('.') ? "" : ".0")
          << (exponent.empty() ? "" : "e") << exponent;
}

#define GET_OP_CLASSES
#include "dialects/Chip/ChipOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Target
//===----------------------------------------------------------------------===//

/// The kind and name under which a fact must be unique among its siblings.
static std::optional<std::string> getFactKey(Operation &op) {
  auto key = [&](StringRef name) {
    return (op.getName().stripDialect() + " '" + name + "'").str();
  };
  if (auto fact = dyn_cast<LimitOp>(op))
    return key(fact.getName());
  if (auto fact = dyn_cast<SetOp>(op))
    return key(fact.getName());
  if (auto fact = dyn_cast<LinkOp>(op))
    return key(fact.getName());
  if (auto fact = dyn_cast<IoOp>(op))
    return key(fact.getName());
  if (auto fact = dyn_cast<RuleOp>(op))
    return key(fact.getName());
  if (auto fact = dyn_cast<CostOp>(op))
    return key(fact.getName());
  if (auto fact = dyn_cast<CoreOp>(op))
    return key(fact.getSymName());
  return std::nullopt;
}

/// Rule `target-fact`.
static LogicalResult verifyFacts(Block &body) {
  llvm::StringMap<Operation *> seen;
  for (Operation &op : body) {
    std::optional<std::string> key = getFactKey(op);
    if (!key)
      return emitRuleError(&op, "target-fact")
             << "is not a fact about a target";
    auto [entry, isNew] = seen.try_emplace(*key, &op);
    if (isNew)
      continue;
    auto diag = emitRuleError(&op, "target-fact")
                << "states " << *key << " a second time";
    diag.attachNote(entry->second->getLoc()) << "stated first here";
    return diag;
  }
  return success();
}

/// Verifies `target-core` and `target-fact`.
LogicalResult TargetOp::verifyRegions() {
  if (getBody().getOps<CoreOp>().empty())
    return emitRuleError(*this, "target-core") << "has no core";
  return verifyFacts(getBody().front());
}

LogicalResult CoreOp::verify() {
  int64_t count = getCount();
  if (count < 1 || count > (int64_t(1) << 24))
    return emitRuleError(*this, "core-count")
           << "count is " << count << ", but must be 1 to 2^24";
  for (Operation &op : getBody().front())
    if (!isa<LimitOp, SetOp>(op))
      return emitRuleError(&op, "target-fact")
             << "does not belong in a chip.core";
  return verifyFacts(getBody().front());
}

LogicalResult LimitOp::verify() {
  double value = getValue().convertToDouble();
  if (!std::isfinite(value) || value < 0)
    return emitRuleError(*this, "limit-value")
           << "'" << getName() << "' is " << value
           << ", but must be finite and not negative";
  return success();
}

LogicalResult LinkOp::verify() {
  ArrayRef<int64_t> extent = getExtent();
  bool isGrid =
      getTopology() == Topology::Mesh || getTopology() == Topology::Torus;
  if (isGrid && extent.size() != 2)
    return emitRuleError(*this, "link-extent")
           << "a grid needs two extents (x, y), not " << extent.size();
  for (int64_t e : extent)
    if (e < 1 || e > 65536)
      return emitRuleError(*this, "link-extent")
             << "extent " << e << " is out of range, 1 to 65536";
  if (getCoresPerRouter() < 1 || getCoresPerRouter() > 65536)
    return emitRuleError(*this, "link-extent")
           << getCoresPerRouter()
           << " cores per router are out of range, 1 to 65536";
  return success();
}

LogicalResult CostOp::verify() {
  double value = getValue().convertToDouble();
  if (!std::isfinite(value) || value < 0)
    return emitRuleError(*this, "cost-value")
           << "'" << getName() << "' is " << value
           << ", but must be finite and not negative";
  if (getLow().has_value() != getHigh().has_value())
    return emitRuleError(*this, "cost-range") << "a range needs both ends";
  if (getLow()) {
    double low = getLow()->convertToDouble(),
           high = getHigh()->convertToDouble();
    // Written so that NaN fails.
    if (!(low >= 0 && low <= value && value <= high && std::isfinite(high)))
      return emitRuleError(*this, "cost-range")
             << "'" << getName() << "' is " << value
             << ", which is outside its range, " << low << " to " << high;
  }
  if (std::optional<ArrayRef<double>> table = getTable()) {
    if (table->empty() || table->size() % 2)
      return emitRuleError(*this, "cost-value")
             << "a table needs pairs of count and value";
    for (size_t i = 0; i < table->size(); i += 2)
      if (!std::isfinite((*table)[i]) || !((*table)[i + 1] >= 0) ||
          (i && (*table)[i] <= (*table)[i - 2]))
        return emitRuleError(*this, "cost-value")
               << "the counts of a table ascend and its values are not "
                  "negative";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Mapping
//===----------------------------------------------------------------------===//

/// Rule `mapping-symbol`: the target is a chip.target.  The network belongs to
/// another dialect; whether it fits is checked where the mapping is used.
LogicalResult
MappingOp::verifySymbolUses(mlir::SymbolTableCollection &symbolTable) {
  if (!symbolTable.lookupNearestSymbolFrom(*this, getNetworkAttr()))
    return emitRuleError(*this, "mapping-symbol")
           << "network '" << getNetwork() << "' does not exist";
  // A mapping may travel without its target, under the target's hash.
  if (getTargetSha256())
    return success();
  if (!symbolTable.lookupNearestSymbolFrom<TargetOp>(*this, getTargetAttr()))
    return emitRuleError(*this, "mapping-symbol")
           << "target '" << getTarget()
           << "' does not exist, and 'target_sha256' is not given";
  return success();
}

LogicalResult MappingOp::verifyRegions() {
  llvm::StringMap<Operation *> seen;
  for (Operation &op : getBody().front()) {
    auto tiles = dyn_cast<TilesOp>(op);
    if (!tiles && !isa<RoutesOp>(op))
      return emitRuleError(&op, "tiles-population")
             << "does not belong in a chip.mapping";
    if (!tiles)
      continue;
    auto [entry, isNew] = seen.try_emplace(tiles.getPopulation(), &op);
    if (isNew)
      continue;
    auto diag = emitRuleError(&op, "tiles-population")
                << "population '" << tiles.getPopulation()
                << "' has tiles already";
    diag.attachNote(entry->second->getLoc()) << "here";
    return diag;
  }
  return success();
}

int64_t TilesOp::getNumTiles() {
  return getTable().getShapedType().getDimSize(0);
}

SmallVector<int32_t, 0> TilesOp::readTable() {
  SmallVector<int32_t, 0> rows;
  int64_t count = getTable().getNumElements();
  if (auto dense = dyn_cast<DenseElementsAttr>(getTable())) {
    auto values = dense.getValues<int32_t>();
    rows.assign(values.begin(), values.end());
  } else if (std::optional<ArrayRef<char>> raw = getRawElements(getTable())) {
    rows.resize_for_overwrite(count);
    std::memcpy(rows.data(), raw->data(), count * sizeof(int32_t));
  }
  return rows;
}

/// The rows of a table, in place where they lie as i32 in memory, else copied
/// to `storage`.
static ArrayRef<int32_t> getRows(TilesOp op,
                                 SmallVectorImpl<int32_t> &storage) {
  std::optional<ArrayRef<char>> raw = getRawElements(op.getTable());
  if (raw && reinterpret_cast<uintptr_t>(raw->data()) % alignof(int32_t) == 0)
    return {reinterpret_cast<const int32_t *>(raw->data()), raw->size() / 4};
  // Appended, since g++ 12 takes a move from storage without inline space for
  // one out of bounds.
  SmallVector<int32_t, 0> table = op.readTable();
  storage.append(table.begin(), table.end());
  return storage;
}

/// Rule `core-once`, and `tile-core`.
static LogicalResult verifyCores(TilesOp op, ArrayRef<int32_t> rows,
                                 size_t width) {
  uint64_t chips = 0, cores = 0, count = rows.size() / width;
  for (size_t i = 0; i < count; ++i) {
    int32_t chip = rows[i * width], core = rows[i * width + 1];
    if (chip < 0 || core < 0)
      return emitRuleError(op, "tile-core")
             << "tile " << uint64_t(i) << " is on chip " << chip << ", core "
             << core << ", which must not be negative";
    chips = std::max<uint64_t>(chips, uint64_t(chip) + 1);
    cores = std::max<uint64_t>(cores, uint64_t(core) + 1);
  }
  // A bit per core is eight times as fast as a hash table, where chips are well
  // filled.
  bool isCompact = chips * cores <= 256 * count + 4096;
  llvm::BitVector taken(isCompact ? chips * cores : 0);
  llvm::DenseSet<uint64_t> seen;
  seen.reserve(isCompact ? 0 : count);
  for (size_t i = 0; i < count; ++i) {
    int32_t chip = rows[i * width], core = rows[i * width + 1];
    uint64_t cell = chip * cores + core;
    if (isCompact ? taken.test(cell) : !seen.insert(cell).second)
      return emitRuleError(op, "core-once")
             << "tile " << uint64_t(i) << " is the second on chip " << chip
             << ", core " << core;
    if (isCompact)
      taken.set(cell);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Whether boxes partition a population
//===----------------------------------------------------------------------===//
//
// The indicator functions of the boxes sum to that of the population exactly
// when their mixed differences do, and those live on the corners: +1 or -1 by
// the parity of high coordinates.  So boxes partition the population if and
// only if their signed corners cancel to its own; no pair is ever compared.

/// Calls `visit(index, sign)` for each corner of a box, with the C-major index
/// of the corner in a grid of one more point per axis than `shape`.
static void forEachCorner(ArrayRef<int64_t> shape, const int32_t *low,
                          const int32_t *high,
                          function_ref<void(uint64_t, int)> visit) {
  for (uint64_t mask = 0; mask < (uint64_t(1) << shape.size()); ++mask) {
    uint64_t index = 0;
    for (size_t axis = 0; axis < shape.size(); ++axis)
      index = index * (shape[axis] + 1) +
              (mask >> axis & 1 ? high[axis] : low[axis]);
    visit(index, llvm::popcount(mask) & 1 ? -1 : 1);
  }
}

/// A bijective mix of 64 bits (splitmix64's finaliser, Steele et al. 2014).
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// Compares 128-bit sums of hashed corners, which is exact but for collisions.
static bool isPartition(ArrayRef<int64_t> shape, ArrayRef<int32_t> rows) {
  size_t rank = shape.size();
  uint64_t sums[2] = {0, 0};
  auto add = [&](uint64_t index, int sign) {
    sums[0] += sign * mix(index + 0x9e3779b97f4a7c15ULL);
    sums[1] += sign * mix(~index * 0xd1342543de82ef95ULL);
  };
  for (size_t row = 0; row < rows.size(); row += 2 + 2 * rank)
    forEachCorner(shape, rows.data() + row + 2, rows.data() + row + 2 + rank,
                  add);
  SmallVector<int32_t> low(rank, 0), high(shape);
  forEachCorner(shape, low.data(), high.data(),
                [&](uint64_t index, int sign) { add(index, -sign); });
  return sums[0] == 0 && sums[1] == 0;
}

/// Finds a neuron that no tile or two tiles hold and reports it: rules
/// `tiles-cover` and `tiles-disjoint`.  Corners that do not cancel lie at the
/// edge of such a region, so the neurons around them are enough.
static LogicalResult reportPartition(TilesOp op, ArrayRef<int32_t> rows,
                                     int64_t covered, int64_t elements) {
  ArrayRef<int64_t> shape = op.getShape();
  size_t rank = shape.size(), width = 2 + 2 * rank;
  std::map<uint64_t, int64_t> corners;
  auto add = [&](uint64_t index, int sign) { corners[index] += sign; };
  for (size_t row = 0; row < rows.size(); row += width)
    forEachCorner(shape, rows.data() + row + 2, rows.data() + row + 2 + rank,
                  add);
  SmallVector<int32_t> low(rank, 0), high(shape);
  forEachCorner(shape, low.data(), high.data(),
                [&](uint64_t index, int sign) { add(index, -sign); });
  for (auto [index, sum] : corners) {
    if (sum == 0)
      continue;
    SmallVector<int64_t> corner(rank);
    uint64_t rest = index;
    for (size_t axis = rank; axis-- > 0; rest /= shape[axis] + 1)
      corner[axis] = rest % (shape[axis] + 1);
    for (uint64_t mask = 0; mask < (uint64_t(1) << rank); ++mask) {
      SmallVector<int64_t> neuron(corner);
      bool inside = true;
      for (size_t axis = 0; axis < rank; ++axis) {
        neuron[axis] -= mask >> axis & 1;
        inside &= neuron[axis] >= 0 && neuron[axis] < shape[axis];
      }
      if (!inside)
        continue;
      SmallVector<size_t> holders;
      for (size_t tile = 0; tile * width < rows.size(); ++tile) {
        const int32_t *row = rows.data() + tile * width;
        bool holds = true;
        for (size_t axis = 0; axis < rank && holds; ++axis)
          holds = row[2 + axis] <= neuron[axis] &&
                  neuron[axis] < row[2 + rank + axis];
        if (holds)
          holders.push_back(tile);
      }
      if (holders.size() == 1)
        continue;
      auto diag =
          holders.empty()
              ? std::move(emitRuleError(op, "tiles-cover")
                          << "no tile holds neuron [")
              : std::move(emitRuleError(op, "tiles-disjoint")
                          << "tiles " << uint64_t(holders[0]) << " and "
                          << uint64_t(holders[1]) << " both hold neuron [");
      for (size_t axis = 0; axis < rank; ++axis)
        diag << (axis ? ", " : "") << neuron[axis];
      return diag << "]";
    }
  }
  return emitRuleError(op, "tiles-cover")
         << "tiles cover " << covered << " of " << elements << " neurons";
}

/// Verifies all rules of a table in O(tiles): boxes lie inside the
/// population (`tile-box`), do not overlap (`tiles-disjoint`), fill it
/// (`tiles-cover`) and no core is used twice (`core-once`).
LogicalResult TilesOp::verify() {
  int64_t rank = getRank();
  // The type of a blob may lack a shape, so that comes first.
  if (failed(verifyBlob(*this, getTable())))
    return failure();
  auto type = getTable().getShapedType();
  if (!type.getElementType().isSignlessInteger(32) || type.getRank() != 2 ||
      type.getDimSize(1) != 2 + 2 * rank)
    return emitRuleError(*this, "tiles-table")
           << "table is " << type << ", but a population of rank " << rank
           << " needs rows of " << 2 + 2 * rank << " i32";
  int64_t elements = 1;
  for (int64_t dim : getShape()) {
    if (dim < 1 || dim > INT32_MAX || (elements *= dim) > (int64_t(1) << 40))
      return emitRuleError(*this, "tiles-table")
             << "shape has extent " << dim << " or more than 2^40 elements";
  }
  if (rank > 6)
    return emitRuleError(*this, "tiles-table")
           << "rank " << rank << " is above 6, the most that is supported";
  int64_t width = 2 + 2 * rank, count = type.getDimSize(0);
  // Equal rows name one core; reading a splat would cost memory without bound.
  if (count > 1 && isa<mlir::SplatElementsAttr>(getTable())) {
    int32_t core = cast<DenseElementsAttr>(getTable()).getSplatValue<int32_t>();
    return emitRuleError(*this, "core-once")
           << "tile 1 is the second on chip " << core << ", core " << core;
  }
  SmallVector<int32_t, 0> storage;
  ArrayRef<int32_t> rows = getRows(*this, storage);
  if (int64_t(rows.size()) != count * width)
    return emitRuleError(*this, "tiles-table") << "table cannot be read";
  if (failed(verifyCores(*this, rows, width)))
    return failure();

  int64_t covered = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int32_t *row = rows.data() + i * width;
    int64_t volume = 1;
    for (int64_t axis = 0; axis < rank; ++axis) {
      int64_t low = row[2 + axis], high = row[2 + rank + axis];
      if (low < 0 || low >= high || high > getShape()[axis])
        return emitRuleError(*this, "tile-box")
               << "tile " << i << " covers " << low << " to " << high
               << " of axis " << axis << ", which has extent "
               << getShape()[axis];
      volume *= high - low;
    }
    covered += volume;
    if (covered > elements) // tiles overlap; more might overflow the sum
      break;
  }
  if (covered == elements && isPartition(getShape(), rows))
    return success();
  return reportPartition(*this, rows, covered, elements);
}

LogicalResult RoutesOp::verify() {
  if (failed(verifyBlob(*this, getTable())))
    return failure();
  auto type = getTable().getShapedType();
  if (!type.getElementType().isSignlessInteger(32) || type.getRank() != 2 ||
      type.getDimSize(1) != 5)
    return emitRuleError(*this, "routes-table")
           << "table is " << type << ", but needs rows of 5 i32";
  return success();
}
