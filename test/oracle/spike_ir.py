"""Small spike networks as MLIR text, run by nmc, with every state recorded."""

import os
import subprocess
import tempfile

import numpy as np


def elements(array, kind):
    """An elements attribute; a blob of hex digits, so that size is no matter."""
    array = np.ascontiguousarray(array, dtype=kind)
    name = {"i": "i", "u": "ui", "f": "f"}[array.dtype.kind]
    shape = "".join(f"{n}x" for n in array.shape)
    type_ = f"tensor<{shape}{name}{array.dtype.itemsize * 8}>"
    if array.size == 1:
        value = array.reshape(-1)[0]
        text = repr(float(value)) if array.dtype.kind == "f" else str(int(value))
        return f"dense<{text}> : {type_}"
    return f'dense<"0x{array.astype(array.dtype.newbyteorder("<")).tobytes().hex().upper()}"> : {type_}'


def stream(shape, element):
    return "!spike.stream<" + "".join(f"{n}x" for n in shape) + element + ">"


def current(shape, element):
    return "!spike.current<" + "".join(f"{n}x" for n in shape) + element + ">"


class Network:
    """Lines of one spike.network; values are (name, type)."""

    def __init__(self, shape, element):
        self.port = ("%x", stream(shape, element))
        self.lines = []
        self.count = 0

    def add(self, op, result, *operands, function=False):
        """`op` is the text between result and types."""
        self.count += 1
        name = f"%v{self.count}"
        types = ", ".join(t for _, t in operands)
        if function or len(operands) != 1:
            types = f"({types})"
        self.lines.append(f"  {name} = {op} : {types} -> {result}")
        return (name, result)

    def input(self, element=None):
        shape = self.port[1]
        if element:
            shape = shape[: shape.rindex("x") + 1] + element + ">"
        return self.add("spike.input @input(%x)", shape, self.port)

    def delay(self, value, steps, per_element=None):
        extra = ""
        if per_element is not None:
            extra = f" {{per_element = {elements(per_element, 'i8')}}}"
        return self.add(f"spike.delay {value[0]} by {steps}{extra}", value[1], value)

    def dense(self, value, weights, result, kind="i8", attributes=""):
        return self.add(f"spike.dense {value[0]} weights({elements(weights, kind)})"
                        + (f" {{{attributes}}}" if attributes else ""), result, value)

    def population(self, op, name, drives, result, attributes):
        operands = ", ".join(v for v, _ in drives)
        return self.add(f"spike.{op} @{name}({operands}) {{{attributes}}}", result, *drives,
                        function=True)

    def text(self, output, steps):
        """The network and a host that sends events and counts what comes out."""
        ports = self.port[1][len("!spike.stream<"):-1].split("x")
        shape = "x".join(ports[:-1])
        tensor = f"tensor<{steps}x{shape}xf32>"
        out = output[1][len("!spike.stream<"):-1].split("x")
        result = "tensor<" + "x".join(out[:-1]) + "xf32>"
        host = (f"func.func @main(%t: {tensor}) -> {result} {{\n"
                f"  %0 = spike.encode events %t : {tensor} -> {self.port[1]}\n"
                f"  %1 = spike.run @n(%0) steps {steps} : ({self.port[1]}) -> {output[1]}\n"
                f"  %2 = spike.decode count %1 : {output[1]} -> {result}\n"
                f"  return %2 : {result}\n}}\n")
        return (host + f"spike.network @n({self.port[0]}: {self.port[1]}) -> {output[1]} {{\n"
                + "\n".join(self.lines)
                + f"\n  spike.output {output[0]} : {output[1]}\n}}\n")


def check(name, records, expected, got):
    """Prints where arrays differ; true where none does."""
    good = True
    for key, request in records.items():
        if np.array_equal(got[request], expected[key]):
            continue
        good = False
        if got[request].shape != expected[key].shape:
            print(f"{name}: {key} has shape {got[request].shape} instead of {expected[key].shape}")
            continue
        at = tuple(np.argwhere(got[request] != expected[key])[0])
        print(f"{name}: {key} differs first at {tuple(map(int, at))} (step first): "
              f"{got[request][at]} instead of {expected[key][at]}")
    return good


def run(network, output, inputs, record, options=()):
    """Runs `inputs` (steps first) through nmc; {request: array with steps first}."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: os.path.join(folder, name) for name in ("net.mlir", "x.npy", "out.npz")}
        with open(paths["net.mlir"], "w") as file:
            file.write(network.text(output, len(inputs)))
        np.save(paths["x.npy"], inputs[np.newaxis])
        command = ["nmc", "run", paths["net.mlir"], "--data", paths["x.npy"], "-q",
                   "--steps", str(len(inputs)), "--record-to", paths["out.npz"], *options]
        for request in record:
            command += ["--record", request]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"nmc exits {done.returncode}:\n{done.stdout}{done.stderr}")
        with np.load(paths["out.npz"]) as file:
            return {request: file[request.replace(":", ".")][0] for request in record}
