"""Trains the digit CNN and writes model.onnx and inputs.npz beside this script.

tools/dev/python-env --train && build/venv/bin/python test/Models/digits-cnn/train.py
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from training import Network, main  # noqa: E402

net = Network("digits-cnn", seed=3)
x = "image"
for index, (inputs, outputs) in enumerate([(1, 16), (16, 32)], start=1):
    x = net.conv(f"conv{index}", x, inputs, outputs, 3)
    x = net.node("Relu", f"relu{index}", x)
    x = net.node("AveragePool", f"pool{index}", x, kernel_shape=[2, 2], strides=[2, 2])
x = net.node("Flatten", "flatten", x, axis=1)
x = net.gemm("dense", x, 2 * 2 * 32, 10)

main(net, x, folder=FOLDER, opset=17, ir_version=8, epochs=150, batch=32, rate=8e-3, decay=0.002)
