"""Quantisers of execution profiles against the integers of vendors' tools.

  quantisers.py FOLDER loihi1|speck     FOLDER: shared data's oracles
  quantisers.py SEED fold               random networks

Networks in real numbers go through spike-apply-profile; what stands in the IR
afterwards must be what the tool chose. `fold`: a pool merged into the weights
behind it must leave the membranes as they were.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

from spike_ir import Network, current, elements, run, stream


def apply(network, output, profile, dt=None):
    """Ops of the network after the pass: [(name, attributes)], arrays resolved."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = os.path.join(folder, "n.mlir"), os.path.join(folder, "n.npz")
        with open(source, "w") as file:
            file.write(network.text(output, 4))
        passes = f"builtin.module(spike-apply-profile{{profile={profile}" \
            + (f" dt={dt}" if dt else "") + f"}},spike-export-npz{{file={out}}})"
        done = subprocess.run(["nmc-opt", source, f"--pass-pipeline={passes}", "-o", os.devnull],
                              capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        with np.load(out) as file:
            meta = json.loads(bytes(file["meta"]))
            return [{**op, "attributes": {
                key: file[value["array"]] if isinstance(value, dict) and "array" in value else value
                for key, value in op["attributes"].items()}} for op in meta["ops"]]


def loihi1(folder):
    data = np.load(f"{folder}/loihi1_discretize/blocks_1.npz")
    good, blocks = 0, int(data["count"])
    for b in range(blocks):
        f, q = (lambda key: data[f"f{b}_{key}"]), (lambda key: data[f"q{b}_{key}"])
        neurons = len(f("bias"))
        sources = f("w0").shape[0]
        net = Network((sources,), "i1")
        x = net.input()
        drives = []
        for c in range(2):
            # The tool's weights are (source, target), its bias stands beside them.
            bias = f" bias({elements(f('bias'), 'f4')})" if c == 0 else ""
            drives.append(net.add(f"spike.dense {x[0]} weights({elements(f(f'w{c}').T, 'f4')}){bias}",
                                  current((neurons,), "f32"), x))
        params = {"tau_syn": f("tau_s"), "tau_mem": f("tau_rc"), "threshold": f("vth")}
        y = net.population("cuba_lif", "p", drives, stream((neurons,), "i1"), ", ".join(
            f"{k} = {elements(np.float32(v), 'f4')}" for k, v in params.items()))
        ops = apply(net, y, "loihi1", 0.001)
        dense = [op for op in ops if op["op"] == "dense"]
        p = [op for op in ops if op["op"] == "cuba_lif"][0]["attributes"]
        spread = lambda a: np.broadcast_to(np.ravel(a), (neurons,))
        ok = (np.array_equal(spread(p["tau_syn"]), q("decay_u") + 1)
              and np.array_equal(spread(p["tau_mem"]), q("decay_v"))
              and np.array_equal(spread(p["threshold"]) * 64, q("vth"))
              and np.array_equal(spread(p["bias"]), q("bias")))
        for c in range(2):
            a = dense[c]["attributes"]
            ok &= np.array_equal(a["weights"].astype(int).T * 2 ** (6 + int(a.get("exponent", 0))),
                                 q(f"weff{c}"))
        good += bool(ok)
    print(f"loihi1: {good} of {blocks} blocks as nengo-loihi discretises them")
    return good != blocks


# The chip's profile, with the lowest state that the file states.
SPECK = """schema: nmc.profile
version: 1
name: speck-layer
description: one layer
source: test
state: stream
dynamics: {{compare: greater_equal, reset: subtract, max_spikes_per_step: 255, v_floor: {low!r}}}
parameters: {{r: ignored, v_reset: ignored}}
populations: {{if: {{}}}}
arithmetic: {{state_bits: 32, current_bits: 32, weight_bits: 8, rounding: floor, overflow: saturate}}
quantizer: {{rule: joint_scale, weight_bits: 8, bias_bits: 8, state_bits: 16}}
"""


def speck(folder):
    good, layers = 0, 0
    for path in sorted(glob.glob(f"{folder}/speck/speck_1_*.npz")):
        data = np.load(path)
        with open(path[:-3] + "json") as file:
            cores = json.load(file)["cores"]
        for core in cores:
            w, scale = data["fw" + core], float(data["scale" + core])
            low, high = map(float, data["fthr" + core])
            k = round((1 / scale) ** 0.5)
            channels, kernel = w.shape[1], w.shape[2]
            net = Network((channels, kernel * k, kernel * k), "ui8")
            x = net.input()
            if k > 1:
                x = net.add(f"spike.avg_pool {x[0]} kernel [{k}, {k}]",
                            current((channels, kernel, kernel), "f32"), x)
            bias = f" bias({elements(data['fb' + core], 'f4')})" if "fb" + core in data.files else ""
            c = net.add(f"spike.conv {x[0]} weights({elements(w, 'f4')}){bias}",
                        current((w.shape[0], 1, 1), "f32"), x)
            y = net.population("if", "p", [c], stream((w.shape[0], 1, 1), "i1"),
                               f"threshold = {elements(np.float32(high), 'f4')}")
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(SPECK.format(low=low))
                file.flush()
                ops = apply(net, y, file.name)
            conv = [op for op in ops if op["op"] == "conv"][0]["attributes"]
            p = [op for op in ops if op["op"] == "if"][0]["attributes"]
            ok = np.array_equal(conv["weights"], data["w" + core])
            own = conv.get("bias")
            ok &= np.array_equal(np.zeros(w.shape[0], int) if own is None else own, data["b" + core])
            ok &= int(np.ravel(p["threshold"])[0]) == cores[core]["threshold_high"]
            ok &= p["dynamics"]["v_floor"] == cores[core]["threshold_low"]
            ok &= not [op for op in ops if op["op"] == "avg_pool"]
            layers += 1
            good += bool(ok)
    print(f"speck: {good} of {layers} layers as sinabs discretises them")
    return good != layers


PLAIN = """schema: nmc.profile
version: 1
name: plain
description: integrators
source: test
dynamics: {compare: greater}
populations: {if: {}}
"""


def fold(seed):
    """Membranes with the pool in its place, and with it inside the weights."""
    random = np.random.default_rng(int(seed))
    good, cases = 0, 60
    with tempfile.TemporaryDirectory() as folder:
        for name, more in (("plain", ""), ("merged", "quantizer: {rule: target_scale, weight_bits: 24}\n")):
            with open(f"{folder}/{name}.yaml", "w") as file:
                file.write(PLAIN.replace("name: plain", f"name: {name}") + more)
        for case in range(cases):
            draw = lambda low, high: int(random.integers(low, high + 1))
            channels, size = draw(1, 3), (draw(6, 11), draw(6, 11))
            k = (draw(1, 3), draw(1, 3))
            overlap = draw(0, 3) == 0
            stride = tuple(draw(1, e) if overlap else e + draw(0, 1) for e in k)
            pads = tuple(draw(0, min(1, e - 1)) for e in k) * 2
            pooled = tuple((n + 2 * p - e) // t + 1 for n, p, e, t in zip(size, pads, k, stride))
            net = Network((channels, *size), "ui8")
            x = net.input()
            kind = random.choice(["sum_pool", "avg_pool"])
            p = net.add(f"spike.{kind} {x[0]} kernel {list(k)} {{strides = array<i64: {stride[0]}, "
                        f"{stride[1]}>, pads = array<i64: {', '.join(map(str, pads))}>}}",
                        current((channels, *pooled), "f32"), x)
            outs = draw(1, 3)
            if draw(0, 2):
                c, d, t = (draw(1, 3), draw(1, 3)), (draw(1, 2), draw(1, 2)), (draw(1, 2), draw(1, 2))
                q = (0, 0) if overlap else (draw(0, 1), draw(0, 1))
                out = tuple((n + 2 * a - b * (e - 1) - 1) // s + 1
                            for n, a, b, e, s in zip(pooled, q, d, c, t))
                if min(out) < 1:
                    good += 1
                    continue
                w = random.normal(size=(outs, channels, *c))
                shape = (outs, *out)
                y = net.add(f"spike.conv {p[0]} weights({elements(w, 'f4')}) {{strides = array<i64: "
                            f"{t[0]}, {t[1]}>, dilations = array<i64: {d[0]}, {d[1]}>, pads = "
                            f"array<i64: {q[0]}, {q[1]}, {q[0]}, {q[1]}>}}", current(shape, "f32"), p)
            else:
                flat = int(np.prod((channels, *pooled)))
                f = net.add(f"spike.reshape {p[0]}", current((flat,), "f32"), p)
                w = random.normal(size=(outs, flat))
                shape = (outs,)
                y = net.add(f"spike.dense {f[0]} weights({elements(w, 'f4')})",
                            current(shape, "f32"), f)
            z = net.population("if", "p", [y], stream(shape, "i1"), "threshold = dense<1.0e9> : tensor<f32>")
            x = random.integers(0, 3, size=(3, channels, *size)).astype(np.uint8)
            got = []
            for name in ("plain", "merged"):
                v = run(net, z, x, ["p:v"], ["--execution-profile", f"{folder}/{name}.yaml"])["p:v"]
                got.append(v / max(np.max(np.abs(v)), 1e-30))
            same = np.max(np.abs(got[0] - got[1])) < 1e-5
            left = [op["op"] for op in apply(net, z, f"{folder}/merged.yaml")]
            if not same or kind in left or "avg_pool" in left:
                print(f"case {case}: {'differs' if not same else 'is not merged'}")
            good += same and kind not in left
    print(f"fold: {good} of {cases} equal")
    return good != cases


if __name__ == "__main__":
    sys.exit({"loihi1": loihi1, "speck": speck, "fold": fold}[sys.argv[2]](sys.argv[1]))
