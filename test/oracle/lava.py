"""Intel's fixed-point process models: synaptic delays, convolution, sigma-delta.

  lava.py FILE.npz...   recorded runs (kind delay, conv or sigmadelta)
  lava.py --random N    N random networks of each kind against the rules here

Here a negative weight exponent shifts the sum of a connection, not its weights.
"""

import sys

import numpy as np

import spike_ir
from spike_ir import elements


def decay(value, remains):
    return np.sign(value) * ((np.abs(value) * remains) >> 12)


def lif(currents, p):
    """Spikes of LIF neurons that get `currents` (steps first)."""
    u = np.zeros(currents.shape[1:], np.int64)
    v, spikes = u.copy(), []
    for a in currents:
        u = (decay(u, 4095 - int(p["du"])) + a + (1 << 23)) % (1 << 24) - (1 << 23)
        v = decay(v, 4096 - int(p["dv"])) + u
        fired = v > int(p["vth"]) * 64
        v[fired] = 0
        spikes.append(fired.astype(np.int64))
    return np.array(spikes)


def simulate(p):
    x, w = p["x"].astype(np.int64), p["w"].astype(np.int64)
    steps = len(x)
    if p["kind"] == "delay":
        exponent = int(p["wexp"])
        total = np.zeros((steps, w.shape[0]), np.int64)
        for d in np.unique(p["delay"]):
            part = x @ np.where(p["delay"] == d, w, 0).T
            part = (part >> -exponent if exponent < 0 else part << exponent) << 6
            total[1 + d:] += part[:max(steps - 1 - d, 0)]
        return lif(total, p)
    if p["kind"] == "conv":
        pad, stride = int(p["padding"]), int(p["stride"])
        padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
        flipped = w[:, ::-1, ::-1]
        kx, ky = w.shape[1:3]
        nx = (padded.shape[1] - kx) // stride + 1
        ny = (padded.shape[2] - ky) // stride + 1
        total = np.zeros((steps, nx, ny, w.shape[0]), np.int64)
        for i in range(nx):
            for j in range(ny):
                patch = padded[:, i * stride:i * stride + kx, j * stride:j * stride + ky]
                total[:, i, j] = np.einsum("txyc,fxyc->tf", patch, flipped)
        return lif(np.concatenate([np.zeros_like(total[:1]), total[:-1]]) << 6, p)
    sigma = np.zeros(w.shape[0], np.int64)
    last, residue, y = sigma.copy(), sigma.copy(), []
    arrive = np.zeros_like(sigma)
    for t in range(steps):
        sigma = sigma + arrive
        act = np.maximum(sigma + p["bias"] * 64, 0)
        delta = act - last + residue
        out = np.where(np.abs(delta) >= int(p["vth"]) * 64, delta, 0)
        residue, last = delta - out, act
        y.append(out >> 6)
        arrive = x[t] @ w.T
    return np.array(y)


LIF = ("dynamics = #spike.dynamics<decay = fixed, arithmetic = #spike.fixed<state_bits = 24, "
       "weight_bits = 9, frac = 6, decay_bits = 12>>")


def build(p):
    w = p["w"].astype(int)
    neuron = "" if p["kind"] == "sigmadelta" else (
        f"tau_syn = dense<{int(p['du']) + 1}> : tensor<i32>, "
        f"tau_mem = dense<{int(p['dv'])}> : tensor<i32>, "
        f"threshold = dense<{int(p['vth'])}> : tensor<i32>, {LIF}")
    if p["kind"] == "delay":
        net = spike_ir.Network([w.shape[1]], "i1")
        source, drives = net.input(), []
        exponent = int(p["wexp"])
        for d in np.unique(p["delay"]):
            drives.append(net.dense(net.delay(source, 1 + d), np.where(p["delay"] == d, w, 0),
                                    spike_ir.current([w.shape[0]], "i32"), "i2",
                                    f"exponent = {max(exponent, 0)} : i64, "
                                    f"shift_down = {max(-exponent, 0)} : i64"))
        return net, net.population("cuba_lif", "y", drives,
                                   spike_ir.stream([w.shape[0]], "i1"), neuron)
    if p["kind"] == "conv":
        net = spike_ir.Network([p["x"].shape[3], *p["x"].shape[1:3]], "i1")
        late = net.delay(net.input(), 1)
        shape = [p["y"].shape[3], *p["y"].shape[1:3]]
        kernel = w[:, ::-1, ::-1].transpose(0, 3, 1, 2)
        pad, stride = int(p["padding"]), int(p["stride"])
        drive = net.add(f"spike.conv {late[0]} weights({elements(kernel, 'i2')}) "
                        f"{{strides = array<i64: {stride}, {stride}>, "
                        f"pads = array<i64: {pad}, {pad}, {pad}, {pad}>}}",
                        spike_ir.current(shape, "i32"), late)
        return net, net.population("cuba_lif", "y", [drive], spike_ir.stream(shape, "i1"), neuron)
    net = spike_ir.Network([w.shape[1]], "si16")
    drive = net.dense(net.delay(net.input(), 1), w, spike_ir.current([w.shape[0]], "i32"), "i2",
                      "exponent = -6 : i64")
    return net, net.population(
        "sigma_delta", "y", [drive], spike_ir.stream([w.shape[0]], "si32"),
        f"threshold = dense<{int(p['vth'])}> : tensor<i32>, event_shift = 6 : i64, "
        f"bias = {elements(p['bias'] * 64, 'i4')}, dynamics = #spike.dynamics<arithmetic = "
        "#spike.fixed<state_bits = 32, weight_bits = 9, frac = 6>>")


def compare(name, p, expected):
    net, output = build(p)
    x = p["x"].transpose(0, 3, 1, 2) if p["kind"] == "conv" else p["x"]
    y = expected.transpose(0, 3, 1, 2) if p["kind"] == "conv" else expected
    got = spike_ir.run(net, output, x.astype(np.int16), ["y"])
    return spike_ir.check(name, {"y": "y"}, {"y": y}, got)


def random_parameters(kind, seed):
    rng = np.random.default_rng(seed)
    inputs, outputs, steps = rng.integers(2, 20), rng.integers(2, 20), 40
    p = dict(kind=kind, du=rng.integers(0, 4096), dv=rng.integers(0, 4096),
             vth=rng.integers(20, 300))
    if kind == "conv":
        size, channels, k = rng.integers(6, 11, 2), rng.integers(1, 4), rng.integers(1, 5)
        p.update(x=(rng.random((steps, *size, channels)) < 0.3).astype(int),
                 w=rng.integers(-60, 61, (rng.integers(1, 5), k, k, channels)) * 2,
                 stride=rng.integers(1, 3), padding=rng.integers(0, 3))
        return p
    p["w"] = rng.integers(-60, 61, (outputs, inputs)) * 2
    if kind == "delay":
        p.update(x=(rng.random((steps, inputs)) < 0.4).astype(int), wexp=rng.integers(-4, 3),
                 delay=rng.integers(0, 12, (outputs, inputs)))
        return p
    p.update(x=rng.integers(-30, 31, (steps, inputs)), bias=rng.integers(-40, 40, outputs))
    return p


def main(arguments):
    cases = []
    if arguments[:1] == ["--random"]:
        for seed in range(int(arguments[1])):
            for kind in ("delay", "conv", "sigmadelta"):
                p = random_parameters(kind, seed)
                p["y"] = simulate(p)
                cases.append((f"{kind} {seed}", p, p["y"]))
    for path in arguments if not cases else []:
        with np.load(path) as file:
            p = {k: file[k] for k in file}
        expected = p["y"].astype(np.int64)
        if not np.array_equal(simulate(p), expected):
            print(f"{path}: the rule of this script differs")
            return 1
        cases.append((path.split("/")[-1], p, expected))
    good = sum(compare(*case) for case in cases)
    print(f"lava: {good} of {len(cases)} equal")
    return good != len(cases)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
