"""Three published workloads, the fast engine against the pure functions.

  published.py SHARED BENCH     SHARED: folder of the data, BENCH: exec-model-bench

nmc and nmc-opt are found on the path. Prints one line per workload and its
spikes per population.
"""

import os
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "oracle"))
import spike_ir  # noqa: E402
from spike_ir import elements  # noqa: E402


def call(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[0]} exits {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def frames(path):
    """N-MNIST: 5 bytes an event (x, y, polarity and 23 bits of microseconds)."""
    raw = np.fromfile(path, np.uint8).reshape(-1, 5).astype(np.int64)
    time = ((raw[:, 2] & 0x7F) << 16) | (raw[:, 3] << 8) | raw[:, 4]
    time -= time[0]
    steps = int(time[-1] // 1000)
    image = np.zeros((steps, 2, 34, 34), np.uint8)
    for x, y, p, t in zip(raw[:, 0], raw[:, 1], raw[:, 2] >> 7, time // 1000):
        if t < steps:
            image[t, p, y, x] += 1
    return image


def scnn(shared, folder):
    net = os.path.join(folder, "scnn.mlir")
    imported = os.path.join(folder, "import.mlir")
    call("nmc-translate", "--import-nir", "--nir-input=counts", "--nir-dt=0.001",
         f"{shared}/snn/nir/head/nir__cnn_sinabs.nir", "-o", imported)
    call("nmc-opt", "--spike-apply-profile=profile=norse", imported, "-o", net)
    return net, frames(f"{shared}/snn/nmnist_scnn/sample_nmnist.bin")[None]


def pilotnet(shared, folder):
    net = os.path.join(folder, "pilotnet.mlir")
    call("nmc-translate", "--import-nir", "--nir-input=binary",
         f"{shared}/snn/lava_dl/pilotnet_lif/network.net", "-o", net)
    spikes = np.load(f"{shared}/snn/lava_dl/pilotnet_lif/input.npy").transpose(3, 2, 1, 0)
    # The one recorded sample four times over, as frames of a camera would come.
    return net, spikes.astype(np.uint8)[None].repeat(4, 0)


def ff_lif(shared, folder):
    """v' = (v·3686 >> 12) + sum − theta·(spiked in the step before)."""
    data = f"{shared}/exec/ff_lif_5pct"
    sizes = (784, 1024, 1024, 10)
    scales = [float(s) for s in open(f"{data}/scales.txt").read().split()]
    net = spike_ir.Network([784], "i1")
    value = net.input()
    for k, (n, m) in enumerate(zip(sizes, sizes[1:])):
        weights = np.fromfile(f"{data}/q{k}.i8", np.int8).reshape(n, m).T
        drive = net.dense(value, weights, spike_ir.current([m], "i32"))
        # The state before a step tells what it subtracts, and is what fires.
        value = net.population(
            "lif", f"l{k + 1}", [drive], spike_ir.stream([m], "i1"),
            f"tau = {elements(np.int32(410), 'i4')}, "
            f"threshold = {elements(np.int32(round(1 / scales[k])), 'i4')}, "
            "dynamics = #spike.dynamics<decay = fixed, order = fire_on_old, reset = subtract, "
            "arithmetic = #spike.fixed<state_bits = 24, weight_bits = 8, rounding = floor>>")
    path = os.path.join(folder, "ff.mlir")
    with open(path, "w") as file:
        file.write(net.text(value, 100))
    x = np.fromfile(f"{data}/x.u8", np.uint8).reshape(100, 64, 784)
    return path, np.ascontiguousarray(x.transpose(1, 0, 2))


def main(shared, bench):
    for name, prepare in (("scnn", scnn), ("pilotnet", pilotnet), ("ff_lif_5pct", ff_lif)):
        with tempfile.TemporaryDirectory() as folder:
            net, inputs = prepare(shared, folder)
            data = os.path.join(folder, "x.npy")
            np.save(data, inputs)
            print(f"{name}: {call(bench, net, data)}", end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
