"""same_graph.py A.nir B.nir: the reference package reads the same from both."""

import sys

import nir
import numpy as np


def compare(a, b, path):
    assert type(a) is type(b), (path, type(a), type(b))
    if isinstance(a, nir.NIRGraph):
        assert sorted(a.edges) == sorted(b.edges), (path, a.edges, b.edges)
        assert sorted(a.nodes) == sorted(b.nodes), (path, a.nodes, b.nodes)
        for name in a.nodes:
            compare(a.nodes[name], b.nodes[name], path + "/" + name)
        return
    for field, left in vars(a).items():
        right = getattr(b, field)
        if isinstance(left, dict):
            left, right = left.get("input"), right.get("input")
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype, (path, field)
        assert np.array_equal(left, right), (path, field, left, right)


compare(nir.read(sys.argv[1]), nir.read(sys.argv[2]), "")
