"""Holds the TOSA of an ONNX model, run by the JIT, against onnxruntime.

compare.py MODEL.onnx MODULE.mlir [--samples N] [--data X.npz:KEY] [--tolerance T]

Without data the inputs are random (seed 0), one sample of the model's own batch
size at a time. Prints the largest absolute difference; exits 1 above the
tolerance.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("module")
parser.add_argument("--samples", type=int, default=20)
parser.add_argument("--data")
parser.add_argument("--tolerance", type=float, default=1e-4)
arguments = parser.parse_args()

onnxruntime.set_default_logger_severity(4)
options = onnxruntime.SessionOptions()
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
session = onnxruntime.InferenceSession(
    arguments.model, options, providers=["CPUExecutionProvider"]
)
random = np.random.default_rng(0)
inputs = {}
for port in session.get_inputs():
    shape = [d if isinstance(d, int) and d > 0 else 1 for d in port.shape]
    inputs[port.name] = random.standard_normal([arguments.samples] + shape)
if arguments.data:
    path, key = arguments.data.rsplit(":", 1)
    (name,) = inputs
    values = np.load(path)[key][: arguments.samples]
    inputs[name] = values.reshape([len(values)] + list(inputs[name].shape[1:]))
inputs = {name: value.astype(np.float32) for name, value in inputs.items()}

samples = len(next(iter(inputs.values())))
output = session.get_outputs()[0].name
wanted = np.stack(
    [
        session.run([output], {name: value[i] for name, value in inputs.items()})[0]
        for i in range(samples)
    ]
)
with tempfile.TemporaryDirectory() as folder:
    command = ["nmc-run-tosa", arguments.module, f"--output={folder}/y.npy"]
    for i, value in enumerate(inputs.values()):
        np.save(f"{folder}/x{i}.npy", value)
        command.append(f"--input={folder}/x{i}.npy")
    subprocess.run(command, check=True)
    found = np.load(Path(folder) / "y.npy")
if found.shape != wanted.shape:
    sys.exit(f"shape {found.shape}, but onnxruntime gives {wanted.shape}")
difference = float(np.max(np.abs(found - wanted), initial=0.0))
same = np.all(np.isfinite(found) == np.isfinite(wanted))
print(f"{samples} samples, largest difference {difference:.2e}")
if not same or not difference <= arguments.tolerance:
    sys.exit(f"more than {arguments.tolerance}")
