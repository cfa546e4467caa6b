//===- RawTest.cpp - Plain data and its stream ----------------------------===//

#include "../Support/DataFiles.h"

#include "nmc/Frontend/Nir/Raw.h"

#include "llvm/Support/LEB128.h"

using namespace nmc;
using namespace nmc::nir;
using namespace nmc::test;

static std::string encode(const RawObject &object) {
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  encodeRaw(object, os);
  return bytes;
}

static llvm::Expected<RawObject> decode(StringRef bytes,
                                        const RawLimits &limits = {}) {
  return decodeRaw(ArrayRef(bytes.data(), bytes.size()), limits);
}

static std::string decodeError(StringRef bytes, const RawLimits &limits = {}) {
  return messageOf(decode(bytes, limits));
}

static RawObject makeSample() {
  RawObject root, node;
  node.add("type", RawObject::fromString("LIF"));
  node.add("tau", RawObject::fromArray(Array::from<float>({3}, {1, 2, 3})));
  node.add("empty", RawObject::fromArray(Array()));
  node.add("flags",
           RawObject::fromArray(Array::from<bool>({2}, {true, false})));
  node.addAttribute("n", RawObject::fromArray(Array::from<int64_t>({}, {7})));
  root.add("edges", RawObject::fromStrings({1, 2}, {"a", "b.c"}));
  root.add("node", std::move(node));
  return root;
}

TEST(Raw, MembersAreSortedAndReplaced) {
  RawObject group;
  for (StringRef name : {"b", "10", "a.b", "2", "b"})
    group.add(name, RawObject::fromString(name));
  group.add("2", RawObject::fromString("other"));
  std::vector<std::string> names;
  for (const auto &[name, object] : group.members)
    names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"10", "2", "a.b", "b"}));
  EXPECT_EQ(group.find("2")->strings, std::vector<std::string>{"other"});
  EXPECT_EQ(group.find("c"), nullptr);
  EXPECT_EQ(group.findAttribute("2"), nullptr);
}

TEST(Raw, StreamKeepsEverything) {
  RawObject sample = makeSample();
  auto back = decode(encode(sample));
  ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
  EXPECT_EQ(*back, sample);
  back->members[1].second.attributes[0].second.numbers =
      Array::from<int64_t>({}, {8});
  EXPECT_NE(*back, sample);
}

TEST(Raw, BooleansAreZeroOrOne) {
  Array flags = Array::zeros(ElementKind::Bool, {2});
  flags.mutableBytes()[1] = 5;
  auto back = decode(encode(RawObject::fromArray(flags)));
  ASSERT_TRUE(bool(back));
  EXPECT_EQ(back->numbers, Array::from<bool>({2}, {false, true}));
}

TEST(Raw, StreamsThatNobodyWrites) {
  const std::string magic = "NMCRAW1\n";
  auto size = [](uint64_t value) {
    std::string text;
    llvm::raw_string_ostream os(text);
    llvm::encodeULEB128(value, os);
    return text;
  };
  const std::string zero(1, '\0'), one(1, '\1'), two(1, '\2');
  // Kind, element kind, rank, extents.
  std::string f64 = one + "\x0a" + one;
  struct {
    std::string bytes;
    StringRef part;
  } cases[] = {
      {"", "[raw-format]"},
      {"NMCRAW2\n", "no stream of this version"},
      {magic, "1 bytes announced, 0 left"},
      {magic + "\3", "object kind 3"},
      {magic + one + "\x0b", "element kind 11"},
      {magic + one + "\x0a\x21", "rank 33"},
      {magic + zero + zero + zero + "x", "1 bytes after the end"},
      {magic + f64 + size(uint64_t(1) << 40), "the limit leaves"},
      {magic + f64 + size(INT64_MAX), "overflows"},
      {magic + f64 + std::string(10, '\xff'), "more than 63 bits"},
      {magic + f64 + "\x81" + zero, "leading zeros"},
      {magic + f64 + size(4) + "1234", "32 bytes announced, 4 left"},
      {magic + one + zero + zero + two + zero, "neither 0 nor 1"},
      {magic + two + one + size(1000), "1000 strings announced"},
      {magic + two + zero + size(1000) + "abc", "1000 bytes announced"},
      {magic + zero + size(1000), "1000 members announced"},
      {magic + zero + one + zero + zero + zero + zero + zero, "'' is no name"},
      {magic + zero + one + size(3) + "a/b" + zero + zero + zero,
       "'a/b' is no name"},
      {magic + zero + two + size(1) + "b" + zero + zero + zero + size(1) + "a" +
           zero + zero + zero,
       "'a' follows 'b'"},
      {magic + zero + two + size(1) + "b" + zero + zero + zero + size(1) + "b" +
           zero + zero + zero,
       "'b' follows 'b'"},
      {magic + zero + zero + one + size(1) + "b" + zero + zero + zero + zero,
       "an attribute that is a group"},
      {magic + zero + zero + one + size(1) + "b" + two + zero + zero + one +
           size(1) + "c" + two + zero + zero + zero,
       "an attribute that has attributes"},
  };
  for (const auto &[bytes, part] : cases)
    expectParts(decodeError(bytes), {part, "["});
}

TEST(Raw, LimitsHold) {
  std::string bytes = encode(makeSample());
  RawLimits limits;
  limits.bytes = 100;
  expectParts(decodeError(bytes, limits), {"[hdf5-size]"});
  limits = {};
  limits.objects = 7;
  expectParts(decodeError(bytes, limits), {"[hdf5-size]"});
  limits.objects = 8;
  EXPECT_EQ(decodeError(bytes, limits), "");
  limits.depth = 0;
  expectParts(decodeError(bytes, limits), {"deeper than 0", "[hdf5-size]"});
  limits.depth = 1;
  EXPECT_EQ(decodeError(bytes, limits), "");

  RawObject deep;
  for (int i = 0; i < 100; ++i) {
    RawObject outer;
    outer.add("g", std::move(deep));
    deep = std::move(outer);
  }
  expectParts(decodeError(encode(deep)), {"deeper than 64", "[hdf5-size]"});
}

TEST(Raw, EveryPrefixIsRefused) {
  std::string bytes = encode(makeSample());
  for (size_t length = 0; length < bytes.size(); ++length)
    EXPECT_NE(decodeError(StringRef(bytes).take_front(length)), "");
}

TEST(Raw, WhatIsReadIsWhatWouldBeWritten) {
  std::mt19937 random(1);
  std::string bytes = encode(makeSample());
  for (int i = 0; i < 20000; ++i) {
    std::string mutant = mutate(bytes, random);
    auto object = decode(mutant);
    if (object)
      EXPECT_EQ(encode(*object), mutant);
    else
      llvm::consumeError(object.takeError());
  }
}
