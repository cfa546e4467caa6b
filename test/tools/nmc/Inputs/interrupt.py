"""interrupt.py STAGE COMMAND...: sends SIGINT once the command's progress, which must
be JSON lines on stderr, reaches STAGE; fails unless it then exits with 130."""

import json
import signal
import subprocess
import sys

stage, command = sys.argv[1], sys.argv[2:]
process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
sent = False
for line in process.stderr:
    if not line.startswith("{"):
        continue
    if not sent and json.loads(line).get("stage") == stage:
        process.send_signal(signal.SIGINT)
        sent = True
code = process.wait()
print("exit code", code)
sys.exit(not sent or code != 130)
