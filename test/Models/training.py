"""What the training scripts of the digit networks share.

A network is written down once, as an ONNX graph. `train` interprets the graph
forwards and backwards in numpy and updates its initializers in place, so that
the trained network and the exported file cannot differ. Only the operators that
the scripts use are known.

Data: scikit-learn's handwritten digits, 1,797 images of 8x8 pixels with values
0 to 16. Training uses the first 1,200 of them, the last 597 are held out. The
data set is ordered by writer, so the held-out images are by other people.
"""

import argparse
import io
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

TRAINING_IMAGES = 1200
LICENCE = (
    "Trained on the Optical Recognition of Handwritten Digits data set "
    "(E. Alpaydin, C. Kaynak, UCI Machine Learning Repository), CC BY 4.0"
)


def digits():
    """(training x, training y, held-out x, held-out y); x is N x 1 x 8 x 8, 0 to 1."""
    data = load_digits()
    x = (data.images[:, None] / 16).astype(np.float32)
    y = data.target.astype(np.int64)
    n = TRAINING_IMAGES
    return x[:n], y[:n], x[n:], y[n:]


def augment(x, rng):
    """Turns, scales, shears and shifts every image a little."""
    n, _, height, width = x.shape
    angle = rng.uniform(-0.2, 0.2, n)
    scale = rng.uniform(0.88, 1.14, (2, n))
    shear = rng.uniform(-0.2, 0.2, n)
    shift = rng.uniform(-0.8, 0.8, (2, n))
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    rows, columns = rows - (height - 1) / 2, columns - (width - 1) / 2

    def spread(v):
        return v[:, None, None]

    cos, sin = spread(np.cos(angle)), spread(np.sin(angle))
    u = (cos * rows - sin * columns) * spread(scale[0])
    v = (sin * rows + cos * columns) * spread(scale[1]) + spread(shear) * u
    u += spread(shift[0]) + (height - 1) / 2
    v += spread(shift[1]) + (width - 1) / 2

    padded = np.pad(x[:, 0], ((0, 0), (2, 3), (2, 3)))
    u, v = np.clip(u, -2, height + 1), np.clip(v, -2, width + 1)
    u0, v0 = np.floor(u).astype(int), np.floor(v).astype(int)
    fu, fv = u - u0, v - v0
    i = np.arange(n)[:, None, None]
    pixel = lambda du, dv: padded[i, u0 + du + 2, v0 + dv + 2]  # noqa: E731
    result = (1 - fu) * ((1 - fv) * pixel(0, 0) + fv * pixel(0, 1))
    result += fu * ((1 - fv) * pixel(1, 0) + fv * pixel(1, 1))
    return result[:, None].astype(np.float32)


# Operators. Each takes its inputs and attributes and returns the output and a
# function from the output's gradient to those of the inputs (None for no
# gradient).


def windows(x, kernel, stride, pads=(0, 0, 0, 0)):
    """N x C x H x W to a read-only view N x C x OH x OW x KH x KW."""
    x = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])))
    view = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(2, 3))
    return x.shape, view[:, :, :: stride[0], :: stride[1]]


def unwindow(grad, shape, stride, pads, inner):
    """The adjoint of `windows`: adds N x C x OH x OW x KH x KW into N x C x H x W."""
    out = np.zeros(shape, np.float32)
    oh, ow, kh, kw = grad.shape[2:]
    for r in range(kh):
        for c in range(kw):
            out[:, :, r : r + oh * stride[0] : stride[0], c : c + ow * stride[1] : stride[1]] += (
                grad[..., r, c]
            )
    return out[:, :, pads[0] : pads[0] + inner[0], pads[1] : pads[1] + inner[1]]


def conv(x, w, b=None, *, group=1, pads=(0, 0, 0, 0), strides=(1, 1), kernel_shape):
    shape, view = windows(x, kernel_shape, strides, pads)
    n, _, oh, ow = view.shape[:4]
    o, k = w.shape[0], w[0].size
    # groups x (inputs of a group) x (samples and positions)
    columns = view.transpose(1, 4, 5, 0, 2, 3).reshape(group, k, n * oh * ow)
    filters = w.reshape(group, o // group, k)
    y = (filters @ columns).reshape(o, n, oh, ow).transpose(1, 0, 2, 3)
    if b is not None:
        y = y + b[:, None, None]

    def backward(g):
        flat = g.transpose(1, 0, 2, 3).reshape(group, o // group, n * oh * ow)
        dw = (flat @ columns.transpose(0, 2, 1)).reshape(w.shape)
        dx = (filters.transpose(0, 2, 1) @ flat).reshape(-1, *kernel_shape, n, oh, ow)
        dx = unwindow(dx.transpose(3, 0, 4, 5, 1, 2), shape, strides, pads, x.shape[2:])
        return [dx, dw, g.sum(axis=(0, 2, 3))][: 2 if b is None else 3]

    return y, backward


def batch_norm(x, scale, bias, mean, var, *, epsilon, training, momentum=0.9):
    axes = (0, 2, 3)
    if training:
        m, v = x.mean(axes), x.var(axes)
        mean *= momentum
        mean += (1 - momentum) * m
        var *= momentum
        var += (1 - momentum) * v
    else:
        m, v = mean, var
    inverse = (1 / np.sqrt(v + epsilon))[:, None, None].astype(np.float32)
    normal = (x - m[:, None, None]) * inverse

    def backward(g):
        dscale, dbias = (g * normal).sum(axes), g.sum(axes)
        inner = g
        if training:
            count = g.size // g.shape[1]
            inner = g - (dbias[:, None, None] + normal * dscale[:, None, None]) / count
        return [inner * inverse * scale[:, None, None], dscale, dbias, None, None]

    return normal * scale[:, None, None] + bias[:, None, None], backward


def relu(x):
    return np.maximum(x, 0), lambda g: [g * (x > 0)]


def add(a, b):
    bias = b.ndim == 1
    return a + b, lambda g: [g, g.sum(0) if bias else g]


def average_pool(x, *, kernel_shape, strides):
    shape, view = windows(x, kernel_shape, strides)
    size = kernel_shape[0] * kernel_shape[1]

    def backward(g):
        g = np.broadcast_to((g / size)[..., None, None], view.shape)
        return [unwindow(g, shape, strides, (0, 0), x.shape[2:])]

    return view.mean((4, 5)), backward


def max_pool(x, *, kernel_shape, strides):
    shape, view = windows(x, kernel_shape, strides)
    y = view.max((4, 5))

    def backward(g):
        first = view.reshape(*y.shape, -1).argmax(-1)[..., None]
        spread = np.zeros((*y.shape, kernel_shape[0] * kernel_shape[1]), np.float32)
        np.put_along_axis(spread, first, g[..., None], -1)
        return [unwindow(spread.reshape(view.shape), shape, strides, (0, 0), x.shape[2:])]

    return y, backward


def global_average_pool(x):
    size = x.shape[2] * x.shape[3]
    return x.mean((2, 3), keepdims=True), lambda g: [np.broadcast_to(g / size, x.shape)]


def flatten(x, *, axis=1):
    return x.reshape(len(x), -1), lambda g: [g.reshape(x.shape)]


def reshape(x, shape):
    return x.reshape(len(x), *shape[1:]), lambda g: [g.reshape(x.shape), None]


def matmul(x, w):
    return x @ w, lambda g: [g @ w.T, x.T @ g]


def gemm(x, w, b, *, transB=0):  # noqa: N803
    m = w.T if transB else w

    def backward(g):
        dw = x.T @ g
        return [g @ m.T, dw.T if transB else dw, g.sum(0)]

    return x @ m + b, backward


OPERATORS = {
    "Add": add,
    "AveragePool": average_pool,
    "BatchNormalization": batch_norm,
    "Conv": conv,
    "Flatten": flatten,
    "Gemm": gemm,
    "GlobalAveragePool": global_average_pool,
    "MatMul": matmul,
    "MaxPool": max_pool,
    "Relu": relu,
    "Reshape": reshape,
}


class Network:
    """Collects the nodes and initializers of a graph with one input `image`."""

    def __init__(self, name, seed):
        self.name = name
        self.rng = np.random.default_rng(seed)
        self.nodes = []
        self.values = {}  # the initializers, in order

    def node(self, op, name, *inputs, **attributes):
        output = f"{name}_out"
        self.nodes.append(helper.make_node(op, inputs, [output], name=name, **attributes))
        return output

    def value(self, name, array):
        self.values[name] = np.ascontiguousarray(array)
        return name

    def random(self, name, shape, fan_in):
        return self.value(
            name, self.rng.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)
        )

    def conv(self, name, x, inputs, outputs, kernel, *, group=1, bias=True):
        w = self.random(
            f"{name}_weight",
            (outputs, inputs // group, kernel, kernel),
            inputs // group * kernel * kernel,
        )
        arguments = [x, w]
        if bias:
            arguments.append(self.value(f"{name}_bias", np.zeros(outputs, np.float32)))
        return self.node(
            "Conv",
            name,
            *arguments,
            kernel_shape=[kernel, kernel],
            pads=[kernel // 2] * 4,
            strides=[1, 1],
            group=group,
        )

    def batch_norm(self, name, x, channels):
        parts = [("scale", np.ones), ("bias", np.zeros), ("mean", np.zeros), ("var", np.ones)]
        parts = [self.value(f"{name}_{p}", f(channels, np.float32)) for p, f in parts]
        return self.node("BatchNormalization", name, x, *parts, epsilon=1e-5)

    def gemm(self, name, x, inputs, outputs):
        return self.node(
            "Gemm",
            name,
            x,
            self.random(f"{name}_weight", (outputs, inputs), inputs),
            self.value(f"{name}_bias", np.zeros(outputs, np.float32)),
            transB=1,
        )

    def run(self, x, training=False):
        """The logits, and a function from their gradient to those of the initializers.

        With `training`, batches are normalised by their own statistics, of which
        the initializers keep a running mean.
        """
        values = dict(self.values, image=x)
        tape = []
        for node in self.nodes:
            if node.op_type == "Softmax":  # part of the loss
                break
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "BatchNormalization":
                attributes["training"] = training
            output, backward = OPERATORS[node.op_type](
                *(values[i] for i in node.input), **attributes
            )
            values[node.output[0]] = output
            tape.append((node, backward))

        def backwards(gradient):
            gradients = {tape[-1][0].output[0]: gradient}
            for node, backward in reversed(tape):
                parts = backward(gradients.pop(node.output[0]))
                for name, part in zip(node.input, parts, strict=True):
                    if part is not None:
                        gradients[name] = gradients.get(name, 0) + part
            return gradients

        return output, backwards

    def model(self, output, opset, ir_version):
        """The ONNX model, for one image at a time."""
        graph = helper.make_graph(
            self.nodes,
            self.name,
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 8, 8])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, 10])],
            [numpy_helper.from_array(array, name) for name, array in self.values.items()],
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", opset)],
            ir_version=ir_version,
            producer_name="nmc-training",
            doc_string=LICENCE,
        )
        onnx.checker.check_model(model, full_check=True)
        return model


def train(network, *, epochs, batch=48, rate=4e-3, decay=0.02, smoothing=0.05):
    """Adam with decoupled weight decay and a cosine schedule; nothing is selected
    on the held-out images."""
    x, y, _, _ = digits()
    rng = network.rng
    moments = {}
    steps = epochs * (len(x) // batch)
    step = 0
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x) - batch + 1, batch):
            chosen = order[start : start + batch]
            logits, backwards = network.run(augment(x[chosen], rng), training=True)
            probability = np.exp(logits - logits.max(1, keepdims=True))
            probability /= probability.sum(1, keepdims=True)
            target = np.full_like(probability, smoothing / 10)
            target[np.arange(batch), y[chosen]] += 1 - smoothing
            gradients = backwards((probability - target) / batch)
            step += 1
            now = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            for name, value in network.values.items():
                if name not in gradients:
                    continue
                g = gradients[name]
                m, v = moments.setdefault(name, (np.zeros_like(value), np.zeros_like(value)))
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                update = m / (1 - 0.9**step) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
                if value.ndim > 1:
                    update = update + decay * value
                value -= (now * update).astype(np.float32)
        if (epoch + 1) % 10 == 0:
            right = (network.run(x)[0].argmax(1) == y).mean()
            print(f"epoch {epoch + 1}: training images {right:.2%}", flush=True)


def write_npz(path, **arrays):
    """Like numpy.savez_compressed, whose bytes depend on the version of Python."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            data = io.BytesIO()
            np.lib.format.write_array(data, array, version=(1, 0))
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy"), data.getvalue(), zipfile.ZIP_DEFLATED
            )


def main(network, output, *, folder, opset, ir_version, **options):
    """Trains, writes model.onnx and inputs.npz, and scores them with onnxruntime."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=folder, help="folder to write to")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)

    # One thread makes the order of additions, and with it the file, repeatable.
    with threadpool_limits(1):
        train(network, **options)
    model = network.model(output, opset, ir_version)
    (out / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    x, y, held_x, held_y = digits()
    write_npz(out / "inputs.npz", x=held_x, y=held_y)

    session = onnxruntime.InferenceSession(
        str(out / "model.onnx"), providers=["CPUExecutionProvider"]
    )

    def score(images, labels):
        found = [session.run(None, {"image": i[None]})[0].argmax() for i in images]
        return int((np.array(found) == labels).sum()), len(labels)

    parameters = sum(v.size for v in network.values.values() if v.dtype == np.float32)
    print(f"{parameters} parameters, opset {opset}")
    for name, pair in (("training", (x, y)), ("held-out", (held_x, held_y))):
        right, total = score(*pair)
        print(f"{name} images: {right}/{total} = {right / total:.2%}")
