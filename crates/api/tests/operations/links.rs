//! Devices that applications link to people and take away again.

use crate::app::{App, assert_names, status};
use api::admin::Account;

#[test]
fn devices_are_linked_by_the_organization_they_are_registered_for_and_to_one_person() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let device = crate::access::wearable(&app, &ben, "00:24:e4:00:00:74");
    let link = |person: &Account| {
        let form = "action=link&mac_addresses=[\"00:24:e4:00:00:74\"]";
        app.call("/v2/user", form, Some(&app.token(person, "user.info")))
    };
    assert_names(&link(&anna), "mac_addresses");
    let unlink = |person: &Account| {
        let form = "action=unlink&mac_address=00:24:e4:00:00:74";
        app.call("/v2/user", form, Some(&app.token(person, "user.info")))
    };
    assert_names(&unlink(&anna), "mac_address");
    assert_eq!(status(&unlink(&ben)), 0);
    let linked = link(&anna);
    assert_eq!(linked["body"]["devices"][0]["deviceid"], device.hash.as_str(), "{linked}");
    // Again is the same as once.
    assert_eq!(status(&link(&anna)), 0);
    let stranger = app.another_partner();
    let (client, email) = (stranger.id.clone(), anna.email.clone());
    let token = app.does(move |tx| api::admin::issue_token(tx, &client, &email, Some("user.info")));
    let form = "action=unlink&mac_address=00:24:e4:00:00:74";
    assert_names(&app.call("/v2/user", form, Some(&token.access_token)), "mac_address");
}
