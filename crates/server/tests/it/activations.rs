//! Partners that call at once, on either engine: one person is one account, one nudge one row, a
//! person is in a campaign once.

use crate::answer::Answer;
use crate::app::{App, Engine};
use crate::concurrency::at_once;
use crate::household::Program;
use crate::on_both_engines;
use domain::UserId;
use serde_json::json;
use store::{application, device, person};

on_both_engines!(
    the_same_person_made_at_once_is_one_account,
    people_brought_to_a_campaign_at_once_are_counted_once,
    a_device_that_many_are_given_at_once_is_one_persons,
);

const SCALE: &str = "00:24:e4:00:00:60";

fn registers_scale(app: &App, program: &Program<'_>) {
    let client = program.id.clone();
    app.administers(move |tx| {
        let id = device::register(tx, SCALE.parse().unwrap(), 17, "UTC")?;
        let organization = application::find(tx, &client)?.unwrap().about.organization;
        device::describe(tx, id, organization, None)
    });
}

fn activates(program: &Program<'_>, name: &str) -> Answer {
    let email = format!("{name}@example.org");
    let measures = json!([
        { "value": 168, "unit": -2, "type": 4 },
        { "value": 71_500, "unit": -3, "type": 1 },
    ]);
    let measures = measures.to_string();
    let fields = program.signed(
        "activate",
        &[
            ("action", "activate"),
            ("mailingpref", "0"),
            ("birthdate", "-320630400"),
            ("measures", measures.as_str()),
            ("gender", "1"),
            ("preflang", "fr_FR"),
            ("unit_pref", "{}"),
            ("email", email.as_str()),
            ("timezone", "Europe/Paris"),
            ("shortname", "NIN"),
            ("external_id", name),
            ("mac_addresses", SCALE),
        ],
    );
    program.calls("/v2/user", &fields)
}

impl Program<'_> {
    fn calls(&self, path: &str, fields: &[(String, String)]) -> Answer {
        let fields: Vec<_> =
            fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        self.app.posts(path, &fields)
    }
}

fn the_same_person_made_at_once_is_one_account(engine: Engine) {
    let app = App::on(engine);
    let program = app.partner();
    registers_scale(&app, &program);
    let answers = at_once(|_| activates(&program, "nina"));
    assert!(answers.iter().all(|answer| answer.status() == 0), "{answers:?}");
    let (people, users) = app.administers(|tx| {
        let people = person::list(tx, UserId(0), 100)?;
        let scale = device::find_by_mac(tx, SCALE.parse().unwrap())?.unwrap();
        Ok((people, device::users(tx, scale.id)?))
    });
    let ninas: Vec<_> = people.iter().filter(|one| one.email == "nina@example.org").collect();
    assert_eq!((ninas.len(), users), (1, vec![ninas[0].id]));
}

fn a_device_that_many_are_given_at_once_is_one_persons(engine: Engine) {
    let app = App::on(engine);
    let program = app.partner();
    registers_scale(&app, &program);
    let answers = at_once(|number| activates(&program, &format!("member{number}")));
    let (served, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status() == 0);
    assert_eq!(served.len(), 1, "{served:?}");
    for answer in refused {
        assert_eq!(answer.refused(503), "Invalid Params: invalid mac_addresses");
    }
    // Who got no device got no account either.
    let people = app.administers(|tx| person::list(tx, UserId(0), 100));
    let made = people.iter().filter(|one| one.email.starts_with("member"));
    assert_eq!(made.count(), 1);
}

fn people_brought_to_a_campaign_at_once_are_counted_once(engine: Engine) {
    let app = App::on(engine);
    let program = app.partner();
    let people: Vec<UserId> = (0..20)
        .map(|number| {
            let client = program.id.clone();
            app.administers(move |tx| {
                let email = format!("member{number}@example.org");
                let new = api::admin::NewAccount { email, ..Default::default() };
                let user = api::admin::create_account(tx, &new)?.id;
                person::set_owner(tx, user, Some(&client)).map(|()| user)
            })
        })
        .collect();
    let nudge = [("action", "create"), ("iconids", "5"), ("content", "a,b"), ("model", "17")];
    let nudge = program.calls("/v2/nudge", &program.signed("create", &nudge)).body();
    let end = "9000000000";
    let nudge = nudge["nudgeid"].to_string();
    let plan = [
        ("action", "create"),
        ("nudgeid", nudge.as_str()),
        ("startdate", "0"),
        ("enddate", end),
        ("max_display_count", "3"),
    ];
    let made = program.calls("/v2/nudgecampaign", &program.signed("create", &plan)).body();
    let campaign = made["campaignid"].to_string();
    let answers = at_once(|number| {
        // Each in an order of its own, and each half of them.
        let mut some: Vec<_> = people.iter().skip(number % 2 * 5).take(15).collect();
        if number % 3 == 0 {
            some.reverse();
        }
        let users = json!(some).to_string();
        let fields = [
            ("action", "addusers"),
            ("nudgecampaignid", campaign.as_str()),
            ("userids", users.as_str()),
        ];
        program.calls("/v2/nudgecampaign", &program.signed("addusers", &fields))
    });
    assert!(answers.iter().all(|answer| answer.status() == 0), "{answers:?}");
    let fields = [("action", "get"), ("nudgecampaignid", campaign.as_str())];
    let found = program.calls("/v2/nudgecampaign", &program.signed("get", &fields)).body();
    assert_eq!(found["campaign"]["user_count"], 20);
}
