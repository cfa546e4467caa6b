//===- MutateHdf5.cpp - Damaged HDF5 files by the thousand ----------------===//
//
//   nmc-mutate-hdf5 [-count N] [-seed N] [-import] [-keep FOLDER] FILE...
//
// damages the files in N ways, reads each in this process and counts how it
// ended. libhdf5 may die in its child; this process may not. -keep saves the
// mutants that killed the child.
//
//===----------------------------------------------------------------------===//

#include "nmc/Frontend/Nir/Import.h"
#include "nmc/Frontend/Nir/NirData.h"
#include "nmc/Support/File.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"

#include <chrono>
#include <map>
#include <random>

using namespace nmc;
using namespace nmc::nir;
namespace cl = llvm::cl;

static cl::list<std::string> files(cl::Positional, cl::OneOrMore,
                                   cl::desc("FILE..."));
static cl::opt<uint64_t> count("count", cl::init(1000),
                               cl::desc("Number of mutants"));
static cl::opt<uint64_t> seed("seed", cl::init(1));
static cl::opt<bool> import("import", cl::desc("Import what can be read"));
static cl::opt<std::string> keep("keep", cl::desc("Folder for the mutants "
                                                  "that kill the child"));

namespace {

/// Damages files; the same sequence for the same seed everywhere.
class Mutator {
public:
  explicit Mutator(std::vector<std::string> originals)
      : originals(std::move(originals)), random(seed) {
    for (const std::string &original : this->originals)
      structures.push_back(findStructures(original));
  }

  std::string next() {
    size_t which = pick(originals.size());
    std::string bytes = originals[which];
    // One fault is likelier to get past the first check than ten.
    for (size_t faults = size_t(1) << pick(4); faults > 0; --faults)
      damage(bytes, place(bytes, which));
    return bytes;
  }

private:
  size_t pick(size_t below) { return below ? random() % below : 0; }

  /// Where libhdf5 keeps what it walks along.
  static std::vector<size_t> findStructures(const std::string &bytes) {
    std::vector<size_t> places = {0};
    for (StringRef magic : {"TREE", "SNOD", "HEAP", "GCOL", "OHDR", "OCHK",
                            "FRHP", "BTHD", "BTLF", "\x89HDF"})
      for (size_t at = 0;
           (at = bytes.find(magic.str(), at)) != std::string::npos; ++at)
        places.push_back(at);
    // Object headers of version 1 have no name: version, 0, messages, ...
    for (size_t at = 0; at + 16 <= bytes.size(); at += 8)
      if (bytes[at] == 1 && bytes[at + 1] == 0 && bytes[at + 3] == 0 &&
          bytes[at + 4] == 1 && bytes[at + 5] == 0)
        places.push_back(at);
    return places;
  }

  size_t place(const std::string &bytes, size_t which) {
    if (pick(4) == 0)
      return pick(bytes.size());
    const std::vector<size_t> &places = structures[which];
    size_t at = places[pick(places.size())] + pick(pick(2) ? 32 : 256);
    return bytes.empty() ? 0 : std::min(at, bytes.size() - 1);
  }

  void damage(std::string &bytes, size_t at) {
    if (bytes.empty())
      return;
    switch (pick(10)) {
    case 0:
    case 1:
      bytes[at] ^= char(1 << pick(8));
      return;
    case 2:
      bytes[at] = char(random());
      return;
    case 3: // a run
      std::fill_n(bytes.begin() + at, std::min(1 + pick(16), bytes.size() - at),
                  pick(2) ? '\xff' : '\0');
      return;
    case 4: // an early end, seldom
      if (pick(4) == 0)
        bytes.resize(pick(2) ? at : bytes.size() - pick(64) % bytes.size());
      return;
    case 5: { // a piece of another file or place over this one
      const std::string &from = originals[pick(originals.size())];
      size_t start = pick(from.size()), length = 1 + pick(512);
      length = std::min({length, from.size() - start, bytes.size() - at});
      bytes.replace(at, length, from, start, length);
      return;
    }
    case 6: // everything behind moves
      if (pick(2))
        bytes.erase(at, 1 + pick(16));
      else
        bytes.insert(at, 1 + pick(16), char(random()));
      return;
    case 7: { // an address of another object
      size_t from = pick(bytes.size()) & ~size_t(7);
      if (from + 8 <= bytes.size() && (at & ~size_t(7)) + 8 <= bytes.size())
        std::copy_n(bytes.begin() + from, 8, bytes.begin() + (at & ~size_t(7)));
      return;
    }
    default:
      field(bytes, at);
    }
  }

  /// A length, count or address of 1 to 8 bytes.
  void field(std::string &bytes, size_t at) {
    size_t width = size_t(1) << pick(4);
    at &= ~(width - 1);
    if (at + width > bytes.size())
      return;
    uint64_t value = 0;
    std::memcpy(&value, bytes.data() + at, width);
    switch (pick(8)) {
    case 0:
      ++value;
      break;
    case 1:
      --value;
      break;
    case 2:
      value *= 2;
      break;
    case 3:
      value <<= 8;
      break;
    case 4:
      value = bytes.size() - pick(16);
      break;
    case 5:
      value = uint64_t(1) << pick(64);
      break;
    case 6:
      value = (uint64_t(1) << pick(64)) - 1;
      break;
    default:
      value = pick(256);
    }
    std::memcpy(&bytes[at], &value, width);
  }

  std::vector<std::string> originals;
  std::vector<std::vector<size_t>> structures;
  std::mt19937_64 random;
};

} // namespace

/// How the reading of a file ended: "read", or the rule, with the cause of
/// death for [hdf5-crash].
static std::string outcomeOf(const std::string &message) {
  StringRef text(message);
  std::string rule = text.substr(text.rfind('[')).str();
  if (rule == "[hdf5-crash]")
    rule += " " + text.substr(text.rfind(": libhdf5 ") + 10)
                      .take_until([](char c) { return c == ';'; })
                      .str();
  return rule;
}

static std::string importAll(const RawObject &object, MLIRContext &context) {
  std::string rule;
  bool failed = false;
  mlir::ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != mlir::DiagnosticSeverity::Error)
      return success();
    failed = true;
    std::string text = diagnostic.str();
    rule = text.substr(std::min(text.rfind('['), text.size()));
    return success();
  });
  OwningOpRef<ModuleOp> module =
      importNir(object, "mutant.nir", ImportOptions(), &context);
  if (module)
    return "imported";
  return failed ? "import: " + rule : "import: no diagnostic!";
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "Damaged HDF5 files\n");
  std::vector<std::string> originals;
  for (const std::string &file : files) {
    auto buffer = readFile(file);
    if (!buffer) {
      llvm::errs() << llvm::toString(buffer.takeError()) << "\n";
      return 2;
    }
    originals.push_back((*buffer)->getBuffer().str());
  }
  // In memory, where there is a place.
  llvm::SmallString<128> folder;
  if (llvm::sys::fs::is_directory("/dev/shm"))
    folder = "/dev/shm";
  else
    llvm::sys::path::system_temp_directory(true, folder);
  llvm::sys::path::append(folder, "nmc-mutant-%%%%%%%%.h5");
  int fd = -1;
  llvm::SmallString<128> path;
  if (llvm::sys::fs::createUniqueFile(folder, fd, path)) {
    llvm::errs() << "no temporary file\n";
    return 2;
  }
  llvm::FileRemover remover(path);

  RawLimits limits;
  limits.bytes = int64_t(1) << 28;
  limits.memory = int64_t(1) << 30;
  limits.cpuSeconds = 0.25; // what takes longer loops
  limits.wallSeconds = 30;
  Mutator mutator(std::move(originals));
  std::map<std::string, uint64_t> outcomes;
  std::unique_ptr<MLIRContext> context;
  using Clock = std::chrono::steady_clock;
  auto start = Clock::now(), last = start;
  double slowest = 0;
  auto secondsSince = [](Clock::time_point from) {
    return std::chrono::duration<double>(Clock::now() - from).count();
  };
  for (uint64_t i = 0; i < count; ++i) {
    std::string bytes = mutator.next();
    {
      // Not writeFile: a name in the folder less.
      std::error_code error;
      llvm::raw_fd_ostream os(path, error);
      os << bytes;
    }
    auto before = Clock::now();
    llvm::Expected<RawObject> object = readHdf5(path, limits);
    std::string outcome = "read";
    if (!object)
      outcome = outcomeOf(llvm::toString(object.takeError()));
    slowest = std::max(slowest, secondsSince(before));
    ++outcomes[outcome];
    if (!keep.empty() && StringRef(outcome).starts_with("[hdf5-crash]")) {
      std::string name = keep + "/" + std::to_string(i) + ".h5";
      if (llvm::Error error = writeFile(name, StringRef(bytes)))
        llvm::errs() << llvm::toString(std::move(error)) << "\n";
    }
    if (object && import) {
      // A context keeps what was made in it.
      if (i % 512 == 0 || !context)
        context =
            std::make_unique<MLIRContext>(MLIRContext::Threading::DISABLED);
      ++outcomes[importAll(*object, *context)];
    }
    if (object) {
      auto data = parseNirData(*object, path);
      if (!data)
        llvm::consumeError(data.takeError());
    }
    if (secondsSince(last) > 30) {
      last = Clock::now();
      llvm::errs() << i + 1 << " mutants, "
                   << llvm::format("%.0f", (i + 1) / secondsSince(start))
                   << "/s\n";
    }
  }
  double seconds = secondsSince(start);
  for (const auto &[outcome, times] : outcomes)
    llvm::outs() << llvm::format("%9llu  ", (unsigned long long)times)
                 << outcome << "\n";
  llvm::outs() << count << " mutants in " << llvm::format("%.1f", seconds)
               << " s, " << llvm::format("%.0f", count / seconds)
               << "/s, slowest " << llvm::format("%.2f", slowest) << " s\n";
  return 0;
}
