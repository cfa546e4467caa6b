//===- Hdf5Write.cpp - Plain data as an HDF5 file -------------------------===//

#include "Hdf5Walk.h"

#include "nmc/Support/File.h"
#include "nmc/Support/RuleError.h"

namespace nmc::nir {

namespace {

/// Writes a tree that is ours; the only surprises are names and sizes.
class FileWriter {
public:
  bool open() {
    access = Hdf5Id(H5Pcreate(H5P_FILE_ACCESS));
    // In memory. libhdf5 first tries to open what there is under the name.
    H5Pset_fapl_core(access, /*increment=*/1 << 16, /*backing_store=*/false);
    H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST);
    Hdf5Id creation(H5Pcreate(H5P_FILE_CREATE));
    H5Pset_obj_track_times(creation, false);
    file = Hdf5Id(H5Fcreate("/dev/null/nmc", H5F_ACC_TRUNC, creation, access));
    groups = Hdf5Id(H5Pcreate(H5P_GROUP_CREATE));
    H5Pset_obj_track_times(groups, false);
    text = Hdf5Id(H5Tcopy(H5T_C_S1));
    H5Tset_size(text, H5T_VARIABLE);
    H5Tset_cset(text, H5T_CSET_UTF8);
    boolean = Hdf5Id(H5Tenum_create(H5T_NATIVE_INT8));
    int8_t no = 0, yes = 1;
    H5Tenum_insert(boolean, "FALSE", &no);
    H5Tenum_insert(boolean, "TRUE", &yes);
    return file && groups && text && boolean;
  }

  bool write(const RawObject &root) {
    if (!root.isGroup())
      return fail("the root is no group");
    Hdf5Id id(H5Gopen2(file, "/", H5P_DEFAULT));
    return group(id, root);
  }

  bool getImage(SmallVectorImpl<char> &bytes) {
    if (H5Fflush(file, H5F_SCOPE_LOCAL) < 0)
      return fail("the file cannot be completed");
    ssize_t size = H5Fget_file_image(file, nullptr, 0);
    if (size < 0)
      return fail("the file cannot be completed");
    bytes.resize_for_overwrite(size);
    return H5Fget_file_image(file, bytes.data(), size) == size ||
           fail("the file cannot be completed");
  }

  std::string message;

private:
  bool fail(const Twine &what) {
    if (!message.empty())
      return false;
    std::string reason = getHdf5Message();
    message = (Twine(where) + (where.empty() ? "" : ": ") + what +
               (reason.empty() ? "" : ": ") + reason)
                  .str();
    return false;
  }

  bool group(hid_t id, const RawObject &object) {
    for (const auto &[name, member] : object.members) {
      size_t length = where.size();
      where += "/" + printable(name);
      if (!isRawName(name, /*ofAttribute=*/false))
        return fail("an object cannot have this name");
      if (!this->member(id, name, member))
        return false;
      where.resize(length);
    }
    return attributes(id, object);
  }

  bool member(hid_t parent, const std::string &name, const RawObject &object) {
    if (object.isGroup()) {
      Hdf5Id id(
          H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, groups, H5P_DEFAULT));
      return id ? group(id, object) : fail("the group cannot be written");
    }
    Hdf5Id space = makeSpace(object);
    Hdf5Id creation(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_obj_track_times(creation, false);
    // As the reference: lists of strings stay as they are.
    if (object.kind == RawObject::Kind::Numbers)
      compress(creation, object.numbers);
    Hdf5Id id(H5Dcreate2(parent, name.c_str(), getFileType(object), space,
                         H5P_DEFAULT, creation, H5P_DEFAULT));
    if (!id)
      return fail("the data set cannot be written");
    bool written = writeValues(object, [&](hid_t type, const void *values) {
      return H5Dwrite(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    });
    return written && attributes(id, object);
  }

  bool attributes(hid_t id, const RawObject &object) {
    for (const auto &[name, attribute] : object.attributes) {
      size_t length = where.size();
      where += "@" + printable(name);
      if (!isRawName(name, /*ofAttribute=*/true) || attribute.isGroup())
        return fail("an attribute cannot have this name or be a group");
      Hdf5Id space = makeSpace(attribute);
      Hdf5Id attributeId(H5Acreate2(id, name.c_str(), getFileType(attribute),
                                    space, H5P_DEFAULT, H5P_DEFAULT));
      if (!attributeId)
        return fail("the attribute cannot be written");
      if (!writeValues(attribute, [&](hid_t type, const void *values) {
            return H5Awrite(attributeId, type, values) >= 0;
          }))
        return false;
      where.resize(length);
    }
    return true;
  }

  template <typename Write>
  bool writeValues(const RawObject &object, Write write) {
    if (object.kind == RawObject::Kind::Numbers) {
      hid_t type = object.numbers.kind() == ElementKind::Bool
                       ? hid_t(boolean)
                       : getNativeType(object.numbers.kind());
      return object.numbers.size() == 0 ||
             write(type, object.numbers.bytes().data()) ||
             fail("the values cannot be written");
    }
    std::vector<const char *> texts;
    texts.reserve(object.strings.size());
    for (const std::string &string : object.strings) {
      if (StringRef(string).contains('\0'))
        return fail("a string contains a zero byte");
      texts.push_back(string.c_str());
    }
    return texts.empty() || write(text, texts.data()) ||
           fail("the strings cannot be written");
  }

  static Hdf5Id makeSpace(const RawObject &object) {
    ArrayRef<int64_t> shape = object.kind == RawObject::Kind::Numbers
                                  ? object.numbers.shape()
                                  : ArrayRef<int64_t>(object.shape);
    SmallVector<hsize_t> extents(shape.begin(), shape.end());
    return Hdf5Id(extents.empty() ? H5Screate(H5S_SCALAR)
                                  : H5Screate_simple(extents.size(),
                                                     extents.data(), nullptr));
  }

  /// One chunk, in pieces along the first axes only where HDF5 allows no
  /// larger one (4 GiB).
  static void compress(hid_t creation, const Array &array) {
    if (array.rank() == 0 || array.size() == 0)
      return;
    SmallVector<hsize_t> chunk(array.shape().begin(), array.shape().end());
    uint64_t bytes = array.bytes().size();
    for (hsize_t &extent : chunk) {
      const uint64_t limit = UINT32_MAX;
      if (bytes <= limit)
        break;
      uint64_t row = bytes / extent;
      extent = std::max<uint64_t>(1, limit / row);
      bytes = row * extent;
    }
    H5Pset_chunk(creation, chunk.size(), chunk.data());
    H5Pset_deflate(creation, 4);
  }

  hid_t getFileType(const RawObject &object) const {
    if (object.kind == RawObject::Kind::Strings)
      return text;
    switch (object.numbers.kind()) {
    case ElementKind::Bool:
      return boolean;
    case ElementKind::I8:
      return H5T_STD_I8LE;
    case ElementKind::U8:
      return H5T_STD_U8LE;
    case ElementKind::I16:
      return H5T_STD_I16LE;
    case ElementKind::U16:
      return H5T_STD_U16LE;
    case ElementKind::I32:
      return H5T_STD_I32LE;
    case ElementKind::U32:
      return H5T_STD_U32LE;
    case ElementKind::I64:
      return H5T_STD_I64LE;
    case ElementKind::U64:
      return H5T_STD_U64LE;
    case ElementKind::F32:
      return H5T_IEEE_F32LE;
    case ElementKind::F64:
      return H5T_IEEE_F64LE;
    }
    return H5T_IEEE_F64LE;
  }

  Hdf5Id access, file, groups, text, boolean;
  std::string where;
};

} // namespace

llvm::Expected<SmallVector<char, 0>> formatHdf5(const RawObject &root) {
  std::lock_guard<std::mutex> lock(getHdf5Mutex());
  FileWriter writer;
  SmallVector<char, 0> bytes;
  if (!startHdf5() || !writer.open())
    return makeRuleError("hdf5-write", "libhdf5 does not start");
  if (!writer.write(root) || !writer.getImage(bytes))
    return makeRuleError("hdf5-write", writer.message);
  return bytes;
}

llvm::Error writeHdf5(StringRef path, const RawObject &root) {
  llvm::Expected<SmallVector<char, 0>> bytes = formatHdf5(root);
  if (!bytes)
    return llvm::createStringError(path + ": " +
                                   llvm::toString(bytes.takeError()));
  return writeFile(path, StringRef(bytes->data(), bytes->size()));
}

} // namespace nmc::nir
