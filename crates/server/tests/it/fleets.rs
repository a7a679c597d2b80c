//! The devices of an organization on the pages of its applications.

use crate::answer::Answer;
use crate::app::{App, Engine};
use crate::browser::{Browser, form_to};
use crate::household::{PASSWORD, Person, REDIRECT_URI};
use crate::on_both_engines;
use api::admin::NewApplication;
use domain::Entitlement;
use store::application::About;

on_both_engines!(a_list_of_devices_is_registered_or_nothing_of_it);

/// An application of somebody's own, in an organization of its own if there is a name for it.
fn application(app: &App, owner: &Person<'_>, organization: Option<&'static str>) -> String {
    let owner = owner.id;
    app.administers(move |tx| {
        let entitlements = [Entitlement::Cellular];
        let organization = organization
            .map(|name| api::admin::create_organization(tx, name, &entitlements))
            .transpose()?
            .map(|organization| organization.id);
        let about = About { owner: Some(owner), organization, ..About::default() };
        let (name, redirect_uris) = ("Programme".to_owned(), vec![REDIRECT_URI.to_owned()]);
        let new = NewApplication { name, redirect_uris, about };
        Ok(api::admin::create_application(tx, &new)?.client_id)
    })
}

fn page_of(client_id: &str) -> String {
    format!("/developer/applications/{client_id}/devices")
}

fn registers(browser: &mut Browser<'_>, client_id: &str, list: &str) -> Answer {
    let page = browser.opens(&page_of(client_id));
    let form = form_to(&page, &page_of(client_id)).with("list", list);
    browser.submits(&form)
}

fn a_list_of_devices_is_registered_or_nothing_of_it(engine: Engine) {
    let app = App::on(engine);
    let (dev, other) = (app.person("dev"), app.person("other"));
    let clinic = application(&app, &dev, Some("Clinic"));
    let stranger = application(&app, &other, Some("Stranger"));
    let mut browser = Browser::of(&app, &dev.email, PASSWORD);
    let list = "mac,model,serial\n00:24:e4:00:00:01,17,Q-77\nnonsense,17\n00:24:e4:00:00:02,47\n";
    let refused = registers(&mut browser, &clinic, list);
    assert_eq!(refused.http, 400);
    assert!(refused.text.contains("Line 3: mac"), "{}", refused.text);
    assert!(refused.text.contains("<p>None.</p>"), "nothing was registered");
    let good = list.replace("nonsense,17\n", "");
    let done = registers(&mut browser, &clinic, &good);
    assert!(done.text.contains("2 registered, 0 were there already."), "{}", done.text);
    for part in ["00:24:e4:00:00:01", "Body Pro 2 (17)", "Q-77", "BPM Pro 2 (47)"] {
        assert!(done.text.contains(part), "{part}");
    }
    let again = registers(&mut browser, &clinic, &good);
    assert!(again.text.contains("0 registered, 2 were there already."), "{}", again.text);
    // What is another organization's is said to be not free, and stays theirs.
    let mut others = Browser::of(&app, &other.email, PASSWORD);
    let taken = registers(&mut others, &stranger, "00:24:e4:00:00:01,17");
    assert_eq!(taken.http, 400);
    assert!(taken.text.contains("it is not free") && !taken.text.contains("Q-77"));
    assert_eq!(others.opens(&page_of(&clinic)).http, 404);
    let bare = application(&app, &dev, None);
    assert_eq!(browser.opens(&page_of(&bare)).http, 404);
    let linked = browser.opens(&format!("/developer/applications/{clinic}"));
    assert!(linked.text.contains(&page_of(&clinic)));
}
