//! `user activate`: an account for a person, with their devices.

use super::link::{LinkedDevice, link_all};
use crate::caller::{Cellular, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::partner::{self, NewMember};
use domain::Result;
use domain::account::{
    Birth, ExternalId, Goals, Language, Measures, Name, Phone, RecoveryCode, Sex, ShortName, Units,
    Zone,
};
use domain::device::Battery;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Makes an account for a person and links devices to it: all of it, or nothing.
///
/// An e-mail address of an account the application made before finds it again; what is said of the
/// person then replaces what was said, unless they have claimed the account.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Activate {
    /// Whether the person agreed to be written to.
    pub mailingpref: bool,
    /// When they were born: Unix seconds at midnight.
    #[schemars(with = "i64")]
    pub birthdate: Birth,
    /// JSON: their height (type 4) and weight (type 1), in whole numbers.
    #[schemars(with = "String")]
    pub measures: Measures,
    /// 0: man. 1: woman.
    #[schemars(with = "i64")]
    pub gender: Sex,
    /// A language tag, such as `en_US`.
    #[schemars(with = "String")]
    pub preflang: Language,
    /// JSON: the units they like.
    #[schemars(with = "String")]
    pub unit_pref: Units,
    /// Their e-mail address.
    pub email: String,
    /// A zone of the time zone database.
    #[schemars(with = "String")]
    pub timezone: Zone,
    /// Three letters or digits, which devices show.
    #[schemars(with = "String")]
    pub shortname: ShortName,
    /// What the application calls them.
    #[schemars(with = "String")]
    pub external_id: ExternalId,
    /// Hardware addresses: a JSON list such as `["00:24:e4:12:34:56"]`.
    pub mac_addresses: String,
    /// Their first name; the short name if it is missing.
    #[schemars(with = "Option<String>")]
    pub firstname: Option<Name>,
    /// Their last name; the short name if it is missing.
    #[schemars(with = "Option<String>")]
    pub lastname: Option<Name>,
    /// E.164: a code is sent there when they claim the account.
    #[schemars(with = "Option<String>")]
    pub phonenumber: Option<Phone>,
    /// What else they can claim the account with.
    #[schemars(with = "Option<String>")]
    pub recovery_code: Option<RecoveryCode>,
    /// JSON: what they aim at.
    #[schemars(with = "Option<String>")]
    pub goals: Option<Goals>,
    /// An address of the application, which the code then has to come with.
    pub redirect_uri: Option<String>,
}

/// A person and their devices.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ActivatedUser {
    /// Who.
    pub user: Member,
    /// The devices that were asked for, in that order.
    pub devices: Vec<LinkedDevice>,
}

/// A person whose account the application made.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Member {
    /// The authorization code, for `oauth2 requesttoken`, good for ten minutes.
    pub code: String,
    /// What the application calls them.
    pub external_id: String,
}

impl Operation for Activate {
    const PATH: &'static str = "/v2/user";
    const ACTION: &'static str = "activate";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Cellular>;
    type Reply = ActivatedUser;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Cellular>) -> Result<ActivatedUser> {
        let client_id = caller.client_id.as_str();
        if let Some(asked) = &self.redirect_uri {
            partner::check_redirect(tx, client_id, asked)?;
        }
        let new = NewMember {
            email: self.email,
            short_name: self.shortname,
            first_name: self.firstname,
            last_name: self.lastname,
            phone: self.phonenumber,
            recovery_code: self.recovery_code,
            external_id: self.external_id,
            birth: self.birthdate,
            sex: self.gender,
            language: self.preflang,
            zone: self.timezone,
            units: self.unit_pref,
            measures: self.measures,
            goals: self.goals,
            mailing: self.mailingpref,
        };
        let user = partner::open(tx, client_id, &new)?;
        let devices = link_all(tx, client_id, user, &self.mac_addresses)?;
        let code = partner::code(tx, client_id, user, self.redirect_uri.as_deref())?;
        Ok(ActivatedUser { user: Member { code, external_id: new.external_id.0 }, devices })
    }

    fn examples() -> Vec<Example<ActivatedUser>> {
        let scale = LinkedDevice {
            mac_address: "00:24:e4:12:34:56".to_owned(),
            kind: "Scale",
            model: "Body Pro 2",
            model_id: 17,
            battery: Battery::Unknown,
            deviceid: "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334".to_owned(),
            timezone: "Europe/Paris".to_owned(),
            last_session_date: None,
            serial_number: Some("S-1001".to_owned()),
        };
        let user = Member {
            code: "a0a1a2a3a4a5a6a7a8a9b0b1b2b3b4b5b6b7b8b9".to_owned(),
            external_id: "patient-17".to_owned(),
        };
        let params = json!({
            "mailingpref": false, "birthdate": -320_630_400, "gender": 1, "preflang": "fr_FR",
            "measures": "[{\"value\":168,\"unit\":-2,\"type\":4},\
                          {\"value\":7150,\"unit\":-2,\"type\":1}]",
            "unit_pref": "{\"weight\":1,\"height\":6,\"distance\":6,\"temperature\":11}",
            "email": "anna@example.org", "timezone": "Europe/Paris", "shortname": "ANN",
            "external_id": "patient-17", "mac_addresses": "[\"00:24:e4:12:34:56\"]",
            "phonenumber": "+33612345678",
        });
        let reply = ActivatedUser { user, devices: vec![scale] };
        vec![Example { summary: "A person with a cellular scale", params, reply }]
    }
}
