"""Drives the published `aiowithings` library, unmodified, against a running vitald.

It is what Home Assistant reads Withings with. It always speaks https to port 443 of a host, so it is
handed a session, which it takes, that sends the same requests to the server instead. Tokens are its
user's business: here they are refreshed as Home Assistant does, and handed over when it asks.

Usage: python drive.py FILE, where FILE holds the line `vitald demo --json` prints.
"""

import asyncio
import functools
import json
import logging
import time
import urllib.request
from datetime import date, datetime, timedelta, timezone
from urllib.parse import urlencode

import person
import scale
import steps
from aiohttp import ClientSession
from aiowithings import (
    ActivityDataFields,
    DeviceBattery,
    DeviceModel,
    DeviceType,
    MeasurementAttribution,
    MeasurementGroupCategory,
    MeasurementType,
    NotificationCategory,
    SleepDataFields,
    SleepState,
    SleepSummaryDataFields,
    WebhookCall,
    WithingsAuthenticationFailedError,
    WithingsClient,
    WithingsInvalidParamsError,
    WorkoutDataFields,
)
from fault import fault
from receiver import Receiver
from yarl import URL

REQUEST_SECONDS_MAX = 30
SCOPES = "user.info,user.metrics,user.activity,user.sleepevents"
NOTHING_YET = datetime(2010, 1, 1, tzinfo=timezone.utc)


class Here:
    """A session that takes every request to the server, whatever host it names."""

    def __init__(self, session, base_url):
        self.session = session
        self.base_url = URL(base_url)

    async def request(self, method, url, **rest):
        assert url.host == "wbsapi.withings.net" and url.scheme == "https", url
        return await self.session.request(method, self.base_url.join(url.relative()), **rest)


class Warnings(logging.Handler):
    """What the library logs: above all values it does not know."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage())


class Trial:
    """What the steps share: the client, its tokens, and what it complained of."""

    def __init__(self, account, session):
        self.account = account
        self.warnings = Warnings()
        logging.getLogger("aiowithings").addHandler(self.warnings)
        self.session = Here(session, account["base_url"])
        self.tokens = None
        self.renewed = 0
        self.groups = []
        self.client = self.new_client()

    def new_client(self):
        return WithingsClient(session=self.session, refresh_token_function=self.token)

    async def token(self):
        """Asked before every request; a pair that has not ended is good enough."""
        if self.tokens["ends"] <= time.time():
            self.renewed += 1
            self.ask_tokens(grant_type="refresh_token", refresh_token=self.tokens["refresh_token"])
        return self.tokens["access_token"]

    def ask_tokens(self, **fields):
        body = urlencode(
            {
                "action": "requesttoken",
                "client_id": self.account["client_id"],
                "client_secret": self.account["client_secret"],
                **fields,
            }
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        url = self.account["base_url"] + "/v2/oauth2"
        with opener.open(url, body.encode(), timeout=REQUEST_SECONDS_MAX) as answer:
            answer = json.load(answer)
        assert answer["status"] == 0, answer
        self.tokens = {**answer["body"], "ends": time.time() + answer["body"]["expires_in"]}


# The steps. Each is one thing a program does; they run in this order.


async def a_person_consents_and_tokens_come(trial):
    query = {
        "response_type": "code",
        "client_id": trial.account["client_id"],
        "redirect_uri": trial.account["redirect_uri"],
        "state": "a-state",
        "scope": SCOPES,
    }
    url = f"{trial.account['base_url']}/oauth2_user/authorize2?{urlencode(query)}"
    code = person.consent(trial.account, url)
    trial.ask_tokens(
        grant_type="authorization_code", code=code, redirect_uri=trial.account["redirect_uri"]
    )
    assert trial.tokens["scope"] == SCOPES, trial.tokens["scope"]


async def all_measures_are_there(trial):
    trial.groups = await trial.client.get_measurement_since(NOTHING_YET)
    assert len(trial.groups) >= 300, f"only {len(trial.groups)} groups"
    for group in trial.groups:
        assert group.attribution is not MeasurementAttribution.UNKNOWN, group
        assert group.taken_at <= group.stored_at <= group.updated_at, group
        assert group.measurements, group
    kinds = {group.category for group in trial.groups}
    assert kinds == {MeasurementGroupCategory.REAL, MeasurementGroupCategory.USER_OBJECTIVES}


async def a_period_and_a_list_of_types_filter(trial):
    end = datetime.now(timezone.utc)
    start = end - timedelta(days=30)
    kinds = [MeasurementType.WEIGHT, MeasurementType.SYSTOLIC_BLOOD_PRESSURE]
    groups = await trial.client.get_measurement_in_period(start, end, kinds)
    assert len(groups) >= 15, f"{len(groups)} groups"
    assert all(start <= group.taken_at <= end for group in groups)
    measurements = [one for group in groups for one in group.measurements]
    assert {one.measurement_type for one in measurements} == set(kinds)
    weights = [one.value for one in measurements if one.measurement_type == MeasurementType.WEIGHT]
    assert all(30 < kilograms < 250 for kilograms in weights), f"{min(weights)} to {max(weights)}"


async def devices_are_listed(trial):
    devices = await trial.client.get_devices()
    # It leaves out the model called "Aura Sensor V2", which the demo person has, too.
    assert {device.device_type for device in devices} == {
        DeviceType.SCALE,
        DeviceType.BLOOD_PRESSURE_MONITOR,
        DeviceType.ACTIVITY_TRACKER,
    }, devices
    for device in devices:
        assert device.model is not DeviceModel.UNKNOWN and device.raw_model, device
        assert device.battery in DeviceBattery, device
        assert device.first_session_date <= device.last_session_date, device


async def goals_are_read(trial):
    goals = await trial.client.get_goals()
    assert goals.steps == 10_000 and goals.sleep == 8 * 3600, goals
    assert 30 < goals.weight < 250, goals


async def days_of_activity_are_there(trial):
    end = date.today()
    start = end - timedelta(days=10)
    days = await trial.client.get_activities_in_period(start, end, list(ActivityDataFields))
    assert len(days) >= 9, f"{len(days)} days"
    assert len({day.date for day in days}) == len(days), "a day came twice"
    for day in sorted(days, key=lambda day: day.date)[1:-1]:
        assert day.steps > 500 and day.distance > 0 and day.is_withings_tracker, day
        assert day.total_calories_burnt > day.active_calories_burnt > 0, day
        assert day.min_heart_rate <= day.average_heart_rate <= day.max_heart_rate, day
    # As Home Assistant asks, without a list of fields.
    since = datetime.now(timezone.utc) - timedelta(days=3)
    assert await trial.client.get_activities_since(since)


async def workouts_are_listed(trial):
    end = date.today()
    start = end - timedelta(days=59)
    workouts = await trial.client.get_workouts_in_period(start, end, list(WorkoutDataFields))
    assert len(workouts) >= 5, f"{len(workouts)} workouts"
    for workout in workouts:
        assert workout.start_date < workout.end_date, workout
        assert workout.active_calories_burnt and workout.average_heart_rate, workout
    assert await trial.client.get_workouts_since(NOTHING_YET)


async def nights_are_summed_up(trial):
    end = date.today()
    fields = list(SleepSummaryDataFields)
    start = end - timedelta(days=10)
    nights = await trial.client.get_sleep_summary_in_period(start, end, fields)
    assert len(nights) >= 8, f"{len(nights)} nights"
    for night in nights:
        slept = night.light_sleep_duration + night.deep_sleep_duration + night.rem_sleep_duration
        assert slept == night.total_sleep_time <= night.total_time_in_bed, night
        assert 0 < night.sleep_score <= 100 and 0 < night.sleep_efficiency <= 1, night
        assert night.min_heart_rate <= night.average_heart_rate <= night.max_heart_rate, night
    assert await trial.client.get_sleep_summary_since(NOTHING_YET)


async def a_night_is_told_minute_by_minute(trial):
    end = date.today()
    nights = await trial.client.get_sleep_summary_in_period(end - timedelta(days=4), end)
    night = max(nights, key=lambda night: night.end_date - night.start_date)
    fields = list(SleepDataFields)
    series = await trial.client.get_sleep(night.start_date, night.end_date, fields)
    states = {part.state for part in series}
    assert {SleepState.LIGHT_SLEEP, SleepState.DEEP_SLEEP, SleepState.REM_SLEEP} <= states, states
    hearts = [one.value for part in series for one in part.heart_rate or []]
    assert len(hearts) > 60 and all(25 < rate < 150 for rate in hearts), len(hearts)


async def a_weighing_is_told_to_the_subscriber(trial):
    client = trial.client
    with Receiver() as receiver:
        for kind in (NotificationCategory.WEIGHT, NotificationCategory.SLEEP):
            await client.subscribe_notification(receiver.url, kind)
        listed = await client.list_notification_configurations()
        kinds = {one.notification_category for one in listed}
        assert kinds == {NotificationCategory.WEIGHT, NotificationCategory.SLEEP}, listed
        assert {one.callback_url for one in listed} == {receiver.url}, listed
        [one] = await client.list_notification_configurations(NotificationCategory.SLEEP)
        assert one.notification_category is NotificationCategory.SLEEP, one
        now = scale.weigh(trial.account["base_url"], newest_weight(trial) + 0.005)
        told = {name: int(value) for name, value in receiver.next().items() if value.isdigit()}
        call = WebhookCall.from_api(told)
        assert call.notification_category is NotificationCategory.WEIGHT, call
        assert call.user_id == trial.account["userid"], call
        news = await client.get_measurement_in_period(call.start_date, call.end_date)
        assert [int(group.taken_at.timestamp()) for group in news] == [now], news
        for kind in kinds:
            await client.revoke_notification_configurations(receiver.url, kind)
        assert not await client.list_notification_configurations()


def newest_weight(trial):
    newest = max(
        (group.taken_at, one.value)
        for group in trial.groups
        for one in group.measurements
        if one.measurement_type is MeasurementType.WEIGHT
    )
    return newest[1]


async def an_ended_token_is_refreshed_before_the_next_request(trial):
    before = trial.tokens["access_token"]
    trial.tokens["ends"] = 0
    assert await trial.client.get_goals()
    assert trial.renewed == 1 and trial.tokens["access_token"] != before


async def a_made_up_token_and_a_wrong_request_have_errors_of_their_own(trial):
    stranger = WithingsClient(session=trial.session)
    stranger.authenticate("0123456789abcdef" * 2)
    try:
        await stranger.get_devices()
        raise AssertionError("a made-up access token was taken")
    except WithingsAuthenticationFailedError:
        pass
    try:
        await trial.client.subscribe_notification("no address", NotificationCategory.WEIGHT)
        raise AssertionError("what is no address was subscribed")
    except WithingsInvalidParamsError:
        pass


async def nothing_was_unknown_to_the_library(trial):
    assert not trial.warnings.said, trial.warnings.said


async def what_nobody_knows_yet_is_told_and_read_all_the_same(trial):
    where = ("unknown-measure-type", "measure/getmeas")
    with fault(trial.account["base_url"], *where, count=1):
        groups = await trial.client.get_measurement_since(NOTHING_YET)
    kinds = {one.measurement_type for group in groups for one in group.measurements}
    assert {MeasurementType.UNKNOWN, MeasurementType.WEIGHT} <= kinds, kinds
    assert trial.warnings.said and all("MeasurementType" in line for line in trial.warnings.said)


STEPS = (
    a_person_consents_and_tokens_come,
    all_measures_are_there,
    a_period_and_a_list_of_types_filter,
    devices_are_listed,
    goals_are_read,
    days_of_activity_are_there,
    workouts_are_listed,
    nights_are_summed_up,
    a_night_is_told_minute_by_minute,
    a_weighing_is_told_to_the_subscriber,
    an_ended_token_is_refreshed_before_the_next_request,
    a_made_up_token_and_a_wrong_request_have_errors_of_their_own,
    nothing_was_unknown_to_the_library,
    what_nobody_knows_yet_is_told_and_read_all_the_same,
)


async def new_session():
    return ClientSession()


def on(runner, step):
    """The step as a plain function: all of them run on one loop, as the session asks."""

    @functools.wraps(step)
    def run(trial):
        runner.run(step(trial))

    return run


if __name__ == "__main__":
    with asyncio.Runner() as runner:
        session = runner.run(new_session())
        try:
            plain = [on(runner, step) for step in STEPS]
            steps.run(plain, Trial(steps.account(), session))
        finally:
            runner.run(session.close())
