//===- Options.cpp - Command line of nmc ----------------------------------===//

#include "Options.h"

#include "nmc/Support/Nearest.h"
#include "nmc/Support/Units.h"
#include "nmc/Support/Version.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

namespace cl = llvm::cl;
using namespace nmc;
using namespace nmc::tool;

//===----------------------------------------------------------------------===//
// Verbs
//===----------------------------------------------------------------------===//

static cl::SubCommand
    checkVerb("check",
              "say whether a model can be mapped, and every limit in the way"),
    inspectVerb("inspect", "list layers, shapes and parameters of a model"),
    compileVerb("compile", "map, run, cost; write report and mapping artefact"),
    runVerb("run", "run a model as the chip would; accuracy and spikes"),
    estimateVerb("estimate", "map, run and cost; write the report"),
    mapVerb("map", "map a model; print the mapping's figures"),
    compareVerb("compare",
                "hold a bundle against measurements or another bundle"),
    reportVerb("report", "print a bundle's report again"),
    targetsVerb("targets", "list | show NAME | lint [NAME...]: the chips"),
    opsVerb("ops", "list supported ONNX operators");

static const std::pair<cl::SubCommand *, Verb> kVerbs[] = {
    {&checkVerb, Verb::Check},       {&inspectVerb, Verb::Inspect},
    {&compileVerb, Verb::Compile},   {&runVerb, Verb::Run},
    {&estimateVerb, Verb::Estimate}, {&mapVerb, Verb::Map},
    {&compareVerb, Verb::Compare},   {&reportVerb, Verb::Report},
    {&targetsVerb, Verb::Targets},   {&opsVerb, Verb::Ops}};

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static cl::OptionCategory category("nmc options");

/// The verbs of one option.
#define NMC_ALL                                                                \
  cl::sub(checkVerb), cl::sub(inspectVerb), cl::sub(compileVerb),              \
      cl::sub(runVerb), cl::sub(estimateVerb), cl::sub(mapVerb),               \
      cl::sub(compareVerb), cl::sub(reportVerb), cl::sub(targetsVerb),         \
      cl::sub(opsVerb)
#define NMC_MODEL                                                              \
  cl::sub(checkVerb), cl::sub(inspectVerb), cl::sub(compileVerb),              \
      cl::sub(runVerb), cl::sub(estimateVerb), cl::sub(mapVerb)
#define NMC_MAPS                                                               \
  cl::sub(checkVerb), cl::sub(compileVerb), cl::sub(runVerb),                  \
      cl::sub(estimateVerb), cl::sub(mapVerb)
#define NMC_TARGET NMC_MAPS, cl::sub(inspectVerb), cl::sub(targetsVerb)
#define NMC_BUNDLE cl::sub(compileVerb), cl::sub(estimateVerb), cl::sub(mapVerb)

static cl::list<std::string> positional(cl::Positional, cl::desc("arguments"),
                                        cl::cat(category), NMC_ALL);

// Everywhere.
static cl::opt<bool> json("json", cl::desc("one JSON document on stdout"),
                          cl::cat(category), NMC_ALL);
static cl::opt<bool> quiet("q", cl::desc("errors only"), cl::cat(category),
                           NMC_ALL);
static cl::opt<bool> verbose("v", cl::desc("remarks too"), cl::cat(category),
                             NMC_ALL);
static cl::opt<std::string>
    progressFormat("progress",
                   cl::desc("progress on stderr: auto, none, or json (lines)"),
                   cl::init("auto"), cl::cat(category), NMC_MODEL);

// Model.
static cl::list<std::string> dims("dim",
                                  cl::desc("value of a symbolic dimension"),
                                  cl::value_desc("NAME=VALUE"),
                                  cl::cat(category), NMC_MODEL);
static cl::list<std::string> binds("bind",
                                   cl::desc("make a graph input constant"),
                                   cl::value_desc("INPUT=NUMBER|FILE.pb"),
                                   cl::cat(category), NMC_MODEL);

// Target.
static cl::opt<std::string> targetName("target",
                                       cl::desc("name of a target, or a file"),
                                       cl::value_desc("NAME|FILE"),
                                       cl::cat(category), NMC_TARGET);
static cl::list<std::string> targetPaths("target-path",
                                         cl::desc("folder with more targets"),
                                         cl::value_desc("DIR"),
                                         cl::cat(category), NMC_TARGET);
static cl::opt<std::string> costProfile("cost-profile",
                                        cl::desc("cost profile of the target"),
                                        cl::value_desc("NAME"),
                                        cl::cat(category), NMC_TARGET);
static cl::list<std::string> overrides(
    "set", cl::desc("override a value of the target; recorded in the report"),
    cl::value_desc("KEY=VALUE"), cl::cat(category), NMC_TARGET);
static cl::opt<int64_t> chips("chips", cl::desc("chips that may be used"),
                              cl::init(1), cl::cat(category), NMC_MAPS);
static cl::opt<std::string> executionProfile(
    "execution-profile",
    cl::desc("dynamics of a platform; the target's own is the default"),
    cl::value_desc("NAME"), cl::cat(category), NMC_MODEL);

// Spiking models.
static cl::opt<std::string> dt("dt",
                               cl::desc("model time per step, e.g. \"0.1 ms\""),
                               cl::value_desc("TIME"), cl::cat(category),
                               NMC_MODEL);
static cl::opt<std::string>
    timeUnit("time-unit",
             cl::desc("unit of the model's time constants: s, ms, us or step"),
             cl::value_desc("UNIT"), cl::cat(category), NMC_MODEL);
static cl::opt<std::string>
    inputKind("input",
              cl::desc("what comes in: analog, counts or binary; default: what "
                       "data and target need"),
              cl::value_desc("KIND"), cl::cat(category), NMC_MODEL);
static cl::opt<std::string>
    state("state",
          cl::desc("sample: state is cleared before each; stream: it is kept"),
          cl::value_desc("SCOPE"), cl::cat(category), NMC_MODEL);
static cl::opt<std::string>
    encoding("encoding",
             cl::desc("how data become a stream: events (they have steps), "
                      "constant, rate, graded"),
             cl::value_desc("KIND"), cl::cat(category), NMC_MAPS);
static cl::opt<std::string>
    frame("frame",
          cl::desc("time of a step in recordings of events, e.g. \"1 ms\"; "
                   "default: the model's step"),
          cl::value_desc("TIME"), cl::cat(category), NMC_MAPS);
static cl::opt<std::string>
    frameCount("frame-count",
               cl::desc("counts: several events of an element in a frame are "
                        "as many; binary: they are one"),
               cl::value_desc("KIND"), cl::cat(category), NMC_MAPS);
static cl::opt<std::string> frameStart(
    "frame-start", cl::desc("where frame 0 starts: first (event) or zero"),
    cl::init("first"), cl::value_desc("WHERE"), cl::cat(category), NMC_MAPS);

// Data.
static cl::opt<std::string> data("data",
                                 cl::desc("inputs: npz, npy, IDX (.gz), csv, "
                                          "N-MNIST .bin, HDF5 spikes, NIRData"),
                                 cl::value_desc("FILE"), cl::cat(category),
                                 NMC_MAPS);
static cl::opt<std::string> labels("labels", cl::desc("labels: npy, IDX (.gz)"),
                                   cl::value_desc("FILE"), cl::cat(category),
                                   NMC_MAPS);
static cl::opt<std::string>
    preprocess("preprocess",
               cl::desc("how stored numbers become real ones: scale=, "
                        "zero_point=, mean=, std=, layout=NCHW|NHWC|..., "
                        "columns="),
               cl::value_desc("KEY=VALUE,..."), cl::cat(category), NMC_MAPS);
static cl::opt<int64_t> samples("samples", cl::desc("use the first N samples"),
                                cl::value_desc("N"), cl::cat(category),
                                NMC_MAPS);
static cl::opt<std::string> calibration(
    "calibration",
    cl::desc("inputs on which ranges are observed; default: --data"),
    cl::value_desc("FILE"), cl::cat(category), NMC_MAPS);
static cl::opt<int64_t>
    calibrationSamples("calibration-samples",
                       cl::desc("samples of them (default 128)"), cl::init(128),
                       cl::cat(category), NMC_MAPS);
static cl::opt<std::string>
    activity("activity",
             cl::desc("activity instead of data: npz, rates CSV, or one rate "
                      "for all neurons"),
             cl::value_desc("FILE|RATE"), cl::cat(category), NMC_MAPS);
static cl::opt<int64_t>
    stageSamples("stage-samples",
                 cl::desc("samples on which the stages before the last are "
                          "scored (default 1000)"),
                 cl::init(1000), cl::cat(category), NMC_MAPS);
static cl::opt<int64_t>
    replaySamples("replay-samples",
                  cl::desc("samples whose every step is timed on the mapping "
                           "(default 32)"),
                  cl::init(32), cl::cat(category), NMC_MAPS);

// Conversion.
static cl::opt<int64_t> steps("steps",
                              cl::desc("time steps per inference (default 64)"),
                              cl::init(64), cl::cat(category), NMC_MAPS);
static cl::opt<std::string>
    reset("reset", cl::desc("zero or subtract; default: the target's own"),
          cl::cat(category), NMC_MODEL);
static cl::opt<std::string> level("level",
                                  cl::desc("cost model: count or mapped"),
                                  cl::init("mapped"), cl::cat(category),
                                  NMC_MAPS);
static cl::opt<std::string> placer("placer", cl::desc("hilbert or sequential"),
                                   cl::init("hilbert"), cl::cat(category),
                                   NMC_MAPS);

// Run.
static cl::opt<int64_t> seed("seed", cl::desc("seed of everything random"),
                             cl::init(0), cl::cat(category), NMC_MAPS);
static cl::opt<unsigned> jobs("jobs", cl::desc("threads; 0: all"), cl::init(0),
                              cl::cat(category), NMC_MAPS);
static cl::opt<std::string>
    timeLimit("time-limit", cl::desc("wall-clock limit, e.g. \"60 s\""),
              cl::cat(category), NMC_MAPS);
static cl::opt<std::string> output("o", cl::desc("folder of the bundle"),
                                   cl::value_desc("DIR"), cl::cat(category),
                                   NMC_BUNDLE, cl::sub(runVerb));
static cl::opt<std::string>
    compileTo("compile-to", cl::desc("stop after this phase and print its IR"),
              cl::value_desc("PHASE"), cl::cat(category), cl::sub(compileVerb));
static cl::opt<std::string>
    dumpPhases("dump-phases-to", cl::desc("write the IR after every phase"),
               cl::value_desc("DIR"), cl::cat(category), NMC_MAPS);
static cl::list<std::string> record(
    "record",
    cl::desc(
        "population to record: NAME, NAME:v, NAME:i, or NAME:i1 of receptor 1"),
    cl::value_desc("NAME"), cl::cat(category), cl::sub(runVerb));
static cl::opt<std::string>
    recordTo("record-to",
             cl::desc("file of what is recorded: npz, or NIRData (.nir)"),
             cl::value_desc("FILE"), cl::cat(category), cl::sub(runVerb));
static cl::opt<std::string> saveActivity("save-activity",
                                         cl::desc("npz file of the activity"),
                                         cl::value_desc("FILE"),
                                         cl::cat(category), cl::sub(runVerb));

// Compare.
static cl::opt<std::string> measured("measured",
                                     cl::desc("CSV of measured KPIs"),
                                     cl::value_desc("FILE"), cl::cat(category),
                                     cl::sub(compareVerb));
static cl::list<std::string>
    failOver("fail-over",
             cl::desc("exit 6 where a KPI is worse by more, e.g. energy=10%"),
             cl::value_desc("KPI=PERCENT"), cl::cat(category),
             cl::sub(compareVerb));

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

/// Reports a bad command line.
static ExitCode usage(const Twine &message, StringRef rule = "usage") {
  llvm::WithColor::error(llvm::errs(), "nmc")
      << message << " [" << rule << "]\n";
  return ExitCode::Usage;
}

/// Checks that an option has one of some words; "" is always fine.
static std::optional<ExitCode> checkWord(StringRef option, StringRef value,
                                         ArrayRef<StringRef> known) {
  if (value.empty() || llvm::is_contained(known, value))
    return std::nullopt;
  std::string list;
  for (auto [i, word] : llvm::enumerate(known))
    list += (i == 0 ? "" : i + 1 == known.size() ? " and " : ", ") + word.str();
  return usage("--" + option + " is '" + value + "', but " + list +
               " are known" + didYouMean(value, known));
}

/// Parses a time above 0.
static std::optional<ExitCode> readTime(StringRef option, StringRef text,
                                        std::optional<double> &seconds) {
  if (text.empty())
    return std::nullopt;
  llvm::Expected<double> value = parseQuantity(text, Dimension::Time);
  if (!value) {
    llvm::WithColor::error(llvm::errs(), "nmc")
        << "--" << option << ": " << llvm::toString(value.takeError()) << "\n";
    return ExitCode::Usage;
  }
  if (*value <= 0)
    return usage("--" + option + " is " + text + ", but must be above 0");
  seconds = *value;
  return std::nullopt;
}

/// What --dt to --frame-start say.
static std::optional<ExitCode> fillSpiking(pipelines::SessionOptions &session) {
  for (auto [option, value, known] :
       {std::tuple<StringRef, StringRef, std::vector<StringRef>>{
            "time-unit", timeUnit, {"s", "ms", "us", "step"}},
        {"input", inputKind, {"analog", "counts", "binary"}},
        {"state", state, {"sample", "stream"}},
        {"encoding", encoding, {"events", "constant", "rate", "graded"}},
        {"frame-count", frameCount, {"counts", "binary"}},
        {"frame-start", frameStart, {"first", "zero"}}})
    if (std::optional<ExitCode> code = checkWord(option, value, known))
      return code;
  if (std::optional<ExitCode> code = readTime("dt", dt, session.phases.dt))
    return code;
  if (std::optional<ExitCode> code =
          readTime("frame", frame, session.data.framing.window))
    return code;
  session.timeUnit = timeUnit;
  session.input = inputKind;
  session.phases.state = state;
  if (!state.empty())
    session.state = state == "stream" ? spike::StateScope::Stream
                                      : spike::StateScope::Sample;
  if (!encoding.empty())
    session.encoding = spike::symbolizeEncoding(encoding);
  session.data.framing.binary = frameCount == "binary";
  session.countsAsked = frameCount == "counts";
  if (frameStart == "zero")
    session.data.framing.start = exec::FrameStart::Zero;
  for (auto [name, option] :
       {std::pair<StringRef, cl::opt<std::string> *>{"dt", &dt},
        {"time-unit", &timeUnit},
        {"input", &inputKind},
        {"state", &state},
        {"encoding", &encoding},
        {"execution-profile", &executionProfile},
        {"frame", &frame},
        {"frame-count", &frameCount},
        {"frame-start", &frameStart}})
    if (option->getNumOccurrences())
      session.given.push_back({name.str(), option->getValue()});
  return std::nullopt;
}

static std::optional<ExitCode> fillSession(CommandLine &result) {
  pipelines::SessionOptions &session = result.session;
  if (!result.arguments.empty())
    session.model = result.arguments.front();
  for (const std::string &dim : dims)
    if (llvm::Error error = session.import.addDim(dim))
      return usage(llvm::toString(std::move(error)), "dim");
  for (const std::string &bind : binds)
    if (llvm::Error error = session.import.addBinding(bind))
      return usage(llvm::toString(std::move(error)), "bind");

  session.data.data = data;
  session.data.labels = labels;
  session.preprocess = preprocess;
  if (!preprocess.empty()) {
    llvm::Expected<exec::Preprocess> parsed = exec::parsePreprocess(preprocess);
    if (!parsed) {
      llvm::WithColor::error(llvm::errs(), "nmc")
          << llvm::toString(parsed.takeError()) << "\n";
      return ExitCode::Usage;
    }
    session.data.preprocess = *parsed;
  }
  if (samples.getNumOccurrences()) {
    if (samples < 1)
      return usage("--samples is " + Twine(samples) +
                   ", but must be at least 1");
    session.data.samples = samples;
  }
  for (auto [name, value] : {std::pair<StringRef, int64_t>(
                                 "calibration-samples", calibrationSamples),
                             {"stage-samples", stageSamples},
                             {"chips", chips}})
    if (value < 1)
      return usage("--" + name + " is " + Twine(value) +
                   ", but must be at least 1");
  if (replaySamples < 0)
    return usage("--replay-samples is " + Twine(replaySamples) +
                 ", but must not be negative");
  if (steps < 1 || steps > spike::kMaxSteps)
    return usage("--steps is " + Twine(steps) + ", but must be 1 to " +
                 Twine(spike::kMaxSteps));
  if (steps.getNumOccurrences())
    session.steps = steps;
  for (auto [option, value, known] :
       {std::tuple<StringRef, StringRef, std::vector<StringRef>>{
            "reset", reset, {"zero", "subtract", "value"}},
        {"level", level, {"count", "mapped"}},
        {"placer", placer, {"hilbert", "sequential"}}})
    if (std::optional<ExitCode> code = checkWord(option, value, known))
      return code;
  if (std::optional<ExitCode> code = fillSpiking(session))
    return code;
  if (!activity.empty()) {
    double rate;
    if (!StringRef(activity).getAsDouble(rate))
      session.uniformActivity = rate;
    else
      session.activityFile = activity;
  }
  if (std::optional<ExitCode> code =
          readTime("time-limit", timeLimit, session.timeLimit))
    return code;
  if (!compileTo.empty()) {
    session.compileTo = pipelines::parsePhase(compileTo);
    if (!session.compileTo) {
      SmallVector<StringRef> known;
      for (const pipelines::PhaseInfo &info : pipelines::getPhases())
        known.push_back(info.name);
      return usage("--compile-to is '" + compileTo + "'" +
                   didYouMean(compileTo, known, "; phases: ") +
                   llvm::join(known, ", "));
    }
  }
  for (const std::string &entry : record) {
    auto [name, quantity] = StringRef(entry).rsplit(':');
    exec::RecordRequest request;
    request.population = name.str();
    if (quantity == "v")
      request.quantity = exec::Quantity::Membrane;
    else if (quantity.consume_front("i") &&
             (quantity.empty() || !quantity.getAsInteger(10, request.receptor)))
      request.quantity = exec::Quantity::Current;
    else
      request.population = entry; // names may hold colons
    session.record.push_back(request);
  }
  if (!record.empty() && recordTo.empty())
    return usage("--record needs --record-to FILE");
  session.recordFile = recordTo;
  session.activityOut = saveActivity;
  session.level = level;
  session.seed = seed;
  session.jobs = jobs;
  session.stageSamples = stageSamples;
  session.replaySamples = replaySamples;
  session.dumpPhases = dumpPhases;
  session.outputFolder = output;

  pipelines::PhaseOptions &phases = session.phases;
  phases.target = targetName;
  phases.targetPaths.assign(targetPaths.begin(), targetPaths.end());
  phases.costProfile = costProfile;
  phases.overrides.assign(overrides.begin(), overrides.end());
  phases.calibration = calibration.empty() ? data : calibration;
  phases.preprocess = preprocess;
  phases.calibrationSamples = calibrationSamples;
  phases.steps = steps;
  phases.reset = reset;
  phases.placer = placer;
  phases.chips = chips;
  // Stored integers keep their scale on chips that take them as they are.
  phases.inputScale = session.data.preprocess.scale;
  phases.inputZeroPoint = session.data.preprocess.zeroPoint;
  session.executionProfile = executionProfile;
  return std::nullopt;
}

std::optional<ExitCode> tool::parseCommandLine(int argc, char **argv,
                                               CommandLine &result) {
  if (argc == 1) {
    llvm::errs() << "usage: nmc VERB [options]; nmc --help lists the verbs\n";
    return ExitCode::Usage;
  }
  for (auto [command, verb] : kVerbs)
    cl::HideUnrelatedOptions(category, *command);
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter([](raw_ostream &os) {
    os << "nmc " << NMC_VERSION << " (LLVM " << LLVM_VERSION_STRING << ")\n";
  });
  // A first word that is no verb would be taken for an argument.
  StringRef first = argv[1];
  if (!first.starts_with("-")) {
    const auto *known = llvm::find_if(kVerbs, [&](const auto &entry) {
      return entry.first->getName() == first;
    });
    if (known == std::end(kVerbs)) {
      SmallVector<StringRef> verbs;
      for (auto [command, verb] : kVerbs)
        verbs.push_back(command->getName());
      std::string meant = didYouMean(first, verbs);
      return usage("unknown verb '" + first + "'" +
                   (meant.empty() ? "; nmc --help lists the verbs" : meant));
    }
  }
  std::string faults;
  llvm::raw_string_ostream os(faults);
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "nmc: maps networks onto neuromorphic chips and predicts "
          "what they cost there\n",
          &os)) {
    llvm::errs() << faults;
    return ExitCode::Usage;
  }
  for (auto [command, verb] : kVerbs)
    if (*command)
      result.verb = verb;
  if (result.verb == Verb::None)
    return usage("no verb; nmc --help lists them");
  result.arguments.assign(positional.begin(), positional.end());
  result.json = json;
  result.quiet = quiet;
  result.verbose = verbose;
  if (progressFormat != "auto" && progressFormat != "none" &&
      progressFormat != "json")
    return usage("--progress is '" + progressFormat +
                 "', but auto, none and json are known");
  result.progress = progressFormat;
  result.measured = measured;
  result.failOver.assign(failOver.begin(), failOver.end());
  result.target.target = targetName;
  result.target.searchPaths.assign(targetPaths.begin(), targetPaths.end());
  result.target.costProfile = costProfile;
  result.target.overrides.assign(overrides.begin(), overrides.end());
  result.session.command.assign(argv, argv + argc);
  return fillSession(result);
}
