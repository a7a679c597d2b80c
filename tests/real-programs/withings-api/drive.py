"""Drives the published `withings-api` library, unmodified, against a running vitald.

The library is the client most Python programs were written with. Only its two address constants
are pointed at the server; person.py plays the person and the browser. What the library itself never
asks for is not looked at here.

Usage: python drive.py FILE, where FILE holds the line `vitald demo --json` prints.
"""

import logging
import os
import time
from datetime import tzinfo

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["NO_PROXY"] = "127.0.0.1,localhost"

import person  # noqa: E402 - the library reads the environment set above
import scale  # noqa: E402
import steps  # noqa: E402
import withings_api  # noqa: E402
from fault import fault  # noqa: E402
from oauthlib.oauth2 import OAuth2Error  # noqa: E402
from receiver import Receiver  # noqa: E402
from withings_api import AbstractWithingsApi, WithingsApi, WithingsAuth  # noqa: E402
from withings_api.common import (  # noqa: E402
    AuthFailedException,
    AuthScope,
    Credentials2,
    GetSleepField,
    GetSleepSummaryField,
    HeartModel,
    HeartWearPosition,
    MeasureGetMeasGroupCategory,
    MeasureType,
    NotifyAppli,
    SleepGetSerie,
    SleepModel,
    SleepState,
)

DAY_SECONDS = 86_400
PAGES_MAX = 100
SCOPES = (AuthScope.USER_INFO, AuthScope.USER_METRICS, AuthScope.USER_ACTIVITY)
EVERYTHING = {"startdate": None, "enddate": None, "lastupdate": None}


class Trial:
    """What the steps share: the demo account, and what earlier steps obtained."""

    def __init__(self, account):
        self.account = account
        self.base_url = account["base_url"]
        AbstractWithingsApi.URL = WithingsAuth.URL = self.base_url
        self.auth = None
        self.code = None
        self.credentials = self.printed_credentials()
        self.api = WithingsApi(self.credentials)
        self.everything = None
        self.retired = None

    def printed_credentials(self):
        """The token pair the demo command printed."""
        return Credentials2(
            access_token=self.account["access_token"],
            refresh_token=self.account["refresh_token"],
            token_type="Bearer",
            userid=self.account["userid"],
            client_id=self.account["client_id"],
            consumer_secret=self.account["client_secret"],
            expires_in=10_800,
        )

    def new_auth(self, mode=None):
        return WithingsAuth(
            self.account["client_id"],
            self.account["client_secret"],
            self.account["redirect_uri"],
            scope=SCOPES,
            mode=mode,
        )

    def groups(self):
        """Every measure group of the person, fetched once."""
        if self.everything is None:
            self.everything = fetch_groups(self.api, **EVERYTHING)
        return self.everything


def fetch_groups(api, **filters):
    """All pages of `measure_get_meas`, as a program that follows `more` and `offset` sees them."""
    groups, offset = [], None
    for _ in range(PAGES_MAX):
        page = api.measure_get_meas(offset=offset, **filters)
        groups.extend(page.measuregrps)
        if not page.more:
            ids = [group.grpid for group in groups]
            assert len(ids) == len(set(ids)), "a group came twice"
            return groups
        assert page.offset and page.offset != offset, f"more, but offset {page.offset}"
        offset = page.offset
    raise AssertionError(f"more than {PAGES_MAX} pages")


def measured(groups, kind):
    """The values of one type, newest first."""
    newest_first = sorted(groups, key=lambda group: group.date, reverse=True)
    return [
        measure.value * 10**measure.unit
        for group in newest_first
        for measure in group.measures
        if measure.type == kind
    ]


def ids(groups):
    return {group.grpid for group in groups}


# The steps. Each is one thing a program does; they run in this order.


def the_printed_tokens_work(trial):
    assert trial.api.user_get_device().devices


def a_person_logs_in_and_consents(trial):
    trial.auth = trial.new_auth()
    authorize_url = trial.auth.get_authorize_url()
    assert authorize_url.startswith(trial.base_url + "/oauth2_user/authorize2?")
    trial.code = person.consent(trial.account, authorize_url)


def the_code_becomes_credentials(trial):
    assert trial.code, "there is no code: the consent step failed"
    credentials = trial.auth.get_credentials(trial.code)
    assert credentials.userid == int(trial.account["userid"]), f"userid {credentials.userid}"
    assert credentials.token_type == "Bearer"
    assert 0 < credentials.expires_in <= DAY_SECONDS
    assert credentials.access_token != credentials.refresh_token
    trial.credentials = credentials
    trial.api = WithingsApi(credentials)


def all_measures_are_there(trial):
    groups = trial.groups()
    assert len(groups) >= 600, f"only {len(groups)} groups"
    now = time.time()
    newest = max(group.date for group in groups).timestamp()
    assert now - 3 * DAY_SECONDS <= newest <= now + 60, f"the newest is {now - newest:.0f} s old"


def weights_are_plausible(trial):
    weights = measured(trial.groups(), MeasureType.WEIGHT)
    assert len(weights) >= 30, f"only {len(weights)} weights"
    assert all(30 < kilograms < 250 for kilograms in weights), f"{min(weights)} to {max(weights)}"
    assert max(weights) - min(weights) < 40, f"{min(weights)} to {max(weights)}"


def a_type_filters(trial):
    groups = fetch_groups(trial.api, meastype=MeasureType.WEIGHT, **EVERYTHING)
    kinds = {measure.type for group in groups for measure in group.measures}
    assert kinds == {MeasureType.WEIGHT}, f"got {kinds}"
    weighings = [group for group in trial.groups() if measured([group], MeasureType.WEIGHT)]
    assert ids(groups) == ids(weighings)


def small_pages_bring_the_same(trial):
    with fault(trial.base_url, "small-pages", "measure/getmeas", rows=150):
        groups = fetch_groups(trial.api, **EVERYTHING)
    assert ids(groups) == ids(trial.groups()), f"{len(groups)} groups"


def a_category_filters(trial):
    real = MeasureGetMeasGroupCategory.REAL
    groups = fetch_groups(trial.api, category=real, **EVERYTHING)
    assert groups and all(group.category == real for group in groups)
    assert ids(groups) == ids(group for group in trial.groups() if group.category == real)


def a_window_of_dates_filters(trial):
    dates = sorted(group.date for group in trial.groups())
    start, end = dates[len(dates) // 3], dates[2 * len(dates) // 3]
    groups = fetch_groups(trial.api, startdate=start, enddate=end, lastupdate=None)
    inside = {group.grpid for group in trial.groups() if start < group.date < end}
    edges = {group.grpid for group in trial.groups() if group.date in (start, end)}
    assert inside and inside <= ids(groups) <= inside | edges, f"{len(groups)}, not {len(inside)}"


def dates_and_lastupdate_together_are_accepted(trial):
    dates = sorted(group.date for group in trial.groups())
    start, end = dates[len(dates) // 3], dates[2 * len(dates) // 3]
    groups = fetch_groups(trial.api, startdate=start, enddate=end, lastupdate=int(time.time()))
    inside = {group.grpid for group in trial.groups() if start < group.date < end}
    assert inside <= ids(groups), "what lies between the dates is missing"
    trial.api.measure_get_meas()  # The library's defaults send all three.


def updatetime_asks_only_for_news(trial):
    updatetime = trial.api.measure_get_meas(**EVERYTHING).updatetime.int_timestamp
    assert updatetime <= time.time() + 60, f"updatetime {updatetime} lies ahead"
    # The library drops `modified`, so this reads the body it fetched.
    news = trial.api.request(
        path=WithingsApi.PATH_MEASURE, params={"action": "getmeas", "lastupdate": updatetime}
    )
    old = [group for group in news["measuregrps"] if group["modified"] < updatetime]
    assert not old, f"{len(old)} groups from before {updatetime}, as {old[0]}"


def days_of_activity_are_there(trial):
    end = int(time.time())
    start = end - 10 * DAY_SECONDS
    answer = trial.api.measure_get_activity(startdateymd=start, enddateymd=end, lastupdate=None)
    days = answer.activities
    assert len(days) >= 9 and not answer.more, f"{len(days)} days"
    dates = [day.date for day in days]
    assert len(set(dates)) == len(dates), "a day came twice"
    for day in days[1:-1]:
        assert day.steps and day.steps > 500, day
        assert day.distance and day.totalcalories > day.calories > 0, day
        assert day.hr_zone_0 is not None and 40 < day.hr_average < 120, day
        assert day.hr_min <= day.hr_average <= day.hr_max, day
        assert isinstance(day.timezone, tzinfo), day
    trial.api.measure_get_activity()  # The library's defaults send both days and lastupdate.


def nights_are_summed_up(trial):
    end = int(time.time())
    answer = trial.api.sleep_get_summary(
        data_fields=GetSleepSummaryField,
        startdateymd=end - 10 * DAY_SECONDS,
        enddateymd=end,
        lastupdate=None,
    )
    nights = answer.series
    assert len(nights) >= 8 and not answer.more, f"{len(nights)} nights"
    assert any(night.model == SleepModel.SLEEP_MONITOR for night in nights)
    for night in nights:
        slept = sum(
            part or 0
            for part in (
                night.data.deepsleepduration,
                night.data.lightsleepduration,
                night.data.remsleepduration,
            )
        )
        length = (night.enddate - night.startdate).total_seconds()
        assert 0 < slept <= length, f"{slept} s of sleep in {length} s"
        assert night.data.wakeupcount is not None and night.data.wakeupduration is not None
    trial.api.sleep_get_summary(data_fields=GetSleepSummaryField)


def a_night_is_told_minute_by_minute(trial):
    end = int(time.time())
    nights = trial.api.sleep_get_summary(
        data_fields=GetSleepSummaryField,
        startdateymd=end - 4 * DAY_SECONDS,
        enddateymd=end,
        lastupdate=None,
    ).series
    night = max(nights, key=lambda night: night.enddate - night.startdate)
    answer = trial.api.sleep_get(
        data_fields=GetSleepField, startdate=night.startdate, enddate=night.enddate
    )
    assert len(answer.series) > 5, f"{len(answer.series)} stages"
    states = {stage.state for stage in answer.series}
    assert {SleepState.LIGHT, SleepState.DEEP} <= states, states
    for stage in answer.series:
        assert isinstance(stage, SleepGetSerie) and stage.startdate < stage.enddate
    hearts = [stage.hr for stage in answer.series if stage.hr]
    assert hearts, "no heart rate in a whole night"


def electrocardiograms_are_listed_and_read(trial):
    end = int(time.time())
    answer = trial.api.heart_list(startdate=end - 60 * DAY_SECONDS, enddate=end)
    assert len(answer.series) >= 2, f"{len(answer.series)} electrocardiograms"
    newest = answer.series[0]
    assert newest.ecg.signalid > 0 and 30 < newest.heart_rate < 200, newest
    signal = trial.api.heart_get(newest.ecg.signalid)
    assert len(signal.signal) >= 20 * signal.sampling_frequency, f"{len(signal.signal)} samples"
    assert signal.wearposition in HeartWearPosition
    assert newest.model is None or isinstance(newest.model, (int, HeartModel))


def devices_are_listed(trial):
    devices = trial.api.user_get_device().devices
    assert devices
    for device in devices:
        assert device.model and device.type and device.deviceid, device
        assert isinstance(device.timezone, tzinfo), device


def a_weighing_is_told_to_the_subscriber(trial):
    api = trial.api
    with Receiver() as receiver:
        here = receiver.url
        api.notify_subscribe(here, NotifyAppli.WEIGHT, "the first")
        api.notify_subscribe(here, NotifyAppli.SLEEP)
        listed = api.notify_list().profiles
        assert [(one.appli, one.callbackurl, one.comment) for one in listed] == [
            (NotifyAppli.WEIGHT, here, "the first"),
            (NotifyAppli.SLEEP, here, None),
        ], listed
        assert api.notify_get(here, NotifyAppli.WEIGHT).comment == "the first"
        api.notify_update(here, NotifyAppli.SLEEP, here + "/nights", comment="nights")
        assert [one.callbackurl for one in api.notify_list(NotifyAppli.SLEEP).profiles] == [
            here + "/nights"
        ]
        last = measured(trial.groups(), MeasureType.WEIGHT)[0]
        now = scale.weigh(trial.base_url, last + 0.005)
        told = receiver.next()
        assert told["appli"] == "1" and told["userid"] == str(trial.account["userid"]), told
        start, end = int(told["startdate"]), int(told["enddate"])
        news = fetch_groups(api, startdate=start, enddate=end, lastupdate=None)
        assert [int(group.date.float_timestamp) for group in news] == [now], news
        trial.everything = None
        api.notify_revoke(here)
        api.notify_revoke(here + "/nights", NotifyAppli.SLEEP)
        assert not api.notify_list().profiles


def the_token_pair_refreshes(trial):
    told = []
    trial.retired = trial.credentials
    api = WithingsApi(trial.credentials, refresh_cb=told.append)
    api.refresh_token()
    assert len(told) == 1, f"the callback was called {len(told)} times"
    trial.credentials = told[0]
    assert trial.credentials.access_token != trial.retired.access_token
    assert trial.credentials.refresh_token != trial.retired.refresh_token
    assert api.user_get_device().devices
    trial.api = WithingsApi(trial.credentials)
    assert trial.api.measure_get_meas(**EVERYTHING).measuregrps


def the_dead_refresh_token_is_refused(trial):
    assert trial.retired, "there is no dead token: the refresh step failed"
    api = WithingsApi(trial.retired)
    try:
        api.refresh_token()
    except OAuth2Error:
        return
    raise AssertionError("the old refresh token gave new tokens")


def an_expired_token_refreshes_by_itself(trial):
    told = []
    expired = trial.credentials.copy(update={"expires_in": -60})
    api = WithingsApi(expired, refresh_cb=told.append)
    assert api.user_get_device().devices
    assert len(told) == 1, f"the callback was called {len(told)} times"
    trial.credentials = told[0]
    trial.api = WithingsApi(trial.credentials)
    assert trial.api.user_get_device().devices


def a_garbage_access_token_is_refused(trial):
    garbage = trial.credentials.copy(update={"access_token": "0123456789abcdef" * 2})
    try:
        WithingsApi(garbage).user_get_device()
    except AuthFailedException:
        return
    raise AssertionError("a made-up access token was taken")


def the_demo_mode_needs_no_login(trial):
    auth = trial.new_auth(mode="demo")
    authorize_url = auth.get_authorize_url()
    assert authorize_url.endswith("&mode=demo")
    browser = person.Browser(trial.base_url)
    browser.open(authorize_url)
    fields = browser.forms()[0].fields
    assert "email" not in fields and "password" not in fields, "the demo asks for a login"
    credentials = auth.get_credentials(person.allow(trial.account, browser, authorize_url))
    assert credentials.userid > 0
    assert WithingsApi(credentials).measure_get_meas(**EVERYTHING).measuregrps


STEPS = (
    the_printed_tokens_work,
    a_person_logs_in_and_consents,
    the_code_becomes_credentials,
    all_measures_are_there,
    weights_are_plausible,
    small_pages_bring_the_same,
    a_type_filters,
    a_category_filters,
    a_window_of_dates_filters,
    dates_and_lastupdate_together_are_accepted,
    updatetime_asks_only_for_news,
    days_of_activity_are_there,
    nights_are_summed_up,
    a_night_is_told_minute_by_minute,
    electrocardiograms_are_listed_and_read,
    devices_are_listed,
    a_weighing_is_told_to_the_subscriber,
    the_token_pair_refreshes,
    the_dead_refresh_token_is_refused,
    an_expired_token_refreshes_by_itself,
    a_garbage_access_token_is_refused,
    the_demo_mode_needs_no_login,
)


if __name__ == "__main__":
    # It warns of every measure type younger than itself.
    logging.getLogger(withings_api.common.LOG_NAMESPACE).setLevel(logging.ERROR)
    steps.run(STEPS, Trial(steps.account()))
