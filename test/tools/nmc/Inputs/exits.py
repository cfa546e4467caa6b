"""exits.py CODE COMMAND...: runs a command; fails unless it exits with CODE."""

import subprocess
import sys

expected, command = int(sys.argv[1]), sys.argv[2:]
code = subprocess.run(command).returncode
if code != expected:
    print("exits.py: exit code %d, expected %d" % (code, expected), file=sys.stderr)
    sys.exit(1)
