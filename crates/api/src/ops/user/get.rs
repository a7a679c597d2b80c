//! `user get`: what is known of a person whose account the application made.

use crate::caller::{AccountMaker, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::partner;
use domain::account::{Birth, Units};
use domain::person::Gender;
use domain::{Refusal, Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::person::{self, Person};

/// A person by their e-mail address or their id. Only people whose accounts the application made
/// are known here.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetUser {
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their id. Together with an address it has to be the same person's.
    pub userid: Option<UserId>,
}

/// A person.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    /// Who.
    pub user: FoundUser,
}

/// What is known of a person.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundUser {
    /// Their e-mail address.
    pub email: String,
    /// Their first name, or the short name.
    pub firstname: String,
    /// Their last name, or the short name.
    pub lastname: String,
    /// What devices show.
    pub shortname: String,
    /// 0: man. 1: woman. Null: never said.
    pub gender: Option<i64>,
    /// Midnight, UTC, of their day of birth. Null: never said.
    pub birthdate: Option<i64>,
    /// A language tag; empty: never said.
    pub preflang: String,
    /// A zone of the time zone database.
    pub timezone: String,
    /// Whether they agreed to be written to.
    pub mailingpref: bool,
    /// The units they like.
    pub unit_pref: UnitPref,
    /// In E.164, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub phonenumber: Option<String>,
}

/// Units by the numbers of the reference; what was never said is metric.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnitPref {
    /// 1 kilogram, 2 pound, 14 stone and pound.
    pub weight: i64,
    /// 6 metre, 7 inch.
    pub height: i64,
    /// 11 degrees Celsius, 13 degrees Fahrenheit.
    pub temperature: i64,
    /// 6 kilometre, 8 yard.
    pub distance: i64,
}

impl From<Units> for UnitPref {
    fn from(units: Units) -> Self {
        Self {
            weight: units.weight.unwrap_or(1),
            height: units.height.unwrap_or(6),
            temperature: units.temperature.unwrap_or(11),
            distance: units.distance.unwrap_or(6),
        }
    }
}

impl From<Person> for FoundUser {
    fn from(person: Person) -> Self {
        let name = |name: Option<String>| name.unwrap_or_else(|| person.short_name.clone());
        let taste = person.taste;
        let units = Units {
            weight: taste.unit_weight,
            height: taste.unit_height,
            distance: taste.unit_distance,
            temperature: taste.unit_temperature,
        };
        Self {
            firstname: name(person.contact.first_name),
            lastname: name(person.contact.last_name),
            email: person.email,
            shortname: person.short_name,
            gender: person.gender.map(Gender::code),
            birthdate: person.birth_date.map(Birth::moment),
            preflang: taste.language.unwrap_or_default(),
            timezone: person.time_zone,
            mailingpref: person.contact.mailing.unwrap_or_default(),
            unit_pref: units.into(),
            phonenumber: person.contact.phone,
        }
    }
}

impl Operation for GetUser {
    const PATH: &'static str = "/v2/user";
    const ACTION: &'static str = "get";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<AccountMaker>;
    type Reply = Found;

    fn concerns(&self) -> Option<UserId> {
        self.userid
    }

    fn call(self, tx: &mut Tx<'_>, caller: Signed<AccountMaker>) -> Result<Found> {
        let (found, name) = match (self.userid, &self.email) {
            (Some(id), _) => (person::find(tx, id)?, "userid"),
            (None, Some(email)) => (person::find_by_email(tx, &partner::address(email)?)?, "email"),
            (None, None) => return Err(Refusal::missing_param("email or userid").into()),
        };
        let email = self.email.as_deref().map(partner::address).transpose()?;
        let is_right = |person: &Person| {
            person.owner.as_ref() == Some(&caller.client_id)
                && email.as_ref().is_none_or(|email| *email == person.email)
        };
        let cause = "no account of this kind was made by the application";
        let user = found.filter(is_right).ok_or_else(|| Refusal::rejected(name, cause))?;
        Ok(Found { user: user.into() })
    }

    fn examples() -> Vec<Example<Found>> {
        let user = FoundUser {
            email: "anna@example.org".to_owned(),
            firstname: "Anna".to_owned(),
            lastname: "Example".to_owned(),
            shortname: "ANN".to_owned(),
            gender: Some(1),
            birthdate: Some(-320_630_400),
            preflang: "fr_FR".to_owned(),
            timezone: "Europe/Paris".to_owned(),
            mailingpref: false,
            unit_pref: Units::default().into(),
            phonenumber: Some("+33612345678".to_owned()),
        };
        let params = json!({ "email": "anna@example.org" });
        vec![Example { summary: "By e-mail address", params, reply: Found { user } }]
    }
}
