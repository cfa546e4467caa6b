//===- FastPlan.h - A plan in channel-last order ----------------*- C++ -*-===//
//
// Private to the executor.  What the fast engine needs beside the plan: element
// types of frames, synapses by source, parameters in channel-last order.  Built
// once per run and shared by its threads.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_EXEC_FASTPLAN_H
#define NMC_LIB_EXEC_FASTPLAN_H

#include "Kernels.h"
#include "Plan.h"

#include <map>

namespace nmc::exec {

/// How the elements of a value or of a sum are stored.
enum class Storage : uint8_t { U8, I16, I32, I64, F32 };
unsigned getStorageBytes(Storage storage);

/// Channel-last order of one shape; both empty where it is row-major.
struct Layout {
  std::vector<int32_t> toRowMajor, fromRowMajor;

  int32_t rowMajor(int64_t i) const {
    return toRowMajor.empty() ? int32_t(i) : toRowMajor[i];
  }
  int32_t channelLast(int64_t i) const {
    return fromRowMajor.empty() ? int32_t(i) : fromRowMajor[i];
  }
};

struct FastValue {
  Storage storage = Storage::F32;
  int64_t elements = 0;
  bool isCurrent = false;
  /// Events are listed: a population's, or the source of a connection.
  bool needsEvents = false;
  const Layout *layout = nullptr;
};

struct FastConnection {
  Storage sum = Storage::F32;
  kernels::Scatter synapses;
  std::vector<int8_t> weights8; // instead of those of 16 bits, where they fit
  std::vector<int16_t> weights16;
  std::vector<int32_t> weights32;
  std::vector<int64_t> weights64;
  std::vector<float> weightsF;
  /// Per target, or empty.
  std::vector<int32_t> bias32;
  std::vector<int64_t> bias64;
  std::vector<float> biasF;
  float factor = 1;            // of a float pool, after the sum
  std::vector<float> divisors; // of a mean
  std::vector<int32_t> fanOut; // effective, per source
  bool binarySource = false;   // payloads are 1
  double scale = 0;            // of payloads that become reals
};

struct FastNode {
  std::unique_ptr<FastConnection> connection;
  // Membranes: which arithmetic, and parameters in channel-last order.
  Storage state = Storage::F32;
  bool isSimple = false;
  Membrane<float> floatMembrane;
  Membrane<int32_t> membrane32;
  Membrane<int64_t> membrane64;
  SigmaDelta<float> floatSigma;
  SigmaDelta<int64_t> intSigma;
  kernels::Simple<float> simpleFloat; // points into floatMembrane
  kernels::Simple<int32_t> simple32;  // points into membrane32
  bool isLeaky = false;
  kernels::Leaky leaky; // points into membrane32, leakyBias and resets
  std::vector<int32_t> leakyBias;
  std::vector<float> floatResets{0.0f};
  std::vector<int32_t> resets{0};
  // MaxPool: sources of each target position.
  std::vector<int64_t> offsets;
  std::vector<int32_t> positions;
  int64_t channels = 1;
  // View: gather in channel-last order; empty where it copies its source.
  std::vector<int32_t> index;
  std::vector<int32_t> from;
  std::vector<int32_t> delays;
};

struct FastPlan {
  std::shared_ptr<const Plan> plan;
  std::map<SmallVector<int64_t, 4>, Layout> layouts; // by shape
  std::vector<FastValue> values;
  std::vector<FastNode> nodes;
  /// Steps that run before the next component has its turn.
  int64_t chunk(int64_t steps) const;
};

/// The synapses of `connection` by source, with weights in the order in which
/// the scatter reads them.
void buildScatter(const Connection &connection, const FanOut &fanOut,
                  const Layout &source, const Layout &target, bool binarySource,
                  FastConnection &fast);

} // namespace nmc::exec

#endif // NMC_LIB_EXEC_FASTPLAN_H
