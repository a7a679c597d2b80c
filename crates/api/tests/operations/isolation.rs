//! Whose data is this? Every parameter of every built operation that names something, with the id
//! of something that is somebody else's: answered exactly as an id of nothing. What names something
//! is read from the table's schemas, so a new operation is covered as soon as it stands there.

use crate::app::{App, NOW, status};
use crate::parameters::{Case, parameters};
use crate::surveys;
use api::admin::Account;
use api::ops;
use domain::recording::Kind;
use domain::{GroupId, UserId};
use serde_json::json;
use store::{application, organization};

/// Somebody else's things.
struct Others {
    person: Account,
    group: GroupId,
    organization: i64,
    ecg: GroupId,
    stetho: GroupId,
    watch: String,
    night: GroupId,
    workout: GroupId,
    nudge: i64,
    campaign: i64,
    order: String,
    survey: i64,
    care_program: i64,
    diagnosis: i64,
}

impl Others {
    /// A person of another application, with a group somebody has to be asked about.
    fn of(app: &App) -> Self {
        let partner = app.another_partner();
        let person = app.person("ben");
        let (client, email) = (partner.id.clone(), person.email.clone());
        app.does(move |tx| {
            api::admin::own_account(tx, &email, &client)?;
            api::admin::issue_token(tx, &client, &email, None)
        });
        let group = crate::access::doubtful(app, &person);
        let id = partner.id.clone();
        let kept = app.does(move |tx| application::find(tx, &id)).unwrap();
        let organization = kept.about.organization.unwrap();
        assert!(app.does(move |tx| organization::find(tx, organization)).is_some());
        let ecg = crate::access::recorded(app, &person, Kind::Ecg);
        let stetho = crate::access::recorded(app, &person, Kind::Stetho);
        let watch = crate::access::wearable(app, &person, "00:24:e4:00:00:56").hash;
        let mat = app.mat(&[&person]);
        let (start, end) = (NOW - 7_200, NOW - 3_600);
        mat.stores(&[
            json!({
                "id": "n", "type": "sleep",
                "stages": [{ "startdate": start, "enddate": end, "state": 1 }],
            }),
            json!({
                "id": "w", "type": "workout", "startdate": start, "enddate": end, "category": 1,
            }),
        ]);
        let user = person.id;
        let (night, workout) = app.does(move |tx| {
            let nights = store::night::between(tx, user, start, end)?;
            let workouts = store::workout::between(tx, user, start, end)?;
            Ok((nights[0].id, workouts[0].id))
        });
        let organization = organization.0;
        let theirs = |path: &str, form: &str, name: &str| {
            app.signs_as(&partner, path, "create", form)["body"][name].as_i64().unwrap()
        };
        let form = "iconids=1&content=a,b&model=17";
        let nudge = theirs("/v2/nudge", form, "nudgeid");
        let form = format!(
            "nudgeid={nudge}&startdate=0&enddate={}&max_display_count=1",
            app.now() + 1_000
        );
        let campaign = theirs("/v2/nudgecampaign", &form, "campaignid");
        let order = crate::orders::placed_by(app, &partner, "THEIRS");
        app.loads(&partner, surveys::example(900));
        let survey = 900;
        let (care_program, diagnosis) =
            (app.care_program(&partner), app.diagnosis(&partner, "I10"));
        Self {
            person,
            group,
            organization,
            ecg,
            stetho,
            watch,
            night,
            workout,
            nudge,
            campaign,
            order,
            survey,
            care_program,
            diagnosis,
        }
    }

    /// The id of something of theirs, and one of nothing.
    fn id(&self, service: &str, parameter: &str) -> (String, String) {
        let nothing = GroupId::new(self.person.id, 4_000_000).0;
        let numbers = |one: i64, other: i64| (one.to_string(), other.to_string());
        match parameter {
            "workoutid" => numbers(self.workout.0, nothing),
            "nightid" => numbers(self.night.0, nothing),
            "surveyid" => numbers(self.survey, 901),
            "programid" => numbers(self.care_program, 1),
            "icdcodeids" => numbers(self.diagnosis, 1),
            "userid" | "userids" => numbers(self.person.id.0, UserId::END - 1),
            "grpid" => numbers(self.group.0, nothing),
            "order_id" | "order_ids" => (self.order.clone(), "D1".to_owned()),
            "customer_ref_ids" => ("THEIRS".to_owned(), "NOBODYS".to_owned()),
            "organization_id" => numbers(self.organization, 1),
            "signalid" if service == "heart" => numbers(self.ecg.0, nothing),
            "signalid" => numbers(self.stetho.0, nothing),
            "nudgeid" => numbers(self.nudge, nothing),
            "nudgecampaignid" => numbers(self.campaign, nothing),
            "hash_deviceid" => (self.watch.clone(), "0".repeat(40)),
            _ => panic!("say here what somebody else's {parameter} of {service} is"),
        }
    }
}

#[test]
fn what_is_somebody_elses_is_answered_like_what_is_nothing() {
    let app = App::new();
    app.person("anna");
    let others = Others::of(&app);
    let mut count = 0;
    for entry in ops::every() {
        let Some(built) = entry.built() else { continue };
        let action = entry.action.unwrap();
        // Who calls is proven, not named; what other systems call somebody names nothing here.
        let names = parameters(built).into_iter().map(|parameter| parameter.name);
        let names = names.filter(|name| name.ends_with("id") || name.ends_with("ids"));
        // What callers call their own people, bills and pictures is nobody's id.
        const OWN: [&str; 6] =
            ["client_id", "external_id", "external_ids", "iconids", "customerid", "platformid"];
        for name in names.filter(|name| !OWN.contains(&name.as_str())) {
            let case = Case::of(&app, entry, built);
            let (foreign, unknown) = others.id(entry.service(), &name);
            let [theirs, nothing] = [foreign, unknown].map(|id| case.with(&name, &id));
            // Who is not in a campaign is out of it: nothing is done, and nothing is told.
            let is_quiet = (action, name.as_str()) == ("removeusers", "userids");
            if name == "order_ids" {
                assert_eq!(theirs["body"], json!({ "orders": [] }), "left out, as unknown ones");
            } else {
                assert!(is_quiet || status(&theirs) != 0, "{action} {name}");
            }
            assert_eq!(theirs, nothing, "{action} {name}");
            count += 1;
        }
    }
    assert!(count >= 12, "only {count} ids were tried");
    // And nothing happened to them.
    let tokens = app.tokens(&others.person, "user.metrics");
    let answer = app.call("/measure", "action=getmeas", Some(&tokens.access_token));
    assert_eq!(answer["body"]["measuregrps"][0]["attrib"], 1, "{answer}");
}
