//! Accounts that applications make for people, who get devices and need no app. The same person is
//! known again by the e-mail address, as long as the account is the application's. How the person
//! takes the account over is `account::claim`'s.

use crate::summary;
use domain::account::{
    Birth, ExternalId, Goals, Language, Measures, Name, Phone, RecoveryCode, Sex, ShortName, Units,
    Zone,
};
use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::person::time_zone;
use domain::token::PARTNER_CODE_SECONDS;
use domain::{Error, Refusal, Result, Scope, ScopeSet, UserId, redirect};
use email_address::{EmailAddress, Options};
use jiff::civil::Date;
use store::code::{self, NewCode};
use store::measure::{NewGroup, insert, last, weight_goal};
use store::person::{self, Contact, NewPerson, Person, Taste};
use store::{Tx, application, goal, grant, partner};

/// What an application says of a person.
#[derive(Debug, Clone)]
pub(crate) struct NewMember {
    pub(crate) email: String,
    pub(crate) short_name: ShortName,
    pub(crate) first_name: Option<Name>,
    pub(crate) last_name: Option<Name>,
    pub(crate) phone: Option<Phone>,
    pub(crate) recovery_code: Option<RecoveryCode>,
    pub(crate) external_id: ExternalId,
    pub(crate) birth: Birth,
    pub(crate) sex: Sex,
    pub(crate) language: Language,
    pub(crate) zone: Zone,
    pub(crate) units: Units,
    pub(crate) measures: Measures,
    pub(crate) goals: Option<Goals>,
    pub(crate) mailing: bool,
}

/// Makes an account that is the application's, or finds it again by the e-mail address. What is
/// said of the person is taken over, unless they claimed the account: then it is theirs to say.
pub(crate) fn open(tx: &mut Tx<'_>, client_id: &str, new: &NewMember) -> Result<UserId> {
    let email = address(&new.email)?;
    let day = birth(tx, new)?;
    let mut known = person::find_by_email(tx, &email)?;
    let mut made = None;
    if known.is_none() {
        match person::create(tx, &new.person(email.clone(), day)) {
            Ok(user) => made = Some(user),
            // Somebody was quicker: whose it is by now is looked at like that of any other.
            Err(Error::Refused(taken)) => {
                known = person::find_by_email(tx, &email)?;
                if known.is_none() {
                    return Err(Error::Refused(taken));
                }
            }
            Err(failed) => return Err(failed),
        }
    }
    let user = match (made, &known) {
        (Some(made), _) => made,
        (None, Some(known)) if known.owner.as_deref() == Some(client_id) => known.id,
        (None, _) => {
            let cause = "the address belongs to an account the application did not make";
            return Err(Refusal::rejected("email", cause).into());
        }
    };
    partner::call(tx, client_id, &new.external_id.0, user)?;
    if known.is_none() {
        person::set_owner(tx, user, Some(client_id))?;
    }
    if known.is_none() || person::password_hash(tx, user)?.is_none() {
        take_over(tx, user, new, day)?;
    }
    Ok(user)
}

fn take_over(tx: &mut Tx<'_>, user: UserId, new: &NewMember, day: Date) -> Result<()> {
    let known = person::get(tx, user)?;
    let changed = new.changed(&known, day);
    if changed != known {
        summary::move_to(tx, &known, &changed.time_zone)?;
        person::set_profile(tx, &changed)?;
        person::set_contact(tx, user, &changed.contact)?;
    }
    if let Some(code) = &new.recovery_code {
        partner::set_recovery(tx, user, Some(&code.0))?;
    }
    for (kind, measure) in
        [(MeasureType::HEIGHT, new.measures.height), (MeasureType::WEIGHT, new.measures.weight)]
    {
        if last(tx, user, kind)? != Some(measure) {
            insert(tx, user, &[typed(tx.now(), Category::REAL, measure)])?;
        }
    }
    new.goals.map_or(Ok(()), |goals| aim(tx, user, &goals))
}

fn aim(tx: &mut Tx<'_>, user: UserId, goals: &Goals) -> Result<()> {
    let known = goal::get(tx, user)?;
    let aimed = goal::Goals {
        steps: goals.steps.or(known.steps),
        sleep_seconds: goals.sleep_seconds.or(known.sleep_seconds),
    };
    if aimed != known {
        goal::set(tx, user, &aimed)?;
    }
    if let Some(weight) = goals.weight
        && weight_goal(tx, user)? != Some(weight)
    {
        insert(tx, user, &[typed(tx.now(), Category::OBJECTIVE, weight)])?;
    }
    Ok(())
}

fn typed(date: i64, category: Category, measure: Measure) -> NewGroup {
    let attrib = Attrib::MANUAL_AT_CREATION;
    NewGroup { date, category, attrib, device: None, measures: vec![measure] }
}

/// An e-mail address, in lower case.
pub(crate) fn address(text: &str) -> Result<String> {
    let email = text.trim().to_lowercase();
    let bare = Options::default().without_display_text().without_domain_literal();
    match EmailAddress::parse_with_options(&email, bare) {
        Ok(_) => Ok(email),
        Err(_) => Err(Refusal::invalid_param("email", "expected an e-mail address").into()),
    }
}

fn birth(tx: &Tx<'_>, new: &NewMember) -> Result<Date> {
    let day = time_zone(&new.zone.0).and_then(|zone| new.birth.day(&zone, tx.now()));
    let problem = "expected a day from 1900 on that is not to come";
    day.ok_or_else(|| Refusal::invalid_param("birthdate", problem).into())
}

impl NewMember {
    fn person(&self, email: String, day: Date) -> NewPerson {
        NewPerson {
            id: None,
            email,
            password_hash: None,
            short_name: self.short_name.0.clone(),
            time_zone: self.zone.0.clone(),
            birth_date: Some(day),
            gender: Some(self.sex.0),
            is_demo: false,
        }
    }

    fn name(&self, said: Option<&Name>) -> String {
        said.map_or(&self.short_name.0, |name| &name.0).clone()
    }

    fn changed(&self, known: &Person, day: Date) -> Person {
        Person {
            short_name: self.short_name.0.clone(),
            time_zone: self.zone.0.clone(),
            birth_date: Some(day),
            gender: Some(self.sex.0),
            taste: Taste {
                language: Some(self.language.0.clone()),
                unit_weight: self.units.weight.or(known.taste.unit_weight),
                unit_height: self.units.height.or(known.taste.unit_height),
                unit_distance: self.units.distance.or(known.taste.unit_distance),
                unit_temperature: self.units.temperature.or(known.taste.unit_temperature),
            },
            contact: Contact {
                first_name: Some(self.name(self.first_name.as_ref())),
                last_name: Some(self.name(self.last_name.as_ref())),
                phone: self
                    .phone
                    .as_ref()
                    .map(|phone| phone.0.clone())
                    .or(known.contact.phone.clone()),
                mailing: Some(self.mailing),
            },
            ..known.clone()
        }
    }
}

/// A code for a person whose account is the application's. It lives ten minutes and goes with the
/// address that is named, else with any of the application's.
pub(crate) fn code(
    tx: &mut Tx<'_>,
    client_id: &str,
    user: UserId,
    redirect_uri: Option<&str>,
) -> Result<String> {
    let scopes = grant::last_scopes(tx, client_id, user)?.unwrap_or_else(granted);
    let seconds = PARTNER_CODE_SECONDS;
    let (challenge, is_read_only, scopes) = (None, false, &scopes);
    code::issue(
        tx,
        &NewCode { user, client_id, redirect_uri, scopes, challenge, is_read_only, seconds },
    )
}

/// What an application may see of an account it made before anybody was asked: everything but the
/// raw signals of sensors, which need a word of their own.
fn granted() -> ScopeSet {
    ScopeSet::of(Scope::ALL.into_iter().filter(|scope| *scope != Scope::RawData))
}

/// Checks that an address is one of the application's.
pub(crate) fn check_redirect(tx: &mut Tx<'_>, client_id: &str, asked: &str) -> Result<()> {
    let application = application::find(tx, client_id)?;
    let registered = application.map(|application| application.redirect_uris).unwrap_or_default();
    if registered.iter().any(|registered| redirect::allows(registered, asked)) {
        return Ok(());
    }
    let problem = "expected an address that is registered for the application";
    Err(Refusal::invalid_param("redirect_uri", problem).into())
}
