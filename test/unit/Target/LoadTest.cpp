//===- LoadTest.cpp - Target files to chip.target -------------------------===//

#include "TargetTesting.h"
#include "nmc/Target/Rules.h"

using namespace nmc;
using namespace nmc::target;

namespace {
using LoadTest = TargetTest;

std::string replace(std::string text, StringRef from, StringRef to) {
  size_t at = text.find(from.str());
  EXPECT_NE(at, std::string::npos) << from.str();
  return text.replace(at, from.size(), to.str());
}
} // namespace

TEST_F(LoadTest, GoodFile) {
  OwningOpRef<ModuleOp> module = load(kGood);
  ASSERT_TRUE(module);
  TargetInfo info = TargetInfo::get(getTarget(*module));
  EXPECT_EQ(info.name, "t");
  EXPECT_EQ(info.sha256.size(), 64u);
  EXPECT_EQ(info.coreCount(), 4);
  EXPECT_EQ(info.cores[0].limit("neurons"), 64.0);
  EXPECT_EQ(info.cores[0].limit("synapse_memory"), 65536.0);
  EXPECT_FALSE(info.cores[0].limit("axons_in").has_value());
  EXPECT_EQ(info.integers("weight_bits"), (std::vector<int64_t>{4, 8}));
  ASSERT_TRUE(info.noc);
  EXPECT_EQ(info.noc->extent, (std::vector<int64_t>{2, 2}));
  const CostValue *synop = info.cost("energy_synop");
  ASSERT_TRUE(synop);
  EXPECT_EQ(synop->value, 2.8e-12); // to the bit
  EXPECT_EQ(synop->low, 2e-12);
  EXPECT_EQ(synop->high, 4e-12);
  EXPECT_EQ(synop->source, "here");
  // The place of the value in the file.
  auto place = cast<mlir::FileLineColLoc>(synop->loc);
  EXPECT_EQ(place.getLine(), 13u);
  const CostValue *power = info.cost("power_static");
  ASSERT_TRUE(power);
  EXPECT_EQ(power->kind, chip::CostKind::Static); // the only one it can have
  EXPECT_FALSE(power->hasRange);
  EXPECT_EQ(info.cost("energy_mac"), nullptr);
}

TEST_F(LoadTest, ThreeFaultsAreThreeDiagnostics) {
  std::string text = replace(kGood, "value: 2.8 pJ", "value: 2.8");
  text = replace(text, "value: 1 mW", "value: 1 mJ");
  text = replace(text, "  weight_bits: [4, 8]", "  weigth_bits: [4, 8]");
  EXPECT_FALSE(load(text));
  ASSERT_EQ(diagnostics.size(), 3u);
  EXPECT_EQ(diagnostics[0], "t.yaml:10:3: unknown key 'weigth_bits' in 'core'; "
                            "did you mean 'weight_bits'? [unknown-key]");
  EXPECT_EQ(diagnostics[1].find("t.yaml:13:25: 'cost.energy_synop.value': "
                                "'2.8' has no unit"),
            0u)
      << diagnostics[1];
  EXPECT_NE(diagnostics[1].find("[unit-missing]"), std::string::npos);
  EXPECT_EQ(diagnostics[2].find("t.yaml:14:25: 'cost.power_static.value': "
                                "'1 mJ' is"),
            0u)
      << diagnostics[2];
  EXPECT_NE(diagnostics[2].find("[unit-dimension]"), std::string::npos);
}

TEST_F(LoadTest, EveryFaultHasItsRule) {
  struct Case {
    const char *from, *to, *rule;
    const char *place;
  } cases[] = {
      {"nmc.target", "nmc.targets", "schema-version", "1:9"},
      {"version: 1", "version: 2", "schema-version", "2:10"},
      {"version: 1", "version: one", "integer-value", "2:10"},
      {"name: t", "", "missing-key", "1:1"},
      {"name: t", "name: \"a b\"", "enum-value", "3:7"},
      {"  cores: 4\n", "", "missing-key", "4:1"},
      {"cores: 4", "cores: 0", "integer-value", "5:10"},
      {"kind: mesh", "kind: mseh", "enum-value", "6:20"},
      {"x: 2, ", "", "missing-key", "6:3"},
      {"max: 64", "max: -64", "value-sign", "8:18"},
      {"max: 64", "max: 64.5 neurons", "integer-value", "8:18"},
      {"max: 64", "max: many", "unit-number", "8:18"},
      {"{size: 8 KiB}", "8 KB8", "unit-unknown", "9:19"},
      {"[4, 8]", "8", "list-expected", "10:16"},
      {"[4, 8]", "[4, 99]", "integer-value", "10:20"},
      {"{input: direct}", "direct", "mapping-expected", "11:5"},
      {"input: direct", "input: dircet", "enum-value", "11:13"},
      {"[2 pJ, 4 pJ]", "[3 pJ, 4 pJ]", "range-order", "13:33"},
      {"[2 pJ, 4 pJ]", "[2 pJ]", "range-order", "13:33"},
      {"kind: incremental, ", "", "missing-key", "13:3"},
      {"kind: incremental", "kind: static", "cost-kind", "13:60"},
      {"provenance: published, ", "", "missing-key", "13:3"},
      {"provenance: published", "provenance: rumour", "enum-value", "13:85"},
      {"source: here", "source: [here]", "value-expected", "13:96"},
      {"energy_synop", "energy_synops", "unknown-key", "13:3"},
      {"{value: 1 mW, provenance: assumed}", "1 mW", "mapping-expected",
       "14:17"},
      {"io: {input: direct}\n", "io: {input: direct}\nlimits: [{rule: pow3}]\n",
       "enum-value", "12:17"},
      {"io: {input: direct}\n",
       "io: {input: direct}\nabsent: {energy_synop: why}\n", "absent-stated",
       "12:24"},
      {"io: {input: direct}\n",
       "io: {input: direct}\ncost_profiles: {a: {}, "
       "b: {}}\n",
       "missing-key", "12:1"},
      {"io: {input: direct}\n",
       "io: {input: direct}\ncost_profiles: {a: {}}\n"
       "default_cost_profile: b\n",
       "profile-unknown", "13:23"},
      {"  weight_bits: [4, 8]\n", "  weight_bits:\n", "null-value", "10:3"},
      {"  weight_bits: [4, 8]\n", "  neurons: 3\n", "duplicate-key", "10:3"},
  };
  for (const Case &c : cases) {
    EXPECT_FALSE(load(replace(kGood, c.from, c.to))) << c.to;
    ASSERT_GE(diagnostics.size(), 1u) << c.to;
    std::string expected = "t.yaml:" + std::string(c.place) + ": ";
    EXPECT_EQ(diagnostics[0].find(expected), 0u) << c.to << "\n"
                                                 << diagnostics[0];
    EXPECT_NE(diagnostics[0].find("[" + std::string(c.rule) + "]"),
              std::string::npos)
        << c.to << "\n"
        << diagnostics[0];
  }
}

TEST_F(LoadTest, Tables) {
  std::string text = std::string(kGood) +
                     "  latency_barrier: {table: {1: 0.6 us, 2: 1.0 us, 29: "
                     "1.8 us}, kind: incremental, provenance: fitted}\n";
  OwningOpRef<ModuleOp> module = load(text);
  ASSERT_TRUE(module);
  TargetInfo info = TargetInfo::get(getTarget(*module));
  const CostValue *barrier = info.cost("latency_barrier");
  ASSERT_TRUE(barrier);
  EXPECT_EQ(barrier->at(0), 0.6e-6);
  EXPECT_EQ(barrier->at(1), 0.6e-6);
  EXPECT_EQ(barrier->at(28), 1.0e-6);
  EXPECT_EQ(barrier->at(32), 1.8e-6);
  EXPECT_FALSE(load(replace(text, "2: 1.0", "1: 1.0")));
  EXPECT_FALSE(load(replace(text, "29:", "2:")));
}

TEST_F(LoadTest, Inheritance) {
  write("t.yaml", kGood);
  write("child.yaml", "schema: nmc.target\nversion: 1\nname: child\n"
                      "inherits: t\ncore: {neurons: {max: 32}, weight_bits: "
                      "null}\ncost: {power_static: null}\n");
  auto module = loadTarget(options("child"), &context);
  ASSERT_TRUE(succeeded(module));
  TargetInfo info = TargetInfo::get(getTarget(**module));
  EXPECT_EQ(info.name, "child");
  EXPECT_EQ(info.coreCount(), 4);
  EXPECT_EQ(info.cores[0].limit("neurons"), 32.0);
  EXPECT_TRUE(info.integers("weight_bits").empty());
  EXPECT_EQ(info.cost("power_static"), nullptr);
  ASSERT_TRUE(info.cost("energy_synop"));
  // The provenance of the old number does not stand beside the new one.
  auto core = *getTarget(**module).getOps<chip::CoreOp>().begin();
  auto limit = *core.getOps<chip::LimitOp>().begin();
  EXPECT_FALSE(limit->hasAttr("provenance"));
}

TEST_F(LoadTest, InheritanceFaults) {
  auto header = [](StringRef name, StringRef parent) {
    return ("schema: nmc.target\nversion: 1\nname: " + name +
            "\ninherits: " + parent + "\n")
        .str();
  };
  write("a.yaml", header("a", "b"));
  write("b.yaml", header("b", "c"));
  write("c.yaml", header("c", "a"));
  EXPECT_TRUE(failed(loadTarget(options("a"), &context)));
  ASSERT_GE(diagnostics.size(), 1u);
  bool found = false;
  for (const std::string &text : diagnostics)
    found |= text == "c.yaml:4:11: target inherits from itself: a -> b -> c "
                     "-> a [inherits-cycle]";
  EXPECT_TRUE(found) << diagnostics[0];

  diagnostics.clear();
  write("t.yaml", kGood);
  write("d.yaml", header("d", "tt"));
  EXPECT_TRUE(failed(loadTarget(options("d"), &context)));
  EXPECT_EQ(diagnostics[0].find("d.yaml:4:11: unknown target 'tt'"), 0u)
      << diagnostics[0];
  EXPECT_NE(diagnostics[0].find("did you mean 't'? [inherits-unknown]"),
            std::string::npos);
}

TEST_F(LoadTest, UnknownTargets) {
  EXPECT_TRUE(failed(loadTarget(options("loihi9"), &context)));
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].find("--target:1:1: unknown target 'loihi9'"), 0u);
  diagnostics.clear();
  EXPECT_TRUE(failed(loadTarget(options("./nothing.yaml"), &context)));
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_NE(diagnostics[0].find("[target-file]"), std::string::npos);
}

static const char *kProfiles = R"(cost_profiles:
  one:
    description: the first
    energy_synop: {value: 3 pJ, kind: incremental, provenance: fitted}
    absent: {energy_mac: no numbers}
  two:
    power_static: null
    energy_synop: {source: there}
default_cost_profile: one
)";

TEST_F(LoadTest, CostProfiles) {
  std::string text = std::string(kGood) + kProfiles;
  OwningOpRef<ModuleOp> module = load(text);
  ASSERT_TRUE(module);
  TargetInfo one = TargetInfo::get(getTarget(*module));
  EXPECT_EQ(one.costProfile, "one");
  EXPECT_EQ(one.cost("energy_synop")->value, 3e-12);
  EXPECT_FALSE(one.cost("energy_synop")->hasRange);
  ASSERT_TRUE(one.cost("power_static"));
  EXPECT_EQ(one.whyAbsent("energy_mac"), "no numbers");

  module = load(text, {}, "two");
  ASSERT_TRUE(module);
  TargetInfo two = TargetInfo::get(getTarget(*module));
  EXPECT_EQ(two.cost("energy_synop")->value, 2.8e-12);
  EXPECT_EQ(two.cost("energy_synop")->source, "there");
  EXPECT_EQ(two.cost("power_static"), nullptr);
  EXPECT_EQ(two.whyAbsent("energy_mac"), "");
  EXPECT_NE(one.sha256, two.sha256);

  EXPECT_FALSE(load(text, {}, "tvo"));
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0],
            "--cost-profile:1:1: unknown cost profile 'tvo'; there are one, "
            "two; did you mean 'two'? [profile-unknown]");
  // Faults of a profile that is not asked for are faults.
  EXPECT_FALSE(load(replace(text, "source: there", "sauce: there")));
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].find("t.yaml:22:20: unknown key 'sauce'"), 0u)
      << diagnostics[0];
}

TEST_F(LoadTest, Overrides) {
  OwningOpRef<ModuleOp> plain = load(kGood);
  ASSERT_TRUE(plain);
  OwningOpRef<ModuleOp> module =
      load(kGood, {"core.neurons=512", "cost.energy_synop=30 pJ",
                   "core.weight_bits=[1, 2]", "cost.power_static=null",
                   "chip.topology.x=4"});
  ASSERT_TRUE(module);
  TargetInfo info = TargetInfo::get(getTarget(*module));
  EXPECT_EQ(info.cores[0].limit("neurons"), 512.0);
  EXPECT_EQ(info.integers("weight_bits"), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(info.cost("power_static"), nullptr);
  EXPECT_EQ(info.noc->extent, (std::vector<int64_t>{4, 2}));
  const CostValue *synop = info.cost("energy_synop");
  ASSERT_TRUE(synop);
  EXPECT_EQ(synop->value, 30e-12);
  EXPECT_FALSE(synop->hasRange);
  EXPECT_EQ(synop->provenance, chip::Provenance::Assumed);
  EXPECT_EQ(synop->kind, chip::CostKind::Incremental);
  EXPECT_EQ(synop->source, "set on the command line");
  EXPECT_EQ(info.overrides.size(), 5u);
  EXPECT_NE(info.sha256, TargetInfo::get(getTarget(*plain)).sha256);
}

TEST_F(LoadTest, OverrideFaults) {
  EXPECT_FALSE(load(kGood, {"core.nuerons=512", "cost.energy_synop=30",
                            "core.neurons", "name=x", "core.neurons.max.x=1",
                            "core.axons_in=null", "core.fan_in=[1"}));
  ASSERT_EQ(diagnostics.size(), 7u);
  EXPECT_EQ(diagnostics[0].find("--set:1:6: unknown key 'nuerons' in 'core'; "
                                "did you mean 'neurons'? [unknown-key]"),
            0u)
      << diagnostics[0];
  EXPECT_EQ(diagnostics[1].find("--set:2:19: "), 0u) << diagnostics[1];
  EXPECT_NE(diagnostics[1].find("[unit-missing]"), std::string::npos);
  EXPECT_NE(diagnostics[2].find("[override-syntax]"), std::string::npos);
  EXPECT_NE(diagnostics[3].find("[override-syntax]"), std::string::npos);
  EXPECT_NE(diagnostics[4].find("[override-syntax]"), std::string::npos);
  EXPECT_NE(diagnostics[5].find("[null-value]"), std::string::npos);
  EXPECT_NE(diagnostics[6].find("[yaml-syntax]"), std::string::npos);
}

// What stands behind a syntax error is not missing, but unread.
TEST_F(LoadTest, SyntaxErrorsStandAlone) {
  EXPECT_FALSE(load(replace(kGood, "[4, 8]", "[4, 8")));
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].find("t.yaml:"), 0u);
  EXPECT_NE(diagnostics[0].find("[yaml-syntax]"), std::string::npos);
  EXPECT_FALSE(load(""));
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_NE(diagnostics[0].find("[mapping-expected]"), std::string::npos);
}

// Equal descriptions have equal hashes, whatever the order in the file.
TEST_F(LoadTest, HashIsCanonical) {
  OwningOpRef<ModuleOp> first = load(kGood);
  ASSERT_TRUE(first);
  std::string moved = replace(kGood, "  weight_bits: [4, 8]\n", "");
  moved = replace(moved, "core:\n", "core:\n  weight_bits: [4, 8]\n");
  OwningOpRef<ModuleOp> second = load("# comment\n" + moved);
  ASSERT_TRUE(second);
  EXPECT_EQ(getTarget(*first).getSha256(), getTarget(*second).getSha256());
  OwningOpRef<ModuleOp> third = load(replace(kGood, "max: 64", "max: 65"));
  ASSERT_TRUE(third);
  EXPECT_NE(getTarget(*first).getSha256(), getTarget(*third).getSha256());
}

TEST_F(LoadTest, SeveralKindsOfCore) {
  std::string text = replace(kGood, "  cores: 4\n", "");
  text = replace(text,
                 "core:\n  neurons: {max: 64, provenance: assumed}\n"
                 "  synapse_memory: {size: 8 KiB}\n"
                 "  weight_bits: [4, 8]\n",
                 "cores:\n  big: {count: 2, neurons: 128}\n"
                 "  small: {count: 14, neurons: 16, neuron_models: [if]}\n");
  OwningOpRef<ModuleOp> module = load(text);
  ASSERT_TRUE(module);
  TargetInfo info = TargetInfo::get(getTarget(*module));
  ASSERT_EQ(info.cores.size(), 2u);
  EXPECT_EQ(info.coreCount(), 16);
  EXPECT_EQ(info.cores[1].name, "small");
  EXPECT_EQ(info.cores[1].models, (std::vector<std::string>{"if"}));
  EXPECT_FALSE(load(replace(text, "count: 2, ", "")));
}

TEST_F(LoadTest, SynapseBits) {
  OwningOpRef<ModuleOp> plain = load(kGood);
  ASSERT_TRUE(plain);
  TargetInfo info = TargetInfo::get(getTarget(*plain));
  EXPECT_EQ(getSynapseBits(info, 100, 8, true), 800);
  EXPECT_EQ(getSynapseBits(info, -1, 8, true), std::nullopt);
  EXPECT_EQ(getSynapseBits(info, INT64_MAX, 8, true), std::nullopt);

  OwningOpRef<ModuleOp> blocks =
      load(replace(kGood, "io: {input: direct}\n",
                   "io: {input: direct}\nlimits: [{rule: word_blocks, word: 64 "
                   "bit, block: 64, header: 10 bit, index: 10 bit}]\n"));
  ASSERT_TRUE(blocks);
  info = TargetInfo::get(getTarget(*blocks));
  EXPECT_EQ(getSynapseBits(info, 0, 8, false), 0);
  EXPECT_EQ(getSynapseBits(info, 1, 8, false), 64);   // 18 bits
  EXPECT_EQ(getSynapseBits(info, 64, 8, false), 576); // 522 bits
  EXPECT_EQ(getSynapseBits(info, 65, 8, false), 640);
  EXPECT_EQ(getSynapseBits(info, 64, 8, true), 1216); // 1162 bits
  EXPECT_EQ(getSynapseBits(info, 1024, 8, false), 16 * 576);
}
