"""Published traces of platforms, re-derived with execution profiles.

  platforms.py SHARED lif|braille|scnn     SHARED: folder with snn/

Spikes must be equal; membranes of the LIF within 1e-6.
"""

import os
import subprocess
import sys
import tempfile

import numpy as np


def run(model, profile, data, record, extra=()):
    """Recorded arrays of one sample, steps first."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.npz")
        command = ["nmc", "run", model, "--execution-profile", profile, "--data", data, "-q",
                   "--record-to", out, *extra]
        for request in record:
            command += ["--record", request]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"nmc exits {done.returncode}:\n{done.stdout}{done.stderr}")
        with np.load(out) as file:
            return [file[request.replace(":", ".")][0] for request in record]


# Profile: trace, model, population, factors of the input and of the trace's
# membrane (None: in units that the trace does not state), steps by which
# nmc's recording is later.
LIF = {"norse": ("norse", "lif", "1", 1, 1, 0),
       "snntorch": ("snntorch", "lif", "1", 1, 1, 0),
       # Spyx has no input gain: its trace was fed 0.04 per event.
       "spyx": ("spyx", "lif", "1", 0.04, 1, 0),
       # Nengo records v over the threshold.
       "nengo": ("nengo", "lif", "1", 1, 0.1, 0),
       "lava-float": ("lava_cpu_float", "lif", "1", 1, 1, 0),
       "loihi2-fixed": ("lava_cpu_fixed", "lif", "1", 1, 1, 0),
       # That run chose its weight scale by hand; events reach the chip a step late.
       "spinnaker2": ("spinnaker2", "lif", "1", 1, None, 1),
       "exact": ("exact", "lif", "1", 1, 1, 0),
       "sinabs": ("sinabs", "lif", "1", 1, 1, 0),
       "rockpool": ("rockpool", "lif_rockpool", "1_LIFNeuronTorch", 1, 1, 0)}


def lif(shared):
    good = 0
    for profile, (name, model, population, feed, unit, late) in LIF.items():
        trace = np.loadtxt(f"{shared}/snn/lif_traces/lif_{name}.csv", delimiter=",")
        with tempfile.TemporaryDirectory() as folder:
            data = os.path.join(folder, "in.csv")
            np.savetxt(data, trace[:, 0] * feed, fmt="%.9g")
            try:
                s, v = run(f"{shared}/snn/nir/head/nir__{model}.nir", profile, data,
                           [population, population + ":v"], ["--dt", "0.1 ms"])
            except RuntimeError as fault:
                print(f"{profile}: {fault}")
                continue
        s, v = s.reshape(-1), v.reshape(-1)
        s, v, trace = s[late:], v[late:], trace[:len(trace) - late]
        wrong = int(np.sum((s != 0) != (trace[:, 2] != 0)))
        far = 0 if unit is None else np.max(np.abs(np.where(s != 0, 0, v - unit * trace[:, 1])))
        good += int(wrong == 0 and far < 1e-6)
        print(f"{profile}: {int(np.sum(s))} spikes, {wrong} differ, membrane within {far:.2g}")
    print(f"lif: {good} of {len(LIF)} equal in spikes and membranes")
    return good != len(LIF)


BRAILLE = {"norse": "norse", "snntorch": "snntorch", "spyx": "spyx", "lava-dl": "lava",
           "spinnaker2": "s2", "nengo": "nengo"}


def braille(shared):
    good = 0
    folder = f"{shared}/snn/braille_zero"
    for profile, name in BRAILLE.items():
        (s,) = run(f"{shared}/snn/nir/head/nir__braille_noDelay_bias_zero.nir", profile,
                   f"{folder}/ds_test_0_input_256x12_u8.npy", ["lif1.lif"])
        expected = np.squeeze(np.load(f"{folder}/{name}_activity_noDelay_bias_zero.npy"))
        if expected.shape[0] != 256:
            expected = expected.T
        wrong = int(np.sum((s != 0) != (expected != 0)))
        good += wrong == 0
        print(f"{profile}: {int(np.sum(s))} spikes, {wrong} of {s.size} differ")
    print(f"braille: {good} of {len(BRAILLE)} equal in spikes")
    return good != len(BRAILLE)


SCNN = {"zero": [5183, 8758, 3996, 2799, 149], "subtract": [6103, 12915, 8902, 8947, 279]}


SUBTRACT = """schema: nmc.profile
version: 1
name: subtract
description: integrators that a spike lowers by the threshold
source: the rule itself
timestep: 1 ms
state: sample
dynamics: {decay: euler, input_gain: unit, compare: greater, reset: subtract}
parameters: {r: keep, w_in: step, v_leak: keep, v_reset: ignored, tau_syn: keep}
populations: {if: {}}
recurrence: {delay: before_weights, bias: kept}
"""


def scnn(shared):
    good = 0
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
        file.write(SUBTRACT)
    for reset, expected in SCNN.items():
        arrays = run(f"{shared}/snn/nir/head/nir__cnn_sinabs.nir",
                     "norse" if reset == "zero" else file.name,
                     f"{shared}/snn/nmnist_scnn/sample_nmnist.bin", ["1", "3", "6", "10", "12"],
                     ["--dt", "1 ms", "--input", "counts"])
        counts = [int(np.sum(a)) for a in arrays]
        good += counts == expected
        print(f"{reset}: {counts}, class {int(np.argmax(arrays[-1].sum(0)))}")
    os.unlink(file.name)
    print(f"scnn: {good} of {len(SCNN)} equal")
    return good != len(SCNN)


if __name__ == "__main__":
    sys.exit({"lif": lif, "braille": braille, "scnn": scnn}[sys.argv[2]](sys.argv[1]))
