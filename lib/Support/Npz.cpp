//===- Npz.cpp - Reading and writing numpy's .npz archives ----------------===//

#include "nmc/Support/Npz.h"
#include "nmc/Support/File.h"
#include "nmc/Support/RuleError.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Path.h"

#include <zip.h>

namespace nmc {

/// Members of one archive; far above what a network has inputs.
static constexpr uint64_t maxMembers = 65535;
static constexpr StringRef suffix = ".npy";

/// What is wrong with a member's name, or nothing.  Nothing is unpacked to a
/// path, but other tools do so with what we write and accept.
static std::optional<StringRef> findNameFault(StringRef name) {
  if (name.empty())
    return StringRef("it is empty");
  if (name.size() > 1024)
    return StringRef("it is longer than 1024 bytes");
  if (name.starts_with("/") || name.contains('\\'))
    return StringRef("it is an absolute or foreign path");
  SmallVector<StringRef, 4> parts;
  name.split(parts, '/');
  if (llvm::is_contained(parts, ".."))
    return StringRef("it leaves the archive");
  if (llvm::any_of(name, [](char c) { return uint8_t(c) < 0x20 || c == 0x7f; }))
    return StringRef("it holds a control character");
  return std::nullopt;
}

namespace {
/// A zip_error_t that frees itself.
struct ZipError {
  zip_error_t error;
  ZipError() { zip_error_init(&error); }
  ~ZipError() { zip_error_fini(&error); }
  ZipError(const ZipError &) = delete;
  std::string text() { return zip_error_strerror(&error); }
};
} // namespace

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Checks the member counts in all end records that libzip might believe: it
/// allocates as many entries as a record states before it reads one.
static llvm::Error checkEndRecords(StringRef content, StringRef where) {
  using llvm::support::endian::read64le;
  constexpr size_t endBytes = 22, locatorBytes = 20, end64Bytes = 56,
                   entryBytes = 46;
  StringRef tail = content.take_back(endBytes + locatorBytes + 0x10000 + 4096);
  if (content.size() < endBytes || !tail.contains("PK\5\6"))
    return makeRuleError("npz-archive",
                         where +
                             ": is no zip archive or is cut off: no end "
                             "record in its " +
                             Twine(content.size()) + " bytes");
  for (size_t at = tail.find("PK\6\7"); at != StringRef::npos;
       at = tail.find("PK\6\7", at + 1)) {
    if (tail.size() - at < locatorBytes)
      break;
    uint64_t offset = read64le(tail.data() + at + 8);
    if (offset > content.size() || content.size() - offset < end64Bytes ||
        !content.substr(offset).starts_with("PK\6\6"))
      continue; // libzip refuses it
    uint64_t members = std::max(read64le(content.data() + offset + 24),
                                read64le(content.data() + offset + 32));
    if (members > maxMembers || members * entryBytes > content.size())
      return makeRuleError(
          "npz-members",
          where + ": states " + Twine(members) + " members; at most " +
              Twine(maxMembers) + " are read, and " + Twine(content.size()) +
              " bytes have room for " + Twine(content.size() / entryBytes));
  }
  return llvm::Error::success();
}

/// A member while it is read.
class NpzReader::Member {
public:
  Member(NpzReader &reader, StringRef key, uint64_t index)
      : reader(reader), index(index),
        where((Twine(reader.path) + ": member '" + printable(key) + ".npy'")
                  .str()) {}
  ~Member() {
    if (file)
      zip_fclose(file);
  }

  /// Opens it and reads the npy header.
  llvm::Expected<NpyHeader> open() {
    zip_stat_t stat;
    zip_stat_init(&stat);
    constexpr zip_uint64_t wanted = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                    ZIP_STAT_COMP_METHOD |
                                    ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(reader.archive, index, 0, &stat) < 0 ||
        (stat.valid & wanted) != wanted)
      return makeRuleError("npz-archive", where + ": has no valid directory "
                                                  "entry");
    if (stat.encryption_method != ZIP_EM_NONE)
      return makeRuleError("npz-encrypted",
                           where +
                               ": is encrypted; save it without a password");
    if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
      return makeRuleError(
          "npz-compression",
          where + ": compression method " + Twine(stat.comp_method) +
              " is not supported; stored (0) and deflated (8) are");
    if (stat.comp_size > reader.content().size() ||
        (stat.comp_method == ZIP_CM_STORE && stat.comp_size != stat.size))
      return makeRuleError("npz-archive",
                           where + ": declares " + Twine(stat.comp_size) +
                               " packed and " + Twine(stat.size) +
                               " unpacked bytes in an archive of " +
                               Twine(reader.content().size()));
    if (stat.size > uint64_t(reader.limits.maxBytes) + npyMaxHeaderBytes)
      return makeRuleError(
          "npz-size",
          where + ": unpacks to " + Twine(stat.size) + " bytes, the limit is " +
              Twine(reader.limits.maxBytes) + "; use fewer samples");
    if (stat.size > uint64_t(reader.limits.ratioFloor) &&
        double(stat.size) > reader.limits.maxRatio * double(stat.comp_size))
      return makeRuleError("npz-ratio",
                           where + ": " + Twine(stat.comp_size) +
                               " packed bytes unpack to " + Twine(stat.size) +
                               ", more than " +
                               Twine(int64_t(reader.limits.maxRatio)) +
                               " times as many; if that is meant, save it "
                               "uncompressed (numpy.savez)");
    size = stat.size;
    file = zip_fopen_index(reader.archive, index, 0);
    if (!file)
      return makeRuleError("npz-archive", where + ": cannot be opened: " +
                                              zip_strerror(reader.archive));
    SmallVector<char, 0> text;
    if (llvm::Error error =
            append(text, std::min<int64_t>(size, npyPrefixBytes)))
      return error;
    llvm::Expected<int64_t> headerBytes =
        getNpyHeaderBytes(StringRef(text.data(), text.size()), where);
    if (!headerBytes)
      return headerBytes.takeError();
    int64_t end = std::min<int64_t>(size, *headerBytes);
    if (end > int64_t(text.size())) {
      if (llvm::Error error = append(text, end - text.size()))
        return error;
    }
    auto header = parseNpyHeader(StringRef(text.data(), text.size()), where,
                                 reader.limits);
    if (!header)
      return header.takeError();
    if (header->headerBytes + header->dataBytes != size)
      return makeRuleError("npz-size",
                           where + ": shape " + formatShape(header->shape) +
                               " of " + getKindName(header->kind) + " takes " +
                               Twine(header->dataBytes) +
                               " bytes, the archive declares " +
                               Twine(size - header->headerBytes));
    // A member of fewer bytes than the prefix of version 1 has no data; one of
    // more may have some of it in `text` already.
    pending.assign(text.begin() + header->headerBytes, text.end());
    return header;
  }

  llvm::Expected<Array> read() {
    llvm::Expected<NpyHeader> header = open();
    if (!header)
      return header.takeError();
    int64_t total = reader.bytesRead + header->dataBytes;
    if (total > reader.limits.maxBytes)
      return makeRuleError("npz-size",
                           where + ": with it " + Twine(total) +
                               " bytes are read from the archive, the limit "
                               "is " +
                               Twine(reader.limits.maxBytes) +
                               "; use fewer samples");
    Array array = Array::uninitialized(header->kind, header->shape);
    MutableArrayRef<char> bytes = array.mutableBytes();
    llvm::copy(pending, bytes.begin());
    if (llvm::Error error = fill(bytes.drop_front(pending.size())))
      return error;
    // The end must be here; libzip compares the checksum when it is reached.
    char extra;
    zip_int64_t got = zip_fread(file, &extra, 1);
    if (got != 0)
      return makeRuleError(
          "npz-checksum",
          where + ": " +
              (got < 0 ? zip_file_strerror(file)
                       : "holds more than its directory entry declares"));
    reader.bytesRead = total;
    return finishNpy(*header, std::move(array));
  }

private:
  llvm::Error fill(MutableArrayRef<char> bytes) {
    size_t wanted = bytes.size();
    while (!bytes.empty()) {
      zip_int64_t got = zip_fread(file, bytes.data(), bytes.size());
      if (got < 0)
        return makeRuleError("npz-archive", where + ": cannot be unpacked: " +
                                                zip_file_strerror(file));
      if (got == 0)
        return makeRuleError("npz-size",
                             where + ": is cut off, " + Twine(bytes.size()) +
                                 " of " + Twine(wanted) + " bytes are missing");
      bytes = bytes.drop_front(got);
    }
    return llvm::Error::success();
  }

  llvm::Error append(SmallVectorImpl<char> &text, int64_t count) {
    size_t old = text.size();
    text.resize_for_overwrite(old + count);
    return fill(MutableArrayRef<char>(text).drop_front(old));
  }

  NpzReader &reader;
  uint64_t index;
  std::string where;
  zip_file_t *file = nullptr;
  int64_t size = 0;
  SmallVector<char, npyPrefixBytes> pending;
};

NpzReader::NpzReader(NpzReader &&other)
    : path(std::move(other.path)), limits(other.limits),
      buffer(std::move(other.buffer)),
      archive(std::exchange(other.archive, nullptr)),
      names(std::move(other.names)), indices(std::move(other.indices)),
      bytesRead(other.bytesRead) {}

NpzReader::~NpzReader() {
  if (archive)
    zip_discard(archive);
}

llvm::Expected<NpzReader> NpzReader::open(StringRef path,
                                          const ReadLimits &limits) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return open(std::move(*buffer), limits);
}

llvm::Expected<NpzReader>
NpzReader::open(std::unique_ptr<llvm::MemoryBuffer> buffer,
                const ReadLimits &limits) {
  NpzReader reader;
  reader.path = buffer->getBufferIdentifier().str();
  reader.limits = limits;
  reader.buffer = std::move(buffer);
  StringRef content = reader.content();
  if (llvm::Error error = checkEndRecords(content, reader.path))
    return error;
  ZipError error;
  zip_source_t *source =
      zip_source_buffer_create(content.data(), content.size(), 0, &error.error);
  if (source) {
    reader.archive = zip_open_from_source(source, ZIP_RDONLY, &error.error);
    if (!reader.archive)
      zip_source_free(source);
  }
  if (!reader.archive)
    return makeRuleError("npz-archive",
                         reader.path +
                             ": is no readable zip archive: " + error.text());
  zip_int64_t members = zip_get_num_entries(reader.archive, 0);
  if (uint64_t(members) > maxMembers)
    return makeRuleError("npz-members", reader.path + ": has " +
                                            Twine(members) +
                                            " members; at most " +
                                            Twine(maxMembers) + " are read");
  llvm::StringSet<> seen;
  for (zip_int64_t i = 0; i < members; ++i) {
    const char *raw = zip_get_name(reader.archive, i, ZIP_FL_ENC_RAW);
    StringRef name = raw ? raw : "";
    if (std::optional<StringRef> fault = findNameFault(name))
      return makeRuleError("npz-name", reader.path + ": name '" +
                                           printable(name) + "' of member " +
                                           Twine(i) + " is refused: " + *fault);
    if (!seen.insert(name).second)
      return makeRuleError("npz-duplicate", reader.path + ": member '" +
                                                printable(name) +
                                                "' is there twice");
    if (!name.consume_back(suffix) || name.empty())
      continue;
    reader.names.push_back(name.str());
    reader.indices.push_back(i);
  }
  return reader;
}

bool NpzReader::contains(StringRef key) const {
  return llvm::is_contained(names, key);
}

/// The error for a key that is not there.
static llvm::Error missingKey(StringRef path, StringRef key,
                              ArrayRef<std::string> keys) {
  std::string list;
  for (auto [i, name] : llvm::enumerate(keys.take_front(8)))
    list += (i ? ", '" : "'") + printable(name, 40) + "'";
  if (keys.size() > 8)
    list += " and " + std::to_string(keys.size() - 8) + " more";
  return makeRuleError(
      "npz-missing",
      path + ": has no array '" + printable(key) + "'; " +
          (keys.empty() ? "it has none at all" : "it has " + list));
}

llvm::Expected<NpyHeader> NpzReader::header(StringRef key) {
  for (auto [name, index] : llvm::zip(names, indices))
    if (name == key)
      return Member(*this, key, index).open();
  return missingKey(path, key, names);
}

llvm::Expected<Array> NpzReader::read(StringRef key) {
  for (auto [name, index] : llvm::zip(names, indices))
    if (name == key)
      return Member(*this, key, index).read();
  return missingKey(path, key, names);
}

llvm::Expected<std::vector<NamedArray>> readNpz(StringRef path,
                                                const ReadLimits &limits) {
  llvm::Expected<NpzReader> reader = NpzReader::open(path, limits);
  if (!reader)
    return reader.takeError();
  std::vector<NamedArray> arrays;
  for (const std::string &key : reader->keys()) {
    llvm::Expected<Array> array = reader->read(key);
    if (!array)
      return array.takeError();
    arrays.push_back({key, std::move(*array)});
  }
  return arrays;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// Adds `arrays` to a new archive and closes it.  `headers` keeps what libzip
/// reads until then.
static llvm::Error fillArchive(zip_t *archive, ArrayRef<NamedArray> arrays,
                               StringRef where) {
  auto fail = [&](StringRef name) {
    std::string text = zip_strerror(archive);
    zip_discard(archive);
    return makeRuleError("file-write", where + ": array '" + printable(name) +
                                           "' cannot be written: " + text);
  };
  std::vector<std::string> headers;
  headers.reserve(arrays.size());
  for (const NamedArray &named : arrays) {
    const Array &array = named.array;
    headers.push_back(formatNpyHeader(array.kind(), array.shape()));
    std::string &header = headers.back();
    zip_buffer_fragment_t parts[2];
    parts[0].data = reinterpret_cast<zip_uint8_t *>(header.data());
    parts[0].length = header.size();
    // libzip only reads from it; its type has no const.
    parts[1].data = reinterpret_cast<zip_uint8_t *>(
        const_cast<char *>(array.bytes().data()));
    parts[1].length = array.bytes().size();
    zip_source_t *source = zip_source_buffer_fragment(
        archive, parts, array.bytes().empty() ? 1 : 2, 0);
    if (!source)
      return fail(named.name);
    zip_int64_t index = zip_file_add(archive, (named.name + ".npy").c_str(),
                                     source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      return fail(named.name);
    }
    constexpr zip_uint16_t firstDay = (1 << 5) | 1; // 1980-01-01, 00:00:00
    if (zip_set_file_compression(archive, index, ZIP_CM_STORE, 0) < 0 ||
        zip_file_set_dostime(archive, index, 0, firstDay, 0) < 0 ||
        zip_file_set_external_attributes(archive, index, 0, ZIP_OPSYS_UNIX,
                                         0100644u << 16) < 0)
      return fail(named.name);
  }
  if (zip_close(archive) < 0)
    return fail(arrays.empty() ? StringRef() : StringRef(arrays[0].name));
  return llvm::Error::success();
}

static llvm::Error checkNames(ArrayRef<NamedArray> arrays, StringRef where) {
  llvm::StringSet<> seen;
  for (const NamedArray &named : arrays) {
    if (std::optional<StringRef> fault = findNameFault(named.name))
      return makeRuleError("npz-name", where + ": array name '" +
                                           printable(named.name) +
                                           "' is refused: " + *fault);
    if (!seen.insert(named.name).second)
      return makeRuleError("npz-duplicate", where + ": array name '" +
                                                printable(named.name) +
                                                "' is given twice");
  }
  return llvm::Error::success();
}

/// What libzip does not write: an archive without members.
static constexpr char emptyArchive[22] = {'P', 'K', 5, 6};

llvm::Expected<SmallVector<char, 0>> formatNpz(ArrayRef<NamedArray> arrays) {
  StringRef where = "npz archive";
  if (llvm::Error error = checkNames(arrays, where))
    return error;
  SmallVector<char, 0> bytes;
  if (arrays.empty()) {
    bytes.append(std::begin(emptyArchive), std::end(emptyArchive));
    return bytes;
  }
  ZipError error;
  zip_source_t *target = zip_source_buffer_create(nullptr, 0, 0, &error.error);
  zip_t *archive =
      target ? zip_open_from_source(target, ZIP_TRUNCATE, &error.error)
             : nullptr;
  if (!archive) {
    if (target)
      zip_source_free(target);
    return makeRuleError("file-write", where + ": " + error.text());
  }
  zip_source_keep(target);
  llvm::scope_exit freeTarget([&] { zip_source_free(target); });
  if (llvm::Error failure = fillArchive(archive, arrays, where))
    return failure;
  zip_stat_t stat;
  zip_stat_init(&stat);
  bool ok = zip_source_open(target) == 0;
  if (ok && zip_source_stat(target, &stat) == 0 &&
      (stat.valid & ZIP_STAT_SIZE)) {
    bytes.resize_for_overwrite(stat.size);
    ok = zip_source_read(target, bytes.data(), bytes.size()) ==
         zip_int64_t(bytes.size());
  } else {
    ok = false;
  }
  zip_source_close(target);
  if (!ok)
    return makeRuleError("file-write",
                         where + ": cannot be read back: " +
                             zip_error_strerror(zip_source_error(target)));
  return bytes;
}

llvm::Error writeNpz(StringRef path, ArrayRef<NamedArray> arrays) {
  if (llvm::Error error = checkNames(arrays, path))
    return error;
  if (arrays.empty())
    return writeFile(path, StringRef(emptyArchive, sizeof(emptyArchive)));
  int code = 0;
  zip_t *archive =
      zip_open(path.str().c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  if (!archive) {
    ZipError error;
    zip_error_init_with_code(&error.error, code);
    return makeRuleError("file-write",
                         path + ": cannot be written: " + error.text());
  }
  return fillArchive(archive, arrays, path);
}

} // namespace nmc
