//===- ProfileTest.cpp - Execution profiles -------------------------------===//

#include "TargetTesting.h"

#include "nmc/Target/ExecutionProfile.h"
#include "nmc/Target/Inspect.h"
#include "targets/AllTargets.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

#include <random>

using namespace nmc;
using namespace nmc::target;

namespace {
class ProfileTest : public TargetTest {
protected:
  ProfileTest() { registerAllTargets(); }

  /// Loads a profile with this text from a folder of profiles.
  FailureOr<ExecutionProfile> loadProfile(StringRef text) {
    llvm::sys::fs::create_directory(folder + "/profiles");
    write("profiles/p.yaml", text);
    diagnostics.clear();
    return loadExecutionProfile("p", {folder}, &context);
  }
};
} // namespace

static constexpr const char *kHead = "schema: nmc.profile\n"
                                     "version: 1\n"
                                     "name: p\n"
                                     "description: d\n"
                                     "source: s\n";

TEST_F(ProfileTest, AllShippedLoad) {
  std::vector<std::string> names = findProfileNames({});
  EXPECT_EQ(names, (std::vector<std::string>{
                       "exact", "lava-dl", "lava-float", "loihi1",
                       "loihi2-fixed", "nengo", "norse", "rockpool", "sinabs",
                       "snntorch", "speck", "spinnaker2", "spyx", "xylo"}));
  for (const std::string &name : names) {
    FailureOr<ExecutionProfile> profile =
        loadExecutionProfile(name, {}, &context);
    ASSERT_TRUE(succeeded(profile)) << name << ": " << diagnostics.front();
    EXPECT_EQ(profile->name, name);
    EXPECT_FALSE(profile->source.empty());
    EXPECT_FALSE(profile->populations.empty());
    EXPECT_EQ(profile->sha256.size(), 64u);
  }
}

TEST_F(ProfileTest, SharedAndOwnKeys) {
  FailureOr<ExecutionProfile> profile = loadProfile(
      std::string(kHead) +
      "timestep: 0.1 ms\n"
      "dynamics: {decay: euler, compare: greater_equal, arrival: 2, v_floor: "
      "-3}\n"
      "parameters: {r: ignored, v_leak: zero}\n"
      "populations:\n"
      "  if: {v_floor: -threshold, leak_factor: 0.9}\n"
      "  lif: {reset: {default: subtract, allowed: [zero, subtract]},\n"
      "        input_arrival: 0, parameters: {v_leak: keep}}\n"
      "  li: {}\n"
      "recurrence: {delay: in_output, bias: dropped}\n"
      "constraints: [uniform_tau, no_delay]\n");
  ASSERT_TRUE(succeeded(profile)) << diagnostics.front();
  EXPECT_EQ(profile->usualDt, 1e-4);
  EXPECT_EQ(profile->loopDelay, LoopDelay::InOutput);
  EXPECT_EQ(profile->loopBias, LoopBias::Dropped);
  EXPECT_TRUE(profile->has(Constraint::NoDelay));
  EXPECT_FALSE(profile->has(Constraint::UniformR));
  const PopulationProfile &lif = profile->populations.at("lif");
  EXPECT_EQ(lif.dynamics.decay, spike::DecayKind::Euler);
  EXPECT_EQ(lif.dynamics.compare, spike::Compare::GreaterEqual);
  EXPECT_EQ(lif.dynamics.reset, spike::Reset::Subtract);
  EXPECT_EQ(lif.resets.size(), 2u);
  EXPECT_EQ(lif.r, RRule::Ignored);
  EXPECT_EQ(lif.leak, LeakRule::Keep);
  EXPECT_EQ(lif.arrival, 2);
  EXPECT_EQ(lif.inputArrival, 0);
  EXPECT_EQ(lif.floor, -3.0);
  const PopulationProfile &fire = profile->populations.at("if");
  EXPECT_EQ(fire.floorRule, FloorRule::MinusThreshold);
  EXPECT_EQ(fire.leakFactor, 0.9);
  EXPECT_EQ(fire.dynamics.decay, spike::DecayKind::None);
  EXPECT_EQ(profile->populations.at("li").leak, LeakRule::Zero);
}

// All faults at once, each at its place, with what may have been meant.
TEST_F(ProfileTest, Faults) {
  EXPECT_TRUE(
      failed(loadProfile("schema: nmc.target\n"
                         "version: 2\n"
                         "name: q\n"
                         "description: d\n"
                         "dynamics: {decay: exponental, colour: red}\n"
                         "populations:\n"
                         "  lif: {compare: above, leak_factor: 0.5}\n"
                         "  if: {leak_factor: 2, parameters: {tau: keep}}\n"
                         "  li: {reset: zero}\n"
                         "  cuba: {}\n"
                         "  threshold: []\n"
                         "  integrator: {v_ceiling: high}\n"
                         "constraints: [uniform]\n"
                         "readout: {spikes: 1}\n")));
  std::vector<std::string> expected = {
      "profiles/p.yaml:1:1: the profile lacks 'source' [missing-key]",
      "profiles/p.yaml:1:9: 'schema' is 'nmc.target', but must be nmc.profile "
      "[schema-version]",
      "profiles/p.yaml:2:10: 'version' is '2', but must be an integer from 1 "
      "to 1 [integer-value]",
      "profiles/p.yaml:3:7: 'name' is 'q', but the file is p.yaml "
      "[profile-name]",
      "profiles/p.yaml:5:19: 'dynamics.decay' is 'exponental', but must be one "
      "of none, euler, exponential, factor, fixed, bitshift; did you mean "
      "'exponential'? [enum-value]",
      "profiles/p.yaml:5:31: unknown key 'colour' in 'dynamics' [unknown-key]"};
  for (const std::string &text : expected)
    EXPECT_TRUE(llvm::is_contained(diagnostics, text))
        << text << "\n"
        << llvm::join(diagnostics, "\n");
  auto has = [&](StringRef part) {
    return llvm::any_of(diagnostics,
                        [&](StringRef d) { return d.contains(part); });
  };
  EXPECT_EQ(
      llvm::count_if(diagnostics,
                     [](StringRef d) { return d.contains("exponental"); }),
      1);
  EXPECT_TRUE(has(":7:18: 'populations.lif.compare' is 'above'"));
  EXPECT_TRUE(has(":7:25: unknown key 'leak_factor' in 'populations.lif'"));
  EXPECT_TRUE(has(":8:21: 'populations.if.leak_factor' is 2, but must be above "
                  "0 and at most 1 [number-value]"));
  EXPECT_TRUE(has("unknown key 'tau' in 'populations.if.parameters'"));
  EXPECT_TRUE(has(":9:8: unknown key 'reset' in 'populations.li'"));
  EXPECT_TRUE(has(":10:3: unknown key 'cuba' in 'populations'"));
  EXPECT_TRUE(has("'populations.threshold' is a list, but must be a mapping"));
  EXPECT_TRUE(has("'populations.integrator.v_ceiling' is 'high', but must be a "
                  "finite number"));
  EXPECT_TRUE(has("a constraint is 'uniform', but must be one of"));
  EXPECT_TRUE(has("'readout' lacks 'max_spikes_per_step'"));
  EXPECT_TRUE(has("unknown key 'spikes' in 'readout'"));
}

TEST_F(ProfileTest, ArithmeticAndQuantiser) {
  std::string populations = std::string(kHead) + "populations: {if: {}}\n";
  EXPECT_TRUE(failed(loadProfile(
      populations + "arithmetic: {state_bits: 16, weight_bits: 8}\n")));
  EXPECT_EQ(diagnostics.front(),
            "profiles/p.yaml:1:1: 'arithmetic' states integers, but no "
            "'quantizer' says how they come about [profile-arithmetic]");
  EXPECT_TRUE(
      failed(loadProfile(populations + "quantizer: {rule: joint_scale}\n")));
  EXPECT_EQ(diagnostics.front(),
            "profiles/p.yaml:7:1: quantiser 'joint_scale' yields integers, "
            "but 'arithmetic' is float [profile-arithmetic]");
  FailureOr<ExecutionProfile> profile = loadProfile(
      populations +
      "arithmetic: {state_bits: 16, weight_bits: 8, overflow: saturate}\n"
      "quantizer: {rule: joint_scale, bias_bits: 6}\n");
  ASSERT_TRUE(succeeded(profile)) << diagnostics.front();
  EXPECT_EQ(profile->arithmetic.getOverflow(), spike::Overflow::Saturate);
  EXPECT_EQ(profile->currentBits, 16);
  EXPECT_EQ(profile->quantizer->get("bias_bits"), 6);
  EXPECT_EQ(profile->quantizer->get("weight_bits"), 8);
  EXPECT_TRUE(failed(loadProfile(
      populations + "quantizer: {rule: joint_scal, weight_bits: 8}\n")));
  EXPECT_NE(diagnostics.front().find("did you mean 'joint_scale'?"),
            std::string::npos);
}

TEST_F(ProfileTest, Unknown) {
  EXPECT_TRUE(failed(loadExecutionProfile("nors", {folder}, &context)));
  EXPECT_NE(diagnostics.front().find("unknown execution profile 'nors'; known "
                                     "profiles: exact, lava-dl"),
            std::string::npos);
  EXPECT_NE(diagnostics.front().find("did you mean 'norse'? [profile-unknown]"),
            std::string::npos);
  diagnostics.clear();
  EXPECT_TRUE(failed(loadExecutionProfile("./no.yaml", {}, &context)));
  EXPECT_NE(diagnostics.front().find("[profile-file]"), std::string::npos);
}

// A target that names a profile which is not there, or is at fault.
TEST_F(ProfileTest, LintOfTargets) {
  std::string target = std::string(kGood) + "execution_profile: p\n";
  write("t.yaml", target);
  auto find = [&](StringRef part) {
    std::vector<Finding> findings = findFaults(options("t"), &context);
    return llvm::count_if(findings, [&](const Finding &finding) {
      return StringRef(finding.message).contains(part);
    });
  };
  EXPECT_EQ(find("there is no execution profile 'p'"), 1);
  EXPECT_TRUE(succeeded(loadProfile(std::string(kHead) + "populations: {}\n")));
  EXPECT_EQ(find("execution profile"), 0);
  EXPECT_TRUE(failed(loadProfile(std::string(kHead) + "colour: red\n")));
  EXPECT_EQ(find("unknown key 'colour'"), 1);
}

// Damaged files are faults, whatever is in them.
TEST_F(ProfileTest, Damaged) {
  std::mt19937 random(7);
  int64_t refused = 0;
  for (const EmbeddedProfile &profile : getEmbeddedProfiles())
    for (int i = 0; i < 40; ++i) {
      std::string text = profile.text.str();
      for (int k = 0; k < 3; ++k) {
        size_t at = random() % text.size();
        switch (random() % 4) {
        case 0:
          text[at] = "{}[]:,-# \n\"'0z"[random() % 15];
          break;
        case 1:
          text.erase(at, random() % 12);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), 20));
          break;
        default:
          text.insert(at, "99999999999999999999");
        }
      }
      refused += failed(loadProfile(text));
    }
  EXPECT_GT(refused, 300);
}

// The guide's page is that of the program. NMC_UPDATE_DOCS=1 writes it.
TEST_F(ProfileTest, GuidePage) {
  std::string expected;
  llvm::raw_string_ostream os(expected);
  printProfilesGuide(os, &context);
  std::string path =
      std::string(NMC_SOURCE_DIR) + "/docs/guide/execution-profiles.md";
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
