//! Surveys on a device: which ones to ask whom, which are due, and records of type `survey`: what
//! was answered. What a survey is stands in `domain::survey`.

use super::{Intake, Record, Stored, invalid, plausible};
use crate::operation::Tx;
use crate::ops::survey::{SurveyCondition, SurveyQuestion, told};
use domain::notification::Appli;
use domain::survey::{AnswerType, Answers, MODELS, Survey as Definition, Trigger, asks};
use domain::{GroupId, Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::device::Device;
use store::survey::Answer;
use store::{measure, notification, person};

/// What somebody answered to a survey that is, or was, activated for them.
///
/// Answers the survey does not know are refused: another question, another suggestion, several
/// where one is to be chosen. Which measures it is about may be left out: then it is the device's
/// last ones of the quarter of an hour before that trigger it, if there are any.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Survey {
    /// Whose it is; without it the device's only person's.
    pub userid: Option<UserId>,
    /// The survey.
    pub surveyid: i64,
    /// The measures it was asked after, as `due` names them.
    pub grpid: Option<GroupId>,
    /// When it was answered.
    pub date: UnixTime,
    /// By the id of a question, the ids of the suggestions that were chosen: `{"q1": [1]}`. A
    /// question nobody answered is left out.
    pub answers: Answers,
}

impl Record for Survey {
    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored> {
        plausible(self.date, intake.tx.now(), &format!("{place}.date"))?;
        let user = intake.person(self.userid, place)?;
        let survey = store::survey::once_of_user(intake.tx, user, self.surveyid)?;
        let survey = survey.ok_or_else(|| {
            let problem = "expected a survey of the person, as `surveys` lists them";
            invalid(&format!("{place}.surveyid"), problem)
        })?;
        survey.check_answers(&self.answers).map_err(|problem| {
            let dot = if problem.place.is_empty() { "" } else { "." };
            let place = format!("{place}.answers{dot}{}", problem.place);
            invalid(&place, format!("expected {}", problem.expected))
        })?;
        if !asks(intake.device.model_id) {
            intake.wonder("survey".to_owned());
        }
        let group = self.group(intake, user, &survey, place)?;
        let (device, taken) = (intake.device.id, self.date.0);
        let answers = self.answers.clone();
        let answer = Answer { survey: survey.id, group, device, taken, answers };
        if !store::survey::answer(intake.tx, user, &answer)? {
            return Ok(Stored::Known);
        }
        notification::between(intake.tx, user, Appli::SURVEY, (taken, taken));
        Ok(Stored::Kept)
    }
}

impl Survey {
    /// The measures it is about.
    fn group(
        &self,
        intake: &mut Intake<'_, '_>,
        user: UserId,
        survey: &Definition,
        place: &str,
    ) -> Result<Option<GroupId>> {
        let Some(grpid) = self.grpid else {
            let asked = (intake.device.id, self.date.0);
            return store::survey::about(intake.tx, user, survey, asked);
        };
        // The number alone says whose it is: nobody else's is looked for.
        if grpid.parts().0 == user && measure::find(intake.tx, grpid)?.is_some() {
            return Ok(Some(grpid));
        }
        let problem = "expected a group of the person, as `due` names it, or nothing";
        Err(invalid(&format!("{place}.grpid"), problem).into())
    }
}

/// A survey that somebody is to be asked.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SurveyToAsk {
    /// Whom.
    pub userid: UserId,
    /// Its number.
    pub surveyid: i64,
    /// What it is called.
    pub name: String,
    /// When to ask. 10: after a measure above a limit. 11: below one.
    #[schemars(with = "i64")]
    pub trigger_type: Trigger,
    /// Limits, of which one is enough.
    pub trigger_conditions: Vec<SurveyCondition>,
    /// 1: answers of several kinds, as the questions say.
    #[schemars(with = "i64")]
    pub answer_type: AnswerType,
    /// What is asked, in this order and in the person's language.
    pub data: Vec<SurveyQuestion>,
}

/// A survey that a measure made due.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SurveyDue {
    /// Whom to ask.
    pub userid: UserId,
    /// Which one.
    pub surveyid: i64,
    /// The measures it is about.
    pub grpid: GroupId,
    /// Until when to ask.
    pub expires: UnixTime,
}

/// What the device's people are to be asked, and what of it is due; of other models nothing.
pub(super) fn wanted(
    tx: &mut Tx<'_>,
    device: &Device,
) -> Result<(Vec<SurveyToAsk>, Vec<SurveyDue>)> {
    let (mut surveys, mut due) = (Vec::new(), Vec::new());
    if !MODELS.contains(&device.model_id) {
        return Ok((surveys, due));
    }
    for userid in store::device::users(tx, device.id)? {
        let of_user = store::survey::of_user(tx, userid)?;
        if of_user.is_empty() {
            continue;
        }
        let language = person::get(tx, userid)?.taste.language;
        let asked = of_user.iter().map(|survey| {
            let survey = survey.in_language(language.as_deref());
            SurveyToAsk {
                userid,
                surveyid: survey.id,
                name: survey.name,
                trigger_type: survey.trigger_type,
                trigger_conditions: told(survey.trigger_conditions),
                answer_type: survey.answer_type,
                data: survey.data.into_iter().map(SurveyQuestion::from).collect(),
            }
        });
        surveys.extend(asked);
        due.extend(store::survey::due(tx, userid)?.into_iter().map(|one| SurveyDue {
            userid,
            surveyid: one.survey,
            grpid: one.group,
            expires: UnixTime(one.expires),
        }));
    }
    Ok((surveys, due))
}
