//! The operator's numbers: that they can be read, that they count what happened, and that they are
//! nowhere but on the operator's own listener.

use crate::app::{App, Engine, NOW, Setup};
use crate::household::{Program, weight};
use crate::on_both_engines;
use std::collections::{BTreeMap, BTreeSet};

on_both_engines!(what_happened_is_counted, every_number_is_documented);

fn measured(engine: Engine) -> App {
    App::with(Setup { engine, has_metrics_listener: true, ..Setup::default() })
}

/// What a scrape gave: each line's name with its labels, and the number.
struct Numbers(BTreeMap<String, f64>);

impl Numbers {
    /// Reads the text format; every line has to be one of it.
    fn of(app: &App) -> Self {
        let answer = app.observes(app.metrics_address(), "/metrics");
        assert_eq!(answer.http, 200, "{answer:?}");
        let kind = "text/plain; version=0.0.4; charset=utf-8";
        assert_eq!(answer.header("content-type"), kind);
        let lines = answer.text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let numbers = lines.map(|line| {
            let (name, number) = line.rsplit_once(' ').expect("a name and a number");
            (name.to_owned(), number.parse().expect("a number"))
        });
        Self(numbers.collect())
    }

    /// The sum of all lines of a name that have these labels.
    fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let of_name = self.0.iter().filter(|(line, _)| line.split('{').next() == Some(name));
        let found = of_name.filter(|(line, _)| labels.iter().all(|label| line.contains(label)));
        found.map(|(_, number)| number).sum()
    }

    fn requests(&self, operation: &str, family: &str) -> f64 {
        self.sum("vitald_requests_total", &[("operation", operation), ("family", family)])
    }

    /// The names, without what a histogram adds to its own.
    fn names(&self) -> BTreeSet<&str> {
        let names = self.0.keys().map(|line| line.split('{').next().expect("a name"));
        let base = |name| {
            ["_bucket", "_sum", "_count"].iter().find_map(|end| str::strip_suffix(name, end))
        };
        names.map(|name| base(name).unwrap_or(name)).collect()
    }
}

fn what_happened_is_counted(engine: Engine) {
    let app = measured(engine);
    let before = Numbers::of(&app);
    assert_eq!(before.requests("measure/getmeas", "success"), 0.0, "it is there from the start");
    let anna = app.person("anna");
    let scale = app.scale(&[&anna]);
    let program = app.client();
    let tokens = anna.lets(&program, "user.metrics");
    let upload = [
        ("action", "store"),
        ("sessionid", scale.session.as_str()),
        ("meastime", &NOW.to_string()),
        ("measures", &weight(66_850)),
    ];
    assert_eq!(app.posts("/cgi-bin/measure", &upload).status(), 0);
    assert_eq!(tokens.reads("getmeas").status(), 0);
    let renewed = program.renews(&tokens);
    assert_eq!(renewed.reads("getmeas").status(), 0);
    renewed.reads("getdevice").refused(2555);
    renewed.reads_with("getmeas", &[("meastype", "x")]).refused(503);
    things_go_unanswered(&app, &renewed.access);

    let after = Numbers::of(&app);
    for (operation, family, count) in [
        ("measure/getmeas", "success", 2.0),
        ("measure/getmeas", "invalid_params", 1.0),
        ("user/getdevice", "unauthorized", 1.0),
        ("unknown", "not_implemented", 3.0),
        ("oauth2/requesttoken", "success", 2.0),
        ("scale/new", "success", 1.0),
        ("scale/store", "success", 1.0),
        ("page/authorize", "success", 3.0),
        ("page/authorize", "invalid_params", 1.0),
        ("page/login", "success", 1.0),
    ] {
        assert_eq!(after.requests(operation, family), count, "{operation} {family}");
    }
    let seconds = [("operation", "measure/getmeas")];
    assert_eq!(after.sum("vitald_request_seconds_count", &seconds), 3.0);
    for queue in [("queue", "read"), ("queue", "write")] {
        let done = [queue, ("outcome", "done")];
        assert!(after.sum("vitald_jobs_total", &done) > 0.0, "{queue:?}");
        assert!(after.sum("vitald_job_wait_seconds_count", &[queue]) > 0.0, "{queue:?}");
        assert_eq!(after.sum("vitald_jobs_waiting", &[queue]), 0.0, "{queue:?}");
    }
    // The first use of a renewed access token writes.
    assert_eq!(after.sum("vitald_jobs_total", &[("outcome", "escalated")]), 1.0);
    let commits = after.sum("vitald_commit_seconds_count", &[]);
    assert!(commits > 0.0 && after.sum("vitald_commit_jobs_sum", &[]) >= commits);
    assert!(after.sum("vitald_connections_open", &[("listener", "main")]) >= 1.0);
    assert_eq!(after.sum("process_start_time_seconds", &[]), NOW as f64);
    let has_file = engine == Engine::Sqlite;
    assert_eq!(after.sum("vitald_database_bytes", &[]) > 0.0, has_file);
    histograms_only_grow(&after);
}

/// Calls that name no operation that is built, in four ways.
fn things_go_unanswered(app: &App, token: &str) {
    app.gets(&format!("/v2/measure?action=planted&access_token={token}")).refused(2554);
    app.gets("/v2/planted?action=getmeas").refused(2554);
    assert_eq!(app.gets("/planted").http, 404);
    assert_eq!(app.gets("/oauth2_user/authorize2?client_id=planted").http, 400);
}

fn histograms_only_grow(numbers: &Numbers) {
    let mut series: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for (line, number) in numbers.0.iter().filter(|(line, _)| line.contains("_bucket{")) {
        let (before, rest) = line.split_once("le=\"").expect("a bound");
        let (bound, _) = rest.split_once('"').expect("a bound that ends");
        let bound = bound.parse().expect("a number, or +Inf");
        series.entry(before.to_owned()).or_default().push((bound, *number));
    }
    assert!(series.len() > 10, "{}", series.len());
    for (name, mut buckets) in series {
        buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
        assert!(buckets.is_sorted_by(|one, other| one.1 <= other.1), "{name}: {buckets:?}");
        assert!(buckets.last().is_some_and(|last| last.0.is_infinite()), "{name}");
    }
}

fn every_number_is_documented(engine: Engine) {
    let app = measured(engine);
    let docs = include_str!("../../../../docs/logging.md");
    let documented: BTreeSet<&str> = docs
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(['`', '{']).next())
        .filter(|name| name.starts_with("vitald_") || name.starts_with("process_"))
        .filter(|name| engine == Engine::Sqlite || *name != "vitald_database_bytes")
        .collect();
    assert_eq!(Numbers::of(&app).names(), documented, "all are there from the start");
    let families = domain::status::Family::ALL.map(domain::status::Family::name);
    assert!(families.iter().all(|name| docs.contains(&format!("`{name}`"))), "{families:?}");
}

#[test]
fn the_numbers_of_two_servers_do_not_mix() {
    let (one, other) = (measured(Engine::Sqlite), measured(Engine::Sqlite));
    assert_eq!(one.gets("/nowhere").http, 404);
    let counted = |app| Numbers::of(app).requests("unknown", "not_implemented");
    assert_eq!((counted(&one), counted(&other)), (1.0, 0.0));
}

#[test]
fn the_operators_listener_serves_no_api_and_the_others_no_numbers() {
    let setup = Setup { has_scale_listener: true, has_metrics_listener: true, ..Setup::default() };
    let app = App::with(setup);
    let (operators, scales) = (app.metrics_address(), app.scale_address());
    for path in
        ["/measure?action=getmeas", "/v2/user", "/oauth2_user/authorize2", "/cgi-bin/once", "/"]
    {
        assert_eq!(app.observes(operators, path).http, 404, "{path}");
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(app.observes(operators, path).http, 200, "{path}");
    }
    for address in [app.address(), scales] {
        assert_eq!(app.observes(address, "/metrics").http, 404, "{address}");
    }
}

#[test]
fn labels_are_the_tables_and_not_the_callers() {
    let app = measured(Engine::Sqlite);
    let before: Vec<String> =
        Numbers::of(&app).0.into_keys().filter(|key| key.starts_with("vitald_requests")).collect();
    let program: Program<'_> = app.client();
    program.exchanges("planted").refused(503);
    things_go_unanswered(&app, "planted");
    app.sends(app.request("PLANTED", "/v2/measure"));
    let after = Numbers::of(&app).0.into_keys().filter(|key| key.starts_with("vitald_requests"));
    assert_eq!(after.collect::<Vec<_>>(), before);
}
