//===- Bundle.cpp - The folder that a run leaves --------------------------===//
#include "nmc/Report/Bundle.h"
#include "JsonWriter.h"
#include "nmc/Support/File.h"
#include "nmc/Support/Json.h"
#include "nmc/Support/RuleError.h"
#include "nmc/Support/Sha256.h"

#include "llvm/Support/Chrono.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Threading.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"

#include <chrono>
#include <ctime>

using namespace nmc;
using namespace nmc::report;

static constexpr StringLiteral manifestName = "manifest.json";
static constexpr StringLiteral runName = "run.json";

static std::string filePath(StringRef folder, StringRef name) {
  SmallVector<char> path(folder.begin(), folder.end());
  llvm::sys::path::append(path, name);
  return std::string(path.begin(), path.end());
}

/// Whether `name` is one plain file name: nothing that leads out of a folder.
static bool isPlainName(StringRef name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of("/\\") == StringRef::npos && !name.contains('\0');
}

//===----------------------------------------------------------------------===//
// run.json
//===----------------------------------------------------------------------===//

std::string report::currentTime() {
  std::time_t now =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  if (!gmtime_r(&now, &utc))
    return "";
  return llvm::formatv("{0:4}-{1,0+2}-{2,0+2}T{3,0+2}:{4,0+2}:{5,0+2}Z",
                       utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                       utc.tm_hour, utc.tm_min, utc.tm_sec)
      .str();
}

void report::printJson(const RunRecord &run, raw_ostream &os) {
  detail::JsonWriter json(os);
  json.object([&] {
    json.text("schema", "nmc.run");
    json.text("schema_version", "1.0.0");
    json.list("command", run.command);
    json.optional("started", run.started);
    json.object("host", [&] {
      json.text("system", llvm::sys::getProcessTriple());
      json.text("cpu", llvm::sys::getHostCPUName());
      json.integer(
          "threads",
          int64_t(llvm::hardware_concurrency().compute_thread_count()));
    });
    json.integer("jobs", run.jobs);
    json.number("wall_s", run.wallSeconds);
    json.integer("peak_memory_B", run.peakMemoryBytes);
    json.array("phases", [&] {
      for (const auto &[name, seconds] : run.phases)
        json.object([&, &name = name, &seconds = seconds] {
          json.text("name", name);
          json.number("wall_s", seconds);
        });
    });
  });
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

llvm::Expected<BundleWriter> BundleWriter::create(StringRef folder) {
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return makeRuleError(
        "bundle-write", folder + ": folder cannot be made: " + error.message());
  // From here on the folder is no bundle until finish().
  if (std::error_code error =
          llvm::sys::fs::remove(filePath(folder, manifestName)))
    return makeRuleError("bundle-write",
                         filePath(folder, manifestName) +
                             ": cannot be removed: " + error.message());
  return BundleWriter(folder);
}

llvm::Error BundleWriter::add(StringRef name, StringRef content) {
  if (!isPlainName(name) || name == manifestName || name == runName)
    return makeRuleError("bundle-write",
                         "'" + name + "' cannot name a file of a bundle");
  if (llvm::Error error = writeFile(filePath(root, name), content))
    return error;
  Entry entry{name.str(), sha256(content), int64_t(content.size())};
  auto old = llvm::find_if(
      entries, [&](const Entry &other) { return other.name == name; });
  if (old != entries.end())
    *old = std::move(entry);
  else
    entries.push_back(std::move(entry));
  return llvm::Error::success();
}

llvm::Error BundleWriter::add(const Report &report) {
  auto print = [&](StringRef name, auto printer) {
    std::string text;
    llvm::raw_string_ostream os(text);
    printer(report, os);
    return add(name, text);
  };
  if (llvm::Error error =
          print("report.json",
                [](const Report &r, raw_ostream &os) { printJson(r, os); }))
    return error;
  if (llvm::Error error = print("layers.csv", printLayersCsv))
    return error;
  return print("kpis.csv", printKpisCsv);
}

std::vector<std::string> BundleWriter::files() const {
  std::vector<std::string> names;
  for (const Entry &entry : entries)
    names.push_back(entry.name);
  return names;
}

llvm::Error BundleWriter::finish(const RunRecord &run, Status status) {
  std::string text;
  {
    llvm::raw_string_ostream os(text);
    printJson(run, os);
  }
  if (llvm::Error error = writeFile(filePath(root, runName), StringRef(text)))
    return error;

  std::vector<Entry> sorted = entries;
  llvm::sort(sorted,
             [](const Entry &a, const Entry &b) { return a.name < b.name; });
  std::string manifest;
  {
    llvm::raw_string_ostream os(manifest);
    detail::JsonWriter json(os);
    json.object([&] {
      json.text("schema", "nmc.manifest");
      json.text("schema_version", "1.0.0");
      json.text("status", stringifyStatus(status));
      json.array("files", [&] {
        for (const Entry &entry : sorted)
          json.object([&] {
            json.text("path", entry.name);
            json.integer("bytes", entry.bytes);
            json.text("sha256", entry.sha256);
          });
      });
    });
  }
  return writeFile(filePath(root, manifestName), StringRef(manifest));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
struct ManifestEntry {
  std::string path, sha256;
  int64_t bytes = 0;
};
} // namespace

static llvm::Expected<std::vector<ManifestEntry>>
readManifest(StringRef folder) {
  std::string path = filePath(folder, manifestName);
  if (!llvm::sys::fs::exists(path))
    return makeRuleError("bundle-manifest",
                         folder + ": has no " + manifestName +
                             ": no bundle, or one whose run was cut off");
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  llvm::Expected<llvm::json::Value> json =
      parseJson((*buffer)->getBuffer(), path);
  if (!json)
    return json.takeError();
  auto fail = [&](const Twine &message) {
    return makeRuleError("bundle-manifest", path + ": " + message);
  };
  const llvm::json::Object *object = json->getAsObject();
  if (!object || object->getString("schema") != StringRef("nmc.manifest"))
    return fail("is no manifest of a bundle");
  const llvm::json::Array *files = object->getArray("files");
  if (!files)
    return fail("has no list of files");
  std::vector<ManifestEntry> entries;
  for (const llvm::json::Value &file : *files) {
    const llvm::json::Object *fields = file.getAsObject();
    std::optional<StringRef> name, hash;
    std::optional<int64_t> bytes;
    if (fields) {
      name = fields->getString("path");
      hash = fields->getString("sha256");
      bytes = fields->getInteger("bytes");
    }
    if (!name || !hash || !bytes)
      return fail("file " + Twine(entries.size()) +
                  " lacks path, bytes or sha256");
    if (!isPlainName(*name))
      return fail("'" + *name + "' is no plain file name");
    entries.push_back({name->str(), hash->str(), *bytes});
  }
  return entries;
}

static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readChecked(StringRef folder, const ManifestEntry &entry) {
  std::string path = filePath(folder, entry.path);
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  int64_t size = (*buffer)->getBufferSize();
  if (size != entry.bytes)
    return makeRuleError("bundle-hash", path + ": has " + Twine(size) +
                                            " bytes, the manifest says " +
                                            Twine(entry.bytes));
  std::string hash = sha256((*buffer)->getBuffer());
  if (hash != entry.sha256)
    return makeRuleError("bundle-hash",
                         path + ": has SHA-256 " + hash +
                             ", the manifest says " + entry.sha256 +
                             ": the file was changed after the run");
  return buffer;
}

llvm::Expected<Bundle> report::readBundle(StringRef folder) {
  llvm::Expected<std::vector<ManifestEntry>> manifest = readManifest(folder);
  if (!manifest)
    return manifest.takeError();
  Bundle bundle;
  bundle.folder = folder.str();
  bool found = false;
  for (const ManifestEntry &entry : *manifest) {
    auto buffer = readChecked(folder, entry);
    if (!buffer)
      return buffer.takeError();
    bundle.files.push_back(entry.path);
    if (entry.path != "report.json")
      continue;
    llvm::Expected<Report> report =
        parseReport((*buffer)->getBuffer(), filePath(folder, entry.path));
    if (!report)
      return report.takeError();
    bundle.report = std::move(*report);
    found = true;
  }
  if (!found)
    return makeRuleError("bundle-manifest",
                         folder + ": the manifest lists no report.json");
  return bundle;
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
report::readBundleFile(StringRef folder, StringRef name) {
  llvm::Expected<std::vector<ManifestEntry>> manifest = readManifest(folder);
  if (!manifest)
    return manifest.takeError();
  for (const ManifestEntry &entry : *manifest)
    if (entry.path == name)
      return readChecked(folder, entry);
  return makeRuleError("bundle-manifest",
                       folder + ": the manifest lists no " + name);
}
