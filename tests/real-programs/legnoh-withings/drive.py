"""Drives the published `legnoh-withings` library, unmodified, against a running vitald.

It is a thin client with a method for nearly every operation of the public API; only its two address
constants are pointed at the server. What its methods never ask for is not looked at here.

Usage: python drive.py FILE, where FILE holds the line `vitald demo --json` prints.
"""

import os
from datetime import date, datetime, timedelta, timezone

os.environ["NO_PROXY"] = "127.0.0.1,localhost"

import person  # noqa: E402 - the library reads the environment set above
import scale  # noqa: E402
import steps  # noqa: E402
from fault import fault  # noqa: E402
from receiver import Receiver  # noqa: E402
from withings import OAuth2Token, WithingsApiError, WithingsClient  # noqa: E402

SCOPES = ("user.info", "user.metrics", "user.activity", "user.sleepevents")
WEIGHT, SYSTOLIC = 1, 10
APPLI_WEIGHT, APPLI_SLEEP = 1, 44
MINUTES_MAX = 24 * 60


class Trial:
    """What the steps share: the client, and tokens that were replaced."""

    def __init__(self, account):
        self.account = account
        WithingsClient.API_BASE_URL = account["base_url"]
        WithingsClient.AUTHORIZE_URL = account["base_url"] + "/oauth2_user/authorize2"
        self.client = WithingsClient(
            account["client_id"], account["client_secret"], account["redirect_uri"]
        )
        self.retired = None
        self.weight = None


def pages(fetch, key):
    """Every row, as a program that follows `more` and `offset` sees them."""
    answer = fetch(None)
    rows = list(answer[key])
    while answer.get("more"):
        answer = fetch(answer["offset"])
        rows.extend(answer[key])
    return rows


def kilograms(group):
    return [one["value"] * 10 ** one["unit"] for one in group["measures"] if one["type"] == WEIGHT]


# The steps. Each is one thing a program does; they run in this order.


def the_code_becomes_a_token(trial):
    url = trial.client.build_authorization_url(SCOPES, "a state & more")
    code = person.consent(trial.account, url)
    token = trial.client.request_access_token(code)
    assert int(token.userid) == trial.account["userid"], token.userid
    assert token.scope == ",".join(SCOPES) and not token.is_expired(), token


def measures_come_page_by_page(trial):
    with fault(trial.account["base_url"], "small-pages", "measure/getmeas", rows=150):
        groups = pages(lambda offset: trial.client.get_measures(offset=offset), "measuregrps")
    assert len(groups) >= 600, f"only {len(groups)} groups"
    assert len({group["grpid"] for group in groups}) == len(groups), "a group came twice"
    # The numbers as texts: it joins the list with commas, and does not make texts of them itself.
    types = [str(WEIGHT), str(SYSTOLIC)]
    real = pages(
        lambda offset: trial.client.get_measures(meastypes=types, category=1, offset=offset),
        "measuregrps",
    )
    kinds = {one["type"] for group in real for one in group["measures"]}
    assert kinds == {WEIGHT, SYSTOLIC}, kinds
    weighed = [group for group in real if kilograms(group)]
    [trial.weight] = kilograms(max(weighed, key=lambda group: group["date"]))


def days_of_activity_are_there(trial):
    fields = ["steps", "distance", "calories", "hr_average"]
    end = date.today()
    answer = trial.client.get_activity(
        startdateymd=end - timedelta(days=10), enddateymd=end, data_fields=fields
    )
    assert len(answer["activities"]) >= 9, f"{len(answer['activities'])} days"
    assert all(set(fields) <= set(day) for day in answer["activities"][1:-1]), answer


def minutes_of_a_day_are_there(trial):
    end = datetime.now(timezone.utc) - timedelta(hours=1)
    start = end - timedelta(days=1)
    answer = trial.client.get_intraday_activity(
        startdate=start, enddate=end, data_fields=["steps", "heart_rate"]
    )
    series = answer["series"]
    assert 200 <= len(series) <= MINUTES_MAX + 1, f"{len(series)} minutes"
    assert all(start.timestamp() - 1 <= int(at) <= end.timestamp() for at in series)
    assert sum(row.get("steps", 0) for row in series.values()) > 500


def workouts_are_listed(trial):
    end = date.today()
    answer = trial.client.get_workouts(startdateymd=end - timedelta(days=59), enddateymd=end)
    assert len(answer["series"]) >= 5 and not answer["more"], f"{len(answer['series'])} workouts"
    assert all(row["startdate"] < row["enddate"] and row["data"] for row in answer["series"])


def nights_are_summed_up_and_told(trial):
    end = date.today()
    answer = trial.client.get_sleep_summary(startdateymd=end - timedelta(days=10), enddateymd=end)
    nights = answer["series"]
    assert len(nights) >= 8, f"{len(nights)} nights"
    night = max(nights, key=lambda night: night["startdate"])
    start, end = (
        datetime.fromtimestamp(night[edge], timezone.utc) for edge in ("startdate", "enddate")
    )
    told = trial.client.get_sleep(startdate=start, enddate=end, data_fields=["hr", "rr"])
    assert len(told["series"]) > 5 and any(row.get("hr") for row in told["series"])


def electrocardiograms_are_listed_and_read(trial):
    end = datetime.now(timezone.utc)
    answer = trial.client.list_heart_records(startdate=end - timedelta(days=60), enddate=end)
    records = [row for row in answer["series"] if row.get("ecg")]
    assert len(records) >= 2, f"{len(records)} electrocardiograms"
    signal = trial.client.get_heart_signal(records[0]["ecg"]["signalid"], with_filtered=True)
    assert len(signal["signal"]) >= 20 * signal["sampling_frequency"]


def devices_and_goals_are_read(trial):
    devices = trial.client.get_user_devices()["devices"]
    assert len(devices) == 4 and all(device["model"] for device in devices), devices
    goals = trial.client.get_user_goals()["goals"]
    assert goals["steps"] == 10_000 and goals["weight"]["value"], goals


def subscriptions_change_one_thing_at_a_time(trial):
    client = trial.client
    with Receiver() as receiver:
        client.notify_subscribe(receiver.url, APPLI_WEIGHT)
        client.notify_update(receiver.url, APPLI_WEIGHT, comment="a comment alone")
        assert client.notify_get(receiver.url, appli=APPLI_WEIGHT)["comment"] == "a comment alone"
        client.notify_update(receiver.url, APPLI_WEIGHT, new_appli=APPLI_SLEEP)
        [row] = client.notify_list()["profiles"]
        assert (row["appli"], row["comment"]) == (APPLI_SLEEP, "a comment alone"), row
        client.notify_update(receiver.url, APPLI_SLEEP, new_appli=APPLI_WEIGHT)
        now = scale.weigh(trial.account["base_url"], trial.weight + 0.005)
        told = receiver.next()
        assert told["appli"] == str(APPLI_WEIGHT) and int(told["startdate"]) <= now, told
        client.notify_revoke(receiver.url, appli=APPLI_WEIGHT)
        assert client.notify_list()["profiles"] == []


def the_token_refreshes_and_the_old_one_is_dead(trial):
    trial.retired = trial.client.token
    trial.client.refresh_access_token()
    assert trial.client.token.access_token != trial.retired.access_token
    assert trial.client.get_user_goals()["goals"]
    assert refused(lambda: trial.client.refresh_access_token(trial.retired.refresh_token)) == 503


def an_expired_token_refreshes_by_itself(trial):
    before = trial.client.token
    before.expires_in = -60
    assert trial.client.get_user_devices()["devices"]
    assert trial.client.token.access_token != before.access_token


def a_made_up_token_is_refused(trial):
    stranger = WithingsClient(*3 * ["unknown"])
    stranger.set_token(OAuth2Token("0123456789abcdef" * 2, "", 10_800, ""))
    assert refused(stranger.get_user_devices) == 401


def refused(call):
    """The status with which a call is refused."""
    try:
        call()
    except WithingsApiError as error:
        return error.status
    raise AssertionError("it was not refused")


STEPS = (
    the_code_becomes_a_token,
    measures_come_page_by_page,
    days_of_activity_are_there,
    minutes_of_a_day_are_there,
    workouts_are_listed,
    nights_are_summed_up_and_told,
    electrocardiograms_are_listed_and_read,
    devices_and_goals_are_read,
    subscriptions_change_one_thing_at_a_time,
    the_token_refreshes_and_the_old_one_is_dead,
    an_expired_token_refreshes_by_itself,
    a_made_up_token_is_refused,
)

if __name__ == "__main__":
    steps.run(STEPS, Trial(steps.account()))
