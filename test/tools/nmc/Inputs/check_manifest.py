"""check_manifest.py BUNDLE: compares the files of a bundle with its manifest."""

import hashlib
import json
import os
import sys

folder = sys.argv[1]
with open(os.path.join(folder, "manifest.json")) as file:
    entries = json.load(file)["files"]
for entry in entries:
    with open(os.path.join(folder, entry["path"]), "rb") as file:
        content = file.read()
    assert len(content) == entry["bytes"], entry["path"]
    assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["path"]
print(len(entries), "files as the manifest says")
