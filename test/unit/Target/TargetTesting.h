//===- TargetTesting.h - Loading targets in tests ---------------*- C++ -*-===//
#ifndef NMC_TEST_UNIT_TARGET_TARGETTESTING_H
#define NMC_TEST_UNIT_TARGET_TARGETTESTING_H

#include "dialects/Chip/Chip.h"
#include "nmc/Target/Load.h"
#include "nmc/Target/TargetInfo.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

namespace nmc::target {

/// A folder of target files that a test writes, and a context that collects
/// diagnostics as "file:line:column: message", without the folder.
class TargetTest : public ::testing::Test {
protected:
  TargetTest()
      : handler(&context, [this](mlir::Diagnostic &diag) {
          add(diag.getLocation(), diag.str());
          for (mlir::Diagnostic &note : diag.getNotes())
            add(note.getLocation(), "note: " + note.str());
          return success();
        }) {}

  void SetUp() override {
    llvm::SmallString<128> path;
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("nmc-targets", path));
    folder = path.str().str();
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  void write(StringRef name, StringRef text) {
    std::error_code error;
    llvm::raw_fd_ostream os(folder + "/" + name.str(), error);
    ASSERT_FALSE(error);
    os << text;
  }

  LoadOptions options(StringRef target) {
    LoadOptions options;
    options.target = target.str();
    options.searchPaths = {folder};
    return options;
  }

  /// Loads a file with this text; null if it is at fault.
  OwningOpRef<ModuleOp> load(StringRef text,
                             std::vector<std::string> overrides = {},
                             StringRef profile = "") {
    write("t.yaml", text);
    LoadOptions all = options("t");
    all.overrides = std::move(overrides);
    all.costProfile = profile.str();
    diagnostics.clear();
    FailureOr<OwningOpRef<ModuleOp>> module = loadTarget(all, &context);
    EXPECT_EQ(failed(module), !diagnostics.empty());
    return succeeded(module) ? std::move(*module) : OwningOpRef<ModuleOp>();
  }

  static chip::TargetOp getTarget(ModuleOp module) {
    return *module.getOps<chip::TargetOp>().begin();
  }

  std::string folder;
  std::vector<std::string> diagnostics;
  mlir::MLIRContext context;

private:
  void add(Location loc, const std::string &message) {
    std::string text;
    if (auto place = dyn_cast<mlir::FileLineColLoc>(loc)) {
      StringRef file = place.getFilename().getValue();
      file.consume_front(folder + "/");
      text = file.str() + ":" + std::to_string(place.getLine()) + ":" +
             std::to_string(place.getColumn()) + ": ";
    }
    diagnostics.push_back(text + message);
  }

  mlir::ScopedDiagnosticHandler handler;
};

/// A target file with nothing wrong, in lines of known numbers.
inline constexpr const char *kGood = R"(schema: nmc.target
version: 1
name: t
chip:
  cores: 4
  topology: {kind: mesh, x: 2, y: 2, routing: xy}
core:
  neurons: {max: 64, provenance: assumed}
  synapse_memory: {size: 8 KiB}
  weight_bits: [4, 8]
io: {input: direct}
cost:
  energy_synop: {value: 2.8 pJ, range: [2 pJ, 4 pJ], kind: incremental, provenance: published, source: here}
  power_static: {value: 1 mW, provenance: assumed}
)";

} // namespace nmc::target

#endif // NMC_TEST_UNIT_TARGET_TARGETTESTING_H
