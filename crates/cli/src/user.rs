//! `vitald user …`

use crate::audit;
use crate::location::Location;
use crate::output::Output;
use api::admin;
use clap::{Args, Subcommand, ValueEnum};
use domain::person::Gender;
use domain::{EntropyExt as _, UserId};
use jiff::civil::Date;
use serde::Serialize;
use server::entropy::SystemEntropy;
use server::password;
use std::io::BufRead as _;
use store::Access;
use store::person::Person;

/// People's accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make an account.
    Create(Box<Create>),
    /// List the accounts.
    List,
    /// Set what a person aims at, or show it.
    Goals(Goals),
}

/// Make an account.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What the person logs in with.
    #[arg(long)]
    email: String,
    /// The password. Without it and without --password-stdin one is made up and printed.
    #[arg(long, conflicts_with = "password_stdin")]
    password: Option<String>,
    /// Read the password from the first line of standard input: it then stands in no process list.
    #[arg(long)]
    password_stdin: bool,
    /// The name a scale shows: 2 to 5 letters or digits.
    #[arg(long, value_name = "NAME")]
    shortname: Option<String>,
    /// The person's zone, such as Europe/Paris.
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Day of birth, as YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    birthdate: Option<Date>,
    /// As the formulas of scales know it.
    #[arg(long)]
    gender: Option<GenderArg>,
    /// In metres, such as 1.78.
    #[arg(long, value_name = "METRES")]
    height: Option<String>,
    /// In kilograms, such as 72.5: a first weight, so that a shared scale finds its person.
    #[arg(long, value_name = "KG")]
    weight: Option<String>,
    /// The weight aimed at, in kilograms.
    #[arg(long, value_name = "KG")]
    goal_weight: Option<String>,
    /// Let everybody who asks for mode=demo in as this person.
    #[arg(long)]
    demo: bool,
    /// The application whose account it is, as if it had made it: it can have codes for it at any
    /// time.
    #[arg(long, value_name = "CLIENT_ID")]
    owned_by: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum GenderArg {
    Man,
    Woman,
}

/// Set what a person aims at, and show it; without a goal only show it.
#[derive(Debug, Args)]
pub(crate) struct Goals {
    /// The person: an id or an e-mail address.
    #[arg(long, value_name = "ID_OR_EMAIL")]
    user: String,
    /// Steps a day.
    #[arg(long, value_name = "N")]
    steps: Option<i64>,
    /// Sleep a night: 8h, 7h30m, or seconds.
    #[arg(long, value_name = "DURATION")]
    sleep: Option<String>,
    /// The weight aimed at, in kilograms.
    #[arg(long, value_name = "KG")]
    weight: Option<String>,
    /// Forget the goals there are, before any is set.
    #[arg(long)]
    clear: bool,
}

#[derive(Serialize)]
struct GoalsSet {
    userid: UserId,
    steps: Option<i64>,
    sleep_seconds: Option<i64>,
    weight_kg: Option<String>,
}

#[derive(Serialize)]
struct Created {
    userid: UserId,
    email: String,
    shortname: String,
    timezone: String,
    /// Only when it was made up just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

#[derive(Serialize)]
struct Listed {
    userid: UserId,
    email: String,
    shortname: String,
    timezone: String,
    created: i64,
}

impl User {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(location, output),
            Self::List => output.many(&list(location)?),
            Self::Goals(goals) => goals.run(location, output),
        }
    }
}

impl Create {
    fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let given = match (self.password, self.password_stdin) {
            (Some(password), _) => Some(password),
            (None, true) => Some(first_line()?),
            (None, false) => None,
        };
        let made_up = given.is_none().then(|| SystemEntropy.token()[..20].to_owned());
        let password = given.or_else(|| made_up.clone()).unwrap_or_default();
        let new = admin::NewAccount {
            userid: None,
            email: self.email,
            password_hash: Some(password::hash(&password, &SystemEntropy)?),
            short_name: self.shortname,
            time_zone: self.timezone,
            birth_date: self.birthdate,
            gender: self.gender.map(|gender| match gender {
                GenderArg::Man => Gender::Man,
                GenderArg::Woman => Gender::Woman,
            }),
            height_m: self.height,
            weight_kg: self.weight,
            goal_weight_kg: self.goal_weight,
            told_at: None,
            is_demo: self.demo,
        };
        let owner = self.owned_by;
        let person = location.run(Access::Write, move |tx| {
            let made = admin::create_account(tx, &new)?;
            if let Some(client_id) = &owner {
                admin::own_account(tx, &made.id.to_string(), client_id)?;
            }
            audit::staff(tx, Some(made.id), "user create")?;
            Ok(made)
        })?;
        output.one(&Created {
            userid: person.id,
            email: person.email,
            shortname: person.short_name,
            timezone: person.time_zone,
            password: made_up,
        })
    }
}

impl Goals {
    fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let is_read =
            !self.clear && self.steps.is_none() && self.sleep.is_none() && self.weight.is_none();
        let access = if is_read { Access::Read } else { Access::Write };
        let Self { user, steps, sleep, weight, clear } = self;
        let new = admin::NewGoals { clear, steps, sleep, weight_kg: weight };
        let goals = location.run(access, move |tx| {
            let goals = admin::set_goals(tx, &user, &new)?;
            audit::staff(tx, Some(goals.user), "user goals")?;
            Ok(goals)
        })?;
        output.one(&GoalsSet {
            userid: goals.user,
            steps: goals.steps,
            sleep_seconds: goals.sleep_seconds,
            weight_kg: goals.weight.map(|weight| weight.decimal()),
        })
    }
}

/// The first line of standard input.
pub(crate) fn first_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn list(location: &Location) -> anyhow::Result<Vec<Listed>> {
    let people = location.run(Access::Read, |tx| {
        let mut people: Vec<Person> = Vec::new();
        loop {
            let after = people.last().map_or(UserId(0), |person| person.id);
            let part = admin::list_accounts(tx, after)?;
            if part.is_empty() {
                audit::staff(tx, None, "user list")?;
                return Ok(people);
            }
            people.extend(part);
        }
    })?;
    let listed = people.into_iter().map(|person| Listed {
        userid: person.id,
        email: person.email,
        shortname: person.short_name,
        timezone: person.time_zone,
        created: person.created,
    });
    Ok(listed.collect())
}
