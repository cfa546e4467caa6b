//===- StreamOrder.cpp - Which edges of a graph close a cycle -------------===//
//
// Linear nodes are transparent: what counts are pairs of streams with linear
// nodes between them.  Nodes are ranked in reverse postorder of a depth-first
// search that starts at inputs; a pair inside one strongly connected component
// that does not ascend closes a cycle and gets the delay.  A Delay delays by
// itself: edges into it close nothing.
//
//===----------------------------------------------------------------------===//

#include "ImportNetwork.h"

#include "nmc/Support/RuleError.h"

#include <limits>

namespace nmc::nir {

bool isStreamNode(const NirNode &node) {
  switch (node.type) {
  case NodeType::Input:
  case NodeType::Output:
    return true;
  case NodeType::Delay: {
    const Array &delay = *node.numbers("delay");
    for (int64_t i = 0; i < delay.size(); ++i)
      if (delay.getDouble(i) > 0)
        return true;
    return false;
  }
  default:
    return isNeuron(node.type);
  }
}

namespace {
/// Depth-first search over nodes for which `enters(from, to)` lets edges pass.
/// Calls `finish(node)` in postorder, and numbers strongly connected components
/// (Tarjan) unless `component` is null.
template <typename Enters, typename Finish>
void search(const NirGraph &graph, ArrayRef<unsigned> starts, Enters enters,
            Finish finish, std::vector<unsigned> *component) {
  constexpr unsigned kNew = std::numeric_limits<unsigned>::max();
  size_t count = graph.nodes.size();
  std::vector<unsigned> number(count, kNew), low(count, 0);
  std::vector<bool> onStack(count);
  std::vector<unsigned> stack;
  SmallVector<std::pair<unsigned, unsigned>> path; // node, next target
  unsigned next = 0, components = 0;
  auto open = [&](unsigned node) {
    number[node] = low[node] = next++;
    stack.push_back(node);
    onStack[node] = true;
    path.push_back({node, 0});
  };
  for (unsigned start : starts) {
    if (number[start] != kNew)
      continue;
    open(start);
    while (!path.empty()) {
      unsigned node = path.back().first;
      if (path.back().second < graph.targets[node].size()) {
        unsigned target = graph.targets[node][path.back().second++];
        if (!enters(node, target))
          continue;
        if (number[target] == kNew)
          open(target);
        else if (onStack[target])
          low[node] = std::min(low[node], number[target]);
        continue;
      }
      finish(node);
      path.pop_back();
      if (!path.empty())
        low[path.back().first] = std::min(low[path.back().first], low[node]);
      if (low[node] != number[node])
        continue;
      unsigned member;
      do {
        member = stack.back();
        stack.pop_back();
        onStack[member] = false;
        if (component)
          (*component)[member] = components;
      } while (member != node);
      ++components;
    }
  }
}
} // namespace

LogicalResult StreamOrder::run(Reporter &reporter) {
  size_t count = graph.nodes.size();
  std::vector<bool> isStream(count);
  for (size_t i = 0; i < count; ++i)
    isStream[i] = isStreamNode(graph.nodes[i]);
  // Inputs first, then other nodes that nothing feeds, then the rest. Of two
  // searches the later one comes first in reverse postorder, hence backward.
  std::vector<unsigned> starts;
  for (bool wantsInput : {true, false})
    for (unsigned i = count; i-- > 0;)
      if (graph.sources[i].empty() &&
          (graph.nodes[i].type == NodeType::Input) == wantsInput)
        starts.push_back(i);
  for (unsigned i = 0; i < count; ++i)
    if (!graph.sources[i].empty())
      starts.push_back(i);
  auto closes = [&](unsigned, unsigned to) {
    return graph.nodes[to].type != NodeType::Delay || !isStream[to];
  };
  component.assign(count, 0);
  rank.assign(count, 0);
  std::vector<unsigned> postorder;
  search(graph, starts, closes, [](unsigned) {}, &component);
  search(
      graph, starts, [](unsigned, unsigned) { return true; },
      [&](unsigned node) { postorder.push_back(node); }, nullptr);
  for (auto [i, node] : llvm::enumerate(llvm::reverse(postorder))) {
    rank[node] = i;
    if (isStream[node])
      order.push_back(node);
  }

  // Loops of linear nodes alone.
  std::vector<unsigned> linear(count, 0);
  auto isLinear = [&](unsigned from, unsigned to) {
    return !isStream[from] && !isStream[to];
  };
  search(graph, starts, isLinear, [](unsigned) {}, &linear);
  std::vector<unsigned> size(count, 0);
  for (unsigned i = 0; i < count; ++i)
    ++size[linear[i]];
  std::vector<bool> told(count, false);
  for (unsigned i = 0; i < count; ++i) {
    bool loops = llvm::is_contained(graph.targets[i], i);
    if (isStream[i] || (size[linear[i]] < 2 && !loops) || told[linear[i]])
      continue;
    told[linear[i]] = true;
    auto diag = reporter.error(graph.nodes[i], "nir-cycle");
    diag << "lies on a cycle that holds no neuron and no Delay, so nothing "
            "says when it is read";
    unsigned named = 0;
    for (unsigned j = i + 1; j < count && named < 4; ++j)
      if (linear[j] == linear[i]) {
        diag << (named ? ", " : "; it also passes ")
             << describe(graph.nodes[j]);
        ++named;
      }
  }
  return success(!reporter.anyErrors());
}

} // namespace nmc::nir
