//===- ShippedTest.cpp - The targets that nmc ships -----------------------===//

#include "TargetTesting.h"
#include "nmc/Target/Facts.h"
#include "nmc/Target/Inspect.h"
#include "nmc/Target/Registry.h"
#include "targets/AllTargets.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace nmc;
using namespace nmc::target;

namespace {
class ShippedTest : public TargetTest {
protected:
  ShippedTest() { registerAllTargets(); }

  TargetInfo get(StringRef name, StringRef profile = "") {
    LoadOptions own = options(name);
    own.costProfile = profile.str();
    auto module = loadTarget(own, &context);
    EXPECT_TRUE(succeeded(module)) << name.str();
    EXPECT_TRUE(diagnostics.empty());
    if (failed(module))
      return {};
    modules.push_back(std::move(*module));
    return TargetInfo::get(getTarget(*modules.back()));
  }

  std::vector<OwningOpRef<ModuleOp>> modules;
};
} // namespace

TEST_F(ShippedTest, AllAreSound) {
  std::vector<std::string> names = findTargetNames({});
  EXPECT_GE(names.size(), 3u);
  for (const std::string &name : names)
    for (const Finding &finding : findFaults(options(name), &context)) {
      EXPECT_NE(finding.severity, Finding::Severity::Error)
          << name << ": " << finding.message;
      // Every number says where it comes from.
      EXPECT_NE(finding.rule, "source-missing") << finding.message;
      EXPECT_NE(finding.rule, "provenance-missing") << finding.message;
      EXPECT_NE(finding.rule, "name-file") << finding.message;
    }
}

TEST_F(ShippedTest, Loihi1) {
  TargetInfo fitted = get("loihi1");
  EXPECT_EQ(fitted.costProfile, "sanafe");
  ASSERT_EQ(fitted.cores.size(), 1u);
  const CoreKind &core = fitted.cores[0];
  EXPECT_EQ(core.count, 128);
  EXPECT_EQ(core.limit("neurons"), 1024.0);
  EXPECT_EQ(core.limit("axons_in"), 4096.0);
  EXPECT_EQ(core.limit("axons_out"), 4096.0);
  EXPECT_EQ(core.limit("synapse_memory"), 16384.0 * 64);
  EXPECT_EQ(core.limit("delay_steps"), 62.0);
  EXPECT_EQ(fitted.integer("state_bits"), 24);
  EXPECT_EQ(fitted.integer("compartments_subtract"), 2);
  EXPECT_EQ(fitted.word("payload"), "binary");
  EXPECT_EQ(fitted.flag("max_pool"), false);
  EXPECT_EQ(fitted.input, chip::InputKind::Relay);
  EXPECT_EQ(fitted.noc->coresPerRouter, 4);
  EXPECT_EQ(fitted.cost("energy_synop")->value, 35.5e-12);
  EXPECT_EQ(fitted.cost("latency_barrier")->at(29), 1.8e-6);

  TargetInfo designed = get("loihi1", "davies2018");
  EXPECT_EQ(designed.cost("energy_synop")->value, 23.6e-12);
  EXPECT_EQ(designed.cost("energy_neuron_access")->value +
                designed.cost("energy_neuron_update")->value,
            81e-12);
  EXPECT_EQ(designed.cost("energy_spike_out"), nullptr);
  EXPECT_EQ(designed.cost("power_static")->value, 0.104);
}

TEST_F(ShippedTest, GenericMeshes) {
  TargetInfo graded = get("mesh-128-graded");
  EXPECT_EQ(graded.coreCount(), 128);
  EXPECT_EQ(graded.word("payload"), "u8");
  EXPECT_EQ(graded.flag("max_pool"), true);
  EXPECT_EQ(graded.noc->routing, chip::Routing::XYMulticast);
  // A map of 64x25x5 fits one core's axons.
  EXPECT_GE(graded.cores[0].limit("axons_in"), 64.0 * 25 * 5);

  TargetInfo small = get("mesh-16");
  EXPECT_EQ(small.coreCount(), 16);
  EXPECT_EQ(small.words("reset"),
            (std::vector<std::string>{"zero", "subtract"}));
}

TEST_F(ShippedTest, ListShowLint) {
  std::string text;
  llvm::raw_string_ostream os(text);
  EXPECT_EQ(listTargets({}, false, os, &context), ExitCode::Success);
  EXPECT_NE(text.find("loihi1"), std::string::npos);
  EXPECT_NE(text.find("davies2018, sanafe*"), std::string::npos);

  for (bool lint : {false, true}) {
    text.clear();
    ExitCode status = lint ? lintTargets({}, LoadOptions(), true, os, &context)
                           : showTarget(options("loihi1"), true, os, &context);
    EXPECT_EQ(status, ExitCode::Success);
    llvm::Expected<llvm::json::Value> json = llvm::json::parse(text);
    ASSERT_TRUE(bool(json)) << llvm::toString(json.takeError());
  }
  text.clear();
  EXPECT_EQ(listTargets({}, true, os, &context), ExitCode::Success);
  llvm::Expected<llvm::json::Value> json = llvm::json::parse(text);
  ASSERT_TRUE(bool(json)) << llvm::toString(json.takeError());

  // A file at fault: all faults, and the status of a usage error.
  write("bad.yaml", "schema: nmc.target\nversion: 1\nname: bad\nchip: {cores: "
                    "2 kg}\nio: {input: no}\n");
  text.clear();
  LoadOptions own = options("bad");
  EXPECT_EQ(lintTargets({"bad"}, own, false, os, &context), ExitCode::Usage);
  EXPECT_NE(text.find("bad: 3 errors, 0 warnings"), std::string::npos) << text;
  text.clear();
  EXPECT_EQ(listTargets({folder}, false, os, &context), ExitCode::Usage);
  EXPECT_NE(text.find("has faults"), std::string::npos);
}

// The example of the format's page is a sound target.
TEST_F(ShippedTest, ExampleOfTheFormat) {
  auto page = llvm::MemoryBuffer::getFile(std::string(NMC_SOURCE_DIR) +
                                          "/docs/formats/target.md");
  ASSERT_TRUE(bool(page));
  StringRef text = (*page)->getBuffer();
  text = text.split("```yaml\n").second.split("```").first;
  write("mychip.yaml", text);
  TargetInfo info = get("mychip");
  EXPECT_EQ(info.coreCount(), 128);
  EXPECT_EQ(info.whyAbsent("energy_io_bit"), "not published");
}

// The reference pages are those of the tables. NMC_UPDATE_DOCS=1 writes them.
TEST_F(ShippedTest, ReferencePages) {
  struct Page {
    const char *path;
    void (*print)(raw_ostream &);
  } pages[] = {{"/docs/reference/limits.md", printLimitsReference},
               {"/docs/reference/costs.md", printCostsReference}};
  for (const Page &page : pages) {
    std::string expected;
    llvm::raw_string_ostream os(expected);
    page.print(os);
    std::string path = std::string(NMC_SOURCE_DIR) + page.path;
    if (std::getenv("NMC_UPDATE_DOCS")) {
      std::error_code error;
      llvm::raw_fd_ostream file(path, error);
      ASSERT_FALSE(error);
      file << expected;
    }
    auto buffer = llvm::MemoryBuffer::getFile(path);
    ASSERT_TRUE(bool(buffer)) << path;
    EXPECT_EQ((*buffer)->getBuffer().str(), expected)
        << "run this test with NMC_UPDATE_DOCS=1";
  }
}
