//! What the audit says of people on their own pages.

use crate::app::{App, Engine};
use crate::browser::{Browser, form_to};
use crate::household::PASSWORD;
use crate::on_both_engines;
use store::Access;
use store::audit::{self, Filter};

on_both_engines! {
    what_a_person_does_on_the_pages_is_there_also_when_the_account_is_gone,
}

fn what_a_person_does_on_the_pages_is_there_also_when_the_account_is_gone(engine: Engine) {
    let app = App::on(engine);
    let anna = app.person("anna");
    let mut browser = Browser::of(&app, &anna.email, PASSWORD);
    assert_eq!(browser.opens("/account/download").http, 200);
    let form = form_to(&browser.opens("/account/delete"), "/account/delete");
    assert_eq!(browser.submits(&form.clone().with("password", "a guess")).http, 403);
    assert_eq!(browser.submits(&form.with("password", PASSWORD)).http, 200);
    app.stop();
    app.begin();
    let read = |tx: &mut store::Tx<'_>| audit::list(tx, &Filter::default(), 100);
    let rows = app.db().run_blocking(Access::Read, read).expect("rows");
    let of_anna = |row: &&audit::Record| row.person == Some(anna.id) && row.user == Some(anna.id);
    let mut told: Vec<_> =
        rows.iter().filter(of_anna).map(|row| (row.action.as_str(), row.status == 0)).collect();
    told.sort_unstable();
    assert_eq!(told, [("delete", false), ("delete", true), ("download", true)]);
}
