//! Surveys: whose they are, for whom they are activated, what makes them due, what was answered.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, cause, group, weigh};
use crate::subscriptions::{lets, program};
use domain::care::Section;
use domain::measure::{Measure, MeasureType};
use domain::survey::{Answers, Survey};
use domain::{DeviceId, GroupId, OrganizationId, UserId};
use store::care::{self, Patient};
use store::survey::{self, Answer, Asked, Due, EVERYBODYS, Loaded};
use store::{Db, Tx, erase, grant, measure};

on_both!(
    a_survey_replaces_its_organizations_own_alone,
    surveys_are_seen_in_pages_by_who_may,
    people_are_asked_until_they_are_not,
    a_measure_makes_due_what_it_triggers,
    what_is_undone_activates_nothing,
    an_answer_ends_what_is_due,
    answers_are_read_by_who_may,
    an_answer_is_about_the_devices_last_measure,
    with_an_account_everything_goes,
);

const EXAMPLE: &str = include_str!("../../../../docs/examples/survey-high-blood-pressure.json");
const CUFF: DeviceId = DeviceId(1);
const OURS: OrganizationId = OrganizationId(10);
const THEIRS: OrganizationId = OrganizationId(20);

fn example(id: i64) -> Survey {
    let example: Survey = domain::kept::unpack(EXAMPLE).expect("the example of the docs");
    Survey { id, ..example }
}

/// A person who was asked and has answered, is to be asked again, and is in a programme of care.
pub(crate) fn asked_and_cared_for(
    tx: &mut Tx<'_>,
    user: UserId,
    client: &str,
) -> domain::Result<()> {
    survey::load(tx, OURS, &example(1))?;
    survey::activate(tx, client, 1, &[user])?;
    reading(tx, user, NOON, 190)?;
    let (group, device, taken) = (None, CUFF, NOON);
    survey::answer(tx, user, &Answer { survey: 1, group, device, taken, answers: Answers::new() })?;
    let patient = Patient {
        section: Section::Followed,
        has_sms_onboarding: false,
        has_assistance: false,
        codes: Vec::new(),
        external_ids: Vec::new(),
    };
    care::put_patient(tx, (user, 1), client, &patient)
}

fn load(db: &Db, organization: OrganizationId, survey: Survey) -> Loaded {
    db.write(move |tx| survey::load(tx, organization, &survey))
}

fn activate(db: &Db, client: &str, id: i64, users: &[UserId]) {
    let (client, users) = (client.to_owned(), users.to_vec());
    db.write(move |tx| survey::activate(tx, &client, id, &users));
}

fn deactivate(db: &Db, client: &str, id: i64, users: &[UserId]) {
    let (client, users) = (client.to_owned(), users.to_vec());
    db.write(move |tx| survey::deactivate(tx, &client, id, &users));
}

fn people(db: &Db, client: &str, id: i64) -> Vec<(UserId, i64)> {
    let client = client.to_owned();
    db.read(move |tx| survey::people(tx, &client, id))
}

fn asked(db: &Db, user: UserId) -> Vec<i64> {
    let surveys = db.read(move |tx| survey::of_user(tx, user));
    surveys.into_iter().map(|survey| survey.id).collect()
}

fn due(db: &Db, user: UserId) -> Vec<Due> {
    db.read(move |tx| survey::due(tx, user))
}

fn reading(tx: &mut Tx<'_>, user: UserId, date: i64, systolic: i64) -> domain::Result<GroupId> {
    let measures = [Measure::new(MeasureType::SYSTOLIC, systolic, 0)];
    let group = measure::NewGroup { device: Some(CUFF), ..group(date, &measures) };
    Ok(measure::insert(tx, user, &[group])?[0])
}

fn reads(db: &Db, user: UserId, date: i64, systolic: i64) -> GroupId {
    db.write(move |tx| reading(tx, user, date, systolic))
}

fn answer(db: &Db, user: UserId, survey: i64, group: Option<GroupId>, taken: i64) -> bool {
    let answers = Answers::from([("q1".to_owned(), vec![1])]);
    let answer = Answer { survey, group, device: CUFF, taken, answers };
    db.write(move |tx| survey::answer(tx, user, &answer))
}

fn answers(
    db: &Db,
    user: UserId,
    between: (i64, i64),
    by: Option<(&str, OrganizationId)>,
) -> Vec<(i64, i64)> {
    let by = by.map(|(client, organization)| (client.to_owned(), organization));
    let answers = db.read(move |tx| {
        let by = by.as_ref().map(|(client, organization)| (client.as_str(), *organization));
        survey::answers(tx, user, &Asked { between, survey: None, by }, 100)
    });
    answers.into_iter().map(|answer| (answer.survey, answer.taken)).collect()
}

fn a_survey_replaces_its_organizations_own_alone(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    assert_eq!(load(&db, OURS, example(1)), Loaded::New);
    activate(&db, "a", 1, &[ada]);
    assert_eq!(load(&db, OURS, example(1)), Loaded::Same);
    h.clock.advance(5);
    let changed = Survey { name: "Another".to_owned(), ..example(1) };
    assert_eq!(load(&db, OURS, changed.clone()), Loaded::Replaced);
    let refused = db.try_write(|tx| survey::load(tx, THEIRS, &example(1)));
    assert!(cause(refused).contains("another organization"));
    let db = h.reopen(db);
    let kept = db.read(|tx| survey::find(tx, 1)).expect("a survey");
    assert_eq!((kept.survey, kept.organization, kept.is_withdrawn), (changed, OURS, false));
    assert_eq!((kept.created, kept.modified), (NOON, NOON + 5));
    assert_eq!(asked(&db, ada), [1]);
    assert!(db.write(|tx| survey::withdraw(tx, 1)));
    assert!(!db.write(|tx| survey::withdraw(tx, 1)));
    assert!(asked(&db, ada).is_empty());
    assert_eq!(load(&db, OURS, example(1)), Loaded::Replaced);
    assert_eq!(asked(&db, ada), [1]);
}

fn surveys_are_seen_in_pages_by_who_may(h: &Harness) {
    let db = h.open();
    for (id, organization) in [(5, OURS), (3, THEIRS), (4, EVERYBODYS), (1, OURS), (2, OURS)] {
        load(&db, organization, example(id));
    }
    db.write(|tx| survey::withdraw(tx, 2));
    let seen = |organization: OrganizationId, after: i64| -> Vec<i64> {
        let page = db.read(move |tx| survey::visible(tx, organization, after, 2));
        page.into_iter().map(|kept| kept.survey.id).collect()
    };
    assert_eq!((seen(OURS, 0), seen(OURS, 4)), (vec![1, 4], vec![5]));
    assert_eq!((seen(THEIRS, 0), seen(EVERYBODYS, 0)), (vec![3, 4], vec![4]));
    let all = db.read(|tx| survey::list(tx, 1, 3));
    let all: Vec<i64> = all.into_iter().map(|kept| kept.survey.id).collect();
    assert_eq!(all, [2, 3, 4]);
}

fn people_are_asked_until_they_are_not(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let (first, second) = if ada < bob { (ada, bob) } else { (bob, ada) };
    load(&db, EVERYBODYS, example(1));
    load(&db, OURS, example(2));
    activate(&db, "a", 1, &[first, second]);
    activate(&db, "b", 1, &[ada]);
    activate(&db, "a", 2, &[ada]);
    h.clock.advance(10);
    activate(&db, "a", 1, &[first]);
    assert_eq!(people(&db, "a", 1), [(first, NOON), (second, NOON)]);
    assert_eq!((asked(&db, ada), asked(&db, bob)), (vec![1, 2], vec![1]));
    deactivate(&db, "a", 1, &[first, second]);
    deactivate(&db, "a", 1, &[first, second]);
    assert!(people(&db, "a", 1).is_empty());
    // Another application asks it still.
    assert_eq!((asked(&db, ada), asked(&db, bob)), (vec![1, 2], vec![]));
    activate(&db, "a", 1, &[bob]);
    assert_eq!(people(&db, "a", 1), [(bob, NOON + 10)]);
    // What a person takes back from an application is nobody else's matter.
    db.write(move |tx| grant::revoke(tx, "a", ada));
    assert_eq!((asked(&db, ada), asked(&db, bob)), (vec![1], vec![1]));
}

fn a_measure_makes_due_what_it_triggers(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    for id in [1, 2] {
        load(&db, OURS, example(id));
        activate(&db, "a", id, &[ada]);
    }
    let mut harmless = example(3);
    harmless.trigger_conditions[0].value = "220".to_owned();
    load(&db, OURS, harmless);
    activate(&db, "a", 3, &[ada]);
    reads(&db, ada, NOON - 10, 180);
    reads(&db, ada, NOON - 86_400, 181);
    reads(&db, bob, NOON - 10, 181);
    weigh(&db, ada, &[NOON]);
    assert!(due(&db, ada).is_empty() && due(&db, bob).is_empty());
    let group = reads(&db, ada, NOON - 10, 181);
    let expires = NOON - 10 + 86_400;
    let expected = [1, 2].map(|survey| Due { survey, group, expires });
    assert_eq!(due(&db, ada), expected);
    // Each measure by itself, also several in one transaction.
    let both = db
        .write(move |tx| Ok([reading(tx, ada, NOON - 5, 185)?, reading(tx, ada, NOON - 4, 230)?]));
    let groups: Vec<GroupId> = due(&db, ada).iter().map(|due| due.group).collect();
    assert_eq!(groups, [group, group, both[0], both[0], both[1], both[1], both[1]]);
    db.write(|tx| survey::withdraw(tx, 1));
    deactivate(&db, "a", 2, &[ada]);
    // Again is from now on.
    activate(&db, "a", 2, &[ada]);
    let left: Vec<i64> = due(&db, ada).iter().map(|due| due.survey).collect();
    assert_eq!(left, [3]);
    h.clock.advance(86_400 - 4);
    assert!(due(&db, ada).is_empty());
}

fn what_is_undone_activates_nothing(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    load(&db, OURS, example(1));
    // In one transaction: a look, an activation, a measure; one that was refused, another measure.
    db.write(move |tx| {
        reading(tx, ada, NOON - 9, 200)?;
        let refused: domain::Result<()> = tx.attempt(|tx| {
            survey::activate(tx, "a", 1, &[ada])?;
            reading(tx, ada, NOON - 8, 200)?;
            Err(crate::samples::refusal())
        });
        assert!(refused.is_err());
        reading(tx, ada, NOON - 7, 200)?;
        assert!(survey::due(tx, ada)?.is_empty());
        survey::activate(tx, "a", 1, &[ada])?;
        reading(tx, ada, NOON - 6, 200)?;
        assert_eq!(survey::due(tx, ada)?.len(), 1);
        let refused: domain::Result<()> = tx.attempt(|tx| {
            survey::deactivate(tx, "a", 1, &[ada])?;
            reading(tx, ada, NOON - 6, 200)?;
            Err(crate::samples::refusal())
        });
        assert!(refused.is_err());
        reading(tx, ada, NOON - 6, 200)?;
        assert_eq!(survey::due(tx, ada)?.len(), 2);
        survey::deactivate(tx, "a", 1, &[ada])?;
        reading(tx, ada, NOON - 5, 200).map(|_| ())
    });
    assert!(due(&db, ada).is_empty());
}

fn an_answer_ends_what_is_due(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    load(&db, OURS, example(1));
    activate(&db, "a", 1, &[ada]);
    let (first, second) = (reads(&db, ada, NOON - 60, 190), reads(&db, ada, NOON - 50, 190));
    assert!(answer(&db, ada, 1, Some(first), NOON - 40));
    assert!(!answer(&db, ada, 1, Some(second), NOON - 40), "that second is told of");
    let left: Vec<GroupId> = due(&db, ada).iter().map(|due| due.group).collect();
    assert_eq!(left, [second]);
    // About nothing: nothing is ended.
    assert!(answer(&db, ada, 1, None, NOON - 30));
    assert_eq!(due(&db, ada).len(), 1);
    let all = db.read(move |tx| {
        let asked = Asked { between: (0, NOON), survey: Some(1), by: None };
        survey::answers(tx, ada, &asked, 1)
    });
    let chosen = Answers::from([("q1".to_owned(), vec![1])]);
    let expected =
        Answer { survey: 1, group: Some(first), device: CUFF, taken: NOON - 40, answers: chosen };
    assert_eq!(all, std::slice::from_ref(&expected));
    let of =
        |user: UserId, after: i64| db.read(move |tx| survey::answers_after(tx, user, after, 9));
    let taken_along = of(ada, 0);
    let times: Vec<i64> = taken_along.iter().map(|(_, answer)| answer.taken).collect();
    assert_eq!((times.as_slice(), &taken_along[0].1), (&[NOON - 40, NOON - 30][..], &expected));
    assert_eq!(of(ada, taken_along[0].0.parts().1), taken_along[1..]);
    assert_eq!(of(account(&db, "bob"), 0), []);
}

fn answers_are_read_by_who_may(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    load(&db, OURS, example(1));
    load(&db, THEIRS, example(2));
    load(&db, EVERYBODYS, example(3));
    activate(&db, "a", 3, &[ada]);
    deactivate(&db, "a", 3, &[ada]);
    for (id, taken) in [(3, NOON - 1), (2, NOON - 3), (1, NOON - 2)] {
        answer(&db, ada, id, None, taken);
        answer(&db, bob, id, None, taken);
    }
    let all = [(2, NOON - 3), (1, NOON - 2), (3, NOON - 1)];
    let always = (i64::MIN, i64::MAX);
    assert_eq!(answers(&db, ada, always, None), all);
    assert_eq!(answers(&db, ada, always, Some(("a", OURS))), all[1..]);
    assert_eq!(answers(&db, ada, always, Some(("b", THEIRS))), all[..1]);
    assert_eq!(answers(&db, bob, always, Some(("a", OURS))), all[1..2]);
    // Everybody's surveys are nobody's own.
    assert_eq!(answers(&db, ada, always, Some(("b", EVERYBODYS))), []);
    assert_eq!(answers(&db, ada, (NOON - 2, NOON - 2), None), all[1..2]);
    assert_eq!(answers(&db, ada, (NOON, NOON - 5), None), []);
}

fn an_answer_is_about_the_devices_last_measure(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let about = |device: DeviceId, date: i64| {
        db.read(move |tx| survey::about(tx, ada, &example(1), (device, date)))
    };
    let group = reads(&db, ada, NOON - 60, 190);
    reads(&db, ada, NOON - 50, 120);
    assert_eq!(about(CUFF, NOON), Some(group));
    assert_eq!(about(CUFF, NOON - 60), Some(group));
    assert_eq!(about(CUFF, NOON - 60 + 900), Some(group));
    for (device, date) in [(CUFF, NOON - 61), (CUFF, NOON - 60 + 901), (DeviceId(2), NOON)] {
        assert_eq!(about(device, date), None, "{device} {date}");
    }
}

fn with_an_account_everything_goes(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let client = program(&db, "A");
    load(&db, OURS, example(1));
    let mut both = [ada, bob];
    both.sort();
    activate(&db, &client, 1, &both);
    for user in both {
        lets(&db, user, &client);
        let group = reads(&db, user, NOON, 190);
        answer(&db, user, 1, Some(group), NOON);
        reads(&db, user, NOON, 200);
    }
    db.write(move |tx| erase::erase(tx, ada));
    assert_eq!(people(&db, &client, 1), [(bob, NOON)]);
    assert_eq!((asked(&db, ada), due(&db, ada)), (vec![], vec![]));
    assert_eq!(answers(&db, ada, (0, NOON), None), []);
    assert_eq!((due(&db, bob).len(), answers(&db, bob, (0, NOON), None).len()), (1, 1));
}
