//===- TextTest.cpp - Units, CSV and JSON ---------------------------------===//

#include "DataFiles.h"

#include "nmc/Support/Csv.h"
#include "nmc/Support/Json.h"
#include "nmc/Support/Units.h"

using namespace nmc;
using namespace nmc::test;

//===----------------------------------------------------------------------===//
// Units
//===----------------------------------------------------------------------===//

static double parse(StringRef text, Dimension dimension) {
  llvm::Expected<double> value = parseQuantity(text, dimension);
  if (value)
    return *value;
  ADD_FAILURE() << llvm::toString(value.takeError());
  return 0;
}

TEST(Units, Parses) {
  EXPECT_DOUBLE_EQ(parse("23.6 pJ", Dimension::Energy), 23.6e-12);
  EXPECT_DOUBLE_EQ(parse("23.6pJ", Dimension::Energy), 23.6e-12);
  EXPECT_DOUBLE_EQ(parse("128 KiB", Dimension::Information), 128 * 1024 * 8);
  EXPECT_DOUBLE_EQ(parse("1 kB", Dimension::Information), 8000);
  EXPECT_DOUBLE_EQ(parse("1 kbit", Dimension::Information), 1000);
  EXPECT_DOUBLE_EQ(parse("1 Kibit", Dimension::Information), 1024);
  EXPECT_DOUBLE_EQ(parse("200 MHz", Dimension::Frequency), 200e6);
  EXPECT_DOUBLE_EQ(parse("10 us", Dimension::Time), 10e-6);
  EXPECT_DOUBLE_EQ(parse("10 \xC2\xB5s", Dimension::Time), 10e-6);
  EXPECT_DOUBLE_EQ(parse("10 \xCE\xBCs", Dimension::Time), 10e-6);
  EXPECT_DOUBLE_EQ(parse("2 min", Dimension::Time), 120);
  EXPECT_DOUBLE_EQ(parse("1 ns", Dimension::Time), 1e-9);
  EXPECT_DOUBLE_EQ(parse("30 mW", Dimension::Power), 0.03);
  EXPECT_DOUBLE_EQ(parse("100 MB/s", Dimension::Bandwidth), 8e8);
  EXPECT_DOUBLE_EQ(parse("1 Gbit/s", Dimension::Bandwidth), 1e9);
  EXPECT_DOUBLE_EQ(parse("16384 word", Dimension::Count), 16384);
  EXPECT_DOUBLE_EQ(parse("1024 neurons", Dimension::Count), 1024);
  EXPECT_DOUBLE_EQ(parse("3 1", Dimension::Count), 3);
  EXPECT_DOUBLE_EQ(parse("5 %", Dimension::Ratio), 0.05);
  EXPECT_DOUBLE_EQ(parse("0.5 1", Dimension::Ratio), 0.5);
  EXPECT_DOUBLE_EQ(parse("1.5 Gspike/s", Dimension::Rate), 1.5e9);
  EXPECT_DOUBLE_EQ(parse("30 inferences/s", Dimension::Rate), 30);
  EXPECT_DOUBLE_EQ(parse("60 mm2", Dimension::Area), 60e-6);
  EXPECT_DOUBLE_EQ(parse("60 mm\xC2\xB2", Dimension::Area), 60e-6);
  EXPECT_DOUBLE_EQ(parse("14 nm", Dimension::Length), 14e-9);
  EXPECT_DOUBLE_EQ(parse("0.75 V", Dimension::Voltage), 0.75);
  EXPECT_DOUBLE_EQ(parse("2 mA", Dimension::Current), 2e-3);
  EXPECT_DOUBLE_EQ(parse("25 degC", Dimension::Temperature), 298.15);
  EXPECT_DOUBLE_EQ(parse("25 \xC2\xB0"
                         "C",
                         Dimension::Temperature),
                   298.15);
  EXPECT_DOUBLE_EQ(parse(" -1.5e-3 V ", Dimension::Voltage), -1.5e-3);
  auto any = parseQuantity("3 pJ");
  ASSERT_TRUE(bool(any));
  EXPECT_EQ(any->dimension, Dimension::Energy);
}

TEST(Units, Refuses) {
  expectParts(messageOf(parseQuantity("23.6")),
              {"'23.6' has no unit", "\"23.6 pJ\"", "[unit-missing]"});
  expectParts(messageOf(parseQuantity("pJ")), {"[unit-number]"});
  expectParts(messageOf(parseQuantity("")), {"[unit-number]"});
  expectParts(messageOf(parseQuantity("nan pJ")), {"[unit-number]"});
  expectParts(messageOf(parseQuantity("1e999 pJ")), {"[unit-number]"});
  expectParts(messageOf(parseQuantity("0x10 J")), {"[unit-unknown]"});
  expectParts(messageOf(parseQuantity("3 mhz")),
              {"'mhz'", "did you mean", "Hz'", "[unit-unknown]"});
  expectParts(messageOf(parseQuantity("3 KIB")),
              {"did you mean 'KiB'?", "[unit-unknown]"});
  expectParts(messageOf(parseQuantity("3 bananas")), {"[unit-unknown]"});
  expectParts(messageOf(parseQuantity("3 ms", Dimension::Energy)),
              {"is a time, expected energy in J", "[unit-dimension]"});
  expectParts(messageOf(parseQuantity("3 KiB", Dimension::Energy)),
              {"is an information", "[unit-dimension]"});
  EXPECT_EQ(messageOf(parseQuantity("3 p\xff", Dimension::Energy)).find('\xff'),
            std::string::npos);
}

TEST(Units, SIUnits) {
  EXPECT_EQ(getSIUnit(Dimension::Bandwidth), "bit/s");
  EXPECT_EQ(getDimensionOfSIUnit("J"), Dimension::Energy);
  EXPECT_EQ(getDimensionOfSIUnit("1"), Dimension::Count);
  EXPECT_EQ(getDimensionOfSIUnit("m2"), Dimension::Area);
  EXPECT_EQ(getDimensionOfSIUnit("pJ"), std::nullopt);
}

TEST(Units, Formats) {
  EXPECT_EQ(formatQuantity(3.1e-6, Dimension::Energy), "3.1 uJ");
  EXPECT_EQ(formatQuantity(0.00014, Dimension::Time), "140 us");
  EXPECT_EQ(formatQuantity(0.0123456, Dimension::Time), "12.3 ms");
  EXPECT_EQ(formatQuantity(9.9996e-7, Dimension::Energy), "1 uJ");
  EXPECT_EQ(formatQuantity(999.4e-9, Dimension::Energy), "999 nJ");
  EXPECT_EQ(formatQuantity(-2.5, Dimension::Power), "-2.5 W");
  EXPECT_EQ(formatQuantity(7200, Dimension::Time), "7200 s");
  EXPECT_EQ(formatQuantity(2e8, Dimension::Frequency), "200 MHz");
  EXPECT_EQ(formatQuantity(128 * 1024 * 8, Dimension::Information), "128 KiB");
  EXPECT_EQ(formatQuantity(1000 * 8, Dimension::Information), "1000 B");
  EXPECT_EQ(formatQuantity(1010 * 1024 * 8, Dimension::Information),
            "1010 KiB");
  EXPECT_EQ(formatQuantity(12, Dimension::Information), "12 bit");
  EXPECT_EQ(formatQuantity(8e8, Dimension::Bandwidth), "800 Mbit/s");
  EXPECT_EQ(formatQuantity(0.05, Dimension::Ratio), "5 %");
  EXPECT_EQ(formatQuantity(123456, Dimension::Count), "123456");
  EXPECT_EQ(formatQuantity(1234.5, Dimension::Count), "1230");
  EXPECT_EQ(formatQuantity(60e-6, Dimension::Area), "60 mm2");
  EXPECT_EQ(formatQuantity(0, Dimension::Energy), "0 J");
  EXPECT_EQ(formatQuantity(0, Dimension::Count), "0");
  EXPECT_EQ(formatQuantity(298.15, Dimension::Temperature), "298 K");
  EXPECT_EQ(formatQuantity(1e-21, Dimension::Energy), "1e-6 fJ");
  EXPECT_EQ(formatNumber(1e20), "1e20");
  EXPECT_EQ(formatNumber(0.000123), "0.000123");
  EXPECT_EQ(formatNumber(1.0 / 3, 6), "0.333333");
}

TEST(Units, WhatIsFormattedCanBeParsed) {
  std::mt19937 random(4);
  for (Dimension dimension :
       {Dimension::Energy, Dimension::Time, Dimension::Power,
        Dimension::Frequency, Dimension::Information, Dimension::Bandwidth,
        Dimension::Rate, Dimension::Length, Dimension::Area, Dimension::Voltage,
        Dimension::Current, Dimension::Temperature})
    for (int i = 0; i < 200; ++i) {
      double value =
          (1 + random() % 999) * std::pow(10.0, int(random() % 20) - 12);
      std::string text = formatQuantity(value, dimension);
      llvm::Expected<double> back = parseQuantity(text, dimension);
      ASSERT_TRUE(bool(back)) << text << llvm::toString(back.takeError());
      EXPECT_NEAR(*back, value, 0.006 * value) << text;
    }
}

//===----------------------------------------------------------------------===//
// CSV
//===----------------------------------------------------------------------===//

TEST(Csv, Parses) {
  auto table = parseCsv("# format 1\n\na, b ,c\n1,\"x, \"\"y\"\"\n\",3\r\n"
                        "# end\n4,,  \n",
                        "t.csv");
  ASSERT_TRUE(bool(table)) << llvm::toString(table.takeError());
  EXPECT_EQ(table->columns, (std::vector<std::string>{"a", "b", "c"}));
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_EQ(table->rows[0].line, 4);
  EXPECT_EQ(table->rows[0].fields,
            (std::vector<std::string>{"1", "x, \"y\"\n", "3"}));
  EXPECT_EQ(table->rows[1].line, 7);
  EXPECT_EQ(table->rows[1].fields, (std::vector<std::string>{"4", "", ""}));
  ASSERT_EQ(table->comments.size(), 2u);
  EXPECT_EQ(table->comments[1].second, "end");
  EXPECT_EQ(table->column("c"), 2u);
  EXPECT_EQ(table->column("d"), std::nullopt);
}

TEST(Csv, Refuses) {
  auto error = [](StringRef text) {
    return messageOf(parseCsv(text, "t.csv"));
  };
  expectParts(error(""), {"t.csv", "[csv-header]"});
  expectParts(error("# only\n"), {"[csv-header]"});
  expectParts(error("a,a\n"), {"t.csv:1: ", "'a'", "[csv-header]"});
  expectParts(error("a,\n"), {"[csv-header]"});
  expectParts(error("a,b\n1\n"),
              {"t.csv:2: ", "1 fields", "2", "[csv-fields]"});
  expectParts(error("a,b\n1,2,3"), {"3 fields", "[csv-fields]"});
  expectParts(error("a\n\"x"), {"t.csv:2: ", "[csv-syntax]"});
  expectParts(error("a\n\"x\"y\n"), {"[csv-syntax]"});
}

TEST(Csv, Quotes) {
  for (StringRef field : {"", "a", "a b", " a", "a,b", "a\"b", "a\nb", "#a"}) {
    auto table = parseCsv("x,y\n" + quoteCsv(field) + ",1\n", "t.csv");
    ASSERT_TRUE(bool(table)) << llvm::toString(table.takeError());
    ASSERT_EQ(table->rows.size(), 1u);
    EXPECT_EQ(table->rows[0].fields[0], field);
  }
}

TEST(Csv, RandomFaultsNeverCrash) {
  std::mt19937 random(5);
  for (int i = 0; i < 2000; ++i)
    llvm::consumeError(
        parseCsv(mutate("# c\na,b\n\"1\",2\r\n3,\"4,\"\"\"\n", random), "t")
            .takeError());
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

TEST(Json, LimitsDepth) {
  EXPECT_EQ(messageOf(parseJson("{\"a\": [1, \"[[[\"]}", "j", 2)), "");
  expectParts(messageOf(parseJson(std::string(1000000, '['), "j")),
              {"j: ", "64 levels", "[json-syntax]"});
  expectParts(messageOf(parseJson("{\"a\": }", "j")), {"[json-syntax]"});
}
