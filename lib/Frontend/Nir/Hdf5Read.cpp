//===- Hdf5Read.cpp - An HDF5 file, read in a child process ---------------===//
//
// The child is a copy of this process (fork without exec, so that nothing has
// to be found or installed) which walks the file and writes the raw stream to a
// pipe. It ends in
//
//   stream "NMC-DONE"                  all is well
//   stream text length:u32 "NMC-FAIL"  the file is at fault
//
// and anything else means that libhdf5 died or ran into a limit. Nothing that
// the child sends is believed: libhdf5 may have overwritten its memory.
//
//===----------------------------------------------------------------------===//

#include "Hdf5Walk.h"

#include "nmc/Support/Interrupt.h"
#include "nmc/Support/RuleError.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace nmc::nir {

/// Sanitizers reserve address space without end.
static constexpr bool hasShadowMemory = LLVM_ADDRESS_SANITIZER_BUILD ||
                                        LLVM_MEMORY_SANITIZER_BUILD ||
                                        LLVM_THREAD_SANITIZER_BUILD;

static constexpr int pipeInChild = 3;
static constexpr StringLiteral trailerDone = "NMC-DONE",
                               trailerFail = "NMC-FAIL";
/// Exit codes of the child that are not the end of a stream.
static constexpr int exitNoMemory = 77, exitNoPipe = 78;

namespace {

/// A file descriptor that is closed at the end of its scope.
class Descriptor {
public:
  explicit Descriptor(int fd = -1) : fd(fd) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor() { reset(); }
  void reset(int other = -1) {
    if (fd >= 0)
      ::close(fd);
    fd = other;
  }
  operator int() const { return fd; }

private:
  int fd;
};

//===----------------------------------------------------------------------===//
// The child
//===----------------------------------------------------------------------===//

/// Writes to the pipe; ends the process when nobody reads any more.
class PipeStream : public raw_ostream {
public:
  PipeStream() { SetBufferSize(1 << 16); }
  ~PipeStream() override { flush(); }

private:
  void write_impl(const char *data, size_t size) override {
    while (size) {
      ssize_t written = ::write(pipeInChild, data, size);
      if (written < 0 && errno != EINTR)
        ::_exit(exitNoPipe);
      if (written > 0) {
        data += written;
        size -= written;
        position += written;
      }
    }
  }
  uint64_t current_pos() const override { return position; }

  uint64_t position = 0;
};

} // namespace

/// Address space of this process in bytes; 0 where the system does not say.
static uint64_t getAddressSpace() {
  Descriptor file(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  char text[64];
  ssize_t length = file < 0 ? -1 : ::read(file, text, sizeof text - 1);
  uint64_t pages = 0;
  for (ssize_t i = 0; i < length && text[i] >= '0' && text[i] <= '9'; ++i)
    pages = 10 * pages + (text[i] - '0');
  return pages * uint64_t(::sysconf(_SC_PAGESIZE));
}

static void setLimit(int resource, rlim_t soft, rlim_t hard) {
  struct rlimit limit;
  if (::getrlimit(resource, &limit) != 0)
    return;
  limit.rlim_max = std::min(limit.rlim_max, hard);
  limit.rlim_cur = std::min(limit.rlim_max, soft);
  ::setrlimit(resource, &limit);
}

/// Seconds of CPU time. What takes long over a small file is caught in a loop.
static double getCpuSeconds(const RawLimits &limits, int64_t fileBytes) {
  double enough = 10 + double(fileBytes) / (1 << 22);
  return std::clamp(std::min(limits.cpuSeconds, enough), 0.01, 1e9);
}

/// Leaves the child with the pipe, the standard streams pointing nowhere, no
/// handler of ours and bounded resources.
static void confine(int pipe, int64_t fileBytes, const RawLimits &limits) {
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (pipe != pipeInChild)
    ::dup2(pipe, pipeInChild);
  int null = ::open("/dev/null", O_RDWR);
  if (null >= 0) {
    ::dup2(null, 0);
    ::dup2(null, 1);
    if (!hasShadowMemory) // whose reports must be seen
      ::dup2(null, 2);
  }
  // Sockets, locks and terminals of the parent must not outlive it here.
#if defined(__linux__) && __GLIBC_PREREQ(2, 34)
  bool closed = ::close_range(pipeInChild + 1, ~0U, 0) == 0;
#else
  bool closed = false;
#endif
  long end = std::min(::sysconf(_SC_OPEN_MAX), 65536L);
  for (int fd = pipeInChild + 1; !closed && fd < end; ++fd)
    ::close(fd);

  // Handlers of the parent know nothing of this process. An interrupt from the
  // terminal is the parent's to handle: it ends the child.
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action = {};
    action.sa_handler =
        number == SIGINT || number == SIGTERM ? SIG_IGN : SIG_DFL;
    ::sigaction(number, &action, nullptr);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);

  setLimit(RLIMIT_CORE, 0, 0);
  // The timer knows fractions of seconds (SIGPROF), the limit cannot be undone.
  double seconds = getCpuSeconds(limits, fileBytes);
  struct itimerval timer = {};
  timer.it_value.tv_sec = time_t(seconds);
  timer.it_value.tv_usec = suseconds_t((seconds - std::floor(seconds)) * 1e6);
  ::setitimer(ITIMER_PROF, &timer, nullptr);
  rlim_t whole = rlim_t(std::ceil(seconds));
  setLimit(RLIMIT_CPU, whole + 1, whole + 2);
  uint64_t present = hasShadowMemory ? 0 : getAddressSpace();
  if (present)
    setLimit(RLIMIT_AS, present + limits.memory, present + limits.memory);
  std::set_new_handler([] { ::_exit(exitNoMemory); });
}

[[noreturn]] static void runChild(int pipe, const char *path, int64_t fileBytes,
                                  const RawLimits &limits) {
  confine(pipe, fileBytes, limits);
  {
    PipeStream os;
    std::string message = walkHdf5(path, fileBytes, limits, os);
    if (message.empty()) {
      os << trailerDone;
    } else {
      char length[4];
      llvm::support::endian::write32le(length, message.size());
      os << message;
      os.write(length, sizeof length) << trailerFail;
    }
  }
  ::_exit(0);
}

//===----------------------------------------------------------------------===//
// The parent
//===----------------------------------------------------------------------===//

namespace {

using Clock = std::chrono::steady_clock;

/// The child as its parent sees it; ended and reaped at the end of the scope.
class Child {
public:
  ~Child() { end(); }

  /// Forks; false where the system refuses.
  bool start(const char *path, int64_t fileBytes, const RawLimits &limits) {
    std::lock_guard<std::mutex> lock(getHdf5Mutex());
    if (!startHdf5()) {
      failure = "libhdf5 does not start";
      return false;
    }
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      return failed("pipe");
    pipe.reset(ends[0]);
    Descriptor write(ends[1]);
    // No handler of this process may run in the child.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = ::fork();
    if (pid == 0)
      runChild(write, path, fileBytes, limits);
    int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return pid > 0 || failed("fork");
  }

  enum class Outcome { Finished, TooLong, TooMuch, Interrupted };

  /// Takes what the child sends until it ends or a limit is reached.
  Outcome receive(SmallVectorImpl<char> &bytes, size_t maxBytes,
                  double seconds) {
    auto deadline =
        Clock::now() +
        std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double>(std::clamp(seconds, 0.001, 1e9)));
    while (true) {
      auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
      if (left.count() <= 0)
        return Outcome::TooLong;
      struct pollfd ready = {pipe, POLLIN, 0};
      int count = ::poll(&ready, 1, int(std::min<int64_t>(left.count(), 1000)));
      if (isInterrupted())
        return Outcome::Interrupted;
      if (count < 0 && errno != EINTR && errno != EAGAIN)
        return Outcome::Finished; // and found incomplete
      if (count <= 0)
        continue;
      size_t size = bytes.size();
      if (size == maxBytes)
        return Outcome::TooMuch;
      size_t room = std::min(std::max<size_t>(1 << 16, size), maxBytes - size);
      bytes.resize_for_overwrite(size + room);
      ssize_t got = ::read(pipe, bytes.data() + size, room);
      bytes.truncate(size + std::max<ssize_t>(got, 0));
      if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
        return Outcome::Finished;
    }
  }

  /// Ends the child, if it still runs, and returns how it ended; none if some
  /// other part of the process has reaped it.
  std::optional<int> end() {
    if (pid <= 0)
      return std::nullopt;
    pid_t child = std::exchange(pid, -1);
    int status = 0;
    pid_t got = ::waitpid(child, &status, WNOHANG);
    if (got == 0) {
      ::kill(child, SIGKILL);
      do
        got = ::waitpid(child, &status, 0);
      while (got < 0 && errno == EINTR);
    }
    return got == child ? std::optional<int>(status) : std::nullopt;
  }

  std::string failure;

private:
  bool failed(const char *what) {
    failure = std::string("no process to read it in: ") + what + ": " +
              std::strerror(errno);
    return false;
  }

  pid_t pid = -1;
  Descriptor pipe;
};

} // namespace

/// What a file that is not HDF5 seems to be.
static std::string describeContent(StringRef start) {
  if (start.empty())
    return "it is empty";
  if (start.starts_with("PK\x03\x04")) {
    // The name of the first member follows its header of 30 bytes.
    size_t length = start.size() < 30
                        ? 0
                        : llvm::support::endian::read16le(start.data() + 26);
    StringRef member = start.substr(30, length);
    if (member.ends_with("data.pkl") || member.ends_with("/version"))
      return "it is a zip archive as torch.save writes it; export the network "
             "with the framework's nir exporter";
    return "it is a zip archive";
  }
  static const std::pair<StringLiteral, StringLiteral> known[] = {
      {"version https://git-lfs", "it is a pointer of git-lfs; fetch the file "
                                  "itself with 'git lfs pull'"},
      {"\x93NUMPY", "it is a numpy array"},
      {"\x1f\x8b", "it is compressed with gzip; unpack it first"},
      {"\x80\x02", "it is a Python pickle"},
      {"\x80\x04", "it is a Python pickle"},
      {"\x7f"
       "ELF",
       "it is a program"},
      {"<", "it is HTML or XML"},
      {"{", "it is JSON"}};
  std::string text = "it starts with '" + printable(start, 8) + "'";
  for (auto [magic, meaning] : known)
    if (start.starts_with(magic))
      return text + ": " + meaning.str();
  return text;
}

static llvm::Error openError(StringRef path, const Twine &text) {
  return makeRuleError("hdf5-open", path + ": " + text);
}

/// Finds the signature, at byte 0 or behind a user block of 512 bytes times a
/// power of two, without libhdf5. Returns the size of the file.
static llvm::Expected<int64_t> findSignature(const std::string &path) {
  // O_NONBLOCK: a named pipe without a writer must not block.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status;
  if (file < 0 || ::fstat(file, &status) != 0)
    return openError(path, Twine("cannot be opened: ") + std::strerror(errno));
  if (!S_ISREG(status.st_mode))
    return openError(path, "is no regular file");
  char start[256];
  ssize_t length = ::pread(file, start, sizeof start, 0);
  if (length < 0)
    return openError(path, Twine("cannot be read: ") + std::strerror(errno));
  for (off_t at = 0; at < status.st_size; at = at ? 2 * at : 512) {
    char signature[8];
    if (::pread(file, signature, sizeof signature, at) == sizeof signature &&
        std::memcmp(signature, "\x89HDF\r\n\x1a\n", sizeof signature) == 0)
      return int64_t(status.st_size);
  }
  return openError(path, "is no HDF5 file: " +
                             describeContent(StringRef(start, length)));
}

static llvm::Error crashError(StringRef path, const Twine &text) {
  return makeRuleError("hdf5-crash", path + ": libhdf5 " + text);
}

/// Why a child ended without a complete stream.
static llvm::Error explainEnd(StringRef path, std::optional<int> status,
                              int64_t fileBytes, const RawLimits &limits) {
  if (status && WIFSIGNALED(*status)) {
    int number = WTERMSIG(*status);
    if (number == SIGPROF || number == SIGXCPU) {
      char seconds[32];
      std::snprintf(seconds, sizeof seconds, "%g",
                    getCpuSeconds(limits, fileBytes));
      return crashError(path, Twine("needed more than ") + seconds +
                                  " s of CPU time on this file; it is "
                                  "damaged or too large");
    }
    return crashError(path, "died on this file (signal " + Twine(number) +
                                "); it is damaged");
  }
  if (status && WIFEXITED(*status) && WEXITSTATUS(*status) == exitNoMemory)
    return crashError(path, "needed more than " + Twine(limits.memory) +
                                " bytes of memory on this file; it is damaged "
                                "or too large");
  return crashError(
      path, "died on this file" +
                (status && WIFEXITED(*status)
                     ? " (exit code " + Twine(WEXITSTATUS(*status)) + ")"
                     : Twine()) +
                "; it is damaged");
}

llvm::Expected<RawObject> readHdf5(StringRef path, const RawLimits &limits) {
  std::string file = path.str();
  llvm::Expected<int64_t> fileBytes = findSignature(file);
  if (!fileBytes)
    return fileBytes.takeError();

  Child child;
  if (!child.start(file.c_str(), *fileBytes, limits))
    return openError(path, child.failure);
  // What the limits allow: the values, and around each object a few numbers.
  int64_t maxBytes = 0;
  if (llvm::MulOverflow(limits.objects, int64_t(512), maxBytes) ||
      llvm::AddOverflow(maxBytes, limits.bytes, maxBytes))
    maxBytes = INT64_MAX;
  SmallVector<char, 0> bytes;
  switch (child.receive(bytes, std::max<int64_t>(maxBytes, 1 << 16),
                        limits.wallSeconds)) {
  case Child::Outcome::Finished:
    break;
  case Child::Outcome::TooLong:
    return crashError(path, "did not finish this file within " +
                                Twine(int64_t(limits.wallSeconds)) +
                                " s; it is damaged or too large");
  case Child::Outcome::TooMuch:
    return crashError(path, "sent more than " + Twine(maxBytes) +
                                " bytes for this file; it is damaged");
  case Child::Outcome::Interrupted:
    return makeRuleError("interrupted", path + ": reading was interrupted");
  }
  std::optional<int> status = child.end();

  // A complete stream says so; then the signal is ours.
  StringRef sent(bytes.data(), bytes.size());
  if (status && WIFSIGNALED(*status) && WTERMSIG(*status) != SIGKILL)
    return explainEnd(path, status, *fileBytes, limits);
  if (sent.consume_back(trailerDone)) {
    llvm::Expected<RawObject> object =
        decodeRaw(ArrayRef(sent.data(), sent.size()), limits);
    if (!object)
      return llvm::createStringError(path + ": " +
                                     llvm::toString(object.takeError()));
    return object;
  }
  if (sent.consume_back(trailerFail) && sent.size() >= 4) {
    uint32_t length = llvm::support::endian::read32le(sent.end() - 4);
    sent = sent.drop_back(4);
    if (length > 0 && length <= sent.size())
      return llvm::createStringError(path + ":" + sent.take_back(length));
  }
  return explainEnd(path, status, *fileBytes, limits);
}

} // namespace nmc::nir
