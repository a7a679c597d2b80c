"""The demo person's scale, which speaks its own protocol: steps on it, for drivers that want news.

As a command, for drivers in other languages: `python scale.py BASE_URL KILOGRAMS` prints the second
of the weighing.
"""

import json
import sys
import time
import urllib.request
from urllib.parse import urlencode

MAC = "00:24:e4:de:30:01"
REQUEST_SECONDS_MAX = 30


def weigh(base_url, kilograms):
    """Stores a weighing of now, and gives its second."""
    opened = _call(base_url, "session", {"action": "new", "auth": MAC})
    now = int(time.time())
    measures = {"measures": [{"value": round(kilograms * 1000), "type": 1, "unit": -3}]}
    stored = _call(
        base_url,
        "measure",
        {
            "action": "store",
            "sessionid": opened["body"]["sessionid"],
            "macaddress": MAC,
            "userid": "0",
            "meastime": str(now),
            "devtype": "1",
            "attribstatus": "1",
            "measures": json.dumps(measures),
        },
    )
    assert stored["status"] == 0, stored
    return now


def _call(base_url, name, fields):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    url, body = f"{base_url}/cgi-bin/{name}", urlencode(fields).encode()
    with opener.open(url, body, timeout=REQUEST_SECONDS_MAX) as answer:
        return json.load(answer)


if __name__ == "__main__":
    print(weigh(sys.argv[1], float(sys.argv[2])))
