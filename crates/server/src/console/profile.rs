//! Who a person is, as they say themselves. What a field may hold is `api::account`'s.

use super::page::{Frame, Member, Paged, Problem, Stop, answered, html, refusal_or_stop, refused};
use crate::web::App;
use api::account::{self, NewProfile, Profile};
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use domain::Result;
use domain::person::Gender;
use store::Access;

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage {
    frame: Frame,
    problem: Problem,
    is_saved: bool,
    typed: NewProfile,
}

/// What the units of the reference are called. Blank: never said.
const WEIGHTS: &[(&str, &str)] =
    &[("", "not said"), ("1", "kilogram"), ("2", "pound"), ("14", "stone and pound")];
const HEIGHTS: &[(&str, &str)] = &[("", "not said"), ("6", "metre"), ("7", "inch")];
const DISTANCES: &[(&str, &str)] = &[("", "not said"), ("6", "kilometre"), ("8", "yard")];
const TEMPERATURES: &[(&str, &str)] =
    &[("", "not said"), ("11", "degrees Celsius"), ("13", "degrees Fahrenheit")];
const GENDERS: &[(&str, &str)] = &[("", "not said"), ("0", "man"), ("1", "woman")];

impl ProfilePage {
    fn new(member: &Member, typed: NewProfile, problem: Problem, is_saved: bool) -> Self {
        Self { frame: member.frame(), problem, is_saved, typed }
    }
}

pub(super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let member = Member::of(&app, request).await?;
        let typed = known(&app, &member).await?;
        let page = ProfilePage::new(&member, typed, Problem::default(), false);
        Ok::<_, Stop>(html(StatusCode::OK, &page)?)
    };
    answered("profile", answer.await)
}

pub(super) async fn change(State(app): State<App>, request: Request<Body>) -> Response {
    answered("profile", change_profile(&app, request).await)
}

async fn change_profile(app: &App, request: Request<Body>) -> Paged {
    let member = Member::posting(app, request).await?;
    let new = typed(&member)?;
    let (user, wanted) = (member.user, new.clone());
    let work = move |tx: &mut store::Tx<'_>| account::set_profile(tx, user, &wanted);
    match refusal_or_stop(app.db.run(Access::Write, work).await)? {
        Ok(()) => {
            let saved = known(app, &member).await?;
            let page = ProfilePage::new(&member, saved, Problem::default(), true);
            Ok(html(StatusCode::OK, &page)?)
        }
        Err(refusal) => {
            let page = ProfilePage::new(&member, new, Problem::of(&refusal, &[]), false);
            refused(StatusCode::BAD_REQUEST, &refusal, &page)
        }
    }
}

fn typed(member: &Member) -> Result<NewProfile> {
    let field = |name| member.visit.field(name);
    Ok(NewProfile {
        short_name: field("short_name")?,
        time_zone: field("time_zone")?,
        language: field("language")?,
        birth_date: field("birth_date")?,
        gender: field("gender")?,
        height: field("height")?,
        unit_weight: field("unit_weight")?,
        unit_height: field("unit_height")?,
        unit_distance: field("unit_distance")?,
        unit_temperature: field("unit_temperature")?,
        steps: field("steps")?,
        sleep: field("sleep")?,
        weight: field("weight")?,
    })
}

async fn known(app: &App, member: &Member) -> Result<NewProfile> {
    let user = member.user;
    app.db.run(Access::Read, move |tx| account::profile(tx, user)).await.map(shown)
}

/// A profile as it would be typed.
fn shown(profile: Profile) -> NewProfile {
    let Profile { person, height, goals, goal_weight } = profile;
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    NewProfile {
        short_name: person.short_name,
        time_zone: person.time_zone,
        language: person.taste.language.unwrap_or_default(),
        birth_date: person.birth_date.map(|day| day.to_string()).unwrap_or_default(),
        gender: number(person.gender.map(Gender::code)),
        height: height.map(|height| height.decimal()).unwrap_or_default(),
        unit_weight: number(person.taste.unit_weight),
        unit_height: number(person.taste.unit_height),
        unit_distance: number(person.taste.unit_distance),
        unit_temperature: number(person.taste.unit_temperature),
        steps: number(goals.steps),
        sleep: goals.sleep_seconds.map(duration).unwrap_or_default(),
        weight: goal_weight.map(|weight| weight.decimal()).unwrap_or_default(),
    }
}

/// Hours and minutes where they say it all, else seconds.
fn duration(seconds: i64) -> String {
    match (seconds / 3_600, seconds % 3_600 / 60, seconds % 60) {
        (hours, 0, 0) => format!("{hours}h"),
        (0, minutes, 0) => format!("{minutes}m"),
        (hours, minutes, 0) => format!("{hours}h{minutes}m"),
        _ => seconds.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn a_night_is_shown_as_it_would_be_typed() {
        let shown = [28_800, 27_000, 2_700, 28_801].map(duration);
        assert_eq!(shown, ["8h", "7h30m", "45m", "28801"]);
    }
}
