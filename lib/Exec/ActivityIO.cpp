//===- ActivityIO.cpp - Activity files ------------------------------------===//
//
// The formats are described in docs/formats/activity.md.
//
//===----------------------------------------------------------------------===//

#include "nmc/Exec/Activity.h"
#include "nmc/Support/Csv.h"
#include "nmc/Support/File.h"
#include "nmc/Support/Json.h"
#include "nmc/Support/RuleError.h"
#include "nmc/Support/Units.h"

#include "llvm/ADT/StringSet.h"

#include <cmath>

namespace nmc::exec {

static constexpr int64_t formatVersion = 1;
static constexpr int64_t maxMetaBytes = 64 << 20;
/// Bound on samples and on steps; products with neurons are checked.
static constexpr int64_t maxRuns = int64_t(1) << 31;

/// The member of a population's array: "<array>/<name>", where bytes of the
/// name other than letters, digits, '_', '-' and inner dots are %XX.
static std::string getKey(StringRef array, StringRef population) {
  std::string key = array.str() + "/";
  for (auto [i, c] : llvm::enumerate(llvm::json::fixUTF8(population))) {
    if (llvm::isAlnum(c) || c == '_' || c == '-' || (c == '.' && i))
      key += c;
    else
      key += "%" + llvm::toHex(StringRef(&c, 1));
  }
  return key;
}

//===----------------------------------------------------------------------===//
// npz
//===----------------------------------------------------------------------===//

static std::string formatMeta(const Activity &activity) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream, 1);
  json.object([&] {
    json.attribute("format", "nmc.activity");
    json.attribute("version", formatVersion);
    json.attribute("kind", getActivityKindName(activity.kind));
    json.attribute("samples", activity.samples);
    json.attribute("steps", activity.steps);
    if (!activity.dataSha256.empty())
      json.attribute("data_sha256", activity.dataSha256);
    if (!activity.networkSha256.empty())
      json.attribute("network_sha256", activity.networkSha256);
    json.attributeArray("populations", [&] {
      for (const PopulationActivity &population : activity.populations)
        json.object([&] {
          json.attribute("name", llvm::json::fixUTF8(population.name));
          json.attributeArray("shape", [&] {
            for (int64_t extent : population.shape)
              json.value(extent);
          });
          auto number = [&](StringRef key, std::optional<double> value) {
            if (value)
              json.attribute(key, *value);
          };
          number("rate", population.statedRate);
          number("spikes_per_inference", population.statedSpikes);
          number("p10", population.statedP10);
          number("p90", population.statedP90);
          number("standard_error", population.statedError);
          if (!population.isStated())
            json.attribute("updates", population.updates);
        });
    });
    json.attributeArray("connections", [&] {
      for (const ConnectionActivity &connection : activity.connections)
        json.object([&] {
          const SynapticOperations &operations = connection.operations;
          json.attribute("name", llvm::json::fixUTF8(connection.name));
          json.attribute("effective_mac", operations.effectiveMac);
          json.attribute("effective_ac", operations.effectiveAc);
          json.attribute("dense_mac", operations.denseMac);
          json.attribute("dense_ac", operations.denseAc);
        });
    });
  });
  return text;
}

llvm::Error writeActivity(StringRef path, const Activity &activity) {
  if (llvm::Error error = checkActivity(activity, path))
    return error;
  std::vector<NamedArray> arrays;
  std::string meta = formatMeta(activity);
  arrays.push_back(
      {"meta", Array::from<uint8_t>({int64_t(meta.size())},
                                    llvm::arrayRefFromStringRef(meta))});
  for (const PopulationActivity &population : activity.populations) {
    auto add = [&](StringRef array, ArrayRef<int64_t> shape,
                   ArrayRef<uint64_t> values) {
      if (!values.empty())
        arrays.push_back({getKey(array, population.name),
                          Array::from<uint64_t>(shape, values)});
    };
    if (population.isStated())
      continue;
    arrays.push_back(
        {getKey("spikes", population.name),
         Array::from<uint64_t>(population.shape,
                               ArrayRef<uint64_t>(population.spikes))});
    add("sample_totals", {activity.samples}, population.sampleTotals);
    add("step_totals", {activity.steps}, population.stepTotals);
    add("step_maxima", {activity.steps}, population.stepMaxima);
    if (population.bitmaps)
      add("bitmaps",
          {activity.samples, activity.steps, population.bitmaps->words()},
          population.bitmaps->all());
  }
  return writeNpz(path, arrays);
}

namespace {
/// Reads the members of a JSON object, each of which must be of the right type.
class ObjectReader {
public:
  ObjectReader(const llvm::json::Value &value, std::string where)
      : object(value.getAsObject()), where(std::move(where)) {
    if (!object)
      fail("is no object");
  }

  std::string text(StringRef key, bool needed = true) {
    const llvm::json::Value *value = get(key, needed);
    std::optional<StringRef> result =
        value ? value->getAsString() : std::nullopt;
    if (value && !result)
      fail("'" + key + "' is no string");
    return result.value_or("").str();
  }
  /// 0 to `most`.
  int64_t count(StringRef key, int64_t most) {
    const llvm::json::Value *value = get(key, true);
    std::optional<int64_t> result =
        value ? value->getAsInteger() : std::nullopt;
    if (value && (!result || *result < 0 || *result > most))
      fail("'" + key + "' is no integer from 0 to " + Twine(most));
    return result && *result >= 0 && *result <= most ? *result : 0;
  }
  uint64_t unsignedNumber(StringRef key) {
    const llvm::json::Value *value = get(key, true);
    std::optional<uint64_t> result =
        value ? value->getAsUINT64() : std::nullopt;
    if (value && !result)
      fail("'" + key + "' is no integer from 0 to 2^64 - 1");
    return result.value_or(0);
  }
  /// A finite number from 0, absent where the key is.
  std::optional<double> number(StringRef key) {
    const llvm::json::Value *value = get(key, false);
    std::optional<double> result = value ? value->getAsNumber() : std::nullopt;
    if (value && (!result || !(*result >= 0) || !std::isfinite(*result)))
      fail("'" + key + "' is no number from 0");
    return result;
  }
  /// The values of an array; none where it is missing.
  ArrayRef<llvm::json::Value> list(StringRef key) {
    const llvm::json::Value *value = get(key, true);
    const llvm::json::Array *result = value ? value->getAsArray() : nullptr;
    if (value && !result)
      fail("'" + key + "' is no array");
    return result ? ArrayRef(result->data(), result->size())
                  : ArrayRef<llvm::json::Value>();
  }

  /// The first fault, if any.
  llvm::Error takeError() {
    if (fault.empty())
      return llvm::Error::success();
    return makeRuleError("activity-format", where + ": " + fault);
  }

private:
  const llvm::json::Value *get(StringRef key, bool needed) {
    const llvm::json::Value *value = object ? object->get(key) : nullptr;
    if (!value && needed)
      fail("'" + key + "' is missing");
    return value;
  }
  void fail(const Twine &message) {
    if (fault.empty())
      fault = message.str();
  }

  const llvm::json::Object *object;
  std::string where, fault;
};
} // namespace

static std::optional<ActivityKind> parseKind(StringRef name) {
  for (ActivityKind kind :
       {ActivityKind::Measured, ActivityKind::RatesFile, ActivityKind::Uniform})
    if (getActivityKindName(kind) == name)
      return kind;
  return std::nullopt;
}

/// A uint64 array of `shape`; empty where it is absent and not `needed`.
static llvm::Expected<std::vector<uint64_t>> readCounts(NpzReader &reader,
                                                        const std::string &key,
                                                        ArrayRef<int64_t> shape,
                                                        bool needed) {
  if (!reader.contains(key) && !needed)
    return std::vector<uint64_t>();
  llvm::Expected<NpyHeader> header = reader.header(key);
  if (!header)
    return header.takeError();
  if (header->kind != ElementKind::U64 ||
      ArrayRef<int64_t>(header->shape) != shape)
    return makeRuleError("activity-shape",
                         reader.file() + ": array '" + printable(key) +
                             "' is " + getKindName(header->kind) +
                             " of shape " + formatShape(header->shape) +
                             ", expected uint64 of shape " +
                             formatShape(shape));
  llvm::Expected<Array> array = reader.read(key);
  if (!array)
    return array.takeError();
  return array->values<uint64_t>().vec();
}

static llvm::Error readPopulation(NpzReader &reader, const Activity &activity,
                                  const llvm::json::Value &meta,
                                  PopulationActivity &population) {
  ObjectReader object(meta, (reader.file() + ": meta: population").str());
  population.name = object.text("name");
  population.statedRate = object.number("rate");
  population.statedSpikes = object.number("spikes_per_inference");
  population.statedP10 = object.number("p10");
  population.statedP90 = object.number("p90");
  population.statedError = object.number("standard_error");
  if (!population.isStated())
    population.updates = object.unsignedNumber("updates");
  ArrayRef<llvm::json::Value> shape = object.list("shape");
  if (llvm::Error error = object.takeError())
    return error;
  for (const llvm::json::Value &value : shape) {
    std::optional<int64_t> extent = value.getAsInteger();
    if (!extent || *extent < 0 || population.shape.size() == 8)
      return makeRuleError("activity-format",
                           reader.file() + ": meta: population '" +
                               printable(population.name) +
                               "': 'shape' is no list of up to 8 extents");
    population.shape.push_back(*extent);
  }
  if (population.isStated())
    return llvm::Error::success();
  auto read = [&](StringRef array, ArrayRef<int64_t> wanted, bool needed,
                  std::vector<uint64_t> &result) -> llvm::Error {
    auto values =
        readCounts(reader, getKey(array, population.name), wanted, needed);
    if (!values)
      return values.takeError();
    result = std::move(*values);
    return llvm::Error::success();
  };
  if (llvm::Error error =
          read("spikes", population.shape, true, population.spikes))
    return error;
  if (llvm::Error error = read("sample_totals", {activity.samples}, false,
                               population.sampleTotals))
    return error;
  if (llvm::Error error =
          read("step_totals", {activity.steps}, false, population.stepTotals))
    return error;
  if (llvm::Error error =
          read("step_maxima", {activity.steps}, false, population.stepMaxima))
    return error;
  std::vector<uint64_t> words;
  int64_t wordsPerRow = llvm::divideCeil(population.neurons(), 64);
  if (llvm::Error error =
          read("bitmaps", {activity.samples, activity.steps, wordsPerRow},
               false, words))
    return error;
  if (!words.empty()) {
    // The array has this shape, so the product is its size.
    population.bitmaps.emplace(activity.samples, activity.steps,
                               population.neurons());
    llvm::copy(words, population.bitmaps->all().begin());
  }
  return llvm::Error::success();
}

static llvm::Expected<Activity> readNpzActivity(NpzReader reader) {
  std::string where = reader.file().str();
  if (!reader.contains("meta"))
    return makeRuleError("activity-format",
                         where + ": is no activity: it has no array 'meta'; "
                                 "input data go to --data");
  llvm::Expected<NpyHeader> header = reader.header("meta");
  if (!header)
    return header.takeError();
  if (header->kind != ElementKind::U8 || header->dataBytes > maxMetaBytes)
    return makeRuleError(
        "activity-format",
        where + ": array 'meta' is " + getKindName(header->kind) + " of " +
            Twine(header->dataBytes) + " bytes, expected uint8 of at most " +
            Twine(maxMetaBytes));
  llvm::Expected<Array> bytes = reader.read("meta");
  if (!bytes)
    return bytes.takeError();
  auto meta = parseJson(StringRef(bytes->bytes().data(), bytes->bytes().size()),
                        where + ": meta", /*maxDepth=*/8);
  if (!meta)
    return meta.takeError();
  ObjectReader object(*meta, where + ": meta");
  Activity activity;
  std::string format = object.text("format"), kind = object.text("kind");
  int64_t version = object.count("version", 1000);
  activity.samples = object.count("samples", maxRuns);
  activity.steps = object.count("steps", maxRuns);
  activity.dataSha256 = object.text("data_sha256", false);
  activity.networkSha256 = object.text("network_sha256", false);
  ArrayRef<llvm::json::Value> populations = object.list("populations");
  ArrayRef<llvm::json::Value> connections = object.list("connections");
  if (llvm::Error error = object.takeError())
    return error;
  if (format != "nmc.activity")
    return makeRuleError("activity-format", where + ": meta: format is '" +
                                                printable(format) +
                                                "', expected 'nmc.activity'");
  if (version != formatVersion)
    return makeRuleError("activity-version",
                         where + ": is of version " + Twine(version) +
                             ", version " + Twine(formatVersion) + " is read");
  std::optional<ActivityKind> known = parseKind(kind);
  if (!known)
    return makeRuleError("activity-format", where + ": meta: unknown kind '" +
                                                printable(kind) + "'");
  activity.kind = *known;
  llvm::StringSet<> seen;
  for (const llvm::json::Value &value : populations) {
    PopulationActivity population;
    if (llvm::Error error = readPopulation(reader, activity, value, population))
      return error;
    if (!seen.insert(population.name).second)
      return makeRuleError("activity-format", where + ": meta: population '" +
                                                  printable(population.name) +
                                                  "' is there twice");
    activity.populations.push_back(std::move(population));
  }
  for (const llvm::json::Value &value : connections) {
    ObjectReader reader(value, where + ": meta: connection");
    ConnectionActivity connection;
    connection.name = reader.text("name");
    connection.operations.effectiveMac = reader.unsignedNumber("effective_mac");
    connection.operations.effectiveAc = reader.unsignedNumber("effective_ac");
    connection.operations.denseMac = reader.unsignedNumber("dense_mac");
    connection.operations.denseAc = reader.unsignedNumber("dense_ac");
    if (llvm::Error error = reader.takeError())
      return error;
    activity.connections.push_back(std::move(connection));
  }
  if (llvm::Error error = checkActivity(activity, where))
    return error;
  return activity;
}

llvm::Expected<Activity> readActivity(StringRef path,
                                      const ReadLimits &limits) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  StringRef content = (*buffer)->getBuffer();
  if (!content.starts_with("PK"))
    return parseRates(content, path);
  llvm::Expected<NpzReader> reader =
      NpzReader::open(std::move(*buffer), limits);
  if (!reader)
    return reader.takeError();
  return readNpzActivity(std::move(*reader));
}

//===----------------------------------------------------------------------===//
// CSV of rates
//===----------------------------------------------------------------------===//

static constexpr StringLiteral rateColumns[] = {
    "population", "shape",          "steps", "spikes_per_inference",
    "rate",       "standard_error", "p10",   "p90",
    "source"};

std::string formatRates(const Activity &activity) {
  std::string text =
      "# nmc.rates 1\n"
      "population,shape,steps,spikes_per_inference,standard_error,p10,p90,"
      "source\n";
  std::string source = getActivityKindName(activity.kind).str();
  if (activity.samples)
    source += ", " + std::to_string(activity.samples) + " samples";
  auto number = [](std::optional<double> value) {
    return value ? formatNumber(*value, 9) : std::string();
  };
  for (const PopulationActivity &population : activity.populations) {
    std::string shape;
    for (int64_t extent : population.shape)
      shape += (shape.empty() ? "" : "x") + std::to_string(extent);
    text += quoteCsv(population.name) + "," + shape + "," +
            (activity.steps ? std::to_string(activity.steps) : "") + "," +
            number(activity.spikesPerInference(population)) + "," +
            number(activity.standardError(population)) + "," +
            number(activity.percentile(population, 0.1)) + "," +
            number(activity.percentile(population, 0.9)) + "," +
            quoteCsv(source) + "\n";
  }
  return text;
}

/// One row of a rates CSV; empty fields are absent.
static llvm::Error parseRatesRow(const CsvTable &table, const CsvRow &row,
                                 StringRef where, llvm::StringSet<> &seen,
                                 Activity &activity) {
  std::string place = (where + ":" + Twine(row.line)).str();
  auto field = [&](StringRef name) -> StringRef {
    std::optional<size_t> column = table.column(name);
    return column ? StringRef(row.fields[*column]) : StringRef();
  };
  PopulationActivity population;
  population.name = field("population").str();
  if (population.name.empty())
    return makeRuleError("activity-population",
                         place + ": has no population name");
  if (!seen.insert(population.name).second)
    return makeRuleError("activity-population", place + ": population '" +
                                                    printable(population.name) +
                                                    "' is there twice");
  SmallVector<StringRef, 4> extents;
  if (!field("shape").empty())
    field("shape").split(extents, 'x');
  for (StringRef extent : extents) {
    int64_t value;
    if (extent.getAsInteger(10, value) || value < 1 ||
        population.shape.size() == 8)
      return makeRuleError("activity-shape",
                           place + ": shape '" + printable(field("shape")) +
                               "' is not written as in 16x26x26");
    population.shape.push_back(value);
  }
  if (!population.shape.empty() && !countElements(population.shape))
    return makeRuleError("activity-shape", place + ": shape '" +
                                               printable(field("shape")) +
                                               "' has more than 2^63 - 1 "
                                               "neurons");
  if (StringRef text = field("steps"); !text.empty()) {
    int64_t steps;
    if (text.getAsInteger(10, steps) || steps < 1 || steps > maxRuns)
      return makeRuleError("activity-steps", place + ": steps '" +
                                                 printable(text) +
                                                 "' are no count above 0");
    if (activity.steps && activity.steps != steps)
      return makeRuleError("activity-steps", place + ": " + Twine(steps) +
                                                 " steps, rows above have " +
                                                 Twine(activity.steps));
    activity.steps = steps;
  }
  for (auto [name, target] :
       {std::pair<StringRef, std::optional<double> *>{"spikes_per_inference",
                                                      &population.statedSpikes},
        {"rate", &population.statedRate},
        {"standard_error", &population.statedError},
        {"p10", &population.statedP10},
        {"p90", &population.statedP90}}) {
    StringRef text = field(name);
    if (text.empty())
      continue;
    double value;
    if (text.getAsDouble(value) || !(value >= 0) || !std::isfinite(value) ||
        (name == "rate" && value > 1))
      return makeRuleError("activity-rate",
                           place + ": " + name + " '" + printable(text) +
                               "' is no number from 0" +
                               (name == "rate" ? " to 1" : ""));
    *target = value;
  }
  if (bool(population.statedRate) == bool(population.statedSpikes))
    return makeRuleError(
        "activity-rate",
        place + ": population '" + printable(population.name) + "' has " +
            (population.statedRate ? "both" : "neither") +
            " spikes_per_inference and rate; give one of them");
  activity.populations.push_back(std::move(population));
  return llvm::Error::success();
}

llvm::Expected<Activity> parseRates(StringRef text, StringRef where) {
  llvm::Expected<CsvTable> table = parseCsv(text, where);
  if (!table)
    return table.takeError();
  for (const std::string &column : table->columns) {
    if (llvm::is_contained(rateColumns, StringRef(column)))
      continue;
    StringRef nearest;
    unsigned distance = 6;
    for (StringRef known : rateColumns)
      if (unsigned d = StringRef(column).take_front(64).edit_distance(known);
          d < distance) {
        distance = d;
        nearest = known;
      }
    return makeRuleError("csv-header",
                         where + ":" + Twine(table->headerLine) +
                             ": unknown column '" + printable(column) + "'" +
                             (nearest.empty()
                                  ? Twine("")
                                  : "; did you mean '" + nearest + "'?"));
  }
  if (!table->column("population"))
    return makeRuleError("csv-header", where + ":" + Twine(table->headerLine) +
                                           ": has no column 'population'");
  Activity activity;
  activity.kind = ActivityKind::RatesFile;
  llvm::StringSet<> seen;
  for (const CsvRow &row : table->rows)
    if (llvm::Error error = parseRatesRow(*table, row, where, seen, activity))
      return error;
  if (activity.populations.empty())
    return makeRuleError("activity-population", where + ": has no row");
  return activity;
}

} // namespace nmc::exec
