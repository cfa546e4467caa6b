"""Loihi 1's arithmetic: wrapping currents, clipped membranes, refractory times.

  loihi1.py FILE.npz...   recorded runs of an integer emulator
  loihi1.py --random N    N random networks against the rule in this file

A negative weight exponent shifts every mantissa, rounding down, before sums.
"""

import sys

import numpy as np

import spike_ir
from spike_ir import elements


def wrap(value, bits):
    half = 1 << (bits - 1)
    return (value + half) % (2 * half) - half


def decay(value, remains):
    return np.sign(value) * ((np.abs(value) * remains) >> 12)


def effective(weights, exponent):
    weights = weights.astype(np.int64)
    return (weights >> -exponent) << 6 if exponent < 0 else weights << (6 + exponent)


def simulate(p):
    n = p["n"].astype(int)
    bounds = np.concatenate([[0], np.cumsum(n)])
    total, steps = bounds[-1], int(p["steps"])
    u, v, rest = (np.zeros(total, np.int64) for _ in range(3))
    low, high = (np.repeat(p[k].astype(np.int64), n) for k in ("vmin", "vmax"))
    bias = p["bias_man"].astype(np.int64) << p["bias_exp"]
    spikes = np.zeros(total, np.int64)
    trace = {k: np.zeros((steps, total), np.int64) for k in ("spikes", "current", "voltage")}
    weights = [effective(p[f"w{c}"], int(p["wexp"][c])) for c in range(len(p["conn"]))]
    inputs = np.zeros(int(p["in_n"]), np.int64)
    for t in range(steps):
        q = np.zeros(total, np.int64)
        for (source, target), w in zip(p["conn"], weights):
            events = inputs if source < 0 else spikes[bounds[source]:bounds[source + 1]]
            q[bounds[target]:bounds[target + 1]] += events @ w
        u = wrap(decay(u, 4095 - p["decay_u"].astype(np.int64)) + wrap(q, 22), 24)
        v = decay(v, 4096 - p["decay_v"].astype(np.int64)) + wrap(u + bias, 24)
        v = np.clip(v, low, high)
        v[rest > 0] = 0
        rest = np.maximum(rest - 1, 0)
        spikes = (v > p["vth_man"].astype(np.int64) * 64).astype(np.int64)
        v[spikes > 0] = 0
        rest[spikes > 0] = p["refract"][spikes > 0] - 1
        for key, value in (("spikes", spikes), ("current", u), ("voltage", v)):
            trace[key][t] = value
        inputs = p["in_spikes"][t].astype(np.int64)
    return trace


def build(p):
    n = p["n"].astype(int)
    bounds = np.concatenate([[0], np.cumsum(n)])
    net = spike_ir.Network([int(p["in_n"])], "i1")
    late = {-1: net.delay(net.input(), 1)}
    for k in range(len(n)):
        late[k] = (f"%late{k}", spike_ir.stream([n[k]], "i1"))
    for k in range(len(n)):
        drives = []
        for c, (source, target) in enumerate(p["conn"]):
            if target != k:
                continue
            exponent = int(p["wexp"][c])
            weights = p[f"w{c}"].astype(int) >> max(-exponent, 0)
            drives.append(net.dense(late[source], weights.T, spike_ir.current([n[k]], "i22"), "i2",
                                    f"exponent = {max(exponent, 0)} : i64"))
        part = slice(bounds[k], bounds[k + 1])
        bias = p["bias_man"][part].astype(np.int64) << p["bias_exp"][part]
        spikes = net.population(
            "cuba_lif", f"p{k}", drives, late[k][1],
            f"tau_syn = {elements(p['decay_u'][part] + 1, 'i4')}, "
            f"tau_mem = {elements(p['decay_v'][part], 'i4')}, "
            f"threshold = {elements(p['vth_man'][part], 'i4')}, bias = {elements(bias, 'i4')}, "
            "dynamics = #spike.dynamics<decay = fixed, "
            f"v_floor = {float(p['vmin'][k])}, v_ceiling = {float(p['vmax'][k])}, "
            f"refractory_each = {elements(p['refract'][part] - 1, 'i4')}, "
            "arithmetic = #spike.fixed<state_bits = 24, weight_bits = 9, frac = 6, "
            "decay_bits = 12>>")
        net.lines.append(f"  {late[k][0]} = spike.delay {spikes[0]} by 1 : "
                         f"{late[k][1]} -> {late[k][1]}")
        last = spikes
    return net, last


def compare(name, p, expected):
    n = p["n"].astype(int)
    bounds = np.concatenate([[0], np.cumsum(n)])
    net, output = build(p)
    records, parts = {}, {}
    for k in range(len(n)):
        for key, suffix in (("spikes", ""), ("current", ":i"), ("voltage", ":v")):
            records[f"{key} of p{k}"] = f"p{k}{suffix}"
            parts[f"{key} of p{k}"] = expected[key][:, bounds[k]:bounds[k + 1]]
    got = spike_ir.run(net, output, p["in_spikes"], list(records.values()))
    return spike_ir.check(name, records, parts, got)


def random_parameters(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(3, 40, rng.integers(1, 4))
    total, inputs = int(n.sum()), int(rng.integers(2, 20))
    conn = [(-1, 0)] + [(k, k + 1) for k in range(len(n) - 1)]
    conn += [(k, k) for k in range(len(n)) if seed % 2]
    stress = seed % 3 == 0
    p = dict(n=n, steps=60, in_n=inputs, conn=np.array(conn),
             decay_u=rng.integers(0, 4096, total), decay_v=rng.integers(0, 4096, total),
             vth_man=rng.integers(1, 3000, total), bias_man=rng.integers(-500, 500, total),
             bias_exp=rng.integers(0, 8, total), refract=rng.integers(1, 6, total),
             vmin=np.where(rng.random(len(n)) < 0.5, 0, -(1 << 23) + 1),
             vmax=np.full(len(n), (1 << 23) - 1),
             wexp=rng.integers(4 if stress else -5, 8 if stress else 3, len(conn)),
             in_spikes=(rng.random((60, inputs)) < 0.3).astype(np.uint8))
    for c, (source, target) in enumerate(conn):
        shape = (inputs if source < 0 else n[source], n[target])
        p[f"w{c}"] = (rng.integers(-127, 128, shape) * 2).astype(np.int16)
    return p


def main(arguments):
    cases = []
    if arguments[:1] == ["--random"]:
        for seed in range(int(arguments[1])):
            p = random_parameters(seed)
            cases.append((f"seed {seed}", p, simulate(p)))
    for path in arguments if not cases else []:
        with np.load(path) as file:
            p = {k: file[k] for k in file}
        expected = {k: p[k].astype(np.int64) for k in ("spikes", "current", "voltage")}
        rule = simulate(p)
        if not all(np.array_equal(rule[k], expected[k]) for k in expected):
            print(f"{path}: the rule of this script differs")
            return 1
        cases.append((path.split("/")[-1], p, expected))
    good = sum(compare(*case) for case in cases)
    print(f"loihi1: {good} of {len(cases)} equal in spikes and states")
    return good != len(cases)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
