//===- TimeInference.cpp - Units of time and the step of a NIR graph ------===//

#include "TimeInference.h"

#include "nmc/Support/RuleError.h"

#include <cmath>

namespace nmc::nir {

/// Relative tolerance between neurons of one node (values may be float32) and
/// between nodes (frameworks round on the way).
static constexpr double kSameNode = 1e-4, kSameGraph = 2e-3;
/// Above this many seconds a time constant is no time constant of a neuron.
static constexpr double kImplausible = 0.5;

static bool isClose(double a, double b, double tolerance) {
  return std::fabs(a - b) <= tolerance * std::max(std::fabs(a), std::fabs(b));
}

/// The number of one significant digit next to `value`, which is positive.
static double roundToDigit(double value) {
  double exponent = std::floor(std::log10(value) + 1e-9);
  double digit = std::round(value / std::pow(10.0, exponent));
  // Powers of ten as divisors are exact, and so is the quotient's rounding.
  return exponent < 0 ? digit / std::pow(10.0, -exponent)
                      : digit * std::pow(10.0, exponent);
}

static bool isRound(double value, double tolerance) {
  return value > 0 && std::isfinite(value) &&
         isClose(value, roundToDigit(value), tolerance);
}

//===----------------------------------------------------------------------===//
// One node
//===----------------------------------------------------------------------===//

/// numerator / denominator where it is one positive number for all neurons.
static std::optional<double>
getRatio(const Array &numerator, const Array &denominator, double added = 0) {
  int64_t count = std::max(numerator.size(), denominator.size());
  if ((numerator.size() != count && numerator.size() != 1) ||
      (denominator.size() != count && denominator.size() != 1))
    return std::nullopt;
  std::optional<double> common;
  for (int64_t i = 0; i < count; ++i) {
    double ratio =
        numerator.getDouble(numerator.size() == 1 ? 0 : i) /
        (denominator.getDouble(denominator.size() == 1 ? 0 : i) + added);
    if (!(ratio > 0) || !std::isfinite(ratio) ||
        (common && !isClose(*common, ratio, kSameNode)))
      return std::nullopt;
    if (!common)
      common = ratio;
  }
  return common;
}

/// The step that `tau` and `r` imply: r = tau/dt is how snnTorch and
/// SpikingJelly discretise; tau/(1 + r) is how Rockpool reads its own
/// r = tau·exp(−dt/tau)/dt.
static std::optional<StepEvidence> fromResistance(const Array &tau,
                                                  const Array &r) {
  std::optional<double> plain = getRatio(tau, r);
  std::optional<double> rockpool = getRatio(tau, r, 1);
  // r of at most 1 is a resistance, or a decay, and states no step.
  for (int64_t i = 0; i < r.size(); ++i)
    if (!(r.getDouble(i) > 1 + 1e-6))
      return std::nullopt;
  if (rockpool && isRound(*rockpool, kSameGraph) &&
      !(plain && isRound(*plain, kSameGraph)))
    return StepEvidence{*rockpool, "tau / (1 + r), as Rockpool reads it"};
  if (plain)
    return StepEvidence{*plain, "tau / r"};
  return std::nullopt;
}

std::optional<StepEvidence> inferStep(const NirNode &node) {
  const Array *r = node.numbers("r");
  if (!r)
    return std::nullopt;
  switch (node.type) {
  case NodeType::LI:
  case NodeType::LIF:
    return fromResistance(*node.numbers("tau"), *r);
  case NodeType::CubaLI:
  case NodeType::CubaLIF: {
    std::optional<StepEvidence> membrane =
        fromResistance(*node.numbers("tau_mem"), *r);
    const Array *weight = node.numbers("w_in");
    if (!membrane || !weight)
      return membrane;
    // Both gains must tell the same.
    std::optional<double> synapse = getRatio(*node.numbers("tau_syn"), *weight);
    std::optional<double> plain = getRatio(*node.numbers("tau_mem"), *r);
    if (!synapse || !plain || !isClose(*synapse, *plain, kSameGraph))
      return std::nullopt;
    return StepEvidence{*plain, "tau_mem / r = tau_syn / w_in"};
  }
  case NodeType::I:
  case NodeType::IF: {
    // r = 1/dt; small ones are weights.
    std::optional<double> step = getRatio(Array::from<double>({}, {1.0}), *r);
    if (!step || *step > 0.01)
      return std::nullopt;
    return StepEvidence{*step, "1 / r"};
  }
  default:
    return std::nullopt;
  }
}

//===----------------------------------------------------------------------===//
// The graph
//===----------------------------------------------------------------------===//

namespace {
struct Extremes {
  double least = std::numeric_limits<double>::infinity(), most = 0;
  const NirNode *where = nullptr;
};
} // namespace

/// Time constants are positive; their range over the graph.
static Extremes checkTimes(const NirGraph &graph, Reporter &reporter) {
  Extremes all;
  for (const NirNode &node : graph.nodes)
    for (StringRef field : {"tau", "tau_syn", "tau_mem", "delay"}) {
      const Array *array = node.numbers(field);
      if (!array)
        continue;
      bool isDelay = field == "delay";
      for (int64_t i = 0; i < array->size(); ++i) {
        double value = array->getDouble(i);
        if (isDelay ? value < 0 : !(value > 0)) {
          reporter.error(node, "nir-value")
              << "'" << field << "' is " << formatNumber(value)
              << " at position " << i << ", but must be "
              << (isDelay ? "at least 0" : "positive");
          break;
        }
        if (isDelay)
          continue;
        all.least = std::min(all.least, value);
        if (value > all.most) {
          all.most = value;
          all.where = &node;
        }
      }
    }
  return all;
}

static bool readUnit(const ImportOptions &options, const Extremes &times,
                     Reporter &reporter, TimeModel &time) {
  StringRef unit = options.timeUnit;
  if (unit == "s") {
  } else if (unit == "ms") {
    time.unit = 1e-3;
  } else if (unit == "us") {
    time.unit = 1e-6;
  } else if (unit == "step") {
    time.inSteps = true;
  } else if (!unit.empty()) {
    reporter.error("nir-time-unit") << "time unit '" << printable(unit)
                                    << "' is unknown; possible are s, ms, us "
                                       "and step";
    return false;
  } else if (reporter.anyErrors()) {
  } else if (times.where && times.least > kImplausible) {
    time.inSteps = true;
    reporter.warning(*times.where, "nir-time-unit")
        << "time constants of " << formatNumber(times.least) << " to "
        << formatNumber(times.most)
        << " cannot be seconds; they are read as steps (say --time-unit s, ms, "
           "us or step)";
  } else if (times.where && times.most > kImplausible) {
    reporter.warning(*times.where, "nir-time-unit")
        << "a time constant of " << formatNumber(times.most)
        << " s is implausible; say --time-unit s if it is meant, else ms, us "
           "or step";
  }
  if (time.inSteps)
    time.unit = options.dt.value_or(1);
  return true;
}

FailureOr<TimeModel> inferTime(const NirGraph &graph,
                               const ImportOptions &options,
                               Reporter &reporter) {
  TimeModel time;
  Extremes times = checkTimes(graph, reporter);
  if (options.dt && !(*options.dt > 0 && std::isfinite(*options.dt))) {
    reporter.error("nir-dt") << "a step of " << formatNumber(*options.dt)
                             << " s was given, but it must be finite and "
                                "positive";
    return failure();
  }
  if (!readUnit(options, times, reporter, time) || reporter.anyErrors())
    return failure();
  time.dt = options.dt;
  if (time.inSteps) {
    if (!time.dt)
      time.dt = 1;
    return time;
  }
  // What our own exporter wrote is no guess.
  if (const RawObject *own = graph.metadata.find("nmc"); own && !time.dt) {
    const RawObject *dt = own->isGroup() ? own->find("dt") : nullptr;
    if (dt && dt->kind == RawObject::Kind::Numbers && dt->numbers.size() == 1 &&
        dt->numbers.getDouble(0) > 0 && !dt->numbers.findNonFinite()) {
      time.dt = dt->numbers.getDouble(0); // seconds, whatever the unit
      return time;
    }
  }

  std::optional<StepEvidence> first;
  SmallVector<const NirNode *> witnesses;
  for (const NirNode &node : graph.nodes) {
    std::optional<StepEvidence> step = inferStep(node);
    if (!step)
      continue;
    step->dt *= time.unit;
    if (!first) {
      first = step;
    } else if (!isClose(first->dt, step->dt, kSameGraph)) {
      if (options.dt)
        return time; // somebody decided
      reporter.error(node, "nir-dt")
          << "implies a step of " << formatNumber(step->dt) << " s ("
          << step->how << "), but " << describe(*witnesses.front())
          << " one of " << formatNumber(first->dt) << " s (" << first->how
          << "); give --dt";
      return failure();
    }
    witnesses.push_back(&node);
  }
  if (!first)
    return time;
  // float32 on the way: 9.9999998e-5 is 1e-4.
  if (isRound(first->dt, 1e-6))
    first->dt = roundToDigit(first->dt);
  auto names = [&](auto &diag) {
    for (size_t i = 0; i < std::min<size_t>(witnesses.size(), 4); ++i)
      diag << (i ? ", " : "") << "'" << printable(witnesses[i]->name) << "'";
    if (witnesses.size() > 4)
      diag << " and " << int64_t(witnesses.size() - 4) << " more";
  };
  if (!options.dt) {
    auto diag = reporter.remark("nir-dt");
    diag << "dt = " << formatNumber(first->dt) << " s is inferred from ";
    names(diag);
    diag << " (" << first->how << ")";
    time.dt = first->dt;
  } else if (!isClose(first->dt, *options.dt, kSameGraph)) {
    auto diag = reporter.warning("nir-dt");
    diag << "dt = " << formatNumber(*options.dt) << " s was given, but ";
    names(diag);
    diag << " " << (witnesses.size() == 1 ? "implies " : "imply ")
         << formatNumber(first->dt) << " s (" << first->how << ")";
  }
  return time;
}

} // namespace nmc::nir
