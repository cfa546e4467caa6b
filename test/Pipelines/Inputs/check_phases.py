"""Runs the phases that `nmc compile --dump-phases-to=DIR` wrote one by one.

    check_phases.py DIR [NMC-OPT...]

Every dump must survive `nmc-opt --verify-roundtrip`, and every phase, run by
nmc-opt on the dump before it, must give the bytes of its own dump.
"""

import pathlib
import subprocess
import sys

folder, tool = pathlib.Path(sys.argv[1]), sys.argv[2:] or ["nmc-opt"]


def first_difference(got, wanted):
    for number, (a, b) in enumerate(zip(got.split(b"\n"), wanted.split(b"\n")), 1):
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            at = max(0, at - 40)
            return "line %d:\n  phase alone: %r\n  all at once: %r" % (
                number, a[at : at + 160], b[at : at + 160])
    return "lengths %d and %d" % (len(got), len(wanted))


faults, before = 0, None
dumps = sorted(folder.glob("*.mlir"))
for dump in dumps:
    trip = subprocess.run(tool + ["--verify-roundtrip", dump, "-o", "/dev/null"],
                          capture_output=True, text=True)
    if trip.returncode:
        faults += 1
        print("%s: no round trip: %s" % (dump.name, trip.stderr[:400]))
    pipeline = dump.with_suffix(".pipeline").read_text().strip()
    if before is not None:
        command = tool + ["--mlir-print-debuginfo"]
        if pipeline:
            command.append("--pass-pipeline=" + pipeline)
        alone = subprocess.run(command + [before], capture_output=True)
        if alone.returncode:
            faults += 1
            print("%s: alone: %s" % (dump.name, alone.stderr.decode()[:400]))
        elif alone.stdout != dump.read_bytes():
            faults += 1
            print("%s: differs from the phase alone, %s"
                  % (dump.name, first_difference(alone.stdout, dump.read_bytes())))
    elif pipeline:
        faults += 1
        print("%s: is the first, but has a pipeline" % dump.name)
    before = dump
if faults:
    sys.exit(1)
print(len(dumps), "phases equal")
