//! Nudges and campaigns: from the partner's call to the device's screen and back.

use crate::app::{App, NOW, Program, assert_names, status};
use crate::sync::Bridge;
use api::admin::Account;
use api::operation::Entry;
use domain::UserId;
use serde_json::{Value, json};

const NUDGE: &str = "/v2/nudge";
const CAMPAIGN: &str = "/v2/nudgecampaign";

/// What a good call of these operations says besides its credential.
pub(crate) fn good_form(app: &App, person: &Account, entry: &Entry) -> String {
    let campaign = || format!("nudgecampaignid={}", app.campaign(app.nudge(17)));
    match (entry.path, entry.action.unwrap()) {
        (NUDGE, "create") => nudge_form(17),
        (NUDGE, "list") | (CAMPAIGN, "list") => String::new(),
        (NUDGE, _) => format!("nudgeid={}", app.nudge(17)),
        (_, "create") => campaign_form(app.now(), app.nudge(17)),
        (_, "addusers" | "removeusers") => {
            app.owns(person);
            format!("{}&userids={}", campaign(), person.id)
        }
        _ => campaign(),
    }
}

fn nudge_form(model: i64) -> String {
    format!("iconids=5&content=[\"A glass, or two\",\"of water\"]&model={model}")
}

fn campaign_form(now: i64, nudge: i64) -> String {
    format!("nudgeid={nudge}&startdate={now}&enddate={}&max_display_count=3", now + 86_400)
}

impl App {
    /// A nudge of the application of the test, for devices of a model.
    pub(crate) fn nudge(&self, model: i64) -> i64 {
        let answer = self.signs(NUDGE, "create", &nudge_form(model));
        answer["body"]["nudgeid"].as_i64().unwrap_or_else(|| panic!("{answer}"))
    }

    /// A campaign of a day.
    pub(crate) fn campaign(&self, nudge: i64) -> i64 {
        let answer = self.signs(CAMPAIGN, "create", &campaign_form(self.now(), nudge));
        answer["body"]["campaignid"].as_i64().unwrap_or_else(|| panic!("{answer}"))
    }

    pub(crate) fn brings(&self, campaign: i64, people: &[&Account]) -> Value {
        let ids: Vec<_> = people.iter().map(|person| person.id).collect();
        let form = format!("nudgecampaignid={campaign}&userids={}", json!(ids));
        self.signs(CAMPAIGN, "addusers", &form)
    }

    pub(crate) fn campaign_users(&self, campaign: i64) -> Vec<Value> {
        let form = format!("nudgecampaignid={campaign}");
        let answer = self.signs(CAMPAIGN, "listusers", &form);
        answer["body"]["users"].as_array().unwrap().clone()
    }
}

fn told(device: &Bridge<'_>) -> Vec<Value> {
    let answer = device.sends(&[]);
    assert_eq!(status(&answer), 0, "{answer}");
    answer["body"]["nudges"].as_array().cloned().unwrap_or_default()
}

pub(crate) fn says(device: &Bridge<'_>, id: &str, campaign: i64, event: &str) -> Value {
    let now = NOW + 5;
    let record = json!({
        "id": id, "type": "nudge", "campaignid": campaign, "event": event, "date": now,
    });
    device.sends(&[record])["body"].clone()
}

#[test]
fn a_nudge_reaches_the_screen_and_what_became_of_it_comes_back() {
    let app = App::new();
    let anna = app.person("anna");
    app.owns(&anna);
    let scale = app.bridge_of("00:24:e4:00:00:60", 17, &[&anna]);
    let campaign = app.campaign(app.nudge(17));
    assert!(told(&scale).is_empty());
    assert_eq!(status(&app.brings(campaign, &[&anna])), 0);
    let expected = json!([{
        "userid": anna.id, "campaignid": campaign, "iconids": [5],
        "content": ["A glass, or two", "of water"], "position": "first",
        "enddate": NOW + 86_400, "displays_left": 3,
    }]);
    assert_eq!(json!(told(&scale)), expected);
    says(&scale, "a", campaign, "delivered");
    app.waits(10);
    // What a device says again is known by its name.
    for _ in 0..2 {
        says(&scale, "b", campaign, "displayed");
    }
    assert_eq!(told(&scale)[0]["displays_left"], 2);
    says(&scale, "c", campaign, "displayed");
    let before = app.campaign_users(campaign);
    assert_eq!(before[0]["completion_date"], Value::Null);
    says(&scale, "d", campaign, "displayed");
    assert!(told(&scale).is_empty(), "three times and no more");
    let expected = json!([{
        "userid": anna.id, "campaignid": campaign, "completion_date": NOW + 5, "display_count": 3,
        "deliver_count": 1, "created": NOW, "modified": NOW + 10,
    }]);
    assert_eq!(json!(app.campaign_users(campaign)), expected);
    // A nudge that is nobody's any more is no reason to refuse a batch.
    let form = format!("nudgecampaignid={campaign}&userids={}", anna.id);
    assert_eq!(status(&app.signs(CAMPAIGN, "removeusers", &form)), 0);
    assert_eq!(says(&scale, "e", campaign, "displayed")["unwanted"], 1);
}

#[test]
fn a_nudge_is_shown_from_its_start_to_its_end_on_devices_of_its_model_alone() {
    let app = App::new();
    let anna = app.person("anna");
    app.owns(&anna);
    let scale = app.bridge_of("00:24:e4:00:00:60", 17, &[&anna]);
    let monitor = app.bridge_of("00:24:e4:00:00:61", 47, &[&anna]);
    let nudge = app.nudge(47);
    let (start, end) = (NOW + 100, NOW + 200);
    let form = format!("nudgeid={nudge}&startdate={start}&enddate={end}&max_display_count=9");
    let answer = app.signs(CAMPAIGN, "create", &form);
    let campaign = answer["body"]["campaignid"].as_i64().unwrap();
    app.brings(campaign, &[&anna]);
    let seen = |seconds: u32| {
        app.waits(seconds);
        (told(&scale).len(), told(&monitor).len())
    };
    assert_eq!(seen(99), (0, 0));
    assert_eq!(seen(1), (0, 1));
    assert_eq!(seen(99), (0, 1));
    assert_eq!(seen(1), (0, 0));
    // It can be made longer, and shown on another model.
    let form = format!("nudgecampaignid={campaign}&enddate={}", NOW + 900);
    assert_eq!(status(&app.signs(CAMPAIGN, "update", &form)), 0);
    let form = format!("nudgeid={nudge}&model=17&position=last&content=[\"a\",\"b\"]");
    assert_eq!(status(&app.signs(NUDGE, "update", &form)), 0);
    assert_eq!(seen(0), (1, 0));
    assert_eq!(told(&scale)[0]["position"], "last");
}

#[test]
fn a_person_who_takes_an_application_back_is_shown_nothing_of_it() {
    let app = App::new();
    let anna = app.person("anna");
    app.token(&anna, "user.info");
    let scale = app.bridge_of("00:24:e4:00:00:60", 17, &[&anna]);
    let campaign = app.campaign(app.nudge(17));
    app.brings(campaign, &[&anna]);
    assert_eq!(told(&scale).len(), 1);
    let (client, user) = (app.program.id.clone(), anna.id);
    app.does(move |tx| store::grant::revoke(tx, &client, user));
    assert!(told(&scale).is_empty());
}

#[test]
fn of_people_one_is_none_of_the_applications_nobody_is_added() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.owns(&anna);
    let campaign = app.campaign(app.nudge(17));
    assert_names(&app.brings(campaign, &[&anna, &ben]), "userids");
    assert!(app.campaign_users(campaign).is_empty());
    assert_names(&app.brings(campaign, &[]), "userids");
    // Again, and the same person twice, is one person.
    for _ in 0..2 {
        assert_eq!(status(&app.brings(campaign, &[&anna, &anna])), 0);
    }
    let count = || {
        let form = format!("nudgecampaignid={campaign}");
        app.signs(CAMPAIGN, "get", &form)["body"]["campaign"]["user_count"].clone()
    };
    assert_eq!(count(), 1);
    let form = format!("nudgecampaignid={campaign}&userids={},{}", anna.id, ben.id);
    assert_eq!(status(&app.signs(CAMPAIGN, "removeusers", &form)), 0);
    assert_eq!(count(), 0);
}

#[test]
fn an_account_that_ends_leaves_its_campaigns() {
    let app = App::new();
    let anna = app.person("anna");
    app.owns(&anna);
    let campaign = app.campaign(app.nudge(17));
    app.brings(campaign, &[&anna]);
    app.does(move |tx| store::erase::erase(tx, anna.id));
    let form = format!("nudgecampaignid={campaign}");
    let answer = app.signs(CAMPAIGN, "get", &form);
    assert_eq!(answer["body"]["campaign"]["user_count"], 0);
    assert!(app.campaign_users(campaign).is_empty());
}

#[test]
fn how_often_is_enough_can_be_changed() {
    let app = App::new();
    let anna = app.person("anna");
    app.owns(&anna);
    let scale = app.bridge_of("00:24:e4:00:00:60", 17, &[&anna]);
    let campaign = app.campaign(app.nudge(17));
    app.brings(campaign, &[&anna]);
    says(&scale, "a", campaign, "displayed");
    let enough = |count: i64| {
        let form = format!("nudgecampaignid={campaign}&max_display_count={count}");
        assert_eq!(status(&app.signs(CAMPAIGN, "update", &form)), 0);
        app.campaign_users(campaign)[0]["completion_date"].clone()
    };
    assert_eq!(enough(1), NOW);
    assert!(told(&scale).is_empty());
    assert_eq!(enough(5), Value::Null);
    assert_eq!(told(&scale)[0]["displays_left"], 4);
}

#[test]
fn nudges_and_campaigns_come_by_the_hundred() {
    let app = App::new();
    for _ in 0..101 {
        app.campaign(app.nudge(17));
    }
    for (path, name) in [(NUDGE, "nudges"), (CAMPAIGN, "campaigns")] {
        let first = app.signs(path, "list", "")["body"].clone();
        assert_eq!(first["more"], true);
        let rest = app.signs(path, "list", &format!("offset={}", first["offset"]))["body"].clone();
        assert_eq!((&rest["more"], &rest["offset"]), (&json!(false), &json!(0)));
        let rows = |page: &Value| page[name].as_array().unwrap().clone();
        let all: Vec<_> = rows(&first).into_iter().chain(rows(&rest)).collect();
        assert_eq!((rows(&first).len(), all.len()), (100, 101));
        assert!(all.is_sorted_by_key(|row| row["id"].as_i64()));
        assert_names(&app.signs(path, "list", "offset=-1"), "offset");
    }
}

#[test]
fn people_of_a_campaign_come_by_the_thousand() {
    let app = App::new();
    let campaign = app.campaign(app.nudge(17));
    let client = app.program.id.clone();
    app.does(move |tx| {
        store::campaign::lock(tx, &client, campaign)?;
        let users: Vec<_> = (1..=1_001).map(|id| UserId(1_000_000 + id)).collect();
        store::campaign::add_users(tx, campaign, &users)
    });
    let page = |offset: &Value| {
        let form = format!("nudgecampaignid={campaign}&offset={offset}");
        app.signs(CAMPAIGN, "listusers", &form)["body"].clone()
    };
    let first = page(&json!(0));
    assert_eq!((first["users"].as_array().unwrap().len(), &first["more"]), (1_000, &json!(true)));
    let rest = page(&first["offset"]);
    assert_eq!(rest["users"][0]["userid"], 1_001_001);
    assert_eq!((&rest["more"], &rest["offset"]), (&json!(false), &json!(0)));
}

#[test]
fn a_nudge_that_is_shown_cannot_be_deleted_and_a_campaign_can() {
    let app = App::new();
    let nudge = app.nudge(17);
    let campaign = app.campaign(nudge);
    let found = app.signs(NUDGE, "get", &format!("nudgeid={nudge}"));
    assert_eq!(found["body"]["nudge"]["campaignids"], json!([campaign]));
    let delete = || app.signs(NUDGE, "delete", &format!("nudgeid={nudge}"));
    assert_names(&delete(), "nudgeid");
    let form = format!("nudgecampaignid={campaign}");
    assert_eq!(status(&app.signs(CAMPAIGN, "delete", &form)), 0);
    assert_names(&app.signs(CAMPAIGN, "delete", &form), "nudgecampaignid");
    assert_eq!(status(&delete()), 0);
    assert_names(&delete(), "nudgeid");
}

#[test]
fn what_cannot_be_is_named() {
    let app = App::new();
    let nudge = app.nudge(17);
    let with = |form: &str, name: &str, text: &str| {
        let kept = form.split('&').filter(|pair| !pair.starts_with(name));
        let kept: Vec<_> = kept.collect();
        format!("{}&{name}={text}", kept.join("&"))
    };
    let long = "x".repeat(41);
    for (name, texts) in [
        ("iconids", vec!["0", "25", "1,2,3,4,5", "x"]),
        ("content", vec!["one", "[]", "[\"a\"]", "[\"a\",\"b\",\"c\"]", "[\"\",\"\"]", &long]),
        ("model", vec!["93", "0"]),
        ("position", vec!["12", "middle"]),
    ] {
        for text in texts {
            let answer = app.signs(NUDGE, "create", &with(&nudge_form(17), name, text));
            assert_names(&answer, name);
            let form = format!("nudgeid={nudge}&{name}={text}");
            assert_names(&app.signs(NUDGE, "update", &form), name);
        }
    }
    let before = (NOW - 1).to_string();
    for (name, texts) in [
        ("nudgeid", vec!["1", "x"]),
        ("enddate", vec!["0", before.as_str(), "x"]),
        ("max_display_count", vec!["0", "-1", "100001", "x"]),
    ] {
        for text in texts {
            let answer =
                app.signs(CAMPAIGN, "create", &with(&campaign_form(NOW, nudge), name, text));
            assert_names(&answer, name);
        }
    }
}

#[test]
fn another_applications_nudges_and_campaigns_are_unknown() {
    let app = App::new();
    let (nudge, other) = (app.nudge(17), app.another_partner());
    let campaign = app.campaign(nudge);
    let calls = |by: &Program, path: &str, action: &str, form: &str| {
        let (name, id) = form.split_once('=').unwrap();
        let theirs = app.signs_as(by, path, action, form);
        let nothing = app.signs_as(by, path, action, &format!("{name}=1{}", &id[id.len()..]));
        assert_eq!(theirs, nothing, "{action}");
        assert_names(&theirs, name);
    };
    for action in ["get", "delete", "update"] {
        calls(&other, NUDGE, action, &format!("nudgeid={nudge}"));
        calls(&other, CAMPAIGN, action, &format!("nudgecampaignid={campaign}"));
    }
    calls(&other, CAMPAIGN, "listusers", &format!("nudgecampaignid={campaign}"));
}
