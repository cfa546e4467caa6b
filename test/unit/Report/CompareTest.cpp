//===- CompareTest.cpp - Measured files, comparisons ----------------------===//
#include "nmc/Report/Compare.h"
#include "nmc/Support/File.h"

#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace nmc;
using namespace nmc::report;
using cost::Estimate;
using cost::Range;

static constexpr StringLiteral head =
    "# nmc.measured 1\n"
    "target,model,model_sha256,input,kpi,value,unit,aggregation,scope\n";

static MeasuredTable parse(const Twine &rows) {
  llvm::Expected<MeasuredTable> table =
      parseMeasured((head + rows).str(), "m.csv");
  EXPECT_TRUE(bool(table));
  if (!table) {
    ADD_FAILURE() << llvm::toString(table.takeError());
    return {};
  }
  return std::move(*table);
}

static std::string fault(const Twine &text) {
  llvm::Expected<MeasuredTable> table = parseMeasured(text.str(), "m.csv");
  EXPECT_FALSE(bool(table));
  return table ? std::string() : llvm::toString(table.takeError());
}

static void expectContains(const std::string &text, StringRef part) {
  EXPECT_NE(text.find(part.str()), std::string::npos)
      << part.str() << " is not in\n"
      << text;
}

TEST(MeasuredTest, UnitsBecomeSI) {
  MeasuredTable table = parse("t,m,,,energy_per_inference,371.7,uJ,mean,chip\n"
                              "t,m,,,accuracy,95.4,%,,\n"
                              "t,m,,,accuracy,0.954,1,,\n"
                              "t,m,,,memory_weights,4,KiB,,\n"
                              "t,m,,,edp,0.9,uJ s,,\n"
                              "t,m,,,edp,5.07,mJ·s,,\n"
                              "t,m,,,throughput,2000,1/s,,\n");
  ASSERT_EQ(table.rows.size(), 7u);
  EXPECT_DOUBLE_EQ(table.rows[0].value, 371.7e-6);
  EXPECT_EQ(table.rows[0].unit, "J");
  EXPECT_EQ(table.rows[0].line, 3);
  EXPECT_DOUBLE_EQ(table.rows[1].value, 0.954);
  EXPECT_DOUBLE_EQ(table.rows[2].value, 0.954);
  EXPECT_DOUBLE_EQ(table.rows[3].value, 4096);
  EXPECT_DOUBLE_EQ(table.rows[4].value, 0.9e-6);
  EXPECT_DOUBLE_EQ(table.rows[5].value, 5.07e-3);
  EXPECT_DOUBLE_EQ(table.rows[6].value, 2000);
}

TEST(MeasuredTest, AllFaultsAreReportedWithTheirLines) {
  std::string text =
      fault(head + Twine("t,m,,,energy_per_inferense,1,J,,\n"
                         "t,m,,,energy_per_inference,1,s,,\n"
                         "t,m,,,energy_per_inference,abc,J,,\n"
                         ",m,,,energy_per_inference,-1,J,,\n"
                         "t,m,12,,energy_per_inference,1,J,,\n"));
  expectContains(text, "m.csv:3: unknown KPI 'energy_per_inferense'; did you "
                       "mean 'energy_per_inference'? [measured-kpi]");
  expectContains(text, "m.csv:4: ");
  expectContains(text, "[unit-dimension]");
  expectContains(text, "m.csv:5: value 'abc' is not a number");
  expectContains(text, "m.csv:6: no target");
  expectContains(text, "is negative");
  expectContains(text, "m.csv:7: model_sha256 '12'");
  expectContains(fault("target,model,kpi,value,unit\n"), "[measured-version]");
  expectContains(fault("# nmc.measured 2\ntarget,model,kpi,value,unit\n"),
                 "another version");
  text = fault("# nmc.measured 1\ntarget,model,kpi,value,units\n");
  expectContains(text, "column 'unit' is missing");
  expectContains(text, "did you mean 'unit'?");
  expectContains(fault(head + Twine("t,m\n")), "[csv-fields]");
}

TEST(MeasuredTest, PublishedLoihiRecords) {
  std::string path =
      std::string(NMC_SOURCE_DIR) + "/test/Models/measured/loihi1.csv";
  auto buffer = readFile(path);
  ASSERT_TRUE(bool(buffer));
  llvm::Expected<MeasuredTable> table =
      parseMeasured((*buffer)->getBuffer(), "loihi1.csv");
  ASSERT_TRUE(bool(table)) << llvm::toString(table.takeError());
  EXPECT_GE(table->rows.size(), 60u);
  for (const MeasuredRow &row : table->rows) {
    EXPECT_EQ(row.target, "loihi1");
    EXPECT_FALSE(row.source.empty()) << row.line;
  }
}

static Report makeReport() {
  Report r;
  r.run.toolVersion = "0.1.0";
  r.target.name = "loihi1", r.target.sha256 = "t";
  r.model.name = "kws", r.model.sha256 = std::string(64, 'a');
  r.input.kind = "npz";
  r.input.name = "aloha";
  r.kpis.push_back(Estimate::of("energy_per_inference", Range(2e-6, 1e-6, 3e-6),
                                "chip", "mean"));
  r.kpis.push_back(Estimate::of("latency", Range(4e-3), "chip", "mean"));
  r.kpis.push_back(Estimate::of("latency", Range(5e-3), "chip", "p99"));
  r.kpis.push_back(Estimate::missing("throughput", "no latency"));
  r.kpis.push_back(Estimate::of("accuracy", Range(0.9)));
  return r;
}

TEST(CompareTest, JoinsAndListsWhatIsLeft) {
  Report report = makeReport();
  std::string sha = std::string(64, 'a'), other = std::string(64, 'c');
  MeasuredTable table =
      parse("loihi1,kws," + Twine(sha) +
            ",aloha,energy_per_inference,1.5,uJ,mean,chip\n" // inside
            "loihi1,other name," +
            sha +
            ",aloha,latency,2,ms,p99,board\n" // outside, scope
            "loihi1,kws," +
            other +
            ",aloha,latency,2,ms,,\n"                // another model
            "loihi2,kws,,aloha,latency,2,ms,,\n"     // another target
            "loihi1,kws,,mnist,latency,2,ms,,\n"     // another input
            "loihi1,kws,,aloha,throughput,2,1/s,,\n" // unavailable
            "loihi1,kws,,aloha,edp,2,J s,,\n");      // not predicted
  MeasuredComparison result = compareMeasured({&report}, table);
  ASSERT_EQ(result.matches.size(), 2u);
  const Match &energy = result.matches[0];
  EXPECT_TRUE(energy.inside);
  EXPECT_TRUE(energy.sameScope);
  EXPECT_NEAR(*energy.relativeError, 1.0 / 3, 1e-12);
  EXPECT_TRUE(energy.remarks.empty());
  const Match &latency = result.matches[1];
  EXPECT_EQ(latency.predicted.aggregation, "p99");
  EXPECT_FALSE(latency.inside);
  EXPECT_DOUBLE_EQ(*latency.ratio, 2.5);
  ASSERT_FALSE(latency.remarks.empty());
  EXPECT_EQ(latency.remarks[0],
            "scope differs: measured 'board', predicted 'chip'");
  ASSERT_EQ(result.unmatchedMeasured.size(), 5u);
  expectContains(result.unmatchedMeasured[0].reason, "no prediction for model");
  expectContains(result.unmatchedMeasured[1].reason,
                 "no prediction for target 'loihi2'");
  expectContains(result.unmatchedMeasured[2].reason,
                 "no prediction for input 'mnist'");
  expectContains(result.unmatchedMeasured[3].reason,
                 "prediction unavailable: no latency");
  expectContains(result.unmatchedMeasured[4].reason, "not predicted");
  EXPECT_EQ(result.unmatchedPredicted.size(), 2u); // latency mean, accuracy
  EXPECT_EQ(result.all.count, 2);
  EXPECT_NEAR(result.all.geomeanRatio, std::sqrt(4.0 / 3 * 2.5), 1e-12);
  EXPECT_NEAR(result.all.maxAbsoluteError, 1.5, 1e-12);
  EXPECT_EQ(result.sameScope.count, 1);

  std::string text;
  llvm::raw_string_ostream os(text);
  printText(result, os);
  expectContains(text, "+33.3 %");
  expectContains(text, "measured without prediction (5)");
  text.clear();
  printJson(result, os);
  EXPECT_TRUE(bool(llvm::json::parse(text)));
}

TEST(CompareTest, OwnTableReadsAsMeasured) {
  Report report = makeReport();
  std::string csv;
  llvm::raw_string_ostream os(csv);
  printKpisCsv(report, os);
  llvm::Expected<MeasuredTable> table = parseMeasured(csv, "kpis.csv");
  ASSERT_TRUE(bool(table)) << llvm::toString(table.takeError());
  MeasuredComparison result = compareMeasured({&report}, *table);
  EXPECT_EQ(result.matches.size(), 4u);
  for (const Match &match : result.matches)
    EXPECT_EQ(match.relativeError, 0.0);
}

TEST(CompareTest, Thresholds) {
  llvm::Expected<Threshold> energy = parseThreshold("energy=10%");
  ASSERT_TRUE(bool(energy));
  EXPECT_EQ(energy->kpi, "energy_per_inference");
  EXPECT_DOUBLE_EQ(energy->relative, 0.1);
  llvm::Expected<Threshold> plain = parseThreshold("accuracy = 0.01");
  ASSERT_TRUE(bool(plain));
  EXPECT_DOUBLE_EQ(plain->relative, 0.01);
  for (StringRef wrong : {"energy", "enrgy_per_inference=1%", "energy=x",
                          "energy=-1%", "energy=inf"}) {
    llvm::Expected<Threshold> threshold = parseThreshold(wrong);
    ASSERT_FALSE(bool(threshold)) << wrong.str();
    expectContains(llvm::toString(threshold.takeError()), "[fail-over]");
  }

  Report before = makeReport(), after = makeReport();
  after.kpis[0].range = Range(2.1e-6); // +5 %
  after.kpis[4].range = Range(0.8);    // -11 %
  auto exceeded = [&](StringRef text) {
    llvm::Expected<Threshold> threshold = parseThreshold(text);
    EXPECT_TRUE(bool(threshold));
    return compareReports(before, after, *threshold).exceeded;
  };
  EXPECT_FALSE(exceeded("energy=10%"));
  EXPECT_TRUE(exceeded("energy=4%"));
  EXPECT_TRUE(exceeded("accuracy=10%"));
  EXPECT_FALSE(exceeded("accuracy=12%"));
  EXPECT_FALSE(exceeded("latency=0%"));
  // What cannot be checked is not met.
  EXPECT_TRUE(exceeded("throughput=10%"));
  EXPECT_TRUE(exceeded("area=10%"));

  after.target.sha256 = "u", after.target.name = "mesh";
  BundleComparison result = compareReports(before, after, {});
  ASSERT_EQ(result.remarks.size(), 1u);
  EXPECT_EQ(result.remarks[0], "target differs: loihi1, then mesh");
}
