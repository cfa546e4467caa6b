"""nir_files.py SHARED SCRATCH: imports and exports every NIR file; see
nir-files.test."""

import glob
import subprocess
import sys

import h5py
import nir
import numpy as np


def tree(group):
    """Groups as dictionaries, data as (type, shape, bytes); edges as a set."""
    result = {}
    for name, member in group.items():
        if isinstance(member, h5py.Group):
            result[name] = tree(member)
            continue
        value = member[()]
        if name == "edges":
            result[name] = sorted(map(tuple, np.asarray(value).tolist()))
        elif isinstance(value, bytes):
            result[name] = value
        else:
            value = np.asarray(value)
            content = value.tolist() if value.dtype == object else value.tobytes()
            result[name] = (value.dtype.str, value.shape, content)
    return result


def loads(path):
    try:
        nir.read(path)
        return True
    except Exception as error:  # whatever the package raises
        return False


def main(shared, scratch):
    counts = dict(files=0, read=0, same=0, loads=0, refused=0)
    for path in sorted(glob.glob(shared + "/snn/nir/*/*.nir")):
        counts["files"] += 1
        options = ["--nir-dt=0.1"] if "all_primitives" in path else []
        imported = subprocess.run(
            ["nmc-translate", "--import-nir", path] + options,
            capture_output=True)
        if imported.returncode != 0:
            assert imported.returncode == 1 and b"error: " in imported.stderr, path
            counts["refused"] += 1
            continue
        counts["read"] += 1
        subprocess.run(["nmc-translate", "--export-nir", "-", "-o", scratch],
                       input=imported.stdout, check=True)
        with h5py.File(path) as a, h5py.File(scratch) as b:
            before, after = tree(a["node"]), tree(b["node"])
        after.get("metadata", {}).pop("nmc", None)  # dt, where it was given
        same = before == after
        # What the reference loads is well-formed, and comes back as it was.
        well_formed = loads(path)
        assert same or not well_formed, path
        counts["same"] += same and well_formed
        # A graph of an Input alone is one that the reference does not load.
        counts["loads"] += loads(scratch)
    print("{files} files: {read} read, {same} of them well-formed and unchanged, "
          "{loads} load in the reference, {refused} refused".format(**counts))


main(*sys.argv[1:])
