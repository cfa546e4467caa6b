"""Changes single bits of a file.

    flip_bits.py FILE one                 writes the file with one bit changed
    flip_bits.py FILE EVERY COMMAND...    runs COMMAND on a copy per EVERY bytes
                                          with one bit changed; each must exit with 1
"""

import subprocess
import sys
import tempfile

path, every, command = sys.argv[1], sys.argv[2], sys.argv[3:]
content = open(path, "rb").read()


def flipped(position):
    changed = bytearray(content)
    changed[position] ^= 1 << (position % 8)
    return bytes(changed)


if every == "one":
    sys.stdout.buffer.write(flipped(len(content) // 2))
    sys.exit(0)
# At least every so many bytes, yet no more runs than a test has time for.
step = max(int(every), len(content) // 60)
for position in range(0, len(content), step):
    with tempfile.NamedTemporaryFile(suffix=".nmcm") as file:
        file.write(flipped(position))
        file.flush()
        code = subprocess.run(command + [file.name], capture_output=True).returncode
        if code != 1:
            sys.exit("bit changed in byte %d: exit code %d, expected 1" % (position, code))
