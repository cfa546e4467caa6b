"""Reads one JSON document from standard input and prints values of it.

    json_value.py PATH...

PATH is like run.level, kpis[0].unit or kpis[name=accuracy].value; `#` behind a list
gives its length.  Anything before or behind the document is an error.
"""

import json
import re
import sys

document = json.load(sys.stdin)
for path in sys.argv[1:]:
    value = document
    for key, index, wanted, count in re.findall(
        r"([A-Za-z_][\w-]*)|\[(\d+)\]|\[([^\]]+=[^\]]*)\]|(#)", path
    ):
        if key:
            value = value[key]
        elif index:
            value = value[int(index)]
        elif wanted:
            name, text = wanted.split("=", 1)
            value = next(v for v in value if str(v.get(name)) == text)
        else:
            value = len(value)
    print(path, value if isinstance(value, (int, float, str)) else json.dumps(value))
