"""Whether an exported network fits the registers of Loihi 1."""

import json
import sys

import numpy as np

with np.load(sys.argv[1]) as file:
    meta = json.loads(bytes(file["meta"]))
    arrays = {key: file[key] for key in file.files if key != "meta"}

faults, connections, populations = [], 0, 0


def values(op, name):
    value = op["attributes"].get(name)
    if isinstance(value, dict):
        return np.ravel(arrays[value["array"]])
    return None


def within(op, name, low, high, bias=False):
    array = values(op, name)
    if array is None:
        return
    if bias:  # a mantissa of 12 bits and sign, times 2^0 … 2^7
        fits = [any(abs(b) <= 4095 << e and b % (1 << e) == 0 for e in range(8)) for b in array]
    else:
        fits = (array >= low) & (array <= high)
    if not np.all(fits) or array.dtype.kind not in "iu":
        faults.append(f"{op['op']}: {name} from {array.min()} to {array.max()}, {array.dtype}")


for op in meta["ops"]:
    if op["op"] in ("dense", "conv"):
        connections += 1
        within(op, "weights", -127, 127)
        if op["attributes"].get("exponent", 0) not in (0, 1):
            faults.append(f"exponent {op['attributes']['exponent']}")
        within(op, "bias", 0, 0, bias=True)
    elif op["op"] in ("if", "lif", "cuba_lif"):
        populations += 1
        within(op, "threshold", 1, (1 << 17) - 1)
        within(op, "tau_mem", 0, 4096)
        within(op, "tau_syn", 0, 4096)
        within(op, "bias", 0, 0, bias=True)
        arithmetic = op["attributes"]["dynamics"]["arithmetic"]
        if (arithmetic["state_bits"], arithmetic["frac"], arithmetic["decay_bits"]) != (24, 6, 12):
            faults.append(f"arithmetic {arithmetic}")
    elif op["op"] not in ("input", "delay", "reshape"):
        faults.append(f"op {op['op']}")
print("\n".join(faults) if faults else
      f"{connections} connections, {populations} populations: all within the registers")
