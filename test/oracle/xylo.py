"""Xylo's arithmetic: int16 saturation in order of delivery, spike caps, aliases.

  xylo.py FILE.npz...     recorded runs of the vendor's simulator
  xylo.py --random N      N random networks against the rule in this file

The rule is also held against the recorded runs, so that the random networks are
compared with something that is known to be right.
"""

import sys

import numpy as np

import spike_ir
from spike_ir import elements

INPUT_CAP, HIDDEN_CAP, OUTPUT_CAP = 15, 31, 1


def saturate(value):
    return max(-32768, min(32767, int(value)))


def wrap16(value):
    return (int(value) + 32768) % 65536 - 32768


def decay(value, shift):
    drop = value >> shift
    if drop == 0 and value:
        drop = 1 if value > 0 else -1
    return value - drop


def simulate(p):
    """The rule: one step after the other, one event after the other."""
    steps = len(p["input"])
    ien, synapses = p["weights_in"].shape[1:]
    hidden, outputs = p["weights_rec"].shape[0], p["weights_out"].shape[1]
    first = hidden - p["weights_out"].shape[0]
    dash = [p["dash_syn"], p["dash_syn_2"]]
    isyn = np.zeros((synapses, hidden), int)
    vmem, out_i, out_v = np.zeros(hidden, int), np.zeros(outputs, int), np.zeros(outputs, int)
    spikes = np.zeros(hidden, int)
    biased = bool(np.any(p["bias"]) or np.any(p["bias_out"]))
    trace = {k: [] for k in ("hid_spikes", "hid_vmem", "hid_isyn", "hid_isyn2",
                             "out_spikes", "out_vmem", "out_isyn")}
    shifted = {k: np.vectorize(wrap16)(p[f"weights_{k}"].astype(int) << int(p[f"weight_shift_{k}"]))
               for k in ("in", "rec", "out")}

    def evolve(current, v, dash_mem, threshold, bias, most):
        change = saturate(-(v - decay(v, dash_mem)) + current)
        if biased:
            change = saturate(change + bias)
        v = saturate(v + change)
        count = 0
        while v >= threshold and count < most:
            v -= threshold
            count += 1
        return int(v), count

    for events in p["input"]:
        for source, count in enumerate(events):
            for s in range(synapses):
                for _ in range(min(int(count), INPUT_CAP)):
                    for n in range(ien):
                        isyn[s, n] = saturate(isyn[s, n] + shifted["in"][source, n, s])
        for source in np.flatnonzero(spikes):
            for _ in range(spikes[source]):
                for s in range(synapses):
                    for n in range(hidden):
                        isyn[s, n] = saturate(isyn[s, n] + shifted["rec"][source, n, s])
                if source >= first:
                    for n in range(outputs):
                        out_i[n] = saturate(out_i[n] + shifted["out"][source - first, n])
        spikes = np.zeros(hidden, int)
        for n in range(hidden):
            for s in range(synapses):
                isyn[s, n] = decay(int(isyn[s, n]), int(dash[s][n]))
            vmem[n], count = evolve(int(isyn[:, n].sum()), int(vmem[n]), int(p["dash_mem"][n]),
                                    int(p["threshold"][n]), int(p["bias"][n]),
                                    HIDDEN_CAP - spikes[n])
            spikes[n] += count
            other = int(p["alias"][n])
            if other >= 0:
                spikes[other] = min(spikes[other] + spikes[n], HIDDEN_CAP)
        fired = np.zeros(outputs, int)
        for n in range(outputs):
            out_i[n] = decay(int(out_i[n]), int(p["dash_syn_out"][n]))
            out_v[n], fired[n] = evolve(int(out_i[n]), int(out_v[n]), int(p["dash_mem_out"][n]),
                                        int(p["threshold_out"][n]), int(p["bias_out"][n]),
                                        OUTPUT_CAP)
        for key, value in (("hid_spikes", spikes), ("hid_vmem", vmem), ("hid_isyn", isyn[0]),
                           ("hid_isyn2", isyn[-1]), ("out_spikes", fired), ("out_vmem", out_v),
                           ("out_isyn", out_i)):
            trace[key].append(value.copy())
    if synapses == 1:
        del trace["hid_isyn2"]
    return {k: np.array(v) for k, v in trace.items()}


def dynamics(most, frac):
    return ("#spike.dynamics<decay = bitshift, synapse_order = add_then_decay, "
            "compare = greater_equal, reset = subtract, "
            f"max_spikes_per_step = {most}, arithmetic = #spike.fixed<state_bits = 16, "
            f"weight_bits = 8, frac = {frac}, overflow = saturate_each>>")


def build(p):
    """The network as spike IR. Shifts differ by connection: they are exponents."""
    inputs, ien, synapses = p["weights_in"].shape
    hidden, outputs = p["weights_rec"].shape[0], p["weights_out"].shape[1]
    first = hidden - p["weights_out"].shape[0]
    net = spike_ir.Network([inputs], "ui8")
    source = net.input("ui4")
    back = spike_ir.stream([hidden], "ui5")
    # The loop: its delay is named before the population that it comes from.
    late = ("%late", back)
    drives, receptors = [], []
    for s in range(synapses):
        # Inputs reach the first neurons; the others have no such synapses.
        padded = np.zeros((hidden, inputs), np.int8)
        padded[:ien] = p["weights_in"][:, :, s].T
        drives.append(net.dense(source, padded, spike_ir.current([hidden], "i32"),
                                attributes=f"exponent = {int(p['weight_shift_in'])} : i64"))
        drives.append(net.dense(late, p["weights_rec"][:, :, s].T,
                                spike_ir.current([hidden], "i32"),
                                attributes=f"exponent = {int(p['weight_shift_rec'])} : i64"))
        receptors += [s, s]
    dash = np.stack([p["dash_syn"], p["dash_syn_2"]])[:synapses]

    biased = bool(np.any(p["bias"]) or np.any(p["bias_out"]))

    def neuron(tau_syn, tau_mem, threshold, bias, extra, most):
        return (f"tau_syn = {elements(tau_syn, 'i2')}, tau_mem = {elements(tau_mem, 'i2')}, "
                f"threshold = {elements(threshold, 'i2')}, "
                + (f"bias = {elements(bias, 'i2')}, " if biased else "")
                + extra + f"dynamics = {dynamics(most, 0)}")

    extra = "receptors = array<i32: " + ", ".join(map(str, receptors)) + ">, "
    if np.any(p["alias"] >= 0):
        extra += f"alias = {elements(p['alias'], 'i2')}, "
    spikes = net.population("cuba_lif", "hidden", drives, back,
                            neuron(dash, p["dash_mem"], p["threshold"], p["bias"], extra,
                                   HIDDEN_CAP))
    net.lines.append(f"  %late = spike.delay {spikes[0]} by 1 : {back} -> {back}")
    size = hidden - first
    part = net.add(f"spike.slice {late[0]} offsets [{first}]",
                   spike_ir.stream([size], "ui5"), late)
    drive = net.dense(part, p["weights_out"].T, spike_ir.current([outputs], "i32"),
                      attributes=f"exponent = {int(p['weight_shift_out'])} : i64")
    output = net.population("cuba_lif", "readout", [drive], spike_ir.stream([outputs], "i1"),
                            neuron(p["dash_syn_out"], p["dash_mem_out"], p["threshold_out"],
                                   p["bias_out"], "", OUTPUT_CAP))
    return net, output


RECORDS = {"hid_spikes": "hidden", "hid_vmem": "hidden:v", "hid_isyn": "hidden:i",
           "hid_isyn2": "hidden:i1", "out_spikes": "readout", "out_vmem": "readout:v",
           "out_isyn": "readout:i"}


def compare(name, p, expected):
    records = {k: r for k, r in RECORDS.items() if k in expected}
    net, output = build(p)
    got = spike_ir.run(net, output, p["input"], list(records.values()))
    return spike_ir.check(name, records, expected, got)


def random_parameters(seed):
    rng = np.random.default_rng(seed)
    inputs, hidden, outputs = rng.integers(1, 17), rng.integers(2, 40), rng.integers(1, 9)
    synapses = rng.integers(1, 3)
    ien, oen = rng.integers(1, hidden + 1), rng.integers(1, hidden + 1)
    stress = seed % 2
    weights = lambda *shape: rng.integers(-128 if stress else -30, 128 if stress else 31,
                                          shape).astype(np.int8)
    dashes = lambda n: rng.integers(1, 8, n).astype(np.int16)
    p = dict(weights_in=weights(inputs, ien, synapses),
             weights_rec=weights(hidden, hidden, synapses), weights_out=weights(oen, outputs),
             dash_mem=dashes(hidden), dash_syn=dashes(hidden), dash_syn_2=dashes(hidden),
             dash_mem_out=dashes(outputs), dash_syn_out=dashes(outputs),
             threshold=rng.integers(50, 800, hidden).astype(np.int16),
             threshold_out=rng.integers(50, 800, outputs).astype(np.int16),
             bias=rng.integers(-90, 90, hidden).astype(np.int16) * (seed % 3 == 0),
             bias_out=rng.integers(-90, 90, outputs).astype(np.int16) * (seed % 3 == 0),
             weight_shift_in=rng.integers(0, 6) * stress,
             weight_shift_rec=rng.integers(0, 6) * stress,
             weight_shift_out=rng.integers(0, 6) * stress,
             input=rng.poisson(20 if stress else 0.7, (40, inputs)).astype(np.uint8))
    alias = np.full(hidden, -1, np.int16)
    for n in np.flatnonzero(rng.random(hidden) < 0.3):
        alias[n] = (n + rng.integers(1, hidden)) % hidden
    p["alias"] = alias
    return p


def main(arguments):
    good = total = 0
    if arguments[:1] == ["--random"]:
        cases = [(f"seed {s}", random_parameters(s)) for s in range(int(arguments[1]))]
        cases = [(name, p, simulate(p)) for name, p in cases]
    else:
        cases = []
        for path in arguments:
            with np.load(path) as file:
                p = {k: file[k] for k in file}
            expected = {k: p[k].astype(int) for k in RECORDS if k in p}
            if p["weights_in"].shape[2] == 1:
                expected.pop("hid_isyn2", None)
            rule = simulate(p)
            if not all(np.array_equal(rule[k], v) for k, v in expected.items() if k in rule):
                print(f"{path}: the rule of this script differs")
                return 1
            cases.append((path.split("/")[-1], p, expected))
    for name, p, expected in cases:
        total += 1
        good += compare(name, p, expected)
    print(f"xylo: {good} of {total} equal in spikes and states")
    return good != total


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
