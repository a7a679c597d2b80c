//! When faults strike, and what every kind and scenario says of itself.

use super::*;
use std::collections::HashSet;

fn decisions(when: When, times: usize) -> Vec<bool> {
    let mut draws = Draws::default();
    (0..times).map(|_| when.decide(&mut draws)).collect()
}

#[test]
fn a_count_strikes_so_often_and_then_never_again() {
    assert_eq!(decisions(When::Count(2), 5), [true, true, false, false, false]);
    assert_eq!(decisions(When::Always, 3), [true; 3]);
    assert_eq!(When::Count(2).remaining(Draws { drawn: 9, struck: 1 }), Some(1));
    assert_eq!(When::Always.remaining(Draws::default()), None);
}

#[test]
fn a_seed_decides_alike_wherever_it_goes_on() {
    let when = |seed| When::Probability { parts: 250_000, seed };
    let all = decisions(when(7), 1_000);
    assert_eq!(all, decisions(when(7), 1_000));
    assert_ne!(all, decisions(when(8), 1_000));
    let mut later = Draws { drawn: 500, struck: 0 };
    let rest: Vec<bool> = (0..500).map(|_| when(7).decide(&mut later)).collect();
    assert_eq!(rest, all[500..]);
    let struck = all.iter().filter(|strikes| **strikes).count();
    assert!((200..300).contains(&struck), "{struck}");
    assert_eq!(decisions(When::Probability { parts: PARTS, seed: -1 }, 50), [true; 50]);
    // Written down, so that it stays so.
    let first: Vec<usize> = (0..20).filter(|at| all[*at]).collect();
    assert_eq!(first, [8, 11, 13, 14, 19]);
}

#[test]
fn every_kind_and_scenario_says_what_it_is_and_where_it_is_from() {
    let names: HashSet<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        assert_eq!(Kind::named(kind.name()), Some(*kind));
        assert!(kind.about().ends_with('.'), "{}", kind.name());
        for setting in kind.settings() {
            let usual = kind.text(&Settings::default(), setting.name);
            assert!(usual.is_none_or(|usual| setting.check(&usual).is_ok()), "{}", setting.name);
        }
    }
    let names: HashSet<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), SCENARIOS.len());
    let mut used = HashSet::new();
    for scenario in SCENARIOS {
        assert_eq!(Scenario::named(scenario.name), Some(scenario));
        assert!(scenario.about.ends_with('.'), "{}", scenario.name);
        assert!(!scenario.parts.is_empty() || scenario.person.is_some(), "{}", scenario.name);
        for part in scenario.parts {
            used.insert(part.kind);
            for (name, value) in part.settings {
                let setting = part.kind.setting(name).expect("a setting of this kind");
                assert_eq!(setting.check(value), Ok(()), "{}", scenario.name);
            }
        }
    }
    let unused: Vec<_> = Kind::ALL.iter().filter(|kind| !used.contains(kind)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn a_fault_is_for_whom_and_what_it_was_asked_for() {
    let mut fault = Fault {
        id: 1,
        kind: Kind::TokenExpired,
        scenario: None,
        client_id: Some("a".to_owned()),
        operation: Some(Calls { service: "measure".to_owned(), action: None }),
        when: When::Count(1),
        settings: Settings::default(),
        draws: Draws::default(),
        created: 0,
    };
    assert!(fault.is_for(Some("a")) && !fault.is_for(Some("b")) && !fault.is_for(None));
    assert!(fault.is_at("measure", "getmeas") && !fault.is_at("sleep", "get"));
    let presented = |user, grant| Presented { host: "127.0.0.1", user, grant };
    assert!(fault.can_refuse(presented(Some(UserId(1)), None)));
    assert!(!fault.can_refuse(presented(None, None)));
    let strike = fault.strike().expect("it strikes");
    assert_eq!(
        (strike.refusal(presented(None, None)).status, strike.number),
        (Status::INVALID_TOKEN, 1)
    );
    assert!(!fault.is_live() && fault.strike().is_none());
    fault.kind = Kind::RefreshRace;
    let after = |after| presented(None, Some(Grant::Refresh { after }));
    assert!(fault.can_refuse(after(Some(9))));
    assert!(!fault.can_refuse(after(Some(10))) && !fault.can_refuse(after(None)));
    assert!(!fault.can_refuse(presented(None, Some(Grant::Code))));
    fault.kind = Kind::OtherHost;
    let at = |host| Presented { host, user: None, grant: None };
    assert!(fault.can_refuse(at("127.0.0.1")) && !fault.can_refuse(at("LocalHost")));
    fault.settings.0.insert("host".to_owned(), "wbsapi.example.net".to_owned());
    assert!(fault.can_refuse(at("localhost")) && !fault.can_refuse(at("wbsapi.example.net")));
}

#[test]
fn a_status_has_its_recorded_text() {
    let strike = |kind: Kind, settings: &[(&str, &str)]| {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let settings = Settings(settings.iter().map(owned).collect());
        Strike { id: 1, kind, settings, number: 1 }.refusal(Presented {
            host: "localhost",
            user: None,
            grant: None,
        })
    };
    let refusal = strike(Kind::Status, &[("status", "277")]);
    assert_eq!((refusal.status.code(), refusal.text.as_str()), (277, "Unauthorized"));
    let refusal = strike(Kind::Status, &[("status", "401")]);
    assert_eq!(refusal.text, Refusal::invalid_token("").text);
    let refusal = strike(Kind::Status, &[("text", "Gone fishing")]);
    assert_eq!((refusal.status.code(), refusal.text.as_str()), (2_556, "Gone fishing"));
    let refusal = strike(Kind::TooMany, &[]);
    assert_eq!((refusal.status, refusal.wait_seconds), (Status::TOO_MANY_REQUESTS, 188));
    let refusal = strike(Kind::OtherHost, &[]);
    assert_eq!(refusal.status, Status::INVALID_SIGNATURE);
    let refusal = strike(Kind::RefreshRace, &[]);
    assert_eq!(refusal.text, "Invalid Params: invalid refresh_token");
}
