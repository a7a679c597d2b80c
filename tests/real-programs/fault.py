"""Has the sandbox do to a program what troubles programs in public, as long as a `with` lasts."""

import contextlib
import json
import urllib.request

REQUEST_SECONDS_MAX = 30


@contextlib.contextmanager
def fault(base_url, name, operation, count=None, **settings):
    """What the names and settings mean is told by `vitald fault kinds`."""
    asked = {"name": name, "operation": operation, "settings": settings}
    if count is not None:
        asked["count"] = count
    added = _call(base_url, "POST", asked)["body"]["faults"]
    try:
        yield
    finally:
        for one in added:
            _call(base_url, "DELETE", {"id": one["id"]})


def _call(base_url, method, fields):
    url, body = base_url + "/vitald/v1/fault", json.dumps(fields).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=REQUEST_SECONDS_MAX) as answer:
        return json.load(answer)
