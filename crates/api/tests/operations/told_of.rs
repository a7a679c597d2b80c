//! What applications are told: a write of any kind, and the rows of the outbox it leaves in the
//! same transaction. Each category of field-notes 1.3 that something can set off is here. Whether a
//! row arrives is tested in `server`, the rows themselves in `store`.

use crate::app::{ALL_SCOPES, App, NOW, Program, assert_names, groups, status, weight};
use crate::import::recorded;
use crate::import_rows::nights;
use crate::surveys;
use crate::told::{MIDNIGHT, intraday, night};
use api::account::NewProfile;
use api::admin::Account;
use domain::Scope;
use domain::notification::Appli;
use serde_json::{Value, json};
use store::delivery::{self, Filter, Logged, State};
use store::subscription::{self, APPLICATION};

impl App {
    /// The outbox and log of an application, oldest first.
    pub(crate) fn outbox(&self, program: &Program) -> Vec<Logged> {
        let client = program.id.clone();
        let filter = Filter::default();
        let mut log = self.does(move |tx| delivery::log(tx, &client, &filter, None, 1_000));
        log.reverse();
        log
    }

    /// What an application is told, oldest first.
    pub(crate) fn told(&self, program: &Program) -> Vec<String> {
        self.outbox(program).into_iter().map(|line| line.body).collect()
    }

    pub(crate) fn grants(&self, program: &Program, person: &Account, scope: &str) {
        let (client, email, scope) = (program.id.clone(), person.email.clone(), scope.to_owned());
        self.does(move |tx| api::admin::issue_token(tx, &client, &email, Some(&scope)));
    }

    /// The application of the test may see everything of a person and is told of these categories.
    pub(crate) fn listens(&self, person: &Account, applis: &[i64]) {
        self.grants(&self.program, person, ALL_SCOPES);
        for appli in applis {
            self.subscribes(&self.program, person.id, *appli);
        }
    }
}

fn measures(id: &str, at: i64, kinds: &[i64]) -> Value {
    let measures: Vec<Value> =
        kinds.iter().map(|kind| json!({ "type": kind, "value": 70, "unit": 0 })).collect();
    json!({ "id": id, "type": "measures", "taken_at": at, "measures": measures })
}

fn event(id: &str, at: i64, name: &str) -> Value {
    json!({ "id": id, "type": "event", "at": at, "event": name })
}

fn ecg(id: &str, at: i64) -> Value {
    json!({ "id": id, "type": "ecg", "taken_at": at, "signal": [1, 2], "frequency": 300 })
}

/// A category, the record of a device that sets it off, and what is said besides whom and which.
fn table() -> Vec<(i64, Value, String)> {
    let (at, bed) = (NOW - 60, MIDNIGHT - 3_600);
    let range = |start: i64, end: i64| format!("startdate={start}&enddate={end}");
    let measured = |kinds: &[i64]| measures("a", at, kinds);
    let happened = |name: &str| (event("a", at, name), format!("date={at}&deviceid=DEVICE"));
    let one = range(at, at + 1);
    let mut hrv = night("a", bed, &[(60, 1)]);
    hrv["series"] = json!({ "startdate": bed, "values": { "rmssd": [40, 41, 42] } });
    let mut all = vec![
        (62, hrv, range(bed, bed + 121)),
        (16, intraday("a", MIDNIGHT, json!({ "steps": [7] })), "date=2026-09-21".to_owned()),
        (44, night("a", bed, &[(60, 1), (30, 2)]), range(bed, bed + 5_401)),
        (54, ecg("a", at), format!("{one}&signal_token=TOKEN")),
        (60, surveys::answered("a", at, json!({ "q1": [1] })), one.clone()),
        (61, json!({ "id": "a", "type": "stetho", "taken_at": at, "signal": [1] }), one.clone()),
    ];
    let workout = json!({
        "id": "a", "type": "workout", "startdate": NOW - 600, "enddate": NOW, "category": 2,
    });
    all.push((16, workout, "date=2026-09-21".to_owned()));
    for (appli, kinds) in [
        (1, &[1, 5, 6, 8, 71, 73, 76, 77, 88, 91][..]),
        (2, &[12, 71, 73]),
        (4, &[9, 10, 11, 54]),
        (58, &[119]),
        (63, &[147, 148, 151, 204, 205, 248, 249, 251]),
    ] {
        all.extend(kinds.iter().map(|kind| (appli, measured(&[*kind]), one.clone())));
        all.push((appli, measured(kinds), one.clone()));
    }
    for (appli, name) in [
        (50, "bed_in"),
        (51, "bed_out"),
        (52, "sensor_inflated"),
        (55, "ecg_failed"),
        (98, "bed_occupied"),
        (99, "bed_empty"),
        (100, "bed_occupied"),
        (100, "bed_empty"),
    ] {
        let (record, said) = happened(name);
        all.push((appli, record, said));
    }
    all
}

/// Programs around one person: one that may be told and wants to be, and those that do not.
struct Around {
    paused: Program,
    /// The number of its subscription.
    held: i64,
    without_scope: Program,
    ended: Program,
    revoked: Program,
}

impl Around {
    fn of(app: &App, anna: &Account, ben: &Account, appli: i64) -> Self {
        let scope = Appli(appli).known().unwrap().scope.unwrap();
        let others: Vec<&str> =
            Scope::every().filter(|other| *other != scope).map(Scope::name).collect();
        let program = || app.another_program();
        let (paused, ended, without_scope, revoked) = (program(), program(), program(), program());
        for all in [&app.program, &paused, &ended, &revoked] {
            app.grants(all, anna, ALL_SCOPES);
        }
        app.grants(&without_scope, anna, &others.join(","));
        app.grants(&app.program, ben, ALL_SCOPES);
        app.subscribes(&app.program, ben.id, appli);
        let [_, held, _, id, _] = [&app.program, &paused, &without_scope, &ended, &revoked]
            .map(|program| app.subscribes(program, anna.id, appli));
        let (user, client) = (anna.id, revoked.id.clone());
        app.does(move |tx| {
            assert!(subscription::pause(tx, user, held, true)?);
            subscription::end(tx, user, id)?;
            store::grant::revoke(tx, &client, user)
        });
        Self { paused, held, without_scope, ended, revoked }
    }

    /// Exactly one row, whose rest is this, for each that may have one.
    #[track_caller]
    fn assert_told(&self, app: &App, anna: &Account, expected: &dyn Fn(&Program) -> String) {
        assert_eq!(app.told(&app.program), [expected(&app.program)]);
        let told = &app.outbox(&app.program)[0];
        assert_eq!((told.user, told.due, told.state), (anna.id, Some(app.now()), State::Waiting));
        for nobody in [&self.without_scope, &self.ended, &self.revoked] {
            assert_eq!(app.told(nobody), [""; 0]);
        }
        assert_eq!(app.told(&self.paused), [expected(&self.paused)]);
        assert_eq!(app.outbox(&self.paused)[0].due, None, "held back");
        app.waits(100);
        let (user, id) = (anna.id, self.held);
        assert!(app.does(move |tx| subscription::pause(tx, user, id, false)));
        assert_eq!(app.outbox(&self.paused)[0].due, Some(app.now()), "until it goes on");
    }
}

#[test]
fn each_category_is_told_once_to_whoever_may_know_and_wants_to() {
    let mut seen = Vec::new();
    for (appli, record, said) in table() {
        let app = App::new();
        let (anna, ben) = (app.person("anna"), app.person("ben"));
        let around = Around::of(&app, &anna, &ben, appli);
        let watch = app.watch(&[&anna]);
        if appli == 60 {
            app.questions(&[&anna]);
        }
        assert_eq!(watch.stores(std::slice::from_ref(&record)), 1, "{record}");
        let said = said.replace("DEVICE", &watch.hash());
        around.assert_told(&app, &anna, &|program| {
            let said = match said.contains("TOKEN") {
                true => said.replace("TOKEN", &token(&app, program, &anna)),
                false => said.clone(),
            };
            format!("userid={}&appli={appli}&{said}", anna.id)
        });
        // What is known already is no news.
        let before = app.told(&app.program).len();
        assert_eq!(watch.counts(&[record])[0], 0);
        assert_eq!(app.told(&app.program).len(), before);
        seen.push(appli);
    }
    // The profile and devices without an account have tests of their own.
    for known in Appli::KNOWN {
        assert!(seen.contains(&known.appli.0) || [46, 53].contains(&known.appli.0));
    }
}

/// The token of the only electrocardiogram of a person, for an application.
fn token(app: &App, program: &Program, person: &Account) -> String {
    let (client, user) = (program.id.clone(), person.id);
    app.does(move |tx| {
        let device = Some(store::device::of_user(tx, user)?[0].id);
        let kind = domain::recording::Kind::Ecg;
        let kept = store::recording::taken_at(tx, user, kind, device, NOW - 60)?;
        Ok(store::recording::token(tx, &client, kept.unwrap().id))
    })
}

#[test]
fn the_token_of_an_ecg_opens_it_for_the_application_that_was_told() {
    let app = App::new();
    let anna = app.person("anna");
    app.listens(&anna, &[54]);
    app.watch(&[&anna]).stores(&[ecg("a", NOW - 60), ecg("b", NOW - 90)]);
    let told = app.told(&app.program);
    let [told] = &told[..] else { panic!("{told:?}") };
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(told.as_bytes());
        fields.find(|(known, _)| known == name).unwrap().1.into_owned()
    };
    assert_eq!(field("startdate"), (NOW - 90).to_string());
    assert_eq!(field("enddate"), (NOW - 59).to_string());
    let proof = app.signed(&app.program, "get");
    let form = format!("action=get&signal_token={}&{proof}", field("signal_token"));
    let answer = app.call("/v2/heart", &form, None);
    assert_eq!(answer["body"]["signal"], json!([1, 2]), "{answer}");
    assert_eq!(field("signal_token"), token(&app, &app.program, &anna), "the newest one's");
}

#[test]
fn what_a_person_says_of_themselves_is_told_when_it_changes() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let around = Around::of(&app, &anna, &ben, 46);
    let user = anna.id;
    let says = |change: &dyn Fn(&mut NewProfile)| {
        let mut profile = NewProfile {
            short_name: "ANN".to_owned(),
            time_zone: "Europe/Paris".to_owned(),
            ..Default::default()
        };
        change(&mut profile);
        app.does(move |tx| api::account::set_profile(tx, user, &profile));
    };
    // As it was.
    says(&|_| {});
    assert_eq!(app.told(&app.program), [""; 0]);
    says(&|profile| {
        profile.language = "fr".to_owned();
        profile.steps = "9000".to_owned();
        profile.height = "1.70".to_owned();
    });
    let expected = format!("userid={user}&appli=46&action=update");
    around.assert_told(&app, &anna, &|_| expected.clone());
    // Each by itself: blank goals are goals that are not set any more.
    let changes: [&dyn Fn(&mut NewProfile); 6] = [
        &|profile| profile.steps = "8000".to_owned(),
        &|profile| profile.sleep = "8h".to_owned(),
        &|_| {},
        &|profile| profile.weight = "70".to_owned(),
        &|_| {},
        &|profile| profile.height = "1.71".to_owned(),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        says(change);
        assert_eq!(app.told(&app.program).len(), 2 + at);
    }
}

#[test]
fn a_device_without_an_account_is_told_to_the_applications_of_its_organization() {
    let app = App::new();
    let (anna, other) = (app.person("anna"), app.another_partner());
    let theirs = crate::access::wearable(&app, &anna, "00:24:e4:00:00:78");
    let watch = app.watch(&[&anna]);
    app.subscribes(&app.program, APPLICATION, 53);
    app.subscribes(&other, APPLICATION, 53);
    app.listens(&anna, &[50]);
    assert_eq!(watch.stores(&[event("a", NOW - 60, "set_up_without_account")]), 1);
    let mac: String = form_urlencoded::byte_serialize(b"00:24:e4:00:00:78").collect();
    let date = NOW - 60;
    let expected = format!("appli=53&date={date}&deviceid={}&mac_address={mac}", theirs.hash);
    assert_eq!(app.told(&app.program), [expected]);
    assert_eq!(app.told(&other), [""; 0]);
    // The same moment again is the same.
    watch.stores(&[event("b", NOW - 60, "set_up_without_account")]);
    assert_eq!(app.told(&app.program).len(), 1);
}

#[test]
fn of_one_sync_each_category_is_told_once_with_all_the_time_it_covers() {
    let app = App::new();
    let anna = app.person("anna");
    app.listens(&anna, &[1, 2, 4, 16, 44, 50, 51, 100, 61]);
    let watch = app.watch(&[&anna]);
    let day = domain::DAY_SECONDS;
    let mut records: Vec<Value> = (0..50)
        .map(|at| measures(&format!("m{at}"), NOW - 5_000 + 10 * at, &[1, 71, 9, 10]))
        .collect();
    records.extend([
        intraday("i1", MIDNIGHT, json!({ "steps": [7] })),
        intraday("i2", MIDNIGHT - 2 * day, json!({ "steps": [7] })),
        night("n1", MIDNIGHT - 2 * day - 3_600, &[(60, 1)]),
        night("n2", MIDNIGHT - 3_600, &[(60, 1)]),
        event("e1", NOW - 90, "bed_in"),
        event("e2", NOW - 500, "bed_in"),
        event("e3", NOW - 80, "bed_occupied"),
        event("e4", NOW - 70, "bed_empty"),
    ]);
    assert_eq!(watch.stores(&records), 58);
    let mut told = app.told(&app.program);
    told.sort();
    let (hash, user) = (watch.hash(), anna.id);
    let range = |start: i64, end: i64| format!("startdate={start}&enddate={end}");
    let measured = range(NOW - 5_000, NOW - 5_000 + 491);
    let mut expected = [
        (1, measured.clone()),
        (2, measured.clone()),
        (4, measured),
        (16, "date=2026-09-21&startdateymd=2026-09-19&enddateymd=2026-09-21".to_owned()),
        (44, range(MIDNIGHT - 2 * day - 3_600, MIDNIGHT + 1)),
        (50, format!("date={}&{}&deviceid={hash}", NOW - 90, range(NOW - 500, NOW - 89))),
        (100, format!("date={}&{}&deviceid={hash}", NOW - 70, range(NOW - 80, NOW - 69))),
    ]
    .map(|(appli, said)| format!("userid={user}&appli={appli}&{said}"));
    expected.sort();
    assert_eq!(told, expected);
}

#[test]
fn of_what_is_refused_or_hushed_nobody_is_told() {
    let app = App::new();
    let anna = app.person("anna");
    app.listens(&anna, &[1, 4, 46, 50]);
    let watch = app.watch(&[&anna]);
    let batch = [
        measures("a", NOW - 60, &[1, 9]),
        event("b", NOW - 60, "bed_in"),
        event("c", NOW - 60, "moon_out"),
    ];
    assert_names(&watch.sends(&batch), "records[2].event");
    assert_eq!(app.told(&app.program), [""; 0]);
    // What is wished for is no measure.
    let user = anna.id;
    let hushed = move |tx: &mut store::Tx<'_>| {
        tx.hush();
        store::measure::insert(tx, user, &[weight(NOW - 50, 64_000)])?;
        store::goal::set(tx, user, &store::goal::Goals { steps: Some(1), sleep_seconds: None })
    };
    app.does(hushed);
    assert_eq!(app.told(&app.program), [""; 0]);
    // What was undone inside of a transaction did not happen, and what is beside it did.
    let work = move |tx: &mut store::Tx<'_>| {
        store::measure::insert(tx, user, &[weight(NOW - 40, 64_000)])?;
        let refused: domain::Result<()> = tx.attempt(|tx| {
            store::measure::insert(tx, user, &[weight(NOW - 90, 64_000)])?;
            Err(domain::Refusal::invalid_param("x", "no").into())
        });
        refused.or(Ok(()))
    };
    app.does(work);
    let (from, to) = (NOW - 40, NOW - 39);
    let expected = format!("userid={user}&appli=1&startdate={from}&enddate={to}");
    assert_eq!(app.told(&app.program), [expected]);
}

#[test]
fn what_changes_and_what_goes_is_told_like_what_comes() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let bed = MIDNIGHT - 3_600;
    watch.stores(&[
        night("n", bed, &[(60, 1)]),
        json!({
            "id": "w", "type": "workout", "startdate": NOW - 600, "enddate": NOW, "category": 2,
        }),
    ]);
    let group = crate::access::doubtful(&app, &anna);
    app.listens(&anna, &[1, 16, 44]);
    let token = app.token(&anna, ALL_SCOPES);
    let does = |path: &str, form: &str| {
        let answer = app.call(path, form, Some(&token));
        assert_eq!(status(&answer), 0, "{answer}");
        answer["body"].clone()
    };
    let user = anna.id;
    let next = |count: usize| {
        let told = app.told(&app.program);
        assert_eq!(told.len(), count, "{told:?}");
        told[count - 1].clone()
    };
    let weighed = format!("userid={user}&appli=1&startdate={NOW}&enddate={}", NOW + 1);
    does("/v2/measure", &format!("action=confirmuser&grpid={group}&is_confirmed=1"));
    assert_eq!(next(1), weighed);
    // Confirming again changes nothing.
    does("/v2/measure", &format!("action=confirmuser&grpid={group}&is_confirmed=1"));
    assert_eq!(next(1), weighed);
    does("/v2/measure", &format!("action=confirmuser&grpid={group}&is_confirmed=0"));
    assert_eq!(next(2), weighed);
    let nights = does("/v2/sleep", "action=getsummary&lastupdate=0")["series"].clone();
    does("/vitald/v1/delete", &format!("nightid={}", nights[0]["id"]));
    let slept = format!("userid={user}&appli=44&startdate={bed}&enddate={}", MIDNIGHT + 1);
    assert_eq!(next(3), slept);
    let workouts = does("/v2/measure", "action=getworkouts&lastupdate=0")["series"].clone();
    does("/vitald/v1/delete", &format!("workoutid={}", workouts[0]["id"]));
    assert_eq!(next(4), format!("userid={user}&appli=16&date=2026-09-21"));
    let kept = app.stores(&anna, &[weight(NOW - 60, 64_000)])[0];
    let (from, to) = (NOW - 60, NOW - 59);
    let expected = format!("userid={user}&appli=1&startdate={from}&enddate={to}");
    assert_eq!(next(5), expected);
    does("/vitald/v1/delete", &format!("grpid={kept}"));
    assert_eq!(next(6), expected);
    assert!(groups(&app.measures(&anna, "")).is_empty());
}

#[test]
fn imports_are_told_and_a_rehearsal_of_one_is_not() {
    let app = App::new();
    let anna = app.person("anna");
    app.listens(&anna, &[1, 44]);
    app.imports(&anna, &[&recorded()]);
    let (user, from, to) = (anna.id, NOW - 600_000_000, NOW - 4_999);
    let expected = format!("userid={user}&appli=1&startdate={from}&enddate={to}");
    assert_eq!(app.told(&app.program), [expected.as_str()]);
    app.imports(&anna, &[&recorded()]);
    assert_eq!(app.told(&app.program), [expected.as_str()], "known already");
    app.imports_rows(&anna, &[&nights()]);
    let told = app.told(&app.program);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].starts_with(&format!("userid={user}&appli=44&startdate=")), "{told:?}");
    // Somebody who asked for silence has it.
    let ben = app.person("ben");
    app.listens(&ben, &[1]);
    let mut gathered = api::import::Gathered::default();
    gathered.add("a.json", recorded().to_string().as_bytes(), NOW).unwrap();
    let user = ben.id;
    for slice in gathered.into_slices() {
        let outcome = app.does(move |tx| {
            tx.hush();
            api::import::store(tx, user, &slice)
        });
        assert_eq!(outcome.new, 3);
    }
    assert_eq!(app.told(&app.program).len(), 2);
}
