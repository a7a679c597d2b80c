//! Applications and their secrets, and that a copy of the store gives no secret away.

use crate::codes::scopes;
use crate::harness::{Harness, NOON, Works as _};
use crate::samples::account;
use std::path::Path;
use store::application::{self, About, Application, Credentials};
use store::code::NewCode;
use store::device::Report;
use store::{Db, code, device, session, token};

on_both!(
    an_application_is_kept_with_its_addresses,
    a_secret_is_known_again_and_nothing_else_passes_for_it,
    one_applications_sealed_secret_is_of_no_use_to_another,
    applications_are_listed_in_pages,
    an_application_is_found_by_its_name_with_its_secret,
    addresses_can_be_added_and_once_is_enough,
);

fn make(db: &Db, name: &'static str) -> Credentials {
    let addresses = ["https://b.example/", "https://a.example/", "https://b.example/"];
    let addresses = addresses.map(str::to_owned);
    db.write(move |tx| application::create(tx, name, &addresses, &About::default()))
}

fn has_secret(db: &Db, id: &str, secret: &str) -> bool {
    let (id, secret) = (id.to_owned(), secret.to_owned());
    db.read(move |tx| application::has_secret(tx, &id, &secret))
}

fn an_application_is_kept_with_its_addresses(h: &Harness) {
    let db = h.open();
    let made = make(&db, "one");
    let expected = Application {
        client_id: made.client_id.clone(),
        name: "one".to_owned(),
        redirect_uris: vec!["https://a.example/".to_owned(), "https://b.example/".to_owned()],
        created: NOON,
        about: About::default(),
    };
    let db = h.reopen(db);
    let id = made.client_id.clone();
    assert_eq!(db.read(move |tx| application::find(tx, &id)), Some(expected));
    assert_eq!(db.read(|tx| application::find(tx, "unknown")), None);
    assert_eq!((made.client_id.len(), made.client_secret.len()), (64, 64));
}

fn a_secret_is_known_again_and_nothing_else_passes_for_it(h: &Harness) {
    let db = h.open();
    let (one, two) = (make(&db, "one"), make(&db, "two"));
    let db = h.reopen(db);
    assert!(has_secret(&db, &one.client_id, &one.client_secret));
    assert!(has_secret(&db, &two.client_id, &two.client_secret));
    assert!(!has_secret(&db, &one.client_id, &two.client_secret));
    assert!(!has_secret(&db, &one.client_id, ""));
    assert!(!has_secret(&db, &one.client_id, &one.client_secret[..63]));
    assert!(!has_secret(&db, &one.client_id, &one.client_secret.to_uppercase()));
    assert!(!has_secret(&db, "unknown", &one.client_secret));
    assert!(!has_secret(&db, "unknown", ""));
}

fn one_applications_sealed_secret_is_of_no_use_to_another(h: &Harness) {
    let db = h.open();
    let (one, two) = (make(&db, "one"), make(&db, "two"));
    h.tamper(
        "update application set secret = (select a.secret from application a where a.name = 'one') \
         where name = 'two'",
    );
    let (id, secret) = (two.client_id, one.client_secret.clone());
    let ask = move |tx: &mut store::Tx<'_>| application::has_secret(tx, &id, &secret);
    let answer = db.run_blocking(store::Access::Read, ask);
    assert!(matches!(answer, Err(domain::Error::Failed(_))), "{answer:?}");
    assert!(has_secret(&db, &one.client_id, &one.client_secret));
}

fn applications_are_listed_in_pages(h: &Harness) {
    let db = h.open();
    let mut made: Vec<_> = ["a", "b", "c", "d", "e"].map(|name| make(&db, name).client_id).to_vec();
    made.sort_unstable();
    let page = |after: &str, limit| -> Vec<_> {
        let after = after.to_owned();
        let page = db.read(move |tx| application::list(tx, &after, limit));
        page.into_iter().map(|application| application.client_id).collect()
    };
    assert_eq!(page("", 3), made[..3]);
    assert_eq!(page(&made[2], 3), made[3..]);
}

fn an_application_is_found_by_its_name_with_its_secret(h: &Harness) {
    let db = h.open();
    let first = make(&db, "twice");
    h.clock.advance(1);
    make(&db, "twice");
    let db = h.reopen(db);
    let found = db.read(|tx| application::find_by_name(tx, "twice")).expect("an application");
    assert_eq!(found.client_id, first.client_id);
    assert_eq!(found.client_secret, first.client_secret);
    assert!(db.read(|tx| application::find_by_name(tx, "never")).is_none());
}

fn addresses_can_be_added_and_once_is_enough(h: &Harness) {
    let db = h.open();
    let id = make(&db, "one").client_id;
    let added = ["https://c.example/", "https://a.example/"].map(str::to_owned);
    for _ in 0..2 {
        let (id, added) = (id.clone(), added.clone());
        db.write(move |tx| application::add_redirects(tx, &id, &added));
    }
    let kept = db.read(move |tx| application::find(tx, &id)).expect("an application");
    let all = ["https://a.example/", "https://b.example/", "https://c.example/"];
    assert_eq!(kept.redirect_uris, all);
}

/// One secret of every kind, and a text that is none.
fn fill(db: &Db) -> (Vec<String>, String) {
    let ada = account(db, "ada");
    let application = make(db, "one");
    let scale = crate::devices::scale(db, 1);
    let mut secrets = vec![application.client_secret];
    secrets.push(db.write(move |tx| session::begin(tx, ada)));
    secrets.push(db.write(move |tx| device::open_session(tx, scale, &Report::default())));
    let client = application.client_id.clone();
    secrets.push(db.write(move |tx| {
        let scopes = scopes();
        let new = NewCode { client_id: &client, ..crate::codes::new(ada, None, &scopes) };
        code::issue(tx, &new)
    }));
    let client = application.client_id.clone();
    let first = db.write(move |tx| token::issue(tx, ada, &client, &scopes()));
    let (client, refresh) = (application.client_id.clone(), first.refresh_token.clone());
    let second = db.write(move |tx| token::refresh(tx, &refresh, &client)).expect("tokens");
    for tokens in [first, second] {
        secrets.extend([tokens.access_token, tokens.refresh_token, tokens.csrf_token]);
    }
    (secrets, application.client_id)
}

/// How many rows of PostgreSQL hold the text, or the bytes it spells in hex.
fn rows_with(h: &Harness, text: &str) -> usize {
    let tables: Vec<String> = h.column(
        "select relname::text from pg_class \
         where relkind = 'r' and relnamespace = current_schema()::regnamespace",
    );
    let rows = tables.iter().flat_map(|table| {
        // A blob is written as \x and its bytes in hex.
        h.column::<String>(&format!("select \"{table}\"::text from \"{table}\""))
    });
    let as_blob = data_encoding::HEXLOWER.encode(text.as_bytes());
    rows.filter(|row| row.contains(text) || row.contains(&as_blob)).count()
}

#[test]
fn no_table_of_postgres_holds_a_secret_in_the_clear() {
    let h = Harness::postgres();
    let (secrets, public) = fill(&h.open());
    assert!(rows_with(&h, &public) > 0, "the search finds what is there");
    for secret in secrets {
        assert_eq!(rows_with(&h, &secret), 0);
    }
}

/// Whether a file of the store holds the text, or the bytes it spells in hex.
fn is_in_files(folder: &Path, text: &str) -> bool {
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).expect("hex digits");
    let holds = |content: &[u8], wanted: &[u8]| {
        content.windows(wanted.len()).any(|window| window == wanted)
    };
    let files = std::fs::read_dir(folder).expect("a folder");
    files.map(|file| file.expect("a file").path()).any(|path| {
        let content = std::fs::read(path).expect("a file");
        holds(&content, text.as_bytes()) || holds(&content, &bytes)
    })
}

#[test]
fn no_file_of_sqlite_holds_a_secret_in_the_clear() {
    let h = Harness::sqlite();
    let db = h.open();
    let (secrets, public) = fill(&db);
    let wal = std::fs::metadata(h.folder().join("vitald.db-wal")).expect("a write-ahead log");
    assert!(wal.len() > 0);
    for open in [true, false] {
        assert!(is_in_files(h.folder(), &public), "the search finds what is there");
        for secret in &secrets {
            assert!(!is_in_files(h.folder(), secret), "while the store is open: {open}");
        }
        db.close();
    }
}
