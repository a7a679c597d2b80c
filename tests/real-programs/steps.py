"""Runs the steps of a driver in order, and says of each whether it passed.

A step is a function whose name is a sentence; it takes what the steps share and raises when
something is not as it should be. The others are run all the same.
"""

import json
import sys


def account():
    """How to reach the server and its demo person: the file the driver was given."""
    with open(sys.argv[1], encoding="utf-8") as file:
        found = json.load(file)
    found["base_url"] = found["base_url"].rstrip("/")
    return found


def run(steps, trial):
    """Ends the driver: with 0 when all steps passed."""
    failed = 0
    for step in steps:
        try:
            step(trial)
        except Exception as error:  # Whatever a library raises.
            failed += 1
            said = " ".join(str(error).split())
            print(f"FAILED {step.__name__}: {type(error).__name__}: {said}", flush=True)
        else:
            print(f"ok {step.__name__}", flush=True)
    print(f"{len(steps) - failed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)
