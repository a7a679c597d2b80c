//! What a seed can be told to contradict without looking at any store. A refusal names the table,
//! the row and the key, and says what would do.

use super::{ROWS_MAX, Seed};
use domain::device::Mac;
use domain::notification::{Appli, Callbacks, signing};
use domain::{Entitlement, Refusal, Result, ScopeSet, UserId};
use std::collections::HashSet;
use std::hash::Hash;

/// A written-down secret has so many characters.
const SECRET_CHARS: std::ops::RangeInclusive<usize> = 8..=128;

pub(super) fn check(seed: &Seed) -> Result<()> {
    let tables = [
        ("organizations", seed.organizations.len()),
        ("applications", seed.applications.len()),
        ("people", seed.people.len()),
        ("devices", seed.devices.len()),
        ("tokens", seed.tokens.len()),
        ("subscriptions", seed.subscriptions.len()),
        ("products", seed.products.len()),
        ("surveys", seed.surveys.len()),
        ("faults", seed.faults.len()),
    ];
    if let Some((table, _)) = tables.into_iter().find(|(_, rows)| *rows > ROWS_MAX) {
        return Err(wrong(table, format!("expected at most {ROWS_MAX}")));
    }
    organizations(seed)?;
    applications(seed)?;
    people(seed)?;
    devices(seed)?;
    tokens(seed)?;
    subscriptions(seed)?;
    for (at, one) in seed.faults.iter().enumerate() {
        if let Some(name) = &one.application {
            application(seed, name, &format!("faults[{at}]"))?;
        }
    }
    catalogue(seed)
}

fn wrong(place: impl AsRef<str>, problem: impl std::fmt::Display) -> domain::Error {
    Refusal::invalid_param(place.as_ref(), problem).into()
}

/// What may be there once.
struct Once<T>(HashSet<T>);

impl<T: Eq + Hash> Once<T> {
    fn new() -> Self {
        Self(HashSet::new())
    }

    fn add(&mut self, one: T, place: &str) -> Result<()> {
        if self.0.insert(one) {
            return Ok(());
        }
        Err(wrong(place, "another row has the same"))
    }
}

fn organizations(seed: &Seed) -> Result<()> {
    let mut names = Once::new();
    for (at, one) in seed.organizations.iter().enumerate() {
        let place = format!("organizations[{at}]");
        names.add(one.name.trim(), &format!("{place}.name"))?;
        entitlements(&one.entitlements, &place)?;
    }
    Ok(())
}

fn entitlements(names: &[String], place: &str) -> Result<()> {
    if names.iter().all(|name| Entitlement::parse(name).is_some()) {
        return Ok(());
    }
    let known: Vec<_> = Entitlement::ALL.iter().map(|one| one.name()).collect();
    Err(wrong(format!("{place}.entitlements"), format!("expected some of {}", known.join(", "))))
}

fn applications(seed: &Seed) -> Result<()> {
    let (mut names, mut ids) = (Once::new(), Once::new());
    for (at, one) in seed.applications.iter().enumerate() {
        let place = format!("applications[{at}]");
        names.add(one.name.trim(), &format!("{place}.name"))?;
        if let Some(id) = &one.client_id {
            secret(id, &format!("{place}.client_id"))?;
            ids.add(id, &format!("{place}.client_id"))?;
        }
        if let Some(text) = &one.client_secret {
            secret(text, &format!("{place}.client_secret"))?;
        }
        entitlements(&one.entitlements, &place)?;
        organization(seed, one.organization.as_deref(), &place)?;
    }
    Ok(())
}

fn secret(text: &str, place: &str) -> Result<()> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if SECRET_CHARS.contains(&text.len()) && text.bytes().all(is_plain) {
        return Ok(());
    }
    let (low, high) = (SECRET_CHARS.start(), SECRET_CHARS.end());
    Err(wrong(place, format!("expected {low} to {high} letters, digits or any of -._~")))
}

fn organization(seed: &Seed, name: Option<&str>, place: &str) -> Result<()> {
    let is_known = |name: &str| seed.organizations.iter().any(|one| one.name.trim() == name.trim());
    if name.is_none_or(is_known) {
        return Ok(());
    }
    Err(wrong(format!("{place}.organization"), "no row of organizations has this name"))
}

fn application(seed: &Seed, name: &str, place: &str) -> Result<()> {
    if seed.application(name).is_some() {
        return Ok(());
    }
    Err(wrong(format!("{place}.application"), "no row of applications has this name"))
}

fn person(seed: &Seed, email: &str, place: &str) -> Result<()> {
    if seed.people.iter().any(|one| same_person(&one.email, email)) {
        return Ok(());
    }
    Err(wrong(place, "no row of people has this e-mail address"))
}

/// Whether two addresses are one person's.
pub(super) fn same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

impl Seed {
    /// The row of an application, by its name or its id.
    pub(super) fn application(&self, name: &str) -> Option<usize> {
        let is = |one: &super::Application| {
            one.name.trim() == name.trim() || one.client_id.as_deref() == Some(name.trim())
        };
        self.applications.iter().position(is)
    }
}

fn people(seed: &Seed) -> Result<()> {
    let (mut emails, mut ids, mut lives) = (Once::new(), Once::new(), Once::new());
    for (at, one) in seed.people.iter().enumerate() {
        let place = format!("people[{at}]");
        emails.add(one.email.trim().to_lowercase(), &format!("{place}.email"))?;
        if let Some(id) = one.userid {
            if !(UserId::MIN..UserId::END).contains(&id) {
                let problem = format!("expected {} to {}", UserId::MIN, UserId::END - 1);
                return Err(wrong(format!("{place}.userid"), problem));
            }
            ids.add(id, &format!("{place}.userid"))?;
        }
        // Half of a simulated person would contradict the other half.
        let (with, without, problem) = if one.persona.is_some() {
            let body = [
                ("birth_date", one.birth_date.is_some()),
                ("gender", one.gender.is_some()),
                ("height", one.height.is_some()),
                ("weight", one.weight.is_some()),
            ];
            (one.persona.as_deref(), body.to_vec(), "the persona says it; leave it out")
        } else {
            let drawn = [("seed", one.seed.is_some()), ("days", one.days.is_some())];
            (None, drawn.to_vec(), "it is of a persona; name one, or leave it out")
        };
        if let Some((name, _)) = without.into_iter().find(|(_, is_given)| *is_given) {
            return Err(wrong(format!("{place}.{name}"), problem));
        }
        if let Some(persona) = with {
            lives.add((persona, one.seed.unwrap_or_default()), &format!("{place}.seed"))?;
        }
        if one.gender.as_deref().is_some_and(|gender| !["man", "woman"].contains(&gender)) {
            return Err(wrong(format!("{place}.gender"), "expected man or woman"));
        }
        if one.birth_date.as_deref().is_some_and(|day| day.parse::<jiff::civil::Date>().is_err()) {
            let problem = "expected a day such as 1980-05-01";
            return Err(wrong(format!("{place}.birth_date"), problem));
        }
    }
    Ok(())
}

fn devices(seed: &Seed) -> Result<()> {
    let (mut macs, mut tokens) = (Once::new(), Once::new());
    for (at, one) in seed.devices.iter().enumerate() {
        let place = format!("devices[{at}]");
        let mac: Mac = one
            .mac
            .parse()
            .map_err(|_| wrong(format!("{place}.mac"), "expected 12 hex digits, 00:24:e4:…"))?;
        macs.add(mac.to_string(), &format!("{place}.mac"))?;
        if one.users.is_empty() && one.organization.is_none() {
            return Err(wrong(format!("{place}.users"), "give users, or an organization"));
        }
        for (number, user) in one.users.iter().enumerate() {
            person(seed, user, &format!("{place}.users[{number}]"))?;
        }
        organization(seed, one.organization.as_deref(), &place)?;
        if let Some(token) = &one.token {
            secret(token, &format!("{place}.token"))?;
            tokens.add(token, &format!("{place}.token"))?;
        }
    }
    Ok(())
}

fn tokens(seed: &Seed) -> Result<()> {
    let mut texts = Once::new();
    for (at, one) in seed.tokens.iter().enumerate() {
        let place = format!("tokens[{at}]");
        application(seed, &one.application, &place)?;
        person(seed, &one.person, &format!("{place}.person"))?;
        if one.scope.as_deref().is_some_and(|scope| ScopeSet::parse(scope).is_none()) {
            return Err(wrong(format!("{place}.scope"), "expected known scopes, by commas"));
        }
        let given = [("access_token", &one.access_token), ("refresh_token", &one.refresh_token)];
        for (name, text) in given {
            if let Some(text) = text {
                secret(text, &format!("{place}.{name}"))?;
                texts.add(text, &format!("{place}.{name}"))?;
            }
        }
    }
    Ok(())
}

fn subscriptions(seed: &Seed) -> Result<()> {
    let mut all = Once::new();
    for (at, one) in seed.subscriptions.iter().enumerate() {
        let place = format!("subscriptions[{at}]");
        application(seed, &one.application, &place)?;
        let Some(known) = Appli(one.appli).known() else {
            let numbers: Vec<_> =
                Appli::KNOWN.iter().map(|known| known.appli.0.to_string()).collect();
            let problem = format!("expected one of {}", numbers.join(", "));
            return Err(wrong(format!("{place}.appli"), problem));
        };
        let application = seed.application(&one.application);
        match (&one.person, known.scope) {
            (None, None) => {}
            (None, Some(_)) => {
                return Err(wrong(format!("{place}.person"), "this category is about a person"));
            }
            (Some(_), None) => {
                let problem = "this category is about no person; leave it out";
                return Err(wrong(format!("{place}.person"), problem));
            }
            (Some(email), Some(scope)) => {
                person(seed, email, &format!("{place}.person"))?;
                let may = |token: &super::Token| {
                    let scopes = token.scope.as_deref().and_then(ScopeSet::parse);
                    seed.application(&token.application) == application
                        && same_person(&token.person, email)
                        && scopes.is_none_or(|scopes| scopes.contains(scope))
                };
                if !seed.tokens.iter().any(may) {
                    let problem =
                        format!("no row of tokens lets the application read it ({scope})");
                    return Err(wrong(format!("{place}.person"), problem));
                }
            }
        }
        // Where the server may send at all is looked at when something is sent.
        if let Err(unfit) = Callbacks::Any.check(&one.callback) {
            let problem = format!("expected an absolute http or https address; {unfit}");
            return Err(wrong(format!("{place}.callback"), problem));
        }
        if one.secret.as_deref().is_some_and(|secret| !signing::is_secret(secret)) {
            let problem = "expected whsec_ and 24 to 64 bytes in base64";
            return Err(wrong(format!("{place}.secret"), problem));
        }
        let person = one.person.as_deref().map(|email| email.trim().to_lowercase());
        all.add((application, person, one.appli, &one.callback), &place)?;
    }
    Ok(())
}

fn catalogue(seed: &Seed) -> Result<()> {
    let mut codes = Once::new();
    for (at, one) in seed.products.iter().enumerate() {
        let place = format!("products[{at}]");
        if one.ean.is_some() == one.partner_ref.is_some() {
            return Err(wrong(format!("{place}.ean"), "give one of ean and partner_ref"));
        }
        organization(seed, one.organization.as_deref(), &place)?;
        codes.add((&one.organization, &one.ean, &one.partner_ref), &place)?;
    }
    for (at, one) in seed.surveys.iter().enumerate() {
        organization(seed, one.organization.as_deref(), &format!("surveys[{at}]"))?;
    }
    Ok(())
}
