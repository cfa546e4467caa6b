//===- ReportTest.cpp - Report, bundle, summary, generated pages ----------===//
#include "nmc/Report/Bundle.h"
#include "nmc/Support/File.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <gtest/gtest.h>

using namespace nmc;
using namespace nmc::report;
using cost::Estimate;
using cost::Range;

/// A report with something in every place.
static Report makeReport() {
  Report r;
  r.run.toolVersion = "0.1.0";
  r.run.level = "mapped";
  r.run.options = {{"steps", "64"}, {"reset", "subtract"}};
  r.model.name = "digits", r.model.path = "digits/model.onnx";
  r.model.format = "onnx", r.model.sha256 = std::string(64, 'a');
  r.model.irVersion = 8;
  r.model.opset = {{"", 13}};
  r.model.parameters = 22604, r.model.macsDense = 2656768, r.model.layers = 4;
  r.target.name = "loihi1", r.target.sha256 = std::string(64, 'b');
  r.target.costProfile = "sanafe";
  r.input.kind = "npz", r.input.name = "inputs", r.input.samples = 360;
  r.input.labels = true, r.input.timesteps = 64;
  Mapping mapping;
  mapping.solver = "tile", mapping.cores = 6, mapping.chips = 1;
  mapping.coresBound = 5, mapping.gap = 0.2;
  r.mapping = mapping;

  Estimate energy = Estimate::of("energy_per_inference",
                                 Range(3.1e-6, 2.4e-6, 4.0e-6), "chip", "mean");
  energy.breakdown = {{"synop", Range(1.7e-6, 1.2e-6, 2e-6)},
                      {"neuron_access", Range(0.5e-6)},
                      {"hop_x", Range(0.2e-6)},
                      {"static", Range(0.7e-6, 0.5e-6, 1.3e-6)}};
  energy.samples = 360;
  r.kpis.push_back(energy);
  r.kpis.push_back(
      Estimate::of("latency", Range(1.4e-4, 1.4e-4, 1.6e-4), "chip", "mean"));
  r.kpis.push_back(
      Estimate::of("throughput", Range(7142.857142857143), "chip"));
  for (auto [name, value] : {std::pair<StringRef, double>{"accuracy", 0.963},
                             {"accuracy_float", 0.983},
                             {"accuracy_converted", 0.975}}) {
    r.kpis.push_back(Estimate::of(name, value));
    r.kpis.back().mode = cost::Mode::Simulated;
    r.kpis.back().samples = 360;
  }
  r.kpis.push_back(Estimate::of("memory_weights", 4321.5));
  r.kpis.push_back(Estimate::of("memory_state", 900));
  r.kpis.push_back(Estimate::of("synops_per_inference", 120000));
  r.kpis.push_back(Estimate::of("synops_dense_per_inference", 2.6e6));
  r.kpis.push_back(Estimate::of("spikes_per_inference", 1234.5));
  r.kpis.push_back(Estimate::of("edp", 4.34e-10));
  r.kpis.push_back(Estimate::missing("area", "target 'loihi1' states no area"));
  for (int64_t steps : {1, 2, 4, 8, 16, 32, 64}) {
    AccuracyPoint point;
    point.steps = steps, point.samples = 360;
    point.accuracy = 0.9, point.spikesPerInference = 20.0 * steps;
    r.accuracyCurve.push_back(point);
  }
  cost::LayerCost layer;
  layer.name = "conv, \"1\"", layer.op = "spike.if";
  layer.location = "model.onnx:Conv_0";
  layer.cores = 2, layer.neurons = 512, layer.synapses = 4608;
  layer.weightBytes = 72, layer.synops = 110000, layer.energy = Range(1e-6);
  layer.latency = Range(1e-5, 0.9e-5, 2e-5);
  layer.boundBy = cost::Bound::SynapseStage;
  layer.breakdown = {{"synop", Range(1e-6)}};
  r.layers.push_back(layer);
  cost::CoreCost core;
  core.core = 3, core.populations = {"conv"}, core.neurons = 256;
  core.energy = Range(5e-7), core.time = Range(1e-6);
  core.stage = cost::Bound::NeuronStage;
  r.cores.push_back(core);
  r.resources.push_back({"cores", "chip", "1", 6, 128, ""});
  r.resources.push_back(
      {"axons_in", "core, worst", "1", 4000, 4096, "core 3 (conv)"});
  r.step.push_back({cost::Bound::Barrier, Range(1e-6), "synchronisation"});
  r.step.push_back({cost::Bound::SynapseStage, Range(5e-7), "core 3 (conv)"});
  r.assumptions.push_back({"power_static", "W", "static", "assumed", "a guess",
                           Range(0.03, 0.02, 0.04)});
  Finding finding;
  finding.severity = cost::Severity::Warning, finding.rule = "max-pool";
  finding.message = "max-pool is replaced by average-pool";
  finding.layer = "pool1", finding.required = 5, finding.available = 4;
  r.diagnostics.push_back(finding);
  return r;
}

template <typename T> static std::string json(const T &value) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printJson(value, os);
  return text;
}

static std::string summary(const Report &report,
                           const SummaryOptions &options = {}) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printSummary(report, os, options);
  return text;
}

TEST(ReportTest, JsonReadsBackToTheSameBytes) {
  std::string text = json(makeReport());
  llvm::Expected<Report> back = parseReport(text, "r.json");
  ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
  EXPECT_EQ(json(*back), text);
}

TEST(ReportTest, NumbersAreShortest) {
  EXPECT_EQ(formatDouble(0.1), "0.1");
  EXPECT_EQ(formatDouble(3.1e-06), "3.1e-06");
  EXPECT_EQ(formatDouble(-0.0), "0");
  EXPECT_EQ(formatDouble(1e300 * 10), "1e+301");
}

TEST(ReportTest, ForeignJsonIsRefused) {
  auto message = [](StringRef text) {
    llvm::Expected<Report> report = parseReport(text, "r.json");
    EXPECT_FALSE(bool(report));
    return report ? std::string() : llvm::toString(report.takeError());
  };
  EXPECT_NE(message("{}").find("[report-schema]"), std::string::npos);
  EXPECT_NE(message("[1").find("[json-syntax]"), std::string::npos);
  EXPECT_NE(message(R"({"schema":"nmc.report","schema_version":"2.0.0"})")
                .find("[report-version]"),
            std::string::npos);
  std::string text = json(makeReport());
  size_t at = text.find("\"seed\": 0");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 9, "\"seed\":[]");
  EXPECT_NE(message(text).find("run.seed"), std::string::npos);
}

TEST(ReportTest, SummaryFitsTheScreen) {
  Report report = makeReport();
  for (int i = 0; i < 40; ++i) {
    report.diagnostics.push_back(report.diagnostics.front());
    report.kpis.push_back(Estimate::missing(
        cost::getKpis()[i % cost::getKpis().size()].name,
        "reason number " + Twine(i) + " that goes on for quite some words"));
  }
  SummaryOptions options;
  options.bundle = "out", options.files = {"report.json"};
  std::string text = summary(report, options);
  EXPECT_LE(StringRef(text).count('\n'), 30u) << text;
  for (StringRef word :
       {"digits on loihi1", "22.6 k parameters", "fits: 6/128 cores (4.7 %)",
        "axons in 98 % of core 3 (conv)", "3.1 uJ", "2.4 uJ - 4 uJ",
        "synops 55 %", "static 23 %", "140 us", "bound by barrier",
        "float 0.983", "converted 0.975", "0.963", "4.6 % of dense",
        "power_static assumed", "states no area", "max-pool",
        "wrote out (report.json)"})
    EXPECT_NE(text.find(word.str()), std::string::npos)
        << word.str() << " is not in\n"
        << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  options.color = true;
  EXPECT_NE(summary(report, options).find('\x1b'), std::string::npos);
}

TEST(ReportTest, SummaryListsWhatIsInTheWay) {
  Report report = makeReport();
  report.status = Status::DoesNotFit;
  report.kpis.clear();
  report.accuracyCurve.clear();
  report.assumptions.clear();
  report.diagnostics.clear();
  for (int i = 0; i < 12; ++i) {
    Finding finding;
    finding.severity = cost::Severity::Error;
    finding.rule = "core-axons-in";
    finding.message = "needs 9216 input axons, core limit is 4096";
    finding.layer = "conv" + std::to_string(i);
    report.diagnostics.push_back(finding);
  }
  std::string text = summary(report);
  EXPECT_NE(text.find("does not fit"), std::string::npos);
  EXPECT_EQ(StringRef(text).count("[core-axons-in]"), 12u) << text;
}

TEST(ReportTest, UnitsForPeople) {
  EXPECT_EQ(formatValue(640, "B"), "640 B");
  EXPECT_EQ(formatValue(65536, "B"), "64 KiB");
  EXPECT_EQ(formatValue(22604, "1"), "22.6 k");
  EXPECT_EQ(formatValue(2656768, "1"), "2.66 M");
  EXPECT_EQ(formatValue(3.1e-6, "J"), "3.1 uJ");
  EXPECT_EQ(formatValue(4.34e-10, "J s"), "434 pJ*s");
}

//===----------------------------------------------------------------------===//
// Bundle
//===----------------------------------------------------------------------===//

namespace {
class BundleTest : public ::testing::Test {
protected:
  void SetUp() override {
    SmallVector<char> path;
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("nmc-bundle", path));
    folder = std::string(path.begin(), path.end());
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string file(StringRef name) const { return folder + "/" + name.str(); }
  void write(bool finish = true) {
    auto writer = BundleWriter::create(folder);
    ASSERT_TRUE(bool(writer));
    ASSERT_FALSE(bool(writer->add(makeReport())));
    ASSERT_FALSE(bool(writer->add("mapping.nmcm", "binary")));
    RunRecord run;
    run.command = {"nmc", "compile"}, run.started = currentTime();
    run.wallSeconds = 0.5, run.phases = {{"map", 0.25}};
    if (finish) {
      ASSERT_FALSE(bool(writer->finish(run, Status::Ok)));
    }
  }
  std::string read() {
    llvm::Expected<Bundle> bundle = readBundle(folder);
    return bundle ? "" : llvm::toString(bundle.takeError());
  }
  std::string content(StringRef name) {
    auto buffer = readFile(file(name));
    EXPECT_TRUE(bool(buffer));
    return buffer ? (*buffer)->getBuffer().str() : "";
  }
  std::string folder;
};
} // namespace

TEST_F(BundleTest, ReadsBack) {
  write();
  llvm::Expected<Bundle> bundle = readBundle(folder);
  ASSERT_TRUE(bool(bundle)) << llvm::toString(bundle.takeError());
  EXPECT_EQ(json(bundle->report), json(makeReport()));
  EXPECT_EQ(bundle->files.size(), 4u);
  EXPECT_NE(content("layers.csv").find("\"conv, \"\"1\"\"\""),
            std::string::npos);
  auto artifact = readBundleFile(folder, "mapping.nmcm");
  ASSERT_TRUE(bool(artifact));
  EXPECT_EQ((*artifact)->getBuffer(), "binary");
}

TEST_F(BundleTest, EqualRunsGiveEqualBytes) {
  write();
  std::string manifest = content("manifest.json");
  write();
  EXPECT_EQ(content("manifest.json"), manifest);
  EXPECT_EQ(manifest.find("run.json"), std::string::npos);
}

TEST_F(BundleTest, ChangesAreFound) {
  write();
  std::string text = content("kpis.csv");
  text[text.size() / 2] ^= 1;
  ASSERT_FALSE(bool(writeFile(file("kpis.csv"), StringRef(text))));
  EXPECT_NE(read().find("[bundle-hash]"), std::string::npos);
}

TEST_F(BundleTest, CutOffRunsAreNoBundles) {
  write();
  write(/*finish=*/false);
  EXPECT_NE(read().find("[bundle-manifest]"), std::string::npos);
}

TEST_F(BundleTest, ManifestsMayNotLeadOutside) {
  write();
  ASSERT_FALSE(bool(writeFile(file("manifest.json"),
                              StringRef(R"({"schema":"nmc.manifest","files":[
        {"path":"../x","bytes":1,"sha256":""}]})"))));
  EXPECT_NE(read().find("no plain file name"), std::string::npos);
}

//===----------------------------------------------------------------------===//
// Generated pages.  NMC_UPDATE_DOCS=1 writes them.
//===----------------------------------------------------------------------===//

static void checkPage(StringRef name, function_ref<void(raw_ostream &)> print) {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(os);
  std::string path = (Twine(NMC_SOURCE_DIR) + "/" + name).str();
  if (std::getenv("NMC_UPDATE_DOCS")) {
    ASSERT_FALSE(bool(writeFile(path, StringRef(text))));
  }
  auto page = readFile(path);
  ASSERT_TRUE(bool(page)) << llvm::toString(page.takeError());
  EXPECT_TRUE((*page)->getBuffer() == text)
      << path << " is out of date; NMC_UPDATE_DOCS=1 writes it";
}

TEST(PagesTest, SchemaIsCurrent) {
  checkPage("docs/schema/report-1.0.schema.json", printReportSchema);
}

// test/lib/Report/schema.test holds it against the schema.
TEST(PagesTest, ExampleIsCurrent) {
  checkPage("docs/schema/report-1.0.example.json",
            [](raw_ostream &os) { printJson(makeReport(), os); });
}

TEST(PagesTest, HandbookIsCurrent) {
  checkPage("docs/handbook/metrics.md", cost::printMetricsHandbook);
}
