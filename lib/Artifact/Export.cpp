//===- Export.cpp - Modules to .nmcm files --------------------------------===//
#include "Seal.h"
#include "nmc/Artifact/Artifact.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"
#include "nmc/Support/Sha256.h"

#include "nmcm_generated.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace nmc;
using namespace nmc::artifact;

namespace {
/// Builds one flatbuffer.  Children come before the tables that name them.
class Exporter {
public:
  Exporter(ModuleOp module, chip::MappingOp mapping)
      : module(module), mapping(mapping) {}

  LogicalResult run(ArrayRef<cost::Estimate> kpis, StringRef toolVersion,
                    raw_ostream &os);

private:
  LogicalResult writeNetwork(std::string &bytes);
  FailureOr<flatbuffers::Offset<fb::Target>> addTarget();
  FailureOr<flatbuffers::Offset<fb::Mapping>> addMapping();
  flatbuffers::Offset<fb::Kpi> addKpi(const cost::Estimate &kpi);

  flatbuffers::Offset<flatbuffers::String> text(StringRef value) {
    return builder.CreateString(value.data(), value.size());
  }
  /// Absent if empty.
  flatbuffers::Offset<flatbuffers::String>
  optional(std::optional<StringRef> value) {
    return value && !value->empty() ? text(*value) : 0;
  }

  ModuleOp module;
  chip::MappingOp mapping;
  flatbuffers::FlatBufferBuilder builder{1 << 16};
};
} // namespace

/// Everything of the module but chip ops, as bytecode.
LogicalResult Exporter::writeNetwork(std::string &bytes) {
  OwningOpRef<ModuleOp> bare =
      ModuleOp::create(module.getLoc(), module.getSymName());
  bare.get()->setDiscardableAttrs(module->getDiscardableAttrDictionary());
  mlir::OpBuilder builder(bare->getBodyRegion());
  for (Operation &op : *module.getBody())
    if (!isa<chip::TargetOp, chip::MappingOp>(op))
      builder.clone(op);
  llvm::raw_string_ostream os(bytes);
  // Not the version of LLVM: equal modules give equal bytes.
  return mlir::writeBytecodeToFile(*bare, os,
                                   mlir::BytecodeWriterConfig("nmc"));
}

FailureOr<flatbuffers::Offset<fb::Target>> Exporter::addTarget() {
  auto target = mlir::SymbolTable::lookupNearestSymbolFrom<chip::TargetOp>(
      mapping, mapping.getTargetAttr());
  std::optional<StringRef> hash = mapping.getTargetSha256();
  if (target) {
    std::optional<StringRef> own = target.getSha256();
    if (own && hash && *own != *hash)
      return emitRuleError(mapping, "artifact-target")
             << "was made for target SHA-256 " << *hash << ", target '"
             << target.getSymName() << "' has " << *own;
    if (own)
      hash = own;
  }
  if (!hash || hash->size() != 64)
    return emitRuleError(mapping, "artifact-target")
           << "needs the SHA-256 of target '" << mapping.getTarget()
           << "' (64 digits), and neither says it";
  std::vector<flatbuffers::Offset<flatbuffers::String>> overrides;
  if (target && target.getOverrides())
    for (StringRef entry : target.getOverrides()->getAsValueRange<StringAttr>())
      overrides.push_back(text(entry));
  auto name = text(mapping.getTarget());
  auto sha256 = text(*hash);
  auto profile = optional(target ? target.getCostProfile() : std::nullopt);
  auto execution =
      optional(target ? target.getExecutionProfile() : std::nullopt);
  auto list = overrides.empty() ? 0 : builder.CreateVector(overrides);
  return fb::CreateTarget(builder, name, sha256, profile, execution, list);
}

FailureOr<flatbuffers::Offset<fb::Mapping>> Exporter::addMapping() {
  std::vector<flatbuffers::Offset<fb::Tiles>> tiles;
  std::vector<fb::Route> routes;
  for (Operation &op : mapping.getBody().front()) {
    if (auto table = dyn_cast<chip::TilesOp>(op)) {
      SmallVector<int32_t, 0> rows = table.readTable();
      if (int64_t(rows.size()) !=
          table.getNumTiles() * (2 + 2 * table.getRank()))
        return emitRuleError(&op, "tiles-table") << "table cannot be read";
      auto population = text(table.getPopulation());
      auto shape = builder.CreateVector(table.getShape().data(),
                                        table.getShape().size());
      auto data = builder.CreateVector(rows.data(), rows.size());
      tiles.push_back(fb::CreateTiles(builder, population, shape, data));
    } else if (auto table = dyn_cast<chip::RoutesOp>(op)) {
      FailureOr<SmallVector<int64_t, 0>> values =
          getElementsAsInts(table.getTable());
      if (failed(values) || values->size() % 5 != 0)
        return emitRuleError(&op, "routes-table") << "table cannot be read";
      for (size_t i = 0; i < values->size(); i += 5) {
        const int64_t *row = values->data() + i;
        routes.emplace_back(row[0], row[1], row[2], row[3], row[4]);
      }
    }
  }
  auto name = text(mapping.getSymName());
  auto network = text(mapping.getNetwork());
  auto target = text(mapping.getTarget());
  auto tileList = builder.CreateVector(tiles);
  auto routeList = routes.empty() ? 0 : builder.CreateVectorOfStructs(routes);
  fb::MappingBuilder table(builder);
  table.add_name(name);
  table.add_network(network);
  table.add_target(target);
  if (std::optional<int64_t> chips = mapping.getChips())
    table.add_chips(*chips);
  table.add_tiles(tileList);
  if (!routes.empty())
    table.add_routes(routeList);
  return table.Finish();
}

flatbuffers::Offset<fb::Kpi> Exporter::addKpi(const cost::Estimate &kpi) {
  auto name = text(kpi.kpi);
  auto unit = text(kpi.unit);
  auto aggregation = optional(StringRef(kpi.aggregation));
  auto scope = optional(StringRef(kpi.scope));
  auto unavailable = optional(StringRef(kpi.unavailable));
  fb::KpiBuilder table(builder);
  table.add_name(name);
  table.add_unit(unit);
  if (!kpi.aggregation.empty())
    table.add_aggregation(aggregation);
  if (!kpi.scope.empty())
    table.add_scope(scope);
  if (kpi.range) {
    table.add_value(kpi.range->value);
    table.add_low(kpi.range->low);
    table.add_high(kpi.range->high);
  } else {
    table.add_unavailable(unavailable);
  }
  return table.Finish();
}

LogicalResult Exporter::run(ArrayRef<cost::Estimate> kpis,
                            StringRef toolVersion, raw_ostream &os) {
  std::string network;
  if (failed(writeNetwork(network)))
    return emitRuleError(module, "artifact-mapping")
           << "cannot be written as bytecode";
  // Flatbuffers address with 31 bits.
  constexpr uint64_t most = uint64_t(1) << 30;
  if (network.size() > most)
    return emitRuleError(module, "artifact-mapping")
           << "has " << network.size() << " bytes of bytecode, at most " << most
           << " fit";

  FailureOr<flatbuffers::Offset<fb::Target>> target = addTarget();
  if (failed(target))
    return failure();
  FailureOr<flatbuffers::Offset<fb::Mapping>> tables = addMapping();
  if (failed(tables))
    return failure();
  std::vector<flatbuffers::Offset<fb::Kpi>> kpiList;
  for (const cost::Estimate &kpi : kpis)
    kpiList.push_back(addKpi(kpi));
  auto kpiVector = builder.CreateVector(kpiList);
  auto version = text(toolVersion);
  auto networkHash = text(sha256(network));
  builder.ForceVectorAlignment(network.size(), sizeof(uint8_t), 16);
  auto bytes = builder.CreateVector(
      reinterpret_cast<const uint8_t *>(network.data()), network.size());
  auto root = fb::CreateArtifact(builder, formatVersion, version, *target,
                                 networkHash, *tables, kpiVector, bytes);
  fb::FinishArtifactBuffer(builder, root);

  StringRef buffer(reinterpret_cast<const char *>(builder.GetBufferPointer()),
                   builder.GetSize());
  os << buffer;
  detail::writeSeal(buffer, os);
  return success();
}

LogicalResult artifact::exportArtifact(ModuleOp module,
                                       ArrayRef<cost::Estimate> kpis,
                                       StringRef toolVersion, raw_ostream &os) {
  auto mappings = llvm::to_vector(module.getOps<chip::MappingOp>());
  if (mappings.size() != 1)
    return emitRuleError(module, "artifact-mapping")
           << "has " << mappings.size()
           << " chip.mapping ops, a .nmcm file holds exactly 1";
  // Tables may be large: their bytes with 31-bit offsets must fit.
  uint64_t numbers = 0;
  for (auto tiles : mappings.front().getOps<chip::TilesOp>())
    numbers += tiles.getNumTiles() * (2 + 2 * tiles.getRank());
  constexpr uint64_t most = uint64_t(1) << 27;
  if (numbers > most)
    return emitRuleError(mappings.front(), "artifact-mapping")
           << "has " << numbers << " numbers in its tables, at most " << most
           << " fit";
  return Exporter(module, mappings.front()).run(kpis, toolVersion, os);
}
