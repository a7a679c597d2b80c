//! Care: programmes, diagnoses, and how people are in a programme.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::account;
use domain::OrganizationId;
use domain::care::{ExternalId, Section};
use store::care::{self, Patient};

on_both!(
    programmes_are_told_apart_by_drawn_numbers,
    a_diagnosis_is_one_of_its_organization,
    a_person_is_in_a_programme_as_was_said_last,
);

const OURS: OrganizationId = OrganizationId(10);
const THEIRS: OrganizationId = OrganizationId(20);

fn programmes_are_told_apart_by_drawn_numbers(h: &Harness) {
    let db = h.open();
    let add = |organization: OrganizationId, cohort: Option<i64>| {
        db.write(move |tx| care::add_program(tx, organization, ("Team", "UTC"), cohort))
    };
    let mut made = vec![add(OURS, None), add(OURS, Some(7)), add(THEIRS, None)];
    assert_eq!((made[1].cohort, made[1].created), (7, NOON));
    made.sort_by_key(|program| program.id);
    let db = h.reopen(db);
    let (first, rest) = (made[0].clone(), made[1..].to_vec());
    assert_eq!(db.read(|tx| care::programs(tx, 0, 10)), made);
    let after = first.id;
    assert_eq!(db.read(move |tx| care::programs(tx, after, 2)), rest);
    assert_eq!(db.read(move |tx| care::program(tx, after)), Some(first));
    assert_eq!(db.read(|tx| care::program(tx, 1)), None);
}

fn a_diagnosis_is_one_of_its_organization(h: &Harness) {
    let db = h.open();
    let add = |organization: OrganizationId, code: &'static str| {
        db.write(move |tx| care::add_code(tx, organization, code))
    };
    let (first, theirs) = (add(OURS, "I10"), add(THEIRS, "I10"));
    h.clock.advance(5);
    assert_eq!(add(OURS, "I10"), first, "the same again");
    assert_ne!(first.id, theirs.id);
    let id = first.id;
    assert_eq!(db.read(move |tx| care::code(tx, id)), Some(first));
    assert_eq!(db.read(|tx| care::codes(tx, 0, 10)).len(), 2);
}

fn a_person_is_in_a_programme_as_was_said_last(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let external = ExternalId { kind: "MRN".to_owned(), identifier: "B\"8,C".to_owned() };
    let first = Patient {
        section: Section::ToValidate,
        has_sms_onboarding: true,
        has_assistance: false,
        codes: vec![66, 7],
        external_ids: vec![external],
    };
    let second = Patient {
        section: Section::Followed,
        has_sms_onboarding: false,
        has_assistance: true,
        codes: Vec::new(),
        external_ids: Vec::new(),
    };
    let put = |program: i64, patient: &Patient| {
        let patient = patient.clone();
        db.write(move |tx| care::put_patient(tx, (ada, program), "a", &patient));
    };
    put(1, &first);
    put(2, &second);
    let found = |user, program: i64| db.read(move |tx| care::patient(tx, user, program));
    assert_eq!((found(ada, 1), found(ada, 2)), (Some(first), Some(second.clone())));
    put(1, &second);
    assert_eq!((found(ada, 1), found(bob, 1), found(ada, 3)), (Some(second), None, None));
}
