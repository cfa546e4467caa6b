#!/usr/bin/env python3
"""Writes small models and data files with one fault each, with the standard library.

    make_broken.py KIND FILE

KIND is one of the names in `MODELS` and `ARRAYS` below; each says what is wrong
with the file.  `good` is the model that the others spoil, `good-data` data for the
shipped networks (1x8x8).
"""

import random
import struct
import sys
import zipfile

# --- protobuf: fields of onnx.proto, by number ------------------------------------


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def integer(field, value):
    return varint(field << 3) + varint(value)


def data(field, value):
    if isinstance(value, str):
        value = value.encode()
    return varint(field << 3 | 2) + varint(len(value)) + value


def value_info(name, dims):
    shape = b"".join(
        data(1, integer(1, d) if isinstance(d, int) else data(2, d)) for d in dims
    )
    tensor = integer(1, 1) + data(2, shape)
    return data(1, name) + data(2, data(1, tensor))


def node(op, inputs, outputs, name=None):
    parts = [data(1, i) for i in inputs] + [data(2, o) for o in outputs]
    return b"".join(parts) + data(3, name or outputs[0]) + data(4, op)


def tensor(name, dims, raw=None, location=None):
    parts = [integer(1, d) for d in dims] + [integer(2, 1), data(8, name)]
    if raw is not None:
        parts.append(data(9, raw))
    if location is not None:
        parts.append(data(13, data(1, "location") + data(2, location)))
        parts.append(integer(14, 1))
    return b"".join(parts)


def model(nodes, tensors, dims=(1, 4), output="y", outputs=(1, 3)):
    graph = b"".join(data(1, n) for n in nodes) + data(2, "broken")
    graph += b"".join(data(5, t) for t in tensors)
    graph += data(11, value_info("x", dims)) + data(12, value_info(output, outputs))
    return integer(1, 8) + data(7, graph) + data(8, data(1, "") + integer(2, 13))


WEIGHTS = struct.pack("<12f", *(i / 8 - 0.5 for i in range(12)))
GEMM = node("Gemm", ["x", "w"], ["h"])
RELU = node("Relu", ["h"], ["y"])


def with_weights(weights):
    return model([GEMM, RELU], [weights])


MODELS = {
    "good": lambda: with_weights(tensor("w", [4, 3], WEIGHTS)),
    "cyclic": lambda: model(
        [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])],
        [], outputs=(1, 4),
    ),
    "self-cycle": lambda: model([node("Add", ["x", "y"], ["y"])], [], outputs=(1, 4)),
    "raw-size": lambda: with_weights(tensor("w", [4, 3], WEIGHTS[:-5])),
    "negative-dim": lambda: with_weights(tensor("w", [4, -3], WEIGHTS)),
    "huge-dim": lambda: with_weights(tensor("w", [4, 1 << 40], WEIGHTS)),
    "huge-zero": lambda: with_weights(tensor("w", [1 << 40, 1 << 40, 0], b"")),
    "negative-input": lambda: model([GEMM, RELU], [tensor("w", [4, 3], WEIGHTS)], dims=(1, -4)),
    "huge-input": lambda: model(
        [node("Relu", ["x"], ["y"])], [], dims=(1, 1 << 40), outputs=(1, 1 << 40)
    ),
    "external-out": lambda: with_weights(tensor("w", [4, 3], location="../secret.bin")),
    "external-absolute": lambda: with_weights(tensor("w", [4, 3], location="/etc/passwd")),
    "unknown-op": lambda: model(
        [GEMM, node("Relu", ["h"], ["g"]), node("Mystery", ["g"], ["f"]),
         node("Enigma", ["f"], ["y"])],
        [tensor("w", [4, 3], WEIGHTS)],
    ),
    "missing-input": lambda: model(
        [node("Gemm", ["x", "nowhere"], ["h"]), RELU], []
    ),
    "missing-output": lambda: model([GEMM, RELU], [tensor("w", [4, 3], WEIGHTS)], output="z"),
}

# --- npy and npz ------------------------------------------------------------------


def npy(dtype, shape, payload):
    dims = "(%s,)" % ", ".join(map(str, shape))
    header = "{'descr': %r, 'fortran_order': False, 'shape': %s, }" % (dtype, dims)
    header = header.ljust(-(-(10 + len(header) + 1) // 64) * 64 - 11) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + payload


def images(count):
    random.seed(7)
    return struct.pack("<%df" % (64 * count), *(random.random() for _ in range(64 * count)))


def labels(count):
    return npy("<i8", [count], struct.pack("<%dq" % count, *(i % 10 for i in range(count))))


def archive(**arrays):
    def write(path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            for name, content in arrays.items():
                out.writestr(zipfile.ZipInfo(name + ".npy"), content,
                             compress_type=zipfile.ZIP_DEFLATED)

    return write


SHAPE = [8, 1, 8, 8]


def nan_images():
    payload = bytearray(images(8))
    payload[4 * 100 : 4 * 101] = struct.pack("<f", float("nan"))
    return bytes(payload)


def lying(size):
    """A directory that says `size` bytes where a few are."""

    def write(path):
        archive(x=npy("<f4", SHAPE, images(8)))(path)
        content = bytearray(open(path, "rb").read())
        central = content.index(b"PK\x01\x02")
        content[central + 24 : central + 28] = struct.pack("<I", size)
        content[22:26] = struct.pack("<I", size)
        open(path, "wb").write(content)

    return write


ARRAYS = {
    "good-data": lambda: archive(x=npy("<f4", SHAPE, images(8)), y=labels(8)),
    "bomb": lambda: archive(x=npy("<f4", [1 << 18, 1, 8, 8], bytes(4 * 64 << 18))),
    "huge-header": lambda: archive(x=npy("<f4", [1 << 40, 1, 8, 8], images(8))),
    "overflow-header": lambda: archive(x=npy("<f4", [1 << 40, 1 << 40, 8, 8], images(8))),
    "lying-directory": lambda: lying(0xFFFFFF00),
    "short-array": lambda: archive(x=npy("<f4", SHAPE, images(7)), y=labels(8)),
    "dtype-complex": lambda: archive(x=npy("<c8", SHAPE, images(16))),
    "dtype-text": lambda: archive(x=npy("<U4", SHAPE, images(32))),
    "dtype-object": lambda: archive(x=npy("|O", SHAPE, images(8))),
    "shape": lambda: archive(x=npy("<f4", [8, 1, 4, 16], images(8))),
    "rank": lambda: archive(x=npy("<f4", [8, 65], images(9)[: 4 * 8 * 65])),
    "nan": lambda: archive(x=npy("<f4", SHAPE, nan_images())),
    "fewer-labels": lambda: archive(x=npy("<f4", SHAPE, images(8)), y=labels(5)),
    "label-range": lambda: archive(
        x=npy("<f4", SHAPE, images(8)), y=npy("<i8", [8], struct.pack("<8q", *[12] * 8))),
    "label-negative": lambda: archive(
        x=npy("<f4", SHAPE, images(8)), y=npy("<i8", [8], struct.pack("<8q", *[-1] * 8))),
    "no-samples": lambda: archive(x=npy("<f4", [0, 1, 8, 8], b"")),
}


def main():
    kind, path = sys.argv[1:]
    if kind in MODELS:
        with open(path, "wb") as out:
            out.write(MODELS[kind]())
    else:
        ARRAYS[kind]()(path)


main()
