//! Several callers at once, over HTTP, on either engine: a code opens one door, of two pairs of
//! tokens the one that is used first stays, and a weighing is stored once.

use crate::answer::Answer;
use crate::app::{App, Engine, NOW};
use crate::household::{Program, Tokens, weights};
use crate::on_both_engines;
use std::sync::Barrier;

const CALLERS: usize = 8;

on_both_engines!(
    a_code_is_exchanged_once,
    of_two_siblings_the_first_used_survives,
    of_many_siblings_the_first_used_survives,
    a_weighing_that_comes_many_times_is_stored_once,
    weighings_that_come_at_once_are_all_stored,
    everything_is_there_after_a_restart,
);

/// Lets all callers begin together: their answers, in the order of their numbers.
pub(crate) fn at_once(call: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    let (barrier, call) = (Barrier::new(CALLERS), &call);
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|number| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    call(number)
                })
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().expect("an answer")).collect()
    })
}

fn restart(app: &App) {
    app.stop();
    app.begin();
}

fn a_code_is_exchanged_once(engine: Engine) {
    let app = App::on(engine);
    let (anna, program) = (app.person("anna"), app.client());
    let code = anna.logs_in_and_allows(&program, "user.metrics");
    let answers = at_once(|_| program.exchanges(&code));
    let (served, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status() == 0);
    assert_eq!(served.len(), 1, "{served:?}");
    for answer in refused {
        assert_eq!(answer.refused(503), "Invalid Params: invalid code");
    }
    // One of the callers stole the code; nobody knows which, so the tokens end (RFC 6749 §4.1.2).
    let tokens = Tokens::of(&app, served[0].clone());
    tokens.reads("getmeas").refused(401);
    restart(&app);
    tokens.reads("getmeas").refused(401);
    program.refreshes(&tokens.refresh).refused(503);
    program.exchanges(&code).refused(503);
}

/// The one pair that is alive after all were used at once, and the others.
fn survivor<'a>(pairs: Vec<Tokens<'a>>) -> (Tokens<'a>, Vec<Tokens<'a>>) {
    let answers = at_once(|number| pairs[number % pairs.len()].reads("getmeas"));
    let mut alive = Vec::new();
    let mut dead = Vec::new();
    for (number, pair) in pairs.iter().enumerate() {
        let mut of_pair = answers.iter().skip(number).step_by(pairs.len()).map(Answer::status);
        let first = of_pair.next().expect("each pair was used");
        assert!(of_pair.all(|status| status == first), "a pair lives or it does not: {answers:?}");
        assert!([0, 401].contains(&first), "{answers:?}");
        if first == 0 { alive.push(pair.clone()) } else { dead.push(pair.clone()) }
    }
    assert_eq!(alive.len(), 1, "{answers:?}");
    (alive.remove(0), dead)
}

/// Whoever lives goes on living, whoever is dead stays dead.
fn stays_so(program: &Program<'_>, old: &Tokens<'_>, alive: &Tokens<'_>, dead: &[Tokens<'_>]) {
    assert_eq!(alive.reads("getmeas").status(), 0);
    for pair in dead {
        pair.reads("getmeas").refused(401);
        program.refreshes(&pair.refresh).refused(503);
    }
    program.refreshes(&old.refresh).refused(503);
}

fn of_two_siblings_the_first_used_survives(engine: Engine) {
    let app = App::on(engine);
    let (anna, program) = (app.person("anna"), app.client());
    let old = anna.lets(&program, "user.metrics");
    let pairs = vec![program.renews(&old), program.renews(&old)];
    let (alive, dead) = survivor(pairs);
    stays_so(&program, &old, &alive, &dead);
    restart(&app);
    stays_so(&program, &old, &alive, &dead);
    assert_eq!(program.renews(&alive).reads("getmeas").status(), 0);
}

fn of_many_siblings_the_first_used_survives(engine: Engine) {
    let app = App::on(engine);
    let (anna, program) = (app.person("anna"), app.client());
    let old = anna.lets(&program, "user.metrics");
    let refreshed = at_once(|_| program.refreshes(&old.refresh));
    let pairs = refreshed.into_iter().map(|answer| Tokens::of(&app, answer)).collect();
    let (alive, dead) = survivor(pairs);
    assert_eq!(dead.len(), CALLERS - 1);
    stays_so(&program, &old, &alive, &dead);
}

fn a_weighing_that_comes_many_times_is_stored_once(engine: Engine) {
    let app = App::on(engine);
    let anna = app.person("anna");
    let scale = app.scale(&[&anna]);
    let tokens = anna.lets(&app.client(), "user.metrics");
    for answer in at_once(|_| scale.weighs(66_850, NOW)) {
        assert_eq!(answer.status(), 0, "{answer:?}");
    }
    assert_eq!(weights(&tokens.reads("getmeas")), [66_850]);
}

fn weighings_that_come_at_once_are_all_stored(engine: Engine) {
    let app = App::on(engine);
    let anna = app.person("anna");
    let scale = app.scale(&[&anna]);
    let tokens = anna.lets(&app.client(), "user.metrics");
    let numbered = |number: usize| i64::try_from(number).expect("a small number");
    let answers = at_once(|number| scale.weighs(66_000 + numbered(number), NOW + numbered(number)));
    assert!(answers.iter().all(|answer| answer.status() == 0), "{answers:?}");
    let newest_first = [66_007, 66_006, 66_005, 66_004, 66_003, 66_002, 66_001, 66_000];
    assert_eq!(weights(&tokens.reads("getmeas")), newest_first);
}

fn everything_is_there_after_a_restart(engine: Engine) {
    let app = App::on(engine);
    let anna = app.person("anna");
    let (scale, program) = (app.scale(&[&anna]), app.client());
    let tokens = anna.lets(&program, "user.info,user.metrics");
    scale.weighs(66_850, NOW);
    let before = [tokens.reads("getmeas"), tokens.reads("getdevice")];
    restart(&app);
    let after = [tokens.reads("getmeas"), tokens.reads("getdevice")];
    assert_eq!(before.map(|answer| answer.text), after.map(|answer| answer.text));
    // The scale's session, and what it sent already, outlive the process too.
    assert_eq!(scale.weighs(66_850, NOW).status(), 0);
    assert_eq!(scale.weighs(66_900, NOW + 60).status(), 0);
    assert_eq!(weights(&tokens.reads("getmeas")), [66_900, 66_850]);
    assert_eq!(program.renews(&tokens).reads("getmeas").status(), 0);
}
