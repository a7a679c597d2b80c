//! `vitald survey …`

use crate::audit;
use crate::location::Location;
use crate::moment::Moment;
use crate::output::Output;
use anyhow::{Context as _, bail};
use api::admin;
use clap::{Args, Subcommand};
use domain::account::is_language;
use domain::survey::Answers;
use domain::{GroupId, OrganizationId, UserId};
use serde::Serialize;
use serde_json::Value;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use store::Access;
use store::survey::{Kept, Loaded};

/// What devices ask people after a measure, and what was answered.
#[derive(Debug, Subcommand)]
pub(crate) enum Survey {
    /// Load a survey from a file of JSON or TOML, or load it anew.
    Load(Load),
    /// List the surveys.
    List,
    /// Show what a survey asks.
    Show(Show),
    /// Ask a survey nobody any more; answers stay. Loading it brings it back.
    Withdraw(Named),
    /// Have the devices of an application's people ask a survey, as `survey activate` does.
    Activate(ForPeople),
    /// Have them ask it no longer.
    Deactivate(ForPeople),
    /// List what a person answered, oldest first.
    Answers(Answered),
}

/// Load a survey from a file of JSON or TOML, or load it anew.
///
/// The file gives the survey's number. What its organization had under that number is replaced; for
/// whom it is activated and what was answered stays. See docs/surveys.md.
#[derive(Debug, Args)]
pub(crate) struct Load {
    /// The file; one whose name ends in .toml is TOML.
    file: PathBuf,
    /// The organization whose survey it is; without it every organization sees it.
    #[arg(long, value_name = "ID")]
    organization: Option<i64>,
    /// Say what would be done and store nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Show what a survey asks.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The survey's number.
    id: i64,
    /// In this language, as a device is told it; without it with all its languages.
    #[arg(long, value_name = "TAG", value_parser = language)]
    lang: Option<String>,
}

/// Ask a survey nobody any more.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The survey's number.
    id: i64,
}

/// A survey and people of an application.
#[derive(Debug, Args)]
pub(crate) struct ForPeople {
    /// The survey's number.
    id: i64,
    /// The application.
    #[arg(long, value_name = "CLIENT_ID")]
    client: String,
    /// Somebody whose data it may read: an id or an e-mail address. May be given several times.
    #[arg(long = "user", required = true, value_name = "ID_OR_EMAIL")]
    users: Vec<String>,
}

/// List what a person answered, oldest first.
#[derive(Debug, Args)]
pub(crate) struct Answered {
    /// The person: an id or an e-mail address.
    #[arg(long, value_name = "ID_OR_EMAIL")]
    user: String,
    /// To this survey alone.
    #[arg(long, value_name = "ID")]
    survey: Option<i64>,
    /// At this moment or later: as 2026-11-22T07:30:00Z, Unix seconds, or how long ago it is, as 2h
    /// or 7d.
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
}

#[derive(Serialize)]
struct LoadedSurvey {
    surveyid: i64,
    name: String,
    organization_id: Option<i64>,
    dry_run: bool,
    /// `new`, `replaced` or `same`.
    outcome: &'static str,
}

#[derive(Serialize)]
struct Listed {
    surveyid: i64,
    name: String,
    /// Null: every organization sees it.
    organization_id: Option<OrganizationId>,
    trigger: &'static str,
    questions: usize,
    languages: Vec<String>,
    withdrawn: bool,
    modified: i64,
}

#[derive(Serialize)]
struct Changed {
    surveyid: i64,
    users: Vec<UserId>,
}

#[derive(Serialize)]
struct Given {
    surveyid: i64,
    grpid: Option<GroupId>,
    timestamp: i64,
    answers: Answers,
}

fn language(text: &str) -> Result<String, &'static str> {
    let known = is_language(text).then(|| text.to_owned());
    known.ok_or("expected a language such as fr or fr_FR")
}

impl From<Kept> for Listed {
    fn from(kept: Kept) -> Self {
        let is_ours = kept.organization != store::survey::EVERYBODYS;
        let languages = kept.survey.translations.into_keys();
        Self {
            surveyid: kept.survey.id,
            name: kept.survey.name,
            organization_id: is_ours.then_some(kept.organization),
            trigger: kept.survey.trigger_type.name(),
            questions: kept.survey.data.len(),
            languages: std::iter::once("en".to_owned()).chain(languages).collect(),
            withdrawn: kept.is_withdrawn,
            modified: kept.modified,
        }
    }
}

impl Survey {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::Load(load) => output.one(&load.run(location)?),
            Self::List => output.many(&list(location)?),
            Self::Show(Show { id, lang }) => {
                let kept = location.run(Access::Read, move |tx| admin::find_survey(tx, id))?;
                let survey = match lang {
                    Some(lang) => kept.survey.in_language(Some(&lang)),
                    None => kept.survey,
                };
                // As a file has it: what is shown can be changed and loaded again.
                output.text(&serde_json::to_string_pretty(&survey)?)
            }
            Self::Withdraw(Named { id }) => {
                let kept = location.run(Access::Write, move |tx| admin::withdraw_survey(tx, id))?;
                output.one(&Listed::from(kept))
            }
            Self::Activate(people) => output.one(&people.run(location, true)?),
            Self::Deactivate(people) => output.one(&people.run(location, false)?),
            Self::Answers(answered) => output.many(&answered.run(location)?),
        }
    }
}

impl Load {
    fn run(self, location: &Location) -> anyhow::Result<LoadedSurvey> {
        let survey = admin::read_survey(written(&self.file)?).map_err(anyhow::Error::from);
        let survey = survey.with_context(|| self.file.display().to_string())?;
        let (id, name, dry_run) = (survey.id, survey.name.clone(), self.dry_run);
        let organization = self.organization.map(OrganizationId);
        let access = if dry_run { Access::Read } else { Access::Write };
        let outcome = location.run(access, move |tx| match dry_run {
            true => admin::compare_survey(tx, organization, &survey),
            false => admin::load_survey(tx, organization, &survey),
        })?;
        let outcome = match outcome {
            Loaded::New => "new",
            Loaded::Replaced => "replaced",
            Loaded::Same => "same",
        };
        let organization_id = self.organization;
        Ok(LoadedSurvey { surveyid: id, name, organization_id, dry_run, outcome })
    }
}

/// What a file says, as JSON; one whose name ends in .toml is TOML.
pub(crate) fn written(file: &Path) -> anyhow::Result<Value> {
    let name = file.display();
    let mut text = String::new();
    let read = std::fs::File::open(file)
        .and_then(|opened| opened.take(admin::SURVEY_BYTES_MAX + 1).read_to_string(&mut text));
    let length = read.with_context(|| format!("cannot read {name}"))?;
    if length as u64 > admin::SURVEY_BYTES_MAX {
        bail!("{name} is longer than {} bytes", admin::SURVEY_BYTES_MAX);
    }
    let is_toml = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml"));
    if is_toml {
        return toml::from_str(&text).map_err(|error| {
            // Its own words quote the line.
            anyhow::anyhow!("{name} is no TOML: {}", error.message())
        });
    }
    serde_json::from_str(&text).with_context(|| format!("{name} is no JSON"))
}

impl ForPeople {
    fn run(self, location: &Location, is_active: bool) -> anyhow::Result<Changed> {
        let Self { id, client, users } = self;
        let done = location.run(Access::Write, move |tx| {
            let (set, action) = if is_active {
                (admin::activate_survey(tx, &client, id, &users)?, "survey activate")
            } else {
                (admin::deactivate_survey(tx, &client, id, &users)?, "survey deactivate")
            };
            set.iter().try_for_each(|user| audit::staff(tx, Some(*user), action))?;
            Ok(set)
        })?;
        Ok(Changed { surveyid: id, users: done })
    }
}

impl Answered {
    fn run(self, location: &Location) -> anyhow::Result<Vec<Given>> {
        let Self { user, survey, since } = self;
        let answers = location.run(Access::Write, move |tx| {
            let user = admin::find_account(tx, &user)?.id;
            let since = since.map_or(i64::MIN, |since| since.before(tx.now()));
            audit::staff(tx, Some(user), "survey answers")?;
            admin::list_answers(tx, user, (since, survey))
        })?;
        let given = |answer: store::survey::Answer| Given {
            surveyid: answer.survey,
            grpid: answer.group,
            timestamp: answer.taken,
            answers: answer.answers,
        };
        Ok(answers.into_iter().map(given).collect())
    }
}

fn list(location: &Location) -> anyhow::Result<Vec<Listed>> {
    let all = location.run(Access::Read, |tx| {
        let mut all: Vec<Kept> = Vec::new();
        loop {
            let after = all.last().map_or(0, |last| last.survey.id);
            let part = admin::list_surveys(tx, after)?;
            if part.is_empty() {
                return Ok(all);
            }
            all.extend(part);
        }
    })?;
    Ok(all.into_iter().map(Listed::from).collect())
}
