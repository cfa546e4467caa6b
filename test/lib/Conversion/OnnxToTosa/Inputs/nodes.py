"""Small models of one or a few operators, each held against onnxruntime.

nodes.py FOLDER: writes every model there, converts it, runs its TOSA and
compares. Prints one line per model that differs and a count.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
onnxruntime.set_default_logger_severity(4)
random = np.random.default_rng(1)


def values(*shape, scale=1.0):
    return (random.standard_normal(shape) * scale).astype(np.float32)


def ints(*numbers):
    return np.array(numbers, dtype=np.int64)


cases = {}


def case(name, shape, nodes, opset=17, **constants):
    """nodes: (type, inputs, attributes); x is the input, results are r0, r1, ..."""
    assert name not in cases, name
    made = [
        helper.make_node(kind, inputs, [f"r{i}"], name=f"{kind}{i}", **attributes)
        for i, (kind, inputs, attributes) in enumerate(nodes)
    ]
    inputs = shape if isinstance(shape, dict) else {"x": shape}
    graph = helper.make_graph(
        made,
        name,
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()],
        [helper.make_tensor_value_info(f"r{len(nodes) - 1}", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(v, n) for n, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    cases[name] = (model, inputs)


def conv(name, shape, w, bias=True, opset=17, **attributes):
    constants = {"w": values(*w)}
    if bias:
        constants["b"] = values(w[0])
    case(name, shape, [("Conv", ["x", "w"] + ["b"] * bias, attributes)], opset, **constants)


conv("conv", [1, 3, 8, 7], [5, 3, 3, 3], pads=[1, 1, 1, 1])
conv("conv_no_bias", [1, 3, 8, 7], [5, 3, 3, 3], bias=False, opset=7)
conv("conv_batch", [3, 2, 6, 6], [4, 2, 3, 3])
conv("conv_stride_floor_pad", [1, 2, 8, 8], [4, 2, 3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
conv("conv_stride_floor_slice", [1, 2, 9, 10], [4, 2, 2, 2], strides=[3, 3], opset=22)
conv("conv_dilated", [1, 2, 12, 11], [4, 2, 3, 2], dilations=[2, 3], pads=[2, 0, 1, 3])
conv("conv_same_upper", [1, 2, 9, 10], [4, 2, 3, 4], auto_pad="SAME_UPPER", strides=[2, 2])
conv("conv_same_lower", [1, 2, 9, 10], [4, 2, 3, 4], auto_pad="SAME_LOWER", strides=[2, 3])
conv("conv_valid", [1, 2, 9, 10], [4, 2, 3, 4], auto_pad="VALID")
conv("conv_groups", [1, 4, 6, 6], [6, 2, 3, 3], group=2, pads=[1, 1, 1, 1])
conv("conv_depthwise", [1, 4, 6, 6], [4, 1, 3, 3], group=4, pads=[1, 1, 1, 1])
conv("conv_depthwise_multiplier", [1, 4, 7, 6], [8, 1, 3, 3], group=4, strides=[2, 1])
conv("conv_1d", [2, 3, 16], [5, 3, 4], strides=[2], pads=[2, 1])
conv("conv_1d_depthwise", [1, 3, 16], [3, 1, 4], group=3)

pool = {"kernel_shape": [3, 2], "strides": [2, 2]}
for kind in ("MaxPool", "AveragePool"):
    case(f"{kind}_plain", [1, 3, 8, 8], [(kind, ["x"], {"kernel_shape": [2, 2], "strides": [2, 2]})])
    case(f"{kind}_floor", [1, 3, 9, 8], [(kind, ["x"], dict(pool, kernel_shape=[2, 3]))], opset=8)
    case(f"{kind}_pads", [1, 3, 8, 8], [(kind, ["x"], dict(pool, pads=[1, 1, 1, 0]))])
    case(f"{kind}_ceil", [1, 3, 10, 9], [(kind, ["x"], dict(pool, ceil_mode=1))])
    case(f"{kind}_ceil_pads", [1, 3, 10, 9], [(kind, ["x"], dict(pool, ceil_mode=1, pads=[1, 1, 1, 1]))])
    case(f"{kind}_same", [1, 3, 9, 9], [(kind, ["x"], dict(pool, auto_pad="SAME_UPPER"))])
    case(f"{kind}_1d", [2, 3, 9], [(kind, ["x"], {"kernel_shape": [3], "strides": [2]})])
case("AveragePool_include", [1, 3, 8, 8], [("AveragePool", ["x"], dict(pool, pads=[1, 1, 1, 0], count_include_pad=1))])
for kind in ("GlobalAveragePool", "GlobalMaxPool"):
    case(kind, [1, 5, 4, 7], [(kind, ["x"], {})])
    case(f"{kind}_1d", [1, 5, 7], [(kind, ["x"], {})])

bn = {n: values(4) for n in ("g", "b", "m")} | {"v": np.abs(values(4)) + 0.1}
normalise = lambda source: ("BatchNormalization", [source, "g", "b", "m", "v"], {"epsilon": 1e-3})
case("bn", [2, 4, 5, 5], [normalise("x")], **bn)
case("bn_2d", [2, 4], [normalise("x")], opset=9, **bn)
case("conv_bn_relu", [1, 2, 6, 6], [("Conv", ["x", "w"], {}), normalise("r0"), ("Relu", ["r1"], {})], w=values(4, 2, 3, 3), **bn)
case("depthwise_bn", [1, 4, 6, 6], [("Conv", ["x", "w"], {"group": 4}), normalise("r0")], w=values(4, 1, 3, 3), **bn)
case("gemm_bn", [3, 6], [("Gemm", ["x", "w", "c"], {}), normalise("r0")], w=values(6, 4), c=values(4), **bn)
case("conv_affine", [1, 2, 6, 6], [("Conv", ["x", "w"], {}), ("Mul", ["r0", "s"], {}), ("Sub", ["t", "r1"], {}), ("Div", ["r2", "d"], {}), ("Add", ["r3", "t"], {})], w=values(4, 2, 3, 3), s=values(4, 1, 1), t=values(1, 4, 1, 1), d=np.float32(3))
case("conv_used_twice", [1, 2, 6, 6], [("Conv", ["x", "w"], {}), ("Add", ["r0", "t"], {}), ("Mul", ["r0", "r1"], {})], w=values(4, 2, 3, 3), t=values(4, 1, 1))
case("conv_add_columns", [1, 4, 4, 4], [("Conv", ["x", "w"], {}), ("Add", ["r0", "t"], {})], w=values(4, 4, 1, 1), t=values(4))
case("residual", [1, 4, 6, 6], [("Conv", ["x", "w"], {"pads": [1, 1, 1, 1]}), ("Relu", ["r0"], {}), ("Add", ["r1", "x"], {}), ("Relu", ["r2"], {})], w=values(4, 4, 3, 3))

for kind in ("Relu", "Sigmoid", "Tanh", "Identity", "Dropout"):
    case(kind, [2, 3, 4], [(kind, ["x"], {})], opset=13)
case("clip_6", [2, 3], [("Clip", ["x"], {"min": 0.0, "max": 0.5})], opset=6 + 1)
case("clip_13", [2, 3], [("Clip", ["x", "", "top"], {})], top=np.float32(0.5))
case("clip_both", [2, 3], [("Clip", ["x", "low", "top"], {})], low=np.float32(-0.2), top=np.float32(0.5))
for kind in ("Add", "Sub", "Mul", "Div"):
    case(f"{kind}_two", {"x": [2, 3, 4], "y": [3, 1]}, [(kind, ["x", "y"], {})])
    case(f"{kind}_rank", {"x": [4], "y": [2, 3, 4]}, [(kind, ["x", "y"], {})])
    case(f"{kind}_constant", [2, 1, 4], [(kind, ["c", "x"], {})], c=values(3, 1))
    case(f"{kind}_scalar", [2, 1, 4], [(kind, ["x", "c"], {})], c=np.float32(1.7), opset=7)
    case(f"{kind}_layouts", [1, 3, 4, 5], [("MaxPool", ["x"], {"kernel_shape": [1, 1]}), (kind, ["x", "r0"], {}), (kind, ["r1", "c"], {}), (kind, ["d", "r2"], {})], c=values(3, 1, 1), d=values(5))

case("matmul", [3, 4], [("MatMul", ["x", "w"], {})], w=values(4, 5))
case("matmul_bias", [3, 4], [("MatMul", ["x", "w"], {}), ("Add", ["b", "r0"], {})], w=values(4, 5), b=values(5))
case("matmul_bias_rows", [3, 4], [("MatMul", ["x", "w"], {}), ("Add", ["r0", "b"], {})], w=values(4, 5), b=values(3, 1))
case("matmul_3d", [2, 3, 4], [("MatMul", ["x", "w"], {}), ("Add", ["r0", "b"], {})], w=values(4, 5), b=values(5))
case("matmul_left", [4, 2], [("MatMul", ["w", "x"], {})], w=values(3, 4))
case("matmul_batches", {"x": [2, 3, 4], "y": [2, 4, 5]}, [("MatMul", ["x", "y"], {})])
case("matmul_shared", {"x": [2, 3, 4], "y": [4, 5]}, [("MatMul", ["x", "y"], {})])
case("matmul_vector", [3, 4], [("MatMul", ["x", "w"], {})], w=values(4))
case("matmul_row", [4], [("MatMul", ["x", "w"], {})], w=values(4, 5))
case("gemm", [3, 4], [("Gemm", ["x", "w", "b"], {"alpha": 0.5, "beta": 2.0})], w=values(4, 5), b=values(5))
case("gemm_trans", [4, 3], [("Gemm", ["x", "w", "b"], {"transA": 1, "transB": 1})], w=values(5, 4), b=values(1, 5), opset=7)
case("gemm_no_bias", [3, 4], [("Gemm", ["x", "w"], {})], w=values(4, 5))
case("gemm_scalar_bias", [3, 4], [("Gemm", ["x", "w", "b"], {})], w=values(4, 5), b=np.float32(0.3))
case("gemm_full_bias", [3, 4], [("Gemm", ["x", "w", "b"], {"beta": 0.5})], w=values(4, 5), b=values(3, 5))
case("gemm_row_bias", [3, 4], [("Gemm", ["x", "w", "b"], {"alpha": 0.5})], w=values(4, 5), b=values(3, 1))
case("gemm_two", {"x": [3, 4], "y": [5, 4], "z": [5]}, [("Gemm", ["x", "y", "z"], {"transB": 1, "alpha": 0.5, "beta": 3.0})])

case("softmax", [2, 3, 4], [("Softmax", ["x"], {})])
case("softmax_axis", [2, 3, 4], [("Softmax", ["x"], {"axis": 1})])
case("softmax_11", [2, 3, 4], [("Softmax", ["x"], {"axis": 1})], opset=11)
case("softmax_layout", [1, 3, 4, 5], [("MaxPool", ["x"], {"kernel_shape": [1, 1]}), ("Softmax", ["r0"], {"axis": 1})])

flat = [("MaxPool", ["x"], {"kernel_shape": [2, 2], "strides": [2, 2]})]
case("flatten", [1, 3, 4, 6], flat + [("Flatten", ["r0"], {})])
case("flatten_axis", [2, 3, 4, 6], flat + [("Flatten", ["r0"], {"axis": -1})])
case("flatten_moved", [1, 5, 2, 2], flat + [("Flatten", ["r0"], {})])
case("reshape", [1, 3, 4, 6], flat + [("Reshape", ["r0", "s"], {})], s=ints(0, -1, 2))
case("reshape_14", [2, 3], [("Reshape", ["x", "s"], {"allowzero": 1})], s=ints(3, 2), opset=14)
case("squeeze", [1, 3, 2, 2], flat + [("Squeeze", ["r0", "a"], {})], a=ints(2, -1))
case("squeeze_all", [1, 3, 2, 2], flat + [("Squeeze", ["r0"], {"axes": [3]})], opset=11)
case("unsqueeze", [3, 2], [("Unsqueeze", ["x", "a"], {})], a=ints(0, -1))
case("transpose", [2, 3, 4], [("Transpose", ["x"], {"perm": [2, 0, 1]})])
case("transpose_default", [2, 3, 4], [("Transpose", ["x"], {})])
case("transpose_cancel", [1, 4, 6, 3], [("Transpose", ["x"], {"perm": [0, 3, 1, 2]}), ("MaxPool", ["r0"], {"kernel_shape": [2, 2]}), ("Transpose", ["r1"], {"perm": [0, 2, 3, 1]})])
case("concat", [1, 3, 4, 4], [("MaxPool", ["x"], {"kernel_shape": [1, 1]}), ("Concat", ["x", "r0", "c"], {"axis": 1})], c=values(1, 2, 4, 4))
case("concat_layout", [1, 3, 4, 4], [("MaxPool", ["x"], {"kernel_shape": [1, 1]}), ("Relu", ["r0"], {}), ("Concat", ["r1", "x"], {"axis": -2})])
case("pad", [1, 3, 4, 4], [("MaxPool", ["x"], {"kernel_shape": [1, 1]}), ("Pad", ["r0", "p", "v"], {})], p=ints(0, 1, 2, 0, 0, 0, 1, 3), v=np.float32(0.5))
case("pad_axes", [1, 3, 4, 4], [("Pad", ["x", "p", "", "a"], {})], p=ints(1, 2), a=ints(-1), opset=18)
case("pad_2", [3, 4], [("Pad", ["x"], {"pads": [1, 0, 0, 2], "value": 2.0})], opset=10)
case("slice", [1, 3, 6, 8], flat + [("Slice", ["r0", "s", "e", "a"], {})], s=ints(1, -3), e=ints(9, -1), a=ints(1, 3))
case("slice_1", [3, 4], [("Slice", ["x"], {"starts": [1], "ends": [3], "axes": [1]})], opset=9)
case("slice_constant", [3, 2], [("Slice", ["c", "s", "e", "a", "t"], {}), ("Add", ["x", "r0"], {})], c=values(3, 7), s=ints(-1), e=ints(-9), a=ints(1), t=ints(-4))

case("shape_gather", [2, 3, 4], [("Shape", ["x"], {}), ("Gather", ["r0", "i"], {}), ("Concat", ["r1", "m"], {"axis": 0}), ("Reshape", ["x", "r2"], {})], i=ints(0), m=ints(-1))
case("shape_arithmetic", [2, 3, 4], [("Shape", ["x"], {"start": 1}), ("Gather", ["r0", "i"], {}), ("Mul", ["r1", "two"], {}), ("Unsqueeze", ["r2", "zero"], {}), ("Concat", ["m", "r3"], {"axis": 0}), ("Reshape", ["x", "r4"], {})], i=np.int64(1), two=np.int64(2), zero=ints(0), m=ints(-1))
case("constants", [2, 3], [("Constant", [], {"value_floats": [1.0, 2.0, 3.0]}), ("Constant", [], {"value_int": 2}), ("Cast", ["r1"], {"to": 1}), ("Mul", ["r0", "r2"], {}), ("Sub", ["x", "r3"], {})])
case("constant_of_shape", [2, 3], [("ConstantOfShape", ["s"], {"value": helper.make_tensor("v", 1, [1], [0.5])}), ("Add", ["x", "r0"], {})], s=ints(2, 1))
case("cast", [3], [("Cast", ["c"], {"to": 6}), ("Cast", ["r0"], {"to": 1}), ("Add", ["x", "r1"], {})], c=np.array([1.7, -1.7, 300.2], np.float32))
case("dequantise", [2, 3], [("DequantizeLinear", ["q", "s", "z"], {}), ("Mul", ["x", "r0"], {})], q=np.array([[1, -7, 127]], np.int8), s=np.float32(0.1), z=np.int8(3))
case("dequantise_axis", [1, 2, 4, 4], [("DequantizeLinear", ["q", "s", "z"], {"axis": 0}), ("Conv", ["x", "r0"], {})], q=random.integers(-128, 127, (3, 2, 3, 3)).astype(np.int8), s=np.abs(values(3)), z=np.zeros(3, np.int8))
case("quantise", [2, 3], [("QuantizeLinear", ["c", "s", "z"], {}), ("DequantizeLinear", ["r0", "s", "z"], {}), ("Add", ["x", "r1"], {})], c=np.array([0.25, -9.0, 0.35], np.float32), s=np.float32(0.1), z=np.uint8(7))



def check(name):
    """What is wrong with a model, or an empty string."""
    model, inputs = cases[name]
    path = folder / f"{name}.onnx"
    onnx.save(model, path)
    arrays = {n: np.load(f"{path}.{n}.npy")[0] for n in inputs}
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    wanted = session.run(None, arrays)[0]
    module = path.with_suffix(".mlir")
    load = ["nmc-translate", "--import-onnx", path]
    convert = ["nmc-opt", "--convert-onnx-to-tosa", "--canonicalize", "-o", module]
    execute = ["nmc-run-tosa", module, f"--output={path}.y.npy"]
    execute += [f"--input={path}.{n}.npy" for n in inputs]
    try:
        text = subprocess.run(load, check=True, capture_output=True).stdout
        subprocess.run(convert, input=text, check=True, capture_output=True)
        subprocess.run(execute, check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        return error.stderr.decode().strip().splitlines()[0]
    found = np.load(f"{path}.y.npy")[0]
    if found.shape != wanted.shape:
        return f"shape {found.shape}, but onnxruntime gives {wanted.shape}"
    limit = 1e-5 * max(1.0, float(np.max(np.abs(wanted), initial=0.0)))
    difference = float(np.max(np.abs(found - wanted), initial=0.0))
    return "" if difference <= limit else f"differs by {difference}"


for name, (_, inputs) in cases.items():
    for port, shape in inputs.items():
        np.save(folder / f"{name}.onnx.{port}.npy", values(*shape)[None])
with ThreadPoolExecutor(os.cpu_count()) as pool:
    messages = dict(zip(cases, pool.map(check, cases)))
failures = {name: text for name, text in messages.items() if text}
for name, text in failures.items():
    print(f"{name}: {text}")
print(f"{len(cases) - len(failures)} of {len(cases)} models agree")
sys.exit(bool(failures))
