#!/usr/bin/env python3
"""Writes traces and recordings of events into a folder, with the standard library.

    make_events.py DIR
"""

import pathlib
import struct
import sys
import zipfile

folder = pathlib.Path(sys.argv[1])


def npy(shape, values):
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': %r, }" % (shape,)
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(values)


def recording(name, events):
    """x, y, polarity, microseconds, as N-MNIST has them."""
    content = b"".join(
        bytes([x, y, p << 7 | t >> 16 & 0x7F, t >> 8 & 0xFF, t & 0xFF]) for x, y, p, t in events)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return content


# Two samples of five steps of three channels, and the same with time in the middle.
values = [(7 * i + i // 4) % 5 % 2 for i in range(30)]
with zipfile.ZipFile(folder / "traces.npz", "w") as archive:
    archive.writestr("x.npy", npy((2, 5, 3), values))
turned = [values[(n * 5 + t) * 3 + c] for c in range(3) for t in range(5) for n in range(2)]
(folder / "last.npy").write_bytes(npy((3, 5, 2), turned))

good = [(0, 0, 0, 1000), (1, 1, 0, 2000), (1, 1, 0, 2300), (3, 3, 1, 2500), (2, 0, 1, 2700),
        (0, 3, 1, 3300)]
content = recording("a.bin", good)
(folder / "cut.bin").write_bytes(content[:29])
recording("far.bin", [(0, 0, 0, 0), (9, 1, 0, 10)])
recording("back.bin", [(0, 0, 0, 3000), (1, 0, 0, 1000), (1, 1, 1, 6000)])
recording("classes/0/a.bin", good)
recording("classes/2/b.bin", good[1:])
recording("classes/2/c.bin", good[:3])
