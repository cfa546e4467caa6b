//===- Hdf5Test.cpp - HDF5 files, good and bad ----------------------------===//

#include "../Support/DataFiles.h"

#include "nmc/Frontend/Nir/Raw.h"

#include "llvm/Support/Path.h"

#include "hdf5.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <functional>
#include <set>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>

using namespace nmc;
using namespace nmc::nir;
using namespace nmc::test;

namespace {

class Hdf5 : public testing::Test {
protected:
  /// The message of reading a file that `make` fills with libhdf5's own means.
  std::string errorOf(std::function<void(hid_t)> make,
                      const RawLimits &limits = {}) {
    std::string path = folder.file("made.h5");
    hid_t file =
        H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    EXPECT_GE(file, 0);
    make(file);
    EXPECT_GE(H5Fclose(file), 0);
    return messageOf(readHdf5(path, limits));
  }

  /// A data set without values.
  static hid_t makeDataset(hid_t parent, const char *name, hid_t type,
                           ArrayRef<hsize_t> shape,
                           hid_t creation = H5P_DEFAULT) {
    hid_t space = H5Screate_simple(shape.size(), shape.data(), nullptr);
    hid_t id = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, creation,
                          H5P_DEFAULT);
    EXPECT_GE(id, 0);
    H5Sclose(space);
    return id;
  }

  static void group(hid_t parent, const char *name) {
    H5Gclose(H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }

  TemporaryFolder folder;
};

/// IEEE half precision, which this libhdf5 has no name for.
hid_t makeHalf() {
  hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}

RawObject makeModel() {
  RawObject root, node, nodes, lif, metadata;
  lif.add("type", RawObject::fromString("LIF"));
  lif.add("tau", RawObject::fromArray(Array::from<float>({3}, {1, 2, 3})));
  lif.add("r", RawObject::fromArray(Array::from<int64_t>({3}, {1, 1, -1})));
  lif.add("v_leak", RawObject::fromArray(Array::from<double>({}, {0.25})));
  metadata.add("spiking", RawObject::fromArray(Array::from<bool>({}, {true})));
  metadata.add("text", RawObject::fromString("gr\xc3\xbc\xc3\x9f"));
  lif.add("metadata", std::move(metadata));
  lif.addAttribute("dt", RawObject::fromArray(Array::from<double>({}, {1e-3})));
  lif.addAttribute("names", RawObject::fromStrings({2}, {"x", ""}));
  nodes.add("lif1.lif", std::move(lif));
  node.add("type", RawObject::fromString("NIRGraph"));
  node.add("edges", RawObject::fromStrings({1, 2}, {"a", "b"}));
  node.add("none", RawObject::fromArray(Array::zeros(ElementKind::F64, {0})));
  node.add("thin",
           RawObject::fromArray(Array::zeros(ElementKind::U16, {0, 4})));
  node.add("nodes", std::move(nodes));
  root.add("node", std::move(node));
  root.add("version", RawObject::fromString("1.0.8"));
  return root;
}

size_t countOpenFiles() {
  std::error_code error;
  size_t count = 0;
  for (llvm::sys::fs::directory_iterator it("/proc/self/fd", error), end;
       !error && it != end; it.increment(error))
    ++count;
  return count;
}

} // namespace

TEST_F(Hdf5, ReadsWhatItWrites) {
  RawObject model = makeModel();
  for (ElementKind kind :
       {ElementKind::Bool, ElementKind::I8, ElementKind::U8, ElementKind::I16,
        ElementKind::U16, ElementKind::I32, ElementKind::U32, ElementKind::I64,
        ElementKind::U64, ElementKind::F32, ElementKind::F64}) {
    Array array = Array::zeros(kind, {2, 3, 1});
    array.mutableBytes()[getElementBytes(kind)] = 1;
    model.add(getKindName(kind), RawObject::fromArray(std::move(array)));
  }
  std::string path = folder.file("a.h5");
  llvm::Error error = writeHdf5(path, model);
  ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
  auto back = readHdf5(path);
  ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
  EXPECT_EQ(*back, model);
  // Equal objects give equal bytes, whenever they are written.
  auto bytes = formatHdf5(*back);
  ASSERT_TRUE(bool(bytes));
  EXPECT_EQ(readAll(path), std::string(bytes->begin(), bytes->end()));
}

TEST_F(Hdf5, LayoutIsTheReferences) {
  std::string path = folder.file("a.h5");
  ASSERT_FALSE(bool(writeHdf5(path, makeModel())));
  hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  auto layoutOf = [&](const char *name, int &filters) {
    hid_t id = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t plist = H5Dget_create_plist(id);
    filters = H5Pget_nfilters(plist);
    H5D_layout_t layout = H5Pget_layout(plist);
    H5Pclose(plist);
    H5Dclose(id);
    return layout;
  };
  int filters = -1;
  EXPECT_EQ(layoutOf("/node/nodes/lif1.lif/tau", filters), H5D_CHUNKED);
  EXPECT_EQ(filters, 1);
  for (const char *name : {"/node/nodes/lif1.lif/v_leak", "/node/edges",
                           "/version", "/node/none"}) {
    EXPECT_EQ(layoutOf(name, filters), H5D_CONTIGUOUS);
    EXPECT_EQ(filters, 0);
  }
  H5Fclose(file);
  EXPECT_EQ(readAll(path)[8], 0); // version of the superblock
}

TEST_F(Hdf5, NamesAndStringsThatCannotBeWritten) {
  auto error = [](const RawObject &object) {
    return messageOf(formatHdf5(object));
  };
  RawObject slash, dot, zero, attribute;
  slash.add("a/b", RawObject());
  dot.add(".", RawObject());
  zero.add("s", RawObject::fromString(StringRef("a\0b", 3)));
  attribute.addAttribute("g", RawObject());
  expectParts(error(slash), {"a/b", "[hdf5-write]"});
  expectParts(error(dot), {"[hdf5-write]"});
  expectParts(error(zero), {"/s: a string contains a zero byte"});
  expectParts(error(attribute), {"@g", "[hdf5-write]"});
  expectParts(error(RawObject::fromString("x")), {"the root is no group"});
  std::string path = folder.file("no.h5");
  llvm::Error failure = writeHdf5(path, slash);
  expectParts(llvm::toString(std::move(failure)), {"no.h5", "[hdf5-write]"});
  EXPECT_FALSE(llvm::sys::fs::exists(path));
}

TEST_F(Hdf5, FilesThatAreNotHdf5) {
  struct {
    std::string content;
    StringRef part;
  } cases[] = {
      {"", "it is empty"},
      {makeZip({{"archive/data.pkl", "x"}}), "torch.save"},
      {makeZip({{"x.npy", "x"}}), "it is a zip archive"},
      {"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"},
      {"{\"a\": 1}", "JSON"},
      {"\x89HDF\r\n\x1a", "starts with '\\89HDF"},
      {std::string(5000, 'x'), "starts with 'xxxxxxxx...'"},
  };
  for (const auto &[content, part] : cases) {
    std::string path = folder.write("f.nir", content);
    expectParts(messageOf(readHdf5(path)), {path, part, "[hdf5-open]"});
  }
  expectParts(messageOf(readHdf5(folder.file("missing"))),
              {"cannot be opened", "[hdf5-open]"});
  expectParts(messageOf(readHdf5(folder.file(""))), {"[hdf5-open]"});
  std::string pipe = folder.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  expectParts(messageOf(readHdf5(pipe)), {"no regular file", "[hdf5-open]"});
  std::string path =
      folder.write("f.nir", "\x89HDF\r\n\x1a\n" + std::string(100, '\7'));
  expectParts(messageOf(readHdf5(path)), {path, "[hdf5-open]"});
}

TEST_F(Hdf5, LinksThatAreNotFollowed) {
  expectParts(errorOf([](hid_t file) {
                group(file, "g");
                H5Lcreate_external("other.h5", "/x", file, "g/e", H5P_DEFAULT,
                                   H5P_DEFAULT);
              }),
              {"made.h5:/g/e: a link into another file", "[hdf5-link]"});
  expectParts(
      errorOf([](hid_t file) {
        H5Lcreate_external("made.h5", "/", file, "e", H5P_DEFAULT, H5P_DEFAULT);
        H5Lcreate_soft("/e/x", file, "a", H5P_DEFAULT, H5P_DEFAULT);
      }),
      {"/a: a soft link that leads to nothing in this file", "[hdf5-link]"});
  expectParts(errorOf([](hid_t file) {
                H5Lcreate_soft("/nowhere", file, "s", H5P_DEFAULT, H5P_DEFAULT);
              }),
              {"/s: a soft link that leads to nothing", "[hdf5-link]"});
  expectParts(errorOf([](hid_t file) {
                group(file, "a");
                group(file, "a/b");
                H5Lcreate_hard(file, "a", file, "a/b/c", H5P_DEFAULT,
                               H5P_DEFAULT);
              }),
              {"/a/b/c: the group contains itself", "[hdf5-link]"});
  expectParts(errorOf([](hid_t file) {
                group(file, "a");
                H5Lcreate_soft("/", file, "a/up", H5P_DEFAULT, H5P_DEFAULT);
              }),
              {"/a/up: the group contains itself", "[hdf5-link]"});
  // What can be followed is.
  EXPECT_EQ(errorOf([](hid_t file) {
              group(file, "a");
              H5Lcreate_soft("a", file, "b", H5P_DEFAULT, H5P_DEFAULT);
              H5Lcreate_hard(file, "a", file, "c", H5P_DEFAULT, H5P_DEFAULT);
            }),
            "");
}

TEST_F(Hdf5, TypesThatAreNotRead) {
  auto errorOfType = [&](hid_t type) {
    return errorOf([&](hid_t file) {
      group(file, "g");
      H5Dclose(makeDataset(file, "g/d", type, {2}));
    });
  };
  hid_t compound = H5Tcreate(H5T_COMPOUND, 8);
  H5Tinsert(compound, "a", 0, H5T_NATIVE_INT32);
  hid_t enumeration = H5Tenum_create(H5T_NATIVE_INT8);
  int8_t value = 0;
  H5Tenum_insert(enumeration, "RED", &value);
  hsize_t two = 2;
  hid_t opaque = H5Tcreate(H5T_OPAQUE, 5);
  hid_t list = H5Tvlen_create(opaque);
  hid_t array = H5Tarray_create2(H5T_NATIVE_INT32, 1, &two);
  std::pair<hid_t, StringRef> cases[] = {
      {compound, "compounds"},
      {enumeration, "an enumeration"},
      {opaque, "opaque bytes"},
      {list, "variable-length lists"},
      {array, "arrays as elements"},
      {H5T_STD_REF_OBJ, "references"},
      {H5T_STD_B8LE, "bit fields"},
      {H5T_NATIVE_LDOUBLE, "floats of 128 bits"}};
  for (auto [type, part] : cases)
    expectParts(errorOfType(type), {"made.h5:/g/d: ", part, "[hdf5-type]"});
  for (hid_t type : {compound, enumeration, opaque, list, array})
    H5Tclose(type);
  expectParts(errorOf([&](hid_t file) {
                hid_t type = H5Tcopy(H5T_NATIVE_INT);
                H5Tcommit2(file, "t", type, H5P_DEFAULT, H5P_DEFAULT,
                           H5P_DEFAULT);
                H5Tclose(type);
              }),
              {"/t: a named data type", "[hdf5-type]"});
}

TEST_F(Hdf5, ListsOfNumbersAreGroups) {
  std::string path = folder.file("a.h5");
  hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  hid_t half = makeHalf();
  hid_t stored = H5Tvlen_create(half),
        memory = H5Tvlen_create(H5T_NATIVE_FLOAT);
  float values[] = {0.5f, 1, -2};
  hvl_t items[] = {{2, values}, {0, nullptr}, {1, values + 2}};
  hid_t id = makeDataset(file, "times", stored, {3});
  EXPECT_GE(H5Dwrite(id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, items), 0);
  H5Dclose(id);
  H5Fclose(file);
  auto read = readHdf5(path);
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  const RawObject *times = read->find("times");
  ASSERT_TRUE(times && times->isGroup());
  EXPECT_EQ(times->find("offsets")->numbers,
            Array::from<int64_t>({4}, {0, 2, 2, 3}));
  EXPECT_EQ(times->find("values")->numbers,
            Array::from<float>({3}, {0.5f, 1, -2}));
  RawLimits limits;
  limits.bytes = 60;
  expectParts(messageOf(readHdf5(path, limits)), {"/times", "[hdf5-size]"});
  expectParts(errorOf([&](hid_t made) {
                H5Dclose(makeDataset(made, "d", stored, {2, 3}));
              }),
              {"/d", "(2, 3)", "one row", "[hdf5-type]"});
  for (hid_t type : {half, stored, memory})
    H5Tclose(type);
}

TEST_F(Hdf5, ForeignNumbersAreConverted) {
  std::string path = folder.file("a.h5");
  hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  double values[] = {1, -2.5, 100};
  hid_t half = makeHalf();
  hid_t odd = H5Tcopy(H5T_STD_I32BE);
  H5Tset_size(odd, 3);
  std::pair<const char *, hid_t> types[] = {{"half", half},
                                            {"f32", H5T_IEEE_F32BE},
                                            {"f64", H5T_IEEE_F64BE},
                                            {"i24", odd},
                                            {"i64", H5T_STD_I64BE}};
  for (auto [name, type] : types) {
    hid_t id = makeDataset(file, name, type, {3});
    H5Dwrite(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(id);
  }
  hid_t fixed = H5Tcopy(H5T_C_S1);
  H5Tset_size(fixed, 4);
  std::pair<const char *, H5T_str_t> paddings[] = {{"term", H5T_STR_NULLTERM},
                                                   {"null", H5T_STR_NULLPAD},
                                                   {"space", H5T_STR_SPACEPAD}};
  for (auto [name, padding] : paddings) {
    H5Tset_strpad(fixed, padding);
    hid_t id = makeDataset(file, name, fixed, {2});
    H5Dwrite(id, fixed, H5S_ALL, H5S_ALL, H5P_DEFAULT,
             padding == H5T_STR_SPACEPAD ? "abcda   " : "abc\0a\0\0\0");
    H5Dclose(id);
  }
  H5Tclose(fixed);
  H5Tclose(half);
  H5Tclose(odd);
  hid_t nothing = H5Screate(H5S_NULL);
  H5Dclose(H5Dcreate2(file, "null-space", H5T_NATIVE_FLOAT, nothing,
                      H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Sclose(nothing);
  H5Fclose(file);

  auto root = readHdf5(path);
  ASSERT_TRUE(bool(root)) << llvm::toString(root.takeError());
  EXPECT_EQ(root->find("half")->numbers,
            Array::from<float>({3}, {1, -2.5, 100}));
  EXPECT_EQ(root->find("f32")->numbers,
            Array::from<float>({3}, {1, -2.5, 100}));
  EXPECT_EQ(root->find("f64")->numbers,
            Array::from<double>({3}, {1, -2.5, 100}));
  EXPECT_EQ(root->find("i24")->numbers,
            Array::from<int32_t>({3}, {1, -2, 100}));
  EXPECT_EQ(root->find("i64")->numbers,
            Array::from<int64_t>({3}, {1, -2, 100}));
  EXPECT_EQ(root->find("null-space")->numbers,
            Array::zeros(ElementKind::F32, {0}));
  using Strings = std::vector<std::string>;
  EXPECT_EQ(root->find("term")->strings, (Strings{"abc", "a"}));
  EXPECT_EQ(root->find("null")->strings, (Strings{"abc", "a"}));
  EXPECT_EQ(root->find("space")->strings, (Strings{"abcd", "a"}));
}

TEST_F(Hdf5, SizesThatCannotBe) {
  expectParts(
      errorOf([](hid_t file) {
        H5Dclose(makeDataset(file, "d", H5T_NATIVE_FLOAT, {hsize_t(1) << 40}));
      }),
      {"/d: shape (1099511627776,)", "4398046511104 bytes", "4294967296",
       "[hdf5-size]"});
  expectParts(errorOf([](hid_t file) {
                hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
                hsize_t chunk = 100;
                H5Pset_chunk(creation, 1, &chunk);
                H5Dclose(makeDataset(file, "d", H5T_NATIVE_FLOAT,
                                     {hsize_t(1) << 62}, creation));
                H5Pclose(creation);
              }),
              {"/d: ", "[hdf5-size]"});
  // Fill values alone: as many as the limit allows.
  auto makeFill = [](hid_t file) {
    H5Dclose(makeDataset(file, "d", H5T_NATIVE_FLOAT, {1000}));
  };
  EXPECT_EQ(errorOf(makeFill), "");
  RawLimits limits;
  limits.bytes = 4000;
  expectParts(errorOf(makeFill, limits), {"the limit of 4000", "[hdf5-size]"});
  limits = {};
  limits.objects = 1;
  expectParts(errorOf(makeFill, limits), {"more than 1 groups", "[hdf5-size]"});
  limits.objects = 2;
  EXPECT_EQ(errorOf(makeFill, limits), "");
  auto makeDeep = [](hid_t file) {
    std::string path;
    for (int i = 0; i < 70; ++i)
      group(file, (path += i ? "/g" : "g").c_str());
  };
  expectParts(errorOf(makeDeep), {"deeper than 64", "[hdf5-size]"});
  limits = {};
  limits.depth = 70;
  EXPECT_EQ(errorOf(makeDeep, limits), "");
}

TEST_F(Hdf5, SizesThatTheFileDoesNotHold) {
  // The extents are found by their values and grown where they stand.
  auto grow = [&](std::string bytes, uint64_t from, uint64_t to) {
    std::string pattern = little(from, 8);
    size_t count = 0;
    for (size_t at = 0; (at = bytes.find(pattern, at)) != std::string::npos;
         ++count)
      bytes.replace(at, 8, little(to, 8));
    EXPECT_GT(count, 0u);
    return messageOf(readHdf5(folder.write("grown.h5", bytes)));
  };
  std::string path = folder.file("a.h5");
  hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  std::vector<char> values(0x1237, 7);
  hid_t id = makeDataset(file, "d", H5T_NATIVE_UINT8, {0x1237});
  H5Dwrite(id, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  H5Dclose(id);
  H5Fclose(file);
  expectParts(grow(readAll(path), 0x1237, 0x123456), {"/d: ", "[hdf5-size]"});
}

TEST_F(Hdf5, LongStrings) {
  // Each is bounded as libhdf5 makes it.
  std::string path = folder.file("a.h5"), text(1 << 16, 'x');
  RawObject root;
  root.add("s", RawObject::fromStrings({2}, {text, "y"}));
  ASSERT_FALSE(bool(writeHdf5(path, root)));
  RawLimits limits;
  limits.bytes = 1 << 15;
  expectParts(messageOf(readHdf5(path, limits)),
              {"/s: strings longer than", "[hdf5-size]"});
}

TEST_F(Hdf5, ExternalAndVirtualStorage) {
  expectParts(errorOf([](hid_t file) {
                hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
                H5Pset_external(creation, "/etc/passwd", 0, 40);
                H5Dclose(
                    makeDataset(file, "d", H5T_NATIVE_INT, {10}, creation));
                H5Pclose(creation);
              }),
              {"/d: values in external files", "[hdf5-layout]"});
  expectParts(errorOf([](hid_t file) {
                hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
                hsize_t extent = 10;
                hid_t space = H5Screate_simple(1, &extent, nullptr);
                H5Pset_virtual(creation, space, "other.h5", "/x", space);
                H5Dclose(
                    makeDataset(file, "d", H5T_NATIVE_INT, {10}, creation));
                H5Sclose(space);
                H5Pclose(creation);
              }),
              {"/d: a virtual data set", "[hdf5-layout]"});
}

TEST_F(Hdf5, FiltersThatAreNotThere) {
  expectParts(errorOf([](hid_t file) {
                hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
                hsize_t chunk = 10;
                H5Pset_chunk(creation, 1, &chunk);
                H5Pset_filter(creation, 32000, H5Z_FLAG_OPTIONAL, 0, nullptr);
                H5Dclose(
                    makeDataset(file, "d", H5T_NATIVE_INT, {10}, creation));
                H5Pclose(creation);
              }),
              {"/d: filter 32000", "gzip", "[hdf5-filter]"});
}

/// Groups that each hold the next one twice: 2^40 objects in 20 kB.
static void makeTower(hid_t file) {
  hid_t at = file;
  for (int i = 0; i < 40; ++i) {
    hid_t next = H5Gcreate2(at, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(at, "a", at, "b", H5P_DEFAULT, H5P_DEFAULT);
    if (at != file)
      H5Gclose(at);
    at = next;
  }
  H5Gclose(at);
}

TEST_F(Hdf5, TheChildIsLimited) {
  RawLimits limits;
  limits.objects = 10000;
  expectParts(errorOf(makeTower, limits), {"/a/a", "[hdf5-size]"});
  limits.objects = int64_t(1) << 40;
  limits.wallSeconds = 0.3;
  expectParts(errorOf(makeTower, limits),
              {"made.h5: libhdf5 did not finish", "[hdf5-crash]"});
  limits.wallSeconds = 100;
  limits.cpuSeconds = 0.5;
  expectParts(errorOf(makeTower, limits),
              {"made.h5: libhdf5 needed more than 0.5 s", "[hdf5-crash]"});
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(Hdf5, Mutants) {
  auto bytes = formatHdf5(makeModel());
  ASSERT_TRUE(bool(bytes));
  std::string original(bytes->begin(), bytes->end());
  std::mt19937 random(7);
  size_t files = countOpenFiles();
  RawLimits limits;
  limits.bytes = limits.memory = int64_t(1) << 28;
  limits.cpuSeconds = limits.wallSeconds = 5;
  std::set<std::string> rules;
  for (int i = 0; i < 300; ++i) {
    std::string path = folder.write("m.nir", mutate(original, random));
    std::string message = messageOf(readHdf5(path, limits));
    if (message.empty())
      continue;
    EXPECT_TRUE(StringRef(message).starts_with(path)) << message;
    EXPECT_TRUE(StringRef(message).ends_with("]")) << message;
    rules.insert(StringRef(message).rsplit('[').second.str());
  }
  EXPECT_GE(rules.size(), 2u);
  EXPECT_EQ(countOpenFiles(), files);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

TEST_F(Hdf5, OtherThreadsGoOn) {
  RawObject model = makeModel();
  std::string path = folder.file("a.nir");
  ASSERT_FALSE(bool(writeHdf5(path, model)));
  std::atomic<bool> done{false};
  std::thread busy([&] {
    std::vector<std::string> memory;
    while (!done) {
      memory.emplace_back(memory.size() * 17 % 5000, 'x');
      if (memory.size() > 1000)
        memory.clear();
    }
  });
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 4; ++reader)
    readers.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        auto back = readHdf5(path);
        EXPECT_TRUE(back && *back == model);
        if (!back)
          llvm::consumeError(back.takeError());
        auto bytes = formatHdf5(model);
        EXPECT_TRUE(bool(bytes));
      }
    });
  for (std::thread &reader : readers)
    reader.join();
  done = true;
  busy.join();
}

TEST_F(Hdf5, ChildrenThatTheSystemReaps) {
  std::string path = folder.file("a.nir");
  ASSERT_FALSE(bool(writeHdf5(path, makeModel())));
  struct sigaction ignore = {}, before;
  ignore.sa_handler = SIG_IGN;
  ASSERT_EQ(::sigaction(SIGCHLD, &ignore, &before), 0);
  EXPECT_EQ(messageOf(readHdf5(path)), "");
  ASSERT_EQ(::sigaction(SIGCHLD, &before, nullptr), 0);
}

TEST_F(Hdf5, RealFiles) {
  std::error_code error;
  int count = 0, refused = 0;
  for (llvm::sys::fs::recursive_directory_iterator
           it(NMC_SHARED_DATA "/snn", error),
       end;
       !error && it != end; it.increment(error)) {
    StringRef extension = llvm::sys::path::extension(it->path());
    if (extension != ".nir" && extension != ".net")
      continue;
    ++count;
    auto object = readHdf5(it->path());
    if (!object) {
      ++refused;
      expectParts(llvm::toString(object.takeError()),
                  {"Braille_snntorch.nir", "torch.save"});
      continue;
    }
    EXPECT_TRUE(object->find("node") || object->find("layer")) << it->path();
    std::string copy = folder.file("copy");
    ASSERT_FALSE(bool(writeHdf5(copy, *object)));
    auto back = readHdf5(copy);
    EXPECT_TRUE(back && *back == *object) << it->path();
    if (!back)
      llvm::consumeError(back.takeError());
  }
  if (!count)
    GTEST_SKIP() << "no shared data";
  EXPECT_EQ(refused, 1);
}
