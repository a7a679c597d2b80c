//! Programs that keep a copy of what a server gives, by the two ways docs/sync.md says: a cursor of
//! their own made from `modified`, and the change feed.

use api::client::{InProcess, Transport as _};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use store::Db;

/// A list that is walked through by pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List {
    path: &'static str,
    action: &'static str,
    rows: &'static str,
    /// What a row is known by.
    key: &'static str,
}

pub(crate) const DAYS: List =
    List { path: "/v2/measure", action: "getactivity", rows: "activities", key: "date" };
pub(crate) const WORKOUTS: List =
    List { path: "/v2/measure", action: "getworkouts", rows: "series", key: "id" };
pub(crate) const NIGHTS: List =
    List { path: "/v2/sleep", action: "getsummary", rows: "series", key: "id" };

/// A program: it asks a node with a person's token.
#[derive(Clone)]
pub(crate) struct Asks {
    pub(crate) db: Db,
    pub(crate) token: String,
}

impl Asks {
    /// The body of an answer. A node that is too busy, or lost its connection, is asked again.
    fn asks(&self, path: &str, fields: &[(&str, String)]) -> Value {
        const TRIES_MAX: usize = 200;
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let node = InProcess(self.db.clone());
        let mut answers = (0..TRIES_MAX).map(|_| node.send(path, Some(&self.token), &fields));
        let bytes = answers.find_map(Result::ok).expect("an answer");
        let mut answer: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(answer["status"], 0, "{answer}");
        answer["body"].take()
    }
}

/// Rows by what they are known by.
pub(crate) type Rows = BTreeMap<String, Value>;

/// A copy of a list that is kept by its cursor.
pub(crate) struct Copy {
    list: List,
    /// Whether all days are asked for each time, besides what changed.
    has_days: bool,
    cursor: i64,
    pub(crate) rows: Rows,
}

impl Copy {
    pub(crate) fn of(list: List, has_days: bool) -> Self {
        Self { list, has_days, cursor: 0, rows: Rows::new() }
    }

    /// All pages of what changed since the last walk: how many rows there were.
    pub(crate) fn walks(&mut self, program: &Asks) -> usize {
        self.walks_while(program, || {})
    }

    /// The same, with something that happens between two pages.
    pub(crate) fn walks_while(&mut self, program: &Asks, mut between: impl FnMut()) -> usize {
        let List { path, action, rows, key } = self.list;
        let (mut seen, mut next) = (BTreeSet::new(), None);
        let mut offset = 0;
        loop {
            let mut fields = vec![
                ("action", action.to_owned()),
                ("lastupdate", self.cursor.to_string()),
                ("offset", offset.to_string()),
            ];
            if self.has_days {
                fields.push(("startdateymd", "2020-01-01".to_owned()));
                fields.push(("enddateymd", "2030-01-01".to_owned()));
            }
            let body = program.asks(path, &fields);
            let page = body[rows].as_array().expect("rows");
            let modified = page.iter().map(|row| row["modified"].as_i64().expect("a moment"));
            let latest = modified.max().map_or(self.cursor, |latest| latest - 1);
            // Of the first page alone: a later one is a later snapshot.
            next.get_or_insert(latest);
            for row in page {
                let id = row[key].to_string();
                assert!(seen.insert(id.clone()), "given twice in one walk: {row}");
                self.rows.insert(id, row.clone());
            }
            if !body["more"].as_bool().expect("whether there is more") {
                break;
            }
            offset = body["offset"].as_i64().expect("an offset");
            between();
        }
        self.cursor = next.unwrap_or(self.cursor);
        seen.len()
    }

    /// What is there, asked for anew.
    pub(crate) fn anew(list: List, program: &Asks) -> Rows {
        let mut copy = Self::of(list, false);
        copy.walks(program);
        copy.rows
    }
}

/// A copy of everything that is kept by the change feed.
#[derive(Default)]
pub(crate) struct Mirror {
    cursor: i64,
    pub(crate) rows: Rows,
    /// How often each row was given.
    given: BTreeSet<(String, i64)>,
}

impl Mirror {
    /// One page of changes; whether there is more.
    pub(crate) fn reads_page(&mut self, program: &Asks, limit: i64) -> bool {
        let fields = [("cursor", self.cursor.to_string()), ("limit", limit.to_string())];
        let body = program.asks("/vitald/v1/changes", &fields);
        let cursor = body["cursor"].as_i64().expect("a cursor");
        let mut last = self.cursor;
        for change in body["changes"].as_array().expect("changes") {
            let seq = change["change_seq"].as_i64().expect("a number");
            assert!(self.cursor < seq && last <= seq && seq <= cursor, "not in order: {change}");
            last = seq;
            let id = change["id"].as_str().expect("an id").to_owned();
            assert!(self.given.insert((id.clone(), seq)), "given twice: {change}");
            if change["deleted"].as_bool().expect("whether it is gone") {
                self.rows.remove(&id);
            } else {
                self.rows.insert(id, change["data"].clone());
            }
        }
        self.cursor = cursor;
        body["more"].as_bool().expect("whether there is more")
    }

    pub(crate) fn follows(&mut self, program: &Asks, limit: i64) {
        const PAGES_MAX: usize = 100_000;
        assert!((0..PAGES_MAX).any(|_| !self.reads_page(program, limit)), "the feed does not end");
    }

    /// The rows of a kind.
    pub(crate) fn kind(&self, kind: &str) -> Vec<&Value> {
        let prefix = format!("{kind}/");
        let of_kind = self.rows.iter().filter(|(id, _)| id.starts_with(&prefix));
        of_kind.map(|(_, row)| row).collect()
    }
}
