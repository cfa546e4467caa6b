//===- YamlTest.cpp - Trees of YAML files ---------------------------------===//

#include "nmc/Target/Yaml.h"
#include "TargetTesting.h"

using namespace nmc;
using namespace nmc::target;

namespace {
class YamlTest : public TargetTest {
protected:
  YamlNode parse(StringRef text) {
    diagnostics.clear();
    Faults faults;
    YamlNode node = parseYaml(
        text,
        [&](unsigned line, unsigned column) -> Location {
          return mlir::FileLineColLoc::get(&context, "f", line, column);
        },
        faults);
    (void)faults.report();
    return node;
  }

  /// "a: {b: 1}" on one line, for comparison.
  static std::string print(const YamlNode &node) {
    std::string text;
    switch (node.kind) {
    case YamlNode::Kind::Null:
      return "null";
    case YamlNode::Kind::Scalar:
      return node.text;
    case YamlNode::Kind::Sequence:
      for (const YamlNode &item : node.items)
        text += (text.empty() ? "" : ", ") + print(item);
      return "[" + text + "]";
    case YamlNode::Kind::Mapping:
      for (const YamlEntry &entry : node.entries)
        text +=
            (text.empty() ? "" : ", ") + entry.key + ": " + print(entry.value);
      return "{" + text + "}";
    }
    return "";
  }

  std::string merge(StringRef base, StringRef over) {
    YamlNode result = parse(base);
    YamlNode upper = parse(over);
    Faults faults;
    mergeYaml(result, upper, faults);
    (void)faults.report();
    return print(result);
  }
};
} // namespace

TEST_F(YamlTest, KeepsStructureAndPlaces) {
  YamlNode root = parse("a: 1\nb: {c: \"x y\", d: [1, 2]}\ne:\n  - f: ~\n");
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_EQ(print(root), "{a: 1, b: {c: x y, d: [1, 2]}, e: [{f: null}]}");
  const YamlNode *d = root.find("b")->find("d");
  auto place = cast<mlir::FileLineColLoc>(d->items[1].loc);
  EXPECT_EQ(place.getLine(), 2u);
  EXPECT_EQ(place.getColumn(), 22u);
  EXPECT_TRUE(root.find("b")->find("c")->quoted);
}

TEST_F(YamlTest, EmptyFiles) {
  EXPECT_TRUE(parse("").isNull());
  EXPECT_TRUE(parse("# nothing\n").isNull());
  EXPECT_TRUE(diagnostics.empty());
}

TEST_F(YamlTest, Faults) {
  parse("a: 1\nb: 2\na: 3\n");
  ASSERT_EQ(diagnostics.size(), 2u);
  EXPECT_EQ(diagnostics[0],
            "f:3:1: key 'a' stands twice in this mapping [duplicate-key]");
  EXPECT_EQ(diagnostics[1], "f:1:1: note: first here");

  parse("a: [1, 2\nb: 3\n");
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_NE(diagnostics[0].find("[yaml-syntax]"), std::string::npos);

  parse("a: &x 1\nb: *x\n");
  ASSERT_EQ(diagnostics.size(), 2u);
  EXPECT_NE(diagnostics[0].find("[yaml-alias]"), std::string::npos);

  parse("? [a, b]\n: 1\n");
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_NE(diagnostics[0].find("[yaml-key]"), std::string::npos);

  parse("a: 1\n---\nb: 2\n");
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_NE(diagnostics[0].find("[yaml-syntax]"), std::string::npos);

  parse(StringRef("a: 1\n\0b: 2\n", 11));
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_NE(diagnostics[0].find("f:2:1"), std::string::npos);
}

// Nesting, flow or block, must not exhaust the stack.
TEST_F(YamlTest, Depth) {
  for (StringRef piece : {"[", "{a: ", "- ", "? "}) {
    std::string text;
    for (int i = 0; i < 100000; ++i)
      text += piece;
    parse(text);
    ASSERT_EQ(diagnostics.size(), 1u) << piece.str();
  }
}

// Whatever the bytes, the reader and the walk over the tree return; at most
// with faults.
TEST_F(YamlTest, DamagedText) {
  std::string text = kGood;
  unsigned state = 1;
  auto next = [&] {
    state = state * 1664525u + 1013904223u;
    return state >> 8;
  };
  StringRef pieces = "{}[]:,-?&*!|>'\"%@#~ \n0aZ.=\t\r";
  for (int i = 0; i < 500; ++i) {
    std::string damaged = text;
    for (int j = 0; j < 4; ++j)
      damaged[next() % damaged.size()] =
          i % 8 ? pieces[next() % pieces.size()] : char(next());
    if (i % 3 == 0)
      damaged.resize(next() % damaged.size());
    load(damaged);
  }
}

TEST_F(YamlTest, Merge) {
  EXPECT_EQ(merge("{a: 1, b: {c: 2, d: 3}}", "{b: {c: 4, e: 5}}"),
            "{a: 1, b: {c: 4, d: 3, e: 5}}");
  EXPECT_EQ(merge("{a: [1, 2]}", "{a: [3]}"), "{a: [3]}");
  EXPECT_EQ(merge("{a: 1, b: 2}", "{a: null}"), "{b: 2}");
  // A number of its own comes with its own source.
  EXPECT_EQ(merge("{x: {value: 1 pJ, source: s}}", "{x: {value: 2 pJ}}"),
            "{x: {value: 2 pJ}}");
  EXPECT_EQ(merge("{x: {value: 1 pJ, source: s}}", "{x: {source: t}}"),
            "{x: {value: 1 pJ, source: t}}");
  EXPECT_TRUE(diagnostics.empty());
  merge("{alpha: 1}", "{alhpa: null}");
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0], "f:1:2: nothing to remove: 'alhpa' is not "
                            "inherited; did you mean 'alpha'? [null-value]");
}

TEST_F(YamlTest, NearestName) {
  SmallVector<StringRef> known = {"energy_synop", "energy_mac", "neurons"};
  EXPECT_EQ(nearestName("energy_synpo", known), "energy_synop");
  EXPECT_EQ(nearestName("nuerons", known), "neurons");
  EXPECT_EQ(nearestName("voltage", known), "");
}
