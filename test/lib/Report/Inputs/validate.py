"""validate.py SCHEMA DOCUMENT...: holds JSON documents against a JSON Schema."""
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for path in sys.argv[2:]:
    faults = list(validator.iter_errors(json.load(open(path))))
    for fault in faults:
        print(f"{path}: {fault.json_path}: {fault.message}")
    if faults:
        sys.exit(1)
    print(f"{path}: valid")
