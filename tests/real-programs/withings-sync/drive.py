"""Drives the published `withings-sync` command, unmodified, against a running vitald.

It copies weighings to other services; here it writes its files and uploads nothing. The three
addresses in its module `withings2` are pointed at the server; its own `--config-folder` tells it
which application it is; person.py opens the address it shows and types the code it asks for.

Usage: python drive.py FILE, where FILE holds the line `vitald demo --json` prints.
"""

import builtins
import contextlib
import io
import json
import logging
import os
import re
import struct
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

os.environ["NO_PROXY"] = "127.0.0.1,localhost"
# It counts days in the machine's zone and writes local times: the same everywhere.
os.environ["TZ"] = "UTC"
time.tzset()

import person  # noqa: E402 - the program reads the environment set above
import scale  # noqa: E402
import steps  # noqa: E402
from fault import fault  # noqa: E402

# Its arguments are read when its module is imported, and once more for every run below.
ACCOUNT, sys.argv = steps.account(), ["withings-sync"]
from withings_sync import sync, withings2  # noqa: E402

HEIGHT_METRES = 1.78
DAYS = 20
# Fixed once, so that midnight cannot come between two steps.
START = date.today() - timedelta(days=DAYS)
SINCE = ("--fromdate", str(START))


class Trial:
    """What the steps share: the command's folder, and what its last run said and wrote."""

    def __init__(self, account, folder):
        self.account = account
        self.config = folder / "config"
        self.config.mkdir()
        self.output = folder / "measures"
        self.said = []
        self.asked = 0
        self.tokens = []
        self.records = {}
        base_url = account["base_url"]
        withings2.AUTHORIZE_URL = base_url + "/oauth2_user/authorize2"
        withings2.TOKEN_URL = base_url + "/v2/oauth2"
        withings2.GETMEAS_URL = base_url + "/measure?action=getmeas"
        application = {
            "client_id": account["client_id"],
            "consumer_secret": account["client_secret"],
            "callback_url": account["redirect_uri"],
        }
        (self.config / "withings_app.json").write_text(json.dumps(application))
        builtins.input = self.type_the_code
        handler = logging.Handler()
        handler.emit = lambda record: self.said.append(record.getMessage())
        logging.getLogger().addHandler(handler)

    def type_the_code(self, _prompt):
        """The person reads the address off the terminal, and comes back with the code."""
        self.asked += 1
        shown = [line for line in self.said if line.startswith("http")]
        return person.consent(self.account, shown[-1])

    def run(self, *arguments):
        """The command, as if typed; it writes to `output`."""
        self.said.clear()
        sys.argv = ["withings-sync", "--config-folder", str(self.config), "--no-upload"]
        sys.argv += ["--output", str(self.output), *arguments]
        sync.ARGS = sync.get_args()
        with contextlib.redirect_stdout(io.StringIO()):
            sync.main()

    def stored(self):
        """What it keeps of the person's account."""
        return json.loads((self.config / ".withings_user.json").read_text())

    def written(self, ending):
        return Path(f"{self.output}{ending}").read_bytes()


# The steps. Each is one thing the command does; they run in this order.


def a_first_run_asks_for_a_code_and_keeps_its_tokens(trial):
    trial.run(*SINCE)
    assert trial.asked == 1, f"it asked {trial.asked} times; {trial.said}"
    stored = trial.stored()
    assert stored["access_token"] and stored["refresh_token"] and stored["authentification_code"]
    assert int(stored["userid"]) == trial.account["userid"], stored["userid"]
    trial.tokens.append((stored["access_token"], stored["refresh_token"]))


def a_later_run_refreshes_its_tokens_and_asks_nobody(trial):
    trial.run(*SINCE)
    assert trial.asked == 1, f"it asked again; {trial.said}"
    stored = trial.stored()
    trial.tokens.append((stored["access_token"], stored["refresh_token"]))
    first, second = trial.tokens
    assert first[0] != second[0] and first[1] != second[1], "a token did not change"


def weighings_become_json_with_a_body_mass_index(trial):
    trial.run(*SINCE, "--to-json")
    trial.records = json.loads(trial.written(".json"))
    weights = [record for record in trial.records.values() if "Weight" in record]
    assert len(weights) >= DAYS // 2, f"{len(weights)} weighings in {DAYS} days"
    for record in weights:
        kilograms = record["Weight"]["Value"]
        assert 30 < kilograms < 250 and record["Weight"]["Unit"] == "kg", record
        # It looks up the height the person gave, category 1 and type 4.
        expected = round(kilograms / HEIGHT_METRES**2, 1)
        assert abs(record["BMI"]["Value"] - expected) <= 0.1, (record, expected)


def blood_pressures_come_when_asked_for(trial):
    trial.run(*SINCE, "--to-json", "--features", "BLOOD_PRESSURE")
    records = json.loads(trial.written(".json")).values()
    pressures = [record for record in records if "Systolic_Blood_Pressure" in record]
    assert len(pressures) >= 3, f"{len(pressures)} blood pressures"
    for record in pressures:
        low = record["Diastolic_Blood_Pressure"]["Value"]
        assert 30 < low < record["Systolic_Blood_Pressure"]["Value"] < 260, record
        assert 30 < record["Heart_Pulse"]["Value"] < 200, record


def measures_become_fit_files(trial):
    trial.run(*SINCE, "--to-fit", "--features", "BLOOD_PRESSURE")
    for ending in (".weight.fit", ".blood_pressure.fit"):
        file = trial.written(ending)
        # The head of the format: its own length, the length of what follows, its name.
        head, data, name = file[0], struct.unpack_from("<I", file, 4)[0], file[8:12]
        assert name == b".FIT" and len(file) == head + data + 2, (ending, head, data, len(file))
        assert data > 200, f"{ending} has {data} bytes"


def the_answer_itself_can_be_kept(trial):
    trial.run(*SINCE, "--dump-raw")
    answer = json.loads(trial.written(".withings_raw.json"))
    groups = answer["body"]["measuregrps"]
    assert answer["status"] == 0 and groups
    assert all(group["category"] == 1 for group in groups)
    assert all(time.mktime(START.timetuple()) <= group["date"] for group in groups)
    weighed = {group["date"] for group in groups for one in group["measures"] if one["type"] == 1}
    assert len(weighed) == sum("Weight" in record for record in trial.records.values())


def a_weighing_of_now_is_in_the_next_run(trial):
    last = next(record for record in reversed(trial.records.values()) if "Weight" in record)
    now = scale.weigh(trial.account["base_url"], last["Weight"]["Value"] + 0.1)
    trial.run(*SINCE, "--to-json")
    records = json.loads(trial.written(".json"))
    key = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now))
    assert abs(records[key]["Weight"]["Value"] - last["Weight"]["Value"] - 0.1) < 0.006, records


def days_without_measures_are_no_error(trial):
    trial.run("--fromdate", "2010-01-01", "--todate", "2010-01-02")
    assert any("No measurements to upload" in line for line in trial.said), trial.said


def a_rate_limit_is_waited_out(trial):
    where = ("too-many", "measure/getmeas")
    with fault(trial.account["base_url"], *where, count=1, wait_seconds=1):
        trial.run(*SINCE, "--to-json")
    waited = [line for line in trial.said if "status 601" in line]
    assert len(waited) == 1 and waited[0].endswith("retrying in 1.0s"), waited
    assert json.loads(trial.written(".json")), "nothing came after the wait"


def a_dead_refresh_token_is_told_as_one(trial):
    stored = trial.stored()
    stored["access_token"], stored["refresh_token"] = trial.tokens[0]
    (trial.config / ".withings_user.json").write_text(json.dumps(stored))
    try:
        trial.run(*SINCE)
    except withings2.WithingsException as error:
        assert re.search(r"rejected \(status 503\): Invalid Params", str(error)), error
        return
    raise AssertionError("the old refresh token gave new tokens")


def without_tokens_it_asks_the_person_again(trial):
    (trial.config / ".withings_user.json").unlink()
    trial.run(*SINCE)
    assert trial.asked == 2, f"it asked {trial.asked} times"
    assert trial.stored()["refresh_token"] not in {refresh for _, refresh in trial.tokens}


STEPS = (
    a_first_run_asks_for_a_code_and_keeps_its_tokens,
    a_later_run_refreshes_its_tokens_and_asks_nobody,
    weighings_become_json_with_a_body_mass_index,
    blood_pressures_come_when_asked_for,
    measures_become_fit_files,
    the_answer_itself_can_be_kept,
    a_weighing_of_now_is_in_the_next_run,
    days_without_measures_are_no_error,
    a_rate_limit_is_waited_out,
    a_dead_refresh_token_is_told_as_one,
    without_tokens_it_asks_the_person_again,
)

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="withings-sync-") as folder:
        steps.run(STEPS, Trial(ACCOUNT, Path(folder)))
