//! Accounts that applications made for people, taken over by the people: whoever knows the e-mail
//! address and has the recovery code, or the phone the account names, sets a password. Nobody is
//! told whether there is such an account: what is asked for one that is not, comes to nothing.

use domain::{EntropyExt as _, Refusal, Result};
use store::partner::{self, Claim};
use store::person::{self, Person};
use store::{Tx, session};
use subtle::ConstantTimeEq as _;

/// A code that was sent is good for so long.
pub const CODE_SECONDS: i64 = 600;
/// Codes and tries are counted for a day.
const DAY_SECONDS: i64 = 86_400;
/// Codes that are sent to a person in a day.
const CODES_MAX: i64 = 5;
/// What else is typed for a person in a day, before nothing is right any more.
const TRIES_MAX: i64 = 10;

/// A text to a phone.
#[derive(Clone, PartialEq, Eq)]
pub struct Sms {
    /// In E.164.
    pub to: String,
    /// What it says.
    pub text: String,
}

/// Makes a code for an account that can be claimed: what is to be sent. None where there is nothing
/// to be claimed, no phone, or no code left of the day.
pub fn ask(tx: &mut Tx<'_>, email: &str) -> Result<Option<Sms>> {
    let Some(person) = claimable(tx, email)? else { return Ok(None) };
    let Some(to) = person.contact.phone.clone() else { return Ok(None) };
    let known = of_today(tx, &person)?;
    if known.sent >= CODES_MAX {
        return Ok(None);
    }
    let code = format!("{:06}", tx.entropy().number(0, 1_000_000));
    let claim = Claim {
        code_hash: Some(partner::code_hash(person.id, &code)),
        expires: tx.now() + CODE_SECONDS,
        sent: known.sent + 1,
        ..known
    };
    partner::set_claim(tx, person.id, &claim)?;
    let text = format!("{code} is the code to claim your account. It is good for ten minutes.");
    Ok(Some(Sms { to, text }))
}

/// Sets the password of an account with the code that was sent, or the recovery code, and logs the
/// person in: the session's secret. Each code claims an account once.
pub fn claim(tx: &mut Tx<'_>, email: &str, code: &str, password_hash: &str) -> Result<String> {
    let problem = "expected the code that was sent to your phone, or your recovery code";
    let wrong = || Refusal::invalid_param("code", problem);
    let Some(person) = claimable(tx, email)? else { return Err(wrong().into()) };
    let known = of_today(tx, &person)?;
    if known.tries >= TRIES_MAX {
        return Err(wrong().into());
    }
    if !is_right(tx, &person, &known, code.trim())? {
        // Stays, though it is refused: or there would be no end to guessing.
        partner::set_claim(tx, person.id, &Claim { tries: known.tries + 1, ..known })?;
        return Err(wrong().into());
    }
    partner::set_claim(tx, person.id, &Claim { code_hash: None, expires: 0, tries: 0, ..known })?;
    partner::set_recovery(tx, person.id, None)?;
    person::set_password(tx, person.id, password_hash)?;
    session::begin(tx, person.id)
}

/// An account an application made, that nobody has claimed.
fn claimable(tx: &mut Tx<'_>, email: &str) -> Result<Option<Person>> {
    let found = person::find_by_email(tx, email.trim())?.filter(|person| person.owner.is_some());
    let Some(person) = found else { return Ok(None) };
    let is_claimed = person::password_hash(tx, person.id)?.is_some();
    Ok(Some(person).filter(|_| !is_claimed))
}

fn of_today(tx: &mut Tx<'_>, person: &Person) -> Result<Claim> {
    let (known, now) = (partner::claim(tx, person.id)?, tx.now());
    let is_today = (0..DAY_SECONDS).contains(&(now - known.since));
    Ok(if is_today { known } else { Claim { since: now, tries: 0, sent: 0, ..known } })
}

fn is_right(tx: &mut Tx<'_>, person: &Person, known: &Claim, code: &str) -> Result<bool> {
    let typed = partner::code_hash(person.id, code);
    let sent = known.code_hash.filter(|_| tx.now() < known.expires);
    let is_sent = sent.is_some_and(|sent| bool::from(sent.ct_eq(&typed)));
    let recovery = partner::recovery(tx, person.id)?;
    let recovery = recovery.map(|recovery| partner::code_hash(person.id, &recovery));
    let is_recovery = recovery.is_some_and(|recovery| bool::from(recovery.ct_eq(&typed)));
    Ok(is_sent || is_recovery)
}
