#!/usr/bin/env python3
"""Runs a spike network in numpy, from the definitions in the dialect's reference.

An oracle for the executor: it shares no code with it.  It reads what the pass
`spike-export-npz` writes (ops, attributes and arrays, uninterpreted), drives the
network with the first samples of a data file and compares spike counts with an
activity file, neuron by neuron, bit for bit.

    executor_oracle.py NETWORK.npz DATA --samples 50 --expect ACTIVITY.npz

DATA is npz (array x, or the only one), npy or IDX (also .gz), in the layout of
the network's input.  --save OUT.npz writes counts [sample][neuron] per population.
"""

import argparse
import gzip
import json
import re
import struct
import sys

import numpy as np


def load_data(path, shape, count):
    if path.endswith(".npz"):
        with np.load(path) as archive:
            data = archive["x" if "x" in archive.files else archive.files[0]][:count]
    elif path.endswith(".npy"):
        data = np.load(path)[:count]
    else:
        raw = (gzip.open if path.endswith(".gz") else open)(path, "rb").read()
        rank = raw[3]
        dims = struct.unpack(">%dI" % rank, raw[4 : 4 + 4 * rank])
        assert raw[2] == 8, "IDX of bytes"
        data = np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(dims)[:count]
    return data.reshape((len(data), *shape))


def round_shift(value, shift, rounding):
    """value / 2^shift, rounded; int64 arrays."""
    if shift == 0:
        return value
    floor = value >> shift
    rest = value - (floor << shift)
    half = 1 << (shift - 1)
    if rounding == "floor":
        return floor
    if rounding == "toward_zero":
        return floor + ((value < 0) & (rest != 0))
    if rounding == "nearest_up":
        return floor + (rest >= half)
    return floor + ((rest > half) | ((rest == half) & (floor & 1 == 1)))


def wrap(value, bits):
    """The representative of value modulo 2^bits in [-2^(bits-1), 2^(bits-1))."""
    if bits >= 64:
        return value
    half = 1 << (bits - 1)
    return ((value + half) & ((1 << bits) - 1)) - half


class Stream:
    """Payload type of a value: zero point, range, scale."""

    def __init__(self, description):
        self.shape = tuple(description["shape"])
        self.element = description["element"]
        self.is_float = bool(re.fullmatch(r"b?f\d+", self.element))
        self.zero, self.scale = 0, None
        match = re.fullmatch(r"([us]?)i(\d+)", self.element)
        if match:
            self.bits = int(match.group(2))
            self.low = -(1 << (self.bits - 1)) if match.group(1) == "s" else 0
            self.high = (1 << (self.bits - (match.group(1) == "s"))) - 1
        elif "scale" in description:
            self.scale, self.zero = description["scale"], description["zero_point"]
            self.low, self.high = description["low"], description["high"]
            self.bits = 32
            found = re.search(r"<[ui](\d+)", self.element)
            if found:
                self.bits = int(found.group(1))


class Network:
    def __init__(self, path):
        with np.load(path) as archive:
            self.arrays = {name: archive[name] for name in archive.files}
        self.meta = json.loads(self.arrays.pop("meta").tobytes())
        self.ports = self.meta["ports"]
        self.ops = self.meta["ops"]
        self.types = [Stream(v) for v in self.ports + [op["result"] for op in self.ops]]
        self.kinds = [v["kind"] for v in self.ports + [op["result"] for op in self.ops]]

    def array(self, value):
        if isinstance(value, dict) and "array" in value:
            return self.arrays[value["array"]]
        return value

    def parameter(self, op, name, default, shape):
        """Per neuron, from one number, one per channel, or one per neuron."""
        value = op["attributes"].get(name)
        if value is None:
            return np.asarray(default)
        value = np.asarray(self.array(value))
        count = int(np.prod(shape))
        if value.size == 1:
            return value.reshape(())
        if value.size == count:
            return value.reshape(shape)
        return value.reshape((shape[0],) + (1,) * (len(shape) - 1))

    def frac_of(self, index):
        """frac of the population that takes up current `index`, through views."""
        for k, op in enumerate(self.ops):
            if index in op["operands"]:
                if op["op"] in ("reshape", "transpose", "slice", "concat", "pad", "upsample"):
                    return self.frac_of(len(self.ports) + k)
                dynamics = op["attributes"].get("dynamics") or {}
                return (dynamics.get("arithmetic") or {}).get("frac", 0)
        return 0

    def order(self):
        """Ops with their operands first; delays before everything."""
        base, done, result = len(self.ports), set(), []

        def visit(k):
            if k in done:
                return
            done.add(k)
            if self.ops[k]["op"] != "delay":
                for operand in self.ops[k]["operands"]:
                    if operand >= base:
                        visit(operand - base)
            result.append(k)

        sys.setrecursionlimit(10000)
        for k in range(len(self.ops)):
            visit(k)
        return result


def windows(x, attributes, kernel, dilations=None):
    """x [N, C, d...] -> [N, C, e..., k...] under strides, pads and dilations."""
    rank = len(kernel)
    strides = attributes.get("strides") or (kernel if dilations is None else [1] * rank)
    pads = attributes.get("pads") or [0] * (2 * rank)
    dilations = dilations or [1] * rank
    x = np.pad(x, [(0, 0), (0, 0)] + [(pads[d], pads[rank + d]) for d in range(rank)])
    reach = [dilations[d] * (kernel[d] - 1) + 1 for d in range(rank)]
    view = np.lib.stride_tricks.sliding_window_view(x, reach, axis=tuple(range(2, 2 + rank)))
    index = (slice(None), slice(None)) + tuple(slice(None, None, s) for s in strides)
    return view[index + tuple(slice(None, None, d) for d in dilations)]


class Runner:
    def __init__(self, network, samples):
        self.net, self.samples, self.state = network, samples, {}

    def connection(self, k, op, x):
        net, attributes, name = self.net, op["attributes"], op["op"]
        index = len(net.ports) + k
        source, target = net.types[op["operands"][0]], net.types[index]
        if target.is_float and not source.is_float and source.scale:
            x = x * source.scale
        # Doubles are exact for these integers, and fast.
        x = x.astype(np.float64)
        n = len(x)
        bias = None
        if name in ("dense", "conv"):
            weights = net.array(attributes["weights"]).astype(np.float64)
            bias = attributes.get("bias")
            bias = None if bias is None else net.array(bias)
        if name == "dense" and weights.ndim == 2:
            sum_ = (x.reshape(n, -1) @ weights.T).reshape((n, *target.shape))
            bias = None if bias is None else bias.reshape(target.shape)
        elif name == "dense":
            sum_ = np.einsum("goi,ngi->ngo", weights, x)
            bias = None if bias is None else bias.reshape(target.shape)
        elif name == "conv":
            kernel, groups = weights.shape[2:], attributes.get("groups", 1)
            rank = len(kernel)
            view = windows(x, attributes, kernel, attributes.get("dilations") or [1] * rank)
            outs, ins = weights.shape[0] // groups, weights.shape[1]
            parts = []
            for g in range(groups):
                part = view[:, g * ins : (g + 1) * ins]
                part = np.moveaxis(part, 1, 1 + rank)  # N, e..., C, k...
                flat = part.reshape(n, int(np.prod(part.shape[1 : 1 + rank])), -1)
                w = weights[g * outs : (g + 1) * outs].reshape(outs, -1)
                parts.append(np.swapaxes(flat @ w.T, 1, 2))
            sum_ = np.concatenate(parts, 1).reshape((n, *target.shape))
            bias = None if bias is None else bias.reshape((-1,) + (1,) * rank)
        elif name in ("sum_pool", "avg_pool"):
            kernel = attributes["kernel"]
            axes = tuple(range(2 + len(kernel), 2 + 2 * len(kernel)))
            sum_ = windows(x, attributes, kernel).sum(axis=axes)
            if name == "sum_pool":
                sum_ = sum_ * attributes.get("weight", 1)
            else:
                ones = np.ones_like(x[:1])
                count = np.prod(kernel)
                if not attributes.get("count_include_pad", True):
                    count = windows(ones, attributes, kernel).sum(axis=axes)
                sum_ = sum_ / count
        elif name == "scale":
            sum_ = x * net.parameter(op, "weights", 1, source.shape)
        elif name == "identity":
            sum_ = x * attributes.get("weight", 1)
        else:
            raise SystemExit("oracle: does not know the connection " + name)
        if target.is_float:
            sum_ = sum_ * 2.0 ** attributes.get("exponent", 0)
            return sum_ if bias is None else sum_ + bias
        assert np.abs(sum_).max(initial=0) < 2**53
        sum_ = np.rint(sum_).astype(np.int64)
        sum_ = sum_ << (net.frac_of(index) + attributes.get("exponent", 0))
        return wrap(sum_ if bias is None else sum_ + bias, target.bits)

    def membrane(self, k, op, x):
        net, name = self.net, op["op"]
        index = len(net.ports) + k
        shape = net.types[index].shape
        dynamics = op["attributes"].get("dynamics") or {}
        fixed = dynamics.get("arithmetic")
        kind = np.int64 if fixed else np.float64
        fires = name in ("if", "lif")
        get = lambda what, default: net.parameter(op, what, default, shape).astype(kind)
        if k not in self.state:
            start = net.array(dynamics.get("v_init", 0))
            start = np.asarray(start, kind)
            if start.size not in (1, int(np.prod(shape))):
                start = start.reshape((-1,) + (1,) * (len(shape) - 1))
            v = np.zeros((self.samples, *shape), kind)
            v += start.reshape(()) if start.size == 1 else start.reshape(start.shape if start.ndim > 1 else shape)
            self.state[k] = (v, np.zeros(v.shape, np.int64))
        v, rest = self.state[k]

        def fit(value):
            if not fixed:
                return value
            if fixed["overflow"] == "wrap":
                return wrap(value, fixed["state_bits"])
            high = (1 << (fixed["state_bits"] - 1)) - 1
            return np.clip(value, -high - 1, high)

        decay = dynamics.get("decay", "none")
        kept = v
        if name in ("lif", "li") and decay != "none":
            leak, tau, dt = get("v_leak", 0), net.parameter(op, "tau", 0, shape), net.meta.get("dt")
            away = v - leak
            if decay == "fixed":
                bits = fixed["decay_bits"]
                away = round_shift(away * ((1 << bits) - tau), bits, fixed["rounding"])
            elif decay == "bitshift":
                drop = away >> tau
                drop = np.where((drop == 0) & (away != 0), np.sign(away), drop)
                away = away - drop
            elif decay == "euler":
                away = away * (1 - dt / tau)
            elif decay == "exponential":
                away = away * np.exp(-dt / tau)
            else:
                away = away * tau
            kept = leak + away
        gain = {"unit": 1, "step": net.meta.get("dt")}.get(dynamics.get("input_gain", "unit"))
        if gain is None:
            tau, dt = net.parameter(op, "tau", 0, shape), net.meta["dt"]
            gain = dt / tau if dynamics["input_gain"] == "euler" else 1 - np.exp(-dt / tau)
        new = fit(kept + gain * get("r", 1) * x)
        idle = rest > 0
        if not fires:
            if "v_floor" in dynamics:
                new = np.maximum(new, kind(dynamics["v_floor"]))
            self.state[k] = (new, rest)
            return new
        threshold = get("threshold", 1)
        if fixed:
            threshold = threshold << fixed["frac"]
        compared = v if dynamics.get("order") == "fire_on_old" else new
        passes = compared >= threshold if dynamics.get("compare") == "greater_equal" else compared > threshold
        most = dynamics.get("max_spikes_per_step", 1)
        n = passes.astype(np.int64)
        if most > 1:
            n = np.where(passes, np.minimum(compared // threshold, most), 0).astype(np.int64)
        reset = dynamics.get("reset", "zero")
        if reset == "subtract":
            after = fit(new - n.astype(kind) * threshold)
        else:
            after = np.broadcast_to(get("v_reset", 0) if reset == "value" else kind(0), new.shape)
        new = np.where(n > 0, after, new)
        if "v_floor" in dynamics:
            new = np.maximum(new, kind(dynamics["v_floor"]))
        n = np.where(idle, 0, n)
        new = np.where(idle, v, new)
        rest = np.where(idle, rest - 1, np.where(n > 0, dynamics.get("refractory", 0), 0))
        self.state[k] = (new, rest)
        return n

    def relu(self, k, op, x):
        attributes, payload = op["attributes"], self.net.types[len(self.net.ports) + k]
        if attributes.get("rectify", True):
            x = np.maximum(x, 0)
        requant = attributes.get("requant")
        if requant is None:
            return np.minimum(x, attributes["max"]) if "max" in attributes else x
        q = round_shift(x * requant["multiplier"], requant["shift"], requant["rounding"])
        high = payload.high
        if "max" in attributes:
            high = min(high, int(np.rint(attributes["max"] / payload.scale)) + payload.zero)
        return np.clip(q + requant["zero_point"], payload.low, high) - payload.zero

    def step(self, t, ports):
        """One step; values of all populations, less their zero points."""
        net, base = self.net, len(self.net.ports)
        values = dict(enumerate(ports))
        for k in net.order():
            op = net.ops[k]
            name, attributes = op["op"], op["attributes"]
            shape = (self.samples, *net.types[base + k].shape)
            inputs = [] if name == "delay" else [values[i] for i in op["operands"]]
            if name == "input":
                out = inputs[0]
                source, target = net.types[op["operands"][0]], net.types[base + k]
                if target.is_float and not source.is_float:
                    out = out * (source.scale or 1)
            elif name in ("dense", "conv", "sum_pool", "avg_pool", "scale", "identity"):
                out = self.connection(k, op, inputs[0])
            elif name in ("if", "lif", "li", "integrator"):
                out = self.membrane(k, op, sum(inputs[1:], inputs[0]))
            elif name == "relu":
                out = self.relu(k, op, sum(inputs[1:], inputs[0]))
            elif name == "max_pool":
                kernel = attributes["kernel"]
                x = inputs[0].astype(np.float64)
                rank, pads = len(kernel), attributes.get("pads")
                if pads:
                    x = np.pad(x, [(0, 0), (0, 0)] + [(pads[d], pads[rank + d]) for d in range(rank)],
                               constant_values=-np.inf)
                rest = {"strides": attributes.get("strides")}
                axes = tuple(range(2 + rank, 2 + 2 * rank))
                out = windows(x, rest, kernel).max(axis=axes)
                out = out if net.types[base + k].is_float else out.astype(np.int64)
            elif name == "reshape":
                out = inputs[0].reshape(shape)
            elif name == "transpose":
                out = inputs[0].transpose([0] + [1 + a for a in attributes["permutation"]])
            elif name == "concat":
                out = np.concatenate(inputs, 1 + attributes["axis"])
            elif name == "delay":
                ring = self.state.setdefault(k, [])
                steps = attributes["steps"]
                out = ring[t - steps] if t >= steps else np.zeros(shape, np.int64)
            else:
                raise SystemExit("oracle: does not know the op " + name)
            values[base + k] = out
        for k, op in enumerate(net.ops):
            if op["op"] == "delay":
                self.state[k].append(values[op["operands"][0]])
        return values


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("data")
    parser.add_argument("--samples", type=int, default=50)
    parser.add_argument("--expect", help="activity file to compare with")
    parser.add_argument("--save", help="npz file for counts [sample][neuron]")
    args = parser.parse_args()

    net = Network(args.network)
    port = net.types[0]
    x = load_data(args.data, port.shape, args.samples)
    if port.scale:
        x = np.clip(np.rint(x / port.scale) + port.zero, port.low, port.high).astype(np.int64) - port.zero
    elif not port.is_float:
        x = x.astype(np.int64)
    else:
        x = x.astype(np.float64)
    steps = net.meta["run"].get("steps", 1)
    encoding = (net.meta["run"].get("encodings") or ["graded"])[0]
    runner = Runner(net, len(x))
    base = len(net.ports)
    populations = {op["attributes"]["name"]: base + k for k, op in enumerate(net.ops) if "name" in op["attributes"]}
    counts = {name: np.zeros((len(x), int(np.prod(net.types[v].shape))), np.int64) for name, v in populations.items()}
    for t in range(steps):
        frame = x if encoding == "constant" or t == 0 else np.zeros_like(x)
        values = runner.step(t, [frame])
        for name, v in populations.items():
            counts[name] += (values[v] != 0).reshape(len(x), -1)
    if args.save:
        np.savez(args.save, **counts)
    for name, count in counts.items():
        print(f"{name}: {count.sum() / len(x):.1f} events per sample")
    if not args.expect:
        return
    with np.load(args.expect) as activity:
        wrong = 0
        for name, count in counts.items():
            spikes, totals = activity["spikes/" + name].ravel(), activity["sample_totals/" + name].ravel()
            neurons = int((spikes != count.sum(0)).sum())
            samples = int((totals != count.sum(1)).sum())
            if neurons or samples:
                print(f"{name}: {neurons} neurons and {samples} samples differ")
                wrong += 1
    if wrong:
        sys.exit(1)
    print(f"equal: {len(x)} samples, {len(counts)} populations, {sum(c.shape[1] for c in counts.values())} neurons")


if __name__ == "__main__":
    main()
