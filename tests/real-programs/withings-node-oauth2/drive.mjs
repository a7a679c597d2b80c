// Drives the published `withings-node-oauth2` library, unmodified, against a running vitald.
//
// Its addresses are constants, so it is handed a `fetch`, which is one of its options, that sends the
// same requests to the server instead of to the host they name. It signs its token and notify calls.
// person.py plays the person and the browser, scale.py the scale.
//
// Usage: node drive.mjs FILE, where FILE holds the line `vitald demo --json` prints; PYTHONPATH names
// the folder of person.py.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import {
  MeasureType,
  NotifyAppli,
  WithingsAuthError,
  WithingsClient,
  WithingsError,
  measureValue,
  parseNotifyEvent,
} from "withings-node-oauth2";

const FILE = process.argv[2];
const account = JSON.parse(readFileSync(FILE, "utf8"));
const API = "https://wbsapi.withings.net";
const PAGES = "https://account.withings.com";
const DAY_SECONDS = 86_400;
const SCOPES = ["user.info", "user.metrics", "user.activity", "user.sleepevents"];

const here = (url) => {
  assert.ok(url.startsWith(API), url);
  return account.base_url + url.slice(API.length);
};
const python = (module, ...words) =>
  execFileSync("python3", ["-m", module, ...words], { encoding: "utf8" }).trim();
const now = () => Math.floor(Date.now() / 1000);
const daysAgo = (days) => now() - days * DAY_SECONDS;

const shared = { told: [], retired: undefined, weight: undefined, night: undefined };

const client = (tokens) =>
  new WithingsClient({
    clientId: account.client_id,
    clientSecret: account.client_secret,
    callbackURL: account.redirect_uri,
    fetch: (url, init) => fetch(here(url), init),
    onTokenRefresh: (told) => shared.told.push(told),
    tokens,
  });
const withings = client();

async function all(iterator) {
  const rows = [];
  for await (const row of iterator) rows.push(row);
  return rows;
}

/** Has the sandbox do to a call of getmeas what `fault` says. */
async function under(fault, call) {
  const ask = async (method, fields) => {
    const headers = { "Content-Type": "application/json" };
    const request = { method, headers, body: JSON.stringify(fields) };
    const answer = await (await fetch(`${account.base_url}/vitald/v1/fault`, request)).json();
    assert.equal(answer.status, 0, JSON.stringify(answer));
    return answer.body;
  };
  await ask("POST", { operation: "measure/getmeas", ...fault });
  try {
    return await call();
  } finally {
    await ask("DELETE", { all: 1 });
  }
}

// Each is one thing a program does; they run in this order.
const steps = {
  async "a signed call makes tokens of the code"() {
    const url = withings.oauth.authorizeUrl({ scope: SCOPES, state: "a state & more" });
    assert.ok(url.startsWith(PAGES), url);
    const code = python("person", FILE, account.base_url + url.slice(PAGES.length));
    const tokens = await withings.oauth.exchangeCode(code);
    assert.equal(Number(tokens.userId), account.userid);
    assert.equal(tokens.scope, SCOPES.join(","));
    assert.ok(tokens.expiresAt > Date.now());
    assert.equal(shared.told.length, 1);
  },

  async "measures come page by page"() {
    const small = { name: "small-pages", settings: { rows: 150 } };
    const groups = await under(small, () => all(withings.measures.paginate()));
    assert.ok(groups.length >= 600, `only ${groups.length} groups`);
    assert.equal(new Set(groups.map((group) => group.grpid)).size, groups.length);
    for (const { date, created, modified } of groups) assert.ok(date <= created, { modified });
  },

  async "types and dates filter measures"() {
    const types = [MeasureType.Weight];
    const { measuregrps: groups } = await withings.measures.list({
      types,
      category: 1,
      from: daysAgo(30),
      to: now(),
    });
    assert.ok(groups.length >= 15, `${groups.length} weighings`);
    const weights = groups.map((group) => measureValue(group, MeasureType.Weight));
    assert.ok(weights.every((kilograms) => 30 < kilograms && kilograms < 250), String(weights));
    assert.ok(groups.every((group) => group.date >= daysAgo(31)));
    shared.weight = weights[0];
  },

  async "days of activity are there"() {
    const days = await all(withings.activity.paginate({ from: daysAgo(10) }));
    assert.ok(days.length >= 9, `${days.length} days`);
    const whole = days.slice(1, -1);
    assert.ok(whole.every((day) => day.steps > 500 && day.totalcalories > day.calories));
  },

  async "minutes of a day are there"() {
    const { series } = await withings.activity.intraday({ from: daysAgo(1), to: now() });
    const minutes = Object.keys(series);
    assert.ok(minutes.length >= 200, `${minutes.length} minutes`);
    assert.ok(minutes.every((at) => Number(at) >= daysAgo(1) - 60));
    assert.ok(Object.values(series).some((row) => row.heart_rate > 30));
  },

  async "workouts are listed"() {
    const workouts = await all(withings.workouts.paginate({ from: daysAgo(59) }));
    assert.ok(workouts.length >= 5, `${workouts.length} workouts`);
    assert.ok(workouts.every((one) => one.startdate < one.enddate && one.data.calories > 0));
  },

  async "nights are summed up"() {
    const nights = await all(withings.sleep.paginate({ from: daysAgo(10) }));
    assert.ok(nights.length >= 8, `${nights.length} nights`);
    assert.ok(nights.every((night) => night.data.total_sleep_time > 0));
    shared.night = nights.reduce((one, other) => (one.startdate > other.startdate ? one : other));
  },

  async "a night is told minute by minute"() {
    const { startdate, enddate } = shared.night;
    const { series } = await withings.sleep.get({
      from: startdate,
      to: enddate,
      dataFields: "hr,rr,snoring",
    });
    assert.ok(series.length > 5, `${series.length} parts`);
    assert.ok(series.some((part) => part.hr && Object.keys(part.hr).length > 0));
  },

  async "electrocardiograms are listed and read"() {
    const records = await all(withings.heart.paginate({ from: daysAgo(60), to: now() }));
    const traces = records.filter((record) => record.ecg);
    assert.ok(traces.length >= 2, `${traces.length} electrocardiograms`);
    const trace = await withings.heart.get({ signalId: traces[0].ecg.signalid });
    assert.ok(trace.signal.length >= 20 * trace.sampling_frequency);
  },

  async "devices and goals are read"() {
    const { devices } = await withings.devices.list();
    assert.equal(devices.length, 4);
    assert.ok(devices.every((device) => device.model && device.type && device.timezone));
    const { goals } = await withings.goals.get();
    assert.equal(goals.steps, 10_000);
  },

  async "a signed subscription is told of a weighing"() {
    const receiver = createServer((request, answer) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        answer.end();
        if (request.method === "POST") receiver.emit("told", Buffer.concat(parts).toString());
      });
    });
    receiver.listen(0, "127.0.0.1");
    await once(receiver, "listening");
    try {
      const callbackUrl = `http://127.0.0.1:${receiver.address().port}/told`;
      const appli = NotifyAppli.Weight;
      await withings.notify.subscribe({ callbackUrl, appli });
      await withings.notify.update({ callbackUrl, appli, comment: "a comment alone" });
      const { profiles } = await withings.notify.list();
      assert.deepEqual(
        profiles.map((one) => [one.appli, one.callbackurl, one.comment]),
        [[appli, callbackUrl, "a comment alone"]],
      );
      assert.equal((await withings.notify.get({ callbackUrl, appli })).appli, appli);
      const arrives = once(receiver, "told");
      const at = Number(python("scale", account.base_url, String(shared.weight + 0.005)));
      const event = parseNotifyEvent((await arrives)[0]);
      assert.equal(event.appli, appli);
      assert.equal(Number(event.userid), account.userid);
      const { measuregrps: news } = await withings.measures.list({
        from: event.startdate,
        to: event.enddate,
      });
      assert.deepEqual(news.map((group) => group.date), [at]);
      await withings.notify.revoke({ callbackUrl, appli });
      assert.deepEqual((await withings.notify.list()).profiles, []);
    } finally {
      receiver.close();
    }
  },

  async "a call refused with 601 is made again"() {
    const limit = { name: "too-many", count: 1 };
    const { measuregrps } = await under(limit, () => withings.measures.list());
    assert.ok(measuregrps.length);
  },

  async "a signed refresh replaces both tokens"() {
    shared.retired = await withings.getTokens();
    const tokens = await withings.oauth.refresh();
    assert.notEqual(tokens.accessToken, shared.retired.accessToken);
    assert.notEqual(tokens.refreshToken, shared.retired.refreshToken);
    assert.ok((await withings.devices.list()).devices.length);
  },

  async "a replaced refresh token is refused"() {
    const stale = withings.oauth.refresh(shared.retired.refreshToken);
    await assert.rejects(stale, (error) => error instanceof WithingsError && error.status === 503);
  },

  async "a token that has ended is refreshed before the next call"() {
    const before = await withings.getTokens();
    await withings.setTokens({ ...before, expiresAt: Date.now() });
    assert.ok((await withings.goals.get()).goals);
    assert.notEqual((await withings.getTokens()).accessToken, before.accessToken);
  },

  async "a token the server refuses is refreshed and the call made again"() {
    const before = await withings.getTokens();
    await withings.setTokens({ ...before, accessToken: "0123456789abcdef".repeat(2) });
    assert.ok((await withings.goals.get()).goals);
    const alone = client({ accessToken: "0123456789abcdef".repeat(2) });
    await assert.rejects(alone.oauth.refresh(), WithingsAuthError);
    const refused = alone.goals.get({ accessToken: "0123456789abcdef".repeat(2) });
    await assert.rejects(refused, (error) => error.status === 401);
  },
};

let failed = 0;
for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${String(error).replace(/\s+/g, " ")}`);
  }
}
console.log(`${Object.keys(steps).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
