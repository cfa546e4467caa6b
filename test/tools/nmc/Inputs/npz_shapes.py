"""Prints name, dtype and shape of every array of an npz file."""

import ast
import struct
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as archive:
    for name in archive.namelist():
        content = archive.read(name)
        (size,) = struct.unpack("<H", content[8:10])
        header = ast.literal_eval(content[10 : 10 + size].decode())
        print(name[: -len(".npy")], header["descr"], header["shape"])
