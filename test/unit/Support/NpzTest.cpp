//===- NpzTest.cpp - npz archives -----------------------------------------===//

#include "DataFiles.h"

using namespace nmc;
using namespace nmc::test;

/// The error of opening `content` and reading `key`; "" for success.
static std::string npzError(StringRef content, StringRef key = "x",
                            const ReadLimits &limits = {}) {
  llvm::Expected<NpzReader> reader = openNpz(content, limits);
  if (!reader)
    return llvm::toString(reader.takeError());
  return messageOf(reader->read(key));
}

static const Array sixFloats = Array::from<float>({2, 3}, {1, 2, 3, 4, 5, 6});

TEST(Npz, ReadsStoredAndDeflated) {
  std::string content =
      makeZip({{"x.npy", npy(sixFloats)},
               {"notes.txt", "hello"},
               {"deep/y.npy", npy(sixFloats), /*deflated=*/true},
               {"words.npy", npy("<U5", "(1,)", std::string(20, 'a'))}});
  auto reader = openNpz(content);
  ASSERT_TRUE(bool(reader)) << llvm::toString(reader.takeError());
  EXPECT_EQ(reader->keys(), ArrayRef<std::string>({"x", "deep/y", "words"}));
  for (StringRef key : {"x", "deep/y"}) {
    auto header = reader->header(key);
    ASSERT_TRUE(bool(header)) << llvm::toString(header.takeError());
    EXPECT_EQ(ArrayRef<int64_t>(header->shape), sixFloats.shape());
    auto array = reader->read(key);
    ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
    EXPECT_EQ(*array, sixFloats);
  }
  // Members that nobody asks for do no harm; the one that is asked for does.
  expectParts(messageOf(reader->read("words")),
              {"a.npz: member 'words.npy'", "[npy-dtype]"});
  expectParts(messageOf(reader->read("z")),
              {"no array 'z'", "'deep/y'", "[npz-missing]"});
}

TEST(Npz, ReadsWhatItWrites) {
  TemporaryFolder folder;
  std::vector<NamedArray> arrays;
  arrays.push_back({"x", sixFloats});
  arrays.push_back({"group/y", Array::from<int64_t>({2}, {-1, 7})});
  arrays.push_back({"empty", Array::zeros(ElementKind::U8, {0})});
  std::string first = folder.file("a.npz"), second = folder.file("b.npz");
  ASSERT_FALSE(bool(writeNpz(first, arrays)));
  ASSERT_FALSE(bool(writeNpz(second, arrays)));
  EXPECT_EQ(readAll(first), readAll(second));
  auto memory = formatNpz(arrays);
  ASSERT_TRUE(bool(memory));
  EXPECT_EQ(readAll(first), StringRef(memory->data(), memory->size()).str());
  auto back = readNpz(first);
  ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
  ASSERT_EQ(back->size(), arrays.size());
  for (size_t i = 0; i < arrays.size(); ++i) {
    EXPECT_EQ((*back)[i].name, arrays[i].name);
    EXPECT_EQ((*back)[i].array, arrays[i].array);
  }
  ASSERT_FALSE(bool(writeNpz(first, {})));
  auto none = readNpz(first);
  ASSERT_TRUE(bool(none)) << llvm::toString(none.takeError());
  EXPECT_TRUE(none->empty());
}

TEST(Npz, TimeZoneLeavesBytesAlone) {
  std::vector<NamedArray> arrays(1);
  arrays[0] = {"x", sixFloats};
  auto here = formatNpz(arrays);
  setenv("TZ", "Pacific/Auckland", 1);
  tzset();
  auto there = formatNpz(arrays);
  unsetenv("TZ");
  tzset();
  ASSERT_TRUE(bool(here) && bool(there));
  EXPECT_EQ(*here, *there);
}

TEST(Npz, RefusesToWriteBadNames) {
  std::vector<NamedArray> twice = {{"x", sixFloats}, {"x", sixFloats}};
  expectParts(messageOf(formatNpz(twice)), {"[npz-duplicate]"});
  for (StringRef name : {"", "/x", "../x", "a/../b", "a\\b", "a\nb"})
    expectParts(messageOf(formatNpz({{name.str(), sixFloats}})),
                {"[npz-name]"});
  TemporaryFolder folder;
  std::string message =
      llvm::toString(writeNpz(folder.file("no/x.npz"), {{"x", sixFloats}}));
  expectParts(message, {"no/x.npz", "[file-write]"});
}

TEST(Npz, RefusesArchives) {
  expectParts(npzError(""), {"0 bytes", "[npz-archive]"});
  expectParts(npzError("no zip file, but long enough for one"),
              {"[npz-archive]"});
  std::string good = makeZip({{"x.npy", npy(sixFloats)}});
  EXPECT_EQ(npzError(good), "");
  expectParts(npzError(good.substr(0, good.size() - 10)), {"[npz-archive]"});
  expectParts(npzError(good.substr(0, 60)), {"[npz-archive]"});
  expectParts(npzError(good.substr(20)), {"[npz-archive]"});
  std::string data = npy(sixFloats);
  expectParts(npzError(makeZip({{"x.npy", data}, {"x.npy", data}})),
              {"'x.npy' is there twice", "[npz-duplicate]"});
  for (StringRef name : {"../x.npy", "/x.npy", "a/../../x.npy", "a\\x.npy"})
    expectParts(npzError(makeZip({{name.str(), data}})), {"[npz-name]"});
  ZipMember odd{"x.npy", data};
  odd.method = 12;
  expectParts(npzError(makeZip(odd)), {"method 12", "[npz-compression]"});
  odd.method = -1;
  odd.flags = 1;
  expectParts(npzError(makeZip(odd)), {"[npz-encrypted]"});
}

TEST(Npz, RefusesLies) {
  std::string data = npy(sixFloats);
  for (bool deflated : {false, true}) {
    ZipMember member{"x.npy", data, deflated};
    member.declaredCrc = 12345;
    expectParts(npzError(makeZip(member)), {"'x.npy'", "[npz-checksum]"});
  }
  ZipMember member{"x.npy", data, true};
  member.declaredSize = data.size() - 4;
  expectParts(npzError(makeZip(member)),
              {"24 bytes", "declares 20", "[npz-size]"});
  // The directory and the npy header agree, the packed data are shorter.
  member.data = npy("<f4", "(1000,)", "1234");
  member.declaredSize = member.data.size() - 4 + 4000;
  expectParts(npzError(makeZip(member)), {"cut off", "[npz-size]"});
  // ... or longer.
  member.data = npy("<f4", "(1,)", "12345678");
  member.declaredSize = member.data.size() - 4;
  expectParts(npzError(makeZip(member)), {"[npz-checksum]"});
  // A stored member cannot unpack to more than it has.
  member.deflated = false;
  member.declaredSize = 1 << 30;
  expectParts(npzError(makeZip(member)), {"[npz-archive]"});
}

TEST(Npz, RefusesBombs) {
  std::string zeros(size_t(80) << 20, '\0');
  std::string bomb =
      makeZip({{"x.npy", npy("|u1", "(83886080,)", zeros), true}});
  ASSERT_LT(bomb.size(), size_t(200000));
  expectParts(npzError(bomb),
              {"83886", "packed", "numpy.savez", "[npz-ratio]"});
  ReadLimits limits;
  limits.maxRatio = 2000;
  EXPECT_EQ(npzError(bomb, "x", limits), "");
  limits.maxBytes = 1 << 20;
  expectParts(npzError(bomb, "x", limits), {"1048576", "[npz-size]"});
  // Many members count together.
  std::string small =
      makeZip({{"x.npy", npy("|u1", "(600,)", zeros.substr(0, 600))},
               {"y.npy", npy("|u1", "(600,)", zeros.substr(0, 600))}});
  limits.maxBytes = 1000;
  auto reader = openNpz(small, limits);
  ASSERT_TRUE(bool(reader));
  EXPECT_EQ(messageOf(reader->read("x")), "");
  expectParts(messageOf(reader->read("y")), {"1200", "1000", "[npz-size]"});
}

TEST(Npz, RefusesFalseMemberCounts) {
  // A zip64 end record that states 2^31 members, for each of which libzip would
  // allocate an entry.
  std::string good = makeZip({{"x.npy", npy(sixFloats)}});
  std::string body = good.substr(0, good.size() - 22);
  uint64_t end64 = body.size();
  std::string end =
      "PK\6\6" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 4) +
      little(0, 4) + little(1u << 31, 8) + little(1u << 31, 8) + little(51, 8) +
      little(0, 8) + "PK\6\7" + little(0, 4) + little(end64, 8) + little(1, 4) +
      "PK\5\6" + little(0, 4) + little(0xffff, 2) + little(0xffff, 2) +
      little(0xffffffff, 4) + little(0xffffffff, 4) + little(0, 2);
  expectParts(npzError(body + end), {"2147483648 members", "[npz-members]"});
}

TEST(Npz, RandomFaultsNeverCrash) {
  std::mt19937 random(3);
  std::vector<NamedArray> arrays = {{"x", sixFloats},
                                    {"y", Array::from<int64_t>({2}, {-1, 7})}};
  auto stored = formatNpz(arrays);
  ASSERT_TRUE(bool(stored));
  std::string goods[] = {std::string(stored->data(), stored->size()),
                         makeZip({{"x.npy", npy(sixFloats), true},
                                  {"y.npy", npy(sixFloats), true}})};
  ReadLimits limits;
  limits.maxBytes = 1 << 24;
  int read = 0;
  for (int i = 0; i < 1000; ++i)
    for (const std::string &good : goods) {
      auto reader = openNpz(mutate(good, random), limits);
      if (!reader) {
        llvm::consumeError(reader.takeError());
        continue;
      }
      for (const std::string &key : reader->keys()) {
        auto array = reader->read(key);
        read += bool(array);
        llvm::consumeError(array.takeError());
      }
    }
  EXPECT_GT(read, 50);
}
