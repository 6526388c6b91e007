# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the tests in Meson's logs (testlog.json): each TAP line, or each program without TAP.

The last line is "N passed, N failed"; the exit status is 1 when any failed or none ran."""
import json
import re
import sys

passed, skipped, failures = 0, 0, []
for path in sys.argv[1:]:
    n_programs = 0
    try:
        lines = open(path, encoding="utf-8", errors="replace").read().splitlines()
    except OSError as error:
        failures.append(f"{path}: {error.strerror}: the tests did not run")
        continue
    for line in lines:
        program = json.loads(line)
        name, result = program["name"], program["result"]
        n_programs += 1
        points = re.findall(r"^(not ok|ok) \d+\s*(.*)$", program.get("stdout") or "", re.MULTILINE)
        n_failed = 0
        for state, text in points:
            if re.search(r"#\s*skip", text, re.IGNORECASE):
                skipped += 1
            elif state == "ok":
                passed += 1
            else:
                n_failed += 1
                failures.append(f"{name}: {text}")
        if result in ("FAIL", "TIMEOUT", "ERROR", "INTERRUPT", "UNEXPECTEDPASS"):
            if n_failed == 0:
                failures.append(f"{name}: {result.lower()}, exit status {program.get('returncode')}")
        elif not points:
            if result == "SKIP":
                skipped += 1
            else:
                passed += 1
    if n_programs == 0:
        failures.append(f"{path}: no test in it")

for failure in failures:
    print(f"failed: {failure}")
if skipped:
    print(f"{skipped} skipped")
print(f"{passed} passed, {len(failures)} failed")
sys.exit(1 if failures or not passed else 0)
