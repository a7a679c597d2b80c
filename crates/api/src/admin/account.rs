//! People's accounts.

use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::person::{Gender, short_name, time_zone};
use domain::{Refusal, Result, UserId};
use email_address::{EmailAddress, Options};
use jiff::civil::Date;
use store::measure::{NewGroup, insert};
use store::person::{NewPerson, Person};
use store::{Tx, person};

/// An account to be made. Everything but the address is optional.
#[derive(Debug, Clone, Default)]
pub struct NewAccount {
    /// Its id; drawn when it is missing. Only in a sandbox's store.
    pub userid: Option<UserId>,
    /// Where the person can be reached, and what they log in with.
    pub email: String,
    /// An argon2id hash; hashing is slow and done outside the transaction.
    pub password_hash: Option<String>,
    /// Two to five letters or digits; made of the address when it is missing.
    pub short_name: Option<String>,
    /// A zone of the time zone database; UTC when it is missing.
    pub time_zone: Option<String>,
    /// Day of birth.
    pub birth_date: Option<Date>,
    /// As the formulas of scales know it.
    pub gender: Option<Gender>,
    /// In metres, as decimal text.
    pub height_m: Option<String>,
    /// In kilograms, as decimal text.
    pub weight_kg: Option<String>,
    /// The weight aimed at, in kilograms, as decimal text.
    pub goal_weight_kg: Option<String>,
    /// When height, weight and goal were told; now when it is missing.
    pub told_at: Option<i64>,
    /// Whether `mode=demo` logs everybody in as this person.
    pub is_demo: bool,
}

/// An account that was made.
pub type Account = Person;
/// An account in a list.
pub type Summary = Person;

/// Makes an account. Height and weight become measure groups entered by hand while it was made
/// (`attrib` 4), the goal a group of category 2.
pub fn create_account(tx: &mut Tx<'_>, new: &NewAccount) -> Result<Account> {
    let email = new.email.trim().to_lowercase();
    let bare = Options::default().without_display_text().without_domain_literal();
    if EmailAddress::parse_with_options(&email, bare).is_err() {
        return Err(Refusal::invalid_param("email", "expected an e-mail address").into());
    }
    let zone = time_zone(new.time_zone.as_deref().unwrap_or("UTC")).ok_or_else(|| {
        let problem = "expected a zone of the time zone database, such as Europe/Paris";
        Refusal::invalid_param("timezone", problem)
    })?;
    let name = match &new.short_name {
        None => name_of(&email),
        Some(name) => short_name(name).ok_or_else(|| {
            Refusal::invalid_param("shortname", "expected 2 to 5 letters or digits")
        })?,
    };
    let groups = groups(new.told_at.unwrap_or(tx.now()), new)?;
    let id = person::create(
        tx,
        &NewPerson {
            id: new.userid,
            email,
            password_hash: new.password_hash.clone(),
            short_name: name,
            time_zone: zone.iana_name().unwrap_or("UTC").to_owned(),
            birth_date: new.birth_date,
            gender: new.gender,
            is_demo: new.is_demo,
        },
    )?;
    if !groups.is_empty() {
        insert(tx, id, &groups)?;
    }
    person::get(tx, id)
}

fn name_of(email: &str) -> String {
    let letters = email.chars().take_while(|c| *c != '@').filter(|c| c.is_alphanumeric());
    short_name(&letters.take(3).collect::<String>()).unwrap_or_else(|| "ME".to_owned())
}

fn groups(date: i64, new: &NewAccount) -> Result<Vec<NewGroup>> {
    let by_hand = |category, attrib, measure| NewGroup {
        date,
        category,
        attrib,
        device: None,
        measures: vec![measure],
    };
    let mut groups = Vec::new();
    if let Some(text) = &new.height_m {
        let height = decimal("height", text, MeasureType::HEIGHT, (30, 300), -2)?;
        groups.push(by_hand(Category::REAL, Attrib::MANUAL_AT_CREATION, height));
    }
    if let Some(text) = &new.weight_kg {
        let weight = decimal("weight", text, MeasureType::WEIGHT, (1, 700), 0)?;
        groups.push(by_hand(Category::REAL, Attrib::MANUAL_AT_CREATION, weight));
    }
    if let Some(text) = &new.goal_weight_kg {
        let goal = decimal("goal-weight", text, MeasureType::WEIGHT, (1, 700), 0)?;
        groups.push(by_hand(Category::OBJECTIVE, Attrib::MANUAL, goal));
    }
    Ok(groups)
}

/// A decimal text as a measure, digit for digit; within bounds given in `10^bound_unit`.
pub(crate) fn decimal(
    name: &str,
    text: &str,
    kind: MeasureType,
    (low, high): (i64, i64),
    bound_unit: i8,
) -> Result<Measure> {
    let parse = || {
        let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let digits = format!("{whole}{fraction}");
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && fraction.len() <= 3;
        let value = digits.parse().ok().filter(|_| plain)?;
        let measure = Measure::new(kind, value, -i8::try_from(fraction.len()).ok()?);
        let within = (low..=high).contains(&measure.scaled(bound_unit)?);
        within.then_some(measure)
    };
    parse().ok_or_else(|| {
        let scale = 10_f64.powi(bound_unit.into());
        let (low, high) = (low as f64 * scale, high as f64 * scale);
        let problem = format!("expected a decimal number between {low} and {high}");
        Refusal::invalid_param(name, problem).into()
    })
}

/// The account of an id or an e-mail address.
pub fn find_account(tx: &mut Tx<'_>, id_or_email: &str) -> Result<Account> {
    let found = match id_or_email.trim().parse() {
        Ok(id) => person::find(tx, UserId(id))?,
        Err(_) => person::find_by_email(tx, id_or_email.trim())?,
    };
    let problem = "no person has this id or e-mail address; see `vitald user list`";
    found.ok_or_else(|| Refusal::invalid_param("user", problem).into())
}

/// Accounts in the order of their ids, after `after`.
pub fn list_accounts(tx: &mut Tx<'_>, after: UserId) -> Result<Vec<Summary>> {
    person::list(tx, after, super::LIST_ROWS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_digits() {
        let of = |text| decimal("height", text, MeasureType::HEIGHT, (30, 300), -2);
        assert_eq!(of("1.78"), Ok(Measure::new(MeasureType::HEIGHT, 178, -2)));
        assert_eq!(of("2"), Ok(Measure::new(MeasureType::HEIGHT, 2, 0)));
        for bad in ["", "-1", "178", "1,78", "1.7878", "1.7x", "0.1", "99999999999999999999"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
