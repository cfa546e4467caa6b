"""Speck's step-wise arithmetic: several spikes per step, a floor, sum pooling.

  speck.py NAME.json...   recorded runs of the vendor's simulation (NAME.npz beside)
  speck.py --random N     N random stacks against the rule in this file
"""

import json
import sys

import numpy as np

import spike_ir
from spike_ir import elements


def load(path):
    """Layers in order: dicts of weights, bias, thresholds, strides, what pools."""
    with open(path) as file:
        description = json.load(file)
    with np.load(path[: -len(".json")] + ".npz") as file:
        arrays = {k: file[k] for k in file}
    layers, core, pooling = [], description["input"]["core"], 1
    while core is not None:
        c = description["cores"][str(core)]
        d = c["dimensions"]
        layers.append(dict(
            id=core, pool=pooling, weights=arrays[f"w{core}"], bias=arrays[f"b{core}"],
            stride=(d["stride"]["y"], d["stride"]["x"]), pad=(d["padding"]["y"], d["padding"]["x"]),
            low=c["threshold_low"], high=c["threshold_high"], zero=c["return_to_zero"],
            spikes=arrays[f"s{core}"], state=arrays[f"v{core}"]))
        to = [t for t in c["destinations"] if str(t["layer"]) in description["cores"]]
        assert len(to) <= 1, "a branch"
        core, pooling = (to[0]["layer"], to[0]["pooling"]) if to else (None, 1)
    return arrays["x"], layers


def convolve(x, w, stride, pad):
    x = np.pad(x, ((0, 0), (0, 0), (pad[0], pad[0]), (pad[1], pad[1])))
    ky, kx = w.shape[2:]
    ny, nx = (x.shape[2] - ky) // stride[0] + 1, (x.shape[3] - kx) // stride[1] + 1
    out = np.zeros((len(x), w.shape[0], ny, nx), np.int64)
    for i in range(ny):
        for j in range(nx):
            y0, x0 = i * stride[0], j * stride[1]
            out[:, :, i, j] = np.tensordot(x[:, :, y0:y0 + ky, x0:x0 + kx], w, ((1, 2, 3), (1, 2, 3)))
    return out


def simulate(x, layers):
    x = x.astype(np.int64)
    for layer in layers:
        k = layer["pool"]
        t, c, h, w = x.shape
        x = x[:, :, :h // k * k, :w // k * k].reshape(t, c, h // k, k, w // k, k).sum((3, 5))
        drive = convolve(x, layer["weights"].astype(np.int64), layer["stride"], layer["pad"])
        drive += layer["bias"].astype(np.int64)[None, :, None, None]
        v, spikes = np.zeros(drive.shape[1:], np.int64), []
        for a in drive:
            v = v + a
            n = np.where(v > 0, v // layer["high"], 0)
            v = np.where(n > 0, 0, v) if layer["zero"] else v - n * layer["high"]
            v = np.maximum(v, layer["low"])
            spikes.append(n)
        layer["expected"] = np.array(spikes), v
        x = layer["expected"][0]


def compare(name, x, layers):
    net = spike_ir.Network(list(x.shape[1:]), "ui16")
    value = net.input()
    shape = list(x.shape[1:])
    records, expected = {}, {}
    for layer in layers:
        k = layer["pool"]
        if k > 1:
            shape = [shape[0], shape[1] // k, shape[2] // k]
            value = net.add(f"spike.sum_pool {value[0]} kernel [{k}, {k}]",
                            spike_ir.current(shape, "i32"), value)
        spikes, state = layer["expected"]
        shape = list(spikes.shape[1:])
        (sy, sx), (py, px) = layer["stride"], layer["pad"]
        bias = f" bias({elements(layer['bias'], 'i4')})" if np.any(layer["bias"]) else ""
        drive = net.add(f"spike.conv {value[0]} weights({elements(layer['weights'], 'i1')}){bias} "
                        f"{{strides = array<i64: {sy}, {sx}>, "
                        f"pads = array<i64: {py}, {px}, {py}, {px}>}}",
                        spike_ir.current(shape, "i32"), value)
        reset = "zero" if layer["zero"] else "subtract"
        value = net.population(
            "if", f"core{layer['id']}", [drive], spike_ir.stream(shape, "ui16"),
            f"threshold = dense<{layer['high']}> : tensor<i32>, dynamics = #spike.dynamics<"
            f"compare = greater_equal, reset = {reset}, max_spikes_per_step = 65535, "
            f"v_floor = {float(layer['low'])}, arithmetic = #spike.fixed<state_bits = 32, "
            "weight_bits = 8>>")
        key = f"core{layer['id']}"
        records[key], records[key + " v"] = key, key + ":v"
        expected[key], expected[key + " v"] = spikes, state
    got = spike_ir.run(net, value, x.astype(np.uint16), list(records.values()))
    for key in list(records):
        if key.endswith(" v"):
            got[records[key]] = got[records[key]][-1]
    return spike_ir.check(name, records, expected, got)


def random_stack(seed):
    rng = np.random.default_rng(seed)
    channels, size = int(rng.integers(1, 3)), int(rng.choice([8, 12, 16]))
    x = rng.poisson(0.3, (int(rng.integers(5, 12)), channels, size, size)).astype(np.uint8)
    layers, pool = [], 1
    for number in range(int(rng.integers(1, 4))):
        size //= pool
        k, stride, pad = int(rng.integers(1, min(4, size) + 1)), int(rng.choice([1, 2])), 1
        filters = int(rng.integers(1, 6))
        high = int(rng.integers(40, 600))
        layers.append(dict(id=number, pool=pool, stride=(stride, stride), pad=(pad, pad),
                           weights=rng.integers(-128, 128, (filters, channels, k, k)).astype(np.int8),
                           bias=(rng.integers(-60, 60, filters) * (seed % 2)).astype(np.int8),
                           low=-int(rng.integers(0, 700)), high=high, zero=bool(seed % 3 == 0)))
        channels, size = filters, (size + 2 * pad - k) // stride + 1
        pool = int(rng.choice([1, 2])) if size >= 4 else 1
    return x, layers


def main(arguments):
    cases = []
    if arguments[:1] == ["--random"]:
        for seed in range(int(arguments[1])):
            x, layers = random_stack(seed)
            simulate(x, layers)
            cases.append((f"seed {seed}", x, layers))
    for path in arguments if not cases else []:
        x, layers = load(path)
        simulate(x, layers)
        for layer in layers:
            spikes, state = layer["expected"]
            if not (np.array_equal(spikes, layer["spikes"]) and np.array_equal(state, layer["state"])):
                print(f"{path}: the rule of this script differs on core {layer['id']}")
                return 1
        cases.append((path.split("/")[-1], x, layers))
    good = sum(compare(*case) for case in cases)
    print(f"speck: {good} of {len(cases)} equal in spikes and states")
    return good != len(cases)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
