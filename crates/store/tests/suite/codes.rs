//! Authorization codes: single use, short-lived, bound to their application and address.

use crate::harness::{Harness, Works as _};
use crate::samples::account;
use domain::token::CODE_SECONDS;
use domain::{Refusal, Result, ScopeSet, UserId};
use store::code::{NewCode, Presented};
use store::token::{Tokens, authenticate, refresh};
use store::{Db, code};

on_both!(
    a_code_brings_tokens_for_what_was_permitted,
    a_code_lives_thirty_seconds,
    a_code_of_another_application_stays_usable,
    a_wrong_address_burns_the_code,
    a_code_that_is_used_again_ends_the_tokens_it_brought,
    a_reused_code_ends_no_other_grant,
    of_many_who_redeem_a_code_at_once_one_gets_tokens_which_are_then_ended,
    an_unknown_code_is_refused,
    a_code_with_a_challenge_needs_its_verifier,
);

pub(crate) const ADDRESS: &str = "https://app.example/back";

pub(crate) fn scopes() -> ScopeSet {
    ScopeSet::parse("user.metrics,user.info").expect("known scopes")
}

/// A code as the page makes it.
pub(crate) fn new<'c>(
    user: UserId,
    challenge: Option<&'c str>,
    scopes: &'c ScopeSet,
) -> NewCode<'c> {
    let (client_id, redirect_uri) = ("app", Some(ADDRESS));
    let seconds = CODE_SECONDS;
    NewCode { user, client_id, redirect_uri, scopes, challenge, is_read_only: false, seconds }
}

fn presented<'p>(code: &'p str, client_id: &'p str, redirect_uri: &'p str) -> Presented<'p> {
    Presented { code, client_id, redirect_uri, verifier: None }
}

pub(crate) fn issue(db: &Db, user: UserId) -> String {
    let challenge = None;
    db.write(move |tx| code::issue(tx, &new(user, challenge, &scopes())))
}

pub(crate) type Redeemed = std::result::Result<Tokens, Refusal>;

pub(crate) fn redeem(db: &Db, code: &str, client: &'static str, address: &'static str) -> Redeemed {
    let code = code.to_owned();
    db.write(move |tx| code::redeem(tx, &presented(&code, client, address)))
}

fn opens(db: &Db, tokens: &Tokens) -> bool {
    let access = tokens.access_token.clone();
    db.read(move |tx| authenticate(tx, &access)).is_ok()
}

fn refreshes(db: &Db, tokens: &Tokens) -> bool {
    let token = tokens.refresh_token.clone();
    db.write(move |tx| refresh(tx, &token, "app")).is_ok()
}

fn cause(answer: Redeemed) -> String {
    answer.expect_err("a refusal was due").cause
}

fn a_code_brings_tokens_for_what_was_permitted(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let code = issue(&db, ada);
    let db = h.reopen(db);
    let tokens = redeem(&db, &code, "app", ADDRESS).expect("tokens");
    assert_eq!((tokens.user, tokens.scope.as_str()), (ada, scopes().text()));
    assert_eq!(tokens.expires_in, 10_800);
    let access = tokens.access_token.clone();
    let grant = db.read(move |tx| authenticate(tx, &access)).expect("a grant");
    assert_eq!((grant.user, grant.client_id.as_str()), (ada, "app"));
    assert_eq!(grant.scopes, scopes());
    for token in [&tokens.access_token, &tokens.refresh_token, &code] {
        assert_eq!(token.len(), 40);
        assert!(token.chars().all(|digit| matches!(digit, '0'..='9' | 'a'..='f')));
    }
}

fn a_code_lives_thirty_seconds(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let (early, late) = (issue(&db, ada), issue(&db, ada));
    h.clock.advance(u32::try_from(CODE_SECONDS - 1).expect("seconds"));
    let tokens = redeem(&db, &early, "app", ADDRESS).expect("tokens");
    h.clock.advance(1);
    assert!(cause(redeem(&db, &late, "app", ADDRESS)).contains("too old"));
    assert!(cause(redeem(&db, &late, "app", ADDRESS)).contains("used before"));
    assert!(opens(&db, &tokens));
}

fn a_code_of_another_application_stays_usable(h: &Harness) {
    let db = h.open();
    let code = issue(&db, account(&db, "ada"));
    assert!(cause(redeem(&db, &code, "another-app", ADDRESS)).contains("no such code"));
    let tokens = redeem(&db, &code, "app", ADDRESS).expect("tokens");
    assert!(cause(redeem(&db, &code, "another-app", ADDRESS)).contains("no such code"));
    assert!(opens(&db, &tokens));
}

fn a_wrong_address_burns_the_code(h: &Harness) {
    let db = h.open();
    let code = issue(&db, account(&db, "ada"));
    let elsewhere = "https://app.example/elsewhere";
    assert!(cause(redeem(&db, &code, "app", elsewhere)).contains("redirect_uri"));
    let db = h.reopen(db);
    assert!(cause(redeem(&db, &code, "app", ADDRESS)).contains("used before"));
}

fn a_code_that_is_used_again_ends_the_tokens_it_brought(h: &Harness) {
    let db = h.open();
    let code = issue(&db, account(&db, "ada"));
    let first = redeem(&db, &code, "app", ADDRESS).expect("tokens");
    let token = first.refresh_token.clone();
    let second = db.write(move |tx| refresh(tx, &token, "app")).expect("tokens");
    assert!(opens(&db, &first));
    assert!(cause(redeem(&db, &code, "app", ADDRESS)).contains("are ended"));
    for tokens in [first, second] {
        assert!(!opens(&db, &tokens));
        assert!(!refreshes(&db, &tokens));
    }
}

fn a_reused_code_ends_no_other_grant(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let (one, two) = (issue(&db, ada), issue(&db, ada));
    let ended = redeem(&db, &one, "app", ADDRESS).expect("tokens");
    let kept = redeem(&db, &two, "app", ADDRESS).expect("tokens");
    redeem(&db, &one, "app", ADDRESS).expect_err("a refusal");
    assert!(!opens(&db, &ended));
    assert!(opens(&db, &kept));
    assert!(refreshes(&db, &kept));
}

fn of_many_who_redeem_a_code_at_once_one_gets_tokens_which_are_then_ended(h: &Harness) {
    const ROUNDS: usize = 4;
    const THREADS: usize = 16;
    let nodes = [h.open(), h.open()];
    let ada = account(&nodes[0], "ada");
    for _ in 0..ROUNDS {
        let code = issue(&nodes[0], ada);
        let answers: Vec<Redeemed> = std::thread::scope(|scope| {
            let redeeming: Vec<_> = (0..THREADS)
                .map(|n| {
                    let (db, code) = (&nodes[n % 2], &code);
                    scope.spawn(move || redeem(db, code, "app", ADDRESS))
                })
                .collect();
            redeeming.into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        let (got, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Redeemed::is_ok);
        let [Ok(tokens)] = &got[..] else { panic!("{} got tokens", got.len()) };
        refused.into_iter().for_each(|answer| assert!(cause(answer).contains("used before")));
        assert!(!opens(&nodes[0], tokens));
        assert!(!opens(&nodes[1], tokens));
        assert!(!refreshes(&nodes[0], tokens));
    }
}

fn an_unknown_code_is_refused(h: &Harness) {
    let db = h.open();
    assert!(cause(redeem(&db, "", "app", ADDRESS)).contains("no such code"));
    let answer: Result<Redeemed> = db.run_blocking(store::Access::Read, |tx| {
        code::redeem(tx, &presented(&"0".repeat(40), "app", ADDRESS))
    });
    assert!(cause(answer.expect("an answer")).contains("no such code"));
}

fn a_code_with_a_challenge_needs_its_verifier(h: &Harness) {
    // The example of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let db = h.open();
    let ada = account(&db, "ada");
    let redeems = |verifier: Option<&'static str>| {
        let code = db.write(move |tx| code::issue(tx, &new(ada, Some(CHALLENGE), &scopes())));
        db.write(move |tx| {
            code::redeem(tx, &Presented { verifier, ..presented(&code, "app", ADDRESS) })
        })
    };
    assert!(redeems(Some(VERIFIER)).is_ok());
    for wrong in [None, Some(""), Some(CHALLENGE), Some("dBjftJeZ4CVP")] {
        assert!(cause(redeems(wrong)).contains("code_verifier"), "{wrong:?}");
    }
}
