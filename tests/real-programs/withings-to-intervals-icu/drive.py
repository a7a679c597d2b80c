"""Drives the published `withings-to-intervals-icu` command, unmodified, against a running vitald.

It copies weights and body fat to a training service. The three addresses in its module `withings` are
pointed at the server, the one of the training service at a stand-in below; person.py takes the place
of the browser it opens, and the terminal it asks is told what the browser would show.

Usage: python drive.py FILE, where FILE holds the line `vitald demo --json` prints.
"""

import builtins
import contextlib
import io
import json
import os
import sys
import tempfile
import threading
import time
import webbrowser
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

os.environ["NO_PROXY"] = "127.0.0.1,localhost"

import person  # noqa: E402 - the program reads the environment set above
import steps  # noqa: E402
from fault import fault  # noqa: E402
from withings_to_intervals_icu import cli, intervals_icu, withings  # noqa: E402

# Fixed once, so that midnight cannot come between two steps; the last day is over everywhere.
END = date.today() - timedelta(days=1)
START = END - timedelta(days=29)
TWO_YEARS_AGO = END - timedelta(days=735)


class TrainingService:
    """Keeps what it is told of each day, as the real one does."""

    def __init__(self):
        days = self.days = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.answer(list(days.values()))

            def do_PUT(self):
                length = int(self.headers["Content-Length"])
                for record in json.loads(self.rfile.read(length)):
                    days.setdefault(record["id"], {}).update(record)
                self.answer([])

            def answer(self, value):
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        intervals_icu.BASE_URL = f"http://127.0.0.1:{self.server.server_port}/api/v1"


class Trial:
    """What the steps share: the service it fills, and the person at its terminal."""

    def __init__(self, account, folder):
        self.account = account
        self.service = TrainingService()
        self.asked = 0
        self.shown = None
        self.first = {}
        self.token_path = folder / "withings-to-intervals-icu" / "withings-token.json"
        os.environ["XDG_CONFIG_HOME"] = str(folder)
        withings.AUTHORIZE_URL = account["base_url"] + "/oauth2_user/authorize2"
        withings.TOKEN_URL = account["base_url"] + "/v2/oauth2"
        withings.MEASURE_URL = account["base_url"] + "/measure"
        webbrowser.open = self.open
        builtins.input = self.paste

    def open(self, url):
        browser = person.Browser(self.account["base_url"])
        person.log_in(self.account, browser, url)
        person.allow(self.account, browser, url)
        self.shown = browser.left_for

    def paste(self, _prompt):
        self.asked += 1
        return self.shown

    def run(self, *arguments):
        """The command, as if typed at a terminal; what it prints."""
        account = self.account
        words = ["--withings-client-id", account["client_id"]]
        words += ["--withings-client-secret", account["client_secret"]]
        words += ["--withings-redirect-uri", account["redirect_uri"]]
        words += ["--intervals-icu-api-key", "a-key", "--end", str(END), *arguments]
        printed, complaints = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complaints):
            code = cli.main(words)
        assert code == 0, f"it ended with {code}: {complaints.getvalue()}"
        return printed.getvalue()

    def token(self):
        return json.loads(self.token_path.read_text())


class Terminal(io.StringIO):
    """The command asks nobody when its input is no terminal."""

    def isatty(self):
        return True


# The steps. Each is one thing the command does; they run in this order.


def a_first_run_asks_for_consent_and_fills_the_days(trial):
    printed = trial.run("--start", str(START))
    assert trial.asked == 1, f"it asked {trial.asked} times"
    days = trial.first = {day: dict(record) for day, record in trial.service.days.items()}
    assert len(days) >= 15, f"{len(days)} days"
    assert f"Updated {len(days)} days" in printed, printed
    assert all(str(START) <= day <= str(END) for day in days), days
    for record in days.values():
        assert 30 < record["weight"] < 250, record
    assert any(3 < record.get("bodyFat", 0) < 60 for record in days.values()), days


def a_second_run_finds_nothing_new_and_asks_nobody(trial):
    printed = trial.run("--start", str(START))
    assert trial.asked == 1 and "Updated 0 days" in printed, printed


def a_token_that_has_ended_is_refreshed(trial):
    before = trial.token()
    trial.token_path.write_text(json.dumps({**before, "expires_at": time.time() - 1}))
    trial.run("--start", str(START))
    after = trial.token()
    assert trial.asked == 1, "it asked the person"
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]


def years_come_in_windows_and_pages(trial):
    trial.service.days.clear()
    with fault(trial.account["base_url"], "small-pages", "measure/getmeas", rows=50):
        trial.run("--start", str(TWO_YEARS_AGO))
    days = trial.service.days
    assert len(days) >= 500, f"{len(days)} days"
    assert {day: record for day, record in days.items() if day >= str(START)} == trial.first


def a_dead_refresh_token_leads_back_to_the_person(trial):
    ended = {**trial.token(), "expires_at": time.time() - 1, "refresh_token": "0" * 40}
    trial.token_path.write_text(json.dumps(ended))
    trial.run("--start", str(START), "--dry-run")
    assert trial.asked == 2, f"it asked {trial.asked} times"


STEPS = (
    a_first_run_asks_for_consent_and_fills_the_days,
    a_second_run_finds_nothing_new_and_asks_nobody,
    a_token_that_has_ended_is_refreshed,
    years_come_in_windows_and_pages,
    a_dead_refresh_token_leads_back_to_the_person,
)

if __name__ == "__main__":
    sys.stdin = Terminal()
    with tempfile.TemporaryDirectory(prefix="withings-to-intervals-icu-") as folder:
        steps.run(STEPS, Trial(steps.account(), Path(folder)))
