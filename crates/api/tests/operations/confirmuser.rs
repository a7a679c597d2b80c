//! `measure confirmuser`: a doubtful weighing is confirmed, or denied and claimed by somebody else.

use crate::app::{App, NOW, assert_names, dates, groups, keys, status, weight};
use crate::scale::Scale;
use api::admin::{self, Account};
use domain::measure::{Attrib, Category};
use domain::{GroupId, UserId};
use serde_json::Value;
use store::measure::NewGroup;
use store::weighing::{UNCLAIMED_MAX, Unclaimed};
use store::{Tx, person};

impl App {
    #[track_caller]
    fn answers(&self, person: &Account, grpid: &Value, is_confirmed: &str) -> Value {
        let token = self.token(person, "user.metrics");
        let form = format!("action=confirmuser&grpid={grpid}&is_confirmed={is_confirmed}");
        self.call("/v2/measure", &form, Some(&token))
    }

    #[track_caller]
    fn confirms(&self, person: &Account, grpid: &Value) {
        let answer = self.answers(person, grpid, "1");
        assert_eq!(status(&answer), 0, "{answer}");
        assert!(keys(&answer["body"]).is_empty());
    }

    #[track_caller]
    fn denies(&self, person: &Account, grpid: &Value) {
        let answer = self.answers(person, grpid, "0");
        assert_eq!(status(&answer), 0, "{answer}");
    }

    fn weighings(&self) -> Vec<Unclaimed> {
        self.does(|tx| admin::list_weighings(tx, None))
    }

    fn changes(&self, person: &Account) -> i64 {
        let id: UserId = person.id;
        self.does(move |tx: &mut Tx<'_>| Ok(person::get(tx, id)?.change_seq))
    }
}

/// Anna (64 kg) and Ben (67 kg) share a scale; a weighing of 65.4 kg went to Anna, in doubt.
fn in_doubt(app: &App) -> (Account, Account, Scale<'_>, Value) {
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.stores(&anna, &[weight(NOW - 1_000, 64_000)]);
    app.stores(&ben, &[weight(NOW - 1_000, 67_000)]);
    let scale = app.scale(1, &[&anna, &ben]);
    scale.weighs(NOW, 65_400);
    let group = newest(app, &anna);
    assert_eq!((&group["attrib"], &group["date"]), (&1.into(), &NOW.into()));
    let grpid = group["grpid"].clone();
    (anna, ben, scale, grpid)
}

fn newest(app: &App, person: &Account) -> Value {
    groups(&app.measures(person, ""))[0].clone()
}

#[test]
fn a_confirmed_group_has_attrib_7_and_whoever_comes_back_sees_it() {
    let app = App::new();
    let (anna, _, _, grpid) = in_doubt(&app);
    app.waits(100);
    app.confirms(&anna, &grpid);
    let answer = app.measures(&anna, &format!("lastupdate={}", NOW + 50));
    assert_eq!(dates(&answer), [NOW]);
    let group = &groups(&answer)[0];
    assert_eq!((&group["attrib"], &group["grpid"]), (&7.into(), &grpid));
    assert_eq!((&group["created"], &group["modified"]), (&NOW.into(), &(NOW + 100).into()));
    assert_eq!(group["measures"][0]["value"], 65_400);
}

#[test]
fn confirming_again_changes_nothing() {
    let app = App::new();
    let (anna, _, scale, grpid) = in_doubt(&app);
    app.confirms(&anna, &grpid);
    let before = app.changes(&anna);
    app.waits(100);
    app.confirms(&anna, &grpid);
    // Nor does it where nobody was in doubt.
    scale.weighs(NOW + 1, 63_000);
    let (certain, after) = (newest(&app, &anna), app.changes(&anna));
    app.confirms(&anna, &certain["grpid"]);
    assert_eq!(newest(&app, &anna), certain);
    assert_eq!((before + 1, after), (after, app.changes(&anna)));
}

#[test]
fn a_denied_group_is_gone_and_waits_to_be_claimed() {
    let app = App::new();
    let (anna, ben, _, grpid) = in_doubt(&app);
    app.waits(100);
    let before = app.changes(&anna);
    app.denies(&anna, &grpid);
    assert_eq!(dates(&app.measures(&anna, "")), [NOW - 1_000]);
    assert_eq!(app.changes(&anna), before + 1);
    let weighing = app.weighings().pop().unwrap();
    assert_eq!((weighing.date, weighing.measures[0].value), (NOW, 65_400));
    let email = ben.email.clone();
    app.does(move |tx| admin::claim_weighing(tx, weighing.id, &email, None));
    let claimed = newest(&app, &ben);
    assert_eq!((&claimed["date"], &claimed["attrib"]), (&NOW.into(), &0.into()));
    assert_ne!(claimed["grpid"], grpid);
    assert!(claimed["deviceid"].is_string() && app.weighings().is_empty());
}

#[test]
fn a_denied_weight_is_no_more_what_the_scale_is_told() {
    let app = App::new();
    let (anna, _, scale, grpid) = in_doubt(&app);
    let told = || {
        let users = scale.begins("")["sp"]["users"].take();
        let users = users.as_array().unwrap();
        users.iter().find(|user| user["id"] == anna.id.0).unwrap()["wt"].to_string()
    };
    assert_eq!(told(), "65.4");
    app.denies(&anna, &grpid);
    assert_eq!(told(), "64.0");
}

#[test]
fn a_confirmed_group_can_still_be_denied() {
    let app = App::new();
    let (anna, _, _, grpid) = in_doubt(&app);
    app.confirms(&anna, &grpid);
    app.denies(&anna, &grpid);
    assert_eq!((app.weighings().len(), dates(&app.measures(&anna, ""))), (1, vec![NOW - 1_000]));
}

#[test]
fn what_a_scale_sends_again_after_a_denial_is_known() {
    let app = App::new();
    let (anna, ben, scale, grpid) = in_doubt(&app);
    app.denies(&anna, &grpid);
    scale.weighs(NOW, 65_400);
    assert_eq!(app.weighings().len(), 1);
    for person in [anna, ben] {
        assert_eq!(dates(&app.measures(&person, "")), [NOW - 1_000]);
    }
}

#[test]
fn unknown_foreign_and_denied_groups_are_refused_alike() {
    let app = App::new();
    let (anna, ben, _, grpid) = in_doubt(&app);
    let mut texts = Vec::new();
    for is_confirmed in ["0", "1"] {
        let unknown = GroupId::new(anna.id, 999).0;
        for id in [grpid.clone(), unknown.into(), 0.into(), (-1).into(), i64::MAX.into()] {
            let answer = app.answers(&ben, &id, is_confirmed);
            assert_names(&answer, "grpid");
            texts.push(answer.to_string());
        }
    }
    app.denies(&anna, &grpid);
    let before = app.changes(&anna);
    for is_confirmed in ["0", "1"] {
        texts.push(app.answers(&anna, &grpid, is_confirmed).to_string());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert_eq!((app.changes(&anna), app.weighings().len()), (before, 1));
}

#[test]
fn what_was_entered_by_hand_or_is_an_objective_is_neither_confirmed_nor_denied() {
    let app = App::new();
    let (anna, _, _, grpid) = in_doubt(&app);
    let device = app.does(move |tx| {
        let group = store::measure::find(tx, GroupId(grpid.as_i64().unwrap()))?;
        Ok(group.unwrap().device)
    });
    let by_hand = NewGroup { attrib: Attrib::AMBIGUOUS, ..weight(NOW + 1, 64_000) };
    let objective = NewGroup { category: Category::OBJECTIVE, device, ..by_hand.clone() };
    for id in app.stores(&anna, &[by_hand, objective]) {
        for is_confirmed in ["0", "1"] {
            assert_names(&app.answers(&anna, &id.0.into(), is_confirmed), "grpid");
        }
    }
    assert_eq!((groups(&app.measures(&anna, "")).len(), app.weighings().len()), (4, 0));
}

#[test]
fn what_nobody_doubts_cannot_be_denied() {
    let app = App::new();
    let (anna, _, scale, _) = in_doubt(&app);
    scale.weighs(NOW + 1, 63_000);
    let certain = newest(&app, &anna);
    assert_eq!(certain["attrib"], 0);
    assert_names(&app.answers(&anna, &certain["grpid"], "0"), "grpid");
    assert_eq!(newest(&app, &anna), certain);
}

#[test]
fn a_denial_that_finds_no_room_changes_nothing() {
    let app = App::new();
    let (anna, _, _, grpid) = in_doubt(&app);
    let kept = newest(&app, &anna);
    let (id, before) = (GroupId(grpid.as_i64().unwrap()), app.changes(&anna));
    app.does(move |tx| {
        let group = store::measure::find(tx, id)?.unwrap();
        let scale = group.device.unwrap();
        (0..UNCLAIMED_MAX).try_for_each(|_| {
            store::weighing::keep(tx, scale, group.date, &group.measures).map(drop)
        })
    });
    assert_eq!(status(&app.answers(&anna, &grpid, "0")), 601);
    assert_eq!((newest(&app, &anna), app.changes(&anna)), (kept, before));
}

#[test]
fn both_parameters_are_needed() {
    let app = App::new();
    let (anna, _, _, grpid) = in_doubt(&app);
    let token = app.token(&anna, "user.metrics");
    let call = |form: &str| app.call("/v2/measure", form, Some(&token));
    assert_names(&call("action=confirmuser&is_confirmed=1"), "grpid");
    assert_names(&call(&format!("action=confirmuser&grpid={grpid}")), "is_confirmed");
    assert_names(
        &call(&format!("action=confirmuser&grpid={grpid}&is_confirmed=2")),
        "is_confirmed",
    );
}
