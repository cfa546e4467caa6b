//===- Hdf5Walk.cpp - From an HDF5 file to the raw stream -----------------===//
//
// Runs in the child. The file may be damaged or hostile: what it says about
// sizes is checked against the limits and against the bytes there are before
// libhdf5 is asked to read, links that leave the file and filters that would
// have to be loaded are switched off.
//
// After fork() other threads are gone but their locks may be held, so nothing
// here makes an llvm::Error or touches other global state of LLVM.
//
//===----------------------------------------------------------------------===//

#include "Hdf5Walk.h"

#include "nmc/Support/RuleError.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace nmc::nir {

namespace {

struct Free {
  void operator()(void *memory) const { std::free(memory); }
};
using Buffer = std::unique_ptr<char, Free>;

/// Memory for variable-length strings and lists that libhdf5 gets from us.
struct StringBudget {
  int64_t left;
  bool exceeded = false;

  static void *allocate(size_t size, void *data) {
    auto *budget = static_cast<StringBudget *>(data);
    if (uint64_t(budget->left) < size) {
      budget->exceeded = true;
      return nullptr;
    }
    budget->left -= size;
    return std::malloc(size);
  }
  static void release(void *memory, void *) { std::free(memory); }
};

/// How the elements of a data set or attribute are read.
struct Form {
  enum { Numbers, FixedStrings, VariableStrings, Lists } is = Numbers;
  ElementKind kind = ElementKind::F64;
  H5T_str_t padding = H5T_STR_NULLTERM;
  Hdf5Id memoryType;
  int64_t memoryBytes = 0; // of one element
  int64_t fileBytes = 0;   // of one element, at least
  int64_t itemBytes = 0;   // Lists: of one number in memory
};

struct Link {
  std::string name;
  H5L_type_t type;
};

class Walker {
public:
  Walker(int64_t fileBytes, const RawLimits &limits, raw_ostream &os)
      : writer(os), limits(limits), fileBytes(fileBytes),
        bytesLeft(limits.bytes), objectsLeft(limits.objects) {}

  std::string walk(const char *path) {
    // What the file asks for must not load code or open other files.
    H5PLset_loading_state(0);
    H5Lunregister(H5L_TYPE_EXTERNAL);
    Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_file_locking(access, /*use_file_locking=*/false,
                        /*ignore_when_disabled=*/true);
    writer.start();
    Hdf5Id file(H5Fopen(path, H5F_ACC_RDONLY, access));
    Hdf5Id root;
    if (!file)
      fail("hdf5-open", "libhdf5 cannot open it" + because());
    else if (!(root = Hdf5Id(H5Oopen(file, "/", H5P_DEFAULT))))
      fail("hdf5-open", "the root group cannot be opened" + because());
    else if (takeObject())
      object(root);
    return std::move(message);
  }

private:
  //===--------------------------------------------------------------------===//
  // Failure and limits
  //===--------------------------------------------------------------------===//

  bool fail(StringRef rule, const Twine &text) {
    if (message.empty())
      message = (Twine(where) + (where.empty() ? " " : ": ") + text + " [" +
                 rule + "]")
                    .str();
    return false;
  }

  static std::string because() {
    std::string reason = getHdf5Message();
    return reason.empty() ? reason : ": " + reason;
  }

  bool takeObject() {
    return --objectsLeft >= 0 ||
           fail("hdf5-size", "more than " + Twine(limits.objects) +
                                 " groups, data sets and attributes");
  }

  bool takeBytes(int64_t bytes, const Twine &what) {
    if (bytes > bytesLeft)
      return fail("hdf5-size", what + " of " + Twine(bytes) +
                                   " bytes; the limit of " +
                                   Twine(limits.bytes) + " bytes leaves " +
                                   Twine(bytesLeft));
    bytesLeft -= bytes;
    return true;
  }

  /// Product of a count and a size, none on overflow.
  static std::optional<int64_t> multiply(int64_t a, int64_t b) {
    int64_t product;
    if (llvm::MulOverflow(a, b, product))
      return std::nullopt;
    return product;
  }

  bool allocate(int64_t bytes, Buffer &buffer) {
    // Zeros, so that what libhdf5 leaves out is not our memory.
    buffer.reset(
        static_cast<char *>(std::calloc(std::max<int64_t>(bytes, 1), 1)));
    return buffer ||
           fail("hdf5-size", "no memory for " + Twine(bytes) + " bytes");
  }

  //===--------------------------------------------------------------------===//
  // Objects and links
  //===--------------------------------------------------------------------===//

  bool object(hid_t id) {
    switch (H5Iget_type(id)) {
    case H5I_GROUP:
      return group(id) && attributes(id);
    case H5I_DATASET:
      return dataset(id) && attributes(id);
    case H5I_DATATYPE:
      return fail("hdf5-type", "a named data type; data sets of numbers and "
                               "strings are read");
    default:
      return fail("hdf5-open", "an object of unknown kind");
    }
  }

  bool group(hid_t id) {
    H5O_info_t info;
    if (H5Oget_info2(id, &info, H5O_INFO_BASIC) < 0)
      return fail("hdf5-open", "the group cannot be read" + because());
    if (llvm::is_contained(ancestors, info.addr))
      return fail("hdf5-link", "the group contains itself");
    if (int64_t(ancestors.size()) > limits.depth)
      return fail("hdf5-size",
                  "groups nested deeper than " + Twine(limits.depth));
    ancestors.push_back(info.addr);
    llvm::scope_exit pop([&] { ancestors.pop_back(); });

    std::vector<Link> links;
    if (!listLinks(id, links))
      return false;
    writer.group();
    writer.size(links.size());
    for (const Link &link : links) {
      size_t length = where.size();
      where += "/" + printable(link.name);
      writer.text(link.name);
      if (!follow(id, link))
        return false;
      where.resize(length);
    }
    return true;
  }

  bool listLinks(hid_t id, std::vector<Link> &links) {
    struct Context {
      Walker &walker;
      std::vector<Link> &links;
    } context{*this, links};
    hsize_t position = 0;
    herr_t result = H5Literate(
        id, H5_INDEX_NAME, H5_ITER_NATIVE, &position,
        [](hid_t, const char *name, const H5L_info_t *info,
           void *data) -> herr_t {
          auto &[walker, links] = *static_cast<Context *>(data);
          links.push_back({name, info->type});
          return walker.takeObject() &&
                         walker.takeBytes(links.back().name.size(), "a name")
                     ? 0
                     : -1;
        },
        &context);
    if (result < 0)
      return fail("hdf5-link", "the links cannot be listed" + because());
    std::sort(links.begin(), links.end(),
              [](const Link &a, const Link &b) { return a.name < b.name; });
    for (size_t i = 0; i < links.size(); ++i) {
      const std::string &name = links[i].name;
      if (!isRawName(name, /*ofAttribute=*/false))
        return fail("hdf5-link", "a link is called '" + printable(name) + "'");
      if (i && links[i - 1].name == name)
        return fail("hdf5-link",
                    "two links are called '" + printable(name) + "'");
    }
    return true;
  }

  bool follow(hid_t group, const Link &link) {
    switch (link.type) {
    case H5L_TYPE_HARD:
    case H5L_TYPE_SOFT:
      break;
    case H5L_TYPE_EXTERNAL:
      return fail("hdf5-link", "a link into another file; only links within "
                               "the file are followed");
    default:
      return fail("hdf5-link",
                  "a link of unknown kind " + Twine(int(link.type)));
    }
    Hdf5Id id(H5Oopen(group, link.name.c_str(), H5P_DEFAULT));
    if (id)
      return object(id);
    if (link.type == H5L_TYPE_SOFT)
      return fail("hdf5-link",
                  "a soft link that leads to nothing in this file" + because());
    return fail("hdf5-open", "the object cannot be opened" + because());
  }

  bool attributes(hid_t id) {
    struct Context {
      Walker &walker;
      std::vector<std::string> names;
    } context{*this, {}};
    hsize_t position = 0;
    herr_t result = H5Aiterate2(
        id, H5_INDEX_NAME, H5_ITER_NATIVE, &position,
        [](hid_t, const char *name, const H5A_info_t *, void *data) -> herr_t {
          auto &[walker, names] = *static_cast<Context *>(data);
          names.push_back(name);
          return walker.takeObject() &&
                         walker.takeBytes(names.back().size(), "a name")
                     ? 0
                     : -1;
        },
        &context);
    if (result < 0)
      return fail("hdf5-open", "the attributes cannot be listed" + because());
    std::vector<std::string> &names = context.names;
    std::sort(names.begin(), names.end());
    writer.size(names.size());
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i].empty() || (i && names[i - 1] == names[i]))
        return fail("hdf5-link", "two attributes are called '" +
                                     printable(names[i]) + "', or one is not");
      size_t length = where.size();
      where += "@" + printable(names[i]);
      writer.text(names[i]);
      Hdf5Id attribute(H5Aopen(id, names[i].c_str(), H5P_DEFAULT));
      if (!attribute)
        return fail("hdf5-open", "the attribute cannot be opened" + because());
      if (!values(attribute, /*isAttribute=*/true))
        return false;
      writer.size(0); // attributes of the attribute
      where.resize(length);
    }
    return true;
  }

  //===--------------------------------------------------------------------===//
  // Types and storage
  //===--------------------------------------------------------------------===//

  bool integers(hid_t type, Form &form) {
    size_t bytes = H5Tget_size(type);
    bool isSigned = H5Tget_sign(type) == H5T_SGN_2;
    using Kind = ElementKind;
    if (bytes == 0 || bytes > 8)
      return fail("hdf5-type", "integers of " + Twine(8 * bytes) +
                                   " bits; up to 64 are read");
    if (bytes == 1)
      form.kind = isSigned ? Kind::I8 : Kind::U8;
    else if (bytes == 2)
      form.kind = isSigned ? Kind::I16 : Kind::U16;
    else if (bytes <= 4)
      form.kind = isSigned ? Kind::I32 : Kind::U32;
    else
      form.kind = isSigned ? Kind::I64 : Kind::U64;
    return true;
  }

  bool floats(hid_t type, Form &form) {
    size_t sign = 0, exponentAt = 0, exponent = 0, mantissaAt = 0, mantissa = 0;
    if (H5Tget_fields(type, &sign, &exponentAt, &exponent, &mantissaAt,
                      &mantissa) < 0)
      return fail("hdf5-type", "floats of an unreadable layout" + because());
    if (exponent <= 8 && mantissa <= 23)
      form.kind = ElementKind::F32;
    else if (exponent <= 11 && mantissa <= 52)
      form.kind = ElementKind::F64;
    else
      return fail("hdf5-type",
                  "floats of " + Twine(8 * H5Tget_size(type)) +
                      " bits, more precise than float64; store float64");
    return true;
  }

  /// h5py writes bool as an int8 enumeration of FALSE = 0 and TRUE = 1.
  bool booleans(hid_t type, Form &form) {
    Hdf5Id base(H5Tget_super(type));
    bool isBool = base && H5Tget_class(base) == H5T_INTEGER &&
                  H5Tget_size(base) == 1 && H5Tget_nmembers(type) == 2;
    for (unsigned i = 0; isBool && i < 2; ++i) {
      char *name = H5Tget_member_name(type, i);
      char value = -1;
      isBool = name && H5Tget_member_value(type, i, &value) >= 0 &&
               StringRef(name) == (value ? "TRUE" : "FALSE") &&
               (value == 0 || value == 1);
      H5free_memory(name);
    }
    form.kind = ElementKind::Bool;
    return isBool || fail("hdf5-type", "an enumeration that is not h5py's "
                                       "bool; store integers");
  }

  bool classify(hid_t type, Form &form) {
    form.fileBytes = H5Tget_size(type);
    if (form.fileBytes <= 0)
      return fail("hdf5-type", "elements without a size" + because());
    switch (H5T_class_t typeClass = H5Tget_class(type)) {
    case H5T_INTEGER:
      if (!integers(type, form))
        return false;
      break;
    case H5T_FLOAT:
      if (!floats(type, form))
        return false;
      break;
    case H5T_ENUM:
      if (!booleans(type, form))
        return false;
      // A byte as it stands: no conversion from an enumeration.
      form.memoryType = Hdf5Id(H5Tcopy(type));
      form.memoryBytes = 1;
      return bool(form.memoryType) ||
             fail("hdf5-type", "an unreadable type" + because());
    case H5T_STRING:
      return strings(type, form);
    case H5T_VLEN:
      return lists(type, form);
    default:
      static const char *const names[] = {"integers",
                                          "floats",
                                          "times",
                                          "strings",
                                          "bit fields",
                                          "opaque bytes",
                                          "compounds",
                                          "references",
                                          "enumerations",
                                          "variable-length lists",
                                          "arrays as elements"};
      return fail("hdf5-type",
                  (typeClass >= 0 && size_t(typeClass) < std::size(names)
                       ? names[typeClass]
                       : "elements of an unknown type") +
                      Twine("; numbers, booleans and strings are read"));
    }
    form.memoryType = Hdf5Id(H5Tcopy(getNativeType(form.kind)));
    form.memoryBytes = getElementBytes(form.kind);
    return bool(form.memoryType) ||
           fail("hdf5-type", "an unreadable type" + because());
  }

  /// Variable-length lists of numbers, as recordings of spikes have them.
  bool lists(hid_t type, Form &form) {
    Hdf5Id base(H5Tget_super(type));
    Form items;
    H5T_class_t baseClass = base ? H5Tget_class(base) : H5T_NO_CLASS;
    if (baseClass != H5T_INTEGER && baseClass != H5T_FLOAT)
      return fail("hdf5-type", "variable-length lists of other things than "
                               "numbers; numbers, booleans and strings are "
                               "read, and lists of numbers");
    if (!classify(base, items))
      return false;
    form.is = Form::Lists;
    form.kind = items.kind;
    form.itemBytes = items.memoryBytes;
    form.memoryType = Hdf5Id(H5Tvlen_create(items.memoryType));
    form.memoryBytes = sizeof(hvl_t);
    form.fileBytes = 16; // a length, and an address in the heap
    return bool(form.memoryType) ||
           fail("hdf5-type", "lists of unknown layout" + because());
  }

  bool strings(hid_t type, Form &form) {
    htri_t isVariable = H5Tis_variable_str(type);
    if (isVariable < 0)
      return fail("hdf5-type", "strings of unknown layout" + because());
    form.padding = H5Tget_strpad(type);
    if (isVariable) {
      form.is = Form::VariableStrings;
      form.memoryType = Hdf5Id(H5Tcopy(H5T_C_S1));
      H5Tset_size(form.memoryType, H5T_VARIABLE);
      H5Tset_cset(form.memoryType, H5Tget_cset(type));
      form.memoryBytes = sizeof(char *);
      form.fileBytes = 8; // a length and an address in the heap
    } else {
      form.is = Form::FixedStrings;
      form.memoryType = Hdf5Id(H5Tcopy(type));
      form.memoryBytes = form.fileBytes;
    }
    return bool(form.memoryType) ||
           fail("hdf5-type", "strings of unknown layout" + because());
  }

  bool shapeOf(hid_t space, SmallVectorImpl<int64_t> &shape) {
    switch (H5Sget_simple_extent_type(space)) {
    case H5S_SCALAR:
      return true;
    case H5S_NULL:
      shape.push_back(0);
      return true;
    case H5S_SIMPLE:
      break;
    default:
      return fail("hdf5-type", "a shape of unknown kind" + because());
    }
    hsize_t extents[H5S_MAX_RANK];
    int rank = H5Sget_simple_extent_dims(space, extents, nullptr);
    if (rank < 0)
      return fail("hdf5-type", "an unreadable shape" + because());
    for (hsize_t extent : ArrayRef(extents, rank)) {
      if (extent > uint64_t(INT64_MAX))
        return fail("hdf5-size", "an extent of " + Twine(uint64_t(extent)));
      shape.push_back(extent);
    }
    return true;
  }

  /// Refuses storage outside the file, filters that are not there, and sizes
  /// that the bytes in the file cannot account for. Elements that were never
  /// written (fill values) are bounded by the limits alone.
  bool storage(hid_t dataset, const Form &form, int64_t count) {
    Hdf5Id plist(H5Dget_create_plist(dataset));
    if (!plist)
      return fail("hdf5-open", "its storage cannot be read" + because());
    H5D_layout_t layout = H5Pget_layout(plist);
    if (layout == H5D_VIRTUAL)
      return fail("hdf5-layout", "a virtual data set, whose values are in "
                                 "other places; store them here");
    if (H5Pget_external_count(plist) != 0)
      return fail("hdf5-layout",
                  "values in external files; store them in this one");
    bool knownRatio = true;
    if (!filters(plist, knownRatio))
      return false;

    std::optional<int64_t> bytes = multiply(count, form.fileBytes);
    uint64_t stored = H5Dget_storage_size(dataset);
    if (stored > uint64_t(fileBytes))
      return fail("hdf5-size", Twine(stored) + " bytes stored in a file of " +
                                   Twine(fileBytes));
    if (!bytes)
      return fail("hdf5-size", "more elements than 64 bits can count");
    if (count == 0 || stored == 0)
      return true;
    if (layout != H5D_CHUNKED) {
      if (*bytes > int64_t(stored))
        return fail("hdf5-size", Twine(count) + " elements of " +
                                     Twine(form.fileBytes) + " bytes, " +
                                     Twine(stored) + " bytes stored");
      if (layout != H5D_CONTIGUOUS)
        return true;
      haddr_t offset = H5Dget_offset(dataset);
      if (offset != HADDR_UNDEF &&
          (offset > uint64_t(fileBytes) || fileBytes - offset < stored))
        return fail("hdf5-size", "values at byte " + Twine(uint64_t(offset)) +
                                     " and " + Twine(stored) +
                                     " on, in a file of " + Twine(fileBytes));
      return true;
    }
    // libhdf5 holds a chunk as a whole.
    hsize_t chunk[H5S_MAX_RANK];
    int rank = H5Pget_chunk(plist, H5S_MAX_RANK, chunk);
    std::optional<int64_t> chunkBytes = form.fileBytes;
    for (int axis = 0; chunkBytes && axis < rank; ++axis)
      chunkBytes = chunk[axis] > uint64_t(INT64_MAX)
                       ? std::nullopt
                       : multiply(*chunkBytes, chunk[axis]);
    // Deflate shrinks by 1032 at most.
    int64_t possible = limits.bytes;
    if (knownRatio)
      possible = std::min<int64_t>(
          possible, H5Pget_nfilters(plist) > 0 ? stored * 1032 + 1024 : stored);
    if (rank < 0 || !chunkBytes || *chunkBytes > possible)
      return fail("hdf5-size",
                  "a chunk of " +
                      (chunkBytes ? Twine(*chunkBytes) : Twine("countless")) +
                      " bytes; the " + Twine(stored) + " bytes stored can be " +
                      Twine(possible) + " at most");
    return true;
  }

  bool filters(hid_t plist, bool &knownRatio) {
    int count = H5Pget_nfilters(plist);
    if (count < 0)
      return fail("hdf5-filter", "unreadable filters" + because());
    for (int i = 0; i < count; ++i) {
      unsigned flags = 0, config = 0;
      size_t parameters = 0;
      char name[64] = "";
      H5Z_filter_t filter = H5Pget_filter2(plist, i, &flags, &parameters,
                                           nullptr, sizeof name, name, &config);
      if (filter < 0)
        return fail("hdf5-filter", "an unreadable filter" + because());
      if (H5Zfilter_avail(filter) <= 0)
        return fail("hdf5-filter",
                    "filter " + Twine(int(filter)) + " ('" +
                        printable(StringRef(name, strnlen(name, sizeof name))) +
                        "') is not in this libhdf5; store it with gzip or "
                        "without compression");
      knownRatio &= filter == H5Z_FILTER_DEFLATE ||
                    filter == H5Z_FILTER_SHUFFLE ||
                    filter == H5Z_FILTER_FLETCHER32;
    }
    return true;
  }

  //===--------------------------------------------------------------------===//
  // Values
  //===--------------------------------------------------------------------===//

  bool dataset(hid_t id) { return values(id, /*isAttribute=*/false); }

  bool values(hid_t id, bool isAttribute) {
    Hdf5Id type(isAttribute ? H5Aget_type(id) : H5Dget_type(id));
    if (!type)
      return fail("hdf5-type", "an unreadable type" + because());
    Form form;
    if (!classify(type, form))
      return false;
    // Storage before the shape: asking a virtual data set for its shape can
    // open other files.
    if (!isAttribute) {
      Hdf5Id plist(H5Dget_create_plist(id));
      if (plist && H5Pget_layout(plist) == H5D_VIRTUAL)
        return storage(id, form, 0);
    }
    Hdf5Id space(isAttribute ? H5Aget_space(id) : H5Dget_space(id));
    SmallVector<int64_t, 4> shape;
    if (!space)
      return fail("hdf5-type", "an unreadable shape" + because());
    if (!shapeOf(space, shape))
      return false;
    std::optional<int64_t> count = countElements(shape);
    if (!count)
      return fail("hdf5-size",
                  "shape " + formatShape(shape) + " has too many elements");
    if (isAttribute) {
      std::optional<int64_t> bytes = multiply(*count, form.fileBytes);
      if (!bytes || *bytes > fileBytes)
        return fail("hdf5-size", "shape " + formatShape(shape) +
                                     " does not fit the file of " +
                                     Twine(fileBytes) + " bytes");
    } else if (!storage(id, form, *count)) {
      return false;
    }
    switch (form.is) {
    case Form::Numbers:
      return numbers(id, isAttribute, form, shape, *count);
    case Form::FixedStrings:
      return fixedStrings(id, isAttribute, form, shape, *count);
    case Form::VariableStrings:
      return variableStrings(id, isAttribute, form, shape, *count);
    case Form::Lists:
      return lists(id, isAttribute, form, shape, *count);
    }
    return false;
  }

  bool read(hid_t id, bool isAttribute, const Form &form, char *buffer,
            hid_t transfer = H5P_DEFAULT) {
    herr_t result = isAttribute ? H5Aread(id, form.memoryType, buffer)
                                : H5Dread(id, form.memoryType, H5S_ALL, H5S_ALL,
                                          transfer, buffer);
    return result >= 0 ||
           fail("hdf5-open", "the values cannot be read" + because());
  }

  bool numbers(hid_t id, bool isAttribute, const Form &form,
               ArrayRef<int64_t> shape, int64_t count) {
    std::optional<int64_t> bytes = multiply(count, form.memoryBytes);
    Buffer buffer;
    if (!bytes)
      return fail("hdf5-size",
                  "shape " + formatShape(shape) + " has too many elements");
    if (!takeBytes(*bytes, "shape " + formatShape(shape)) ||
        !allocate(*bytes, buffer) ||
        (count && !read(id, isAttribute, form, buffer.get())))
      return false;
    writer.numbers(form.kind, shape, ArrayRef(buffer.get(), size_t(*bytes)));
    return true;
  }

  bool fixedStrings(hid_t id, bool isAttribute, const Form &form,
                    ArrayRef<int64_t> shape, int64_t count) {
    std::optional<int64_t> bytes = multiply(count, form.memoryBytes);
    std::optional<int64_t> objects = multiply(count, sizeof(std::string));
    if (!bytes || !objects || *bytes > bytesLeft)
      return fail("hdf5-size", "shape " + formatShape(shape) +
                                   " of strings of " + Twine(form.memoryBytes) +
                                   " bytes is more than the limit leaves");
    Buffer buffer;
    if (!takeBytes(*objects, "shape " + formatShape(shape)) ||
        !allocate(*bytes, buffer) ||
        (count && !read(id, isAttribute, form, buffer.get())))
      return false;
    writer.strings(shape);
    for (int64_t i = 0; i < count; ++i) {
      StringRef text(buffer.get() + i * form.memoryBytes, form.memoryBytes);
      if (form.padding == H5T_STR_NULLTERM)
        text = text.take_until([](char c) { return c == '\0'; });
      else
        text = text.rtrim(form.padding == H5T_STR_SPACEPAD ? ' ' : '\0');
      if (!takeBytes(text.size(), "a string"))
        return false;
      writer.text(text);
    }
    return true;
  }

  bool variableStrings(hid_t id, bool isAttribute, const Form &form,
                       ArrayRef<int64_t> shape, int64_t count) {
    std::optional<int64_t> objects = multiply(count, sizeof(std::string));
    Buffer buffer;
    if (!objects)
      return fail("hdf5-size",
                  "shape " + formatShape(shape) + " has too many elements");
    if (!takeBytes(*objects, "shape " + formatShape(shape)) ||
        !allocate(count * form.memoryBytes, buffer))
      return false;
    // Many elements can share a long string: what libhdf5 makes of them is
    // bounded as it goes. Attributes are read by its own means, in the bounds
    // of the process.
    StringBudget budget{bytesLeft};
    Hdf5Id transfer(H5Pcreate(H5P_DATASET_XFER));
    H5Pset_vlen_mem_manager(transfer, StringBudget::allocate, &budget,
                            StringBudget::release, nullptr);
    if (count && !read(id, isAttribute, form, buffer.get(), transfer)) {
      if (!budget.exceeded)
        return false;
      message.clear(); // libhdf5 says "no memory"
      return fail("hdf5-size", "strings longer than the " + Twine(bytesLeft) +
                                   " bytes that the limit leaves");
    }
    writer.strings(shape);
    char **texts = reinterpret_cast<char **>(buffer.get());
    for (int64_t i = 0; i < count; ++i) {
      StringRef text = texts[i] ? StringRef(texts[i]) : StringRef();
      if (!takeBytes(text.size(), "a string"))
        return false;
      writer.text(text);
      std::free(texts[i]);
    }
    return true;
  }

  /// Becomes a group of `offsets`, where each list starts and the last ends,
  /// and `values`, all of them in a row.
  bool lists(hid_t id, bool isAttribute, const Form &form,
             ArrayRef<int64_t> shape, int64_t count) {
    if (isAttribute || shape.size() != 1)
      return fail("hdf5-type", "variable-length lists in shape " +
                                   formatShape(shape) +
                                   "; one row of them is read");
    Buffer buffer;
    std::optional<int64_t> bytes = multiply(count, form.memoryBytes);
    if (!bytes)
      return fail("hdf5-size",
                  "shape " + formatShape(shape) + " has too many elements");
    // An offset per list; the last end is one more and not counted.
    if (!takeObject() || !takeObject() ||
        !takeBytes(*bytes, "shape " + formatShape(shape)) ||
        !takeBytes(count * sizeof(int64_t), "shape " + formatShape(shape)) ||
        !allocate(*bytes, buffer))
      return false;
    // Many elements can share a long list.
    StringBudget budget{bytesLeft};
    Hdf5Id transfer(H5Pcreate(H5P_DATASET_XFER));
    H5Pset_vlen_mem_manager(transfer, StringBudget::allocate, &budget,
                            StringBudget::release, nullptr);
    if (count && !read(id, isAttribute, form, buffer.get(), transfer)) {
      if (!budget.exceeded)
        return false;
      message.clear(); // libhdf5 says "no memory"
      return fail("hdf5-size", "lists longer than the " + Twine(bytesLeft) +
                                   " bytes that the limit leaves");
    }
    auto *items = reinterpret_cast<hvl_t *>(buffer.get());
    std::vector<int64_t> offsets{0};
    for (const hvl_t &item : ArrayRef(items, count)) {
      int64_t length = item.p ? int64_t(item.len) : 0;
      if (length > bytesLeft / form.itemBytes)
        return fail("hdf5-size", "a list of " + Twine(length) + " numbers");
      bytesLeft -= length * form.itemBytes;
      offsets.push_back(offsets.back() + length);
    }
    Buffer values;
    if (!allocate(offsets.back() * form.itemBytes, values))
      return false;
    for (int64_t i = 0; i < count; ++i) {
      if (items[i].p)
        std::memcpy(values.get() + offsets[i] * form.itemBytes, items[i].p,
                    (offsets[i + 1] - offsets[i]) * form.itemBytes);
      std::free(items[i].p);
    }
    writer.group();
    writer.size(2);
    writer.text("offsets");
    writer.numbers(ElementKind::I64, {count + 1},
                   ArrayRef(reinterpret_cast<const char *>(offsets.data()),
                            offsets.size() * sizeof(int64_t)));
    writer.size(0); // attributes
    writer.text("values");
    writer.numbers(
        form.kind, {offsets.back()},
        ArrayRef(values.get(), size_t(offsets.back() * form.itemBytes)));
    writer.size(0);
    return true;
  }

  RawWriter writer;
  const RawLimits &limits;
  int64_t fileBytes, bytesLeft, objectsLeft;
  SmallVector<haddr_t> ancestors;
  std::string where, message;
};

} // namespace

std::string walkHdf5(const char *path, int64_t fileBytes,
                     const RawLimits &limits, raw_ostream &os) {
  return Walker(fileBytes, limits, os).walk(path);
}

} // namespace nmc::nir
