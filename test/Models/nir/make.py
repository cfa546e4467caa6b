#!/usr/bin/env python3
"""Writes the NIR graphs of this folder with the reference package.

    build/venv/bin/python test/Models/nir/make.py

Weights are made up. `faults` holds graphs that are wrong on purpose.
"""

import os

import h5py
import nir
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def weights(*shape, seed=0, scale=1.0):
    random = np.random.default_rng(seed)
    return (scale * random.uniform(-1, 1, shape)).astype(np.float32)


def full(shape, value, kind=np.float32):
    return np.full(shape, value, kind)


def write(name, graph, compression=None):
    """Contiguous, as version 0 wrote files; compressed, as version 1 does."""
    path = os.path.join(HERE, name + ".nir")
    nir.write(path, graph, compression=compression)
    return path


def lif(shape, tau=0.02):
    return nir.LIF(tau=full(shape, tau), r=full(shape, 1),
                   v_leak=full(shape, 0), v_threshold=full(shape, 0.5))


def cuba(n, dt=1e-4, tau_syn=2e-4, tau_mem=1e-3):
    """As snnTorch writes them: the step is in r and w_in."""
    return nir.CubaLIF(
        tau_syn=full(n, tau_syn, np.float64), tau_mem=full(n, tau_mem, np.float64),
        r=full(n, tau_mem / dt, np.float64), w_in=full(n, tau_syn / dt, np.float64),
        v_leak=full(n, 0, np.float64), v_threshold=full(n, 1, np.float64))


def primitives():
    """Every primitive once, in two chains."""
    nodes = {
        "image": nir.Input(np.array([2, 8, 6])),
        "conv2d": nir.Conv2d(input_shape=(8, 6), weight=weights(4, 2, 3, 3),
                             stride=(1, 1), padding="same", dilation=(1, 1),
                             groups=1, bias=weights(4, seed=1)),
        "if": nir.IF(r=full((4, 8, 6), 1), v_threshold=full((4, 8, 6), 1),
                     v_reset=full((4, 8, 6), 0)),
        "sum_pool": nir.SumPool2d(np.array([2, 2]), np.array([2, 2]),
                                  np.array([0, 0])),
        "avg_pool": nir.AvgPool2d(np.array([2, 1]), np.array([2, 1]),
                                  np.array([0, 0])),
        "flatten": nir.Flatten({"input": np.array([4, 2, 3])}, 0, -1),
        "affine": nir.Affine(weights(5, 24, seed=2), weights(5, seed=3)),
        "cuba_lif": cuba(5, dt=1e-3, tau_syn=5e-3, tau_mem=2e-2),
        "scale": nir.Scale(weights(5, seed=4)),
        "delay": nir.Delay(np.array([1e-3, 2e-3, 3e-3, 3e-3, 1e-3])),
        "threshold": nir.Threshold(full(5, 0.1)),
        "i": nir.I(r=full(5, 1)),
        "li": nir.LI(tau=full(5, 0.03), r=np.array([1, 2, 3, 4, 5]),
                     v_leak=full(5, 0)),
        "cuba_li": nir.CubaLI(tau_syn=full(5, 0.01), tau_mem=full(5, 0.02),
                              r=full(5, 1), v_leak=full(5, 0)),
        "linear": nir.Linear(weights(3, 5, seed=5)),
        "lif": lif(3),
        "out": nir.Output(np.array([3])),
        "sound": nir.Input(np.array([2, 20])),
        "conv1d": nir.Conv1d(input_shape=20, weight=weights(4, 2, 3, seed=6),
                             stride=2, padding=1, dilation=1, groups=1,
                             bias=weights(4, seed=7)),
        "lif1d": lif((4, 10)),
        "out1d": nir.Output(np.array([4, 10])),
    }
    first = ["image", "conv2d", "if", "sum_pool", "avg_pool", "flatten",
             "affine", "cuba_lif", "scale", "delay", "threshold", "i", "li",
             "cuba_li", "linear", "lif", "out"]
    second = ["sound", "conv1d", "lif1d", "out1d"]
    edges = [*zip(first, first[1:]), *zip(second, second[1:])]
    write("primitives", nir.NIRGraph(nodes, edges, type_check=False))


def block(n, seed):
    """A recurrent layer as a graph of its own."""
    return nir.NIRGraph(
        {"input": nir.Input(np.array([n])), "lif": cuba(n),
         "w_rec": nir.Affine(weights(n, n, seed=seed, scale=0.5),
                             weights(n, seed=seed + 1, scale=0.1)),
         "output": nir.Output(np.array([n]))},
        [("input", "lif"), ("lif", "w_rec"), ("w_rec", "lif"),
         ("lif", "output")])


def recurrent():
    """Two recurrent layers, nested, and a branch around the second."""
    nodes = {
        "input": nir.Input(np.array([6])),
        "fc1": nir.Affine(weights(8, 6, seed=10), weights(8, seed=11, scale=0.1)),
        "rec1": block(8, 12),
        "rec2": block(8, 14),
        "fc2": nir.Linear(weights(4, 8, seed=16)),
        "lif": cuba(4),
        "output": nir.Output(np.array([4])),
    }
    write("recurrent", nir.NIRGraph(nodes, [
        ("input", "fc1"), ("fc1", "rec1"), ("rec1", "rec2"), ("rec1", "fc2"),
        ("rec2", "fc2"), ("fc2", "lif"), ("lif", "output")]))


def convolutional():
    """Convolutions, pools and IF neurons, as Sinabs writes them."""
    nodes, chain = {"input": nir.Input(np.array([2, 12, 12]))}, ["input"]

    def add(node):
        nodes[str(len(nodes) - 1)] = node
        chain.append(str(len(nodes) - 2))

    def conv(c_out, c_in, size, stride, seed):
        add(nir.Conv2d(input_shape=size, weight=weights(c_out, c_in, 3, 3, seed=seed),
                       stride=stride, padding=(1, 1), dilation=(1, 1), groups=1,
                       bias=full(c_out, 0)))

    def neurons(*shape):
        add(nir.IF(r=full(shape, 1), v_threshold=full(shape, 1)))

    conv(4, 2, (12, 12), (1, 1), 20)
    neurons(4, 12, 12)
    add(nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])))
    conv(6, 4, (6, 6), (2, 2), 21)
    neurons(6, 3, 3)
    add(nir.Flatten({"input": np.array([6, 3, 3])}, 0, -1))
    add(nir.Affine(weights(5, 54, seed=22), full(5, 0)))
    neurons(5)
    nodes["output"] = nir.Output(np.array([5]))
    chain.append("output")
    write("convolutional", nir.NIRGraph(nodes, list(zip(chain, chain[1:]))),
          compression="gzip")


def faults():
    """What is found in the wild: each damages a sound graph."""
    os.makedirs(os.path.join(HERE, "faults"), exist_ok=True)
    chain = nir.NIRGraph(
        {"input": nir.Input(np.array([6])), "fc": nir.Linear(weights(4, 6, seed=30)),
         "lif": lif(4), "output": nir.Output(np.array([4]))},
        [("input", "fc"), ("fc", "lif"), ("lif", "output")])

    def damage(name, change):
        with h5py.File(write("faults/" + name, chain), "r+") as file:
            change(file["node"])

    def replace(group, name, value):
        del group[name]
        group[name] = value

    def dangling(node):
        edges = node["edges"][()]
        edges[1] = [b"fc", b"lif1"]
        replace(node, "edges", edges)

    damage("dangling-edge", dangling)
    damage("transposed-weight", lambda node: replace(
        node["nodes/fc"], "weight", weights(6, 4, seed=30)))
    damage("time-axis", lambda node: replace(
        node["nodes/input"], "shape", np.array([100, 6])))
    damage("unknown-type", lambda node: replace(node["nodes/lif"], "type", "Lif"))
    damage("missing-field", lambda node: node["nodes/lif"].__delitem__("tau"))
    damage("batch-axis", lambda node: replace(
        node["nodes/input"], "shape", np.array([1, 6])))
    damage("scalars", lambda node: [replace(node["nodes/lif"], field, value)
                                    for field, value in
                                    [("tau", np.float32(0.02)),
                                     ("r", np.int64(1)),
                                     ("v_leak", np.zeros(1)),
                                     ("v_threshold", np.float32(0.5))]])
    damage("steps", lambda node: replace(node["nodes/lif"], "tau", full(4, 12.0)))


if __name__ == "__main__":
    primitives()
    recurrent()
    convolutional()
    faults()
