//===- Phases.cpp - The way from a model to a mapping ---------------------===//

#include "nmc/Pipelines/Phases.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace nmc;
using namespace nmc::pipelines;

static const PhaseInfo kPhases[] = {
    {Phase::Import, "import", "the model file as IR",
     ExitCode::ModelUnreadable},
    {Phase::Tosa, "tosa", "operators with their meaning in TOSA",
     ExitCode::Unsupported},
    {Phase::Spike, "spike", "populations and connections, graded and float",
     ExitCode::Unsupported},
    {Phase::Target, "target", "the chip beside the network", ExitCode::Usage},
    {Phase::Profile, "profile", "spiking dynamics in the steps of a platform",
     ExitCode::Unsupported},
    {Phase::Legal, "legal", "only what the chip has", ExitCode::Unsupported},
    {Phase::Ranges, "ranges", "ranges observed on calibration samples",
     ExitCode::BadData},
    {Phase::Rate, "rate", "binary spikes over time", ExitCode::Unsupported},
    {Phase::Quantized, "quantized", "integers of the chip's widths",
     ExitCode::Unsupported},
    {Phase::Partition, "partition", "tiles of populations",
     ExitCode::DoesNotFit},
    {Phase::Placement, "placement", "tiles on cores", ExitCode::DoesNotFit},
    {Phase::Routing, "routing", "routes, link loads and metrics",
     ExitCode::DoesNotFit},
};

ArrayRef<PhaseInfo> pipelines::getPhases() { return kPhases; }

const PhaseInfo &pipelines::getPhaseInfo(Phase phase) {
  return kPhases[static_cast<size_t>(phase)];
}

std::optional<Phase> pipelines::parsePhase(StringRef name) {
  const auto *found = llvm::find_if(
      kPhases, [&](const PhaseInfo &info) { return info.name == name; });
  if (found == std::end(kPhases))
    return std::nullopt;
  return found->phase;
}

namespace {
/// Writes "pass{key=value key=value}".
class PassText {
public:
  explicit PassText(StringRef pass) : text(pass.str()) {}

  PassText &option(StringRef key, const Twine &value) {
    std::string word = value.str();
    if (word.empty())
      return *this;
    text += any ? " " : "{";
    any = true;
    text += key;
    text += "=";
    // Values with blanks or separators are quoted; MLIR strips the quotes.
    if (StringRef(word).find_first_of(" ,{}=") != StringRef::npos)
      word = "'" + word + "'";
    text += word;
    return *this;
  }
  template <typename T>
  PassText &option(StringRef key, const std::optional<T> &value) {
    return value ? option(key, format(*value)) : *this;
  }
  std::string str() { return any ? text + "}" : text; }

private:
  /// Enough digits to read the same number back.
  static std::string format(double value) {
    std::string result;
    llvm::raw_string_ostream(result) << llvm::format("%.17g", value);
    return result;
  }

  std::string text;
  bool any = false;
};
} // namespace

/// What a spike does to the membrane where nothing else is asked for.
static StringRef getReset(const PhaseOptions &options) {
  return options.reset.empty() ? options.defaultReset : options.reset;
}

std::string pipelines::getPhasePipeline(Phase phase,
                                        const PhaseOptions &options) {
  switch (phase) {
  case Phase::Import:
    return "";
  case Phase::Tosa:
    return "convert-onnx-to-tosa";
  case Phase::Spike:
    return "convert-tosa-to-spike";
  case Phase::Target:
    return PassText("chip-load-target")
        .option("target", options.target)
        .option("path", llvm::join(options.targetPaths, ";"))
        .option("cost-profile", options.costProfile)
        .option("set", llvm::join(options.overrides, ";"))
        .str();
  case Phase::Profile:
    if (options.profile.empty())
      return "";
    return PassText("spike-apply-profile")
        .option("profile", options.profile)
        .option("path", llvm::join(options.targetPaths, ";"))
        .option("reset", options.reset)
        .option("dt", options.dt)
        .option("state", options.state)
        .str();
  case Phase::Legal:
    return PassText("spike-legalize").option("reset", options.reset).str();
  case Phase::Ranges:
    return PassText("spike-observe-ranges")
        .option("data", options.calibration)
        .option("preprocess", options.preprocess)
        .option("samples", Twine(options.calibrationSamples))
        .option("levels", Twine(options.binary ? options.steps : 255))
        .option("reset", options.binary ? getReset(options) : "")
        .str();
  case Phase::Rate:
    if (!options.binary)
      return "";
    return PassText("spike-rate-code")
        .option("steps", Twine(options.steps))
        .option("reset", getReset(options))
        .str();
  case Phase::Quantized:
    return PassText("spike-quantize")
        .option("input-scale", options.inputScale)
        .option("input-zero-point", options.inputZeroPoint)
        .str();
  case Phase::Partition:
    return PassText("spike-partition")
        .option("activity", options.activity)
        .option("chips", options.chips == 1 ? "" : Twine(options.chips))
        .str();
  case Phase::Placement:
    return PassText("chip-place").option("solver", options.placer).str();
  case Phase::Routing:
    return PassText("chip-route").option("activity", options.activity).str();
  }
  return "";
}

LogicalResult pipelines::runPhase(Phase phase, const PhaseOptions &options,
                                  ModuleOp module) {
  std::string pipeline = getPhasePipeline(phase, options);
  if (pipeline.empty())
    return success();
  mlir::PassManager manager(module->getContext(), ModuleOp::getOperationName());
  std::string faults;
  llvm::raw_string_ostream os(faults);
  if (failed(mlir::parsePassPipeline(pipeline, manager, os)))
    return mlir::emitError(module.getLoc())
           << "cannot set up phase '" << getPhaseInfo(phase).name
           << "': " << StringRef(faults).trim();
  return manager.run(module);
}
