//===- DatasetFiles.cpp - Labelled inputs for a network: the files --------===//

#include "nmc/Exec/Dataset.h"
#include "nmc/Frontend/Nir/NirData.h"
#include "nmc/Support/File.h"
#include "nmc/Support/Idx.h"
#include "nmc/Support/RuleError.h"
#include "nmc/Support/Sha256.h"
#include "nmc/Support/Units.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

namespace nmc::exec {

static bool isLabelKey(StringRef key) { return key == "y" || key == "labels"; }

/// The key that feeds `spec`.
static llvm::Expected<std::string> chooseKey(const InputSpec &spec, bool single,
                                             ArrayRef<std::string> keys,
                                             StringRef where,
                                             std::vector<std::string> &notes) {
  if (llvm::is_contained(keys, spec.name))
    return spec.name;
  std::vector<std::string> others;
  for (const std::string &key : keys)
    if (!isLabelKey(key))
      others.push_back(key);
  if (single && llvm::is_contained(keys, "x"))
    return std::string("x");
  if (single && others.size() == 1) {
    notes.push_back("takes array '" + printable(others[0]) + "' as input '" +
                    printable(spec.name) + "'");
    return others[0];
  }
  std::string list;
  for (const std::string &key : ArrayRef(others).take_front(8))
    list += (list.empty() ? "'" : ", '") + printable(key, 40) + "'";
  return makeRuleError("data-missing",
                       where + ": has no array '" + printable(spec.name) + "'" +
                           (single ? " or 'x'" : "") +
                           " for the network's input; it has " +
                           (list.empty() ? "none but labels" : list));
}

llvm::Expected<Dataset> Dataset::create(ArrayRef<InputSpec> specs,
                                        std::vector<NamedArray> arrays,
                                        const DatasetOptions &options) {
  std::string where = options.data.empty() ? "data" : options.data;
  Dataset result;
  result.preprocess = options.preprocess;
  result.formatName = "memory";
  llvm::SHA256 hash;
  std::vector<std::string> keys;
  for (const NamedArray &named : arrays) {
    keys.push_back(named.name);
    hash.update(named.name);
    hash.update(formatNpyHeader(named.array.kind(), named.array.shape()));
    hash.update(
        StringRef(named.array.bytes().data(), named.array.bytes().size()));
  }
  result.dataHash = llvm::toHex(hash.final(), /*LowerCase=*/true);
  // Labels first: they tell samples from steps.
  for (const NamedArray &named : arrays)
    if (isLabelKey(named.name))
      if (llvm::Error error = result.addLabels(named.array, where))
        return error;
  for (const InputSpec &spec : specs) {
    auto key =
        chooseKey(spec, specs.size() == 1, keys, where, result.noteTexts);
    if (!key)
      return key.takeError();
    for (NamedArray &named : arrays)
      if (named.name == *key) {
        if (llvm::Error error =
                result.addInput(spec, std::move(named.array), where, options))
          return error;
        break;
      }
  }
  if (llvm::Error error = result.finish(where, options, where))
    return error;
  return result;
}

//===----------------------------------------------------------------------===//
// csv
//===----------------------------------------------------------------------===//

/// The numbers of a line; none where a field is no number.
static bool parseRow(StringRef line, std::vector<double> &row) {
  row.clear();
  while (true) {
    size_t comma = line.find_first_of(",;\t");
    double value;
    if (line.take_front(comma).trim().getAsDouble(value))
      return false;
    row.push_back(value);
    if (comma == StringRef::npos)
      return true;
    line = line.drop_front(comma + 1);
  }
}

/// Rows of numbers with as many columns each; the first may name the columns.
/// Between fields stand commas, semicolons or tabs.
static llvm::Expected<Array> parseTrace(StringRef content, StringRef where,
                                        ArrayRef<int64_t> columns,
                                        const ReadLimits &limits,
                                        std::vector<std::string> &notes) {
  content.consume_front("\xEF\xBB\xBF"); // byte order mark
  std::vector<double> values, row;
  int64_t rows = 0, line = 0;
  size_t width = 0;
  bool mayBeHeader = true;
  std::string header;
  while (!content.empty()) {
    StringRef text;
    std::tie(text, content) = content.split('\n');
    ++line;
    text = text.trim();
    if (text.empty() || text.starts_with("#"))
      continue;
    if (!parseRow(text, row)) {
      if (!mayBeHeader)
        return makeRuleError("csv-syntax", where + ":" + Twine(line) + ": '" +
                                               printable(text, 40) +
                                               "' is no row of numbers");
      header = printable(text, 40);
      mayBeHeader = false;
      continue;
    }
    mayBeHeader = false;
    if (rows && row.size() != width)
      return makeRuleError("csv-fields", where + ":" + Twine(line) +
                                             ": row has " + Twine(row.size()) +
                                             " numbers, the ones before " +
                                             Twine(width));
    if (rows == 0)
      for (int64_t column : columns)
        if (column >= int64_t(row.size()))
          return makeRuleError("csv-fields",
                               where + ":" + Twine(line) + ": has " +
                                   Twine(row.size()) +
                                   " columns, but --preprocess columns= names "
                                   "column " +
                                   Twine(column) + ", counted from 0");
    width = row.size();
    ++rows;
    if (columns.empty())
      llvm::append_range(values, row);
    else
      for (int64_t column : columns)
        values.push_back(row[column]);
    if (int64_t(values.size()) > limits.maxBytes / int64_t(sizeof(double)))
      return makeRuleError("data-size", where + ":" + Twine(line) +
                                            ": numbers up to here take more "
                                            "than " +
                                            Twine(limits.maxBytes) + " bytes");
  }
  if (rows == 0)
    return makeRuleError("data-empty", where + ": has no row of numbers");
  if (!header.empty())
    notes.push_back("takes the first line '" + header + "' as names");
  return Array::from<double>({rows, int64_t(values.size()) / rows}, values);
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

/// The labels in a file of their own.
static llvm::Expected<Array>
readLabels(StringRef path, const ReadLimits &limits, std::string &hash) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  StringRef content = (*buffer)->getBuffer();
  hash = sha256(content);
  if (content.starts_with("\x93NUMPY"))
    return parseNpy(content, path, limits);
  if (looksLikeIdx(content))
    return parseIdx(content, path, limits);
  if (!content.starts_with("PK"))
    return makeRuleError("data-format", path +
                                            ": is neither npy, npz nor IDX; "
                                            "it starts with '" +
                                            printable(content.take_front(6)) +
                                            "'");
  llvm::Expected<NpzReader> reader =
      NpzReader::open(std::move(*buffer), limits);
  if (!reader)
    return reader.takeError();
  for (StringRef key : {"y", "labels"})
    if (reader->contains(key))
      return reader->read(key);
  if (reader->keys().size() == 1)
    return reader->read(reader->keys()[0]);
  return makeRuleError("labels-missing",
                       path + ": has no array 'y' or 'labels'");
}

/// A recording in a folder, and which class its folder is.
namespace {
struct ClassFile {
  std::string path;
  size_t folder = 0;
};
} // namespace

/// Names in a folder, sorted.
static std::vector<std::string> listFolder(StringRef folder, bool folders) {
  std::vector<std::string> names;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(folder, error), end;
       it != end && !error; it.increment(error)) {
    bool isFolder = llvm::sys::fs::is_directory(it->path());
    StringRef name = llvm::sys::path::filename(it->path());
    if (isFolder == folders &&
        (folders || llvm::sys::path::extension(name) == ".bin"))
      names.push_back(name.str());
  }
  llvm::sort(names);
  return names;
}

static std::string joinPath(StringRef folder, StringRef name) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, name);
  return path.str().str();
}

/// Reads one `--data`; a function per format.
class DatasetLoader {
public:
  DatasetLoader(ArrayRef<InputSpec> specs, const DatasetOptions &options)
      : specs(specs), options(options), path(options.data),
        labelsWhere(options.labels) {
    result.preprocess = options.preprocess;
  }

  llvm::Expected<Dataset> load();

private:
  llvm::Error readFolder();
  llvm::Error readBinFolder(std::vector<std::string> files);
  llvm::Error readNpz(std::unique_ptr<llvm::MemoryBuffer> buffer);
  llvm::Error readNpzLabels(NpzReader &reader, StringRef key);
  llvm::Error readHdf5();
  llvm::Error readNir(const nir::RawObject &file);
  llvm::Error addArray(llvm::Expected<Array> array);
  llvm::Error addEvents(llvm::Expected<EventFile> file);
  /// The one input of the network, for files that hold one.
  llvm::Expected<const InputSpec *> single(StringRef what);
  llvm::Error checkTime();
  EventPort port(const InputSpec &spec) const {
    return {spec.name, spec.shape};
  }
  Framing framing(const InputSpec &spec) const {
    Framing framing = options.framing;
    framing.most = spec.mostEvents;
    return framing;
  }

  ArrayRef<InputSpec> specs;
  const DatasetOptions &options;
  StringRef path;
  std::string labelsWhere;
  Dataset result;
};

llvm::Expected<const InputSpec *> DatasetLoader::single(StringRef what) {
  if (specs.size() != 1)
    return makeRuleError("data-missing",
                         path + ": is " + what + ", the network has " +
                             Twine(specs.size()) +
                             " inputs; give an npz with an array for each");
  return &specs[0];
}

llvm::Error DatasetLoader::checkTime() {
  if (options.time != TimeAxis::None)
    return llvm::Error::success();
  return makeRuleError("data-events",
                       path + ": holds events in time, but the network takes "
                              "one image per sample");
}

llvm::Error DatasetLoader::addArray(llvm::Expected<Array> array) {
  if (!array)
    return array.takeError();
  llvm::Expected<const InputSpec *> spec = single("one array");
  if (!spec)
    return spec.takeError();
  return result.addInput(**spec, std::move(*array), path, options);
}

llvm::Error DatasetLoader::addEvents(llvm::Expected<EventFile> file) {
  if (!file)
    return file.takeError();
  result.formatName = "events";
  llvm::append_range(result.noteTexts, file->notes);
  llvm::append_range(result.warningTexts, file->warnings);
  if (file->labels && !result.hasLabels()) {
    labelsWhere = (path + ":/labels").str();
    if (llvm::Error error = result.addLabels(*file->labels, labelsWhere))
      return error;
  }
  FramedEvents frames(framing(specs[0]), options.steps);
  bool several = file->samples.size() > 1;
  for (auto [index, sample] : llvm::enumerate(file->samples)) {
    std::string where = path.str();
    if (several)
      where += ": sample " + std::to_string(index);
    if (llvm::Error error =
            frames.add(std::move(sample), where, options.limits))
      return error;
  }
  return result.addEvents(specs[0], std::move(frames), path);
}

llvm::Error DatasetLoader::readBinFolder(std::vector<std::string> files) {
  llvm::Expected<const InputSpec *> spec = single("a folder of recordings");
  if (!spec)
    return spec.takeError();
  result.formatName = "events";
  std::vector<ClassFile> all;
  std::vector<std::string> classes;
  if (!files.empty()) {
    for (const std::string &name : files)
      all.push_back({joinPath(path, name), 0});
  } else {
    // One of each class in turn, so that the first N samples are of all.
    std::vector<std::vector<std::string>> byClass;
    size_t longest = 0;
    for (const std::string &name : listFolder(path, /*folders=*/true)) {
      std::vector<std::string> inside =
          listFolder(joinPath(path, name), /*folders=*/false);
      if (inside.empty())
        continue;
      longest = std::max(longest, inside.size());
      classes.push_back(name);
      byClass.push_back(std::move(inside));
    }
    for (size_t i = 0; i < longest; ++i)
      for (auto [c, names] : llvm::enumerate(byClass))
        if (i < names.size())
          all.push_back({joinPath(joinPath(path, classes[c]), names[i]), c});
  }
  if (all.empty())
    return makeRuleError(
        "data-empty", path + ": is a folder without .bin files, in itself or "
                             "in folders that are classes");
  if (options.samples && *options.samples > 0 &&
      *options.samples < int64_t(all.size()))
    all.resize(*options.samples);

  FramedEvents frames(framing(**spec), options.steps);
  llvm::SHA256 hash;
  for (const ClassFile &file : all) {
    auto buffer = readFile(file.path);
    if (!buffer)
      return buffer.takeError();
    hash.update(StringRef(file.path).drop_front(path.size()));
    hash.update((*buffer)->getBuffer());
    llvm::Expected<EventFile> events =
        parseNmnist((*buffer)->getBuffer(), file.path, port(**spec));
    if (!events)
      return events.takeError();
    if (&file == &all.front()) {
      llvm::append_range(result.noteTexts, events->notes);
      llvm::append_range(result.warningTexts, events->warnings);
    }
    if (llvm::Error error = frames.add(std::move(events->samples[0]), file.path,
                                       options.limits))
      return error;
  }
  result.dataHash = llvm::toHex(hash.final(), /*LowerCase=*/true);
  if (!classes.empty() && !result.hasLabels()) {
    std::vector<int64_t> numbers;
    bool areNumbers = true;
    for (const std::string &name : classes) {
      int64_t number = 0;
      areNumbers &= !StringRef(name).getAsInteger(10, number) && number >= 0;
      numbers.push_back(number);
    }
    std::vector<int64_t> labels;
    for (const ClassFile &file : all)
      labels.push_back(areNumbers ? numbers[file.folder]
                                  : int64_t(file.folder));
    labelsWhere = path.str();
    if (llvm::Error error = result.addLabels(
            Array::from<int64_t>({int64_t(labels.size())}, labels), path))
      return error;
    result.noteTexts.push_back(
        areNumbers ? "the names of folders are the labels"
                   : "folders in the order of their names are the classes");
  }
  return result.addEvents(**spec, std::move(frames), path);
}

llvm::Error DatasetLoader::readFolder() {
  if (options.folderReader) {
    llvm::Expected<std::vector<NamedArray>> arrays = options.folderReader(path);
    if (!arrays)
      return arrays.takeError();
    if (!options.labels.empty()) {
      std::string hash;
      llvm::Expected<Array> labels =
          readLabels(options.labels, options.limits, hash);
      if (!labels)
        return labels.takeError();
      llvm::erase_if(*arrays,
                     [](NamedArray &named) { return isLabelKey(named.name); });
      arrays->push_back({"y", std::move(*labels)});
    }
    llvm::Expected<Dataset> made =
        Dataset::create(specs, std::move(*arrays), options);
    if (!made)
      return made.takeError();
    result = std::move(*made);
    result.formatName = "onnx-folder";
    return llvm::Error::success();
  }
  std::vector<std::string> files = listFolder(path, /*folders=*/false);
  bool hasFolders = false;
  if (files.empty())
    for (const std::string &name : listFolder(path, /*folders=*/true))
      hasFolders |= !listFolder(joinPath(path, name), false).empty();
  if (files.empty() && !hasFolders)
    return makeRuleError("data-format",
                         path + ": is a folder; a file is expected here, or "
                                "recordings that end in .bin, in it or in "
                                "folders that are classes");
  if (llvm::Error error = checkTime())
    return error;
  if (!options.labels.empty()) {
    llvm::Expected<Array> labels =
        readLabels(options.labels, options.limits, result.labelsHash);
    if (!labels)
      return labels.takeError();
    if (llvm::Error error = result.addLabels(*labels, options.labels))
      return error;
  }
  if (llvm::Error error = readBinFolder(std::move(files)))
    return error;
  return result.finish(path, options, labelsWhere);
}

llvm::Error DatasetLoader::readNpzLabels(NpzReader &reader, StringRef key) {
  labelsWhere = (path + ": array '" + key + "'").str();
  llvm::Expected<Array> labels = reader.read(key);
  if (!labels)
    return labels.takeError();
  return result.addLabels(*labels, labelsWhere);
}

llvm::Error DatasetLoader::readNpz(std::unique_ptr<llvm::MemoryBuffer> buffer) {
  result.formatName = "npz";
  llvm::Expected<NpzReader> reader =
      NpzReader::open(std::move(buffer), options.limits);
  if (!reader)
    return reader.takeError();
  std::vector<StringRef> used;
  // Labels first: they tell samples from steps.
  for (const std::string &key : reader->keys())
    if (isLabelKey(key) && !result.hasLabels() && options.labels.empty() &&
        !(key == "y" && reader->contains("t"))) {
      used.push_back(key);
      if (llvm::Error error = readNpzLabels(*reader, key))
        return error;
    }

  if (specs.size() == 1 && !reader->contains(specs[0].name) &&
      reader->contains("t") && reader->contains("x") && reader->contains("y")) {
    if (llvm::Error error = checkTime())
      return error;
    std::vector<Array> arrays;
    for (StringRef key : {"t", "x", "y", "p"}) {
      if (!reader->contains(key))
        continue;
      llvm::Expected<Array> array = reader->read(key);
      if (!array)
        return array.takeError();
      arrays.push_back(std::move(*array));
    }
    return addEvents(readEventArrays(arrays[0], arrays[1], arrays[2],
                                     arrays.size() > 3 ? &arrays[3] : nullptr,
                                     path, port(specs[0])));
  }

  for (const InputSpec &spec : specs) {
    auto key = chooseKey(spec, specs.size() == 1, reader->keys(), path,
                         result.noteTexts);
    if (!key)
      return key.takeError();
    llvm::Expected<Array> array = reader->read(*key);
    if (!array)
      return array.takeError();
    std::string where = (path + ": array '" + printable(*key) + "'").str();
    if (llvm::Error error =
            result.addInput(spec, std::move(*array), where, options))
      return error;
    used.push_back(*llvm::find(reader->keys(), *key));
  }
  for (const std::string &key : reader->keys())
    if (!llvm::is_contained(used, key))
      result.noteTexts.push_back("leaves array '" + printable(key) +
                                 "' unread");
  return llvm::Error::success();
}

/// Recorded values over time, one array for each input.
llvm::Error DatasetLoader::readNir(const nir::RawObject &file) {
  result.formatName = "nirdata";
  if (llvm::Error error = checkTime())
    return error;
  llvm::Expected<nir::NirNodeData> data = nir::parseNirData(file, path);
  if (!data)
    return data.takeError();
  llvm::Expected<int64_t> window = getWindow(options.framing, path);
  if (!window)
    return window.takeError();
  for (const InputSpec &spec : specs) {
    // What is observed at the node; where there are several, its spikes.
    const nir::NirObservable *found = nullptr;
    std::string name, nodes;
    int64_t count = 0;
    data->walk([&](StringRef node, StringRef observable,
                   const nir::NirObservable &value) {
      if (node != spec.name) {
        if (nodes.size() < 200)
          nodes += (nodes.empty() ? "'" : ", '") + printable(node, 40) + "'";
        return;
      }
      if (count++ == 0 || observable == "spikes") {
        found = &value;
        name = observable.str();
      }
    });
    if (!found)
      return makeRuleError("data-missing",
                           path + ": observes nothing at node '" +
                               printable(spec.name) +
                               "', the network's input; it has " +
                               (nodes.empty() ? "none" : nodes));
    std::string where =
        (path + ": node '" + printable(spec.name) + "', " + printable(name))
            .str();
    if (found->getNumNeurons() != *countElements(spec.shape))
      return makeRuleError("data-shape",
                           where + ": has " + Twine(found->getNumNeurons()) +
                               " neurons, input '" + printable(spec.name) +
                               "' of shape " + formatShape(spec.shape) +
                               " has " + Twine(*countElements(spec.shape)));
    llvm::Expected<Array> dense = found->toDense(
        *options.framing.window, options.steps, options.limits.maxBytes);
    if (!dense)
      return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                     where + ": " +
                                         llvm::toString(dense.takeError()));
    SmallVector<int64_t, 6> shape{dense->shape()[0], dense->shape()[1]};
    llvm::append_range(shape, spec.shape);
    result.noteTexts.push_back(
        "takes '" + printable(name) + "' at node '" + printable(spec.name) +
        "' in steps of " +
        formatQuantity(*options.framing.window, Dimension::Time));
    if (llvm::Error error = result.addInput(
            spec, std::move(*dense).reshaped(shape), where, options))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error DatasetLoader::readHdf5() {
  nir::RawLimits limits;
  limits.bytes = options.limits.maxBytes;
  llvm::Expected<nir::RawObject> file = nir::readHdf5(path, limits);
  if (!file)
    return file.takeError();
  if (file->findAttribute("__type__"))
    return readNir(*file);
  if (!isSpikeListFile(*file)) {
    std::string members;
    for (const auto &[name, object] : ArrayRef(file->members).take_front(8))
      members += (members.empty() ? "'" : ", '") + printable(name, 40) + "'";
    return makeRuleError("data-format",
                         path +
                             ": is neither NIRData nor does it have "
                             "spikes/times and spikes/units; it has " +
                             (members.empty() ? "nothing" : members));
  }
  if (llvm::Error error = checkTime())
    return error;
  llvm::Expected<const InputSpec *> spec = single("one recording");
  if (!spec)
    return spec.takeError();
  return addEvents(readSpikeLists(*file, path, port(**spec)));
}

llvm::Expected<Dataset> DatasetLoader::load() {
  if (llvm::sys::fs::is_directory(path)) {
    if (llvm::Error error = readFolder())
      return error;
    return std::move(result);
  }
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  StringRef content = (*buffer)->getBuffer();
  StringRef extension = llvm::sys::path::extension(path);
  result.dataHash = nmc::sha256(content);
  if (!options.labels.empty()) {
    llvm::Expected<Array> labels =
        readLabels(options.labels, options.limits, result.labelsHash);
    if (!labels)
      return labels.takeError();
    if (llvm::Error error = result.addLabels(*labels, options.labels))
      return error;
  }
  auto read = [&]() -> llvm::Error {
    if (content.starts_with("PK"))
      return readNpz(std::move(*buffer));
    if (content.starts_with("\x89HDF\r\n\x1a\n"))
      return readHdf5();
    if (content.starts_with("\x93NUMPY")) {
      result.formatName = "npy";
      return addArray(parseNpy(content, path, options.limits));
    }
    if (extension == ".bin") {
      if (llvm::Error error = checkTime())
        return error;
      llvm::Expected<const InputSpec *> spec = single("one recording");
      if (!spec)
        return spec.takeError();
      return addEvents(parseNmnist(content, path, port(**spec)));
    }
    if (extension == ".csv") {
      result.formatName = "csv";
      llvm::Expected<Array> rows =
          parseTrace(content, path, options.preprocess.columns, options.limits,
                     result.noteTexts);
      if (!rows)
        return rows.takeError();
      // A row is a step, whatever the shape of the input.
      if (specs.size() == 1 &&
          countElements(specs[0].shape) == rows->shape()[1]) {
        SmallVector<int64_t, 6> shape{rows->shape()[0]};
        llvm::append_range(shape, specs[0].shape);
        rows = std::move(*rows).reshaped(shape);
      } else if (specs.size() == 1) {
        return makeRuleError(
            "data-shape",
            path + ": has rows of " + Twine(rows->shape()[1]) +
                " numbers, input '" + printable(specs[0].name) + "' of shape " +
                formatShape(specs[0].shape) + " takes " +
                Twine(countElements(specs[0].shape).value_or(0)) +
                "; hint: --preprocess columns=0:1:... takes some of them");
      }
      return addArray(std::move(rows));
    }
    if (!looksLikeIdx(content))
      return makeRuleError("data-format",
                           path +
                               ": is neither npz, npy, IDX nor HDF5, and its "
                               "name ends neither in .csv nor in .bin; it "
                               "starts with '" +
                               printable(content.take_front(6)) + "'");
    result.formatName = "idx";
    return addArray(parseIdx(content, path, options.limits));
  };
  if (llvm::Error error = read())
    return error;
  if (llvm::Error error = result.finish(path, options, labelsWhere))
    return error;
  return std::move(result);
}

llvm::Expected<Dataset> Dataset::load(ArrayRef<InputSpec> specs,
                                      const DatasetOptions &options) {
  return DatasetLoader(specs, options).load();
}

} // namespace nmc::exec
