//===- Dataset.h - Labelled inputs for a network ----------------*- C++ -*-===//
//
// Reads what `--data F [--labels F] [--preprocess ...] [--samples N]` names and
// hands out samples as the network wants them: real values, channels first,
// without a batch.  Data stay in the type they are stored in; a sample is
// converted when it is asked for.
//
// Networks that run over time take traces, (samples, steps, ...) or
// (steps, ...), or recordings of events, which become frames (Events.h); or one
// image that is there in every step.
//
// Rules: [data-format] [data-missing] [data-empty] [data-shape] [data-axes]
// [data-nan] [data-range] [data-samples] [data-steps] [data-size]
// [data-events] [labels-missing] [labels-count] [labels-shape] [labels-value],
// [preprocess-key] [preprocess-value] [preprocess-channels] and those of the
// file formats (nmc/Support/Npy.h, Npz.h, Idx.h, nmc/Frontend/Nir/Raw.h) and of
// events.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_EXEC_DATASET_H
#define NMC_EXEC_DATASET_H

#include "nmc/Exec/Events.h"
#include "nmc/Support/Npz.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nmc::exec {

enum class DataLayout : uint8_t {
  ChannelsFirst, // NCHW
  ChannelsLast   // NHWC
};

/// How stored numbers q become real values:
///   v = (q - zero_point) * scale,  x = (v - mean) / std
/// in double precision, rounded to float once.
struct Preprocess {
  std::optional<double> scale, zeroPoint;
  /// None, one for all channels, or one per channel.
  SmallVector<double, 4> mean, std;
  /// Absent: found out from the shapes.
  std::optional<DataLayout> layout;
  /// Any other layout: the axes of the array in order, of N (samples), T
  /// (steps) and C, D, H, W; empty: none was stated.
  std::string axes;
  /// Columns of a csv file that are taken, in this order; empty: all.
  SmallVector<int64_t, 4> columns;

  /// True where values are taken as they are stored.
  bool keepsValues() const {
    return !scale && !zeroPoint && mean.empty() && std.empty();
  }
};

/// Parses "scale=1/255,zero_point=83,mean=0.1307,std=0.3081,layout=NHWC,
/// columns=0:2"; any subset, in any order.  A number may be a fraction; mean
/// and std may have one value per channel, with ':' between them.  Fails with
/// [preprocess-key] or [preprocess-value].
llvm::Expected<Preprocess> parsePreprocess(StringRef text);

/// An input of the network.
struct InputSpec {
  std::string name;
  /// Without batch, channels first: C, C x L or C x H x W.
  SmallVector<int64_t, 4> shape;
  /// Most events per element and step that the port takes; absent: any.
  std::optional<int64_t> mostEvents = std::nullopt;
};

/// Whether a sample has an axis of time.
enum class TimeAxis : uint8_t {
  None, // one image, whatever is done with it
  Steps,
  /// Both are possible: an array with one axis more than the input needs holds
  /// samples where there are as many labels, else steps.
  Either
};

/// Reads a folder (ONNX test_data_set_k) into arrays whose first axis is the
/// sample, named as the members of an npz would be: network inputs (or x) and
/// y.
using FolderReader =
    std::function<llvm::Expected<std::vector<NamedArray>>(StringRef folder)>;

struct DatasetOptions {
  /// npz, npy, IDX (also .gz), csv (rows are steps), N-MNIST .bin, HDF5 with
  /// spikes, NIRData; a folder of .bin files, where folders in it are classes;
  /// or a folder that `folderReader` reads.
  std::string data;
  /// npy, IDX or npz (array y); empty: y of `data`, if it is an npz with one.
  std::string labels;
  Preprocess preprocess;
  /// Use the first so many samples only.
  std::optional<int64_t> samples;
  FolderReader folderReader;
  ReadLimits limits;
  TimeAxis time = TimeAxis::None;
  /// Steps to run where there is an axis of time; absent: those of the data.
  std::optional<int64_t> steps;
  Framing framing;
};

/// Checked input data.  Immutable, so that threads may share it.
class Dataset {
public:
  /// Loads and checks data for a network with `inputs`.  Of an npz file, each
  /// input takes the array of its name; a single input also takes 'x' or the
  /// only array there is.
  static llvm::Expected<Dataset> load(ArrayRef<InputSpec> inputs,
                                      const DatasetOptions &options);

  /// The same from arrays in memory; `options.data` only names them in
  /// messages.
  static llvm::Expected<Dataset> create(ArrayRef<InputSpec> inputs,
                                        std::vector<NamedArray> arrays,
                                        const DatasetOptions &options = {});

  /// Samples in use.
  int64_t samples() const { return sampleCount; }
  /// Samples in the file.
  int64_t samplesInFile() const { return fileSamples; }

  int64_t inputCount() const { return inputs.size(); }
  const InputSpec &spec(int64_t input = 0) const { return inputs[input].spec; }
  /// Elements of one step.
  int64_t elements(int64_t input = 0) const { return inputs[input].elements; }
  /// Whether samples of an input have an axis of time.
  bool hasSteps(int64_t input = 0) const { return inputs[input].steps != 0; }
  /// Steps to run; absent where no input has an axis of time.
  std::optional<int64_t> steps() const {
    return stepCount ? std::optional<int64_t>(stepCount) : std::nullopt;
  }
  /// Whether all values of an input are integers.
  bool isWhole(int64_t input = 0) const { return inputs[input].isWhole; }
  /// Whether the input came as events in time.
  bool isEvents(int64_t input = 0) const {
    return inputs[input].events.has_value();
  }
  /// Smallest and largest real value over all samples in use.
  double min(int64_t input = 0) const { return inputs[input].min; }
  double max(int64_t input = 0) const { return inputs[input].max; }
  /// The type in which an input is stored.
  ElementKind kind(int64_t input = 0) const {
    return inputs[input].array.kind();
  }

  /// Writes sample `i` of an input, channels first, to `out`, which has
  /// `elements(input)` elements, times the steps to run where it has an axis of
  /// time; steps that the data do not have are 0.  Safe to call from several
  /// threads.
  void sample(int64_t i, MutableArrayRef<float> out, int64_t input = 0) const;

  bool hasLabels() const { return !labelValues.empty(); }
  /// The class of sample `i`; the dataset has labels.
  int64_t label(int64_t i) const { return labelValues[i]; }
  ArrayRef<int64_t> labels() const { return labelValues; }

  /// SHA-256 of the data file (of the arrays, where there is no one file) and
  /// of the labels file; empty where there is none.
  StringRef sha256() const { return dataHash; }
  StringRef labelsSha256() const { return labelsHash; }
  /// "npz", "npy", "idx", "csv", "events", "nirdata", "onnx-folder" or
  /// "memory".
  StringRef format() const { return formatName; }

  /// What was decided or is odd, one line each, lower case, without "note: "
  /// and "warning: "; a warning ends in the name of its rule.
  ArrayRef<std::string> notes() const { return noteTexts; }
  ArrayRef<std::string> warnings() const { return warningTexts; }

private:
  struct Input {
    InputSpec spec;
    Array array;
    /// In place of `array`.
    std::optional<FramedEvents> events;
    int64_t elements = 0;
    /// Of one sample as stored; 0: no axis of time.
    int64_t steps = 0;
    bool channelsLast = false, isWhole = false;
    double min = 0, max = 0;
  };

  friend class DatasetLoader;

  llvm::Error checkInput(Input &input, StringRef where);
  llvm::Error addInput(const InputSpec &spec, Array array, StringRef where,
                       const DatasetOptions &options);
  llvm::Error addEvents(const InputSpec &spec, FramedEvents events,
                        StringRef where);
  llvm::Error splitSamples(const Input &input, const Array &array,
                           StringRef where, int64_t &count,
                           SmallVectorImpl<int64_t> &stored);
  llvm::Error splitSteps(Input &input, const Array &array, StringRef where,
                         TimeAxis time, int64_t &count,
                         SmallVectorImpl<int64_t> &stored);
  llvm::Error arrangeAxes(Input &input, Array &array, StringRef where,
                          TimeAxis time, int64_t &count);
  llvm::Error addLabels(const Array &array, StringRef where);
  llvm::Error matchShapes(Input &input, ArrayRef<int64_t> stored,
                          StringRef where);
  /// Decides on the steps to run.
  llvm::Error finishSteps(StringRef where, const DatasetOptions &options);
  /// Cuts to the samples asked for, checks labels and values.
  llvm::Error finish(StringRef where, const DatasetOptions &options,
                     StringRef labelsWhere);
  /// Elements of an input from `first` on, a whole step of them.
  void convert(const Input &input, int64_t first,
               MutableArrayRef<float> out) const;

  std::vector<Input> inputs;
  Preprocess preprocess;
  int64_t sampleCount = 0, fileSamples = 0;
  int64_t stepCount = 0; // 0: no axis of time
  std::vector<int64_t> labelValues;
  std::string dataHash, labelsHash, formatName;
  std::vector<std::string> noteTexts, warningTexts;
};

} // namespace nmc::exec

#endif // NMC_EXEC_DATASET_H
