"""Trains the digit MLP and writes model.onnx and inputs.npz beside this script.

tools/dev/python-env --train && build/venv/bin/python test/Models/digits-mlp/train.py
"""

import sys
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from training import Network, main  # noqa: E402

net = Network("digits-mlp", seed=5)
x = net.node("Flatten", "flatten", "image", axis=1)
# The two ways in which exporters write a dense layer.
x = net.node("MatMul", "dense1", x, net.random("dense1_weight", (64, 96), 64))
x = net.node("Add", "bias1", x, net.value("dense1_bias", np.zeros(96, np.float32)))
x = net.node("Relu", "relu1", x)
x = net.gemm("dense2", x, 96, 64)
x = net.node("Relu", "relu2", x)
x = net.gemm("dense3", x, 64, 10)

main(net, x, folder=FOLDER, opset=11, ir_version=6, epochs=100)
