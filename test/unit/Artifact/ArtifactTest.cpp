//===- ArtifactTest.cpp - .nmcm files, whole and damaged ------------------===//
#include "nmc/Artifact/Artifact.h"
#include "dialects/Spike/Spike.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

using namespace nmc;
using namespace nmc::artifact;

static constexpr StringLiteral source = R"mlir(
  spike.network @n(%x: !spike.stream<4xf32>) -> !spike.stream<4xf32> {
    %in = spike.input @in(%x) : !spike.stream<4xf32> -> !spike.stream<4xf32>
    spike.output %in : !spike.stream<4xf32>
  }
  chip.target @t attributes {sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", cost_profile = "one", overrides = ["core.neurons=4"]} {
    chip.core @c count 4 {
    }
  }
  chip.mapping @m of @n on @t attributes {chips = 1} {
    chip.tiles @in shape [4] table(dense<[[0, 2, 0, 3], [0, 1, 3, 4]]> : tensor<2x4xi32>)
    chip.routes table(dense<[[0, 1, 2, -1, 7]]> : tensor<1x5xi32>)
  }
)mlir";

namespace {
class ArtifactTest : public ::testing::Test {
protected:
  ArtifactTest() {
    context.loadDialect<spike::SpikeDialect, chip::ChipDialect,
                        mlir::func::FuncDialect, mlir::quant::QuantDialect>();
  }

  OwningOpRef<ModuleOp> parse(StringRef text) {
    return mlir::parseSourceString<ModuleOp>(text, &context);
  }

  std::string write(ModuleOp module) {
    std::string bytes;
    llvm::raw_string_ostream os(bytes);
    std::vector<cost::Estimate> kpis = {
        cost::Estimate::of("energy_per_inference", cost::Range(2, 1, 3), "chip",
                           "mean"),
        cost::Estimate::missing("area", "not stated")};
    EXPECT_TRUE(succeeded(exportArtifact(module, kpis, "0.1.0", os)));
    return bytes;
  }

  OwningOpRef<ModuleOp> read(StringRef bytes, chip::TargetOp target = {}) {
    messages.clear();
    mlir::ScopedDiagnosticHandler handler(
        &context, [&](Diagnostic &diag) { messages += diag.str() + "\n"; });
    return importArtifact(llvm::MemoryBufferRef(bytes, "x.nmcm"),
                          mlir::UnknownLoc::get(&context), target);
  }
  bool says(StringRef part) const {
    return messages.find(part.str()) != std::string::npos;
  }

  /// `bytes` with its buffer changed and sealed anew, as by an attacker.
  std::string reseal(std::string buffer) {
    uint64_t length = buffer.size();
    auto hash = llvm::SHA256::hash(llvm::arrayRefFromStringRef(buffer));
    for (int i = 0; i < 8; ++i)
      buffer.push_back(char(length >> (8 * i)));
    buffer.append(reinterpret_cast<const char *>(hash.data()), hash.size());
    return buffer + "nmcmseal";
  }

  MLIRContext context;
  std::string messages;
};
} // namespace

static std::string print(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os);
  return text;
}

TEST_F(ArtifactTest, ComesBack) {
  OwningOpRef<ModuleOp> module = parse(source);
  ASSERT_TRUE(module);
  std::string bytes = write(*module);
  EXPECT_EQ(write(*module), bytes);
  auto target = *module->getOps<chip::TargetOp>().begin();
  OwningOpRef<ModuleOp> back = read(bytes, target);
  ASSERT_TRUE(back) << messages;
  // The same but for the mapping's own copy of the hash.
  for (auto mapping : module->getOps<chip::MappingOp>())
    mapping.setTargetSha256(std::string(64, 'a'));
  EXPECT_EQ(print(*back), print(*module));
  // And once more from there, without a target beside it.
  OwningOpRef<ModuleOp> bare = read(bytes);
  ASSERT_TRUE(bare) << messages;
  EXPECT_TRUE(bare->getOps<chip::TargetOp>().empty());
}

TEST_F(ArtifactTest, InspectSaysWhatIsInside) {
  OwningOpRef<ModuleOp> module = parse(source);
  std::string bytes = write(*module);
  FailureOr<ArtifactInfo> info = inspectArtifact(
      llvm::MemoryBufferRef(bytes, "x.nmcm"), mlir::UnknownLoc::get(&context));
  ASSERT_TRUE(succeeded(info));
  EXPECT_EQ(info->targetName, "t");
  EXPECT_EQ(info->costProfile, "one");
  ASSERT_EQ(info->overrides.size(), 1u);
  EXPECT_EQ(info->tiles, 2);
  EXPECT_EQ(info->cores, 2);
  EXPECT_EQ(info->chips, 1);
  ASSERT_EQ(info->kpis.size(), 2u);
  EXPECT_EQ(info->kpis[0].range->high, 3);
  EXPECT_EQ(info->kpis[0].scope, "chip");
  EXPECT_EQ(info->kpis[1].unavailable, "not stated");
}

TEST_F(ArtifactTest, LargeTablesComeBackAsBlobs) {
  std::string text = "spike.network @n() {\n spike.output\n}\n"
                     "chip.mapping @m of @n on @t attributes {target_sha256 "
                     "= \"" +
                     std::string(64, 'b') +
                     "\"} {\n chip.tiles @p shape [1000] table(dense<[";
  for (int i = 0; i < 1000; ++i)
    text += (i ? ", [0, " : "[0, ") + std::to_string(i) + ", " +
            std::to_string(i) + ", " + std::to_string(i + 1) + "]";
  text += "]> : tensor<1000x4xi32>)\n}\n";
  OwningOpRef<ModuleOp> module = parse(text);
  ASSERT_TRUE(module);
  OwningOpRef<ModuleOp> back = read(write(*module));
  ASSERT_TRUE(back) << messages;
  auto tables = [](ModuleOp m) {
    auto mapping = *m.getOps<chip::MappingOp>().begin();
    return (*mapping.getOps<chip::TilesOp>().begin()).readTable();
  };
  EXPECT_TRUE(tables(*back) == tables(*module));
}

TEST_F(ArtifactTest, EveryBitCounts) {
  OwningOpRef<ModuleOp> module = parse(source);
  std::string bytes = write(*module);
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] ^= char(1 << (bit % 8));
    ASSERT_FALSE(read(flipped)) << "bit " << bit;
    ASSERT_TRUE(says("[artifact-")) << messages;
  }
}

TEST_F(ArtifactTest, EveryLengthCounts) {
  OwningOpRef<ModuleOp> module = parse(source);
  std::string bytes = write(*module);
  for (size_t length = 0; length < bytes.size(); ++length) {
    ASSERT_FALSE(read(StringRef(bytes).take_front(length))) << length;
    ASSERT_TRUE(says("[artifact-truncated]")) << messages;
  }
  EXPECT_FALSE(read(bytes + "x"));
  EXPECT_FALSE(read(std::string(100, 'x')));
  EXPECT_TRUE(says("[artifact-identifier]"));
}

// A wrong file with a right hash must not crash, whatever it holds.
TEST_F(ArtifactTest, SealedDamageIsChecked) {
  OwningOpRef<ModuleOp> module = parse(source);
  std::string bytes = write(*module);
  std::string buffer = bytes.substr(0, bytes.size() - 48);
  ASSERT_TRUE(read(reseal(buffer))) << messages;
  size_t network = buffer.find("ML\xefR");
  ASSERT_NE(network, std::string::npos);
  int refused = 0;
  for (size_t i = 8; i < buffer.size(); ++i) {
    if (i >= network && i % 16)
      continue; // the network's own hash finds all of these
    for (char value : {'\0', '\x7f', '\xff'}) {
      std::string damaged = buffer;
      damaged[i] = value;
      refused += !read(reseal(damaged));
    }
  }
  EXPECT_GT(refused, 100);
}

TEST_F(ArtifactTest, AnotherTargetIsRefused) {
  OwningOpRef<ModuleOp> module = parse(source);
  std::string bytes = write(*module);
  auto target = *module->getOps<chip::TargetOp>().begin();
  target.setSha256(std::string(64, 'c'));
  EXPECT_FALSE(read(bytes, target));
  EXPECT_TRUE(says("[artifact-target]")) << messages;
  EXPECT_TRUE(says(std::string(64, 'a'))) << messages;
  EXPECT_TRUE(says(std::string(64, 'c'))) << messages;
}

TEST_F(ArtifactTest, ExportNeedsOneMappingAndAHash) {
  auto refuses = [&](StringRef text, StringRef rule) {
    OwningOpRef<ModuleOp> module = parse(text);
    ASSERT_TRUE(module);
    messages.clear();
    mlir::ScopedDiagnosticHandler handler(
        &context, [&](Diagnostic &diag) { messages += diag.str(); });
    std::string bytes;
    llvm::raw_string_ostream os(bytes);
    EXPECT_TRUE(failed(exportArtifact(*module, {}, "0.1.0", os)));
    EXPECT_TRUE(says(rule)) << messages;
    EXPECT_TRUE(bytes.empty());
  };
  refuses("module {}", "has 0 chip.mapping ops");
  refuses("spike.network @n() {\n spike.output\n}\n"
          "chip.mapping @m of @n on @t attributes {target_sha256 = \"00\"} {\n"
          "}",
          "[artifact-target]");
}
