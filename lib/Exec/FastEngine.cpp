#include "Plan.h"
using namespace nmc;
using namespace nmc::exec;
namespace nmc::exec { struct FastPlan { std::shared_ptr<const Plan> plan; }; }
std::shared_ptr<const FastPlan> exec::makeFastPlan(std::shared_ptr<const Plan> plan) { return std::make_shared<FastPlan>(FastPlan{plan}); }
std::unique_ptr<Engine> exec::makeFastEngine(std::shared_ptr<const FastPlan> plan) { return makeReferenceEngine(plan->plan); }
