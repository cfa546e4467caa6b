//===- NpyTest.cpp - Arrays and npy files ---------------------------------===//

#include "DataFiles.h"

#include "nmc/Support/Idx.h"
#include "nmc/Support/Sha256.h"

#include <cmath>
#include <limits>

using namespace nmc;
using namespace nmc::test;

static std::string npyError(StringRef content, const ReadLimits &limits = {}) {
  return messageOf(parseNpy(content, "a.npy", limits));
}

TEST(Array, CountsElements) {
  EXPECT_EQ(countElements({2, 3, 4}), 24);
  EXPECT_EQ(countElements({}), 1);
  EXPECT_EQ(countElements({int64_t(1) << 40, int64_t(1) << 40}), std::nullopt);
  EXPECT_EQ(countElements({int64_t(1) << 40, 0, int64_t(1) << 40}), 0);
  EXPECT_EQ(countElements({2, -1}), std::nullopt);
  EXPECT_EQ(formatShape({}), "()");
  EXPECT_EQ(formatShape({3}), "(3,)");
  EXPECT_EQ(formatShape({3, 4}), "(3, 4)");
}

TEST(Array, Converts) {
  Array bytes = Array::from<int8_t>({2, 2}, {-128, -1, 0, 127});
  float out[2];
  bytes.convert(2, out);
  EXPECT_EQ(out[0], 0.0f);
  EXPECT_EQ(out[1], 127.0f);
  EXPECT_EQ(bytes.getDouble(0), -128.0);
  EXPECT_EQ(bytes.getInt(1), -1);

  double nan = std::numeric_limits<double>::quiet_NaN();
  Array floats = Array::from<double>({4}, {1.9, -1.9, 1e300, nan});
  EXPECT_EQ(floats.getInt(0), 1);
  EXPECT_EQ(floats.getInt(1), -1);
  EXPECT_EQ(floats.getInt(2), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(floats.getInt(3), 0);
  EXPECT_EQ(floats.findNonFinite(), 3);
  EXPECT_EQ(bytes.findNonFinite(), std::nullopt);
  Array flat = Array(bytes).reshaped({4});
  EXPECT_EQ(flat.rank(), 1);
  EXPECT_NE(flat, bytes);
}

TEST(Npy, ReadsWhatItWrites) {
  TemporaryFolder folder;
  std::vector<Array> arrays;
  arrays.push_back(Array::from<bool>({2}, {true, false}));
  arrays.push_back(Array::from<int16_t>({2, 1}, {-3, 4}));
  arrays.push_back(Array::from<uint64_t>({}, {~uint64_t(0)}));
  arrays.push_back(Array::from<float>({1, 3}, {0.5f, -2, 1e-30f}));
  arrays.push_back(Array::zeros(ElementKind::F64, {0, 7}));
  for (const Array &array : arrays) {
    std::string path = folder.file("x.npy");
    ASSERT_FALSE(bool(writeNpy(path, array)));
    llvm::Expected<Array> back = readNpy(path);
    ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
    EXPECT_EQ(*back, array);
    // numpy aligns data to 64 bytes.
    EXPECT_EQ((readAll(path).size() - array.bytes().size()) % 64, 0u);
  }
}

TEST(Npy, HeaderIsThatOfNumpy) {
  std::string header = formatNpyHeader(ElementKind::F32, {3, 4});
  std::string dict =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";
  EXPECT_EQ(header, std::string("\x93NUMPY\x01\x00\x76\x00", 10) + dict +
                        std::string(117 - dict.size(), ' ') + "\n");
}

TEST(Npy, TurnsFortranOrder) {
  std::string data("\1\4\2\5\3\6", 6);
  auto array = parseNpy(
      npyWith("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3)}", data),
      "a.npy");
  ASSERT_TRUE(bool(array));
  EXPECT_EQ(*array, Array::from<uint8_t>({2, 3}, {1, 2, 3, 4, 5, 6}));
}

TEST(Npy, ReadsLaterVersionsAndOddSpelling) {
  std::string dict = "{ \"shape\":(2L,),'fortran_order' : False,"
                     "'descr':'<i2'}";
  for (char version : {2, 3}) {
    std::string text = std::string("\x93NUMPY") + version + '\0' +
                       little(dict.size(), 4) + dict + little(0x00050007, 4);
    auto array = parseNpy(text, "a.npy");
    ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
    EXPECT_EQ(*array, Array::from<int16_t>({2}, {7, 5}));
  }
}

TEST(Npy, BoolsAreZeroOrOne) {
  auto array = parseNpy(npy("|b1", "(3,)", StringRef("\0\2\xff", 3)), "a.npy");
  ASSERT_TRUE(bool(array));
  EXPECT_EQ(*array, Array::from<bool>({3}, {false, true, true}));
}

TEST(Npy, RefusesDtypes) {
  expectParts(npyError(npy("|O", "(1,)", "12345678")),
              {"a.npy: ", "'|O'", "Python objects", "[npy-dtype]"});
  expectParts(npyError(npy("<U5", "(1,)", "")), {"strings", "[npy-dtype]"});
  expectParts(npyError(npy("<c8", "(1,)", "")), {"complex", "[npy-dtype]"});
  expectParts(npyError(npy("<f2", "(1,)", "12")), {"float32", "[npy-dtype]"});
  expectParts(npyError(npy("<M8[us]", "(1,)", "")), {"[npy-dtype]"});
  expectParts(npyError(npy(">f4", "(1,)", "1234")),
              {"big-endian", "astype('<f4')", "[npy-dtype]"});
  expectParts(npyError(npyWith("{'descr': [('t', '<i4')], 'fortran_order': "
                               "False, 'shape': (1,)}",
                               "1234")),
              {"structured", "[npy-dtype]"});
}

TEST(Npy, RefusesHeaders) {
  expectParts(npyError(""), {"has 0 bytes", "[npy-header]"});
  expectParts(npyError("PK\3\4 something"), {"'PK\\03\\04 s'", "[npy-magic]"});
  expectParts(npyError(std::string("\x93NUMPY\x04\x00\x00\x00\x00\x00", 12)),
              {"version 4.0", "[npy-version]"});
  expectParts(npyError(std::string("\x93NUMPY\x01\x00\x76\x00{", 11)),
              {"128 bytes declared, 11 present", "[npy-header]"});
  expectParts(npyError(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12)),
              {"4294967307", "[npy-header]"});
  StringRef faults[] = {
      "{'descr': '<f4', 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': False}",
      "{'fortran_order': False, 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}",
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
      "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,",
      "",
      "{"};
  for (StringRef dict : faults)
    expectParts(npyError(npyWith(dict, "1234")), {"[npy-header]"});
}

TEST(Npy, RefusesShapesAndSizes) {
  expectParts(npyError(npy("<f4", "(-1,)", "")), {"[npy-shape]"});
  expectParts(npyError(npy("<f4", "(99999999999999999999,)", "")),
              {"[npy-shape]"});
  expectParts(npyError(npy("<f4", "(1099511627776, 1099511627776)", "")),
              {"[npy-shape]"});
  expectParts(npyError(npy("|u1", "(1099511627776,)", "")),
              {"1099511627776 bytes", "4294967296", "[npy-size]"});
  expectParts(npyError(npy("<f4", "(3,)", "12345678")),
              {"12 bytes", "holds 8", "cut off", "[npy-size]"});
  expectParts(npyError(npy("<f4", "(1,)", "12345678")),
              {"4 bytes", "holds 8", "[npy-size]"});
  std::string many = "(";
  for (int i = 0; i < 40; ++i)
    many += "1, ";
  expectParts(npyError(npy("|u1", many + ")", "1")), {"32", "[npy-shape]"});
  EXPECT_EQ(messageOf(readNpy("/nonexistent/x.npy")).find("/nonexistent"), 0u);
  expectParts(messageOf(readNpy("/")), {"no regular file", "[file-read]"});
}

TEST(Npy, RandomFaultsNeverCrash) {
  std::mt19937 random(1);
  std::string good = npy(Array::from<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  int read = 0;
  for (int i = 0; i < 2000; ++i) {
    auto array = parseNpy(mutate(good, random), "a.npy");
    read += bool(array);
    llvm::consumeError(array.takeError());
  }
  EXPECT_GT(read, 50); // faults in the elements alone
  EXPECT_LT(read, 1900);
}

//===----------------------------------------------------------------------===//
// IDX
//===----------------------------------------------------------------------===//

static std::string idxError(StringRef content, const ReadLimits &limits = {}) {
  return messageOf(parseIdx(content, "a.idx", limits));
}

static const std::string twoByThree("\0\0\x08\x02\0\0\0\2\0\0\0\3abcdef", 18);

TEST(Idx, ReadsPlainAndGzip) {
  Array wanted = Array::from<uint8_t>({2, 3}, {'a', 'b', 'c', 'd', 'e', 'f'});
  for (const std::string &content : {twoByThree, pack(twoByThree, 31)}) {
    EXPECT_TRUE(looksLikeIdx(content));
    auto array = parseIdx(content, "a.idx");
    ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
    EXPECT_EQ(*array, wanted);
  }
  auto shorts = parseIdx(StringRef("\0\0\x0B\1\0\0\0\2\xff\xfe\1\0", 12), "a");
  ASSERT_TRUE(bool(shorts));
  EXPECT_EQ(*shorts, Array::from<int16_t>({2}, {-2, 256}));
  auto floats = parseIdx(StringRef("\0\0\x0D\1\0\0\0\1\x3f\x80\0\0", 12), "a");
  ASSERT_TRUE(bool(floats));
  EXPECT_EQ(*floats, Array::from<float>({1}, {1.0f}));
}

TEST(Idx, RefusesDamage) {
  StringRef good = twoByThree;
  expectParts(idxError(""), {"[idx-magic]"});
  expectParts(idxError(StringRef("\0\0\x0A\1\0\0\0\0", 8)), {"[idx-magic]"});
  expectParts(idxError(StringRef("\0\0\x08\0", 4)), {"[idx-magic]"});
  expectParts(idxError(good.take_front(9)),
              {"12 bytes", "9 are", "[idx-size]"});
  expectParts(idxError(good.drop_back()), {"6 bytes", "holds 5", "[idx-size]"});
  expectParts(idxError((good + "x").str()), {"holds 7", "[idx-size]"});
  std::string huge("\0\0\x0E\3\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                   16);
  expectParts(idxError(huge), {"[idx-shape]"});
  std::string packed = pack(good, 31);
  expectParts(idxError(StringRef(packed).drop_back(9)), {"[idx-gzip]"});
  expectParts(idxError(packed + "x"), {"at least 1 bytes", "[idx-size]"});
  packed[packed.size() - 6] ^= 1; // checksum
  expectParts(idxError(packed), {"damaged", "[idx-gzip]"});
  expectParts(idxError(pack((good + "x").str(), 31)), {"[idx-size]"});
  expectParts(idxError(pack(good.drop_back(), 31)), {"cut off", "[idx-size]"});
}

TEST(Idx, RefusesBombs) {
  std::string bomb("\0\0\x08\1\x08\0\0\0", 8); // 128 MiB
  bomb.append(1 << 20, '\0');
  expectParts(idxError(pack(bomb, 31)), {"134217728", "[idx-ratio]"});
  ReadLimits limits;
  limits.maxBytes = 1000;
  expectParts(idxError(pack(bomb, 31), limits), {"1000", "[idx-size]"});
}

TEST(Idx, RandomFaultsNeverCrash) {
  std::mt19937 random(2);
  ReadLimits limits;
  limits.maxBytes = 1 << 24;
  for (int i = 0; i < 1000; ++i)
    for (const std::string &good : {twoByThree, pack(twoByThree, 31)})
      llvm::consumeError(
          parseIdx(mutate(good, random), "a.idx", limits).takeError());
}

TEST(Sha256, KnownValues) {
  EXPECT_EQ(sha256(StringRef("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e464"
                                   "9b934ca495991b7852b855");
  TemporaryFolder folder;
  auto hash = sha256File(folder.write("abc", "abc"));
  ASSERT_TRUE(bool(hash));
  EXPECT_EQ(*hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20"
                   "015ad");
  EXPECT_NE(messageOf(sha256File(folder.file("none"))).find("[file-read]"),
            std::string::npos);
}
