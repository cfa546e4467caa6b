//===- Events.h - Recordings of events, and frames of them ------*- C++ -*-===//
//
// Event cameras and silicon cochleas record when which sensor element sent
// something.  A network takes steps: a recording becomes frames.
//
//   frame k holds the events with  t0 + k·w <= t < t0 + (k + 1)·w
//
// where w is the window and t0 the first event of the recording, or 0.  Where
// the number of steps is not given, a recording has as many frames as fit
// before its last event: what comes after the last whole frame is dropped.
//
// Elements of a port of shape C x H x W: polarity (0: darker, 1: brighter), y,
// x.
//
// Rules: [event-size] [event-range] [event-order] [event-shape]
// [event-polarity] [event-time] [event-cut] [event-frames] [event-field]
// [data-empty] [data-size] [frame-window].
//
//===----------------------------------------------------------------------===//
#ifndef NMC_EXEC_EVENTS_H
#define NMC_EXEC_EVENTS_H

#include "nmc/Support/Array.h"
#include "nmc/Support/Npy.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nmc::nir {
struct RawObject;
} // namespace nmc::nir

namespace nmc::exec {

/// Where frame 0 starts.
enum class FrameStart : uint8_t { FirstEvent, Zero };

/// How a recording becomes frames.
struct Framing {
  /// Seconds; absent: the caller did not say, which is an error.
  std::optional<double> window;
  FrameStart start = FrameStart::FirstEvent;
  /// At most one event per element and frame.
  bool binary = false;
  /// Most events per element and frame that the port takes; absent: any.
  std::optional<int64_t> most;
};

/// What of the network the events go to.
struct EventPort {
  std::string name;
  /// C x H x W, H x W, or flat.
  SmallVector<int64_t, 4> shape;
  int64_t elements() const;
};

/// One recording, in the order of its file.
struct EventSample {
  std::vector<int64_t> times;     // ns
  std::vector<uint32_t> elements; // of the port
};

/// What a file holds.
struct EventFile {
  std::vector<EventSample> samples;
  /// One per sample, or empty.
  std::optional<Array> labels;
  std::vector<std::string> notes, warnings;
};

/// N-MNIST: 5 bytes an event: x, y, then polarity in the top bit of 23 bits of
/// microseconds, big-endian.  y = 240 is no event but an overflow of the
/// camera's clock: later times are 2^13 us on.
llvm::Expected<EventFile> parseNmnist(StringRef content, StringRef where,
                                      const EventPort &port);

/// Arrays of one recording: t (integers in microseconds, or floats in seconds),
/// x, y and optionally p.
llvm::Expected<EventFile> readEventArrays(const Array &t, const Array &x,
                                          const Array &y, const Array *p,
                                          StringRef where,
                                          const EventPort &port);

/// An HDF5 file as SHD and SSC are: `spikes/times` and `spikes/units`, lists of
/// variable length with one per sample, or two arrays for one sample; `labels`
/// may be there.  Times are seconds (floats) or microseconds (integers).
llvm::Expected<EventFile> readSpikeLists(const nir::RawObject &file,
                                         StringRef where,
                                         const EventPort &port);
/// Whether `file` is one.
bool isSpikeListFile(const nir::RawObject &file);

/// Recordings as frames; immutable once finished.
class FramedEvents {
public:
  /// `steps` absent: as many as the longest recording has.
  FramedEvents(const Framing &framing, std::optional<int64_t> steps)
      : framing(framing), wanted(steps) {}

  /// Adds a sample.  Fails with [event-frames] where a recording has more
  /// frames than 2^20, [data-size] where all take more than `limits.maxBytes`.
  llvm::Error add(EventSample sample, StringRef where,
                  const ReadLimits &limits = {});
  /// Says what was done in one note, and warns of events that were cut or come
  /// in the wrong order.  Fails where nothing is left.
  llvm::Error finish(StringRef where, std::vector<std::string> &notes,
                     std::vector<std::string> &warnings);

  int64_t samples() const { return cells.size(); }
  int64_t steps() const { return stepCount; }
  /// Most events of one element in one frame, and 0 where there are none.
  int64_t largest() const { return largestCount; }
  int64_t kept() const { return keptCount; }

  /// Writes frames of `elements` each to `out`, as many as there is room for.
  void read(int64_t sample, int64_t elements, MutableArrayRef<float> out) const;

private:
  Framing framing;
  std::optional<int64_t> wanted;
  /// Frame and element of every event, ascending.
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> cells;
  int64_t stepCount = 0, largestCount = 0;
  int64_t eventCount = 0, keptCount = 0, cutCount = 0;
  int64_t earlyCount = 0, lateCount = 0; // before frame 0, after the last
  int64_t silentSamples = 0, shortSamples = 0, unorderedSamples = 0;
  int64_t longest = 0; // ns
  std::string firstUnordered, firstCut;
  int64_t bytes = 0;
};

/// The window in nanoseconds; fails with [frame-window] where it is absent, not
/// positive, or not at least 1 ns.
llvm::Expected<int64_t> getWindow(const Framing &framing, StringRef where);

} // namespace nmc::exec

#endif // NMC_EXEC_EVENTS_H
