//! The layers, and the words of refusals. The real command reads real files in `cli`'s tests.

use super::*;
use serde_json::json;
use std::ffi::OsString;

/// A configuration file in a folder of its own, and an environment.
fn sources(text: &str, variables: &[(&str, &str)]) -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("vitald.toml");
    std::fs::write(&file, text).expect("written");
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
    let environment: Vec<(OsString, OsString)> = variables.collect();
    let sources = Sources { named: Some(file), environment, ..Sources::default() };
    (folder, sources)
}

fn refused(text: &str, variables: &[(&str, &str)]) -> String {
    let (_folder, sources) = sources(text, variables);
    sources.load().expect_err("refused").to_string()
}

#[test]
fn the_later_layer_wins_and_each_is_remembered() {
    let text = "listen = \"127.0.0.1:1\"\nlog = \"warn\"\nconnections = 2\nbatch_jobs = 3\n";
    let variables = [("VITALD_LISTEN", "127.0.0.1:2"), ("VITALD_CONNECTIONS", "4")];
    let (_folder, mut sources) = sources(text, &variables);
    sources.flags.insert("listen".to_owned(), json!("127.0.0.1:3"));
    let loaded = sources.load().expect("settings");
    let settings = &loaded.settings;
    assert_eq!(settings.listen.port(), 3);
    assert_eq!((settings.connections, settings.batch_jobs), (4, 3));
    assert_eq!((settings.log.as_str(), settings.queue_jobs), ("warn", 4_096));
    let origins = ["listen", "connections", "log", "queue_jobs"].map(|name| loaded.origin(name));
    let expected = [Origin::Flag, Origin::Environment, Origin::File, Origin::Default];
    assert_eq!(origins, expected);
}

#[test]
fn an_unknown_name_is_refused_with_its_line_and_the_nearest() {
    let said = refused("# mine\ndata = \"x\"\nlistn = \"127.0.0.1:1\"\n", &[]);
    assert!(said.contains("`listn`") && said.contains("line 3"), "{said}");
    assert!(said.ends_with("did you mean `listen`?"), "{said}");
    let said = refused("[store]\nconnections = 2\n", &[]);
    assert!(said.contains("`store`") && said.contains("line 1"), "{said}");
    assert!(refused("xyzzy = 1", &[]).contains("config reference"));
    let said = refused("public-url = \"https://example.org\"", &[]);
    assert!(said.ends_with("did you mean `public_url`?"), "{said}");
}

#[test]
fn a_wrong_value_is_named_with_its_place_and_what_would_do_and_is_not_repeated() {
    for (text, expected) in [
        ("listen = 8080", "an address and port"),
        ("listen = \"planted\"", "an address and port"),
        ("connections = \"8\"", "a whole number from 1 to 256"),
        ("fulfilment_token = \"planted\"", "at least 16 printable"),
        ("fulfilment_token = \"planted by somebody\"", "at least 16 printable"),
        ("connections = 0", "a whole number from 1 to 256"),
        ("connections = 2.5", "a whole number from 1 to 256"),
        ("public_url = \"planted.example.org\"", "https://HOST"),
        ("public_url = \"https://example.org/planted\"", "https://HOST"),
        ("log_format = \"planted\"", "text or json"),
        ("database = [\"planted\"]", "postgres://"),
        ("database = 5", "postgres://"),
    ] {
        let said = refused(text, &[]);
        let name = text.split_once(' ').expect("a name").0;
        assert!(said.contains(&format!("`{name}` in ")) && said.contains("line 1"), "{said}");
        assert!(said.contains(expected) && !said.contains("planted"), "{said}");
    }
    let said = refused("", &[("VITALD_CONNECTIONS", "many")]);
    assert!(said.starts_with("VITALD_CONNECTIONS in the environment: expected"), "{said}");
}

#[test]
fn what_is_not_toml_is_said_with_its_place_alone() {
    let said = refused("data = \"x\"\ndatabase = \"postgres://me:planted@localhost/x\n", &[]);
    assert!(said.contains("line 2, column") && !said.contains("planted"), "{said}");
}

#[test]
fn variables_that_are_no_settings_are_refused_if_they_were_meant_and_left_alone_if_not() {
    let said = refused("", &[("VITALD_DATABSE", "postgres://planted")]);
    assert!(said.contains("VITALD_DATABSE") && said.contains("VITALD_DATABASE?"), "{said}");
    assert!(!said.contains("planted"), "{said}");
    let others = [
        ("VITALD_TEST_POSTGRES", "x"),
        ("VITALD_ACCESS_TOKEN", "x"),
        ("VITALD_CLIENT_ID", "x"),
        ("VITALD_CLIENT_SECRET", "x"),
        ("VITALD_CONFIG", "x"),
        ("VITALD_LISTEN", ""),
        ("VITALDATA", "x"),
    ];
    let (_folder, quiet) = sources("", &others);
    let loaded = quiet.load().expect("settings");
    assert_eq!((loaded.warnings.len(), loaded.origin("listen")), (0, Origin::Default));
    // What Kubernetes makes of a service that is called vitald.
    let service = [("VITALD_SERVICE_HOST", "10.0.0.1"), ("VITALD_PORT", "tcp://10.0.0.1:8080")];
    let (_folder, warned) = sources("", &service);
    assert_eq!(warned.load().expect("settings").warnings.len(), 2);
}

#[test]
fn a_named_file_must_be_there_and_a_usual_one_need_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (folder.path().join("one.toml"), folder.path().join("two.toml"));
    let named = Sources { named: Some(one.clone()), ..Sources::default() };
    let said = named.load().expect_err("refused").to_string();
    assert!(said.contains("one.toml") && said.contains("No such file"), "{said}");
    let usual = Sources { usual: vec![one, two.clone()], ..Sources::default() };
    assert_eq!(usual.load().expect("settings").file, None);
    std::fs::write(&two, "log = \"warn\"").expect("written");
    let loaded = usual.load().expect("settings");
    assert_eq!((loaded.file, loaded.settings.log.as_str()), (Some(two), "warn"));
}

#[test]
fn every_setting_explains_itself_and_the_defaults_are_allowed() {
    let known = settings();
    let defaults = serde_json::to_value(Settings::default()).expect("JSON");
    let names: Vec<&String> = known.iter().map(|setting| &setting.name).collect();
    assert_eq!(names, defaults.as_object().expect("an object").keys().collect::<Vec<_>>());
    for setting in &known {
        let value = &defaults[&setting.name];
        assert!(value.is_null() || setting.allows(value), "{setting:?}");
        assert!(!setting.explanation.is_empty() && setting.expected != "text", "{setting:?}");
    }
    let limits = Settings::default().limits();
    let store = Limits::default();
    assert_eq!(
        (limits.connections, limits.queue_jobs, limits.batch_jobs),
        (store.connections, store.queue_jobs, store.batch_jobs)
    );
}

#[test]
fn two_listeners_do_not_share_an_address() {
    let said = refused("listen = \"[::1]:80\"\nscale_listen = \"[::1]:80\"\n", &[]);
    assert!(said.starts_with("`scale_listen` in ") && said.contains("no other listener"), "{said}");
    let free = "listen = \"[::1]:0\"\nscale_listen = \"[::1]:0\"\nmetrics_listen = \"[::1]:0\"\n";
    let (_folder, sources) = sources(free, &[]);
    assert!(sources.load().is_ok());
}

#[test]
fn the_example_sets_nothing_and_every_line_of_it_can_be_set() {
    let (_folder, quiet) = sources(&example(), &[]);
    let loaded = quiet.load().expect("settings");
    assert!(loaded.origins.values().all(|origin| *origin == Origin::Default));
    let lines = example();
    let set = lines.lines().filter_map(|line| line.strip_prefix('#'));
    let set: Vec<&str> = set.filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(set.len(), settings().len());
    let (_folder, full) = sources(&set.join("\n"), &[]);
    let loaded = full.load().expect("settings");
    assert!(loaded.origins.values().all(|origin| *origin == Origin::File));
}

#[test]
fn a_secret_is_shown_nowhere() {
    let (_folder, sources) = sources("database = \"postgres://me:planted@localhost/x\"", &[]);
    let loaded = sources.load().expect("settings");
    assert!(matches!(loaded.settings.target(), Target::Postgres(_)));
    assert!(!format!("{:?}", loaded.settings).contains("planted"));
    let database = settings().into_iter().find(|setting| setting.is_secret).expect("a secret");
    assert_eq!(database.shown(&json!("planted")).as_deref(), Some("(secret)"));
}
