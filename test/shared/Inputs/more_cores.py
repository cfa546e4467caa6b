"""more_cores.py A B: fails unless report B uses more cores than report A."""

import json
import sys

a, b = (json.load(open(path))["mapping"]["cores"] for path in sys.argv[1:])
print(a, "cores, then", b)
sys.exit(b <= a)
