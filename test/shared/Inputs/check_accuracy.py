"""check_accuracy.py LEAST [NAME]: reads a report from standard input and fails where
KPI NAME (accuracy) was not found on all samples, or is below LEAST."""

import json
import sys

least = float(sys.argv[1])
name = sys.argv[2] if len(sys.argv) > 2 else "accuracy"
report = json.load(sys.stdin)
kpi = next(k for k in report["kpis"] if k["name"] == name)
print("%s %.4f on %d samples" % (name, kpi["value"], kpi["samples"]))
if kpi["value"] < least:
    sys.exit("%s is below %s" % (name, least))
