//===- ApplyProfileParameters.cpp - NIR's parameters on a platform --------===//
//
// The named rules of include/nmc/Target/ExecutionProfile.h, one function each.
// What a platform drops or uses for something else is a warning with NIR's
// value and the platform's; what it merely writes in another way is a remark.
//
//===----------------------------------------------------------------------===//

#include "ApplyProfile.h"

#include <cmath>

using namespace nmc;
using namespace nmc::spike;
using namespace nmc::target;

double Neurons::getFactor(double tauValue, double dt) const {
  switch (dynamics.decay) {
  case DecayKind::Euler:
    return 1 - dt / tauValue;
  case DecayKind::Factor:
    return tauValue;
  case DecayKind::None:
    return 1;
  default:
    return std::exp(-dt / tauValue);
  }
}

Values Neurons::getGain(std::optional<double> dt) const {
  switch (dynamics.inputGain) {
  case InputGain::Unit:
    break;
  case InputGain::Step:
    return Values(*dt);
  case InputGain::Euler:
    return tau.map([&](double t) { return *dt / t; });
  case InputGain::Exponential:
    return tau.map([&](double t) { return -std::expm1(-*dt / t); });
  }
  return Values(1.0);
}

namespace {
/// The rules on one population.
class ParameterRules {
public:
  ParameterRules(Neurons &n, std::optional<double> dt)
      : n(n), rules(*n.profile), dt(dt) {}

  LogicalResult read();
  LogicalResult apply();

private:
  LogicalResult applyR();
  LogicalResult applyWIn();
  LogicalResult applyLeak();
  LogicalResult applyReset();
  void applyTauSyn();
  void divideMembrane(const Values &factor, StringRef why);
  std::string who() { return ("population '" + n.getName() + "': ").str(); }
  InFlightDiagnostic remark() { return mlir::emitRemark(n.getLoc()) << who(); }

  Neurons &n;
  const PopulationProfile &rules;
  std::optional<double> dt;
};
} // namespace

LogicalResult ParameterRules::read() {
  auto lookup = [&](StringRef name) {
    for (auto [key, attr] : n.op.getParameters())
      if (key == name)
        return attr;
    return ElementsAttr();
  };
  struct {
    StringRef name;
    double otherwise;
    Values *to;
  } parameters[] = {{n.tauName(), 0, &n.tau},
                    {"tau_syn", 0, &n.tauSyn},
                    {"r", 1, &n.r},
                    {"w_in", 1, &n.wIn},
                    {"v_leak", 0, &n.leak},
                    {"v_reset", 0, &n.reset},
                    {"threshold", 1, &n.threshold}};
  for (auto &p : parameters) {
    FailureOr<Values> values =
        readValues(n.op, p.name, lookup(p.name), p.otherwise);
    if (failed(values))
      return failure();
    *p.to = std::move(*values);
  }
  if (ElementsAttr bias = lookup("bias")) {
    FailureOr<Values> values = readValues(n.op, "bias", bias, 0);
    if (failed(values))
      return failure();
    n.bias = std::move(*values);
  }
  for (auto [needed, name, tau] :
       {std::tuple<bool, StringRef, Values *>(n.leaks, n.tauName(), &n.tau),
        {n.synapse, "tau_syn", &n.tauSyn}})
    if (needed && !(tau->smallest() > 0))
      return emitRuleError(n.op, "tau-range")
             << "'" << name << "' is " << tau->str()
             << ", but a time constant must be positive";
  return success();
}

/// theta, v_leak and v_reset over `factor`: the membrane is counted in other
/// units.
void ParameterRules::divideMembrane(const Values &factor, StringRef why) {
  auto divide = [](double a, double b) { return a / b; };
  std::string before = n.threshold.str();
  n.threshold = n.threshold.combine(factor, divide);
  if (n.leak.largest() != 0)
    n.leak = n.leak.combine(factor, divide);
  if (n.reset.largest() != 0)
    n.reset = n.reset.combine(factor, divide);
  remark() << "threshold " << before << " becomes " << n.threshold.str()
           << ", which takes up " << why << " = " << factor.str()
           << " [profile-threshold]";
}

LogicalResult ParameterRules::applyR() {
  Values gain = n.getGain(dt);
  // What NIR's equation adds to the membrane in a step for an input of 1.
  std::optional<Values> nir;
  if (n.leaks && dt)
    nir = n.r.combine(n.tau, [&](double r, double t) { return r * *dt / t; });
  switch (rules.r) {
  case RRule::Keep:
    return success();
  case RRule::Ignored: {
    // Equal but for the curvature of an exponential.
    bool same =
        nir &&
        llvm::all_of(
            nir->combine(gain, [](double a, double b) { return a / b; }).list,
            [](double q) { return std::abs(q - 1) < 1e-3; });
    if (!n.r.isAbout(1) || (nir && !same)) {
      if (same)
        remark() << "r = " << n.r.str()
                 << " is not used: the platform's input gain of " << gain.str()
                 << " per step is what r·dt/tau gives [profile-r]";
      else if (nir)
        emitRuleWarning(n.getLoc(), "profile-r")
            << who() << "r = " << n.r.str()
            << " is ignored: an input of 1 adds " << gain.str()
            << " to the membrane in a step, where r·dt/tau is " << nir->str();
      else
        emitRuleWarning(n.getLoc(), "profile-r")
            << who() << "r = " << n.r.str() << " is ignored and taken as 1";
    }
    n.r = Values(1.0);
    n.r.changed = true;
    return success();
  }
  case RRule::One:
    if (n.r.isAbout(1))
      return success();
    return emitRuleError(n.op, "profile-r")
           << "r is " << n.r.str() << ", but the platform takes 1 alone; hint: "
           << "multiply the weights in front of it";
  case RRule::Unit:
    if (!nir) {
      if (n.r.isAbout(1))
        return success();
    } else if (llvm::all_of(nir->list,
                            [](double g) { return std::abs(g - 1) < 1e-3; })) {
      n.dynamics.inputGain = InputGain::Unit;
      n.r = Values(1.0);
      n.r.changed = true;
      return success();
    }
    return emitRuleError(n.op, "profile-r")
           << "r·dt/tau is " << (nir ? nir->str() : n.r.str())
           << ", but the platform has no gain other than 1; hint: r = tau/dt, "
              "with the weights scaled accordingly";
  case RRule::Threshold: {
    Values factor = n.r.combine(gain, [](double r, double g) { return r * g; });
    if (!(factor.smallest() > 0))
      return emitRuleError(n.op, "profile-r")
             << "r·gain is " << factor.str()
             << ", by which a threshold cannot be divided";
    n.dynamics.inputGain = InputGain::Unit;
    n.r = Values(1.0);
    n.r.changed = true;
    if (!factor.isAbout(1))
      divideMembrane(factor, n.leaks ? "r·dt/tau" : "r");
    return success();
  }
  }
  return success();
}

LogicalResult ParameterRules::applyWIn() {
  if (!n.synapse)
    return success();
  auto euler = [&] {
    return n.wIn.combine(n.tauSyn,
                         [&](double w, double t) { return w * *dt / t; });
  };
  switch (rules.wIn) {
  case WInRule::Step:
    return success();
  case WInRule::Euler:
    n.wIn = euler();
    return success();
  case WInRule::Exponential:
    n.wIn = n.wIn.combine(n.tauSyn, [&](double w, double t) {
      return -w * std::expm1(-*dt / t);
    });
    return success();
  case WInRule::Ignored: {
    if (dt) {
      Values nir = euler();
      bool same = llvm::all_of(nir.list,
                               [](double g) { return std::abs(g - 1) < 1e-3; });
      if (!same)
        emitRuleWarning(n.getLoc(), "profile-w-in")
            << who() << "w_in = " << n.wIn.str()
            << " is ignored: an input of 1 adds 1 to the synaptic current in a "
               "step, where w_in·dt/tau_syn is "
            << nir.str();
      else if (!n.wIn.isAbout(1))
        remark() << "w_in = " << n.wIn.str()
                 << " is not used: the platform's gain of 1 is what "
                    "w_in·dt/tau_syn gives [profile-w-in]";
    }
    n.wIn = Values(1.0);
    n.wIn.changed = true;
    return success();
  }
  case WInRule::Threshold: {
    Values factor = euler();
    if (!(factor.smallest() > 0))
      return emitRuleError(n.op, "profile-w-in")
             << "w_in·dt/tau_syn is " << factor.str()
             << ", by which a threshold cannot be divided";
    n.wIn = Values(1.0);
    n.wIn.changed = true;
    if (!factor.isAbout(1))
      divideMembrane(factor, "w_in·dt/tau_syn");
    return success();
  }
  }
  return success();
}

LogicalResult ParameterRules::applyLeak() {
  if (!n.leaks || n.leak.largest() == 0)
    return success();
  switch (rules.leak) {
  case LeakRule::Keep:
    return success();
  case LeakRule::Zero:
    return emitRuleError(n.op, "profile-v-leak")
           << "v_leak is " << n.leak.str()
           << ", but membranes of the platform leak to 0; hint: shift "
              "threshold and reset by it";
  case LeakRule::Bias:
    if (!n.synapse)
      return emitRuleError(n.op, "profile-v-leak")
             << "v_leak is " << n.leak.str()
             << ", but membranes of the platform leak to 0";
    emitRuleWarning(n.getLoc(), "profile-v-leak")
        << who() << "v_leak = " << n.leak.str()
        << " becomes a drive of as much in every step; the membrane leaks to 0";
    n.bias = n.bias ? n.bias->combine(n.leak,
                                      [](double a, double b) { return a + b; })
                    : n.leak;
    n.bias->changed = true;
    break;
  case LeakRule::Ignored:
    emitRuleWarning(n.getLoc(), "profile-v-leak")
        << who() << "v_leak = " << n.leak.str()
        << " is ignored: the membrane leaks to 0";
    break;
  }
  n.leak = Values(0.0);
  n.leak.changed = true;
  return success();
}

LogicalResult ParameterRules::applyReset() {
  if (!n.spikes || n.reset.largest() == 0)
    return success();
  switch (rules.reset) {
  case ResetRule::Keep:
    if (n.dynamics.reset == Reset::Zero &&
        llvm::is_contained(rules.resets, Reset::Value))
      n.dynamics.reset = Reset::Value;
    if (n.dynamics.reset == Reset::Value)
      return success();
    break;
  case ResetRule::Zero:
    return emitRuleError(n.op, "profile-v-reset")
           << "v_reset is " << n.reset.str()
           << ", but the platform resets to 0 alone";
  case ResetRule::Ignored:
    break;
  }
  if (n.dynamics.reset != Reset::Value)
    emitRuleWarning(n.getLoc(), "profile-v-reset")
        << who() << "v_reset = " << n.reset.str()
        << " is ignored: a spike resets the membrane "
        << (n.dynamics.reset == Reset::Zero ? "to 0" : "by the threshold");
  n.reset = Values(0.0);
  n.reset.changed = true;
  return success();
}

void ParameterRules::applyTauSyn() {
  if (!n.synapse || rules.tauSyn == TauRule::Keep)
    return;
  std::string before = n.tauSyn.str();
  if (rules.tauSyn == TauRule::Refit)
    n.tauSyn =
        n.tauSyn.map([&](double t) { return -*dt / std::log1p(-*dt / t); });
  else
    n.tauSyn = n.tauSyn.map([&](double t) {
      return *dt * std::exp2(std::rint(std::log2(t / *dt)));
    });
  remark() << "tau_syn " << before << " becomes " << n.tauSyn.str()
           << (rules.tauSyn == TauRule::Refit
                   ? ", whose exp(-dt/tau) is 1 - dt/tau of the old one"
                   : ", a power of two of steps")
           << " [profile-tau-syn]";
}

LogicalResult ParameterRules::apply() {
  // v_leak and v_reset as NIR has them: before a threshold takes up gains; w_in
  // by the tau_syn of the file: before it is fitted anew.
  if (failed(applyLeak()) || failed(applyReset()) || failed(applyR()) ||
      failed(applyWIn()))
    return failure();
  applyTauSyn();
  return success();
}

LogicalResult nmc::readParameters(Neurons &neurons) {
  return ParameterRules(neurons, std::nullopt).read();
}

LogicalResult nmc::applyParameterRules(Neurons &neurons,
                                       std::optional<double> dt) {
  return ParameterRules(neurons, dt).apply();
}

LogicalResult nmc::checkConstraints(Neurons &n, const ExecutionProfile &profile,
                                    std::optional<double> dt) {
  bool failedAny = false;
  auto uniform = [&](Constraint constraint, bool applies, StringRef name,
                     const Values &values) {
    if (!profile.has(constraint) || !applies || values.isUniform())
      return;
    failedAny = true;
    emitRuleError(n.op, "profile-uniform")
        << "'" << name << "' is " << values.str() << ", but '" << profile.name
        << "' takes one value per population";
  };
  uniform(Constraint::UniformTau, n.leaks, n.tauName(), n.tau);
  uniform(Constraint::UniformTau, n.synapse, "tau_syn", n.tauSyn);
  uniform(Constraint::UniformThreshold, n.spikes, "threshold", n.threshold);
  uniform(Constraint::UniformR, true, "r", n.r);
  uniform(Constraint::UniformReset, n.spikes, "v_reset", n.reset);
  if (profile.has(Constraint::PositiveThreshold) && n.spikes &&
      !(n.threshold.smallest() > 0)) {
    failedAny = true;
    emitRuleError(n.op, "profile-threshold")
        << "threshold is " << n.threshold.str() << ", but '" << profile.name
        << "' needs it above 0";
  }
  if (profile.has(Constraint::TauAboveDt) && dt && n.leaks)
    for (auto [name, tau] :
         {std::pair<StringRef, const Values *>(n.tauName(), &n.tau),
          {"tau_syn", &n.tauSyn}})
      if ((name != "tau_syn" || n.synapse) && tau->smallest() < *dt) {
        failedAny = true;
        emitRuleError(n.op, "profile-tau")
            << "'" << name << "' is " << tau->str() << " s, but dt is "
            << Values(*dt).str()
            << " s: steps longer than a time constant do not decay; hint: "
               "check the unit of time constants";
      }
  return failure(failedAny);
}
