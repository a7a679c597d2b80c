//! `dropshipment createuserorder`: an account for a person, and products that are sent to them.

use crate::caller::{Cellular, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::user::Member;
use crate::orders::{self, PlaceOrders, PlacedOrder};
use crate::partner::{self, NewMember};
use domain::Result;
use domain::account::{
    Birth, ExternalId, Goals, Language, Measures, Name, Phone, RecoveryCode, Sex, ShortName, Units,
    Zone,
};
use domain::order::Status;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Makes an account for a person and orders products for them: all of it, or nothing. The devices
/// are linked to the person, and activated, when they are shipped.
///
/// An e-mail address of an account the application made before finds it again, as with
/// `user activate`. Orders are not: a `customer_ref_id` is good for one. Where an address is none
/// of its country, the answer is status 503 and `invalid_address_customer_ref_ids` in its body
/// names the orders.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CreateUserOrder {
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
    /// 1 to 10 orders, as `createorder` takes them.
    pub order: String,
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
    /// Plays a sequence instead of sending anything, as with `createorder`.
    pub testmode: Option<i64>,
}

/// A person and their orders.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UserOrdered {
    /// Who.
    pub user: Member,
    /// In the order of the call.
    pub orders: Vec<PlacedOrder>,
    /// What all of them have the same.
    pub dropshipmentorderid: String,
}

impl Operation for CreateUserOrder {
    const PATH: &'static str = "/v2/dropshipment";
    const ACTION: &'static str = "createuserorder";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Cellular>;
    type Reply = UserOrdered;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Cellular>) -> Result<UserOrdered> {
        let client_id = caller.client_id.as_str();
        let wanted = orders::parse(&self.order)?;
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
        let wanted = PlaceOrders {
            orders: wanted,
            customer_id: None,
            platform_id: None,
            test_mode: self.testmode,
            user: Some(user),
        };
        let placed = orders::place(tx, client_id, &wanted)?;
        let code = partner::code(tx, client_id, user, None)?;
        Ok(UserOrdered {
            user: Member { code, external_id: new.external_id.0 },
            orders: placed.orders,
            dropshipmentorderid: placed.dropshipmentorderid,
        })
    }

    fn examples() -> Vec<Example<UserOrdered>> {
        let params = json!({
            "mailingpref": false, "birthdate": -320_630_400, "gender": 0, "preflang": "en_US",
            "measures": "[{\"value\":180,\"unit\":-2,\"type\":4},\
                          {\"value\":8000,\"unit\":-2,\"type\":1}]",
            "unit_pref": "{\"weight\":2,\"height\":7,\"distance\":8,\"temperature\":13}",
            "email": "john@example.org", "timezone": "America/New_York", "shortname": "JOH",
            "external_id": "patient-18", "order": orders::sample_order().to_string(),
        });
        let user = Member {
            code: "a0a1a2a3a4a5a6a7a8a9b0b1b2b3b4b5b6b7b8b9".to_owned(),
            external_id: "patient-18".to_owned(),
        };
        let reply = UserOrdered {
            user,
            orders: vec![orders::sample_placed(Status::Verified)],
            dropshipmentorderid: "32948634".to_owned(),
        };
        vec![Example { summary: "A person and a scale", params, reply }]
    }
}
