"""Trains the digit network with branches; writes model.onnx and inputs.npz beside it.

tools/dev/python-env --train && build/venv/bin/python test/Models/digits-residual/train.py
"""

import sys
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from training import Network, main  # noqa: E402

net = Network("digits-residual", seed=7)


def block(name, x, inputs, outputs, kernel, *, group=1, relu=True, norm=True):
    x = net.conv(name, x, inputs, outputs, kernel, group=group, bias=not norm)
    if norm:
        x = net.batch_norm(f"{name}_norm", x, outputs)
    return net.node("Relu", f"{name}_relu", x) if relu else x


stem = block("stem", "image", 1, 16, 3)
branch = block("branch1", stem, 16, 16, 3)
branch = block("branch2", branch, 16, 16, 3, relu=False)
x = net.node("Add", "join", branch, stem)
x = net.node("Relu", "join_relu", x)
x = net.node("MaxPool", "pool", x, kernel_shape=[2, 2], strides=[2, 2])
# No normalisation behind the pool: a chip without max-pooling averages instead,
# which scales what follows down, and that a normalisation would not take well.
x = block("depthwise", x, 16, 16, 3, group=16, norm=False)
x = block("pointwise", x, 16, 48, 1, norm=False)
x = net.node("GlobalAveragePool", "mean", x)
x = net.node("Reshape", "reshape", x, net.value("reshape_shape", np.array([1, 48])))
x = net.gemm("dense", x, 48, 10)
x = net.node("Softmax", "softmax", x, axis=1)

main(net, x, folder=FOLDER, opset=13, ir_version=7, epochs=80)
