//===- Import.cpp - .nmcm files to modules --------------------------------===//
#include "Seal.h"
#include "nmc/Artifact/Artifact.h"
#include "nmc/Support/Blob.h"
#include "nmc/Support/Rule.h"
#include "nmc/Support/Sha256.h"

#include "nmcm_generated.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/SourceMgr.h"

#include <cstring>
#include <set>

using namespace nmc;
using namespace nmc::artifact;

static StringRef text(const flatbuffers::String *string) {
  return string ? StringRef(string->data(), string->size()) : StringRef();
}

static bool isSha256(StringRef digits) {
  return digits.size() == 64 &&
         digits.find_first_not_of("0123456789abcdef") == StringRef::npos;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

namespace {
/// A file whose every part may be read.  Owns an aligned copy of the buffer.
struct CheckedFile {
  std::unique_ptr<llvm::WritableMemoryBuffer> buffer;
  const fb::Artifact *root = nullptr;
};
} // namespace

static LogicalResult checkTiles(const fb::Tiles &tiles, Location loc) {
  StringRef name = text(tiles.population());
  auto fail = [&](const Twine &message) -> LogicalResult {
    return emitRuleError(loc, "artifact-format")
           << "tiles of '" << name << "': " << message.str();
  };
  if (name.empty())
    return fail("no population is named");
  size_t rank = tiles.shape()->size();
  if (rank > 6)
    return fail("rank " + Twine(rank) + " is above 6");
  for (int64_t extent : *tiles.shape())
    if (extent < 1 || extent > INT32_MAX)
      return fail("extent " + Twine(extent) + " is not in 1 to " +
                  Twine(INT32_MAX));
  size_t width = 2 + 2 * rank, count = tiles.rows()->size();
  if (count == 0 || count % width != 0)
    return fail(Twine(count) + " numbers are no rows of " + Twine(width));
  return success();
}

static FailureOr<CheckedFile> checkFile(llvm::MemoryBufferRef file,
                                        Location loc) {
  FailureOr<StringRef> sealed = detail::checkSeal(file.getBuffer(), loc);
  if (failed(sealed))
    return failure();
  auto fail = [&](const Twine &message) -> LogicalResult {
    return emitRuleError(loc, "artifact-format") << message.str();
  };
  CheckedFile checked;
  // Flatbuffers read their numbers in place: the copy is aligned for them.
  checked.buffer = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
      sealed->size(), file.getBufferIdentifier(), llvm::Align(64));
  if (!checked.buffer)
    return fail("no memory for " + Twine(sealed->size()) + " bytes");
  std::memcpy(checked.buffer->getBufferStart(), sealed->data(), sealed->size());
  auto *bytes =
      reinterpret_cast<const uint8_t *>(checked.buffer->getBufferStart());
  flatbuffers::Verifier verifier(bytes, checked.buffer->getBufferSize());
  if (!fb::VerifyArtifactBuffer(verifier))
    return fail("is no valid flatbuffer of its schema");
  const fb::Artifact *root = fb::GetArtifact(bytes);
  checked.root = root;

  if (root->format_version() > formatVersion)
    return emitRuleError(loc, "artifact-version")
           << "is of format version " << root->format_version()
           << ", this program reads up to " << formatVersion;
  if (root->format_version() == 0)
    return fail("states no format version");
  StringRef targetHash = text(root->target()->sha256());
  if (!isSha256(targetHash))
    return fail("the target's SHA-256 is not 64 digits");
  const fb::Mapping *mapping = root->mapping();
  for (StringRef name : {text(mapping->name()), text(mapping->network()),
                         text(mapping->target())})
    if (name.empty())
      return fail("mapping, network or target is not named");
  if (text(root->target()->name()) != text(mapping->target()))
    return fail("the mapping is on target '" + text(mapping->target()) +
                "', the file on '" + text(root->target()->name()) + "'");
  for (const fb::Tiles *tiles : *mapping->tiles())
    if (failed(checkTiles(*tiles, loc)))
      return failure();
  StringRef network(reinterpret_cast<const char *>(root->network()->data()),
                    root->network()->size());
  std::string hash = sha256(network);
  if (text(root->network_sha256()) != hash)
    return emitRuleError(loc, "artifact-hash")
           << "the network has SHA-256 " << hash << ", the file says "
           << text(root->network_sha256());
  return checked;
}

FailureOr<ArtifactInfo> artifact::inspectArtifact(llvm::MemoryBufferRef file,
                                                  Location loc) {
  FailureOr<CheckedFile> checked = checkFile(file, loc);
  if (failed(checked))
    return failure();
  const fb::Artifact *root = checked->root;
  ArtifactInfo info;
  info.formatVersion = root->format_version();
  info.toolVersion = text(root->tool_version()).str();
  const fb::Target *target = root->target();
  info.targetName = text(target->name()).str();
  info.targetSha256 = text(target->sha256()).str();
  info.costProfile = text(target->cost_profile()).str();
  info.executionProfile = text(target->execution_profile()).str();
  if (target->overrides())
    for (const flatbuffers::String *entry : *target->overrides())
      info.overrides.push_back(text(entry).str());
  info.networkSha256 = text(root->network_sha256()).str();
  const fb::Mapping *mapping = root->mapping();
  info.network = text(mapping->network()).str();
  info.mapping = text(mapping->name()).str();
  std::set<std::pair<int32_t, int32_t>> cores;
  std::set<int32_t> chips;
  for (const fb::Tiles *tiles : *mapping->tiles()) {
    size_t width = 2 + 2 * tiles->shape()->size();
    for (size_t i = 0; i < tiles->rows()->size(); i += width) {
      ++info.tiles;
      cores.emplace(tiles->rows()->Get(i), tiles->rows()->Get(i + 1));
      chips.insert(tiles->rows()->Get(i));
    }
  }
  info.cores = cores.size();
  info.chips = chips.size();
  if (root->kpis())
    for (const fb::Kpi *kpi : *root->kpis()) {
      cost::Estimate estimate;
      estimate.kpi = text(kpi->name()).str();
      estimate.unit = text(kpi->unit()).str();
      estimate.aggregation = text(kpi->aggregation()).str();
      estimate.scope = text(kpi->scope()).str();
      estimate.unavailable = text(kpi->unavailable()).str();
      if (kpi->value() && kpi->low() && kpi->high())
        estimate.range = cost::Range(*kpi->value(), *kpi->low(), *kpi->high());
      info.kpis.push_back(std::move(estimate));
    }
  return info;
}

//===----------------------------------------------------------------------===//
// Module
//===----------------------------------------------------------------------===//

/// The network's module.  The bytecode reader wants more alignment than a
/// flatbuffer gives, and blobs may go on to live in the buffer.
static OwningOpRef<ModuleOp> readNetwork(const fb::Artifact &root,
                                         StringRef name, Location loc) {
  size_t size = root.network()->size();
  std::unique_ptr<llvm::WritableMemoryBuffer> bytes =
      llvm::WritableMemoryBuffer::getNewUninitMemBuffer(size, name,
                                                        llvm::Align(64));
  if (!bytes) {
    emitRuleError(loc, "artifact-format")
        << "no memory for " << size << " bytes";
    return {};
  }
  std::memcpy(bytes->getBufferStart(), root.network()->data(), size);
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(bytes), llvm::SMLoc());
  mlir::ParserConfig config(loc.getContext());
  OwningOpRef<ModuleOp> module =
      mlir::parseSourceFile<ModuleOp>(sources, config);
  if (!module)
    emitRuleError(loc, "artifact-format") << "its network cannot be read";
  return module;
}

static void addMapping(const fb::Artifact &root, ModuleOp module,
                       Location loc) {
  MLIRContext *context = loc.getContext();
  mlir::OpBuilder builder(context);
  builder.setInsertionPointToEnd(module.getBody());
  const fb::Mapping &table = *root.mapping();
  auto symbol = [&](const flatbuffers::String *name) {
    return FlatSymbolRefAttr::get(context, text(name));
  };
  auto mapping = chip::MappingOp::create(
      builder, loc, builder.getStringAttr(text(table.name())),
      symbol(table.network()), symbol(table.target()),
      builder.getStringAttr(text(root.target()->sha256())),
      table.chips() ? builder.getI64IntegerAttr(*table.chips())
                    : IntegerAttr());
  builder.createBlock(&mapping.getBody());
  auto bytesOf = [](const void *data, size_t count) {
    return ArrayRef<char>(static_cast<const char *>(data),
                          count * sizeof(int32_t));
  };
  for (const fb::Tiles *tiles : *table.tiles()) {
    SmallVector<int64_t> shape(tiles->shape()->begin(), tiles->shape()->end());
    int64_t width = 2 + 2 * shape.size(), count = tiles->rows()->size();
    auto type =
        RankedTensorType::get({count / width, width}, builder.getI32Type());
    ElementsAttr rows =
        makeElements(type, bytesOf(tiles->rows()->data(), count),
                     (text(tiles->population()) + "_tiles").str());
    chip::TilesOp::create(builder, loc, symbol(tiles->population()),
                          builder.getDenseI64ArrayAttr(shape), rows);
  }
  if (table.routes() && table.routes()->size() > 0) {
    std::vector<int32_t> rows;
    for (const fb::Route *route : *table.routes())
      for (int32_t value : {route->chip(), route->router(), route->key(),
                            route->mask(), route->links()})
        rows.push_back(value);
    auto type = RankedTensorType::get({int64_t(rows.size()) / 5, 5},
                                      builder.getI32Type());
    chip::RoutesOp::create(
        builder, loc,
        makeElements(type, bytesOf(rows.data(), rows.size()), "routes"));
  }
}

OwningOpRef<ModuleOp> artifact::importArtifact(llvm::MemoryBufferRef file,
                                               Location loc,
                                               chip::TargetOp target) {
  FailureOr<CheckedFile> checked = checkFile(file, loc);
  if (failed(checked))
    return {};
  const fb::Artifact &root = *checked->root;
  StringRef madeFor = text(root.target()->sha256());
  if (target && target.getSha256().value_or("") != madeFor) {
    auto diag = emitRuleError(loc, "artifact-target");
    diag << "was made for target '" << text(root.target()->name())
         << "' with SHA-256 " << madeFor << ", the given target '"
         << target.getSymName() << "' has "
         << (target.getSha256() ? *target.getSha256() : StringRef("none"));
    if (!text(root.target()->cost_profile()).empty() ||
        root.target()->overrides()) {
      std::string how =
          "cost profile '" + text(root.target()->cost_profile()).str() + "'";
      if (root.target()->overrides())
        for (const flatbuffers::String *entry : *root.target()->overrides())
          how += ", --set " + text(entry).str();
      diag.attachNote(loc) << "it was made with " << how;
    }
    return {};
  }
  loc.getContext()->loadDialect<chip::ChipDialect>();
  OwningOpRef<ModuleOp> module =
      readNetwork(root, file.getBufferIdentifier(), loc);
  if (!module)
    return {};
  if (target) {
    mlir::OpBuilder builder(loc.getContext());
    builder.setInsertionPointToEnd(module->getBody());
    builder.clone(*target);
  }
  addMapping(root, *module, loc);
  if (failed(mlir::verify(*module)))
    return {};
  return module;
}
