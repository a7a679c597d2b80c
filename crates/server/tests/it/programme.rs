//! The whole story of a programme, once: from an organization and an order to the end of the
//! programme, each step as whoever it is for sees it. The partner calls over HTTP with the client
//! of the operations, the devices know the sync alone, the person has a browser and a phone. What
//! each step takes and refuses has its tests in `api`.

mod device;
mod partner;

use crate::app::{App, Engine, NOW, Setup};
use crate::browser::{Browser, form_to};
use crate::claiming::{PHONE, asks, claims, code_sent_to};
use crate::household::{PASSWORD, REDIRECT_URI, weights};
use crate::on_both_engines;
use crate::receiver::Receiver;
use api::client::{Problem, Refused};
use api::ops::{
    answers, device as devices, dropshipment, measure, notify, nudge, nudgecampaign, oauth2, order,
    rawdata, survey, user,
};
use device::Device;
use domain::{Clock as _, UserId};
use partner::{CUFF, KIT, Partner, SCALE};
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

on_both_engines!(a_programme_from_the_first_order_to_its_end);

const WAREHOUSE: &str = "a-token-of-the-warehouse-9f2c";
const EMAIL: &str = "nina@example.org";
const DAY: i64 = 86_400;

/// Whoever is told something, each at an address of their own.
struct Receivers {
    orders: Receiver,
    measures: Receiver,
    phone: Receiver,
}

/// The programme while it runs.
struct Story<'a> {
    app: &'a App,
    partner: &'a Partner<'a>,
    told: &'a Receivers,
    user: UserId,
    /// The partner's access token for the person.
    token: String,
    refresh_token: String,
    scale: Device<'a>,
    cuff: Device<'a>,
}

fn a_programme_from_the_first_order_to_its_end(engine: Engine) {
    let [orders, measures, phone] = [(); 3].map(|()| Receiver::new());
    let told = Receivers { orders, measures, phone };
    let sms_hook = Some(told.phone.address());
    let fulfilment_token = Some(WAREHOUSE);
    let app = App::with(Setup { engine, sms_hook, fulfilment_token, ..Setup::default() });
    let partner = Partner::new(&app, &told.orders);
    let code = devices_are_ordered_and_shipped(&app, &partner, &told.orders);
    let mut story = Story::begins(&app, &partner, &told, &code);
    let survey = story.the_person_is_put_into_the_programme();
    let campaign = story.a_nudge_is_shown_until_its_campaign_is_complete();
    story.a_high_reading_is_answered(survey);
    story.the_person_claims_the_account();
    story.the_person_lets_the_partner_have_raw_signals();
    story.the_programme_ends(campaign);
    story.the_data_stays_the_persons();
    app.stop();
    for receiver in [&told.orders, &told.measures, &told.phone] {
        assert!(receiver.has_nothing_more());
    }
}

/// Somebody without an account is sent a scale and a blood pressure monitor: the code that opens
/// their data to the partner.
fn devices_are_ordered_and_shipped(app: &App, partner: &Partner<'_>, told: &Receiver) -> String {
    let address = json!({
        "name": "Nina", "email": EMAIL, "address1": "1 rue de la Paix", "city": "Paris",
        "zip": "75002", "country": "FR",
    });
    let products = json!([{ "partner_ref": KIT, "quantity": 1 }]);
    let order = json!([{ "customer_ref_id": "R-1", "address": address, "products": products }]);
    let asked = json!({
        "email": EMAIL, "shortname": "NIN", "gender": 1, "birthdate": -320_630_400,
        "preflang": "fr_FR", "timezone": "Europe/Paris", "mailingpref": false,
        "phonenumber": PHONE, "external_id": "patient-18", "order": order.to_string(),
        "unit_pref": json!({ "weight": 1, "height": 6, "distance": 6, "temperature": 11 }),
        "measures": json!([
            { "value": 168, "unit": -2, "type": 4 }, { "value": 81, "unit": 0, "type": 1 },
        ]).to_string(),
    });
    let placed = partner.calls::<dropshipment::CreateUserOrder>(&asked);
    assert_eq!(placed["user"]["external_id"], "patient-18");
    assert_eq!(placed["orders"][0]["status"], "VERIFIED");
    let id = placed["orders"][0]["order_id"].as_str().expect("a number");
    let known = partner.calls::<user::GetUser>(&json!({ "email": EMAIL }));
    assert_eq!(known["user"]["shortname"], "NIN");

    let ship = json!({ "ship": {
        "carrier": "UPS", "carrier_service": "Next Day Air", "tracking_number": "1Z",
        "devices": [
            { "mac_address": SCALE, "serial_number": "S-17" },
            { "mac_address": CUFF, "serial_number": "S-47" },
        ],
    } });
    let moves = [json!({ "status": "PROCESSING" }), ship, json!({ "parcel_status": "delivered" })];
    let seen = moves.map(|said| {
        let request = app.request("POST", &format!("/fulfilment/v1/orders/{id}")).json(&said);
        app.sends(request.header(AUTHORIZATION, format!("Bearer {WAREHOUSE}"))).body();
        let received = told.next();
        assert_eq!(received.header("content-type"), Some("application/json"));
        let told: Value = serde_json::from_str(&received.body).expect("JSON");
        assert_eq!((&told["customer_ref"], &told["order_id"]), (&json!("R-1"), &json!(id)));
        (told["status"].clone(), told["parcel_status"].clone())
    });
    let expected = [
        (json!("PROCESSING"), Value::Null),
        (Value::Null, json!("pending")),
        (Value::Null, json!("delivered")),
    ];
    assert_eq!(seen, expected);
    let detail = partner.calls::<order::GetDetail>(&json!({ "order_ids": [id] }));
    let shipped = &detail["orders"][0]["products"][0];
    assert_eq!(shipped["mac_addresses"], json!([SCALE, CUFF]));
    assert_eq!(shipped["serial_numbers"], json!(["S-17", "S-47"]));
    placed["user"]["code"].as_str().expect("a code").to_owned()
}

impl<'a> Story<'a> {
    /// The code becomes tokens, and what was in the parcel is the person's.
    fn begins(app: &'a App, partner: &'a Partner<'a>, told: &'a Receivers, code: &str) -> Self {
        let grant = json!({
            "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI,
        });
        let tokens = partner.calls::<oauth2::RequestToken>(&grant);
        let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();
        let (token, refresh_token) = (text("access_token"), text("refresh_token"));
        let user = UserId(number(&tokens["userid"]));
        let (scale, cuff) = (Device::new(app, SCALE), Device::new(app, CUFF));
        let story = Self { app, partner, told, user, token, refresh_token, scale, cuff };
        assert_eq!(story.lines(), [(17, json!("ACTIVE")), (47, json!("ACTIVE"))]);
        story
    }

    /// The models of the person's devices, and how their lines are.
    fn lines(&self) -> Vec<(i64, Value)> {
        let found = self.partner.calls_for::<user::GetDevice>(&self.token, &json!({}));
        let devices = found["devices"].as_array().expect("devices").iter();
        devices.map(|one| (number(&one["model_id"]), one["sim_status"].clone())).collect()
    }

    /// The number the API knows the scale by.
    fn scale_id(&self) -> Value {
        let found = self.partner.calls_for::<user::GetDevice>(&self.token, &json!({}));
        found["devices"][0]["hash_deviceid"].clone()
    }

    /// What the partner is told next, as a form.
    #[track_caller]
    fn hears(&self, appli: &str) -> (String, String) {
        let received = self.told.measures.next();
        let field = |name: &str| received.field(name).unwrap_or_default();
        assert_eq!((field("appli").as_str(), field("userid")), (appli, self.user.to_string()));
        (field("startdate"), field("enddate"))
    }

    /// Everything that the partner wants of the person and their devices: the survey's number.
    fn the_person_is_put_into_the_programme(&mut self) -> i64 {
        let (partner, user) = (self.partner, self.user);
        for appli in [1, 4, 60] {
            let url = self.told.measures.url("/told");
            let asked = json!({ "callbackurl": url, "appli": appli });
            partner.calls_for::<notify::Subscribe>(&self.token, &asked);
            assert_eq!(self.told.measures.next().method, "HEAD");
        }
        let asked =
            json!({ "userid": user, "programid": partner.programme, "sms_onboarding": true });
        let added = partner.calls::<user::AddToRpm>(&asked);
        assert_eq!(added["program"]["name"], "Hypertension");
        assert_eq!(added["user"]["device_models"], json!([17, 47]));

        let hidden = json!({
            "userid": user, "model": 17, "feature_name": "feature_eyes_closed_mode",
        });
        partner.calls::<devices::EnableFeature>(&hidden);
        let chosen = partner.calls::<devices::GetFeatures>(&json!({ "userid": user, "model": 17 }));
        let expected = json!({ "feature_name": "feature_eyes_closed_mode", "active": true });
        assert_eq!(chosen["features"], json!([expected]));
        let survey = partner.loads_survey();
        let asked = json!({ "surveyid": survey.to_string(), "userids": [user] });
        partner.calls::<survey::ActivateSurvey>(&asked);
        let french = json!({ "surveyid": survey.to_string(), "lang": "fr_FR" });
        let shown = partner.calls::<survey::GetSurvey>(&french);
        assert_eq!(shown["survey"]["name"], "Tension élevée");
        survey
    }

    /// The scale learns all of it at its first sync, and shows the nudge twice: the campaign's
    /// number.
    fn a_nudge_is_shown_until_its_campaign_is_complete(&mut self) -> i64 {
        let partner = self.partner;
        let screen = json!({
            "iconids": [5], "content": ["Un verre d'eau,", "c'est l'heure"], "model": 17,
            "position": "last",
        });
        let nudge = partner.calls::<nudge::CreateNudge>(&screen)["nudgeid"].clone();
        let plan = json!({
            "nudgeid": nudge, "startdate": NOW, "enddate": NOW + 60 * DAY, "max_display_count": 2,
        });
        let made = partner.calls::<nudgecampaign::CreateCampaign>(&plan);
        let campaign = number(&made["campaignid"]);
        let added = json!({ "nudgecampaignid": campaign, "userids": [self.user] });
        partner.calls::<nudgecampaign::AddUsers>(&added);
        assert_eq!(self.counts(campaign), (json!(0), json!(0), Value::Null));

        self.scale.syncs(vec![]);
        let feature = json!({
            "userid": self.user, "feature_name": "feature_eyes_closed_mode", "active": true,
        });
        assert_eq!(self.scale.list("features"), [feature]);
        assert_eq!(self.scale.list("nudges").len(), 1);
        assert!(self.scale.list("surveys").is_empty(), "a scale asks nothing");
        assert_eq!(self.scale.told["users"][0]["shortname"], "NIN");
        self.scale.syncs(self.scale.obeys());
        for (grams, shown) in [(81_400, 1), (81_200, 2)] {
            self.app.clock.advance(60);
            let (screens, records) = self.scale.weighs(grams);
            assert_eq!(screens, ["Un verre d'eau, c'est l'heure"], "and no weight");
            self.scale.syncs(records);
            let now = self.app.clock.now();
            assert_eq!(self.hears("1"), (now.to_string(), (now + 1).to_string()));
            let completed = if shown == 2 { json!(now) } else { Value::Null };
            assert_eq!(self.counts(campaign), (json!(1), json!(shown), completed));
        }
        assert!(self.scale.list("nudges").is_empty(), "it was shown as often as it should");
        campaign
    }

    /// What became of the campaign's nudge: how often it was delivered and shown, and when it was
    /// done.
    fn counts(&self, campaign: i64) -> (Value, Value, Value) {
        let asked = json!({ "nudgecampaignid": campaign });
        let users = self.partner.calls::<nudgecampaign::ListCampaignUsers>(&asked);
        let one = &users["users"][0];
        assert_eq!((&one["userid"], &users["more"]), (&json!(self.user), &json!(false)));
        let of = |name: &str| one[name].clone();
        (of("deliver_count"), of("display_count"), of("completion_date"))
    }

    /// A reading beyond the survey's limit: the monitor asks at once, and the partner reads what
    /// was answered beside what was measured.
    fn a_high_reading_is_answered(&mut self, survey: i64) {
        self.cuff.syncs(vec![]);
        let asked = self.cuff.list("surveys");
        assert_eq!((asked.len(), &asked[0]["name"]), (1, &json!("Tension élevée")));
        assert!(self.cuff.list("due").is_empty() && self.cuff.list("features").is_empty());

        self.app.clock.advance(600);
        let now = self.app.clock.now();
        self.cuff.syncs(self.cuff.measures(185, 121));
        let (from, to) = self.hears("4");
        let span = json!({ "startdate": from, "enddate": to, "meastype": 10 });
        let read = self.partner.calls_for::<measure::GetMeas>(&self.token, &span);
        let group = &read["measuregrps"][0];
        assert_eq!((&group["date"], &group["measures"][0]["value"]), (&json!(now), &json!(185)));
        let due = self.cuff.list("due");
        let expected = json!({
            "userid": self.user, "surveyid": survey, "grpid": group["grpid"],
            "expires": now + DAY,
        });
        assert_eq!(due, [expected]);

        self.app.clock.advance(60);
        self.cuff.syncs(self.cuff.asks(&["Oui", "Mal de tête", "Vision trouble"]));
        assert!(self.cuff.list("due").is_empty(), "it was answered");
        let (from, to) = self.hears("60");
        let asked = json!({ "userid": self.user, "startdate": from, "enddate": to });
        let given = self.partner.calls::<answers::GetAnswers>(&asked);
        let expected = json!({
            "surveyid": survey, "grpid": group["grpid"], "timestamp": now + 60,
            "answers": [{ "q1": [1], "q3": [1, 4] }],
        });
        assert_eq!(given["answers"], json!([expected]));
    }

    /// From now on the account is the person's own: a code to the phone, and a password.
    fn the_person_claims_the_account(&self) {
        let mut browser = Browser::new(self.app);
        asks(&mut browser, EMAIL);
        let code = code_sent_to(&self.told.phone);
        assert_eq!(claims(&mut browser, EMAIL, &code).http, 303);
        assert!(browser.opens("/account").text.contains(EMAIL));
        let data = browser.opens("/account/data").text;
        assert!(data.contains("81.200 kg") && data.contains("185"), "{data}");
    }

    /// Raw signals of sensors take a word of the person's own, on the consent page; then the scale
    /// is asked for them, until the next day.
    fn the_person_lets_the_partner_have_raw_signals(&mut self) {
        let nina = self.app.known(self.user, EMAIL);
        let scope = "user.info,user.metrics,user.rawdata";
        let refused = json!({ "hash_deviceid": self.scale_id(), "rawdata_type": 1 });
        let refused = self.partner.tries::<rawdata::ActivateRawData>(&self.token, &refused);
        assert!(matches!(refused, Err(Problem::Refused(Refused { status: 2_555, .. }))));
        self.token = nina.lets(&self.partner.program(), scope).access;
        let (scale, until) = (self.scale_id(), self.app.clock.now() + DAY);
        let wanted = json!({ "hash_deviceid": scale, "rawdata_type": 1, "enddate": until });
        self.partner.calls_for::<rawdata::ActivateRawData>(&self.token, &wanted);
        self.scale.syncs(vec![]);
        let capture = json!({ "userid": self.user, "rawdata_type": 1, "enddate": until });
        assert_eq!(self.scale.list("rawdata"), [capture]);
        self.scale.syncs(self.scale.obeys());
        let asked = json!({
            "hash_deviceid": scale, "rawdata_type": 1, "startdate": NOW, "enddate": until,
        });
        let kept = self.partner.calls_for::<rawdata::GetRawData>(&self.token, &asked);
        assert_eq!(kept["rawdata"].as_array().map(Vec::len), Some(1), "{kept:?}");
    }

    /// Both devices leave: told at once, over for good after 48 hours. The person keeps them, and
    /// what they measured.
    fn the_programme_ends(&mut self, campaign: i64) {
        // There would be something to show.
        let more = json!({ "nudgecampaignid": campaign, "max_display_count": 30 });
        self.partner.calls::<nudgecampaign::UpdateCampaign>(&more);
        let ends = self.app.clock.now() + 2 * DAY;
        for mac in [SCALE, CUFF] {
            let asked = json!({ "mac_address": mac, "status": "TERMINATED" });
            let ended = self.partner.calls::<devices::EndPartnerProgram>(&asked);
            let expected = json!({ "new_sim_status": "TERMINATED", "termination_date": ends });
            assert_eq!(*ended, expected);
        }
        assert_eq!(self.lines(), [(17, json!("TERMINATED")), (47, json!("TERMINATED"))]);
        self.app.clock.advance(2 * 86_400 - 1);
        self.scale.syncs(vec![]);
        self.cuff.syncs(vec![]);
        for (device, list) in
            [(&self.scale, "features"), (&self.scale, "nudges"), (&self.cuff, "surveys")]
        {
            assert_eq!((device.list(list).len(), list), (1, list), "until it is over");
            assert_eq!(device.told["program_ends"], ends);
        }

        self.app.clock.advance(1);
        self.scale.syncs(vec![]);
        let (screens, records) = self.scale.weighs(81_000);
        assert_eq!(screens, ["81000 g"], "an ordinary scale");
        self.scale.syncs(records);
        self.hears("1");
        self.cuff.syncs(self.cuff.measures(186, 122));
        self.hears("4");
        for device in [&self.scale, &self.cuff] {
            let told = device.told.as_object().expect("an answer");
            let names: Vec<&str> = told.keys().map(String::as_str).collect();
            let ordinary = [
                "stored",
                "known",
                "unclaimed",
                "unwanted",
                "now",
                "users",
                "rawdata",
                "program_ends",
            ];
            assert_eq!(names, ordinary);
            assert_eq!(told["rawdata"], json!([]));
        }
    }

    /// The partner may read until the person says otherwise; the person reads with what they like.
    fn the_data_stays_the_persons(&self) {
        let grant = json!({ "grant_type": "refresh_token", "refresh_token": self.refresh_token });
        let renewed = self.partner.calls::<oauth2::RequestToken>(&grant);
        let token = renewed["access_token"].as_str().expect("a token");
        let pressures = json!({ "meastype": 10 });
        let read = self.partner.calls_for::<measure::GetMeas>(token, &pressures);
        assert_eq!(read["measuregrps"].as_array().map(Vec::len), Some(2));

        let mut browser = Browser::of(self.app, EMAIL, PASSWORD);
        let page = browser.opens("/account/applications");
        assert!(page.text.contains("Heart Care"), "{}", page.text);
        assert_eq!(browser.submits(&form_to(&page, "/account/applications")).http, 303);
        let read = self.partner.tries::<measure::GetMeas>(token, &pressures);
        assert!(matches!(read, Err(Problem::Refused(Refused { status: 401, .. }))));

        let nina = self.app.known(self.user, EMAIL);
        let own = nina.lets(&self.app.client(), "user.metrics");
        let read = own.reads_with("getmeas", &[("meastype", "1")]);
        assert_eq!(weights(&read), [81_000, 81_200, 81_400, 81]);
        let read = own.reads_with("getmeas", &[("meastype", "10")]);
        assert_eq!(weights(&read), [186, 185]);
        assert!(browser.opens("/account/data").text.contains("186"));
    }
}

fn number(value: &Value) -> i64 {
    let text = value.as_str().and_then(|text| text.parse().ok());
    value.as_i64().or(text).expect("a number")
}
