#!/usr/bin/env python3
"""peers.py A.nir B.nir [STEPS]: snnTorch runs both graphs and gives the same.

By hand, in an environment with tools/dev/requirements-peers.txt: A is a graph
from elsewhere, B what nmc-translate made of it. Inputs are random spikes.
"""

import sys

import nir
import numpy as np
import snntorch as snn
import torch
from nirtorch.graph_executor import GraphExecutorState
from snntorch.import_nir import import_from_nir


def run(path, steps):
    graph = nir.read(path)
    shape = next(node.input_type["input"] for node in graph.nodes.values()
                 if isinstance(node, nir.Input))
    sizes = {name: len(node.v_threshold) for name, node in graph.nodes.items()
             if hasattr(node, "v_threshold")}
    for name, node in graph.nodes.items():
        if isinstance(node, nir.NIRGraph):
            sizes[name] = len(next(n for n in node.nodes.values()
                                   if hasattr(n, "v_threshold")).v_threshold)
    network = import_from_nir(graph)
    words = {snn.RSynaptic: 3, snn.Synaptic: 2, snn.RLeaky: 2, snn.Leaky: 1}
    state = {}
    for name, module in network.named_modules():
        if type(module) in words:
            key = name if name in sizes else name + ".lif"
            state[name] = tuple(torch.zeros(sizes[key])
                                for _ in range(words[type(module)]))
            if len(state[name]) == 1:
                state[name] = state[name][0]
    state = GraphExecutorState(state=state)
    random, outputs = np.random.default_rng(0), []
    with torch.no_grad():
        for _ in range(steps):
            spikes = (random.random(tuple(shape)) < 0.3).astype(np.float32)
            output, state = network(torch.from_numpy(spikes), state)
            outputs.append(output.numpy().ravel())
    return np.array(outputs)


if __name__ == "__main__":
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    a, b = (run(path, count) for path in sys.argv[1:3])
    print(f"{a.sum():g} and {b.sum():g} spikes, {(a != b).sum()} differences")
    sys.exit(bool((a != b).any()))
