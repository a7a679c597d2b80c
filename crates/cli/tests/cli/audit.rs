//! Who did what to whose data, as an operator sees it, and that what was done to the audit itself
//! is seen.

use crate::home::Home;
use serde_json::Value as Json;

const ANNA: &str = "anna@example.org";

/// The actions of a list, with whose data it was, latest first.
fn deeds(list: &Json) -> Vec<(String, Option<i64>)> {
    let rows = list.as_array().expect("rows").iter();
    rows.map(|row| (row["action"].as_str().expect("text").to_owned(), row["userid"].as_i64()))
        .collect()
}

#[test]
fn what_an_operator_does_is_listed() {
    for home in [Home::new(), Home::on_postgres()] {
        let anna = home.person(ANNA);
        let ben = home.person("ben@example.org");
        home.registers_scale("00:24:e4:5c:a1:e5", &[ANNA, &ben]);
        home.token(ANNA);
        home.json(&["user", "goals", "--user", ANNA, "--steps", "9000"]);
        home.json(&["user", "list"]);
        // What is refused is not done.
        let refused = home.runs(&["user", "goals", "--user", ANNA, "--steps", "-1"]);
        assert_ne!(refused.code, Some(0));
        let [anna_id, ben_id] = [&anna, &ben].map(|id| id.parse::<i64>().ok());
        let expected = [
            ("user list", None),
            ("user goals", anna_id),
            ("token issue", anna_id),
            ("device register", ben_id),
            ("device register", anna_id),
            ("user create", ben_id),
            ("user create", anna_id),
        ]
        .map(|(action, user)| (action.to_owned(), user));
        let all = home.json(&["audit", "list"]);
        assert_eq!(deeds(&all), expected);
        assert!(all.as_array().expect("rows").iter().all(|row| row["actor"] == "staff"));
        assert!(!all.to_string().contains('@'), "no address is in it");
        for user in [ANNA, anna.as_str()] {
            let of_anna = home.json(&["audit", "list", "--user", user]);
            let expected = expected.iter().filter(|(_, user)| *user == anna_id);
            assert_eq!(deeds(&of_anna), expected.cloned().collect::<Vec<_>>());
        }
        let page = home.json(&["audit", "list", "--limit", "2", "--before", "4"]);
        assert_eq!(deeds(&page), expected[4..6]);
        assert_eq!(deeds(&home.json(&["audit", "list", "--client", "nobody"])), []);
        assert_eq!(deeds(&home.json(&["audit", "list", "--since", "2100-01-01T00:00:00Z"])), []);
        let since = home.json(&["audit", "list", "--since", "2020-01-01T00:00:00Z"]);
        assert_eq!(deeds(&since), expected);
        let nobody = ["audit", "list", "--user", "nobody@example.org"];
        assert!(home.runs(&nobody).failed(3).contains("user"));
    }
}

#[test]
fn what_is_done_to_the_audit_is_told() {
    for home in [Home::new(), Home::on_postgres()] {
        (0..5).for_each(|n| drop(home.person(&format!("p{n}@example.org"))));
        let whole = home.json(&["audit", "verify"]);
        assert_eq!((&whole["whole"], &whole["entries"]), (&true.into(), &5.into()));
        let kept = whole["hash"].as_str().expect("a hash").to_owned();
        home.person(ANNA);
        let told = home.runs(&["audit", "verify", "--expect", &kept]);
        assert_eq!(told.code, Some(0), "{told:?}");
        assert!(told.stdout.starts_with("the audit is whole: 6 entries"), "{told:?}");
        assert!(told.stdout.lines().last().is_some_and(|hash| hash.len() == 64), "{told:?}");
        let other = "0123456789abcdef".repeat(4);
        let told = home.runs(&["audit", "verify", "--expect", &other]);
        assert_eq!(told.code, Some(1), "{told:?}");
        assert!(told.stdout.contains("the hash that was kept is of no entry"), "{told:?}");
        assert_eq!(home.runs(&["audit", "verify", "--expect", "abc"]).code, Some(2));

        home.tampers("update audit_entry set user_id = user_id + 1 where seq = 2");
        home.tampers("delete from audit_entry where seq = 4");
        let told = home.runs(&["audit", "verify"]);
        assert_eq!(told.code, Some(1), "{told:?}");
        assert!(told.stdout.contains("entry 2: a field was changed"), "{told:?}");
        assert!(told.stdout.contains("entry 4: it is missing"), "{told:?}");
        let json = home.runs(&["audit", "verify", "--json"]);
        assert_eq!(json.code, Some(1), "{json:?}");
        let json: Json = serde_json::from_str(&json.stdout).expect("JSON");
        assert_eq!((&json["whole"], &json["found"]), (&false.into(), &2.into()));
    }
}

#[test]
fn an_audit_that_is_not_there_is_not_made() {
    let home = Home::new();
    for command in ["list", "verify"] {
        assert!(home.runs(&["audit", command]).failed(1).contains("no store "));
    }
    assert!(!home.data().exists());
}
