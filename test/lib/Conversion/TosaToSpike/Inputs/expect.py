"""Turns a converted model into one that checks itself.

usage: expect.py FOLDER < converted.mlir > checked.mlir

FOLDER holds in0.npy and out0.npy. The host function's argument becomes a constant,
and its result an expectation within 1e-5 (nmc-opt --spike-interpret).
"""
import re
import sys

import numpy as np


def dense(array):
    data = np.ascontiguousarray(array, "<f4").tobytes().hex().upper()
    return f'dense<"0x{data}">'


def main():
    folder = sys.argv[1]
    x = np.load(f"{folder}/in0.npy")
    y = np.load(f"{folder}/out0.npy")
    text = sys.stdin.read()

    encode = re.search(r"%(\w+) = spike.encode graded %(\w+) : (tensor<[^>]*>)", text)
    source = encode.group(2)
    # The interpreter takes constants alone: a transpose of the input happens here.
    pattern = rf"%{source} = tosa.transpose %arg0 {{perms = array<i32: ([\d, ]+)>}}.*\n"
    transpose = re.search(pattern, text)
    if transpose:
        x = np.transpose(x, [int(axis) for axis in transpose.group(1).split(",")])
        text = text.replace(transpose.group(0), "")
    constant = f"%x = arith.constant {dense(x)} : {encode.group(3)}\n    "
    text = text.replace(
        encode.group(0), constant + encode.group(0).replace(f"%{source} ", "%x ")
    )

    result = re.search(r"    return %(\w+) : (tensor<[^>]*>)", text)
    kind = result.group(2)
    expectation = (
        f"    check.expect_close %{result.group(1)}, {dense(y)} : {kind} "
        f"within 1.0e-5 : {kind}\n    return"
    )
    text = text.replace(result.group(0), expectation)
    text = re.sub(r"func.func @main\(.*\{\n", "func.func @main() {\n", text)
    sys.stdout.write(text)


main()
