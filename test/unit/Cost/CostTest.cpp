//===- CostTest.cpp - The cost model against published identities ---------===//
#include "nmc/Cost/CostModel.h"

#include "mlir/IR/MLIRContext.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace nmc;
using namespace nmc::cost;

namespace {
class CostTest : public ::testing::Test {
protected:
  CostTest() {
    info.name = "chip";
    target::CoreKind kind;
    kind.name = "neuro", kind.count = 128;
    info.cores.push_back(kind);
  }

  target::CostValue &set(StringRef name, double value,
                         chip::CostKind kind = chip::CostKind::Incremental) {
    target::CostValue cost(mlir::UnknownLoc::get(&context));
    cost.name = name.str();
    cost.value = cost.low = cost.high = value;
    cost.unit = name.starts_with("energy") ? "J" : "s";
    cost.kind = kind;
    return info.costs.insert_or_assign(name.str(), cost).first->second;
  }
  void setRange(StringRef name, double low, double high) {
    target::CostValue &cost = info.costs.at(name.str());
    cost.low = low, cost.high = high, cost.hasRange = true;
  }
  void limit(StringRef name, double value) {
    target::Limit limit(mlir::UnknownLoc::get(&context));
    limit.name = name.str(), limit.value = value, limit.unit = "1";
    info.cores[0].limits.insert_or_assign(name.str(), limit);
  }

  /// Loihi's constants as SANA-FE fits them.
  void setSanaFe() {
    set("energy_synop", 35.5e-12);
    set("energy_neuron_access", 51.2e-12);
    set("energy_neuron_update", 21.6e-12);
    set("energy_spike_out", 69.3e-12);
    set("energy_axon_out", 111e-12);
    set("energy_hop_x", 3.0e-12);
    set("energy_hop_y", 4.2e-12);
    set("latency_synop", 3.8e-9);
    set("latency_neuron_access", 6.0e-9);
    set("latency_neuron_update", 3.7e-9);
    set("latency_spike_out", 30e-9);
    set("latency_axon_out", 5.1e-9);
    set("latency_axon_in", 16e-9);
    set("latency_barrier", 1.8e-6).table = {
        {1, 0.6e-6}, {2, 1.0e-6}, {4, 1.4e-6}, {29, 1.8e-6}};
  }

  /// Two populations on two cores, one step of known counts.
  void setSmall() {
    network.steps = 10;
    network.samples = 4;
    network.populations.resize(2);
    PopulationCounts &in = network.populations[0];
    in.name = "in", in.op = "spike.input", in.neurons = 64, in.input = true;
    in.spikes = 100;
    PopulationCounts &out = network.populations[1];
    out.name = "fc", out.op = "spike.if", out.neurons = 10, out.stateBits = 240;
    out.spikes = 20, out.updates = 90;
    ConnectionCounts c;
    c.name = "w", c.source = 0, c.target = 1, c.synapses = 640;
    c.weights = 640, c.weightBits = 8, c.zeroWeights = 64;
    c.accumulates = 900;
    network.connections.push_back(c);

    mapped.cores.resize(2);
    mapped.cores[0].core = 3, mapped.cores[1].core = 7;
    mapped.cores[0].used = {{"neurons", 64}};
    mapped.cores[1].used = {{"neurons", 10}, {"synapse_memory", 5120}};
    mapped.parts.resize(2);
    mapped.parts[0].core = 0, mapped.parts[0].population = 0;
    mapped.parts[0].mean.neuronAccess = 64;
    mapped.parts[0].mean.spikesOut = 10;
    mapped.parts[0].mean.packetsOut = 10;
    mapped.parts[0].mean.hopsX = 30;
    mapped.parts[1].core = 1, mapped.parts[1].population = 1;
    mapped.parts[1].mean.neuronAccess = 10;
    mapped.parts[1].mean.neuronUpdate = 9;
    mapped.parts[1].mean.spikesOut = 2;
    mapped.parts[1].mean.packetsIn = 10;
    mapped.parts[1].mean.synops = 90;
    mapped.routers = 2;
    mapped.remoteDeliveries = 100;
    mapped.weightedHops = 300;
  }

  mlir::MLIRContext context;
  target::TargetInfo info;
  NetworkCounts network;
  MappedCounts mapped;
};

Range value(const CostResult &result, StringRef kpi,
            StringRef aggregation = "") {
  const Estimate *estimate = findEstimate(result.kpis, kpi, aggregation);
  EXPECT_TRUE(estimate) << kpi.str();
  if (!estimate)
    return Range();
  EXPECT_TRUE(estimate->range) << kpi.str() << ": " << estimate->unavailable;
  return estimate->range.value_or(Range());
}

std::string reason(const CostResult &result, StringRef kpi) {
  const Estimate *estimate = findEstimate(result.kpis, kpi);
  EXPECT_TRUE(estimate) << kpi.str();
  EXPECT_TRUE(estimate && !estimate->range) << kpi.str();
  return estimate ? estimate->unavailable : "";
}

bool hasNote(const CostResult &result, StringRef rule, StringRef text) {
  return llvm::any_of(result.notes, [&](const Note &note) {
    return note.rule == rule && StringRef(note.message).contains(text);
  });
}
} // namespace

// The 1000 steps of SANA-FE's gesture tutorial: its energy is the sum of its
// event counts times its constants.
TEST_F(CostTest, SanaFeIdentity) {
  setSanaFe();
  constexpr double hopsX = 1838173, hopsY = 2903346;
  network.steps = 1000;
  network.populations.resize(1);
  PopulationCounts &p = network.populations[0];
  p.name = "all", p.neurons = 18678, p.spikes = 365277, p.updates = 15539753;
  mapped.cores.resize(1);
  mapped.parts.resize(1);
  EventCounts &mean = mapped.parts[0].mean;
  mean.synops = 51549374 / 1000.0;
  mean.neuronAccess = 18678000 / 1000.0;
  mean.neuronUpdate = 15539753 / 1000.0;
  mean.spikesOut = 365277 / 1000.0;
  mean.packetsOut = 2482643 / 1000.0;
  mean.hopsX = hopsX / 1000.0, mean.hopsY = hopsY / 1000.0;

  CostResult result = estimateMapped(network, mapped, info);
  const Estimate *energy =
      findEstimate(result.kpis, "energy_dynamic_per_inference");
  ASSERT_TRUE(energy && energy->range);
  auto near = [](double a, double b) { return std::abs(a - b) <= 1e-9 * b; };
  EXPECT_TRUE(near(energy->part("synop")->value, 51549374 * 35.5e-12));
  EXPECT_TRUE(near(energy->part("neuron_access")->value, 18678000 * 51.2e-12));
  EXPECT_TRUE(near(energy->part("neuron_update")->value, 15539753 * 21.6e-12));
  EXPECT_TRUE(near(energy->part("spike_out")->value, 365277 * 69.3e-12));
  EXPECT_TRUE(near(energy->part("axon_out")->value, 2482643 * 111e-12));
  double expected = 51549374 * 35.5e-12 + 18678000 * 51.2e-12 +
                    15539753 * 21.6e-12 + 365277 * 69.3e-12 +
                    2482643 * 111e-12 + hopsX * 3e-12 + hopsY * 4.2e-12;
  EXPECT_TRUE(near(energy->range->value, expected));
  // The sum over its 1000 printed rows.
  EXPECT_NEAR(energy->range->value, 3.4405707e-3, 1e-9);
  EXPECT_TRUE(energy->range->isExact());
  // Idle neurons are 27.8 % of it.
  EXPECT_NEAR(energy->part("neuron_access")->value / energy->range->value,
              0.278, 5e-4);
  // No static power stated, so no total.
  EXPECT_EQ(reason(result, "energy_per_inference"),
            "target 'chip' states no power_static");
}

TEST_F(CostTest, StepIsTheSlowestStageAndTheBarrier) {
  setSanaFe();
  setSmall();
  CostResult result = estimateMapped(network, mapped, info);
  double in = 64 * 6e-9 + 10 * 30e-9 + 10 * 5.1e-9; // neuron stage of core 3
  double out = 10 * 16e-9 + 90 * 3.8e-9;            // synapse stage of core 7
  ASSERT_GT(in, out);
  Range step = value(result, "time_per_timestep");
  EXPECT_NEAR(step.value, in + 1.0e-6, 1e-15);
  EXPECT_EQ(step.low, step.value);
  EXPECT_GT(step.high, step.value); // only means are known
  ASSERT_EQ(result.step.size(), 2u);
  EXPECT_EQ(result.step[0].bound, Bound::Barrier);
  EXPECT_EQ(result.step[1].bound, Bound::NeuronStage);
  EXPECT_EQ(result.step[1].what, "core 3 (in)");
  EXPECT_NEAR(value(result, "latency", "mean").value, 10 * step.value, 1e-14);
  EXPECT_TRUE(hasNote(result, "cost-step", "Poisson"));
  EXPECT_TRUE(hasNote(result, "cost-io", "host interface"));
  EXPECT_EQ(result.layers[1].boundBy, Bound::SynapseStage);
  EXPECT_NEAR(result.layers[1].latency->value, 10 * out, 1e-15);
}

TEST_F(CostTest, PeaksBoundTheStep) {
  setSanaFe();
  setSmall();
  mapped.basis = ActivityBasis::Peaks;
  mapped.parts[0].peak = mapped.parts[0].mean;
  mapped.parts[0].peak->spikesOut = 40;
  CostResult result = estimateMapped(network, mapped, info);
  double worst = 64 * 6e-9 + 40 * 30e-9 + 10 * 5.1e-9 + 1.0e-6;
  EXPECT_NEAR(value(result, "time_per_timestep").high, worst, 1e-15);
}

TEST_F(CostTest, SampleTimesGiveQuantiles) {
  setSanaFe();
  setSmall();
  mapped.basis = ActivityBasis::PerStep;
  for (int i = 1; i <= 100; ++i)
    mapped.sampleTimes.push_back(Range(i * 1e-6));
  CostResult result = estimateMapped(network, mapped, info);
  EXPECT_NEAR(value(result, "latency", "mean").value, 50.5e-6, 1e-12);
  EXPECT_NEAR(value(result, "latency", "p50").value, 50e-6, 1e-12);
  EXPECT_NEAR(value(result, "latency", "p99").value, 99e-6, 1e-12);
  EXPECT_NEAR(value(result, "latency", "max").value, 100e-6, 1e-12);
}

TEST_F(CostTest, RangesAddUp) {
  setSanaFe();
  setSmall();
  setRange("energy_synop", 23.6e-12, 40e-12);
  set("power_static", 0.1, chip::CostKind::Static);
  setRange("power_static", 0.05, 0.2);
  set("power_host", 0.065, chip::CostKind::Static);
  set("power_idle_boot", 0.0295, chip::CostKind::Static);
  CostResult result = estimateMapped(network, mapped, info);
  const Estimate *energy = findEstimate(result.kpis, "energy_per_inference");
  ASSERT_TRUE(energy && energy->range) << energy->unavailable;
  EXPECT_EQ(energy->scope, "chip+host");
  Range latency = value(result, "latency");
  EXPECT_DOUBLE_EQ(energy->part("static")->value, 0.1 * latency.value);
  EXPECT_DOUBLE_EQ(energy->part("static")->low, 0.05 * latency.low);
  EXPECT_DOUBLE_EQ(energy->part("static")->high, 0.2 * latency.high);
  EXPECT_DOUBLE_EQ(energy->part("host")->high, 0.065 * latency.high);
  EXPECT_DOUBLE_EQ(energy->part("synop")->low, 900 * 23.6e-12);
  Range sum;
  for (const auto &part : energy->breakdown)
    sum += part.second;
  EXPECT_DOUBLE_EQ(sum.value, energy->range->value);
  EXPECT_DOUBLE_EQ(sum.low, energy->range->low);
  EXPECT_DOUBLE_EQ(sum.high, energy->range->high);
  // Three baselines.
  Range dynamic = value(result, "energy_dynamic_per_inference");
  Range above = value(result, "energy_above_idle_per_inference");
  EXPECT_LT(dynamic.value, above.value);
  EXPECT_DOUBLE_EQ(above.value, energy->range->value - 0.0295 * latency.value);
  EXPECT_DOUBLE_EQ(value(result, "energy_per_timestep").value,
                   energy->range->value / 10);
  EXPECT_NEAR(value(result, "power_total").value,
              0.165 + dynamic.value / latency.value, 1e-12);
}

TEST_F(CostTest, OperatingPointStandsAlone) {
  setSmall();
  set("energy_synop", 26e-12, chip::CostKind::OperatingPoint);
  set("energy_hop_x", 2.3e-12);
  set("power_static", 0.06, chip::CostKind::Static);
  set("timestep_minimum", 1e-3);
  CostResult result = estimateMapped(network, mapped, info);
  const Estimate *energy = findEstimate(result.kpis, "energy_per_inference");
  ASSERT_TRUE(energy && energy->range);
  EXPECT_DOUBLE_EQ(energy->range->value, 900 * 26e-12);
  EXPECT_EQ(energy->scope, "operating point");
  EXPECT_TRUE(energy->breakdown.empty());
  EXPECT_TRUE(StringRef(reason(result, "energy_dynamic_per_inference"))
                  .contains("operating point"));
  EXPECT_TRUE(hasNote(result, "cost-kind", "without energy_hop_x"));
  // Real time: the chip's own step.
  EXPECT_DOUBLE_EQ(value(result, "time_per_timestep").value, 1e-3);
  EXPECT_EQ(result.step[0].bound, Bound::TimestepMinimum);
}

TEST_F(CostTest, OperatingPointIsNotAddedToIncrements) {
  setSanaFe();
  setSmall();
  set("energy_neuron_access", 1e-9, chip::CostKind::OperatingPoint);
  CostResult result = estimateMapped(network, mapped, info);
  const Estimate *energy =
      findEstimate(result.kpis, "energy_dynamic_per_inference");
  ASSERT_TRUE(energy && energy->range);
  EXPECT_FALSE(energy->part("neuron_access"));
  EXPECT_TRUE(hasNote(result, "cost-kind", "energy_neuron_access"));
}

TEST_F(CostTest, UnknownIsUnavailableNeverZero) {
  setSmall();
  CostResult result = estimateMapped(network, mapped, info);
  EXPECT_EQ(reason(result, "energy_dynamic_per_inference"),
            "target 'chip' states no energy_synop");
  EXPECT_TRUE(
      StringRef(reason(result, "latency")).contains("latency_neuron_access"));
  reason(result, "throughput");
  reason(result, "area");
  EXPECT_EQ(reason(result, "utilisation_neurons"),
            "target 'chip' states no neurons");
  // What needs no constant is there.
  EXPECT_DOUBLE_EQ(value(result, "synops_per_inference").value, 900);
  EXPECT_DOUBLE_EQ(value(result, "memory_weights").value, 640);
  EXPECT_DOUBLE_EQ(value(result, "memory_state").value, 30);
  EXPECT_DOUBLE_EQ(value(result, "connection_sparsity").value, 0.1);
  EXPECT_DOUBLE_EQ(value(result, "activation_sparsity").value, 0.8);
  EXPECT_DOUBLE_EQ(value(result, "cores_used").value, 2);
  EXPECT_DOUBLE_EQ(value(result, "utilisation_cores").value, 2.0 / 128);
}

TEST_F(CostTest, NoActivity) {
  setSanaFe();
  setSmall();
  for (PopulationCounts &p : network.populations)
    p.spikes.reset(), p.updates.reset();
  network.connections[0].accumulates.reset();
  CostResult result = estimateMapped(network, mapped, info);
  for (StringRef kpi : {"energy_per_inference", "latency",
                        "spikes_per_inference", "synops_per_inference"})
    EXPECT_TRUE(StringRef(reason(result, kpi)).contains("no activity"));
  EXPECT_DOUBLE_EQ(value(result, "synops_dense_per_inference").value, 6400);
}

TEST_F(CostTest, AssumedActivityWidens) {
  setSanaFe();
  setSmall();
  mapped.basis = ActivityBasis::Assumed;
  mapped.assumedFactor = Range(1, 0.5, 2);
  CostResult result = estimateMapped(network, mapped, info);
  const Estimate *energy =
      findEstimate(result.kpis, "energy_dynamic_per_inference");
  EXPECT_DOUBLE_EQ(energy->part("synop")->high, 1800 * 35.5e-12);
  EXPECT_DOUBLE_EQ(energy->part("synop")->low, 450 * 35.5e-12);
  EXPECT_TRUE(energy->part("neuron_access")->isExact());
  EXPECT_LT(value(result, "latency").low, value(result, "latency").value);
}

TEST_F(CostTest, UtilisationNamesTheWorstCore) {
  setSmall();
  limit("neurons", 1024);
  limit("synapse_memory", 1048576);
  CostResult result = estimateMapped(network, mapped, info);
  EXPECT_DOUBLE_EQ(value(result, "utilisation_neurons", "max").value,
                   64.0 / 1024);
  EXPECT_DOUBLE_EQ(value(result, "utilisation_neurons", "mean").value,
                   37.0 / 1024);
  EXPECT_EQ(findEstimate(result.kpis, "utilisation_neurons", "max")->note,
            "core 3 (in)");
  EXPECT_DOUBLE_EQ(value(result, "memory_peak").value, 640);
}

TEST_F(CostTest, CountLevel) {
  setSanaFe();
  setSmall();
  CostResult result = estimateCounts(network, info);
  double expected =
      900 * 35.5e-12 + 100 * 51.2e-12 + 90 * 21.6e-12 + 20 * 69.3e-12;
  EXPECT_NEAR(value(result, "energy_dynamic_per_inference").value, expected,
              1e-20);
  EXPECT_TRUE(
      StringRef(reason(result, "latency")).contains("knows no mapping"));
}

TEST_F(CostTest, StandInsAndReset) {
  setSmall();
  network.connections[0].multiplies = 7;
  mapped.parts[1].mean.macs = 0.7;
  mapped.parts[1].mean.hopsY = 1;
  set("energy_mac", 1e-12);
  set("energy_hop_x", 2e-12);
  set("energy_state_reset", 5.94e-6);
  info.absent["energy_synop"] = "not published";
  CostResult result = estimateMapped(network, mapped, info);
  const Estimate *energy =
      findEstimate(result.kpis, "energy_dynamic_per_inference");
  ASSERT_TRUE(energy && energy->range);
  EXPECT_DOUBLE_EQ(energy->part("synop")->value, 900e-12);
  EXPECT_DOUBLE_EQ(energy->part("hop_y")->value, 20e-12);
  EXPECT_DOUBLE_EQ(energy->part("state_reset")->value, 5.94e-6);
  EXPECT_TRUE(hasNote(result, "cost-mac", "(not published)"));
}

TEST_F(CostTest, WrongPositionsAreRefused) {
  setSanaFe();
  setSmall();
  mapped.parts[1].core = 9;
  CostResult result = estimateMapped(network, mapped, info);
  EXPECT_TRUE(hasNote(result, "cost-counts", "core 9 of 2"));
  reason(result, "energy_per_inference");
}

TEST_F(CostTest, BarrierOfTheBoardAndIo) {
  setSanaFe();
  setSmall();
  mapped.chips = 2;
  set("latency_barrier_board", 14.3e-6);
  set("latency_io_step", 5e-6);
  set("bandwidth_io", 1e6);
  mapped.ioBitsPerStep = 10;
  mapped.ioBitsPerSample = 100;
  CostResult result = estimateMapped(network, mapped, info);
  double core = 64 * 6e-9 + 10 * 30e-9 + 10 * 5.1e-9;
  EXPECT_NEAR(value(result, "time_per_timestep").value,
              core + 14.3e-6 + 5e-6 + 10e-6, 1e-14);
  EXPECT_NEAR(value(result, "latency").value,
              10 * value(result, "time_per_timestep").value + 1e-4, 1e-13);
  EXPECT_EQ(findEstimate(result.kpis, "latency")->scope, "chip+io");
}

TEST(KpiTest, RegistryIsSound) {
  std::vector<std::string> names;
  for (const KpiInfo &info : getKpis()) {
    EXPECT_FALSE(llvm::is_contained(names, info.name)) << info.name.str();
    names.push_back(info.name.str());
    EXPECT_FALSE(info.unit.empty() || info.definition.empty() ||
                 info.formula.empty())
        << info.name.str();
  }
  EXPECT_EQ(suggestKpi("energy_per_inferense"), "energy_per_inference");
  EXPECT_EQ(suggestKpi("zzz"), "");
}
