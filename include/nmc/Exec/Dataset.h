//===- Dataset.h - Labelled inputs for a network ----------------*- C++ -*-===//
//
// Reads what `--data F [--labels F] [--preprocess ...] [--samples N]` names and
// hands out samples as the network wants them: real values, channels first,
// without a batch.  Data stay in the type they are stored in; a sample is
// converted when it is asked for.
//
// Rules: [data-format] [data-missing] [data-empty] [data-shape] [data-nan]
// [data-range] [data-samples] [labels-missing] [labels-count] [labels-shape]
// [labels-value], [preprocess-key] [preprocess-value] [preprocess-channels] and
// those of the file formats (nmc/Support/Npy.h, Npz.h, Idx.h).
//
//===----------------------------------------------------------------------===//
#ifndef NMC_EXEC_DATASET_H
#define NMC_EXEC_DATASET_H

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

  /// True where values are taken as they are stored.
  bool keepsValues() const {
    return !scale && !zeroPoint && mean.empty() && std.empty();
  }
};

/// Parses "scale=1/255,zero_point=83,mean=0.1307,std=0.3081,layout=NHWC"; any
/// subset, in any order.  A number may be a fraction; mean and std may have one
/// value per channel, with ':' between them.  Fails with [preprocess-key] or
/// [preprocess-value].
llvm::Expected<Preprocess> parsePreprocess(StringRef text);

/// An input of the network.
struct InputSpec {
  std::string name;
  /// Without batch, channels first: C, C x L or C x H x W.
  SmallVector<int64_t, 4> shape;
};

/// Reads a folder (ONNX test_data_set_k) into arrays whose first axis is the
/// sample, named as the members of an npz would be: network inputs (or x) and
/// y.
using FolderReader =
    std::function<llvm::Expected<std::vector<NamedArray>>(StringRef folder)>;

struct DatasetOptions {
  /// npz, npy, IDX (also .gz), or a folder where `folderReader` is set.
  std::string data;
  /// npy, IDX or npz (array y); empty: y of `data`, if it is an npz with one.
  std::string labels;
  Preprocess preprocess;
  /// Use the first so many samples only.
  std::optional<int64_t> samples;
  FolderReader folderReader;
  ReadLimits limits;
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
  /// Elements of one sample.
  int64_t elements(int64_t input = 0) const { return inputs[input].elements; }
  /// Smallest and largest real value over all samples in use.
  double min(int64_t input = 0) const { return inputs[input].min; }
  double max(int64_t input = 0) const { return inputs[input].max; }
  /// The type in which an input is stored.
  ElementKind kind(int64_t input = 0) const {
    return inputs[input].array.kind();
  }

  /// Writes sample `i` of an input, channels first, to `out`, which has
  /// `elements(input)` elements.  Safe to call from several threads.
  void sample(int64_t i, MutableArrayRef<float> out, int64_t input = 0) const;

  bool hasLabels() const { return !labelValues.empty(); }
  /// The class of sample `i`; the dataset has labels.
  int64_t label(int64_t i) const { return labelValues[i]; }
  ArrayRef<int64_t> labels() const { return labelValues; }

  /// SHA-256 of the data file (of the arrays, where there is no one file) and
  /// of the labels file; empty where there is none.
  StringRef sha256() const { return dataHash; }
  StringRef labelsSha256() const { return labelsHash; }
  /// "npz", "npy", "idx", "onnx-folder" or "memory".
  StringRef format() const { return formatName; }

  /// What was decided or is odd, one line each, lower case, without "note: "
  /// and "warning: "; a warning ends in the name of its rule.
  ArrayRef<std::string> notes() const { return noteTexts; }
  ArrayRef<std::string> warnings() const { return warningTexts; }

private:
  struct Input {
    InputSpec spec;
    Array array;
    int64_t elements = 0;
    bool channelsLast = false;
    double min = 0, max = 0;
  };

  llvm::Error addInput(const InputSpec &spec, Array array, StringRef where);
  llvm::Error addLabels(const Array &array, StringRef where);
  llvm::Error matchShapes(Input &input, ArrayRef<int64_t> stored,
                          StringRef where);
  /// Cuts to the samples asked for, checks labels and values.
  llvm::Error finish(StringRef where, std::optional<int64_t> wanted,
                     StringRef labelsWhere);

  std::vector<Input> inputs;
  Preprocess preprocess;
  int64_t sampleCount = 0, fileSamples = 0;
  std::vector<int64_t> labelValues;
  std::string dataHash, labelsHash, formatName;
  std::vector<std::string> noteTexts, warningTexts;
};

} // namespace nmc::exec

#endif // NMC_EXEC_DATASET_H
