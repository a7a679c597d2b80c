"""A sandbox for one run of pytest; each test begins with the world of the seed."""

import json
import os
import subprocess
import urllib.parse
import urllib.request

import pytest


def post(url, **fields):
    form = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(url, form) as answer:
        return json.load(answer)


@pytest.fixture(scope="session")
def running():
    command = [os.environ.get("VITALD", "vitald"), "sandbox", "--json"]
    command += ["--seed", os.environ.get("SEED", "sandbox.toml")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line, "the sandbox did not start; what is wrong stands on standard error"
    ready = json.loads(line)
    post(ready["base_url"] + "/vitald/v1/snapshot", save="start")
    yield ready
    process.terminate()
    process.wait()


@pytest.fixture
def sandbox(running):
    yield running
    post(running["base_url"] + "/vitald/v1/snapshot", restore="start")
