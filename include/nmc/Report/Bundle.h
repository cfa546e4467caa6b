//===- Bundle.h - The folder that a run leaves ------------------*- C++ -*-===//
//
//   report.json layers.csv kpis.csv [mapping.nmcm ...]   equal for equal runs
//   run.json                                             times, host, command
//   manifest.json     SHA-256 of all but run.json, written last
//
// A folder without manifest is no bundle: the run was cut off.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_REPORT_BUNDLE_H
#define NMC_REPORT_BUNDLE_H

#include "nmc/Report/Report.h"

namespace nmc::report {

/// What differs between equal runs.
struct RunRecord {
  std::vector<std::string> command;
  /// UTC, "2026-01-31T12:00:00Z"; empty: unknown.
  std::string started;
  int64_t jobs = 1;
  std::optional<double> wallSeconds;
  std::optional<int64_t> peakMemoryBytes;
  /// Wall time of each phase in s, in order.
  std::vector<std::pair<std::string, double>> phases;
};

void printJson(const RunRecord &run, raw_ostream &os);
/// The current time for RunRecord::started.
std::string currentTime();

/// Writes one bundle.  Each file appears whole or not at all.
class BundleWriter {
public:
  /// Makes the folder and removes the manifest of an older run in it.  Fails
  /// with [bundle-write].
  static llvm::Expected<BundleWriter> create(StringRef folder);

  /// Writes a file that the manifest lists.  `name` is a plain file name.
  llvm::Error add(StringRef name, StringRef content);
  /// Writes report.json, layers.csv and kpis.csv.
  llvm::Error add(const Report &report);
  /// Writes run.json and, last, manifest.json.
  llvm::Error finish(const RunRecord &run, Status status);

  StringRef folder() const { return root; }
  /// Names written so far, in order.
  std::vector<std::string> files() const;

private:
  explicit BundleWriter(StringRef folder) : root(folder) {}

  struct Entry {
    std::string name, sha256;
    int64_t bytes;
  };
  std::string root;
  std::vector<Entry> entries;
};

struct Bundle {
  std::string folder;
  Report report;
  /// Files of the manifest, by name.
  std::vector<std::string> files;
};

/// Reads a bundle back: every file of the manifest has the size and hash that
/// it states.  Rules [bundle-manifest], [bundle-hash], those of parseReport.
llvm::Expected<Bundle> readBundle(StringRef folder);

/// One file of a bundle, with its hash checked against the manifest.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readBundleFile(StringRef folder, StringRef name);

} // namespace nmc::report

#endif // NMC_REPORT_BUNDLE_H
